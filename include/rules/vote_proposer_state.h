/* SPDX-License-Identifier: GPL-2.0 */
/* The state of a proposer. */
#ifndef HASW_RULES_VOTE_PROPOSER_STATE_H
#define HASW_RULES_VOTE_PROPOSER_STATE_H

#include "vote.h"
#include "vote_round.h"

#define HASW_PROPOSER_USED 4

/* Added to the epoch counter to exceed all epochs that another agent may have
 * used without this agent's knowledge. The number is larger than the number of
 * counters that a voter reserves on its disk at a time.
 */
#define HASW_PROPOSER_JUMP (1U << 21)

/* Added instead if the other agent never replied to this one. It may have added
 * HASW_PROPOSER_JUMP several times since then. The node ids make all epochs
 * different, so that a lower epoch would only lose when both nodes meet.
 */
#define HASW_PROPOSER_LEAP (1U << 26)

/* Number of retry periods after a release in which a proposer asks often. */
#define HASW_PROPOSER_EAGER	5

/**
 * enum hasw_proposer_state - states of a proposer
 * @HASW_PROPOSER_IDLE: waits until @wake, or until the lease is wanted
 * @HASW_PROPOSER_READ: asks the voters which node has the lease (rule 7)
 * @HASW_PROPOSER_ACQUIRE: asks the voters for the lease
 * @HASW_PROPOSER_OWN: owns the lease: the module has the grant
 * @HASW_PROPOSER_STOP: waits until the module has stopped answering (rule 6)
 */
enum hasw_proposer_state {
	HASW_PROPOSER_IDLE,
	HASW_PROPOSER_READ,
	HASW_PROPOSER_ACQUIRE,
	HASW_PROPOSER_OWN,
	HASW_PROPOSER_STOP,
};

/**
 * struct hasw_proposer - one node's attempts to get and keep one lease
 * @t: agreed times of the vote
 * @id: id of this node
 * @want: this node wants the lease
 * @rank: place of this node among the contenders; 0 asks first (rule 13)
 * @state: what the proposer does now, enum hasw_proposer_state
 * @cutting: a long right is being cut; cleared when a majority has acked @next
 * @cut: GRANTs under this or a higher epoch cut the long right; 0: no cut
 * @life: random number of this run of the agent
 * @generation: generation of the voter set
 * @voters: bitmap of the voters
 * @sequence: last sequence that was used
 * @counter: largest epoch counter ever seen or used (rule 7)
 * @epoch: epoch under which the lease is acquired or owned
 * @next: higher epoch to which @epoch moves (rule 12), or 0
 * @used: earlier values of @next; a RELEASE is sent for each of them
 * @deadline: the module's deadline, ns
 * @usual: length of a usual right on this machine, ns
 * @length: length that the next round asks for, ns
 * @done: last sequence that a majority acked, or that a long right replaced
 * @wake: when hasw_proposer_tick() must be called, ns
 * @until: time at which READ or ACQUIRE is given up, ns
 * @again: when the next renewal is due, ns
 * @said: bitmap of voters that replied to the READ
 * @free: bitmap of voters in @said that acked the READ
 * @left: for each voter, how long the voter still refuses this node, ns,
 *	according to the voter's reply
 * @met: bitmap of voters whose highest epoch this agent has received in a reply
 * @asked: when the READ under way was first sent, ns
 * @patience: how long to wait for a majority, ns (rule 24)
 * @eager: time until which this node asks more often after a release, ns
 * @freed: epochs for which RELEASE is sent; the first 0 ends the list
 * @freed_acked: by index in @freed: bitmap of voters that acked the RELEASE
 * @freed_sequence: sequence of the RELEASE messages
 * @freed_again: when the RELEASE messages are repeated, ns; ~0: never
 * @freed_until: when the voters' records expire, ns; from then on RELEASE is
 *	not repeated
 * @lent: longest right that was asked for since the last ACQUIRE or cut, ns
 * @penance: time before which this node does not ask for the lease, ns; set
 *	after this node's module refused a grant, or while the lease is left to
 *	another node
 * @fencing: bitmap of nodes that a running fence command is to switch off; any
 *	message from a node clears the node's bit
 * @fenced: bitmap of nodes that a fence command has switched off; any message
 *	from a node clears the node's bit
 * @alone: subset of @fenced that counts only as long as this node holds the
 *	lease, see hasw_seat_fence_held()
 * @lone: bitmap of nodes that count without being in @met, because this node
 *	has not heard them for so long that each of their rights has ended, see
 *	hasw_seat_presume(); any message from a node clears the node's bit
 * @presumed: bitmap of nodes that count as @fenced by silence alone, see
 *	hasw_seat_presume()
 * @told: time until which the other one of two voters may have a right of which
 *	this node's voter has no record, ns: what its last reply said, or when
 *	this node stood still
 * @told_epoch: no such right has a higher epoch; ~0: not known
 * @told_sequence: sequence of the question that was answered so, or that is the
 *	first one whose answer counts
 * @told_from: id of the node that may have the right
 * @jump: the next epoch must exceed all epochs that @fenced nodes may have used
 * @round: rounds that may still be acked
 * @far: round for a long right, in addition to usual rounds; voters ack it only
 *	after a disk write, which may take longer than a usual right lasts
 */
struct hasw_proposer {
	const struct hasw_vote_times *t;
	__u8 id;
	__u8 want;
	__u8 rank;
	__u8 state;
	__u8 cutting;
	__u16 life;
	__u32 generation;
	__u32 voters;
	__u64 cut;
	__u64 sequence;
	__u64 counter;
	__u64 epoch;
	__u64 next;
	__u64 used[HASW_PROPOSER_USED];
	__u64 deadline;
	__u64 usual;
	__u64 length;
	__u64 done;
	__u64 wake;
	__u64 until;
	__u64 again;
	__u32 said;
	__u32 free;
	__u64 left[HASW_VOTE_NODES];
	__u32 met;
	__u64 asked;
	__u64 patience;
	__u64 eager;
	__u64 freed[HASW_PROPOSER_USED + 2];
	__u32 freed_acked[HASW_PROPOSER_USED + 2];
	__u64 freed_sequence;
	__u64 freed_again;
	__u64 freed_until;
	__u64 lent;
	__u64 penance;
	__u32 fencing;
	__u32 fenced;
	__u32 alone;
	__u32 lone;
	__u32 presumed;
	__u64 told;
	__u64 told_epoch;
	__u64 told_sequence;
	__u8 told_from;
	__u8 jump;
	struct hasw_proposer_round round[HASW_VOTE_ROUNDS];
	struct hasw_proposer_round far;
};

#endif
