// SPDX-License-Identifier: GPL-2.0
/* Reads a piece of this node's journal, which another node asks for. The journal's thread may write meanwhile. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "haagentd/clock.h"
#include "journal_piece.h"
#include "lib/journal.h"

/* Numbers of files: the lowest one above @after, and the highest one; 0: there is none. */
struct search {
	uint32_t after;
	uint32_t next;
	uint32_t newest;
};

static void look_at(void *arg, unsigned int number)
{
	struct search *s = arg;

	if (number > s->newest)
		s->newest = number;
	if (number > s->after && (!s->next || number < s->next))
		s->next = number;
}

static int search(int dir, uint32_t after, struct search *s)
{
	*s = (struct search){ .after = after };
	return journal_each(dir, look_at, s);
}

/*
 * Opens a file. *BEGUN is the stamp of its first line, 0 if it has none. Return: a descriptor; -ENOENT if it is not there, or
 * is no journal; or another negative errno.
 */
static int open_file(int dir, uint32_t number, uint64_t *begun, struct stat *st)
{
	char name[JOURNAL_NAME], first[JOURNAL_LINE];
	ssize_t got;
	int fd, err = -ENOENT;

	*begun = 0;
	snprintf(name, sizeof(name), JOURNAL_FORMAT, number);
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno == ELOOP ? -ENOENT : -errno;
	if (fstat(fd, st)) {
		err = -errno;
	} else if (S_ISREG(st->st_mode)) {
		got = pread(fd, first, sizeof(first) - 1, 0);
		first[got < 0 ? 0 : got] = '\0';
		if (!got || (got > 0 && journal_wall(first, begun)))
			return fd;
		err = got < 0 ? -errno : -ENOENT;
	}
	close(fd);
	return err;
}

/*
 * Reads whole lines from an offset on. What is sent is on the disk: else a power failure could take lines that another
 * node has, and the place behind them would be in the midst of a line. Return: their length, or a negative errno.
 */
static ssize_t read_lines(int fd, uint64_t offset, char *to)
{
	ssize_t got = offset > INT64_MAX ? 0 : pread(fd, to, JOURNAL_PIECE, (off_t)offset);
	const char *end = got > 0 ? memrchr(to, '\n', (size_t)got) : NULL;

	if (got < 0 || (end && fdatasync(fd)))
		return -errno;
	return end ? end + 1 - to : 0;
}

/*
 * Reads in a file, from the place on if it is in that file. Return: the length of the lines; -ENOENT for a file to be passed
 * over; -ESTALE if the place is in another file of this number, or one that went back; or another negative errno.
 */
static ssize_t read_file(int dir, uint32_t number, struct journal_mark *at, char *to, uint64_t *alive)
{
	struct stat st;
	uint64_t begun;
	ssize_t got;
	int fd = open_file(dir, number, &begun, &st);

	if (fd < 0)
		return fd;
	/* Where nothing was read yet, the file had no line at the last look. */
	if (number == at->file && at->offset && (at->begun != begun || at->offset > (uint64_t)st.st_size)) {
		close(fd);
		return -ESTALE;
	}
	if (number != at->file || !at->offset)
		*at = (struct journal_mark){ .file = number, .begun = begun };
	*alive = journal_locked(fd) ? clock_wall() : journal_modified(&st);
	got = read_lines(fd, at->offset, to);
	close(fd);
	return got;
}

/*
 * Finds where to go on when the place is lost: the node has another disk, or its disk went back to what it once was. Then new
 * lines are in files that were begun later, or else in the newest one. Return: the number before that file's, or a negative
 * errno.
 */
static int64_t find_again(int dir, uint64_t begun)
{
	struct search s = { .next = 0 };
	uint64_t other;
	struct stat st;
	int fd, err;

	for (;;) {
		err = search(dir, s.next, &s);
		if (err)
			return err;
		if (!s.next)
			return s.newest ? s.newest - 1 : 0;
		fd = open_file(dir, s.next, &other, &st);
		if (fd < 0 && fd != -ENOENT)
			return fd;
		if (fd >= 0)
			close(fd);
		if (fd >= 0 && other > begun)
			return s.next - 1;
	}
}

/*
 * Reads on at the place, or in the next file that has lines. Return: 0 or a negative errno; 0 with *SIZE 0: there are no
 * more lines.
 */
static int read_on(int dir, struct journal_mark *mark, char *to, size_t *size, uint64_t *alive)
{
	uint32_t file = mark->file;
	struct search s;
	struct journal_mark at = *mark;
	bool last = false, lost = false;
	int64_t before;
	ssize_t got;
	int err;

	for (;;) {
		got = file ? read_file(dir, file, &at, to, alive) : 0;
		if (got > 0) {
			*mark = at;
			*size = (size_t)got;
			return 0;
		}
		if (got < 0 && got != -ENOENT && got != -ESTALE)
			return (int)got;
		err = search(dir, file, &s);
		if (err)
			return err;
		if (!lost && (got == -ESTALE || (s.newest && file > s.newest))) {
			before = find_again(dir, mark->begun);
			if (before < 0)
				return (int)before;
			lost = true;
			at = (struct journal_mark){ 0 };
			file = (uint32_t)before;
			err = search(dir, file, &s);
			if (err)
				return err;
			got = -ENOENT;
		}
		if (!s.next)
			return 0;
		/* Lines may have come to this file before the next one was begun, and after the look. */
		if (file && !last && got != -ENOENT) {
			last = true;
			continue;
		}
		last = false;
		file = s.next;
	}
}

/**
 * journal_piece - read the lines that follow a place
 * @folder:	folder of all journals on this machine
 * @node:	whose journal
 * @mark:	the place; set to where the lines begin, which is elsewhere if the file was removed
 * @lines:	set to whole lines, which the caller frees
 * @size:	set to their length, bytes; 0: there are no more
 * @alive:	set to when the writer was alive last, CLOCK_REALTIME, ns: now if it runs; 0: not known
 *
 * Context: a process that may wait for the disk.
 * Return: 0 or a negative errno
 */
int journal_piece(const char *folder, const char *node, struct journal_mark *mark, char **lines, size_t *size,
		  uint64_t *alive)
{
	char path[4096];
	int dir, err;

	*lines = NULL;
	*size = 0;
	*alive = 0;
	snprintf(path, sizeof(path), "%s/%s", folder, node);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	*lines = malloc(JOURNAL_PIECE);
	err = *lines ? read_on(dir, mark, *lines, size, alive) : -ENOMEM;
	close(dir);
	if (err) {
		free(*lines);
		*lines = NULL;
	}
	return err;
}
