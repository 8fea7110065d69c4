// SPDX-License-Identifier: GPL-2.0
/* Services without a member that serves, and drained nodes without flows: what looks at the module's records tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "haagentd/clock.h"
#include "haagentd/module/served.h"

static struct served served;
static struct hasw_svc web, mail, many[100];
static char told[1024];

static void service(void *arg, const struct hasw_svc *svc, bool empty)
{
	char text[HASW_SVC_TEXT];
	size_t used = strlen(told);

	assert_ptr_equal(arg, &served);
	snprintf(told + used, sizeof(told) - used, "%s %s;", hasw_svc_format(svc, text), empty ? "empty" : "back");
}

static void drained(void *arg, const char *name, const struct hasw_svc *svc)
{
	char text[HASW_SVC_TEXT] = "-";
	size_t used = strlen(told);

	assert_ptr_equal(arg, &served);
	if (svc)
		hasw_svc_format(svc, text);
	snprintf(told + used, sizeof(told) - used, "%s %s drained;", name, text);
}

static const struct served_ops ops = { .service = service, .drained = drained };

static int begin(void **state)
{
	unsigned int i;

	(void)state;
	served_forget(&served);
	served_open(&served, NULL, &ops, &served);
	assert_null(hasw_svc_parse(&web, "10.0.0.100:80/tcp"));
	assert_null(hasw_svc_parse(&mail, "[2001:db8::1]:25/tcp"));
	for (i = 0; i < 100; i++) {
		many[i] = web;
		many[i].port = (uint16_t)(1000 + i * 7 % 100);
	}
	return 0;
}

static int end(void **state)
{
	(void)state;
	served_forget(&served);
	return 0;
}

/* A look that finds two services with so many members that serve; a negative number: the service is not there. */
static void assert_look(int web_serves, int mail_serves, unsigned int at, bool soon, const char *what)
{
	told[0] = 0;
	served_begin(&served);
	if (web_serves >= 0)
		served_service(&served, &web, 2, (unsigned int)web_serves, false);
	if (mail_serves >= 0)
		served_service(&served, &mail, 2, (unsigned int)mail_serves, false);
	assert_int_equal(served_end(&served, at * CLOCK_MS), soon);
	assert_string_equal(told, what);
}

static void empty_and_back(void **state)
{
	(void)state;
	assert_look(2, 1, 1000, false, "");
	assert_look(1, 0, 2000, true, "");
	assert_look(1, 0, 2999, true, "");
	assert_look(1, 0, 3000, false, "[2001:db8::1]:25/tcp empty;");
	assert_look(0, 0, 4000, true, "");
	assert_look(0, 0, 5000, false, "10.0.0.100:80/tcp empty;");
	assert_look(0, 0, 6000, false, "");
	assert_look(2, 0, 7000, false, "10.0.0.100:80/tcp back;");
	assert_look(2, 2, 8000, false, "[2001:db8::1]:25/tcp back;");
	assert_look(2, 2, 9000, false, "");
}

/* A neighbour that is not resolved for a moment is no news, and neither is a service that is deleted. */
static void short_or_deleted(void **state)
{
	(void)state;
	assert_look(0, 2, 1000, true, "");
	assert_look(1, 2, 1500, false, "");
	assert_look(0, 2, 2000, true, "");
	assert_look(0, 2, 3000, false, "10.0.0.100:80/tcp empty;");
	assert_look(-1, 2, 4000, false, "");
	assert_look(2, 2, 5000, false, "");
}

/* A service without members that is there to reject is as it should be. */
static void rejecting_is_not_empty(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		served_begin(&served);
		served_service(&served, &web, 0, 0, true);
		served_service(&served, &mail, 1, 0, true);
		told[0] = 0;
		assert_int_equal(served_end(&served, (1 + i) * CLOCK_SECOND), i == 0);
		assert_string_equal(told, i == 1 ? "[2001:db8::1]:25/tcp empty;" : "");
	}
}

/* A look that finds a hundred services. Returns how many it tells. */
static unsigned int look_many(unsigned int serving, unsigned int at, bool soon)
{
	unsigned int i, n = 0;

	served_begin(&served);
	for (i = 0; i < 100; i++)
		served_service(&served, &many[i], 1, serving, false);
	told[0] = 0;
	assert_int_equal(served_end(&served, at * CLOCK_SECOND), soon);
	for (i = 0; told[i]; i++)
		n += told[i] == ';';
	return n;
}

/* Of many services that change at once, each look tells some, and each of them is told once. */
static void many_services(void **state)
{
	unsigned int at = 1, round;

	(void)state;
	assert_int_equal(look_many(0, at++, true), 0);
	for (round = 0; round < 6; round++)
		assert_int_equal(look_many(0, at++, true), 16);
	assert_int_equal(look_many(0, at++, false), 4);
	assert_int_equal(look_many(0, at++, false), 0);
	assert_int_equal(served.n_empty, 100);
	for (round = 0; round < 6; round++)
		assert_int_equal(look_many(1, at++, true), 16);
	assert_int_equal(look_many(1, at++, false), 4);
	assert_int_equal(look_many(1, at++, false), 0);
	assert_int_equal(served.n_empty, 0);
}

static void look_drains(bool drains, unsigned int weight, unsigned int first, unsigned int second)
{
	told[0] = 0;
	served_begin(&served);
	served_member(&served, &web, "n2", 0, drains, 1, first);
	served_member(&served, &mail, "n2", 0, drains, 1, second);
	served_member(&served, &mail, "n3", 2525, false, weight, second);
}

static void nodes_and_members_drain(void **state)
{
	(void)state;
	look_drains(false, 1, 3, 3);
	assert_false(served_end(&served, CLOCK_SECOND));
	look_drains(true, 0, 3, 3);
	assert_true(served_end(&served, 2 * CLOCK_SECOND));
	assert_string_equal(told, "");
	look_drains(true, 0, 1, 0);
	assert_true(served_end(&served, 3 * CLOCK_SECOND));
	assert_string_equal(told, "n3:2525 [2001:db8::1]:25/tcp drained;");
	look_drains(true, 0, 0, 0);
	assert_false(served_end(&served, 4 * CLOCK_SECOND));
	assert_string_equal(told, "n2 - drained;");
	look_drains(true, 0, 0, 0);
	served_end(&served, 5 * CLOCK_SECOND);
	assert_string_equal(told, "");
	/* It serves again, and is drained again. */
	look_drains(false, 1, 4, 4);
	served_end(&served, 6 * CLOCK_SECOND);
	look_drains(true, 1, 0, 0);
	served_end(&served, 7 * CLOCK_SECOND);
	assert_string_equal(told, "n2 - drained;");
}

/* What an agent before has told is not told again; what is left since then is. */
static void agent_begins_while_drained(void **state)
{
	(void)state;
	look_drains(true, 0, 0, 2);
	assert_true(served_end(&served, CLOCK_SECOND));
	assert_string_equal(told, "");
	look_drains(true, 0, 0, 0);
	served_end(&served, 2 * CLOCK_SECOND);
	assert_string_equal(told, "n2 - drained;n3:2525 [2001:db8::1]:25/tcp drained;");
	served_forget(&served);
	look_drains(true, 0, 0, 0);
	served_end(&served, 3 * CLOCK_SECOND);
	assert_string_equal(told, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(empty_and_back, begin, end),
		cmocka_unit_test_setup_teardown(short_or_deleted, begin, end),
		cmocka_unit_test_setup_teardown(rejecting_is_not_empty, begin, end),
		cmocka_unit_test_setup_teardown(many_services, begin, end),
		cmocka_unit_test_setup_teardown(nodes_and_members_drain, begin, end),
		cmocka_unit_test_setup_teardown(agent_begins_while_drained, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
