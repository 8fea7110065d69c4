/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The reasons why a vip, service, node or lease is not served or held, derived from a model (configuration in memory).
 */

#ifndef HAADM_WHY_H
#define HAADM_WHY_H

#include "lib/model.h"

#define WHY_TEXT 512

/* Returns why a node is not usable, or NULL if it is usable. */
const char *why_node(const struct hasw_node *node);

/* Returns why no member can serve a service, as a phrase that begins with "no"; or NULL if a member can serve it. */
const char *why_service(const struct hasw_model *model, const struct hasw_service *service,
			char buf[WHY_TEXT]);

/* Does the service's scheduler pick a member for each flow, so that several members serve at once? */
bool why_is_spread(const struct hasw_service *service);

/* Returns the number of members of a service that get new flows. */
uint32_t why_serving(const struct hasw_model *model, const struct hasw_service *service);

/*
 * Checks the holder of a vip, but not the vip's services. Returns why the holder does not serve the vip, or NULL. HERE:
 * the kernel delivers packets for the vip on this machine. NOBODY: the agent's reason why nobody holds the vip's lease,
 * or NULL.
 */
const char *why_vip(const struct hasw_model *model, const struct hasw_vip *vip, bool here,
		    const char *nobody, char buf[WHY_TEXT]);

/* Returns the reason, as far as the module knows it, why nobody holds a lease. */
const char *why_lease_free(const struct hasw_lease *lease);

#endif
