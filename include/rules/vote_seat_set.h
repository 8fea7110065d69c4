/* SPDX-License-Identifier: GPL-2.0 */
/* A seat's voter set: how the set is changed, and how other nodes adopt it
 * (rules 18 and 23). A seat is one node's part in the votes on all leases. The
 * node that changes the set is the coordinator. It gives each of its attempts a
 * number, the ballot; voters follow the highest ballot.
 */
#ifndef HASW_RULES_VOTE_SEAT_SET_H
#define HASW_RULES_VOTE_SEAT_SET_H

#include "vote_seat_state.h"

/* Sends this node's committed set to node @to. */
static inline void hasw_seat_send_set(struct hasw_seat *s, __u8 to)
{
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_COMMITTED, .generation = s->set.generation,
		.voters = s->set.voters, .map = s->set.map,
		.epoch = s->set.epoch, .conf = s->set.conf,
	};

	s->ops->send(s->arg, to, &m);
}

/* If the image on the disk has the committed set, makes this node's voters ack
 * no epoch below the set's epoch. A voter that has acked the set itself does so
 * already.
 */
static inline void hasw_seat_catch_up(struct hasw_seat *s)
{
	if (s->disk.generation != s->set.generation)
		return;
	for (unsigned int i = 0; i < s->n; i++)
		hasw_voter_raise(&s->lease[i].voter, s->set.epoch);
}

/* Makes this node a voter of the committed set. The node's voters, one for each
 * lease, start without state and recover (rule 17).
 */
static inline void hasw_seat_join(struct hasw_seat *s, __u64 now)
{
	s->disk = (struct hasw_voter_disk) {
		.generation = s->set.generation, .voters = s->set.voters,
		.map = s->set.map, .committed = s->set.generation,
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

/* Forgets the ballots of the last change. In the next generation, another
 * coordinator may begin with a low ballot, which this voter would otherwise
 * refuse.
 */
static inline void hasw_seat_reset_ballot(struct hasw_seat *s)
{
	s->want.before = 0;
	s->want.ballot = 0;
	s->want.acked = 0;
}

/* Makes this node's voters adopt the committed set, even if they have acked
 * another set of the same or a lower generation before.
 */
static inline void hasw_seat_vote_in(struct hasw_seat *s, __u64 now)
{
	const struct hasw_vote_set *set = &s->set;
	__u32 self = 1U << s->id;
	__u64 counter = hasw_vote_counter(set->epoch);

	if (s->disk.generation > set->generation)
		return;
	if (s->disk.generation == set->generation &&
	    s->disk.voters == set->voters && s->disk.map == set->map) {
		/* This node had only acked the set, and now knows that the set
		 * is committed.
		 */
		if (s->disk.committed < set->generation) {
			s->want.committed = set->generation;
			s->want.settling = 1;
			hasw_seat_reset_ballot(s);
			hasw_seat_sync(s);
		}
		return;
	}
	if (HASW_RULES_WRONG(SET_MISSED))
		return;
	HASW_RULES_SEEN(18);
	/* If this node has missed a set, it may have had no vote in that set.
	 * Then the node's state may be outdated, so it is not used. A node that
	 * has only acked another set of @set's generation has missed no set.
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
	s->want.map = set->map;
	s->want.committed = set->generation;
	hasw_seat_reset_ballot(s);
	if (!s->disk.known) {
		struct hasw_voter *first = &s->lease[HASW_SEAT_CONFIG].voter;

		s->disk.generation = set->generation;
		s->disk.voters = set->voters;
		s->disk.map = set->map;
		s->disk.committed = set->generation;
		first->answered = 0;
		first->found.ballot = 0;
		first->found.acked = 0;
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

/* Has the disk image say that the wait after the last change of the voter set
 * is over. Otherwise each later run of the agent would wait again (rule 18).
 */
static inline void hasw_seat_settle(struct hasw_seat *s, __u64 now)
{
	if (!s->disk.known || !s->want.settling || s->syncing ||
	    s->disk.committed < s->disk.generation ||
	    now < s->lease[HASW_SEAT_CONFIG].voter.changed)
		return;
	s->want.settling = 0;
	hasw_seat_sync(s);
}

/**
 * hasw_seat_adopt() - adopts a committed voter set (rules 18 and 23)
 * @s: the seat
 * @now: current time, ns
 * @set: the set and its proof; ignored if it is not newer than @s->set
 *
 * This node may have missed sets before @set. It does not need them, because
 * the proof in @set has the epoch and the configuration that a voter must know.
 */
static inline void hasw_seat_adopt(struct hasw_seat *s, __u64 now,
				   const struct hasw_vote_set *set)
{
	if (set->generation <= s->set.generation ||
	    !hasw_vote_sound_max(set->epoch))
		return;
	HASW_RULES_SEEN(23);
	s->set = *set;
	hasw_voter_unmeet(&s->want, s->want.met);
	s->change.busy = 0;
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

/* Sends the present question of the change, and sets the time at which the
 * question is repeated, because a voter may be unreachable.
 */
static inline void hasw_seat_send_change(struct hasw_seat *s, __u64 now)
{
	struct hasw_vote_msg m;
	__u32 to = hasw_set_change_compose(&s->change, &m);

	/* Two coordinators may end each other's attempts by higher ballots. So
	 * that one of them succeeds, each coordinator waits for a random time.
	 * The longest possible wait grows with each attempt that was ended.
	 */
	s->change.again = now + 5 * s->t->retry +
		s->ops->random(s->arg) % (5 * s->t->retry * (1 + s->change.tries));
	for (__u8 id = 0; id < HASW_VOTE_NODES; id++)
		if (to & 1U << id)
			s->ops->send(s->arg, id, &m);
}

/**
 * hasw_seat_change() - begins to change the voter set (rule 18)
 * @s: the seat; it gives up a change that it coordinates already
 * @now: current time, ns
 * @voters: bitmap of the new voters: one voter more or less than in @s->set, or
 *	the same voters
 * @map: hash of the new node names, ids and votes; it must differ from the hash
 *	in @s->set if @voters does not differ
 *
 * The change has ended when hasw_seat_adopt() has replaced @s->set. The new set
 * is the requested one, or another set of the same generation that a voter has
 * acked before. If the agent ends, its change is given up.
 */
static inline void hasw_seat_change(struct hasw_seat *s, __u64 now,
				    __u32 voters, __u64 map)
{
	hasw_set_change_begin(&s->change, &s->set, voters, map, s->id, s->life);
	hasw_seat_send_change(s, now);
}

/* Handles a reply to a SET. If the reply commits the new set, adopts this set
 * and sends it to all nodes.
 */
static inline void hasw_seat_changed(struct hasw_seat *s, __u64 now,
				     const struct hasw_vote_msg *m)
{
	struct hasw_vote_set set;

	if (!hasw_set_change_acked(&s->change, m, &set))
		return;
	hasw_seat_adopt(s, now, &set);
	for (__u8 id = 0; id < HASW_VOTE_NODES; id++)
		if (id != s->id)
			hasw_seat_send_set(s, id);
}

/* Adopts the set in a COMMITTED message if that set is newer. Then compares the
 * generation in the message with that of this seat's set. If the generations
 * differ, sends this seat's set to @from. If @from has a newer set, it replies
 * with this newer set. Messages of type SET and messages that this node has
 * sent itself are not compared.
 *
 * Return: whether the message was a COMMITTED message, which needs no further
 * handling.
 */
static inline int hasw_seat_compare(struct hasw_seat *s, __u64 now, __u8 from,
				    const struct hasw_vote_msg *m)
{
	struct hasw_vote_set set = {
		.generation = m->generation, .voters = m->voters,
		.map = m->map, .epoch = m->epoch, .conf = m->conf,
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
		hasw_seat_send_set(s, from);
	return m->type == HASW_VOTE_COMMITTED;
}

#endif
