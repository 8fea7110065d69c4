/* SPDX-License-Identifier: GPL-2.0 */
/* Vip conflicts that the agents tell each other: each node can show those that the holder of a vip has seen. */
#ifndef HAAGENTD_CONFLICT_SHARE_H
#define HAAGENTD_CONFLICT_SHARE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "haagentd/clock.h"
#include "haagentd/json.h"
#include "haagentd/peer/cluster.h"
#include "lib/addr.h"

/*
 * The record WIRE_RECORD_CONFLICTS begins with the size of an entry, bytes (2). A later release can append to each
 * entry. An entry:
 *
 *	family	1	4 or 6
 *	vip	16	an IPv4 address has four bytes, and zeros behind them
 *	lladdr	6	of the other host
 *	age	4	time since the conflict was seen last, ms
 *	node	32	name of the other host, NUL-terminated; empty: it is no node
 *	dev	16	device on which it was seen, NUL-terminated
 */
#define CONFLICT_HEAD		2
#define CONFLICT_ENTRY		75
#define CONFLICT_ENTRIES	8	/* most entries of a record */
#define CONFLICTS_SHARED	64	/* most conflicts that are known of all nodes together */
#define CONFLICT_KNOWN		(600 * CLOCK_SECOND)	/* age at which a conflict is forgotten, ns; haadm's, too */

/**
 * struct shared_conflict - another host that used a vip
 * @vip:	the vip
 * @lladdr:	MAC address of the other host
 * @node:	name of the other host; empty: it is no node
 * @dev:	device on which the conflict was seen
 * @by:		node that saw it; empty: this node
 * @seen:	when it was seen last, ns
 */
struct shared_conflict {
	struct hasw_addr vip;
	uint8_t lladdr[6];
	char node[WIRE_NAME];
	char dev[IFNAMSIZ];
	char by[WIRE_NAME];
	uint64_t seen;
};

/**
 * struct shared_conflicts - the conflicts that this node and others have seen
 * @n:		number of entries in @list
 * @list:	the last conflict of each vip and node that saw it
 * @next:	entry of @list at which the next record begins
 * @due:	when the next record is due, ns
 */
struct shared_conflicts {
	unsigned int n;
	struct shared_conflict list[CONFLICTS_SHARED];
	unsigned int next;
	uint64_t due;
};

void conflict_share_note(struct shared_conflicts *all, const struct shared_conflict *one);
size_t conflict_share_put(struct shared_conflicts *all, uint64_t now,
			  uint8_t to[CONFLICT_HEAD + CONFLICT_ENTRIES * CONFLICT_ENTRY]);
void conflict_share_take(struct shared_conflicts *all, const char *from, const struct wire_record *record,
			 uint64_t now);
void conflict_share_tick(struct shared_conflicts *all, struct cluster *cluster, uint64_t now);
bool conflict_share_view(const struct shared_conflicts *all, struct json *j, uint64_t now);

#endif
