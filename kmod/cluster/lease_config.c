// SPDX-License-Identifier: GPL-2.0
/* Leases of a configuration: addition, lookup, restore and deletion. */
#include <linux/rculist.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "lease.h"

/**
 * hasw_lease_find() - finds a lease by name
 * @cfg: configuration
 * @name: name
 *
 * Context: hasw_net.mutex held; or hasw_net.state_lock, if @cfg is live.
 * Return: the lease, or NULL.
 */
struct hasw_lease *hasw_lease_find(const struct hasw_config *cfg,
				   const char *name)
{
	struct hasw_lease *lease;

	list_for_each_entry(lease, &cfg->leases, list)
		if (!strcmp(lease->name, name))
			return lease;
	return NULL;
}

/**
 * hasw_lease_number() - computes the number that stands for a lease in
 *	heartbeats
 * @name: name of the lease
 *
 * Context: any.
 * Return: the number, which is the same on every node; not 0.
 */
u32 hasw_lease_number(const char *name)
{
	static const siphash_key_t key = {};

	return (u32)siphash(name, strlen(name), &key) ?: 1;
}

/**
 * hasw_lease_numbered() - finds a lease by its number
 * @cfg: configuration
 * @number: the number
 *
 * Context: hasw_net.mutex held.
 * Return: the lease, or NULL.
 */
struct hasw_lease *hasw_lease_numbered(const struct hasw_config *cfg,
				       u32 number)
{
	struct hasw_lease *lease;

	hasw_wlock_assert(&cfg->wlock);
	list_for_each_entry(lease, &cfg->leases, list)
		if (lease->number == number)
			return lease;
	return NULL;
}

/**
 * hasw_lease_new() - makes a lease that no node holds
 * @name: name of the lease
 *
 * Context: process.
 * Return: the lease, which is in no configuration yet; NULL if the allocation
 * fails.
 */
struct hasw_lease *hasw_lease_new(const char *name)
{
	struct hasw_lease *lease = kzalloc(sizeof(*lease), GFP_KERNEL_ACCOUNT);

	if (!lease)
		return NULL;
	strscpy(lease->name, name, sizeof(lease->name));
	lease->number = hasw_lease_number(name);
	lease->nodes.failback = HASW_FAILBACK_DEFAULT;
	INIT_LIST_HEAD(&lease->classes);
	return lease;
}

static void hasw_lease_use_nodes(const struct hasw_lease_nodes *nodes, int more)
{
	u32 i;

	for (i = 0; i < nodes->n_prefer; i++)
		nodes->prefer[i]->refs += more;
	for (i = 0; i < nodes->n_only; i++)
		nodes->only[i]->refs += more;
}

/**
 * hasw_lease_set_nodes() - sets the preferred holders of a lease (`prefer`),
 *	and the only nodes that are allowed to hold the lease (`only`)
 * @hn: namespace
 * @lease: the lease
 * @nodes: the new nodes, which replace the former nodes of the lease
 *
 * If @nodes excludes this node, new grants to this node are refused. This node
 * can renew its present grant only until HASW_LEASE_BARRED_TIME has passed.
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_lease_set_nodes(struct hasw_net *hn, struct hasw_lease *lease,
			  const struct hasw_lease_nodes *nodes)
{
	bool barred = nodes->n_only;
	u32 i;

	lockdep_assert_held(&hn->mutex);
	for (i = 0; i < nodes->n_only; i++)
		barred &= !nodes->only[i]->self;
	hasw_lease_use_nodes(nodes, 1);
	hasw_lease_use_nodes(&lease->nodes, -1);
	lease->nodes = *nodes;
	spin_lock_bh(&hn->state_lock);
	if (!barred)
		lease->barred = 0;
	else if (!lease->barred)
		lease->barred = hasw_switch_now();
	spin_unlock_bh(&hn->state_lock);
}

/**
 * hasw_lease_set_resign() - sets which legs this node must lose to resign a
 *	lease
 * @hn: namespace
 * @lease: the lease
 * @resign: enum haswitch_resign
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_lease_set_resign(struct hasw_net *hn, struct hasw_lease *lease,
			   u8 resign)
{
	lockdep_assert_held(&hn->mutex);
	spin_lock_bh(&hn->state_lock);
	lease->resign = resign;
	spin_unlock_bh(&hn->state_lock);
}

/**
 * hasw_lease_set_protodown() - sets whether protodown of the lease's device is
 *	on
 * @hn: namespace
 * @lease: the lease, in the live configuration
 * @on: it is on, so this node is no candidate for the lease
 *
 * Protodown ends no grant. If this node holds the lease, the function asks for
 * a planned move. Until another node takes the lease, this node can renew.
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_lease_set_protodown(struct hasw_net *hn, struct hasw_lease *lease,
			      bool on)
{
	struct hasw_event ev = {
		.kind = on ? HASWITCH_EVENT_KIND_PROTODOWN_ON :
			     HASWITCH_EVENT_KIND_PROTODOWN_OFF,
	};

	lockdep_assert_held(&hn->mutex);
	if (lease->protodown == on)
		return;
	strscpy(ev.lease, lease->name, sizeof(ev.lease));
	spin_lock_bh(&hn->state_lock);
	WRITE_ONCE(lease->protodown, on);
	hasw_event_add(hn, &ev);
	spin_unlock_bh(&hn->state_lock);
	/* Where another node holds the lease, a request would move it away from
	 * that node.
	 */
	if (on && hasw_grant_held(&lease->grant))
		hasw_lease_move(hn, lease, "", NULL);
}

/**
 * hasw_lease_eligible() - returns whether this node is a candidate for a lease
 * @hn: namespace
 * @cfg: configuration of the lease
 * @lease: the lease
 *
 * This node is no candidate if it has no node in the configuration, or a
 * verdict (fenced, left) has taken it out, or `only` excludes it, or protodown
 * of the lease's device is on, or the epoch floor was not set. As long as an
 * agent has not set the floor, every grant is refused.
 * Whether clients can come to a candidate is not considered.
 *
 * Context: RCU read side, hasw_net.state_lock not held.
 */
bool hasw_lease_eligible(struct hasw_net *hn, const struct hasw_config *cfg,
			 const struct hasw_lease *lease)
{
	const struct hasw_node *self = READ_ONCE(cfg->self);
	bool eligible;

	if (!self)
		return false;
	spin_lock_bh(&hn->state_lock);
	eligible = lease->grant.right.floor && !lease->barred &&
		   !lease->protodown &&
		   self->verdict == HASWITCH_VERDICT_CLEAR;
	spin_unlock_bh(&hn->state_lock);
	return eligible;
}

/**
 * hasw_lease_add() - adds a lease to a configuration
 * @hn: namespace
 * @cfg: configuration
 * @lease: the lease; no lease in @cfg has the same name
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_lease_add(struct hasw_net *hn, struct hasw_config *cfg,
		    struct hasw_lease *lease)
{
	lockdep_assert_held(&hn->mutex);
	spin_lock_bh(&hn->state_lock);
	list_add_tail_rcu(&lease->list, &cfg->leases);
	cfg->n_leases++;
	spin_unlock_bh(&hn->state_lock);
}

/**
 * hasw_lease_del() - deletes a lease and frees it after an RCU grace period
 * @hn: namespace
 * @cfg: configuration
 * @lease: the lease, which no vip uses
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_lease_del(struct hasw_net *hn, struct hasw_config *cfg,
		    struct hasw_lease *lease)
{
	lockdep_assert_held(&hn->mutex);
	spin_lock_bh(&hn->state_lock);
	if (cfg == hasw_lease_config(hn))
		hasw_lease_end(hn, lease, HASWITCH_CAUSE_CONFIG, hn->decision);
	list_del_rcu(&lease->list);
	cfg->n_leases--;
	spin_unlock_bh(&hn->state_lock);
	hasw_lease_use_nodes(&lease->nodes, -1);
	kfree_rcu(lease, rcu);
}

/**
 * hasw_lease_free_all() - frees the leases of a configuration
 * @cfg: configuration that only the caller can access, and whose vips are
 *	already freed
 *
 * Context: process.
 */
void hasw_lease_free_all(struct hasw_config *cfg)
{
	struct hasw_lease *lease, *next;

	list_for_each_entry_safe(lease, next, &cfg->leases, list)
		kfree_rcu(lease, rcu);
}

/**
 * hasw_lease_names() - removes a node from leases, unless the node holds a
 *	lease now
 * @hn: namespace
 * @cfg: configuration of the node
 * @node: the node
 *
 * The function ends the node's grants that have expired. If the node holds no
 * lease, the function also removes the node as the successor of each lease.
 *
 * Context: process, hasw_net.mutex held.
 * Return: true if the node holds a lease now. If false, no lease has the node
 * as its holder or successor any more.
 */
bool hasw_lease_names(struct hasw_net *hn, const struct hasw_config *cfg,
		      const struct hasw_node *node)
{
	struct hasw_lease *lease;
	bool names = false;

	lockdep_assert_held(&hn->mutex);
	spin_lock_bh(&hn->state_lock);
	list_for_each_entry(lease, &cfg->leases, list) {
		const struct hasw_right *right = &lease->grant.right;

		if (hasw_lease_holder(hn, lease) != node)
			continue;
		if (hasw_right_held(right, hasw_switch_now())) {
			names = true;
			break;
		}
		/* The grant has expired, but the timer that ends it is late. */
		hasw_lease_end(hn, lease, HASWITCH_CAUSE_EXPIRED,
			       right->deadline);
	}
	if (!names)
		list_for_each_entry(lease, &cfg->leases, list)
			if (rcu_access_pointer(lease->grant.successor) ==
			    node)
				hasw_grant_forget(hn, &lease->grant);
	spin_unlock_bh(&hn->state_lock);
	return names;
}

/**
 * hasw_lease_twins() - finds each lease's twin: the lease of the same name in
 *	the next configuration
 * @to: the next configuration, which contains the twins; no packet reads @to
 *	yet
 * @from: the live configuration, which @to is about to replace
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_lease_twins(struct hasw_config *to, struct hasw_config *from)
{
	struct hasw_lease *lease;

	list_for_each_entry(lease, &from->leases, list)
		lease->twin = hasw_lease_find(to, lease->name);
}

/**
 * hasw_lease_inherit() - copies the grant of each lease to the lease's twin
 * @hn: namespace
 * @from: the configuration that is replaced; the caller has set the twins of
 *	its nodes and leases
 *
 * A grant ends if its lease or its holder has no twin. A grant also ends if one
 * of the holder and its twin is this machine and the other is not. No agent has
 * granted the lease to the machine of the twin. Packets that still read @from
 * find all other grants unchanged.
 *
 * Context: hasw_net.mutex and hasw_net.state_lock held. The caller holds
 * state_lock until packets read the new configuration.
 */
void hasw_lease_inherit(struct hasw_net *hn, struct hasw_config *from)
{
	struct hasw_lease *lease;
	struct hasw_node *holder;

	lockdep_assert_held(&hn->state_lock);
	list_for_each_entry(lease, &from->leases, list) {
		holder = hasw_lease_holder(hn, lease);
		if (holder && (!lease->twin || !holder->twin ||
			       holder->twin->self != holder->self))
			hasw_lease_end(hn, lease, HASWITCH_CAUSE_CONFIG,
				       hn->decision);
		if (lease->twin) {
			hasw_grant_inherit(hn, &lease->twin->grant,
					   &lease->grant);
			lease->twin->tied = lease->tied;
			lease->twin->protodown = lease->protodown;
			lease->twin->client_links = lease->client_links;
			/* If the new configuration is the first to exclude this
			 * node, HASW_LEASE_BARRED_TIME begins now and not when
			 * the configuration was staged.
			 */
			if (lease->twin->barred)
				lease->twin->barred = lease->barred ?
					lease->barred : hasw_switch_now();
		}
	}
}
