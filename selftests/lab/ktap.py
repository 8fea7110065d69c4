# SPDX-License-Identifier: GPL-2.0
"""Reads KTAP: how many test points of an output passed, failed and were skipped, and whether it is complete."""
import re

RESULT = re.compile(r"^( *)(not )?ok (\d+)\b *(.*)$")
PLAN = re.compile(r"^( *)1\.\.(\d+)(.*)$")
VERSION = re.compile(r"^ *K?TAP version \d+")
SHOWN = 16              # lines of explanation kept of a failed point, of its beginning and of its end


class Points:
    """The sums of an output, with a line for each failure and what it was explained by."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.details = []

    def fail(self, text):
        self.failed += 1
        self.details.append(text)

    def explain(self, lines):
        """The explanation of the failure told last. What went wrong may stand at its beginning or at its end."""
        half = SHOWN // 2
        left_out = len(lines) - SHOWN
        self.details += lines if left_out <= 0 else [*lines[:half], f"# ... {left_out} more lines", *lines[-half:]]


class Block:
    """One level of an output: a plan and the results that it announced."""

    def __init__(self):
        self.planned = None
        self.results = 0


def _close(block, points):
    if block.planned is None:
        if block.results:
            points.fail("no plan: the output may have been cut off")
    elif block.planned != block.results:
        points.fail(f"{block.planned} points planned, {block.results} made")


def count_ktap(text, points, may_be_empty):
    """Counts the leaves: a result line below which indented results came is their sum, not a point of its own."""
    block, top = Block(), True
    inner = None            # [depth, any failed] of results deeper than the ones at the top
    seen = False
    explanation = None      # lines of comment below a failed point
    for line in [*text.splitlines(), ""]:
        if line.startswith("#"):
            if explanation is not None:
                explanation.append(line)
            continue
        points.explain(explanation or [])
        explanation = None
        if match := PLAN.match(line):
            if match[1]:
                continue
            seen = True
            if block.planned is not None:
                _close(block, points)
                block = Block()
            block.planned = int(match[2])
            if block.planned == 0 and "skip" in match[3].lower():
                points.skipped += 1
        elif VERSION.match(line):
            continue
        elif line.startswith("Bail out!"):
            points.fail(line)
        elif match := RESULT.match(line):
            seen = True
            depth, bad, words = len(match[1]), bool(match[2]), match[4]
            top = depth == 0
            if top:
                block.results += 1
            if inner and depth < inner[0]:
                # The sum of what was counted already; it may still tell of a failure of its own.
                if bad and not inner[1]:
                    points.fail(line.strip())
                inner = [depth, bad or inner[1]] if depth else None
                continue
            if depth:
                inner = [depth, bad or bool(inner and inner[1])]
            if "# skip" in words.lower():
                points.skipped += 1
            elif bad:
                points.fail(line.strip())
                explanation = []
            else:
                points.passed += 1
    _close(block, points)
    if not seen and not may_be_empty:
        points.fail("no test result at all")


def count(text, code, is_ktap):
    """The points of one check that wrote TEXT and exited with CODE (0 pass, 4 skip)."""
    points = Points()
    if is_ktap:
        count_ktap(text, points, code == 4)
        verdict = next((line for line in reversed(text.splitlines()) if line.startswith("# lab: ")), "")
        if code == 4 and not points.skipped:
            points.skipped += 1
        elif code not in (0, 4) and (not points.failed or code in (124, 125, 126)):
            points.fail(verdict[2:] or f"exit code {code}")
            # What the guest's kernel said, which lab/run puts before its verdict.
            told = [line for line in text.splitlines() if line.startswith("# log: ")]
            points.details += [line for line in told[:SHOWN] if line not in points.details]
    elif code == 0:
        points.passed = 1
    elif code == 4:
        points.skipped = 1
    else:
        points.fail(f"exit code {code}")
        points.details += text.splitlines()[-12:]
    return points


def total(parts):
    """The sum of several outputs."""
    points = Points()
    for part in parts:
        points.passed += part.passed
        points.failed += part.failed
        points.skipped += part.skipped
        points.details += part.details
    return points
