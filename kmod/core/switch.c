// SPDX-License-Identifier: GPL-2.0
/* Stores the node states and the member health that the packet path reads. A
 * switch is a change of a node's state or of a member's health. A node's state
 * word is one 64-bit value: the node's state, and the time at which this state
 * began.
 */
#include <linux/ktime.h>

#include "stats.h"
#include "switch.h"
#include "trace.h"

/**
 * hasw_switch_now() - reads the clock that all time stamps use
 *
 * Context: any.
 * Return: CLOCK_BOOTTIME, ns.
 */
u64 hasw_switch_now(void)
{
	return ktime_get_boottime_ns();
}

/**
 * hasw_switch_left() - schedules TCP resets for flows of members that were lost
 * @hn: namespace
 *
 * The caller has already stored the state that makes a node or member unusable.
 * Only flows of services with `on-failover reset` are reset.
 *
 * Context: hasw_net.state_lock held.
 */
void hasw_switch_left(struct hasw_net *hn)
{
	lockdep_assert_held(&hn->state_lock);
	if (READ_ONCE(hn->reset.wanted) && !READ_ONCE(hn->closing))
		queue_work(hasw_wq, &hn->reset.work);
}

/**
 * hasw_switch_spares() - schedules the work that lets spare members begin and
 *	end
 * @hn: namespace, in which a node, a member or the configuration has changed
 *
 * The work begins at once, but not in the jiffy in which it has just ended:
 * many switches in a row must not keep others from hasw_net.mutex.
 *
 * Context: any; hasw_net.state_lock or hasw_net.mutex held.
 */
void hasw_switch_spares(struct hasw_net *hn)
{
	lockdep_assert(lockdep_is_held(&hn->state_lock) ||
		       lockdep_is_held(&hn->mutex));
	if (!READ_ONCE(hn->spares.any) || READ_ONCE(hn->closing))
		return;
	WRITE_ONCE(hn->spares.asked, true);
	mod_delayed_work(hasw_wq, &hn->spares.work,
			 !time_after(jiffies, READ_ONCE(hn->spares.ended)));
}

/* Records a switch in @sw, as an event, and in the histogram. The caller has
 * already stored the new state, at the time @publish.
 */
static void hasw_switch_record(struct hasw_net *hn, struct hasw_switch *sw,
			       struct hasw_event *ev, u64 publish)
{
	ev->time = publish;
	ev->publish = publish;
	sw->decision = ev->decision;
	sw->publish = publish;
	sw->cause = ev->cause;
	sw->evidence = ev->evidence;
	sw->told = 0;
	sw->seq = hasw_event_add(hn, ev);
	hasw_stat_inc(hn, HASW_STAT_SWITCHES);
	hasw_histogram_add(hn, hn->histogram->decision_publish,
			   publish - ev->decision);
	hasw_switch_spares(hn);
}

/**
 * hasw_switch_publish() - stores a new state of a node, which the packet path
 *	reads
 * @hn: namespace
 * @word: the node's state word
 * @low: new enum haswitch_node_state, with or without HASW_WORD_DAMPED and
 *	HASW_WORD_UNREACHED
 * @since: start time of the new state, ns; 0 stands for the current time
 * @sw: record of the node's last switch; updated
 * @ev: event of kind node; the caller has set its node, cause, evidence and
 *	decision, and the function sets the other fields and records the event
 *
 * This one store switches the node for all vips and services that use it.
 *
 * Context: hasw_net.state_lock held.
 */
void hasw_switch_publish(struct hasw_net *hn, u64 *word, u8 low, u64 since,
			 struct hasw_switch *sw, struct hasw_event *ev)
{
	u64 now = hasw_switch_now();

	lockdep_assert_held(&hn->state_lock);
	ev->from = hasw_word_state(*word);
	ev->to = hasw_word_state(low);
	WRITE_ONCE(sw->out, hasw_word_usable(*word) && !hasw_word_usable(low));
	WRITE_ONCE(*word, hasw_word_since(since ?: now) | low);
	trace_switch(ev->node, &ev->addr, 0, 0, 0, ev->from, ev->to, ev->cause,
		     ev->evidence, ev->decision, now);
	hasw_switch_record(hn, sw, ev, now);
	/* A draining node still serves its flows, so they are not reset. If the
	 * node dies while it drains, hasw_node_update() schedules the resets.
	 */
	if (!hasw_word_usable(low) &&
	    hasw_word_state(low) != HASWITCH_NODE_STATE_DRAIN)
		hasw_switch_left(hn);
}

/**
 * hasw_switch_publish_unreached() - stores which members of a node cannot be
 *	reached, which the packet path reads
 * @hn: namespace
 * @word: the node's state word
 * @bits: new value of the bits HASW_WORD_UNREACHED
 *
 * The node's state and its start time do not change, so no switch is recorded.
 *
 * Context: hasw_net.state_lock held.
 */
void hasw_switch_publish_unreached(struct hasw_net *hn, u64 *word, u8 bits)
{
	u64 to = (*word & ~HASW_WORD_UNREACHED) | bits;

	lockdep_assert_held(&hn->state_lock);
	/* Most calls change nothing, and packets read the cache line. */
	if (to == *word)
		return;
	WRITE_ONCE(*word, to);
	hasw_switch_spares(hn);
}

/**
 * hasw_switch_publish_health() - stores a new health of a member, which the
 *	packet path reads
 * @hn: namespace
 * @health: the member's health
 * @to: new health, enum haswitch_health
 * @sw: record of the member's last switch; updated
 * @ev: event of kind member; the caller has set its node, service, cause and
 *	decision, and the function sets the other fields and records the event
 *
 * Context: hasw_net.state_lock held.
 */
void hasw_switch_publish_health(struct hasw_net *hn, u8 *health, u8 to,
				struct hasw_switch *sw, struct hasw_event *ev)
{
	u64 now = hasw_switch_now();
	u8 from = *health;

	lockdep_assert_held(&hn->state_lock);
	ev->health = to;
	WRITE_ONCE(sw->out, from == HASWITCH_HEALTH_UP);
	WRITE_ONCE(*health, to);
	trace_switch(ev->node, &ev->addr, ev->family, ev->proto, ev->port, from,
		     to, ev->cause, 0, ev->decision, now);
	hasw_switch_record(hn, sw, ev, now);
	/* A refused member has lost its listening socket, but still serves its
	 * open connections, so they are not reset.
	 */
	if (to == HASWITCH_HEALTH_DOWN)
		hasw_switch_left(hn);
}

/**
 * hasw_switch_first() - records the first packet of a service after a switch
 * @hn: namespace
 * @sw: the switch that redirected the packet
 * @ev: event of kind first-packet; the caller has set its node, service and
 *	first_packet. The function sets the other fields and records the event,
 *	unless @sw->told is HASW_SWITCH_TOLD_MAX.
 *
 * Context: hasw_net.state_lock held.
 */
void hasw_switch_first(struct hasw_net *hn, struct hasw_switch *sw,
		       struct hasw_event *ev)
{
	lockdep_assert_held(&hn->state_lock);
	hasw_histogram_add(hn, hn->histogram->publish_first,
			   ev->first_packet - sw->publish);
	hasw_histogram_add(hn, hn->histogram->decision_first,
			   ev->first_packet - sw->decision);
	if (sw->told == HASW_SWITCH_TOLD_MAX)
		return;
	sw->told++;
	ev->time = ev->first_packet;
	ev->cause = sw->cause;
	ev->evidence = sw->evidence;
	ev->decision = sw->decision;
	ev->publish = sw->publish;
	ev->switch_seq = sw->seq;
	hasw_event_add(hn, ev);
}
