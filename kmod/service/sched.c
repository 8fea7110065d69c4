// SPDX-License-Identifier: GPL-2.0
/* The list of schedulers, and the slow start of members. A held node is one
 * that has returned: until the service's failback is over, the node serves only
 * if no other node can.
 */
#include <linux/math64.h>
#include <linux/random.h>

#include "sched.h"

const struct hasw_sched *const hasw_scheds[] = {
	[HASWITCH_SCHED_ACTIVE_STANDBY] = &hasw_sched_active_standby,
	[HASWITCH_SCHED_MAGLEV] = &hasw_sched_maglev,
	[HASWITCH_SCHED_RR] = &hasw_sched_rr,
	[HASWITCH_SCHED_WRR] = &hasw_sched_wrr,
	[HASWITCH_SCHED_LC] = &hasw_sched_lc,
	[HASWITCH_SCHED_WLC] = &hasw_sched_wlc,
	[HASWITCH_SCHED_RANDOM] = &hasw_sched_random,
};

/**
 * hasw_sched_choose() - picks the member of a new flow
 * @service: the service
 * @all: its members
 * @t: tuple of the flow; NULL if each packet is a flow of its own
 *
 * Context: RCU read side, softirqs off.
 * Return: the member, or NULL when none is usable.
 */
struct hasw_member *hasw_sched_choose(struct hasw_service *service,
				      const struct hasw_members *all,
				      const struct hasw_tuple *t)
{
	struct hasw_member *m = hasw_sched_of(all)->choose(service, all, t);

	if (likely(!all->waiting))
		return m;
	return hasw_spares_stand_in(service, all,
				    t ? hasw_tuple_hash(t) : get_random_u32(),
				    m);
}

/**
 * hasw_sched_look() - reads what hasw_sched_serves() must know of all members
 * @service: the service
 * @all: its members
 * @view: receives it
 *
 * Context: RCU read side.
 */
void hasw_sched_look(const struct hasw_service *service,
		     const struct hasw_members *all,
		     struct hasw_sched_view *view)
{
	const struct hasw_sched *sched = hasw_sched_of(all);
	u32 i;

	*view = (struct hasw_sched_view){ .oldest = U64_MAX };
	if (all->waiting)
		view->stand_in = hasw_spares_stand_in(service, all, 0, NULL);
	if (sched->pick)
		view->pick = sched->pick(service, all);
	else if (sched->spread)
		view->oldest = hasw_sched_maglev_oldest(all);
	else
		for (i = 0; i < all->n && !view->any; i++)
			view->any = hasw_judge_shown(service, all, all->m[i],
						     &view->now) ==
				    HASWITCH_NEW_FLOWS_YES;
}

/**
 * hasw_sched_serves() - whether a member gets new flows now, and can serve them
 * @service: the service
 * @all: its members
 * @view: what hasw_sched_look() has read of them
 * @m: one of @all
 *
 * The answer is that of the packet path: of the judge and of the scheduler.
 * What users are told of who serves comes from here. A held member gets flows
 * if no member has a better verdict. With maglev it keeps its own flows, as in
 * hasw_sched_maglev_all(), if no member has been up for longer than it has been
 * held. A member that waits serves while it stands in for all others.
 *
 * Context: RCU read side.
 */
bool hasw_sched_serves(const struct hasw_service *service,
		       const struct hasw_members *all,
		       struct hasw_sched_view *view,
		       const struct hasw_member *m)
{
	const struct hasw_sched *sched = hasw_sched_of(all);
	u8 verdict = hasw_judge_shown(service, all, m, &view->now);

	if (!hasw_judge_serves(verdict))
		return hasw_spares_stands_in(service, all, m, view->stand_in,
					     &view->now);
	if (sched->pick)
		return view->pick == m;
	if (verdict == HASWITCH_NEW_FLOWS_YES)
		return true;
	return sched->spread ? view->oldest >=
			       hasw_word_since(READ_ONCE(m->node->word)) :
			       !view->any;
}

/* Returns the time at which a member began to serve: its addition, the start of
 * its node, or its last change of health, whichever came last.
 */
static u64 hasw_sched_began(const struct hasw_service *service,
			    const struct hasw_member *m)
{
	const struct hasw_node *node = m->node;
	u64 word = READ_ONCE(node->word), began = hasw_word_since(word);
	u64 failback = READ_ONCE(service->failback), back;
	const struct hasw_switch *sw = READ_ONCE(m->sw);

	if (hasw_word_state(word) == HASWITCH_NODE_STATE_HELD) {
		/* A held member may serve before its failback is over, because
		 * no other member can serve. Such a member is treated as
		 * just started.
		 */
		began = max(began, hasw_service_due(service, word));
	} else if (failback != HASW_FAILBACK_MANUAL) {
		/* Another service with a longer failback may have kept the node
		 * held for longer. In this service the member has served since
		 * the end of this service's failback.
		 */
		back = READ_ONCE(node->back);
		began = min(began, back + failback);
	}
	if (sw)
		began = max(began, READ_ONCE(sw->publish));
	return max(began, READ_ONCE(m->share->began));
}

/**
 * hasw_sched_weight() - returns a member's weight, reduced during slow start
 *	and by its node's share
 * @service: service of the member; each of its members has a struct hasw_share
 * @m: the member
 * @weight: configured weight, above 0
 * @now: current time, ns; if it is 0 and this function needs the time, the
 *	function reads the clock and stores the time here for further calls
 *
 * The result is @weight times a percentage: HASW_SCHED_FULL, or less during
 * slow start, or while the node has only a share of its weights. The result is
 * below 2^32, but the sum over all members may be larger.
 *
 * Context: RCU read side.
 * Return: the weight in hundredths, above 0.
 */
u32 hasw_sched_weight(const struct hasw_service *service,
		      const struct hasw_member *m, u32 weight, u64 *now)
{
	u64 slow = READ_ONCE(service->tracked->slow_start), began, age;
	u32 share = HASW_SCHED_FULL - READ_ONCE(m->node->less);

	if (likely(!slow))
		return weight * share;
	if (!*now)
		*now = hasw_switch_now();
	began = hasw_sched_began(service, m);
	age = *now > began ? *now - began : 0;
	if (age >= slow)
		return weight * share;
	share *= HASW_SCHED_FRESH +
		 (u32)div64_u64((HASW_SCHED_FULL - HASW_SCHED_FRESH) * age,
				slow);
	return max_t(u32, weight * share / HASW_SCHED_FULL, 1);
}
