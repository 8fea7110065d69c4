#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Flows of UDP to several vips at a steady rate, whose packets are counted one by one while their lease moves.

    CLIENT NODE,NODE,... PORT RATE MOVES LEASE EPOCH VIP...

CLIENT and NODEs are network namespaces, and nodes of that name. The lease moves from the first to the second and back,
MOVES in all, SPAN seconds apart, under epochs from EPOCH on: a release that names the successor, then a grant on every
NODE, last on the successor. A packet has arrived if a socket on its vip has it, on any NODE where the vip is an
address. RATE is in packets a second to each vip.

A stray is kept for a second. On a machine that stands still a move may take longer: what was sent meanwhile may be lost
then. Such a move does not count, and another one is made, as often as MOVES at most. Prints lines of JSON, one for each
vip, and one for the moves:

    sent, lost, twice           packets; which of them are lost, as far as there is room
    excused                     lost ones that were sent while a move took too long: not among the lost
    moves, late, longest        moves that count, that took too long, and the longest of those that count, seconds
"""
import json
import mmap
import os
import select
import socket
import struct
import sys
import time

from netlink import Socket, boottime
from netns import enter

SO_RCVBUFFORCE = 33
PATIENCE = 20
SPAN = 0.3
GAP = 0.1       # between release and grant: packets of every flow come then
KEPT = 0.8      # a move that takes no longer loses nothing that is kept for a second
LASTS = 9_000_000_000


def family(vip):
    return socket.AF_INET6 if ":" in vip else socket.AF_INET


class Cluster:
    """The modules of the nodes, told by netlink: a process for each command would take longer than a stray is kept."""

    def __init__(self, names, lease, epoch):
        self.lease, self.epoch = lease, epoch
        self.socks = {}
        for name in names:
            enter(name)
            self.socks[name] = Socket()

    def tell(self, name, oper, **attrs):
        answer = self.socks[name].send(oper, {"name": self.lease, **attrs})
        if answer.code != "0":
            sys.exit(f"{name}: {oper}: {answer}")

    def grant(self, holder):
        self.epoch += 1
        for name in sorted(self.socks, key=lambda name: name == holder):
            self.tell(name, "lease-set", epoch=self.epoch, holder=holder,
                      deadline=boottime() + LASTS)

    def move(self, old, new, wait):
        self.tell(old, "lease-release", successor=new)
        wait()
        self.grant(new)


class Flow:
    """The packets to one vip."""

    def __init__(self, vip, port, members):
        self.vip, self.port = vip, port
        self.socks = []
        self.seen = {}
        for member in members:
            enter(member)
            sock = socket.socket(family(vip), socket.SOCK_DGRAM)
            sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 28)
            sock.setblocking(False)
            try:
                sock.bind((vip, port))
            except OSError:
                sock.close()
                continue
            self.socks.append(sock)
        if not self.socks:
            sys.exit(f"{vip} is an address of no member")

    def drain(self):
        for sock in self.socks:
            try:
                while True:
                    number = struct.unpack("!Q", sock.recv(64))[0]
                    self.seen[number] = self.seen.get(number, 0) + 1
            except BlockingIOError:
                pass


def send(client, vips, port, rate, shared):
    """Until it is told to end; how many rounds it has sent is in shared."""
    enter(client)
    socks = []
    for vip in vips:
        socks.append(socket.socket(family(vip), socket.SOCK_DGRAM))
        socks[-1].connect((vip, port))
    number, start = 0, time.monotonic()
    while shared[8] == 0:
        for sock in socks:
            sock.send(struct.pack("!Q", number))
        number += 1
        shared[:8] = struct.pack("=Q", number)
        # Not to make up for what it was too late for: that would be a burst.
        start = max(start + 1 / rate, time.monotonic() - 1 / rate)
        time.sleep(max(0, start - time.monotonic()))


def main():
    client, nodes, port, rate, moves, lease, epoch, *vips = sys.argv[1:]
    nodes = nodes.split(",")
    flows = [Flow(vip, int(port), nodes) for vip in vips]
    cluster = Cluster(nodes, lease, int(epoch))
    cluster.grant(nodes[0])
    shared = mmap.mmap(-1, 16)
    child = os.fork()
    if child == 0:
        send(client, vips, int(port), float(rate), shared)
        os._exit(0)

    def drain_for(seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            select.select([sock for flow in flows for sock in flow.socks], [], [], 0.05)
            for flow in flows:
                flow.drain()

    def sent_now():
        return struct.unpack("=Q", shared[:8])[0]

    moves, made, longest, late = int(moves), 0, 0, []
    drain_for(SPAN)
    while made - len(late) < moves and made < 2 * moves:
        # The packet before the number that is told may be under way still.
        first, start = max(sent_now() - 1, 0), time.monotonic()
        cluster.move(nodes[made % 2], nodes[1 - made % 2], lambda: drain_for(GAP))
        took = time.monotonic() - start
        made += 1
        if took > KEPT:
            # And the one behind it was perhaps sent already.
            late.append(range(first, sent_now() + 1))
        else:
            longest = max(longest, took)
        drain_for(SPAN)
    shared[8] = 1
    status = os.waitpid(child, 0)[1]
    sent = sent_now()
    end = time.monotonic() + PATIENCE
    excused = {number for numbers in late for number in numbers}
    while any(set(range(sent)) - set(flow.seen) - excused for flow in flows) and time.monotonic() < end:
        drain_for(0.1)
    for flow in flows:
        missing = set(range(sent)) - set(flow.seen)
        lost = sorted(missing - excused)
        print(json.dumps({"vip": flow.vip, "sent": sent, "lost": len(lost), "which": lost[:20],
                          "excused": len(missing & excused), "twice": sum(count > 1 for count in flow.seen.values())}))
    print(json.dumps({"moves": made - len(late), "late": len(late), "longest": longest}))
    sys.exit(status)


if __name__ == "__main__":
    main()
