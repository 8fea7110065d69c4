/* SPDX-License-Identifier: GPL-2.0 */
/* A fence: whether the other one of two voters is to be switched off now, and what came of it. */
#ifndef HAAGENTD_FENCE_H
#define HAAGENTD_FENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peer.h"
#include "worker.h"

#define FENCE_TEXT	96	/* of how a command failed */

/**
 * struct fence_rules - when to fence, ns
 * @after:	the other node must be silent for so long
 * @delay:	the second of the two waits for so much longer, so that not both are off
 * @split:	the node is not switched off, but presumed off when it answers nowhere
 */
struct fence_rules {
	uint64_t after;
	uint64_t delay;
	bool split;
};

enum fence_state {
	FENCE_IDLE,
	FENCE_RUNS,	/* a command works on it */
	FENCE_OFF,	/* a command has switched it off, and it was not heard since */
};

/**
 * struct fence - what is known of the fence of the other node
 * @state:	see there
 * @command:	the worker's number of the command that runs
 * @began:	when that began
 * @heard:	the node was heard since
 * @failed:	commands that failed since the node was heard last
 * @last:	how the last one failed
 * @pause:	until when no other one begins
 */
struct fence {
	enum fence_state state;
	uint64_t command;
	uint64_t began;
	bool heard;
	unsigned int failed;
	char last[FENCE_TEXT];
	uint64_t pause;
};

/**
 * struct fence_view - what a fence is judged by
 * @wanted:	a lease is wanted here that nobody can hold without the other node
 * @met:	it has answered this agent (rule 20)
 * @first:	this node is the first of the two
 * @state:	what heartbeats tell of the other node
 * @heard:	when it was heard last
 * @until:	until when its last words count, if it said that it stops or leaves
 * @promised:	until when this node's voter keeps a lease for it, or kept one
 */
struct fence_view {
	bool wanted;
	bool met;
	bool first;
	enum peer_state state;
	uint64_t heard;
	uint64_t until;
	uint64_t promised;
};

enum fence_why {
	FENCE_NEEDLESS,	/* it is heard, or nothing is wanted of it */
	FENCE_UNMET,	/* it has never answered, so that it must not be */
	FENCE_PARTED,	/* it stopped in good order, and that still counts */
	FENCE_WAITS,	/* it is not silent for long enough, or the last one has just failed */
	FENCE_WORKS,	/* a command runs */
	FENCE_COUNTS,	/* it is off */
	FENCE_DUE,
	/* What a look at other things shows when it is due: */
	FENCE_RESTS,	/* an operator has it in maintenance */
	FENCE_UNLINKED,	/* this node itself has no link */
	FENCE_MUTE,	/* no command can be begun */
};

enum fence_why fence_judge(const struct fence *f, const struct fence_rules *rules,
			   const struct fence_view *view, uint64_t now,
			   uint64_t *due);
void fence_begin(struct fence *f, uint64_t command, uint64_t now);
bool fence_end(struct fence *f, const struct fence_rules *rules,
	       const struct worker_result *result, uint64_t now);
void fence_failed(struct fence *f, const struct fence_rules *rules, uint64_t now,
		  const char *how);
bool fence_heard(struct fence *f);
void fence_words(const struct fence *f, const struct fence_rules *rules,
		 enum fence_why why, uint64_t due, const char *name, uint64_t now, char *words, size_t size);

#endif
