/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The client-facing devices of vips: which of them are missing or down. A device faces a vip's clients if the vip names
 * it (`on DEV`). If the vip names none, each device with an address in the vip's subnet faces its clients.
 */

#ifndef HAADM_FACING_H
#define HAADM_FACING_H

#include <jansson.h>

#include "lib/model.h"
#include "haadm/rtnl.h"

struct facing {
	struct rtnl_dev *devs;
	struct rtnl_subnet *subnets;
	size_t n_devs, n_subnets;
};

/* Reads the devices and subnets of the network namespace. The caller calls facing_free() in any case. */
int facing_read(struct facing *facing, struct rtnl *rtnl, struct hasw_error *err);
void facing_free(struct facing *facing);

/* Returns whether this machine may hold a vip, now or later, so that the vip's devices concern it. */
bool facing_concerns(const struct hasw_model *model, const struct hasw_vip *vip);

/*
 * Appends to FAULTS, an array, what is wrong with the client-facing devices of a vip, as texts. Returns whether no
 * client can reach this machine: the vip has such devices, and none of them works. If no device faces the vip, its
 * clients may come through routers, so the function returns false.
 */
bool facing_faults(const struct facing *facing, const struct hasw_model *model, const struct hasw_vip *vip,
		   json_t *faults);

#endif
