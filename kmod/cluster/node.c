// SPDX-License-Identifier: GPL-2.0
/* A machine that can serve: its inputs, and the one state folded from them. */
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "node.h"

/**
 * hasw_node_addrs() - reads the addresses of a node
 * @node: the node
 * @addrs: set to its addresses, those of one moment
 *
 * Context: RCU read side, or hasw_net.mutex held.
 */
void hasw_node_addrs(const struct hasw_node *node, struct hasw_addrs *addrs)
{
	unsigned int seq;

	do {
		seq = read_seqcount_begin(&node->addrs_seq);
		addrs->has4 = node->has4;
		addrs->has6 = node->has6;
		addrs->addr4 = node->addr4;
		addrs->addr6 = node->addr6;
	} while (read_seqcount_retry(&node->addrs_seq, seq));
}

/**
 * hasw_node_forget_routes() - has packets look the routes up anew
 * @node: the node
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_node_forget_routes(struct hasw_node *node)
{
	int i, j;

	/* Who keeps one from now on sees what the node has become; see
	 * forward/tunnel_route.c.
	 */
	smp_mb();
	for (i = 0; i < HASW_COVERS; i++)
		for (j = 0; j < HASW_HOPS; j++)
			dst_cache_reset(&node->route[i][j]);
}

/* Back so soon, a node that only this machine's own link had cut off has not
 * been away: it keeps its place.
 */
#define HASW_NODE_BLIP NSEC_PER_SEC

/* The state that the inputs of a node amount to. The administrator comes
 * first: what he took out is no alarm when it falls silent as well.
 */
static u8 hasw_node_fold(const struct hasw_node *node)
{
	switch (node->admin) {
	case HASWITCH_ADMIN_STATE_DRAIN:
		return HASWITCH_NODE_STATE_DRAIN;
	case HASWITCH_ADMIN_STATE_MAINTENANCE:
		return HASWITCH_NODE_STATE_MAINTENANCE;
	case HASWITCH_ADMIN_STATE_DOWN:
		return HASWITCH_NODE_STATE_DOWN;
	}
	switch (node->verdict) {
	case HASWITCH_VERDICT_FENCED:
		return HASWITCH_NODE_STATE_FENCED;
	case HASWITCH_VERDICT_LEFT:
		return HASWITCH_NODE_STATE_LEFT;
	}
	if (node->agent == HASWITCH_AGENT_STATE_LOST || node->evidence)
		return HASWITCH_NODE_STATE_LOST;
	if (!node->held_since)
		return HASWITCH_NODE_STATE_UP;
	if (node->damp.suppressed)
		return HASWITCH_NODE_STATE_HELD | HASW_WORD_DAMPED;
	return HASWITCH_NODE_STATE_HELD;
}

/* Taken out by the administrator or by a verdict: on purpose. */
static bool hasw_node_out(const struct hasw_node *node)
{
	return node->admin == HASWITCH_ADMIN_STATE_MAINTENANCE ||
	       node->admin == HASWITCH_ADMIN_STATE_DOWN ||
	       node->verdict != HASWITCH_VERDICT_CLEAR;
}

/* Whether a service exists that would wait before it takes the node back. Else
 * nobody compares, and the node is not held at all.
 */
static bool hasw_node_awaited(const struct hasw_node *node)
{
	return READ_ONCE(node->held.services) || node->damp.suppressed;
}

/* Follows deaths and returns, which are changes of the inputs: a node that is
 * being drained dies and returns unseen. The end of a drain is no return.
 */
static void hasw_node_follow(struct hasw_node *node, u8 cause, u64 decision)
{
	bool lost = node->agent == HASWITCH_AGENT_STATE_LOST || node->evidence;
	bool out = hasw_node_out(node);
	bool dead = lost || out;

	if (dead && !node->dead) {
		node->dead_since = decision;
		node->blip = cause == HASWITCH_CAUSE_CARRIER;
	}
	if (out)
		node->blip = false;
	/* Who is taken out on purpose may fall silent. */
	if (lost && !node->lost && !out && !node->blip)
		hasw_damp_death(&node->damp, decision);
	if (!dead && node->dead &&
	    !(node->blip && decision < node->dead_since + HASW_NODE_BLIP)) {
		hasw_damp_suppressed(&node->damp, decision);
		node->held_since = hasw_node_awaited(node) ? decision : 0;
	}
	node->lost = lost;
	/* Packets of flows that a drained node keeps ask. */
	WRITE_ONCE(node->dead, dead);
}

/* Publishes the fold of a node's inputs if it differs from what packets read. */
static void hasw_node_update(struct hasw_net *hn, struct hasw_node *node,
			     u8 cause, u64 decision)
{
	bool was = node->dead;
	u64 since = 0;
	u8 low;
	struct hasw_event ev = {
		.kind = HASWITCH_EVENT_KIND_NODE,
		.cause = cause,
		.evidence = node->evidence,
		.decision = decision,
	};

	lockdep_assert_held(&hn->state_lock);
	hasw_node_follow(node, cause, decision);
	low = hasw_node_fold(node);
	if ((node->word & HASW_WORD_LOW) == low) {
		/* It was drained, and is dead now. */
		if (!was && node->dead)
			hasw_switch_left(hn);
		return;
	}
	if (hasw_word_state(low) == HASWITCH_NODE_STATE_HELD) {
		since = node->held_since;
		WRITE_ONCE(hn->held.any, true);
		hasw_held_later(hn);
	}
	/* A packet that sees but one of both is one more for it, or one less. */
	if (!hasw_word_usable(node->word) && hasw_word_usable(low))
		WRITE_ONCE(node->back, since ?: hasw_switch_now());
	strscpy(ev.node, node->name, sizeof(ev.node));
	hasw_switch_publish(hn, &node->word, low, since, &node->sw, &ev);
}

/* The word of a node that no packet reads yet, which is no switch. */
static void hasw_node_preset(struct hasw_node *node)
{
	u64 now = hasw_switch_now();

	hasw_node_follow(node, HASWITCH_CAUSE_CONFIG, now);
	node->held_since = 0;
	node->word = hasw_word_since(now) | hasw_node_fold(node);
	node->back = now;
}

static bool hasw_node_route_init(struct hasw_node *node)
{
	int i, j;

	for (i = 0; i < HASW_COVERS; i++)
		for (j = 0; j < HASW_HOPS; j++)
			if (dst_cache_init(&node->route[i][j],
					   GFP_KERNEL_ACCOUNT))
				return false;
	return true;
}

/* Of a route that was never made there is nothing to destroy. */
static void hasw_node_free(struct hasw_node *node)
{
	int i, j;

	for (i = 0; i < HASW_COVERS; i++)
		for (j = 0; j < HASW_HOPS; j++)
			dst_cache_destroy(&node->route[i][j]);
	kfree(node);
}

/**
 * hasw_node_new() - makes a node
 * @name: its name
 * @self: whether it is this namespace
 * @admin: enum haswitch_admin_state
 *
 * Context: process.
 * Return: the node, in no configuration yet, or NULL without memory.
 */
struct hasw_node *hasw_node_new(const char *name, bool self, u8 admin)
{
	struct hasw_node *node = kzalloc(sizeof(*node), GFP_KERNEL_ACCOUNT);

	if (!node)
		return NULL;
	if (!hasw_node_route_init(node)) {
		hasw_node_free(node);
		return NULL;
	}
	strscpy(node->name, name, sizeof(node->name));
	node->self = self;
	seqcount_init(&node->addrs_seq);
	node->admin = admin;
	hasw_node_preset(node);
	return node;
}

static void hasw_node_free_rcu(struct rcu_head *rcu)
{
	hasw_node_free(container_of(rcu, struct hasw_node, rcu));
}

/**
 * hasw_node_free_later() - frees a node when its readers have left
 * @node: the node, which no new reader finds
 *
 * Context: any.
 */
void hasw_node_free_later(struct hasw_node *node)
{
	call_rcu(&node->rcu, hasw_node_free_rcu);
}

/**
 * hasw_node_set_admin() - what the administrator says of a node
 * @hn: namespace
 * @node: the node
 * @admin: enum haswitch_admin_state
 * @live: packets read the node; else it is in a restore
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_node_set_admin(struct hasw_net *hn, struct hasw_node *node,
			 u8 admin, bool live)
{
	u64 decision = hn->decision;

	spin_lock_bh(&hn->state_lock);
	node->admin = admin;
	if (live)
		hasw_node_update(hn, node, HASWITCH_CAUSE_ADMIN, decision);
	else
		hasw_node_preset(node);
	spin_unlock_bh(&hn->state_lock);
}

/**
 * hasw_node_set_verdict() - what the agent or an operator has decided of a node
 * @hn: namespace
 * @node: the node
 * @verdict: enum haswitch_verdict
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_node_set_verdict(struct hasw_net *hn, struct hasw_node *node,
			   u8 verdict)
{
	u64 decision = hn->decision;

	spin_lock_bh(&hn->state_lock);
	node->verdict = verdict;
	hasw_node_update(hn, node, HASWITCH_CAUSE_VERDICT, decision);
	spin_unlock_bh(&hn->state_lock);
}

/**
 * hasw_node_set_agent() - what a BEAT says of a node
 * @hn: namespace
 * @node: the node
 * @agent: enum haswitch_agent_state
 * @decision: when the BEAT came, ns
 *
 * Context: hasw_net.state_lock held.
 */
void hasw_node_set_agent(struct hasw_net *hn, struct hasw_node *node,
			 u8 agent, u64 decision)
{
	node->agent = agent;
	hasw_node_update(hn, node, HASWITCH_CAUSE_BEAT, decision);
}

/**
 * hasw_node_set_evidence() - what the module itself finds out about a node
 * @hn: namespace
 * @node: the node
 * @kind: enum haswitch_evidence
 * @lost: whether it speaks against the node; else it is taken back
 * @decision: when that was found, ns
 *
 * Evidence takes a node out, and no more than that: taking it back leaves the
 * node as the other inputs have it.
 *
 * Context: process or softirq, hasw_net.state_lock held.
 */
void hasw_node_set_evidence(struct hasw_net *hn, struct hasw_node *node,
			    u8 kind, bool lost, u64 decision)
{
	static const u8 causes[] = {
		[HASWITCH_EVIDENCE_PULSE] = HASWITCH_CAUSE_PULSE,
		[HASWITCH_EVIDENCE_CARRIER] = HASWITCH_CAUSE_CARRIER,
		[HASWITCH_EVIDENCE_NEIGHBOUR] = HASWITCH_CAUSE_NEIGHBOUR,
		[HASWITCH_EVIDENCE_UNREACHABLE] = HASWITCH_CAUSE_UNREACHABLE,
		[HASWITCH_EVIDENCE_RESIGNED] = HASWITCH_CAUSE_RESIGNED,
	};

	lockdep_assert_held(&hn->state_lock);
	if (lost)
		node->evidence |= BIT(kind);
	else
		node->evidence &= ~BIT(kind);
	hasw_node_update(hn, node, causes[kind], decision);
}

/**
 * hasw_node_settle() - ends the time in which a node is held, if it is over
 * @hn: namespace
 * @node: the node
 * @now: ns
 * @due: when to look again, ns; U64_MAX is not before something changes
 *
 * Context: process, hasw_net.mutex and hasw_net.state_lock held.
 * Return: whether the node is still held.
 */
bool hasw_node_settle(struct hasw_net *hn, struct hasw_node *node, u64 now,
		      u64 *due)
{
	*due = U64_MAX;
	if (!node->held_since || node->dead)
		return false;
	if (hasw_damp_suppressed(&node->damp, now)) {
		*due = hasw_damp_reuse(&node->damp);
		return true;
	}
	if (!node->held.manual) {
		*due = node->held_since + node->held.longest;
		if (*due <= now)
			node->held_since = 0;
	}
	hasw_node_update(hn, node, HASWITCH_CAUSE_FAILBACK, now);
	return node->held_since;
}

/**
 * hasw_node_failback() - the administrator wants a held node to serve again
 * @hn: namespace
 * @node: the node
 *
 * Its deaths are forgiven, too. To a node that is not held it does nothing.
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0, or -EHOSTDOWN if the node is down, and nothing is changed.
 */
int hasw_node_failback(struct hasw_net *hn, struct hasw_node *node)
{
	int err = 0;

	spin_lock_bh(&hn->state_lock);
	if (node->dead) {
		err = -EHOSTDOWN;
	} else {
		node->damp = (struct hasw_damp){};
		node->held_since = 0;
		hasw_node_update(hn, node, HASWITCH_CAUSE_FAILBACK,
				 hn->decision);
	}
	spin_unlock_bh(&hn->state_lock);
	return err;
}

/**
 * hasw_node_inherit() - takes over what is known of a node of the same name
 * @hn: namespace
 * @to: node of a configuration that no packet reads yet
 * @from: node of the configuration that it replaces
 *
 * The administrator's word comes with the new configuration; the rest is not
 * configuration and stays. A state that changes thereby is a switch.
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_node_inherit(struct hasw_net *hn, struct hasw_node *to,
		       const struct hasw_node *from)
{
	u64 decision = hn->decision;

	spin_lock_bh(&hn->state_lock);
	to->verdict = from->verdict;
	to->agent = from->agent;
	to->evidence = from->evidence;
	to->dead = from->dead;
	to->lost = from->lost;
	to->blip = from->blip;
	to->dead_since = from->dead_since;
	to->held_since = from->held_since;
	to->damp = from->damp;
	to->alive_until = from->alive_until;
	to->sw = from->sw;
	to->back = from->back;
	to->word = from->word;
	hasw_node_update(hn, to, HASWITCH_CAUSE_CONFIG, decision);
	spin_unlock_bh(&hn->state_lock);
}

/* Held nodes: how long a node that returned takes only what nobody better can
 * serve.
 *
 * A service compares the clock with its own delay itself, packet by packet.
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
	struct hasw_net *hn =
		container_of(work, struct hasw_net, held.work.work);
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
	WRITE_ONCE(hn->held.any, any);
	spin_unlock_bh(&hn->state_lock);
	if (any && next != U64_MAX)
		queue_delayed_work(hasw_wq, &hn->held.work,
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
	if (READ_ONCE(hn->held.any) && !READ_ONCE(hn->closing))
		mod_delayed_work(hasw_wq, &hn->held.work, 0);
}

/**
 * hasw_held_init() - makes what ends the time in which nodes are held
 * @hn: namespace
 *
 * Context: process.
 */
void hasw_held_init(struct hasw_net *hn)
{
	INIT_DELAYED_WORK(&hn->held.work, hasw_held_work);
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
	cancel_delayed_work_sync(&hn->held.work);
}
