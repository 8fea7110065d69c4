// SPDX-License-Identifier: GPL-2.0
/*
 * Packets between the agents that vote: voting messages, claims and their repetitions, and messages about planned
 * moves. By a claim, a node states that it holds a lease.
 */
#include <string.h>

#include "haagentd/bytes.h"
#include "haagentd/clock.h"
#include "haagentd/log.h"
#include "vote.h"
#include "vote_wire.h"

#define DIFFERS		CLOCK_SECOND	/* how long hashes can differ while nodes adopt another voter set */
#define SEND_AGAIN	(100 * CLOCK_MS)

/*
 * A record begins with a hash, which must be equal on both nodes (@agree of struct
 * vote), and with the number of the record.
 */
#define RECORD_AGREE	0
#define RECORD_NUMBER	8
#define RECORD_HEAD	16

static size_t seal(struct vote *v, uint16_t type, uint8_t *data, size_t size,
		   uint8_t *to, size_t room)
{
	struct wire_record record = { .type = type, .data = data, .size = size };

	bytes_put(data + RECORD_AGREE, v->agree, 8);
	bytes_put(data + RECORD_NUMBER, ++v->number, 8);
	return wire_record_put(&record, to, room);
}

/**
 * vote_peer_at - look up a peer by its id
 * @v:	the vote
 * @id:	id of the peer
 *
 * Return: the peer; NULL for this node, or if no peer has the id
 */
struct cluster_peer *vote_peer_at(const struct vote *v, unsigned int id)
{
	unsigned int i = v->peer_index[id];

	/* Peers can have been added or removed since. */
	if (i < v->cluster->n_peers && !strcmp(v->cluster->peers[i].conf.name, v->map.names[id]))
		return &v->cluster->peers[i];
	return cluster_peer(v->cluster, v->map.names[id]);
}

/**
 * vote_peer_reset - discard the queued messages and the state of a peer
 * @v:	the vote
 * @id:	id of the peer
 */
void vote_peer_reset(struct vote *v, unsigned int id)
{
	v->peer[id] = (struct vote_peer){
		.size = RECORD_HEAD, .moves_size = RECORD_HEAD,
	};
}

/* Writes a record of a type that this release does not define. Only a test build does so. Return: its length. */
static size_t seal_later(struct vote *v, uint8_t *to, size_t room)
{
	uint8_t data[RECORD_HEAD + 1] = { 0 };

	return WIRE_LATER ? seal(v, WIRE_RECORD_LATER, data, sizeof(data), to, room) : 0;
}

/* Sends the waiting messages and claims to a peer, in one packet. Return: number of claims in it. */
static unsigned int send_to(struct vote *v, unsigned int id, uint64_t now)
{
	uint8_t claims[WIRE_RECORDS_MAX], out[WIRE_RECORDS_MAX];
	struct cluster_peer *to = vote_peer_at(v, id);
	struct vote_peer *peer = &v->peer[id];
	size_t size = seal_later(v, out, sizeof(out) - peer->size - 4), n = 0, votes = 0;

	/* The header of a record has 4 bytes. */
	if (peer->size > RECORD_HEAD)
		votes = peer->size + 4;
	/* Claims stand first: by them the receiver knows the newest ones when its replies leave with what it repeats. */
	if (size + votes + RECORD_HEAD + 4 < sizeof(out))
		n = vote_claims(v, &peer->claim_at, claims + RECORD_HEAD,
				sizeof(out) - size - votes - RECORD_HEAD - 4);
	if (n)
		size += seal(v, WIRE_RECORD_CLAIMS, claims, RECORD_HEAD + n,
			     out + size, sizeof(out) - size);
	if (votes)
		size += seal(v, WIRE_RECORD_VOTES, peer->out, peer->size,
			     out + size, sizeof(out) - size);
	peer->size = RECORD_HEAD;
	if (size && to)
		cluster_send_records(v->cluster, to, out, size, now);
	return (unsigned int)(n / VOTE_CLAIM);
}

static void send_moves(struct vote *v, unsigned int id, uint64_t now)
{
	struct vote_peer *peer = &v->peer[id];
	uint8_t out[WIRE_RECORDS_MAX];
	struct cluster_peer *to;
	size_t size;

	if (peer->moves_size == RECORD_HEAD)
		return;
	to = vote_peer_at(v, id);
	size = seal(v, WIRE_RECORD_MOVES, peer->moves, peer->moves_size, out,
		    sizeof(out));
	peer->moves_size = RECORD_HEAD;
	if (size && to)
		cluster_send_records(v->cluster, to, out, size, now);
}

/*
 * Repeats other nodes' claims to a peer that misses some, by one packet in about one renewal interval: what is repeated
 * lasts for two at least. Where all nodes hear all holders, nothing is sent.
 */
static void send_repeats(struct vote *v, unsigned int id, uint64_t now)
{
	uint8_t repeats[WIRE_RECORDS_MAX], out[WIRE_RECORDS_MAX];
	struct cluster_peer *to = vote_peer_at(v, id);
	struct vote_peer *peer = &v->peer[id];
	size_t size;

	if (!to || !to->misses || !vote_hears(v, id) || now + v->t.renew / 2 < peer->repeated + v->t.renew)
		return;
	/* The header of a record has 4 bytes. */
	size = vote_repeats(v, id, repeats + RECORD_HEAD, sizeof(out) - RECORD_HEAD - 4);
	if (!size)
		return;
	peer->repeated = now;
	size = seal(v, WIRE_RECORD_REPEATS, repeats, RECORD_HEAD + size, out, sizeof(out));
	cluster_send_records(v->cluster, to, out, size, now);
}

/**
 * vote_send_word - queue a message about a planned move
 * @v:		the vote; the caller then calls vote_flush()
 * @id:		id of the receiver, another node
 * @word:	the message
 */
void vote_send_word(struct vote *v, unsigned int id, const struct vote_word *word)
{
	struct vote_peer *peer = &v->peer[id];
	/* The header of a record has 4 bytes. */
	size_t room = sizeof(peer->moves) - 4;

	if (peer->moves_size + VOTE_WIRE_WORD > room)
		send_moves(v, id, clock_now());
	peer->moves_size += vote_word_put(word, peer->moves + peer->moves_size,
					  room - peer->moves_size);
}

/*
 * Sends all queued messages to a peer. Messages about planned moves are sent first, because they tell the peer which
 * node will ask the voters next. Claims of all leases are due once per renewal interval. All leases are renewed at
 * the same times, and vote_send() then has the claims sent together with the renewals, so that they need no packet of
 * their own. A node that holds a lease without renewals sends them nevertheless, a little later.
 */
static void send_queued(struct vote *v, unsigned int id, unsigned int held, uint64_t now)
{
	struct vote_peer *peer = &v->peer[id];
	bool due = held && (v->claim || now >= peer->claimed + v->t.renew + v->t.renew / 4);
	unsigned int told, n;

	send_moves(v, id, now);
	if (!due && peer->size == RECORD_HEAD)
		return;
	told = send_to(v, id, now);
	while (due && told < held && (n = send_to(v, id, now)))
		told += n;
	if (told >= held)
		peer->claimed = now;
}

/* A question whose answer has not come within this time, ns, is no longer waited for. */
#define ASKED_LONG_AGO (2 * CLOCK_SECOND)

/* Notes when a question is sent, so that its answer tells the round trip. One question at a time is measured by. */
static void note_question(struct vote_peer *peer, const struct hasw_vote_msg *m, uint64_t now)
{
	if (peer->asked && now - peer->asked < ASKED_LONG_AGO)
		return;
	peer->asked = now;
	peer->question = m->sequence;
}

/* A voter's answer echoes the number of the question. Other copies of it were dropped before. */
static void note_answer(struct vote_peer *peer, const struct hasw_vote_msg *m, uint64_t now)
{
	uint64_t took = now - peer->asked;

	if (m->answer == HASW_VOTE_ASK || !peer->asked || m->sequence != peer->question)
		return;
	peer->asked = 0;
	peer->measured = now;
	peer->round_trip = peer->round_trip ? (7 * peer->round_trip + took) / 8 : took;
}

/**
 * vote_send - queue a voting message
 * @v:	the vote; the caller then calls vote_flush()
 * @to:	id of the receiver, which can be this node
 * @m:	the message
 */
void vote_send(struct vote *v, unsigned int to, const struct hasw_vote_msg *m)
{
	struct vote_peer *peer;
	size_t size;

	/* A message cannot hold a set with the names of its nodes, so the set is sent as a record of its own. */
	if (to != v->map.self && m->type == HASW_VOTE_SET && m->answer == HASW_VOTE_ASK) {
		vote_sets_ask(v, to, m);
		return;
	}
	if (to >= v->map.n)
		return;
	if (m->type == HASW_VOTE_COMMITTED) {
		vote_sets_send(v, to);
		return;
	}
	if (m->type == HASW_VOTE_GRANT && m->answer == HASW_VOTE_ASK)
		v->claim = true;
	/* If the ring buffer is full, the message is dropped. The voting rules allow for lost messages. */
	if (to == v->map.self) {
		if (v->self_n < VOTE_SELF_ROOM)
			v->self[(v->self_at + v->self_n++) % VOTE_SELF_ROOM] = *m;
		return;
	}
	/*
	 * A RELEASE is repeated until a majority has acked it. With each RELEASE, a second message tells the peer
	 * which node is named as the next holder.
	 */
	if (m->type == HASW_VOTE_RELEASE && m->answer == HASW_VOTE_ASK)
		vote_goes_to(v, vote_slot(v, m->lease), to);
	if (m->type == HASW_VOTE_RECOVER && m->answer != HASW_VOTE_ASK && m->acked)
		vote_sets_acked(v, to);
	peer = &v->peer[to];
	if (m->answer == HASW_VOTE_ASK && m->type != HASW_VOTE_RESIGNED)
		note_question(peer, m, clock_now());
	/* The header of a record has 4 bytes. */
	size = vote_wire_put(m, peer->out + peer->size,
			     sizeof(peer->out) - 4 - peer->size);
	if (!size) {
		send_to(v, to, clock_now());
		size = vote_wire_put(m, peer->out + peer->size,
				     sizeof(peer->out) - 4 - peer->size);
	}
	peer->size += size;
}

/**
 * vote_flush - send the messages that the voting rules have queued
 * @v:	the vote
 *
 * Messages of this node to itself are handled first, because they queue further messages.
 * Then each peer gets its messages for all leases in one packet. A node without a vote gets
 * claims when voters get questions. Without questions, claims leave a quarter of the renewal
 * interval later.
 */
void vote_flush(struct vote *v)
{
	unsigned int id, held;
	uint64_t now;

	while (v->self_n) {
		struct hasw_vote_msg m = v->self[v->self_at];

		v->self_at = (v->self_at + 1) % VOTE_SELF_ROOM;
		v->self_n--;
		hasw_seat_hear(&v->seat, clock_now(), (uint8_t)v->map.self, &m);
	}
	vote_config_stopped(v);
	/* A message of this node to itself can have made it ack a set, or adopt a committed set. */
	vote_sets_keep(v);
	vote_sets_follow(v);
	if (!v->begun)
		return;
	now = clock_now();
	held = vote_holds(v, now);
	for (id = 0; id < v->map.n; id++)
		if (id != v->map.self)
			send_queued(v, id, held, now);
	v->claim = false;
	if (now >= v->repeat_look) {
		v->repeat_look = now + v->t.renew / 4;
		for (id = 0; id < v->map.n; id++)
			if (id != v->map.self)
				send_repeats(v, id, now);
	}
	vote_plan(v);
}

/*
 * Notes the number of a received record. Return: whether the record is new. A record
 * arrives on every path, and only its first copy is used.
 */
static bool is_new(struct vote_peer *peer, const struct cluster_peer *from,
		   uint64_t number)
{
	uint64_t behind;

	if (memcmp(peer->life, from->session.rx_id, WIRE_SESSION)) {
		memcpy(peer->life, from->session.rx_id, WIRE_SESSION);
		peer->top = 0;
		peer->window = 0;
	}
	if (number > peer->top) {
		behind = number - peer->top;
		peer->window = behind < 64 ? peer->window << behind | 1 : 1;
		peer->top = number;
		return true;
	}
	behind = peer->top - number;
	if (behind >= 64 || peer->window >> behind & 1)
		return false;
	peer->window |= UINT64_C(1) << behind;
	return true;
}

static void take_votes(struct vote *v, unsigned int from, const uint8_t *data,
		       size_t size)
{
	struct hasw_vote_msg m;
	unsigned int slot, n;
	size_t at = 0, took;
	uint64_t now;

	while ((took = vote_wire_get(data + at, size - at, &m))) {
		at += took;
		now = clock_now();
		note_answer(&v->peer[from], &m, now);
		if (m.type == HASW_VOTE_TYPES || m.type == HASW_VOTE_COMMITTED ||
		    (m.type == HASW_VOTE_SET && m.answer == HASW_VOTE_ASK) ||
		    (m.type == HASW_VOTE_RECOVER &&
		     (m.answer == HASW_VOTE_EMPTY || m.answer == HASW_VOTE_BEGUN) &&
		     vote_sets_foreign(v)))
			continue;
		n = v->seat.n;
		slot = hasw_seat_of_node(&m) ? 0 : vote_slot(v, m.lease);
		if (slot >= n && slot < HASW_VOTE_LEASES)
			hasw_seat_begin(&v->seat, slot, now, 0, 0, 0);
		hasw_seat_hear(&v->seat, now, (uint8_t)from, &m);
	}
}

static void report_mismatch(const struct vote *v, const struct cluster_peer *peer,
			    uint64_t agree)
{
	enum hasw_vote_profile profile = vote_map_profile(&v->map, &v->t, agree);

	if (profile < HASW_VOTE_PROFILES)
		log_error("%s: its file has profile = \"%s\", and the one here has \"%s\", so neither counts the other's votes; the two must be the same",
			  peer->conf.name, profile_of(profile)->name,
			  profile_of(v->profile)->name);
	else
		log_error("%s: its file names other nodes or another longest lease than the one here, so neither counts the other's votes; the two must be the same",
			  peer->conf.name);
}

/*
 * Handles a record whose hash differs from this node's hash. Its votes are ignored. The hashes differ briefly while
 * nodes adopt another voter set.
 */
static void differs(struct vote *v, unsigned int id, const struct cluster_peer *peer, uint64_t agree)
{
	struct vote_peer *from = &v->peer[id];
	uint64_t now = clock_now();

	if (!from->differs)
		from->differs = now;
	if (now >= from->set_told + SEND_AGAIN) {
		from->set_told = now;
		vote_sets_send(v, id);
	}
	if (from->told || now < from->differs + DIFFERS)
		return;
	report_mismatch(v, peer, agree);
	from->told = true;
}

/**
 * vote_said - handle a peer's record about leases or the voter set
 * @v:		the vote
 * @peer:	the peer
 * @record:	the record
 */
void vote_said(struct vote *v, struct cluster_peer *peer,
	       const struct wire_record *record)
{
	struct vote_peer *from;
	uint64_t agree;
	int id;

	vote_sets_said(v, peer, record);
	vote_config_said(v, peer, record);
	if (!v->begun || record->size < RECORD_HEAD ||
	    (record->type != WIRE_RECORD_VOTES &&
	     record->type != WIRE_RECORD_CLAIMS &&
	     record->type != WIRE_RECORD_MOVES &&
	     record->type != WIRE_RECORD_REPEATS))
		return;
	id = vote_map_id(&v->map, peer->conf.name);
	if (id < 0)
		return;
	from = &v->peer[id];
	agree = bytes_get(record->data + RECORD_AGREE, 8);
	/*
	 * A node that has not received the last change of the voter set yet sends the previous hash. It uses the same
	 * node ids as this node, so its votes count.
	 */
	if (agree != v->agree && (!v->sets.before || agree != v->sets.before)) {
		differs(v, (unsigned int)id, peer, agree);
		return;
	}
	from->differs = 0;
	from->told = false;
	if (!is_new(from, peer, bytes_get(record->data + RECORD_NUMBER, 8)))
		return;
	if (record->type == WIRE_RECORD_VOTES)
		take_votes(v, (unsigned int)id, record->data + RECORD_HEAD,
			   record->size - RECORD_HEAD);
	else if (record->type == WIRE_RECORD_CLAIMS)
		vote_claimed(v, (unsigned int)id, record->data + RECORD_HEAD,
			     record->size - RECORD_HEAD);
	else if (record->type == WIRE_RECORD_REPEATS)
		vote_repeated(v, (unsigned int)id, record->data + RECORD_HEAD,
			      record->size - RECORD_HEAD);
	else
		vote_words_heard(v, (unsigned int)id, record->data + RECORD_HEAD,
				 record->size - RECORD_HEAD);
	/* By claims this node waits longer at most. What they have it send is queued for the holder. */
	if (record->type != WIRE_RECORD_CLAIMS || from->moves_size != RECORD_HEAD)
		vote_flush(v);
}
