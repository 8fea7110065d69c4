// SPDX-License-Identifier: GPL-2.0
/* The host names of corosync's nodelist: a resolver that is slow, dead, or gives another address each time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "corosync/names.h"

/* The resolver says which name it was asked for, and then answers what it is told: the last byte, 0 for no address. */
static int asked[2], answer[2];

static void resolver(const char *text, struct hasw_addr *at)
{
	uint8_t last;

	if (write(asked[1], text, 1) != 1 || read(answer[0], &last, 1) != 1)
		return;
	at->family = last ? AF_INET : 0;
	at->bytes[3] = last;
}

static char was_asked(void)
{
	char c;

	assert_int_equal(read(asked[0], &c, 1), 1);
	return c;
}

static void answers(uint8_t last)
{
	assert_int_equal(write(answer[1], &last, 1), 1);
}

static void settles(const char *text, uint64_t now, struct hasw_addr *at)
{
	while (!names_find(text, now, at))
		usleep(1000);
}

/* names_find() must never wait for the resolver: the reports on quorum would stop. */
static void slow_name(void **state)
{
	struct hasw_addr at;

	(void)state;
	assert_false(names_find("a", 1, &at));
	assert_int_equal(was_asked(), 'a');
	assert_false(names_find("a", NAMES_WAIT, &at));
	assert_int_equal(at.family, 0);
	/* After a while the nodelist is told without its address. */
	assert_true(names_find("a", 1 + NAMES_WAIT, &at));
	assert_int_equal(at.family, 0);
	answers(7);
	while (names_find("a", 2 + NAMES_WAIT, &at) && !at.family)
		usleep(1000);
	assert_int_equal(at.bytes[3], 7);
}

/* A name is asked for once, so another order of its addresses, or a dead resolver, changes nothing later. */
static void known_name(void **state)
{
	uint64_t later = 1000 * NAMES_RETRY;
	struct hasw_addr at;

	(void)state;
	assert_true(names_find("a", later, &at));
	assert_int_equal(at.bytes[3], 7);
	assert_false(names_find("b", later, &at));
	/* The thread goes in any order: had it been asked for a as well, this could be a. */
	assert_int_equal(was_asked(), 'b');
	answers(0);
	settles("b", later, &at);
	assert_int_equal(at.family, 0);
	/* A failed one is asked for again, but seldom. */
	assert_true(names_find("b", later + NAMES_RETRY - 1, &at));
	assert_false(names_find("c", later + NAMES_RETRY - 1, &at));
	assert_int_equal(was_asked(), 'c');
	answers(9);
	settles("c", later + NAMES_RETRY - 1, &at);
	assert_int_equal(at.bytes[3], 9);
	assert_true(names_find("b", later + NAMES_RETRY, &at));
	assert_int_equal(was_asked(), 'b');
	answers(8);
	while (names_find("b", later + NAMES_RETRY, &at) && !at.family)
		usleep(1000);
	assert_int_equal(at.bytes[3], 8);
}

/* A name that has left the nodelist is looked up anew when it comes back; the others stay known. */
static void forgotten_name(void **state)
{
	uint64_t later = 2000 * NAMES_RETRY;
	struct hasw_addr at;

	(void)state;
	assert_true(names_find("a", later, &at));
	names_forget_others(later);
	assert_true(names_find("a", later + 1, &at));
	assert_int_equal(at.bytes[3], 7);
	assert_false(names_find("b", later + 1, &at));
	assert_int_equal(was_asked(), 'b');
	/* It leaves while it is looked up. */
	names_forget_others(later + 2);
	answers(5);
	assert_false(names_find("a", later + 3, &at));
	assert_int_equal(was_asked(), 'a');
	answers(6);
	settles("a", later + 3, &at);
	assert_int_equal(at.bytes[3], 6);
}

static int begin(void **state)
{
	(void)state;
	names_begin(resolver);
	return pipe(asked) || pipe(answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slow_name),
		cmocka_unit_test(known_name),
		cmocka_unit_test(forgotten_name),
	};

	alarm(30);
	return cmocka_run_group_tests_name("agent_names", tests, begin, NULL);
}
