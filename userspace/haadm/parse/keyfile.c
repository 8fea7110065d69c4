// SPDX-License-Identifier: GPL-2.0
/* A key file holds the secret key for heartbeats in one direction. Other users must not have access to it. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyfile.h"

#define DIGITS (2 * KEYFILE_BYTES)

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static const char *parse(uint8_t key[KEYFILE_BYTES], const char *text, size_t len)
{
	/* An editor ends the file with a newline, which is no part of the key. */
	if (len && text[len - 1] == '\n')
		len--;
	if (len != DIGITS)
		return "is no key: a key is 32 hexadecimal digits";
	for (size_t i = 0; i < DIGITS; i += 2) {
		int high = digit(text[i]), low = digit(text[i + 1]);

		if (high < 0 || low < 0)
			return "is no key: a key is 32 hexadecimal digits";
		key[i / 2] = (uint8_t)(high << 4 | low);
	}
	return NULL;
}

/*
 * Refuses a directory. Also refuses a regular file that group or others can access, because they could read the
 * secret key. A pipe is accepted.
 */
static const char *guarded(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return strerror(errno);
	if (S_ISDIR(st.st_mode))
		return "is a directory, not a key file";
	if (S_ISREG(st.st_mode) && st.st_mode & (0077))
		return "can be read by others: chmod 600 it";
	return NULL;
}

const char *keyfile_read(uint8_t key[KEYFILE_BYTES], const char *path)
{
	char text[DIGITS + 2];
	const char *wrong;
	size_t len = 0;
	ssize_t got;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return strerror(errno);
	wrong = guarded(fd);
	while (!wrong && len < sizeof(text)) {
		got = read(fd, text + len, sizeof(text) - len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			wrong = strerror(errno);
		if (got <= 0)
			break;
		len += (size_t)got;
	}
	if (!wrong)
		wrong = parse(key, text, len);
	close(fd);
	explicit_bzero(text, sizeof(text));
	return wrong;
}
