/* SPDX-License-Identifier: GPL-2.0 */
/* The judge: whether a member gets new flows, and if not, why. A held node is
 * one that has returned: until the service's failback is over, the node serves
 * only if no other node can.
 */
#ifndef HASW_JUDGE_H
#define HASW_JUDGE_H

#include "service.h"

/* Verdicts are values of enum haswitch_new_flows, from best to worst. Members
 * with the smallest verdict get the flows; but the scheduler maglev leaves held
 * members their own flows in some cases, see hasw_sched_maglev_all().
 * HASW_JUDGE_NEVER is the smallest verdict with which a member gets no new flow
 * at all.
 */
#define HASW_JUDGE_NEVER HASWITCH_NEW_FLOWS_NODE_STATE

u8 hasw_judge_of(const struct hasw_service *service,
		 const struct hasw_member *m, u64 *now);
u8 hasw_judge_shown(const struct hasw_service *service,
		    const struct hasw_members *all,
		    const struct hasw_member *m, u64 *now);

void hasw_spares_init(struct hasw_net *hn);
void hasw_spares_exit(struct hasw_net *hn);
u8 hasw_spares_could_wait(const struct hasw_service *service,
			  const struct hasw_node *self,
			  const struct hasw_node *node, bool spare);
int hasw_spares_prefer(struct hasw_net *hn, struct hasw_config *cfg,
		       struct hasw_service *service, bool prefer);
int hasw_spares_visit(struct hasw_net *hn, struct hasw_config *cfg,
		      struct hasw_service *service);
struct hasw_member *hasw_spares_stand_in(const struct hasw_service *service,
					 const struct hasw_members *all,
					 u32 hash, struct hasw_member *picked);
bool hasw_spares_stands_in(const struct hasw_service *service,
			   const struct hasw_members *all,
			   const struct hasw_member *m,
			   const struct hasw_member *picked, u64 *now);
int hasw_spares_judge(const struct hasw_service *service,
		      const struct hasw_node *self, u64 now, u64 *next);

/**
 * hasw_judge_due() - whether a held node may serve like one that is up
 * @service: the service
 * @word: state word of the held node
 * @now: current time, ns; if it is 0 and this function needs the time, the
 *	function reads the clock and stores the time here for further calls
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

/* Returns the bit of a node's state word that says that members with this via
 * cannot be reached, or 0.
 */
static inline u64 hasw_judge_unreached(u8 via)
{
	if (via == HASWITCH_VIA_LOCAL)
		return 0;
	return via == HASWITCH_VIA_DIRECT ? HASW_WORD_UNRESOLVED :
					    HASW_WORD_UNROUTED;
}

/**
 * hasw_judge_state() - judges a member by node state, health and next hop
 * @word: state word of the member's node, which the caller has read once
 * @health: health of the member, which the caller has read once
 * @m: the member
 *
 * For most packets without tracked flows this is the only check. Members of
 * weight 0 are already excluded, by hasw_members.first and by the Maglev table.
 * No limit of flows is checked, because the flows are not counted. The state
 * word says whether the member can be reached, so that no packet has to check
 * the next hop. The caller checks whether a held node's failback is over.
 *
 * Context: any.
 * Return: enum haswitch_new_flows.
 */
static __always_inline u8 hasw_judge_state(u64 word, u8 health,
					   const struct hasw_member *m)
{
	/* HASW_WORD_DAMPED is set only together with the state held. */
	if (likely((word & HASW_WORD_LOW) == HASWITCH_NODE_STATE_UP &&
		   health == HASWITCH_HEALTH_UP))
		return HASWITCH_NEW_FLOWS_YES;
	if (!hasw_word_usable(word))
		return HASWITCH_NEW_FLOWS_NODE_STATE;
	if (health == HASWITCH_HEALTH_DOWN)
		return HASWITCH_NEW_FLOWS_UNHEALTHY;
	if (health == HASWITCH_HEALTH_REFUSED)
		return HASWITCH_NEW_FLOWS_REFUSED;
	if (word & hasw_judge_unreached(READ_ONCE(m->via)))
		return HASWITCH_NEW_FLOWS_UNRESOLVED;
	return hasw_word_state(word) == HASWITCH_NODE_STATE_UP ?
	       HASWITCH_NEW_FLOWS_YES : HASWITCH_NEW_FLOWS_HELD;
}

/**
 * hasw_judge_weight() - judges a member by node state, health, next hop and
 *	weight
 * @word: state word of the member's node, which the caller has read once
 * @health: health of the member, which the caller has read once
 * @m: the member
 *
 * Context: RCU read side.
 * Return: enum haswitch_new_flows.
 */
static __always_inline u8 hasw_judge_weight(u64 word, u8 health,
					    const struct hasw_member *m)
{
	u8 verdict = hasw_judge_state(word, health, m);

	if (verdict < HASW_JUDGE_NEVER && !READ_ONCE(m->weight))
		return HASWITCH_NEW_FLOWS_WEIGHT_0;
	return verdict;
}

/**
 * hasw_judge_serves() - whether a member can serve the packets that it gets
 * @verdict: enum haswitch_new_flows
 *
 * A verdict between HASWITCH_NEW_FLOWS_HELD and HASW_JUDGE_NEVER means that the
 * member refuses connections, or that its node cannot be reached: its
 * link-layer address is unknown, or no route leads to it. Such a member is
 * picked only if no member can serve.
 */
static inline bool hasw_judge_serves(u8 verdict)
{
	return verdict <= HASWITCH_NEW_FLOWS_HELD;
}

#endif
