/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The network devices of this machine, as rtnetlink describes them, and the warnings of `haadm status` about devices on
 * which vips cannot work as configured.
 */

#ifndef HAADM_DEVICES_H
#define HAADM_DEVICES_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "lib/model.h"

struct device {
	int index;
	int master;			/* ifindex of the VRF, bridge or bond that the device belongs to, or 0 */
	char name[IFNAMSIZ];
	bool in_vrf;			/* it belongs to a VRF, or is the device of one */
	bool ours;			/* of kind haswitch */
	bool loopback;
	bool up;
	bool carrier;
	bool arp;			/* its hosts find each other by ARP or neighbour discovery */
	uint32_t mtu;
	uint32_t rp_filter;		/* the larger one of the values for the device and for all devices */
};

/* An address of a device, with its prefix length. Loopback devices and those of kind haswitch have none here. */
struct subnet {
	struct hasw_addr addr;
	uint8_t len;
	uint32_t device;		/* index in struct devices */
};

struct devices {
	struct device *list;
	struct subnet *subnets;
	struct subnet *addrs;		/* addresses of this machine, those of loopback devices too, not those of ha0 */
	uint32_t n, room, n_subnets, room_subnets, n_addrs, room_addrs;
	uint32_t rp_filter_all;
	int *way_out;			/* ifindexes of the next hops of the IPv4 default route */
	uint32_t n_way_out, room_way_out;
	bool no_memory;
};

/* Reads devices, addresses, settings and the default route. Returns 0, or a negative errno; *DEVICES is then empty. */
int devices_read(struct devices *devices, struct hasw_error *err);
void devices_free(struct devices *devices);

/* Returns the device of the smallest subnet that contains an address, outside of VRFs; or NULL. */
const struct device *devices_towards(const struct devices *devices, const struct hasw_addr *addr);

/* Returns the device of that main name, or NULL. */
const struct device *devices_find(const struct devices *devices, const char *name);
bool subnet_contains(const struct subnet *subnet, const struct hasw_addr *addr);

/*
 * Appends a warning to LIST for each device in a VRF that vips have as their client-facing device: no vip works there.
 */
void devices_warn_vrf(const struct devices *devices, const struct hasw_model *model, json_t *list);

/*
 * Appends a warning to LIST for each device where this machine, as a member of vips that another node holds, drops some
 * clients' packets: rp_filter is 1, and the way back to these clients leaves by another device than their packets come
 * by. SERVICES are those of the model, sorted by vip, in the order of the model's vips.
 */
void devices_warn_rp_filter(const struct devices *devices, const struct hasw_model *model,
			    const struct hasw_service *services, json_t *list);

/* Returns the name of the device that a warning of devices_warn_rp_filter() or devices_warn_vrf() is about, or "". */
const char *devices_warned(const struct devices *devices, const char *warning);

#endif
