// SPDX-License-Identifier: GPL-2.0
/* A node of the model: a seat of the rules, with a module, a disk, a network and an operator around it. */
#include "model.h"

#define STEP (15 * MS)

static int id_of(const void *arg)
{
	return (int)((const struct node *)arg - world.node);
}

static void plan_tick(int id)
{
	struct node *n = &world.node[id];
	u64 wake = hasw_seat_wake(&n->seat), at;
	struct event *e;

	if (wake == n->planned)
		return;
	n->planned = wake;
	n->ticks++;
	if (wake == ~0ULL)
		return;
	at = true_time(n, wake);
	if (at < world.now)
		at = world.now;
	/* Nobody wakes up exactly in time. */
	e = event_add(at + chance(200 * US), EVENT_TICK, id);
	e->serial = n->ticks;
}

static __u64 seat_random(void *arg)
{
	(void)arg;
	return chance(~0ULL);
}

static void seat_send(void *arg, u8 to, const struct hasw_vote_msg *m)
{
	if (to < world.nodes && (to == id_of(arg) || !split_shy(id_of(arg))))
		net_send(id_of(arg), to, m);
}

static void seat_set(void *arg, unsigned int lease, __u64 epoch, __u64 deadline)
{
	module_set(id_of(arg), (int)lease, epoch, deadline);
}

static void seat_stop(void *arg, unsigned int lease)
{
	module_stop(id_of(arg), (int)lease);
}

static void seat_sync(void *arg, const struct hasw_voter_disk *image)
{
	struct node *n = arg;
	u8 bytes[MODEL_IMAGE];

	disk_write(id_of(arg), bytes, codec_image(image, &n->seat.set, bytes));
	event_add(world.now + 100 * US + chance(world.disk), EVENT_SYNCED, id_of(arg))->serial = n->lives;
}

static void seat_config(void *arg, const struct hasw_vote_conf *conf)
{
	oracle_config(id_of(arg), conf);
}

static __u64 seat_top(void *arg)
{
	const struct node *n = arg;
	u64 top = 0;

	for (int lease = 0; lease < world.leases; lease++)
		if (top < n->module[lease].right.top)
			top = n->module[lease].right.top;
	return top;
}

static const struct hasw_seat_ops ops = {
	.top = seat_top,
	.random = seat_random,
	.send = seat_send,
	.set = seat_set,
	.stop = seat_stop,
	.sync = seat_sync,
	.config = seat_config,
};

void node_ask(int id, int lease, void (*what)(struct hasw_seat *s, unsigned int lease, u64 now))
{
	struct node *n = &world.node[id];

	if (!n->agent)
		return;
	what(&n->seat, (unsigned int)lease, local_time(n));
	plan_tick(id);
}

/* A node that has never run. */
void node_make(int id, int known)
{
	struct hasw_voter_disk disk = { .known = (u8)known, .generation = world.set.generation,
					.voters = world.set.voters, .map = world.set.map,
					.committed = world.set.generation };
	struct node *n = &world.node[id];
	u8 bytes[MODEL_IMAGE];

	hasw_seat_open(&n->seat, &world.t, &ops, n, (u8)id, &world.set, &disk);
	for (int lease = 0; lease < world.leases; lease++)
		hasw_seat_add(&n->seat, (u32)(lease + 1) * 1000);
	if (!known)
		return;
	disk_open(id, bytes);
	disk_write(id, bytes, codec_image(&n->seat.disk, &n->seat.set, bytes));
	disk_written(id);
	disk_killed(id, 0);
}

/* A fault while others have yet to hear from this node that the cluster is new: they may never hear it. */
static void may_be_forgotten(const struct node *n)
{
	if (!n->seat.lease[HASW_SEAT_CONFIG].voter.begun)
		return;
	for (int i = 0; i < world.nodes; i++)
		if (world.set.voters & 1U << i && !world.node[i].seat.disk.known)
			world.forgot = 1;
}

void node_fault(void)
{
	for (int i = 0; i < world.nodes; i++)
		may_be_forgotten(&world.node[i]);
}

/* It is the first to know that the cluster is new, and some fault is there already. */
static void begins(const struct node *n)
{
	oracle_anew();
	for (int i = 0; i < world.nodes; i++) {
		for (int j = 0; j < world.nodes; j++)
			if (world.now < world.cut[i][j])
				may_be_forgotten(n);
		if (world.now < world.node[i].paused || !world.node[i].agent)
			may_be_forgotten(n);
	}
}

/* An agent reads what its store finds. Return: whether that is what the last one knew to be there. */
static int node_read(int id)
{
	struct hasw_voter_disk disk;
	struct node *n = &world.node[id];
	struct hasw_vote_set set;
	u8 bytes[MODEL_IMAGE];
	size_t size = disk_open(id, bytes);
	int same;

	if (!size)
		return !n->seat.disk.known;
	if (!codec_read(bytes, size, &disk, &set))
		return 0;
	same = codec_same(&disk, &n->seat.disk);
	if (disk.known && !n->seat.disk.known)
		begins(n);
	n->seat.disk = disk;
	n->seat.set = set;
	return same;
}

/* An agent starts; @keep: what its voter knew in this very boot is intact, unless its disk says something else. */
void node_start(int id, int keep)
{
	struct node *n = &world.node[id];
	u64 now = local_time(n);
	u32 life;

	if (!n->up)
		return;
	keep &= node_read(id);
	n->agent = 1;
	n->lives++;
	/* Random in fact, never twice here: a collision is one in 65536, on top of everything else. */
	life = (u32)(world.seed * 40503 + (world.seed & 64 ? n->lives : -n->lives)) & 0xffff;
	if (HASW_RULES_WRONG(SAME_LIFE))
		life = 7;
	n->fencing = -1;
	n->planned = ~0ULL - 1;
	hasw_seat_start(&n->seat, now, (u16)life);
	for (int lease = 0; lease < world.leases; lease++) {
		const struct hasw_right *right = &n->module[lease].right;
		struct hasw_proposer *p = &n->seat.lease[lease].proposer;

		hasw_seat_begin(&n->seat, (unsigned int)lease, now, keep, right->epoch, right->deadline);
		p->want = (u8)n->module[lease].want;
		p->rank = (u8)((id + world.seed + (u64)lease) % (u64)world.nodes);
	}
	split_begin(id);
	trace("node %d: agent starts, life %u%s%s", id, life, keep ? ", voter intact" : "",
	      n->seat.disk.known ? "" : ", recovers");
	plan_tick(id);
	event_add(world.now + chance(STEP), EVENT_STEP, id)->serial = n->lives;
	event_add(world.now + chance(200 * MS), EVENT_LEARN, id);
}

/* SIGKILL: the module goes on by itself. */
void node_kill(int id)
{
	trace("node %d: agent killed", id);
	may_be_forgotten(&world.node[id]);
	disk_killed(id, (int)world.now & 1);
	world.node[id].agent = 0;
	world.node[id].ticks++;
	world.node[id].paused = 0;
}

/* Power off. What was being written is there, or not. */
void node_power(int id, int lose)
{
	struct node *n = &world.node[id];

	trace("node %d: power off%s", id, lose ? ", disk lost" : "");
	disk_killed(id, n->agent && n->seat.syncing && chance(2));
	disk_power(id);
	if (n->agent)
		node_kill(id);
	n->up = 0;
	module_crash(id);
	world.forgot |= lose;
	if (!lose)
		return;
	disk_lose(id);
	n->seat.disk = (struct hasw_voter_disk){ .generation = n->seat.set.generation, .voters = n->seat.set.voters,
						 .map = n->seat.set.map, .committed = n->seat.set.generation };
}

void node_learn(int id)
{
	struct node *n = &world.node[id];

	if (n->seat.set.generation == world.set.generation || !n->agent)
		return;
	if (world.now < n->deaf) {
		event_add(n->deaf, EVENT_LEARN, id);
		return;
	}
	trace("node %d: is told of voter set %u", id, world.set.generation);
	hasw_seat_adopt(&n->seat, local_time(n), &world.set);
}

void node_change(int id, u32 voters, u64 map)
{
	hasw_seat_change(&world.node[id].seat, local_time(&world.node[id]), voters, map);
	plan_tick(id);
}

/* Two nodes: whoever does not answer is fenced. */
static void perhaps_fence(int id)
{
	struct node *n = &world.node[id];
	u32 others = n->seat.set.voters & ~(1U << id);
	int lease = some_lease(), x = __builtin_ctz(others);
	struct hasw_proposer *p = &n->seat.lease[lease].proposer;
	struct event *e;

	if (world.aim || hasw_vote_count(n->seat.set.voters) != 2 || !n->module[lease].want ||
	    n->fencing >= 0 || !per_thousand(200))
		return;
	if (p->state != HASW_PROPOSER_READ && p->state != HASW_PROPOSER_OWN && p->state != HASW_PROPOSER_ACQUIRE)
		return;
	if (p->state == HASW_PROPOSER_READ ? p->said & others : p->sequence < p->done + 3)
		return;
	if (!hasw_seat_fence(&n->seat, (u8)x))
		return;
	n->fencing = x;
	trace("node %d: fences %d", id, x);
	e = event_add(world.now + 5 * MS + chance(200 * MS), EVENT_FENCED, id);
	e->serial = n->lives;
	e->value = x;
}

/* A fence command ends: it worked, it failed, or it says that it worked. */
static void fenced(int id, int x)
{
	struct node *n = &world.node[id];
	u64 how = chance(4);
	int off = how < 2 && world.now < world.calm, proved = off || (how == 2 && HASW_RULES_WRONG(FENCE_UNPROVED));

	if (off && world.node[x].up) {
		node_power(x, 0);
		event_add(world.now + 10 * MS + chance(1500 * MS), EVENT_BOOT, x);
	}
	trace("node %d: fence of %d: %s", id, x, off ? "off" : proved ? "claims" : "failed");
	n->fencing = -1;
	hasw_seat_fence_end(&n->seat, (u8)x, proved);
}

static void resigned(int id, int lease, u64 epoch, u64 at, int panic, int to)
{
	struct event *e = event_add(at + world.delay + chance(world.spread), EVENT_RESIGNED, to);

	e->from = id;
	e->lease = lease;
	e->value = panic;
	e->msg.epoch = epoch;
}

/* Its module says it, on every path and in the heartbeats that follow, and not all of that arrives, or soon: it may
 * hold the lease again when that is heard.
 */
void node_resign(int id, int lease, u64 epoch, u64 at, int panic)
{
	u64 again = at + chance(500 * MS);
	/* Who has no agent any more says it no later: each time is a sign of life. */
	int twice = chance(2) == 0 && !(world.split && world.crashed);

	for (int to = 0; to < world.nodes; to++) {
		if (to == id || to == world.bare || world.now < world.cut[id][to])
			continue;
		/* What figures count are the votes: the heartbeats say it until it arrives. */
		if (world.figures || !per_thousand(world.loss))
			resigned(id, lease, epoch, at, panic, to);
		if (twice)
			resigned(id, lease, epoch, again, panic, to);
	}
}

/* It lets go of a lease for that node, and says so to all, and not all of that arrives. */
void node_name(int id, int lease, int to)
{
	for (int i = 0; i < world.nodes; i++) {
		struct event *e;

		if (i != id && (world.now < world.cut[id][i] || per_thousand(world.loss)))
			continue;
		e = event_add(world.now + (i == id ? 0 : world.delay + chance(world.spread)), EVENT_NAMED, i);
		e->lease = lease;
		e->value = to;
	}
}

static void claimed(struct node *n, u64 now, const struct hasw_vote_msg *m)
{
	struct hasw_seat_lease *l = hasw_seat_find(&n->seat, m->lease);
	u64 *highest;

	if (!l)
		return;
	highest = &n->module[l->slot].claimed;
	if (m->epoch < *highest)
		return;
	if (m->epoch > *highest)
		hasw_proposer_taken(&l->proposer);
	*highest = m->epoch;
	hasw_proposer_claimed(&l->proposer, now, now + m->length);
}

static void agent_event(struct node *n, const struct event *e)
{
	u64 now = local_time(n);
	int id = e->node;

	/* Its machine is as late as it happens to be. */
	if (!world.figures)
		hasw_seat_length(&n->seat, world.t.length + chance(world.t.slowest - world.t.length + 1));
	if (world.split)
		split_late(id);
	switch (e->type) {
	case EVENT_MESSAGE:
		if (world.split && e->from != id)
			split_heard(id, &e->msg);
		if (e->msg.type == MODEL_CLAIM)
			claimed(n, now, &e->msg);
		else if (e->msg.type < HASW_VOTE_TYPES)
			hasw_seat_hear(&n->seat, now, (u8)e->from, &e->msg);
		break;
	case EVENT_TICK:
		if (e->serial != n->ticks)
			return;
		n->planned = ~0ULL - 1;
		hasw_seat_tick(&n->seat, now);
		break;
	case EVENT_STEP:
		if (e->serial != n->lives)
			return;
		event_add(world.now + STEP, EVENT_STEP, id)->serial = n->lives;
		if (world.split)
			split_step(id);
		if (per_thousand(300) && module_held(id, HASW_SEAT_CONFIG))
			hasw_seat_write(&n->seat, now, 1 + chance(~0ULL));
		if (world.split)
			break;
		perhaps_fence(id);
		return;
	case EVENT_SYNCED:
		if (e->serial != n->lives || !n->seat.syncing)
			return;
		disk_written(id);
		if (n->seat.image.known && !n->seat.disk.known)
			begins(n);
		hasw_seat_synced(&n->seat, now);
		break;
	case EVENT_STOPPED:
		if (e->serial != n->lives)
			return;
		hasw_seat_stopped(&n->seat, (unsigned int)e->lease, now);
		break;
	case EVENT_RESIGNED:
		hasw_seat_resigned(&n->seat, now, (u8)e->from, (u32)(e->lease + 1) * 1000, e->msg.epoch, e->value);
		break;
	case EVENT_LOST:
		if (!module_held(id, e->lease))
			hasw_seat_lost(&n->seat, (unsigned int)e->lease, now);
		break;
	case EVENT_NAMED:
		if (e->value == id)
			hasw_seat_take(&n->seat, (unsigned int)e->lease, now);
		else
			hasw_seat_defer(&n->seat, (unsigned int)e->lease, now, now + 5 * n->seat.t->retry);
		break;
	case EVENT_FENCED:
		if (e->serial == n->lives)
			fenced(id, e->value);
		return;
	case EVENT_PROBED:
		if (e->serial == n->lives)
			split_probed(id);
		break;
	case EVENT_PART:
		if (e->serial == n->lives)
			split_part(id);
		return;
	case EVENT_WANT:
		n->module[e->lease].want = e->value;
		hasw_seat_want(&n->seat, (unsigned int)e->lease, now, e->value);
		break;
	default:
		return;
	}
	fault_set_committed(&n->seat.set);
	plan_tick(id);
}

void node_event(const struct event *e)
{
	struct node *n = &world.node[e->node];

	switch (e->type) {
	case EVENT_BOOT:
		if (n->up)
			return;
		trace("node %d: boots", e->node);
		n->up = 1;
		/* The clock starts anew. */
		n->clock.base = MS;
		n->clock.since = world.now;
		node_start(e->node, 0);
		return;
	case EVENT_AGENT:
		if (!n->agent)
			node_start(e->node, e->value);
		return;
	case EVENT_LEARN:
		node_learn(e->node);
		return;
	default:
		break;
	}
	if (!n->agent)
		return;
	if (world.now < n->paused) {
		struct event *later = event_add(n->paused + chance(10 * US), e->type, e->node);
		u64 at = later->at, order = later->order;

		*later = *e;
		later->at = at;
		later->order = order;
		return;
	}
	agent_event(n, e);
}
