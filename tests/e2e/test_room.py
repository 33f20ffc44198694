#!/usr/bin/python3
"""A disk that is full: work goes on with what is kept ahead, then writes are refused and reads go on,
and with room again everything does, all by itself. On a tmpfs and an ext4 of their own."""
import os
import re
import signal
import time

from disks import Disk, why_not
from harness import Daemon, PATIENCE, Test
from stranger import Client

MIB = 1 << 20


def metric(client, name):
    return int(re.search(rf"^ocopd_{name} (\d+)$", client.call("server.metrics")["text"], re.M).group(1))


def poll(question, what):
    until = time.monotonic() + PATIENCE
    while not question():
        if time.monotonic() > until:
            raise TimeoutError(what)
        time.sleep(0.02)


def new_dossier(client):
    return client.call("dossier.submit", product={"name": "Cà phê", "group": "coffee-cocoa"}, commune="24346",
                       producer={"name": "HTX", "kind": "cooperative"}, samples=1,
                       documents=[{"code": "registration", "status": "present"}])["dossier"]


def note(client, dossier):
    """None, or the kind of the refusal."""
    refused = client.refusal("dossier.note", dossier=dossier, text="đ" * 2000)
    return refused and refused.kind


def reads(client, dossier):
    return client.call("dossier.get", dossier=dossier)["dossier"] == dossier and \
        client.call("event.read", after=0)["events"] and client.call("report.summary") and True


def ahead(daemon, client):
    """Both are kept ahead: the journal's next file, whole, and the state's."""
    journal = os.path.join(daemon.state, "journal")
    files = [os.stat(os.path.join(journal, f)) for f in sorted(os.listdir(journal)) if f.endswith(".journal")]
    store = os.stat(os.path.join(daemon.state, "store", "data.mdb"))
    used = metric(client, "store_used_bytes")
    return len(files) >= 2 and all(f.st_blocks * 512 >= f.st_size == MIB for f in files) and \
        store.st_blocks * 512 >= store.st_size >= used + 2 * MIB


def full(kind):
    with Disk(kind, 40) as disk:
        with Daemon(clock="2020-03-02T08:00:00+07:00", options=["--reserve-bytes", "4M"]) as daemon:
            daemon.sizes = ["--segment-bytes", "1M", "--preallocate-bytes", "2M"]
            daemon.state = disk.path("state")
            daemon.account("me", "officer, admin", uid=os.getuid())
            daemon.start()
            with Client(daemon.ipc) as client:
                client.timeout = PATIENCE
                dossier = new_dossier(client)
                poll(lambda: ahead(daemon, client), "nothing is kept ahead")
                if client.call("server.status")["disk"]["low"]:
                    return "low from the beginning"
                disk.fill()
                poll(lambda: client.call("server.status")["disk"]["low"], "the reserve is not watched")

                written = 0
                while (kind_of := note(client, dossier)) is None:
                    written += 1
                # The rest of this journal's file and all of the next: 4 KiB each, and more.
                if kind_of != "storage" or written < MIB // 5000:
                    return f"{kind_of} after {written} writes on the full disk"
                for _ in range(20):
                    if note(client, dossier) != "storage" or not reads(client, dossier):
                        return "writes and reads on the full disk"
                refusals = metric(client, "storage_refusals_total")
                version = client.call("dossier.get", dossier=dossier)["version"]
                poll(lambda: "event=disk-low" in daemon.log() and "event=disk-full" in daemon.log(), "no warning")
                if refusals < 21 or version != written + 1:
                    return f"{refusals} refusals, version {version} after {written} writes"

            # Started on the full disk, after a kill as well, it is the same.
            daemon.kill()
            daemon.start()
            with Client(daemon.ipc) as client:
                client.timeout = PATIENCE
                if note(client, dossier) != "storage" or not reads(client, dossier):
                    return "after a start on the full disk"
                if client.call("dossier.get", dossier=dossier)["version"] != version:
                    return "the start has lost something"
                disk.empty()
                poll(lambda: note(client, dossier) is None, "writes do not come back")
                for _ in range(400):
                    if note(client, dossier):
                        return "refused with room on the disk"
                poll(lambda: not client.call("server.status")["disk"]["low"], "low for ever")
                poll(lambda: ahead(daemon, client), "nothing is kept ahead any more")
            daemon.terminate()
            return daemon.verify() == 0 or daemon.log()


def state_grows(kind):
    """The state outgrows what is kept ahead on a full disk, while the journal has room."""
    with Disk(kind, 60) as disk:
        with Daemon(clock="2020-03-02T08:00:00+07:00") as daemon:
            daemon.sizes = ["--segment-bytes", "16M", "--preallocate-bytes", "0"]
            daemon.state = disk.path("state")
            daemon.account("me", "officer, admin", uid=os.getuid())
            daemon.start()
            with Client(daemon.ipc) as client:
                client.timeout = PATIENCE
                dossier = new_dossier(client)
                disk.fill()
                made = 0
                while True:
                    refused = client.refusal(
                        "dossier.submit", product={"name": f"Sản phẩm {made} " + "x" * 300, "group": "coffee-cocoa"},
                        commune="24346", producer={"name": "HTX", "kind": "cooperative"}, samples=1,
                        documents=[{"code": "registration", "status": "present"}])
                    if refused:
                        break
                    made += 1
                if refused.kind != "storage" or not reads(client, dossier):
                    return f"{refused} after {made}"
                disk.empty()
                poll(lambda: note(client, dossier) is None, "writes do not come back")
            daemon.signal(signal.SIGKILL)
            daemon.process.wait()
            daemon.start()
            daemon.terminate()
            return daemon.verify() == 0 or daemon.log()


def main():
    test = Test()
    for kind in ("tmpfs", "ext4"):
        skip = why_not(kind)
        for name, case in ((f"{kind}: full, still at work, refusing, and back again", full),
                           (f"{kind}: a state that can't grow refuses, and grows later", state_grows)):
            if skip:
                test.skip(name, skip)
            else:
                test.case(name, case, kind)
    test.done()


if __name__ == "__main__":
    main()
