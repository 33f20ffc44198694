"""A service manager for one ocopd: it holds the listening sockets, passes the key, reads what is told.

    with Manager() as m:
        m.account("office", roles="officer", uid=os.getuid())
        m.begin()                   # started, not waited for
        m.until("READY")
"""
import os
import select
import shutil
import signal
import socket
import subprocess
import time

from harness import Daemon, PATIENCE, PROGRAMME, ROOT, free_port

# The name each descriptor is passed under: ipc and tcp of commands, of the doorbell.
NAMES = ("command", "command", "event", "event")


class Ended(Exception):
    """The daemon has ended instead; args[0] is its exit code."""


def listener(address):
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    s = socket.socket(family, socket.SOCK_STREAM)
    s.bind(address)
    s.listen(128)
    return s


class Manager(Daemon):
    def __init__(self, build=None, watchdog=None):
        super().__init__(build=build, clock="2020-03-02T08:00:00+07:00")
        self.watchdog = watchdog
        self.programme = self.path("programme")
        shutil.copytree(PROGRAMME, self.programme)
        addresses = [self.path("run", "command"), ("127.0.0.1", free_port()),
                     self.path("run", "event"), ("127.0.0.1", free_port())]
        self.listeners = [listener(a) for a in addresses]
        self.tcp, self.bell = (f"tcp://{a[0]}:{a[1]}" for a in addresses[1::2])
        self.ipc_bell = "ipc://" + addresses[2]
        os.mkdir(self.path("credentials"), 0o700)
        subprocess.run([self.program, "--make-key", "--server-key", self.path("server.key")],
                       check=True, stdout=subprocess.DEVNULL)
        # With an access list for the service's user, the group's bits of a credential are set.
        shutil.copy(self.path("server.key"), self.path("credentials", "server-key"))
        os.chmod(self.path("credentials", "server-key"), 0o440)
        os.chmod(self.path("credentials"), 0o500)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(self.path("notify"))
        self.told = []          # every word so far, in order

    def __exit__(self, *what):
        super().__exit__(*what)
        for s in self.listeners + [self.notify]:
            s.close()

    # --- the process

    def settings(self, *more):
        return ["--programme", self.programme, "--state", self.state, "--accounts", self.path("accounts"),
                "--run", self.path("run"), "--backup", self.path("backup"), "--clock", "simulated:" + self.clock,
                "--segment-bytes", "1M", "--preallocate-bytes", "0", *more]

    def begin(self, *more, listeners=None, names=NAMES, credentials=True):
        passed = self.listeners if listeners is None else listeners
        fds = [s.fileno() for s in passed]
        # Aside first: a descriptor that is to move may stand where another has to go.
        moves = " ".join(f"{50 + i}<&{fd}" for i, fd in enumerate(fds))
        moves += " " + " ".join(f"{3 + i}<&{50 + i} {50 + i}<&-" for i in range(len(fds)))
        script = f'exec {moves}; LISTEN_PID=$$ exec "$@"' if fds else 'exec "$@"'
        env = dict(os.environ, NOTIFY_SOCKET=self.path("notify"))
        if fds:
            env.update(LISTEN_FDS=str(len(fds)), LISTEN_FDNAMES=":".join(names))
        if credentials:
            env["CREDENTIALS_DIRECTORY"] = self.path("credentials")
        if self.watchdog:
            env["WATCHDOG_USEC"] = str(int(self.watchdog * 1000000))
        with open(self.path("log"), "ab") as log:
            self.process = subprocess.Popen(
                ["bash", "-c", script, "bash", self.program, *self.settings(*more)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, pass_fds=fds)

    def code(self):
        """Of a daemon that ends by itself."""
        code = self.process.wait(PATIENCE)
        self.process = None
        return code

    def start(self, *more):
        self.begin(*more)
        self.until("READY")

    # --- what it tells

    def hear(self, timeout=PATIENCE):
        """The next message as a dictionary; None where none comes in time."""
        if not select.select([self.notify], [], [], timeout)[0]:
            return None
        words = dict(line.split("=", 1) for line in self.notify.recv(65536).decode().splitlines())
        self.told.append(words)
        return words

    def until(self, word, **wanted):
        """The first message from now on that has `word` (and these values); Ended if it ends instead."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            heard = self.hear(0.05)
            if heard is None and self.process.poll() is not None:
                raise Ended(self.code())
            if heard and word in heard and all(heard.get(k) == v for k, v in wanted.items()):
                return heard
        raise TimeoutError(f"{word} was not told\n" + self.log())

    def deaf(self):
        """Forgets what was told and not heard yet."""
        while self.hear(0):
            pass

    def reload(self):
        """SIGHUP; the status it comes back with."""
        self.deaf()
        self.signal(signal.SIGHUP)
        self.until("RELOADING")
        return self.until("READY")["STATUS"]

    def edit(self, name, *changes):
        path = os.path.join(self.programme, name)
        with open(path, encoding="utf-8") as f:
            text = f.read()
        for old, new in changes:
            assert old in text, (name, old)
            text = text.replace(old, new, 1)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)

    def server_key(self):
        with open(self.path("server.key.pub"), encoding="ascii") as f:
            return f.read().strip()


__all__ = ["Ended", "Manager", "NAMES", "ROOT"]
