// SPDX-License-Identifier: GPL-2.0
/* Who should and who may hold a lease: the order of the nodes, and the way back to a preferred one. */
#include <linux/haswitch.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "vote.h"
#include "words.h"

/* A node that could not be given a lease is tried again after so long. */
#define RETRY		CLOCK_SECOND
/* What nobody ever held is left to a preferred node for so long: in a new cluster one node knows before the others that
 * they may begin, and a lease is added on one node after the other.
 */
#define FIRST		(500 * CLOCK_MS)

/**
 * vote_nodes_take - take over what the module says of a lease's nodes
 * @v:		the vote
 * @slot:	of the lease
 * @found:	as the module has it
 *
 * A node that the agents' file does not name can not be preferred, and can not
 * hold anything.
 */
void vote_nodes_take(struct vote *v, unsigned int slot,
		     const struct module_lease *found)
{
	struct vote_lease *l = &v->lease[slot];
	unsigned int i;
	int id;

	if (!l->found)
		l->found = clock_now();
	l->n_prefer = 0;
	l->only = 0;
	l->limited = found->n_only;
	l->failback = found->failback;
	for (i = 0; i < found->n_prefer; i++) {
		id = vote_map_id(&v->map, found->prefer[i]);
		if (id >= 0)
			l->prefer[l->n_prefer++] = (uint8_t)id;
	}
	for (i = 0; i < found->n_only; i++) {
		id = vote_map_id(&v->map, found->only[i]);
		if (id >= 0)
			l->only |= UINT32_C(1) << id;
	}
}

/**
 * vote_may - may a node hold a lease?
 * @v:		the vote
 * @slot:	of the lease
 * @id:		the node
 *
 * Return: yes or no
 */
bool vote_may(const struct vote *v, unsigned int slot, unsigned int id)
{
	const struct vote_lease *l = &v->lease[slot];

	return !vote_witness(v, id) && (!l->limited || l->only >> id & 1);
}

/* Which of the preferred nodes it is, the first one is 0; what is none comes behind them. */
static unsigned int place(const struct vote_lease *l, unsigned int id)
{
	unsigned int i;

	for (i = 0; i < l->n_prefer; i++)
		if (l->prefer[i] == id)
			break;
	return i;
}

/**
 * vote_usable - does the own module have a node as one that can serve, and does its agent not say that it cannot?
 * @v:		the vote
 * @id:		the node
 *
 * Return: yes or no
 */
bool vote_usable(const struct vote *v, unsigned int id)
{
	const struct cluster_peer *peer = vote_peer_at(v, id);
	unsigned int state = v->there[id].state;

	if (peer && peer->unable)
		return false;
	return state == HASWITCH_NODE_STATE_UP || state == HASWITCH_NODE_STATE_HELD;
}

/*
 * The order of the nodes for a lease: what has just come back is last, then the preference counts. Among equals it
 * differs from lease to lease, so that they spread over the nodes.
 */
static unsigned int order(const struct vote *v, unsigned int slot, unsigned int id)
{
	unsigned int first = v->seat.lease[slot].number % v->map.n;
	bool held = v->there[id].state == HASWITCH_NODE_STATE_HELD;

	return (held ? 1U << 16 : 0) + (place(&v->lease[slot], id) << 8) +
	       (id + v->map.n - first) % v->map.n;
}

/**
 * vote_rank - whose turn it is to have a lease that nobody has
 * @v:		the vote
 * @slot:	of the lease
 * @id:		a node that may hold it
 *
 * Whoever has it, or has let go of it just now, is not one of those who wait for it.
 *
 * Return: how many others come before it
 */
unsigned int vote_rank(const struct vote *v, unsigned int slot, unsigned int id)
{
	const struct vote_lease *l = &v->lease[slot];
	int holder = clock_now() < l->claimed ? l->holder : -1;
	unsigned int own = order(v, slot, id), i, n = 0;

	for (i = 0; i < v->map.n; i++)
		n += i != id && (int)i != holder && vote_alive(v, i) && vote_usable(v, i) &&
		     vote_may(v, slot, i) && order(v, slot, i) < own;
	return n;
}

/**
 * vote_node_is - the module has a node in another state
 * @v:		the vote
 * @name:	the node
 * @state:	enum haswitch_node_state
 */
void vote_node_is(struct vote *v, const char *name, unsigned int state)
{
	int id = vote_map_id(&v->map, name);

	if (id >= 0)
		v->there[id].state = state;
}

/**
 * vote_look_nodes - ask the module in which states it has all nodes
 * @v:		the vote
 *
 * Events tell of each change; this is for the beginning, and for what they left
 * out. Without the module the nodes are taken for usable.
 */
void vote_look_nodes(struct vote *v)
{
	const struct vote_map *wanted = &v->sets.wanted;
	struct module_node *nodes;
	struct hasw_error err;
	unsigned int i, n, same = 0;

	if (!v->module->open || module_nodes(v->module, &nodes, &n, &err))
		return;
	v->look_nodes = false;
	for (i = 0; i < n; i++) {
		vote_node_is(v, nodes[i].name, nodes[i].state);
		same += vote_map_id(wanted, nodes[i].name) >= 0;
	}
	/* Without a list in the file the module says which nodes there are. */
	v->other_nodes = !v->listed && (same != n || same != wanted->n);
	free(nodes);
}

/* Only what happened to the node is a loss, and not what an operator did with it. */
static bool was_lost(const struct vote *v, unsigned int id)
{
	return !vote_alive(v, id) || v->there[id].state == HASWITCH_NODE_STATE_LOST ||
	       v->there[id].state == HASWITCH_NODE_STATE_FENCED;
}

static void follow(struct vote *v, uint64_t now)
{
	unsigned int id;

	for (id = 0; id < v->map.n; id++) {
		struct vote_there *t = &v->there[id];
		bool fit = vote_alive(v, id) && vote_usable(v, id);

		if (fit && !t->fit)
			t->since = now;
		if (!fit && t->fit && was_lost(v, id))
			flap_loss(&t->flap, now);
		t->fit = fit;
	}
}

/* Could the node hold the lease now, as far as this one knows? */
static bool is_ready(const struct vote *v, unsigned int slot, unsigned int id)
{
	return v->there[id].fit && vote_hears(v, id) && vote_may(v, slot, id);
}

/* The best of those that are there and should hold a lease rather than this node. Return: its id, or -1. */
static int more_preferred(const struct vote *v, unsigned int slot)
{
	const struct vote_lease *l = &v->lease[slot];
	unsigned int own = place(l, v->map.self), i;

	for (i = 0; i < own && i < l->n_prefer; i++)
		if (is_ready(v, slot, l->prefer[i]))
			return l->prefer[i];
	return -1;
}

/* Whom a lease goes to that this node holds. Return: its id, or -1. */
static int better(const struct vote *v, unsigned int slot)
{
	return v->lease[slot].failback == MODULE_FAILBACK_MANUAL ? -1 :
	       more_preferred(v, slot);
}

/**
 * vote_wanted - does this node, which could, want a lease of its module?
 * @v:		the vote
 * @slot:	of the lease
 *
 * Return: yes or no
 */
bool vote_wanted(const struct vote *v, unsigned int slot)
{
	const struct vote_lease *l = &v->lease[slot];
	uint64_t now = clock_now();
	uint64_t since = v->known > l->found ? v->known : l->found;

	if (!l->here || !vote_may(v, slot, v->map.self) || now < l->cut_off)
		return false;
	return l->top || (v->known && now >= since + FIRST) ||
	       more_preferred(v, slot) < 0;
}

/*
 * When it goes there. Who takes it and loses it again at once, though its agent is heard all the time, waits longer each
 * time, too.
 */
static uint64_t due(const struct vote *v, const struct vote_lease *l, int id)
{
	const struct vote_there *t = &v->there[id];
	uint64_t there = t->since + flap_wait(&t->flap, t->since, l->failback);
	uint64_t taken = l->taken + flap_wait(&l->flap, l->taken, l->failback);

	return there > taken ? there : taken;
}

/* Who is to have a lease that this node may not hold any more. Return: its id, or -1. */
static int any(const struct vote *v, unsigned int slot)
{
	unsigned int id;
	int best = -1;

	for (id = 0; id < v->map.n; id++)
		if (id != v->map.self && is_ready(v, slot, id) &&
		    (best < 0 || order(v, slot, id) < order(v, slot, (unsigned int)best)))
			best = (int)id;
	return best;
}

static void prefer(struct vote *v, unsigned int slot, uint64_t now)
{
	struct vote_lease *l = &v->lease[slot];
	bool may = vote_may(v, slot, v->map.self);
	int to = may ? better(v, slot) : any(v, slot);

	if (to < 0 || now < l->retry || (may && now < due(v, l, to)))
		return;
	l->retry = now + RETRY;
	if (vote_move(v, slot, to))
		return;
	if (may)
		flap_loss(&l->flap, now);
	if (may)
		log_notice("lease %s: goes back to %s, which is preferred", l->name,
			   v->map.names[to]);
	else
		log_notice("lease %s: goes to %s, as this node may not hold it any more",
			   l->name, v->map.names[to]);
}

/**
 * vote_prefer - see which leases other nodes should hold, and have them do so
 * @v:	the vote
 */
void vote_prefer(struct vote *v)
{
	uint64_t now = clock_now();
	unsigned int slot;

	follow(v, now);
	if (!v->known && (v->seat.disk.known || !(v->map.voters & 1U << v->map.self)))
		v->known = now;
	for (slot = HASW_SEAT_CONFIG + 1; slot < v->seat.n; slot++)
		if (v->part == VOTE_STAYS && v->lease[slot].here &&
		    now < v->lease[slot].until &&
		    v->seat.lease[slot].proposer.state == HASW_PROPOSER_OWN)
			prefer(v, slot, now);
}

/**
 * vote_only_words - why none of those that may hold a lease does, for people
 * @v:		the vote
 * @slot:	of the lease
 * @words:	filled
 * @size:	of @words
 *
 * Return: whether it is so that none of them could
 */
bool vote_only_words(const struct vote *v, unsigned int slot, char *words,
		     size_t size)
{
	const struct vote_lease *l = &v->lease[slot];
	unsigned int id, n = 0, heard = 0;
	const char *between = "only";

	if (!l->limited)
		return false;
	for (id = 0; id < v->map.n; id++) {
		if (!vote_may(v, slot, id))
			continue;
		if (is_ready(v, slot, id))
			return false;
		n++;
		heard += vote_hears(v, id);
	}
	words[0] = '\0';
	if (!n) {
		words_add(words, size, "none of the nodes that may is in the agents' file");
		return true;
	}
	for (id = 0; id < v->map.n; id++)
		if (vote_may(v, slot, id)) {
			words_add(words, size, "%s %s", between, v->map.names[id]);
			between = ",";
		}
	if (n == 1)
		words_add(words, size, " may, which %s", heard ? "can not serve" : "is not heard");
	else
		words_add(words, size, " may, %s %s", n == 2 ? "neither" : "none",
		    heard ? "can serve" : "is heard");
	return true;
}

/**
 * vote_return_words - when a lease that this node holds goes back, for people
 * @v:		the vote
 * @slot:	of the lease
 * @words:	is added to
 * @size:	of @words
 */
void vote_return_words(const struct vote *v, unsigned int slot, char *words,
		       size_t size)
{
	int to = better(v, slot);
	uint64_t now = clock_now(), at;

	if (to < 0)
		return;
	at = due(v, &v->lease[slot], to);
	words_add(words, size, "; %s is preferred, and gets it in %llu s", v->map.names[to],
	    (unsigned long long)(at > now ? (at - now + CLOCK_SECOND - 1) / CLOCK_SECOND : 0));
}
