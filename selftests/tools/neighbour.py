#!/usr/bin/python3 -S
# SPDX-License-Identifier: GPL-2.0
"""Asks and listens on a link, frame by frame, with ARP and neighbour discovery.

    ask IFACE TARGET... [--fence ADDR]... [--source ADDR] [--to MAC] [--own MAC] [--bad FAULT]
    watch IFACE
    pace IFACE FRAMES
    say IFACE TARGET... [--to MAC] [--own MAC] [--crowd N]

ask solicits each TARGET, and then each fence: an address whose owner answers for certain. It listens until all
fences have answered, so a silence about a TARGET is a proof and not a matter of patience: with a fence of its
family. Prints a line for each answer about a TARGET, announcements not among them. Exit code 2 if a fence does
not answer.

watch prints a line for each ARP, NS and NA frame that passes IFACE, in or out, until it is ended; the first
line says that it listens. pace does the same until so many frames of ARP have passed, and prints the largest number
of them within a tenth of a second, by the kernel's stamps. say claims each TARGET, as a holder does.

--source ADDR   sender address instead of the device's own; 0.0.0.0 or :: probes for a duplicate
--to MAC        destination of the frame; for IPv6, the packet goes to TARGET itself then, and without the
                source link-layer address, as an unreachability probe
--own MAC       sender's link-layer address as the message tells it
--crowd N       so many other senders, whose link-layer addresses are forged, claim each TARGET before
--bad FAULT     hops, checksum, code, option, length: a solicitation (IPv6) with this one fault
"""
import _socket as socket
import bisect
import fcntl
import ipaddress
import os
import select
import struct
import sys
import time

from packet import checksum, pseudo

ETH_P_ALL, ETH_P_ARP, ETH_P_IPV6 = 3, 0x806, 0x86DD
REQUEST, REPLY, NS, NA = 1, 2, 135, 136
SO_RCVBUFFORCE = 33
SO_TIMESTAMPNS = 35
BROADCAST = b"\xff" * 6
PATIENCE = 10       # seconds for the fences; a machine that is this slow fails
LONGEST = 120       # seconds for the frames whose pace is measured
AGAIN = 1           # seconds until a fence is asked again


def text(mac):
    return ":".join(f"{byte:02x}" for byte in mac)


def mac(words):
    return bytes(int(byte, 16) for byte in words.split(":"))


def link_address(iface):
    with open(f"/sys/class/net/{iface}/address", encoding="ascii") as file:
        return mac(file.read().strip())


def own_address(iface, version):
    """The device's first address of the family that it may use as a sender."""
    if version == 6:
        with open("/proc/net/if_inet6", encoding="ascii") as file:
            for line in file:
                addr, _, _, scope, flags, name = line.split()
                if name == iface and scope == "20" and not int(flags, 16) & 0x40:
                    return ipaddress.IPv6Address(bytes.fromhex(addr))
        sys.exit(f"{iface} has no link-local address")
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    answer = fcntl.ioctl(sock.fileno(), 0x8915, struct.pack("256s", iface.encode()))
    sock.close()
    return ipaddress.IPv4Address(answer[20:24])


def icmp6_sum(source, dest, message):
    return checksum(pseudo(source.packed, dest.packed, 58, len(message)) + message)


def arp(op, ether, sha, spa, tha, tpa):
    return (ether + sha[:6] + struct.pack("!HHHBBH", ETH_P_ARP, 1, 0x800, 6, 4, op)
            + sha + spa.packed + tha + tpa.packed)


def icmp6(kind, flags, ether, source, dest, target, option, own, bad=None):
    """A solicitation or advertisement in its frame, with one fault if asked for."""
    if bad == "option":
        option += b"\x0e\x00" + b"\0" * 6
    message = struct.pack("!BBHI", kind, 1 if bad == "code" else 0, 0, flags) + target.packed + option
    if bad == "length":
        message = message[:20]
    value = icmp6_sum(source, dest, message) ^ (0x5555 if bad == "checksum" else 0)
    message = message[:2] + struct.pack("!H", value) + message[4:]
    return (ether + own + struct.pack("!HIHBB", ETH_P_IPV6, 6 << 28, len(message), 58, 64 if bad == "hops" else 255)
            + source.packed + dest.packed + message)


def solicitation(iface, target, options):
    own = link_address(iface)
    told = mac(options.own) if options.own else own
    source = ipaddress.ip_address(options.source) if options.source else own_address(iface, target.version)
    if target.version == 4:
        frame = arp(REQUEST, mac(options.to) if options.to else BROADCAST, told, source, b"\0" * 6, target)
        return frame[:6] + own + frame[12:]
    if options.to:
        return icmp6(NS, 0, mac(options.to), source, target, target, b"", own, options.bad)
    low = target.packed[13:]
    group = ipaddress.IPv6Address(ipaddress.IPv6Address("ff02::1:ff00:0").packed[:13] + low)
    option = b"" if source.is_unspecified else b"\x01\x01" + told
    return icmp6(NS, 0, b"\x33\x33\xff" + low, source, group, target, option, own, options.bad)


def claim(own, target, to):
    if target.version == 4:
        return arp(REPLY, mac(to) if to else BROADCAST, own, target, own, target)
    return icmp6(NA, 1 << 29, mac(to) if to else b"\x33\x33\0\0\0\x01", target, ipaddress.IPv6Address("ff02::1"),
                 target, b"\x02\x01" + own, own)


def parse(frame):
    """What a frame is about: (kind, target, line), or None."""
    ether, sender, proto = frame[:6], frame[6:12], struct.unpack("!H", frame[12:14])[0]
    way = f"from={text(sender)} to={text(ether)}"
    if proto == ETH_P_ARP and len(frame) >= 42:
        op = struct.unpack("!H", frame[20:22])[0]
        sha, spa, tha, tpa = frame[22:28], frame[28:32], frame[32:38], frame[38:42]
        spa, tpa = ipaddress.IPv4Address(spa), ipaddress.IPv4Address(tpa)
        kind = {REQUEST: "request", REPLY: "reply"}.get(op, "arp")
        line = f"{kind} {way} sender={spa} sha={text(sha)} target={tpa} tha={text(tha)}"
        return kind, (spa if op == REPLY else tpa), line
    if proto != ETH_P_IPV6 or len(frame) < 78 or frame[20] != 58 or frame[54] not in (NS, NA):
        return None
    end = 54 + struct.unpack("!H", frame[18:20])[0]
    source, dest = ipaddress.IPv6Address(frame[22:38]), ipaddress.IPv6Address(frame[38:54])
    message, target = frame[54:end], ipaddress.IPv6Address(frame[62:78])
    flags = "".join(f"{name}{message[4] >> bit & 1}" for name, bit in (("R", 7), ("S", 6), ("O", 5)))
    option = text(message[26:32]) if len(message) >= 32 else "none"
    sound = "ok" if icmp6_sum(source, dest, message) == 0 else "bad"
    kind = "ns" if frame[54] == NS else "na"
    line = (f"{kind} {way} source={source} dest={dest} target={target} lladdr={option} hops={frame[21]} sum={sound}"
            + (f" flags={flags}" if kind == "na" else ""))
    return kind, target, line


def listen(iface):
    # No protocol before it is bound: until then it would hear every device.
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.bind((iface, ETH_P_ALL))
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    return sock


def frames(sock, until):
    """Frames as they pass: (frame, whether it went out, when)."""
    while True:
        left = until - time.monotonic()
        if left <= 0 or not select.select([sock], [], [], left)[0]:
            return
        frame, told, _, (_, _, pkttype, *_) = sock.recvmsg(2048, 256)
        sec, nsec = next(struct.unpack("=qq", data[:16]) for _, kind, data in told if kind == SO_TIMESTAMPNS)
        yield frame, pkttype == socket.PACKET_OUTGOING, sec + nsec / 1e9


def announcement(seen):
    """Whether nobody asked: a gratuitous reply, an unsolicited advertisement."""
    return f" target={seen[1]} tha" in seen[2] if seen[0] == "reply" else "S0" in seen[2].rsplit("=", 1)[1]


def ask(options):
    targets = [ipaddress.ip_address(target) for target in options.target]
    plain = Options()
    fences = {ipaddress.ip_address(addr) for addr in options.fence}
    probe = options.source is not None and ipaddress.ip_address(options.source).is_unspecified
    # On one CPU, whose queue keeps the order: on two, a fence may answer before who was asked first.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    sock = listen(options.iface)
    for target in targets:
        sock.send(solicitation(options.iface, target, options))
    end = time.monotonic() + PATIENCE
    while fences and time.monotonic() < end:
        for fence in fences:
            sock.send(solicitation(options.iface, fence, plain))
        for frame, outgoing, _ in frames(sock, min(end, time.monotonic() + AGAIN)):
            seen = None if outgoing else parse(frame)
            if seen is None or seen[0] not in ("reply", "na") or (not probe and announcement(seen)):
                continue
            fences.discard(seen[1])
            if seen[1] in targets:
                print(seen[2], flush=True)
            if not fences:
                break
    if fences:
        print(f"no answer from {', '.join(map(str, fences))}", file=sys.stderr)
        return 2
    return 0


def watch(options):
    sock = listen(options.iface)
    print("listening", flush=True)
    for frame, _, when in frames(sock, time.monotonic() + 86400):
        seen = parse(frame)
        if seen:
            print(f"{when:.6f} {seen[2]}", flush=True)
    return 0


def pace(options):
    sock = listen(options.iface)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 27)
    print("listening", flush=True)
    stamps = []
    for frame, outgoing, when in frames(sock, time.monotonic() + LONGEST):
        if not outgoing and frame[12:14] == b"\x08\x06":
            stamps.append(when)
            if len(stamps) == options.frames:
                break
    else:
        sys.exit(f"{len(stamps)} frames of ARP have passed in {LONGEST} s, {options.frames} were to")
    stamps.sort()
    print("most", max(bisect.bisect_right(stamps, first + 0.1) - i for i, first in enumerate(stamps)), flush=True)
    return 0


def say(options):
    own = mac(options.own) if options.own else link_address(options.iface)
    sock = listen(options.iface)
    senders = [b"\x02\x99" + struct.pack("!I", i) for i in range(options.crowd)] + [own]
    for target in options.target:
        for sender in senders:
            sock.send(claim(sender, ipaddress.ip_address(target), options.to))
    return 0


class Options:
    """The words behind a verb: its device, what else it takes, and options. In a guest most of a run of this program
    went into the import of argparse, enum and selectors, so it does without them."""

    def __init__(self, rest=(), allowed=()):
        self.target, self.fence, self.crowd = [], [], 0
        self.source = self.to = self.own = self.bad = None
        words = iter(rest)
        for word in words:
            if not word.startswith("--"):
                self.target.append(word)
                continue
            value = next(words, None)
            if word not in allowed or value is None:
                sys.exit(f"{word}: not one of {', '.join(allowed) or 'none'}, each with a value")
            setattr(self, word[2:], self.fence + [value] if word == "--fence" else value)
        self.crowd = int(self.crowd)
        if self.bad not in (None, "hops", "checksum", "code", "option", "length"):
            sys.exit(f"--bad {self.bad}: wanted hops, checksum, code, option or length")


VERBS = {
    "ask": (ask, ("--fence", "--source", "--to", "--own", "--bad")),
    "watch": (watch, ()),
    "pace": (pace, ()),
    "say": (say, ("--to", "--own", "--crowd")),
}


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in VERBS:
        sys.exit(__doc__)
    run, allowed = VERBS[sys.argv[1]]
    options = Options(sys.argv[3:], allowed)
    options.iface = sys.argv[2]
    takes = {watch: 0, pace: 1}.get(run, max(len(options.target), 1))
    if len(options.target) != takes:
        sys.exit(__doc__)
    if run is pace:
        options.frames = int(options.target[0])
    return run(options)


if __name__ == "__main__":
    sys.exit(main())
