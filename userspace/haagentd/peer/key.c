// SPDX-License-Identifier: GPL-2.0
/*
 * The key file. --genkey creates the file, --addkey and --dropkey change it, and the agent
 * reads it at start and at a reload. A key is never printed.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/text.h"

#include "key.h"

#define KEY_DIGITS	(2 * KEY_BYTES)

/**
 * key_from_bytes - make a key from its secret bytes
 * @key:	the key, which is initialized here
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

/**
 * key_find - find a key by its id
 * @ring:	the keys to search
 * @id:		the id
 *
 * Return: the key, or NULL
 */
const struct key *key_find(const struct key_ring *ring, uint32_t id)
{
	unsigned int i;

	for (i = 0; i < ring->n; i++)
		if (ring->key[i].id == id)
			return &ring->key[i];
	return NULL;
}

/**
 * key_shared - check whether two key rings have a key in common. Without a common key, two
 * nodes cannot authenticate each other
 * @a:	one key ring
 * @b:	the other key ring
 *
 * Return: yes or no
 */
bool key_shared(const struct key_ring *a, const struct key_ring *b)
{
	unsigned int i;

	for (i = 0; i < a->n; i++) {
		const struct key *same = key_find(b, a->key[i].id);

		if (same && !memcmp(same->bytes, a->key[i].bytes, KEY_BYTES))
			return true;
	}
	return false;
}

static int key_parse(struct key *key, const char *text, size_t length,
		     char *why, size_t size)
{
	uint8_t bytes[KEY_BYTES];
	const char *end;
	size_t got;

	if (length != KEY_DIGITS) {
		snprintf(why, size, "has a line of %zu character%s, not of %d hexadecimal digits, as haagentd --genkey writes it",
			 length, hasw_s(length), KEY_DIGITS);
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

static int ring_parse(struct key_ring *ring, const char *text, char *why,
		      size_t size)
{
	int err;

	ring->n = 0;
	do {
		size_t length = strcspn(text, "\r\n");

		if (ring->n == KEY_RING) {
			snprintf(why, size, "has more than %d lines; a key file is one key, or two while they are changed, each of %d hexadecimal digits",
				 KEY_RING, KEY_DIGITS);
			return -EINVAL;
		}
		err = key_parse(&ring->key[ring->n], text, length, why, size);
		if (err)
			return err;
		ring->n++;
		text += length + strspn(text + length, "\r\n");
	} while (*text);
	if (ring->n == KEY_RING && ring->key[0].id == ring->key[1].id) {
		snprintf(why, size, "has the same key twice; delete one of the lines");
		return -EINVAL;
	}
	/*
	 * The modules distinguish keys by key_mark(). If the newer key had the same mark as the
	 * older one, the modules would not notice the newer key. So equal marks are an error.
	 */
	if (ring->n == KEY_RING && key_mark(&ring->key[0]) == key_mark(&ring->key[1])) {
		snprintf(why, size, "has two keys that the modules cannot tell apart; delete the second line, and have haagentd --addkey make another one");
		return -EINVAL;
	}
	return 0;
}

static bool owner_trusted(uid_t owner)
{
	return !owner || owner == geteuid();
}

/*
 * Returns the mode bits that a key file must not have. A systemd credential is allowed to have
 * the group's read bit: systemd can give the service's user access by an ACL, whose mask appears
 * as the group's mode bits. The group has no access, because only the service's user can enter
 * the credential's directory.
 */
static mode_t forbidden(const char *path)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	size_t size = folder ? strlen(folder) : 0;

	return size && !strncmp(path, folder, size) && path[size] == '/' &&
	       !strchr(path + size + 1, '/') ? 037 : 077;
}

/**
 * key_read - read the shared keys from the key file
 * @ring:	filled with the keys
 * @path:	the key file
 * @why:	on failure, the error text, to be printed behind the file's name
 * @size:	size of @why, bytes
 *
 * Return: 0 or a negative errno
 */
int key_read(struct key_ring *ring, const char *path, char *why, size_t size)
{
	char text[KEY_RING * KEY_DIGITS + 64] = "";
	struct stat st;
	ssize_t got;
	int fd, err;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		err = -errno;
		snprintf(why, size, "cannot be opened: %s%s", strerror(errno),
			 err == -ENOENT ? "; haagentd --genkey FILE makes one" :
			 err == -EACCES ? "; it must belong to the user who runs the agent" : "");
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
	if (st.st_mode & forbidden(path)) {
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
	err = ring_parse(ring, text, why, size);
out:
	sodium_memzero(text, sizeof(text));
	close(fd);
	return err;
}

/**
 * key_text - write keys as a key file has them, one per line
 * @ring:	the keys
 * @text:	filled
 * @room:	size of @text; KEY_TEXT is enough
 *
 * Return: length of the text, bytes
 */
size_t key_text(const struct key_ring *ring, char *text, size_t room)
{
	size_t length = 0;
	unsigned int i;

	for (i = 0; i < ring->n; i++) {
		sodium_bin2hex(text + length, room - length, ring->key[i].bytes, KEY_BYTES);
		length += KEY_DIGITS;
		text[length++] = '\n';
	}
	return length;
}

/* Writes the keys into a new file. Returns 0 or a negative errno. */
static int lines_write(int fd, const struct key_ring *ring)
{
	char text[KEY_TEXT];
	size_t length = key_text(ring, text, sizeof(text));
	ssize_t put;
	int err = 0;

	errno = 0;
	put = write(fd, text, length);
	if (put != (ssize_t)length)
		err = errno ? -errno : -EIO;
	sodium_memzero(text, sizeof(text));
	return err;
}

static void key_random(struct key *key)
{
	uint8_t bytes[KEY_BYTES];

	randombytes_buf(bytes, sizeof(bytes));
	key_from_bytes(key, bytes);
	sodium_memzero(bytes, sizeof(bytes));
}

/**
 * key_generate - create a key file with a new key
 * @path:	name of the file; must not exist yet
 * @why:	on failure, the error text, to be printed behind the file's name
 * @size:	size of @why, bytes
 *
 * Return: 0 or a negative errno
 */
int key_generate(const char *path, char *why, size_t size)
{
	struct key_ring ring = { .n = 1 };
	int err, fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0) {
		err = -errno;
		snprintf(why, size, err == -EEXIST ?
			 "is there already; it is left as it is" :
			 "cannot be made: %s", strerror(-err));
		return err;
	}
	key_random(&ring.key[0]);
	/* The umask may have removed mode bits that the owner needs. */
	err = fchmod(fd, 0600) ? -errno : lines_write(fd, &ring);
	sodium_memzero(&ring, sizeof(ring));
	if (!err && fsync(fd))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (err) {
		snprintf(why, size, "cannot be written: %s", strerror(-err));
		unlink(path);
	}
	return err;
}

static int ring_replace(const char *path, const struct key_ring *ring,
			char *why, size_t size)
{
	struct file_next next;
	int err = file_next_open(&next, path);

	if (!err)
		err = file_next_end(&next, path, lines_write(next.fd, ring));
	if (err)
		snprintf(why, size, "cannot be replaced: %s", strerror(-err));
	return err;
}

/**
 * key_add - add a new key to the one in a key file
 * @path:	the key file
 * @why:	on failure, the error text, to be printed behind the file's name
 * @size:	size of @why, bytes
 *
 * Return: 0 or a negative errno
 */
int key_add(const char *path, char *why, size_t size)
{
	struct key_ring ring;
	int err = key_read(&ring, path, why, size);

	if (!err && ring.n == KEY_RING) {
		snprintf(why, size, "has two keys already; haagentd --dropkey takes out the older one, when every node has both");
		err = -EEXIST;
	}
	if (!err) {
		do {
			key_random(&ring.key[1]);
		} while (key_mark(&ring.key[1]) == key_mark(&ring.key[0]));
		ring.n = KEY_RING;
		err = ring_replace(path, &ring, why, size);
	}
	sodium_memzero(&ring, sizeof(ring));
	return err;
}

/**
 * key_drop - remove the older one of two keys from a key file
 * @path:	the key file
 * @why:	on failure, the error text, to be printed behind the file's name
 * @size:	size of @why, bytes
 *
 * Return: 0 or a negative errno
 */
int key_drop(const char *path, char *why, size_t size)
{
	struct key_ring ring;
	int err = key_read(&ring, path, why, size);

	if (!err && ring.n < 2) {
		snprintf(why, size, "has one key only, which is in use; haagentd --addkey adds another first");
		err = -ENOENT;
	}
	if (!err) {
		ring.key[0] = ring.key[1];
		ring.n = 1;
		err = ring_replace(path, &ring, why, size);
	}
	sodium_memzero(&ring, sizeof(ring));
	return err;
}
