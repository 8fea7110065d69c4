# SPDX-License-Identifier: GPL-2.0
"""The demo's last act: the vip gets a lease, and the node that holds it is cut off."""
import collections
import time

import cluster
import judge
import telling

LEASE = "web"
NEW, KEPT, CONNECTIONS = 60, 90, 10     # load, half of that of the acts before
LONGEST = 2 * judge.SECOND              # from the cause to the first request that is served again

# What came of it: `to` was granted the lease at `granted`, and the first request that began after that was answered at `back`.
Move = collections.namedtuple("Move", "at gone to granted back")


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


def tell(c, wait, follower, now, log, gaps):
    """Cuts off the holder under load; returns what is wrong. `gaps` grows with each time in which the machine stood still."""
    gone = give_lease(c, wait)
    telling.line(now(), f"the vip has a lease, and the agents vote: {gone} holds it")
    c.begin_load(NEW, KEPT, CONNECTIONS, log)
    requests = follower(log)

    def served(since):
        return [r for r in requests.read() if r.result == "served" and r.start > since]

    begin = now()
    wait("traffic by the lease's holder", lambda: len(served(begin)) >= judge.LEAST_AFTER)
    time.sleep(1)
    at = now()
    c.link(gone, "down")
    telling.line(at, f"{gone}: link down, the holder is cut off")
    to = wait("another holder", lambda: holder(c) not in (None, gone) and holder(c))
    taken = wait("that it was granted", lambda: granted(c, to, at))
    after = wait("requests served again", lambda: len(served(taken)) >= judge.LEAST_AFTER and served(taken))
    time.sleep(1.6)
    c.end_load()
    move = Move(at, gone, to, taken, min(r.end for r in after))
    return report(move, requests.read(), gaps)


def report(move, requests, gaps):
    """Tells what came of it; returns what is wrong."""
    wrong = judge.Complaints(gaps)
    failed = [r for r in requests if r.result != "served"]
    outside = [r for r in failed if r.start > move.back or r.end < move.at]
    telling.row("cut off", move.at, move.at)
    telling.row("granted", move.granted, move.at, f"node {move.to} holds the lease now")
    telling.row("served", move.back, move.at, "the first answer to who asked after that")
    telling.note(f"{'requests':{telling.LABEL}}{len(requests) - len(failed)} served, {len(failed)} failed\n")
    for r in outside[:3]:
        wrong.complain(f"a request failed ({r.result}) while {move.gone} and {move.to} did not change", r.start, r.end)
    if move.back - move.at > LONGEST:
        wrong.complain(f"no answer for {judge.short(move.back - move.at)}, more than {telling.ms(LONGEST)}", move.at, move.back)
    return wrong
