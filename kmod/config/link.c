// SPDX-License-Identifier: GPL-2.0
/* Devices of rtnl kind "haswitch", which carry the addresses of local vips. */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/module.h>
#include <net/rtnetlink.h>

#include "compat/compat_link.h"
#include "config.h"
#include "link.h"

/* Drops each packet, because no host is reached through the device: it only
 * carries local addresses.
 */
static netdev_tx_t hasw_link_xmit(struct sk_buff *skb, struct net_device *dev)
{
	dev_lstats_add(dev, skb->len);
	kfree_skb(skb);
	return NETDEV_TX_OK;
}

/* Registers the packet hooks along with the device. A vip's address can be on
 * the device before the vip is configured, and after the vip is deleted. The
 * hooks prevent the stack from replying to ARP and ND requests for this
 * address.
 */
static int hasw_link_dev_init(struct net_device *dev)
{
	int err;

	dev->lstats = netdev_alloc_pcpu_stats(struct pcpu_lstats);
	if (!dev->lstats)
		return -ENOMEM;
	err = hasw_config_link(hasw_net_of(dev_net(dev)), true);
	if (err)
		free_percpu(dev->lstats);
	return err;
}

static void hasw_link_dev_uninit(struct net_device *dev)
{
	hasw_config_link(hasw_net_of(dev_net(dev)), false);
	free_percpu(dev->lstats);
}

static void hasw_link_get_stats64(struct net_device *dev,
				  struct rtnl_link_stats64 *stats)
{
	dev_lstats_read(dev, &stats->tx_packets, &stats->tx_bytes);
	stats->tx_dropped = stats->tx_packets;
}

static const struct net_device_ops hasw_link_netdev_ops = {
	.ndo_init = hasw_link_dev_init,
	.ndo_uninit = hasw_link_dev_uninit,
	.ndo_start_xmit = hasw_link_xmit,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_get_stats64 = hasw_link_get_stats64,
};

static void hasw_link_get_drvinfo(struct net_device *dev,
				  struct ethtool_drvinfo *info)
{
	strscpy(info->driver, HASW_LINK_KIND, sizeof(info->driver));
}

static const struct ethtool_ops hasw_link_ethtool_ops = {
	.get_drvinfo = hasw_link_get_drvinfo,
	.get_link = ethtool_op_get_link,
};

static void hasw_link_setup(struct net_device *dev)
{
	ether_setup(dev);
	eth_hw_addr_random(dev);
	dev->netdev_ops = &hasw_link_netdev_ops;
	dev->ethtool_ops = &hasw_link_ethtool_ops;
	dev->needs_free_netdev = true;

	/* No host is behind the device, so it has no ARP, no multicast, no
	 * queue and no limit of the MTU.
	 */
	dev->flags |= IFF_NOARP;
	dev->flags &= ~IFF_MULTICAST;
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE | IFF_NO_QUEUE;
	dev->min_mtu = 0;
	dev->max_mtu = 0;

	/* The device's carrier never changes, so linkwatch never sets
	 * operstate. So operstate is set here.
	 */
	dev->operstate = IF_OPER_UP;

	/* The device must stay in the namespace of its vips and hooks. */
	hasw_compat_netns_immutable(dev);
}

static int hasw_link_validate(struct nlattr *tb[], struct nlattr *data[],
			      struct netlink_ext_ack *extack)
{
	const struct nlattr *addr = tb[IFLA_ADDRESS];

	if (!addr)
		return 0;
	if (nla_len(addr) != ETH_ALEN) {
		NL_SET_ERR_MSG_ATTR(extack, addr,
				    "address must have 6 bytes");
		return -EINVAL;
	}
	if (!is_valid_ether_addr(nla_data(addr))) {
		NL_SET_ERR_MSG_ATTR(extack, addr,
				    "address must be unicast and not zero");
		return -EADDRNOTAVAIL;
	}
	return 0;
}

static struct rtnl_link_ops hasw_link_ops __read_mostly = {
	.kind = HASW_LINK_KIND,
	.setup = hasw_link_setup,
	.validate = hasw_link_validate,
};

/**
 * hasw_link_register() - registers the rtnl kind, for `ip link add`
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int hasw_link_register(void)
{
	return rtnl_link_register(&hasw_link_ops);
}

/**
 * hasw_link_unregister() - unregisters the rtnl kind and all its devices
 *
 * Context: process.
 */
void hasw_link_unregister(void)
{
	rtnl_link_unregister(&hasw_link_ops);
}

MODULE_ALIAS_RTNL_LINK(HASW_LINK_KIND);
