// SPDX-License-Identifier: GPL-2.0
/* The map of a cluster: ids of the nodes and of the voters. All nodes compute the same map from the node names. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "haagentd/bytes.h"
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

/* Returns the number of voters among @n nodes: an odd number, at most VOTE_MAP_VOTERS; with two nodes, both vote. */
static unsigned int voters_of(unsigned int n)
{
	if (n > VOTE_MAP_VOTERS)
		return VOTE_MAP_VOTERS;
	return n % 2 || n == 2 ? n : n - 1;
}

/* Returns the @n lowest ids of a bitmap. In a new cluster, ids follow the alphabetical order of the nodes' names. */
static uint32_t first_of(uint32_t nodes, unsigned int n)
{
	uint32_t first = 0;

	for (; nodes && n; n--) {
		first |= nodes & -nodes;
		nodes &= nodes - 1;
	}
	return first;
}

/* Chooses the voters of a new cluster: witnesses first, because witnesses have no other task. */
static uint32_t choose(const struct vote_map *map)
{
	uint32_t all = map->n < 32 ? (UINT32_C(1) << map->n) - 1 : UINT32_MAX;
	unsigned int n = voters_of(map->n);
	uint32_t voters = first_of(map->witnesses, n);

	return voters | first_of(all & ~map->witnesses,
				 n - hasw_vote_count(voters));
}

/**
 * vote_map_make - make the map of a new cluster
 * @map:	filled with the map
 * @conf:	configuration with the nodes
 *
 * Return: false if there are more nodes than ids
 */
bool vote_map_make(struct vote_map *map, const struct conf *conf)
{
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
	vote_map_seal(map);
	return true;
}

/**
 * vote_map_seal - compute the hash of a map
 * @map:	the map, whose hash is filled in
 */
void vote_map_seal(struct vote_map *map)
{
	uint8_t all[sizeof(map->names) + 8] = { 0 };
	size_t size = sizeof(map->names) + 4;
	unsigned int i;

	/* Bytes after the NUL of a name are not hashed, as they can be the rest of a longer name. */
	for (i = 0; i < map->n; i++)
		strncpy((char *)all + i * WIRE_NAME, map->names[i], WIRE_NAME - 1);
	bytes_put(all + sizeof(map->names), map->voters, 4);
	/* Without witnesses, the hash equals the hash that earlier releases write to their files. */
	if (map->witnesses) {
		bytes_put(all + size, map->witnesses, 4);
		size += 4;
	}
	map->hash = hash(all, size);
}

/**
 * vote_map_nodes - return the ids that stand for a node
 * @map:	the map
 *
 * Return: bitmap of ids
 */
uint32_t vote_map_nodes(const struct vote_map *map)
{
	uint32_t nodes = 0;
	unsigned int i;

	for (i = 0; i < map->n; i++)
		if (map->names[i][0])
			nodes |= UINT32_C(1) << i;
	return nodes;
}

/**
 * vote_map_agrees - return whether each id that is used in two maps stands for the same
 * node in both
 * @map:	one map
 * @other:	the other map
 *
 * Return: yes or no
 */
bool vote_map_agrees(const struct vote_map *map, const struct vote_map *other)
{
	uint32_t both = vote_map_nodes(map) & vote_map_nodes(other);
	unsigned int i;

	for (i = 0; i < HASW_VOTE_NODES; i++)
		if (both >> i & 1 && strcmp(map->names[i], other->names[i]))
			return false;
	return true;
}

/*
 * Fills @ids with the ids that @map has for the nodes of @wanted, in the order of the node names. Return: number of
 * ids.
 */
static unsigned int common(const struct vote_map *map, const struct vote_map *wanted, unsigned int ids[HASW_VOTE_NODES])
{
	unsigned int i, n = 0;

	for (i = 0; i < wanted->n; i++) {
		int id = vote_map_id(map, wanted->names[i]);

		if (id >= 0)
			ids[n++] = (unsigned int)id;
	}
	return n;
}

static uint32_t ids_of(const struct vote_map *map, const struct vote_map *wanted)
{
	unsigned int ids[HASW_VOTE_NODES], n = common(map, wanted, ids);
	uint32_t mask = 0;

	while (n)
		mask |= UINT32_C(1) << ids[--n];
	return mask;
}

/*
 * Chooses the next voters: first witnesses, then present voters, so that most voters stay, and then other nodes by
 * name. Nodes with the same @map and the same @wanted choose the same voters.
 */
static uint32_t voters_next(const struct vote_map *map, const struct vote_map *wanted)
{
	unsigned int ids[HASW_VOTE_NODES], n = common(map, wanted, ids), most = voters_of(n), rank, i;
	uint32_t voters = 0;

	for (rank = 0; rank < 4; rank++)
		for (i = 0; i < n && hasw_vote_count(voters) < most; i++) {
			uint32_t bit = UINT32_C(1) << ids[i];
			unsigned int is = (map->witnesses & bit ? 0 : 2) + (map->voters & bit ? 0 : 1);

			if (is == rank)
				voters |= bit;
		}
	return voters;
}

/* Adds the wanted nodes under the lowest free ids, so that no node's id changes. Return: whether there were enough ids. */
static bool add_nodes(struct vote_map *next, const struct vote_map *wanted)
{
	unsigned int i, free;

	for (i = 0; i < wanted->n; i++) {
		int id = vote_map_id(next, wanted->names[i]);

		for (free = 0; id < 0 && free < next->n && next->names[free][0]; free++)
			;
		if (id < 0 && free == HASW_VOTE_NODES)
			return false;
		if (id < 0) {
			id = (int)free;
			memcpy(next->names[id], wanted->names[i], WIRE_NAME);
			next->n = free == next->n ? free + 1 : next->n;
		}
		next->witnesses &= ~(UINT32_C(1) << id);
		next->witnesses |= (wanted->witnesses >> i & 1) << id;
	}
	return true;
}

/* Deletes the nodes that are neither wanted nor voters. */
static void drop_nodes(struct vote_map *next, const struct vote_map *wanted)
{
	unsigned int i;

	for (i = 0; i < next->n; i++)
		if (vote_map_id(wanted, next->names[i]) < 0 && !(next->voters >> i & 1)) {
			memset(next->names[i], 0, WIRE_NAME);
			next->witnesses &= ~(UINT32_C(1) << i);
		}
	while (next->n && !next->names[next->n - 1][0])
		next->n--;
}

/**
 * vote_map_next - compute the next step of a change from the present nodes to the
 * wanted nodes
 * @map:	the present map
 * @wanted:	the map of a new cluster of the wanted nodes
 * @next:	filled with the map after the step
 *
 * Rule 18: a step adds or removes at most one voter. While agents run, a set of two voters
 * never gains or loses a voter, and no other set becomes a set of two. The reason is that a
 * fence can replace the vote of one of two voters. A fence is a command that switches a
 * node off.
 *
 * Return: kind of the step
 */
enum vote_map_step vote_map_next(const struct vote_map *map,
				 const struct vote_map *wanted,
				 struct vote_map *next)
{
	unsigned int n = hasw_vote_count(map->voters);
	enum vote_map_step step = VOTE_MAP_NODES;
	uint32_t voters, joins, leaves, gone;

	*next = *map;
	if (!add_nodes(next, wanted)) {
		drop_nodes(next, wanted);
		vote_map_seal(next);
		return next->hash == map->hash ? VOTE_MAP_NEVER : VOTE_MAP_NODES;
	}
	vote_map_seal(next);
	if (n == 2)
		return next->hash == map->hash ? VOTE_MAP_SAME : VOTE_MAP_NEVER;
	if (next->hash != map->hash)
		return step;
	voters = voters_next(map, wanted);
	joins = voters & ~map->voters;
	leaves = map->voters & ~voters;
	/*
	 * Voters that are not among the wanted nodes leave first. They might be off, and later steps then do not need
	 * their acks.
	 */
	gone = leaves & ~ids_of(map, wanted);
	leaves = gone ? gone : leaves;
	if (joins && (!leaves || n == 3)) {
		next->voters |= joins & -joins;
		step = VOTE_MAP_JOINS;
	} else if (leaves) {
		next->voters &= ~(leaves & -leaves);
		step = VOTE_MAP_LEAVES;
	} else {
		drop_nodes(next, wanted);
	}
	vote_map_seal(next);
	if (next->hash == map->hash)
		return VOTE_MAP_SAME;
	return hasw_vote_count(next->voters) == 2 ? VOTE_MAP_NEVER : step;
}

/**
 * vote_map_agree - hash the settings that two nodes must have in common to count each
 * other's votes
 * @map:	the map
 * @t:		the agreed times of the vote
 *
 * Return: the hash
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
 * vote_map_times - hash the agreed times, which must be equal on all nodes of any voter
 * set
 * @t:	the agreed times
 *
 * Return: the hash
 */
uint64_t vote_map_times(const struct hasw_vote_times *t)
{
	const struct vote_map none = { .hash = 0 };

	return vote_map_agree(&none, t);
}

/**
 * vote_map_profile - find the profile that another node uses, by the hash of that node's
 * settings
 * @map:	the map of this node
 * @t:		the agreed times of this node
 * @agree:	hash of the other node's settings, see vote_map_agree()
 *
 * Return: the profile; HASW_VOTE_PROFILES when the two nodes differ in more than the
 * profile
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
 * vote_map_id - look up the id of a node
 * @map:	the map
 * @name:	name of the node
 *
 * Return: its id, or -1
 */
int vote_map_id(const struct vote_map *map, const char *name)
{
	unsigned int i;

	for (i = 0; name[0] && i < map->n; i++)
		if (!strcmp(map->names[i], name))
			return (int)i;
	return -1;
}
