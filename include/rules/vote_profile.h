/* SPDX-License-Identifier: GPL-2.0 */
/* Profiles of the vote: sets of agreed times. Agents use them, and the model of
 * the rules checks them.
 */
#ifndef HASW_RULES_VOTE_PROFILE_H
#define HASW_RULES_VOTE_PROFILE_H

#include "vote.h"

/**
 * enum hasw_vote_profile - how fast leases fail over in a cluster
 * @HASW_VOTE_DEFAULT: for any machines and networks
 * @HASW_VOTE_FAST: for machines that always schedule the agent in time, and
 *	that have a dedicated network
 * @HASW_VOTE_PROFILES: number of profiles
 */
enum hasw_vote_profile {
	HASW_VOTE_DEFAULT,
	HASW_VOTE_FAST,
	HASW_VOTE_PROFILES,
};

/**
 * hasw_vote_profile_times() - returns the agreed times of a profile
 * @profile: the profile
 * @longest: length of the longest long right, ns
 *
 * All profiles have the same margin, within which the module transmits a packet
 * that it has accepted. All profiles have the same longest usual right, which
 * machines that stall need in any profile.
 *
 * Return: the times, ns.
 */
static inline struct hasw_vote_times
hasw_vote_profile_times(enum hasw_vote_profile profile, __u64 longest)
{
	struct hasw_vote_times t = {
		.length = 90000000, .slowest = 500000000, .longest = longest,
		.margin = 5000000, .renew = 20000000, .retry = 20000000,
		.step = 10000000, .ceiling = 1 << 20, .rho = 100000,
	};

	if (profile != HASW_VOTE_FAST)
		return t;
	t.length = 25000000;
	t.renew = 5000000;
	t.retry = 5000000;
	t.step = 3000000;
	return t;
}

#endif
