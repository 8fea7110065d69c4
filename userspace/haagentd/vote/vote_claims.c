// SPDX-License-Identifier: GPL-2.0
/*
 * Claims: the messages by which a node states that it holds a lease, and by which voters repeat that to the nodes that
 * cannot hear the holder.
 */
#include "haagentd/bytes.h"
#include "haagentd/clock.h"
#include "haagentd/log.h"
#include "vote.h"
#include "vote_wire.h"

/* A claim on the wire: lease (4 bytes), remaining time (4 bytes, in microseconds), epoch (8 bytes). */
#define AT_LEASE	0
#define AT_REMAINING	4
#define AT_EPOCH	8

/**
 * vote_claims - write claims of the leases that this node holds
 * @v:		the vote
 * @at:		slot at which this call begins; this function sets it to the slot at which
 *		the next call must begin
 * @to:		buffer to write to
 * @room:	size of @to in bytes; leases whose claims do not fit are claimed by the next
 *		call
 *
 * Return: number of bytes written
 */
size_t vote_claims(struct vote *v, unsigned int *at, uint8_t *to, size_t room)
{
	unsigned int i, slot = *at;
	uint64_t now = clock_now();
	size_t size = 0;

	for (i = 0; i < v->seat.n && size + VOTE_CLAIM <= room; i++, slot++) {
		const struct vote_lease *l;

		if (slot >= v->seat.n)
			slot = HASW_SEAT_CONFIG;
		l = &v->lease[slot];
		if (slot == HASW_SEAT_CONFIG || now >= l->until)
			continue;
		bytes_put(to + size + AT_LEASE, v->seat.lease[slot].number, 4);
		bytes_put(to + size + AT_REMAINING, (l->until - now) / 1000, 4);
		bytes_put(to + size + AT_EPOCH, l->epoch, 8);
		size += VOTE_CLAIM;
	}
	*at = slot;
	return size;
}

/*
 * Returns whether a claim must be passed to the module. Peers repeat their claims often, but the module needs one
 * only about every 40 ms. A repeated claim is skipped if it moves the deadline that the module has by less than half
 * of the time until that deadline.
 */
static bool is_news(const struct vote_lease *l, bool known, uint64_t until, uint64_t now)
{
	uint64_t change;

	if (!known)
		return true;
	change = until > l->said ? until - l->said : l->said - until;
	return change >= (l->said - now) / 2;
}

/*
 * Returns until when this node's module takes the packets of a holder that was heard to hold a lease until @until. A
 * holder claims its leases when it asks for their renewal, so the right that it gets by that ends later than the claim
 * says. Another node can hold the lease only when the voters have waited: until then the module takes the holder's
 * packets.
 */
static uint64_t lasting(const struct hasw_vote_times *t, uint64_t until)
{
	return until + hasw_vote_wait(t, t->length) - t->length;
}

/*
 * Tells this node's module which node holds a lease. The module then serves packets that the holder forwards to this
 * node. If a client's packet for one of the vips reaches this node, the module forwards it to the holder. @teller is
 * the voter that repeated the claim, or @from for a claim that was heard directly. A repeated claim counts only if the
 * module has taken it, because the module knows of releases that the voter may not have heard yet.
 */
static void claim(struct vote *v, unsigned int slot, unsigned int from,
		  unsigned int teller, uint64_t epoch, uint64_t until)
{
	struct vote_lease *l = &v->lease[slot];
	uint64_t now = clock_now();
	/* The module has this claim already, up to the deadline. */
	bool known = epoch == l->top && l->holder == (int)from && now < l->said;
	struct lease_grant grant = {
		.lease = l->name, .holder = v->map.names[from],
		.epoch = epoch,
		/* What a voter repeats ends before the grant, whatever clock counts it. */
		.deadline = teller == from ? lasting(&v->t, until) : until,
		.renews = known,
	};
	struct hasw_error err;

	/* A claim under an epoch below l->top is outdated: the module knows a higher epoch already. */
	if (epoch < l->top || !hasw_vote_sound(epoch))
		return;
	if (is_news(l, known, until, now)) {
		if (lease_sock_grant(&v->sock, &grant, &err))
			return;
		l->said = until;
	} else if (teller != from) {
		return;
	}
	if (l->holder != (int)from || now >= l->claimed)
		log_notice("lease %s: %s holds it now, under epoch %llu%s%s", l->name,
			   v->map.names[from], (unsigned long long)epoch,
			   teller == from ? "" : ", says ",
			   teller == from ? "" : v->map.names[teller]);
	if (epoch > l->top)
		hasw_proposer_taken(&v->seat.lease[slot].proposer);
	l->top = epoch;
	l->holder = (int)from;
	l->claimed = until;
	hasw_proposer_claimed(&v->seat.lease[slot].proposer, now, until);
	vote_inherited(v, slot, from, epoch);
}

/* Stores a claim that was heard directly, for vote_repeats(). A claim under a lower epoch is outdated. */
static void hear(struct vote_lease *l, unsigned int from, uint64_t epoch, uint64_t until)
{
	if (epoch >= l->heard.epoch && hasw_vote_sound(epoch))
		l->heard = (struct vote_heard){ .from = from, .epoch = epoch, .until = until };
}

/**
 * vote_claimed - handle a peer's claims
 * @v:		the vote
 * @from:	id of the peer
 * @data:	the claims
 * @size:	size of @data in bytes
 */
void vote_claimed(struct vote *v, unsigned int from, const uint8_t *data,
		  size_t size)
{
	uint64_t now = clock_now();
	unsigned int slot;

	for (; size >= VOTE_CLAIM; data += VOTE_CLAIM, size -= VOTE_CLAIM) {
		uint32_t number = (uint32_t)bytes_get(data + AT_LEASE, 4);
		uint64_t until = now + bytes_get(data + AT_REMAINING, 4) * 1000;
		uint64_t epoch = bytes_get(data + AT_EPOCH, 8);

		slot = vote_find(v, number);
		if (slot == HASW_VOTE_LEASES)
			continue;
		hear(&v->lease[slot], from, epoch, until);
		if (v->lease[slot].here && v->sock.open)
			claim(v, slot, from, from, epoch, until);
	}
}

/*
 * Shortens the remaining time of a claim for its repetition, so that W of the result is not longer than @remaining. The
 * result then ends before the claim does, also on a node whose clock is slower than this node's clock.
 */
static uint64_t shortened(const struct hasw_vote_times *t, uint64_t remaining)
{
	const uint64_t million = 1000000, rounding = 3;

	if (remaining <= rounding)
		return 0;
	remaining = (remaining - rounding) * million / (million + t->rho);
	if (remaining <= t->margin)
		return 0;
	return (remaining - t->margin) * (million - t->rho) / million;
}

/*
 * Returns whether this voter repeats what it has heard of a lease's holder. The voter's own record must agree: a release
 * erases the record, so that the repetition ends at once. A record alone is not repeated, because a node that no
 * majority has acked can have one.
 */
static bool repeats(const struct vote *v, unsigned int slot, unsigned int to, uint64_t now)
{
	const struct hasw_voter *voter = &v->seat.lease[slot].voter;
	const struct vote_lease *l = &v->lease[slot];

	return now < l->heard.until && now >= l->until && l->heard.from != to &&
	       voter->epoch && voter->holder == l->heard.from && now < voter->expiry;
}

/**
 * vote_repeats - write repetitions of the claims that this voter has heard from the holders
 * @v:		the vote
 * @id:		id of the receiver, whose own claims are not repeated to it
 * @to:		buffer to write to
 * @room:	size of @to in bytes; what does not fit is repeated by the next call
 *
 * Return: number of bytes written; 0 on a node that has no vote
 */
size_t vote_repeats(struct vote *v, unsigned int id, uint8_t *to, size_t room)
{
	unsigned int i, slot = v->peer[id].repeat_at;
	uint64_t now = clock_now();
	size_t size = 0;

	if (!(v->map.voters & 1U << v->map.self))
		return 0;
	for (i = 0; i < v->seat.n && size + VOTE_WIRE_REPEAT + VOTE_WIRE_LATER <= room; i++, slot++) {
		struct vote_repeat repeat;

		if (slot >= v->seat.n)
			slot = HASW_SEAT_CONFIG;
		if (slot == HASW_SEAT_CONFIG || !repeats(v, slot, id, now))
			continue;
		repeat = (struct vote_repeat){
			.holder = (uint8_t)v->lease[slot].heard.from,
			.lease = v->seat.lease[slot].number,
			.epoch = v->lease[slot].heard.epoch,
			.remaining = shortened(&v->t, v->lease[slot].heard.until - now),
		};
		if (repeat.remaining)
			size += vote_repeat_put(&repeat, to + size, room - size);
	}
	v->peer[id].repeat_at = slot;
	return size;
}

/*
 * Returns whether a repeated claim is newer than what this node knows. While this node may hold the lease itself, only
 * the other holder can end that grant, by its own claim.
 */
static bool is_newer(const struct vote *v, unsigned int slot, const struct vote_repeat *repeat, uint64_t until)
{
	const struct vote_lease *l = &v->lease[slot];
	uint64_t now = clock_now();

	if (now < l->until || now < l->told || repeat->epoch < l->top)
		return false;
	return repeat->epoch > l->top || l->holder < 0 ||
	       (l->holder == repeat->holder && until > l->claimed);
}

/**
 * vote_repeated - handle the claims that a voter repeats
 * @v:		the vote
 * @from:	id of the voter
 * @data:	the repetitions
 * @size:	size of @data in bytes
 *
 * A repetition informs this node of the holder, and can lengthen this node's wait for the lease. It is not repeated
 * further.
 */
void vote_repeated(struct vote *v, unsigned int from, const uint8_t *data,
		   size_t size)
{
	struct vote_repeat repeat;
	size_t at = 0, took;

	while ((took = vote_repeat_get(data + at, size - at, &repeat))) {
		unsigned int slot = vote_find(v, repeat.lease);
		uint64_t until;

		at += took;
		if (slot == HASW_VOTE_LEASES || !v->lease[slot].here || !v->sock.open ||
		    repeat.holder >= v->map.n || repeat.holder == v->map.self ||
		    repeat.holder == from)
			continue;
		if (repeat.remaining > v->t.slowest)
			repeat.remaining = v->t.slowest;
		until = clock_now() + repeat.remaining;
		if (is_newer(v, slot, &repeat, until))
			claim(v, slot, repeat.holder, from, repeat.epoch, until);
	}
}
