// SPDX-License-Identifier: GPL-2.0
/*
 * Two nodes that presume each other off (split = "allow"): what their agents do beside the vote, and what goes wrong
 * there. Something passes between them at any time, in one direction at least, or one of them stands still or is off:
 * so no schedule has two owners.
 */
#include "model.h"

#define SUSPECT	(60 * MS)	/* for so long a node may be silent, and counts as heard */
#define HALTED	(130 * MS)	/* an agent that stands still for longer is gone, says its module */
#define STALLED	(100 * MS)	/* who stands still for less is not said to be gone yet */
#define LATE	(40 * MS)	/* an agent that has not run for longer does not count that as silence */
#define PART	1		/* presumed off for what this node holds */
#define ALL	2
#define MET	1		/* lacked, and the other one has replied about it */
#define UNMET	2

enum kind {
	KIND_ANY = 1,	/* many faults */
	KIND_DEATH,	/* the node that does not hold dies, and nothing else goes wrong */
	KIND_STOPS,	/* the holder's agent stops in good order, and then nothing comes from its machine */
	KIND_UNHEARD,	/* nothing comes from the holder; who has taken the lease then stops in good order */
	KIND_STALLS,	/* a holder that hears nothing goes on alone, and then stands still for too long */
	KIND_AGENTLESS,	/* the agent of one of them is killed for good, and nothing else goes wrong */
	KIND_HALTED,	/* the same agent stands still instead */
	KIND_LEFT,	/* who holds alone gets a long right; its agent is killed for good when the other one is back */
	KIND_BEGINS,	/* both lose power, and one of them starts alone */
	KIND_DEAF,	/* one was off, and hears nothing when it starts; the other one has a long right alone */
	KIND_TOLD,	/* the other one is restarted when the holder gets a long right, and stands still */
	KIND_FILTERED,	/* agents' messages do not pass, while probes and modules' heartbeats do; agents stand still */
	KINDS = KIND_FILTERED,
};

static int other_of(int id)
{
	return 1 - id;
}

/* The times are to each other as those of the agent are by default. Return: whether this is such a schedule. */
int split_plan(void)
{
	u64 wait;

	if (world.figures || world.seed % 25 != 18)
		return 0;
	world.split = 1 + (int)(world.seed / 25 % KINDS);
	world.t = hasw_vote_profile_times(chance(2) ? HASW_VOTE_FAST : HASW_VOTE_DEFAULT, 0);
	world.t.ceiling = chance(2) ? 1 << 20 : 4;
	world.t.slowest = world.t.length * (2 + chance(3));
	if (world.t.slowest < 180 * MS)
		world.t.slowest = 180 * MS;
	world.t.longest = world.t.slowest * (world.split == KIND_TOLD ? 6 : 3 + chance(3));
	wait = hasw_vote_wait(&world.t, world.t.slowest);
	world.after = wait * 13 / 8;
	world.probe = wait * 13 / 16;
	world.bridge = (world.after + world.probe) / 5 * 4;
	world.early = world.bridge - world.probe - wait * 13 / 20;
	world.set.voters = 3;
	world.nodes = 2;
	world.leases = 1 + (int)chance(3);
	world.delay = 50 * US + chance(300 * US);
	world.spread = 1 + chance(500 * US);
	world.loss = world.split == KIND_ANY && chance(2) ? (unsigned int)chance(100) : 0;
	world.twice = chance(2) ? 0 : (unsigned int)chance(100);
	world.disk = 8 * MS;
	world.end = 4000 * MS + chance(3000 * MS);
	if (world.split >= KIND_BEGINS)
		world.end += 5000 * MS;
	/* The operator has set less silence: there is not always time for a bridge, or to begin early. */
	if (world.split != KIND_ANY || chance(3))
		return 1;
	world.after = SUSPECT + chance(world.after - SUSPECT);
	world.bridge = (world.after + world.probe) / 5 * 4;
	wait = world.probe + wait * 13 / 20;
	world.early = world.bridge > wait ? world.bridge - wait : 0;
	return 1;
}

void split_faults(void)
{
	int faults = 4 + (int)chance(12);

	/* Every agent has begun, and the lease is held. */
	if (world.split != KIND_ANY) {
		fault_of(1500 * MS + chance(500 * MS), FAULT_SPLIT, 0, 0);
		return;
	}
	while (faults--)
		fault_next(500 * MS + chance(world.end - 500 * MS), FAULT_SPLIT, 0);
}

static int stands(int id)
{
	return !world.node[id].up || world.now < world.node[id].stalled;
}

/* What the other one's module says in its heartbeats: no agent runs, and no packet can be on its way under a grant. */
static int agentless(int x)
{
	const struct node *n = &world.node[x];

	for (int lease = 0; lease < world.leases; lease++)
		if (world.now < world.node[x].module[lease].owns && !HASW_RULES_WRONG(AGENTLESS_HOLDS))
			return 0;
	return !n->agent || (world.now < n->paused && world.now >= n->halted + HALTED);
}

/* Whether it holds a lease, so that it answers for a vip. */
static int serves(int x)
{
	for (int lease = 0; lease < world.leases; lease++)
		if (module_held(x, lease) && !HASW_RULES_WRONG(AGENTLESS_HOLDS))
			return 1;
	return 0;
}

/* Looks at what comes back of a probe: a kernel answers without its agent. */
static void ask(int id)
{
	struct other *o = &world.node[id].other;
	int x = other_of(id);

	if (stands(x) || world.now < world.cut[id][x] || world.now < world.cut[x][id])
		return;
	o->present = 1;
	o->answered |= serves(x);
	o->agentless |= agentless(x);
}

static void hold_longest(struct hasw_seat *s, unsigned int lease, u64 now)
{
	hasw_seat_long(s, lease, now, s->t->longest);
}

/* Asks for a long right to each lease, as an agent does that is told to stop. */
static void ask_longest(int id)
{
	for (int lease = 0; lease < world.leases; lease++)
		node_ask(id, lease, hold_longest);
}

static void let_go(struct hasw_seat *s, unsigned int lease, u64 now)
{
	hasw_seat_release(s, lease, now);
}

/* Nothing passes in one direction for a while. Of two such faults the second one ends the first one. */
static void cut_one_way(int id, u64 span)
{
	int x = other_of(id);

	world.cut[x][id] = 0;
	world.cut[id][x] = world.now + span;
	trace("node %d: is not heard until %.6f", id, (double)world.cut[id][x] / 1e9);
}

static void stand_still(int id, u64 span)
{
	struct node *n = &world.node[id];

	if (world.now >= n->paused)
		n->halted = world.now;
	n->paused = world.now + span;
	if (world.split == KIND_HALTED || world.split == KIND_FILTERED)
		n->stalled = 0;
	else if (world.split == KIND_STALLS || world.split == KIND_LEFT || world.split == KIND_TOLD || chance(2))
		n->stalled = n->paused;
	trace("node %d: %s stands still until %.6f", id, n->stalled == n->paused ? "machine" : "agent",
	      (double)n->paused / 1e9);
}

/* How long things go wrong from now on. */
static u64 rest(void)
{
	return (world.calm < world.end ? world.calm : world.end) - world.now;
}

static void back_later(int id, int booting)
{
	u64 at = world.now + 5 * MS + chance(chance(2) ? 100 * MS : 4 * world.after);

	event_add(at, booting ? EVENT_BOOT : EVENT_AGENT, id)->value = (int)chance(2);
}

/* An agent that has just started says nothing before it may vote. */
int split_shy(int id)
{
	const struct node *n = &world.node[id];

	return world.split && n->seat.disk.known && hasw_seat_mute(&n->seat, local_time(n));
}

static void say(int id, u8 type)
{
	struct hasw_vote_msg m = { .type = type, .life = (u16)world.node[id].lives };

	if (!split_shy(id))
		net_send(id, other_of(id), &m);
}

/*
 * Its agent is told to stop: it keeps what it holds by a long right, or lets go of it, and then says that it stops. Who
 * goes on without the other one gets a long right, too, of which the other one knows nothing. Two nodes can hold a
 * lease then if nothing passes towards this one alone, as they could before there were bridges. That is left out.
 */
static void told_to_stop(int id, int leaves)
{
	struct other *o = &world.node[id].other;

	if (o->off || (o->parted && world.now < world.cut[other_of(id)][id]))
		leaves = -1;
	trace("node %d: its agent is told to stop", id);
	for (int lease = 0; leaves >= 0 && lease < world.leases; lease++)
		node_ask(id, lease, leaves ? let_go : hold_longest);
	event_add(world.now + 20 * MS + chance(60 * MS), EVENT_PART, id)->serial = world.node[id].lives;
}

/* The node that does not hold dies, and nothing else goes wrong: see split_step(). */
static void only_death(int step)
{
	int id = module_held(0, 0) ? 1 : 0;

	(void)step;
	if (!module_held(other_of(id), 0))
		return;
	node_power(id, 0);
	world.crashed = world.now;
	world.crashed_node = id;
}

/*
 * The agent of the holder, or of the other one, is killed for good, or stands still. When it is killed, the module
 * gives up at once what it holds, as its grants are tied to the agent's socket.
 */
static void only_agent(int step)
{
	int holder = module_held(0, 0) ? 0 : 1, id = (int)chance(2), due = id == holder;

	(void)step;
	if (!module_held(holder, 0))
		return;
	/* A node that stands still says nothing of its agent before the last right that it has is over. */
	for (int lease = 1; lease < world.leases && world.split == KIND_HALTED; lease++)
		due |= module_held(id, lease);
	world.crashed = world.now;
	world.crashed_node = id;
	if (world.split == KIND_HALTED) {
		stand_still(id, rest());
	} else {
		for (int lease = 0; lease < world.leases; lease++)
			module_resign(id, lease, 0);
		node_kill(id);
	}
	if (due)
		world.due = world.now + hasw_vote_wait(&world.t, world.bridge) + 3 * (world.after + world.probe);
}

/*
 * The machine of the holder stands still, and the other one takes the lease alone. It has a long right of that when its
 * agent is killed, and the first one goes on: its own voter knows nothing of that right.
 */
static void left_alone(int step)
{
	int id = step ? world.crashed_node : module_held(0, 0) ? 0 : 1, x = other_of(id);
	u64 span = 2 * (world.after + world.probe);

	if (!step && module_held(id, 0)) {
		world.crashed_node = id;
		stand_still(id, span);
		fault_of(world.now + span - 80 * MS, FAULT_SPLIT, 0, 1);
	} else if (step == 1 && module_held(x, 0)) {
		ask_longest(x);
		fault_of(world.now + 20 * MS + chance(60 * MS), FAULT_SPLIT, 0, 2);
	} else if (step == 2 && world.node[x].agent) {
		node_kill(x);
	}
}

/* Both are off, and one of them starts. It may have met the other one before, of which it knows no more. */
static void start_alone(int step)
{
	int id = (int)chance(2), x = other_of(id);
	u64 off = 5 * MS + chance(300 * MS);

	(void)step;
	if (!world.node[id].up || !world.node[x].up)
		return;
	node_power(id, 0);
	node_power(x, 0);
	event_add(world.now + off, EVENT_BOOT, id);
	world.crashed = world.now;
	world.crashed_node = x;
	world.due = world.now + off + 3 * (world.after + world.probe) + 500 * MS +
		    hasw_vote_wait(&world.t, world.t.longest) * 5 / 4;
}

/*
 * One loses power, and the other one goes on alone. When the first one is back, it hears nothing. Just before the other
 * one hears it, that one gets a long right, and its agent stops.
 */
static void start_deaf(int step)
{
	int id = step ? world.crashed_node : (int)chance(2), x = other_of(id);
	u64 mute = hasw_vote_wait(&world.t, world.t.slowest);

	if (!step && world.node[id].up) {
		world.crashed_node = id;
		node_power(id, 0);
		fault_of(world.now + 3 * (world.after + world.probe), FAULT_SPLIT, 0, 1);
	} else if (step == 1 && module_held(x, 0)) {
		cut_one_way(x, world.end);
		event_add(world.now, EVENT_BOOT, id);
		fault_of(world.now + mute - 20 * MS - chance(mute / 4), FAULT_SPLIT, 0, 2);
	} else if (step == 2) {
		ask_longest(x);
		fault_of(world.now + 15 * MS + chance(60 * MS), FAULT_SPLIT, 0, 3);
	} else if (step == 3 && world.node[x].agent) {
		node_kill(x);
	}
}

/*
 * The agent of the one that does not hold is restarted. Just before its voter is mute no more, the holder gets a long
 * right alone, and tells it of that right. Then the holder's agent ends, and its machine stands still.
 */
static void told_of_long(int step)
{
	int id = step ? world.crashed_node : module_held(0, 0) ? 0 : 1, x = other_of(id);
	u64 mute = hasw_vote_wait(&world.t, world.t.slowest);

	if (!step && module_held(id, 0) && world.node[x].agent) {
		world.crashed_node = id;
		for (int i = 0; i < 3; i++)
			say(x, MODEL_BYE);
		node_kill(x);
		event_add(world.now + 5 * MS, EVENT_AGENT, x);
		fault_of(world.now + mute - chance(mute / 4), FAULT_SPLIT, 0, 1);
	} else if (step == 1) {
		ask_longest(id);
		fault_of(world.now + 40 * MS + chance(40 * MS), FAULT_SPLIT, 0, 2);
	} else if (step == 2 && world.node[id].agent) {
		node_kill(id);
		stand_still(id, rest());
	}
}

/* Again and again one of the agents stands still, mostly for too short a time to begin anew. */
static void filtered(int step)
{
	u64 gone = HALTED + 50 * MS;

	world.filter = world.end;
	stand_still((int)chance(2), MS + chance(chance(4) ? gone + world.after : 4 * world.after));
	if (step < 12)
		fault_of(world.now + chance(world.after + gone), FAULT_SPLIT, 0, step + 1);
}

/* The schedules that have two steps: what happens to the holder of the moment, and when the second step comes. */
static void unheard(int step)
{
	int id = module_held(0, 0) ? 0 : 1;
	u64 next = chance(100 * MS);

	if (!module_held(id, 0))
		return;
	if (step == (world.split != KIND_STOPS)) {
		if (world.split == KIND_STALLS)
			stand_still(id, world.after + world.probe + chance(world.after));
		else if (world.node[id].agent)
			told_to_stop(id, 0);
	} else if (world.split == KIND_STALLS) {
		next += (world.early + world.probe) * 5 / 4;
		cut_one_way(other_of(id), 8 * world.after);
	} else {
		/* If it is not heard first, it has lost the lease by then, and the other one has taken it. */
		next += step ? 0 : world.after + world.probe + chance(world.after);
		cut_one_way(id, 8 * world.after);
	}
	if (!step)
		fault_of(world.now + next, FAULT_SPLIT, 0, 1);
}

/* One of the faults of which schedules of KIND_ANY have several. */
static void anything(int step)
{
	int id = (int)chance(2), lease = some_lease();

	(void)step;
	switch (world.node[id].up ? chance(10) : 9) {
	case 0:
	case 1:
	case 2:
		cut_one_way(id, 20 * MS + chance(chance(3) ? 5 * world.after : world.early * 2));
		break;
	case 3:
	case 4:
		stand_still(id, MS + chance(chance(2) ? 4 * world.after : world.early * 2));
		break;
	case 5:
	case 6:
		if (world.node[id].agent)
			told_to_stop(id, (int)chance(2));
		break;
	case 7:
		if (chance(2)) {
			node_power(id, 0);
			back_later(id, 1);
		} else if (world.node[id].agent) {
			node_kill(id);
			back_later(id, 0);
		}
		break;
	case 8:
		module_resign(id, lease, (int)chance(2));
		break;
	default:
		world.node[id].module[lease].want = 0;
		node_ask(id, lease, let_go);
		fault_want(world.now + chance(300 * MS), id, lease, 1);
		break;
	}
}

void split_happen(int step)
{
	static void (*const happen[])(int step) = {
		[KIND_ANY] = anything, [KIND_DEATH] = only_death, [KIND_STOPS] = unheard, [KIND_UNHEARD] = unheard,
		[KIND_STALLS] = unheard, [KIND_AGENTLESS] = only_agent, [KIND_HALTED] = only_agent,
		[KIND_LEFT] = left_alone, [KIND_BEGINS] = start_alone, [KIND_DEAF] = start_deaf,
		[KIND_TOLD] = told_of_long, [KIND_FILTERED] = filtered,
	};

	happen[world.split](step);
}

/* An agent starts; the seat has what the module holds. */
void split_begin(int id)
{
	struct node *n = &world.node[id];
	u64 now = local_time(n);

	n->other = (struct other){ .heard = now, .ticked = now };
	for (int lease = 0; lease < world.leases; lease++)
		n->other.before[lease] = module_held(id, lease);
}

/* Whatever the other one says is a sign of life; only a new agent of it takes back that the former one stops. */
void split_heard(int id, const struct hasw_vote_msg *m)
{
	struct node *n = &world.node[id];
	struct other *o = &n->other;

	hasw_seat_alive(&n->seat, (u8)other_of(id));
	o->answered = 1;
	o->off = 0;
	o->pause = 0;
	if (m->type == MODEL_BYE)
		o->parted = m->life;
	if (m->type == MODEL_BEAT && m->life != o->parted)
		o->parted = 0;
	o->heard = local_time(n);
}

static int owns(const struct node *n, int lease, u64 now)
{
	return hasw_proposer_owns(&n->seat.lease[lease].proposer, now);
}

/*
 * What vote_fence_tick() of the agent looks at: whether a lease is lacked, or held by a right that was just acked. Of a
 * lease about which the other one never replied, it has to wait for longer.
 */
static void look(int id, u64 now, int *lacks, int *holds)
{
	const struct node *n = &world.node[id];
	int x = other_of(id);

	for (int lease = 0; lease < world.leases; lease++) {
		const struct hasw_proposer *p = &n->seat.lease[lease].proposer;

		if (!p->want)
			continue;
		if (!owns(n, lease, now) && hasw_seat_unmet(&n->seat, (unsigned int)lease, (u8)x))
			*lacks |= now >= hasw_seat_lone(&n->seat) || HASW_RULES_WRONG(LONE_EARLY) ? UNMET : 0;
		else if (!owns(n, lease, now))
			*lacks |= MET;
		else if (!(p->fenced >> x & 1) && p->deadline >= n->other.heard + world.bridge / 4 * 3 &&
			 p->deadline > now + world.probe)
			*holds = 1;
	}
}

static void begin_probe(int id, u64 now, int part)
{
	struct node *n = &world.node[id];
	u8 x = (u8)other_of(id);

	if (part ? !hasw_seat_fence_held(&n->seat, x, now) : !hasw_seat_presume(&n->seat, x, now))
		return;
	n->other.probing = part ? PART : ALL;
	n->other.answered = 0;
	n->other.present = 0;
	n->other.agentless = 0;
	n->other.late = 0;
	n->other.began = now;
	ask(id);
	trace("node %d: probes the other one%s", id, part ? ", for what it holds" : "");
	event_add(true_time(n, now + world.probe), EVENT_PROBED, id)->serial = n->lives;
}

static void keep(int id, u64 now)
{
	struct node *n = &world.node[id];

	for (unsigned int lease = 0; lease < (unsigned int)world.leases; lease++) {
		if (!n->seat.lease[lease].proposer.want)
			continue;
		/* First comes the usual renewal of what the agent before has left. */
		if (n->other.before[lease] && owns(n, (int)lease, now)) {
			n->other.before[lease] = 0;
			hasw_seat_shorten(&n->seat, lease, now);
		} else {
			hasw_seat_bridge(&n->seat, lease, now, world.bridge);
		}
	}
}

/* Other broken rules are to be caught by what they break. */
static void lost_by_death(int id)
{
	if (model_wrong != MODEL_WRONG_NONE && !HASW_RULES_WRONG(BRIDGE_LATE))
		return;
	if (world.split != KIND_DEATH && world.split != KIND_AGENTLESS && world.split != KIND_HALTED &&
	    world.split != KIND_BEGINS)
		return;
	if (!world.crashed || id == world.crashed_node || world.now < world.due || world.now >= world.calm ||
	    module_held(id, 0))
		return;
	violation(world.split == KIND_BEGINS ? "a node that starts alone holds nothing" :
		  world.due ? "nobody takes what a node without an agent held" :
		  "the death of the other one, or of its agent, ended what a node held");
}

/*
 * An agent that has not run for a while does not count that as silence. If it may have been presumed off meanwhile, it
 * begins anew: what it had presumed for all leases counts no more. What counts for those that it holds ends with them.
 */
void split_late(int id)
{
	struct node *n = &world.node[id];
	struct other *o = &n->other;
	u64 now = local_time(n), gap = now - o->ticked;

	o->ticked = now;
	if (gap > LATE)
		o->heard = now - o->heard < gap ? now : o->heard + gap;
	o->late |= gap >= STALLED;
	if (gap < world.after && (gap < STALLED || !o->off || !o->gone || HASW_RULES_WRONG(STALLED_BOTH)))
		return;
	o->heard = now;
	o->answered = 1;
	/* That a node waits for what it was not told would hide the broken rule. */
	if (gap >= world.after && (o->off || HASW_RULES_WRONG(AGENTLESS_HOLDS)))
		n->seat.stood = now;
	else if (gap >= world.after)
		hasw_seat_stood(&n->seat, now);
	if (o->off != ALL && !(o->off && o->gone && !HASW_RULES_WRONG(STALLED_BOTH)))
		return;
	o->off = 0;
	hasw_seat_alive(&n->seat, (u8)other_of(id));
}

/* What an agent does at each heartbeat. */
void split_step(int id)
{
	struct node *n = &world.node[id];
	u64 now = local_time(n);
	struct other *o = &n->other;
	u8 x = (u8)other_of(id);
	int lacks = 0, holds = 0;

	split_late(id);
	say(id, MODEL_BEAT);
	lost_by_death(id);
	if (o->probing)
		ask(id);
	if (!n->seat.disk.known || o->probing)
		return;
	if (o->parted) {
		if (hasw_seat_fence_held(&n->seat, x, now)) {
			trace("node %d: goes on alone with what it holds", id);
			hasw_seat_fence_held_end(&n->seat, x, now, 1);
		}
	} else if (now - o->heard <= SUSPECT) {
		keep(id, now);
		return;
	}
	look(id, now, &lacks, &holds);
	if ((lacks & UNMET || (lacks && o->off != ALL)) && now >= o->pause && now - o->heard >= world.after)
		begin_probe(id, now, 0);
	else if (holds && !o->off && now - o->heard >= world.early)
		begin_probe(id, now, 1);
}

void split_probed(int id)
{
	struct node *n = &world.node[id];
	struct other *o = &n->other;
	u64 now = local_time(n), still;
	int kind = o->probing, off;
	u8 x = (u8)other_of(id);

	ask(id);
	/* A machine that stood still meanwhile has asked nothing. */
	still = world.after > world.probe ? world.after / 2 : world.probe / 2;
	if (o->agentless && o->late && !HASW_RULES_WRONG(STALLED_BOTH))
		o->answered = 1;
	off = !o->answered && (!o->present || o->agentless) && now - o->began <= still + world.probe;
	o->probing = 0;
	trace("node %d: the other one is %spresumed off", id, off ? "" : "not ");
	if (kind == PART)
		hasw_seat_fence_held_end(&n->seat, x, now, off);
	else
		hasw_seat_fence_end(&n->seat, x, off);
	if (!off) {
		o->pause = now + (kind == PART ? 0 : world.after);
		return;
	}
	o->off = kind;
	o->gone = o->present;
	for (unsigned int lease = 0; lease < (unsigned int)world.leases; lease++)
		if (n->seat.lease[lease].proposer.want && !owns(n, (int)lease, now))
			hasw_seat_want(&n->seat, lease, now, 1);
}

/* It says that it stops, and is gone. */
void split_part(int id)
{
	for (int i = 0; i < 3; i++)
		say(id, MODEL_BYE);
	node_kill(id);
	for (int lease = 0; lease < world.leases; lease++)
		world.node[id].module[lease].want = 1;
	back_later(id, 0);
}
