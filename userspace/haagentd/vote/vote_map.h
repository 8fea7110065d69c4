/* SPDX-License-Identifier: GPL-2.0 */
/* The map of a cluster: the id of each node in the vote, and the nodes that are voters. */
#ifndef HAAGENTD_VOTE_MAP_H
#define HAAGENTD_VOTE_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include <rules/vote.h>

#include "haagentd/conf/conf.h"

#define VOTE_MAP_VOTERS	7	/* largest number of voters */

/**
 * struct vote_map - ids and voters
 * @names:	node names, by id; sorted by name in a new cluster; the name of an unused id
 *		is empty
 * @n:		highest used id plus 1
 * @self:	id of this node
 * @voters:	bitmap of the voters' ids
 * @witnesses:	bitmap of the witnesses' ids; witnesses are chosen as voters
 *		before other nodes, and hold no leases
 * @hash:	hash of @names, @voters and @witnesses; nodes that agree on these have
 *		the same hash
 */
struct vote_map {
	char names[HASW_VOTE_NODES][WIRE_NAME];
	unsigned int n;
	unsigned int self;
	uint32_t voters;
	uint32_t witnesses;
	uint64_t hash;
};

bool vote_map_make(struct vote_map *map, const struct conf *conf);
void vote_map_seal(struct vote_map *map);
uint32_t vote_map_nodes(const struct vote_map *map);
bool vote_map_agrees(const struct vote_map *map, const struct vote_map *other);

/* What the next step from the present set of nodes to the wanted set does. */
enum vote_map_step {
	VOTE_MAP_SAME,	/* no step: the map has the wanted nodes and voters */
	VOTE_MAP_NODES,	/* nodes that are not voters are added or deleted */
	VOTE_MAP_JOINS,	/* one node becomes a voter */
	VOTE_MAP_LEAVES,	/* one node stops being a voter */
	VOTE_MAP_NEVER,	/* the change is not possible while agents run */
};

enum vote_map_step vote_map_next(const struct vote_map *map,
				 const struct vote_map *wanted,
				 struct vote_map *next);
uint64_t vote_map_agree(const struct vote_map *map,
			const struct hasw_vote_times *t);
uint64_t vote_map_times(const struct hasw_vote_times *t);
enum hasw_vote_profile vote_map_profile(const struct vote_map *map,
					const struct hasw_vote_times *t,
					uint64_t agree);
int vote_map_id(const struct vote_map *map, const char *name);

#endif
