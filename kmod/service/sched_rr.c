// SPDX-License-Identifier: GPL-2.0
/* Schedulers rr and wrr: new flows go to the usable members in turn; with wrr,
 * in proportion to their weights.
 */
#include "sched.h"

/* Smooth weighted round-robin among the members whose verdict is at most @rank.
 * In each step, the credit of each of these members grows by the member's
 * weight. The member with the most credit is picked, and the sum of the weights
 * is subtracted from its credit. In a number of steps equal to this sum, each
 * member is picked as many times as its weight. Its picks are spread as evenly
 * as possible. Without @weighted, all configured weights are taken as 1.
 * Without @take, no credit is changed.
 */
static __always_inline struct hasw_member *
hasw_sched_rr_advance(struct hasw_service *service,
		      const struct hasw_members *all, u8 rank, bool weighted,
		      bool take)
{
	s64 total = 0, weight, credit, most = 0;
	struct hasw_member *m, *best = NULL;
	u64 now = 0;
	u32 i;

	lockdep_assert_held(&service->tracked->rr_lock);
	for (i = 0; i < all->n; i++) {
		m = all->m[i];
		if (hasw_judge_of(service, m, &now) > rank)
			continue;
		weight = weighted ? hasw_sched_configured(m) : 1;
		weight = hasw_sched_weight(service, m, weight, &now);
		credit = m->share->credit + weight;
		if (take)
			m->share->credit = credit;
		total += weight;
		if (best && credit <= most)
			continue;
		best = m;
		most = credit;
	}
	if (best && take)
		best->share->credit -= total;
	return best;
}

static __always_inline struct hasw_member *
hasw_sched_rr_who(struct hasw_service *service, const struct hasw_members *all,
		  bool weighted, bool take)
{
	struct hasw_member *m = NULL;
	u8 rank;

	spin_lock(&service->tracked->rr_lock);
	for (rank = 0; !m && rank < HASW_JUDGE_NEVER; rank++)
		m = hasw_sched_rr_advance(service, all, rank, weighted, take);
	spin_unlock(&service->tracked->rr_lock);
	return m;
}

static struct hasw_member *hasw_sched_rr_choose(struct hasw_service *service,
						const struct hasw_members *all,
						const struct hasw_tuple *t)
{
	return hasw_sched_rr_who(service, all, false, true);
}

static struct hasw_member *hasw_sched_wrr_choose(struct hasw_service *service,
						 const struct hasw_members *all,
						 const struct hasw_tuple *t)
{
	return hasw_sched_rr_who(service, all, true, true);
}

/* Returns the member that would be picked next, and changes no credit. */
static struct hasw_member *hasw_sched_rr_next(struct hasw_service *service,
					      const struct hasw_members *all,
					      const struct hasw_tuple *t)
{
	return hasw_sched_rr_who(service, all, false, false);
}

static struct hasw_member *hasw_sched_wrr_next(struct hasw_service *service,
					       const struct hasw_members *all,
					       const struct hasw_tuple *t)
{
	return hasw_sched_rr_who(service, all, true, false);
}

const struct hasw_sched hasw_sched_rr = {
	.id = HASWITCH_SCHED_RR,
	.tracks = true,
	.choose = hasw_sched_rr_choose,
	.next = hasw_sched_rr_next,
};

const struct hasw_sched hasw_sched_wrr = {
	.id = HASWITCH_SCHED_WRR,
	.tracks = true,
	.choose = hasw_sched_wrr_choose,
	.next = hasw_sched_wrr_next,
};
