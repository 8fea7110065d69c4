#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Made-up histories: the judge of the nemesis has nothing against the good one,
and finds the fault of each other one."""
import sys
import unittest

sys.dont_write_bytecode = True

import nemesis_judge as judge  # noqa: E402
import nemesis_plan as plans  # noqa: E402
from nemesis_judge import MS, Answer  # noqa: E402


def event(at, cause, node, epoch, **more):
    return {"kind": "lease", "lease": "web", "cause": cause, "node": node, "epoch": epoch,
            "publish": at, "decision": at, **more}


# a holds from 100 to 200 ms, b from 220 to 400 ms, a again from 430 ms on.
# Each module also knows what the other one's node has.
OF_A = [event(100 * MS, "granted", "a", 1), event(200 * MS, "expired", "a", 1), event(221 * MS, "granted", "b", 2),
        event(400 * MS, "released", "b", 2), event(430 * MS, "granted", "a", 3)]
OF_B = [event(101 * MS, "granted", "a", 1), event(220 * MS, "granted", "b", 2), event(400 * MS, "released", "b", 2),
        event(431 * MS, "granted", "a", 3)]


def history(of_a=None, of_b=None):
    return judge.grants("a", of_a or OF_A) + judge.grants("b", of_b or OF_B)


def answers(*spoken):
    return [Answer(at * MS, "web", "an ARP reply", node) for node, at in spoken]


GOOD = answers(("a", 101), ("a", 199), ("a", 204), ("b", 220), ("b", 399), ("a", 430), ("a", 500))


class Judge(unittest.TestCase):
    def test_good(self):
        found = history()
        self.assertEqual([(t.node, t.epoch, t.begin // MS) for t in judge.of_lease(found, "web")],
                         [("a", 1, 100), ("b", 2, 220), ("a", 3, 430)])
        for problems in (judge.two_owners(found), judge.epochs_down(found), judge.strangers(found, GOOD),
                         judge.late(found, GOOD)):
            self.assertEqual(list(problems), [])
        self.assertIsNone(judge.gap(found, "web", 430 * MS, 900 * MS))

    def test_expired_late(self):
        """What runs out ends at its deadline, and its last frame within the margin."""
        found = history([OF_A[0], event(230 * MS, "expired", "a", 1, decision=200 * MS), *OF_A[2:]])
        self.assertEqual(list(judge.two_owners(found)), [])

    def test_late_word(self):
        """A node that gets through late tells of the end of its former grant: the next one goes on."""
        found = history([*OF_A, event(450 * MS, "resigned", "b", 2)])
        self.assertEqual([t.end for t in judge.of_lease(found, "web")][-1], judge.FOREVER)
        self.assertEqual(list(judge.strangers(found, GOOD)), [])

    def test_two_owners(self):
        found = history([OF_A[0], event(221 * MS, "superseded", "a", 1), *OF_A[3:]])
        self.assertEqual(len(list(judge.two_owners(found))), 1)

    def test_never_ends(self):
        found = history([OF_A[0]])
        self.assertEqual(len(list(judge.two_owners(found))), 1)

    def test_same_epoch(self):
        found = history(None, [event(220 * MS, "granted", "b", 1), event(400 * MS, "released", "b", 1)])
        self.assertEqual(len(list(judge.epochs_down(found))), 1)

    def test_lower_epoch(self):
        found = history([*OF_A[:4], event(430 * MS, "granted", "a", 1)])
        self.assertEqual(len(list(judge.epochs_down(found))), 1)

    def test_answers_after_its_end(self):
        found = history()
        self.assertEqual(len(list(judge.strangers(found, answers(("a", 206))))), 1)

    def test_answers_before_its_begin(self):
        self.assertEqual(len(list(judge.strangers(history(), answers(("b", 219))))), 1)

    def test_answers_behind_another(self):
        """By the client's ears alone, whatever the modules say of ends."""
        found = history([OF_A[0]])
        self.assertEqual(list(judge.late(found, answers(("a", 150), ("b", 221), ("a", 225)))), [])
        self.assertEqual(len(list(judge.late(found, answers(("a", 150), ("b", 221), ("a", 227))))), 1)

    def test_most_vote(self):
        self.assertEqual(judge.most_vote([0, 0, 700 * MS]), 0)
        self.assertEqual(judge.most_vote([judge.FOREVER, 0, 700 * MS]), 700 * MS)
        self.assertEqual(judge.most_vote([0, 300 * MS, 0, 700 * MS]), 300 * MS)

    def test_stalled(self):
        stalls = [(100 * MS, 180 * MS), (400 * MS, 460 * MS)]
        self.assertTrue(judge.stalled(stalls, 170 * MS, 300 * MS))
        self.assertTrue(judge.stalled(stalls, 350 * MS, 500 * MS))
        self.assertFalse(judge.stalled(stalls, 180 * MS, 400 * MS))
        self.assertFalse(judge.stalled([], 0, judge.FOREVER))

    def test_gap(self):
        found = history()
        self.assertEqual(judge.gap(found, "web", 150 * MS, 300 * MS), (200 * MS, 220 * MS))
        self.assertEqual(judge.owned_at(found, "web", 205 * MS), 220 * MS)
        self.assertEqual(judge.owned_at(found, "web", 150 * MS), 150 * MS)
        self.assertIsNone(judge.owned_at(judge.grants("a", OF_A[:2]), "web", 300 * MS))
        self.assertEqual(judge.gap(judge.grants("a", OF_A[:2]), "web", 300 * MS, 400 * MS), (300 * MS, 400 * MS))


class Configurations(unittest.TestCase):
    HAVE = {"a": {"0000000001": "11", "0000000002": "22"}, "b": {"0000000002": "22"}, "c": {}}

    def test_differ(self):
        self.assertEqual(list(judge.configurations_differ(self.HAVE)), [])
        self.assertEqual(list(judge.configurations_differ({**self.HAVE, "c": {"0000000002": "23"}})),
                         ["configuration 2: a has 22, b has 22, c has 23"])

    def test_behind(self):
        self.assertEqual(judge.behind(self.HAVE), ["c: its newest configuration is 0 of 2"])
        self.assertEqual(judge.behind({"a": {}, "b": {}}), [])


class Plan(unittest.TestCase):
    def test_same(self):
        for seed in range(1, 50):
            self.assertEqual(plans.draw(seed, plans.SECONDS), plans.draw(seed, plans.SECONDS))

    def test_all_kinds(self):
        """Sixty seeds have every kind of fault and every shape, and no fault outlasts the plan."""
        drawn = [plans.draw(seed, plans.SECONDS) for seed in plans.seeds(["1-60"])]
        self.assertEqual({f.kind for plan in drawn for f in plan.faults}, set(plans.KINDS))
        self.assertEqual({len(plan.shape.nodes) for plan in drawn}, {2, 3, 4, 5})
        self.assertEqual({plan.shape.profile for plan in drawn}, {"default", "fast"})
        self.assertEqual({plans.alone(plan.shape) for plan in drawn if len(plan.shape.nodes) == 2}, {True, False})
        self.assertTrue(all(f.at + f.lasts <= plan.ends for plan in drawn for f in plan.faults))

    def test_files(self):
        """Fewer than half of the voters lose their files."""
        for seed in range(1, 200):
            plan = plans.draw(seed, plans.SECONDS)
            lost = {f.who for f in plan.faults if f.kind in plans.OF_VICTIMS}
            self.assertLessEqual(len(lost), 2 if len(plan.shape.nodes) == 5 else 1)

    def test_seeds(self):
        self.assertEqual(list(plans.seeds(["7", "1-3"])), [7, 1, 2, 3])


if __name__ == "__main__":
    unittest.main()
