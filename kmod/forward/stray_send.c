// SPDX-License-Identifier: GPL-2.0
/* A stray is a client's packet that this node sends on to the vip's holder,
 * with a mark, inside a UDP datagram.
 */
#include <linux/netfilter.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/route.h>
#include <net/udp.h>

#include "compat/compat.h"
#include "core/route.h"
#include "tunnel.h"

static __always_inline int
hasw_stray_route4(struct hasw_tunnel_route *route, void *arg, __be32 to,
		  __be32 from)
{
	const __be16 *sport = arg;

	route->six = false;
	route->fl4 = (struct flowi4){
		.daddr = to,
		.saddr = from,
		.flowi4_proto = IPPROTO_UDP,
		.fl4_sport = *sport,
		.fl4_dport = htons(HASWITCH_TUNNEL_PORT),
	};
	return hasw_route_find4(route->net, &route->fl4, &route->dst);
}

static __always_inline int
hasw_stray_route6(struct hasw_tunnel_route *route, void *arg,
		  const struct in6_addr *to, const struct in6_addr *from)
{
	const __be16 *sport = arg;

	if (!ipv6_mod_enabled())
		return -EHOSTUNREACH;
	route->six = true;
	route->fl6 = (struct flowi6){
		.daddr = *to,
		.saddr = *from,
		.flowi6_proto = IPPROTO_UDP,
		.fl6_sport = *sport,
		.fl6_dport = htons(HASWITCH_TUNNEL_PORT),
	};
	return hasw_route_find6(route->net, &route->fl6, &route->dst);
}

/**
 * hasw_stray_route() - finds the route of a stray to a node
 * @hn: namespace
 * @skb: the packet at its IP header; the hash of the packet's flow selects one
 *	next hop of a multipath route
 * @node: the node
 * @six: the packet is an IPv6 packet, so an IPv6 route is preferred
 * @route: receives the route; the caller releases route->dst
 *
 * The source address is the configured address of this node, so the other nodes
 * recognise the sender. If this machine is not a configured node, the stack
 * selects the source address.
 *
 * Context: RCU read side, softirqs off.
 * Return: whether there is a route that does not lead to this machine.
 */
bool hasw_stray_route(struct hasw_net *hn, struct sk_buff *skb,
		      const struct hasw_node *node, bool six,
		      struct hasw_tunnel_route *route)
{
	__be16 sport = udp_flow_src_port(hn->net, skb, 0, 0, false);

	return hasw_tunnel_find(hn, node, six, route, hasw_stray_route4,
				hasw_stray_route6, &sport);
}

/* Adds the GUE header with the mark, and the UDP header with its checksum. */
static void hasw_tunnel_wrap(struct sk_buff *skb,
			     const struct hasw_tunnel_route *route, u64 epoch)
{
	struct hasw_gue *gue = __skb_push(skb, sizeof(*gue));
	struct udphdr *uh;

	gue->variant_hlen = HASW_GUE_VARIANT_HLEN;
	gue->proto = skb->protocol == htons(ETH_P_IP) ? IPPROTO_IPIP :
							IPPROTO_IPV6;
	gue->flags = 0;
	gue->mark = htonl(HASW_GUE_STRAY);
	gue->epoch = cpu_to_be64(epoch);
	uh = __skb_push(skb, sizeof(*uh));
	skb_reset_transport_header(skb);
	uh->source = route->six ? route->fl6.fl6_sport : route->fl4.fl4_sport;
	uh->dest = htons(HASWITCH_TUNNEL_PORT);
	uh->len = htons(skb->len);
	uh->check = 0;
	if (route->six)
		udp6_set_csum(false, skb, &route->fl6.saddr, &route->fl6.daddr,
			      skb->len);
	else
		udp_set_csum(false, skb, route->fl4.saddr, route->fl4.daddr,
			     skb->len);
}

/**
 * hasw_tunnel_send() - sends a packet to another node as a marked stray
 * @hn: namespace
 * @skb: the packet at its IP header, not a GSO packet; taken over
 * @route: the route
 * @epoch: value of hasw_gue.epoch
 *
 * Context: RCU read side, softirqs off.
 * Return: 0 if the packet was passed to the stack, whose errors are not
 * reported; -ENOMEM or -EMSGSIZE if the packet was freed.
 */
int hasw_tunnel_send(struct hasw_net *hn, struct sk_buff *skb,
		     const struct hasw_tunnel_route *route, u64 epoch)
{
	int err = -EMSGSIZE;
	u8 tos;

	if (!hasw_tunnel_holds(skb))
		goto err_free;
	err = -ENOMEM;
	if (skb_cow_head(skb, LL_RESERVED_SPACE(route->dst->dev) +
				      route->dst->header_len +
				      HASW_TUNNEL_ROOM))
		goto err_free;
	/* The device cannot compute the inner checksum (checksum offload),
	 * because outer headers precede it. So the inner checksum is computed
	 * here.
	 */
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    skb_csum_hwoffload_help(skb, 0))
		goto err_free;
	tos = skb->protocol == htons(ETH_P_IP) ?
		ip_hdr(skb)->tos : ipv6_get_dsfield(ipv6_hdr(skb));
	/* The outer packet must not keep the inner packet's conntrack entry,
	 * security path or route.
	 */
	skb_scrub_packet(skb, false);
	skb_dst_set(skb, dst_clone(route->dst));
	skb->ip_summed = CHECKSUM_NONE;
	hasw_tunnel_wrap(skb, route, epoch);
	tos = INET_ECN_encapsulate(tos, tos);
	/* The outer IPv4 header has no DF, so that the outer packet can be
	 * fragmented. Fragmentation is needed if the inner packet is as large
	 * as the link's MTU.
	 */
	if (route->six) {
		hasw_tunnel_header6(route, skb, IPPROTO_UDP, tos);
		ip6_local_out(hn->net, NULL, skb);
	} else {
		hasw_tunnel_header4(route, skb, IPPROTO_UDP, tos, false);
		ip_local_out(hn->net, NULL, skb);
	}
	return 0;

err_free:
	kfree_skb(skb);
	return err;
}
