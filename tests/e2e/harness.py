"""Starts the real daemon in a temporary folder and waits for it by its own word, never by sleeping.

    with Daemon(clock="2020-03-02T08:00:00+07:00", network=True) as daemon:
        daemon.account("office", roles="officer", uid=os.getuid())
        daemon.start()

The build is taken from OCOPD_BUILD (default: build). Test(): TAP lines and the exit code.
"""
import hashlib
import json
import os
import random
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import traceback

import zmq

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAMME = os.path.join(ROOT, "config", "krong-nang-2020")
PATIENCE = 30  # seconds until something that must come is given up


def keypair():
    """A client's key pair as Z85 text: public, secret."""
    return tuple(key.decode() for key in zmq.curve_keypair())


def free_port():
    """Below those the kernel gives to outgoing connections: one of these, made again and again to a
    daemon that is down, could otherwise meet itself."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


class Daemon:
    """One ocopd with its folders; kill and start as often as you like, folders and address stay."""

    def __init__(self, build=None, clock=None, network=False, options=()):
        build = build or os.environ.get("OCOPD_BUILD", "build")
        self.program = os.path.join(ROOT, build, "ocopd")
        self.folder = tempfile.mkdtemp(prefix="ocopd.")
        for name in ("accounts", "run", "backup"):
            os.mkdir(self.path(name), 0o750)
        self.programme, self.state = PROGRAMME, self.path("state")
        self.ipc = "ipc://" + self.path("run", "command")
        self.network, self.clock, self.options = network, clock, list(options)
        self.sizes = ["--segment-bytes", "1M", "--preallocate-bytes", "0"]
        self.tcp = None
        self.process = None

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.process:
            self.kill()
        if kind and kind is not KeyboardInterrupt:
            print(self.log(), file=sys.stderr)
        shutil.rmtree(self.folder)

    # --- accounts

    def account_file(self, name, text):
        """Aside and renamed, as a careful program writes."""
        aside = self.path("accounts", name + ".tmp")
        with open(aside, "w", encoding="utf-8") as f:
            f.write(text)
        os.rename(aside, self.path("accounts", name + ".account"))

    def account(self, name, roles, uid=None, key=None, commune=None, member=None):
        lines = {"name": name, "title": f"Tài khoản {name}", "role": roles, "commune": commune,
                 "member": member, "curve-key": key, "unix-user": uid}
        self.account_file(name, "account\n" + "".join(
            f'    {word} = "{value}"\n' for word, value in lines.items() if value is not None))

    def remove_account(self, name):
        os.unlink(self.path("accounts", name + ".account"))

    # --- the process

    def _command(self, *more):
        command = [self.program, "--programme", self.programme, "--state", self.state]
        return command + list(more)

    def _run_options(self):
        options = ["--accounts", self.path("accounts"), "--run", self.path("run"),
                   "--backup", self.path("backup"), *self.sizes]
        if self.clock:
            options += ["--clock", "simulated:" + self.clock]
        if self.network:
            # Started again it is where it was, so that its clients find it.
            self.tcp = self.tcp or f"tcp://127.0.0.1:{free_port()}"
            options += ["--command", self.tcp, "--server-key", self.path("server.key")]
        return options + self.options

    def _wait_ready(self, notify):
        """Ready by its word, or ended: whichever comes first."""
        ended = os.pidfd_open(self.process.pid)
        try:
            while True:
                ready, _, _ = select.select([notify, ended], [], [], PATIENCE)
                if notify in ready and b"READY=1" in notify.recv(4096).split(b"\n"):
                    return True
                if notify in ready:
                    continue
                if ended in ready:
                    self.process.wait()
                    return False
                raise TimeoutError("the daemon is neither ready nor ended\n" + self.log())
        finally:
            os.close(ended)

    def start(self):
        place = self.path("notify")
        for _ in range(5):
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
                notify.bind(place)
                with open(self.path("log"), "ab") as log:
                    self.process = subprocess.Popen(
                        self._command(*self._run_options()), stdin=subprocess.DEVNULL, stdout=log,
                        stderr=log, env=dict(os.environ, NOTIFY_SOCKET=place))
                ready = self._wait_ready(notify)
            os.unlink(place)
            if ready:
                return
            # The port that was free a moment ago may have been taken; anything else stays.
            if not (self.network and "Address already in use" in self.log()):
                break
            self.tcp = None
        code, self.process = self.process.returncode, None
        raise RuntimeError(f"the daemon ended with {code}\n" + self.log())

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def signal(self, number):
        self.process.send_signal(number)

    def terminate(self):
        """SIGTERM; must end with 0."""
        self.signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        self.process = None
        assert code == 0, f"ended with {code}\n" + self.log()

    def verify(self):
        with open(self.path("log"), "ab") as log:
            return subprocess.run(self._command("--verify"), stdout=log, stderr=log, check=False,
                                  timeout=PATIENCE * 4).returncode

    def events(self):
        """The journal's events, checked as any stranger could: hashes, chain, sequence."""
        events, before = [], "0" * 64
        folder = os.path.join(self.state, "journal")
        for name in sorted(os.listdir(folder)):
            if not name.endswith(".journal"):
                continue
            with open(os.path.join(folder, name), "rb") as f:
                text = f.read().split(b"\0", 1)[0]
            for line in text.splitlines():
                digest, event = line[:64].decode(), line[65:]
                assert hashlib.blake2b(event, digest_size=32).hexdigest() == digest, "bad hash"
                parsed = json.loads(event)
                assert parsed["prevhash"] == before, "broken chain"
                assert int(parsed["sequence"]) == len(events) + 1, "hole in the sequence"
                before = digest
                events.append(parsed)
        return events

    def log(self):
        try:
            with open(self.path("log"), encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def server_key(self):
        with open(self.path("server.key.pub"), encoding="ascii") as f:
            return f.read().strip()


class Test:
    """TAP: one line a check, the plan at the end. A case that raises is a failed one."""

    def __init__(self):
        self.count = self.failed = 0

    def ok(self, good, name, detail=None):
        self.count += 1
        self.failed += not good
        print(f"{'' if good else 'not '}ok {self.count} - {name}", flush=True)
        if not good and detail is not None:
            print("#   " + str(detail).replace("\n", "\n#   "), flush=True)
        return good

    def equal(self, got, wanted, name):
        return self.ok(got == wanted, name, f"got {got!r}, wanted {wanted!r}")

    def case(self, name, function, *arguments):
        """The function's result: True, or what is wrong."""
        try:
            result = function(*arguments)
        except Exception:  # pylint: disable=broad-except
            result = traceback.format_exc()
        return self.ok(result is True, name, result)

    def skip(self, name, why):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {why}", flush=True)

    def done(self):
        print(f"1..{self.count}")
        sys.exit(self.failed != 0)
