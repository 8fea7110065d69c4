// SPDX-License-Identifier: GPL-2.0
/* Ids and voters out of the names of the nodes, without any choice of a node's own. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "vote_map.h"

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static uint64_t hash(const void *data, size_t size)
{
	uint8_t out[crypto_generichash_BYTES_MIN];

	crypto_generichash(out, sizeof(out), data, size, NULL, 0);
	return bytes_get(out, 8);
}

/* All nodes vote when they are odd in number, else one less. Two both do. */
static unsigned int voters_of(unsigned int n)
{
	if (n > VOTE_MAP_VOTERS)
		return VOTE_MAP_VOTERS;
	return n % 2 || n == 2 ? n : n - 1;
}

/* The first of some nodes by name, which is by id. */
static uint32_t first_of(uint32_t nodes, unsigned int n)
{
	uint32_t first = 0;

	for (; nodes && n; n--) {
		first |= nodes & -nodes;
		nodes &= nodes - 1;
	}
	return first;
}

/* Witnesses first: a vote is all that they are there for. */
static uint32_t choose(const struct vote_map *map)
{
	uint32_t all = map->n < 32 ? (UINT32_C(1) << map->n) - 1 : UINT32_MAX;
	unsigned int n = voters_of(map->n);
	uint32_t voters = first_of(map->witnesses, n);

	return voters | first_of(all & ~map->witnesses,
				 n - hasw_vote_count(voters));
}

/**
 * vote_map_make - see which node has which id
 * @map:	to fill
 * @conf:	names the nodes
 *
 * Return: no if there are more nodes than ids
 */
bool vote_map_make(struct vote_map *map, const struct conf *conf)
{
	uint8_t all[sizeof(map->names) + 8] = { 0 };
	size_t size = sizeof(map->names) + 4;
	unsigned int i;

	memset(map, 0, sizeof(*map));
	if (conf->n_nodes > HASW_VOTE_NODES)
		return false;
	map->n = conf->n_nodes;
	for (i = 0; i < map->n; i++)
		snprintf(map->names[i], WIRE_NAME, "%s", conf->nodes[i].name);
	qsort(map->names, map->n, WIRE_NAME, compare);
	map->self = (unsigned int)vote_map_id(map, conf->nodes[conf->self].name);
	for (i = 0; i < map->n; i++)
		if (conf->nodes[i].witness)
			map->witnesses |= UINT32_C(1) << vote_map_id(map, conf->nodes[i].name);
	map->voters = choose(map);
	/* Behind its NUL a name may have the rest of a longer one. */
	for (i = 0; i < map->n; i++)
		strncpy((char *)all + i * WIRE_NAME, map->names[i], WIRE_NAME - 1);
	bytes_put(all + sizeof(map->names), map->voters, 4);
	/* Without a witness it is the number that earlier releases keep in their files. */
	if (map->witnesses) {
		bytes_put(all + size, map->witnesses, 4);
		size += 4;
	}
	map->hash = hash(all, size);
	return true;
}

/**
 * vote_map_agree - what nodes must agree on to vote with each other
 * @map:	the map
 * @t:		the times
 *
 * Return: a number that differs when anything of it does
 */
uint64_t vote_map_agree(const struct vote_map *map,
			const struct hasw_vote_times *t)
{
	uint8_t all[6 * 8];

	bytes_put(all, map->hash, 8);
	bytes_put(all + 8, t->length, 8);
	bytes_put(all + 16, t->longest, 8);
	bytes_put(all + 24, t->margin, 8);
	bytes_put(all + 32, t->rho, 8);
	bytes_put(all + 40, t->slowest, 8);
	return hash(all, sizeof(all));
}

/**
 * vote_map_profile - with which profile would a node agree on that number?
 * @map:	the map of this node
 * @t:		the times of this node
 * @agree:	what the other one has
 *
 * Return: the profile; HASW_VOTE_PROFILES when more than that is different
 */
enum hasw_vote_profile vote_map_profile(const struct vote_map *map,
					const struct hasw_vote_times *t,
					uint64_t agree)
{
	unsigned int i;

	for (i = 0; i < HASW_VOTE_PROFILES; i++) {
		struct hasw_vote_times other = hasw_vote_profile_times(i, t->longest);

		if (vote_map_agree(map, &other) == agree)
			break;
	}
	return (enum hasw_vote_profile)i;
}

/**
 * vote_map_id - the id of a node
 * @map:	the map
 * @name:	the node
 *
 * Return: its id, or -1
 */
int vote_map_id(const struct vote_map *map, const char *name)
{
	unsigned int i;

	for (i = 0; i < map->n; i++)
		if (!strcmp(map->names[i], name))
			return (int)i;
	return -1;
}
