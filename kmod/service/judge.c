// SPDX-License-Identifier: GPL-2.0
/* The judge of members, as it is asked for a new flow. */
#include "judge.h"

/* Whether no packet gets to the node. The kernel's neighbour entry of each node is
 * kept fresh, so this ends without a packet to it. What goes inside other packets,
 * or is translated, has a route of its own. Both families have a hop, or none has.
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
 * @now: the clock, ns, for who asks of several members; 0 is not read yet
 *
 * Context: RCU read side, or hasw_net.mutex held.
 * Return: enum haswitch_new_flows, the reason that lasts longest first.
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
	/* Where nobody listens a client is reset, so such a member comes last. */
	if (verdict != HASWITCH_NEW_FLOWS_REFUSED && hasw_judge_unresolved(m))
		return HASWITCH_NEW_FLOWS_UNRESOLVED;
	if (verdict == HASWITCH_NEW_FLOWS_HELD &&
	    hasw_judge_due(service, word, now))
		return HASWITCH_NEW_FLOWS_YES;
	return verdict;
}
