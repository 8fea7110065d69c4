/* SPDX-License-Identifier: GPL-2.0 */
/* A voter set on the wire: the set that a node has, or asks other nodes to ack. */
#ifndef HAAGENTD_VOTE_SET_WIRE_H
#define HAAGENTD_VOTE_SET_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include <rules/vote_set.h>

#include "vote_map.h"

/*
 * The fields of the head, and their sizes in bytes:
 *
 *	kind      1	enum vote_set_kind
 *	nodes     1	number of nodes after the head
 *	flags     1	bit 0: the sender's voter has a state
 *	zero      1
 *	generation 4
 *	voters    4	bitmap of the voters' ids
 *	witnesses 4	bitmap of the witnesses' ids
 *	times     8	hash of the agreed times, equal on all nodes, see vote_map_times()
 *	map       8	hash of the set's node names, ids and votes
 *	wanted    8	hash of the names, ids and votes that a new cluster of the nodes in the
 *			sender's configuration would have
 *	epoch     8
 *	conf      24	epoch, generation, blob
 *	ballot    8	only with VOTE_SET_ASK: number of the attempt to change the set
 *
 * Each node has an id (1 byte), the length of its name (1 byte), and the name. A later release can add fields behind
 * the nodes.
 */
#define VOTE_SET_WIRE_HEAD	80
#define VOTE_SET_WIRE_MOST	(VOTE_SET_WIRE_HEAD + HASW_VOTE_NODES * (2 + WIRE_NAME - 1))

/**
 * enum vote_set_kind - reason why a set is sent
 * @VOTE_SET_HAS: the sender has this committed set
 * @VOTE_SET_ASK: the sender changes the voter set to this set, and asks the receiver to
 *	ack it
 * @VOTE_SET_ACKED: the sender has acked this set, so a node that coordinates another
 *	change might have to complete the change to this set first
 */
enum vote_set_kind {
	VOTE_SET_HAS = 1,
	VOTE_SET_ASK = 2,
	VOTE_SET_ACKED = 3,
};

/**
 * struct vote_set_word - a message about a voter set
 * @kind:	why the set is sent, enum vote_set_kind
 * @knows:	the sender's voter has a state, so it can have made promises
 * @times:	hash of the sender's agreed times
 * @wanted:	hash of the map that a new cluster of the nodes in the sender's
 *		configuration would have
 * @ballot:	with VOTE_SET_ASK: number of the attempt to change the set
 * @set:	the set that the message is about
 * @map:	the nodes of the set; the map's @self is not set
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
