// SPDX-License-Identifier: GPL-2.0
/* What health checks leave in the queue of a server that accepts nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "checks/held.h"
#include "haagentd/clock.h"
#include "lib/tcp.h"

#define INTERVAL	(200 * CLOCK_MS)
#define ROUNDS		200	/* attempts within HELD_AGAIN */

static struct sockaddr_in address;
static int server;

static int setup(void **state)
{
	socklen_t size = sizeof(address);

	(void)state;
	address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return bind(server, (struct sockaddr *)&address, size) || listen(server, 100) ||
	       getsockname(server, (struct sockaddr *)&address, &size);
}

static int teardown(void **state)
{
	(void)state;
	return close(server);
}

/* Returns a connection to the server. */
static int connected(bool late)
{
	struct pollfd fd = { .fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), .events = POLLOUT };

	assert_true(fd.fd >= 0);
	if (late)
		tcp_ack_late(fd.fd);
	assert_true(!connect(fd.fd, (struct sockaddr *)&address, sizeof(address)) || errno == EINPROGRESS);
	assert_int_equal(poll(&fd, 1, 10000), 1);
	return fd.fd;
}

/* Returns how many connections the server finds in its queue. */
static unsigned int queued(void)
{
	unsigned int n = 0;
	int fd;

	while ((fd = accept(server, NULL, NULL)) >= 0) {
		close(fd);
		n++;
	}
	return n;
}

/* One attempt of a check to which the server says nothing. Returns whether it has made a connection. */
static bool attempt(struct held *h, uint64_t now)
{
	int fd;

	if (held_waits(h, now))
		return false;
	fd = connected(false);
	if (!held_keep(h, fd, false, now))
		tcp_close(fd);
	return true;
}

static void hanging_server_keeps_few(void **state)
{
	struct held h = { .n = 0 };
	unsigned int i, made = 0;
	uint64_t now = 0;

	(void)state;
	for (i = 0; i < ROUNDS; i++, now += INTERVAL) {
		made += attempt(&h, now);
		assert_int_equal(made, i < HELD_MOST ? i + 1 : HELD_MOST);
	}
	/* It is asked again at times, since it may answer others. */
	now += HELD_AGAIN;
	assert_true(attempt(&h, now));
	assert_int_equal(h.n, HELD_MOST);
	assert_false(attempt(&h, now + INTERVAL));
	assert_int_equal(queued(), HELD_MOST + 1);
	held_close(&h);
	assert_int_equal(h.n, 0);
}

/* A byte on any of them, or its end, has the next attempt make another one at once. */
static void server_that_goes_on_is_asked(void **state)
{
	struct held h = { .n = 0 };
	uint64_t now;
	int fd;

	(void)state;
	for (now = 0; h.n < HELD_MOST; now += INTERVAL)
		assert_true(attempt(&h, now));
	assert_false(attempt(&h, now));
	fd = accept(server, NULL, NULL);
	assert_true(fd >= 0);
	assert_false(attempt(&h, now));
	assert_int_equal(send(fd, "x", 1, 0), 1);
	assert_true(attempt(&h, now));
	assert_int_equal(h.n, HELD_MOST);
	assert_false(attempt(&h, now));
	close(fd);
	fd = accept(server, NULL, NULL);
	close(fd);
	assert_true(attempt(&h, now));
	assert_int_equal(h.n, HELD_MOST);
	held_close(&h);
	queued();
}

static void what_was_answered_is_not_kept(void **state)
{
	struct held h = { .n = 0 };
	int fd = connected(false), other = accept(server, NULL, NULL);
	char byte;

	(void)state;
	assert_int_equal(send(other, "x", 1, 0), 1);
	assert_false(held_keep(&h, fd, false, 1));
	/* Nor when that was read, though the server leaves the connection open. Others that waited are closed then. */
	assert_int_equal(recv(fd, &byte, 1, 0), 1);
	assert_true(held_keep(&h, connected(false), false, 1));
	assert_false(held_keep(&h, fd, true, 1));
	assert_int_equal(h.n, 0);
	close(fd);
	close(other);
	assert_int_equal(queued(), 1);
	fd = connected(false);
	other = accept(server, NULL, NULL);
	close(other);
	assert_false(held_keep(&h, fd, false, 1));
	close(fd);
}

/* A check by TCP alone leaves nothing: the server never learns of it. */
static void aborted_leaves_nothing(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 50; i++)
		tcp_abort(connected(true));
	assert_int_equal(queued(), 0);
	/* What is closed otherwise stays. */
	tcp_close(connected(true));
	tcp_abort(connected(false));
	assert_int_equal(queued(), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(hanging_server_keeps_few, setup, teardown),
		cmocka_unit_test_setup_teardown(server_that_goes_on_is_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(what_was_answered_is_not_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(aborted_leaves_nothing, setup, teardown),
	};

	return cmocka_run_group_tests_name("agent_held", tests, NULL, NULL);
}
