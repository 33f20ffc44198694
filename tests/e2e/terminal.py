"""A program on a pseudo terminal: what it says is waited for, what is typed is sent."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

PATIENCE = 8

# What a line editor sends to move about and to paint; the words are what is left.
ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>]|\r")


class Terminal:
    """run(["ocop", "submit"]); expect("Product"); type("Cà phê"); ...; end()."""

    def __init__(self, command, env, columns=160):
        self.said = b""
        self.at = 0             # what was expected lies before it
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.execvpe(command[0], command, env)
            finally:
                os._exit(127)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))

    def _read(self, deadline):
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        ready, _, _ = select.select([self.fd], [], [], left)
        if not ready:
            raise TimeoutError
        try:
            data = os.read(self.fd, 65536)
        except OSError:         # EIO: nobody has it open any more
            data = b""
        self.said += data
        return bool(data)

    def words(self):
        return ESCAPES.sub(b"", self.said).decode("utf-8", "replace")

    def expect(self, wanted):
        """Until it was said, after whatever was expected before."""
        self.expect_re(re.compile(re.escape(wanted)))

    def expect_re(self, wanted):
        deadline = time.monotonic() + PATIENCE
        while True:
            words = self.words()
            found = wanted.search(words, self.at)
            if found:
                self.at = found.end()
                return
            try:
                more = self._read(deadline)
            except TimeoutError:
                more = False
            if not more:
                raise AssertionError(f"waited for {wanted.pattern}; after what was expected before came:\n{words[self.at:]}")

    def type(self, text, enter=True):
        os.write(self.fd, text.encode() + (b"\r" if enter else b""))

    def answer(self, question, text):
        self.expect(question)
        self.type(text)

    def interrupt(self):
        os.write(self.fd, b"\x03")

    def end(self):
        """Its exit code, when it has ended by itself."""
        deadline = time.monotonic() + PATIENCE
        try:
            while self._read(deadline):
                pass
        except TimeoutError:
            os.kill(self.pid, signal.SIGKILL)
            print("# it did not end:\n# " + self.words()[-2000:].replace("\n", "\n# "), file=sys.stderr)
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)
