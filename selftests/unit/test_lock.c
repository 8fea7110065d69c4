// SPDX-License-Identifier: GPL-2.0
/* The file lock: one process has it at a time, and no signal arrives before it is released. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "haadm/lock.h"

static atomic_int signals;

static void count(int number)
{
	(void)number;
	signals++;
}

static void signals_wait(void **state)
{
	struct file_lock lock;

	(void)state;
	signal(SIGTERM, count);
	signal(SIGINT, count);
	file_lock_take(&lock);
	raise(SIGTERM);
	raise(SIGINT);
	assert_int_equal(signals, 0);
	file_lock_release(&lock);
	assert_int_equal(signals, 2);
}

/* In a file description of its own, as another process has it. */
static int try_lock(void)
{
	struct stat ns, lock;
	char path[64];
	int fd, ret;

	assert_int_equal(stat("/proc/self/ns/net", &ns), 0);
	snprintf(path, sizeof(path), LOCK_FILE "%ju", (uintmax_t)ns.st_ino);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &lock), 0);
	assert_int_equal(lock.st_mode & 0777, 0600);
	ret = flock(fd, LOCK_EX | LOCK_NB) ? errno : 0;
	close(fd);
	return ret;
}

static void one_at_a_time(void **state)
{
	struct file_lock lock;

	(void)state;
	file_lock_take(&lock);
	if (lock.fd < 0) {
		file_lock_release(&lock);
		skip();
	}
	assert_int_equal(try_lock(), EWOULDBLOCK);
	file_lock_release(&lock);
	assert_int_equal(try_lock(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signals_wait),
		cmocka_unit_test(one_at_a_time),
	};

	return cmocka_run_group_tests_name("file_lock", tests, NULL, NULL);
}
