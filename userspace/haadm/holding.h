/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The holders of leases and the conflicts of vips, as JSON. Text is made from the JSON, so that the two outputs agree.
 */

#ifndef HAADM_HOLDING_H
#define HAADM_HOLDING_H

#include <jansson.h>

#include "lib/model.h"

/* Time for which a conflict is shown after it was last seen, ns. */
#define HOLDING_CONFLICT_TIME 600000000000ULL

/*
 * Describes a lease at time NOW (CLOCK_BOOTTIME, ns). WHY: the agent's reason why nobody holds the lease, or NULL for
 * the module's reason.
 */
json_t *holding_lease(const struct hasw_lease *lease, const char *why, uint64_t now);

/* Prints an object of holding_lease() as a line without newline. */
void holding_lease_text(const json_t *lease);

/* Describes the recent conflict of a vip: the other host that uses the vip. NULL: no recent conflict is known. */
json_t *holding_conflict(const struct hasw_model *model, const struct hasw_addr *vip, uint64_t now);

/* Formats an object of holding_conflict() as a phrase that begins with "CONFLICT". */
#define HOLDING_TEXT 160
const char *holding_conflict_text(const json_t *conflict, char buf[HOLDING_TEXT]);

/*
 * Does the configuration need an agent, and is there no sign of one? A configuration with leases or several nodes needs
 * an agent. The signs are a BEAT, which reports nodes as alive, and a lease whose floor was set. BEATS: number of BEATs
 * that the module has received.
 */
bool holding_unspoken(const struct hasw_model *model, uint64_t beats);

#endif
