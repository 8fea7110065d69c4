/* SPDX-License-Identifier: GPL-2.0 */
/* Vips that have lease, client-facing devices and hook in common: by these, and by address, some of all vips are found. */
#ifndef HASW_VIP_CLASS_H
#define HASW_VIP_CLASS_H

#include "vip.h"

/**
 * struct hasw_vip_class - vips of one lease that are faced by the same devices
 * @list: in hasw_config.classes, in the order of @number
 * @same: in hasw_config.classes_known, by what its vips had in common when it
 *	was made
 * @number: no class ever made, of any configuration, has the same; a later one
 *	has a higher one
 * @lease: of its vips, or NULL
 * @devs: client-facing devices of its vips, which packets read there; or NULL for
 *	each with an address in the same subnet
 * @hook: enum haswitch_hook of its vips
 * @n: number of its vips; who has none any more goes
 * @n_nat: number of members via nat of their services
 * @vips: hasw_vip.place, IPv4 and IPv6, by address
 *
 * Device events, grants and addresses so concern classes, of which there are few
 * where many vips name the same devices, and the vips that are behind a device.
 *
 * All under hasw_net.mutex, or its configuration is not shared yet or any more.
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
 * struct hasw_vip_filter - which vips are looked for
 * @family: those of a family; 0: both
 * @lease: those of the lease of this number; 0: all
 * @dev: those that the device faces; NULL: all
 */
struct hasw_vip_filter {
	u16 family;
	u32 lease;
	const struct net_device *dev;
};

/**
 * struct hasw_vip_cursor - how far somebody has come in looking at vips
 * @class: number of the class that is looked at; 0: none yet
 * @addr: the vip of that class that was looked at last; zero: none yet
 *
 * It is good for as long as somebody likes. Vips and classes may come and go
 * meanwhile; a vip that changes its class may be missed. A configuration that
 * replaces another one is looked at from its beginning.
 */
struct hasw_vip_cursor {
	u64 class;
	struct in6_addr addr;
};

/**
 * typedef hasw_vip_see_t - looks at one of the vips that are looked for
 * @vip: the vip
 * @data: the caller's
 *
 * Context: process, hasw_net.mutex held; may sleep.
 * Return: whether to go on.
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
