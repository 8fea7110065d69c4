// SPDX-License-Identifier: GPL-2.0
/* Recovered devices, for example devices whose link came up again. Vips have to
 * be announced on these devices again.
 */
#include <linux/rtnetlink.h>

#include "announce_dev.h"
#include "link_recovery.h"

/**
 * hasw_link_recovery_init() - initialises an empty set of recovered devices
 * @recovery: the set of a namespace
 * @net: the namespace
 *
 * Context: process.
 */
void hasw_link_recovery_init(struct hasw_link_recovery *recovery,
			     struct net *net)
{
	recovery->net = net;
	spin_lock_init(&recovery->lock);
	xa_init(&recovery->carrier);
}

/**
 * hasw_link_recovery_exit() - frees the memory of a set of recovered devices
 * @recovery: the set of a namespace; netdevice events no longer arrive for it
 *
 * Context: process.
 */
void hasw_link_recovery_exit(struct hasw_link_recovery *recovery)
{
	xa_destroy(&recovery->carrier);
}

/**
 * hasw_link_recovery_add() - adds a recovered device
 * @recovery: the set of the namespace
 * @ifindex: ifindex of the device; 0 stands for all devices
 * @missed: announce only vips whose announcement the device might have missed
 *
 * Context: process, or softirq, since router advertisements add addresses.
 */
void hasw_link_recovery_add(struct hasw_link_recovery *recovery, int ifindex,
			    bool missed)
{
	struct hasw_link_recovered *recovered = recovery->recovered;
	unsigned int i;

	spin_lock_bh(&recovery->lock);
	for (i = 0; i < recovery->n; i++)
		if (recovered[i].ifindex == ifindex || !recovered[i].ifindex)
			break;
	if (i == HASW_LINK_RECOVERY_MAX) {
		/* The array is full, so all devices count as recovered. */
		recovered[0] = (struct hasw_link_recovered){};
		recovery->n = 1;
	} else if (i == recovery->n) {
		recovered[i].ifindex = ifindex;
		recovered[i].missed = missed;
		WRITE_ONCE(recovery->n, i + 1);
	} else {
		recovered[i].missed &= missed;
	}
	spin_unlock_bh(&recovery->lock);
}

/**
 * hasw_link_recovery_take() - returns all recovered devices, and empties the
 *	set
 * @recovery: the set of the namespace
 * @recovered: filled in; HASW_LINK_RECOVERY_MAX elements
 *
 * Context: process.
 * Return: number of devices.
 */
unsigned int hasw_link_recovery_take(struct hasw_link_recovery *recovery,
				     struct hasw_link_recovered *recovered)
{
	unsigned int n;

	spin_lock_bh(&recovery->lock);
	n = recovery->n;
	memcpy(recovered, recovery->recovered, n * sizeof(*recovered));
	WRITE_ONCE(recovery->n, 0);
	spin_unlock_bh(&recovery->lock);
	return n;
}

/**
 * hasw_link_recovery_any() - returns whether the set has recovered devices
 * @recovery: the set of the namespace
 *
 * Context: any.
 */
bool hasw_link_recovery_any(const struct hasw_link_recovery *recovery)
{
	return READ_ONCE(recovery->n);
}

/* Adds an upper device to the recovered devices. An upper device of another
 * namespace is skipped, because a different device of this namespace may have
 * the same ifindex.
 */
static int hasw_link_recovery_upper(struct net_device *upper,
				    struct netdev_nested_priv *priv)
{
	struct hasw_link_recovery *recovery = priv->data;

	if (net_eq(dev_net(upper), recovery->net))
		hasw_link_recovery_add(recovery, upper->ifindex, false);
	return 0;
}

/* Stores a device's carrier_down_count. Returns whether the count has changed
 * since the last call, that is, whether the device has lost its carrier
 * meanwhile. The first call for a device returns true. NETDEV_CHANGE alone does
 * not prove a loss, because it has other causes. A short loss causes only one
 * event. The carrier can be back when this event arrives, so checking the
 * carrier would not detect the loss.
 */
static bool hasw_link_recovery_lost(struct hasw_link_recovery *recovery,
				    struct net_device *dev)
{
	void *now = xa_mk_value(atomic_read(&dev->carrier_down_count) &
				INT_MAX);

	/* If xa_store() fails, both this event and the next one count as a
	 * loss.
	 */
	return xa_store(&recovery->carrier, dev->ifindex, now, GFP_KERNEL) !=
	       now;
}

/**
 * hasw_link_recovery_netdev() - handles a netdevice event
 * @recovery: the set of the device's namespace
 * @dev: the device
 * @event: NETDEV_*
 *
 * If a device has recovered, its upper devices (bridge, VLAN, bond) count as
 * recovered as well.
 *
 * Context: process, rtnl held.
 * Return: whether the device has recovered.
 */
bool hasw_link_recovery_netdev(struct hasw_link_recovery *recovery,
			       struct net_device *dev, unsigned long event)
{
	struct netdev_nested_priv priv = { .data = recovery };

	ASSERT_RTNL();
	if (!hasw_dev_resolves(dev))
		return false;
	switch (event) {
	case NETDEV_UNREGISTER:
		xa_erase(&recovery->carrier, dev->ifindex);
		return false;
	case NETDEV_UP:
	case NETDEV_CHANGE:
		if (!hasw_dev_up(dev))
			return false;
		if (!hasw_link_recovery_lost(recovery, dev) &&
		    event == NETDEV_CHANGE)
			return false;
		break;
	case NETDEV_CHANGEADDR:
	case NETDEV_NOTIFY_PEERS:
		if (!hasw_dev_up(dev))
			return false;
		break;
	default:
		return false;
	}
	hasw_link_recovery_add(recovery, dev->ifindex, false);
	rcu_read_lock();
	netdev_walk_all_upper_dev_rcu(dev, hasw_link_recovery_upper, &priv);
	rcu_read_unlock();
	return true;
}
