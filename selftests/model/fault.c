// SPDX-License-Identifier: GPL-2.0
/* What goes wrong in a schedule, and what its operator does. */
#include "model.h"

enum mood {
	MOOD_FENCES,	/* two voters and a third node, cut off from each other */
	MOOD_DEATHS,	/* agents die while messages are late */
	MOOD_LONGS,	/* long rights, cut short again */
	MOOD_SHRINKS,	/* of five voters two leave */
	MOOD_LOSSES,	/* disks are lost */
	MOOD_ANY,
};

static int holder(int lease)
{
	for (int i = 0; i < world.nodes; i++)
		if (world.node[i].up && module_held(i, lease))
			return i;
	return -1;
}

/* Of some lease, or of all that the node has. */
void fault_next(u64 at, enum fault fault, int node)
{
	struct event *e = event_add(at, EVENT_FAULT, node);

	e->value = (int)fault;
	e->lease = some_lease();
}

/* The same of one lease. */
void fault_of(u64 at, enum fault fault, int node, int lease)
{
	struct event *e = event_add(at, EVENT_FAULT, node);

	e->value = (int)fault;
	e->lease = lease;
}

void fault_want(u64 at, int node, int lease, int want)
{
	struct event *e = event_add(at, EVENT_WANT, node);

	e->value = want;
	e->lease = lease;
}

static long rate(void)
{
	/* The ends of what rho allows are where it breaks. */
	if (chance(2))
		return chance(2) ? 100000 : -100000;
	return (long)chance(200001) - 100000;
}

/* What a schedule has much of, by its seed: what breaks a rule has to come together, and rarely does by chance. */
static enum mood mood(void)
{
	u64 m = world.seed / 2 % 8;

	/* What only a set that shrinks shows is the rarest, so there are more of these. */
	if (m == MOOD_ANY)
		return MOOD_SHRINKS;
	return m < MOOD_ANY ? (enum mood)m : MOOD_ANY;
}

static void plan_world(void)
{
	static const u64 delays[] = { 100 * US, 300 * US, 1 * MS, 4 * MS };
	int two = chance(6) == 0 || mood() == MOOD_FENCES, five = chance(6) == 0 || mood() == MOOD_SHRINKS;
	int voters = two ? 2 : five ? 5 : 3;

	u64 ceiling = chance(2) ? 1 << 20 : 4, kind = chance(5);

	world.t = hasw_vote_profile_times(kind < 2 ? HASW_VOTE_FAST : HASW_VOTE_DEFAULT, 0);
	world.t.ceiling = ceiling;
	/* What would hide behind the margin shows. */
	if (kind == 0) {
		world.t.length = 20 * MS;
		world.t.margin = 2 * MS;
	}
	/* Rights of a punctual machine are shorter than those of a late one, each as it is just then. */
	if (kind != 1 || chance(2))
		world.t.slowest = world.t.length * (2 + chance(4));
	world.t.longest = world.t.slowest + world.t.length * (2 + chance(6));
	world.nodes = voters + (int)chance(2);
	if (mood() == MOOD_FENCES || mood() == MOOD_DEATHS)
		world.nodes = voters + 1;
	/* Not by chance(), as below. */
	world.leases = world.seed % 8 == 5 ? 3 : world.seed % 4 == 1 || mood() == MOOD_LONGS ? 2 : 1;
	world.set.voters = (1U << voters) - 1;
	world.delay = delays[chance(4)] / 2;
	world.spread = world.delay * (1 + chance(8));
	world.loss = chance(2) ? 0 : (unsigned int)chance(250);
	world.twice = chance(2) ? 0 : (unsigned int)chance(150);
	world.late = chance(2) ? 0 : (unsigned int)chance(60);
	world.end = 1200 * MS + chance(2500 * MS);
	/* Now and then what is written takes longer than a right lasts. */
	world.disk = world.seed % 16 == 14 ? 300 * MS : 8 * MS;
	/* Nodes that are 11 ms apart for good can have leases, if they are patient. */
	/* A cluster that begins: nobody knows anything. */
	world.empty = world.seed % 16 == 3;
	world.far = world.seed % 32 == 7 && world.t.length >= 90 * MS;
	if (world.far) {
		world.delay = 11 * MS;
		world.spread = 2 * MS;
	}
}

static void plan_figures(void)
{
	world.t = hasw_vote_profile_times(world.figures == FIGURES_FAST ? HASW_VOTE_FAST : HASW_VOTE_DEFAULT,
					  10000 * MS);
	world.nodes = 3;
	world.leases = 1;
	world.set.voters = 7;
	world.delay = 100 * US;
	world.spread = 200 * US;
	world.end = 1800 * MS;
	world.disk = world.figures == FIGURES_HOLD ? 200 * MS : 8 * MS;
	if (world.figures == FIGURES_MOVE)
		world.loss = 300;
	if (world.figures == FIGURES_RESIGN) {
		world.bare = 2;
		world.loss = 100;
	}
	/* Voters that have just been started wait for the largest usual right. */
	if (world.figures == FIGURES_BACK || world.figures == FIGURES_BACK_CLAIMS) {
		world.end = 15000 * MS;
		fault_next(1000 * MS + chance(100 * MS), FAULT_BACK, 0);
		return;
	}
	fault_next(1000 * MS + chance(100 * MS), world.figures == FIGURES_MOVE ? FAULT_MOVE :
		   world.figures == FIGURES_RESIGN ? FAULT_END :
		   world.figures == FIGURES_HOLD ? FAULT_HOLD : FAULT_CRASH, 0);
}

static void plan_faults(void)
{
	static const enum fault slow[] = { FAULT_ISOLATE, FAULT_PAUSE, FAULT_KILL, FAULT_ISOLATE };
	static const enum fault fences[] = { FAULT_ISOLATE, FAULT_CUT, FAULT_PAUSE, FAULT_ISOLATE };
	static const enum fault losses[] = { FAULT_LOSE, FAULT_LOSE, FAULT_PANIC, FAULT_POWER };
	static const enum fault deaths[] = { FAULT_KILL, FAULT_KILL, FAULT_ISOLATE, FAULT_PAUSE };
	static const enum fault longs[] = { FAULT_LONG, FAULT_LESS, FAULT_OTHERS, FAULT_SHORTEN };
	static const enum fault edges[] = { FAULT_EDGE, FAULT_TWICE, FAULT_RELEASE, FAULT_EDGE };
	const enum fault *some = NULL;
	unsigned int faults = 1 + (unsigned int)chance(9);

	if (hasw_vote_count(world.set.voters) == 5 && (chance(2) || mood() == MOOD_SHRINKS))
		fault_next(200 * MS + chance(300 * MS), FAULT_SHRINK, -1);
	switch (mood()) {
	case MOOD_FENCES:
		some = fences;
		faults += 3;
		break;
	case MOOD_DEATHS:
		some = deaths;
		world.late = 150 + (unsigned int)chance(200);
		faults += 3;
		break;
	case MOOD_LONGS:
		some = longs;
		for (int i = 0; i < 4; i++)
			fault_of(200 * MS + chance(1500 * MS), i & 1 ? FAULT_LAG : FAULT_DIM, -1, world.leases - 1);
		break;
	case MOOD_LOSSES:
		some = losses;
		break;
	default:
		break;
	}
	/* Of rounds that overlap, which are renewals over a slow network, there are more. */
	switch (some || mood() == MOOD_SHRINKS ? 9 : world.seed % 16 == 12 ? 0 : chance(8)) {
	case 0:
		some = slow;
		if (!world.far) {
			world.delay = 3 * MS;
			world.spread = 12 * MS;
		}
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
	if (hasw_vote_count(world.set.voters) == 2 && world.nodes == 3 && world.seed % 4 == 0)
		fault_next(300 * MS, FAULT_GROW, -1);
	if (world.seed % 5 == 2)
		for (int i = 0; i < 3; i++)
			fault_next(150 * MS + chance(world.end - 150 * MS), chance(2) ? FAULT_RESIGN : FAULT_PANIC, -1);
	if (world.seed % 16 == 11)
		fault_next(150 * MS + chance(500 * MS), FAULT_BAN, -1);
	/* In the end leases are left to one node after the other, one of which will never take them. */
	for (int i = 0; world.seed % 16 == 11 && i < 4; i++)
		fault_next(world.end - MS - chance(300 * MS), FAULT_RELEASE, -1);
	for (int i = 0; world.seed % 16 == 15 && i < 4; i++)
		fault_next(150 * MS + chance(world.end - 150 * MS), FAULT_SET, -1);
	while (faults--)
		fault_next(150 * MS + chance(world.end - 150 * MS),
		     some ? some[chance(4)] : (enum fault)chance(FAULT_SHRINK), -1);
	/* Who does not vote forgets all that it asked for. */
	for (int i = 0; mood() == MOOD_DEATHS && i < 12; i++)
		fault_next(150 * MS + chance(world.end - 150 * MS), FAULT_KILL, world.nodes - 1);
}

/* How long it may take until each lease has an owner when all is well again: a node that lost its state waits for what
 * it may have granted, what others granted for long has to run out, and then they find together.
 */
static u64 bound(void)
{
	return (world.empty ? 3 : 2) * hasw_vote_wait(&world.t, world.t.longest) + 50 * world.t.retry + 4 * world.disk +
	       2 * (world.after + world.probe);
}

/* What the nodes of a set are: those of one that was given up differ from those of the next one. */
u64 fault_map(u32 voters)
{
	return codec_map((world.set.generation + 1) << 16 | world.changes, voters);
}

/*
 * Has a node that knows the last committed set, and does not change it yet, begin or go on. Return: whether there is
 * one.
 */
static int begin_set(int id)
{
	struct node *n = &world.node[id];

	if (!n->agent || n->seat.change.busy || n->seat.set.generation != world.set.generation)
		return 0;
	trace("node %d: changes voter set %u: %x becomes %x", id, world.set.generation + 1,
	      world.set.voters, world.voters_next);
	world.changing = 1;
	if (!world.map_next)
		world.map_next = fault_map(world.voters_next);
	node_change(id, world.voters_next, world.map_next);
	return 1;
}

/* All machines run, all agents too, and the network is good; whoever changed the voter set is back as well. */
void fault_calm(void)
{
	trace("all is well from now on");
	world.filter = 0;
	world.loss = world.late = world.twice = 0;
	if (world.changing)
		event_add(world.now, EVENT_SET, 0);
	if (!world.far) {
		world.delay = 100 * US;
		world.spread = 200 * US;
	}
	for (int i = 0; i < world.nodes; i++) {
		struct node *n = &world.node[i];

		for (int j = 0; j < world.nodes; j++)
			world.cut[i][j] = 0;
		/* What was planned for it while it stands still comes when it would have gone on. */
		if (world.now < n->paused)
			world.forgot = 1;
		n->paused = 0;
		n->deaf = 0;
		event_add(world.now, EVENT_LEARN, i);
		event_add(world.now + chance(20 * MS), n->up ? EVENT_AGENT : EVENT_BOOT, i);
		for (int lease = 0; lease < world.leases; lease++)
			fault_want(world.now + 20 * MS, i, lease, 1);
	}
}

/* A schedule from its seed alone. */
void fault_plan(void)
{
	world.set.generation = 1;
	world.behind = -1;
	/* Not by chance(): other schedules stay what they were. */
	world.bare = world.seed % 3 ? -1 : 2;
	world.calm = ~0ULL;
	if (world.figures)
		plan_figures();
	else if (!aims_plan() && !split_plan())
		plan_world();
	world.set.map = codec_map(1, world.set.voters);
	for (int i = 0; i < world.nodes; i++) {
		struct node *n = &world.node[i];

		n->up = 1;
		n->clock = (struct clock){ .base = chance(1000) * MS, .ppm = world.figures ? 0 : rate() };
		for (int lease = 0; lease < world.leases; lease++) {
			struct module *m = &n->module[lease];

			m->right.floor = 1;
			m->want = (world.figures || world.aim || chance(5) != 0) &&
				  !(world.figures == FIGURES_RESIGN && i == world.bare);
			if (!m->want && !world.figures)
				fault_want(500 * MS, i, lease, 1);
		}
		node_make(i, !world.empty);
		event_add(chance(world.empty ? 700 * MS : 20 * MS), EVENT_AGENT, i);
	}
	if (world.aim)
		aims_begin();
	else if (world.split)
		split_faults();
	else if (!world.figures)
		plan_faults();
	if (!world.figures && world.seed % 2) {
		world.calm = world.end;
		world.end += bound();
		event_add(world.calm, EVENT_CALM, 0);
	}
}

static void let_go(struct hasw_seat *s, unsigned int lease, u64 now)
{
	hasw_seat_release(s, lease, now);
}

void fault_cut_off(int id, u64 until, int both)
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
	/* The other one of two may know nothing of the epochs that were used after the first loss (rule 17). */
	if (world.forgot && hasw_vote_count(world.set.voters) == 2)
		lose = 0;
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
static void edge(int id, int lease)
{
	struct node *n = &world.node[id];
	const struct hasw_right *right = &n->module[lease].right;

	if (!module_held(id, lease) || right->deadline > local_time(n) + 2 * world.t.slowest)
		return;
	n->paused = true_time(n, right->deadline) + chance(2 * MS);
	trace("node %d: agent stands still until its deadline has passed", id);
	fault_of(n->paused, FAULT_RELEASE, id, lease);
	for (int i = 0; i < world.nodes; i++)
		if (i != id)
			fault_want(n->paused + chance(4 * MS), i, lease, 1);
}

static void twice(int id, int lease)
{
	u64 back = world.now + 100 * US + chance(2 * MS);

	node_ask(id, lease, let_go);
	if (!world.node[id].agent)
		return;
	node_kill(id);
	world.node[id].module[lease].want = 1;
	event_add(back, EVENT_AGENT, id)->value = 1;
	for (int i = 0; i < 4; i++)
		fault_of(back + chance(8 * MS), FAULT_RELEASE, id, lease);
	for (int i = 0; i < world.nodes; i++)
		if (i != id)
			fault_want(back + chance(15 * MS), i, lease, 1);
}

static void change_set(int id, u32 bit);

/* The holder is known to three of five; two of these three leave, one after the other. */
static void shrink(int id)
{
	u32 others = world.set.voters & ~(1U << id);
	int a = __builtin_ctz(others), b = __builtin_ctz(others & (others - 1));
	u64 until = world.now + 2500 * MS;

	if (hasw_vote_count(world.set.voters) != 5 || !(world.set.voters & 1U << id))
		return;
	world.cut[id][a] = world.cut[a][id] = until;
	world.cut[id][b] = world.cut[b][id] = until;
	world.node[id].deaf = until;
	others &= ~(1U << a | 1U << b);
	world.leave[0] = 1U << __builtin_ctz(others);
	world.leave[1] = others & (others - 1);
	trace("node %d: only %x knows of it, who leaves", id, others);
	fault_next(world.now + world.t.slowest * 2, FAULT_SET, a);
	fault_next(world.now + world.t.slowest * 2 + 10 * MS + chance(40 * MS), FAULT_SET, a);
	for (int i = 0; i < 40; i++)
		fault_want(world.now + world.t.slowest * 2 + chance(800 * MS), i & 1 ? a : b, some_lease(), 1);
}

/* Long enough alone that whoever was fenced, and the third, need not wait any more; then it hears the third again. */
static void grow(int id)
{
	u32 others = world.set.voters & ~(1U << id);
	int b = __builtin_ctz(others), c = __builtin_ctz(~world.set.voters);
	u64 until = world.now + 1800 * MS + world.t.longest * 2;

	if (!(world.set.voters & 1U << id) || hasw_vote_count(world.set.voters) != 2 ||
	    c >= world.nodes || world.changing)
		return;
	world.cut[id][b] = world.cut[b][id] = until + 500 * MS;
	world.cut[id][c] = world.cut[c][id] = until;
	world.end = until + 500 * MS;
	trace("node %d: alone until %.6f, while %d becomes a voter", id, (double)until / 1e9, c);
	change_set(id, 1U << c);
	for (int i = 0; i < 40; i++)
		fault_want(until + chance(200 * MS), i & 1 ? b : c, some_lease(), 1);
}

/* Has a node begin to change the set to these voters. Return: whether it did. */
int fault_change_set(int id, u32 voters)
{
	world.changes++;
	world.voters_next = voters;
	world.map_next = 0;
	return begin_set(id);
}

/*
 * One voter more or less, or other nodes beside the same voters. The next change begins when this one is committed.
 * While it is not, any node goes on with it, or, in some schedules, the operator wants another one by then.
 */
static void change_set(int id, u32 bit)
{
	u32 next = world.set.voters ^ bit;
	u32 spare_nodes = ((1U << world.nodes) - 1) & ~world.set.voters;
	int busy = 0;

	/* Not by chance(): other schedules stay what they were. */
	if (world.seed % 8 > 5 && bit != world.leave[0] && bit != world.leave[1])
		next = world.set.voters;
	if (HASW_RULES_WRONG(SWAP) && spare_nodes)
		next = (world.set.voters & ~(1U << chance(world.nodes))) | spare_nodes;
	if (hasw_vote_count(next) < 3)
		return;
	for (int i = 0; i < world.nodes; i++)
		busy |= world.node[i].agent && world.node[i].seat.change.busy;
	if (world.changing) {
		if (bit == world.leave[1]) {
			fault_next(world.now + 5 * MS, FAULT_SET, 0);
			return;
		}
		if (world.seed % 4 != 3 || (busy && world.seed % 16 != 15)) {
			begin_set(id);
			return;
		}
	}
	if (!fault_change_set(id, next)) {
		fault_next(world.now + 5 * MS, FAULT_SET, -1);
		return;
	}
	for (int i = 0; i < 2; i++)
		if (bit == world.leave[i])
			world.leave[i] = 0;
	/* Several operators may want several things at once, and who changes the set may die in the midst of it. */
	if (world.seed % 16 == 15 && world.changes % 8) {
		fault_next(world.now + chance(12 * MS), FAULT_SET, (int)chance((u64)world.nodes));
		if (world.changes % 8 == 3)
			fault_next(world.now + chance(20 * MS), FAULT_LOSE, (int)chance((u64)world.nodes));
	}
	if (world.seed % 4 == 3 && chance(2))
		fault_next(world.now + chance(30 * MS), FAULT_KILL, id);
}

/* All is well: what was begun is brought to an end. */
static void set_event(void)
{
	int busy = 0;

	if (!world.changing)
		return;
	for (int i = 0; i < world.nodes; i++)
		busy |= world.node[i].agent && world.node[i].seat.change.busy;
	for (int i = 0; i < world.nodes && !busy; i++)
		busy = begin_set(i);
	event_add(world.now + 25 * MS, EVENT_SET, 0);
}

/* The first node to know that a set is committed. */
void fault_set_committed(const struct hasw_vote_set *set)
{
	if (set->generation == world.set.generation && (set->voters != world.set.voters || set->map != world.set.map))
		violation("two voter sets of one generation are committed");
	if (set->generation <= world.set.generation)
		return;
	trace("voter set %u is committed: %x", set->generation, set->voters);
	world.changing = 0;
	world.set = *set;
	for (int i = 0; i < world.nodes; i++)
		event_add(world.now + chance(chance(2) ? 5 * MS : 100 * MS), EVENT_LEARN, i);
}

static void happen(enum fault fault, int id, int lease)
{
	struct node *n = &world.node[id];
	u64 until;

	node_fault();
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
		fault_cut_off(id, until, (int)chance(2));
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
			fault_of(n->paused, FAULT_RELEASE, id, lease);
			break;
		}
		trace("node %d: lets go of lease %d", id, lease);
		n->module[lease].want = 0;
		node_ask(id, lease, let_go);
		/* It may name itself, or a node that does not want it or is not there. */
		if (n->agent && chance(2))
			node_name(id, lease, (int)chance((u64)world.nodes));
		fault_want(world.now + chance(300 * MS), id, lease, 1);
		/* Whatever comes next may come into the middle of it. */
		if (chance(2))
			fault_next(world.now + chance(10 * MS), chance(2) ? FAULT_KILL : FAULT_POWER, id);
		break;
	case FAULT_SET:
		change_set(id, world.leave[0] ? world.leave[0] : world.leave[1] ? world.leave[1] :
			   1U << chance(world.nodes));
		break;
	case FAULT_OTHERS:
		until = world.now + 10 * MS + chance(900 * MS);
		fault_cut_off(id, until, 1);
		for (int i = 0; i < world.nodes; i++)
			if (i != id)
				power(i, 0);
		break;
	case FAULT_EDGE:
		edge(id, lease);
		break;
	case FAULT_TWICE:
		twice(id, lease);
		break;
	case FAULT_GROW:
		grow(id);
		break;
	case FAULT_RESIGN:
		if (chance(2))
			kill_agent(id);
		for (int i = 0; i < world.leases; i++)
			module_resign(id, i, 0);
		break;
	case FAULT_BAN:
		trace("node %d: its module refuses everything from now on", id);
		n->banned = 1;
		break;
	case FAULT_PANIC:
		for (int i = 0; i < world.leases; i++)
			module_resign(id, i, 1);
		power(id, 0);
		break;
	case FAULT_SHRINK:
		shrink(id);
		break;
	case FAULT_CRASH:
		node_power(id, 0);
		world.crashed = world.now;
		world.crashed_node = id;
		break;
	case FAULT_HOLD:
		world.crashed = world.now;
		longs_happen(fault, id, lease);
		break;
	case FAULT_END:
		world.crashed = world.now;
		world.crashed_node = id;
		for (int i = 0; i < world.leases; i++)
			module_resign(id, i, 0);
		node_kill(id);
		break;
	case FAULT_MOVE:
		n->module[lease].want = 0;
		node_ask(id, lease, let_go);
		world.crashed = world.now;
		world.crashed_node = id;
		break;
	default:
		longs_happen(fault, id, lease);
		break;
	}
}

void fault_event(const struct event *e)
{
	int id = e->node;

	if (e->type == EVENT_SET) {
		set_event();
		return;
	}
	if (world.now >= world.calm)
		return;
	if (e->value == FAULT_AIM) {
		world.faults++;
		aims_happen(e->lease);
		return;
	}
	if (e->value == FAULT_SPLIT) {
		world.faults++;
		split_happen(e->lease);
		return;
	}
	if (id < 0 || world.figures)
		id = chance(10) < 6 || world.figures ? holder(e->lease) : (int)chance(world.nodes);
	if (id < 0)
		id = (int)chance(world.nodes);
	if (!world.node[id].up)
		return;
	world.faults++;
	happen((enum fault)e->value, id, e->lease);
}
