/* SPDX-License-Identifier: GPL-2.0 */
/* The multicast groups of solicitations for IPv6 vips, joined on client-facing devices. */
#ifndef HASW_GROUP_H
#define HASW_GROUP_H

#include "service/vip.h"

/* More groups than this on a device, and it takes all multicast instead. */
#define HASW_GROUPS_MAX 256

/* Of so many IPv6 vips all are looked at whenever one changes; of more, only
 * those that have.
 */
#define HASW_GROUPS_FEW 1024
#define HASW_GROUPS_FRESH 8

/**
 * struct hasw_groups - what a namespace has joined
 * @hn: the namespace
 * @devs: struct hasw_group_dev.list, one for each device with anything joined;
 *	under rtnl
 * @work: makes what is joined equal to what the vips need: of all, if @all, else
 *	of those in @now
 * @tidy: has it done of all, later: what is left too late does no harm
 * @all: what has changed may concern any vip
 * @n_fresh: length of @fresh; under hn->mutex
 * @fresh: vips that are new, or have other devices; as @n_fresh
 * @n_now: length of @now; of @work alone
 * @now: those that @work looks at; as @n_now
 * @n_want: length of @want; of @work alone
 * @want: low 24 bits of the addresses that the device at hand needs, sorted;
 *	one more than may be joined means too many; of @work alone
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

void hasw_groups_follow(bool followed);
void hasw_groups_init(struct hasw_groups *groups, struct hasw_net *hn);
void hasw_groups_sync(struct hasw_groups *groups);
void hasw_groups_vip(struct hasw_groups *groups, const struct in6_addr *addr,
		     bool gone);
void hasw_groups_cancel(struct hasw_groups *groups);
void hasw_groups_leave(struct hasw_groups *groups);
void hasw_groups_forget(struct hasw_groups *groups, struct net_device *dev);

#endif
