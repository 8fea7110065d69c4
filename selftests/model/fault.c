// SPDX-License-Identifier: GPL-2.0
/* What goes wrong in a schedule, and what its operator does. */
#include "model.h"

enum fault {
	FAULT_KILL,
	FAULT_PAUSE,
	FAULT_POWER,
	FAULT_LOSE,
	FAULT_CUT,
	FAULT_ISOLATE,
	FAULT_CLOCK,
	FAULT_BLACKOUT,
	FAULT_RELEASE,
	FAULT_LONG,
	FAULT_SHORTEN,
	FAULT_SET,
	FAULT_OTHERS,	/* all but one lose power */
	FAULT_EDGE,	/* let go just after the deadline */
	FAULT_TWICE,	/* let go, die, come back, let go again */
	FAULT_SHRINK,	/* most of those who know of a right leave the set */
	FAULT_GROW,	/* one of two, alone by a fence, hears only that a third is a voter now */
	FAULT_COUNT,
	FAULT_CRASH,	/* the one of the figures */
};

static int holder(void)
{
	for (int i = 0; i < world.nodes; i++)
		if (world.node[i].up && hasw_right_held(&world.node[i].right, local_time(&world.node[i])))
			return i;
	return -1;
}

static void plan(u64 at, enum fault fault, int node)
{
	event_add(at, EVENT_FAULT, node)->value = (int)fault;
}

static long rate(void)
{
	/* The ends of what rho allows are where it breaks. */
	if (chance(2))
		return chance(2) ? 100000 : -100000;
	return (long)chance(200001) - 100000;
}

static void plan_world(void)
{
	static const u64 delays[] = { 100 * US, 300 * US, 1 * MS, 4 * MS };
	int two = chance(6) == 0, five = chance(6) == 0;
	int voters = two ? 2 : five ? 5 : 3;

	world.t = (struct hasw_vote_times){
		.length = 90 * MS, .renew = 20 * MS, .margin = 5 * MS, .retry = 20 * MS, .step = 10 * MS,
		.rho = 100000, .ceiling = chance(2) ? 1 << 20 : 4,
	};
	if (chance(5) == 0) {
		world.t.length = 20 * MS;
		world.t.renew = 5 * MS;
		world.t.margin = 2 * MS;
		world.t.retry = 5 * MS;
		world.t.step = 3 * MS;
	}
	world.t.longest = world.t.length * (3 + chance(6));
	world.nodes = voters + (int)chance(2);
	world.voters = (1U << voters) - 1;
	world.delay = delays[chance(4)] / 2;
	world.spread = world.delay * (1 + chance(8));
	world.loss = chance(2) ? 0 : (unsigned int)chance(250);
	world.twice = chance(2) ? 0 : (unsigned int)chance(150);
	world.late = chance(2) ? 0 : (unsigned int)chance(60);
	world.end = 1200 * MS + chance(2500 * MS);
}

static void plan_figures(void)
{
	world.t = (struct hasw_vote_times){
		.length = 90 * MS, .renew = 20 * MS, .margin = 5 * MS, .retry = 20 * MS, .step = 10 * MS,
		.rho = 100000, .ceiling = 1 << 20, .longest = 10000 * MS,
	};
	world.nodes = 3;
	world.voters = 7;
	world.delay = 100 * US;
	world.spread = 200 * US;
	world.end = 1200 * MS;
	plan(500 * MS + chance(100 * MS), FAULT_CRASH, 0);
}

/* Most schedules have anything in them; some have much of the same, which comes together rarely by chance. */
static void plan_faults(void)
{
	static const enum fault slow[] = { FAULT_ISOLATE, FAULT_PAUSE, FAULT_KILL, FAULT_ISOLATE };
	static const enum fault deaths[] = { FAULT_KILL, FAULT_KILL, FAULT_ISOLATE, FAULT_PAUSE };
	static const enum fault longs[] = { FAULT_LONG, FAULT_LONG, FAULT_OTHERS, FAULT_SHORTEN };
	static const enum fault edges[] = { FAULT_EDGE, FAULT_TWICE, FAULT_RELEASE, FAULT_EDGE };
	const enum fault *some = NULL;
	unsigned int faults = 1 + (unsigned int)chance(9);

	if (hasw_vote_count(world.voters) == 5 && chance(2))
		plan(200 * MS + chance(300 * MS), FAULT_SHRINK, -1);
	switch (chance(8)) {
	case 0:
		some = slow;
		world.delay = 3 * MS;
		world.spread = 12 * MS;
		for (int i = 0; i < world.nodes; i++)
			world.node[i].clock.ppm = chance(2) ? 100000 : -100000;
		break;
	case 1:
		some = deaths;
		world.late = 150 + (unsigned int)chance(200);
		break;
	case 2:
		some = longs;
		break;
	case 3:
		some = edges;
		break;
	default:
		break;
	}
	/* Not by chance(): other schedules stay what they were. */
	if (hasw_vote_count(world.voters) == 2 && world.nodes == 3 && world.seed % 4 == 0)
		plan(300 * MS, FAULT_GROW, -1);
	while (faults--)
		plan(150 * MS + chance(world.end - 150 * MS),
		     some ? some[chance(4)] : (enum fault)chance(FAULT_SHRINK), -1);
}

/* A schedule from its seed alone. */
void fault_plan(void)
{
	world.generation = 1;
	if (world.figures)
		plan_figures();
	else
		plan_world();
	for (int i = 0; i < world.nodes; i++) {
		struct node *n = &world.node[i];

		*n = (struct node){
			.up = 1, .generation = 1, .voters = world.voters, .want = world.figures || chance(5) != 0,
			.clock = { .base = chance(1000) * MS, .ppm = world.figures ? 0 : rate() },
			.right.floor = 1,
		};
		n->disk = (struct hasw_voter_disk){ .known = 1, .generation = 1, .voters = world.voters };
		event_add(chance(20 * MS), EVENT_AGENT, i);
		if (!n->want)
			event_add(500 * MS, EVENT_WANT, i)->value = 1;
	}
	if (!world.figures)
		plan_faults();
}

static void let_go(struct hasw_proposer *p, u64 now, struct hasw_vote_out *out)
{
	hasw_proposer_release(p, now, out);
}

static void hold_long(struct hasw_proposer *p, u64 now, struct hasw_vote_out *out)
{
	hasw_proposer_long(p, now, p->t->length + chance(p->t->longest - p->t->length + 1), out);
}

static void shorten(struct hasw_proposer *p, u64 now, struct hasw_vote_out *out)
{
	hasw_proposer_shorten(p, now, out);
}

static void cut_off(int id, u64 until, int both)
{
	for (int i = 0; i < world.nodes; i++)
		if (i != id) {
			world.cut[id][i] = until;
			if (both)
				world.cut[i][id] = until;
		}
}

static void power(int id, int lose)
{
	if (!world.node[id].up)
		return;
	node_power(id, lose);
	event_add(world.now + 5 * MS + chance(chance(2) ? 100 * MS : 1500 * MS), EVENT_BOOT, id);
}

static void kill_agent(int id)
{
	if (!world.node[id].agent)
		return;
	node_kill(id);
	event_add(world.now + MS + chance(chance(2) ? 20 * MS : 300 * MS), EVENT_AGENT, id)->value = (int)chance(2);
}

/* Its agent stands still until just after its deadline; then it is told to let go, while others want the lease. */
static void edge(int id)
{
	struct node *n = &world.node[id];

	if (!hasw_right_held(&n->right, local_time(n)) || n->right.deadline > local_time(n) + 2 * world.t.length)
		return;
	n->paused = true_time(n, n->right.deadline) + chance(2 * MS);
	trace("node %d: agent stands still until its deadline has passed", id);
	plan(n->paused, FAULT_RELEASE, id);
	for (int i = 0; i < world.nodes; i++)
		if (i != id)
			event_add(n->paused + chance(4 * MS), EVENT_WANT, i)->value = 1;
}

static void twice(int id)
{
	u64 back = world.now + 100 * US + chance(2 * MS);

	node_ask(id, let_go);
	if (!world.node[id].agent)
		return;
	node_kill(id);
	world.node[id].want = 1;
	event_add(back, EVENT_AGENT, id)->value = 1;
	for (int i = 0; i < 4; i++)
		plan(back + chance(8 * MS), FAULT_RELEASE, id);
	for (int i = 0; i < world.nodes; i++)
		if (i != id)
			event_add(back + chance(15 * MS), EVENT_WANT, i)->value = 1;
}

static void change_set(u32 bit);

/* The holder is known to three of five; two of these three leave, one after the other. */
static void shrink(int id)
{
	u32 others = world.voters & ~(1U << id);
	int a = __builtin_ctz(others), b = __builtin_ctz(others & (others - 1));
	u64 until = world.now + 2500 * MS;

	if (hasw_vote_count(world.voters) != 5 || !(world.voters & 1U << id))
		return;
	world.cut[id][a] = world.cut[a][id] = until;
	world.cut[id][b] = world.cut[b][id] = until;
	world.node[id].deaf = until;
	others &= ~(1U << a | 1U << b);
	world.leave[0] = 1U << __builtin_ctz(others);
	world.leave[1] = others & (others - 1);
	trace("node %d: only %x knows of it, who leaves", id, others);
	plan(world.now + world.t.length * 2, FAULT_SET, a);
	plan(world.now + world.t.length * 2 + 10 * MS + chance(40 * MS), FAULT_SET, a);
	for (int i = 0; i < 40; i++)
		event_add(world.now + world.t.length * 2 + chance(800 * MS), EVENT_WANT, i & 1 ? a : b)->value = 1;
}

/* Long enough alone that whoever was fenced, and the third, need not wait any more; then it hears the third again. */
static void grow(int id)
{
	u32 others = world.voters & ~(1U << id);
	int b = __builtin_ctz(others), c = __builtin_ctz(~world.voters);
	u64 until = world.now + 1800 * MS + world.t.longest * 2;

	if (!(world.voters & 1U << id) || hasw_vote_count(world.voters) != 2 || c >= world.nodes || world.changing)
		return;
	world.cut[id][b] = world.cut[b][id] = until + 500 * MS;
	world.cut[id][c] = world.cut[c][id] = until;
	world.end = until + 500 * MS;
	trace("node %d: alone until %.6f, while %d becomes a voter", id, (double)until / 1e9, c);
	change_set(1U << c);
	for (int i = 0; i < 40; i++)
		event_add(until + chance(200 * MS), EVENT_WANT, i & 1 ? b : c)->value = 1;
}

/* One voter more or less; the next change only after this one is committed. */
static void change_set(u32 bit)
{
	u32 next = world.voters ^ bit;
	u32 spare_nodes = ((1U << world.nodes) - 1) & ~world.voters;

	if (HASW_RULES_WRONG(SWAP) && spare_nodes)
		next = (world.voters & ~(1U << chance(world.nodes))) | spare_nodes;
	if (hasw_vote_count(next) < 3 || next == world.voters)
		return;
	if (world.changing) {
		if (bit == world.leave[1])
			plan(world.now + 5 * MS, FAULT_SET, 0);
		return;
	}
	for (int i = 0; i < 2; i++)
		if (bit == world.leave[i])
			world.leave[i] = 0;
	trace("voter set %u: %x becomes %x", world.generation + 1, world.voters, next);
	world.changing = 1;
	world.voters_next = next;
	world.acked = 0;
	world.known = 0;
	world.known_epoch = 0;
	world.known_conf = (struct hasw_vote_conf){ 0 };
	for (int i = 0; i < world.nodes; i++) {
		struct node *n = &world.node[i];

		/* A new voter knows nothing that counts. */
		if (!(next & ~world.voters & 1U << i))
			continue;
		n->disk = (struct hasw_voter_disk){ .generation = world.generation + 1, .voters = next };
		n->syncing = 0;
		if (n->agent)
			hasw_voter_start(&n->voter, local_time(n), n->proposer.life, &n->disk);
	}
	event_add(world.now, EVENT_SET, 0);
}

static void set_event(int again)
{
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_SET, .generation = world.generation + 1, .voters = world.voters_next,
		.epoch = world.known_epoch, .conf = world.known_conf,
	};

	if (!hasw_vote_majority(world.known, world.voters))
		m = (struct hasw_vote_msg){ .type = HASW_VOTE_RECOVER, .generation = world.generation };

	if (!world.changing)
		return;
	for (int i = 0; i < world.nodes; i++)
		if (world.node[i].agent)
			m.from = (u8)i;
	for (int i = 0; i < world.nodes; i++)
		if ((world.voters | world.voters_next) & 1U << i)
			net_send(m.from, i, &m);
	if (again)
		event_add(world.now + 25 * MS, EVENT_SET, 0);
}

/* What a majority of the set before knows goes with the change. */
void fault_set_known(const struct hasw_vote_msg *m)
{
	if (!world.changing || m->generation != world.generation || hasw_vote_majority(world.known, world.voters))
		return;
	world.known |= 1U << m->from & world.voters;
	if (world.known_epoch < m->epoch_max)
		world.known_epoch = m->epoch_max;
	if (hasw_vote_conf_newer(&m->conf, &world.known_conf))
		world.known_conf = m->conf;
	if (hasw_vote_majority(world.known, world.voters))
		event_add(world.now, EVENT_SET, 1);
}

void fault_set_acked(const struct hasw_vote_msg *m)
{
	if (!world.changing || m->generation != world.generation + 1 || m->answer != HASW_VOTE_ACK)
		return;
	world.acked |= 1U << m->from;
	if (!hasw_voter_set_committed(world.acked, world.voters, world.voters_next))
		return;
	trace("voter set %u is committed", world.generation + 1);
	world.changing = 0;
	world.generation++;
	world.voters = world.voters_next;
	for (int i = 0; i < world.nodes; i++)
		event_add(world.now + chance(chance(2) ? 5 * MS : 100 * MS), EVENT_LEARN, i);
}

static void happen(enum fault fault, int id)
{
	struct node *n = &world.node[id];
	u64 until;

	switch (fault) {
	case FAULT_KILL:
		kill_agent(id);
		break;
	case FAULT_PAUSE:
		n->paused = world.now + MS + chance(chance(2) ? 60 * MS : 500 * MS);
		trace("node %d: agent stands still until %.6f", id, (double)n->paused / 1e9);
		break;
	case FAULT_POWER:
		power(id, 0);
		break;
	case FAULT_LOSE:
		power(id, 1);
		break;
	case FAULT_CUT:
		until = world.now + 10 * MS + chance(600 * MS);
		world.cut[id][chance(world.nodes)] = until;
		trace("node %d: one way is cut until %.6f", id, (double)until / 1e9);
		break;
	case FAULT_ISOLATE:
		until = world.now + 10 * MS + chance(600 * MS);
		cut_off(id, until, (int)chance(2));
		trace("node %d: is cut off until %.6f", id, (double)until / 1e9);
		break;
	case FAULT_CLOCK:
		clock_set(n, rate());
		oracle_clock(id);
		n->planned = ~0ULL - 1;
		trace("node %d: clock %+ld ppm", id, n->clock.ppm);
		break;
	case FAULT_BLACKOUT:
		for (int i = 0; i < world.nodes; i++)
			power(i, 0);
		break;
	case FAULT_RELEASE:
		if (n->agent && world.now < n->paused) {
			plan(n->paused, FAULT_RELEASE, id);
			break;
		}
		trace("node %d: lets go", id);
		n->want = 0;
		node_ask(id, let_go);
		event_add(world.now + chance(300 * MS), EVENT_WANT, id)->value = 1;
		/* Whatever comes next may come into the middle of it. */
		if (chance(2))
			plan(world.now + chance(10 * MS), chance(2) ? FAULT_KILL : FAULT_POWER, id);
		break;
	case FAULT_LONG:
		trace("node %d: holds long", id);
		node_ask(id, hold_long);
		if (chance(2))
			plan(world.now + 3 * MS + chance(60 * MS), FAULT_KILL, id);
		if (chance(2))
			plan(world.now + 5 * MS + chance(150 * MS), FAULT_SHORTEN, id);
		if (chance(3) == 0)
			plan(world.now + 20 * MS + chance(150 * MS), FAULT_OTHERS, id);
		break;
	case FAULT_SHORTEN:
		trace("node %d: shortens", id);
		node_ask(id, shorten);
		if (chance(2))
			plan(world.now + chance(20 * MS), FAULT_ISOLATE, id);
		break;
	case FAULT_SET:
		change_set(world.leave[0] ? world.leave[0] : world.leave[1] ? world.leave[1] : 1U << chance(world.nodes));
		break;
	case FAULT_OTHERS:
		until = world.now + 10 * MS + chance(900 * MS);
		cut_off(id, until, 1);
		for (int i = 0; i < world.nodes; i++)
			if (i != id)
				power(i, 0);
		break;
	case FAULT_EDGE:
		edge(id);
		break;
	case FAULT_TWICE:
		twice(id);
		break;
	case FAULT_GROW:
		grow(id);
		break;
	case FAULT_SHRINK:
		shrink(id);
		break;
	case FAULT_CRASH:
		node_power(id, 0);
		world.crashed = world.now;
		world.crashed_node = id;
		break;
	default:
		break;
	}
}

void fault_event(const struct event *e)
{
	int id = e->node;

	if (e->type == EVENT_SET) {
		set_event(!e->node);
		return;
	}
	if (id < 0 || e->value == FAULT_CRASH)
		id = chance(10) < 6 || world.figures ? holder() : (int)chance(world.nodes);
	if (id < 0)
		id = (int)chance(world.nodes);
	if (!world.node[id].up)
		return;
	world.faults++;
	happen((enum fault)e->value, id);
}
