/* SPDX-License-Identifier: GPL-2.0 */
/* The voter sets of a running cluster: the set of each node, and the change from one set to the next. */
#ifndef HAAGENTD_VOTE_SETS_H
#define HAAGENTD_VOTE_SETS_H

#include <stdbool.h>
#include <stdint.h>

#include "haagentd/conf/conf.h"
#include "vote_map.h"
#include "vote_set_wire.h"

struct cluster_peer;
struct vote;
struct vote_image;
struct wire_record;

#define VOTE_SETS_WORDS	320

/**
 * struct vote_set_peer - what another node has sent about its voter set
 * @name:	name of that node
 * @knows:	the voter of that node has a state, so it can have made promises
 * @votes:	that node is a voter of its set
 * @voters:	number of voters in the set
 * @generation:	generation of the set
 * @map:	hash of the set's nodes
 * @wanted:	hash of the map that a new cluster of the nodes in that node's configuration would have
 * @at:		when the message was received, ns
 */
struct vote_set_peer {
	char name[WIRE_NAME];
	bool knows;
	bool votes;
	unsigned int voters;
	uint32_t generation;
	uint64_t map;
	uint64_t wanted;
	uint64_t at;
};

/**
 * struct vote_sets - the voter set at run time
 * @wanted:	map that a new cluster of the configured nodes would have
 * @last:	map of the previous set; an image that is not written yet can refer to it
 * @acked:	map of the set that this voter has acked
 * @acked_before: map of the set that this voter acked before @acked; an image that is not written yet can refer to it
 * @asked:	map of the set that this node asks other nodes to ack
 * @found:	map of a set that another node has, has acked, or asks this node to ack
 * @times:	hash of the agreed times; it must be equal on all nodes of all sets
 * @before:	value of @agree in struct vote before the last change of the set; 0: there was no change
 * @since:	when this node adopted its set, ns
 * @send_at:	when this node sends its set to all other nodes again, ns
 * @look_at:	when this node checks again whether the set must change, ns
 * @ready:	when the next step of a change became possible, ns; 0: no step is possible now
 * @peer:	the last message of each other node
 * @n_peers:	number of nodes in @peer
 * @later:	set in which this node restarts its voter as soon as no image is being written; kind 0: there is no
 *		such set
 * @out:	this node was taken out of the cluster
 * @told:	the text of @why that was logged last
 * @why:	why the nodes of the set differ from those of the configuration; empty when they are equal
 */
struct vote_sets {
	struct vote_map wanted;
	struct vote_map last;
	struct vote_map acked;
	struct vote_map acked_before;
	struct vote_map asked;
	struct vote_map found;
	uint64_t times;
	uint64_t before;
	uint64_t since;
	uint64_t send_at;
	uint64_t look_at;
	uint64_t ready;
	struct vote_set_peer peer[CONF_NODES];
	unsigned int n_peers;
	struct vote_set_word later;
	bool out;
	char told[VOTE_SETS_WORDS];
	char why[VOTE_SETS_WORDS];
};

void vote_sets_said(struct vote *v, struct cluster_peer *peer,
		    const struct wire_record *record);
void vote_sets_send(struct vote *v, unsigned int id);
void vote_sets_ask(struct vote *v, unsigned int id,
		   const struct hasw_vote_msg *m);
void vote_sets_acked(struct vote *v, unsigned int id);
void vote_sets_follow(struct vote *v);
void vote_sets_tick(struct vote *v);
bool vote_sets_image(const struct vote *v, struct vote_image *image);
bool vote_sets_need(const struct vote *v, const char *name);
bool vote_sets_drop(struct vote *v, uint64_t now);
void vote_sets_keep(struct vote *v);
bool vote_sets_foreign(const struct vote *v);
void vote_sets_want(struct vote *v, const struct vote_map *wanted);

#endif
