// SPDX-License-Identifier: GPL-2.0
/* Notify commands and the worker that runs them: the right words, in order, and never waited for. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "haagentd/clock.h"
#include "haagentd/log.h"
#include "haagentd/notify/notify.h"
#include "conf_text.h"

#define SECOND	CLOCK_SECOND

static char folder[] = "/tmp/agent_notify.XXXXXX";
static char script[64], out[64], flag[64], input[64], variables[64];
static struct conf_node node = { .name = "n1" };
static struct conf conf = {
	.nodes = &node, .n_nodes = 1, .n_hooks = 1, .notify_time = 30 * SECOND,
};
static struct event_base *base;
static struct worker worker;
static struct notify notify = { .conf = &conf, .worker = &worker };
static struct worker_result last;
static unsigned int results, refused, lost;

static void done(void *arg, const struct worker_result *result)
{
	(void)arg;
	last = *result;
	results++;
	refused += result->end == WORKER_REFUSED;
	notify_done(&notify, result);
}

static void are_lost(void *arg, unsigned int n)
{
	(void)arg;
	lost += n;
	notify_lost(&notify, n);
}

static const struct worker_ops ops = { .done = done, .lost = are_lost };

/* The loop goes on for a moment, as the agent's does between two ticks. */
static void turn(void)
{
	const struct timeval moment = { .tv_usec = 10000 };

	event_base_loopexit(base, &moment);
	event_base_dispatch(base);
}

static void wait_results(unsigned int n)
{
	int tries;

	for (tries = 0; tries < 6000 && results < n; tries++)
		turn();
	assert_int_equal(results, n);
	results = 0;
}

/* Hangs while the flag is there; then writes its words down. */
static void script_put(void)
{
	FILE *f = fopen(script, "w");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\nwhile [ -e %s ]; do sleep 0.05; done\n", flag);
	fprintf(f, "echo \"$HASWITCH_NODE:$#:$1:$2:$3:$4\" >>%s\n", out);
	fprintf(f, "cat >%s\nenv | grep ^HASWITCH | sort >%s\n", input, variables);
	fprintf(f, "case $2 in code*) exit ${2#code} ;; esac\n");
	fclose(f);
	assert_int_equal(chmod(script, 0700), 0);
}

static void flag_put(void)
{
	FILE *f = fopen(flag, "w");

	assert_non_null(f);
	fclose(f);
}

/* Returns what a file has, as one line: newlines become semicolons. */
static const char *content(const char *path)
{
	static char text[1024];
	FILE *f = fopen(path, "r");
	size_t i, n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	if (f)
		fclose(f);
	text[n] = '\0';
	for (i = 0; i < n; i++)
		if (text[i] == '\n')
			text[i] = ';';
	return text;
}

static unsigned int lines(char *text, size_t size)
{
	FILE *f = fopen(out, "r");
	unsigned int n = 0;

	while (f && fgets(text, (int)size, f))
		n++;
	if (f)
		fclose(f);
	return n;
}

static void words_arrive(void **state)
{
	char text[256];

	(void)state;
	notify_run(&notify, "node", "0", "lost", "beat");
	wait_results(1);
	assert_int_equal(last.end, WORKER_ENDED);
	assert_int_equal(last.code, 0);
	assert_string_equal(last.program, script);
	assert_int_equal(lines(text, sizeof(text)), 1);
	assert_string_equal(text, "n1:4:node:0:lost:beat\n");
	notify_run(&notify, "peer", "code7", "a b; $(false) 'c'", NULL);
	wait_results(1);
	assert_int_equal(last.end, WORKER_ENDED);
	assert_int_equal(last.code, 7);
	assert_int_equal(lines(text, sizeof(text)), 2);
	assert_string_equal(text, "n1:3:peer:code7:a b; $(false) 'c':\n");
	unlink(out);
}

/* Beside its arguments a command gets the event as JSON and as variables. */
static void json_and_variables_arrive(void **state)
{
	const char *text;

	(void)state;
	notify_run(&notify, "lease", "web", "n2", "granted");
	wait_results(1);
	assert_string_equal(content(variables), "HASWITCH_EVENT=lease;HASWITCH_EVENT_CAUSE=granted;"
			    "HASWITCH_EVENT_LEASE=web;HASWITCH_EVENT_NODE=n2;HASWITCH_NODE=n1;");
	text = content(input);
	assert_int_equal(strncmp(text, "{\"wall\":1", 9), 0);
	assert_non_null(strstr(text, ",\"by\":\"n1\",\"kind\":\"lease\",\"lease\":\"web\",\"node\":\"n2\","
			       "\"cause\":\"granted\"};"));
	notify_run(&notify, "authentication", "stranger", "a \"b\"\n;", NULL);
	wait_results(1);
	assert_non_null(strstr(content(input), "\"node\":\"stranger\",\"text\":\"a \\u0022b\\u0022\\\\x0a;\"}"));
	/* A text that is too long for JSON is an argument still. */
	{
		char text_of_2000[2001];

		memset(text_of_2000, 'x', 2000);
		text_of_2000[2000] = '\0';
		notify_run(&notify, "authentication", "n2", text_of_2000, NULL);
	}
	wait_results(1);
	assert_int_equal(last.code, 0);
	assert_string_equal(content(variables), "HASWITCH_EVENT=authentication;"
			    "HASWITCH_EVENT_NODE=n2;HASWITCH_NODE=n1;");
	unlink(out);
}

/* Commands are told of some events and objects only, if their file says so. */
static void commands_select_events(void **state)
{
	char folder_of_conf[96], told[CONF_TOLD], text[256];
	struct conf *c;

	(void)state;
	snprintf(folder_of_conf, sizeof(folder_of_conf), "%s/c", folder);
	snprintf(text, sizeof(text), "notify = ( \"/bin/true\", { command = \"%s\";\n"
		 "events = [ \"gained\", \"lost\" ]; objects = [ \"web\", \"db\" ]; } );", script);
	c = conf_text(folder_of_conf, text, told);
	assert_non_null(c);
	assert_int_equal(c->n_hooks, 2);
	assert_string_equal(c->hooks[1], script);
	assert_true(conf_hook_wants(&c->hook[0], "node", "n2", "lost"));
	assert_true(conf_hook_wants(&c->hook[1], "gained", "db", "7"));
	assert_false(conf_hook_wants(&c->hook[1], "gained", "other", "7"));
	assert_false(conf_hook_wants(&c->hook[1], "lease", "web", "n2"));
	notify.conf = c;
	notify_run(&notify, "lease", "web", "n2", "granted");
	notify_run(&notify, "gained", "other", "7", NULL);
	notify_run(&notify, "gained", "web", "7", NULL);
	/* /bin/true is told of all three. */
	wait_results(4);
	notify.conf = &conf;
	assert_int_equal(lines(text, sizeof(text)), 1);
	assert_string_equal(text, "n1:3:gained:web:7:\n");
	conf_free(c);
	unlink(out);
	/* The second name counts, too: of a member it is the node. */
	c = conf_text(folder_of_conf, "notify = ( { command = \"/bin/true\"; objects = [ \"n2\" ]; } );", told);
	assert_non_null(c);
	assert_true(conf_hook_wants(&c->hook[0], "member", "10.0.0.100:80/tcp", "n2"));
	assert_false(conf_hook_wants(&c->hook[0], "reload", "/etc/x", NULL));
	conf_free(c);
	c = conf_text(folder_of_conf, "notify = ( { command = \"/bin/true\"; objects = [ \"n2\" ]; "
		      "events = [ \"service\", \"drained\", \"committed\" ]; } );", told);
	assert_non_null(c);
	assert_true(conf_hook_wants(&c->hook[0], "drained", "n2", NULL));
	assert_true(conf_hook_wants(&c->hook[0], "committed", "12", "n2"));
	assert_false(conf_hook_wants(&c->hook[0], "service", "10.0.0.100:80/tcp", "empty"));
	assert_false(conf_hook_wants(&c->hook[0], "node", "n2", "lost"));
	conf_free(c);
	conf_text_refused(folder_of_conf, "notify = ( { command = \"/bin/true\"; events = [ \"leese\" ]; } );",
			  "unknown event \"leese\"; the nearest that there is is \"lease\"");
	conf_text_refused(folder_of_conf, "notify = ( { command = \"/bin/true\"; events = [ ]; } );",
			  "\"events\" is empty");
	conf_text_refused(folder_of_conf, "notify = ( { command = \"/bin/true\"; objects = [ ]; } );",
			  "\"objects\" has 0 entries");
	conf_text_refused(folder_of_conf, "notify = ( { events = [ \"lease\" ]; } );", "needs \"command\"");
	conf_text_refused(folder_of_conf, "notify = ( { command = \"/bin/true\"; event = [ ]; } );", "\"events\"");
}

/* Thousands of changes of a restore are one event. */
static void changes_of_a_second_are_one_event(void **state)
{
	unsigned int i;
	char text[256];

	(void)state;
	for (i = 0; i < 1000; i++)
		notify_config(&notify, 10 + i, 5 * SECOND + i);
	notify_tick(&notify, 5 * SECOND + 999);
	notify_tick(&notify, 6 * SECOND);
	notify_tick(&notify, 7 * SECOND);
	wait_results(1);
	assert_int_equal(lines(text, sizeof(text)), 1);
	assert_string_equal(text, "n1:3:config:1009:1000:\n");
	assert_true(strstr(content(input), "\"kind\":\"config\",\"generation\":1009,\"changes\":1000}") != NULL);
	unlink(out);
}

static void commands_keep_their_order(void **state)
{
	char number[16], text[256];
	unsigned int i = 0;
	FILE *f;

	(void)state;
	for (i = 0; i < 50; i++) {
		snprintf(number, sizeof(number), "%u", i);
		notify_run(&notify, "node", "0", number, NULL);
	}
	wait_results(50);
	f = fopen(out, "r");
	assert_non_null(f);
	for (i = 0; fgets(text, sizeof(text), f); i++)
		assert_int_equal(atoi(text + strlen("n1:3:node:0:")), i);
	assert_int_equal(i, 50);
	fclose(f);
	unlink(out);
}

static void hanging_commands_hold_nobody_up(void **state)
{
	unsigned int i, taken = 0;
	struct timespec begin, end;
	char text[256];
	char other[] = "/bin/true";

	(void)state;
	flag_put();
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (i = 0; i < 2000; i++) {
		notify_run(&notify, "node", "0", "lost", NULL);
		if (i % 50 == 0)
			turn();
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	/* None of them has ended by then: waiting for one would be for ever. */
	assert_true(end.tv_sec - begin.tv_sec < 30);
	for (i = 0; i < 100; i++)
		turn();
	assert_true(refused > 0);
	assert_true(notify.dropped >= refused);
	taken = worker.pending;
	assert_true(taken > 32 && taken <= 256);
	/* Another program does not wait behind it. */
	results = 0;
	conf.hooks[0] = other;
	notify_run(&notify, "other", "0", NULL, NULL);
	wait_results(1);
	assert_string_equal(last.program, other);
	conf.hooks[0] = script;

	/* When they can end, each that was taken does, and new ones are taken. */
	unlink(flag);
	wait_results(taken);
	assert_int_equal(lines(text, sizeof(text)), taken);
	notify_run(&notify, "last", "0", NULL, NULL);
	wait_results(1);
	lines(text, sizeof(text));
	assert_string_equal(text, "n1:2:last:0::\n");
	assert_int_equal(notify.dropped, 0);
	unlink(out);
}

static void one_that_hangs_is_ended(void **state)
{
	char text[256];

	(void)state;
	flag_put();
	conf.notify_time = SECOND / 5;
	notify_run(&notify, "hangs", "0", NULL, NULL);
	notify_run(&notify, "hangs", "0", NULL, NULL);
	/* Both, however long this machine looks away meanwhile. */
	wait_results(2);
	assert_int_equal(last.end, WORKER_TIMED_OUT);
	unlink(flag);
	conf.notify_time = 30 * SECOND;
	notify_run(&notify, "next", "0", NULL, NULL);
	wait_results(1);
	lines(text, sizeof(text));
	assert_string_equal(text, "n1:2:next:0::\n");
	unlink(out);
}

static void what_cannot_be_run_is_told(void **state)
{
	char nowhere[] = "/nowhere/script";

	(void)state;
	conf.hooks[0] = nowhere;
	notify_run(&notify, "node", "n2", "lost", "beat");
	wait_results(1);
	assert_int_equal(last.end, WORKER_NOT_BEGUN);
	assert_int_equal(last.code, ENOENT);
	conf.hooks[0] = script;
	notify_run(&notify, "again", "0", NULL, NULL);
	wait_results(1);
	assert_int_equal(last.end, WORKER_ENDED);
	unlink(out);
}

/* A killed one is a zombie no longer than the kernel takes, and another follows. */
static void killed_worker_is_replaced(void **state)
{
	pid_t was = worker.process.pid;
	int tries, times;

	(void)state;
	flag_put();
	notify_run(&notify, "lost", "0", NULL, NULL);
	notify_run(&notify, "lost", "0", NULL, NULL);
	for (times = 0; times < 2; times++) {
		was = worker.process.pid;
		assert_int_equal(kill(was, SIGKILL), 0);
		for (tries = 0; tries < 1000 && (worker.process.pid == was || worker.fd < 0);
		     tries++)
			turn();
		assert_int_not_equal(worker.process.pid, was);
		assert_int_equal(waitpid(-1, NULL, WNOHANG), 0);
		assert_int_equal(kill(was, 0), -1);
	}
	assert_int_equal(lost, 2);
	unlink(flag);
	notify_run(&notify, "again", "0", NULL, NULL);
	wait_results(1);
	assert_int_equal(last.end, WORKER_ENDED);
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
	snprintf(input, sizeof(input), "%s/input", folder);
	snprintf(variables, sizeof(variables), "%s/variables", folder);
	script_put();
	conf.hooks[0] = script;
	base = event_base_new();
	return base ? worker_open(&worker, base, "n1", &ops, NULL) : -1;
}

/* A command of the worker that was killed may still write, so files may come back. */
static int teardown(void **state)
{
	char conf[sizeof(folder) + 8], key[sizeof(folder) + 8];
	const char *const files[] = { flag, script, out, input, variables, conf, key };

	(void)state;
	worker_close(&worker);
	event_base_free(base);
	snprintf(conf, sizeof(conf), "%s/c.conf", folder);
	snprintf(key, sizeof(key), "%s/c.key", folder);
	for (int tries = 0; tries < 250; tries++) {
		for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
			unlink(files[i]);
		if (!rmdir(folder))
			return 0;
		usleep(20000);
	}
	return -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_arrive),
		cmocka_unit_test(json_and_variables_arrive),
		cmocka_unit_test(commands_select_events),
		cmocka_unit_test(changes_of_a_second_are_one_event),
		cmocka_unit_test(commands_keep_their_order),
		cmocka_unit_test(what_cannot_be_run_is_told),
		cmocka_unit_test(one_that_hangs_is_ended),
		cmocka_unit_test(hanging_commands_hold_nobody_up),
		cmocka_unit_test(killed_worker_is_replaced),
	};

	return cmocka_run_group_tests_name("agent_notify", tests, setup, teardown);
}
