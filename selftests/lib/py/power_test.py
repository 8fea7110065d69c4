#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Made-up histories: the judge of host/power.sh has nothing against the good ones, and finds the fault of each other one."""
import sys
import unittest

sys.dont_write_bytecode = True

import power_judge as judge  # noqa: E402
import power_plan as plans  # noqa: E402
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
        """One machine at a time is without power."""
        for seed in range(1, 500):
            self.assertLessEqual(sum(fault.kind == "power" for fault in plans.draw(seed)), 1)


if __name__ == "__main__":
    unittest.main()
