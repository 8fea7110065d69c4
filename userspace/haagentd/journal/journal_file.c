// SPDX-License-Identifier: GPL-2.0
/*
 * The files of the journal. Only the journal's thread calls these functions, which wait for the disk. A file is named by
 * a number, and a higher number is newer. Other files in the folder are left alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/journal.h"
#include "journal_file.h"

#define BLOCK		4096
#define PARTS		8	/* number of files in which @most and @age are divided */
#define FOLDER_MODE	0755	/* whoever may run `haadm event show` may read the journal, too */
#define FILE_MODE	0644

static void name_of(unsigned int number, char name[JOURNAL_NAME])
{
	snprintf(name, JOURNAL_NAME, JOURNAL_FORMAT, number);
}

/* Opens a folder, and makes it if it is missing. A symbolic link is refused. Return: a descriptor or a negative errno. */
static int open_folder(int at, const char *path)
{
	int fd, made = !mkdirat(at, path, FOLDER_MODE);

	if (!made && errno != EEXIST)
		return -errno;
	fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* The umask of the service would keep others from reading. */
	if (made && fchmod(fd, FOLDER_MODE)) {
		made = -errno;
		close(fd);
		return made;
	}
	return fd;
}

static const char *folder_fault(int err)
{
	switch (err) {
	case -ELOOP:
	case -ENOTDIR:
		return "is no folder, or a symbolic link";
	default:
		return strerror(-err);
	}
}

/* Opens the node's folder. Return: 0 or a negative errno with @why filled. */
static int open_dir(struct journal_file *f, char why[JOURNAL_WHY])
{
	int all;

	/* An error here is that of the next step. */
	file_need_folder(f->folder);
	all = open_folder(AT_FDCWD, f->folder);
	if (all < 0) {
		snprintf(why, JOURNAL_WHY, "%s: %s", f->folder, folder_fault(all));
		return all;
	}
	f->dir = open_folder(all, f->node);
	close(all);
	if (f->dir >= 0)
		return 0;
	snprintf(why, JOURNAL_WHY, "%s/%s: %s", f->folder, f->node, folder_fault(f->dir));
	all = f->dir;
	f->dir = -1;
	return all;
}

/* What judge() finds of a file that exists. */
struct found {
	uint64_t size;
	uint64_t seen;
	uint64_t begun;
};

/* Returns why lines cannot be appended to the open file, or NULL if they can. */
static const char *judge(int fd, struct found *found)
{
	char first[JOURNAL_LINE], last = 0;
	struct stat st;
	ssize_t got;

	if (fstat(fd, &st))
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "is no regular file";
	if (journal_lock(fd))
		return "is written by another agent";
	found->size = (uint64_t)st.st_size;
	found->seen = journal_modified(&st);
	got = pread(fd, first, sizeof(first) - 1, 0);
	if (got < 0)
		return strerror(errno);
	first[got] = '\0';
	if (got && !journal_wall(first, &found->begun))
		return "is no journal";
	if (got && (pread(fd, &last, 1, st.st_size - 1) != 1 || last != '\n'))
		return "ends in the midst of a line";
	return NULL;
}

/*
 * Opens file @f->number, to append to it. If that is not possible, the file is left as it is and another one is begun.
 * Return: 0; 1 with @why filled if another file is to be begun; -EBUSY if another agent writes it.
 */
static int open_last(struct journal_file *f, struct found *found, char why[JOURNAL_WHY])
{
	char name[JOURNAL_NAME];
	const char *fault;
	int fd;

	name_of(f->number, name);
	fd = openat(f->dir, name, O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		fault = errno == ELOOP ? "is a symbolic link" : strerror(errno);
	else
		fault = judge(fd, found);
	if (!fault) {
		f->fd = fd;
		f->good = found->size;
		return 0;
	}
	snprintf(why, JOURNAL_WHY, "%s/%s/%s %s, and is left as it is", f->folder, f->node, name, fault);
	if (fd >= 0)
		close(fd);
	return strcmp(fault, "is written by another agent") ? 1 : -EBUSY;
}

/**
 * journal_file_open - open the newest file, or begin one
 * @f:		the files; @folder, @node, @most and @age are set, all else is zero
 * @now:	the time, CLOCK_REALTIME, ns
 * @seen:	set to when the last agent that wrote here was alive last, CLOCK_REALTIME, ns;
 *		0: not known
 * @why:	filled on failure, and when the newest file cannot be continued; otherwise empty
 *
 * Return: 0 or a negative errno
 */
int journal_file_open(struct journal_file *f, uint64_t now, uint64_t *seen, char why[JOURNAL_WHY])
{
	struct found found = { 0 };
	int err;

	f->dir = -1;
	f->fd = -1;
	*why = '\0';
	*seen = 0;
	err = open_dir(f, why);
	if (err)
		return err;
	f->number = journal_newest(f->dir);
	err = f->number ? open_last(f, &found, why) : 1;
	*seen = found.seen;
	if (!err) {
		f->begun = found.begun ? found.begun : now;
		return 0;
	}
	if (err > 0) {
		err = journal_file_next(f, now);
		if (err)
			snprintf(why, JOURNAL_WHY, "%s/%s: no file can be made: %s", f->folder, f->node, strerror(-err));
	}
	if (err)
		journal_file_close(f);
	return err;
}

/**
 * journal_file_due - return whether the next line should begin a new file
 * @f:		the files
 * @size:	length of the line, bytes
 * @now:	the time, CLOCK_REALTIME, ns
 *
 * Return: yes or no; no for an empty file
 */
bool journal_file_due(const struct journal_file *f, size_t size, uint64_t now)
{
	if (!f->good)
		return false;
	return f->good + size > f->most / PARTS || (now > f->begun && now - f->begun > f->age / PARTS);
}

struct pruning {
	int dir;
	uint64_t total;
	uint64_t oldest_seen;
	unsigned int oldest;
	unsigned int current;
};

static void weigh(void *arg, unsigned int number)
{
	struct pruning *p = arg;
	char name[JOURNAL_NAME];
	struct stat st;

	name_of(number, name);
	if (fstatat(p->dir, name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
		return;
	/* A file takes a block at least. */
	p->total += st.st_size < BLOCK ? BLOCK : (uint64_t)st.st_size;
	if (number == p->current || (p->oldest && number > p->oldest))
		return;
	p->oldest = number;
	p->oldest_seen = journal_modified(&st);
}

/* Removes the oldest files, until the others are small and young enough. */
static void prune(const struct journal_file *f, uint64_t now)
{
	char name[JOURNAL_NAME];

	for (;;) {
		struct pruning p = { .dir = f->dir, .current = f->number };

		journal_each(f->dir, weigh, &p);
		/* The new file will grow to its part. */
		if (!p.oldest || (p.total <= f->most - f->most / PARTS &&
				  (now <= p.oldest_seen || now - p.oldest_seen <= f->age)))
			return;
		name_of(p.oldest, name);
		if (unlinkat(f->dir, name, 0))
			return;
	}
}

/**
 * journal_file_next - begin a new file, and remove files that are too old or too many
 * @f:		the files
 * @now:	the time, CLOCK_REALTIME, ns
 *
 * Return: 0 or a negative errno; the old file then stays in use
 */
int journal_file_next(struct journal_file *f, uint64_t now)
{
	char name[JOURNAL_NAME];
	int fd, err;

	name_of(f->number + 1, name);
	fd = openat(f->dir, name, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, FILE_MODE);
	if (fd < 0)
		return -errno;
	err = fchmod(fd, FILE_MODE) ? -errno : journal_lock(fd);
	if (err) {
		close(fd);
		unlinkat(f->dir, name, 0);
		return err;
	}
	if (f->fd >= 0) {
		fdatasync(f->fd);
		close(f->fd);
	}
	f->fd = fd;
	f->number++;
	f->good = 0;
	f->begun = now;
	prune(f, now);
	return 0;
}

/**
 * journal_file_put - append lines
 * @f:		the files
 * @lines:	whole lines
 * @size:	length of @lines, bytes
 *
 * Return: 0; or a negative errno, and then none of the lines is in the file if the disk lets the file be cut
 */
int journal_file_put(struct journal_file *f, const char *lines, size_t size)
{
	size_t at = 0;
	int err = 0;

	while (at < size && !err) {
		ssize_t put = write(f->fd, lines + at, size - at);

		if (put > 0)
			at += (size_t)put;
		else if (!put || errno != EINTR)
			err = put ? -errno : -EIO;
	}
	if (!err)
		f->good += size;
	else if (at && ftruncate(f->fd, (off_t)f->good))
		return -EIO;
	return err;
}

/**
 * journal_file_alive - mark in the file's time of change that its writer lives
 * @f:	the files
 *
 * A power failure leaves no last line. By this time the next agent knows until when this one was there.
 */
void journal_file_alive(const struct journal_file *f)
{
	if (f->fd >= 0)
		futimens(f->fd, NULL);
}

/**
 * journal_file_close - close the file and the folder
 * @f:	the files, which can be open only in part
 */
void journal_file_close(struct journal_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	if (f->dir >= 0)
		close(f->dir);
	f->fd = -1;
	f->dir = -1;
}
