/* SPDX-License-Identifier: GPL-2.0 */
/* The voter set of a running cluster: who has which, and the way from one to the next. */
#ifndef HAAGENTD_VOTE_SETS_H
#define HAAGENTD_VOTE_SETS_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "vote_map.h"
#include "vote_set_wire.h"

struct cluster_peer;
struct vote;
struct vote_image;
struct wire_record;

#define VOTE_SETS_WORDS	320

/**
 * struct vote_set_peer - what another node has said of its voter set
 * @name:	that node
 * @knows:	its voter has promised something, or may have
 * @votes:	it is a voter of that set
 * @voters:	how many that set has
 * @generation:	of the set
 * @map:	number of its nodes
 * @wanted:	number of the nodes that it is to have
 * @at:		when it was said
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
 * @wanted:	the map of a new cluster of the nodes that the configuration has
 * @last:	the map of the set before, which an image that could not be written has
 * @acked:	the map of the set that this voter has acked
 * @acked_before:	the same of another one, which an image that could not be written has
 * @asked:	the map of the set that this node asks others to ack
 * @found:	the map of a set that others have, or have acked
 * @times:	what nodes must have alike, whichever nodes there are
 * @before:	what peers had to agree on before the last change; 0: there was none
 * @since:	when this node went over to the set that it has
 * @say_at:	when it tells all others again
 * @look_at:	when it looks again whether the set is to be changed
 * @ready:	since when the next step can be taken, 0: it can not
 * @peer:	what the others have said
 * @n_peers:	how many have
 * @later:	a set to begin anew with, as soon as no image is being written; its
 *		kind is 0 without one
 * @out:	this node was taken out of the cluster
 * @told:	what @why was when it was logged
 * @why:	why the nodes of the configuration are not those of the set yet; empty
 *		when they are
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
	uint64_t say_at;
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
void vote_sets_tell(struct vote *v, unsigned int id);
void vote_sets_ask(struct vote *v, unsigned int id,
		   const struct hasw_vote_msg *m);
void vote_sets_acked(struct vote *v, unsigned int id);
void vote_sets_follow(struct vote *v);
void vote_sets_tick(struct vote *v);
bool vote_sets_image(const struct vote *v, struct vote_image *image);
bool vote_sets_need(const struct vote *v, const char *name);
bool vote_sets_drop(struct vote *v);
void vote_sets_keep(struct vote *v);
bool vote_sets_foreign(const struct vote *v);
void vote_sets_want(struct vote *v, const struct vote_map *wanted);

#endif
