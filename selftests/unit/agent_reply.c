// SPDX-License-Identifier: GPL-2.0
/* Health checks by HTTP through the vip: a reply is read as it came, however its bytes are cut, and judged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "checks/reply.h"

static const struct plan usual = { .from = 200, .to = 399 };
static char why[PAGE_WHY];

/* Reads bytes in parts of a size. With @ends the connection ends then. Return: what came of it; free its page */
static struct reply read_parts(const char *bytes, size_t size, size_t part, bool ends, const char *wanted)
{
	struct reply r;
	size_t at;

	reply_begin(&r, wanted);
	for (at = 0; at < size; at += part) {
		size_t now = size - at < part ? size - at : part;
		/* A copy of its own, so that what is read beyond its end is seen. */
		uint8_t *copy = malloc(now);

		assert_non_null(copy);
		memcpy(copy, bytes + at, now);
		reply_take(&r, copy, now);
		free(copy);
	}
	if (ends)
		reply_end(&r);
	return r;
}

#define PARTS(text) for (part = 1; part <= strlen(text); part = part < 8 ? part + 1 : 3 * part)

/* A reply is whole without the end of the connection, or needs it. It is judged as good, with that status and body. */
static void whole(const char *text, bool needs_end, long status, const char *body, enum plan_outcome outcome,
		  const char *wanted)
{
	struct reply r;
	size_t part;

	PARTS(text) {
		if (needs_end) {
			r = read_parts(text, strlen(text), part, false, wanted);
			assert_false(r.over);
			page_free(&r.page);
		}
		r = read_parts(text, strlen(text), part, needs_end, wanted);
		if (!r.over || r.wrong)
			fail_msg("in parts of %zu: %s: %s", part, r.wrong ? r.wrong : "not over", text);
		assert_int_equal(r.page.status, status);
		assert_int_equal(r.page.size, strlen(body));
		if (wanted[0] && r.page.size)
			assert_memory_equal(r.page.body, body, r.page.size);
		assert_int_equal(page_judge(&r.page, &usual, why), outcome);
		page_free(&r.page);
	}
}

/* A reply is wrong, with that reason, after its bytes or after the end of the connection. */
static void is_wrong(const char *text, bool after_end, const char *reason)
{
	struct reply r;
	size_t part;

	PARTS(text) {
		r = read_parts(text, strlen(text), part, false, "x");
		if (after_end)
			assert_false(r.over);
		else
			assert_true(r.over);
		reply_end(&r);
		assert_true(r.over);
		if (!r.wrong || !strstr(r.wrong, reason))
			fail_msg("in parts of %zu: %s, not %s: %s", part, r.wrong ? r.wrong : "good", reason, text);
		page_free(&r.page);
	}
}

static void bodies(void **state)
{
	(void)state;
	whole("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nopen", false, 200, "open", PLAN_GOOD, "open");
	whole("HTTP/1.0 200 OK\nServer: x\n\nopen", true, 200, "open", PLAN_GOOD, "open");
	whole("HTTP/1.1 200\r\n\r\n", true, 200, "", PLAN_GOOD, "");
	whole("HTTP/1.1 200 OK\r\n\r\nclosed", true, 200, "closed", PLAN_BAD, "open");
	assert_string_equal(why, "status 200, but \"open\" is not in the text of the body");
	whole("HTTP/1.1 500 Internal\r\nContent-Length: 4\r\n\r\nopen", false, 500, "open", PLAN_BAD, "open");
	assert_string_equal(why, "status 500; good ones are 200 to 399");
	whole("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, 200, "", PLAN_BAD, "open");
	whole("HTTP/1.1 204 None\r\n\r\n", false, 204, "", PLAN_GOOD, "");
	whole("HTTP/1.1 304 Same\r\nContent-Length: 9\r\n\r\n", false, 304, "", PLAN_GOOD, "");
	/* Interim replies are not the reply, and their headers are not those of the reply. */
	whole("HTTP/1.1 100 Continue\r\nContent-Length: 9\r\n\r\nHTTP/1.1 103 Hints\r\n\r\n"
	      "HTTP/1.1 200 OK\r\ncontent-length:  4 \r\n\r\nopen", false, 200, "open", PLAN_GOOD, "open");
	whole("HTTP/1.1 101 Switch\r\n\r\n", false, 101, "", PLAN_BAD, "");
	/* What is behind the body is not of it. */
	whole("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nopen", false, 200, "op", PLAN_BAD, "open");
	/* The same length twice is no contradiction. Another header may go over several lines. */
	whole("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 4\r\nX: a\r\n b\r\n\r\nopen", false, 200, "open",
	      PLAN_GOOD, "open");
}

static void chunks(void **state)
{
	(void)state;
	whole("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nop\r\n2;x=y\r\nen\r\n0\r\n\r\n", false, 200,
	      "open", PLAN_GOOD, "open");
	/* The text lies over two chunks. A length beside them does not count; a trailer is none of the body. */
	whole("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: Chunked\r\n\r\nA\r\n0123456789\r\n000\r\n"
	      "Content-Length: x\r\n\r\n", false, 200, "0123456789", PLAN_GOOD, "89");
	whole("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", false, 200, "x",
	      PLAN_GOOD, "");
	whole("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\nabc", true, 200, "abc",
	      PLAN_GOOD, "");
	whole("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc", false, 200, "abc",
	      PLAN_GOOD, "");
	is_wrong("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nopen\r\n", false, "no sound chunks");
	is_wrong("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nopen\r\n", false, "no sound chunks");
	is_wrong("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", false, "no sound chunks");
	is_wrong("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", false, "no sound chunks");
	is_wrong("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n", false,
		 "no sound chunks");
	is_wrong("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nop\r\n", true, "amid the body");
	is_wrong("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nop\r\n0\r\nX: y\r\n", true,
		 "amid the body");
}

static void wrong(void **state)
{
	(void)state;
	is_wrong("SSH-2.0-OpenSSH_9.2\r\n", false, "does not answer by HTTP/1");
	is_wrong("SSH", false, "does not answer by HTTP/1");
	is_wrong("HTTP/2 200 OK\r\n", false, "does not answer by HTTP/1");
	is_wrong("HTTP/1.1 20 OK\r\n", false, "does not answer by HTTP/1");
	is_wrong("HTTP/1.1 2000 OK\r\n", false, "does not answer by HTTP/1");
	is_wrong("HTTP/1.1 020 OK\r\n", false, "does not answer by HTTP/1");
	is_wrong("HTTP/1.x 200 OK\r\n", false, "does not answer by HTTP/1");
	is_wrong("\r\n", false, "does not answer by HTTP/1");
	is_wrong("HTTP/1.1 200", true, "amid the headers");
	is_wrong("HTTP/1.1 200 OK\r\nX: y\r\n", true, "amid the headers");
	is_wrong("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nopen", true, "amid the body");
	is_wrong("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 4\r\n\r\n", false, "two different");
	is_wrong("HTTP/1.1 200 OK\r\nContent-Length: 4, 5\r\n\r\n", false, "no number");
	is_wrong("HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n", false, "no number");
	is_wrong("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", false, "no number");
	is_wrong("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n 0\r\n\r\n", false, "over several lines");
	is_wrong("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nopen", true, "amid the body");
}

static void ends_without_answer(void **state)
{
	struct reply r;

	(void)state;
	reply_begin(&r, "");
	reply_end(&r);
	assert_true(r.over);
	assert_string_equal(r.wrong, "the server ends the connection without an answer");
	/* Random bytes may have an empty line sooner than not, but hardly no NUL. */
	r = read_parts("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", 27, 27, false, "");
	assert_string_equal(r.wrong, "its headers have a NUL byte");
}

/* Feeds a block again and again. Return: how often it was taken */
static unsigned int feed(struct reply *r, const char *block, unsigned int most)
{
	unsigned int i;

	for (i = 0; i < most && !r->over; i++)
		reply_take(r, (const uint8_t *)block, strlen(block));
	return i;
}

static void too_much(void **state)
{
	char block[1025], head[600];
	struct reply r;

	(void)state;
	memset(block, 'a', sizeof(block) - 1);
	block[sizeof(block) - 1] = 0;
	/* One header, and many: both end at the limit, not before it. */
	reply_begin(&r, "");
	feed(&r, "HTTP/1.1 200 OK\r\nX: ", 1);
	assert_int_equal(feed(&r, block, 1 << 20), 300);
	assert_string_equal(r.wrong, "its headers have more than 300 KiB");
	reply_begin(&r, "");
	feed(&r, "HTTP/1.1 200 OK\r\n", 1);
	assert_in_range(feed(&r, "X-Header: 0\r\n", 1 << 20), 300 * 1024 / 14, 300 * 1024 / 12);
	assert_non_null(r.wrong);
	reply_begin(&r, "");
	assert_in_range(feed(&r, "HTTP/1.1 100 Continue\r\n\r\n", 1 << 20), 1000, 1 << 16);
	assert_non_null(r.wrong);
	/* A long header is none that is wrong, unless the body's length is in it. */
	memset(head, 'a', sizeof(head));
	head[sizeof(head) - 1] = 0;
	reply_begin(&r, "");
	feed(&r, "HTTP/1.1 200 ", 1);
	feed(&r, head, 1);
	feed(&r, "\r\nCookie: ", 1);
	feed(&r, head, 1);
	feed(&r, "\r\nContent-Length: 1\r\n\r\nx", 1);
	assert_true(r.over);
	assert_null(r.wrong);
	memset(head, ' ', sizeof(head) - 1);
	reply_begin(&r, "");
	feed(&r, "HTTP/1.1 200 OK\r\nContent-Length: ", 1);
	feed(&r, head, 1);
	feed(&r, "1\r\n", 1);
	assert_string_equal(r.wrong, "a header that says the body's length is too long");

	/* A body of 1 GB: 64 KiB of it are read. One of exactly so much is whole. */
	reply_begin(&r, "b");
	feed(&r, "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n", 1);
	assert_int_equal(feed(&r, block, 1 << 20), 65);
	assert_null(r.wrong);
	assert_true(r.page.full);
	assert_int_equal(r.page.size, 65536);
	assert_int_equal(page_judge(&r.page, &usual, why), PLAN_BAD);
	assert_string_equal(why, "status 200, but \"b\" is not in the first 64 KiB of the body");
	page_free(&r.page);
	reply_begin(&r, "");
	feed(&r, "HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\n", 1);
	assert_int_equal(feed(&r, block, 1 << 20), 64);
	assert_null(r.wrong);
	assert_false(r.page.full);
	/* The smallest chunks do not make the lines between them too much. */
	reply_begin(&r, "");
	feed(&r, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 1);
	feed(&r, "1\r\na\r\n", 65536);
	assert_false(r.over);
	feed(&r, "0\r\n\r\n", 1);
	assert_null(r.wrong);
	assert_true(r.over);
	assert_int_equal(r.page.size, 65536);
	/* A trailer that does not end. */
	reply_begin(&r, "");
	feed(&r, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", 1);
	assert_in_range(feed(&r, block, 1 << 20), 299, 301);
	assert_non_null(r.wrong);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies),
		cmocka_unit_test(chunks),
		cmocka_unit_test(wrong),
		cmocka_unit_test(ends_without_answer),
		cmocka_unit_test(too_much),
	};

	return cmocka_run_group_tests_name("agent_reply", tests, NULL, NULL);
}
