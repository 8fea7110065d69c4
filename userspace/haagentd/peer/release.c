// SPDX-License-Identifier: GPL-2.0
/* Tells peers which release this agent is, and takes what they tell. */
#include <string.h>

#include "lib/version.h"

#include "cluster.h"
#include "haagentd/clock.h"
#include "release.h"

static bool sound(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr(".-+~_", c));
}

/**
 * release_take - take the release that a peer tells
 * @r:		what is known of the peer
 * @record:	a record of a heartbeat, of any type
 *
 * A text with characters that no release has, or a longer one, is passed over.
 */
void release_take(struct release *r, const struct wire_record *record)
{
	size_t size = strnlen((const char *)record->data, record->size), i;

	if (record->type != WIRE_RECORD_RELEASE || !size || size >= sizeof(r->text))
		return;
	for (i = 0; i < size; i++)
		if (!sound((char)record->data[i]))
			return;
	memcpy(r->text, record->data, size);
	r->text[size] = '\0';
}

/**
 * release_tick - tell each peer which release this agent is, once in a while
 * @c:		the cluster
 * @now:	the time, ns
 */
void release_tick(struct cluster *c, uint64_t now)
{
	static const char text[] = HASWITCH_VERSION;
	const struct wire_record record = {
		.type = WIRE_RECORD_RELEASE, .data = (const uint8_t *)text, .size = sizeof(text) - 1,
	};
	uint8_t out[RELEASE_TEXT + 4];
	size_t size = wire_record_put(&record, out, sizeof(out));
	unsigned int i;

	_Static_assert(sizeof(text) <= RELEASE_TEXT, "a release is a short text");
	for (i = 0; i < c->n_peers; i++)
		if (cluster_tells(c, &c->peers[i], &c->peers[i].release.due, now))
			cluster_send_records(c, &c->peers[i], out, size, now);
}
