/* SPDX-License-Identifier: GPL-2.0 */
/* The fence of a pair: the command that switches the other one of two voters off, between the rules and the worker. */
#ifndef HAAGENTD_VOTE_FENCE_H
#define HAAGENTD_VOTE_FENCE_H

#include "conf.h"
#include "fence.h"

struct cluster_peer;
struct vote;

/**
 * struct vote_fence - the fence of this node
 * @command:	the program; NULL without a fence
 * @timeout:	how long it may run, ns
 * @rules:	when it is run
 * @worker:	runs it
 * @fence:	what is known
 * @why:	why it is not run now
 * @due:	when it is to be, if only time is missing
 */
struct vote_fence {
	char *command;
	uint64_t timeout;
	struct fence_rules rules;
	struct worker *worker;
	struct fence fence;
	enum fence_why why;
	uint64_t due;
};

int vote_fence_set(struct vote *v, const struct conf *conf, struct worker *w);
void vote_fence_close(struct vote *v);
void vote_fence_tick(struct vote *v);
bool vote_fence_shy(const struct vote *v);
void vote_fence_heard(struct vote *v, const struct cluster_peer *peer);
bool vote_fence_done(struct vote *v, const struct worker_result *result);
unsigned int vote_fence_lost(struct vote *v);
void vote_fence_words(const struct vote *v, unsigned int slot, char *words,
		      size_t size);

#endif
