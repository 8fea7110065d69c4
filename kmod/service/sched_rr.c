// SPDX-License-Identifier: GPL-2.0
/* Schedulers rr and wrr: new flows go to the usable members in turn; with wrr,
 * in proportion to their weights.
 */
#include "compat/compat.h"
#include "sched.h"

/* Protects this CPU's credits, which it has if each packet is a flow of its
 * own. On kernels where code with disabled softirqs can be preempted, it
 * excludes other users. Elsewhere it costs nothing.
 */
struct hasw_sched_rr_cpu {
	local_lock_t lock;
};

static DEFINE_PER_CPU(struct hasw_sched_rr_cpu, hasw_sched_rr_cpu) = {
	.lock = INIT_LOCAL_LOCK(lock),
};

/* Locks the round-robin credits that this CPU uses, and returns them. */
static __always_inline s64 *hasw_sched_rr_lock(struct hasw_service *service,
					       const struct hasw_members *all)
{
	if (all->how != HASW_HOW_EACH) {
		spin_lock(&service->tracked->rr_lock);
		return hasw_members_credits(all);
	}
	hasw_local_lock_bh(&hasw_sched_rr_cpu.lock);
	return hasw_members_credits(all) +
	       hasw_members_credits_each(all->how, all->n) *
	       smp_processor_id();
}

static __always_inline void hasw_sched_rr_unlock(struct hasw_service *service,
						 const struct hasw_members *all)
{
	if (all->how != HASW_HOW_EACH)
		spin_unlock(&service->tracked->rr_lock);
	else
		hasw_local_unlock_bh(&hasw_sched_rr_cpu.lock);
}

/* Smooth weighted round-robin among the members whose verdict is at most @rank.
 * In each step, the credit of each of these members grows by the member's
 * weight. The member with the most credit is picked, and the sum of the weights
 * is subtracted from its credit. In a number of steps equal to this sum, each
 * member is picked as many times as its weight. Its picks are spread as evenly
 * as possible. Without @weighted, all configured weights are taken as 1.
 * Without @take, no credit is changed. The caller has locked @credits.
 */
static __always_inline struct hasw_member *
hasw_sched_rr_advance(const struct hasw_service *service,
		      const struct hasw_members *all, s64 *credits, u8 rank,
		      bool weighted, bool take)
{
	s64 total = 0, weight, credit, most = 0;
	u32 i, best = HASW_MEMBERS_NONE;
	struct hasw_member *m;
	u64 now = 0;

	if (all->how != HASW_HOW_EACH)
		lockdep_assert_held(&service->tracked->rr_lock);
	for (i = 0; i < all->n; i++) {
		m = all->m[i];
		if (hasw_judge_of(service, m, &now) > rank)
			continue;
		weight = weighted ? hasw_sched_configured(m) : 1;
		weight = hasw_sched_weight(service, m, weight, &now);
		credit = credits[i] + weight;
		if (take)
			credits[i] = credit;
		total += weight;
		if (best != HASW_MEMBERS_NONE && credit <= most)
			continue;
		best = i;
		most = credit;
	}
	if (best == HASW_MEMBERS_NONE)
		return NULL;
	if (take)
		credits[best] -= total;
	return all->m[best];
}

static __always_inline struct hasw_member *
hasw_sched_rr_who(struct hasw_service *service, const struct hasw_members *all,
		  bool weighted, bool take)
{
	s64 *credits = hasw_sched_rr_lock(service, all);
	struct hasw_member *m = NULL;
	u8 rank;

	for (rank = 0; !m && rank < HASW_JUDGE_NEVER; rank++)
		m = hasw_sched_rr_advance(service, all, credits, rank, weighted,
					  take);
	hasw_sched_rr_unlock(service, all);
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
	.rotates = true,
	.choose = hasw_sched_rr_choose,
	.next = hasw_sched_rr_next,
};

const struct hasw_sched hasw_sched_wrr = {
	.id = HASWITCH_SCHED_WRR,
	.tracks = true,
	.rotates = true,
	.choose = hasw_sched_wrr_choose,
	.next = hasw_sched_wrr_next,
};
