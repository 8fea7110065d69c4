// SPDX-License-Identifier: GPL-2.0
/* What the schedulers that give new flows to members have in common. */
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
