// SPDX-License-Identifier: GPL-2.0
/* haadm: configures and shows haswitch. Options, and then a command. */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"

#ifndef HASWITCH_VERSION
#define HASWITCH_VERSION "0.1"
#endif

#define NETNS_DIR "/run/netns"

static enum status netns_enter(const struct haadm *haadm, const char *name)
{
	char path[256];
	int fd, ret;

	if (!*name || strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, ".."))
		return haadm_complain(haadm, STATUS_USAGE, "\"%s\" is not the name of a network namespace",
				      name);
	snprintf(path, sizeof(path), NETNS_DIR "/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return haadm_complain(haadm, STATUS_USAGE, "cannot open network namespace \"%s\": %s", name,
				      strerror(errno));
	ret = setns(fd, CLONE_NEWNET);
	close(fd);
	if (ret)
		return haadm_complain(haadm, STATUS_REFUSED, "cannot enter network namespace \"%s\": %s",
				      name, strerror(errno));
	return STATUS_OK;
}

/* Is the argument this option: its letter, or its whole word, after one dash or two? */
static bool is_option(const char *arg, const char *letter, const char *word)
{
	arg++;
	if (!strcmp(arg, letter) || !strcmp(arg, word))
		return true;
	return *arg == '-' && !strcmp(arg + 1, word);
}

/* Options that only switch something on; NULL: it is none of them. */
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
	if (is_option(arg, "force", "force"))
		return &haadm->force;
	return NULL;
}

/* Options with a value behind them. */
static const char **find_value(struct haadm *haadm, const char *arg)
{
	if (is_option(arg, "n", "netns"))
		return &haadm->netns;
	if (is_option(arg, "b", "batch"))
		return &haadm->batch;
	return NULL;
}

/* Takes the options; the index of the first word of the command, or negative: exit with -1 - it. */
static int take_options(struct haadm *haadm, int argc, char **argv)
{
	int at = 1;

	for (; at < argc && argv[at][0] == '-' && argv[at][1]; at++) {
		const char *arg = argv[at];
		bool *on = find_switch(haadm, arg);
		const char **value = find_value(haadm, arg);

		if (is_option(arg, "h", "help")) {
			grammar_help(stdout, NULL);
			return -1 - STATUS_OK;
		}
		if (is_option(arg, "V", "Version")) {
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

/* What was printed must have arrived. */
static enum status finish(const struct haadm *haadm, enum status status)
{
	if ((fflush(stdout) || ferror(stdout)) && !status)
		return haadm_complain(haadm, STATUS_USAGE, "cannot write the output: %s", strerror(errno));
	return status;
}

int main(int argc, char **argv)
{
	struct haadm haadm = { 0 };
	enum status status = STATUS_OK;
	int at;

	/* A reader that went away is an error of write, not a reason to die. */
	signal(SIGPIPE, SIG_IGN);
	at = take_options(&haadm, argc, argv);
	if (at < 0)
		return finish(&haadm, (enum status)(-1 - at));
	if (haadm.batch && at < argc)
		return haadm_complain(&haadm, STATUS_USAGE, "with -b, no command may follow: \"%s\"", argv[at]);
	if (!haadm.batch && at == argc) {
		grammar_help(stderr, NULL);
		return STATUS_USAGE;
	}
	if (haadm.netns)
		status = netns_enter(&haadm, haadm.netns);
	if (!status && haadm.batch)
		status = run_batch(&haadm, haadm.batch);
	else if (!status)
		status = run_command(&haadm, argc - at, argv + at);
	if (haadm.sock_open)
		hasw_sock_close(&haadm.sock);
	return finish(&haadm, status);
}
