// SPDX-License-Identifier: GPL-2.0
/*
 * Invitations. The token has a random secret, and what the invited machine needs to find the inviting node. The key of
 * the cluster is not in it. The inviting node keeps each token as a file, so that an invitation outlives a restart of
 * its agent. To use one up is to rename its file, which succeeds once.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "haagentd/bytes.h"
#include "haagentd/peer/path.h"
#include "lib/addr.h"
#include "lib/file.h"
#include "invitation.h"

#define HEAD		"haswitch1."	/* what a token begins with: its format */
#define VARIANT		sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define CHECK		4		/* bytes of a hash, which find a token that was mistyped */
#define BYTES		(8 + 2 + 2 * 17 + INVITATION_SECRET + 2 * WIRE_NAME + CHECK)	/* most bytes of a token */
#define FILES		"invitation-"
#define OVER		".over"
#define NAME		40

static void check_of(const uint8_t *bytes, size_t size, uint8_t check[CHECK])
{
	uint8_t hash[crypto_generichash_BYTES_MIN];

	crypto_generichash(hash, sizeof(hash), bytes, size, NULL, 0);
	memcpy(check, hash, CHECK);
}

static uint8_t *put_address(uint8_t *to, const struct sockaddr_storage *at)
{
	struct hasw_addr addr;

	hasw_addr_from_sock(&addr, (const struct sockaddr *)at);
	*to++ = addr.family == AF_INET6 ? 6 : 4;
	memcpy(to, addr.bytes, hasw_addr_len(&addr));
	return to + hasw_addr_len(&addr);
}

static uint8_t *put_name(uint8_t *to, const char *name)
{
	size_t length = strnlen(name, WIRE_NAME - 1);

	*to++ = (uint8_t)length;
	memcpy(to, name, length);
	return to + length;
}

static in_port_t *port_of(struct sockaddr_storage *at)
{
	return at->ss_family == AF_INET6 ? &((struct sockaddr_in6 *)at)->sin6_port : &((struct sockaddr_in *)at)->sin_port;
}

/**
 * invitation_token - write an invitation as a token
 * @inv:	the invitation
 * @token:	filled with the token
 *
 * The fields and their sizes in bytes, before they are written in base64:
 *
 *	until    8
 *	port     2	of the inviting node
 *	at       5 or 17	4 or 6, and the inviting node's address
 *	addr     5 or 17	4 or 6, and the invited machine's address
 *	secret  16
 *	node     2 to 32	length, and name of the new node
 *	from     2 to 32	length, and name of the inviting node
 *	check    4	first bytes of a hash of all that
 */
void invitation_token(const struct invitation *inv, char token[INVITATION_TOKEN])
{
	struct sockaddr_storage at = inv->at;
	uint8_t bytes[BYTES], *to = bytes;

	bytes_put(to, inv->until, 8);
	bytes_put(to + 8, ntohs(*port_of(&at)), 2);
	to = put_address(to + 10, &inv->at);
	to = put_address(to, &inv->addr);
	memcpy(to, inv->secret, INVITATION_SECRET);
	to = put_name(to + INVITATION_SECRET, inv->node);
	to = put_name(to, inv->from);
	check_of(bytes, (size_t)(to - bytes), to);
	to += CHECK;
	memcpy(token, HEAD, sizeof(HEAD));
	sodium_bin2base64(token + strlen(HEAD), INVITATION_TOKEN - strlen(HEAD), bytes, (size_t)(to - bytes), VARIANT);
	sodium_memzero(bytes, sizeof(bytes));
}

/* What is left of a token's bytes. */
struct rest {
	const uint8_t *at;
	size_t size;
};

static const uint8_t *take(struct rest *rest, size_t size)
{
	const uint8_t *at = rest->at;

	if (rest->size < size)
		return NULL;
	rest->at += size;
	rest->size -= size;
	return at;
}

static bool take_address(struct rest *rest, uint16_t port, struct sockaddr_storage *to)
{
	const uint8_t *kind = take(rest, 1), *at;
	struct hasw_addr addr = { 0 };

	if (!kind || (*kind != 4 && *kind != 6))
		return false;
	addr.family = *kind == 4 ? AF_INET : AF_INET6;
	at = take(rest, hasw_addr_len(&addr));
	if (!at)
		return false;
	memcpy(addr.bytes, at, hasw_addr_len(&addr));
	hasw_addr_to_sock(&addr, port, to);
	return true;
}

static bool take_name(struct rest *rest, char to[WIRE_NAME])
{
	const uint8_t *length = take(rest, 1), *at;

	if (!length || *length >= WIRE_NAME)
		return false;
	at = take(rest, *length);
	if (!at || memchr(at, 0, *length))
		return false;
	memcpy(to, at, *length);
	return wire_name_valid(to);
}

static bool take_all(struct rest *rest, struct invitation *inv)
{
	const uint8_t *head = take(rest, 10), *secret;

	if (!head)
		return false;
	inv->until = bytes_get(head, 8);
	if (!take_address(rest, (uint16_t)bytes_get(head + 8, 2), &inv->at) || !take_address(rest, 0, &inv->addr))
		return false;
	secret = take(rest, INVITATION_SECRET);
	if (!secret)
		return false;
	memcpy(inv->secret, secret, INVITATION_SECRET);
	return take_name(rest, inv->node) && take_name(rest, inv->from) && !rest->size &&
	       inv->at.ss_family == inv->addr.ss_family && *port_of(&inv->at);
}

/**
 * invitation_parse - read a token
 * @token:	the token
 * @inv:	filled
 *
 * Return: NULL; or what is wrong with it
 */
const char *invitation_parse(const char *token, struct invitation *inv)
{
	uint8_t bytes[INVITATION_TOKEN], check[CHECK];
	const char *end, *text;
	struct rest rest = { .at = bytes };
	bool right;
	size_t n;

	memset(inv, 0, sizeof(*inv));
	if (strncmp(token, HEAD, strlen(HEAD)))
		return "this is no token of 'haadm cluster invite', which begins with " HEAD;
	text = token + strlen(HEAD);
	if (strlen(token) >= INVITATION_TOKEN || sodium_base642bin(bytes, sizeof(bytes), text, strlen(text), NULL, &n, &end, VARIANT) ||
	    *end || n < CHECK)
		return "the token is not whole, or was mistyped";
	check_of(bytes, n - CHECK, check);
	rest.size = n - CHECK;
	if (memcmp(check, bytes + rest.size, CHECK))
		return "the token is not whole, or was mistyped";
	right = take_all(&rest, inv);
	sodium_memzero(bytes, sizeof(bytes));
	return right ? NULL : "the token is of another release";
}

/**
 * invitation_key - make the key of the stream between the two nodes
 * @inv:	the invitation
 * @key:	filled; its id also names the invitation
 */
void invitation_key(const struct invitation *inv, struct key *key)
{
	static const char label[] = "haswitch invitation";
	uint8_t bytes[KEY_BYTES];

	crypto_generichash(bytes, sizeof(bytes), (const uint8_t *)label, sizeof(label), inv->secret, sizeof(inv->secret));
	key_from_bytes(key, bytes);
	sodium_memzero(bytes, sizeof(bytes));
}

static void name_of(uint32_t id, bool over, char name[NAME])
{
	snprintf(name, NAME, FILES "%08x%s", (unsigned int)id, over ? OVER : "");
}

/* Reads the invitation of a file. Return: whether there is one. */
static bool read_one(int at, const char *name, struct invitation *inv)
{
	char token[INVITATION_TOKEN];
	int fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, token, sizeof(token) - 1);
	bool right;

	if (fd >= 0)
		close(fd);
	token[n > 0 ? n : 0] = '\0';
	right = !invitation_parse(token, inv);
	sodium_memzero(token, sizeof(token));
	return right;
}

/* Calls @fn for each invitation, until it returns true. @name can be renamed and removed. Return: whether it did. */
static bool each(int at, bool (*fn)(void *arg, int at, const char *name, bool over, const struct invitation *inv), void *arg)
{
	int copy = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct invitation inv;
	struct dirent *entry;
	bool stop = false;

	if (!dir) {
		if (copy >= 0)
			close(copy);
		return false;
	}
	while (!stop && (entry = readdir(dir))) {
		size_t length = strlen(entry->d_name);

		if (strncmp(entry->d_name, FILES, strlen(FILES)) || length >= NAME || !read_one(at, entry->d_name, &inv))
			continue;
		stop = fn(arg, at, entry->d_name,
			  length > strlen(OVER) && !strcmp(entry->d_name + length - strlen(OVER), OVER), &inv);
	}
	closedir(dir);
	sodium_memzero(&inv, sizeof(inv));
	return stop;
}

/* The new invitation, which is in the file @name, and how many others are open that it does not replace. */
struct tidy {
	const char *node;
	const char *name;
	uint64_t now;
	unsigned int open;
};

static bool count_one(void *arg, int at, const char *name, bool over, const struct invitation *inv)
{
	struct tidy *t = arg;

	(void)at;
	(void)name;
	t->open += !over && t->now <= inv->until && strcmp(inv->node, t->node);
	return false;
}

static bool tidy_one(void *arg, int at, const char *name, bool over, const struct invitation *inv)
{
	const struct tidy *t = arg;
	char gone[NAME + 8];

	if (t->now > inv->until + INVITATION_KEPT) {
		unlinkat(at, name, 0);
	} else if (!over && !strcmp(inv->node, t->node) && strcmp(name, t->name)) {
		snprintf(gone, sizeof(gone), "%s" OVER, name);
		renameat(at, name, at, gone);
	}
	return false;
}

/**
 * invitation_put - keep an invitation; an older one for the same node is over then
 * @folder:	the folder of the configurations, which is made if it is missing
 * @inv:	the invitation
 * @now:	current time, seconds since 1970
 * @why:	filled on failure
 * @room:	size of @why
 *
 * Return: 0 or a negative errno
 */
int invitation_put(const char *folder, const struct invitation *inv, uint64_t now, char *why, size_t room)
{
	char token[INVITATION_TOKEN], name[NAME];
	struct tidy tidy = { .node = inv->node, .name = name, .now = now };
	int at, fd = -1, err = 0;
	struct key key;

	if (mkdir(folder, 0700) && errno != EEXIST)
		err = -errno;
	at = err ? err : file_open_folder(folder);
	if (at < 0) {
		snprintf(why, room, "the folder %s cannot be opened: %s", folder, strerror(-at));
		return at;
	}
	each(at, count_one, &tidy);
	if (tidy.open >= INVITATION_MOST) {
		snprintf(why, room, "%u invitations are open already; each of them is over when its time is", tidy.open);
		close(at);
		return -ENOSPC;
	}
	invitation_key(inv, &key);
	invitation_token(inv, token);
	name_of(key.id, false, name);
	fd = openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, token, strlen(token)) != (ssize_t)strlen(token) || fsync(fd) || fsync(at))
		err = errno ? -errno : -EIO;
	if (err) {
		snprintf(why, room, "the invitation cannot be written: %s", strerror(-err));
		if (fd >= 0)
			unlinkat(at, name, 0);
	} else {
		/* The older one is valid until the new one is on the disk. */
		each(at, tidy_one, &tidy);
		fsync(at);
	}
	if (fd >= 0)
		close(fd);
	close(at);
	sodium_memzero(&key, sizeof(key));
	sodium_memzero(token, sizeof(token));
	return err;
}

/**
 * invitation_find - find an invitation by the id of its key
 * @folder:	the folder of the configurations
 * @id:		the id
 * @now:	current time, seconds since 1970
 * @inv:	filled, also with one that is over
 *
 * Return: what has become of it
 */
enum invitation_state invitation_find(const char *folder, uint32_t id, uint64_t now, struct invitation *inv)
{
	int at = file_open_folder(folder);
	char name[NAME];
	bool open, over;

	memset(inv, 0, sizeof(*inv));
	if (at < 0)
		return INVITATION_NONE;
	name_of(id, false, name);
	open = read_one(at, name, inv);
	name_of(id, true, name);
	over = !open && read_one(at, name, inv);
	close(at);
	return over ? INVITATION_OVER : !open ? INVITATION_NONE : now > inv->until ? INVITATION_EXPIRED : INVITATION_OPEN;
}

static bool is_from(void *arg, int at, const char *name, bool over, const struct invitation *inv)
{
	(void)at;
	(void)name;
	(void)over;
	return path_from(arg, &inv->addr);
}

/**
 * invitation_expects - return whether there is, or was, an invitation for a machine
 * @folder:	the folder of the configurations
 * @from:	address of the machine
 *
 * Return: yes or no
 */
bool invitation_expects(const char *folder, const struct sockaddr_storage *from)
{
	struct sockaddr_storage address = *from;
	int at = file_open_folder(folder);
	bool yes;

	if (at < 0)
		return false;
	yes = each(at, is_from, &address);
	close(at);
	return yes;
}

static int rename_one(const char *folder, uint32_t id, bool over)
{
	char from[NAME], to[NAME];
	int at = file_open_folder(folder), err = 0;

	if (at < 0)
		return at;
	name_of(id, !over, from);
	name_of(id, over, to);
	if (renameat(at, from, at, to) || fsync(at))
		err = -errno;
	close(at);
	return err;
}

/**
 * invitation_take - use an invitation up; of several calls one succeeds
 * @folder:	the folder of the configurations
 * @id:		id of its key
 *
 * Return: 0; -ENOENT if it is over; or another negative errno
 */
int invitation_take(const char *folder, uint32_t id)
{
	return rename_one(folder, id, true);
}

static bool is_open_for(void *arg, int at, const char *name, bool over, const struct invitation *inv)
{
	(void)at;
	(void)name;
	return !over && !strcmp(inv->node, arg);
}

/**
 * invitation_give_back - open an invitation again, because the machine did not become a node
 * @folder:	the folder of the configurations
 * @id:		id of its key
 *
 * It stays over if a newer one has replaced it meanwhile.
 */
void invitation_give_back(const char *folder, uint32_t id)
{
	int at = file_open_folder(folder);
	struct invitation inv;
	char name[NAME];
	bool newer;

	if (at < 0)
		return;
	name_of(id, true, name);
	newer = read_one(at, name, &inv) && each(at, is_open_for, inv.node);
	close(at);
	sodium_memzero(&inv, sizeof(inv));
	if (!newer)
		rename_one(folder, id, false);
}
