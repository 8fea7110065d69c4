# SPDX-License-Identifier: GPL-2.0
"""The demo's last table: the same faults, by haswitch and by keepalived, from what a client has recorded.

    python3 compare.py DIR     judges the records of an earlier run; exit 0 only if there is nothing to complain about

Nothing here looks at a clock or a process, so that made-up records can be judged as well. Times are CLOCK_BOOTTIME, ns.
"""
import collections
import json
import sys

import judge

SIDES = ("haswitch", "keepalived")
FAULTS = {"server": "a web server loses its power", "process": "its web server program is killed",
          "power": "the holder loses its power", "stopped": "the holder's program hangs (SIGSTOP)",
          "moved": "the holder is moved on purpose"}

QUIET = judge.SECOND // 2   # without an answer just before a fault is undone

# A fault that was caused at `at`, and undone after `end`, when `owner` must own the vip. `bound`: the longest time
# without an answer, or None: it is told, and not judged. `log` has the requests. `planned`: no request may fail.
Fault = collections.namedtuple("Fault", "side name at end owner bound planned log")

# What came of it: the longest time without an answer, that at the end, requests lost and asked, the most owners at
# once, and the last ones.
Row = collections.namedtuple("Row", "fault window quiet lost asked most last")


def read_owners(lines):
    """[(when it was asked, names of those who answered)]"""
    asked = []
    for number, line in enumerate(lines, 1):
        words = line.split()
        if len(words) != 3 or not words[0].isdigit():
            raise ValueError(f"owners:{number}: no answer: {line.strip()!r}")
        asked.append((int(words[0]), () if words[1] == "-" else tuple(words[1].split(","))))
    return asked


def window(fault, requests):
    """(length, when it began) of the longest time without an answer because of a fault."""
    before = [r.end for r in requests if r.result == "served" and r.end <= fault.at]
    return judge.longest_pause(requests, max(before, default=fault.at), fault.end)


def row(fault, requests, owners):
    """What came of a fault. Its requests are those that were open at some time between cause and end."""
    mine = [r for r in requests if r.end >= fault.at and r.start <= fault.end]
    answered = [r.end for r in requests if r.result == "served" and fault.at <= r.end <= fault.end]
    seen = [names for at, names in owners if fault.at <= at <= fault.end]
    return Row(fault, window(fault, requests)[0], fault.end - max(answered, default=fault.at),
               sum(r.result != "served" for r in mine), len(mine),
               max((len(names) for names in seen), default=0), seen[-1] if seen else ())


class Comparison(judge.Complaints):
    """All complaints about the rows; none: what the table says is good."""

    def __init__(self, rows, gaps):
        super().__init__(gaps)
        self.rows = rows
        told = [(r.fault.side, r.fault.name) for r in rows]
        for wanted in [(side, name) for side in SIDES for name in FAULTS]:
            if told.count(wanted) != 1:
                self.complain(f"{' '.join(wanted)}: {told.count(wanted)} records")
        for r in rows:
            self.judge(r, f"{r.fault.side}, {FAULTS[r.fault.name]}:")

    def judge(self, r, what):
        fault, span = r.fault, (r.fault.at, r.fault.end)
        if not r.most:
            self.complain(f"{what} nobody was seen to answer for the vip", *span)
        if r.quiet > QUIET:
            self.complain(f"{what} no answer for {judge.short(r.quiet)} at the end", *span)
        if fault.owner not in r.last:
            last = " and ".join(r.last) or "nobody"
            self.complain(f"{what} at the end {last} answered for the vip, not {fault.owner}", *span)
        if fault.side != "haswitch":
            return
        if r.most > 1:
            # No stall may cause that.
            self.complain(f"{what} {r.most} machines answered for the vip at once")
        if fault.bound is None or r.window > fault.bound:
            self.complain(f"{what} no answer for {judge.short(r.window)}, more than {judge.short(fault.bound or 0)}",
                          *span)
        if fault.planned and r.lost:
            self.complain(f"{what} {r.lost} requests were lost", *span)


def cell(r):
    """Window, requests lost, two owners."""
    ms = r.window / judge.MS
    return (f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:.1f} s"), str(r.lost), "YES" if r.most > 1 else "no"


def table(rows):
    """The lines of the table."""
    by = {(r.fault.side, r.fault.name): r for r in rows}
    head = ["fault", "haswitch", "lost", "two owners", "keepalived", "lost", "two owners"]
    lines = [head] + [[text] +
                      [word for side in SIDES for word in (cell(by[side, name]) if (side, name) in by else ("?",) * 3)]
                      for name, text in FAULTS.items()]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return ["  ".join([line[0].ljust(widths[0])] + [word.rjust(width) for word, width in zip(line[1:], widths[1:])])
            for line in lines]


def compare(directory):
    """Reads the records in a directory, and judges them."""
    with open(f"{directory}/faults.json", encoding="utf-8") as file:
        told = json.load(file)
    with open(f"{directory}/owners.log", encoding="ascii") as file:
        owners = read_owners(file)
    requests = {}
    faults = [Fault(**fault) for fault in told["faults"]]
    for log in {fault.log for fault in faults}:
        with open(f"{directory}/{log}", encoding="utf-8") as file:
            requests[log] = judge.read_requests(file)
    return Comparison([row(fault, requests[fault.log], owners) for fault in faults], told["gaps"])


if __name__ == "__main__":
    verdict = compare(sys.argv[1])
    print("\n".join(table(verdict.rows) + verdict.problems))
    sys.exit(1 if verdict.problems else 0)
