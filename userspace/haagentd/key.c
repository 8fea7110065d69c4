// SPDX-License-Identifier: GPL-2.0
/* The key file: made by --genkey, read at start, never printed. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "key.h"

#define KEY_DIGITS	(2 * KEY_BYTES)

/**
 * key_from_bytes - make a key of its secret
 * @key:	to fill
 * @bytes:	the secret
 */
void key_from_bytes(struct key *key, const uint8_t bytes[KEY_BYTES])
{
	static const char label[] = "haswitch key id";
	uint8_t id[crypto_generichash_BYTES_MIN];

	memcpy(key->bytes, bytes, KEY_BYTES);
	crypto_generichash(id, sizeof(id), (const uint8_t *)label,
			   sizeof(label), bytes, KEY_BYTES);
	key->id = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 |
		  (uint32_t)id[2] << 8 | id[3];
}

static int key_parse(struct key *key, char *text, char *why, size_t size)
{
	uint8_t bytes[KEY_BYTES];
	size_t length = strcspn(text, "\r\n");
	size_t got;
	const char *end;

	if (text[length + strspn(text + length, "\r\n")]) {
		snprintf(why, size, "has more than one line; a key file is %d hexadecimal digits, as haagentd --genkey writes it",
			 KEY_DIGITS);
		return -EINVAL;
	}
	if (length != KEY_DIGITS) {
		snprintf(why, size, "is %zu characters long, not %d hexadecimal digits, as haagentd --genkey writes it",
			 length, KEY_DIGITS);
		return -EINVAL;
	}
	if (sodium_hex2bin(bytes, sizeof(bytes), text, length, NULL, &got,
			   &end) || got != KEY_BYTES || end != text + length) {
		snprintf(why, size, "has something else than hexadecimal digits in it; haagentd --genkey makes a proper one");
		return -EINVAL;
	}
	key_from_bytes(key, bytes);
	sodium_memzero(bytes, sizeof(bytes));
	return 0;
}

static bool owner_trusted(uid_t owner)
{
	return !owner || owner == geteuid();
}

/**
 * key_read - read the shared key
 * @key:	to fill
 * @path:	the key file
 * @why:	on failure, what is wrong, to follow the file's name
 * @size:	of @why
 *
 * Return: 0 or a negative errno
 */
int key_read(struct key *key, const char *path, char *why, size_t size)
{
	char text[KEY_DIGITS + 64] = "";
	struct stat st;
	ssize_t got;
	int fd, err;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		err = -errno;
		snprintf(why, size, "cannot be opened: %s%s", strerror(errno),
			 errno == ENOENT ? "; haagentd --genkey FILE makes one" : "");
		return err;
	}
	if (fstat(fd, &st) < 0) {
		err = -errno;
		snprintf(why, size, "cannot be examined: %s", strerror(errno));
		goto out;
	}
	err = -EINVAL;
	if (!S_ISREG(st.st_mode)) {
		snprintf(why, size, "is not a regular file");
		goto out;
	}
	if (!owner_trusted(st.st_uid)) {
		err = -EPERM;
		snprintf(why, size, "belongs to user %lu, who can read and change it; make it root's: chown root",
			 (unsigned long)st.st_uid);
		goto out;
	}
	if (st.st_mode & 077) {
		err = -EPERM;
		snprintf(why, size, "can be used by others than its owner (mode %04o); chmod 0600 it, and make a new key if somebody may have read it",
			 (unsigned int)st.st_mode & 07777);
		goto out;
	}
	got = read(fd, text, sizeof(text) - 1);
	if (got < 0) {
		err = -errno;
		snprintf(why, size, "cannot be read: %s", strerror(errno));
		goto out;
	}
	if (memchr(text, 0, (size_t)got)) {
		snprintf(why, size, "is not text; a key file is %d hexadecimal digits, as haagentd --genkey writes it",
			 KEY_DIGITS);
		goto out;
	}
	err = key_parse(key, text, why, size);
out:
	sodium_memzero(text, sizeof(text));
	close(fd);
	return err;
}

/**
 * key_generate - make a new key file
 * @path:	where; must not be there yet
 * @why:	on failure, what is wrong, to follow the file's name
 * @size:	of @why
 *
 * Return: 0 or a negative errno
 */
int key_generate(const char *path, char *why, size_t size)
{
	char text[KEY_DIGITS + 2];
	uint8_t bytes[KEY_BYTES];
	int fd, err = 0;
	ssize_t put;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		err = -errno;
		snprintf(why, size, errno == EEXIST ?
			 "is there already; it is left as it is" :
			 "cannot be made: %s", strerror(errno));
		return err;
	}
	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2hex(text, sizeof(text), bytes, sizeof(bytes));
	text[KEY_DIGITS] = '\n';
	errno = 0;
	/* The umask may have taken away what the owner needs. */
	put = fchmod(fd, 0600) ? -1 : write(fd, text, KEY_DIGITS + 1);
	if (put != KEY_DIGITS + 1 || fsync(fd)) {
		err = errno ? -errno : -EIO;
		snprintf(why, size, "cannot be written: %s", strerror(-err));
		unlink(path);
	}
	if (close(fd) && !err) {
		err = -errno;
		snprintf(why, size, "cannot be written: %s", strerror(errno));
		unlink(path);
	}
	sodium_memzero(bytes, sizeof(bytes));
	sodium_memzero(text, sizeof(text));
	return err;
}
