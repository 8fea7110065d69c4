/* SPDX-License-Identifier: GPL-2.0 */
/* Peers from which no heartbeat has arrived since this agent began: detection, and the text of the report. */
#ifndef HAAGENTD_MISSED_H
#define HAAGENTD_MISSED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cluster;
struct cluster_peer;

/**
 * struct missed - how long the agent has waited for a peer's first heartbeat
 * @since:	when the wait began, ns; 0: it has not begun yet
 * @told:	the absence of heartbeats was reported
 * @hello:	a hello has arrived from the peer. If no heartbeat follows, the peer sends
 *		packets, but receives none from this node
 */
struct missed {
	uint64_t since;
	bool told;
	bool hello;
};

#define MISSED_TEXT	960

struct cluster_peer *missed_next(struct cluster *c, uint64_t now);
void missed_again(struct cluster *c, const char *name, uint64_t now);
void missed_forgive(struct missed *m, uint64_t gap, uint64_t now);
bool missed_still(const struct cluster_peer *peer);
const char *missed_text(const struct cluster *c, const struct cluster_peer *peer,
			uint64_t now, char text[MISSED_TEXT]);

#endif
