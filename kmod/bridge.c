// SPDX-License-Identifier: GPL-2.0
/* Frames that a bridge shows to the IP hooks on their way: whether they are for this machine. */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>

#include "bridge.h"

static int hasw_bridge_is_address(struct net_device *dev,
				  struct netdev_nested_priv *priv)
{
	return dev->addr_len == ETH_ALEN &&
	       ether_addr_equal(dev->dev_addr, priv->data);
}

/**
 * hasw_bridge_is_mine() - whether a frame that is shown by a bridge is for this machine
 * @skb: the packet; skb->dev is the bridge, or a VLAN device on it
 *
 * It is for the bridge's own address, or for that of any of its ports: a bridge
 * delivers these too.
 *
 * Context: RCU read side.
 */
bool hasw_bridge_is_mine(const struct sk_buff *skb)
{
	struct netdev_nested_priv priv = { .data = eth_hdr(skb)->h_dest };

	return hasw_bridge_is_address(skb->dev, &priv) ||
	       netdev_walk_all_lower_dev_rcu(skb->dev, hasw_bridge_is_address,
					     &priv);
}
