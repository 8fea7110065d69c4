// SPDX-License-Identifier: GPL-2.0
/* KUnit: the state of a node follows from its inputs, among them BEATs. */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "node_fixture.h"
#include "core/stats.h"

static int fixture_init(struct kunit *test)
{
	struct hasw_node_fixture *b =
		kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);

	test->priv = b;
	return b ? hasw_node_fixture_init(b) : -ENOMEM;
}

static void fixture_exit(struct kunit *test)
{
	if (test->priv)
		hasw_node_fixture_exit(test->priv);
}

static struct hasw_node *fixture_node(struct kunit *test, const char *name)
{
	struct hasw_node_fixture *b = test->priv;
	struct hasw_node *node = hasw_node_new(name, false,
					       HASWITCH_ADMIN_STATE_UP);

	KUNIT_ASSERT_NOT_NULL(test, node);
	mutex_lock(&b->hn.mutex);
	hasw_node_add(&b->cfg, node);
	mutex_unlock(&b->hn.mutex);
	return node;
}

static void fixture_admin(struct kunit *test, struct hasw_node *node, u8 admin)
{
	struct hasw_node_fixture *b = test->priv;

	mutex_lock(&b->hn.mutex);
	hasw_node_set_admin(&b->hn, node, admin, 0, true);
	mutex_unlock(&b->hn.mutex);
}

static void fixture_verdict(struct kunit *test, struct hasw_node *node,
			    u8 verdict)
{
	struct hasw_node_fixture *b = test->priv;

	mutex_lock(&b->hn.mutex);
	hasw_node_set_verdict(&b->hn, node, verdict);
	mutex_unlock(&b->hn.mutex);
}

/* Processes a BEAT that arrived at @now and keeps its nodes alive for 30 ns.
 * The BEAT lists @node, or no node if @node is NULL.
 */
static void fixture_beat(struct kunit *test, u64 now, struct hasw_node *node)
{
	struct hasw_node_fixture *b = test->priv;
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

/* A node is usable only if its administrator's state is up, its verdict is
 * clear and its agent state is not lost.
 */
static void node_is_usable_only_if_all_allow(struct kunit *test)
{
	struct hasw_node *node = fixture_node(test, "n1");
	struct hasw_node_fixture *b = test->priv;
	u8 admin, verdict, agent;

	for (admin = 0; admin <= HASWITCH_ADMIN_STATE_DOWN; admin++)
		for (verdict = 0; verdict <= HASWITCH_VERDICT_LEFT; verdict++)
			for (agent = 0; agent <= HASWITCH_AGENT_STATE_LOST;
			     agent++) {
				bool up = admin == HASWITCH_ADMIN_STATE_UP &&
					  verdict == HASWITCH_VERDICT_CLEAR &&
					  agent != HASWITCH_AGENT_STATE_LOST;

				fixture_admin(test, node, admin);
				fixture_verdict(test, node, verdict);
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
	struct hasw_node *node = fixture_node(test, "n1");
	struct hasw_node *never = fixture_node(test, "n2");
	u64 now = hasw_switch_now();

	fixture_beat(test, now, node);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_UP);
	KUNIT_EXPECT_EQ(test, node->agent, HASWITCH_AGENT_STATE_ALIVE);
	/* The next BEAT does not list the node, but the earlier BEAT still
	 * keeps the node alive.
	 */
	fixture_beat(test, now + 29, NULL);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_UP);
	fixture_beat(test, now + 30, NULL);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_LOST);
	fixture_beat(test, now + 40, node);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_UP);
	/* A node that no BEAT has ever listed does not become lost when BEATs
	 * do not list it.
	 */
	EXPECT_STATE(test, never, HASWITCH_NODE_STATE_UP);
}

/* Sets or withdraws evidence of one kind. */
static void fixture_evidence(struct kunit *test, struct hasw_node *node,
			     u8 kind, bool lost)
{
	struct hasw_node_fixture *b = test->priv;

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
	struct hasw_node *node = fixture_node(test, "n1");
	u64 now = hasw_switch_now(), seq = 0;
	struct hasw_node_fixture *b = test->priv;
	struct hasw_event ev;
	u8 kind;

	for (kind = 0; kind < ARRAY_SIZE(causes); kind++) {
		fixture_evidence(test, node, kind, true);
		EXPECT_STATE(test, node, HASWITCH_NODE_STATE_LOST);
		KUNIT_ASSERT_TRUE(test, hasw_event_get(&b->hn, ++seq, &ev));
		KUNIT_EXPECT_EQ(test, ev.cause, causes[kind]);
		KUNIT_EXPECT_EQ(test, ev.evidence, BIT(kind));
		KUNIT_EXPECT_EQ(test, node->sw.evidence, BIT(kind));
		fixture_evidence(test, node, kind, false);
		EXPECT_STATE(test, node, HASWITCH_NODE_STATE_UP);
		KUNIT_ASSERT_TRUE(test, hasw_event_get(&b->hn, ++seq, &ev));
		KUNIT_EXPECT_EQ(test, ev.cause, causes[kind]);
		KUNIT_EXPECT_EQ(test, ev.evidence, 0);
		node->damp = (struct hasw_damp){};
	}
	/* One kind of evidence is enough to make the node lost. After one kind
	 * is withdrawn, the node stays lost while there is other evidence, or
	 * while its agent state is lost.
	 */
	fixture_evidence(test, node, HASWITCH_EVIDENCE_PULSE, true);
	fixture_evidence(test, node, HASWITCH_EVIDENCE_CARRIER, true);
	fixture_evidence(test, node, HASWITCH_EVIDENCE_PULSE, false);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_LOST);
	fixture_beat(test, now, node);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_LOST);
	fixture_beat(test, now + 30, NULL);
	fixture_evidence(test, node, HASWITCH_EVIDENCE_CARRIER, false);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_LOST);
	fixture_beat(test, now + 40, node);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_UP);
	/* The administrator's state and the verdict have precedence over
	 * evidence.
	 */
	fixture_evidence(test, node, HASWITCH_EVIDENCE_RESIGNED, true);
	fixture_verdict(test, node, HASWITCH_VERDICT_FENCED);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_FENCED);
	fixture_admin(test, node, HASWITCH_ADMIN_STATE_DRAIN);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_DRAIN);
}

/* Adds a service's failback to hasw_node.held, as if the node were a member of
 * the service.
 */
static void fixture_await(struct kunit *test, struct hasw_node *node,
			  u64 failback)
{
	struct hasw_node_fixture *b = test->priv;

	mutex_lock(&b->hn.mutex);
	hasw_held_count(node, failback, true);
	mutex_unlock(&b->hn.mutex);
}

/* Calls hasw_node_sync_held() as hasw_held_work() would at time @now. */
static bool fixture_sync(struct kunit *test, struct hasw_node *node, u64 now,
			 u64 *due)
{
	struct hasw_node_fixture *b = test->priv;
	bool held;

	mutex_lock(&b->hn.mutex);
	spin_lock_bh(&b->hn.state_lock);
	held = hasw_node_sync_held(&b->hn, node, now, due);
	spin_unlock_bh(&b->hn.state_lock);
	mutex_unlock(&b->hn.mutex);
	return held;
}

static void node_returns_held(struct kunit *test)
{
	struct hasw_node *node = fixture_node(test, "n1");
	u64 since, due;

	/* While no service delays the failback, the node returns without being
	 * held.
	 */
	fixture_admin(test, node, HASWITCH_ADMIN_STATE_DOWN);
	fixture_admin(test, node, HASWITCH_ADMIN_STATE_UP);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_UP);
	fixture_await(test, node, 100 * (u64)NSEC_PER_SEC);
	fixture_await(test, node, HASW_FAILBACK_DEFAULT);
	fixture_admin(test, node, HASWITCH_ADMIN_STATE_DRAIN);
	fixture_admin(test, node, HASWITCH_ADMIN_STATE_UP);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_UP);
	fixture_admin(test, node, HASWITCH_ADMIN_STATE_MAINTENANCE);
	fixture_admin(test, node, HASWITCH_ADMIN_STATE_DRAIN);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_DRAIN);
	fixture_admin(test, node, HASWITCH_ADMIN_STATE_UP);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_HELD);
	since = node->held_since;
	KUNIT_EXPECT_EQ(test, hasw_word_since(node->word),
			hasw_word_since(since));
	/* The node stays held until the longest delay is over. */
	KUNIT_EXPECT_TRUE(test,
			  fixture_sync(test, node,
				       since + 99 * (u64)NSEC_PER_SEC, &due));
	KUNIT_EXPECT_EQ(test, due, since + 100 * (u64)NSEC_PER_SEC);
	KUNIT_EXPECT_FALSE(test, fixture_sync(test, node, due, &due));
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_UP);
	/* If the failback of a service waits for the administrator, the node
	 * stays held without a time limit.
	 */
	fixture_await(test, node, HASW_FAILBACK_MANUAL);
	fixture_admin(test, node, HASWITCH_ADMIN_STATE_DOWN);
	fixture_admin(test, node, HASWITCH_ADMIN_STATE_UP);
	KUNIT_EXPECT_TRUE(test, fixture_sync(test, node, U64_MAX - 1, &due));
	KUNIT_EXPECT_EQ(test, due, U64_MAX);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_HELD);
}

static void fixture_carrier(struct kunit *test, struct hasw_node *node,
			    bool lost, u64 decision)
{
	struct hasw_node_fixture *b = test->priv;

	spin_lock_bh(&b->hn.state_lock);
	hasw_node_set_evidence(&b->hn, node, HASWITCH_EVIDENCE_CARRIER, lost,
			       decision);
	spin_unlock_bh(&b->hn.state_lock);
}

/* After a short loss of this machine's own carrier, a node is not held and has
 * no penalty. Other evidence that follows from the lost carrier does not change
 * this.
 */
static void node_carrier_blip_is_no_return(struct kunit *test)
{
	struct hasw_node *node = fixture_node(test, "n1");
	struct hasw_node_fixture *b = test->priv;
	u64 t = hasw_switch_now();
	int i;

	fixture_await(test, node, HASW_FAILBACK_DEFAULT);
	fixture_carrier(test, node, true, t);
	fixture_evidence(test, node, HASWITCH_EVIDENCE_PULSE, true);
	fixture_carrier(test, node, false, t + NSEC_PER_SEC / 4);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_LOST);
	node->dead_since = hasw_switch_now();
	fixture_evidence(test, node, HASWITCH_EVIDENCE_PULSE, false);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_UP);
	KUNIT_EXPECT_EQ(test, node->damp.penalty, 0);
	/* After a longer carrier loss the node is held, but has no penalty. */
	for (i = 0; i < 5; i++) {
		t += 3 * (u64)NSEC_PER_SEC;
		fixture_carrier(test, node, true, t);
		fixture_carrier(test, node, false, t + NSEC_PER_SEC);
		EXPECT_STATE(test, node, HASWITCH_NODE_STATE_HELD);
	}
	KUNIT_EXPECT_EQ(test, node->damp.penalty, 0);
	/* A short carrier loss does not change a held node's held_since. */
	t = node->held_since;
	fixture_carrier(test, node, true, t + 1);
	fixture_carrier(test, node, false, t + 2);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_HELD);
	KUNIT_EXPECT_EQ(test, node->held_since, t);
	KUNIT_EXPECT_EQ(test, hasw_word_since(node->word), hasw_word_since(t));
	/* If a verdict takes the node out during the carrier loss, the return
	 * of the node sets held_since again.
	 */
	fixture_carrier(test, node, true, t + 3);
	mutex_lock(&b->hn.mutex);
	hasw_node_set_verdict(&b->hn, node, HASWITCH_VERDICT_LEFT);
	fixture_carrier(test, node, false, t + 4);
	hasw_node_set_verdict(&b->hn, node, HASWITCH_VERDICT_CLEAR);
	mutex_unlock(&b->hn.mutex);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_HELD);
	KUNIT_EXPECT_GT(test, node->held_since, 0);
	KUNIT_EXPECT_NE(test, node->held_since, t);
}

/* Lets the node die at @t and return one second later. */
static void fixture_flap(struct kunit *test, struct hasw_node *node, u64 t)
{
	struct hasw_node_fixture *b = test->priv;

	spin_lock_bh(&b->hn.state_lock);
	hasw_node_set_evidence(&b->hn, node, HASWITCH_EVIDENCE_PULSE, true, t);
	hasw_node_set_evidence(&b->hn, node, HASWITCH_EVIDENCE_PULSE, false,
			       t + NSEC_PER_SEC);
	spin_unlock_bh(&b->hn.state_lock);
}

static void node_that_flaps_is_damped(struct kunit *test)
{
	struct hasw_node *node = fixture_node(test, "n1");
	u64 t = hasw_switch_now(), due;
	int i;

	for (i = 0; i < 2; i++) {
		fixture_flap(test, node, t + i * 2 * (u64)NSEC_PER_SEC);
		EXPECT_STATE(test, node, HASWITCH_NODE_STATE_UP);
	}
	t += 4 * (u64)NSEC_PER_SEC;
	fixture_flap(test, node, t);
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_HELD);
	KUNIT_EXPECT_TRUE(test, node->word & HASW_WORD_DAMPED);
	KUNIT_EXPECT_TRUE(test, fixture_sync(test, node,
					     t + 60 * (u64)NSEC_PER_SEC, &due));
	/* After the third death, the penalty is 2860 or more. It falls below
	 * HASW_DAMP_REUSE 88 s to 98 s after this death.
	 */
	KUNIT_EXPECT_GE(test, due, t + 88 * (u64)NSEC_PER_SEC);
	KUNIT_EXPECT_LE(test, due, t + 98 * (u64)NSEC_PER_SEC);
	KUNIT_EXPECT_FALSE(test, fixture_sync(test, node, due, &due));
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_UP);
	/* After the damping, the node stays held if the failback of a service
	 * waits for the administrator.
	 */
	fixture_await(test, node, HASW_FAILBACK_MANUAL);
	for (i = 1; i < 4; i++)
		fixture_flap(test, node, t + (100 + i) * (u64)NSEC_PER_SEC);
	KUNIT_EXPECT_TRUE(test, node->word & HASW_WORD_DAMPED);
	KUNIT_EXPECT_TRUE(test,
			  fixture_sync(test, node, t + 400 * (u64)NSEC_PER_SEC,
				       &due));
	EXPECT_STATE(test, node, HASWITCH_NODE_STATE_HELD);
	KUNIT_EXPECT_FALSE(test, node->word & HASW_WORD_DAMPED);
}

static void node_event_tells_the_switch(struct kunit *test)
{
	struct hasw_node *node = fixture_node(test, "n1");
	struct hasw_node_fixture *b = test->priv;
	struct hasw_event ev;

	fixture_admin(test, node, HASWITCH_ADMIN_STATE_DOWN);
	KUNIT_ASSERT_TRUE(test, hasw_event_get(&b->hn, 1, &ev));
	KUNIT_EXPECT_EQ(test, ev.kind, HASWITCH_EVENT_KIND_NODE);
	KUNIT_EXPECT_EQ(test, ev.cause, HASWITCH_CAUSE_ADMIN);
	KUNIT_EXPECT_EQ(test, ev.from, HASWITCH_NODE_STATE_UP);
	KUNIT_EXPECT_EQ(test, ev.to, HASWITCH_NODE_STATE_DOWN);
	KUNIT_EXPECT_STREQ(test, ev.node, "n1");
	KUNIT_EXPECT_LE(test, ev.decision, ev.publish);
	KUNIT_EXPECT_EQ(test, node->sw.seq, 1);
	/* Setting the administrator's state to its present value is not a
	 * switch.
	 */
	fixture_admin(test, node, HASWITCH_ADMIN_STATE_DOWN);
	KUNIT_EXPECT_FALSE(test, hasw_event_get(&b->hn, 2, &ev));
}

static void event_ring_keeps_the_last(struct kunit *test)
{
	struct hasw_node_fixture *b = test->priv;
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

static void histogram_buckets_have_bounds(struct kunit *test)
{
	struct hasw_node_fixture *b = test->priv;
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

static bool fixture_stalled(struct hasw_node_fixture *b)
{
	bool stalled;

	spin_lock_bh(&b->hn.state_lock);
	stalled = b->hn.beat.stalled;
	spin_unlock_bh(&b->hn.state_lock);
	return stalled;
}

/* The timer can expire early, because jiffies jump ahead after lost timer
 * interrupts. A stalled agent is still reported, but not before hasw_beats.time
 * has passed since the last BEAT.
 */
static void silence_is_told_though_the_timer_is_early(struct kunit *test)
{
	struct hasw_node_fixture *b = test->priv;
	u64 begin = hasw_switch_now(), time = 100 * NSEC_PER_MSEC, gone;

	spin_lock_bh(&b->hn.state_lock);
	b->hn.beat.last = begin;
	b->hn.beat.time = time;
	spin_unlock_bh(&b->hn.state_lock);
	mod_timer(&b->hn.beat.timer, jiffies);
	while (!fixture_stalled(b) &&
	       hasw_switch_now() < begin + 20 * (u64)NSEC_PER_SEC)
		msleep(20);
	KUNIT_EXPECT_TRUE(test, fixture_stalled(b));
	KUNIT_EXPECT_GE(test, hasw_switch_now(), begin + time);
	/* The agent counts as gone since then, also when it is killed later. */
	gone = READ_ONCE(b->hn.beat.gone);
	KUNIT_EXPECT_GE(test, gone, begin + time);
	WRITE_ONCE(b->hn.beat.portid, 5);
	hasw_node_beat_gone(&b->hn, 5);
	KUNIT_EXPECT_EQ(test, READ_ONCE(b->hn.beat.portid), 0);
	KUNIT_EXPECT_EQ(test, READ_ONCE(b->hn.beat.gone), gone);
}

static bool fixture_at(const struct hasw_node_fixture *b, u32 number,
		       u16 family, const struct hasw_node *node)
{
	struct in6_addr addr = { .s6_addr32[3] = htonl(number) };

	if (family == AF_INET)
		ipv6_addr_set_v4mapped(htonl(number), &addr);
	return hasw_node_at(&b->cfg, &addr, family) == node &&
	       hasw_node_from(&b->cfg, &addr, family) == !!node;
}

/* A node is found by its name and its present addresses. It is not found by a
 * former address or after its deletion. The test adds HASWITCH_NODES_MAX nodes,
 * so that a bucket has several nodes.
 */
static void nodes_are_found(struct kunit *test)
{
	struct hasw_node_fixture *b = test->priv;
	struct hasw_addrs addrs = { .has4 = true, .has6 = true };
	struct hasw_node *node, *next;
	char name[HASWITCH_NAME_MAX];
	u32 i = 0;

	/* The mutex is not held here, because a failed allocation in
	 * fixture_node() ends the test without unlocking.
	 */
	for (i = 0; i < HASWITCH_NODES_MAX; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		fixture_node(test, name);
	}
	i = 0;
	mutex_lock(&b->hn.mutex);
	list_for_each_entry(node, &b->cfg.nodes, list) {
		addrs.addr4 = htonl(i);
		addrs.addr6.s6_addr32[3] = htonl(i);
		hasw_node_set_addrs(&b->cfg, node, &addrs);
		i++;
	}
	i = 0;
	list_for_each_entry(node, &b->cfg.nodes, list) {
		KUNIT_EXPECT_PTR_EQ(test, hasw_node_find(&b->cfg, node->name),
				    node);
		KUNIT_EXPECT_TRUE(test, fixture_at(b, i, AF_INET, node));
		KUNIT_EXPECT_TRUE(test, fixture_at(b, i, AF_INET6, node));
		/* Only the IPv4 address changes. */
		addrs.addr4 = htonl(i + 5000);
		addrs.addr6.s6_addr32[3] = htonl(i);
		hasw_node_set_addrs(&b->cfg, node, &addrs);
		KUNIT_EXPECT_TRUE(test, fixture_at(b, i, AF_INET, NULL));
		KUNIT_EXPECT_TRUE(test, fixture_at(b, i + 5000, AF_INET, node));
		KUNIT_EXPECT_TRUE(test, fixture_at(b, i, AF_INET6, node));
		i++;
	}
	KUNIT_EXPECT_NULL(test, hasw_node_find(&b->cfg, "n"));
	addrs.has6 = false;
	i = 0;
	list_for_each_entry_safe(node, next, &b->cfg.nodes, list) {
		addrs.addr4 = htonl(i + 5000);
		hasw_node_set_addrs(&b->cfg, node, &addrs);
		KUNIT_EXPECT_TRUE(test, fixture_at(b, i, AF_INET6, NULL));
		KUNIT_EXPECT_TRUE(test, fixture_at(b, i + 5000, AF_INET, node));
		strscpy(name, node->name, sizeof(name));
		hasw_node_del(&b->cfg, node);
		KUNIT_EXPECT_TRUE(test, fixture_at(b, i + 5000, AF_INET, NULL));
		KUNIT_EXPECT_NULL(test, hasw_node_find(&b->cfg, name));
		i++;
	}
	mutex_unlock(&b->hn.mutex);
}

static void lladdrs_never_have_zero(struct kunit *test)
{
	static const u8 zero[ETH_ALEN], one[ETH_ALEN] = { 2, 0, 0, 0, 0, 1 },
			two[ETH_ALEN] = { 2, 0, 0, 0, 0, 2 };
	u64 lladdrs[HASW_LLADDRS] = {};

	KUNIT_EXPECT_FALSE(test, hasw_lladdrs_have(lladdrs, zero));
	lladdrs[0] = ether_addr_to_u64(one);
	KUNIT_EXPECT_TRUE(test, hasw_lladdrs_have(lladdrs, one));
	KUNIT_EXPECT_FALSE(test, hasw_lladdrs_have(lladdrs, two));
	KUNIT_EXPECT_FALSE(test, hasw_lladdrs_have(lladdrs, zero));
	memset64(lladdrs, ether_addr_to_u64(one), HASW_LLADDRS - 1);
	lladdrs[HASW_LLADDRS - 1] = ether_addr_to_u64(two);
	KUNIT_EXPECT_TRUE(test, hasw_lladdrs_have(lladdrs, two));
	KUNIT_EXPECT_FALSE(test, hasw_lladdrs_have(lladdrs, zero));
}

/* Number of nodes in a test, and of those that are updated at once at most. */
#define CROWD 200
#define STRIDE 100

/* Returns how many nodes have a state. Under hasw_net.mutex. */
static u32 fixture_in(const struct hasw_node_fixture *b, u8 state)
{
	const struct hasw_node *node;
	u32 n = 0;

	list_for_each_entry(node, &b->cfg.nodes, list)
		n += hasw_word_state(node->word) == state;
	return n;
}

static void fixture_crowd(struct kunit *test)
{
	char name[16];
	u32 i;

	for (i = 0; i < CROWD; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		fixture_node(test, name);
	}
}

/* state_lock is not held for long if a BEAT loses very many nodes. */
static void many_nodes_are_lost_in_short_runs(struct kunit *test)
{
	struct hasw_beat beat = { .decision = 100, .time = 30 };
	struct hasw_node_fixture *b = test->priv;
	struct hasw_node *node;
	u32 was, n = 0;

	fixture_crowd(test);
	mutex_lock(&b->hn.mutex);
	list_for_each_entry(node, &b->cfg.nodes, list)
		node->agent = HASWITCH_AGENT_STATE_ALIVE;
	node = list_first_entry(&b->cfg.nodes, struct hasw_node, list);
	while (node) {
		was = n;
		spin_lock_bh(&b->hn.state_lock);
		node = hasw_beat_lose(&b->hn, &b->cfg, &beat, node);
		spin_unlock_bh(&b->hn.state_lock);
		n = fixture_in(b, HASWITCH_NODE_STATE_LOST);
		KUNIT_EXPECT_LE(test, n - was, STRIDE);
	}
	mutex_unlock(&b->hn.mutex);
	KUNIT_EXPECT_EQ(test, n, CROWD);
}

/* The same for many nodes whose drain is over. */
static void many_drains_end_in_short_runs(struct kunit *test)
{
	struct hasw_node_fixture *b = test->priv;
	u64 next = U64_MAX;
	struct hasw_node *node;
	u32 was, n = 0;

	fixture_crowd(test);
	mutex_lock(&b->hn.mutex);
	list_for_each_entry(node, &b->cfg.nodes, list)
		node->drain_end = 1;
	node = list_first_entry(&b->cfg.nodes, struct hasw_node, list);
	while (node) {
		was = n;
		spin_lock_bh(&b->hn.state_lock);
		node = hasw_held_some(&b->hn, node, 2, &next);
		spin_unlock_bh(&b->hn.state_lock);
		n = fixture_in(b, HASWITCH_NODE_STATE_MAINTENANCE);
		KUNIT_EXPECT_LE(test, n - was, STRIDE);
	}
	mutex_unlock(&b->hn.mutex);
	KUNIT_EXPECT_EQ(test, n, CROWD);
	KUNIT_EXPECT_EQ(test, next, U64_MAX);
}

static struct kunit_case node_cases[] = {
	KUNIT_CASE(node_is_usable_only_if_all_allow),
	KUNIT_CASE(nodes_are_found),
	KUNIT_CASE(lladdrs_never_have_zero),
	KUNIT_CASE(node_lost_only_by_a_beat),
	KUNIT_CASE(many_nodes_are_lost_in_short_runs),
	KUNIT_CASE(many_drains_end_in_short_runs),
	KUNIT_CASE(node_evidence_only_takes_out),
	KUNIT_CASE(node_returns_held),
	KUNIT_CASE(node_carrier_blip_is_no_return),
	KUNIT_CASE(node_that_flaps_is_damped),
	KUNIT_CASE(silence_is_told_though_the_timer_is_early),
	KUNIT_CASE(node_event_tells_the_switch),
	KUNIT_CASE(event_ring_keeps_the_last),
	KUNIT_CASE(histogram_buckets_have_bounds),
	{}
};

static struct kunit_suite node_suite = {
	.name = "haswitch_node",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = node_cases,
};

kunit_test_suite(node_suite);
