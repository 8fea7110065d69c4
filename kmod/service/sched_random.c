// SPDX-License-Identifier: GPL-2.0
/* Scheduler random: a new flow goes to a random usable member, with a
 * probability in proportion to its weight.
 */
#include <linux/math64.h>
#include <linux/random.h>

#include "sched.h"

/* Adds up the weights of the members whose verdict is at most @rank, until @sum
 * exceeds @end. Returns the member whose weight was added last, or NULL if no
 * member has such a verdict. If @sum never exceeds @end, @sum becomes the sum
 * of all these weights.
 */
static struct hasw_member *
hasw_sched_random_walk(const struct hasw_service *service,
		       const struct hasw_members *all, u8 rank, u64 end,
		       u64 *sum, u64 *now)
{
	struct hasw_member *m, *last = NULL;
	u32 i;

	*sum = 0;
	for (i = 0; i < all->n && *sum <= end; i++) {
		m = all->m[i];
		if (hasw_judge_of(service, m, now) > rank)
			continue;
		*sum += hasw_sched_weight(service, m, hasw_sched_configured(m),
					  now);
		last = m;
	}
	return last;
}

static struct hasw_member *
hasw_sched_random_choose(struct hasw_service *service,
			 const struct hasw_members *all,
			 const struct hasw_tuple *t)
{
	struct hasw_member *m;
	u64 sum, end, now = 0;
	u8 rank;

	for (rank = 0; rank < HASW_JUDGE_NEVER; rank++) {
		if (!hasw_sched_random_walk(service, all, rank, U64_MAX, &sum,
					    &now))
			continue;
		end = mul_u64_u32_shr(sum, get_random_u32(), 32);
		m = hasw_sched_random_walk(service, all, rank, end, &sum,
					   &now);
		/* @m is NULL if the last usable member became unusable between
		 * the two walks.
		 */
		if (m)
			return m;
	}
	return NULL;
}

const struct hasw_sched hasw_sched_random = {
	.id = HASWITCH_SCHED_RANDOM,
	.tracks = true,
	.choose = hasw_sched_random_choose,
};
