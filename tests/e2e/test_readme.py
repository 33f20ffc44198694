#!/usr/bin/python3
"""What the README tells a newcomer to type for hearing of a returned dossier, typed as it stands there:
three terminals, each a block; only places and the port are other ones."""
import os
import re
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import ROOT, free_port  # noqa: E402
from notify_world import until  # noqa: E402

SECTION = "## Hearing of a returned dossier"


class Terminal:
    """A shell with a block in it; all it says goes to one file."""

    def __init__(self, folder, name, block):
        self.log = os.path.join(folder, name)
        environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "NOTIFY_SOCKET")
                       and not k.startswith("OCOP_")}
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(["bash", "-ec", block], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, env=dict(environment, HOME=folder), start_new_session=True)

    def said(self):
        with open(self.log, encoding="utf-8") as f:
            return f.read()

    def says(self, what):
        until(lambda: what in self.said() or self.process.poll() is not None, what)
        assert what in self.said(), f"no {what!r} in:\n{self.said()}"

    def end(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(60)


def blocks(folder):
    """The section's blocks, made to work in the folder; before each the lines that set the place."""
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as f:
        page = f.read()
    section = page[page.index(SECTION):].split("\n## ")[0]
    place = re.search(r"^export OCOP_ENDPOINT=.*$", page, re.M).group()
    build = os.path.join(ROOT, os.environ.get("OCOPD_BUILD", "build"))
    other = (("$PWD/var/", "var/"), ("$PWD/build", build), ("5570", str(free_port())), ("var/", f"{folder}/var/"),
             ("make run", f"make run RUN_DIR={folder}/var"), ("build/ocop", f"{build}/ocop"))
    for block in re.findall(r"```sh\n(.*?)```", section, re.S):
        block = f"{place}\n{block}"
        for old, new in other:
            block = block.replace(old, new)
        yield block


def main():
    with tempfile.TemporaryDirectory(prefix="ocop-readme.") as folder:
        started = []
        try:
            serve, listen, act = blocks(folder)
            for name, block, word in (("daemon", serve, "\nready\n"), ("listener", listen, "ready\n"),
                                      ("office", act, "xa-ea-tam")):
                started.append(Terminal(folder, name, block))
                started[-1].says(word)
            _, listener, office = started
            listener.says("KN-2020-0001 hồ sơ bị trả lại để bổ sung: Mật ong (mẫu), Hộ nuôi ong (mẫu) (Xã Ea Tam);")
            assert office.process.wait(60) == 0, office.said()
            assert "02/03/2020 08:00:00  #" in listener.said(), listener.said()
        except BaseException:
            for terminal in started:
                sys.stderr.write(f"--- {terminal.log}\n{terminal.said()}")
            raise
        finally:
            for terminal in reversed(started):
                terminal.end()
        print("ok 1 - the README can be typed: " + listener.said().splitlines()[-1])
        print("1..1")


if __name__ == "__main__":
    main()
