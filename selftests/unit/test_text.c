// SPDX-License-Identifier: GPL-2.0
/* Names, numbers and times as people write them, and how far words are from each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/text.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static void time_is(const char *text, uint64_t ns)
{
	uint64_t got = 0;

	assert_null(hasw_time_parse(&got, text));
	assert_true(got == ns);
}

static void times(void **state)
{
	static const char *const wrong[] = {
		"", "s", "5", "5 s", "5ns", "5sec", "-5s", "1.5s", "5S", "5ms ", "99999999999999999999s",
		"18446744073709551615us", "5124096h",
	};
	uint64_t ns;

	(void)state;
	time_is("0us", 0);
	time_is("1us", 1000);
	time_is("250ms", 250000000);
	time_is("1s", 1000000000);
	time_is("2m", 120000000000);
	time_is("1h", 3600000000000);
	time_is("5124095h", 5124095 * UINT64_C(3600000000000));
	for (size_t i = 0; i < N(wrong); i++) {
		if (!hasw_time_parse(&ns, wrong[i]))
			fail_msg("\"%s\" was taken for a time", wrong[i]);
	}
}

static void numbers(void **state)
{
	uint64_t number;

	(void)state;
	assert_null(hasw_number_parse(&number, "0", 65535));
	assert_true(!number);
	assert_null(hasw_number_parse(&number, "65535", 65535));
	assert_true(number == 65535);
	assert_null(hasw_number_parse(&number, "18446744073709551615", UINT64_MAX));
	assert_true(number == UINT64_MAX);
	assert_non_null(hasw_number_parse(&number, "65536", 65535));
	assert_non_null(hasw_number_parse(&number, "18446744073709551616", UINT64_MAX));
	assert_non_null(hasw_number_parse(&number, "", 10));
	assert_non_null(hasw_number_parse(&number, "-1", 10));
	assert_non_null(hasw_number_parse(&number, "0x1", 10));
	assert_non_null(hasw_number_parse(&number, "7", 3));
}

static void names(void **state)
{
	static const char *const wrong[] = {
		"", "-n", ".n", "_n", "a b", "a/b", "a:b", "n\xc3\xa9", "\xe9", "a\n",
		"a1234567890123456789012345678901",
	};
	static const char *const right[] = {
		"n", "1", "node-1.example_x", "a123456789012345678901234567890",
	};

	(void)state;
	for (size_t i = 0; i < N(wrong); i++) {
		if (!hasw_name_check(wrong[i]))
			fail_msg("\"%s\" was taken for a name", wrong[i]);
	}
	for (size_t i = 0; i < N(right); i++)
		assert_null(hasw_name_check(right[i]));
}

static void devices(void **state)
{
	(void)state;
	assert_null(hasw_dev_check("eth0.100"));
	assert_null(hasw_dev_check("a23456789012345"));
	assert_non_null(hasw_dev_check(""));
	assert_non_null(hasw_dev_check("."));
	assert_non_null(hasw_dev_check(".."));
	assert_non_null(hasw_dev_check("a/b"));
	assert_non_null(hasw_dev_check("a234567890123456"));
}

static void spans(void **state)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} cases[] = {
		{ 0, "0ns" }, { 999, "999ns" }, { 1000, "1.0us" }, { 12340, "12.3us" }, { 999400, "999.4us" },
		{ 1000000, "1.0ms" }, { 2500000000, "2.5s" }, { 61000000000, "1m01s" },
		{ 3600000000000, "1h00m" }, { 90061000000000, "25h01m" },
	};
	char buf[HASW_TIME_TEXT];

	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		assert_string_equal(hasw_span_format(cases[i].ns, buf), cases[i].text);
	assert_string_equal(hasw_stamp_format(12000000034, buf), "12.000000034");
	assert_string_equal(hasw_stamp_format(UINT64_MAX, buf), "18446744073.709551615");
}

/* What a time that was read is written as again. */
static void times_back(void **state)
{
	static const char *const texts[] = { "0us", "1us", "999us", "1ms", "1500ms", "59s",
					     "90s", "1m", "61m", "1h", "36h" };
	char buf[HASW_TIME_TEXT];
	uint64_t ns;

	(void)state;
	for (size_t i = 0; i < N(texts); i++) {
		assert_null(hasw_time_parse(&ns, texts[i]));
		assert_string_equal(hasw_time_format(ns, buf), texts[i]);
	}
	assert_string_equal(hasw_time_format(60000000000, buf), "1m");
	assert_string_equal(hasw_failback_format(0, buf), "auto");
	assert_string_equal(hasw_failback_format(UINT64_MAX, buf), "manual");
	assert_string_equal(hasw_failback_format(HASW_FAILBACK_DEFAULT, buf), "10s");
	assert_string_equal(hasw_time_format(1999, buf), "1us");
}

static void distances(void **state)
{
	(void)state;
	assert_int_equal(hasw_distance("state", "state"), 0);
	assert_int_equal(hasw_distance("", "abc"), 3);
	assert_int_equal(hasw_distance("abc", ""), 3);
	assert_int_equal(hasw_distance("stat", "state"), 1);
	assert_int_equal(hasw_distance("satte", "state"), 1);
	assert_int_equal(hasw_distance("sttae", "state"), 1);
	assert_int_equal(hasw_distance("shwo", "show"), 1);
	assert_int_equal(hasw_distance("kitten", "sitting"), 3);
	/* Words longer than any keyword are cut, and go nowhere they should not. */
	assert_true(hasw_distance("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "b") <= 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times),
		cmocka_unit_test(numbers),
		cmocka_unit_test(names),
		cmocka_unit_test(devices),
		cmocka_unit_test(spans),
		cmocka_unit_test(times_back),
		cmocka_unit_test(distances),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
