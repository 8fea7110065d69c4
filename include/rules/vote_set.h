/* SPDX-License-Identifier: GPL-2.0 */
/* A voter set, and how it is changed (rule 18). The node that changes the set
 * is the coordinator. The ballot is the number of the coordinator's attempt; a
 * voter acks no ballot below the highest one that this voter has seen.
 */
#ifndef HASW_RULES_VOTE_SET_H
#define HASW_RULES_VOTE_SET_H

#include "vote_voter.h"

/**
 * struct hasw_vote_set - a committed voter set and its proof (rule 23)
 * @generation: generation of the set
 * @voters: bitmap of the voters
 * @map: hash of node names, ids and votes
 * @epoch: part of the proof: highest epoch that a majority of the previous set
 *	knew
 * @conf: part of the proof: newest configuration that a majority of the
 *	previous set knew
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
 * @busy: a change is under way
 * @id: id of this node
 * @life: random number of this run of the agent
 * @tries: number of attempts that another coordinator's higher ballot has ended
 * @again: when the question to the voters is repeated, ns
 * @ballot: number of this attempt, higher than any other that this node knows
 * @before: the set that the change replaces
 * @voters: bitmap of the voters of the new set
 * @map: hash of node names, ids and votes of the new set
 * @known: bitmap of voters of @before that promised to ack no lower ballot, and
 *	sent their epoch and configuration
 * @acked: bitmap of voters that acked the change
 * @found: highest ballot of a set that a voter in @known had acked before its
 *	promise, and that may not be committed; 0 if there is no such set
 * @epoch: highest epoch that the voters in @known sent
 * @conf: newest configuration that the voters in @known sent
 *
 * The change is kept in memory only. If its coordinator dies, any other node
 * can begin an attempt. If a voter in @known has acked the dead coordinator's
 * set, the new attempt continues with that set (Paxos), because that set may be
 * committed. Several nodes may try to change the set at the same time, but only
 * one of their sets is committed.
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

/* Begins another attempt, whose ballot is above @seen, the highest ballot seen.
 */
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
 * hasw_set_change_compose() - composes the next question of a change
 * @c: the change
 * @m: filled with the question
 *
 * The first question asks the voters of the old set for their epochs and
 * configurations. After a majority has replied, the second question carries the
 * highest epoch and the newest configuration. It asks the voters of both sets
 * to ack the change.
 *
 * Return: bitmap of receivers; 0: there is nothing to ask.
 */
static inline __u32 hasw_set_change_compose(const struct hasw_set_change *c,
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

/* Begins a new attempt if a reply has a higher ballot than the present attempt.
 * Returns whether the caller must ignore the reply, because its ballot differs
 * from the ballot of the present attempt.
 */
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
 * hasw_set_change_known() - handles a voter's reply to the first question: its
 *	promise, epoch and configuration
 * @c: the change
 * @m: the reply; the caller has set @m->from from the session
 *
 * Return: whether this promise completes a majority, so the caller can send the
 * second question.
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
	/* The set that this voter has acked may be committed already, so the
	 * change continues with that set.
	 */
	if (c->found < m->acked && !HASW_RULES_WRONG(SET_OWN)) {
		c->found = m->acked;
		c->voters = m->voters;
		c->map = m->map;
	}
	return hasw_vote_majority(c->known, c->before.voters);
}

/**
 * hasw_set_change_acked() - handles a voter's reply to the second question
 * @c: the change
 * @m: the reply; the caller has set @m->from from the session
 * @set: filled in if this reply commits the change
 *
 * Return: whether this reply commits the change.
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
