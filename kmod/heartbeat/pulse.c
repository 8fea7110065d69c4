// SPDX-License-Identifier: GPL-2.0
/* Heartbeat sessions: their start, their end, and their move to the nodes of a
 * restored configuration.
 */
#include <linux/hash.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "pulse.h"

/* Time for which this node must have had no agent and no lease before its
 * heartbeats say so, ns. Packets that a grant allowed have left by then, and
 * the peers have heard of each grant that has ended.
 */
#define HASW_PULSE_AGENTLESS_NS (100 * NSEC_PER_MSEC)

static struct hlist_head *hasw_pulse_bucket(const struct hasw_net *hn, u32 id)
{
	return &hn->pulses->by_id[hash_32(id, ilog2(HASW_PULSE_BUCKETS))];
}

/**
 * hasw_pulse_init() - prepares a namespace for heartbeat sessions
 * @hn: namespace
 * @said: callback that handles a peer's notice about a service
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int hasw_pulse_init(struct hasw_net *hn, hasw_pulse_notice_fn said)
{
	struct hasw_pulses *all = kzalloc(sizeof(*all), GFP_KERNEL_ACCOUNT);

	if (!all)
		return -ENOMEM;
	INIT_LIST_HEAD(&all->list);
	all->said = said;
	all->hn = hn;
	hasw_pulse_send_init(all);
	hn->pulses = all;
	hasw_pulse_gasp_init(hn);
	return 0;
}

/**
 * hasw_pulse_find() - finds the session with a node
 * @hn: namespace
 * @node: the node
 *
 * Context: hasw_net.mutex held.
 * Return: the session, or NULL.
 */
struct hasw_pulse *hasw_pulse_find(const struct hasw_net *hn,
				   const struct hasw_node *node)
{
	struct hasw_pulse *p;

	lockdep_assert_held(&hn->mutex);
	list_for_each_entry(p, &hn->pulses->list, list)
		if (p->node == node)
			return p;
	return NULL;
}

/**
 * hasw_pulse_at() - finds a session by its number
 * @hn: namespace
 * @id: number of the session
 *
 * Context: RCU read side, or hasw_net.mutex held.
 * Return: the session, or NULL.
 */
struct hasw_pulse *hasw_pulse_at(const struct hasw_net *hn, u32 id)
{
	struct hasw_pulse *p;

	hlist_for_each_entry_rcu(p, hasw_pulse_bucket(hn, id), by_id,
				 lockdep_is_held(&hn->mutex))
		if (p->id == id)
			return p;
	return NULL;
}

/**
 * hasw_pulse_random() - returns a random number that is not 0
 *
 * Context: any.
 */
u64 hasw_pulse_random(void)
{
	u64 number;

	/* Variables that store such a number use 0 for `not known`. */
	do {
		number = get_random_u64();
	} while (!number);
	return number;
}

/**
 * hasw_pulse_new() - allocates a session
 * @hn: namespace
 * @id: number of the session
 * @n_paths: number of paths; the caller fills in each path
 *
 * Context: process.
 * Return: the session, which is in no list yet; or NULL if an allocation fails.
 */
struct hasw_pulse *hasw_pulse_new(struct hasw_net *hn, u32 id, u32 n_paths)
{
	struct hasw_pulse *p;
	u32 i;

	p = kzalloc(struct_size(p, path, n_paths), GFP_KERNEL_ACCOUNT);
	if (!p)
		return NULL;
	p->hn = hn;
	p->id = id;
	p->n_paths = n_paths;
	spin_lock_init(&p->lock);
	p->state = HASWITCH_PULSE_STATE_UNKNOWN;
	p->reported = HASWITCH_PULSE_STATE_UNKNOWN;
	p->life = hasw_pulse_random();
	p->challenge = hasw_pulse_random();
	hasw_pulse_hear_init(p);
	for (i = 0; i < n_paths; i++) {
		p->path[i].state = HASWITCH_PULSE_STATE_UNKNOWN;
		p->path[i].reported = HASWITCH_PULSE_STATE_UNKNOWN;
		if (dst_cache_init(&p->path[i].dst, GFP_KERNEL_ACCOUNT) ||
		    hasw_pulse_gasp_alloc(&p->path[i])) {
			hasw_pulse_free(p);
			return NULL;
		}
	}
	return p;
}

/**
 * hasw_pulse_free() - frees a session
 * @p: the session
 *
 * Context: process or softirq.
 */
void hasw_pulse_free(struct hasw_pulse *p)
{
	u32 i;

	for (i = 0; i < p->n_paths; i++) {
		dst_cache_destroy(&p->path[i].dst);
		hasw_pulse_gasp_free(&p->path[i]);
	}
	kfree_sensitive(p);
}

static void hasw_pulse_free_rcu(struct rcu_head *rcu)
{
	hasw_pulse_free(container_of(rcu, struct hasw_pulse, rcu));
}

/**
 * hasw_pulse_add() - begins a session
 * @p: the session, complete except for its node and keys
 * @node: the peer, which has no session yet
 * @keys: first keys of the session
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0, or a negative errno; on an error, nothing has changed.
 */
int hasw_pulse_add(struct hasw_pulse *p, struct hasw_node *node,
		   const struct hasw_pulse_keys *keys)
{
	struct hasw_net *hn = p->hn;
	int err;

	lockdep_assert_held(&hn->mutex);
	err = hasw_pulse_net_open(hn, p);
	if (err)
		return err;
	p->node = node;
	p->tx_now = keys->tx;
	p->tx_id = keys->id;
	p->tx_next_id = keys->id;
	p->rx[HASW_PULSE_NOW].key = keys->rx;
	p->rx[HASW_PULSE_NOW].id = keys->id;
	p->rx[HASW_PULSE_NOW].valid = true;
	p->due = hasw_switch_now();
	hlist_add_head_rcu(&p->by_id, hasw_pulse_bucket(hn, p->id));
	list_add_tail_rcu(&p->list, &hn->pulses->list);
	hn->pulses->changes++;
	hasw_pulse_send_start(p);
	hasw_pulse_gasp_aim(hn);
	return 0;
}

/* Ends a session, but keeps the evidence against its node (reasons to regard
 * the node as lost) that the session has stored.
 */
static void hasw_pulse_end(struct hasw_pulse *p)
{
	struct hasw_net *hn = p->hn;

	lockdep_assert_held(&hn->mutex);
	hlist_del_rcu(&p->by_id);
	list_del_rcu(&p->list);
	hn->pulses->changes++;
	/* p->dead is written under both locks. Code that sends or receives
	 * heartbeats reads p->dead under the session's lock. pulse_report.c
	 * reads it under state_lock.
	 */
	spin_lock_bh(&hn->state_lock);
	spin_lock(&p->lock);
	p->dead = true;
	spin_unlock(&p->lock);
	spin_unlock_bh(&hn->state_lock);
	hrtimer_cancel(&p->judge);
	hasw_pulse_net_close(hn, p);
	call_rcu(&p->rcu, hasw_pulse_free_rcu);
}

/**
 * hasw_pulse_exit() - ends all sessions of a namespace
 * @hn: namespace, whose configuration no longer changes
 *
 * Context: process, no lock held.
 */
void hasw_pulse_exit(struct hasw_net *hn)
{
	struct hasw_pulse *p, *next;

	mutex_lock(&hn->mutex);
	list_for_each_entry_safe(p, next, &hn->pulses->list, list)
		hasw_pulse_end(p);
	mutex_unlock(&hn->mutex);
	hasw_pulse_gasp_exit(hn);
	/* An RCU reader of the session list may still start hasw_pulses.beat,
	 * so synchronize_rcu() precedes hrtimer_cancel(). rcu_barrier() waits
	 * until freed sessions have released their routes. The dst_ops of the
	 * routes are part of the namespace. If there never was a session, only
	 * the hooks and the refusal timer have read the list. The caller has
	 * already stopped both and waited for them, so no wait is needed here.
	 */
	if (hn->pulses->changes) {
		synchronize_rcu();
		hrtimer_cancel(&hn->pulses->beat);
		rcu_barrier();
	}
	kfree(hn->pulses);
	hn->pulses = NULL;
}

/* Withdraws the evidence that a session has stored against its node, and
 * forgets the node's link-layer addresses. Otherwise the node would stay lost,
 * since no later heartbeat could withdraw the evidence.
 */
static void hasw_pulse_acquit(struct hasw_net *hn, struct hasw_node *node)
{
	spin_lock_bh(&hn->state_lock);
	hasw_node_set_evidence(hn, node, HASWITCH_EVIDENCE_PULSE, false,
			       hasw_switch_now());
	hasw_node_set_evidence(hn, node, HASWITCH_EVIDENCE_UNREACHABLE, false,
			       hasw_switch_now());
	hasw_node_set_evidence(hn, node, HASWITCH_EVIDENCE_RESIGNED, false,
			       hasw_switch_now());
	hasw_node_forget_lladdrs(hn, node);
	spin_unlock_bh(&hn->state_lock);
}

/**
 * hasw_pulse_del() - ends a session, and withdraws its evidence against its
 *	node
 * @p: the session
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_pulse_del(struct hasw_pulse *p)
{
	struct hasw_node *node = p->node;
	struct hasw_net *hn = p->hn;

	hasw_pulse_end(p);
	hasw_pulse_acquit(hn, node);
}

/**
 * hasw_pulse_node_del() - ends the session with a node that is deleted
 * @hn: namespace
 * @node: the node
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_pulse_node_del(struct hasw_net *hn, const struct hasw_node *node)
{
	struct hasw_pulse *p = hasw_pulse_find(hn, node);

	lockdep_assert_held(&hn->mutex);
	if (p)
		hasw_pulse_end(p);
}

/**
 * hasw_pulse_follow() - moves sessions to the nodes of a restored configuration
 * @hn: namespace; hasw_node.twin of each old node is its restored node, or NULL
 *
 * A session ends if its node was not restored, or if the restored node is this
 * machine itself.
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_pulse_follow(struct hasw_net *hn)
{
	struct hasw_pulse *p, *next;
	struct hasw_node *twin;
	bool gone;

	lockdep_assert_held(&hn->mutex);
	list_for_each_entry_safe(p, next, &hn->pulses->list, list) {
		cond_resched();
		twin = p->node->twin;
		if (!twin || twin->self) {
			hasw_pulse_end(p);
			if (twin)
				hasw_pulse_acquit(hn, twin);
			continue;
		}
		/* The session reports its state again, because its state may
		 * have changed since the twin inherited the old node's
		 * evidence. So may the peer's link-layer addresses.
		 */
		spin_lock_bh(&hn->state_lock);
		hasw_node_move_lladdrs(hn, twin, p->node);
		WRITE_ONCE(p->node, twin);
		spin_lock(&p->lock);
		gone = p->gone;
		p->reported = HASWITCH_PULSE_STATE_UNKNOWN;
		p->refused_reported = !p->refused;
		spin_unlock(&p->lock);
		hasw_node_set_evidence(hn, twin, HASWITCH_EVIDENCE_RESIGNED,
				       gone, hasw_switch_now());
		spin_unlock_bh(&hn->state_lock);
		local_bh_disable();
		hasw_pulse_report(p);
		local_bh_enable();
	}
}

/**
 * hasw_pulse_rekey() - gives a session new keys without losing heartbeats
 * @p: the session
 * @keys: the new keys
 *
 * Heartbeats of the peer with the new key are accepted at once. This node sends
 * with the new key as soon as the peer has announced or used that key. If an
 * earlier call has given the session new keys that the peer has neither
 * announced nor used, @keys replaces them.
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0; -EEXIST if the keys in use have the number of @keys; -EBUSY if
 * this node already sends with the new key of an earlier call, but has not
 * received a heartbeat with that key yet.
 */
int hasw_pulse_rekey(struct hasw_pulse *p, const struct hasw_pulse_keys *keys)
{
	struct hasw_pulse_slot *next = &p->rx[HASW_PULSE_NEXT];
	int err = 0;

	spin_lock_bh(&p->lock);
	if (keys->id == p->rx[HASW_PULSE_NOW].id)
		err = -EEXIST;
	else if (next->valid && p->tx_id == next->id)
		err = -EBUSY;
	if (err) {
		spin_unlock_bh(&p->lock);
		return err;
	}
	/* Erase the previous key if it has the same number as the new keys, so
	 * that each number identifies only one key.
	 */
	if (p->rx[HASW_PULSE_OLD].valid &&
	    p->rx[HASW_PULSE_OLD].id == keys->id)
		memzero_explicit(&p->rx[HASW_PULSE_OLD],
				 sizeof(p->rx[HASW_PULSE_OLD]));
	next->key = keys->rx;
	next->id = keys->id;
	next->until = 0;
	next->valid = true;
	p->tx_next = keys->tx;
	p->tx_next_id = keys->id;
	spin_unlock_bh(&p->lock);
	return 0;
}

/**
 * hasw_pulse_look_agent() - decides whether heartbeats say that this node has
 *	no running agent, and holds no lease
 * @all: heartbeat sessions of a namespace
 * @holds: this node holds a lease
 * @now: now, ns
 *
 * A node without an agent gets no lease. For an agent that stalled see
 * "Presumed off" in doc/vote-rules.md. A grant that is not tied to a socket
 * outlasts its agent, so this function waits for its end. A grant that was seen
 * last time may have ended at any time since then.
 *
 * Context: the handler of hasw_pulses.beat.
 */
void hasw_pulse_look_agent(struct hasw_pulses *all, bool holds, u64 now)
{
	u64 gone = READ_ONCE(all->hn->beat.gone);

	if (holds || all->holds)
		all->held = now;
	all->holds = holds;
	WRITE_ONCE(all->agentless,
		   gone && now >= max(gone, all->held) +
				  HASW_PULSE_AGENTLESS_NS);
}
