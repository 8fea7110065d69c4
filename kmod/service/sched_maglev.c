// SPDX-License-Identifier: GPL-2.0
/* Scheduler maglev: the hash of a flow selects a member (the flow's own member)
 * from a lookup table that is equal on every node. If the own member is
 * unusable, further hashes of the flow select another member. A held member,
 * whose node has returned, gets its flows back when the service's failback is
 * over.
 */
#include <linux/log2.h>
#include <linux/math64.h>

#include "sched.h"

/* Maximum number of table lookups to find a usable member. If no lookup finds
 * one, all members are scanned. If half of the members are usable, one flow in
 * 65536 needs the scan.
 */
#define HASW_MAGLEV_LOOKS 16

/**
 * struct hasw_maglev_flow - a flow whose own member may not be usable
 * @service: the service
 * @all: its members
 * @hash: hash of the flow
 * @now: current time, ns; 0 if not read yet
 * @held: time at which the hold on the flow's own member began, ns; 0: the own
 *	member is not held
 */
struct hasw_maglev_flow {
	const struct hasw_service *service;
	const struct hasw_members *all;
	u64 hash;
	u64 now;
	u64 held;
};

/* Derives an independent hash from a hash (David Stafford's mix 13). */
static u64 hasw_sched_maglev_mix(u64 hash)
{
	hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9ULL;
	hash = (hash ^ hash >> 27) * 0x94d049bb133111ebULL;
	return hash ^ hash >> 31;
}

/* Returns the verdict on a member by its node's state word and its health. The
 * weight need not be checked, because a member of weight 0 has no slot in the
 * table. While a member cannot be reached, its share goes to the other members.
 */
static u8 hasw_sched_maglev_judge(const struct hasw_member *m, u64 word)
{
	return hasw_judge_state(word, READ_ONCE(m->health), m);
}

/* Returns whether a member takes the flow in place of the flow's own member. If
 * the own member is held, only a member that was up before the own member
 * returned takes the flow. Without this rule, if all members returned at the
 * same time, the first member whose failback is over would get all flows.
 */
static bool hasw_sched_maglev_takes(struct hasw_maglev_flow *f,
				    const struct hasw_member *m)
{
	u64 word = READ_ONCE(m->node->word);

	switch (hasw_sched_maglev_judge(m, word)) {
	case HASWITCH_NEW_FLOWS_YES:
		return !f->held || hasw_word_since(word) < f->held;
	case HASWITCH_NEW_FLOWS_HELD:
		return !f->held && hasw_judge_due(f->service, word, &f->now);
	}
	return false;
}

/* Returns the distance of a flow from a member: -log2 of a pseudo-random number
 * between 0 and 1, divided by the member's weight. The number is a hash of the
 * flow and the member. So each member is the nearest one for a share of the
 * flows in proportion to its weight. Adding or deleting a member does not
 * change the distances of the other members (weighted rendezvous hashing). The
 * logarithm is linear between powers of two.
 */
static u64 hasw_sched_maglev_distance(const struct hasw_maglev_part *part,
				      u64 hash)
{
	u32 x = hasw_sched_maglev_mix(hash ^ part->id) >> 32 | 1;
	u32 whole = ilog2(x);
	u64 log = ((u64)whole << 31) + (x << (31 - whole) & 0x7fffffff);

	return div_u64(((32ULL << 31) - log) << 16, part->weight);
}

/**
 * hasw_sched_maglev_oldest() - the earliest time at which a member that is up
 *	came up
 * @all: the members, with a table; members of weight 0 do not count
 *
 * Context: RCU read side.
 * Return: the time, ns; U64_MAX if no member is up.
 */
u64 hasw_sched_maglev_oldest(const struct hasw_members *all)
{
	u64 word, oldest = U64_MAX;
	u32 i;

	for (i = 0; i < all->n; i++) {
		word = READ_ONCE(all->m[i]->node->word);
		if (hasw_sched_maglev_judge(all->m[i], word) ==
		    HASWITCH_NEW_FLOWS_YES && all->maglev->part[i].weight)
			oldest = min(oldest, hasw_word_since(word));
	}
	return oldest;
}

/* Returns the member with the smallest hasw_sched_maglev_distance() from the
 * flow, among the members that take the flow or that are held and need not
 * wait. A held member need not wait if no member has been up for longer than
 * this member has been held. The flow's own member has precedence if it is held
 * and need not wait. If the own member is held and must wait, no other held
 * member is considered. If no member is found, returns the nearest member that
 * cannot be reached, else the nearest one that refuses connections, else NULL.
 */
static noinline struct hasw_member *
hasw_sched_maglev_all(struct hasw_maglev_flow *f, struct hasw_member *own)
{
	u64 oldest = hasw_sched_maglev_oldest(f->all), word, distance, least = 0;
	const struct hasw_maglev_part *part = f->all->maglev->part;
	u8 rank, found = HASW_JUDGE_NEVER;
	struct hasw_member *m;
	u32 i, best = 0;

	/* No member has been up for longer than the own member has been held,
	 * so the own member need not wait.
	 */
	if (f->held && oldest >= f->held)
		return own;
	for (i = 0; i < f->all->n; i++) {
		m = f->all->m[i];
		word = READ_ONCE(m->node->word);
		rank = hasw_sched_maglev_judge(m, word);
		if (!part[i].weight || rank >= HASW_JUDGE_NEVER)
			continue;
		if (hasw_judge_serves(rank)) {
			if (!hasw_sched_maglev_takes(f, m) &&
			    (f->held || oldest < hasw_word_since(word)))
				continue;
			rank = HASWITCH_NEW_FLOWS_YES;
		}
		if (rank > found)
			continue;
		distance = hasw_sched_maglev_distance(&part[i], f->hash);
		/* If two distances are equal, the smaller id wins. So all nodes
		 * pick the same member, whatever the order of @f->all is.
		 */
		if (rank == found && least &&
		    (distance > least ||
		     (distance == least && part[i].id > part[best].id)))
			continue;
		found = rank;
		least = distance;
		best = i;
	}
	return least ? f->all->m[best] : NULL;
}

static noinline struct hasw_member *
hasw_sched_maglev_other(struct hasw_maglev_flow *f, struct hasw_member *own)
{
	u64 word = READ_ONCE(own->node->word), hash = f->hash;
	struct hasw_member *m;
	int i;

	if (hasw_sched_maglev_judge(own, word) == HASWITCH_NEW_FLOWS_HELD) {
		if (hasw_judge_due(f->service, word, &f->now))
			return own;
		f->held = hasw_word_since(word);
	}
	for (i = 1; i < HASW_MAGLEV_LOOKS; i++) {
		hash = hasw_sched_maglev_mix(hash + i);
		m = f->all->m[hasw_maglev_slot(f->all->maglev, hash)];
		if (hasw_sched_maglev_takes(f, m))
			return m;
	}
	return hasw_sched_maglev_all(f, own);
}

static struct hasw_member *
hasw_sched_maglev_find(const struct hasw_service *service,
		       const struct hasw_members *all, u64 hash,
		       struct hasw_member **away)
{
	struct hasw_maglev_flow f = {
		.service = service, .all = all, .hash = hash,
	};
	struct hasw_member *own, *m;

	m = hasw_sched_maglev_own(all, hash);
	if (likely(m || !all->maglev->size))
		return m;
	own = all->m[hasw_maglev_slot(all->maglev, hash)];
	m = hasw_sched_maglev_other(&f, own);
	if (m != own)
		*away = own;
	return m;
}

/**
 * hasw_sched_maglev_pick() - picks the member of a flow
 * @service: the service
 * @all: its members, with a table
 * @hash: hash of the flow
 * @away: receives the flow's own member if the own member does not get the
 *	flow; unchanged otherwise, or if all weights are 0
 *
 * Only flows of unusable or held members move to other members. All nodes that
 * see the same member states move a flow to the same member, unless the members
 * only stand in: see hasw_spares_stand_in().
 *
 * Context: RCU read side.
 * Return: the member, or NULL when none is usable.
 */
struct hasw_member *
hasw_sched_maglev_pick(const struct hasw_service *service,
		       const struct hasw_members *all, u64 hash,
		       struct hasw_member **away)
{
	struct hasw_member *m;

	m = hasw_sched_maglev_find(service, all, hash, away);
	if (likely(!all->waiting))
		return m;
	return hasw_spares_stand_in(service, all, hash, m);
}

/* Returns the member with the smallest hasw_sched_maglev_distance() from the
 * flow, among the members with the best verdict. Returns NULL if no member gets
 * new flows.
 */
static noinline struct hasw_member *
hasw_sched_maglev_room(const struct hasw_service *service,
		       const struct hasw_members *all, u64 hash)
{
	u64 distance, least = 0, now = 0;
	struct hasw_member *best = NULL;
	u32 i;
	u8 rank;

	for (rank = 0; !best && rank < HASW_JUDGE_NEVER; rank++) {
		for (i = 0; i < all->n; i++) {
			if (!all->maglev->part[i].weight ||
			    hasw_judge_of(service, all->m[i], &now) > rank)
				continue;
			distance = hasw_sched_maglev_distance(&all->maglev->part[i],
							      hash);
			if (best && distance >= least)
				continue;
			best = all->m[i];
			least = distance;
		}
	}
	return best;
}

static struct hasw_member *
hasw_sched_maglev_choose(struct hasw_service *service,
			 const struct hasw_members *all,
			 const struct hasw_tuple *t)
{
	struct hasw_member *away = NULL, *m;
	u64 hash = hasw_tuple_hash(t), now = 0;

	m = hasw_sched_maglev_find(service, all, hash, &away);
	if (likely(!m || hasw_judge_serves(hasw_judge_of(service, m, &now))))
		return m;
	return hasw_sched_maglev_room(service, all, hash);
}

const struct hasw_sched hasw_sched_maglev = {
	.id = HASWITCH_SCHED_MAGLEV,
	.choose = hasw_sched_maglev_choose,
	.next = hasw_sched_maglev_choose,
	.spread = true,
};
