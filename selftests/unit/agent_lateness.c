// SPDX-License-Identifier: GPL-2.0
/* How long lateness is remembered, and which times follow from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "haagentd/lateness.h"

#define MS	UINT64_C(1000000)
#define S	(1000 * MS)
#define MINUTE	(60 * S)

/* Nothing that can be asked for is as long. */
static void leaves_out_what_no_right_outlives(void **state)
{
	struct lateness l = { 0 };

	(void)state;
	lateness_note(&l, 20 * MS, S);
	lateness_note(&l, LATENESS_MOST + 1, 2 * S);
	assert_true(l.worst == 20 * MS && l.recent == 20 * MS);
	lateness_note(&l, 3600 * S, 3 * S);
	assert_true(l.worst == 20 * MS && l.recent == 20 * MS);
}

static void grows_at_once(void **state)
{
	struct lateness l = { 0 };

	(void)state;
	lateness_note(&l, 5 * MS, S);
	assert_true(l.worst == 5 * MS);
	lateness_note(&l, 60 * MS, 2 * S);
	assert_true(l.worst == 60 * MS);
	lateness_note(&l, 20 * MS, 3 * S);
	assert_true(l.worst == 60 * MS);
	lateness_note(&l, LATENESS_MOST, 4 * S);
	assert_true(l.worst == LATENESS_MOST);
}

static void halves_each_minute(void **state)
{
	struct lateness l = { 0 };

	(void)state;
	lateness_note(&l, 80 * MS, S);
	lateness_pass(&l, S + MINUTE - 1);
	assert_true(l.worst == 80 * MS);
	/* The minute in which it was does not count against it. */
	lateness_pass(&l, S + MINUTE);
	assert_true(l.worst == 80 * MS);
	lateness_pass(&l, S + 2 * MINUTE);
	assert_true(l.worst == 40 * MS);
	/* A smaller one keeps it up. */
	lateness_note(&l, 30 * MS, S + 2 * MINUTE + 1);
	lateness_pass(&l, S + 3 * MINUTE);
	assert_true(l.worst == 30 * MS);
	lateness_pass(&l, S + 4 * MINUTE);
	assert_true(l.worst == 15 * MS);
	/* Nobody looked for a long time. */
	lateness_pass(&l, S + 100 * MINUTE);
	assert_true(l.worst == 0);
	lateness_note(&l, 7 * MS, S + 100 * MINUTE);
	assert_true(l.worst == 7 * MS);
}

static void never_late(void **state)
{
	struct lateness l = { 0 };

	(void)state;
	lateness_note(&l, 0, S);
	lateness_note(&l, 0, S + 1000000 * MINUTE);
	assert_true(l.worst == 0);
	lateness_note(&l, MS, S + 1000000 * MINUTE);
	lateness_pass(&l, S + 1000000 * MINUTE + MINUTE - 1);
	assert_true(l.worst == MS);
}

static void what_follows(void **state)
{
	(void)state;
	assert_true(lateness_length(0, 20 * MS, 90 * MS, 500 * MS) == 90 * MS);
	assert_true(lateness_length(20 * MS, 20 * MS, 90 * MS, 500 * MS) == 90 * MS);
	assert_true(lateness_length(60 * MS, 20 * MS, 90 * MS, 500 * MS) == 210 * MS);
	assert_true(lateness_length(LATENESS_MOST, 20 * MS, 90 * MS, 500 * MS) == 500 * MS);
	/* Of a fast cluster a right is younger when a stall begins. */
	assert_true(lateness_length(5 * MS, 5 * MS, 25 * MS, 500 * MS) == 25 * MS);
	assert_true(lateness_length(10 * MS, 5 * MS, 25 * MS, 500 * MS) == 37500000);
	assert_true(lateness_suspect(0, 30 * MS, 500 * MS) == 30 * MS);
	assert_true(lateness_suspect(10 * MS, 30 * MS, 500 * MS) == 30 * MS);
	assert_true(lateness_suspect(60 * MS, 30 * MS, 500 * MS) == 180 * MS);
	assert_true(lateness_suspect(LATENESS_MOST, 30 * MS, 500 * MS) == 500 * MS);
	/* The file says how long, or has heartbeats that are slower than that. */
	assert_true(lateness_suspect(LATENESS_MOST, 200 * MS, 200 * MS) == 200 * MS);
	assert_true(lateness_suspect(LATENESS_MOST, 3 * S, 500 * MS) == 3 * S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_at_once),
		cmocka_unit_test(leaves_out_what_no_right_outlives),
		cmocka_unit_test(halves_each_minute),
		cmocka_unit_test(never_late),
		cmocka_unit_test(what_follows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
