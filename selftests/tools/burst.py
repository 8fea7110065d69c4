#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Judges what `haadm -j monitor` and an agent's journal have of a burst of events: each one, or that it is missing.

    burst.py FIRST LAST MONITOR ERRORS JOURNAL

FIRST and LAST are numbers of the module's events. MONITOR has an event a line, ERRORS what the monitor has said
besides; JOURNAL has the journal's lines, as `haadm -j journal` prints them. Notes are lines that begin with "#". The
exit code is 1 if an event is missing without a word.
"""
import json
import re
import sys


def spans(numbers):
    """Numbers as text, with "A-B" for those that follow each other."""
    found = []
    for number in sorted(numbers):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return [f"{a}-{b}" for a, b in found[:10]]


def monitor(first, last, events, errors):
    wanted, before, fine = set(range(first, last + 1)), 0, True
    with open(events, encoding="utf-8") as lines:
        for line in lines:
            seq = json.loads(line)["seq"]
            if seq <= before:
                print(f"the monitor has event {seq} behind {before}")
                fine = False
            before = seq
            wanted.discard(seq)
    missing = len(wanted)
    with open(errors, encoding="utf-8") as lines:
        for begin, end in re.findall(r"events (\d+) to (\d+) are lost", lines.read()):
            wanted -= set(range(int(begin), int(end) + 1))
    print(f"# the monitor has {last - first + 1 - missing} of {last - first + 1} events,",
          f"and names {missing - len(wanted)}")
    if wanted:
        print("the monitor does not name", spans(wanted))
    return fine and not wanted


def journal(first, last, path):
    wanted, numbers = set(range(first, last + 1)), set()
    named = lost = 0
    with open(path, encoding="utf-8") as file:
        lines = json.load(file)
    for line in lines:
        if "seq" in line:
            numbers.add(line["seq"])
        wanted.discard(line.get("event"))
        if line["kind"] == "missed":
            missed = wanted & set(range(line["first"], line["last"] + 1))
            named += len(missed)
            wanted -= missed
        elif line["kind"] == "lost":
            numbers |= set(range(line["first"], line["first"] + line["lines"]))
            lost += line["lines"]
    unknown = set(range(min(numbers), max(numbers) + 1)) - numbers
    print(f"# the journal has {last - first + 1 - named - len(wanted)} of them, names {named} that did not come, and",
          f"says that {lost} lines are lost")
    if unknown:
        print("lines of the journal are missing without a word:", spans(unknown))
    if len(wanted) > lost:
        print("events are in no line:", spans(wanted))
    return not unknown and len(wanted) <= lost


def main():
    first, last = int(sys.argv[1]), int(sys.argv[2])
    fine = monitor(first, last, sys.argv[3], sys.argv[4])
    fine = journal(first, last, sys.argv[5]) and fine
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
