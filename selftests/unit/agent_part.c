// SPDX-License-Identifier: GPL-2.0
/* An agent's leases: which rights it asks for before it stops for a while, and what it makes of other nodes' claims. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "haagentd/bytes.h"
#include "haagentd/clock.h"
#include "haagentd/vote/vote.h"
#include "haagentd/vote/vote_wire.h"
#include "agent_lease_sock.h"
#include "agent_seat.h"

/* Long enough for a test on a busy machine. */
#define LENGTH	(10 * CLOCK_SECOND)
#define LONGEST	(100 * CLOCK_SECOND)
#define HELD_EPOCH	hasw_vote_epoch(7, 1, 0)

static struct vote vote;
static unsigned int asked_long;

/* These stand in for vote.c: what is sent gets nowhere, and the test answers. */
void vote_flush(struct vote *v)
{
	(void)v;
}

void vote_pace(struct vote *v)
{
	(void)v;
}

unsigned int vote_slot(struct vote *v, uint32_t number)
{
	(void)v;
	(void)number;
	return HASW_VOTE_LEASES;
}

void vote_write_again(struct vote *v)
{
	(void)v;
}

static struct vote_word said;
static unsigned int n_said;

void vote_send_word(struct vote *v, unsigned int id, const struct vote_word *word)
{
	assert_int_not_equal(id, v->map.self);
	said = *word;
	n_said++;
}

static unsigned int passed;

void vote_grant(struct vote *v, unsigned int slot, bool begins)
{
	v->lease[slot].heir.grant_at = 0;
	passed += begins;
}

bool vote_witness(const struct vote *v, unsigned int id)
{
	(void)v;
	(void)id;
	return false;
}

void vote_sets_want(struct vote *v, const struct vote_map *wanted)
{
	(void)v;
	(void)wanted;
}

static struct cluster_peer *peer;

struct cluster_peer *vote_peer_at(const struct vote *v, unsigned int id)
{
	return id == v->map.self ? NULL : peer;
}

/* In place of the module. */
static unsigned int granted;
static uint64_t granted_until;
static int refuses;

int lease_sock_grant(struct lease_sock *s, const struct lease_grant *grant, struct hasw_error *err)
{
	(void)s;
	(void)err;
	granted++;
	granted_until = grant->deadline;
	return refuses;
}

int lease_sock_release(struct lease_sock *s, const char *lease, uint64_t epoch, const char *to, struct hasw_error *err)
{
	(void)s;
	(void)lease;
	(void)epoch;
	(void)to;
	(void)err;
	return 0;
}

static void seat_count(void *arg, __u8 to, const struct hasw_vote_msg *m)
{
	(void)arg;
	(void)to;
	asked_long += m->type == HASW_VOTE_GRANT && m->length == LONGEST;
}

static void seat_set(void *arg, unsigned int slot, __u64 epoch, __u64 deadline)
{
	(void)arg;
	vote.lease[slot].epoch = epoch;
	vote.lease[slot].until = deadline;
}

static void seat_stop(void *arg, unsigned int slot)
{
	(void)arg;
	vote.lease[slot].until = 0;
	vote.lease[slot].stopping = true;
}

static unsigned int closed;

void vote_retire(struct vote *v)
{
	v->running = false;
	closed++;
}

static __u64 seat_top(void *arg)
{
	(void)arg;
	return HELD_EPOCH;
}

static const struct hasw_seat_ops ops = {
	.random = seat_random, .send = seat_count, .set = seat_set, .stop = seat_stop,
	.sync = seat_sync, .top = seat_top,
};

static void ack(uint64_t now, uint64_t sequence, uint64_t epoch)
{
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_GRANT, .answer = HASW_VOTE_ACK, .lease = 2, .generation = 1, .life = vote.seat.life,
		.sequence = sequence, .epoch = epoch,
	};

	hasw_seat_hear(&vote.seat, now, 0, &m);
}

/* An agent that is alone, and has just found the long right of the one before. Return: the lease's proposer. */
static struct hasw_proposer *begin(uint64_t now)
{
	struct hasw_voter_disk disk = { .known = 1, .generation = 1, .committed = 1, .voters = 1, .ceiling = 1000 };
	struct hasw_vote_set set = { .generation = 1, .voters = 1 };

	memset(&vote, 0, sizeof(vote));
	asked_long = 0;
	vote.t = (struct hasw_vote_times){
		.length = LENGTH, .slowest = LENGTH, .longest = LONGEST, .renew = LENGTH / 4, .retry = CLOCK_SECOND,
		.ceiling = 1000, .rho = 100000,
	};
	vote.map.n = 1;
	hasw_seat_open(&vote.seat, &vote.t, &ops, &vote, 0, &set, &disk);
	hasw_seat_add(&vote.seat, 1);
	hasw_seat_add(&vote.seat, 2);
	hasw_seat_start(&vote.seat, now, 3);
	hasw_seat_begin(&vote.seat, 0, now, 0, 0, 0);
	hasw_seat_begin(&vote.seat, 1, now, 0, HELD_EPOCH, now + LONGEST);
	vote.lease[1].until = now + LONGEST;
	vote.begun = true;
	return &vote.seat.lease[1].proposer;
}

/* It stops while it makes a usual right of the long one: no other is given until that is done. */
static void stops_while_cutting(void **state)
{
	uint64_t now = clock_now();
	struct hasw_proposer *p = begin(now);

	(void)state;
	hasw_seat_shorten(&vote.seat, 1, now);
	vote_leave(&vote, VOTE_LONG);
	vote.part_until = now + LONGEST;
	assert_false(vote_left(&vote));
	assert_int_equal(asked_long, 0);
	ack(now, p->sequence, p->next);
	assert_false(vote_left(&vote));
	assert_int_equal(asked_long, 1);
	/* It is asked once, and goes again with the renewals. */
	assert_false(vote_left(&vote));
	assert_int_equal(asked_long, 1);
	ack(now, p->far.sequence, p->epoch);
	assert_true(vote_left(&vote));
}

/* It is asked for again when the voters were so slow that little is left of it. */
static void too_late(void **state)
{
	uint64_t before = clock_now() - LONGEST + LENGTH / 2;
	struct hasw_proposer *p = begin(before);

	(void)state;
	p->deadline = before + LENGTH;
	vote.part = VOTE_LONG;
	vote.part_until = clock_now() + LONGEST;
	/* Not before the grant has an epoch of this agent. */
	hasw_seat_long(&vote.seat, 1, before, LONGEST);
	assert_int_equal(asked_long, 0);
	ack(before, p->sequence, p->next);
	hasw_seat_long(&vote.seat, 1, before, LONGEST);
	ack(before, p->far.sequence, p->epoch);
	assert_true(vote.lease[1].until == before + LONGEST);
	assert_false(vote_left(&vote));
	ack(clock_now(), p->far.sequence, p->epoch);
	assert_true(vote_left(&vote));
}

/* Many leases are let go of in turns, so that none of them runs out while the module ends the others. */
static void let_go_in_turns(void **state)
{
	static struct cluster cluster;
	static struct module module;
	unsigned int slot, stopped, turns = 0, left = 10;
	uint64_t now = clock_now();

	(void)state;
	begin(now);
	vote.cluster = &cluster;
	vote.module = &module;
	vote.judges = true;
	for (slot = 1; slot <= left; slot++) {
		if (slot > 1)
			hasw_seat_add(&vote.seat, 1 + slot);
		hasw_seat_begin(&vote.seat, slot, now, 0, HELD_EPOCH, now + LENGTH);
		vote.seat.lease[slot].proposer.want = 1;
		vote.lease[slot].until = now + LENGTH;
		vote.lease[slot].heir.node = -1;
	}
	for (; left; left -= stopped, turns++) {
		vote_tick(&vote, false);
		/* Nothing more happens before the module has ended some. */
		vote_tick(&vote, false);
		stopped = 0;
		for (slot = 1; slot <= 10; slot++) {
			stopped += vote.lease[slot].stopping;
			vote.lease[slot].stopping = false;
		}
		assert_int_equal(stopped, left < 4 ? left : 4);
	}
	assert_int_equal(turns, 3);
	for (slot = 1; slot <= 10; slot++)
		assert_int_equal(vote.seat.lease[slot].proposer.state, HASW_PROPOSER_STOP);
}

/* A claim of lease 2, whose grant lasts for so long. */
static void hear_claim(unsigned int from, uint64_t epoch, uint64_t remaining)
{
	uint8_t claim[VOTE_CLAIM];

	bytes_put(claim, 2, 4);
	bytes_put(claim + 4, remaining / 1000, 4);
	bytes_put(claim + 8, epoch, 8);
	vote_claimed(&vote, from, claim, sizeof(claim));
}

/*
 * Each message repeats the claims, and the module is told of what is new: another epoch or holder, and an end that
 * differs by half of what is left. The test runs for much less than LENGTH.
 */
static void claims_are_told_once(void **state)
{
	uint64_t epoch = hasw_vote_epoch(9, 2, 0), other = hasw_vote_epoch(11, 3, 0), now;
	int i;

	(void)state;
	begin(clock_now());
	vote.sock.open = true;
	vote.lease[1].here = true;
	vote.map = (struct vote_map){ .n = 3, .voters = 7 };
	granted = 0;
	for (i = 0; i < 100; i++)
		hear_claim(1, epoch, LENGTH + (uint64_t)(i % 3) * LENGTH / 10);
	assert_int_equal(granted, 1);
	assert_int_equal(vote.lease[1].holder, 1);
	/* What this node itself believes follows each claim. */
	now = clock_now();
	hear_claim(1, epoch, LENGTH + LENGTH / 4);
	assert_int_equal(granted, 1);
	assert_true(vote.lease[1].claimed >= now + LENGTH + LENGTH / 4);
	hear_claim(1, epoch, 2 * LENGTH);
	assert_int_equal(granted, 2);
	/* A long right that was cut short. */
	hear_claim(1, epoch, LENGTH / 2);
	assert_int_equal(granted, 3);
	assert_true(granted_until < clock_now() + LENGTH);
	hear_claim(2, other, LENGTH / 2);
	assert_int_equal(granted, 4);
	hear_claim(1, epoch, LENGTH);
	assert_int_equal(granted, 4);
	hear_claim(2, other, LENGTH / 2);
	assert_int_equal(granted, 4);
	/* The module is told again when it may have forgotten. */
	vote.lease[1].said = 0;
	hear_claim(2, other, LENGTH / 2);
	assert_int_equal(granted, 5);
}

/* Node 0 of three voters, with a module; clocks differ by a tenth at most. */
static void begin_claims(void)
{
	begin(clock_now());
	vote.t.margin = CLOCK_MS;
	vote.sock.open = true;
	vote.lease[1].here = true;
	vote.lease[1].until = 0;
	vote.map = (struct vote_map){ .n = 4, .voters = 7 };
	granted = 0;
	refuses = 0;
}

/* This voter has acked a grant of lease 2. */
static void record_of(uint8_t holder, uint64_t epoch)
{
	struct hasw_voter *voter = &vote.seat.lease[1].voter;

	voter->holder = holder;
	voter->epoch = epoch;
	voter->expiry = clock_now() + 2 * LENGTH;
}

/* Return: bytes of what is repeated to node @to; @repeat has the first of it. */
static size_t repeated_to(unsigned int to, struct vote_repeat *repeat)
{
	uint8_t bytes[4 * VOTE_WIRE_REPEAT];
	size_t size = vote_repeats(&vote, to, bytes, sizeof(bytes));

	vote_repeat_get(bytes, size, repeat);
	return size;
}

static void hear_repeat(unsigned int from, uint8_t holder, uint64_t epoch, uint64_t remaining)
{
	struct vote_repeat repeat = { .holder = holder, .lease = 2, .epoch = epoch, .remaining = remaining };
	uint8_t bytes[VOTE_WIRE_REPEAT];

	vote_repeat_put(&repeat, bytes, sizeof(bytes));
	vote_repeated(&vote, from, bytes, sizeof(bytes));
}

/*
 * A voter repeats what it has heard from the holder itself while its record agrees, to all but the holder, and for less
 * time than is left by any clock. It repeats no repetition, no record without a claim, and nothing while it holds.
 */
static void voters_repeat_claims(void **state)
{
	uint64_t epoch = hasw_vote_epoch(9, 2, 1);
	struct vote_repeat repeat;

	(void)state;
	begin_claims();
	record_of(1, epoch);
	assert_int_equal(repeated_to(2, &repeat), 0);
	hear_repeat(2, 1, epoch, LENGTH);
	assert_int_equal(granted, 1);
	assert_int_equal(repeated_to(3, &repeat), 0);
	hear_claim(1, epoch, LENGTH);
	assert_int_equal(repeated_to(2, &repeat), VOTE_WIRE_REPEAT);
	assert_int_equal(repeat.holder, 1);
	assert_int_equal(repeat.lease, 2);
	assert_true(repeat.epoch == epoch);
	assert_true(hasw_vote_wait(&vote.t, repeat.remaining) <= LENGTH);
	assert_true(hasw_vote_wait(&vote.t, repeat.remaining) > LENGTH / 2);
	assert_int_equal(repeated_to(3, &repeat), VOTE_WIRE_REPEAT);
	assert_int_equal(repeated_to(1, &repeat), 0);
	/* A release or a resignation has erased the record, or it is another node's. */
	vote.seat.lease[1].voter.epoch = 0;
	assert_int_equal(repeated_to(2, &repeat), 0);
	record_of(2, epoch + 1);
	assert_int_equal(repeated_to(2, &repeat), 0);
	record_of(1, epoch);
	vote.seat.lease[1].voter.expiry = clock_now();
	assert_int_equal(repeated_to(2, &repeat), 0);
	record_of(1, epoch);
	vote.lease[1].until = clock_now() + LENGTH;
	assert_int_equal(repeated_to(2, &repeat), 0);
	vote.lease[1].until = 0;
	assert_int_equal(repeated_to(2, &repeat), VOTE_WIRE_REPEAT);
	/* A claim with less than a margin left, an outdated one, and a node without a vote. */
	hear_claim(1, epoch, CLOCK_MS);
	assert_int_equal(repeated_to(2, &repeat), 0);
	hear_claim(1, epoch, LENGTH);
	hear_claim(1, epoch - 1, CLOCK_MS);
	assert_int_equal(repeated_to(2, &repeat), VOTE_WIRE_REPEAT);
	vote.map.voters = 6;
	assert_int_equal(repeated_to(2, &repeat), 0);
	/* A witness has no module. */
	begin_claims();
	vote.sock.open = false;
	vote.lease[1].here = false;
	record_of(1, epoch);
	hear_claim(1, epoch, LENGTH);
	assert_int_equal(granted, 0);
	assert_int_equal(repeated_to(2, &repeat), VOTE_WIRE_REPEAT);
}

/* What a packet has no room for is repeated by the next one. */
static void repetitions_take_turns(void **state)
{
	uint64_t epoch = hasw_vote_epoch(9, 2, 1);
	uint8_t bytes[2 * VOTE_WIRE_REPEAT - 1];
	struct vote_repeat repeat;
	unsigned int slot, i;
	uint32_t seen = 0;

	(void)state;
	begin_claims();
	for (i = 3; i < 8; i++)
		hasw_seat_add(&vote.seat, i);
	for (slot = 1; slot < vote.seat.n; slot++) {
		vote.lease[slot].heard = (struct vote_heard){ .from = 1, .epoch = epoch,
							      .until = clock_now() + LENGTH };
		vote.seat.lease[slot].voter = (struct hasw_voter){
			.holder = 1, .epoch = epoch, .expiry = clock_now() + LENGTH,
		};
	}
	for (i = 1; i < vote.seat.n; i++) {
		assert_int_equal(vote_repeats(&vote, 2, bytes, sizeof(bytes)), VOTE_WIRE_REPEAT);
		vote_repeat_get(bytes, sizeof(bytes), &repeat);
		seen |= 1U << repeat.lease;
	}
	assert_int_equal(seen, 0xfc);
}

/*
 * Who does not hear the holder learns it from a repetition, and waits. It never ends this node's own grant, takes
 * nothing from what was heard directly, and nothing from a node about itself.
 */
static void repetitions_inform(void **state)
{
	uint64_t epoch = hasw_vote_epoch(9, 2, 1), other = hasw_vote_epoch(11, 3, 2), claimed, wake;
	struct hasw_proposer *p;

	(void)state;
	begin_claims();
	p = &vote.seat.lease[1].proposer;
	hasw_proposer_start(p, clock_now(), 3, 1, 7, 0, 0);
	p->want = 1;
	p->said = 3;
	p->asked = clock_now();
	wake = p->wake = p->asked + CLOCK_SECOND;
	hear_repeat(2, 1, epoch, LENGTH / 2);
	assert_int_equal(granted, 1);
	assert_int_equal(vote.lease[1].holder, 1);
	assert_true(vote.lease[1].top == epoch);
	assert_true(p->wake > wake);
	wake = p->wake;
	/* It shortens nothing, and does not stand for longer than a usual right. */
	claimed = vote.lease[1].claimed;
	hear_repeat(2, 1, epoch, LENGTH / 4);
	assert_int_equal(granted, 1);
	assert_true(vote.lease[1].claimed == claimed);
	assert_true(p->wake == wake);
	hear_repeat(2, 1, epoch, LONGEST);
	assert_int_equal(granted, 2);
	assert_true(granted_until <= clock_now() + LENGTH);
	/* The same epoch has no two holders; an earlier one is outdated; nobody repeats itself, or this node. */
	hear_repeat(1, 2, epoch, LENGTH);
	hear_repeat(1, 2, epoch - 1, LENGTH);
	hear_repeat(2, 2, other, LENGTH);
	hear_repeat(2, 0, other, LENGTH);
	hear_repeat(1, vote.map.n, other, LENGTH);
	assert_int_equal(granted, 2);
	assert_int_equal(vote.lease[1].holder, 1);
	/* The module, which has heard of a release, takes it no more. */
	refuses = -1;
	vote.lease[1].claimed = vote.lease[1].said = 0;
	hear_repeat(2, 1, epoch, LENGTH);
	assert_int_equal(granted, 3);
	assert_true(vote.lease[1].claimed == 0);
	refuses = 0;
	/* Another holder, long before the claim of the one before runs out. */
	hear_claim(1, epoch, LONGEST);
	hear_repeat(1, 2, other, LENGTH);
	assert_int_equal(vote.lease[1].holder, 2);
	/* This node holds, or its module may believe so. */
	granted = 0;
	vote.lease[1].until = clock_now() + LENGTH;
	hear_repeat(1, 2, other + 1, LENGTH);
	vote.lease[1].until = 0;
	vote.lease[1].told = clock_now() + LENGTH;
	hear_repeat(1, 2, other + 1, LENGTH);
	assert_int_equal(granted, 0);
	assert_true(vote.lease[1].top == other);
}

static void hear_word(unsigned int from, const struct vote_word *word)
{
	uint8_t bytes[64];

	vote_words_heard(&vote, from, bytes, vote_word_put(word, bytes, sizeof(bytes)));
}

/* Node 1 says that lease 2 goes to a node. */
static void hear_goes(unsigned int node)
{
	const struct vote_word word = {
		.kind = VOTE_WORD_GOES, .node = (uint8_t)node, .lease = 2, .epoch = HELD_EPOCH,
	};

	hear_word(1, &word);
}

/* Three nodes. This one is node 0, and wants the lease, which node 1 has held. */
static struct hasw_proposer *begin_idle(void)
{
	static struct cluster_peer heard = { .peer.state = PEER_HEARD };
	uint64_t now = clock_now();
	struct hasw_proposer *p = begin(now);

	peer = &heard;
	n_said = 0;
	vote.map.n = 3;
	vote.lease[1].here = true;
	vote.lease[1].holder = vote.lease[1].heir.node = -1;
	vote.lease[1].until = 0;
	hasw_seat_begin(&vote.seat, 1, now, 0, 0, 0);
	p->want = 1;
	p->wake = p->penance = now + LONGEST;
	return p;
}

/* A lease that is handed to a node that is away is not taken there. The others are told, and go on. */
static void handed_to_who_is_away(void **state)
{
	struct hasw_proposer *p = begin_idle();

	(void)state;
	hear_goes(0);
	assert_int_equal(p->state, HASW_PROPOSER_READ);
	assert_int_equal(vote.lease[1].heir.node, 0);
	assert_int_equal(n_said, 0);

	p = begin_idle();
	vote.lease[1].away = 1;
	hear_goes(0);
	assert_int_equal(p->state, HASW_PROPOSER_IDLE);
	assert_int_equal(vote.lease[1].heir.node, -1);
	assert_int_equal(n_said, 2);
	assert_int_equal(said.kind, VOTE_WORD_AWAY);
	assert_int_equal(said.answer, 1);

	/* A node that `only` leaves out is not away, so there is nothing to say. */
	p = begin_idle();
	vote.lease[1].limited = true;
	hear_goes(0);
	assert_int_equal(p->state, HASW_PROPOSER_IDLE);
	assert_int_equal(n_said, 0);

	/* Another node is waited for, unless it has said that it is away. */
	p = begin_idle();
	p->wake = p->penance = 0;
	hear_goes(2);
	assert_true(p->penance);
	p = begin_idle();
	p->wake = p->penance = 0;
	vote.lease[1].away = 1 << 2;
	hear_goes(2);
	assert_true(!p->penance);
	assert_int_equal(n_said, 0);
	peer = NULL;
}

/*
 * The next holder's module gets the grant when the modules of all other nodes know of it. The node that handed the
 * lease over is one of them, unless it leaves the cluster.
 */
static void grant_is_held_back(void **state)
{
	struct vote_word goes = { .kind = VOTE_WORD_GOES, .lease = 2, .epoch = HELD_EPOCH };
	const struct vote_word known = { .kind = VOTE_WORD_KNOWN, .lease = 2, .epoch = HELD_EPOCH + 1 };
	int leaves;

	(void)state;
	for (leaves = 0; leaves < 2; leaves++) {
		begin_idle();
		vote.sock.open = true;
		passed = 0;
		goes.answer = (uint8_t)leaves;
		hear_word(1, &goes);
		vote.lease[1].epoch = HELD_EPOCH + 1;
		vote.lease[1].until = clock_now() + LENGTH;
		vote_hold_back(&vote, 1, clock_now());
		assert_true(vote.lease[1].heir.grant_at);
		hear_word(2, &known);
		assert_int_equal(passed, leaves);
		hear_word(1, &known);
		assert_int_equal(passed, 1);
	}
	peer = NULL;
}

/* A contender asks again at once when it hears of a release, also while an earlier question of it waits for replies. */
static void asks_again_at_a_release(void **state)
{
	struct hasw_proposer *p = begin_idle();
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_RELEASE, .answer = HASW_VOTE_ASK, .lease = 2, .generation = 1, .epoch = HELD_EPOCH,
	};
	uint64_t now = clock_now();

	(void)state;
	hear_goes(0);
	assert_int_equal(p->state, HASW_PROPOSER_READ);
	assert_true(p->wake > now);
	hasw_seat_hear(&vote.seat, now, 1, &m);
	assert_int_equal(p->state, HASW_PROPOSER_READ);
	assert_true(p->wake <= now);
	peer = NULL;
}

/*
 * A machine that was cloned: the voter's file is set aside, and the agent ends. If that is impossible, this node votes
 * no more. An agent without a vote goes on.
 */
static void cloned(void **state)
{
	char file[] = "/tmp/agent_part.XXXXXX";
	char name[64];
	glob_t files;
	int fd = mkstemp(file);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	memset(&vote, 0, sizeof(vote));
	assert_false(vote_cloned(&vote, file));
	assert_int_equal(access(file, F_OK), 0);
	vote.running = true;
	assert_true(vote_cloned(&vote, file));
	assert_int_not_equal(access(file, F_OK), 0);
	assert_int_equal(closed, 0);
	snprintf(name, sizeof(name), "%s.outdated-*", file);
	assert_int_equal(glob(name, 0, NULL, &files), 0);
	unlink(files.gl_pathv[0]);
	globfree(&files);
	/* There is no file any more. */
	assert_false(vote_cloned(&vote, file));
	assert_int_equal(closed, 1);
	assert_non_null(strstr(vote.why, "cannot be renamed"));
	/* A file that is still to be opened is as old. */
	memset(&vote, 0, sizeof(vote));
	vote.file_at = 1;
	assert_false(vote_cloned(&vote, file));
	assert_true(vote.file_at == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stops_while_cutting),
		cmocka_unit_test(let_go_in_turns),
		cmocka_unit_test(too_late),
		cmocka_unit_test(claims_are_told_once),
		cmocka_unit_test(voters_repeat_claims),
		cmocka_unit_test(repetitions_take_turns),
		cmocka_unit_test(repetitions_inform),
		cmocka_unit_test(handed_to_who_is_away),
		cmocka_unit_test(grant_is_held_back),
		cmocka_unit_test(asks_again_at_a_release),
		cmocka_unit_test(cloned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
