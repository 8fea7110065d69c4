// SPDX-License-Identifier: GPL-2.0
/* Notify commands: run with the right words, and never waited for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "haagentd/log.h"
#include "haagentd/notify.h"

static char folder[] = "/tmp/agent_notify.XXXXXX";
static char script[64], out[64], flag[64];
static struct conf_node node = { .name = "n1" };
static struct conf conf = { .nodes = &node, .n_nodes = 1, .n_hooks = 1 };
static struct notify notify;

/* Hangs while the flag is there; then writes its words down. */
static void script_put(void)
{
	FILE *f = fopen(script, "w");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\nwhile [ -e %s ]; do sleep 0.05; done\n", flag);
	fprintf(f, "echo \"$HASWITCH_NODE:$#:$1:$2:$3:$4\" >>%s\n", out);
	fclose(f);
	assert_int_equal(chmod(script, 0700), 0);
}

static unsigned int lines(char *last, size_t size)
{
	FILE *f = fopen(out, "r");
	unsigned int n = 0;

	while (f && fgets(last, (int)size, f))
		n++;
	if (f)
		fclose(f);
	return n;
}

/* Waits until that many lines were written; what the last one is. */
static void wait_lines(unsigned int n, char *last, size_t size)
{
	const struct timespec moment = { .tv_nsec = 10000000 };
	int tries;

	for (tries = 0; tries < 6000 && lines(last, size) < n; tries++)
		nanosleep(&moment, NULL);
	assert_int_equal(lines(last, size), n);
}

static void words_arrive(void **state)
{
	char last[256];

	(void)state;
	notify_run(&notify, "node", "n2", "lost", "beat");
	wait_lines(1, last, sizeof(last));
	assert_string_equal(last, "n1:4:node:n2:lost:beat\n");
	notify_run(&notify, "peer", "n2", "a b; $(false) 'c'", NULL);
	wait_lines(2, last, sizeof(last));
	assert_string_equal(last, "n1:3:peer:n2:a b; $(false) 'c':\n");
	unlink(out);
}

static void hanging_commands_hold_nobody_up(void **state)
{
	struct timespec begin, end;
	unsigned int taken = 0;
	char last[256];
	int i;

	(void)state;
	fclose(fopen(flag, "w"));
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (i = 0; i < 5000; i++) {
		notify_run(&notify, "node", "n2", "lost", "beat");
		taken += !notify.dropped;
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	/* None of them has ended by then: waiting for one would be for ever. */
	assert_true(end.tv_sec - begin.tv_sec < 30);
	assert_true(notify.dropped > 0);

	/* When they can end, each that was taken does, and new ones are taken. */
	assert_true(taken > 32);
	unlink(flag);
	wait_lines(taken, last, sizeof(last));
	notify_run(&notify, "last", "n2", NULL, NULL);
	wait_lines(taken + 1, last, sizeof(last));
	assert_string_equal(last, "n1:2:last:n2::\n");
	assert_int_equal(notify.dropped, 0);
	unlink(out);
}

static void helper_outlives_a_bad_command(void **state)
{
	char nowhere[] = "/nowhere/script";
	char last[256];

	(void)state;
	conf.hooks[0] = nowhere;
	notify_run(&notify, "node", "n2", "lost", "beat");
	conf.hooks[0] = script;
	notify_run(&notify, "again", "n2", NULL, NULL);
	wait_lines(1, last, sizeof(last));
	assert_string_equal(last, "n1:2:again:n2::\n");
	unlink(out);
}

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	log_open(false);
	snprintf(script, sizeof(script), "%s/script", folder);
	snprintf(out, sizeof(out), "%s/out", folder);
	snprintf(flag, sizeof(flag), "%s/flag", folder);
	script_put();
	conf.hooks[0] = script;
	return notify_open(&notify, &conf);
}

static int teardown(void **state)
{
	(void)state;
	notify_close(&notify);
	unlink(flag);
	unlink(script);
	unlink(out);
	rmdir(folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_arrive),
		cmocka_unit_test(helper_outlives_a_bad_command),
		cmocka_unit_test(hanging_commands_hold_nobody_up),
	};

	return cmocka_run_group_tests_name("agent_notify", tests, setup, teardown);
}
