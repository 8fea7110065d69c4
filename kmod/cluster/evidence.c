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

/* Whether a device can be heard; with @seen, as it was when the same look asked
 * first: what all nodes behind it are told is one thing. RCU read side.
 */
static bool hasw_evidence_up(struct hasw_carriers *seen,
			     const struct net_device *dev)
{
	bool up;
	u8 i;

	BUILD_BUG_ON(BITS_PER_TYPE(seen->up) < HASW_CARRIERS);
	if (!seen)
		return hasw_dev_up(dev);
	for (i = 0; i < seen->n; i++)
		if (seen->dev[i] == dev)
			return seen->up & BIT(i);
	up = hasw_dev_up(dev);
	if (i == HASW_CARRIERS) {
		seen->known = false;
		return up;
	}
	seen->dev[i] = dev;
	if (up)
		seen->up |= BIT(i);
	seen->n++;
	return up;
}

/* Only ways that have worked count: a node that was never reached has not been
 * lost by its link. It is well again when a way is known again, not before:
 * packets that went round it go on to. In between, what was found stays. @down
 * is a device that goes down, or NULL. RCU read side.
 */
static int hasw_evidence_carrier(const struct hasw_node *node,
				 const struct net_device *down,
				 struct hasw_carriers *seen)
{
	bool lost = false, open = false, ok = false;
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
		if (dev == down || !hasw_evidence_up(seen, dev))
			lost = true;
		else if (hop)
			ok = true;
		else
			open = true;
	}
	if (ok)
		return HASW_CARRIER_OK;
	return lost && !open ? HASW_CARRIER_LOST : HASW_CARRIER_UNKNOWN;
}

/* Looks at all nodes; whether there is a way to any of them. RCU read side. */
static bool hasw_evidence_look(struct hasw_net *hn,
			       const struct hasw_config *cfg,
			       const struct net_device *down,
			       struct hasw_carriers *seen)
{
	struct hasw_node *node;
	bool any = false, lost;
	int found;

	list_for_each_entry_rcu(node, &cfg->nodes, list) {
		any |= READ_ONCE(node->way[HASW_HOP4].neigh) ||
		       READ_ONCE(node->way[HASW_HOP6].neigh) ||
		       rcu_access_pointer(node->hop[HASW_HOP4]);
		found = hasw_evidence_carrier(node, down, seen);
		if (found == HASW_CARRIER_UNKNOWN)
			continue;
		lost = found == HASW_CARRIER_LOST;
		if (likely(lost == !!(READ_ONCE(node->evidence) &
				      BIT(HASWITCH_EVIDENCE_CARRIER))))
			continue;
		spin_lock_bh(&hn->state_lock);
		/* A device that goes down during this look is what
		 * hasw_evidence_down() says of it, then: what was seen of it
		 * before takes nothing back.
		 */
		if (!seen || hasw_evidence_carrier(node, NULL, NULL) == found)
			hasw_node_set_evidence(hn, node,
					       HASWITCH_EVIDENCE_CARRIER, lost,
					       hasw_switch_now());
		else
			seen->known = false;
		spin_unlock_bh(&hn->state_lock);
	}
	return any;
}

/* Whether a look at all nodes would find what the last one has found. Of
 * devices there are few, however many nodes. RCU read side, the tick's.
 */
static bool hasw_evidence_same(const struct hasw_carriers *seen)
{
	u8 i;

	/* Pairs with hasw_evidence_changed(): who reads the new number finds
	 * the change.
	 */
	if (!seen->known || atomic_read_acquire(&seen->ways) != seen->seen)
		return false;
	for (i = 0; i < seen->n; i++)
		if (hasw_dev_up(seen->dev[i]) != !!(seen->up & BIT(i)))
			return false;
	return true;
}

/* What a tick does; whether there is a way to any node. RCU read side. */
static bool hasw_evidence_read(struct hasw_net *hn, struct hasw_config *cfg)
{
	struct hasw_carriers *seen = &cfg->carriers;

	if (likely(hasw_evidence_same(seen)))
		return seen->any;
	/* Before the look: what changes meanwhile is for the next tick. */
	seen->seen = atomic_read_acquire(&seen->ways);
	seen->known = true;
	seen->n = 0;
	seen->up = 0;
	seen->any = hasw_evidence_look(hn, cfg, NULL, seen);
	return seen->any;
}

static ktime_t hasw_evidence_next(void)
{
	u64 now = ktime_get_ns();

	return ns_to_ktime(now - now % HASW_EVIDENCE_TICK + HASW_EVIDENCE_TICK);
}

static enum hrtimer_restart hasw_evidence_tick(struct hrtimer *timer)
{
	struct hasw_net *hn =
		container_of(timer, struct hasw_net, evidence.timer);
	struct hasw_config *cfg;
	bool any;

	rcu_read_lock();
	cfg = rcu_dereference(hn->config);
	any = !READ_ONCE(hn->closing) && hasw_evidence_read(hn, cfg);
	rcu_read_unlock();
	if (!any) {
		atomic_set_release(&hn->evidence.watch, 0);
		return HRTIMER_NORESTART;
	}
	/* Not HRTIMER_RESTART with another time: hasw_evidence_ways() may have
	 * queued the timer meanwhile, and what is queued has its time.
	 */
	hrtimer_start(timer, hasw_evidence_next(), HRTIMER_MODE_ABS_SOFT);
	return HRTIMER_NORESTART;
}

/**
 * hasw_evidence_changed() - the ways to nodes, or whether they work, changed
 * @cfg: the configuration of the nodes
 *
 * After the change. If it let a device go, hasw_net.mutex is held from there to
 * here: who waits for it as that device is unregistered then finds this done,
 * and no tick asks the device behind the grace period that follows.
 *
 * Context: any.
 */
void hasw_evidence_changed(struct hasw_config *cfg)
{
	/* Pairs with hasw_evidence_same(). */
	atomic_inc_return_release(&cfg->carriers.ways);
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
	hasw_evidence_look(hn, cfg, dev, NULL);
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
 * @cfg: the configuration that the node is in
 * @node: the node
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_evidence_ways(struct hasw_net *hn, struct hasw_config *cfg,
			struct hasw_node *node)
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
	hasw_evidence_changed(cfg);
	if (!known || READ_ONCE(hn->closing))
		return;
	/* A tick that found no way may just be ending: once more makes sure,
	 * and started twice it is there once only.
	 */
	if (!atomic_xchg(&hn->evidence.watch, 1) ||
	    !hrtimer_is_queued(&hn->evidence.timer))
		hrtimer_start(&hn->evidence.timer, hasw_evidence_next(),
			      HRTIMER_MODE_ABS_SOFT);
}

/**
 * hasw_evidence_neigh() - a neighbour entry that is a way to a node changed
 * @hn: namespace
 * @cfg: its live configuration
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
void hasw_evidence_neigh(struct hasw_net *hn, struct hasw_config *cfg,
			 struct hasw_node *node, int i,
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
		if (!failed && !way->answered) {
			WRITE_ONCE(way->answered, true);
			hasw_evidence_changed(cfg);
		}
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
	hasw_hrtimer_setup(&hn->evidence.timer, hasw_evidence_tick,
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
	hrtimer_cancel(&hn->evidence.timer);
}
