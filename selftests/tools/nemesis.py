#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Real agents and modules under faults that a seed picks, and a judge outside of them.

    nemesis.py [OPTION...] SEED...              7, or 1-60
    nemesis.py --plan [OPTION...] SEED...       prints what the seeds would have happen

    --seconds N     faults come for so long (20)
    --only KIND,... faults of these kinds only, one after the other
    --bound N       seconds until each lease is to be owned again (4)
    --margin MS     for what was decided in time (5)
    --verbose       a file seed-N.txt of each seed, not only of those that fail

Run as root in the namespaces that nemesis.sh makes. A line a seed, "seed ..."; then "ok NAME" or "not ok NAME" for each
thing that is judged, with lines behind it of what was wrong. Exit code 1 if anything was.

The plan of a seed is the same in every run. Not so: which node holds a lease when a fault strikes the holder, for
agents draw random numbers, and in real time when exactly everything happens.
"""
import argparse
import heapq
import itertools
import os
import select
import shutil
import signal
import sys
import tempfile

import nemesis_judge as judge
import nemesis_plan as plans
from nemesis_cluster import (LONGEST, MS, NUMBERS, SECOND, VIPS, Client, Machine, Modules, Net, boottime, mount_disk,
                             write_files)
from nemesis_faults import Faults

TICK = 9 * MS               # agents are tended, and the client asks; it does not keep step with heartbeats
LOOK = 1 * SECOND           # events are fetched: a module keeps 4096
FIRST = 8 * SECOND          # until a new cluster holds both leases
QUIET = 1 * SECOND          # for so long everything is to stay well
STALL = 50 * MS             # the machine stood still, and agents with it, if this program is so late
TRIES = 10                  # for a quiet time in which the machine did not stand still
VOTED = 200 * MS            # a lease lost while most voters acked nothing is owned again
LAST = 4 * SECOND           # until all agents have ended
DESCRIPTORS = 64            # that an agent has at most
RESIDENT = 24 << 10         # kB

POINTS = {
    "begin": "a new cluster holds both leases",
    "owners": "a lease never has two owners, by what the modules tell",
    "heard": "a lease never has two owners, by who answers a client",
    "owned": "each lease is owned within {bound:g} s of the last fault, and its vip answered for",
    "epochs": "epochs of a lease only go up",
    "configured": "each number has one configuration, and within {bound:g} s of the last fault all have the newest one",
    "agents": "agents end when asked to, and only then",
}


class Director:
    """Runs seeds, one after the other, on one set of namespaces."""

    def __init__(self, options):
        self.options = options
        self.folder = tempfile.mkdtemp()
        names = list(NUMBERS)
        for name in names:
            mount_disk(f"{self.folder}/{name}")
        Net.make(names)
        self.net = Net(names)
        nodes = [n for n in names if n != "w"]
        self.client = Client(nodes)
        self.modules = Modules(self.folder, nodes)
        self.faults = Faults(self)
        self.machines, self.plan = {}, None
        with open("/proc/cmdline", encoding="ascii") as file:
            self.simulated = "time-travel" in file.read()
        self.stalls = []
        self.queue, self.counter, self.now = [], itertools.count(), boottime()
        self.wrong = {point: [] for point in POINTS}
        self.healed = []

    def after(self, ns, what):
        """Has a function called in so many ns."""
        heapq.heappush(self.queue, (boottime() + ns, next(self.counter), what))

    def every(self, ns, what):
        def again():
            what()
            heapq.heappush(self.queue, (self.now + ns, next(self.counter), again))
        self.now = boottime()
        again()

    def step(self, now):
        """Waits for the next thing to do or to read, from now on, and returns the time then. In UML, each look at the
        clock is a system call, and those are what a run costs. So what the client hears, which the kernel has stamped,
        is read when it asks again."""
        left = max(self.queue[0][0] - now, 0) if self.queue else TICK
        machines = self.machines.values()
        ready = select.select([fd for m in machines for fd in m.waits()], [], [], left / 1e9)[0]
        if not self.simulated:
            woken = boottime()
            if woken > now + left + STALL:
                self.stalls.append((now + left, woken))
        for machine in machines if ready else ():
            if machine.pipe in ready:
                machine.read()
            machine.gone = machine.gone or machine.ends in ready
        self.now = now = boottime()
        while self.queue and self.queue[0][0] <= now:
            heapq.heappop(self.queue)[2]()
        return now

    def run_until(self, end, done=lambda: False):
        """Goes on until then, or until something is so."""
        now = boottime()
        while now < end and not done():
            now = self.step(now)
        return done()

    def tend(self):
        for machine in self.machines.values():
            machine.tend(self.now, self.modules.there)

    def ask(self):
        self.client.read()
        self.client.ask(self.plan.shape.nodes)

    def answered(self):
        """Whether the client has just heard of all leases."""
        last = self.client.last
        return all(lease in last and self.now - last[lease][1] < 100 * MS for lease in VIPS)

    def voted(self):
        """Whether the voters that faults killed have been able to ack a grant again,
        and with the others are most of them."""
        machines = self.machines.values()
        return judge.most_vote([m.muted if m.process and m.ready else judge.FOREVER
                                for m in machines]) + VOTED < self.now

    def committed(self):
        """The configurations that each node has. A witness needs none."""
        return {name: self.machines[name].committed() for name in self.plan.shape.nodes}

    def strike(self, fault, key):
        ends = self.faults.begin(fault, key)
        if ends:
            self.after(fault.lasts, ends)

    def seed(self, plan):
        """One seed, from a new cluster to its end."""
        self.plan, self.queue = plan, []
        shape = plan.shape
        self.machines = {name: Machine(name, self.folder, name == shape.witness) for name in plans.machines(shape)}
        write_files(self.folder, plan)
        for machine in self.machines.values():
            machine.clean()
        self.net.begin(plan, list(self.machines))
        self.modules.begin(shape.nodes)
        self.client.begin()
        self.zero = boottime()
        for what, ns in ((self.tend, TICK), (self.ask, TICK), (self.modules.fetch, LOOK)):
            self.every(ns, what)
        owned = self.run_until(self.zero + FIRST, self.answered)
        begun = boottime()
        if owned:
            for key, fault in enumerate(plan.faults):
                self.after(fault.at, lambda fault=fault, key=key: self.strike(fault, key))
            self.run_until(begun + plan.ends + TICK)
            for machine in self.machines.values():
                # An operator looks whether all have taken the file.
                machine.signal(signal.SIGHUP)
        calm = boottime()
        self.run_until(calm + 100 * MS)
        well, end, still = self.quiet(calm)
        wrong = {point: [] for point in POINTS}
        if not owned:
            wrong["begin"].append(f"not within {FIRST // SECOND} s")
        self.judge(wrong, calm, well, end)
        if still:
            # Safety counts, whatever the machine does.
            wrong["owned"] = []
        else:
            wrong["configured"] += judge.behind(self.committed())
        wrong["configured"] += judge.configurations_differ(self.committed())
        self.finish(wrong)
        self.tell(wrong, begun, calm, still)

    def quiet(self, calm):
        """Waits until all is well, and for a while in which it has to stay so. If the machine stood still then, nothing
        is proved, and another while follows. Never so in simulated time. Returns when the last one began and ended, and
        whether the machine stood still in each."""
        for _ in range(TRIES):
            self.run_until(max(calm, boottime()) + int(self.options.bound * SECOND),
                           lambda: self.voted() and self.answered() and self.modules.applied() and
                           not judge.behind(self.committed()))
            well = boottime()
            self.run_until(well + QUIET)
            end = boottime()
            self.modules.fetch()
            self.client.read()
            if not judge.stalled(self.stalls, well - QUIET, end):
                return well, end, False
        return well, end, True

    def judge(self, wrong, calm, well, end):
        found, answers, zero = self.modules.grants(), self.client.answers, self.zero
        margin = int(self.options.margin * MS)
        wrong["owners"] += judge.two_owners(found, zero)
        wrong["heard"] += itertools.chain(judge.strangers(found, answers, zero, margin),
                                          judge.late(found, answers, zero, margin))
        wrong["epochs"] += judge.epochs_down(found, zero)
        for lease in VIPS:
            first = judge.owned_at(found, lease, calm)
            self.healed.append((first or end) - calm)
            missing = judge.gap(found, lease, well, end)
            if missing:
                wrong["owned"].append(f"{lease}: nobody from {(missing[0] - zero) / 1e9:.6f} to "
                                      f"{(missing[1] - zero) / 1e9:.6f} s; the last fault ended at "
                                      f"{(calm - zero) / 1e9:.6f} s")
            if self.client.last.get(lease, (None, 0))[1] < end - 100 * MS:
                wrong["owned"].append(f"{lease}: no answer any more at {(end - zero) / 1e9:.6f} s")

    def finish(self, wrong):
        """Ends all agents, which have not grown."""
        for name, machine in self.machines.items():
            if machine.process and machine.process.poll() is None:
                pid = machine.process.pid
                descriptors = len(os.listdir(f"/proc/{pid}/fd"))
                with open(f"/proc/{pid}/status", encoding="ascii") as file:
                    resident = next((int(line.split()[1]) for line in file if line.startswith("VmRSS")), 0)
                if descriptors > DESCRIPTORS or resident > RESIDENT:
                    wrong["agents"].append(f"{name}: {descriptors} descriptors, {resident} kB")
            machine.away += 1
            machine.ask_end(signal.SIGTERM)
        end = boottime() + LAST
        self.run_until(end, lambda: not any(m.process for m in self.machines.values()))
        for machine in self.machines.values():
            if machine.process:
                machine.wrong.append(f"{machine.name}: the agent does not end")
                machine.kill()
            wrong["agents"] += machine.wrong
        self.modules.end_applies()
        # What was asked for, for as long as no agent is there, has run out.
        self.queue = []
        self.run_until(boottime() + LONGEST)

    def tell(self, wrong, begun, calm, still):
        plan, found = self.plan, self.modules.grants()
        bad = [point for point in POINTS if wrong[point]]
        healed = max(self.healed[-len(VIPS):]) / 1e9
        print(f"seed {plan.seed}: {len(plan.faults)} faults, {len(found)} grants, {len(self.client.answers)} answers, "
              f"owned again after {healed:.3f} s{'; the machine stands still all the time' if still else ''}"
              f"{'; wrong: ' + ', '.join(bad) if bad else ''}", flush=True)
        if not bad and not self.options.verbose:
            return
        for point in bad:
            self.wrong[point] += [f"seed {plan.seed}: {line}" for line in wrong[point][:5]]
        out = os.environ.get("HASW_OUT", self.folder)
        with open(f"{out}/seed-{plan.seed}.txt", "w", encoding="utf-8") as file:
            print(*plans.lines(plan), sep="\n", file=file)
            print(f"faults begin at {(begun - self.zero) / 1e9:.6f} s, which is {begun / 1e9:.6f} s of "
                  f"CLOCK_BOOTTIME, and end at {(calm - self.zero) / 1e9:.6f} s", file=file)
            print(*(f"wrong: {point}: {line}" for point in bad for line in wrong[point]), sep="\n", file=file)
            print(*(judge.text(t, self.zero) + f" {t.lease}" for t in sorted(found, key=lambda t: t.begin)),
                  sep="\n", file=file)
            lines = [(line, name) for name, machine in self.machines.items() for line in machine.log]
            for line, name in sorted(lines, key=lambda pair: float(pair[0].split()[0])):
                at, _, rest = line.partition(" ")
                print(f"{float(at) - self.zero / 1e9:.6f} {name} {rest}", file=file)

    def end(self):
        self.modules.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--plan", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--seconds", type=float, default=plans.SECONDS)
    parser.add_argument("--only", type=lambda words: words.split(","), default=[])
    parser.add_argument("--bound", type=float, default=4)
    parser.add_argument("--margin", type=float, default=judge.MARGIN / MS)
    parser.add_argument("seeds", nargs="+")
    options = parser.parse_args()
    drawn = [plans.draw(seed, options.seconds, options.only) for seed in plans.seeds(options.seeds)]
    if options.plan:
        print("\n".join(line for plan in drawn for line in plans.lines(plan)))
        return 0
    director = Director(options)
    try:
        for plan in drawn:
            director.seed(plan)
    finally:
        director.end()
    for point, name in POINTS.items():
        print(("not ok " if director.wrong[point] else "ok ") + name.format(bound=options.bound))
        print(*director.wrong[point][:20], sep="\n", end="\n" if director.wrong[point] else "")
    return 1 if any(director.wrong.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
