// SPDX-License-Identifier: GPL-2.0
/* Frames that a bridge shows to the IP hooks on their way: whether they are for this machine. */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>

#include "bridge.h"

/**
 * struct hasw_bridge_wanted - the device that is looked for
 * @lladdr: has this address
 * @net: and is in this namespace
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

/* What comes to a device above a bridge is this machine's, unless somebody takes
 * it away there: a guest behind a macvtap device, another bridge.
 */
static int hasw_bridge_upper_is_wanted(struct net_device *dev,
				       struct netdev_nested_priv *priv)
{
	return !rcu_access_pointer(dev->rx_handler) &&
	       hasw_bridge_is_wanted(dev, priv);
}

/**
 * hasw_bridge_is_mine() - whether a frame that is shown by a bridge is for this machine
 * @skb: the packet; skb->dev is the bridge, or a VLAN device on it
 *
 * It is for the bridge's own address, for that of any of its ports, which a
 * bridge delivers too, or for that of a device on the bridge (macvlan).
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
