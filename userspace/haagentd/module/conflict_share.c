// SPDX-License-Identifier: GPL-2.0
/* Vip conflicts that the agents tell each other. Only the holder of a vip sees them, and people ask any node. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "conflict.h"
#include "conflict_share.h"
#include "haagentd/bytes.h"

#define EVERY	CLOCK_SECOND	/* pause between two records */

/* Where the parts of an entry are. */
enum {
	AT_FAMILY = 0,
	AT_VIP = 1,
	AT_LLADDR = 17,
	AT_AGE = 23,
	AT_NODE = 27,
	AT_DEV = 59,
};

static bool fresh(const struct shared_conflict *one, uint64_t now)
{
	return now < one->seen || now - one->seen < CONFLICT_KNOWN;
}

/**
 * conflict_share_note - remember a conflict
 * @all:	the conflicts
 * @one:	the conflict; it takes the place of an earlier one of the same vip that the same node saw, or, if there
 *		is no room, of the oldest one
 */
void conflict_share_note(struct shared_conflicts *all, const struct shared_conflict *one)
{
	struct shared_conflict *place = NULL, *oldest = &all->list[0];
	unsigned int i;

	for (i = 0; i < all->n && !place; i++) {
		struct shared_conflict *at = &all->list[i];

		if (!hasw_addr_compare(&at->vip, &one->vip) && !strcmp(at->by, one->by))
			place = at;
		else if (at->seen < oldest->seen)
			oldest = at;
	}
	if (!place)
		place = all->n < CONFLICTS_SHARED ? &all->list[all->n++] : oldest;
	*place = *one;
}

/**
 * conflict_share_put - write the conflicts that this node has seen
 * @all:	the conflicts
 * @now:	the time, ns
 * @to:		receives the content of a record
 *
 * If there are more than a record has room for, the next one goes on behind the last of this one.
 *
 * Return: its size, bytes; 0 if there are none
 */
size_t conflict_share_put(struct shared_conflicts *all, uint64_t now,
			  uint8_t to[CONFLICT_HEAD + CONFLICT_ENTRIES * CONFLICT_ENTRY])
{
	size_t size = CONFLICT_HEAD;
	unsigned int i, n = 0, from = all->next;

	bytes_put(to, CONFLICT_ENTRY, CONFLICT_HEAD);
	for (i = 0; i < all->n && n < CONFLICT_ENTRIES; i++) {
		const struct shared_conflict *one = &all->list[(from + i) % all->n];
		uint8_t *at = to + size;

		if (one->by[0] || !fresh(one, now))
			continue;
		memset(at, 0, CONFLICT_ENTRY);
		at[AT_FAMILY] = one->vip.family == AF_INET ? 4 : 6;
		memcpy(at + AT_VIP, one->vip.bytes, hasw_addr_len(&one->vip));
		memcpy(at + AT_LLADDR, one->lladdr, sizeof(one->lladdr));
		bytes_put(at + AT_AGE, now > one->seen ? (now - one->seen) / CLOCK_MS : 0, 4);
		memcpy(at + AT_NODE, one->node, strnlen(one->node, sizeof(one->node) - 1));
		memcpy(at + AT_DEV, one->dev, strnlen(one->dev, sizeof(one->dev) - 1));
		size += CONFLICT_ENTRY;
		n++;
		all->next = (from + i + 1) % all->n;
	}
	return n ? size : 0;
}

/* Return: whether the entry is one that this release knows. */
static bool get(const uint8_t *at, uint64_t now, struct shared_conflict *one)
{
	uint64_t age = bytes_get(at + AT_AGE, 4) * CLOCK_MS;

	memset(one, 0, sizeof(*one));
	if (at[AT_FAMILY] != 4 && at[AT_FAMILY] != 6)
		return false;
	one->vip.family = at[AT_FAMILY] == 4 ? AF_INET : AF_INET6;
	memcpy(one->vip.bytes, at + AT_VIP, hasw_addr_len(&one->vip));
	memcpy(one->lladdr, at + AT_LLADDR, sizeof(one->lladdr));
	memcpy(one->node, at + AT_NODE, sizeof(one->node) - 1);
	memcpy(one->dev, at + AT_DEV, sizeof(one->dev) - 1);
	if (one->node[0] && !wire_name_valid(one->node))
		return false;
	one->seen = now > age ? now - age : 0;
	return fresh(one, now);
}

/**
 * conflict_share_take - take the conflicts that a peer has seen
 * @all:	the conflicts
 * @from:	name of the peer
 * @record:	a record of a heartbeat, of any type
 * @now:	the time, ns
 */
void conflict_share_take(struct shared_conflicts *all, const char *from, const struct wire_record *record,
			 uint64_t now)
{
	size_t each, at = CONFLICT_HEAD;
	unsigned int left = CONFLICT_ENTRIES;
	struct shared_conflict one;

	if (record->type != WIRE_RECORD_CONFLICTS || record->size < CONFLICT_HEAD)
		return;
	each = (size_t)bytes_get(record->data, CONFLICT_HEAD);
	if (each < CONFLICT_ENTRY)
		return;
	for (; left-- && record->size - at >= each; at += each) {
		if (!get(record->data + at, now, &one))
			continue;
		snprintf(one.by, sizeof(one.by), "%s", from);
		conflict_share_note(all, &one);
	}
}

/**
 * conflict_share_tick - send the conflicts that this node has seen, once a second
 * @all:	the conflicts
 * @cluster:	the peers
 * @now:	the time, ns
 */
void conflict_share_tick(struct shared_conflicts *all, struct cluster *cluster, uint64_t now)
{
	uint8_t data[CONFLICT_HEAD + CONFLICT_ENTRIES * CONFLICT_ENTRY], out[sizeof(data) + 4];
	struct wire_record record = { .type = WIRE_RECORD_CONFLICTS, .data = data };
	unsigned int i;
	size_t size;

	if (!all->n || now < all->due)
		return;
	all->due = now + EVERY;
	record.size = conflict_share_put(all, now, data);
	size = record.size ? wire_record_put(&record, out, sizeof(out)) : 0;
	for (i = 0; size && i < cluster->n_peers; i++)
		if (cluster_serves(&cluster->peers[i]))
			cluster_send_records(cluster, &cluster->peers[i], out, size, now);
}

/**
 * conflict_share_view - write the conflicts that other nodes have seen, if there are any
 * @all:	the conflicts
 * @j:		the JSON writer, in an object
 * @now:	the time, ns
 *
 * What this node has seen is not among them: the module has that.
 *
 * Return: whether there was room for all
 */
bool conflict_share_view(const struct shared_conflicts *all, struct json *j, uint64_t now)
{
	char text[HASW_ADDR_TEXT], lladdr[18];
	bool begun = false, complete = true;
	unsigned int i;

	for (i = 0; i < all->n; i++) {
		const struct shared_conflict *one = &all->list[i];

		if (!one->by[0] || !fresh(one, now))
			continue;
		/* The answer of an agent with very many peers has no room for more. */
		complete = json_has_room(j);
		if (!complete)
			break;
		if (!begun)
			json_list(j, "seen_conflicts");
		begun = true;
		json_object(j, NULL);
		json_text(j, "addr", hasw_addr_format(&one->vip, text));
		json_text(j, "by", one->by);
		if (one->node[0])
			json_text(j, "node", one->node);
		json_text(j, "lladdr", conflict_who(NULL, one->lladdr, lladdr, sizeof(lladdr)));
		json_text(j, "dev", one->dev);
		json_number(j, "age", now > one->seen ? now - one->seen : 0);
		json_object_end(j);
	}
	if (begun)
		json_list_end(j);
	return complete;
}
