/* SPDX-License-Identifier: GPL-2.0 */
/* Vip classes: vips with the same lease, client-facing devices (on which
 * packets of clients arrive) and hook, sorted by address. Classes with the same
 * devices form a device group.
 */
#ifndef HASW_VIP_CLASS_H
#define HASW_VIP_CLASS_H

#include "vip.h"

/**
 * struct hasw_dev_group - vip classes with the same client-facing devices
 * @list: entry in hasw_config.dev_groups, in the order of @number
 * @same: entry in hasw_config.dev_groups_known, hashed by device names
 * @number: unique among all groups of all configurations; ascending in order of
 *	creation
 * @devs: client-facing devices of the vips; NULL: every device with an address
 *	in a vip's subnet; packets read the list through hasw_vip.devs
 * @classes: the classes, in the order of hasw_vip_class.number; the group is
 *	freed when its last class is freed
 * @n_classes: number of classes for each enum haswitch_hook
 * @n_nat: number of members reached via nat in the services of the vips, for
 *	each enum haswitch_hook
 *
 * Code that handles device events walks the groups, and then the classes of
 * those that have the device. There are few groups, even if there are many
 * leases with many vips each.
 *
 * All fields are under hasw_net.mutex, unless the group's configuration is not
 * shared yet.
 */
struct hasw_dev_group {
	struct list_head list;
	struct hlist_node same;
	u64 number;
	struct hasw_devs *devs;
	struct list_head classes;
	u32 n_classes[HASWITCH_HOOK_PREROUTING + 1];
	u32 n_nat[HASWITCH_HOOK_PREROUTING + 1];
};

/**
 * struct hasw_vip_class - vips with the same lease, devices and hook
 * @in_group: entry in hasw_dev_group.classes
 * @in_lease: entry in hasw_lease.classes, if @lease is not NULL; also in the
 *	order of @number
 * @number: unique among all classes of all configurations; ascending in order
 *	of creation
 * @group: the group, which has the client-facing devices
 * @lease: lease of the class's vips, or NULL
 * @hook: enum haswitch_hook of the class's vips
 * @n: number of vips; the class is freed when its last vip leaves
 * @vips: vips by address, linked by hasw_vip.place; one tree for IPv4 and one
 *	for IPv6
 *
 * Code that handles grants and address changes walks the classes instead of all
 * vips.
 *
 * All fields are under hasw_net.mutex, unless the class's configuration is not
 * shared yet.
 */
struct hasw_vip_class {
	struct list_head in_group;
	struct list_head in_lease;
	u64 number;
	struct hasw_dev_group *group;
	struct hasw_lease *lease;
	u8 hook;
	u32 n;
	struct rb_root vips[2];
};

/**
 * struct hasw_vip_filter - which vips a walk visits
 * @family: vips of this family; 0: both
 * @lease: vips of the lease with this number; 0: all
 * @dev: vips for which the device is client-facing; NULL: all
 */
struct hasw_vip_filter {
	u16 family;
	u32 lease;
	const struct net_device *dev;
};

/**
 * struct hasw_vip_cursor - position of a walk over vips
 * @group: number of the device group that the walk has reached; 0 at the
 *	beginning, and in a walk over the vips of one lease
 * @class: number of the class that the walk has reached; 0 at the beginning
 * @addr: address of the last visited vip of that class; zero before the class's
 *	first vip
 *
 * A cursor stays valid while vips, classes and groups are added and deleted. A
 * vip that changes its class during the walk may be missed. When a restore
 * replaces the configuration, the walk starts again.
 */
struct hasw_vip_cursor {
	u64 group;
	u64 class;
	struct in6_addr addr;
};

/**
 * typedef hasw_vip_see_t - visits a vip of a walk
 * @vip: the vip
 * @data: argument of the walk's caller
 *
 * Context: process, hasw_net.mutex held; may sleep.
 * Return: whether the walk continues.
 */
typedef bool (*hasw_vip_see_t)(struct hasw_vip *vip, void *data);

struct hasw_vip_class *hasw_vip_class_get(struct hasw_config *cfg,
					  struct hasw_lease *lease,
					  const struct hasw_devs *devs,
					  u8 hook);
void hasw_vip_class_put(struct hasw_vip_class *class);
void hasw_vip_class_join(struct hasw_vip_class *class, struct hasw_vip *vip);
void hasw_vip_class_count_nat(const struct hasw_vip *vip, int more);
bool hasw_vip_class_subnets(const struct hasw_vip_class *class,
			    const struct net_device *dev, hasw_vip_see_t see,
			    void *data);
bool hasw_devs_doubled(const struct hasw_devs *devs, u32 i);
void hasw_vip_class_follow(struct hasw_config *cfg,
			   const struct net_device *dev, bool gone);
bool hasw_vip_class_walk(const struct hasw_config *cfg,
			 const struct hasw_vip_filter *filter,
			 struct hasw_vip_cursor *cursor, u32 most,
			 hasw_vip_see_t see, void *data);

#endif
