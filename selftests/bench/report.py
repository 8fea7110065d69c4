# SPDX-License-Identifier: GPL-2.0
"""What the figures mean: percentiles, ratios, the goals and whether they are met, the table for people."""

# Above this the machine was not ours: %, of steal and of waiting for a CPU (see guest.py).
STEAL_MAX, WAITED_MAX = 0.5, 2.0
# Instructions that a lease may cost a packet.
LEASE_MAX = 70
# A CPU that executes so many instructions in a second, and what of it the heartbeats of so many sessions of 1 ms may
# take.
CPU, HEARTBEAT_SHARE, HEARTBEAT_SESSIONS = 3e9, 0.15, 64
# With fewer kills there is no p99.
KILLS_MIN = 1000
# As many faults of a holder does a p99 want.
FAULTS_MIN = 200
# Whole kernels that go: each takes seconds.
GOES_MIN = 50
# Times as many packets by two CPUs as by one.
SCALING_MIN = 1.8


def percentile(values, p):
    """The value that p % of the sorted values do not exceed."""
    return values[min(len(values) - 1, max(0, -(-len(values) * p // 100) - 1))]


def spread(values):
    """min, p10, p50, p90, p99, max and mean of some times."""
    values = sorted(values)
    marks = {"samples": len(values), "min": values[0], "max": values[-1], "mean": round(sum(values) / len(values), 1)}
    marks.update({f"p{p}": percentile(values, p) for p in (10, 50, 90, 99)})
    return marks


# By failover.py's name of it.
FAULTS = (("silent", "holder cut off"), ("killed", "holder's agent killed"), ("stopped", "holder's agent stopped"),
          ("link-lost", "holder's client link lost"), ("member-silent", "member cut off"),
          ("member-killed", "member's process killed"))
# By power_goes.py's.
GOES = (("panic", "holder's kernel panics"), ("force", "holder's kernel reboots"),
        ("reboot", "holder's machine reboots, its agent leaves before"),
        ("term", "holder's machine reboots, its agent is stopped before"),
        ("power", "holder's machine loses its power"))
# A machine without power tells nobody: its right has to end first. ms.
GOES_GOALS = {"haswitch": (10, 150), "haswitch-fast": (5, 45)}
PLANS = (("moved", "address moved on purpose"), ("restarted", "holder's agent restarted"))


def disturbed(row):
    """Whether the machine's host, or others on the machine, took CPU time from a run that measures time."""
    return row["mode"] == "time" and (row["steal"] > STEAL_MAX or row["waited"] > WAITED_MAX)


class Report:
    """The rows of one run of the benchmarks."""

    def __init__(self, rows):
        self.rows = rows

    def find(self, case, **fields):
        for row in self.rows:
            if row["case"] == case and all(row.get(key) == value for key, value in fields.items()):
                return row
        return None

    def net(self, case):
        row = self.find(case, mode="icount")
        return row["net"] if row else None

    def ratios(self):
        """(what, ratio, goal or None) of each pair of costs that was measured."""
        pairs = (("haswitch-direct", "ipvs-dr", 0.22), ("haswitch-direct", "ip-forward", 0.38),
                 ("haswitch-direct", "nexthop-resilient", 0.30), ("haswitch-direct", "nft-ingress-map-fwd", 0.48),
                 ("haswitch-direct-complete", "ipvs-dr", 0.30), ("haswitch-direct-complete", "ip-forward", 0.50),
                 ("haswitch-maglev", "haswitch-direct", 1.25),
                 ("haswitch-direct-lease", "ipvs-dr", 0.30), ("haswitch-direct-lease", "ip-forward", 0.50),
                 ("haswitch-direct-100k", "haswitch-direct", 1.03), ("haswitch-direct", "nft-dnat-ct", None),
                 ("haswitch-miss", "nft-miss", 0.30),
                 ("haswitch-direct-new", "haswitch-direct", 1.05), ("haswitch-direct-new", "ipvs-direct-new", 0.15),
                 ("haswitch-direct-new", "nft-dnat-new", 0.10), ("haswitch-vips-10000", "ipvs-vips-10000", 0.01),
                 ("haswitch-vips-100000", "haswitch-vips-1", 1.03), ("haswitch-maglev-1000", "haswitch-maglev-1", 1.05),
                 ("haswitch-rr", "ipvs-dr", 0.40), ("haswitch-flows-1000000", "ipvs-flows-1000000", 0.40),
                 ("haswitch-rr-new", "ipvs-direct-new", None),
                 ("haswitch-tunnel", "ipvs-tunnel", 0.50), ("haswitch-gue", "ipvs-tunnel", None),
                 ("haswitch-nat", "ipvs-nat", None), ("haswitch-nat-clients-10000", "haswitch-nat-clients-100", 1.05),
                 ("haswitch-nat", "nft-dnat", 0.25), ("haswitch-nat", "nft-flowtable", 0.65),
                 ("haswitch-direct", "tc-flower", None))
        for ours, theirs, goal in pairs:
            if self.net(ours) is not None and self.net(theirs):
                yield f"{ours} / {theirs}", self.net(ours) / self.net(theirs), goal

    def goals(self):
        """(what, figure, goal, met) for each goal of which the figure was measured."""
        for what, ratio, goal in self.ratios():
            if goal is not None:
                yield f"cost {what}", f"{ratio:.4f}", f"at most {goal:.2f}", round(ratio, 4) <= goal
        ours, theirs = (self.find(f"{who}-flows-1000000", mode="icount") for who in ("haswitch", "ipvs"))
        if ours and theirs:
            # 96 bytes for 288.
            yield ("memory of a flow, of a million, with its table",
                   f"{ours['held']:.0f} bytes, IPVS {theirs['held']:.0f}", "at most a third",
                   3 * ours["held"] <= theirs["held"])
        lease, holder = self.net("haswitch-direct-lease"), self.net("haswitch-direct-holder")
        if lease is not None and holder is not None:
            yield ("cost of a lease, over a fixed holder", f"{lease - holder:.1f} instructions a packet",
                   f"at most {LEASE_MAX}", round(lease - holder, 1) <= LEASE_MAX)
        ours = self.find("haswitch-direct", mode="locks")
        if ours:
            yield ("instructions of the module that lock the bus, a packet", f"{ours['module']}",
                   "0", ours["module"] == 0)
        ours = self.find("haswitch-direct", mode="switch")
        if ours:
            yield (f"of {ours['packets']} packets stale or lost after an acknowledged switch, "
                   f"{ours['switches']} switches", f"{ours['old']} + {ours['lost']}",
                   "0", ours["old"] + ours["lost"] == 0 and ours["switches"] >= 100)
        one, many = (self.find("node-down-published", vips=n) for n in (1, 100000))
        if one and many:
            # Noise is what nine of ten switches of one vip stay below.
            yield (f"node down to published, p50, 100,000 vips with {many.get('flows', 0)} flows against 1",
                   f"{many['p50']} against {one['p50']} ns", f"within the noise (p90 {one['p90']})",
                   many["p50"] <= max(one["p90"], one["p50"] * 1.05))
        for row in (r for r in self.rows if r["case"] == "published-first-packet"):
            seen = f"{row['samples']} of {row['switches']} switches seen, {row.get('lost', 0)} packets lost"
            yield (f"published to first packet, p99, {row['vips']} vips, {row['rate']} packets/s",
                   f"{row['p99'] / 1000:.1f} us ({seen})", "at most 50 us", row["p99"] <= 50000 and
                   row["rate"] >= 49500 and
                   row["samples"] >= 0.99 * row["switches"] and not row.get("lost", 0))
        yield from self.connections()
        for row in self.rows:
            if row["mode"] != "scaling" or not row["case"].startswith("haswitch") or row["cpus"] != 2:
                continue
            yield (f"{row['case']}: packets of known and of new flows, two CPUs against one", f"{row['raw']:.2f} times",
                   f"at least {SCALING_MIN}", row["raw"] >= SCALING_MIN)
        yield from self.detections()
        yield from self.failovers()
        yield from self.going()
        for row in (r for r in self.rows if r["case"] == "haswitch-maglev-down"):
            yield (f"flows moved without need when one of {row['members']} members fails, and when it returns",
                   f"{row['going']} + {row['returning']} of {row['flows']}, {row['gone']} times", "0",
                   row["going"] + row["returning"] == 0 and row["moved"] > 0)
        for row in (r for r in self.rows if r["mode"] == "heartbeat" and r["sessions"] > 1):
            share = row["net"] * 1000 * HEARTBEAT_SESSIONS / CPU
            yield (f"{HEARTBEAT_SESSIONS} sessions at 1 ms, {row['net']} instructions a heartbeat, of a CPU of "
                   f"{CPU / 1e9:.0f} instructions/ns", f"{100 * share:.1f} %", f"at most {100 * HEARTBEAT_SHARE:.0f} %",
                   share <= HEARTBEAT_SHARE)
        for row in (r for r in self.rows if r["case"] == "restore"):
            goal = 3 if row["kernel"].startswith("uml") else 10
            yield (f"restore of {row['vips']} vips, {row['kernel']}", f"{row['raw']:.2f} s", f"at most {goal} s",
                   row["raw"] <= goal)
        for row in (r for r in self.rows if r["case"] == "memory"):
            yield f"memory of a vip, {row['kernel']}", f"{row['raw']:.0f} bytes", "at most 600 bytes", row["raw"] <= 600

    def connections(self):
        """The goals of real connections, as goals() has them."""
        peer = self.find("ipvs-dr", mode="connect")
        for row in (r for r in self.rows if peer and r["mode"] == "connect" and r["case"] == "haswitch-rr"):
            yield ("real TCP connections a second, rr, where clients and servers take the same CPU, against IPVS",
                   f"{peer['raw'] / row['raw']:.3f}, {row['failed']} failed", "at least 1.5",
                   peer["raw"] >= 1.5 * row["raw"] and not row["failed"])

    def detections(self):
        """The goals of what was killed, as goals() has them."""
        flip = 100000
        for case, what, goal, fewest in (
                ("haswitch-silent", "silently dead to published switch, pulse 1 ms x 3", 3500000, KILLS_MIN),
                ("haswitch-agent-killed", "agent killed to known by the other node", 2000000, KILLS_MIN),
                ("haswitch-device-lost", "client-facing device set down to known by the other node",
                 2000000, KILLS_MIN),
                ("haswitch-reboot", "reboot(2) called to known by another kernel", 2000000, GOES_MIN),
                ("haswitch-panic", "panic caused to known by another kernel", 2000000, GOES_MIN),
                ("flip-pulse", "silence observed to published switch", flip, KILLS_MIN),
                ("flip-carrier", "carrier seen to be lost to published switch", flip, KILLS_MIN),
                ("flip-neighbour", "neighbour's failure observed to published switch", flip, KILLS_MIN // 20)):
            row = self.find(case)
            if row:
                yield (f"{what}, p99, {row['kills']} kills", f"{row['p99'] / 1e6:.3f} ms, {row['false']} false",
                       f"at most {goal / 1e6} ms", row["p99"] <= goal and not row["false"] and row["kills"] >= fewest)

    def failovers(self):
        """The goals of holders that failed, as goals() has them."""
        for case, clock, fewest in (("failover", "", FAULTS_MIN), ("counted", "by instructions, ", 1)):
            for profile, prefix, goals in (("haswitch", "", (150, 10, 150, 10, 50, 5)),
                                           ("haswitch-fast", "with the fast profile, ", (45, 5, 45, 5, 3.5, 5))):
                said, named = clock + prefix, f"{case}-{profile}"
                for (fault, what), goal in zip(FAULTS, goals):
                    row = self.find(f"{named}-{fault}")
                    if row:
                        yield (f"{said}{what} to the next one's first answer, p99, {row['faults']} faults",
                               f"{row['p99'] / 1e6:.1f} ms, {row['both']} times two owners, {row['false']} false",
                               f"at most {goal} ms, 0, 0",
                               row["p99"] <= goal * 1e6 and not row["both"] and not row["false"] and
                               row["faults"] >= fewest)
                for plan, what in PLANS:
                    row = self.find(f"{named}-{plan}")
                    if row:
                        yield (f"{said}{what}, {row['faults']} times", f"{row['raw']} of {row['asked']} questions lost",
                               "0", not row["raw"] and row["faults"] >= fewest)

    def going(self):
        """The goals of holders whose kernels went, as goals() has them."""
        for profile, prefix in (("haswitch", ""), ("haswitch-fast", "with the fast profile, ")):
            for kind, what in GOES:
                goal = GOES_GOALS[profile][kind == "power"]
                row = self.find(f"kernels-{profile}-{kind}")
                if row:
                    yield (f"three kernels, {prefix}{what}, until the next one answers, p99, "
                           f"{row['faults']} faults", f"{row['p99'] / 1e6:.1f} ms, {row['both']} times two owners",
                           f"at most {goal} ms, 0", row["p99"] <= goal * 1e6 and not row["both"] and
                           row["faults"] >= GOES_MIN)

    def curves(self):
        """The lines of the costs by how many there are of something."""
        points = [r for r in self.rows if "curve" in r]
        counts = sorted({r["count"] for r in points})
        if points:
            yield f"{'instructions a packet, net, of':<32}" + "".join(f"{n:>10}" for n in counts)
            for curve in dict.fromkeys(r["curve"] for r in points):
                nets = {r["count"]: f"{r['net']:.1f}" for r in points if r["curve"] == curve}
                yield f"  {curve:<30}" + "".join(f"{nets.get(n, ''):>10}" for n in counts)
                held = {r["count"]: f"{r['held']:.0f}" for r in points if r["curve"] == curve and "held" in r}
                if held:
                    yield f"    {'bytes of memory for each':<28}" + "".join(f"{held.get(n, ''):>10}" for n in counts)
            yield ""

    def kernels(self):
        """The lines of holders whose kernels went."""
        rows = [r for r in self.rows if "died" in r]
        if rows:
            yield (f"{'a real kernel goes, nobody answers, ms':<42}"
                   f"{'p50':>8}{'p99':>8}{'max':>8}{'n':>6}{'died':>6}{'two owners':>12}{'steal %':>9}"
                   f"{'from its word':>15}{'round trip':>14}")
            for row in rows:
                trip, word = (" / ".join(f"{took / 1e6:.{places}f}" for took in row.get(key) or ())
                              for key, places in (("trip", 2), ("word", 1)))
                marks = "".join(f"{row[key] / 1e6:>8.1f}" for key in ("p50", "p99", "max"))
                yield (f"  {row['case']:<40}{marks}{row['faults']:>6}{row['died']:>6}{row['both']:>12}"
                       f"{row['steal']:>9.2f}{word:>15}{trip:>14}")
            yield ("  nobody answers: since its word, or since its last answer; "
                   "it may serve while its agent moves the lease")
            yield "  from its word: p50 / p99 of the time from its word that it goes until the next one answers"
            yield ("  round trip: p50 / p99 of a question to the address and its answer, ms; "
                   "between two kernels it is twice that")
            yield "  died: UML ended instead of booting again, and was begun anew; such a fault is not among the n"
            yield ""

    def remaps(self):
        """The lines of what moves when a member goes."""
        rows = [r for r in self.rows if r["mode"] == "remap"]
        if rows:
            yield (f"{'a member goes and returns':<32}{'members':>8}{'moved %':>9}{'others %':>10}{'returned %':>12}"
                   f"{'peak':>8}{'shares':>8}")
            for row in rows:
                all_flows = row["flows"] * row["gone"]
                yield (f"  {row['case']:<30}{row['members']:>8}{100 * row['moved'] / all_flows:>9.2f}"
                       f"{row['net']:>10.3f}{100 * row['returning'] / all_flows:>12.3f}{row['peak']:>8.2f}"
                       f"{row['even']:>8.3f}")
            yield ("  moved: were its own; others: were not; returned: not as before; peak, shares: the most of "
                   "one, by the mean")
            yield ""

    def table(self):
        """The lines for people."""
        mark = lambda row: " *" if disturbed(row) else ""
        costs = [r for r in self.rows if r["mode"] == "icount" and "curve" not in r]
        if costs:
            yield f"{'instructions a packet':<32}{'raw':>8}{'net':>8}{'/ ipvs-dr':>11}{'/ ip-forward':>14}"
            for row in sorted(costs, key=lambda r: r["net"]):
                share = [f"{row['net'] / self.net(peer):.3f}" if self.net(peer) and
                         row["over"].startswith("drop") else ""
                         for peer in ("ipvs-dr", "ip-forward")]
                over = "" if row["over"] == "drop" else f"  over {row['over']}"
                if "back" in row:
                    over += f"  there {row['there']}, back {row['back']}"
                yield (f"  {row['case']:<30}{row['raw']:>8.1f}{row['net']:>8.1f}{share[0]:>11}{share[1]:>14}{over}"
                       f"{mark(row)}")
            yield ""
        yield from self.curves()
        if costs:
            yield "ratios of the net costs"
            for what, ratio, _ in self.ratios():
                yield f"  {what:<48}{ratio:>8.3f}"
            yield ""
        locks = [r for r in self.rows if r["mode"] == "locks"]
        if locks:
            yield f"{'locking instructions a packet':<32}{'all':>8}{'module':>8}"
            for row in locks:
                yield f"  {row['case']:<30}{row['raw']:>8}{row['module']:>8}"
            yield ""
        beats = [r for r in self.rows if r["mode"] == "heartbeat"]
        if beats:
            yield f"{'instructions a heartbeat':<32}{'all':>8}{'module':>8}"
            for row in beats:
                yield f"  {str(row['sessions']) + ' sessions':<30}{row['net']:>8}{row['module']:>8}"
            yield ""
        switches = [r for r in self.rows if r["mode"] == "switch"]
        if switches:
            yield f"{'packets after a switch':<32}{'sent':>8}{'old':>8}{'new':>8}{'lost':>8}"
            for row in switches:
                yield (f"  {row['case'] + ' ' + row['tuning']:<30}{row['switches'] * row['packets']:>8}{row['old']:>8}"
                       f"{row['new']:>8}{row['lost']:>8}  {row['how']}")
            yield ""
        times = [r for r in self.rows if r["mode"] == "time" and "p99" in r and "vips" in r]
        if times:
            yield f"{'time of a switch, us':<32}{'vips':>8}{'p50':>9}{'p99':>9}{'max':>10}{'samples':>9}"
            for row in times:
                yield (f"  {row['case']:<30}{row['vips']:>8}{row['p50'] / 1000:>9.2f}{row['p99'] / 1000:>9.2f}"
                       f"{row['max'] / 1000:>10.2f}{row['samples']:>9}{mark(row)}")
            yield ""
        kills = [r for r in self.rows if "kills" in r]
        if kills:
            yield f"{'from a kill until it is known, ms':<34}{'p50':>9}{'p99':>9}{'max':>9}{'kills':>7}{'false':>7}"
            for row in kills:
                marks = "".join(f"{row[key] / 1e6:>9.3f}" if row["kills"] else f"{'-':>9}"
                                for key in ("p50", "p99", "max"))
                yield f"  {row['case']:<32}{marks}{row['kills']:>7}{row['false']:>7}{mark(row)}"
            yield ""
        faults = [r for r in self.rows if "both" in r and "died" not in r]
        if faults:
            yield ("by haswitch's agents and by others, in simulated time, by instructions where the case "
                   "says `counted`:")
            yield (f"{'a fault of the holder to the next answer, ms':<46}{'p50':>9}{'p99':>9}{'max':>9}{'faults':>7}"
                   f"{'false':>7}{'two owners':>12}")
            for row in faults:
                marks = "".join(f"{row[key] / 1e6:>9.1f}" for key in ("p50", "p99", "max"))
                yield (f"  {row['case'].removeprefix('failover-'):<44}{marks}{row['faults']:>7}{row['false']:>7}"
                       f"{row['both']:>12}")
            yield ""
        yield from self.kernels()
        planned = [r for r in self.rows if r["mode"] == "planned"]
        if planned:
            yield f"{'what is planned':<46}{'asked':>9}{'lost':>9}{'times':>9}"
            for row in planned:
                yield f"  {row['case'].removeprefix('failover-'):<44}{row['asked']:>9}{row['raw']:>9}{row['faults']:>9}"
            yield ""
        yield from self.remaps()
        joined = [r for r in self.rows if r["mode"] == "connect"]
        if joined:
            yield f"{'instructions a TCP connection':<32}{'all':>9}{'between':>9}{'done':>8}{'failed':>8}"
            for row in joined:
                yield f"  {row['case']:<30}{row['raw']:>9}{row['net']:>9}{row['done']:>8}{row['failed']:>8}"
            yield ""
        scaled = [r for r in self.rows if r["mode"] == "scaling"]
        if scaled:
            yield (f"{'packets a second, half of them of new flows':<44}{'one CPU':>10}{'all CPUs':>10}"
                   f"{'tracked':>10}{'CPUs':>6}{'times':>7}")
            for row in scaled:
                yield (f"  {row['case']:<42}{row['one']:>10}{row['all']:>10}"
                       f"{row.get('flows', 0):>10}{row['cpus']:>6}{row['raw']:>7.2f}{mark(row)}")
            yield ""
        goals = list(self.goals())
        if goals:
            yield "goals"
            for what, figure, goal, met in goals:
                yield f"  {'met    ' if met else 'NOT MET'}  {what}: {figure} ({goal})"
            yield ""
        if any(disturbed(row) for row in self.rows):
            yield (f"* disturbed: more than {STEAL_MAX} % steal, or the guest waited for a CPU more than {WAITED_MAX} "
                   "% of the time:")
            for row in self.rows:
                if disturbed(row):
                    yield f"    {row['case']} ({row['kernel']}): steal {row['steal']} %, waited {row['waited']} %"
            yield ""
