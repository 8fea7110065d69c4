// SPDX-License-Identifier: GPL-2.0
/* Devices that may be heard again: links that came up, bonds that failed over, addresses that arrived. */
#include <linux/rtnetlink.h>

#include "announce_dev.h"
#include "link_recovery.h"

/**
 * hasw_heals_init() - begins with no device
 * @heals: of a namespace
 * @net: the namespace
 *
 * Context: process.
 */
void hasw_heals_init(struct hasw_heals *heals, struct net *net)
{
	heals->net = net;
	spin_lock_init(&heals->lock);
	xa_init(&heals->carrier);
}

/**
 * hasw_heals_exit() - forgets all devices
 * @heals: of a namespace, whose devices nobody tells of any more
 *
 * Context: process.
 */
void hasw_heals_exit(struct hasw_heals *heals)
{
	xa_destroy(&heals->carrier);
}

/**
 * hasw_heals_add() - a device may be heard again
 * @heals: of the namespace
 * @ifindex: the device
 * @missed: by whom it was not possible before
 *
 * Context: process, or softirq: routers give addresses.
 */
void hasw_heals_add(struct hasw_heals *heals, int ifindex, bool missed)
{
	struct hasw_heal *heal = heals->heal;
	unsigned int i;

	spin_lock_bh(&heals->lock);
	for (i = 0; i < heals->n; i++)
		if (heal[i].ifindex == ifindex || !heal[i].ifindex)
			break;
	if (i == HASW_HEALS_MAX) {
		/* All of them, then: too often rather than never. */
		heal[0] = (struct hasw_heal){};
		heals->n = 1;
	} else if (i == heals->n) {
		heal[i].ifindex = ifindex;
		heal[i].missed = missed;
		WRITE_ONCE(heals->n, i + 1);
	} else {
		heal[i].missed &= missed;
	}
	spin_unlock_bh(&heals->lock);
}

/**
 * hasw_heals_take() - takes all devices that may be heard again
 * @heals: of the namespace
 * @heal: room for HASW_HEALS_MAX
 *
 * Context: process.
 * Return: how many there were.
 */
unsigned int hasw_heals_take(struct hasw_heals *heals, struct hasw_heal *heal)
{
	unsigned int n;

	spin_lock_bh(&heals->lock);
	n = heals->n;
	memcpy(heal, heals->heal, n * sizeof(*heal));
	WRITE_ONCE(heals->n, 0);
	spin_unlock_bh(&heals->lock);
	return n;
}

/**
 * hasw_heals_any() - whether there are any to take
 * @heals: of the namespace
 *
 * Context: any.
 */
bool hasw_heals_any(const struct hasw_heals *heals)
{
	return READ_ONCE(heals->n);
}

/* What is above may be in another namespace, whose indices mean other devices. */
static int hasw_heals_upper(struct net_device *upper,
			    struct netdev_nested_priv *priv)
{
	struct hasw_heals *heals = priv->data;

	if (net_eq(dev_net(upper), heals->net))
		hasw_heals_add(heals, upper->ifindex, false);
	return 0;
}

/* Whether a device that is up has lost its carrier since it was up last: that
 * event comes for other reasons, too, and a short loss makes one event only.
 */
static bool hasw_heals_lost(struct hasw_heals *heals, struct net_device *dev)
{
	void *now = xa_mk_value(atomic_read(&dev->carrier_down_count) &
				INT_MAX);

	/* Without memory to note it, once more the next time. */
	return xa_store(&heals->carrier, dev->ifindex, now, GFP_KERNEL) != now;
}

/**
 * hasw_heals_netdev() - takes in what happened to a device
 * @heals: of its namespace
 * @dev: the device
 * @event: NETDEV_*
 *
 * Who is behind a device above it (a bridge, a VLAN, a bond) may be heard again
 * as well.
 *
 * Context: process, rtnl held.
 * Return: whether it may be heard again.
 */
bool hasw_heals_netdev(struct hasw_heals *heals, struct net_device *dev,
		       unsigned long event)
{
	struct netdev_nested_priv priv = { .data = heals };

	ASSERT_RTNL();
	if (dev->flags & (IFF_LOOPBACK | IFF_NOARP))
		return false;
	switch (event) {
	case NETDEV_UNREGISTER:
		xa_erase(&heals->carrier, dev->ifindex);
		return false;
	case NETDEV_UP:
	case NETDEV_CHANGE:
		if (!hasw_dev_up(dev))
			return false;
		if (!hasw_heals_lost(heals, dev) && event == NETDEV_CHANGE)
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
	hasw_heals_add(heals, dev->ifindex, false);
	rcu_read_lock();
	netdev_walk_all_upper_dev_rcu(dev, hasw_heals_upper, &priv);
	rcu_read_unlock();
	return true;
}
