/* SPDX-License-Identifier: GPL-2.0 */
/* What a seat is told from outside: which leases are wanted, for how long, who is off, what is to be written. */
#ifndef HASW_RULES_VOTE_SEAT_OWNER_H
#define HASW_RULES_VOTE_SEAT_OWNER_H

#include "vote_seat.h"

/**
 * hasw_seat_want() - whether a lease is wanted here has changed
 * @s: the seat
 * @slot: of the lease
 * @now: the time
 * @want: it is
 */
static inline void hasw_seat_want(struct hasw_seat *s, unsigned int slot,
				  __u64 now, int want)
{
	struct hasw_proposer *p = &s->lease[slot].proposer;
	struct hasw_vote_out out;

	p->want = (__u8)want;
	/* Who is told to take it does not wait for its turn. */
	if (want && p->state == HASW_PROPOSER_IDLE)
		p->wake = now < p->penance ? p->penance : now;
	hasw_seat_out(&out);
	hasw_proposer_tick(p, now, s->ops->random(s->arg), &out);
	hasw_seat_carry_out(s, slot, &out);
}

/**
 * hasw_seat_release() - a lease is to be held by somebody else
 * @s: the seat
 * @slot: of the lease
 * @now: the time
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
 * hasw_seat_lost() - the own module has ended a tenure by itself
 * @s: the seat
 * @slot: of the lease
 * @now: the time
 *
 * It has burned the epoch. The lease is still wanted here, but not at once.
 */
static inline void hasw_seat_lost(struct hasw_seat *s, unsigned int slot,
				  __u64 now)
{
	if (s->lease[slot].proposer.state == HASW_PROPOSER_OWN)
		hasw_seat_refused(s, slot, now);
}

/**
 * hasw_seat_defer() - whoever has a lease lets go of it for another node
 * @s: the seat
 * @slot: of the lease
 * @now: the time
 * @until: so long this node leaves the lease to that one
 */
static inline void hasw_seat_defer(struct hasw_seat *s, unsigned int slot,
				   __u64 now, __u64 until)
{
	hasw_proposer_defer(&s->lease[slot].proposer, now, until);
}

/**
 * hasw_seat_take() - whoever has a lease lets go of it for this node
 * @s: the seat
 * @slot: of the lease
 * @now: the time
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
 * hasw_seat_length() - how long a usual right is to be asked for from now on
 * @s: the seat
 * @length: ns; what is outside of what the times allow is brought inside
 *
 * A machine that is late now and then asks for more, so that it keeps what it
 * has. The others wait for as long as was asked for (rule 5), so nothing else
 * depends on it.
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
 * hasw_seat_long() - asks for a long right, before a planned stop
 * @s: the seat
 * @slot: of the lease
 * @now: the time
 * @length: ns
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
 * hasw_seat_shorten() - makes a long right a usual one again
 * @s: the seat
 * @slot: of the lease
 * @now: the time
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
 * hasw_seat_fence() - a fence command on another node begins (rule 20)
 * @s: the seat
 * @x: that node
 *
 * Return: whether it may, of any lease.
 */
static inline int hasw_seat_fence(struct hasw_seat *s, __u8 x)
{
	int may = 0;

	for (unsigned int i = 0; i < s->n; i++)
		may |= hasw_proposer_fence(&s->lease[i].proposer, x);
	return may;
}

/**
 * hasw_seat_fence_end() - that command has ended (rule 20)
 * @s: the seat
 * @x: the node
 * @off: the command succeeded, and the node is off
 */
static inline void hasw_seat_fence_end(struct hasw_seat *s, __u8 x, int off)
{
	for (unsigned int i = 0; i < s->n; i++)
		hasw_proposer_fence_end(&s->lease[i].proposer, x, off);
}

/**
 * hasw_seat_write() - a new configuration
 * @s: the seat
 * @now: the time
 * @blob: names the content
 *
 * Return: whether this node may write one now.
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
