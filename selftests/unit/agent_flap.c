// SPDX-License-Identifier: GPL-2.0
/* Damping: what comes back again and again waits twice as long each time, up to a limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "haagentd/clock.h"
#include "haagentd/vote/flap.h"

#define S	CLOCK_SECOND

/* @n losses, one each @every; it is back at the last one's time. Return: how long it waits. */
static uint64_t waits(unsigned int n, uint64_t every, uint64_t usual)
{
	uint64_t now = 1000 * S;
	struct flap f = { 0 };

	while (n--) {
		now += every;
		flap_loss(&f, now);
	}
	return flap_wait(&f, now, usual);
}

static void doubles(void **state)
{
	(void)state;
	assert_true(waits(0, S, 10 * S) == 10 * S);
	assert_true(waits(1, S, 10 * S) == 10 * S);
	assert_true(waits(2, S, 10 * S) == 20 * S);
	assert_true(waits(3, S, 10 * S) == 40 * S);
	assert_true(waits(4, S, 10 * S) == 80 * S);
	/* However often: a limit, for who waits not much and for who waits not at all. */
	assert_true(waits(100, S, 10 * S) == FLAP_MOST);
	assert_true(waits(100, S, 0) == FLAP_MOST);
}

/* Who waits not at all does so from the second time on. */
static void at_once(void **state)
{
	(void)state;
	assert_true(waits(1, S, 0) == 0);
	assert_true(waits(2, S, 0) == 2 * FLAP_LEAST);
	assert_true(waits(3, S, 0) == 4 * FLAP_LEAST);
}

static void long_ones_stay(void **state)
{
	(void)state;
	assert_true(waits(5, S, 3600 * S) == 3600 * S);
	assert_true(waits(5, S, FLAP_MOST) == FLAP_MOST);
}

/* Losses that are far from each other do not add up. */
static void seldom(void **state)
{
	(void)state;
	assert_true(waits(50, 3 * FLAP_HALF_LIFE, 10 * S) == 10 * S);
	assert_true(waits(50, FLAP_HALF_LIFE / 4, 10 * S) > 20 * S);
}

static void halves(void **state)
{
	struct flap f = { 0 };
	uint32_t last = FLAP_MAX + 1, penalty;
	uint64_t t;

	(void)state;
	for (t = 0; t < 10; t++)
		flap_loss(&f, 5 * S);
	assert_int_equal(f.penalty, FLAP_MAX);
	assert_int_equal(flap_penalty(&f, 5 * S + FLAP_HALF_LIFE), FLAP_MAX / 2);
	assert_int_equal(flap_penalty(&f, 5 * S + 3 * FLAP_HALF_LIFE), FLAP_MAX / 8);
	/* It never grows, and does not jump. */
	for (t = 0; t <= 4 * FLAP_HALF_LIFE; t += S) {
		penalty = flap_penalty(&f, 5 * S + t);
		assert_true(penalty < last && (!t || last - penalty <= FLAP_MAX / 100));
		last = penalty;
	}
	assert_int_equal(flap_penalty(&f, UINT64_MAX), 0);
	/* A clock that went back has not moved. */
	assert_int_equal(flap_penalty(&f, 0), FLAP_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doubles),
		cmocka_unit_test(at_once),
		cmocka_unit_test(long_ones_stay),
		cmocka_unit_test(seldom),
		cmocka_unit_test(halves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
