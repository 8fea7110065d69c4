// SPDX-License-Identifier: GPL-2.0
/* ARP and neighbour discovery for vips: guarded while vips exist, announced at a bounded rate. */
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>

#include "announce.h"
#include "announce_dev.h"
#include "arp.h"
#include "group.h"

/* Frames of announcements that a namespace sends in a second, at most: what
 * small switches and hosts take in without loss, and 100,000 IPv4 vips are told
 * of in 20 s.
 */
#define HASW_ANNOUNCE_RATE 10000

/* Jiffies between two rounds in which what nobody could hear of is tried again:
 * devices and addresses may come and go all the time.
 */
#define HASW_ANNOUNCE_AGAIN (HZ / 4)

/* Jiffies between two bursts, and the frames of a burst. */
#define HASW_ANNOUNCE_TICK max(HZ / 100, 1)
#define HASW_ANNOUNCE_BURST (HASW_ANNOUNCE_RATE * HASW_ANNOUNCE_TICK / HZ)

/**
 * struct hasw_announce_batch - vips that are to be announced
 * @list: in hasw_announce.batches
 * @n: number of @addr
 * @done: how many of them were taken
 * @addr: the vips; IPv4 as v4-mapped
 */
struct hasw_announce_batch {
	struct list_head list;
	u32 n;
	u32 done;
	struct in6_addr addr[250];
};

/* Vips wait in two queues. */
enum {
	HASW_ANNOUNCE_FRESH,	/* held anew: first, and on all devices */
	HASW_ANNOUNCE_UNHEARD,	/* on devices where it was not possible yet */
	HASW_ANNOUNCE_QUEUES
};

/**
 * struct hasw_announce - announcing and joining in a namespace
 * @hn: the namespace
 * @groups: what is joined
 * @netdev: tells of the namespace's devices
 * @lock: protects @batches and what is in them
 * @batches: vips that are to be announced, in their order
 * @work: announces them, a burst at a time
 * @next: jiffies before which there is no further burst
 * @changes: grows when a device or address may have come
 * @missed: some vip is unheard of somewhere, see hasw_vip.unheard
 * @again: unheard vips are to be tried again
 * @again_at: jiffies before which they are not
 * @closing: no work is queued any more; written under rtnl and hn->mutex
 */
struct hasw_announce {
	struct hasw_net *hn;
	struct hasw_groups groups;
	struct notifier_block netdev;
	spinlock_t lock;
	struct list_head batches[HASW_ANNOUNCE_QUEUES];
	struct delayed_work work;
	unsigned long next;
	atomic_t changes;
	bool missed;
	bool again;
	unsigned long again_at;
	bool closing;
};

static void hasw_announce_queue(struct hasw_announce *an)
{
	long delay = READ_ONCE(an->next) - jiffies;

	/* It may wait already, and longer, for the next round. */
	if (!READ_ONCE(an->closing))
		mod_delayed_work(hasw_wq, &an->work,
				 clamp(delay, 0L, (long)HASW_ANNOUNCE_TICK));
}

/**
 * hasw_announce_put() - puts a vip at the end of a queue
 * @an: of the namespace
 * @queue: which
 * @addr: the vip
 * @fresh: used if the last batch is full; or NULL, then nothing happens
 *
 * Context: process, hn->mutex held.
 * Return: whether there was room.
 */
static bool hasw_announce_put(struct hasw_announce *an, unsigned int queue,
			      const struct in6_addr *addr,
			      struct hasw_announce_batch *fresh)
{
	struct hasw_announce_batch *batch = NULL;

	spin_lock(&an->lock);
	if (fresh)
		list_add_tail(&fresh->list, &an->batches[queue]);
	if (!list_empty(&an->batches[queue]))
		batch = list_last_entry(&an->batches[queue],
					struct hasw_announce_batch, list);
	if (batch && batch->n == ARRAY_SIZE(batch->addr))
		batch = NULL;
	if (batch)
		batch->addr[batch->n++] = *addr;
	spin_unlock(&an->lock);
	return batch;
}

/**
 * hasw_announce_take() - takes the first vip of a queue
 * @an: of the namespace
 * @queue: which
 * @addr: set to it
 *
 * Context: process.
 * Return: whether there was one.
 */
static bool hasw_announce_take(struct hasw_announce *an, unsigned int queue,
			       struct in6_addr *addr)
{
	struct hasw_announce_batch *batch, *empty = NULL;

	spin_lock(&an->lock);
	batch = list_first_entry_or_null(&an->batches[queue],
					 struct hasw_announce_batch, list);
	if (batch) {
		*addr = batch->addr[batch->done++];
		if (batch->done == batch->n) {
			list_del(&batch->list);
			empty = batch;
		}
	}
	spin_unlock(&an->lock);
	kfree(empty);
	return batch;
}

/* A device may be up now on which a vip could not be announced, or have got the
 * address by which it faces clients.
 */
static void hasw_announce_missed(struct hasw_announce *an)
{
	/* A full barrier, which pairs with that of hasw_announce_send(). */
	atomic_inc_return(&an->changes);
	if (!READ_ONCE(an->missed))
		return;
	WRITE_ONCE(an->missed, false);
	WRITE_ONCE(an->again, true);
	hasw_announce_queue(an);
}

/**
 * hasw_announce_send() - announces a vip, if it is held, on its devices
 * @hn: namespace
 * @addr: the vip, which may have gone; IPv4 as v4-mapped
 * @queue: on all of them, or on those where it was not possible yet
 *
 * Context: process, softirqs on.
 * Return: number of frames sent.
 */
static unsigned int hasw_announce_send(struct hasw_net *hn,
				       const struct in6_addr *addr,
				       unsigned int queue)
{
	u16 family = ipv6_addr_v4mapped(addr) ? AF_INET : AF_INET6;
	struct hasw_announce *an = hn->announce;
	int changes = atomic_read(&an->changes);
	const struct hasw_config *cfg;
	u8 which = U8_MAX, unheard;
	unsigned int sent = 0;
	struct hasw_vip *vip;

	local_bh_disable();
	rcu_read_lock();
	cfg = rcu_dereference(hn->config);
	vip = cfg ? hasw_vip_find(cfg, addr, family) : NULL;
	if (!vip)
		goto out;
	if (queue == HASW_ANNOUNCE_UNHEARD)
		which = READ_ONCE(vip->unheard);
	unheard = which && hasw_vip_held(vip) ?
		  hasw_announce_devs(hn, vip, which, &sent) : 0;
	WRITE_ONCE(vip->unheard, unheard);
	if (!unheard)
		goto out;
	WRITE_ONCE(an->missed, true);
	/* Pairs with hasw_announce_missed(): what came meanwhile has seen
	 * nothing that was missed.
	 */
	smp_mb();
	if (atomic_read(&an->changes) != changes)
		hasw_announce_missed(an);
out:
	rcu_read_unlock();
	local_bh_enable();
	return sent;
}

/* Has a vip announced, by way of a queue. Process context, hn->mutex held. */
static void hasw_announce_enqueue(struct hasw_net *hn, unsigned int queue,
				  const struct hasw_vip *vip)
{
	struct hasw_announce *an = hn->announce;
	struct hasw_announce_batch *fresh;

	if (!hasw_announce_put(an, queue, &vip->addr, NULL)) {
		fresh = kmalloc(sizeof(*fresh), GFP_KERNEL_ACCOUNT);
		if (!fresh) {
			/* Better too many at once than one never. */
			hasw_announce_send(hn, &vip->addr, queue);
			return;
		}
		fresh->n = 0;
		fresh->done = 0;
		hasw_announce_put(an, queue, &vip->addr, fresh);
	}
	hasw_announce_queue(an);
}

/* Whether a vip belongs into a queue: what is unheard of into its own; into the
 * other what is held, but for what was held, and heard of, in @before.
 */
static bool hasw_announce_due(const struct hasw_vip *vip, unsigned int queue,
			      const struct hasw_config *before)
{
	const struct hasw_vip *old;

	if (queue == HASW_ANNOUNCE_UNHEARD)
		return READ_ONCE(vip->unheard);
	old = before ? hasw_vip_find(before, &vip->addr, vip->family) : NULL;
	return hasw_vip_held(vip) &&
	       !(old && hasw_vip_held(old) && !READ_ONCE(old->unheard));
}

static void hasw_announce_table(struct hasw_net *hn,
				const struct hasw_table *t, unsigned int queue,
				const struct hasw_config *before)
{
	const struct hasw_slots *slots =
		rcu_dereference_protected(t->slots,
					  lockdep_is_held(&hn->mutex));
	const struct hasw_vip *vip;
	u32 pos = 0;

	while ((vip = hasw_table_next(slots, &pos))) {
		if (hasw_announce_due(vip, queue, before))
			hasw_announce_enqueue(hn, queue, vip);
		cond_resched();
	}
}

/* Puts all vips that are unheard of into their queue, which is empty. Process
 * context.
 */
static void hasw_announce_again(struct hasw_announce *an)
{
	struct hasw_net *hn = an->hn;
	const struct hasw_config *cfg;

	mutex_lock(&hn->mutex);
	cfg = hasw_config_live(hn);
	if (cfg) {
		hasw_announce_table(hn, &cfg->vips4, HASW_ANNOUNCE_UNHEARD,
				    NULL);
		hasw_announce_table(hn, &cfg->vips6, HASW_ANNOUNCE_UNHEARD,
				    NULL);
	}
	mutex_unlock(&hn->mutex);
}

/* Has the next vip announced: those held anew come before all others. Return:
 * whether there was one.
 */
static bool hasw_announce_next(struct hasw_announce *an, unsigned int *sent)
{
	struct in6_addr addr;
	unsigned int queue;

	for (queue = 0; queue < HASW_ANNOUNCE_QUEUES; queue++) {
		if (!hasw_announce_take(an, queue, &addr))
			continue;
		/* Nothing sent is work, too. */
		*sent += max(hasw_announce_send(an->hn, &addr, queue), 1U);
		return true;
	}
	return false;
}

static void hasw_announce_work(struct work_struct *work)
{
	struct hasw_announce *an = container_of(to_delayed_work(work),
						struct hasw_announce, work);
	unsigned int sent = 0;
	long delay;

	WRITE_ONCE(an->next, jiffies + HASW_ANNOUNCE_TICK);
	while (sent < HASW_ANNOUNCE_BURST) {
		cond_resched();
		if (hasw_announce_next(an, &sent))
			continue;
		if (!READ_ONCE(an->again))
			return;
		delay = an->again_at - jiffies;
		if (delay > 0) {
			if (!READ_ONCE(an->closing))
				queue_delayed_work(hasw_wq, &an->work, delay);
			return;
		}
		an->again_at = jiffies + HASW_ANNOUNCE_AGAIN;
		WRITE_ONCE(an->again, false);
		hasw_announce_again(an);
	}
	hasw_announce_queue(an);
}

/**
 * hasw_announce_vip() - has a vip announced, soon and once, if it is held then
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
	hasw_announce_enqueue(hn, HASW_ANNOUNCE_FRESH, vip);
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
	hasw_announce_table(hn, &cfg->vips4, HASW_ANNOUNCE_FRESH, before);
	hasw_announce_table(hn, &cfg->vips6, HASW_ANNOUNCE_FRESH, before);
}

static void hasw_announce_lease_table(struct hasw_net *hn,
				      const struct hasw_table *t,
				      const struct hasw_lease *lease)
{
	const struct hasw_slots *slots =
		rcu_dereference_protected(t->slots,
					  lockdep_is_held(&hn->mutex));
	const struct hasw_vip *vip;
	u32 pos = 0;

	while ((vip = hasw_table_next(slots, &pos))) {
		if (rcu_access_pointer(vip->lease) == lease)
			hasw_announce_enqueue(hn, HASW_ANNOUNCE_FRESH, vip);
		cond_resched();
	}
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

	hasw_announce_lease_table(hn, &cfg->vips4, lease);
	hasw_announce_lease_table(hn, &cfg->vips6, lease);
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
	if ((event == NETDEV_UP || event == NETDEV_CHANGE) &&
	    hasw_announce_up(dev))
		hasw_announce_missed(an);
	return NOTIFY_DONE;
}

/* Without `on`, a vip is faced by the devices that have an address in its
 * subnet: such an address has come (or, of groups, gone).
 */
static int hasw_announce_inet6addr(struct notifier_block *nb,
				   unsigned long event, void *ptr)
{
	const struct inet6_ifaddr *ifa = ptr;
	struct hasw_announce *an;

	an = hasw_net_of(dev_net(ifa->idev->dev))->announce;
	if (an) {
		hasw_announce_sync_later(an);
		if (event == NETDEV_UP)
			hasw_announce_missed(an);
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
		hasw_announce_missed(an);
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
	unsigned int i;
	int err;

	if (!an)
		return -ENOMEM;
	an->hn = hn;
	hasw_groups_init(&an->groups, hn);
	spin_lock_init(&an->lock);
	for (i = 0; i < HASW_ANNOUNCE_QUEUES; i++)
		INIT_LIST_HEAD(&an->batches[i]);
	INIT_DELAYED_WORK(&an->work, hasw_announce_work);
	an->next = jiffies;
	an->again_at = jiffies;
	an->netdev.notifier_call = hasw_announce_netdev;
	hn->announce = an;

	err = register_netdevice_notifier_net(hn->net, &an->netdev);
	if (err) {
		hasw_groups_cancel(&an->groups);
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
	struct hasw_announce_batch *batch, *tmp;
	unsigned int i;

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
	for (i = 0; i < HASW_ANNOUNCE_QUEUES; i++)
		list_for_each_entry_safe(batch, tmp, &an->batches[i], list)
			kfree(batch);
	kfree(an);
}
