#!/usr/bin/python3
"""Entering data: the dialogues of submit, assess and return on a pseudo terminal, drafts, --dry-run."""
import json
import os
import re
import signal
import stat
import subprocess
import tempfile

from harness import Daemon, PATIENCE, ROOT, Test
from stranger import Client
from terminal import Terminal

OCOP = os.path.join(ROOT, os.environ.get("OCOPD_BUILD", "build"), "ocop")
PRODUCT = {"name": "Cà phê bột (mẫu)", "group": "coffee-cocoa"}
PRODUCER = {"name": "HTX Cà phê (mẫu)", "kind": "cooperative"}
MANDATORY = ("registration", "business-plan", "organisation", "business-registration")
SEATS = ("chair", "agriculture", "infrastructure", "finance", "health", "culture", "environment")


class World:
    """A daemon, an account that may do everything, and a home of one's own."""

    def __init__(self, daemon, home):
        self.daemon, self.home = daemon, home
        self.link = Client(daemon.ipc)

    def env(self, **more):
        env = {k: v for k, v in os.environ.items() if not k.startswith(("OCOP_", "LC_", "XDG_")) and k not in ("VISUAL", "EDITOR")}
        return {**env, "HOME": self.home, "OCOP_ENDPOINT": self.daemon.ipc, "TERM": "xterm", "LANG": "vi_VN.UTF-8", **more}

    def terminal(self, *words, **more):
        return Terminal([OCOP, *words], self.env(**more))

    def run(self, *words, stdin="", **more):
        return subprocess.run([OCOP, *words], env=self.env(**more), input=stdin, text=True, capture_output=True,
                              timeout=PATIENCE, check=False)

    def drafts(self):
        folder = os.path.join(self.home, ".local/state/ocop/drafts")
        return sorted(os.listdir(folder)) if os.path.isdir(folder) else []

    def draft(self, name):
        return os.path.join(self.home, ".local/state/ocop/drafts", name)

    def sequence(self):
        return self.link.call("server.ping")["sequence"]

    def submitted(self, present=MANDATORY, samples=5, **more):
        documents = [{"code": c, "status": "present" if c in present else "missing"} for c in MANDATORY]
        return self.link.call("dossier.submit", {"product": PRODUCT, "producer": PRODUCER, "commune": "24346",
                                                 "documents": documents, "samples": samples, **more})["dossier"]

    def complete(self):
        number = self.submitted()
        self.link.call("dossier.complete", dossier=number)
        return number

    def record(self, number):
        return self.link.call("dossier.get", dossier=number)


def all_of(*checks):
    """True, or the first that does not hold: pairs of what it is and whether."""
    for what, good in checks:
        if not good:
            return what
    return True


# --- submit ------------------------------------------------------------------------------------------

VI = {"name": "Sản phẩm", "group": "Nhóm sản phẩm", "producer": "Chủ thể", "kind": "Loại hình", "phone": "Điện thoại",
      "email": "Thư điện tử", "address": "Địa chỉ", "commune": "Xã, thị trấn", "present": "hợp lệ", "invalid": "chưa hợp lệ",
      "not": "Không áp dụng", "samples": "Số mẫu", "received": "Ngày nhận", "round": "Đợt", "occasion": "Hình thức",
      "previous": "đợt trước", "note": "Ghi chú", "send": "Gửi?"}
EN = {"name": "roduct", "group": "Product group", "producer": "Producer", "kind": "Kind of producer", "phone": "Telephone",
      "email": "E-mail", "address": "ddress", "commune": "ommune", "present": "in order", "invalid": "not in order",
      "not": "Not applicable", "samples": "Samples", "received": "Received", "round": "ound", "occasion": "Occasion",
      "previous": "earlier round", "note": "emark", "send": "Send it?"}
ORDER = ("name", "group", "producer", "kind", "phone", "email", "address", "commune", "present", "invalid", "not", "samples",
         "received", "round", "occasion", "note")
USUAL = {"name": "Cà phê bột (mẫu)", "group": "ca phe", "producer": "HTX Cà phê (mẫu)", "kind": "2", "commune": "dlie ya",
         "present": "1-3", "not": "4"}


def at(words, step):
    """The question as it is asked: "8/17 Xã, thị trấn"."""
    number = ORDER.index(step) + 1 + (step == "note")
    return re.compile(rf"{number}/17 [^\n]*?{re.escape(words[step])}[^\n]*?: ")


def expect(t, words, step):
    t.expect_re(at(words, step))


def fill(t, words, answers, first="name", last="note"):
    for step in ORDER[ORDER.index(first):ORDER.index(last) + 1]:
        expect(t, words, step)
        t.type(answers.get(step, ""))


def submit_whole(world, words, lang, answers, product):
    before = world.sequence()
    t = world.terminal("submit", LANG=lang)
    fill(t, words, answers)
    t.answer(words["send"], "")
    t.expect("KN-2020-")
    code = t.end()
    number = re.findall(r"KN-2020-\d+", t.words())[-1]
    record = world.record(number)
    documents = {d["code"]: d["status"] for d in record["documents"]}
    return all_of(("ends well", code == 0), ("one event", world.sequence() == before + 1),
                  (f"the product {record['product']}", record["product"] == product),
                  (f"the commune {record['commune']}", record["commune"] == "24346"),
                  (f"the kind {record['producer']}", record["producer"] == PRODUCER),
                  (f"the documents {documents}", documents == {**dict.fromkeys(MANDATORY[:3], "present"),
                                                              "business-registration": "not-applicable"}),
                  ("samples of the group", record["samples"] == 5), ("received today", record["received"] == "2020-03-02"),
                  ("no draft is left", world.drafts() == []))


def submit_mends(world):
    """Wrong answers are asked again; < goes back; several fits are told; the summary's lines can be changed."""
    t = world.terminal("submit")
    expect(t, VI, "name")
    t.type("")
    t.expect("bắt buộc")
    t.type("Ca phe")
    expect(t, VI, "group")
    t.type("che bien")              # many groups
    t.expect("có nhiều mục trùng")
    t.type("không có nhóm này")
    t.expect("không có mục nào")
    t.type("<")
    t.expect("Sản phẩm [Ca phe]: ")
    t.type("Mật ong rừng")
    expect(t, VI, "group")
    t.type("mật ong")
    fill(t, VI, {**USUAL, "producer": "Hộ Y Bliu", "kind": "hộ kinh doanh", "commune": "xã ea tam", "present": "1,2 giới-thiệu xyz"},
         first="producer", last="present")
    t.expect("không có mục nào")
    t.type("1 1-2 organisation")
    expect(t, VI, "invalid")
    t.type("2")
    t.expect("đã có trong danh sách khác")
    t.type("9-99")
    t.expect("không có các số này")
    t.type("")
    fill(t, VI, {"not": "4", "samples": "năm"}, first="not", last="samples")
    t.expect("phải là số")
    t.type("")
    fill(t, VI, {"received": "02/03/2020"}, first="received", last="note")
    t.answer("Gửi?", "1")
    t.expect("[Mật ong rừng]: ")
    t.type("Mật ong (mẫu)")
    t.expect("1  Sản phẩm: Mật ong (mẫu)")
    t.answer("Gửi?", "có")
    code = t.end()
    record = world.record(re.findall(r"KN-2020-\d+", t.words())[-1])
    return all_of(("ends well", code == 0), (record["product"], record["product"] == {"name": "Mật ong (mẫu)", "group": "honey"}),
                  (record["commune"], record["commune"] == "24352"), (record["producer"], record["producer"]["kind"] == "household"))


def submit_completes(world):
    """The tabulator: a part that fits one choice becomes it, of several it shows the list."""
    t = world.terminal("submit")
    expect(t, VI, "name")
    t.type("X")
    expect(t, VI, "group")
    t.type("phe\t", enter=False)
    t.expect("Cà phê, Ca cao")
    t.type("")
    expect(t, VI, "producer")
    t.type("Y")
    expect(t, VI, "kind")
    t.type("hop\t", enter=False)
    t.expect("2  Hợp tác xã\n    3  Tổ hợp tác\n")
    t.type(" tac x")
    expect(t, VI, "phone")
    t.interrupt()
    code = t.end()
    draft = json.load(open(world.draft("submit.json"), encoding="utf-8"))
    os.unlink(world.draft("submit.json"))
    return all_of((draft, (draft["product.group"], draft["producer.kind"]) == ("coffee-cocoa", "cooperative")), (code, code == 130))


def submit_refused_asks_again(world):
    """What the daemon refuses is asked again, and nothing else is lost."""
    before = world.sequence()
    t = world.terminal("submit", LANG="en_US.UTF-8")
    fill(t, EN, {**USUAL, "received": "05/03/2020"})
    t.expect("[guard-failed: received-not-future]")
    t.expect("Received on [05/03/2020]: ")
    t.type("2/3/2020")
    t.expect("It would be KN-2020-")
    nothing = world.sequence() == before
    t.answer("Send it?", "y")
    code = t.end()
    return all_of(("ends well", code == 0), ("nothing before the yes", nothing), ("one event", world.sequence() == before + 1))


def submit_interrupted(world, stop, term):
    """Ctrl-C, the end of the input, a hangup: the draft is kept and goes on; after success it is gone."""
    before = world.sequence()
    t = world.terminal("submit", TERM=term)
    fill(t, VI, USUAL, last="kind")
    expect(t, VI, "phone")
    t.type("chưa xong", enter=False)
    stop(t)
    code = t.end()
    path = world.draft("submit.json")
    modes = (stat.S_IMODE(os.stat(path).st_mode), stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode))
    said = "Chưa gửi" in t.words() and path in t.words()
    t = world.terminal("submit", TERM=term)
    t.answer("Nhập tiếp bản nháp này? [có]: ", "")
    fill(t, VI, USUAL, first="phone")
    t.expect("1  Sản phẩm: Cà phê bột (mẫu)")
    t.answer("Gửi?", "")
    again = t.end()
    return all_of((f"ended with {code}", code == 130), ("tells of the draft", said), (f"modes {modes}", modes == (0o600, 0o700)),
                  ("the second ends well", again == 0), ("one event", world.sequence() == before + 1), ("no draft", world.drafts() == []))


def submit_windows(world):
    """Two at a time have two drafts; an unwanted one is overwritten; a "no" keeps it."""
    one = world.terminal("submit")
    fill(one, VI, {"name": "Một"}, last="name")
    expect(one, VI, "group")
    two = world.terminal("submit")
    fill(two, VI, {"name": "Hai"}, last="name")
    expect(two, VI, "group")
    names = world.drafts()
    two.interrupt()
    one.interrupt()
    one.end(), two.end()
    t = world.terminal("submit")
    t.answer("Nhập tiếp bản nháp này? [có]: ", "không")
    fill(t, VI, {**USUAL, "name": "Ba"})
    t.answer("Gửi?", "không")
    code = t.end()
    draft = json.load(open(world.draft("submit.json"), encoding="utf-8"))
    for name in world.drafts():
        os.unlink(world.draft(name))
    return all_of((names, names == ["submit-2.json", "submit.json"]), (code, code == 130), (draft, draft["product.name"] == "Ba"))


def submit_proposed(world):
    """Of a proposed dossier only what is new is asked."""
    number = world.link.call("dossier.propose", product=PRODUCT, producer=PRODUCER, commune="24346")["dossier"]
    t = world.terminal("submit", number)
    t.expect("Cà phê bột (mẫu)")
    t.answer("1/9 ", "1 2 3 4")
    for answer in ("", "", "", "", "", "nâng hạng", "KN-2020-0001", "có mẫu kèm theo"):
        t.answer("/9 ", answer)
    # That one is not closed: refused, asked again.
    t.expect("previous-closed")
    t.expect("Hồ sơ của sản phẩm ở đợt trước [KN-2020-0001]: ")
    t.type("<")
    t.expect("previous-closed")
    t.answer("KN-2020-0001]: ", "")
    t.expect("previous-closed")
    t.expect("KN-2020-0001]: ")
    t.interrupt()
    code = t.end()
    name = world.drafts()
    t = world.terminal("submit", number)
    t.answer("Nhập tiếp", "")
    t.expect("previous-closed")
    t.expect("KN-2020-0001]: ")
    t.type("-")
    t.answer("Gửi?", "")
    again = t.end()
    record = world.record(number)
    return all_of((code, code == 130), (name, name == [f"submit-{number}.json"]), (again, again == 0),
                  (record, record["state"] == "submitted" and record["kind"] == "upgrade" and record["samples"] == 5))


def submit_through_a_crash(world):
    """The daemon dies before the answer: the write is sent again with its key and happens once."""
    before = world.sequence()
    t = world.terminal("submit")
    fill(t, VI, USUAL)
    t.expect("Gửi?")
    world.link.close()
    world.daemon.kill()
    t.type("")
    world.daemon.start()
    code = t.end()
    world.link = Client(world.daemon.ipc)
    return all_of((f"ends with {code}", code == 0), ("one event", world.sequence() == before + 1))


def submit_forbidden_at_once(world):
    """Who may not do it is told before the first question."""
    world.daemon.account("me", "finance", uid=os.getuid())
    while world.link.refusal("dossier.submit", {"dry": True}).kind != "forbidden":
        pass
    t = world.terminal("submit")
    code = t.end()
    said = t.words()
    world.daemon.account("me", "officer,secretary,finance,admin", uid=os.getuid())
    while world.link.refusal("dossier.submit", {"dry": True}).kind == "forbidden":
        pass
    return all_of((code, code == 77), (said, "[forbidden]" in said and "1/17" not in said))


def submit_stopped_anywhere(world):
    """Ctrl-C at any moment, also while it paints or asks the daemon: it ends, and the draft is there."""
    for i in range(20):
        t = world.terminal("submit")
        t.answer("Nhập tiếp" if i else "Sản phẩm: ", "")
        if not i:
            t.answer("Sản phẩm: ", "Mật ong")
        t.expect("Nhóm sản phẩm")
        t.type("?")
        t.expect(("Cà phê", "Đồ uống", "Rượu", "<: ", "Nhóm sản phẩm")[i % 5])
        t.interrupt()
        code = t.end()
        if code != 130 or world.drafts() != ["submit.json"]:
            return f"{i}: {code} {world.drafts()}"
    os.unlink(world.draft("submit.json"))
    return True


# --- assess ------------------------------------------------------------------------------------------

def criteria(world, number):
    parts = world.link.call("criteria.get", dossier=number)["parts"]
    return [c for p in parts for s in p["sections"] for c in s["criteria"]]


def give(t, rows, points=lambda c: c["levels"][-1]):
    for c in rows:
        t.answer(f"{c['criterion']} {c['name']} (", str(points(c)))


def assess_whole(world):
    number = world.complete()
    rows = criteria(world, number)
    t = world.terminal("assess", number)
    t.answer("Phiếu chấm của thành viên nào? [của chính tôi]: ", "y te")
    t.expect("A (35) · 1. Tổ chức sản xuất (18)")
    t.answer("[A 0/35, 0/100] a1.1 Nguồn nguyên liệu (0 1 2 3): ", "4")
    t.expect("chỉ được cho điểm theo các mức")
    t.answer("(0 1 2 3): ", "2")
    t.answer("[A 2/35, 2/100] a1.2 ", "?")
    t.expect("tối đa 3 điểm")
    t.expect("1048/QĐ-TTg")
    t.answer("a1.2 ", "b")
    t.answer("a1.1 Nguồn nguyên liệu (0 1 2 3) [2]: ", "3")
    t.answer("[A 3/35, 3/100] a1.2 ", "c10")
    t.answer("[C 0/40, 3/100] c10 ", "5")
    t.answer("Ghi chú: ", "phiếu thử")
    give(t, rows[1:-1])
    t.expect("A 35/35  B 25/25  C 40/40  tổng 100/100")
    t.answer("Gửi?", "c10")
    t.answer("c10 Cơ hội thị trường toàn cầu (0 1 3 5) [5]: ", "3")
    t.expect("tổng 98/100")
    t.answer("Gửi?", "")
    code = t.end()
    sheet = world.record(number)["sheets"][0]
    return all_of(("ends well", code == 0), (sheet, (sheet["member"], sheet["total"], sheet["a"], sheet["comment"]) == ("health", 98, 35, "phiếu thử")),
                  ("no draft is left", world.drafts() == []))


def assess_interrupted(world):
    number = world.complete()
    rows = criteria(world, number)
    t = world.terminal("assess", number, "--member", "chair", LANG="C")
    give(t, rows[:5])
    t.expect("a1.6")
    t.interrupt()
    code = t.end()
    names = world.drafts()
    t = world.terminal("assess", number, "--member", "chair", LANG="C")
    t.answer("Go on with it? [yes]: ", "")
    t.expect("[A 17/35, 17/100] a1.6 ")
    t.type("1")
    give(t, rows[6:])
    t.answer("Remark: ", "")
    t.answer("Send it?", "")
    again = t.end()
    # The next sheet of the same member begins with this one.
    t = world.terminal("assess", number, "--member", "chair", LANG="C")
    t.expect("There is a sheet of this member already")
    t.answer("a1.1 Nguồn nguyên liệu (0 1 2 3) [3]: ", "1")
    for _ in rows[1:]:
        t.answer("]: ", "")
    t.answer("Remark: ", "")
    t.answer("total 98/100", "")
    third = t.end()
    sheets = world.record(number)["sheets"]
    return all_of((code, code == 130), (names, names == [f"assess-{number}-chair.json"]), (again, again == 0), (third, third == 0),
                  (sheets, [s["total"] for s in sheets] == [98]), ("no draft is left", world.drafts() == []))


def assess_picks(world):
    """Without a number the dossiers that can be assessed are offered; a story comes first."""
    number = world.complete()
    rows = criteria(world, number)
    t = world.terminal("assess", "--member", "culture")
    t.expect(f"{number}  Cà phê bột (mẫu) (HTX Cà phê (mẫu))")
    t.answer("Hồ sơ nào?", number)
    give(t, rows, lambda c: 0 if c["criterion"] == "b5.1" else c["levels"][-1])
    t.answer("Ghi chú: ", "")
    t.expect("story-first")
    t.answer("b5.2 Trí tuệ/bản sắc địa phương (0 1 2 3) [3]: ", "0")
    t.answer("b5.3 Cấu trúc câu chuyện (0 1 2) [2]: ", "0")
    t.expect("B 15/25")
    t.answer("Gửi?", "")
    code = t.end()
    return all_of((code, code == 0), ("the sheet", world.record(number)["sheets"][0]["b"] == 15))


def assess_not_now(world):
    number = world.submitted()
    t = world.terminal("assess", number)
    code = t.end()
    return all_of((code, code == 1), (t.words(), "dossier.complete" in t.words() and "a1.1" not in t.words()))


# --- return ------------------------------------------------------------------------------------------

def editor(world, script):
    path = os.path.join(world.home, "editor.sh")
    with open(path, "w", encoding="utf-8") as f:
        f.write("#!/bin/sh\nfile=$2\n" + script)
    os.chmod(path, 0o700)
    return path + " --wait"


def return_filled_in(world):
    number = world.submitted(present=MANDATORY[:1], samples=3)
    t = world.terminal("return", number, EDITOR=editor(world, "cp \"$file\" ~/seen\n"))
    t.answer("Trả hồ sơ để bổ sung, hoàn thiện với các nội dung này? [có]: ", "")
    code = t.end()
    seen = open(os.path.join(world.home, "seen"), encoding="utf-8").read()
    record = world.record(number)
    wanted = [{"document": "business-plan", "reason": "Thiếu: Phương án, kế hoạch kinh doanh sản phẩm", "guidance": "Nộp bổ sung (biểu 03)"},
              {"document": "organisation", "reason": "Thiếu: Giới thiệu bộ máy tổ chức", "guidance": "Nộp bổ sung (biểu 04)"},
              {"document": "business-registration", "reason": "Thiếu: Giấy đăng ký kinh doanh (bản sao công chứng)",
               "guidance": "Nộp bổ sung (chỉ với đơn vị, cá nhân có đăng ký kinh doanh)"},
              {"reason": "Thiếu mẫu sản phẩm: có 3, cần 5"}]
    return all_of((code, code == 0), (record["reasons"], record["reasons"] == wanted), (seen, "#   registration" in seen and number in seen),
                  ("no draft is left", world.drafts() == []))


def return_edited(world):
    """VISUAL before EDITOR; what can't be read is told by its line, and edited again."""
    number = world.submitted()
    script = """read -r _ _ _ ocop _ </proc/$PPID/stat; kill -INT $ocop # Ctrl-C in an editor that leaves the terminal as it is
if [ ! -e ~/once ]; then : >~/once
printf '# x\\nstroy: Kể lại | Viết lại\\n\\nstory: a | b | c\\nstory:\\n' >"$file"
else printf 'story: Kể lại câu chuyện | Viết lại, 2 trang\\n  Nhãn: thiếu ngày sản xuất  \\n' >"$file"; fi
"""
    t = world.terminal("return", number, "--until", "10/03/2020", VISUAL=editor(world, script), EDITOR="false", LANG="C")
    t.expect('line 2: there is no document "stroy"')
    t.expect('line 4: one "|" at most')
    t.expect("line 5: ")
    t.answer("Edit it again? [yes]: ", "")
    t.answer("Return the dossier with these reasons? [yes]: ", "y")
    code = t.end()
    os.unlink(os.path.join(world.home, "once"))
    record = world.record(number)
    return all_of((code, code == 0), (record["until"], record["until"] == "2020-03-10"),
                  (record["reasons"], record["reasons"] == [
                      {"document": "story", "reason": "Kể lại câu chuyện", "guidance": "Viết lại, 2 trang"}, {"reason": "Nhãn: thiếu ngày sản xuất"}]))


def return_abandoned(world):
    """No reason: nothing is done. A failing editor or a "no": nothing is done, and the text is kept."""
    number = world.submitted(present=())
    before = world.sequence()
    t = world.terminal("return", number, EDITOR=editor(world, ": >\"$file\"\n"))
    t.expect("không thực hiện gì")
    empty, left = t.end(), world.drafts()
    t = world.terminal("return", number, EDITOR=editor(world, "exit 3\n"))
    t.expect("kết thúc với mã 3")
    broken = t.end()
    t = world.terminal("return", number, EDITOR=editor(world, "echo 'Lý do riêng' >\"$file\"\n"))
    t.answer("Nhập tiếp bản nháp này?", "")
    t.answer("Trả hồ sơ", "không")
    no, kept = t.end(), world.drafts()
    t = world.terminal("return", number, EDITOR="true")
    t.answer("Nhập tiếp bản nháp này?", "")
    t.expect("- Lý do riêng")
    nothing = world.sequence() == before
    # Somebody else was faster: what was read is not what is there.
    world.link.call("dossier.note", dossier=number, text="xem lại")
    t.answer("Trả hồ sơ", "")
    t.expect("version-conflict")
    late = t.end()
    for name in world.drafts():
        os.unlink(world.draft(name))
    return all_of((empty, empty == 130), (left, left == []), (broken, broken == 69), (no, no == 130), ("nothing happened", nothing),
                  (kept, kept == [f"return-{number}.txt"]), (late, late == 1), ("as before", world.record(number)["state"] == "submitted"))


# --- a pipe, and --dry-run -------------------------------------------------------------------------

def not_a_terminal(world, lang, words):
    number = world.submitted()
    for verb in (["submit"], ["assess", number], ["return", number]):
        done = world.run(*verb, LANG=lang)
        if done.returncode != 64 or words not in done.stderr or done.stdout:
            return f"{verb}: {done}"
    done = world.run("submit", "--from", "-", LANG=lang, stdin=json.dumps(
        {"product": PRODUCT, "producer": PRODUCER, "commune": "24346", "documents": [], "samples": 0}))
    return True if done.returncode == 0 else done


def answer_alone(world):
    """On a terminal with a pipe behind it: the dialogue on standard error, the answer on standard output."""
    path = os.path.join(world.home, "answer")
    t = Terminal(["/bin/sh", "-c", f'exec "$0" submit --json >"{path}"', OCOP], world.env())
    fill(t, VI, USUAL)
    t.answer("Gửi?", "")
    code = t.end()
    answer = json.load(open(path, encoding="utf-8"))
    return all_of((code, code == 0), (answer, answer["state"] == "submitted"))


def sheet_of(world, number, total=72):
    """Every criterion at its top, then as many lowered as bring the sum down to it."""
    rows = criteria(world, number)
    left = sum(c["levels"][-1] for c in rows) - total
    sheet = {}
    for c in rows:
        lower = [p for p in c["levels"] if c["levels"][-1] - p <= left and c["criterion"] != "b5.1"]
        sheet[c["criterion"]] = lower[0] if lower else c["levels"][-1]
        left -= c["levels"][-1] - sheet[c["criterion"]]
    return ",".join(f"{k}={v}" for k, v in sheet.items())


def dry_season(world, lang, would):
    """Every transition verb, dry and then in earnest: the same answer, and nothing before the second."""
    done = []

    def step(*words):
        before = world.sequence()
        dry = world.run("--dry-run", *words, LANG=lang)
        if dry.returncode or not dry.stdout.startswith(would) or world.sequence() != before:
            raise AssertionError(f"{words}: {dry}")
        as_json = json.loads(world.run(*words, "--dry-run", "--json", LANG=lang).stdout)
        answer = json.loads(world.run(*words, "--json", LANG=lang).stdout)
        if as_json != {**answer, "dry": True} or world.sequence() != before + 1:
            raise AssertionError(f"{words}: {as_json} {answer}")
        done.append(words[0])
        return answer["dossier"]

    def new():
        return ["--product-name", "X", "--product-group", "coffee-cocoa", "--producer-name", "Y", "--producer-kind", "household",
                "--commune", "24346"]

    documents = [w for c in MANDATORY for w in ("--document", f"{c}=present")] + ["--samples", "5"]
    number = step("propose", *new())
    step("submit", number, *documents)
    step("amend", number, "--samples", "6", "--reason", "đếm lại")
    step("note", number, "ghi chú")
    step("return", number, "--reason", "story:thiếu")
    step("resubmit", number, "--document", "story=present")
    step("complete", number)
    sheet = sheet_of(world, number)
    step("assess", number, "--member", "chair", "--sheet", sheet)
    for seat in SEATS[1:]:
        world.run("assess", number, "--member", seat, "--sheet", sheet)
    step("score", number, "--minutes", "01/BB-HĐ")
    step("forward", number, "--letter", "8/UBND")
    step("recall", number, "--letter", "9/SNN", "--reason", "bổ sung")
    world.run("forward", number, "--letter", "10/UBND")
    step("rank", number, "--points", "74.28", "--stars", "4", "--decision", "7/QĐ")
    step("support", number, "--item", "labels,5000000,9/QĐ,mtqg-2020")
    step("disqualify", world.complete(), "--rule", "knockout-origin", "--reason", "nhập khẩu")
    step("lapse", world.submitted(), "--reason", "quá hạn")
    step("withdraw", world.submitted(), "--reason", "thôi")
    every = {t["method"].split(".")[1] for t in world.link.call("workflow.get")["transitions"]}
    refused = world.run("--dry-run", "complete", number, LANG=lang)
    return all_of((every - set(done), every == set(done)), (refused, refused.returncode == 1 and "[wrong-state]" in refused.stderr),
                  ("what changes no dossier", world.run("--dry-run", "list").returncode == 64),
                  ("a refusal is a refusal", world.run("--dry-run", "show", number).returncode == 64))


def dry_dialogue(world):
    before = world.sequence()
    t = world.terminal("--dry-run", "submit")
    fill(t, VI, USUAL)
    t.expect("nếu thực hiện: KN-2020-")
    t.expect("Bản nháp đã được lưu")
    code, kept = t.end(), world.drafts()
    os.unlink(world.draft("submit.json"))
    return all_of((code, code == 0), ("nothing is done", world.sequence() == before), (kept, kept == ["submit.json"]))


STOPS = (
    ("Ctrl-C", lambda t: t.interrupt(), "xterm"),
    ("Ctrl-C, a dumb terminal", lambda t: t.interrupt(), "dumb"),
    ("the end of the input", lambda t: t.type("\x15\x04", enter=False), "xterm"),
    ("the end of the input, a dumb terminal", lambda t: t.type("\x15\x04", enter=False), "dumb"),
    ("a hangup", lambda t: os.kill(t.pid, signal.SIGHUP), "xterm"),
)


def main():
    test = Test()
    with Daemon(clock="2020-03-02T08:00:00+07:00") as daemon, tempfile.TemporaryDirectory() as home:
        daemon.account("me", "officer,secretary,finance,admin", uid=os.getuid())
        daemon.start()
        world = World(daemon, home)
        plain = {**USUAL, "name": "Ca phe bot (mau)", "group": "1", "kind": "cooperative", "commune": "24346"}
        test.case("submit: Vietnamese, with diacritics", submit_whole, world, VI, "vi_VN.UTF-8", {**USUAL, "group": "Cà phê"}, PRODUCT)
        test.case("submit: English, without diacritics", submit_whole, world, EN, "en_US.UTF-8", plain,
                  {"name": "Ca phe bot (mau)", "group": "coffee-cocoa"})
        test.case("submit: back, again, changed in the summary", submit_mends, world)
        test.case("submit: the tabulator completes", submit_completes, world)
        test.case("submit: what is refused is asked again", submit_refused_asks_again, world)
        for name, stop, term in STOPS:
            test.case(f"submit: {name} leaves a draft, which goes on", submit_interrupted, world, stop, term)
        test.case("submit: Ctrl-C at any moment", submit_stopped_anywhere, world)
        test.case("submit: two windows, two drafts", submit_windows, world)
        test.case("submit: a proposed dossier", submit_proposed, world)
        test.case("submit: the daemon dies before the answer", submit_through_a_crash, world)
        test.case("submit: who may not is told at once", submit_forbidden_at_once, world)
        test.case("assess: ladders, sums, back, help, a jump", assess_whole, world)
        test.case("assess: interrupted, resumed, and once more over an earlier sheet", assess_interrupted, world)
        test.case("assess: a dossier from the list; a refusal names the criterion", assess_picks, world)
        test.case("assess: not possible is told at once", assess_not_now, world)
        test.case("return: what is missing is filled in", return_filled_in, world)
        test.case("return: an edited text, wrong lines by their number", return_edited, world)
        test.case("return: abandoned", return_abandoned, world)
        test.case("no terminal: a usage error", not_a_terminal, world, "C", "nothing is given")
        test.case("no terminal: a usage error in Vietnamese", not_a_terminal, world, "vi_VN.UTF-8", "chưa có dữ liệu")
        test.case("the answer alone on standard output", answer_alone, world)
        test.case("--dry-run of every transition", dry_season, world, "C", "would be: KN-2020-")
        test.case("--dry-run of every transition, in Vietnamese", dry_season, world, "vi_VN.UTF-8", "nếu thực hiện: KN-2020-")
        test.case("--dry-run of a dialogue", dry_dialogue, world)
        world.link.close()
        daemon.terminate()
        test.equal(daemon.verify(), 0, "journal and state agree")
    test.done()


if __name__ == "__main__":
    main()
