/* SPDX-License-Identifier: GPL-2.0 */
/* Who holds what and why nobody does, as JSON, and that as text: so both say the same. */

#ifndef HAADM_HOLDING_H
#define HAADM_HOLDING_H

#include <jansson.h>

#include "lib/model.h"

/* How long a conflict is a warning after it was seen last, ns. */
#define HOLDING_CONFLICT_TIME 600000000000ULL

/* A lease at time NOW, in ns since boot. WHY: what the agent says of why nobody holds it, or NULL. */
json_t *holding_lease(const struct hasw_lease *lease, const char *why, uint64_t now);

/* Prints it as a line without an end. */
void holding_lease_text(const json_t *lease);

/* Who else uses a vip, or NULL: nobody is known to. */
json_t *holding_conflict(const struct hasw_model *model, const struct hasw_addr *vip, uint64_t now);

/* The same as a phrase that begins with "CONFLICT". */
#define HOLDING_TEXT 160
const char *holding_conflict_text(const json_t *conflict, char buf[HOLDING_TEXT]);

/* Whether leases or nodes want an agent, and none has ever spoken; BEATS: how many came. */
bool holding_unspoken(const struct hasw_model *model, uint64_t beats);

#endif
