/* SPDX-License-Identifier: GPL-2.0 */
/* Definitions that voters and proposers share: the epochs, messages and times
 * of the vote on a lease.
 */
#ifndef HASW_RULES_VOTE_H
#define HASW_RULES_VOTE_H

/* A lease is the right to answer for a set of virtual addresses. A proposer
 * asks the voters for a grant: a right to hold the lease for a limited time. If
 * a majority of the voters acks, the right is granted. Each voter that acked
 * keeps a record of the grant, and refuses other nodes until the record
 * expires. A long right outlasts a planned stop of the agent; a cut shortens a
 * long right to a usual one. Voters write the record of a long right to their
 * disks. All functions of the vote_*.h files are pure: they use no clock, no
 * allocation and no I/O. The caller passes the current CLOCK_BOOTTIME in ns,
 * sends the messages, and writes the disk images. A comment like "rule 5"
 * refers to a rule in doc/vote-rules.md.
 */
#include <linux/types.h>

/* The model in selftests/model/ defines both macros itself. In the model,
 * HASW_RULES_WRONG() breaks a rule on purpose, and HASW_RULES_SEEN() counts how
 * often a rule is used.
 */
#ifndef HASW_RULES_WRONG
#define HASW_RULES_WRONG(...) 0
#define HASW_RULES_SEEN(...) ((void)0)
#endif

/* All node ids are below this number; at most 7 nodes vote. The model defines
 * fewer ids, which makes it faster.
 */
#ifndef HASW_VOTE_NODES
#define HASW_VOTE_NODES 32
#endif
/* Number of the latest GRANT rounds whose acks a proposer accepts. The proposer
 * ignores acks of older rounds.
 */
#define HASW_VOTE_ROUNDS 4
/* Maximum number of messages in struct hasw_vote_out. */
#define HASW_VOTE_OUT 16

/* A cluster votes on at most this many leases, which is also the module's
 * limit. The model defines fewer leases, which makes it faster.
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
	HASW_VOTE_RESIGNED,	/* another node's module gave up (rule 21) */
	HASW_VOTE_TYPES,
};

/**
 * enum hasw_vote_answer - a voter's reply
 * @HASW_VOTE_ASK: the message is a question, not a reply
 * @HASW_VOTE_ACK: accepted; as a reply to a READ: the voter has no unexpired
 *	record for a node other than the one that asks
 * @HASW_VOTE_HELD: refused: the voter has an unexpired record for a node other
 *	than the one that asks; as a reply to a CONF_WRITE: the voter has a
 *	newer configuration
 * @HASW_VOTE_LOW: refused only because the epoch, or the ballot of a change of
 *	the voter set, is too low
 * @HASW_VOTE_MUTED: refused: the voter has restarted, and waits until all
 *	grants that it may have acked before the restart have expired
 * @HASW_VOTE_EMPTY: the voter has no state (rule 22), and still waits for the
 *	time in hasw_vote_msg.remaining
 * @HASW_VOTE_BEGUN: the voter has just begun to vote with an empty state,
 *	because all voters had waited and none of them had a state (rule 22)
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
 * @epoch: epoch of lease @config under which the configuration was written; 0:
 *	no configuration was written yet
 * @generation: number of the configuration; each new one has the next number
 * @blob: number that identifies the content
 */
struct hasw_vote_conf {
	__u64 epoch;
	__u64 generation;
	__u64 blob;
};

/**
 * struct hasw_vote_msg - a question to a voter, or the reply that echoes it
 * @type: kind of the message, enum hasw_vote_type
 * @answer: the voter's reply, or HASW_VOTE_ASK in a question, enum
 *	hasw_vote_answer
 * @from: id of the sender; the receiver sets it from the session, and ignores
 *	the value in the packet
 * @holder: id of the node that asks; set by the receiver like @from
 * @cut: this GRANT ends the holder's long rights under lower epochs (rule 16)
 * @panic: in HASW_VOTE_RESIGNED: packets of @node may still be in flight
 * @node: in HASW_VOTE_RESIGNED: id of the node whose module has given up
 *	@epoch, as the sender has heard from its own module
 * @life: random number that identifies the present run of the agent that asks
 * @lease: number of the lease
 * @generation: generation of the voter set
 * @sequence: number of the question within @life
 * @epoch: epoch to grant, to release, or to write under; in HASW_VOTE_SET and
 *	HASW_VOTE_COMMITTED: a voter that adopts the set acks no epoch below
 *	this one
 * @length: length of the right, ns; the right begins at the time that the
 *	proposer reads just before it sends the first GRANT of the round
 * @voters: bitmap of the voters in the set that HASW_VOTE_SET or
 *	HASW_VOTE_COMMITTED is about
 * @map: hash of the node names, ids and votes of that set
 * @ballot: in a HASW_VOTE_SET or HASW_VOTE_RECOVER of a coordinator, which is a
 *	node that changes the voter set: number of the coordinator's attempt; in
 *	the reply: the voter acks no lower ballot than this one
 * @acked: in a reply to HASW_VOTE_RECOVER: ballot under which the voter has
 *	acked the set in @voters and @map; 0: each set that the voter has acked
 *	is committed
 * @epoch_max: in a reply: the voter acks no lower epoch than this one
 * @remaining: in a reply, ns: time until the voter acks again, or until its
 *	record for a node other than @holder expires, whichever is longer
 * @conf: in HASW_VOTE_CONF_WRITE, HASW_VOTE_SET and HASW_VOTE_COMMITTED: the
 *	configuration to store; in a reply: the configuration that the voter has
 *	stored
 */
struct hasw_vote_msg {
	__u8 type;
	__u8 answer;
	__u8 from;
	__u8 holder;
	__u8 cut;
	__u8 panic;
	__u8 node;
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
 * struct hasw_vote_out - actions that a proposer requests of its caller
 * @stop: carried out first: make the module stop answering for the lease, and
 *	call hasw_proposer_stopped() when the module has stopped
 * @set: carried out second: make the module hold the lease under @epoch until
 *	@deadline
 * @epoch: epoch of the grant for @set
 * @deadline: end of the grant for @set, ns
 * @count: number of messages in @msg
 * @to: for each element of @msg, bitmap of the nodes that the message is sent
 *	to; may include this node
 * @msg: messages, which are sent last, after @stop and @set
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
 * struct hasw_vote_times - the agreed times, ns, and two other agreed numbers,
 *	equal on every node
 * @length: length of the shortest right, which a machine asks for if its agent
 *	is never late
 * @slowest: length of the longest usual right; any longer right is a long right
 * @longest: length of the longest long right
 * @margin: longest time from the module's decision to accept a packet until the
 *	packet is transmitted
 * @renew: time between two renewals
 * @retry: time after which a proposer gives up its first attempt to acquire a
 *	lease
 * @step: delay between the attempts of two nodes of adjacent ranks to get a
 *	free lease, so that they do not compete for votes
 * @ceiling: number of epoch counters that a voter reserves on its disk at a
 *	time
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
 * hasw_vote_majority() - whether nodes are a majority of the voters (rule 1)
 * @have: bitmap of the nodes; those that are not in @voters do not count
 * @voters: bitmap of all voters of the set, alive or not
 */
static inline int hasw_vote_majority(__u32 have, __u32 voters)
{
	HASW_RULES_SEEN(1);
	return hasw_vote_count(have & voters) * 2 > hasw_vote_count(voters);
}

/**
 * hasw_vote_half() - whether nodes are half of the voters or more
 * @have: bitmap of the nodes; those that are not in @voters do not count
 * @voters: bitmap of all voters of the set, alive or not
 *
 * Each majority that another voter was part of has one of these nodes, so they
 * know what that voter promised (rule 17). Of two voters one is enough.
 */
static inline int hasw_vote_half(__u32 have, __u32 voters)
{
	return hasw_vote_count(have & voters) * 2 >= hasw_vote_count(voters);
}

/* Number of epoch counters that a voter skips when nobody can tell which ones
 * its node has used (rule 17). The node may have used more only after hundreds
 * of restarts alone, see HASW_PROPOSER_JUMP; then an epoch is lower than one
 * before, but no epoch is used twice. The limit of hasw_vote_sound() leaves room
 * for five hundred such losses.
 */
#define HASW_VOTE_LEAP (1ULL << 29)

/* Composes an epoch from a counter, a life and a node id, which together make
 * the epoch unique (rule 2). A life is the random number of an agent's run.
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

/* Returns an epoch's life: the random number of the agent's run that composed
 * the epoch.
 */
static inline __u16 hasw_vote_life(__u64 epoch)
{
	return (__u16)(epoch >> 8);
}

/* Returns whether an epoch is valid: below 2^62. Epochs count up from 0 and
 * never reach this limit. A message with an invalid epoch is ignored, because a
 * grant under such an epoch would leave no higher epoch for later grants. The
 * limit leaves room for a voter's ceiling, which may be higher, see
 * hasw_vote_sound_max().
 */
static inline int hasw_vote_sound(__u64 epoch)
{
	return !(epoch >> 62);
}

/* Like hasw_vote_sound(), but for the highest epoch that a voter reports. A
 * voter that has restarted reports its ceiling: the end of the epochs that it
 * has reserved on its disk. A ceiling may be above 2^62, so the limit is 2^63.
 */
static inline int hasw_vote_sound_max(__u64 epoch)
{
	return !(epoch >> 63);
}

/**
 * hasw_vote_wait() - computes W, the time for which a voter keeps a record
 *	(rule 5)
 * @t: agreed times of the vote
 * @length: length of the right, ns
 *
 * The holder's clock may be slow and the voter's clock fast. W is so long that
 * the holder's grant still ends before the voter's record.
 *
 * Return: W of @length, ns, rounded up.
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

/**
 * hasw_vote_renewal() - computes when an agent renews its leases next (rule 11)
 * @t: agreed times of the vote
 * @life: random number of the agent's present run, so that agents that use the
 *	same clock renew at different times
 * @now: current time, ns
 *
 * An agent renews all its leases at the same times, so that one datagram to
 * each voter carries all GRANTs.
 *
 * Return: time of the next renewal, ns; at most @t->renew after @now.
 */
static inline __u64 hasw_vote_renewal(const struct hasw_vote_times *t,
				      __u16 life, __u64 now)
{
	__u64 phase = life * t->renew >> 16;

	return now + t->renew - (now + t->renew - phase) % t->renew;
}

#endif
