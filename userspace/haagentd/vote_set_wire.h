/* SPDX-License-Identifier: GPL-2.0 */
/* A voter set on the wire: what a node has, and what it asks others to ack. */
#ifndef HAAGENTD_VOTE_SET_WIRE_H
#define HAAGENTD_VOTE_SET_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include <rules/vote_set.h>

#include "vote_map.h"

/*
 *	kind      1	enum vote_set_kind
 *	nodes     1	how many follow
 *	flags     1	the sender knows something
 *	zero      1
 *	generation 4
 *	voters    4	ids
 *	witnesses 4	ids
 *	times     8	what both must have alike, see vote_map_times()
 *	map       8	which nodes have which ids, and which of them vote
 *	wanted    8	the same of a new cluster of the nodes that the sender is to have
 *	epoch     8
 *	conf      24	epoch, generation, blob
 *	ballot    8	of VOTE_SET_ASK: which attempt it is
 *
 * and each node: id 1, length of the name 1, the name. A later release may put more behind the nodes.
 */
#define VOTE_SET_WIRE_HEAD	80
#define VOTE_SET_WIRE_MOST	(VOTE_SET_WIRE_HEAD + HASW_VOTE_NODES * (2 + WIRE_NAME - 1))

/**
 * enum vote_set_kind - why it is said
 * @VOTE_SET_HAS: the sender has this committed set
 * @VOTE_SET_ASK: the sender changes the set to this one, and asks for an ack
 * @VOTE_SET_ACKED: the sender has acked this one, and can ack no other of its
 *	generation
 */
enum vote_set_kind {
	VOTE_SET_HAS = 1,
	VOTE_SET_ASK = 2,
	VOTE_SET_ACKED = 3,
};

/**
 * struct vote_set_word - what is said about a set
 * @kind:	enum vote_set_kind
 * @knows:	the sender's voter has promised something, or may have
 * @times:	of the sender
 * @wanted:	the sender is to have these nodes
 * @ballot:	which attempt to change the set it is
 * @set:	the set
 * @map:	its nodes; without @self
 */
struct vote_set_word {
	uint8_t kind;
	bool knows;
	uint64_t times;
	uint64_t wanted;
	uint64_t ballot;
	struct hasw_vote_set set;
	struct vote_map map;
};

size_t vote_set_put(const struct vote_set_word *word, uint8_t *to, size_t room);
bool vote_set_get(const uint8_t *from, size_t size, struct vote_set_word *word);

#endif
