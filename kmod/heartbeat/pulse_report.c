// SPDX-License-Identifier: GPL-2.0
/* Effects of received heartbeats: events, evidence, and ends of grants. */
#include "pulse.h"

/* Records an event if the state of one path differs from the state that was
 * reported last. Under state_lock and the session's lock.
 */
static void hasw_pulse_report_path(struct hasw_pulse *p, u32 i)
{
	struct hasw_pulse_path *path = &p->path[i];
	struct hasw_event ev = {
		.kind = HASWITCH_EVENT_KIND_PULSE_PATH,
		.path = i,
		.from = path->reported,
		.to = path->state,
	};

	lockdep_assert_held(&p->hn->state_lock);
	lockdep_assert_held(&p->lock);
	if (path->reported == path->state)
		return;
	path->reported = path->state;
	strscpy(ev.node, p->node->name, sizeof(ev.node));
	hasw_event_add(p->hn, &ev);
}

/**
 * hasw_pulse_report() - reports the state of a session as events and evidence
 * @p: the session
 *
 * The current state is compared with the state that was reported last. So if
 * several CPUs call this function, the first one reports the newest state, and
 * the others report nothing.
 *
 * Context: softirqs off, the session's lock not held.
 */
void hasw_pulse_report(struct hasw_pulse *p)
{
	bool news = false, lost = false, refusal = false, refused = false;
	struct hasw_net *hn = p->hn;
	u64 decision = 0, when = 0;
	u32 i;

	spin_lock(&hn->state_lock);
	spin_lock(&p->lock);
	if (!p->dead) {
		for (i = 0; i < p->n_paths; i++)
			hasw_pulse_report_path(p, i);
		news = p->reported != p->state;
		p->reported = p->state;
		lost = p->state == HASWITCH_PULSE_STATE_DOWN;
		decision = p->decision;
		refused = p->refused;
		refusal = p->refused_reported != refused;
		p->refused_reported = refused;
		when = p->refusal;
	}
	spin_unlock(&p->lock);
	/* A peer that was never heard is unknown, not lost. The state of its
	 * node then depends on other evidence only.
	 */
	if (news)
		hasw_node_set_evidence(hn, p->node, HASWITCH_EVIDENCE_PULSE,
				       lost, decision);
	/* Another host may get the addresses while the peer is silent. */
	if (news && lost)
		hasw_node_forget_lladdrs(hn, p->node);
	if (refusal)
		hasw_node_set_evidence(hn, p->node,
				       HASWITCH_EVIDENCE_UNREACHABLE, refused,
				       when);
	spin_unlock(&hn->state_lock);
}

/**
 * hasw_pulse_report_peer() - applies a peer's notice about itself or a lease
 * @p: the session
 * @beat: the first heartbeat that carries the notice, or the first of a new
 *	life of a peer that was gone
 * @now: now, ns
 *
 * This function reads hasw_pulse.gone again, and does not derive it from @beat.
 * Otherwise, if two CPUs report at once, the CPU with the older notice could
 * store its evidence last.
 *
 * Context: softirqs off, RCU read side, the session's lock not held.
 */
void hasw_pulse_report_peer(struct hasw_pulse *p,
			    const struct hasw_pulse_beat *beat, u64 now)
{
	struct hasw_net *hn = p->hn;
	struct hasw_event ev = {
		.kind = HASWITCH_EVENT_KIND_PULSE_TOLD,
		.told = beat->kind,
		.value = beat->value,
	};
	bool going = beat->kind == HASWITCH_PULSE_KIND_GOING, gone;
	bool still = !going || beat->value == HASW_PULSE_GOING_STILL;

	spin_lock(&hn->state_lock);
	if (p->dead)
		goto out;
	spin_lock(&p->lock);
	gone = p->gone;
	spin_unlock(&p->lock);
	if (beat->kind != HASWITCH_PULSE_KIND_BEAT &&
	    !hasw_pulse_of_service(beat) && (gone || !going)) {
		strscpy(ev.node, p->node->name, sizeof(ev.node));
		hasw_event_add(hn, &ev);
		/* A peer that is about to stop (GOING) has ended its grants of
		 * all leases.
		 */
		hasw_lease_resigned(hn, p->node, going ? 0 : beat->about,
				    going ? U64_MAX : beat->value,
				    still ? HASWITCH_PULSE_KIND_RELEASED :
					    HASWITCH_PULSE_KIND_GOING, now);
	}
	hasw_node_set_evidence(hn, p->node, HASWITCH_EVIDENCE_RESIGNED, gone,
			       now);
out:
	spin_unlock(&hn->state_lock);
}

/**
 * hasw_pulse_report_claims() - applies a peer's claims to the leases
 * @p: the session
 * @heard: records of an authentic heartbeat
 * @now: now, ns
 *
 * Context: softirqs off, RCU read side, the session's lock not held.
 */
void hasw_pulse_report_claims(struct hasw_pulse *p,
			      const struct hasw_pulse_heard *heard, u64 now)
{
	const struct hasw_node *node = READ_ONCE(p->node);
	const struct hasw_pulse_claim *at;
	struct hasw_pulse_claim claim;
	u32 n;

	for (n = hasw_pulse_get_claims(heard->records, heard->n, &at); n; n--) {
		memcpy(&claim, at++, sizeof(claim));
		hasw_lease_claimed(p->hn, node, be32_to_cpu(claim.number),
				   be64_to_cpu(claim.epoch), now);
	}
}

/* Returns whether a life of the peer is its present one. hasw_net.state_lock
 * held.
 */
static bool hasw_pulse_lives(struct hasw_pulse *p, u64 life)
{
	bool lives;

	spin_lock(&p->lock);
	lives = p->peer_life == life;
	spin_unlock(&p->lock);
	return lives;
}

/**
 * hasw_pulse_report_lladdrs() - stores the link-layer addresses of a peer, and
 *	forgets those of an earlier life
 * @p: the session
 * @beat: the heartbeat
 * @heard: its records
 *
 * Two CPUs can report heartbeats in either order. So this function reads the
 * life of the peer again, and applies no list that is older than the last one.
 *
 * Context: softirqs off, RCU read side, neither the session's lock nor
 * hasw_net.state_lock held.
 */
void hasw_pulse_report_lladdrs(struct hasw_pulse *p,
			       const struct hasw_pulse_beat *beat,
			       const struct hasw_pulse_heard *heard)
{
	u64 lladdrs[HASW_LLADDRS], before[HASW_LLADDRS];
	struct hasw_node *changed = NULL;
	struct hasw_net *hn = p->hn;
	u32 n;

	n = hasw_pulse_get_lladdrs(heard->records, heard->n, lladdrs);
	if (!n && beat->life == READ_ONCE(p->lladdrs_life))
		return;
	spin_lock(&hn->state_lock);
	if (p->dead || !hasw_pulse_lives(p, beat->life))
		goto out;
	if (p->lladdrs_life != beat->life) {
		hasw_node_forget_lladdrs(hn, p->node);
		WRITE_ONCE(p->lladdrs_life, beat->life);
		p->lladdrs_stamp = 0;
	}
	if (!n || beat->stamp < p->lladdrs_stamp)
		goto out;
	p->lladdrs_stamp = beat->stamp;
	if (hasw_node_set_lladdrs(hn, p->node, lladdrs, n, before))
		changed = p->node;
out:
	spin_unlock(&hn->state_lock);
	if (!changed)
		return;
	/* A full list may have lost addresses for want of room. */
	if (n < HASW_LLADDRS)
		hasw_hop_forget(changed, before);
	/* The peer has got another card: what could not be resolved can be now.
	 */
	hasw_hop_solicit(changed);
}

/**
 * hasw_pulse_report_service() - calls the handler of notices about services
 * @p: the session
 * @beat: the heartbeat that carries the notice
 * @now: now, ns
 *
 * Context: softirqs off, RCU read side, the session's lock not held.
 */
void hasw_pulse_report_service(struct hasw_pulse *p,
			       const struct hasw_pulse_beat *beat, u64 now)
{
	struct hasw_net *hn = p->hn;

	spin_lock(&hn->state_lock);
	if (!p->dead)
		hn->pulses->said(hn, p->node, beat->kind, beat->value, now);
	spin_unlock(&hn->state_lock);
}
