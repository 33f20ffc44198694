#!/usr/bin/python3
"""A register of many rows into the daemon by `ocop import` and out of it by `ocop export`, in rows a
second and peak memory, beside a bare client that sends the same commands, and reads the same records,
in frames of as many.

    bench_register.py [ROWS]
"""
import json
import os
import re
import subprocess
import sys
import time

import zmq

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "e2e"))
from harness import ROOT, Daemon  # noqa: E402

FRAME = 64
HEAD = "Tên sản phẩm,Bộ tiêu chí,Chủ thể,Loại hình,Xã/thị trấn,Ngày nhận,Số mẫu\r\n"
ROW = "Mật ong số {n} (mẫu),honey,HTX số {n} (mẫu),Hợp tác xã,Xã Ea Tam,05/03/2020,5\r\n"


def peak_kib(pid):
    """Of a process: a child's rusage would begin with the memory of this program, which it was made from."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmHWM:\s*(\d+)", f.read())[1])
    except (OSError, TypeError):
        return 0


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            return [int(child) for child in f.read().split()]
    except OSError:
        return []


def spawned(words, folder):
    """Seconds, and the peak memory of the program and of those it runs, in MiB."""
    began, peaks = time.perf_counter(), {}
    with subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        while process.poll() is None:
            for pid in (process.pid, *children(process.pid)):
                peaks[pid] = max(peaks.get(pid, 0), peak_kib(pid))
            time.sleep(0.002)
        if process.returncode:
            sys.exit(f"failed: {' '.join(words)}\n{process.stderr.read().decode()}")
    return time.perf_counter() - began, sum(peaks.values()) / 1024


def sent(endpoint, requests):
    """Seconds for the requests in frames of FRAME, and the answers."""
    answers = []
    with zmq.Context() as context, context.socket(zmq.REQ) as socket:
        socket.connect(endpoint)
        began = time.perf_counter()
        for at in range(0, len(requests), FRAME):
            socket.send_string("[" + ",".join(requests[at:at + FRAME]) + "]")
            answers.append(socket.recv())
        seconds = time.perf_counter() - began
    return seconds, [a for frame in answers for a in json.loads(frame)]


def request(number, method, **params):
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}, ensure_ascii=False)


def submission(number):
    return request(number, "dossier.submit", key=f"bare-{number}", product={"name": f"Mật ong số {number} (mẫu)", "group": "honey"},
                   producer={"name": f"HTX số {number} (mẫu)", "kind": "cooperative"}, commune="24352", received="2020-03-05", samples=5,
                   round="2020-1", kind="first", documents=[])


def serving():
    daemon = Daemon(clock="2020-03-05T08:30:00+07:00")
    daemon.sizes = []  # as it is on a server
    daemon.account("office", "officer, admin", uid=os.getuid())
    daemon.start()
    return daemon


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
    build = os.path.join(ROOT, os.environ.get("OCOPD_BUILD", "build"))
    with serving() as daemon:
        bare_in, answers = sent(daemon.ipc, [submission(n) for n in range(rows)])
        if "error" in answers[0]:
            sys.exit(f"refused: {answers[0]}")
        numbers = [a["result"]["dossier"] for a in answers]
        bare_out, _ = sent(daemon.ipc, [request(n, "dossier.get", dossier=d) for n, d in enumerate(numbers)])
    with serving() as daemon:
        with open(daemon.path("register.csv"), "w", encoding="utf-8", newline="") as f:
            f.write(HEAD + "".join(ROW.format(n=n) for n in range(rows)))
        ocop = (os.path.join(build, "ocop"), "--endpoint", daemon.ipc)
        runs = [("import", (*ocop, "import", "register.csv"), bare_in)]
        runs += [(f"export-{kind}", (*ocop, "export", "--output", f"out.{kind}"), bare_out) for kind in ("xlsx", "csv", "json")]
        print(f"bench=register program=bare-in rows={rows} rows_per_s={rows / bare_in:.0f}")
        print(f"bench=register program=bare-out rows={rows} rows_per_s={rows / bare_out:.0f}")
        ratios = []
        for name, words, bare in runs:
            seconds, peak_mb = spawned(words, daemon.folder)
            print(f"bench=register program={name} rows={rows} rows_per_s={rows / seconds:.0f} peak_mb={peak_mb:.1f}", flush=True)
            ratios.append((name, bare / seconds))
    for name, ratio in ratios:
        print(f"ratio={name.replace('-', '_')}_to_bare value={ratio:.3f}")


main()
