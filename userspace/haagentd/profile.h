/* SPDX-License-Identifier: GPL-2.0 */
/* A profile: how fast a cluster is to be, in one word, and the times that the word stands for. */
#ifndef HAAGENTD_PROFILE_H
#define HAAGENTD_PROFILE_H

#include <stdint.h>

#include <rules/vote_profile.h>

/**
 * struct profile - what the file need not say; the times of the vote are those of the rules
 * @name:	the word
 * @heartbeat:	how often agents send, ns
 * @suspect:	how long a peer may be silent, ns
 * @time:	how long the module keeps a node that is not named again, ns
 * @pulse:	between two heartbeats of the module, ns
 * @pulse_suspect: how long these may not come, ns
 * @pulse_least: how many of these may at least not come
 */
struct profile {
	const char *name;
	uint64_t heartbeat;
	uint64_t suspect;
	uint64_t time;
	uint64_t pulse;
	uint64_t pulse_suspect;
	unsigned int pulse_least;
};

const struct profile *profile_of(enum hasw_vote_profile which);
enum hasw_vote_profile profile_find(const char *name);

#endif
