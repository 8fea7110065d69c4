/* SPDX-License-Identifier: GPL-2.0 */
/* Profiles: named sets of default times for a cluster. */
#ifndef HAAGENTD_PROFILE_H
#define HAAGENTD_PROFILE_H

#include <stdint.h>

#include <rules/vote_profile.h>

/**
 * struct profile - the default times of the agent; the vote's times are in <rules/vote_profile.h>
 * @name:	name of the profile in the configuration
 * @heartbeat:	interval of the agent's heartbeats, ns
 * @suspect:	longest silence after which a peer is still reported as alive to the module, ns
 * @time:	how long the module counts a node as alive after a BEAT, the agent's report
 *		of live nodes, ns
 * @pulse:	interval of pulses, ns
 * @pulse_suspect: how long pulses can be missing before the peer counts as lost, ns
 * @pulse_least: lower limit of the default multiplier of a pulse session, in intervals
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
