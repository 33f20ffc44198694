#!/usr/bin/python3
"""`ocop journal`: what is exported is the journal, byte for byte; a change of any byte is found without
a daemon, and told as b2sum would have it."""
import json
import os
import random
import subprocess
import sys

from harness import Daemon, PATIENCE, ROOT, Test
from stranger import Client

OCOP = os.path.join(ROOT, os.environ.get("OCOPD_BUILD", "build"), "ocop")
DOSSIERS = 1100  # more than two pages of events with those of feeds
SUBMIT = {"product": {"name": "Mật ong hoa cà phê (mẫu)", "group": "honey"}, "documents": [], "samples": 5,
          "producer": {"name": "HTX \"Ea Tam\" (mẫu)\nxã Ea Tam", "kind": "cooperative"}, "commune": "24352"}


def ocop(daemon, *words, **more):
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C", "OCOP_ENDPOINT": daemon.ipc}
    return subprocess.run([OCOP, *words], cwd=daemon.folder, env=env, capture_output=True, timeout=PATIENCE * 2,
                          check=False, **more)


def b2sum(text):
    return subprocess.run(["b2sum", "-l", "256"], input=text, capture_output=True, check=True).stdout[:64].decode()


def stored(daemon):
    """The texts of the journal's own files."""
    folder, texts = os.path.join(daemon.state, "journal"), []
    for name in sorted(n for n in os.listdir(folder) if n.endswith(".journal")):
        with open(os.path.join(folder, name), "rb") as f:
            texts += [line.split(b" ", 1)[1] for line in f.read().replace(b"\0", b"").splitlines()]
    return texts


def fill(daemon):
    with Client(daemon.ipc) as link:
        for i in range(0, DOSSIERS, 50):
            link.send(b"", json.dumps([{"jsonrpc": "2.0", "id": n, "method": "dossier.submit", "params": SUBMIT}
                                       for n in range(50)]))
            link.answer()
            feed = {"feed": f"nghe-{i % 7}"}
            link.call("feed.open", feed)
            link.call("feed.ack", feed, sequence=i)


def exported(daemon):
    done = ocop(daemon, "journal", "export")
    if done.returncode:
        return done
    texts = stored(daemon)
    if done.stdout != b"".join(t + b"\n" for t in texts):
        return "not what the journal's files have"
    whole = ocop(daemon, "journal", "export", "--output", "all.jsonl", "--json")
    with open(daemon.path("all.jsonl"), "rb") as f:
        if f.read() != done.stdout:
            return "--output has something else"
    told = json.loads(whole.stdout)
    if told != {"events": len(texts), "first": 1, "last": len(texts), "hash": b2sum(texts[-1])}:
        return told
    part = ocop(daemon, "journal", "export", "--after", "1001")
    return part.stdout == b"".join(t + b"\n" for t in texts[1001:]) or "--after"


def verified(daemon):
    """One file, several in order, the journal's own files, standard input: all agree with b2sum."""
    texts = stored(daemon)
    for name, some in (("a", texts[:700]), ("b", texts[700:])):
        with open(daemon.path(name), "wb") as f:
            f.write(b"".join(t + b"\n" for t in some))
    folder = os.path.join(daemon.state, "journal")
    segments = sorted(os.path.join(folder, n) for n in os.listdir(folder) if n.endswith(".journal"))
    wanted = {"events": len(texts), "first": 1, "last": len(texts), "hash": b2sum(texts[-1])}
    for files, options in ((["all.jsonl"], {}), (["a", "b"], {}), (segments, {}), (["-"], {"input": b"\n".join(texts)})):
        done = ocop(daemon, "journal", "verify", "--json", *files, **options)
        if done.returncode or json.loads(done.stdout) != wanted:
            return files, done
    tail = ocop(daemon, "journal", "verify", "b")
    return tail.returncode == 0 and b"what was before event 701" in tail.stderr or tail


def found(daemon, seed):
    """Whatever is done to it, the first line that can't be right is named."""
    texts, rng = stored(daemon)[:60], random.Random(seed)
    at = rng.randrange(1, 58)
    other = bytearray(texts[at])
    other[other.index(b'"commune":"24352"') + 15] = ord("3")
    spaced = texts[at].replace(b'{"specversion"', b'{ "specversion"')
    again = json.loads(texts[at])
    again["prevhash"] = "0" * 64
    again = json.dumps(again, ensure_ascii=False, separators=(",", ":")).encode()
    cases = {  # the lines, and the line to be named
        "a byte changed": (texts[:at] + [bytes(other)] + texts[at + 1:], at + 2),
        "a blank put in": (texts[:at] + [spaced] + texts[at + 1:], at + 2),
        "another prevhash": (texts[:at] + [again] + texts[at + 1:], at + 1),
        "a line taken out": (texts[:at] + texts[at + 1:], at + 1),
        "a line twice": (texts[:at] + [texts[at]] + texts[at:], at + 2),
        "two lines exchanged": (texts[:at] + [texts[at + 1], texts[at]] + texts[at + 2:], at + 1),
        "a line cut off": (texts[:at] + [texts[at][:100]], at + 1),
        "an empty line": (texts[:at] + [b""] + texts[at:], at + 1),
        "zero bytes within": (texts[:at] + [b"\0" * 10] + texts[at:], at + 2),
        "no event": ([b"{}"], 1),
        "nothing": ([], 0),
    }
    for name, (lines, wanted) in cases.items():
        with open(daemon.path("bad"), "wb") as f:
            f.write(b"".join(line + b"\n" for line in lines))
        done = ocop(daemon, "journal", "verify", "bad")
        if done.returncode != 1 or not done.stderr.startswith(f"bad:{wanted}: ".encode()) or done.stdout:
            return f"{name}, line {wanted}, --seed {seed}", done
    with open(daemon.path("bad"), "wb") as f:  # a segment's hash
        f.write(b"".join(f"{b2sum(t) if i != at else '0' * 64} ".encode() + t + b"\n" for i, t in enumerate(texts)))
    done = ocop(daemon, "journal", "verify", "bad")
    return done.returncode == 1 and done.stderr.startswith(f"bad:{at + 1}: ".encode()) or done


def refused(daemon):
    """Who does not see all of it gets nothing, and nothing half done stays."""
    daemon.account("office", "officer", uid=os.getuid())
    with Client(daemon.ipc) as link:
        while link.refusal("server.backup", name="x") is None:
            pass
        link.call("feed.open", feed="cua-phong")
    before = sorted(os.listdir(daemon.folder))
    sheet = ocop(daemon, "journal", "export", "--output", "x.jsonl", "--after", "5")
    if sheet.returncode == 0:
        os.unlink(daemon.path("x.jsonl"))  # no sheet of a council in it: an officer sees it all
    cases = {("export", "--after", "x"): 64, ("export", "y"): 64, ("verify",): 64, ("burn",): 64,
             ("verify", "/nonexistent"): 66, ("export", "--output", "/nonexistent/x"): 73,
             ("verify", "--after", "1", "a"): 64}
    for words, code in cases.items():
        done = ocop(daemon, "journal", *words)
        if done.returncode != code or not done.stderr:
            return words, done
    limited = subprocess.run(["sh", "-c", 'trap "" XFSZ; ulimit -f 100; exec "$@"', "sh", OCOP, "--endpoint", daemon.ipc,
                              "journal", "export", "--output", "x.jsonl"], cwd=daemon.folder, capture_output=True,
                             timeout=PATIENCE, check=False)
    if limited.returncode != 74 or sorted(os.listdir(daemon.folder)) != before:
        return limited, os.listdir(daemon.folder)
    daemon.account("office", "commune", uid=os.getuid(), commune="24346")
    with Client(daemon.ipc) as link:
        while link.refusal("feed.list") or link.call("dossier.list")["dossiers"]:
            pass
    none = ocop(daemon, "journal", "export", "--output", "x.jsonl")
    return none.returncode == 77 and sorted(os.listdir(daemon.folder)) == before or none


def main():
    seed = int(sys.argv[2]) if sys.argv[1:2] == ["--seed"] else random.randrange(1 << 30)
    t = Test()
    with Daemon(clock="2020-03-02T08:00:00+07:00") as daemon:
        daemon.account("office", "officer, admin", uid=os.getuid())
        daemon.start()
        fill(daemon)
        t.case("export gives the journal's exact texts, feeds' events among them", exported, daemon)
        t.case("verify agrees with b2sum, over files, several, segments and standard input", verified, daemon)
        t.case("verify names the first bad line, whatever was done", found, daemon, seed)
        t.case("who does not see all gets nothing, and nothing half done stays", refused, daemon)
    t.done()


main()
