/* SPDX-License-Identifier: GPL-2.0 */
/* The vote on a lease: its epochs, its messages and its times, which voter and
 * proposer share.
 */
#ifndef HASW_RULES_VOTE_H
#define HASW_RULES_VOTE_H

/* All functions here are pure: they use no clock, no allocation and no I/O. The
 * caller passes its CLOCK_BOOTTIME in ns, and carries messages and disk images.
 * "Rule N" is a rule of the vote in the design.
 */
#include <linux/types.h>

/* The model of the rules redefines both, to break a rule
 * and to count its use.
 */
#ifndef HASW_RULES_WRONG
#define HASW_RULES_WRONG(...) 0
#define HASW_RULES_SEEN(...) ((void)0)
#endif

/* Node ids are below this number; at most 7 nodes vote. The model has fewer
 * ids, which makes it faster.
 */
#ifndef HASW_VOTE_NODES
#define HASW_VOTE_NODES 32
#endif
#define HASW_VOTE_ROUNDS 4	/* rounds of a proposer still open for acks */
#define HASW_VOTE_OUT 16

/* A cluster votes on at most this many leases, which is the limit of the
 * module. The model has fewer leases, which makes it faster.
 */
#ifndef HASW_VOTE_LEASES
#define HASW_VOTE_LEASES 256
#endif

enum hasw_vote_type {
	HASW_VOTE_READ,
	HASW_VOTE_GRANT,
	HASW_VOTE_RELEASE,
	HASW_VOTE_CONF_READ,
	HASW_VOTE_CONF_WRITE,
	HASW_VOTE_SET,
	HASW_VOTE_RECOVER,	/* question of a voter that lost its state */
	HASW_VOTE_COMMITTED,	/* a committed voter set and its proof (rule 23) */
	HASW_VOTE_TYPES,
};

/**
 * enum hasw_vote_answer - a voter's reply
 * @HASW_VOTE_ASK: the message is a question, not a reply
 * @HASW_VOTE_ACK: accepted; to a READ: the voter has no record of another node
 * @HASW_VOTE_HELD: refused: the record of another node is not expired
 * @HASW_VOTE_LOW: refused: the epoch is too low, which is the only obstacle
 * @HASW_VOTE_MUTED: refused: the voter restarted, and waits until all grants
 *	that it may have acked before are expired
 * @HASW_VOTE_EMPTY: the voter has lost its state (rule 22); @remaining is how
 *	long it still waits
 * @HASW_VOTE_BEGUN: the voter had no state until a moment ago, when all other
 *	voters had waited and had no state either (rule 22)
 */
enum hasw_vote_answer {
	HASW_VOTE_ASK,
	HASW_VOTE_ACK,
	HASW_VOTE_HELD,
	HASW_VOTE_LOW,
	HASW_VOTE_MUTED,
	HASW_VOTE_EMPTY,
	HASW_VOTE_BEGUN,
};

/**
 * struct hasw_vote_conf - a configuration as a voter stores it (rule 19)
 * @epoch: epoch of the @config lease when it was written; 0: none written yet
 * @generation: number of the configuration, counted up with each new one
 * @blob: number that identifies the content
 */
struct hasw_vote_conf {
	__u64 epoch;
	__u64 generation;
	__u64 blob;
};

/**
 * struct hasw_vote_msg - a question to a voter, or the reply that echoes it
 * @type: enum hasw_vote_type
 * @answer: enum hasw_vote_answer
 * @from: id of the sender; taken from the session, never from the message
 * @holder: id of the node that asks; taken from the session as well
 * @cut: this GRANT ends the long rights that were given under lower epochs
 *	(rule 16)
 * @life: random number of the run of the agent that asks
 * @lease: number of the lease
 * @generation: generation of the voter set
 * @sequence: number of the question within @life
 * @epoch: epoch to grant, to release, or to write under; in a set: a voter that
 *	takes the set over acks no lower epoch
 * @length: length of the right, ns
 * @voters: in HASW_VOTE_SET and HASW_VOTE_COMMITTED: bitmap of the set's voters
 * @map: of the set in @voters: hash of its node names, ids and votes
 * @ballot: in HASW_VOTE_SET and in a coordinator's question: number of the
 *	attempt to change the set; in the reply: the highest ballot that the
 *	voter promised
 * @acked: in a reply to HASW_VOTE_RECOVER: ballot of the set, @voters and @map,
 *	that the voter has acked; 0: none
 * @epoch_max: in a reply: the voter's highest epoch
 * @remaining: in a reply: ns until the record of another node expires, or until
 *	the voter acks again
 * @conf: in CONF_WRITE and in a set: the configuration; in a reply: the voter's
 */
struct hasw_vote_msg {
	__u8 type;
	__u8 answer;
	__u8 from;
	__u8 holder;
	__u8 cut;
	__u16 life;
	__u32 lease;
	__u32 generation;
	__u32 voters;
	__u64 map;
	__u64 ballot;
	__u64 acked;
	__u64 sequence;
	__u64 epoch;
	__u64 length;
	__u64 epoch_max;
	__u64 remaining;
	struct hasw_vote_conf conf;
};

/**
 * struct hasw_vote_out - actions that a proposer requests, in this order
 * @stop: the module must stop answering; hasw_proposer_stopped() follows
 * @set: the module must hold the lease under @epoch until @deadline
 * @epoch: epoch of the grant for @set
 * @deadline: end of the grant for @set, ns
 * @count: number of messages in @msg
 * @to: bitmap of the receivers of each message, which may include this node
 * @msg: messages to send after @stop and @set
 */
struct hasw_vote_out {
	__u8 stop;
	__u8 set;
	__u64 epoch;
	__u64 deadline;
	unsigned int count;
	__u32 to[HASW_VOTE_OUT];
	struct hasw_vote_msg msg[HASW_VOTE_OUT];
};

/**
 * struct hasw_vote_times - the agreed times, ns, equal on every node
 * @length: length of the shortest right, which a punctual machine asks for
 * @slowest: length of the longest usual right; a longer right is a long right
 * @longest: length of the longest long right
 * @margin: a packet that was judged leaves the machine within this time
 * @renew: time between two renewals
 * @retry: an acquisition is first given up after this time
 * @step: delay between two ranks of contenders
 * @ceiling: number of counters that a voter reserves on its disk at a time
 * @rho: largest relative error of a clock's rate, in millionths
 */
struct hasw_vote_times {
	__u64 length;
	__u64 slowest;
	__u64 longest;
	__u64 margin;
	__u64 renew;
	__u64 retry;
	__u64 step;
	__u64 ceiling;
	__u64 rho;
};

static inline unsigned int hasw_vote_count(__u32 bitmap)
{
	return (unsigned int)__builtin_popcount(bitmap);
}

/**
 * hasw_vote_majority() - whether voters are a majority of the set (rule 1)
 * @have: bitmap of distinct voters
 * @voters: bitmap of all voters of the set, alive or not
 */
static inline int hasw_vote_majority(__u32 have, __u32 voters)
{
	HASW_RULES_SEEN(1);
	return hasw_vote_count(have & voters) * 2 > hasw_vote_count(voters);
}

/* Returns an epoch, which is unique by its counter, life
 * and node id (rule 2).
 */
static inline __u64 hasw_vote_epoch(__u64 counter, __u16 life, __u8 id)
{
	HASW_RULES_SEEN(2);
	return counter << 24 | (__u64)life << 8 | id;
}

static inline __u64 hasw_vote_counter(__u64 epoch)
{
	return epoch >> 24;
}

/* Returns the random number of the agent's run that made an epoch. */
static inline __u16 hasw_vote_life(__u64 epoch)
{
	return (__u16)(epoch >> 8);
}

/* Whether counting can have produced an epoch. The limit leaves room for a
 * ceiling above the epoch, and for the replies of a voter that starts at this
 * ceiling.
 */
static inline int hasw_vote_sound(__u64 epoch)
{
	return !(epoch >> 62);
}

/* Like hasw_vote_sound(), for a voter's highest epoch, maybe its ceiling. */
static inline int hasw_vote_sound_max(__u64 epoch)
{
	return !(epoch >> 63);
}

/**
 * hasw_vote_wait() - W: how long a voter waits after a message (rule 5)
 * @t: agreed times of the vote
 * @length: length of the right, ns
 *
 * W allows for a slow clock of the holder and a fast clock of the voter. It is
 * rounded up.
 */
static inline __u64 hasw_vote_wait(const struct hasw_vote_times *t,
				   __u64 length)
{
	__u64 million = 1000000, wait;

	if (HASW_RULES_WRONG(RHO))
		return length + t->margin;
	wait = (length * million) / (million - t->rho) + 1 + t->margin;
	return wait * (million + t->rho) / million + 1;
}

#endif
