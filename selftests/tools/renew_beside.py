#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Renews a lease in two ways at once: by generic netlink, and by the socket option beside it.

    renew_beside.py LEASE EPOCH HOLDER

Grants it, says `held`, and renews it until a line comes on its input. Then it prints, as JSON: the longest renewal by netlink
(netlink, ms), the longest by the option (option, ms), and how many by the option were done during that one by netlink
(meanwhile).
"""
import json
import socket
import struct
import sys
import threading
import time

from netlink import Socket, boottime

OPTION, PACE, LASTS = 19783, 0.002, 10**9


class Netlink(threading.Thread):
    """Renews without a pause, and knows which renewal took longest and what the others did meanwhile."""

    def __init__(self, words, others):
        super().__init__(daemon=True)
        self.words, self.others = words, others
        self.longest, self.meanwhile, self.end = 0, 0, False

    def run(self):
        sock = Socket()
        while not self.end:
            begun, done = time.monotonic(), self.others.done
            answer = sock.send("lease-set", dict(self.words, deadline=boottime() + LASTS))
            if answer.code != "0":
                sys.exit(str(answer))
            took = time.monotonic() - begun
            if took > self.longest:
                self.longest, self.meanwhile = took, self.others.done - done
            time.sleep(PACE)


class Option:
    def __init__(self, lease, epoch):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.lease, self.epoch, self.done, self.longest = lease, epoch, 0, 0

    def renew(self):
        begun = time.monotonic()
        self.sock.setsockopt(socket.IPPROTO_IP, OPTION,
                             struct.pack("=32sQQ", self.lease.encode(), self.epoch, boottime() + LASTS))
        self.longest = max(self.longest, time.monotonic() - begun)
        self.done += 1


def main():
    lease, epoch, holder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    words = {"name": lease, "epoch": epoch, "holder": holder}
    answer = Socket().send("lease-set", dict(words, deadline=boottime() + 10 * LASTS))
    if answer.code != "0":
        sys.exit(str(answer))
    option = Option(lease, epoch)
    netlink = Netlink(words, option)
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), over.set()), daemon=True).start()
    print("held", flush=True)
    netlink.start()
    while not over.wait(PACE):
        option.renew()
    netlink.end = True
    netlink.join(10)
    print(json.dumps({"netlink": round(netlink.longest * 1000, 1), "option": round(option.longest * 1000, 1),
                      "meanwhile": netlink.meanwhile}), flush=True)


main()
