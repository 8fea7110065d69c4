/* SPDX-License-Identifier: GPL-2.0 */
/* Reads texts as configuration files of the agent, which must be good, or have one error at a line. */
#ifndef CONF_PARSE_H
#define CONF_PARSE_H

#include <arpa/inet.h>
#include <string.h>
#include <sys/stat.h>

#include "haagentd/conf/conf.h"
#include "lib/addr.h"
#include "conf_folder.h"

struct told {
	unsigned int n;
	char text[4096];
};

/* What the module and corosync answer to who reads a file without nodes; no file may ask otherwise. */
static struct conf_ask ask;

static void report(void *arg, const char *where, const char *what)
{
	struct told *t = arg;
	size_t at = strlen(t->text);

	t->n++;
	snprintf(t->text + at, sizeof(t->text) - at, "%s: %s\n", where, what);
}

static void put(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
}

/* Reads HEAD, a key setting and TEXT; TEXT begins in line 2. */
static struct conf *parse(struct told *t, const char *text)
{
	char whole[8192];

	memset(t, 0, sizeof(*t));
	snprintf(whole, sizeof(whole), "key = \"%s\";\n%s", key, text);
	put(file, whole, 0644);
	return conf_read(file, &ask, report, t);
}

static void good(const char *text, struct conf **conf)
{
	struct told t;

	*conf = parse(&t, text);
	if (!*conf)
		fail_msg("%s", t.text);
}

/* One error, in this line, with these words in it. */
static void bad(const char *text, int line, const char *words)
{
	struct told t;
	char where[96];

	assert_null(parse(&t, text));
	if (t.n != 1)
		fail_msg("%u errors instead of one: %s", t.n, t.text);
	if (line)
		snprintf(where, sizeof(where), "%s:%d: ", file, line);
	else
		snprintf(where, sizeof(where), "%s: ", file);
	if (strncmp(t.text, where, strlen(where)) || !strstr(t.text, words))
		fail_msg("wanted %s ... %s, got %s", where, words, t.text);
}

static __attribute__((unused)) void address_set(struct hasw_addr *a, int family, const char *text)
{
	memset(a, 0, sizeof(*a));
	a->family = (uint8_t)family;
	if (family)
		assert_int_equal(inet_pton(family, text, a->bytes), 1);
}

#endif
