#!/usr/bin/python3
"""Twelve communes' listeners under load, the daemon and they killed at random moments (kill -9):
afterwards each one's log, after dropping repeats by id, is the journal filtered for it.

    test_listeners.py [--kills N] [--seed N]
"""
import argparse
import datetime
import json
import os
import random
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from alert_world import COMMUNES, DOCUMENTS, Office, REASONS  # noqa: E402
from notify_world import until  # noqa: E402
from stranger import Refused, Silence  # noqa: E402

CLERKS = 3
TYPES = "submitted returned resubmitted noted overdue due-soon unheard".split()


class Busy(threading.Thread):
    """Asks one thing after the other until it is stopped; what got no answer is asked again."""

    def __init__(self, office, who, seed):
        super().__init__(daemon=True)
        self.office, self.who, self.random = office, who, random.Random(seed)
        self.stop = threading.Event()
        self.link, self.error, self.resent = office.client(who), None, 0

    def ask(self, method, **params):
        """None where it is stopped before there is an answer."""
        self.link.timeout = 0.5
        while not self.stop.is_set():
            try:
                return self.link.call(method, params)
            except Silence:
                self.link.close()
                self.link = self.office.client(self.who)
                self.link.timeout = 0.5
                self.resent += 1
        return None

    def run(self):
        try:
            while not self.stop.is_set():
                self.act()
        except (Refused, AssertionError) as error:
            self.error = error
        finally:
            self.link.close()

    def act(self):
        raise NotImplementedError


class Clerk(Busy):
    """Takes in dossiers of all communes, returns them, takes them in again, notes."""

    def __init__(self, office, number, seed):
        super().__init__(office, "office", f"{seed}/{number}")
        self.number, self.asked, self.states = number, 0, {}

    def act(self):
        self.stop.wait(self.random.uniform(0, 0.03))
        self.asked += 1
        more = {"key": f"clerk{self.number}-{self.asked}"}
        dossier = self.random.choice([*self.states, None, None])
        if not dossier:
            done = self.ask("dossier.submit", commune=self.random.choice([*COMMUNES.values()]), documents=DOCUMENTS,
                            product={"name": "Cà phê bột (mẫu)", "group": "coffee-cocoa"}, samples=5,
                            producer={"name": "HTX (mẫu)", "kind": "cooperative"}, **more)
        elif self.random.random() < 0.2:
            self.ask("dossier.note", dossier=dossier, text="ghi chú", **more)
            return
        elif self.states[dossier] == "submitted":
            done = self.ask("dossier.return", dossier=dossier, reasons=REASONS, **more)
        else:
            done = self.ask("dossier.resubmit", dossier=dossier, documents=DOCUMENTS, **more)
        if done:
            self.states[done["dossier"]] = done["state"]


class Clock(Busy):
    """Days go by, so that there are reminders, overdue checks, and notices nobody heard in time."""

    def __init__(self, office, seed):
        super().__init__(office, "admin", f"{seed}/clock")
        self.time = datetime.datetime.fromisoformat(office.daemon.clock)

    def act(self):
        self.stop.wait(self.random.uniform(0, 0.3))
        self.time += datetime.timedelta(minutes=self.random.randrange(1, 480))
        self.ask("clock.advance", to=self.time.isoformat())


class Listener:
    """One commune's ocop-notify, started again whenever it was killed. Every third delivers by a
    command, and every ninth event's first delivery kills the listener that asked for it."""

    def __init__(self, office, commune, number):
        self.office, self.commune, self.kills = office, commune, 0
        self.log = f"{office.path}/{commune}.log"
        self.runs = []
        extra, way = "", {"print": "json"}
        if number % 3 == 0:
            extra, way = self.command(), {}
        self.config = office.settings(extra, commune, network=number != 1, types=", ".join(TYPES), **{"from": "start", **way})

    def command(self):
        mark = f"{self.office.path}/{self.commune}.$OCOP_EVENT_ID"
        return (f"exec\n    command = 'cat >>{self.log}; test $((OCOP_EVENT_ID % 9)) != 0 || test -e {mark} || "
                f"{{ : >{mark}; kill -9 $PPID; }}'\n")

    def start(self):
        self.runs.append(self.office.start(self.config))

    def revive(self):
        code = self.runs[-1].poll()
        if code is None:
            return
        assert code == -signal.SIGKILL, f"{self.commune} ended with {code}: {open(self.runs[-1].err).read()}"
        self.kills += 1
        self.start()

    def kill(self):
        self.runs[-1].kill()
        self.runs[-1].wait()
        self.revive()

    def heard(self):
        """Every whole line of its logs; what a kill cut off was never acknowledged."""
        for name in [run.out for run in self.runs] + [self.log]:
            if os.path.exists(name):
                with open(name, encoding="utf-8") as f:
                    yield from (json.loads(line) for line in f if line.endswith("\n"))


def hammer(daemon, listeners, chance, kills):
    """How many of the kills were the daemon's."""
    daemons = 0
    for _ in range(kills):
        time.sleep(chance.uniform(0.003, 0.25))     # the moment of the fault, not a wait for anything
        if chance.random() < 0.3:
            daemon.kill()
            daemons += 1
            if chance.random() < 0.3:
                chance.choice(listeners).kill()     # with nobody to come back to
            daemon.start()
        else:
            chance.choice(listeners).kill()
        for listener in listeners:
            listener.revive()
    return daemons


def caught_up(office, listeners):
    for listener in listeners:
        listener.revive()
    feeds = office.call("office", "feed.list")["feeds"]
    return len(feeds) == len(listeners) and all(feed["lag"] == 0 for feed in feeds)


def compare(events, listener):
    """The number of events, and of repeats."""
    code, seen, repeats = COMMUNES[listener.commune], {}, 0
    wanted = [e for e in events if e["type"].split(".")[-1] in TYPES and e["data"].get("commune") == code]
    for event in listener.heard():
        repeats += event["id"] in seen
        assert seen.setdefault(event["id"], event) == event, f"two events of one id: {event}"
    got = [*seen.values()]
    assert [e["id"] for e in got] == [e["id"] for e in wanted], \
        (listener.commune, "heard", [e["id"] for e in got], "of", [e["id"] for e in wanted])
    assert got == wanted, listener.commune
    # Not even one a kill: only where it fell between a delivery and its acknowledgement.
    assert repeats <= listener.kills, (listener.commune, repeats, listener.kills)
    return len(wanted), repeats


def run(office, seed, kills):
    chance = random.Random(seed)
    listeners = [Listener(office, commune, n) for n, commune in enumerate(COMMUNES)]
    for listener in listeners:
        listener.start()
    until(lambda: len(office.call("office", "feed.list")["feeds"]) == len(listeners), "every feed is open")
    busy = [Clerk(office, n, seed) for n in range(CLERKS)] + [Clock(office, seed)]
    for one in busy:
        one.start()
    daemons = hammer(office.daemon, listeners, chance, kills)
    for one in busy:
        one.stop.set()
        one.join()
        assert one.error is None, one.error
    until(lambda: caught_up(office, listeners), "every listener has caught up")
    assert office.call("office", "report.deadlines")["unheard"] == [], "each has confirmed what it heard"
    for listener in listeners:
        office.end(listener.runs[-1])
    office.daemon.terminate()
    assert office.daemon.verify() == 0, "--verify"
    events = office.daemon.events()
    heard, repeats = map(sum, zip(*[compare(events, listener) for listener in listeners]))
    resent = sum(one.resent for one in busy)
    assert heard > kills and (repeats > 0 or kills < 10), (heard, repeats)
    print(f"listeners: {daemons} kills of the daemon, {sum(one.kills for one in listeners)} of listeners, "
          f"{len(events)} events, {resent} requests resent, {heard} heard, {repeats} repeated: no gap, none foreign")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    print(f"listeners: --seed {options.seed} --kills {options.kills}", flush=True)
    with Office(COMMUNES) as office:
        run(office, options.seed, options.kills)


if __name__ == "__main__":
    main()
