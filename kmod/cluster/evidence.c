// SPDX-License-Identifier: GPL-2.0
/* Evidence against a node from lost carriers and failed neighbour entries. A
 * node with evidence against it is unusable, whatever the agent reports.
 */
#include <linux/hrtimer.h>
#include <linux/netdevice.h>
#include <linux/rculist.h>
#include <net/neighbour.h>

#include "compat/compat_timer.h"
#include "core/budget.h"
#include "node.h"

/* Maximum number of nodes whose evidence one run changes. Each change is an
 * event, and so many changes take about half a millisecond.
 */
#define HASW_EVIDENCE_MOST 128

/* Time between two runs of the timer, if the first one left some nodes, ns. The
 * CPU handles packets meanwhile. A timer that has expired already would run
 * again in the same softirq.
 */
#define HASW_EVIDENCE_PAUSE_NS (50 * NSEC_PER_USEC)

/* Results of hasw_evidence_carrier() for a node. */
enum { HASW_CARRIER_UNKNOWN, HASW_CARRIER_OK, HASW_CARRIER_LOST };

/* Returns the device of a next hop, or NULL if the next hop has never worked. A
 * lost carrier invalidates the neighbour entry, so the snapshot @hop might be
 * gone before the timer runs. The device is then read from the pinned neighbour
 * entry. This is safe under RCU, because the entry is unpinned before the
 * device is freed. RCU read side.
 */
static const struct net_device *
hasw_evidence_dev(const struct hasw_neigh_state *state,
		  const struct hasw_hop *hop)
{
	const struct neighbour *neigh = READ_ONCE(state->neigh);

	if (hop)
		return hop->dev;
	return neigh && READ_ONCE(state->answered) ? neigh->dev : NULL;
}

/* Returns whether a device is running and has a carrier. If @seen is not NULL,
 * the first result for each of up to HASW_CARRIERS devices is stored in @seen
 * and reused. So all nodes behind such a device get the same result. RCU read
 * side.
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

/* Returns what the carriers of a node's next hops show about the node. Next
 * hops that have never worked are ignored, because their carriers show nothing
 * about the node. HASW_CARRIER_OK: a next hop with a struct hasw_hop has a
 * carrier. HASW_CARRIER_LOST: no next hop has a carrier. HASW_CARRIER_UNKNOWN:
 * no next hop has worked, or those with a carrier have no struct hasw_hop yet.
 * After HASW_CARRIER_UNKNOWN, the caller keeps the node's present evidence. So
 * packets still avoid a lost node until a struct hasw_hop is made. @down is a
 * device that is being closed, or NULL. @seen can be NULL. RCU read side.
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
		hop = rcu_dereference(node->neigh[i].hop);
		dev = hasw_evidence_dev(&node->neigh[i], hop);
		if (!dev)
			continue;
		/* A device that was just closed can still have a carrier, so
		 * hasw_dev_up() also checks netif_running(). Otherwise the next
		 * timer run would withdraw the evidence that
		 * hasw_evidence_down() has set.
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

/**
 * hasw_evidence_look() - updates the carrier evidence of all nodes
 * @hn: namespace
 * @cfg: the configuration whose nodes are evaluated
 * @down: a device that is being closed, or NULL
 * @seen: devices that the timer reads; NULL for all other callers
 * @more: receives whether the function has to be called again, because the
 *	evidence against HASW_EVIDENCE_MOST nodes has changed
 *
 * Context: RCU read side.
 * Return: whether any node has a next hop.
 */
bool hasw_evidence_look(struct hasw_net *hn, const struct hasw_config *cfg,
			const struct net_device *down,
			struct hasw_carriers *seen, bool *more)
{
	struct hasw_node *node;
	bool any = false, lost;
	u32 changed = 0;
	int found;

	*more = false;

	list_for_each_entry_rcu(node, &cfg->nodes, list) {
		any |= READ_ONCE(node->neigh[HASW_HOP4].neigh) ||
		       READ_ONCE(node->neigh[HASW_HOP6].neigh) ||
		       rcu_access_pointer(node->hop[HASW_HOP4]);
		found = hasw_evidence_carrier(node, down, seen);
		if (found == HASW_CARRIER_UNKNOWN)
			continue;
		lost = found == HASW_CARRIER_LOST;
		if (likely(lost == !!(READ_ONCE(node->evidence) &
				      BIT(HASWITCH_EVIDENCE_CARRIER))))
			continue;
		if (changed++ == HASW_EVIDENCE_MOST) {
			*more = true;
			return true;
		}
		spin_lock_bh(&hn->state_lock);
		/* In the timer, @found might be older than evidence that
		 * hasw_evidence_down() has set meanwhile. An outdated @found
		 * must not withdraw this evidence, so the timer checks the
		 * devices again under the lock.
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

/* Returns whether hasw_evidence_look() would have the same result as in the
 * last timer run. This check of a few devices is cheaper than a check of many
 * nodes. RCU read side, in the timer only.
 */
static bool hasw_evidence_same(const struct hasw_carriers *seen)
{
	u8 i;

	/* Pairs with hasw_evidence_changed(): a timer run that reads the new
	 * value of seen->changes also reads the changed next hops.
	 */
	if (!seen->known || atomic_read_acquire(&seen->changes) != seen->seen)
		return false;
	for (i = 0; i < seen->n; i++)
		if (hasw_dev_up(seen->dev[i]) != !!(seen->up & BIT(i)))
			return false;
	return true;
}

/* Updates the carrier evidence, if a next hop or a device has changed since the
 * last timer run. Sets @more as hasw_evidence_look() does. Returns whether any
 * node has a next hop. RCU read side, in the timer only.
 */
static bool hasw_evidence_read(struct hasw_net *hn, struct hasw_config *cfg,
			       bool *more)
{
	struct hasw_carriers *seen = &cfg->carriers;

	if (likely(hasw_evidence_same(seen)))
		return seen->any;
	/* seen->changes is read before the next hops. If a next hop changes
	 * during this run, the next run finds that seen->changes differs from
	 * seen->seen, and reads the next hops again.
	 */
	seen->seen = atomic_read_acquire(&seen->changes);
	seen->known = true;
	seen->n = 0;
	seen->up = 0;
	seen->any = hasw_evidence_look(hn, cfg, NULL, seen, more);
	if (*more)
		seen->known = false;
	return seen->any;
}

/* Returns the time at which the timer polls the carriers next. The carriers are
 * polled because the kernel can report a lost carrier up to a second late. The
 * timers of all namespaces expire at multiples of the interval, so one timer
 * interrupt serves all of these timers.
 */
static ktime_t hasw_evidence_next(const struct hasw_net *hn)
{
	u64 now = ktime_get_ns(), tick = hasw_budget_tick(hn);
	u32 since;

	div_u64_rem(now, tick, &since);
	return ns_to_ktime(now - since + tick);
}

static enum hrtimer_restart hasw_evidence_tick(struct hrtimer *timer)
{
	struct hasw_net *hn =
		container_of(timer, struct hasw_net, evidence.timer);
	bool any, more = false;
	struct hasw_config *cfg;

	rcu_read_lock();
	cfg = rcu_dereference(hn->config);
	any = !READ_ONCE(hn->closing) && hasw_evidence_read(hn, cfg, &more);
	rcu_read_unlock();
	if (!any) {
		atomic_set_release(&hn->evidence.watch, 0);
		return HRTIMER_NORESTART;
	}
	/* The handler must not set a new expiry and return HRTIMER_RESTART.
	 * hasw_evidence_neighs() might have queued the timer meanwhile, and the
	 * expiry of a queued timer must not be changed. hrtimer_start() is
	 * safe, because it also accepts a queued timer.
	 */
	hrtimer_start(timer, more ? ktime_add_ns(ktime_get(),
						 HASW_EVIDENCE_PAUSE_NS) :
				    hasw_evidence_next(hn),
		      HRTIMER_MODE_ABS_SOFT);
	return HRTIMER_NORESTART;
}

/**
 * hasw_evidence_changed() - makes the next timer run check all nodes again
 * @cfg: the configuration of the nodes
 *
 * The function is called after each change of a next hop. If the change has
 * unpinned a device, the caller has held hasw_net.mutex since the change. The
 * module's handler of NETDEV_UNREGISTER takes hasw_net.mutex, so the
 * unregistration of the device cannot end before this call. So no timer run
 * uses the device after the RCU grace period of its unregistration.
 *
 * Context: any.
 */
void hasw_evidence_changed(struct hasw_config *cfg)
{
	/* Pairs with hasw_evidence_same(). */
	atomic_inc_return_release(&cfg->carriers.changes);
}

/**
 * hasw_evidence_down() - updates carrier evidence before next hops are dropped
 * @hn: namespace
 * @cfg: the configuration whose nodes are evaluated
 * @dev: the device that is being closed; NULL if it is not known which device
 *	is down
 *
 * The caller then looks up next hops again, or drops them. The device of a
 * dropped next hop is unknown, so no later check could find that this device
 * has lost its carrier.
 *
 * Context: process, hasw_net.mutex held; may sleep.
 */
void hasw_evidence_down(struct hasw_net *hn, const struct hasw_config *cfg,
			const struct net_device *dev)
{
	bool more;

	lockdep_assert_held(&hn->mutex);
	do {
		rcu_read_lock();
		hasw_evidence_look(hn, cfg, dev, NULL, &more);
		rcu_read_unlock();
		cond_resched();
	} while (more);
}

/* Updates the neighbour evidence. Neighbour evidence against a node exists
 * while the node has neighbour entries that were once valid, and all of these
 * entries have failed. Under state_lock.
 *
 * Also updates hasw_node.unresolved and hasw_node.unrouted. Only a snapshot, by
 * which packets can be sent, proves that the node can be reached via direct. A
 * node that was reached before stays resolved while its entries were flushed
 * and are probed again. Packets in this short time must not go to another
 * member, which would reset the connections. If the probes fail, this is
 * evidence.
 */
static void hasw_evidence_neighbour(struct hasw_net *hn, struct hasw_node *node)
{
	bool failed = false, answers = false, hop = false, answered = false;
	bool routed = false;
	int i;

	lockdep_assert_held(&hn->state_lock);
	for (i = 0; i < HASW_HOPS; i++) {
		failed |= node->neigh[i].failed;
		answers |= node->neigh[i].answered && !node->neigh[i].failed;
		answered |= node->neigh[i].answered;
		hop |= !!rcu_access_pointer(node->neigh[i].hop);
		routed |= READ_ONCE(node->neigh[i].routed);
	}
	hasw_node_set_unreached(hn, node,
				!hop && (node->unresolved || !answered),
				!routed);
	hasw_node_set_evidence(hn, node, HASWITCH_EVIDENCE_NEIGHBOUR,
			       failed && !answers, hasw_switch_now());
}

/**
 * hasw_evidence_neighs() - updates neighbour evidence after a next-hop lookup
 * @hn: namespace
 * @cfg: the configuration that the node is in
 * @node: the node
 *
 * The function also starts the timer that polls the carriers, if the node has a
 * next hop.
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_evidence_neighs(struct hasw_net *hn, struct hasw_config *cfg,
			  struct hasw_node *node)
{
	bool known = false;
	int i;

	lockdep_assert_held(&hn->mutex);
	spin_lock_bh(&hn->state_lock);
	for (i = 0; i < HASW_HOPS; i++) {
		struct hasw_neigh_state *state = &node->neigh[i];

		if (!state->neigh) {
			WRITE_ONCE(state->answered, false);
			state->failed = false;
		} else if (rcu_access_pointer(state->hop)) {
			WRITE_ONCE(state->answered, true);
			state->failed = false;
		}
		known |= state->neigh || rcu_access_pointer(state->hop);
	}
	hasw_evidence_neighbour(hn, node);
	spin_unlock_bh(&hn->state_lock);
	hasw_evidence_changed(cfg);
	if (!known || READ_ONCE(hn->closing))
		return;
	/* A timer run that found no next hop does not restart the timer, but
	 * might not have cleared evidence.watch yet. So the timer is also
	 * started if evidence.watch is set, but the timer is not queued.
	 * Starting a queued timer is harmless, because it only moves the
	 * expiry.
	 */
	if (!atomic_xchg(&hn->evidence.watch, 1) ||
	    !hrtimer_is_queued(&hn->evidence.timer))
		hrtimer_start(&hn->evidence.timer, hasw_evidence_next(hn),
			      HRTIMER_MODE_ABS_SOFT);
}

/**
 * hasw_evidence_neigh() - handles a changed neighbour entry of a next hop
 * @hn: namespace
 * @cfg: the live configuration of @hn
 * @node: the node whose address the neighbour entry resolves
 * @i: index of the next hop, HASW_HOP4 or HASW_HOP6
 * @neigh: the neighbour entry
 *
 * An entry that an administrator flushes also fails, but a flush is no evidence
 * against the node. The context distinguishes a flush from failed probes: a
 * flush runs in process context, while the kernel's probes fail in a timer. The
 * failure of an entry that was never valid, for example after boot, is no
 * evidence either.
 *
 * Context: softirq or process, RCU read side.
 */
void hasw_evidence_neigh(struct hasw_net *hn, struct hasw_config *cfg,
			 struct hasw_node *node, int i,
			 const struct neighbour *neigh)
{
	struct hasw_neigh_state *state = &node->neigh[i];
	u8 nud = READ_ONCE(neigh->nud_state);
	bool failed = nud & NUD_FAILED && in_serving_softirq();

	if (!failed && !(nud & NUD_VALID))
		return;
	spin_lock_bh(&hn->state_lock);
	if (READ_ONCE(state->neigh) == neigh) {
		state->failed = failed && state->answered;
		if (!failed && !state->answered) {
			WRITE_ONCE(state->answered, true);
			hasw_evidence_changed(cfg);
		}
		hasw_evidence_neighbour(hn, node);
	}
	spin_unlock_bh(&hn->state_lock);
}

/**
 * hasw_evidence_inherit() - copies the state of neighbour entries to the nodes
 *	that a restore has given these entries
 * @hn: namespace
 * @from: the configuration that is replaced
 *
 * hasw_hop_move() has copied the next hops earlier. Until the restore is
 * published, changes of neighbour entries are stored in the nodes of @from. So
 * this function copies the state of the entries once more, just before the
 * publication.
 *
 * Context: hasw_net.mutex and hasw_net.state_lock held.
 */
void hasw_evidence_inherit(struct hasw_net *hn, const struct hasw_config *from)
{
	const struct hasw_node *node;
	struct hasw_neigh_state *state;
	int i;

	lockdep_assert_held(&hn->mutex);
	lockdep_assert_held(&hn->state_lock);
	list_for_each_entry(node, &from->nodes, list) {
		if (!node->hops_moved)
			continue;
		for (i = 0; i < HASW_HOPS; i++) {
			state = &node->twin->neigh[i];
			if (!node->neigh[i].neigh)
				continue;
			WRITE_ONCE(state->answered, node->neigh[i].answered);
			state->failed = node->neigh[i].failed;
		}
		hasw_evidence_neighbour(hn, node->twin);
	}
}

/**
 * hasw_evidence_init() - sets up the timer that polls the carriers
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
 * hasw_evidence_exit() - stops the timer that polls the carriers
 * @hn: namespace; the caller has set hasw_net.closing, unless nothing was ever
 *	configured
 *
 * Context: process, no lock held.
 */
void hasw_evidence_exit(struct hasw_net *hn)
{
	hrtimer_cancel(&hn->evidence.timer);
}
