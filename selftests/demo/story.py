#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The demo's story, inside the kernel: a cluster of namespaces under load, a node that dies three times, a holder that
is cut off, stopped and moved.

It leaves in HASW_OUT what the judge needs (story.json, events.json, requests.log), the logs of all
programs and their configuration, and exits 0 only if the judge has nothing to complain about; 3 if the machine stood
still when it does.
"""
import json
import os
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True

import cluster  # noqa: E402
import holder  # noqa: E402
import judge  # noqa: E402
import telling  # noqa: E402

OUT = os.environ["HASW_OUT"]
VICTIM, NEXT = "n1", "n2"
NEW, KEPT, CONNECTIONS = 120, 180, 20   # load: requests a second on new and on kept connections
FIRST_PORT = 10000                      # of the load's client
SETTLE = 1.6                            # s; longer than TCP waits before it sends a lost SYN again
DEADLINE = 20                           # s for anything to happen
PACE = 0.01                             # s between two looks at whether the machine stood still
AGAIN = 3                               # exit code: it did, and for all that went wrong that may be why


class Trouble(Exception):
    """The story can't go on."""


def now():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def wait(what, condition, limit=DEADLINE):
    """Polls until the condition yields something true, which it returns."""
    end = time.monotonic() + limit
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise Trouble(f"waited {limit} s in vain: {what}")
        time.sleep(0.02)


class Witness:
    """On each processor a thread that has nothing to do: when it could not do that, the machine stood still."""

    def __init__(self):
        self.gaps = []
        for cpu in os.sched_getaffinity(0):
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
    """The story as it is told."""

    def __init__(self):
        self.cluster = cluster.Cluster(OUT)
        self.requests = Follower(f"{OUT}/requests.log", lambda line: judge.read_requests([line])[0])
        self.events = Follower(f"{OUT}/monitor.json", json.loads)
        self.acts = []
        self.witness = Witness()
        self.begin = self.end = 0

    def begin_traffic(self):
        c = self.cluster
        c.begin_monitor(f"{OUT}/monitor.json")
        c.begin_load(NEW, KEPT, CONNECTIONS, FIRST_PORT, f"{OUT}/requests.log")
        self.begin = now()
        wait("traffic", lambda: self.served(VICTIM, self.begin))
        time.sleep(SETTLE)
        telling.line(self.begin, f"load: {NEW} requests/s on new connections, {KEPT}/s on {CONNECTIONS} that are kept alive")
        requests = self.requests.read()
        telling.note(f"{sum(r.result == 'served' for r in requests)} of {len(requests)} requests served so far, by {VICTIM}")

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

    def finish(self):
        """Ends the traffic and keeps what the judge needs."""
        self.end = now()
        self.cluster.end_load()
        self.requests.read()
        events = self.cluster.haadm_json("entry", "event", "show")
        # Written and read back: what is judged is what is kept.
        story = {"begin": self.begin, "end": self.end, "active": VICTIM, "acts": [a._asdict() for a in self.acts],
                 "gaps": self.witness.gaps}
        with open(f"{OUT}/story.json", "w", encoding="utf-8") as file:
            json.dump(story, file, indent=1)
        with open(f"{OUT}/events.json", "w", encoding="utf-8") as file:
            json.dump(events, file, indent=1)
        return judge.judge(OUT)

    def tell(self):
        c, bounds = self.cluster, telling.bounds(self.cluster.timings())
        down, up = [("node", "beat")], [("node", "beat"), ("member", "health")]
        self.begin_traffic()
        self.act(f"{VICTIM}: agent and HTTP server killed (SIGKILL)", lambda: c.kill(VICTIM, "agent", "server"),
                 VICTIM, NEXT, bounds["heartbeat"], down)
        self.act(f"{VICTIM}: agent and HTTP server started again", lambda: c.start(VICTIM, "agent", "server"),
                 NEXT, VICTIM, None, up)
        self.act(f"{VICTIM}: link down", lambda: c.link(VICTIM, "down"), VICTIM, NEXT, bounds["heartbeat"], down)
        self.act(f"{VICTIM}: link up again", lambda: c.link(VICTIM, "up"), NEXT, VICTIM, None, up)
        self.act(f"{VICTIM}: HTTP server alone killed (SIGKILL)", lambda: c.kill(VICTIM, "server"),
                 VICTIM, NEXT, bounds["check"], [("member", "health")])
        self.act(f"{VICTIM}: HTTP server started again", lambda: c.start(VICTIM, "server"),
                 NEXT, VICTIM, None, [("member", "health")])


def main():
    run = Run()
    try:
        run.cluster.build()
        telling.scene(run.cluster)
        run.tell()
        verdict = run.finish()
    except (Trouble, subprocess.CalledProcessError, OSError) as error:
        print(f"\ndemo: {error}")
        run.cluster.last_words()
        return 1
    telling.summary(run.requests.items, verdict)
    telling.verdict(verdict)
    print("\nhaadm status, at the entry:")
    print(run.cluster.haadm("entry", "status"), flush=True)
    wrong = last_act(run.cluster, run.witness.gaps)
    run.cluster.end()
    bad = [v for v in (verdict, wrong) if v.problems]
    if bad and all(v.spoiled for v in bad):
        print("The machine stood still when that went wrong.", flush=True)
        return AGAIN
    return 1 if bad else 0


def last_act(c, gaps):
    """The holder is cut off, stopped and moved: what is wrong then."""
    try:
        wrong = holder.tell(c, wait, lambda log: Follower(log, lambda line: judge.read_requests([line])[0]), now,
                            f"{OUT}/holder.log", gaps)
    except (Trouble, OSError) as error:
        wrong = judge.Complaints([])
        wrong.complain(str(error))
        c.last_words()
    for problem in wrong.problems:
        print(f"WRONG: {problem}")
    if not wrong.problems:
        print("The vip moved by itself, and every failed request was open between a cause and the first answer after it; none failed "
              "when it was moved on purpose.", flush=True)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
