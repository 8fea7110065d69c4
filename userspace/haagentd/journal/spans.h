/* SPDX-License-Identifier: GPL-2.0 */
/* How long it took: until a silent node was taken for lost, and until this node held what another one had held. */
#ifndef HAAGENTD_SPANS_H
#define HAAGENTD_SPANS_H

#include <stdbool.h>
#include <stdint.h>

#include "haagentd/conf/conf.h"
#include "haagentd/json.h"
#include "haagentd/peer/wire.h"
#include "lib/ask.h"
#include <rules/vote.h>

/**
 * struct spans_histogram - a histogram of times
 * @count:	number of times up to ASK_SPAN << index; the last one: longer ones
 * @sum:	their sum, ns
 */
struct spans_histogram {
	uint64_t count[ASK_SPANS + 1];
	uint64_t sum;
};

/**
 * struct spans_node - another node
 * @name:	its name, empty: the entry is free
 * @silent:	when it was heard last, if the module has it as lost now; else 0, ns
 * @detection:	silence until the module had it as lost
 * @takeover:	time until this node held a lease that it had held
 */
struct spans_node {
	char name[WIRE_NAME];
	uint64_t silent;
	struct spans_histogram detection;
	struct spans_histogram takeover;
};

/**
 * struct spans_lease - a lease
 * @name:	its name, empty: the entry is free
 * @holder:	the last node to which it was granted
 * @ended:	when that grant ended, ns; 0: it has not
 */
struct spans_lease {
	char name[WIRE_NAME];
	char holder[WIRE_NAME];
	uint64_t ended;
};

struct spans {
	struct spans_node nodes[CONF_NODES];
	struct spans_lease leases[HASW_VOTE_LEASES];
};

void spans_lost(struct spans *s, const char *node, uint64_t heard, uint64_t lost);
void spans_back(struct spans *s, const char *node);
void spans_granted(struct spans *s, const char *lease, const char *node, bool self, uint64_t time);
void spans_ended(struct spans *s, const char *lease, const char *node, uint64_t time);
void spans_view(const struct spans *s, const char *node, struct json *j);

#endif
