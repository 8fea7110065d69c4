// SPDX-License-Identifier: GPL-2.0
/* A fence: when the other one of two nodes is switched off, when not, and what is said of it. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "haagentd/clock.h"
#include "haagentd/vote/fence.h"
#include "haagentd/vote/probe.h"
#include "rules/vote_profile.h"

#define S	CLOCK_SECOND

static const struct fence_rules rules = { .after = S, .delay = 5 * S };

/* The other node was heard last at 100 s, and is needed now. */
static struct fence_view silent(void)
{
	return (struct fence_view){
		.wanted = true, .met = true, .first = true, .state = PEER_SILENT, .heard = 100 * S,
	};
}

static enum fence_why judge(const struct fence *f, const struct fence_view *view, uint64_t now)
{
	uint64_t due;

	return fence_judge(f, &rules, view, now, &due);
}

static void not_before_its_time(void **state)
{
	struct fence_view view = silent();
	struct fence f = { 0 };
	uint64_t due;

	(void)state;
	assert_int_equal(fence_judge(&f, &rules, &view, 101 * S - 1, &due), FENCE_WAITS);
	assert_true(due == 101 * S);
	assert_int_equal(judge(&f, &view, 101 * S), FENCE_DUE);
	view.first = false;
	assert_int_equal(judge(&f, &view, 106 * S - 1), FENCE_WAITS);
	assert_int_equal(judge(&f, &view, 106 * S), FENCE_DUE);
}

static void not_without_need(void **state)
{
	static const enum peer_state heard[] = { PEER_PRESUMED, PEER_HEARD };
	struct fence_view view = silent();
	struct fence f = { 0 };
	unsigned int i;

	(void)state;
	view.wanted = false;
	assert_int_equal(judge(&f, &view, 200 * S), FENCE_NEEDLESS);
	view = silent();
	view.met = false;
	assert_int_equal(judge(&f, &view, 200 * S), FENCE_UNMET);
	view = silent();
	for (i = 0; i < sizeof(heard) / sizeof(heard[0]); i++) {
		view.state = heard[i];
		assert_int_equal(judge(&f, &view, 200 * S), FENCE_NEEDLESS);
	}
}

/* With split, who was never met is presumed off later, and is asked again if it counts for other leases already. */
static void split_unmet(void **state)
{
	struct fence_rules split = { .after = S, .split = true };
	struct worker_result result = { .end = WORKER_ENDED };
	struct fence_view view = silent();
	struct fence f = { 0 };
	uint64_t due;

	(void)state;
	view.met = false;
	view.unmet = true;
	view.lone = 113 * S;
	assert_int_equal(fence_judge(&f, &split, &view, 113 * S - 1, &due), FENCE_WAITS);
	assert_true(due == 113 * S);
	assert_int_equal(fence_judge(&f, &split, &view, 113 * S, &due), FENCE_DUE);
	view.heard = 120 * S;
	assert_int_equal(fence_judge(&f, &split, &view, 121 * S - 1, &due), FENCE_WAITS);
	assert_int_equal(fence_judge(&f, &split, &view, 121 * S, &due), FENCE_DUE);
	view = silent();
	view.unmet = true;
	view.lone = 113 * S;
	assert_int_equal(fence_judge(&f, &split, &view, 101 * S, &due), FENCE_DUE);
	fence_begin(&f, 7, false, 101 * S);
	assert_true(fence_end(&f, &split, &result, 102 * S));
	assert_int_equal(fence_judge(&f, &split, &view, 113 * S - 1, &due), FENCE_COUNTS);
	assert_int_equal(fence_judge(&f, &split, &view, 113 * S, &due), FENCE_DUE);
	fence_begin(&f, 8, false, 113 * S);
	assert_true(fence_counts(&f));
	assert_true(fence_end(&f, &split, &result, 114 * S));
	view.unmet = false;
	assert_int_equal(fence_judge(&f, &split, &view, 115 * S, &due), FENCE_COUNTS);
}

/* Who says that it stops, or leaves, has its time; and so have the rights that it took before. */
static void not_who_parted(void **state)
{
	static const enum peer_state parted[] = { PEER_STATIC, PEER_LEFT };
	struct fence_view view = silent();
	struct fence f = { 0 };
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		view = silent();
		view.state = parted[i];
		view.until = 110 * S;
		assert_int_equal(judge(&f, &view, 110 * S - 1), FENCE_PARTED);
		assert_int_equal(judge(&f, &view, 110 * S), FENCE_DUE);
	}
	view = silent();
	view.promised = 112 * S;
	assert_int_equal(judge(&f, &view, 112 * S - 1), FENCE_PARTED);
	assert_int_equal(judge(&f, &view, 112 * S), FENCE_DUE);
	view.first = false;
	assert_int_equal(judge(&f, &view, 117 * S - 1), FENCE_WAITS);
	assert_int_equal(judge(&f, &view, 117 * S), FENCE_DUE);
}

static bool ended(struct fence *f, enum worker_end end, int code, uint64_t now)
{
	struct worker_result result = { .id = 7, .end = end, .code = code, .timeout = 3 * S };

	fence_begin(f, 7, false, now - S);
	return fence_end(f, &rules, &result, now);
}

static void succeeds(void **state)
{
	struct fence_view view = silent();
	struct fence f = { .failed = 2 };

	(void)state;
	fence_begin(&f, 7, false, 101 * S);
	assert_int_equal(judge(&f, &view, 101 * S), FENCE_WORKS);
	assert_true(ended(&f, WORKER_ENDED, 0, 102 * S));
	assert_int_equal(f.failed, 0);
	assert_int_equal(judge(&f, &view, 102 * S), FENCE_COUNTS);
	assert_true(fence_heard(&f));
	assert_false(fence_heard(&f));
	assert_int_equal(judge(&f, &view, 102 * S), FENCE_DUE);
}

static void heard_meanwhile(void **state)
{
	struct worker_result result = { .id = 7, .end = WORKER_ENDED };
	struct fence f = { 0 };

	(void)state;
	fence_begin(&f, 7, false, 101 * S);
	assert_false(fence_heard(&f));
	assert_int_equal(f.state, FENCE_RUNS);
	assert_false(fence_end(&f, &rules, &result, 102 * S));
	assert_string_equal(f.last, "the node was heard while the command ran");
	assert_int_equal(f.state, FENCE_IDLE);
}

static void failures(void **state)
{
	static const uint64_t pauses[] = { 1, 2, 4, 8, 16, 32, 60, 60 };
	static const struct { enum worker_end end; int code; const char *words; } ends[] = {
		{ WORKER_ENDED, 1, "exit 1" }, { WORKER_KILLED, SIGKILL, "killed by signal 9" },
		{ WORKER_TIMED_OUT, 0, "it ran longer than 3000 ms" },
		{ WORKER_NOT_BEGUN, ENOENT, "not begun: No such file or directory" },
		{ WORKER_REFUSED, 0, "too many commands wait" },
	};
	struct fence_view view = silent();
	uint64_t now = 101 * S;
	struct fence f = { 0 };
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
		assert_false(ended(&f, ends[i % 5].end, ends[i % 5].code, now));
		assert_string_equal(f.last, ends[i % 5].words);
		assert_int_equal(f.failed, i + 1);
		now += pauses[i] * S;
		assert_int_equal(judge(&f, &view, now - 1), FENCE_WAITS);
		assert_int_equal(judge(&f, &view, now), FENCE_DUE);
	}
	/* Who was heard begins anew. */
	assert_false(fence_heard(&f));
	assert_int_equal(judge(&f, &view, now - S), FENCE_DUE);
}

static const char *told(const struct fence *f, const struct fence_rules *how, enum fence_why why, uint64_t due,
			uint64_t now)
{
	static char words[256];

	snprintf(words, sizeof(words), "nobody can hold it");
	fence_words(f, how, why, due, "lb2", now, words, sizeof(words));
	return words;
}

static void words(void **state)
{
	struct fence f = { .failed = 3, .last = "exit 1", .began = 98 * S };
	char little[30] = "nobody can hold it";

	(void)state;
	assert_string_equal(told(&f, &rules, FENCE_WAITS, 104 * S, 100 * S),
			    "nobody can hold it; lb2 is fenced in 4 s; fencing lb2 failed 3 times, last: exit 1");
	assert_string_equal(told(&f, &rules, FENCE_NEEDLESS, 0, 100 * S), "nobody can hold it");
	f.failed = 1;
	assert_string_equal(told(&f, &rules, FENCE_WORKS, 0, 100 * S),
			    "nobody can hold it; lb2 is being fenced, for 2 s now; fencing lb2 failed 1 time, "
			    "last: exit 1");
	f.failed = 0;
	assert_string_equal(told(&f, &rules, FENCE_PARTED, 109 * S, 100 * S),
			    "nobody can hold it; lb2 stopped in good order, and is not fenced for another 9 s");
	assert_string_equal(told(&f, &rules, FENCE_TOLD, 109 * S, 100 * S),
			    "nobody can hold it; lb2 is presumed off, but may hold it by a right that lasts for "
			    "another 9 s at most");
	fence_words(&f, &rules, FENCE_COUNTS, 0, "lb2", 100 * S, little, sizeof(little));
	assert_string_equal(little, "nobody can hold it; lb2 is fe");
}

/* Presumed off: nobody is harmed, so that it need not wait, and tries again soon. */
static void split_words_and_times(void **state)
{
	static const struct fence_rules split = { .after = S, .split = true };
	static const uint64_t pauses[] = { 1, 2, 2 };
	struct worker_result result = { .id = 7, .end = WORKER_ENDED, .code = PROBE_ANSWERED };
	struct fence_view view = silent();
	uint64_t now = 101 * S, due;
	struct fence f = { 0 };
	unsigned int i;

	(void)state;
	view.state = PEER_LEFT;
	view.until = 110 * S;
	assert_int_equal(fence_judge(&f, &split, &view, now, &due), FENCE_DUE);
	view.promised = 103 * S;
	assert_int_equal(fence_judge(&f, &split, &view, now, &due), FENCE_PARTED);
	/* Who has said nothing is asked meanwhile: this voter keeps its promise however that ends. */
	view.state = PEER_SILENT;
	assert_int_equal(fence_judge(&f, &split, &view, now, &due), FENCE_DUE);
	view.promised = 0;
	for (i = 0; i < 3; i++) {
		fence_begin(&f, 7, false, now);
		assert_false(fence_end(&f, &split, &result, now));
		now += pauses[i] * S;
		assert_int_equal(fence_judge(&f, &split, &view, now - 1, &due), FENCE_WAITS);
		assert_int_equal(fence_judge(&f, &split, &view, now, &due), FENCE_DUE);
	}
	assert_string_equal(told(&f, &split, FENCE_WAITS, 104 * S, 102 * S),
			    "nobody can hold it; lb2 is presumed off in 2 s if it does not answer; asked 3 times, "
			    "last: something answers on a client link");
}

/* How long a holder's rights are, and when it asks, so that it survives the death of the other node. */
static void bridges(void **state)
{
	static const struct { uint64_t after, longest, bridge, early; bool split; } all[] = {
		{ 1000, 10000, 1200, 300, true }, { 1000, 2000, 1200, 300, true },
		{ 1000, 1000, 1000, 100, true }, { 500, 10000, 800, 0, true },
		{ 5000, 10000, 4400, 3500, true }, { 60000, 10000, 10000, 9100, true },
		{ 1000, 10000, 0, 1000, false },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct hasw_vote_times t = hasw_vote_profile_times(HASW_VOTE_DEFAULT, all[i].longest * CLOCK_MS);
		struct fence_rules r = { .after = all[i].after * CLOCK_MS, .split = all[i].split };

		fence_bridge(&r, t.longest);
		assert_int_equal(r.bridge, all[i].bridge * CLOCK_MS);
		assert_int_equal(r.early, all[i].early * CLOCK_MS);
		/* When the holder dies, the other one need not wait any longer for it. */
		if (all[i].split)
			assert_true(hasw_vote_wait(&t, r.bridge) <= r.after + PROBE_TIME);
	}
}

/* A holder asks sooner, for what it holds; and for all only when the time for that has come. */
static void early_for_what_is_held(void **state)
{
	struct fence_rules split = { .after = S, .split = true };
	struct worker_result result = { .id = 7, .end = WORKER_ENDED };
	uint64_t at = 100 * S + 300 * CLOCK_MS, due;
	struct fence_view view = silent();
	struct fence f = { 0 };

	(void)state;
	fence_bridge(&split, 10 * S);
	view.wanted = false;
	assert_int_equal(fence_judge(&f, &split, &view, at, &due), FENCE_NEEDLESS);
	view.held = true;
	assert_int_equal(fence_judge(&f, &split, &view, at - 1, &due), FENCE_NEEDLESS);
	assert_int_equal(fence_judge(&f, &split, &view, at, &due), FENCE_EARLY);
	assert_int_equal(fence_judge(&f, &rules, &view, 200 * S, &due), FENCE_NEEDLESS);
	view.state = PEER_HEARD;
	assert_int_equal(fence_judge(&f, &split, &view, at, &due), FENCE_NEEDLESS);
	view.state = PEER_SILENT;
	/* What is found out early delays nothing, and does not count as a try. */
	result.code = PROBE_ANSWERED;
	fence_begin(&f, 7, true, at);
	assert_false(fence_end(&f, &split, &result, at + PROBE_TIME));
	assert_int_equal(f.failed, 0);
	at += PROBE_TIME;
	assert_int_equal(fence_judge(&f, &split, &view, at, &due), FENCE_NEEDLESS);
	assert_int_equal(fence_judge(&f, &split, &view, at + 100 * CLOCK_MS, &due), FENCE_EARLY);
	view.wanted = true;
	assert_int_equal(fence_judge(&f, &split, &view, 101 * S, &due), FENCE_DUE);
	/* It is off, for what is held. Another lease is lacked: that needs its full time. */
	result.code = 0;
	fence_begin(&f, 7, true, at);
	assert_true(fence_end(&f, &split, &result, at));
	view.held = false;
	assert_int_equal(fence_judge(&f, &split, &view, 101 * S - 1, &due), FENCE_WAITS);
	assert_true(due == 101 * S);
	assert_int_equal(fence_judge(&f, &split, &view, 101 * S, &due), FENCE_DUE);
	view.wanted = false;
	assert_int_equal(fence_judge(&f, &split, &view, 101 * S, &due), FENCE_COUNTS);
	view.wanted = true;
	fence_begin(&f, 7, false, 101 * S);
	assert_true(fence_end(&f, &split, &result, 101 * S + PROBE_TIME));
	assert_int_equal(fence_judge(&f, &split, &view, 103 * S, &due), FENCE_COUNTS);
}

/* What a machine has asked that stood still meanwhile proves nothing. */
static void stood_still_while_asking(void **state)
{
	struct fence_rules split = { .after = S, .split = true };
	struct worker_result result = { .id = 7, .end = WORKER_ENDED };
	struct fence f = { 0 };

	(void)state;
	fence_begin(&f, 7, false, 101 * S);
	assert_true(fence_end(&f, &split, &result, 101 * S + S / 2 + PROBE_TIME));
	fence_begin(&f, 7, false, 101 * S);
	assert_false(fence_end(&f, &split, &result, 101 * S + S / 2 + PROBE_TIME + 1));
	assert_string_equal(f.last, "this machine stood still while it asked");
	fence_begin(&f, 7, false, 101 * S);
	assert_true(fence_end(&f, &rules, &result, 150 * S));
	/* With the least time of silence, too, a probe has time to begin and to look at the vips. */
	split.after = 50 * CLOCK_MS;
	fence_begin(&f, 7, false, 101 * S);
	assert_true(fence_end(&f, &split, &result, 101 * S + PROBE_TIME / 2 * 3));
	fence_begin(&f, 7, false, 101 * S);
	assert_false(fence_end(&f, &split, &result, 101 * S + PROBE_TIME / 2 * 3 + 1));
}

/* A node without a running agent counts as off, unless this agent stalled meanwhile, too. */
static void agentless_counts_for_an_agent_that_runs(void **state)
{
	struct fence_rules split = { .after = S, .split = true };
	struct worker_result result = { .id = 7, .end = WORKER_ENDED, .code = PROBE_AGENTLESS };
	struct fence f = { 0 };

	(void)state;
	fence_begin(&f, 7, false, 101 * S);
	assert_true(fence_end(&f, &split, &result, 101 * S + PROBE_TIME));
	assert_true(f.agentless);
	fence_begin(&f, 7, false, 103 * S);
	f.late = true;
	assert_false(fence_end(&f, &split, &result, 103 * S + PROBE_TIME));
	assert_string_equal(f.last, "this machine stood still while it asked");
	/* Silence on all links is one whoever asks. */
	result.code = PROBE_SILENT;
	fence_begin(&f, 7, false, 105 * S);
	f.late = true;
	assert_true(fence_end(&f, &split, &result, 105 * S + PROBE_TIME));
	assert_false(f.agentless);
	/* A fence command that ends so has failed. */
	result.code = PROBE_AGENTLESS;
	fence_begin(&f, 7, false, 107 * S);
	assert_false(fence_end(&f, &rules, &result, 107 * S + PROBE_TIME));
}

/* What was found out early goes on to count while all is asked for, and when that fails; then until the rights end. */
static void kept_while_asking_for_all(void **state)
{
	struct fence_rules split = { .after = S, .split = true };
	struct worker_result result = { .id = 7, .end = WORKER_ENDED };
	struct fence_view view = silent();
	struct fence f = { 0 };
	uint64_t due;

	(void)state;
	fence_begin(&f, 7, true, 100 * S);
	assert_false(fence_counts(&f));
	assert_true(fence_end(&f, &split, &result, 101 * S));
	fence_begin(&f, 7, false, 102 * S);
	assert_true(fence_counts(&f));
	result.code = PROBE_ANSWERED;
	assert_false(fence_end(&f, &split, &result, 103 * S));
	assert_true(fence_counts(&f));
	assert_true(f.off == 101 * S);
	assert_int_equal(f.failed, 1);
	assert_int_equal(fence_judge(&f, &split, &view, 104 * S - 1, &due), FENCE_WAITS);
	assert_int_equal(fence_judge(&f, &split, &view, 104 * S, &due), FENCE_DUE);
	view.wanted = false;
	assert_int_equal(fence_judge(&f, &split, &view, 104 * S, &due), FENCE_COUNTS);
	fence_begin(&f, 7, false, 104 * S);
	result.code = 0;
	assert_true(fence_end(&f, &split, &result, 105 * S));
	assert_true(f.off == 101 * S);
	/* What counts for all leases does not end with those that are held. */
	fence_lapse(&f);
	assert_true(fence_counts(&f));
	assert_true(fence_heard(&f));

	fence_begin(&f, 7, true, 110 * S);
	assert_true(fence_end(&f, &split, &result, 111 * S));
	fence_lapse(&f);
	assert_false(fence_counts(&f));
	fence_begin(&f, 7, true, 112 * S);
	assert_true(fence_end(&f, &split, &result, 113 * S));
	fence_begin(&f, 7, false, 114 * S);
	fence_lapse(&f);
	assert_int_equal(f.state, FENCE_RUNS);
	assert_false(fence_counts(&f));
	assert_false(fence_heard(&f));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(not_before_its_time),
		cmocka_unit_test(not_without_need),
		cmocka_unit_test(split_unmet),
		cmocka_unit_test(not_who_parted),
		cmocka_unit_test(succeeds),
		cmocka_unit_test(heard_meanwhile),
		cmocka_unit_test(failures),
		cmocka_unit_test(words),
		cmocka_unit_test(split_words_and_times),
		cmocka_unit_test(bridges),
		cmocka_unit_test(early_for_what_is_held),
		cmocka_unit_test(stood_still_while_asking),
		cmocka_unit_test(agentless_counts_for_an_agent_that_runs),
		cmocka_unit_test(kept_while_asking_for_all),
	};

	return cmocka_run_group_tests_name("agent_fence", tests, NULL, NULL);
}
