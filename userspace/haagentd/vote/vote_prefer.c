// SPDX-License-Identifier: GPL-2.0
/*
 * The preferred and allowed nodes of a lease (`prefer` and `only`), and the zones: the order of the nodes, and the return
 * of the lease to a preferred node (failback).
 */
#include <limits.h>
#include <linux/haswitch.h>
#include <stdlib.h>
#include <string.h>

#include "haagentd/clock.h"
#include "haagentd/log.h"
#include "vote.h"
#include "haagentd/words.h"

/* Pause between two attempts to move a lease to another node. */
#define RETRY		CLOCK_SECOND
/*
 * Wait before this node asks for a lease that was never held, if a more preferred node is ready, or one in a zone with
 * fewer leases. The wait lets that node get the lease, although it can be late: in a new cluster, the voters learn at
 * different times that voting can begin. Also, users configure a lease on one node after the other.
 */
#define FIRST		(500 * CLOCK_MS)

/**
 * vote_nodes_take - copy the preferred and allowed nodes of a lease from the module
 * @v:		the vote
 * @slot:	slot of the lease
 * @found:	the lease as the module has it
 *
 * A node that is missing in the agents' configuration is left out: it is not preferred, and
 * cannot hold the lease.
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

/* Returns whether the configuration lets a node hold a lease. */
static bool is_allowed(const struct vote *v, unsigned int slot, unsigned int id)
{
	const struct vote_lease *l = &v->lease[slot];

	return !vote_witness(v, id) && (!l->limited || l->only >> id & 1);
}

/**
 * vote_may - return whether a node is a candidate for a lease
 * @v:		the vote
 * @slot:	slot of the lease
 * @id:		id of the node
 *
 * Return: yes or no; no if `only` does not name the node, or if it is away from the lease
 */
bool vote_may(const struct vote *v, unsigned int slot, unsigned int id)
{
	return is_allowed(v, slot, id) && !vote_away(v, slot, id);
}

/* Return: index of a node in the list of preferred nodes; the length of the list for any other node. */
static unsigned int place(const struct vote_lease *l, unsigned int id)
{
	unsigned int i;

	for (i = 0; i < l->n_prefer; i++)
		if (l->prefer[i] == id)
			break;
	return i;
}

static bool is_up(const struct vote *v, unsigned int id)
{
	unsigned int state = v->there[id].state;

	return state == HASWITCH_NODE_STATE_UP || state == HASWITCH_NODE_STATE_HELD;
}

/**
 * vote_usable - return whether a node can serve, according to this node's module and to the
 * agent of node @id
 * @v:		the vote
 * @id:		id of the node
 *
 * Return: yes or no
 */
bool vote_usable(const struct vote *v, unsigned int id)
{
	const struct cluster_peer *peer = vote_peer_at(v, id);

	return !(peer && peer->unable) && is_up(v, id);
}

/*
 * Return: a number that orders the nodes for a lease; the best node has the lowest number. Nodes in the state "held"
 * come last: they have just returned, and serve only if no other node can. A node's own module never has the node in
 * that state, so the other nodes tell it. The node then tells all others, as one node's module can have two others in
 * that state. Otherwise two nodes would both come first and ask at once, or each would leave the lease to the other one.
 * Among the other nodes, the preferred nodes come first. Then come the nodes in the zones in which the fewest leases
 * are held, so that the loss of a zone takes as few leases as possible along. The order of the remaining nodes depends
 * on the lease, so that the leases spread over the nodes.
 */
static unsigned int order(const struct vote *v, unsigned int slot, unsigned int id)
{
	unsigned int first = v->seat.lease[slot].number % v->map.n;
	bool held = v->there[id].state == HASWITCH_NODE_STATE_HELD || v->there[id].returned;

	return (held ? 1U << 24 : 0) + (place(&v->lease[slot], id) << 16) +
	       ((unsigned int)v->lease[slot].load[v->there[id].zone] << 8) + (id + v->map.n - first) % v->map.n;
}

/* Return: bitmap of the nodes that are alive and usable. To find the peer of an id, all peers' names are compared. */
static uint32_t able_nodes(const struct vote *v)
{
	uint32_t able = 0;
	unsigned int id;

	for (id = 0; id < v->map.n; id++)
		if (vote_alive(v, id) && vote_usable(v, id) && (id != v->map.self || !v->cluster->unable))
			able |= UINT32_C(1) << id;
	return able;
}

/*
 * Return: id of the node that holds a lease, as this node knows; -1 for none. A holder that is not alive and up counts
 * as none, as it will lose its leases. One that asks for no lease can keep those that it has.
 */
static int holder_of(const struct vote *v, unsigned int slot, uint64_t now)
{
	const struct vote_lease *l = &v->lease[slot];
	int holder = now < l->until ? (int)v->map.self : now < l->claimed ? l->holder : -1;

	return holder >= 0 && vote_alive(v, (unsigned int)holder) && is_up(v, (unsigned int)holder) ? holder : -1;
}

/* Sorts the slots by the numbers of their leases, which are the same on all nodes. They are nearly always sorted. */
static void sort(struct vote *v)
{
	unsigned int i, j;

	if (v->sorted != v->seat.n)
		for (i = 0; i < v->seat.n; i++)
			v->by_number[i] = (uint16_t)i;
	v->sorted = v->seat.n;
	for (i = 1; i < v->seat.n; i++)
		for (j = i; j && v->seat.lease[v->by_number[j]].number < v->seat.lease[v->by_number[j - 1]].number; j--) {
			uint16_t slot = v->by_number[j];

			v->by_number[j] = v->by_number[j - 1];
			v->by_number[j - 1] = slot;
		}
}

/* Return: id of the node of @able that comes first for a lease when node @lost cannot hold it; -1 for none. */
static int best_without(const struct vote *v, unsigned int slot, uint32_t able, int lost)
{
	unsigned int id, first = UINT_MAX;
	int best = -1;

	for (id = 0; id < v->map.n; id++) {
		unsigned int own;

		if ((int)id == lost || !(able >> id & 1) || !vote_may(v, slot, id))
			continue;
		own = order(v, slot, id);
		if (own < first) {
			first = own;
			best = (int)id;
		}
	}
	return best;
}

/**
 * vote_spread - count the leases of the zones, for the order in which nodes ask for a lease
 * @v:		the vote
 * @now:	time now
 *
 * A node that is lost loses all its leases at once. So for each of them, only the leases of
 * other holders count, and those of the same holder that other nodes ask for before: these
 * are dealt out in the order of their numbers, which is the same on all nodes. Leases that
 * nobody holds are dealt out likewise. If two nodes differ in what they have heard, both can
 * ask for a lease at the same time. That costs time, but the rules of the vote still give the
 * lease to one of them.
 */
void vote_spread(struct vote *v, uint64_t now)
{
	uint8_t load[HASW_VOTE_NODES + 1][HASW_VOTE_NODES] = { 0 };
	unsigned int i, id;
	int holder, best;
	uint32_t able;

	if (!v->zones)
		return;
	sort(v);
	able = able_nodes(v);
	for (i = 0; i < v->seat.n; i++) {
		holder = i == HASW_SEAT_CONFIG ? -1 : holder_of(v, i, now);
		if (holder < 0)
			continue;
		/* Row 0 is for leases that nobody holds, and row id + 1 for those of node id. */
		for (id = 0; id <= v->map.n; id++)
			if (id != (unsigned int)holder + 1 && load[id][v->there[holder].zone] < UINT8_MAX)
				load[id][v->there[holder].zone]++;
	}
	for (i = 0; i < v->seat.n; i++) {
		unsigned int slot = v->by_number[i];
		uint8_t *row;

		if (slot == HASW_SEAT_CONFIG)
			continue;
		holder = holder_of(v, slot, now);
		row = load[holder + 1];
		memcpy(v->lease[slot].load, row, sizeof(v->lease[slot].load));
		best = v->lease[slot].here ? best_without(v, slot, able, holder) : -1;
		if (best >= 0 && row[v->there[best].zone] < UINT8_MAX)
			row[v->there[best].zone]++;
	}
}

/**
 * vote_rank - count the nodes that ask for a free lease before a given node
 * @v:		the vote
 * @slot:	slot of the lease
 * @id:		id of a node that is allowed to hold the lease
 * @now:	time now
 *
 * A node whose claim of the lease has not expired is not counted. This is the present
 * holder, or a node that has just released the lease.
 *
 * Return: number of nodes that ask before node @id
 */
unsigned int vote_rank(const struct vote *v, unsigned int slot, unsigned int id, uint64_t now)
{
	const struct vote_lease *l = &v->lease[slot];
	int holder = now < l->claimed ? l->holder : -1;
	unsigned int own = order(v, slot, id), i, n = 0;

	for (i = 0; i < v->map.n; i++)
		n += i != id && (int)i != holder && order(v, slot, i) < own && vote_may(v, slot, i) &&
		     vote_alive(v, i) && vote_usable(v, i);
	return n;
}

/**
 * vote_node_is - record the state that the module reports for a node
 * @v:		the vote
 * @name:	name of the node
 * @state:	the state, enum haswitch_node_state
 */
void vote_node_is(struct vote *v, const char *name, unsigned int state)
{
	int id = vote_map_id(&v->map, name);

	if (id >= 0)
		v->there[id].state = state;
}

/* Finds out which nodes are in the same zone, as the module has it. */
static void take_zones(struct vote *v, const struct module_node *nodes, unsigned int n)
{
	char zones[HASW_VOTE_NODES][WIRE_NAME] = { 0 };
	unsigned int i, id, other;

	for (i = 0; i < n; i++) {
		int at = vote_map_id(&v->map, nodes[i].name);

		if (at >= 0)
			memcpy(zones[at], nodes[i].zone, WIRE_NAME);
	}
	v->zones = false;
	for (id = 0; id < v->map.n; id++) {
		for (other = 0; strcmp(zones[other], zones[id]); other++)
			;
		v->there[id].zone = other;
		v->zones |= other > 0;
	}
	for (i = 0; !v->zones && i < v->seat.n; i++)
		memset(v->lease[i].load, 0, sizeof(v->lease[i].load));
}

/**
 * vote_look_nodes - read the states and zones of all nodes from the module
 * @v:		the vote
 *
 * The agent calls this function at its start, and after lost events, changed nodes, a
 * reload or a change of the voter set. All other changes are reported by events. If the
 * module cannot be asked, the agent keeps the states that it has; initially each state is
 * HASWITCH_NODE_STATE_UP.
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
	take_zones(v, nodes, n);
	for (i = 0; i < n; i++) {
		vote_node_is(v, nodes[i].name, nodes[i].state);
		same += vote_map_id(wanted, nodes[i].name) >= 0;
	}
	/* If the configuration file lists no nodes, the nodes of the module are the nodes of the cluster. */
	v->other_nodes = !v->listed && (same != n || same != wanted->n);
	free(nodes);
}

/* Returns whether a node was lost. A drain or a maintenance by an operator does not count as a loss. */
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

/* Tells the others which of them this node's module has as held, and whether one of them has this node as held. */
static void share_held(struct vote *v)
{
	struct cluster_peer *peer;
	unsigned int id;

	v->cluster->returned = false;
	for (id = 0; id < v->map.n; id++) {
		peer = vote_peer_at(v, id);
		if (!peer)
			continue;
		peer->held = v->there[id].state == HASWITCH_NODE_STATE_HELD;
		v->there[id].returned = peer->returned;
		v->cluster->returned |= peer->held_here && vote_hears(v, id);
	}
	v->there[v->map.self].returned = v->cluster->returned;
}

/* Returns whether a node could hold a lease now, as far as this node knows. */
static bool is_ready(const struct vote *v, unsigned int slot, unsigned int id)
{
	return v->there[id].fit && vote_hears(v, id) && vote_may(v, slot, id);
}

/* Return: id of the most preferred ready node, if it comes before this node in l->prefer; or -1. */
static int more_preferred(const struct vote *v, unsigned int slot)
{
	const struct vote_lease *l = &v->lease[slot];
	unsigned int own = place(l, v->map.self), i;

	for (i = 0; i < own && i < l->n_prefer; i++)
		if (is_ready(v, slot, l->prefer[i]))
			return l->prefer[i];
	return -1;
}

/* Returns whether a ready node, which is not less preferred, is in a zone with fewer leases than this node's one has. */
static bool less_loaded(const struct vote *v, unsigned int slot)
{
	const struct vote_lease *l = &v->lease[slot];
	unsigned int id, self = v->map.self;

	for (id = 0; v->zones && id < v->map.n; id++)
		if (l->load[v->there[id].zone] < l->load[v->there[self].zone] && place(l, id) <= place(l, self) &&
		    is_ready(v, slot, id))
			return true;
	return false;
}

/* Return: id of the node to which this node must give a lease back; or -1. */
static int better(const struct vote *v, unsigned int slot)
{
	return v->lease[slot].failback == MODULE_FAILBACK_MANUAL ? -1 :
	       more_preferred(v, slot);
}

/*
 * Returns whether this node, which is away from a lease, keeps the lease nevertheless: protodown asks for a planned move,
 * and a move needs a node that takes the lease.
 */
static bool keeps(const struct vote *v, unsigned int slot, uint64_t now)
{
	return is_allowed(v, slot, v->map.self) && now < v->lease[slot].until &&
	       vote_next(v, slot, v->map.self) < 0;
}

/**
 * vote_wanted - return whether this node, which is able to serve, wants a lease of its
 * module
 * @v:		the vote
 * @slot:	slot of the lease
 * @now:	time now
 *
 * Return: yes or no
 */
bool vote_wanted(const struct vote *v, unsigned int slot, uint64_t now)
{
	const struct vote_lease *l = &v->lease[slot];
	uint64_t since = v->known > l->found ? v->known : l->found;

	if (!l->here || now < l->cut_off)
		return false;
	if (!vote_may(v, slot, v->map.self))
		return keeps(v, slot, now);
	return l->top || (v->known && now >= since + FIRST) ||
	       (more_preferred(v, slot) < 0 && !less_loaded(v, slot));
}

/*
 * Return: when this node gives the lease back to the preferred node @id, ns. The wait grows each time node @id is
 * lost, and each time this node gives the lease back. The latter covers a preferred node that loses the lease again
 * and again although its agent is still heard.
 */
static uint64_t due(const struct vote *v, const struct vote_lease *l, int id)
{
	const struct vote_there *t = &v->there[id];
	uint64_t there = t->since + flap_wait(&t->flap, t->since, l->failback);
	uint64_t taken = l->taken + flap_wait(&l->flap, l->taken, l->failback);

	return there > taken ? there : taken;
}

/**
 * vote_next - return which node comes first when a holder has to be followed
 * @v:		the vote
 * @slot:	slot of the lease
 * @holder:	id of the holder
 *
 * Return: id of the first node, by preference, of those that are heard, able to serve and
 * allowed to hold the lease; -1 for none
 */
int vote_next(const struct vote *v, unsigned int slot, unsigned int holder)
{
	bool able = !v->cluster->unable && clock_now() >= v->lease[slot].cut_off;
	unsigned int id;
	int best = -1;

	for (id = 0; id < v->map.n; id++)
		if (id != holder && (id != v->map.self || able) && vote_hears(v, id) &&
		    vote_usable(v, id) && vote_may(v, slot, id) &&
		    (best < 0 || order(v, slot, id) < order(v, slot, (unsigned int)best)))
			best = (int)id;
	return best;
}

static void prefer(struct vote *v, unsigned int slot, uint64_t now)
{
	struct vote_lease *l = &v->lease[slot];
	bool may = vote_may(v, slot, v->map.self);
	int to = may ? better(v, slot) : vote_next(v, slot, v->map.self);

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
		log_notice("lease %s: goes to %s, as %s", l->name, v->map.names[to],
			   vote_away(v, slot, v->map.self) ? "protodown of its device is on here" :
			   "this node may not hold it any more");
}

/**
 * vote_prefer - move leases of this node to the nodes that should hold them
 * @v:		the vote
 * @now:	time now
 */
void vote_prefer(struct vote *v, uint64_t now)
{
	unsigned int slot;

	follow(v, now);
	share_held(v);
	if (!v->known && (v->seat.disk.known || !(v->map.voters & 1U << v->map.self)))
		v->known = now;
	for (slot = HASW_SEAT_CONFIG + 1; slot < v->seat.n; slot++)
		if (v->part == VOTE_STAYS && v->lease[slot].here &&
		    now < v->lease[slot].until &&
		    v->seat.lease[slot].proposer.state == HASW_PROPOSER_OWN)
			prefer(v, slot, now);
}

/**
 * vote_only_words - fill a text that says why none of the allowed nodes holds a lease
 * @v:		the vote
 * @slot:	slot of the lease
 * @words:	filled with the text
 * @size:	size of @words, bytes
 *
 * Return: true if the text was filled in; false if each node is allowed to hold the lease,
 * or one of the allowed nodes could hold it now
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
		if (!is_allowed(v, slot, id))
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
		if (is_allowed(v, slot, id)) {
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
 * vote_return_words - append to a text the time until this node gives a lease back to a
 * preferred node
 * @v:		the vote
 * @slot:	slot of the lease
 * @words:	text to which this function appends
 * @size:	size of @words, bytes
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
