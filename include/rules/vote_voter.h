/* SPDX-License-Identifier: GPL-2.0 */
/* A voter: what it remembers of a lease, and how it answers. */
#ifndef HASW_RULES_VOTE_VOTER_H
#define HASW_RULES_VOTE_VOTER_H

#include "vote.h"

/**
 * struct hasw_voter_disk - what a voter must find again after a power loss
 * @ceiling: counters below it may have been used (rule 14)
 * @long_epoch: epoch of the long record, 0: none (rule 16)
 * @long_length: its length, ns
 * @long_holder: its holder
 * @known: 0: the state was lost or never there, the voter recovers (rule 17)
 * @settling: the set was changed and the wait after it is not over (rule 18)
 * @generation: of the voter set
 * @voters: bitmap of the set
 * @conf: rule 19
 */
struct hasw_voter_disk {
	__u64 ceiling;
	__u64 long_epoch;
	__u64 long_length;
	__u8 long_holder;
	__u8 known;
	__u8 settling;
	__u32 generation;
	__u32 voters;
	struct hasw_vote_conf conf;
};

/**
 * struct hasw_voter - a voter's state of one lease
 * @t: the times
 * @id: this node
 * @pinned: the record came from the disk: nobody renews it (rule 16)
 * @holder: of the record
 * @life: of this agent, for what it asks when it recovers
 * @epoch: of the record, 0: none
 * @expiry: of the record
 * @length: of the right that the record stands for
 * @epoch_max: no lower one is accepted
 * @muted: no GRANT before (rule 15), nothing at all while recovering
 * @changed: the set must not change before (rule 18)
 * @sequence: of its question when it recovers
 * @answered: who has answered that
 * @found: the newest of the answers
 * @disk: what is known to be on the disk
 */
struct hasw_voter {
	const struct hasw_vote_times *t;
	__u8 id;
	__u8 pinned;
	__u8 holder;
	__u16 life;
	__u64 epoch;
	__u64 expiry;
	__u64 length;
	__u64 epoch_max;
	__u64 muted;
	__u64 changed;
	__u64 sequence;
	__u32 answered;
	struct hasw_vote_msg found;
	struct hasw_voter_disk disk;
};

/**
 * enum hasw_voter_does - what the caller does next
 * @HASW_VOTER_SILENT: nothing
 * @HASW_VOTER_REPLY: sends the message back
 * @HASW_VOTER_SYNC: writes the image, off the event loop, then calls
 *	hasw_voter_synced() and hands in the same message again
 */
enum hasw_voter_does {
	HASW_VOTER_SILENT,
	HASW_VOTER_REPLY,
	HASW_VOTER_SYNC,
};

/* Whether configuration @a is newer than @b. */
static inline int hasw_vote_conf_newer(const struct hasw_vote_conf *a,
				       const struct hasw_vote_conf *b)
{
	return a->epoch != b->epoch ? a->epoch > b->epoch :
	       a->generation > b->generation;
}

/**
 * hasw_voter_start() - after a restart that lost what was in memory
 * @v: the voter; @v->t and @v->id are set
 * @now: the time
 * @life: of the agent
 * @disk: what was found
 */
static inline void hasw_voter_start(struct hasw_voter *v, __u64 now,
				    __u16 life,
				    const struct hasw_voter_disk *disk)
{
	v->life = life;
	v->disk = *disk;
	v->sequence = 1;
	v->answered = 0;
	v->epoch = 0;
	v->expiry = 0;
	v->pinned = 0;
	v->epoch_max = 0;
	v->found.epoch_max = 0;
	v->found.conf = disk->conf;
	if (!HASW_RULES_WRONG(NO_CEILING) && disk->ceiling)
		v->epoch_max = disk->ceiling << 24;
	HASW_RULES_SEEN(15);
	v->muted = now + hasw_vote_wait(v->t, v->t->length);
	if (HASW_RULES_WRONG(NO_WAIT))
		v->muted = now;
	v->changed = disk->settling ?
		     now + hasw_vote_wait(v->t, v->t->longest) : now;
	if (!disk->known && !HASW_RULES_WRONG(RECOVER_ANSWERS)) {
		HASW_RULES_SEEN(17);
		v->muted = now + hasw_vote_wait(v->t, v->t->longest);
		return;
	}
	if (disk->long_epoch) {
		HASW_RULES_SEEN(16);
		v->epoch = disk->long_epoch;
		v->holder = disk->long_holder;
		v->length = disk->long_length;
		v->expiry = now + hasw_vote_wait(v->t, disk->long_length);
		v->pinned = 1;
		if (v->epoch_max < v->epoch)
			v->epoch_max = v->epoch;
	}
}

/**
 * hasw_voter_synced() - the image that was asked for is on the disk
 * @v: the voter
 * @disk: the image
 */
static inline void hasw_voter_synced(struct hasw_voter *v,
				     const struct hasw_voter_disk *disk)
{
	v->disk = *disk;
}

/* Rule 14: whether @epoch may pass; else @disk wants a higher ceiling. */
static inline int hasw_voter_below(const struct hasw_voter *v, __u64 epoch,
				   struct hasw_voter_disk *disk)
{
	__u64 counter = hasw_vote_counter(epoch);

	if (counter < v->disk.ceiling || HASW_RULES_WRONG(NO_CEILING))
		return 1;
	HASW_RULES_SEEN(14);
	disk->ceiling = counter + v->t->ceiling;
	return 0;
}

static inline void hasw_voter_raise(struct hasw_voter *v, __u64 epoch)
{
	HASW_RULES_SEEN(3);
	if (v->epoch_max < epoch)
		v->epoch_max = epoch;
}

/* Whether the record keeps others than @holder out. */
static inline int hasw_voter_held(const struct hasw_voter *v, __u64 now,
				  __u8 holder)
{
	return v->epoch && now < v->expiry && v->holder != holder;
}

/* Rule 4: what every reply says. */
static inline void hasw_voter_tell(const struct hasw_voter *v, __u64 now,
				   struct hasw_vote_msg *m)
{
	m->from = v->id;
	m->epoch_max = v->epoch_max;
	m->conf = v->disk.conf;
	m->remaining = 0;
	if (hasw_voter_held(v, now, m->holder))
		m->remaining = v->expiry - now;
	if (now < v->muted && v->muted - now > m->remaining)
		m->remaining = v->muted - now;
}

/* Rules 5, 15 and 16. */
static inline enum hasw_voter_does
hasw_voter_grant(struct hasw_voter *v, __u64 now, struct hasw_vote_msg *m,
		 struct hasw_voter_disk *disk)
{
	int same = v->epoch == m->epoch && v->holder == m->holder && !v->pinned;
	int keep, wait = 0;
	__u64 expiry;

	HASW_RULES_SEEN(5);
	if (now < v->muted) {
		m->answer = HASW_VOTE_MUTED;
		return HASW_VOTER_REPLY;
	}
	if (!same && hasw_voter_held(v, now, m->holder)) {
		m->answer = HASW_VOTE_HELD;
		return HASW_VOTER_REPLY;
	}
	if (!same && m->epoch <= v->epoch_max) {
		m->answer = HASW_VOTE_LOW;
		return HASW_VOTER_REPLY;
	}
	wait = !hasw_voter_below(v, m->epoch, disk);
	if (m->length > v->t->length && !HASW_RULES_WRONG(LONG_NOT_SYNCED) &&
	    (v->disk.long_epoch != m->epoch ||
	     v->disk.long_holder != m->holder ||
	     v->disk.long_length < m->length)) {
		HASW_RULES_SEEN(16);
		disk->long_epoch = m->epoch;
		disk->long_holder = m->holder;
		disk->long_length = m->length;
		wait = 1;
	}
	if (m->cut && v->disk.long_epoch && v->disk.long_holder == m->holder &&
	    v->disk.long_epoch < m->epoch) {
		disk->long_epoch = 0;
		disk->long_length = 0;
		wait = 1;
	}
	if (wait)
		return HASW_VOTER_SYNC;
	/* A cut that took the lead ends what the longer record promised. */
	keep = v->epoch && v->holder == m->holder && (!m->cut || same) &&
	       !HASW_RULES_WRONG(SHRINK);
	expiry = now + hasw_vote_wait(v->t, m->length);
	if (keep && v->expiry > expiry)
		expiry = v->expiry;
	else
		v->length = m->length;
	hasw_voter_raise(v, m->epoch);
	v->epoch = m->epoch;
	v->holder = m->holder;
	v->expiry = expiry;
	v->pinned = 0;
	m->answer = HASW_VOTE_ACK;
	return HASW_VOTER_REPLY;
}

/* Rule 6. */
static inline enum hasw_voter_does
hasw_voter_release(struct hasw_voter *v, struct hasw_vote_msg *m,
		   struct hasw_voter_disk *disk)
{
	int wait = !hasw_voter_below(v, m->epoch, disk);
	int any = HASW_RULES_WRONG(RELEASE_ANY);

	HASW_RULES_SEEN(6);
	if (disk->long_epoch && disk->long_holder == m->holder &&
	    (disk->long_epoch == m->epoch || any)) {
		disk->long_epoch = 0;
		disk->long_length = 0;
		wait = 1;
	}
	if (wait)
		return HASW_VOTER_SYNC;
	if (!HASW_RULES_WRONG(NO_BURN))
		hasw_voter_raise(v, m->epoch);
	if (v->epoch && v->holder == m->holder &&
	    (v->epoch == m->epoch || any)) {
		v->epoch = 0;
		v->expiry = 0;
		v->pinned = 0;
	}
	m->answer = HASW_VOTE_ACK;
	return HASW_VOTER_REPLY;
}

/* Rule 19: asking for the configuration promises as much as writing it. */
static inline enum hasw_voter_does
hasw_voter_conf(struct hasw_voter *v, struct hasw_vote_msg *m,
		struct hasw_voter_disk *disk)
{
	int wait;

	HASW_RULES_SEEN(19);
	if (m->epoch < v->epoch_max && !HASW_RULES_WRONG(CONF_LOW)) {
		m->answer = HASW_VOTE_LOW;
		return HASW_VOTER_REPLY;
	}
	if (m->type == HASW_VOTE_CONF_WRITE && !HASW_RULES_WRONG(CONF_LOW) &&
	    hasw_vote_conf_newer(&v->disk.conf, &m->conf)) {
		m->answer = HASW_VOTE_HELD;
		return HASW_VOTER_REPLY;
	}
	wait = !hasw_voter_below(v, m->epoch, disk);
	if (m->type == HASW_VOTE_CONF_WRITE &&
	    (m->conf.epoch != v->disk.conf.epoch ||
	     m->conf.generation != v->disk.conf.generation)) {
		disk->conf = m->conf;
		wait = 1;
	}
	if (wait)
		return HASW_VOTER_SYNC;
	hasw_voter_raise(v, m->epoch);
	m->answer = HASW_VOTE_ACK;
	return HASW_VOTER_REPLY;
}

/* Rule 18: the set that follows, one voter more or less. It brings what a
 * majority of the set before knows: else two changes leave a majority that has
 * never heard of an epoch or a configuration.
 */
static inline enum hasw_voter_does
hasw_voter_set(struct hasw_voter *v, __u64 now, struct hasw_vote_msg *m,
	       struct hasw_voter_disk *disk)
{
	int wait = 0;

	HASW_RULES_SEEN(18);
	if (m->generation != v->disk.generation ||
	    m->voters != v->disk.voters) {
		if (m->generation != v->disk.generation + 1)
			return HASW_VOTER_SILENT;
		/* A fence may stand for the second voter: one record then,
		 * which a majority of three does not meet.
		 */
		if ((hasw_vote_count(v->disk.voters) == 2 ||
		     hasw_vote_count(m->voters) == 2) &&
		    !HASW_RULES_WRONG(TWO_GROW))
			return HASW_VOTER_SILENT;
		if (hasw_vote_count(m->voters ^ v->disk.voters) != 1 &&
		    !HASW_RULES_WRONG(SWAP))
			return HASW_VOTER_SILENT;
		if (now < v->changed && !HASW_RULES_WRONG(NEXT_CHANGE))
			return HASW_VOTER_SILENT;
		disk->generation = m->generation;
		disk->voters = m->voters;
		disk->settling = 1;
		v->changed = now + hasw_vote_wait(v->t, v->t->longest);
		wait = 1;
	}
	if (!HASW_RULES_WRONG(SET_EMPTY)) {
		wait |= !hasw_voter_below(v, m->epoch, disk);
		if (hasw_vote_conf_newer(&m->conf, &disk->conf)) {
			disk->conf = m->conf;
			wait = 1;
		}
		if (!wait)
			hasw_voter_raise(v, m->epoch);
	}
	if (wait)
		return HASW_VOTER_SYNC;
	m->answer = HASW_VOTE_ACK;
	return HASW_VOTER_REPLY;
}

/* Rule 17: whether a voter without its state says nothing yet. */
static inline int hasw_voter_recovers(const struct hasw_voter *v)
{
	return !v->disk.known && !HASW_RULES_WRONG(RECOVER_ANSWERS);
}

/**
 * hasw_voter_judge() - answers a message
 * @v: the voter
 * @now: the time
 * @m: the message, becomes the reply
 * @disk: the image to write, when that is what is to be done
 *
 * Return: enum hasw_voter_does.
 */
static inline enum hasw_voter_does
hasw_voter_judge(struct hasw_voter *v, __u64 now, struct hasw_vote_msg *m,
		 struct hasw_voter_disk *disk)
{
	enum hasw_voter_does does = HASW_VOTER_REPLY;

	*disk = v->disk;
	if (hasw_voter_recovers(v))
		return HASW_VOTER_SILENT;
	if (m->type == HASW_VOTE_SET)
		does = hasw_voter_set(v, now, m, disk);
	else if (m->generation != v->disk.generation &&
		 !HASW_RULES_WRONG(ANY_GENERATION))
		return HASW_VOTER_SILENT;
	else if (m->type == HASW_VOTE_GRANT)
		does = hasw_voter_grant(v, now, m, disk);
	else if (m->type == HASW_VOTE_RELEASE)
		does = hasw_voter_release(v, m, disk);
	else if (m->type == HASW_VOTE_CONF_READ ||
		 m->type == HASW_VOTE_CONF_WRITE)
		does = hasw_voter_conf(v, m, disk);
	else
		m->answer = now < v->muted ? HASW_VOTE_MUTED :
			    hasw_voter_held(v, now, m->holder) ?
			    HASW_VOTE_HELD : HASW_VOTE_ACK;
	if (does == HASW_VOTER_REPLY) {
		HASW_RULES_SEEN(4);
		hasw_voter_tell(v, now, m);
	}
	return does;
}

/**
 * hasw_voter_set_committed() - whether a change of the set is done (rule 18)
 * @acked: voters that acked it
 * @before: the set before
 * @after: the set after
 */
static inline int hasw_voter_set_committed(__u32 acked, __u32 before,
					   __u32 after)
{
	return hasw_vote_majority(acked, before) &&
	       hasw_vote_majority(acked, after);
}

/**
 * hasw_voter_ask() - the question of a voter that recovers (rule 17)
 * @v: the voter
 * @now: the time
 * @m: filled in; for all voters but this one
 *
 * Return: whether there is something to ask now.
 */
static inline int hasw_voter_ask(struct hasw_voter *v, __u64 now,
				 struct hasw_vote_msg *m)
{
	if (v->disk.known || now < v->muted)
		return 0;
	*m = (struct hasw_vote_msg) {
		.type = HASW_VOTE_RECOVER, .from = v->id, .holder = v->id,
		.life = v->life, .sequence = v->sequence,
		.generation = v->disk.generation,
	};
	return 1;
}

/**
 * hasw_voter_told() - an answer to hasw_voter_ask()
 * @v: the voter
 * @now: the time
 * @m: the answer
 * @disk: the image to write, when that is what is to be done
 *
 * Return: HASW_VOTER_SYNC when enough have answered, else HASW_VOTER_SILENT.
 * Once hasw_voter_synced() is called the voter votes.
 */
static inline enum hasw_voter_does
hasw_voter_told(struct hasw_voter *v, __u64 now, const struct hasw_vote_msg *m,
		struct hasw_voter_disk *disk)
{
	__u32 others = v->disk.voters & ~(1U << v->id);
	__u64 epoch;

	if (v->disk.known || now < v->muted || m->life != v->life ||
	    m->sequence != v->sequence || m->generation != v->disk.generation)
		return HASW_VOTER_SILENT;
	v->answered |= 1U << m->from & others;
	if (v->found.epoch_max < m->epoch_max)
		v->found.epoch_max = m->epoch_max;
	if (hasw_vote_conf_newer(&m->conf, &v->found.conf))
		v->found.conf = m->conf;
	epoch = v->found.epoch_max;
	*disk = v->disk;
	if (HASW_RULES_WRONG(RECOVER_SKIPS)) {
		disk->known = 1;
		return HASW_VOTER_SYNC;
	}
	if (!hasw_vote_majority(v->answered, v->disk.voters))
		return HASW_VOTER_SILENT;
	HASW_RULES_SEEN(17);
	disk->known = 1;
	disk->conf = v->found.conf;
	if (disk->ceiling <= hasw_vote_counter(epoch))
		disk->ceiling = hasw_vote_counter(epoch) + v->t->ceiling;
	hasw_voter_raise(v, epoch);
	return HASW_VOTER_SYNC;
}

#endif
