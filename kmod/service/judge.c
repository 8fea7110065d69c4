// SPDX-License-Identifier: GPL-2.0
/* The judge: whether a member gets a new flow, and if not, why. */
#include "judge.h"

/* Returns whether the link-layer address of a member's node is unknown. The
 * kernel keeps resolving neighbour entries of nodes, so the address becomes
 * known even without traffic. A hop is a snapshot of a neighbour entry. Packets
 * via tunnel, gue and nat are routed and need no hop. hasw_hop_publish() sets
 * the hops of both families, or of none.
 */
static bool hasw_judge_unresolved(const struct hasw_member *m)
{
	return READ_ONCE(m->via) == HASWITCH_VIA_DIRECT &&
	       !rcu_access_pointer(m->node->hop[HASW_HOP4]) &&
	       !rcu_access_pointer(m->node->hop[HASW_HOP6]);
}

/* Does the work of hasw_judge_of(). @hops: whether an unknown link-layer
 * address counts.
 */
static u8 hasw_judge(const struct hasw_service *service,
		     const struct hasw_member *m, bool hops, u64 *now)
{
	u64 word = READ_ONCE(m->node->word);
	u8 verdict = hasw_judge_weight(word, READ_ONCE(m->health), m);

	if (verdict >= HASW_JUDGE_NEVER)
		return verdict;
	if (hasw_share_full(m->share))
		return HASWITCH_NEW_FLOWS_FULL;
	/* A refusing member keeps the verdict REFUSED, which is worse than
	 * UNRESOLVED because clients are reset.
	 */
	if (hops && verdict != HASWITCH_NEW_FLOWS_REFUSED &&
	    hasw_judge_unresolved(m))
		return HASWITCH_NEW_FLOWS_UNRESOLVED;
	if (verdict == HASWITCH_NEW_FLOWS_HELD &&
	    hasw_judge_due(service, word, now))
		return HASWITCH_NEW_FLOWS_YES;
	return verdict;
}

/**
 * hasw_judge_of() - whether a member gets new flows, and if not, why
 * @service: service of the member
 * @m: the member
 * @now: current time, ns; if it is 0 and this function needs the time, the
 *	function reads the clock and stores the time here for further calls
 *
 * Context: RCU read side, or hasw_net.mutex held.
 * Return: enum haswitch_new_flows. If several reasons apply, the result is the
 * first of node-state, unhealthy, weight-0, full, refused, unresolved and held.
 */
u8 hasw_judge_of(const struct hasw_service *service,
		 const struct hasw_member *m, u64 *now)
{
	return hasw_judge(service, m, true, now);
}

/**
 * hasw_judge_shown() - what users are told of whether a member gets new flows
 * @service: service of the member
 * @all: members of the service, among them @m
 * @m: the member
 * @now: as for hasw_judge_of()
 *
 * Packets of services that track no flows, and do not pick a member for each
 * packet, do not check the next hop: see hasw_judge_state().
 *
 * Context: RCU read side, or hasw_net.mutex held.
 * Return: enum haswitch_new_flows, as hasw_judge_of().
 */
u8 hasw_judge_shown(const struct hasw_service *service,
		    const struct hasw_members *all,
		    const struct hasw_member *m, u64 *now)
{
	return hasw_judge(service, m, all->how >= HASW_HOW_EACH, now);
}
