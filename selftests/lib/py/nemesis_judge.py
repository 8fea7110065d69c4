# SPDX-License-Identifier: GPL-2.0
"""Judges what happened under faults: by what the modules told, and by who answered a client.
All times are ns of one clock."""
import collections

MS = 10**6
MARGIN = 5 * MS         # what a node decided in its grant leaves within it
FOREVER = 1 << 64

# A node's own right to a lease; stop is what ended it.
Grant = collections.namedtuple("Grant", "lease epoch begin end node stop")
# An answer in the name of a vip that a client received, from the machine whose MAC it has.
Answer = collections.namedtuple("Answer", "at lease kind node")


def grants(node, events):
    """The grants that the node had itself, from the events of its module, oldest first."""
    held, found = {}, []
    for event in events:
        if event["kind"] != "lease":
            continue
        lease, cause = event["lease"], event["cause"]
        if cause == "resigned" and event.get("node") != node:
            # Another node's late word of a grant that it had before.
            continue
        if lease in held:
            epoch, begin = held.pop(lease)
            # What runs out ends at its deadline, though the timer is late.
            end = event["decision"] if cause == "expired" else event["publish"]
            found.append(Grant(lease, epoch, begin, max(begin, end), node, cause))
        if cause == "granted" and event.get("node") == node:
            held[lease] = (event["epoch"], event["publish"])
    return found + [Grant(lease, epoch, begin, FOREVER, node, "") for lease, (epoch, begin) in held.items()]


def text(grant, zero):
    end = "now" if grant.end == FOREVER else f"{(grant.end - zero) / 1e9:.6f}"
    return (f"{grant.node} from {(grant.begin - zero) / 1e9:.6f} to {end} s under {grant.epoch:x}, "
            f"{grant.stop or 'lasts'}")


def of_lease(found, lease):
    return sorted((t for t in found if t.lease == lease), key=lambda t: (t.begin, t.end))


def two_owners(found, zero=0):
    """Each pair of grants of different nodes at one time."""
    for lease in sorted({t.lease for t in found}):
        mine = of_lease(found, lease)
        for i, first in enumerate(mine):
            for second in mine[i + 1:]:
                if second.begin >= first.end:
                    continue
                if second.node != first.node and second.end > first.begin:
                    yield f"{lease}: {text(first, zero)}; {text(second, zero)}"


def epochs_down(found, zero=0):
    """Each grant whose epoch is not above those of all other nodes before it, and not below its node's own."""
    for lease in sorted({t.lease for t in found}):
        top = None
        for grant in of_lease(found, lease):
            if top and (grant.epoch < top.epoch or (grant.epoch == top.epoch and grant.node != top.node)):
                yield f"{lease}: {text(grant, zero)}, after {text(top, zero)}"
            if not top or grant.epoch > top.epoch:
                top = grant


def gap(found, lease, begin, end):
    """The first moment from BEGIN to END at which nobody has the lease, and until when; None if somebody always has."""
    at = begin
    for grant in of_lease(found, lease):
        if grant.begin > at:
            break
        at = max(at, grant.end)
    if at >= end:
        return None
    return at, min([t.begin for t in of_lease(found, lease) if t.begin > at] + [end])


def stalled(stalls, begin, end):
    """Whether the machine stood still between BEGIN and END. STALLS are (begin, end) of each time."""
    return any(first < end and last > begin for first, last in stalls)


def most_vote(muted):
    """From when on most voters ack grants, given when each one does."""
    return sorted(muted)[len(muted) // 2]


def owned_at(found, lease, begin):
    """When somebody first has the lease from BEGIN on; None if nobody has."""
    return min((max(begin, t.begin) for t in found if t.lease == lease and t.end > begin), default=None)


def configurations_differ(committed):
    """Each number under which two nodes have committed different configurations. COMMITTED has what each node has."""
    for number in sorted({n for had in committed.values() for n in had}):
        hashes = {name: had[number] for name, had in committed.items() if number in had}
        if len(set(hashes.values())) > 1:
            yield f"configuration {int(number)}: " + ", ".join(f"{name} has {h}" for name, h in sorted(hashes.items()))


def behind(committed):
    """Each node whose newest configuration is not the newest one of all."""
    newest = {name: max(had, default="") for name, had in committed.items()}
    top = max(newest.values(), default="")
    return [f"{name}: its newest configuration is {int(n or 0)} of {int(top)}" for name, n in sorted(newest.items())
            if n != top]


def strangers(found, answers, zero=0, margin=MARGIN):
    """Each answer of a node that had no grant, nor has had one within the margin."""
    times = collections.defaultdict(list)
    for grant in found:
        times[grant.lease, grant.node].append((grant.begin, grant.end + margin))
    for answer in answers:
        if not any(begin <= answer.at <= end for begin, end in times[answer.lease, answer.node]):
            yield f"{answer.lease}: {answer.node} sent {answer.kind} at {(answer.at - zero) / 1e9:.6f} s"


def late(found, answers, zero=0, margin=MARGIN):
    """Each answer of a node that comes later than the margin after another one's first,
    and without a grant since then."""
    speaks = {}
    for answer in sorted(answers, key=lambda a: a.at):
        node, since, before = speaks.get(answer.lease, (None, 0, None))
        if answer.node == node or (answer.node == before and answer.at <= since + margin):
            continue
        if node and not any(t.lease == answer.lease and t.node == answer.node and since - margin <= t.begin <= answer.at
                            for t in found):
            yield (f"{answer.lease}: {answer.node} sent {answer.kind} at {(answer.at - zero) / 1e9:.6f} s, "
                   f"{node} answers since {(since - zero) / 1e9:.6f} s")
            continue
        speaks[answer.lease] = answer.node, answer.at, node
