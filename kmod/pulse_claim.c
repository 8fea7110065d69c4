// SPDX-License-Identifier: GPL-2.0
/* Claims: heartbeats say which leases their sender was granted, and end what others hold under lower epochs. */
#include "pulse.h"

/* One that is heard again and again is compared so often: what is known here may
 * have changed.
 */
#define HASW_PULSE_CLAIM_AGAIN (100 * NSEC_PER_MSEC)

/**
 * hasw_pulse_claim() - this node was granted a lease: its heartbeats say so
 * @hn: namespace
 * @number: of the lease
 * @epoch: under which epoch
 *
 * They go on to when the tenure has ended, since it stays true. Of more leases
 * than there can be at a time, those of before are forgotten.
 *
 * Context: process.
 */
void hasw_pulse_claim(struct hasw_net *hn, u32 number, u64 epoch)
{
	struct hasw_pulses *all = hn->pulses;
	struct hasw_claim *claim;
	u32 i;

	spin_lock_bh(&all->claims_lock);
	for (i = 0; i < all->n_claims; i++)
		if (all->claims[i].number == number)
			break;
	if (i == HASWITCH_LEASES_MAX)
		i = epoch % HASWITCH_LEASES_MAX;
	claim = &all->claims[i];
	if (i < all->n_claims && claim->number == number)
		epoch = max(epoch, claim->epoch);
	claim->number = number;
	claim->epoch = epoch;
	if (i == all->n_claims)
		WRITE_ONCE(all->n_claims, i + 1);
	spin_unlock_bh(&all->claims_lock);
}

/**
 * hasw_pulse_claim_next() - what the next heartbeat to a peer says of that
 * @p: the session
 * @number: set to that of a lease, 0 without
 * @epoch: set to the epoch under which this node was granted it
 *
 * Context: softirqs off, the session's lock held.
 */
void hasw_pulse_claim_next(struct hasw_pulse *p, u32 *number, u64 *epoch)
{
	struct hasw_pulses *all = p->hn->pulses;
	const struct hasw_claim *claim;

	lockdep_assert_held(&p->lock);
	*number = 0;
	*epoch = 0;
	if (!READ_ONCE(all->n_claims))
		return;
	spin_lock(&all->claims_lock);
	claim = &all->claims[p->claim++ % all->n_claims];
	*number = claim->number;
	*epoch = claim->epoch;
	spin_unlock(&all->claims_lock);
}

/**
 * hasw_pulse_claim_new() - whether what a peer says of a lease is to be compared
 * @p: the session
 * @beat: its newest heartbeat
 * @now: now, ns
 *
 * Context: softirqs off, the session's lock held.
 */
bool hasw_pulse_claim_new(struct hasw_pulse *p,
			  const struct hasw_pulse_beat *beat, u64 now)
{
	lockdep_assert_held(&p->lock);
	if (beat->kind != HASWITCH_PULSE_KIND_BEAT || !beat->about)
		return false;
	if (p->claimed.number == beat->about &&
	    p->claimed.epoch == beat->value &&
	    now - p->claim_judged < HASW_PULSE_CLAIM_AGAIN)
		return false;
	p->claimed.number = beat->about;
	p->claimed.epoch = beat->value;
	p->claim_judged = now;
	return true;
}

/**
 * hasw_pulse_claim_judge() - what is held under a lower epoch than a peer's ends
 * @p: the session
 * @beat: the heartbeat
 * @now: now, ns
 *
 * Context: softirqs off, RCU read side, the session's lock not held.
 */
void hasw_pulse_claim_judge(struct hasw_pulse *p,
			    const struct hasw_pulse_beat *beat, u64 now)
{
	struct hasw_net *hn = p->hn;

	spin_lock(&hn->state_lock);
	if (!p->dead)
		hasw_lease_claimed(hn, p->node, beat->about, beat->value, now);
	spin_unlock(&hn->state_lock);
}
