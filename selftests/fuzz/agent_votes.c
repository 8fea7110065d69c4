// SPDX-License-Identifier: GPL-2.0
/* Fuzzing votes from the network: the codec, and a seat that hears whatever it makes of any bytes. */
#include <stdlib.h>
#include <string.h>

#include "haagentd/bytes.h"
#include "haagentd/vote/vote_set_wire.h"
#include "haagentd/vote/vote_wire.h"
#include <rules/vote_seat_owner.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct hasw_vote_times times = {
	.length = 90000000, .slowest = 500000000, .longest = 10000000000, .margin = 5000000,
	.renew = 20000000, .retry = 20000000, .step = 10000000, .ceiling = 1 << 20, .rho = 100000,
};

static struct hasw_seat seat;
static unsigned int sent;

static __u64 seat_random(void *arg)
{
	(void)arg;
	return 4711;
}

/* What is sent can be read again, and is what was meant. */
static void seat_send(void *arg, __u8 to, const struct hasw_vote_msg *m)
{
	uint8_t bytes[VOTE_WIRE_SET];
	struct hasw_vote_msg back;
	size_t put = vote_wire_put(m, bytes, sizeof(bytes));

	(void)arg;
	sent++;
	if (!put || to >= HASW_VOTE_NODES || vote_wire_get(bytes, put, &back) != put)
		abort();
	if (back.type != m->type || back.answer != m->answer || back.epoch != m->epoch ||
	    back.sequence != m->sequence || back.lease != m->lease)
		abort();
}

static void seat_set(void *arg, unsigned int slot, __u64 epoch, __u64 deadline)
{
	(void)arg;
	if (slot >= seat.n || !epoch || !deadline)
		abort();
}

static void seat_stop(void *arg, unsigned int slot)
{
	(void)arg;
	if (slot >= seat.n)
		abort();
}

static void seat_sync(void *arg, const struct hasw_voter_disk *image)
{
	(void)arg;
	(void)image;
}

static void seat_config(void *arg, const struct hasw_vote_conf *conf)
{
	(void)arg;
	(void)conf;
}

static __u64 seat_top(void *arg)
{
	(void)arg;
	return 0;
}

static const struct hasw_seat_ops ops = {
	.random = seat_random, .send = seat_send, .set = seat_set, .stop = seat_stop, .sync = seat_sync,
	.config = seat_config, .top = seat_top,
};

/* One of three voters, of two leases, which it wants. */
static void begin(void)
{
	static const struct hasw_vote_set set = { .generation = 1, .voters = 7 };
	static struct hasw_voter_disk disk = { .known = 1, .generation = 1, .voters = 7, .committed = 1 };
	unsigned int i;

	hasw_seat_open(&seat, &times, &ops, NULL, 0, &set, &disk);
	hasw_seat_add(&seat, 1);
	hasw_seat_add(&seat, 2);
	hasw_seat_start(&seat, 1000, 7);
	for (i = 0; i < seat.n; i++) {
		hasw_seat_begin(&seat, i, 1000, 1, 0, 0);
		hasw_seat_want(&seat, i, 1000, 1);
	}
}

/* The same bytes as words about moves: what is understood is written as it was read. */
static void words(const uint8_t *data, size_t size)
{
	uint8_t bytes[VOTE_WIRE_WORD];
	struct vote_word word;
	size_t at = 0, took;

	while (at < size && (took = vote_word_get(data + at, size - at, &word))) {
		if (took > size - at)
			abort();
		if (word.kind && (vote_word_put(&word, bytes, sizeof(bytes)) != VOTE_WIRE_WORD ||
				  memcmp(bytes + 1, data + at + 1, VOTE_WIRE_WORD - 1)))
			abort();
		at += took;
	}
}

/* The same bytes as repeated claims: what is understood is written as it was read. */
static void repeats(const uint8_t *data, size_t size)
{
	uint8_t bytes[VOTE_WIRE_REPEAT];
	struct vote_repeat repeat;
	size_t at = 0, took;

	while (at < size && (took = vote_repeat_get(data + at, size - at, &repeat))) {
		if (took > size - at)
			abort();
		if (vote_repeat_put(&repeat, bytes, sizeof(bytes)) != VOTE_WIRE_REPEAT ||
		    bytes[1] != data[at + 1] || memcmp(bytes + 4, data + at + 4, VOTE_WIRE_REPEAT - 4))
			abort();
		at += took;
	}
}

/* The same bytes as a voter set, made one whose number is right: what is understood is written as it was read. */
static void sets(const uint8_t *data, size_t size)
{
	uint8_t bytes[VOTE_SET_WIRE_MOST], from[VOTE_SET_WIRE_MOST];
	struct vote_set_word word, back;
	size_t put;

	if (size > sizeof(from))
		size = sizeof(from);
	memcpy(from, data, size);
	if (!vote_set_get(from, size, &word) && word.map.hash) {
		bytes_put(from + 24, word.map.hash, 8);
		if (!vote_set_get(from, size, &word))
			abort();
	}
	if (!word.map.hash)
		return;
	put = vote_set_put(&word, bytes, sizeof(bytes));
	if (!put || !vote_set_get(bytes, put, &back) || memcmp(&word, &back, sizeof(word)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	__u64 now = 1000;
	struct hasw_vote_msg m;
	size_t at = 1, took;

	if (!size)
		return 0;
	words(data + 1, size - 1);
	repeats(data + 1, size - 1);
	sets(data + 1, size - 1);
	begin();
	while (at < size && (took = vote_wire_get(data + at, size - at, &m))) {
		if (took > size - at)
			abort();
		at += took;
		now += 1000000;
		if (m.type == HASW_VOTE_TYPES)
			continue;
		hasw_seat_hear(&seat, now, data[0] & 3, &m);
		if (seat.syncing && data[0] & 4)
			hasw_seat_synced(&seat, now);
		hasw_seat_tick(&seat, now);
	}
	return 0;
}
