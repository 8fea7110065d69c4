// SPDX-License-Identifier: GPL-2.0
/* How long a seat waits for a node that others say holds a lease. */
#include "seat.h"

/* A node that others say holds the lease is waited for, but asked about in time, and not waited for when it lets go. */
static void claimed(void **state)
{
	uint64_t now = hasw_vote_wait(&times, times.longest) + 1;
	struct hasw_proposer *p = &seat.lease[1].proposer;

	(void)state;
	begin(1);
	hasw_seat_want(&seat, add(0), now, 1);
	refuse(p, now, 1, times.length);
	refuse(p, now, 2, times.length);
	hasw_proposer_claimed(p, now, now + times.length + 7);
	assert_true(p->wake == now + times.length + 7);
	hasw_proposer_claimed(p, now, now + times.longest);
	assert_true(p->wake > now + times.length && p->wake <= now + hasw_vote_wait(&times, times.slowest));
	released(now, 1);
	hasw_proposer_claimed(p, now, now + times.length);
	assert_true(p->wake == now);
}

/* A node asks about all leases of others at one of its renewals, whenever it has asked about each before. */
static void claims_are_doubted_together(void **state)
{
	uint64_t now = hasw_vote_wait(&times, times.longest) + 1, wait = hasw_vote_wait(&times, times.slowest);
	struct hasw_proposer *p = &seat.lease[1].proposer;
	uint64_t asked, before = 0, same = 0, n = 0;

	(void)state;
	begin(1);
	hasw_seat_want(&seat, add(0), now, 1);
	refuse(p, now, 1, times.length);
	refuse(p, now, 2, times.length);
	for (asked = now; asked < now + 5 * times.renew; asked += times.renew / 4, n++) {
		p->asked = asked;
		p->wake = 0;
		hasw_proposer_claimed(p, asked, asked + times.longest);
		assert_true(p->wake > asked && p->wake <= asked + wait);
		assert_true(hasw_vote_renewal(&times, seat.life, p->wake - 1) == p->wake);
		same += p->wake == before;
		before = p->wake;
	}
	assert_true(same >= n - 2);
	/* That comes again and again. */
	p->asked = before + 1;
	p->wake = 0;
	hasw_proposer_claimed(p, p->asked, before + times.longest);
	assert_true(p->wake > before + wait - 2 * times.renew);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(claimed),
		cmocka_unit_test(claims_are_doubted_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
