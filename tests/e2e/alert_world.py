"""An office, its real daemon with a simulated clock, and communes whose listeners are ocop-notify."""
import os
import re
import subprocess

import harness
from notify_world import World
from stranger import Client

COMMUNES = {
    "tt-krong-nang": "24343", "xa-dlie-ya": "24346", "xa-ea-toh": "24349", "xa-ea-tam": "24352",
    "xa-phu-loc": "24355", "xa-tam-giang": "24358", "xa-ea-puk": "24359", "xa-ea-dah": "24360",
    "xa-ea-ho": "24361", "xa-phu-xuan": "24364", "xa-cu-klong": "24367", "xa-ea-tan": "24370",
}
OURS, FOREIGN = "xa-dlie-ya", "xa-ea-tam"
MONDAY = "2020-03-02T08:00:00+07:00"
DOCUMENTS = [{"code": "registration", "status": "present"}, {"code": "business-plan", "status": "invalid"}]
REASONS = [{"document": "business-plan", "reason": "Phương án kinh doanh chưa có chữ ký",
            "guidance": "Chủ thể ký, đóng dấu"}, {"reason": "Thiếu sản phẩm mẫu"}]


class Office(World):
    """Accounts come from `ocop account add`, as anybody's do; everyone but a commune on the spot
    speaks CURVE. OURS has this user's number as well, for the local socket."""

    def __init__(self, communes=(OURS, FOREIGN), clock=MONDAY, build=None):
        super().__init__()
        self.daemon = harness.Daemon(build=build, clock=clock, network=True)
        self.links = {}
        self.account("office", "--role", "officer")
        self.account("admin", "--role", "admin")
        for name in communes:
            local = ("--unix-user", str(os.getuid())) if name == OURS else ()
            self.account(name, "--role", "commune", "--commune", COMMUNES[name], *local)

    def __enter__(self):
        self.daemon.start()
        return self

    def __exit__(self, *reason):
        for link in self.links.values():
            link.close()
        super().close()
        self.daemon.__exit__(*reason)

    # --- accounts and who speaks for them

    def key_file(self, name):
        return f"{self.path}/{name}.key"

    def account(self, name, *options):
        program = os.path.join(os.path.dirname(self.daemon.program), "ocop")
        subprocess.run([program, "account", "add", name, "--accounts", self.daemon.path("accounts"),
                        "--secret", self.key_file(name), "-q", *options], check=True, env=self.environment)

    def keys(self, name):
        with open(self.key_file(name), encoding="ascii") as f:
            return tuple(re.findall(r'-key = "(.{40})"', f.read()))

    def client(self, name):
        """A connection of its own; the caller closes it."""
        return Client(self.daemon.tcp, key=self.keys(name), server=self.daemon.server_key(), timeout=30)

    def link(self, name):
        if name not in self.links:
            self.links[name] = self.client(name)
        return self.links[name]

    def call(self, name, method, **params):
        return self.link(name).call(method, params)

    # --- what the office does

    def submit(self, commune=OURS, product="Cà phê bột nguyên chất Ê Đê"):
        return self.call("office", "dossier.submit", product={"name": product, "group": "coffee-cocoa"},
                         producer={"name": "HTX Cà phê ĐLiê Ya", "kind": "cooperative", "phone": "0905 000 000"},
                         commune=COMMUNES[commune], documents=DOCUMENTS, samples=5)["dossier"]

    def give_back(self, dossier, **more):
        return self.call("office", "dossier.return", dossier=dossier, reasons=REASONS, **more)["sequence"]

    def give_back_again(self, dossier):
        self.call("office", "dossier.resubmit", dossier=dossier, documents=DOCUMENTS)
        return self.give_back(dossier)

    def returned(self, commune=OURS):
        """A dossier of the commune, returned: its number, and that event's."""
        dossier = self.submit(commune)
        return dossier, self.give_back(dossier, until="2020-03-10")

    def until_time(self, time):
        return self.call("admin", "clock.advance", to=time + "+07:00")["time"]

    def sequence(self):
        return self.call("office", "server.ping")["sequence"]

    def feed(self, name=OURS):
        """The feed as the office sees it; None where there is none."""
        return next((f for f in self.call("office", "feed.list")["feeds"] if f["feed"] == name), None)

    # --- listeners

    def settings(self, extra="", commune=OURS, network=True, **top):
        """A listener's file, as World.config writes it: over CURVE, or on the spot."""
        way = {"endpoint": self.daemon.tcp, "key": self.key_file(commune), "server": self.daemon.server_key()} \
            if network else {"endpoint": self.daemon.ipc}
        return self.config(extra, **{"feed": commune, **way, **top})
