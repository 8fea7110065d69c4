// SPDX-License-Identifier: GPL-2.0
/* The heartbeat codec: what goes in comes out, and nothing else is taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "haagentd/peer/wire.h"

static void sample(uint8_t packet[WIRE_PACKET])
{
	struct wire_header h = {
		.type = WIRE_BEAT,
		.key_id = 0x01020304,
		.counter = 0x1122334455667788,
		.from = "n1",
		.to = "node-2.example_x",
	};

	memset(packet, 0xa5, WIRE_PACKET);
	memset(h.session, 7, sizeof(h.session));
	memset(h.to_session, 9, sizeof(h.to_session));
	memset(h.salt, 3, sizeof(h.salt));
	wire_header_encode(&h, WIRE_PACKET, packet);
}

static void header_round_trip(void **state)
{
	uint8_t packet[WIRE_PACKET];
	uint8_t sevens[WIRE_SESSION], nines[WIRE_SESSION];
	struct wire_header h;

	(void)state;
	memset(sevens, 7, sizeof(sevens));
	memset(nines, 9, sizeof(nines));
	sample(packet);
	assert_int_equal(wire_header_decode(packet, WIRE_PACKET, &h), WIRE_OK);
	assert_int_equal(h.type, WIRE_BEAT);
	assert_int_equal(h.key_id, 0x01020304);
	assert_true(h.counter == 0x1122334455667788);
	assert_memory_equal(h.session, sevens, WIRE_SESSION);
	assert_memory_equal(h.to_session, nines, WIRE_SESSION);
	assert_string_equal(h.from, "n1");
	assert_string_equal(h.to, "node-2.example_x");
}

/* Another release reads these bytes, so their places must never move. */
static void header_layout(void **state)
{
	uint8_t packet[WIRE_PACKET];

	(void)state;
	sample(packet);
	assert_memory_equal(packet, "HaSw\x01\x02\x00\xcc\x01\x02\x03\x04"
			    "\x11\x22\x33\x44\x55\x66\x77\x88\x07", 21);
	assert_int_equal(packet[36], 9);
	assert_memory_equal(packet + 52, "n1\0\0", 4);
	assert_memory_equal(packet + 84, "node-2.", 7);
	assert_int_equal(packet[116], 3);
	assert_int_equal(packet[131], 3);
	assert_int_equal(WIRE_HEADER, 132);
}

static void body_round_trip(void **state)
{
	struct wire_body in = {
		.flags = WIRE_STATIC | 0x8000,
		.heartbeat_us = 10000,
		.echo_age_us = WIRE_NEVER,
		.echo_counter = UINT64_MAX - 1,
		.age_ms = 123456789012,
		.share = 25,
		.reached = 6,
	}, out;
	uint8_t bytes[WIRE_BODY + 20];

	(void)state;
	memset(in.token, 0x42, sizeof(in.token));
	wire_body_encode(&in, bytes);
	assert_int_equal(wire_body_decode(bytes, WIRE_BODY, &out), WIRE_OK);
	assert_int_equal(out.flags, in.flags);
	assert_int_equal(out.heartbeat_us, in.heartbeat_us);
	assert_true(out.echo_age_us == in.echo_age_us);
	assert_true(out.echo_counter == in.echo_counter);
	assert_true(out.age_ms == in.age_ms);
	assert_memory_equal(out.token, in.token, WIRE_TOKEN);
	/* An older release says none, and what is no percentage is none either. */
	assert_int_equal(bytes[52], 25);
	assert_int_equal(out.share, 25);
	assert_int_equal(bytes[53], 6);
	assert_int_equal(out.reached, 6);
	assert_memory_equal(bytes + 54, "\0", 2);
	bytes[52] = 101;
	assert_int_equal(wire_body_decode(bytes, WIRE_BODY, &out), WIRE_OK);
	assert_int_equal(out.share, 0);

	/* A longer body is a newer release's; a shorter one is nobody's. */
	assert_int_equal(wire_body_decode(bytes, sizeof(bytes), &out), WIRE_OK);
	assert_int_equal(wire_body_decode(bytes, WIRE_BODY - 1, &out), WIRE_BAD_LENGTH);
}

static void truncated_at_every_byte(void **state)
{
	uint8_t packet[WIRE_PACKET];
	struct wire_header h;
	size_t length;

	(void)state;
	sample(packet);
	for (length = 0; length < WIRE_PACKET; length++)
		assert_int_equal(wire_header_decode(packet, length, &h), WIRE_BAD_LENGTH);
}

static void length_must_be_true(void **state)
{
	uint8_t packet[WIRE_PACKET_MAX + 1] = { 0 };
	struct wire_header h;

	(void)state;
	sample(packet);
	assert_int_equal(wire_header_decode(packet, WIRE_PACKET + 1, &h), WIRE_BAD_LENGTH);
	packet[7]++;
	assert_int_equal(wire_header_decode(packet, WIRE_PACKET, &h), WIRE_BAD_LENGTH);
	assert_int_equal(wire_header_decode(packet, WIRE_PACKET + 1, &h), WIRE_OK);
	packet[6] = (WIRE_PACKET_MAX + 1) >> 8;
	packet[7] = (WIRE_PACKET_MAX + 1) & 255;
	assert_int_equal(wire_header_decode(packet, WIRE_PACKET_MAX + 1, &h), WIRE_BAD_LENGTH);
}

static void foreign_packets(void **state)
{
	uint8_t packet[WIRE_PACKET];
	struct wire_header h;

	(void)state;
	sample(packet);
	packet[0] = 'h';
	assert_int_equal(wire_header_decode(packet, WIRE_PACKET, &h), WIRE_BAD_MAGIC);
	sample(packet);
	packet[4] = 2;
	assert_int_equal(wire_header_decode(packet, WIRE_PACKET, &h), WIRE_BAD_VERSION);
	sample(packet);
	/* A type of a later release is no reason to refuse a packet unread. */
	packet[5] = 77;
	assert_int_equal(wire_header_decode(packet, WIRE_PACKET, &h), WIRE_OK);
	assert_int_equal(h.type, 77);
}

static void names_have_one_spelling(void **state)
{
	uint8_t packet[WIRE_PACKET];
	struct wire_header h;

	(void)state;
	sample(packet);
	packet[52 + 31] = 'x';		/* behind the NUL */
	assert_int_equal(wire_header_decode(packet, WIRE_PACKET, &h), WIRE_BAD_NAME);
	sample(packet);
	memset(packet + 52, 'a', WIRE_NAME);	/* no NUL at all */
	assert_int_equal(wire_header_decode(packet, WIRE_PACKET, &h), WIRE_BAD_NAME);
	sample(packet);
	packet[52] = 0;			/* empty */
	assert_int_equal(wire_header_decode(packet, WIRE_PACKET, &h), WIRE_BAD_NAME);
	sample(packet);
	packet[84] = '-';		/* begins with a dash */
	assert_int_equal(wire_header_decode(packet, WIRE_PACKET, &h), WIRE_BAD_NAME);
}

static void names(void **state)
{
	(void)state;
	assert_true(wire_name_valid("n"));
	assert_true(wire_name_valid("9.a-b_c"));
	assert_true(wire_name_valid("aaaaaaaaaabbbbbbbbbbccccccccccd"));
	assert_false(wire_name_valid("aaaaaaaaaabbbbbbbbbbccccccccccdd"));
	assert_false(wire_name_valid(""));
	assert_false(wire_name_valid(".a"));
	assert_false(wire_name_valid("a b"));
	assert_false(wire_name_valid("a\n"));
	assert_false(wire_name_valid("\xc3\xa4"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_round_trip),
		cmocka_unit_test(header_layout),
		cmocka_unit_test(body_round_trip),
		cmocka_unit_test(truncated_at_every_byte),
		cmocka_unit_test(length_must_be_true),
		cmocka_unit_test(foreign_packets),
		cmocka_unit_test(names_have_one_spelling),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests_name("agent_wire", tests, NULL, NULL);
}
