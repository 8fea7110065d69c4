# SPDX-License-Identifier: GPL-2.0
"""Judges by the frames of machines alone that no two of them answered for one vip. All times are ns of one clock.

A turn of a machine begins with its first act when another one had acted last. From then on the other one may act for
the margin. To act again it must have been granted the lease again, and of a grant it tells the link: a turn has an
announcement where it begins. A machine that is starved, or stopped, may lose the lease before it tells: then nobody
else acts for a while before and behind its turn.
"""
import collections

MS = 10**6
MARGIN = 5 * MS         # what a machine decided in its time leaves within it
TELLS = 300 * MS        # from the first act of a turn to its announcement, at most, on a host that is busy
# Nobody acts for longer when a machine falls silent; an owner is silent for less between two acts.
APART = 50 * MS
NEVER = 1 << 64         # the end of a stop that is a power loss

# A frame that answers for the vip; asked is when the request was sent that it answers, None of an announcement.
Act = collections.namedtuple("Act", "at who asked")
# A machine stood still from begin to end, and its kernel ran no more from still on.
Stop = collections.namedtuple("Stop", "who begin still end")
# A machine was the one that acts; last is its last act before another one's first.
Turn = collections.namedtuple("Turn", "who since told last")


class Judge:
    """Is given acts and stops as they come, and keeps what was wrong and what was seen."""

    def __init__(self, margin=MARGIN):
        self.margin = margin
        self.turn, self.before = None, None     # the one now; who acted before it
        self.turns, self.wrong = [], []         # all that are over, and those of one that was not granted it
        # For how many ns a machine acted after another one's first act, within the margin.
        self.overlaps = []
        self.midst = []                         # acts that a stop had delayed
        self.stops, self.used = [], set()

    def stopped(self, stop):
        self.stops.append(stop)

    def delayed(self, act):
        """Whether a stop struck between the decision and the frame. A kernel of one CPU is in the midst of one frame at
        most."""
        for stop in self.stops:
            if (stop.who == act.who and stop not in self.used and stop.end <= act.at <= stop.end + self.margin
                    and (act.asked is None or act.asked <= stop.still)):
                self.used.add(stop)
                self.midst.append(act)
                return True
        return False

    def take(self, acts):
        """Acts of some time, in any order."""
        for act in sorted(acts, key=lambda act: act.at):
            if self.turn and act.who == self.turn.who:
                told = self.turn.told if self.turn.told is not None or act.asked is not None else act.at
                self.turn = self.turn._replace(told=told, last=act.at)
            elif self.turn and act.who == self.before and act.at <= self.turn.since + self.margin:
                self.overlaps.append(act.at - self.turn.since)
            elif not self.turn or not self.delayed(act):
                self.before = self.turn.who if self.turn else None
                self.end(act.at)
                self.turn = Turn(act.who, act.at, None if act.asked is not None else act.at, act.at)

    def end(self, after=NEVER):
        """The turn is over, as another one acts then."""
        turn, self.turn = self.turn, None
        if not turn:
            return
        since = self.turns[-1].last if self.turns else 0
        self.turns.append(turn)
        # Before the first one nobody acted whom it could overlap.
        if len(self.turns) == 1:
            return
        # Stopped, or without power, it could not tell.
        if any(stop.who == turn.who and turn.since - self.margin <= stop.begin <= turn.since + TELLS
               for stop in self.stops):
            return
        told = turn.told is not None and turn.told <= turn.since + TELLS
        if not told and (turn.since - since < APART or after - turn.last < APART):
            self.wrong.append(turn)

    def gaps(self):
        """ns between the last act of each turn and the first of the next, once the last one has ended."""
        return [b.since - a.last for a, b in zip(self.turns, self.turns[1:])]
