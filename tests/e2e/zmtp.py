"""ZMTP 3.0 by hand, for what no library would send: messages that never end, on local sockets (NULL)
and over the network (CURVE, RFC 26, with libsodium)."""
import ctypes
import ctypes.util
import os
import socket
import struct

import zmq.utils.z85 as z85

PATIENCE = 30
MORE, LONG, COMMAND = 1, 2, 4


def frame(body, flags=0):
    if len(body) < 256:
        return bytes([flags, len(body)]) + body
    return bytes([flags | LONG]) + struct.pack(">Q", len(body)) + body


def greeting(mechanism):
    return b"\xff" + bytes(8) + b"\x7f\x03\x00" + mechanism.encode().ljust(20, b"\0") + bytes(32)


METADATA = b"\x0bSocket-Type\0\0\0\x06DEALER"


class Peer:
    """A connection that has shaken hands; part() makes the bytes of one frame with others behind it."""

    def __init__(self, s):
        self.socket = s
        s.settimeout(PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def take(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def frame(self):
        flags = self.take(1)[0]
        return self.take(struct.unpack(">Q", self.take(8))[0] if flags & LONG else self.take(1)[0])


class Local(Peer):
    def __init__(self, path):
        super().__init__(socket.socket(socket.AF_UNIX))
        self.socket.connect(path)
        self.socket.sendall(greeting("NULL"))
        self.take(64)
        self.socket.sendall(frame(b"\x05READY" + METADATA, COMMAND))
        self.frame()

    def part(self, body):
        return frame(body, MORE)


class Curve(Peer):
    def __init__(self, endpoint, key, server, source="127.0.0.1"):
        host, port = endpoint[len("tcp://"):].split(":")
        super().__init__(socket.socket())
        self.sodium = ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")
        self.nonce = 0
        self.socket.bind((source, 0))
        self.socket.connect((host, int(port)))
        public, secret, server = (z85.decode(k) for k in (*key, server))
        self.socket.sendall(greeting("CURVE"))
        self.take(64)
        ours, hidden = self.pair()
        self.command(b"\x05HELLO\x01\x00" + bytes(72) + ours, b"CurveZMQHELLO---", bytes(64), server, hidden)
        welcome = self.frame()
        plain = self.open(welcome[24:], b"WELCOME-" + welcome[8:24], server, hidden)
        theirs, cookie = plain[:32], plain[32:]
        nonce = os.urandom(16)
        vouch = self.box(ours + server, b"VOUCH---" + nonce, theirs, secret)
        self.command(b"\x08INITIATE" + cookie, b"CurveZMQINITIATE", public + nonce + vouch + METADATA, theirs, hidden)
        self.shared = ctypes.create_string_buffer(32)
        self.sodium.crypto_box_beforenm(self.shared, theirs, hidden)
        if not self.frame().startswith(b"\x05READY"):
            raise PermissionError("refused")

    def pair(self):
        public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
        self.sodium.crypto_box_keypair(public, secret)
        return public.raw, secret.raw

    def box(self, plain, nonce, public, secret):
        out = ctypes.create_string_buffer(len(plain) + 16)
        self.sodium.crypto_box_easy(out, plain, ctypes.c_ulonglong(len(plain)), nonce, public, secret)
        return out.raw

    def open(self, sealed, nonce, public, secret):
        out = ctypes.create_string_buffer(len(sealed) - 16)
        if self.sodium.crypto_box_open_easy(out, sealed, ctypes.c_ulonglong(len(sealed)), nonce, public, secret):
            raise PermissionError("the server is another one")
        return out.raw

    def short_nonce(self):
        self.nonce += 1
        return struct.pack(">Q", self.nonce)

    def command(self, head, prefix, plain, public, secret):
        nonce = self.short_nonce()
        self.socket.sendall(frame(head + nonce + self.box(plain, prefix + nonce, public, secret), COMMAND))

    def part(self, body):
        plain, nonce = bytes([MORE]) + body, self.short_nonce()
        out = ctypes.create_string_buffer(len(plain) + 16)
        self.sodium.crypto_box_easy_afternm(out, plain, ctypes.c_ulonglong(len(plain)), b"CurveZMQMESSAGEC" + nonce,
                                            self.shared)
        return frame(b"\x07MESSAGE" + nonce + out.raw)
