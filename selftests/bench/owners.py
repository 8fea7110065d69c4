# SPDX-License-Identifier: GPL-2.0
"""A client of a virtual address asks by ARP who answers for it: two answers to one question are two owners."""
import select
import socket
import struct
import time

from netns import inside

ETH_P_ARP = 0x806
REQUEST, REPLY = 1, 2


class Owners:
    """The question, asked by the machine `client` on its eth0, where it has the address `own`."""

    def __init__(self, client, own, vip):
        self.own, self.vip = socket.inet_aton(own), socket.inet_aton(vip)
        self.arp = inside(client, lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ARP)))
        self.arp.bind(("eth0", ETH_P_ARP))
        self.arp.setblocking(False)
        self.mac = self.arp.getsockname()[4]

    def forget(self):
        """What came before is not looked at any more."""
        try:
            while True:
                self.arp.recv(2048)
        except BlockingIOError:
            pass

    def ask(self):
        frame = b"\xff" * 6 + self.mac + struct.pack("!HHHBBH", ETH_P_ARP, 1, 0x800, 6, 4, REQUEST)
        self.arp.send(frame + self.mac + self.own + bytes(6) + self.vip)

    def hear(self, seconds):
        """MACs that answered this client, and when each MAC announced the address last (CLOCK_BOOTTIME, ns), within so
        many seconds."""
        answered, announced = set(), {}
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and select.select([self.arp], [], [], left)[0]:
            data = self.arp.recv(2048)
            if data[28:32] != self.vip:
                continue
            if data[:6] == self.mac and data[20:22] == struct.pack("!H", REPLY):
                answered.add(data[22:28])
            elif data[:6] == b"\xff" * 6 and data[38:42] == self.vip:
                announced[data[22:28]] = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        return answered, announced

    def owners(self):
        """MACs that answer a question for the address."""
        self.forget()
        self.ask()
        return self.hear(0.02)[0]
