// SPDX-License-Identifier: GPL-2.0
/*
 * What an agent sends to a peer in one packet, and when: questions of the vote, claims, and what it repeats of others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "haagentd/clock.h"
#include "haagentd/vote/vote.h"
#include "haagentd/vote/vote_sets.h"
#include "haagentd/vote/vote_wire.h"

/* So long that a slow machine changes nothing. */
#define RENEW	(1000 * CLOCK_SECOND)

static struct vote vote;
static struct cluster cluster;
static unsigned int held, told, packets, repeats, repeated;

/* These stand in for the rest of the agent. A claim has no content here. */
void cluster_send_records(struct cluster *c, struct cluster_peer *peer, const uint8_t *records, size_t size,
			  uint64_t now)
{
	(void)c;
	(void)peer;
	(void)records;
	(void)now;
	assert_true(size <= WIRE_RECORDS_MAX);
	packets++;
}

size_t vote_claims(struct vote *v, unsigned int *at, uint8_t *to, size_t room)
{
	unsigned int n = (unsigned int)(room / VOTE_CLAIM);

	(void)v;
	if (n > held)
		n = held;
	memset(to, 0, n * VOTE_CLAIM);
	*at += n;
	told += n;
	return n * VOTE_CLAIM;
}

unsigned int vote_holds(const struct vote *v, uint64_t now)
{
	(void)v;
	(void)now;
	return held;
}

void vote_claimed(struct vote *v, unsigned int from, const uint8_t *data, size_t size)
{
	(void)v;
	(void)from;
	(void)data;
	(void)size;
}

size_t vote_repeats(struct vote *v, unsigned int id, uint8_t *to, size_t room)
{
	(void)v;
	(void)id;
	assert_true(room >= repeats * VOTE_WIRE_REPEAT);
	memset(to, 0, repeats * VOTE_WIRE_REPEAT);
	repeated += repeats;
	return repeats * VOTE_WIRE_REPEAT;
}

void vote_repeated(struct vote *v, unsigned int from, const uint8_t *data, size_t size)
{
	(void)v;
	(void)data;
	assert_int_equal(from, 1);
	assert_int_equal(size, VOTE_WIRE_REPEAT);
	repeated++;
}

void vote_words_heard(struct vote *v, unsigned int from, const uint8_t *data, size_t size)
{
	(void)v;
	(void)from;
	(void)data;
	(void)size;
}

bool vote_hears(const struct vote *v, unsigned int id)
{
	(void)v;
	(void)id;
	return true;
}

void vote_goes_to(struct vote *v, unsigned int slot, unsigned int id)
{
	(void)v;
	(void)slot;
	(void)id;
}

unsigned int vote_slot(struct vote *v, uint32_t number)
{
	(void)v;
	(void)number;
	return HASW_VOTE_LEASES;
}

void vote_plan(struct vote *v)
{
	(void)v;
}

void vote_sets_said(struct vote *v, struct cluster_peer *peer, const struct wire_record *record)
{
	(void)v;
	(void)peer;
	(void)record;
}

void vote_sets_send(struct vote *v, unsigned int id)
{
	(void)v;
	(void)id;
}

void vote_sets_ask(struct vote *v, unsigned int id, const struct hasw_vote_msg *m)
{
	(void)v;
	(void)id;
	(void)m;
}

void vote_sets_acked(struct vote *v, unsigned int id)
{
	(void)v;
	(void)id;
}

void vote_sets_follow(struct vote *v)
{
	(void)v;
}

void vote_sets_keep(struct vote *v)
{
	(void)v;
}

bool vote_sets_foreign(const struct vote *v)
{
	(void)v;
	return false;
}

/* The renewals of all leases are sent to the peer. */
static void renew(void)
{
	told = packets = 0;
	for (unsigned int i = 0; i < held; i++) {
		struct hasw_vote_msg m = { .type = HASW_VOTE_GRANT, .lease = i + 1, .epoch = 1, .length = 1 };

		vote_send(&vote, 1, &m);
	}
	vote_flush(&vote);
}

static void begin(unsigned int leases)
{
	static struct cluster_peer peer;

	memset(&vote, 0, sizeof(vote));
	snprintf(peer.conf.name, sizeof(peer.conf.name), "b");
	cluster.peers = &peer;
	cluster.n_peers = 1;
	vote.cluster = &cluster;
	vote.t.renew = RENEW;
	vote.map.n = 2;
	snprintf(vote.map.names[0], WIRE_NAME, "a");
	snprintf(vote.map.names[1], WIRE_NAME, "b");
	vote.begun = true;
	vote_peer_reset(&vote, 1);
	held = leases;
}

/* Each renewal tells of all leases, however full the packets are, also when it comes a little early. */
static void each_renewal_claims_all(void **state)
{
	(void)state;
	for (unsigned int leases = 1; leases < HASW_VOTE_LEASES; leases++) {
		begin(leases);
		renew();
		assert_true(told >= leases);
		vote.peer[1].claimed -= RENEW - RENEW / 50;
		renew();
		assert_true(told >= leases);
	}
}

/*
 * What else is sent between two renewals takes no packet more, and does not count for all when it has a part of them.
 */
static void between_renewals(void **state)
{
	struct hasw_vote_msg m = { .type = HASW_VOTE_READ, .lease = 1 };
	uint64_t before;

	(void)state;
	begin(200);
	renew();
	before = vote.peer[1].claimed;
	packets = 0;
	vote_send(&vote, 1, &m);
	vote_flush(&vote);
	assert_int_equal(packets, 1);
	assert_true(vote.peer[1].claimed == before);
	/* Just before the next renewal, claims have no packet of their own. */
	vote.peer[1].claimed = clock_now() - RENEW + RENEW / 50;
	vote_flush(&vote);
	assert_int_equal(packets, 1);
}

/* A node that is asked for no vote hears claims in the same turn, and also when nothing is renewed for long. */
static void claims_without_a_question(void **state)
{
	struct hasw_vote_msg m = { .type = HASW_VOTE_GRANT, .lease = 1, .epoch = 1, .length = 1 };

	(void)state;
	begin(1);
	renew();
	packets = told = 0;
	vote.map.self = 0;
	vote_send(&vote, 0, &m);
	vote.self_n = 0;
	vote_flush(&vote);
	assert_int_equal(packets, 1);
	assert_int_equal(told, 1);
	vote_flush(&vote);
	assert_int_equal(packets, 1);
	vote.peer[1].claimed = clock_now() - RENEW - RENEW / 2;
	vote_flush(&vote);
	assert_int_equal(packets, 2);
	assert_int_equal(told, 2);
}

/* What others hold is repeated to a node that misses somebody, once in two renewals, by one packet. */
static void repeats_to_who_misses(void **state)
{
	(void)state;
	begin(0);
	vote.t.renew = 20 * CLOCK_MS;
	packets = repeated = 0;
	repeats = 50;
	vote_flush(&vote);
	assert_int_equal(packets, 0);
	cluster.peers[0].misses = true;
	vote.repeat_look = clock_now();
	vote_flush(&vote);
	assert_int_equal(packets, 1);
	assert_int_equal(repeated, 50);
	vote.peer[1].repeated = clock_now() + CLOCK_SECOND;
	vote.repeat_look = clock_now();
	vote_flush(&vote);
	assert_int_equal(packets, 1);
	vote.peer[1].repeated = clock_now() - 39 * CLOCK_MS;
	vote.repeat_look = clock_now();
	vote_flush(&vote);
	assert_int_equal(packets, 2);
	cluster.peers[0].misses = false;
	repeats = 0;
}

/* A record of repetitions is used once, whichever path brings it. */
static void repetitions_are_heard(void **state)
{
	uint8_t data[16 + VOTE_WIRE_REPEAT] = { [15] = 1 };
	struct wire_record record = { .type = WIRE_RECORD_REPEATS, .data = data, .size = sizeof(data) };

	(void)state;
	begin(0);
	repeated = 0;
	vote_said(&vote, cluster.peers, &record);
	vote_said(&vote, cluster.peers, &record);
	assert_int_equal(repeated, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_renewal_claims_all),
		cmocka_unit_test(between_renewals),
		cmocka_unit_test(claims_without_a_question),
		cmocka_unit_test(repeats_to_who_misses),
		cmocka_unit_test(repetitions_are_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
