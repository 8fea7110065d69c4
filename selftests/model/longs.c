// SPDX-License-Identifier: GPL-2.0
/* What goes wrong with long rights: asked for, cut and followed by others, heard late or in part. */
#include "model.h"

static void hold_long(struct hasw_seat *s, unsigned int lease, u64 now)
{
	hasw_seat_long(s, lease, now, s->t->slowest + 1 + chance(s->t->longest - s->t->slowest));
}

static void hold_longest(struct hasw_seat *s, unsigned int lease, u64 now)
{
	hasw_seat_long(s, lease, now, s->t->longest);
}

static void hold_less(struct hasw_seat *s, unsigned int lease, u64 now)
{
	hasw_seat_long(s, lease, now, s->t->slowest + s->t->slowest / 4);
}

/* As when a voter wants a higher epoch. */
static void move_on(struct hasw_seat *s, unsigned int lease, u64 now)
{
	struct hasw_vote_out out;

	hasw_seat_out(&out);
	hasw_proposer_move(&s->lease[lease].proposer, now, &out);
	hasw_seat_carry_out(s, lease, &out);
}

static void shorten(struct hasw_seat *s, unsigned int lease, u64 now)
{
	hasw_seat_shorten(s, lease, now);
}

static void shorten_much(struct hasw_seat *s, unsigned int lease, u64 now)
{
	hasw_seat_length(s, s->t->length);
	hasw_seat_shorten(s, lease, now);
}

static void shorten_little(struct hasw_seat *s, unsigned int lease, u64 now)
{
	hasw_seat_length(s, s->t->slowest);
	hasw_seat_shorten(s, lease, now);
}

/* A long right, a shorter one, and all others lose power: what they know then is not the shorter one. */
static void less(int id, int lease)
{
	struct node *n = &world.node[id];

	if (!n->agent || !module_held(id, lease))
		return;
	switch (n->lessening++) {
	case 0:
		trace("node %d: holds lease %d as long as may be", id, lease);
		node_ask(id, lease, hold_longest);
		break;
	case 1:
		/* It is heard and does not hear, so the module has the deadline that it had. */
		for (int i = 0; i < world.nodes; i++)
			if (i != id)
				world.cut[i][id] = world.now + 900 * MS;
		trace("node %d: holds lease %d not so long", id, lease);
		node_ask(id, lease, move_on);
		node_ask(id, lease, hold_less);
		break;
	default:
		n->lessening = 0;
		fault_cut_off(id, world.now + 900 * MS, 1);
		for (int i = 0; i < world.nodes; i++) {
			if (i == id || !world.node[i].up)
				continue;
			node_power(i, 0);
			world.node[i].module[lease].want = 1;
			event_add(world.now + 5 * MS + chance(30 * MS), EVENT_BOOT, i);
		}
		return;
	}
	fault_of(world.now + 20 * MS, FAULT_LESS, id, lease);
}

/* The cut comes when the next agent has renewed, and then the holder is cut off. */
static void lag(int id, int lease)
{
	struct node *n = &world.node[id];
	u64 next = 20 * MS + chance(20 * MS);

	if (!n->agent || !module_held(id, lease)) {
		n->lagging = 0;
		return;
	}
	switch (n->lagging++) {
	case 0:
	case 1:
		/* The first time it may only ask for an epoch of its own. */
		node_ask(id, lease, hold_longest);
		break;
	case 2:
		trace("node %d: what it says is late from now on", id);
		world.behind = id;
		world.lag = next + world.t.renew + 5 * MS + chance(50 * MS);
		node_ask(id, lease, shorten_much);
		world.behind = -1;
		/* Or the same agent takes a long right again. Else its own vote is cut off as well, if it has one. */
		if (chance(2)) {
			node_kill(id);
			event_add(world.now + chance(MS), EVENT_AGENT, id)->value = (int)chance(2);
		} else {
			next += world.t.renew;
			fault_of(world.now + 2 * MS + world.t.renew, FAULT_LONG, id, lease);
		}
		/* It has an epoch of its own by then, or asks for that first. */
		for (int i = chance(2) ? 0 : 2; i < 2; i++)
			fault_of(world.now + 2 * MS + (u64)i * next / 3, FAULT_LONG, id, lease);
		break;
	default:
		n->lagging = 0;
		fault_cut_off(id, world.now + 900 * MS, 1);
		for (int i = 0; i < 20; i++)
			fault_want(world.now + chance(400 * MS), (int)chance(world.nodes), lease, 1);
		return;
	}
	fault_of(world.now + next, FAULT_LAG, id, lease);
}

/* It hears nothing from the cut on, and others hear it for a moment only, but not when it begins. */
static void dim(int id, int lease)
{
	struct node *n = &world.node[id];

	if (!n->agent || !module_held(id, lease)) {
		n->dimming = 0;
		return;
	}
	switch (n->dimming++) {
	case 0:
	case 1:
		node_ask(id, lease, hold_longest);
		fault_of(world.now + 20 * MS + chance(20 * MS), FAULT_DIM, id, lease);
		break;
	case 2:
		trace("node %d: shortens lease %d, and is heard in part", id, lease);
		fault_cut_off(id, world.now + 900 * MS, 1);
		for (int i = 0; i < world.nodes; i++)
			world.cut[id][i] = i == id ? 0 : world.now + world.t.renew * 3 / 4;
		node_ask(id, lease, shorten_little);
		fault_of(world.now + world.t.renew * 5 / 4 + chance(world.t.renew / 2), FAULT_DIM, id, lease);
		break;
	default:
		n->dimming = 0;
		fault_cut_off(id, world.now + 900 * MS, 1);
		for (int i = 0; i < 20; i++)
			fault_want(world.now + chance(400 * MS), (int)chance(world.nodes), lease, 1);
	}
}

/*
 * A planned restart of the agent, which asks for a long right before and cuts it when all is well again; then a crash.
 */
static void back(int id, int lease)
{
	struct node *n = &world.node[id];

	switch (n->back++) {
	case 0:
		node_ask(id, lease, hold_longest);
		break;
	case 1:
		node_kill(id);
		event_add(world.now + 50 * MS, EVENT_AGENT, id);
		break;
	case 6:
		node_ask(id, lease, shorten);
		break;
	/* Who waits for the end of the long right has asked again by then. */
	case 14:
		node_power(id, 0);
		world.crashed = world.now;
		world.crashed_node = id;
		return;
	default:
		break;
	}
	fault_of(world.now + 100 * MS, FAULT_BACK, id, lease);
}

void longs_happen(enum fault fault, int id, int lease)
{
	switch (fault) {
	case FAULT_LONG:
		trace("node %d: holds lease %d long", id, lease);
		node_ask(id, lease, hold_long);
		if (chance(2))
			fault_next(world.now + 3 * MS + chance(60 * MS), FAULT_KILL, id);
		if (chance(2))
			fault_of(world.now + 5 * MS + chance(150 * MS), FAULT_SHORTEN, id, lease);
		if (chance(3) == 0)
			fault_next(world.now + 20 * MS + chance(150 * MS), FAULT_OTHERS, id);
		break;
	case FAULT_LESS:
		less(id, lease);
		break;
	case FAULT_SHORTEN:
		trace("node %d: shortens lease %d", id, lease);
		node_ask(id, lease, shorten);
		if (chance(2))
			fault_next(world.now + chance(20 * MS), FAULT_ISOLATE, id);
		break;
	case FAULT_LAG:
		lag(id, lease);
		break;
	case FAULT_DIM:
		dim(id, lease);
		break;
	case FAULT_BACK:
		back(id, lease);
		break;
	case FAULT_HOLD:
		node_ask(id, lease, hold_longest);
		break;
	default:
		break;
	}
}
