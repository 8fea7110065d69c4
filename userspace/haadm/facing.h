/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The client-facing devices of vips: which of them are missing or down. A device faces a vip's clients if the vip names
 * it (`on DEV`). If the vip names none, each device with an address in the vip's subnet faces its clients.
 */

#ifndef HAADM_FACING_H
#define HAADM_FACING_H

#include <jansson.h>

#include "lib/model.h"
#include "haadm/devices.h"

/* Returns whether this machine may hold a vip, now or later, so that the vip's devices concern it. */
bool facing_concerns(const struct hasw_model *model, const struct hasw_vip *vip);

/*
 * Appends to FAULTS, an array, what is wrong with the client-facing devices of a vip, as texts. Returns whether no
 * client can reach this machine: the vip has such devices, and none of them works. If no device faces the vip, its
 * clients may come through routers, so the function returns false.
 */
bool facing_faults(const struct devices *devices, const struct hasw_model *model, const struct hasw_vip *vip,
		   json_t *faults);

/*
 * Returns the name of the first device of a vip that names devices and is in no subnet of this machine, else NULL:
 * whether clients of the vip's own subnet are answered depends on a route then.
 */
const char *facing_alone(const struct devices *devices, const struct hasw_model *model, const struct hasw_vip *vip);

#endif
