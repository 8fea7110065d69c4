// SPDX-License-Identifier: GPL-2.0
/* Long rights that a holder keeps while it hears the other voter, and the end of their records. */
#include "seat.h"

#define BRIDGE (900 * MS)

static uint64_t ready(void)
{
	return hasw_vote_wait(&times, times.longest) + MS;
}

/* How many GRANTs for so long were sent since n_sent was cleared. */
static unsigned int asked_for(uint64_t length)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < n_sent; i++)
		n += sent[i].type == HASW_VOTE_GRANT && sent[i].answer == HASW_VOTE_ASK && sent[i].length == length;
	return n;
}

/* Both others ack all that was sent, in that order. */
static void acked(uint64_t now)
{
	unsigned int asked = n_sent;

	for (unsigned int i = 0; i < asked; i++) {
		struct hasw_vote_msg m = sent[i];

		if (sent_to[i] == SELF || m.answer != HASW_VOTE_ASK)
			continue;
		m.answer = HASW_VOTE_ACK;
		hasw_seat_hear(&seat, now, sent_to[i], &m);
	}
}

/* The right goes on without an end, and never ends sooner than it was to. */
static void goes_on(void **state)
{
	uint64_t now = ready(), before;
	unsigned int slot;

	(void)state;
	begin(1);
	slot = add(0);
	/* Nothing is held yet. */
	hasw_seat_bridge(&seat, slot, now, BRIDGE);
	assert_int_equal(n_sent, 0);
	hold(slot, now);
	n_sent = 0;
	/* No usual right is a bridge. */
	hasw_seat_bridge(&seat, slot, now, times.slowest);
	assert_int_equal(n_sent, 0);
	hasw_seat_bridge(&seat, slot, now, BRIDGE);
	assert_int_equal(asked_for(BRIDGE), 3);
	assert_int_equal(asked_for(times.length), 3);
	/* It is not asked for twice. */
	hasw_seat_bridge(&seat, slot, now + MS, BRIDGE);
	assert_int_equal(n_sent, 6);
	acked(now + MS);
	assert_true(deadline == now + BRIDGE);
	for (int i = 0; i < 20; i++) {
		before = deadline;
		n_sent = 0;
		now = before - BRIDGE + BRIDGE / 12 - 1;
		hasw_seat_bridge(&seat, slot, now, BRIDGE);
		assert_int_equal(n_sent, 0);
		hasw_seat_bridge(&seat, slot, ++now, BRIDGE);
		/* A usual round beside it would shorten the right. */
		assert_int_equal(asked_for(BRIDGE), 3);
		assert_int_equal(n_sent, 3);
		acked(now + MS);
		assert_true(deadline == now + BRIDGE);
		assert_int_equal(seat.lease[slot].proposer.far.sequence, 0);
	}
	/* The voters give no longer right. */
	now += BRIDGE / 12;
	n_sent = 0;
	hasw_seat_bridge(&seat, slot, now, 2 * times.longest);
	assert_int_equal(asked_for(times.longest), 3);
}

/* If no voter answers, usual renewals follow a moment later. */
static void renewals_follow(void **state)
{
	uint64_t now = ready(), asked;
	unsigned int slot;

	(void)state;
	begin(1);
	slot = add(0);
	hold(slot, now);
	hasw_seat_bridge(&seat, slot, now, BRIDGE);
	acked(now);
	now += BRIDGE / 12;
	n_sent = 0;
	hasw_seat_bridge(&seat, slot, now, BRIDGE);
	assert_int_equal(asked_for(times.length), 0);
	for (asked = now; now <= asked + 2 * times.renew && !asked_for(times.length);) {
		hasw_seat_tick(&seat, now);
		now = hasw_seat_wake(&seat) > now ? hasw_seat_wake(&seat) : now + MS;
	}
	assert_int_equal(asked_for(times.length), 3);
}

static void grant(uint64_t now, uint8_t from, uint64_t epoch, uint64_t length)
{
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_GRANT, .lease = LEASE, .generation = 1, .length = length, .epoch = epoch,
		.sequence = 2, .life = 9,
	};

	hasw_seat_hear(&seat, now, from, &m);
}

/* Whoever follows the holder need not wait for the disk; the holder repeats its RELEASE until the disk has it. */
static void release_needs_no_disk(void **state)
{
	uint64_t now = ready(), epoch = hasw_vote_epoch(1, 9, 1);

	(void)state;
	begin(1);
	add(0);
	seat.disk.ceiling = seat.want.ceiling = 1000;
	grant(now, 1, epoch, BRIDGE);
	hasw_seat_synced(&seat, now);
	assert_int_equal(n_sent, 1);
	assert_true(hasw_voter_long_of(&seat.disk, LEASE).epoch == epoch);
	grant(now, 2, hasw_vote_epoch(2, 9, 2), times.length);
	assert_int_equal(sent[1].answer, HASW_VOTE_HELD);

	released(now, epoch);
	assert_int_equal(n_sent, 2);
	assert_int_equal(n_syncs, 2);
	grant(now, 2, hasw_vote_epoch(2, 9, 2), times.length);
	assert_int_equal(n_sent, 3);
	assert_int_equal(sent[2].answer, HASW_VOTE_ACK);
	hasw_seat_synced(&seat, now);
	assert_int_equal(n_sent, 4);
	assert_true(sent[3].type == HASW_VOTE_RELEASE && sent[3].answer == HASW_VOTE_ACK);
	assert_true(!hasw_voter_long_of(&seat.disk, LEASE).epoch);
	/* What node 2 has got meanwhile is none of node 1's. */
	assert_true(seat.lease[1].voter.holder == 2 && seat.lease[1].voter.epoch);
}

/* A RELEASE that nobody acks is repeated until the voters' records of the right have ended, and no longer. */
static void release_ends_with_the_right(void **state)
{
	struct hasw_proposer *p;
	uint64_t now = ready();
	unsigned int slot;

	(void)state;
	begin(1);
	slot = add(0);
	hold(slot, now);
	hasw_seat_bridge(&seat, slot, now, BRIDGE);
	acked(now);
	p = &seat.lease[slot].proposer;
	assert_true(p->lent == BRIDGE);
	hasw_seat_release(&seat, slot, now);
	hasw_seat_stopped(&seat, slot, now);
	assert_true(p->freed_until == now + hasw_vote_wait(&times, BRIDGE));
	/* A longer right that was asked for before counts as well. */
	begin(1);
	slot = add(0);
	hold(slot, now);
	p = &seat.lease[slot].proposer;
	hasw_seat_long(&seat, slot, now, times.longest);
	acked(now);
	hasw_seat_bridge(&seat, slot, now + times.longest / 2, BRIDGE);
	assert_true(p->lent == times.longest);
}

/* Two voters. This node knows of a right of the other one, and presumes it off then. Return: its proposer. */
static struct hasw_proposer *told_and_presumed(uint64_t now, uint64_t remaining)
{
	struct hasw_proposer *p;
	unsigned int slot;

	begin(1);
	seat.set.voters = seat.disk.voters = seat.want.voters = 3;
	slot = add(0);
	p = &seat.lease[slot].proposer;
	hasw_proposer_voters(p, 1, 3);
	hasw_seat_want(&seat, slot, now, 1);
	refuse(p, now, 1, remaining);
	assert_true(p->told == (remaining ? now + hasw_vote_wait(&times, remaining) : 0));
	assert_true(hasw_seat_presume(&seat, 1, now));
	hasw_seat_fence_end(&seat, 1, 1);
	assert_true(p->fenced & 2);
	n_sent = 0;
	return p;
}

/* Asks again, and has its own voter reply. Return: whether the lease is asked for then. */
static int asks(const struct hasw_proposer *p, uint64_t now)
{
	n_sent = 0;
	hasw_seat_want(&seat, HASW_SEAT_CONFIG + 1, now, 1);
	hasw_seat_tick(&seat, now);
	if (p->state == HASW_PROPOSER_READ)
		answer(now, SELF, HASW_VOTE_READ, 0);
	return p->state == HASW_PROPOSER_ACQUIRE;
}

/* Who presumes the other node off waits for the right of which it has told. The record of the own voter is over. */
static void told_right_is_waited_for(void **state)
{
	uint64_t now = ready(), over = now + hasw_vote_wait(&times, 800 * MS);
	struct hasw_proposer *p = told_and_presumed(now, 800 * MS);

	(void)state;
	assert_false(asks(p, over - 50 * MS));
	assert_true(asks(p, over + 200 * MS));
	/* Its module has given the right up. */
	p = told_and_presumed(now, 800 * MS);
	p->told_epoch = 500;
	hasw_proposer_untold(p, 1, 499, now);
	hasw_proposer_untold(p, 2, 500, now);
	assert_false(asks(p, now + 20 * MS));
	hasw_seat_resigned(&seat, now, 1, LEASE, hasw_vote_epoch(500, 1, 1), 0);
	seat.lease[HASW_SEAT_CONFIG + 1].proposer.fenced |= 2;
	assert_true(asks(p, now + 300 * MS));
	/* A node that is fenced by a command is off. */
	p = told_and_presumed(now, 800 * MS);
	assert_true(hasw_seat_fence(&seat, 1));
	hasw_seat_fence_end(&seat, 1, 1);
	assert_true(asks(p, now + 300 * MS));
	/* Whoever stood still was not told. */
	p = told_and_presumed(now, 0);
	assert_true(!p->told);
	hasw_seat_stood(&seat, now);
	assert_false(asks(p, now + 900 * MS));
	assert_true(asks(p, now + 1500 * MS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_on),
		cmocka_unit_test(renewals_follow),
		cmocka_unit_test(release_needs_no_disk),
		cmocka_unit_test(release_ends_with_the_right),
		cmocka_unit_test(told_right_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
