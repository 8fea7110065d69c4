/* SPDX-License-Identifier: GPL-2.0 */
/* A voter set, and the node that changes it: the coordinator of rule 18. */
#ifndef HASW_RULES_VOTE_SET_H
#define HASW_RULES_VOTE_SET_H

#include "vote_voter.h"

/**
 * struct hasw_vote_set - a committed voter set and its proof (rule 23)
 * @generation: of the set
 * @voters: the set
 * @map: names which node has which id
 * @epoch: what a majority of the set before knew
 * @conf: as that
 */
struct hasw_vote_set {
	__u32 generation;
	__u32 voters;
	__u64 map;
	__u64 epoch;
	struct hasw_vote_conf conf;
};

/**
 * struct hasw_set_change - a change of the voter set that is under way
 * @busy: there is one
 * @id: this node
 * @life: of this agent
 * @tries: how often another attempt was in the way
 * @again: when the voters are asked again
 * @ballot: this attempt; higher than any other that this node knows
 * @before: the set that it begins with
 * @voters: the set that it leads to
 * @map: of that set
 * @known: voters of @before that have promised to ack no lower attempt, and have
 *	said what they know
 * @acked: voters that have acked the change
 * @found: the highest attempt that one of @known has acked before; 0: none
 * @epoch: the highest that those in @known know
 * @conf: as that
 *
 * It is kept in memory alone. When its node dies, any other node begins again, and
 * brings to an end what a voter may have acked (Paxos). Several nodes may change
 * the set at a time: one of their sets is committed.
 */
struct hasw_set_change {
	__u8 busy;
	__u8 id;
	__u16 life;
	__u32 tries;
	__u64 again;
	__u64 ballot;
	struct hasw_vote_set before;
	__u32 voters;
	__u64 map;
	__u32 known;
	__u32 acked;
	__u64 found;
	__u64 epoch;
	struct hasw_vote_conf conf;
};

/* Another attempt, above all that were seen. */
static inline void hasw_set_change_attempt(struct hasw_set_change *c, __u64 seen)
{
	c->ballot = hasw_vote_epoch(hasw_vote_counter(seen) + 1, c->life, c->id);
	c->known = 0;
	c->acked = 0;
	c->found = 0;
}

static inline void hasw_set_change_begin(struct hasw_set_change *c,
					 const struct hasw_vote_set *before,
					 __u32 voters, __u64 map, __u8 id,
					 __u16 life)
{
	__u64 seen = c->ballot;

	*c = (struct hasw_set_change) {
		.busy = 1, .id = id, .life = life, .before = *before,
		.voters = voters, .map = map,
	};
	hasw_set_change_attempt(c, seen);
}

/**
 * hasw_set_change_say() - what the voters are asked now
 * @c: the change
 * @m: filled in
 *
 * What a majority of the set before knows is asked first, and goes with the change.
 *
 * Return: bitmap of receivers; 0 when there is nothing to ask.
 */
static inline __u32 hasw_set_change_say(const struct hasw_set_change *c,
					struct hasw_vote_msg *m)
{
	if (!c->busy)
		return 0;
	if (!hasw_vote_majority(c->known, c->before.voters)) {
		*m = (struct hasw_vote_msg) {
			.type = HASW_VOTE_RECOVER, .ballot = c->ballot,
			.generation = c->before.generation,
		};
		return c->before.voters;
	}
	*m = (struct hasw_vote_msg) {
		.type = HASW_VOTE_SET, .ballot = c->ballot,
		.generation = c->before.generation + 1,
		.voters = c->voters, .map = c->map,
		.epoch = c->epoch, .conf = c->conf,
	};
	return c->before.voters | c->voters;
}

/* Another node is ahead. Return: whether the answer was about that. */
static inline int hasw_set_change_outbid(struct hasw_set_change *c,
					 const struct hasw_vote_msg *m)
{
	if (m->ballot <= c->ballot)
		return m->ballot < c->ballot;
	c->tries++;
	hasw_set_change_attempt(c, m->ballot);
	return 1;
}

/**
 * hasw_set_change_known() - a voter has promised, and said what it knows
 * @c: the change
 * @m: the answer; its sender is known by its way
 *
 * Return: whether these are enough now, so that the change itself is asked for.
 */
static inline int hasw_set_change_known(struct hasw_set_change *c,
					const struct hasw_vote_msg *m)
{
	if (!c->busy || m->generation != c->before.generation ||
	    hasw_vote_majority(c->known, c->before.voters) ||
	    hasw_set_change_outbid(c, m) || m->answer != HASW_VOTE_ACK)
		return 0;
	c->known |= 1U << m->from & c->before.voters;
	if (c->epoch < m->epoch_max)
		c->epoch = m->epoch_max;
	if (hasw_vote_conf_newer(&m->conf, &c->conf))
		c->conf = m->conf;
	/* It may be committed already. */
	if (c->found < m->acked && !HASW_RULES_WRONG(SET_OWN)) {
		c->found = m->acked;
		c->voters = m->voters;
		c->map = m->map;
	}
	return hasw_vote_majority(c->known, c->before.voters);
}

/**
 * hasw_set_change_acked() - a voter has answered the change
 * @c: the change
 * @m: the answer; its sender is known by its way
 * @set: filled in, once the change is committed
 *
 * Return: whether the change is committed now.
 */
static inline int hasw_set_change_acked(struct hasw_set_change *c,
					const struct hasw_vote_msg *m,
					struct hasw_vote_set *set)
{
	if (!c->busy || m->generation != c->before.generation + 1 ||
	    hasw_set_change_outbid(c, m) || m->answer != HASW_VOTE_ACK ||
	    m->voters != c->voters || m->map != c->map)
		return 0;
	c->acked |= 1U << m->from;
	if (!hasw_voter_set_committed(c->acked, c->before.voters, c->voters))
		return 0;
	c->busy = 0;
	*set = (struct hasw_vote_set) {
		.generation = m->generation, .voters = c->voters,
		.map = c->map, .epoch = c->epoch, .conf = c->conf,
	};
	return 1;
}

#endif
