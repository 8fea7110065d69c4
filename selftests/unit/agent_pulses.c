// SPDX-License-Identifier: GPL-2.0
/* The sessions that two agents make for their modules: the same at both ends, another one for each pair and key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "haagentd/pulses.h"

static void numbers(void **state)
{
	(void)state;
	assert_int_equal(pulses_id("a", "b"), pulses_id("b", "a"));
	assert_int_not_equal(pulses_id("a", "b"), pulses_id("a", "c"));
	/* The names are told apart, not only what they are together. */
	assert_int_not_equal(pulses_id("ab", "c"), pulses_id("a", "bc"));
	for (char name[] = "a"; name[0] < 'z'; name[0]++) {
		uint32_t id = pulses_id(name, "other");

		assert_true(id >= 1 && id <= INT32_MAX);
	}
}

static void keys(void **state)
{
	static const uint8_t one[KEY_BYTES] = { 1 }, two[KEY_BYTES] = { 2 };
	uint8_t there[16], back[16], other[16], again[16];
	struct key key, rotated;

	(void)state;
	key_from_bytes(&key, one);
	key_from_bytes(&rotated, two);
	pulses_key(&key, "a", "b", there);
	pulses_key(&key, "b", "a", back);
	assert_memory_not_equal(there, back, 16);
	pulses_key(&rotated, "a", "b", other);
	assert_memory_not_equal(there, other, 16);
	pulses_key(&key, "a", "b", again);
	assert_memory_equal(there, again, 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(keys),
	};

	if (sodium_init() < 0)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
