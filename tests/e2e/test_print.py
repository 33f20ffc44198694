#!/usr/bin/python3
"""The papers of `ocop print`: their text by pdftotext against tests/e2e/papers, their pages as images,
their HTML, who may print what and when, and that nothing is left where one can't be made.

    tests/e2e/test_print.py --write     writes tests/e2e/papers anew: look at them before they are kept
"""
import collections
import glob
import html.parser
import os
import re
import resource
import subprocess
import sys
import tempfile
import unicodedata

from harness import Daemon, ROOT, Test
from print_world import NASTY, REASONS, World

PAPERS = os.path.join(ROOT, "tests", "e2e", "papers")
TEMPLATES = os.path.join(ROOT, "config", "print")
DPI = 50
PAGE = (414, 585)       # A4 at 50 dpi

GOLDEN = {  # name of the file -> kind, dossier, options
    "receipt": ("receipt", "received", ["--number", "07/GTN-NNPTNT", "--signer", "Nguyễn Thị Hường"]),
    "return-notice": ("return-notice", "returned", []),
    "sheet-empty": ("sheet", "complete", []),
    "sheet-filled": ("sheet", "assessed", ["--member", "health"]),
    "minutes": ("minutes", "scored", []),
    "minutes-below": ("minutes", "below", []),
    "letter-draft": ("letter", "scored", []),
    "letter": ("letter", "forwarded", ["--place", "Buôn Ma Thuột", "--date", "09/03/2020", "--signer", "Châu Văn Lượm"]),
    "result-scored": ("result-notice", "scored", []),
    "result-below": ("result-notice", "below", []),
    "result-disqualified": ("result-notice", "disqualified", []),
    "result-ranked": ("result-notice", "supported", ["--date", "2020-03-12"]),
}

# Which dossiers each paper can be made of; all others are refused.
WHEN = {
    "receipt": {"received", "returned", "complete", "assessed", "scored", "below", "forwarded", "disqualified", "supported"},
    "return-notice": {"returned"},
    "sheet": {"complete", "assessed"},
    "minutes": {"scored", "below", "forwarded", "supported"},
    "letter": {"scored", "forwarded", "supported"},
    "result-notice": {"scored", "below", "forwarded", "disqualified", "supported"},
}

VOID = {"meta", "br", "hr", "col"}
WITHIN = {"b", "i", "u", "small"}


def made(world, kind, name, *options, **more):
    """What a paper's process puts out; any complaint is a failure."""
    done = world.print(kind, name, *options, **more)
    assert done.returncode == 0 and not done.stderr, (kind, name, done.returncode, done.stderr.decode())
    return done.stdout


def text_of(pdf):
    return subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, check=True, capture_output=True).stdout.decode()


def pages_of(pdf):
    """The pages as grey images: width, height, rows."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["pdftoppm", "-gray", "-r", str(DPI), "-", folder + "/p"], input=pdf, check=True)
        pages = []
        for file in sorted(glob.glob(folder + "/p*")):
            with open(file, "rb") as f:
                magic, size, most, data = f.read().split(b"\n", 3)
            assert magic == b"P5" and most == b"255"
            width, height = map(int, size.split())
            pages.append((width, height, [data[y * width:(y + 1) * width] for y in range(height)]))
        return pages


def ink(page):
    """Left, top, right, bottom of what is dark, and its share of the page."""
    width, height, rows = page
    dark = [(x, y) for y, row in enumerate(rows) for x, grey in enumerate(row) if grey < 160]
    if not dark:
        return None
    xs, ys = [x for x, _ in dark], [y for _, y in dark]
    return min(xs), min(ys), max(xs), max(ys), len(dark) / (width * height)


class Page(html.parser.HTMLParser):
    """The words of an HTML page, and whether its elements are closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.text, self.tags, self.wrong = [], "", collections.Counter(), []
        self.feed(text)
        self.close()
        self.words = self.text.split()
        self.wrong += self.open

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.text += "" if tag in WITHIN else " "
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        self.text += "" if tag in WITHIN else " "
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "title"):
            self.text += data


# --- the papers as they should be

def golden(pdf, name):
    text = text_of(pdf)
    if not unicodedata.is_normalized("NFC", text):
        return "not composed"
    file = os.path.join(PAPERS, name + ".txt")
    if "--write" in sys.argv:
        with open(file, "w", encoding="utf-8") as f:
            f.write(text.replace("\f", ""))
        return True
    with open(file, encoding="utf-8") as f:
        wanted = f.read()
    # Word for word; where lines break is the fonts' affair.
    return text.split() == wanted.split() or text


def looks(pdf, name):
    """A4, nothing blank, nothing beyond the margins but number and footer, no hole of a font."""
    margins = re.search(r"^@margins (\d+) (\d+) (\d+) (\d+)", open(
        os.path.join(TEMPLATES, GOLDEN[name][0] + ".txt"), encoding="utf-8").read(), re.M)
    _, right, _, left = (int(mm) / 25.4 * DPI for mm in margins.groups())
    for number, page in enumerate(pages_of(pdf), 1):
        if page[:2] != PAGE:
            return f"page {number} is {page[:2]}"
        found = ink(page)
        if not found or not 0.002 < found[4] < 0.3:
            return f"page {number}: ink {found}"
        if found[0] < left - 2 or found[2] > PAGE[0] - right + 2 or found[1] < 8 or found[3] > PAGE[1] - 8:
            return f"page {number}: ink at {found}"
    return True


def fonts(pdf):
    """Every font is in the file, has its way back to text, and is the one asked for."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as f:
        f.write(pdf)
        f.flush()
        lines = subprocess.run(["pdffonts", f.name], check=True, capture_output=True, text=True).stdout.splitlines()[2:]
    return bool(lines) and all("LiberationSerif" in line and "yes yes yes" in line for line in lines) or lines


def same_in_html(world, pdf, name):
    kind, dossier, options = GOLDEN[name]
    page = Page(made(world, kind, dossier, "--format", "html", *options).decode())
    if page.wrong or page.tags["html"] != 1:
        return f"elements: {page.wrong}"
    shown, words = collections.Counter(text_of(pdf).split()), collections.Counter(page.words)
    # A word that a PDF's narrow cell breaks is whole in HTML; nothing else may differ but what every page repeats.
    return not words - shown or f"only in HTML: {words - shown}"


# --- long and nasty

def long_table(world):
    """Fifty reasons of a length that no page holds ten of: all there, in order, the head on every page."""
    words = "Bổ sung hợp đồng liên kết, xác nhận vùng nguyên liệu, giấy kiểm nghiệm còn hiệu lực của từng lô hàng; "
    world.submit("long")
    world.act("return", "long", reasons=[
        {"document": "market", "reason": f"[lý-do-{i}] " + words * (30 if i == 7 else 5), "guidance": f"[xong-{i}]"}
        for i in range(50)])
    pdf = made(world, "return-notice", "long")
    text, pages = text_of(pdf), pages_of(pdf)
    found = re.findall(r"\[lý-do-(\d+)\]", text)
    if found != [str(i) for i in range(50)] or len(re.findall(r"\[xong-\d+\]", text)) != 50:
        return f"reasons {found}"
    sheets = [sheet for sheet in text.split("\f") if sheet.strip()]
    if len(pages) < 8 or len(sheets) != len(pages):
        return f"{len(pages)} pages"
    for number, sheet in enumerate(sheets[:-1], 1):
        if "Lý do" not in sheet or (number > 1 and not sheet.startswith(str(number) + "\n")):
            return f"page {number}: {sheet[:200]}"
    for page in pages:
        found = ink(page)
        if not found or found[2] > PAGE[0] - 18 / 25.4 * DPI + 2 or found[3] > PAGE[1] - 8:
            return f"ink {found}"
    return True


def giant_row(world):
    """One reason longer than a page goes on over the next, and loses nothing."""
    words = [f"từ{i}" for i in range(400)]
    world.submit("giant")
    world.act("return", "giant", reasons=[{"reason": " ".join(words), "guidance": "ngắn"}])
    text = text_of(made(world, "return-notice", "giant"))
    return re.findall(r"từ\d+", text) == words or text


def nasty(world):
    """Nothing that somebody wrote is taken for a sign of ours."""
    world.submit("nasty", product={"name": NASTY, "group": "honey"}, producer={"name": NASTY, "kind": "household"})
    world.act("return", "nasty", reasons=[{"reason": NASTY, "guidance": NASTY}])
    flat = " ".join(NASTY.split())
    for kind in ("receipt", "return-notice"):
        text = " ".join(text_of(made(world, kind, "nasty")).split())
        source = made(world, kind, "nasty", "--format", "html").decode()
        page = Page(source)
        if flat not in text:
            return f"{kind}: {text}"
        if page.wrong or page.tags["script"] or flat not in " ".join(page.words):
            return f"{kind}: {page.wrong} {source}"
    return True


def composed(world):
    """Typed with separate marks it comes out composed, as everything is searched for."""
    name = "Sầu riêng Ê Đê, hạt điều"
    world.submit("typed", product={"name": unicodedata.normalize("NFD", name), "group": "fresh-fruit-veg"})
    text = text_of(made(world, "receipt", "typed"))
    return name in " ".join(text.split()) or text


def every_set(world):
    """An empty sheet of every criteria set: every criterion, the levels of each; none where there is no set."""
    groups = [g["code"] for g in world.links["officer"].call("workflow.get")["groups"]]
    for group in groups:
        rules = world.links["officer"].call("criteria.get", group=group)
        world.submit(group, product={"name": "Mẫu", "group": group})
        world.act("complete", group)
        done = world.print("sheet", group)
        if not rules["scorable"]:
            if done.returncode != 1 or done.stdout:
                return f"{group}: {done}"
            continue
        text = " ".join(text_of(done.stdout).split())
        for part in rules["parts"]:
            for section in part["sections"]:
                for criterion in section["criteria"]:
                    levels = ", ".join(map(str, criterion["levels"]))
                    if criterion["name"] not in text or levels not in text:
                        return f"{group}: {criterion} not in {text}"
    return True


# --- who, when, where to

def when(world, kind, name):
    done = world.print(kind, name)
    if name in WHEN[kind]:
        return done.returncode == 0 or done.stderr.decode()
    message = done.stderr.decode()
    return (done.returncode == 1 and not done.stdout and message.startswith("ocop: ")) or f"{done.returncode} {message}"


def rights(world):
    """What the account may not see is not printed: code, and a word of the paper or the refusal."""
    own, chair = ("--member", "health"), ("--member", "chair")
    for kind, name, options, who, code, word in (
            ("sheet", "assessed", own, "secretary", 0, "72"),
            ("sheet", "assessed", chair, "secretary", 0, "70"),
            ("sheet", "assessed", own, "council", 0, "72"),
            ("sheet", "assessed", chair, "council", 77, "chair"),
            ("sheet", "assessed", own, "officer", 77, "health"),
            ("sheet", "assessed", own, "commune", 77, "health"),
            ("sheet", "assessed", (*own, "--empty"), "officer", 0, "Phòng Y tế"),
            ("sheet", "scored", chair, "council", 0, "72"),
            ("sheet", "scored", chair, "commune", 77, "chair"),
            ("sheet", "complete", own, "secretary", 77, "health"),
            ("minutes", "scored", (), "council", 0, "504"),
            ("minutes", "scored", (), "officer", 77, "minutes"),
            ("minutes", "scored", (), "commune", 77, "minutes"),
            ("minutes", "assessed", (), "council", 1, "minutes"),
            ("letter", "scored", (), "officer", 0, "72,00"),
            ("receipt", "received", (), "commune", 0, "HTX"),
            ("receipt", "received", (), "elsewhere", 1, "không có hồ sơ"),
            ("result-notice", "scored", (), "commune", 0, "72,00"),
    ):
        done = world.print(kind, name, *options, who=who)
        said = text_of(done.stdout) if not done.returncode else done.stderr.decode()
        if done.returncode != code or word not in said or (code and done.stdout):
            return f"{kind} {name} {options} {who}: {done.returncode} {said}"
    # An empty sheet tells nothing of the points given.
    blank = text_of(made(world, "sheet", "assessed", "--member", "health", "--empty", who="officer"))
    return blank.count("24") == 0 or blank


def refused(world):
    """Bad words: the code, and what the message names in either language."""
    for options, code, english, vietnamese in (
            (("paper", "received"), 64, "receipt, return-notice, sheet", "giấy tờ nào"),
            (("receipt", "KN-2020-9999"), 1, "no such dossier", "không có hồ sơ này"),
            (("receipt", "x\udcff"), 64, "UTF-8", "UTF-8"),
            (("receipt", "received", "more"), 64, "one argument too many", "thừa tham số"),
            (("receipt", "received", "--format", "doc"), 64, "pdf or html", "pdf hoặc html"),
            (("receipt", "received", "--date", "2020-02-30"), 64, "must be a date", "phải là ngày"),
            (("receipt", "received", "--member", "health"), 64, "sheet only", "chỉ dùng với sheet"),
            (("receipt", "received", "--empty"), 64, "sheet only", "chỉ dùng với sheet"),
            (("receipt", "received", "--size", "A3"), 64, "no such option", "không có lựa chọn"),
            (("receipt", "received", "--output"), 64, "needs a value", "cần có giá trị"),
            (("sheet", "complete", "--member", "mayor"), 64, "chair, agriculture", "chair, agriculture"),
            (("receipt", "received", "--templates", "/nowhere"), 65, "/nowhere/receipt.txt", "không đọc được"),
            (("minutes", "complete"), 1, "\"Conclude the assessment\"", "\"Kết luận của Hội đồng\""),
            (("letter", "below"), 1, "2 stars; only 3", "2 sao"),
    ):
        for lang, word in (("en", english), ("vi", vietnamese)):
            done = world.print(*options, lang=lang)
            message = os.fsdecode(done.stderr)
            if done.returncode != code or word not in message or done.stdout:
                return f"{options} {lang}: {done.returncode} {message}"
    return True


def bad_templates(world):
    """Whatever is wrong with a template is said with file and line, before anything is made."""
    with tempfile.TemporaryDirectory() as folder:
        file, out = os.path.join(folder, "receipt.txt"), os.path.join(folder, "out.pdf")
        for text, line, word in (
                ("# x\n\nHồ sơ {dosier}\n", 3, "{dosier}"),
                ("{reason}\n", 1, "{reasons}"),
                ("a\n{criteria}\n{/criteria}\n", 2, "{sections}"),
                ("{reasons}\na\n", 1, "{/reasons}"),
                ("{received:tiny}\n", 1, "{received:tiny}"),
                ("{dossier:short}\n", 1, "{dossier:short}"),
                ("a\n@table 10 80\n", 2, "100"),
                ("@table 50 50\n{documents}\n| {document} |\n{/documents}\n", 3, "2"),
                ("{when previous}\na **b\n{/when}\n", 2, "**"),
                ("@heading x\n", 1, "@heading"),
                ("\n", 1, ""),
                ("a\n\xff\n".encode("latin-1"), 1, "UTF-8"),
        ):
            with open(file, "wb") as f:
                f.write(text if isinstance(text, bytes) else text.encode())
            done = world.print("receipt", "received", "--templates", folder, "--output", out)
            said = done.stderr.decode()
            if done.returncode != 65 or f"{file}:{line}: " not in said or word not in said or os.listdir(folder) != ["receipt.txt"]:
                return f"{text!r}: {done.returncode} {said}"
        with open(file, "w", encoding="utf-8") as f:
            f.write("@font Liberation Serif 12\nHồ sơ {dossier}, {received:short}: \U00050000\n")
        done = world.print("receipt", "received", "--templates", folder, "--output", out)
        return (done.returncode == 69 and os.listdir(folder) == ["receipt.txt"]) or f"{done.returncode} {done.stderr.decode()}"


def small_disk():
    resource.setrlimit(resource.RLIMIT_FSIZE, (10000, 10000))


def outputs(world):
    """Whole or not at all."""
    with tempfile.TemporaryDirectory() as folder:
        def path(name):
            return os.path.join(folder, name)
        made(world, "receipt", "received", "--output", path("a.pdf"))
        made(world, "receipt", "received", "--output", path("a.html"))
        with open(path("a.pdf"), "rb") as pdf, open(path("a.html"), "rb") as page:
            if not pdf.read().startswith(b"%PDF-") or not page.read().startswith(b"<!DOCTYPE html>"):
                return "the format by the name"
        if os.stat(path("a.pdf")).st_mode & 0o777 != 0o666 & ~umask():
            return "mode"
        made(world, "minutes", "scored", "--output", path("a.pdf"))
        before = sorted(os.listdir(folder))
        with open(path("a.pdf"), "rb") as f:
            kept = f.read()
        if "BIÊN BẢN" not in text_of(kept):
            return "an older file is not replaced"
        # A disk that takes 10,000 bytes: EFBIG where a full one says ENOSPC.
        for target in (path("a.pdf"), path("new.pdf"), path("new.html")):
            done = world.print("sheet", "complete", "--output", target, lang="en", preexec_fn=small_disk, restore_signals=False)
            if done.returncode not in (73, 74) or f"{target} can't be written: File too large" not in done.stderr.decode():
                return f"{target}: {done.returncode} {done.stderr}"
        for target, code in (("/dev/full", 74), (path("none/a.pdf"), 73), (folder, 73), (path("a.pdf/b"), 73)):
            done = world.print("receipt", "received", "--output", target)
            if done.returncode != code or not done.stderr:
                return f"{target}: {done.returncode} {done.stderr}"
        done = world.print("minutes", "received", "--output", path("a.pdf"))
        if done.returncode != 1:
            return "minutes of a dossier not scored"
        with open(path("a.pdf"), "rb") as f:
            if f.read() != kept or sorted(os.listdir(folder)) != before:
                return f"left: {os.listdir(folder)}"
        made(world, "receipt", "received", "--output", "/dev/null")
        return made(world, "receipt", "received", "--output", "-").startswith(b"%PDF-")


def umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def again(world):
    """A request that was answered can be printed again as it was; a dossier sent again has a new letter."""
    text = text_of(made(world, "return-notice", "returned"))
    world.act("resubmit", "returned", documents=[{"code": "organisation", "status": "present"}])
    if text_of(made(world, "return-notice", "returned")) != text:
        return "the request"
    receipt = text_of(made(world, "receipt", "returned"))
    if "Giới thiệu bộ máy tổ chức" not in receipt:
        return receipt
    world.act("recall", "forwarded", reasons=REASONS, letter="12/SNN")
    letter = text_of(made(world, "letter", "forwarded"))
    return "88/UBND" not in letter and "Số: .........." in letter or letter


def main():
    test = Test()
    with Daemon(clock="2020-03-05T08:00:00+07:00", network=True) as daemon:
        world = World(daemon).play()
        for name, (kind, dossier, options) in GOLDEN.items():
            pdf = made(world, kind, dossier, *options)
            test.case(f"{name}: its text", golden, pdf, name)
            test.case(f"{name}: its pages", looks, pdf, name)
            test.case(f"{name}: its fonts", fonts, pdf)
            test.case(f"{name}: the same in HTML", same_in_html, world, pdf, name)
        for kind, names in WHEN.items():
            for name in [*world.dossiers]:
                test.case(f"{kind} of a dossier {name}: {'made' if name in names else 'refused'}", when, world, kind, name)
        for case in (rights, refused, bad_templates, outputs, long_table, giant_row, nasty, composed, every_set, again):
            test.case(case.__doc__.splitlines()[0], case, world)
        world.close()
    test.done()


if __name__ == "__main__":
    main()
