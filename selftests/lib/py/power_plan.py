# SPDX-License-Identifier: GPL-2.0
"""What a seed does to machines of power.py: a fault or two, with their times.
The same seed has the same in every run."""
import collections
import random

MS = 10**6
NAMES = ("a", "b", "c")
HOLDER = "holder"       # who has answered last when the fault comes
Fault = collections.namedtuple("Fault", "at lasts kind who detail")

# How often each kind is drawn, and for how long it lasts, ms.
KINDS = {
    "power": (3, 0, 0),             # SIGKILL of the kernel and all its processes, and a new boot
    "pause": (8, 50, 2000),         # SIGSTOP of the kernel, then SIGCONT
    "cut": (5, 20, 2000),           # nothing passes the port, one way or both
    "loss": (3, 200, 1500),         # some frames do not
    # frames to it are late, and then it is stopped: answers to what it asked wait for it
    "lag": (4, 200, 1000),
    # frames to it are late, and then only clients hear it: what counts is when it asked, not when it was answered
    "late": (2, 200, 600),
    "move": (2, 0, 0),              # the operator has another one hold the lease
    "panic": (1, 0, 0),             # the kernel panics, and boots again; these know that they go: see power_goes.py
    "force": (1, 0, 0),             # `reboot -f`
    "reboot": (1, 0, 0),            # `reboot`, by systemd
    "term": (1, 0, 0),              # `reboot`, by an init that only has processes end
}
# What a machine boots after.
BOOTS = ("power", "panic", "force", "reboot", "term")
WAYS = (("in",), ("out",), ("in", "out"))


def draw_fault(rng, at, kind, whole=0.75):
    _, least, most = KINDS[kind]
    lasts = int(least * (most / least) ** rng.random() * MS) if most else 0
    who = HOLDER if kind in ("lag", "late", "move", *BOOTS[1:]) or rng.random() < whole else rng.choice(NAMES)
    detail = {}
    if kind in ("cut", "loss"):
        detail["ways"] = rng.choice(WAYS)
    if kind == "loss":
        detail["part"] = round(rng.uniform(0.1, 0.7), 2)
    if kind == "lag":
        detail["delay"], detail["for"] = int(rng.uniform(30, 80) * MS), int(rng.uniform(150, 400) * MS)
    if kind == "late":
        # With more it could not hold the lease at all, with less nothing shows.
        detail["delay"], detail["for"] = int(rng.uniform(35, 60) * MS), int(rng.uniform(150, 400) * MS)
    return Fault(at, lasts, kind, who, detail)


def draw(seed, only=()):
    """The faults of a seed: mostly one, else a second while the first lasts, or soon after."""
    rng = random.Random(f"power {seed}")
    names, weights = list(KINDS), [often for often, _, _ in KINDS.values()]
    pick = (lambda: rng.choice(only)) if only else (lambda: rng.choices(names, weights)[0])
    # Faults do not keep step with renewals.
    faults = [draw_fault(rng, int(rng.uniform(0, 200) * MS), pick())]
    if rng.random() < 0.35:
        kind = pick()
        # One machine at a time boots: of two there would be nothing to judge.
        if kind not in BOOTS or faults[0].kind not in BOOTS:
            faults.append(draw_fault(rng, faults[0].at + int(rng.uniform(0, 500) * MS), kind, 0.5))
    return faults


def lines(seed, faults):
    """A plan for people."""
    for fault in faults:
        yield (f"seed {seed}: at {fault.at / MS:.0f} ms {fault.kind} of {fault.who}"
               + (f" for {fault.lasts / MS:.0f} ms" if fault.lasts else "")
               + "".join(f" {key}={value}" for key, value in fault.detail.items()))


def seeds(words):
    """Seeds out of words as 7 and 1-60."""
    for word in words:
        first, _, last = word.partition("-")
        yield from range(int(first), int(last or first) + 1)
