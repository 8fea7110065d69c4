/* SPDX-License-Identifier: GPL-2.0 */
/* Which release each agent is, which the agents tell each other. */
#ifndef HAAGENTD_RELEASE_H
#define HAAGENTD_RELEASE_H

#include <stdint.h>

#include "wire.h"

/*
 * The record WIRE_RECORD_RELEASE is the text that `haagentd --version` prints behind the name. A NUL ends it; a later
 * release can append more behind that.
 */
#define RELEASE_TEXT	32	/* size of the text with its NUL, bytes */

/**
 * struct release - which release a peer is
 * @text:	the release; empty: not said yet in the peer's current session
 * @due:	when this agent tells the peer its own release again, ns
 */
struct release {
	char text[RELEASE_TEXT];
	uint64_t due;
};

struct cluster;

void release_take(struct release *r, const struct wire_record *record);
void release_tick(struct cluster *c, uint64_t now);

#endif
