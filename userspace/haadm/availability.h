/* SPDX-License-Identifier: GPL-2.0 */
/* Computes from the lines of journals for how long leases were held and nodes were there. It reads no file and no clock. */

#ifndef HAADM_AVAILABILITY_H
#define HAADM_AVAILABILITY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What all journals say. */
struct availability;

/*
 * The figures of an object between two times. All times are in ns. UP + DOWN + UNSEEN is the whole time. UNSEEN is time of
 * which no journal says anything; it counts neither as up nor as down.
 */
struct figures {
	uint64_t up;
	uint64_t down;
	uint64_t unseen;
	uint64_t longest;	/* longest outage */
	uint64_t last;		/* when the last outage began, CLOCK_REALTIME; 0: there was none */
	unsigned long outages;	/* also one that began before, and one that is not over */
	bool open;		/* the last outage is not over */
};

/* Returns NULL when out of memory. */
struct availability *availability_new(void);
void availability_free(struct availability *a);

/* Begins the journal of a node. Its lines follow, in the order in which they stand in its files. */
void availability_writer(struct availability *a, const char *node);

/* Takes the next line of the writer. */
void availability_line(struct availability *a, const json_t *line);

/* What this writer saw counts where others say something else for a second or less. Call it after the last line. */
void availability_prefer(struct availability *a, const char *node);

/* The writer was alive at this time (CLOCK_REALTIME, ns), which can be after its last line. Call it after the last line. */
void availability_alive(struct availability *a, uint64_t wall);

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

/* Mean time between failures and to repair, ns. They return false if there was no outage. */
bool figures_mtbf(const struct figures *figures, uint64_t *ns);
bool figures_mttr(const struct figures *figures, uint64_t *ns);

/* up / (up + down), which is MTBF / (MTBF + MTTR). Returns false if nothing is known of the object. */
bool figures_availability(const struct figures *figures, double *share);

/* The number of nines: 2 for 99 %. Returns false if there was no outage, or nothing is known. */
bool figures_nines(const struct figures *figures, double *nines);

#endif
