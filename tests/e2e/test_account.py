#!/usr/bin/python3
"""`ocop account` with a real daemon: every change of the folder is in force without a restart, also
for a connection that is open, and what can't be done leaves everything as it was."""
import csv
import json
import os
import re
import stat
import subprocess
import time

from harness import Daemon, PATIENCE, ROOT, Test
from stranger import Client
from terminal import Terminal

OCOP = os.path.join(ROOT, os.environ.get("OCOPD_BUILD", "build"), "ocop")
ENV = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C"}


def ocop(folder, *words, lang="en"):
    """`ocop account WORDS` in a folder for secrets."""
    return subprocess.run([OCOP, "--lang", lang, "account", *words, "--accounts", os.path.join(folder, "accounts")],
                          cwd=folder, env=ENV, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=PATIENCE, check=False)


def key_of(path):
    with open(path, encoding="ascii") as f:
        words = dict(re.findall(r'(public-key|secret-key) = "(.*)"', f.read()))
    return words["public-key"], words["secret-key"]


def read(path):
    with open(path, "rb") as f:
        return f.read()


def folder_of(daemon):
    return sorted(os.listdir(daemon.path("accounts"))), sorted(n for n in os.listdir(daemon.folder) if "key" in n)


def client(daemon, name):
    return Client(daemon.tcp, key=key_of(daemon.path(name + ".key")), server=daemon.server_key(), timeout=0.5)


def answered(link):
    """What the daemon says to a request now: "ok", a refusal's kind, or nothing."""
    try:
        refused = link.refusal("dossier.list")
    except Exception:  # pylint: disable=broad-except
        return "silence"
    return refused.kind if refused else "ok"


def becomes(link, wanted):
    deadline, got = time.monotonic() + PATIENCE, None
    while time.monotonic() < deadline:
        got = answered(link)
        if got == wanted:
            return True
    return f"wanted {wanted}, got {got}"


def added(daemon):
    done = ocop(daemon.folder, "add", "xa-a", "--role", "commune", "--commune", "24346", "--title", "UBND xã ĐLiê Ya")
    if done.returncode or "fingerprint" not in done.stdout:
        return done
    if stat.S_IMODE(os.stat(daemon.path("xa-a.key")).st_mode) != 0o600:
        return "the secret's mode"
    with client(daemon, "xa-a") as link:
        if (got := becomes(link, "ok")) is not True:
            return got
        return link.call("server.status") is not None and link.refusal("dossier.complete", dossier="KN-2020-0001").kind == "forbidden"


def fingerprint(daemon):
    """As anyone can make it with b2sum."""
    public = key_of(daemon.path("xa-a.key"))[0]
    by_hand = subprocess.run(["b2sum", "-l", "256"], input=public, capture_output=True, text=True, check=True).stdout[:16]
    listed = json.loads(ocop(daemon.folder, "list", "--json").stdout)["accounts"]
    mine = [a for a in listed if a["account"] == "xa-a"][0]
    wanted = {"account": "xa-a", "title": "UBND xã ĐLiê Ya", "roles": ["commune"], "commune": "24346",
              "public-key": public, "fingerprint": by_hand}
    if mine != wanted:
        return mine, wanted
    rows = list(csv.DictReader(ocop(daemon.folder, "list", "--csv").stdout.splitlines()))
    if [r["fingerprint"] for r in rows if r["account"] == "xa-a"] != [by_hand]:
        return rows
    done = subprocess.run([OCOP, "journal", "verify", "--csv", "x"], env=ENV, capture_output=True, text=True, check=False)
    if done.returncode != 64 or "only for what has rows" not in done.stderr:
        return done
    done = subprocess.run([OCOP, "print", "receipt", "KN-2020-0001", "--json"], env=ENV, capture_output=True, text=True, check=False)
    return done.returncode == 64 and "PDF or HTML" in done.stderr or done


def rotated(daemon):
    path = daemon.path("accounts", "xa-a.account")
    text = read(path).decode().replace("account\n", "# ghi chú của quản trị\naccount\n", 1)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    old, group = key_of(daemon.path("xa-a.key")), os.stat(path).st_gid
    with client(daemon, "xa-a") as before:
        if (got := becomes(before, "ok")) is not True:
            return got
        done = ocop(daemon.folder, "rotate", "xa-a")
        if done.returncode:
            return done
        if (got := becomes(before, "forbidden")) is not True:
            return "the old key, on an open connection: " + got
    new = key_of(daemon.path("xa-a.key"))
    if new == old or old[1] in done.stdout or new[1] in done.stdout:
        return "the same key, or a secret on the screen"
    if read(path).decode() != text.replace(old[0], new[0]) or os.stat(path).st_gid != group:
        return "more than the key has changed: " + read(path).decode()
    with Client(daemon.tcp, key=old, server=daemon.server_key(), timeout=0.5).watch() as link:
        try:
            if (got := link.handshake()) == "succeeded":
                return "the old key still connects"
        except Exception:  # pylint: disable=broad-except
            pass
    with client(daemon, "xa-a") as link:
        return becomes(link, "ok")


def rotated_nothing(daemon):
    """What can't be rotated stays as it is: a foreign file in the place of the secret, no key, a broken file."""
    with open(daemon.path("other.key"), "w", encoding="ascii") as f:
        f.write("somebody's\n")
    ocop(daemon.folder, "add", "tai-cho", "--role", "steering", "--unix-user", "daemon")
    daemon.account_file("hong", "account\n    name = \"khac\"\n")
    before = folder_of(daemon), read(daemon.path("accounts", "xa-a.account")), read(daemon.path("xa-a.key"))
    for words, code in ((("xa-a", "--secret", daemon.path("other.key")), 73), (("tai-cho",), 64), (("hong",), 65),
                        (("nobody",), 66), (("xa-a", "--secret", "/nonexistent/x.key"), 73),
                        (("xa-a", "--role", "admin"), 64)):
        done = ocop(daemon.folder, "rotate", *words)
        if done.returncode != code or not done.stderr:
            return words, done
    after = folder_of(daemon), read(daemon.path("accounts", "xa-a.account")), read(daemon.path("xa-a.key"))
    return before == after or (before, after)


def listed(daemon):
    public = key_of(daemon.path("xa-a.key"))[0]
    daemon.account("ke-trom", "officer", key=public)  # a second file with one key, and it comes first by name
    done = ocop(daemon.folder, "list", lang="vi")
    lines = done.stdout.splitlines()
    named = [line.split(":")[0] for line in done.stderr.splitlines()]
    quiet = ocop(daemon.folder, "list", "-q").stdout.split()
    daemon.remove_account("ke-trom")
    if done.returncode != 1 or named != ["hong.account"] * (len(named) - 1) + ["xa-a.account"]:
        return done
    with Client(daemon.ipc) as link:
        told = [b.split(":")[0] for b in link.call("server.status")["broken"]]
    if told and "hong.account" not in told:
        return told
    return quiet == ["admin", "ke-trom", "tai-cho"] and lines[0].startswith("Tài khoản") and "steering" in done.stdout or done


def removed(daemon):
    with client(daemon, "xa-a") as link:
        if (got := becomes(link, "ok")) is not True:
            return got
        done = ocop(daemon.folder, "remove", "xa-a")
        if done.returncode != 64 or "--yes" not in done.stderr or answered(link) != "ok":
            return "without a terminal it wants --yes", done
        for lang, answer, code in (("en", "n", 1), ("vi", "", 1), ("vi", "c", 0)):
            terminal = Terminal([OCOP, "--lang", lang, "account", "remove", "xa-a", "--accounts", daemon.path("accounts")], ENV)
            terminal.expect("[y/N]" if lang == "en" else "[c/K]")
            terminal.type(answer)
            if (got := terminal.end()) != code:
                return lang, answer, got, terminal.words()
            if code and answered(link) != "ok":
                return "gone though nobody said yes"
        if (got := becomes(link, "forbidden")) is not True:
            return got
    again = ocop(daemon.folder, "remove", "xa-a", "--yes")
    broken = ocop(daemon.folder, "remove", "hong", "--yes")
    return again.returncode == 66 and broken.returncode == 0 or (again, broken)


def full_disk(daemon):
    """No room for the files: nothing is left of them, and the account is as it was."""
    done = ocop(daemon.folder, "add", "xa-b", "--role", "commune", "--commune", "24349")
    if done.returncode:
        return done
    before = folder_of(daemon), read(daemon.path("accounts", "xa-b.account")), read(daemon.path("xa-b.key"))
    for words in (("rotate", "xa-b"), ("add", "xa-c", "--role", "commune", "--commune", "24352")):
        command = [OCOP, "account", *words, "--accounts", daemon.path("accounts")]
        done = subprocess.run(["sh", "-c", 'trap "" XFSZ; ulimit -f 0; exec "$@"', "sh", *command], cwd=daemon.folder, env=ENV,
                              capture_output=True, text=True, timeout=PATIENCE, check=False)
        if done.returncode != 73 or not done.stderr:
            return words, done
    after = folder_of(daemon), read(daemon.path("accounts", "xa-b.account")), read(daemon.path("xa-b.key"))
    return before == after or (before, after)


def main():
    t = Test()
    with Daemon(clock="2020-03-02T08:00:00+07:00", network=True) as daemon:
        daemon.account("admin", "admin, officer", uid=os.getuid())
        daemon.start()
        t.case("an account that is added can do what its role may, at once", added, daemon)
        t.case("list: everything of it, and the fingerprint that b2sum gives", fingerprint, daemon)
        t.case("rotate: the old key is nobody's, also on an open connection; the file is else as it was", rotated, daemon)
        t.case("rotate: what can't be done changes nothing", rotated_nothing, daemon)
        t.case("list: broken files are named as the daemon names them", listed, daemon)
        t.case("remove: asks on a terminal, wants --yes elsewhere, and is in force at once", removed, daemon)
        t.case("a full disk leaves nothing half done", full_disk, daemon)
    t.done()


main()
