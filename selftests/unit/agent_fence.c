// SPDX-License-Identifier: GPL-2.0
/* A fence: when the other one of two nodes is switched off, when not, and what the command's end means to the rules. */
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
#include "haagentd/vote/vote.h"
#include "agent_seat.h"

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
			    "nobody can hold it; lb2 is presumed off, but may hold it by a right that lasts for another 9 s "
			    "at most");
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
	fence_late(&f, 100 * CLOCK_MS - 1);
	assert_true(fence_end(&f, &split, &result, 101 * S + PROBE_TIME));
	assert_true(f.agentless);
	fence_begin(&f, 7, false, 103 * S);
	fence_late(&f, 100 * CLOCK_MS);
	assert_false(fence_end(&f, &split, &result, 103 * S + PROBE_TIME));
	assert_string_equal(f.last, "this machine stood still while it asked");
	/* Silence on all links is one whoever asks. */
	result.code = PROBE_SILENT;
	fence_begin(&f, 7, false, 105 * S);
	fence_late(&f, 100 * CLOCK_MS);
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

/* The rules: a voter that is off counts only for who has been answered by it, and until it is heard. */
static struct vote vote;

static void seat_set(void *arg, unsigned int slot, __u64 epoch, __u64 deadline)
{
	(void)arg;
	vote.lease[slot].epoch = epoch;
	vote.lease[slot].until = deadline;
}

static void seat_stop(void *arg, unsigned int slot)
{
	(void)arg;
	vote.lease[slot].until = 0;
}

static __u64 seat_top(void *arg)
{
	(void)arg;
	return 0;
}

static const struct hasw_seat_ops ops = {
	.random = seat_random, .send = seat_send, .set = seat_set, .stop = seat_stop, .top = seat_top,
	.sync = seat_sync,
};

/* Node 0 of two, which holds lease 2 from before. */
static struct hasw_proposer *begin(uint64_t now)
{
	struct hasw_voter_disk disk = { .known = 1, .generation = 1, .committed = 1, .voters = 3, .ceiling = 1U << 23 };
	struct hasw_vote_set set = { .generation = 1, .voters = 3 };

	memset(&vote, 0, sizeof(vote));
	vote.t = (struct hasw_vote_times){
		.length = S, .longest = 10 * S, .renew = S / 4, .retry = S / 10, .ceiling = 1 << 20, .rho = 100000,
	};
	hasw_seat_open(&vote.seat, &vote.t, &ops, &vote, 0, &set, &disk);
	hasw_seat_add(&vote.seat, 1);
	hasw_seat_add(&vote.seat, 2);
	hasw_seat_start(&vote.seat, now, 3);
	hasw_seat_begin(&vote.seat, 0, now, 0, 0, 0);
	hasw_seat_begin(&vote.seat, 1, now, 0, hasw_vote_epoch(7, 1, 0), now + 5 * S);
	vote.seat.lease[1].proposer.want = 1;
	return &vote.seat.lease[1].proposer;
}

static void answer(const struct hasw_proposer *p, uint8_t from, enum hasw_vote_answer answer, uint64_t now)
{
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_GRANT, .answer = (uint8_t)answer, .lease = 2, .generation = 1, .life = vote.seat.life,
		.sequence = p->sequence, .epoch = p->epoch, .epoch_max = p->epoch,
	};

	hasw_seat_hear(&vote.seat, now, from, &m);
}

static void only_who_was_met(void **state)
{
	struct hasw_proposer *p = begin(100 * S);

	(void)state;
	assert_int_equal(hasw_seat_fence(&vote.seat, 1), 0);
	hasw_seat_fence_end(&vote.seat, 1, 1);
	assert_int_equal(p->fenced, 0);
	/* Nor does a node that wants no lease note that it has met whom it never asked. */
	p->want = 0;
	hasw_seat_fence_end(&vote.seat, 1, 1);
	assert_int_equal(vote.seat.want.met, 0);
	assert_int_equal(vote.seat.syncing, 0);
	p->want = 1;
	/* It took over a grant, so there was no READ; the answer to a renewal tells the same. */
	hasw_seat_tick(&vote.seat, 100 * S);
	assert_true(p->sequence > 0);
	answer(p, 1, HASW_VOTE_ACK, 100 * S);
	assert_int_equal(hasw_seat_fence(&vote.seat, 1), 1);
	hasw_seat_fence_end(&vote.seat, 1, 1);
	assert_int_equal(p->fenced, 2);
	/* A round that only this node acks is enough now. */
	hasw_seat_tick(&vote.seat, 100 * S + S / 4);
	answer(p, 0, HASW_VOTE_ACK, 100 * S + S / 4);
	assert_true(vote.lease[1].until == 101 * S + S / 4);
	hasw_seat_alive(&vote.seat, 1);
	assert_int_equal(p->fenced, 0);
	hasw_seat_tick(&vote.seat, 100 * S + S / 2);
	answer(p, 0, HASW_VOTE_ACK, 100 * S + S / 2);
	assert_true(vote.lease[1].until == 101 * S + S / 4);
}

/* The next agent may fence a node that this one has met, unless the node was heard meanwhile. */
static void met_by_the_agent_before(void **state)
{
	struct hasw_proposer *p = begin(100 * S);

	(void)state;
	hasw_seat_tick(&vote.seat, 100 * S);
	answer(p, 1, HASW_VOTE_ACK, 100 * S);
	assert_int_equal(vote.seat.want.met, 0);
	assert_int_equal(hasw_seat_fence(&vote.seat, 1), 1);
	hasw_seat_fence_end(&vote.seat, 1, 0);
	assert_int_equal(vote.seat.want.met, 0);
	assert_int_equal(hasw_seat_fence(&vote.seat, 1), 1);
	hasw_seat_fence_end(&vote.seat, 1, 1);
	assert_int_equal(vote.seat.image.met, 2);
	hasw_seat_synced(&vote.seat, 100 * S);
	hasw_seat_start(&vote.seat, 101 * S, 4);
	hasw_seat_begin(&vote.seat, 1, 101 * S, 0, 0, 0);
	assert_int_equal(p->met, 2);
	assert_int_equal(p->fenced, 0);
	/* Of the other lease it had said nothing, so nobody knows under which epochs it held that. */
	hasw_seat_begin(&vote.seat, 0, 101 * S, 0, 0, 0);
	assert_int_equal(vote.seat.lease[0].proposer.met, 0);
	assert_int_equal(hasw_seat_fence(&vote.seat, 1), 1);
	assert_int_equal(vote.seat.lease[0].proposer.fencing, 0);
	/* It is heard, and gets no answer before that is on the disk. */
	hasw_seat_alive(&vote.seat, 1);
	assert_int_equal(vote.seat.image.met, 0);
	assert_true(hasw_seat_met_stale(&vote.seat, 1));
	hasw_seat_synced(&vote.seat, 101 * S);
	assert_false(hasw_seat_met_stale(&vote.seat, 1));
	hasw_seat_start(&vote.seat, 102 * S, 5);
	hasw_seat_begin(&vote.seat, 1, 102 * S, 0, 0, 0);
	assert_int_equal(hasw_seat_fence(&vote.seat, 1), 0);
}

/* A command that takes longer than the other node waits for it. */
static void slow_command(void **state)
{
	struct fence_rules split = { .after = S, .split = true };
	struct fence f = { 0 };

	(void)state;
	fence_begin(&f, 1, false, 101 * S);
	assert_false(fence_outlasts(&f, &rules, 106 * S));
	assert_true(fence_outlasts(&f, &rules, 106 * S + 1));
	assert_false(fence_outlasts(&f, &split, 106 * S + 1));
}

/* What one kind of fence has shown is no proof for the other, which a reload brings. */
static void another_kind_begins_anew(void **state)
{
	struct conf split = { .split = true }, command = { .fence = (char *)"/bin/true" };
	struct hasw_proposer *p = begin(100 * S);

	(void)state;
	vote.map = (struct vote_map){ .n = 2, .voters = 3 };
	vote.begun = true;
	assert_int_equal(vote_fence_set(&vote, &split, NULL), 0);
	hasw_seat_tick(&vote.seat, 100 * S);
	answer(p, 1, HASW_VOTE_ACK, 100 * S);
	assert_int_equal(hasw_seat_fence(&vote.seat, 1), 1);
	hasw_seat_fence_end(&vote.seat, 1, 1);
	vote.fence.fence.state = FENCE_OFF;
	/* The same again changes nothing. */
	assert_int_equal(vote_fence_set(&vote, &split, NULL), 0);
	assert_int_equal(p->fenced, 2);
	assert_int_equal(vote.fence.fence.state, FENCE_OFF);
	assert_int_equal(vote_fence_set(&vote, &command, NULL), 0);
	assert_int_equal(p->fenced, 0);
	assert_int_equal(vote.fence.fence.state, FENCE_IDLE);
	/* A command that began before counts no more when it ends. */
	assert_int_equal(hasw_seat_fence(&vote.seat, 1), 1);
	assert_int_equal(vote_fence_set(&vote, &split, NULL), 0);
	hasw_seat_fence_end(&vote.seat, 1, 1);
	assert_int_equal(p->fenced, 0);
	vote_fence_close(&vote);
}

/* A fence that began early counts for a lease that is held from its beginning to its end, and for no other one. */
static void only_for_what_is_held(void **state)
{
	struct hasw_proposer *p = begin(100 * S), *other = &vote.seat.lease[0].proposer;

	(void)state;
	other->met = 2;
	/* The right of the agent before proves nothing: no other node has acked it in this run. */
	assert_int_equal(hasw_seat_fence_held(&vote.seat, 1, 100 * S), 0);
	hasw_seat_tick(&vote.seat, 100 * S);
	answer(p, 1, HASW_VOTE_ACK, 100 * S);
	answer(p, 0, HASW_VOTE_ACK, 100 * S);
	assert_int_equal(hasw_seat_fence_held(&vote.seat, 1, 100 * S), 1);
	assert_int_equal(other->fencing, 0);
	hasw_seat_fence_held_end(&vote.seat, 1, 100 * S, 1);
	assert_int_equal(p->fenced, 2);
	assert_int_equal(other->fenced, 0);
	assert_int_equal(vote.seat.want.met_count, 1);
	/* There is nothing more to find out. */
	assert_int_equal(hasw_seat_fence_held(&vote.seat, 1, 100 * S), 0);
	hasw_seat_alive(&vote.seat, 1);
	assert_int_equal(hasw_seat_fence_held(&vote.seat, 1, 100 * S), 1);
	/* The right ends first. */
	hasw_seat_fence_held_end(&vote.seat, 1, p->deadline, 1);
	assert_int_equal(p->fenced | p->fencing, 0);
	assert_int_equal(vote.seat.want.met, 0);
}

static void only_while_not_heard(void **state)
{
	struct hasw_proposer *p = begin(100 * S);

	(void)state;
	hasw_seat_tick(&vote.seat, 100 * S);
	answer(p, 1, HASW_VOTE_ACK, 100 * S);
	assert_int_equal(hasw_seat_fence(&vote.seat, 1), 1);
	hasw_seat_alive(&vote.seat, 1);
	hasw_seat_fence_end(&vote.seat, 1, 1);
	assert_int_equal(p->fenced, 0);
}

/* A heartbeat that says nothing of leases is enough, and from no other node. */
static void heard_by_a_heartbeat(void **state)
{
	struct hasw_proposer *p = begin(100 * S);
	struct cluster_peer peer = { 0 };

	(void)state;
	strcpy(vote.map.names[0], "a");
	strcpy(vote.map.names[1], "b");
	vote.map.n = 2;
	vote.map.voters = 3;
	vote.begun = true;
	hasw_seat_tick(&vote.seat, 100 * S);
	answer(p, 1, HASW_VOTE_ACK, 100 * S);
	assert_int_equal(hasw_seat_fence(&vote.seat, 1), 1);
	hasw_seat_fence_end(&vote.seat, 1, 1);
	vote.fence.fence.state = FENCE_OFF;
	strcpy(peer.conf.name, "c");
	vote_fence_heard(&vote, &peer);
	assert_int_equal(p->fenced, 2);
	assert_int_equal(vote.fence.fence.state, FENCE_OFF);
	strcpy(peer.conf.name, "b");
	vote_fence_heard(&vote, &peer);
	assert_int_equal(p->fenced, 0);
	assert_int_equal(vote.fence.fence.state, FENCE_IDLE);
}

/* Has both voters ack the lease that begin() took over. The cluster has one peer, which is the other voter. */
static void own(const struct hasw_proposer *p, struct cluster *cluster, uint64_t now)
{
	vote.map = (struct vote_map){ .n = 2, .voters = 3, .names = { "a", "b" } };
	vote.cluster = cluster;
	vote.begun = true;
	vote.lease[1].here = true;
	strcpy(cluster->peers[0].conf.name, "b");
	hasw_seat_tick(&vote.seat, now);
	answer(p, 0, HASW_VOTE_ACK, now);
	answer(p, 1, HASW_VOTE_ACK, now);
}

/* With split, a holder has a longer right while it hears the other node, and goes on alone when that one stops. */
static void goes_on_alone(void **state)
{
	struct conf split = { .split = true, .fence_after = S };
	struct conf command = { .fence = (char *)"/bin/true", .fence_after = S };
	struct cluster_peer peer = { .peer.state = PEER_STATIC };
	struct cluster cluster = { .peers = &peer, .n_peers = 1 };
	uint64_t now = clock_now();
	struct hasw_proposer *p = begin(now);

	(void)state;
	peer.peer.heard = now;
	own(p, &cluster, now);
	assert_true(hasw_proposer_owns(p, now));
	/* A fence command waits for the node that stops. */
	assert_int_equal(vote_fence_set(&vote, &command, NULL), 0);
	vote_fence_tick(&vote);
	assert_int_equal(p->fenced, 0);
	peer.peer.state = PEER_HEARD;
	vote_fence_tick(&vote);
	assert_int_equal(p->far.sequence, 0);
	assert_int_equal(vote_fence_set(&vote, &split, NULL), 0);
	/* The right of the agent before is cut first, and an agent that stops asks for another one. */
	vote.lease[1].before = true;
	vote_fence_tick(&vote);
	assert_int_equal(p->far.sequence, 0);
	vote.lease[1].before = false;
	vote.part = VOTE_LONG;
	vote_fence_tick(&vote);
	assert_int_equal(p->far.sequence, 0);
	vote.part = VOTE_STAYS;
	/* What the agent before made is moved to an epoch of this one first. */
	vote_fence_tick(&vote);
	assert_true(p->next);
	p->epoch = p->next;
	p->next = 0;
	vote_fence_tick(&vote);
	assert_true(p->far.sequence);
	assert_true(p->far.length == S / 5 * 6);
	peer.peer.state = PEER_LEFT;
	vote_fence_tick(&vote);
	assert_int_equal(p->fenced, 2);
	assert_int_equal(vote.seat.lease[0].proposer.fenced, 0);
	assert_int_equal(vote.fence.fence.state, FENCE_IDLE);
	/* Its last words come three times. */
	vote_fence_heard(&vote, &peer);
	assert_int_equal(p->fenced, 0);
	vote_fence_tick(&vote);
	assert_int_equal(p->fenced, 2);
	/* Whoever stood still for too long begins anew. */
	vote.fence.fence.state = FENCE_OFF;
	vote_fence_stalled(&vote, S - 1);
	assert_int_equal(vote.fence.fence.state, FENCE_OFF);
	vote_fence_stalled(&vote, S);
	assert_int_equal(vote.fence.fence.state, FENCE_IDLE);
	assert_int_equal(p->fenced, 0);
	assert_true(vote.fence.since >= now);
	vote_fence_tick(&vote);
	assert_int_equal(p->fenced, 2);
	/* What was so for a lease ends with the right to it. */
	hasw_seat_lost(&vote.seat, 1, clock_now());
	assert_int_equal(p->fenced | p->alone, 0);
	vote_fence_close(&vote);
}

/* Status says what the rules go by, and an early probe begins only if it ends before the right. */
static void status_as_the_rules(void **state)
{
	struct conf split = { .split = true, .fence_after = S };
	struct cluster_peer peer = { .peer.state = PEER_SILENT };
	struct cluster cluster = { .peers = &peer, .n_peers = 1 };
	uint64_t now = clock_now(), age;
	struct hasw_proposer *p = begin(now);
	bool off;

	(void)state;
	own(p, &cluster, now);
	assert_int_equal(vote_fence_set(&vote, &split, NULL), 0);
	/* Nothing is asked, for this node has no link. */
	peer.peer.heard = now - S / 2;
	vote.seat.began = peer.peer.heard;
	p->deadline = now + PROBE_TIME;
	vote_fence_tick(&vote);
	assert_int_equal(vote.fence.why, FENCE_NEEDLESS);
	p->deadline += S;
	vote_fence_tick(&vote);
	assert_int_equal(vote.fence.why, FENCE_UNLINKED);

	/* The early probe of a moment ago has ended. */
	assert_int_equal(hasw_seat_fence_held(&vote.seat, 1, now), 1);
	hasw_seat_fence_held_end(&vote.seat, 1, now, 1);
	vote.fence.fence.state = FENCE_OFF;
	vote.fence.fence.part = true;
	vote_fence_tick(&vote);
	assert_string_equal(vote_fence_split(&vote, now, &off, &age), "b");
	assert_true(off);
	fence_begin(&vote.fence.fence, 7, false, now);
	vote_fence_tick(&vote);
	assert_non_null(vote_fence_split(&vote, now, &off, &age));
	assert_true(off && p->fenced == 2);
	fence_failed(&vote.fence.fence, &vote.fence.rules, now, "something answers on a client link");
	vote_fence_tick(&vote);
	assert_non_null(vote_fence_split(&vote, now, &off, &age));
	assert_true(off && p->fenced == 2);
	/* The right ends, and with it what counted for it. */
	hasw_seat_lost(&vote.seat, 1, now);
	vote_fence_tick(&vote);
	assert_non_null(vote_fence_split(&vote, now, &off, &age));
	assert_false(off || p->fenced);
	vote_fence_close(&vote);
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
		cmocka_unit_test(status_as_the_rules),
		cmocka_unit_test(only_for_what_is_held),
		cmocka_unit_test(goes_on_alone),
		cmocka_unit_test(only_who_was_met),
		cmocka_unit_test(met_by_the_agent_before),
		cmocka_unit_test(only_while_not_heard),
		cmocka_unit_test(slow_command),
		cmocka_unit_test(another_kind_begins_anew),
		cmocka_unit_test(heard_by_a_heartbeat),
	};

	return cmocka_run_group_tests_name("agent_fence", tests, NULL, NULL);
}
