// SPDX-License-Identifier: GPL-2.0
/* KUnit: the state folded from a node's inputs, and what BEATs make of it. */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/slab.h>

#include "node.h"
#include "stats.h"

/**
 * struct bench - a namespace's state without the namespace
 * @hn: as much of it as nodes need
 * @cfg: its configuration
 */
struct bench {
	struct hasw_net hn;
	struct hasw_config cfg;
};

static void bench_send(struct hasw_net *hn, const struct hasw_event *ev)
{
}

static int bench_init(struct kunit *test)
{
	struct bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	int err;

	if (!b)
		return -ENOMEM;
	test->priv = b;
	mutex_init(&b->hn.mutex);
	spin_lock_init(&b->hn.state_lock);
	INIT_LIST_HEAD(&b->cfg.nodes);
	hasw_node_beat_init(&b->hn);
	err = hasw_stats_init(&b->hn);
	if (err)
		return err;
	err = hasw_event_init(&b->hn, bench_send);
	if (err)
		return err;
	mutex_lock(&b->hn.mutex);
	b->hn.decision = hasw_switch_now();
	err = hasw_event_prepare(&b->hn);
	mutex_unlock(&b->hn.mutex);
	return err;
}

static void bench_exit(struct kunit *test)
{
	struct bench *b = test->priv;
	struct hasw_node *node, *next;

	list_for_each_entry_safe(node, next, &b->cfg.nodes, list)
		hasw_node_del(&b->cfg, node);
	hasw_node_beat_exit(&b->hn);
	hasw_event_exit(&b->hn);
	hasw_stats_exit(&b->hn);
}

static struct hasw_node *bench_node(struct kunit *test, const char *name)
{
	struct bench *b = test->priv;
	struct hasw_node *node = hasw_node_new(name, false,
					       HASWITCH_ADMIN_STATE_UP);

	KUNIT_ASSERT_NOT_NULL(test, node);
	hasw_node_add(&b->cfg, node);
	return node;
}

/* A BEAT at a made-up time; @node may be NULL for one that names nobody. */
static void bench_beat(struct kunit *test, u64 now, struct hasw_node *node)
{
	struct bench *b = test->priv;
	struct hasw_beat *beat = kunit_kzalloc(test,
					       struct_size(beat, node, 1),
					       GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, beat);
	beat->decision = now;
	beat->time = 30;
	beat->count = !!node;
	beat->node[0] = node;
	mutex_lock(&b->hn.mutex);
	hasw_node_beat(&b->hn, &b->cfg, beat);
	mutex_unlock(&b->hn.mutex);
}

#define EXPECT_STATE(test, node, state)				\
	KUNIT_EXPECT_EQ(test, hasw_word_state((node)->word), (state))

/* Usable only when administrator, verdict and agent agree. */
static void node_fold(struct kunit *test)
{
	struct hasw_node *node = bench_node(test, "n1");
	struct bench *b = test->priv;
	u8 admin, verdict, agent;

	for (admin = 0; admin <= HASWITCH_ADMIN_STATE_DOWN; admin++)
		for (verdict = 0; verdict <= HASWITCH_VERDICT_LEFT; verdict++)
			for (agent = 0; agent <= HASWITCH_AGENT_STATE_LOST;
			     agent++) {
				bool up = admin == HASWITCH_ADMIN_STATE_UP &&
					  verdict == HASWITCH_VERDICT_CLEAR &&
					  agent != HASWITCH_AGENT_STATE_LOST;

				hasw_node_set_admin(&b->hn, node, admin, true);
				hasw_node_set_verdict(&b->hn, node, verdict);
				spin_lock_bh(&b->hn.state_lock);
				hasw_node_set_agent(&b->hn, node, agent,
						    hasw_switch_now());
				spin_unlock_bh(&b->hn.state_lock);
				KUNIT_EXPECT_EQ(test,
						hasw_word_usable(node->word),
						up);
			}
}

static void node_lost_only_by_a_beat(struct kunit *test)
{
	struct hasw_node *node = bench_node(test, "n1");
	struct hasw_node *never = bench_node(test, "n2");
	u64 now = hasw_switch_now();

	bench_beat(test, now, node);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_UP);
	KUNIT_EXPECT_EQ(test, node->agent, HASWITCH_AGENT_STATE_ALIVE);
	/* Not named, but its time has not passed. */
	bench_beat(test, now + 29, NULL);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_UP);
	bench_beat(test, now + 30, NULL);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_LOST);
	bench_beat(test, now + 40, node);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_UP);
	/* Never named: what the administrator says. */
	EXPECT_STATE(test, never, HASWITCH_NODE_STATE_UP);
}

/* Set and taken back, with its kind in the event. */
static void bench_evidence(struct kunit *test, struct hasw_node *node, u8 kind,
			   bool lost)
{
	struct bench *b = test->priv;

	spin_lock_bh(&b->hn.state_lock);
	hasw_node_set_evidence(&b->hn, node, kind, lost, hasw_switch_now());
	spin_unlock_bh(&b->hn.state_lock);
}

static void node_evidence_only_takes_out(struct kunit *test)
{
	static const u8 causes[] = {
		HASWITCH_CAUSE_PULSE, HASWITCH_CAUSE_CARRIER,
		HASWITCH_CAUSE_NEIGHBOUR, HASWITCH_CAUSE_UNREACHABLE,
		HASWITCH_CAUSE_RESIGNED,
	};
	struct hasw_node *node = bench_node(test, "n1");
	u64 now = hasw_switch_now(), seq = 0;
	struct bench *b = test->priv;
	struct hasw_event ev;
	u8 kind;

	for (kind = 0; kind < ARRAY_SIZE(causes); kind++) {
		bench_evidence(test, node, kind, true);
		EXPECT_STATE(test, node, HASWITCH_NODE_STATE_LOST);
		KUNIT_ASSERT_TRUE(test, hasw_event_get(&b->hn, ++seq, &ev));
		KUNIT_EXPECT_EQ(test, ev.cause, causes[kind]);
		bench_evidence(test, node, kind, false);
		EXPECT_STATE(test, node, HASWITCH_NODE_STATE_UP);
		KUNIT_ASSERT_TRUE(test, hasw_event_get(&b->hn, ++seq, &ev));
		KUNIT_EXPECT_EQ(test, ev.cause, causes[kind]);
	}
	/* Any of it is enough, and it brings back nobody. */
	bench_evidence(test, node, HASWITCH_EVIDENCE_PULSE, true);
	bench_evidence(test, node, HASWITCH_EVIDENCE_CARRIER, true);
	bench_evidence(test, node, HASWITCH_EVIDENCE_PULSE, false);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_LOST);
	bench_beat(test, now, node);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_LOST);
	bench_beat(test, now + 30, NULL);
	bench_evidence(test, node, HASWITCH_EVIDENCE_CARRIER, false);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_LOST);
	bench_beat(test, now + 40, node);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_UP);
	/* The administrator and the verdict come first. */
	bench_evidence(test, node, HASWITCH_EVIDENCE_RESIGNED, true);
	hasw_node_set_verdict(&b->hn, node, HASWITCH_VERDICT_FENCED);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_FENCED);
	hasw_node_set_admin(&b->hn, node, HASWITCH_ADMIN_STATE_DRAIN, true);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_DRAIN);
}

static void node_event_tells_the_switch(struct kunit *test)
{
	struct hasw_node *node = bench_node(test, "n1");
	struct bench *b = test->priv;
	struct hasw_event ev;

	hasw_node_set_admin(&b->hn, node, HASWITCH_ADMIN_STATE_DOWN,
			    true);
	KUNIT_ASSERT_TRUE(test, hasw_event_get(&b->hn, 1, &ev));
	KUNIT_EXPECT_EQ(test, ev.kind, HASWITCH_EVENT_KIND_NODE);
	KUNIT_EXPECT_EQ(test, ev.cause, HASWITCH_CAUSE_ADMIN);
	KUNIT_EXPECT_EQ(test, ev.from, HASWITCH_NODE_STATE_UP);
	KUNIT_EXPECT_EQ(test, ev.to, HASWITCH_NODE_STATE_DOWN);
	KUNIT_EXPECT_STREQ(test, ev.node, "n1");
	KUNIT_EXPECT_LE(test, ev.decision, ev.publish);
	KUNIT_EXPECT_EQ(test, node->sw.seq, 1);
	/* The same again is no switch. */
	hasw_node_set_admin(&b->hn, node, HASWITCH_ADMIN_STATE_DOWN,
			    true);
	KUNIT_EXPECT_FALSE(test, hasw_event_get(&b->hn, 2, &ev));
}

static void event_ring_keeps_the_last(struct kunit *test)
{
	struct bench *b = test->priv;
	struct hasw_event ev;
	u64 i;

	for (i = 0; i < HASWITCH_EVENTS_KEPT + 10; i++) {
		ev = (struct hasw_event){ .time = i + 1 };
		spin_lock_bh(&b->hn.state_lock);
		hasw_event_add(&b->hn, &ev);
		spin_unlock_bh(&b->hn.state_lock);
	}
	KUNIT_ASSERT_TRUE(test, hasw_event_get(&b->hn, 1, &ev));
	KUNIT_EXPECT_EQ(test, ev.seq, 11);
	KUNIT_EXPECT_EQ(test, ev.time, 11);
	KUNIT_ASSERT_TRUE(test, hasw_event_get(&b->hn, i, &ev));
	KUNIT_EXPECT_EQ(test, ev.seq, i);
	KUNIT_EXPECT_FALSE(test, hasw_event_get(&b->hn, i + 1, &ev));
}

static void histogram_buckets(struct kunit *test)
{
	struct bench *b = test->priv;
	u64 *buckets = b->hn.histogram->publish_first;
	int i;

	spin_lock_bh(&b->hn.state_lock);
	for (i = 0; i < HASW_BUCKETS - 1; i++) {
		hasw_histogram_add(&b->hn, buckets,
				   hasw_histogram_below(i) - 1);
		hasw_histogram_add(&b->hn, buckets, hasw_histogram_below(i));
	}
	spin_unlock_bh(&b->hn.state_lock);
	KUNIT_EXPECT_EQ(test, buckets[0], 1);
	for (i = 1; i < HASW_BUCKETS - 1; i++)
		KUNIT_EXPECT_EQ(test, buckets[i], 2);
	KUNIT_EXPECT_EQ(test, buckets[HASW_BUCKETS - 1], 1);
}

static bool bench_stalled(struct bench *b)
{
	bool stalled;

	spin_lock_bh(&b->hn.state_lock);
	stalled = b->hn.beat_stalled;
	spin_unlock_bh(&b->hn.state_lock);
	return stalled;
}

/* Jiffies that make up for lost ticks let the timer end before its time. */
static void silence_is_told_though_the_timer_is_early(struct kunit *test)
{
	struct bench *b = test->priv;
	u64 begin = hasw_switch_now(), time = 100 * NSEC_PER_MSEC;

	spin_lock_bh(&b->hn.state_lock);
	b->hn.beat_last = begin;
	b->hn.beat_time = time;
	spin_unlock_bh(&b->hn.state_lock);
	mod_timer(&b->hn.beat_timer, jiffies);
	while (!bench_stalled(b) &&
	       hasw_switch_now() < begin + 20 * (u64)NSEC_PER_SEC)
		msleep(20);
	KUNIT_EXPECT_TRUE(test, bench_stalled(b));
	KUNIT_EXPECT_GE(test, hasw_switch_now(), begin + time);
}

static struct kunit_case node_cases[] = {
	KUNIT_CASE(node_fold),
	KUNIT_CASE(node_lost_only_by_a_beat),
	KUNIT_CASE(node_evidence_only_takes_out),
	KUNIT_CASE(silence_is_told_though_the_timer_is_early),
	KUNIT_CASE(node_event_tells_the_switch),
	KUNIT_CASE(event_ring_keeps_the_last),
	KUNIT_CASE(histogram_buckets),
	{}
};

static struct kunit_suite node_suite = {
	.name = "haswitch_node",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = node_cases,
};

kunit_test_suite(node_suite);
