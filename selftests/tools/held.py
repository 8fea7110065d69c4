#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Waits until the modules of some nodes name one holder for each lease, which is one of these nodes.

    held.py SECONDS LEASES NODE...

Each node is a network namespace of that name. Prints `LEASE HOLDER TIME` for each lease, TIME being when the first of
these modules was told of its grant, ns since boot. The exit code is 1 when the time is over; why is on standard error.
"""
import pathlib
import sys
import time

sys.dont_write_bytecode = True  # nothing is left in the tree
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib" / "py"))
from haadm import Haadm

POLL = 0.05     # s


def holders(asked, n_leases):
    """By lease: (holder, epoch) and the reason why not, one of which is None."""
    said = {}
    for name, node in asked.items():
        leases = node.show("lease", "show")
        if len(leases) != n_leases:
            return None, f"{name} has {len(leases)} leases"
        for lease in leases:
            said.setdefault(lease["name"], set()).add((lease.get("holder"), lease.get("epoch")))
    for lease, says in said.items():
        if len(says) != 1 or next(iter(says))[0] not in asked:
            return None, f"lease {lease}: {says}"
    return {lease: next(iter(says)) for lease, says in said.items()}, None


def main():
    limit, n_leases = float(sys.argv[1]), int(sys.argv[2])
    asked = {name: Haadm(name) for name in sys.argv[3:]}
    end = time.monotonic() + limit
    while True:
        found, why = holders(asked, n_leases)
        if found:
            break
        if time.monotonic() > end:
            sys.exit(f"held.py: after {limit} s: {why}")
        time.sleep(POLL)
    told = {}
    for node in asked.values():
        for event in node.show("event", "show"):
            if event["kind"] == "lease" and event["cause"] == "granted":
                key = event["lease"], event.get("node"), event["epoch"]
                told[key] = min(told.get(key, event["publish"]), event["publish"])
    for lease, (holder, epoch) in found.items():
        if (lease, holder, epoch) not in told:
            sys.exit(f"held.py: the events of lease {lease} under epoch {epoch} are not kept any more")
        print(lease, holder, told[lease, holder, epoch])
    for node in asked.values():
        node.end()


main()
