// SPDX-License-Identifier: GPL-2.0
/* Tells whether a frame that br_netfilter passes to the IP hooks is for this
 * machine, or is only forwarded by a bridge.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>

#include "bridge.h"

/**
 * struct hasw_bridge_wanted - the device that the walks below search for
 * @lladdr: link-layer address of the device
 * @net: namespace of the device
 */
struct hasw_bridge_wanted {
	const u8 *lladdr;
	const struct net *net;
};

static int hasw_bridge_is_wanted(struct net_device *dev,
				 struct netdev_nested_priv *priv)
{
	const struct hasw_bridge_wanted *wanted = priv->data;

	return dev->addr_len == ETH_ALEN && dev_net(dev) == wanted->net &&
	       ether_addr_equal(dev->dev_addr, wanted->lladdr);
}

/* Returns whether a frame is for @dev, an upper device of a bridge, and @dev
 * has no rx_handler. Such a frame is for this machine. A device with an
 * rx_handler passes its frames on instead: a macvtap to a guest, and another
 * bridge to other hosts.
 */
static int hasw_bridge_upper_is_wanted(struct net_device *dev,
				       struct netdev_nested_priv *priv)
{
	return !rcu_access_pointer(dev->rx_handler) &&
	       hasw_bridge_is_wanted(dev, priv);
}

/**
 * hasw_bridge_is_mine() - returns whether a bridged frame is for this machine
 * @skb: the packet; skb->dev is the bridge, or a VLAN device on it
 *
 * A bridge delivers a frame locally if the frame's destination address is that
 * of the bridge or of one of its ports. A frame to the address of a device on
 * top of the bridge, such as a macvlan, is also for this machine.
 *
 * Context: RCU read side.
 */
bool hasw_bridge_is_mine(const struct sk_buff *skb)
{
	struct hasw_bridge_wanted wanted = {
		.lladdr = eth_hdr(skb)->h_dest,
		.net = dev_net(skb->dev),
	};
	struct netdev_nested_priv priv = { .data = &wanted };

	return hasw_bridge_is_wanted(skb->dev, &priv) ||
	       netdev_walk_all_lower_dev_rcu(skb->dev, hasw_bridge_is_wanted,
					     &priv) ||
	       netdev_walk_all_upper_dev_rcu(skb->dev,
					     hasw_bridge_upper_is_wanted,
					     &priv);
}
