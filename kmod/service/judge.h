/* SPDX-License-Identifier: GPL-2.0 */
/* The judge of members: whether a member gets new flows, and if not, why. */
#ifndef HASW_JUDGE_H
#define HASW_JUDGE_H

#include "service.h"

/* A verdict is an enum haswitch_new_flows, from best to worst. A scheduler
 * gives a member a flow only if no other member has a smaller verdict. A member
 * with this verdict or a greater one gets no new flow.
 */
#define HASW_JUDGE_NEVER HASWITCH_NEW_FLOWS_NODE_STATE

u8 hasw_judge_of(const struct hasw_service *service,
		 const struct hasw_member *m, u64 *now);

/**
 * hasw_judge_due() - whether a held node serves like one that is up
 * @service: the service
 * @word: word of the node, which is held
 * @now: clock, ns, cached by the caller; 0 if not read yet
 *
 * Context: RCU read side.
 */
static inline bool hasw_judge_due(const struct hasw_service *service, u64 word,
				  u64 *now)
{
	u64 due = hasw_service_due(service, word);

	if (!due || due == U64_MAX)
		return !due;
	if (!*now)
		*now = hasw_switch_now();
	return due <= *now;
}

/**
 * hasw_judge_state() - the verdict by node state and health alone
 * @word: word of the member's node, read once
 * @health: health of the member, read once
 *
 * Stateless schedulers use only this for each packet. Published members record
 * which of them have a weight, and nobody counts flows. The next hop is not
 * checked, since all nodes are to pick the same member. The caller checks
 * whether a held node is due.
 *
 * Context: any.
 * Return: enum haswitch_new_flows.
 */
static __always_inline u8 hasw_judge_state(u64 word, u8 health)
{
	if (likely(hasw_word_state(word) == HASWITCH_NODE_STATE_UP &&
		   health == HASWITCH_HEALTH_UP))
		return HASWITCH_NEW_FLOWS_YES;
	if (!hasw_word_usable(word))
		return HASWITCH_NEW_FLOWS_NODE_STATE;
	if (health == HASWITCH_HEALTH_DOWN)
		return HASWITCH_NEW_FLOWS_UNHEALTHY;
	if (health == HASWITCH_HEALTH_REFUSED)
		return HASWITCH_NEW_FLOWS_REFUSED;
	return HASWITCH_NEW_FLOWS_HELD;
}

/**
 * hasw_judge_weight() - the verdict by node state, health and weight
 * @word: word of the member's node, read once
 * @health: health of the member, read once
 * @m: the member
 *
 * Context: RCU read side.
 * Return: enum haswitch_new_flows.
 */
static __always_inline u8 hasw_judge_weight(u64 word, u8 health,
					    const struct hasw_member *m)
{
	u8 verdict = hasw_judge_state(word, health);

	if (verdict < HASW_JUDGE_NEVER && !READ_ONCE(m->weight))
		return HASWITCH_NEW_FLOWS_WEIGHT_0;
	return verdict;
}

/**
 * hasw_judge_serves() - whether a member serves the packets that it gets
 * @verdict: enum haswitch_new_flows
 *
 * A member that refuses, or is unresolved, is picked only if no other is
 * usable.
 */
static inline bool hasw_judge_serves(u8 verdict)
{
	return verdict <= HASWITCH_NEW_FLOWS_HELD;
}

#endif
