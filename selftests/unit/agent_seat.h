/* SPDX-License-Identifier: GPL-2.0 */
/* What a test of the agent gives a seat that it does not look at: no chance, no network, no module and no disk. */
#ifndef AGENT_SEAT_H
#define AGENT_SEAT_H

#include "rules/vote_seat_owner.h"

static inline __u64 seat_random(void *arg)
{
	(void)arg;
	return 0;
}

static inline void seat_send(void *arg, __u8 to, const struct hasw_vote_msg *m)
{
	(void)arg;
	(void)to;
	(void)m;
}

static inline void seat_unset(void *arg, unsigned int slot, __u64 epoch, __u64 deadline)
{
	(void)arg;
	(void)slot;
	(void)epoch;
	(void)deadline;
}

static inline void seat_sync(void *arg, const struct hasw_voter_disk *image)
{
	(void)arg;
	(void)image;
}

#endif
