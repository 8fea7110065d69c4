// SPDX-License-Identifier: GPL-2.0
/* KUnit fixture: sets up and tears down the namespace state of node tests. */
#include <linux/slab.h>

#include "node_fixture.h"
#include "core/stats.h"

static void hasw_node_fixture_send(struct hasw_net *hn,
				   const struct hasw_event *ev)
{
}

/**
 * hasw_node_fixture_init() - sets up the namespace state that nodes need
 * @b: the fixture, zeroed
 *
 * Context: process.
 * Return: 0 or -ENOMEM. The caller has to call hasw_node_fixture_exit() in both
 * cases.
 */
int hasw_node_fixture_init(struct hasw_node_fixture *b)
{
	int err;

	b->hn.net = &init_net;
	mutex_init(&b->hn.mutex);
	spin_lock_init(&b->hn.state_lock);
	hasw_wlock_init(&b->cfg.wlock, &b->hn.mutex);
	hasw_nodes_init(&b->cfg);
	RCU_INIT_POINTER(b->hn.config, &b->cfg);
	hasw_node_beat_init(&b->hn);
	hasw_held_init(&b->hn);
	hasw_evidence_init(&b->hn);
	err = hasw_stats_init(&b->hn);
	if (!err)
		err = hasw_event_init(&b->hn, hasw_node_fixture_send);
	if (err)
		return err;
	mutex_lock(&b->hn.mutex);
	b->hn.decision = hasw_switch_now();
	err = hasw_event_prepare(&b->hn);
	mutex_unlock(&b->hn.mutex);
	return err;
}

/**
 * hasw_node_fixture_exit() - deletes the nodes and tears down their namespace
 *	state
 * @b: the fixture, as given to hasw_node_fixture_init(); the test has already
 *	removed the next hops that it set in nodes
 *
 * Context: process.
 */
void hasw_node_fixture_exit(struct hasw_node_fixture *b)
{
	struct hasw_node *node, *next;

	mutex_lock(&b->hn.mutex);
	WRITE_ONCE(b->hn.closing, true);
	mutex_unlock(&b->hn.mutex);
	hasw_evidence_exit(&b->hn);
	hasw_held_exit(&b->hn);
	mutex_lock(&b->hn.mutex);
	list_for_each_entry_safe(node, next, &b->cfg.nodes, list)
		hasw_node_del(&b->cfg, node);
	mutex_unlock(&b->hn.mutex);
	hasw_node_beat_exit(&b->hn);
	if (b->hn.events)
		hasw_event_exit(&b->hn);
	hasw_stats_exit(&b->hn);
}
