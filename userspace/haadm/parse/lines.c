// SPDX-License-Identifier: GPL-2.0
/* A reader of command files, which splits lines into words. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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

/* A word ends at these; the NUL is at the end of the line. A table takes one comparison for each byte of a long file. */
static const bool word_ends[UCHAR_MAX + 1] = { ['\0'] = true, [' '] = true, ['\t'] = true, ['\r'] = true };

static char *skip_blanks(char *p)
{
	while (*p && word_ends[(unsigned char)*p])
		p++;
	return p;
}

static char *skip_word(char *p)
{
	while (!word_ends[(unsigned char)*p])
		p++;
	return p;
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
 * line has a NUL at END, and none before. Returns the number of words, or -ENOMEM.
 */
static int split(struct lines *lines, char *p, const char *end)
{
	int n = 0;

	for (p = skip_blanks(p); p < end && *p != '#'; p = skip_blanks(p)) {
		if (!put_word(lines, n++, p))
			return -ENOMEM;
		p = skip_word(p);
		if (p < end)
			*p++ = '\0';
	}
	return n;
}

/*
 * Cuts the next line off the text. Returns 1 if there is one, which begins at *BEGIN and has a NUL at *END; 0 at the end
 * of the file; -EILSEQ if the line has a NUL byte; or another negative errno.
 */
static int cut(struct lines *lines, char **begin, char **end)
{
	int ret;

	*end = line_end(lines, &ret);
	if (!*end)
		return ret;
	*begin = lines->text + lines->at;
	lines->line += !lines->ahead;
	lines->ahead -= !!lines->ahead;
	lines->at = (size_t)(*end - lines->text) + 1;
	if (lines->at > lines->len)
		lines->at = lines->len;
	**end = '\0';
	return strlen(*begin) == (size_t)(*end - *begin) ? 1 : -EILSEQ;
}

int lines_next(struct lines *lines)
{
	char *begin, *end;
	int ret, n;

	while ((ret = cut(lines, &begin, &end)) > 0) {
		n = split(lines, begin, end);
		if (n)
			return n;
	}
	return ret;
}

int lines_next_of(struct lines *lines, const char *word)
{
	size_t len = strlen(word);
	char *begin, *end;
	int ret;

	while ((ret = cut(lines, &begin, &end))) {
		if (ret == -EILSEQ)
			continue;
		if (ret < 0)
			return ret;
		begin = skip_blanks(begin);
		if (!strncmp(begin, word, len) && word_ends[(unsigned char)begin[len]])
			return split(lines, begin, end);
	}
	return 0;
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
