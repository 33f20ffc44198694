#!/usr/bin/python3
"""server.metrics: is it OpenMetrics, does it count right, does `ocop metrics` hand it on whole; do the
alert rules speak of what is there; and is the log key=value, without secrets or other people's lines."""
import json
import os
import re
import shutil
import subprocess
import threading
import time

import zmq
from harness import Daemon, PATIENCE, ROOT, Test, keypair
from stranger import Client

RULES = os.path.join(ROOT, "config", "prometheus", "ocopd.rules.yml")
KEY, STRANGER = keypair(), keypair()


# --- OpenMetrics 1.0, as strict as this text needs -----------------------------------------------

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABELS = r'(?:\{(' + NAME + r'="(?:[^"\\\n]|\\["\\n])*"(?:,' + NAME + r'="(?:[^"\\\n]|\\["\\n])*")*)\})?'
SAMPLE = re.compile(rf"^({NAME}){LABELS} (\d+(?:\.\d+)?)$")
SUFFIXES = {"counter": ["_total"], "gauge": [""], "histogram": ["_bucket", "_sum", "_count"], "info": ["_info"]}


def parse(text):
    """{family: {"type", "unit", "help", "samples": {(name, labels): value}}}; raises ValueError."""
    families, current, done = {}, None, set()
    lines = text.split("\n")
    if lines[-2:] != ["# EOF", ""]:
        raise ValueError("does not end with # EOF and a newline")
    for line in lines[:-2]:
        meta = re.match(rf"^# (TYPE|UNIT|HELP) ({NAME}) (.+)$", line)
        if meta:
            kind, name, value = meta.groups()
            if current != name:
                if name in families:
                    raise ValueError(f"{name} is interleaved")
                current, families[name] = name, {"samples": {}}
            family = families[name]
            if kind.lower() in family or family["samples"]:
                raise ValueError(f"misplaced: {line}")
            if kind == "TYPE" and value not in SUFFIXES:
                raise ValueError(line)
            if kind == "UNIT" and not name.endswith("_" + value):
                raise ValueError(f"{name} does not end with its unit {value}")
            family[kind.lower()] = value
            continue
        sample = SAMPLE.match(line)
        if not sample:
            raise ValueError(f"no sample: {line!r}")
        name, labels, value = sample.groups()
        family = families.get(current)
        if not family or name not in [current + s for s in SUFFIXES[family["type"]]]:
            raise ValueError(f"{name} stands outside of its family")
        key = name, labels or ""
        if key in done:
            raise ValueError(f"{key} stands twice")
        done.add(key)
        family["samples"][key] = float(value)
    for name, family in families.items():
        if "help" not in family or "type" not in family:
            raise ValueError(f"{name} lacks its help or type")
        if family["type"] == "histogram":
            buckets = [(labels, v) for (n, labels), v in family["samples"].items() if n == name + "_bucket"]
            values = [v for _, v in buckets]
            bounds = [float(re.search(r'le="([^"]+)"', labels).group(1)) for labels, _ in buckets]
            if values != sorted(values) or bounds != sorted(bounds) or bounds[-1] != float("inf") or \
                    values[-1] != family["samples"][name + "_count", ""]:
                raise ValueError(f"{name}: buckets")
    return families


BROKEN = {
    "no end": "# TYPE a gauge\n# HELP a b\na 1\n",
    "a counter without _total": "# TYPE a counter\n# HELP a b\na 1\n# EOF\n",
    "a sample twice": "# TYPE a gauge\n# HELP a b\na 1\na 2\n# EOF\n",
    "a unit that is not in the name": "# TYPE a gauge\n# UNIT a bytes\n# HELP a b\na 1\n# EOF\n",
    "an unescaped label": '# TYPE a gauge\n# HELP a b\na{b="c"d"} 1\n# EOF\n',
    "mixed families": "# TYPE a gauge\n# HELP a b\na 1\n# TYPE c gauge\n# HELP c d\na 1\n# EOF\n",
}


def finds(text):
    try:
        parse(text)
    except ValueError:
        return True
    return "not found"


def metrics(client):
    return parse(client.call("server.metrics")["text"])


def value(families, name, **labels):
    wanted = ",".join(f'{k}="{v}"' for k, v in labels.items())
    for family in families.values():
        if (name, wanted) in family["samples"]:
            return family["samples"][name, wanted]
    return 0


def until(question, what):
    end = time.monotonic() + PATIENCE
    while not (said := question()):
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.01)
    return said


# --- the figures ---------------------------------------------------------------------------------

DOSSIER = {"product": {"name": "Cà phê", "group": "coffee-cocoa"}, "commune": "24346",
           "producer": {"name": "HTX", "kind": "cooperative"}, "samples": 1,
           "documents": [{"code": "registration", "status": "present"}]}


def work(daemon, client):
    """Something of everything that is counted."""
    number = client.call("dossier.submit", DOSSIER)["dossier"]
    client.call("dossier.submit", DOSSIER)
    client.refusal("dossier.complete", dossier=number)
    client.refusal("dossier.get", dossier="KN-2020-0999")
    client.refusal("no.such.method\n{}\"\\")
    client.refusal("dossier.get", dosier=number)
    client.send(b"", b"no json")
    client.receive()
    client.send(b"no delimiter")
    client.call("feed.open", feed="returned")
    client.call("feed.open", feed="all", **{"from": "start"})
    client.call("feed.fail", feed="all", sequence=1, reason="line one\nline two")
    client.call("clock.advance", to="2020-03-06T00:00:00+07:00")
    client.post("event.read", after=10**6, wait=60)
    until(lambda: value(metrics(client), "ocopd_waiters") == 1, "nobody waits")


def counts(daemon, client):
    m = metrics(client)
    wanted = [
        ("ocopd_requests_total", {"method": "dossier.submit", "outcome": "ok"}, 2),
        ("ocopd_requests_total", {"method": "dossier.complete", "outcome": "guard-failed"}, 1),
        ("ocopd_requests_total", {"method": "dossier.get", "outcome": "unknown-dossier"}, 1),
        ("ocopd_requests_total", {"method": "dossier.get", "outcome": "params"}, 1),
        ("ocopd_requests_total", {"method": "unknown", "outcome": "method"}, 1),
        ("ocopd_requests_total", {"method": "unknown", "outcome": "parse"}, 1),
        ("ocopd_requests_total", {"method": "event.read", "outcome": "ok"}, 0),
        ("ocopd_messages_dropped_total", {}, 1),
        ("ocopd_dossiers", {}, 2),
        ("ocopd_deadlines", {"state": "open"}, 0),
        ("ocopd_deadlines", {"state": "overdue"}, 2),
        ("ocopd_feed_failures", {"account": "me", "feed": "all"}, 1),
        ("ocopd_feed_lag_events", {"account": "me", "feed": "returned"}, 4),       # due soon and overdue, twice
        ("ocopd_waiters", {}, 1),
        ("ocopd_connections", {"socket": "command", "transport": "ipc"}, 1),
        ("ocopd_connections", {"socket": "event", "transport": "ipc"}, 1),
        ("ocopd_accounts", {}, 2),
        ("ocopd_account_errors", {}, 1),
        ("ocopd_handshakes_refused_total", {}, 1),
    ]
    wrong = [(name, labels, n, got) for name, labels, n in wanted if (got := value(m, name, **labels)) != n]
    more = {"ocopd_journal_bytes", "ocopd_journal_file_bytes", "ocopd_store_map_bytes", "ocopd_store_used_bytes",
            "ocopd_commit_seconds_count", "ocopd_batch_requests_count", "ocopd_disk_free_bytes", "ocopd_sequence",
            "ocopd_start_time_seconds", "ocopd_limit_exceeded_total", "ocopd_limit"}
    there = {name for family in m.values() for name, _ in family["samples"]}
    nothing = [n for n in more if n not in there]
    events, commits = value(m, "ocopd_sequence"), value(m, "ocopd_commit_seconds_count")
    return not wrong and not nothing and 1 <= commits <= events or (wrong, nothing, commits, events)


def forbidden(daemon):
    """The figures are of the whole: not for who sees a part of it."""
    with Client(daemon.tcp, key=KEY, server=daemon.server_key()) as client:
        refused = client.refusal("server.metrics")
        return refused is not None and refused.kind == "forbidden"


# --- ocop metrics --------------------------------------------------------------------------------

def ocop(daemon, *words, **more):
    program = os.path.join(os.path.dirname(daemon.program), "ocop")
    return subprocess.run([program, "--endpoint", daemon.ipc, *words], capture_output=True, text=True, check=False,
                          timeout=PATIENCE, **more)


def as_it_is(daemon, client):
    done = ocop(daemon, "metrics")
    families = parse(done.stdout)
    again = ocop(daemon, "metrics", "--json")
    return done.returncode == 0 and not done.stderr and value(families, "ocopd_dossiers") == 2 and \
        bool(parse(json.loads(again.stdout)["text"])) or done


def into_a_file(daemon, client):
    """Whoever reads it while it is written anew sees a whole one."""
    path, seen, over = daemon.path("ocopd.prom"), [], threading.Event()

    def read():
        while not over.is_set():
            try:
                with open(path, encoding="utf-8") as f:
                    seen.append(f.read())
            except FileNotFoundError:
                pass

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(30):
            done = ocop(daemon, "metrics", "--output", path)
            if done.returncode != 0 or done.stdout or done.stderr:
                return done
    finally:
        over.set()
        reader.join()
    left = [f for f in os.listdir(daemon.folder) if f.startswith(".ocop")]
    for text in set(seen):
        parse(text)
    return len(seen) > 30 and not left and os.stat(path).st_mode & 0o777 == 0o644 or (len(seen), left)


def no_file(daemon, client):
    missing = ocop(daemon, "metrics", "--output", daemon.path("no", "where.prom"))
    folder = ocop(daemon, "metrics", "--output", daemon.folder)
    bare = ocop(daemon, "metrics", "--output")
    nobody = subprocess.run([os.path.join(os.path.dirname(daemon.program), "ocop"), "--endpoint",
                             "ipc://" + daemon.path("none"), "--timeout", "1", "metrics", "--output",
                             daemon.path("none.prom")], capture_output=True, text=True, check=False)
    codes = [d.returncode for d in (missing, folder, bare)]
    return codes == [73, 73, 64] and "where.prom" in missing.stderr and nobody.returncode != 0 and \
        not os.path.exists(daemon.path("none.prom")) or (missing, folder, bare, nobody)


# --- rules, promtool -----------------------------------------------------------------------------

def rules_speak_of(daemon, client):
    """Every metric and every label's value that a rule names is there."""
    text = client.call("server.metrics")["text"]
    with open(RULES, encoding="utf-8") as f:
        rules = f.read()
    names = set(re.findall(r"\bocopd_[a-z_]+", rules))
    gone = {n for n in names if not re.search(rf"^{n}(\{{| )", text, re.M)}
    limits = set(re.findall(r'limit!?="([^"]+)"', rules))
    states = set(re.findall(r'state="([^"]+)"', rules))
    unknown = {w for w in limits if f'limit="{w}"' not in text} | {w for w in states if f'state="{w}"' not in text}
    return len(names) > 10 and not gone and not unknown or (gone, unknown)


def promtool(daemon, client):
    checked = subprocess.run(["promtool", "check", "rules", RULES], capture_output=True, text=True, check=False)
    # What node_exporter reads is the older text format: OpenMetrics is one where nothing is of a new
    # type. Exit code 3 is about style.
    text = client.call("server.metrics")["text"]
    read = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    return checked.returncode == 0 and read.returncode in (0, 3) and "error" not in read.stderr or (checked, read)


# --- the log -------------------------------------------------------------------------------------

LINE = re.compile(r'^level=(error|warning|info) event=[a-z-]+( [a-z_]+=([A-Za-z0-9_.:/@+,-]+|"([^"\\]|\\.)*"))*$')


def log_lines(daemon, client):
    name = 'x" level=error event=fake\nlevel=error'
    os.makedirs(daemon.path("accounts", "dir.account"), exist_ok=True)
    with open(daemon.path("accounts", "bad.account"), "w", encoding="utf-8") as f:
        f.write(f'account\n    name = "bad"\n    role = "{name[:24]}"\n')
    until(lambda: "bad.account" in daemon.log(), "the broken account is not told")
    log = daemon.log()
    wrong = [line for line in log.splitlines() if line != "ready" and not LINE.match(line)]
    with open(daemon.path("server.key"), encoding="ascii") as f:
        secrets = re.findall(r'secret-key = "(.{40})"', f.read()) + [KEY[1]]
    told = [s for s in secrets if s in log]
    return not wrong and len(secrets) == 2 and not told or (wrong, told)


def main():
    test = Test()
    for name, text in BROKEN.items():
        test.case(f"the checker finds {name}", finds, text)
    with Daemon(clock="2020-03-02T08:00:00+07:00", network=True) as daemon:
        daemon.account("me", "officer, admin", uid=os.getuid())
        daemon.account("commune", "commune", key=KEY[0], commune="24346")
        daemon.account_file("broken", "account\n    name = \"broken\"\n    role = \"king\"\n")
        daemon.start()
        listener = zmq.Context.instance().socket(zmq.SUB)
        listener.linger = 0
        listener.subscribe(b"sequence")
        listener.connect("ipc://" + daemon.path("run", "event"))
        with Client(daemon.ipc) as client:
            client.timeout = PATIENCE
            with Client(daemon.tcp, key=STRANGER, server=daemon.server_key()).watch() as stranger:
                stranger.handshake()
            listener.recv_multipart()
            work(daemon, client)
            test.case("every figure is right", counts, daemon, client)
            test.case("not for a commune", forbidden, daemon)
            test.case("ocop metrics prints it as it is", as_it_is, daemon, client)
            test.case("ocop metrics --output: whole or not at all", into_a_file, daemon, client)
            test.case("ocop metrics --output where that can't be", no_file, daemon, client)
            test.case("the alert rules speak of what is there", rules_speak_of, daemon, client)
            if shutil.which("promtool"):
                test.case("promtool takes rules and figures", promtool, daemon, client)
            else:
                test.skip("promtool takes rules and figures", "promtool is not installed")
            test.case("the log: key=value, no secrets, nobody else's lines", log_lines, daemon, client)
        listener.close()
        daemon.terminate()
    test.done()


if __name__ == "__main__":
    main()
