#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Renews a lease by the socket option HASWITCH_SO_RENEW, and says `renewed` or the name of the error.

    lease_option.py LEASE EPOCH HOLDER SECONDS [tied=PORT] [reserved=N] [length=BYTES] [user=UID]
"""
import errno
import os
import socket
import struct
import sys

from netlink import boottime

RENEW = 18497
NAME = 32


def main():
    lease, epoch, holder, seconds = sys.argv[1:5]
    more = dict(word.split("=", 1) for word in sys.argv[5:])
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if "user" in more:
        os.setuid(int(more["user"]))
    value = struct.pack(f"={NAME}s{NAME}sQQII", lease.encode(), holder.encode(), int(epoch),
                        boottime() + int(float(seconds) * 10**9), int(more.get("tied", 0)),
                        int(more.get("reserved", 0)))
    try:
        sock.setsockopt(socket.IPPROTO_IP, RENEW, (value + bytes(64))[:int(more.get("length", len(value)))])
    except OSError as error:
        print(errno.errorcode[error.errno])
        return
    print("renewed")


main()
