# SPDX-License-Identifier: GPL-2.0
"""How the demo is told to people: one timeline."""
import time

import cluster
import compare
import judge
import network

INDENT = " " * 14
LABEL = 14
STALLS = 500 * judge.MS     # so much later are failures noticed where machines stall, at most


def wall(ns):
    """Wall time of a CLOCK_BOOTTIME stamp."""
    since = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - ns
    at = time.time_ns() - since
    return time.strftime("%H:%M:%S", time.localtime(at // judge.SECOND)) + f".{at // judge.MS % 1000:03d}"


def line(ns, text):
    print(f"{wall(ns)}  {text}", flush=True)


def note(text):
    print(INDENT + text, flush=True)


def row(label, ns, since, text=""):
    after = f"+{(ns - since) / judge.MS:.6f} ms" if ns != since else ""
    note(f"{label:{LABEL}}{judge.when(ns):>14} s {after:>18}  {text}".rstrip())


def ms(ns):
    return f"{ns / judge.MS:g} ms"


def bounds(t):
    """How long detection may take: (ns, in words), by the modules' heartbeats and by health check."""
    late, words = (0, "") if network.simulated() else (STALLS, f" + {ms(STALLS)} as machines may stall")
    return {
        "heartbeat": {"ns": t["pulse"] * (t["multiplier"] + 1) + late,
                      "words": f"every {ms(t['pulse'])} x {t['multiplier']} + {ms(t['pulse'])}{words}"},
        "refusal": {"ns": late, "words": f"the first connection that is refused tells{words}"},
    }


def scene(c, holder):
    print(f"machines: {' '.join(network.BALANCERS)} (balancers), {' '.join(network.SERVERS)} (nginx), "
          f"{network.WITNESS} (witness): namespaces of one kernel")
    print("time is simulated: the clock stands still while programs compute, and no machine is late"
          if network.simulated() else
          "time is real: a busy host delays everything")
    print(f"/etc/haswitch/haswitch.conf and haagentd.conf, the same on all, are in {c.out}:")
    for text in (cluster.HASWITCH_CONF, cluster.HAAGENTD_CONF):
        print("".join(f"    {line}\n" for line in text.expandtabs(4).splitlines()))
    t = c.timings()
    print(f"all times are the defaults: heartbeats of the modules each {ms(t['pulse'])}, lost after "
          f"{t['multiplier']}; TCP check every {ms(t['interval'])}, rise {t['rise']}, fall {t['fall']}")
    print(f"{cluster.SERVICE} by lease {cluster.LEASE}, which {holder} holds; stamps: seconds since boot, to "
          "the nanosecond (CLOCK_BOOTTIME)\n", flush=True)


WHOSE = {"pulse": "its module", "beat": "its agent"}
MEMBER = {("health", "down"): "health checks failed", ("health", "up"): "health checks pass",
          ("refused", "refused"): "nobody listens there, its module says",
          ("refused", "up"): "it has listened for a second"}


def why(switch):
    e = switch.event
    if not e:
        return "?"
    if e["kind"] == "node":
        whose = WHOSE.get(e["cause"], e["cause"])
        heard = {"up": f"heartbeats of {whose} are back",
                 "held": f"heartbeats of {whose} were back for 10 s (failback)"}
        return f"node {e['node']} {e['from']} -> {e['to']}: {heard.get(e['to'], f'no heartbeat of {whose} any more')}"
    return f"member {e['node']} {e['health']}: {MEMBER.get((e['cause'], e['health']), e['cause'])}"


def waited(s):
    """Why traffic does not go back at once to what has returned."""
    if s.event and s.event["kind"] == "node":
        return "a node that returns must stay up for 10 s (failback, the default)"
    return "a program that is back must listen for a second"


def window(ns):
    """As in the table, which has the same figure."""
    note(f"{'window':{LABEL}}{judge.short(ns)}, the longest time in which no client got an answer")


def switch(s, counts, bound):
    cause = s.act.at
    row("cause", cause, cause)
    row("detected", s.detected, cause, why(s))
    row("published", s.published, cause)
    row("first packet", s.first, cause, f"to {s.act.to}")
    if bound:
        allowed = bound["ns"] + judge.ALLOWANCE
        good = "good" if s.first - cause <= allowed else "TOO LONG"
        note(f"{'moved after':{LABEL}}{judge.short(s.first - cause)}, at most {ms(allowed)}: {good} ({bound['words']}, "
             f"+ {ms(judge.ALLOWANCE)})")
    else:
        note(f"{'moved after':{LABEL}}{(s.first - cause) / judge.SECOND:.0f} s, on purpose: {waited(s)}. "
             f"{s.act.gone} served meanwhile")
    if counts.pause is not None:
        window(counts.pause)
    note(f"{'requests':{LABEL}}{counts.served} served, {counts.failed} failed, {counts.reset} kept "
         f"connections reset and asked again\n")


def summary(requests, verdict):
    story = verdict.story
    seconds = (story.end - story.begin) / judge.SECOND
    served = sum(r.result == "served" for r in requests)
    kinds = ", ".join(f"{sum(r.kind == k for r in requests)} on {k} connections" for k in judge.KINDS)
    nodes = ", ".join(f"{n} {sum(r.node == n for r in requests)}" for n in network.SERVERS)
    print(f"{len(requests)} requests in {seconds:.1f} s ({len(requests) / seconds:.0f}/s; {kinds}): {served} served "
          f"({nodes}), {len(requests) - served} failed")


def verdict(v):
    for problem in v.problems:
        print(f"WRONG: {problem}")
    if not v.problems:
        print("Every failed request was open between a cause and the first packet on the new way; each "
              "move was in time; traffic came back each time.")


def peer():
    print("\nThe same machines and faults with Debian's keepalived: VRRP and IPVS (direct routing), as its samples are "
          f"written.\n{network.VIP} is preferred at {network.BALANCERS[0]}; its configuration is in keepalived/.\n",
          flush=True)


def table(v):
    print("Each fault, by both. A window is, as above, the longest time in which no client got an answer; lost are "
          f"the requests, of {network.NEW + network.KEPT}/s,\nthat came to nothing; two owners: both balancers "
          "answered a client's ARP for the vip at once. " + ("Time is simulated." if network.simulated() else "") +
          "\n")
    for text in compare.table(v.rows):
        print(text)
    print()
    for problem in v.problems:
        print(f"WRONG: {problem}")
    if not v.problems:
        print("haswitch's windows are within their bounds, it had one owner at any time, and the move on "
              "purpose lost nothing.", flush=True)
