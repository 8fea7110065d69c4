// SPDX-License-Identifier: GPL-2.0
/* The options of haadm, which precede the command. */

#include <stdio.h>
#include <string.h>

#include "grammar.h"
#include "lib/version.h"
#include "options.h"

/* Returns whether the argument is the given option, written as -LETTER, -WORD or --WORD. */
static bool is_option(const char *arg, const char *letter, const char *word)
{
	arg++;
	if (!strcmp(arg, letter) || !strcmp(arg, word))
		return true;
	return *arg == '-' && !strcmp(arg + 1, word);
}

/* Finds the variable that an option without a value sets. Returns NULL if the argument is not such an option. */
static bool *find_switch(struct haadm *haadm, const char *arg)
{
	if (is_option(arg, "j", "json"))
		return &haadm->out.json;
	if (is_option(arg, "p", "pretty"))
		return &haadm->out.pretty;
	if (is_option(arg, "s", "stats") || is_option(arg, "s", "statistics"))
		return &haadm->out.stats;
	if (is_option(arg, "d", "details"))
		return &haadm->out.details;
	if (is_option(arg, "t", "timestamp"))
		return &haadm->out.stamp;
	if (is_option(arg, "c", "color"))
		return &haadm->out.color;
	if (is_option(arg, "all", "all"))
		return &haadm->all;
	if (is_option(arg, "force", "force"))
		return &haadm->force;
	return NULL;
}

/* Finds the variable for an option's value. Returns NULL if the argument is not an option that takes a value. */
static const char **find_value(struct haadm *haadm, const char *arg)
{
	if (is_option(arg, "n", "netns"))
		return &haadm->netns;
	if (is_option(arg, "b", "batch"))
		return &haadm->batch;
	return NULL;
}

static bool is_help(const char *arg)
{
	return is_option(arg, "h", "help");
}

static bool is_version(const char *arg)
{
	return is_option(arg, "V", "Version") || is_option(arg, "version", "version");
}

bool options_know(const char *word)
{
	struct haadm none;

	if (word[0] != '-' || !word[1])
		return false;
	return find_switch(&none, word) || find_value(&none, word) || is_help(word) || is_version(word);
}

int options_take(struct haadm *haadm, int argc, char **argv)
{
	int at = 1;

	for (; at < argc && argv[at][0] == '-' && argv[at][1]; at++) {
		const char *arg = argv[at];
		bool *on = find_switch(haadm, arg);
		const char **value = find_value(haadm, arg);

		if (is_help(arg)) {
			grammar_help(stdout, NULL);
			return -1 - STATUS_OK;
		}
		if (is_version(arg)) {
			puts("haadm " HASWITCH_VERSION);
			return -1 - STATUS_OK;
		}
		if (on) {
			*on = true;
			continue;
		}
		if (!value) {
			haadm_complain(haadm, STATUS_USAGE, "unknown option \"%s\"; try 'haadm help'", arg);
			return -1 - STATUS_USAGE;
		}
		if (++at == argc) {
			haadm_complain(haadm, STATUS_USAGE, "option \"%s\" needs a value", arg);
			return -1 - STATUS_USAGE;
		}
		*value = argv[at];
	}
	return at;
}
