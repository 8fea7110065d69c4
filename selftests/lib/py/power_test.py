#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Made-up histories: the judge of host/power.sh has nothing against the good ones,
and finds the fault of each other one."""
import heapq
import itertools
import struct
import sys
import unittest

sys.dont_write_bytecode = True

import packet  # noqa: E402
import power_goes as goes  # noqa: E402
import power_judge as judge  # noqa: E402
import power_plan as plans  # noqa: E402
import power_steal as steal  # noqa: E402
from power_judge import MS, Act, Stop  # noqa: E402


def acts(who, *at, asked=1):
    """Answers that were asked for so many ms before."""
    return [Act(ms * MS, who, (ms - asked) * MS) for ms in at]


def tells(who, *at):
    return [Act(ms * MS, who, None) for ms in at]


# a tells at 100 and answers until 200; b from 320 on.
OF_A = tells("a", 100) + acts("a", *range(101, 200, 3))
OF_B = tells("b", 320) + acts("b", *range(321, 600, 3))


def judged(*acts_of, stops=()):
    found = judge.Judge()
    for stop in stops:
        found.stopped(stop)
    found.take([act for some in acts_of for act in some])
    found.end()
    return found


class Judge(unittest.TestCase):
    def wrong(self, found, *who):
        self.assertEqual([turn.who for turn in found.wrong], list(who))

    def test_good(self):
        found = judged(OF_A, OF_B)
        self.wrong(found)
        self.assertEqual([turn.who for turn in found.turns], ["a", "b"])
        self.assertEqual(found.gaps(), [123 * MS])

    def test_tells_later(self):
        """An answer may leave before the announcement, not long before."""
        self.wrong(judged(OF_A, acts("b", 318, 319), OF_B))
        self.wrong(judged(OF_A, acts("b", 200, 205), tells("b", 620)), "b")

    def test_never_tells(self):
        """A short turn between two silences is no overlap; next to another one's acts it is."""
        self.wrong(judged(OF_A, acts("c", 255, 260), OF_B))
        self.wrong(judged(OF_A, acts("c", 205, 260), OF_B), "c")
        self.wrong(judged(OF_A, acts("c", 255, 280), OF_B), "c")

    def test_granted_again(self):
        self.wrong(judged(OF_A, OF_B, tells("a", 700), acts("a", 701, 705)))

    def test_within_the_margin(self):
        found = judged(OF_A, OF_B, acts("a", 322, 324))
        self.wrong(found)
        self.assertEqual(found.overlaps, [2 * MS, 4 * MS])

    def test_beyond_the_margin(self):
        """Both of them go on."""
        self.wrong(judged(OF_A, OF_B, acts("a", 326)), "a", "b")

    def test_both_tell(self):
        """Who has the same epoch may tell, too: the other one goes on."""
        self.wrong(judged(OF_A, OF_B, tells("a", 400), acts("a", 401, 404)), "b")

    def test_goes_on(self):
        """What a stop had delayed is one frame, and it had been asked for before."""
        stop = Stop("a", 199 * MS, 200 * MS, 450 * MS)
        found = judged(OF_A, OF_B, acts("a", 451, asked=252), stops=[stop])
        self.wrong(found)
        self.assertEqual(len(found.midst), 1)
        self.wrong(judged(OF_A, OF_B, acts("a", 451, asked=252), acts("a", 452, asked=253), stops=[stop]), "a", "b")
        self.wrong(judged(OF_A, OF_B, acts("a", 451, asked=150), stops=[stop]), "a", "b")
        self.wrong(judged(OF_A, OF_B, acts("a", 461, asked=262), stops=[stop]), "a", "b")
        self.wrong(judged(OF_A, OF_B, acts("c", 451, asked=252), stops=[stop]), "c", "b")

    def test_power(self):
        """A machine that lost its power just after its first answer had no time to tell."""
        self.wrong(judged(OF_A, acts("c", 290), OF_B), "c")
        self.wrong(judged(OF_A, acts("c", 290), OF_B, stops=[Stop("c", 291 * MS, 291 * MS, judge.NEVER)]))


class Plan(unittest.TestCase):
    def test_same(self):
        for seed in range(1, 50):
            self.assertEqual(plans.draw(seed), plans.draw(seed))

    def test_all_kinds(self):
        drawn = [fault for seed in plans.seeds(["1-200"]) for fault in plans.draw(seed)]
        self.assertEqual({fault.kind for fault in drawn}, set(plans.KINDS))
        self.assertTrue({plans.HOLDER, *plans.NAMES} <= {fault.who for fault in drawn if fault.kind == "pause"})

    def test_power(self):
        """One machine at a time boots."""
        for seed in range(1, 500):
            self.assertLessEqual(sum(fault.kind in plans.BOOTS for fault in plans.draw(seed)), 1)


class Goes(unittest.TestCase):
    MAC, ADDRESS = bytes([2, 0, 0, 0, 0, 1]), bytes([10, 0, 0, 1])

    def test_words(self):
        """What a machine sends on is what it was told, and other frames are no last words."""
        self.assertEqual(tuple(goes.KINDS), plans.BOOTS[1:])
        for kind in goes.KINDS:
            frame = goes.order(self.MAC, self.ADDRESS, self.MAC, self.ADDRESS, kind)
            self.assertIsNone(goes.word(frame))
            # The shortest frame has 60 bytes.
            self.assertEqual(goes.word(frame[:36] + struct.pack("!H", goes.WORD) + frame[38:] + bytes(18)), kind)
            self.assertEqual(packet.checksum(frame[14:34]), 0)
        self.assertIsNone(goes.word(self.MAC * 2 + b"\x08\x06" + bytes(46)))

    def test_following(self):
        gone = goes.Gone(200 * MS, "a", "panic")
        before, after = OF_A, acts("a", 201) + acts("b", 206, asked=10) + tells("b", 207) + acts("b", 211, 215)
        self.assertTrue(goes.held(gone, before))
        self.assertFalse(goes.held(gone, before + acts("c", 199)))
        self.assertFalse(goes.held(gone, []))
        self.assertEqual(goes.following(gone, after), goes.Next(7 * MS, 11 * MS, 0, 10 * MS))
        late = acts("a", 208, 210, 1300)
        self.assertEqual(goes.following(gone, after + late), goes.Next(7 * MS, 11 * MS, 2, 10 * MS))
        self.assertEqual(goes.following(gone, acts("a", 201, 202)), goes.Next(None, None, 0, None))
        # One that is silent from its word on: what it did before does not count.
        self.assertEqual(goes.following(gone, OF_A + acts("b", 211)).silence, 11 * MS)


class Time:
    """Of a switch and of a machine on it, which stands at once; a switch that is late runs what is due later."""

    def __init__(self, late=0):
        self.now, self.late, self.queue, self.counter = 0, late, [], itertools.count()
        self.name, self.halt = "a", None

    def after(self, span, what):
        heapq.heappush(self.queue, (self.now + span, next(self.counter), what))

    def run(self, until):
        while self.queue and self.queue[0][0] < until:
            at, _, what = heapq.heappop(self.queue)
            self.now = max(self.now, at + self.late)
            what()
        self.now = until

    def stop(self):
        assert not self.halt
        self.halt = self.now

    def stands(self):
        return self.halt

    def go_on(self):
        stop, self.halt = Stop("a", self.halt, self.halt, self.now), None
        return stop


class Steal(unittest.TestCase):
    def taken(self, late):
        time, stops = Time(late), []
        thief = steal.Thief(time, time, stops.append, 1)
        thief.begin()
        time.run(1000 * 1000 * MS)
        thief.ends = True
        self.assertAlmostEqual(thief.taken / time.now, steal.PART, delta=0.01)
        self.assertEqual(thief.taken, sum(stop.end - stop.still for stop in stops))
        return thief

    def test_part(self):
        """Some milliseconds at a time, and now and then more."""
        thief = self.taken(0)
        self.assertGreater(thief.count, 50000)
        self.assertGreater(thief.longest, 29 * MS)
        self.assertLessEqual(thief.longest, steal.LONG[1])

    def test_late(self):
        """What a late switch takes more than it drew is counted."""
        self.assertGreater(self.taken(5 * MS).longest, 33 * MS)


if __name__ == "__main__":
    unittest.main()
