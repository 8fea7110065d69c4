// SPDX-License-Identifier: GPL-2.0
/* What follows for others from what was heard of a peer: events, evidence, and the ends of grants. */
#include "pulse.h"

/* Tells of one path. Under state_lock and the session's. */
static void hasw_pulse_report_path(struct hasw_pulse *p, u32 i)
{
	struct hasw_pulse_path *path = &p->path[i];
	struct hasw_event ev = {
		.kind = HASWITCH_EVENT_KIND_PULSE_PATH,
		.path = i,
		.from = path->reported,
		.to = path->state,
	};

	if (path->reported == path->state)
		return;
	path->reported = path->state;
	strscpy(ev.node, p->node->name, sizeof(ev.node));
	hasw_event_add(p->hn, &ev);
}

/**
 * hasw_pulse_report() - tells others what has become of a session
 * @p: the session
 *
 * Compares what is with what was told last, so that whoever comes first tells
 * the newest, and nothing is told twice.
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
	/* Whoever was never heard is what others say: unknown is no loss. */
	if (news)
		hasw_node_set_evidence(hn, p->node, HASWITCH_EVIDENCE_PULSE,
				       lost, decision);
	if (refusal)
		hasw_node_set_evidence(hn, p->node,
				       HASWITCH_EVIDENCE_UNREACHABLE, refused,
				       when);
	spin_unlock(&hn->state_lock);
}

/**
 * hasw_pulse_report_told() - what a peer says of itself or of a lease has its effect
 * @p: the session
 * @beat: the heartbeat that says it, the first one
 * @now: now, ns
 *
 * Whether the peer has gone is what the session knows now: whoever comes later,
 * of two that heard of it, does not bring back what is over.
 *
 * Context: softirqs off, RCU read side, the session's lock not held.
 */
void hasw_pulse_report_told(struct hasw_pulse *p,
			    const struct hasw_pulse_beat *beat, u64 now)
{
	struct hasw_net *hn = p->hn;
	struct hasw_event ev = {
		.kind = HASWITCH_EVENT_KIND_PULSE_TOLD,
		.told = beat->kind,
		.value = beat->value,
	};
	bool going = beat->kind == HASWITCH_PULSE_KIND_GOING, gone;

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
		/* Who goes lets go of all leases. */
		hasw_lease_resigned(hn, p->node, going ? 0 : beat->about,
				    going ? U64_MAX : beat->value, now);
	}
	hasw_node_set_evidence(hn, p->node, HASWITCH_EVIDENCE_RESIGNED, gone,
			       now);
out:
	spin_unlock(&hn->state_lock);
}

/**
 * hasw_pulse_report_claims() - what a peer says that it holds, others hold no more
 * @p: the session
 * @heard: the records of an authentic heartbeat
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

/**
 * hasw_pulse_report_said() - what a peer says of a service goes to who listens
 * @p: the session
 * @beat: the heartbeat that says it
 * @now: now, ns
 *
 * Context: softirqs off, RCU read side, the session's lock not held.
 */
void hasw_pulse_report_said(struct hasw_pulse *p,
			    const struct hasw_pulse_beat *beat, u64 now)
{
	struct hasw_net *hn = p->hn;

	spin_lock(&hn->state_lock);
	if (!p->dead)
		hn->pulses->said(hn, p->node, beat->kind, beat->value, now);
	spin_unlock(&hn->state_lock);
}
