// SPDX-License-Identifier: GPL-2.0
/* How the contenders of a lease go on when its holder lets go of it, or says that it will. */
#include "seat.h"

/* This voter acks a grant of node 1. */
static void hold_for_another(uint64_t now, uint64_t epoch, uint64_t length)
{
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_GRANT, .lease = LEASE, .generation = 1, .epoch = epoch, .sequence = 3, .life = 9,
		.length = length,
	};

	seat.disk.ceiling = seat.want.ceiling = 100;
	hasw_seat_hear(&seat, now, 1, &m);
}

/* A seat with one lease, which nobody here wants yet. */
static struct hasw_proposer *seat_with(unsigned int *slot)
{
	begin(1);
	*slot = add(0);
	return &seat.lease[*slot].proposer;
}

/* This node wants a lease that node 1 may hold, and has asked who has it. */
static struct hasw_proposer *contend(uint64_t now, uint64_t epoch, uint8_t rank)
{
	unsigned int slot;
	struct hasw_proposer *p = seat_with(&slot);

	if (epoch)
		hold_for_another(now, epoch, times.length);
	hasw_seat_want(&seat, slot, now, 1);
	p->rank = rank;
	n_sent = 0;
	return p;
}

/* What has a lease says that it lets go of it for another node: this one leaves it to that one, whatever it hears of
 * the release, and asks in its turn then.
 */
static void deferred(void **state)
{
	uint64_t now = hasw_vote_wait(&times, times.longest) + 1, until = now + 5 * times.retry;
	struct hasw_proposer *p = contend(now, 0, 2);
	const unsigned int slot = 1;

	(void)state;
	assert_int_equal(p->state, HASW_PROPOSER_READ);
	hasw_seat_defer(&seat, slot, now, until);
	assert_int_equal(p->state, HASW_PROPOSER_IDLE);
	released(now + MS, hasw_vote_epoch(1, 9, 1));
	hasw_seat_want(&seat, slot, now + MS, 1);
	for (; now < until + times.retry / 2; now += MS) {
		seat.step = ~0ULL;
		hasw_seat_tick(&seat, now);
		assert_int_equal(asked_of(HASW_VOTE_READ), 0);
	}
	hasw_seat_tick(&seat, now);
	assert_int_equal(asked_of(HASW_VOTE_READ), 3);
	/* Who has it, or asks for it under an epoch, is not stopped by that. */
	answers(now, HASW_VOTE_READ);
	assert_int_equal(p->state, HASW_PROPOSER_ACQUIRE);
	hasw_seat_defer(&seat, slot, now, now + 5 * times.retry);
	assert_int_equal(p->state, HASW_PROPOSER_ACQUIRE);
	answers(now, HASW_VOTE_GRANT);
	assert_int_equal(p->state, HASW_PROPOSER_OWN);
	hasw_seat_defer(&seat, slot, now, now + 5 * times.retry);
	assert_int_equal(p->state, HASW_PROPOSER_OWN);
	assert_true(p->wake <= now + times.renew);
}

/* It lets go of the lease for this node, which asks at once and again soon, though it left it to another one before. */
static void taken(void **state)
{
	uint64_t now = hasw_vote_wait(&times, times.longest) + 1;
	unsigned int slot;
	struct hasw_proposer *p = seat_with(&slot);

	(void)state;
	/* Nobody who does not want it takes it. */
	hasw_seat_take(&seat, slot, now);
	assert_int_equal(p->state, HASW_PROPOSER_IDLE);
	hasw_seat_want(&seat, slot, now, 1);
	hasw_seat_defer(&seat, slot, now, now + 5 * times.retry);
	p->rank = 2;
	n_sent = 0;
	hasw_seat_take(&seat, slot, now);
	assert_int_equal(asked_of(HASW_VOTE_READ), 3);
	for (uint8_t node = 1; node < 3; node++) {
		refuse(p, now, node, times.length);
		/* It may not have heard yet, so it is soon asked again. */
		assert_true(p->wake == now + times.retry / 64);
		if (node > 1)
			break;
		n_sent = 0;
		now += times.retry / 64;
		hasw_seat_tick(&seat, now);
		assert_int_equal(asked_of(HASW_VOTE_READ), 3);
	}
	assert_int_equal(p->state, HASW_PROPOSER_IDLE);
	/* And later not so soon; where another node has taken it, when that one's right ends. */
	assert_true(hasw_proposer_pace(p, now) == times.retry / 64);
	assert_true(hasw_proposer_pace(p, now + times.retry) == times.retry / 4);
	hasw_proposer_taken(p);
	n_sent = 0;
	now += times.retry / 4;
	hasw_seat_tick(&seat, now);
	assert_int_equal(asked_of(HASW_VOTE_READ), 3);
	for (uint8_t node = 1; node < 3; node++)
		refuse(p, now, node, times.length);
	assert_true(p->wake == now + times.length);
}

/*
 * Who asks first when the holder lets go needs no READ: the other voters hear of the release, too. It is not certain
 * that they would ack if this node's own voter does not, and the other contenders wait.
 */
static void succeeds(void **state)
{
	const uint64_t now = hasw_vote_wait(&times, times.longest) + 1, epoch = hasw_vote_epoch(3, 9, 1);
	struct hasw_proposer *p = contend(now, epoch, 0);

	(void)state;
	released(now, epoch);
	assert_int_equal(p->state, HASW_PROPOSER_ACQUIRE);
	assert_int_equal(asked_of(HASW_VOTE_READ), 0);
	assert_int_equal(asked_of(HASW_VOTE_GRANT), 3);
	assert_true(p->epoch > epoch);
	/* Another voter may hear of the release a little later, and is asked again soon. */
	assert_true(p->wake > now + times.retry / 64);
	refuse_grant(p, now, 2, epoch);
	assert_int_equal(p->state, HASW_PROPOSER_ACQUIRE);
	assert_true(p->wake == now + times.retry / 64);
	/* In its turn. */
	p = contend(now, epoch, 1);
	released(now, epoch);
	assert_int_equal(p->state, HASW_PROPOSER_READ);
	assert_int_equal(asked_of(HASW_VOTE_GRANT), 0);
	assert_true(p->wake == now + times.retry / 4);
	/* The release is of another grant than this voter's record, or there is none: a late one of long ago. */
	p = contend(now, epoch, 0);
	released(now, epoch - 1);
	assert_int_equal(p->state, HASW_PROPOSER_READ);
	assert_true(p->wake <= now);
	p = contend(now, 0, 0);
	released(now, epoch);
	assert_int_equal(p->state, HASW_PROPOSER_READ);
	assert_true(p->wake <= now);
	/* The holder's module has given it up. */
	p = contend(now, epoch, 0);
	hasw_seat_resigned(&seat, now, 1, LEASE, epoch, 0);
	assert_int_equal(p->state, HASW_PROPOSER_ACQUIRE);
	/* Packets of a kernel that has panicked may still be on their way. */
	p = contend(now, epoch, 0);
	hasw_seat_resigned(&seat, now, 1, LEASE, epoch, 1);
	assert_int_equal(p->state, HASW_PROPOSER_READ);
}

/* Messages of that type that were sent to a node. */
static unsigned int sent_to_of(uint8_t to, enum hasw_vote_type type)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < n_sent; i++)
		n += sent_to[i] == to && sent[i].type == type;
	return n;
}

/* The last message of that type. */
static const struct hasw_vote_msg *last_of(enum hasw_vote_type type)
{
	for (unsigned int i = n_sent; i--;)
		if (sent[i].type == type)
			return &sent[i];
	fail_msg("no message of type %d was sent", type);
	return NULL;
}

/* Who asks for a lease tells each voter before each question that the module of the last holder gave it up. */
static void relays(void **state)
{
	uint64_t now = hasw_vote_wait(&times, times.longest) + 1, epoch = hasw_vote_epoch(1, 9, 1);
	struct hasw_proposer *p = contend(now, epoch, 0);
	unsigned int slot;

	(void)state;
	hasw_seat_resigned(&seat, now, 1, LEASE, epoch, 0);
	assert_int_equal(p->state, HASW_PROPOSER_ACQUIRE);
	for (uint8_t to = 0; to < 3; to++) {
		assert_int_equal(sent_to_of(to, HASW_VOTE_GRANT), 1);
		assert_int_equal(sent_to_of(to, HASW_VOTE_RESIGNED), to != SELF);
	}
	for (unsigned int i = 0; i < n_sent; i++)
		if (sent[i].type == HASW_VOTE_GRANT && sent_to[i] != SELF)
			assert_true(i && sent[i - 1].type == HASW_VOTE_RESIGNED && sent_to[i - 1] == sent_to[i]);
	assert_true(last_of(HASW_VOTE_RESIGNED)->epoch == epoch);
	assert_int_equal(last_of(HASW_VOTE_RESIGNED)->node, 1);
	assert_int_equal(last_of(HASW_VOTE_RESIGNED)->panic, 0);
	assert_int_equal(last_of(HASW_VOTE_RESIGNED)->lease, LEASE);
	/* It was lost, so it is said again. */
	seat.step = ~0ULL;
	hasw_seat_tick(&seat, p->wake);
	assert_int_equal(sent_to_of(2, HASW_VOTE_GRANT), 2);
	assert_int_equal(sent_to_of(2, HASW_VOTE_RESIGNED), 2);
	/* This node holds the lease: there is nothing more to tell. */
	answers(now + MS, HASW_VOTE_GRANT);
	assert_int_equal(p->state, HASW_PROPOSER_OWN);
	n_sent = 0;
	hasw_seat_tick(&seat, p->wake);
	assert_int_equal(asked_of(HASW_VOTE_GRANT), 3);
	assert_int_equal(asked_of(HASW_VOTE_RESIGNED), 0);
	/* A module that panicked and then says that all packets are gone. An earlier epoch is no news. */
	p = contend(now, epoch, 0);
	hasw_seat_resigned(&seat, now, 1, LEASE, epoch, 1);
	hasw_seat_tick(&seat, now);
	assert_int_equal(last_of(HASW_VOTE_RESIGNED)->panic, 1);
	hasw_seat_resigned(&seat, now, 1, LEASE, epoch, 0);
	assert_int_equal(last_of(HASW_VOTE_RESIGNED)->panic, 0);
	hasw_seat_resigned(&seat, now, 1, LEASE, epoch, 1);
	hasw_seat_resigned(&seat, now, 2, LEASE, epoch - 1, 1);
	hasw_seat_tick(&seat, p->wake);
	assert_int_equal(last_of(HASW_VOTE_RESIGNED)->panic, 0);
	assert_int_equal(last_of(HASW_VOTE_RESIGNED)->node, 1);
	/* Of a node that asks for nothing nobody hears it. */
	p = seat_with(&slot);
	hold_for_another(now, epoch, times.length);
	n_sent = 0;
	hasw_seat_resigned(&seat, now, 1, LEASE, epoch, 0);
	hasw_seat_tick(&seat, now);
	assert_int_equal(asked_of(HASW_VOTE_RESIGNED), 0);
}

/* Node 2 says that the module of a node gave up an epoch. */
static void relayed(uint64_t now, uint8_t node, uint64_t epoch, int panic, uint32_t generation)
{
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_RESIGNED, .lease = LEASE, .generation = generation, .epoch = epoch, .life = 9,
		.node = node, .panic = (__u8)panic,
	};

	hasw_seat_hear(&seat, now, 2, &m);
}

/* A voter that no module tells anything ends that very record, and that one alone. It asks for nothing. */
static void hears_relayed(void **state)
{
	uint64_t now = hasw_vote_wait(&times, times.longest) + 1, epoch = hasw_vote_epoch(2, 9, 1), end;
	struct hasw_voter *v;
	unsigned int slot;

	(void)state;
	seat_with(&slot);
	v = &seat.lease[slot].voter;
	hold_for_another(now, epoch, times.length);
	end = v->expiry;
	relayed(now, 1, epoch - 1, 0, 1);
	relayed(now, 1, epoch + 1, 0, 2);
	relayed(now, 2, epoch, 0, 1);
	relayed(now, HASW_VOTE_NODES, epoch, 0, 1);
	relayed(now, 1, epoch, 0, 2);
	relayed(now, 1, 1ULL << 62, 0, 1);
	assert_true(v->epoch == epoch && v->expiry == end && v->epoch_max == epoch && !v->pinned);
	n_sent = 0;
	/* Packets may be in flight: the wait begins when this voter hears of it, and does not begin again. */
	relayed(now, 1, epoch, 1, 1);
	end = now + hasw_vote_wait(&times, 0);
	assert_true(v->epoch == epoch && v->expiry == end && v->pinned);
	relayed(now + MS, 1, epoch, 1, 1);
	assert_true(v->expiry == end);
	relayed(now + MS, 1, epoch, 0, 1);
	assert_true(!v->epoch && !v->expiry && v->epoch_max == epoch);
	assert_int_equal(n_sent, 0);
	/* The same node holds the lease again: what is said of its former grant ends nothing. */
	hold_for_another(now + MS, epoch + (1 << 24), times.length);
	relayed(now + 2 * MS, 1, epoch, 0, 1);
	relayed(now + 2 * MS, 1, epoch, 1, 1);
	assert_true(v->epoch == epoch + (1 << 24) && v->expiry == now + MS + hasw_vote_wait(&times, times.length));
}

/* Node 1 was switched off by a fence. What node 2 says of it is no sign that it lives. */
static void relayed_of_fenced(void **state)
{
	uint64_t now = hasw_vote_wait(&times, times.longest) + 1;
	struct hasw_proposer *p;
	unsigned int slot;

	(void)state;
	p = seat_with(&slot);
	p->fenced = 1 << 1 | 1 << 2;
	relayed(now, 1, hasw_vote_epoch(2, 9, 1), 0, 1);
	assert_int_equal(p->fenced, 1 << 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deferred),
		cmocka_unit_test(taken),
		cmocka_unit_test(succeeds),
		cmocka_unit_test(relays),
		cmocka_unit_test(hears_relayed),
		cmocka_unit_test(relayed_of_fenced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
