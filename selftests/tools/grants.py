#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Whether two nodes of one machine ever held a lease at once, by what their modules tell.

    grants.py NODE=FILE...     FILE has what `haadm -j event show` printed there

Prints how many grants there were, and each pair of nodes that held the same lease at the same time, or under the same
epoch. Exit code 1 if there is one, or if there was no grant at all.
"""
import json
import sys

FOREVER = 1 << 64


def grants(node, events):
    """(lease, epoch, begin, end, node) of each grant that the node had itself."""
    held, found = {}, []
    for event in events:
        if event["kind"] != "lease":
            continue
        lease = event["lease"]
        if lease in held:
            epoch, begin = held.pop(lease)
            # What runs out ends at its deadline, though the timer is late.
            end = event["decision"] if event["cause"] == "expired" else event["publish"]
            found.append((lease, epoch, begin, end, node))
        if event["cause"] == "granted" and event.get("node") == node:
            held[lease] = (event["epoch"], event["publish"])
    return found + [(lease, epoch, begin, FOREVER, node) for lease, (epoch, begin) in held.items()]


def judge(found):
    """What is wrong, as lines."""
    wrong = []
    for i, (lease, epoch, begin, end, node) in enumerate(found):
        for other in found[:i]:
            if other[0] != lease or other[4] == node:
                continue
            if begin < other[3] and other[2] < end:
                wrong.append(f"{lease}: {node} from {begin} to {end} under {epoch:x}, "
                             f"{other[4]} from {other[2]} to {other[3]} under {other[1]:x}")
            if epoch == other[1]:
                wrong.append(f"{lease}: {node} and {other[4]} both under {epoch:x}")
    return wrong


def main(arguments):
    found = []
    for argument in arguments:
        node, file = argument.split("=", 1)
        with open(file, encoding="ascii") as opened:
            found += grants(node, json.load(opened))
    wrong = judge(found)
    print("\n".join([f"{len(found)} grants", *wrong]))
    return 1 if wrong or not found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
