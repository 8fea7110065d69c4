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
    ["core/haswitch", "core/table", "packet/bridge", "packet/key", "core/trace", "cluster/damp", "heartbeat/pulse_wire", "service/maglev", "path/check", "service/member_flows",
     "flow/client_route"],
    ["packet/tuple", "core/event", "core/stats"],
    ["packet/nat"],
    ["core/switch", "flow/flow_table", "packet/nat_fast"],
    ["flow/flow_net"],
    ["cluster/hop"],
    ["cluster/node", "cluster/node_lookup", "cluster/beat", "cluster/held", "cluster/evidence", "cluster/node_fixture"],
    ["cluster/grant"],
    ["cluster/lease", "cluster/lease_config"],
    ["heartbeat/pulse", "heartbeat/pulse_send", "heartbeat/pulse_recv", "heartbeat/pulse_report", "heartbeat/pulse_sock", "heartbeat/pulse_gasp"],
    ["heartbeat/resign"],
    ["service/vip"],
    ["forward/stray_queue"],
    ["forward/stray_rcv", "forward/tunnel", "forward/stray_send", "forward/tunnel_route", "forward/tunnel_xmit"],
    ["service/service", "service/member", "announce/conflict", "forward/ipip"],
    ["service/switch_times", "forward/gue"],
    ["heartbeat/refusal", "heartbeat/refusal_parse"],
    ["service/sched", "service/sched_active_standby", "service/sched_lc", "service/sched_maglev", "service/sched_random", "service/sched_rr"],
    ["flow/flow", "flow/flow_packet"],
    ["flow/flow_reply", "flow/flow_peek", "flow/flow_fast"],
    ["forward/xmit", "forward/xmit_local", "forward/xmit_direct", "forward/xmit_reject", "forward/xmit_stray", "forward/xmit_tunnel", "forward/xmit_nat"],
    ["announce/mcast", "announce/arp", "announce/nd", "path/defrag", "path/way"],
    ["path/reply"],
    ["path/fast", "path/fast_plain", "path/fast_reply", "path/fast_dev"],
    ["announce/announce_dev", "announce/announce_queue", "service/abort", "heartbeat/client_links", "forward/flow_reset"],
    ["announce/link_recovery"],
    ["announce/announce"],
    ["path/path", "path/explain", "path/explain_rcv", "path/explain_frag", "path/explain_reply"],
    ["path/hooks"],
    ["config/dev_events"],
    ["config/config"],
    ["config/restore"],
    ["config/netlink", "config/netlink_node", "config/netlink_vip", "config/netlink_service", "config/netlink_member", "config/netlink_event", "config/netlink_lease", "config/netlink_pulse",
     "config/netlink_flow", "config/netlink_limits", "config/netlink_explain", "config/link"],
    ["main"],
]
# What a whole floor has in common, by the header that its files may include.
COMMON = {
    "cluster/node": ("cluster/beat", "cluster/evidence", "cluster/evidence_test", "cluster/held", "cluster/node_fixture", "cluster/node_lookup", "cluster/node_test",),
    "cluster/node_fixture": ("cluster/evidence", "cluster/evidence_test", "cluster/node", "cluster/node_fixture", "cluster/node_lookup", "cluster/node_test",),
    "service/service": ("service/member",),
    "service/sched": ("service/sched_active_standby", "service/sched_lc", "service/sched_maglev", "service/sched_random", "service/sched_rr", "service/sched_test",),
    "forward/xmit": ("forward/xmit_direct", "forward/xmit_local", "forward/xmit_nat", "forward/xmit_reject", "forward/xmit_stray", "forward/xmit_tunnel",),
    "forward/tunnel": ("forward/stray_rcv", "forward/stray_send", "forward/tunnel_route", "forward/tunnel_xmit",),
    "announce/announce_dev": ("announce/announce", "announce/announce_dev",),
    "path/fast_dev": ("path/fast", "path/fast_dev", "path/fast_plain", "path/fast_reply",),
    "path/fast_plain": ("path/fast", "path/fast_dev", "path/fast_plain", "path/fast_reply",),
    "flow/flow": ("flow/flow_fast", "flow/flow_net", "flow/flow_packet", "flow/flow_peek", "flow/flow_reply", "flow/flow_table", "flow/flow_table_test", "forward/flow_reset",),
    "flow/flow_packet": ("flow/flow", "flow/flow_fast", "flow/flow_net", "flow/flow_packet", "flow/flow_peek", "flow/flow_reply", "flow/flow_table", "flow/flow_table_test", "forward/flow_reset",),
    "config/netlink": ("config/netlink_event", "config/netlink_explain", "config/netlink_flow", "config/netlink_lease", "config/netlink_limits", "config/netlink_member", "config/netlink_node", "config/netlink_pulse", "config/netlink_service", "config/netlink_vip",),
    "heartbeat/pulse": ("heartbeat/pulse_gasp", "heartbeat/pulse_recv", "heartbeat/pulse_recv_test", "heartbeat/pulse_report", "heartbeat/pulse_send", "heartbeat/pulse_sock", "heartbeat/pulse_wire", "heartbeat/pulse_wire_test",),
    "cluster/lease": ("cluster/lease_config",),
    "heartbeat/refusal": ("heartbeat/refusal_parse",),
    "path/explain": ("path/explain_frag", "path/explain_rcv", "path/explain_reply",),
    "core/haswitch": ("",),
    "core/table": ("core/haswitch",),
    "path/fast": ("path/fast_reply",),
}

# Each of these says why it goes up.
EXCEPTIONS = {
    # A node owns its ways, so cluster/hop.c, which fills them in, knows the node.
    ("cluster/hop.c", "cluster/node"),
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
