#!/usr/bin/python3
"""`ocop import` with a real daemon: what a row becomes, every kind of bad file, and that nothing is
done by halves or twice."""
import csv
import io
import json
import os
import signal
import subprocess
import sys
import time

from harness import Daemon, PATIENCE, ROOT, Test
from stranger import Client
from terminal import Terminal

OCOP = os.path.join(ROOT, os.environ.get("OCOPD_BUILD", "build"), "ocop")
HEAD = "Tên sản phẩm,Bộ tiêu chí,Chủ thể,Loại hình,Xã/thị trấn,Ngày nhận,Số mẫu"
ROW = "Mật ong {n} (mẫu),honey,HTX {n} (mẫu),Hợp tác xã,Xã Ea Tam,05/03/2020,5"


def environment(daemon):
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C", "OCOP_ENDPOINT": daemon.ipc}


def ocop(daemon, *words, **more):
    return subprocess.run([OCOP, *words], cwd=daemon.folder, env=environment(daemon), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=PATIENCE * 2, check=False, **more)


def put(daemon, text, name="register.csv", encoding="utf-8"):
    with open(daemon.path(name), "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode(encoding))
    return name


def lines(*rows, head=HEAD):
    return "\r\n".join((head,) + rows) + "\r\n"


def sequence(daemon):
    with Client(daemon.ipc) as link:
        return link.call("server.ping")["sequence"]


def dossiers(daemon):
    with Client(daemon.ipc) as link:
        return link.call("server.status")["dossiers"]


def last(daemon, count=1):
    """The youngest dossiers' records, whole."""
    with Client(daemon.ipc) as link:
        numbers, after = [], {}
        while True:
            page = link.call("dossier.list", limit=500, **after)
            numbers += [d["dossier"] for d in page["dossiers"]]
            if not page["next"]:
                break
            after = {"after": page["next"]}
        return [link.call("dossier.get", dossier=n) for n in numbers[-count:]]


def event(daemon, number):
    with Client(daemon.ipc) as link:
        return link.call("dossier.history", dossier=number)["events"][-1]["data"]


# --- what a row becomes

FULL = {"TT": "1", "Tên sản phẩm": "Cà phê bột \"Ea Tam\"; loại 1 (mẫu)", "Bộ tiêu chí (nhóm/phân nhóm)": "ca phe, CA CAO",
        "Chủ thể": "HTX Cà phê (mẫu)\nxã Ea Tam", "Loại hình": "Hợp tác xã", "Xã/thị trấn (mã)": "Ea Tam (24352)",
        "Người đại diện": "Nguyễn Văn A", "SĐT": "0905 123 456", "Thư điện tử": "htx@example.vn", "Địa chỉ": "Thôn 3, Ea Tam",
        "Mã sản phẩm": "66-650-24352-1-2020", "Đợt": "Đợt 1 năm 2020", "Loại đăng ký": "Lần đầu", "Ngày nhận": "5/3/2020", "Số mẫu": "5",
        "registration": "x", "Phương án, kế hoạch kinh doanh sản phẩm": "Có", "Introduction of the organisation": "missing",
        "Hạn kiểm tra": "10/03/2020", "Sao (tỉnh)": "4", "Ghi chú": "=1+1 là ghi chú"}
WANTED = {"round": "2020-1", "kind": "first", "commune": "24352", "received": "2020-03-05", "samples": 5, "state": "submitted",
          "product": {"name": FULL["Tên sản phẩm"], "group": "coffee-cocoa"},
          "producer": {"name": FULL["Chủ thể"], "kind": "cooperative", "phone": "0905 123 456", "email": "htx@example.vn",
                       "address": "Thôn 3, Ea Tam"},
          "documents": [{"code": "registration", "status": "present"}, {"code": "business-plan", "status": "present"},
                        {"code": "organisation", "status": "missing"}]}


def full_row(daemon):
    """By any separator, with and without a mark, composed or not, in Vietnamese or English: the same record."""
    def text(separator, row, end):
        out = io.StringIO()
        writer = csv.writer(out, delimiter=separator, lineterminator=end)
        writer.writerow(row)
        writer.writerow(row.values())
        return out.getvalue()
    import unicodedata
    english = {"Số mẫu": "Samples", "Tên sản phẩm": "PRODUCT", "Chủ thể": "producer", "Ngày nhận": "Date received",
               "Loại hình": "Kind of producer", "Xã/thị trấn (mã)": "Commune", "Ghi chú": "Note"}
    codes = {"Xã/thị trấn (mã)": "24352", "Loại hình": "cooperative", "Ngày nhận": "2020-03-05", "Đợt": "2020-1", "Loại đăng ký": "first"}
    for n, (separator, mark, end, change) in enumerate((
            (",", "\ufeff", "\r\n", lambda r: r), (";", "", "\n", lambda r: r), ("\t", "\ufeff", "\n", lambda r: r),
            (";", "\ufeffsep=;\r\n", "\r\n", lambda r: r),
            (",", "", "\n", lambda r: {unicodedata.normalize("NFD", k): unicodedata.normalize("NFD", v) for k, v in r.items()}),
            (",", "", "\n", lambda r: {english.get(k, k): codes.get(k, v) for k, v in r.items()}))):
        row = dict(FULL, SĐT=f"0905 123 45{n}")
        done = ocop(daemon, "import", put(daemon, mark + text(separator, change(row), end)))
        if done.returncode:
            return separator, n, done
        record = last(daemon)[0]
        wanted = dict(WANTED, producer=dict(WANTED["producer"], phone=row["SĐT"]))
        got = {k: record.get(k) for k in wanted}
        note = event(daemon, record["dossier"])["note"]
        person = "Người đại diện" if n != 4 else "Người đại diện"
        if got != wanted or note != f"=1+1 là ghi chú; Mã sản phẩm: 66-650-24352-1-2020; {person}: Nguyễn Văn A":
            return n, got, wanted, note
        if "Hạn kiểm tra" not in done.stderr or "Sao (tỉnh)" not in done.stderr or "TT" in done.stderr:
            return "which columns are left out is not said", done
    return True


def proposed(daemon):
    """Without a day of receipt a product is proposed; under its number the dossier comes in later."""
    done = ocop(daemon, "import", put(daemon, lines("Chè (mẫu),\"Chè tươi, chế biến\",Hộ A (mẫu),Hộ kinh doanh,Tam Giang,,")))
    record = last(daemon)[0]
    if done.returncode or record["state"] != "proposed" or record["commune"] != "24358":
        return done, record
    again = lines(f"{record['dossier']},,,,,,06/03/2020,3", head="Số hồ sơ," + HEAD)
    done = ocop(daemon, "import", put(daemon, again))
    after = last(daemon)[0]
    if done.returncode or (after["dossier"], after["state"], after["samples"]) != (record["dossier"], "submitted", 3):
        return done, after
    done = ocop(daemon, "import", put(daemon, again.replace("06/03", "07/03")))
    return done.returncode == 65 and ":2: " in done.stderr and last(daemon)[0]["version"] == 2 or done


# --- bad files

BAD_FILES = {  # what is said of it
    "UTF-16": (lines(ROW).encode("utf-16"), ":1:1: this is UTF-16"),
    "UTF-16 without a mark": (lines(ROW).encode("utf-16-le"), ":1:1: this is UTF-16"),
    "Windows-1258": (lines("x") .encode("utf-8") + "Mật".encode("cp1258", "replace") + b"\xe2\xec ong,x\r\n", ":3:"),
    "one bad byte": (lines(ROW.format(n=1), "Mật ".replace("ậ", "\x00")).encode().replace(b"\x00", b"\xe2\xf2"), ":3:2: not UTF-8"),
    "a workbook": (b"PK\x03\x04rest", ":1:1: this is a workbook"),
    "zero bytes": (lines(ROW).encode() + b"\0" * 3, "zero bytes"),
    "nothing": (b"", ":1:1: there is nothing in it"),
    "only a mark": (b"\xef\xbb\xbf", ":1:1: there is nothing in it"),
    "an open quote": (lines(ROW.format(n=1), 'x,"y,z').encode(), ":3:3: the quote that begins here"),
    "text behind a quote": (lines('"x"y,z').encode(), ":2:4: there is text behind"),
    "a quote within": (lines('x"y",z').encode(), ":2:2: there is a quote within"),
    "a carriage return": (lines("x\ry").encode(), ":2:2: there is a carriage return alone"),
    "an unknown column": (lines(ROW, head=HEAD.replace("Chủ thể", "Chủ thẻ hồ sơ")).encode(), ':1: the column "Chủ thẻ hồ sơ" is not known'),
    "a slip in a column": (lines(ROW, head=HEAD.replace("Ngày nhận", "Ngày nhân sp")).encode(), '"Received" perhaps?'),
    "a column twice": (lines(ROW, head=HEAD + ",Cơ sở sản xuất").encode(), '"Chủ thể" and "Cơ sở sản xuất" are the same'),
    "a document twice": (lines(ROW, head=HEAD + ",registration,registration").encode(), "are the same"),
    "a column missing": (lines(ROW, head=HEAD.replace("Loại hình,", "")).encode(), 'the column "Kind of producer" is missing'),
}


def bad_file(daemon, name):
    content, words = BAD_FILES[name]
    before = sequence(daemon)
    done = ocop(daemon, "import", put(daemon, content), "--skip-errors")
    if sequence(daemon) != before or done.returncode != 65 or words not in done.stderr or done.stdout:
        return words, done
    vi = ocop(daemon, "--lang", "vi", "import", "register.csv").stderr
    return vi != done.stderr and not os.path.exists(daemon.path("register.csv.errors.csv")) or vi


GOOD = [ROW.format(n=f"tốt {i}") for i in range(3)]
BAD_ROWS = [  # row, the column and the words of its error
    ("A,honey,B,Hợp tác xã,Ea Tam,31/02/2020,5", 'Ngày nhận: "31/02/2020" is no day'),
    ("A,honey,B,Hợp tác xã,Ea Tam,5/3/20,5", 'Ngày nhận: "5/3/20" is no day'),
    ("A,Mật ong,B,Hợp tác xã,Ea Tam,05/03/2020,5", 'Bộ tiêu chí: the programme has no "Mật ong"; "Honey'),
    ("A,honey,B,Công ty xổ số,Ea Tam,05/03/2020,5", 'Loại hình: the programme has no "Công ty xổ số"'),
    ("A,honey,B,Hợp tác xã,Buôn Hồ,05/03/2020,5", "Xã/thị trấn: the programme has no"),
    ("A,honey,B,Hợp tác xã,Ea Tam,05/03/2020,năm", 'Số mẫu: "năm" is no whole number'),
    ("A,honey,B,Hợp tác xã,Ea Tam,05/03/2020,", "Số mẫu: is needed"),
    ("A,honey,,,Ea Tam,05/03/2020,5", "Chủ thể: is needed"),
    ("A,honey,B,Hợp tác xã,Ea Tam,,5", "Ngày nhận: is empty"),
    ("A,honey,B,Hợp tác xã,Ea Tam,05/03/2020", "the row has 6 fields"),
    ("A,honey,B,Hợp tác xã,Ea Tam,05/03/2020,5,6", "the row has 8 fields"),
    (GOOD[1], "this row says the same as line 3"),
    ("A,honey,B,Hợp tác xã,Ea Tam,31/12/2020,5", "Ngày nhận: "),       # these two are the daemon's
    ("A" * 401 + ",honey,B,Hợp tác xã,Ea Tam,05/03/2020,5", "Tên sản phẩm: "),
]


def every_error(daemon):
    """Each by its line, and nothing is imported; left out they stand in a file that can be mended."""
    before = sequence(daemon)
    put(daemon, lines(GOOD[0], GOOD[1], *(row for row, _ in BAD_ROWS), GOOD[2]))
    done = ocop(daemon, "import", "register.csv")
    told = done.stderr.splitlines()
    for number, (_, words) in enumerate(BAD_ROWS, 4):
        if not any(line.startswith(f"register.csv:{number}: {words}") for line in told):
            return number, words, done.stderr
    if done.returncode != 65 or sequence(daemon) != before or any(f"register.csv:{n}:" in done.stderr for n in (2, 3, 18)):
        return done
    done = ocop(daemon, "import", "register.csv", "--skip-errors", "--dry-run", "--json")
    if json.loads(done.stdout)["wrong"] != 14 or sequence(daemon) != before:
        return "--dry-run", done
    done = ocop(daemon, "import", "register.csv", "--skip-errors", "--json")
    result = json.loads(done.stdout)
    if done.returncode != 1 or sequence(daemon) != before + 3:
        return done
    if [result[k] for k in ("rows", "imported", "before", "wrong")] != [17, 3, 0, 14] or result["errors"][0]["line"] != 4:
        return result
    with open(daemon.path("register.csv.errors.csv"), encoding="utf-8-sig", newline="") as f:
        left = list(csv.reader(f))
    if left[0] != HEAD.split(",") + ["Error"] or [r[:-1] for r in left[1:]] != [r.split(",") for r, _ in BAD_ROWS]:
        return left
    if not all(BAD_ROWS[i][1].split(":")[-1][:8] in r[-1] for i, r in enumerate(left[1:])):
        return left
    mended = [r for r in left if "31/02/2020" not in r] + [[c.replace("31/02", "01/03") for c in left[1]]]
    out = io.StringIO()
    csv.writer(out).writerows([left[0]] + mended[-1:] + left[2:3])
    done = ocop(daemon, "import", put(daemon, out.getvalue(), "mended.csv"), "--skip-errors")
    if done.returncode != 1 or sequence(daemon) != before + 4:
        return done
    with open(daemon.path("mended.csv.errors.csv"), encoding="utf-8-sig", newline="") as f:
        return [len(r) for r in csv.reader(f)] == [8, 8] or "the column of errors is not written anew"


def forbidden(daemon):
    """Who may not import is told so once, and not by every row."""
    daemon.account("office", "steering", uid=os.getuid())
    with Client(daemon.ipc) as link:
        while link.refusal("dossier.complete", dossier="KN-2020-0001").kind != "forbidden":
            pass
    done = ocop(daemon, "import", put(daemon, lines(*(ROW.format(n=f"cấm {i}") for i in range(100)))))
    daemon.account("office", "officer, admin", uid=os.getuid())
    with Client(daemon.ipc) as link:
        while link.refusal("dossier.complete", dossier="KN-2020-0001").kind == "forbidden":
            pass
    return done.returncode == 77 and len(done.stderr.splitlines()) < 5 or done


def usage(daemon):
    cases = {(): 64, ("a", "b"): 64, ("--colour", "a"): 64, ("nothing.csv",): 66, (".",): 66}
    for words, code in cases.items():
        done = ocop(daemon, "import", *words)
        if done.returncode != code or not done.stderr:
            return words, done
    done = subprocess.run([OCOP, "--endpoint", "ipc:///tmp/nobody.there", "--timeout", "0.2", "import", put(daemon, lines(GOOD[0]))],
                          cwd=daemon.folder, capture_output=True, text=True, check=False, timeout=PATIENCE)
    return done.returncode == 69 or done


# --- once, whatever happens

def again(daemon):
    """The same rows, in whatever order and file, are imported once."""
    rows = [ROW.format(n=f"lại {i}") for i in range(150)]
    before = sequence(daemon)
    for order, imported in ((rows[:100], 100), (rows[:100], 0), (rows[::-1], 50), (rows, 0)):
        done = ocop(daemon, "import", put(daemon, lines(*order)), "--json")
        result = json.loads(done.stdout)
        if done.returncode or (result["imported"], result["before"]) != (imported, len(order) - imported):
            return imported, done
    return sequence(daemon) == before + 150


def killed(daemon):
    """Killed between any two batches, the client or the daemon: the same command does the rest."""
    rows = [ROW.format(n=f"đứt {i}") for i in range(4000)]
    put(daemon, lines(*rows))
    before, kills = dossiers(daemon), 0
    for victim in ("client", "client", "daemon", "client", "daemon"):
        came = sequence(daemon)
        process = subprocess.Popen([OCOP, "--timeout", "1", "import", "register.csv"], cwd=daemon.folder, env=environment(daemon),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + PATIENCE
        with Client(daemon.ipc) as link:
            while link.call("server.ping")["sequence"] < came + 200 and process.poll() is None and time.monotonic() < deadline:
                pass
        if victim == "client":
            process.kill()
            process.communicate()
        else:
            daemon.kill()
            _, said = process.communicate(timeout=PATIENCE)
            if process.returncode not in (0, 69) or (process.returncode == 69 and "the same command again" not in said):
                return process.returncode, said
            daemon.start()
        kills += process.returncode != 0
    done = ocop(daemon, "import", "register.csv", "--json")
    result = json.loads(done.stdout)
    names = {d["product"]["name"] for d in last(daemon, 4000)}
    if kills < 2 or done.returncode or result["imported"] + result["before"] != 4000 or not result["before"]:
        return kills, done
    return dossiers(daemon) == before + 4000 and len(names) == 4000 or (dossiers(daemon) - before, len(names))


def shown(daemon):
    """Progress on a terminal, within its width even if that is 40 columns; none in a pipe."""
    for lang, words in (("vi", "Đang nhập"), ("en", "Importing")):
        put(daemon, lines(*(ROW.format(n=f"xem {lang} {i}") for i in range(12000))))
        terminal = Terminal([OCOP, "--lang", lang, "import", daemon.path("register.csv")], environment(daemon), columns=40)
        code = terminal.end()
        said = terminal.said.decode()
        steps = [s for s in said.split("\r") if "%" in s]
        if code or not any(words in s for s in steps):
            return lang, code, said[-2000:]
        if any(len(s.replace("\x1b[K", "").rstrip("\n")) > 39 for s in steps):
            return "longer than the terminal", steps
    done = ocop(daemon, "import", "register.csv")
    return done.returncode == 0 and "%" not in done.stderr or done


def main():
    t = Test()
    with Daemon(clock="2020-03-10T08:00:00+07:00") as daemon:
        daemon.account("office", "officer, admin", uid=os.getuid())
        daemon.start()
        t.case("a whole row: every column, separator, mark, form and language", full_row, daemon)
        t.case("proposed, and submitted under its number later", proposed, daemon)
        for name in BAD_FILES:
            t.case(f"{name}: said with its place, nothing done", bad_file, daemon, name)
        t.case("every error by its line; --skip-errors leaves a file to mend", every_error, daemon)
        t.case("who may not import is told once", forbidden, daemon)
        t.case("bad words and no daemon", usage, daemon)
        t.case("the same rows again do nothing twice", again, daemon)
        t.case("killed midway, client or daemon, and repeated: every row once", killed, daemon)
        t.case("progress on a narrow terminal", shown, daemon)
        t.ok(daemon.terminate() is None and daemon.verify() == 0, "the journal verifies")
    t.done()


if __name__ == "__main__":
    main()
