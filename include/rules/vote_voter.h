/* SPDX-License-Identifier: GPL-2.0 */
/* A voter: its record of one lease, and its replies. A record is the grant that
 * the voter acked last; until it expires, the voter refuses other nodes. A long
 * right outlasts a planned stop of the holder's agent; its record is on the
 * voter's disk. A cut shortens it to a usual one.
 */
#ifndef HASW_RULES_VOTE_VOTER_H
#define HASW_RULES_VOTE_VOTER_H

#include "vote_disk.h"

/**
 * struct hasw_voter - a voter's state of one lease
 * @t: agreed times of the vote
 * @disk: image that is known to be on the disk of this node
 * @lease: number of the lease
 * @id: id of this node
 * @pinned: the record cannot be renewed, because it was read from the disk, or
 *	its holder has given up the lease
 * @holder: id of the node to which the grant in the record belongs
 * @life: random number of this run of the agent, sent in its recovery question
 * @epoch: epoch of the record; 0: there is no record
 * @expiry: end of the record, ns
 * @usual: end of the holder's usual right, ns; no cut ends the record earlier
 * @far: highest epoch under which the holder got a long right; 0: none
 * @epoch_max: the voter acks no epoch below this one
 * @muted: time before which no GRANT is acked, ns (rule 15); in recovery, the
 *	voter asks no question before this time
 * @changed: time before which no change of the voter set is acked, ns (rule 18)
 * @sequence: number of the question that the voter asks in recovery
 * @answered: bitmap of voters that replied to the question with a state
 * @empty: bitmap of voters that have no state and whose wait is over
 * @asked: when the question was first sent, ns
 * @begun: time until which the voter replies HASW_VOTE_BEGUN, ns
 * @found: the newest values in all replies that arrived during the recovery
 */
struct hasw_voter {
	const struct hasw_vote_times *t;
	const struct hasw_voter_disk *disk;
	__u32 lease;
	__u8 id;
	__u8 pinned;
	__u8 holder;
	__u16 life;
	__u64 epoch;
	__u64 expiry;
	__u64 usual;
	__u64 far;
	__u64 epoch_max;
	__u64 muted;
	__u64 changed;
	__u64 sequence;
	__u32 answered;
	__u32 empty;
	__u64 asked;
	__u64 begun;
	struct hasw_vote_msg found;
};

/**
 * enum hasw_voter_does - what the caller must do next
 * @HASW_VOTER_SILENT: do nothing
 * @HASW_VOTER_REPLY: send the reply, which has replaced the question
 * @HASW_VOTER_SYNC: write the wanted image to the disk, outside the event loop,
 *	and then handle the same question again
 */
enum hasw_voter_does {
	HASW_VOTER_SILENT,
	HASW_VOTER_REPLY,
	HASW_VOTER_SYNC,
};

/* Returns whether configuration @a is newer than @b. */
static inline int hasw_vote_conf_newer(const struct hasw_vote_conf *a,
				       const struct hasw_vote_conf *b)
{
	return a->epoch != b->epoch ? a->epoch > b->epoch :
	       a->generation > b->generation;
}

/**
 * hasw_voter_start() - starts a voter from the disk image
 * @v: the voter; the caller has set @v->t, @v->id, @v->lease and @v->disk
 * @now: current time, ns; or the agent's start time, if this voter has acked
 *	nothing since then
 * @life: random number of this run of the agent
 */
static inline void hasw_voter_start(struct hasw_voter *v, __u64 now,
				    __u16 life)
{
	const struct hasw_voter_disk *disk = v->disk;
	struct hasw_voter_long old = hasw_voter_long_of(disk, v->lease);

	v->life = life;
	v->sequence = 0;
	v->answered = 0;
	v->empty = 0;
	v->asked = 0;
	v->begun = 0;
	v->epoch = 0;
	v->expiry = 0;
	v->usual = 0;
	v->far = old.epoch;
	v->pinned = 0;
	v->epoch_max = 0;
	v->found.epoch_max = 0;
	v->found.ballot = 0;
	v->found.acked = 0;
	v->found.conf = disk->conf;
	if (!HASW_RULES_WRONG(NO_CEILING) && disk->ceiling)
		v->epoch_max = disk->ceiling << 24;
	HASW_RULES_SEEN(15);
	v->muted = now + hasw_vote_wait(v->t, HASW_RULES_WRONG(MUTE_LEAST) ?
					v->t->length : v->t->slowest);
	if (HASW_RULES_WRONG(NO_WAIT))
		v->muted = now;
	v->changed = disk->settling ?
		     now + hasw_vote_wait(v->t, v->t->longest) : now;
	if (!disk->known && !HASW_RULES_WRONG(RECOVER_ANSWERS)) {
		HASW_RULES_SEEN(17);
		v->muted = now + hasw_vote_wait(v->t, v->t->longest);
		return;
	}
	if (old.epoch) {
		HASW_RULES_SEEN(16);
		v->epoch = old.epoch;
		v->holder = old.holder;
		v->expiry = now + hasw_vote_wait(v->t, old.length);
		v->pinned = 1;
		if (v->epoch_max < v->epoch)
			v->epoch_max = v->epoch;
	}
}

/* Returns whether @epoch is below the ceiling on the disk. If it is not, raises
 * the ceiling in @want above @epoch (rule 14).
 */
static inline int hasw_voter_below(const struct hasw_voter *v, __u64 epoch,
				   struct hasw_voter_disk *want)
{
	__u64 counter = hasw_vote_counter(epoch);

	if (counter < v->disk->ceiling || HASW_RULES_WRONG(NO_CEILING))
		return 1;
	HASW_RULES_SEEN(14);
	if (want->ceiling <= counter)
		want->ceiling = counter + v->t->ceiling;
	return 0;
}

static inline void hasw_voter_raise(struct hasw_voter *v, __u64 epoch)
{
	HASW_RULES_SEEN(3);
	if (v->epoch_max < epoch)
		v->epoch_max = epoch;
}

/* Returns whether @v has an unexpired record for a node other than @holder. */
static inline int hasw_voter_held(const struct hasw_voter *v, __u64 now,
				  __u8 holder)
{
	return v->epoch && now < v->expiry && v->holder != holder;
}

/* Fills in the fields that every reply has (rule 4). */
static inline void hasw_voter_reply(const struct hasw_voter *v, __u64 now,
				    struct hasw_vote_msg *m)
{
	m->from = v->id;
	m->epoch_max = v->epoch_max;
	m->conf = v->disk->conf;
	m->remaining = 0;
	if (hasw_voter_held(v, now, m->holder))
		m->remaining = v->expiry - now;
	if (now < v->muted && v->muted - now > m->remaining)
		m->remaining = v->muted - now;
}

/* Handles a GRANT (rules 5, 15 and 16). */
static inline enum hasw_voter_does
hasw_voter_grant(struct hasw_voter *v, __u64 now, struct hasw_vote_msg *m,
		 struct hasw_voter_disk *want)
{
	struct hasw_voter_long old = hasw_voter_long_of(v->disk, v->lease);
	struct hasw_voter_long next = hasw_voter_long_of(want, v->lease);
	int same = v->epoch == m->epoch && v->holder == m->holder && !v->pinned;
	int keep, cut, wait = 0;
	__u64 expiry;

	HASW_RULES_SEEN(5);
	/* A longer right would outlast a recovering voter's wait (rule 17). */
	if (m->length > v->t->longest)
		return HASW_VOTER_SILENT;
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
	wait = !hasw_voter_below(v, m->epoch, want);
	if (m->length > v->t->slowest && !HASW_RULES_WRONG(LONG_NOT_SYNCED) &&
	    (old.epoch != m->epoch || old.holder != m->holder ||
	     old.length < m->length)) {
		struct hasw_voter_long longer = old;

		HASW_RULES_SEEN(16);
		/* Only a cut reduces the length recorded for a holder. */
		if (next.length > longer.length)
			longer = next;
		next = (struct hasw_voter_long) {
			.epoch = m->epoch, .holder = m->holder,
			.length = m->length, .lease = v->lease,
		};
		if (longer.epoch && longer.holder == m->holder && !m->cut &&
		    longer.length > m->length &&
		    !HASW_RULES_WRONG(LONG_SHRINKS))
			next.length = longer.length;
		if (!hasw_voter_long_put(want, &next))
			return HASW_VOTER_SILENT;
		wait = 1;
	}
	if (wait)
		return HASW_VOTER_SYNC;
	if (m->cut && next.epoch && next.holder == m->holder &&
	    next.epoch < m->epoch) {
		next.epoch = 0;
		hasw_voter_long_put(want, &next);
	}
	expiry = now + hasw_vote_wait(v->t, m->length);
	if (!v->epoch || v->holder != m->holder) {
		v->usual = 0;
		v->far = 0;
	}
	if (m->length > v->t->slowest) {
		if (v->far < m->epoch)
			v->far = m->epoch;
	} else if (v->usual < expiry) {
		v->usual = expiry;
	}
	/* A delayed cut must not end a long right under a higher epoch. */
	cut = m->cut && (v->far < m->epoch || HASW_RULES_WRONG(CUT_ALL));
	keep = v->epoch && v->holder == m->holder && !cut &&
	       !HASW_RULES_WRONG(SHRINK);
	if (keep && v->expiry > expiry)
		expiry = v->expiry;
	if (expiry < v->usual && !HASW_RULES_WRONG(SHRINK) &&
	    !HASW_RULES_WRONG(CUT_USUAL))
		expiry = v->usual;
	/* The old holder's long right expired: delete its record (rule 16). */
	if (old.epoch && next.epoch == old.epoch &&
	    old.holder != m->holder && !HASW_RULES_WRONG(LONG_KEPT)) {
		HASW_RULES_SEEN(16);
		next.epoch = 0;
		hasw_voter_long_put(want, &next);
	}
	hasw_voter_raise(v, m->epoch);
	v->epoch = m->epoch;
	v->holder = m->holder;
	v->expiry = expiry;
	v->pinned = 0;
	m->answer = HASW_VOTE_ACK;
	return HASW_VOTER_REPLY;
}

/* Handles a RELEASE (rule 6). The record in memory ends at once, because a
 * voter that forgets this in a power loss only waits longer. The ack says that
 * a long record is erased on the disk, too, so it waits for that.
 */
static inline enum hasw_voter_does
hasw_voter_release(struct hasw_voter *v, struct hasw_vote_msg *m,
		   struct hasw_voter_disk *want)
{
	struct hasw_voter_long old = hasw_voter_long_of(v->disk, v->lease);
	struct hasw_voter_long next = hasw_voter_long_of(want, v->lease);
	int any = HASW_RULES_WRONG(RELEASE_ANY), wait = 0;

	HASW_RULES_SEEN(6);
	/* A long record may be on the disk, or only in the wanted image. */
	if (next.epoch && next.holder == m->holder &&
	    (next.epoch == m->epoch || any)) {
		next.epoch = 0;
		hasw_voter_long_put(want, &next);
	}
	if (old.epoch && old.holder == m->holder &&
	    (old.epoch == m->epoch || any))
		wait = 1;
	if (!hasw_voter_below(v, m->epoch, want))
		return HASW_VOTER_SYNC;
	if (!HASW_RULES_WRONG(NO_BURN))
		hasw_voter_raise(v, m->epoch);
	if (v->epoch && v->holder == m->holder &&
	    (v->epoch == m->epoch || any)) {
		v->epoch = 0;
		v->expiry = 0;
		v->pinned = 0;
	}
	if (wait)
		return HASW_VOTER_SYNC;
	m->answer = HASW_VOTE_ACK;
	return HASW_VOTER_REPLY;
}

/* Handles CONF_READ and CONF_WRITE; both raise v->epoch_max (rule 19). */
static inline enum hasw_voter_does
hasw_voter_conf(struct hasw_voter *v, struct hasw_vote_msg *m,
		struct hasw_voter_disk *want)
{
	int wait;

	HASW_RULES_SEEN(19);
	if (m->epoch < v->epoch_max && !HASW_RULES_WRONG(CONF_LOW)) {
		m->answer = HASW_VOTE_LOW;
		return HASW_VOTER_REPLY;
	}
	if (m->type == HASW_VOTE_CONF_WRITE && !HASW_RULES_WRONG(CONF_LOW) &&
	    hasw_vote_conf_newer(&v->disk->conf, &m->conf)) {
		m->answer = HASW_VOTE_HELD;
		return HASW_VOTER_REPLY;
	}
	wait = !hasw_voter_below(v, m->epoch, want);
	if (m->type == HASW_VOTE_CONF_WRITE &&
	    (m->conf.epoch != v->disk->conf.epoch ||
	     m->conf.generation != v->disk->conf.generation)) {
		if (!hasw_vote_conf_newer(&want->conf, &m->conf) ||
		    HASW_RULES_WRONG(CONF_LOW))
			want->conf = m->conf;
		wait = 1;
	}
	if (wait)
		return HASW_VOTER_SYNC;
	hasw_voter_raise(v, m->epoch);
	m->answer = HASW_VOTE_ACK;
	return HASW_VOTER_REPLY;
}

/* Returns whether this voter may still ack a set of number @generation + 1. */
static inline int hasw_voter_open(const struct hasw_voter_disk *disk,
				  __u32 generation)
{
	if (disk->generation == generation)
		return disk->committed == generation;
	return disk->generation == generation + 1 &&
	       disk->committed < disk->generation;
}

/* Handles the first question of the coordinator, the node that changes the set
 * (rule 18). The voter promises to ack no ballot below @m->ballot, and replies
 * with the set that it has acked. The coordinator continues with the acked set
 * of the highest ballot (Paxos).
 */
static inline enum hasw_voter_does
hasw_voter_promise(struct hasw_voter *v, struct hasw_vote_msg *m,
		   struct hasw_voter_disk *want)
{
	const struct hasw_voter_disk *disk = v->disk;

	if (!hasw_voter_open(disk, m->generation) ||
	    want->committed > m->generation)
		return HASW_VOTER_SILENT;
	if (m->ballot > disk->ballot && m->ballot >= want->ballot) {
		want->ballot = m->ballot;
		return HASW_VOTER_SYNC;
	}
	m->answer = m->ballot < want->ballot ? HASW_VOTE_LOW : HASW_VOTE_ACK;
	m->ballot = want->ballot;
	m->acked = disk->acked;
	m->voters = disk->acked ? disk->voters : 0;
	m->map = disk->acked ? disk->map : 0;
	return HASW_VOTER_REPLY;
}

/* Returns whether the voter set @voters may replace the set @before. */
static inline int hasw_voter_follows(__u32 voters, __u32 before)
{
	/* In a set of two, a fence can replace one voter's ack. A majority of a
	 * set of three may not include the other voter, which has the record.
	 */
	if (hasw_vote_count(before) == 2 || hasw_vote_count(voters) == 2)
		return 0;
	return hasw_vote_count(voters ^ before) <= 1 || HASW_RULES_WRONG(SWAP);
}

/* Handles a SET, a coordinator's second question (rule 18). The new set differs
 * from the old set by one voter, or only in nodes without a vote. The message
 * has the highest epoch and the newest configuration that a majority of the old
 * set knows. Otherwise, after two changes, a majority might know neither value.
 */
static inline enum hasw_voter_does
hasw_voter_set(struct hasw_voter *v, __u64 now, struct hasw_vote_msg *m,
	       struct hasw_voter_disk *want)
{
	const struct hasw_voter_disk *disk = v->disk;
	int same = m->generation == disk->generation &&
		   m->voters == disk->voters && m->map == disk->map;
	int wait = 0;

	HASW_RULES_SEEN(18);
	if (!same && (!hasw_voter_open(disk, m->generation - 1) ||
		      want->committed >= m->generation))
		return HASW_VOTER_SILENT;
	if (disk->committed < disk->generation || !same) {
		/* A promise in @want is valid before it is on the disk. */
		if (m->ballot < want->ballot && !HASW_RULES_WRONG(SET_BALLOT)) {
			m->answer = HASW_VOTE_LOW;
			m->ballot = want->ballot;
			return HASW_VOTER_REPLY;
		}
		if (!same || m->ballot != disk->acked) {
			__u32 before = disk->acked ? disk->before : disk->voters;

			if (!hasw_voter_follows(m->voters, before))
				return HASW_VOTER_SILENT;
			/* This voter knows that the old set is committed, so it
			 * ignores questions of the set before. Grants that it
			 * acked in that earlier set may last until v->changed.
			 */
			if (!disk->acked && now < v->changed &&
			    !HASW_RULES_WRONG(NEXT_CHANGE))
				return HASW_VOTER_SILENT;
			want->generation = m->generation;
			want->voters = m->voters;
			want->map = m->map;
			want->before = before;
			want->acked = m->ballot;
			want->ballot = m->ballot;
			want->settling = 1;
			v->changed = now + hasw_vote_wait(v->t, v->t->longest);
			wait = 1;
		}
	}
	if (!HASW_RULES_WRONG(SET_EMPTY)) {
		wait |= !hasw_voter_below(v, m->epoch, want);
		if (hasw_vote_conf_newer(&m->conf, &disk->conf)) {
			if (hasw_vote_conf_newer(&m->conf, &want->conf))
				want->conf = m->conf;
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

/* Returns whether this voter replies to messages of the set @m->generation. It
 * does if this is its own set. While its own set may not be committed, it also
 * replies in the previous set: the coordinator may have died, and majorities of
 * both sets overlap. A node that recovers in the previous set always gets a
 * reply: without state, it cannot ack a change (rule 18).
 */
static inline int hasw_voter_same_set(const struct hasw_voter *v,
				      const struct hasw_vote_msg *m)
{
	const struct hasw_voter_disk *disk = v->disk;
	int before = m->generation + 1 == disk->generation;

	if (HASW_RULES_WRONG(ANY_GENERATION))
		return 1;
	if (m->generation == disk->generation)
		return 1;
	if (m->type == HASW_VOTE_RECOVER && HASW_RULES_WRONG(RECOVER_WAITS))
		return 0;
	return before && (m->type == HASW_VOTE_RECOVER ||
			  disk->committed < disk->generation);
}

/* Returns whether a voter has lost its state, so it must not vote (rule 17). */
static inline int hasw_voter_recovers(const struct hasw_voter *v)
{
	return !v->disk->known && !HASW_RULES_WRONG(RECOVER_ANSWERS);
}

/**
 * hasw_voter_judge() - handles a question
 * @v: the voter
 * @now: current time, ns
 * @m: the question, which this function turns into the reply
 * @want: image to be written, which may be newer than @v->disk; this function
 *	changes it if more must be written
 *
 * Return: enum hasw_voter_does.
 */
static inline enum hasw_voter_does
hasw_voter_judge(struct hasw_voter *v, __u64 now, struct hasw_vote_msg *m,
		 struct hasw_voter_disk *want)
{
	enum hasw_voter_does does = HASW_VOTER_REPLY;

	if (hasw_voter_recovers(v))
		return HASW_VOTER_SILENT;
	if (m->type == HASW_VOTE_SET)
		does = hasw_voter_set(v, now, m, want);
	else if (m->type == HASW_VOTE_RECOVER && !m->sequence)
		does = hasw_voter_promise(v, m, want);
	else if (!hasw_voter_same_set(v, m))
		return HASW_VOTER_SILENT;
	else if (m->type == HASW_VOTE_GRANT)
		does = hasw_voter_grant(v, now, m, want);
	else if (m->type == HASW_VOTE_RELEASE)
		does = hasw_voter_release(v, m, want);
	else if (m->type == HASW_VOTE_CONF_READ ||
		 m->type == HASW_VOTE_CONF_WRITE)
		does = hasw_voter_conf(v, m, want);
	else if (m->type == HASW_VOTE_RECOVER &&
		 now < v->begun && !HASW_RULES_WRONG(BEGUN_SILENT))
		m->answer = HASW_VOTE_BEGUN;
	else if (m->type == HASW_VOTE_READ || m->type == HASW_VOTE_RECOVER)
		m->answer = now < v->muted ? HASW_VOTE_MUTED :
			    hasw_voter_held(v, now, m->holder) ?
			    HASW_VOTE_HELD : HASW_VOTE_ACK;
	else
		return HASW_VOTER_SILENT;
	/* A node in recovery takes over this voter's ballot and acked set. */
	if (m->type == HASW_VOTE_RECOVER && m->sequence) {
		int open = hasw_voter_open(v->disk, m->generation);

		m->ballot = open ? v->disk->ballot : 0;
		m->acked = open ? v->disk->acked : 0;
		m->voters = m->acked ? v->disk->voters : 0;
		m->map = m->acked ? v->disk->map : 0;
	}
	if (does == HASW_VOTER_REPLY) {
		HASW_RULES_SEEN(4);
		hasw_voter_reply(v, now, m);
	}
	return does;
}

/**
 * hasw_voter_set_committed() - whether a set is committed (rule 18)
 * @acked: bitmap of voters that acked the change
 * @before: bitmap of the old set's voters
 * @after: bitmap of the new set's voters
 */
static inline int hasw_voter_set_committed(__u32 acked, __u32 before,
					   __u32 after)
{
	return hasw_vote_majority(acked, before) &&
	       hasw_vote_majority(acked, after);
}

/**
 * hasw_voter_ask() - composes the question of a voter in recovery (rule 17)
 * @v: the voter
 * @now: current time, ns
 * @m: filled with the question to all other nodes
 *
 * Return: whether the question must be sent now.
 */
static inline int hasw_voter_ask(struct hasw_voter *v, __u64 now,
				 struct hasw_vote_msg *m)
{
	if (v->disk->known || now < v->muted)
		return 0;
	/* Old replies may be outdated, so ask a new question. */
	if (!v->sequence || now - v->asked >= 10 * v->t->retry) {
		v->sequence++;
		v->asked = now;
		v->answered = 0;
		v->empty = 0;
	}
	*m = (struct hasw_vote_msg) {
		.type = HASW_VOTE_RECOVER, .from = v->id, .holder = v->id,
		.life = v->life, .sequence = v->sequence,
		.generation = v->disk->generation,
	};
	return 1;
}

/**
 * hasw_voter_told() - handles a reply to the question of hasw_voter_ask()
 * @v: the voter
 * @now: current time, ns
 * @m: the reply
 *
 * Return: whether enough voters have replied to end the recovery.
 */
static inline int hasw_voter_told(struct hasw_voter *v, __u64 now,
				  const struct hasw_vote_msg *m)
{
	__u32 others = v->disk->voters & ~(1U << v->id);

	if (v->disk->known || now < v->muted || m->life != v->life ||
	    m->sequence != v->sequence ||
	    m->generation != v->disk->generation)
		return 0;
	if (m->answer == HASW_VOTE_EMPTY) {
		if (!m->remaining)
			v->empty |= 1U << m->from & others;
	} else {
		v->answered |= 1U << m->from & others;
	}
	if (v->found.epoch_max < m->epoch_max)
		v->found.epoch_max = m->epoch_max;
	if (hasw_vote_conf_newer(&m->conf, &v->found.conf))
		v->found.conf = m->conf;
	if (v->found.ballot < m->ballot)
		v->found.ballot = m->ballot;
	if (v->found.acked < m->acked) {
		v->found.acked = m->acked;
		v->found.voters = m->voters;
		v->found.map = m->map;
	}
	if (HASW_RULES_WRONG(BOOT_MOST) &&
	    hasw_vote_majority(v->empty | 1U << v->id, v->disk->voters))
		return 1;
	/* No voter has a state, and all grants have expired (rule 22). */
	if (v->empty == others) {
		HASW_RULES_SEEN(22);
		v->begun = now + v->t->longest;
		return 1;
	}
	/* In a new cluster, the first voter to learn that no voter has a state
	 * begins with an empty state. The others cannot learn this any more, so
	 * the first voter replies BEGUN to them for less than W(longest). A
	 * voter that gets BEGUN has waited W(longest) since its start. So it
	 * had no state when the first voter began, and promised nothing since.
	 */
	if (m->answer == HASW_VOTE_BEGUN)
		return 1;
	if (!hasw_vote_half(v->answered, v->disk->voters))
		return HASW_RULES_WRONG(RECOVER_SKIPS);
	/* The one other voter of two knows all that needed its ack. But this
	 * node may have held leases without it: it was fenced, or presumed off
	 * (rule 20). So this voter starts above all epochs that could have been
	 * used then.
	 */
	if (!hasw_vote_majority(v->answered, v->disk->voters) &&
	    !HASW_RULES_WRONG(RECOVER_LOW))
		v->found.epoch_max =
			hasw_vote_epoch(hasw_vote_counter(v->found.epoch_max) +
					HASW_VOTE_LEAP, 0, 0);
	return 1;
}

/**
 * hasw_voter_empty() - replies that this voter has no state either (rule 22)
 * @v: the voter
 * @now: current time, ns
 * @top: highest epoch that this node's module knows of any lease
 * @m: question of a voter in recovery, which this function turns into the reply
 */
static inline void hasw_voter_empty(const struct hasw_voter *v, __u64 now,
				    __u64 top, struct hasw_vote_msg *m)
{
	m->from = v->id;
	m->answer = HASW_VOTE_EMPTY;
	m->epoch_max = top;
	m->conf = v->disk->conf;
	m->remaining = now < v->muted ? v->muted - now : 0;
}

/**
 * hasw_voter_resigned() - handles that the holder's module gave up the lease by
 *	itself
 * @v: the voter
 * @now: current time, ns
 * @holder: id of the holder, which the caller knows from the session
 * @epoch: epoch under which the holder held the lease
 * @panic: the holder's kernel panicked: its packets may still be in flight, so
 *	the record stays for W(0) (rule 21)
 * @want: image to be written; this function changes it if more must be written
 *
 * The voter sends no reply, so the caller need not wait for the disk write.
 */
static inline void hasw_voter_resigned(struct hasw_voter *v, __u64 now,
				       __u8 holder, __u64 epoch, int panic,
				       struct hasw_voter_disk *want)
{
	struct hasw_voter_long next = hasw_voter_long_of(want, v->lease);

	HASW_RULES_SEEN(21);
	if (hasw_voter_recovers(v) || !hasw_voter_below(v, epoch, want))
		return;
	hasw_voter_raise(v, epoch);
	if (next.epoch == epoch && next.holder == holder) {
		next.epoch = 0;
		hasw_voter_long_put(want, &next);
	}
	if (!v->epoch || v->holder != holder ||
	    (v->epoch != epoch && !HASW_RULES_WRONG(RESIGN_ANY)))
		return;
	/* The holder's module never accepts this epoch again, so the record
	 * cannot be renewed.
	 */
	v->pinned = 1;
	if (!panic || HASW_RULES_WRONG(RESIGN_PANIC)) {
		v->epoch = 0;
		v->expiry = 0;
		v->pinned = 0;
	} else if (v->expiry > now + hasw_vote_wait(v->t, 0)) {
		v->expiry = now + hasw_vote_wait(v->t, 0);
	}
}

/**
 * hasw_voter_recover() - takes over the state that the replies contain
 * @v: the voter, to which enough voters have replied
 * @want: filled with the recovered state; it must be on the disk before the
 *	node votes again
 */
static inline void hasw_voter_recover(struct hasw_voter *v,
				      struct hasw_voter_disk *want)
{
	__u64 epoch = v->found.epoch_max;

	if (HASW_RULES_WRONG(RECOVER_SKIPS))
		return;
	HASW_RULES_SEEN(17);
	if (hasw_vote_conf_newer(&v->found.conf, &want->conf))
		want->conf = v->found.conf;
	if (want->ceiling <= hasw_vote_counter(epoch))
		want->ceiling = hasw_vote_counter(epoch) + v->t->ceiling;
	hasw_voter_raise(v, epoch);
	/* Any ballot that a majority promised or acked is in some reply. */
	if (want->committed > v->disk->generation)
		return;
	want->ballot = v->found.ballot;
	if (!v->found.acked)
		return;
	want->generation = v->disk->generation + 1;
	want->before = v->disk->voters;
	want->voters = v->found.voters;
	want->map = v->found.map;
	want->acked = v->found.acked;
}

#endif
