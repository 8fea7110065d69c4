// SPDX-License-Identifier: GPL-2.0
/* Scheduler: the usable member with the smallest priority number serves. */
#include "sched.h"

/**
 * hasw_sched_active_standby_pick() - picks the best usable member
 * @service: the service
 *
 * Context: RCU read side.
 * Return: the member, or NULL when none is usable.
 */
struct hasw_member *
hasw_sched_active_standby_pick(const struct hasw_service *service)
{
	const struct hasw_members *all = rcu_dereference(service->members);
	u32 i;

	for (i = 0; i < all->n; i++)
		if (hasw_member_usable(all->m[i]))
			return all->m[i];
	return NULL;
}

const struct hasw_sched hasw_sched_active_standby = {
	.id = HASWITCH_SCHED_ACTIVE_STANDBY,
	.pick = hasw_sched_active_standby_pick,
};
