// SPDX-License-Identifier: GPL-2.0
/* The route to a node that gets packets inside IP packets: looked up once, and kept for each CPU. */
#include <linux/netfilter.h>
#include <net/ip6_route.h>
#include <net/route.h>

#include "compat/compat.h"
#include "tunnel.h"

/* Nodes have routes from now on, which end before the namespace does. */
static void hasw_tunnel_routed(struct net *net)
{
	struct hasw_net *hn = hasw_net_of(net);

	if (!READ_ONCE(hn->routed))
		WRITE_ONCE(hn->routed, true);
}

static bool hasw_tunnel_route4(struct hasw_tunnel_way *way,
			       struct hasw_node *node, __be32 to, __be32 from)
{
	u8 kind = way->gue ? HASW_COVER_GUE : HASW_COVER_IP;
	struct dst_cache *cache = &node->route[kind][HASW_HOP4];
	struct rtable *rt = dst_cache_get_ip4(cache, &way->fl4.saddr);
	struct hasw_addrs now;

	way->six = false;
	way->fl4.daddr = to;
	/* This node is known by another address now. */
	if (rt && from && way->fl4.saddr != from) {
		dst_release(&rt->dst);
		rt = NULL;
	}
	if (!rt) {
		way->fl4 = (struct flowi4){
			.daddr = to, .saddr = from,
			.flowi4_proto = way->gue ? IPPROTO_UDP : IPPROTO_IPIP,
			.fl4_dport = way->gue ?
				     htons(HASWITCH_TUNNEL_PORT) : 0,
		};
		rt = ip_route_output_key(way->net, &way->fl4);
		if (IS_ERR(rt))
			return false;
		hasw_tunnel_routed(way->net);
		dst_cache_set_ip4(cache, &rt->dst, way->fl4.saddr);
		/* To an address that it has no more? Pairs with
		 * hasw_node_forget_routes().
		 */
		smp_mb();
		hasw_node_addrs(node, &now);
		if (!now.has4 || now.addr4 != to)
			dst_cache_reset(cache);
	}
	way->dst = &rt->dst;
	return true;
}

static bool hasw_tunnel_route6(struct hasw_tunnel_way *way,
			       struct hasw_node *node,
			       const struct in6_addr *to,
			       const struct in6_addr *from)
{
	u8 kind = way->gue ? HASW_COVER_GUE : HASW_COVER_IP;
	struct dst_cache *cache = &node->route[kind][HASW_HOP6];
	struct hasw_addrs now;
	struct dst_entry *dst;

	if (!ipv6_mod_enabled())
		return false;
	dst = dst_cache_get_ip6(cache, &way->fl6.saddr);
	way->six = true;
	way->fl6.daddr = *to;
	if (dst && !ipv6_addr_any(from) &&
	    !ipv6_addr_equal(&way->fl6.saddr, from)) {
		dst_release(dst);
		dst = NULL;
	}
	if (!dst) {
		way->fl6 = (struct flowi6){
			.daddr = *to, .saddr = *from,
			.flowi6_proto = way->gue ? IPPROTO_UDP : IPPROTO_IPV6,
			.fl6_dport = way->gue ?
				     htons(HASWITCH_TUNNEL_PORT) : 0,
		};
		dst = ip6_dst_lookup_flow(way->net, NULL, &way->fl6, NULL);
		if (IS_ERR(dst))
			return false;
		hasw_tunnel_routed(way->net);
		dst_cache_set_ip6(cache, dst, &way->fl6.saddr);
		/* As above. */
		smp_mb();
		hasw_node_addrs(node, &now);
		if (!now.has6 || !ipv6_addr_equal(&now.addr6, to))
			dst_cache_reset(cache);
	}
	way->dst = dst;
	return true;
}

/**
 * hasw_tunnel_route() - finds the way to a node that was found before
 * @hn: namespace
 * @node: the node
 * @six: the packet is an IPv6 one: so is the way, if there is one
 * @gue: the packet goes inside UDP
 * @way: set to the way; the caller puts way->dst
 *
 * As hasw_tunnel_way(), but with one way for all flows, kept for each CPU.
 *
 * Context: RCU read side, softirqs off.
 * Return: whether there is a way.
 */
bool hasw_tunnel_route(struct hasw_net *hn, struct hasw_node *node, bool six,
		       bool gue, struct hasw_tunnel_way *way)
{
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	const struct hasw_node *self = READ_ONCE(cfg->self);
	struct hasw_addrs to, from = {};
	bool found = false;
	int i;

	hasw_node_addrs(node, &to);
	if (self)
		hasw_node_addrs(self, &from);
	way->net = hn->net;
	way->gue = gue;
	for (i = 0; i < 2 && !found; i++, six = !six) {
		if (six)
			found = to.has6 && (!self || from.has6) &&
				hasw_tunnel_route6(way, node, &to.addr6,
						   &from.addr6);
		else
			found = to.has4 && (!self || from.has4) &&
				hasw_tunnel_route4(way, node, to.addr4,
						   from.addr4);
	}
	if (found && way->dst->dev->flags & IFF_LOOPBACK) {
		dst_release(way->dst);
		return false;
	}
	return found;
}
