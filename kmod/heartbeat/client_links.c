// SPDX-License-Identifier: GPL-2.0
/* Client links: the devices on which packets of a lease's clients arrive. A leg
 * is a set of devices that serve the same vips, so it is lost when all of its
 * devices are down. If one leg is lost, or all legs, as the lease's `resign`
 * says, the holder resigns the lease: it ends its grant at once, and notifies
 * its peers.
 */
#include <linux/hrtimer.h>
#include <linux/jiffies.h>

#include "compat/compat_timer.h"
#include "core/budget.h"
#include "client_links.h"
#include "resign.h"
#include "service/vip_class.h"

/* Delay of the search for client links, jiffies, so that one search covers
 * several changes of the configuration.
 */
#define HASW_CLIENT_LINKS_DELAY (HZ / 20)

/* Returns whether clients can reach this node by a device. No vip faces a device
 * in a VRF, so such a device is as useless as one without a link.
 */
static bool hasw_client_links_up(const struct net_device *dev)
{
	return hasw_dev_up(dev) && !hasw_dev_in_vrf(dev);
}

static bool hasw_leg_same_devs(const struct hasw_leg *a,
			       const struct hasw_leg *b)
{
	return a->n == b->n &&
	       !memcmp(a->ifindex, b->ifindex,
		       min_t(u32, a->n, HASWITCH_DEV_MAX) * sizeof(int));
}

/* Adds a device to a leg. Devices beyond HASWITCH_DEV_MAX are only counted, not
 * checked, so a leg with more devices is never lost.
 */
static void hasw_leg_add_dev(struct hasw_leg *leg, int ifindex)
{
	if (leg->n < HASWITCH_DEV_MAX)
		leg->ifindex[leg->n] = ifindex;
	if (leg->n <= HASWITCH_DEV_MAX)
		leg->n++;
}

/* Adds a leg to those of a lease, unless an earlier leg has the same devices.
 * Legs beyond HASW_LEGS_MAX are only counted, not checked.
 */
static void hasw_client_links_add(struct hasw_client_links *links,
				  const struct hasw_leg *leg)
{
	u32 i;

	for (i = 0; i < min_t(u32, links->n, HASW_LEGS_MAX); i++)
		if (hasw_leg_same_devs(&links->leg[i], leg))
			return;
	if (links->n < HASW_LEGS_MAX)
		links->leg[links->n] = *leg;
	links->n++;
}

/* Adds the named devices of a vip class as a leg to hasw_lease.seen of the
 * class's lease. hasw_net.mutex is held.
 */
static void hasw_client_links_named(const struct hasw_vip_class *class)
{
	const struct hasw_devs *devs = class->group->devs;
	struct hasw_leg leg = { .class = class->number };
	u32 i;

	for (i = 0; i < devs->n; i++)
		hasw_leg_add_dev(&leg, devs->dev[i].ifindex);
	hasw_client_links_add(&class->lease->seen, &leg);
}

/* Adds to hasw_lease.seen the leg of a vip that names no devices: all devices
 * with an address in the vip's subnet. hasw_net.mutex is held, RCU read side.
 */
static bool hasw_client_links_found(struct hasw_vip *vip, void *data)
{
	struct hasw_leg leg = { .vip = vip->addr, .family = vip->family };
	struct hasw_client_links *seen = &vip->class->lease->seen;
	struct net *net = data;
	struct net_device *dev;
	u32 i;

	if (seen->n > HASW_LEGS_MAX)
		return false;
	for (i = 0; i < min_t(u32, seen->n, HASW_LEGS_MAX); i++)
		if (seen->leg[i].family == vip->family &&
		    ipv6_addr_equal(&seen->leg[i].vip, &vip->addr))
			return true;
	for_each_netdev_rcu(net, dev)
		if (hasw_vip_faces(vip, dev))
			hasw_leg_add_dev(&leg, dev->ifindex);
	if (leg.n)
		hasw_client_links_add(seen, &leg);
	return true;
}

/* Adds the legs of a vip class to hasw_lease.seen of the class's lease.
 * hasw_net.mutex is held.
 */
static void hasw_client_links_class(struct hasw_net *hn,
				    const struct hasw_vip_class *class)
{
	struct net_device *dev;

	lockdep_assert_held(&hn->mutex);
	if (class->group->devs) {
		hasw_client_links_named(class);
		return;
	}
	rcu_read_lock();
	for_each_netdev_rcu(hn->net, dev)
		if (!hasw_vip_class_subnets(class, dev, hasw_client_links_found,
					    hn->net))
			break;
	rcu_read_unlock();
}

/* Returns whether one of a leg's devices has a link, or is not known. RCU read
 * side.
 */
static bool hasw_leg_up(struct hasw_net *hn, const struct hasw_leg *leg)
{
	struct net_device *dev;
	u32 i;

	if (leg->n > HASWITCH_DEV_MAX)
		return true;
	for (i = 0; i < leg->n; i++) {
		dev = dev_get_by_index_rcu(hn->net, leg->ifindex[i]);
		if (dev && hasw_client_links_up(dev))
			return true;
	}
	return false;
}

/* Returns whether a leg has a device that exists and is down. RCU read side. */
static bool hasw_leg_any_down(struct hasw_net *hn, const struct hasw_leg *leg)
{
	struct net_device *dev;
	u32 i;

	for (i = 0; i < min_t(u32, leg->n, HASWITCH_DEV_MAX); i++) {
		dev = dev_get_by_index_rcu(hn->net, leg->ifindex[i]);
		if (dev && !hasw_client_links_up(dev))
			return true;
	}
	return false;
}

/* Returns whether a leg that was found by addresses must be kept, although the
 * last search did not find it: a device may lose its addresses when it loses
 * its link. The leg is dropped if its vip names devices now, or if clients come
 * by another device. hasw_net.mutex is held, RCU read side.
 */
static bool hasw_leg_kept(struct hasw_net *hn, const struct hasw_lease *lease,
			  const struct hasw_leg *leg)
{
	const struct hasw_config *cfg = hasw_config_live(hn);
	const struct hasw_vip *vip;
	struct net_device *dev;

	if (leg->class || !hasw_leg_any_down(hn, leg))
		return false;
	vip = hasw_vip_find(cfg, &leg->vip, leg->family);
	if (!vip || vip->class->lease != lease || vip->class->group->devs)
		return false;
	for_each_netdev_rcu(hn->net, dev)
		if (hasw_dev_up(dev) && hasw_vip_faces(vip, dev))
			return false;
	return true;
}

/* Copies hasw_lease.seen to hasw_lease.client_links. A leg that was there
 * before stays linked, also if one of its named devices has just been
 * unregistered.
 */
static void hasw_client_links_sync(struct hasw_net *hn,
				   struct hasw_lease *lease)
{
	struct hasw_client_links *links = &lease->client_links;
	struct hasw_client_links *seen = &lease->seen;
	u32 i, j, most = min_t(u32, seen->n, HASW_LEGS_MAX);
	bool found, same;

	lockdep_assert_held(&hn->mutex);
	lockdep_assert_held(&hn->state_lock);
	rcu_read_lock();
	for (i = 0; i < min_t(u32, links->n, HASW_LEGS_MAX); i++) {
		const struct hasw_leg *leg = &links->leg[i];

		for (j = 0, found = false; j < most; j++) {
			same = hasw_leg_same_devs(&seen->leg[j], leg) ||
			       (leg->class && seen->leg[j].class == leg->class);
			if (same)
				seen->leg[j].linked |= leg->linked;
			found |= same;
		}
		if (!found && hasw_leg_kept(hn, lease, leg))
			hasw_client_links_add(seen, leg);
	}
	rcu_read_unlock();
	*links = *seen;
}

/* Finds the client links of a lease. Legs beyond HASW_LEGS_MAX are not checked,
 * so the search ends there. hasw_net.mutex is held.
 */
static void hasw_client_links_lease(struct hasw_net *hn,
				    struct hasw_lease *lease)
{
	struct hasw_vip_class *class;

	lockdep_assert_held(&hn->mutex);
	lease->seen.n = 0;
	list_for_each_entry(class, &lease->classes, in_lease) {
		hasw_client_links_class(hn, class);
		if (lease->seen.n > HASW_LEGS_MAX)
			break;
	}
	spin_lock_bh(&hn->state_lock);
	hasw_client_links_sync(hn, lease);
	lease->searched = hn->client_links.changes;
	spin_unlock_bh(&hn->state_lock);
}

/* Returns the first lease that the current search has not reached, or NULL.
 * hasw_net.mutex is held.
 */
static struct hasw_lease *hasw_client_links_next(const struct hasw_net *hn,
						 const struct hasw_config *cfg)
{
	struct hasw_lease *lease;

	lockdep_assert_held(&hn->mutex);
	list_for_each_entry(lease, &cfg->leases, list)
		if (lease->round != hn->client_links.round)
			return lease;
	return NULL;
}

/* Searches the client links of one lease, or ends the search. Process context.
 * Returns whether the search goes on.
 */
static bool hasw_client_links_step(struct hasw_net *hn)
{
	struct hasw_config *cfg;
	struct hasw_lease *lease = NULL;

	mutex_lock(&hn->mutex);
	cfg = hasw_config_live(hn);
	if (!cfg || hn->closing)
		goto out;
	lease = hasw_client_links_next(hn, cfg);
	if (lease) {
		hasw_client_links_lease(hn, lease);
		lease->round = hn->client_links.round;
		goto out;
	}
	hasw_client_links_watch(hn);
out:
	mutex_unlock(&hn->mutex);
	cond_resched();
	return lease;
}

/* The work releases hasw_net.mutex after each lease: with many leases and
 * devices, a search takes long. Vips, leases and devices may change between two
 * leases; whatever changes the client links schedules the work again.
 */
static void hasw_client_links_work(struct work_struct *work)
{
	struct hasw_net *hn = container_of(to_delayed_work(work),
					   struct hasw_net, client_links.work);

	mutex_lock(&hn->mutex);
	/* A new lease has the round 0. */
	if (!++hn->client_links.round)
		hn->client_links.round = 1;
	mutex_unlock(&hn->mutex);
	while (hasw_client_links_step(hn))
		;
}

/* Returns whether this node may hold a lease. The result is true for a lease
 * without legs, because its clients arrive through routers. If some legs are
 * not known, see hasw_client_links_add(), one of them may have a link. @all:
 * each known leg needs a link, else one leg is enough. RCU read side,
 * hasw_net.state_lock held.
 */
static bool hasw_client_links_reached(struct hasw_net *hn,
				      const struct hasw_client_links *links,
				      bool all)
{
	u32 i;

	lockdep_assert_held(&hn->state_lock);
	for (i = 0; i < min_t(u32, links->n, HASW_LEGS_MAX); i++)
		if (hasw_leg_up(hn, &links->leg[i]) != all)
			return !all;
	return all || !links->n || links->n > HASW_LEGS_MAX;
}

/**
 * hasw_client_links_whole() - whether the clients of all vips of a lease can
 *	reach this node
 * @hn: namespace
 * @lease: the lease, in the live configuration
 *
 * Context: process; the caller may hold hasw_net.mutex, and no other lock.
 */
bool hasw_client_links_whole(struct hasw_net *hn,
			     const struct hasw_lease *lease)
{
	bool whole;

	rcu_read_lock();
	spin_lock_bh(&hn->state_lock);
	whole = hasw_client_links_reached(hn, &lease->client_links, true);
	spin_unlock_bh(&hn->state_lock);
	rcu_read_unlock();
	return whole;
}

/**
 * hasw_client_links_linked() - whether a lease's clients can reach this node,
 *	which is to take the lease
 * @hn: namespace
 * @lease: the lease, in the live configuration
 * @partly: whether it is enough if the clients of some of the lease's vips can
 *	reach this node, whatever the lease's `resign` says
 *
 * The legs that have a link now can be lost later: see
 * hasw_client_links_keep().
 *
 * Context: process; the caller may hold hasw_net.mutex, and no other lock.
 * Return: false if all legs are lost, or one of them if this node resigns the
 * lease then.
 */
bool hasw_client_links_linked(struct hasw_net *hn,
			      struct hasw_lease *lease, bool partly)
{
	struct hasw_client_links *links = &lease->client_links;
	bool linked;
	u32 i;

	rcu_read_lock();
	spin_lock_bh(&hn->state_lock);
	for (i = 0; i < min_t(u32, links->n, HASW_LEGS_MAX); i++)
		links->leg[i].linked = hasw_leg_up(hn, &links->leg[i]);
	linked = hasw_client_links_reached(hn, &lease->client_links, false) &&
		 (partly || lease->resign == HASWITCH_RESIGN_ALL ||
		  hasw_client_links_reached(hn, &lease->client_links, true));
	spin_unlock_bh(&hn->state_lock);
	rcu_read_unlock();
	return linked;
}

/**
 * struct hasw_client_links_verdict - result of a check of the client links
 * @watch: this node still holds a lease with legs, so the timer must check
 *	again
 * @done: grants that the check has ended
 */
struct hasw_client_links_verdict {
	bool watch;
	struct hasw_resigned *done;
};

/* Returns whether this node keeps a lease that it holds. A leg is lost only if
 * it had a link when this node took the lease, or since then: the agent may
 * have had this node take the lease because no node has all legs, and a vip
 * with a dead leg may be added. No single leg counts as lost while the legs are
 * stale. RCU read side, hasw_net.state_lock held.
 */
static bool hasw_client_links_keep(struct hasw_net *hn,
				   struct hasw_lease *lease)
{
	struct hasw_client_links *links = &lease->client_links;
	bool any_up = links->n > HASW_LEGS_MAX, any_lost = false;
	struct hasw_leg *leg;
	bool up;
	u32 i;

	lockdep_assert_held(&hn->state_lock);
	for (i = 0; i < min_t(u32, links->n, HASW_LEGS_MAX); i++) {
		leg = &links->leg[i];
		up = hasw_leg_up(hn, leg);
		any_up |= up;
		any_lost |= leg->linked && !up;
		leg->linked |= up;
	}
	any_lost &= lease->searched == hn->client_links.changes;
	return any_up && !(any_lost && lease->resign == HASWITCH_RESIGN_ANY);
}

/* Ends this node's grant of a lease if the node has lost the lease's legs.
 * hasw_net.state_lock is held.
 */
static void hasw_client_links_judge(struct hasw_net *hn,
				    struct hasw_lease *lease, void *data)
{
	struct hasw_client_links_verdict *verdict = data;

	lockdep_assert_held(&hn->state_lock);
	if (!lease->client_links.n)
		return;
	if (hasw_client_links_keep(hn, lease) ||
	    !hasw_resign_end(hn, lease, HASWITCH_CAUSE_DEVICES_DOWN,
			     hasw_switch_now(), verdict->done))
		verdict->watch = true;
}

/* Polls the client links. Link events alone are not enough: the kernel may
 * report the loss of a link up to a second late, and clients would lose packets
 * in this time.
 */
static enum hrtimer_restart hasw_client_links_tick(struct hrtimer *timer)
{
	struct hasw_net *hn =
		container_of(timer, struct hasw_net, client_links.timer);
	struct hasw_client_links_verdict verdict = {
		.done = &hn->pulses->resigned,
	};
	bool tell;

	rcu_read_lock();
	spin_lock(&hn->state_lock);
	if (!READ_ONCE(hn->closing))
		hasw_lease_each_held(hn, hasw_client_links_judge, &verdict);
	/* hasw_client_links_watch() may start the timer on another CPU at the
	 * same time. So both functions start the timer under state_lock.
	 */
	if (verdict.watch)
		hrtimer_start(timer, ns_to_ktime(hasw_budget_tick(hn)),
			      HRTIMER_MODE_REL_SOFT);
	tell = verdict.done->n;
	spin_unlock(&hn->state_lock);
	rcu_read_unlock();
	if (tell)
		hasw_resign_later(hn);
	return HRTIMER_NORESTART;
}

/**
 * hasw_client_links_watch() - starts the timer that polls the client links
 * @hn: namespace
 *
 * The timer stops by itself when this node holds no lease with client links.
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_client_links_watch(struct hasw_net *hn)
{
	lockdep_assert_held(&hn->mutex);
	spin_lock_bh(&hn->state_lock);
	/* hrtimer_active() must not be used here, because it is also true while
	 * the timer's handler runs. If that handler has found no link to watch,
	 * neither the handler nor this function would restart the timer.
	 */
	if (!hn->closing && !hrtimer_is_queued(&hn->client_links.timer))
		hrtimer_start(&hn->client_links.timer,
			      ns_to_ktime(hasw_budget_tick(hn)),
			      HRTIMER_MODE_REL_SOFT);
	spin_unlock_bh(&hn->state_lock);
}

/**
 * hasw_client_links_schedule() - schedules a search for all leases' client
 *	links
 * @hn: namespace
 *
 * Context: any.
 */
void hasw_client_links_schedule(struct hasw_net *hn)
{
	if (!READ_ONCE(hn->closing))
		queue_delayed_work(hasw_wq, &hn->client_links.work,
				   HASW_CLIENT_LINKS_DELAY);
}

/**
 * hasw_client_links_changed() - schedules the same search after a change of
 *	vips
 * @hn: namespace
 *
 * Until the search has run, the legs can be those of vips that were deleted, or
 * moved to other devices. An administrator who then takes down such a device
 * must not end this node's grants.
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_client_links_changed(struct hasw_net *hn)
{
	lockdep_assert_held(&hn->mutex);
	spin_lock_bh(&hn->state_lock);
	hn->client_links.changes++;
	spin_unlock_bh(&hn->state_lock);
	hasw_client_links_schedule(hn);
}

/**
 * hasw_client_links_init() - prepares the work and the timer of client links
 * @hn: namespace
 *
 * Context: process.
 */
void hasw_client_links_init(struct hasw_net *hn)
{
	INIT_DELAYED_WORK(&hn->client_links.work, hasw_client_links_work);
	hasw_hrtimer_setup(&hn->client_links.timer, hasw_client_links_tick,
			   CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
}

/**
 * hasw_client_links_exit() - stops the work and the timer of client links
 * @hn: namespace; the caller has set hasw_net.closing
 *
 * When the function returns, the peers have been notified of the ended grants.
 *
 * Context: process, no lock held.
 */
void hasw_client_links_exit(struct hasw_net *hn)
{
	cancel_delayed_work_sync(&hn->client_links.work);
	hrtimer_cancel(&hn->client_links.timer);
	hasw_resign_flush(hn);
}
