#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Runs a command that sends over TCP to a vip, and tells of the packets with data that arrive meanwhile.

    ENTRY SERVER ADDR PORT COMMAND...

ENTRY and SERVER are network namespaces. Prints a line of JSON with two parts: `entry` is about what the device eth0 of
ENTRY receives for that address and port, `server` about what the stack of SERVER gets for the port, after tunnels'
headers were removed. Each has

    packets     how many with data; a packet of many segments is one
    bytes       data in them
    largest     data of the largest one
    ttls        TTLs or hop limits, each once
    wrong       packets whose TCP checksum is wrong. One that a device has yet to compute is right if the sum of the
                pseudo header is in its place

The exit code is that of COMMAND.
"""
import ipaddress
import json
import socket
import struct
import subprocess
import sys

from netns import inside
from packet import checksum, pseudo

SO_RCVBUFFORCE, ETH_P_ALL = 33, 3
IPV6_RECVPKTINFO, IPV6_PKTINFO, IPV6_RECVHOPLIMIT, IPV6_HOPLIMIT = 49, 50, 51, 52
TCP = 6


class Part:
    """What is told of the packets at one place."""

    def __init__(self, port):
        self.port, self.sizes, self.ttls, self.wrong = port, [], set(), 0

    def segment(self, src, dst, ttl, data):
        """One TCP packet, from its TCP header on, between packed addresses."""
        if len(data) < 20 or struct.unpack("!H", data[2:4])[0] != self.port:
            return
        size = len(data) - (data[12] >> 4) * 4
        if size <= 0:
            return
        self.sizes.append(size)
        self.ttls.add(ttl)
        ends = pseudo(src, dst, TCP, len(data))
        partial = ~checksum(ends) & 0xFFFF
        if checksum(ends + data) and struct.unpack("!H", data[16:18])[0] != partial:
            self.wrong += 1

    def told(self):
        return {"packets": len(self.sizes), "bytes": sum(self.sizes), "largest": max(self.sizes, default=0),
                "ttls": sorted(self.ttls), "wrong": self.wrong}


def packet_four(part, data, wanted=None):
    """An IPv4 packet; to that address only, if one is wanted."""
    if data[9] == TCP and wanted in (None, data[16:20]):
        part.segment(data[12:16], data[16:20], data[8], data[(data[0] & 15) * 4:struct.unpack("!H", data[2:4])[0]])


def entry_socket():
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 26)
    sock.bind(("eth0", ETH_P_ALL))
    sock.setblocking(False)
    return sock


def server_socket(six):
    sock = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_RAW, TCP)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 26)
    if six:
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1)
    sock.setblocking(False)
    return sock


def all_of(sock):
    """What the socket has got: (data, ancillary data, address)."""
    while True:
        try:
            data, ancillary, _, address = sock.recvmsg(1 << 17, 256)
        except BlockingIOError:
            return
        yield data, ancillary, address


def entry_part(sock, addr, port):
    part, wanted = Part(port), ipaddress.ip_address(addr).packed
    for data, _, (_, kind, direction, *_) in all_of(sock):
        if direction == socket.PACKET_OUTGOING:
            continue
        if kind == 0x0800 and len(wanted) == 4:
            packet_four(part, data, wanted)
        elif kind == 0x86DD and data[6] == TCP and data[24:40] == wanted:
            part.segment(data[8:24], wanted, data[7], data[40:40 + struct.unpack("!H", data[4:6])[0]])
    return part


def server_part(sock, six, port):
    part = Part(port)
    for data, ancillary, address in all_of(sock):
        if not six:
            packet_four(part, data)
            continue
        said = {what: value for _, what, value in ancillary}
        part.segment(ipaddress.ip_address(address[0]).packed, said[IPV6_PKTINFO][:16],
                     struct.unpack("=i", said[IPV6_HOPLIMIT])[0], data)
    return part


def main():
    entry, server, addr, port, *command = sys.argv[1:]
    six = ":" in addr
    with inside(entry, entry_socket) as at_entry, inside(server, lambda: server_socket(six)) as at_server:
        code = subprocess.run(command, check=False).returncode
        print(json.dumps({"entry": entry_part(at_entry, addr, int(port)).told(),
                          "server": server_part(at_server, six, int(port)).told()}))
    sys.exit(code)


main()
