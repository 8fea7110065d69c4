/* SPDX-License-Identifier: GPL-2.0 */
/* A seat: one node's whole part in the votes on all leases, between its network, its disk and its module. */
#ifndef HASW_RULES_VOTE_SEAT_H
#define HASW_RULES_VOTE_SEAT_H

#include "vote_conf.h"
#include "vote_owner.h"

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
 * struct hasw_seat_set - a committed voter set and its proof (rule 23)
 * @generation: of the set
 * @voters: the set
 * @epoch: what a majority of the set before knew
 * @conf: as that
 */
struct hasw_seat_set {
	__u32 generation;
	__u32 voters;
	__u64 epoch;
	struct hasw_vote_conf conf;
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
	struct hasw_seat_set set;
	__u8 syncing;
	__u8 again;
	__u8 dropped;
	__u64 step;
	struct hasw_voter_disk disk;
	struct hasw_voter_disk image;
	struct hasw_voter_disk want;
	struct hasw_writer writer;
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

/**
 * hasw_seat_open() - a seat without leases
 * @s: the seat
 * @t: the times
 * @ops: its surroundings
 * @arg: for @ops
 * @id: this node
 * @set: the highest committed voter set that it knows
 * @disk: what was found on the disk
 */
static inline void hasw_seat_open(struct hasw_seat *s,
				  const struct hasw_vote_times *t,
				  const struct hasw_seat_ops *ops, void *arg,
				  __u8 id, const struct hasw_seat_set *set,
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
 * hasw_seat_add() - there is another lease; hasw_seat_begin() follows
 * @s: the seat, which has room for it
 * @number: of the lease; its long record is found by that on the disk, so it
 *	is the same whenever that lease is meant
 *
 * Return: its slot.
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
 * hasw_seat_start() - a new agent
 * @s: the seat, with its leases; hasw_seat_begin() follows for each
 * @now: the time
 * @life: random
 */
static inline void hasw_seat_start(struct hasw_seat *s, __u64 now, __u16 life)
{
	s->life = life;
	s->began = now;
	s->syncing = 0;
	s->again = 0;
	s->dropped = 0;
	s->want = s->disk;
	s->step = now + s->ops->random(s->arg) % s->t->retry;
	s->writer = (struct hasw_writer) {
		.t = s->t, .id = s->id, .life = life,
		.generation = s->set.generation, .voters = s->set.voters,
	};
}

/**
 * hasw_seat_begin() - this agent begins with a lease
 * @s: the seat
 * @slot: of the lease
 * @now: the time
 * @keep: what the voter knew in this very boot is intact (rule 15)
 * @epoch: of the tenure that the own module has, or 0 (rule 11)
 * @deadline: its end
 *
 * A lease that comes later than the agent began is waited for no longer than
 * the others: what was forgotten is from before that.
 */
static inline void hasw_seat_begin(struct hasw_seat *s, unsigned int slot,
				   __u64 now, int keep, __u64 epoch,
				   __u64 deadline)
{
	struct hasw_seat_lease *l = &s->lease[slot];

	l->held = 0;
	l->proposer.usual = s->usual;
	hasw_proposer_start(&l->proposer, now, s->life, s->set.generation,
			    s->set.voters, epoch, deadline);
	if (keep)
		return;
	hasw_voter_start(&l->voter, s->began, s->life);
	/* What this node has been told for all leases is on its way to the disk. */
	if (s->want.known && !s->disk.known)
		hasw_voter_raise(&l->voter,
				 s->lease[HASW_SEAT_CONFIG].voter.epoch_max);
}

/* The highest epoch of any lease: counters are compared across leases, as one
 * ceiling holds for all of them.
 */
static inline __u64 hasw_seat_highest(const struct hasw_seat *s)
{
	__u64 highest = 0;

	for (unsigned int i = 0; i < s->n; i++)
		if (highest < s->lease[i].voter.epoch_max)
			highest = s->lease[i].voter.epoch_max;
	return highest;
}

/* Whether something of a lease is to be written that is not on the disk. */
static inline int hasw_seat_stale(const struct hasw_seat *s,
				  const struct hasw_seat_lease *l)
{
	return hasw_voter_long_of(&s->want, l->number).epoch !=
	       hasw_voter_long_of(&s->disk, l->number).epoch;
}

/* What is about the node: the set (rule 18), and what it knows (rule 17). */
static inline int hasw_seat_of_node(const struct hasw_vote_msg *m)
{
	return m->type == HASW_VOTE_SET || m->type == HASW_VOTE_RECOVER;
}

static inline void hasw_seat_judge(struct hasw_seat *s,
				   struct hasw_seat_lease *l, __u64 now,
				   const struct hasw_vote_msg *m)
{
	struct hasw_vote_msg reply = *m;
	__u32 self = 1U << s->id;

	/* Rule 22. */
	if (m->type == HASW_VOTE_RECOVER && m->sequence &&
	    hasw_voter_recovers(&l->voter) && s->disk.voters & self) {
		hasw_voter_empty(&l->voter, now, s->ops->top(s->arg), &reply);
		s->ops->send(s->arg, m->holder, &reply);
		return;
	}
	/* Who is to become a voter has no part in that. */
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
		/* What was found out of date meanwhile is written later. */
		if (hasw_seat_stale(s, l))
			hasw_seat_sync(s);
		break;
	case HASW_VOTER_SYNC:
		l->held = 1;
		l->message = *m;
		hasw_seat_sync(s);
		break;
	default:
		break;
	}
}

/* Rule 17: enough have said what they know, or that there is nothing to know; the
 * node votes when that is on its disk, for all leases at once.
 */
static inline void hasw_seat_recovered(struct hasw_seat *s)
{
	struct hasw_voter *first = &s->lease[HASW_SEAT_CONFIG].voter;

	/* Above what the own module has seen as well. */
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

/* The own tenure of the configuration's lease, or 0. */
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

/* What this node knows of the voter set, for who knows less or more. */
static inline void hasw_seat_tell_set(struct hasw_seat *s, __u8 to)
{
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_COMMITTED, .generation = s->set.generation,
		.voters = s->set.voters, .epoch = s->set.epoch,
		.conf = s->set.conf,
	};

	s->ops->send(s->arg, to, &m);
}

/* The voters of this node know no less than who has heard of the set in time. */
static inline void hasw_seat_catch_up(struct hasw_seat *s)
{
	if (s->disk.generation != s->set.generation)
		return;
	for (unsigned int i = 0; i < s->n; i++)
		hasw_voter_raise(&s->lease[i].voter, s->set.epoch);
}

/* Who becomes a voter knows nothing that counts (rule 17). */
static inline void hasw_seat_join(struct hasw_seat *s, __u64 now)
{
	s->disk = (struct hasw_voter_disk) {
		.generation = s->set.generation, .voters = s->set.voters,
		.committed = s->set.generation,
	};
	s->want = s->disk;
	s->began = now;
	s->dropped = s->syncing;
	for (unsigned int i = 0; i < s->n; i++) {
		s->lease[i].held = 0;
		hasw_voter_start(&s->lease[i].voter, now, s->life);
	}
	hasw_seat_sync(s);
}

/* The voter goes over to the committed set, whatever it was asked to ack. */
static inline void hasw_seat_vote_in(struct hasw_seat *s, __u64 now)
{
	const struct hasw_seat_set *set = &s->set;
	__u32 self = 1U << s->id;
	__u64 counter = hasw_vote_counter(set->epoch);

	if (s->disk.generation > set->generation)
		return;
	if (s->disk.generation == set->generation &&
	    s->disk.voters == set->voters) {
		/* It was acked, and is known to be committed now. */
		if (s->disk.committed < set->generation) {
			s->want.committed = set->generation;
			hasw_seat_sync(s);
		}
		return;
	}
	if (HASW_RULES_WRONG(SET_MISSED))
		return;
	HASW_RULES_SEEN(18);
	/* It may have been no voter in a set that it has not heard of. Not so
	 * if it has only acked another one of this generation.
	 */
	if (set->voters & self &&
	    (!(s->disk.voters & self) ||
	     (s->disk.generation + 1 != set->generation &&
	      s->disk.committed + 1 != set->generation))) {
		hasw_seat_join(s, now);
		return;
	}
	s->want.generation = set->generation;
	s->want.voters = set->voters;
	s->want.committed = set->generation;
	if (!s->disk.known) {
		s->disk.generation = set->generation;
		s->disk.voters = set->voters;
		s->disk.committed = set->generation;
		s->lease[HASW_SEAT_CONFIG].voter.answered = 0;
		return;
	}
	s->want.settling = 1;
	if (s->want.ceiling <= counter)
		s->want.ceiling = counter + s->t->ceiling;
	if (hasw_vote_conf_newer(&set->conf, &s->want.conf))
		s->want.conf = set->conf;
	s->lease[HASW_SEAT_CONFIG].voter.changed =
		now + hasw_vote_wait(s->t, s->t->longest);
	hasw_seat_sync(s);
}

/**
 * hasw_seat_adopt() - a committed voter set is heard of (rules 18 and 23)
 * @s: the seat
 * @now: the time
 * @set: the set and its proof
 *
 * Whatever was missed between: the proof says what has to be known.
 */
static inline void hasw_seat_adopt(struct hasw_seat *s, __u64 now,
				   const struct hasw_seat_set *set)
{
	if (set->generation <= s->set.generation ||
	    !hasw_vote_sound_max(set->epoch))
		return;
	HASW_RULES_SEEN(23);
	s->set = *set;
	for (unsigned int i = 0; i < s->n; i++)
		hasw_proposer_voters(&s->lease[i].proposer, set->generation,
				     set->voters);
	s->writer.generation = set->generation;
	s->writer.voters = set->voters;
	s->writer.said = 0;
	if (s->writer.state != HASW_WRITER_OFF)
		s->writer.epoch = 0;
	hasw_seat_vote_in(s, now);
	hasw_seat_catch_up(s);
}

/* Sets of different generations meet. Return: whether the message is about
 * nothing else.
 */
static inline int hasw_seat_compare(struct hasw_seat *s, __u64 now, __u8 from,
				    const struct hasw_vote_msg *m)
{
	struct hasw_seat_set set = {
		.generation = m->generation, .voters = m->voters,
		.epoch = m->epoch, .conf = m->conf,
	};

	if (from == s->id || m->type == HASW_VOTE_SET ||
	    (HASW_RULES_WRONG(ANY_GENERATION) &&
	     m->type != HASW_VOTE_COMMITTED))
		return 0;
	if (m->type == HASW_VOTE_COMMITTED)
		hasw_seat_adopt(s, now, &set);
	if (m->generation < s->set.generation ||
	    (m->generation > s->set.generation &&
	     m->type != HASW_VOTE_COMMITTED))
		hasw_seat_tell_set(s, from);
	return m->type == HASW_VOTE_COMMITTED;
}

/* Whether the epochs of a message can have come about by counting. */
static inline int hasw_seat_sound(const struct hasw_vote_msg *m)
{
	int known = m->type == HASW_VOTE_SET || m->type == HASW_VOTE_COMMITTED;

	return (known ? hasw_vote_sound_max(m->epoch) :
			hasw_vote_sound(m->epoch)) &&
	       hasw_vote_sound(m->conf.epoch) &&
	       hasw_vote_sound_max(m->epoch_max);
}

/* Rule 20: whatever was received, of whatever content. */
static inline void hasw_seat_alive(struct hasw_seat *s, __u8 from)
{
	if (from == s->id || from >= HASW_VOTE_NODES)
		return;
	for (unsigned int i = 0; i < s->n; i++)
		hasw_proposer_alive(&s->lease[i].proposer, from);
}

/**
 * hasw_seat_hear() - a message has come
 * @s: the seat
 * @now: the time
 * @from: who has sent it, by the way that it came
 * @m: the message
 *
 * A question is for who asks: what it says of its sender and holder is not
 * read. An answer to a question of the coordinator of the voter set (a
 * HASW_VOTE_SET, a HASW_VOTE_RECOVER without a sequence) is not for the seat.
 */
static inline void hasw_seat_hear(struct hasw_seat *s, __u64 now, __u8 from,
				  const struct hasw_vote_msg *m)
{
	struct hasw_seat_lease *l = hasw_seat_of_node(m) ?
		&s->lease[HASW_SEAT_CONFIG] : hasw_seat_find(s, m->lease);
	struct hasw_vote_msg own = *m;
	struct hasw_vote_out out;

	hasw_seat_alive(s, from);
	if (from >= HASW_VOTE_NODES || !s->n || !hasw_seat_sound(m))
		return;
	if (hasw_seat_compare(s, now, from, m) || !l)
		return;
	own.from = from;
	if (m->answer == HASW_VOTE_ASK) {
		own.holder = from;
		if (m->type == HASW_VOTE_RELEASE && from != s->id)
			hasw_proposer_eager(&l->proposer, now);
		hasw_seat_judge(s, l, now, &own);
		return;
	}
	own.holder = s->id;
	switch (m->type) {
	case HASW_VOTE_SET:
		break;
	case HASW_VOTE_RECOVER:
		hasw_seat_recover(s, now, &own);
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
 * hasw_seat_resigned() - the module of another node says that it holds no more
 * @s: the seat
 * @now: the time
 * @from: that node
 * @number: of the lease
 * @epoch: under which it held
 * @panic: its kernel panicked (rule 21)
 */
static inline void hasw_seat_resigned(struct hasw_seat *s, __u64 now, __u8 from,
				      __u32 number, __u64 epoch, int panic)
{
	struct hasw_seat_lease *l = hasw_seat_find(s, number);

	hasw_seat_alive(s, from);
	if (!l || from >= HASW_VOTE_NODES || !hasw_vote_sound(epoch))
		return;
	hasw_voter_resigned(&l->voter, now, from, epoch, panic, &s->want);
	hasw_proposer_eager(&l->proposer, now);
	if (s->want.ceiling != s->disk.ceiling || hasw_seat_stale(s, l))
		hasw_seat_sync(s);
}

/**
 * hasw_seat_synced() - the image is on the disk
 * @s: the seat
 * @now: the time
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
	/* A set may have been heard of since the image was made. */
	hasw_seat_vote_in(s, now);
	hasw_seat_catch_up(s);
	for (unsigned int i = 0; i < s->n; i++) {
		struct hasw_seat_lease *l = &s->lease[i];

		if (!l->held)
			continue;
		l->held = 0;
		hasw_seat_judge(s, l, now, &l->message);
	}
	/* Most often what was wanted meanwhile is in the image already. */
	if (s->again && __builtin_memcmp(&s->want, &s->disk, sizeof(s->want)))
		hasw_seat_sync(s);
}

/**
 * hasw_seat_stopped() - the module has stopped, nothing of it is on its way any
 *	more, and it has burned all epochs up to the highest in use
 * @s: the seat
 * @slot: of the lease
 * @now: the time
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
 * hasw_seat_refused() - the module did not take what it was given
 * @s: the seat
 * @slot: of the lease
 * @now: the time
 */
static inline void hasw_seat_refused(struct hasw_seat *s, unsigned int slot,
				     __u64 now)
{
	struct hasw_vote_out out;

	hasw_seat_out(&out);
	hasw_proposer_refused(&s->lease[slot].proposer, now, &out);
	hasw_seat_carry_out(s, slot, &out);
}

/* Every so often: the writer of the configuration and a node that recovers. */
static inline void hasw_seat_step(struct hasw_seat *s, __u64 now)
{
	struct hasw_seat_lease *l = &s->lease[HASW_SEAT_CONFIG];
	struct hasw_vote_out out;
	struct hasw_vote_msg m;

	s->step = now + s->t->retry * 3 / 4;
	if (!s->n)
		return;
	/* What was not written before the power was lost. */
	if (!s->syncing)
		hasw_seat_vote_in(s, now);
	if (hasw_voter_ask(&l->voter, now, &m)) {
		m.lease = l->number;
		/* The modules of those who do not vote may have seen an epoch. */
		for (__u8 to = 0; to < HASW_VOTE_NODES; to++)
			if (to != s->id)
				s->ops->send(s->arg, to, &m);
		/* Who is alone has nobody to ask (rule 22). */
		if (s->disk.voters == 1U << s->id && !s->want.known)
			hasw_seat_recovered(s);
	}
	hasw_seat_out(&out);
	if (hasw_writer_tick(&s->writer, now, hasw_seat_writes(s, now), &out)) {
		hasw_proposer_move(&l->proposer, now, &out);
		hasw_seat_carry_out(s, HASW_SEAT_CONFIG, &out);
		return;
	}
	hasw_seat_send(s, HASW_SEAT_CONFIG, &out);
}

/**
 * hasw_seat_mute() - for how long this voter acks nothing yet (rule 15)
 * @s: the seat
 * @now: the time
 *
 * It is the same for all leases, see hasw_seat_begin().
 *
 * Return: ns; 0: it votes
 */
static inline __u64 hasw_seat_mute(const struct hasw_seat *s, __u64 now)
{
	__u64 muted = s->n ? s->lease[HASW_SEAT_CONFIG].voter.muted : 0;

	return now < muted ? muted - now : 0;
}

/**
 * hasw_seat_wake() - when hasw_seat_tick() is wanted next
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
 * hasw_seat_tick() - time has passed
 * @s: the seat
 * @now: the time
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
