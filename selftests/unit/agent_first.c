// SPDX-License-Identifier: GPL-2.0
/* The first generation of a new cluster: when it is due, and that no node loses anything by it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "haagentd/keeper/first.h"
#include "haagentd/keeper/keeper.h"

#define NODES	"node add a addr 10.0.0.1\nnode add b addr 10.0.0.2\n"
#define SERVICE	"lease add web\nvip add 10.0.0.100 on eth0 lease web\nservice add 10.0.0.100:80/tcp\n"
#define MEMBER	"member add 10.0.0.100:80/tcp node "

static struct keeper_view view;

static const char *missing(const char *has, const char *text)
{
	static char line[128];

	assert_int_equal(first_missing(has, text, line, sizeof(line)), 0);
	return line;
}

static void nothing_is_lost(void **state)
{
	(void)state;
	assert_string_equal(missing("", ""), "");
	assert_string_equal(missing("", NODES), "");
	assert_string_equal(missing(NODES, NODES), "");
	assert_string_equal(missing(NODES SERVICE MEMBER "a\n" MEMBER "b\n",
				    NODES SERVICE MEMBER "b\n" MEMBER "a\n"), "");
	/* Words that describe the same object may differ: another node prints them. */
	assert_string_equal(missing(NODES MEMBER "a via direct\n", MEMBER "a\n" NODES "flow set max 100\n"), "");
	/* So may settings, which are no objects. */
	assert_string_equal(missing(NODES "flow set max 100\n\nnode set a weight 2\n", NODES), "");
}

static void something_is_lost(void **state)
{
	(void)state;
	assert_string_equal(missing(NODES, "node add a addr 10.0.0.1\n"), "node add b");
	assert_string_equal(missing(NODES SERVICE, NODES), "lease add web");
	assert_string_equal(missing("vip add 10.0.0.10 on eth0 holder a\n", "vip add 10.0.0.100 on eth0 holder a\n"),
			    "vip add 10.0.0.10");
	assert_string_equal(missing("vip add 10.0.0.100 on eth0\n", "vip add 10.0.0.10 on eth0\n"),
			    "vip add 10.0.0.100");
	assert_string_equal(missing(MEMBER "b\n", MEMBER "a\n"), MEMBER "b");
	assert_string_equal(missing(SERVICE MEMBER "b", SERVICE), MEMBER "b");
}

static void heard(unsigned int n, unsigned int of)
{
	unsigned int i;

	view.n_peers = of - 1;
	for (i = 0; i < view.n_peers; i++)
		view.peers[i].heard = i + 1 < n;
}

static void due(void **state)
{
	char command[128];
	struct stat st;

	(void)state;
	strcpy(view.folder, "/tmp/agent_first.XXXXXX");
	assert_non_null(mkdtemp(view.folder));
	/* Neither the folder nor that above it is there. */
	strcat(view.folder, "/lib/config");
	heard(3, 3);
	assert_false(first_due(&view));
	assert_int_equal(first_mark(view.folder), 0);
	assert_int_equal(first_mark(view.folder), 0);
	assert_true(first_due(&view));
	assert_int_equal(stat(view.folder, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	heard(2, 3);
	assert_true(first_due(&view));
	heard(1, 3);
	assert_false(first_due(&view));
	heard(1, 2);
	assert_false(first_due(&view));
	heard(2, 2);
	assert_true(first_due(&view));
	/* An operator was faster, or is about to be. */
	view.stored.generation = 1;
	assert_false(first_due(&view));
	view.stored.generation = 0;
	view.committed.generation = 1;
	assert_false(first_due(&view));
	view.committed.generation = 0;
	strcpy(view.why, "this agent has no part in the vote");
	assert_false(first_due(&view));
	view.why[0] = '\0';
	first_unmark(view.folder);
	assert_false(first_due(&view));
	snprintf(command, sizeof(command), "rm -r '%.*s'", (int)strlen("/tmp/agent_first.XXXXXX"), view.folder);
	assert_int_equal(system(command), 0);
}

static void by_nobody(void **state)
{
	struct generation g = { .number = 1, .label = FIRST_LABEL };

	(void)state;
	assert_true(first_is(&g));
	g.number = 2;
	assert_false(first_is(&g));
	g = (struct generation){ .number = 1, .label = "mine" };
	assert_false(first_is(&g));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_lost),
		cmocka_unit_test(something_is_lost),
		cmocka_unit_test(due),
		cmocka_unit_test(by_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
