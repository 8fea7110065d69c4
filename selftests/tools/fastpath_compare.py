#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The same random packets by the fast path and by the slow one: what comes out is the same.

    COUNT SEED ENTRY-MAC CLIENT ENTRY MEMBER...

CLIENT, ENTRY and MEMBERs are network namespaces, each with an eth0. Sends COUNT packets from CLIENT to the vips that
ENTRY holds, `hook ingress`, and again, `hook prerouting`, and prints a line of JSON:

    sent        packets, each time
    out         frames that members got, and the client
    different   the first packets of which something else came out, in words; empty if there is none
    fast        how many took the fast path, the first time
    slow        and the second
    counters    of what became of packets that grew by another number the second time

A packet is known again where it comes out by the batch in which it was sent: of each all has arrived when the packet
behind it has. Vips are 10.0.0.100 and on, 2001:db8::100 and on; the services are the script's business.
"""
import ipaddress
import json
import os
import random
import select
import socket
import struct
import subprocess
import sys
import time

from haadm import Haadm
from netns import inside
from packet import checksum, pseudo

SOL_PACKET, PACKET_VNET_HDR, PACKET_IGNORE_OUTGOING = 263, 15, 23
SO_RCVBUFFORCE = 33
ETH_P_ALL, ETH_P_IP, ETH_P_IPV6 = 3, 0x0800, 0x86DD
VNET = struct.Struct("<BBHHHH")
NEEDS_CSUM = 1
GSO_TCPV4, GSO_TCPV6, GSO_UDP_L4 = 1, 4, 5
OWN, OWN6 = bytes((10, 0, 0, 2)), ipaddress.ip_address("2001:db8::2").packed
# The header with what a stray carries of its own.
GUE = 16
FATES = ("seen", "redirected", "local", "passed", "drop_", "stray_", "packets ", "bytes ")
BATCH, CHUNK = 64, 5000
PATIENCE = 60
CLIENT_MAC = bytes.fromhex("020000000001")
VIPS = {4: [f"10.0.0.{100 + i}" for i in range(6)], 6: [f"2001:db8::{100 + i}" for i in range(6)]}
CLIENTS = {4: ["10.0.0.1", "10.0.0.201", "10.0.0.202"], 6: ["2001:db8::1", "2001:db8::201", "fe80::201"]}
# The vip among them has members for all that the entry itself would reply to it.
MARTIANS = {4: ["0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255", "10.0.0.101", "240.0.0.1"],
            6: ["::", "::1", "ff02::1", "::ffff:10.0.0.1", "2001:db8::101"]}


def packed(text):
    return ipaddress.ip_address(text).packed


class Packet:
    """A random packet: mostly what a client sends, sometimes wrong in one way or another."""

    def __init__(self, rnd, entry_mac):
        self.rnd = rnd
        self.six = rnd.random() < 0.5
        family = 6 if self.six else 4
        # A vip among the sources would be told some time that the rest of a piece has not come.
        self.odd = rnd.random() < 0.05
        self.src = packed(rnd.choice((MARTIANS if self.odd else CLIENTS)[family]))
        self.dst = packed(rnd.choice(VIPS[family]))
        self.ttl = rnd.choice((64, 64, 64, 64, 255, 3, 2, 1, 0))
        self.vnet = VNET.pack(0, 0, 0, 0, 0, 0)
        self.words = []
        proto, data = self.transport()
        proto, data = self.extended(proto, data)
        packet = self.head(proto, data) + data
        if rnd.random() < 0.3 and not self.vnet[0] and not self.odd:
            packet = self.mutated(packet)
        self.frame = self.link(packet, entry_mac)

    def maybe(self, share, word):
        if self.rnd.random() >= share:
            return False
        self.words.append(word)
        return True

    def length(self):
        return self.rnd.choice((0, 1, 3, 4, 18, 32, 100, 500, 1200, 1252, 1272, 1432, 1440, 1452, 1460, 1472))

    def transport(self):
        rnd, payload = self.rnd, bytes(self.rnd.getrandbits(8) for _ in range(self.length()))
        sport, dport = rnd.randrange(1024, 65536), rnd.choice((53, 53, 80, 443, rnd.randrange(65536)))
        kinds = ("udp", "udp", "udp", "tcp", "tcp", "tcp", "sctp", "udplite", "icmp", "other", "error")
        # Nor would the entry's own replies to that vip be as large as before.
        kind = rnd.choice(kinds[:-1] if self.odd else kinds)
        self.words.append(kind)
        if kind == "tcp":
            return self.tcp(sport, dport, payload)
        if kind == "udp":
            return self.udp(sport, dport, payload)
        if kind == "sctp":
            return 132, struct.pack("!HHII", sport, dport, 1, 0) + payload
        if kind == "udplite":
            return 136, struct.pack("!HHHH", sport, dport, 8, 0) + payload
        if kind == "other":
            # Not the headers of IPv6 that are none of a protocol: these have a place of their own.
            return rnd.choice((2, 4, 41, 46, 47, 50, 89, 103, 112, 253, rnd.choice(range(137, 250)))), payload
        return self.icmp(kind, sport, dport, payload)

    def summed(self, proto, data, at):
        value = checksum(pseudo(self.src, self.dst, proto, len(data)) + data) or 0xFFFF
        if self.maybe(0.03, "bad-sum"):
            value ^= 0x5555
        return data[:at] + struct.pack("!H", value) + data[at + 2:]

    def partial(self, proto, data, at, gso, size, head):
        """As a device gets it that sums itself, and cuts what is too large: the sum is that of the pseudo header."""
        ip = 40 if self.six else 20
        part = ~checksum(pseudo(self.src, self.dst, proto, len(data))) & 0xFFFF
        self.vnet = VNET.pack(NEEDS_CSUM, gso, 14 + ip + head if gso else 0, size, 14 + ip, at)
        return proto, data[:at] + struct.pack("!H", part) + data[at + 2:]

    def tcp(self, sport, dport, payload):
        flags = self.rnd.choice((0x02, 0x10, 0x18, 0x11, 0x04, 0))
        head = struct.pack("!HHIIBBHHH", sport, dport, 1, 2, 0x50, flags, 8192, 0, 0)
        if self.maybe(0.1, "partial"):
            if self.maybe(0.5, "gso"):
                payload = (payload or b"x") * (1 + self.rnd.randrange(12000) // (len(payload) or 1))
                size = self.rnd.choice((500, 1000, 1220, 1240, 1440, 1460))
                if len(payload) > size:
                    return self.partial(6, head + payload, 16, GSO_TCPV6 if self.six else GSO_TCPV4, size, 20)
                payload = payload[:1400]
            return self.partial(6, head + payload, 16, 0, 0, 0)
        return 6, self.summed(6, head + payload, 16)

    def udp(self, sport, dport, payload):
        data = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload
        if self.maybe(0.1, "partial"):
            return self.partial(17, data, 6, 0, 0, 0)
        return 17, self.summed(17, data, 6)

    def icmp(self, kind, sport, dport, payload):
        proto = 58 if self.six else 1
        if kind == "icmp":
            # None whose answer tells the time.
            kinds = (128, 129, 0, 144) if self.six else (8, 0, 15, 17)
            data = struct.pack("!BBHHH", self.rnd.choice(kinds), 0, 0, sport, 1) + payload
        else:
            # About what a member sent from the vip; or somebody else did.
            src = self.dst if self.rnd.random() < 0.8 else self.src
            inner = struct.pack("!HHHH", self.rnd.choice((53, 80, dport)), sport, 8, 0)[:self.rnd.choice((8, 8, 8, 3))]
            ip = self.head_of(src, self.src, self.rnd.choice((6, 17, 17, 1)), len(inner), 60)
            code = self.rnd.choice(((1, 4), (2, 0), (3, 0), (4, 0)) if self.six
                                   else ((3, 3), (3, 4), (11, 0), (12, 0), (5, 1)))
            data = struct.pack("!BBHI", *code, 0, 1300) + ip + inner
        if self.six:
            return proto, self.summed(proto, data, 2)
        return proto, data[:2] + struct.pack("!H", checksum(data)) + data[4:]

    def extended(self, proto, data):
        """IPv6 extension headers, now and then; a piece of a packet is one that stays alone, or is all of it."""
        if self.six and self.maybe(0.08, "options"):
            size = self.rnd.choice((8, 16))
            kind = self.rnd.choice((0, 60, 43))
            body = b"\0" * 6 if kind == 43 else bytes((1, size - 4)) + b"\0" * (size - 4)
            data = struct.pack("!BB", proto, (len(body) + 2) // 8 - 1) + body + data
            proto = kind
            self.vnet = VNET.pack(0, 0, 0, 0, 0, 0)
        if self.six and not self.odd and self.maybe(0.04, "piece"):
            # The first one, one of the others, or the first and the last one at once (RFC 6946).
            off = self.rnd.choice((1, 8 * self.rnd.randrange(1, 100) | 1, 0))
            data = struct.pack("!BBHI", proto, 0, off, self.rnd.getrandbits(32)) + data
            proto = 44
            self.vnet = VNET.pack(0, 0, 0, 0, 0, 0)
        return proto, data

    @staticmethod
    def head_of(src, dst, proto, length, ttl, tos=0, ident=7, off=0, options=b""):
        if len(src) == 16:
            return struct.pack("!IHBB", 6 << 28 | tos << 20, length, proto, ttl) + src + dst
        words = 5 + len(options) // 4
        head = struct.pack("!BBHHHBBH", 0x40 | words, tos, words * 4 + length, ident,
                           off, ttl, proto, 0) + src + dst + options
        return head[:10] + struct.pack("!H", checksum(head)) + head[12:]

    def head(self, proto, data):
        off, options = self.rnd.choice((0, 0x4000)), b""
        if not self.six and not self.vnet[0]:
            if not self.odd and self.maybe(0.05, "piece"):
                off = self.rnd.choice((0x2000, 0x2000 | self.rnd.randrange(1, 100), self.rnd.randrange(1, 100)))
            if self.maybe(0.05, "options"):
                options = self.rnd.choice((b"\1\1\1\0", b"\x07\x07\x04\0\0\0\0\0", b"\x94\x04\0\0",
                                           b"\x83\x07\x04\x0a\0\0\x0b\0", b"\x44\x03\x05\0"))
        return self.head_of(self.src, self.dst, proto, len(data), self.ttl, self.rnd.choice((0, 0, 0x10, 0xb8, 3)),
                            self.rnd.getrandbits(16), off, options)

    def mutated(self, packet):
        rnd, ip = self.rnd, 40 if self.six else 20
        data = bytearray(packet)
        how = rnd.choice(("bytes", "head", "cut", "padded", "length", "sum"))
        self.words.append(how)
        if how == "bytes":
            for _ in range(rnd.randrange(1, 4)):
                data[rnd.randrange(len(data))] = rnd.getrandbits(8)
        elif how == "head":
            # All but the addresses, and summed again: else few would get further than that.
            data[rnd.choice(range(8) if self.six else range(10))] = rnd.getrandbits(8)
            if not self.six:
                size = (data[0] & 15) * 4
                if 20 <= size <= len(data):
                    data[10:12] = b"\0\0"
                    data[10:12] = struct.pack("!H", checksum(bytes(data[:size])))
        elif how == "cut":
            del data[rnd.randrange(1, len(data)):]
        elif how == "padded":
            data += bytes(rnd.randrange(1, 50))
        elif how == "length":
            at = 4 if self.six else 2
            struct.pack_into("!H", data, at,
                             max(0, struct.unpack_from("!H", data, at)[0] + rnd.choice((-21, -8, -1, 1, 9))))
            if not self.six:
                data[10:12] = b"\0\0"
                data[10:12] = struct.pack("!H", checksum(bytes(data[:20])))
        elif not self.six:
            data[10] ^= 1 << rnd.randrange(8)
        # Replies of the entry itself to strangers would wait for their addresses.
        ends = slice(8 if self.six else 12, ip)
        return packet if how == "bytes" and data[ends] != packet[ends] else bytes(data)

    def link(self, packet, entry_mac):
        to = entry_mac
        if self.maybe(0.02, "to-many"):
            to = self.rnd.choice((b"\xff" * 6, bytes.fromhex("01005e000001"), bytes.fromhex("333300000001")))
        tag = b""
        if not self.vnet[0] and self.maybe(0.02, "tagged"):
            tag = struct.pack("!HH", 0x8100, self.rnd.choice((0, 5)))
        return to + CLIENT_MAC + tag + struct.pack("!H", ETH_P_IPV6 if self.six else ETH_P_IP) + packet


def unnumber(packet, at):
    """Takes the number of an IPv6 packet's piece away, behind the headers that each of the pieces has:
    was there one?"""
    if at + 40 > len(packet):
        return False
    kind, at = packet[at + 6], at + 40
    while kind in (0, 43, 60) and at + 8 <= len(packet):
        kind, at = packet[at], at + 8 * (packet[at + 1] + 1)
    if kind != 44 or at + 8 > len(packet):
        return False
    packet[at + 4:at + 8] = b"\0\0\0\0"
    return True


def unnumber_stray(packet):
    """The same of what is in a stray, which the entry itself sends, by GUE,
    and whose sum is over that number as well."""
    kind, at = (packet[40], 48) if packet[6] == 44 else (packet[6], 40)
    if kind == 17 and unnumber(packet, at + 8 + GUE):
        packet[at + 6:at + 8] = b"\0\0"


class Ear:
    """What a machine gets from the entry."""

    def __init__(self, name, entry_mac, client=False):
        self.client, self.entry_mac, self.frames = client, entry_mac, []
        self.sock = inside(name, lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)))
        self.sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        self.sock.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 27)
        self.sock.bind(("eth0", ETH_P_ALL))
        self.sock.setblocking(False)

    def take(self):
        while True:
            try:
                data = self.sock.recv(1 << 17)
            except BlockingIOError:
                return
            if data[16:22] == self.entry_mac:
                self.heard(data)

    def heard(self, data):
        """A member hears what is redirected; the client, of what the entry's own stack says, errors."""
        kind, packet = struct.unpack_from("!H", data, 22)[0], bytearray(data[24:])
        if kind == ETH_P_IP:
            first = not struct.unpack_from("!H", packet, 6)[0] & 0x1FFF
            error = packet[9] == 1 and first and packet[20] in (3, 4, 5, 11, 12)
            # Of a piece for which it has waited in vain the entry tells some time.
            if self.client and not error or error and packet[20:22] == b"\x0b\x01":
                return
            # What it sends itself it numbers, strays as well.
            if packet[9] == 1 or packet[12:16] == OWN:
                packet[4:6] = packet[10:12] = b"\0\0"
        elif kind == ETH_P_IPV6:
            error = packet[6] == 58 and 1 <= packet[40] <= 127
            if self.client and not error or error and packet[40:42] == b"\x03\x01":
                return
            if packet[24] == 0xFF or packet[6] == 58 and 133 <= packet[40] <= 137:
                return
            # What was whole here in between is numbered anew.
            unnumber(packet, 0)
            if packet[8:24] == OWN6:
                unnumber_stray(packet)
        else:
            return
        self.frames.append(data[:24] + bytes(packet))


class Paths:
    """The machines, and what is sent by the one path and then by the other."""

    def __init__(self, entry_mac, client, entry, members):
        self.entry, self.entry_mac = entry, bytes.fromhex(entry_mac.replace(":", ""))
        self.mouth = inside(client, lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0))
        self.mouth.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        self.mouth.bind(("eth0", 0))
        self.ears = [Ear(client, self.entry_mac, True)] + [Ear(name, self.entry_mac) for name in members]
        self.asked = Haadm(entry)
        self.last = 0

    def haadm(self, *words):
        return subprocess.run(["haadm", "-n", self.entry, *words], check=True, stdout=subprocess.PIPE).stdout

    def counters(self):
        counters = {key: value for key, value in self.asked.show("stats", "show").items() if isinstance(value, int)}
        for member in json.loads(self.haadm("-j", "-s", "member", "show")):
            for key in ("packets", "bytes"):
                counters[f"{key} {member['service']} {member['node']}"] = member[key]
        return counters

    def send(self, frame, vnet=VNET.pack(0, 0, 0, 0, 0, 0)):
        try:
            self.mouth.send(vnet + frame)
        except OSError as error:
            # Shorter than a header of the link, longer than its MTU, or a sum beyond the end.
            if error.errno not in (22, 90):
                raise

    def flush(self):
        """Until a packet has arrived that was sent behind all the others:
        at the member that has the first vip's port 9."""
        self.last += 1
        data = struct.pack("!HHHH", 1000, 9, 8 + 12, 0) + struct.pack("!IQ", 0x5EA1ED, self.last)
        src, dst = packed(CLIENTS[4][0]), packed(VIPS[4][0])
        self.send(self.entry_mac + CLIENT_MAC + struct.pack("!H", ETH_P_IP) +
                  Packet.head_of(src, dst, 17, len(data), 64) + data)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            select.select([ear.sock for ear in self.ears], [], [], 1)
            for ear in self.ears:
                ear.take()
            for ear in self.ears:
                if ear.frames and ear.frames[-1].endswith(data[8:]):
                    ear.frames.pop()
                    for other in self.ears:
                        other.take()
                    return
        sys.exit("the packet behind all others does not arrive")

    def batch(self, packets):
        """What came out of some packets, at each ear."""
        for packet in packets:
            self.send(packet.frame, packet.vnet)
        self.flush()
        out = []
        for ear in self.ears:
            out.append(ear.frames)
            ear.frames = []
        return out

    def hook(self, where):
        for vip in VIPS[4] + VIPS[6]:
            self.haadm("vip", "set", vip, "hook", where)

    def run(self, packets):
        before, out = self.counters(), []
        for at in range(0, len(packets), BATCH):
            out.append(self.batch(packets[at:at + BATCH]))
        after = self.counters()
        return out, {key: after[key] - before[key] for key in after}


def told(frame):
    return frame[:10].hex() + " " + frame[10:24].hex() + " " + frame[24:90].hex() + (f"... {len(frame) - 10}"
                                                                                     if len(frame) > 90 else "")


def differences(paths, packets, first, second):
    """In words, of the first batches that differ: which packet alone makes the difference, or the whole batch."""
    words = []
    for number, (one, two) in enumerate(zip(first, second)):
        if one == two:
            continue
        some = packets[number * BATCH:(number + 1) * BATCH]
        for packet in some:
            got = []
            for where in ("ingress", "prerouting"):
                paths.hook(where)
                paths.batch([])
                got.append(paths.batch([packet]))
            if got[0] != got[1]:
                words.append({"packet": told(packet.vnet + packet.frame), "is": packet.words,
                              "ingress": [[told(f) for f in ear] for ear in got[0]],
                              "prerouting": [[told(f) for f in ear] for ear in got[1]]})
                break
        else:
            words.append({"batch": number, "ingress": [len(ear) for ear in one],
                          "prerouting": [len(ear) for ear in two],
                          "frames": [[told(f) for f in (set(a) ^ set(b))][:4] for a, b in zip(one, two)]})
        if len(words) == 3:
            break
    return words


def main():
    count, seed, entry_mac, client, entry, *members = sys.argv[1:]
    # What one processor is given it hands on in that order.
    os.sched_setaffinity(0, {0})
    paths = Paths(entry_mac, client, entry, members)
    rnd = random.Random(int(seed))
    report = {"sent": int(count), "out": 0, "fast": 0, "slow": 0, "counters": {}, "different": []}
    for at in range(0, report["sent"], CHUNK):
        packets = [Packet(rnd, paths.entry_mac) for _ in range(min(CHUNK, report["sent"] - at))]
        # Half of the time somebody else looks at what comes, and packets are copies.
        other = Ear(entry, paths.entry_mac) if at // CHUNK % 2 else None
        paths.hook("ingress")
        paths.batch([])
        first, grown = paths.run(packets)
        paths.hook("prerouting")
        second, again = paths.run(packets)
        report["out"] += sum(len(ear) for batch in first for ear in batch)
        report["fast"] += grown["fast"]
        report["slow"] += again["fast"]
        report["different"] += differences(paths, packets, first, second)
        for key in grown:
            if key.startswith(FATES) and grown[key] != again[key]:
                report["counters"][key] = [grown[key], again[key]]
        if other:
            other.sock.close()
        if report["different"] or report["counters"]:
            break
    paths.hook("ingress")
    print(json.dumps(report))


if __name__ == "__main__":
    main()
