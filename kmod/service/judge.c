// SPDX-License-Identifier: GPL-2.0
/* The judge of members for a new flow: whether a member gets it, and if not,
 * why.
 */
#include "judge.h"

/* Whether the node's link-layer address is unknown. The kernel keeps each
 * node's neighbour entry fresh, so the state ends without traffic. Packets via
 * tunnel, gue and nat have a route of their own. Both families have a hop, or
 * neither has.
 */
static bool hasw_judge_unresolved(const struct hasw_member *m)
{
	return READ_ONCE(m->via) == HASWITCH_VIA_DIRECT &&
	       !rcu_access_pointer(m->node->hop[HASW_HOP4]) &&
	       !rcu_access_pointer(m->node->hop[HASW_HOP6]);
}

/**
 * hasw_judge_of() - whether a member gets new flows, and if not, why
 * @service: its service
 * @m: the member
 * @now: clock, ns, cached over calls for several members; 0 if not read yet
 *
 * Context: RCU read side, or hasw_net.mutex held.
 * Return: enum haswitch_new_flows; of several reasons, the one that lasts
 * longest.
 */
u8 hasw_judge_of(const struct hasw_service *service,
		 const struct hasw_member *m, u64 *now)
{
	u64 word = READ_ONCE(m->node->word);
	u8 verdict = hasw_judge_weight(word, READ_ONCE(m->health), m);

	if (verdict >= HASW_JUDGE_NEVER)
		return verdict;
	if (hasw_share_full(m->share))
		return HASWITCH_NEW_FLOWS_FULL;
	/* A refusing member resets its clients, so REFUSED ranks behind
	 * UNRESOLVED.
	 */
	if (verdict != HASWITCH_NEW_FLOWS_REFUSED && hasw_judge_unresolved(m))
		return HASWITCH_NEW_FLOWS_UNRESOLVED;
	if (verdict == HASWITCH_NEW_FLOWS_HELD &&
	    hasw_judge_due(service, word, now))
		return HASWITCH_NEW_FLOWS_YES;
	return verdict;
}
