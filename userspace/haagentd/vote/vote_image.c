// SPDX-License-Identifier: GPL-2.0
/* A voter's image: conversion to bytes and back. */
#include <errno.h>
#include <string.h>

#include "haagentd/bytes.h"
#include "vote_image.h"

#define FLAG_KNOWN	0x01
#define FLAG_SETTLING	0x02

/* Offsets, see vote_image.h. */
#define AT_VERSION	0
#define AT_FLAGS	1
#define AT_NAMES	2
#define AT_RECORDS	4
#define AT_MAP		8
#define AT_CEILING	16
#define AT_GENERATION	24
#define AT_VOTERS	28
#define AT_COMMITTED	32
#define AT_CONF		40
#define AT_SET_MAP	64
#define AT_SET_EPOCH	72
#define AT_SET_CONF	80
#define AT_SET_GENERATION 104
#define AT_SET_VOTERS	108
#define AT_NODES	112
#define AT_WITNESSES	116
#define AT_NEXT_NODES	120
#define AT_NEXT_WITNESSES 124
#define AT_BALLOT	128
#define AT_ACKED	136
#define AT_BEFORE	144
#define AT_MET		148

#define AT_EPOCH	0
#define AT_LENGTH	8
#define AT_LEASE	16
#define AT_HOLDER	20
#define AT_MET_LEASE	21

static void put_conf(const struct hasw_vote_conf *conf, uint8_t *to)
{
	bytes_put(to, conf->epoch, 8);
	bytes_put(to + 8, conf->generation, 8);
	bytes_put(to + 16, conf->blob, 8);
}

static struct hasw_vote_conf get_conf(const uint8_t *from)
{
	return (struct hasw_vote_conf){
		.epoch = bytes_get(from, 8),
		.generation = bytes_get(from + 8, 8),
		.blob = bytes_get(from + 16, 8),
	};
}

static void put_record(const struct hasw_voter_long *l, bool met, uint8_t to[VOTE_IMAGE_RECORD])
{
	memset(to, 0, VOTE_IMAGE_RECORD);
	bytes_put(to + AT_EPOCH, l->epoch, 8);
	bytes_put(to + AT_LENGTH, l->length, 8);
	bytes_put(to + AT_LEASE, l->lease, 4);
	bytes_put(to + AT_HOLDER, l->holder, 1);
	to[AT_MET_LEASE] = met;
}

/* Reads the records of an image of @version. Return: whether all of them are valid. */
static bool get_records(const uint8_t *at, uint64_t n, unsigned int version, struct hasw_voter_disk *disk)
{
	struct hasw_voter_long *l = disk->longs;
	uint64_t i;

	for (i = 0; i < n; i++, at += VOTE_IMAGE_RECORD) {
		bool met = version > 3 && at[AT_MET_LEASE];

		l->epoch = bytes_get(at + AT_EPOCH, 8);
		l->length = bytes_get(at + AT_LENGTH, 8);
		l->lease = (uint32_t)bytes_get(at + AT_LEASE, 4);
		l->holder = at[AT_HOLDER];
		if ((!l->epoch && !met) || l->holder >= HASW_VOTE_NODES)
			return false;
		if (met)
			disk->met_lease[disk->met_count++] = l->lease;
		if (l->epoch)
			l++;
		else
			*l = (struct hasw_voter_long){ 0 };
	}
	return true;
}

/**
 * vote_image_put - convert an image to bytes
 * @image:	the image
 * @to:		buffer to write to
 *
 * Return: number of bytes written
 */
size_t vote_image_put(const struct vote_image *image, uint8_t to[STORE_IMAGE])
{
	const struct vote_map *map = &image->map, *next = &image->next;
	const struct hasw_voter_disk *disk = &image->disk;
	unsigned int i, n = 0, names = map->n > next->n ? map->n : next->n;
	uint8_t *at = to + VOTE_IMAGE_HEAD;

	memset(to, 0, VOTE_IMAGE_HEAD);
	for (i = 0; i < HASW_VOTE_LEASES && disk->longs[i].epoch; i++, n++)
		put_record(&disk->longs[i], !!hasw_voter_met(disk, disk->longs[i].lease), at + n * VOTE_IMAGE_RECORD);
	for (i = 0; i < disk->met_count && n < HASW_VOTE_LEASES; i++) {
		const struct hasw_voter_long none = hasw_voter_long_of(disk, disk->met_lease[i]);

		if (!none.epoch)
			put_record(&none, true, at + n++ * VOTE_IMAGE_RECORD);
	}
	at += n * VOTE_IMAGE_RECORD;
	/* An id stands for the same node in both maps, so one list of names is enough. */
	for (i = 0; i < names; i++, at += WIRE_NAME)
		strncpy((char *)at, i < map->n && map->names[i][0] ? map->names[i] : next->names[i], WIRE_NAME);
	bytes_put(to + AT_NAMES, names, 1);
	bytes_put(to + AT_VERSION, disk->met_count ? VOTE_IMAGE_VERSION : VOTE_IMAGE_VERSION - 1, 1);
	bytes_put(to + AT_FLAGS, (disk->known ? FLAG_KNOWN : 0) |
				 (disk->settling ? FLAG_SETTLING : 0), 1);
	bytes_put(to + AT_RECORDS, n, 4);
	bytes_put(to + AT_MAP, disk->map, 8);
	bytes_put(to + AT_CEILING, disk->ceiling, 8);
	bytes_put(to + AT_GENERATION, disk->generation, 4);
	bytes_put(to + AT_VOTERS, disk->voters, 4);
	bytes_put(to + AT_COMMITTED, disk->committed, 4);
	put_conf(&disk->conf, to + AT_CONF);
	bytes_put(to + AT_SET_MAP, image->set.map, 8);
	bytes_put(to + AT_SET_EPOCH, image->set.epoch, 8);
	put_conf(&image->set.conf, to + AT_SET_CONF);
	bytes_put(to + AT_SET_GENERATION, image->set.generation, 4);
	bytes_put(to + AT_SET_VOTERS, image->set.voters, 4);
	bytes_put(to + AT_NODES, vote_map_nodes(map), 4);
	bytes_put(to + AT_WITNESSES, map->witnesses, 4);
	bytes_put(to + AT_NEXT_NODES, vote_map_nodes(next), 4);
	bytes_put(to + AT_NEXT_WITNESSES, next->witnesses, 4);
	bytes_put(to + AT_BALLOT, disk->ballot, 8);
	bytes_put(to + AT_ACKED, disk->acked, 8);
	bytes_put(to + AT_BEFORE, disk->before, 4);
	bytes_put(to + AT_MET, disk->met, 4);
	return (size_t)(at - to);
}

/* Reads the names of the ids in the bitmap @nodes into a map. Return: whether all these names are valid. */
static bool get_map(struct vote_map *map, const uint8_t *names, unsigned int n, uint32_t nodes)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		const char *name = (const char *)names + i * WIRE_NAME;

		if (!(nodes >> i & 1))
			continue;
		map->n = i + 1;
		/* Maps are compared as a whole, so what follows a name is zero, whatever the file has there. */
		memcpy(map->names[i], name, strnlen(name, WIRE_NAME));
		if (map->names[i][WIRE_NAME - 1] || !wire_name_valid(map->names[i]))
			return false;
	}
	return true;
}

/*
 * Reads the committed set and the acked set from an image of version 3 or later. Return: whether the maps of both
 * sets are valid, and have the hashes that the image contains.
 */
static bool get_set(const uint8_t *from, const uint8_t *names, unsigned int n, struct vote_image *image)
{
	uint64_t hash = image->map.hash;

	image->set.map = bytes_get(from + AT_SET_MAP, 8);
	image->set.epoch = bytes_get(from + AT_SET_EPOCH, 8);
	image->set.conf = get_conf(from + AT_SET_CONF);
	image->set.generation = (uint32_t)bytes_get(from + AT_SET_GENERATION, 4);
	image->set.voters = (uint32_t)bytes_get(from + AT_SET_VOTERS, 4);
	image->map.voters = image->set.voters;
	image->map.witnesses = (uint32_t)bytes_get(from + AT_WITNESSES, 4);
	image->next.voters = image->disk.voters;
	image->next.witnesses = (uint32_t)bytes_get(from + AT_NEXT_WITNESSES, 4);
	image->disk.ballot = bytes_get(from + AT_BALLOT, 8);
	image->disk.acked = bytes_get(from + AT_ACKED, 8);
	image->disk.before = (uint32_t)bytes_get(from + AT_BEFORE, 4);
	image->disk.met = (uint32_t)bytes_get(from + AT_MET, 4);
	if (!image->set.generation ||
	    !get_map(&image->map, names, n, (uint32_t)bytes_get(from + AT_NODES, 4)) ||
	    !get_map(&image->next, names, n, (uint32_t)bytes_get(from + AT_NEXT_NODES, 4)))
		return false;
	vote_map_seal(&image->map);
	vote_map_seal(&image->next);
	return image->map.hash == image->set.map && image->next.hash == hash;
}

/**
 * vote_image_get - convert bytes to an image
 * @from:	buffer to read from
 * @size:	size of the buffer in bytes
 * @image:	filled with the image
 *
 * Return: 0; -EPROTO if a later release wrote the image, -EINVAL if it is not valid
 */
int vote_image_get(const uint8_t *from, size_t size, struct vote_image *image)
{
	struct hasw_voter_disk *disk = &image->disk;
	const uint8_t *at;
	uint64_t n;
	size_t head;
	unsigned int names;

	memset(image, 0, sizeof(*image));
	if (size < VOTE_IMAGE_HEAD_2)
		return -EINVAL;
	if (!from[AT_VERSION] || from[AT_VERSION] > VOTE_IMAGE_VERSION)
		return -EPROTO;
	head = from[AT_VERSION] < 3 ? VOTE_IMAGE_HEAD_2 : VOTE_IMAGE_HEAD;
	n = bytes_get(from + AT_RECORDS, 4);
	names = from[AT_NAMES];
	if (n > HASW_VOTE_LEASES || names > HASW_VOTE_NODES ||
	    size != head + n * VOTE_IMAGE_RECORD + names * WIRE_NAME)
		return -EINVAL;
	disk->known = !!(from[AT_FLAGS] & FLAG_KNOWN);
	disk->settling = !!(from[AT_FLAGS] & FLAG_SETTLING);
	disk->map = bytes_get(from + AT_MAP, 8);
	disk->ceiling = bytes_get(from + AT_CEILING, 8);
	disk->generation = (uint32_t)bytes_get(from + AT_GENERATION, 4);
	disk->voters = (uint32_t)bytes_get(from + AT_VOTERS, 4);
	disk->committed = (uint32_t)bytes_get(from + AT_COMMITTED, 4);
	disk->conf = get_conf(from + AT_CONF);
	if (!get_records(from + head, n, from[AT_VERSION], disk))
		return -EINVAL;
	at = from + head + n * VOTE_IMAGE_RECORD;
	image->map.hash = disk->map;
	if (from[AT_VERSION] > 2)
		return get_set(from, at, names, image) ? 0 : -EINVAL;
	image->map.voters = disk->voters;
	return get_map(&image->map, at, names, names < 32 ? (UINT32_C(1) << names) - 1 : UINT32_MAX) ? 0 : -EINVAL;
}
