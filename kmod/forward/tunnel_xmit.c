// SPDX-License-Identifier: GPL-2.0
/* The outer packet of a tunnel is sent to the route's next hop, either directly
 * or through the stack.
 */
#include <linux/netfilter.h>
#include <net/ip6_route.h>
#include <net/route.h>

#include "compat/compat.h"
#include "core/route.h"
#include "tunnel.h"

/**
 * hasw_tunnel_neigh() - finds the neighbour that gets the outer packet
 * @route: the route
 *
 * Context: RCU read side, softirqs off.
 * Return: the neighbour, valid within the RCU read side; its link-layer address
 * is known, even if the kernel is probing it. A packet that fits the MTU can be
 * sent directly to this neighbour. NULL if the stack has to send the packet.
 */
struct neighbour *hasw_tunnel_neigh(const struct hasw_tunnel_route *route)
{
	if (unlikely(!hasw_route_plain_own(route->dst, route->six)))
		return NULL;
	return route->six ?
		hasw_route_neigh(route->dst, true, &route->fl6.daddr) :
		hasw_route_neigh(route->dst, false, &route->fl4.daddr);
}

/**
 * hasw_tunnel_out_to() - sends an outer packet directly to a neighbour
 * @skb: the packet at its outer header, with headroom for the link-layer
 *	header; no longer than the route's MTU, not a GSO packet; taken over
 * @route: the route; the caller keeps a reference to it until the function
 *	returns
 * @neigh: result of hasw_tunnel_neigh()
 *
 * Like every redirected packet, the packet bypasses the netfilter hooks
 * LOCAL_OUT and POST_ROUTING, but not the device's egress hooks. A stale
 * neighbour entry is probed as usual.
 *
 * Context: RCU read side, softirqs off.
 */
void hasw_tunnel_out_to(struct sk_buff *skb,
			const struct hasw_tunnel_route *route,
			struct neighbour *neigh)
{
	if (route->six) {
		ipv6_hdr(skb)->payload_len =
			htons(skb->len - sizeof(struct ipv6hdr));
	} else {
		ip_hdr(skb)->tot_len = htons(skb->len);
		ip_send_check(ip_hdr(skb));
	}
	skb->dev = route->dst->dev;
	/* The caller keeps the route alive during the call, so no reference is
	 * taken here. A device that needs the route for longer takes a
	 * reference.
	 */
	skb_dst_set_noref(skb, route->dst);
	neigh_output(neigh, skb, false);
}

/**
 * hasw_tunnel_out() - sends an outer packet
 * @net: namespace
 * @skb: the packet at its outer header, with headroom for the link-layer
 *	header, and without a route; taken over
 * @route: the route
 *
 * The packet is sent directly to the neighbour if possible. Otherwise the stack
 * sends the packet: it resolves the neighbour, and fragments the packet if
 * needed.
 *
 * Context: RCU read side, softirqs off.
 */
void hasw_tunnel_out(struct net *net, struct sk_buff *skb,
		     const struct hasw_tunnel_route *route)
{
	struct neighbour *neigh = NULL;

	if (likely(!skb_is_gso(skb) && skb->len <= dst_mtu(route->dst)))
		neigh = hasw_tunnel_neigh(route);
	if (likely(neigh)) {
		hasw_tunnel_out_to(skb, route, neigh);
		return;
	}
	skb_dst_set(skb, dst_clone(route->dst));
	if (route->six)
		ip6_local_out(net, NULL, skb);
	else
		ip_local_out(net, NULL, skb);
}
