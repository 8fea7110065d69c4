// SPDX-License-Identifier: GPL-2.0
/* Client links: the devices on which packets of a lease's clients arrive. If
 * all client links are down, the holder resigns the lease: it ends its grant at
 * once, and notifies its peers.
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

static bool hasw_client_links_has(const struct hasw_client_links *links,
				  int ifindex)
{
	u32 i;

	for (i = 0; i < min_t(u32, links->n, HASW_CLIENT_LINKS_MAX); i++)
		if (links->ifindex[i] == ifindex)
			return true;
	return false;
}

/* Adds a device to the client links of a lease. Devices beyond
 * HASW_CLIENT_LINKS_MAX are only counted, not checked. So a lease with more
 * devices is never resigned because of its links. Ifindex 0 stands for a
 * configured device that does not exist, which counts as down.
 */
static void hasw_client_links_add(struct hasw_client_links *links, int ifindex)
{
	if (hasw_client_links_has(links, ifindex))
		return;
	if (links->n < HASW_CLIENT_LINKS_MAX)
		links->ifindex[links->n] = ifindex;
	links->n++;
}

/* Adds the client-facing devices of a vip class to hasw_lease.seen of the
 * class's lease. hasw_net.mutex is held.
 */
static void hasw_client_links_class(struct hasw_net *hn,
				    const struct hasw_vip_class *class)
{
	struct hasw_client_links *seen = &class->lease->seen;
	const struct hasw_devs *devs = class->devs;
	struct net_device *dev;
	u32 i;

	lockdep_assert_held(&hn->mutex);
	for (i = 0; devs && i < devs->n; i++)
		hasw_client_links_add(seen, devs->dev[i].ifindex);
	if (devs)
		return;
	rcu_read_lock();
	for_each_netdev_rcu(hn->net, dev)
		if (!hasw_client_links_has(seen, dev->ifindex) &&
		    hasw_vip_class_faces(class, dev))
			hasw_client_links_add(seen, dev->ifindex);
	rcu_read_unlock();
}

/* Copies hasw_lease.seen to hasw_lease.client_links, but keeps the devices in
 * hasw_lease.client_links that are down. A device may lose its addresses when
 * it loses its link. The search for client links then does not find the device,
 * because it checks addresses.
 */
static void hasw_client_links_sync(struct hasw_net *hn,
				   struct hasw_lease *lease)
{
	struct hasw_client_links *links = &lease->client_links;
	struct hasw_client_links *seen = &lease->seen;
	struct net_device *dev;
	u32 i;

	lockdep_assert_held(&hn->state_lock);
	rcu_read_lock();
	for (i = 0; i < min_t(u32, links->n, HASW_CLIENT_LINKS_MAX); i++) {
		dev = dev_get_by_index_rcu(hn->net, links->ifindex[i]);
		if (dev && !hasw_client_links_up(dev))
			hasw_client_links_add(seen, dev->ifindex);
	}
	rcu_read_unlock();
	*links = *seen;
}

static void hasw_client_links_work(struct work_struct *work)
{
	struct hasw_net *hn = container_of(to_delayed_work(work),
					   struct hasw_net, client_links.work);
	struct hasw_vip_class *class;
	struct hasw_config *cfg;
	struct hasw_lease *lease;

	mutex_lock(&hn->mutex);
	cfg = hasw_config_live(hn);
	if (!cfg || hn->closing)
		goto out;
	list_for_each_entry(lease, &cfg->leases, list)
		lease->seen.n = 0;
	list_for_each_entry(class, &cfg->classes, list) {
		if (class->lease)
			hasw_client_links_class(hn, class);
		cond_resched();
	}
	spin_lock_bh(&hn->state_lock);
	list_for_each_entry(lease, &cfg->leases, list)
		hasw_client_links_sync(hn, lease);
	spin_unlock_bh(&hn->state_lock);
	hasw_client_links_watch(hn);
out:
	mutex_unlock(&hn->mutex);
}

/* Returns whether clients of a lease can still reach this node. The result is
 * true for a lease without client links, because its clients arrive through
 * routers. It is also true if some of the links are not known, see
 * hasw_client_links_add(). RCU read side, hasw_net.state_lock held.
 */
static bool hasw_client_links_reached(struct hasw_net *hn,
				      const struct hasw_client_links *links)
{
	struct net_device *dev;
	u32 i;

	lockdep_assert_held(&hn->state_lock);
	if (!links->n || links->n > HASW_CLIENT_LINKS_MAX)
		return true;
	for (i = 0; i < links->n; i++) {
		dev = dev_get_by_index_rcu(hn->net, links->ifindex[i]);
		if (dev && hasw_client_links_up(dev))
			return true;
	}
	return false;
}

/**
 * hasw_client_links_linked() - whether a lease's clients can reach this node
 * @hn: namespace
 * @lease: the lease, in the live configuration
 *
 * Context: process; the caller may hold hasw_net.mutex, and no other lock.
 * Return: false if the lease has client links, all of them are known, and all
 * are down.
 */
bool hasw_client_links_linked(struct hasw_net *hn,
			      const struct hasw_lease *lease)
{
	bool linked;

	rcu_read_lock();
	spin_lock_bh(&hn->state_lock);
	linked = hasw_client_links_reached(hn, &lease->client_links);
	spin_unlock_bh(&hn->state_lock);
	rcu_read_unlock();
	return linked;
}

/**
 * struct hasw_client_links_verdict - result of a check of the client links
 * @watch: this node still holds a lease with client links, so the timer must
 *	check again
 * @done: grants that the check has ended
 */
struct hasw_client_links_verdict {
	bool watch;
	struct hasw_resigned *done;
};

/* Ends this node's grant of a lease if all client links of the lease are down.
 * hasw_net.state_lock is held.
 */
static void hasw_client_links_judge(struct hasw_net *hn,
				    struct hasw_lease *lease, void *data)
{
	struct hasw_client_links_verdict *verdict = data;

	lockdep_assert_held(&hn->state_lock);
	if (!lease->client_links.n)
		return;
	if (hasw_client_links_reached(hn, &lease->client_links) ||
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
