// SPDX-License-Identifier: GPL-2.0
/* Schedulers lc and wlc: a new flow goes to the usable member with the fewest
 * flows; with wlc, with the fewest flows in proportion to its weight.
 */
#include "sched.h"

/* Load of an open flow; a closing flow has a load of 1. */
#define HASW_SCHED_LC_OPEN 256

static u64 hasw_sched_lc_load(const struct hasw_share *share)
{
	return (u64)hasw_share_open(share) * HASW_SCHED_LC_OPEN +
	       hasw_share_closing(share);
}

/* Returns the member with the least load in proportion to its weight, among the
 * members whose verdict is at most @rank. If several members have the least
 * load, returns the first of them. Returns NULL if no member has such a
 * verdict. Without @weighted, all configured weights are taken as 1. Loads are
 * cross-multiplied with weights instead of divided, so nothing is rounded.
 */
static struct hasw_member *hasw_sched_lc_least(const struct hasw_service *service,
					       const struct hasw_members *all,
					       u8 rank, bool weighted)
{
	u64 load, least = 0, weight, least_weight = 1, now = 0;
	struct hasw_member *m, *best = NULL;
	u32 i;

	for (i = 0; i < all->n; i++) {
		m = all->m[i];
		if (hasw_judge_of(service, m, &now) > rank)
			continue;
		weight = weighted ? hasw_sched_configured(m) : 1;
		weight = hasw_sched_weight(service, m, weight, &now);
		load = hasw_sched_lc_load(m->share) + HASW_SCHED_LC_OPEN;
		if (best && load * least_weight >= least * weight)
			continue;
		best = m;
		least = load;
		least_weight = weight;
	}
	return best;
}

static struct hasw_member *hasw_sched_lc_next(const struct hasw_service *service,
					      const struct hasw_members *all,
					      bool weighted)
{
	struct hasw_member *m = NULL;
	u8 rank;

	for (rank = 0; !m && rank < HASW_JUDGE_NEVER; rank++)
		m = hasw_sched_lc_least(service, all, rank, weighted);
	return m;
}

static struct hasw_member *hasw_sched_lc_choose(struct hasw_service *service,
						const struct hasw_members *all,
						const struct hasw_tuple *t)
{
	return hasw_sched_lc_next(service, all, false);
}

static struct hasw_member *hasw_sched_wlc_choose(struct hasw_service *service,
						 const struct hasw_members *all,
						 const struct hasw_tuple *t)
{
	return hasw_sched_lc_next(service, all, true);
}

const struct hasw_sched hasw_sched_lc = {
	.id = HASWITCH_SCHED_LC,
	.tracks = true,
	.counts = true,
	.choose = hasw_sched_lc_choose,
	.next = hasw_sched_lc_choose,
};

const struct hasw_sched hasw_sched_wlc = {
	.id = HASWITCH_SCHED_WLC,
	.tracks = true,
	.counts = true,
	.choose = hasw_sched_wlc_choose,
	.next = hasw_sched_wlc_choose,
};
