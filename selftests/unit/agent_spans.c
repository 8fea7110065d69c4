// SPDX-License-Identifier: GPL-2.0
/* How long failures took: what is counted of silence and of takeovers, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "haagentd/clock.h"
#include "haagentd/journal/spans.h"

static struct spans s;

static int begin(void **state)
{
	(void)state;
	memset(&s, 0, sizeof(s));
	return 0;
}

/* What is written of a node. */
static const char *view(const char *node)
{
	static char text[1024];
	struct json json = { .at = text, .room = sizeof(text) - 1 };

	memset(text, 0, sizeof(text));
	json_object(&json, NULL);
	spans_view(&s, node, &json);
	json_object_end(&json);
	return text;
}

static void silence(void **state)
{
	(void)state;
	spans_lost(&s, "b", CLOCK_SECOND, CLOCK_SECOND + 4 * CLOCK_MS);
	spans_lost(&s, "b", CLOCK_SECOND, CLOCK_SECOND + 4 * CLOCK_MS + 1);
	spans_lost(&s, "b", CLOCK_SECOND, 100 * CLOCK_SECOND);
	/* Never heard, and heard again before it was looked at. */
	spans_lost(&s, "b", 0, CLOCK_SECOND);
	spans_lost(&s, "b", 2 * CLOCK_SECOND, CLOCK_SECOND);
	assert_string_equal(view("b"),
			    "{\"detection\":[0,0,1,1,0,0,0,0,0,0,0,0,0,0,0,0,1],\"detection_sum\":99008000001}");
	assert_string_equal(view("c"), "{}");
}

/* A node that is lost: from when it was heard last, though its grant ran out later. */
static void takeover_after_a_loss(void **state)
{
	(void)state;
	spans_granted(&s, "web", "b", false, CLOCK_SECOND);
	spans_lost(&s, "b", 10 * CLOCK_SECOND, 10 * CLOCK_SECOND + 500 * CLOCK_MS);
	spans_ended(&s, "web", "b", 11 * CLOCK_SECOND);
	spans_granted(&s, "web", "a", true, 12 * CLOCK_SECOND);
	assert_string_equal(view("b"),
			    "{\"detection\":[0,0,0,0,0,0,0,0,0,1,0,0,0,0,0,0,0],\"detection_sum\":500000000,"
			    "\"takeover\":[0,0,0,0,0,0,0,0,0,0,0,1,0,0,0,0,0],\"takeover_sum\":2000000000}");
}

/* A planned move: from when the holder let go. What others take over, and what goes on here, is not counted. */
static void takeover_by_a_move(void **state)
{
	(void)state;
	spans_granted(&s, "web", "a", true, CLOCK_SECOND);
	spans_granted(&s, "web", "a", true, 2 * CLOCK_SECOND);
	spans_ended(&s, "web", "a", 3 * CLOCK_SECOND);
	spans_granted(&s, "web", "b", false, 4 * CLOCK_SECOND);
	/* It was lost, and is back. */
	spans_lost(&s, "b", 5 * CLOCK_SECOND, 6 * CLOCK_SECOND);
	spans_back(&s, "b");
	spans_ended(&s, "web", "b", 10 * CLOCK_SECOND);
	spans_granted(&s, "web", "a", true, 10 * CLOCK_SECOND + 3 * CLOCK_MS);
	assert_non_null(strstr(view("b"),
			       "\"takeover\":[0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0],\"takeover_sum\":3000000}"));
	assert_string_equal(view("a"), "{}");
	/* Nobody knows when the holder's grant has ended. */
	spans_granted(&s, "db", "b", false, 11 * CLOCK_SECOND);
	spans_granted(&s, "db", "a", true, 12 * CLOCK_SECOND);
	assert_non_null(strstr(view("b"), "\"takeover_sum\":3000000}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(silence, begin),
		cmocka_unit_test_setup(takeover_after_a_loss, begin),
		cmocka_unit_test_setup(takeover_by_a_move, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
