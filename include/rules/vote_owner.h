/* SPDX-License-Identifier: GPL-2.0 */
/* What an owner of a lease is told from outside: to give it back, to hold it long, who votes, who is off. */
#ifndef HASW_RULES_VOTE_OWNER_H
#define HASW_RULES_VOTE_OWNER_H

#include "vote_proposer.h"

/**
 * hasw_proposer_release() - the lease is not wanted here any more
 * @p: the proposer
 * @now: the time
 * @out: what is to be done
 */
static inline void hasw_proposer_release(struct hasw_proposer *p, __u64 now,
					 struct hasw_vote_out *out)
{
	p->want = 0;
	if (p->state == HASW_PROPOSER_OWN ||
	    p->state == HASW_PROPOSER_ACQUIRE)
		hasw_proposer_stop(p, out);
	else if (p->state == HASW_PROPOSER_READ)
		hasw_proposer_idle(p, now);
}

/**
 * hasw_proposer_stopped() - the module has stopped and nothing of it is on
 *	its way any more; it has burned all epochs up to the highest in use
 * @p: the proposer
 * @now: the time
 * @random: a random number
 * @out: what is to be done
 */
static inline void hasw_proposer_stopped(struct hasw_proposer *p, __u64 now,
					 __u64 random,
					 struct hasw_vote_out *out)
{
	int i, n = 0;

	if (p->state != HASW_PROPOSER_STOP)
		return;
	hasw_proposer_idle(p, now + random % p->patience);
	if (p->wake < p->penance)
		p->wake = p->penance;
	for (i = 0; i < HASW_PROPOSER_USED && p->used[i]; i++)
		p->freed[n++] = p->used[i];
	if (p->next)
		p->freed[n++] = p->next;
	p->freed[n++] = p->epoch;
	if (n < HASW_PROPOSER_USED + 2)
		p->freed[n] = 0;
	for (i = 0; i < n; i++)
		p->freed_acked[i] = 0;
	p->freed_sequence = p->sequence;
	p->freed_until = now + hasw_vote_wait(p->t, p->lent);
	hasw_proposer_free(p, now, out);
}

/**
 * hasw_proposer_move() - a higher epoch is wanted, though nobody asked for it
 * @p: the proposer
 * @now: the time
 * @out: what is to be done
 *
 * An agent that took over a tenure does not know what was done under its
 * epoch; rules 16 and 19 need one that was never used before.
 */
static inline void hasw_proposer_move(struct hasw_proposer *p, __u64 now,
				      struct hasw_vote_out *out)
{
	if (p->state != HASW_PROPOSER_OWN || p->next || now >= p->deadline)
		return;
	p->next = hasw_proposer_fresh(p);
	hasw_proposer_round(p, now, out);
}

/**
 * hasw_proposer_long() - asks for a long right, before a planned stop
 * @p: the proposer
 * @now: the time
 * @length: above @p->t->slowest, at most @p->t->longest
 * @out: what is to be done
 *
 * The lease is renewed as usual until enough voters have written that down.
 * What the agent before has cut may be heard of later than this, so it waits for
 * an epoch of this agent's own, which no such cut is above.
 *
 * Return: whether it was asked for; not while a long one is being cut.
 */
static inline int hasw_proposer_long(struct hasw_proposer *p, __u64 now,
				     __u64 length, struct hasw_vote_out *out)
{
	if (p->state != HASW_PROPOSER_OWN || p->cutting ||
	    now >= p->deadline || length <= p->t->slowest)
		return 0;
	if (hasw_vote_life(p->epoch) != p->life &&
	    !HASW_RULES_WRONG(LONG_TAKEN)) {
		hasw_proposer_move(p, now, out);
		return 0;
	}
	HASW_RULES_SEEN(16);
	p->lent = p->t->longest;
	p->cut = 0;
	if (HASW_RULES_WRONG(LONG_ALONE))
		p->length = length;
	else
		p->far = (struct hasw_proposer_round) {
			.sequence = ++p->sequence, .sent = now,
			.length = length,
		};
	hasw_proposer_round(p, now, out);
	p->again = now + p->t->renew;
	p->wake = p->again < p->deadline ? p->again : p->deadline;
	return 1;
}

/**
 * hasw_proposer_shorten() - makes a long right a usual one again
 * @p: the proposer
 * @now: the time
 * @out: what is to be done: the module's deadline is cut first
 *
 * The module is told to stop sooner than any voter knows of. So until the cut
 * has a majority, each round asks for as much as the module was left. Usual
 * rounds may have brought the module's deadline near before, but not the end of
 * what the voters have.
 *
 * Return: whether there was something to shorten.
 */
static inline int hasw_proposer_shorten(struct hasw_proposer *p, __u64 now,
					struct hasw_vote_out *out)
{
	__u64 left = now + p->usual;

	if (p->state != HASW_PROPOSER_OWN || now >= p->deadline ||
	    (p->deadline <= left && (p->lent <= p->t->slowest ||
				     HASW_RULES_WRONG(CUT_MODULE))))
		return 0;
	HASW_RULES_SEEN(16);
	hasw_proposer_forget(p);
	p->length = p->usual;
	out->set = 1;
	out->epoch = p->epoch;
	out->deadline = left < p->deadline ? left : p->deadline;
	if (!HASW_RULES_WRONG(LATER))
		p->deadline = out->deadline;
	else
		out->deadline = p->deadline;
	p->cutting = 1;
	p->next = hasw_proposer_fresh(p);
	p->cut = p->next;
	hasw_proposer_round(p, now, out);
	p->again = now + p->t->renew;
	p->wake = now + p->t->renew / 2;
	return 1;
}

/**
 * hasw_proposer_refused() - the module did not take what it was given
 * @p: the proposer
 * @now: the time
 * @out: what is to be done
 *
 * The voters keep others out for it, so it lets go, and does not try again
 * before others could.
 */
static inline void hasw_proposer_refused(struct hasw_proposer *p, __u64 now,
					 struct hasw_vote_out *out)
{
	if (HASW_RULES_WRONG(REFUSED_KEEPS)) {
		hasw_proposer_idle(p, now + p->t->retry);
		return;
	}
	p->penance = now + hasw_vote_wait(p->t, p->length);
	hasw_proposer_stop(p, out);
}

/**
 * hasw_proposer_defer() - whoever has the lease lets go of it for another node
 * @p: the proposer
 * @now: the time
 * @until: so long this node leaves the lease to that one, and asks for it in its
 *	turn then
 *
 * It changes when this node asks, and nothing of what it is answered.
 */
static inline void hasw_proposer_defer(struct hasw_proposer *p, __u64 now,
				       __u64 until)
{
	if (p->state == HASW_PROPOSER_OWN || p->state == HASW_PROPOSER_ACQUIRE ||
	    until <= now)
		return;
	HASW_RULES_SEEN(24);
	until += p->rank * (p->t->retry / 4);
	if (HASW_RULES_WRONG(LEFT_FOR_GOOD))
		until = ~0ULL;
	p->eager = 0;
	if (p->penance < until)
		p->penance = until;
	if (p->state == HASW_PROPOSER_READ)
		hasw_proposer_idle(p, until);
	else if (p->state == HASW_PROPOSER_IDLE && p->wake < until)
		p->wake = until;
}

/**
 * hasw_proposer_take() - whoever has the lease lets go of it for this node
 * @p: the proposer
 * @now: the time
 */
static inline void hasw_proposer_take(struct hasw_proposer *p, __u64 now)
{
	p->rank = 0;
	p->penance = 0;
	hasw_proposer_eager(p, now);
}

/**
 * hasw_proposer_voters() - another voter set is committed (rule 18)
 * @p: the proposer
 * @generation: its generation
 * @voters: the set
 *
 * Acks of the set before do not count for rounds of this one.
 */
static inline void hasw_proposer_voters(struct hasw_proposer *p,
					__u32 generation, __u32 voters)
{
	HASW_RULES_SEEN(18);
	p->generation = generation;
	p->voters = voters;
	p->said = 0;
	p->free = 0;
	for (int i = 0; i < HASW_VOTE_ROUNDS; i++)
		p->round[i].acked = p->round[i].moved = p->round[i].refused = 0;
	p->far.acked = p->far.moved = p->far.refused = 0;
}

/* Rule 20: a fence command on node @x begins. Return: whether it may. */
static inline int hasw_proposer_fence(struct hasw_proposer *p, __u8 x)
{
	if (!(p->met & 1U << x))
		return 0;
	p->fencing |= 1U << x;
	return 1;
}

/* Rule 20: that command has ended; @off: it succeeded, and X is off. */
static inline void hasw_proposer_fence_end(struct hasw_proposer *p, __u8 x,
					   int off)
{
	if (off && p->fencing & 1U << x) {
		p->fenced |= 1U << x;
		p->jump = 1;
	}
	p->fencing &= ~(1U << x);
}

/* Rule 20: anything was received from node @x. */
static inline void hasw_proposer_alive(struct hasw_proposer *p, __u8 x)
{
	if (HASW_RULES_WRONG(FENCE_HEARD))
		return;
	p->fencing &= ~(1U << x);
	p->fenced &= ~(1U << x);
}

#endif
