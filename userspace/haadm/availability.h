/* SPDX-License-Identifier: GPL-2.0 */
/* Computes from the lines of journals for how long leases were held and nodes were there. It reads no file and no clock. */

#ifndef HAADM_AVAILABILITY_H
#define HAADM_AVAILABILITY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "overlay.h"

/* What all journals say. */
struct availability;

/* Returns NULL when out of memory. */
struct availability *availability_new(void);
void availability_free(struct availability *a);

/* Begins the journal of a node. Its lines follow, in the order in which they stand in its files. */
void availability_writer(struct availability *a, const char *node);

/* Takes the next line of the writer. */
void availability_line(struct availability *a, const json_t *line);

/*
 * All times become those of this writer's clock. What it saw of leases counts where others say something else for a second or
 * less. Call it after the last line.
 */
void availability_prefer(struct availability *a, const char *node);

/* The writer was alive at this time (CLOCK_REALTIME, ns), which can be after its last line. Call it after the last line. */
void availability_alive(struct availability *a, uint64_t wall, uint64_t now);

/* Returns the time of the first event, CLOCK_REALTIME, ns; UINT64_MAX: there are no lines. Call it after the last line. */
uint64_t availability_first(const struct availability *a);

/* Returns false if memory was short, so that the figures are wrong. */
bool availability_complete(const struct availability *a);

/* Counts lines and events that the journals say are lost. */
unsigned long availability_lost(const struct availability *a);

/* Returns the name of lease or node number I of the journals, or NULL if there are not so many. */
const char *availability_lease_name(const struct availability *a, size_t i);
const char *availability_node_name(const struct availability *a, size_t i);

/* A lease is up while somebody holds it. */
void availability_lease(struct availability *a, const char *lease, uint64_t from, uint64_t to, struct figures *figures);

/* A group of nodes is up while one of them is; N is 1 for a node alone. */
void availability_nodes(struct availability *a, const char *const *nodes, size_t n, uint64_t from, uint64_t to,
			struct figures *figures);

#endif
