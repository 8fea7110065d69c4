/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The reasons why a vip or service is not served, a node is not usable, or a lease is not held. They are derived from a
 * model (a configuration in memory).
 */

#ifndef HAADM_WHY_H
#define HAADM_WHY_H

#include "lib/model.h"

#define WHY_TEXT 512

/* Returns why a node is not usable, or NULL if it is usable. */
const char *why_node(const struct hasw_node *node);

/*
 * Returns the module's reason why a member serves no new flows, as a phrase; or NULL if there is no such reason. A
 * held member has no reason, although it serves only if no better member does.
 */
const char *why_member(const struct hasw_model *model, const struct hasw_service *service,
		       const struct hasw_member *member);

/* Returns whether a member is a spare one that serves in the place of others. */
bool why_called(const struct hasw_member *member);

/* Returns the zone that a service prefers, which is that of this machine; or NULL if it prefers none. */
const char *why_zone(const struct hasw_model *model, const struct hasw_service *service);

/* Returns whether the service prefers another zone than the member's one. */
bool why_away(const struct hasw_model *model, const struct hasw_service *service, const struct hasw_member *member);

/*
 * Returns whether a service exists to reject packets: it has `on-empty reject`, and no members. It does what it is for.
 */
bool why_rejects(const struct hasw_service *service);

/*
 * Returns why no member serves a service, as a phrase that begins with "no"; or NULL if a member serves it, or if the
 * service exists to reject packets.
 */
const char *why_service(const struct hasw_model *model, const struct hasw_service *service,
			char buf[WHY_TEXT]);

/* Returns whether the service's scheduler picks a member for each flow, so that several members serve at once. */
bool why_is_spread(const struct hasw_service *service);

/*
 * Returns why the holder of a vip does not serve the vip, or NULL if no reason is known. The state of the vip's
 * services is not checked. HERE: whether the kernel delivers packets for the vip on this machine. NOBODY: the agent's
 * reason why nobody holds the vip's lease, or NULL if the agent gives none.
 */
const char *why_vip(const struct hasw_model *model, const struct hasw_vip *vip, bool here,
		    const char *nobody, char buf[WHY_TEXT]);

/* Returns why nobody holds a lease, according to the module's state. */
const char *why_lease_free(const struct hasw_lease *lease);

#endif
