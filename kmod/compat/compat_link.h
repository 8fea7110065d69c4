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
 * Up to 6.11 this setting is a feature flag, since 6.12 it is a field. The
 * field has a new name since 6.15, and in 6.12.y since 6.12.114.
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

#endif
