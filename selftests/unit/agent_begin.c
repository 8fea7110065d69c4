// SPDX-License-Identifier: GPL-2.0
/* An agent that starts goes on with the grants that its module has, also when the module soon answers late. */
#include <errno.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <linux/haswitch.h>

#include "agent_seat.h"
#include "haagentd/agent.h"
#include "haagentd/agent_parts.h"
#include "haagentd/clock.h"
#include "haagentd/vote/lease_sock.h"

#define HELD_EPOCH	1000
#define LONG	(600 * CLOCK_SECOND)	/* of the right that the agent before took: no busy machine outlives it */

static struct agent agent;
static uint64_t deadline;
static sem_t may;
static bool late;	/* the module answers none of the requests that are made from now on */

__typeof__(hasw_dump) __wrap_hasw_dump;

/* In place of the module, which has one lease and no nodes. The linker has all callers of hasw_dump() call this. */
int __wrap_hasw_dump(struct hasw_sock *sock, struct hasw_msg *msg, hasw_record_fn fn, void *data,
		     struct hasw_error *err)
{
	char buf[HASW_MSG_SIZE] __attribute__((aligned(8)));
	struct hasw_record rec;
	struct hasw_msg reply;

	(void)sock;
	(void)err;
	while (__atomic_load_n(&late, __ATOMIC_SEQ_CST) && sem_wait(&may) && errno == EINTR)
		;
	if (msg->op != hasw_op(HASWITCH_CMD_LEASE_GET))
		return 0;
	hasw_msg_begin(&reply, buf, sizeof(buf), HASWITCH_CMD_LEASE_GET, 0);
	hasw_put_string(&reply, HASWITCH_A_LEASE_NAME, "web");
	hasw_put_string(&reply, HASWITCH_A_LEASE_HOLDER, "a");
	hasw_put_flag(&reply, HASWITCH_A_LEASE_HELD);
	hasw_put_u64(&reply, HASWITCH_A_LEASE_EPOCH, HELD_EPOCH);
	hasw_put_u64(&reply, HASWITCH_A_LEASE_DEADLINE, deadline);
	assert_int_equal(hasw_record_parse(&rec, reply.nlh), 0);
	return fn(&rec, data);
}

static void seat_stop(void *arg, unsigned int slot)
{
	(void)arg;
	(void)slot;
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

static void long_right_is_kept_while_module_is_late(void **none)
{
	struct hasw_voter_disk disk = { .known = 1, .generation = 1, .committed = 1, .voters = 1, .ceiling = 1000 };
	struct hasw_vote_set set = { .generation = 1, .voters = 1 };
	struct vote *v = &agent.vote;
	unsigned int slot;

	(void)none;
	assert_int_equal(sem_init(&may, 0, 0), 0);
	deadline = clock_now() + LONG;
	agent.module.open = true;
	agent.module.opened = 1;
	v->opened = 1;
	v->module = &agent.module;
	v->cluster = &agent.cluster;
	v->running = true;
	v->t = (struct hasw_vote_times){
		.length = 90 * CLOCK_MS, .slowest = 500 * CLOCK_MS, .longest = 10 * CLOCK_SECOND,
		.renew = 20 * CLOCK_MS, .retry = CLOCK_SECOND, .ceiling = 1000, .rho = 100000,
	};
	v->map.n = 1;
	strcpy(v->map.names[0], "a");
	hasw_seat_open(&v->seat, &v->t, &ops, v, 0, &set, &disk);
	hasw_seat_add(&v->seat, lease_number("@config"));
	agent_calls_begin(&agent);
	__atomic_store_n(&late, true, __ATOMIC_SEQ_CST);
	calls_turn(&agent.module.calls);
	vote_seat_begin(v);
	slot = vote_find(v, lease_number("web"));
	assert_true(slot < HASW_VOTE_LEASES);
	assert_int_equal(v->lease[slot].until, deadline);
	assert_int_equal(v->lease[slot].asked, HELD_EPOCH);
	assert_true(v->lease[slot].before);
	assert_true(v->seat.lease[slot].proposer.want);
	/* It is read again when the module answers. */
	assert_true(v->look);
	__atomic_store_n(&late, false, __ATOMIC_SEQ_CST);
	sem_post(&may);
	calls_end(&agent.module.calls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_right_is_kept_while_module_is_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
