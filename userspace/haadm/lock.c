// SPDX-License-Identifier: GPL-2.0
/* The file lock that lets only one haadm process at a time change vips with their local addresses, and leases with their devices. */

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lock.h"

static int lock_open(void)
{
	struct stat ns;
	char path[64];

	if (stat("/proc/self/ns/net", &ns))
		return -1;
	snprintf(path, sizeof(path), LOCK_FILE "%ju", (uintmax_t)ns.st_ino);
	return open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

void file_lock_take(struct file_lock *lock)
{
	sigset_t all;

	lock->fd = lock_open();
	if (lock->fd >= 0) {
		while (flock(lock->fd, LOCK_EX) && errno == EINTR)
			;
	}
	/* Signals are blocked only after the wait for the lock, so that a signal can end haadm while it waits. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &lock->before);
}

void file_lock_release(struct file_lock *lock)
{
	if (lock->fd >= 0)
		close(lock->fd);
	lock->fd = -1;
	sigprocmask(SIG_SETMASK, &lock->before, NULL);
}
