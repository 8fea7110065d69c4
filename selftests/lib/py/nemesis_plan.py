# SPDX-License-Identifier: GPL-2.0
"""What a seed of the nemesis has happen: a cluster, and faults with their times.
The same seed has the same in every run."""
import collections
import random

MS, SECOND = 10**6, 10**9
SECONDS = 20                    # faults come for so long

# Of one voter in three, or two in five, files get lost: of more, nobody may hold a lease any more (haagentd(8)).
# profile is that of haagentd.conf, and settles heartbeat and suspect; a pair has split = "allow".
Shape = collections.namedtuple("Shape", "nodes witness paths profile heartbeat suspect delay victims")
Fault = collections.namedtuple("Fault", "at lasts kind who detail")
Plan = collections.namedtuple("Plan", "seed shape faults ends")

HOLDER = "holder"               # who holds the lease that the detail names, when the fault comes
LEASES = ("web", "db")

# How often each kind is drawn, and for how long it lasts, ms.
KINDS = {
    "kill": (10, 5, 2500),          # the agent, by SIGKILL; it starts again later
    "killed-all": (2, 5, 1500),     # every agent
    "halt": (10, 10, 2500),         # SIGSTOP, then SIGCONT
    "end": (5, 5, 1800),            # SIGTERM, then a start: within the longest right, or not
    "leave": (3, 5, 1500),          # SIGUSR1, then a start
    "roll": (2, 100, 800),          # every agent is restarted, one after the other
    "lost": (3, 5, 1500),           # killed; its voter's file is gone when it starts
    "damaged": (2, 5, 1500),        # killed; both slots of the file are damaged
    "torn": (3, 5, 1500),           # killed; one slot is damaged, as by a power loss in a write
    "unwritable": (4, 300, 4000),   # writes to the voter's file fail
    "full": (2, 200, 2500),         # killed; the file is gone, and the disk too full for another one
    "worse": (10, 50, 4000),        # packets of one way are late, lost, doubled, in another order
    "one-way": (8, 20, 2500),       # none get through one way
    "apart": (6, 20, 2500),         # two do not hear each other
    "lag": (6, 500, 1200),          # a holder hears late, and then nobody hears it: what counts is when it asked
    # A holder has one voter, apart from another one, and that voter is killed and starts at once.
    "forget": (6, 300, 1000),
    # One hears nobody, and is heard by its clients only: a power loss, but for what it does.
    "alone": (8, 20, 2500),
    "split": (4, 50, 2500),         # two halves
    "path": (4, 50, 2500),          # one of the networks is away
    "devices": (4, 50, 2500),       # all devices of a node on one network are down
    "client": (5, 20, 2000),        # the link by which clients come is down
    "drain": (6, 100, 2000),        # the node is drained, by the operator, on all nodes
    "release": (4, 0, 0),           # the operator has the holder release the lease
    "rotate": (3, 400, 2500),       # a second key, then the first one is dropped
    "restore": (2, 0, 0),           # the module gets its configuration once more
    "apply": (5, 0, 0),             # the operator applies another configuration to the cluster
    "unload": (1, 20, 800),         # the module of all goes and comes back under the agents
    "blackout": (1, 5, 800),        # all agents are killed, and the module is loaded anew
}
OF_NODES = {"client", "drain", "full", "restore", "apply"}       # a witness has nothing of that
OF_VICTIMS = {"lost", "damaged", "full"}
ONCE = {"unload", "blackout", "rotate", "roll"}


def draw_shape(rng):
    """A cluster: three voters, two and a witness, two alone, four nodes of which three vote, or five voters."""
    kind = rng.choices(("three", "witness", "pair", "four", "five"), (6, 4, 2, 1, 1))[0]
    nodes = {"three": "abc", "witness": "ab", "pair": "ab", "four": "abcd", "five": "abcde"}[kind]
    witness = "w" if kind == "witness" else None
    voters = list(nodes[:-1] if kind == "four" else nodes) + ([witness] if witness else [])
    victims = tuple(sorted(rng.sample(voters, 2 if kind == "five" else 1)))
    heartbeat, suspect = rng.choice(((20, 200), (20, 100), (10, 60)))
    return Shape(tuple(nodes), witness, rng.choice((1, 2)), "default", heartbeat, suspect,
                 rng.choice((0, 0, 200_000, 2 * MS)), victims)


def alone(shape):
    """Whether two voters are alone, without a witness."""
    return len(shape.nodes) == 2 and not shape.witness


def machines(shape):
    """All that have an agent."""
    return list(shape.nodes) + ([shape.witness] if shape.witness else [])


def span(rng, kind):
    """How long it lasts, ns: as often a tenth of something as the whole of it."""
    _, least, most = KINDS[kind]
    return int(least * (most / least) ** rng.random() * MS) if most else 0


def draw_who(rng, shape, kind):
    """Who is struck: often the holder, since most depends on it."""
    if kind in OF_VICTIMS:
        fitting = [v for v in shape.victims if v != shape.witness or kind not in OF_NODES]
        return rng.choice(fitting) if fitting else None
    if kind in ("release", "lag", "forget") or rng.random() < 0.45:
        return HOLDER
    return rng.choice(shape.nodes if kind in OF_NODES else machines(shape))


def draw_fault(rng, shape, at, kind):
    """One fault; None if it means nothing in this cluster."""
    detail = {"lease": rng.choice(LEASES)}
    paths = list(range(1, shape.paths + 1))
    who = draw_who(rng, shape, kind)
    if not who or kind == "forget" and alone(shape):
        return None
    everybody = machines(shape)
    if kind in ("worse", "one-way", "apart"):
        detail["to"] = rng.choice(everybody)
        # On one network of two it is not much.
        detail["paths"] = paths if rng.random() < 0.6 else [rng.choice(paths)]
        detail["back"] = rng.random() < 0.5
    if kind == "worse":
        detail["all"] = rng.random() < 0.3
        detail["delay"] = int(0.1 * MS * 1000 ** rng.random())
        detail["jitter"] = int(detail["delay"] * rng.random())
        detail["loss"] = round(rng.choice((0, 0.05, 0.2, 0.5)) * rng.random(), 3)
        detail["twice"] = round(0.3 * rng.random(), 3)
    if kind == "lag":
        detail["delay"] = int(rng.uniform(35, 80) * MS)
    if kind == "forget":
        detail["after"] = [int(rng.uniform(0, 300) * MS) for _ in range(3)]
    if kind == "split":
        rng.shuffle(everybody)
        detail["half"] = "".join(sorted(everybody[:rng.randint(1, len(everybody) - 1)]))
    if kind in ("path", "devices"):
        detail["path"] = rng.choice(paths)
    if kind in ("kill", "killed-all", "end", "roll", "lost", "damaged", "torn"):
        detail["order"] = rng.sample(everybody, len(everybody))
    if kind == "end" and rng.random() < 0.7:
        # Mostly as a restart does it.
        return Fault(at, int(rng.uniform(10, 300) * MS), kind, who, detail)
    return Fault(at, span(rng, kind), kind, who, detail)


def draw(seed, seconds, only=()):
    """The plan of a seed: faults for so many seconds, some of them while others last. Of some kinds only, one after the
    other, it is for looking at these."""
    rng = random.Random(f"nemesis {seed}")
    shape = draw_shape(rng)
    # The modules' pulses, one a millisecond, are dear in simulated time, so few have that.
    if random.Random(f"nemesis fast {seed}").random() < 0.05:
        shape = shape._replace(profile="fast", heartbeat=5, suspect=15)
    ends = int(seconds * SECOND)
    mean = rng.choice((0.25, 0.5, 1.0)) * SECOND
    at, faults, had = int(100 * MS), [], set()
    names, weights = list(KINDS), [often for often, _, _ in KINDS.values()]
    while at < ends:
        kind = rng.choice(only) if only else rng.choices(names, weights)[0]
        fault = None if kind in ONCE and kind in had else draw_fault(rng, shape, at, kind)
        if fault:
            had.add(kind)
            faults.append(fault._replace(lasts=min(fault.lasts, ends - at)))
        if only:
            at += (fault.lasts if fault else 0) + 300 * MS
        elif fault:
            # Some come at once, so that they meet.
            at += int(rng.expovariate(1 / mean)) if rng.random() < 0.8 else int(rng.uniform(0, 30) * MS)
    return Plan(seed, shape, faults, ends)


def lines(plan):
    """A plan for people."""
    shape = plan.shape
    yield (f"seed {plan.seed}: nodes {' '.join(shape.nodes)}{', witness w' if shape.witness else ''}"
           f"{', split allowed' if alone(shape) else ''}; {shape.paths} path(s), {shape.delay / MS:g} ms one way; "
           f"profile {shape.profile}, heartbeat {shape.heartbeat} ms, suspect {shape.suspect} ms; "
           f"files of {' '.join(shape.victims)} may be lost")
    for fault in plan.faults:
        told = {key: value for key, value in fault.detail.items() if key != "lease" or fault.who == HOLDER}
        yield (f"{fault.at / SECOND:8.3f} s {fault.kind} {fault.who} for {fault.lasts / SECOND:.3f} s"
               + "".join(f" {key}={value}" for key, value in told.items()))
    yield f"{plan.ends / SECOND:8.3f} s quiet"


def seeds(words):
    """Seeds out of words as 7 and 1-60."""
    for word in words:
        first, _, last = word.partition("-")
        yield from range(int(first), int(last or first) + 1)
