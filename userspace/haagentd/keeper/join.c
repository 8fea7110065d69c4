// SPDX-License-Identifier: GPL-2.0
/*
 * The machine that becomes a node by an invitation: it asks the inviting node, and writes what it gets. This is a process
 * of its own, which haadm starts: `haagentd --join`. No agent runs on this machine yet.
 */
#include <errno.h>
#include <libconfig.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/plain.h"

#include "haagentd/clock.h"
#include "haagentd/conf/conf.h"
#include "haagentd/json.h"
#include "haagentd/peer/path.h"
#include "first.h"
#include "invitation.h"
#include "join.h"
#include "keeper_task.h"
#include "stream.h"

#define MODULE_FILE	"/etc/haswitch/haswitch.conf"
#define JOIN_TIME	(180 * CLOCK_SECOND)	/* each node checks the configuration meanwhile */

/**
 * struct joined - what this machine got
 * @keys:	the shared keys
 * @about:	the configuration
 * @text:	its text
 * @file:	the agents' own file, can be empty
 * @size:	its length, bytes
 * @note:	why there is no such file, or empty
 */
struct joined {
	struct key_ring keys;
	struct generation about;
	char *text;
	char *file;
	size_t size;
	char note[KEEPER_WHY];
};

static int fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	hasw_plain_vline(stderr, format, args);
	va_end(args);
	return -1;
}

/* Reads the token from standard input. */
static int read_token(struct invitation *inv)
{
	char token[2 * INVITATION_TOKEN];
	const char *fault;

	if (!fgets(token, sizeof(token), stdin))
		return fail("no token comes from standard input");
	token[strcspn(token, " \t\r\n")] = '\0';
	fault = invitation_parse(token, inv);
	sodium_memzero(token, sizeof(token));
	return fault ? fail("%s", fault) : 0;
}

static void print(void *arg, const char *where, const char *what)
{
	(void)arg;
	fail("%s: %s", where, what);
}

/* This machine begins no cluster of its own any more. */
static int forget_first(void)
{
	char *folder = NULL;

	if (conf_folder_of(CONF_FILE, &folder, print, NULL))
		return -1;
	if (folder)
		first_unmark(folder);
	free(folder);
	return 0;
}

/* What an earlier cluster has committed would come back at the next boot, and its numbers mean something else in this one. */
static int has_generations(void)
{
	struct generation *list = NULL;
	char *folder = NULL;
	unsigned int n = 0;
	int err;

	if (conf_folder_of(CONF_FILE, &folder, print, NULL))
		return -1;
	err = folder ? generation_list(folder, &list, &n) : 0;
	if (err)
		fail("%s, which may have configurations of an earlier cluster, cannot be read: %s", folder, strerror(-err));
	else if (n)
		fail("%s has configurations of an earlier cluster: move it away, and the files voter-* beside it", folder);
	free(list);
	free(folder);
	return err || n ? -1 : 0;
}

/* A machine that belongs to a cluster already stays as it is. */
static int is_free(void)
{
	if (!access(CONF_KEY, F_OK))
		return fail("%s is there already: this machine belongs to a cluster; remove that file if it has left it", CONF_KEY);
	if (!access(MODULE_FILE, F_OK))
		return fail("%s is there already, and the cluster's configuration would replace it: move it away first", MODULE_FILE);
	return has_generations() || forget_first() ? -1 : 0;
}

/* Receives a reply. Return: whether it came. */
static bool reply(struct stream *s, struct config_ask *answer, char **text)
{
	if (!stream_answer(s, answer, text))
		return true;
	fail("what %s has sent cannot be read: %s", s->peer, s->why);
	return false;
}

static int take_keys(struct joined *j, const char *sealed, size_t size, const uint8_t *public, const uint8_t *secret)
{
	uint8_t keys[KEY_RING * KEY_BYTES];
	size_t length = size - crypto_box_SEALBYTES;

	if (size <= crypto_box_SEALBYTES || length > sizeof(keys) || length % KEY_BYTES ||
	    crypto_box_seal_open(keys, (const uint8_t *)sealed, size, public, secret))
		return fail("the keys that came cannot be read");
	for (j->keys.n = 0; j->keys.n * KEY_BYTES < length; j->keys.n++)
		key_from_bytes(&j->keys.key[j->keys.n], keys + j->keys.n * KEY_BYTES);
	sodium_memzero(keys, sizeof(keys));
	return 0;
}

/* Return: enum config_join; that the file can be read is known */
static uint64_t own_file(void)
{
	uint64_t file = CONFIG_JOIN_BARE;
	config_t config;

	config_init(&config);
	if (!access(CONF_FILE, F_OK))
		file = config_read_file(&config, CONF_FILE) == CONFIG_TRUE &&
		       (config_lookup(&config, "nodes") || config_lookup(&config, "engine")) ? CONFIG_JOIN_LISTED : CONFIG_JOIN_FILE;
	config_destroy(&config);
	return file;
}

/* Returns whether a file has just this text. */
static bool has_text(const char *path, const char *text, size_t size)
{
	FILE *file = fopen(path, "re");
	bool same = file;
	size_t i;

	for (i = 0; same && i < size; i++)
		same = getc(file) == (unsigned char)text[i];
	same = same && getc(file) == EOF;
	if (file)
		fclose(file);
	return same;
}

/* Sends the request, and receives the three replies. */
static int exchange(struct stream *s, struct joined *j)
{
	uint8_t public[crypto_box_PUBLICKEYBYTES], secret[crypto_box_SECRETKEYBYTES];
	struct config_ask ask = { .kind = CONFIG_JOIN, .about = { .number = own_file(), .size = sizeof(public) } }, answer;
	char *text = NULL;
	int err = -1;

	crypto_box_keypair(public, secret);
	if (stream_ask(s, &ask, (const char *)public)) {
		fail("%s cannot be asked: %s", s->peer, s->why);
	} else if (reply(s, &answer, &text)) {
		if (answer.kind == CONFIG_YES)
			err = take_keys(j, text, answer.about.size, public, secret);
		else
			fail("%s refuses: %s", s->peer, text);
		free(text);
	}
	sodium_memzero(secret, sizeof(secret));
	if (err || !reply(s, &answer, &j->text))
		return -1;
	j->about = answer.about;
	if (answer.kind != CONFIG_YES || generation_text_fault(j->text, j->about.size))
		return fail("the configuration that %s has sent is none", s->peer);
	if (!reply(s, &answer, &j->file))
		return -1;
	j->size = answer.kind == CONFIG_YES ? answer.about.size : 0;
	if (answer.kind != CONFIG_YES)
		snprintf(j->note, sizeof(j->note), "%s", j->file);
	return 0;
}

/* Asks the inviting node. */
static int ask(const struct invitation *inv, struct joined *j)
{
	char at[PATH_ADDRESS], addr[PATH_ADDRESS];
	struct stream s;
	struct key key;
	int fd = keeper_connect(&inv->addr, &inv->at), err;

	path_address(&inv->at, at);
	path_address(&inv->addr, addr);
	if (fd == -EADDRNOTAVAIL)
		return fail("this machine does not have the address for which the invitation is: %.*s",
			    (int)(strrchr(addr, ':') - addr), addr);
	if (fd < 0)
		return fail("no TCP connection to %s at %s: %s", inv->from, at, strerror(-fd));
	invitation_key(inv, &key);
	err = stream_connect(&s, fd, &key, inv->node, inv->from, clock_now() + JOIN_TIME);
	if (err == -ECONNRESET)
		fail("%s at %s does not know this invitation: it is over for more than a day, or was not made there", inv->from, at);
	else if (err)
		fail("%s at %s does not answer as it should: %s", inv->from, at, s.why);
	else
		err = exchange(&s, j);
	close(fd);
	return err;
}

/* Begins a file with a text. Return: 0 or a negative errno. */
static int begin_file(struct file_next *next, const char *path, const char *text, size_t size)
{
	int err = file_next_open(next, path);
	ssize_t n;

	while (!err && size) {
		n = write(next->fd, text, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			err = n ? -errno : -EIO;
			break;
		}
		text += n;
		size -= (size_t)n;
	}
	return err;
}

/*
 * Keeps the configuration as a generation, too: the agent begins with what it has for the agents, of which this node's entry
 * can be one. Nothing is committed where the cluster has no generation yet.
 */
static int keep_generation(const struct joined *j, char *path, size_t room)
{
	char why[KEEPER_WHY] = "", *folder = NULL;
	int err = 0;

	path[0] = '\0';
	if (!j->about.number || conf_folder_of(CONF_FILE, &folder, print, NULL))
		return 0;
	/* A new machine has no /var/lib/haswitch before its units have run. */
	if (folder)
		err = file_need_folder(folder);
	if (err)
		snprintf(why, sizeof(why), "the folder of %.300s cannot be made: %s", folder, strerror(-err));
	if (folder && !err)
		err = generation_path(folder, j->about.number, j->about.hash, path, room);
	if (folder && !err)
		err = generation_put(folder, &j->about, j->text, why, sizeof(why));
	if (folder && !err)
		err = generation_commit(folder, j->about.number, j->about.hash, why, sizeof(why));
	if (err)
		fail("the configuration cannot be kept: %s; make room, and have another invitation made", why);
	free(folder);
	return err;
}

/*
 * Writes the files. The key comes last: without it no agent runs, and this machine is no node. If anything fails, the
 * files that were written are removed again.
 */
static int write_files(const struct joined *j)
{
	char key[KEY_TEXT];
	bool file = j->size && access(CONF_FILE, F_OK);
	struct {
		const char *path, *text;
		size_t size;
		bool wanted;
	} files[] = {
		{ MODULE_FILE, j->text, j->about.size, true },
		{ CONF_FILE, j->file, j->size, file },
		{ CONF_KEY, key, key_text(&j->keys, key, sizeof(key)), true },
	};
	char generation[4096] = "";
	int err = file_need_folder(CONF_KEY);
	unsigned int i, n = 0;

	if (!err)
		err = keep_generation(j, generation, sizeof(generation));

	for (i = 0; i < sizeof(files) / sizeof(files[0]) && !err; i++) {
		struct file_next next;

		if (!files[i].wanted)
			continue;
		next.fd = -1;
		err = begin_file(&next, files[i].path, files[i].text, files[i].size);
		if (next.fd >= 0)
			err = file_next_end(&next, files[i].path, err);
		if (err)
			fail("%s cannot be written: %s; make room, and have another invitation made", files[i].path, strerror(-err));
		/* Also one whose folder could not be synced: it has its name already. */
		n = i + 1;
	}
	sodium_memzero(key, sizeof(key));
	if (err && generation[0])
		unlink(generation);
	while (err && n--)
		if (files[n].wanted)
			unlink(files[n].path);
	return err;
}

/* The file of this machine stays, which the operator may have forgotten. */
static void note_file(const struct invitation *inv, struct joined *j)
{
	if (access(CONF_FILE, F_OK) || has_text(CONF_FILE, j->file, j->size))
		return;
	if (j->size || j->note[0])
		snprintf(j->note, sizeof(j->note), "%s was there already, and stays as it is: compare it with that of %s",
			 CONF_FILE, inv->from);
	else
		snprintf(j->note, sizeof(j->note), "%s was there already, and stays as it is; %s has none", CONF_FILE,
			 inv->from);
}

static void say(const struct invitation *inv, const struct joined *j)
{
	/* JSON has up to six bytes for each of the note. */
	static char buf[6 * KEEPER_WHY + 1024];
	struct json json = { .at = buf, .room = sizeof(buf) };

	json_object(&json, NULL);
	json_text(&json, "node", inv->node);
	json_text(&json, "from", inv->from);
	json_number(&json, "generation", j->about.number);
	if (j->note[0])
		json_text(&json, "note", j->note);
	json_object_end(&json);
	printf("%.*s\n", (int)json.size, json.at);
}

/**
 * join_run - become a node by the token that comes from standard input
 *
 * A JSON object on standard output tells of it. An error is a line on standard error, and no file was written then.
 *
 * Return: exit code
 */
int join_run(void)
{
	static struct invitation inv;
	static struct joined joined;
	int err = read_token(&inv);

	if (!err)
		err = is_free();
	if (!err)
		err = ask(&inv, &joined);
	if (!err)
		note_file(&inv, &joined);
	if (!err)
		err = write_files(&joined);
	if (!err)
		say(&inv, &joined);
	free(joined.text);
	free(joined.file);
	sodium_memzero(&inv, sizeof(inv));
	sodium_memzero(&joined, sizeof(joined));
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
