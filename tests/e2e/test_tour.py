#!/usr/bin/env python3
"""README's tour, as it stands there: every command of its console blocks is run in one shell against a
daemon like that of `make run`, and what it prints must be what README shows.

    test_tour.py             checks
    test_tour.py --update    writes what the commands really print into README.md
"""
import os
import re
import subprocess
import sys

from harness import ROOT, Daemon, Test

README = os.path.join(ROOT, "README.md")
MARK = "==tour=="


def blocks(text):
    """Every console block: where its body begins and ends, and its (command, output) pairs."""
    for block in re.finditer(r"^```console\n(.*?)^```$", text, re.M | re.S):
        pairs = []
        for line in block.group(1).splitlines(keepends=True):
            if line.startswith("$ "):
                pairs.append([line[2:], ""])
            elif line.startswith("> ") and pairs and not pairs[-1][1]:
                pairs[-1][0] += line[2:]
            else:
                pairs[-1][1] += line
        yield block.start(1), block.end(1), pairs


def run(commands, daemon):
    """What each command prints, all in one shell, as a reader would type them."""
    script = "".join(f"{command}\nprintf '{MARK}\\n'\n" for command in commands)
    env = {k: v for k, v in os.environ.items() if not k.startswith("OCOP_") and k not in ("LC_ALL", "LC_MESSAGES")}
    env.update(LANG="C.UTF-8", HOME=daemon.path(), OCOP_ENDPOINT=daemon.ipc, PAGER="cat",
               PATH=os.path.dirname(daemon.program) + ":" + env["PATH"])
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    return [part.lstrip("\n") if i else part for i, part in enumerate(done.stdout.split(MARK + "\n"))][:-1]


def block_text(pairs):
    lines = []
    for command, output in pairs:
        first, *more = command.rstrip("\n").split("\n")
        lines += ["$ " + first, *("> " + line for line in more)]
        lines += output.rstrip("\n").split("\n") if output.strip() else []
    return "\n".join(lines) + "\n"


def main():
    with open(README, encoding="utf-8") as f:
        text = f.read()
    found = list(blocks(text))
    pairs = [pair for _, _, block in found for pair in block]
    test = Test()
    with Daemon(clock="2020-03-02T08:00:00+07:00") as daemon:
        daemon.account("me", roles="officer, secretary, finance, steering, admin", uid=os.getuid())
        daemon.start()
        outputs = run([command for command, _ in pairs], daemon)
    if "--update" in sys.argv:
        for pair, output in zip(pairs, outputs):
            pair[1] = output
        for start, end, block in reversed(found):
            text = text[:start] + block_text(block) + text[end:]
        with open(README, "w", encoding="utf-8") as f:
            f.write(text)
        return
    test.ok(len(outputs) == len(pairs) >= 20, "every command of the tour was run")
    for (command, shown), output in zip(pairs, outputs):
        test.ok(output.rstrip() == shown.rstrip(), command.split("\n")[0].strip(),
                f"README shows:\n{shown}it prints:\n{output}(test_tour.py --update)")
    test.done()


if __name__ == "__main__":
    main()
