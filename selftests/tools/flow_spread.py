#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Which member each of many UDP flows to a vip arrives at.

    VIP PORT FLOWS BYTES CLIENT MEMBER...

CLIENT and MEMBERs are network namespaces. Sends a datagram of BYTES from each of FLOWS source ports, always the same
ones, and prints for each a line: the source port, and where it arrived (`-` if nowhere, both if twice).
"""
import select
import socket
import sys
import time

from netns import enter, inside

SO_RCVBUFFORCE = 33
FIRST = 20000
BURST = 50      # datagrams that are sent before what has arrived is read
PATIENCE = 10   # s


def main():
    vip, port, flows, size, client, *members = sys.argv[1:]
    port, flows, size = int(port), int(flows), int(size)
    family = socket.AF_INET6 if ":" in vip else socket.AF_INET
    ears = {}
    for name in members:
        sock = inside(name, lambda: socket.socket(family, socket.SOCK_DGRAM))
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 26)
        sock.bind((vip, port))
        sock.setblocking(False)
        ears[sock] = name
    enter(client)
    where = {FIRST + i: [] for i in range(flows)}
    last = time.monotonic()

    def drain(wait):
        nonlocal last
        for sock in select.select(list(ears), [], [], wait)[0]:
            try:
                while True:
                    source = sock.recvfrom(size)[1][1]
                    if source in where:
                        where[source].append(ears[sock])
                        last = time.monotonic()
            except BlockingIOError:
                pass

    for number, source in enumerate(where, 1):
        mouth = socket.socket(family, socket.SOCK_DGRAM)
        mouth.bind(("", source))
        mouth.sendto(b"x" * size, (vip, port))
        mouth.close()
        if number % BURST == 0:
            drain(0)
    while not all(where.values()) and time.monotonic() < last + PATIENCE:
        drain(0.05)
    drain(0)
    for source, names in where.items():
        print(source, "+".join(names) or "-")


main()
