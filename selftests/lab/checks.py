# SPDX-License-Identifier: GPL-2.0
"""Reads checks.list: which check runs on which kernel, at which commit, and for how many seconds of CPU."""
import json
import os
import pathlib
import re
import shlex
import statistics
import subprocess
import sys
import zlib

REPO = pathlib.Path(__file__).resolve().parent.parent.parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "haswitch"
SPEED = CACHE / "check-speed"   # how slow this machine was when last enough checks told it
COSTS = REPO / "build" / "check-costs.json"     # what each check took in this clone, when it passed last
PROVED = CACHE / "check-commit"                 # the last commit whose whole `make check` passed on this machine
UNKNOWN = "nothing is known to have passed"
TURNS = 3           # a check runs on each of its further kernels once in so many commits
SALT = "139:"        # with it the turns of November 2026 cost about the same; another one may later
BUDGET = 3000       # seconds of CPU for all checks of one commit
SMALL = 5.0         # seconds of CPU from which a check tells something of a machine's speed
ENOUGH = 10         # so many of them tell it
KERNEL = re.compile(r"(\+{0,2})([a-z0-9-]+):([0-9.]+)(?:/([0-9.]+))?")


class Check:
    """One check on one kernel: a line of the list makes one for each of its kernels."""

    def __init__(self, group, tier, kernel, needs, limit, kind, command):
        self.group, self.tier, self.kernel, self.kind, self.command = group, tier, kernel, kind, command
        self.name = group
        self.limit = limit
        self.options = {n for n in needs if n in ("alone", "varies") or n.startswith("boot:")}
        self.needs = [n for n in needs if n not in self.options]
        self.further = False        # a further kernel: taken in turn
        self.rare = False           # a kernel of make check-long alone
        self.cpu = self.wall = 0.0  # what it usually takes, in seconds

    @property
    def boot(self):
        """The name of the boot that this check shares with others, or None."""
        return next((o.removeprefix("boot:") for o in self.options if o.startswith("boot:")), None)

    @property
    def alone(self):
        """True for a check that measures what others on the machine would spoil."""
        return "alone" in self.options

    @property
    def varies(self):
        """True for a check whose seconds depend on what the caches have."""
        return "varies" in self.options

    @property
    def turn(self):
        """Which of TURNS commits takes this check, when its kernel is a further one; the same for all of a boot."""
        return zlib.crc32(f"{SALT}{self.boot or self.group}@{self.kernel}".encode()) % TURNS

    def guest_command(self):
        """The options for lab/run and the script with its arguments."""
        if "--" not in self.command:
            return [], self.command
        split = self.command.index("--")
        return self.command[:split], self.command[split + 1:]


def _line(words):
    """The checks of one line of the list."""
    group, tier, kernels, needs, limit, kind = words[:6]
    assert tier in ("quick", "check", "long") and kind in ("ktap", "plain") and words[6:]
    found = [KERNEL.fullmatch(k) for k in kernels.split(",")]
    assert all(found)
    for match in found:
        check = Check(group, tier, match[2], [] if needs == "-" else needs.split(","), int(limit), kind, words[6:])
        if len(found) > 1:
            check.name = f"{group}@{check.kernel}"
        check.further = match[1] == "+"
        check.rare = match[1] == "++"
        check.cpu = float(match[3])
        check.wall = float(match[4] or match[3])
        assert check.cpu > 0 and check.wall > 0 and (tier == "check" or not match[1])
        yield check


def read_list(path):
    """All checks of a list. Ends the program with the line's number where a line is wrong."""
    checks = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        words = shlex.split(line, comments=True)
        if not words:
            continue
        try:
            checks += _line(words)
        except (ValueError, AssertionError):
            sys.exit(f"{path}:{number}: wanted NAME TIER [+|++]KERNEL:CPU[/WALL],... NEEDS LIMIT KIND COMMAND...")
    names = [c.name for c in checks]
    twice = {n for n in names if names.count(n) > 1}
    if twice:
        sys.exit(f"{path}: more than once: {', '.join(sorted(twice))}")
    return checks


def _git(*words):
    done = subprocess.run(["git", "-C", str(REPO), *words], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def turn_now():
    """Which turn HEAD has: commits are counted, so any three in a row take each check on each of its kernels. A merge
    counts as one."""
    if _git("rev-parse", "--is-shallow-repository") == "true":
        # The commits before are not there to be counted.
        return int(_git("rev-parse", "HEAD^{tree}")[:8] or "0", 16) % TURNS
    return int(_git("rev-list", "--count", "--first-parent", "HEAD") or 0) % TURNS


def code_differs(before, path):
    """Does the file have other code than that text? Comments and spaces of C are none."""
    now = path.read_text() if path.exists() else ""
    if path.suffix in (".c", ".h"):
        before, now = (" ".join(re.sub(r"/\*.*?\*/", " ", text, flags=re.S).split()) for text in (before, now))
    return before.strip() != now.strip()


def all_kernels_because():
    """Why every check has to run on all of its kernels, or an empty string."""
    proved = PROVED.read_text().strip() if PROVED.exists() else ""
    if not proved or _git("merge-base", proved, "HEAD") != proved:
        proved = _git("rev-parse", "--verify", "-q", f"HEAD~{TURNS}")
    if not proved:
        return UNKNOWN
    changed = _git("diff", "--name-only", proved, "--", "Kbuild", "kmod/compat/*.[ch]").split()
    changed = [c for c in changed if code_differs(_git("show", f"{proved}:{c}"), REPO / c)]
    return f"{changed[0]} has changed since {proved[:12]}" if changed else ""


def select(checks, tiers, turn, everything):
    """The checks of these tiers. Of further kernels: those whose turn it is, or all because of `everything`; all in
    tier long. Those of tier long alone run in tier check where compat has changed, too."""
    def wanted(check):
        if check.rare:
            return "long" in tiers or "check" in tiers and everything not in ("", "-a", UNKNOWN)
        if not check.further:
            return check.tier in tiers
        return "long" in tiers or "check" in tiers and (everything or check.turn == turn)
    return [c for c in checks if wanted(c)]


def costs():
    """What was measured: {name: {"cpu": seconds, "wall": seconds}}."""
    try:
        return json.loads(COSTS.read_text())
    except (OSError, ValueError):
        return {}


def speed(took):
    """How many seconds of this machine are one of the list's, from pairs of a check and its seconds of CPU here; None
    while too few checks tell."""
    ratios = [cpu / check.cpu for check, cpu in took if check.cpu >= SMALL]
    return statistics.median(ratios) if len(ratios) >= ENOUGH else None


def speed_before():
    """What speed() was in the last run on this machine, of any clone; None: not known."""
    try:
        found = float(SPEED.read_text())
    except (OSError, ValueError):
        return None
    return found if 0 < found < 1000 else None


def save_speed(factor):
    """Notes it for the next run."""
    CACHE.mkdir(parents=True, exist_ok=True)
    partial = SPEED.with_suffix(f".{os.getpid()}")
    partial.write_text(f"{factor:.2f}\n")
    partial.replace(SPEED)


def save_costs(new):
    """Adds what was measured to what is known."""
    if not new:
        return
    COSTS.parent.mkdir(parents=True, exist_ok=True)
    known = costs()
    known.update(new)
    partial = COSTS.with_suffix(f".{os.getpid()}")
    partial.write_text(json.dumps(known, indent=1, sort_keys=True))
    partial.replace(COSTS)


def save_proved():
    """Notes that all checks of HEAD passed, unless the files were others than HEAD's."""
    if _git("status", "--porcelain", "--untracked-files=no"):
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    PROVED.write_text(_git("rev-parse", "HEAD") + "\n")
