/* SPDX-License-Identifier: GPL-2.0 */
/* Wrappers for device interfaces that differ between kernels 6.1 and 7.2. */
#ifndef HASW_COMPAT_LINK_H
#define HASW_COMPAT_LINK_H

#include <linux/netdevice.h>
#include <linux/version.h>

/**
 * hasw_compat_netns_immutable() - forbids moving a device to another namespace
 * @dev: the device, not yet registered
 *
 * This setting is a feature flag before 6.12, and a field from 6.12 on. The
 * field was renamed in 6.15, and also in 6.12.114 of the stable series 6.12.y.
 */
static inline void hasw_compat_netns_immutable(struct net_device *dev)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0) || \
	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 114) && \
	 LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0))
	dev->netns_immutable = true;
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	dev->netns_local = true;
#else
	dev->features |= NETIF_F_NETNS_LOCAL;
#endif
}

/**
 * hasw_compat_proto_down_allow() - lets users set protodown of a device, or not
 * @dev: the device
 * @allow: whether users can set it
 *
 * This setting is a private flag before 6.12, and a field from 6.12 on.
 *
 * Context: rtnl held, or the device is not yet registered.
 */
static inline void hasw_compat_proto_down_allow(struct net_device *dev,
						bool allow)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	dev->change_proto_down = allow;
#else
	if (allow)
		dev->priv_flags |= IFF_CHANGE_PROTO_DOWN;
	else
		dev->priv_flags &= ~IFF_CHANGE_PROTO_DOWN;
#endif
}

#endif
