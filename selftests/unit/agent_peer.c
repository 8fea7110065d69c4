// SPDX-License-Identifier: GPL-2.0
/* Who is heard, under a clock that the test turns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "haagentd/peer/peer.h"

#define MS	UINT64_C(1000000)
#define S	(1000 * MS)

static const struct peer_rules rules = { .suspect = 30 * MS, .hold = 10 * S };

static struct peer_word plain(uint64_t counter)
{
	return (struct peer_word){ .counter = counter, .echo_age = 0 };
}

static bool hear(struct peer *p, uint64_t counter, uint64_t now)
{
	struct peer_word w = plain(counter);

	return peer_heard(p, &rules, &w, now);
}

static void never_heard_is_never_named(void **state)
{
	struct peer p = { 0 };

	(void)state;
	assert_false(peer_named(&p));
	assert_false(peer_judge(&p, &rules, 1000 * S));
	assert_int_equal(p.state, PEER_UNHEARD);
}

static void named_until_suspect(void **state)
{
	struct peer p = { 0 };

	(void)state;
	assert_true(hear(&p, 1, 100 * MS));
	assert_true(peer_named(&p));
	assert_false(hear(&p, 2, 110 * MS));
	assert_false(peer_judge(&p, &rules, 140 * MS));
	assert_true(peer_named(&p));
	assert_true(peer_judge(&p, &rules, 140 * MS + 1));
	assert_int_equal(p.state, PEER_SILENT);
	assert_false(peer_named(&p));
	assert_false(peer_judge(&p, &rules, 150 * MS));
	assert_true(hear(&p, 3, 160 * MS));
	assert_true(peer_named(&p));
}

/* A clock that is read a moment before the packet's must not wrap. */
static void judged_before_heard(void **state)
{
	struct peer p = { 0 };

	(void)state;
	hear(&p, 1, 100 * MS);
	assert_false(peer_judge(&p, &rules, 99 * MS));
	assert_int_equal(p.state, PEER_HEARD);
}

static void static_is_held_ten_seconds(void **state)
{
	struct peer_word w = plain(5);
	struct peer p = { 0 };

	(void)state;
	hear(&p, 4, 1 * S);
	w.is_static = true;
	assert_true(peer_heard(&p, &rules, &w, 1 * S));
	assert_int_equal(p.state, PEER_STATIC);
	assert_false(peer_judge(&p, &rules, 11 * S - 1));
	assert_true(peer_named(&p));
	assert_true(peer_judge(&p, &rules, 11 * S));
	assert_int_equal(p.state, PEER_SILENT);
	assert_false(peer_named(&p));
}

static void late_packets_do_not_undo_the_last_word(void **state)
{
	struct peer_word w = plain(5);
	struct peer p = { 0 };

	(void)state;
	hear(&p, 1, 1 * S);
	w.is_static = true;
	peer_heard(&p, &rules, &w, 1 * S);
	/* Sent before on another path, it arrives after. */
	assert_false(hear(&p, 4, 2 * S));
	/* Said again, it does not begin the ten seconds again. */
	w.counter = 6;
	assert_false(peer_heard(&p, &rules, &w, 9 * S));
	assert_true(peer_judge(&p, &rules, 11 * S));
}

static void new_life_ends_static(void **state)
{
	struct peer_word w = plain(5);
	struct peer p = { 0 };

	(void)state;
	hear(&p, 1, 1 * S);
	w.is_static = true;
	peer_heard(&p, &rules, &w, 1 * S);
	w = plain(1);
	w.new_life = true;
	w.age = 200 * MS;
	assert_true(peer_heard(&p, &rules, &w, 3 * S));
	assert_int_equal(p.state, PEER_HEARD);
	assert_true(p.born == 3 * S - 200 * MS);
	/* From here on it is judged like any other. */
	assert_true(peer_judge(&p, &rules, 3 * S + 31 * MS));
	assert_int_equal(p.state, PEER_SILENT);
}

static void leave_is_at_once(void **state)
{
	struct peer_word w = plain(5);
	struct peer p = { 0 };

	(void)state;
	hear(&p, 1, 1 * S);
	w.leave = true;
	assert_true(peer_heard(&p, &rules, &w, 1 * S));
	assert_int_equal(p.state, PEER_LEFT);
	assert_false(peer_named(&p));
	assert_false(hear(&p, 4, 1 * S));
	assert_false(peer_judge(&p, &rules, 100 * S));
	assert_int_equal(p.state, PEER_LEFT);
	w = plain(1);
	w.new_life = true;
	assert_true(peer_heard(&p, &rules, &w, 200 * S));
	assert_true(peer_named(&p));
}

static void own_sleep_is_nobodys_fault(void **state)
{
	struct peer asleep = { 0 }, heard = { 0 }, dead = { 0 };
	uint64_t wake = 5 * S;

	(void)state;
	hear(&asleep, 1, 100 * MS);
	hear(&heard, 1, 100 * MS);
	hear(&dead, 1, 80 * MS);
	/* Slept from 110 ms on; one packet waited in the socket. */
	hear(&heard, 2, wake);
	peer_forgive(&asleep, wake - 110 * MS, wake);
	peer_forgive(&heard, wake - 110 * MS, wake);
	peer_forgive(&dead, wake - 110 * MS, wake);
	assert_false(peer_judge(&asleep, &rules, wake));
	assert_false(peer_judge(&heard, &rules, wake));
	assert_true(heard.heard <= wake);
	/* Silence before the sleep and after it adds up. */
	assert_false(peer_judge(&dead, &rules, wake));
	assert_true(peer_judge(&dead, &rules, wake + 1));
	assert_true(peer_judge(&asleep, &rules, wake + 21 * MS));
}

static void paths_are_told_apart(void **state)
{
	struct peer p = { 0 };
	struct peer_word w = plain(1);

	(void)state;
	assert_true(peer_path_heard(&p, &rules, &w, 100 * MS));
	assert_int_equal(p.paths[0].way, PEER_WAY_GOOD);
	assert_int_equal(p.paths[1].way, PEER_WAY_UNHEARD);
	assert_false(peer_path_judge(&p, &rules, 1, 1 * S));
	assert_false(peer_path_judge(&p, &rules, 0, 130 * MS));
	assert_true(peer_path_judge(&p, &rules, 0, 131 * MS));
	assert_int_equal(p.paths[0].way, PEER_WAY_SILENT);
	assert_false(peer_path_judge(&p, &rules, 0, 200 * MS));
	w.path = 1;
	w.counter = 7;
	assert_true(peer_path_heard(&p, &rules, &w, 210 * MS));
	assert_int_equal(p.paths[1].way, PEER_WAY_GOOD);
	assert_true(p.paths[1].counter == 7);
}

static void one_way_needs_time(void **state)
{
	struct peer_word w = plain(1);
	struct peer p = { 0 };
	uint64_t now;
	bool told = false;

	(void)state;
	/* Just met: that it has not heard us yet is no wonder. */
	w.echo_age = UINT64_MAX;
	assert_false(peer_path_heard(&p, &rules, &w, 100 * MS));
	w.echo_age = 0;
	assert_true(peer_path_heard(&p, &rules, &w, 110 * MS));
	w.echo_age = 31 * MS;
	for (now = 120 * MS; now < 3 * S && !told; now += 10 * MS)
		told = peer_path_heard(&p, &rules, &w, now);
	assert_true(told);
	assert_int_equal(p.paths[0].way, PEER_WAY_ONE_WAY);
	assert_true(now - 120 * MS >= 1 * S);
	w.echo_age = 1 * MS;
	assert_true(peer_path_heard(&p, &rules, &w, now));
	assert_int_equal(p.paths[0].way, PEER_WAY_GOOD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(never_heard_is_never_named),
		cmocka_unit_test(named_until_suspect),
		cmocka_unit_test(judged_before_heard),
		cmocka_unit_test(static_is_held_ten_seconds),
		cmocka_unit_test(late_packets_do_not_undo_the_last_word),
		cmocka_unit_test(new_life_ends_static),
		cmocka_unit_test(leave_is_at_once),
		cmocka_unit_test(own_sleep_is_nobodys_fault),
		cmocka_unit_test(paths_are_told_apart),
		cmocka_unit_test(one_way_needs_time),
	};

	return cmocka_run_group_tests_name("agent_peer", tests, NULL, NULL);
}
