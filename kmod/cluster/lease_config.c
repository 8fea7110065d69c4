// SPDX-License-Identifier: GPL-2.0
/* Leases as objects of a configuration: they come, are found, follow a restore, and go. */
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
 * hasw_lease_number() - by what heartbeats name a lease
 * @name: its name
 *
 * Context: any.
 * Return: a number, the same on every node; no secret, and not 0.
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

	list_for_each_entry(lease, &cfg->leases, list)
		if (lease->number == number)
			return lease;
	return NULL;
}

/**
 * hasw_lease_new() - makes a lease that nobody holds
 * @name: its name
 *
 * Context: process.
 * Return: the lease, in no configuration yet, or NULL without memory.
 */
struct hasw_lease *hasw_lease_new(const char *name)
{
	struct hasw_lease *lease = kzalloc(sizeof(*lease), GFP_KERNEL_ACCOUNT);

	if (!lease)
		return NULL;
	strscpy(lease->name, name, sizeof(lease->name));
	lease->number = hasw_lease_number(name);
	lease->nodes.failback = HASW_FAILBACK_DEFAULT;
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
 * hasw_lease_set_nodes() - says who should hold a lease, and who may
 * @hn: namespace
 * @lease: the lease
 * @nodes: takes the place of what was said before
 *
 * While this node may not hold the lease it is granted nothing, and what it has is
 * renewed for HASW_LEASE_BARRED_TIME only.
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
 * hasw_lease_add() - puts a lease into a configuration
 * @hn: namespace
 * @cfg: configuration
 * @lease: the lease, whose name is not in it
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
 * hasw_lease_del() - takes a lease out and frees it when its readers have left
 * @hn: namespace
 * @cfg: configuration
 * @lease: the lease, which no vip uses
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_lease_del(struct hasw_net *hn, struct hasw_config *cfg,
		    struct hasw_lease *lease)
{
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
 * @cfg: configuration that nothing but the caller knows, its vips freed
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
 * hasw_lease_names() - whether a node holds a lease now
 * @hn: namespace
 * @cfg: configuration of the node
 * @node: the node
 *
 * If it does not, no lease names it any more, as successor neither.
 *
 * Context: process, hasw_net.mutex held.
 */
bool hasw_lease_names(struct hasw_net *hn, const struct hasw_config *cfg,
		      const struct hasw_node *node)
{
	struct hasw_lease *lease;
	bool names = false;

	spin_lock_bh(&hn->state_lock);
	list_for_each_entry(lease, &cfg->leases, list) {
		const struct hasw_right *right = &lease->grant.right;

		if (hasw_lease_holder(hn, lease) != node)
			continue;
		if (hasw_right_held(right, hasw_switch_now())) {
			names = true;
			break;
		}
		/* The timer is late. */
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
 * hasw_lease_twins() - finds for each lease the one that it becomes
 * @to: configuration that no packet reads yet
 * @from: the one that it replaces
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
 * hasw_lease_inherit() - hands the grants to the leases that replace theirs
 * @hn: namespace
 * @from: the configuration that is replaced; its nodes and leases have twins
 *
 * A grant whose lease or holder is there no more ends, and one that would be
 * this machine's now, or no more: nobody has granted that. The others stay as
 * they are for packets that still read @from.
 *
 * Context: hasw_net.mutex and hasw_net.state_lock held, the latter until
 * packets read the new configuration.
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
			lease->twin->facing = lease->facing;
			/* From now on, or since it was; not since it was staged. */
			if (lease->twin->barred)
				lease->twin->barred = lease->barred ?
					lease->barred : hasw_switch_now();
		}
	}
}
