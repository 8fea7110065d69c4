#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Made-up runs of the demo: the judges have nothing against the good ones, and find the fault of each other one."""
import copy
import sys
import unittest

sys.dont_write_bytecode = True

import compare  # noqa: E402
import judge  # noqa: E402
from judge import MS, SECOND  # noqa: E402

BEGIN = 1 * SECOND
KILL, BACK, END = 4 * SECOND, 7 * SECOND, 10 * SECOND
STEP = 4 * MS                   # 250 requests a second, by turns new and kept
TAKES = 1 * MS
BOUND = 70 * MS


class MadeUp:
    """A run in which n1 dies and comes back, 60 ms and 300 ms until the first packet; each test spoils a copy."""

    def __init__(self):
        self.story = {"begin": BEGIN, "end": END, "active": "n1", "acts": [
            {"name": "kill", "at": KILL, "gone": "n1", "to": "n2", "bound": BOUND, "found": [["node", "beat"]]},
            {"name": "back", "at": BACK, "gone": "n2", "to": "n1", "bound": None, "found": [["member", "health"]]}],
            "gaps": []}
        self.events = [
            {"seq": 7, "kind": "config", "time": BEGIN},
            self.switch(8, "node", "n1", "beat", KILL + 59 * MS),
            self.first(9, "n2", 8, KILL + 59 * MS, KILL + 60 * MS),
            self.switch(10, "member", "n1", "health", BACK + 299 * MS),
            self.first(11, "n1", 10, BACK + 299 * MS, BACK + 300 * MS)]
        self.requests = []
        for i, start in enumerate(range(BEGIN - SECOND // 2, END, STEP)):
            self.request(("new", "kept")[i % 2], start)

    @staticmethod
    def switch(seq, kind, node, cause, decision):
        return {"seq": seq, "kind": kind, "node": node, "cause": cause, "decision": decision,
                "publish": decision + 1000}

    @staticmethod
    def first(seq, node, switch, decision, first):
        return {"seq": seq, "kind": "first-packet", "node": node, "switch": switch, "decision": decision,
                "publish": decision + 1000, "first_packet": first}

    def request(self, kind, start):
        dead = KILL < start <= KILL + 60 * MS
        node = "n2" if KILL < start <= BACK + 300 * MS else "n1"
        opened = start
        if kind == "kept":
            opened = max(t for t in (BEGIN // 2, KILL + 60 * MS + 1, BACK + 300 * MS + 1) if t <= start)
        self.requests.append(judge.Request(kind, start, start + TAKES, "refused" if dead else "served",
                                           "-" if dead else node, opened, 0))

    def spoil(self, start, **change):
        """Changes the first request that began at `start` or later."""
        i = next(i for i, r in enumerate(self.requests) if r.start >= start)
        self.requests[i] = self.requests[i]._replace(**change)

    def judged(self):
        return judge.Judge(judge.Story(**copy.deepcopy(self.story)), self.events, self.requests)

    def problems(self):
        return self.judged().problems


class Judged(unittest.TestCase):
    def setUp(self):
        self.run_ = MadeUp()

    def complains(self, pattern):
        problems = self.run_.problems()
        self.assertTrue(problems, "the judge found nothing")
        self.assertRegex("\n".join(problems), pattern)

    def test_good(self):
        self.assertEqual(self.run_.problems(), [])

    def test_counts(self):
        r = self.run_
        r.spoil(KILL + 100 * MS, reset=KILL + 101 * MS, opened=BEGIN)
        switch = judge.find_switch(judge.Story(**r.story).acts[0], r.events)
        counts = judge.count(switch, r.requests)
        # The one that begins with the cause is still served; the fifteen that begin up to the first packet fail.
        self.assertEqual(counts, judge.Counts(served=1, failed=15, reset=1, pause=64 * MS))

    def test_nothing_happened(self):
        self.run_.story["acts"] = []
        self.complains("nothing happened")

    def test_failure_before_the_cause(self):
        self.run_.spoil(KILL - 100 * MS, result="reset", node="-")
        self.complains(r"a request \(\w+\) failed \(reset\) from 3\.9.* when no switch was going on")

    def test_failure_after_the_first_packet(self):
        self.run_.spoil(KILL + 61 * MS, result="refused", node="-")
        self.complains(r"failed \(refused\) from 4\.06.* when no switch was going on")

    def test_failure_that_was_open_before(self):
        # It began before the first packet and ended long after: that is allowed.
        self.run_.spoil(KILL + 40 * MS, result="timeout", end=KILL + 5 * SECOND)
        self.assertEqual(self.run_.problems(), [])

    def test_every_kind_of_failure(self):
        for result in judge.RESULTS[1:]:
            self.run_ = MadeUp()
            self.run_.spoil(8 * SECOND, result=result, node="-")
            self.complains(rf"failed \({result}\)")

    def test_window_at_its_bound(self):
        late = BOUND + judge.ALLOWANCE
        self.run_.events[2]["first_packet"] = KILL + late
        self.assertEqual(self.run_.problems(), [])
        self.run_.events[2]["first_packet"] += 1
        self.complains("kill: from cause to first packet 120.000 ms, more than 70.000 ms and 50.000 ms")

    def late(self, *gaps):
        """A first packet that is too late, and these times in which the machine stood still."""
        self.run_.events[2]["first_packet"] = KILL + BOUND + judge.ALLOWANCE + 1
        self.run_.story["gaps"] = gaps
        return self.run_.judged()

    def test_late_while_the_machine_stood_still(self):
        judged = self.late((KILL + 20 * MS, KILL + 20 * MS + judge.STALL))
        self.assertRegex("\n".join(judged.problems), "kill: from cause to first packet")
        self.assertTrue(judged.spoiled)

    def test_late_and_the_machine_stood_still_at_another_time(self):
        self.assertFalse(self.late((KILL - judge.STALL, KILL)).spoiled)
        self.assertFalse(self.late((8 * SECOND, 9 * SECOND)).spoiled)

    def test_late_and_the_machine_stood_still_for_a_moment_only(self):
        self.assertFalse(self.late((KILL + 20 * MS, KILL + 20 * MS + judge.STALL - 1)).spoiled)

    def test_wrong_whether_the_machine_stood_still_or_not(self):
        self.run_.events[1]["cause"] = "admin"
        self.assertFalse(self.late((KILL + 20 * MS, KILL + 20 * MS + judge.STALL)).spoiled)

    def test_good_though_the_machine_stood_still(self):
        self.run_.story["gaps"] = [(BEGIN, END)]
        judged = self.run_.judged()
        self.assertEqual((judged.problems, judged.spoiled), ([], False))

    def test_no_first_packet(self):
        del self.run_.events[2]
        self.complains("kill: no packet took a new way to n2")

    def test_first_packet_after_the_next_act(self):
        self.run_.events[2]["first_packet"] = BACK + MS
        self.complains("kill: no packet took a new way to n2")

    def test_wrong_cause(self):
        self.run_.events[1]["cause"] = "admin"
        self.complains(r"kill: the switch came from node n1 \(cause admin\)")

    def test_another_node_was_the_cause(self):
        self.run_.events[1]["node"] = "n3"
        self.complains(r"kill: the switch came from node n3")

    def test_event_missing(self):
        del self.run_.events[1]
        self.complains("kill: the switch came from an event that is not there")

    def test_stamps_out_of_order(self):
        self.run_.events[2]["decision"] = KILL - MS
        self.complains("kill: its stamps are out of order")

    def test_service_moved_by_itself(self):
        self.run_.events.append(MadeUp.first(12, "n3", 8, 9 * SECOND, 9 * SECOND))
        self.complains(r"at 9\.0+ the service moved to n3, for no reason")

    def test_service_moved_since_the_machine_stood_still(self):
        run = self.run_
        run.events.append(MadeUp.first(12, "n3", 8, 9 * SECOND, 9 * SECOND))
        run.spoil(9 * SECOND + 1, node="n3")
        self.assertFalse(run.judged().spoiled)
        run.story["gaps"] = [(9 * SECOND - 100 * MS, 9 * SECOND - 40 * MS)]
        self.assertTrue(run.judged().spoiled)
        # Before it had moved, no gap is to blame.
        run.spoil(9 * SECOND - 500 * MS, node="n3")
        self.assertFalse(run.judged().spoiled)

    def test_kept_connection_reset_at_a_switch(self):
        self.run_.spoil(KILL + 100 * MS, reset=KILL + 101 * MS, opened=BEGIN)
        self.assertEqual(self.run_.problems(), [])

    def test_kept_connection_reset_before_any_switch(self):
        self.run_.spoil(KILL - 500 * MS, reset=KILL - 499 * MS, opened=BEGIN)
        self.complains("a kept connection, open since 1.0+, was dead at 3.501")

    def test_kept_connection_opened_after_the_switch(self):
        self.run_.spoil(KILL + 500 * MS, reset=KILL + 501 * MS, opened=KILL + 100 * MS)
        self.complains("a kept connection, open since 4.10+, was dead at 4.501")

    def test_served_by_another_node(self):
        self.run_.spoil(KILL + 500 * MS, node="n3")
        self.complains("after \"kill\" 1 requests were served by n3, not by n2")

    def test_served_before_it_was_published(self):
        self.run_.spoil(KILL + 20 * MS, result="served", node="n2")
        self.complains("kill: 1 requests were served by n2 before the switch was published")

    def test_answer_that_was_late(self):
        # n1 had it before it went away, and got it out when it was back: it is an answer to what had begun before.
        self.run_.spoil(KILL - MS, end=BACK + 100 * MS)
        self.assertEqual(self.run_.problems(), [])

    def test_too_slow(self):
        self.run_.requests = [r for i, r in enumerate(self.run_.requests) if i % 4 > 1]
        self.complains(r"12\d requests a second were served, fewer than 200")

    def test_one_kind_only(self):
        self.run_.requests = [r._replace(kind="new") for r in self.run_.requests]
        self.complains("fewer than 20% of the requests were served on kept connections")
        self.complains("after \"kill\" only 0 requests were served on kept connections")

    def test_traffic_stopped(self):
        self.run_.requests = [r for r in self.run_.requests if not 5 * SECOND < r.start < 6.2 * SECOND]
        self.complains(r"no request was answered for 12\d\d\.\d+ ms from 5\.")

    def test_traffic_did_not_come_back(self):
        self.run_.requests = [r for r in self.run_.requests if r.start < BACK + 300 * MS]
        self.complains("after \"back\" only 0 requests were served on new connections")

    def test_logs_that_are_not_whole(self):
        good = "new 5 9 served n1 5 0"
        self.assertEqual(judge.read_requests([good]), [judge.Request("new", 5, 9, "served", "n1", 5, 0)])
        for bad in ("", "new 5 9 served n1 5", "old 5 9 served n1 5 0", "new 9 5 served n1 5 0", "new 5 9 fine n1 5 0",
                    "new x 9 served n1 5 0"):
            with self.assertRaisesRegex(ValueError, "requests:2: no request"):
                judge.read_requests([good, bad])


class Compared(unittest.TestCase):
    """A table of made-up faults, of which each test spoils one. Every fault is 100 ms without an answer, 2 s long."""

    def setUp(self):
        self.faults, self.requests, self.owners = [], {}, []
        for number, (side, name) in enumerate((side, name) for side in compare.SIDES for name in compare.FAULTS):
            at = (number * 10 + 10) * SECOND
            self.faults.append(compare.Fault(side, name, at, at + 2 * SECOND, "lb2",
                                             150 * MS if side == "haswitch" else None,
                                             name == "moved", f"{number}.log"))
            self.requests[f"{number}.log"] = [
                judge.Request("new", start, start + TAKES, "served", "web1", start, 0)
                for start in range(at - SECOND, at + 3 * SECOND, STEP) if not at <= start < at + 100 * MS]
            self.owners += [(t, ("lb1",) if t < at + 50 * MS else () if t < at + 100 * MS else ("lb2",))
                            for t in range(at - 20 * MS, at + 2 * SECOND, 20 * MS)]

    def rows(self):
        return [compare.row(f, self.requests[f.log], self.owners) for f in self.faults]

    def problems(self):
        return compare.Comparison(self.rows(), []).problems

    def complains(self, pattern):
        problems = self.problems()
        self.assertEqual(len(problems), 1, problems)
        self.assertRegex(problems[0], pattern)

    def spoil(self, number, **change):
        self.faults[number] = self.faults[number]._replace(**change)

    def ask(self, number, after, names):
        """Who answers a question that is asked so long after a cause, instead of what was answered."""
        at = self.faults[number].at + after
        self.owners = [(t, names if t == at else was) for t, was in self.owners]

    def lose(self, number, after):
        """The first request that begins then fails."""
        requests = self.requests[f"{number}.log"]
        i = next(i for i, r in enumerate(requests) if r.start >= self.faults[number].at + after)
        requests[i] = requests[i]._replace(result="reset", node="-")

    def test_good(self):
        self.assertEqual(self.problems(), [])

    def test_row(self):
        self.lose(2, 0)
        row = self.rows()[2]
        # The last answer before was 3 ms before the cause; the one that was lost would have been the first after it.
        self.assertEqual((row.window, row.lost, row.most, row.last), (108 * MS, 1, 1, ("lb2",)))
        self.assertEqual(compare.cell(row), ("108 ms", "1", "no"))

    def test_table(self):
        self.ask(8, SECOND, ("lb1", "lb2"))
        lines = compare.table(self.rows())
        self.assertEqual(len(lines), 1 + len(compare.FAULTS))
        self.assertRegex(lines[4], r"^the holder's program hangs \(SIGSTOP\) +104 ms +0 +no +104 ms +0 +YES$")

    def test_window(self):
        self.spoil(0, bound=104 * MS)
        self.assertEqual(self.problems(), [])
        self.spoil(0, bound=104 * MS - 1)
        self.complains("haswitch, a web server loses its power: no answer for 104.000 ms, more than 104.000 ms")

    def test_window_without_a_bound(self):
        self.spoil(2, bound=None)
        self.complains("haswitch, the holder loses its power: no answer for 104")

    def test_two_owners(self):
        self.ask(3, SECOND, ("lb1", "lb2"))
        self.complains(r"haswitch, the holder's program hangs \(SIGSTOP\): 2 machines answered for the vip at once")

    def test_two_owners_of_keepalived(self):
        self.ask(8, SECOND, ("lb1", "lb2"))
        self.assertEqual(self.problems(), [])

    def test_two_owners_when_nothing_was_done(self):
        self.ask(3, -20 * MS, ("lb1", "lb2"))
        self.assertEqual(self.problems(), [])

    def test_wrong_owner(self):
        for number, side in ((2, "haswitch"), (7, "keepalived")):
            self.setUp()
            self.ask(number, 2 * SECOND - 20 * MS, ("lb1",))
            self.complains(f"{side}, the holder loses its power: at the end lb1 answered for the vip, not lb2")

    def test_no_owner_at_the_end(self):
        self.ask(2, 2 * SECOND - 20 * MS, ())
        self.complains("at the end nobody answered for the vip")

    def test_nobody_asked(self):
        self.owners = [(t, names) for t, names in self.owners if not 30 * SECOND <= t < 40 * SECOND]
        self.assertRegex(self.problems()[0], "haswitch, the holder loses its power: nobody was seen to answer")

    def test_planned(self):
        self.lose(4, 0)
        self.complains("haswitch, the holder is moved on purpose: 1 requests were lost")

    def test_lost_where_nothing_was_planned(self):
        self.lose(2, 0)
        self.lose(9, 0)
        self.assertEqual(self.problems(), [])

    def test_service_is_not_back(self):
        log = self.requests["6.log"]
        self.requests["6.log"] = [r for r in log if r.end < self.faults[6].end - SECOND]
        self.complains("keepalived, its web server program is killed: no answer for 100[0-9].* at the end")

    def test_fault_missing_or_told_twice(self):
        self.faults.append(self.faults.pop(3)._replace(name="power"))
        self.assertEqual(self.problems(), ["haswitch power: 2 records", "haswitch stopped: 0 records"])

    def test_owners_that_are_not_whole(self):
        self.assertEqual(compare.read_owners(["5 - lb1", "6 lb1,lb2 -"]), [(5, ()), (6, ("lb1", "lb2"))])
        for bad in ("", "5 lb1", "x lb1 -"):
            with self.assertRaisesRegex(ValueError, "owners:1: no answer"):
                compare.read_owners([bad])


if __name__ == "__main__":
    unittest.main()
