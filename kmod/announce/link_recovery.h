/* SPDX-License-Identifier: GPL-2.0 */
/* Devices that may be heard again: links that came up, bonds that failed over, addresses that arrived. */
#ifndef HASW_HEAL_H
#define HASW_HEAL_H

#include <linux/netdevice.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>

/* Of so many devices it is known which; of more, only that there are. */
#define HASW_HEALS_MAX 16

/**
 * struct hasw_heal - a device that may be heard again
 * @ifindex: the device; 0 is any of them
 * @missed: only vips are concerned that could not be announced somewhere, or
 *	whose devices are those with an address of their subnet
 */
struct hasw_heal {
	int ifindex;
	bool missed;
};

/**
 * struct hasw_heals - those devices of a namespace
 * @net: the namespace
 * @lock: protects @heal and @n; spin_lock_bh
 * @n: length of @heal
 * @heal: since they were taken last
 * @carrier: how often a device had lost its carrier when it was up last, by
 *	ifindex; under rtnl
 */
struct hasw_heals {
	struct net *net;
	spinlock_t lock;
	unsigned int n;
	struct hasw_heal heal[HASW_HEALS_MAX];
	struct xarray carrier;
};

void hasw_heals_init(struct hasw_heals *heals, struct net *net);
void hasw_heals_exit(struct hasw_heals *heals);
bool hasw_heals_netdev(struct hasw_heals *heals, struct net_device *dev,
		       unsigned long event);
void hasw_heals_add(struct hasw_heals *heals, int ifindex, bool missed);
unsigned int hasw_heals_take(struct hasw_heals *heals, struct hasw_heal *heal);
bool hasw_heals_any(const struct hasw_heals *heals);

#endif
