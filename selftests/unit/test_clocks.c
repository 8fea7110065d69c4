// SPDX-License-Identifier: GPL-2.0
/* Availability from journals of machines whose clocks differ, that were cut off, or of which lines are missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "history.h"

/*
 * An outage of 1 s is seen by a, and by b, whose clock is AHEAD. Each journal alone has it whole. SAME: they have the
 * same epochs, by which it can be seen how much the clocks differ.
 */
static void clocks_differ(int64_t ahead, bool same, const char *own, uint64_t down, unsigned long outages)
{
	static const char *const nodes[] = { "a", "b" };
	struct figures f;

	begin();
	for (size_t i = 0; i < 2; i++) {
		writes(nodes[i]);
		wrong = i ? ahead : 0;
		epoch = same ? 0 : epoch;
		boots(nodes[i], 0);
		held(1, "a");
		ended(100, "a", "resigned");
		held(101, "b");
		line(400, "end", "\"cause\":\"stops\"");
	}
	if (own)
		availability_prefer(a, own);
	f = lease(20, 380);
	if (f.down != down || f.up != 360 * S - down || f.outages != outages || f.open)
		fail_msg("down %g, up %g, outages %lu", (double)f.down / S, (double)f.up / S, f.outages);
	end();
}

static void a_short_outage_is_seen_where_clocks_differ(void **state)
{
	const int64_t ahead = (int64_t)(6 * S / 10);
	struct figures f;

	(void)state;
	clocks_differ(ahead, false, NULL, 4 * S / 10, 1);
	clocks_differ(ahead, false, "a", S, 1);
	clocks_differ(ahead, false, "b", S, 1);
	clocks_differ(ahead, false, "nobody", 4 * S / 10, 1);
	clocks_differ(ahead, true, "a", S, 1);
	clocks_differ(10 * (int64_t)S, true, NULL, 0, 0);
	clocks_differ(10 * (int64_t)S, true, "a", S, 1);
	clocks_differ(10 * (int64_t)S, true, "b", S, 1);
	clocks_differ(-10 * (int64_t)S, true, "a", S, 1);

	/* Who sees nobody hold for longer is cut off, if others see somebody. */
	begin();
	writes("a");
	boots("x", 0);
	held(1, "b");
	ended(100, "b", "expired");
	held(101, "b");
	ended(200, "b", "expired");
	held(202, "b");
	ended(390, "b", "expired");
	line(400, "end", "\"cause\":\"stops\"");
	writes("b");
	boots("y", 0);
	held(1, "b");
	line(400, "end", "\"cause\":\"stops\"");
	f = lease(10, 400);
	assert_figures(&f, 390, 0, 0, 0);
	availability_prefer(a, "a");
	f = lease(10, 400);
	assert_figures(&f, 389, 1, 0, 1);
	/* Of a long dispute a part is as good as the whole. */
	f = lease(10, 391);
	assert_figures(&f, 380, 1, 0, 1);
	assert_false(f.open);
	end();
}

/* A node that was cut off hears again of the holder and the epoch that it knew. That was no outage that it saw. */
static void who_was_cut_off_saw_no_outage(void **state)
{
	struct figures f;

	(void)state;
	begin();
	writes("a");
	boots("x", 0);
	held(1, "b");
	ended(100, "b", "expired");
	holds_on(101, "b");
	ended(200, "b", "expired");
	held(205, "b");
	line(400, "end", "\"cause\":\"stops\"");
	f = lease(10, 400);
	assert_figures(&f, 384, 5, 1, 1);
	end();
}

/* Who boots late, or was cut off, hears late of a grant. That says nothing of its clock. */
static void a_grant_is_noted_late(void **state)
{
	struct figures f;

	(void)state;
	begin();
	epoch = 0;
	writes("a");
	boots("x", 0);
	held(1, "a");
	ended(200, "a", "resigned");
	held(230, "b");
	line(400, "end", "\"cause\":\"stops\"");
	epoch = 0;
	writes("b");
	boots("y", 59);
	held(60, "a");
	ended(100, "a", "expired");
	holds_on(150, "a");
	ended(200, "a", "resigned");
	held(230, "b");
	line(400, "end", "\"cause\":\"stops\"");
	for (unsigned int i = 0; i < 2; i++) {
		availability_prefer(a, i ? "a" : "b");
		f = lease(10, 400);
		assert_figures(&f, 360, 30, 0, 1);
	}
	end();
}

/* By the grants of a, b is ahead by 10 s, and by those of b by 11 s. The outage is there, and once. */
static void clocks_drift(void **state)
{
	struct figures f;

	(void)state;
	begin();
	epoch = 0;
	writes("a");
	boots("x", 0);
	held(1, "a");
	ended(100, "a", "resigned");
	held(104, "b");
	line(400, "end", "\"cause\":\"stops\"");
	epoch = 0;
	writes("b");
	wrong = 10 * (int64_t)S;
	boots("y", 0);
	held(1, "a");
	ended(101, "a", "resigned");
	held(105, "b");
	line(400, "end", "\"cause\":\"stops\"");
	availability_prefer(a, "a");
	f = lease(20, 380);
	assert_figures(&f, 356, 4, 0, 1);
	end();
}

/* What a third node held bounds nothing: either of the two may have heard of it late. */
static void a_third_node_holds(void **state)
{
	static const char *const nodes[] = { "a", "b" };
	struct figures f;

	(void)state;
	for (unsigned int late = 0; late < 2; late++) {
		begin();
		for (size_t i = 0; i < 2; i++) {
			epoch = 0;
			writes(nodes[i]);
			boots(i ? "y" : "x", i == late ? 59 : 0);
			held(i == late ? 60 : 1, "c");
			ended(200, "c", "expired");
			held(230, "c");
			line(400, "end", "\"cause\":\"stops\"");
		}
		availability_prefer(a, "a");
		f = lease(70, 400);
		assert_figures(&f, 300, 30, 0, 1);
		end();
	}
}

/* A clock that was wrong before a boot, and is right since, is put right where it was wrong. */
static void clocks_are_those_of_boots(void **state)
{
	struct figures f;

	(void)state;
	begin();
	epoch = 0;
	writes("a");
	boots("x", 0);
	held(1, "a");
	ended(100, "a", "resigned");
	held(105, "b");
	ended(200, "b", "lost");
	held(205, "a");
	ended(300, "a", "resigned");
	held(305, "b");
	line(400, "end", "\"cause\":\"stops\"");
	epoch = 0;
	writes("b");
	wrong = 20 * (int64_t)S;
	boots("y", 0);
	held(1, "a");
	ended(100, "a", "resigned");
	held(105, "b");
	line(200, "test", "%s", "");
	wrong = 0;
	boots("z", 203);
	held(205, "a");
	ended(300, "a", "resigned");
	held(305, "b");
	line(400, "end", "\"cause\":\"stops\"");
	availability_prefer(a, "a");
	f = lease(10, 400);
	assert_figures(&f, 390 - 15, 15, 0, 3);
	end();
}

/* What a node saw of others while it was cut off itself counts for nothing, however short that was. */
static void nodes_are_no_worse_by_ones_own_word(void **state)
{
	struct figures f;

	(void)state;
	begin();
	writes("a");
	boots("x", 0);
	is(1, "b", "up");
	is(100, "b", "lost");
	is(101, "b", "up");
	line(400, "end", "\"cause\":\"stops\"");
	writes("c");
	boots("y", 0);
	is(1, "b", "up");
	line(400, "end", "\"cause\":\"stops\"");
	availability_prefer(a, "a");
	f = node("b", 10, 400);
	assert_figures(&f, 390, 0, 0, 0);
	end();
}

/* Lines that are missing may have changed what was known. */
static void a_gap_is_unseen(void **state)
{
	struct figures f;

	(void)state;
	begin();
	writes("a");
	boots("x", 0);
	line(1, "lease", "\"lease\":\"web\",\"node\":\"b\",\"epoch\":1,\"cause\":\"granted\",\"seq\":1");
	line(100, "test", "\"seq\":2");
	line(140, "go-on", "\"boot\":\"x\"");
	line(150, "test", "\"seq\":7");
	line(200, "lease", "\"lease\":\"web\",\"node\":\"b\",\"epoch\":3,\"cause\":\"granted\",\"seq\":8");
	line(300, "lost", "\"lines\":4,\"first\":9");
	line(310, "lease", "\"lease\":\"web\",\"node\":\"b\",\"epoch\":4,\"cause\":\"granted\",\"seq\":13");
	line(400, "end", "\"cause\":\"stops\",\"seq\":14");
	f = lease(10, 400);
	assert_figures(&f, 90 + 100 + 90, 0, 100 + 10, 0);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_outage_is_seen_where_clocks_differ),
		cmocka_unit_test(who_was_cut_off_saw_no_outage),
		cmocka_unit_test(nodes_are_no_worse_by_ones_own_word),
		cmocka_unit_test(a_gap_is_unseen),
		cmocka_unit_test(a_grant_is_noted_late),
		cmocka_unit_test(clocks_are_those_of_boots),
		cmocka_unit_test(clocks_drift),
		cmocka_unit_test(a_third_node_holds),
	};

	return cmocka_run_group_tests_name("test_clocks", tests, NULL, NULL);
}
