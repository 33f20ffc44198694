#!/usr/bin/python3
"""A server that says what it was asked: echo.py ENDPOINT [DROP]

Answers every request with the request itself as the result, but for the first DROP ones, which get
none. Prints "ready" when it listens. A stand-in for the daemon where the client alone is tested.
"""
import sys

import zmq

drop = int(sys.argv[2]) if len(sys.argv) > 2 else 0
socket = zmq.Context.instance().socket(zmq.ROUTER)
socket.bind(sys.argv[1])
print("ready", flush=True)
while True:
    *envelope, frame = socket.recv_multipart()
    if drop > 0:
        drop -= 1
        print(frame.decode(), flush=True)
        continue
    socket.send_multipart([*envelope, b'{"jsonrpc":"2.0","id":1,"result":' + frame + b"}"])
