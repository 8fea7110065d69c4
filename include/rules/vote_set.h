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
 * @before: the set that it begins with
 * @voters: the set that it leads to
 * @map: of that set
 * @known: voters of @before that have said what they know
 * @acked: voters that have acked the change
 * @other: voters that have acked another change of this generation
 * @epoch: the highest that those in @known know
 * @conf: as that
 *
 * It is kept in memory alone. When its node dies, any other node begins the same
 * change again. Several nodes may change the set at a time, if they want the same.
 */
struct hasw_set_change {
	__u8 busy;
	struct hasw_vote_set before;
	__u32 voters;
	__u64 map;
	__u32 known;
	__u32 acked;
	__u32 other;
	__u64 epoch;
	struct hasw_vote_conf conf;
};

static inline void hasw_set_change_begin(struct hasw_set_change *c,
					 const struct hasw_vote_set *before,
					 __u32 voters, __u64 map)
{
	*c = (struct hasw_set_change) {
		.busy = 1, .before = *before, .voters = voters, .map = map,
	};
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
	if (!hasw_vote_majority(c->known, c->before.voters))
		*m = (struct hasw_vote_msg) {
			.type = HASW_VOTE_RECOVER,
			.generation = c->before.generation,
		};
	else
		*m = (struct hasw_vote_msg) {
			.type = HASW_VOTE_SET,
			.generation = c->before.generation + 1,
			.voters = c->voters, .map = c->map,
			.epoch = c->epoch, .conf = c->conf,
		};
	return c->before.voters | c->voters;
}

/**
 * hasw_set_change_known() - a voter has said what it knows
 * @c: the change
 * @m: the answer; its sender is known by its way
 *
 * Return: whether these are enough now, so that the change itself is asked for.
 */
static inline int hasw_set_change_known(struct hasw_set_change *c,
					const struct hasw_vote_msg *m)
{
	if (!c->busy || m->generation != c->before.generation ||
	    hasw_vote_majority(c->known, c->before.voters))
		return 0;
	c->known |= 1U << m->from & c->before.voters;
	if (c->epoch < m->epoch_max)
		c->epoch = m->epoch_max;
	if (hasw_vote_conf_newer(&m->conf, &c->conf))
		c->conf = m->conf;
	return hasw_vote_majority(c->known, c->before.voters);
}

/**
 * hasw_set_change_acked() - a voter has answered the change
 * @c: the change
 * @m: the answer; its sender is known by its way
 * @set: filled in, once the change is committed
 *
 * A coordinator that died may have left voters that acked another change of this
 * generation. It is brought to an end when this one can not be any more.
 *
 * Return: whether the change is committed now.
 */
static inline int hasw_set_change_acked(struct hasw_set_change *c,
					const struct hasw_vote_msg *m,
					struct hasw_vote_set *set)
{
	int same = m->voters == c->voters && m->map == c->map;

	if (!c->busy || m->generation != c->before.generation + 1)
		return 0;
	if (m->answer == HASW_VOTE_LOW && !same) {
		c->other |= 1U << m->from;
		if (hasw_vote_majority(c->before.voters & ~c->other,
				       c->before.voters))
			return 0;
		c->voters = m->voters;
		c->map = m->map;
		c->acked = 0;
		c->other = 0;
		return 0;
	}
	if (m->answer != HASW_VOTE_ACK || !same)
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
