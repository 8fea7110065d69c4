/* SPDX-License-Identifier: GPL-2.0 */
/* Solicited-node multicast groups of IPv6 vips. They are joined on a vip's
 * client-facing devices, the devices on which packets from its clients arrive.
 * Otherwise these devices would not receive neighbour solicitations for the
 * vip.
 */
#ifndef HASW_GROUP_H
#define HASW_GROUP_H

#include "service/vip.h"

/* Maximum number of groups joined on a device. If a device needs more groups,
 * it is set to allmulti instead, so that it receives all multicast frames.
 */
#define HASW_GROUPS_MAX 256

/* Up to this number of IPv6 vips, each change of a vip makes the work scan all
 * vips.
 */
#define HASW_GROUPS_FEW 1024
/* Maximum length of hasw_groups.fresh. With more than HASW_GROUPS_FEW IPv6
 * vips, the work first scans only the changed vips, and all vips a second
 * later. If more than HASW_GROUPS_FRESH vips have changed, the work scans all
 * vips without this delay.
 */
#define HASW_GROUPS_FRESH 8

/**
 * struct hasw_groups - the multicast groups of a namespace
 * @hn: the namespace
 * @devs: list of struct hasw_group_dev, one for each device with joined groups
 *	or allmulti; under rtnl
 * @work: if @all is true, joins and leaves groups for all vips; otherwise joins
 *	the groups of the vips in @fresh
 * @tidy: runs @work for all vips a second after a change, to leave groups that
 *	are no longer needed; such groups do no harm until then
 * @all: the next run of @work has to scan all vips; accessed atomically
 * @n_fresh: number of used elements in @fresh; under hn->mutex
 * @fresh: IPv6 vips that were added or changed since @work ran last; under
 *	hn->mutex
 * @n_now: number of used elements in @now; used by @work only
 * @now: vips that the current run of @work scans; used by @work only
 * @n_want: number of used elements in @want; HASW_GROUPS_MAX + 1 means too many
 *	groups, so that the device needs allmulti; used by @work only
 * @want: low 24 bits of the addresses of the groups that the scanned device
 *	needs, sorted; used by @work only
 */
struct hasw_groups {
	struct hasw_net *hn;
	struct list_head devs;
	struct work_struct work;
	struct delayed_work tidy;
	bool all;
	u32 n_fresh;
	struct in6_addr fresh[HASW_GROUPS_FRESH];
	u32 n_now;
	struct in6_addr now[HASW_GROUPS_FRESH];
	u32 n_want;
	u32 want[HASW_GROUPS_MAX + 1];
};

void hasw_groups_init(struct hasw_groups *groups, struct hasw_net *hn);
void hasw_groups_sync(struct hasw_groups *groups);
void hasw_groups_vip(struct hasw_groups *groups, const struct in6_addr *addr,
		     bool gone);
void hasw_groups_cancel(struct hasw_groups *groups);
void hasw_groups_leave(struct hasw_groups *groups);
void hasw_groups_forget(struct hasw_groups *groups, struct net_device *dev);

#endif
