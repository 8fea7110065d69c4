#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Renews leases by the socket option HASWITCH_SO_RENEW, and says `renewed` or the name of the error for each.

    lease_option.py LEASE EPOCH HOLDER SECONDS [tied=PORT] [reserved=N] [length=BYTES] [user=UID] [/ LEASE ...]...
"""
import errno
import itertools
import os
import socket
import struct
import sys

from netlink import boottime

RENEW = 18497
NAME = 32


def renew(sock, lease, epoch, holder, seconds, *words):
    more = dict(word.split("=", 1) for word in words)
    if "user" in more:
        os.setuid(int(more["user"]))
    value = struct.pack(f"={NAME}s{NAME}sQQII", lease.encode(), holder.encode(), int(epoch),
                        boottime() + int(float(seconds) * 10**9), int(more.get("tied", 0)),
                        int(more.get("reserved", 0)))
    try:
        sock.setsockopt(socket.IPPROTO_IP, RENEW, (value + bytes(64))[:int(more.get("length", len(value)))])
    except OSError as error:
        return errno.errorcode[error.errno]
    return "renewed"


def main():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    parts = itertools.groupby(sys.argv[1:], lambda word: word == "/")
    said = [renew(sock, *words) for slash, words in parts if not slash]
    print(*said)


main()
