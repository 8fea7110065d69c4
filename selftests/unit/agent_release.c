// SPDX-License-Identifier: GPL-2.0
/* Agents tell each other which release they are: at once in a new session, and then seldom. */
#include "agent_pair.h"
#include "haagentd/clock.h"
#include "lib/version.h"

#define TAKE(r, bytes) take(r, WIRE_RECORD_RELEASE, bytes, sizeof(bytes) - 1)

static void take(struct release *r, uint16_t type, const char *bytes, size_t size)
{
	const struct wire_record record = { .type = type, .data = (const uint8_t *)bytes, .size = size };

	release_take(r, &record);
}

static void begun_session_tells(void **state)
{
	struct release r = { 0 };

	(void)state;
	begin(&a, &conf_a, &told_a);
	begin(&b, &conf_b, &told_b);
	/* Not before a knows the session of b. */
	release_tick(&a, now);
	exchange();
	assert_int_equal(told_b.said, 0);
	beats(3);
	/* Nor while a must not be heard. */
	a.mute = true;
	release_tick(&a, now);
	a.mute = false;
	assert_int_equal(a.peers[0].release.due, 0);
	release_tick(&a, now);
	exchange();
	/* Once on each path. */
	assert_int_equal(told_b.said, 2);
	take(&r, told_b.said_type, (const char *)told_b.said_data, told_b.said_size);
	assert_string_equal(r.text, HASWITCH_VERSION);
	assert_true(b.peers[0].capabilities & WIRE_TELLS_RELEASE);
	part();
}

static void seldom(void **state)
{
	unsigned int i;

	(void)state;
	met();
	for (i = 0; i < 1999; i++) {
		release_tick(&a, now);
		beats(1);
	}
	assert_int_equal(told_b.said, 2 * 2);
	part();
}

/* Who begins a new session may be of another release, even of one that tells none. */
static void new_session_forgets(void **state)
{
	(void)state;
	met();
	TAKE(&a.peers[0].release, "0.1");
	a.peers[0].release.due = now + CLOCK_SECOND;
	new_session_of_b();
	assert_string_equal(a.peers[0].release.text, "");
	release_tick(&a, now);
	exchange();
	assert_int_equal(told_b.said, 2);
	part();
}

static void only_sound_texts(void **state)
{
	struct release r = { 0 };

	(void)state;
	TAKE(&r, "1.2~rc1-3+deb_x");
	assert_string_equal(r.text, "1.2~rc1-3+deb_x");
	TAKE(&r, "");
	TAKE(&r, "1 2");
	TAKE(&r, "\xff");
	TAKE(&r, "<b>");
	TAKE(&r, "\0002");
	TAKE(&r, "01234567890123456789012345678901");
	take(&r, WIRE_RECORD_HEALTH, "1", 1);
	assert_string_equal(r.text, "1.2~rc1-3+deb_x");
	TAKE(&r, "0123456789012345678901234567890");
	assert_string_equal(r.text, "0123456789012345678901234567890");
	/* A later release appends something. */
	TAKE(&r, "2\0more");
	assert_string_equal(r.text, "2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(begun_session_tells, setup),
		cmocka_unit_test_setup(seldom, setup),
		cmocka_unit_test_setup(new_session_forgets, setup),
		cmocka_unit_test_setup(only_sound_texts, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
