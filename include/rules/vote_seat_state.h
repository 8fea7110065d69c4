/* SPDX-License-Identifier: GPL-2.0 */
/* What a seat is: its leases, its disk, its voter set, and how it has things done by its surroundings. */
#ifndef HASW_RULES_VOTE_SEAT_STATE_H
#define HASW_RULES_VOTE_SEAT_STATE_H

#include "vote_conf.h"
#include "vote_owner.h"
#include "vote_set.h"

/* The lease whose holder writes the configuration (rule 19) has the first slot,
 * whose voter also answers what is about the node and not about a lease.
 */
#define HASW_SEAT_CONFIG 0

struct hasw_seat;

/**
 * struct hasw_seat_ops - what a seat has done by its surroundings
 * @random: a random number
 * @send: a message goes to node @to, which may be this one; it must not come
 *	back to hasw_seat_hear() before this returns
 * @set: the module is to hold the lease under @epoch until @deadline; if it
 *	refuses, hasw_seat_refused() follows
 * @stop: the module is to stop answering; hasw_seat_stopped() follows
 * @sync: an image is to be written; hasw_seat_synced() follows; the image stays
 *	as it is until then
 * @config: a configuration is committed
 * @top: the highest epoch that the module knows of any lease
 *
 * None of them but @set calls the seat back.
 */
struct hasw_seat_ops {
	__u64 (*random)(void *arg);
	void (*send)(void *arg, __u8 to, const struct hasw_vote_msg *m);
	void (*set)(void *arg, unsigned int slot, __u64 epoch, __u64 deadline);
	void (*stop)(void *arg, unsigned int slot);
	void (*sync)(void *arg, const struct hasw_voter_disk *image);
	void (*config)(void *arg, const struct hasw_vote_conf *conf);
	__u64 (*top)(void *arg);
};

/**
 * struct hasw_seat_lease - what a seat has of one lease
 * @slot: where it is in hasw_seat.lease
 * @number: of the lease, in messages
 * @held: a message waits for the disk
 * @message: that one; who is not answered asks again, so one is enough
 * @proposer: how this node gets it
 * @voter: what this node remembers of it
 */
struct hasw_seat_lease {
	unsigned int slot;
	__u32 number;
	__u8 held;
	struct hasw_vote_msg message;
	struct hasw_proposer proposer;
	struct hasw_voter voter;
};

/**
 * struct hasw_seat - a node's part in the votes
 * @t: the times
 * @ops: its surroundings
 * @arg: for @ops
 * @id: this node
 * @life: of this agent
 * @began: since when it votes: what it promised before, nobody knows
 * @usual: how long a usual right is to be, see hasw_seat_length()
 * @set: the highest committed voter set that this node has heard of
 * @syncing: @image is being written
 * @again: more was wanted meanwhile
 * @dropped: what is being written does not count: the node knows nothing since
 * @step: when a writer and a node that recovers act next
 * @disk: what is on the disk
 * @image: what is being written
 * @want: what is to be written next, if it differs from @disk
 * @writer: of the configuration
 * @change: of the voter set, that this node coordinates
 * @n: how many leases
 * @lease: the leases, by slot
 */
struct hasw_seat {
	const struct hasw_vote_times *t;
	const struct hasw_seat_ops *ops;
	void *arg;
	__u8 id;
	__u16 life;
	__u64 began;
	__u64 usual;
	struct hasw_vote_set set;
	__u8 syncing;
	__u8 again;
	__u8 dropped;
	__u64 step;
	struct hasw_voter_disk disk;
	struct hasw_voter_disk image;
	struct hasw_voter_disk want;
	struct hasw_writer writer;
	struct hasw_set_change change;
	unsigned int n;
	struct hasw_seat_lease lease[HASW_VOTE_LEASES];
};

static inline void hasw_seat_out(struct hasw_vote_out *out)
{
	out->stop = 0;
	out->set = 0;
	out->count = 0;
}

static inline void hasw_seat_send(struct hasw_seat *s, unsigned int slot,
				  const struct hasw_vote_out *out)
{
	for (unsigned int i = 0; i < out->count; i++) {
		struct hasw_vote_msg m = out->msg[i];

		m.lease = s->lease[slot].number;
		for (__u8 to = 0; to < HASW_VOTE_NODES; to++)
			if (out->to[i] & 1U << to)
				s->ops->send(s->arg, to, &m);
	}
}

/* In this order: rule 6 wants the module to have stopped, rule 16 its deadline
 * to be cut, before anybody is told.
 */
static inline void hasw_seat_carry_out(struct hasw_seat *s, unsigned int slot,
				       const struct hasw_vote_out *out)
{
	if (out->stop)
		s->ops->stop(s->arg, slot);
	if (out->set)
		s->ops->set(s->arg, slot, out->epoch, out->deadline);
	/* The module did not take it: hasw_seat_refused() has let go, and nobody may
	 * be told that it was cut.
	 */
	if (out->set && s->lease[slot].proposer.state != HASW_PROPOSER_OWN)
		return;
	hasw_seat_send(s, slot, out);
}

/* One image at a time; what is wanted meanwhile goes together into the next. */
static inline void hasw_seat_sync(struct hasw_seat *s)
{
	if (s->syncing) {
		s->again = 1;
		return;
	}
	s->syncing = 1;
	s->again = 0;
	s->image = s->want;
	s->ops->sync(s->arg, &s->image);
}

static inline struct hasw_seat_lease *hasw_seat_find(struct hasw_seat *s,
						     __u32 number)
{
	for (unsigned int i = 0; i < s->n; i++)
		if (s->lease[i].number == number)
			return &s->lease[i];
	return 0;
}

#endif
