/* SPDX-License-Identifier: GPL-2.0 */
/* The state of a seat, which is one node's part in the votes: its leases, its
 * disk image, its voter set, and the callbacks by which it acts.
 */
#ifndef HASW_RULES_VOTE_SEAT_STATE_H
#define HASW_RULES_VOTE_SEAT_STATE_H

#include "vote_conf.h"
#include "vote_owner.h"
#include "vote_set.h"

/* Slot of lease @config, whose holder writes the configuration (rule 19). The
 * voter of this lease also handles messages that concern the node and not a
 * single lease.
 */
#define HASW_SEAT_CONFIG 0

struct hasw_seat;

/**
 * struct hasw_seat_ops - callbacks by which a seat acts
 * @random: returns a random number
 * @send: sends a message to node @to, which may be this node; it must not call
 *	hasw_seat_hear() itself
 * @set: makes the module hold the lease under @epoch until @deadline, ns; if
 *	the module refuses, this callback calls hasw_seat_refused()
 * @stop: asks the module to stop answering for the lease; when the module has
 *	stopped, the event loop calls hasw_seat_stopped()
 * @sync: begins to write an image to the disk; when the image is written, the
 *	event loop calls hasw_seat_synced(); until then the seat does not change
 *	the image
 * @config: reports a committed configuration
 * @top: returns the highest epoch that the module knows of any lease
 *
 * Of the callbacks, only @set may call a function of the seat.
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
 * struct hasw_seat_lease - one lease of a seat
 * @slot: index of the lease in hasw_seat.lease
 * @number: number of the lease in messages
 * @held: @message waits until an image has been written to the disk
 * @message: the waiting message; room for one is enough, because a sender
 *	repeats its question
 * @gone: highest epoch under which another node's module gave up the lease, as
 *	this node's module has heard; 0: none since this node held the lease
 * @gone_node: id of that node
 * @gone_panic: that node's packets may still be in flight (rule 21)
 * @proposer: acquires and keeps the lease for this node
 * @voter: votes on the lease for this node
 */
struct hasw_seat_lease {
	unsigned int slot;
	__u32 number;
	__u8 held;
	struct hasw_vote_msg message;
	__u64 gone;
	__u8 gone_node;
	__u8 gone_panic;
	struct hasw_proposer proposer;
	struct hasw_voter voter;
};

/**
 * struct hasw_seat - a node's part in the votes
 * @t: agreed times of the vote
 * @ops: callbacks to the network, the disk and the module
 * @arg: argument of the @ops callbacks
 * @id: id of this node
 * @life: random number of this run of the agent
 * @began: when this node last began to vote, ns; the node does not know what it
 *	acked before that time
 * @stood: when this node went on last after it had stood still for so long that
 *	another node may have presumed it off, ns; 0: it never did
 * @usual: length of the usual rights, ns, see hasw_seat_length()
 * @set: the newest committed voter set that this node knows
 * @syncing: @image is being written
 * @again: @want has changed since the write of @image began, and is written
 *	next
 * @dropped: the result of writing @image is ignored, because the node has lost
 *	its state since the write began
 * @step: when the writer, the recovery and the change of the set run next, ns,
 *	see hasw_seat_step()
 * @disk: image that is on the disk
 * @image: image that is being written
 * @want: image that must be written next, if it differs from @disk
 * @writer: writer of the configuration
 * @change: change of the voter set that this node coordinates
 * @n: number of leases
 * @lease: the leases, by slot
 */
struct hasw_seat {
	const struct hasw_vote_times *t;
	const struct hasw_seat_ops *ops;
	void *arg;
	__u8 id;
	__u16 life;
	__u64 began;
	__u64 stood;
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

/* Tells a voter that another node's module gave up the lease, before this node
 * asks that voter for it. A voter without a module hears of it in no other way,
 * and repeating it is harmless (rule 21).
 */
static inline void hasw_seat_relay(struct hasw_seat *s,
				   const struct hasw_seat_lease *l, __u8 to,
				   const struct hasw_vote_msg *asked)
{
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_RESIGNED, .from = s->id, .holder = s->id,
		.life = asked->life, .lease = l->number,
		.generation = asked->generation, .epoch = l->gone,
		.node = l->gone_node,
		.panic = l->gone_panic && !HASW_RULES_WRONG(RELAY_CALM),
	};

	if (!l->gone || to == s->id || HASW_RULES_WRONG(RELAY_NONE) ||
	    (asked->type != HASW_VOTE_READ && asked->type != HASW_VOTE_GRANT))
		return;
	s->ops->send(s->arg, to, &m);
}

static inline void hasw_seat_send(struct hasw_seat *s, unsigned int slot,
				  const struct hasw_vote_out *out)
{
	for (unsigned int i = 0; i < out->count; i++) {
		struct hasw_vote_msg m = out->msg[i];

		m.lease = s->lease[slot].number;
		for (__u8 to = 0; to < HASW_VOTE_NODES; to++) {
			if (!(out->to[i] & 1U << to))
				continue;
			hasw_seat_relay(s, &s->lease[slot], to, &m);
			s->ops->send(s->arg, to, &m);
		}
	}
}

/* Carries out a proposer's actions. The messages are sent last, because voters
 * may be asked for a cut only after the module's deadline has been shortened
 * (rule 16). The RELEASE messages follow when the module has stopped (rule 6).
 */
static inline void hasw_seat_carry_out(struct hasw_seat *s, unsigned int slot,
				       const struct hasw_vote_out *out)
{
	if (out->stop)
		s->ops->stop(s->arg, slot);
	if (out->set) {
		s->lease[slot].gone = 0;
		s->ops->set(s->arg, slot, out->epoch, out->deadline);
	}
	/* If the module refused, hasw_seat_refused() has given up the grant. In
	 * this case the module's deadline is not shortened, so no voter may be
	 * asked to shorten its record.
	 */
	if (out->set && s->lease[slot].proposer.state != HASW_PROPOSER_OWN)
		return;
	hasw_seat_send(s, slot, out);
}

/* Begins to write the wanted image. If a write is under way, the wanted image
 * is written after it.
 */
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
