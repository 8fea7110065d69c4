# SPDX-License-Identifier: GPL-2.0
"""What each function executes for a packet, and how much of it locks the bus: two boots,
that differ by some packets."""
import bisect
import collections
import os
import subprocess

import guest

FEW, MANY = 10000, 50000
QEMU = "qemu-system-x86_64"


def tools(out):
    """Builds the plugin, and a QEMU that loads it; returns the directory to put in front of PATH."""
    plugin, bin_dir = os.path.join(out, "count.so"), os.path.join(out, "bin")
    subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", plugin,
                    os.path.join(guest.HERE, "count", "count.c")], check=True)
    os.makedirs(bin_dir, exist_ok=True)
    real = subprocess.run(["sh", "-c", f"command -v {QEMU}"], check=True, stdout=subprocess.PIPE,
                          text=True).stdout.strip()
    with open(os.path.join(bin_dir, QEMU), "w", encoding="utf-8") as script:
        script.write(f'#!/bin/sh\nexec {real} -plugin {plugin} "$@"\n')
    os.chmod(os.path.join(bin_dir, QEMU), 0o755)
    return bin_dir


def symbols(path):
    """Sorted addresses of the kernel's and its modules' functions, and their names."""
    names = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            addr, kind, *name = line.split()
            if kind in "tTwW":
                names.setdefault(int(addr, 16), " ".join(name))
    addrs = sorted(names)
    return addrs, [names[addr] for addr in addrs]


def executed(out):
    """How often one boot executed each instruction, {(function, offset): times}, and the set of those that lock."""
    addrs, names = symbols(os.path.join(out, "kallsyms"))
    counts, locking = collections.Counter(), set()
    with open(os.path.join(out, "executed"), encoding="ascii") as lines:
        for line in lines:
            addr, times, locks = line.split()
            at = max(0, bisect.bisect(addrs, int(addr, 16)) - 1)
            # Modules are not loaded to the same place twice.
            key = names[at], int(addr, 16) - addrs[at]
            counts[key] += int(times)
            if locks == "1":
                locking.add(key)
    return counts, locking


def boot(kernel, case, packets, modules, out, path):
    os.makedirs(out, exist_ok=True)
    environment = {"PATH": path + ":" + os.environ["PATH"], "HASW_COUNT_OUT": os.path.join(out, "executed")}
    # A kernel that finds one CPU only takes its LOCK prefixes away.
    guest.run(kernel, "cost.sh", case, str(packets), "1", modules["drop"], "symbols", icount=True, limit=900, out=out,
              module=modules[kernel], environment=environment, append="noreplace-smp")
    return executed(out)


def difference(few, many):
    """{function: [instructions a packet, locking ones a packet]} from the counters of two boots.

    What is not done a whole number of times for each packet is what the kernel does besides (timers, an idle CPU),
    which two boots do not do alike."""
    result = {}
    for key, times in many[0].items():
        share = (times - few[0][key]) / (MANY - FEW)
        whole = round(share)
        if whole < 1 or abs(share - whole) > 0.05:
            continue
        function = result.setdefault(key[0], [0, 0])
        function[0] += whole
        if key in many[1]:
            function[1] += whole
    return result


def profile(kernel, case, modules, out, path):
    """What difference() says of a case."""
    return difference(boot(kernel, case, FEW, modules, os.path.join(out, f"profile-{case}-few"), path),
                      boot(kernel, case, MANY, modules, os.path.join(out, f"profile-{case}-many"), path))
