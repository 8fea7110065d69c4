// SPDX-License-Identifier: GPL-2.0
/* A profile: how fast a cluster is to be, in one word, and the times that the word stands for. */
#include <string.h>

#include "clock.h"
#include "profile.h"

static const struct profile profiles[HASW_VOTE_PROFILES] = {
	[HASW_VOTE_DEFAULT] = {
		.name = "default", .heartbeat = 10 * CLOCK_MS,
		.suspect = 30 * CLOCK_MS, .time = 30 * CLOCK_MS,
		.pulse = 10 * CLOCK_MS, .pulse_suspect = 30 * CLOCK_MS,
		.pulse_least = 4,
	},
	/* Who is dead must be silent before its leases have run out: only then is it no candidate any more. The module
	 * is as patient as ever with its own agent.
	 */
	[HASW_VOTE_FAST] = {
		.name = "fast", .heartbeat = 5 * CLOCK_MS,
		.suspect = 15 * CLOCK_MS, .time = 30 * CLOCK_MS,
		.pulse = CLOCK_MS, .pulse_suspect = 3 * CLOCK_MS,
		.pulse_least = 3,
	},
};

/**
 * profile_of - what a profile stands for
 * @which:	the profile
 *
 * Return: its times
 */
const struct profile *profile_of(enum hasw_vote_profile which)
{
	return &profiles[which];
}

/**
 * profile_find - which profile has that name?
 * @name:	the word
 *
 * Return: the profile; HASW_VOTE_PROFILES when there is none
 */
enum hasw_vote_profile profile_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < HASW_VOTE_PROFILES; i++)
		if (!strcmp(profiles[i].name, name))
			break;
	return (enum hasw_vote_profile)i;
}
