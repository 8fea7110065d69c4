/* SPDX-License-Identifier: GPL-2.0 */
/* How far the wall clocks of the nodes are apart, which the agents tell each other. */
#ifndef HAAGENTD_WALL_CLOCK_H
#define HAAGENTD_WALL_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "wire.h"

/*
 * The record WIRE_RECORD_CLOCK is the sender's CLOCK_REALTIME when it sent the record: 8 bytes, ns since 1970. A later
 * release can append more behind that. No decision depends on it. It is told because the times in the journals of two
 * nodes are compared.
 */
#define WALL_CLOCK_SIZE		8
#define WALL_CLOCK_APART	UINT64_C(1000000000)	/* clocks are apart from such a difference on, ns */
#define WALL_CLOCK_AGREE	UINT64_C(500000000)	/* clocks that were apart agree again below that, ns */

/**
 * struct wall_clock - the wall clock of a peer
 * @ahead:	by how much it is ahead of this machine's, ns; negative: it is behind. A record is late by its way, so
 *		clocks that agree differ a little.
 * @apart:	the clocks are apart, as two records in a row have said. One alone may have waited in a socket.
 * @doubted:	the last record has said otherwise than @apart
 * @last:	the clock in the last record, which comes once on each path
 * @due:	when this agent tells the peer its own clock again, ns of CLOCK_BOOTTIME
 */
struct wall_clock {
	int64_t ahead;
	bool apart;
	bool doubted;
	uint64_t last;
	uint64_t due;
};

struct cluster;
struct cluster_peer;

void wall_clock_take(struct cluster_peer *peer, const struct wire_record *record, uint64_t wall);
void wall_clock_tick(struct cluster *c, uint64_t now, uint64_t wall);

#endif
