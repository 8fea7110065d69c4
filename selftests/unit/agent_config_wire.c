// SPDX-License-Identifier: GPL-2.0
/* The cluster's configuration on the wire: what goes in comes out, and what is wrong is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "haagentd/bytes.h"
#include "haagentd/clock.h"
#include "haagentd/keeper/config_wire.h"
#include "haagentd/keeper/stream.h"

static void word(void **state)
{
	struct config_word put = {
		.stored = { 0x1112131415161718, 2, 3 }, .committed = { 0x2122232425262728, 5, 6 },
		.applied = { .generation = 7, .blob = 8 }, .state = CONFIG_CHANGED,
	}, got;
	uint8_t bytes[CONFIG_WORD + 4];

	(void)state;
	memset(bytes, 0xee, sizeof(bytes));
	assert_int_equal(config_word_put(&put, bytes, CONFIG_WORD - 1), 0);
	assert_int_equal(config_word_put(&put, bytes, CONFIG_WORD), CONFIG_WORD);
	assert_int_equal(bytes[CONFIG_WORD], 0xee);
	/* A later release can append. */
	assert_true(config_word_get(bytes, sizeof(bytes), &got));
	assert_memory_equal(&put, &got, sizeof(put));
	assert_false(config_word_get(bytes, CONFIG_WORD - 1, &got));
	/* An unknown state, and epochs that nobody counts up to. */
	bytes[64] = CONFIG_STATES;
	assert_false(config_word_get(bytes, CONFIG_WORD, &got));
	bytes[64] = 0;
	bytes[0] = 0x40;
	assert_false(config_word_get(bytes, CONFIG_WORD, &got));
	bytes[0] = 0;
	bytes[24] = 0x40;
	assert_false(config_word_get(bytes, CONFIG_WORD, &got));
}

static void hello(void **state)
{
	struct config_hello put = { .key_id = 0x01020304, .from = "web1", .to = "web2", .nonce = { 1, 2, 3 } }, got;
	uint8_t bytes[CONFIG_HELLO];
	size_t i;

	(void)state;
	config_hello_put(&put, bytes);
	assert_true(config_hello_get(bytes, &got));
	assert_memory_equal(&put, &got, sizeof(put));
	/* Magic, version, zeros, and what is behind the names. */
	for (i = 0; i < 8; i++) {
		bytes[i] ^= 1;
		assert_false(config_hello_get(bytes, &got));
		bytes[i] ^= 1;
	}
	bytes[12 + WIRE_NAME - 1] = 'x';
	assert_false(config_hello_get(bytes, &got));
	bytes[12 + WIRE_NAME - 1] = 0;
	bytes[44] = '/';
	assert_false(config_hello_get(bytes, &got));
}

static void ask(void **state)
{
	struct config_ask put = {
		.kind = CONFIG_PUT,
		.about = {
			.number = 1, .hash = 0xf1f2f3f4f5f6f7f8, .time = 3, .size = GENERATION_TEXT_MAX, .node = "a",
			.label = "good",
		},
	}, got;
	uint8_t bytes[CONFIG_ASK + 4] = { 0 };

	(void)state;
	config_ask_put(&put, bytes);
	assert_true(config_ask_get(bytes, sizeof(bytes), &got));
	assert_memory_equal(&put, &got, sizeof(put));
	assert_false(config_ask_get(bytes, CONFIG_ASK - 1, &got));
	bytes[0] = 0;
	assert_false(config_ask_get(bytes, CONFIG_ASK, &got));
	bytes[0] = CONFIG_ASKS;
	assert_false(config_ask_get(bytes, CONFIG_ASK, &got));
	bytes[0] = CONFIG_GET;
	bytes_put(bytes + 32, GENERATION_TEXT_MAX + 1, 8);
	assert_false(config_ask_get(bytes, CONFIG_ASK, &got));
	bytes_put(bytes + 32, 0, 8);
	/* A label can be a part of a line in a file. */
	memcpy(bytes + 72, "a\nb", 4);
	assert_false(config_ask_get(bytes, CONFIG_ASK, &got));
}

static struct key_ring ring(uint8_t one, uint8_t two)
{
	uint8_t bytes[KEY_BYTES] = { one };
	struct key_ring keys = { .n = two ? 2 : 1 };

	key_from_bytes(&keys.key[0], bytes);
	bytes[0] = two;
	key_from_bytes(&keys.key[1], bytes);
	return keys;
}

static char *text_of(size_t size)
{
	char *text = malloc(size + 1);

	assert_non_null(text);
	memset(text, 'x', size);
	text[size] = '\0';
	return text;
}

static const struct key *in_ring(void *arg, uint32_t id)
{
	return key_find(arg, id);
}

/* The other node: it sends back what it gets, changed by CHANGE, which is the number of a byte of the stream, or -1. */
static void other(int fd, struct key_ring keys, const char *self)
{
	struct config_ask got;
	struct stream s;
	char *text;

	if (stream_accept(&s, fd, in_ring, &keys, self, clock_now() + 5 * CLOCK_SECOND) ||
	    stream_answer(&s, &got, &text))
		_exit(1);
	got.kind = CONFIG_YES;
	_exit(stream_ask(&s, &got, text) ? 1 : 0);
}

/* What comes of a text that goes to the other node and back. */
static int there_and_back(struct key_ring mine, struct key_ring theirs, const char *to, const char *self, size_t size)
{
	struct config_ask put = { .kind = CONFIG_PUT, .about = { .number = 1, .hash = 2, .size = size } }, got;
	char *text = text_of(size), *back = NULL;
	struct stream s;
	int fds[2], err, status;
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	pid = fork();
	if (!pid) {
		close(fds[0]);
		other(fds[1], theirs, self);
	}
	close(fds[1]);
	err = stream_connect(&s, fds[0], &mine.key[0], "a", to, clock_now() + 5 * CLOCK_SECOND);
	if (!err)
		err = stream_ask(&s, &put, text);
	if (!err)
		err = stream_answer(&s, &got, &back);
	close(fds[0]);
	waitpid(pid, &status, 0);
	if (!err) {
		assert_int_equal(status, 0);
		assert_int_equal(got.kind, CONFIG_YES);
		assert_int_equal(got.about.size, size);
		assert_string_equal(text, back);
	}
	free(text);
	free(back);
	return err;
}

static void stream(void **state)
{
	(void)state;
	assert_int_equal(there_and_back(ring(1, 0), ring(1, 0), "b", "b", 0), 0);
	assert_int_equal(there_and_back(ring(1, 0), ring(1, 0), "b", "b", 65536), 0);
	assert_int_equal(there_and_back(ring(1, 0), ring(1, 0), "b", "b", 1000001), 0);
	/* While the key is changed. */
	assert_int_equal(there_and_back(ring(2, 0), ring(1, 2), "b", "b", 10), 0);
	/* Another key, and another node. */
	assert_int_not_equal(there_and_back(ring(1, 0), ring(2, 0), "b", "b", 10), 0);
	assert_int_not_equal(there_and_back(ring(1, 0), ring(1, 0), "b", "c", 10), 0);
}

/* A recorded stream is of no use to who has no key. */
static void recorded(void **state)
{
	struct key_ring keys = ring(1, 0);
	struct config_hello first = { .key_id = keys.key[0].id, .from = "b", .to = "a" };
	uint8_t bytes[CONFIG_HELLO + 24 + 100] = { 0 };
	struct config_ask got;
	struct stream s;
	char *text;
	int fds[2];

	(void)state;
	config_hello_put(&first, bytes);
	bytes_put(bytes + CONFIG_HELLO + 24, 96, 4);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(send(fds[0], bytes, sizeof(bytes), 0), sizeof(bytes));
	assert_int_equal(stream_accept(&s, fds[1], in_ring, &keys, "a", clock_now() + 5 * CLOCK_SECOND), 0);
	assert_int_not_equal(stream_answer(&s, &got, &text), 0);
	assert_non_null(strstr(s.why, "forged"));
	assert_null(text);
	close(fds[0]);
	close(fds[1]);
}

/* A node that sends nothing does not keep another one waiting. */
static void silent(void **state)
{
	struct key_ring keys = ring(1, 0);
	uint64_t begun = clock_now();
	struct stream s;
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_not_equal(stream_accept(&s, fds[1], in_ring, &keys, "a", begun + 20 * CLOCK_MS), 0);
	assert_true(clock_now() >= begun + 20 * CLOCK_MS);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(word), cmocka_unit_test(hello), cmocka_unit_test(ask), cmocka_unit_test(stream),
		cmocka_unit_test(recorded), cmocka_unit_test(silent),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
