// SPDX-License-Identifier: GPL-2.0
/* The socket to the module: events of a newer module, a dump that is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/haswitch.h>

#include "lib/sock.h"

#define FAMILY 0x20

static char memory[2][HASW_MSG_SIZE] __attribute__((aligned(8)));

static void tell(int fd, struct hasw_msg *msg)
{
	msg->nlh->nlmsg_type = FAMILY;
	assert_int_equal(send(fd, msg->nlh, msg->nlh->nlmsg_len, 0), msg->nlh->nlmsg_len);
}

static int take(const struct hasw_record *rec, void *data)
{
	uint64_t *sum = data;

	*sum = *sum * 10 + hasw_number(rec, HASWITCH_A_EVENT_SEQ, 9);
	return 0;
}

static void newer_events(void **state)
{
	char *buf = malloc(65536);
	struct hasw_sock sock = { .family = FAMILY, .buf = buf, .buf_size = 65536 };
	struct hasw_error err;
	struct hasw_msg msg;
	uint64_t sum = 0;
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), 0);
	sock.nl = mnl_socket_fdopen(fds[0]);
	assert_non_null(sock.nl);

	hasw_msg_begin(&msg, memory[0], HASW_MSG_SIZE, HASWITCH_CMD_EVENT_NTF, 0);
	hasw_put_u64(&msg, HASWITCH_A_EVENT_SEQ, 1);
	tell(fds[1], &msg);
	/* A command that this build does not know. */
	hasw_msg_begin(&msg, memory[0], HASW_MSG_SIZE, __HASWITCH_CMD_MAX + 1, 0);
	hasw_put_u64(&msg, HASWITCH_A_EVENT_SEQ, 2);
	tell(fds[1], &msg);
	/* An attribute that has become wider, and one that is new. */
	hasw_msg_begin(&msg, memory[0], HASW_MSG_SIZE, HASWITCH_CMD_EVENT_NTF, 0);
	hasw_put_u64(&msg, HASWITCH_A_EVENT_SEQ, 3);
	hasw_put_u32(&msg, HASWITCH_A_EVENT_KIND, 0);
	tell(fds[1], &msg);
	hasw_msg_begin(&msg, memory[0], HASW_MSG_SIZE, HASWITCH_CMD_EVENT_NTF, 0);
	hasw_put_u64(&msg, HASWITCH_A_EVENT_SEQ, 4);
	hasw_put_u32(&msg, HASWITCH_A_EVENT_MAX + 1, 0);
	tell(fds[1], &msg);

	assert_int_equal(hasw_events(&sock, take, &sum, &err), 0);
	assert_int_equal(sum, 14);
	close(fds[1]);
	hasw_sock_close(&sock);
}

struct burst {
	int fd;
	unsigned int taken;
};

/* Another event comes while this one is taken. */
static int take_and_tell(const struct hasw_record *rec, void *data)
{
	struct burst *burst = data;
	struct hasw_msg msg;

	(void)rec;
	if (++burst->taken == 1000)
		return 0;
	hasw_msg_begin(&msg, memory[1], HASW_MSG_SIZE, HASWITCH_CMD_EVENT_NTF, 0);
	hasw_put_u64(&msg, HASWITCH_A_EVENT_SEQ, burst->taken + 1);
	tell(burst->fd, &msg);
	return 0;
}

/* Events that come as fast as they are taken do not keep the caller, who gets all of them in the end. */
static void burst_of_events(void **state)
{
	char *buf = malloc(65536);
	struct hasw_sock sock = { .family = FAMILY, .buf = buf, .buf_size = 65536 };
	struct burst burst = { 0 };
	unsigned int calls;
	struct hasw_error err;
	struct hasw_msg msg;
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), 0);
	sock.nl = mnl_socket_fdopen(fds[0]);
	assert_non_null(sock.nl);
	burst.fd = fds[1];
	hasw_msg_begin(&msg, memory[0], HASW_MSG_SIZE, HASWITCH_CMD_EVENT_NTF, 0);
	hasw_put_u64(&msg, HASWITCH_A_EVENT_SEQ, 1);
	tell(fds[1], &msg);
	assert_int_equal(hasw_events(&sock, take_and_tell, &burst, &err), 0);
	assert_in_range(burst.taken, 1, 500);
	for (calls = 0; calls < 1000 && burst.taken < 1000; calls++)
		assert_int_equal(hasw_events(&sock, take_and_tell, &burst, &err), 0);
	assert_int_equal(burst.taken, 1000);
	close(fds[1]);
	hasw_sock_close(&sock);
}

static int leave(const struct hasw_record *rec, void *data)
{
	(void)rec;
	(void)data;
	return -EPIPE;
}

/* The family that lists families is on every machine, and has more than one record. */
static void left_dump(void **state)
{
	char *buf = malloc(65536);
	struct hasw_sock sock = { .family = GENL_ID_CTRL, .buf = buf, .buf_size = 65536 };
	struct hasw_error err;
	struct hasw_msg msg;
	int old;

	(void)state;
	sock.nl = mnl_socket_open(NETLINK_GENERIC);
	if (!sock.nl)
		skip();
	assert_int_equal(mnl_socket_bind(sock.nl, 0, MNL_SOCKET_AUTOPID), 0);
	old = hasw_sock_fd(&sock);
	hasw_msg_begin(&msg, memory[0], HASW_MSG_SIZE, CTRL_CMD_GETFAMILY, 0);
	assert_int_equal(hasw_dump(&sock, &msg, NULL, NULL, &err), 0);
	assert_false(sock.left);

	/* Left by who reads, or because the record is none of ours. */
	hasw_msg_begin(&msg, memory[0], HASW_MSG_SIZE, CTRL_CMD_GETFAMILY, 0);
	assert_true(hasw_dump(&sock, &msg, leave, NULL, &err) < 0);
	assert_true(sock.left);

	/* The next request is not sent into it: without the module, that is what is told. */
	hasw_msg_begin(&msg, memory[1], HASW_MSG_SIZE, CTRL_CMD_GETFAMILY, 0);
	if (hasw_dump(&sock, &msg, NULL, NULL, &err) == -ENOENT) {
		assert_non_null(strstr(err.text, "not loaded"));
		assert_int_equal(hasw_sock_fd(&sock), old);
		assert_true(sock.left);
	} else {
		assert_int_not_equal(sock.family, GENL_ID_CTRL);
	}
	hasw_sock_close(&sock);
}

/* A call by a socket that could not be opened, or was closed, fails. */
static void closed(void **state)
{
	struct hasw_sock sock = { 0 };
	struct hasw_error err = { 0 };
	struct hasw_msg msg;

	(void)state;
	hasw_msg_begin(&msg, memory[0], sizeof(memory[0]), HASWITCH_CMD_LEASE_SET, 0);
	assert_int_equal(hasw_call(&sock, &msg, &err), -ENOTCONN);
	assert_string_equal(err.text, "no socket to the module is open");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(newer_events),
		cmocka_unit_test(burst_of_events),
		cmocka_unit_test(left_dump),
		cmocka_unit_test(closed),
	};

	return cmocka_run_group_tests_name("sock", tests, NULL, NULL);
}
