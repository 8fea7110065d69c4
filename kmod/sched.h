/* SPDX-License-Identifier: GPL-2.0 */
/* What a scheduler is: it picks a member of a service for a packet. */
#ifndef HASW_SCHED_H
#define HASW_SCHED_H

#include "service.h"

/**
 * struct hasw_sched - a scheduler
 * @id: enum haswitch_sched
 * @pick: picks a member; RCU read side; NULL when none is usable
 */
struct hasw_sched {
	u8 id;
	struct hasw_member *(*pick)(const struct hasw_service *service);
};

extern const struct hasw_sched hasw_sched_active_standby;

struct hasw_member *
hasw_sched_active_standby_pick(const struct hasw_service *service);

/**
 * hasw_sched_pick() - picks a member
 * @service: the service
 *
 * That the best one serves is seen without a call.
 *
 * Context: RCU read side.
 * Return: the member, or NULL when none is usable.
 */
static __always_inline struct hasw_member *
hasw_sched_pick(const struct hasw_service *service)
{
	const struct hasw_members *all = rcu_dereference(service->members);

	if (likely(all->n)) {
		struct hasw_member *m = all->m[0];
		u64 word = READ_ONCE(m->node->word);

		if (likely(hasw_word_state(word) == HASWITCH_NODE_STATE_UP &&
			   hasw_member_healthy(m)))
			return m;
	}
	return hasw_sched_active_standby_pick(service);
}

#endif
