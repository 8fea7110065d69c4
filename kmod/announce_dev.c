// SPDX-License-Identifier: GPL-2.0
/* Announcing a vip on its devices, and on which of them that is not possible yet. */
#include "announce_dev.h"
#include "arp.h"
#include "nd.h"

/**
 * hasw_announce_up() - whether somebody may hear what is sent through a device
 * @dev: the device
 *
 * Context: any.
 */
bool hasw_announce_up(const struct net_device *dev)
{
	return netif_running(dev) && netif_carrier_ok(dev);
}

/* Announces a vip on a device. Whether that was possible, or never will be. */
static bool hasw_announce_on(struct hasw_net *hn, const struct hasw_vip *vip,
			     struct net_device *dev, unsigned int *sent)
{
	if (dev->flags & (IFF_LOOPBACK | IFF_NOARP))
		return true;
	if (!hasw_announce_up(dev))
		return false;
	if (vip->family == AF_INET)
		*sent += hasw_arp_announce(hn, dev, vip->addr.s6_addr32[3]);
	else
		*sent += hasw_nd_announce(hn, dev, &vip->addr);
	return true;
}

/**
 * hasw_announce_devs() - announces a vip on its devices
 * @hn: namespace
 * @vip: the vip, which this node holds
 * @which: on which of them, as in hasw_vip.unheard
 * @sent: grows by the frames that were sent
 *
 * Context: RCU read side, softirqs off.
 * Return: on which of them it was not possible.
 */
u8 hasw_announce_devs(struct hasw_net *hn, const struct hasw_vip *vip, u8 which,
		      unsigned int *sent)
{
	const struct hasw_devs *devs = rcu_dereference(vip->devs);
	struct net_device *dev;
	bool faced = false;
	u8 unheard = 0;
	u32 i;

	BUILD_BUG_ON(BITS_PER_TYPE(unheard) < HASWITCH_DEV_MAX);
	if (!devs) {
		for_each_netdev_rcu(hn->net, dev) {
			if (!hasw_vip_faces(vip, dev))
				continue;
			faced = true;
			if (!hasw_announce_on(hn, vip, dev, sent))
				unheard = BIT(0);
		}
		return faced ? unheard : BIT(0);
	}
	for (i = 0; i < devs->n; i++) {
		if (!(which & BIT(i)))
			continue;
		dev = dev_get_by_index_rcu(hn->net,
					   READ_ONCE(devs->dev[i].ifindex));
		if (!dev || !hasw_announce_on(hn, vip, dev, sent))
			unheard |= BIT(i);
	}
	return unheard;
}
