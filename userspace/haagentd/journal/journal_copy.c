// SPDX-License-Identifier: GPL-2.0
/*
 * The copy of another node's journal. Its files are as long and as old as those of a journal may be. The file MARK_FILE
 * beside them says how far the copy goes; what lies behind that in the files was written just before a crash, and is cut.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "journal_copy.h"
#include "lib/journal.h"

#define MARK_FILE	"mark"
#define MARK_TEXT	128
#define FOLDER_MODE	0755

static uint64_t wall_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * JOURNAL_SECOND + (uint64_t)ts.tv_nsec;
}

/* Reads the mark, and how far the copy's files go. Return: whether there is a sound one. */
static bool mark_read(int dir, struct journal_mark *mark, uint32_t *number, uint64_t *good)
{
	int fd = openat(dir, MARK_FILE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY), used = 0;
	char text[MARK_TEXT];
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (got <= 0)
		return false;
	text[got] = '\0';
	return sscanf(text, "%" SCNu32 " %" SCNu64 " %" SCNu64 " %" SCNu32 " %" SCNu64 "\n%n", &mark->file, &mark->offset,
		      &mark->begun, number, good, &used) == 5 && used == (int)got;
}

static int mark_write(const struct journal_copy *c)
{
	int fd = openat(c->file.dir, MARK_FILE ".new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	char text[MARK_TEXT];
	int n, err = 0;
	ssize_t put;

	if (fd < 0)
		return -errno;
	n = snprintf(text, sizeof(text), "%" PRIu32 " %" PRIu64 " %" PRIu64 " %u %" PRIu64 "\n", c->mark.file, c->mark.offset,
		     c->mark.begun, c->file.number, c->file.good);
	put = write(fd, text, (size_t)n);
	if (put != n)
		err = put < 0 ? -errno : -ENOSPC;
	if (close(fd) || err)
		return err ? err : -errno;
	return renameat(c->file.dir, MARK_FILE ".new", c->file.dir, MARK_FILE) ? -errno : 0;
}

/* Removes the copy's files above a number. */
static void remove_above(int dir, uint32_t number)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!list && fd >= 0)
		close(fd);
	while (list && (entry = readdir(list)))
		if (journal_number(entry->d_name) > number)
			unlinkat(dir, entry->d_name, 0);
	if (list)
		closedir(list);
}

/* Cuts a file. Return: whether it was as long at least. */
static bool cut(int dir, uint32_t number, uint64_t good)
{
	char name[JOURNAL_NAME];
	struct stat st;
	bool fits;
	int fd;

	snprintf(name, sizeof(name), JOURNAL_FORMAT, number);
	fd = openat(dir, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return false;
	fits = !fstat(fd, &st) && S_ISREG(st.st_mode) && (uint64_t)st.st_size >= good &&
	       ((uint64_t)st.st_size == good || !ftruncate(fd, (off_t)good));
	close(fd);
	return fits;
}

/* Makes the files what the mark says. If they are not, or there is no mark, the copy begins anew. */
static void settle(struct journal_copy *c, const char *node)
{
	char path[sizeof(c->folder) + WIRE_NAME + 1];
	uint32_t number = 0;
	uint64_t good = 0;
	int dir;

	snprintf(path, sizeof(path), "%s/%s", c->folder, node);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return;
	if (!mark_read(dir, &c->mark, &number, &good) || !cut(dir, number, good)) {
		c->mark = (struct journal_mark){ 0 };
		number = 0;
	}
	remove_above(dir, number);
	close(dir);
}

/* Two of this machine's agents can have the same folder. Return: a descriptor that holds a lock; or a negative errno. */
static int lock(const struct journal_copy *c, const char *node)
{
	char path[sizeof(c->folder) + WIRE_NAME + 8];
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd;

	/* Whoever may read a journal may read its copy. The umask of the service would keep others from it. */
	if (!mkdir(c->folder, FOLDER_MODE) && chmod(c->folder, FOLDER_MODE))
		return -errno;
	/* No name of a node begins so. */
	snprintf(path, sizeof(path), "%s/@%s", c->folder, node);
	fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (!fcntl(fd, F_OFD_SETLK, &whole))
		return fd;
	close(fd);
	return -EBUSY;
}

/**
 * journal_copy_needed - return whether a copy of a node's journal is of use
 * @folder:	folder of all journals on this machine
 * @node:	the node
 *
 * Return: no if that node's journal itself is there, as of an agent of this machine
 */
bool journal_copy_needed(const char *folder, const char *node)
{
	char own[4096];
	struct stat st;

	snprintf(own, sizeof(own), "%s/%s", folder, node);
	return lstat(own, &st);
}

/**
 * journal_copy_open - open the copy of a node's journal, or begin one
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
	uint64_t seen;
	int err;

	memset(c, 0, sizeof(*c));
	c->file.dir = -1;
	c->file.fd = -1;
	c->lock = -1;
	snprintf(c->folder, sizeof(c->folder), "%s/" JOURNAL_COPIES, folder);
	c->lock = lock(c, node);
	if (c->lock < 0) {
		snprintf(why, JOURNAL_WHY, "%.256s/%s: %s", c->folder, node,
			 c->lock == -EBUSY ? "it is being copied already" : strerror(-c->lock));
		return c->lock;
	}
	settle(c, node);
	c->file.folder = c->folder;
	snprintf(c->file.node, sizeof(c->file.node), "%s", node);
	c->file.most = most;
	c->file.age = age;
	err = journal_file_open(&c->file, wall_now(), &seen, why);
	if (err)
		journal_copy_close(c, 0);
	return err;
}

/**
 * journal_copy_add - append lines of the other node's journal
 * @c:		the copy
 * @from:	the place in that journal where they begin
 * @lines:	whole lines
 * @size:	their length, bytes
 *
 * Return: 0 or a negative errno; then the lines are cut when the copy is opened again
 */
int journal_copy_add(struct journal_copy *c, const struct journal_mark *from, const char *lines, size_t size)
{
	bool other = from->file != c->mark.file || from->begun != c->mark.begun;
	int err = 0;

	if (other && c->file.good)
		err = journal_file_next(&c->file, wall_now());
	if (!err)
		err = journal_file_put(&c->file, lines, size);
	if (err)
		return err;
	c->mark = *from;
	c->mark.offset += size;
	/* Else a power failure could leave a mark beyond the lines. */
	if (fdatasync(c->file.fd))
		return -errno;
	return mark_write(c);
}

/**
 * journal_copy_close - close the copy
 * @c:		the copy
 * @alive:	when the other node's agent was alive last, CLOCK_REALTIME, ns; 0: not known
 */
void journal_copy_close(struct journal_copy *c, uint64_t alive)
{
	struct timespec times[2] = {
		{ .tv_nsec = UTIME_OMIT },
		{ .tv_sec = (time_t)(alive / JOURNAL_SECOND), .tv_nsec = (long)(alive % JOURNAL_SECOND) },
	};

	/* As for a journal, this is the time of change of its newest file. */
	if (alive && c->file.fd >= 0)
		futimens(c->file.fd, times);
	journal_file_close(&c->file);
	if (c->lock >= 0)
		close(c->lock);
	c->lock = -1;
}
