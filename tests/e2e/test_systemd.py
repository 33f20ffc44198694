#!/usr/bin/python3
"""As a service: sockets and key passed at the start, readiness, watchdog, reload, stop, restart, exit codes."""
import json
import os
import shutil
import signal
import socket
import threading

import zmq

from harness import PATIENCE, Test, keypair
from manager import Ended, Manager
from stranger import Client, Refused

ME = os.getuid()
DOCUMENTS = [{"code": c, "status": "present"} for c in
             ("registration", "business-plan", "organisation", "business-registration")]


def submit(link, **more):
    return link.call("dossier.submit", {
        "product": {"name": "Mật ong (mẫu)", "group": "honey"},
        "producer": {"name": "HTX Ea Tam (mẫu)", "kind": "cooperative"},
        "commune": "24352", "documents": DOCUMENTS, "samples": 5}, **more)


def doorbell(endpoint, key=None, server=None):
    bell = zmq.Context.instance().socket(zmq.SUB)
    bell.linger = 0
    if key:
        bell.curve_publickey, bell.curve_secretkey = (k.encode() for k in key)
        bell.curve_serverkey = server.encode()
    bell.subscribe(b"sequence")
    bell.connect(endpoint)
    rung = bell.poll(1000 * PATIENCE) and bell.recv_multipart()
    bell.close()
    return bool(rung) and rung[0] == b"sequence" and "sequence" in json.loads(rung[1])


# --- passed sockets ----------------------------------------------------------------------------

def served(m, key):
    m.start()
    ready = next(i for i, words in enumerate(m.told) if "READY" in words)
    if any("WATCHDOG" in words for words in m.told[:ready]):
        return f"alive before ready: {m.told}"
    with Client(m.ipc) as near, Client(m.tcp, key=key, server=m.server_key()) as far:
        near.call("server.ping")
        if far.call("server.ping")["key"] != m.server_key():
            return "another key"
    with Client(m.tcp, key=keypair(), server=m.server_key()).watch() as stranger:
        if stranger.handshake() != "auth":
            return "a stranger got in"
    if sorted(os.listdir(m.path("credentials"))) != ["server-key"]:
        return "something was written beside the credential"
    return doorbell(m.ipc_bell) and doorbell(m.bell, key, m.server_key()) or "no doorbell"


def account_changed(m, key):
    """The doorbell is hung anew then: on the passed sockets as on its own."""
    m.account("guest", roles="steering", key=GUEST[0])
    with Client(m.tcp, key=GUEST, server=m.server_key()) as link:
        link.call("server.ping")
    return doorbell(m.ipc_bell) and doorbell(m.bell, GUEST, m.server_key())


class Callers(threading.Thread):
    """Raw connections without end, each until the daemon's first byte: who is refused one notes it. While
    nobody is there one waits in the queue, and leaves it room for others."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.address, self.calls, self.refused, self.over = address, 0, 0, threading.Event()

    def run(self):
        while not self.over.is_set():
            family = socket.AF_UNIX if isinstance(self.address, str) else socket.AF_INET
            with socket.socket(family, socket.SOCK_STREAM) as s:
                try:
                    s.connect(self.address)
                    s.recv(1)
                except ConnectionRefusedError:
                    self.refused += 1
                except ConnectionResetError:
                    pass        # accepted, and killed
                self.calls += 1


def restarts(m, key):
    """A request sent while nobody is there is answered by the next. Not limited: callers and clients are one
    source here, and what is cut for the callers' sake would be lost for the clients."""
    callers = [Callers(s.getsockname()) for s in m.listeners[:2]]
    for caller in callers:
        caller.start()
    for n in range(6):
        if n % 2:
            m.terminate()
        else:
            m.kill()
        with Client(m.tcp, key=key, server=m.server_key()) as far, Client(m.ipc) as near:
            far.post("server.ping")
            near.post("server.ping")
            m.start("--connections-per-second", "100000")
            if "result" not in far.answer() or "result" not in near.answer():
                return "not answered"
    for caller in callers:
        caller.over.set()
    for caller in callers:
        caller.join()
    refused = sum(c.refused for c in callers)
    print(f"# 6 restarts, {sum(c.calls for c in callers)} connections, {refused} refused")
    return refused == 0 and min(c.calls for c in callers) > 6 and os.path.exists(m.path("run", "command")) or f"{refused} refused"


# --- exit codes --------------------------------------------------------------------------------

def exit_code(m, wanted, said, **how):
    at = len(m.log())
    more = how.pop("more", ())
    m.begin(*more, **how)
    try:
        m.until("READY")
    except Ended as ended:
        told = m.log()[at:]
        return ended.args[0] == wanted and said in told or f"{ended.args[0]}: {told}"
    m.terminate()
    return "it serves"


def wrong_starts(test, m):
    far = m.listeners[1]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram, \
            socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as idle:
        for name, how in {
                "a socket of an unknown name": {"names": ["commands"], "said": "FileDescriptorName=command"},
                "a datagram socket": {"listeners": [datagram], "said": "no listening stream socket"},
                "a socket that does not listen": {"listeners": [idle], "said": "no listening stream socket"},
                "tcp without a key": {"credentials": False, "said": "credential server-key"},
                "an endpoint of its own beside them": {"more": ["--command", "tcp://127.0.0.1:1"],
                                                       "said": "ListenStream="}}.items():
            how.setdefault("listeners", [far])
            how.setdefault("names", ["command"])
            test.case(f"{name}: 78", lambda: exit_code(m, 78, how.pop("said"), **how))


def second_instance(m):
    m.start()
    first, m.process = m.process, None
    try:
        return exit_code(m, 75, "another ocopd holds this state", listeners=[])
    finally:
        m.process = first
        m.terminate()


# --- the watchdog ------------------------------------------------------------------------------

def watched(m):
    """Pinged in idleness as under load; a hung one is silent."""
    for _ in range(6):
        m.until("WATCHDOG")
    with Client(m.ipc) as link:
        m.deaf()
        while not m.hear(0):
            link.call("server.ping")
    m.signal(signal.SIGSTOP)
    os.waitid(os.P_PID, m.process.pid, os.WSTOPPED | os.WNOWAIT)
    m.deaf()
    silent = m.hear(2 * m.watchdog) is None
    m.signal(signal.SIGCONT)
    m.until("WATCHDOG")
    return silent or "pinged while it was stopped"


# --- SIGHUP ------------------------------------------------------------------------------------

def reload_good(m, link):
    """New dossiers run under the new workflow, an open one under its own."""
    old = submit(link)
    if old["due"] != "2020-03-05":
        return old
    shutil.copy(os.path.join(m.programme, "workflow.zpl"), os.path.join(m.programme, "workflow-2020-03.zpl"))
    m.edit("workflow-2020-03.zpl", ("valid-from = 2020-02-10", "valid-from = 2020-03-01"),
           ("check-days = 3", "check-days = 5"))
    said = m.reload()
    new = submit(link)
    link.call("dossier.return", {"dossier": old["dossier"], "reasons": [{"reason": "Thiếu ảnh"}]})
    again = link.call("dossier.resubmit", {"dossier": old["dossier"], "documents": DOCUMENTS})
    return ("NOT" not in said and new["due"] == "2020-03-09" and again["due"] == "2020-03-05") or (said, new, again)


def reload_refused(m, link, wanted):
    """The error is told with its place, and the programme in force is the one before."""
    said = m.reload()
    if "NOT reloaded" not in said or wanted not in said or wanted not in m.log():
        return said
    due = submit(link)["due"]
    return due == "2020-03-09" or due


def reload_bad(test, m, link):
    m.edit("workflow-2020-03.zpl", ("check-days = 5", "check-days = many"))
    test.case("SIGHUP with a wrong programme: told with file and line, the old one stays", reload_refused, m, link,
              "workflow-2020-03.zpl:")
    m.edit("workflow-2020-03.zpl", ("check-days = many", "check-days = 5"))
    aside = m.path("workflow.aside")
    os.rename(os.path.join(m.programme, "workflow.zpl"), aside)
    test.case("SIGHUP without a version that a dossier runs under: refused, names the dossier", reload_refused, m,
              link, "KN-2020-0001 runs under it")
    os.rename(aside, os.path.join(m.programme, "workflow.zpl"))
    m.edit("programme.zpl", ("KN-{year}", "KR-{year}"))
    test.case("SIGHUP with another number template: refused", reload_refused, m, link, "number template")
    m.edit("programme.zpl", ("KR-{year}", "KN-{year}"))
    test.case("SIGHUP when all is right again: nothing is held against it",
              lambda: "NOT" not in (said := m.reload()) or said)


def reload_accounts(m):
    m.account_file("broken", "account\n    name = wrong\n")
    with_broken = m.reload()
    m.remove_account("broken")
    return "(1 broken)" in with_broken and "broken" not in (said := m.reload()) or (with_broken, said)


# --- a long journal ----------------------------------------------------------------------------

def replayed(m, link):
    """The time allowed is prolonged as long as the replay goes on, and all before READY."""
    dossier = submit(link)["dossier"]
    while link.call("server.ping")["sequence"] < 9000:
        link.send(b"", json.dumps([{"jsonrpc": "2.0", "id": n, "method": "dossier.note",
                                    "params": {"dossier": dossier, "text": "ghi chú"}} for n in range(64)]))
        link.receive()
    sequence = link.call("server.ping")["sequence"]
    m.kill()
    shutil.rmtree(os.path.join(m.state, "store"))
    m.deaf()
    m.told.clear()
    m.start()
    extended = [words["STATUS"] for words in m.told if "EXTEND_TIMEOUT_USEC" in words]
    return (len(extended) >= 3 and f"event {sequence} of {sequence}" in extended[-1]
            and "READY" in m.told[-1]) or m.told


# --- SIGTERM -----------------------------------------------------------------------------------

class Office(threading.Thread):
    """Writes without a pause until it is told that it is too late, or hears no more."""

    def __init__(self, m, number):
        super().__init__(daemon=True)
        self.link, self.number, self.acked, self.end = Client(m.ipc, timeout=5), number, {}, None

    def run(self):
        n = 0
        while self.end is None:
            n += 1
            key = f"o{self.number}-{n}"
            try:
                self.acked[key] = submit(self.link, key=key)["sequence"]
            except Refused as refused:
                self.end = refused.kind
            except Exception as silence:  # pylint: disable=broad-except
                self.end = type(silence).__name__
        self.link.close()


def stopped(m, link):
    """What was acknowledged stays, who waits is let go; exit 0."""
    offices = [Office(m, n) for n in range(4)]
    with Client(m.ipc) as listener:
        listener.post("event.read", {"after": 1000000, "wait": 60})
        for office in offices:
            office.start()
        while not all(len(office.acked) > 20 for office in offices):
            link.call("server.ping")
        m.deaf()
        m.told.clear()
        m.terminate()
        m.deaf()
        if not any("STOPPING" in words for words in m.told):
            return "it did not say that it stops"
        released = listener.answer()
    for office in offices:
        office.join(PATIENCE)
    ends = {office.end for office in offices}
    if released.get("result", {}).get("events") != [] or not ends <= {"unavailable", "Silence"}:
        return released, ends
    m.start()
    with Client(m.ipc) as again:
        for office in offices:
            for key, sequence in office.acked.items():
                if submit(again, key=key)["sequence"] != sequence:
                    return f"{key} was acknowledged and is lost"
    return True


def too_late(m):
    """Of more than it can do in the time left, the first are served, then all are told that it is too late."""
    fates = ""
    with Client(m.ipc) as link:
        link.socket.sndhwm = link.socket.rcvhwm = 0
        for _ in range(3000):
            link.post("event.read", {"after": 0, "types": ["ranked"]})     # goes through all there are
        link.answer()
        m.terminate()
        while link.socket.poll(0):
            answer = link.answer()
            kind = answer["error"]["data"]["kind"] if "error" in answer else "served"
            fates += {"served": "s", "unavailable": "u"}.get(kind, "?")
    served, told = fates.count("s"), fates.count("u")
    return fates == "s" * served + "u" * told and served > 0 and told > 0 or f"{served} served, {told} told: {fates[:100]}"


GUEST = keypair()


def main():
    test = Test()
    key = keypair()
    with Manager() as m:
        m.account("office", roles="officer", uid=ME)
        m.account("admin", roles="admin", key=key[0])
        wrong_starts(test, m)
        test.case("a second instance: 75", second_instance, m)
        test.case("served on four passed sockets, with a passed key", served, m, key)
        test.case("an account comes: the doorbell still rings on the passed sockets", account_changed, m, key)
        test.case("restarted, killed and stopped: nobody is refused", restarts, m, key)
        with Client(m.ipc) as link:
            test.case("SIGHUP takes a new programme, open dossiers keep their version", reload_good, m, link)
            reload_bad(test, m, link)
            test.case("SIGHUP reads the accounts; the status counts the broken ones", reload_accounts, m)
        with Client(m.ipc) as link:
            test.case("EXTEND_TIMEOUT while a long journal is replayed", replayed, m, link)
        with Client(m.ipc) as link:
            test.case("SIGTERM under load", stopped, m, link)
        test.case("SIGTERM with more waiting than can be done", too_late, m)
        m.start()
        m.terminate()
    with Manager(watchdog=0.4) as m:
        m.account("office", roles="officer", uid=ME)
        m.start()
        test.case("the watchdog is told by a loop that turns, and by no other", watched, m)
        m.terminate()
    test.done()


if __name__ == "__main__":
    main()
