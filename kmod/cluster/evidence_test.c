// SPDX-License-Identifier: GPL-2.0
/* KUnit: the evidence timer detects carrier changes of one and many devices. */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/slab.h>
#include <net/neighbour.h>

#include "node_fixture.h"

#define BENCH_DEVS (HASW_CARRIERS + 1)
#define BENCH_NODES 3		/* nodes behind the first device */

/**
 * struct fixture - nodes and their next hops
 * @nodes: fixture of the nodes
 * @hop: one snapshot for each device; the devices are not registered, so no
 *	notifier reports their carriers
 * @neigh: neighbour entry of a next hop without a snapshot
 */
struct fixture {
	struct hasw_node_fixture nodes;
	struct hasw_hop hop[BENCH_DEVS];
	struct neighbour neigh;
};

static int fixture_init(struct kunit *test)
{
	struct fixture *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	int i;

	test->priv = b;
	if (!b)
		return -ENOMEM;
	for (i = 0; i < BENCH_DEVS; i++) {
		b->hop[i].dev = alloc_etherdev(0);
		if (!b->hop[i].dev)
			break;
		set_bit(__LINK_STATE_START, &b->hop[i].dev->state);
	}
	return hasw_node_fixture_init(&b->nodes) ?:
		       i < BENCH_DEVS		 ? -ENOMEM :
						   0;
}

static void fixture_exit(struct kunit *test)
{
	struct fixture *b = test->priv;
	struct hasw_node *node;
	int i;

	if (!b)
		return;
	mutex_lock(&b->nodes.hn.mutex);
	list_for_each_entry(node, &b->nodes.cfg.nodes, list) {
		RCU_INIT_POINTER(node->neigh[HASW_HOP4].hop, NULL);
		WRITE_ONCE(node->neigh[HASW_HOP4].neigh, NULL);
	}
	mutex_unlock(&b->nodes.hn.mutex);
	/* The handler of the evidence timer might still read the devices.
	 * hasw_node_fixture_exit() stops this timer, so it must be called
	 * before free_netdev().
	 */
	hasw_node_fixture_exit(&b->nodes);
	for (i = 0; i < BENCH_DEVS; i++)
		if (b->hop[i].dev)
			free_netdev(b->hop[i].dev);
}

/* Adds a node whose next hop has the snapshot @hop and the neighbour entry
 * @neigh. Each of the two can be NULL.
 */
static struct hasw_node *fixture_node_by(struct kunit *test,
					 struct hasw_hop *hop,
					 struct neighbour *neigh)
{
	struct fixture *b = test->priv;
	struct hasw_node *node;
	char name[16];

	snprintf(name, sizeof(name), "n%u", b->nodes.cfg.n_nodes);
	node = hasw_node_new(name, false, HASWITCH_ADMIN_STATE_UP);
	KUNIT_ASSERT_NOT_NULL(test, node);
	mutex_lock(&b->nodes.hn.mutex);
	hasw_node_add(&b->nodes.cfg, node);
	rcu_assign_pointer(node->neigh[HASW_HOP4].hop, hop);
	rcu_assign_pointer(node->hop[HASW_HOP4], hop);
	WRITE_ONCE(node->neigh[HASW_HOP4].neigh, neigh);
	hasw_evidence_neighs(&b->nodes.hn, &b->nodes.cfg, node);
	mutex_unlock(&b->nodes.hn.mutex);
	return node;
}

static struct hasw_node *fixture_node(struct kunit *test, int dev)
{
	struct fixture *b = test->priv;

	return fixture_node_by(test, &b->hop[dev], NULL);
}

static bool fixture_lost(const struct hasw_node *node)
{
	return READ_ONCE(node->evidence) & BIT(HASWITCH_EVIDENCE_CARRIER);
}

/* Returns whether the carrier evidence of a node becomes @lost within five
 * seconds.
 */
static bool fixture_becomes(const struct hasw_node *node, bool lost)
{
	unsigned long until = jiffies + 5 * HZ;

	while (fixture_lost(node) != lost && time_before(jiffies, until))
		usleep_range(100, 1000);
	return fixture_lost(node) == lost;
}

/* Returns whether a run of the evidence timer reads exactly @devs devices
 * within five seconds.
 */
static bool fixture_knows(const struct fixture *b, int devs)
{
	const struct hasw_carriers *seen = &b->nodes.cfg.carriers;
	unsigned long until = jiffies + 5 * HZ;

	while (!READ_ONCE(seen->known) || READ_ONCE(seen->n) != devs ||
	       READ_ONCE(seen->seen) != atomic_read(&seen->changes)) {
		if (time_after(jiffies, until))
			return false;
		usleep_range(100, 1000);
	}
	return true;
}

/* A lost carrier sets evidence against each node behind the device and against
 * no other node, also after a node behind another device was added.
 */
static void carrier_is_read_by_device(struct kunit *test)
{
	struct fixture *b = test->priv;
	struct hasw_node *node[BENCH_NODES], *other;
	int i, turn;

	for (i = 0; i < BENCH_NODES; i++)
		node[i] = fixture_node(test, 0);
	KUNIT_EXPECT_TRUE(test, fixture_knows(b, 1));
	other = fixture_node(test, 1);
	KUNIT_EXPECT_TRUE(test, fixture_knows(b, 2));
	for (turn = 0; turn < 3; turn++) {
		netif_carrier_off(b->hop[0].dev);
		for (i = 0; i < BENCH_NODES; i++)
			KUNIT_EXPECT_TRUE(test, fixture_becomes(node[i], true));
		KUNIT_EXPECT_FALSE(test, fixture_lost(other));
		netif_carrier_on(b->hop[0].dev);
		for (i = 0; i < BENCH_NODES; i++)
			KUNIT_EXPECT_TRUE(test,
					  fixture_becomes(node[i], false));
	}
	netif_carrier_off(b->hop[1].dev);
	KUNIT_EXPECT_TRUE(test, fixture_becomes(other, true));
	for (i = 0; i < BENCH_NODES; i++)
		KUNIT_EXPECT_FALSE(test, fixture_lost(node[i]));
	/* The timer does not read a device whose last node was deleted. */
	mutex_lock(&b->nodes.hn.mutex);
	RCU_INIT_POINTER(other->neigh[HASW_HOP4].hop, NULL);
	hasw_node_del(&b->nodes.cfg, other);
	mutex_unlock(&b->nodes.hn.mutex);
	KUNIT_EXPECT_TRUE(test, fixture_knows(b, 1));
}

/* A device with very many nodes behind it fails. No run takes long, and all
 * nodes are lost at the end.
 */
static void carrier_of_many_nodes_is_read_in_short_runs(struct kunit *test)
{
	struct fixture *b = test->priv;
	struct hasw_node *node;
	u32 runs = 0, was, n = 0;
	bool more = true;

	while (b->nodes.cfg.n_nodes < 600)
		fixture_node(test, 0);
	hasw_evidence_exit(&b->nodes.hn);
	netif_carrier_off(b->hop[0].dev);
	while (more && runs++ < 600) {
		was = n;
		rcu_read_lock();
		KUNIT_EXPECT_TRUE(test,
				  hasw_evidence_look(&b->nodes.hn, &b->nodes.cfg,
						     NULL, NULL, &more));
		rcu_read_unlock();
		n = 0;
		list_for_each_entry(node, &b->nodes.cfg.nodes, list)
			n += fixture_lost(node);
		KUNIT_EXPECT_LE(test, n - was, 300);
	}
	KUNIT_EXPECT_EQ(test, n, 600);
}

/* The timer reads each device, even if there are more than HASW_CARRIERS
 * devices.
 */
static void carrier_is_read_of_many_devices(struct kunit *test)
{
	struct fixture *b = test->priv;
	struct hasw_node *node[BENCH_DEVS];
	int i;

	for (i = 0; i < BENCH_DEVS; i++)
		node[i] = fixture_node(test, i);
	for (i = 0; i < BENCH_DEVS; i++) {
		netif_carrier_off(b->hop[i].dev);
		KUNIT_EXPECT_TRUE(test, fixture_becomes(node[i], true));
		netif_carrier_on(b->hop[i].dev);
		KUNIT_EXPECT_TRUE(test, fixture_becomes(node[i], false));
	}
}

/* The timer reads the device of a neighbour entry once the entry has been
 * valid, even if the next hop has no snapshot yet.
 */
static void carrier_is_read_once_answered(struct kunit *test)
{
	struct fixture *b = test->priv;
	struct hasw_node *node;

	b->neigh.dev = b->hop[0].dev;
	node = fixture_node_by(test, NULL, &b->neigh);
	KUNIT_EXPECT_TRUE(test, fixture_knows(b, 0));
	netif_carrier_off(b->hop[0].dev);
	WRITE_ONCE(b->neigh.nud_state, NUD_REACHABLE);
	rcu_read_lock();
	hasw_evidence_neigh(&b->nodes.hn, &b->nodes.cfg, node, HASW_HOP4,
			    &b->neigh);
	rcu_read_unlock();
	KUNIT_EXPECT_TRUE(test, fixture_becomes(node, true));
	KUNIT_EXPECT_TRUE(test, fixture_knows(b, 1));
}

/* A restore moves a next hop from the old node to its twin while packets still
 * use the old node. So both nodes point to the next hop, and only the twin
 * drops it. A failure of the neighbour entry between the move and the
 * publication is copied to the twin.
 */
static void moved_hop_stays_with_old_node(struct kunit *test)
{
	struct fixture *b = test->priv;
	struct hasw_net *hn = &b->nodes.hn;
	struct hasw_node *old, *twin;

	b->neigh.dev = b->hop[0].dev;
	WRITE_ONCE(b->neigh.nud_state, NUD_REACHABLE);
	old = fixture_node_by(test, &b->hop[0], &b->neigh);
	twin = fixture_node_by(test, NULL, NULL);
	mutex_lock(&hn->mutex);
	old->twin = twin;
	KUNIT_EXPECT_FALSE(test, hasw_hop_known(twin));
	hasw_hop_move(hn, twin, old);
	KUNIT_EXPECT_TRUE(test, hasw_hop_known(twin));
	KUNIT_EXPECT_PTR_EQ(test, rcu_access_pointer(old->neigh[HASW_HOP4].hop),
			    &b->hop[0]);
	KUNIT_EXPECT_PTR_EQ(test, rcu_access_pointer(twin->neigh[HASW_HOP4].hop),
			    &b->hop[0]);
	KUNIT_EXPECT_PTR_EQ(test, rcu_access_pointer(twin->hop[HASW_HOP6]),
			    &b->hop[0]);
	spin_lock_bh(&hn->state_lock);
	old->neigh[HASW_HOP4].failed = true;
	hasw_evidence_inherit(hn, &b->nodes.cfg);
	spin_unlock_bh(&hn->state_lock);
	KUNIT_EXPECT_TRUE(test, twin->neigh[HASW_HOP4].failed);
	KUNIT_EXPECT_TRUE(test, twin->evidence &
				BIT(HASWITCH_EVIDENCE_NEIGHBOUR));
	hasw_hop_drop(old);
	KUNIT_EXPECT_PTR_EQ(test, rcu_access_pointer(old->neigh[HASW_HOP4].hop),
			    &b->hop[0]);
	mutex_unlock(&hn->mutex);
}

/* Calls hasw_evidence_neighs() as a lookup of next hops does, which has found
 * @hop and @neigh. Returns the bits HASW_WORD_UNREACHED of the node's word.
 */
static u64 looked_up(struct kunit *test, struct hasw_node *node,
		     struct hasw_hop *hop, struct neighbour *neigh, bool routed)
{
	struct fixture *b = test->priv;

	mutex_lock(&b->nodes.hn.mutex);
	rcu_assign_pointer(node->neigh[HASW_HOP4].hop, hop);
	WRITE_ONCE(node->neigh[HASW_HOP4].neigh, neigh);
	WRITE_ONCE(node->neigh[HASW_HOP4].routed, routed);
	hasw_evidence_neighs(&b->nodes.hn, &b->nodes.cfg, node);
	mutex_unlock(&b->nodes.hn.mutex);
	return node->word & HASW_WORD_UNREACHED;
}

/* A node is unresolved until it has a snapshot, and again when no route leads
 * to it. The bits concern members only, so a node without members has none.
 */
static void unresolved_until_a_snapshot(struct kunit *test)
{
	struct fixture *b = test->priv;
	struct hasw_net *hn = &b->nodes.hn;
	struct hasw_node *node;
	u64 since;

	b->neigh.dev = b->hop[0].dev;
	node = fixture_node_by(test, NULL, &b->neigh);
	since = hasw_word_since(node->word);
	KUNIT_EXPECT_EQ(test, node->word & HASW_WORD_UNREACHED, 0);
	mutex_lock(&hn->mutex);
	node->n_direct = 1;
	hasw_node_sync_unreached(hn, node);
	mutex_unlock(&hn->mutex);
	KUNIT_EXPECT_EQ(test, node->word & HASW_WORD_UNREACHED,
			HASW_WORD_UNRESOLVED);
	/* The neighbour answers, but packets have no snapshot yet. */
	WRITE_ONCE(b->neigh.nud_state, NUD_REACHABLE);
	rcu_read_lock();
	hasw_evidence_neigh(hn, &b->nodes.cfg, node, HASW_HOP4, &b->neigh);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, node->word & HASW_WORD_UNREACHED,
			HASW_WORD_UNRESOLVED);
	KUNIT_EXPECT_EQ(test, looked_up(test, node, &b->hop[0], &b->neigh,
					true), 0);
	/* The entry was flushed. */
	KUNIT_EXPECT_EQ(test, looked_up(test, node, NULL, &b->neigh, true), 0);
	KUNIT_EXPECT_EQ(test, looked_up(test, node, NULL, NULL, true),
			HASW_WORD_UNRESOLVED);
	node->n_routed = 1;
	KUNIT_EXPECT_EQ(test, looked_up(test, node, NULL, NULL, false),
			HASW_WORD_UNREACHED);
	KUNIT_EXPECT_EQ(test, looked_up(test, node, NULL, NULL, true),
			HASW_WORD_UNRESOLVED);
	/* The state and its start have not changed, and no event tells so. */
	KUNIT_EXPECT_EQ(test, hasw_word_since(node->word), since);
	KUNIT_EXPECT_EQ(test, hasw_word_state(node->word),
			HASWITCH_NODE_STATE_UP);
	KUNIT_EXPECT_EQ(test, node->sw.seq, 0);
	/* A switch keeps the bits. */
	mutex_lock(&hn->mutex);
	spin_lock_bh(&hn->state_lock);
	hasw_node_set_evidence(hn, node, HASWITCH_EVIDENCE_PULSE, true,
			       hasw_switch_now());
	spin_unlock_bh(&hn->state_lock);
	mutex_unlock(&hn->mutex);
	KUNIT_EXPECT_EQ(test, node->word & HASW_WORD_UNREACHED,
			HASW_WORD_UNRESOLVED);
	KUNIT_EXPECT_EQ(test, hasw_word_state(node->word),
			HASWITCH_NODE_STATE_LOST);
}

static struct kunit_case evidence_cases[] = {
	KUNIT_CASE(carrier_is_read_by_device),
	KUNIT_CASE(carrier_is_read_of_many_devices),
	KUNIT_CASE(carrier_of_many_nodes_is_read_in_short_runs),
	KUNIT_CASE(carrier_is_read_once_answered),
	KUNIT_CASE(moved_hop_stays_with_old_node),
	KUNIT_CASE(unresolved_until_a_snapshot),
	{}
};

static struct kunit_suite evidence_suite = {
	.name = "haswitch_evidence",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = evidence_cases,
};

kunit_test_suite(evidence_suite);
