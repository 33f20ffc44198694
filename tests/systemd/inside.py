#!/usr/bin/python3
"""In the container of container.sh, systemd being PID 1: the units as they are shipped."""
import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(HERE, "e2e"), HERE]

import crash  # noqa: E402
from harness import Daemon, PATIENCE, Test, keypair  # noqa: E402
from stranger import Client  # noqa: E402
from test_systemd import Callers, doorbell, submit  # noqa: E402

IPC, TCP = "ipc:///run/ocopd/command", "tcp://127.0.0.1:5570"
SOCKETS = ["ocopd.socket", "ocopd-event.socket"]
CONFIG, PROGRAMME = "/etc/ocopd/ocopd.cfg", "/etc/ocopd/krong-nang-2020"
KEY = keypair()


def run(*command, check=True, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **more)
    assert done.returncode == 0 or not check, f"{' '.join(command)}: {done.returncode}\n{done.stdout}"
    return done


def systemctl(*words, **more):
    return run("systemctl", *words, **more)


def show(name, unit="ocopd.service"):
    return systemctl("show", "-P", name, unit).stdout.strip()


def main_pid():
    pid = int(show("MainPID"))
    assert pid > 1, "the service has no process"
    return pid


def until(ask, wanted, patience=PATIENCE):
    """Polls; the seconds that took."""
    start = time.monotonic()
    while not wanted(said := ask()):
        assert time.monotonic() - start < patience, f"still {said!r}"
        time.sleep(0.02)
    return time.monotonic() - start


def journal(unit="ocopd.service"):
    return run("journalctl", "-q", "-o", "cat", "-u", unit, "--no-pager").stdout


def account(name, **lines):
    with open(f"/etc/ocopd/accounts/{name}.account", "w", encoding="utf-8") as f:
        f.write(f'account\n    name = "{name}"\n    title = "{name} (mẫu)"\n' + "".join(
            f'    {word.replace("_", "-")} = "{value}"\n' for word, value in lines.items()))


def setting(*lines):
    """The shipped settings with these instead of theirs."""
    names = {line.split(" = ", 1)[0] for line in lines}
    with open("/usr/share/doc/ocopd/ocopd.cfg", encoding="utf-8") as f:
        kept = [line for line in f if line.split(" = ", 1)[0] not in names]
    with open(CONFIG, "w", encoding="utf-8") as f:
        f.writelines(kept + [line + "\n" for line in lines])


USUAL = [f"programme = {PROGRAMME}", "clock = simulated:2020-03-02T08:00:00+07:00",
         "segment-bytes = 1M", "preallocate-bytes = 1M"]


# --- installing and starting -------------------------------------------------------------------

BEGUN = time.monotonic()


def installed():
    packages = glob.glob("/opt/ocopd/*.deb")
    if packages:
        run("dpkg", "--force-confnew", "-i", *packages)
    else:
        run("systemd-sysusers")
        run("systemd-tmpfiles", "--create")
        systemctl("daemon-reload")
    shutil.copytree("/usr/share/ocopd/krong-nang-2020", PROGRAMME)
    setting(*USUAL)
    account("root", role="officer", unix_user="root")
    account("office", role="officer", curve_key=KEY[0])
    return pwd.getpwnam("ocopd").pw_uid > 0


def started():
    systemctl("start", "ocopd.service")
    status = show("StatusText")
    return (show("ActiveState") == "active" and status.startswith("serving: last event 0, accounts 3")
            and show("User") == "ocopd") or (status, journal())


def server_key():
    with open("/etc/ocopd/server.key.pub", encoding="ascii") as f:
        return f.read().strip()


def far(**more):
    return Client(TCP, key=KEY, server=server_key(), **more)


def talk():
    with Client(IPC) as near, far() as link:
        near.call("server.ping")
        if link.call("server.ping")["key"] != server_key():
            return "another key"
        if submit(near)["due"] != "2020-03-05":
            return "another due day"
        print(f"# install to first dossier: {time.monotonic() - BEGUN:.1f} s (goal: 60)", flush=True)
    with Client(TCP, key=keypair(), server=server_key()).watch() as stranger:
        if stranger.handshake() != "auth":
            return "a stranger got in"
    return doorbell("ipc:///run/ocopd/event") and doorbell("tcp://127.0.0.1:5571", KEY, server_key()) or "no doorbell"


def kept_out(address):
    """The range of the socket unit: another address reaches nothing."""
    run("ip", "address", "add", address + "/32", "dev", "lo")
    with socket.socket() as s:
        s.settimeout(1.5)
        try:
            s.connect((address, 5570))
            return "connected"
        except (TimeoutError, PermissionError):
            return True


def other_user():
    done = run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", "-c",
               "import socket; socket.socket(socket.AF_UNIX).connect('/run/ocopd/command')", check=False)
    return "PermissionError" in done.stdout or done.stdout


# --- reload ------------------------------------------------------------------------------------

def reload(wanted):
    systemctl("reload", "ocopd.service")
    until(lambda: show("StatusText"), wanted)
    return show("ActiveState") == "active"


def reload_good():
    path = PROGRAMME + "/workflow-2020-03.zpl"
    with open(PROGRAMME + "/workflow.zpl", encoding="utf-8") as f:
        text = f.read()
    with open(path, "w", encoding="utf-8") as f:
        f.write(text.replace("valid-from = 2020-02-10", "valid-from = 2020-03-01").replace("check-days = 3", "check-days = 5"))
    reload(lambda status: status.startswith("serving") and "NOT" not in status)
    with Client(IPC) as link:
        until(lambda: submit(link)["due"], lambda due: due == "2020-03-09")
    return True


def reload_bad():
    path = PROGRAMME + "/workflow-2020-03.zpl"
    with open(path, encoding="utf-8") as f:
        text = f.read()
    with open(path, "w", encoding="utf-8") as f:
        f.write(text.replace("check-days = 5", "check-days = five"))
    good = reload(lambda status: "NOT reloaded" in status and "workflow-2020-03.zpl:" in status)
    with Client(IPC) as link:
        due = submit(link)["due"]
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    reload(lambda status: "NOT" not in status)
    return good and due == "2020-03-09"


# --- kills -------------------------------------------------------------------------------------

def kills(count):
    """kill -9 under load: no connection is refused, nothing acknowledged is lost."""
    stop = threading.Event()
    clients = [crash.Client(n, IPC, "container", stop) for n in range(4)]
    callers = [Callers("/run/ocopd/command"), Callers(("127.0.0.1", 5570))]
    for thread in clients + callers:
        thread.start()
    slowest = 0
    for n in range(count):
        acked = sum(len(c.acks) for c in clients)
        until(lambda: sum(len(c.acks) for c in clients), lambda now: now > acked + 20)
        pid, restarts = main_pid(), int(show("NRestarts"))
        start = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        acked = sum(len(c.acks) for c in clients)
        until(lambda: sum(len(c.acks) for c in clients), lambda now: now > acked + 4)
        slowest = max(slowest, time.monotonic() - start)
        until(lambda: int(show("NRestarts")), lambda now: now == restarts + 1)
    stop.set()
    for client in clients:
        client.join()
        assert client.error is None, client.error
    for caller in callers:
        caller.over.set()
        caller.join()
    systemctl("stop", "ocopd.service", *SOCKETS)
    rebuilt = journal().count("anew from the journal")
    acked = sum(len(c.acks) for c in clients)
    events = {e["data"].get("key"): e for e in Daemon.events(SimpleNamespace(state="/var/lib/ocopd/state"))}
    for client in clients:
        for key, result in client.acks.items():
            assert int(events[key]["sequence"]) == result["sequence"], key
    refused, calls = sum(c.refused for c in callers), sum(c.calls for c in callers)
    print(f"# {count} kills, {acked} acknowledged, {calls} connections, {refused} refused; "
          f"longest from a kill to the next answers {slowest:.2f} s")
    systemctl("start", "ocopd.service")
    # The store survives a crash of the process; the unit tells which run of the machine it is.
    return refused == 0 and rebuilt == 0 or f"{refused} refused, {rebuilt} rebuilt"


def hang():
    """A process that stands still is ended by the watchdog; who asked meanwhile is answered by the next."""
    restarts, pid = int(show("NRestarts")), main_pid()
    os.kill(pid, signal.SIGSTOP)
    with far(timeout=60) as link:
        link.post("server.ping")
        took = until(lambda: int(show("NRestarts")), lambda now: now == restarts + 1, 60)
        answered = "result" in link.answer()
    print(f"# ended and started again after {took:.1f} s (WatchdogSec=10, then 5 for SIGABRT, which it can't take)")
    return answered and "watchdog" in journal().lower() or journal()


# --- disk full ---------------------------------------------------------------------------------

def disk_full():
    systemctl("stop", "ocopd.service", *SOCKETS)
    os.rename("/var/lib/ocopd", "/var/lib/ocopd.aside")
    os.mkdir("/var/lib/ocopd", 0o700)
    run("mount", "-t", "tmpfs", "-o", "size=24M,mode=700", "tmpfs", "/var/lib/ocopd")
    try:
        setting(*USUAL[:2], "segment-bytes = 1M", "preallocate-bytes = 0")
        systemctl("start", "ocopd.service")
        with Client(IPC) as link:
            acked = [submit(link)["sequence"]]
            with open("/var/lib/ocopd/filler", "wb") as f:
                try:
                    while f.write(b"\1" * 65536):
                        f.flush()
                except OSError:
                    pass
            refused = None
            while refused is None:
                refused = link.refusal("dossier.note", {"dossier": "KN-2020-0001", "text": "ghi chú " * 400})
                if refused is None:
                    acked.append(acked[-1] + 1)
                assert len(acked) < 20000
            if refused.kind != "storage" or link.call("server.ping")["sequence"] != acked[-1]:
                return refused.kind
            reads = link.call("dossier.get", {"dossier": "KN-2020-0001"})["version"] == len(acked)
            restarts = show("NRestarts")
            os.unlink("/var/lib/ocopd/filler")
            until(lambda: link.refusal("dossier.note", {"dossier": "KN-2020-0001", "text": "lại"}), lambda r: r is None)
        print(f"# {len(acked)} writes until the disk was full, restarts {restarts}")
        systemctl("stop", "ocopd.service", *SOCKETS)
        verified = verify("/var/lib/ocopd/state").returncode == 0
        return reads and verified and restarts == "0" or (reads, verified, restarts)
    finally:
        systemctl("stop", "ocopd.service", *SOCKETS)
        run("umount", "/var/lib/ocopd")
        os.rmdir("/var/lib/ocopd")
        os.rename("/var/lib/ocopd.aside", "/var/lib/ocopd")
        setting(*USUAL)
        systemctl("start", "ocopd.service")


def verify(state):
    return run("setpriv", "--reuid=ocopd", "--regid=ocopd", "--clear-groups",
               "/usr/sbin/ocopd", "--verify", "--programme", PROGRAMME, "--state", state, check=False)


# --- the sandbox -------------------------------------------------------------------------------

def sandbox(test):
    """probe.c in a unit that is ocopd's but for the program."""
    with open("/home/probe.txt", "w", encoding="ascii") as f:
        f.write("x")
    control = run("/opt/ocopd/probe", check=False).stdout
    with open(show("FragmentPath"), encoding="utf-8") as f:
        unit = f.read().replace("/usr/sbin/ocopd --config /etc/ocopd/ocopd.cfg", "/opt/ocopd/probe")
    unit = unit.replace("ExecPaths=/usr/sbin/ocopd", "ExecPaths=/opt/ocopd/probe").replace("Type=notify", "Type=exec")
    unit = unit.replace("Restart=always", "Restart=no").replace("WatchdogSec=10", "")
    with open("/run/systemd/system/ocopd-probe.service", "w", encoding="utf-8") as f:
        f.write(unit)
    systemctl("daemon-reload")
    systemctl("start", "ocopd-probe.service")
    until(lambda: show("ActiveState", "ocopd-probe.service"), lambda s: s in ("inactive", "failed"))
    run("journalctl", "--sync")
    told = [line.split(": ", 1) for line in journal("ocopd-probe.service").splitlines() if ": " in line]
    tries = dict(line.split(": ", 1) for line in control.splitlines())
    got = {what: fate for what, fate in told if what in tries}
    test.equal(len(got), len(tries), "every try was made in the sandbox")
    for what, fate in got.items():
        real = "" if tries[what] == "POSSIBLE" else f" (outside: {tries[what]})"
        test.ok(fate != "POSSIBLE", f"from inside: {what}: {fate}{real}")
    return sum(fate == "POSSIBLE" for fate in tries.values()) >= len(tries) - 4 or control


# --- the units beside it -----------------------------------------------------------------------

def backups():
    """Two copies; the third of a series of two takes the oldest away; the newest is replayed."""
    setting(*USUAL, "backup-keep = 2")
    systemctl("restart", "ocopd.service")
    made = []
    for _ in range(3):
        systemctl("start", "ocop-backup.service")
        made.append(sorted(os.listdir("/var/lib/ocopd/backup")))
        now = int(time.time())
        until(lambda: int(time.time()), lambda later: later > now)     # names carry the second
    if [len(names) for names in made] != [1, 2, 2] or made[0][0] in made[2]:
        return made
    systemctl("start", "ocop-verify.service")
    run("journalctl", "--sync")
    said = journal("ocop-verify.service")
    return f"replaying /var/lib/ocopd/backup/{made[2][-1]}" in said and "verify: ok" in said or said


def backup_damaged():
    newest = sorted(glob.glob("/var/lib/ocopd/backup/daily-*"))[-1]
    with open(newest + "/journal/00000001.journal", "r+b") as f:
        f.seek(300)
        byte = f.read(1)
        f.seek(300)
        f.write(bytes([byte[0] ^ 1]))
    done = systemctl("start", "ocop-verify.service", check=False)
    shutil.rmtree(newest)
    return done.returncode != 0 and show("Result", "ocop-verify.service") == "exit-code"


def timers():
    for timer in ("ocop-backup.timer", "ocop-verify.timer"):
        systemctl("start", timer)
        if not show("NextElapseUSecRealtime", timer):
            return timer
        systemctl("stop", timer)
    return True


def listener():
    """A listener of a commune hears of its dossier, with the key its unit passes."""
    os.chdir("/root")
    run("ocop", "account", "add", "xa-ea-tam", "--role", "commune", "--commune", "24352",
        "--accounts", "/etc/ocopd/accounts")
    shutil.move("/root/xa-ea-tam.key", "/etc/ocopd/notify/xa-ea-tam.key")
    with open("/etc/ocopd/notify/xa-ea-tam.cfg", "w", encoding="utf-8") as f:
        f.write(f'feed = xa-ea-tam\nfrom = start\ntypes = "returned"\nendpoint = {TCP}\nserver = "{server_key()}"\n'
                'lang = vi\nprint = yes\nexec\n    command = "cat >>$STATE_DIRECTORY/heard"\n')
    systemctl("start", "ocop-notify@xa-ea-tam.service")
    with Client(IPC) as link:
        dossier = submit(link)["dossier"]
        link.call("dossier.return", {"dossier": dossier, "reasons": [{"reason": "Thiếu ảnh sản phẩm"}]})

    def heard():
        try:
            with open("/var/lib/ocop-notify/xa-ea-tam/heard", encoding="utf-8") as f:
                return f.read()
        except FileNotFoundError:
            return ""
    until(heard, lambda text: dossier in text)
    active = show("ActiveState", "ocop-notify@xa-ea-tam.service")
    start = time.monotonic()
    systemctl("stop", "ocop-notify@xa-ea-tam.service")
    print(f"# the listener stopped within {time.monotonic() - start:.1f} s")
    return active == "active" and show("Result", "ocop-notify@xa-ea-tam.service") == "success" or active


def packet_filter():
    """The example: beside the sixteenth connection of an address there is no other."""
    run("nft", "-f", HERE + "/systemd/ocopd.nft" if os.path.exists(HERE + "/systemd/ocopd.nft")
        else "/usr/share/doc/ocopd/ocopd.nft")
    connections = [socket.socket() for _ in range(20)]
    refused = sum(s.connect_ex(("127.0.0.1", 5570)) != 0 for s in connections)
    for s in connections:
        s.close()
    run("nft", "delete", "table", "inet", "ocopd")
    return refused == 4 or f"{refused} of 20 refused"


# --- stopping ----------------------------------------------------------------------------------

def stopped():
    """With somebody who waits: he is let go, exit 0, within two seconds."""
    with Client(IPC) as link:
        link.post("event.read", {"after": 1000000, "wait": 60})
        link.call("server.ping")
        start = time.monotonic()
        systemctl("stop", "ocopd.service", *SOCKETS)
        took = time.monotonic() - start
        released = link.answer().get("result", {}).get("events") == []
    print(f"# stopped within {took:.2f} s")
    return (released and took < 2 and show("ExecMainStatus") == "0" and show("Result") == "success"
            and not os.path.exists("/run/ocopd/command")) or (released, took, show("ExecMainStatus"), show("Result"))


def woken():
    """The service is not there, its sockets are: the first client starts it."""
    systemctl("start", *SOCKETS)
    if show("ActiveState") != "inactive":
        return show("ActiveState")
    with Client(IPC) as link:
        link.call("server.ping")
    return show("ActiveState") == "active"


def wrong_key():
    """78: it is not started again and again."""
    systemctl("stop", "ocopd.service", *SOCKETS)
    os.rename("/etc/ocopd/server.key", "/etc/ocopd/aside.key")
    with open("/etc/ocopd/server.key", "w", encoding="ascii") as f:
        f.write("no key\n")
    failed = systemctl("start", "ocopd.service", check=False).returncode
    result = show("ExecMainStatus"), show("ActiveState"), show("NRestarts")
    os.rename("/etc/ocopd/aside.key", "/etc/ocopd/server.key")
    systemctl("start", "ocopd.service")
    return failed != 0 and result == ("78", "failed", "0") and show("ActiveState") == "active" or result


def missing_folder():
    """The accounts' folder is gone: 78 as well, with a line that says what would be right."""
    systemctl("stop", "ocopd.service", *SOCKETS)
    os.rename("/etc/ocopd/accounts", "/etc/ocopd/accounts.aside")
    systemctl("start", "ocopd.service", check=False)
    result = show("ExecMainStatus"), show("ActiveState")
    os.rename("/etc/ocopd/accounts.aside", "/etc/ocopd/accounts")
    systemctl("start", "ocopd.service")
    return result == ("78", "failed") and "make the folder" in journal() or (result, journal())


def main():
    test = Test()
    print(f"# {run('systemctl', '--version').stdout.splitlines()[0]}, PID 1: {open('/proc/1/comm', encoding='ascii').read().strip()}")
    test.case("installed", installed)
    test.case("started: user, status", started)
    test.case("talks over ipc and tcp, a stranger is refused, the doorbell rings", talk)
    test.case("another address than the socket's range is kept out", kept_out, "10.9.9.9")
    test.case("a user outside the group does not reach the socket", other_user)
    test.case("reload with a good programme", reload_good)
    test.case("reload with a bad programme", reload_bad)
    test.case("kill -9, twenty times under load", kills, 20)
    test.case("--verify by another process is refused meanwhile: 75",
              lambda: verify("/var/lib/ocopd/state").returncode == 75)
    test.case("a hang is ended by the watchdog", hang)
    test.case("disk full on a small file system: refused, read, and back", disk_full)
    test.case("the tries are real: possible without the sandbox", sandbox, test)
    test.case("backup: verified, old ones pruned, the newest replayed", backups)
    test.case("the replay of a damaged copy fails", backup_damaged)
    test.case("the timers stand", timers)
    test.case("a listener hears with its own key", listener)
    test.case("the packet filter's example", packet_filter)
    test.case("stopped", stopped)
    test.case("woken by its socket", woken)
    test.case("a wrong key: 78, and no loop", wrong_key)
    test.case("no accounts' folder: 78", missing_folder)
    if test.failed:
        print(journal()[-6000:])
    systemctl("stop", "ocopd.service", *SOCKETS)
    test.equal(verify("/var/lib/ocopd/state").returncode, 0, "--verify of what all this left")
    test.done()


if __name__ == "__main__":
    main()
