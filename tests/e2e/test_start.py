#!/usr/bin/python3
"""What a start looks at, and what it refuses: the exit code, and one line that says what to do."""
import os
import re
import shutil
import subprocess
import time

from disks import SKIP_MOUNTS, Disk
from harness import Daemon, PATIENCE, PROGRAMME, Test, keypair
from stranger import Client

USAGE, STORAGE, IN_USE, CONFIG = 64, 74, 75, 78


def end(daemon, *more, run=True):
    """Starts it where it must end by itself: the exit code and what it says."""
    options = daemon._run_options() if run else []  # pylint: disable=protected-access
    done = subprocess.run(daemon._command(*options, *more), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=PATIENCE, check=False, env=dict(os.environ, LC_ALL="C.UTF-8"))
    return done.returncode, done.stdout + done.stderr


def refused(daemon, code, *words, more=(), run=True):
    got, said = end(daemon, *more, run=run)
    errors = [line for line in said.splitlines() if line.startswith("level=error")]
    if got != code or len(errors) != 1 or "ready" in said.splitlines():
        return f"{got}\n{said}"
    return all(word in errors[0] for word in words) or errors[0]


def once(daemon, notes=0):
    """Serves for a moment: a dossier, and notes of 4 KiB on it."""
    daemon.start()
    with Client(daemon.ipc) as client:
        number = client.call("dossier.submit", product={"name": "Cà phê", "group": "coffee-cocoa"}, commune="24346",
                             producer={"name": "HTX", "kind": "cooperative"}, samples=1,
                             documents=[{"code": "registration", "status": "present"}])["dossier"]
        for _ in range(notes):
            client.call("dossier.note", dossier=number, text="x" * 4000)
    daemon.terminate()


def sequence(daemon):
    with Client(daemon.ipc) as client:
        return client.call("server.ping")["sequence"]


def world(**more):
    daemon = Daemon(clock="2020-03-02T08:00:00+07:00", **more)
    daemon.account("me", "officer, admin", uid=os.getuid())
    return daemon


# --- bad input -----------------------------------------------------------------------------------

def open_key():
    with world(network=True) as daemon:
        once(daemon)
        os.chmod(daemon.path("server.key"), 0o644)
        result = refused(daemon, CONFIG, "server.key", "chmod 600")
        if result is not True:
            return result
        os.chmod(daemon.path("server.key"), 0o600)
        once(daemon)
    return True


def key_twice():
    with world() as daemon:
        one = keypair()[0]
        daemon.account("first", "steering", key=one)
        daemon.account("second", "admin", key=one)
        return refused(daemon, CONFIG, "second.account", "first", "one key, one account")


def key_twice_later():
    """While serving, the second one is told and left out, and the others stay in force."""
    with world() as daemon:
        one = keypair()[0]
        daemon.account("first", "steering", key=one)
        daemon.start()
        with Client(daemon.ipc) as client:
            daemon.account("second", "admin", key=one)
            until = time.monotonic() + PATIENCE
            while not (status := client.call("server.status"))["broken"]:
                if time.monotonic() > until:
                    return status
            return status["accounts"] == 2 and "second.account" in status["broken"][0] or status


def unknown_key():
    with world() as daemon:
        config = daemon.path("ocopd.cfg")
        with open(config, "w", encoding="utf-8") as f:
            f.write(f"programme = {PROGRAMME}\nstat = {daemon.state}\n")
        return refused(daemon, CONFIG, "ocopd.cfg:2", "stat is not known here", "state", more=["--config", config])


def unknown_option():
    with world() as daemon:
        return refused(daemon, USAGE, "--stat", "--state", more=["--stat", "x"])


def other_owner():
    with world() as daemon:
        once(daemon)
        os.chown(daemon.state, 12345, -1)
        result = refused(daemon, CONFIG, "belongs to user 12345", "chown")
        os.chown(daemon.state, os.getuid(), -1)
        return result


def no_folder():
    with world() as daemon:
        daemon.state = daemon.path("not", "there")
        return refused(daemon, CONFIG, "not/there", "name a folder")


def read_only():
    with world() as daemon, Disk("tmpfs", 16) as disk:
        daemon.state = disk.path("state")
        once(daemon)
        disk.remount("ro")
        result = refused(daemon, STORAGE, "state", "Read-only", "mount the disk so that it can be written")
        disk.remount("rw")
        if result is not True:
            return result
        daemon.start()
        daemon.terminate()
    return True


def too_small():
    with world() as daemon, Disk("tmpfs", 1) as disk:
        daemon.state = disk.path("state")
        return refused(daemon, STORAGE, "No space", "make room")


def second_instance():
    with world() as daemon:
        daemon.start()
        return refused(daemon, IN_USE, "another ocopd")


# --- formats -------------------------------------------------------------------------------------

def set_format(daemon, number):
    """Of the state; in LMDB's file a row's value stands right behind its key."""
    path = os.path.join(daemon.state, "store", "data.mdb")
    with open(path, "rb") as f:
        data = f.read()
    data, count = re.subn(rb"(?<=applied\0\0\0\0\0\0\0)[\x01-\x7f]", bytes([number]), data)
    assert count > 0
    with open(path, "wb") as f:
        f.write(data)


def older_state():
    with world() as daemon:
        once(daemon, notes=3)
        set_format(daemon, 1)
        daemon.start()
        said = [line for line in daemon.log().splitlines() if "event=state-renewed" in line]
        if sequence(daemon) != 4 or len(said) != 1 or "older format 1" not in said[0]:
            return said
        daemon.terminate()
        kept = os.path.join(daemon.state, "store.format-1", "data.mdb")
        return os.path.exists(kept) and daemon.verify() == 0 or daemon.log()


def newer_state():
    with world() as daemon:
        once(daemon, notes=3)
        set_format(daemon, 99)
        result = refused(daemon, STORAGE, "format 99", "install the newer ocopd", "--rebuild")
        if result is not True:
            return result
        code, said = end(daemon, "--rebuild", run=False)
        if code != 0:
            return said
        daemon.start()
        return sequence(daemon) == 4


def newer_journal():
    with world() as daemon:
        once(daemon)
        path = os.path.join(daemon.state, "journal", "journal.about")
        with open(path, encoding="utf-8") as f:
            text = f.read()
        with open(path, "w", encoding="utf-8") as f:
            f.write(text.replace("format = 1", "format = 7"))
        return refused(daemon, STORAGE, "journal.about", "format 7", "install the newer ocopd")


# --- the journal ---------------------------------------------------------------------------------

def whole_journal():
    """Damage far before the tail is found by a start, where the journal is not long."""
    with world() as daemon:
        once(daemon, notes=400)
        daemon.start()
        log = daemon.log()
        daemon.terminate()
        if "event=journal-verified extent=whole events=401" not in log:
            return log
        path = os.path.join(daemon.state, "journal", "00000001.journal")
        if not os.path.exists(path.replace("01.", "02.")):
            return "the journal has one file only"
        with open(path, "r+b") as f:
            f.seek(5000)
            byte = f.read(1)
            f.seek(5000)
            f.write(bytes([byte[0] ^ 1]))
        return refused(daemon, STORAGE, "00000001.journal", "restore a backup")


def behind():
    """The state is some events behind, as after a crash: it catches up."""
    with world() as daemon:
        once(daemon)
        store = os.path.join(daemon.state, "store")
        subprocess.run(["cp", "-r", store, daemon.path("old")], check=True)
        once(daemon, notes=3)
        subprocess.run(["rm", "-r", store], check=True)
        os.rename(daemon.path("old"), store)
        daemon.start()
        if sequence(daemon) != 5:
            return sequence(daemon)
        daemon.terminate()
        return daemon.verify() == 0 or daemon.log()


# --- another programme ---------------------------------------------------------------------------

def other_programme(name, changes, words):
    """The dossiers there are can't live with it: refused before anything is done, and well once it is put back."""
    with world() as daemon:
        once(daemon)
        daemon.programme = daemon.path("programme")
        shutil.copytree(PROGRAMME, daemon.programme)
        path = os.path.join(daemon.programme, name)
        with open(path, encoding="utf-8") as f:
            text = f.read()
        edited = text
        for old, new in changes:
            if old not in edited:
                return f"{name} has no {old}"
            edited = edited.replace(old, new)
        with open(path, "w", encoding="utf-8") as f:
            f.write(edited)
        result = refused(daemon, CONFIG, "put", "back", *words)
        if result is not True:
            return result
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        once(daemon)
        return daemon.verify() == 0 or daemon.log()


PROGRAMMES = [
    ("without the workflow a dossier runs under", "workflow.zpl", [("valid-from = 2020-02-10", "valid-from = 2020-02-11")],
     ["2020-02-10", "KN-2020-0001"]),
    ("without the state a dossier stands in", "workflow.zpl", [("submitted", "taken-in")], ["submitted", "KN-2020-0001"]),
    ("without the criteria a dossier is judged by", "criteria/coffee-cocoa.zpl",
     [("valid-from = 2019-08-21", "valid-from = 2019-08-22")], ["coffee-cocoa", "2019-08-21", "KN-2020-0001"]),
    ("with another number template", "programme.zpl", [("KN-{year}", "KR-{year}")], ["number template", "KN-2020-0001"]),
    ("with another source", "programme.zpl", [("/ocop/650", "/ocop/651")], ["/ocop/650", "/ocop/651"]),
]


def main():
    test = Test()
    root = None if os.getuid() == 0 else "only root can give a folder away"
    for name, case, skip in [
        ("a server key that others can read: 78", open_key, None),
        ("two accounts with one key: 78", key_twice, None),
        ("the same while serving: told, and the others stay", key_twice_later, None),
        ("a config with an unknown key: 78", unknown_key, None),
        ("an unknown option: 64", unknown_option, None),
        ("a state folder of another owner: 78", other_owner, root),
        ("no folder for the state: 78", no_folder, None),
        ("a read-only disk: 74", read_only, SKIP_MOUNTS),
        ("a disk without room for a new state: 74", too_small, SKIP_MOUNTS),
        ("a second daemon on one state: 75", second_instance, None),
        ("an older state is kept and made anew from the journal", older_state, None),
        ("a newer state is refused by name, and --rebuild is the way out", newer_state, None),
        ("a newer journal is refused by name", newer_journal, None),
        ("the whole journal is verified", whole_journal, None),
        ("a state behind its journal catches up", behind, None),
    ]:
        if skip:
            test.skip(name, skip)
        else:
            test.case(name, case)
    for name, *other in PROGRAMMES:
        test.case(f"a programme {name}: 78", other_programme, *other)
    test.done()


if __name__ == "__main__":
    main()
