// SPDX-License-Identifier: GPL-2.0
/* Files of commands: a text in memory, taken apart into the words of its lines. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lines.h"

#define FIRST_SIZE (64 * 1024)

void lines_init(struct lines *lines, char *text, size_t len)
{
	memset(lines, 0, sizeof(*lines));
	lines->text = text;
	lines->len = len;
}

static int read_all(int fd, char **text, size_t *len)
{
	struct stat stat;
	size_t size = FIRST_SIZE, got = 0;
	char *buf;

	/* One byte more than the file has, so that its end is seen at once; one for NUL. */
	if (!fstat(fd, &stat) && S_ISREG(stat.st_mode))
		size = (size_t)stat.st_size + 2;
	buf = malloc(size);
	while (buf) {
		ssize_t n = read(fd, buf + got, size - got - 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int ret = -errno;

			free(buf);
			return ret;
		}
		got += (size_t)n;
		if (!n) {
			buf[got] = '\0';
			*text = buf;
			*len = got;
			return 0;
		}
		if (got + 1 == size) {
			char *bigger = realloc(buf, size *= 2);

			if (!bigger)
				free(buf);
			buf = bigger;
		}
	}
	return -ENOMEM;
}

int lines_read(struct lines *lines, const char *path)
{
	bool standard = !strcmp(path, "-");
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	size_t len = 0;
	int ret;

	if (fd < 0)
		return -errno;
	ret = read_all(fd, &text, &len);
	if (!standard)
		close(fd);
	if (!ret)
		lines_init(lines, text, len);
	return ret;
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

/* Takes apart the line from p to end, where NUL was put; number of words or -ENOMEM. */
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
	while (lines->at < lines->len) {
		char *begin = lines->text + lines->at;
		char *end = memchr(begin, '\n', lines->len - lines->at);
		int n;

		if (!end)
			end = lines->text + lines->len;
		lines->line++;
		lines->at = (size_t)(end - lines->text) + 1;
		*end = '\0';
		if (strlen(begin) != (size_t)(end - begin))
			return -EILSEQ;
		n = split(lines, begin, end);
		if (n)
			return n;
	}
	return 0;
}

void lines_free(struct lines *lines)
{
	free(lines->text);
	free(lines->words);
	memset(lines, 0, sizeof(*lines));
}
