// SPDX-License-Identifier: GPL-2.0
/* A voter's image as bytes and back, nothing else. */
#include <errno.h>
#include <string.h>

#include "bytes.h"
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

#define AT_EPOCH	0
#define AT_LENGTH	8
#define AT_LEASE	16
#define AT_HOLDER	20

/**
 * vote_image_put - write an image
 * @disk:	what is to be found again
 * @map:	the nodes, and the number of which have which ids and which vote
 * @to:		where to
 *
 * Return: how many bytes were written
 */
size_t vote_image_put(const struct hasw_voter_disk *disk,
		      const struct vote_map *map, uint8_t to[STORE_IMAGE])
{
	uint8_t *at = to + VOTE_IMAGE_HEAD;
	unsigned int i, n = 0;

	memset(to, 0, VOTE_IMAGE_HEAD);
	for (i = 0; i < HASW_VOTE_LEASES; i++) {
		const struct hasw_voter_long *l = &disk->longs[i];

		if (!l->epoch)
			continue;
		memset(at, 0, VOTE_IMAGE_RECORD);
		bytes_put(at + AT_EPOCH, l->epoch, 8);
		bytes_put(at + AT_LENGTH, l->length, 8);
		bytes_put(at + AT_LEASE, l->lease, 4);
		bytes_put(at + AT_HOLDER, l->holder, 1);
		at += VOTE_IMAGE_RECORD;
		n++;
	}
	for (i = 0; i < map->n; i++, at += WIRE_NAME)
		strncpy((char *)at, map->names[i], WIRE_NAME);
	bytes_put(to + AT_NAMES, map->n, 1);
	bytes_put(to + AT_VERSION, VOTE_IMAGE_VERSION, 1);
	bytes_put(to + AT_FLAGS, (disk->known ? FLAG_KNOWN : 0) |
				 (disk->settling ? FLAG_SETTLING : 0), 1);
	bytes_put(to + AT_RECORDS, n, 4);
	bytes_put(to + AT_MAP, map->hash, 8);
	bytes_put(to + AT_CEILING, disk->ceiling, 8);
	bytes_put(to + AT_GENERATION, disk->generation, 4);
	bytes_put(to + AT_VOTERS, disk->voters, 4);
	bytes_put(to + AT_COMMITTED, disk->committed, 4);
	bytes_put(to + AT_CONF, disk->conf.epoch, 8);
	bytes_put(to + AT_CONF + 8, disk->conf.generation, 8);
	bytes_put(to + AT_CONF + 16, disk->conf.blob, 8);
	return (size_t)(at - to);
}

/**
 * vote_image_get - read an image
 * @from:	where from
 * @size:	how long it is
 * @disk:	filled
 * @map:	its names, which an earlier release does not keep, and its number are filled
 *
 * Return: 0; -EPROTO if a later release wrote it, -EINVAL if it makes no sense
 */
int vote_image_get(const uint8_t *from, size_t size,
		   struct hasw_voter_disk *disk, struct vote_map *map)
{
	const uint8_t *at = from + VOTE_IMAGE_HEAD;
	uint64_t n, i;

	memset(disk, 0, sizeof(*disk));
	memset(map, 0, sizeof(*map));
	if (size < VOTE_IMAGE_HEAD)
		return -EINVAL;
	if (!from[AT_VERSION] || from[AT_VERSION] > VOTE_IMAGE_VERSION)
		return -EPROTO;
	n = bytes_get(from + AT_RECORDS, 4);
	map->n = from[AT_NAMES];
	if (n > HASW_VOTE_LEASES || map->n > HASW_VOTE_NODES ||
	    size != VOTE_IMAGE_HEAD + n * VOTE_IMAGE_RECORD + map->n * WIRE_NAME)
		return -EINVAL;
	disk->known = !!(from[AT_FLAGS] & FLAG_KNOWN);
	disk->settling = !!(from[AT_FLAGS] & FLAG_SETTLING);
	map->hash = bytes_get(from + AT_MAP, 8);
	disk->ceiling = bytes_get(from + AT_CEILING, 8);
	disk->generation = (uint32_t)bytes_get(from + AT_GENERATION, 4);
	disk->voters = (uint32_t)bytes_get(from + AT_VOTERS, 4);
	disk->committed = (uint32_t)bytes_get(from + AT_COMMITTED, 4);
	disk->conf.epoch = bytes_get(from + AT_CONF, 8);
	disk->conf.generation = bytes_get(from + AT_CONF + 8, 8);
	disk->conf.blob = bytes_get(from + AT_CONF + 16, 8);
	for (i = 0; i < n; i++, at += VOTE_IMAGE_RECORD) {
		struct hasw_voter_long *l = &disk->longs[i];

		l->epoch = bytes_get(at + AT_EPOCH, 8);
		l->length = bytes_get(at + AT_LENGTH, 8);
		l->lease = (uint32_t)bytes_get(at + AT_LEASE, 4);
		l->holder = at[AT_HOLDER];
		if (!l->epoch || l->holder >= HASW_VOTE_NODES)
			return -EINVAL;
	}
	for (i = 0; i < map->n; i++, at += WIRE_NAME) {
		memcpy(map->names[i], at, WIRE_NAME);
		if (map->names[i][WIRE_NAME - 1] || !wire_name_valid(map->names[i]))
			return -EINVAL;
	}
	return 0;
}
