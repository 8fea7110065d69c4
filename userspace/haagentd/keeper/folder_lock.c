// SPDX-License-Identifier: GPL-2.0
/*
 * The lock that lets only one agent use a folder of configurations. Two agents with one folder would each put the other
 * one's configuration in place of their own.
 *
 * It is a lock of fcntl(), because that belongs to the process: no child inherits it, so an agent that was killed can
 * be started again while its children still end. The kernel also tells whose lock it is. The price: the process loses
 * the lock when it closes any descriptor of that file, so nothing else here may open it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "folder_lock.h"
#include "haagentd/clock.h"
#include "lib/file.h"

#define PAUSE	(20 * CLOCK_MS)	/* between two attempts */
#define STANDARD	3	/* standard descriptors, whose place a daemon's files must not take */

/* Moves a descriptor behind the standard ones, one of which was closed. Return: as fcntl(), or a negative errno. */
static int move_up(int low)
{
	int fd = fcntl(low, F_DUPFD_CLOEXEC, STANDARD);

	if (fd < 0)
		fd = -errno;
	close(low);
	return fd;
}

/* Opens the file, and makes it and the folder if they are missing. Return: a descriptor or a negative errno. */
static int file_open(const char *folder)
{
	int at, fd;

	if (mkdir(folder, 0700) && errno != EEXIST)
		return -errno;
	at = file_open_folder(folder);
	if (at < 0)
		return at;
	fd = openat(at, FOLDER_LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd < 0)
		fd = -errno;
	close(at);
	/* Before it is locked: a lock goes with any descriptor of the file. */
	return fd >= 0 && fd < STANDARD ? move_up(fd) : fd;
}

/* Return: 0; -EBUSY with @holder set to the process that has the lock, 0 if it is not known; or another errno */
static int try_lock(int fd, pid_t *holder)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int err;

	*holder = 0;
	if (!fcntl(fd, F_SETLK, &whole))
		return 0;
	err = -errno;
	if (err != -EAGAIN && err != -EACCES)
		return err;
	/* A process of another PID namespace has pid 0 or -1 here. */
	if (!fcntl(fd, F_GETLK, &whole) && whole.l_type != F_UNLCK && whole.l_pid > 0)
		*holder = whole.l_pid;
	return -EBUSY;
}

static void nap(void)
{
	struct timespec span = { .tv_nsec = PAUSE };

	nanosleep(&span, NULL);
}

/**
 * folder_lock_take - lock a folder, and make it if it is missing
 * @lock:	the lock, not taken
 * @folder:	the folder
 * @wait:	how long to wait while another process has it, ns: an agent that ends keeps it to its end
 * @why:	filled on failure with what follows the folder's name
 * @room:	size of @why, bytes
 *
 * Return: 0; -EBUSY if another agent has it; another negative errno if no lock is possible there
 */
int folder_lock_take(struct folder_lock *lock, const char *folder, uint64_t wait, char *why, size_t room)
{
	uint64_t until = clock_now() + wait;
	pid_t holder;
	int err;

	lock->fd = file_open(folder);
	if (lock->fd < 0) {
		err = lock->fd;
		lock->fd = -1;
		snprintf(why, room, "cannot be used: %s", strerror(-err));
		return err;
	}
	while ((err = try_lock(lock->fd, &holder)) == -EBUSY && clock_now() < until)
		nap();
	if (!err)
		return 0;
	folder_lock_release(lock);
	if (err != -EBUSY)
		snprintf(why, room, "cannot be locked: %s", strerror(-err));
	else if (holder)
		snprintf(why, room, "is used by another agent, process %d", (int)holder);
	else
		snprintf(why, room, "is used by another agent, which is no process of this PID namespace");
	return err;
}

/* Returns whether that is the folder which is locked already, perhaps by another name. */
static bool is_locked(const struct folder_lock *lock, const char *folder)
{
	int at = file_open_folder(folder);
	struct stat held, other;
	bool same = false;

	/* The file is not opened for that: to close it would unlock it. */
	if (at >= 0)
		same = lock->fd >= STANDARD && !fstat(lock->fd, &held) &&
		       !fstatat(at, FOLDER_LOCK_NAME, &other, AT_SYMLINK_NOFOLLOW) &&
		       held.st_dev == other.st_dev && held.st_ino == other.st_ino;
	if (at >= 0)
		close(at);
	return same;
}

/**
 * folder_lock_change - lock the folder that is to take the place of another one
 * @lock:	the lock of the old folder, which stays
 * @next:	filled with the lock of the new folder; not taken, but @same, if it is the old one
 * @folder:	the new folder
 * @why:	filled on failure, as by folder_lock_take()
 * @room:	size of @why, bytes
 *
 * Return: as folder_lock_take()
 */
int folder_lock_change(struct folder_lock *lock, struct folder_lock *next, const char *folder, char *why, size_t room)
{
	*next = (struct folder_lock){ .fd = -1, .same = is_locked(lock, folder) };
	return next->same ? 0 : folder_lock_take(next, folder, 0, why, room);
}

/**
 * folder_lock_release - unlock a folder
 * @lock:	the lock, which need not be taken
 */
void folder_lock_release(struct folder_lock *lock)
{
	if (lock->fd >= STANDARD)
		close(lock->fd);
	lock->fd = -1;
}
