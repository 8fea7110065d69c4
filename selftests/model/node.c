// SPDX-License-Identifier: GPL-2.0
/* A node of the model: carries what the rules say between proposer, voter, module, disk and network. */
#include "model.h"

#define STEP (15 * MS)

static void plan_tick(int id)
{
	struct node *n = &world.node[id];
	u64 wake = n->proposer.wake, at;
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

static void send_all(int id, const struct hasw_vote_out *out)
{
	for (unsigned int i = 0; i < out->count; i++)
		for (int to = 0; to < world.nodes; to++)
			if (out->to[i] & 1U << to)
				net_send(id, to, &out->msg[i]);
}

static void carry_out(int id, const struct hasw_vote_out *out)
{
	if (out->stop)
		module_stop(id);
	if (out->set)
		module_set(id, out->epoch, out->deadline);
	send_all(id, out);
	plan_tick(id);
}

static void out_reset(struct hasw_vote_out *out)
{
	out->stop = 0;
	out->set = 0;
	out->count = 0;
}

void node_ask(int id, void (*what)(struct hasw_proposer *p, u64 now, struct hasw_vote_out *out))
{
	struct node *n = &world.node[id];
	struct hasw_vote_out out;

	if (!n->agent)
		return;
	out_reset(&out);
	what(&n->proposer, local_time(n), &out);
	carry_out(id, &out);
}

/* An agent starts; @keep: what its voter knew in this very boot is intact. */
void node_start(int id, int keep)
{
	struct node *n = &world.node[id];
	u64 now = local_time(n);
	u32 life;

	if (!n->up)
		return;
	n->agent = 1;
	n->lives++;
	/* Random in fact, never twice here: a collision is one in 65536, on top of everything else. */
	life = (u32)(world.seed * 40503 + n->lives) & 0xffff;
	if (HASW_RULES_WRONG(SAME_LIFE))
		life = 7;
	n->syncing = 0;
	n->fencing = -1;
	n->planned = ~0ULL - 1;
	n->proposer.t = &world.t;
	n->proposer.id = (u8)id;
	hasw_proposer_start(&n->proposer, now, (u16)life, n->generation, n->voters, n->right.epoch, n->right.deadline);
	n->proposer.want = (u8)n->want;
	n->proposer.rank = (u8)((id + world.seed) % world.nodes);
	n->voter.t = &world.t;
	n->voter.id = (u8)id;
	if (!keep)
		hasw_voter_start(&n->voter, now, (u16)life, &n->disk);
	n->writer = (struct hasw_writer){
		.t = &world.t, .id = (u8)id, .life = (u16)life, .generation = n->generation, .voters = n->voters,
	};
	trace("node %d: agent starts, life %u%s%s", id, life, keep ? ", voter intact" : "",
	      n->disk.known ? "" : ", recovers");
	plan_tick(id);
	event_add(world.now + chance(STEP), EVENT_STEP, id)->serial = n->lives;
	event_add(world.now + chance(200 * MS), EVENT_LEARN, id);
}

/* SIGKILL: the module goes on by itself. */
void node_kill(int id)
{
	trace("node %d: agent killed", id);
	world.node[id].agent = 0;
	world.node[id].ticks++;
	world.node[id].paused = 0;
}

/* Power off. What was being written is there, or not. */
void node_power(int id, int lose)
{
	struct node *n = &world.node[id];

	trace("node %d: power off%s", id, lose ? ", disk lost" : "");
	if (n->agent && n->syncing && chance(2))
		n->disk = n->image;
	if (n->agent)
		node_kill(id);
	n->up = 0;
	module_crash(id);
	if (lose)
		n->disk = (struct hasw_voter_disk){ .generation = n->generation, .voters = n->voters };
}

void node_learn(int id)
{
	struct node *n = &world.node[id];

	if (n->generation == world.generation)
		return;
	if (world.now < n->deaf) {
		event_add(n->deaf, EVENT_LEARN, id);
		return;
	}
	trace("node %d: learns voter set %u", id, world.generation);
	n->generation = world.generation;
	n->voters = world.voters;
	if (!n->disk.known) {
		n->disk.generation = n->generation;
		n->disk.voters = n->voters;
		n->voter.disk = n->disk;
		n->voter.answered = 0;
	}
	if (!n->agent)
		return;
	hasw_proposer_voters(&n->proposer, n->generation, n->voters);
	n->writer.generation = n->generation;
	n->writer.voters = n->voters;
	n->writer.said = 0;
	if (n->writer.state != HASW_WRITER_OFF)
		n->writer.epoch = 0;
}

static void begin_sync(int id, const struct hasw_voter_disk *image)
{
	struct node *n = &world.node[id];

	n->syncing = 1;
	n->image = *image;
	event_add(world.now + 100 * US + chance(8 * MS), EVENT_SYNCED, id)->serial = n->lives;
}

static void judge(int id, const struct hasw_vote_msg *m)
{
	struct node *n = &world.node[id];
	struct hasw_vote_msg reply = *m;
	struct hasw_voter_disk image;
	int asker = m->from;

	switch (hasw_voter_judge(&n->voter, local_time(n), &reply, &image)) {
	case HASW_VOTER_REPLY:
		if (m->type != HASW_VOTE_READ)
			trace("node %d: voter, type %d of %d, epoch %llx seq %llu: answer %d", id, m->type, asker,
			      (unsigned long long)m->epoch, (unsigned long long)m->sequence, reply.answer);
		net_send(id, asker, &reply);
		break;
	case HASW_VOTER_SYNC:
		/* One at a time; who is not answered asks again. */
		if (n->syncing)
			break;
		n->held = *m;
		begin_sync(id, &image);
		break;
	default:
		break;
	}
}

static void answered(int id, const struct hasw_vote_msg *m)
{
	struct node *n = &world.node[id];
	struct hasw_voter_disk image;
	struct hasw_vote_out out;
	u64 now = local_time(n);

	out_reset(&out);
	switch (m->type) {
	case HASW_VOTE_SET:
		fault_set_acked(m);
		return;
	case HASW_VOTE_RECOVER:
		if (!m->sequence)
			fault_set_known(m);
		else if (!n->syncing && hasw_voter_told(&n->voter, now, m, &image) == HASW_VOTER_SYNC) {
			n->held.from = MODEL_NODES;
			begin_sync(id, &image);
		}
		return;
	case HASW_VOTE_CONF_READ:
	case HASW_VOTE_CONF_WRITE:
		if (!hasw_right_held(&n->right, now))
			return;
		if (hasw_writer_reply(&n->writer, now, m, &out))
			oracle_config(id, &n->writer.base);
		send_all(id, &out);
		return;
	default:
		hasw_proposer_reply(&n->proposer, now, m, &out);
		carry_out(id, &out);
	}
}

/* Every so often: the writer of the configuration and a voter that recovers. */
static void step(int id)
{
	struct node *n = &world.node[id];
	struct hasw_vote_msg m;
	struct hasw_vote_out out;
	u64 now = local_time(n);
	u64 epoch = hasw_right_held(&n->right, now) ? n->right.epoch : 0;

	event_add(world.now + STEP, EVENT_STEP, id)->serial = n->lives;
	if (hasw_voter_ask(&n->voter, now, &m))
		for (int to = 0; to < world.nodes; to++)
			if (to != id && n->voter.disk.voters & 1U << to)
				net_send(id, to, &m);
	if (n->proposer.state != HASW_PROPOSER_OWN)
		epoch = 0;
	out_reset(&out);
	if (hasw_writer_tick(&n->writer, now, epoch, &out)) {
		hasw_proposer_move(&n->proposer, now, &out);
		carry_out(id, &out);
		return;
	}
	if (n->writer.state == HASW_WRITER_READY && per_thousand(300))
		hasw_writer_write(&n->writer, now, 1 + chance(~0ULL), &out);
	send_all(id, &out);
	/* Two nodes: whoever does not answer is fenced. */
	if (hasw_vote_count(n->voters) == 2 && n->want && n->fencing < 0 && per_thousand(200) &&
	    (n->proposer.state == HASW_PROPOSER_READ || n->proposer.state == HASW_PROPOSER_OWN ||
	     n->proposer.state == HASW_PROPOSER_ACQUIRE)) {
		u32 others = n->voters & ~(1U << id);
		int x = __builtin_ctz(others);

		if (n->proposer.state == HASW_PROPOSER_READ ? n->proposer.said & others :
		    n->proposer.sequence < n->proposer.done + 3)
			return;
		if (!hasw_proposer_fence(&n->proposer, (u8)x))
			return;
		n->fencing = x;
		trace("node %d: fences %d", id, x);
		struct event *e = event_add(world.now + 5 * MS + chance(200 * MS), EVENT_FENCED, id);

		e->serial = n->lives;
		e->value = x;
	}
}

/* A fence command ends: it worked, it failed, or it says that it worked. */
static void fenced(int id, int x)
{
	struct node *n = &world.node[id];
	u64 how = chance(4);
	int off = how < 2, proved = how < 2 || (how == 2 && HASW_RULES_WRONG(FENCE_UNPROVED));

	if (off && world.node[x].up) {
		node_power(x, 0);
		event_add(world.now + 10 * MS + chance(1500 * MS), EVENT_BOOT, x);
	}
	trace("node %d: fence of %d: %s", id, x, off ? "off" : proved ? "claims" : "failed");
	n->fencing = -1;
	hasw_proposer_fence_end(&n->proposer, (u8)x, proved);
}

static void agent_event(struct node *n, const struct event *e)
{
	struct hasw_vote_out out;
	u64 now = local_time(n);
	int id = e->node;

	out_reset(&out);
	switch (e->type) {
	case EVENT_MESSAGE:
		if (e->msg.from != id)
			hasw_proposer_alive(&n->proposer, e->msg.from);
		if (e->msg.answer == HASW_VOTE_ASK)
			judge(id, &e->msg);
		else
			answered(id, &e->msg);
		break;
	case EVENT_TICK:
		if (e->serial != n->ticks)
			break;
		n->planned = ~0ULL - 1;
		hasw_proposer_tick(&n->proposer, now, chance(~0ULL), &out);
		carry_out(id, &out);
		break;
	case EVENT_STEP:
		if (e->serial == n->lives)
			step(id);
		break;
	case EVENT_SYNCED:
		if (e->serial != n->lives || !n->syncing)
			break;
		n->syncing = 0;
		n->disk = n->image;
		hasw_voter_synced(&n->voter, &n->disk);
		if (n->held.from < MODEL_NODES)
			judge(id, &n->held);
		break;
	case EVENT_STOPPED:
		if (e->serial != n->lives)
			break;
		hasw_proposer_stopped(&n->proposer, now, chance(~0ULL), &out);
		carry_out(id, &out);
		break;
	case EVENT_FENCED:
		if (e->serial == n->lives)
			fenced(id, e->value);
		break;
	case EVENT_WANT:
		n->want = e->value;
		n->proposer.want = (u8)n->want;
		/* Who is told to take it does not wait for its turn. */
		if (n->want && n->proposer.state == HASW_PROPOSER_IDLE)
			n->proposer.wake = now;
		hasw_proposer_tick(&n->proposer, now, chance(~0ULL), &out);
		carry_out(id, &out);
		break;
	default:
		break;
	}
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
