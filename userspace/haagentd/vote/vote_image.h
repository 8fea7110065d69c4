/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A voter's image: the bytes of the voter's file, from which a restarted agent restores its state. A long record in
 * the image describes a grant that the voter has acked, and that outlasts a planned stop of the holder's agent.
 */
#ifndef HAAGENTD_VOTE_IMAGE_H
#define HAAGENTD_VOTE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include <rules/vote_set.h>

#include "store.h"
#include "vote_map.h"

/*
 * The fields of the head, and their sizes in bytes:
 *
 *	version   1	VOTE_IMAGE_VERSION
 *	flags     1	known, settling
 *	names     1	number of node names after the records; none before version 2
 *	zero      1
 *	records   4	number of records of leases after the head
 *	map       8	hash of the names, ids and votes of the set that the voter has acked
 *	ceiling   8	all epoch counters that the voter has acked are below this value
 *	generation 4	of the acked set
 *	voters    4	bitmap of the ids of the acked set's voters
 *	committed 4	highest generation that the voter knows to be committed
 *	zero      4
 *	conf      24	epoch, generation, blob
 *
 * and from version 3 on the committed voter set:
 *
 *	set       8	hash of the names, ids and votes of the committed set
 *	epoch     8
 *	conf      24	epoch, generation, blob
 *	generation 4
 *	voters    4
 *	nodes     4	bitmap of the ids of the set's nodes
 *	witnesses 4	bitmap of the ids of the set's witnesses
 *	nodes     4	bitmap of the ids of the nodes of the set that the voter has acked
 *	witnesses 4	bitmap of the ids of the witnesses of that set; both bitmaps equal the
 *			two above if that set is committed
 *	ballot    8	the voter acks no attempt to change the set with a lower ballot
 *	acked     8	ballot of the set that the voter has acked; 0 if that set is committed
 *	before    4	bitmap of the voters of the set before the acked one
 *	met       4	bitmap of fenced nodes that were not heard since; earlier releases
 *			write zero
 *
 * Each record of a lease is: epoch 8, length 8 (ns), lease 4, holder 1, met 1, zero 2. It describes a long right, or has
 * epoch 0 if there is none. From version 4 on, met is 1 if the nodes in the head's met had replied about this lease. An
 * image in which no record has met is written as version 3, which earlier releases read. The names are ordered by node
 * id; each has WIRE_NAME bytes, padded with zeros.
 */
#define VOTE_IMAGE_VERSION	4
#define VOTE_IMAGE_HEAD_2	64	/* size of the head before version 3 */
#define VOTE_IMAGE_HEAD		152
#define VOTE_IMAGE_RECORD	24

_Static_assert(VOTE_IMAGE_HEAD + VOTE_IMAGE_RECORD * HASW_VOTE_LEASES + WIRE_NAME * HASW_VOTE_NODES <= STORE_IMAGE,
	       "an image fits a slot of the store");

/**
 * struct vote_image - the contents of the voter's file
 * @disk:	the voter's state in the voting rules (include/rules/)
 * @set:	the committed voter set; its generation is 0 if the image is older than
 *		version 3
 * @map:	the nodes of @set; the names are missing if the image is older than version
 *		2
 * @next:	the nodes of the set that the voter has acked; equal to @map if that set is
 *		committed
 */
struct vote_image {
	struct hasw_voter_disk disk;
	struct hasw_vote_set set;
	struct vote_map map;
	struct vote_map next;
};

size_t vote_image_put(const struct vote_image *image, uint8_t to[STORE_IMAGE]);
int vote_image_get(const uint8_t *from, size_t size, struct vote_image *image);

#endif
