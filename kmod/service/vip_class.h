/* SPDX-License-Identifier: GPL-2.0 */
/* Vip classes: vips with the same lease, client-facing devices and hook, sorted
 * by address.
 */
#ifndef HASW_VIP_CLASS_H
#define HASW_VIP_CLASS_H

#include "vip.h"

/**
 * struct hasw_vip_class - vips with the same lease, devices and hook
 * @list: in hasw_config.classes, in the order of @number
 * @same: in hasw_config.classes_known, hashed by lease and device names
 * @number: unique among all classes of all configurations; ascending in order
 *	of creation
 * @lease: lease of its vips, or NULL
 * @devs: client-facing devices of its vips, which packets read by
 *	hasw_vip.devs; or NULL for every device with an address in a vip's
 *	subnet
 * @hook: enum haswitch_hook of its vips
 * @n: number of its vips; the class is freed when the last one leaves
 * @n_nat: number of members via nat in the services of its vips
 * @vips: hasw_vip.place of its vips by address: IPv4, IPv6
 *
 * Device events, grants and address changes walk classes instead of all vips.
 * There are few classes if many vips name the same devices.
 *
 * All under hasw_net.mutex, unless its configuration is not shared.
 */
struct hasw_vip_class {
	struct list_head list;
	struct hlist_node same;
	u64 number;
	struct hasw_lease *lease;
	struct hasw_devs *devs;
	u8 hook;
	u32 n;
	u32 n_nat;
	struct rb_root vips[2];
};

/**
 * struct hasw_vip_filter - which vips a walk visits
 * @family: vips of this family; 0: both
 * @lease: vips of the lease with this number; 0: all
 * @dev: vips whose clients the device faces; NULL: all
 */
struct hasw_vip_filter {
	u16 family;
	u32 lease;
	const struct net_device *dev;
};

/**
 * struct hasw_vip_cursor - position of a walk over vips
 * @class: number of the current class; 0 before the first one
 * @addr: address of the last visited vip of that class; zero before the first
 *	one
 *
 * A cursor stays valid while vips and classes are added and deleted. A vip that
 * changes its class during the walk may be missed. A configuration that
 * replaces another one is walked from its beginning.
 */
struct hasw_vip_cursor {
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
bool hasw_vip_class_faces(const struct hasw_vip_class *class,
			  const struct net_device *dev);
void hasw_vip_class_follow(struct hasw_config *cfg,
			   const struct net_device *dev, bool gone);
bool hasw_vip_class_walk(const struct hasw_config *cfg,
			 const struct hasw_vip_filter *filter,
			 struct hasw_vip_cursor *cursor, u32 most,
			 hasw_vip_see_t see, void *data);

#endif
