// SPDX-License-Identifier: GPL-2.0
/* Reads a piece of this node's journal, which another node asks for. The journal's thread may write meanwhile. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "journal_piece.h"
#include "lib/journal.h"

/* Which file is looked for, and what was found. */
struct search {
	uint32_t after;
	uint32_t next;		/* the lowest number above @after; 0: there is none */
	uint32_t newest;
};

static int search(int dir, struct search *s)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	uint32_t number;

	s->next = 0;
	s->newest = 0;
	if (!list) {
		if (fd >= 0)
			close(fd);
		return -errno;
	}
	while ((entry = readdir(list))) {
		number = journal_number(entry->d_name);
		if (number > s->newest)
			s->newest = number;
		if (number > s->after && (!s->next || number < s->next))
			s->next = number;
	}
	closedir(list);
	return 0;
}

/* Opens a file. Return: a descriptor, or -1 if it is no journal; *BEGUN is the stamp of its first line, 0 if it has none. */
static int open_file(int dir, uint32_t number, uint64_t *begun, struct stat *st)
{
	char name[JOURNAL_NAME], first[JOURNAL_LINE];
	ssize_t got;
	int fd;

	*begun = 0;
	snprintf(name, sizeof(name), JOURNAL_FORMAT, number);
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -1;
	got = fstat(fd, st) || !S_ISREG(st->st_mode) ? -1 : pread(fd, first, sizeof(first) - 1, 0);
	if (got >= 0) {
		first[got] = '\0';
		if (!got || journal_wall(first, begun))
			return fd;
	}
	close(fd);
	return -1;
}

/* Reads whole lines from an offset on. Return: their length, or a negative errno. */
static ssize_t read_lines(int fd, uint64_t offset, char *to)
{
	ssize_t got = pread(fd, to, JOURNAL_PIECE, (off_t)offset);
	const char *end = got > 0 ? memrchr(to, '\n', (size_t)got) : NULL;

	if (got < 0)
		return -errno;
	return end ? end + 1 - to : 0;
}

/*
 * Reads on at the place, or in the next file that has lines. A file that is no journal is passed over. Return: 0 or a
 * negative errno; 0 with *SIZE 0: there are no more lines.
 */
static int read_on(int dir, struct journal_mark *mark, char *to, size_t *size, uint64_t *alive)
{
	struct search s = { .after = mark->file ? mark->file - 1 : 0 };
	struct journal_mark at = *mark;
	struct stat st;
	uint64_t begun;
	ssize_t got;
	int fd, err;

	for (;;) {
		err = search(dir, &s);
		if (err)
			return err;
		/* All files are older than the place: the node has lost its disk, and this is another journal. */
		if (!s.next && s.newest && at.file > s.newest) {
			at = (struct journal_mark){ 0 };
			s.after = 0;
			continue;
		}
		if (!s.next)
			return 0;
		fd = open_file(dir, s.next, &begun, &st);
		s.after = s.next;
		if (fd < 0)
			continue;
		if (s.next == at.file && at.begun != begun) {
			/* So is this, and it has reached the number of the place. */
			at = (struct journal_mark){ 0 };
			s.after = 0;
			close(fd);
			continue;
		}
		if (s.next != at.file)
			at = (struct journal_mark){ .file = s.next, .begun = begun };
		*alive = journal_locked(fd) ? UINT64_MAX :
			(uint64_t)st.st_mtim.tv_sec * JOURNAL_SECOND + (uint64_t)st.st_mtim.tv_nsec;
		got = read_lines(fd, at.offset, to);
		close(fd);
		if (got < 0)
			return (int)got;
		if (got) {
			*mark = at;
			*size = (size_t)got;
			return 0;
		}
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
	struct timespec now;
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
	if (*alive == UINT64_MAX) {
		clock_gettime(CLOCK_REALTIME, &now);
		*alive = (uint64_t)now.tv_sec * JOURNAL_SECOND + (uint64_t)now.tv_nsec;
	}
	return err;
}
