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

/*
 * Formats the number at I of rates in JSON as a phrase, such as "1.2k flows/s". The phrase is empty if the number is not
 * valid. Returns false if I is behind the last number.
 */
#define RATES_PHRASE 48
bool rates_phrase(const json_t *rates, unsigned int i, char buf[RATES_PHRASE]);

#endif
