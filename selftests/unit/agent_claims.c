// SPDX-License-Identifier: GPL-2.0
/* What a node tells its module of a lease that another node holds, by that node's claims and by what voters repeat. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "haagentd/bytes.h"
#include "haagentd/clock.h"
#include "haagentd/vote/vote.h"
#include "haagentd/vote/vote_wire.h"

#define SLOT	1
#define NUMBER	77

static struct vote vote;
static uint64_t told;	/* the deadline that the module was given; 0: none */
static unsigned int times_told;
static bool renews;	/* the last of these was a renewal, which no other user of generic netlink can hold up */

int lease_sock_grant(struct lease_sock *s, const struct lease_grant *grant, struct hasw_error *err)
{
	(void)s;
	(void)err;
	told = grant->deadline;
	renews = grant->renews;
	times_told++;
	return 0;
}

unsigned int vote_find(const struct vote *v, uint32_t number)
{
	(void)v;
	return number == NUMBER ? SLOT : HASW_VOTE_LEASES;
}

void vote_inherited(struct vote *v, unsigned int slot, unsigned int from, uint64_t epoch)
{
	(void)v;
	(void)slot;
	(void)from;
	(void)epoch;
}

static int begin(void **state)
{
	(void)state;
	memset(&vote, 0, sizeof(vote));
	vote.t = hasw_vote_profile_times(HASW_VOTE_DEFAULT, 10 * CLOCK_SECOND);
	vote.map.n = 3;
	vote.map.voters = 7;
	vote.seat.n = 2;
	vote.seat.lease[SLOT].proposer.t = &vote.t;
	vote.lease[SLOT].here = true;
	vote.lease[SLOT].holder = -1;
	vote.sock.open = true;
	told = times_told = 0;
	return 0;
}

static void claim_of(unsigned int node, uint64_t epoch, uint64_t left)
{
	uint8_t claim[VOTE_CLAIM];

	bytes_put(claim, NUMBER, 4);
	bytes_put(claim + 4, left / 1000, 4);
	bytes_put(claim + 8, epoch, 8);
	vote_claimed(&vote, node, claim, sizeof(claim));
}

static void claim(uint64_t epoch, uint64_t left)
{
	claim_of(1, epoch, left);
}

/* The holder's right may have been renewed since, and a holder that hangs then answers until that ends. */
static void taken_until_another_one_can_hold(void **state)
{
	const uint64_t left = vote.t.length - vote.t.renew;
	uint64_t before = clock_now(), after;

	(void)state;
	claim(9, left);
	after = clock_now();
	assert_int_equal(vote.lease[SLOT].holder, 1);
	assert_true(told >= before + vote.t.length);
	assert_true(told <= after + left + hasw_vote_wait(&vote.t, vote.t.length) - vote.t.length);
	/* Who waits for the lease waits for what the holder has said. */
	assert_true(vote.lease[SLOT].claimed >= before + left && vote.lease[SLOT].claimed <= after + left);
	/* The next claim has moved by less than half of what is left. */
	claim(9, left + vote.t.renew / 2);
	assert_int_equal(times_told, 1);
	claim(10, left);
	assert_int_equal(times_told, 2);
}

/* Only what the module has already is a renewal: it refuses others, and would have to be asked twice. */
static void renewed_once_the_module_has_it(void **state)
{
	const uint64_t left = vote.t.length - vote.t.renew;

	(void)state;
	claim(9, left);
	assert_false(renews);
	claim(9, left + 2 * vote.t.renew);
	assert_int_equal(times_told, 2);
	assert_true(renews);
	claim(10, left + 2 * vote.t.renew);
	assert_int_equal(times_told, 3);
	assert_false(renews);
	claim_of(2, 10, left + 2 * vote.t.renew);
	assert_int_equal(times_told, 4);
	assert_false(renews);
	vote.lease[SLOT].said = clock_now() - 1;
	claim_of(2, 10, left + 2 * vote.t.renew);
	assert_int_equal(times_told, 5);
	assert_false(renews);
}

/* What is repeated ends before the grant. */
static void repeated_as_it_is(void **state)
{
	struct vote_repeat repeat = { .holder = 1, .lease = NUMBER, .epoch = 9, .remaining = 40 * CLOCK_MS };
	uint64_t before = clock_now(), after;
	uint8_t data[VOTE_WIRE_REPEAT + VOTE_WIRE_LATER];
	size_t size = vote_repeat_put(&repeat, data, sizeof(data));

	(void)state;
	vote_repeated(&vote, 2, data, size);
	after = clock_now();
	assert_int_equal(times_told, 1);
	assert_true(told >= before + repeat.remaining && told <= after + repeat.remaining);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(taken_until_another_one_can_hold, begin),
		cmocka_unit_test_setup(renewed_once_the_module_has_it, begin),
		cmocka_unit_test_setup(repeated_as_it_is, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
