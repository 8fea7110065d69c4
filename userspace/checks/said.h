/* SPDX-License-Identifier: GPL-2.0 */
/* What a server says of itself for a check: the line of an agent, or the performance data of a plugin. */
#ifndef CHECKS_SAID_H
#define CHECKS_SAID_H

#include <stdbool.h>
#include <stdint.h>

#include "checks/plan.h"

#define SAID_WHY	144	/* room for the reason */

/**
 * struct said - what is said
 * @outcome:	an enum plan_outcome
 * @share:	1 to 100, percent of its flows that the server wants; 0: it does not say; PLAN_SHARE_WRONG
 * @why:	the reason
 */
struct said {
	enum plan_outcome outcome;
	uint8_t share;
	char why[SAID_WHY];
};

void said_line(const char *line, struct said *said);
void said_data(const char *text, const char *label, struct said *said);

#endif
