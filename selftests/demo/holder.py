# SPDX-License-Identifier: GPL-2.0
"""The demo's second act: the lease's holder loses its power, its agent is stopped, and it is moved on purpose."""
import collections
import signal
import time

import cluster
import compare
import judge
import network
import telling
from network import now

# The client uses no port of the act before, which the servers still have in TIME_WAIT.
FIRST_PORT = 30000
LOG = "holder.log"
SETTLE = 1.6                            # s; longer than TCP waits before it sends a lost SYN again
ENDS = 116 * judge.MS                   # voters wait for a silent holder (PROFILES in haagentd.conf(5))
PLANNED = 10 * judge.MS                 # between two answers when it is moved

# What the story does to the holder: which fault that is, as it is told, how, how it is undone, and how long there may
# be no answer. No request may fail of what is planned. `served` says why clients are still served by a holder that has
# failed, if they are.
Deed = collections.namedtuple("Deed", "fault text do undo bound planned served", defaults=[None])

# What came of it: `to` was granted the lease at `granted`, and the first request that began after that was answered at
# `back`.
Move = collections.namedtuple("Move", "deed at gone to granted back")

DEEDS = (
    Deed("power", "the holder loses its power", lambda c, node: c.power_off(node), lambda c, node: c.power_on(node),
         ENDS, False),
    Deed("stopped", "the holder's agent stops running (SIGSTOP)",
         lambda c, node: c.signal(node, "agent", signal.SIGSTOP),
         lambda c, node: c.signal(node, "agent", signal.SIGCONT), ENDS, False,
         "its module serves clients, until the members take its lease to have ended"),
    Deed("moved", f"haadm failover {cluster.LEASE}: the holder is to be another one",
         lambda c, node: c.haadm(node, "failover", cluster.LEASE), lambda c, node: None, PLANNED, True),
)


def granted(c, node, since):
    """When that node was granted the lease first since then."""
    for event in c.show(node, "event", "show"):
        if (event["kind"] == "lease" and event["cause"] == "granted" and event.get("node") == node and
            event["publish"] > since):
            return event["publish"]
    return None


class Story:
    """The load goes on while one deed follows another."""

    def __init__(self, c, wait, requests, watch):
        self.c, self.wait, self.requests, self.watch = c, wait, requests, watch
        self.faults = []

    def served(self, since):
        return [r for r in self.requests.read() if r.result == "served" and r.start > since]

    def act(self, deed):
        begin = now()
        self.wait("all to be well", self.c.well, limit=60, pace=0.2)
        self.wait("traffic by the lease's holder", lambda: len(self.served(begin)) >= judge.LEAST_AFTER)
        gone = self.c.holder()
        to, = set(network.BALANCERS) - {gone}
        self.watch.begin()
        at = now()
        telling.line(at, f"{gone}: {deed.text}")
        deed.do(self.c, gone)
        taken = self.wait("that the other one is granted the lease", lambda: granted(self.c, to, at))
        after = self.wait("requests served again", lambda: len(self.served(taken)) >= judge.LEAST_AFTER and
                          self.served(taken))
        time.sleep(SETTLE)
        self.watch.end()
        bound = deed.bound + judge.ALLOWANCE + (0 if network.simulated() else telling.STALLS)
        self.faults.append(compare.Fault("haswitch", deed.fault, at, now(), to, bound, deed.planned, LOG))
        deed.undo(self.c, gone)
        return Move(deed, at, gone, to, taken, min(r.end for r in after))


def tell(c, wait, follower, watch, out, gaps):
    """What is done to the holder, under load; returns what is wrong, and the faults. `gaps` grows with each time in
    which the machine stood still."""
    c.begin_load(FIRST_PORT, f"{out}/{LOG}")
    story = Story(c, wait, follower(f"{out}/{LOG}"), watch)
    moves = []
    for deed in DEEDS:
        moves.append(story.act(deed))
        tell_move(moves[-1], story.faults[-1], story.requests.read())
    c.end_load()
    return report(moves, story.requests.read(), gaps), story.faults


def failed(requests, move, end):
    """Requests that were open at some time between the deed and then, and came to nothing."""
    return [r for r in requests if r.result != "served" and r.end >= move.at and r.start <= end]


def tell_move(move, fault, requests):
    during = [r for r in requests if r.end >= move.at]
    window, since = compare.window(fault, requests)
    telling.row("cause", move.at, move.at)
    if move.deed.served and since > move.at:
        telling.row("last answer", since, move.at, f"by {move.gone}: {move.deed.served}")
    telling.row("granted", move.granted, move.at, f"node {move.to} holds the lease now")
    telling.row("served", move.back, move.at, "the first answer to who asked after that")
    telling.window(window)
    lost = failed(requests, move, move.back)
    telling.note(f"{'requests':{telling.LABEL}}{len(during) - len(lost)} served, {len(lost)} failed\n")


def report(moves, requests, gaps):
    """What is wrong besides windows and owners, which are judged with the table."""
    wrong = judge.Complaints(gaps)
    allowed = [r for move in moves for r in failed(requests, move, move.back)]
    for r in [r for r in requests if r.result != "served" and r not in allowed][:3]:
        wrong.complain(f"a request failed ({r.result}) while nobody was to follow another", r.start, r.end)
    return wrong
