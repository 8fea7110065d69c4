// SPDX-License-Identifier: GPL-2.0
/* A node is a machine that can serve. Its inputs are the administrator's state,
 * the verdict, the agent state and evidence; its state follows from them. A
 * node that returns can be held until its failback: services use a held node
 * only if no better node is usable. A node that died too often is damped: it is
 * held for longer.
 */
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "node.h"

/**
 * hasw_node_addrs() - reads the addresses of a node
 * @node: the node
 * @addrs: receives a consistent copy of the addresses
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
 * hasw_node_forget_routes() - drops the cached routes to a node
 * @node: the node
 *
 * Context: any.
 */
void hasw_node_forget_routes(struct hasw_node *node)
{
	int i, j;

	/* Pairs with smp_mb() in forward/tunnel_route.c: a CPU that caches a
	 * route after the reset reads the new addresses of the node.
	 */
	smp_mb();
	for (i = 0; i < HASW_ENCAP_KINDS; i++)
		for (j = 0; j < HASW_HOPS; j++)
			dst_cache_reset(&node->route[i][j]);
}

/* If this machine's own link loses its carrier for less than this time, ns, the
 * nodes behind the link do not count as having returned. Their held_since does
 * not change, so nodes that were not held before the loss get traffic again at
 * once.
 */
#define HASW_NODE_BLIP NSEC_PER_SEC

/* Returns the state that follows from the inputs of a node. The administrator's
 * state has precedence, so that a node that was taken out on purpose is not
 * reported as lost.
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

/* Returns whether the administrator or a verdict (fenced, left) has taken the
 * node out. A drain does not count, because a draining node still serves its
 * flows.
 */
static bool hasw_node_out(const struct hasw_node *node)
{
	return node->admin == HASWITCH_ADMIN_STATE_MAINTENANCE ||
	       node->admin == HASWITCH_ADMIN_STATE_DOWN ||
	       node->verdict != HASWITCH_VERDICT_CLEAR;
}

/* Returns whether the node is held when it returns: some service delays the
 * node's failback, or the node is damped.
 */
static bool hasw_node_awaited(const struct hasw_node *node)
{
	return READ_ONCE(node->held.services) || node->damp.suppressed;
}

/* Compares the inputs of a node with node->dead, and records whether the node
 * has died or returned. The node's state does not show this: a draining node
 * can die and return while its state stays drain. The end of a drain is not a
 * return.
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
	/* A node gets no penalty if it was taken out on purpose before it died,
	 * or if this machine's own link lost its carrier.
	 */
	if (lost && !node->lost && !out && !node->blip)
		hasw_damp_death(&node->damp, decision);
	if (!dead && node->dead &&
	    !(node->blip && decision < node->dead_since + HASW_NODE_BLIP)) {
		hasw_damp_suppressed(&node->damp, decision);
		node->held_since = hasw_node_awaited(node) ? decision : 0;
	}
	node->lost = lost;
	/* Packets read @dead without a lock, if their flow is on a draining
	 * node.
	 */
	WRITE_ONCE(node->dead, dead);
}

/* Returns the bits HASW_WORD_UNREACHED of a node's state word. Bits that
 * concern none of its members are left out, because they would slow down
 * packets to the other members. Under state_lock, or while no packet reads the
 * node.
 */
static u8 hasw_node_unreached(const struct hasw_node *node)
{
	return (node->unresolved && READ_ONCE(node->n_direct) ?
		HASW_WORD_UNRESOLVED : 0) |
	       (node->unrouted && READ_ONCE(node->n_routed) ?
		HASW_WORD_UNROUTED : 0);
}

/* Updates a node after a change of its inputs. If the node's state or damping
 * then differs from the published one, the new state word is published. Under
 * state_lock.
 */
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
	low = hasw_node_fold(node) | (node->word & HASW_WORD_UNREACHED);
	if ((node->word & HASW_WORD_LOW) == low) {
		/* The node has died while it was draining, so the flows of
		 * services with `on-failover reset` are reset.
		 */
		if (!was && node->dead)
			hasw_switch_left(hn);
		return;
	}
	if (hasw_word_state(low) == HASWITCH_NODE_STATE_HELD) {
		since = node->held_since;
		WRITE_ONCE(hn->held.any, true);
		hasw_held_later(hn);
	}
	/* A packet can read the new @back together with the old @word. The
	 * scheduler then gives the node one flow more or less, which is
	 * harmless.
	 */
	if (!hasw_word_usable(node->word) && hasw_word_usable(low))
		WRITE_ONCE(node->back, since ?: hasw_switch_now());
	strscpy(ev.node, node->name, sizeof(ev.node));
	hasw_switch_publish(hn, &node->word, low, since, &node->sw, &ev);
}

/* Sets the state word of a node that no packet reads yet, so no switch is
 * recorded.
 */
static void hasw_node_preset(struct hasw_node *node)
{
	u64 now = hasw_switch_now();

	hasw_node_follow(node, HASWITCH_CAUSE_CONFIG, now);
	node->held_since = 0;
	node->word = hasw_word_since(now) | hasw_node_fold(node) |
		     hasw_node_unreached(node);
	node->back = now;
}

static bool hasw_node_route_init(struct hasw_node *node)
{
	int i, j;

	for (i = 0; i < HASW_ENCAP_KINDS; i++)
		for (j = 0; j < HASW_HOPS; j++)
			if (dst_cache_init(&node->route[i][j],
					   GFP_KERNEL_ACCOUNT))
				return false;
	return true;
}

/* Some caches of @node might never have been initialised, which
 * dst_cache_destroy() accepts.
 */
static void hasw_node_free(struct hasw_node *node)
{
	int i, j;

	for (i = 0; i < HASW_ENCAP_KINDS; i++)
		for (j = 0; j < HASW_HOPS; j++)
			dst_cache_destroy(&node->route[i][j]);
	kfree(node);
}

/**
 * hasw_node_new() - makes a node
 * @name: name of the node
 * @self: whether the node is this namespace
 * @admin: enum haswitch_admin_state
 *
 * Context: process.
 * Return: the node, which is in no configuration yet; NULL if an allocation
 * fails.
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
	/* The next hops are looked up as soon as the node has addresses, which
	 * also probes the neighbours. Until one of them answers, the node is
	 * unresolved.
	 */
	node->unresolved = true;
	node->unrouted = true;
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
 * hasw_node_free_later() - frees a node after an RCU grace period
 * @node: the node, which no new reader can find any more
 *
 * Context: any.
 */
void hasw_node_free_later(struct hasw_node *node)
{
	call_rcu(&node->rcu, hasw_node_free_rcu);
}

/**
 * hasw_node_set_admin() - sets the administrator's state of a node
 * @hn: namespace
 * @node: the node
 * @admin: enum haswitch_admin_state
 * @within: time after which @admin, drain, becomes maintenance, ns; 0: never
 * @live: true if packets read the node, false if it belongs to a staged restore
 *
 * The caller calls hasw_config_apply(), which has hasw_held_work() look at the
 * end of the drain.
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_node_set_admin(struct hasw_net *hn, struct hasw_node *node,
			 u8 admin, u64 within, bool live)
{
	u64 decision = hn->decision;

	lockdep_assert_held(&hn->mutex);
	spin_lock_bh(&hn->state_lock);
	node->admin = admin;
	node->drain_end = within ? decision + within : 0;
	if (live)
		hasw_node_update(hn, node, HASWITCH_CAUSE_ADMIN, decision);
	else
		hasw_node_preset(node);
	spin_unlock_bh(&hn->state_lock);
}

/**
 * hasw_node_set_verdict() - sets the agent's or an operator's verdict on a node
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

	lockdep_assert_held(&hn->mutex);
	spin_lock_bh(&hn->state_lock);
	node->verdict = verdict;
	hasw_node_update(hn, node, HASWITCH_CAUSE_VERDICT, decision);
	spin_unlock_bh(&hn->state_lock);
}

/**
 * hasw_node_set_agent() - sets the agent state of a node after a BEAT, which is
 *	the agent's list of live nodes
 * @hn: namespace
 * @node: the node
 * @agent: enum haswitch_agent_state
 * @decision: when the BEAT arrived, ns
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
 * hasw_node_set_evidence() - sets or withdraws evidence against a node
 * @hn: namespace
 * @node: the node
 * @kind: enum haswitch_evidence
 * @lost: true sets the evidence, false withdraws it
 * @decision: when the module found the reason, ns
 *
 * Evidence can only make a node unusable. After all evidence is withdrawn, the
 * node's other inputs decide its state.
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
 * hasw_node_set_unreached() - stores how packets can reach a node
 * @hn: namespace
 * @node: the node
 * @unresolved: see hasw_node.unresolved
 * @unrouted: see hasw_node.unrouted
 *
 * Context: process or softirq, hasw_net.state_lock held.
 */
void hasw_node_set_unreached(struct hasw_net *hn, struct hasw_node *node,
			     bool unresolved, bool unrouted)
{
	lockdep_assert_held(&hn->state_lock);
	node->unresolved = unresolved;
	node->unrouted = unrouted;
	hasw_switch_publish_unreached(hn, &node->word,
				      hasw_node_unreached(node));
}

/**
 * hasw_node_sync_unreached() - publishes how packets can reach a node, after a
 *	change of hasw_node.n_direct or hasw_node.n_routed
 * @hn: namespace
 * @node: the node
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_node_sync_unreached(struct hasw_net *hn, struct hasw_node *node)
{
	lockdep_assert_held(&hn->mutex);
	spin_lock_bh(&hn->state_lock);
	hasw_switch_publish_unreached(hn, &node->word,
				      hasw_node_unreached(node));
	spin_unlock_bh(&hn->state_lock);
}

/**
 * hasw_node_sync_held() - ends the held state of a node that is not damped, and
 *	whose failback is due
 * @hn: namespace
 * @node: the node
 * @now: current time, ns
 * @due: if the result is true, receives the time at which this function must be
 *	called again, ns; U64_MAX: no call is needed until an input or the
 *	failback of the node changes
 *
 * Context: process, hasw_net.mutex and hasw_net.state_lock held.
 * Return: whether the node is still held.
 */
bool hasw_node_sync_held(struct hasw_net *hn, struct hasw_node *node, u64 now,
			 u64 *due)
{
	lockdep_assert_held(&hn->mutex);
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
 * hasw_node_set_share() - sets the percentage of its weight that each member of
 *	a node has for new flows
 * @hn: namespace
 * @node: the node
 * @share: the percentage, 1 to 100
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_node_set_share(struct hasw_net *hn, struct hasw_node *node, u8 share)
{
	struct hasw_event ev = {
		.kind = HASWITCH_EVENT_KIND_NODE_SHARE,
		.time = hasw_switch_now(),
		.to = share,
	};

	lockdep_assert_held(&hn->mutex);
	if (node->less == 100 - share)
		return;
	WRITE_ONCE(node->less, 100 - share);
	strscpy(ev.node, node->name, sizeof(ev.node));
	spin_lock_bh(&hn->state_lock);
	hasw_event_add(hn, &ev);
	spin_unlock_bh(&hn->state_lock);
}

/**
 * hasw_node_failback() - ends a node's held state on an administrator's request
 * @hn: namespace
 * @node: the node
 *
 * The function also clears the penalty of the node. If the node is not held, it
 * stays in its present state.
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0; or -EHOSTDOWN if the node is dead, and nothing is changed.
 */
int hasw_node_failback(struct hasw_net *hn, struct hasw_node *node)
{
	int err = 0;

	lockdep_assert_held(&hn->mutex);
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
 * hasw_node_set_lladdrs() - stores the link-layer addresses that a node's
 *	heartbeat lists
 * @hn: namespace
 * @node: the node
 * @lladdrs: the addresses, as ether_addr_to_u64() returns them
 * @n: number of addresses, 1 to HASW_LLADDRS
 * @before: receives the HASW_LLADDRS addresses that were stored before
 *
 * Context: hasw_net.state_lock held.
 * Return: whether the addresses differ from those before.
 */
bool hasw_node_set_lladdrs(struct hasw_net *hn, struct hasw_node *node,
			   const u64 *lladdrs, u32 n, u64 *before)
{
	u64 now[HASW_LLADDRS] = {};
	u32 i;

	lockdep_assert_held(&hn->state_lock);
	memcpy(now, lladdrs, n * sizeof(*now));
	memcpy(before, node->lladdrs, sizeof(now));
	for (i = 0; i < HASW_LLADDRS; i++)
		WRITE_ONCE(node->lladdrs[i], now[i]);
	return memcmp(before, now, sizeof(now));
}

/**
 * hasw_node_move_lladdrs() - copies a node's link-layer addresses to its twin
 * @hn: namespace
 * @to: the twin
 * @from: the node
 *
 * Context: hasw_net.state_lock held.
 */
void hasw_node_move_lladdrs(struct hasw_net *hn, struct hasw_node *to,
			    const struct hasw_node *from)
{
	int i;

	lockdep_assert_held(&hn->state_lock);
	for (i = 0; i < HASW_LLADDRS; i++)
		WRITE_ONCE(to->lladdrs[i], from->lladdrs[i]);
}

/**
 * hasw_node_forget_lladdrs() - forgets what hasw_node_set_lladdrs() has stored
 * @hn: namespace
 * @node: the node, whose heartbeats are not heard any more
 *
 * Context: hasw_net.state_lock held.
 */
void hasw_node_forget_lladdrs(struct hasw_net *hn, struct hasw_node *node)
{
	int i;

	lockdep_assert_held(&hn->state_lock);
	for (i = 0; i < HASW_LLADDRS; i++)
		WRITE_ONCE(node->lladdrs[i], 0);
}

/**
 * hasw_node_inherit() - copies a node's runtime state to the node of the same
 *	name in the next configuration
 * @hn: namespace
 * @to: node of a configuration that no packet reads yet
 * @from: node of the configuration that is replaced
 *
 * @to keeps its own administrator's state, which is configuration. All other
 * inputs are copied from @from. If the state of @to then differs from the state
 * of @from, a switch is recorded.
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_node_inherit(struct hasw_net *hn, struct hasw_node *to,
		       const struct hasw_node *from)
{
	u64 decision = hn->decision;

	lockdep_assert_held(&hn->mutex);
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
	to->less = from->less;
	to->alive_until = from->alive_until;
	to->sw = from->sw;
	to->back = from->back;
	to->word = from->word;
	hasw_switch_publish_unreached(hn, &to->word, hasw_node_unreached(to));
	hasw_node_update(hn, to, HASWITCH_CAUSE_CONFIG, decision);
	spin_unlock_bh(&hn->state_lock);
}

/* Held nodes: a service uses a held node only if no better node is usable.
 *
 * For each packet, a service compares the clock with its own failback delay. So
 * the functions below do not affect packets. They only set the node state that
 * netlink reports, and record the event of its change. A node is held until the
 * longest failback delay of its services has passed. A service whose failback
 * waits for the administrator keeps the node held.
 */

/**
 * hasw_held_count() - adds a service's failback to hasw_node.held, or removes
 *	it
 * @node: the node, which is a member of the service
 * @failback: the service's failback: a delay in ns, HASW_FAILBACK_AUTO or
 *	HASW_FAILBACK_MANUAL
 * @more: true adds @failback, false removes it
 *
 * The removal of the longest delay does not reduce held.longest while another
 * service has a delay. So the node can be reported as held for too long, but
 * packets are not affected.
 *
 * Context: process. Either hasw_net.mutex is held, or no packet reads the node.
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

/* Ends a drain that had a time, so that the flows that the node still has leave
 * it. Returns the time at which this function must be called again, ns, or
 * U64_MAX. Under state_lock.
 */
static u64 hasw_node_sync_drain(struct hasw_net *hn, struct hasw_node *node,
				u64 now)
{
	lockdep_assert_held(&hn->state_lock);
	if (!node->drain_end)
		return U64_MAX;
	if (node->drain_end > now)
		return node->drain_end;
	node->drain_end = 0;
	node->admin = HASWITCH_ADMIN_STATE_MAINTENANCE;
	hasw_node_update(hn, node, HASWITCH_CAUSE_ADMIN, now);
	return U64_MAX;
}

/**
 * hasw_held_some() - ends the held state of nodes whose failback is due, and
 *	which are not damped, and drains whose time is over
 * @hn: namespace
 * @node: first node to look at; up to HASW_NODE_STRIDE are looked at
 * @now: current time, ns
 * @next: reduced to the time at which the next failback is due, or the next
 *	damping or drain ends, ns
 *
 * Context: hasw_net.mutex and hasw_net.state_lock held. The mutex keeps the
 * list of nodes, so state_lock may be released between two calls.
 * Return: the node at which the next call goes on, or NULL.
 */
struct hasw_node *hasw_held_some(struct hasw_net *hn, struct hasw_node *node,
				 u64 now, u64 *next)
{
	u64 due, drained;
	u32 n = 0;

	lockdep_assert_held(&hn->mutex);
	lockdep_assert_held(&hn->state_lock);
	list_for_each_entry_from(node, &hasw_config_live(hn)->nodes, list) {
		if (n++ == HASW_NODE_STRIDE)
			return node;
		drained = hasw_node_sync_drain(hn, node, now);
		if (hasw_node_sync_held(hn, node, now, &due) ||
		    drained != U64_MAX)
			WRITE_ONCE(hn->held.any, true);
		if (node->held_since)
			*next = min(*next, due);
		*next = min(*next, drained);
	}
	return NULL;
}

/* Calls hasw_held_some() for all nodes. Requeues itself for the time at which
 * the next node needs it.
 */
static void hasw_held_work(struct work_struct *work)
{
	struct hasw_net *hn =
		container_of(work, struct hasw_net, held.work.work);
	u64 now = hasw_switch_now(), next = U64_MAX;
	struct hasw_node *node;

	mutex_lock(&hn->mutex);
	if (hn->closing)
		goto out;
	/* A node that becomes held while state_lock is released sets the value
	 * again, and queues this work.
	 */
	spin_lock_bh(&hn->state_lock);
	WRITE_ONCE(hn->held.any, false);
	spin_unlock_bh(&hn->state_lock);
	node = list_first_entry_or_null(&hasw_config_live(hn)->nodes,
					struct hasw_node, list);
	while (node) {
		spin_lock_bh(&hn->state_lock);
		now = hasw_switch_now();
		node = hasw_held_some(hn, node, now, &next);
		spin_unlock_bh(&hn->state_lock);
		cond_resched();
	}
	if (READ_ONCE(hn->held.any) && next != U64_MAX)
		queue_delayed_work(hasw_wq, &hn->held.work,
				   nsecs_to_jiffies(max(next, now) - now) + 1);
out:
	mutex_unlock(&hn->mutex);
}

/**
 * hasw_held_later() - queues the work that ends the held state of nodes
 * @hn: namespace in which a node became held, or in which the failback of a
 *	node changed
 *
 * Context: any; hasw_net.state_lock or hasw_net.mutex held.
 */
void hasw_held_later(struct hasw_net *hn)
{
	if (READ_ONCE(hn->held.any))
		hasw_held_queue(hn);
}

/**
 * hasw_held_queue() - queues the same work, also if no node was held or drained
 *	within a time when it ran last
 * @hn: namespace in which the administrator's state of nodes may have changed
 *
 * Context: any; hasw_net.state_lock or hasw_net.mutex held.
 */
void hasw_held_queue(struct hasw_net *hn)
{
	if (!READ_ONCE(hn->closing))
		mod_delayed_work(hasw_wq, &hn->held.work, 0);
}

/**
 * hasw_held_init() - sets up the work that ends the held state of nodes
 * @hn: namespace
 *
 * Context: process.
 */
void hasw_held_init(struct hasw_net *hn)
{
	INIT_DELAYED_WORK(&hn->held.work, hasw_held_work);
}

/**
 * hasw_held_exit() - cancels the work that ends the held state of nodes
 * @hn: namespace; the caller has set hasw_net.closing, or nothing was ever
 *	configured
 *
 * Context: process, no lock held.
 */
void hasw_held_exit(struct hasw_net *hn)
{
	/* A CPU that holds state_lock might have read hn->closing as false, and
	 * might still queue the work. Taking the lock here waits for this CPU,
	 * so that it cannot queue the work after the cancellation.
	 */
	spin_lock_bh(&hn->state_lock);
	spin_unlock_bh(&hn->state_lock);
	cancel_delayed_work_sync(&hn->held.work);
}
