#!/usr/bin/python3
"""ocop-notify against a stand-in for the daemon and a mail server of the test's own."""
import email
import email.policy
import json
import os
import re
import signal
import socket
import stat
import sys
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from notify_world import DEADLINE, Daemon, LABELS, MailServer, RETURNED, World, event, until  # noqa: E402

CASES = []


def case(function):
    CASES.append(function)
    return function


def text(path):
    return open(path).read() if os.path.exists(path) else ""


def mail_section(server, to="xa@example.vn", more=""):
    return f"mail\n    from = ocop@example.vn\n    to = \"{to}\"\n    smtp = \"{server.url}\"\n    tls = no\n{more}"


def exec_section(command, limit=30):
    return f"exec\n    command = '{command}'\n    limit = {limit}\n"


def read_mail(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


@case
def mail_through_a_server_in_vietnamese(w):
    server, daemon = MailServer(), Daemon(w.endpoint, [event(17, **RETURNED)])
    p = w.start(w.config(mail_section(server)))
    until(lambda: daemon.acks == [17], "acknowledged")
    w.end(p)
    assert len(server.mails) == 1
    sender, to, raw = server.mails[0]
    assert (sender.split(" ")[0], to) == ("<ocop@example.vn>", ["xa@example.vn"]), (sender, to)
    raw.decode("ascii")
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))
    mail = read_mail(raw)
    assert mail["Subject"] == "[OCOP] Hồ sơ KN-2020-0007 cần bổ sung: Cà phê bột nguyên chất Ê Đê", mail["Subject"]
    body = mail.get_content()
    for line in ("Kính gửi Xã ĐLiê Ya,", "  Sản phẩm: Cà phê bột nguyên chất Ê Đê", "  Chủ thể: HTX Cà phê ĐLiê Ya",
                 "  Bổ sung trước ngày: 10/03/2020", "  1. Phương án kinh doanh chưa có chữ ký",
                 "     Thành phần hồ sơ: Phương án, kế hoạch kinh doanh", "     Hướng dẫn: Chủ thể ký, đóng dấu",
                 "  2. Thiếu sản phẩm mẫu", "Liên hệ: Phòng Nông nghiệp và PTNT", "     Part of the dossier: Business plan"):
        assert line in body.splitlines(), (line, body)
    assert body.count("Hướng dẫn:") == 1 and "{" not in body
    assert mail["Message-ID"] == "<event-17.ocop-650.xa-dlie-ya@example.vn>", mail["Message-ID"]
    assert mail["Date"] == "Wed, 04 Mar 2020 09:12:44 +0700", mail["Date"]
    assert daemon.opens[0]["from"] == "start" and "due-soon" in daemon.opens[0]["types"]
    assert not daemon.fails


@case
def every_shipped_text_can_be_mailed(w):
    kinds = "returned recalled scored ranked overdue due-soon unheard".split()
    more = {"score": {"points": "74.28", "stars": 4, "minutes": "BB-01"}, "due": "2020-03-05"}
    server, daemon = MailServer(), Daemon(w.endpoint, [event(n + 1, k, **more) for n, k in enumerate(kinds)])
    p = w.start(w.config(mail_section(server)))
    until(lambda: daemon.cursor == len(kinds), "all acknowledged")
    w.end(p)
    mails = [read_mail(m[2]) for m in server.mails]
    assert [m["X-OCOP-Type"] for m in mails] == kinds
    assert all("KN-2020-0007" in m["Subject"] for m in mails)
    assert "  Số điểm: 74,28" in mails[2].get_content() and "Points: 74.28" in mails[2].get_content()
    assert "  Hạn kiểm tra: 05/03/2020" in mails[4].get_content()


@case
def mail_through_sendmail(w):
    program = f"{w.path}/sendmail"
    with open(program, "w") as f:
        f.write(f'#!/bin/sh\necho "$*" >{w.path}/args\ncat >{w.path}/mail\n')
    os.chmod(program, 0o755)
    daemon = Daemon(w.endpoint, [event(5, **RETURNED)])
    p = w.start(w.config(f"mail\n    from = ocop@example.vn\n    to = xa@example.vn\n    sendmail = {program}\n"))
    until(lambda: daemon.acks == [5], "acknowledged")
    w.end(p)
    assert text(w.path + "/args") == "-i -f ocop@example.vn -- xa@example.vn\n"
    raw = open(w.path + "/mail", "rb").read()
    assert b"\r" not in raw and "Chủ thể ký, đóng dấu" in read_mail(raw).get_content()


@case
def exec_gets_the_event_and_its_facts(w):
    daemon = Daemon(w.endpoint, [event(9, **RETURNED)])
    p = w.start(w.config(exec_section(f'cat >{w.path}/in; env | grep ^OCOP_ | sort >{w.path}/env; echo noise')))
    until(lambda: daemon.acks == [9], "acknowledged")
    w.end(p)
    assert json.loads(text(w.path + "/in")) == event(9, **RETURNED)
    env = dict(line.split("=", 1) for line in text(w.path + "/env").splitlines())
    want = {"OCOP_EVENT_ID": "9", "OCOP_TYPE": "returned", "OCOP_DOSSIER": "KN-2020-0007", "OCOP_COMMUNE": "24346",
            "OCOP_UNTIL": "2020-03-10", "OCOP_PRODUCT": "Cà phê bột nguyên chất Ê Đê", "OCOP_FEED": "xa-dlie-ya"}
    assert {k: env.get(k) for k in want} == want, env
    assert text(p.out) == ""


@case
def print_is_one_line_or_json(w):
    nasty = dict(RETURNED, reasons=[{"reason": "dòng một\ndòng hai\x1b[2J"}])
    daemon = Daemon(w.endpoint, [event(3, **nasty)])
    p = w.start(w.config("", **{"print": "yes"}))
    until(lambda: daemon.acks == [3], "acknowledged")
    w.end(p)
    assert text(p.out) == ("04/03/2020 09:12:44  #3  KN-2020-0007 hồ sơ bị trả lại để bổ sung: Cà phê bột nguyên chất Ê Đê, "
                           "HTX Cà phê ĐLiê Ya (Xã ĐLiê Ya); bổ sung trước ngày 10/03/2020; (1) dòng một dòng hai [2J\n"), text(p.out)
    daemon.stop()
    daemon = Daemon(w.endpoint, [event(4)], cursor=3)
    p = w.start(w.config(""), "--json")
    until(lambda: daemon.acks == [4], "acknowledged")
    w.end(p)
    assert [json.loads(line)["id"] for line in text(p.out).splitlines()] == ["4"]


@case
def a_line_that_could_not_be_printed_is_printed_once(w):
    """A pipe that is full refuses the first attempts; what was refused does not come along later."""
    daemon = Daemon(w.endpoint, [event(1)])
    ours, its = os.pipe()
    os.set_blocking(its, False)
    full = 0
    try:
        while True:
            full += os.write(its, b"x" * 4096)
    except BlockingIOError:
        pass
    p = w.start(w.config("", **{"print": "json", "attempts": 1000}), stdout=its)
    until(lambda: len(daemon.fails) >= 3, "refused three times")
    while full > 0:
        full -= len(os.read(ours, 65536))
    until(lambda: daemon.acks == [1], "acknowledged")
    w.end(p)
    os.close(its)
    with open(ours, encoding="utf-8") as f:
        assert [json.loads(line)["id"] for line in f] == ["1"]


@case
def one_bad_address_holds_up_nobody(w):
    server, daemon = MailServer(), Daemon(w.endpoint, [event(1, **RETURNED), event(2, **RETURNED)])
    server.bad.add("sai@example.vn")
    config = w.config(mail_section(server, "xa@example.vn, sai@example.vn"))
    p = w.start(config)
    until(lambda: daemon.acks == [1, 2], "both acknowledged")
    w.end(p)
    assert [m[1] for m in server.mails] == [["xa@example.vn"]] * 2, "the good address gets each once"
    assert [f[0] for f in daemon.fails] == [1, 1, 1, 2, 2, 2]
    assert "mail sai@example.vn" in daemon.fails[0][1] and "xa@example.vn" not in daemon.fails[0][1]
    letters = sorted(os.listdir(w.dead))
    assert letters == ["xa-dlie-ya-000000000000001.json", "xa-dlie-ya-000000000000002.json"], letters
    letter = json.loads(text(f"{w.dead}/{letters[0]}"))
    assert letter["event"]["id"] == "1" and "550" in letter["reason"] and letter["delivered"] == ["mail xa@example.vn"]
    assert stat.S_IMODE(os.stat(w.dead).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(f"{w.dead}/{letters[0]}").st_mode) == 0o600
    still = w.run(config, "--retry")
    assert still.returncode == 75 and len(os.listdir(w.dead)) == 2, still
    daemon.stop()
    server.bad.clear()
    again = w.run(config, "--retry")
    assert again.returncode == 0 and os.listdir(w.dead) == [], again
    assert [m[1] for m in server.mails[2:]] == [["sai@example.vn"]] * 2
    assert read_mail(server.mails[2][2])["Message-ID"] == read_mail(server.mails[0][2])["Message-ID"]
    assert "Sản phẩm: Cà phê bột" in read_mail(server.mails[2][2]).get_content()


@case
def a_delivery_that_fails_twice_is_done_the_third_time(w):
    daemon = Daemon(w.endpoint, [event(1)])
    p = w.start(w.config(exec_section(f'echo x >>{w.path}/tries; test $(wc -l <{w.path}/tries) -ge 3')))
    until(lambda: daemon.acks == [1], "acknowledged")
    w.end(p)
    assert len(daemon.fails) == 2 and not os.path.exists(w.dead)


@case
def a_command_over_its_limit_is_killed_with_its_children(w):
    daemon = Daemon(w.endpoint, [event(1)])
    p = w.start(w.config(exec_section(f'sleep 1000 & echo $! >{w.path}/child; wait', limit=1), attempts=1))
    until(lambda: daemon.acks == [1], "acknowledged")
    w.end(p)
    child = int(text(w.path + "/child"))
    until(lambda: not os.path.exists(f"/proc/{child}") or " Z " in text(f"/proc/{child}/stat"), "the child is gone")
    assert "quá thời hạn 1 giây" in daemon.fails[0][1], daemon.fails


@case
def the_daemon_killed_while_it_holds_an_answer(w):
    daemon = Daemon(w.endpoint)
    p = w.start(w.config("", **{"print": "json", "wait": 60}))
    until(lambda: daemon.nexts == 1, "waiting")
    for number in (1, 2, 3):
        daemon.stop()
        daemon = Daemon(w.endpoint, [event(number)], cursor=number - 1)
        until(lambda: daemon.acks == [number], "acknowledged after the restart")
    w.end(p)
    assert [json.loads(line)["id"] for line in text(p.out).splitlines()] == ["1", "2", "3"]


@case
def killed_before_the_acknowledgement_it_repeats_that_event(w):
    daemon = Daemon(w.endpoint, [event(1), event(2), event(3)], cursor=1)
    daemon.deaf.add("feed.ack")
    config = w.config("", **{"print": "json"})
    p = w.start(config)
    until(lambda: text(p.out).endswith("\n"), "delivered")
    p.kill()
    p.wait()
    daemon.deaf.clear()
    q = w.start(config)
    until(lambda: daemon.cursor == 3, "acknowledged")
    w.end(q)
    assert [json.loads(line)["id"] for line in (text(p.out) + text(q.out)).splitlines()] == ["2", "2", "3"]


@case
def a_lost_feed_is_opened_anew(w):
    daemon = Daemon(w.endpoint, [event(1)])
    daemon.refuse["feed.next"] = {"code": 1, "message": "không có luồng này", "data": {"kind": "unknown-feed"}}
    p = w.start(w.config("", **{"print": "json"}))
    until(lambda: daemon.acks == [1], "acknowledged")
    w.end(p)
    assert len(daemon.opens) == 2 and "không có luồng này" in text(p.err)


@case
def a_refused_acknowledgement_repeats_no_delivery(w):
    for error in ({"code": 1, "message": "đang dừng", "data": {"kind": "unavailable"}},
                  {"code": 1, "message": "không có luồng này", "data": {"kind": "unknown-feed"}}):
        daemon = Daemon(w.endpoint, [event(1), event(2)])
        daemon.refuse["feed.ack"] = error
        p = w.start(w.config("", **{"print": "json"}))
        until(lambda: daemon.cursor == 2, "acknowledged")
        w.end(p)
        daemon.stop()
        assert [json.loads(line)["id"] for line in text(p.out).splitlines()] == ["1", "2"]


@case
def foreign_events_are_passed_not_too_often(w):
    daemon = Daemon(w.endpoint)
    daemon.add(position=49)
    p = w.start(w.config("", **{"wait": 1, "catch-up": 50}))
    until(lambda: daemon.nexts >= 3, "waits")
    assert daemon.acks == []
    daemon.add(position=50)
    until(lambda: daemon.acks, "acknowledged")
    nexts = daemon.nexts
    until(lambda: daemon.nexts >= nexts + 2, "waits")
    w.end(p)
    assert daemon.acks == [50]


@case
def systemd_hears_of_it(w):
    path = f"{w.path}/systemd"
    server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    server.bind(path)
    server.settimeout(DEADLINE)
    heard = []

    def hear(word):
        while not any(word in h for h in heard):
            heard.append(server.recv(4096).decode())

    daemon = Daemon(w.endpoint)
    daemon.deaf.add("feed.open")
    p = w.start(w.config("", wait=1), NOTIFY_SOCKET=path, WATCHDOG_USEC="30000000")
    hear("EXTEND_TIMEOUT_USEC")
    assert not any("READY=1" in h for h in heard)
    daemon.deaf.clear()
    hear("READY=1")
    hear("WATCHDOG=1")
    w.end(p)
    hear("STOPPING=1")


@case
def a_signal_ends_it_wherever_it_is(w):
    daemon = Daemon(w.endpoint, [event(1)])
    p = w.start(w.config("", **{"print": "json"}))
    until(lambda: daemon.nexts == 2, "idle")
    w.end(p)
    p = w.start(w.config("", endpoint=f"ipc://{w.path}/nobody"))
    until(lambda: text(f"/proc/{p.pid}/comm"), "started")
    until(lambda: re.search(r"SigBlk:\s*\w*4\w{3}\b", text(f"/proc/{p.pid}/status")), "SIGTERM is taken")
    w.end(p)
    daemon.add(event(2))
    p = w.start(w.config(exec_section(f"echo x >{w.path}/begun; false"), **{"retry-first-ms": 100000, "retry-most-ms": 100000}))
    until(lambda: daemon.fails, "in its pause")
    p.send_signal(signal.SIGINT)
    assert p.wait(DEADLINE) == 0 and daemon.cursor == 1


@case
def test_delivers_a_sample_by_every_way(w):
    server = MailServer()
    config = w.config(mail_section(server) + exec_section(f"cat >{w.path}/in"), **{"print": "yes"})
    done = w.run(config, "--test")
    assert done.returncode == 0 and len(done.stderr.splitlines()) == 3, done
    assert "THƯ THỬ" in read_mail(server.mails[0][2]).get_content() and "THƯ THỬ" in done.stdout
    assert json.loads(text(w.path + "/in"))["source"] == "/ocop/test"
    server.bad.add("xa@example.vn")
    done = w.run(config, "--test")
    assert done.returncode == 75 and "550" in done.stderr, done


@case
def bad_settings_are_refused(w):
    server = MailServer()
    good = mail_section(server)
    for extra, top, want in [
            ("", {"fed": "x"}, "fed"), ("", {"feed": None}, "feed"), ("", {"wait": 61}, "60"), ("", {"from": "then"}, "from"),
            ("", {"types": "returned, lost"}, '"lost"'), ("", {"lang": "fr"}, "fr"), ("", {"print": "no"}, "print"),
            ("exec\n    limit = 3\n", {}, "command"), ("exec\n    command = x\n    kill = 3\n", {}, "kill"),
            ("mail\n    from = a@b\n    to = c@d\n", {}, "sendmail"), (good.replace("xa@", "xa"), {}, "xaexample.vn"),
            (good.replace("ocop@example.vn", "'a@b\\r\\nBcc: x@y'"), {}, "from"), (good, {"templates": None}, "templates"),
            (good, {"templates": w.path}, "returned.txt"), (good + "    user = a\n", {}, "password-file"),
            ("", {"endpoint": "tcp://127.0.0.1:1"}, "server"), ("feed = again\n", {}, "feed")]:
        done = w.run(w.config(extra, **top), "--check-config")
        assert done.returncode == 78 and want in done.stderr, (extra, top, done)
    assert w.run(w.config(good), "--check-config").returncode == 0
    assert w.run(w.config(good), "--chek").returncode == 64


@case
def an_unknown_field_is_refused_with_file_and_line(w):
    with open(w.path + "/returned.txt", "w") as f:
        f.write("Subject: {dossier}\n\nHạn: {until}\n{deadline}\n")
    done = w.run(w.config(mail_section(MailServer()), templates=w.path, types="returned"))
    assert done.returncode == 78 and "returned.txt:4:" in done.stderr and "{deadline}" in done.stderr, done


@case
def a_wrong_request_ends_it_with_the_daemons_sentence(w):
    daemon = Daemon(w.endpoint)
    p = w.start(w.config("", **{"from": "0017"}))
    until(lambda: daemon.opens, "opened")
    w.end(p)
    assert daemon.opens[0]["from"] == 17
    daemon.refuse["feed.open"] = {"code": -32602, "message": "xã 99999 không phải của tài khoản này"}
    p = w.start(w.config("", communes="99999"))
    assert p.wait(DEADLINE) == 78 and "99999" in text(p.err)


def main():
    names = sys.argv[1:]
    failed = 0
    assert LABELS
    for number, function in enumerate([c for c in CASES if not names or c.__name__ in names], 1):
        world = World()
        try:
            function(world)
            print(f"ok {number} - {function.__name__}", flush=True)
        except Exception:
            failed += 1
            print(f"not ok {number} - {function.__name__}", flush=True)
            traceback.print_exc()
            for p in world.started:
                sys.stderr.write(text(p.err))
        finally:
            world.close()
    sys.exit(failed > 0)


main()
