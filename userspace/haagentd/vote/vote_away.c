// SPDX-License-Identifier: GPL-2.0
/*
 * Nodes that are away from a lease: protodown of the lease's device is on there (`ip link set ha-LEASE protodown on`), so
 * they are no candidates for the lease.
 *
 * Only the module of such a node knows that, and it would refuse a grant. So the node tells the others, for them to hand
 * the lease to another node. Like all messages about planned moves, these are no part of the vote, and safety does not
 * depend on them.
 */
#include "haagentd/clock.h"
#include "vote.h"
#include "vote_wire.h"

/* Pause between two messages about the same lease. */
#define AGAIN		CLOCK_SECOND
/* How long a message counts. Two in a row can be lost. */
#define LASTS		(3 * AGAIN + AGAIN / 2)

/**
 * vote_away_say - tell all peers that are heard whether this node is away from a lease
 * @v:		the vote; the caller then calls vote_flush()
 * @slot:	slot of the lease
 */
void vote_away_say(struct vote *v, unsigned int slot)
{
	struct vote_word word = {
		.kind = VOTE_WORD_AWAY, .node = VOTE_WORD_NOBODY, .answer = vote_away(v, slot, v->map.self),
		.lease = v->seat.lease[slot].number, .epoch = v->lease[slot].top,
	};
	unsigned int id;

	for (id = 0; id < v->map.n; id++)
		if (id != v->map.self && vote_hears(v, id))
			vote_send_word(v, id, &word);
}

static void set(struct vote_lease *l, unsigned int id, bool away)
{
	l->away = (l->away & ~(UINT32_C(1) << id)) | (uint32_t)away << id;
}

/**
 * vote_away_take - copy from the module whether this node is away from a lease
 * @v:		the vote; the caller then calls vote_flush()
 * @slot:	slot of the lease
 * @away:	protodown of the lease's device is on
 *
 * The peers are told of a change at once. So they know it before this node hands the lease
 * over, and do not give it back.
 */
void vote_away_take(struct vote *v, unsigned int slot, bool away)
{
	if (vote_away(v, slot, v->map.self) == away)
		return;
	set(&v->lease[slot], v->map.self, away);
	if (v->begun)
		vote_away_say(v, slot);
}

/**
 * vote_away_heard - handle a peer's message that it is away from a lease, or is not any more
 * @v:		the vote; the caller then calls vote_flush()
 * @slot:	slot of the lease
 * @from:	id of the peer
 * @away:	it is away
 *
 * If a holder has just named this peer as the next one, the peer does not take the lease. So
 * the node that comes next asks for it at once.
 */
void vote_away_heard(struct vote *v, unsigned int slot, unsigned int from, bool away)
{
	struct vote_lease *l = &v->lease[slot];
	uint64_t now = clock_now();

	set(l, from, away);
	l->away_until[from] = now + LASTS;
	if (!away || l->heir.node != (int)from || now >= l->heir.until)
		return;
	l->heir.node = -1;
	if (vote_next(v, slot, from) == (int)v->map.self)
		hasw_seat_take(&v->seat, slot, now);
}

/**
 * vote_away_tick - repeat to the peers from which leases this node is away, and forget what
 * peers have not repeated
 * @v:		the vote; the caller then calls vote_flush()
 * @now:	time now
 */
void vote_away_tick(struct vote *v, uint64_t now)
{
	bool again = now >= v->away_at;
	unsigned int id, slot;

	if (again)
		v->away_at = now + AGAIN;
	for (slot = HASW_SEAT_CONFIG + 1; slot < v->seat.n; slot++) {
		struct vote_lease *l = &v->lease[slot];

		for (id = 0; l->away && id < v->map.n; id++)
			if (id != v->map.self && now >= l->away_until[id])
				set(l, id, false);
		if (again && l->here && vote_away(v, slot, v->map.self))
			vote_away_say(v, slot);
	}
}
