#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Grants a lease to the same holder under one epoch after the other, as fast as messages can be sent.

    LEASE EPOCH HOLDER SECONDS

The first one is EPOCH. Prints the last one. Exit code 3 if the machine stood still until a deadline had passed: then
the holder may have held nothing for a while.
"""
import struct
import sys
import time

from netlink import SPEC, Socket, boottime, encode

MANY = 200                  # messages in one send
LASTS = 9_000_000_000
MARK = 0x1122334455667788   # an epoch whose place in a message can be found


def main():
    lease, epoch, holder, seconds = sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
    sock, oper = Socket(), SPEC.ops["lease-set"]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        deadline = boottime() + LASTS
        one = sock.message(oper["number"], encode(oper, {"name": lease, "epoch": MARK, "holder": holder,
                                                         "deadline": deadline}), 0)
        at = one.index(struct.pack("=Q", MARK))
        many = bytearray(one * MANY)
        for i in range(MANY):
            struct.pack_into("=Q", many, len(one) * i + at, epoch + i)
        sock.sock.send(many)
        refused, late = sock.waiting(), boottime() >= deadline
        epoch += MANY
        if refused:
            print(epoch - 1)
            print(f"epoch {epoch - MANY} or one of the {MANY} from it: {refused}", file=sys.stderr)
            sys.exit(3 if late and "has passed" in str(refused) else 1)
    print(epoch - 1)


main()
