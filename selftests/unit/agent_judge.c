// SPDX-License-Identifier: GPL-2.0
/* Rise and fall, result by result. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "haagentd/check/rise_fall.h"

/* Feeds "+" and "-"; gives the number of the result that changed the health, 0 for none. */
static int feed(struct judge *j, const char *results)
{
	int at = 0, i;

	for (i = 0; results[i]; i++)
		if (judge_result(j, results[i] == '+')) {
			assert_int_equal(at, 0);
			at = i + 1;
		}
	return at;
}

static void first_judgement_needs_a_full_row(void **state)
{
	struct judge up = { .rise = 2, .fall = 3 }, down = up, mixed = up;

	(void)state;
	assert_int_equal(feed(&up, "++++"), 2);
	assert_int_equal(up.health, JUDGE_UP);
	assert_int_equal(feed(&down, "-----"), 3);
	assert_int_equal(down.health, JUDGE_DOWN);
	assert_int_equal(feed(&mixed, "+-+--+-+--"), 0);
	assert_int_equal(mixed.health, JUDGE_UNKNOWN);
}

static void fall_and_rise(void **state)
{
	struct judge j = { .rise = 2, .fall = 3 };

	(void)state;
	feed(&j, "++");
	assert_int_equal(feed(&j, "--+--+"), 0);
	assert_int_equal(feed(&j, "---"), 3);
	assert_int_equal(j.health, JUDGE_DOWN);
	assert_int_equal(feed(&j, "+-+-"), 0);
	assert_int_equal(feed(&j, "++"), 2);
	assert_int_equal(j.health, JUDGE_UP);
}

static void one_is_enough_when_told_so(void **state)
{
	struct judge j = { .rise = 1, .fall = 1 };

	(void)state;
	assert_int_equal(feed(&j, "-"), 1);
	assert_int_equal(feed(&j, "+"), 1);
	assert_int_equal(feed(&j, "-"), 1);
}

static void long_rows_do_not_wrap(void **state)
{
	struct judge j = { .rise = 2, .fall = 3 };
	int i;

	(void)state;
	for (i = 0; i < 100000; i++)
		judge_result(&j, true);
	assert_int_equal(feed(&j, "---"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_judgement_needs_a_full_row),
		cmocka_unit_test(fall_and_rise),
		cmocka_unit_test(one_is_enough_when_told_so),
		cmocka_unit_test(long_rows_do_not_wrap),
	};

	return cmocka_run_group_tests_name("agent_judge", tests, NULL, NULL);
}
