"""Dossiers for the papers: one in each state that has one, with the accounts that may see them."""
import os
import subprocess

from harness import PROGRAMME, ROOT, keypair
from stranger import Client

SEATS = ("chair", "agriculture", "infrastructure", "finance", "health", "culture", "environment")
DOCUMENTS = ("registration", "business-plan", "organisation", "business-registration")
COFFEE = {"product": {"name": "Cà phê bột nguyên chất Đliê Ya (mẫu)", "group": "coffee-cocoa"},
          "producer": {"name": "HTX Nông nghiệp Dịch vụ Quyết Thắng (mẫu)", "kind": "cooperative", "phone": "0262 3675 000",
                       "address": "Thôn Ea Krăk"},
          "commune": "24346", "samples": 5}
# What somebody could write to break out of a cell, a line, a style, a tag.
NASTY = "a|b **c** //d// __e__ ~~f~~ {g} \\h <script>alert('&\"')</script>\n= i\n|= j | k |"
REASONS = [
    {"document": "business-plan", "reason": "Phương án kinh doanh chưa có số liệu doanh thu 02 năm gần nhất.",
     "guidance": "Lập theo biểu số 03, bổ sung bảng doanh thu năm 2018, 2019."},
    {"document": "organisation", "reason": "Giới thiệu bộ máy tổ chức chưa ký, chưa đóng dấu.",
     "guidance": "Người đại diện pháp luật ký tên, đóng dấu giáp lai."},
    {"reason": "Chưa có giấy chứng nhận cơ sở đủ điều kiện an toàn thực phẩm còn hiệu lực; thiếu mục này sản phẩm có thể "
               "bị loại khi đánh giá."},
]


def sheet(want, group="coffee-cocoa"):
    """A sheet of this total, as a dict."""
    made = subprocess.run(["awk", "-v", f"want={want}", "-f", os.path.join(ROOT, "tests", "sheet.awk"),
                           os.path.join(PROGRAMME, "criteria", group + ".zpl")], check=True, capture_output=True, text=True)
    return {name: int(points) for name, points in (item.split("=") for item in made.stdout.strip().split(","))}


class World:
    """Links of every role, the dossiers by name, and `ocop print` in the name of an account."""

    ROLES = {"officer": {}, "secretary": {}, "council": {"member": "health"}, "finance": {}, "admin": {},
             "commune": {"commune": "24346"}, "elsewhere": {"commune": "24352"}}

    def __init__(self, daemon):
        self.daemon, self.keys, self.links, self.dossiers = daemon, {}, {}, {}
        for name, more in self.ROLES.items():
            self.keys[name] = keypair()
            daemon.account("u-" + name, "commune" if name == "elsewhere" else name, key=self.keys[name][0], **more)
        daemon.start()
        for name, key in self.keys.items():
            self.links[name] = Client(daemon.tcp, key=key, server=daemon.server_key())
            with open(daemon.path(name + ".key"), "w", encoding="ascii") as f:
                f.write(f'curve\n    public-key = "{key[0]}"\n    secret-key = "{key[1]}"\n')
        self.ocop = os.path.join(os.path.dirname(daemon.program), "ocop")

    def act(self, verb, name, who="officer", **params):
        return self.links[who].call("dossier." + verb, dossier=self.dossiers[name], **params)

    def submit(self, name, documents=DOCUMENTS, **more):
        params = {**COFFEE, "documents": [{"code": c, "status": "present"} for c in documents], **more}
        self.dossiers[name] = self.links["officer"].call("dossier.submit", params)["dossier"]

    def score(self, name, totals, group="coffee-cocoa"):
        """Sheets, the chair's and the culture office's with a comment, and the conclusion."""
        comments = {"chair": "Câu chuyện sản phẩm cần gắn với vùng đất Krông Năng.", "culture": "Nhất trí."}
        for seat, total in zip(SEATS, totals):
            more = {"comment": comments[seat]} if seat in comments else {}
            self.act("assess", name, "secretary", member=seat, sheet=sheet(total, group), **more)
        self.act("score", name, "secretary", minutes="01/BB-HĐ")

    def play(self):
        """received, returned, complete, assessed, scored, below, forwarded, disqualified, supported, proposed"""
        link = self.links
        self.dossiers["proposed"] = link["officer"].call("dossier.propose", {
            key: COFFEE[key] for key in ("product", "producer", "commune")})["dossier"]
        self.submit("received", [*DOCUMENTS, "quality-declaration", "story"])
        self.submit("returned", DOCUMENTS[:1])
        self.act("return", "returned", reasons=REASONS, until="2020-03-19")
        for name in ("complete", "assessed", "scored", "below", "forwarded", "disqualified", "supported"):
            self.submit(name)
            self.act("complete", name)
        self.act("assess", "assessed", "secretary", member="health", sheet=sheet(72), comment="Bao bì đẹp.")
        self.act("assess", "assessed", "secretary", member="chair", sheet=sheet(70))
        self.score("scored", (72, 74, 70, 69, 75, 71, 73))
        self.score("below", (45, 44, 46, 45, 43, 47, 48))
        self.score("forwarded", (78, 80, 76, 77, 79, 81, 75))
        self.act("forward", "forwarded", letter="88/UBND-NNPTNT")
        self.act("disqualify", "disqualified", "secretary", rule="knockout-origin",
                 reason="Nguyên liệu mua trôi nổi, không có hợp đồng, không xác định được vùng trồng.")
        self.score("supported", (78, 80, 76, 77, 79, 81, 75))
        self.act("forward", "supported", letter="89/UBND-NNPTNT")
        self.act("rank", "supported", points="79.40", stars=4, decision="3456/QĐ-UBND", certificate="OCOP-DL-012")
        self.act("support", "supported", "finance", items=[
            {"content": "labels", "amount": 15000000, "decision": "12/QĐ-UBND", "source": "mtqg-2020"},
            {"content": "packaging", "amount": 127500000, "decision": "13/QĐ-UBND", "source": "mtqg-2020"}])
        return self

    def print(self, kind, name, *options, who="secretary", lang="vi", **run):
        """The finished process of `ocop print`; `name` is one of ours, or a number."""
        environment = {"PATH": os.environ["PATH"], "HOME": self.daemon.folder, "LC_ALL": "C",
                       "OCOP_ENDPOINT": self.daemon.tcp, "OCOP_SERVER": self.daemon.server_key(),
                       "OCOP_KEY": self.daemon.path(who + ".key")}
        for variable in ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS"):
            if variable in os.environ:
                environment[variable] = os.environ[variable]
        return subprocess.run([self.ocop, "--lang", lang, "print", kind, self.dossiers.get(name, name), *options],
                              env=environment, capture_output=True, check=False, timeout=60, **run)

    def close(self):
        for link in self.links.values():
            link.close()
