#!/usr/bin/python3
"""Every limit exceeded on purpose, by a process of its own that goes on and on, while an honest client
works: it is served, the limit's counter counts, and the greedy one gets what the limit says.

    test_limits.py                  by counts (make check)
    test_limits.py --bench SECONDS  how long the honest client waits meanwhile (make bench-limits)
"""
import json
import multiprocessing
import os
import re
import socket
import sys
import time

import zmq
from harness import Daemon, PATIENCE, Test, keypair
from stranger import Client
from zmtp import Curve, Local

GOAL_MS = 50            # p99 of the honest client, in the bench
PINGS = 100             # of the honest client while a limit is exceeded
HONEST, GREEDY = keypair(), keypair()


# --- attacks: each runs in a process of its own until it is killed -------------------------------

def raw(tcp, source):
    """A connection that says nothing, from this address of the loopback network."""
    host, port = tcp[len("tcp://"):].split(":")
    s = socket.socket()
    s.bind((source, 0))
    s.connect((host, int(port)))
    return s


def greedy(place, source="127.0.0.2"):
    return Client(place["tcp"].replace("tcp://", f"tcp://{source}:0;"), key=place["key"], server=place["server"])


def many_connections(place, sources):
    """Keeps twice as many open as are allowed, from as many addresses."""
    held = []
    while True:
        try:
            for source in sources:
                held.append(raw(place["tcp"], source))
        except OSError:
            pass
        while len(held) > 60:
            held.pop(0).close()
        time.sleep(0.002)


def connections(place):
    many_connections(place, [f"127.0.1.{i}" for i in range(1, 31)])


def one_source(place):
    many_connections(place, ["127.0.0.2"] * 10)


def often_by_account(place):
    """Handshakes that succeed, of one account, from many addresses."""
    number = 0
    while True:
        clients = []
        for _ in range(20):
            number += 1
            client = greedy(place, source=f"127.0.2.{number % 200 + 1}")
            client.post("server.ping")
            clients.append(client)
        time.sleep(0.02)
        for client in clients:
            client.close()


def often_by_source(place):
    while True:
        raw(place["tcp"], "127.0.0.2").close()


def frames(place):
    with greedy(place) as client:
        while True:
            client.send(*[b"x"] * 8, b"", b"{}")
            answer = json.loads(client.receive()[-1])
            assert answer["error"]["code"] == -32600 and "at most 8" in answer["error"]["message"], answer


def endless(connect, size):
    """A message that never ends; cut off, it begins another."""
    while True:
        with connect() as peer:
            peer.socket.settimeout(0.2)     # cut off with a full window, nobody says so
            try:
                while True:
                    peer.socket.sendall(b"".join(peer.part(b"x" * size) for _ in range(50)))
            except OSError:
                pass


def endless_tcp(place):
    endless(lambda: Curve(place["tcp"], place["key"], place["server"], source="127.0.0.2"), 1000)


def endless_ipc(place):
    """Of empty frames: two bytes on the wire are 64 in libzmq's memory."""
    endless(lambda: Local(place["ipc"][len("ipc://"):]), 0)


def subscriptions(place):
    """On the doorbell: more and more topics."""
    number = 0
    while True:
        link = zmq.Context.instance().socket(zmq.SUB)
        link.linger = 0
        link.connect(place["event"])
        ended = link.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        while not ended.poll(0):
            for _ in range(100):
                number += 1
                link.subscribe(f"{number:0100}")
            link.poll(0)        # lets libzmq send them
        link.disable_monitor()
        link.close()


def in_flight(place):
    """Heavy questions, hundreds at a time; every one is answered, in order."""
    with greedy(place) as client:
        client.timeout = PATIENCE * 2
        asked = heard = 0
        while True:
            while asked - heard < 600:
                asked = client.post("workflow.get")
            answer = client.answer()
            heard += 1
            assert answer["id"] == heard and "result" in answer, (heard, answer)


def waits(place):
    with greedy(place) as client:
        for _ in range(16):
            client.post("event.read", after=10**6, wait=60)
        while True:
            number = client.post("event.read", after=10**6, wait=60)
            answer = client.answer()
            assert answer["id"] == number and "at most 16" in answer["error"]["message"], answer


# name, the limit, what it is set to, the attack, how many more it must count
CASES = [
    ("connections in all", "connections", ["--connections", "20"], connections, 40),
    ("connections of one source", "connections-per-source", ["--connections-per-source", "8"], one_source, 40),
    ("connections a second of one account", "connections-per-second", ["--connections-per-second", "20"],
     often_by_account, 20),
    ("connections a second of one source", "connections-per-second", ["--connections-per-second", "20"],
     often_by_source, 100),
    ("frames of a message", "message-frames", [], frames, 100),
    ("bytes unread, tcp", "unread-bytes", [], endless_tcp, 3),
    ("bytes unread, ipc", "unread-bytes", [], endless_ipc, 3),
    ("subscriptions to the doorbell", "unread-bytes", [], subscriptions, 20),
    ("requests in flight", "requests-in-flight", [], in_flight, 100),
    ("waits", "waits", [], waits, 100),
]


# --- the honest one ------------------------------------------------------------------------------

def counter(client, limit):
    text = client.call("server.metrics")["text"]
    return int(re.search(rf'^ocopd_limit_exceeded_total{{limit="{limit}"}} (\d+)$', text, re.M).group(1))


def connected(client):
    text = client.call("server.metrics")["text"]
    return int(re.search(r'^ocopd_connections{socket="command",transport="tcp"} (\d+)$', text, re.M).group(1))


def resident_mb(daemon):
    with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as f:
        return int(re.search(r"^RssAnon:\s+(\d+) kB", f.read(), re.M).group(1)) / 1024


def newcomer(daemon):
    """Another honest client, from another place, gets in while the attack goes on."""
    with Client(daemon.tcp, key=HONEST, server=daemon.server_key()) as client:
        return client.call("server.ping")["sequence"] == 0


class Attack:
    def __init__(self, function, daemon):
        place = {"tcp": daemon.tcp, "ipc": daemon.ipc, "event": "ipc://" + daemon.path("run", "event"),
                 "key": GREEDY, "server": daemon.server_key()}
        self.process = multiprocessing.get_context("spawn").Process(target=function, args=(place,), daemon=True)

    def __enter__(self):
        self.process.start()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.join()

    def alive(self):
        return self.process.exitcode is None


def world(options):
    daemon = Daemon(network=True, options=options)
    daemon.account("honest", "admin", key=HONEST[0])
    daemon.account("greedy", "officer", key=GREEDY[0], uid=os.getuid())
    return daemon


def exceeded(limit, options, attack, wanted):
    with world(options) as daemon:
        daemon.start()
        with Client(daemon.tcp, key=HONEST, server=daemon.server_key()) as honest:
            honest.timeout = PATIENCE
            if counter(honest, limit):
                return "counts before anything has happened"
            with Attack(attack, daemon) as running:
                until = time.monotonic() + PATIENCE
                served = 0
                while served < PINGS or counter(honest, limit) < wanted:
                    honest.call("server.ping")
                    served += 1
                    if not running.alive():
                        return "the attack ended by itself"
                    if time.monotonic() > until:
                        return f"{limit} counts {counter(honest, limit)} only, after {served} pings"
                # The attack holds sixty: those beyond the limit must go.
                if limit in ("connections", "connections-per-source"):
                    while connected(honest) > int(options[1]) + 1:
                        if time.monotonic() > until:
                            return f"{connected(honest)} connections"
                if limit != "connections" and not newcomer(daemon):
                    return "a newcomer is not served"
                memory = resident_mb(daemon)
            # A sanitizer keeps what was freed.
            if memory > 128 and "address" not in daemon.program:
                return f"{memory:.0f} MB"
            if not newcomer(daemon):
                return "nobody gets in afterwards"
        daemon.terminate()
    return True


# --- the bench -----------------------------------------------------------------------------------

def measure(limit, options, attack, seconds):
    with world(options) as daemon:
        daemon.start()
        with Client(daemon.tcp, key=HONEST, server=daemon.server_key()) as honest:
            honest.timeout = PATIENCE
            honest.call("server.ping")
            with Attack(attack, daemon):
                until = time.monotonic() + PATIENCE
                while counter(honest, limit) == 0 and time.monotonic() < until:
                    pass
                taken, memory, until = [], 0, time.monotonic() + seconds
                while time.monotonic() < until:
                    start = time.perf_counter()
                    honest.call("server.ping")
                    taken.append(1000 * (time.perf_counter() - start))
                    memory = max(memory, resident_mb(daemon)) if len(taken) % 100 == 0 else memory
                    time.sleep(0.001)
                return sorted(taken), counter(honest, limit), memory


def bench(seconds):
    print(f"an honest client's server.ping over CURVE while each limit is exceeded for {seconds:g} s;"
          f" goal: p99 < {GOAL_MS} ms")
    print(f"{'exceeded':38} {'pings':>6} {'p50 ms':>7} {'p99 ms':>7} {'max ms':>7} {'counted':>8} {'MB':>4}")
    for name, limit, options, attack, _ in CASES:
        taken, counted, memory = measure(limit, options, attack, seconds)
        p50, p99 = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
        print(f"{name:38} {len(taken):6} {p50:7.2f} {p99:7.2f} {taken[-1]:7.2f} {counted:8} {memory:4.0f}"
              f"{'' if p99 < GOAL_MS else '   above the goal'}", flush=True)


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--bench":
        return bench(float(sys.argv[2]))
    test = Test()
    for name, limit, options, attack, wanted in CASES:
        test.case(f"{name}: the honest are served, and it counts", exceeded, limit, options, attack, wanted)
    test.done()


if __name__ == "__main__":
    main()
