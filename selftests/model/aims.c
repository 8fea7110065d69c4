// SPDX-License-Identifier: GPL-2.0
/* Schedules that are aimed at one broken rule each: what breaks it has to come in an order that chance rarely finds. */
#include "model.h"

#define LEASE HASW_SEAT_CONFIG
#define OTHER (LEASE + 1)
#define LOOK (200 * US)

enum aim {
	AIM_OWN,	/* who changes the set dies when it has committed one that nobody else knows of */
	AIM_RECOVER,	/* a set grows to a size that needs the ack of a voter that recovers */
	AIM_TAKEN,	/* a holder dies while it writes, and what it wrote is found at one voter only */
	AIM_THIRD,	/* one of two voters is fenced by a third node, comes back, and fences the other one */
	AIM_MET,	/* of two voters each is fenced once, and the later one goes on by what it has heard first */
	AIM_HEARD,	/* a voter that was fenced is heard, and then learns nothing of what the other one does */
	AIM_LATER,	/* a fenced node is fenced again, for a lease that only the next agent wants */
	AIM_COUNT,
};

/* Plans the world of one schedule of 25; the others stay what they are without these. Return: whether it is one. */
int aims_plan(void)
{
	enum aim aim = (enum aim)(world.seed / 25 % AIM_COUNT);
	int pair = aim == AIM_MET || aim == AIM_HEARD || aim == AIM_LATER, two = aim == AIM_THIRD || pair;

	if (world.figures || world.seed % 25 != 12)
		return 0;
	world.aim = 1 + (int)aim;
	world.t = hasw_vote_profile_times(chance(2) ? HASW_VOTE_FAST : HASW_VOTE_DEFAULT, 0);
	world.t.ceiling = chance(2) ? 1 << 20 : 4;
	world.t.slowest = world.t.length * 2;
	world.t.longest = world.t.slowest + world.t.length * (2 + chance(3));
	world.set.voters = two ? 3 : 7;
	world.nodes = pair ? 2 : two ? 3 : 4;
	world.leases = aim == AIM_LATER ? 2 : 1 + (int)chance(2);
	world.delay = 50 * US + chance(100 * US);
	world.spread = 1 + chance(500 * US);
	world.disk = 8 * MS;
	world.end = pair ? 4000 * MS : aim == AIM_THIRD ? 2500 * MS : 1200 * MS;
	return 1;
}

static void next_step(u64 at, int step)
{
	fault_of(at, FAULT_AIM, 0, step);
}

/* Until then every voter has waited after its start, whatever its clock. */
static u64 quiet(void)
{
	return hasw_vote_wait(&world.t, world.t.slowest) * 10 / 8 + 30 * MS;
}

static void cut(int from, int to, u64 until)
{
	world.cut[from][to] = until;
}

static void cut_both(int a, int b)
{
	cut(a, b, ~0ULL);
	cut(b, a, ~0ULL);
}

static void let_go(struct hasw_seat *s, unsigned int lease, u64 now)
{
	hasw_seat_release(s, lease, now);
}

/* Which nodes want a lease; the others let go of it when they have it. */
static void want_of(int lease, u32 nodes)
{
	for (int i = 0; i < world.nodes; i++) {
		world.node[i].module[lease].want = nodes >> i & 1;
		fault_want(world.now, i, lease, nodes >> i & 1);
		if (!(nodes >> i & 1))
			node_ask(i, lease, let_go);
	}
}

static void want(u32 nodes)
{
	want_of(LEASE, nodes);
}

/* Says who wants the lease, and plans the first step; the nodes are there. */
void aims_begin(void)
{
	static const u32 wanted[] = { [AIM_OWN] = 15, [AIM_RECOVER] = 15, [AIM_TAKEN] = 8, [AIM_THIRD] = 3,
				      [AIM_MET] = 3, [AIM_HEARD] = 3, [AIM_LATER] = 1 };

	for (int i = 0; i < world.nodes; i++)
		world.node[i].module[LEASE].want = wanted[world.aim - 1] >> i & 1;
	if (world.aim - 1 == AIM_LATER)
		for (int i = 0; i < world.nodes; i++)
			world.node[i].module[OTHER].want = i == 1;
	next_step(20 * MS + quiet() + chance(50 * MS), 0);
}

/*
 * A coordinator is heard by nobody any more once it has asked for its set, and hears the acks; then another one begins.
 */
static void own(int step)
{
	struct hasw_seat *first = &world.node[0].seat;

	switch (step) {
	case 0:
		for (int i = 1; i < world.nodes; i++)
			world.node[i].deaf = ~0ULL;
		fault_change_set(0, world.set.voters);
		next_step(world.now + LOOK, 1);
		break;
	case 1:
		if (first->change.busy && !hasw_vote_majority(first->change.known, first->change.before.voters)) {
			next_step(world.now + LOOK, 1);
			break;
		}
		/* What it asked for is on its way by now. */
		fault_cut_off(0, ~0ULL, 0);
		next_step(world.now + 25 * MS + chance(10 * MS), 2);
		break;
	default:
		world.changes++;
		if (world.node[1].agent && !world.node[1].seat.change.busy)
			node_change(1, world.node[1].seat.set.voters, fault_map(world.node[1].seat.set.voters));
		break;
	}
}

/* Of three voters two have acked a set of four, which the fourth cannot ack; the third has lost its disk. */
static void recover(int step)
{
	switch (step) {
	case 0:
		for (int i = 0; i < world.nodes; i++) {
			cut(i, 2, world.now + 100 * MS);
			cut(i, 3, world.now + 100 * MS);
		}
		fault_change_set(0, 15);
		next_step(world.now + 60 * MS, 1);
		break;
	default:
		node_power(2, 1);
		event_add(world.now + 5 * MS + chance(100 * MS), EVENT_BOOT, 2);
		break;
	}
}

/* Node 3 has no vote. What it writes first is heard by voter 2 alone; its next agent writes to the others. */
static void taken(int step)
{
	struct node *n = &world.node[3];
	u64 now = local_time(n);

	switch (step) {
	case 0:
		if (!module_held(3, LEASE) || n->seat.writer.state != HASW_WRITER_READY) {
			next_step(world.now + LOOK, 0);
			break;
		}
		cut(3, 0, ~0ULL);
		cut(3, 1, ~0ULL);
		hasw_seat_write(&n->seat, now, 1 + chance(~0ULL));
		next_step(world.now + 2 * MS, 1);
		break;
	case 1:
		node_kill(3);
		event_add(world.now + chance(MS), EVENT_AGENT, 3);
		cut(3, 0, 0);
		cut(3, 1, 0);
		cut_both(3, 2);
		next_step(world.now + 2 * MS, 2);
		break;
	case 2:
		if (!n->agent || !hasw_seat_write(&n->seat, now, 1 + chance(~0ULL))) {
			next_step(world.now + LOOK, 2);
			break;
		}
		next_step(world.now + 15 * MS, 3);
		break;
	/* Voter 2 takes the lease, and reads what it has itself, and what voter 1 has. */
	default:
		fault_cut_off(3, ~0ULL, 1);
		cut_both(0, 2);
		want(4);
		break;
	}
}

static void fence(int id, int x)
{
	if (!world.node[id].agent || !hasw_seat_fence(&world.node[id].seat, (u8)x))
		return;
	trace("node %d: fences %d: off", id, x);
	if (world.node[x].up)
		node_power(x, 0);
	event_add(world.now + 5 * MS + chance(10 * MS), EVENT_BOOT, x);
	hasw_seat_fence_end(&world.node[id].seat, (u8)x, 1);
}

/* Each fence command tells the truth; but who was fenced by the third node is back, which that node does not hear. */
static void third(int step)
{
	switch (step) {
	case 0:
		want(7);
		next_step(world.now + 60 * MS, 1);
		break;
	case 1:
		cut_both(2, 1);
		fence(2, 1);
		want(3);
		next_step(world.now + quiet(), 2);
		break;
	case 2:
		cut_both(0, 1);
		fence(1, 0);
		want(2);
		next_step(world.now + quiet(), 3);
		break;
	default:
		want(6);
		break;
	}
}

/* Whether this run of the agent has an answer of voter x about a lease. */
static int answered_of(int id, int x, int lease)
{
	return world.node[id].agent && world.node[id].seat.lease[lease].proposer.met >> x & 1;
}

static int answered(int id, int x)
{
	return answered_of(id, x, LEASE);
}

/* Voter 0 fences voter 1, and hears it again: step 2 comes when voter 1 has an answer of it, after a while. */
static void fence_and_hear(int step, u64 while_after)
{
	if (!step)
		fence(0, 1);
	if (step && answered(1, 0))
		next_step(world.now + while_after, 2);
	else
		next_step(world.now + LOOK, 1);
}

/*
 * Voter 0 fences voter 1, and hears it again. Then voter 1 fences voter 0, and its next agents do so again, each under
 * a much higher epoch. Of these voter 0 hears nothing, so that it must not fence.
 */
static void met(int step)
{
	switch (step) {
	case 0:
	case 1:
		fence_and_hear(step, chance(2) ? quiet() : chance(2 * MS));
		break;
	case 2:
	case 4:
	case 6:
		cut_both(0, 1);
		fence(1, 0);
		next_step(world.now + quiet(), step + 1);
		break;
	case 3:
	case 5:
		node_kill(1);
		event_add(world.now + chance(MS), EVENT_AGENT, 1);
		next_step(world.now + quiet(), step + 1);
		break;
	default:
		fence(0, 1);
		break;
	}
}

/*
 * Voter 0 fences voter 1, and hears it again. So it must not take the lease again and again without the ack of voter 1,
 * which fences voter 0 then.
 */
static void heard(int step)
{
	switch (step) {
	case 0:
	case 1:
		fence_and_hear(step, chance(2 * MS));
		break;
	case 2:
		cut_both(0, 1);
		next_step(world.now + quiet(), 3);
		break;
	case 20:
		fence(1, 0);
		break;
	default:
		want(step & 1 ? 2 : 3);
		next_step(world.now + 30 * MS, step + 1);
		break;
	}
}

/*
 * Voter 1 fences voter 0 again and again, and each time takes the other lease under a much higher epoch, of which voter
 * 0 hears nothing. Then voter 0 hears voter 1 about @config alone, fences it, and its next agent wants the other lease.
 */
static void later(int step)
{
	switch (step) {
	case 0:
		next_step(world.now + LOOK, answered_of(1, 0, OTHER));
		break;
	case 1:
		cut_both(0, 1);
		/* fall through */
	case 3:
	case 5:
		fence(1, 0);
		want_of(OTHER, 0);
		next_step(world.now + 30 * MS, step + 1);
		break;
	case 2:
	case 4:
	case 6:
		want_of(OTHER, 2);
		next_step(world.now + 30 * MS, step + 1);
		break;
	/* What voter 1 says of its release has come to an end when voter 0 hears it again. */
	case 7:
		want_of(OTHER, 0);
		next_step(world.now + quiet(), 8);
		break;
	case 8:
		cut(0, 1, 0);
		cut(1, 0, 0);
		next_step(world.now + LOOK, 9);
		break;
	case 9:
		next_step(world.now + LOOK, answered(0, 1) ? 10 : 9);
		break;
	/* Nothing that it has said may come after the fence. */
	case 10:
		cut_both(0, 1);
		next_step(world.now + MS, 11);
		break;
	case 11:
		fence(0, 1);
		next_step(world.now + quiet(), 12);
		break;
	case 12:
		node_kill(0);
		want_of(OTHER, 1);
		event_add(world.now + chance(MS), EVENT_AGENT, 0);
		next_step(world.now + quiet(), 13);
		break;
	default:
		fence(0, 1);
		break;
	}
}

/* One step of the schedule's script. */
void aims_happen(int step)
{
	static void (*const scripts[])(int step) = {
		[AIM_OWN] = own, [AIM_RECOVER] = recover, [AIM_TAKEN] = taken, [AIM_THIRD] = third,
		[AIM_MET] = met, [AIM_HEARD] = heard, [AIM_LATER] = later,
	};

	scripts[world.aim - 1](step);
}
