// SPDX-License-Identifier: GPL-2.0
/* A voter set as a record: conversion to bytes and back. */
#include <string.h>

#include "haagentd/bytes.h"
#include "vote_set_wire.h"
#include "haagentd/peer/wire.h"

/* Offsets, see vote_set_wire.h. */
#define AT_KIND		0
#define AT_NODES	1
#define AT_FLAGS	2
#define AT_GENERATION	4
#define AT_VOTERS	8
#define AT_WITNESSES	12
#define AT_TIMES	16
#define AT_MAP		24
#define AT_WANTED	32
#define AT_EPOCH	40
#define AT_CONF		48
#define AT_BALLOT	72

#define FLAG_KNOWS	0x01

/**
 * vote_set_put - convert a message about a voter set to bytes
 * @word:	the message
 * @to:		buffer to write to
 * @room:	size of @to in bytes
 *
 * Return: number of bytes written; 0 when there is not enough room
 */
size_t vote_set_put(const struct vote_set_word *word, uint8_t *to, size_t room)
{
	const struct vote_map *map = &word->map;
	size_t at = VOTE_SET_WIRE_HEAD, size;
	unsigned int id, n = 0;

	if (room < at)
		return 0;
	memset(to, 0, at);
	for (id = 0; id < map->n; id++) {
		size = strlen(map->names[id]);
		if (!size)
			continue;
		if (room - at < 2 + size)
			return 0;
		to[at] = (uint8_t)id;
		to[at + 1] = (uint8_t)size;
		memcpy(to + at + 2, map->names[id], size);
		at += 2 + size;
		n++;
	}
	bytes_put(to + AT_KIND, word->kind, 1);
	bytes_put(to + AT_NODES, n, 1);
	bytes_put(to + AT_GENERATION, word->set.generation, 4);
	bytes_put(to + AT_VOTERS, word->set.voters, 4);
	bytes_put(to + AT_WITNESSES, map->witnesses, 4);
	bytes_put(to + AT_TIMES, word->times, 8);
	bytes_put(to + AT_MAP, word->set.map, 8);
	bytes_put(to + AT_WANTED, word->wanted, 8);
	bytes_put(to + AT_EPOCH, word->set.epoch, 8);
	bytes_put(to + AT_CONF, word->set.conf.epoch, 8);
	bytes_put(to + AT_CONF + 8, word->set.conf.generation, 8);
	bytes_put(to + AT_CONF + 16, word->set.conf.blob, 8);
	bytes_put(to + AT_BALLOT, word->ballot, 8);
	bytes_put(to + AT_FLAGS, word->knows ? FLAG_KNOWS : 0, 1);
	return at;
}

/* Reads one node of the set into a map. Return: number of bytes that were read; 0 when the node is not valid. */
static size_t get_node(const uint8_t *from, size_t size, struct vote_map *map)
{
	char name[WIRE_NAME] = "";
	unsigned int id;

	if (size < 2 || from[0] >= HASW_VOTE_NODES || from[1] >= WIRE_NAME || size < 2U + from[1])
		return 0;
	id = from[0];
	memcpy(name, from + 2, from[1]);
	if (!wire_name_valid(name) || strlen(name) != from[1] || map->names[id][0] || vote_map_id(map, name) >= 0)
		return 0;
	memcpy(map->names[id], name, WIRE_NAME);
	if (map->n <= id)
		map->n = id + 1;
	return 2U + from[1];
}

/**
 * vote_set_get - convert bytes to a message about a voter set
 * @from:	buffer to read from
 * @size:	size of the buffer in bytes
 * @word:	filled with the message
 *
 * Return: whether the message is valid, and its hash matches its nodes and votes
 */
bool vote_set_get(const uint8_t *from, size_t size, struct vote_set_word *word)
{
	size_t at = VOTE_SET_WIRE_HEAD, took;
	struct vote_map *map = &word->map;
	unsigned int n;

	memset(word, 0, sizeof(*word));
	if (size < at)
		return false;
	for (n = from[AT_NODES]; n; n--, at += took) {
		took = get_node(from + at, size - at, map);
		if (!took)
			return false;
	}
	word->kind = from[AT_KIND];
	word->times = bytes_get(from + AT_TIMES, 8);
	word->wanted = bytes_get(from + AT_WANTED, 8);
	word->set.generation = (uint32_t)bytes_get(from + AT_GENERATION, 4);
	word->set.voters = (uint32_t)bytes_get(from + AT_VOTERS, 4);
	word->set.map = bytes_get(from + AT_MAP, 8);
	word->set.epoch = bytes_get(from + AT_EPOCH, 8);
	word->set.conf.epoch = bytes_get(from + AT_CONF, 8);
	word->set.conf.generation = bytes_get(from + AT_CONF + 8, 8);
	word->set.conf.blob = bytes_get(from + AT_CONF + 16, 8);
	word->ballot = bytes_get(from + AT_BALLOT, 8);
	word->knows = from[AT_FLAGS] & FLAG_KNOWS;
	map->voters = word->set.voters;
	map->witnesses = (uint32_t)bytes_get(from + AT_WITNESSES, 4);
	if (!word->set.generation || !map->voters || (map->voters | map->witnesses) & ~vote_map_nodes(map))
		return false;
	vote_map_seal(map);
	return map->hash == word->set.map;
}
