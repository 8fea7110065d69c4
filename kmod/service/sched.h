/* SPDX-License-Identifier: GPL-2.0 */
/* Schedulers, which pick the member of a service that a packet is sent to. */
#ifndef HASW_SCHED_H
#define HASW_SCHED_H

#include "judge.h"
#include "maglev.h"
#include "packet/tuple.h"

extern const struct hasw_sched hasw_sched_active_standby;
extern const struct hasw_sched hasw_sched_maglev;
extern const struct hasw_sched hasw_sched_rr;
extern const struct hasw_sched hasw_sched_wrr;
extern const struct hasw_sched hasw_sched_lc;
extern const struct hasw_sched hasw_sched_wlc;
extern const struct hasw_sched hasw_sched_random;

/**
 * hasw_sched_of() - returns the scheduler of a service's members
 * @all: the members
 *
 * Context: any.
 */
static inline const struct hasw_sched *
hasw_sched_of(const struct hasw_members *all)
{
	return hasw_scheds[all->sched];
}

/* Percentage of the configured weight that a member has after slow start. */
#define HASW_SCHED_FULL 100

/* Percentage of the configured weight at the beginning of slow start. */
#define HASW_SCHED_FRESH 10

/**
 * hasw_sched_configured() - returns the configured weight of a member that
 *	gets new flows
 * @m: the member
 *
 * The weight may have become 0 since hasw_judge_of() read it. A scheduler
 * cannot use 0, so the result is at least 1.
 *
 * Context: any.
 */
static inline u32 hasw_sched_configured(const struct hasw_member *m)
{
	return max_t(u32, READ_ONCE(m->weight), 1);
}

/**
 * struct hasw_sched_view - what hasw_sched_serves() must know of all members
 * @pick: member that the scheduler picks for all flows, or NULL
 * @stand_in: member that stands in because no other one is usable, or NULL; see
 *	hasw_spares_stand_in()
 * @oldest: with maglev, what hasw_sched_maglev_oldest() returns
 * @any: some member has the verdict YES
 * @now: current time, ns, or 0 if nothing needed it
 */
struct hasw_sched_view {
	const struct hasw_member *pick;
	const struct hasw_member *stand_in;
	u64 oldest;
	bool any;
	u64 now;
};

void hasw_sched_look(const struct hasw_service *service,
		     const struct hasw_members *all,
		     struct hasw_sched_view *view);
bool hasw_sched_serves(const struct hasw_service *service,
		       const struct hasw_members *all,
		       struct hasw_sched_view *view,
		       const struct hasw_member *m);
struct hasw_member *hasw_sched_choose(struct hasw_service *service,
				      const struct hasw_members *all,
				      const struct hasw_tuple *t);
u64 hasw_sched_maglev_oldest(const struct hasw_members *all);
u32 hasw_sched_weight(const struct hasw_service *service,
		      const struct hasw_member *m, u32 weight, u64 *now);

struct hasw_member *
hasw_sched_active_standby_pick(const struct hasw_service *service,
			       const struct hasw_members *all);
struct hasw_member *
hasw_sched_maglev_pick(const struct hasw_service *service,
		       const struct hasw_members *all, u64 hash,
		       struct hasw_member **away);

/**
 * hasw_sched_maglev_own() - finds the member to which the table assigns a flow
 * @all: the members, with a table
 * @hash: hash of the flow
 *
 * Context: RCU read side.
 * Return: the member; NULL if the member's verdict is not
 * HASWITCH_NEW_FLOWS_YES, or if all weights are 0. If NULL,
 * hasw_sched_maglev_pick() may find another member.
 */
static __always_inline struct hasw_member *
hasw_sched_maglev_own(const struct hasw_members *all, u64 hash)
{
	struct hasw_member *own;

	if (unlikely(!all->maglev->size))
		return NULL;
	own = all->m[hasw_maglev_slot(all->maglev, hash)];
	if (likely(hasw_judge_state(READ_ONCE(own->node->word),
				    READ_ONCE(own->health), own) ==
		   HASWITCH_NEW_FLOWS_YES))
		return own;
	return NULL;
}

/**
 * hasw_sched_pick() - picks the one member that gets all packets
 * @service: the service, whose flows are not spread
 * @all: its members
 *
 * The common case is inline: the first member with a weight above 0 is up.
 *
 * Context: RCU read side.
 * Return: the member, or NULL when none is usable.
 */
static __always_inline struct hasw_member *
hasw_sched_pick(const struct hasw_service *service,
		const struct hasw_members *all)
{
	if (likely(all->first != HASW_MEMBERS_NONE)) {
		struct hasw_member *m = all->m[all->first];

		if (likely(hasw_judge_state(READ_ONCE(m->node->word),
					    READ_ONCE(m->health), m) ==
			   HASWITCH_NEW_FLOWS_YES))
			return m;
	}
	return hasw_sched_active_standby_pick(service, all);
}

#endif
