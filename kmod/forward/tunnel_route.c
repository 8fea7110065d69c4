// SPDX-License-Identifier: GPL-2.0
/* Packets to a member with `via` tunnel, gue or nat use a cached route to the
 * member's node. Each CPU looks up and caches the route separately. Strays do
 * not use this cache.
 */
#include <linux/netfilter.h>
#include <net/ip6_route.h>
#include <net/route.h>

#include "compat/compat.h"
#include "core/route.h"
#include "tunnel.h"

/* Sets hasw_net.routed: nodes now have cached routes, which have to be released
 * before the namespace is destroyed.
 */
static void hasw_tunnel_routed(struct net *net)
{
	struct hasw_net *hn = hasw_net_of(net);

	if (!READ_ONCE(hn->routed))
		WRITE_ONCE(hn->routed, true);
}

/* Returns the outer protocol, which selects IPsec policies. Returns 0 for
 * packets without outer headers, because xmit_nat.c looks up their policies.
 * The UDP source port is not used for the lookup: the port differs by flow, but
 * all flows share one route.
 */
static u8 hasw_tunnel_proto(enum hasw_encap_kind kind)
{
	switch (kind) {
	case HASW_ENCAP_IPV4:
		return IPPROTO_IPIP;
	case HASW_ENCAP_IPV6:
		return IPPROTO_IPV6;
	case HASW_ENCAP_GUE:
		return IPPROTO_UDP;
	default:
		return 0;
	}
}

static __be16 hasw_tunnel_port(enum hasw_encap_kind kind)
{
	return kind == HASW_ENCAP_GUE ? htons(HASWITCH_TUNNEL_PORT) : 0;
}

/* Returns whether a route can be cached. A route that waits for IPsec keys must
 * not be cached, because the cache would return the route even after the keys
 * have arrived.
 */
static bool hasw_tunnel_keeps(const struct dst_entry *dst)
{
	return !(dst->flags & DST_XFRM_QUEUE);
}

/* Drops the cached routes to a node when the number of IPsec policies has
 * changed. Adding a policy invalidates routes, but deleting one does not.
 */
static void hasw_tunnel_follow(struct net *net, struct hasw_node *node)
{
	u32 policies = hasw_route_policies(net);

	if (likely(READ_ONCE(node->policies) == policies))
		return;
	WRITE_ONCE(node->policies, policies);
	hasw_node_forget_routes(node);
}

static __always_inline int
hasw_tunnel_route4(struct hasw_tunnel_route *route, void *arg, __be32 to,
		   __be32 from)
{
	struct hasw_node *node = arg;
	struct dst_cache *cache = &node->route[route->kind][HASW_HOP4];
	struct rtable *rt = dst_cache_get_ip4(cache, &route->fl4.saddr);
	struct hasw_addrs now;
	int err;

	route->six = false;
	route->fl4.daddr = to;
	/* If the cached route has a source address other than @from, this
	 * node's own address has changed, so the route is looked up again.
	 */
	if (rt && from && route->fl4.saddr != from) {
		dst_release(&rt->dst);
		rt = NULL;
	}
	route->dst = rt ? &rt->dst : NULL;
	if (!rt) {
		route->fl4 = (struct flowi4){
			.daddr = to,
			.saddr = from,
			.flowi4_proto = hasw_tunnel_proto(route->kind),
			.fl4_dport = hasw_tunnel_port(route->kind),
		};
		err = hasw_route_find4(route->net, &route->fl4, &route->dst);
		if (err)
			return err;
		hasw_tunnel_routed(route->net);
		if (hasw_tunnel_keeps(route->dst))
			dst_cache_set_ip4(cache, route->dst, route->fl4.saddr);
		/* If the node's address has changed during the lookup, the
		 * route must not stay in the cache. Pairs with
		 * hasw_node_forget_routes().
		 */
		smp_mb();
		hasw_node_addrs(node, &now);
		if (!now.has4 || now.addr4 != to)
			dst_cache_reset(cache);
	}
	return 0;
}

static __always_inline int
hasw_tunnel_route6(struct hasw_tunnel_route *route, void *arg,
		   const struct in6_addr *to, const struct in6_addr *from)
{
	struct hasw_node *node = arg;
	struct dst_cache *cache = &node->route[route->kind][HASW_HOP6];
	struct hasw_addrs now;
	struct dst_entry *dst;
	int err;

	if (!ipv6_mod_enabled())
		return -EHOSTUNREACH;
	dst = dst_cache_get_ip6(cache, &route->fl6.saddr);
	route->six = true;
	route->fl6.daddr = *to;
	if (dst && !ipv6_addr_any(from) &&
	    !ipv6_addr_equal(&route->fl6.saddr, from)) {
		dst_release(dst);
		dst = NULL;
	}
	if (!dst) {
		route->fl6 = (struct flowi6){
			.daddr = *to,
			.saddr = *from,
			.flowi6_proto = hasw_tunnel_proto(route->kind),
			.fl6_dport = hasw_tunnel_port(route->kind),
		};
		err = hasw_route_find6(route->net, &route->fl6, &dst);
		if (err)
			return err;
		hasw_tunnel_routed(route->net);
		if (hasw_tunnel_keeps(dst))
			dst_cache_set_ip6(cache, dst, &route->fl6.saddr);
		/* The node's address might have changed during the lookup, see
		 * hasw_tunnel_route4().
		 */
		smp_mb();
		hasw_node_addrs(node, &now);
		if (!now.has6 || !ipv6_addr_equal(&now.addr6, to))
			dst_cache_reset(cache);
	}
	route->dst = dst;
	return 0;
}

/**
 * hasw_tunnel_route() - finds the cached route to a node
 * @hn: namespace
 * @node: the node
 * @six: the packet is an IPv6 packet, so an IPv6 route is preferred
 * @kind: encapsulation of the packet
 * @route: receives the route; the caller releases route->dst
 *
 * Unlike hasw_stray_route(), this function uses one route for all flows, and
 * caches it on each CPU.
 *
 * Context: RCU read side, softirqs off.
 * Return: whether there is a route that does not lead to this machine.
 */
bool hasw_tunnel_route(struct hasw_net *hn, struct hasw_node *node, bool six,
		       enum hasw_encap_kind kind,
		       struct hasw_tunnel_route *route)
{
	route->kind = kind;
	hasw_tunnel_follow(hn->net, node);
	return hasw_tunnel_find(hn, node, six, route, hasw_tunnel_route4,
				hasw_tunnel_route6, node);
}
