/* SPDX-License-Identifier: GPL-2.0 */
/* What several witnesses say of an object, laid over each other, and the figures of that. */

#ifndef HAADM_OVERLAY_H
#define HAADM_OVERLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum said { SAYS_NOTHING, SAYS_UP, SAYS_DOWN };

/* Who says it: the object of itself, whose word counts where no other is; a writer; or the preferred writer. */
enum voice { VOICE_SELF, VOICE_OTHER, VOICE_OWN };

/* What was said; zeroed at first. */
struct overlay {
	struct edge *edges;
	uint32_t n, room;
	bool short_of_memory;
};

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

void overlay_free(struct overlay *overlay);

/* Forgets what was said. */
void overlay_clear(struct overlay *overlay);

/* Somebody says this of an object, from one time to another. */
void overlay_add(struct overlay *overlay, size_t object, enum voice voice, enum said said, uint64_t from, uint64_t to);

/* Sums up what was said of a group of objects, which is up while one of them is. */
void overlay_sum(struct overlay *overlay, size_t n_objects, uint64_t from, uint64_t to, struct figures *figures);

/* Mean time between failures and to repair, ns. They return false if there was no outage. */
bool figures_mtbf(const struct figures *figures, uint64_t *ns);
bool figures_mttr(const struct figures *figures, uint64_t *ns);

/* up / (up + down), which is MTBF / (MTBF + MTTR). Returns false if nothing is known of the object. */
bool figures_availability(const struct figures *figures, double *share);

/* The number of nines: 2 for 99 %. Returns false if there was no outage, or nothing is known. */
bool figures_nines(const struct figures *figures, double *nines);

#endif
