/* SPDX-License-Identifier: GPL-2.0 */
/* Packets that were not believed: counted by reason, told now and then. */
#ifndef HAAGENTD_REFUSED_H
#define HAAGENTD_REFUSED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum refused_why {
	REFUSED_FOREIGN,	/* not a heartbeat at all */
	REFUSED_VERSION,	/* of a release that cannot talk to this one */
	REFUSED_MALFORMED,	/* cut off, or senseless */
	REFUSED_ADDRESS,	/* sent by who is at no node's address */
	REFUSED_STRANGER,	/* from a node that the file does not name */
	REFUSED_SELF,		/* says that it is from this very node */
	REFUSED_MISDIRECTED,	/* meant for another node */
	REFUSED_KEY,		/* sealed with another key */
	REFUSED_FORGED,		/* the seal is broken */
	REFUSED_REPLAYED,	/* came before */
	REFUSED_OLD,		/* from an earlier life */
	REFUSED_WHYS,
};

/**
 * struct refused - what one sender's refused packets are counted in
 * @total:	since the agent's start
 * @told:	how many of them were told
 * @when:	when they were told last; 0 for never
 * @last:	when the last one came that nobody should have sent
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

#endif
