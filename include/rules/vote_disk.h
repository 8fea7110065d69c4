/* SPDX-License-Identifier: GPL-2.0 */
/* A node's disk image: what its voters must not forget in a power loss. A long
 * right outlasts a planned stop of the holder's agent; its record is part of
 * the image.
 */
#ifndef HASW_RULES_VOTE_DISK_H
#define HASW_RULES_VOTE_DISK_H

#include "vote.h"

/**
 * struct hasw_voter_long - a long record of a lease (rule 16)
 * @epoch: epoch of the grant; 0: there is no record
 * @length: length of the right, ns
 * @lease: number of the lease
 * @holder: id of the holder
 */
struct hasw_voter_long {
	__u64 epoch;
	__u64 length;
	__u32 lease;
	__u8 holder;
};

/**
 * struct hasw_voter_disk - a node's state that must survive a power loss
 * @ceiling: all acked epoch counters of all leases are below this one (rule 14)
 * @known: 0: the state was lost or never existed, so it is recovered (rule 17)
 * @settling: the wait after a change of the voter set is not over (rule 18)
 * @generation: generation of the voter set
 * @voters: bitmap of the voters
 * @map: hash of the set's node names, ids and votes
 * @committed: highest generation known to be committed, at most @generation
 * @before: bitmap of the previous set's voters, until @voters is committed
 * @ballot: this node acks no change of the set with a lower ballot (rule 18)
 * @acked: ballot under which @voters was acked; 0: @voters is committed
 * @met: bitmap of nodes that were fenced and not heard since (rule 20)
 * @conf: the configuration (rule 19)
 * @longs: long records, unsorted; unused entries, with epoch 0, follow them
 * @met_count: number of entries in @met_lease
 * @met_lease: numbers of the leases of which the nodes in @met had replied with
 *	their highest epochs, whose counters are below @ceiling; unsorted
 */
struct hasw_voter_disk {
	__u64 ceiling;
	__u8 known;
	__u8 settling;
	__u32 generation;
	__u32 voters;
	__u64 map;
	__u32 committed;
	__u32 before;
	__u64 ballot;
	__u64 acked;
	__u32 met;
	struct hasw_vote_conf conf;
	struct hasw_voter_long longs[HASW_VOTE_LEASES];
	__u32 met_count;
	__u32 met_lease[HASW_VOTE_LEASES];
};

/* Returns a lease's long record in an image; epoch 0: there is no record. */
static inline struct hasw_voter_long
hasw_voter_long_of(const struct hasw_voter_disk *disk, __u32 lease)
{
	for (int i = 0; i < HASW_VOTE_LEASES && disk->longs[i].epoch; i++)
		if (disk->longs[i].lease == lease)
			return disk->longs[i];
	return (struct hasw_voter_long) { .lease = lease };
}

/* Stores the long record of a lease in an image, or deletes it if @record has
 * epoch 0. Returns 0 if the image has no room for the record, otherwise 1.
 */
static inline int hasw_voter_long_put(struct hasw_voter_disk *want,
				      const struct hasw_voter_long *record)
{
	int n = 0, at = -1;

	for (; n < HASW_VOTE_LEASES && want->longs[n].epoch; n++)
		if (want->longs[n].lease == record->lease)
			at = n;
	if (at < 0 && record->epoch && n == HASW_VOTE_LEASES)
		return 0;
	if (record->epoch) {
		want->longs[at < 0 ? n : at] = *record;
	} else if (at >= 0) {
		want->longs[at] = want->longs[n - 1];
		want->longs[n - 1] = *record;
	}
	return 1;
}

/* Returns the nodes that were fenced and not heard since, if they had replied
 * about this lease; otherwise 0. Of another lease, such a node may have used
 * epochs that this node cannot estimate (rule 20).
 */
static inline __u32 hasw_voter_met(const struct hasw_voter_disk *disk,
				   __u32 lease)
{
	for (__u32 i = 0; i < disk->met_count; i++)
		if (disk->met_lease[i] == lease)
			return disk->met;
	return 0;
}

/* Has an image forget that these nodes were met. */
static inline void hasw_voter_unmeet(struct hasw_voter_disk *want, __u32 nodes)
{
	want->met &= ~nodes;
	if (!want->met)
		want->met_count = 0;
}

#endif
