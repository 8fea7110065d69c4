// SPDX-License-Identifier: GPL-2.0
/* A message between two processes, and a descriptor that it passes. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/pass.h"

static void passes(void **state)
{
	int pair[2], pipes[2], fd;
	char text[8], byte;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(pipe(pipes), 0);
	/* None waits. */
	assert_int_equal(pass_receive(pair[1], text, sizeof(text), &fd), -1);
	assert_int_equal(fd, -1);
	assert_int_equal(pass_send(pair[0], "one", 3, -1), 0);
	assert_int_equal(pass_send(pair[0], "two", 3, pipes[1]), 0);
	assert_int_equal(pass_receive(pair[1], text, sizeof(text), &fd), 3);
	assert_memory_equal(text, "one", 3);
	assert_int_equal(fd, -1);
	assert_int_equal(pass_receive(pair[1], text, sizeof(text), &fd), 3);
	assert_memory_equal(text, "two", 3);
	/* It is the same pipe by another number, and no program gets it that is not meant to. */
	assert_true(fd >= 0 && fd != pipes[1]);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(read(pipes[0], &byte, 1), 1);
	close(fd);
	/* One that cannot be passed is an error; so is a process that has ended. */
	assert_int_equal(pass_send(pair[0], "no", 2, 1000000), -EBADF);
	close(pair[1]);
	assert_int_equal(pass_send(pair[0], "no", 2, -1), -EPIPE);
	assert_int_equal(pass_receive(pair[0], text, sizeof(text), &fd), 0);
	close(pair[0]);
	close(pipes[0]);
	close(pipes[1]);
}

/* Of two descriptors the second one is closed: nobody knows of it. */
static void one_alone(void **state)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(2 * sizeof(int))];
	} control = { .room = { 0 } };
	struct iovec io = { .iov_base = "two", .iov_len = 3 };
	struct msghdr message = {
		.msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control.room),
	};
	int pair[2], fds[2], fd, last;
	char text[8];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	fds[0] = fds[1] = pair[0];
	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(&control.head), fds, sizeof(fds));
	assert_int_equal(sendmsg(pair[0], &message, 0), 3);
	assert_int_equal(pass_receive(pair[1], text, sizeof(text), &fd), 3);
	assert_true(fd >= 0);
	last = dup(pair[0]);
	/* The lowest number that is free is the next one. */
	assert_int_equal(last, fd + 1);
	close(last);
	close(fd);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passes),
		cmocka_unit_test(one_alone),
	};

	return cmocka_run_group_tests_name("test_pass", tests, NULL, NULL);
}
