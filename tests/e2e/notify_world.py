"""What stands around ocop-notify in its tests: a daemon's feed methods and a mail server, on this machine."""
import json
import os
import queue
import socketserver
import subprocess
import tempfile
import threading
import time

import zmq

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NOTIFY = os.path.join(ROOT, os.environ.get("OCOPD_BUILD", "build"), "ocop-notify")
DEADLINE = 60


def until(condition, what):
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, "never: " + what
        time.sleep(0.005)


def event(number, kind="returned", **data):
    return {"specversion": "1.0", "id": str(number), "source": "/ocop/650", "type": "vn.ocop.dossier." + kind,
            "subject": "KN-2020-0007", "time": "2020-03-04T09:12:44.120+07:00", "datacontenttype": "application/json",
            "sequence": str(number), "prevhash": "0" * 64,
            "data": {"dossier": "KN-2020-0007", "version": 2, "state": "returned", "commune": "24346",
                     "by": "phong-nnptnt", "role": "officer", **data}}


RETURNED = {"until": "2020-03-10", "reasons": [
    {"document": "business-plan", "reason": "Phương án kinh doanh chưa có chữ ký", "guidance": "Chủ thể ký, đóng dấu"},
    {"reason": "Thiếu sản phẩm mẫu"}]}
RECORD = {"dossier": "KN-2020-0007", "state": "returned", "product": {"name": "Cà phê bột nguyên chất Ê Đê", "group": "coffee"},
          "producer": {"name": "HTX Cà phê ĐLiê Ya", "kind": "cooperative", "phone": "0905 000 000"}}
LABELS = {"states": [{"state": "returned", "vi": "Yêu cầu bổ sung", "en": "Returned"}],
          "communes": [{"code": "24346", "vi": "Xã ĐLiê Ya", "en": "ĐLiê Ya commune", "valid-until": "2025-06-30"},
                       {"code": "24346", "vi": "Xã khác", "en": "Other commune", "valid-from": "2025-07-01"}],
          "documents": [{"code": "business-plan", "vi": "Phương án, kế hoạch kinh doanh", "en": "Business plan"}]}


class Daemon(threading.Thread):
    """feed.open, next (held back), ack, fail, dossier.get and workflow.get, as the protocol page says."""

    def __init__(self, endpoint, events=(), cursor=0):
        super().__init__(daemon=True)
        self.endpoint, self.cursor, self.position = endpoint, cursor, 0
        self.events, self.acks, self.fails, self.opens, self.nexts = [], [], [], [], 0
        self.deaf = set()           # methods that get no answer
        self.refuse = {}            # method: error, once
        self.todo = queue.Queue()
        self.add(*events)
        self.socket = zmq.Context.instance().socket(zmq.ROUTER)
        self.socket.linger = 0
        self.socket.bind(endpoint)
        self.wake, self.bell = [zmq.Context.instance().socket(zmq.PAIR) for _ in range(2)]
        self.wake.bind(f"inproc://{id(self)}")
        self.bell.connect(f"inproc://{id(self)}")
        self.held = []
        self.start()

    def add(self, *events, position=0):
        self.events = self.events + list(events)
        self.position = max([self.position, position] + [int(e["sequence"]) for e in events])

    def ring(self, word=b""):
        self.bell.send(word)

    def stop(self):
        """As kill -9 does it: what was held back is never answered."""
        self.ring(b"stop")
        self.join()
        self.bell.close()

    def pending(self):
        return [e for e in self.events if int(e["sequence"]) > self.cursor]

    def answer(self, envelope, body):
        self.socket.send_multipart([*envelope, json.dumps({"jsonrpc": "2.0", "id": 1, **body}, ensure_ascii=False).encode()])

    def decide(self, method, p):
        if method == "feed.open":
            self.opens.append(p)
            return {"feed": p["feed"], "cursor": self.cursor}
        if method == "feed.ack":
            self.acks.append(p["sequence"])
            self.cursor = max(self.cursor, p["sequence"])
            return {"feed": p["feed"], "cursor": self.cursor}
        if method == "feed.fail":
            self.fails.append((p["sequence"], p["reason"]))
            return {"feed": p["feed"], "failures": len(self.fails)}
        return {"dossier.get": RECORD, "workflow.get": LABELS}[method]

    def take(self):
        *envelope, frame = self.socket.recv_multipart()
        request = json.loads(frame)
        method, p = request["method"], request["params"]
        if method in self.deaf:
            return
        if method in self.refuse:
            self.answer(envelope, {"error": self.refuse.pop(method)})
        elif method == "feed.next":
            self.nexts += 1
            self.held.append((time.monotonic() + p["wait"], envelope, p))
        else:
            self.answer(envelope, {"result": self.decide(method, p)})

    def run(self):
        poller = zmq.Poller()
        poller.register(self.socket, zmq.POLLIN)
        poller.register(self.wake, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll(20):
                if socket is self.wake and self.wake.recv() == b"stop":
                    self.socket.close()
                    self.wake.close()
                    return
                if socket is self.socket:
                    self.take()
            held, self.held = self.held, []
            for end, envelope, p in held:
                events = self.pending()[:p["limit"]]
                if events or time.monotonic() >= end:
                    position = int(events[-1]["sequence"]) if events else max(self.position, self.cursor)
                    self.answer(envelope, {"result": {"events": events, "position": position}})
                else:
                    self.held.append((end, envelope, p))


class MailServer(socketserver.ThreadingTCPServer):
    """SMTP, as much of it as a client needs; `bad` addresses are refused."""
    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), MailSession)
        self.mails, self.bad = [], set()
        self.url = "smtp://127.0.0.1:%d" % self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


class MailSession(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        sender, to = None, []
        self.say("220 test")
        for raw in self.rfile:
            line = raw.decode("ascii").strip()
            word = line.split(" ")[0].upper()
            if word == "MAIL":
                sender, to = line[10:], []
                self.say("250 ok")
            elif word == "RCPT":
                address = line[8:].strip("<>")
                refused = address in self.server.bad
                self.say("550 no such mailbox" if refused else "250 ok")
                to += [] if refused else [address]
            elif word == "DATA":
                self.say("354 go on")
                text = b""
                for part in self.rfile:
                    if part == b".\r\n":
                        break
                    text += part[1:] if part.startswith(b".") else part
                self.server.mails.append((sender, to, text))
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 test" if word in ("EHLO", "HELO", "RSET", "NOOP") else "502 unknown")


class World:
    """A folder, a listener's settings, and the listeners started."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="ocop-notify.")
        self.path = self.folder.name
        self.endpoint = f"ipc://{self.path}/command"
        self.dead = f"{self.path}/dead"
        self.started = []
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("OCOP_") and k != "NOTIFY_SOCKET"}
        self.environment.update(HOME=self.path, LC_ALL="C")

    def config(self, extra, **top):
        values = {"feed": "xa-dlie-ya", "lang": "vi", "endpoint": self.endpoint, "from": "start",
                  "templates": ROOT + "/config/notify", "dead-letters": self.dead, "attempts": 3, "retry-first-ms": 1,
                  "retry-most-ms": 4, "wait": 30, "contact": "Phòng Nông nghiệp và PTNT", **top}
        path = f"{self.path}/{values['feed'] or 'notify'}.cfg"
        with open(path, "w") as f:
            f.writelines(f'{k} = "{v}"\n' for k, v in values.items() if v is not None)
            f.write(extra)
        return path

    def start(self, config, *options, stdout=None, **environment):
        out = open(f"{self.path}/out.{len(self.started)}", "w+")
        err = open(f"{self.path}/err.{len(self.started)}", "w+")
        p = subprocess.Popen([NOTIFY, "--config", config, *options], stdout=stdout or out, stderr=err, stdin=subprocess.DEVNULL,
                             env={**self.environment, **environment})
        p.out, p.err = out.name, err.name
        out.close()
        err.close()
        self.started.append(p)
        return p

    def run(self, config, *options):
        return subprocess.run([NOTIFY, "--config", config, *options], env=self.environment, text=True, timeout=DEADLINE,
                              stdin=subprocess.DEVNULL, capture_output=True)

    def end(self, p):
        p.terminate()
        code = p.wait(DEADLINE)
        assert code == 0, f"exit {code}: {open(p.err).read()}"

    def close(self):
        for p in self.started:
            if p.poll() is None:
                p.kill()
                p.wait()
        self.folder.cleanup()
