// SPDX-License-Identifier: GPL-2.0
/* Names, numbers and times as people write them, and how far words are from each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/plain.h"
#include "lib/text.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static void shown(const char *text, const char *as)
{
	char buf[64], line[64], *printed;
	size_t size;
	FILE *to = open_memstream(&printed, &size);

	assert_int_equal(hasw_plain(text), !strcmp(text, as));
	assert_int_equal(hasw_plain_put(buf, sizeof(buf), text), strlen(as));
	assert_string_equal(buf, as);
	hasw_plain_print(to, text);
	fclose(to);
	assert_string_equal(printed, as);
	free(printed);
	/* One that is shown stays as it is. */
	assert_int_equal(hasw_plain_put(line, sizeof(line), buf), strlen(as));
	assert_string_equal(line, as);
	to = open_memstream(&printed, &size);
	hasw_plain_line(to, "%s", text);
	fclose(to);
	snprintf(line, sizeof(line), "%s\n", as);
	assert_string_equal(printed, line);
	free(printed);
}

/* What a terminal would obey is shown; what people write in their languages stays. */
static void plain(void **state)
{
	char buf[8];

	(void)state;
	assert_true(hasw_plain(NULL));
	shown("", "");
	shown("a b~", "a b~");
	shown("\x1b[31mred\n\t\x7f", "\\x1b[31mred\\x0a\\x09\\x7f");
	shown("gr\u00fc\u00df \u20ac \U0001f600\u00a0", "gr\u00fc\u00df \u20ac \U0001f600\u00a0");
	/* CSI in one byte, and as U+009B; characters that are cut off, too long, surrogates, or beyond Unicode. */
	shown("\2332J", "\\x9b2J");
	shown("\xc2\2332J", "\\xc2\\x9b2J");
	shown("\xe2\x82", "\\xe2\\x82");
	shown("\xe2\x82z", "\\xe2\\x82z");
	shown("\xc0\x9b", "\\xc0\\x9b");
	shown("\xe0\x82\x9b", "\\xe0\\x82\\x9b");
	shown("\xed\xa0\x80", "\\xed\\xa0\\x80");
	shown("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	/* No character is cut. */
	assert_int_equal(hasw_plain_put(buf, sizeof(buf), "abcd\x1b"), 4);
	assert_int_equal(hasw_plain_put(buf, sizeof(buf), "abcde\u20ac"), 5);
	assert_int_equal(hasw_plain_put(buf, sizeof(buf), "abcd\u20acz"), 7);
	assert_string_equal(buf, "abcd\u20ac");
	assert_int_equal(hasw_plain_put(buf, 1, "a"), 0);
	assert_string_equal(buf, "");
}

/* stderr has no buffer: a line costs one call, so that lines of several processes stay apart. */
static ssize_t counted(void *calls, const char *buf, size_t size)
{
	(void)buf;
	++*(int *)calls;
	return (ssize_t)size;
}

static void line_is_written_at_once(void **state)
{
	int calls = 0;
	FILE *to = fopencookie(&calls, "w", (cookie_io_functions_t){ .write = counted });

	(void)state;
	setvbuf(to, NULL, _IONBF, 0);
	hasw_plain_line(to, "%s:%u: gr\u00fc\u00df \x1b[2J\n", "a\x9b", 7);
	assert_int_equal(calls, 1);
	/* A run of plain characters, what is none, and the rest. */
	calls = 0;
	hasw_plain_print(to, "gr\u00fc\u00df\x1b[2J");
	assert_int_equal(calls, 3);
	fclose(to);
}

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
	assert_non_null(hasw_dev_check("a\nb"));
	assert_non_null(hasw_dev_check("a\x7f"));
	assert_null(hasw_dev_check("lan\xff\x9b\u00d6"));
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

static void plurals(void **state)
{
	(void)state;
	assert_string_equal(hasw_s(0), "s");
	assert_string_equal(hasw_s(1), "");
	assert_string_equal(hasw_s(2), "s");
	assert_string_equal(hasw_s(UINT64_C(1) << 32 | 1), "s");
	assert_string_equal(hasw_plural(0, "is", "are"), "are");
	assert_string_equal(hasw_plural(1, "is", "are"), "is");
	assert_string_equal(hasw_plural(2, "is", "are"), "are");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),
		cmocka_unit_test(line_is_written_at_once),
		cmocka_unit_test(times),
		cmocka_unit_test(numbers),
		cmocka_unit_test(names),
		cmocka_unit_test(devices),
		cmocka_unit_test(spans),
		cmocka_unit_test(times_back),
		cmocka_unit_test(distances),
		cmocka_unit_test(plurals),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
