// SPDX-License-Identifier: GPL-2.0
/* A reader of command files, which splits lines into words. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lines.h"

#define BLOCK_SIZE (256 * 1024)

void lines_init(struct lines *lines, char *text, size_t len)
{
	memset(lines, 0, sizeof(*lines));
	lines->fd = -1;
	lines->text = text;
	lines->len = len;
	lines->size = len + 1;
	lines->end = true;
}

int lines_open(struct lines *lines, const char *path)
{
	memset(lines, 0, sizeof(*lines));
	lines->standard = !strcmp(path, "-");
	lines->fd = lines->standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	return lines->fd < 0 ? -errno : 0;
}

/*
 * Reads more of the file, and appends it to the text that is not split into words yet. Of a long file only one block at
 * a time is in memory, because each further page would cost a page fault.
 */
static int fill(struct lines *lines)
{
	ssize_t n;

	if (lines->at) {
		memmove(lines->text, lines->text + lines->at, lines->len - lines->at);
		lines->len -= lines->at;
		lines->at = 0;
	}
	if (lines->len + 1 >= lines->size) {
		size_t wanted = lines->size ? lines->size * 2 : BLOCK_SIZE;
		char *bigger = realloc(lines->text, wanted);

		if (!bigger)
			return -ENOMEM;
		lines->text = bigger;
		lines->size = wanted;
	}
	do {
		n = read(lines->fd, lines->text + lines->len, lines->size - lines->len - 1);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	lines->len += (size_t)n;
	lines->end = !n;
	return 0;
}

/*
 * Reads until the whole line that begins at lines->at is in memory. Returns the end of the line. On failure returns
 * NULL, and a negative errno in *RET; at the end of the file returns NULL, and 0 in *RET.
 */
static char *line_end(struct lines *lines, int *ret)
{
	size_t seen = 0;

	for (;;) {
		size_t from = lines->at + seen;
		char *end = lines->len > from ? memchr(lines->text + from, '\n', lines->len - from) : NULL;

		if (end)
			return end;
		if (lines->end)
			break;
		seen = lines->len - lines->at;
		*ret = fill(lines);
		if (*ret)
			return NULL;
	}
	*ret = 0;
	/*
	 * The last line can lack a newline. The buffer has one byte after the text, in which lines_next() puts the NUL
	 * that ends the line.
	 */
	return lines->at < lines->len ? lines->text + lines->len : NULL;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool put_word(struct lines *lines, int n, char *word)
{
	if (n == lines->room) {
		int wanted = lines->room ? lines->room * 2 : 64;
		char **bigger = realloc(lines->words, (size_t)wanted * sizeof(*bigger));

		if (!bigger)
			return false;
		lines->words = bigger;
		lines->room = wanted;
	}
	lines->words[n] = word;
	return true;
}

/*
 * Splits the line from P to END into words. Stops at a word that begins with #, because that word begins a comment. The
 * caller has put a NUL at END. Returns the number of words, or -ENOMEM.
 */
static int split(struct lines *lines, char *p, const char *end)
{
	int n = 0;

	while (p < end) {
		while (blank(*p))
			p++;
		if (p == end || *p == '#')
			break;
		if (!put_word(lines, n++, p))
			return -ENOMEM;
		while (p < end && !blank(*p))
			p++;
		*p++ = '\0';
	}
	return n;
}

int lines_next(struct lines *lines)
{
	char *end;
	int ret;

	while ((end = line_end(lines, &ret))) {
		char *begin = lines->text + lines->at;
		int n;

		lines->line += !lines->ahead;
		lines->ahead -= !!lines->ahead;
		lines->at = (size_t)(end - lines->text) + 1;
		if (lines->at > lines->len)
			lines->at = lines->len;
		*end = '\0';
		if (strlen(begin) != (size_t)(end - begin))
			return -EILSEQ;
		n = split(lines, begin, end);
		if (n)
			return n;
	}
	return ret;
}

int lines_rewind(struct lines *lines)
{
	if (lines->fd < 0 || lseek(lines->fd, 0, SEEK_SET) < 0)
		return -ESPIPE;
	lines->len = 0;
	lines->at = 0;
	lines->end = false;
	lines->line = 0;
	lines->ahead = lines->before;
	return 0;
}

void lines_free(struct lines *lines)
{
	if (lines->fd >= 0 && !lines->standard)
		close(lines->fd);
	free(lines->text);
	free(lines->words);
	memset(lines, 0, sizeof(*lines));
	lines->fd = -1;
}
