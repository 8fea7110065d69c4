// SPDX-License-Identifier: GPL-2.0
/* Devices that may be heard again: links that came up, bonds that failed over, addresses that arrived. */
#include <linux/rtnetlink.h>

#include "announce_dev.h"
#include "link_recovery.h"

/**
 * hasw_link_recovery_init() - begins with no device
 * @recovery: of a namespace
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
 * hasw_link_recovery_exit() - forgets all devices
 * @recovery: of a namespace, whose devices nobody tells of any more
 *
 * Context: process.
 */
void hasw_link_recovery_exit(struct hasw_link_recovery *recovery)
{
	xa_destroy(&recovery->carrier);
}

/**
 * hasw_link_recovery_add() - a device may be heard again
 * @recovery: of the namespace
 * @ifindex: the device
 * @missed: by whom it was not possible before
 *
 * Context: process, or softirq: routers give addresses.
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
		/* All of them, then: too often rather than never. */
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
 * hasw_link_recovery_take() - takes all devices that may be heard again
 * @recovery: of the namespace
 * @recovered: room for HASW_LINK_RECOVERY_MAX
 *
 * Context: process.
 * Return: how many there were.
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
 * hasw_link_recovery_any() - whether there are any to take
 * @recovery: of the namespace
 *
 * Context: any.
 */
bool hasw_link_recovery_any(const struct hasw_link_recovery *recovery)
{
	return READ_ONCE(recovery->n);
}

/* What is above may be in another namespace, whose indices mean other devices. */
static int hasw_link_recovery_upper(struct net_device *upper,
				    struct netdev_nested_priv *priv)
{
	struct hasw_link_recovery *recovery = priv->data;

	if (net_eq(dev_net(upper), recovery->net))
		hasw_link_recovery_add(recovery, upper->ifindex, false);
	return 0;
}

/* Whether a device that is up has lost its carrier since it was up last: that
 * event comes for other reasons, too, and a short loss makes one event only.
 */
static bool hasw_link_recovery_lost(struct hasw_link_recovery *recovery,
				    struct net_device *dev)
{
	void *now = xa_mk_value(atomic_read(&dev->carrier_down_count) &
				INT_MAX);

	/* Without memory to note it, once more the next time. */
	return xa_store(&recovery->carrier, dev->ifindex, now, GFP_KERNEL) !=
	       now;
}

/**
 * hasw_link_recovery_netdev() - takes in what happened to a device
 * @recovery: of its namespace
 * @dev: the device
 * @event: NETDEV_*
 *
 * Who is behind a device above it (a bridge, a VLAN, a bond) may be heard again
 * as well.
 *
 * Context: process, rtnl held.
 * Return: whether it may be heard again.
 */
bool hasw_link_recovery_netdev(struct hasw_link_recovery *recovery,
			       struct net_device *dev, unsigned long event)
{
	struct netdev_nested_priv priv = { .data = recovery };

	ASSERT_RTNL();
	if (dev->flags & (IFF_LOOPBACK | IFF_NOARP))
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
