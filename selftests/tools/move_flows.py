#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Flows of UDP to several vips at a steady rate, whose packets are counted one by one while a command runs.

    CLIENT NODE,NODE,... PORT RATE VIP... -- COMMAND

CLIENT and NODEs are network namespaces. A packet has arrived if a socket on its vip has it, on any NODE where the vip
is an address. RATE is in packets a second to each vip. COMMAND is for the shell; it begins when packets of each flow
have arrived, and they go on for a while when it has ended. Prints a line of JSON for each vip:

    sent, lost, twice           packets; which of them are lost, as far as there is room

The exit code is that of COMMAND.
"""
import json
import mmap
import os
import select
import struct
import subprocess
import sys
import time

from handover_flows import Flow, send

PATIENCE = 10
BEFORE = 50     # packets of each flow before COMMAND
AFTER = 0.3     # seconds behind it


def main():
    split = sys.argv.index("--")
    client, nodes, port, rate, *vips = sys.argv[1:split]
    flows = [Flow(vip, int(port), nodes.split(",")) for vip in vips]
    shared = mmap.mmap(-1, 16)
    child = os.fork()
    if child == 0:
        send(client, vips, int(port), float(rate), shared)
        os._exit(0)

    def drain():
        select.select([sock for flow in flows for sock in flow.socks], [], [], 0.02)
        for flow in flows:
            flow.drain()

    def sent_now():
        return struct.unpack("=Q", shared[:8])[0]

    while not all(len(flow.seen) >= BEFORE for flow in flows):
        drain()
    with subprocess.Popen(" ".join(sys.argv[split + 1:]), shell=True) as command:
        while command.poll() is None:
            drain()
    end = time.monotonic() + AFTER
    while time.monotonic() < end:
        drain()
    shared[8] = 1
    os.waitpid(child, 0)
    sent = sent_now()
    end = time.monotonic() + PATIENCE
    while any(len(flow.seen) < sent for flow in flows) and time.monotonic() < end:
        drain()
    for flow in flows:
        lost = sorted(set(range(sent)) - set(flow.seen))
        print(json.dumps({"vip": flow.vip, "sent": sent, "lost": len(lost), "which": lost[:20],
                          "twice": sum(count > 1 for count in flow.seen.values())}))
    sys.exit(command.returncode)


main()
