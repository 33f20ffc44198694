#!/usr/bin/python3
"""Every role by every method, every role in every state: against tables written by hand from the
protocol page, in a form of their own (one string a role, one a state), so that a slip in the
programme's files does not pass for the rule."""
import json
import os

from harness import Daemon, PROGRAMME, Test, keypair
from stranger import Client

METHODS = {  # letter -> method
    "p": "dossier.propose", "s": "dossier.submit", "r": "dossier.return", "R": "dossier.resubmit",
    "c": "dossier.complete", "a": "dossier.assess", "S": "dossier.score", "d": "dossier.disqualify",
    "f": "dossier.forward", "b": "dossier.recall", "k": "dossier.rank", "u": "dossier.support",
    "l": "dossier.lapse", "w": "dossier.withdraw", "m": "dossier.amend", "n": "dossier.note",
    "G": "dossier.get", "L": "dossier.list", "H": "dossier.history", "E": "event.read",
    "Y": "report.summary", "D": "report.deadlines", "C": "calendar.deadline", "W": "workflow.get", "K": "criteria.get",
    "P": "server.ping", "T": "server.status", "M": "server.metrics", "B": "server.backup",
    "A": "clock.advance",
}
WRITES = "psrRcaSdfbkulwmn"

# What each role may do. A commune sees its own part of the figures; the metrics are of the whole.
READS = "GLHEYDCWKPT"
ROLES = {
    "officer":   "ps rRc fbk u lwm n" + READS + "M",
    "secretary": "aSd n" + READS + "M",
    "council":   "a n" + READS + "M",
    "finance":   "u n" + READS + "M",
    "commune":   "p n" + READS,
    "steering":  "n" + READS + "M",
    "admin":     "n" + READS + "M" + "BA",
}

# Which transitions start in each state.
STATES = {
    "none":         "p s",
    "proposed":     "s wmn",
    "submitted":    "rc lwmn",
    "returned":     "R lwmn",
    "complete":     "r aSd wmn",
    "scored":       "f wn",
    "disqualified": "n",
    "forwarded":    "bkn",
    "recalled":     "R f wn",
    "ranked":       "un",
    "supported":    "un",
    "lapsed":       "n",
    "withdrawn":    "n",
}

SEATS = ("chair", "agriculture", "infrastructure", "finance", "health", "culture", "environment")
OWN, OTHERS = "24346", "24352"
DOCUMENTS = [{"code": c, "status": "present"} for c in
             ("registration", "business-plan", "organisation", "business-registration")]
PROPOSE = {"product": {"name": "Mật ong hoa cà phê (mẫu)", "group": "honey"},
           "producer": {"name": "HTX (mẫu)", "kind": "cooperative"}, "commune": OWN}
SUBMIT = {**PROPOSE, "documents": DOCUMENTS, "samples": 5}
REASONS = [{"reason": "thiếu"}]


def top_sheet():
    """The highest level of every criterion of the set, read off its file."""
    sheet, name = {}, None
    with open(os.path.join(PROGRAMME, "criteria", "honey.zpl"), encoding="utf-8") as f:
        for line in f:
            word, _, value = line.strip().partition(" = ")
            if word == "criterion":
                name = value
            elif word == "points" and name:
                sheet[name] = max(int(level.strip("()")) for level in value.strip('"').split(","))
    return sheet


def bring(links, state):
    """A dossier of the commune OWN in this state, by its shortest way. The number."""
    officer, secretary = links["officer"], links["secretary"]

    def act(link, verb, **params):
        return link.call("dossier." + verb, dossier=dossier, **params)

    if state == "proposed":
        return officer.call("dossier.propose", PROPOSE)["dossier"]
    dossier = officer.call("dossier.submit", SUBMIT)["dossier"]
    if state == "returned":
        act(officer, "return", reasons=REASONS)
    elif state == "lapsed":
        act(officer, "lapse", reason="quá hạn")
    elif state == "withdrawn":
        act(officer, "withdraw", reason="rút")
    elif state != "submitted":
        act(officer, "complete")
    if state == "disqualified":
        act(secretary, "disqualify", rule="knockout-origin", reason="nguyên liệu")
    if state in ("scored", "forwarded", "recalled", "ranked", "supported"):
        for seat in SEATS:
            act(secretary, "assess", member=seat, sheet=top_sheet())
        act(secretary, "score", minutes="BB 01")
    if state in ("forwarded", "recalled", "ranked", "supported"):
        act(officer, "forward", letter="CV 01")
    if state == "recalled":
        act(officer, "recall", reasons=REASONS, letter="CV 02")
    if state in ("ranked", "supported"):
        act(officer, "rank", points="92.00", stars=5, decision="QĐ 01")
    if state == "supported":
        act(links["finance"], "support",
            items=[{"content": CONTENT, "amount": 1000000, "decision": "QĐ 02", "source": SOURCE}])
    return dossier


CONTENT, SOURCE = "labels", "other-legal"     # kinds of support and funds of the programme

PARAMS = {  # that would do, but for rights and state
    "dossier.propose": PROPOSE, "dossier.submit": SUBMIT,
    "dossier.return": {"reasons": REASONS}, "dossier.resubmit": {"documents": DOCUMENTS},
    "dossier.complete": {}, "dossier.assess": {"sheet": top_sheet()},
    "dossier.score": {"minutes": "x"}, "dossier.disqualify": {"rule": "knockout-origin", "reason": "x"},
    "dossier.forward": {"letter": "x"}, "dossier.recall": {"reasons": REASONS, "letter": "x"},
    "dossier.rank": {"points": "92.00", "stars": 5, "decision": "x"},
    "dossier.support": {"items": [{"content": CONTENT, "amount": 1, "decision": "x", "source": SOURCE}]},
    "dossier.lapse": {"reason": "x"}, "dossier.withdraw": {"reason": "x"},
    "dossier.amend": {"reason": "x", "samples": 6}, "dossier.note": {"text": "x"},
    "dossier.get": {}, "dossier.history": {}, "event.read": {"after": 0},
    "calendar.deadline": {"from": "2020-03-02", "days": 3}, "criteria.get": {"group": "honey"},
    "clock.advance": {"to": "2020-03-02T08:00:00+07:00"},
}
NO_DOSSIER = ("dossier.propose", "dossier.submit", "dossier.list")


def params_for(method, role, dossier):
    params = dict(PARAMS.get(method, {}))
    if method.startswith("dossier.") and method not in NO_DOSSIER:
        params["dossier"] = dossier
    if method == "dossier.assess" and role == "secretary":
        params["member"] = "health"
    if method == "server.backup":
        params["name"] = "cell"
    return params


def cell(links, role, method, dossier, allowed):
    """Forbidden exactly where the table says so, whether the parameters are right or empty."""
    for params in ({}, params_for(method, role, dossier)):
        refused = links[role].refusal(method, params)
        forbidden = refused is not None and refused.kind == "forbidden"
        if forbidden == allowed:
            return refused or "was done"
    return True


def state_cell(links, role, state, dossier):
    """What dossier.get allows, and that exactly the other writes are refused."""
    wanted = {METHODS[letter] for letter in WRITES if letter in ROLES[role] and letter in STATES[state]}
    got = set(links[role].call("dossier.get", dossier=dossier)["allowed"])
    if got != wanted:
        return f"allowed {sorted(got)}, wanted {sorted(wanted)}"
    for letter in WRITES:
        method = METHODS[letter]
        if method in wanted or method in NO_DOSSIER or letter not in ROLES[role]:
            continue
        refused = links[role].refusal(method, params_for(method, role, dossier))
        if not refused or refused.kind != "wrong-state" or set(refused.data.get("allowed", [])) != wanted:
            return f"{method}: {refused and refused.data}"
    return True


def other_commune(links, dossier):
    """For a commune another's dossier does not exist, nor may it propose in another's name."""
    commune, officer = links["commune"], links["officer"]
    for method in ("dossier.get", "dossier.history", "dossier.note"):
        refused = commune.refusal(method, params_for(method, "commune", dossier))
        if not refused or refused.kind != "unknown-dossier":
            return f"{method}: {refused}"
    refused = commune.refusal("dossier.propose", {**PROPOSE, "commune": OTHERS})
    if not refused or refused.kind != "forbidden":
        return f"proposed in another's name: {refused}"
    own = {d["dossier"] for d in commune.call("dossier.list", limit=500)["dossiers"]}
    everything = officer.call("dossier.list", limit=500)["dossiers"]
    if own != {d["dossier"] for d in everything if d["commune"] == OWN}:
        return "the list"
    for event in commune.call("event.read", after=0, limit=1000)["events"]:
        if event["data"]["commune"] != OWN:
            return event
    return json.dumps(commune.call("report.summary")).find(OTHERS) < 0 or "the summary"


def sheets_hidden(links, dossier):
    """Members' sheets before the score: whole for secretary, steering and admin, the own for a member."""
    seen = {}
    for role, link in links.items():
        record = link.call("dossier.get", dossier=dossier)
        history = link.call("dossier.history", dossier=dossier)["events"]
        seen[role] = (len(record.get("sheets", [])),
                      sum(e["type"] == "vn.ocop.dossier.assessed" for e in history))
    wanted = {"officer": (0, 0), "secretary": (2, 2), "council": (1, 0), "finance": (0, 0),
              "commune": (0, 0), "steering": (2, 2), "admin": (2, 2)}
    return seen == wanted or f"got {seen}"


def several_roles(daemon, key):
    """An account of two roles may what either may."""
    with Client(daemon.tcp, key=key, server=daemon.server_key()) as link:
        may = {letter for letter, method in METHODS.items()
               if (refused := link.refusal(method, {})) is None or refused.kind != "forbidden"}
        return may == set(ROLES["finance"] + ROLES["admin"]) - {" "} or sorted(may)


def main():
    test = Test()
    with Daemon(clock="2020-03-02T08:00:00+07:00", network=True) as daemon:
        links, keys = {}, {role: keypair() for role in [*ROLES, "both"]}
        for role in ROLES:
            daemon.account("u-" + role, role, key=keys[role][0], commune=OWN if role == "commune" else None,
                           member="health" if role == "council" else None)
        daemon.account("u-both", "finance,admin", key=keys["both"][0])
        daemon.start()
        for role in ROLES:
            links[role] = Client(daemon.tcp, key=keys[role], server=daemon.server_key())

        for role, letters in ROLES.items():
            for letter, method in METHODS.items():
                dossier = bring(links, "submitted") if letter in WRITES else "KN-2020-0001"
                test.case(f"{role} {method}: {'may' if letter in letters else 'may not'}",
                          cell, links, role, method, dossier, letter in letters)
        for state in STATES:
            if state == "none":
                continue
            dossier = bring(links, state)
            test.equal(links["admin"].call("dossier.get", dossier=dossier)["state"], state, f"a dossier {state}")
            for role in ROLES:
                test.case(f"{role} on a dossier {state}", state_cell, links, role, state, dossier)

        other = links["officer"].call("dossier.submit", {**SUBMIT, "commune": OTHERS})["dossier"]
        test.case("a commune and another's dossier", other_commune, links, other)
        dossier = bring(links, "complete")
        links["council"].call("dossier.assess", dossier=dossier, sheet=top_sheet())
        links["secretary"].call("dossier.assess", dossier=dossier, sheet=top_sheet(), member="chair")
        test.case("members' sheets before the score", sheets_hidden, links, dossier)
        refused = links["council"].refusal("dossier.assess", dossier=dossier, sheet=top_sheet(), member="chair")
        test.ok(refused is not None, "a member hands in no other's sheet", refused)
        test.case("an account of two roles", several_roles, daemon, keys["both"])
        for link in links.values():
            link.close()
        daemon.terminate()
        test.equal(daemon.verify(), 0, "journal and state agree")
    test.done()


if __name__ == "__main__":
    main()
