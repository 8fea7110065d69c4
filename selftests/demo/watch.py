# SPDX-License-Identifier: GPL-2.0
"""Who owns the vip, as a client sees it: it asks by ARP again and again, as long as a fault lasts."""
import sys
import threading

import network
from network import CLIENT, CLIENT_ADDRESS, MACHINES, VIP, now

sys.path.append(f"{network.REPO}/selftests/lib/py")
from owners import Owners  # noqa: E402

PACE = 0.02         # s between two questions


class Watch:
    """While it is on, each question is a line of the log: when it was asked, the machines that answered, and those that
    announced the vip until the next one; names with commas between, or -."""

    def __init__(self, log):
        self.names = {bytes.fromhex(network.mac(address).replace(":", "")): name
                      for name, address in MACHINES.items()}
        self.log = open(log, "w", encoding="ascii")
        self.thread = self.going = None
        self.announced = {}         # name: when it announced the vip first

    def begin(self):
        self.announced, self.going = {}, True
        self.thread = threading.Thread(target=self.ask, daemon=True)
        self.thread.start()

    def end(self):
        self.going = False
        self.thread.join()
        self.log.flush()

    def words(self, macs):
        return ",".join(sorted(self.names.get(m, m.hex()) for m in macs)) or "-"

    def ask(self):
        owners = Owners(CLIENT, CLIENT_ADDRESS, VIP)
        while self.going:
            at = now()
            owners.ask()
            answered, announced = owners.hear(PACE)
            for m, heard in announced.items():
                self.announced.setdefault(self.names.get(m, m.hex()), heard)
            self.log.write(f"{at} {self.words(answered)} {self.words(announced)}\n")
