// SPDX-License-Identifier: GPL-2.0
/* ARP and neighbour discovery for vips: guarded while vips exist, announced at a bounded rate. */
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>

#include "announce.h"
#include "announce_dev.h"
#include "arp.h"
#include "mcast.h"
#include "link_recovery.h"
#include "announce_queue.h"

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

/* Slots of the vip table that are looked at between two chances for others. */
#define HASW_ANNOUNCE_STRIDE 4096

/**
 * struct hasw_announce - announcing and joining in a namespace
 * @hn: the namespace
 * @groups: what is joined
 * @netdev: tells of the namespace's devices
 * @queue: vips that wait to be announced
 * @recovery: devices that may be heard again
 * @lost: vips are held whose entry was lost for lack of memory
 * @work: announces, a burst at a time
 * @next: jiffies before which there is no further burst
 * @again_at: jiffies before which @recovery are not looked at
 * @closing: no work is queued any more; written under rtnl and hn->mutex
 */
struct hasw_announce {
	struct hasw_net *hn;
	struct hasw_groups groups;
	struct notifier_block netdev;
	struct hasw_announce_queue queue;
	struct hasw_link_recovery recovery;
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

/* Has a vip wait to be announced. Process context, hn->mutex held. */
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
	hasw_announce_queue(an);
}

/* Whether a vip is to be announced that was not in @before, or not heard of. */
static bool hasw_announce_due(const struct hasw_vip *vip, const void *before)
{
	const struct hasw_vip *old;

	old = before ? hasw_vip_find(before, &vip->addr, vip->family) : NULL;
	return hasw_vip_held(vip) &&
	       !(old && hasw_vip_held(old) && !READ_ONCE(old->unheard));
}

static bool hasw_announce_of_lease(const struct hasw_vip *vip,
				   const void *lease)
{
	return rcu_access_pointer(vip->lease) == lease;
}

/* Has the vips announced of which @which is true. */
static void hasw_announce_table(struct hasw_net *hn,
				const struct hasw_table *t,
				bool (*which)(const struct hasw_vip *vip,
					      const void *data),
				const void *data)
{
	const struct hasw_slots *slots =
		rcu_dereference_protected(t->slots,
					  lockdep_is_held(&hn->mutex));
	const struct hasw_vip *vip;
	u32 pos = 0;

	while ((vip = hasw_table_next(slots, &pos))) {
		if (which(vip, data))
			hasw_announce_enqueue(hn, vip, HASW_ANNOUNCE_FRESH, 0);
		cond_resched();
	}
}

/* Whether a vip is behind a device that may be heard again. RCU read side. */
static bool hasw_announce_recovered(struct hasw_net *hn,
				    const struct hasw_vip *vip,
				    const struct hasw_link_recovered *recovered)
{
	const struct net_device *dev;

	if (!hasw_vip_held(vip) ||
	    (recovered->missed && rcu_access_pointer(vip->devs) &&
	     !READ_ONCE(vip->unheard)))
		return false;
	if (!recovered->ifindex)
		return true;
	dev = dev_get_by_index_rcu(hn->net, recovered->ifindex);
	return dev && hasw_vip_faces(vip, dev);
}

/**
 * hasw_announce_stride() - has some vips wait that are behind a device
 * @hn: namespace
 * @is6: IPv6 ones
 * @recovered: the device
 * @seed: of the table at @pos
 * @pos: where to go on in the table
 *
 * A table that was rebuilt is looked at from its beginning.
 *
 * Context: process, takes hn->mutex, for a short time.
 * Return: whether there may be more.
 */
static bool hasw_announce_stride(struct hasw_net *hn, bool is6,
				 const struct hasw_link_recovered *recovered,
				 u32 *seed, u32 *pos)
{
	const struct hasw_slots *slots;
	const struct hasw_config *cfg;
	struct hasw_vip *vip = NULL;
	bool concerned;
	u32 end;

	mutex_lock(&hn->mutex);
	cfg = hasw_config_live(hn);
	if (!cfg)
		goto unlock;
	slots = rcu_dereference_protected(is6 ? cfg->vips6.slots :
						cfg->vips4.slots,
					  lockdep_is_held(&hn->mutex));
	if (slots->seed != *seed)
		*pos = 0;
	*seed = slots->seed;
	end = *pos + HASW_ANNOUNCE_STRIDE;
	while (*pos < end && (vip = hasw_table_next(slots, pos))) {
		rcu_read_lock();
		concerned = hasw_announce_recovered(hn, vip, recovered);
		rcu_read_unlock();
		if (concerned)
			hasw_announce_enqueue(hn, vip, HASW_ANNOUNCE_RECOVERED,
					      recovered->ifindex);
	}
unlock:
	mutex_unlock(&hn->mutex);
	cond_resched();
	return vip;
}

/* Has the vips wait that are behind devices that may be heard again. Process
 * context.
 */
static void hasw_announce_again(struct hasw_announce *an)
{
	struct hasw_link_recovered recovered[HASW_LINK_RECOVERY_MAX];
	unsigned int i, is6, n;
	u32 seed, pos;

	n = hasw_link_recovery_take(&an->recovery, recovered);
	for (i = 0; i < n; i++) {
		/* What waits for that device already need not do so twice. */
		if (!recovered[i].missed)
			hasw_announce_queue_drop(&an->queue,
						 recovered[i].ifindex);
		for (is6 = 0; is6 < 2; is6++) {
			seed = 0;
			pos = 0;
			while (hasw_announce_stride(an->hn, is6, &recovered[i],
						    &seed, &pos))
				;
		}
	}
}

/* When there is something to do again: jiffies from now, or -1. */
static long hasw_announce_idle(struct hasw_announce *an)
{
	unsigned long wait;
	long again;
	bool any;

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
	hasw_announce_table(hn, &cfg->vips4, hasw_announce_due, before);
	hasw_announce_table(hn, &cfg->vips6, hasw_announce_due, before);
}

/**
 * hasw_announce_lease() - has all vips of a lease announced, as far as they are held then
 * @hn: namespace
 * @lease: the lease, in the live configuration
 *
 * Context: process, hn->mutex held.
 */
void hasw_announce_lease(struct hasw_net *hn, const struct hasw_lease *lease)
{
	const struct hasw_config *cfg = hasw_config_live(hn);

	hasw_announce_table(hn, &cfg->vips4, hasw_announce_of_lease, lease);
	hasw_announce_table(hn, &cfg->vips6, hasw_announce_of_lease, lease);
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

static int hasw_announce_netdev(struct notifier_block *nb, unsigned long event,
				void *ptr)
{
	struct hasw_announce *an = container_of(nb, struct hasw_announce,
						netdev);
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);

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
	return NOTIFY_DONE;
}

/* Without `on`, a vip is faced by the devices that have an address in its
 * subnet: such an address has come (or, of groups, gone).
 */
static void hasw_announce_address(struct hasw_announce *an,
				  const struct net_device *dev)
{
	if (dev->flags & (IFF_LOOPBACK | IFF_NOARP))
		return;
	hasw_link_recovery_add(&an->recovery, dev->ifindex, true);
	hasw_announce_queue(an);
}

static int hasw_announce_inet6addr(struct notifier_block *nb,
				   unsigned long event, void *ptr)
{
	const struct inet6_ifaddr *ifa = ptr;
	struct hasw_announce *an;

	an = hasw_net_of(dev_net(ifa->idev->dev))->announce;
	if (an) {
		hasw_announce_sync_later(an);
		if (event == NETDEV_UP)
			hasw_announce_address(an, ifa->idev->dev);
	}
	return NOTIFY_DONE;
}

static int hasw_announce_inetaddr(struct notifier_block *nb,
				  unsigned long event, void *ptr)
{
	const struct in_ifaddr *ifa = ptr;
	struct hasw_announce *an;

	an = hasw_net_of(dev_net(ifa->ifa_dev->dev))->announce;
	if (an && event == NETDEV_UP)
		hasw_announce_address(an, ifa->ifa_dev->dev);
	return NOTIFY_DONE;
}

static struct notifier_block hasw_announce_inet6addr_nb = {
	.notifier_call = hasw_announce_inet6addr,
};

static struct notifier_block hasw_announce_inetaddr_nb = {
	.notifier_call = hasw_announce_inetaddr,
};

/**
 * hasw_announce_register() - begins to see addresses come and go
 *
 * Context: process; the namespaces have their state.
 * Return: 0 or a negative errno.
 */
int hasw_announce_register(void)
{
	int err = register_inetaddr_notifier(&hasw_announce_inetaddr_nb);

	if (err)
		return err;
	err = register_inet6addr_notifier(&hasw_announce_inet6addr_nb);
	if (err)
		unregister_inetaddr_notifier(&hasw_announce_inetaddr_nb);
	return err;
}

/**
 * hasw_announce_unregister() - ceases to
 *
 * Context: process; the namespaces still have their state.
 */
void hasw_announce_unregister(void)
{
	unregister_inet6addr_notifier(&hasw_announce_inet6addr_nb);
	unregister_inetaddr_notifier(&hasw_announce_inetaddr_nb);
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
 * Context: process, may sleep, takes rtnl.
 * Return: 0 or a negative errno.
 */
int hasw_announce_init(struct hasw_net *hn)
{
	struct hasw_announce *an = kzalloc(sizeof(*an), GFP_KERNEL);
	int err;

	if (!an)
		return -ENOMEM;
	an->hn = hn;
	hasw_groups_init(&an->groups, hn);
	hasw_announce_queue_init(&an->queue);
	hasw_link_recovery_init(&an->recovery, hn->net);
	INIT_DELAYED_WORK(&an->work, hasw_announce_work);
	an->next = jiffies;
	an->again_at = jiffies;
	an->netdev.notifier_call = hasw_announce_netdev;
	hn->announce = an;

	err = register_netdevice_notifier_net(hn->net, &an->netdev);
	if (err) {
		hasw_groups_cancel(&an->groups);
		hasw_link_recovery_exit(&an->recovery);
		hn->announce = NULL;
		kfree(an);
	}
	return err;
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

	/* Who queues work has seen it, or has ended. */
	rtnl_lock();
	mutex_lock(&hn->mutex);
	WRITE_ONCE(an->closing, true);
	mutex_unlock(&hn->mutex);
	rtnl_unlock();
	hasw_groups_cancel(&an->groups);
	cancel_delayed_work_sync(&an->work);

	/* Before the notifier goes: it is then told that all devices go. */
	rtnl_lock();
	hasw_groups_leave(&an->groups);
	rtnl_unlock();
	unregister_netdevice_notifier_net(hn->net, &an->netdev);

	hn->announce = NULL;
	hasw_announce_queue_exit(&an->queue);
	hasw_link_recovery_exit(&an->recovery);
	kfree(an);
}
