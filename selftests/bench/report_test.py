#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Proves bench/report.py: percentiles, and that a goal is met by good figures only."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import plot  # noqa: E402
import report  # noqa: E402

FAILED = []


def expect(name, is_so):
    if not is_so:
        FAILED.append(name)
        print(f"failed: {name}")


def cost(case, net):
    return {"case": case, "kernel": "deb612", "mode": "icount", "raw": net + 1800, "net": net, "over": "drop"}


def switch(old, lost, switches=100):
    return {"case": "haswitch-direct", "mode": "switch", "kernel": "deb612", "tuning": "default", "how": "", "old": old,
            "new": 1000 * switches - old - lost, "lost": lost, "switches": switches, "packets": 1000}


def times(case, vips, p50, p90, p99, **more):
    return {"case": case, "kernel": "uml72-plain", "mode": "time", "unit": "ns", "vips": vips,
            "switches": 1000, "samples": 1000, "rate": 50000, "p50": p50, "p90": p90,
            "p99": p99, "max": p99, "steal": 0, "waited": 0, "tries": 1, **more}


def kills(case, p99, false=0, count=1000):
    return {**times(case, 1, p99, p99, p99), "kills": count, "false": false}


def fault(case, p99, both=0, count=200):
    return {"case": case, "mode": "failover", "unit": "ns", "faults": count, "both": both,
            "false": 0, "p50": p99, "p99": p99, "max": p99, "steal": 0, "waited": 0}


def plan(lost, count=200):
    return {"case": "failover-haswitch-moved", "mode": "planned", "unit": "questions", "faults": count, "asked": 190000,
            "false": 0, "raw": lost, "net": lost, "steal": 9, "waited": 99}


def remap(going, returning, moved=100):
    return {"case": "haswitch-maglev-down", "kernel": "uml612", "mode": "remap", "members": 10,
            "flows": 1000, "gone": 1, "moved": moved, "going": going, "returning": returning,
            "peak": 1.1, "even": 1.0, "raw": going, "net": going}


def scaling(raw, cpus=2):
    return {"case": "haswitch-rr", "kernel": "uml72-plain", "mode": "scaling", "raw": raw, "net": raw, "cpus": cpus,
            "one": 1000, "all": round(1000 * raw)}


def connect(case, raw, failed=0):
    return {"case": case, "kernel": "deb612", "mode": "connect", "raw": raw, "net": raw, "done": 9, "failed": failed}


def met(*rows):
    return [goal[3] for goal in report.Report(list(rows)).goals()]


values = list(range(1, 101))
expect("p50 of 1..100", report.percentile(values, 50) == 50)
expect("p99 of 1..100", report.percentile(values, 99) == 99)
expect("p99 of one value", report.percentile([7], 99) == 7)
expect("p10 of two values", report.percentile([1, 2], 10) == 1)
expect("p99 of 1000 leaves out ten", report.percentile([0] * 990 + [9] * 10, 99) == 0)
expect("p99 of 1000 sees the eleventh", report.percentile([0] * 989 + [9] * 11, 99) == 9)
marks = report.spread([3, 1, 2])
expect("spread sorts", (marks["min"], marks["p50"], marks["max"], marks["mean"], marks["samples"]) == (1, 2, 3, 2, 3))

went = list(report.Report([{**fault("kernels-haswitch-panic", 9400000, 1, 49), "died": 2, "steal": 0.25,
                              "trip": [310000, 2040000], "word": [9500000, 9600000]}]).table())
expect("kernels that go have a table of their own",
       went[1].split() == "kernels-haswitch-panic 9.4 9.4 9.4 49 2 1 0.25 9.5 / 9.6 0.31 / 2.04".split()
       and "round trip" in went[4] and "died" in went[5])

# name, what the goals of the rows say, which is wanted
CASES = [
    ("cheap enough", met(cost("haswitch-direct", 220), cost("ipvs-dr", 1000), cost("ip-forward", 580)), [True, True]),
    ("dearer than both", met(cost("haswitch-direct", 221), cost("ipvs-dr", 1000), cost("ip-forward", 580)),
     [False, False]),
    ("no peer, no goal", met(cost("haswitch-direct", 300)), []),
    ("the slow path is cheap enough", met(cost("haswitch-direct-complete", 300), cost("ipvs-dr", 1000)), [True]),
    ("spread at a price", met(cost("haswitch-direct", 200), cost("haswitch-maglev", 251)), [False]),
    ("many vips 3 % dearer", met(cost("haswitch-direct", 1000), cost("haswitch-direct-100k", 1030)), [True]),
    ("many vips 4 % dearer", met(cost("haswitch-direct", 1000), cost("haswitch-direct-100k", 1040)), [False]),
    ("a cheap lease", met(cost("haswitch-direct-lease", 170), cost("haswitch-direct-holder", 100)), [True]),
    ("a dear lease", met(cost("haswitch-direct-lease", 170.1), cost("haswitch-direct-holder", 100)), [False]),
    ("dear by its lease", met(cost("haswitch-direct-lease", 301), cost("ipvs-dr", 1000)), [False]),
    ("none stale, none lost", met(switch(0, 0)), [True]),
    ("one stale", met(switch(1, 0)), [False]),
    ("one lost", met(switch(0, 1)), [False]),
    ("too few switches", met(switch(0, 0, 99)), [False]),
    ("the module locks nothing", met({"case": "haswitch-direct", "mode": "locks", "raw": 1, "net": 1, "module": 0.0}),
     [True]),
    ("the module locks", met({"case": "haswitch-direct", "mode": "locks", "raw": 1, "net": 1, "module": 1.0}), [False]),
    ("published alike", met(times("node-down-published", 1, 256, 512, 600),
                            times("node-down-published", 100000, 300, 512, 600)),
     [True]),
    ("published later", met(times("node-down-published", 1, 256, 512, 600),
                            times("node-down-published", 100000, 900, 950, 999)),
     [False]),
    ("first packet in time", met(times("published-first-packet", 1, 9000, 20000, 50000)), [True]),
    ("first packet late", met(times("published-first-packet", 1, 9000, 20000, 50001)), [False]),
    ("too few packets offered", met(times("published-first-packet", 1, 9000, 20000, 40000, rate=40000)), [False]),
    ("switches without a first packet", met(times("published-first-packet", 1, 9000, 20000, 40000, samples=980)),
     [False]),
    ("noticed in time", met(kills("haswitch-silent", 3500000)), [True]),
    ("noticed late", met(kills("haswitch-silent", 3500001)), [False]),
    ("noticed without a kill", met(kills("haswitch-silent", 3000000, 1)), [False]),
    ("too few kills", met(kills("haswitch-silent", 3000000, 0, 999)), [False]),
    ("told in time", met(kills("haswitch-agent-killed", 2000000)), [True]),
    ("told late", met(kills("haswitch-agent-killed", 2000001)), [False]),
    ("device told in time", met(kills("haswitch-device-lost", 2000000)), [True]),
    ("published in time", met(kills("flip-pulse", 100000), kills("flip-carrier", 100000),
                              kills("flip-neighbour", 100000, 0, 50)),
     [True, True, True]),
    ("published late", met(kills("flip-pulse", 100001), kills("flip-carrier", 100001),
                           kills("flip-neighbour", 100001, 0, 50)),
     [False, False, False]),
    ("followed in time", met(fault("failover-haswitch-silent", 150000000), fault("failover-haswitch-killed", 10000000)),
     [True, True]),
    ("followed late", met(fault("failover-haswitch-silent", 150000001), fault("failover-haswitch-link-lost", 10000001)),
     [False, False]),
    ("fast enough", met(fault("failover-haswitch-fast-silent", 45000000),
                        fault("failover-haswitch-fast-killed", 5000001)), [True, False]),
    ("two owners", met(fault("failover-haswitch-stopped", 100000000, 1)), [False]),
    ("moved by itself", met({**fault("failover-haswitch-stopped", 100000000), "false": 1}), [False]),
    ("too few faults", met(fault("failover-haswitch-stopped", 100000000, 0, 199)), [False]),
    ("few faults by instructions", met(fault("counted-haswitch-stopped", 150000000, 0, 3)), [True]),
    ("late by instructions", met(fault("counted-haswitch-fast-killed", 5000001, 0, 3)), [False]),
    ("kernels that go are followed in time", met(fault("kernels-haswitch-panic", 10000000, 0, 50),
                                                 fault("kernels-haswitch-fast-force", 5000000, 0, 50)), [True, True]),
    ("kernels that go are followed late", met(fault("kernels-haswitch-term", 10000001, 0, 50),
                                              fault("kernels-haswitch-fast-reboot", 5000001, 0, 50)), [False, False]),
    ("machines lose their power, in time and late", met(fault("kernels-haswitch-power", 150000000, 0, 50),
                                                        fault("kernels-haswitch-fast-power", 45000001, 0, 50)),
     [True, False]),
    ("a kernel that goes has two owners", met(fault("kernels-haswitch-panic", 9000000, 1, 50)), [False]),
    ("too few kernels go", met(fault("kernels-haswitch-panic", 9000000, 0, 49)), [False]),
    ("nothing lost when it is moved", met(plan(0)), [True]),
    ("a question lost when it is moved", met(plan(1)), [False]),
    ("moved too seldom", met(plan(0, 199)), [False]),
    ("cheap heartbeats", met({**cost("heartbeat-64", 7031), "mode": "heartbeat", "sessions": 64, "module": 1}), [True]),
    ("dear heartbeats", met({**cost("heartbeat-64", 7032), "mode": "heartbeat", "sessions": 64, "module": 1}), [False]),
    ("a new flow as cheap", met(cost("haswitch-direct-new", 105), cost("haswitch-direct", 100)), [True]),
    ("a new flow dearer", met(cost("haswitch-direct-new", 106), cost("haswitch-direct", 100)), [False]),
    ("new flows cheap enough", met(cost("haswitch-direct-new", 150), cost("ipvs-direct-new", 1000),
                                   cost("nft-dnat-new", 1500)),
     [True, True]),
    ("new flows dear", met(cost("haswitch-direct-new", 151), cost("ipvs-direct-new", 1000), cost("nft-dnat-new", 1500)),
     [False, False]),
    ("many vips of one client", met(cost("haswitch-vips-10000", 1000), cost("ipvs-vips-10000", 100000)), [True]),
    ("many vips of one client, dear", met(cost("haswitch-vips-10000", 1010), cost("ipvs-vips-10000", 100000)), [False]),
    ("as many vips as there may be", met(cost("haswitch-vips-100000", 104), cost("haswitch-vips-1", 100)), [False]),
    ("only a member's flows move", met(remap(0, 0)), [True]),
    ("others move as it goes", met(remap(1, 0)), [False]),
    ("others move as it returns", met(remap(0, 1)), [False]),
    ("none went", met(remap(0, 0, 0)), [False]),
    ("many flows, cheap and small", met({**cost("haswitch-flows-1000000", 400), "held": 100},
                                        {**cost("ipvs-flows-1000000", 1000), "held": 300}),
     [True, True]),
    ("many flows, dear and large", met({**cost("haswitch-flows-1000000", 401), "held": 101},
                                       {**cost("ipvs-flows-1000000", 1000), "held": 300}),
     [False, False]),
    ("two CPUs do twice as much", met(scaling(1.8)), [True]),
    ("two CPUs wait for each other", met(scaling(1.79)), [False]),
    ("four CPUs have no goal", met(scaling(1.5, 4)), []),
    ("connections cheap", met(connect("haswitch-rr", 100), connect("ipvs-dr", 150)), [True]),
    ("connections dear", met(connect("haswitch-rr", 101), connect("ipvs-dr", 150)), [False]),
    ("connections that fail", met(connect("haswitch-rr", 100, 1), connect("ipvs-dr", 150)), [False]),
    ("a packet lost under way", met(times("published-first-packet", 1, 9000, 20000, 40000, lost=1)), [False]),
]
for name, goals, wanted in CASES:
    expect(f"{name}: {goals}", goals == wanted)

expect("no steal, not disturbed", not report.disturbed(times("restore", 1, 0, 0, 0)))
expect("steal disturbs", report.disturbed(times("restore", 1, 0, 0, 0, steal=1)))
expect("waiting disturbs", report.disturbed(times("restore", 1, 0, 0, 0, waited=5)))
expect("counted instructions can't be disturbed",
       not report.disturbed({**cost("ipvs-dr", 1), "steal": 9, "waited": 90}))
expect("the table marks what was disturbed",
       "*" in "\n".join(report.Report([times("published-first-packet", 1, 1, 1, 1, waited=5)]).table()))
expect("the table says what is not met",
       "NOT MET" in "\n".join(report.Report([switch(1, 0)]).table()))
points = [{**cost(f"ipvs-vips-{n}", n), "curve": "ipvs-vips", "count": n} for n in (1, 10)]
lines = list(report.Report(points).table())
held = [{**cost("ipvs-flows-10", 10), "curve": "ipvs-flows", "count": 10, "held": 300}]
expect("a curve has what each takes",
       any(line.split() == ["bytes", "of", "memory", "for", "each", "300"] for line in report.Report(held).table()))
expect("a curve is one line", [line.split() for line in lines if "ipvs-vips" in line] == [["ipvs-vips", "1.0", "10.0"]])
drawn = "\n".join(plot.scale(points).parts)
expect("each point of a curve is drawn", drawn.count("<circle") == 2 and "IPVS" in drawn and "haswitch" not in drawn)
drawn = "\n".join(plot.costs([cost("ipvs-dr", 20), cost("haswitch-direct", 10), cost("nft-miss", 5), *points]).parts)
expect("each cost is drawn, the cheapest first", 0 < drawn.find(">haswitch-direct<") < drawn.find(">ipvs-dr<") and
       "miss" not in drawn and "vips" not in drawn)
expect("the table has what moved", "haswitch-maglev-down" in "\n".join(report.Report([remap(0, 0)]).table()))
unstable = {key: value for key, value in kills("keepalived-bfd-1ms", 1, 7, 0).items()
            if key not in ("p50", "p99", "max")}
expect("the table has how soon a holder is followed",
       "keepalived-default-silent" in "\n".join(
           report.Report([fault("failover-keepalived-default-silent", 1)]).table()))
expect("the table has what is planned", "haswitch-moved" in "\n".join(report.Report([plan(0)]).table()))
expect("the table has what could not be measured", "keepalived-bfd-1ms" in "\n".join(report.Report([unstable]).table()))
print(f"{len(FAILED)} failed")
sys.exit(1 if FAILED else 0)
