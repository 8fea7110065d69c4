// SPDX-License-Identifier: GPL-2.0
/* Connections between keepers: from which ports they come, and how many of whom are served. */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "haagentd/keeper/keeper_task.h"

#define PORTS	23	/* of root's, that a keeper connects from */

static int server;
static struct sockaddr_storage at;

static struct sockaddr_in *in(struct sockaddr_storage *addr)
{
	return (struct sockaddr_in *)addr;
}

/* A network of its own, where the test is root; and a server. */
static int begin(void **state)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	socklen_t size = sizeof(at);

	(void)state;
	if (unshare((geteuid() ? CLONE_NEWUSER : 0) | CLONE_NEWNET))
		return 0;
	server = socket(AF_INET, SOCK_STREAM, 0);
	if (server < 0 || ioctl(server, SIOCSIFFLAGS, &lo))
		return -1;
	in(&at)->sin_family = AF_INET;
	in(&at)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return bind(server, (struct sockaddr *)&at, sizeof(struct sockaddr_in)) || listen(server, 64) ||
	       getsockname(server, (struct sockaddr *)&at, &size);
}

/* Connects to socket OF at TO. CLOSED: at once, so that the port is left in TIME_WAIT. Return: the port. */
static unsigned int connect_once(int of, const struct sockaddr_storage *to, bool closed)
{
	struct sockaddr_storage from = *to, name;
	socklen_t size = sizeof(name);
	int fd = keeper_connect(&from, to), accepted;

	assert_true(fd >= 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &size), 0);
	accepted = accept(of, NULL, NULL);
	assert_true(accepted >= 0);
	if (closed) {
		close(fd);
		close(accepted);
	}
	return ntohs(in(&name)->sin_port);
}

/* What is over keeps no port of root. While all have connections, it is any port, but to another end root's again. */
static void ports_are_used_up(void **state)
{
	struct sockaddr_storage other = at;
	socklen_t size = sizeof(other);
	unsigned int i;
	int second;

	(void)state;
	if (!server)
		skip();
	for (i = 0; i < 2 * PORTS; i++)
		assert_in_range(connect_once(server, &at, true), 1001, 1023);
	for (i = 0; i < PORTS; i++)
		assert_in_range(connect_once(server, &at, false), 1001, 1023);
	assert_true(connect_once(server, &at, false) > 1023);
	second = socket(AF_INET, SOCK_STREAM, 0);
	in(&other)->sin_port = 0;
	assert_int_equal(bind(second, (struct sockaddr *)&other, sizeof(struct sockaddr_in)), 0);
	assert_int_equal(listen(second, 64), 0);
	assert_int_equal(getsockname(second, (struct sockaddr *)&other, &size), 0);
	for (i = 0; i < PORTS; i++)
		assert_in_range(connect_once(second, &other, false), 1001, 1023);
	close(second);
	/* What fails for another reason is not tried from all ports. */
	assert_int_equal(keeper_connect(&at, &other), -ECONNREFUSED);
}

/* Connects for users or root until no more is served. */
static void fill(bool root, unsigned int *roots, unsigned int *users)
{
	while (keeper_serves(root, *roots, *users))
		++*(root ? roots : users);
}

static void places(void **state)
{
	unsigned int roots = 0, users = 0;

	(void)state;
	/* As many as an earlier release served, and root has its reserve. */
	fill(false, &roots, &users);
	assert_int_equal(users, 8);
	fill(true, &roots, &users);
	assert_int_equal(roots, 4);
	/* What users leave is root's again. */
	users = 4;
	fill(true, &roots, &users);
	assert_int_equal(roots, 8);
	assert_false(keeper_serves(false, roots, users));
	/* Root takes no place that is the users' own. */
	roots = users = 0;
	fill(true, &roots, &users);
	assert_int_equal(roots, 8);
	fill(false, &roots, &users);
	assert_int_equal(users, 4);
	/* Root goes first: a user gets none of the last places. */
	assert_true(keeper_serves(false, 3, 4));
	assert_false(keeper_serves(false, 4, 4));
	assert_false(keeper_serves(false, 3, 5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_are_used_up),
		cmocka_unit_test(places),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
