# SPDX-License-Identifier: GPL-2.0
"""A hypervisor that takes a part of a machine's time, as one does which gives its CPUs to others: the machine stands
still for some milliseconds again and again, and now and then for longer. Its clock runs on. All times are ns."""
import random

MS = 10**6
PART = 0.3                      # of the time that is taken
SHORT, LONG = (1.5 * MS, 4.5 * MS), (20 * MS, 30 * MS)
OFTEN = 20                      # one in so many stands is a long one
LEAST = MS // 2                 # between two stands
VARY = 0.6                      # the time between two stands varies by so much of itself


class Thief:
    """Takes time from one machine, by a switch's queue, until it is told to end."""

    def __init__(self, machine, switch, stopped, seed):
        self.machine, self.switch, self.stopped = machine, switch, stopped
        self.rng = random.Random(f"steal {machine.name} {seed}")
        self.taken, self.longest, self.count = 0, 0, 0
        self.since = None       # when it began
        self.ends = False

    def begin(self):
        self.switch.after(int(self.rng.uniform(*SHORT)), self.stop)

    def stop(self):
        if self.ends:
            return
        lasts = self.rng.uniform(*(SHORT if self.rng.randrange(OFTEN) else LONG))
        self.machine.stop()
        self.stands(int(lasts))

    def stands(self, lasts):
        """The time counts from when it stands: it must run to be stopped."""
        if self.machine.stands():
            self.switch.after(lasts, self.go_on)
        else:
            self.switch.after(MS // 4, lambda: self.stands(lasts))

    def go_on(self):
        stop = self.machine.go_on()
        self.stopped(stop)
        took = stop.end - stop.still
        self.since = self.since or stop.still
        self.taken, self.longest, self.count = self.taken + took, max(self.longest, took), self.count + 1
        # A switch that is late takes more than it drew, and begins later: by what is taken so far the part is kept.
        runs = (self.taken / PART - (stop.end - self.since)) * self.rng.uniform(1 - VARY, 1 + VARY)
        self.switch.after(max(int(runs), LEAST), self.stop)
