/* SPDX-License-Identifier: GPL-2.0 */
/* A seat: one node's whole part in the votes on all leases. It connects the
 * node's network, disk and module.
 */
#ifndef HASW_RULES_VOTE_SEAT_H
#define HASW_RULES_VOTE_SEAT_H

#include "vote_seat_set.h"

/**
 * hasw_seat_open() - opens a seat without leases
 * @s: the seat
 * @t: agreed times of the vote
 * @ops: callbacks to the network, the disk and the module
 * @arg: argument of the @ops callbacks
 * @id: id of this node
 * @set: the newest committed voter set that this node knows
 * @disk: image that was read from the disk
 */
static inline void hasw_seat_open(struct hasw_seat *s,
				  const struct hasw_vote_times *t,
				  const struct hasw_seat_ops *ops, void *arg,
				  __u8 id, const struct hasw_vote_set *set,
				  const struct hasw_voter_disk *disk)
{
	s->t = t;
	s->ops = ops;
	s->arg = arg;
	s->id = id;
	s->set = *set;
	s->usual = t->length;
	s->disk = *disk;
	s->want = *disk;
	s->n = 0;
}

/**
 * hasw_seat_add() - adds a lease; the caller then calls hasw_seat_begin()
 * @s: the seat, which has room for the lease
 * @number: number of the lease; it must be the same after each restart, because
 *	the disk image stores the lease's long record under this number
 *
 * Return: slot of the lease.
 */
static inline unsigned int hasw_seat_add(struct hasw_seat *s, __u32 number)
{
	struct hasw_seat_lease *l = &s->lease[s->n];

	*l = (struct hasw_seat_lease) { .slot = s->n, .number = number };
	l->proposer.t = s->t;
	l->proposer.id = s->id;
	l->voter.t = s->t;
	l->voter.id = s->id;
	l->voter.disk = &s->disk;
	l->voter.lease = number;
	return s->n++;
}

/**
 * hasw_seat_start() - starts the seat of a new agent
 * @s: the seat, with its leases; the caller then calls hasw_seat_begin() for
 *	each lease
 * @now: current time, ns
 * @life: random number of this run of the agent
 */
static inline void hasw_seat_start(struct hasw_seat *s, __u64 now, __u16 life)
{
	s->life = life;
	s->began = now;
	s->stood = 0;
	s->syncing = 0;
	s->again = 0;
	s->dropped = 0;
	s->want = s->disk;
	s->step = now + s->ops->random(s->arg) % s->t->retry;
	s->writer = (struct hasw_writer) {
		.t = s->t, .id = s->id, .life = life,
		.generation = s->set.generation, .voters = s->set.voters,
	};
	s->change.busy = 0;
}

/**
 * hasw_seat_begin() - starts the voter and the proposer of a lease
 * @s: the seat
 * @slot: slot of the lease
 * @now: current time, ns
 * @keep: 1: the voter's state of this boot is intact, so it is kept (rule 15);
 *	0: the voter starts without this state
 * @epoch: epoch of the grant that this node's module has, or 0 (rule 11)
 * @deadline: end of the module's grant, ns
 *
 * A voter that has lost its state is muted: it acks nothing for some time,
 * because it may have acked grants that it has forgotten. The muted time begins
 * at @s->began, because the node has forgotten nothing since then. So a lease
 * that is added later does not wait longer than the other leases.
 */
static inline void hasw_seat_begin(struct hasw_seat *s, unsigned int slot,
				   __u64 now, int keep, __u64 epoch,
				   __u64 deadline)
{
	struct hasw_seat_lease *l = &s->lease[slot];

	l->held = 0;
	l->gone = 0;
	l->proposer.usual = s->usual;
	hasw_proposer_start(&l->proposer, now, s->life, s->set.generation,
			    s->set.voters, epoch, deadline);
	/* An earlier run of this agent has met these nodes (rule 20). */
	if (s->disk.generation == s->set.generation)
		l->proposer.met = HASW_RULES_WRONG(MET_ALL) ? s->disk.met :
				  hasw_voter_met(&s->disk, l->number);
	if (keep) {
		/* What they had replied is only known to be below the ceiling,
		 * from which hasw_voter_start() has the other voters start.
		 */
		if (l->proposer.met && !HASW_RULES_WRONG(NO_CEILING))
			hasw_voter_raise(&l->voter, s->disk.ceiling << 24);
		return;
	}
	hasw_voter_start(&l->voter, s->began, s->life);
	/* The recovered state may not be on the disk yet. This voter must
	 * nevertheless ack no epoch below the recovered one.
	 */
	if (s->want.known && !s->disk.known)
		hasw_voter_raise(&l->voter,
				 s->lease[HASW_SEAT_CONFIG].voter.epoch_max);
}

/* Returns the highest epoch of all leases, because the ceiling on the disk is
 * common to all leases.
 */
static inline __u64 hasw_seat_highest(const struct hasw_seat *s)
{
	__u64 highest = 0;

	for (unsigned int i = 0; i < s->n; i++)
		if (highest < s->lease[i].voter.epoch_max)
			highest = s->lease[i].voter.epoch_max;
	return highest;
}

/* Returns whether the epochs of the lease's long record differ between the disk
 * and the wanted image. If so, the wanted image must be written.
 */
static inline int hasw_seat_stale(const struct hasw_seat *s,
				  const struct hasw_seat_lease *l)
{
	return hasw_voter_long_of(&s->want, l->number).epoch !=
	       hasw_voter_long_of(&s->disk, l->number).epoch;
}

/* Returns whether a message is a SET or a RECOVER, which concern the node and
 * not a single lease (rules 17 and 18).
 */
static inline int hasw_seat_of_node(const struct hasw_vote_msg *m)
{
	return m->type == HASW_VOTE_SET || m->type == HASW_VOTE_RECOVER;
}

/* Returns whether the disk has, or may get, an image by which a later run of
 * this agent has met node @x, although @x was heard. A node that gets a reply
 * may use epochs of which this node knows nothing. So @x gets no reply before
 * another image is on the disk (rule 20).
 */
static inline int hasw_seat_met_stale(const struct hasw_seat *s, __u8 x)
{
	__u32 met = s->disk.met | (s->syncing ? s->image.met : 0);

	return met >> x & 1 && !HASW_RULES_WRONG(MET_LATE);
}

/* Holds a question back until another image is on the disk. */
static inline void hasw_seat_hold(struct hasw_seat *s,
				  struct hasw_seat_lease *l,
				  const struct hasw_vote_msg *m)
{
	l->held = 1;
	l->message = *m;
	hasw_seat_sync(s);
}

static inline void hasw_seat_judge(struct hasw_seat *s,
				   struct hasw_seat_lease *l, __u64 now,
				   const struct hasw_vote_msg *m)
{
	struct hasw_vote_msg reply = *m;
	__u32 self = 1U << s->id;

	if (hasw_seat_met_stale(s, m->holder)) {
		hasw_seat_hold(s, l, m);
		return;
	}
	/* A voter without state says so in its reply to a voter in recovery
	 * (rule 22).
	 */
	if (m->type == HASW_VOTE_RECOVER && m->sequence &&
	    hasw_voter_recovers(&l->voter) && s->disk.voters & self) {
		hasw_voter_empty(&l->voter, now, s->ops->top(s->arg), &reply);
		s->ops->send(s->arg, m->holder, &reply);
		return;
	}
	/* A node that becomes a voter by this change has no state, so it must
	 * not ack the change.
	 */
	if (m->type == HASW_VOTE_SET && m->voters & self &&
	    !(s->disk.voters & self) && !HASW_RULES_WRONG(SWAP))
		return;
	switch (hasw_voter_judge(&l->voter, now, &reply, &s->want)) {
	case HASW_VOTER_REPLY:
		if (m->type == HASW_VOTE_SET && !HASW_RULES_WRONG(SET_EMPTY))
			for (unsigned int i = 0; i < s->n; i++)
				hasw_voter_raise(&s->lease[i].voter, m->epoch);
		if (hasw_seat_of_node(m))
			reply.epoch_max = hasw_seat_highest(s);
		if (hasw_seat_of_node(m) &&
		    reply.epoch_max < s->ops->top(s->arg))
			reply.epoch_max = s->ops->top(s->arg);
		s->ops->send(s->arg, m->holder, &reply);
		/* The reply need not wait until an out-of-date long record has
		 * been replaced on the disk.
		 */
		if (hasw_seat_stale(s, l))
			hasw_seat_sync(s);
		break;
	case HASW_VOTER_SYNC:
		hasw_seat_hold(s, l, m);
		break;
	default:
		break;
	}
}

/* Takes over the recovered state. Before this call, enough voters have replied
 * with their state (rule 17), or this voter has learned that no voter had a
 * state (rule 22). When the recovered state is on the disk, this node votes
 * again, on all leases at once.
 */
static inline void hasw_seat_recovered(struct hasw_seat *s)
{
	struct hasw_voter *first = &s->lease[HASW_SEAT_CONFIG].voter;

	/* The recovered epoch must not be below an epoch that this node's
	 * module has seen.
	 */
	if (first->found.epoch_max < s->ops->top(s->arg))
		first->found.epoch_max = s->ops->top(s->arg);
	for (unsigned int i = 0; i < s->n; i++) {
		s->lease[i].voter.found = first->found;
		hasw_voter_recover(&s->lease[i].voter, &s->want);
	}
	s->want.known = 1;
	hasw_seat_sync(s);
}

static inline void hasw_seat_recover(struct hasw_seat *s, __u64 now,
				     const struct hasw_vote_msg *m)
{
	struct hasw_voter *first = &s->lease[HASW_SEAT_CONFIG].voter;

	if (!s->want.known && hasw_voter_told(first, now, m))
		hasw_seat_recovered(s);
}

/* Returns the epoch of this node's own grant of the lease @config, or 0. */
static inline __u64 hasw_seat_writes(const struct hasw_seat *s, __u64 now)
{
	const struct hasw_proposer *p = &s->lease[HASW_SEAT_CONFIG].proposer;

	return p->state == HASW_PROPOSER_OWN && now < p->deadline ? p->epoch : 0;
}

static inline void hasw_seat_written(struct hasw_seat *s, __u64 now,
				     const struct hasw_vote_msg *m)
{
	struct hasw_vote_out out;

	if (!hasw_seat_writes(s, now))
		return;
	hasw_seat_out(&out);
	if (hasw_writer_reply(&s->writer, now, m, &out))
		s->ops->config(s->arg, &s->writer.base);
	hasw_seat_send(s, HASW_SEAT_CONFIG, &out);
}

/* Returns whether each epoch in a message is below the limit of
 * hasw_vote_sound() or hasw_vote_sound_max(). Otherwise the caller ignores the
 * message, because epochs never count up to these limits.
 */
static inline int hasw_seat_sound(const struct hasw_vote_msg *m)
{
	int known = m->type == HASW_VOTE_SET || m->type == HASW_VOTE_COMMITTED;

	return (known ? hasw_vote_sound_max(m->epoch) :
			hasw_vote_sound(m->epoch)) &&
	       hasw_vote_sound(m->conf.epoch) &&
	       hasw_vote_sound_max(m->epoch_max);
}

/* Handles any message from node @from as a proof that @from is alive. So @from
 * is no longer treated as switched off by a fence command, neither by this run
 * of the agent nor by a later one (rule 20).
 */
static inline void hasw_seat_alive(struct hasw_seat *s, __u8 from)
{
	if (from == s->id || from >= HASW_VOTE_NODES)
		return;
	for (unsigned int i = 0; i < s->n; i++)
		hasw_proposer_alive(&s->lease[i].proposer, from);
	if (!(s->want.met & 1U << from) || HASW_RULES_WRONG(MET_KEPT))
		return;
	hasw_voter_unmeet(&s->want, 1U << from);
	hasw_seat_sync(s);
}

/* Returns whether a voter's record is of that grant. */
static inline int hasw_seat_has(const struct hasw_voter *v, __u8 holder,
				__u64 epoch)
{
	return v->epoch && v->epoch == epoch && v->holder == holder;
}

/* Has a contender ask for a lease that was just released. It asks for the lease
 * itself only if the release has ended its own voter's record (@had): then this
 * was the holder's last grant as far as this node knows, and the epoch that this
 * voter has seen is at least the released one. Otherwise a late release of an
 * earlier grant would make it ask while another node holds. @config has no
 * ranks, so that all who want it would ask at once.
 */
static inline void hasw_seat_succeed(struct hasw_seat *s,
				     struct hasw_seat_lease *l, __u64 now,
				     int had)
{
	const struct hasw_voter *v = &l->voter;
	struct hasw_vote_out out;

	hasw_proposer_eager(&l->proposer, now);
	if (!had || v->epoch || now < v->muted || l->slot == HASW_SEAT_CONFIG)
		return;
	hasw_seat_out(&out);
	hasw_proposer_succeed(&l->proposer, now, v->epoch_max, &out);
	hasw_seat_carry_out(s, l->slot, &out);
}

/* Ends a voter's record of a grant that @holder's module gave up (rule 21). */
static inline void hasw_seat_end_record(struct hasw_seat *s,
					struct hasw_seat_lease *l, __u64 now,
					__u8 holder, __u64 epoch, int panic)
{
	hasw_voter_resigned(&l->voter, now, holder, epoch, panic, &s->want);
	hasw_proposer_untold(&l->proposer, holder, epoch,
			     now + (panic ? hasw_vote_wait(s->t, 0) : 0));
	if (s->want.ceiling != s->disk.ceiling || hasw_seat_stale(s, l))
		hasw_seat_sync(s);
}

/* Handles that another voter's or contender's module has heard that the module
 * of node @m->node gave up the lease. Only the voter is concerned: @m->node was
 * not heard here, and the node that says so is the one that asks for the lease.
 */
static inline void hasw_seat_relayed(struct hasw_seat *s,
				     struct hasw_seat_lease *l, __u64 now,
				     const struct hasw_vote_msg *m)
{
	__u64 epoch = m->epoch;

	if (m->node >= HASW_VOTE_NODES || !hasw_voter_same_set(&l->voter, m))
		return;
	if (HASW_RULES_WRONG(RELAY_ANY) && l->voter.holder == m->node)
		epoch = l->voter.epoch;
	hasw_seat_end_record(s, l, now, m->node, epoch, m->panic);
}

/**
 * hasw_seat_hear() - handles a message
 * @s: the seat
 * @now: current time, ns
 * @from: id of the sender, which the caller knows from the session
 * @m: the message
 *
 * The reply to a question is sent to @from. The sender and the holder that the
 * message itself names are ignored.
 */
static inline void hasw_seat_hear(struct hasw_seat *s, __u64 now, __u8 from,
				  const struct hasw_vote_msg *m)
{
	struct hasw_seat_lease *l = hasw_seat_of_node(m) ?
		&s->lease[HASW_SEAT_CONFIG] : hasw_seat_find(s, m->lease);
	struct hasw_vote_msg own = *m;
	struct hasw_vote_out out;
	int had;

	hasw_seat_alive(s, from);
	if (from >= HASW_VOTE_NODES || !s->n || !hasw_seat_sound(m))
		return;
	if (hasw_seat_compare(s, now, from, m) || !l)
		return;
	own.from = from;
	if (m->type == HASW_VOTE_RESIGNED) {
		hasw_seat_relayed(s, l, now, &own);
		return;
	}
	if (m->answer == HASW_VOTE_ASK) {
		own.holder = from;
		had = hasw_seat_has(&l->voter, from, m->epoch);
		hasw_seat_judge(s, l, now, &own);
		if (m->type == HASW_VOTE_RELEASE && from != s->id) {
			hasw_proposer_untold(&l->proposer, from, m->epoch,
					     now);
			hasw_seat_succeed(s, l, now, had);
		}
		return;
	}
	own.holder = s->id;
	switch (m->type) {
	case HASW_VOTE_SET:
		hasw_seat_changed(s, now, &own);
		break;
	case HASW_VOTE_RECOVER:
		/* A reply with sequence 0 belongs to a coordinator's question.
		 */
		if (own.sequence)
			hasw_seat_recover(s, now, &own);
		else if (hasw_set_change_known(&s->change, &own))
			hasw_seat_send_change(s, now);
		break;
	case HASW_VOTE_CONF_READ:
	case HASW_VOTE_CONF_WRITE:
		hasw_seat_written(s, now, &own);
		break;
	default:
		hasw_seat_out(&out);
		hasw_proposer_reply(&l->proposer, now, &own, &out);
		hasw_seat_carry_out(s, l->slot, &out);
	}
}

/**
 * hasw_seat_resigned() - handles that another node's module gave up a lease by
 *	itself
 * @s: the seat
 * @now: current time, ns
 * @from: id of the other node
 * @number: number of the lease
 * @epoch: epoch under which node @from held the lease
 * @panic: the kernel of node @from panicked (rule 21)
 */
static inline void hasw_seat_resigned(struct hasw_seat *s, __u64 now, __u8 from,
				      __u32 number, __u64 epoch, int panic)
{
	struct hasw_seat_lease *l = hasw_seat_find(s, number);
	int had;

	hasw_seat_alive(s, from);
	if (!l || from >= HASW_VOTE_NODES || !hasw_vote_sound(epoch))
		return;
	/* Once a module has waited for its packets, that stays true. */
	if (epoch >= l->gone && from != s->id) {
		l->gone_panic = panic && (epoch != l->gone || l->gone_panic);
		l->gone_node = from;
		l->gone = epoch;
	}
	had = hasw_seat_has(&l->voter, from, epoch);
	hasw_seat_end_record(s, l, now, from, epoch, panic);
	hasw_seat_succeed(s, l, now, had);
}

/**
 * hasw_seat_synced() - handles that an image has been written to the disk
 * @s: the seat
 * @now: current time, ns
 */
static inline void hasw_seat_synced(struct hasw_seat *s, __u64 now)
{
	s->syncing = 0;
	if (s->dropped) {
		s->dropped = 0;
		hasw_seat_sync(s);
		return;
	}
	if (s->image.committed > s->disk.committed)
		s->lease[HASW_SEAT_CONFIG].voter.changed =
			now + hasw_vote_wait(s->t, s->t->longest);
	s->disk = s->image;
	/* A voter set may have been committed since the image was made. */
	hasw_seat_vote_in(s, now);
	hasw_seat_catch_up(s);
	for (unsigned int i = 0; i < s->n; i++) {
		struct hasw_seat_lease *l = &s->lease[i];

		if (!l->held)
			continue;
		l->held = 0;
		hasw_seat_judge(s, l, now, &l->message);
	}
	/* Often the written image already has the changes that were requested
	 * during the write, so no further write is needed.
	 */
	if (s->again && __builtin_memcmp(&s->want, &s->disk, sizeof(s->want)))
		hasw_seat_sync(s);
}

/**
 * hasw_seat_stopped() - releases a lease after the module has stopped answering
 * @s: the seat
 * @slot: slot of the lease
 * @now: current time, ns
 *
 * Context: all packets that the module has judged under the lease have been
 * transmitted. The module has burned all epochs up to the highest one under
 * which it was asked to hold the lease.
 */
static inline void hasw_seat_stopped(struct hasw_seat *s, unsigned int slot,
				     __u64 now)
{
	struct hasw_vote_out out;

	hasw_seat_out(&out);
	hasw_proposer_stopped(&s->lease[slot].proposer, now,
			      s->ops->random(s->arg), &out);
	hasw_seat_carry_out(s, slot, &out);
}

/**
 * hasw_seat_refused() - gives up a grant that the module has refused
 * @s: the seat
 * @slot: slot of the lease
 * @now: current time, ns
 */
static inline void hasw_seat_refused(struct hasw_seat *s, unsigned int slot,
				     __u64 now)
{
	struct hasw_vote_out out;

	hasw_seat_out(&out);
	hasw_proposer_refused(&s->lease[slot].proposer, now, &out);
	hasw_seat_carry_out(s, slot, &out);
}

/* Runs the configuration's writer, the voter's recovery, and the change of the
 * voter set.
 */
static inline void hasw_seat_step(struct hasw_seat *s, __u64 now)
{
	struct hasw_seat_lease *l = &s->lease[HASW_SEAT_CONFIG];
	struct hasw_vote_out out;
	struct hasw_vote_msg m;

	s->step = now + s->t->retry * 3 / 4;
	if (!s->n)
		return;
	/* After a power loss, the disk image may lack the committed set, so
	 * this node's voters adopt this set again.
	 */
	if (!s->syncing)
		hasw_seat_vote_in(s, now);
	hasw_seat_settle(s, now);
	if (hasw_voter_ask(&l->voter, now, &m)) {
		m.lease = l->number;
		/* Nodes without a vote are also asked, because their modules
		 * may know a higher epoch, below which this voter must not ack.
		 */
		for (__u8 to = 0; to < HASW_VOTE_NODES; to++)
			if (to != s->id)
				s->ops->send(s->arg, to, &m);
		/* The only voter of a set need not wait for replies, because no
		 * other voter exists (rule 22).
		 */
		if (s->disk.voters == 1U << s->id && !s->want.known)
			hasw_seat_recovered(s);
	}
	if (s->change.busy && now >= s->change.again)
		hasw_seat_send_change(s, now);
	hasw_seat_out(&out);
	if (hasw_writer_tick(&s->writer, now, hasw_seat_writes(s, now), &out)) {
		hasw_proposer_move(&l->proposer, now, &out);
		hasw_seat_carry_out(s, HASW_SEAT_CONFIG, &out);
		return;
	}
	hasw_seat_send(s, HASW_SEAT_CONFIG, &out);
}

/**
 * hasw_seat_mute() - returns how long this node's voters are muted (rule 15)
 * @s: the seat
 * @now: current time, ns
 *
 * The time is equal for all leases, see hasw_seat_begin().
 *
 * Return: the time, ns; 0: the voters are not muted. Voters without state that
 * are not muted still ack nothing until they have recovered (rule 17).
 */
static inline __u64 hasw_seat_mute(const struct hasw_seat *s, __u64 now)
{
	__u64 muted = s->n ? s->lease[HASW_SEAT_CONFIG].voter.muted : 0;

	return now < muted ? muted - now : 0;
}

/**
 * hasw_seat_wake() - returns when hasw_seat_tick() must be called next, ns
 * @s: the seat
 */
static inline __u64 hasw_seat_wake(const struct hasw_seat *s)
{
	__u64 wake = s->step;

	for (unsigned int i = 0; i < s->n; i++)
		if (hasw_proposer_wake(&s->lease[i].proposer) < wake)
			wake = hasw_proposer_wake(&s->lease[i].proposer);
	return wake;
}

/**
 * hasw_seat_tick() - runs everything that is due; called at hasw_seat_wake()
 * @s: the seat
 * @now: current time, ns
 */
static inline void hasw_seat_tick(struct hasw_seat *s, __u64 now)
{
	struct hasw_vote_out out;

	if (now >= s->step)
		hasw_seat_step(s, now);
	for (unsigned int i = 0; i < s->n; i++) {
		struct hasw_proposer *p = &s->lease[i].proposer;

		if (now < hasw_proposer_wake(p))
			continue;
		hasw_seat_out(&out);
		hasw_proposer_tick(p, now, s->ops->random(s->arg), &out);
		hasw_seat_carry_out(s, i, &out);
	}
}

#endif
