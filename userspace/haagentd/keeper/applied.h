/* SPDX-License-Identifier: GPL-2.0 */
/* What this node has put in place last, as it wrote it down beside the generations. */
#ifndef HAAGENTD_APPLIED_H
#define HAAGENTD_APPLIED_H

#include <stdbool.h>
#include <stdint.h>

#include "generation.h"

#define APPLIED_LIFE	96
#define APPLIED_UNKNOWN	UINT64_MAX	/* as @agents: no settings have this hash */

/**
 * struct applied - what this node has put in place
 * @life:	life of the module's configuration in which it did; see applied_life(). A later one has begun with another file
 * @number:	number of the configuration
 * @hash:	its hash
 * @saved:	hash of what `haadm save` printed just after
 * @agents:	hash of its settings of all agents, 0: none; APPLIED_UNKNOWN: an earlier release has not written it down
 */
struct applied {
	char life[APPLIED_LIFE];
	uint64_t number;
	uint64_t hash;
	uint64_t saved;
	uint64_t agents;
};

void applied_life(char id[APPLIED_LIFE]);
bool applied_get(const char *folder, struct applied *a, bool *same);
int applied_put(const char *folder, const struct applied *a);
const struct generation *applied_first(const char *folder, const struct generation *list, unsigned int n);

#endif
