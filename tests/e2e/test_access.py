#!/usr/bin/python3
"""Who gets in, and who stays in: keys, users, revocation, other mechanisms, lies about oneself."""
import os
import socket
import stat
import struct
import time

from harness import Daemon, PATIENCE, Test, keypair
from stranger import Client, Silence

PROMISE = 1.0  # seconds until a changed account file is in force


def until(daemon_says, wanted):
    """Asks again and again until it says so; the seconds that took, None where it never does."""
    start = time.monotonic()
    while (said := daemon_says()) != wanted:
        if time.monotonic() - start > PATIENCE:
            print(f"# still {said!r}")
            return None
    return time.monotonic() - start


def kind_of(link):
    refused = link.refusal("server.ping")
    return refused.kind if refused else "served"


def within(seconds):
    return seconds is not None and seconds < PROMISE or f"took {seconds} s"


# --- tcp ---------------------------------------------------------------------------------------

def far(daemon, key, server=None, **more):
    return Client(daemon.tcp, key=key, server=server or daemon.server_key(), **more)


def known_key(daemon, key):
    with far(daemon, key).watch() as link:
        return link.handshake() == "succeeded" and link.call("server.ping")["key"] == daemon.server_key()


def unknown_key(daemon, admin):
    before = admin.call("server.status")["clients"]["handshakes_refused"]
    requests = admin.call("server.status")["requests"]
    with far(daemon, keypair()).watch() as link:
        link.post("server.ping")
        fate = link.handshake()
        if fate != "auth":
            return fate
        if link.socket.poll(0):
            return link.socket.recv_multipart()
    after = admin.call("server.status")
    # Of the stranger's request nothing has reached the engine: these are the admin's own.
    return after["clients"]["handshakes_refused"] > before and after["requests"] == requests + 1


def wrong_server_key(daemon, key):
    with far(daemon, key, server=keypair()[0]).watch() as link:
        link.post("server.ping")
        fate = link.handshake()
        return fate in ("no detail", "disconnected", "protocol") and not link.socket.poll(0) or fate


def other_mechanism(daemon, mechanism):
    with Client(daemon.tcp) as link:
        if mechanism == "PLAIN":
            link.socket.plain_username, link.socket.plain_password = b"admin", b"admin"
        link.watch()
        link.post("server.ping")
        fate = link.handshake()
        return fate in ("no detail", "disconnected", "protocol") and not link.socket.poll(0) or fate


def raw_bytes(daemon, greeting):
    """What the daemon tells somebody who greets like this: at most its own greeting, then the end."""
    host, port = daemon.tcp[len("tcp://"):].split(":")
    with socket.create_connection((host, int(port)), PATIENCE) as s:
        s.sendall(greeting)
        told = b""
        while True:
            try:
                part = s.recv(4096)
            except ConnectionResetError:
                break
            if not part:
                break
            told += part
    return len(told) <= 64 and b"jsonrpc" not in told or told


def greeting(mechanism, minor=0):
    return b"\xff" + bytes(8) + b"\x7f" + bytes([3, minor]) + mechanism.encode().ljust(20, b"\0") + bytes(32)


REQUEST = b'{"jsonrpc":"2.0","id":1,"method":"server.ping"}'
RAW = {
    "ZMTP 1.0": b"\x01\x00" + b"\x01\x01" + bytes([len(REQUEST) + 1, 0]) + REQUEST,
    "ZMTP 2.0": b"\xff" + bytes(8) + b"\x7f" + b"\x01\x05" + b"\x00\x00" + b"\x01\x00" +
                bytes([0, len(REQUEST)]) + REQUEST,
    "ZMTP 3.0 with NULL": greeting("NULL") + b"\x04\x06\x05READY",
    "ZMTP 3.1 with NULL": greeting("NULL", 1) + b"\x04\x06\x05READY",
    "ZMTP 3.0 with GSSAPI": greeting("GSSAPI") + b"\x04\x0a\x08INITIATE",
    "ZMTP 3.0 with CURVE and a message at once": greeting("CURVE") + bytes([0, len(REQUEST)]) + REQUEST,
    "HTTP": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + bytes(64),
    "a frame of 8 EiB in the handshake": greeting("CURVE") + b"\x06" + struct.pack(">Q", 1 << 63),
}


def revoked(daemon, key):
    daemon.account("guest", "steering", key=key[0])
    with far(daemon, key) as link:
        while True:     # the handshake is tried again until the new file is in force
            try:
                link.timeout = 0.2
                if link.call("server.ping"):
                    break
            except Silence:
                link.close()
                link = far(daemon, key)
        link.timeout = PATIENCE
        daemon.remove_account("guest")
        gone = until(lambda: kind_of(link), "forbidden")
        daemon.account("guest", "steering", key=key[0])
        back = until(lambda: kind_of(link), "served")
        link.close()
        if within(gone) is not True or within(back) is not True:
            return f"gone after {gone} s, back after {back} s"
    return True


def role_changed(daemon, key):
    daemon.account("guest", "steering", key=key[0])
    with far(daemon, key) as link:
        kind = lambda: link.refusal("server.backup", {}).code  # noqa: E731
        if until(kind, 1) is None:
            return "steering may make backups"
        daemon.account("guest", "admin", key=key[0])
        return within(until(kind, -32602))


def broken_file(daemon, admin, key):
    """Told, without effect on the others, and without effect of its own."""
    with far(daemon, key) as link:
        until(lambda: kind_of(link), "served")
        daemon.account_file("guest", 'account\n    name = "guest"\n    role = "king"\n')
        if within(until(lambda: kind_of(link), "forbidden")) is not True:
            return "still in force"
        broken = admin.call("server.status")["broken"]
        daemon.remove_account("guest")
        return len(broken) == 1 and "guest.account:3" in broken[0] and daemon.folder not in broken[0] or broken


# --- ipc ---------------------------------------------------------------------------------------

def socket_file(daemon):
    modes = {name: os.stat(daemon.path("run", name)).st_mode for name in os.listdir(daemon.path("run"))}
    return sorted(modes) == ["command", "event"] and all(
        stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o660 for mode in modes.values()) or modes


def unknown_user(daemon, methods):
    with Client(daemon.ipc) as link:
        kinds = {method: link.refusal(method, {}) for method in methods}
        return all(k is not None and k.kind == "forbidden" for k in kinds.values()) or kinds


def changing_user(daemon):
    """Without an account, with one, without it again: on one open connection."""
    with Client(daemon.ipc) as link:
        times = []
        for wanted, act in (("served", lambda: daemon.account("me", "officer", uid=os.getuid())),
                            ("forbidden", lambda: daemon.account("me", "officer", uid=os.getuid() + 1)),
                            ("served", lambda: daemon.account("me", "officer", uid=os.getuid())),
                            ("forbidden", lambda: daemon.remove_account("me"))):
            act()
            times.append(until(lambda: kind_of(link), wanted))
        return all(within(t) is True for t in times) or times


def shut_file(daemon):
    """Another user does not even reach the socket. (Only root can try.)"""
    if os.getuid() != 0:
        return True
    for folder in (daemon.folder, daemon.path("run")):
        os.chmod(folder, 0o755)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(daemon.path("run", "command"))
        except PermissionError:
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1] == 0


class RawPeer:
    """ZMTP 3.0 by hand over the local socket, so that READY can say what no library would."""

    def __init__(self, daemon, properties):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(daemon.path("run", "command"))
        self.socket.sendall(greeting("NULL"))
        self.take(64)
        body = b"\x05READY" + b"".join(
            bytes([len(name)]) + name.encode() + struct.pack(">I", len(value)) + value.encode()
            for name, value in properties)
        self.socket.sendall(b"\x06" + struct.pack(">Q", len(body)) + body)
        self.frame()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def take(self, size):
        data = b""
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def frame(self):
        flags = self.take(1)[0]
        size = struct.unpack(">Q", self.take(8))[0] if flags & 2 else self.take(1)[0]
        return flags, self.take(size)

    def ask(self, request):
        self.socket.sendall(b"\x01\x00" + b"\x02" + struct.pack(">Q", len(request)) + request)
        while True:
            flags, body = self.frame()
            if flags & 4 or flags & 1:
                continue        # a command (heartbeat), or the delimiter
            return body


def lies(account, uid, key, identity):
    """READY's properties of somebody who would like to be the account. The routing id is claimed
    once only: while libzmq has not noticed that its last owner left, a second one is ignored."""
    address = f"localhost:{uid}:{uid}:1"
    for lie in ([("User-Id", key)], [("User-Id", account)], [("User-Id", str(uid))],
                [("Peer-Address", address)], [("peer-address", address)], [("X-Role", "admin")],
                [("Role", "admin"), ("Account", account)], [("User-Id", key), ("Peer-Address", address)],
                [("Peer-Address", address), ("Peer-Address", address)],
                [("User-Id", ""), ("User-Id", key)],
                [("Identity", ""), ("User-Id", "local:" + address)]):
        for kind in ("DEALER", "REQ"):
            yield [("Socket-Type", kind)] + lie
            yield lie + [("Socket-Type", kind)]
    yield [("Socket-Type", "DEALER"), ("Identity", identity)]


def spoofed(daemon, properties, method, wanted):
    request = b'{"jsonrpc":"2.0","id":1,"method":"%s"}' % method
    with RawPeer(daemon, properties) as peer:
        answer = peer.ask(request)
    return wanted in answer or answer


def spoofing(test, daemon, wanted, word, identity):
    uid = os.getuid() + 1
    for properties in lies("boss", uid, BOSS[0], identity):
        said = ", ".join(f"{n}={v}" for n, v in properties)
        test.case(f"ipc, {word}, claims {said}", spoofed, daemon, properties, b"server.backup", wanted)


def curve_on_ipc(daemon, key):
    with Client(daemon.ipc, key=key, server=daemon.server_key()).watch() as link:
        link.post("server.ping")
        fate = link.handshake()
        return fate in ("no detail", "disconnected", "protocol") and not link.socket.poll(0) or fate


BOSS, GUEST = keypair(), keypair()


def main():
    test = Test()
    with Daemon(network=True) as daemon:
        daemon.account("boss", "admin", key=BOSS[0], uid=os.getuid() + 1)
        daemon.start()
        admin = far(daemon, BOSS)
        test.case("tcp: a known key is served", known_key, daemon, BOSS)
        test.case("tcp: an unknown key gets no further than the handshake", unknown_key, daemon, admin)
        test.case("tcp: the wrong server key gets nothing", wrong_server_key, daemon, BOSS)
        for mechanism in ("NULL", "PLAIN"):
            test.case(f"tcp: {mechanism} gets nothing", other_mechanism, daemon, mechanism)
        for name, data in RAW.items():
            test.case(f"tcp: {name} gets nothing", raw_bytes, daemon, data)
        test.case("tcp: a revoked key is forbidden on the open connection, given again it is served",
                  revoked, daemon, GUEST)
        test.case("tcp: a new role is in force on the open connection", role_changed, daemon, GUEST)
        test.case("a broken file is told and has no effect", broken_file, daemon, admin, GUEST)

        # The doorbell is hung anew when an account changes: its file may be away for a moment.
        test.case("ipc: the sockets' files", lambda: until(lambda: socket_file(daemon) is True, True) is not None)
        test.case("ipc: a user without an account is forbidden everything", unknown_user, daemon,
                  ("server.ping", "dossier.list", "dossier.note", "event.read", "no.such.method"))
        spoofing(test, daemon, b'"kind":"forbidden"', "no account", "boss")
        test.case("ipc: an account that comes and goes, on one connection", changing_user, daemon)
        test.case("ipc: CURVE gets nothing", curve_on_ipc, daemon, BOSS)
        daemon.account("me", "officer", uid=os.getuid())
        with Client(daemon.ipc) as link:
            until(lambda: kind_of(link), "served")
        spoofing(test, daemon, b'"kind":"forbidden"', "an officer", BOSS[0])
        test.case("ipc: another user does not reach the socket", shut_file, daemon)
        test.case("all of that hurt nobody", known_key, daemon, BOSS)
        admin.close()
        daemon.terminate()
        test.equal(os.listdir(daemon.path("run")), [], "the sockets' files are gone with the daemon")
    test.done()


if __name__ == "__main__":
    main()
