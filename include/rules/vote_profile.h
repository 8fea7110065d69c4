/* SPDX-License-Identifier: GPL-2.0 */
/* The agreed times of the vote: agents run with these, and so does the model of the rules. */
#ifndef HASW_RULES_VOTE_PROFILE_H
#define HASW_RULES_VOTE_PROFILE_H

#include "vote.h"

/**
 * enum hasw_vote_profile - how fast a cluster is to be
 * @HASW_VOTE_DEFAULT: for any machines and networks
 * @HASW_VOTE_FAST: for machines that run an agent in time, and a network of their own
 * @HASW_VOTE_PROFILES: how many there are
 */
enum hasw_vote_profile {
	HASW_VOTE_DEFAULT,
	HASW_VOTE_FAST,
	HASW_VOTE_PROFILES,
};

/**
 * hasw_vote_profile_times() - the agreed times of a profile
 * @profile: which
 * @longest: longest right that is ever given, ns
 *
 * The margin is what the module promises of a packet that it has decided on, and
 * the slowest right is for machines that stall: no profile changes these two.
 *
 * Return: the times.
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
