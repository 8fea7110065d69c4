// SPDX-License-Identifier: GPL-2.0
/* BEATs: the agent's lists of live nodes, and the timer that detects missing
 * BEATs.
 */
#include <linux/jiffies.h>
#include <linux/timer.h>

#include "node.h"
#include "core/stats.h"

/* Records an event about the agent. The event names no node, vip or lease.
 * Under state_lock.
 */
static void hasw_beat_event(struct hasw_net *hn, u8 kind)
{
	struct hasw_event ev = { .kind = kind };

	lockdep_assert_held(&hn->state_lock);
	hasw_event_add(hn, &ev);
}

static void hasw_beat_watch(struct hasw_net *hn, u64 ns)
{
	mod_timer(&hn->beat.timer, jiffies + nsecs_to_jiffies(ns) + 1);
}

/* Timer handler: sends an event which reports that the agent has stalled. Until
 * the next BEAT arrives, the agent states of all nodes stay as they are. The
 * agent counts as gone from now on, not from the missing BEAT on: after a pause
 * of the whole machine the agent had no chance to run yet.
 *
 * The timer can expire early: jiffies jump ahead after lost timer interrupts,
 * for example when a virtual machine was paused. A timer that expires early is
 * started again for the remaining time.
 */
static void hasw_beat_timeout(struct timer_list *t)
{
	struct hasw_net *hn = container_of(t, struct hasw_net, beat.timer);
	u64 due, now;

	spin_lock(&hn->state_lock);
	due = hn->beat.last + hn->beat.time;
	now = hasw_switch_now();
	if (now < due) {
		hasw_beat_watch(hn, due - now);
	} else if (!hn->beat.stalled) {
		hn->beat.stalled = true;
		if (!hn->beat.gone)
			WRITE_ONCE(hn->beat.gone, now);
		hasw_beat_event(hn, HASWITCH_EVENT_KIND_AGENT_STALLED);
	}
	spin_unlock(&hn->state_lock);
}

/* Releases state_lock for a moment in the midst of a walk over many nodes. */
static void hasw_beat_pause(struct hasw_net *hn)
{
	spin_unlock_bh(&hn->state_lock);
	cond_resched();
	spin_lock_bh(&hn->state_lock);
}

/* Keeps alive up to HASW_NODE_STRIDE of the nodes that a BEAT lists, from the
 * one with the index @i on. Under state_lock.
 */
static noinline void hasw_beat_revive(struct hasw_net *hn,
				      const struct hasw_beat *beat, u32 i)
{
	u32 end = min(beat->count, i + HASW_NODE_STRIDE);

	lockdep_assert_held(&hn->state_lock);
	for (; i < end; i++) {
		beat->node[i]->alive_until = beat->decision + beat->time;
		hasw_node_set_agent(hn, beat->node[i],
				    HASWITCH_AGENT_STATE_ALIVE, beat->decision);
	}
}

/**
 * hasw_beat_lose() - looks at up to HASW_NODE_STRIDE nodes, and marks as lost
 *	those that no BEAT keeps alive any more
 * @hn: namespace
 * @cfg: the live configuration
 * @beat: the BEAT
 * @node: first node to look at
 *
 * Context: hasw_net.mutex and hasw_net.state_lock held. The mutex keeps the
 * list of nodes, so state_lock may be released between two calls.
 * Return: the node at which the next call goes on, or NULL.
 */
noinline struct hasw_node *hasw_beat_lose(struct hasw_net *hn,
					  struct hasw_config *cfg,
					  const struct hasw_beat *beat,
					  struct hasw_node *node)
{
	u32 n = 0;

	lockdep_assert_held(&hn->mutex);
	lockdep_assert_held(&hn->state_lock);
	list_for_each_entry_from(node, &cfg->nodes, list) {
		if (n++ == HASW_NODE_STRIDE)
			return node;
		if (node->agent == HASWITCH_AGENT_STATE_ALIVE &&
		    node->alive_until <= beat->decision)
			hasw_node_set_agent(hn, node,
					    HASWITCH_AGENT_STATE_LOST,
					    beat->decision);
	}
	return NULL;
}

/**
 * hasw_node_beat() - processes a BEAT
 * @hn: namespace
 * @cfg: the live configuration
 * @beat: the BEAT
 *
 * @beat keeps each node that it lists alive for @beat->time. A node becomes
 * lost if an earlier BEAT has listed it, and no BEAT keeps it alive any more. A
 * node that no BEAT has ever listed keeps the agent state "unnamed". Only this
 * function sets a node's agent state to lost. So the death of the agent, which
 * then sends no BEATs, makes no node lost.
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_node_beat(struct hasw_net *hn, struct hasw_config *cfg,
		    const struct hasw_beat *beat)
{
	struct hasw_node *node;
	u32 i;

	lockdep_assert_held(&hn->mutex);
	spin_lock_bh(&hn->state_lock);
	hn->beat.last = beat->decision;
	hn->beat.time = beat->time;
	WRITE_ONCE(hn->beat.portid, beat->portid);
	WRITE_ONCE(hn->beat.gone, 0);
	if (hn->beat.stalled) {
		hn->beat.stalled = false;
		hasw_beat_event(hn, HASWITCH_EVENT_KIND_AGENT_RESUMED);
	}
	for (i = 0; i < beat->count; i += HASW_NODE_STRIDE) {
		hasw_beat_revive(hn, beat, i);
		if (beat->count > HASW_NODE_STRIDE)
			hasw_beat_pause(hn);
	}
	node = list_first_entry_or_null(&cfg->nodes, struct hasw_node, list);
	while (node) {
		node = hasw_beat_lose(hn, cfg, beat, node);
		if (node)
			hasw_beat_pause(hn);
	}
	hasw_stat_inc(hn, HASW_STAT_BEATS);
	spin_unlock_bh(&hn->state_lock);
	if (!hn->closing)
		hasw_beat_watch(hn, beat->time);
}

/**
 * hasw_node_beat_gone() - handles a closed netlink socket
 * @hn: namespace
 * @portid: netlink port id of the socket
 *
 * If the last BEAT came from this socket, its agent is gone until the next BEAT
 * arrives. The kernel closes the sockets of a process that was killed, too.
 *
 * Context: process.
 */
void hasw_node_beat_gone(struct hasw_net *hn, u32 portid)
{
	if (!portid || READ_ONCE(hn->beat.portid) != portid)
		return;
	spin_lock_bh(&hn->state_lock);
	if (hn->beat.portid == portid) {
		WRITE_ONCE(hn->beat.portid, 0);
		if (!hn->beat.gone)
			WRITE_ONCE(hn->beat.gone, hasw_switch_now());
	}
	spin_unlock_bh(&hn->state_lock);
}

/**
 * hasw_node_beat_init() - sets up the timer that detects missing BEATs
 * @hn: namespace
 *
 * Context: process.
 */
void hasw_node_beat_init(struct hasw_net *hn)
{
	timer_setup(&hn->beat.timer, hasw_beat_timeout, 0);
}

/**
 * hasw_node_beat_exit() - shuts down the timer that detects missing BEATs
 * @hn: namespace
 *
 * Context: process.
 */
void hasw_node_beat_exit(struct hasw_net *hn)
{
	timer_shutdown_sync(&hn->beat.timer);
}
