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

/* What xfrm_lookup_route() makes of a route, whose hold it takes over. */
static int hasw_route_policed(struct net *net, struct flowi *fl,
			      struct dst_entry **dst)
{
	*dst = xfrm_lookup_route(net, *dst, fl, NULL, 0);
	if (IS_ERR(*dst))
		return -EPERM;
	if (!hasw_route_lost(*dst))
		return 0;
	dst_release(*dst);
	return -EPERM;
}

/**
 * hasw_route_find4() - the IPv4 route of what this node sends
 * @net: namespace
 * @fl4: who sends what to whom; the source is filled in if there is none. Without
 *	a protocol, policies of IPsec are not asked, as the kernel has it for IPv4
 * @dst: set to the route, held
 *
 * Both steps of the kernel's ip_route_output_flow(), so that "there is no route"
 * is told from "no policy lets it leave". The latter has many errors.
 *
 * Context: softirqs off.
 * Return: 0; -EHOSTUNREACH without a route; -EPERM if IPsec lets nothing leave, or
 * has no keys.
 */
int hasw_route_find4(struct net *net, struct flowi4 *fl4,
		     struct dst_entry **dst)
{
	struct rtable *rt = __ip_route_output_key(net, fl4);

	if (IS_ERR(rt))
		return -EHOSTUNREACH;
	*dst = &rt->dst;
	if (!fl4->flowi4_proto)
		return 0;
	fl4->flowi4_oif = rt->dst.dev->ifindex;
	return hasw_route_policed(net, flowi4_to_flowi(fl4), dst);
}

/**
 * hasw_route_find6() - the IPv6 route of what this node sends
 * @net: namespace
 * @fl6: as hasw_route_find4()
 * @dst: as there
 *
 * Context: softirqs off; IPv6 is there.
 * Return: as hasw_route_find4().
 */
int hasw_route_find6(struct net *net, struct flowi6 *fl6,
		     struct dst_entry **dst)
{
	if (ip6_dst_lookup(net, NULL, dst, fl6))
		return -EHOSTUNREACH;
	return fl6->flowi6_proto ?
	       hasw_route_policed(net, flowi6_to_flowi(fl6), dst) : 0;
}

/**
 * hasw_route_by_dev() - the route to a neighbour that only a device leads to
 * @net: namespace
 * @dev: the device
 * @to: the neighbour; IPv4 as v4-mapped
 * @six: it is an IPv6 one
 *
 * For who knows the neighbour, and asks what IPsec makes of it. No policy is asked
 * here. The kernel takes an IPv4 address without a route for one on that link.
 *
 * Context: softirqs off; with @six, IPv6 is there.
 * Return: the route, held; NULL if there is none.
 */
struct dst_entry *hasw_route_by_dev(struct net *net,
				    const struct net_device *dev,
				    const struct in6_addr *to, bool six)
{
	struct flowi4 fl4 = {
		.daddr = to->s6_addr32[3], .flowi4_oif = dev->ifindex,
	};
	struct flowi6 fl6 = {
		.daddr = *to, .flowi6_oif = dev->ifindex,
	};
	struct dst_entry *dst;
	int err;

	if (six)
		err = hasw_route_find6(net, &fl6, &dst);
	else
		err = hasw_route_find4(net, &fl4, &dst);
	return err ? NULL : dst;
}

/**
 * hasw_route_police() - asks the policies of IPsec what becomes of a route
 * @net: namespace
 * @dst: the route that the addresses have; the caller's hold is taken over
 * @ends: who sends what to whom
 *
 * Context: softirqs off.
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
	return hasw_route_policed(net, &fl, &dst) ? NULL : dst;
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
