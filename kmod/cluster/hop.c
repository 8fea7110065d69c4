// SPDX-License-Identifier: GPL-2.0
/* The next hop to a node: a snapshot of its neighbour entry. */
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/if_macvlan.h>
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/arp.h>
#include <net/fib_notifier.h>
#include <net/ip_fib.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/netevent.h>
#include <net/route.h>

#include "compat/compat.h"
#include "core/budget.h"
#include "core/route.h"
#include "hop.h"
#include "node.h"

/* Delay of a lookup after a route change, jiffies. Because of the delay, one
 * lookup covers many route changes.
 */
#define HASW_HOP_FIB_DELAY (HZ / 50)

/* Number of attempts to register the FIB notifier, 20 ms apart. An attempt
 * fails if routes change meanwhile.
 */
#define HASW_HOP_FIB_TRIES 250

/* Schedules a lookup of all next hops after @delay jiffies, unless the
 * namespace is being destroyed. Devices and routes still change during the
 * destruction, but must not cause lookups.
 */
static void hasw_hop_later(struct hasw_net *hn, unsigned long delay)
{
	if (READ_ONCE(hn->closing))
		return;
	/* An immediate lookup replaces a delayed lookup that is already
	 * scheduled.
	 */
	if (delay)
		queue_delayed_work(hasw_wq, &hn->hop.work, delay);
	else
		mod_delayed_work(hasw_wq, &hn->hop.work, 0);
}

static void hasw_hop_free_rcu(struct rcu_head *rcu)
{
	struct hasw_hop *hop = container_of(rcu, struct hasw_hop, rcu);

	netdev_put(hop->dev, &hop->tracker);
	kfree(hop);
}

/* Returns the snapshot of a next hop. The caller holds hasw_net.mutex. */
static struct hasw_hop *hasw_neigh_hop(const struct hasw_node *node, int i)
{
	return rcu_dereference_protected(node->neigh[i].hop,
					 hasw_wlock_held(&node->wlock));
}

/* Sets the snapshots that packets use. If a family has no snapshot, its packets
 * use the snapshot of the other family: an Ethernet frame to the node can carry
 * packets of either family.
 */
static void hasw_hop_publish(struct hasw_node *node)
{
	struct hasw_hop *hop4 = hasw_neigh_hop(node, HASW_HOP4);
	struct hasw_hop *hop6 = hasw_neigh_hop(node, HASW_HOP6);

	rcu_assign_pointer(node->hop[HASW_HOP4], hop4 ?: hop6);
	rcu_assign_pointer(node->hop[HASW_HOP6], hop6 ?: hop4);
}

static bool hasw_hop_same(const struct hasw_hop *a, const struct hasw_hop *b)
{
	return a && b && a->dev == b->dev && a->mtu == b->mtu &&
	       a->prebuilt == b->prebuilt &&
	       !memcmp(&a->eth, &b->eth, sizeof(a->eth));
}

/* Replaces the snapshot of a next hop and returns the old snapshot. The caller
 * then calls hasw_hop_publish(), and frees the old snapshot after a grace
 * period.
 */
static struct hasw_hop *hasw_neigh_set_hop(struct hasw_node *node, int i,
					   struct hasw_hop *hop)
{
	struct hasw_hop *old = hasw_neigh_hop(node, i);

	rcu_assign_pointer(node->neigh[i].hop, hop);
	return old;
}

/* Returns whether the link-layer header of a device's packets is an Ethernet
 * header. VLAN and macvlan devices have the header made by their lower device.
 * A VLAN device inserts the tag when it sends a packet whose header has none.
 * The caller holds a reference on @dev, which holds one on its lower device.
 */
static bool hasw_hop_ethernet(const struct net_device *dev)
{
	while (dev->header_ops) {
		if (dev->header_ops->create == eth_header)
			return true;
		if (is_vlan_dev(dev))
			dev = vlan_dev_real_dev(dev);
		else if (netif_is_macvlan(dev))
			dev = macvlan_dev_real_dev(dev);
		else
			return false;
	}
	return false;
}

/* Makes a snapshot of a next hop, so that packets need no neighbour lookup.
 * Returns NULL if the allocation fails, or if @dev is down or is not an
 * Ethernet device.
 */
static struct hasw_hop *hasw_hop_new(struct net_device *dev, const u8 *lladdr,
				     u32 mtu)
{
	struct hasw_hop *hop;

	if (dev->type != ARPHRD_ETHER || !(dev->flags & IFF_UP))
		return NULL;
	hop = kzalloc(sizeof(*hop), GFP_KERNEL_ACCOUNT);
	if (!hop)
		return NULL;
	hop->dev = dev;
	hop->mtu = min_t(u32, mtu, dev->mtu);
	hop->prebuilt = hasw_hop_ethernet(dev);
	ether_addr_copy(hop->eth.h.h_dest, lladdr);
	ether_addr_copy(hop->eth.h.h_source, dev->dev_addr);
	netdev_hold(dev, &hop->tracker, GFP_KERNEL);
	return hop;
}

/* Containers pin at most this share of a neighbour table. */
#define HASW_NEIGH_SHARE 4

/* Time until a next hop is looked up again for which a neighbour table had no
 * room, jiffies.
 */
#define HASW_NEIGH_AGAIN (5 * HZ)

/* Numbers of entries that containers have pinned in the ARP table and in the
 * neighbour table of IPv6. The numbers are global because these tables are.
 */
static atomic_t hasw_neigh_charged[HASW_HOPS];

/* Charges a next hop to the share of the containers, if its namespace belongs
 * to a container. The kernel cannot reclaim a pinned entry, and a full table
 * keeps all namespaces from resolving neighbours. Returns whether the next hop
 * may pin an entry. hasw_neigh_unpin() ends the charge.
 */
static bool hasw_neigh_charge(const struct hasw_net *hn,
			      struct hasw_neigh_state *state, int i)
{
	const struct neigh_table *table = &arp_tbl;

	if (state->charged || !hasw_budget_limited(hn))
		return true;
#if IS_ENABLED(CONFIG_IPV6)
	if (i == HASW_HOP6)
		table = &nd_tbl;
#endif
	state->charged = atomic_inc_return(&hasw_neigh_charged[i]) <=
			 READ_ONCE(table->gc_thresh3) / HASW_NEIGH_SHARE;
	if (!state->charged)
		atomic_dec(&hasw_neigh_charged[i]);
	return state->charged;
}

static void hasw_neigh_drop(struct hasw_neigh_state *state)
{
	struct neighbour *neigh = state->neigh;

	if (!neigh)
		return;
	WRITE_ONCE(state->neigh, NULL);
	/* An entry that an administrator has made permanent or NOARP since it
	 * was pinned is left unchanged.
	 */
	if (state->managed && neigh->flags & NTF_MANAGED &&
	    !(neigh->nud_state & (NUD_PERMANENT | NUD_NOARP)))
		neigh_update(neigh, NULL, 0,
			     hasw_neigh_flags(neigh) | NEIGH_UPDATE_F_USE, 0);
	state->managed = false;
	neigh_release(neigh);
}

static void hasw_neigh_unpin(struct hasw_neigh_state *state, int i)
{
	hasw_neigh_drop(state);
	if (state->charged)
		atomic_dec(&hasw_neigh_charged[i]);
	state->charged = false;
}

/* Pins a neighbour entry and sets NTF_MANAGED in it. The kernel then keeps the
 * entry resolved, so that the first packet after a switch does not wait for
 * ARP. A permanent or NOARP entry needs no NTF_MANAGED. The function takes over
 * the caller's reference to the entry. An administrator's change of the entry
 * can clear NTF_MANAGED. So each lookup calls this function, even if the entry
 * is already pinned.
 */
static void hasw_neigh_pin(struct hasw_neigh_state *state,
			   struct neighbour *neigh)
{
	if (state->neigh == neigh && !neigh->dead) {
		neigh_release(neigh);
	} else {
		hasw_neigh_drop(state);
		WRITE_ONCE(state->neigh, neigh);
	}
	if (neigh->nud_state & (NUD_PERMANENT | NUD_NOARP))
		return;
	if (!(neigh->flags & NTF_MANAGED)) {
		neigh_update(neigh, NULL, 0,
			     hasw_neigh_flags(neigh) | NEIGH_UPDATE_F_MANAGED,
			     0);
		state->managed = true;
	}
	if (!(READ_ONCE(neigh->nud_state) & NUD_VALID))
		neigh_event_send(neigh, NULL);
}

/* hasw_hop_route4() and hasw_hop_route6() return the device of the route to an
 * address. They return NULL if the address is not on-link, that is, if its
 * route has a gateway or a lightweight tunnel. They set @routed to whether
 * there is a route at all. IPsec policies are not checked here. With `via
 * direct`, no check is needed: a packet keeps the vip as its destination, and
 * this node sends it without a route lookup. With `via nat`, xmit_nat.c checks
 * the policies of each flow.
 *
 * ICMP messages can add exceptions to a FIB entry, with another gateway or a
 * smaller MTU. Such messages are easily forged, and an exception would affect
 * all clients. So hasw_hop_route4() ignores all exceptions. hasw_hop_route6()
 * ignores the MTU of exceptions, but not their gateway, because an IPv6
 * redirect must come from a router.
 */
static struct net_device *hasw_hop_route4(struct net *net, __be32 addr,
					  u32 *mtu, bool *routed)
{
	struct flowi4 fl4 = {
		.daddr = addr,
		.flowi4_iif = LOOPBACK_IFINDEX,
	};
	struct net_device *dev = NULL;
	struct fib_result res = {};

	rcu_read_lock();
	*routed = !fib_lookup(net, &fl4, &res, 0) && res.type == RTN_UNICAST;
	if (*routed && !res.nhc->nhc_gw_family &&
	    hasw_route_linked(res.nhc->nhc_dev, res.nhc->nhc_lwtstate))
		dev = res.nhc->nhc_dev;
	if (dev) {
		dev_hold(dev);
		*mtu = res.fi->fib_mtu ?: READ_ONCE(dev->mtu);
	}
	rcu_read_unlock();
	return dev;
}

static struct net_device *hasw_hop_route6(struct net *net,
					  const struct in6_addr *addr, u32 *mtu,
					  bool *routed)
{
	struct flowi6 fl6 = { .daddr = *addr };
	struct net_device *dev = NULL;
	const struct fib6_info *from;
	struct dst_entry *dst;
	struct rt6_info *rt;

	*routed = false;
	if (!ipv6_mod_enabled())
		return NULL;
	dst = ip6_route_output(net, NULL, &fl6);
	rt = container_of(dst, struct rt6_info, dst);
	*routed = !dst->error &&
		  !(rt->rt6i_flags & (RTF_REJECT | RTF_LOCAL));
	if (*routed && hasw_route_linked(dst->dev, dst->lwtstate) &&
	    !(rt->rt6i_flags & RTF_GATEWAY)) {
		dev = dst->dev;
		dev_hold(dev);
		rcu_read_lock();
		from = rcu_dereference(rt->from);
		*mtu = from ? READ_ONCE(from->fib6_pmtu) : 0;
		rcu_read_unlock();
		*mtu = *mtu ?: ip6_dst_mtu_maybe_forward(dst, true);
	}
	dst_release(dst);
	return dev;
}

/* Returns the device of the route to the node's address of family @i, with a
 * reference. Returns NULL if the address is not on-link. Sets @mtu to the MTU
 * of the route, and hasw_neigh_state.routed.
 */
static struct net_device *hasw_hop_route(struct net *net,
					 struct hasw_node *node, int i,
					 u32 *mtu)
{
	struct net_device *dev;
	bool routed;

	dev = i == HASW_HOP4 ?
	      hasw_hop_route4(net, node->addr4, mtu, &routed) :
	      hasw_hop_route6(net, &node->addr6, mtu, &routed);
	WRITE_ONCE(node->neigh[i].routed, routed);
	return dev;
}

/* Looks up the next hop to the node's address of family @i, and pins its
 * neighbour entry. A node with a configured link-layer address needs no
 * neighbour entry. Returns a new snapshot, or NULL if the next hop is
 * unresolved.
 */
static struct hasw_hop *hasw_neigh_lookup(struct hasw_net *hn,
					  struct hasw_node *node, int i)
{
	struct hasw_neigh_state *state = &node->neigh[i];
	struct hasw_hop *hop = NULL;
	struct neighbour *neigh;
	struct net_device *dev;
	u8 lladdr[MAX_ADDR_LEN];
	u32 mtu;

	state->reach = HASWITCH_REACH_NONE;
	if (node->self || !(i == HASW_HOP4 ? node->has4 : node->has6)) {
		hasw_neigh_unpin(state, i);
		WRITE_ONCE(state->routed, false);
		return NULL;
	}
	if (node->dev[0]) {
		hasw_neigh_unpin(state, i);
		/* Packets via tunnel, gue and nat are routed nevertheless. */
		dev = hasw_hop_route(hn->net, node, i, &mtu);
		dev_put(dev);
		state->reach = HASWITCH_REACH_NO_ROUTE;
		dev = dev_get_by_name(hn->net, node->dev);
		if (!dev)
			return NULL;
		hop = hasw_hop_new(dev, node->lladdr, dev->mtu);
		dev_put(dev);
		goto out;
	}
	state->reach = HASWITCH_REACH_NO_ROUTE;
	dev = hasw_hop_route(hn->net, node, i, &mtu);
	if (!dev) {
		hasw_neigh_unpin(state, i);
		return NULL;
	}
	if (!hasw_neigh_charge(hn, state, i))
		neigh = ERR_PTR(-ENOBUFS);
	else if (i == HASW_HOP4)
		neigh = __neigh_lookup_errno(&arp_tbl, &node->addr4, dev);
	else
		neigh = __neigh_lookup_errno(&nd_tbl, &node->addr6, dev);
	if (IS_ERR(neigh)) {
		if (PTR_ERR(neigh) == -ENOBUFS)
			state->reach = HASWITCH_REACH_TABLE_FULL;
		hasw_neigh_unpin(state, i);
		dev_put(dev);
		return NULL;
	}
	hasw_neigh_pin(state, neigh);
	state->reach = HASWITCH_REACH_RESOLVING;
	neigh_ha_snapshot(lladdr, neigh, dev);
	if (READ_ONCE(neigh->nud_state) & NUD_VALID)
		hop = hasw_hop_new(dev, lladdr, mtu);
	dev_put(dev);
out:
	if (hop)
		state->reach = HASWITCH_REACH_RESOLVED;
	return hop;
}

/**
 * hasw_hop_refresh_node() - looks up the next hops of a node again
 * @hn: namespace
 * @cfg: the configuration that the node is in
 * @node: the node
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_hop_refresh_node(struct hasw_net *hn, struct hasw_config *cfg,
			   struct hasw_node *node)
{
	struct hasw_hop *old[HASW_HOPS] = {}, *hop;
	int i;

	lockdep_assert_held(&hn->mutex);
	for (i = 0; i < HASW_HOPS; i++) {
		hop = hasw_neigh_lookup(hn, node, i);
		if (hasw_hop_same(hop, hasw_neigh_hop(node, i))) {
			netdev_put(hop->dev, &hop->tracker);
			kfree(hop);
			continue;
		}
		old[i] = hasw_neigh_set_hop(node, i, hop);
	}
	hasw_hop_publish(node);
	if (node->neigh[HASW_HOP4].reach == HASWITCH_REACH_TABLE_FULL ||
	    node->neigh[HASW_HOP6].reach == HASWITCH_REACH_TABLE_FULL)
		hasw_hop_later(hn, HASW_NEIGH_AGAIN);
	hasw_evidence_neighs(hn, cfg, node);
	for (i = 0; i < HASW_HOPS; i++)
		if (old[i])
			call_rcu(&old[i]->rcu, hasw_hop_free_rcu);
}

/**
 * hasw_hop_refresh() - looks up the next hops of all nodes again
 * @hn: namespace
 * @cfg: the live configuration
 *
 * Context: process, hasw_net.mutex held; may sleep. The callers, a work item
 * and hasw_config_apply(), hold no spin lock and are not in an RCU read side.
 */
void hasw_hop_refresh(struct hasw_net *hn, struct hasw_config *cfg)
{
	struct hasw_node *node;

	lockdep_assert_held(&hn->mutex);
	/* If a device is being closed, the kernel can delete the device's
	 * routes before this module receives NETDEV_DOWN. The lookup below then
	 * drops the next hops, so the carrier evidence is updated first.
	 */
	hasw_evidence_down(hn, cfg, NULL);
	list_for_each_entry(node, &cfg->nodes, list) {
		hasw_hop_refresh_node(hn, cfg, node);
		cond_resched();
	}
}

static void hasw_hop_drop_neigh(struct hasw_node *node, int i)
{
	struct hasw_hop *old;

	hasw_neigh_unpin(&node->neigh[i], i);
	node->neigh[i].reach = HASWITCH_REACH_NONE;
	old = hasw_neigh_set_hop(node, i, NULL);
	hasw_hop_publish(node);
	if (old)
		call_rcu(&old->rcu, hasw_hop_free_rcu);
}

/**
 * hasw_hop_drop() - drops the next hops of a node
 * @node: the node
 *
 * If a restore has moved the next hops to the node's twin, the function does
 * nothing.
 *
 * Context: process; hasw_net.mutex held, unless the configuration is not
 * shared.
 */
void hasw_hop_drop(struct hasw_node *node)
{
	int i;

	if (node->hops_moved)
		return;
	for (i = 0; i < HASW_HOPS; i++)
		hasw_hop_drop_neigh(node, i);
}

/**
 * hasw_hop_move() - gives the next hops of a node to its twin
 * @hn: namespace
 * @to: node without next hops, which no packet reads yet
 * @from: node of the live configuration
 *
 * The next hops are moved so that a restore does not wait for ARP. Packets use
 * the next hops of @from until the restore is published. So @from keeps its
 * pointers to the next hops, and a moved next hop must not be released before
 * the publication. After the restore, hasw_config_apply() calls
 * hasw_hop_refresh(), which replaces next hops that changed meanwhile.
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_hop_move(struct hasw_net *hn, struct hasw_node *to,
		   struct hasw_node *from)
{
	lockdep_assert_held(&hn->mutex);
	spin_lock_bh(&hn->state_lock);
	memcpy(to->neigh, from->neigh, sizeof(to->neigh));
	hasw_node_move_lladdrs(hn, to, from);
	hasw_node_set_unreached(hn, to, from->unresolved, from->unrouted);
	spin_unlock_bh(&hn->state_lock);
	from->hops_moved = true;
	hasw_hop_publish(to);
}

/**
 * hasw_hop_known() - returns whether a node has a next hop, or waits for its
 *	resolution
 * @node: the node
 *
 * Context: process, hasw_net.mutex held.
 */
bool hasw_hop_known(const struct hasw_node *node)
{
	int i;

	hasw_wlock_assert(&node->wlock);
	for (i = 0; i < HASW_HOPS; i++)
		if (node->neigh[i].neigh || hasw_neigh_hop(node, i))
			return true;
	return false;
}

/**
 * hasw_hop_solicit() - starts to resolve the link-layer addresses of a node
 * @node: the node, which lacks a next hop for a packet
 *
 * Context: RCU read side, softirq or process.
 */
void hasw_hop_solicit(const struct hasw_node *node)
{
	struct neighbour *neigh;
	int i;

	for (i = 0; i < HASW_HOPS; i++) {
		neigh = READ_ONCE(node->neigh[i].neigh);
		if (neigh)
			neigh_event_send(neigh, NULL);
	}
}

/**
 * hasw_hop_forget() - resolves again what a node's heartbeats no longer list
 * @node: the node
 * @before: what hasw_node.lladdrs was before
 *
 * The kernel asks by broadcast, and does not wait until its probes of a card
 * without a link have failed. An address that was never listed can be a
 * proxy's, and is kept.
 *
 * Context: RCU read side, softirqs off.
 */
void hasw_hop_forget(const struct hasw_node *node, const u64 *before)
{
	u8 lladdr[MAX_ADDR_LEN];
	struct neighbour *neigh;
	int i;

	for (i = 0; i < HASW_HOPS; i++) {
		neigh = READ_ONCE(node->neigh[i].neigh);
		if (!neigh || neigh->dev->type != ARPHRD_ETHER ||
		    !(READ_ONCE(neigh->nud_state) & NUD_VALID))
			continue;
		neigh_ha_snapshot(lladdr, neigh, neigh->dev);
		if (!hasw_lladdrs_have(before, lladdr) ||
		    hasw_lladdrs_have(node->lladdrs, lladdr))
			continue;
		neigh_update(neigh, NULL, NUD_NONE, NEIGH_UPDATE_F_OVERRIDE, 0);
		neigh_event_send(neigh, NULL);
	}
}

static void hasw_hop_work(struct work_struct *work)
{
	struct hasw_net *hn =
		container_of(work, struct hasw_net, hop.work.work);

	mutex_lock(&hn->mutex);
	if (!hn->closing)
		hasw_hop_refresh(hn, hasw_config_live(hn));
	mutex_unlock(&hn->mutex);
}

/* Handles a change of a neighbour entry. If a node's next hop uses the entry,
 * the evidence is updated, and the next hops are looked up again. Softirq or
 * process context.
 */
static int hasw_hop_netevent(struct notifier_block *nb, unsigned long event,
			     void *ptr)
{
	const struct neighbour *neigh = ptr;
	struct hasw_config *cfg;
	struct in6_addr addr;
	struct hasw_node *node;
	struct hasw_net *hn;
	u16 family;
	int i;

	if (event != NETEVENT_NEIGH_UPDATE)
		return NOTIFY_DONE;
	/* The node is looked up by the entry's address, because a check of all
	 * nodes for each changed entry would take too long. Any host on the
	 * link can make the kernel create and change neighbour entries.
	 */
	family = neigh->tbl->family;
	if (family == AF_INET) {
		i = HASW_HOP4;
		ipv6_addr_set_v4mapped(*(__be32 *)neigh->primary_key, &addr);
	} else if (family == AF_INET6) {
		i = HASW_HOP6;
		addr = *(struct in6_addr *)neigh->primary_key;
	} else {
		return NOTIFY_DONE;
	}
	hn = hasw_net_of(dev_net(neigh->dev));
	rcu_read_lock();
	cfg = rcu_dereference(hn->config);
	if (!cfg)
		goto out;
	node = hasw_node_at(cfg, &addr, family);
	if (node && READ_ONCE(node->neigh[i].neigh) == neigh) {
		hasw_evidence_neigh(hn, cfg, node, i, neigh);
		hasw_hop_later(hn, 0);
	}
out:
	rcu_read_unlock();
	return NOTIFY_DONE;
}

static struct notifier_block hasw_hop_netevent_nb = {
	.notifier_call = hasw_hop_netevent,
};

/* Drops all next hops through a device. Otherwise the device's unregistration
 * would wait for the references of the next hops. Under rtnl.
 */
static void hasw_hop_drop_dev(struct hasw_net *hn,
			      const struct net_device *dev)
{
	struct hasw_config *cfg;
	struct hasw_node *node;
	struct hasw_hop *hop;
	int i;

	ASSERT_RTNL();
	mutex_lock(&hn->mutex);
	cfg = hasw_config_live(hn);
	if (!cfg)
		goto out;
	hasw_evidence_down(hn, cfg, dev);
	list_for_each_entry(node, &cfg->nodes, list) {
		cond_resched();
		for (i = 0; i < HASW_HOPS; i++) {
			hop = hasw_neigh_hop(node, i);
			if ((hop && hop->dev == dev) ||
			    (node->neigh[i].neigh &&
			     node->neigh[i].neigh->dev == dev)) {
				hasw_hop_drop_neigh(node, i);
				node->neigh[i].reach = HASWITCH_REACH_NO_ROUTE;
			}
		}
	}
	hasw_evidence_changed(cfg);
out:
	mutex_unlock(&hn->mutex);
}

/**
 * hasw_hop_dev() - processes a netdevice notification
 * @hn: namespace
 * @dev: the device
 * @event: NETDEV_*
 *
 * Context: process, rtnl held.
 */
void hasw_hop_dev(struct hasw_net *hn, const struct net_device *dev,
		  unsigned long event)
{
	switch (event) {
	case NETDEV_DOWN:
	case NETDEV_UNREGISTER:
		/* No lookup is scheduled here, because it would take new
		 * references to the device. If a node is now reached by another
		 * device, hasw_hop_fib() schedules a lookup because of the
		 * route change.
		 */
		hasw_hop_drop_dev(hn, dev);
		break;
	case NETDEV_UP:
	case NETDEV_REGISTER:
	case NETDEV_CHANGE:
	case NETDEV_CHANGEADDR:
	case NETDEV_CHANGEMTU:
	case NETDEV_CHANGENAME:
		hasw_hop_later(hn, 0);
	}
}

/* Schedules a lookup of all next hops after a route change. While no packet
 * hook is registered, no lookup is needed: hasw_hop_hooked() schedules one when
 * the hooks are registered. Atomic context.
 */
static int hasw_hop_fib(struct notifier_block *nb, unsigned long event,
			void *ptr)
{
	struct hasw_net *hn = container_of(nb, struct hasw_net, hop.fib_nb);

	if (READ_ONCE(hn->hooked))
		hasw_hop_later(hn, HASW_HOP_FIB_DELAY);
	return NOTIFY_DONE;
}

/**
 * hasw_hop_init() - registers the FIB notifier of a namespace
 * @hn: namespace
 *
 * Context: process; takes rtnl.
 * Return: 0, or a negative errno.
 */
int hasw_hop_init(struct hasw_net *hn)
{
	int err, tries = HASW_HOP_FIB_TRIES;

	INIT_DELAYED_WORK(&hn->hop.work, hasw_hop_work);
	hn->hop.fib_nb.notifier_call = hasw_hop_fib;
	/* The registration first reports all routes to the notifier. The
	 * registration fails with -EBUSY if routes change meanwhile. The loop
	 * repeats the registration, so that the module can also be loaded on a
	 * router whose many routes often change.
	 */
	do {
		err = register_fib_notifier(hn->net, &hn->hop.fib_nb, NULL,
					    NULL);
	} while (err == -EBUSY && --tries && !msleep_interruptible(20));
	return err;
}

/**
 * hasw_hop_exit() - unregisters the FIB notifier and cancels pending lookups
 * @hn: namespace; the caller has set hasw_net.closing, or nothing was ever
 *	configured
 *
 * Context: process, no lock held.
 */
void hasw_hop_exit(struct hasw_net *hn)
{
	unregister_fib_notifier(hn->net, &hn->hop.fib_nb);
	cancel_delayed_work_sync(&hn->hop.work);
}

/**
 * hasw_hop_hooked() - schedules a next-hop lookup after the hooks' registration
 * @hn: namespace
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_hop_hooked(struct hasw_net *hn)
{
	hasw_hop_later(hn, 0);
}

/**
 * hasw_hop_register() - registers the notifier of neighbour changes
 *
 * Context: process.
 * Return: 0, or a negative errno.
 */
int hasw_hop_register(void)
{
	return register_netevent_notifier(&hasw_hop_netevent_nb);
}

/**
 * hasw_hop_unregister() - unregisters the notifier of neighbour changes
 *
 * Context: process.
 */
void hasw_hop_unregister(void)
{
	unregister_netevent_notifier(&hasw_hop_netevent_nb);
}
