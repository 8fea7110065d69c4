#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What `haadm explain` says of packets, and what becomes of them.

    COUNT SEED ENTRY-MAC CLIENT ENTRY MEMBER...

Namespaces and random packets are those of fastpath_compare.py. Of each packet ENTRY is asked, and then it is sent:
COUNT random ones from CLIENT, flows with all the flags of TCP, what MEMBER sends,
and what local processes of ENTRY do. Prints JSON:

    asked       packets
    ways        how many of them went which way, or were dropped as what
    paths       how many by which path, and why not by the fast one
    flows       what was known of flows
    wrong       the first packets of which something else became, in words; empty if there is none

The counter of what was said grows by one and no other of its kind, `fast` if it was said to, and where the packet was
to go out a member with that link-layer address heard of it. The configuration is the script's business.
"""
import collections
import importlib
import itertools
import json
import os
import random
import socket
import struct
import sys
import tempfile
import time

from haadm import Refused
from netns import inside
from packet import checksum, pseudo

fastpath = importlib.import_module("fastpath_compare")
FATES = ("redirected", "local", "passed", "stray_sent", "nat_answered", "fast")
SENT = {"direct": ("redirected",), "tunnel": ("redirected",), "nat": ("redirected",),
        "answer": ("redirected", "nat_answered"), "stray": ("redirected", "stray_sent"),
        "local": ("local",), "passed": ("passed",)}
LEASE, NARROW = 3, 1280
SYN, ACK, RST, FIN = 2, 16, 4, 1
VIPS = 14
EARLY = 120     # an address of ha0 that is no vip


def tcp(src, dst, sport, dport, flags):
    src, dst = fastpath.packed(src), fastpath.packed(dst)
    head = struct.pack("!HHIIBBHHH", sport, dport, 1, 2, 0x50, flags, 8192, 0, 0)
    head = head[:16] + struct.pack("!H", checksum(pseudo(src, dst, 6, len(head)) + head) or 0xFFFF) + head[18:]
    return fastpath.Packet.head_of(src, dst, 6, len(head), 64) + head


def udp(src, dst, sport, dport, size=8, ttl=64, off=0):
    src, dst = fastpath.packed(src), fastpath.packed(dst)
    data = struct.pack("!HHHH", sport, dport, 8 + size, 0) + bytes(size)
    data = data[:6] + struct.pack("!H", checksum(pseudo(src, dst, 17, len(data)) + data) or 0xFFFF) + data[8:]
    return fastpath.Packet.head_of(src, dst, 17, len(data), ttl, off=off) + data


def fragment(packet, off=0, more=False, size=None, proto=None, of=itertools.count(), number=None):
    """An IPv6 packet as a piece: so many bytes of its payload, or all,
    at that place in one that no other is a piece of."""
    number = next(of) if number is None else number
    data = struct.pack("!BBHI", packet[6] if proto is None else proto, 0, off | more,
                       number) + (packet[40:] if size is None else packet[40:40 + size])
    return packet[:4] + struct.pack("!H", len(data)) + b"\x2c" + packet[7:40] + data


def unreachable(src, dst, sent):
    """That nobody has the port, about what was sent."""
    src, dst, six = fastpath.packed(src), fastpath.packed(dst), sent[0] >> 4 == 6
    data = struct.pack("!BBHI", *((1, 4) if six else (3, 3)), 0, 0) + sent[:(40 if six else 20) + 8]
    value = checksum((pseudo(src, dst, 58, len(data)) if six else b"") + data)
    data = data[:2] + struct.pack("!H", value) + data[4:]
    return fastpath.Packet.head_of(src, dst, 58 if six else 1, len(data), 64) + data


def solicitation(src, target):
    """Asks who has an IPv6 address, of all whose addresses end alike."""
    src, target = fastpath.packed(src), fastpath.packed(target)
    dst = fastpath.packed("ff02::1:ff00:0")[:13] + target[13:]
    data = struct.pack("!BBHI", 135, 0, 0, 0) + target
    data = data[:2] + struct.pack("!H", checksum(pseudo(src, dst, 58, len(data)) + data)) + data[4:]
    return fastpath.Packet.head_of(src, dst, 58, len(data), 255) + data


def address(family, number):
    return f"10.0.0.{number}" if family == 4 else f"2001:db8::{number}"


class Explain:
    """The machines, what is asked, and what is seen."""

    def __init__(self, pcap, entry_mac, client, entry, members):
        self.net = fastpath.Paths(entry_mac, client, entry, members)
        self.entry_mac = self.net.entry_mac
        self.report = {"asked": 0, "ways": collections.Counter(), "paths": collections.Counter(),
                       "flows": collections.Counter(), "wrong": []}
        self.mouths = {name: inside(name, lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0))
                       for name in members}
        self.macs = {}
        self.pcap = pcap
        # The only one that members answer.
        self.near = [address(family, 1) for family in (4, 6)]
        for name, mouth in self.mouths.items():
            mouth.bind(("eth0", 0))
            self.macs[name] = mouth.getsockname()[4]
        # Who is asked by the entry as its client is not to say that nobody listens.
        self.silent = []
        for family, kind in ((4, socket.AF_INET), (6, socket.AF_INET6)):
            for port in (5353, 8523):
                self.silent.append(inside("m1", lambda kind=kind: socket.socket(kind, socket.SOCK_DGRAM)))
                self.silent[-1].bind((address(family, 11), port))
        self.local = {4: inside(entry, lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)),
                      6: inside(entry, lambda: socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW))}
        self.renewed = 0
        self.renew()
        self.net.flush()
        before = self.counters()
        self.net.flush()
        self.alone = self.grown(before)

    def renew(self):
        if time.monotonic() - self.renewed > LEASE:
            self.net.haadm("lease", "set", "mine", "epoch", "2", "holder", "entry", "for", "10s")
            self.renewed = time.monotonic()

    def counters(self):
        return {key: value for key, value in self.net.asked.show("stats", "show").items() if key in FATES or
                key == "seen" or key.startswith("drop_")}

    def grown(self, before):
        after = self.counters()
        return {key: after[key] - before[key] for key in after if after[key] != before[key]}

    def ask(self, frame, link, *words):
        head = struct.pack("<IHHiIIIIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link, 0, 0, len(frame), len(frame))
        with open(self.pcap, "wb") as file:
            file.write(head + frame)
        try:
            told = self.net.asked.show("explain", "pcap", self.pcap, *words)
        except Refused as error:
            sys.exit(f"{frame.hex()}: {error}")
        return told[0] if told else None

    def sent(self, send):
        """What grew with a packet, but not with the one behind it, and what came out of it."""
        before = self.counters()
        for ear in self.net.ears:
            ear.frames = []
        send()
        self.net.flush()
        grown = self.grown(before)
        for key, value in self.alone.items():
            grown[key] = grown.get(key, 0) - value
        out = [frame for ear in self.net.ears[1:] for frame in ear.frames]
        return {key: value for key, value in grown.items() if value}, out

    def check(self, frame, link, send, about, *words, sender=None, also=(), says=None):
        self.renew()
        told = self.ask(frame, link, *words)
        if not told:
            # Not even the beginning of an IP header.
            return
        # What of it does not fit on the way to all of them depends on whom it is given to.
        if told["candidates"] and len(frame) > 14 + NARROW:
            return
        grown, out = self.sent(send)
        way, report = told["way"], self.report
        wanted = {"seen": 1} if way in SENT or way == "dropped" else {}
        wanted.update((key, 1) for key in SENT.get(way, ()) + also)
        if way == "dropped":
            wanted[told["drop"].replace("-", "_")] = 1
        # What is delivered here comes back by the loopback device.
        if way == "local" and "local" in words:
            wanted.update(seen=2, passed=1)
        if told.get("door") == "fast":
            wanted["fast"] = 1
        # Both kinds of names are there by chance.
        nodes = [told["node"]] if "node" in told else told["candidates"]
        went = [name for name, mac in self.macs.items() if any(piece[10:16] == mac for piece in out)]
        right = grown == wanted and says in (None, told.get("drop", way))
        if way in ("direct", "nat"):
            right = right and len(went) == 1 and went[0] in nodes
            if len(nodes) == 1:
                right = right and told["hop_lladdr"] == ":".join(f"{byte:02x}" for byte in self.macs[went[0]])
        elif way in ("tunnel", "stray"):
            right = right and len(went) == 1
        elif way == "answer":
            right = right and not went and told["remote"] in self.near and told.get("node", sender) == sender
        else:
            # But an error, to who has sent it.
            right = right and set(went) <= {sender}
        report["asked"] += 1
        report["ways"][told.get("drop", way)] += 1
        report["paths"][told.get("slow", told.get("door", "none"))] += 1
        if "flow" in told:
            report["flows"][told["flow"]] += 1
        if not right and len(report["wrong"]) < 5:
            report["wrong"].append({"about": about, "packet": frame.hex(), "told": told, "grown": grown, "went": went})

    def client(self, packet, about, says=None):
        frame = self.entry_mac + fastpath.CLIENT_MAC + struct.pack("!H", 0x0800 if packet[0] >> 4 == 4
                                                                   else 0x86DD) + packet
        self.check(frame, 1, lambda: self.net.send(frame), about, "in", "eth0", says=says)

    def random(self, rnd):
        """What the link adds is not asked about, nor what it has left away; nor is what a vip itself answers to."""
        while True:
            packet = fastpath.Packet(rnd, self.entry_mac)
            if packet.vnet[0] or {"to-many", "tagged"} & set(packet.words) or len(packet.frame) > 14 + 1500:
                continue
            if packet.src in map(fastpath.packed, fastpath.VIPS[6 if packet.six else 4]) and packet.src != packet.dst:
                continue
            if len(packet.frame) >= 14 + (40 if packet.six else 20) and packet.frame[14] >> 4 in (4, 6):
                break
        self.check(packet.frame, 1, lambda: self.net.send(packet.frame), packet.words, "in", "eth0")

    def from_member(self, name, packet, about, also=()):
        """By its own address: as the holder's module sends it, or what it answers."""
        frame = self.entry_mac + self.macs[name] + struct.pack("!H", 0x0800 if packet[0] >> 4 == 4 else 0x86DD) + packet
        self.check(frame, 1, lambda: self.mouths[name].send(frame), about, "in", "eth0", sender=name, also=also)

    def process(self, family, packet, to, about):
        def send():
            try:
                self.local[family].sendto(packet, (to, 0))
            except PermissionError:
                # It was dropped.
                pass
        self.check(packet, 101, send, about, "local")


def flows(test, family):
    """Connections from their beginning to their end, to vips that track them in all ways."""
    near, vip = address(family, 1), address(family, 106)
    for port in range(2000, 2012):
        for flags in (SYN, ACK, ACK, SYN, FIN | ACK, ACK, RST, RST):
            for number in (80, 53, 443):
                test.client(tcp(near, vip, port, number, flags), f"tcp {number} flags {flags}")
        for _ in range(2):
            test.client(udp(near, vip, port, 53), "udp, each packet for itself")
            test.client(udp(near, vip, port, 80), "udp, by chance")
    # Begun with a reset, or in the midst.
    test.client(tcp(near, vip, 3000, 80, RST), "a reset of nothing")
    test.client(tcp(near, vip, 3001, 80, ACK), "in the midst")


def drained(test, family):
    """Known flows of a member that takes no new ones, and of one that is gone."""
    near, vip = address(family, 1), address(family, 106)
    for state in ("up", "drain", "down", "up"):
        test.net.haadm("node", "set", "m2", "state", state)
        for port in range(2100, 2106):
            for flags in (SYN, ACK, ACK):
                test.client(tcp(near, vip, port, 80, flags), f"m2 {state}, flags {flags}")
        test.client(tcp(near, address(family, 101), 2200, 1, SYN), f"m2 {state}, hashed")
    for port in range(2106, 2112):
        test.client(tcp(near, vip, port, 80, SYN), "m2 up again")


def settled(test, name):
    """Once no clock changes who is chosen between the question and the packet."""
    until = time.monotonic() + 60
    while test.net.asked.show("node", "show", name)[0]["state"] != "up":
        if time.monotonic() > until:
            sys.exit(f"{name} stays held")
        test.renew()
        time.sleep(0.1)


def odd(test, family):
    """Sizes, hops and ends that random packets seldom have."""
    near = address(family, 1)
    for size in (1200, 1232, 1233, 1252, 1253, 1400, 1460, 1472):
        for off in (0, 0x4000) if family == 4 else (0,):
            for number in (100, 106, 110, 112):
                if size + (28 if family == 4 else 48) <= 1500:
                    test.client(udp(near, address(family, number), 4000, 53, size, off=off), f"{size} bytes, DF {off}")
    for ttl in (0, 1, 2):
        for number in (100, 105, 107, 108, 110, 111):
            test.client(udp(near, address(family, number), 4000, 53, ttl=ttl), f"ttl {ttl}")
    for number in range(100, 100 + VIPS + 1):
        for port in (53, 80, 443, 7):
            test.client(udp(near, address(family, number), 4001, port), "udp to all")
            test.client(tcp(near, address(family, number), 4001, port, SYN), "tcp to all")
    # The first one of a node's packets may have to be noted, the second one has not.
    for _ in range(2):
        test.client(udp(near, address(family, 104), 4006, 53), "to this machine")
    for number in (100, 105, 108, 109):
        test.from_member("m1", udp(near, address(family, number), 4002, 53), "from the holder")
        test.from_member("m2", udp(near, address(family, number), 4002, 53), "from another node")
    test.client(udp(near, address(family, 50), 4003, 53), "to nobody")
    test.client(udp(near, address(family, EARLY), 4007, 53), "to a vip that is not there yet")


def pieces(test, near, number):
    """Of IPv6: what is whole in one piece, which the others then wait for in vain, and what makes no sense."""
    whole = udp(near, address(6, number), 4005, 53, 100)
    for packet, about in ((fragment(whole), "the only piece"), (fragment(whole, more=True, size=48), "the first piece"),
                          (fragment(whole, 48), "the last piece"),
                          (fragment(whole, more=True, size=4), "a first piece of no header"),
                          (fragment(whole, size=4), "the only piece, and no header"),
                          (fragment(whole, size=0), "a piece of nothing"),
                          (fragment(whole, more=True, size=47), "a piece that others can't follow"),
                          (fragment(fragment(whole)), "a piece of a piece"),
                          (fragment(whole, 0xFFF8), "a piece behind the end"),
                          (fragment(udp(near, address(6, number), 4005, 53, 1400)), "the only piece, and large")):
        test.client(packet, f"to {number}: {about}")
    # To ask keeps nothing.
    for packet in (fragment(whole, size=0, proto=59, number=1 << 31), fragment(whole, 48, number=1 << 31)):
        test.ask(test.entry_mac + fastpath.CLIENT_MAC + b"\x86\xdd" + packet, 1, "in", "eth0")
    test.client(fragment(whole, number=1 << 31), f"to {number}: the only piece, others were asked about")


def neighbours(test):
    """Who asks for a vip's link-layer address sends to no vip, but the module answers."""
    for number in (100, 105):
        test.client(solicitation(address(6, 1), address(6, number)), f"who has {number}", says="neighbour")


def answers(test, family):
    """What members that know nothing of the vip say to those who asked, and to those who did not."""
    near, entry, vip, m1 = address(family, 1), address(family, 2), address(family, 113), address(family, 11)
    for port in (5000, 5001):
        asked = udp(near, m1, port, 5353)
        test.from_member("m1", udp(m1, near, 5353, port), "an answer to nothing")
        test.client(udp(near, vip, port, 53), "asked by nat")
        for size in (0, 8, 1200, 1452, 1472) if family == 4 else (0, 8, 1200, 1452):
            test.from_member("m1", udp(m1, near, 5353, port, size), f"an answer of {size} bytes")
        for ttl in (0, 1, 2):
            test.from_member("m1", udp(m1, near, 5353, port, ttl=ttl), f"an answer of ttl {ttl}")
        test.from_member("m1", udp(m1, near, 5353, port)[:-10], "an answer that is cut short")
        test.from_member("m2", udp(address(family, 12), near, 5353, port), "another's answer")
        test.from_member("m1", unreachable(m1, near, asked), "an error instead")
        test.client(unreachable(near, vip, udp(vip, near, 53, port)), "an error about an answer")
        if family == 6:
            answer = udp(m1, near, 5353, port, 100)
            test.from_member("m1", fragment(answer), "an answer in a single piece")
            test.from_member("m1", fragment(answer, 48), "the end of an answer")
        else:
            test.from_member("m1", udp(m1, near, 5353, port, 64, off=0x2000), "the beginning of an answer")
        for flags, reply in ((SYN, SYN | ACK), (ACK, ACK), (ACK, FIN | ACK), (FIN | ACK, ACK), (RST, RST)):
            test.client(tcp(near, vip, port, 80, flags), f"tcp by nat, flags {flags}")
            test.from_member("m1", tcp(m1, near, 8160, port, reply), f"the answer's flags {reply}")
        for _ in range(2):
            test.client(udp(near, vip, port, 443), "asked by nat, as this machine")
            test.from_member("m1", udp(m1, entry, 8523, port), "an answer to this machine's client")
        if family == 4:
            test.client(udp(address(4, 255), vip, port, 53), "by nat, from a broadcast address", says="drop-source")
        # The member would answer both flows with the same ports.
        test.client(udp(near, vip, port, 55), "by nat, as another flow", says="drop-flow-alike")
        for size in (1232, 1233, 1252, 1253):
            for off in (0, 0x4000) if family == 4 else (0,):
                test.client(udp(near, vip, port, 54, size, off=off), f"by nat, {size} bytes, DF {off}")
    test.net.haadm("vip", "set", vip, "hook", "prerouting")
    test.from_member("m1", udp(m1, near, 5353, 5000), "an answer by the slow path")
    test.net.haadm("vip", "set", vip, "hook", "ingress")
    # A socket, lest its absence be told.
    with inside(test.net.entry, lambda: socket.socket(socket.AF_INET if family == 4 else socket.AF_INET6,
                                                      socket.SOCK_DGRAM)) as sock:
        sock.bind((entry, 5002))
        test.process(family, udp(entry, vip, 5002, 53), vip, "asked by nat, from here")
        test.from_member("m1", udp(m1, entry, 5353, 5002), "an answer to this machine", also=("nat_answered",))


def processes(test, family):
    """What comes from the entry itself, by its own address and by vips."""
    for number in (100, 101, 104, 105, 107, 108, 109, 111):
        to = address(family, number)
        for src in (2, 100, 105, 109, number):
            # Who is told there that nobody listens is asked about no more.
            if number == 104 and src != 2:
                continue
            test.process(family, udp(address(family, src), to, 4004, 53), to, f"local, from {src}")


def main():
    count, seed, entry_mac, client, entry, *members = sys.argv[1:]
    # What one processor is given it hands on in that order.
    os.sched_setaffinity(0, {0})
    for family in (4, 6):
        fastpath.VIPS[family] = [address(family, 100 + i) for i in range(VIPS)]
    with tempfile.NamedTemporaryFile() as pcap:
        test = Explain(pcap.name, entry_mac, client, entry, members)
        run(test, random.Random(int(seed)), int(count))
    print(json.dumps(test.report))


def run(test, rnd, count):
    for _ in range(count):
        test.random(rnd)
    for family in (4, 6):
        odd(test, family)
        for number in (100, 101, 106, 110, 113) if family == 6 else ():
            pieces(test, address(6, 1), number)
        if family == 6:
            neighbours(test)
        flows(test, family)
        answers(test, family)
        drained(test, family)
        settled(test, "m2")
        processes(test, family)


main()
