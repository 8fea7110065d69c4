// SPDX-License-Identifier: GPL-2.0
/* Announcements of vips (gratuitous ARP and unsolicited NA) at a limited rate,
 * and the netfilter hooks that filter ARP packets for vips. The client-facing
 * devices of a vip are the devices on which packets from the vip's clients
 * arrive. While this node holds a vip, it replies to ARP requests and neighbour
 * solicitations for the vip, and announces the vip on these devices.
 */
#include <linux/moduleparam.h>
#include <linux/rtnetlink.h>

#include "announce.h"
#include "announce_dev.h"
#include "arp.h"
#include "mcast.h"
#include "link_recovery.h"
#include "announce_queue.h"
#include "service/vip_class.h"

/* Maximum number of announcement frames that a namespace sends per second.
 * Small switches and hosts receive this rate without loss. At this rate, the
 * first announcements of 100,000 IPv4 vips (two frames each) take 20 s.
 */
#define HASW_ANNOUNCE_RATE 10000

/* Minimum time between two scans that queue the vips of recovered devices,
 * jiffies. It limits the load when devices or addresses flap.
 */
#define HASW_ANNOUNCE_AGAIN (HZ / 4)

/* Default of the module parameter announce_refresh, s. */
#define HASW_ANNOUNCE_REFRESH_DEFAULT 60
/* Maximum of the module parameter announce_refresh, s. */
#define HASW_ANNOUNCE_REFRESH_MAX 86400

static int hasw_announce_refresh_set(const char *value,
				     const struct kernel_param *param)
{
	return param_set_uint_minmax(value, param, 0,
				     HASW_ANNOUNCE_REFRESH_MAX);
}

static const struct kernel_param_ops hasw_announce_refresh_ops = {
	.set = hasw_announce_refresh_set,
	.get = param_get_uint,
};

static unsigned int hasw_announce_refresh_s = HASW_ANNOUNCE_REFRESH_DEFAULT;
module_param_cb(announce_refresh, &hasw_announce_refresh_ops,
		&hasw_announce_refresh_s, 0644);
MODULE_PARM_DESC(announce_refresh,
		 "Seconds between announcements of each held vip, 0 to 86400; 0: none after the repeats");

/* Time between two bursts of announcements, jiffies. */
#define HASW_ANNOUNCE_TICK max(HZ / 100, 1)
/* Maximum number of frames in a burst. */
#define HASW_ANNOUNCE_BURST (HASW_ANNOUNCE_RATE * HASW_ANNOUNCE_TICK / HZ)
/* Maximum number of queue entries that are checked in a burst. An entry sends
 * no frame if this node no longer holds its vip.
 */
#define HASW_ANNOUNCE_LOOKS (16 * HASW_ANNOUNCE_BURST)

/* Number of queue entries that are allowed in addition to two for each vip; see
 * hasw_announce_most().
 */
#define HASW_ANNOUNCE_SPARE 1000

/* Number of vips scanned before the work yields the CPU. Scanning so many vips
 * takes less than 1 ms.
 */
#define HASW_ANNOUNCE_STRIDE 512

/**
 * struct hasw_announce_grant - a lease granted to this node, with vips that are
 *	not queued yet
 * @list: entry in hasw_announce.granted
 * @lease: number of the lease
 * @cursor: position of the walk over the lease's vips; all vips before the
 *	position are queued
 */
struct hasw_announce_grant {
	struct list_head list;
	u32 lease;
	struct hasw_vip_cursor cursor;
};

/**
 * struct hasw_announce - announcements and multicast groups of a namespace
 * @hn: the namespace
 * @groups: multicast groups joined for IPv6 vips
 * @queue: vips that wait to be announced
 * @recovery: recovered devices, whose vips are announced again
 * @granted: list of struct hasw_announce_grant; under hn->mutex, but
 *	list_empty() is also called without it
 * @lost: a vip was not queued because @queue was full or no memory was free, so
 *	@work queues all held vips again once no entry of @queue is due
 * @work: announces the queued vips, one burst per run
 * @next: earliest time of the next burst, jiffies
 * @again_at: earliest time of the next scan that queues the vips of the devices
 *	in @recovery, jiffies; used by @work only
 * @unqueued: number of frames sent without the queue in the current tick,
 *	because no memory was free; under hn->mutex
 * @unqueued_until: end of that tick, jiffies; under hn->mutex
 * @refreshes: this node has announced a vip since the last refresh, or has held
 *	one then; so another refresh is due
 * @refreshed: time at which the last refresh began, or of the first
 *	announcement, jiffies
 * @refreshing: a refresh has vips that are not queued yet; used by @work only
 * @cursor: position of the refresh; used by @work only
 * @closing: hasw_announce_exit() has begun, so no work is queued any more;
 *	written under rtnl and hn->mutex
 */
struct hasw_announce {
	struct hasw_net *hn;
	struct hasw_groups groups;
	struct hasw_announce_queue queue;
	struct hasw_link_recovery recovery;
	struct list_head granted;
	bool lost;
	struct delayed_work work;
	unsigned long next;
	unsigned long again_at;
	unsigned int unqueued;
	unsigned long unqueued_until;
	bool refreshes;
	unsigned long refreshed;
	bool refreshing;
	struct hasw_vip_cursor cursor;
	bool closing;
};

static void hasw_announce_queue(struct hasw_announce *an)
{
	long delay = READ_ONCE(an->next) - jiffies;

	/* The work may already be pending with a longer delay.
	 * mod_delayed_work() shortens this delay.
	 */
	if (!READ_ONCE(an->closing))
		mod_delayed_work(hasw_wq, &an->work,
				 clamp(delay, 0L, (long)HASW_ANNOUNCE_TICK));
}

/* Returns the maximum number of queue entries. Without this limit, a flapping
 * vip would fill memory with repeats that are not due yet.
 */
static u32 hasw_announce_most(struct hasw_net *hn)
{
	const struct hasw_config *cfg;
	u32 vips = 0;

	rcu_read_lock();
	cfg = rcu_dereference(hn->config);
	if (cfg)
		vips = READ_ONCE(cfg->vips4.count) + READ_ONCE(cfg->vips6.count);
	rcu_read_unlock();
	return 2 * vips + HASW_ANNOUNCE_SPARE;
}

/* Announces a vip if it still exists and this node holds it now. Process
 * context, softirqs on. Returns the number of frames sent.
 */
static unsigned int hasw_announce_send(struct hasw_net *hn,
				       const struct hasw_announce_entry *entry)
{
	enum hasw_stat stat = entry->class < HASW_ANNOUNCE_REPEAT ?
			      HASW_STAT_ANNOUNCED : HASW_STAT_REPEATED;
	const struct hasw_config *cfg;
	unsigned int sent = 0;
	struct hasw_vip *vip;

	local_bh_disable();
	rcu_read_lock();
	cfg = rcu_dereference(hn->config);
	vip = cfg ? hasw_vip_find(cfg, &entry->addr, entry->family) : NULL;
	if (vip && hasw_vip_held(vip))
		sent = hasw_announce_devs(hn, vip, entry->ifindex, stat);
	rcu_read_unlock();
	local_bh_enable();
	return sent;
}

/* Announces a vip that could not be queued, because no memory was free. Returns
 * false if as many frames were sent in this tick as a burst may have; then
 * nothing is sent. Process context, hn->mutex held.
 */
static bool hasw_announce_unqueued(struct hasw_net *hn,
				   const struct hasw_announce_entry *entry)
{
	struct hasw_announce *an = hn->announce;

	lockdep_assert_held(&hn->mutex);
	if (time_after_eq(jiffies, an->unqueued_until)) {
		an->unqueued = 0;
		an->unqueued_until = jiffies + HASW_ANNOUNCE_TICK;
	}
	if (an->unqueued >= HASW_ANNOUNCE_BURST)
		return false;
	an->unqueued += hasw_announce_send(hn, entry);
	return true;
}

/* Queues a vip to be announced. A caller other than an->work must call
 * hasw_announce_queue() afterwards, which schedules the work. Process context,
 * hn->mutex held.
 */
static void hasw_announce_enqueue(struct hasw_net *hn,
				  const struct hasw_vip *vip,
				  enum hasw_announce_class class, int ifindex)
{
	struct hasw_announce *an = hn->announce;
	struct hasw_announce_entry entry = {
		.addr = vip->addr,
		.family = vip->family,
		.ifindex = ifindex,
		.class = class,
	};

	lockdep_assert_held(&hn->mutex);
	if (!READ_ONCE(an->refreshes)) {
		WRITE_ONCE(an->refreshed, jiffies);
		WRITE_ONCE(an->refreshes, true);
	}
	switch (hasw_announce_queue_put(&an->queue, &entry,
					hasw_announce_most(hn))) {
	case -ENOMEM:
		if (hasw_announce_unqueued(hn, &entry))
			break;
		fallthrough;
	case -ENOSPC:
		/* Once no entry is due, the work reads an->lost and queues all
		 * held vips again. A refresh comes again anyway.
		 */
		if (class != HASW_ANNOUNCE_REFRESH)
			WRITE_ONCE(an->lost, true);
		break;
	}
}

/* Returns whether a vip must be announced, which is true if this node holds the
 * vip. The exception is a vip that this node already held in the configuration
 * @before (or NULL), and whose announcement no device has missed.
 */
static bool hasw_announce_due(const struct hasw_vip *vip,
			      const struct hasw_config *before)
{
	const struct hasw_vip *old;

	old = before ? hasw_vip_find(before, &vip->addr, vip->family) : NULL;
	return hasw_vip_held(vip) &&
	       !(old && hasw_vip_held(old) && !READ_ONCE(old->unheard));
}

/* Queues those vips of a table that hasw_announce_due() selects. */
static void hasw_announce_table(struct hasw_net *hn,
				const struct hasw_table *t,
				const struct hasw_config *before)
{
	const struct hasw_vip *vip;
	u32 pos = 0;

	while ((vip = hasw_table_next(t, &pos))) {
		if (hasw_announce_due(vip, before))
			hasw_announce_enqueue(hn, vip, HASW_ANNOUNCE_FRESH, 0);
		cond_resched();
	}
}

/**
 * struct hasw_announce_seen - argument of hasw_announce_see_recovered(), which
 *	is called for each vip of a recovered device
 * @hn: the namespace
 * @recovered: the recovered device, which is client-facing for these vips
 */
struct hasw_announce_seen {
	struct hasw_net *hn;
	const struct hasw_link_recovered *recovered;
};

static bool hasw_announce_see_recovered(struct hasw_vip *vip, void *data)
{
	const struct hasw_announce_seen *seen = data;
	const struct hasw_link_recovered *recovered = seen->recovered;

	if (hasw_vip_held(vip) &&
	    !(recovered->missed && rcu_access_pointer(vip->devs) &&
	      !READ_ONCE(vip->unheard)))
		hasw_announce_enqueue(seen->hn, vip, HASW_ANNOUNCE_RECOVERED,
				      recovered->ifindex);
	return true;
}

/* Scans some of the vips of a recovered device, from @cursor on, and queues
 * those that have to be announced. The ifindex 0 is all devices. Process
 * context, takes hn->mutex for a short time. Returns whether the device may
 * have more vips, so that another call is needed.
 */
static bool hasw_announce_stride(struct hasw_net *hn,
				 const struct hasw_link_recovered *recovered,
				 struct hasw_vip_cursor *cursor)
{
	struct hasw_announce_seen seen = { .hn = hn, .recovered = recovered };
	struct hasw_vip_filter filter = {};
	struct net_device *dev = NULL;
	const struct hasw_config *cfg;
	bool more = false;

	if (recovered->ifindex) {
		dev = dev_get_by_index(hn->net, recovered->ifindex);
		if (!dev)
			return false;
		filter.dev = dev;
	}
	mutex_lock(&hn->mutex);
	cfg = hasw_config_live(hn);
	if (cfg)
		more = hasw_vip_class_walk(cfg, &filter, cursor,
					   HASW_ANNOUNCE_STRIDE,
					   hasw_announce_see_recovered, &seen);
	mutex_unlock(&hn->mutex);
	dev_put(dev);
	cond_resched();
	return more;
}

/* Queues the held vips of all recovered devices. Process context. */
static void hasw_announce_again(struct hasw_announce *an)
{
	struct hasw_link_recovered recovered[HASW_LINK_RECOVERY_MAX];
	struct hasw_vip_cursor cursor;
	unsigned int i, n;

	n = hasw_link_recovery_take(&an->recovery, recovered);
	for (i = 0; i < n; i++) {
		/* The scan below queues all held vips of the device again. So
		 * the device's queued entries are dropped as duplicates.
		 */
		if (!recovered[i].missed)
			hasw_announce_queue_drop(&an->queue,
						 recovered[i].ifindex);
		memset(&cursor, 0, sizeof(cursor));
		while (hasw_announce_stride(an->hn, &recovered[i], &cursor))
			;
	}
}

static bool hasw_announce_see_granted(struct hasw_vip *vip, void *data)
{
	hasw_announce_enqueue(data, vip, HASW_ANNOUNCE_FRESH, 0);
	return true;
}

/* Queues the next vips of a lease. Returns whether the lease may have more
 * vips. Process context, hn->mutex held.
 */
static bool hasw_announce_some(struct hasw_net *hn, u32 lease,
			       struct hasw_vip_cursor *cursor)
{
	const struct hasw_vip_filter filter = { .lease = lease };
	const struct hasw_config *cfg = hasw_config_live(hn);

	lockdep_assert_held(&hn->mutex);
	return cfg && hasw_vip_class_walk(cfg, &filter, cursor,
					  HASW_ANNOUNCE_STRIDE,
					  hasw_announce_see_granted, hn);
}

/* Queues the next vips of the first lease in an->granted. Process context. */
static void hasw_announce_granted(struct hasw_announce *an)
{
	struct hasw_announce_grant *grant;

	if (list_empty(&an->granted))
		return;
	mutex_lock(&an->hn->mutex);
	grant = list_first_entry_or_null(&an->granted,
					 struct hasw_announce_grant, list);
	if (grant && !hasw_announce_some(an->hn, grant->lease,
					 &grant->cursor)) {
		list_del(&grant->list);
		kfree(grant);
	}
	mutex_unlock(&an->hn->mutex);
}

/* A vip that is held everywhere is not refreshed: the nodes that hold it on one
 * link would report each other's announcements as conflicts.
 */
static bool hasw_announce_see_refresh(struct hasw_vip *vip, void *data)
{
	struct hasw_net *hn = data;

	if (hasw_vip_held(vip) && !vip->everywhere)
		hasw_announce_enqueue(hn, vip, HASW_ANNOUNCE_REFRESH, 0);
	return true;
}

/* Queues the next of the vips that this node holds, for one announcement each.
 * A switch whose port forwarded late has lost the first announcements and their
 * repeats, and a router may keep a stale entry for long. Process context.
 */
static void hasw_announce_refresh(struct hasw_announce *an)
{
	const struct hasw_vip_filter filter = {};
	const struct hasw_config *cfg;

	if (!an->refreshing) {
		an->refreshing = true;
		memset(&an->cursor, 0, sizeof(an->cursor));
		WRITE_ONCE(an->refreshed, jiffies);
		WRITE_ONCE(an->refreshes, false);
	}
	mutex_lock(&an->hn->mutex);
	cfg = hasw_config_live(an->hn);
	an->refreshing = cfg &&
			 hasw_vip_class_walk(cfg, &filter, &an->cursor,
					     HASW_ANNOUNCE_STRIDE,
					     hasw_announce_see_refresh, an->hn);
	mutex_unlock(&an->hn->mutex);
}

/* Returns the time until the next refresh, jiffies; or ULONG_MAX if there is no
 * vip to refresh. A refresh begins only while the queue is empty, so that it
 * delays nothing, and that refreshes of many vips do not add up.
 */
static unsigned long hasw_announce_refresh_wait(struct hasw_announce *an)
{
	unsigned int every = READ_ONCE(hasw_announce_refresh_s);
	unsigned long due = READ_ONCE(an->refreshed) + every * HZ, wait;

	if (an->refreshing)
		return 0;
	if (!every || !READ_ONCE(an->refreshes) ||
	    hasw_announce_queue_wait(&an->queue, &wait))
		return ULONG_MAX;
	return time_after(due, jiffies) ? due - jiffies : 0;
}

/* Returns the time until the work has to run again, jiffies, or -1 if it has
 * nothing left to do.
 */
static long hasw_announce_idle(struct hasw_announce *an)
{
	unsigned long wait, again;

	if (!list_empty(&an->granted))
		return 0;
	hasw_announce_queue_wait(&an->queue, &wait);
	wait = min(wait, hasw_announce_refresh_wait(an));
	if (hasw_link_recovery_any(&an->recovery)) {
		again = max_t(long, an->again_at - jiffies, 0);
		wait = min(wait, again);
	}
	return wait == ULONG_MAX ? -1 : wait;
}

static void hasw_announce_work(struct work_struct *work)
{
	struct hasw_announce *an = container_of(to_delayed_work(work),
						struct hasw_announce, work);
	unsigned int sent = 0, looks = 0;
	struct hasw_announce_entry entry;
	long idle;

	WRITE_ONCE(an->next, jiffies + HASW_ANNOUNCE_TICK);
	if (hasw_link_recovery_any(&an->recovery) &&
	    time_after_eq(jiffies, an->again_at)) {
		an->again_at = jiffies + HASW_ANNOUNCE_AGAIN;
		hasw_announce_again(an);
	}
	hasw_announce_granted(an);
	while (sent < HASW_ANNOUNCE_BURST && looks++ < HASW_ANNOUNCE_LOOKS) {
		if (!hasw_announce_queue_take(&an->queue, &entry,
					      hasw_announce_most(an->hn))) {
			if (xchg(&an->lost, false))
				hasw_link_recovery_add(&an->recovery, 0, false);
			break;
		}
		sent += hasw_announce_send(an->hn, &entry);
		cond_resched();
	}
	if (!hasw_announce_refresh_wait(an))
		hasw_announce_refresh(an);
	idle = hasw_announce_idle(an);
	if (idle >= 0 && !READ_ONCE(an->closing))
		queue_delayed_work(hasw_wq, &an->work,
				   max(idle, (long)HASW_ANNOUNCE_TICK));
}

/**
 * hasw_announce_vip() - queues a vip for an announcement and its repeats
 * @hn: namespace
 * @vip: the vip
 *
 * If this node has lost the vip by the time an announcement is due, the
 * announcement is skipped. On a device that is down, the vip is announced when
 * the device comes up.
 *
 * Context: process, hn->mutex held.
 */
void hasw_announce_vip(struct hasw_net *hn, const struct hasw_vip *vip)
{
	lockdep_assert_held(&hn->mutex);
	hasw_announce_enqueue(hn, vip, HASW_ANNOUNCE_FRESH, 0);
	hasw_announce_queue(hn->announce);
}

/**
 * hasw_announce_pending() - returns whether a granted lease has vips that are
 *	not queued yet
 * @hn: namespace
 *
 * A caller that moves a vip to another lease or vip class has to call this
 * function. The walk over a granted lease's vips might miss the moved vip. So
 * if the result is true, the caller queues the moved vip itself.
 *
 * Context: process, hn->mutex held.
 */
bool hasw_announce_pending(struct hasw_net *hn)
{
	lockdep_assert_held(&hn->mutex);
	return !list_empty(&hn->announce->granted);
}

/**
 * hasw_announce_vips() - queues all vips that this node holds
 * @hn: namespace
 * @cfg: configuration of the vips
 * @before: previous configuration, or NULL; a vip that this node already held
 *	in @before, and whose announcement no device has missed, is skipped.
 *	While hasw_announce_pending() is true, no vip is skipped.
 *
 * Context: process, hn->mutex held.
 */
void hasw_announce_vips(struct hasw_net *hn, const struct hasw_config *cfg,
			const struct hasw_config *before)
{
	lockdep_assert_held(&hn->mutex);
	/* Some vips that this node held in @before might not be queued yet, so
	 * no vip is skipped.
	 */
	if (hasw_announce_pending(hn))
		before = NULL;
	hasw_announce_table(hn, &cfg->vips4, before);
	hasw_announce_table(hn, &cfg->vips6, before);
	hasw_announce_queue(hn->announce);
}

/* Adds a lease to an->granted, so that the work queues the lease's vips from
 * @cursor on.
 */
static void hasw_announce_rest(struct hasw_net *hn, u32 lease,
			       struct hasw_vip_cursor *cursor)
{
	struct hasw_announce *an = hn->announce;
	struct hasw_announce_grant *grant;

	list_for_each_entry(grant, &an->granted, list)
		if (grant->lease == lease) {
			grant->cursor = *cursor;
			return;
		}
	grant = kmalloc(sizeof(*grant), GFP_KERNEL_ACCOUNT);
	if (!grant) {
		/* The allocation failed, so all remaining vips are queued here.
		 * Holding the mutex for long is better than not announcing
		 * vips.
		 */
		while (hasw_announce_some(hn, lease, cursor))
			cond_resched();
		return;
	}
	grant->lease = lease;
	grant->cursor = *cursor;
	list_add_tail(&grant->list, &an->granted);
}

/**
 * hasw_announce_lease() - queues all vips of a lease to be announced
 * @hn: namespace
 * @lease: the lease, in the live configuration
 *
 * A vip is announced only if this node holds it when its entry is due. If the
 * lease has many vips, this function queues the first ones, and the work queues
 * the others.
 *
 * Context: process, hn->mutex held.
 */
void hasw_announce_lease(struct hasw_net *hn, const struct hasw_lease *lease)
{
	struct hasw_vip_cursor cursor = {};

	lockdep_assert_held(&hn->mutex);
	if (hasw_announce_some(hn, lease->number, &cursor))
		hasw_announce_rest(hn, lease->number, &cursor);
	hasw_announce_queue(hn->announce);
}

static void hasw_announce_sync_later(struct hasw_announce *an)
{
	if (!READ_ONCE(an->closing))
		hasw_groups_sync(&an->groups);
}

/**
 * hasw_announce_sync() - schedules the work that joins and leaves the multicast
 *	groups of all IPv6 vips
 * @hn: namespace
 *
 * Context: process, hn->mutex held, rtnl not held.
 */
void hasw_announce_sync(struct hasw_net *hn)
{
	lockdep_assert_held(&hn->mutex);
	hasw_announce_sync_later(hn->announce);
}

/**
 * hasw_announce_sync_vip() - schedules the work that joins and leaves multicast
 *	groups for a changed vip
 * @hn: namespace
 * @addr: the vip; IPv6, since IPv4 vips need no multicast groups
 * @gone: the vip was deleted
 *
 * Context: process, hn->mutex held, rtnl not held.
 */
void hasw_announce_sync_vip(struct hasw_net *hn, const struct in6_addr *addr,
			    bool gone)
{
	lockdep_assert_held(&hn->mutex);
	if (!READ_ONCE(hn->announce->closing))
		hasw_groups_vip(&hn->announce->groups, addr, gone);
}

/**
 * hasw_announce_flush() - waits until the scheduled work has joined and left
 *	the multicast groups
 * @hn: namespace
 *
 * Context: process, neither rtnl nor hn->mutex held.
 */
void hasw_announce_flush(struct hasw_net *hn)
{
	flush_work(&hn->announce->groups.work);
}

/**
 * hasw_announce_dev() - handles a netdevice event
 * @hn: namespace
 * @dev: the device
 * @event: NETDEV_*
 *
 * Context: process, rtnl held.
 */
void hasw_announce_dev(struct hasw_net *hn, struct net_device *dev,
		       unsigned long event)
{
	struct hasw_announce *an = hn->announce;

	/* The kernel repeats NETDEV_UNREGISTER while a device has references.
	 * The repeats can arrive after hasw_announce_exit() has set
	 * hn->announce to NULL.
	 */
	if (!an)
		return;
	switch (event) {
	case NETDEV_UNREGISTER:
		hasw_groups_forget(&an->groups, dev);
		break;
	case NETDEV_REGISTER:
	case NETDEV_UP:
	case NETDEV_CHANGEMTU:
	case NETDEV_CHANGENAME:
		hasw_announce_sync_later(an);
		break;
	}
	if (hasw_link_recovery_netdev(&an->recovery, dev, event))
		hasw_announce_queue(an);
}

/**
 * hasw_announce_addr() - handles an address added to or deleted from a device
 * @hn: namespace
 * @dev: the device
 * @family: address family, AF_INET or AF_INET6
 * @event: NETDEV_UP or NETDEV_DOWN
 *
 * If a vip is configured without `on`, its client-facing devices are all
 * devices that have an address in the vip's subnet.
 *
 * Context: process, or softirq, since router advertisements add addresses.
 */
void hasw_announce_addr(struct hasw_net *hn, const struct net_device *dev,
			u16 family, unsigned long event)
{
	struct hasw_announce *an = hn->announce;

	if (!an)
		return;
	if (family == AF_INET6)
		hasw_announce_sync_later(an);
	if (event != NETDEV_UP || !hasw_dev_resolves(dev))
		return;
	hasw_link_recovery_add(&an->recovery, dev->ifindex, true);
	hasw_announce_queue(an);
}

/**
 * hasw_announce_hook() - registers the hooks that filter ARP packets for vips
 * @hn: namespace
 *
 * The packet hooks of path/path.c filter neighbour discovery for IPv6 vips.
 *
 * Context: process, hn->mutex held.
 * Return: 0 or a negative errno.
 */
int hasw_announce_hook(struct hasw_net *hn)
{
	lockdep_assert_held(&hn->mutex);
	return hasw_arp_hook(hn);
}

/**
 * hasw_announce_unhook() - unregisters the hooks that filter ARP packets for
 *	vips
 * @hn: namespace
 *
 * Context: process, hn->mutex held.
 */
void hasw_announce_unhook(struct hasw_net *hn)
{
	lockdep_assert_held(&hn->mutex);
	hasw_arp_unhook(hn);
}

/**
 * hasw_announce_init() - allocates the announcement state of a namespace
 * @hn: namespace, after hasw_config_init()
 *
 * Context: process, may sleep.
 * Return: 0, or -ENOMEM.
 */
int hasw_announce_init(struct hasw_net *hn)
{
	struct hasw_announce *an = kzalloc(sizeof(*an), GFP_KERNEL);

	if (!an)
		return -ENOMEM;
	an->hn = hn;
	hasw_groups_init(&an->groups, hn);
	hasw_announce_queue_init(&an->queue);
	hasw_link_recovery_init(&an->recovery, hn->net);
	INIT_LIST_HEAD(&an->granted);
	INIT_DELAYED_WORK(&an->work, hasw_announce_work);
	an->next = jiffies;
	an->again_at = jiffies;
	hn->announce = an;
	return 0;
}

/**
 * hasw_announce_exit() - leaves all multicast groups and drops all queued
 *	announcements
 * @hn: namespace, whose configuration no longer changes or is already freed
 *
 * Context: process, neither rtnl nor hn->mutex held.
 */
void hasw_announce_exit(struct hasw_net *hn)
{
	struct hasw_announce *an = hn->announce;
	struct hasw_announce_grant *grant, *next;

	/* Each function that queues a work in process context holds rtnl or
	 * hn->mutex. Once an->closing is set here and both locks are released,
	 * such a function has either queued its work already, or reads
	 * an->closing as true. hasw_announce_addr() may also run in softirq
	 * without either lock, but no such call can happen any more: the
	 * namespace has no devices, or the notifiers are unregistered.
	 */
	rtnl_lock();
	mutex_lock(&hn->mutex);
	WRITE_ONCE(an->closing, true);
	mutex_unlock(&hn->mutex);
	rtnl_unlock();
	hasw_groups_cancel(&an->groups);
	cancel_delayed_work_sync(&an->work);

	rtnl_lock();
	hasw_groups_leave(&an->groups);
	/* From now on, hasw_announce_dev() ignores netdevice events. */
	hn->announce = NULL;
	rtnl_unlock();

	list_for_each_entry_safe(grant, next, &an->granted, list)
		kfree(grant);
	hasw_announce_queue_exit(&an->queue);
	hasw_link_recovery_exit(&an->recovery);
	kfree(an);
}
