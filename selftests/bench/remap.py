#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Which flows move when a member goes, and when it returns: those that must, or others too. Runs in a guest.

    remap.py haswitch SERVICE MEMBERS FLOWS     nodes n1 to nMEMBERS
    remap.py nexthop VIP MEMBERS FLOWS          nexthops 1 to MEMBERS, in group 9999

pktgen has been told of in0 and the vip; members are told apart by the last byte of their MAC. Sends a packet of each
flow, before and after each of some members goes, and prints a line of words for each way to go:

    figure remap CASE MEMBERS FLOWS GONE MOVED GOING RETURNING PEAK EVEN

GONE members went, one after the other. MOVED flows were theirs; of the others so many were moved when they went
(GOING), and of all so many were elsewhere than before when they had returned (RETURNING), where 0 would do. PEAK is the
most that one member got of the flows of one that went, by the mean of what the others got; EVEN the most that one has
of all flows, by their mean.
"""
import collections
import mmap
import socket
import struct
import subprocess
import sys

SOL_PACKET, PACKET_RX_RING, PACKET_VERSION, TPACKET_V2, ETH_P_ALL = 263, 5, 10, 1, 3
RING_BLOCK, SLOTS, SLOT = 1 << 16, 1 << 15, 128
BLOCK, FIRST = 20000, 10000     # source ports of one client


def tell(name, *lines):
    with open(f"/proc/net/pktgen/{name}", "w", encoding="ascii") as file:
        for line in lines:
            file.write(line + "\n")
            file.flush()


def run(*words):
    subprocess.run(words, check=True)


class Ring:
    """What leaves through out0, in memory that the kernel writes to: no call for each of so many packets."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.sock.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V2)
        self.sock.setsockopt(SOL_PACKET, PACKET_RX_RING,
                             struct.pack("4I", RING_BLOCK, SLOTS * SLOT // RING_BLOCK, SLOT, SLOTS))
        self.slots = mmap.mmap(self.sock.fileno(), SLOTS * SLOT)
        self.sock.bind(("out0", ETH_P_ALL))
        self.at = 0

    def frames(self):
        """Those that came since the last time."""
        while self.slots[self.at] & 1:
            mac, = struct.unpack_from("H", self.slots, self.at + 12)
            yield self.slots[self.at + mac:self.at + mac + 36]
            self.slots[self.at] = 0
            self.at = (self.at + SLOT) % (SLOTS * SLOT)


def look(flows):
    """Where each flow goes: the last byte of a MAC, for each of its ports, of one client after the other."""
    where, ring = bytearray(flows), Ring()
    for block in range(flows // BLOCK):
        client = bytes((10, 9, 0, 20 + block))
        addr = socket.inet_ntoa(client)
        tell("in0", f"src_min {addr}", f"src_max {addr}", f"udp_src_min {FIRST}", f"udp_src_max {FIRST + BLOCK}",
             f"count {BLOCK}")
        # It returns when the last one has gone its way.
        tell("pgctrl", "start")
        seen = 0
        for frame in ring.frames():
            if frame[26:30] == client and frame[23] == socket.IPPROTO_UDP:
                where[block * BLOCK + int.from_bytes(frame[34:36], "big") - FIRST] = frame[5]
                seen += 1
        if seen != BLOCK or not all(where[block * BLOCK:(block + 1) * BLOCK]):
            sys.exit(f"remap: of {BLOCK} flows {seen} went on")
    ring.slots.close()
    ring.sock.close()
    return where


def peak(counts, members):
    """The most that one has, by the mean of so many."""
    return max(counts.values()) * members / sum(counts.values())


def measure(case, members, flows, gone, leave, come):
    before, moved, going, returning, peaks = look(flows), 0, 0, 0, []
    if len(set(before)) != members:
        sys.exit(f"remap: {len(set(before))} members of {members} get flows")
    for index in gone:
        leave(index)
        after = look(flows)
        come(index)
        back = look(flows)
        own = set(before) - set(after)
        if len(own) != 1:
            sys.exit(f"remap: {len(own)} members got none after one went")
        own = own.pop()
        moved += before.count(own)
        going += sum(a != b and a != own for a, b in zip(before, after))
        returning += sum(a != b for a, b in zip(before, back))
        peaks.append(peak(collections.Counter(b for a, b in zip(before, after) if a == own), members - 1))
    print("figure remap", case, members, flows, len(gone), moved, going, returning, round(max(peaks), 3),
          round(peak(collections.Counter(before), members), 3), flush=True)


def main():
    kind, where, members, flows = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    gone = sorted({1, (members + 1) // 2, members})
    if kind == "haswitch":
        measure("haswitch-maglev-down", members, flows, gone,
                lambda i: run("haadm", "node", "set", f"n{i}", "state", "down"),
                lambda i: run("haadm", "node", "set", f"n{i}", "state", "up"))
        measure("haswitch-maglev-deleted", members, flows, gone,
                lambda i: run("haadm", "member", "del", where, "node", f"n{i}"),
                lambda i: run("haadm", "member", "add", where, "node", f"n{i}"))
        return
    group = lambda without: "/".join(str(i) for i in range(1, members + 1) if i != without)
    measure("nexthop-group", members, flows, gone,
            lambda i: run("ip", "nexthop", "replace", "id", "9999", "group", group(i)),
            lambda i: run("ip", "nexthop", "replace", "id", "9999", "group", group(None)))


main()
