// SPDX-License-Identifier: GPL-2.0
/* Lookup of a configuration's nodes by name and by address. */
#include <linux/jhash.h>
#include <linux/rculist.h>
#include <linux/rculist_nulls.h>
#include <linux/string.h>
#include <net/ipv6.h>

#include "node.h"

/* The hashes below need no secret key. Only an administrator chooses the
 * addresses and names of nodes, so no attacker can fill one bucket.
 */
static u32 hasw_node_hash4(__be32 addr)
{
	return jhash_1word((__force u32)addr, 0) % HASW_NODE_BUCKETS;
}

static u32 hasw_node_hash6(const struct in6_addr *addr)
{
	return __ipv6_addr_jhash(addr, 0) % HASW_NODE_BUCKETS;
}

static u32 hasw_node_hash(const char *name)
{
	return jhash(name, strlen(name), 0) % HASW_NODE_BUCKETS;
}

/**
 * hasw_nodes_init() - initialises the lookup tables of a configuration's nodes
 * @cfg: configuration that only the caller can access yet
 *
 * Context: any.
 */
void hasw_nodes_init(struct hasw_config *cfg)
{
	u32 i;

	INIT_LIST_HEAD(&cfg->nodes);
	for (i = 0; i < HASW_NODE_BUCKETS; i++) {
		INIT_HLIST_HEAD(&cfg->names[i]);
		INIT_HLIST_NULLS_HEAD(&cfg->places[HASW_HOP4][i], i);
		INIT_HLIST_NULLS_HEAD(&cfg->places[HASW_HOP6][i], i);
	}
}

/**
 * hasw_node_find() - finds a node by name
 * @cfg: configuration
 * @name: name
 *
 * Context: hasw_net.mutex held.
 * Return: the node, or NULL.
 */
struct hasw_node *hasw_node_find(const struct hasw_config *cfg,
				 const char *name)
{
	struct hasw_node *node;

	hasw_wlock_assert(&cfg->wlock);
	hlist_for_each_entry(node, &cfg->names[hasw_node_hash(name)], named)
		if (!strcmp(node->name, name))
			return node;
	return NULL;
}

static bool hasw_node_has(const struct hasw_node *node,
			  const struct in6_addr *addr, u16 family)
{
	struct hasw_addrs addrs;

	hasw_node_addrs(node, &addrs);
	return family == AF_INET ?
	       addrs.has4 && addrs.addr4 == addr->s6_addr32[3] :
	       addrs.has6 && ipv6_addr_equal(&addrs.addr6, addr);
}

/**
 * hasw_node_at() - finds a node by address
 * @cfg: configuration
 * @addr: address, IPv4 as v4-mapped
 * @family: AF_INET or AF_INET6
 *
 * Context: RCU read side, or hasw_net.mutex held.
 * Return: the node, or NULL.
 */
struct hasw_node *hasw_node_at(const struct hasw_config *cfg,
			       const struct in6_addr *addr, u16 family)
{
	int i = family == AF_INET ? HASW_HOP4 : HASW_HOP6;
	u32 bucket = family == AF_INET ? hasw_node_hash4(addr->s6_addr32[3]) :
					 hasw_node_hash6(addr);
	const struct hlist_nulls_head *place = &cfg->places[i][bucket];
	const struct hasw_wlock *wlock = &cfg->wlock;
	struct hlist_nulls_node *pos;
	struct hasw_node *node;

	/* If a node moves to another bucket while the walk is at this node, the
	 * walk continues in that bucket. The walk then ends at a nulls value
	 * that is not @bucket, and is repeated.
	 */
	do {
		for (pos = rcu_dereference_check(hlist_nulls_first_rcu(place),
						 hasw_wlock_held(wlock));
		     !is_a_nulls(pos);
		     pos = rcu_dereference_check(hlist_nulls_next_rcu(pos),
						 hasw_wlock_held(wlock))) {
			node = container_of(pos - i, struct hasw_node, at[0]);
			if (hasw_node_has(node, addr, family))
				return node;
		}
	} while (get_nulls_value(pos) != bucket);
	return NULL;
}

/**
 * hasw_node_from() - returns whether an address belongs to a node other than
 *	cfg->self
 * @cfg: configuration
 * @addr: address, IPv4 as v4-mapped
 * @family: AF_INET or AF_INET6
 *
 * Context: RCU read side.
 */
bool hasw_node_from(const struct hasw_config *cfg, const struct in6_addr *addr,
		    u16 family)
{
	const struct hasw_node *node = hasw_node_at(cfg, addr, family);

	return node && !node->self;
}

static void hasw_node_place(struct hasw_node *node, int i,
			    struct hlist_nulls_head *place)
{
	if (hlist_nulls_unhashed(&node->at[i]))
		hlist_nulls_add_head_rcu(&node->at[i], place);
}

/**
 * hasw_node_set_addrs() - changes the addresses of a node
 * @cfg: configuration
 * @node: the node, which is in @cfg or is added to it next
 * @addrs: the new addresses, which no other node has
 *
 * If @addrs keeps an address of the node, concurrent lookups always find that
 * address.
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_node_set_addrs(struct hasw_config *cfg, struct hasw_node *node,
			 const struct hasw_addrs *addrs)
{
	struct hlist_nulls_head (*places)[HASW_NODE_BUCKETS] = cfg->places;

	hasw_wlock_assert(&cfg->wlock);
	/* Preemption is disabled to shorten the time during which the node is
	 * in no bucket, and lookups cannot find it. Softirqs are disabled
	 * because a softirq on this CPU would otherwise wait forever for the
	 * end of the seqcount's write section.
	 */
	local_bh_disable();
	preempt_disable();
	if (!addrs->has4 || addrs->addr4 != node->addr4)
		hlist_nulls_del_init_rcu(&node->at[HASW_HOP4]);
	if (!addrs->has6 || !ipv6_addr_equal(&addrs->addr6, &node->addr6))
		hlist_nulls_del_init_rcu(&node->at[HASW_HOP6]);
	write_seqcount_begin(&node->addrs_seq);
	node->has4 = addrs->has4;
	node->has6 = addrs->has6;
	node->addr4 = addrs->addr4;
	node->addr6 = addrs->addr6;
	write_seqcount_end(&node->addrs_seq);
	if (addrs->has4)
		hasw_node_place(node, HASW_HOP4,
				&places[HASW_HOP4][hasw_node_hash4(addrs->addr4)]);
	if (addrs->has6)
		hasw_node_place(node, HASW_HOP6,
				&places[HASW_HOP6][hasw_node_hash6(&addrs->addr6)]);
	preempt_enable();
	local_bh_enable();
	hasw_node_forget_routes(node);
}

/**
 * hasw_node_add() - adds a node to a configuration
 * @cfg: configuration
 * @node: the node, whose addresses the caller has set; no node in @cfg has the
 *	same name
 *
 * Context: hasw_net.mutex held.
 */
void hasw_node_add(struct hasw_config *cfg, struct hasw_node *node)
{
	hasw_wlock_assert(&cfg->wlock);
	node->wlock = cfg->wlock;
	list_add_tail_rcu(&node->list, &cfg->nodes);
	hlist_add_head(&node->named, &cfg->names[hasw_node_hash(node->name)]);
	cfg->n_nodes++;
	if (!node->self)
		return;
	/* The node is complete before packets read cfg->self. Pairs with
	 * READ_ONCE(cfg->self) in forward/ and in flow/.
	 */
	smp_store_release(&cfg->self, node);
}

static bool hasw_node_hop_is(const struct hasw_node *node, const u8 *lladdr,
			     const struct hasw_wlock *wlock)
{
	const struct hasw_hop *hop;
	int i;

	for (i = 0; i < HASW_HOPS; i++) {
		hop = rcu_dereference_check(node->neigh[i].hop,
					    hasw_wlock_held(wlock));
		if (hop && ether_addr_equal(hop->eth.h.h_dest, lladdr))
			return true;
	}
	return false;
}

/**
 * hasw_node_by_lladdr() - finds the node that has the given link-layer address
 * @cfg: configuration
 * @lladdr: the link-layer address, of ETH_ALEN bytes
 *
 * A node to which this machine sends by the address goes before one whose
 * heartbeats list it. The function walks all nodes, so it is too slow to be
 * called for each packet.
 *
 * Context: RCU read side, or hasw_net.mutex held.
 * Return: the node, or NULL.
 */
const struct hasw_node *hasw_node_by_lladdr(const struct hasw_config *cfg,
					    const u8 *lladdr)
{
	const struct hasw_wlock *wlock = &cfg->wlock;
	const struct hasw_node *node, *listed = NULL;

	list_for_each_entry_rcu(node, &cfg->nodes, list,
				hasw_wlock_held(wlock)) {
		if (hasw_node_hop_is(node, lladdr, wlock))
			return node;
		if (!listed && hasw_lladdrs_have(node->lladdrs, lladdr))
			listed = node;
	}
	return listed;
}

/**
 * hasw_node_del() - deletes a node and frees it after an RCU grace period
 * @cfg: configuration
 * @node: the node, which no other object of @cfg uses
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_node_del(struct hasw_config *cfg, struct hasw_node *node)
{
	hasw_wlock_assert(&cfg->wlock);
	hlist_nulls_del_init_rcu(&node->at[HASW_HOP4]);
	hlist_nulls_del_init_rcu(&node->at[HASW_HOP6]);
	hlist_del(&node->named);
	list_del_rcu(&node->list);
	cfg->n_nodes--;
	if (cfg->self == node)
		WRITE_ONCE(cfg->self, NULL);
	hasw_hop_drop(node);
	hasw_evidence_changed(cfg);
	hasw_node_free_later(node);
}
