/* SPDX-License-Identifier: GPL-2.0 */
/* A voter's image: what it must find again, as the bytes that its file holds. */
#ifndef HAAGENTD_VOTE_IMAGE_H
#define HAAGENTD_VOTE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include <rules/vote_voter.h>

#include "store.h"
#include "vote_map.h"

/*
 *	version   1	VOTE_IMAGE_VERSION
 *	flags     1	known, settling
 *	names     1	how many names of nodes follow the records; none before version 2
 *	zero      1
 *	records   4	how many long records follow the head
 *	map       8	which nodes have which ids, and which of them vote
 *	ceiling   8
 *	generation 4
 *	voters    4
 *	committed 4
 *	zero      4
 *	conf      24	epoch, generation, blob
 *
 * and each long record: epoch 8, length 8, lease 4, holder 1, zero 3; and each name: WIRE_NAME bytes, zeros behind it.
 */
#define VOTE_IMAGE_VERSION	2
#define VOTE_IMAGE_HEAD		64
#define VOTE_IMAGE_RECORD	24

_Static_assert(VOTE_IMAGE_HEAD + VOTE_IMAGE_RECORD * HASW_VOTE_LEASES + WIRE_NAME * HASW_VOTE_NODES <= STORE_IMAGE,
	       "an image fits a slot of the store");

size_t vote_image_put(const struct hasw_voter_disk *disk,
		      const struct vote_map *map, uint8_t to[STORE_IMAGE]);
int vote_image_get(const uint8_t *from, size_t size,
		   struct hasw_voter_disk *disk, struct vote_map *map);

#endif
