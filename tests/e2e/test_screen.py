#!/usr/bin/python3
"""What people see of ocop: on terminals of 120, 80 and 40 columns and through a pipe, in both languages,
against tests/e2e/golden/; colours, CSV, refusals, mistyped verbs, watching.

    GOLDEN=write tests/e2e/test_screen.py      writes what it sees; read the difference before committing it
"""
import csv
import io
import os
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Daemon, Test  # noqa: E402
from screen_world import World, width  # noqa: E402

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
NEW = ["propose", "--product-name", "Trà"]
OF = ["--commune", "24346", "--producer-name", "HTX", "--producer-kind"]
# Of status all figures depend on the build; it is looked at by its own test.
SEEN = (["list"], ["show", "coffee"], ["show", "pepper"], ["history", "coffee"], ["deadlines"], ["feeds"], ["report"],
        ["deadline", "01/04/2020", "3"], ["complete", "coffee"], ["complete", "honey"], ["score", "bamboo"], ["help", "rank"],
        ["show", "KN-2020-0999"], ["list", "--commune", "1"], ["list", "--state", "retrned"],
        [*NEW, "--product-group", "tea"], [*NEW, "--product-group", "te", *OF, "farm"], [*NEW, "--product-group", "tea", *OF, "htx"])
QUERIES = (["list"], ["show", "coffee"], ["history", "pepper"], ["events"], ["deadlines"], ["feeds"], ["report"], ["status"], ["ping"],
           ["workflow"], ["workflow", "dot"], ["criteria", "--group", "textile"], ["deadline", "01/04/2020", "3"], ["metrics"])


def words_of(world, words):
    return [world.of.get(w, w) for w in words]


def golden(name, text):
    """True, or where it differs."""
    path = os.path.join(GOLDEN, name)
    if os.environ.get("GOLDEN") == "write":
        os.makedirs(GOLDEN, exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return True
    with open(path, encoding="utf-8") as f:
        wanted = f.read()
    if text == wanted:
        return True
    for number, (got, want) in enumerate(zip(text.split("\n"), wanted.split("\n")), 1):
        if got != want:
            return f"{name}:{number}\n got {got!r}\nwant {want!r}"
    return f"{name}: {len(text)} bytes, wanted {len(wanted)}"


def screen(world, lang, columns):
    """Everything of SEEN, one after the other, on a terminal or (None) through a pipe."""
    parts = []
    for words in SEEN:
        line = ["--lang", lang, *words_of(world, words)]
        if columns:
            code, shown = world.on_terminal(columns, *line)
        else:
            code, out, err = world.run(*line)
            shown = out + err
        parts.append(f"$ ocop {' '.join(line)}   # {code}\n{shown}")
    return "\n".join(parts)


def fits(text, columns):
    """No line is wider than the terminal, but commands, which are to be copied, and usage."""
    for line in ESCAPE.sub("", text).split("\n"):
        if width(line) > columns and not line.strip().startswith(("ocop ", "usage: ", "cách dùng: ", "$ ocop")):
            return f"{width(line)} columns: {line!r}"
    return True


def no_controls(text):
    rest = ESCAPE.sub("", text)
    bad = [c for c in rest if (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160]
    return not bad or f"control characters: {bad!r}"


def test_golden(t, world):
    for lang in ("vi", "en"):
        for columns in (120, 80, 40, None):
            text = screen(world, lang, columns)
            t.case(f"{lang}, {columns or 'pipe'}: as it was", golden, f"screen-{lang}-{columns or 'pipe'}.txt", text)
            t.case(f"{lang}, {columns or 'pipe'}: nothing steers the terminal", no_controls, text)
            if columns:
                t.case(f"{lang}, {columns}: it fits", fits, text, columns)
            else:
                t.ok("\x1b" not in text, f"{lang}: no escape sequences through a pipe")
    narrow = world.on_terminal(8, "list")[1]
    t.case("8 columns: it fits", fits, narrow, 8)


def test_colours(t, world):
    def shown(*more, **environment):
        return "\x1b[" in world.on_terminal(100, "list", *more, **environment)[1]
    t.ok(shown(), "a terminal has colours")
    t.ok(not shown(NO_COLOR="1"), "not with NO_COLOR")
    t.ok(shown(NO_COLOR=""), "an empty NO_COLOR is none")
    t.ok(not shown(TERM="dumb"), "not on a dumb terminal")
    t.ok(shown("--color", "always", NO_COLOR="1"), "--color always is stronger than NO_COLOR")
    t.ok(not shown("--color=never"), "--color never")
    t.ok("\x1b[" in world.run("list", "--color", "always")[1], "--color always through a pipe")
    t.equal(world.run("list", "--color", "red")[0], 64, "no such choice of colours")
    alarm = [line for line in world.run("list", "--color", "always")[1].split("\n") if "\x1b[1;31m" in line]
    t.ok(len(alarm) == 1 and world.of["bamboo"] in alarm[0], "what is overdue is red, and that alone", alarm)
    plain = ESCAPE.sub("", world.run("list", "--color", "always")[1])
    t.equal(plain, world.run("list")[1], "colours change nothing else")


def rows(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv(t, world):
    for words in QUERIES:
        code, out, err = world.run(*words_of(world, words), "--csv")
        table = list(csv.reader(io.StringIO(out, newline=""), strict=True))
        t.ok(code == 0 and not err and len(table) > 1 and all(len(row) == len(table[0]) for row in table),
             f"{' '.join(words)}: a rectangle", (code, err, table[:2]))
        t.ok(out.count("\r\n") >= len(table) and "\x1b[3" not in out.replace("\x1b[31m", ""), f"{' '.join(words)}: lines end as RFC 4180 wants")
    for d, row in zip(world.json("list")["dossiers"], rows(world.run("list", "--csv", "--lang", "vi")[1])):
        got = (row["dossier"], row["state"], row["product.name"], row["producer.name"], row["due"], row["overdue"])
        t.equal(got, (d["dossier"], d["state"], d["product"]["name"], d["producer"]["name"], d.get("due", ""),
                      str(d["overdue"]).lower()), f"{d['dossier']}: the record's own values, whatever is in them")
    t.equal({r["state_words"] for r in rows(world.run("list", "--csv", "--state", "submitted", "--lang", "vi")[1])}, {"Đã tiếp nhận"},
            "codes have their words beside them")
    values = {r["name"]: r["value"] for r in rows(world.run("show", world.of["pepper"], "--csv")[1])}
    t.equal((values["support[0].amount"], values["score.points"], values["product.name"]), ("15000000", "72.28", "Tiêu đen hạt xay (mẫu)"),
            "a dossier: a row for every value")
    report = world.json("report")
    counts = {(r["table"], r["code"]): r["count"] for r in rows(world.run("report", "--csv")[1])}
    t.equal({code: int(n) for (table, code), n in counts.items() if table == "state"}, report["state"], "the report's states")
    t.equal(counts["targets", "ranked"], "1", "the report's targets")
    t.equal(len(world.json("events")["events"]), len(rows(world.run("events", "--csv")[1])), "an event a row")
    t.equal(world.run("note", world.of["pepper"], "x", "--csv")[1].split("\r\n")[0], "name,value", "a write's answer")
    t.equal(world.run("list", "--csv", "--json")[1][:1], "{", "the later of --csv and --json counts")


def test_list(t, world):
    for text, found in (("ca phe", ["coffee", "honey"]), ("CÀ PHÊ BỘT", ["coffee"]), ("quyet thang", ["coffee"])):
        t.equal(world.run("list", "--text", text, "-q")[1].split(), [world.of[name] for name in found], f"--text {text!r}")
    for filters, wanted in ((("--state", "supported"), "pepper"), (("--commune", "24367"), "bamboo"), (("--group", "honey"), "honey"),
                            (("--overdue",), "bamboo"), (("--stars", "4"), "pepper"), (("--round", "2020-1", "--overdue"), "bamboo")):
        t.equal(world.run("list", "-q", *filters)[1].split(), [world.of[wanted]], f"list {' '.join(filters)}")
    t.ok("--after " in world.run("list", "--limit", "2")[1], "a list that goes on says how")
    code, out, err = world.run("list", "--limit", "2", "--csv")
    t.ok(code == 0 and "--after" not in out and "--after" in err, "CSV says it beside")
    t.equal(world.run("list", "--text", "xyz", "--lang", "vi")[1], "không có hồ sơ nào\n", "nothing found")
    t.equal(world.run("deadlines", "-q")[1], "", "quiet")


def test_errors(t, world):
    code, out, err = world.run("complete", world.of["coffee"], "--lang", "vi")
    t.ok((code, out) == (1, "") and f"ocop resubmit {world.of['coffee']} --document 'MÃ=TÌNH TRẠNG[:GHI CHÚ]'" in err
         and "Có thể làm ngay" in err and "mục III.3" in err, "what may be done now, ready to be typed", err)
    t.equal(world.run("list", "--state", "retruned")[2].split("\n")[1], "  probably meant: returned", "a code that is nearly one")
    t.equal(world.run("list", "--types", "x")[0], 64, "an option of another verb")
    for lang, words, wanted in (("en", ["shwo"], "did you mean: ocop show\n"), ("vi", ["shwo"], "có thể ý bạn là: ocop show\n"),
                                ("en", ["dead"], "did you mean: ocop deadlines\n"), ("en", ["lits"], "did you mean: ocop list\n"),
                                ("en", ["acount", "add"], "did you mean: ocop account\n"), ("en", ["help", "shwo"], "did you mean: ocop show\n"),
                                ("en", ["xyzzy"], "see: ocop help [VERB]\n"), ("en", ["list", "--comune", "1"], "did you mean: --commune\n"),
                                ("vi", ["watch", "--typse", "x"], "có thể ý bạn là: --types\n"), ("en", ["show", "--jsno"], "did you mean: --json\n"),
                                ("en", ["submit", "--product-nam", "x"], "did you mean: --product-name\n"),
                                ("en", ["account", "add", "x", "--rol", "y"], "did you mean: --role\n")):
        code, out, err = world.run("--lang", lang, *words)
        t.ok((code, out) == (64, "") and err.endswith(wanted), f"{lang} {' '.join(words)}", (code, out, err))


def test_status(t, world):
    code, shown = world.on_terminal(80, "status", "--lang", "vi")
    t.ok(code == 0 and ESCAPE.sub("", shown).startswith("mọi việc bình thường\n") and shown.count("\n") <= 16, "a page at a glance", shown)
    t.ok(fits(shown, 80), "it fits")
    world.daemon.account_file("hong", "account\n    name = \n")
    for _ in range(2000):
        if world.link.call("server.status")["broken"]:
            break
    lines = world.on_terminal(80, "status")[1].split("\n")
    t.ok("broken account file: " in lines[0] and "\x1b[1;31m" in lines[0], "what is wrong comes first", lines[0])
    world.daemon.remove_account("hong")


class Watch:
    """`ocop watch` through a pipe."""

    def __init__(self, world, *words):
        self.process = subprocess.Popen([world.ocop, "watch", *words], env=world.environment(), stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)

    def line(self):
        return self.process.stdout.readline()

    def end(self, number):
        self.process.send_signal(number)
        self.process.communicate(timeout=60)
        return self.process.returncode


def test_watch(t, world):
    last = world.link.call("server.ping")["sequence"]
    watch = Watch(world, "--json", "--after", str(last))
    world.act("note", "pepper", text="một")
    first = watch.line()
    exact = world.link.call("event.read", after=last, raw=True)["events"]
    t.equal(first, exact[0] + "\n", "an event a line, its exact text")
    world.daemon.kill()
    t.ok("no answer from" in watch.process.stderr.readline(), "it says that the daemon is gone")
    world.daemon.start()
    t.ok("answers again" in watch.process.stderr.readline(), "and that it is back")
    world.act("note", "pepper", text="hai")
    t.ok('"text":"hai"' in watch.line(), "it goes on where it was")
    t.equal(watch.end(signal.SIGINT), 0, "an interrupt ends it, with 0")
    watch = Watch(world, "--lang", "vi", "--types", "withdrawn", "--after", "0")
    line = watch.line()
    t.ok(line.startswith("12/03/2020 15:00:00  " + world.of["honey"]) and "Rút hồ sơ → Đã rút hồ sơ (van-phong): Lý do: Chủ thể rút" in line,
         "for people", line)
    t.equal(watch.end(signal.SIGTERM), 0, "SIGTERM too")
    watch = Watch(world, "--csv", "--communes", "24352", "--after", "0")
    head, row = watch.line(), watch.line()
    t.ok(head.startswith("sequence,time,subject,") and f",{world.of['honey']}," in row, "as CSV", (head, row))
    watch.end(signal.SIGINT)
    t.equal(world.run("watch", "--types", "nonsense")[0], 1, "a type that is none")
    t.equal(world.run("watch", "--endpoint", "ipc:///tmp/nobody", "--timeout", "0.2")[0], 69, "nobody there")
    t.ok('"events":[]' in world.run("events", "--wait", "1", "--json", "--after", str(last + 100))[1], "events that wait")


def main():
    t = Test()
    with Daemon(clock="2020-03-02T08:30:00+07:00") as daemon:
        world = World(daemon)
        world.season()
        for test in (test_golden, test_colours, test_csv, test_list, test_errors, test_status, test_watch):
            test(t, world)
    t.done()


main()
