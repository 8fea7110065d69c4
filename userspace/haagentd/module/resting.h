/* SPDX-License-Identifier: GPL-2.0 */
/* The nodes in maintenance, as the module has told last: their failures cause no alarm. */
#ifndef HAAGENTD_RESTING_H
#define HAAGENTD_RESTING_H

#include <stdbool.h>

#include "haagentd/conf/conf.h"

/**
 * struct resting - the nodes in maintenance
 * @name:	their names
 * @n:		number of entries in @name
 */
struct resting {
	char name[CONF_NODES][WIRE_NAME];
	unsigned int n;
};

bool resting_has(const struct resting *r, const char *name);
void resting_note(struct resting *r, const char *name, unsigned int state);

#endif
