// SPDX-License-Identifier: GPL-2.0
/* What a seat does while its disk is busy: leases that come meanwhile, long rights, and how often it writes. */
#include "seat.h"

/* A lease that comes after the others have told what they know, and before that is on the disk. */
static void lease_while_recovering(void **state)
{
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_GRANT, .lease = LEASE, .generation = 1, .length = times.length,
		.epoch = hasw_vote_epoch(90, 9, 1), .sequence = 3, .life = 9,
	};
	uint64_t now = hasw_vote_wait(&times, times.longest) + 1;

	(void)state;
	begin(0);
	hasw_seat_tick(&seat, now);
	answer(now, 1, HASW_VOTE_RECOVER, hasw_vote_epoch(100, 0, 0));
	answer(now, 2, HASW_VOTE_RECOVER, 0);
	assert_int_equal(n_syncs, 1);
	add(now);
	hasw_seat_synced(&seat, now);
	assert_true(seat.disk.known);

	now += hasw_vote_wait(&times, times.longest) + 1;
	n_sent = 0;
	hasw_seat_hear(&seat, now, 1, &m);
	assert_int_equal(n_sent, 1);
	assert_int_equal(sent[0].answer, HASW_VOTE_LOW);
	m.epoch = hasw_vote_epoch(101, 9, 1);
	hasw_seat_hear(&seat, now, 1, &m);
	assert_int_equal(n_sent, 2);
	assert_int_equal(sent[1].answer, HASW_VOTE_ACK);
}

static void grant(uint64_t now, uint64_t length, uint64_t sequence)
{
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_GRANT, .lease = LEASE, .generation = 1, .length = length,
		.epoch = hasw_vote_epoch(1, 9, 1), .sequence = sequence, .life = 9,
	};

	hasw_seat_hear(&seat, now, 1, &m);
}

/* A voter acks usual renewals while it writes that of a long right, which is asked for again: it writes once. */
static void long_while_writing(void **state)
{
	uint64_t now = hasw_vote_wait(&times, times.longest) + 1;

	(void)state;
	begin(1);
	add(0);
	seat.disk.ceiling = seat.want.ceiling = 1000;
	grant(now, times.length, 1);
	assert_int_equal(n_sent, 1);
	assert_int_equal(sent[0].answer, HASW_VOTE_ACK);
	grant(now, times.longest, 2);
	assert_int_equal(n_sent, 1);
	assert_int_equal(n_syncs, 1);
	grant(now, times.length, 3);
	assert_int_equal(n_sent, 2);
	assert_int_equal(sent[1].answer, HASW_VOTE_ACK);
	grant(now, times.longest, 2);
	assert_int_equal(n_sent, 2);
	hasw_seat_synced(&seat, now);
	assert_int_equal(n_sent, 3);
	assert_true(sent[2].answer == HASW_VOTE_ACK && sent[2].sequence == 2);
	assert_int_equal(n_syncs, 1);
}

static unsigned int asked_for(uint64_t length)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < n_sent; i++)
		n += sent[i].type == HASW_VOTE_GRANT && sent[i].length == length;
	return n;
}

/* A holder renews as usual while a long right is not acked, and what was sent before does not shorten it then. */
static void renewals_beside_long(void **state)
{
	uint64_t now = hasw_vote_wait(&times, times.longest) + 1, asked;
	unsigned int slot;

	(void)state;
	begin(1);
	slot = add(0);
	hold(slot, now);
	assert_int_equal(n_sets, 1);
	assert_true(deadline == now + times.length);

	asked = now += MS;
	n_sent = 0;
	hasw_seat_long(&seat, slot, now, times.longest);
	assert_int_equal(asked_for(times.longest), 3);
	assert_int_equal(asked_for(times.length), 3);
	/* Longer than there are rounds to remember. */
	for (int i = 0; i < 100 && now <= asked + 2 * times.length; i++) {
		n_sent = 0;
		now = hasw_seat_wake(&seat) > now ? hasw_seat_wake(&seat) : now;
		hasw_seat_tick(&seat, now);
		for (unsigned int j = 0; j < n_sent; j++) {
			struct hasw_vote_msg m = sent[j];

			m.answer = HASW_VOTE_ACK;
			if (m.type == HASW_VOTE_GRANT && m.length == times.length && sent_to[j] != SELF)
				hasw_seat_hear(&seat, now, sent_to[j], &m);
		}
	}
	assert_true(now > asked + 2 * times.length);
	assert_true(deadline > now && deadline <= now + times.length);
	for (uint8_t node = 1; node < 3; node++) {
		struct hasw_vote_msg m = {
			.type = HASW_VOTE_GRANT, .answer = HASW_VOTE_ACK, .lease = LEASE,
			.generation = 1, .life = seat.life, .sequence = seat.lease[slot].proposer.far.sequence,
			.epoch = seat.lease[slot].proposer.epoch,
		};

		hasw_seat_hear(&seat, now, node, &m);
	}
	assert_true(deadline == asked + times.longest);
	for (uint8_t node = 1; node < 3; node++) {
		struct hasw_vote_msg m = {
			.type = HASW_VOTE_GRANT, .answer = HASW_VOTE_ACK, .lease = LEASE,
			.generation = 1, .life = seat.life, .sequence = seat.lease[slot].proposer.sequence,
			.epoch = seat.lease[slot].proposer.epoch,
		};

		hasw_seat_hear(&seat, now, node, &m);
	}
	assert_true(deadline == asked + times.longest);
}

/* Leases that were taken at different times are renewed at the same times, so that one datagram has all GRANTs. */
static void renewals_together(void **state)
{
	uint64_t now = hasw_vote_wait(&times, times.longest) + 1, until = now + 4 * times.renew;
	int rounds = 0;

	(void)state;
	begin(1);
	hold(add(0), now);
	now += times.renew / 3;
	hasw_seat_begin(&seat, hasw_seat_add(&seat, LEASE + 1), now, 0, 0, 0);
	hold(2, now);
	for (now = hasw_seat_wake(&seat); now < until; now = hasw_seat_wake(&seat)) {
		int asked[2] = { 0, 0 };

		n_sent = 0;
		hasw_seat_tick(&seat, now);
		for (unsigned int i = 0; i < n_sent; i++)
			asked[sent[i].lease == LEASE] += sent[i].type == HASW_VOTE_GRANT && sent_to[i] != SELF;
		rounds += asked[0] == 2 && asked[1] == 2;
		assert_true(asked[0] == asked[1] || !rounds);
	}
	assert_true(rounds > 2);
}

/* A voter's answer to the grant of @sequence under @epoch. */
static void reply(uint64_t now, uint8_t node, uint64_t sequence, uint64_t epoch, enum hasw_vote_answer word,
		  uint64_t epoch_max)
{
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_GRANT, .answer = (__u8)word, .lease = LEASE, .generation = 1, .life = seat.life,
		.sequence = sequence, .epoch = epoch, .epoch_max = epoch_max,
	};

	hasw_seat_hear(&seat, now, node, &m);
}

static void acks(uint64_t now, uint64_t sequence, uint64_t epoch)
{
	reply(now, 1, sequence, epoch, HASW_VOTE_ACK, 0);
	reply(now, 2, sequence, epoch, HASW_VOTE_ACK, 0);
}

/* A late answer to a usual renewal does not shorten a long right, also while the epoch moves on. */
static void long_while_moving(void **state)
{
	uint64_t now = hasw_vote_wait(&times, times.longest) + 1, until;
	struct hasw_proposer *p;
	unsigned int slot;

	(void)state;
	begin(1);
	slot = add(0);
	p = &seat.lease[slot].proposer;
	hold(slot, now);

	/* A voter that has restarted wants a higher epoch, which nobody has acked yet. */
	now += times.renew;
	hasw_seat_tick(&seat, now);
	reply(now, 2, p->sequence, p->epoch, HASW_VOTE_LOW, hasw_vote_epoch(100, 0, 0));
	assert_true(p->next);
	hasw_seat_long(&seat, slot, now, times.longest);
	until = now + times.longest;
	reply(now, 1, p->sequence, p->epoch, HASW_VOTE_ACK, 0);
	reply(now, SELF, p->sequence, p->epoch, HASW_VOTE_ACK, 0);
	reply(now, 1, p->far.sequence, p->epoch, HASW_VOTE_ACK, 0);
	reply(now, SELF, p->far.sequence, p->epoch, HASW_VOTE_ACK, 0);
	assert_true(deadline == until);
	reply(now, 2, p->sequence, p->next, HASW_VOTE_ACK, 0);
	assert_true(deadline == until && p->deadline == until);
	assert_true(p->wake > now + times.length);
}

/* What has been asked for stays what it is, and the voter keeps the later end of two rights. */
static void another_length(void **state)
{
	uint64_t now = hasw_vote_wait(&times, times.longest) + 1, sent_at = now;
	struct hasw_proposer *p;
	unsigned int slot;

	(void)state;
	begin(1);
	slot = add(0);
	p = &seat.lease[slot].proposer;
	hasw_seat_length(&seat, 0);
	assert_true(p->usual == times.length);
	hasw_seat_length(&seat, times.longest);
	assert_true(p->usual == times.slowest);
	hasw_seat_want(&seat, slot, now, 1);
	answers(now, HASW_VOTE_READ);
	/* Between asking and the answers. */
	hasw_seat_length(&seat, 2 * times.length);
	answers(now, HASW_VOTE_GRANT);
	assert_true(deadline == sent_at + times.slowest);

	now += times.renew;
	n_sent = 0;
	hasw_seat_tick(&seat, now);
	assert_int_equal(asked_for(2 * times.length), 3);
	acks(now, p->sequence, p->epoch);
	assert_true(deadline == now + 2 * times.length);
}

static uint64_t left(uint64_t now)
{
	const struct hasw_voter *v = &seat.lease[hasw_seat_find(&seat, LEASE)->slot].voter;

	return v->expiry - now;
}

static void shorter_after_longer(void **state)
{
	uint64_t now = hasw_vote_wait(&times, times.longest) + 1;

	(void)state;
	begin(1);
	add(0);
	seat.disk.ceiling = seat.want.ceiling = 1000;
	grant(now, times.slowest, 1);
	assert_true(left(now) == hasw_vote_wait(&times, times.slowest));
	grant(now, times.length, 2);
	assert_true(left(now) == hasw_vote_wait(&times, times.slowest));
	now += hasw_vote_wait(&times, times.slowest);
	grant(now, times.length, 3);
	assert_true(left(now) == hasw_vote_wait(&times, times.length));
	/* Neither was written, as no usual right is. */
	assert_int_equal(n_syncs, 0);
}

/* A cut that comes late leaves what usual rights were given meanwhile. */
static void late_cut(void **state)
{
	uint64_t now = hasw_vote_wait(&times, times.longest) + 1;
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_GRANT, .lease = LEASE, .generation = 1, .length = times.length,
		.epoch = hasw_vote_epoch(2, 9, 1), .sequence = 3, .life = 9, .cut = 1,
	};

	(void)state;
	begin(1);
	add(0);
	seat.disk.ceiling = seat.want.ceiling = 1000;
	grant(now, times.longest, 1);
	hasw_seat_synced(&seat, now);
	assert_true(left(now) == hasw_vote_wait(&times, times.longest));
	grant(now, 2 * times.length, 2);
	hasw_seat_hear(&seat, now, 1, &m);
	hasw_seat_synced(&seat, now);
	assert_true(left(now) == hasw_vote_wait(&times, 2 * times.length));
}

/* A cut asks for as much as the module was left until it has the lead, whatever the machine needs meanwhile. */
static void length_of_a_cut(void **state)
{
	uint64_t now = hasw_vote_wait(&times, times.longest) + 1;
	struct hasw_proposer *p;
	unsigned int slot;

	(void)state;
	begin(1);
	slot = add(0);
	p = &seat.lease[slot].proposer;
	hold(slot, now);
	hasw_seat_long(&seat, slot, now, times.longest);
	acks(now, p->far.sequence, p->epoch);
	hasw_seat_length(&seat, times.slowest);
	hasw_seat_shorten(&seat, slot, now);
	assert_true(deadline == now + times.slowest);
	hasw_seat_length(&seat, times.length);
	now += times.renew;
	n_sent = 0;
	hasw_seat_tick(&seat, now);
	assert_int_equal(asked_for(times.length), 0);
	assert_true(asked_for(times.slowest) > 0);
	acks(now, p->sequence, p->next);
	now += times.renew;
	n_sent = 0;
	hasw_seat_tick(&seat, now);
	assert_int_equal(asked_for(times.length), 3);
}

/* A module that does not take a cut goes on, so no voter hears of that. */
static void cut_refused(void **state)
{
	uint64_t now = hasw_vote_wait(&times, times.longest) + 1;
	struct hasw_proposer *p;
	unsigned int slot;

	(void)state;
	begin(1);
	slot = hasw_seat_add(&seat, LEASE);
	p = &seat.lease[slot].proposer;
	hasw_seat_begin(&seat, slot, now, 0, hasw_vote_epoch(3, 1, SELF), now + times.longest);
	n_sent = 0;
	refused_at = now;
	hasw_seat_shorten(&seat, slot, now);
	refused_at = 0;
	assert_int_equal(p->state, HASW_PROPOSER_STOP);
	assert_int_equal(n_sent, 0);
}

static unsigned int cuts(uint64_t epoch)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < n_sent; i++)
		n += sent[i].type == HASW_VOTE_GRANT && sent[i].epoch == epoch && sent[i].cut;
	return n;
}

/* The next agent renews as usual before it cuts, and then goes on to cut until it wants a long right again: a voter
 * that has not heard of it would keep others out for as long as the long right was.
 */
static void cut_after_renewing(void **state)
{
	uint64_t now = hasw_vote_wait(&times, times.longest) + 1;
	struct hasw_proposer *p;
	unsigned int slot;

	(void)state;
	begin(1);
	slot = hasw_seat_add(&seat, LEASE);
	p = &seat.lease[slot].proposer;
	hasw_seat_begin(&seat, slot, now, 0, hasw_vote_epoch(3, 1, SELF), now + times.longest);
	hasw_seat_tick(&seat, now);
	acks(now, p->sequence, p->epoch);
	assert_true(deadline == now + times.length);

	now += times.renew / 2;
	n_sent = 0;
	hasw_seat_shorten(&seat, slot, now);
	assert_true(deadline == now + times.length - times.renew / 2);
	assert_int_equal(cuts(p->next), 3);
	assert_int_equal(cuts(p->epoch), 0);
	reply(now, 1, p->sequence, p->next, HASW_VOTE_ACK, 0);
	reply(now, SELF, p->sequence, p->next, HASW_VOTE_ACK, 0);
	assert_false(p->cutting);
	now += times.renew;
	n_sent = 0;
	hasw_seat_tick(&seat, now);
	assert_int_equal(cuts(p->epoch), 3);
	acks(now, p->sequence, p->epoch);
	/* There is no long right any more. */
	n_sent = 0;
	hasw_seat_shorten(&seat, slot, now);
	assert_int_equal(n_sent, 0);
	hasw_seat_long(&seat, slot, now, times.longest);
	assert_int_equal(cuts(p->epoch), 0);
}

/* It ends nothing that was asked for under its own epoch, in whatever order they come. */
static void cut_under_one_epoch(void **state)
{
	uint64_t now = hasw_vote_wait(&times, times.longest) + 1;
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_GRANT, .lease = LEASE, .generation = 1, .length = times.length,
		.epoch = hasw_vote_epoch(1, 9, 1), .sequence = 1, .life = 9, .cut = 1,
	};

	(void)state;
	begin(1);
	add(0);
	seat.disk.ceiling = seat.want.ceiling = 1000;
	grant(now, times.longest, 2);
	hasw_seat_synced(&seat, now);
	hasw_seat_hear(&seat, now, 1, &m);
	assert_true(left(now) == hasw_vote_wait(&times, times.longest));
	m.epoch = hasw_vote_epoch(2, 9, 1);
	m.cut = 0;
	hasw_seat_hear(&seat, now, 1, &m);
	assert_true(left(now) == hasw_vote_wait(&times, times.longest));
	m.cut = 1;
	hasw_seat_hear(&seat, now, 1, &m);
	assert_true(left(now) == hasw_vote_wait(&times, times.length));
	/* What is on the disk goes after the answer. */
	assert_int_equal(n_syncs, 2);
}

/* Who waits for the end of a long right asks now and then whether it has been cut. */
static void long_right_of_another(void **state)
{
	uint64_t now = hasw_vote_wait(&times, times.longest) + 1;
	struct hasw_proposer *p;
	unsigned int slot;

	(void)state;
	begin(1);
	slot = add(0);
	p = &seat.lease[slot].proposer;
	hasw_seat_want(&seat, slot, now, 1);
	for (uint8_t node = 1; node < 3; node++)
		refuse(p, now, node, hasw_vote_wait(&times, times.longest));
	assert_true(p->wake == now + hasw_vote_wait(&times, times.slowest));
}

/* This node asks for a lease, and two voters that have replied to its READ are free. */
static struct hasw_proposer *ask_two(uint64_t now, uint8_t first, uint8_t second)
{
	unsigned int slot;

	begin(1);
	slot = add(0);
	seat.disk.ceiling = seat.want.ceiling = 1000;
	hasw_seat_want(&seat, slot, now, 1);
	answer(now, first, HASW_VOTE_READ, 0);
	answer(now, second, HASW_VOTE_READ, 0);
	assert_int_equal(seat.lease[slot].proposer.state, HASW_PROPOSER_ACQUIRE);
	return &seat.lease[slot].proposer;
}

/* This node and another one ask for a lease at once, and the third one is off: each acks itself. The one with the lower
 * epoch gives up at once, and the other one asks again as soon as it hears that.
 */
static void split_vote(void **state)
{
	uint64_t now = hasw_vote_wait(&times, times.longest) + 1;
	struct hasw_proposer *p = ask_two(now, SELF, 1);

	(void)state;
	refuse_grant(p, now, 1, p->epoch + 1);
	assert_int_equal(p->state, HASW_PROPOSER_STOP);

	p = ask_two(now, SELF, 1);
	refuse_grant(p, now, 1, p->epoch - 1);
	assert_int_equal(p->state, HASW_PROPOSER_ACQUIRE);
	released(now, p->epoch - 1);
	assert_true(hasw_proposer_wake(p) == now);
	n_sent = 0;
	seat.step = ~0ULL;
	hasw_seat_tick(&seat, now);
	assert_int_equal(asked_of(HASW_VOTE_GRANT), 3);
	answer(now, SELF, HASW_VOTE_GRANT, 0);
	answer(now, 1, HASW_VOTE_GRANT, 0);
	assert_int_equal(p->state, HASW_PROPOSER_OWN);

	/* The refusal of a node that is cut off is waited out: the other two are a majority. */
	p = ask_two(now, 1, 2);
	answer(now, SELF, HASW_VOTE_GRANT, 0);
	refuse_grant(p, now, 2, p->epoch + 1);
	assert_int_equal(p->state, HASW_PROPOSER_ACQUIRE);
}

/* A late reply to the READ that came before the last GRANT. */
static void late_read(const struct hasw_proposer *p, uint64_t now, uint8_t node)
{
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_READ, .answer = HASW_VOTE_ACK, .lease = LEASE, .generation = 1, .life = seat.life,
		.sequence = p->sequence - 1,
	};

	hasw_seat_hear(&seat, now, node, &m);
}

/* Two of three living nodes ask for a lease at once. One of them gets it, whatever comes first: the one with the lower
 * epoch, if it knows that the third one lives, or the other one as soon as it hears the RELEASE of the first.
 */
static void outbid_by_one_of_three(void **state)
{
	uint64_t now = hasw_vote_wait(&times, times.longest) + 1;
	struct hasw_proposer *p = ask_two(now, SELF, 1);

	(void)state;
	late_read(p, now, 2);
	refuse_grant(p, now, 1, p->epoch + 1);
	assert_int_equal(p->state, HASW_PROPOSER_ACQUIRE);
	answer(now, SELF, HASW_VOTE_GRANT, 0);
	answer(now, 2, HASW_VOTE_GRANT, 0);
	assert_int_equal(p->state, HASW_PROPOSER_OWN);

	p = ask_two(now, SELF, 1);
	answer(now, SELF, HASW_VOTE_GRANT, 0);
	refuse_grant(p, now, 1, p->epoch - 1);
	refuse_grant(p, now, 2, p->epoch - 1);
	assert_int_equal(p->state, HASW_PROPOSER_ACQUIRE);
	released(now, p->epoch - 1);
	assert_true(hasw_proposer_wake(p) == now);
	answer(now, 2, HASW_VOTE_GRANT, 0);
	assert_int_equal(p->state, HASW_PROPOSER_OWN);

	/* No RELEASE comes: the other node has the lease. */
	p = ask_two(now, SELF, 1);
	answer(now, SELF, HASW_VOTE_GRANT, 0);
	refuse_grant(p, now, 1, p->epoch - 1);
	refuse_grant(p, now, 2, p->epoch - 1);
	seat.step = ~0ULL;
	while (p->wake < p->until) {
		hasw_seat_tick(&seat, p->wake);
		assert_int_equal(p->state, HASW_PROPOSER_ACQUIRE);
	}
	hasw_seat_tick(&seat, p->wake);
	assert_int_equal(p->state, HASW_PROPOSER_STOP);

	/* A higher epoch, or a voter that has just started, is not waited for. */
	p = ask_two(now, SELF, 1);
	answer(now, SELF, HASW_VOTE_GRANT, 0);
	reply(now, 1, p->sequence, p->epoch, HASW_VOTE_MUTED, 0);
	reply(now, 2, p->sequence, p->epoch, HASW_VOTE_HELD, p->epoch + 1);
	assert_int_equal(p->state, HASW_PROPOSER_STOP);
}

/* A voter of this life acks a lease that it hears of later at once: what earlier ones promised has run out. */
static void lease_that_comes_later(void **state)
{
	uint64_t now = hasw_vote_wait(&times, times.slowest);
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_GRANT, .lease = LEASE, .generation = 1, .epoch = hasw_vote_epoch(3, 1, 1),
		.sequence = 1, .life = 9, .length = times.length,
	};

	(void)state;
	begin(1);
	assert_true(hasw_seat_mute(&seat, 0) == now);
	add(now - 1);
	seat.disk.ceiling = 100;
	assert_true(hasw_seat_mute(&seat, now - 1) == 1);
	hasw_seat_hear(&seat, now - 1, 1, &m);
	assert_int_equal(n_sent, 1);
	assert_int_equal(sent[0].answer, HASW_VOTE_MUTED);
	assert_true(hasw_seat_mute(&seat, now) == 0);
	hasw_seat_hear(&seat, now, 1, &m);
	assert_int_equal(n_sent, 2);
	assert_int_equal(sent[1].answer, HASW_VOTE_ACK);
}

/* Returns the last question of this voter, which recovers, to a node. */
static struct hasw_vote_msg recover_asked(uint8_t node)
{
	for (unsigned int i = n_sent; i--;)
		if (sent_to[i] == node && sent[i].type == HASW_VOTE_RECOVER && sent[i].sequence)
			return sent[i];
	fail_msg("node %u was not asked", node);
	return (struct hasw_vote_msg){ 0 };
}

/* Answers the question of a voter that recovers; that node has promised and acked a change of the set. */
static void answer_acked(uint64_t now, uint8_t node, uint64_t ballot, uint64_t acked, uint64_t map)
{
	struct hasw_vote_msg m = recover_asked(node);

	m.answer = HASW_VOTE_ACK;
	m.ballot = ballot;
	m.acked = acked;
	m.voters = acked ? 7 : 0;
	m.map = acked ? map : 0;
	hasw_seat_hear(&seat, now, node, &m);
}

/*
 * A voter that lost its file may have acked a change of the set, which is committed by that. So it takes over what the
 * others have acked, and acks no attempt below one that they have promised.
 */
static void acked_while_recovering(void **state)
{
	uint64_t now = hasw_vote_wait(&times, times.longest) + MS;
	uint64_t high = hasw_vote_epoch(9, 0, 2), low = hasw_vote_epoch(8, 0, 1);
	struct hasw_vote_msg m = { .type = HASW_VOTE_SET, .generation = 2, .voters = 7, .map = 44, .ballot = low };

	(void)state;
	begin(0);
	hasw_seat_tick(&seat, now);
	answer_acked(now, 1, high, 0, 0);
	answer_acked(now, 2, low, low, 33);
	hasw_seat_synced(&seat, now);
	assert_true(seat.disk.known);
	assert_int_equal(seat.disk.generation, 2);
	assert_int_equal(seat.disk.committed, 1);
	assert_true(seat.disk.map == 33 && seat.disk.acked == low && seat.disk.ballot == high);
	assert_int_equal(seat.disk.before, 7);
	/* Another set of a lower attempt than the promised one. */
	n_sent = 0;
	hasw_seat_hear(&seat, now, 1, &m);
	assert_int_equal(n_sent, 1);
	assert_int_equal(sent[0].answer, HASW_VOTE_LOW);
	assert_true(sent[0].ballot == high);
	/* A higher attempt finds which set was acked. */
	m = (struct hasw_vote_msg){ .type = HASW_VOTE_RECOVER, .generation = 1, .ballot = high };
	hasw_seat_hear(&seat, now, 2, &m);
	assert_int_equal(n_sent, 2);
	assert_int_equal(sent[1].answer, HASW_VOTE_ACK);
	assert_true(sent[1].acked == low && sent[1].map == 33 && sent[1].voters == 7);
}

/* A node answers the question of a voter that recovers: it has no state either, and its module knows such an epoch. */
static void answer_empty(uint64_t now, uint8_t node, uint64_t top)
{
	struct hasw_vote_msg m = recover_asked(node);

	m.answer = HASW_VOTE_EMPTY;
	m.epoch_max = top;
	m.remaining = 0;
	hasw_seat_hear(&seat, now, node, &m);
}

/*
 * Modules remember what all voters have lost. A new cluster begins above the highest epoch of any module (rule 22), as
 * its module would refuse what is below.
 */
static void begins_above_every_module(void **state)
{
	static const unsigned int tops[][3] = { { 100, 50, 70 }, { 0, 50, 100 }, { 0, 100, 50 } };
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_GRANT, .lease = LEASE, .generation = 1, .length = times.length, .sequence = 3,
		.life = 9,
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(tops) / sizeof(*tops); i++) {
		uint64_t now = hasw_vote_wait(&times, times.longest) + 1;

		begin(0);
		add(0);
		module_top = hasw_vote_epoch(tops[i][0], 0, 0);
		hasw_seat_tick(&seat, now);
		answer_empty(now, 1, hasw_vote_epoch(tops[i][1], 0, 0));
		assert_int_equal(n_syncs, 0);
		answer_empty(now, 2, hasw_vote_epoch(tops[i][2], 0, 0));
		assert_int_equal(n_syncs, 1);
		hasw_seat_synced(&seat, now);
		assert_true(seat.disk.known);

		now += hasw_vote_wait(&times, times.longest) + 1;
		n_sent = 0;
		m.epoch = hasw_vote_epoch(99, 9, 1);
		hasw_seat_hear(&seat, now, 1, &m);
		m.epoch = hasw_vote_epoch(101, 9, 1);
		hasw_seat_hear(&seat, now, 1, &m);
		assert_int_equal(n_sent, 2);
		assert_int_equal(sent[0].answer, HASW_VOTE_LOW);
		assert_int_equal(sent[1].answer, HASW_VOTE_ACK);
	}
}

/* Who is asked while it has no state tells what its module knows. */
static void empty_tells_its_module(void **state)
{
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_RECOVER, .lease = HASW_SEAT_CONFIG, .generation = 1, .sequence = 4, .life = 9,
	};

	(void)state;
	begin(0);
	module_top = hasw_vote_epoch(100, 0, 0);
	n_sent = 0;
	hasw_seat_hear(&seat, hasw_vote_wait(&times, times.longest) + 1, 1, &m);
	assert_int_equal(n_sent, 1);
	assert_int_equal(sent[0].answer, HASW_VOTE_EMPTY);
	assert_true(sent[0].epoch_max == module_top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lease_while_recovering),
		cmocka_unit_test(long_while_writing),
		cmocka_unit_test(renewals_beside_long),
		cmocka_unit_test(renewals_together),
		cmocka_unit_test(long_while_moving),
		cmocka_unit_test(another_length),
		cmocka_unit_test(shorter_after_longer),
		cmocka_unit_test(late_cut),
		cmocka_unit_test(length_of_a_cut),
		cmocka_unit_test(cut_after_renewing),
		cmocka_unit_test(cut_under_one_epoch),
		cmocka_unit_test(long_right_of_another),
		cmocka_unit_test(cut_refused),
		cmocka_unit_test(split_vote),
		cmocka_unit_test(outbid_by_one_of_three),
		cmocka_unit_test(lease_that_comes_later),
		cmocka_unit_test(acked_while_recovering),
		cmocka_unit_test(begins_above_every_module),
		cmocka_unit_test(empty_tells_its_module),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
