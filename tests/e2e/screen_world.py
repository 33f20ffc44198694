"""A fixed world to look at: dossiers in many states, one overdue, one whose commune has not heard, names
that are long, decomposed or full of control characters; and `ocop` on a terminal of any width."""
import fcntl
import json
import os
import pty
import struct
import subprocess
import termios
import unicodedata

from harness import PROGRAMME, ROOT
from stranger import Client

DOCUMENTS = ("registration", "business-plan", "organisation", "business-registration")
SEATS = ("chair", "agriculture", "infrastructure", "finance", "health", "culture", "environment")


def sheet(want, group):
    made = subprocess.run(["awk", "-v", f"want={want}", "-f", os.path.join(ROOT, "tests", "sheet.awk"),
                           os.path.join(PROGRAMME, "criteria", group + ".zpl")], check=True, capture_output=True, text=True)
    return {name: int(points) for name, points in (item.split("=") for item in made.stdout.strip().split(","))}


def width(text):
    """Columns on a terminal."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class World:
    """The link of an account that may do everything, and the numbers of the dossiers by name."""

    def __init__(self, daemon):
        daemon.account("van-phong", "officer,secretary,finance,steering,admin", uid=os.getuid())
        daemon.start()
        self.daemon, self.link, self.of = daemon, Client(daemon.ipc), {}
        self.ocop = os.path.join(os.path.dirname(daemon.program), "ocop")

    def act(self, verb, name, **params):
        return self.link.call("dossier." + verb, dossier=self.of[name], **params)

    def submit(self, name, product, group, commune, producer, kind, documents=DOCUMENTS, **more):
        self.of[name] = self.link.call("dossier.submit", {
            "product": {"name": product, "group": group}, "producer": {"name": producer, "kind": kind}, "commune": commune,
            "documents": [{"code": code, "status": "present"} for code in documents], "samples": 5, **more})["dossier"]

    def until(self, moment):
        self.link.call("clock.advance", to=moment + ":00+07:00")

    def season(self):
        self.link.call("feed.open", feed="tra-lai", types=["returned"])
        self.submit("coffee", unicodedata.normalize("NFD", "Cà phê bột nguyên chất (mẫu)"), "coffee-cocoa", "24346",
                    unicodedata.normalize("NFD", "Hợp tác xã Nông nghiệp Quyết Thắng (mẫu)"), "cooperative",
                    documents=("registration", "business-plan"))
        self.submit("pepper", "Tiêu đen hạt xay (mẫu)", "other-spice", "24349", "HTX Hồ tiêu (mẫu)", "cooperative")
        self.submit("bamboo", "Măng\tkhô\x1b[31m\x07\u009b\n(mẫu)", "processed-fruit-nut", "24367", "Hộ, \"chế biến\" măng (mẫu)",
                    "household")
        self.of["honey"] = self.link.call("dossier.propose", {
            "product": {"name": "Mật ong hoa cà phê (mẫu)", "group": "honey"}, "commune": "24352",
            "producer": {"name": "Hộ nuôi ong (mẫu)", "kind": "household"}})["dossier"]
        self.act("return", "coffee", until="2020-03-16", reasons=[
            {"document": "organisation", "reason": "Thiếu phần giới thiệu bộ máy tổ chức", "guidance": "Lập theo biểu 04"},
            {"reason": "Mới nộp 3 mẫu"}])
        self.act("complete", "pepper")
        self.until("2020-03-12T15:00")
        for seat, more in zip(SEATS, (0, 2, -2, 1, -1, 3, -1)):
            self.act("assess", "pepper", member=seat, sheet=sheet(72 + more, "other-spice"))
        self.act("score", "pepper", minutes="01/BB-HĐ")
        self.act("forward", "pepper", letter="88/UBND-NNPTNT")
        self.act("rank", "pepper", points="71,05".replace(",", "."), stars=4, decision="1650/QĐ-UBND", certificate="03/OCOP-ĐL")
        self.act("support", "pepper", items=[
            {"content": "labels", "amount": 15000000, "decision": "210/QĐ-UBND", "source": "mtqg-2020"},
            {"content": "trade-promotion", "amount": 8000000, "decision": "210/QĐ-UBND", "source": "steering-335"}])
        self.act("withdraw", "honey", reason="Chủ thể rút")

    # --- the program

    def environment(self, more=None):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("OCOP_", "LC_")) and k not in ("LANG", "NO_COLOR", "COLUMNS")}
        return {**kept, "HOME": self.daemon.folder, "TERM": "xterm", "OCOP_ENDPOINT": self.daemon.ipc, **(more or {})}

    def run(self, *words, **more):
        """To pipes: exit code, standard output, standard error."""
        done = subprocess.run([self.ocop, *words], env=self.environment(more), capture_output=True, stdin=subprocess.DEVNULL,
                              timeout=60, check=False)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def on_terminal(self, columns, *words, **more):
        """Exit code, and all that is shown."""
        environment = self.environment(more)
        pid, fd = pty.fork()
        if pid == 0:
            try:
                fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
                os.execve(self.ocop, [self.ocop, *words], environment)
            finally:
                os._exit(126)
        shown = b""
        while True:
            try:
                piece = os.read(fd, 65536)
            except OSError:
                break
            if not piece:
                break
            shown += piece
        os.close(fd)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode().replace("\r\n", "\n")

    def json(self, *words):
        return json.loads(self.run(*words, "--json")[1])
