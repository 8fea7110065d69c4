// SPDX-License-Identifier: GPL-2.0
/* Announcing a vip on its client-facing devices, the devices on which packets
 * from the vip's clients arrive.
 */
#include "announce_dev.h"
#include "arp.h"
#include "nd.h"

/* Announces a vip on a device. Returns false if the device is down, or in a
 * VRF. The caller then records that the vip must be announced when the device
 * comes up, which a device also does when it leaves a VRF.
 */
static bool hasw_announce_on(struct hasw_net *hn, const struct hasw_vip *vip,
			     struct net_device *dev, enum hasw_stat stat,
			     unsigned int *sent)
{
	if (!hasw_dev_resolves(dev))
		return true;
	if (!hasw_dev_up(dev) || hasw_dev_in_vrf(dev))
		return false;
	if (vip->family == AF_INET)
		*sent += hasw_arp_announce(hn, dev, vip->addr.s6_addr32[3],
					   stat);
	else
		*sent += hasw_nd_announce(hn, dev, &vip->addr, stat);
	return true;
}

/* Like hasw_announce_devs(), for a vip whose devices are configured (@devs). */
static unsigned int hasw_announce_named(struct hasw_net *hn,
					struct hasw_vip *vip,
					const struct hasw_devs *devs,
					int ifindex, enum hasw_stat stat)
{
	u8 unheard = READ_ONCE(vip->unheard);
	struct net_device *dev;
	unsigned int sent = 0;
	int index;
	u32 i;

	BUILD_BUG_ON(BITS_PER_TYPE(unheard) < HASWITCH_DEV_MAX);
	for (i = 0; i < devs->n; i++) {
		index = READ_ONCE(devs->dev[i].ifindex);
		if (ifindex && ifindex != index)
			continue;
		dev = dev_get_by_index_rcu(hn->net, index);
		if (dev && hasw_announce_on(hn, vip, dev, stat, &sent))
			unheard &= ~BIT(i);
		else
			unheard |= BIT(i);
	}
	WRITE_ONCE(vip->unheard, unheard);
	return sent;
}

/**
 * hasw_announce_devs() - announces a vip on its devices
 * @hn: namespace
 * @vip: the vip, which this node holds
 * @ifindex: device on which the vip is announced; 0: all client-facing devices
 *	of the vip
 * @stat: counter to which the sent frames are added
 *
 * If a device is down or missing, the function records this in
 * hasw_vip.unheard. The vip is announced on the device when the device comes
 * up.
 *
 * Context: RCU read side, softirqs off.
 * Return: number of frames sent.
 */
unsigned int hasw_announce_devs(struct hasw_net *hn, struct hasw_vip *vip,
				int ifindex, enum hasw_stat stat)
{
	const struct hasw_devs *devs = rcu_dereference(vip->devs);
	bool faced = false, heard = true;
	struct net_device *dev;
	unsigned int sent = 0;

	if (devs)
		return hasw_announce_named(hn, vip, devs, ifindex, stat);
	for_each_netdev_rcu(hn->net, dev) {
		if ((ifindex && ifindex != dev->ifindex) ||
		    !hasw_vip_faces(vip, dev))
			continue;
		faced = true;
		if (!hasw_announce_on(hn, vip, dev, stat, &sent))
			heard = false;
	}
	WRITE_ONCE(vip->unheard, !faced || !heard);
	return sent;
}
