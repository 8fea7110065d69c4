#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The demo's story, inside the kernel, under load: a web server that dies twice, the holder of the vip that dies, hangs
and is moved; then the same with keepalived.

It leaves in HASW_OUT what the judges need (story.json, events.json, faults.json, owners.log, a log of requests for each
load), the logs of all programs and their configuration. It exits 0 only if the judges have nothing to complain about; 3
if the machine stood still when they do.
"""
import json
import os
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True

import cluster  # noqa: E402
import compare  # noqa: E402
import holder  # noqa: E402
import judge  # noqa: E402
import network  # noqa: E402
import peer  # noqa: E402
import telling  # noqa: E402
import watch as watching  # noqa: E402
from cluster import Refused  # noqa: E402
from network import now  # noqa: E402

OUT = os.environ["HASW_OUT"]
VICTIM, NEXT = network.SERVERS
FIRST_PORT = 10000                      # of the load's client
LOG = "requests.log"
SETTLE = 1.6                            # s; longer than TCP waits before it sends a lost SYN again
DEADLINE = 30                           # s for anything to happen
PACE = 0.01                             # s between two looks at whether the machine stood still
AGAIN = 3                               # exit code: it did, and for all that went wrong that may be why


class Trouble(Exception):
    """The story can't go on."""


def wait(what, condition, limit=DEADLINE, pace=0.02):
    """Polls until the condition yields something true, which it returns."""
    end = time.monotonic() + limit
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise Trouble(f"waited {limit} s in vain: {what}")
        time.sleep(pace)


class Idle:
    """On each processor a thread that has nothing to do: when it could not do that, the machine stood still. In
    simulated time no machine ever does."""

    def __init__(self):
        self.gaps = []
        for cpu in () if network.simulated() else os.sched_getaffinity(0):
            threading.Thread(target=self.watch, args=(cpu,), daemon=True).start()

    def watch(self, cpu):
        os.sched_setaffinity(0, {cpu})
        last = now()
        while True:
            time.sleep(PACE)
            at = now()
            if at - last >= judge.STALL:
                self.gaps.append((last, at))
            last = at


class Follower:
    """A file that grows by lines."""

    def __init__(self, path, parse):
        self.path, self.parse = path, parse
        self.file, self.rest, self.items = None, "", []

    def read(self):
        if self.file is None:
            if not os.path.exists(self.path):
                return self.items
            self.file = open(self.path, encoding="utf-8")
        *lines, self.rest = (self.rest + self.file.read()).split("\n")
        self.items += [self.parse(line) for line in lines]
        return self.items


class Run:
    """The first act: a web server that loses its power, and one whose program dies."""

    def __init__(self, c, holder_name, watch):
        self.cluster, self.entry, self.watch = c, holder_name, watch
        self.requests = follower(f"{OUT}/{LOG}")
        self.events = Follower(f"{OUT}/monitor.json", json.loads)
        self.acts, self.faults = [], []
        self.begin = self.end = 0

    def begin_traffic(self):
        c = self.cluster
        c.begin_monitor(self.entry, f"{OUT}/monitor.json")
        c.begin_load(FIRST_PORT, f"{OUT}/{LOG}")
        self.begin = now()
        wait("traffic", lambda: self.served(VICTIM, self.begin))
        time.sleep(SETTLE)
        telling.line(self.begin, f"load: {network.NEW} requests/s on new connections, {network.KEPT}/s on "
                     f"{network.CONNECTIONS} that are kept alive")
        requests = self.requests.read()
        telling.note(f"{sum(r.result == 'served' for r in requests)} of {len(requests)} requests served so "
                     f"far, by {VICTIM}\n")

    def served(self, node, since):
        """Has the node served enough of both kinds that began since then?"""
        here = [r.kind for r in self.requests.read() if r.result == "served" and r.node == node and r.start > since]
        return all(here.count(kind) >= judge.LEAST_AFTER for kind in judge.KINDS)

    def act(self, name, do, gone, to, bound, found):
        """Does something that moves the service, and tells what came of it."""
        at = now()
        do()
        act = judge.Act(name, at, gone, to, bound and bound["ns"], found)
        self.acts.append(act)
        telling.line(at, name)
        switch = wait(f"a first packet to {to} after \"{name}\"", lambda: judge.find_switch(act, self.events.read()))
        wait(f"requests served by {to} after \"{name}\"", lambda: self.served(to, switch.first))
        # What was open during the switch has come to its end, too.
        time.sleep(SETTLE)
        telling.switch(switch, judge.count(switch, self.requests.read()), bound)
        return at

    def fault(self, fault, name, do, bound, found):
        """An act that is a fault, while a client looks who owns the vip."""
        self.watch.begin()
        at = self.act(name, do, VICTIM, NEXT, bound, found)
        self.watch.end()
        self.faults.append(compare.Fault("haswitch", fault, at, now(), self.entry, bound["ns"] + judge.ALLOWANCE,
                                         False, LOG))

    def tell(self):
        c, bounds = self.cluster, telling.bounds(self.cluster.timings())
        self.begin_traffic()
        self.fault("server", f"{VICTIM}: the machine loses its power", lambda: c.power_off(VICTIM), bounds["heartbeat"],
                   [("node", "pulse"), ("node", "beat")])
        self.act(f"{VICTIM}: power is back, the machine boots", lambda: c.power_on(VICTIM), NEXT, VICTIM, None,
                 [("node", "pulse"), ("node", "beat"), ("member", "health")])
        self.fault("process", f"{VICTIM}: HTTP server alone killed (SIGKILL)", lambda: c.kill(VICTIM, "server"),
                   bounds["refusal"], [("member", "refused")])
        self.act(f"{VICTIM}: HTTP server started again", lambda: c.start_server(VICTIM), NEXT, VICTIM, None,
                 [("member", "refused"), ("member", "health")])

    def finish(self, gaps):
        """Ends the traffic and keeps what the judge needs."""
        self.end = now()
        self.cluster.end_load()
        self.requests.read()
        # Written and read back: what is judged is what is kept.
        save("story.json", {"begin": self.begin, "end": self.end, "active": VICTIM,
                            "acts": [a._asdict() for a in self.acts], "gaps": gaps})
        save("events.json", self.cluster.show(self.entry, "event", "show"))
        verdict = judge.judge(OUT)
        telling.summary(self.requests.items, verdict)
        telling.verdict(verdict)
        return verdict


def follower(path):
    return Follower(path, lambda line: judge.read_requests([line])[0])


def save(name, what):
    with open(f"{OUT}/{name}", "w", encoding="utf-8") as file:
        json.dump(what, file, indent=1)


def tell(c, gaps):
    """The three acts and the table; returns all verdicts."""
    watch = watching.Watch(f"{OUT}/owners.log")
    entry = c.build()
    telling.scene(c, entry)
    first = Run(c, entry, watch)
    first.tell()
    verdicts = [first.finish(gaps)]
    print(f"\nhaadm status, at {entry}:\n{c.haadm(entry, 'status')}", flush=True)
    wrong, second = holder.tell(c, wait, follower, watch, OUT, gaps)
    for problem in wrong.problems:
        print(f"WRONG: {problem}")
    if not wrong.problems:
        print("The vip moved by itself, and every failed request was open between a cause and the first "
              "answer after it.", flush=True)
    c.end()
    telling.peer()
    third = peer.tell(wait, follower, watch, OUT)
    save("faults.json", {"gaps": gaps, "faults": [f._asdict() for f in first.faults + second + third]})
    last = compare.compare(OUT)
    telling.table(last)
    return [*verdicts, wrong, last]


def main():
    idle, c = Idle(), None
    try:
        c = cluster.Cluster(OUT)
        verdicts = tell(c, idle.gaps)
    except (Trouble, Refused, subprocess.CalledProcessError, OSError) as error:
        print(f"\ndemo: {error}")
        if c:
            c.last_words()
        return 1
    bad = [v for v in verdicts if v.problems]
    if bad and all(v.spoiled for v in bad):
        print("The machine stood still when that went wrong.", flush=True)
        return AGAIN
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
