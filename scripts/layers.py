#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Proves that the module's files include only their own floor's header or lower floors.

Usage: layers.py [KMOD]. Prints each include that goes up or sideways, and each file without a floor.
"""
import pathlib
import re
import sys

# From the ground up. A file is named by its path below KMOD without the suffix; its header stands on the same floor.
FLOORS = [
    ["haswitch", "table", "bridge", "key", "trace", "damp", "pulse_wire", "maglev", "martian", "share",
     "client"],
    ["tuple", "event", "stats"],
    ["nat"],
    ["switch", "flow_table", "nat_plain"],
    ["flow_net"],
    ["hop"],
    ["node", "node_find", "beat", "held", "evidence", "node_bench"],
    ["tenure"],
    ["lease", "lease_config"],
    ["pulse", "pulse_send", "pulse_hear", "pulse_report", "pulse_net", "pulse_gasp"],
    ["resign"],
    ["vip"],
    ["stray_kept"],
    ["tunnel", "tunnel_send", "tunnel_route", "tunnel_out"],
    ["service", "member", "conflict", "ipip"],
    ["times", "gue"],
    ["refusal", "refusal_read"],
    ["sched", "sched_active_standby", "sched_lc", "sched_maglev", "sched_random", "sched_rr"],
    ["flow", "flow_packet"],
    ["flow_answer", "flow_ask", "flow_known"],
    ["emit", "emit_local", "emit_direct", "emit_reject", "emit_stray", "emit_tunnel", "emit_nat"],
    ["group", "arp", "nd", "pieces", "way"],
    ["answer"],
    ["door", "door_plain", "door_answer", "door_dev"],
    ["announce_dev", "turn", "abort", "facing", "flow_reset"],
    ["heal"],
    ["announce"],
    ["path", "explain", "explain_stack", "explain_piece", "explain_answer"],
    ["path_hook"],
    ["config"],
    ["restore"],
    ["netlink", "netlink_node", "netlink_vip", "netlink_service", "netlink_member", "netlink_event", "netlink_lease", "netlink_pulse",
     "netlink_flow", "netlink_limits", "netlink_explain", "link"],
    ["main"],
]
# What a whole floor has in common, by the header that its files may include.
COMMON = {"node": ("node_", "beat", "held", "evidence"), "node_bench": ("node", "evidence"), "service": "member", "sched": "sched_", "emit": "emit_", "tunnel": "tunnel_",
          "announce_dev": "announce", "door": "door_", "door_plain": "door", "flow": "flow_", "flow_packet": "flow",
          "netlink": "netlink_", "pulse": "pulse_", "lease": "lease_", "refusal": "refusal_", "explain": "explain_", "haswitch": "", "table": "haswitch"}

# Each of these says why it goes up.
EXCEPTIONS = {
    # A node owns its ways, so hop.c, which fills them in, knows the node.
    ("hop.c", "node"),
}


def floor_of(stem):
    stem = stem.removesuffix("_test")
    for number, floor in enumerate(FLOORS):
        if stem in floor:
            return number
    return None


def included(kmod, path, header):
    """What an include names: a file beside the one that has it, else one below KMOD."""
    beside = path.parent / header
    return beside.relative_to(kmod).as_posix() if beside.with_suffix(".h").is_file() else header


def allowed(path, stem, header):
    own, theirs = floor_of(stem), floor_of(header)
    if theirs is None:
        return header.startswith(("compat/", "generated/"))
    if theirs < own or header == stem.removesuffix("_test"):
        return True
    if theirs > own:
        return (path, header) in EXCEPTIONS
    return header in COMMON and stem.startswith(COMMON[header])


def main():
    kmod = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent / "kmod")
    wrong = 0
    for path in sorted(kmod.rglob("*.[ch]")):
        name = path.relative_to(kmod).as_posix()
        if name.startswith(("compat/", "generated/")):
            continue
        stem = name[:-2]
        if floor_of(stem) is None:
            print(f"{name}: stands on no floor: add it to FLOORS of scripts/layers.py")
            wrong += 1
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r'#include "(.+)\.h"', line)
            if match and not allowed(name, stem, included(kmod, path, match[1])):
                print(f"{name}:{number}: includes {match[1]}.h, which is not on a lower floor")
                wrong += 1
    return 1 if wrong else 0


sys.exit(main())
