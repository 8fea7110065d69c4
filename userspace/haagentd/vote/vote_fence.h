/* SPDX-License-Identifier: GPL-2.0 */
/* The fence of a two-node cluster: a command by which one voter switches the other voter off. */
#ifndef HAAGENTD_VOTE_FENCE_H
#define HAAGENTD_VOTE_FENCE_H

#include "haagentd/conf/conf.h"
#include "fence.h"

struct cluster_peer;
struct vote;

/**
 * struct vote_fence - the fence of this node
 * @command:	path of the command; NULL if there is no fence
 * @timeout:	how long the command may run, ns
 * @rules:	settings that decide when the command is run
 * @worker:	process that runs the command
 * @fence:	state of the fence
 * @ignored:	id of a command whose result is ignored, because a reload changed the fence
 *		while the command ran; 0: none
 * @alone:	the other node has said that its agent stops, and the log has that this node goes on
 *		alone with what it holds
 * @since:	silence of the other node counts from then on at the earliest, ns
 * @ticked:	when vote_fence_tick() was called last, ns; 0: never
 * @why:	why the command is not run now
 * @due:	when the command is due, ns, if this node only has to wait; otherwise 0
 */
struct vote_fence {
	char *command;
	uint64_t timeout;
	struct fence_rules rules;
	struct worker *worker;
	struct fence fence;
	uint64_t ignored;
	bool alone;
	uint64_t since;
	uint64_t ticked;
	enum fence_why why;
	uint64_t due;
};

int vote_fence_set(struct vote *v, const struct conf *conf, struct worker *w);
void vote_fence_spoke(struct vote *v);
void vote_fence_stalled(struct vote *v, uint64_t late);
void vote_fence_unbeaten(struct vote *v);
void vote_fence_close(struct vote *v);
bool vote_fence_used(const struct vote *v);
void vote_fence_tick(struct vote *v);
bool vote_fence_shy(const struct vote *v);
void vote_fence_heard(struct vote *v, const struct cluster_peer *peer);
bool vote_fence_done(struct vote *v, const struct worker_result *result);
unsigned int vote_fence_lost(struct vote *v);
const char *vote_fence_split(const struct vote *v, uint64_t now, bool *off, uint64_t *age);
void vote_fence_words(const struct vote *v, unsigned int slot, char *words,
		      size_t size);

#endif
