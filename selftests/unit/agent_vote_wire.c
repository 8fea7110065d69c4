// SPDX-License-Identifier: GPL-2.0
/* Votes and words about moves on the wire: what goes in comes out, and what is not known is skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "haagentd/vote/vote_wire.h"

static struct hasw_vote_msg sample(uint8_t type, uint8_t answer)
{
	return (struct hasw_vote_msg){
		.type = type, .answer = answer, .cut = 1, .panic = 1, .node = 0x19, .life = 0x0102, .lease = 0x03040506,
		.generation = 0x0708090a, .sequence = 0x1112131415161718, .epoch = 0x2122232425262728,
		.length = 0x3132333435363738, .epoch_max = 0x4142434445464748, .remaining = 0x5152535455565758,
		.voters = 0x61626364, .map = 0xa1a2a3a4a5a6a7a8, .ballot = 0xb1b2b3b4b5b6b7b8,
		.acked = 0xc1c2c3c4c5c6c7c8, .conf = { 0x7172737475767778, 0x8182838485868788, 0x9192939495969798 },
	};
}

/* What a message of that kind does not carry comes back as zero. */
static void same(const struct hasw_vote_msg *a, const struct hasw_vote_msg *b, size_t size)
{
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->answer, b->answer);
	assert_int_equal(a->cut, b->cut);
	assert_int_equal(a->panic, b->panic);
	assert_int_equal(a->node, b->node);
	assert_int_equal(a->life, b->life);
	assert_int_equal(a->lease, b->lease);
	assert_int_equal(a->generation, b->generation);
	assert_true(a->sequence == b->sequence && a->epoch == b->epoch && a->length == b->length);
	assert_true(b->epoch_max == (size >= VOTE_WIRE_REPLY ? a->epoch_max : 0));
	assert_true(b->remaining == (size >= VOTE_WIRE_REPLY ? a->remaining : 0));
	assert_true(b->voters == (size >= VOTE_WIRE_CONF ? a->voters : 0));
	assert_true(b->conf.epoch == (size >= VOTE_WIRE_CONF ? a->conf.epoch : 0));
	assert_true(b->conf.generation == (size >= VOTE_WIRE_CONF ? a->conf.generation : 0));
	assert_true(b->conf.blob == (size >= VOTE_WIRE_CONF ? a->conf.blob : 0));
	assert_true(b->map == (size >= VOTE_WIRE_SET ? a->map : 0));
	assert_true(b->ballot == (size >= VOTE_WIRE_SET ? a->ballot : 0));
	assert_true(b->acked == (size >= VOTE_WIRE_SET ? a->acked : 0));
}

static void round_trip(void **state)
{
	uint8_t bytes[VOTE_WIRE_SET + 1];
	struct hasw_vote_msg m, back;
	uint8_t type, answer;
	size_t size;

	(void)state;
	for (type = 0; type < HASW_VOTE_TYPES; type++)
		for (answer = 0; answer <= HASW_VOTE_BEGUN; answer++) {
			m = sample(type, answer);
			if (type == HASW_VOTE_RESIGNED && answer != HASW_VOTE_ASK) {
				assert_int_equal(vote_wire_put(&m, bytes, sizeof(bytes)), 0);
				continue;
			}
			memset(bytes, 0xee, sizeof(bytes));
			size = vote_wire_put(&m, bytes, sizeof(bytes));
			assert_true(size == VOTE_WIRE_ASK || size == VOTE_WIRE_REPLY || size == VOTE_WIRE_SET);
			assert_int_equal(bytes[size], 0xee);
			assert_int_equal(vote_wire_put(&m, bytes, size - 1), 0);
			assert_int_equal(vote_wire_put(&m, bytes, size), size);
			assert_int_equal(vote_wire_get(bytes, size, &back), size);
			same(&m, &back, size);
			/* Its sender is not in it. */
			assert_int_equal(back.from, 0);
			assert_int_equal(back.holder, 0);
		}
}

/* Another release reads these bytes, so their places must never move. */
static void layout(void **state)
{
	struct hasw_vote_msg m = sample(HASW_VOTE_COMMITTED, HASW_VOTE_ASK);
	uint8_t bytes[VOTE_WIRE_SET];

	(void)state;
	assert_int_equal(vote_wire_put(&m, bytes, sizeof(bytes)), 112);
	assert_memory_equal(bytes, "\x70\x07\x00\x03\x01\x02\x19\0\x03\x04\x05\x06\x07\x08\x09\x0a\x11", 17);
	assert_int_equal(bytes[24], 0x21);
	assert_int_equal(bytes[32], 0x31);
	assert_int_equal(bytes[40], 0x41);
	assert_int_equal(bytes[48], 0x51);
	assert_int_equal(bytes[56], 0x61);
	assert_int_equal(bytes[64], 0x71);
	assert_int_equal(bytes[87], 0x98);
	assert_int_equal(bytes[88], 0xa1);
	assert_int_equal(bytes[96], 0xb1);
	assert_int_equal(bytes[104], 0xc1);
	/* The first release ends before the map. */
	bytes[0] = VOTE_WIRE_CONF;
	assert_int_equal(vote_wire_get(bytes, VOTE_WIRE_CONF, &m), VOTE_WIRE_CONF);
	assert_int_equal(m.type, HASW_VOTE_COMMITTED);
	assert_true(m.conf.blob && !m.map);
}

/* A release that does not know it skips it by its length, and reads what follows. */
static void resigned(void **state)
{
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_RESIGNED, .panic = 1, .node = 2, .lease = 7, .generation = 1, .epoch = 0x105,
	}, back;
	uint8_t bytes[VOTE_WIRE_ASK];

	(void)state;
	assert_int_equal(vote_wire_put(&m, bytes, sizeof(bytes)), 40);
	assert_memory_equal(bytes, "\x28\x08\0\x02\0\0\x02\0\0\0\0\x07", 12);
	assert_int_equal(vote_wire_get(bytes, sizeof(bytes), &back), 40);
	assert_true(back.node == 2 && back.panic && !back.cut && back.epoch == 0x105);
	/* Nobody answers it. */
	bytes[2] = HASW_VOTE_ACK;
	assert_int_equal(vote_wire_get(bytes, sizeof(bytes), &back), 40);
	assert_int_equal(back.type, HASW_VOTE_TYPES);
}

static void every_length(void **state)
{
	struct hasw_vote_msg m = sample(HASW_VOTE_GRANT, HASW_VOTE_ACK), back;
	uint8_t bytes[VOTE_WIRE_CONF];
	size_t size = vote_wire_put(&m, bytes, sizeof(bytes)), cut;

	(void)state;
	for (cut = 0; cut < size; cut++) {
		assert_int_equal(vote_wire_get(bytes, cut, &back), 0);
		assert_int_equal(back.type, HASW_VOTE_TYPES);
	}
	/* One that says that it is shorter than it must be. */
	bytes[0] = VOTE_WIRE_ASK;
	assert_int_equal(vote_wire_get(bytes, size, &back), 0);
}

static void later_releases_are_skipped(void **state)
{
	struct hasw_vote_msg m = sample(HASW_VOTE_READ, HASW_VOTE_ASK), back;
	uint8_t bytes[200] = { 0 };
	size_t size;

	(void)state;
	/* A message of a type that is to come, one that is longer, and one of today. */
	bytes[0] = 20;
	bytes[1] = 99;
	size = vote_wire_put(&m, bytes + 20, sizeof(bytes) - 20);
	bytes[20] = (uint8_t)(size + 8);
	vote_wire_put(&m, bytes + 28 + size, sizeof(bytes) - 28 - size);
	assert_int_equal(vote_wire_get(bytes, sizeof(bytes), &back), 20);
	assert_int_equal(back.type, HASW_VOTE_TYPES);
	assert_int_equal(vote_wire_get(bytes + 20, sizeof(bytes) - 20, &back), size + 8);
	same(&m, &back, size);
	assert_int_equal(vote_wire_get(bytes + 28 + size, sizeof(bytes) - 28 - size, &back), size);
	same(&m, &back, size);
	/* An answer that is to come is no answer of today. */
	bytes[2] = HASW_VOTE_BEGUN + 1;
	bytes[1] = HASW_VOTE_READ;
	assert_int_equal(vote_wire_get(bytes, sizeof(bytes), &back), 20);
	assert_int_equal(back.type, HASW_VOTE_TYPES);
	m.type = HASW_VOTE_TYPES;
	assert_int_equal(vote_wire_put(&m, bytes, sizeof(bytes)), 0);
}

static void words(void **state)
{
	uint8_t bytes[2 * VOTE_WIRE_WORD];
	struct vote_word word, back;
	uint8_t kind;
	size_t i;

	(void)state;
	for (kind = VOTE_WORD_GOES; kind <= VOTE_WORD_AWAY; kind++) {
		word = (struct vote_word){
			.kind = kind, .node = 0xfe, .answer = 7, .lease = 0x03040506, .epoch = 0x2122232425262728,
		};
		memset(bytes, 0xee, sizeof(bytes));
		assert_int_equal(vote_word_put(&word, bytes, VOTE_WIRE_WORD - 1), 0);
		assert_int_equal(vote_word_put(&word, bytes, sizeof(bytes)), VOTE_WIRE_WORD);
		assert_int_equal(bytes[VOTE_WIRE_WORD], 0xee);
		assert_int_equal(vote_word_get(bytes, sizeof(bytes), &back), VOTE_WIRE_WORD);
		assert_int_equal(back.kind, kind);
		assert_int_equal(back.node, 0xfe);
		assert_int_equal(back.answer, 7);
		assert_int_equal(back.lease, 0x03040506);
		assert_true(back.epoch == 0x2122232425262728);
		/* Cut short, it is nothing. */
		for (i = 0; i < VOTE_WIRE_WORD; i++)
			assert_int_equal(vote_word_get(bytes, i, &back), 0);
	}
}

/* A later release makes words longer, and says what this one does not know. */
static void words_later(void **state)
{
	struct vote_word word = { .kind = VOTE_WORD_WISH, .epoch = 5 }, back;
	uint8_t bytes[VOTE_WIRE_WORD + 4] = { 0 };

	(void)state;
	vote_word_put(&word, bytes, sizeof(bytes));
	bytes[0] = sizeof(bytes);
	assert_int_equal(vote_word_get(bytes, sizeof(bytes), &back), sizeof(bytes));
	assert_int_equal(back.kind, VOTE_WORD_WISH);
	assert_true(back.epoch == 5);
	bytes[1] = VOTE_WORD_AWAY + 1;
	assert_int_equal(vote_word_get(bytes, sizeof(bytes), &back), sizeof(bytes));
	assert_int_equal(back.kind, 0);
	bytes[0] = 2;
	assert_int_equal(vote_word_get(bytes, sizeof(bytes), &back), 2);
	assert_int_equal(back.kind, 0);
	bytes[1] = VOTE_WORD_GOES;
	assert_int_equal(vote_word_get(bytes, sizeof(bytes), &back), 0);
	for (bytes[0] = 0; bytes[0] < 2; bytes[0]++)
		assert_int_equal(vote_word_get(bytes, sizeof(bytes), &back), 0);
}

/* A later release makes repeated claims longer. */
static void repeats(void **state)
{
	struct vote_repeat repeat = {
		.holder = 0xfe, .lease = 0x03040506, .epoch = 0x2122232425262728,
		.remaining = 0x31323334 * UINT64_C(1000) + 999,
	}, back;
	uint8_t bytes[VOTE_WIRE_REPEAT + 4];
	size_t i;

	(void)state;
	memset(bytes, 0xee, sizeof(bytes));
	assert_int_equal(vote_repeat_put(&repeat, bytes, VOTE_WIRE_REPEAT - 1), 0);
	assert_int_equal(vote_repeat_put(&repeat, bytes, sizeof(bytes)), VOTE_WIRE_REPEAT);
	assert_int_equal(bytes[VOTE_WIRE_REPEAT], 0xee);
	for (i = 0; i < VOTE_WIRE_REPEAT; i++)
		assert_int_equal(vote_repeat_get(bytes, i, &back), 0);
	for (i = 0; i <= 4; i += 4) {
		bytes[0] = (uint8_t)(VOTE_WIRE_REPEAT + i);
		assert_int_equal(vote_repeat_get(bytes, sizeof(bytes), &back), VOTE_WIRE_REPEAT + i);
		assert_int_equal(back.holder, 0xfe);
		assert_int_equal(back.lease, 0x03040506);
		assert_true(back.epoch == 0x2122232425262728);
		assert_true(back.remaining == repeat.remaining - 999);
	}
	bytes[0] = VOTE_WIRE_REPEAT - 1;
	assert_int_equal(vote_repeat_get(bytes, sizeof(bytes), &back), 0);
	repeat.remaining = UINT64_MAX;
	vote_repeat_put(&repeat, bytes, sizeof(bytes));
	vote_repeat_get(bytes, sizeof(bytes), &back);
	assert_true(back.remaining == UINT32_MAX * UINT64_C(1000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(layout),
		cmocka_unit_test(resigned),
		cmocka_unit_test(every_length),
		cmocka_unit_test(later_releases_are_skipped),
		cmocka_unit_test(words),
		cmocka_unit_test(words_later),
		cmocka_unit_test(repeats),
	};

	return cmocka_run_group_tests_name("agent_vote_wire", tests, NULL, NULL);
}
