// SPDX-License-Identifier: GPL-2.0
/* Profiles: named sets of default times for a cluster. */
#include <string.h>

#include "haagentd/clock.h"
#include "profile.h"

static const struct profile profiles[HASW_VOTE_PROFILES] = {
	[HASW_VOTE_DEFAULT] = {
		.name = "default", .heartbeat = 10 * CLOCK_MS,
		.suspect = 30 * CLOCK_MS, .time = 30 * CLOCK_MS,
		.pulse = 10 * CLOCK_MS, .pulse_suspect = 30 * CLOCK_MS,
		.pulse_least = 4,
	},
	/* The suspect time of a dead node must end before its leases expire. Until the suspect time ends, the dead
	 * node counts as a candidate for these leases, and the other nodes ask for them later. The module waits
	 * for its own agent's BEATs (reports of live nodes) as long as in the default profile, see .time.
	 */
	[HASW_VOTE_FAST] = {
		.name = "fast", .heartbeat = 5 * CLOCK_MS,
		.suspect = 15 * CLOCK_MS, .time = 30 * CLOCK_MS,
		.pulse = CLOCK_MS, .pulse_suspect = 3 * CLOCK_MS,
		.pulse_least = 3,
	},
};

/**
 * profile_of - return the times of a profile
 * @which:	the profile
 *
 * Return: the times of the profile
 */
const struct profile *profile_of(enum hasw_vote_profile which)
{
	return &profiles[which];
}

/**
 * profile_find - find a profile by its name
 * @name:	the name
 *
 * Return: the profile; HASW_VOTE_PROFILES when no profile has this name
 */
enum hasw_vote_profile profile_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < HASW_VOTE_PROFILES; i++)
		if (!strcmp(profiles[i].name, name))
			break;
	return (enum hasw_vote_profile)i;
}
