// SPDX-License-Identifier: GPL-2.0
/* ARP and neighbour discovery for vips: guarded while vips exist, announced at a bounded rate. */
#include <linux/rtnetlink.h>

#include "announce.h"
#include "announce_dev.h"
#include "arp.h"
#include "mcast.h"
#include "link_recovery.h"
#include "announce_queue.h"
#include "service/vip_class.h"

/* Frames of announcements that a namespace sends in a second, at most: what
 * small switches and hosts take in without loss, and 100,000 IPv4 vips are told
 * of in 20 s, before any repeat.
 */
#define HASW_ANNOUNCE_RATE 10000

/* Jiffies between two looks at which vips are behind the devices that may be
 * heard again: devices and addresses may come and go all the time.
 */
#define HASW_ANNOUNCE_AGAIN (HZ / 4)

/* Jiffies between two bursts, the frames of a burst, and the vips looked at for
 * them, of which some may not be held any more.
 */
#define HASW_ANNOUNCE_TICK max(HZ / 100, 1)
#define HASW_ANNOUNCE_BURST (HASW_ANNOUNCE_RATE * HASW_ANNOUNCE_TICK / HZ)
#define HASW_ANNOUNCE_LOOKS (16 * HASW_ANNOUNCE_BURST)

/* Entries that may wait besides two for each vip; see hasw_announce_most(). */
#define HASW_ANNOUNCE_SPARE 1000

/* Vips that are looked at between two chances for others: less than 1 ms. */
#define HASW_ANNOUNCE_STRIDE 512

/**
 * struct hasw_announce_grant - a lease that was granted, some of whose vips do not wait yet
 * @list: in hasw_announce.granted
 * @lease: number of the lease
 * @cursor: behind the last one that waits
 */
struct hasw_announce_grant {
	struct list_head list;
	u32 lease;
	struct hasw_vip_cursor cursor;
};

/**
 * struct hasw_announce - announcing and joining in a namespace
 * @hn: the namespace
 * @groups: what is joined
 * @queue: vips that wait to be announced
 * @recovery: devices that may be heard again
 * @granted: struct hasw_announce_grant.list; under hn->mutex, whether there is
 *	one is also read without it
 * @lost: vips are held whose entry was lost for lack of memory
 * @work: announces, a burst at a time
 * @next: jiffies before which there is no further burst
 * @again_at: jiffies before which @recovery are not looked at
 * @closing: no work is queued any more; written under rtnl and hn->mutex
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
	bool closing;
};

static void hasw_announce_queue(struct hasw_announce *an)
{
	long delay = READ_ONCE(an->next) - jiffies;

	/* It may wait already, and longer, for another entry. */
	if (!READ_ONCE(an->closing))
		mod_delayed_work(hasw_wq, &an->work,
				 clamp(delay, 0L, (long)HASW_ANNOUNCE_TICK));
}

/* So many entries may wait: a vip that comes and goes all the time shall not fill
 * the memory with entries that are not due yet.
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

/**
 * hasw_announce_send() - announces a vip, if this node holds it now
 * @hn: namespace
 * @entry: the vip, which may have gone, and where
 *
 * Context: process, softirqs on.
 * Return: number of frames sent.
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

/* Has a vip wait to be announced; hasw_announce_queue() goes after it. Process
 * context, hn->mutex held.
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

	switch (hasw_announce_queue_put(&an->queue, &entry,
					hasw_announce_most(hn))) {
	case -ENOMEM:
		/* Better too many at once than one never. */
		hasw_announce_send(hn, &entry);
		break;
	case -ENOSPC:
		/* All that is held, when those before it have been told of. */
		WRITE_ONCE(an->lost, true);
		break;
	}
}

/* Whether a vip is to be announced that was not in @before, or not heard of. */
static bool hasw_announce_due(const struct hasw_vip *vip,
			      const struct hasw_config *before)
{
	const struct hasw_vip *old;

	old = before ? hasw_vip_find(before, &vip->addr, vip->family) : NULL;
	return hasw_vip_held(vip) &&
	       !(old && hasw_vip_held(old) && !READ_ONCE(old->unheard));
}

/* Has the vips of a table announced that are due. */
static void hasw_announce_table(struct hasw_net *hn,
				const struct hasw_table *t,
				const struct hasw_config *before)
{
	const struct hasw_slots *slots =
		rcu_dereference_protected(t->slots,
					  lockdep_is_held(&hn->mutex));
	const struct hasw_vip *vip;
	u32 pos = 0;

	while ((vip = hasw_table_next(slots, &pos))) {
		if (hasw_announce_due(vip, before))
			hasw_announce_enqueue(hn, vip, HASW_ANNOUNCE_FRESH, 0);
		cond_resched();
	}
}

/**
 * struct hasw_announce_seen - why vips are looked at
 * @hn: the namespace
 * @recovered: they are behind this device, which may be heard again
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

/**
 * hasw_announce_stride() - has some vips wait that are behind a device
 * @hn: namespace
 * @recovered: the device
 * @cursor: where to go on
 *
 * Context: process, takes hn->mutex, for a short time.
 * Return: whether there may be more.
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

/* Has the vips wait that are behind devices that may be heard again. Process
 * context.
 */
static void hasw_announce_again(struct hasw_announce *an)
{
	struct hasw_link_recovered recovered[HASW_LINK_RECOVERY_MAX];
	struct hasw_vip_cursor cursor;
	unsigned int i, n;

	n = hasw_link_recovery_take(&an->recovery, recovered);
	for (i = 0; i < n; i++) {
		/* What waits for that device already need not do so twice. */
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

/* Has some more vips of a lease wait. Returns whether there may be more. Process
 * context, hn->mutex held.
 */
static bool hasw_announce_some(struct hasw_net *hn, u32 lease,
			       struct hasw_vip_cursor *cursor)
{
	const struct hasw_vip_filter filter = { .lease = lease };
	const struct hasw_config *cfg = hasw_config_live(hn);

	return cfg && hasw_vip_class_walk(cfg, &filter, cursor,
					  HASW_ANNOUNCE_STRIDE,
					  hasw_announce_see_granted, hn);
}

/* Goes on with the vips of a lease that was granted. Process context. */
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

/* When there is something to do again: jiffies from now, or -1. */
static long hasw_announce_idle(struct hasw_announce *an)
{
	unsigned long wait;
	long again;
	bool any;

	if (!list_empty(&an->granted))
		return 0;
	any = hasw_announce_queue_wait(&an->queue, &wait);
	if (hasw_link_recovery_any(&an->recovery)) {
		again = max_t(long, an->again_at - jiffies, 0);
		return any ? min_t(unsigned long, wait, again) : again;
	}
	return any ? wait : -1;
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
	idle = hasw_announce_idle(an);
	if (idle >= 0 && !READ_ONCE(an->closing))
		queue_delayed_work(hasw_wq, &an->work,
				   max(idle, (long)HASW_ANNOUNCE_TICK));
}

/**
 * hasw_announce_vip() - has a vip announced, at once and again, while it is held
 * @hn: namespace
 * @vip: the vip
 *
 * Where a device is not up, when it is.
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
 * hasw_announce_pending() - whether there are leases some of whose vips do not wait yet
 * @hn: namespace
 *
 * A vip that is moved meanwhile, to another lease or class, is not found there.
 *
 * Context: process, hn->mutex held.
 */
bool hasw_announce_pending(struct hasw_net *hn)
{
	lockdep_assert_held(&hn->mutex);
	return !list_empty(&hn->announce->granted);
}

/**
 * hasw_announce_vips() - has all vips announced that this node holds
 * @hn: namespace
 * @cfg: their configuration
 * @before: the one before it: what was held there already, and heard of, is not
 *	announced; or NULL
 *
 * Context: process, hn->mutex held.
 */
void hasw_announce_vips(struct hasw_net *hn, const struct hasw_config *cfg,
			const struct hasw_config *before)
{
	/* Some that were held may not have been announced. */
	if (hasw_announce_pending(hn))
		before = NULL;
	hasw_announce_table(hn, &cfg->vips4, before);
	hasw_announce_table(hn, &cfg->vips6, before);
	hasw_announce_queue(hn->announce);
}

/* The rest of a lease's vips follows, some at a time. */
static void hasw_announce_rest(struct hasw_net *hn, u32 lease,
			       const struct hasw_vip_cursor *cursor)
{
	struct hasw_announce *an = hn->announce;
	struct hasw_vip_cursor next = *cursor;
	struct hasw_announce_grant *grant;

	list_for_each_entry(grant, &an->granted, list)
		if (grant->lease == lease) {
			grant->cursor = *cursor;
			return;
		}
	grant = kmalloc(sizeof(*grant), GFP_KERNEL_ACCOUNT);
	if (!grant) {
		/* Better a long time at once than never. */
		while (hasw_announce_some(hn, lease, &next))
			cond_resched();
		return;
	}
	grant->lease = lease;
	grant->cursor = *cursor;
	list_add_tail(&grant->list, &an->granted);
}

/**
 * hasw_announce_lease() - has all vips of a lease announced, as far as they are held then
 * @hn: namespace
 * @lease: the lease, in the live configuration
 *
 * Of very many, the first ones wait to be announced when it returns.
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
 * hasw_announce_sync() - has joined what the vips need now
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
 * hasw_announce_sync_vip() - as hasw_announce_sync(), after a change of one vip
 * @hn: namespace
 * @addr: the vip, which is IPv6: others need no groups
 * @gone: it was deleted
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
 * hasw_announce_flush() - waits until what was asked for is joined
 * @hn: namespace
 *
 * Context: process, neither rtnl nor hn->mutex held.
 */
void hasw_announce_flush(struct hasw_net *hn)
{
	flush_work(&hn->announce->groups.work);
}

/**
 * hasw_announce_dev() - takes in what happened to a device
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

	/* That a device went is told again as long as somebody uses it, even when
	 * its namespace has ended.
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
 * hasw_announce_addr() - an address has come to a device, or has gone
 * @hn: namespace
 * @dev: the device
 * @family: of the address
 * @event: NETDEV_UP or NETDEV_DOWN
 *
 * Without `on`, a vip is faced by the devices that have an address in its
 * subnet.
 *
 * Context: process, or softirq: routers give addresses.
 */
void hasw_announce_addr(struct hasw_net *hn, const struct net_device *dev,
			u16 family, unsigned long event)
{
	struct hasw_announce *an = hn->announce;

	if (!an)
		return;
	if (family == AF_INET6)
		hasw_announce_sync_later(an);
	if (event != NETDEV_UP || (dev->flags & (IFF_LOOPBACK | IFF_NOARP)))
		return;
	hasw_link_recovery_add(&an->recovery, dev->ifindex, true);
	hasw_announce_queue(an);
}

/**
 * hasw_announce_hook() - begins to guard; IPv6 is guarded by the path's hooks
 * @hn: namespace
 *
 * Context: process, hn->mutex held.
 * Return: 0 or a negative errno.
 */
int hasw_announce_hook(struct hasw_net *hn)
{
	return hasw_arp_hook(hn);
}

/**
 * hasw_announce_unhook() - ceases to guard
 * @hn: namespace
 *
 * Context: process, hn->mutex held.
 */
void hasw_announce_unhook(struct hasw_net *hn)
{
	hasw_arp_unhook(hn);
}

/**
 * hasw_announce_init() - prepares announcing and joining in a namespace
 * @hn: namespace, which has its configuration
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
 * hasw_announce_exit() - leaves all groups, and forgets what was not announced
 * @hn: namespace, whose configuration no longer changes, or has gone
 *
 * Context: process, neither rtnl nor hn->mutex held.
 */
void hasw_announce_exit(struct hasw_net *hn)
{
	struct hasw_announce *an = hn->announce;
	struct hasw_announce_grant *grant, *next;

	/* Who queues work has seen it, or has ended. */
	rtnl_lock();
	mutex_lock(&hn->mutex);
	WRITE_ONCE(an->closing, true);
	mutex_unlock(&hn->mutex);
	rtnl_unlock();
	hasw_groups_cancel(&an->groups);
	cancel_delayed_work_sync(&an->work);

	rtnl_lock();
	hasw_groups_leave(&an->groups);
	/* Nobody tells it of devices any more. */
	hn->announce = NULL;
	rtnl_unlock();

	list_for_each_entry_safe(grant, next, &an->granted, list)
		kfree(grant);
	hasw_announce_queue_exit(&an->queue);
	hasw_link_recovery_exit(&an->recovery);
	kfree(an);
}
