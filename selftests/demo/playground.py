#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The guest's side of play: builds the cluster of doc/install.md, then runs a shell or a command. The shell's function
`power` calls it once more:

    playground.py shell TERM ROWS COLUMNS
    playground.py run COMMAND
    playground.py power off|on NODE
"""
import os
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True

import network  # noqa: E402
import telling  # noqa: E402
from cluster import Cluster, Refused  # noqa: E402
from network import REPO, Cable, DISABLED, command  # noqa: E402

OUT = os.environ.get("HASW_OUT", "")
RC = str(pathlib.Path(__file__).resolve().parent / "play.bashrc")
CONSOLE = "/dev/tty1"


def block(name):
    """A block of the documentation: what is tried here is what is written there."""
    return command(f"{REPO}/selftests/install/readme", name)


class Playground(Cluster):
    """The cluster of doc/install.md. Each of its machines may hold the vip."""

    machines = {"lb": "10.0.0.1", "web1": "10.0.0.11", "web2": "10.0.0.12"}
    nodes = holders = tuple(machines)
    servers = "web1", "web2"

    def __init__(self, out, there=False):
        self.haswitch_conf, self.haagentd_conf = block("haswitch.conf"), block("haagentd.conf")
        super().__init__(out, there)

    def power_off(self, name):
        """Another process has begun what runs there, or a user has."""
        Cable(name).set(DISABLED)
        for pid in command("ip", "netns", "pids", name).split():
            try:
                os.kill(int(pid), 9)
            except ProcessLookupError:
                pass        # it was a child of one that is dead by now

    def forget(self):
        """Ends the helpers that have asked the nodes: they would keep the namespace of a machine that is off."""
        for name in list(self.asked):
            self.asked.pop(name).end()


def power(word="", name=""):
    if word not in ("off", "on") or name not in Playground.machines:
        print(f"power off|on {'|'.join(Playground.machines)}")
        return 1
    c = Playground(OUT, there=True)
    # Power comes back only to a machine that had lost it.
    telling.line(network.now(), f"{name}: " + ("loses its power" if word == "off" else "power is back"))
    c.power_off(name)
    if word == "on":
        c.power_on(name)
    return 0


def build():
    c = Playground(OUT)
    try:
        print(f"the nodes are ready, and {c.build()} holds the vip {network.VIP}", flush=True)
    except (OSError, Refused) as error:
        # Whoever plays wants to see why.
        print(f"{error}; have a look yourself", flush=True)
    c.forget()


def main(mode, *words):
    if mode == "power":
        return power(*words)
    if mode == "run":
        build()
        return subprocess.run(["bash", "-c", f". {RC}; {words[0]}"], check=False).returncode
    term, rows, columns = words
    with open(CONSOLE, "r+b", buffering=0) as console:
        # What is printed from here on is for the terminal, which is raw for all others.
        os.dup2(console.fileno(), 1)
        subprocess.run(["stty", "sane", "rows", rows, "columns", columns], stdin=console, check=False)
        build()
        subprocess.run(["setsid", "-c", "-w", "bash", "--rcfile", RC, "-i"], stdin=console, stdout=console,
                       stderr=console, env={**os.environ, "TERM": term}, check=False)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
