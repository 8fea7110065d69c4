#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Sends packets of clients that do not exist, as an attacker does who can forge addresses.

    forge.py DEVICE MAC VIP PORT udp|twice|acks|handshakes COUNT FIRST

DEVICE sends frames to MAC. Each of COUNT clients has an address of its own, from the one with the number FIRST on, in
10.77.0.0/16 or 2001:db8:77::/64. It sends one datagram; or another one 1.2 s later, when all have sent the first; or
the same acknowledgement twice, of a connection that nobody began; or a SYN and an acknowledgement.
"""
import socket
import struct
import sys
import time

from packet import checksum, packet, pseudo

ACK, SYN = 0x10, 0x02
# Of each kind, the flags of its TCP segments; none for a datagram.
KINDS = {"udp": [0], "twice": [0], "acks": [ACK, ACK], "handshakes": [SYN, ACK]}


def segment(flags, src, dst, sport, dport):
    """The protocol, and the datagram or TCP segment."""
    proto = socket.IPPROTO_TCP if flags else socket.IPPROTO_UDP
    if not flags:
        data = struct.pack("!HHHH", sport, dport, 8, 0)
        at = 6
    else:
        seq = 1000 if flags == SYN else 1001
        data = struct.pack("!HHIIBBHHH", sport, dport, seq, 2000, 5 << 4, flags, 8192, 0, 0)
        at = 16
    check = checksum(pseudo(src, dst, proto, len(data)) + data) or 0xFFFF
    return proto, data[:at] + struct.pack("!H", check) + data[at + 2:]


def main():
    device, mac, vip, port, kind, count, first = sys.argv[1:]
    family = socket.AF_INET6 if ":" in vip else socket.AF_INET
    dst = socket.inet_pton(family, vip)
    net = socket.inet_pton(family, "2001:db8:77::" if family == socket.AF_INET6 else "10.77.0.0")
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sock.bind((device, 0))
    frame = bytes.fromhex(mac.replace(":", "")) + sock.getsockname()[4] + \
        struct.pack("!H", 0x86DD if family == socket.AF_INET6 else 0x0800)
    for again in range(2 if kind == "twice" else 1):
        time.sleep(1.2 * again)
        for i in range(int(first), int(first) + int(count)):
            for flags in KINDS[kind]:
                src = net[:-2] + struct.pack("!H", i)
                proto, data = segment(flags, src, dst, 1024 + i % 60000, int(port))
                sock.send(frame + packet(src, dst, proto, 64, data))


main()
