/* SPDX-License-Identifier: GPL-2.0 */
/* A proposer: it acquires a lease for its node, renews it and releases it. */
#ifndef HASW_RULES_VOTE_PROPOSER_H
#define HASW_RULES_VOTE_PROPOSER_H

#include "vote_proposer_state.h"

/* Returns the voters that are treated as having acked, because a fence command
 * has switched them off. This is allowed only in a set of exactly two voters,
 * and only if this node is one of them. The voter that a third node fences may
 * itself have fenced the second voter earlier.
 */
static inline __u32 hasw_proposer_silent(const struct hasw_proposer *p)
{
	__u32 own = HASW_RULES_WRONG(OWN_VOTE) ? 1U << p->id : 0;

	if (hasw_vote_count(p->voters) != 2 || !p->fenced ||
	    (!(p->voters & 1U << p->id) && !HASW_RULES_WRONG(FENCE_THIRD)))
		return own;
	HASW_RULES_SEEN(20);
	return (p->fenced & (p->met | p->lone)) | own;
}

static inline int hasw_proposer_most(const struct hasw_proposer *p, __u32 have)
{
	__u32 voters = p->voters;

	have |= hasw_proposer_silent(p);
	/* Broken rule: a majority of the voters that replied is enough. */
	if (HASW_RULES_WRONG(LIVING))
		voters = p->said | 1U << p->id;
	return hasw_vote_majority(have, voters);
}

/* Returns whether so many voters have refused that no majority can ack. */
static inline int hasw_proposer_lost(const struct hasw_proposer *p,
				     __u32 refused)
{
	__u32 rest = p->voters & ~refused;

	return !hasw_proposer_most(p, rest);
}

static inline struct hasw_vote_msg *
hasw_proposer_queue(struct hasw_proposer *p, struct hasw_vote_out *out,
		    enum hasw_vote_type type, __u64 sequence, __u64 epoch)
{
	struct hasw_vote_msg *m = &out->msg[out->count];

	*m = (struct hasw_vote_msg) {
		.type = (__u8)type, .from = p->id, .holder = p->id,
		.life = p->life, .generation = p->generation,
		.sequence = sequence, .epoch = epoch, .length = p->length,
	};
	out->to[out->count++] = p->voters;
	return m;
}

/* Returns an epoch above all epochs seen or used (rule 7). */
static inline __u64 hasw_proposer_fresh(struct hasw_proposer *p)
{
	__u32 silent = hasw_proposer_silent(p) & ~(1U << p->id);

	p->counter++;
	/* A fenced node may have used epochs unknown to this node (rule 20). */
	if (p->jump && silent) {
		p->counter += silent & ~p->met ? HASW_PROPOSER_LEAP :
						 HASW_PROPOSER_JUMP;
		p->jump = 0;
	}
	return hasw_vote_epoch(p->counter, p->life, p->id);
}

/* Closes all rounds, so that late replies to them are ignored. */
static inline void hasw_proposer_forget(struct hasw_proposer *p)
{
	for (int i = 0; i < HASW_VOTE_ROUNDS; i++)
		p->round[i].sequence = 0;
	p->far.sequence = 0;
}

static inline void hasw_proposer_idle(struct hasw_proposer *p, __u64 at)
{
	p->state = HASW_PROPOSER_IDLE;
	p->wake = at;
	/* Whoever stood still may have been presumed off meanwhile. */
	if (!HASW_RULES_WRONG(ALONE_KEPT))
		p->fenced &= ~p->alone;
	p->alone = 0;
	if (HASW_RULES_WRONG(GIVEN_UP) || HASW_RULES_WRONG(NO_BURN))
		return;
	hasw_proposer_forget(p);
}

/* Makes the module stop answering. RELEASE is sent by hasw_proposer_stopped(),
 * after the module has stopped (rules 6 and 10).
 */
static inline void hasw_proposer_stop(struct hasw_proposer *p,
				      struct hasw_vote_out *out)
{
	HASW_RULES_SEEN(6);
	hasw_proposer_idle(p, ~0ULL);
	p->state = HASW_PROPOSER_STOP;
	out->stop = 1;
}

static inline void hasw_proposer_grants(struct hasw_proposer *p,
					const struct hasw_proposer_round *r,
					struct hasw_vote_out *out)
{
	__u32 rest = p->voters & ~r->acked;
	struct hasw_vote_msg *m;

	m = hasw_proposer_queue(p, out, HASW_VOTE_GRANT, r->sequence, p->epoch);
	m->length = r->length;
	m->cut = p->cut && p->epoch >= p->cut && !HASW_RULES_WRONG(CUT_ONCE);
	out->to[out->count - 1] = rest;
	if (!p->next)
		return;
	m = hasw_proposer_queue(p, out, HASW_VOTE_GRANT, r->sequence, p->next);
	m->length = r->length;
	m->cut = p->cut && p->next >= p->cut &&
		 (p->cutting || !HASW_RULES_WRONG(CUT_ONCE));
	out->to[out->count - 1] = p->voters & ~r->moved;
}

/* Begins a round; its t_send is read before any GRANT is sent (rule 8). */
static inline void hasw_proposer_round(struct hasw_proposer *p, __u64 now,
				       struct hasw_vote_out *out)
{
	struct hasw_proposer_round *r;

	HASW_RULES_SEEN(8);
	p->sequence++;
	if (p->lent < p->length)
		p->lent = p->length;
	r = &p->round[p->sequence % HASW_VOTE_ROUNDS];
	*r = (struct hasw_proposer_round) {
		.sequence = p->sequence, .sent = now, .length = p->length,
	};
	hasw_proposer_grants(p, r, out);
	if (p->far.sequence)
		hasw_proposer_grants(p, &p->far, out);
}

/* Returns the round of a reply's sequence; NULL if the round is closed. */
static inline struct hasw_proposer_round *
hasw_proposer_asked(struct hasw_proposer *p, __u64 sequence)
{
	struct hasw_proposer_round *r = &p->round[sequence % HASW_VOTE_ROUNDS];

	if (!sequence)
		return 0;
	if (p->far.sequence == sequence)
		return &p->far;
	return r->sequence == sequence ? r : 0;
}

/**
 * hasw_proposer_usual() - sets the length of the usual rights from now on
 * @p: the proposer
 * @length: length, ns, from @p->t->length to @p->t->slowest
 *
 * Rounds that were already sent keep their length. A shorter right after a
 * longer one is safe: a voter keeps the later end, and the module gets the last
 * acked round's deadline. While a long right is being cut, new rounds keep the
 * old length.
 */
static inline void hasw_proposer_usual(struct hasw_proposer *p, __u64 length)
{
	p->usual = length;
	if (!p->cutting || HASW_RULES_WRONG(CUT_LESS))
		p->length = length;
}

/* Doubles the patience, because no majority has replied in time (rule 24). */
static inline void hasw_proposer_wait_longer(struct hasw_proposer *p)
{
	HASW_RULES_SEEN(24);
	if (p->patience < 16 * p->t->retry && !HASW_RULES_WRONG(IMPATIENT))
		p->patience *= 2;
}

/* Adapts the patience to the time that a majority took to reply (rule 24). */
static inline void hasw_proposer_measure(struct hasw_proposer *p, __u64 took)
{
	if (HASW_RULES_WRONG(IMPATIENT))
		return;
	p->patience = 3 * took;
	if (p->patience < p->t->retry)
		p->patience = p->t->retry;
	if (p->patience > 16 * p->t->retry)
		p->patience = 16 * p->t->retry;
}

/* Asks the voters which node has the lease (rule 7). */
static inline void hasw_proposer_read(struct hasw_proposer *p, __u64 now,
				      struct hasw_vote_out *out)
{
	p->state = HASW_PROPOSER_READ;
	p->said = 0;
	p->free = 0;
	p->asked = now;
	p->until = now + p->patience;
	p->wake = now + p->patience / 3;
	p->length = p->usual;
	p->sequence++;
	hasw_proposer_queue(p, out, HASW_VOTE_READ, p->sequence, 0);
}

static inline void hasw_proposer_acquire(struct hasw_proposer *p, __u64 now,
					 struct hasw_vote_out *out)
{
	HASW_RULES_SEEN(7);
	p->state = HASW_PROPOSER_ACQUIRE;
	p->until = now + p->patience;
	p->wake = now + p->patience / 3;
	if (!HASW_RULES_WRONG(SAME_EPOCH) || !p->epoch)
		p->epoch = hasw_proposer_fresh(p);
	p->next = 0;
	p->cutting = 0;
	p->cut = 0;
	p->lent = 0;
	for (int i = 0; i < HASW_PROPOSER_USED; i++)
		p->used[i] = 0;
	hasw_proposer_round(p, now, out);
}

/* Returns how long an eager proposer waits before it asks again. The wait is
 * short at first, because the RELEASE may reach some voters late.
 */
static inline __u64 hasw_proposer_pace(const struct hasw_proposer *p, __u64 now)
{
	__u64 since = now + HASW_PROPOSER_EAGER * p->t->retry - p->eager;

	if (since < p->t->retry / 64)
		return p->t->retry / 64;
	return since < p->t->retry / 4 ? since : p->t->retry / 4;
}

/* Has an eager proposer ask soon again a voter that has refused: the voter may
 * hear of the release a little later.
 */
static inline void hasw_proposer_soon(struct hasw_proposer *p, __u64 now)
{
	__u64 at = now + hasw_proposer_pace(p, now);

	if (now < p->eager && p->wake > at)
		p->wake = at;
}

/* Idles until a majority can ack a GRANT of this node (rule 13). */
static inline void hasw_proposer_contend(struct hasw_proposer *p, __u64 now)
{
	__u64 soonest = ~0ULL, most = hasw_vote_wait(p->t, p->t->slowest);

	HASW_RULES_SEEN(13);
	for (int i = 0; i < HASW_VOTE_NODES; i++) {
		__u32 gone = p->free;

		if (!(p->said & 1U << i))
			continue;
		for (int j = 0; j < HASW_VOTE_NODES; j++)
			if (p->said & 1U << j && p->left[j] <= p->left[i])
				gone |= 1U << j;
		if (hasw_proposer_most(p, gone) && p->left[i] < soonest)
			soonest = p->left[i];
	}
	if (soonest == ~0ULL)
		soonest = p->t->retry;
	/* No message reports that a long right was cut, so ask again soon. */
	if (soonest > most && !HASW_RULES_WRONG(CUT_UNHEARD))
		soonest = most;
	soonest += p->rank * p->t->step;
	if (now < p->eager && soonest > hasw_proposer_pace(p, now))
		soonest = hasw_proposer_pace(p, now);
	hasw_proposer_idle(p, now + soonest);
}

/* Returns whether a GRANT may be sent, because a majority has acked the READ. A
 * node that is presumed off counts when its rights are over (rule 20): those of
 * which it has told this node, and those of which it could not.
 */
static inline int hasw_proposer_may(const struct hasw_proposer *p, __u64 now)
{
	__u32 guessed = hasw_proposer_silent(p) & p->presumed & ~p->free;

	return hasw_proposer_most(p, p->free) &&
	       (!guessed || now >= p->told || HASW_RULES_WRONG(TOLD_EARLY));
}

static inline void hasw_proposer_heard(struct hasw_proposer *p, __u64 now,
				       const struct hasw_vote_msg *m,
				       struct hasw_vote_out *out)
{
	__u32 bit = 1U << m->from;

	/* The GRANTs follow the READ with the next sequence. A voter that replies
	 * to the READ only now lives, too: see hasw_proposer_outbid().
	 */
	if (p->state == HASW_PROPOSER_ACQUIRE &&
	    m->sequence + 1 == p->sequence) {
		p->said |= bit;
		return;
	}
	if (p->state != HASW_PROPOSER_READ || m->sequence != p->sequence)
		return;
	p->said |= bit;
	p->left[m->from] = m->remaining;
	if (m->answer == HASW_VOTE_ACK)
		p->free |= bit;
	else
		p->free &= ~bit;
	if (hasw_proposer_most(p, p->said))
		hasw_proposer_measure(p, now - p->asked);
	if (hasw_proposer_may(p, now))
		hasw_proposer_acquire(p, now, out);
	else if (hasw_proposer_lost(p, p->said & ~p->free))
		hasw_proposer_contend(p, now);
	else if (p->said & ~p->free)
		hasw_proposer_soon(p, now);
}

/* Returns whether a refused GRANT lost a split vote (rule 10): the voters that
 * have replied are too few for a majority without the one that refuses, and
 * this one has seen a higher epoch than ours. Two nodes that ask at once while
 * a third one is off ack themselves, and would refuse each other until both
 * have given up. Only the one with the lower epoch has to. A voter that has not
 * replied does not count, because it may be off.
 */
static inline int hasw_proposer_outbid(const struct hasw_proposer *p,
				       const struct hasw_proposer_round *r,
				       const struct hasw_vote_msg *m)
{
	return m->answer == HASW_VOTE_HELD && m->epoch_max > p->epoch &&
	       !hasw_proposer_most(p, (p->said | r->acked) & ~r->refused);
}

/* Returns whether a majority has refused, and a RELEASE cannot help (rule 10).
 * A node with a lower epoch that has given up may have sent its RELEASE, which
 * frees the voters in @r->yields. So the node with the highest epoch asks on
 * until its patience is over. Otherwise both nodes would give up.
 */
static inline int hasw_proposer_beaten(const struct hasw_proposer *p,
				       const struct hasw_proposer_round *r)
{
	return hasw_proposer_lost(p, r->refused & ~r->yields);
}

/* Gives up an acquisition. Its epoch is never used again (rule 10). */
static inline void hasw_proposer_give_up(struct hasw_proposer *p,
					 struct hasw_vote_out *out)
{
	HASW_RULES_SEEN(10);
	hasw_proposer_stop(p, out);
}

/* Raises p->next; acks of p->epoch or p->next renew the right (rule 12). */
static inline void hasw_proposer_higher(struct hasw_proposer *p,
					const struct hasw_proposer_round *r,
					struct hasw_vote_out *out)
{
	int i;

	HASW_RULES_SEEN(12);
	if (p->next) {
		for (i = 0; i < HASW_PROPOSER_USED - 1 && p->used[i]; i++)
			;
		p->used[i] = p->next;
	}
	p->next = hasw_proposer_fresh(p);
	for (i = 0; i < HASW_VOTE_ROUNDS; i++)
		p->round[i].moved = 0;
	p->far.moved = 0;
	hasw_proposer_grants(p, r, out);
}

/* Gives the module the grant, after a majority acked one round (rule 9). */
static inline void hasw_proposer_won(struct hasw_proposer *p, __u64 now,
				     struct hasw_proposer_round *r,
				     struct hasw_vote_out *out)
{
	__u64 deadline = r->sent + r->length;

	HASW_RULES_SEEN(9);
	if (HASW_RULES_WRONG(ACK_TIME))
		deadline = now + r->length;
	if (HASW_RULES_WRONG(LATER) && deadline < p->deadline)
		deadline = p->deadline;
	if (p->next && hasw_proposer_most(p, r->moved)) {
		HASW_RULES_SEEN(12);
		p->epoch = p->next;
		p->next = 0;
		if (p->cutting)
			p->lent = p->length;
		p->cutting = 0;
		for (int i = 0; i < HASW_VOTE_ROUNDS; i++)
			p->round[i].moved = 0;
		p->far.moved = 0;
	}
	hasw_proposer_usual(p, p->usual);
	if (p->state != HASW_PROPOSER_OWN)
		p->again = hasw_vote_renewal(p->t, p->life, r->sent);
	if (r->length > p->t->slowest)
		p->again = deadline - p->t->slowest;
	p->done = r->sequence;
	if (r == &p->far) {
		/* Replies to usual rounds must not shorten a long right. */
		p->done = p->sequence;
		hasw_proposer_forget(p);
	}
	p->state = HASW_PROPOSER_OWN;
	p->deadline = deadline;
	p->wake = p->again < deadline ? p->again : deadline;
	out->set = 1;
	out->epoch = p->epoch;
	out->deadline = deadline;
}

/* Applies a long right that a majority acked, if it ends after p->deadline. */
static inline void hasw_proposer_won_long(struct hasw_proposer *p, __u64 now,
					  struct hasw_vote_out *out)
{
	if (p->far.sent + p->far.length > p->deadline)
		hasw_proposer_won(p, now, &p->far, out);
	else
		p->far.sequence = 0;
}

static inline void hasw_proposer_granted(struct hasw_proposer *p, __u64 now,
					 const struct hasw_vote_msg *m,
					 struct hasw_vote_out *out)
{
	struct hasw_proposer_round *r;
	__u32 bit = 1U << m->from & p->voters;
	int most;

	r = hasw_proposer_asked(p, m->sequence);
	if (!r)
		return;
	if (m->epoch != p->epoch && m->epoch != p->next)
		return;
	/* An expired right is acquired anew, not renewed (rule 11). */
	if (p->state == HASW_PROPOSER_OWN && now >= p->deadline) {
		hasw_proposer_idle(p, now);
		return;
	}
	if (HASW_RULES_WRONG(MIXED) && p->sequence)
		r = &p->round[p->sequence % HASW_VOTE_ROUNDS];
	if (m->answer == HASW_VOTE_ACK) {
		r->acked |= bit;
		r->twice++;
		r->refused &= ~bit;
		if (m->epoch == p->next)
			r->moved |= bit;
		most = hasw_proposer_most(p, r->acked);
		if (HASW_RULES_WRONG(TWICE))
			most = r->twice * 2 > hasw_vote_count(p->voters);
		/* Acks of a round older than p->done have no effect. */
		if (most && (r->sequence > p->done || p->next) &&
		    r->sequence >= p->done && r != &p->far)
			hasw_proposer_won(p, now, r, out);
		else if (most && r == &p->far)
			hasw_proposer_won_long(p, now, out);
		return;
	}
	if (r->acked & bit)
		return;
	r->refused |= bit;
	r->yields &= ~bit;
	if (m->answer == HASW_VOTE_HELD && m->epoch_max < p->epoch)
		r->yields |= bit;
	if (p->state == HASW_PROPOSER_ACQUIRE) {
		if (hasw_proposer_beaten(p, r) ||
		    hasw_proposer_outbid(p, r, m))
			hasw_proposer_give_up(p, out);
		else
			hasw_proposer_soon(p, now);
	} else if (p->state == HASW_PROPOSER_OWN &&
		   m->answer == HASW_VOTE_LOW && r->sequence == p->sequence &&
		   (!p->next || m->epoch == p->next)) {
		hasw_proposer_higher(p, r, out);
	}
}

/* Stops repeating RELEASE when a majority has acked each epoch (rule 24). */
static inline void hasw_proposer_freed(struct hasw_proposer *p,
				       const struct hasw_vote_msg *m)
{
	int rest = 0;

	if (m->answer != HASW_VOTE_ACK || m->sequence != p->freed_sequence)
		return;
	for (int i = 0; i < HASW_PROPOSER_USED + 2 && p->freed[i]; i++) {
		if (m->epoch == p->freed[i])
			p->freed_acked[i] |= 1U << m->from & p->voters;
		rest |= !hasw_vote_majority(p->freed_acked[i], p->voters);
	}
	if (!rest)
		p->freed_again = ~0ULL;
}

/* Sends a RELEASE for each freed epoch to the voters that have not acked it. */
static inline void hasw_proposer_free(struct hasw_proposer *p, __u64 now,
				      struct hasw_vote_out *out)
{
	for (int i = 0; i < HASW_PROPOSER_USED + 2 && p->freed[i]; i++) {
		hasw_proposer_queue(p, out, HASW_VOTE_RELEASE,
				    p->freed_sequence, p->freed[i]);
		out->to[out->count - 1] &= ~p->freed_acked[i];
	}
	p->freed_again = now + p->patience / 3;
	if (p->freed_again >= p->freed_until || HASW_RULES_WRONG(RELEASE_ONCE))
		p->freed_again = ~0ULL;
}

/**
 * hasw_proposer_wake() - returns when hasw_proposer_tick() must be called, ns
 * @p: the proposer
 */
static inline __u64 hasw_proposer_wake(const struct hasw_proposer *p)
{
	return p->freed_again < p->wake ? p->freed_again : p->wake;
}

/* Notes how long another voter's record of a node other than this one lasts. A
 * reply to an earlier question, or a second one to the same, may be older than
 * what is known. So it only makes the time longer.
 */
static inline void hasw_proposer_tell(struct hasw_proposer *p, __u64 now,
				      const struct hasw_vote_msg *m)
{
	__u64 until = m->remaining ?
		now + hasw_vote_wait(p->t, m->remaining) : 0;

	if (m->sequence <= p->told_sequence && until <= p->told)
		return;
	if (m->sequence > p->told_sequence)
		p->told_sequence = m->sequence;
	p->told = until;
	p->told_epoch = m->epoch_max;
	p->told_from = m->from;
}

/**
 * hasw_proposer_reply() - handles a voter's reply
 * @p: the proposer
 * @now: current time, ns
 * @m: the reply
 * @out: filled with the actions that the caller must carry out
 */
static inline void hasw_proposer_reply(struct hasw_proposer *p, __u64 now,
				       const struct hasw_vote_msg *m,
				       struct hasw_vote_out *out)
{
	__u64 seen = hasw_vote_counter(m->epoch_max);

	/* Ignore a reply to another node or to an earlier agent (rule 2). */
	if (m->life != p->life || m->holder != p->id ||
	    m->from >= HASW_VOTE_NODES)
		return;
	if (!HASW_RULES_WRONG(ANY_GENERATION) &&
	    (m->generation != p->generation || !(p->voters & 1U << m->from)))
		return;
	if (p->counter < seen)
		p->counter = seen;
	/* Every reply contains the voter's highest epoch (rule 20). */
	p->met |= 1U << m->from;
	if (m->from != p->id)
		hasw_proposer_tell(p, now, m);
	if (m->type == HASW_VOTE_READ)
		hasw_proposer_heard(p, now, m, out);
	else if (m->type == HASW_VOTE_GRANT)
		hasw_proposer_granted(p, now, m, out);
	else if (m->type == HASW_VOTE_RELEASE)
		hasw_proposer_freed(p, m);
}

/* Renews the lease when due, or gives it up at its deadline (rule 11). */
static inline void hasw_proposer_keep(struct hasw_proposer *p, __u64 now,
				      struct hasw_vote_out *out)
{
	struct hasw_proposer_round *r;

	r = &p->round[p->sequence % HASW_VOTE_ROUNDS];
	if (HASW_RULES_WRONG(GIVE_UP_RENEWAL) && p->sequence > p->done &&
	    r->sequence && now - r->sent >= p->t->retry) {
		p->state = HASW_PROPOSER_ACQUIRE;
		hasw_proposer_queue(p, out, HASW_VOTE_RELEASE, p->sequence,
				    p->epoch);
		hasw_proposer_idle(p, now);
		return;
	}
	if (now >= p->deadline) {
		HASW_RULES_SEEN(11);
		hasw_proposer_idle(p, now);
		return;
	}
	if (now >= p->again) {
		HASW_RULES_SEEN(11);
		hasw_proposer_round(p, now, out);
		p->again = hasw_vote_renewal(p->t, p->life, now);
		p->wake = now + p->t->renew / 2;
		if (p->wake > p->again)
			p->wake = p->again;
	} else {
		/* Between two renewals, silent voters are asked again. */
		if (r->sequence > p->done) {
			HASW_RULES_SEEN(8);
			if (HASW_RULES_WRONG(SEND_TIME))
				r->sent = now;
			hasw_proposer_grants(p, r, out);
		}
		p->wake = p->again;
	}
	if (p->wake > p->deadline && now < p->deadline)
		p->wake = p->deadline;
}

/**
 * hasw_proposer_tick() - acts at @p->wake, or when @p->want has changed
 * @p: the proposer
 * @now: current time, ns
 * @random: a random number, which spreads the nodes' next attempts over time
 * @out: filled with the actions that the caller must carry out
 */
static inline void hasw_proposer_tick(struct hasw_proposer *p, __u64 now,
				      __u64 random, struct hasw_vote_out *out)
{
	struct hasw_proposer_round *r;

	if (now >= p->freed_again)
		hasw_proposer_free(p, now, out);
	if (now < p->wake && !(p->state == HASW_PROPOSER_IDLE && p->want))
		return;
	r = &p->round[p->sequence % HASW_VOTE_ROUNDS];
	switch (p->state) {
	case HASW_PROPOSER_IDLE:
		p->wake = p->want ? p->wake : now + 10 * p->t->retry;
		if (p->want && now >= p->wake)
			hasw_proposer_read(p, now, out);
		break;
	case HASW_PROPOSER_READ:
		if (now >= p->until) {
			hasw_proposer_wait_longer(p);
			hasw_proposer_idle(p, now + random % p->patience);
			break;
		}
		p->wake = now + p->patience / 3;
		hasw_proposer_queue(p, out, HASW_VOTE_READ, p->sequence, 0);
		/* While eager, also ask the voters that refused, because they
		 * may have received a RELEASE by now.
		 */
		out->to[out->count - 1] &= now < p->eager ? ~p->free : ~p->said;
		if (hasw_proposer_may(p, now))
			hasw_proposer_acquire(p, now, out);
		break;
	case HASW_PROPOSER_ACQUIRE:
		if (now >= p->until) {
			hasw_proposer_wait_longer(p);
			hasw_proposer_give_up(p, out);
			break;
		}
		HASW_RULES_SEEN(8);
		p->wake = now + p->patience / 3;
		if (HASW_RULES_WRONG(SEND_TIME))
			r->sent = now;
		if (hasw_proposer_most(p, r->acked))
			hasw_proposer_won(p, now, r, out);
		else
			hasw_proposer_grants(p, r, out);
		break;
	case HASW_PROPOSER_OWN:
		/* A fence can complete a majority without a reply (rule 20). */
		if (r->sequence > p->done && hasw_proposer_silent(p) &&
		    hasw_proposer_most(p, r->acked) && now < p->deadline)
			hasw_proposer_won(p, now, r, out);
		if (p->far.sequence && hasw_proposer_silent(p) &&
		    hasw_proposer_most(p, p->far.acked) && now < p->deadline)
			hasw_proposer_won_long(p, now, out);
		hasw_proposer_keep(p, now, out);
		break;
	default:
		p->wake = ~0ULL;
		break;
	}
}

#endif
