// SPDX-License-Identifier: GPL-2.0
/* The thread that ends grants: a grant has ended when the module says so, and not before. */
#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "haagentd/clock.h"
#include "haagentd/vote/lease_stop.h"
#include "agent_lease_sock.h"

/* In place of the module: it begins to release a grant, and goes on when the test lets it. */
static sem_t begun, may;
static int results[4];
static char named[4][WIRE_NAME];
static unsigned int requests;

int lease_sock_release(struct lease_sock *s, const char *lease, uint64_t epoch, const char *to, struct hasw_error *err)
{
	unsigned int n = requests++;

	(void)s;
	(void)err;
	sem_post(&begun);
	while (sem_wait(&may) && errno == EINTR)
		;
	if (n >= 4 || strcmp(lease, "web") || epoch != 7)
		return -EINVAL;
	snprintf(named[n], sizeof(named[n]), "%s", to);
	return results[n];
}

static void wait_begun(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 10;
	assert_int_equal(sem_timedwait(&begun, &until), 0);
}

static int readable(const struct lease_stop *s, int ms)
{
	struct pollfd event = { .fd = s->event, .events = POLLIN };

	return poll(&event, 1, ms);
}

/* The loop's requests; the thread of these tests has none to wait for. */
static struct calls granter;
static struct lease_stop stop;
static bool has_routes;

static int open_stop(void **state)
{
	(void)state;
	memset(results, 0, sizeof(results));
	memset(named, 0, sizeof(named));
	requests = 0;
	has_routes = false;
	return sem_init(&begun, 0, 0) || sem_init(&may, 0, 0) || lease_stop_open(&stop, &granter);
}

static int close_stop(void **state)
{
	(void)state;
	/* A point that failed has left the thread in a request. */
	for (int i = 0; i < 8; i++)
		sem_post(&may);
	lease_stop_close(&stop);
	return 0;
}

static void ask(bool granted, const char *to)
{
	struct lease_stop_task task = {
		.slot = 3, .lease = "web", .granted = granted, .epoch = 7, .routes = has_routes,
	};

	task.until = clock_now() + 10 * CLOCK_SECOND;
	snprintf(task.to, sizeof(task.to), "%s", to);
	lease_stop_ask(&stop, &task);
}

static void assert_ended(void)
{
	unsigned int slot = 0;

	assert_int_equal(readable(&stop, 10000), 1);
	assert_true(lease_stop_ended(&stop, &slot));
	assert_int_equal(slot, 3);
	assert_false(lease_stop_ended(&stop, &slot));
}

static void assert_not_ended(void)
{
	unsigned int slot;

	assert_int_equal(readable(&stop, 0), 0);
	assert_false(lease_stop_ended(&stop, &slot));
}

static void grant_has_ended_after_release(void **state)
{
	(void)state;
	ask(true, "");
	wait_begun();
	assert_not_ended();
	sem_post(&may);
	assert_ended();
	assert_int_equal(requests, 1);
}

static void failed_release_is_repeated(void **state)
{
	(void)state;
	results[0] = -EIO;
	ask(true, "");
	wait_begun();
	sem_post(&may);
	wait_begun();
	assert_not_ended();
	sem_post(&may);
	assert_ended();
	assert_int_equal(requests, 2);
}

static void unknown_next_holder_is_left_out(void **state)
{
	(void)state;
	results[0] = -ENOENT;
	ask(true, "b");
	sem_post(&may);
	sem_post(&may);
	assert_ended();
	assert_int_equal(requests, 2);
	assert_string_equal(named[0], "b");
	assert_string_equal(named[1], "");
}

/* Nothing is asked of a module that was unloaded, which named no next holder as unknown. */
static void module_that_is_gone_is_not_asked(void **state)
{
	(void)state;
	lease_sock_open_fails = -ENOENT;
	ask(true, "b");
	sem_post(&may);
	assert_ended();
	assert_int_equal(requests, 0);
	lease_sock_open_fails = 0;
}

static void no_grant_needs_no_release(void **state)
{
	(void)state;
	ask(false, "");
	assert_ended();
	assert_int_equal(requests, 0);
}

/* An agent that is told to stop does not wait until the grant of a module that fails has run out. */
static void close_waits_for_no_retry(void **state)
{
	uint64_t began = clock_now();

	(void)state;
	lease_sock_open_fails = -EIO;
	ask(true, "");
	usleep(30000);
	lease_stop_close(&stop);
	lease_sock_open_fails = 0;
	assert_true(clock_now() < began + 5 * CLOCK_SECOND);
}

/* Ends the grant while it has routes. Returns whether the loop was not told yet some ms later. */
static bool waits(void)
{
	has_routes = true;
	requests = 0;
	ask(true, "");
	wait_begun();
	sem_post(&may);
	return !readable(&stop, 5);
}

/* This host may stand still for longer than the thread waits for routes, so one of some attempts has to succeed. */
#define ATTEMPTS	50

/* The loop is told when the routes of that lease are withdrawn, and not before. */
static void routes_are_withdrawn_first(void **state)
{
	unsigned int good = 0, i;

	(void)state;
	for (i = 0; i < ATTEMPTS && !good; i++) {
		uint64_t began = clock_now();
		bool waited = waits();

		lease_stop_withdrawn(&stop, "db");
		waited = waited && !readable(&stop, 2);
		lease_stop_withdrawn(&stop, "web");
		assert_ended();
		good += waited && clock_now() < began + 15 * CLOCK_MS;
	}
	assert_int_equal(good, 1);
}

/* They may be withdrawn while the module still ends the grant. */
static void routes_are_withdrawn_early(void **state)
{
	unsigned int good = 0, i;

	(void)state;
	has_routes = true;
	for (i = 0; i < ATTEMPTS && !good; i++) {
		uint64_t began;

		requests = 0;
		ask(true, "");
		wait_begun();
		lease_stop_withdrawn(&stop, NULL);
		assert_not_ended();
		began = clock_now();
		sem_post(&may);
		assert_ended();
		good += clock_now() < began + 15 * CLOCK_MS;
	}
	assert_int_equal(good, 1);
}

/* Routes that stay hold a lease up for 20 ms, and no other lease. */
static void routes_that_stay(void **state)
{
	struct lease_stop_task other = { .slot = 4, .lease = "db" };
	unsigned int slot = 0;

	(void)state;
	has_routes = true;
	ask(true, "");
	wait_begun();
	lease_stop_ask(&stop, &other);
	sem_post(&may);
	assert_int_equal(readable(&stop, 10000), 1);
	assert_true(lease_stop_ended(&stop, &slot));
	assert_int_equal(slot, 4);
	assert_ended();
}

/* Without a grant there are no routes of this node's. */
static void no_grant_has_no_routes(void **state)
{
	unsigned int good = 0, i;

	(void)state;
	has_routes = true;
	for (i = 0; i < ATTEMPTS && !good; i++) {
		uint64_t began = clock_now();

		ask(false, "");
		assert_ended();
		good += clock_now() < began + 15 * CLOCK_MS;
	}
	assert_int_equal(good, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(grant_has_ended_after_release, open_stop, close_stop),
		cmocka_unit_test_setup_teardown(failed_release_is_repeated, open_stop, close_stop),
		cmocka_unit_test_setup_teardown(unknown_next_holder_is_left_out, open_stop, close_stop),
		cmocka_unit_test_setup_teardown(module_that_is_gone_is_not_asked, open_stop, close_stop),
		cmocka_unit_test_setup_teardown(no_grant_needs_no_release, open_stop, close_stop),
		cmocka_unit_test_setup_teardown(close_waits_for_no_retry, open_stop, close_stop),
		cmocka_unit_test_setup_teardown(routes_are_withdrawn_first, open_stop, close_stop),
		cmocka_unit_test_setup_teardown(routes_are_withdrawn_early, open_stop, close_stop),
		cmocka_unit_test_setup_teardown(routes_that_stay, open_stop, close_stop),
		cmocka_unit_test_setup_teardown(no_grant_has_no_routes, open_stop, close_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
