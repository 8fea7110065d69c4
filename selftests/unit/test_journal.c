// SPDX-License-Identifier: GPL-2.0
/* The reader of journals: which lines it takes, in which order, what it passes over; and times as people write them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "haadm/journal.h"
#include "haadm/parse/when.h"
#include "json_writer.h"

#define LINE(wall, more) "{\"wall\":" #wall ",\"time\":1,\"by\":\"n1\",\"kind\":\"node\"" more "}\n"

static char folder[64], node[96];

static const char *path_of(const char *name)
{
	static char path[160];

	snprintf(path, sizeof(path), "%s/%s", node, name);
	return path;
}

static void put(const char *name, const char *text, size_t size)
{
	FILE *f = fopen(path_of(name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, size, f), size);
	fclose(f);
}

static bool takes(const char *text)
{
	json_t *line = journal_line_parse(text, strlen(text));

	json_decref(line);
	return line;
}

static void lines_are_judged(void **state)
{
	(void)state;
	assert_true(takes("{\"wall\":1,\"time\":0,\"by\":\"n1\",\"kind\":\"node\",\"x\":[1]}") == false);
	assert_true(takes("{\"wall\":1,\"time\":0,\"by\":\"n1\",\"kind\":\"node\",\"x\":[[]]}") == false);
	assert_true(takes("{\"wall\":1,\"time\":0,\"by\":\"n1\",\"kind\":\"voters\",\"x\":[\"a\",\"b\"]}"));
	assert_true(takes("{\"wall\":1,\"time\":0,\"by\":\"n1\",\"kind\":\"node\"}"));
	assert_false(takes(""));
	assert_false(takes("null"));
	assert_false(takes("[1]"));
	assert_false(takes("{\"wall\":-1,\"time\":0,\"by\":\"n1\",\"kind\":\"node\"}"));
	assert_false(takes("{\"wall\":1.5,\"time\":0,\"by\":\"n1\",\"kind\":\"node\"}"));
	assert_false(takes("{\"wall\":1,\"time\":\"0\",\"by\":\"n1\",\"kind\":\"node\"}"));
	assert_false(takes("{\"wall\":1,\"time\":0,\"by\":7,\"kind\":\"node\"}"));
	assert_false(takes("{\"wall\":1,\"time\":0,\"by\":\"n1\"}"));
	assert_false(takes("{\"wall\":1,\"wall\":1,\"time\":0,\"by\":\"n1\",\"kind\":\"node\"}"));
	/* A terminal must not be told what to do. */
	assert_false(takes("{\"wall\":1,\"time\":0,\"by\":\"n1\",\"kind\":\"x\",\"a\\u0007\":1}"));
}

/*
 * Lines of earlier releases have other names for numbers, and one evidence as a text. Texts of these names are let
 * alone, and so is a list.
 */
static void earlier_lines(void **state)
{
	static const struct {
		const char *line, *wanted;
	} cases[] = {
		{ "\"kind\":\"lost\",\"lines\":3,\"from\":6}", "\"kind\": \"lost\", \"lines\": 3, \"first\": 6}" },
		{ "\"kind\":\"missed\",\"from\":3,\"to\":4}", "\"kind\": \"missed\", \"first\": 3, \"last\": 4}" },
		{ "\"kind\":\"missed\",\"first\":3,\"last\":4}", "\"kind\": \"missed\", \"first\": 3, \"last\": 4}" },
		{ "\"kind\":\"missed\",\"from\":\"3\"}", "\"kind\": \"missed\", \"from\": \"3\"}" },
		{ "\"kind\":\"node\",\"from\":3}", "\"kind\": \"node\", \"from\": 3}" },
		{ "\"kind\":\"node\",\"evidence\":\"carrier\"}",
		  "\"kind\": \"node\", \"evidence\": [\"carrier\"]}" },
		{ "\"kind\":\"node\",\"evidence\":[\"carrier\", \"pulse\"]}",
		  "\"kind\": \"node\", \"evidence\": [\"carrier\", \"pulse\"]}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[256], *is;
		json_t *line;

		snprintf(text, sizeof(text), "{\"wall\":1,\"time\":0,\"by\":\"n1\",%s", cases[i].line);
		line = journal_line_parse(text, strlen(text));
		assert_non_null(line);
		is = json_dumps(line, 0);
		snprintf(text, sizeof(text), "{\"wall\": 1, \"time\": 0, \"by\": \"n1\", %s", cases[i].wanted);
		assert_string_equal(is, text);
		free(is);
		json_decref(line);
	}
}

static void reads(const char *line, size_t size, const char *shown)
{
	json_t *object = journal_line_parse(line, size);

	if (!object)
		fail_msg("not read: %.*s", (int)size, line);
	assert_string_equal(journal_text_of(object, "reason"), shown);
	json_decref(object);
}

static void writes(const char *text, const char *shown)
{
	char line[JOURNAL_LINE];
	struct json j = { .at = line, .room = sizeof(line) };

	json_writer_object(&j, NULL);
	json_number(&j, "wall", 1);
	json_number(&j, "time", 1);
	json_text(&j, "by", "n1");
	json_text(&j, "kind", "node");
	json_text(&j, "reason", text);
	json_object_end(&j);
	reads(line, j.size, shown);
}

/* No text costs a line, neither as haagentd writes it, nor as earlier releases did. */
static void texts_are_shown(void **state)
{
	static const char old[] = LINE(1, ",\"reason\":\"\\u00c3\\u0096 \\u001b[2J\"");

	(void)state;
	writes("\u00d6", "\u00d6");
	writes("\x1b[2J", "\\x1b[2J");
	writes("\x9b cut \xc3", "\\x9b cut \\xc3");
	reads(old, strlen(old), "\u00c3\\xc2\\x96 \\x1b[2J");
}

static const struct journal_writer n1 = { .name = "n1" };

/* Returns the stamps of all lines, as one text. */
static const char *read_all(struct journal_skipped *skipped)
{
	struct journal_cursor *cursor;
	static char text[256];
	json_t *line;

	text[0] = '\0';
	memset(skipped, 0, sizeof(*skipped));
	cursor = journal_cursor_open(folder, &n1, skipped);
	assert_non_null(cursor);
	while ((line = journal_cursor_next(cursor))) {
		size_t len = strlen(text);

		snprintf(text + len, sizeof(text) - len, "%ju ", journal_number_of(line, "wall", 0));
		json_decref(line);
	}
	journal_cursor_close(cursor);
	return text;
}

static void files_are_read_in_order(void **state)
{
	struct journal_skipped skipped;
	char longest[2 * JOURNAL_LINE];

	(void)state;
	put("00000010.jsonl", LINE(5, "") LINE(4, ""), 2 * strlen(LINE(5, "")));
	put("00000002.jsonl", LINE(1, ""), strlen(LINE(1, "")));
	put("100000000.jsonl", LINE(9, ""), strlen(LINE(9, "")));
	/* These names are no journal's. */
	put("2.jsonl", LINE(6, ""), strlen(LINE(6, "")));
	put("00000003.jsonl~", LINE(6, ""), strlen(LINE(6, "")));
	put("00000000.jsonl", LINE(6, ""), strlen(LINE(6, "")));
	assert_string_equal(read_all(&skipped), "1 5 4 9 ");
	assert_int_equal(skipped.lines + skipped.files, 0);

	/* Torn at the end, a NUL, a line that is too long, and lines behind them. */
	put("00000003.jsonl", LINE(2, "") "{\"wall\":3,\"ti", strlen(LINE(2, "")) + 13);
	put("00000004.jsonl", "\0\n" LINE(3, ""), 2 + strlen(LINE(3, "")));
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\n';
	put("00000005.jsonl", longest, sizeof(longest));
	assert_string_equal(read_all(&skipped), "1 2 3 5 4 9 ");
	assert_int_equal(skipped.lines, 3);
	assert_int_equal(skipped.files, 0);

	assert_int_equal(symlink("00000002.jsonl", path_of("00000006.jsonl")), 0);
	assert_string_equal(read_all(&skipped), "1 2 3 5 4 9 ");
	assert_int_equal(skipped.files, 1);
	assert_string_equal(skipped.why, "00000006.jsonl is a symbolic link");
	assert_int_equal(mkfifo(path_of("00000007.jsonl"), 0600), 0);
	assert_string_equal(read_all(&skipped), "1 2 3 5 4 9 ");
	assert_string_equal(skipped.why, "00000007.jsonl is no regular file");
}

/* A writer that lives holds a lock, which ends with it; then the file's stamp says until when it lived. */
static void lock_tells_that_the_writer_lives(void **state)
{
	const struct timespec stamps[2] = { { .tv_sec = 5 }, { .tv_sec = 5 } };
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct journal_skipped skipped = { 0 };
	struct journal_cursor *cursor;
	int fd;

	(void)state;
	put("00000001.jsonl", LINE(1, ""), strlen(LINE(1, "")));
	put("00000002.jsonl", LINE(2, ""), strlen(LINE(2, "")));
	fd = open(path_of("00000002.jsonl"), O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(futimens(fd, stamps), 0);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &whole), 0);
	for (int i = 0; i < 2; i++) {
		json_t *line;

		cursor = journal_cursor_open(folder, &n1, &skipped);
		while ((line = journal_cursor_next(cursor)))
			json_decref(line);
		assert_true(journal_cursor_alive(cursor) == (i ? 5 * JOURNAL_SECOND : UINT64_MAX));
		journal_cursor_close(cursor);
		if (!i)
			close(fd);
	}
}

static void writers_are_listed(void **state)
{
	struct journal_writers writers;
	struct hasw_error err;
	char other[96];

	(void)state;
	snprintf(other, sizeof(other), "%s/a", folder);
	assert_int_equal(mkdir(other, 0700), 0);
	assert_int_equal(journal_writers(&writers, folder, NULL, false, &err), 0);
	assert_int_equal(writers.n, 2);
	assert_string_equal(writers.list[0].name, "a");
	assert_string_equal(writers.list[1].name, "n1");
	free(writers.list);
	assert_int_equal(journal_writers(&writers, folder, "n1", false, &err), 0);
	assert_int_equal(writers.n, 1);
	free(writers.list);
	assert_int_equal(journal_writers(&writers, folder, "n2", false, &err), -ENOENT);
	assert_non_null(strstr(err.text, "no journal of node n2"));
	/* A copy is listed where the journal itself is not there. */
	snprintf(other, sizeof(other), "%s/" JOURNAL_COPIES, folder);
	assert_int_equal(mkdir(other, 0700), 0);
	assert_int_equal(journal_writers(&writers, folder, NULL, true, &err), 0);
	assert_int_equal(writers.n, 2);
	free(writers.list);
	snprintf(other, sizeof(other), "%s/" JOURNAL_COPIES "/n1", folder);
	assert_int_equal(mkdir(other, 0700), 0);
	snprintf(other, sizeof(other), "%s/" JOURNAL_COPIES "/b", folder);
	assert_int_equal(mkdir(other, 0700), 0);
	assert_int_equal(journal_writers(&writers, folder, NULL, false, &err), 0);
	assert_int_equal(writers.n, 2);
	free(writers.list);
	assert_int_equal(journal_writers(&writers, folder, NULL, true, &err), 0);
	assert_int_equal(writers.n, 3);
	assert_string_equal(writers.list[1].name, "b");
	assert_true(writers.list[1].copy && !writers.list[0].copy && !writers.list[2].copy);
	free(writers.list);
	assert_int_equal(journal_writers(&writers, "/nowhere", NULL, false, &err), -ENOENT);
	assert_int_equal(journal_writers(&writers, other, NULL, false, &err), -ENOENT);
}

#define NOW (1000000 * JOURNAL_SECOND)

static uint64_t when(const char *text)
{
	uint64_t wall = 0;

	assert_null(when_parse(&wall, text, NOW));
	return wall;
}

static void times_are_parsed(void **state)
{
	uint64_t wall;

	(void)state;
	setenv("TZ", "UTC", 1);
	assert_true(when("10s") == NOW - 10 * JOURNAL_SECOND);
	assert_true(when("2h") == NOW - 7200 * JOURNAL_SECOND);
	assert_true(when("3d") == NOW - 3 * 86400 * JOURNAL_SECOND);
	assert_true(when("1w") == NOW - 7 * 86400 * JOURNAL_SECOND);
	assert_true(when("52w") == 0);
	assert_true(when("@12") == 12 * JOURNAL_SECOND);
	assert_true(when("1970-01-02") == 86400 * JOURNAL_SECOND);
	assert_true(when("1970-01-01T01:02") == 3720 * JOURNAL_SECOND);
	assert_true(when("1970-01-01T01:02:03") == 3723 * JOURNAL_SECOND);
	assert_non_null(when_parse(&wall, "", NOW));
	assert_non_null(when_parse(&wall, "10", NOW));
	assert_non_null(when_parse(&wall, "4026-11-03T14:04", NOW));
	assert_non_null(when_parse(&wall, "-3d", NOW));
	assert_non_null(when_parse(&wall, "99999d", NOW));
	assert_non_null(when_parse(&wall, "yesterday", NOW));
	assert_non_null(when_parse(&wall, "1970-13-01", NOW));
	assert_non_null(when_parse(&wall, "1970-01-01T", NOW));
	assert_non_null(when_parse(&wall, "@", NOW));
	assert_non_null(when_parse(&wall, "@99999999999999", NOW));
}

static int setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/test_journal.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(node, sizeof(node), "%s/n1", folder);
	return mkdir(node, 0700);
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_judged),
		cmocka_unit_test(earlier_lines),
		cmocka_unit_test(texts_are_shown),
		cmocka_unit_test_setup_teardown(files_are_read_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(lock_tells_that_the_writer_lives, setup, teardown),
		cmocka_unit_test_setup_teardown(writers_are_listed, setup, teardown),
		cmocka_unit_test(times_are_parsed),
	};

	return cmocka_run_group_tests_name("test_journal", tests, NULL, NULL);
}
