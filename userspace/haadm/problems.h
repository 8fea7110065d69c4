/* SPDX-License-Identifier: GPL-2.0 */
/* What is wrong, by an overview: each problem is a text with a level. Monitoring systems know these levels. */

#ifndef HAADM_PROBLEMS_H
#define HAADM_PROBLEMS_H

#include "haadm/overview.h"

enum level {
	LEVEL_OK,
	LEVEL_WARNING,	/* all is served as far as known; but less than is configured is there, now or after a failure */
	LEVEL_CRITICAL,	/* clients are not served, or another host answers them */
};

struct problems {
	enum level level;	/* the worst one */
	json_t *list;		/* objects with "level" and "text", the worst ones first */
	size_t n_critical;
	uint32_t not_held;	/* number of leases */
	uint32_t lost;		/* number of nodes that are lost, fenced or never heard */
	uint32_t unusable;	/* number of members that do not serve, though nobody wants that */
	uint32_t overloaded;	/* number of nodes that get a smaller share of new flows */
	uint32_t spares;	/* number of spare members */
	uint32_t called;	/* number of them that serve in the place of others */
};

/* Finds the problems. What the administrator wants, such as a drain, is none. */
void problems_find(struct problems *problems, const struct overview *o);
void problems_free(struct problems *problems);

/* Returns the word of a level: OK, WARNING or CRITICAL. */
const char *problems_word(enum level level);

#endif
