#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Proves lab/ktap.py: what counts as a point, and that a cut off or lying output never passes."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import ktap  # noqa: E402

# name, exit code, output, (passed, failed, skipped)
CASES = [
    ("all pass", 0, "TAP version 13\n1..2\nok 1 a\nok 2 - b\n", (2, 0, 0)),
    ("plan at the end", 0, "TAP version 13\nok 1 a\nok 2 b\n1..2\n", (2, 0, 0)),
    ("one fails", 1, "TAP version 13\n1..2\nok 1 a\nnot ok 2 b\n", (1, 1, 0)),
    ("one fails though the exit code is 0", 0, "1..1\nnot ok 1 b\n", (0, 1, 0)),
    ("one skips", 0, "1..2\nok 1 a\nok 2 b # SKIP no such device\n", (1, 0, 1)),
    ("all skip", 4, "1..0 # SKIP needs root\n", (0, 0, 1)),
    ("exit 4 without a word", 4, "", (0, 0, 1)),
    ("nothing at all", 0, "", (0, 1, 0)),
    ("only talk", 0, "it is ok 1 time\n# ok 1 no result\n", (0, 1, 0)),
    ("cut off before the plan", 0, "TAP version 13\nok 1 a\n", (1, 1, 0)),
    ("fewer than planned", 0, "1..3\nok 1 a\nok 2 b\n", (2, 1, 0)),
    ("more than planned", 0, "1..1\nok 1 a\nok 2 b\n", (2, 1, 0)),
    ("passes, but exits 1", 1, "1..1\nok 1 a\n", (1, 1, 0)),
    ("passes, but the kernel log has a report", 125, "1..1\nok 1 a\n# lab: kernel log: x.sh\n", (1, 1, 0)),
    ("fails, and the kernel log has a report", 125, "1..1\nnot ok 1 a\n# lab: kernel log: x.sh\n", (0, 2, 0)),
    ("bail out", 0, "1..2\nok 1 a\nBail out! no memory\n", (1, 2, 0)),
    ("nested, passing", 0, "1..1\n    1..2\n    ok 1 a\n    ok 2 b\nok 1 suite\n", (2, 0, 0)),
    ("nested, failing", 1, "1..1\n    1..2\n    ok 1 a\n    not ok 2 b\nnot ok 1 suite\n", (1, 1, 0)),
    ("nested, the suite fails alone", 1, "1..1\n    1..1\n    ok 1 a\nnot ok 1 suite\n", (1, 1, 0)),
    ("nested twice", 0, "1..1\n        ok 1 p\n        ok 2 q\n    ok 1 a\n    ok 2 b\nok 1 suite\n", (3, 0, 0)),
    ("a leaf after a suite", 0, "1..2\n    ok 1 a\nok 1 suite\nok 2 leaf\n", (2, 0, 0)),
    ("two outputs in a row", 0, "1..1\nok 1 a\n1..2\nok 1 b\nok 2 c\n", (3, 0, 0)),
    ("two outputs, the first one cut off", 0, "1..2\nok 1 a\n1..1\nok 1 b\n", (2, 1, 0)),
]


# A failed point's explanation is shown with it, and no other lines; and what the kernel said, once.
EXPLAINED = [
    ("a failure is explained", 1, "1..3\n# before\nok 1 a\n# of a\nnot ok 2 b\n# of b\n# too\nok 3 c\n# of c\n",
     ["not ok 2 b", "# of b", "# too"]),
    ("a long explanation is shown by its beginning and its end", 1,
     "1..1\nnot ok 1 a\n" + "".join(f"# {n}\n" for n in range(20)),
     ["not ok 1 a", *(f"# {n}" for n in range(8)), "# ... 4 more lines", *(f"# {n}" for n in range(12, 20))]),
    ("a guest's end is explained", 125, "# log: Oops\n# log: panic\n# lab: kernel log: x.sh\n",
     ["no test result at all", "lab: kernel log: x.sh", "# log: Oops", "# log: panic"]),
    ("a guest's end is explained once only", 125, "1..1\nnot ok 1 a\n# log: Oops\n# lab: kernel log: x.sh\n",
     ["not ok 1 a", "# log: Oops", "# lab: kernel log: x.sh", "lab: kernel log: x.sh"]),
]


def main():
    print(f"TAP version 13\n1..{len(CASES) + len(EXPLAINED)}")
    bad = 0
    for number, (name, code, text, wanted) in enumerate(CASES, 1):
        points = ktap.count(text, code, True)
        got = (points.passed, points.failed, points.skipped)
        if got == wanted:
            print(f"ok {number} {name}")
        else:
            bad += 1
            print(f"not ok {number} {name}\n# got {got}, wanted {wanted}: {points.details}")
    for number, (name, code, text, wanted) in enumerate(EXPLAINED, len(CASES) + 1):
        details = ktap.count(text, code, True).details
        if details == wanted:
            print(f"ok {number} {name}")
        else:
            bad += 1
            print(f"not ok {number} {name}\n# got {details}, wanted {wanted}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
