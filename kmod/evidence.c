// SPDX-License-Identifier: GPL-2.0
/* Evidence from the ways to a node: the carrier of its devices, and neighbours that stop answering. */
#include <linux/hrtimer.h>
#include <linux/netdevice.h>
#include <linux/rculist.h>
#include <net/neighbour.h>

#include "compat/compat_timer.h"
#include "node.h"

/* The kernel tells of a lost carrier up to a second late, so it is read. All
 * namespaces read it at the same moments, and one interrupt serves them.
 */
#define HASW_EVIDENCE_TICK NSEC_PER_MSEC

/* What the carriers say of a node. */
enum { HASW_CARRIER_UNKNOWN, HASW_CARRIER_OK, HASW_CARRIER_LOST };

/* The device of a way that has worked, or NULL. A carrier that goes takes the
 * neighbour entry along, so the snapshot may be gone before this is asked; the
 * pinned entry still has the device, which RCU keeps: it is unpinned before a
 * device goes. RCU read side.
 */
static const struct net_device *hasw_evidence_dev(const struct hasw_way *way,
						  const struct hasw_hop *hop)
{
	const struct neighbour *neigh = READ_ONCE(way->neigh);

	if (hop)
		return hop->dev;
	return neigh && READ_ONCE(way->answered) ? neigh->dev : NULL;
}

/* Only ways that have worked count: a node that was never reached has not been
 * lost by its link. It is well again when a way is known again, not before:
 * packets that went round it go on to. In between, what was found stays. @down
 * is a device that goes down, or NULL. RCU read side.
 */
static int hasw_evidence_carrier(const struct hasw_node *node,
				 const struct net_device *down)
{
	bool lost = false, open = false;
	const struct net_device *dev;
	const struct hasw_hop *hop;
	int i;

	for (i = 0; i < HASW_HOPS; i++) {
		hop = rcu_dereference(node->way[i].hop);
		dev = hasw_evidence_dev(&node->way[i], hop);
		if (!dev)
			continue;
		/* A device that was just set down may keep its carrier: what
		 * hasw_evidence_down() has found, no tick takes back.
		 */
		if (dev == down || !hasw_dev_up(dev)) {
			lost = true;
			continue;
		}
		if (hop)
			return HASW_CARRIER_OK;
		open = true;
	}
	return lost && !open ? HASW_CARRIER_LOST : HASW_CARRIER_UNKNOWN;
}

/* Looks at all nodes; whether there is a way to any of them. RCU read side. */
static bool hasw_evidence_look(struct hasw_net *hn,
			       const struct hasw_config *cfg,
			       const struct net_device *down)
{
	struct hasw_node *node;
	bool any = false, lost;
	int found;

	list_for_each_entry_rcu(node, &cfg->nodes, list) {
		any |= READ_ONCE(node->way[HASW_HOP4].neigh) ||
		       READ_ONCE(node->way[HASW_HOP6].neigh) ||
		       rcu_access_pointer(node->hop[HASW_HOP4]);
		found = hasw_evidence_carrier(node, down);
		if (found == HASW_CARRIER_UNKNOWN)
			continue;
		lost = found == HASW_CARRIER_LOST;
		if (likely(lost == !!(READ_ONCE(node->evidence) &
				      BIT(HASWITCH_EVIDENCE_CARRIER))))
			continue;
		spin_lock_bh(&hn->state_lock);
		hasw_node_set_evidence(hn, node, HASWITCH_EVIDENCE_CARRIER,
				       lost, hasw_switch_now());
		spin_unlock_bh(&hn->state_lock);
	}
	return any;
}

static ktime_t hasw_evidence_next(void)
{
	u64 now = ktime_get_ns();

	return ns_to_ktime(now - now % HASW_EVIDENCE_TICK + HASW_EVIDENCE_TICK);
}

static enum hrtimer_restart hasw_evidence_tick(struct hrtimer *timer)
{
	struct hasw_net *hn = container_of(timer, struct hasw_net,
					   evidence_timer);
	const struct hasw_config *cfg;
	bool any;

	rcu_read_lock();
	cfg = rcu_dereference(hn->config);
	any = !READ_ONCE(hn->closing) && hasw_evidence_look(hn, cfg, NULL);
	rcu_read_unlock();
	if (!any) {
		atomic_set_release(&hn->evidence_watch, 0);
		return HRTIMER_NORESTART;
	}
	/* Not HRTIMER_RESTART with another time: hasw_evidence_ways() may have
	 * queued the timer meanwhile, and what is queued has its time.
	 */
	hrtimer_start(timer, hasw_evidence_next(), HRTIMER_MODE_ABS_SOFT);
	return HRTIMER_NORESTART;
}

/**
 * hasw_evidence_down() - ways may be at their end: looks which are, and why
 * @hn: namespace
 * @cfg: the configuration whose nodes are looked at
 * @dev: the device that goes down, or NULL if any may have
 *
 * Before ways are dropped, since afterwards nobody knows which they were.
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_evidence_down(struct hasw_net *hn, const struct hasw_config *cfg,
			const struct net_device *dev)
{
	rcu_read_lock();
	hasw_evidence_look(hn, cfg, dev);
	rcu_read_unlock();
}

/* Every way that answered once has stopped to. Under state_lock. */
static void hasw_evidence_neighbour(struct hasw_net *hn, struct hasw_node *node)
{
	bool failed = false, answers = false;
	int i;

	for (i = 0; i < HASW_HOPS; i++) {
		failed |= node->way[i].failed;
		answers |= node->way[i].answered && !node->way[i].failed;
	}
	hasw_node_set_evidence(hn, node, HASWITCH_EVIDENCE_NEIGHBOUR,
			       failed && !answers, hasw_switch_now());
}

/**
 * hasw_evidence_ways() - the ways of a node were looked up again
 * @hn: namespace
 * @node: the node
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_evidence_ways(struct hasw_net *hn, struct hasw_node *node)
{
	bool known = false;
	int i;

	spin_lock_bh(&hn->state_lock);
	for (i = 0; i < HASW_HOPS; i++) {
		struct hasw_way *way = &node->way[i];

		if (!way->neigh) {
			WRITE_ONCE(way->answered, false);
			way->failed = false;
		} else if (rcu_access_pointer(way->hop)) {
			WRITE_ONCE(way->answered, true);
			way->failed = false;
		}
		known |= way->neigh || rcu_access_pointer(way->hop);
	}
	hasw_evidence_neighbour(hn, node);
	spin_unlock_bh(&hn->state_lock);
	if (!known || READ_ONCE(hn->closing))
		return;
	/* A tick that found no way may just be ending: once more makes sure,
	 * and started twice it is there once only.
	 */
	if (!atomic_xchg(&hn->evidence_watch, 1) ||
	    !hrtimer_is_queued(&hn->evidence_timer))
		hrtimer_start(&hn->evidence_timer, hasw_evidence_next(),
			      HRTIMER_MODE_ABS_SOFT);
}

/**
 * hasw_evidence_neigh() - a neighbour entry that is a way to a node changed
 * @hn: namespace
 * @node: the node
 * @i: which way
 * @neigh: the entry
 *
 * An entry fails also when an administrator flushes it, which says nothing of
 * the node: that is done by a process, while the kernel's own probes end in a
 * timer. One that never answered, as at boot, is no evidence either.
 *
 * Context: softirq or process, RCU read side.
 */
void hasw_evidence_neigh(struct hasw_net *hn, struct hasw_node *node, int i,
			 const struct neighbour *neigh)
{
	struct hasw_way *way = &node->way[i];
	u8 state = READ_ONCE(neigh->nud_state);
	bool failed = state & NUD_FAILED && in_serving_softirq();

	if (!failed && !(state & NUD_VALID))
		return;
	spin_lock_bh(&hn->state_lock);
	if (READ_ONCE(way->neigh) == neigh) {
		way->failed = failed && way->answered;
		if (!failed)
			WRITE_ONCE(way->answered, true);
		hasw_evidence_neighbour(hn, node);
	}
	spin_unlock_bh(&hn->state_lock);
}

/**
 * hasw_evidence_init() - makes the tick at which carriers are read
 * @hn: namespace
 *
 * Context: process.
 */
void hasw_evidence_init(struct hasw_net *hn)
{
	hasw_hrtimer_setup(&hn->evidence_timer, hasw_evidence_tick,
			   CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
}

/**
 * hasw_evidence_exit() - ends it for good
 * @hn: namespace; hasw_net.closing is set, or nothing was ever configured
 *
 * Context: process, no lock held.
 */
void hasw_evidence_exit(struct hasw_net *hn)
{
	hrtimer_cancel(&hn->evidence_timer);
}
