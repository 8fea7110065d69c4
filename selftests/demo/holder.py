# SPDX-License-Identifier: GPL-2.0
"""The demo's last act: the vip gets a lease, whose holder is cut off, stopped, and then moved on purpose."""
import collections
import signal
import time

import cluster
import judge
import telling

LEASE = "web"
NEW, KEPT, CONNECTIONS = 60, 90, 10     # load, half of that of the acts before
FIRST_PORT = 30000                      # of its client; no port of the acts before, which the servers still have in TIME_WAIT
LONGEST = 2 * judge.SECOND              # from the cause to the first request that is served again
SETTLE = 1.6                            # s; longer than TCP waits before it sends a lost SYN again

# What the story does to the holder: as it is told, how, and how it is undone. No request may fail of what is planned.
Deed = collections.namedtuple("Deed", "text do undo planned")

# What came of it: `to` was granted the lease at `granted`, and the first request that began after that was answered at `back`.
Move = collections.namedtuple("Move", "deed at gone to granted back")

DEEDS = (
    Deed("link down, the holder is cut off", lambda c, node: c.link(node, "down"), lambda c, node: c.link(node, "up"), False),
    Deed("the holder's agent stops running (SIGSTOP)", lambda c, node: c.signal(node, "agent", signal.SIGSTOP),
         lambda c, node: c.signal(node, "agent", signal.SIGCONT), False),
    Deed(f"haadm failover {LEASE}: the holder is to be another one", lambda c, node: c.haadm(node, "failover", LEASE),
         lambda c, node: None, True),
)


def holder(c):
    """The node whose module holds the lease, or None."""
    for node in cluster.NODES:
        if c.haadm_json(node, "lease", "show", LEASE)[0].get("held"):
            return node
    return None


def granted(c, node, since):
    """When that node was granted the lease first since then."""
    for event in c.haadm_json(node, "event", "show"):
        if event["kind"] == "lease" and event["cause"] == "granted" and event.get("node") == node and event["publish"] > since:
            return event["publish"]
    return None


def give_lease(c, wait):
    """On every node what doc/leases.md says: from then on the agents decide."""
    for node in cluster.NODES:
        c.haadm(node, "lease", "add", LEASE)
        c.haadm(node, "vip", "set", cluster.VIP, "lease", LEASE)
    return wait("a holder of the lease", lambda: holder(c), limit=60)


def all_alive(c):
    """Each agent hears all others again."""
    return all(peer["agent"] == "alive" for node in cluster.NODES for peer in c.haadm_json(node, "node", "show"))


def all_pass(c):
    """No node that may hold the lease next takes a member for down; it would move connections once its checks pass."""
    return all(member["health"] != "down" for node in cluster.NODES for member in c.haadm_json(node, "member", "show"))


class Story:
    """The load goes on while one deed follows another."""

    def __init__(self, c, wait, requests, now):
        self.c, self.wait, self.requests, self.now = c, wait, requests, now

    def served(self, since):
        return [r for r in self.requests.read() if r.result == "served" and r.start > since]

    def act(self, deed):
        begin = self.now()
        self.wait("traffic by the lease's holder", lambda: len(self.served(begin)) >= judge.LEAST_AFTER)
        self.wait("all agents to hear each other", lambda: all_alive(self.c))
        self.wait("all health checks to pass", lambda: all_pass(self.c))
        gone = self.wait("a holder of the lease", lambda: holder(self.c))
        at = self.now()
        telling.line(at, f"{gone}: {deed.text}")
        deed.do(self.c, gone)
        to = self.wait("another holder", lambda: holder(self.c) not in (None, gone) and holder(self.c))
        taken = self.wait("that it was granted", lambda: granted(self.c, to, at))
        after = self.wait("requests served again", lambda: len(self.served(taken)) >= judge.LEAST_AFTER and self.served(taken))
        time.sleep(SETTLE)
        deed.undo(self.c, gone)
        return Move(deed, at, gone, to, taken, min(r.end for r in after))


def tell(c, wait, follower, now, log, gaps):
    """What is done to the holder, under load; returns what is wrong. `gaps` grows with each time in which the machine stood still."""
    telling.line(now(), f"the vip has a lease, and the agents vote: {give_lease(c, wait)} holds it")
    c.begin_load(NEW, KEPT, CONNECTIONS, FIRST_PORT, log)
    story = Story(c, wait, follower(log), now)
    moves = []
    for deed in DEEDS:
        moves.append(story.act(deed))
        tell_move(moves[-1], story.requests.read())
    c.end_load()
    return report(moves, story.requests.read(), gaps)


def failed(requests, move, end):
    """Requests that were open at some time between the deed and then, and came to nothing."""
    return [r for r in requests if r.result != "served" and r.end >= move.at and r.start <= end]


def tell_move(move, requests):
    during = [r for r in requests if r.end >= move.at]
    telling.row("begins", move.at, move.at)
    telling.row("granted", move.granted, move.at, f"node {move.to} holds the lease now")
    telling.row("served", move.back, move.at, "the first answer to who asked after that")
    lost = failed(requests, move, move.back)
    telling.note(f"{'requests':{telling.LABEL}}{len(during) - len(lost)} served, {len(lost)} failed\n")


def report(moves, requests, gaps):
    """Tells what came of it; returns what is wrong."""
    wrong = judge.Complaints(gaps)
    for move in moves:
        for r in failed(requests, move, move.back)[:3] if move.deed.planned else ():
            wrong.complain(f"a request failed ({r.result}) though {move.gone} was left on purpose", r.start, r.end)
        if move.back - move.at > LONGEST:
            wrong.complain(f"no answer for {judge.short(move.back - move.at)}, more than {telling.ms(LONGEST)}", move.at, move.back)
    allowed = [r for move in moves for r in failed(requests, move, move.back)]
    for r in [r for r in requests if r.result != "served" and r not in allowed][:3]:
        wrong.complain(f"a request failed ({r.result}) while nobody was to follow another", r.start, r.end)
    return wrong
