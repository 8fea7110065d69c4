/* SPDX-License-Identifier: GPL-2.0 */
/* The zones (fault domains) of a configuration: their nodes, their state, and the leases that are held there. */

#ifndef HAADM_ZONES_H
#define HAADM_ZONES_H

#include <jansson.h>

#include "lib/model.h"

/*
 * Returns a list of objects, one for each zone, sorted by name. If some nodes have a zone and others have none, the
 * last object stands for the others; it has no key "zone". The list is empty if no node has a zone.
 */
json_t *zones_json(const struct hasw_model *model);

/* Returns the object of zones_json() for the zone NAME, which may be ""; or NULL. */
json_t *zones_find(json_t *zones, const char *name);

/* Prints an object of zones_json() as a line without newline. */
void zones_text(const json_t *zone);

/* Prints the line that stands above the nodes of a zone in `haadm status`. */
void zones_heading(const json_t *zone);

/*
 * Adds to LIST a text for each zone without a usable node: if LOST is true for each one that failed, and else for each
 * one that the administrator took out.
 */
void zones_gone(const struct hasw_model *model, bool lost, json_t *list);

/* Fails with ENOENT, and names the zones that there are. Returns -ENOENT. */
int zones_unknown(const struct hasw_model *model, const char *name, struct hasw_error *err);

#endif
