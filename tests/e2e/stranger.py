"""A client of the daemon by somebody who has read the protocol page and nothing else.

    link = Client("ipc:///run/ocopd/command")
    link.call("server.ping")["sequence"]
    link = Client("tcp://10.0.0.1:5570", key=(public, secret), server="the server's public key")
"""
import itertools
import json

import zmq


class Refused(Exception):
    """The daemon's error object: code, message, and kind and the other members of data."""

    def __init__(self, error):
        self.code = error["code"]
        self.message = error["message"]
        self.data = error.get("data") or {}
        self.kind = self.data.get("kind")
        super().__init__(f"{self.code} {self.kind or ''} {self.message}")


class Silence(Exception):
    """No answer within the time allowed."""


class Client:
    """A DEALER; several requests may be under way."""

    def __init__(self, endpoint, key=None, server=None, timeout=10.0):
        self.timeout = timeout
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.sndtimeo = int(1000 * timeout)  # libzmq leaves a door for good where it was turned away
        if key:
            self.socket.curve_publickey, self.socket.curve_secretkey = (k.encode() for k in key)
            self.socket.curve_serverkey = server.encode()
        self.monitor = None
        self.ids = itertools.count(1)
        self.endpoint = endpoint

    def connect(self):
        """Done by the first thing sent; by hand where the handshake is to be watched."""
        if self.endpoint:
            self.socket.connect(self.endpoint)
            self.endpoint = None
        return self

    def close(self):
        if self.monitor:
            self.socket.disable_monitor()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # --- frames

    def send(self, *frames):
        self.connect()
        self.socket.send_multipart([f if isinstance(f, bytes) else f.encode() for f in frames])

    def receive(self, timeout=None):
        """All frames of the next message."""
        if not self.socket.poll(1000 * (self.timeout if timeout is None else timeout)):
            raise Silence()
        return self.socket.recv_multipart()

    # --- requests

    def post(self, method, params=None, **more):
        """Sends and does not wait; the request's id."""
        number = next(self.ids)
        request = {"jsonrpc": "2.0", "id": number, "method": method}
        if params is not None or more:
            request["params"] = dict(params or {}, **more)
        self.send(b"", json.dumps(request, ensure_ascii=False))
        return number

    def answer(self):
        """The next answer, whole."""
        frames = self.receive()
        assert len(frames) == 2 and frames[0] == b"", f"not an answer's frames: {frames!r}"
        return json.loads(frames[1])

    def call(self, method, params=None, **more):
        number = self.post(method, params, **more)
        answer = self.answer()
        assert answer["jsonrpc"] == "2.0" and answer["id"] == number, answer
        assert ("result" in answer) != ("error" in answer), answer
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]

    def refusal(self, method, params=None, **more):
        """The Refused this call must end in; None where it is done instead."""
        try:
            self.call(method, params, **more)
        except Refused as refused:
            return refused
        return None

    # --- the handshake

    def watch(self):
        """From now on handshake() tells what becomes of it. Before anything is sent."""
        self.monitor = self.socket.get_monitor_socket(
            zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_HANDSHAKE_FAILED_AUTH |
            zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL |
            zmq.EVENT_DISCONNECTED)
        self.connect()
        return self

    def handshake(self):
        """"succeeded", "auth", "protocol", "no detail" or "disconnected"."""
        from zmq.utils.monitor import recv_monitor_message
        if not self.monitor.poll(1000 * self.timeout):
            raise Silence()
        return {zmq.EVENT_HANDSHAKE_SUCCEEDED: "succeeded", zmq.EVENT_HANDSHAKE_FAILED_AUTH: "auth",
                zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL: "protocol",
                zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL: "no detail",
                zmq.EVENT_DISCONNECTED: "disconnected"}[recv_monitor_message(self.monitor)["event"]]
