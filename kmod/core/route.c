// SPDX-License-Identifier: GPL-2.0
/* What IPsec makes of a route, and the packets that the stack sends by one. */
#include <net/flow.h>
#include <net/xfrm.h>

#include "route.h"

static void hasw_route_flow4(const struct hasw_route_ends *ends,
			     struct flowi4 *fl4)
{
	fl4->daddr = ends->dst.s6_addr32[3];
	fl4->saddr = ends->src.s6_addr32[3];
	if (ends->proto == IPPROTO_ICMP) {
		fl4->fl4_icmp_type = ntohs(ends->sport);
		fl4->fl4_icmp_code = ntohs(ends->dport);
	} else {
		fl4->fl4_sport = ends->sport;
		fl4->fl4_dport = ends->dport;
	}
}

static void hasw_route_flow6(const struct hasw_route_ends *ends,
			     struct flowi6 *fl6)
{
	fl6->daddr = ends->dst;
	fl6->saddr = ends->src;
	if (ends->proto == IPPROTO_ICMPV6) {
		fl6->fl6_icmp_type = ntohs(ends->sport);
		fl6->fl6_icmp_code = ntohs(ends->dport);
	} else {
		fl6->fl6_sport = ends->sport;
		fl6->fl6_dport = ends->dport;
	}
}

/**
 * hasw_route_police() - asks the policies of IPsec what becomes of a route
 * @net: namespace
 * @dst: the route that the addresses have; the caller's hold is taken over
 * @ends: who sends what to whom
 *
 * Context: RCU read side, softirqs off.
 * Return: the route to send by, held: @dst if no policy has another one; NULL if
 * nothing may leave, or there are no keys for it.
 */
struct dst_entry *hasw_route_police(struct net *net, struct dst_entry *dst,
				    const struct hasw_route_ends *ends)
{
	struct flowi fl = {
		.flowi_oif = dst->dev->ifindex,
		.flowi_mark = ends->mark,
		.flowi_proto = ends->proto,
	};

	if (ends->six)
		hasw_route_flow6(ends, &fl.u.ip6);
	else
		hasw_route_flow4(ends, &fl.u.ip4);
	dst = xfrm_lookup_route(net, dst, &fl, NULL, 0);
	if (IS_ERR(dst))
		return NULL;
	if (!hasw_route_lost(dst))
		return dst;
	dst_release(dst);
	return NULL;
}

/**
 * hasw_route_out() - has the stack send a packet by a route, as one it forwards
 * @net: namespace
 * @skb: the packet at its IP header, which is taken over
 * @dst: the route
 *
 * The packet passes POSTROUTING, and is split there if it may be. No hook of
 * OUTPUT sees it, since this node has not made it.
 *
 * Context: RCU read side, softirqs off.
 */
void hasw_route_out(struct net *net, struct sk_buff *skb,
		    struct dst_entry *dst)
{
	skb_dst_drop(skb);
	/* Who keeps it may be forgetting it just now. */
	if (unlikely(!dst_hold_safe(dst))) {
		kfree_skb(skb);
		return;
	}
	skb_dst_set(skb, dst);
	dst_output(net, NULL, skb);
}
