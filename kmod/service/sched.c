// SPDX-License-Identifier: GPL-2.0
/* What the schedulers that give new flows to members have in common. */
#include <linux/math64.h>

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
 * hasw_sched_rank() - how willingly new flows are given to a member
 * @service: its service
 * @m: the member
 * @now: the clock, ns, for who asks of several members; 0 is not yet read
 *
 * Context: RCU read side.
 * Return: HASW_SCHED_GLADLY and so on.
 */
u8 hasw_sched_rank(const struct hasw_service *service,
		   const struct hasw_member *m, u64 *now)
{
	u64 word = READ_ONCE(m->node->word), due;
	u8 health = READ_ONCE(m->health);

	if (!hasw_word_usable(word) || !READ_ONCE(m->weight) ||
	    health == HASWITCH_HEALTH_DOWN || hasw_share_full(m->share))
		return HASW_SCHED_NEVER;
	if (health == HASWITCH_HEALTH_REFUSED)
		return HASW_SCHED_REFUSED;
	if (hasw_word_state(word) == HASWITCH_NODE_STATE_UP)
		return HASW_SCHED_GLADLY;
	due = hasw_service_due(service, word);
	if (!due || due == U64_MAX)
		return due ? HASW_SCHED_HELD : HASW_SCHED_GLADLY;
	if (!*now)
		*now = hasw_switch_now();
	return due <= *now ? HASW_SCHED_GLADLY : HASW_SCHED_HELD;
}

/* When a member began to serve: by its node, its health, or its addition. */
static u64 hasw_sched_began(const struct hasw_service *service,
			    const struct hasw_member *m)
{
	const struct hasw_node *node = m->node;
	u64 word = READ_ONCE(node->word), began = hasw_word_since(word);
	u64 failback = READ_ONCE(service->failback), back;
	const struct hasw_switch *sw = READ_ONCE(m->sw);

	if (hasw_word_state(word) == HASWITCH_NODE_STATE_HELD) {
		/* Before its time for want of others: as if it just had come. */
		began = max(began, hasw_service_due(service, word));
	} else if (failback != HASW_FAILBACK_MANUAL) {
		/* Another service may have kept the node held for longer. */
		back = READ_ONCE(node->back);
		began = min(began, back + failback);
	}
	if (sw)
		began = max(began, READ_ONCE(sw->publish));
	return max(began, READ_ONCE(m->share->began));
}

/**
 * hasw_sched_weight() - what a member's weight comes to now
 * @service: its service, whose members have shares
 * @m: the member
 * @weight: that weight, above 0
 * @now: as of hasw_sched_rank()
 *
 * Multiplied by HASW_SCHED_FULL, or less while the member begins: below 2^32, which
 * those of all members of a service together need not be.
 *
 * Context: RCU read side.
 * Return: the product, above 0.
 */
u32 hasw_sched_weight(const struct hasw_service *service,
		      const struct hasw_member *m, u32 weight, u64 *now)
{
	u64 slow = READ_ONCE(service->tracked->slow_start), began, age;

	if (likely(!slow))
		return weight * HASW_SCHED_FULL;
	if (!*now)
		*now = hasw_switch_now();
	began = hasw_sched_began(service, m);
	age = *now > began ? *now - began : 0;
	if (age >= slow)
		return weight * HASW_SCHED_FULL;
	return weight * (HASW_SCHED_FRESH +
			 (u32)div64_u64((HASW_SCHED_FULL - HASW_SCHED_FRESH) *
					age, slow));
}
