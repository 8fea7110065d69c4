// SPDX-License-Identifier: GPL-2.0
/* Requests to the module by a thread: the loop waits no longer than it can afford, and late replies do no harm. */
#include <errno.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <linux/haswitch.h>

#include "haagentd/clock.h"
#include "haagentd/module/module.h"

#define PATIENCE (20 * CLOCK_MS)		/* while requests are held */
#define EVER	 (600 * CLOCK_SECOND)		/* else: no busy machine may fail a test */

/* In place of the module: a request waits while `held`, and its answer is `result` and `records` node records. */
static bool held;
static sem_t may;
static int result;
static unsigned int records, requests, opened, closed, state;
static struct calls calls;

static void wait_if_held(void)
{
	__atomic_add_fetch(&requests, 1, __ATOMIC_SEQ_CST);
	if (!__atomic_load_n(&held, __ATOMIC_SEQ_CST))
		return;
	while (sem_wait(&may) && errno == EINTR)
		;
}

static int answer(struct hasw_error *err)
{
	wait_if_held();
	return result ? hasw_fail(err, -result, "as the test wants it") : 0;
}

int hasw_sock_open(struct hasw_sock *sock, struct hasw_error *err)
{
	opened++;
	sock->nl = (void *)&opened;
	return answer(err);
}

void hasw_sock_close(struct hasw_sock *sock)
{
	if (sock->nl)
		__atomic_add_fetch(&closed, 1, __ATOMIC_SEQ_CST);
	sock->nl = NULL;
}

int hasw_subscribe(struct hasw_sock *sock, struct hasw_error *err)
{
	(void)sock;
	(void)err;
	return 0;
}

int hasw_call(struct hasw_sock *sock, struct hasw_msg *msg, struct hasw_error *err)
{
	(void)sock;
	(void)msg;
	return answer(err);
}

int hasw_get(struct hasw_sock *sock, struct hasw_msg *msg, hasw_record_fn fn, void *data, struct hasw_error *err)
{
	unsigned int i;
	int ret = 0;

	(void)sock;
	(void)msg;
	wait_if_held();
	for (i = 0; i < records && !ret; i++) {
		char name[16], buf[HASW_MSG_SIZE] __attribute__((aligned(8)));
		struct hasw_record rec;
		struct hasw_msg reply;

		hasw_msg_begin(&reply, buf, sizeof(buf), HASWITCH_CMD_NODE_GET, 0);
		snprintf(name, sizeof(name), "node%u", i);
		hasw_put_string(&reply, HASWITCH_A_NODE_NAME, name);
		hasw_put_u8(&reply, HASWITCH_A_NODE_STATE, (uint8_t)state);
		assert_int_equal(hasw_record_parse(&rec, reply.nlh), 0);
		ret = fn(&rec, data);
	}
	/* The next record would be in the same buffer. */
	return ret ? ret : result ? hasw_fail(err, -result, "as the test wants it") : 0;
}

int hasw_dump(struct hasw_sock *sock, struct hasw_msg *msg, hasw_record_fn fn, void *data, struct hasw_error *err)
{
	return hasw_get(sock, msg, fn, data, err);
}

int hasw_dump_begin(struct hasw_sock *sock, struct hasw_msg *msg, struct hasw_dumping *d, struct hasw_error *err)
{
	(void)sock;
	(void)msg;
	*d = (struct hasw_dumping){ .seq = 7 };
	return answer(err);
}

static int begin_calls(void **none)
{
	(void)none;
	held = false;
	result = 0;
	records = requests = opened = closed = 0;
	return sem_init(&may, 0, 0) || calls_begin(&calls, EVER);
}

/* From now on no request is answered; the loop's next turn begins, in which that soon matters. */
static void stop_answers(struct calls *c)
{
	__atomic_store_n(&held, true, __ATOMIC_SEQ_CST);
	c->patience = PATIENCE;
	calls_turn(c);
}

static void let_go(void)
{
	__atomic_store_n(&held, false, __ATOMIC_SEQ_CST);
	sem_post(&may);
}

static int end_calls(void **none)
{
	(void)none;
	/* A point that failed has left the thread in a request. */
	let_go();
	calls_end(&calls);
	return sem_destroy(&may);
}

static char got[64];

static int take(const struct hasw_record *rec, void *data)
{
	size_t at = strlen(got);

	snprintf(got + at, sizeof(got) - at, "%s ", hasw_string(rec, HASWITCH_A_NODE_NAME));
	return data ? *(int *)data : 0;
}

/* Asks for node @name; by a dump without one. */
static int ask(const char *name, struct hasw_error *err)
{
	char buf[HASW_MSG_SIZE];
	struct hasw_msg msg;

	got[0] = '\0';
	hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_NODE_GET, name ? 0 : NLM_F_DUMP);
	if (!name)
		return calls_dump(&calls, &msg, take, NULL, err);
	hasw_put_string(&msg, HASWITCH_A_NODE_NAME, name);
	return calls_get(&calls, &msg, take, NULL, err);
}

static int beat(const char *name, struct hasw_error *err)
{
	char buf[HASW_MSG_SIZE];
	struct hasw_msg msg;

	hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_NODE_SET, 0);
	hasw_put_string(&msg, HASWITCH_A_NODE_NAME, name);
	return calls_call(&calls, &msg, err);
}

static unsigned int made(void)
{
	return __atomic_load_n(&requests, __ATOMIC_SEQ_CST);
}

/* Waits for the thread; the loop's next turn begins. */
static void settle(void)
{
	calls.patience = EVER;
	calls_turn(&calls);
	calls_settle(&calls, clock_now() + 10 * CLOCK_SECOND);
	assert_false(calls_stuck(&calls));
}

/* Makes a request that is not answered while `held`, and takes all time of this turn. */
static void hold(void)
{
	struct hasw_error err;
	uint64_t began;

	stop_answers(&calls);
	began = clock_now();
	assert_int_equal(ask("a", &err), -ETIMEDOUT);
	assert_true(clock_now() - began >= PATIENCE);
	assert_true(calls_stuck(&calls));
}

static void reply_is_that_of_request(void **none)
{
	struct hasw_error err;
	int stop = 5;

	(void)none;
	records = 3;
	assert_int_equal(ask(NULL, &err), 0);
	assert_string_equal(got, "node0 node1 node2 ");
	result = -EBUSY;
	assert_int_equal(ask(NULL, &err), -EBUSY);
	assert_int_equal(err.code, EBUSY);
	assert_string_equal(err.text, "as the test wants it");
	assert_string_equal(got, "node0 node1 node2 ");
	assert_int_equal(beat("a", &err), -EBUSY);
	result = 0;
	assert_int_equal(beat("a", &err), 0);
	/* A callback ends the read. */
	got[0] = '\0';
	{
		char buf[HASW_MSG_SIZE];
		struct hasw_msg msg;

		hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_NODE_GET, NLM_F_DUMP);
		assert_int_equal(calls_dump(&calls, &msg, take, &stop, &err), 5);
	}
	assert_string_equal(got, "node0 ");
}

static void stuck_request_refuses_others_at_once(void **none)
{
	struct hasw_error err;
	unsigned int i;
	uint64_t began;

	(void)none;
	hold();
	began = clock_now();
	for (i = 0; i < 100; i++) {
		assert_int_equal(beat("b", &err), -ETIMEDOUT);
		assert_int_equal(ask("a", &err), -ETIMEDOUT);
	}
	/* Each of them alone would have waited for PATIENCE. */
	assert_true(clock_now() - began < 100 * PATIENCE);
	assert_int_equal(made(), 1);
	let_go();
	settle();
	assert_int_equal(beat("b", &err), 0);
	assert_int_equal(made(), 2);
}

static void late_reply_is_for_same_request(void **none)
{
	struct hasw_error err;

	(void)none;
	records = 1;
	hold();
	let_go();
	settle();
	assert_int_equal(ask("a", &err), 0);
	assert_string_equal(got, "node0 ");
	assert_int_equal(made(), 1);
	/* It is given once. */
	assert_int_equal(ask("a", &err), 0);
	assert_int_equal(made(), 2);
	/* Another request is made itself, and leaves the late reply alone. */
	hold();
	let_go();
	settle();
	records = 2;
	assert_int_equal(ask("b", &err), 0);
	assert_string_equal(got, "node0 node1 ");
	assert_int_equal(beat("a", &err), 0);
	assert_int_equal(made(), 5);
	assert_int_equal(ask("a", &err), 0);
	assert_string_equal(got, "node0 ");
	assert_int_equal(made(), 5);
	/* Nobody gets what the socket said that was closed since. */
	hold();
	let_go();
	settle();
	assert_int_equal(beat("a", &err), 0);
	calls_close(&calls);
	requests = 0;
	assert_int_equal(ask("a", &err), 0);
	assert_int_equal(made(), 1);
}

/* What the module said before an event is not what it says after it. */
static void late_reply_is_outdated_by_an_event(void **none)
{
	struct hasw_error err;
	unsigned int late;

	(void)none;
	for (late = 0; late < 2; late++) {
		requests = 0;
		hold();
		if (!late)
			calls_outdate(&calls);
		let_go();
		settle();
		if (late) {
			assert_int_equal(beat("a", &err), 0);
			calls_outdate(&calls);
		}
		requests = 0;
		assert_int_equal(ask("a", &err), 0);
		assert_int_equal(made(), 1);
	}
}

/* A BEAT counts from when it is made. */
static void late_reply_to_a_change_is_not_kept(void **none)
{
	struct hasw_error err;

	(void)none;
	stop_answers(&calls);
	assert_int_equal(beat("a", &err), -ETIMEDOUT);
	let_go();
	settle();
	assert_int_equal(beat("a", &err), 0);
	assert_int_equal(made(), 2);
}

/* A module that answers slowly does not hold the loop up again and again in one turn. */
static void turn_has_one_patience(void **none)
{
	struct hasw_error err;

	(void)none;
	hold();
	let_go();
	calls_settle(&calls, clock_now() + 10 * CLOCK_SECOND);
	assert_int_equal(beat("a", &err), -ETIMEDOUT);
	assert_int_equal(made(), 1);
	calls.patience = EVER;
	calls_turn(&calls);
	assert_int_equal(beat("a", &err), 0);
}

static void socket_is_closed_after_request(void **none)
{
	struct hasw_sock events;
	struct hasw_error err;

	(void)none;
	assert_int_equal(calls_open(&calls, &events, &err), 0);
	hold();
	calls_close(&calls);
	assert_int_equal(__atomic_load_n(&closed, __ATOMIC_SEQ_CST), 0);
	assert_int_equal(calls_open(&calls, &events, &err), -ETIMEDOUT);
	let_go();
	settle();
	/* That for events is the caller's. */
	assert_int_equal(__atomic_load_n(&closed, __ATOMIC_SEQ_CST), 1);
	/* Nobody gets the reply to what was asked by the socket that is closed. */
	requests = 0;
	assert_int_equal(ask("a", &err), 0);
	assert_int_equal(made(), 1);
	assert_int_equal(calls_open(&calls, &events, &err), 0);
	assert_int_equal(opened, 4);
}

static void sockets_that_were_opened_late_are_taken(void **none)
{
	struct hasw_sock events;
	struct hasw_error err;

	(void)none;
	stop_answers(&calls);
	assert_int_equal(calls_open(&calls, &events, &err), -ETIMEDOUT);
	let_go();
	settle();
	assert_int_equal(calls_open(&calls, &events, &err), 0);
	assert_int_equal(opened, 2);
	assert_int_equal(closed, 0);
	calls_close(&calls);
	assert_int_equal(closed, 1);
}

static void dump_that_began_late_is_read_then(void **none)
{
	char buf[HASW_MSG_SIZE];
	struct hasw_dumping dump;
	struct hasw_error err;
	struct hasw_msg msg;

	(void)none;
	hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_SERVICE_GET, NLM_F_DUMP);
	stop_answers(&calls);
	assert_int_equal(calls_dump_begin(&calls, &msg, &dump, &err), -ETIMEDOUT);
	let_go();
	settle();
	assert_int_equal(calls_dump_begin(&calls, &msg, &dump, &err), 0);
	assert_int_equal(dump.seq, 7);
	assert_int_equal(made(), 1);
}

static void settling_ends_with_its_time(void **none)
{
	uint64_t until;

	(void)none;
	hold();
	until = clock_now() + PATIENCE;
	calls_settle(&calls, until);
	assert_true(clock_now() >= until);
	assert_true(calls_stuck(&calls));
}

/* A node that is known to be in maintenance causes no alarm while the module is silent. */
static void node_rests_while_module_is_silent(void **none)
{
	static struct module m;
	struct module_node *nodes, node;
	struct hasw_error err;
	unsigned int n;

	(void)none;
	m.open = true;
	assert_int_equal(calls_begin(&m.calls, EVER), 0);
	records = 2;
	state = HASWITCH_NODE_STATE_MAINTENANCE;
	assert_true(module_resting(&m, "node1"));
	assert_false(resting_has(&m.resting, "node0"));
	state = HASWITCH_NODE_STATE_UP;
	stop_answers(&m.calls);
	assert_true(module_resting(&m, "node1"));
	assert_false(module_resting(&m, "node2"));
	/* An event tells of changes meanwhile. */
	resting_note(&m.resting, "node1", HASWITCH_NODE_STATE_UP);
	resting_note(&m.resting, "node2", HASWITCH_NODE_STATE_MAINTENANCE);
	assert_false(module_resting(&m, "node1"));
	assert_true(module_resting(&m, "node2"));
	let_go();
	calls_settle(&m.calls, clock_now() + 10 * CLOCK_SECOND);
	m.calls.patience = EVER;
	calls_turn(&m.calls);
	assert_int_equal(module_nodes(&m, &nodes, &n, &err), 0);
	assert_int_equal(n, 2);
	free(nodes);
	/* The list of all nodes has no such node. */
	assert_false(resting_has(&m.resting, "node2"));
	state = HASWITCH_NODE_STATE_MAINTENANCE;
	assert_true(module_resting(&m, "node0"));
	result = -ENOENT;
	records = 0;
	assert_int_equal(module_node(&m, "node0", &node, &err), -ENOENT);
	assert_false(resting_has(&m.resting, "node0"));
	calls_end(&m.calls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reply_is_that_of_request, begin_calls, end_calls),
		cmocka_unit_test_setup_teardown(stuck_request_refuses_others_at_once, begin_calls, end_calls),
		cmocka_unit_test_setup_teardown(late_reply_is_for_same_request, begin_calls, end_calls),
		cmocka_unit_test_setup_teardown(late_reply_is_outdated_by_an_event, begin_calls, end_calls),
		cmocka_unit_test_setup_teardown(late_reply_to_a_change_is_not_kept, begin_calls, end_calls),
		cmocka_unit_test_setup_teardown(turn_has_one_patience, begin_calls, end_calls),
		cmocka_unit_test_setup_teardown(socket_is_closed_after_request, begin_calls, end_calls),
		cmocka_unit_test_setup_teardown(sockets_that_were_opened_late_are_taken, begin_calls, end_calls),
		cmocka_unit_test_setup_teardown(dump_that_began_late_is_read_then, begin_calls, end_calls),
		cmocka_unit_test_setup_teardown(settling_ends_with_its_time, begin_calls, end_calls),
		cmocka_unit_test_setup_teardown(node_rests_while_module_is_silent, begin_calls, end_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
