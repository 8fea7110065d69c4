// SPDX-License-Identifier: GPL-2.0
/* Peers of whom nothing comes from the beginning: told once, with what to look at. */
#include "agent_pair.h"

static struct cluster_peer *after(uint64_t span)
{
	uint64_t end = now + span;
	struct cluster_peer *peer = NULL;

	for (; now < end && !peer; now += 10 * MS) {
		cluster_drain(&a, now);
		cluster_judge(&a, now);
		peer = missed_next(&a, now);
	}
	return peer;
}

static const char *words(const struct cluster_peer *peer)
{
	static char text[MISSED_TEXT];

	return missed_text(&a, peer, now, text);
}

static void told_once_after_a_while(void **state)
{
	struct cluster_peer *peer;
	uint64_t start = now;
	char port[32];

	(void)state;
	begin(&a, &conf_a, &told_a);
	a.paths[0].conf.port = a.paths[1].conf.port = 6946;
	peer = after(60 * S);
	assert_non_null(peer);
	assert_string_equal(peer->conf.name, "b");
	assert_in_range(now - start, 5 * S, 5 * S + 20 * MS);
	assert_true(missed_still(peer));
	snprintf(port, sizeof(port), ":%u (path front)", 20000 + (unsigned int)getpid() % 20000);
	assert_non_null(strstr(words(peer), "no packet of it came in 5 s"));
	assert_non_null(strstr(words(peer), "127.0.0.2:"));
	assert_non_null(strstr(words(peer), port));
	assert_non_null(strstr(words(peer), "127.0.1.2:"));
	assert_non_null(strstr(words(peer), "Is its agent running"));
	assert_non_null(strstr(words(peer), "let UDP port 6946 pass"));
	assert_null(after(60 * S));
	/* It comes after all, and later goes: that is another thing. */
	begin(&b, &conf_b, &told_b);
	beats(2);
	assert_false(missed_still(peer));
	assert_int_equal(told_a.state, PEER_HEARD);
	assert_null(after(60 * S));
	part();
}

static void heard_is_not_missed(void **state)
{
	(void)state;
	met();
	quiet_beats(&a, 10);
	assert_null(after(60 * S));
	part();
}

static void long_suspect_times_take_longer(void **state)
{
	struct conf slow = conf_a;
	uint64_t start = now;

	(void)state;
	slow.suspect = 10 * S;
	begin(&a, &slow, &told_a);
	assert_non_null(after(60 * S));
	assert_in_range(now - start, 30 * S, 30 * S + 20 * MS);
	cluster_close(&a);
}

/* What b sends comes here, but nothing of this node arrives there. */
static void one_way_is_told_as_that(void **state)
{
	struct cluster_peer *peer = NULL;
	uint64_t end = now + 10 * S;

	(void)state;
	begin(&a, &conf_a, &told_a);
	begin(&b, &conf_b, &told_b);
	while (now < end && !peer) {
		quiet_beats(&a, 1);
		cluster_send(&b, 0, now);
		peer = missed_next(&a, now);
	}
	assert_non_null(peer);
	assert_non_null(strstr(words(peer), "says hello, but has not answered"));
	assert_non_null(strstr(words(peer), "from here to there"));
	part();
}

static void refused_is_told_as_that(void **state)
{
	uint8_t bytes[KEY_BYTES] = { 1 };
	struct conf other = conf_b;

	(void)state;
	key_from_bytes(&other.keys.key[0], bytes);
	begin(&a, &conf_a, &told_a);
	begin(&b, &other, &told_b);
	missed_next(&a, now);
	beats(1000);
	assert_null(missed_next(&a, now));
	assert_true(told_a.refusals);
	part();
}

/* No module counts on a witness, and a witness has none. */
static void witness_is_told_as_that(void **state)
{
	struct cluster_peer *peer;

	(void)state;
	begin(&a, &conf_a, &told_a);
	peer = after(60 * S);
	assert_non_null(peer);
	assert_non_null(strstr(words(peer), "the module does not notice when it dies"));
	peer->conf.witness = true;
	assert_non_null(strstr(words(peer), "Until it is heard its vote is missing"));
	peer->conf.witness = false;
	a.witness = true;
	assert_non_null(strstr(words(peer), "Until it is heard its vote is missing"));
	cluster_close(&a);
}

static void maintenance_and_sleep_are_waited_out(void **state)
{
	struct cluster_peer *peer;
	uint64_t start;

	(void)state;
	begin(&a, &conf_a, &told_a);
	peer = after(60 * S);
	assert_non_null(peer);
	missed_again(&a, "b", now);
	assert_false(missed_still(peer));
	start = now;
	assert_null(after(4 * S));
	/* This agent slept meanwhile. */
	now += 100 * S;
	cluster_forgive(&a, 100 * S, now);
	assert_null(missed_next(&a, now));
	assert_ptr_equal(after(60 * S), peer);
	assert_in_range(now - start, 105 * S, 105 * S + 20 * MS);
	cluster_close(&a);
}

static void a_file_read_again_tells_nothing_twice(void **state)
{
	char why[256];

	(void)state;
	begin(&a, &conf_a, &told_a);
	assert_non_null(after(60 * S));
	assert_int_equal(cluster_reload(&a, &conf_a, now, why, sizeof(why)), 0);
	assert_null(after(60 * S));
	cluster_close(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(told_once_after_a_while),
		cmocka_unit_test(heard_is_not_missed),
		cmocka_unit_test(long_suspect_times_take_longer),
		cmocka_unit_test(one_way_is_told_as_that),
		cmocka_unit_test(refused_is_told_as_that),
		cmocka_unit_test(witness_is_told_as_that),
		cmocka_unit_test(maintenance_and_sleep_are_waited_out),
		cmocka_unit_test(a_file_read_again_tells_nothing_twice),
	};

	return cmocka_run_group_tests_name("agent_missed", tests, setup, NULL);
}
