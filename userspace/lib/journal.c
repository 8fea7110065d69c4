// SPDX-License-Identifier: GPL-2.0
/* What the writer and the reader of the journal share: names of files, and how a line begins. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

bool journal_wall(const char *line, uint64_t *wall)
{
	static const char begin[] = "{\"wall\":";

	if (strncmp(line, begin, sizeof(begin) - 1) || !isdigit((unsigned char)line[sizeof(begin) - 1]))
		return false;
	*wall = strtoull(line + sizeof(begin) - 1, NULL, 10);
	return true;
}

bool journal_locked(int fd)
{
	struct flock whole = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

	return !fcntl(fd, F_OFD_GETLK, &whole) && whole.l_type != F_UNLCK;
}
