#!/usr/bin/python3
"""What a commune hears when the office returns a dossier: ocop-notify against the real daemon.

    test_alerts.py [CASE...]
"""
import email
import email.policy
import json
import os
import signal
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import zmq  # noqa: E402
from alert_world import COMMUNES, FOREIGN, OURS, Office  # noqa: E402
from notify_world import MailServer, until  # noqa: E402

CASES = []
WAYS = (True, False)        # over CURVE, and on the spot


def case(function):
    CASES.append(function)
    return function


def text(path):
    return open(path, encoding="utf-8").read() if os.path.exists(path) else ""


def lines(process):
    return [line for line in text(process.out).splitlines(keepends=True) if line.endswith("\n")]


def ids(process):
    return [int(json.loads(line)["id"]) for line in lines(process)]


def mail_section(server, to="xa@example.vn"):
    return f'mail\n    from = ocop@example.vn\n    to = "{to}"\n    smtp = "{server.url}"\n    tls = no\n'


def exec_section(command):
    return f"exec\n    command = '{command}'\n"


def listening(o, process, feed=OURS):
    """Its feed stands, so that what is done from now on is told."""
    until(lambda: "ready\n" in text(process.err), "ready")
    assert o.feed(feed)


def acknowledged(o, sequence, feed=OURS):
    until(lambda: (o.feed(feed) or {"cursor": -1})["cursor"] >= sequence, f"{sequence} acknowledged")


# --- told, once and always ---------------------------------------------------------------------------

def told(o, network):
    """Printed and mailed in Vietnamese, confirmed in the record, known to the office."""
    server = MailServer()
    dossier = o.submit()
    p = o.start(o.settings(mail_section(server), network=network, **{"print": "yes", "from": "now"}))
    listening(o, p)
    o.submit(FOREIGN)
    o.until_time("2020-03-03T09:12:44")
    before = o.sequence()
    sequence = o.give_back(dossier, until="2020-03-10")
    assert sequence == before + 1
    acknowledged(o, sequence)
    o.end(p)
    assert lines(p) == [
        f"03/03/2020 09:12:44  #{sequence}  {dossier} hồ sơ bị trả lại để bổ sung: Cà phê bột nguyên chất Ê Đê, "
        "HTX Cà phê ĐLiê Ya (Xã ĐLiê Ya); bổ sung trước ngày 10/03/2020; "
        "(1) Phương án kinh doanh chưa có chữ ký → Chủ thể ký, đóng dấu; (2) Thiếu sản phẩm mẫu\n"], lines(p)
    assert len(server.mails) == 1, server.mails
    raw = server.mails[0][2]
    raw.decode("ascii")
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert mail["Subject"] == f"[OCOP] Hồ sơ {dossier} cần bổ sung: Cà phê bột nguyên chất Ê Đê", mail["Subject"]
    body = mail.get_content().splitlines()
    for line in ("Kính gửi Xã ĐLiê Ya,", "  Sản phẩm: Cà phê bột nguyên chất Ê Đê", "  Chủ thể: HTX Cà phê ĐLiê Ya",
                 "  Bổ sung trước ngày: 10/03/2020", "  1. Phương án kinh doanh chưa có chữ ký",
                 "     Hướng dẫn: Chủ thể ký, đóng dấu", "  2. Thiếu sản phẩm mẫu",
                 "Liên hệ: Phòng Nông nghiệp và PTNT"):
        assert line in body, (line, body)
    assert any("hương án" in line and "Thành phần hồ sơ:" in line for line in body), body
    assert o.call("office", "dossier.get", dossier=dossier)["notified"] == \
        {"feed": OURS, "at": "2020-03-03T09:12:44.000+07:00"}
    feed = o.feed()
    assert (feed["account"], feed["lag"], feed["failures"]) == (OURS, 0, 0) and "oldest" not in feed, feed
    server.shutdown()


@case
def a_returned_dossier_is_told_over_the_network(o):
    told(o, True)


@case
def a_returned_dossier_is_told_on_the_spot(o):
    told(o, False)


@case
def a_killed_daemon_is_found_again_and_nothing_missed(o):
    for network in WAYS:
        feed = f"feed-{network}"
        p = o.start(o.settings(network=network, feed=feed, **{"print": "json", "from": "now"}))
        listening(o, p, feed)
        wanted = [o.returned()[1]]
        acknowledged(o, wanted[0], feed)
        for _ in range(3):
            o.daemon.kill()
            o.daemon.start()
            wanted += [o.returned()[1], o.returned()[1]]
            o.daemon.kill()         # the listener may or may not have heard of these
            o.daemon.start()
        acknowledged(o, wanted[-1], feed)
        o.end(p)
        assert ids(p) == wanted, (network, ids(p), wanted)
        assert o.feed(feed)["failures"] == 0


@case
def without_a_daemon_it_waits_for_one(o):
    o.daemon.terminate()
    p = o.start(o.settings(**{"print": "json", "from": "start"}))
    until(lambda: "Connection refused" in text(p.err) or "không trả lời" in text(p.err), "it says that nobody is there")
    o.daemon.start()
    sequence = o.returned()[1]
    acknowledged(o, sequence)
    o.end(p)
    assert ids(p) == [sequence]


@case
def killed_between_delivery_and_acknowledgement_it_repeats_that_event(o):
    log, killed = f"{o.path}/log", f"{o.path}/killed"
    command = f"cat >>{log}; test $OCOP_EVENT_ID != $(cat {killed}) || {{ echo 0 >{killed}; kill -9 $PPID; }}"
    for network in WAYS:
        feed = f"feed-{network}"
        wanted = [o.returned()[1] for _ in range(4)]
        with open(killed, "w", encoding="ascii") as f:
            f.write(str(wanted[2]))
        with open(log, "w", encoding="ascii"):
            pass
        config = o.settings(exec_section(command), network=network, feed=feed, **{"from": str(wanted[0] - 1)})
        assert o.start(config).wait(60) == -signal.SIGKILL
        assert o.feed(feed)["cursor"] == wanted[1], o.feed(feed)
        p = o.start(config)
        acknowledged(o, wanted[3], feed)
        o.end(p)
        events = [json.loads(line) for line in text(log).splitlines()]
        assert [int(e["id"]) for e in events] == wanted[:3] + wanted[2:], (network, events)
        assert events[2] == events[3], "the repeat is the same event"


@case
def a_closed_feed_is_opened_anew(o):
    p = o.start(o.settings(**{"print": "json", "from": "start"}))
    listening(o, p)
    first = o.returned()[1]
    acknowledged(o, first)
    o.call(OURS, "feed.close", feed=OURS)
    second = o.returned()[1]
    until(lambda: o.feed(), "opened anew")
    acknowledged(o, second)
    o.end(p)
    assert ids(p) == [first, second], ids(p)


# --- what could not be delivered ---------------------------------------------------------------------

@case
def one_bad_address_holds_up_nobody(o):
    server = MailServer()
    server.bad.add("sai@example.vn")
    config = o.settings(mail_section(server, "xa@example.vn, sai@example.vn"))
    p = o.start(config)
    listening(o, p)
    wanted = [o.returned()[1] for _ in range(2)]
    acknowledged(o, wanted[-1])
    feed = o.feed()
    assert feed["failures"] == 6 and feed["failed"] == wanted[1], feed
    assert "mail sai@example.vn" in feed["reason"] and "550" in feed["reason"] and "failed_at" in feed, feed
    letters = sorted(os.listdir(o.dead))
    assert letters == [f"{OURS}-{n:015}.json" for n in wanted], letters
    letter = json.loads(text(f"{o.dead}/{letters[0]}"))
    assert letter["event"] == o.daemon.events()[wanted[0] - 1]
    assert "550" in letter["reason"] and letter["delivered"] == ["mail xa@example.vn"], letter
    failed = o.call("office", "event.read", after=0, types=["feed.failed"])["events"]
    assert [e["data"]["sequence"] for e in failed] == [wanted[0]] * 3 + [wanted[1]] * 3
    o.end(p)
    still = o.run(config, "--retry")
    assert still.returncode == 75 and sorted(os.listdir(o.dead)) == letters, still
    server.bad.clear()
    again = o.run(config, "--retry")
    assert again.returncode == 0 and os.listdir(o.dead) == [], again
    got = [m[1] for m in server.mails]
    assert got == [["xa@example.vn"]] * 2 + [["sai@example.vn"]] * 2, got
    server.shutdown()


@case
def the_office_sees_who_is_behind(o):
    """A receiver that always fails: lag, failures and how long the oldest has waited."""
    p = o.start(o.settings(exec_section("echo khong gui duoc >&2; false"), attempts=1000,
                           **{"retry-first-ms": 20, "retry-most-ms": 20}))
    listening(o, p)
    first = o.returned()[1]
    o.returned()
    o.returned(FOREIGN)
    o.until_time("2020-03-03T10:00:00")
    until(lambda: o.feed()["failures"] >= 3, "three failures")
    feed = o.feed()
    assert feed["lag"] == 2 and feed["failed"] == first and feed["failures"] >= 3, feed
    assert feed["oldest"]["sequence"] == first and feed["oldest"]["working_days"] == 1, feed
    assert feed["reason"] == "exec echo khong gui duoc >&2; false: kết thúc với mã 1", feed
    assert [f["feed"] for f in o.call(FOREIGN, "feed.list")["feeds"]] == [], "a commune sees its own"
    o.end(p)


@case
def a_sample_goes_every_way(o):
    server = MailServer()
    before = o.sequence()
    config = o.settings(mail_section(server) + exec_section(f"cat >{o.path}/in"), **{"print": "yes"})
    done = o.run(config, "--test")
    assert done.returncode == 0 and len(done.stderr.splitlines()) == 3, done
    mail = email.message_from_bytes(server.mails[0][2], policy=email.policy.default)
    assert "THƯ THỬ" in mail.get_content() and "Xã ĐLiê Ya" in mail.get_content(), mail.get_content()
    assert "THƯ THỬ" in done.stdout and json.loads(text(o.path + "/in"))["source"] == "/ocop/test"
    assert o.sequence() == before and o.feed() is None, "nobody's record knows of it"
    server.shutdown()


# --- silence -----------------------------------------------------------------------------------------

def unheard(o):
    return [d["dossier"] for d in o.call("office", "report.deadlines")["unheard"]]


@case
def silence_is_told_once(o):
    dossier, sequence = o.returned()
    o.until_time("2020-03-03T23:59:59")
    events = lambda: [e["subject"] for e in o.call("office", "event.read", after=0, types=["unheard"])["events"]]
    assert unheard(o) == [] and events() == []
    o.until_time("2020-03-04T00:00:00")
    assert unheard(o) == [dossier] and events() == [dossier]
    row = o.call("office", "report.deadlines")["unheard"][0]
    assert row["hear_by"] == "2020-03-03" and row["commune"] == COMMUNES[OURS], row
    o.until_time("2020-03-06T12:00:00")
    o.daemon.kill()
    o.daemon.start()
    o.until_time("2020-03-09T12:00:00")
    assert unheard(o) == [dossier] and events() == [dossier], "once, also after a crash"
    assert "notified" not in o.call("office", "dossier.get", dossier=dossier)
    p = o.start(o.settings(**{"print": "json"}))
    acknowledged(o, sequence)
    until(lambda: len(lines(p)) == 2, "returned and unheard are told")
    o.end(p)
    assert [json.loads(line)["type"].split(".")[-1] for line in lines(p)] == ["returned", "unheard"]
    assert unheard(o) == [] and o.call("office", "dossier.get", dossier=dossier)["notified"]["feed"] == OURS
    again = o.give_back_again(dossier)
    o.until_time("2020-03-12T00:00:00")
    assert unheard(o) == [dossier] and events() == [dossier, dossier] and again, "once for each return"


# --- refusals ----------------------------------------------------------------------------------------

def wrong_requests(o):
    """(who, method, params, code or kind, what the sentence or its data names)"""
    beyond = o.sequence() + 1
    feed = {"feed": OURS}
    for method in ("feed.next", "feed.close"):
        yield OURS, method, {"feed": "lạ"}, -32602, "feed"
        yield OURS, method, {"feed": "khac"}, "unknown-feed", "feed"
        yield FOREIGN, method, feed, "unknown-feed", "feed"
        yield "office", method, feed, "unknown-feed", "feed"
    yield OURS, "feed.ack", {"feed": "khac", "sequence": 1}, "unknown-feed", "feed"
    yield FOREIGN, "feed.ack", {**feed, "sequence": 1}, "unknown-feed", "feed"
    yield "office", "feed.ack", {**feed, "sequence": 1}, "unknown-feed", "feed"
    yield OURS, "feed.fail", {"feed": "khac", "sequence": 1, "reason": "x"}, "unknown-feed", "feed"
    for communes in ([COMMUNES[FOREIGN]], [COMMUNES[OURS], COMMUNES[FOREIGN]], ["99999"]):
        where = f"communes[{len(communes) - 1}]"
        yield OURS, "feed.open", {"feed": "moi", "communes": communes}, "guard-failed", where
        yield OURS, "feed.open", {**feed, "communes": communes}, "guard-failed", where
        yield OURS, "event.read", {"after": 0, "communes": communes}, "guard-failed", where
    yield "office", "feed.open", {"feed": "moi", "communes": ["99999"]}, "guard-failed", "communes[0]"
    yield OURS, "feed.open", {"feed": "moi", "types": ["returned", "lost"]}, -32602, "types[1]"
    yield OURS, "feed.open", {"feed": "moi", "from": beyond}, -32602, "from"
    yield OURS, "feed.open", {"feed": "moi", "from": "then"}, -32602, "from"
    yield OURS, "feed.open", {"feed": ""}, -32602, "feed"
    yield OURS, "feed.open", {"feed": "x" * 65}, -32602, "feed"
    yield OURS, "feed.open", {"feed": "moi", "wait": 1}, -32602, "wait"
    for sequence in (beyond, beyond + 10**6, -1, "1", 1.5):
        yield OURS, "feed.ack", {**feed, "sequence": sequence}, -32602, "sequence"
        yield OURS, "feed.fail", {**feed, "sequence": sequence, "reason": "x"}, -32602, "sequence"
    yield OURS, "feed.fail", {**feed, "sequence": 0, "reason": "x"}, -32602, "sequence"
    yield OURS, "feed.fail", {**feed, "sequence": 1}, -32602, "reason"
    for wait in (61, -1, 10**9, "1", 0.5):
        yield OURS, "feed.next", {**feed, "wait": wait}, -32602, "wait"
        yield OURS, "event.read", {"after": 0, "wait": wait}, -32602, "wait"
    for limit in (0, 1001, -1):
        yield OURS, "feed.next", {**feed, "limit": limit}, -32602, "limit"


@case
def a_wrong_request_is_refused_and_changes_nothing(o):
    o.returned()
    o.call(OURS, "feed.open", **{"feed": OURS, "from": "start"})
    before = o.sequence(), o.feed()
    for who, method, params, wanted, named in wrong_requests(o):
        refused = o.link(who).refusal(method, params)
        assert refused, (who, method, params)
        assert wanted in (refused.code, refused.kind), (who, method, params, refused)
        assert named == refused.data.get("field") and refused.message, (who, method, params, refused.data)
        assert (o.sequence(), o.feed()) == before, (who, method, params)
    assert len(o.call("office", "feed.list")["feeds"]) == 1


@case
def a_listener_wrongly_set_ends_with_the_reason(o):
    before = o.sequence()
    for top, code, word in (({"fed": "x"}, 78, "fed"), ({"wait": 61}, 78, "60"), ({"from": "then"}, 78, "from"),
                            ({"from": "1000000"}, 78, "from"),
                            ({"communes": COMMUNES[FOREIGN]}, 78, COMMUNES[FOREIGN]),
                            ({"communes": "99999"}, 78, "99999")):
        for network in WAYS:
            done = o.run(o.settings(network=network, **top))
            assert done.returncode == code and word in done.stderr, (top, network, done)
            assert "ready" not in done.stderr and done.stdout == ""
    assert o.sequence() == before and o.call("office", "feed.list")["feeds"] == []


@case
def a_stranger_s_key_hears_nothing(o):
    o.returned()
    o.account("fremd", "--role", "commune", "--commune", COMMUNES[OURS])
    until(lambda: o.call("admin", "server.status")["accounts"] == 5, "the account is there")
    os.unlink(o.daemon.path("accounts", "fremd.account"))
    until(lambda: o.call("admin", "server.status")["accounts"] == 4, "the account is gone")
    before = o.sequence()
    config = o.settings(key=o.key_file("fremd"), **{"print": "json"})
    p = o.start(config)
    until(lambda: "không trả lời" in text(p.err), "it says that there is no answer")
    o.end(p)
    assert lines(p) == [] and o.sequence() == before


# --- waits -------------------------------------------------------------------------------------------

@case
def sixteen_wait_and_the_seventeenth_is_told_so(o):
    o.call(OURS, "feed.open", feed=OURS)
    before = o.sequence()
    with o.client(OURS) as crowd:
        for _ in range(3):
            for _ in range(16):
                crowd.post("feed.next", feed=OURS, wait=60)
            crowd.post("server.ping")
            assert "sequence" in crowd.answer()["result"], "all sixteen wait"
            refused = o.link(OURS).refusal("feed.next", feed=OURS, wait=60)
            assert refused and refused.code == -32602 and refused.data["field"] == "wait", refused
            assert "16" in refused.message, refused
            vi = o.link(OURS).refusal("event.read", after=before, wait=1, lang="vi")
            assert vi and "16" in vi.message and vi.message != refused.message, vi
            assert o.call(OURS, "feed.next", feed=OURS)["events"] == [], "without a wait it is answered"
            assert o.link(FOREIGN).refusal("event.read", after=before, wait=0) is None, "an account's own affair"
            # Gone without a word: their places are free, and the daemon holds nothing for them.
            crowd.close()
            crowd = o.client(OURS)
            until(lambda: waits_again(o), "the places of those who left are free")
        assert o.sequence() == before
        sequence = o.returned()[1]
        assert o.call(OURS, "feed.next", feed=OURS, wait=60)["position"] == sequence


def waits_again(o):
    """Is a wait accepted now? It is over when this returns, and its place free again."""
    return o.link(OURS).refusal("feed.next", feed=OURS, wait=1) is None


@case
def who_waits_hears_at_the_commit_and_may_ask_on(o):
    dossier = o.submit()
    o.call(OURS, "feed.open", feed=OURS)
    waiting = o.link(OURS).post("feed.next", feed=OURS, wait=60)
    asked = o.link(OURS).post("server.ping")
    assert o.link(OURS).answer()["id"] == asked, "another request is answered first"
    o.give_back(dossier)
    answer = o.link(OURS).answer()
    assert answer["id"] == waiting and [e["subject"] for e in answer["result"]["events"]] == [dossier]


@case
def the_doorbell_rings(o):
    with zmq.Context.instance().socket(zmq.SUB) as bell:
        bell.linger = 0
        bell.subscribe("sequence")
        bell.connect("ipc://" + o.daemon.path("run", "event"))
        assert bell.poll(30000), "the heartbeat"
        sequence = o.returned()[1]
        while True:
            assert bell.poll(30000), "the doorbell"
            topic, body = bell.recv_multipart()
            if json.loads(body)["sequence"] == sequence:
                break
        assert topic == b"sequence" and json.loads(body)["time"].startswith("2020-03-02T08:00")


def main():
    names = sys.argv[1:]
    failed = 0
    for number, function in enumerate([c for c in CASES if not names or c.__name__ in names], 1):
        office, start = Office(), time.monotonic()
        try:
            with office:
                function(office)
            print(f"ok {number} - {function.__name__}  # {time.monotonic() - start:.1f} s", flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"not ok {number} - {function.__name__}", flush=True)
            traceback.print_exc()
            for p in office.started:
                sys.stderr.write(text(p.err))
    print(f"1..{number}")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
