// SPDX-License-Identifier: GPL-2.0
/* Tells peers this machine's wall clock, and finds out how far theirs are apart from it. */

#include "cluster.h"
#include "haagentd/bytes.h"
#include "haagentd/clock.h"
#include "haagentd/log.h"
#include "lib/text.h"
#include "wall_clock.h"

static uint64_t size_of(int64_t ahead)
{
	return ahead < 0 ? -(uint64_t)ahead : (uint64_t)ahead;
}

/**
 * wall_clock_take - take the wall clock that a peer tells
 * @peer:	the peer
 * @record:	a record of a heartbeat, of any type
 * @wall:	this machine's wall clock, ns since 1970
 *
 * The log tells when the clocks begin to be apart, and when they agree again. Each needs two records in a row: when this
 * machine or agent has stood still, one that waited meanwhile is read late.
 */
void wall_clock_take(struct cluster_peer *peer, const struct wire_record *record, uint64_t wall)
{
	struct wall_clock *w = &peer->wall;
	char text[HASW_TIME_TEXT];
	uint64_t theirs;
	bool far;

	if (record->type != WIRE_RECORD_CLOCK || record->size < WALL_CLOCK_SIZE)
		return;
	theirs = bytes_get(record->data, WALL_CLOCK_SIZE);
	if (theirs == w->last)
		return;
	w->last = theirs;
	w->ahead = (int64_t)(theirs - wall);
	far = size_of(w->ahead) >= (w->apart ? WALL_CLOCK_AGREE : WALL_CLOCK_APART);
	if (far == w->apart || !w->doubted) {
		w->doubted = far != w->apart;
		return;
	}
	w->doubted = false;
	w->apart = far;
	if (far)
		log_warning("%s: its clock is %s %s this node's: leases need no clocks, but times in the journals of both, and those of haadm availability, do not fit together",
			    peer->conf.name, hasw_span_format(size_of(w->ahead), text),
			    w->ahead < 0 ? "behind" : "ahead of");
	else
		log_notice("%s: its clock agrees with this node's again", peer->conf.name);
}

/**
 * wall_clock_tick - tell each peer this machine's wall clock, once in a while
 * @c:		the cluster
 * @now:	the time, ns of CLOCK_BOOTTIME
 * @wall:	this machine's wall clock, ns since 1970
 */
void wall_clock_tick(struct cluster *c, uint64_t now, uint64_t wall)
{
	uint8_t bytes[WALL_CLOCK_SIZE], out[WALL_CLOCK_SIZE + 4];
	const struct wire_record record = { .type = WIRE_RECORD_CLOCK, .data = bytes, .size = sizeof(bytes) };
	unsigned int i;
	size_t size;

	bytes_put(bytes, wall, sizeof(bytes));
	size = wire_record_put(&record, out, sizeof(out));
	for (i = 0; i < c->n_peers; i++)
		if (cluster_tells(c, &c->peers[i], &c->peers[i].wall.due, now))
			cluster_send_records(c, &c->peers[i], out, size, now);
}
