# SPDX-License-Identifier: GPL-2.0
"""How the demo is told to people: one timeline."""
import time

import cluster
import judge

INDENT = " " * 14
LABEL = 14


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
    """How long detection may take: (ns, in words), by heartbeats and by health check."""
    return {
        "heartbeat": {"ns": t["suspect"] + t["time"] + t["heartbeat"],
                      "words": f"suspect after {ms(t['suspect'])} + T {ms(t['time'])} + heartbeat {ms(t['heartbeat'])}"},
        "check": {"ns": t["interval"] * t["fall"] + t["timeout"],
                  "words": f"every {ms(t['interval'])} x fall {t['fall']} + timeout {ms(t['timeout'])}"},
    }


def scene(c):
    print(f"{cluster.SERVICE}: held by entry, active-standby, members {' '.join(cluster.MEMBERS)} (nginx), via direct")
    t = c.timings()
    print(f"agents with the shipped defaults: heartbeat {ms(t['heartbeat'])}, suspect after {ms(t['suspect'])}, "
          f"T {ms(t['time'])}; TCP check every {ms(t['interval'])}, rise {t['rise']}, fall {t['fall']}")
    print("stamps: seconds since boot, to the nanosecond (CLOCK_BOOTTIME)\n", flush=True)


def why(switch):
    e = switch.event
    if not e:
        return "?"
    if e["kind"] == "node":
        heard = "no heartbeat of it any more" if e["to"] != "up" else "its heartbeats are back"
        return f"node {e['node']} {e['from']} -> {e['to']}: {heard}"
    return f"member {e['node']} {e['health']}: health checks {'failed' if e['health'] == 'down' else 'pass'}"


def switch(s, counts, bound):
    cause = s.act.at
    row("cause", cause, cause)
    row("detected", s.detected, cause, why(s))
    row("published", s.published, cause)
    row("first packet", s.first, cause, f"to {s.act.to}")
    window = f"{judge.short(s.first - cause)}"
    if bound:
        allowed = bound["ns"] + judge.ALLOWANCE
        good = "good" if s.first - cause <= allowed else "TOO LONG"
        window += f", at most {ms(allowed)}: {good} ({bound['words']}, + {ms(judge.ALLOWANCE)})"
    note(f"{'window':{LABEL}}{window}")
    pause = "" if counts.pause is None else f"; longest time without an answer {judge.short(counts.pause)}"
    note(f"{'requests':{LABEL}}{counts.served} served, {counts.failed} failed, {counts.reset} kept connections reset and "
         f"asked again{pause}\n")


def summary(requests, verdict):
    story = verdict.story
    seconds = (story.end - story.begin) / judge.SECOND
    served = sum(r.result == "served" for r in requests)
    kinds = ", ".join(f"{sum(r.kind == k for r in requests)} on {k} connections" for k in judge.KINDS)
    nodes = ", ".join(f"{n} {sum(r.node == n for r in requests)}" for n in cluster.MEMBERS)
    print(f"{len(requests)} requests in {seconds:.1f} s ({len(requests) / seconds:.0f}/s; {kinds}): {served} served "
          f"({nodes}), {len(requests) - served} failed")


def verdict(v):
    for problem in v.problems:
        print(f"WRONG: {problem}")
    if not v.problems:
        print("Every failed request was open between a cause and the first packet on the new way; every window is good; "
              "traffic came back each time.")
