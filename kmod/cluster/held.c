// SPDX-License-Identifier: GPL-2.0
/* Held nodes: how long a node that returned takes only what nobody better can serve. */
#include <linux/jiffies.h>
#include <linux/math64.h>

#include "node.h"

/* A service compares the clock with its own delay itself, packet by packet.
 * What follows here is for those who look: the node's state, its event. A node
 * is no longer held when the longest delay of a service that it is a member of
 * has passed, and none of them waits for the administrator.
 */

/**
 * hasw_held_count() - a service takes a node as a member, or no longer does
 * @node: the node
 * @failback: of the service: a delay in ns, HASW_FAILBACK_AUTO or _MANUAL
 * @more: it takes it
 *
 * The longest delay is not found again when its service goes but others stay:
 * then the node is held for longer than need be, which nobody notices but who
 * looks at its state.
 *
 * Context: process, hasw_net.mutex held, or a node that no packet reads.
 */
void hasw_held_count(struct hasw_node *node, u64 failback, bool more)
{
	int one = more ? 1 : -1;

	if (failback == HASW_FAILBACK_AUTO)
		return;
	WRITE_ONCE(node->held.services, node->held.services + one);
	if (failback == HASW_FAILBACK_MANUAL)
		node->held.manual += one;
	else if (more)
		node->held.longest = max(node->held.longest, failback);
	if (node->held.services == node->held.manual)
		node->held.longest = 0;
}

/* Ends what is over; looks again when the next one is. */
static void hasw_held_work(struct work_struct *work)
{
	struct hasw_net *hn = container_of(work, struct hasw_net,
					   held_work.work);
	u64 now, due, next = U64_MAX;
	struct hasw_node *node;
	bool any = false;

	mutex_lock(&hn->mutex);
	if (hn->closing)
		goto out;
	spin_lock_bh(&hn->state_lock);
	now = hasw_switch_now();
	list_for_each_entry(node, &hasw_config_live(hn)->nodes, list) {
		any |= hasw_node_settle(hn, node, now, &due);
		if (node->held_since)
			next = min(next, due);
	}
	WRITE_ONCE(hn->held_any, any);
	spin_unlock_bh(&hn->state_lock);
	if (any && next != U64_MAX)
		queue_delayed_work(hasw_wq, &hn->held_work,
				   nsecs_to_jiffies(next - now) + 1);
out:
	mutex_unlock(&hn->mutex);
}

/**
 * hasw_held_later() - has it found out who is held for how long
 * @hn: namespace, in which a node is held now, or what decides it changed
 *
 * Context: any; hasw_net.state_lock or hasw_net.mutex held.
 */
void hasw_held_later(struct hasw_net *hn)
{
	if (READ_ONCE(hn->held_any) && !READ_ONCE(hn->closing))
		mod_delayed_work(hasw_wq, &hn->held_work, 0);
}

/**
 * hasw_held_init() - makes what ends the time in which nodes are held
 * @hn: namespace
 *
 * Context: process.
 */
void hasw_held_init(struct hasw_net *hn)
{
	INIT_DELAYED_WORK(&hn->held_work, hasw_held_work);
}

/**
 * hasw_held_exit() - ends it for good
 * @hn: namespace; hasw_net.closing is set, or nothing was ever configured
 *
 * Context: process, no lock held.
 */
void hasw_held_exit(struct hasw_net *hn)
{
	/* Who has not seen hasw_net.closing has queued the work by now. */
	spin_lock_bh(&hn->state_lock);
	spin_unlock_bh(&hn->state_lock);
	cancel_delayed_work_sync(&hn->held_work);
}
