/* SPDX-License-Identifier: GPL-2.0 */
/* A configuration file of the agent with one part that a test writes; the rest is two nodes, n1 and n2, and a key. */
#ifndef CONF_TEXT_H
#define CONF_TEXT_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "haagentd/conf/conf.h"
#include "haagentd/peer/key.h"

#define CONF_TOLD 256

static void conf_text_told(void *arg, const char *where, const char *what)
{
	(void)where;
	snprintf(arg, CONF_TOLD, "%s", what);
}

/* Reads that part from FOLDER.conf. Returns the configuration; NULL, and then told has the last error. */
static struct conf *conf_text(const char *folder, const char *text, char told[CONF_TOLD])
{
	char file[96], key[96], why[256];
	FILE *f;

	snprintf(file, sizeof(file), "%s.conf", folder);
	snprintf(key, sizeof(key), "%s.key", folder);
	unlink(key);
	assert_int_equal(key_generate(key, why, sizeof(why)), 0);
	f = fopen(file, "w");
	assert_non_null(f);
	fprintf(f, "key = \"%s\";\nnode = \"n1\";\nnodes = ( { name = \"n1\"; address = \"10.0.0.1\"; },\n", key);
	fprintf(f, "          { name = \"n2\"; address = \"10.0.0.2\"; } );\n%s\n", text);
	fclose(f);
	told[0] = '\0';
	return conf_read(file, NULL, conf_text_told, told);
}

/* The part is refused, with these words. */
static void conf_text_refused(const char *folder, const char *text, const char *words)
{
	char told[CONF_TOLD];

	assert_null(conf_text(folder, text, told));
	if (!strstr(told, words))
		fail_msg("wanted %s, got %s", words, told);
}

#endif
