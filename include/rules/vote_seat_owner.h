/* SPDX-License-Identifier: GPL-2.0 */
/* Calls to a seat from outside the vote: about wanted leases, planned moves,
 * new configurations, fences and long rights. A seat is one node's part in the
 * votes on all leases. A fence is a command that switches another node off. A
 * long right outlasts a planned stop of the agent.
 */
#ifndef HASW_RULES_VOTE_SEAT_OWNER_H
#define HASW_RULES_VOTE_SEAT_OWNER_H

#include "vote_seat.h"

/**
 * hasw_seat_want() - changes whether this node wants a lease
 * @s: the seat
 * @slot: slot of the lease
 * @now: current time, ns
 * @want: 1: this node wants the lease; 0: it does not
 */
static inline void hasw_seat_want(struct hasw_seat *s, unsigned int slot,
				  __u64 now, int want)
{
	struct hasw_proposer *p = &s->lease[slot].proposer;
	struct hasw_vote_out out;

	p->want = (__u8)want;
	/* Ask at once, unless the lease is left to other nodes for a while. */
	if (want && p->state == HASW_PROPOSER_IDLE)
		p->wake = now < p->penance ? p->penance : now;
	hasw_seat_out(&out);
	hasw_proposer_tick(p, now, s->ops->random(s->arg), &out);
	hasw_seat_carry_out(s, slot, &out);
}

/**
 * hasw_seat_release() - releases a lease, so that another node may hold it
 * @s: the seat
 * @slot: slot of the lease
 * @now: current time, ns
 */
static inline void hasw_seat_release(struct hasw_seat *s, unsigned int slot,
				     __u64 now)
{
	struct hasw_vote_out out;

	hasw_seat_out(&out);
	hasw_proposer_release(&s->lease[slot].proposer, now, &out);
	hasw_seat_carry_out(s, slot, &out);
}

/**
 * hasw_seat_lost() - handles that this node's module has ended a grant by
 *	itself
 * @s: the seat
 * @slot: slot of the lease
 * @now: current time, ns
 *
 * The module has burned the epoch. This node still wants the lease, but first
 * waits until other nodes have had time to acquire it.
 */
static inline void hasw_seat_lost(struct hasw_seat *s, unsigned int slot,
				  __u64 now)
{
	if (s->lease[slot].proposer.state == HASW_PROPOSER_OWN)
		hasw_seat_refused(s, slot, now);
}

/**
 * hasw_seat_defer() - waits while the holder hands the lease to another node
 * @s: the seat
 * @slot: slot of the lease
 * @now: current time, ns
 * @until: time, ns, before which this node does not ask for the lease
 */
static inline void hasw_seat_defer(struct hasw_seat *s, unsigned int slot,
				   __u64 now, __u64 until)
{
	hasw_proposer_defer(&s->lease[slot].proposer, now, until);
}

/**
 * hasw_seat_take() - asks at once for a lease that its holder hands to this
 *	node
 * @s: the seat
 * @slot: slot of the lease
 * @now: current time, ns
 */
static inline void hasw_seat_take(struct hasw_seat *s, unsigned int slot,
				  __u64 now)
{
	struct hasw_proposer *p = &s->lease[slot].proposer;
	struct hasw_vote_out out;

	hasw_proposer_take(p, now);
	hasw_seat_out(&out);
	hasw_proposer_tick(p, now, s->ops->random(s->arg), &out);
	hasw_seat_carry_out(s, slot, &out);
}

/**
 * hasw_seat_length() - sets the length of the usual rights that are asked for
 * @s: the seat
 * @length: length, ns, clamped to @s->t->length and @s->t->slowest
 *
 * A machine whose agent is sometimes late asks for longer rights, so that it
 * keeps its leases. Voters keep a record for the length that was asked for
 * (rule 5). So no other rule depends on the length that this node asks for.
 */
static inline void hasw_seat_length(struct hasw_seat *s, __u64 length)
{
	if (length < s->t->length)
		length = s->t->length;
	if (length > s->t->slowest)
		length = s->t->slowest;
	s->usual = length;
	for (unsigned int i = 0; i < s->n; i++)
		hasw_proposer_usual(&s->lease[i].proposer, length);
}

/**
 * hasw_seat_long() - asks for a long right before the agent's planned stop
 * @s: the seat
 * @slot: slot of the lease
 * @now: current time, ns
 * @length: length of the right, ns
 */
static inline void hasw_seat_long(struct hasw_seat *s, unsigned int slot,
				  __u64 now, __u64 length)
{
	struct hasw_vote_out out;

	hasw_seat_out(&out);
	hasw_proposer_long(&s->lease[slot].proposer, now, length, &out);
	hasw_seat_carry_out(s, slot, &out);
}

/**
 * hasw_seat_bridge() - keeps a long right, which outlasts the time until the
 *	silence of the other one of two voters has been judged (rule 20)
 * @s: the seat
 * @slot: slot of the lease
 * @now: current time, ns
 * @length: length of the right, ns; clamped to @s->t->longest; if it is no long
 *	right, nothing is asked for
 *
 * The caller calls this function again and again while it hears the other
 * voter. The right is asked for anew when a twelfth of it has passed. The other
 * voter needs no disk write for that, because its record on the disk stays the
 * same.
 */
static inline void hasw_seat_bridge(struct hasw_seat *s, unsigned int slot,
				    __u64 now, __u64 length)
{
	const struct hasw_proposer *p = &s->lease[slot].proposer;

	__u64 passed = HASW_RULES_WRONG(BRIDGE_LATE) ? length / 4 * 3 :
		       length / 12;

	if (length > s->t->longest)
		length = s->t->longest;
	if (!hasw_proposer_owns(p, now) || p->far.sequence ||
	    p->deadline > now + length - passed)
		return;
	hasw_seat_long(s, slot, now, length);
}

/**
 * hasw_seat_shorten() - cuts a long right to a usual one
 * @s: the seat
 * @slot: slot of the lease
 * @now: current time, ns
 */
static inline void hasw_seat_shorten(struct hasw_seat *s, unsigned int slot,
				     __u64 now)
{
	struct hasw_vote_out out;

	hasw_seat_out(&out);
	hasw_proposer_shorten(&s->lease[slot].proposer, now, &out);
	hasw_seat_carry_out(s, slot, &out);
}

/**
 * hasw_seat_fence() - notes that a fence command on another node begins (rule
 *	20)
 * @s: the seat
 * @x: id of the node to fence
 *
 * Return: 1 if the command may begin, because this node knows the highest epoch
 * of node @x for at least one lease. Otherwise 0, because the command could not
 * help this node to get any lease.
 */
static inline int hasw_seat_fence(struct hasw_seat *s, __u8 x)
{
	int may = 0;

	for (unsigned int i = 0; i < s->n; i++) {
		s->lease[i].proposer.presumed &= ~(1U << x);
		may |= hasw_proposer_fence(&s->lease[i].proposer, x);
	}
	return may;
}

/**
 * hasw_seat_stood() - notes that this node stood still for so long that another
 *	node may have presumed it off
 * @s: the seat
 * @now: current time, ns
 *
 * That node may hold leases since then, by rights of which this node's voter
 * has no record. It tells of them when it replies to a question that is asked
 * from now on.
 */
static inline void hasw_seat_stood(struct hasw_seat *s, __u64 now)
{
	s->stood = now;
	for (unsigned int i = 0; i < s->n; i++) {
		struct hasw_proposer *p = &s->lease[i].proposer;

		p->told = now + hasw_vote_wait(s->t, s->t->longest);
		p->told_epoch = ~0ULL;
		p->told_sequence = p->sequence;
	}
}

/**
 * hasw_seat_lone() - returns when this node may presume off a node that it has
 *	never met (rule 20)
 * @s: the seat
 *
 * While this node was off or stood still, the other one may have presumed it
 * off, and may have got a long right alone, of which this node's voters know
 * nothing. It gets no further one when it hears this node, which speaks as soon
 * as its voters are not muted any more. The long right ends W of the longest
 * right later.
 *
 * Return: the time, ns.
 */
static inline __u64 hasw_seat_lone(const struct hasw_seat *s)
{
	__u64 muted = s->n ? s->lease[HASW_SEAT_CONFIG].voter.muted : 0;
	__u64 from = s->began > muted ? s->began : muted;

	if (from < s->stood)
		from = s->stood;
	return from + hasw_vote_wait(s->t, s->t->longest);
}

/**
 * hasw_seat_unmet() - returns whether this node wants a lease about which
 *	another node has never replied, and for which that node does not count
 *	as off
 * @s: the seat
 * @slot: slot of the lease
 * @x: id of the other node
 */
static inline int hasw_seat_unmet(const struct hasw_seat *s, unsigned int slot,
				  __u8 x)
{
	const struct hasw_proposer *p = &s->lease[slot].proposer;

	return p->want && !(p->met >> x & 1) &&
	       !((p->lone & p->fenced) >> x & 1);
}

/**
 * hasw_seat_presume() - notes that a probe of another node begins, which may
 *	presume that node off (rule 20)
 * @s: the seat
 * @x: id of the node to probe
 * @now: current time, ns
 *
 * This is hasw_seat_fence() for nodes that presume each other off by silence.
 * They need not have met: when both were off and one of them starts, it would
 * otherwise hold nothing until the other one starts.
 *
 * Return: 1 if the probe may begin; 0 if it could not help this node to get any
 * lease.
 */
static inline int hasw_seat_presume(struct hasw_seat *s, __u8 x, __u64 now)
{
	int may;

	for (unsigned int i = 0; i < s->n; i++) {
		struct hasw_proposer *p = &s->lease[i].proposer;

		if (!(p->met >> x & 1) && s->disk.known &&
		    (now >= hasw_seat_lone(s) || HASW_RULES_WRONG(LONE_EARLY)))
			p->lone |= 1U << x;
	}
	may = hasw_seat_fence(s, x);
	for (unsigned int i = 0; i < s->n; i++)
		s->lease[i].proposer.presumed |= 1U << x;
	return may;
}

/* Has the disk image remember of which leases this node has met node @x, which
 * counts as off now (rule 20). For these leases a later run of the agent may
 * fence @x again, although @x replies to nobody. All that @x has replied must
 * be below the ceiling, from which this node's voters start.
 */
static inline void hasw_seat_keep_met(struct hasw_seat *s, __u8 x)
{
	struct hasw_voter_disk *want = &s->want;

	hasw_voter_unmeet(want, want->met);
	for (unsigned int i = 0; i < s->n; i++) {
		const struct hasw_proposer *p = &s->lease[i].proposer;

		if (!(p->fenced & (p->met | p->lone) & 1U << x))
			continue;
		want->met = 1U << x;
		want->met_lease[want->met_count++] = s->lease[i].number;
		if (want->ceiling <= p->counter)
			want->ceiling = p->counter + s->t->ceiling;
	}
	if (want->met)
		hasw_seat_sync(s);
}

/**
 * hasw_seat_fence_end() - notes that a fence command has ended (rule 20)
 * @s: the seat
 * @x: id of the node to fence
 * @off: the command succeeded, so the node is off
 */
static inline void hasw_seat_fence_end(struct hasw_seat *s, __u8 x, int off)
{
	for (unsigned int i = 0; i < s->n; i++) {
		struct hasw_voter *v = &s->lease[i].voter;

		/* Broken rule: the record of a node that is presumed off is
		 * not waited for.
		 */
		if (HASW_RULES_WRONG(PRESUMED_FREE) && off && v->holder == x)
			v->epoch = 0;
		if (off && s->lease[i].proposer.fencing >> x & 1)
			s->lease[i].proposer.alone &= ~(1U << x);
		hasw_proposer_fence_end(&s->lease[i].proposer, x, off);
	}
	if (off && s->want.known)
		hasw_seat_keep_met(s, x);
}

/**
 * hasw_seat_fence_held() - notes that a fence command on another node begins,
 *	which counts only for the leases that this node holds (rule 20)
 * @s: the seat
 * @x: id of the node to fence
 * @now: current time, ns
 *
 * Node @x cannot get these leases: it would need the vote of this node.
 *
 * Return: whether this node holds a lease of which it knows node @x's highest
 * epoch, and for which node @x does not count as off already.
 */
static inline int hasw_seat_fence_held(struct hasw_seat *s, __u8 x, __u64 now)
{
	int may = 0;

	for (unsigned int i = 0; i < s->n; i++) {
		struct hasw_proposer *p = &s->lease[i].proposer;

		if (p->fenced >> x & 1)
			continue;
		if (hasw_proposer_owns(p, now) || HASW_RULES_WRONG(PARTED_ALL))
			may |= hasw_proposer_fence(p, x);
	}
	return may;
}

/**
 * hasw_seat_fence_held_end() - notes that a fence command has ended, which
 *	began by hasw_seat_fence_held()
 * @s: the seat
 * @x: id of the node to fence
 * @now: current time, ns
 * @off: the command succeeded, so the node is off
 *
 * A lease whose right has ended meanwhile is not held any more, so that node @x
 * does not count as off for it. Nor does it when the right ends later.
 */
static inline void hasw_seat_fence_held_end(struct hasw_seat *s, __u8 x,
					    __u64 now, int off)
{
	__u32 fenced = 0;

	for (unsigned int i = 0; i < s->n; i++) {
		struct hasw_proposer *p = &s->lease[i].proposer;
		int held = hasw_proposer_owns(p, now) ||
			   HASW_RULES_WRONG(PARTED_ALL);

		if (off && held)
			p->alone |= p->fencing & 1U << x;
		hasw_proposer_fence_end(p, x, off && held);
		fenced |= p->fenced;
	}
	if (off && fenced >> x & 1 && s->want.known)
		hasw_seat_keep_met(s, x);
}

/**
 * hasw_seat_write() - writes a new configuration
 * @s: the seat
 * @now: current time, ns
 * @blob: number that identifies the content
 *
 * Return: 1 if the write was begun; 0 if this node does not hold @config, or if
 * the writer's state is not HASW_WRITER_READY.
 */
static inline int hasw_seat_write(struct hasw_seat *s, __u64 now, __u64 blob)
{
	struct hasw_vote_out out;

	if (!hasw_seat_writes(s, now) || s->writer.state != HASW_WRITER_READY)
		return 0;
	hasw_seat_out(&out);
	hasw_writer_write(&s->writer, now, blob, &out);
	hasw_seat_send(s, HASW_SEAT_CONFIG, &out);
	return 1;
}

#endif
