// SPDX-License-Identifier: GPL-2.0
/* Which flows may be evicted from a full table, to make room for the new flow
 * of a packet.
 */
#include "flow_packet.h"

/* Returns how many entries of the flow table a service has. RCU read side. */
static u32 hasw_flow_entries(const struct hasw_members *all)
{
	u32 sum = 0, i;

	for (i = 0; i < all->n; i++)
		sum += hasw_share_entries(all->m[i]->share);
	return sum;
}

/* Returns whether service @s has more entries in the table than the service of
 * packet @p. The last service of either kind is remembered, because counting
 * the entries of many members takes long.
 */
static bool hasw_flow_richer(struct hasw_flow_packet *p,
			     const struct hasw_service *s,
			     const struct hasw_members *all)
{
	if (s == p->richer)
		return true;
	if (s == p->service || s == p->poorer)
		return false;
	if (!p->entries)
		p->entries = hasw_flow_entries(p->all) + 1;
	if (hasw_flow_entries(all) > p->entries) {
		p->richer = s;
		return true;
	}
	p->poorer = s;
	return false;
}

/* Returns what may be done with an assured flow to make room for a packet's new
 * flow. @data is the packet, struct hasw_flow_packet. If @yields is false, a
 * flow that yields counts as one that stays, because telling them apart takes
 * long. RCU read side.
 *
 * A flow yields if its service has more entries in the table than the packet's
 * service. Services that need room therefore get equal parts of a full table:
 * an attacker who forges clients of one service cannot use up the parts of
 * others.
 *
 * A flow has no claim if it steers no packet any more. That is so in four
 * cases: its service or its member was deleted; the service tracks no flows any
 * more; this node does not hold the vip; or this node has become the vip's
 * holder again since the flow began.
 */
static enum hasw_flow_claim hasw_flow_claim(const struct hasw_flow *f,
					    bool yields, void *data)
{
	struct hasw_flow_packet *p = data;
	const struct hasw_vip *vip = hasw_flow_vip(p->cfg, f);
	const struct hasw_service *s = hasw_flow_service(vip, f);
	const struct hasw_members *all;

	if (!s || (s != p->service && !hasw_vip_held(vip)))
		return HASW_FLOW_CLAIM_NONE;
	all = rcu_dereference(s->members);
	if (all->how != HASW_HOW_FLOW ||
	    !hasw_flow_of(f, hasw_vip_began(vip), all))
		return HASW_FLOW_CLAIM_NONE;
	return yields && hasw_flow_richer(p, s, all) ? HASW_FLOW_CLAIM_YIELDS :
						       HASW_FLOW_CLAIM_STAYS;
}

/* Counts an evicted flow. @data is the packet whose new flow evicts it. */
static void hasw_flow_evicted(void *data, bool assured)
{
	struct hasw_flow_packet *p = data;

	hasw_stat_inc(p->hn, HASW_STAT_FLOW_EVICTED);
	if (assured)
		hasw_stat_inc(p->hn, HASW_STAT_FLOW_EVICTED_ASSURED);
}

/**
 * hasw_flow_room() - returns which flows the new flow of a packet may evict
 * @p: the packet
 *
 * A table that could not grow is full earlier than users have configured.
 *
 * Context: RCU read side.
 */
struct hasw_flow_room hasw_flow_room(struct hasw_flow_packet *p)
{
	const struct hasw_flow_index *at = &p->hn->flows->side[HASW_FLOW_ORIG];

	return (struct hasw_flow_room) {
		.max = min(READ_ONCE(p->cfg->limits.max), hasw_flow_most(at)),
		.claim = hasw_flow_claim,
		.evicted = hasw_flow_evicted,
		.data = p,
	};
}
