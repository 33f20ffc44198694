#!/usr/bin/python3
"""Twelve communes' listeners and random kills of daemon and listeners under load: what each listener
delivered, without the repeats, is the journal filtered for its commune: no gap, no foreign event.

    test_listeners.py [--kills N] [--seed N]
"""
import argparse
import json
import os
import random
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402
import zmq  # noqa: E402

COMMUNES = [str(code) for code in (24343, 24346, 24349, 24352, 24355, 24358, 24359, 24360, 24361, 24364, 24367, 24370)]
TYPES = ("submitted", "returned", "resubmitted", "noted")
DEADLINE = 120
NOTIFY = os.path.join(harness.ROOT, os.environ.get("OCOPD_BUILD", "build"), "ocop-notify")


def until(condition, what):
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, "never: " + what
        time.sleep(0.02)


class Office:
    """The officer's requests, over the local socket; one without an answer is sent again, with its key."""

    def __init__(self, daemon, name):
        self.daemon, self.name, self.n = daemon, name, 0

    def exchange(self, request):
        with zmq.Context.instance().socket(zmq.REQ) as s:
            s.linger, s.rcvtimeo = 0, 400
            s.connect(self.daemon.ipc)
            try:
                s.send(request)
                return json.loads(s.recv())
            except zmq.Again:
                return None

    def ask(self, method, params, write=True):
        self.n += 1
        key = {"key": f"{self.name}-{self.n}"} if write else {}
        request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, **key}}).encode()
        answer = None
        while answer is None:
            answer = self.exchange(request)
        assert "result" in answer, answer
        return answer["result"]


class Load(threading.Thread):
    """Dossiers of all communes, taken in, returned, taken in again."""

    def __init__(self, daemon, number, seed, stop):
        super().__init__(daemon=True)
        self.office, self.stop = Office(daemon, f"load{number}"), stop
        self.random = random.Random(f"{seed}/{number}")
        self.error = None

    def dossier(self):
        number = self.office.ask("dossier.submit", {
            "product": {"name": "Mật ong (mẫu)", "group": "honey"}, "producer": {"name": "HTX (mẫu)", "kind": "cooperative"},
            "commune": self.random.choice(COMMUNES), "samples": 5,
            "documents": [{"code": "registration", "status": "present"}]})["dossier"]
        for _ in range(self.random.randrange(3)):
            self.office.ask("dossier.return", {"dossier": number, "reasons": [{"reason": "Thiếu phương án kinh doanh"}]})
            self.office.ask("dossier.resubmit", {"dossier": number, "documents": [
                {"code": "business-plan", "status": "present"}]})
        self.office.ask("dossier.note", {"dossier": number, "text": "ghi chú"})

    def run(self):
        try:
            while not self.stop.is_set():
                self.dossier()
        except Exception as e:  # pylint: disable=broad-except
            self.error = e


class Listener:
    """One commune's ocop-notify, over the network with a key of its own; its log outlives it."""

    def __init__(self, daemon, commune):
        self.daemon, self.commune = daemon, commune
        self.feed, self.kills, self.process = "xa-" + commune, 0, None
        self.log = daemon.path(self.feed + ".log")
        public, secret = harness.keypair()
        daemon.account(self.feed, roles="commune", commune=commune, key=public)
        with open(daemon.path(self.feed + ".key"), "w") as f:
            f.write(f'curve\n    public-key = "{public}"\n    secret-key = "{secret}"\n')

    def start(self):
        config = self.daemon.path(self.feed + ".cfg")
        with open(config, "w") as f:
            f.write(f'feed = {self.feed}\nfrom = start\ntypes = "{", ".join(TYPES)}"\nprint = json\nwait = 5\n'
                    f'endpoint = "{self.daemon.tcp}"\nkey = "{self.daemon.path(self.feed + ".key")}"\n'
                    f'server = "{self.daemon.server_key()}"\ndead-letters = "{self.daemon.path("dead")}"\n')
        env = {k: v for k, v in os.environ.items() if not k.startswith("OCOP_")}
        with open(self.log, "ab") as out, open(self.daemon.path("listeners.err"), "ab") as err:
            self.process = subprocess.Popen([NOTIFY, "--config", config], stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=err, env=dict(env, HOME=self.daemon.path()))

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.kills += 1
        self.start()

    def check(self, events):
        """Returns how many it heard and how many of these were repeats."""
        with open(self.log, encoding="utf-8") as f:
            heard = [json.loads(line) for line in f]
        wanted = [e for e in events if e["type"].split(".")[-1] in TYPES and e["data"].get("commune") == self.commune]
        once, seen = [], set()
        for event in heard:
            if event["id"] not in seen:
                seen.add(event["id"])
                once.append(event)
        assert once == wanted, f"{self.feed} heard {[e['id'] for e in once]}, wanted {[e['id'] for e in wanted]}"
        repeats = len(heard) - len(once)
        assert repeats <= self.kills, f"{self.feed}: {repeats} repeats for {self.kills} kills"
        return len(once), repeats


def run(daemon, listeners, options, chance):
    """Kills while the load runs, then until every listener has heard all. What it came to, as a sentence."""
    daemon.account("office", roles="officer", uid=os.getuid())
    daemon.start()
    for listener in listeners:
        listener.start()
    stop, kills = threading.Event(), 0
    load = [Load(daemon, i, options.seed, stop) for i in range(3)]
    for thread in load:
        thread.start()
    for _ in range(options.kills):
        time.sleep(chance.uniform(0.0, 0.3))   # the moment of the fault, not a wait for anything
        if chance.random() < 0.4:
            daemon.kill()
            kills += 1
            daemon.start()
        else:
            chance.choice(listeners).kill()
    stop.set()
    for thread in load:
        thread.join()
        assert thread.error is None, thread.error

    office = Office(daemon, "end")

    def heard():
        feeds = office.ask("feed.list", {}, write=False)["feeds"]
        return len(feeds) == len(COMMUNES) and all(feed["lag"] == 0 for feed in feeds)

    until(heard, "every feed without lag: " + str(office.ask("feed.list", {}, write=False)))
    for listener in listeners:
        listener.process.terminate()
        assert listener.process.wait(DEADLINE) == 0, "a listener told to stop leaves with 0"
    daemon.terminate()
    events = daemon.events()
    counts = [listener.check(events) for listener in listeners]
    assert daemon.verify() == 0
    return (f"{kills} kills of the daemon, {options.kills - kills} of listeners, {len(events)} events, "
            f"{sum(c[0] for c in counts)} heard, {sum(c[1] for c in counts)} repeats: no gap, no foreign event")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    print(f"listeners: --seed {options.seed} --kills {options.kills}", flush=True)
    with harness.Daemon(clock="2020-03-02T08:00:00+07:00", network=True) as daemon:
        listeners = [Listener(daemon, commune) for commune in COMMUNES]
        try:
            print("listeners: " + run(daemon, listeners, options, random.Random(options.seed)))
        except BaseException:
            with open(daemon.path("listeners.err"), encoding="utf-8", errors="replace") as f:
                sys.stderr.write(f.read()[-4000:])
            raise
        finally:
            for listener in listeners:
                if listener.process and listener.process.poll() is None:
                    listener.process.kill()
                    listener.process.wait()


if __name__ == "__main__":
    main()
