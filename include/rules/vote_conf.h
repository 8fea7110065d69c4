/* SPDX-License-Identifier: GPL-2.0 */
/* The writer of the cluster's configuration. Only the holder of lease @config
 * is allowed to write. It writes under the epoch of its grant, so that the
 * voters can refuse a former holder (rule 19).
 */
#ifndef HASW_RULES_VOTE_CONF_H
#define HASW_RULES_VOTE_CONF_H

#include "vote_voter.h"

enum hasw_writer_state {
	HASW_WRITER_OFF,	/* this node does not hold lease @config */
	HASW_WRITER_READ,	/* asks the voters for their configurations */
	HASW_WRITER_WRITE,	/* waits for a majority to ack a write */
	HASW_WRITER_READY,	/* a new configuration can be written */
};

/**
 * struct hasw_writer - state of the configuration's writer
 * @t: agreed times of the vote
 * @id: id of this node
 * @state: what the writer does now, enum hasw_writer_state
 * @life: random number of this run of the agent
 * @generation: generation of the voter set
 * @voters: bitmap of the voters
 * @sequence: number of the read or write under way
 * @epoch: epoch of this node's grant of @config, under which the writer reads
 *	and writes
 * @since: when the read or write under way began, ns
 * @said: bitmap of the voters that acked the read or write under way
 * @value: configuration that is being written, or was written last
 * @base: newest configuration that was found; in state HASW_WRITER_READY, a
 *	majority has stored it
 */
struct hasw_writer {
	const struct hasw_vote_times *t;
	__u8 id;
	__u8 state;
	__u16 life;
	__u32 generation;
	__u32 voters;
	__u64 sequence;
	__u64 epoch;
	__u64 since;
	__u32 said;
	struct hasw_vote_conf value;
	struct hasw_vote_conf base;
};

/* Returns whether this run of the agent made the epoch of this node's grant. An
 * earlier run may have written under its own epoch already, and this run does
 * not know what the earlier run wrote.
 */
static inline int hasw_writer_own(const struct hasw_writer *w, __u64 epoch)
{
	return hasw_vote_life(epoch) == w->life || HASW_RULES_WRONG(CONF_TAKEN);
}

static inline void hasw_writer_queue(struct hasw_writer *w,
				     struct hasw_vote_out *out)
{
	out->msg[out->count] = (struct hasw_vote_msg) {
		.type = w->state == HASW_WRITER_READ ?
			HASW_VOTE_CONF_READ : HASW_VOTE_CONF_WRITE,
		.from = w->id, .holder = w->id, .life = w->life,
		.generation = w->generation, .sequence = w->sequence,
		.epoch = w->epoch, .conf = w->value,
	};
	out->to[out->count++] = w->voters & ~w->said;
}

static inline void hasw_writer_begin(struct hasw_writer *w, __u64 now,
				     enum hasw_writer_state state,
				     struct hasw_vote_out *out)
{
	w->state = (__u8)state;
	w->sequence++;
	w->since = now;
	w->said = 0;
	hasw_writer_queue(w, out);
}

/**
 * hasw_writer_tick() - handles elapsed time or a change of the grant
 * @w: the writer
 * @now: current time, ns
 * @epoch: epoch of this node's present grant of @config; 0: there is no grant
 * @out: filled with the messages to send
 *
 * An unfinished read or write is given up after the length of the longest usual
 * right, because a voter may have lost its state since the read or write began.
 * The writer then begins to read, to find out what the voters have stored.
 *
 * Return: whether the caller must move the grant to a higher epoch by
 * hasw_proposer_move().
 */
static inline int hasw_writer_tick(struct hasw_writer *w, __u64 now,
				   __u64 epoch, struct hasw_vote_out *out)
{
	int busy = w->state == HASW_WRITER_READ ||
		   w->state == HASW_WRITER_WRITE;

	if (!epoch) {
		w->state = HASW_WRITER_OFF;
		return 0;
	}
	if (!hasw_writer_own(w, epoch))
		return 1;
	if (w->state == HASW_WRITER_OFF || epoch != w->epoch ||
	    (busy && now - w->since >= w->t->slowest)) {
		w->epoch = epoch;
		hasw_writer_begin(w, now, HASW_WRITER_READ, out);
	} else if (busy) {
		hasw_writer_queue(w, out);
	}
	return 0;
}

/**
 * hasw_writer_write() - writes a new configuration
 * @w: the writer
 * @now: current time, ns
 * @blob: number that identifies the content
 * @out: filled with the messages to send
 *
 * Context: the writer's state is HASW_WRITER_READY.
 */
static inline void hasw_writer_write(struct hasw_writer *w, __u64 now,
				     __u64 blob, struct hasw_vote_out *out)
{
	w->value.epoch = w->epoch;
	w->value.generation = w->base.generation + 1;
	w->value.blob = blob;
	hasw_writer_begin(w, now, HASW_WRITER_WRITE, out);
}

/**
 * hasw_writer_reply() - handles a voter's reply
 * @w: the writer
 * @now: current time, ns
 * @m: the reply
 * @out: filled with the messages to send
 *
 * Return: whether this reply commits @w->base: a majority has stored @w->base.
 */
static inline int hasw_writer_reply(struct hasw_writer *w, __u64 now,
				    const struct hasw_vote_msg *m,
				    struct hasw_vote_out *out)
{
	enum hasw_vote_type type = w->state == HASW_WRITER_READ ?
				   HASW_VOTE_CONF_READ : HASW_VOTE_CONF_WRITE;

	if (w->state != HASW_WRITER_READ && w->state != HASW_WRITER_WRITE)
		return 0;
	if (m->life != w->life || m->sequence != w->sequence ||
	    m->generation != w->generation || m->type != type ||
	    m->epoch != w->epoch || m->answer != HASW_VOTE_ACK ||
	    now - w->since >= w->t->slowest)
		return 0;
	w->said |= 1U << m->from & w->voters;
	if (w->state == HASW_WRITER_READ) {
		if (hasw_vote_conf_newer(&m->conf, &w->base))
			w->base = m->conf;
		/* @w->base must not be older than a configuration that this
		 * agent has tried to write, because a voter may have stored it.
		 */
		if (hasw_vote_conf_newer(&w->value, &w->base))
			w->base = w->value;
		if (!hasw_vote_majority(w->said, w->voters))
			return 0;
		HASW_RULES_SEEN(19);
		if (!w->base.generation || HASW_RULES_WRONG(CONF_NO_REWRITE)) {
			w->state = HASW_WRITER_READY;
			return w->base.generation != 0;
		}
		w->value = w->base;
		w->value.epoch = w->epoch;
		hasw_writer_begin(w, now, HASW_WRITER_WRITE, out);
		return 0;
	}
	if (!hasw_vote_majority(w->said, w->voters))
		return 0;
	w->base = w->value;
	w->state = HASW_WRITER_READY;
	return 1;
}

#endif
