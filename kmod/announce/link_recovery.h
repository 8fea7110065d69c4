/* SPDX-License-Identifier: GPL-2.0 */
/* Recovered devices, on which vips have to be announced again; see struct
 * hasw_link_recovered.
 */
#ifndef HASW_LINK_RECOVERY_H
#define HASW_LINK_RECOVERY_H

#include <linux/netdevice.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>

/* Maximum number of devices in the set of recovered devices. If more devices
 * recover, all devices of the namespace count as recovered.
 */
#define HASW_LINK_RECOVERY_MAX 16

/**
 * struct hasw_link_recovered - a device that has recovered
 * @ifindex: ifindex of the device; 0 stands for all devices
 * @missed: if false, announce all vips of the device; if true, announce only
 *	vips whose announcement the device might have missed: those with a
 *	nonzero hasw_vip.unheard, and those without hasw_vip.devs
 *
 * A device has recovered when its link came up, its bond failed over, its
 * link-layer address changed, or an IP address was added to it.
 */
struct hasw_link_recovered {
	int ifindex;
	bool missed;
};

/**
 * struct hasw_link_recovery - the recovered devices of a namespace
 * @net: the namespace
 * @lock: protects @recovered and @n; spin_lock_bh
 * @n: number of elements used in @recovered
 * @recovered: devices that recovered since hasw_link_recovery_take() ran last
 * @carrier: net_device.carrier_down_count of each device when it was last
 *	checked, by ifindex; under rtnl
 */
struct hasw_link_recovery {
	struct net *net;
	spinlock_t lock;
	unsigned int n;
	struct hasw_link_recovered recovered[HASW_LINK_RECOVERY_MAX];
	struct xarray carrier;
};

void hasw_link_recovery_init(struct hasw_link_recovery *recovery,
			     struct net *net);
void hasw_link_recovery_exit(struct hasw_link_recovery *recovery);
bool hasw_link_recovery_netdev(struct hasw_link_recovery *recovery,
			       struct net_device *dev, unsigned long event);
void hasw_link_recovery_add(struct hasw_link_recovery *recovery, int ifindex,
			    bool missed);
unsigned int hasw_link_recovery_take(struct hasw_link_recovery *recovery,
				     struct hasw_link_recovered *recovered);
bool hasw_link_recovery_any(const struct hasw_link_recovery *recovery);

#endif
