/* SPDX-License-Identifier: GPL-2.0 */
/* Why something is, or is not, served: judged from a configuration that was read. */

#ifndef HAADM_WHY_H
#define HAADM_WHY_H

#include "lib/model.h"

#define WHY_TEXT 512

/* Why a node is not usable; NULL: it is. */
const char *why_node(const struct hasw_node *node);

/* Why nobody serves a service, as a phrase that begins with what there is not; NULL: a member can. */
const char *why_service(const struct hasw_model *model, const struct hasw_service *service,
			char buf[WHY_TEXT]);

/* Whether each flow of a service has a member of its own. */
bool why_is_spread(const struct hasw_service *service);

/* How many of its members can serve. */
uint32_t why_serving(const struct hasw_model *model, const struct hasw_service *service);

/*
 * Why a vip is not served, seen from its holder and not from its services;
 * NULL: nothing is in its way. HERE: the kernel delivers its packets here.
 * NOBODY: what the agent says of why nobody holds its lease, or NULL.
 */
const char *why_vip(const struct hasw_model *model, const struct hasw_vip *vip, bool here,
		    const char *nobody, char buf[WHY_TEXT]);

/* Why nobody holds a lease, as far as the module knows. */
const char *why_lease_free(const struct hasw_lease *lease);

#endif
