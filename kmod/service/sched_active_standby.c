// SPDX-License-Identifier: GPL-2.0
/* Scheduler: the usable member with the smallest priority number serves, held ones only for want of others, and those where nobody listens for want of these. */
#include "sched.h"

/* From the first usable member that is held: one whose time has come, or that
 * was never away, serves by priority; without any, the one held longest does.
 * So who serves while all are held goes on when another one returns.
 */
static noinline struct hasw_member *
hasw_sched_active_standby_held(const struct hasw_service *service,
			       const struct hasw_members *all, u32 i)
{
	struct hasw_member *m, *longest = NULL;
	u64 word, due, now = 0, since = 0;

	for (; i < all->n; i++) {
		m = all->m[i];
		if (!hasw_member_healthy(m))
			continue;
		word = READ_ONCE(m->node->word);
		if (hasw_word_state(word) == HASWITCH_NODE_STATE_UP)
			return m;
		if (!hasw_word_usable(word))
			continue;
		due = hasw_service_due(service, word);
		if (due && due != U64_MAX && !now)
			now = hasw_switch_now();
		if (due <= now)
			return m;
		if (!longest || hasw_word_since(word) < since) {
			longest = m;
			since = hasw_word_since(word);
		}
	}
	return longest;
}

/* Where nobody listens, the client at least hears so. */
static noinline struct hasw_member *
hasw_sched_active_standby_last(const struct hasw_members *all)
{
	u32 i;

	for (i = 0; i < all->n; i++)
		if (READ_ONCE(all->m[i]->health) == HASWITCH_HEALTH_REFUSED &&
		    hasw_word_usable(READ_ONCE(all->m[i]->node->word)))
			return all->m[i];
	return NULL;
}

/**
 * hasw_sched_active_standby_pick() - picks the best usable member
 * @service: the service
 * @all: its members
 *
 * The clock is read only while a better member than the one that serves is
 * held.
 *
 * Context: RCU read side.
 * Return: the member, or NULL when none is usable.
 */
struct hasw_member *
hasw_sched_active_standby_pick(const struct hasw_service *service,
			       const struct hasw_members *all)
{
	u64 word;
	u32 i;

	for (i = 0; i < all->n; i++) {
		word = READ_ONCE(all->m[i]->node->word);
		if (!hasw_word_usable(word) || !hasw_member_healthy(all->m[i]))
			continue;
		if (unlikely(hasw_word_state(word) != HASWITCH_NODE_STATE_UP))
			return hasw_sched_active_standby_held(service, all, i);
		return all->m[i];
	}
	return hasw_sched_active_standby_last(all);
}

static struct hasw_member *
hasw_sched_active_standby_choose(struct hasw_service *service,
				 const struct hasw_members *all,
				 const struct hasw_tuple *t)
{
	struct hasw_member *m = hasw_sched_pick(service, all);
	u64 now = 0;
	u32 i;
	u8 rank;

	if (likely(!m || !hasw_share_full(m->share)))
		return m;
	for (rank = 0; rank < HASW_SCHED_NEVER; rank++)
		for (i = 0; i < all->n; i++)
			if (hasw_sched_rank(service, all->m[i], &now) <= rank)
				return all->m[i];
	return NULL;
}

const struct hasw_sched hasw_sched_active_standby = {
	.id = HASWITCH_SCHED_ACTIVE_STANDBY,
	.choose = hasw_sched_active_standby_choose,
	.next = hasw_sched_active_standby_choose,
	.pick = hasw_sched_active_standby_pick,
};
