// SPDX-License-Identifier: GPL-2.0
/* Availability from journals: histories with a known answer, written by hand and made by chance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "history.h"

/* 900 s of 1000 s, three outages: MTBF 300 s, MTTR 33.3 s, 90 %, one nine. */
static void formulas(void **state)
{
	struct figures f;
	double share, nines;
	uint64_t ns;

	(void)state;
	begin();
	writes("a");
	boots("x", 0);
	held(0, "a");
	ended(100, "a", "released");
	held(110, "b");
	ended(500, "b", "resigned");
	held(560, "a");
	ended(970, "a", "agent-gone");
	line(1000, "end", "\"cause\":\"stops\"");
	f = lease(0, 1000);
	assert_figures(&f, 900, 100, 0, 3);
	assert_true(f.open);
	assert_true(f.longest == 60 * S);
	assert_true(f.last == EPOCH + 970 * S);
	assert_true(figures_mtbf(&f, &ns) && ns == 300 * S);
	assert_true(figures_mttr(&f, &ns) && ns == 100 * S / 3);
	assert_true(figures_availability(&f, &share) && share > 0.8999999 && share < 0.9000001);
	assert_true(figures_nines(&f, &nines) && nines > 0.999999 && nines < 1.000001);
	/* A part of it, which begins and ends in an outage. */
	f = lease(105, 530);
	assert_figures(&f, 390, 35, 0, 2);
	assert_true(f.open);
	f = lease(120, 400);
	assert_figures(&f, 280, 0, 0, 0);
	assert_false(figures_mtbf(&f, &ns));
	assert_false(figures_mttr(&f, &ns));
	assert_true(figures_availability(&f, &share) && share == 1);
	assert_false(figures_nines(&f, &nines));
	/* Beyond what is known. */
	f = lease(990, 1100);
	assert_figures(&f, 0, 10, 100, 1);
	f = lease(2000, 2100);
	assert_figures(&f, 0, 0, 100, 0);
	assert_false(figures_availability(&f, &share));
	assert_true(availability_first(a) == EPOCH);
	end();
}

static void a_history_can_begin_in_an_outage(void **state)
{
	struct figures f;

	(void)state;
	begin();
	writes("a");
	boots("x", 0);
	line(1, "state", "\"lease\":\"web\",\"epoch\":0");
	held(100, "b");
	line(200, "end", "\"cause\":\"stops\"");
	/* An agent that has just begun may not know yet, for two seconds. */
	f = lease(0, 200);
	assert_figures(&f, 100, 98, 2, 1);
	assert_false(f.open);
	end();

	/* It hears of a holder in these seconds: there was no outage. */
	begin();
	writes("a");
	boots("x", 0);
	line(0, "state", "\"lease\":\"web\",\"epoch\":0");
	held(1, "b");
	line(200, "end", "\"cause\":\"stops\"");
	f = lease(0, 200);
	assert_figures(&f, 199, 0, 1, 0);
	end();
}

/* The others notice by the deadline of the lease, or by the claim of the next holder, that its holder has died. */
static void lease_goes_with_its_holder(void **state)
{
	static const char *const causes[] = { "expired", "superseded" };
	struct figures f;

	(void)state;
	for (int i = 0; i < 2; i++) {
		begin();
		writes("c");
		boots("x", 0);
		held(0, "a");
		is(0, "a", "up");
		is(100, "a", "lost");
		ended(108, "a", causes[i]);
		held(109, "b");
		line(200, "end", "\"cause\":\"stops\"");
		f = lease(0, 200);
		assert_figures(&f, 191, 9, 0, 1);
		end();
	}
	/* It was back before: what the deadline says counts. */
	begin();
	writes("c");
	boots("x", 0);
	held(0, "a");
	is(100, "a", "lost");
	is(101, "a", "up");
	ended(108, "a", "expired");
	held(109, "b");
	line(200, "end", "\"cause\":\"stops\"");
	f = lease(0, 200);
	assert_figures(&f, 199, 1, 0, 1);
	end();
	/* It was lost before it got the lease, as a node that only some can reach. */
	begin();
	writes("c");
	boots("x", 0);
	is(1, "a", "lost");
	held(10, "a");
	ended(108, "a", "expired");
	line(200, "end", "\"cause\":\"stops\"");
	f = lease(10, 200);
	assert_figures(&f, 0, 190, 0, 1);
	end();
	/* Its own end of a grant needs no guess. */
	begin();
	writes("a");
	boots("x", 0);
	held(0, "a");
	is(100, "a", "down");
	ended(108, "a", "expired");
	line(200, "end", "\"cause\":\"stops\"");
	f = lease(0, 200);
	assert_figures(&f, 108, 92, 0, 1);
	end();
}

/* A node that gives up what it held before, as this one knows already, ends nothing. */
static void old_holder_ends_nothing(void **state)
{
	struct figures f;

	(void)state;
	begin();
	writes("c");
	boots("x", 0);
	held(0, "b");
	ended(50, "a", "resigned");
	line(200, "end", "\"cause\":\"stops\"");
	f = lease(0, 200);
	assert_figures(&f, 200, 0, 0, 0);
	end();
}

/* c is cut off, and takes the lease for lost. The others do not. The holder's machine dies; the others know. */
static void nodes_complete_each_other(void **state)
{
	struct figures f;

	(void)state;
	begin();
	writes("c");
	boots("x", 0);
	held(0, "a");
	ended(100, "a", "expired");
	held(200, "a");
	ended(320, "a", "expired");
	held(330, "b");
	line(400, "end", "\"cause\":\"stops\"");
	f = lease(0, 400);
	assert_figures(&f, 290, 110, 0, 2);
	/* With what the holder wrote until it died, and an agent that saw its end. */
	writes("a");
	boots("y", 0);
	held(0, "a");
	line(290, "config", "\"object\":\"vip\"");
	availability_alive(a, EPOCH + 300 * S, EPOCH + 1000 * S);
	writes("b");
	boots("z", 150);
	line(150, "state", "\"lease\":\"web\",\"node\":\"a\",\"epoch\":1");
	is(300, "a", "lost");
	ended(320, "a", "expired");
	held(330, "b");
	line(400, "end", "\"cause\":\"stops\"");
	/* c says "held" until 320, for it heard the holder later than b did, or kept it for alive. */
	f = lease(0, 400);
	assert_figures(&f, 390, 10, 0, 1);
	assert_true(f.last == EPOCH + 320 * S);
	end();
}

/* Outages that two nodes saw at different times, and that overlap. */
static void outages_overlap(void **state)
{
	struct figures f;

	(void)state;
	begin();
	writes("a");
	boots("x", 0);
	held(0, "c");
	ended(100, "c", "expired");
	held(200, "c");
	ended(300, "c", "expired");
	writes("b");
	boots("y", 0);
	held(0, "c");
	ended(150, "c", "expired");
	held(250, "c");
	ended(310, "c", "expired");
	line(400, "x", "%s", "");
	f = lease(0, 400);
	/* 150 to 200, and 310 to the end. */
	assert_figures(&f, 260, 140, 0, 2);
	assert_true(f.open);
	end();
}

static void time_unseen_is_no_outage(void **state)
{
	struct figures f;

	(void)state;
	begin();
	writes("a");
	boots("x", 0);
	held(0, "a");
	line(100, "end", "\"cause\":\"stops\"");
	line(300, "begin", "\"boot\":\"x\"");
	line(300, "state", "\"lease\":\"web\",\"node\":\"a\",\"epoch\":1");
	line(400, "lost", "\"lines\":7,\"first\":3");
	line(410, "state", "\"lease\":\"web\",\"node\":\"a\",\"epoch\":1");
	line(500, "missed", "\"first\":8,\"last\":9");
	line(510, "state", "\"lease\":\"web\",\"epoch\":1");
	line(600, "state", "\"lease\":\"web\",\"node\":\"a\",\"epoch\":1");
	line(700, "module", "\"to\":\"gone\"");
	line(800, "state", "\"lease\":\"web\",\"node\":\"a\",\"epoch\":2");
	line(900, "end", "\"cause\":\"stops\"");
	f = lease(0, 600);
	assert_figures(&f, 290, 90, 220, 1);
	f = lease(600, 900);
	assert_figures(&f, 200, 0, 100, 0);
	assert_int_equal(availability_lost(a), 9);
	end();
}

/* The wall clock is set twice, by hours; and the machine begins in 1970. The stamps since the boot are right. */
static void wall_clocks_are_set(void **state)
{
	struct figures f;

	(void)state;
	begin();
	writes("a");
	wrong = -(int64_t)EPOCH;
	boots("x", 0);
	held(0, "a");
	wrong = 7200 * (int64_t)S;
	ended(100, "a", "released");
	held(130, "b");
	wrong = -7200 * (int64_t)S;
	ended(200, "b", "released");
	wrong = 0;
	held(210, "a");
	line(300, "end", "\"cause\":\"stops\"");
	f = lease(0, 300);
	assert_figures(&f, 260, 40, 0, 2);
	assert_true(availability_first(a) == EPOCH);
	end();
}

static void nodes_are_seen_by_others(void **state)
{
	static const char *const pair[] = { "a", "b" };
	struct figures f;

	(void)state;
	begin();
	writes("c");
	boots("x", 0);
	is(0, "a", "up");
	is(0, "b", "up");
	is(100, "a", "lost");
	is(150, "b", "maintenance");
	is(180, "b", "down");
	is(200, "a", "held");
	is(210, "a", "up");
	is(300, "b", "drain");
	is(310, "b", "up");
	line(400, "end", "\"cause\":\"stops\"");
	f = node("a", 0, 400);
	assert_figures(&f, 300, 100, 0, 1);
	f = node("b", 0, 400);
	assert_figures(&f, 250, 120, 30, 1);
	/* The zone of both is down while neither is there: from 180 to 200. In maintenance b counts for nothing. */
	availability_nodes(a, pair, 2, EPOCH, EPOCH + 400 * S, &f);
	assert_figures(&f, 350, 20, 30, 1);
	f = node("nowhere", 0, 400);
	assert_figures(&f, 0, 0, 400, 0);
	end();
}

/* With its own journal alone a node knows when its machine was off, and not whether its agent was. */
static void node_alone_knows_its_boots(void **state)
{
	struct figures f;

	(void)state;
	begin();
	writes("a");
	boots("x", 0);
	line(90, "test", "%s", "");
	boots("y", 200);
	line(300, "end", "\"cause\":\"stops\"");
	line(350, "begin", "\"boot\":\"y\"");
	line(400, "end", "\"cause\":\"stops\"");
	f = node("a", 0, 400);
	assert_figures(&f, 240, 110, 50, 1);
	end();

	/* What the file says of the last sign of life is nearer. */
	begin();
	writes("a");
	boots("x", 0);
	line(90, "test", "%s", "");
	booted = EPOCH + 193 * S;
	line(200, "begin", "\"boot\":\"y\",\"seen\":%ju", EPOCH + 140 * S);
	line(400, "end", "\"cause\":\"stops\"");
	f = node("a", 0, 400);
	assert_figures(&f, 340, 60, 0, 1);
	/* Others say more of it than it does itself. */
	writes("b");
	boots("z", 0);
	is(0, "a", "up");
	is(120, "a", "lost");
	is(220, "a", "up");
	line(400, "end", "\"cause\":\"stops\"");
	f = node("a", 0, 400);
	assert_figures(&f, 300, 100, 0, 1);
	end();
}

/* The beginning of a journal was removed, or a file of it is missing. */
static void a_journal_can_begin_anywhere(void **state)
{
	struct figures f;

	(void)state;
	begin();
	writes("a");
	booted = EPOCH - 50 * S;
	line(0, "go-on", "\"boot\":\"x\"");
	line(0, "state", "\"lease\":\"web\",\"node\":\"a\",\"epoch\":1");
	ended(50, "a", "released");
	booted = EPOCH + 90 * S;
	line(100, "go-on", "\"boot\":\"y\"");
	line(100, "state", "\"lease\":\"web\",\"node\":\"a\",\"epoch\":1");
	line(150, "end", "\"cause\":\"stops\"");
	f = lease(0, 150);
	assert_figures(&f, 100, 0, 50, 0);
	end();
}

/*
 * Histories by chance. The lease is held or not in each second. Three nodes watch it, not always: each has boots, runs
 * and a wall clock that is set. What is to come out is counted second by second.
 */
#define SECONDS	4000
#define WATCHERS	3

enum { DOWN, UP, UNSEEN };

static uint32_t chance(uint32_t below)
{
	static uint64_t x = 88172645463325252ULL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)(x >> 33) % below;
}

static int truth[SECONDS];
static int seen[WATCHERS][SECONDS];

static void make_truth(void)
{
	int state = (int)chance(2);

	for (int s = 0; s < SECONDS;) {
		int until = s + 1 + (int)chance(state == UP ? 400 : 60);

		for (; s < until && s < SECONDS; s++)
			truth[s] = state;
		state = !state;
	}
}

/* A run from one second to another; what it sees is written, and remembered. */
static void make_run(int w, int from, int to)
{
	bool heard = false;

	if (truth[from] == UP)
		line((uint64_t)from, "state", "\"lease\":\"web\",\"node\":\"h\",\"epoch\":1");
	else
		line((uint64_t)from, "state", "\"lease\":\"web\",\"epoch\":1");
	for (int s = from; s < to; s++) {
		if (s > from && truth[s] != truth[s - 1]) {
			heard = true;
			if (chance(4) == 0)
				wrong = ((int64_t)chance(20000) - 10000) * (int64_t)S;
			if (truth[s] == UP)
				held((uint64_t)s, "h");
			else
				ended((uint64_t)s, "h", chance(2) ? "released" : "expired");
		}
		seen[w][s] = truth[s] == DOWN && !heard && s < from + 2 ? UNSEEN : truth[s];
	}
	wrong = 0;
	line((uint64_t)to, "end", "\"cause\":\"stops\"");
}

static void watch(int w)
{
	static const char *const names[] = { "a", "b", "c" };
	char id[16];

	for (int s = 0; s < SECONDS; s++)
		seen[w][s] = UNSEEN;
	writes(names[w]);
	for (int s = (int)chance(100), boots_so_far = 0; s + 10 < SECONDS; s += (int)chance(300)) {
		int to = s + 5 + (int)chance(900);

		if (!boots_so_far || chance(2)) {
			booted = EPOCH + (uint64_t)s * S - 1;
			snprintf(id, sizeof(id), "boot%d", boots_so_far++);
		}
		line((uint64_t)s, "begin", "\"boot\":\"%s\"", id);
		if (to >= SECONDS)
			to = SECONDS - 1;
		make_run(w, s, to);
		s = to;
	}
}

/* What a second is by all that was seen. */
static int second(int s)
{
	int all = UNSEEN;

	for (int w = 0; w < WATCHERS; w++) {
		if (seen[w][s] == UP)
			return UP;
		if (seen[w][s] == DOWN)
			all = DOWN;
	}
	return all;
}

static void count(int from, int to, struct figures *f)
{
	bool out = false;

	memset(f, 0, sizeof(*f));
	for (int s = from; s < to; s++) {
		int is_now = second(s);

		f->up += is_now == UP ? S : 0;
		f->down += is_now == DOWN ? S : 0;
		f->unseen += is_now == UNSEEN ? S : 0;
		if (is_now == DOWN && !out)
			f->outages++;
		out = is_now == DOWN || (out && is_now == UNSEEN);
	}
	f->open = out;
}

static void histories_by_chance(void **state)
{
	unsigned long outages = 0;
	struct figures f, wanted;

	(void)state;
	for (int i = 0; i < 200; i++) {
		int from = (int)chance(SECONDS / 2), to = from + 1 + (int)chance(SECONDS / 2 - 1);

		begin();
		make_truth();
		for (int w = 0; w < WATCHERS; w++)
			watch(w);
		f = lease((uint64_t)from, (uint64_t)to);
		count(from, to, &wanted);
		assert_figures(&f, wanted.up / S, wanted.down / S, wanted.unseen / S, wanted.outages);
		assert_int_equal(f.open, wanted.open);
		outages += f.outages;
		end();
	}
	assert_true(outages > 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formulas),
		cmocka_unit_test(a_history_can_begin_in_an_outage),
		cmocka_unit_test(lease_goes_with_its_holder),
		cmocka_unit_test(old_holder_ends_nothing),
		cmocka_unit_test(nodes_complete_each_other),
		cmocka_unit_test(outages_overlap),
		cmocka_unit_test(time_unseen_is_no_outage),
		cmocka_unit_test(wall_clocks_are_set),
		cmocka_unit_test(nodes_are_seen_by_others),
		cmocka_unit_test(node_alone_knows_its_boots),
		cmocka_unit_test(a_journal_can_begin_anywhere),
		cmocka_unit_test(histories_by_chance),
	};

	return cmocka_run_group_tests_name("test_availability", tests, NULL, NULL);
}
