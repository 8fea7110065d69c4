# SPDX-License-Identifier: GPL-2.0
"""Judges a run of the demo by what was recorded: the story told, the module's events, every client's request.

    python3 judge.py DIR     judges the records of an earlier run; exit 0 only if there is nothing to complain about

Nothing here looks at a clock or a process, so that made-up runs can be judged as well. All times are
CLOCK_BOOTTIME, ns.
"""
import collections
import json
import sys

MS = 1_000_000
SECOND = 1000 * MS

LEAST_RATE = 200            # requests served a second
LEAST_SHARE = 0.2           # of them, of each kind of connection
LEAST_AFTER = 20            # requests of each kind that the new node must have served before the story goes on
LONGEST_PAUSE = SECOND      # without any answer, outside of a switch
ALLOWANCE = 50 * MS         # from the detection bound to the first packet
STALL = 60 * MS             # a machine that stands still for so long makes anything late

KINDS = ("new", "kept")
RESULTS = ("served", "refused", "reset", "closed", "timeout", "unreachable", "bad")

# A request as the load generator logs it.
Request = collections.namedtuple("Request", "kind start end result node opened reset")

# What the story did at `at`, so that the service moved from one node to another. A bound is for failures only:
# how long detection may take. `found` is how: (kind of event, its cause).
Act = collections.namedtuple("Act", "name at gone to bound found")

# What came of an act. `detected` is the module's decision stamp.
Switch = collections.namedtuple("Switch", "act event detected published first")

Counts = collections.namedtuple("Counts", "served failed reset pause")


class Story:
    """One whole run."""

    def __init__(self, begin, end, active, acts, gaps):
        self.begin, self.end, self.active, self.gaps = begin, end, active, gaps
        self.acts = [Act(**{**a, "found": [tuple(f) for f in a["found"]]}) for a in acts]

    @classmethod
    def load(cls, text):
        return cls(**json.loads(text))


def read_requests(lines):
    """The requests of a log; a line that is not whole is an error."""
    requests = []
    for number, line in enumerate(lines, 1):
        words = line.split()
        try:
            kind, start, end, result, node, opened, reset = words
            r = Request(kind, int(start), int(end), result, node, int(opened), int(reset))
            if kind not in KINDS or result not in RESULTS or not 0 < r.start <= r.end:
                raise ValueError
        except ValueError:
            raise ValueError(f"requests:{number}: no request: {line.strip()!r}") from None
        requests.append(r)
    return requests


def find_switch(act, events, until=None):
    """The switch that an act led to, or None: told by the first packet on the new way, and the event it refers to."""
    by_number = {e["seq"]: e for e in events}
    for e in events:
        if e["kind"] != "first-packet" or e["first_packet"] < act.at or e["node"] != act.to:
            continue
        if until is not None and e["first_packet"] >= until:
            return None
        return Switch(act, by_number.get(e["switch"]), e["decision"], e["publish"], e["first_packet"])
    return None


def longest_pause(requests, begin, end):
    """(length, when it began) of the longest time in which no request got its answer."""
    times = [begin] + sorted(r.end for r in requests if r.result == "served" and begin < r.end < end) + [end]
    return max(((b - a, a) for a, b in zip(times, times[1:])), default=(0, begin))


def count(switch, requests):
    """What became of the requests that were open at some moment between cause and first packet; and of the kept
    connections that were opened before it and turned out to be dead after it."""
    act, first = switch.act, switch.first
    open_then = [r for r in requests if r.start <= first and r.end >= act.at]
    served = sum(r.result == "served" for r in open_then)
    reset = sum(r.reset > 0 and died_of(r, switch) for r in requests)
    return Counts(served, len(open_then) - served, reset, pause_around(requests, switch))


def pause_around(requests, switch):
    """The longest time that clients at large waited for an answer because of a switch."""
    ends = sorted(r.end for r in requests if r.result == "served")
    before = [e for e in ends if e <= switch.act.at]
    after = [e for e in ends if e >= switch.first]
    if not before or not after:
        return None
    return longest_pause(requests, before[-1], after[0])[0]


def died_of(request, switch):
    """Could a kept connection be dead because of this switch: opened before it, found dead after the cause?"""
    return request.opened <= switch.first and request.reset >= switch.act.at


def covers(switch, request):
    return request.start <= switch.first and request.end >= switch.act.at


def short(ns):
    return f"{ns / MS:.3f} ms"


def when(ns):
    return f"{ns // SECOND}.{ns % SECOND:09d}"


class Complaints:
    """What is wrong, and whether it may all be because the machine stood still: gaps are (begin, end)."""

    def __init__(self, gaps):
        self.gaps = [(begin, end) for begin, end in gaps if end - begin >= STALL]
        self.problems, self.blamed = [], 0

    def complain(self, text, since=None, until=None):
        """What depends on time tells when it was: a gap then may be to blame for it."""
        self.problems.append(text)
        if since is not None and any(begin < until and end > since for begin, end in self.gaps):
            self.blamed += 1

    @property
    def spoiled(self):
        """Nothing is known: it has to be tried again."""
        return 0 < len(self.problems) == self.blamed


class Judge(Complaints):
    """All complaints about a run; none: it is good."""

    def __init__(self, story, events, requests):
        super().__init__(story.gaps)
        self.story, self.requests = story, requests
        self.events = sorted(events, key=lambda e: e["seq"])
        self.switches = []
        self.strayed = []       # when the service moved since the machine had stood still: (a second before, then)
        self.switches_found()
        self.switches_expected()
        self.windows()
        self.failures()
        self.resets()
        self.traffic()
        self.right_node()

    def ends_of_acts(self):
        acts = self.story.acts
        return [a.at for a in acts[1:]] + [self.story.end]

    def switches_found(self):
        if not self.story.acts:
            self.complain("nothing happened in this story")
        for act, until in zip(self.story.acts, self.ends_of_acts()):
            switch = find_switch(act, self.events, until)
            if switch is None:
                self.complain(f"{act.name}: no packet took a new way to {act.to}")
                continue
            self.switches.append(switch)
            if not act.at <= switch.detected <= switch.published <= switch.first:
                self.complain(f"{act.name}: its stamps are out of order: cause {when(act.at)}, detected "
                              f"{when(switch.detected)}, published {when(switch.published)}, first packet "
                              f"{when(switch.first)}")
            found = switch.event and (switch.event["kind"], switch.event["cause"])
            if found not in act.found or switch.event["node"] not in (act.gone, act.to):
                told = "an event that is not there" if not switch.event else \
                    f"{found[0]} {switch.event['node']} (cause {found[1]})"
                self.complain(f"{act.name}: the switch came from {told}")

    def switches_expected(self):
        """A service that moves when nothing was done to it."""
        known = {s.first for s in self.switches}
        for e in self.events:
            if e["kind"] == "first-packet" and self.story.begin < e["first_packet"] < self.story.end \
                    and e["first_packet"] not in known:
                before, span = self.blamed, (e["first_packet"] - SECOND, e["first_packet"])
                self.complain(f"at {when(span[1])} the service moved to {e['node']}, for no reason in this story",
                              *span)
                self.strayed += [span] if self.blamed > before else []

    def windows(self):
        for s in self.switches:
            window = s.first - s.act.at
            if s.act.bound is not None and window > s.act.bound + ALLOWANCE:
                self.complain(f"{s.act.name}: from cause to first packet {short(window)}, more than "
                              f"{short(s.act.bound)} and {short(ALLOWANCE)}", s.act.at, s.first)

    def failures(self):
        strange = [r for r in self.requests if r.result != "served" and not any(covers(s, r) for s in self.switches)]
        for r in strange[:5]:
            self.complain(f"a request ({r.kind}) failed ({r.result}) from {when(r.start)} to {when(r.end)}, "
                          "when no switch was going on", r.start, r.end)
        if len(strange) > 5:
            self.complain(f"and {len(strange) - 5} more of them", strange[5].start, strange[-1].end)

    def resets(self):
        def explained(request):
            before = [s for s in self.switches if s.act.at <= request.reset]
            return before and died_of(request, before[-1])

        strange = [r for r in self.requests if r.reset and not explained(r)]
        for r in strange[:5]:
            self.complain(f"a kept connection, open since {when(r.opened)}, was dead at {when(r.reset)}, "
                          "when no switch had been going on since")
        if len(strange) > 5:
            self.complain(f"and {len(strange) - 5} more of them")

    def traffic(self):
        """It went on: fast enough, of both kinds, never long without an answer but in a switch, and after each."""
        story = self.story
        served = [r for r in self.requests if r.result == "served" and story.begin <= r.end <= story.end]
        rate = len(served) * SECOND / max(story.end - story.begin, 1)
        if rate < LEAST_RATE:
            self.complain(f"{rate:.0f} requests a second were served, fewer than {LEAST_RATE}", story.begin, story.end)
        for kind in KINDS:
            if sum(r.kind == kind for r in served) < LEAST_SHARE * len(served):
                self.complain(f"fewer than {LEAST_SHARE:.0%} of the requests were served on {kind} connections")

        quiet = [(s.act.at, s.first + ALLOWANCE) for s in self.switches]
        edges = [story.begin] + [t for span in quiet for t in span] + [story.end]
        for begin, end in zip(edges[::2], edges[1::2]):
            length, at = longest_pause(served, begin, end) if end > begin else (0, begin)
            if length > LONGEST_PAUSE:
                self.complain(f"no request was answered for {short(length)} from {when(at)} on", at, at + length)

    def right_node(self):
        """Whatever begins after the first packet on the new way is served by the new node,
        and there is such traffic."""
        stages = [(self.story.begin, self.story.active, "at the beginning")]
        stages += [(s.first, s.act.to, f"after \"{s.act.name}\"") for s in self.switches]
        for i, (begin, node, name) in enumerate(stages):
            end = self.switches[i].act.at if i < len(self.switches) else self.story.end
            here = [r for r in self.requests if r.result == "served" and r.start > begin and r.end < end]
            for kind in KINDS:
                n = sum(r.kind == kind for r in here)
                if n < LEAST_AFTER:
                    self.complain(f"{name} only {n} requests were served on {kind} connections")
            wrong = collections.Counter(r.node for r in here if r.node != node)
            for other, n in sorted(wrong.items()):
                since = min(r.start for r in here if r.node == other)
                span = next((span for span in self.strayed if begin < span[1] <= since), ())
                self.complain(f"{name} {n} requests were served by {other}, not by {node}", *span)
        for s, (since, _, _) in zip(self.switches, stages):
            early = sum(r.node == s.act.to and since < r.start and r.end < s.published for r in self.requests)
            if early:
                self.complain(f"{s.act.name}: {early} requests were served by {s.act.to} before the "
                              "switch was published")


def judge(directory):
    """Judges the records in a directory."""
    with open(f"{directory}/story.json", encoding="utf-8") as file:
        story = Story.load(file.read())
    with open(f"{directory}/events.json", encoding="utf-8") as file:
        events = json.load(file)
    with open(f"{directory}/requests.log", encoding="utf-8") as file:
        requests = read_requests(file)
    return Judge(story, events, requests)


if __name__ == "__main__":
    verdict = judge(sys.argv[1])
    print("\n".join(verdict.problems) or "good")
    if verdict.spoiled:
        print("the machine stood still just then: this run tells nothing")
    sys.exit(1 if verdict.problems else 0)
