/* SPDX-License-Identifier: GPL-2.0 */
/* Fencing: the decision to switch off the other voter of a pair, and the result of the fence command. */
#ifndef HAAGENTD_FENCE_H
#define HAAGENTD_FENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "haagentd/clock.h"
#include "haagentd/peer/peer.h"
#include "haagentd/notify/worker.h"

#define FENCE_TEXT	96	/* size of a text that says how a command failed */

/**
 * struct fence_rules - when to switch off the other node
 * @after:	how long the other node must be silent before the command begins, ns
 * @delay:	additional wait of the node with the larger voter id, ns, so that the two
 *		nodes do not switch each other off
 * @split:	the command does not switch the other node off, but probes it by ARP and
 *		neighbour discovery on the client links. If no reply comes, the other
 *		node is presumed off
 * @bridge:	length of the rights that this node keeps for its leases while it hears the other
 *		node, ns; 0 without @split
 * @early:	how long the other node must be silent before the command begins for the leases
 *		that this node holds by such rights, ns
 */
struct fence_rules {
	uint64_t after;
	uint64_t delay;
	bool split;
	uint64_t bridge;
	uint64_t early;
};

enum fence_state {
	FENCE_IDLE,
	FENCE_RUNS,	/* a fence command runs */
	FENCE_OFF,	/* @command has succeeded, and the node has not been heard since @command began */
};

/**
 * struct fence - the state of fencing the other node
 * @state:	current state
 * @command:	id of the running command, from worker_run()
 * @began:	when @command began, ns
 * @off:	since when the node counts as off without a break, ns
 * @heard:	the node has been heard since @command began
 * @late:	this agent has stalled for FENCE_STALLED since @command began
 * @agentless:	the last command that succeeded was told that no agent runs there; the node is not silent on all links
 * @failed:	how many commands have failed since the node was last heard
 * @last:	text that says how the last failed command failed
 * @pause:	time until which no further command begins, ns
 * @part:	@command counts only for the leases that this node held when it began and when it
 *		ended
 * @kept:	the node counted as off for such leases when @command began, and it still does
 */
struct fence {
	enum fence_state state;
	uint64_t command;
	uint64_t began;
	uint64_t off;
	bool heard;
	bool late;
	bool agentless;
	unsigned int failed;
	char last[FENCE_TEXT];
	uint64_t pause;
	bool part;
	bool kept;
};

/**
 * struct fence_view - input of fence_judge()
 * @wanted:	this node wants a lease that it does not hold, and for which it needs the
 *		other node's vote
 * @held:	this node holds a lease by a right that the other node has acked since shortly
 *		before it was last heard
 * @met:	the other node has replied to a voting message of this agent, see rule 20 in
 *		doc/vote-rules.md
 * @unmet:	this node wants a lease, that it does not hold, about which the other node has
 *		never replied, and for which that node does not count as off
 * @lone:	with @split, time from which such a lease needs no reply, ns
 * @first:	this node has the smaller voter id of the two. In a new cluster, voter ids
 *		follow the order of the nodes' names
 * @state:	state of the other node, derived from its heartbeats
 * @heard:	when the other node was last heard, ns
 * @until:	time until which no fence command begins, ns; valid only if the other node
 *		has announced that it stops or leaves
 * @promised:	latest time until which this node's voter has promised a lease to the other
 *		node, ns; can be in the past
 */
struct fence_view {
	bool wanted;
	bool held;
	bool met;
	bool unmet;
	uint64_t lone;
	bool first;
	enum peer_state state;
	uint64_t heard;
	uint64_t until;
	uint64_t promised;
};

enum fence_why {
	FENCE_NEEDLESS,	/* the node is heard, or its vote is not needed */
	FENCE_UNMET,	/* the node has never answered this agent, so it must not be fenced; not with @split */
	FENCE_PARTED,	/* the wait after a clean stop, or for a lease promised to the node, is not over */
	FENCE_WAITS,	/* not silent for long enough, or the pause after a failed command is not over */
	FENCE_WORKS,	/* a command runs */
	FENCE_COUNTS,	/* the node already counts as off, after a command that has succeeded */
	FENCE_TOLD,	/* the same, but it has told of a right that is not over; only for fence_words() */
	FENCE_DUE,	/* the command must run now */
	FENCE_EARLY,	/* the same, and it counts only for the leases that this node holds */
	/* Results of vote_fence.c's checks when the command is due: */
	FENCE_RESTS,	/* the node is in maintenance */
	FENCE_UNLINKED,	/* this node itself has no link */
	FENCE_MUTE,	/* no command can be started */
};

enum fence_why fence_judge(const struct fence *f, const struct fence_rules *rules,
			   const struct fence_view *view, uint64_t now,
			   uint64_t *due);
void fence_bridge(struct fence_rules *rules, uint64_t longest);
void fence_begin(struct fence *f, uint64_t command, bool part, uint64_t now);
bool fence_end(struct fence *f, const struct fence_rules *rules,
	       const struct worker_result *result, uint64_t now);
void fence_failed(struct fence *f, const struct fence_rules *rules, uint64_t now,
		  const char *how);
bool fence_outlasts(const struct fence *f, const struct fence_rules *rules,
		    uint64_t now);
bool fence_heard(struct fence *f);
/* The module does not say of an agent that stalls for less that it is gone, ns. */
#define FENCE_STALLED	(100 * CLOCK_MS)
bool fence_counts(const struct fence *f);
void fence_lapse(struct fence *f);
void fence_words(const struct fence *f, const struct fence_rules *rules,
		 enum fence_why why, uint64_t due, const char *name, uint64_t now, char *words, size_t size);

#endif
