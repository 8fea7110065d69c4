/* SPDX-License-Identifier: GPL-2.0 */
/* A seat of three voters for the unit tests: the test has its network, its disk and its module. */
#ifndef UNIT_SEAT_H
#define UNIT_SEAT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rules/vote_seat_owner.h"

#define MS 1000000ULL
#define SELF 0
#define LEASE 77
#define ROOM 64

static const struct hasw_vote_times times = {
	.length = 90 * MS, .renew = 20 * MS, .margin = 5 * MS, .retry = 20 * MS, .step = 10 * MS,
	.ceiling = 4, .rho = 100000, .slowest = 500 * MS, .longest = 1000 * MS,
};

static struct hasw_seat seat;
static struct hasw_vote_msg sent[ROOM];
static uint8_t sent_to[ROOM];
static unsigned int n_sent, n_syncs, n_sets;
static uint64_t deadline, refused_at;

static inline __u64 seat_random(void *arg)
{
	(void)arg;
	return 0;
}

static inline void seat_send(void *arg, __u8 to, const struct hasw_vote_msg *m)
{
	(void)arg;
	assert_true(n_sent < ROOM);
	sent_to[n_sent] = to;
	sent[n_sent++] = *m;
}

static inline void seat_set(void *arg, unsigned int slot, __u64 epoch, __u64 until)
{
	(void)arg;
	(void)epoch;
	n_sets++;
	if (refused_at)
		hasw_seat_refused(&seat, slot, refused_at);
	else
		deadline = until;
}

static inline void seat_stop(void *arg, unsigned int slot)
{
	(void)arg;
	(void)slot;
}

static inline void seat_sync(void *arg, const struct hasw_voter_disk *image)
{
	(void)arg;
	(void)image;
	n_syncs++;
}

static uint64_t module_top;	/* the highest epoch that this node's module knows */

static inline __u64 seat_top(void *arg)
{
	(void)arg;
	return module_top;
}

static const struct hasw_seat_ops ops = {
	.random = seat_random, .send = seat_send, .set = seat_set, .stop = seat_stop,
	.sync = seat_sync, .top = seat_top,
};

/* Three voters, of which this one is the first. */
static inline void begin(int known)
{
	struct hasw_vote_set set = { .generation = 1, .voters = 7 };
	struct hasw_voter_disk disk = { .known = (__u8)known, .generation = 1, .committed = 1, .voters = 7 };

	memset(&seat, 0, sizeof(seat));
	n_sent = n_syncs = n_sets = 0;
	module_top = 0;
	hasw_seat_open(&seat, &times, &ops, NULL, SELF, &set, &disk);
	hasw_seat_add(&seat, 1);
	hasw_seat_start(&seat, 0, 5);
	hasw_seat_begin(&seat, HASW_SEAT_CONFIG, 0, 0, 0, 0);
}

static inline unsigned int add(uint64_t now)
{
	unsigned int slot = hasw_seat_add(&seat, LEASE);

	hasw_seat_begin(&seat, slot, now, 0, 0, 0);
	return slot;
}

/* Answers the last question of @type to a node as that node would. */
static inline void answer(uint64_t now, uint8_t node, enum hasw_vote_type type, uint64_t epoch_max)
{
	for (unsigned int i = n_sent; i--;) {
		struct hasw_vote_msg m = sent[i];

		if (sent_to[i] != node || m.type != type || m.answer != HASW_VOTE_ASK)
			continue;
		m.answer = HASW_VOTE_ACK;
		m.epoch_max = epoch_max;
		hasw_seat_hear(&seat, now, node, &m);
		return;
	}
	fail_msg("node %u was not asked", node);
}

/* Both others let this node have what it has just asked for. */
static inline void answers(uint64_t now, enum hasw_vote_type type)
{
	answer(now, 1, type, 0);
	answer(now, 2, type, 0);
}

/* This node asks for a lease, and gets it. */
static inline void hold(unsigned int slot, uint64_t now)
{
	hasw_seat_want(&seat, slot, now, 1);
	answers(now, HASW_VOTE_READ);
	answers(now, HASW_VOTE_GRANT);
}

/* A node answers the last READ: another one holds the lease for so long. */
static inline void refuse(const struct hasw_proposer *p, uint64_t now, uint8_t node, uint64_t remaining)
{
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_READ, .answer = HASW_VOTE_HELD, .lease = LEASE, .generation = 1, .life = seat.life,
		.sequence = p->sequence, .remaining = remaining,
	};

	hasw_seat_hear(&seat, now, node, &m);
}

/* How many questions of that type were sent. */
static inline unsigned int asked_of(enum hasw_vote_type type)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < n_sent; i++)
		n += sent[i].type == type && sent[i].answer == HASW_VOTE_ASK;
	return n;
}

/* Node 1 says that it has let go of the lease that it had under an epoch. */
static inline void released(uint64_t now, uint64_t epoch)
{
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_RELEASE, .lease = LEASE, .generation = 1, .epoch = epoch, .sequence = 9, .life = 9,
	};

	hasw_seat_hear(&seat, now, 1, &m);
}

/* A node refuses the last GRANT: it has acked another node under that epoch. */
static inline void refuse_grant(const struct hasw_proposer *p, uint64_t now, uint8_t node, uint64_t epoch_max)
{
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_GRANT, .answer = HASW_VOTE_HELD, .lease = LEASE, .generation = 1, .life = seat.life,
		.sequence = p->sequence, .epoch = p->epoch, .epoch_max = epoch_max, .remaining = times.length,
	};

	hasw_seat_hear(&seat, now, node, &m);
}

#endif
