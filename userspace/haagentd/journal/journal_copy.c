// SPDX-License-Identifier: GPL-2.0
/*
 * The copy of another node's journal. Its files are as long and as old as those of a journal may be. The file MARK_FILE
 * beside them says how far the copy goes; what lies behind that in the files was written just before a crash, and is cut.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "haagentd/clock.h"
#include "journal_copy.h"
#include "lib/journal.h"

#define MARK_FILE	"mark"
#define MARK_TEXT	128
#define FOLDER_MODE	0755

/*
 * Reads the mark, and how far the copy's files go. Return: 0, with a number of 0 if there is no sound mark; or a negative
 * errno.
 */
static int mark_read(int dir, struct journal_copy *c)
{
	int fd = openat(dir, MARK_FILE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY), used = 0;
	char text[MARK_TEXT];
	ssize_t got;

	if (fd < 0)
		return errno == ENOENT || errno == ELOOP ? 0 : -errno;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (got < 0)
		return -errno;
	text[got] = '\0';
	if (sscanf(text, "%" SCNu32 " %" SCNu64 " %" SCNu64 " %" SCNu32 " %" SCNu64 "\n%n", &c->mark.file, &c->mark.offset,
		   &c->mark.begun, &c->number, &c->good, &used) != 5 || used != (int)got || !c->number) {
		c->mark = (struct journal_mark){ 0 };
		c->number = 0;
	}
	return 0;
}

static int mark_write(const struct journal_copy *c)
{
	int fd = openat(c->file.dir, MARK_FILE ".new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	char text[MARK_TEXT];
	int n, err = 0;
	ssize_t put;

	if (fd < 0)
		return -errno;
	n = snprintf(text, sizeof(text), "%" PRIu32 " %" PRIu64 " %" PRIu64 " %" PRIu32 " %" PRIu64 "\n", c->mark.file,
		     c->mark.offset, c->mark.begun, c->number, c->good);
	put = write(fd, text, (size_t)n);
	if (put != n)
		err = put < 0 ? -errno : -ENOSPC;
	else if (fdatasync(fd))
		err = -errno;
	close(fd);
	if (err)
		return err;
	return renameat(c->file.dir, MARK_FILE ".new", c->file.dir, MARK_FILE) ? -errno : 0;
}

/* What remove_above() needs: the folder, and the last file that stays. */
struct removal {
	int dir;
	uint32_t last;
};

static void remove_above(void *arg, unsigned int number)
{
	const struct removal *r = arg;
	char name[JOURNAL_NAME];

	snprintf(name, sizeof(name), JOURNAL_FORMAT, number);
	if (number > r->last)
		unlinkat(r->dir, name, 0);
}

/* Cuts a file. Return: 1; 0 if it is shorter, or is not there; or a negative errno. */
static int cut(int dir, uint32_t number, uint64_t good)
{
	char name[JOURNAL_NAME];
	struct stat st;
	int fd, ret = 1;

	snprintf(name, sizeof(name), JOURNAL_FORMAT, number);
	fd = openat(dir, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno == ENOENT || errno == ELOOP ? 0 : -errno;
	if (fstat(fd, &st))
		ret = -errno;
	else if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size < good)
		ret = 0;
	else if ((uint64_t)st.st_size > good && ftruncate(fd, (off_t)good))
		ret = -errno;
	close(fd);
	return ret;
}

/*
 * Makes the files what the mark says, and opens the newest. If the files are not so, or there is no mark, the copy begins
 * anew: only now, when the other node has sent something.
 */
static int settle(struct journal_copy *c, char why[JOURNAL_WHY])
{
	char path[sizeof(c->folder) + WIRE_NAME + 1];
	uint64_t seen;
	int dir;

	snprintf(path, sizeof(path), "%s/%s", c->folder, c->file.node);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir >= 0) {
		journal_each(dir, remove_above, &(struct removal){ .dir = dir, .last = c->number });
		close(dir);
	}
	return journal_file_open(&c->file, clock_wall(), &seen, why);
}

/* Two of this machine's agents can have the same folder. Return: a descriptor that holds a lock; or a negative errno. */
static int lock(const struct journal_copy *c, const char *node)
{
	char path[sizeof(c->folder) + WIRE_NAME + 8];
	int fd;

	/* Whoever may read a journal may read its copy. The umask of the service would keep others from it. */
	if (!mkdir(c->folder, FOLDER_MODE) && chmod(c->folder, FOLDER_MODE))
		return -errno;
	/* No name of a node begins so. */
	snprintf(path, sizeof(path), "%s/@%s", c->folder, node);
	fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (!journal_lock(fd))
		return fd;
	close(fd);
	return -EBUSY;
}

/* Finds out whether the newest file of a journal is written now. */
static bool is_written(int dir)
{
	char name[JOURNAL_NAME];
	bool locked = false;
	int fd;

	snprintf(name, sizeof(name), JOURNAL_FORMAT, journal_newest(dir));
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0) {
		locked = journal_locked(fd);
		close(fd);
	}
	return locked;
}

/**
 * journal_copy_own - find out whether a node's journal itself is in the folder
 * @folder:	folder of all journals on this machine
 * @node:	the node
 *
 * Then there is no copy, because its lines would be there twice.
 *
 * Return: what is there
 */
enum journal_own journal_copy_own(const char *folder, const char *node)
{
	enum journal_own own;
	char path[4096];
	struct stat st;
	int dir;

	snprintf(path, sizeof(path), "%s/%s", folder, node);
	if (lstat(path, &st))
		return JOURNAL_OWN_NONE;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	own = dir >= 0 && is_written(dir) ? JOURNAL_OWN_WRITTEN : JOURNAL_OWN_LEFT;
	if (dir >= 0)
		close(dir);
	return own;
}

/**
 * journal_copy_open - lock the copy of a node's journal, and find out how far it goes
 * @c:		filled
 * @folder:	folder of all journals on this machine; the copies are in JOURNAL_COPIES below it
 * @node:	the other node
 * @most:	bytes that the copy may have
 * @age:	how long its lines are kept, ns
 * @why:	filled on failure
 *
 * Context: a process that may wait for the disk. The lock ends with journal_copy_close().
 * Return: 0; -EBUSY if another process has the copy open; or another negative errno
 */
int journal_copy_open(struct journal_copy *c, const char *folder, const char *node, uint64_t most, uint64_t age,
		      char why[JOURNAL_WHY])
{
	char path[sizeof(c->folder) + WIRE_NAME + 1];
	int dir, err = 0, sound = 1;

	memset(c, 0, sizeof(*c));
	c->file.dir = -1;
	c->file.fd = -1;
	c->lock = -1;
	snprintf(c->folder, sizeof(c->folder), "%s/" JOURNAL_COPIES, folder);
	c->file.folder = c->folder;
	snprintf(c->file.node, sizeof(c->file.node), "%s", node);
	c->file.most = most;
	c->file.age = age;
	c->lock = lock(c, node);
	if (c->lock < 0) {
		snprintf(why, JOURNAL_WHY, "%.256s/%s: %s", c->folder, node,
			 c->lock == -EBUSY ? "it is being copied already" : strerror(-c->lock));
		return c->lock;
	}
	snprintf(path, sizeof(path), "%s/%s", c->folder, node);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0 && errno != ENOENT)
		err = -errno;
	if (dir >= 0)
		err = mark_read(dir, c);
	if (!err && c->number) {
		sound = cut(dir, c->number, c->good);
		err = sound < 0 ? sound : 0;
	}
	if (!sound) {
		c->mark = (struct journal_mark){ 0 };
		c->number = 0;
	}
	if (dir >= 0)
		close(dir);
	if (!err)
		return 0;
	snprintf(why, JOURNAL_WHY, "%.256s/%s: %s", c->folder, node, strerror(-err));
	journal_copy_close(c, 0);
	return err;
}

/* The files' time of change is that of their last line, until all is copied; see journal_copy_close(). */
static void touch(const struct journal_copy *c, uint64_t wall)
{
	const struct timespec times[2] = {
		{ .tv_nsec = UTIME_OMIT },
		{ .tv_sec = (time_t)(wall / JOURNAL_SECOND), .tv_nsec = (long)(wall % JOURNAL_SECOND) },
	};
	char path[sizeof(c->folder) + WIRE_NAME + JOURNAL_NAME + 2];

	snprintf(path, sizeof(path), "%s/%s/" JOURNAL_FORMAT, c->folder, c->file.node, c->number);
	if (wall && c->number)
		utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
}

static int append(struct journal_copy *c, bool other, const char *lines, size_t size)
{
	int err = 0;

	/* A file of old lines still gets what follows. */
	if (c->file.good && (other || journal_file_due(&c->file, size, c->file.begun)))
		err = journal_file_next(&c->file, clock_wall());
	if (!err)
		err = journal_file_put(&c->file, lines, size);
	/* Else a power failure could leave a mark beyond the lines. */
	if (!err && fdatasync(c->file.fd))
		err = -errno;
	return err;
}

/**
 * journal_copy_add - append lines of the other node's journal
 * @c:		the copy
 * @from:	the place in that journal where they begin
 * @lines:	whole lines
 * @size:	their length, bytes
 * @why:	filled on failure
 *
 * Return: 0 or a negative errno; then the lines are cut when the copy is opened again
 */
int journal_copy_add(struct journal_copy *c, const struct journal_mark *from, const char *lines, size_t size,
		     char why[JOURNAL_WHY])
{
	/* A file from its beginning on is another one, also if it has the number and the first line of the last one. */
	bool other = from->file != c->mark.file || from->begun != c->mark.begun || !from->offset;
	const char *last = size > 1 ? memrchr(lines, '\n', size - 1) : NULL;
	uint64_t wall = 0;
	int err = 0;

	if (!from->file || !size || size > JOURNAL_PIECE || lines[size - 1] != '\n' ||
	    from->offset != (other ? 0 : c->mark.offset)) {
		snprintf(why, JOURNAL_WHY, "what it sends does not follow what was copied");
		return -EPROTO;
	}
	if (c->file.fd < 0)
		err = settle(c, why);
	if (err)
		return err;
	err = append(c, other, lines, size);
	if (!err) {
		c->mark = *from;
		c->mark.offset += size;
		c->number = c->file.number;
		c->good = c->file.good;
		err = mark_write(c);
	}
	if (err) {
		snprintf(why, JOURNAL_WHY, "it cannot be written here: %s", strerror(-err));
		return err;
	}
	if (journal_wall(last ? last + 1 : lines, &wall))
		touch(c, wall);
	return 0;
}

/**
 * journal_copy_close - close the copy
 * @c:		the copy
 * @alive:	when the other node's agent was alive last, CLOCK_REALTIME, ns; 0: not known, or not all was copied
 */
void journal_copy_close(struct journal_copy *c, uint64_t alive)
{
	/* As for a journal, this is the time of change of its newest file. */
	touch(c, alive);
	journal_file_close(&c->file);
	if (c->lock >= 0)
		close(c->lock);
	c->lock = -1;
}
