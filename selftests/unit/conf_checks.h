/* SPDX-License-Identifier: GPL-2.0 */
/* A configuration file with checks, which are in its line 2, and what is said of it. */
#ifndef CONF_CHECKS_H
#define CONF_CHECKS_H

#include <stdio.h>
#include <string.h>

#include "haagentd/conf/conf.h"
#include "conf_folder.h"

static char told[2048];
static unsigned int errors;

static void report(void *arg, const char *where, const char *what)
{
	size_t at = strlen(told);

	(void)arg;
	errors++;
	snprintf(told + at, sizeof(told) - at, "%s: %s\n", where, what);
}

/* Reads a file of node n1 with those groups in the list of checks. */
static struct conf *parse_checks(const char *checks)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	fprintf(f, "node = \"n1\"; key = \"%s\"; nodes = ( { name = \"n1\"; address = \"10.0.0.1\"; } );\n"
		"checks = ( %s );\n", key, checks);
	fclose(f);
	errors = 0;
	told[0] = '\0';
	return conf_read(file, NULL, report, NULL);
}

/* The file has one error, which is in line 2. */
static void bad_checks(const char *checks, const char *why)
{
	if (parse_checks(checks) || errors != 1 || !strstr(told, "conf:2: ") || !strstr(told, why))
		fail_msg("%s: not one error with \"%s\" in line 2: %s", checks, why, told);
}

#endif
