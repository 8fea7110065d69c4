// SPDX-License-Identifier: GPL-2.0
/*
 * A grant that the module does not answer in time is tried again, and given up when another node may have the lease.
 * The loop waits for no release either.
 */
#include <errno.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "agent_lease_sock.h"
#include "agent_seat.h"
#include "haagentd/clock.h"
#include "haagentd/vote/vote.h"

#define LENGTH	(90 * CLOCK_MS)
#define SLOT	(HASW_SEAT_CONFIG + 1)
#define HELD_EPOCH	1000

static struct vote vote;
static int answers;		/* what the module answers */
static bool renews;		/* the last grant was asked for as a renewal */
static unsigned int stopped;
static sem_t asked, may;	/* a release was asked for; it may end */
static bool released;

int lease_sock_grant(struct lease_sock *s, const struct lease_grant *grant, struct hasw_error *err)
{
	(void)s;
	renews = grant->renews;
	return answers ? hasw_fail(err, -answers, "as the test wants it") : 0;
}

/* Whoever waits for what never comes fails, and does not hang. */
static void wait_for(sem_t *sem)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 5;
	while (sem_timedwait(sem, &until) && errno == EINTR)
		;
}

int lease_sock_release(struct lease_sock *s, const char *lease, uint64_t epoch, const char *to, struct hasw_error *err)
{
	(void)s;
	(void)lease;
	(void)epoch;
	(void)to;
	(void)err;
	sem_post(&asked);
	wait_for(&may);
	__atomic_store_n(&released, true, __ATOMIC_SEQ_CST);
	return 0;
}

static void seat_stop(void *arg, unsigned int slot)
{
	(void)arg;
	(void)slot;
	stopped++;
}

static __u64 seat_top(void *arg)
{
	(void)arg;
	return HELD_EPOCH;
}

static const struct hasw_seat_ops ops = {
	.random = seat_random, .send = seat_send, .set = seat_unset, .stop = seat_stop,
	.sync = seat_sync, .top = seat_top,
};

/* An agent to which the voters have just granted a lease. */
static struct vote_lease *begin(void)
{
	struct hasw_voter_disk disk = { .known = 1, .generation = 1, .committed = 1, .voters = 1, .ceiling = 1000 };
	struct hasw_vote_set set = { .generation = 1, .voters = 1 };
	uint64_t now = clock_now();
	struct vote_lease *l = &vote.lease[SLOT];

	memset(&vote, 0, sizeof(vote));
	stopped = 0;
	vote.t = (struct hasw_vote_times){
		.length = LENGTH, .slowest = LENGTH, .longest = LENGTH, .renew = LENGTH / 4, .retry = CLOCK_SECOND,
		.ceiling = 1000, .rho = 100000,
	};
	vote.map.n = 1;
	strcpy(vote.map.names[0], "a");
	hasw_seat_open(&vote.seat, &vote.t, &ops, &vote, 0, &set, &disk);
	hasw_seat_add(&vote.seat, 1);
	hasw_seat_add(&vote.seat, 2);
	hasw_seat_start(&vote.seat, now, 3);
	hasw_seat_begin(&vote.seat, 0, now, 0, 0, 0);
	hasw_seat_begin(&vote.seat, 1, now, 0, HELD_EPOCH, now + LENGTH);
	vote.begun = true;
	vote.sock.open = true;
	strcpy(l->name, "web");
	l->here = true;
	l->epoch = HELD_EPOCH;
	l->until = now + LENGTH;
	l->heir.node = -1;
	return l;
}

static unsigned int cuts;	/* messages by which other voters were asked to shorten their records */

static void count_cuts(void *arg, __u8 to, const struct hasw_vote_msg *m)
{
	(void)arg;
	cuts += to && m->type == HASW_VOTE_GRANT && m->cut;
}

/* As the agent has it. */
static void set(void *arg, unsigned int slot, __u64 epoch, __u64 deadline)
{
	struct vote_lease *l = &vote.lease[slot];
	bool begins = clock_now() >= l->until;

	(void)arg;
	l->epoch = epoch;
	l->until = deadline;
	vote_grant(&vote, slot, begins);
}

static const struct hasw_seat_ops cut_ops = {
	.random = seat_random, .send = count_cuts, .set = set, .stop = seat_stop, .sync = seat_sync, .top = seat_top,
};

/* Rule 16: the module has the earlier deadline before a voter shortens its record. */
static void cut_is_asked_for_once_the_module_has_it(void **state)
{
	static const int codes[] = { 0, -ESTALE, -ETIMEDOUT };
	struct hasw_voter_disk disk = { .known = 1, .generation = 1, .committed = 1, .voters = 7, .ceiling = 1000 };
	struct hasw_vote_set voters = { .generation = 1, .voters = 7 };
	struct vote_lease *l = &vote.lease[SLOT];
	uint64_t now, end;
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		now = clock_now();
		end = now + 9 * CLOCK_SECOND;
		memset(&vote, 0, sizeof(vote));
		stopped = 0;
		cuts = 0;
		vote.t = hasw_vote_profile_times(HASW_VOTE_DEFAULT, 10 * CLOCK_SECOND);
		vote.map.n = 3;
		strcpy(vote.map.names[0], "a");
		strcpy(vote.map.names[1], "b");
		strcpy(vote.map.names[2], "c");
		hasw_seat_open(&vote.seat, &vote.t, &cut_ops, &vote, 0, &voters, &disk);
		hasw_seat_add(&vote.seat, 1);
		hasw_seat_add(&vote.seat, 2);
		hasw_seat_start(&vote.seat, now, 3);
		hasw_seat_begin(&vote.seat, 0, now, 0, 0, 0);
		hasw_seat_begin(&vote.seat, 1, now, 0, HELD_EPOCH, end);
		vote.begun = true;
		vote.sock.open = true;
		strcpy(l->name, "web");
		l->here = true;
		l->epoch = HELD_EPOCH;
		l->until = end;
		l->told = end;
		l->heir.node = -1;
		answers = codes[i];
		hasw_seat_shorten(&vote.seat, SLOT, now);
		assert_int_equal(cuts, answers ? 0 : 2);
		assert_int_equal(stopped, answers ? 1 : 0);
	}
	answers = 0;
}

static void unanswered_grant_is_tried_again(void **state)
{
	struct vote_lease *l = begin();
	uint64_t until = l->until;

	(void)state;
	answers = -ETIMEDOUT;
	vote_grant(&vote, SLOT, true);
	assert_false(renews);
	assert_int_equal(stopped, 0);
	assert_int_equal(l->until, until);
	/* The module may have taken it. */
	assert_int_equal(l->told, until);
	assert_int_equal(l->asked, HELD_EPOCH);
	assert_int_equal(l->taken, 0);
	assert_true(l->heir.grant_at && l->heir.grant_at < until);
	assert_int_equal(vote_move_wake(&vote), l->heir.grant_at);
	/* A module that has taken it meanwhile renews it. */
	answers = 0;
	vote_move_tick(&vote, l->heir.grant_at);
	assert_true(renews);
	assert_int_equal(stopped, 0);
	assert_true(l->taken);
	assert_int_equal(l->heir.grant_at, 0);
	assert_int_equal(l->unanswered, 0);
}

static void grant_that_stays_unanswered_is_given_up(void **state)
{
	struct vote_lease *l = begin();

	(void)state;
	answers = -ETIMEDOUT;
	vote_grant(&vote, SLOT, true);
	assert_int_equal(stopped, 0);
	l->unanswered -= LENGTH;
	vote_move_tick(&vote, l->heir.grant_at);
	assert_int_equal(stopped, 1);
	assert_int_equal(l->until, 0);
	assert_int_equal(l->heir.grant_at, 0);
}

static void unanswered_renewal_is_left_to_the_next(void **state)
{
	struct vote_lease *l = begin();

	(void)state;
	answers = -ETIMEDOUT;
	vote_grant(&vote, SLOT, false);
	assert_true(renews);
	assert_int_equal(stopped, 0);
	assert_int_equal(l->heir.grant_at, 0);
	answers = 0;
	vote_grant(&vote, SLOT, false);
	assert_int_equal(l->unanswered, 0);
	assert_int_equal(stopped, 0);
}

static void refused_grant_is_given_up_at_once(void **state)
{
	struct vote_lease *l = begin();

	(void)state;
	answers = -ESTALE;
	vote_grant(&vote, SLOT, true);
	assert_int_equal(stopped, 1);
	assert_int_equal(l->until, 0);
	assert_false(vote.look);
}

/* It may be for protodown or `only`, which the agent then reads, and asks for the lease no more. */
static void barred_grant_is_looked_at(void **state)
{
	(void)state;
	begin();
	answers = -EPERM;
	vote_grant(&vote, SLOT, true);
	assert_int_equal(stopped, 1);
	assert_true(vote.look);
}

/* A clone whose file stays as it is votes no more. The thread that ends a grant can still wait for the module. */
static void clone_waits_for_no_module(void **state)
{
	static struct cluster cluster;
	struct lease_stop_task task = { .slot = SLOT, .granted = true, .until = UINT64_MAX };

	(void)state;
	begin();
	vote.cluster = &cluster;
	vote.running = true;
	vote.store.fd = -1;
	vote.config.client = -1;
	assert_int_equal(sem_init(&asked, 0, 0), 0);
	assert_int_equal(sem_init(&may, 0, 0), 0);
	assert_int_equal(lease_stop_open(&vote.stop, &vote.sock.calls), 0);
	lease_stop_ask(&vote.stop, &task);
	wait_for(&asked);
	assert_false(vote_cloned(&vote, "/nowhere/voter"));
	assert_false(__atomic_load_n(&released, __ATOMIC_SEQ_CST));
	assert_false(vote.running);
	assert_false(vote.begun);
	assert_false(vote.sock.open);
	/* The end of the agent does wait. */
	sem_post(&may);
	vote_close(&vote);
	assert_true(released);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_is_asked_for_once_the_module_has_it),
		cmocka_unit_test(unanswered_grant_is_tried_again),
		cmocka_unit_test(grant_that_stays_unanswered_is_given_up),
		cmocka_unit_test(unanswered_renewal_is_left_to_the_next),
		cmocka_unit_test(refused_grant_is_given_up_at_once),
		cmocka_unit_test(barred_grant_is_looked_at),
		cmocka_unit_test(clone_waits_for_no_module),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
