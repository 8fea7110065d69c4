// SPDX-License-Identifier: GPL-2.0
/*
 * Planned moves: a holder releases a lease and names the next holder, here the "named
 * node".
 *
 * Planned moves weaken no voting rule, so safety does not depend on them. They only
 * change when each node asks the voters. The named node asks at once, and each other
 * node gives the named node a head start. Meanwhile the old holder's module forwards
 * packets that still reach it to the named node. The named node's module queues these
 * packets until it holds the lease.
 */
#include <errno.h>
#include <linux/haswitch.h>
#include <stdio.h>
#include <string.h>

#include "haagentd/clock.h"
#include "haagentd/log.h"
#include "vote.h"

/*
 * Head start of the named node, in multiples of @retry of struct hasw_vote_times. A node
 * restarts the head start when it receives another message about the move.
 */
#define HEAD_START	5
/*
 * Limit of the head start including its restarts; it counts from the first message about the move that a
 * node received.
 */
#define HEAD_START_MOST	CLOCK_SECOND
/*
 * Maximum time for which a new holder waits until all nodes know that it is the holder. A
 * node that does not know this yet drops the packets that the new holder forwards to it.
 */
#define KNOWN_TIME	(20 * CLOCK_MS)

static struct vote_lease *lease_of(struct vote *v, unsigned int slot)
{
	return &v->lease[slot];
}

static bool holds(const struct vote *v, unsigned int slot, uint64_t now)
{
	return v->seat.lease[slot].proposer.state == HASW_PROPOSER_OWN &&
	       now < v->lease[slot].until;
}

/* Checks whether another node could hold a lease that this node holds now, as far as this
 * agent knows.
 * Return: HASWITCH_MOVE_ANSWER_BEGUN, or the reason why not.
 */
static int judge(const struct vote *v, unsigned int slot, unsigned int id)
{
	if (id >= v->map.n)
		return HASWITCH_MOVE_ANSWER_NO_NODE;
	if (id == v->map.self)
		return HASWITCH_MOVE_ANSWER_HOLDS;
	if (vote_witness(v, id))
		return HASWITCH_MOVE_ANSWER_WITNESS;
	if (!vote_hears(v, id))
		return HASWITCH_MOVE_ANSWER_UNHEARD;
	if (!vote_may(v, slot, id) || !vote_usable(v, id))
		return HASWITCH_MOVE_ANSWER_UNFIT;
	return HASWITCH_MOVE_ANSWER_BEGUN;
}

static uint64_t head_start(const struct vote *v, const struct vote_heir *heir,
			   uint64_t now)
{
	uint64_t until = now + HEAD_START * v->t.retry;
	uint64_t most = heir->begun + HEAD_START_MOST;

	return until < most ? until : most;
}

static void name(struct vote *v, unsigned int slot, int node, uint64_t epoch,
		 uint64_t now)
{
	struct vote_heir *heir = &lease_of(v, slot)->heir;

	if (heir->node != node || heir->epoch != epoch) {
		heir->begun = now;
		heir->leaves = 0;
	}
	heir->node = node;
	heir->epoch = epoch;
	heir->until = head_start(v, heir, now);
}

/**
 * vote_hands_over - return whether this node has released a lease and has named another
 * node as the next holder
 * @v:		the vote
 * @slot:	slot of the lease
 *
 * Return: yes or no; no when HEAD_START_MOST has passed since the release
 */
bool vote_hands_over(const struct vote *v, unsigned int slot)
{
	const struct vote_lease *l = &v->lease[slot];

	return l->heir.node >= 0 && (unsigned int)l->heir.node != v->map.self &&
	       l->heir.epoch == l->epoch &&
	       clock_now() < l->heir.begun + HEAD_START_MOST;
}

/**
 * vote_goes_to - tell a peer which node this node has named as the next holder of a lease
 * @v:		the vote; the caller then calls vote_flush()
 * @slot:	slot of the lease, or HASW_VOTE_LEASES; nothing is sent unless this node hands the lease over
 * @id:		id of the peer
 */
void vote_goes_to(struct vote *v, unsigned int slot, unsigned int id)
{
	struct vote_word word = { .kind = VOTE_WORD_GOES };

	if (slot == HASW_VOTE_LEASES || !vote_hands_over(v, slot))
		return;
	word.node = (uint8_t)v->lease[slot].heir.node;
	word.lease = v->seat.lease[slot].number;
	word.epoch = v->lease[slot].heir.epoch;
	word.answer = v->part == VOTE_GOES;
	vote_send_word(v, id, &word);
}

/**
 * vote_goes - tell all peers which node this node has named as the next holder of a lease
 * @v:		the vote; the caller then calls vote_flush()
 * @slot:	slot of the lease, which this node hands over
 *
 * Like the peers, this node gives the named node a head start before it asks for the lease
 * again.
 */
void vote_goes(struct vote *v, unsigned int slot)
{
	struct vote_heir *heir = &lease_of(v, slot)->heir;
	uint64_t now = clock_now();
	unsigned int id;

	heir->until = head_start(v, heir, now);
	hasw_seat_defer(&v->seat, slot, now, heir->until);
	for (id = 0; id < v->map.n; id++)
		if (id != v->map.self)
			vote_goes_to(v, slot, id);
}

static void let_go(struct vote *v, unsigned int slot, int to)
{
	uint64_t now = clock_now();

	name(v, slot, to, lease_of(v, slot)->epoch, now);
	hasw_seat_release(&v->seat, slot, now);
	if (vote_hands_over(v, slot))
		vote_goes(v, slot);
}

/**
 * vote_let_go - release a lease that this node does not want any more
 * @v:		the vote; the caller then calls vote_flush()
 * @slot:	slot of the lease
 *
 * If this node holds the lease, it names the node with the best rank as the next
 * holder, so that no packet is lost.
 */
void vote_let_go(struct vote *v, unsigned int slot)
{
	let_go(v, slot, slot != HASW_SEAT_CONFIG && holds(v, slot, clock_now()) ?
	       vote_next(v, slot, v->map.self) : -1);
}

/**
 * vote_move - begin the planned move of a lease that this node holds
 * @v:		the vote
 * @slot:	slot of the lease
 * @to:		id of the next holder; -1 for the node with the best rank
 *
 * Return: HASWITCH_MOVE_ANSWER_BEGUN, which is 0; or the reason why nothing was changed
 */
int vote_move(struct vote *v, unsigned int slot, int to)
{
	int answer = HASWITCH_MOVE_ANSWER_BEGUN;

	if (!holds(v, slot, clock_now()))
		return HASWITCH_MOVE_ANSWER_NO_HOLDER;
	if (to < 0) {
		to = vote_next(v, slot, v->map.self);
		if (to < 0)
			return HASWITCH_MOVE_ANSWER_NOBODY;
	} else {
		answer = judge(v, slot, (unsigned int)to);
	}
	if (answer != HASWITCH_MOVE_ANSWER_BEGUN)
		return answer;
	let_go(v, slot, to);
	vote_flush(v);
	return answer;
}

/**
 * vote_released - handle the event that a user's command has released this node's grant in the module
 * @v:		the vote
 * @lease:	name of the lease
 * @epoch:	epoch of the grant; the event is ignored if this node's present grant has another epoch
 * @successor:	name of the node that the release named as the next holder, or NULL
 */
void vote_released(struct vote *v, const char *lease, uint64_t epoch,
		   const char *successor)
{
	unsigned int slot;

	for (slot = HASW_SEAT_CONFIG + 1; v->begun && slot < v->seat.n; slot++) {
		struct vote_lease *l = lease_of(v, slot);
		uint64_t now = clock_now();
		int to = successor ? vote_map_id(&v->map, successor) : -1;

		if (strcmp(l->name, lease) || l->stopping || epoch != l->epoch ||
		    now >= l->until)
			continue;
		name(v, slot, to >= 0 ? to : vote_next(v, slot, v->map.self), epoch, now);
		l->until = 0;
		hasw_seat_lost(&v->seat, slot, now);
		if (vote_hands_over(v, slot))
			vote_goes(v, slot);
		vote_flush(v);
	}
}

static void answer(struct vote *v, const char *lease, int what)
{
	vote_answer(&v->answers, v->module, lease, what, clock_now());
}

/* Moves the lease if this node holds it; otherwise asks its holder to move it. */
static int ask(struct vote *v, unsigned int slot, int to)
{
	struct vote_lease *l = lease_of(v, slot);
	struct vote_word word = {
		.kind = VOTE_WORD_WISH, .lease = v->seat.lease[slot].number,
		.node = to < 0 ? VOTE_WORD_NOBODY : (uint8_t)to, .epoch = l->top,
	};
	uint64_t now = clock_now();

	if (holds(v, slot, now))
		return vote_move(v, slot, to);
	if (l->holder < 0 || now >= l->claimed)
		return HASWITCH_MOVE_ANSWER_NO_HOLDER;
	if (to == l->holder)
		return HASWITCH_MOVE_ANSWER_HOLDS;
	if (to >= 0 && vote_witness(v, (unsigned int)to))
		return HASWITCH_MOVE_ANSWER_WITNESS;
	/* The holder does not know what the module of this node says. It would let go, and a third node would hold it. */
	if (to == (int)v->map.self && !vote_may(v, slot, v->map.self))
		return HASWITCH_MOVE_ANSWER_UNFIT;
	vote_send_word(v, (unsigned int)l->holder, &word);
	vote_flush(v);
	return HASWITCH_MOVE_ANSWER_PASSED;
}

/**
 * vote_asked - handle a user's request to move a lease, which the module of this node
 * has reported
 * @v:		the vote
 * @lease:	name of the lease
 * @successor:	name of the node that is to hold the lease next, or NULL
 */
void vote_asked(struct vote *v, const char *lease, const char *successor)
{
	int to = successor ? vote_map_id(&v->map, successor) : -1;
	int what = HASWITCH_MOVE_ANSWER_NO_LEASE;
	unsigned int slot;

	if (!v->begun) {
		answer(v, lease, HASWITCH_MOVE_ANSWER_NO_VOTE);
		return;
	}
	/* The lease might have been added to the module just now, so the module's leases are read first. */
	if (v->look)
		vote_look(v);
	slot = vote_find(v, lease_number(lease));
	log_notice("lease %s: somebody here asks to move it%s%s", lease,
		   successor ? " to " : "", successor ? successor : "");
	if (successor && to < 0)
		what = HASWITCH_MOVE_ANSWER_NO_NODE;
	else if (slot < HASW_VOTE_LEASES && v->lease[slot].here)
		what = ask(v, slot, to);
	/* "No lease" would be a guess while the module does not say which leases there are. */
	if (what == HASWITCH_MOVE_ANSWER_NO_LEASE && v->look)
		log_warning("lease %s: the user who asked to move it gets no answer: the module does not tell its leases now", lease);
	else
		answer(v, lease, what);
}

/* Returns whether the module of a node would refuse a lease, as far as this agent knows. */
static bool refuses(const struct vote *v, unsigned int slot, unsigned int id)
{
	return id == v->map.self ? !vote_may(v, slot, id) : vote_away(v, slot, id);
}

/*
 * Handles VOTE_WORD_GOES: the named node asks the voters for the lease at once, and the other nodes ask
 * later. A node that is away can be named nevertheless: by an agent of an earlier release, or before it was heard.
 * Nobody waits for it then.
 */
static void heir(struct vote *v, unsigned int slot, unsigned int from,
		 const struct vote_word *word)
{
	struct vote_lease *l = lease_of(v, slot);
	uint64_t now = clock_now();

	/* Ignore a message that is late, or whose sender does not hold the lease. */
	if (word->node >= v->map.n || word->epoch < l->top ||
	    (l->holder >= 0 && l->holder != (int)from && now < l->claimed))
		return;
	if (refuses(v, slot, word->node)) {
		if (word->node == v->map.self && vote_away(v, slot, word->node))
			vote_away_say(v, slot);
		return;
	}
	name(v, slot, word->node, word->epoch, now);
	l->heir.leaves = word->answer ? 1U << from : 0;
	if (word->node == v->map.self)
		hasw_seat_take(&v->seat, slot, now);
	else
		hasw_seat_defer(&v->seat, slot, now, l->heir.until);
}

/*
 * Returns whether all nodes that are heard and are no witnesses know that this node holds the lease. Nobody waits for a
 * node that leaves: its agent may end before it answers, and what its machine serves as a member ends with it.
 */
static bool all_know(const struct vote *v, unsigned int slot)
{
	unsigned int id;

	for (id = 0; id < v->map.n; id++)
		if (id != v->map.self && !vote_witness(v, id) &&
		    vote_hears(v, id) && !((v->lease[slot].heir.known | v->lease[slot].heir.leaves) >> id & 1))
			return false;
	return true;
}

static void known(struct vote *v, unsigned int slot, unsigned int from,
		  const struct vote_word *word)
{
	struct vote_lease *l = lease_of(v, slot);

	if (!l->heir.grant_at || word->epoch != l->epoch)
		return;
	l->heir.known |= 1U << from;
	if (all_know(v, slot))
		vote_grant(v, slot, true);
}

static void wish(struct vote *v, unsigned int slot, unsigned int from,
		 const struct vote_word *word)
{
	int to = word->node == VOTE_WORD_NOBODY ? -1 : word->node;
	struct vote_word reply = *word;

	log_notice("lease %s: %s asks to move it%s%s", lease_of(v, slot)->name,
		   v->map.names[from], to < 0 ? "" : " to ",
		   to < 0 ? "" : (unsigned int)to < v->map.n ? v->map.names[to] : "?");
	reply.kind = VOTE_WORD_ANSWER;
	reply.answer = (uint8_t)vote_move(v, slot, to);
	vote_send_word(v, from, &reply);
}

/**
 * vote_words_heard - handle a peer's messages about planned moves
 * @v:		the vote; the caller then calls vote_flush()
 * @from:	id of the peer
 * @data:	the messages
 * @size:	size of @data in bytes
 */
void vote_words_heard(struct vote *v, unsigned int from, const uint8_t *data,
		      size_t size)
{
	struct vote_word word;
	unsigned int slot;
	size_t at = 0, took;

	while ((took = vote_word_get(data + at, size - at, &word))) {
		at += took;
		slot = vote_find(v, word.lease);
		if (slot == HASW_VOTE_LEASES || !v->lease[slot].here)
			continue;
		if (word.kind == VOTE_WORD_GOES)
			heir(v, slot, from, &word);
		else if (word.kind == VOTE_WORD_KNOWN)
			known(v, slot, from, &word);
		else if (word.kind == VOTE_WORD_WISH)
			wish(v, slot, from, &word);
		else if (word.kind == VOTE_WORD_ANSWER)
			answer(v, v->lease[slot].name, word.answer);
		else if (word.kind == VOTE_WORD_AWAY)
			vote_away_heard(v, slot, from, word.answer);
	}
}

/**
 * vote_named - return whether this node is named as the next holder of a lease
 * @v:		the vote
 * @slot:	slot of the lease
 * @now:	current time, ns
 *
 * Return: yes or no; no when the head start of this node has ended
 */
bool vote_named(const struct vote *v, unsigned int slot, uint64_t now)
{
	const struct vote_heir *heir = &v->lease[slot].heir;

	return heir->node == (int)v->map.self && now < heir->until;
}

/**
 * vote_hold_back - tell the peers that this node holds a lease, and delay the grant to the
 * module until they know
 * @v:		the vote; the caller then calls vote_flush()
 * @slot:	slot of the lease, which was released for this node
 * @now:	current time, ns
 *
 * The module forwards its queued packets as soon as it holds the lease. A member accepts
 * these packets only from a node that the member knows as the holder. So the peers are told
 * of the grant before the module gets it. Until the module has the grant, no node serves
 * the lease's vips. The delay does not extend the deadline of the grant.
 */
void vote_hold_back(struct vote *v, unsigned int slot, uint64_t now)
{
	struct vote_lease *l = lease_of(v, slot);

	if (!l->here || !v->sock.open)
		return;
	l->heir.known = 0;
	if (all_know(v, slot))
		return;
	l->heir.grant_at = now + KNOWN_TIME;
	v->claim = true;
}

/**
 * vote_inherited - handle another node's claim of a lease, after the caller has passed the
 * claim to this node's module
 * @v:		the vote; the caller then calls vote_flush()
 * @slot:	slot of the lease
 * @from:	id of the other node
 * @epoch:	epoch of the other node's grant
 */
void vote_inherited(struct vote *v, unsigned int slot, unsigned int from,
		    uint64_t epoch)
{
	struct vote_lease *l = lease_of(v, slot);
	struct vote_word word = {
		.kind = VOTE_WORD_KNOWN, .node = VOTE_WORD_NOBODY,
		.lease = v->seat.lease[slot].number, .epoch = epoch,
	};

	if (l->heir.node < 0 || epoch <= l->heir.epoch)
		return;
	if (l->heir.node == (int)from)
		vote_send_word(v, from, &word);
	l->heir.node = -1;
}

/**
 * vote_move_wake - return when vote_move_tick() must be called next
 * @v:	the vote
 *
 * Return: the time, ns; UINT64_MAX for never
 */
uint64_t vote_move_wake(const struct vote *v)
{
	uint64_t wake = UINT64_MAX;
	unsigned int slot;

	for (slot = 0; slot < v->seat.n; slot++) {
		uint64_t at = v->lease[slot].heir.grant_at;

		if (at && at < wake)
			wake = at;
	}
	return wake;
}

/**
 * vote_move_tick - pass to the module the grants that were held back for long enough
 * @v:		the vote; the caller then calls vote_flush()
 * @now:	current time, ns
 *
 * Return: whether there was one; the module may have been slow to take it
 */
bool vote_move_tick(struct vote *v, uint64_t now)
{
	bool any = false;
	unsigned int slot;

	for (slot = 0; slot < v->seat.n; slot++)
		if (v->lease[slot].heir.grant_at &&
		    now >= v->lease[slot].heir.grant_at) {
			vote_grant(v, slot, true);
			any = true;
		}
	return any;
}
