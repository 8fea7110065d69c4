// SPDX-License-Identifier: GPL-2.0
/* Claims: the messages by which a node states that it holds a lease, written and heard. */
#include "bytes.h"
#include "clock.h"
#include "log.h"
#include "vote.h"

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
static bool is_news(const struct vote_lease *l, unsigned int from,
		    uint64_t epoch, uint64_t until)
{
	uint64_t now = clock_now(), change;

	if (epoch != l->top || l->holder != (int)from || now >= l->said)
		return true;
	change = until > l->said ? until - l->said : l->said - until;
	return change >= (l->said - now) / 2;
}

/*
 * Tells this node's module which node holds a lease. The module then serves packets that the holder forwards to this
 * node. If a client's packet for one of the vips reaches this node, the module forwards it to the holder.
 */
static void claim(struct vote *v, unsigned int slot, unsigned int from,
		  uint64_t epoch, uint64_t until)
{
	struct lease_grant grant = {
		.lease = v->lease[slot].name, .holder = v->map.names[from],
		.epoch = epoch, .deadline = until,
	};
	struct vote_lease *l = &v->lease[slot];
	struct hasw_error err;

	/* A claim under an epoch below l->top is outdated: the module knows a higher epoch already. */
	if (epoch < l->top || !hasw_vote_sound(epoch))
		return;
	if (is_news(l, from, epoch, until)) {
		if (lease_sock_grant(&v->sock, &grant, &err))
			return;
		l->said = until;
	}
	if (l->holder != (int)from || clock_now() >= l->claimed)
		log_notice("lease %s: %s holds it now, under epoch %llu", l->name,
			   v->map.names[from], (unsigned long long)epoch);
	if (epoch > l->top)
		hasw_proposer_taken(&v->seat.lease[slot].proposer);
	l->top = epoch;
	l->holder = (int)from;
	l->claimed = until;
	hasw_proposer_claimed(&v->seat.lease[slot].proposer, clock_now(), until);
	vote_inherited(v, slot, from, epoch);
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

	if (!v->sock.open)
		return;
	for (; size >= VOTE_CLAIM; data += VOTE_CLAIM, size -= VOTE_CLAIM) {
		uint32_t number = (uint32_t)bytes_get(data + AT_LEASE, 4);
		uint64_t remaining = bytes_get(data + AT_REMAINING, 4) * 1000;

		for (slot = HASW_SEAT_CONFIG + 1; slot < v->seat.n; slot++)
			if (v->seat.lease[slot].number == number && v->lease[slot].here)
				claim(v, slot, from, bytes_get(data + AT_EPOCH, 8),
				      now + remaining);
	}
}
