# SPDX-License-Identifier: GPL-2.0
"""Devices of a network namespace made worse and better by raw rtnetlink:
a process takes longer than all that it does."""
import os
import socket
import struct

from netns import inside

NLM_F_REQUEST, NLM_F_ACK, NLM_F_REPLACE, NLM_F_CREATE = 1, 4, 0x100, 0x400
NEWLINK, NEWQDISC, DELQDISC = 16, 36, 37
IFF_UP = 1
ROOT, HANDLE = 0xFFFFFFFF, 1 << 16
A_KIND, A_OPTIONS = 1, 2
A_LATENCY, A_JITTER, A_SEED = 10, 11, 14    # of netem, ns; kernels before 6.7 do not know the seed
LIMIT = 10000                               # packets that are on their way at most
CERTAIN = 0xFFFFFFFF


def attribute(number, payload):
    return struct.pack("=HH", 4 + len(payload), number) + payload + b"\0" * (-len(payload) % 4)


class Devices:
    """Those of one namespace."""

    def __init__(self, namespace):
        self.namespace = namespace
        self.sock = inside(namespace, lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE))
        self.sock.bind((0, 0))
        self.indexes = {}
        self.queued = set()

    def index(self, dev):
        if dev not in self.indexes:
            self.indexes[dev] = inside(self.namespace, lambda: socket.if_nametoindex(dev))
        return self.indexes[dev]

    def ask(self, kind, flags, body, about):
        self.sock.send(struct.pack("=IHHII", 16 + len(body), kind, NLM_F_REQUEST | NLM_F_ACK | flags, 0, 0) + body)
        code = struct.unpack_from("=i", self.sock.recv(4096), 16)[0]
        if code:
            raise OSError(-code, os.strerror(-code), f"{about} in {self.namespace}")

    def up(self, dev, wanted=True):
        """Sets it up, or down."""
        self.ask(NEWLINK, 0, struct.pack("=BBHiII", 0, 0, 0, self.index(dev), IFF_UP if wanted else 0, IFF_UP), dev)

    def worse(self, dev, delay=0, jitter=0, loss=0.0, twice=0.0, seed=1):
        """What leaves by it is late by DELAY +- JITTER ns, which lets packets overtake each other; a part of it is
        lost, or comes twice."""
        options = struct.pack("=IIIIII", 0, LIMIT, min(int(loss * CERTAIN), CERTAIN),
                              0, min(int(twice * CERTAIN), CERTAIN), 0)
        options += attribute(A_LATENCY, struct.pack("=q", delay)) + attribute(A_JITTER, struct.pack("=q", jitter))
        options += attribute(A_SEED, struct.pack("=Q", seed))
        body = struct.pack("=BBHiIII", 0, 0, 0, self.index(dev), HANDLE, ROOT, 0)
        body += attribute(A_KIND, b"netem\0") + attribute(A_OPTIONS, options)
        self.ask(NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, body, dev)
        self.queued.add(dev)

    def well(self, dev):
        """As it was made."""
        if dev in self.queued:
            self.ask(DELQDISC, 0, struct.pack("=BBHiIII", 0, 0, 0, self.index(dev), 0, ROOT, 0), dev)
            self.queued.remove(dev)
