/* SPDX-License-Identifier: GPL-2.0 */
/* Devices that may be heard again: links that came up, bonds that failed over, addresses that arrived. */
#ifndef HASW_LINK_RECOVERY_H
#define HASW_LINK_RECOVERY_H

#include <linux/netdevice.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>

/* Of so many devices it is known which; of more, only that there are. */
#define HASW_LINK_RECOVERY_MAX 16

/**
 * struct hasw_link_recovered - a device that may be heard again
 * @ifindex: the device; 0 is any of them
 * @missed: only vips are concerned that could not be announced somewhere, or
 *	whose devices are those with an address of their subnet
 */
struct hasw_link_recovered {
	int ifindex;
	bool missed;
};

/**
 * struct hasw_link_recovery - those devices of a namespace
 * @net: the namespace
 * @lock: protects @recovered and @n; spin_lock_bh
 * @n: length of @recovered
 * @recovered: since they were taken last
 * @carrier: how often a device had lost its carrier when it was up last, by
 *	ifindex; under rtnl
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
