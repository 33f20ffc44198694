#!/usr/bin/python3
"""kill -9 under load (T1): clients keep their own logs, the daemon dies at random moments, and
after each restart every acknowledged command must be in the journal, once, as acknowledged.

    crash.py [--build DIR] [--kills N] [--seed N]
"""
import argparse
import json
import os
import random
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "e2e"))
import harness  # noqa: E402
import zmq  # noqa: E402

CLIENTS = 8
DOCUMENTS = [{"code": c, "status": "present"} for c in
             ("registration", "business-plan", "organisation", "business-registration")]


class Client(threading.Thread):
    """Sends commands one after the other; one without an answer is sent again, with its key."""

    def __init__(self, number, endpoint, seed, stop):
        super().__init__(daemon=True)
        self.number, self.endpoint, self.stop = number, endpoint, stop
        self.random = random.Random(f"{seed}/{number}")
        self.acks = {}      # key -> result
        self.resent = 0
        self.error = None

    def command(self, own, n):
        key = f"c{self.number}-{n}"
        if not own or self.random.random() < 0.3:
            return key, "dossier.submit", {
                "key": key, "product": {"name": f"Mật ong (mẫu) {n}", "group": "honey"},
                "producer": {"name": "HTX Ea Tam", "kind": "cooperative"}, "commune": "24352",
                "documents": DOCUMENTS, "samples": 5}
        return key, "dossier.note", {"key": key, "dossier": self.random.choice(own), "text": f"ghi chú {n}"}

    def exchange(self, context, request):
        """One try on a connection of its own; None where nothing came back."""
        with context.socket(zmq.REQ) as socket:
            socket.setsockopt(zmq.LINGER, 0)
            socket.setsockopt(zmq.RCVTIMEO, 400)
            socket.connect(self.endpoint)
            try:
                socket.send(request)
                return json.loads(socket.recv())
            except zmq.Again:
                return None

    def run(self):
        context = zmq.Context.instance()
        own, n = [], 0
        while not self.stop.is_set():
            n += 1
            key, method, params = self.command(own, n)
            request = json.dumps({"jsonrpc": "2.0", "id": key, "method": method, "params": params}).encode()
            answer = self.exchange(context, request)
            while answer is None and not self.stop.is_set():
                self.resent += 1
                answer = self.exchange(context, request)
            if answer is None:
                return
            if "error" in answer:
                self.error = answer
                return
            self.acks[key] = answer["result"]
            if method == "dossier.submit":
                own.append(answer["result"]["dossier"])


def check(daemon, clients):
    by_key = {}
    for event in daemon.events():
        key = event["data"].get("key")
        assert key not in by_key, f"{key} happened twice"
        by_key[key] = event
    acked = 0
    for client in clients:
        for key, result in list(client.acks.items()):
            event = by_key.get(key)
            assert event is not None, f"{key} was acknowledged and is lost"
            assert int(event["sequence"]) == result["sequence"] and event["data"]["version"] == result["version"], key
            acked += 1
    sent = {f"c{c.number}-" for c in clients}
    assert all(any(k.startswith(s) for s in sent) for k in by_key), "an event nobody asked for"
    return acked, len(by_key)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=os.environ.get("OCOPD_BUILD", "build"))
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    print(f"crash: --seed {options.seed} --kills {options.kills}", flush=True)
    chance = random.Random(options.seed)
    with harness.Daemon(build=options.build) as daemon:
        daemon.account("office", roles="officer", uid=os.getuid())
        daemon.start()
        stop = threading.Event()
        clients = [Client(i, daemon.ipc, options.seed, stop) for i in range(CLIENTS)]
        for client in clients:
            client.start()
        for _ in range(options.kills):
            time.sleep(chance.uniform(0.003, 0.3))   # the moment of the fault, not a wait for anything
            daemon.kill()
            if chance.random() < 0.2:
                assert daemon.verify() == 0, "--verify after a kill"
            daemon.start()
        stop.set()
        for client in clients:
            client.join()
            assert client.error is None, client.error
        daemon.terminate()
        acked, events = check(daemon, clients)
        assert daemon.verify() == 0
        resent = sum(c.resent for c in clients)
        assert acked > options.kills and resent > 0, "the load did not meet the kills"
        print(f"crash: {options.kills} kills, {acked} acknowledged, {events} events, {resent} resent: "
              "0 lost, 0 phantom, 0 twice, journal and state agree")


if __name__ == "__main__":
    main()
