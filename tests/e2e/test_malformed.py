#!/usr/bin/python3
"""Every refusal of a request that is not right, as the protocol page has it: envelopes (section 1),
requests and parameters (section 2), kinds (section 3). Nothing of it leaves a trace in the journal."""
import json
import os

from harness import Daemon, Test
from stranger import Client, Silence

KIB = 1024
DOCUMENTS = [{"code": c, "status": "present"} for c in
             ("registration", "business-plan", "organisation", "business-registration")]
SUBMIT = {"product": {"name": "Mật ong", "group": "honey"}, "producer": {"name": "HTX", "kind": "cooperative"},
          "commune": "24346", "documents": DOCUMENTS, "samples": 5}


def request(method="server.ping", params=None, **members):
    whole = {"jsonrpc": "2.0", "id": 7, "method": method}
    if params is not None:
        whole["params"] = params
    whole.update(members)
    return json.dumps({k: v for k, v in whole.items() if v is not DROPPED}, ensure_ascii=False).encode()


DROPPED = object()
GOOD = request()


def nested(depth):
    """A request whose params make it this deep (the request itself is the first level)."""
    return request("server.ping", json.loads('{"x":' * (depth - 1) + "1" + "}" * (depth - 1)))


def padded(size):
    return GOOD + b" " * (size - len(GOOD))


# --- section 1: envelopes ------------------------------------------------------------------------
# name, frames sent, frames that come back before the answer, code (0: a result; None: no answer)
A = b"address"
ENVELOPES = [
    ("a delimiter and a request", [b"", GOOD], [b""], 0),
    ("an address before it comes back", [A, b"", GOOD], [A, b""], 0),
    ("six addresses: 8 frames", [A] * 6 + [b"", GOOD], [A] * 6 + [b""], 0),
    ("seven addresses: 9 frames", [A] * 7 + [b"", GOOD], [A] * 7 + [b""], -32600),
    ("thirty addresses", [A] * 30 + [b"", GOOD], [A] * 30 + [b""], -32600),
    ("nothing behind the delimiter", [b""], [b""], -32600),
    ("nothing behind an address and the delimiter", [A, b""], [A, b""], -32600),
    ("two frames behind the delimiter", [b"", GOOD, GOOD], [b""], -32600),
    ("two frames, the first empty", [b"", b"", GOOD], [b""], -32600),
    ("two frames, the second empty", [b"", GOOD, b""], [b""], -32600),
    ("eight frames behind the delimiter", [b""] + [GOOD] * 8, [b""], -32600),
    ("five hundred frames behind the delimiter", [b""] + [GOOD] * 500, [b""], -32600),
    ("an empty request", [b"", b""], [b""], -32700),
    ("no delimiter", [GOOD], None, None),
    ("no delimiter, two frames", [A, GOOD], None, None),
    ("no delimiter, a hundred frames", [GOOD] * 100, None, None),
    ("a request of 256 KiB", [b"", padded(256 * KIB)], [b""], 0),
    ("a request of 256 KiB and a byte", [b"", padded(256 * KIB + 1)], [b""], -32600),
    ("a request of 512 KiB", [b"", padded(512 * KIB)], [b""], -32600),
    ("an address above 256 KiB", [b"a" * (256 * KIB + 1), b"", GOOD], [b"a" * (256 * KIB + 1), b""], -32600),
]


def envelope(link, frames, before, code):
    link.send(*frames)
    if before is not None:
        answer = link.receive()
        if answer[:-1] != before:
            return f"came back: {[f[:20] for f in answer]}"
        body = json.loads(answer[-1])
        if code == 0:
            if "result" not in body:
                return body
        elif body.get("error", {}).get("code") != code or body["id"] is not None:
            return body
    # Whatever it was, the connection goes on; and where no answer was due, none came before this one.
    return "time" in link.call("server.ping")


def dropped_is_counted(link):
    before = link.call("server.status")["clients"]["dropped"]
    link.send(GOOD)
    link.send(A, GOOD)
    return link.call("server.status")["clients"]["dropped"] == before + 2


def giant(daemon, size):
    """Far too large: the connection may be cut, the daemon stays."""
    with Client(daemon.ipc, timeout=0.2) as link, Client(daemon.ipc) as other:
        link.send(b"", b"x" * size)
        try:
            frames = link.receive()
            if json.loads(frames[-1])["error"]["code"] != -32600:
                return frames
        except Silence:
            pass
        return "time" in other.call("server.ping")


def in_order(daemon):
    """Right and wrong ones on one connection are answered in the order sent."""
    with Client(daemon.ipc) as link:
        wanted = []
        for i in range(200):
            if i % 5 == 3:
                link.send(b"", GOOD, GOOD)
                wanted.append(None)
            elif i % 7 == 2:
                link.send(b"", b"{")
                wanted.append(None)
            else:
                wanted.append(link.post("server.ping"))
        return [link.answer()["id"] for _ in wanted] == wanted


# --- batches -------------------------------------------------------------------------------------
# name, the frame, what comes: a code, or a list of (id, code or 0)
def batch(*parts):
    return b"[" + b",".join(parts) + b"]"


BATCHES = [
    ("an empty batch", b"[]", -32600),
    ("a batch of one is answered by an array", batch(request(id=1)), [(1, 0)]),
    ("64 requests, in order", batch(*[request(id=i) for i in range(64)]), [(i, 0) for i in range(64)]),
    ("65 requests", batch(*[request(id=i) for i in range(65)]), -32600),
    ("each decided on its own", batch(request(id=1), request("no.such", id="b"), b"3", request(id=DROPPED),
                                      request(id=5)),
     [(1, 0), ("b", -32601), (None, -32600), (None, -32600), (5, 0)]),
    ("a batch within a batch", batch(batch(request())), [(None, -32600)]),
    ("nothing but rubbish", b"[1,null,\"x\",true]", [(None, -32600)] * 4),
    ("a batch cut short", b"[" + request() + b",", -32700),
]


def batch_case(link, frame, wanted):
    link.send(b"", frame)
    answer = link.answer()
    if isinstance(wanted, int):
        return isinstance(answer, dict) and answer["id"] is None and answer["error"]["code"] == wanted or answer
    got = [(a["id"], a["error"]["code"] if "error" in a else 0) for a in answer]
    return got == wanted or got


# --- section 2: what is no request (-32700, -32600) ---------------------------------------------
def raw_string(text):
    """A request with this between the quotes of a parameter, as it stands."""
    return b'{"jsonrpc":"2.0","id":7,"method":"calendar.deadline","params":{"from":"' + text + b'","days":3}}'


PARSE = [  # -32700, id null
    ("no JSON at all", b"hello"),
    ("only blanks", b"  "),
    ("half an object", b'{"jsonrpc":"2.0"'),
    ("text behind it", GOOD + b"x"),
    ("a second object behind it", GOOD + GOOD),
    ("a byte order mark", b"\xef\xbb\xbf" + GOOD),
    ("a NUL behind it", GOOD + b"\0"),
    ("single quotes", GOOD.replace(b'"', b"'")),
    ("a comma too many", GOOD[:-1] + b",}"),
    ("a comment", GOOD[:-1] + b"/* x */}"),
    ("NaN", GOOD.replace(b"7", b"NaN")),
    ("a number with a leading zero", GOOD.replace(b"7", b"07")),
    ("a number with a plus", GOOD.replace(b"7", b"+7")),
    ("a number that ends in a point", GOOD.replace(b"7", b"7.")),
    ("invalid UTF-8", raw_string(b"\xff")),
    ("UTF-8 cut short", raw_string(b"\xe1\xba")),
    ("an overlong form", raw_string(b"\xc0\xaf")),
    ("a surrogate in UTF-8", raw_string(b"\xed\xa0\x80")),
    ("beyond Unicode", raw_string(b"\xf4\x90\x80\x80")),
    ("\\u0000", raw_string(b"\\u0000")),
    ("\\u0000 in a name", GOOD.replace(b"method", b"method\\u0000")),
    ("a lone high surrogate", raw_string(b"\\ud800")),
    ("a lone low surrogate", raw_string(b"\\udc00")),
    ("surrogates the wrong way round", raw_string(b"\\udc00\\ud800")),
    ("a raw newline in a string", raw_string(b"\n")),
    ("a raw NUL in a string", raw_string(b"\0")),
    ("an unknown escape", raw_string(b"\\x41")),
    ("17 levels", nested(17)),
    ("a thousand brackets", b"[" * 1000 + b"]" * 1000),
    ("a hundred thousand brackets", b"[" * 100000),
]

REQUEST = [  # -32600; the id that comes back
    ("a number", b"7", None),
    ("a string", b'"server.ping"', None),
    ("null", b"null", None),
    ("an empty object", b"{}", None),
    ("no id", request(id=DROPPED), None),
    ("id null", request(id=None), None),
    ("id true", request(id=True), None),
    ("id with a fraction", request(id=1.5), None),
    ("id an object", request(id={}), None),
    ("id an array", request(id=[]), None),
    ("id of 257 bytes", request(id="x" * 257), None),
    ("no jsonrpc", request(jsonrpc=DROPPED), 7),
    ("jsonrpc 1.0", request(jsonrpc="1.0"), 7),
    ("jsonrpc a number", request(jsonrpc=2.0), 7),
    ("no method", request(method=DROPPED), 7),
    ("method a number", request(method=1), 7),
    ("method null", request(method=None), 7),
    ("params an array", request(params=[]), 7),
    ("params a string", request(params="x"), 7),
    ("params a number", request(params=1), 7),
    ("an unknown member", request(parms={}), 7),
    ("a member in capitals", request(ID=7), 7),
    ("method twice", GOOD[:-1] + b',"method":"server.ping"}', 7),
    ("params twice", GOOD[:-1] + b',"params":{},"params":{}}', 7),
    ("jsonrpc twice", GOOD[:-1] + b',"jsonrpc":"2.0"}', 7),
    ("id twice", GOOD[:-1] + b',"id":8}', None),
]

FINE = [  # what strictness must not touch
    ("id a string", request(id="x"), "x"),
    ("id an empty string", request(id=""), ""),
    ("id of 256 bytes", request(id="x" * 256), "x" * 256),
    ("id zero", request(id=0), 0),
    ("id negative", request(id=-1), -1),
    ("id in Vietnamese", request(id="Đắk Lắk"), "Đắk Lắk"),
    ("id with escapes", request(id='"\\\n\u2028'), '"\\\n\u2028'),
    ("no params", GOOD, 7),
    ("empty params", request(params={}), 7),
    ("blanks around it", b" \t\r\n" + GOOD + b" \t\r\n", 7),
    ("members in another order", b'{"params":{},"method":"server.ping","id":7,"jsonrpc":"2.0"}', 7),
    ("escapes for plain letters", GOOD.replace(b"ping", b"\\u0070ing"), 7),
    ("a pair of surrogates", request("dossier.list", {"text": "X"}).replace(b"X", b"\\ud83c\\udf6f"), 7),
]


def refused_frame(link, frame, code, wanted_id):
    link.send(b"", frame)
    answer = link.answer()
    return answer.get("error", {}).get("code") == code and answer["id"] == wanted_id and \
        bool(answer["error"]["message"]) or answer


def fine_frame(link, frame, wanted_id):
    link.send(b"", frame)
    answer = link.answer()
    return "result" in answer and answer["id"] == wanted_id or answer


# --- section 2: parameters (-32602) --------------------------------------------------------------
LONG = "ă" * 2049       # 4,098 bytes
PARAMS = [  # method, params (or bytes of them), the field that is named
    ("server.ping", {"unknown": 1}, "unknown"),
    ("server.ping", {"Lang": "en"}, "Lang"),
    ("server.ping", {"lang": "fr"}, "lang"),
    ("server.ping", {"lang": 1}, "lang"),
    ("server.ping", {"lang": None}, "lang"),
    ("server.ping", b'{"lang":"en","lang":"vi"}', "lang"),
    ("server.ping", {"key": "k"}, "key"),               # no write, no key
    ("server.ping", {"": 1}, None),
    ("dossier.get", {}, "dossier"),
    ("dossier.get", {"dossier": 7}, "dossier"),
    ("dossier.get", {"dossier": ""}, "dossier"),
    ("dossier.get", {"dossier": "x" * 65}, "dossier"),
    ("dossier.list", {"limit": 0}, "limit"),
    ("dossier.list", {"limit": 501}, "limit"),
    ("dossier.list", {"limit": "50"}, "limit"),
    ("dossier.list", {"limit": 1.5}, "limit"),
    ("dossier.list", {"limit": 1e3}, "limit"),
    ("dossier.list", b'{"limit":99999999999999999999}', "limit"),
    ("dossier.list", {"overdue": "yes"}, "overdue"),
    ("dossier.list", {"overdue": 1}, "overdue"),
    ("dossier.list", {"text": LONG}, "text"),
    ("dossier.list", {"stars": 6}, "stars"),
    ("dossier.list", {"after": 1}, "after"),
    ("event.read", {}, "after"),
    ("event.read", {"after": -1}, "after"),
    ("event.read", {"after": "0"}, "after"),
    ("event.read", {"after": 0, "limit": 1001}, "limit"),
    ("event.read", {"after": 0, "types": "submitted"}, "types"),
    ("event.read", {"after": 0, "types": [1]}, "types[0]"),
    ("event.read", {"after": 0, "communes": {}}, "communes"),
    ("event.read", {"after": 0, "raw": "true"}, "raw"),
    ("calendar.deadline", {"from": "2020-03-02"}, "days"),
    ("calendar.deadline", {"days": 3}, "from"),
    ("calendar.deadline", {"from": "2020-02-30", "days": 3}, "from"),
    ("calendar.deadline", {"from": "2020-3-2", "days": 3}, "from"),
    ("calendar.deadline", {"from": "02/03/2020", "days": 3}, "from"),
    ("calendar.deadline", {"from": "2020-03-02", "days": -1}, "days"),
    ("workflow.get", {"format": "xml"}, "format"),
    ("criteria.get", {}, "group"),
    ("criteria.get", {"group": "honey", "dossier": "KN-2020-0001"}, "group"),
    ("criteria.get", {"group": 1}, "group"),
    ("report.deadlines", {"within": "soon"}, "within"),
    ("dossier.submit", {}, None),
    ("dossier.submit", {**SUBMIT, "dry": 1}, "dry"),
    ("dossier.submit", {**SUBMIT, "dry": "yes"}, "dry"),
    ("dossier.submit", {**SUBMIT, "dry": None}, "dry"),
    ("dossier.get", {"dossier": "KN-2020-0001", "dry": True}, "dry"),   # only a transition can be dry
    ("feed.open", {"feed": "f", "dry": True}, "dry"),
    ("dossier.submit", {**SUBMIT, "key": ""}, "key"),
    ("dossier.submit", {**SUBMIT, "key": "k" * 65}, "key"),
    ("dossier.submit", {**SUBMIT, "key": "khóa"}, "key"),
    ("dossier.submit", {**SUBMIT, "key": "a\tb"}, "key"),
    ("dossier.submit", {**SUBMIT, "key": 1}, "key"),
    ("dossier.submit", {**SUBMIT, "version": 0}, "version"),
    ("dossier.submit", {**SUBMIT, "version": "1"}, "version"),
    ("dossier.submit", {**SUBMIT, "samples": -1}, "samples"),
    ("dossier.submit", {**SUBMIT, "samples": 2.5}, "samples"),
    ("dossier.submit", {**SUBMIT, "samples": "5"}, "samples"),
    ("dossier.submit", {**SUBMIT, "samples": True}, "samples"),
    ("dossier.submit", {**SUBMIT, "product": "Mật ong"}, "product"),
    ("dossier.submit", {**SUBMIT, "product": {"name": "Mật ong"}}, "product.group"),
    ("dossier.submit", {**SUBMIT, "product": {"name": "", "group": "honey"}}, "product.name"),
    ("dossier.submit", {**SUBMIT, "product": {"name": "x", "group": "honey", "colour": "red"}}, "product.colour"),
    ("dossier.submit", json.dumps(SUBMIT).replace('"group": "honey"', '"group": "honey", "group": "tea"').encode(),
     "product.group"),
    ("dossier.submit", {**SUBMIT, "documents": {}}, "documents"),
    ("dossier.submit", {**SUBMIT, "documents": [1]}, "documents[0]"),
    ("dossier.submit", {**SUBMIT, "documents": [DOCUMENTS[0], {"code": "x"}]}, "documents[1].status"),
    ("dossier.submit", {**SUBMIT, "documents": [{"code": "x", "status": "lost"}]}, "documents[0].status"),
    ("dossier.submit", {**SUBMIT, "documents": [{"code": "x", "status": "missing", "note": LONG}]},
     "documents[0].note"),
    ("dossier.submit", {**SUBMIT, "documents": [DOCUMENTS[0]] * 101}, "documents"),
    ("dossier.submit", {**SUBMIT, "received": "yesterday"}, "received"),
    ("dossier.submit", {**SUBMIT, "kind": "second"}, "kind"),
    ("dossier.submit", {**SUBMIT, "note": LONG}, "note"),
    ("dossier.submit", {**SUBMIT, "state": "submitted"}, "state"),
    ("dossier.submit", {**SUBMIT, "by": "boss"}, "by"),
    ("dossier.return", {"dossier": "KN-2020-0001", "reasons": []}, "reasons"),
    ("dossier.return", {"dossier": "KN-2020-0001", "reasons": [{"reason": "x"}] * 51}, "reasons"),
    ("dossier.return", {"dossier": "KN-2020-0001", "reasons": [{"guidance": "x"}]}, "reasons[0].reason"),
    ("dossier.rank", {"dossier": "KN-2020-0001", "points": 74.285, "stars": 4, "decision": "x"}, "points"),
    ("dossier.rank", {"dossier": "KN-2020-0001", "points": 100.01, "stars": 4, "decision": "x"}, "points"),
    ("dossier.rank", {"dossier": "KN-2020-0001", "points": "74.28", "stars": 0, "decision": "x"}, "stars"),
    ("dossier.rank", {"dossier": "KN-2020-0001", "points": "74.28", "stars": 4}, "decision"),
    ("dossier.support", {"dossier": "KN-2020-0001", "items": [{"content": "c", "amount": 0.5, "decision": "d",
                                                               "source": "s"}]}, "items[0].amount"),
    ("dossier.note", {"dossier": "KN-2020-0001", "text": ""}, "text"),
    ("dossier.note", {"text": "x"}, "dossier"),
]


def refused_params(link, method, params, field):
    body = params if isinstance(params, bytes) else json.dumps(params).encode()
    link.send(b"", b'{"jsonrpc":"2.0","id":7,"method":"%s","params":%s}' % (method.encode(), body))
    answer = link.answer()
    error = answer.get("error", {})
    return error.get("code") == -32602 and answer["id"] == 7 and \
        (field is None or error["data"]["field"] == field) or answer


# --- sections 2 and 3: refusals with a kind ------------------------------------------------------
def in_vietnamese(link):
    english = link.refusal("dossier.get", dossier="KN-2020-0099")
    vietnamese = link.refusal("dossier.get", dossier="KN-2020-0099", lang="vi")
    return english.message != vietnamese.message and english.data == vietnamese.data or vietnamese.message


def kinds(test, link):
    first = link.call("dossier.submit", SUBMIT, key="first")
    dossier, sequence = first["dossier"], first["sequence"]

    def kind(name, wanted, method, params, **members):
        refused = link.refusal(method, params)
        got = refused and (refused.code, refused.kind, {k: refused.data.get(k) for k in members})
        test.equal(got, (1, wanted, members), name)

    kind("forbidden", "forbidden", "server.backup", {"name": "x"})
    kind("unknown-dossier", "unknown-dossier", "dossier.get", {"dossier": "KN-2020-0099"})
    kind("unknown-dossier for what is no number", "unknown-dossier", "dossier.get", {"dossier": "../etc"})
    kind("unknown-dossier in a write", "unknown-dossier", "dossier.note", {"dossier": "KN-2020-0099", "text": "x"})
    kind("wrong-state says the state", "wrong-state", "dossier.forward",
         {"dossier": dossier, "letter": "x"}, state="submitted")
    test.ok("dossier.return" in link.refusal("dossier.forward", dossier=dossier, letter="x").data["allowed"],
            "wrong-state says what is allowed")
    kind("guard-failed names the guard", "guard-failed", "dossier.submit", {**SUBMIT, "commune": "99999"},
         guard="known-commune")
    few = link.call("dossier.submit", {**SUBMIT, "documents": DOCUMENTS[1:]})["dossier"]
    kind("guard-failed says what is missing", "guard-failed", "dossier.complete", {"dossier": few},
         guard="documents-complete", missing=["registration"])
    kind("version-conflict says the version", "version-conflict", "dossier.note",
         {"dossier": dossier, "text": "x", "version": 2}, version=1)
    kind("key-reused", "key-reused", "dossier.submit", {**SUBMIT, "samples": 6, "key": "first"})
    test.equal(link.call("dossier.submit", SUBMIT, key="first"), first, "the same key and content: the first result")
    kind("a refusal is not remembered under its key", "guard-failed", "dossier.submit",
         {**SUBMIT, "commune": "99999", "key": "second"})
    test.equal(link.call("dossier.submit", SUBMIT, key="second")["sequence"], sequence + 2, "... and it is free")
    test.case("sentences in Vietnamese, data the same", in_vietnamese, link)
    refused = link.refusal("no.such.method")
    test.equal(refused and refused.code, -32601, "an unknown method")
    refused = link.refusal("Server.Ping")
    test.equal(refused and refused.code, -32601, "a method in capitals")


def main():
    test = Test()
    with Daemon(clock="2020-03-02T08:00:00+07:00") as daemon:
        daemon.account("office", "officer", uid=os.getuid())
        daemon.start()
        link = Client(daemon.ipc)
        for name, frames, before, code in ENVELOPES:
            test.case(f"envelope: {name}", envelope, link, frames, before, code)
        test.case("envelope: what has no delimiter is counted", dropped_is_counted, link)
        for size in (512 * KIB + 1, 1024 * KIB, 8192 * KIB):
            test.case(f"envelope: a frame of {size} bytes hurts nobody", giant, daemon, size)
        test.case("envelope: answers in the order sent", in_order, daemon)
        for name, frame, wanted in BATCHES:
            test.case(f"batch: {name}", batch_case, link, frame, wanted)
        for name, frame in PARSE:
            test.case(f"-32700: {name}", refused_frame, link, frame, -32700, None)
        for name, frame, wanted in REQUEST:
            test.case(f"-32600: {name}", refused_frame, link, frame, -32600, wanted)
        for name, frame, wanted in FINE:
            test.case(f"fine: {name}", fine_frame, link, frame, wanted)
        for method, params, field in PARAMS:
            test.case(f"-32602: {method} {str(params)[:60]}", refused_params, link, method, params, field)
        refused = link.refusal("server.ping", json.loads(nested(16))["params"])
        test.equal(refused.code, -32602, "16 levels are read")
        test.equal(link.call("server.ping")["sequence"], 0, "nothing of all that is in the journal")
        kinds(test, link)
        link.close()
        daemon.terminate()
        test.equal(daemon.verify(), 0, "journal and state agree")
    test.done()


if __name__ == "__main__":
    main()
