#!/usr/bin/python3
"""Backups: kept by number, a series by itself; a copy is verified as it is, and restored by a start on it."""
import os
import subprocess

from harness import Daemon, PROGRAMME, Test
from stranger import Client

ME = os.getuid()


def copies(daemon):
    return sorted(os.listdir(daemon.path("backup")))


def kept(daemon, link):
    """Of daily-NUMBER three stay; names of another form are never touched."""
    removed = []
    for name in ("before-upgrade", "daily-20260101", "daily-20260102", "weekly-20260101", "daily-20260103",
                 "daily-2026", "daily-20260104", "daily-20260106"):
        removed += link.call("server.backup", name=name)["removed"]
    wanted = ["before-upgrade", "daily-2026", "daily-20260103", "daily-20260104", "daily-20260106", "weekly-20260101"]
    return copies(daemon) == wanted and removed == ["daily-20260101", "daily-20260102"] or (copies(daemon), removed)


def clock_back(daemon, link):
    """A copy made under an older name than all others is not the one that makes room for itself."""
    removed = link.call("server.backup", name="daily-20251231")["removed"]
    return "daily-20251231" in copies(daemon) and removed == ["daily-20260103"] or (copies(daemon), removed)


def failed(daemon, link):
    """A copy that does not come about removes none."""
    before = copies(daemon)
    refused = link.refusal("server.backup", name="daily-20260106")
    return refused is not None and copies(daemon) == before or copies(daemon)


def files(folder):
    return sorted((os.path.join(d, f), os.stat(os.path.join(d, f)).st_mtime_ns)
                  for d, _, names in os.walk(folder) for f in names if f != "lock.mdb")


def verify(daemon, copy):
    return subprocess.run([daemon.program, "--verify", "--programme", PROGRAMME, "--state", copy],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def verified(daemon):
    """As it is: no file of it is made, changed or left behind (the store's own lock aside)."""
    copy = daemon.path("backup", "daily-20260106")
    before = files(copy)
    done = verify(daemon, copy)
    return done.returncode == 0 and "verify: ok" in done.stdout and files(copy) == before or done.stdout


def damaged(daemon):
    copy = daemon.path("backup", "daily-20260104")
    with open(os.path.join(copy, "journal", "00000001.journal"), "r+b") as f:
        f.seek(200)
        byte = f.read(1)
        f.seek(200)
        f.write(bytes([byte[0] ^ 1]))
    done = verify(daemon, copy)
    return done.returncode == 1 or (done.returncode, done.stdout)


def main():
    test = Test()
    with Daemon(clock="2020-03-02T08:00:00+07:00", options=["--backup-keep", "3"]) as daemon:
        daemon.account("me", roles="officer, admin", uid=ME)
        daemon.start()
        with Client(daemon.ipc) as link:
            link.call("dossier.propose", {"product": {"name": "Mật ong (mẫu)", "group": "honey"}, "commune": "24352",
                                          "producer": {"name": "HTX Ea Tam (mẫu)", "kind": "cooperative"}})
            test.case("so many of a series are kept", kept, daemon, link)
            test.case("the new copy is never removed, whatever its name", clock_back, daemon, link)
            test.case("a refused backup removes nothing", failed, daemon, link)
            sequence = link.call("server.ping")["sequence"]
        daemon.terminate()
        test.case("--verify of a copy", verified, daemon)
        test.case("--verify of a damaged copy: 1", damaged, daemon)
        daemon.state = daemon.path("backup", "daily-20260106")
        daemon.start()
        with Client(daemon.ipc) as link:
            test.equal(link.call("server.ping")["sequence"], sequence, "a daemon started on a copy goes on from there")
        daemon.terminate()
        test.equal(daemon.verify(), 0, "--verify of what has become a state of its own")
    test.done()


if __name__ == "__main__":
    main()
