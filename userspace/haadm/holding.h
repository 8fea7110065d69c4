/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The holders of leases and the conflicts of vips, as JSON. A conflict means that another host uses the vip. Text
 * output is made from the JSON objects, so that both outputs agree.
 */

#ifndef HAADM_HOLDING_H
#define HAADM_HOLDING_H

#include <jansson.h>

#include "lib/model.h"

/* Time for which a conflict is shown after it was last seen, ns. */
#define HOLDING_CONFLICT_TIME 600000000000ULL

/*
 * Returns an object that describes a lease at time NOW (CLOCK_BOOTTIME, ns). WHY: the agent's reason why nobody holds
 * the lease, or NULL for the module's reason.
 */
json_t *holding_lease(const struct hasw_lease *lease, const char *why, uint64_t now);

/*
 * Adds to an object of holding_lease() which node would follow the holder. AGENT: what the agent says of the lease, or
 * NULL. A successor that the module has, during a hand-over, remains.
 */
void holding_successor(json_t *lease, const json_t *agent);

/* Prints an object of holding_lease() as a line without newline. */
void holding_lease_text(const json_t *lease);

/*
 * Returns what `split = "allow"` risks, as text, or NULL if AGENT, the agent's answer, does not have it. *OFF receives
 * whether the other node is presumed off now, so that the risk is taken.
 */
json_t *holding_split(const json_t *agent, bool *off);

/* Adds to LIST why this node holds no lease whatever the vote says, if AGENT, the agent's answer, has that. */
void holding_barred(const json_t *agent, json_t *list);

/* Adds to LIST a text for each service whose members' health AGENT, the agent's answer, ignores. */
void holding_ignored(const json_t *agent, json_t *list);

/*
 * Returns an object that describes the other host that used a vip. NULL: no conflict was seen in the last
 * HOLDING_CONFLICT_TIME before NOW. Without one that this node has seen, it is one that another node has seen, as AGENT,
 * the agent's answer or NULL, says.
 */
json_t *holding_conflict(const struct hasw_model *model, const json_t *agent, const struct hasw_addr *vip,
			 uint64_t now);

/* Formats an object of holding_conflict() as a phrase that begins with "CONFLICT". */
#define HOLDING_TEXT 200
const char *holding_conflict_text(const json_t *conflict, char buf[HOLDING_TEXT]);

/*
 * Returns whether the configuration needs an agent, but nothing shows that an agent runs. A configuration with leases
 * or several nodes needs an agent. One sign of an agent is a BEAT (a message that reports nodes as alive). The other is
 * a lease whose floor (smallest epoch that can be granted) was set. BEATS: number of BEATs that the module has
 * accepted.
 */
bool holding_unspoken(const struct hasw_model *model, uint64_t beats);

#endif
