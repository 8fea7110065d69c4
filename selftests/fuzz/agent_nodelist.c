// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing corosync's map: its nodelist, as haagentd-corosync reads it, and the report that the agent gets. The input is
 * the map, one key a line: KEY, a space, a sign for its kind, and its value. A # is a number, a - has just gone, a ? is
 * busy, a ! has another type, and all others are texts. A key with a % is there CROWD times.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "corosync/names.h"
#include "corosync/nodelist.h"
#include "haagentd/clock.h"
#include "haagentd/corosync/corosync.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PREFIX	"nodelist.node."
#define KEYS	1024
#define CROWD	300	/* more nodes than a report has */
#define LOOKS	16	/* so many nodes are looked at closely */
#define MUST(what) do { \
	if (!(what)) \
		abort(); \
} while (0)

/**
 * struct key - a key of the map
 * @name:	its name
 * @kind:	the sign for its kind
 * @text:	its value as a text
 */
struct key {
	char name[CMAP_KEYNAME_MAXLEN + 1];
	char kind;
	const char *text;
};

static struct key map[KEYS];
static unsigned int keys, next;
static bool fails;	/* the map has said an error */

static const struct key *key_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < keys; i++)
		if (!strcmp(map[i].name, name))
			return &map[i];
	return NULL;
}

static cs_error_t key_get(const char *name, bool number, const struct key **key)
{
	*key = key_find(name);
	if (!*key || (*key)->kind == '-')
		return CS_ERR_NOT_EXIST;
	fails |= (*key)->kind == '?' || (*key)->kind == '!' || ((*key)->kind == '#') != number;
	if ((*key)->kind == '?')
		return CS_ERR_TRY_AGAIN;
	return fails ? CS_ERR_INVALID_PARAM : CS_OK;
}

/* What follows is called instead of libcmap. */
cs_error_t cmap_get_uint32(cmap_handle_t handle, const char *name, uint32_t *value)
{
	const struct key *key;
	cs_error_t err = key_get(name, true, &key);

	(void)handle;
	if (err == CS_OK)
		*value = (uint32_t)strtoul(key->text, NULL, 10);
	return err;
}

cs_error_t cmap_get_string(cmap_handle_t handle, const char *name, char **value)
{
	const struct key *key;
	cs_error_t err = key_get(name, false, &key);

	(void)handle;
	if (err != CS_OK)
		return err;
	*value = strdup(key->text);
	if (!*value)
		abort();
	return err;
}

cs_error_t cmap_iter_init(cmap_handle_t handle, const char *prefix, cmap_iter_handle_t *iter)
{
	(void)handle;
	MUST(!strcmp(prefix, PREFIX));
	*iter = 0;
	next = 0;
	return CS_OK;
}

cs_error_t cmap_iter_next(cmap_handle_t handle, cmap_iter_handle_t iter, char *name, size_t *length,
			  cmap_value_types_t *type)
{
	(void)handle;
	(void)iter;
	MUST(!length && !type);
	while (next < keys) {
		const struct key *key = &map[next++];

		if (strncmp(key->name, PREFIX, strlen(PREFIX)) != 0)
			continue;
		memcpy(name, key->name, strlen(key->name) + 1);
		return CS_OK;
	}
	return CS_ERR_NO_SECTIONS;
}

cs_error_t cmap_iter_finalize(cmap_handle_t handle, cmap_iter_handle_t iter)
{
	(void)handle;
	(void)iter;
	return CS_OK;
}

/* Every other host name has an address, which is made of the name. */
static void look_up(const char *text, struct hasw_addr *at)
{
	size_t size = strlen(text);

	memset(at, 0, sizeof(*at));
	if (size % 2)
		return;
	at->family = AF_INET;
	at->bytes[0] = 192;
	at->bytes[3] = (uint8_t)size;
}

static void add(const char *name, size_t size, const char *text, unsigned int copies)
{
	const char *sign = memchr(name, '%', size);
	unsigned int i;

	for (i = 0; i < (sign ? copies : 1) && keys < KEYS; i++) {
		struct key *key = &map[keys];

		if (sign)
			snprintf(key->name, sizeof(key->name), "%.*s%u%.*s", (int)(sign - name), name, i,
				 (int)(name + size - sign - 1), sign + 1);
		else
			snprintf(key->name, sizeof(key->name), "%.*s", (int)size, name);
		/* Each key of a map is there once. */
		if (copies == 1 && key_find(key->name))
			continue;
		key->kind = text[0];
		key->text = text[0] ? text + 1 : "";
		keys++;
	}
}

/* Reads the lines, and puts a NUL behind each. */
static void read_map(char *text)
{
	char *line, *rest = text;
	bool crowded = false;

	keys = 0;
	while ((line = strsep(&rest, "\n"))) {
		char *space = strchr(line, ' ');
		size_t size = space ? (size_t)(space - line) : strlen(line);

		if (size < CMAP_KEYNAME_MINLEN)
			continue;
		add(line, size, space ? space + 1 : "", crowded ? 1 : CROWD);
		crowded |= memchr(line, '%', size) != NULL;
	}
}

/* The address of a link is the one that its key has, or that of its host name, which may not be known yet. */
static void link_sound(const struct corosync_node *node, unsigned int link, unsigned int at)
{
	static const struct hasw_addr none;
	struct hasw_addr want = none;
	const struct key *key;
	char name[64];

	snprintf(name, sizeof(name), PREFIX "%u.ring%u_addr", at, link);
	key = key_find(name);
	if (!key || key->kind == '-') {
		MUST(!(node->given & 1U << link) && !memcmp(&node->at[link], &none, sizeof(none)));
		return;
	}
	MUST(node->given & 1U << link);
	if (hasw_addr_parse(&want, key->text)) {
		look_up(key->text, &want);
		MUST(!node->at[link].family || !memcmp(&node->at[link], &want, sizeof(want)));
	} else {
		MUST(!memcmp(&node->at[link], &want, sizeof(want)));
	}
}

static void node_sound(const struct corosync_node *node, unsigned int at)
{
	const struct key *key;
	unsigned int link;
	char name[64];

	snprintf(name, sizeof(name), PREFIX "%u.nodeid", at);
	key = key_find(name);
	MUST(node->number == (key && key->kind == '#' ? (uint32_t)strtoul(key->text, NULL, 10) : 0));
	snprintf(name, sizeof(name), PREFIX "%u.name", at);
	key = key_find(name);
	MUST(!strncmp(node->name, key && key->kind != '-' ? key->text : "", sizeof(node->name) - 1));
	for (link = 0; link < COROSYNC_LINKS; link++)
		link_sound(node, link, at);
}

/* Returns whether a key is written as corosync itself does it: its numbers have no sign and no leading zero. */
static bool canonical(const char *name)
{
	char again[CMAP_KEYNAME_MAXLEN + 1], setting[CMAP_KEYNAME_MAXLEN + 1];
	unsigned int at, link;
	int end = 0;

	if (strncmp(name, PREFIX, strlen(PREFIX)) != 0)
		return true;
	if (sscanf(name, PREFIX "%u.%255s", &at, setting) != 2)
		return false;
	snprintf(again, sizeof(again), PREFIX "%u.%s", at, setting);
	if (strcmp(again, name) != 0)
		return false;
	if (sscanf(setting, "ring%u_add%n", &link, &end) != 1 || !end)
		return true;
	snprintf(again, sizeof(again), "ring%u_addr", link);
	return !strcmp(again, setting);
}

/* The nodes are those of the map, in the order in which it has their positions. */
static void nodes_sound(const struct corosync_report *report)
{
	static bool seen[1024];
	uint32_t self = 1024, n = 0;
	const struct key *key = key_find("nodelist.local_node_pos");
	int32_t found = -1;
	unsigned int i;

	for (i = 0; i < keys; i++)
		if (!canonical(map[i].name))
			return;
	memset(seen, 0, sizeof(seen));
	if (key && key->kind == '#')
		self = (uint32_t)strtoul(key->text, NULL, 10);
	for (i = 0; i < keys && n < COROSYNC_NODES; i++) {
		unsigned int at;

		if (sscanf(map[i].name, PREFIX "%u", &at) != 1)
			continue;
		if (at >= 1024 || seen[at])
			continue;
		seen[at] = true;
		MUST(n < report->n_nodes);
		if (n < LOOKS)
			node_sound(&report->nodes[n], at);
		if (at == self)
			found = (int32_t)n;
		n++;
	}
	MUST(n == report->n_nodes);
	if (n < COROSYNC_NODES)
		MUST(report->self == found);
}

/* The agent takes each report of a nodelist. It is in memory of its own size, so that a read behind it is seen. */
static void told(const struct corosync_report *report)
{
	static struct corosync c;
	size_t size = corosync_report_size(report);
	struct corosync_report *copy = malloc(size);

	MUST(report->n_nodes <= COROSYNC_NODES && copy);
	memcpy(copy, report, size);
	memset(&c, 0, sizeof(c));
	MUST(!corosync_take(&c, copy, size, CLOCK_SECOND) && c.last.listed && c.last.n_nodes == report->n_nodes);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct corosync_report report;
	static uint64_t now;
	bool settled = false;
	cs_error_t err;
	char *text;

	if (!now)
		names_begin(look_up);
	now += CLOCK_SECOND;
	text = strndup((const char *)data, size);
	MUST(text);
	read_map(text);
	fails = false;
	memset(&report, 0, sizeof(report));
	report.version = COROSYNC_REPORT;
	report.listed = true;
	err = nodelist_read(0, &report, now, &settled);
	MUST((err != CS_OK) == fails);
	if (err == CS_OK) {
		nodes_sound(&report);
		told(&report);
	}
	free(text);
	return 0;
}
