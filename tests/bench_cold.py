#!/usr/bin/python3
"""A cold `ocop show`, from the shell's exec to its end, against a bare program that connects, makes one
round trip and closes (cold_bare.c), taken in turns in the same run. Beside it, without a goal, the same
connection made within a process that runs already, and what the shell's exec alone takes.

    bench_cold.py [ROUNDS]
"""
import os
import statistics
import sys
import time

import zmq

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "e2e"))
from harness import ROOT, Daemon  # noqa: E402
from screen_world import World  # noqa: E402

GOAL = 3


def spawned(*words):
    """Milliseconds from the exec to the end of a program whose output goes nowhere."""
    nowhere = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1)]
    began = time.perf_counter()
    pid = os.posix_spawn(words[0], words, os.environ, file_actions=nowhere)
    if os.waitpid(pid, 0)[1]:
        sys.exit(f"failed: {' '.join(words)}")
    return 1000 * (time.perf_counter() - began)


def within(endpoint):
    began = time.perf_counter()
    with zmq.Context() as context, context.socket(zmq.REQ) as socket:
        socket.connect(endpoint)
        socket.send(b'{"jsonrpc":"2.0","id":1,"method":"server.ping"}')
        socket.recv()
    return 1000 * (time.perf_counter() - began)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    build = os.path.join(ROOT, os.environ.get("OCOPD_BUILD", "build"))
    with Daemon(clock="2020-03-02T08:30:00+07:00") as daemon:
        world = World(daemon)
        world.season()
        show = (world.ocop, "--endpoint", daemon.ipc, "show", world.of["pepper"])
        programs = {"bare": lambda: spawned(os.path.join(build, "tests", "cold_bare"), daemon.ipc), "show": lambda: spawned(*show),
                    "show_json": lambda: spawned(*show, "--json"), "help": lambda: spawned(world.ocop, "help"),
                    "exec": lambda: spawned("/bin/true"), "within": lambda: within(daemon.ipc)}
        times = {name: [] for name in programs}
        for _ in range(rounds):
            for name, run in programs.items():
                times[name].append(run())
    for name, all_ms in times.items():
        all_ms.sort()
        print(f"bench=cold program={name} rounds={rounds} p50_ms={statistics.median(all_ms):.2f} p99_ms={all_ms[len(all_ms) * 99 // 100]:.2f}")
    ratio = statistics.median(times["show"]) / statistics.median(times["bare"])
    print(f"ratio=cold_show_to_bare value={ratio:.3f} goal=<={GOAL} {'ok' if ratio <= GOAL else 'miss'}")


main()
