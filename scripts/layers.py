#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Proves that the module's files include only from their own room or from rooms below.

Usage: layers.py [KMOD]. Prints each include that goes up or sideways, and each file without a room. Without KMOD it
first proves that it sees such faults.
"""
import pathlib
import re
import sys
import tempfile

# Rooms from the top down; those of one floor know nothing of each other. "" is KMOD itself.
FLOORS = [
    [""],
    ["config"],
    ["path"],
    ["forward"],
    ["flow", "heartbeat", "announce"],
    ["service"],
    ["cluster", "packet"],
    ["core"],
    ["compat", "generated"],
]
FLOOR_OF = {room: number for number, floor in enumerate(FLOORS) for room in floor}
# What may stand in KMOD itself.
ABOVE = {"main.c"}


def room_of(name):
    return name.rpartition("/")[0]


def target(kmod, path, header):
    """What an include names, from KMOD: a file beside the one that has it, else one below KMOD; None: neither."""
    for there in (path.parent / header, kmod / header):
        if there.is_file():
            return there.resolve().relative_to(kmod).as_posix()
    return None


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r'\s*#\s*include\s+(["<])([^">]+)[">]', line)
        # kmod is in the path of includes, so <service/vip.h> finds a room, too.
        if match and (match[1] == '"' or match[2].split("/")[0] in FLOOR_OF):
            yield number, match[2]


def faults(kmod):
    """A line for each fault in the tree."""
    kmod = kmod.resolve()
    for path in sorted(kmod.rglob("*.[ch]")):
        name = path.relative_to(kmod).as_posix()
        room = room_of(name)
        if room not in FLOOR_OF or (not room and name not in ABOVE):
            yield f"{name}: is in no room of scripts/layers.py"
            continue
        for number, header in includes(path):
            there = target(kmod, path, header)
            if there is None:
                yield f"{name}:{number}: includes {header}, which is not there"
                continue
            other = room_of(there)
            if other != room and FLOOR_OF.get(other, 0) <= FLOOR_OF[room]:
                yield f"{name}:{number}: includes {there}, which is not in a room below"


def self_test():
    """Plants faults in a small tree, one at a time; returns what was not as it should be."""
    right = {
        "main.c": '#include "config/a.h"\n',
        "config/a.h": '#include "b.h"\n#include "compat/f.h"\n#include <linux/list.h>\n',
        "config/b.h": "",
        "flow/c.h": '#include "core/e.h"\n',
        "announce/d.h": '#include "service/g.h"\n',
        "core/e.h": '#include "compat/f.h"\n',
        "compat/f.h": "",
        "service/g.h": "",
    }
    planted = {
        "core/up.c": ('#include "service/g.h"\n', ["core/up.c:1: includes service/g.h, which is not in a room below"]),
        "core/around.c": ('#include <service/g.h>\n#include <linux/g.h>\n',
                          ["core/around.c:1: includes service/g.h, which is not in a room below"]),
        "flow/sideways.c": ('#include "core/e.h"\n#include "announce/d.h"\n',
                            ["flow/sideways.c:2: includes announce/d.h, which is not in a room below"]),
        "service/back.h": ('#include "../flow/c.h"\n',
                           ["service/back.h:1: includes flow/c.h, which is not in a room below"]),
        "flow/astray.c": ('#include "g.h"\n', ["flow/astray.c:1: includes g.h, which is not there"]),
        "attic/new.c": ("", ["attic/new.c: is in no room of scripts/layers.py"]),
        "config/deep/new.c": ("", ["config/deep/new.c: is in no room of scripts/layers.py"]),
        "loose.c": ("", ["loose.c: is in no room of scripts/layers.py"]),
        "forward/right.c": ('#include "flow/c.h"\n#include "announce/d.h"\n', []),
    }
    for fault, (text, wanted) in planted.items():
        with tempfile.TemporaryDirectory() as top:
            for name, content in {**right, fault: text}.items():
                path = pathlib.Path(top) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content)
            found = list(faults(pathlib.Path(top)))
        if found != wanted:
            yield f"self test: {fault}: found {found}, wanted {wanted}"


def main():
    if len(sys.argv) > 1:
        found = list(faults(pathlib.Path(sys.argv[1])))
    else:
        found = [*self_test(), *faults(pathlib.Path(__file__).resolve().parent.parent / "kmod")]
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


sys.exit(main())
