// SPDX-License-Identifier: GPL-2.0
/* Sessions: who is believed, and that nobody else ever is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "haagentd/peer/session.h"

/* One end of a pair: its own life, and what it knows of the other. */
struct end {
	struct session_self self;
	struct session peer;
};

static struct key_ring shared;

static void end_begin(struct end *e, const char *name, const char *peer)
{
	session_self_init(&e->self, &shared, name);
	session_init(&e->peer, peer);
}

static enum session_result take(struct end *e, const uint8_t *packet,
				struct wire_header *h, struct wire_body *body)
{
	assert_int_equal(wire_header_decode(packet, WIRE_PACKET, h), WIRE_OK);
	return session_open(&e->self, &e->peer, packet, WIRE_PACKET, h, body, NULL);
}

static enum session_result take_only(struct end *e, const uint8_t *packet)
{
	struct wire_header h;
	struct wire_body body;

	return take(e, packet, &h, &body);
}

static void beat(struct end *from, uint8_t packet[WIRE_PACKET])
{
	struct wire_body body = { 0 };

	assert_true(from->peer.known);
	session_seal_beat(&from->self, &from->peer, &body, packet);
}

static void hello(struct end *from, uint8_t packet[WIRE_PACKET])
{
	struct wire_body body = { 0 };

	session_seal_hello(&from->self, &from->peer, NULL, &body, packet);
}

/* What a sniffer sees of a whole handshake, a having spoken first. */
struct tape {
	uint8_t hello[WIRE_PACKET];	/* a to b */
	uint8_t answer[WIRE_PACKET];	/* b to a */
	uint8_t proof[WIRE_PACKET];	/* a to b */
	uint8_t beat[WIRE_PACKET];	/* b to a */
};

static void meet(struct end *a, struct end *b, struct tape *t)
{
	struct wire_body in, out = { 0 };
	struct wire_header h;

	hello(a, t->hello);
	assert_int_equal(take(b, t->hello, &h, &in), SESSION_HELLO);
	session_seal_hello(&b->self, &b->peer, &h, &out, t->answer);
	assert_int_equal(take(a, t->answer, &h, &in), SESSION_HELLO);
	session_seal_proof(&a->self, &a->peer, &h, &in, &out, t->proof);
	assert_int_equal(take_only(b, t->proof), SESSION_NEW);
	beat(b, t->beat);
	assert_int_equal(take_only(a, t->beat), SESSION_NEW);
}

static void two_meet(void **state)
{
	struct end a, b;
	struct tape t;
	uint8_t packet[WIRE_PACKET];
	int i;

	(void)state;
	end_begin(&a, "a", "b");
	end_begin(&b, "b", "a");
	meet(&a, &b, &t);
	for (i = 0; i < 10000; i++) {
		beat(&a, packet);
		assert_int_equal(take_only(&b, packet), SESSION_BEAT);
		beat(&b, packet);
		assert_int_equal(take_only(&a, packet), SESSION_BEAT);
	}
}

/* Put back to a snapshot, an agent counts the same numbers again. */
static void snapshot_repeats_no_nonce(void **state)
{
	uint8_t one[WIRE_PACKET], other[WIRE_PACKET];
	struct wire_header h, again;
	struct end a, b, snapshot;
	struct wire_body body;
	struct tape t;

	(void)state;
	end_begin(&a, "a", "b");
	end_begin(&b, "b", "a");
	meet(&a, &b, &t);
	snapshot = a;
	beat(&a, one);
	beat(&snapshot, other);
	assert_int_equal(take(&b, one, &h, &body), SESSION_BEAT);
	assert_int_equal(take(&b, other, &again, &body), SESSION_REPLAYED);
	assert_true(h.counter == again.counter);
	assert_memory_not_equal(h.salt, again.salt, WIRE_SALT);
	assert_memory_not_equal(one + WIRE_HEADER, other + WIRE_HEADER, WIRE_BODY);
	/* The salt is under the seal, too. */
	beat(&a, one);
	one[WIRE_HEADER - 1] ^= 1;
	assert_int_equal(take_only(&b, one), SESSION_FORGED);
}

static void both_start_at_once(void **state)
{
	uint8_t from_a[WIRE_PACKET], from_b[WIRE_PACKET];
	uint8_t to_a[WIRE_PACKET], to_b[WIRE_PACKET];
	struct wire_body in_a, in_b, out = { 0 };
	struct wire_header ha, hb;
	struct end a, b;

	(void)state;
	end_begin(&a, "a", "b");
	end_begin(&b, "b", "a");
	hello(&a, from_a);
	hello(&b, from_b);
	assert_int_equal(take(&b, from_a, &hb, &in_b), SESSION_HELLO);
	assert_int_equal(take(&a, from_b, &ha, &in_a), SESSION_HELLO);
	session_seal_hello(&b.self, &b.peer, &hb, &out, to_a);
	session_seal_hello(&a.self, &a.peer, &ha, &out, to_b);
	assert_int_equal(take(&a, to_a, &ha, &in_a), SESSION_HELLO);
	assert_int_equal(take(&b, to_b, &hb, &in_b), SESSION_HELLO);
	session_seal_proof(&a.self, &a.peer, &ha, &in_a, &out, to_b);
	session_seal_proof(&b.self, &b.peer, &hb, &in_b, &out, to_a);
	assert_int_equal(take_only(&b, to_b), SESSION_NEW);
	assert_int_equal(take_only(&a, to_a), SESSION_NEW);
	beat(&a, to_b);
	assert_int_equal(take_only(&b, to_b), SESSION_BEAT);
	beat(&b, to_a);
	assert_int_equal(take_only(&a, to_a), SESSION_BEAT);
}

static void each_packet_counts_once(void **state)
{
	uint8_t tape[SESSION_WINDOW + 10][WIRE_PACKET];
	struct end a, b;
	struct tape t;
	int i;

	(void)state;
	end_begin(&a, "a", "b");
	end_begin(&b, "b", "a");
	meet(&a, &b, &t);
	assert_int_equal(take_only(&b, t.proof), SESSION_REPLAYED);
	for (i = 0; i < SESSION_WINDOW + 10; i++)
		beat(&a, tape[i]);

	/* Newest first: what is within the window still counts, once. */
	for (i = SESSION_WINDOW + 9; i >= 10; i--)
		assert_int_equal(take_only(&b, tape[i]), SESSION_BEAT);
	for (i = 0; i < SESSION_WINDOW + 10; i++)
		assert_int_equal(take_only(&b, tape[i]), SESSION_REPLAYED);
}

static void any_flipped_bit_is_noticed(void **state)
{
	uint8_t good[WIRE_PACKET], bad[WIRE_PACKET];
	enum session_result got;
	struct wire_header h;
	struct wire_body body;
	struct end a, b;
	struct tape t;
	unsigned int bit;

	(void)state;
	end_begin(&a, "a", "b");
	end_begin(&b, "b", "a");
	meet(&a, &b, &t);
	beat(&a, good);
	for (bit = 0; bit < 8 * WIRE_PACKET; bit++) {
		struct end before = b;

		memcpy(bad, good, sizeof(bad));
		bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (wire_header_decode(bad, sizeof(bad), &h))
			continue;
		got = session_open(&b.self, &b.peer, bad, sizeof(bad), &h, &body, NULL);
		assert_in_range(got, SESSION_OTHER_KEY, SESSION_MALFORMED);
		assert_memory_equal(&before, &b, sizeof(b));
	}
	assert_int_equal(take_only(&b, good), SESSION_BEAT);
}

static void another_key_is_named_as_such(void **state)
{
	uint8_t bytes[KEY_BYTES], packet[WIRE_PACKET];
	struct key_ring other = { .n = 1 };
	struct end a, b;

	(void)state;
	end_begin(&b, "b", "a");
	randombytes_buf(bytes, sizeof(bytes));
	key_from_bytes(&other.key[0], bytes);
	session_self_init(&a.self, &other, "a");
	session_init(&a.peer, "b");
	hello(&a, packet);
	assert_int_equal(take_only(&b, packet), SESSION_OTHER_KEY);

	/* One that claims the right key's id is a forger. */
	a.self.keys.key[0].id = shared.key[0].id;
	hello(&a, packet);
	assert_int_equal(take_only(&b, packet), SESSION_FORGED);
	assert_false(b.peer.known);
}

static void talk(struct end *from, struct end *to, uint32_t key_id)
{
	uint8_t packet[WIRE_PACKET];
	struct wire_body body;
	struct wire_header h;

	beat(from, packet);
	assert_int_equal(take(to, packet, &h, &body), SESSION_BEAT);
	assert_int_equal(h.key_id, key_id);
}

/* Both change keys while they talk, one step after the other: nothing is ever refused. */
static void keys_change_without_a_gap(void **state)
{
	uint8_t bytes[KEY_BYTES], late[WIRE_PACKET];
	struct key_ring both = shared, newer = { .n = 1 };
	uint32_t old_id = shared.key[0].id, new_id;
	struct wire_body in, out = { 0 };
	struct wire_header h;
	struct end a, b, c;
	struct tape t;
	int tries;

	(void)state;
	randombytes_buf(bytes, sizeof(bytes));
	key_from_bytes(&newer.key[0], bytes);
	new_id = newer.key[0].id;
	both.key[both.n++] = newer.key[0];
	end_begin(&a, "a", "b");
	end_begin(&b, "b", "a");
	meet(&a, &b, &t);

	a.self.keys = both;
	talk(&a, &b, old_id);
	talk(&b, &a, old_id);
	b.self.keys = both;
	/* a does not know it yet, and b does. */
	talk(&b, &a, new_id);
	beat(&a, late);
	talk(&a, &b, new_id);
	a.self.keys = newer;
	talk(&a, &b, new_id);
	talk(&b, &a, new_id);
	assert_int_equal(take_only(&b, late), SESSION_BEAT);
	b.self.keys = newer;
	talk(&a, &b, new_id);
	talk(&b, &a, new_id);
	assert_int_equal(take_only(&a, t.beat), SESSION_OTHER_KEY);

	/* Who starts anew with two keys meets who has either. */
	shared = both;
	end_begin(&c, "a", "b");
	shared.n = 1;
	/* By chance: sooner or later it is the one that the other has. */
	for (tries = 0; tries < 100; tries++) {
		hello(&c, late);
		if (take_only(&b, late) == SESSION_HELLO)
			break;
	}
	assert_true(tries < 100);
	/* And who answers a hello has to use the key that it came with. */
	hello(&b, late);
	assert_int_equal(take(&c, late, &h, &in), SESSION_HELLO);
	session_seal_hello(&c.self, &c.peer, &h, &out, late);
	assert_int_equal(take(&b, late, &h, &in), SESSION_HELLO);
	session_seal_proof(&b.self, &b.peer, &h, &in, &out, late);
	assert_int_equal(take_only(&c, late), SESSION_NEW);
	beat(&c, late);
	assert_int_equal(take_only(&b, late), SESSION_NEW);
	talk(&c, &b, new_id);
	end_begin(&b, "b", "a");
	end_begin(&a, "a", "b");
	a.self.keys = both;
	/* What is remembered of an earlier life of the other is not used. */
	a.peer.newest_key = new_id;
	for (tries = 0; tries < 100; tries++) {
		hello(&a, late);
		if (take_only(&b, late) == SESSION_HELLO)
			break;
	}
	assert_true(tries < 100);
	hello(&b, late);
	assert_int_equal(take(&a, late, &h, &in), SESSION_HELLO);
	session_seal_hello(&a.self, &a.peer, &h, &out, late);
	assert_int_equal(take_only(&b, late), SESSION_HELLO);
	assert_int_equal(shared.key[0].id, old_id);
}

/* What a later release may send is left alone, and is no forgery; nor is it a sign of life. */
static void later_types_are_skipped(void **state)
{
	uint8_t packet[WIRE_PACKET];
	struct session before;
	struct end a, b;
	struct tape t;

	(void)state;
	end_begin(&a, "a", "b");
	end_begin(&b, "b", "a");
	hello(&a, packet);
	packet[5] = 9;
	before = b.peer;
	assert_int_equal(take_only(&b, packet), SESSION_OLD);
	assert_memory_equal(&before, &b.peer, sizeof(before));
	meet(&a, &b, &t);
	beat(&a, packet);
	/* The type is covered by the seal, so it cannot be changed under way. */
	packet[5] = 9;
	assert_int_equal(take_only(&b, packet), SESSION_FORGED);
	session_seal_later(&a.self, &a.peer, 9, packet);
	assert_int_equal(take_only(&b, packet), SESSION_LATER);
	assert_int_equal(take_only(&b, packet), SESSION_REPLAYED);
}

/* A recording of the whole of an earlier life must bring nobody back. */
static void recordings_of_the_dead(void **state)
{
	struct tape first, second, third;
	uint8_t old_beats[50][WIRE_PACKET], old_answers[50][WIRE_PACKET];
	struct end a, b;
	int i;

	(void)state;
	end_begin(&a, "a", "b");
	end_begin(&b, "b", "a");
	meet(&a, &b, &first);
	for (i = 0; i < 50; i++) {
		beat(&a, old_beats[i]);
		assert_int_equal(take_only(&b, old_beats[i]), SESSION_BEAT);
		beat(&b, old_answers[i]);
	}

	/* a lives again, while b goes on. */
	end_begin(&a, "a", "b");
	meet(&a, &b, &second);
	for (i = 0; i < 50; i++) {
		assert_int_equal(take_only(&b, old_beats[i]), SESSION_OLD);
		assert_int_equal(take_only(&a, old_answers[i]), SESSION_OLD);
	}
	assert_int_equal(take_only(&b, first.proof), SESSION_OLD);
	assert_int_equal(take_only(&a, first.answer), SESSION_OLD);

	/* And once more: the first life is forgotten, and still not believed. */
	end_begin(&a, "a", "b");
	meet(&a, &b, &third);
	for (i = 0; i < 50; i++)
		assert_int_equal(take_only(&b, old_beats[i]), SESSION_FORGED);
	assert_int_equal(take_only(&b, first.proof), SESSION_FORGED);
	assert_int_equal(take_only(&b, second.proof), SESSION_OLD);

	/* Nor after b has lived again. */
	end_begin(&b, "b", "a");
	for (i = 0; i < 50; i++)
		assert_int_equal(take_only(&b, old_beats[i]), SESSION_OLD);
	assert_int_equal(take_only(&b, third.proof), SESSION_OLD);
	assert_false(b.peer.known);
}

/* A recorded hello gets an answer, but takes nothing from the life that is. */
static void recorded_hello_does_no_harm(void **state)
{
	struct wire_body in, out = { 0 };
	uint8_t packet[WIRE_PACKET], again[WIRE_PACKET];
	struct tape first, second;
	struct wire_header h;
	struct end a, b;

	(void)state;
	end_begin(&a, "a", "b");
	end_begin(&b, "b", "a");
	meet(&a, &b, &first);
	end_begin(&a, "a", "b");
	meet(&a, &b, &second);
	assert_int_equal(take(&b, first.hello, &h, &in), SESSION_HELLO);
	session_seal_hello(&b.self, &b.peer, &h, &out, again);
	/* The attacker has the token now, but cannot use it without the key. */
	assert_int_equal(take_only(&b, first.proof), SESSION_OLD);
	beat(&a, packet);
	assert_int_equal(take_only(&b, packet), SESSION_BEAT);
	beat(&b, packet);
	assert_int_equal(take_only(&a, packet), SESSION_BEAT);
	/* To a, b's answer to the dead session says nothing. */
	assert_int_equal(take_only(&a, again), SESSION_OLD);
}

/* A peer that is taken out of the file and put in again is met anew. */
static void forgotten_peer_is_met_anew(void **state)
{
	struct wire_body in, out = { 0 };
	uint8_t packet[WIRE_PACKET];
	struct wire_header h;
	struct end a, b;
	struct tape t;

	(void)state;
	end_begin(&a, "a", "b");
	end_begin(&b, "b", "a");
	meet(&a, &b, &t);
	session_init(&b.peer, "a");
	assert_int_equal(take_only(&b, t.proof), SESSION_FORGED);
	hello(&b, packet);
	assert_int_equal(take(&a, packet, &h, &in), SESSION_HELLO);
	session_seal_hello(&a.self, &a.peer, &h, &out, packet);
	assert_int_equal(take(&b, packet, &h, &in), SESSION_HELLO);
	session_seal_proof(&b.self, &b.peer, &h, &in, &out, packet);
	assert_int_equal(take_only(&a, packet), SESSION_BEAT);
	beat(&a, packet);
	assert_int_equal(take_only(&b, packet), SESSION_NEW);
}

static void names_are_bound(void **state)
{
	uint8_t packet[WIRE_PACKET];
	struct end a, b, c;
	struct tape t;

	(void)state;
	end_begin(&a, "a", "b");
	end_begin(&b, "b", "a");
	end_begin(&c, "c", "a");
	meet(&a, &b, &t);
	/* A packet for b is nothing to c, even where c is asked to open it. */
	beat(&a, packet);
	assert_int_equal(take_only(&c, packet), SESSION_OLD);
	/* A node that calls itself another one does not open as that one. */
	memcpy(packet + 52, "x", 1);
	assert_int_equal(take_only(&b, packet), SESSION_FORGED);
}

static int setup(void **state)
{
	uint8_t bytes[KEY_BYTES];

	(void)state;
	if (sodium_init() < 0)
		return -1;
	randombytes_buf(bytes, sizeof(bytes));
	key_from_bytes(&shared.key[0], bytes);
	shared.n = 1;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_meet),
		cmocka_unit_test(snapshot_repeats_no_nonce),
		cmocka_unit_test(both_start_at_once),
		cmocka_unit_test(each_packet_counts_once),
		cmocka_unit_test(any_flipped_bit_is_noticed),
		cmocka_unit_test(another_key_is_named_as_such),
		cmocka_unit_test(keys_change_without_a_gap),
		cmocka_unit_test(later_types_are_skipped),
		cmocka_unit_test(recordings_of_the_dead),
		cmocka_unit_test(recorded_hello_does_no_harm),
		cmocka_unit_test(forgotten_peer_is_met_anew),
		cmocka_unit_test(names_are_bound),
	};

	return cmocka_run_group_tests_name("agent_session", tests, setup, NULL);
}
