// SPDX-License-Identifier: GPL-2.0
/* Scheduler active-standby: the usable member with the best priority serves. A
 * held member, whose node has returned and waits for failback, serves only if
 * no member is up. A member that cannot be reached, or that refuses
 * connections, is picked only if no other member is usable.
 */
#include "sched.h"

/* Returns the verdict on a member, and sets @word to its node's state word. */
static u8 hasw_sched_active_standby_judge(const struct hasw_member *m,
					  u64 *word)
{
	*word = READ_ONCE(m->node->word);
	return hasw_judge_weight(*word, READ_ONCE(m->health), m);
}

/* Picks a member; @i is the index of the first held one. Of the members that
 * are up, or whose failback is over, the one with the best priority serves. If
 * there is no such member, the member that has been held for the longest time
 * serves. So while all members are held, a returning node does not replace the
 * active member.
 */
static noinline struct hasw_member *
hasw_sched_active_standby_held(const struct hasw_service *service,
			       const struct hasw_members *all, u32 i)
{
	struct hasw_member *m, *longest = NULL;
	u64 word, now = 0, since = 0;
	u8 verdict;

	for (; i < all->n; i++) {
		m = all->m[i];
		verdict = hasw_sched_active_standby_judge(m, &word);
		if (verdict == HASWITCH_NEW_FLOWS_YES)
			return m;
		if (verdict != HASWITCH_NEW_FLOWS_HELD)
			continue;
		if (hasw_judge_due(service, word, &now))
			return m;
		if (!longest || hasw_word_since(word) < since) {
			longest = m;
			since = hasw_word_since(word);
		}
	}
	return longest;
}

/* Returns the first member that cannot be reached, else the first member that
 * refuses connections, else NULL. The former's link-layer address may become
 * known, or its route appear, at any time. If a refusing member is picked,
 * clients get a reset at once instead of no reply.
 */
static noinline struct hasw_member *
hasw_sched_active_standby_last(const struct hasw_members *all)
{
	u8 rank, verdict;
	u64 word;
	u32 i;

	for (rank = HASWITCH_NEW_FLOWS_UNRESOLVED; rank < HASW_JUDGE_NEVER;
	     rank++)
		for (i = 0; i < all->n; i++) {
			verdict = hasw_sched_active_standby_judge(all->m[i],
								  &word);
			if (verdict <= rank)
				return all->m[i];
		}
	return NULL;
}

/**
 * hasw_sched_active_standby_pick() - picks the best usable member
 * @service: the service
 * @all: its members
 *
 * The clock is read only if a held member comes before the first member that is
 * up.
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
		switch (hasw_sched_active_standby_judge(all->m[i], &word)) {
		case HASWITCH_NEW_FLOWS_YES:
			return all->m[i];
		case HASWITCH_NEW_FLOWS_HELD:
			return hasw_sched_active_standby_held(service, all, i);
		}
	}
	return hasw_sched_active_standby_last(all);
}

/* Picks the member of a new tracked flow. If the member that hasw_sched_pick()
 * has picked is full, unresolved or refusing, the flow goes to the first member
 * with the best verdict.
 */
static struct hasw_member *
hasw_sched_active_standby_new(const struct hasw_service *service,
			      const struct hasw_members *all)
{
	struct hasw_member *m = hasw_sched_pick(service, all);
	u64 now = 0;
	u32 i;
	u8 rank;

	if (likely(!m || hasw_judge_serves(hasw_judge_of(service, m, &now))))
		return m;
	for (rank = 0; rank < HASW_JUDGE_NEVER; rank++)
		for (i = 0; i < all->n; i++)
			if (hasw_judge_of(service, all->m[i], &now) <= rank)
				return all->m[i];
	return NULL;
}

static struct hasw_member *
hasw_sched_active_standby_choose(struct hasw_service *service,
				 const struct hasw_members *all,
				 const struct hasw_tuple *t)
{
	return hasw_sched_active_standby_new(service, all);
}

static struct hasw_member *
hasw_sched_active_standby_shown(const struct hasw_service *service,
				const struct hasw_members *all)
{
	return all->how == HASW_HOW_ONE ?
	       hasw_sched_pick(service, all) :
	       hasw_sched_active_standby_new(service, all);
}

const struct hasw_sched hasw_sched_active_standby = {
	.id = HASWITCH_SCHED_ACTIVE_STANDBY,
	.choose = hasw_sched_active_standby_choose,
	.next = hasw_sched_active_standby_choose,
	.pick = hasw_sched_active_standby_shown,
};
