/* SPDX-License-Identifier: GPL-2.0 */
/* The vote on a lease: its words, its messages and its times, which voter and proposer share. */
#ifndef HASW_RULES_VOTE_H
#define HASW_RULES_VOTE_H

/* Pure functions: no clock, no memory, no input or output of their own. The
 * caller says what time it is on its CLOCK_BOOTTIME (ns) and carries messages
 * and disk images. "Rule N" is a rule of the vote in the design.
 */
#include <linux/types.h>

/* The model of the rules replaces these: it breaks a rule, or counts it. */
#ifndef HASW_RULES_WRONG
#define HASW_RULES_WRONG(...) 0
#define HASW_RULES_SEEN(...) ((void)0)
#endif

/* Ids are below it; at most 7 nodes vote. The model has fewer, and is faster. */
#ifndef HASW_VOTE_NODES
#define HASW_VOTE_NODES 32
#endif
#define HASW_VOTE_ROUNDS 4	/* rounds of a proposer that may still be acked */
#define HASW_VOTE_OUT 16

/* Leases that one cluster votes on at most: as many as a module has. The model
 * has fewer, and is faster.
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
	HASW_VOTE_RECOVER,	/* a READ of a voter that lost its state */
	HASW_VOTE_COMMITTED,	/* a committed voter set and its proof (rule 23) */
	HASW_VOTE_TYPES,
};

/**
 * enum hasw_vote_answer - what a voter says
 * @HASW_VOTE_ASK: it is no answer
 * @HASW_VOTE_ACK: accepted; of a READ: there is no other's record
 * @HASW_VOTE_HELD: another's record is not expired
 * @HASW_VOTE_LOW: the epoch is too low, nothing else is in the way
 * @HASW_VOTE_MUTED: restarted, waits for what it may have granted
 * @HASW_VOTE_EMPTY: knows nothing (rule 22); @remaining: for so long it waits yet
 * @HASW_VOTE_BEGUN: knew nothing until a moment ago, when all others had waited
 *	and knew nothing either (rule 22)
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
 * struct hasw_vote_conf - a configuration as a voter keeps it (rule 19)
 * @epoch: of the @config holder who wrote it; 0: none yet
 * @generation: counts the configurations
 * @blob: names the content
 */
struct hasw_vote_conf {
	__u64 epoch;
	__u64 generation;
	__u64 blob;
};

/**
 * struct hasw_vote_msg - a message and its reply, which echoes it
 * @type: enum hasw_vote_type
 * @answer: enum hasw_vote_answer
 * @from: node that sends; never read from a message, but known by its way
 * @holder: for whom: the node that asks, known in the same way
 * @cut: this GRANT ends the long rights that were given under lower epochs
 *	(rule 16)
 * @life: of the asking agent
 * @lease: number of the lease
 * @generation: of the voter set
 * @sequence: of the asking agent's life
 * @epoch: granted, released, written under; of a set: no lower one may be
 *	granted by who has not heard of it before
 * @length: of the right, ns
 * @voters: bitmap, of a HASW_VOTE_SET or HASW_VOTE_COMMITTED
 * @map: of the same: names which node has which id
 * @ballot: of a HASW_VOTE_SET and a coordinator's question: which attempt to
 *	change the set it is; reply: the highest that the voter has promised
 * @acked: reply to HASW_VOTE_RECOVER: the attempt whose set, @voters and @map,
 *	the voter has acked; 0: none
 * @epoch_max: reply: the voter's
 * @remaining: reply: until another's record or the voter's silence ends, ns
 * @conf: of a CONF_WRITE or a set; reply: the voter's
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
 * struct hasw_vote_out - what a proposer wants done, in this order
 * @stop: the module is to stop answering; hasw_proposer_stopped() follows
 * @set: the module is to hold the lease under @epoch until @deadline
 * @epoch: for @set
 * @deadline: for @set
 * @count: how many of @msg
 * @to: bitmap of receivers of each of @msg, oneself included
 * @msg: to be sent after @stop and @set
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
 * struct hasw_vote_times - the agreed times, ns, the same on every node
 * @length: the shortest L, which a punctual machine asks for
 * @slowest: the largest L of a right that is not long
 * @longest: of a long one
 * @margin: a decided frame leaves within it
 * @renew: between two renewals
 * @retry: an acquisition is given up after it
 * @step: between two ranks of contenders
 * @ceiling: of counters, by which a voter goes ahead on its disk
 * @rho: by how much a clock may be wrong, in millionths
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
 * hasw_vote_majority() - whether these are most of the configured (rule 1)
 * @have: bitmap of distinct voters
 * @voters: bitmap of the configured, alive or not
 */
static inline int hasw_vote_majority(__u32 have, __u32 voters)
{
	HASW_RULES_SEEN(1);
	return hasw_vote_count(have & voters) * 2 > hasw_vote_count(voters);
}

/* Rule 2. */
static inline __u64 hasw_vote_epoch(__u64 counter, __u16 life, __u8 id)
{
	HASW_RULES_SEEN(2);
	return counter << 24 | (__u64)life << 8 | id;
}

static inline __u64 hasw_vote_counter(__u64 epoch)
{
	return epoch >> 24;
}

/* The agent's life that made an epoch. */
static inline __u16 hasw_vote_life(__u64 epoch)
{
	return (__u16)(epoch >> 8);
}

/* Whether an epoch can have come about by counting: there is room for a ceiling
 * above it, and for what a voter answers who starts from there.
 */
static inline int hasw_vote_sound(__u64 epoch)
{
	return !(epoch >> 62);
}

/* The same of the highest that a voter knows, which may be its ceiling. */
static inline int hasw_vote_sound_max(__u64 epoch)
{
	return !(epoch >> 63);
}

/**
 * hasw_vote_wait() - W: what a voter waits from its receipt (rule 5)
 * @t: the times
 * @length: of the right
 *
 * The holder's clock may be slow and the voter's fast. Rounded up.
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
