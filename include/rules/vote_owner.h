/* SPDX-License-Identifier: GPL-2.0 */
/* Calls to a lease's proposer from outside the vote: its start, releases, long
 * rights, planned moves, claims of other nodes, new voter sets and fences. A
 * long right outlasts a planned stop of the agent. A cut is a GRANT that
 * shortens a long right to a usual one. A fence is a command that switches
 * another node off.
 */
#ifndef HASW_RULES_VOTE_OWNER_H
#define HASW_RULES_VOTE_OWNER_H

#include "vote_proposer.h"

/**
 * hasw_proposer_start() - starts the proposer of a new agent
 * @p: the proposer; the caller has set @p->t, @p->id and @p->usual
 * @now: current time, ns
 * @life: random number of this run of the agent
 * @generation: generation of the voter set
 * @voters: bitmap of the voters
 * @epoch: epoch of the grant that this node's module has, or 0 (rule 11)
 * @deadline: end of the module's grant, ns
 */
static inline void hasw_proposer_start(struct hasw_proposer *p, __u64 now,
				       __u16 life, __u32 generation,
				       __u32 voters, __u64 epoch,
				       __u64 deadline)
{
	const struct hasw_vote_times *t = p->t;
	__u64 usual = p->usual;
	__u8 id = p->id;

	*p = (struct hasw_proposer) {
		.t = t, .id = id, .life = life, .generation = generation,
		.voters = voters, .wake = now, .usual = usual, .length = usual,
		.patience = t->retry, .freed_again = ~0ULL,
	};
	if (!epoch || now >= deadline)
		return;
	HASW_RULES_SEEN(11);
	p->state = HASW_PROPOSER_OWN;
	p->epoch = epoch;
	/* The earlier agent may have asked under higher epochs. */
	p->counter = hasw_vote_counter(epoch);
	if (!HASW_RULES_WRONG(TAKEN_NEAR))
		p->counter += HASW_PROPOSER_JUMP;
	p->deadline = deadline;
	p->again = now;
	p->lent = deadline > now + t->slowest ? t->longest : t->slowest;
}

/**
 * hasw_proposer_eager() - asks more often after an announced release (rule 24)
 * @p: the proposer
 * @now: current time, ns
 */
static inline void hasw_proposer_eager(struct hasw_proposer *p, __u64 now)
{
	__u64 wake = now + p->rank * (p->t->retry / 4);

	if (!p->want || p->state == HASW_PROPOSER_OWN || now < p->penance ||
	    HASW_RULES_WRONG(RELEASE_ONCE))
		return;
	HASW_RULES_SEEN(24);
	p->eager = now + HASW_PROPOSER_EAGER * p->t->retry;
	/* The voter that refused may be free now: repeat the question to it. */
	if (p->state == HASW_PROPOSER_ACQUIRE && now < p->wake)
		p->wake = now;
	if ((p->state == HASW_PROPOSER_IDLE ||
	     p->state == HASW_PROPOSER_READ) && wake < p->wake)
		p->wake = wake;
}

/**
 * hasw_proposer_succeed() - asks for a lease that its holder has just given up,
 *	without a READ (rule 7)
 * @p: the proposer
 * @now: current time, ns
 * @seen: highest epoch that this node's own voter has seen; the caller knows
 *	that this voter would ack a GRANT
 * @out: filled with the actions that the caller must carry out
 *
 * Only the contender that asks first does so. The other voters hear of the
 * release at about the same time, so a READ would cost a round trip and tell
 * nothing new. If they have not heard of it yet, the GRANTs are repeated.
 */
static inline void hasw_proposer_succeed(struct hasw_proposer *p, __u64 now,
					 __u64 seen, struct hasw_vote_out *out)
{
	if (!p->want || p->rank || now < p->penance || now >= p->eager ||
	    HASW_RULES_WRONG(RELEASE_ONCE) || !(p->voters & 1U << p->id) ||
	    (p->state != HASW_PROPOSER_IDLE && p->state != HASW_PROPOSER_READ))
		return;
	if (p->counter < hasw_vote_counter(seen))
		p->counter = hasw_vote_counter(seen);
	p->length = p->usual;
	/* Which voters live is not known: see hasw_proposer_outbid(). */
	p->said = 0;
	p->free = 0;
	hasw_proposer_acquire(p, now, out);
}

/**
 * hasw_proposer_release() - gives up a lease that this node no longer wants
 * @p: the proposer
 * @now: current time, ns
 * @out: filled with the actions that the caller must carry out
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
 * hasw_proposer_stopped() - releases a lease after the module has stopped
 * @p: the proposer
 * @now: current time, ns
 * @random: a random number, which spreads the nodes' next attempts over time
 * @out: filled with the actions that the caller must carry out
 *
 * Context: all packets that the module has judged under the lease have been
 * transmitted. The module has burned all epochs up to the highest one under
 * which it was asked to hold the lease.
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
 * hasw_proposer_move() - begins to move the grant to a higher epoch
 * @p: the proposer
 * @now: current time, ns
 * @out: filled with the actions that the caller must carry out
 *
 * An agent that took over an earlier agent's grant does not know how the
 * earlier agent has used the grant's epoch. Rules 16 and 19 need an epoch that
 * no earlier agent has used.
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
 * hasw_proposer_long() - asks for a long right before the agent's planned stop
 * @p: the proposer
 * @now: current time, ns
 * @length: length of the right, ns, above @p->t->slowest, at most
 *	@p->t->longest
 * @out: filled with the actions that the caller must carry out
 *
 * Usual renewals continue until a majority of the voters has written the long
 * right to disk. While an earlier long right lasts, they begin only a renewal
 * interval later, because their acks would shorten that right. A long right is
 * asked for only under an epoch that this agent
 * made. If an earlier agent made the grant's epoch, a late cut by that agent
 * could end a long right under this epoch. In this case the proposer first
 * moves to a new epoch, which is above the epochs of all cuts by earlier
 * agents.
 *
 * Return: 1 if the long right was asked for; 0 if it cannot be asked for now,
 * for example while another one is being cut.
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
	if (p->lent < length)
		p->lent = length;
	p->cut = 0;
	if (HASW_RULES_WRONG(LONG_ALONE))
		p->length = length;
	else
		p->far = (struct hasw_proposer_round) {
			.sequence = ++p->sequence, .sent = now,
			.length = length,
		};
	if (p->far.sequence && p->deadline > now + p->t->slowest)
		hasw_proposer_grants(p, &p->far, out);
	else
		hasw_proposer_round(p, now, out);
	p->again = now + p->t->renew;
	p->wake = p->again < p->deadline ? p->again : p->deadline;
	return 1;
}

/**
 * hasw_proposer_shorten() - cuts a long right to a usual one
 * @p: the proposer
 * @now: current time, ns
 * @out: filled with the actions that the caller must carry out, in particular
 *	to shorten the module's deadline
 *
 * The module's deadline is shortened before any voter is asked to cut its
 * record. Until a majority has acked the cut, each round asks for the length
 * that was usual at the time of this call. The cut is needed even if usual
 * rounds have already set the module's deadline to an earlier time. Without the
 * cut, the voters' records of the long right would keep other nodes from the
 * lease after this deadline.
 *
 * Return: whether there was a long right to cut.
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
 * hasw_proposer_refused() - gives up a grant that the module has refused
 * @p: the proposer
 * @now: current time, ns
 * @out: filled with the actions that the caller must carry out
 *
 * The voters refuse other nodes until their records of this grant expire. So
 * the proposer releases the lease. It asks again only after other nodes have
 * had time to acquire the lease.
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
 * hasw_proposer_defer() - waits while the holder hands the lease to another
 *	node
 * @p: the proposer
 * @now: current time, ns
 * @until: time, ns, before which this node does not ask for the lease; after
 *	it, the nodes ask in the order of their ranks
 *
 * This function postpones the time at which this node asks for the lease. It
 * gives up a READ that is under way, so replies to this READ do not count. If
 * this node owns the lease or is acquiring it, nothing changes.
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
 * hasw_proposer_take() - asks at once for a lease that its holder hands to this
 *	node
 * @p: the proposer; the caller then calls hasw_proposer_tick()
 * @now: current time, ns
 */
static inline void hasw_proposer_take(struct hasw_proposer *p, __u64 now)
{
	p->rank = 0;
	p->penance = 0;
	hasw_proposer_eager(p, now);
}

/**
 * hasw_proposer_voters() - adopts a committed voter set (rule 18)
 * @p: the proposer
 * @generation: generation of the set
 * @voters: bitmap of the set's voters
 *
 * Acks that arrived under the old set do not count any more, because their
 * senders may be no majority of the new set.
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

/* Handles that node @from has given up a right. It ends at @at, so this node
 * need not wait for what it was told of it.
 */
static inline void hasw_proposer_untold(struct hasw_proposer *p, __u8 from,
					__u64 epoch, __u64 at)
{
	if (from == p->told_from && epoch >= p->told_epoch && p->told > at)
		p->told = at;
}

/* Returns whether a fence command on node @x may begin, and if so, notes that
 * it begins. It may begin only if this agent has received @x's highest epoch in
 * a reply (rule 20), or if hasw_seat_presume() allows it. Otherwise @x may have
 * used epochs that this node cannot estimate.
 */
static inline int hasw_proposer_fence(struct hasw_proposer *p, __u8 x)
{
	if (!((p->met | p->lone) & 1U << x))
		return 0;
	p->fencing |= 1U << x;
	return 1;
}

/* Notes that a fence command on node @x has ended (rule 20). @off: the command
 * has succeeded. Then @x is off, unless a message from @x arrived while the
 * command ran.
 */
static inline void hasw_proposer_fence_end(struct hasw_proposer *p, __u8 x,
					   int off)
{
	if (off && p->fencing & 1U << x) {
		p->fenced |= 1U << x;
		p->jump = 1;
	}
	p->fencing &= ~(1U << x);
}

/* Returns whether this node holds the lease now, by a right that was granted or
 * renewed in this run of the agent.
 */
static inline int hasw_proposer_owns(const struct hasw_proposer *p, __u64 now)
{
	return p->state == HASW_PROPOSER_OWN && now < p->deadline && p->done;
}

/* Handles that a message from node @x has arrived: @x is not off, so @x is no
 * longer treated as having acked (rule 20).
 */
static inline void hasw_proposer_alive(struct hasw_proposer *p, __u8 x)
{
	if (HASW_RULES_WRONG(FENCE_HEARD))
		return;
	p->fencing &= ~(1U << x);
	p->fenced &= ~(1U << x);
	p->alone &= ~(1U << x);
	p->lone &= ~(1U << x);
}

/**
 * hasw_proposer_taken() - handles that another node holds the lease now
 * @p: the proposer
 *
 * This ends the effect of hasw_proposer_eager().
 */
static inline void hasw_proposer_taken(struct hasw_proposer *p)
{
	p->eager = 0;
}

/* Returns when this contender asks although a claim says that the lease is
 * held: at most W of the longest usual right after it has asked last. All
 * contenders of an agent ask at the same time, when the agent also renews what
 * it owns, so that one datagram to each voter carries all questions.
 */
static inline __u64 hasw_proposer_doubts(const struct hasw_proposer *p)
{
	__u64 wait = hasw_vote_wait(p->t, p->t->slowest);
	__u64 every = wait - wait % p->t->renew;
	__u64 turn = p->life * (every / p->t->renew) >> 16;
	__u64 phase = turn * p->t->renew + (p->life * p->t->renew >> 16);
	__u64 most = p->asked + wait;

	return most - (most + every - phase) % every;
}

/**
 * hasw_proposer_claimed() - waits, because another node states that it holds
 *	the lease (rule 13)
 * @p: the proposer
 * @now: current time, ns
 * @until: end of the other node's grant as far as this node knows, ns
 *
 * A contender, which wants the lease, need not ask before this grant ends. The
 * voters' records of the grant end a margin later, and the voters' replies say
 * when (rule 4). A claim is no proof, so the contender asks nevertheless, see
 * hasw_proposer_doubts(). The contender does not wait if it has heard of a
 * release, or if no majority replied to its last READ.
 */
static inline void hasw_proposer_claimed(struct hasw_proposer *p, __u64 now,
					 __u64 until)
{
	__u64 most;

	if (p->state != HASW_PROPOSER_IDLE || !p->want || now < p->eager ||
	    !hasw_proposer_most(p, p->said))
		return;
	HASW_RULES_SEEN(13);
	most = hasw_proposer_doubts(p);
	if (until > most && !HASW_RULES_WRONG(CLAIM_ALONE))
		until = most;
	if (p->wake < until)
		p->wake = until;
}

#endif
