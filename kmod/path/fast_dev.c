// SPDX-License-Identifier: GPL-2.0
/* The refresh is a work item that runs after vips or network devices have
 * changed. It adds the fast path's ingress hook to devices that need the hook,
 * and removes it from all others. It also disables LRO on devices that receive
 * packets which this node forwards. Client-facing devices are the devices on
 * which packets of a vip's clients arrive.
 */
#include <linux/if_arp.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include <net/rtnetlink.h>

#include "fast_dev.h"
#include "service/vip_class.h"

/* The hook runs after nft's ingress chains of priority "filter". These chains
 * therefore also see packets that the hook redirects.
 */
#define HASW_FAST_DEV_PRIORITY 10

/* Delay of the refresh, jiffies, so that one run covers many changes of the
 * configuration.
 */
#define HASW_FAST_DEV_DELAY (HZ / 20)

/**
 * struct hasw_fast_dev - a device that has the fast path
 * @ops: ingress hook; the kernel reads it under RCU when it dumps its hooks to
 *	user space
 * @wanted: the refresh in progress has found that the device needs the hook
 * @rcu: frees the struct after a grace period
 *
 * hasw_net.fast.devs contains the struct, indexed by ifindex. The struct is
 * removed at NETDEV_UNREGISTER at the latest, so it holds no reference on the
 * device. All fields are under hasw_net.mutex.
 */
struct hasw_fast_dev {
	struct nf_hook_ops ops;
	bool wanted;
	struct rcu_head rcu;
};

/**
 * struct hasw_fast_dev_wish - a set of devices
 * @all: the set contains all devices
 * @named: ifindexes of the devices; used only if @all is false
 */
struct hasw_fast_dev_wish {
	bool all;
	struct xarray named;
};

/**
 * struct hasw_fast_dev_wishes - devices that the configuration asks for
 * @unmerged: devices that receive packets of vips' flows, whose LRO has to be
 *	disabled
 * @fast: devices that are to have the fast path
 */
struct hasw_fast_dev_wishes {
	struct hasw_fast_dev_wish unmerged;
	struct hasw_fast_dev_wish fast;
};

/* Adds the devices that receive packets of a device group's flows to a set.
 * These are the client-facing devices. If @devs is NULL, any device with an
 * address in a vip's subnet is client-facing, so all devices are added. Replies
 * of members reached via nat may arrive by any device, so a group with such
 * members adds all devices, too; @n_nat is the number of these members. If an
 * allocation fails, all devices are added as well, because a superfluous hook
 * costs only time.
 */
static void hasw_fast_dev_wish_add(struct hasw_fast_dev_wish *wish,
				   const struct hasw_devs *devs, u32 n_nat)
{
	u32 i;

	if (!devs || n_nat)
		wish->all = true;
	for (i = 0; !wish->all && i < devs->n; i++)
		if (devs->dev[i].ifindex &&
		    xa_is_err(xa_store(&wish->named, devs->dev[i].ifindex,
				       xa_mk_value(1), GFP_KERNEL)))
			wish->all = true;
}

/* Collects the devices that the vips need. hasw_net.mutex is held. */
static void hasw_fast_dev_wish_all(struct hasw_fast_dev_wishes *wishes,
				   const struct hasw_config *cfg)
{
	const struct hasw_dev_group *group;
	u32 fast, slow;

	hasw_wlock_assert(&cfg->wlock);
	list_for_each_entry(group, &cfg->dev_groups, list) {
		cond_resched();
		fast = group->n_nat[HASWITCH_HOOK_INGRESS];
		slow = group->n_nat[HASWITCH_HOOK_PREROUTING];
		hasw_fast_dev_wish_add(&wishes->unmerged, group->devs,
				       fast + slow);
		if (group->n_classes[HASWITCH_HOOK_INGRESS])
			hasw_fast_dev_wish_add(&wishes->fast, group->devs,
					       fast);
	}
}

/* Returns whether packets of vips' flows may arrive on a device that @wish
 * lists. None arrives on this module's own devices.
 */
static bool hasw_fast_dev_listed(const struct hasw_fast_dev_wish *wish,
				 const struct net_device *dev)
{
	return dev->type == ARPHRD_ETHER && !(dev->flags & IFF_LOOPBACK) &&
	       !hasw_dev_is_link(dev) &&
	       (wish->all || xa_load((struct xarray *)&wish->named,
				     dev->ifindex));
}

/* Returns whether a device needs the hook, because @wish lists it. A port of a
 * bridge, bond or macvlan needs no hook, because the upper device has the fast
 * path. No vip faces a device in a VRF; the slow path handles the packets of
 * such devices.
 */
static bool hasw_fast_dev_wanted(const struct hasw_fast_dev_wish *wish,
				 const struct net_device *dev)
{
	return hasw_fast_dev_listed(wish, dev) && !hasw_dev_in_vrf(dev) &&
	       !rcu_access_pointer(dev->rx_handler);
}

static void hasw_fast_dev_free(struct hasw_net *hn, struct hasw_fast_dev *fast)
{
	nf_unregister_net_hook(hn->net, &fast->ops);
	WRITE_ONCE(hn->fast.n, hn->fast.n - 1);
	kfree_rcu(fast, rcu);
}

/* Adds the hook to a device. If the hook cannot be added, the device's packets
 * take the slow path.
 */
static void hasw_fast_dev_add(struct hasw_net *hn, struct net_device *dev)
{
	struct hasw_fast_dev *fast = kzalloc(sizeof(*fast), GFP_KERNEL_ACCOUNT);

	if (!fast)
		return;
	fast->wanted = true;
	fast->ops.hook = hasw_fast_in;
	fast->ops.dev = dev;
	fast->ops.priv = hn;
	fast->ops.pf = NFPROTO_NETDEV;
	fast->ops.hooknum = NF_NETDEV_INGRESS;
	fast->ops.priority = HASW_FAST_DEV_PRIORITY;
	if (nf_register_net_hook(hn->net, &fast->ops)) {
		kfree(fast);
		return;
	}
	WRITE_ONCE(hn->fast.n, hn->fast.n + 1);
	if (xa_is_err(xa_store(&hn->fast.devs, dev->ifindex, fast, GFP_KERNEL)))
		hasw_fast_dev_free(hn, fast);
}

/* Adds the hook to devices in the set, and removes it from all others. */
static void hasw_fast_dev_set(struct hasw_net *hn,
			      const struct hasw_fast_dev_wish *wish)
{
	struct hasw_fast_dev *fast;
	struct net_device *dev;
	unsigned long index;

	xa_for_each(&hn->fast.devs, index, fast)
		fast->wanted = false;
	for_each_netdev(hn->net, dev) {
		if (!hasw_fast_dev_wanted(wish, dev))
			continue;
		fast = xa_load(&hn->fast.devs, dev->ifindex);
		if (fast)
			fast->wanted = true;
		else
			hasw_fast_dev_add(hn, dev);
	}
	xa_for_each(&hn->fast.devs, index, fast) {
		if (fast->wanted)
			continue;
		xa_erase(&hn->fast.devs, index);
		hasw_fast_dev_free(hn, fast);
	}
}

/* Disables LRO on the devices in the set, as the kernel does on devices that
 * forward packets. A packet that a NIC has merged by LRO cannot be segmented
 * again, so it is dropped; see hasw_xmit_check(). This includes devices that
 * have no hook: the port of a macvlan receives packets for its own address. LRO
 * is disabled only once for each device, so an administrator can enable it
 * again. The caller does not hold hasw_net.mutex, because dev_disable_lro()
 * calls drivers and notifiers, which may take any lock.
 */
static void hasw_fast_dev_unmerge(struct hasw_net *hn,
				  const struct hasw_fast_dev_wish *wish)
{
	struct net_device *dev;

	for_each_netdev(hn->net, dev) {
		if (!hasw_fast_dev_listed(wish, dev) ||
		    xa_load(&hn->fast.unmerged, dev->ifindex))
			continue;
		dev_disable_lro(dev);
		xa_store(&hn->fast.unmerged, dev->ifindex, xa_mk_value(1),
			 GFP_KERNEL);
	}
}

/* Refreshes the devices' hooks. The set of devices is computed without rtnl,
 * because rtnl is a global lock that should be held only briefly. A
 * configuration change after the computation schedules this work again.
 */
static void hasw_fast_dev_work(struct work_struct *work)
{
	struct hasw_net *hn =
		container_of(to_delayed_work(work), struct hasw_net, fast.work);
	struct hasw_fast_dev_wishes wishes = {};
	const struct hasw_config *cfg;

	xa_init(&wishes.unmerged.named);
	xa_init(&wishes.fast.named);
	mutex_lock(&hn->mutex);
	cfg = hasw_config_live(hn);
	if (cfg)
		hasw_fast_dev_wish_all(&wishes, cfg);
	mutex_unlock(&hn->mutex);

	rtnl_lock();
	mutex_lock(&hn->mutex);
	if (!hn->closing && hasw_devs_followed)
		hasw_fast_dev_set(hn, &wishes.fast);
	mutex_unlock(&hn->mutex);
	hasw_fast_dev_unmerge(hn, &wishes.unmerged);
	rtnl_unlock();
	xa_destroy(&wishes.fast.named);
	xa_destroy(&wishes.unmerged.named);
}

/**
 * hasw_fast_dev_on() - whether a device has the fast path
 * @hn: namespace
 * @dev: the device
 *
 * Context: process, hasw_net.mutex held.
 */
bool hasw_fast_dev_on(struct hasw_net *hn, const struct net_device *dev)
{
	lockdep_assert_held(&hn->mutex);
	return xa_load(&hn->fast.devs, dev->ifindex);
}

/**
 * hasw_fast_dev_schedule() - schedules the refresh of the devices' hooks
 * @hn: namespace
 *
 * Context: any.
 */
void hasw_fast_dev_schedule(struct hasw_net *hn)
{
	if (!READ_ONCE(hn->closing))
		queue_delayed_work(hasw_wq, &hn->fast.work,
				   HASW_FAST_DEV_DELAY);
}

/**
 * hasw_fast_dev_drop() - removes the fast path from a device that is
 *	unregistered
 * @hn: namespace
 * @dev: the device
 *
 * Context: process, rtnl and hasw_net.mutex held.
 */
void hasw_fast_dev_drop(struct hasw_net *hn, const struct net_device *dev)
{
	struct hasw_fast_dev *fast = xa_load(&hn->fast.devs, dev->ifindex);

	lockdep_assert_held(&hn->mutex);
	xa_erase(&hn->fast.unmerged, dev->ifindex);
	/* NETDEV_UNREGISTER may be repeated for a device. By then the entry may
	 * belong to another device, which got the same ifindex.
	 */
	if (!fast || fast->ops.dev != dev)
		return;
	xa_erase(&hn->fast.devs, dev->ifindex);
	hasw_fast_dev_free(hn, fast);
}

/**
 * hasw_fast_dev_close() - removes the fast path from all devices
 * @hn: namespace
 *
 * When the function returns, other CPUs may still run the hook, until an RCU
 * grace period has passed.
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_fast_dev_close(struct hasw_net *hn)
{
	struct hasw_fast_dev *fast;
	unsigned long index;

	lockdep_assert_held(&hn->mutex);
	xa_for_each(&hn->fast.devs, index, fast) {
		xa_erase(&hn->fast.devs, index);
		hasw_fast_dev_free(hn, fast);
	}
}

/**
 * hasw_fast_dev_init() - initialises hasw_net.fast, in which no device has the
 *	fast path yet
 * @hn: namespace
 *
 * Context: process.
 */
void hasw_fast_dev_init(struct hasw_net *hn)
{
	xa_init(&hn->fast.devs);
	xa_init(&hn->fast.unmerged);
	INIT_DELAYED_WORK(&hn->fast.work, hasw_fast_dev_work);
}

/**
 * hasw_fast_dev_exit() - cancels the refresh of the devices' hooks
 * @hn: namespace; the caller has set hasw_net.closing
 *
 * Context: process, no lock held.
 */
void hasw_fast_dev_exit(struct hasw_net *hn)
{
	cancel_delayed_work_sync(&hn->fast.work);
	xa_destroy(&hn->fast.unmerged);
}
