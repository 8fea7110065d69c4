/* SPDX-License-Identifier: GPL-2.0 */
/* A conflict is a frame which shows that another host uses a vip that this node
 * holds.
 */
#ifndef HASW_CONFLICT_H
#define HASW_CONFLICT_H

#include <linux/if_ether.h>

#include "service/vip.h"

/**
 * struct hasw_conflict_last - the last frame by which another host used a vip
 * @time: time of the frame, CLOCK_BOOTTIME ns
 * @dev: name of the device on which the frame was received
 * @lladdr: link-layer address of the other host
 */
struct hasw_conflict_last {
	u64 time;
	char dev[IFNAMSIZ];
	u8 lladdr[ETH_ALEN];
};

int hasw_conflict_init(struct hasw_net *hn);
void hasw_conflict_exit(struct hasw_net *hn);
bool hasw_conflict_seen(struct hasw_net *hn, const struct hasw_vip *vip,
			const struct net_device *dev, const u8 *lladdr);
bool hasw_conflict_last(struct hasw_net *hn, const struct in6_addr *addr,
			struct hasw_conflict_last *last);
void hasw_conflict_forget(struct hasw_net *hn, const struct in6_addr *addr);
void hasw_conflict_follow(struct hasw_net *hn, const struct hasw_config *cfg);

#endif
