// SPDX-License-Identifier: GPL-2.0
/* Answers to users who asked to move a lease. One that the module does not take is given once more, for a time. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "haagentd/clock.h"
#include "haagentd/vote/vote_answer.h"

static struct vote_answers answers;
static struct module module;
static char told[256];
static int result;
static bool busy, sticks;

/* In place of the module: what it has been told, unless an earlier request is under way. */
int module_move_answer(struct module *m, const char *lease, int answer, struct hasw_error *err)
{
	size_t at = strlen(told);

	(void)m;
	if (busy)
		return hasw_fail(err, ETIMEDOUT, "the module has not answered an earlier request yet");
	if (result)
		return hasw_fail(err, -result, "as the test wants it");
	snprintf(told + at, sizeof(told) - at, "%s %d;", lease, answer);
	busy = sticks;
	return sticks ? hasw_fail(err, ETIMEDOUT, "the module does not answer now") : 0;
}

bool module_stuck(struct module *m)
{
	(void)m;
	return busy;
}

static int begin(void **state)
{
	(void)state;
	memset(&answers, 0, sizeof(answers));
	module.open = true;
	told[0] = '\0';
	result = 0;
	busy = sticks = false;
	return 0;
}

static void answer_that_waited_is_given_once(void **state)
{
	(void)state;
	busy = true;
	vote_answer(&answers, &module, "web", HASWITCH_MOVE_ANSWER_UNFIT, 0);
	vote_answers_tick(&answers, &module, CLOCK_SECOND);
	assert_string_equal(told, "");
	busy = false;
	vote_answers_tick(&answers, &module, CLOCK_SECOND);
	vote_answers_tick(&answers, &module, CLOCK_SECOND);
	assert_string_equal(told, "web 8;");
}

/* A turn whose time is over has the request not made, though none is under way. */
static void answer_of_a_late_turn_is_given_again(void **state)
{
	(void)state;
	result = -ETIMEDOUT;
	vote_answer(&answers, &module, "web", HASWITCH_MOVE_ANSWER_BEGUN, 0);
	result = 0;
	vote_answers_tick(&answers, &module, CLOCK_MS);
	assert_string_equal(told, "web 0;");
}

static void answer_under_way_is_not_given_again(void **state)
{
	(void)state;
	sticks = true;
	vote_answer(&answers, &module, "web", HASWITCH_MOVE_ANSWER_BEGUN, 0);
	busy = sticks = false;
	vote_answers_tick(&answers, &module, CLOCK_MS);
	assert_string_equal(told, "web 0;");
}

static void answers_keep_their_order(void **state)
{
	unsigned int i;

	(void)state;
	busy = true;
	vote_answer(&answers, &module, "web", HASWITCH_MOVE_ANSWER_PASSED, 0);
	busy = false;
	vote_answer(&answers, &module, "web", HASWITCH_MOVE_ANSWER_BEGUN, 0);
	vote_answer(&answers, &module, "db", HASWITCH_MOVE_ANSWER_HOLDS, 0);
	assert_string_equal(told, "");
	vote_answers_tick(&answers, &module, CLOCK_MS);
	assert_string_equal(told, "web 1;web 0;db 5;");
	busy = true;
	for (i = 0; i < 2 * VOTE_ANSWERS; i++)
		vote_answer(&answers, &module, "web", HASWITCH_MOVE_ANSWER_BEGUN, 0);
	assert_int_equal(answers.n, VOTE_ANSWERS);
}

static void answer_is_given_up(void **state)
{
	(void)state;
	busy = true;
	vote_answer(&answers, &module, "web", HASWITCH_MOVE_ANSWER_BEGUN, 0);
	vote_answer(&answers, &module, "db", HASWITCH_MOVE_ANSWER_BEGUN, CLOCK_SECOND);
	busy = false;
	vote_answers_tick(&answers, &module, VOTE_ANSWER_TIME);
	assert_string_equal(told, "db 0;");
	/* What the module refuses, as it has no such lease, is not given again. */
	result = -ENOENT;
	vote_answer(&answers, &module, "web", HASWITCH_MOVE_ANSWER_BEGUN, 0);
	result = 0;
	vote_answers_tick(&answers, &module, CLOCK_MS);
	assert_string_equal(told, "db 0;");
	/* So is what waits when the module is unloaded. */
	busy = true;
	vote_answer(&answers, &module, "web", HASWITCH_MOVE_ANSWER_BEGUN, 0);
	busy = module.open = false;
	vote_answers_tick(&answers, &module, CLOCK_MS);
	module.open = true;
	vote_answers_tick(&answers, &module, CLOCK_MS);
	assert_string_equal(told, "db 0;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(answer_that_waited_is_given_once, begin),
		cmocka_unit_test_setup(answer_of_a_late_turn_is_given_again, begin),
		cmocka_unit_test_setup(answer_under_way_is_not_given_again, begin),
		cmocka_unit_test_setup(answers_keep_their_order, begin),
		cmocka_unit_test_setup(answer_is_given_up, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
