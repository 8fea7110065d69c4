# SPDX-License-Identifier: GPL-2.0
"""The checksum of IP, ICMP, TCP and UDP, the pseudo header that it covers, and IP packets."""
import struct


def checksum(data):
    """Over bytes in which its own place is 0; 0 over bytes that have it right."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pseudo(src, dst, proto, length):
    """Of packed addresses, either family."""
    if len(src) == 4:
        return src + dst + struct.pack("!BBH", 0, proto, length)
    return src + dst + struct.pack("!IHBB", length, 0, 0, proto)


def packet(src, dst, proto, hops, data):
    """An IP packet between packed addresses, either family."""
    if len(src) == 16:
        return struct.pack("!IHBB", 6 << 28, len(data), proto, hops) + src + dst + data
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(data), 1, 0, hops, proto, 0) + src + dst
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + data


def datagram(src, dst):
    """A UDP packet from port 4000 to 53 with 9 hops left, between packed addresses; no checksum but that of IPv4."""
    return packet(src, dst, 17, 9, struct.pack("!HHHH", 4000, 53, 40, 0) + b"\0" * 32)
