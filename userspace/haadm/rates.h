/* SPDX-License-Identifier: GPL-2.0 */
/* What services and members do in a second, from two overviews, and how many flows they have now. */

#ifndef HAADM_RATES_H
#define HAADM_RATES_H

#include <stdio.h>

#include "haadm/overview.h"

struct rate {
	bool known;		/* the first overview has the same object, so the numbers of a second are valid */
	bool tracked;		/* the service's flows are tracked, so the numbers of flows are valid */
	uint64_t flows;		/* flows that began, in a second */
	uint64_t packets;	/* packets sent to members, in a second */
	uint64_t bytes;
	uint64_t active;	/* flows that are there now, and are not closing */
	uint64_t closing;
};

/*
 * Fills the rate of a service or a member of NOW, since overview BEFORE, which can be NULL. A service's rate is the sum
 * of its members' rates.
 */
void rates_service(struct rate *rate, const struct overview *before, const struct overview *now,
		   const struct hasw_service *service);
void rates_member(struct rate *rate, const struct overview *before, const struct overview *now,
		  const struct hasw_service *service, const struct hasw_member *member);

/* Returns the rate as JSON. Numbers that are not valid have no key. */
json_t *rates_json(const struct rate *rate);

/* Formats a number with a unit, so that it has at most five characters: 999, 1.2k, 34k, 5.6M. */
#define RATES_TEXT 24
const char *rates_format(uint64_t number, char buf[RATES_TEXT]);

/* Prints the valid numbers as phrases, each with a comma before it. */
void rates_text(const struct rate *rate);

#endif
