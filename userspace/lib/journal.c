// SPDX-License-Identifier: GPL-2.0
/* What the writer and the reader of the journal share: files and their locks, and how a line begins. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal.h"

unsigned int journal_number(const char *name)
{
	char again[JOURNAL_NAME];
	unsigned long number;

	if (!isdigit((unsigned char)*name))
		return 0;
	errno = 0;
	number = strtoul(name, NULL, 10);
	if (errno || !number || number >= UINT32_MAX)
		return 0;
	snprintf(again, sizeof(again), JOURNAL_FORMAT, (unsigned int)number);
	return strcmp(again, name) ? 0 : (unsigned int)number;
}

int journal_each(int dir, void (*fn)(void *arg, unsigned int number), void *arg)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	unsigned int number;

	if (!list) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return err;
	}
	while ((entry = readdir(list))) {
		number = journal_number(entry->d_name);
		if (number)
			fn(arg, number);
	}
	closedir(list);
	return 0;
}

static void newest(void *arg, unsigned int number)
{
	unsigned int *top = arg;

	if (number > *top)
		*top = number;
}

unsigned int journal_newest(int dir)
{
	unsigned int top = 0;

	journal_each(dir, newest, &top);
	return top;
}

uint64_t journal_modified(const struct stat *st)
{
	return (uint64_t)st->st_mtim.tv_sec * JOURNAL_SECOND + (uint64_t)st->st_mtim.tv_nsec;
}

bool journal_wall(const char *line, uint64_t *wall)
{
	static const char begin[] = "{\"wall\":";

	if (strncmp(line, begin, sizeof(begin) - 1) || !isdigit((unsigned char)line[sizeof(begin) - 1]))
		return false;
	*wall = strtoull(line + sizeof(begin) - 1, NULL, 10);
	return true;
}

int journal_lock(int fd)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_OFD_SETLK, &whole) ? -errno : 0;
}

bool journal_locked(int fd)
{
	struct flock whole = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

	return !fcntl(fd, F_OFD_GETLK, &whole) && whole.l_type != F_UNLCK;
}
