/* SPDX-License-Identifier: GPL-2.0 */
/* Refused packets, counted by reason and reported at intervals. */
#ifndef HAAGENTD_REFUSED_H
#define HAAGENTD_REFUSED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum refused_why {
	REFUSED_FOREIGN,	/* not a heartbeat at all */
	REFUSED_VERSION,	/* its protocol version is incompatible */
	REFUSED_MALFORMED,	/* truncated, or with an invalid content */
	REFUSED_ADDRESS,	/* no configured node has its source address on this path */
	REFUSED_STRANGER,	/* its sender field names a node that is not configured */
	REFUSED_SELF,		/* its sender field names this node */
	REFUSED_MISDIRECTED,	/* addressed to another node */
	REFUSED_KEY,		/* sealed with a key that this node does not have */
	REFUSED_FORGED,		/* its authentication tag is wrong */
	REFUSED_REPLAYED,	/* its counter was used before, or is below the replay window */
	REFUSED_OLD,		/* from an earlier session */
	REFUSED_WHYS,
};

/**
 * struct refused - counters of the refused packets of one sender
 * @total:	number of refused packets since the agent began, by reason
 * @told:	how many packets of @total were already reported, by reason
 * @when:	time of the last report, ns; 0 for never
 * @last:	when the last packet was refused for a reason other than
 *		REFUSED_VERSION, ns
 */
struct refused {
	uint64_t total[REFUSED_WHYS];
	uint64_t told[REFUSED_WHYS];
	uint64_t when;
	uint64_t last;
};

#define REFUSED_TEXT	512

void refused_count(struct refused *r, enum refused_why why, uint64_t now);
bool refused_due(struct refused *r, uint64_t now, char text[REFUSED_TEXT],
		 bool *failure);
uint64_t refused_total(const struct refused *r);
const char *refused_word(enum refused_why why);

#endif
