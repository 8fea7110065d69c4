#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Sends datagrams to a vip in one packet of many segments, and counts which of them arrive at a server.

    CLIENT SERVER SOURCE ADDR PORT COUNT SIZE [dodgy=MAC] [sport=PORT] [wait=SECONDS]

CLIENT and SERVER are network namespaces. The client's device segments the packet, or the packet stays whole, as the
features of the device say. With `dodgy` the packet is made by a packet socket, as by a virtual machine, and goes to
that MAC address; the kernel trusts neither its segments nor its headers. They come from any port, or from that of
`sport`, and are waited for until no more come for 5 seconds, or for so many. Prints a line of JSON:

    sent        datagrams
    arrived     different ones of them
    more        that arrived again, or are none of them
    ttls        TTLs or hop limits that they arrived with, each once

Exit code 4 if the kernel does not know such packets.
"""
import errno
import ipaddress
import json
import socket
import struct
import sys
import time

from netns import inside
from packet import checksum, pseudo

UDP_SEGMENT = 103
SOL_PACKET, PACKET_VNET_HDR = 263, 15
SO_RCVBUFFORCE, IP_RECVTTL = 33, 12
NEEDS_CSUM, GSO_UDP_L4 = 1, 5
PATIENCE = 5


def payloads(count, size):
    """Datagrams that differ in each byte position, so that no segment passes for another."""
    return [struct.pack("!I", number) + bytes((number + at) & 255 for at in range(size - 4)) for number in range(count)]


def server(name, six, port, patience):
    sock = inside(name, lambda: socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM))
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
    if six:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
    sock.bind(("", port))
    sock.settimeout(patience)
    return sock


def send(client, source, sport, addr, port, data, size):
    family = socket.AF_INET6 if ":" in addr else socket.AF_INET
    with inside(client, lambda: socket.socket(family, socket.SOCK_DGRAM)) as sock:
        sock.bind((source, sport))
        sock.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, size)
        sock.sendto(data, (addr, port))


def send_dodgy(client, source, addr, port, data, size, mac):
    src, dst = ipaddress.ip_address(source).packed, ipaddress.ip_address(addr).packed
    length = 8 + len(data)
    part = ~checksum(pseudo(src, dst, 17, length)) & 0xFFFF
    udp = struct.pack("!HHHH", 40000, port, length, part)
    if len(src) == 16:
        head = struct.pack("!IHBB", 6 << 28, length, 17, 64) + src + dst
    else:
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 7, 0x4000, 64, 17, 0) + src + dst
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    at = 14 + len(head)
    vnet = struct.pack("<BBHHHH", NEEDS_CSUM, GSO_UDP_L4, at + 8, size, at, 6)
    with inside(client, lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)) as sock:
        sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        sock.bind(("eth0", 0))
        own = sock.getsockname()[4]
        kind = struct.pack("!H", 0x86DD if len(src) == 16 else 0x0800)
        sock.send(vnet + bytes.fromhex(mac.replace(":", "")) + own + kind + head + udp + data)


def receive(sock, wanted, patience):
    left, more, ttls = set(wanted), 0, set()
    end = time.monotonic() + patience
    while left and time.monotonic() < end:
        try:
            data, ancillary, _, _ = sock.recvmsg(65536, 64)
        except TimeoutError:
            break
        ttls.update(struct.unpack("=i", value[:4])[0] for _, _, value in ancillary)
        if data in left:
            left.remove(data)
        else:
            more += 1
    return len(wanted) - len(left), more, sorted(ttls)


def main():
    client, name, source, addr, port, count, size, *more = sys.argv[1:]
    port, count, size = int(port), int(count), int(size)
    how = dict(word.split("=", 1) for word in more)
    patience = float(how.get("wait", PATIENCE))
    wanted = payloads(count, size)
    with server(name, ":" in addr, port, patience) as sock:
        try:
            if "dodgy" in how:
                send_dodgy(client, source, addr, port, b"".join(wanted), size, how["dodgy"])
            else:
                send(client, source, int(how.get("sport", 0)), addr, port, b"".join(wanted), size)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            sys.exit(4)
        arrived, more, ttls = receive(sock, wanted, patience)
    print(json.dumps({"sent": count, "arrived": arrived, "more": more, "ttls": ttls}))


main()
