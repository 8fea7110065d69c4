// SPDX-License-Identifier: GPL-2.0
/* Files of commands: lines and words, from memory and from files of awkward lengths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "haadm/parse/lines.h"

static void from_memory(struct lines *lines, const char *text, size_t len)
{
	char *copy = malloc(len + 1);

	assert_non_null(copy);
	memcpy(copy, text, len);
	lines_init(lines, copy, len);
}

static void words(void **state)
{
	static const char text[] = "\n  a\tb  c \r\n# x\nd #e f\n\n\ng#h";
	struct lines lines;

	(void)state;
	from_memory(&lines, text, sizeof(text) - 1);
	assert_int_equal(lines_next(&lines), 3);
	assert_int_equal(lines.line, 2);
	assert_string_equal(lines.words[0], "a");
	assert_string_equal(lines.words[1], "b");
	assert_string_equal(lines.words[2], "c");
	assert_int_equal(lines_next(&lines), 1);
	assert_int_equal(lines.line, 4);
	assert_string_equal(lines.words[0], "d");
	assert_int_equal(lines_next(&lines), 1);
	assert_int_equal(lines.line, 7);
	assert_string_equal(lines.words[0], "g#h");
	assert_int_equal(lines_next(&lines), 0);
	assert_int_equal(lines_next(&lines), 0);
	lines_free(&lines);

	from_memory(&lines, "", 0);
	assert_int_equal(lines_next(&lines), 0);
	lines_free(&lines);
	from_memory(&lines, "a\nb\0c\nd", 7);
	assert_int_equal(lines_next(&lines), 1);
	assert_int_equal(lines_next(&lines), -EILSEQ);
	assert_int_equal(lines.line, 2);
	assert_int_equal(lines_next(&lines), 1);
	assert_string_equal(lines.words[0], "d");
	lines_free(&lines);
}

static void many_words(void **state)
{
	char text[2 * 1000];
	struct lines lines;

	(void)state;
	for (int i = 0; i < 1000; i++)
		memcpy(text + 2 * i, "x ", 2);
	from_memory(&lines, text, sizeof(text));
	assert_int_equal(lines_next(&lines), 1000);
	lines_free(&lines);
}

/* Lines of LEN letters, so that ends fall before, on and behind those of the blocks read. */
static void check_file(size_t len, int n, int last_newline)
{
	char path[] = "/tmp/haswitch-lines-XXXXXX";
	int fd = mkstemp(path);
	struct lines lines;
	FILE *file;

	assert_true(fd >= 0);
	file = fdopen(fd, "w");
	assert_non_null(file);
	for (int i = 0; i < n; i++) {
		for (size_t j = 0; j < len; j++)
			fputc('a' + i % 26, file);
		if (i < n - 1 || last_newline)
			fputc('\n', file);
	}
	assert_int_equal(fclose(file), 0);
	assert_int_equal(lines_open(&lines, path), 0);
	unlink(path);
	for (int twice = 0; twice < 2; twice++) {
		for (int i = 0; i < n; i++) {
			assert_int_equal(lines_next(&lines), 1);
			assert_int_equal(lines.line, i + 1);
			assert_int_equal(strlen(lines.words[0]), len);
			assert_int_equal(lines.words[0][len - 1], 'a' + i % 26);
		}
		assert_int_equal(lines_next(&lines), 0);
		assert_int_equal(lines_rewind(&lines), 0);
	}
	lines_free(&lines);
}

static void files(void **state)
{
	(void)state;
	for (size_t len = 262140; len <= 262147; len++) {
		check_file(len, 3, 1);
		check_file(len, 3, 0);
	}
	check_file(1, 300000, 0);
	check_file(99, 10000, 1);
	check_file(1000000, 2, 0);
}

/* Only lines whose first word is the wanted one are split, and their numbers are those of the file. */
static void lines_of(void **state)
{
	static const char text[] = "node add a\nvip add b\n\t node\tset c # node\nnodes d\n"
				   "# node e\nno\nnode#f\nx\0y\nnode";
	char *copy = malloc(sizeof(text));
	struct lines lines;

	(void)state;
	assert_non_null(copy);
	memcpy(copy, text, sizeof(text));
	lines_init(&lines, copy, sizeof(text) - 1);
	assert_int_equal(lines_next_of(&lines, "node"), 3);
	assert_int_equal(lines.line, 1);
	assert_string_equal(lines.words[2], "a");
	assert_int_equal(lines_next_of(&lines, "node"), 3);
	assert_int_equal(lines.line, 3);
	assert_string_equal(lines.words[1], "set");
	assert_string_equal(lines.words[2], "c");
	assert_int_equal(lines_next_of(&lines, "node"), 1);
	assert_int_equal(lines.line, 9);
	assert_int_equal(lines_next_of(&lines, "node"), 0);
	lines_free(&lines);
}

static void no_file(void **state)
{
	struct lines lines;

	(void)state;
	assert_int_equal(lines_open(&lines, "/no/such/file"), -ENOENT);
	assert_int_equal(lines_open(&lines, "/"), 0);
	assert_int_equal(lines_next(&lines), -EISDIR);
	lines_free(&lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(many_words),
		cmocka_unit_test(files),
		cmocka_unit_test(lines_of),
		cmocka_unit_test(no_file),
	};

	return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
