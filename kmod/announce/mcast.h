/* SPDX-License-Identifier: GPL-2.0 */
/* Solicited-node multicast groups that client-facing devices join for vips. */
#ifndef HASW_GROUP_H
#define HASW_GROUP_H

#include "service/vip.h"

/* Most groups joined on a device; with more, it gets allmulti instead. */
#define HASW_GROUPS_MAX 256

/* Up to HASW_GROUPS_FEW IPv6 vips, each change scans all vips. With more, up to
 * HASW_GROUPS_FRESH changed vips are scanned alone.
 */
#define HASW_GROUPS_FEW 1024
#define HASW_GROUPS_FRESH 8

/**
 * struct hasw_groups - the multicast groups of a namespace
 * @hn: the namespace
 * @devs: list of struct hasw_group_dev, one for each device with joined groups
 *	or allmulti; under rtnl
 * @work: joins and leaves groups for all vips if @all is set, else joins those
 *	for the vips in @fresh
 * @tidy: schedules @work for all vips later, to leave unneeded groups, which
 *	do no harm meanwhile
 * @all: any vip may be concerned by a change; accessed atomically
 * @n_fresh: length of @fresh; under hn->mutex
 * @fresh: IPv6 vips that are new or have other devices; under hn->mutex
 * @n_now: length of @now; @work only
 * @now: vips that the current run of @work scans; @work only
 * @n_want: length of @want; HASW_GROUPS_MAX + 1 means too many; @work only
 * @want: low 24 bits of the group addresses that the scanned device needs,
 *	sorted; @work only
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
