// SPDX-License-Identifier: GPL-2.0
/* Route lookup with IPsec policies, and sending packets through the stack. */
#include <linux/inetdevice.h>
#include <net/addrconf.h>
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

/* Applies IPsec policies: replaces the route *@dst by the result of
 * xfrm_lookup_route(), which consumes the reference to the old route. Returns 0
 * on success. Returns -EPERM on failure, and *@dst is then invalid and holds no
 * reference.
 */
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
 * hasw_route_find4() - looks up the IPv4 route of a packet that this node sends
 * @net: namespace
 * @fl4: the flow; if its source address is 0, the function fills in the
 *	address. If its protocol is 0, the function does not apply IPsec
 *	policies, as in ip_route_output_flow()
 * @dst: set to the route, with a reference
 *
 * ip_route_output_flow() looks up the route and applies IPsec policies, but its
 * errors do not distinguish a missing route from a blocking policy. So this
 * function performs the two steps itself.
 *
 * Context: softirqs off.
 * Return: 0; -EHOSTUNREACH without a route; -EPERM if the matching IPsec policy
 * blocks the packet or has no keys, or if the policy lookup fails.
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
 * hasw_route_find6() - looks up the IPv6 route of a packet that this node sends
 * @net: namespace
 * @fl6: the flow; its source address and protocol are treated as those of @fl4
 *	in hasw_route_find4()
 * @dst: set to the route, with a reference
 *
 * Context: softirqs off; ipv6_mod_enabled() is true.
 * Return: the same values as hasw_route_find4().
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
 * hasw_route_is_local6() - returns whether the stack would deliver packets to
 *	an IPv6 address on this node
 * @net: namespace
 * @addr: the address
 *
 * Local routes are checked as well as addresses: an administrator with very
 * many vips can set them up as local routes instead of addresses. For IPv4, the
 * kernel's own inet_addr_type() checks both.
 *
 * Context: softirqs off; ipv6_mod_enabled() is true.
 */
bool hasw_route_is_local6(struct net *net, const struct in6_addr *addr)
{
	struct flowi6 fl6 = { .daddr = *addr };
	struct dst_entry *dst;
	bool local;

	if (ipv6_chk_addr(net, addr, NULL, 0))
		return true;
	dst = ip6_route_output(net, NULL, &fl6);
	local = !dst->error && hasw_rt6_info(dst)->rt6i_flags & RTF_LOCAL;
	dst_release(dst);
	return local;
}

/**
 * hasw_route_early4() - returns whether an IPv4 address is local only by haswitch
 *	devices, which carry the addresses of vips
 * @hn: namespace
 * @addr: an address that is not a vip in the configuration
 *
 * If the result is true, @addr is a vip that is not in the configuration yet,
 * or was deleted from it. Another node might hold the vip, so this node must
 * not answer for it: neither to ARP requests nor to packets.
 *
 * Devices of kind haswitch are in no VRF, see hasw_dev_events_vrf(). Another
 * host of a VRF may have the address, so devices in VRFs do not count.
 *
 * Context: RCU read side.
 */
bool hasw_route_early4(const struct hasw_net *hn, __be32 addr)
{
	struct net *net = hn->net;
	struct net_device *dev;
	bool early = false;

	if (!READ_ONCE(hn->links))
		return false;
	/* One lookup is enough for an address of any other device. */
	dev = __ip_dev_find(net, addr, false);
	if (!dev || (!hasw_dev_is_link(dev) && !hasw_dev_in_vrf(dev)))
		return false;
	for_each_netdev_rcu(net, dev) {
		if (hasw_dev_in_vrf(dev) ||
		    inet_dev_addr_type(net, dev, addr) != RTN_LOCAL)
			continue;
		if (!hasw_dev_is_link(dev))
			return false;
		early = true;
	}
	return early;
}

/**
 * hasw_route_early6() - returns whether an IPv6 address is local only by haswitch
 *	devices, as hasw_route_early4() does
 * @hn: namespace
 * @dst: the route of a packet to the address
 * @addr: an address that is not a vip in the configuration
 *
 * Context: RCU read side; ipv6_mod_enabled() is true.
 */
bool hasw_route_early6(const struct hasw_net *hn, struct dst_entry *dst,
		       const struct in6_addr *addr)
{
	const struct rt6_info *rt = hasw_rt6_info(dst);
	struct net *net = hn->net;
	struct net_device *dev;

	if (!READ_ONCE(hn->links) || dst->error ||
	    !(rt->rt6i_flags & RTF_LOCAL))
		return false;
	/* The device of a local route is that of the address. */
	if (likely(!rt->rt6i_idev || !hasw_dev_is_link(rt->rt6i_idev->dev)))
		return false;
	for_each_netdev_rcu(net, dev) {
		if (!hasw_dev_is_link(dev) && !hasw_dev_in_vrf(dev) &&
		    ipv6_chk_addr(net, addr, dev, 1))
			return false;
	}
	return true;
}

/**
 * hasw_route_by_dev() - looks up the route to an address through a device
 * @net: namespace
 * @dev: the device
 * @to: the address; IPv4 as v4-mapped
 * @six: @to is an IPv6 address
 *
 * IPsec policies are not applied; see hasw_route_police(). If an IPv4 address
 * has no route, the kernel assumes that the address is on the device's link,
 * and returns a route for it.
 *
 * Context: softirqs off; with @six, ipv6_mod_enabled() is true.
 * Return: the route, with a reference; NULL without a route.
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
 * hasw_route_police() - applies IPsec policies to a route
 * @net: namespace
 * @dst: route to which no policy was applied; the caller's reference is
 *	consumed
 * @ends: the packet's addresses, ports and other values, by which policies
 *	select packets
 *
 * Context: softirqs off.
 * Return: the route to use, with a reference; it is @dst if no policy matches.
 * NULL if the matching policy blocks the packet or has no keys, or if the
 * policy lookup fails.
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
 * hasw_route_out() - sends a packet by dst_output(), as a forwarded packet
 * @net: namespace
 * @skb: the packet, whose data begin with its IP header; consumed
 * @dst: the route; the function takes a reference of its own
 *
 * The packet traverses the POSTROUTING hooks. If it is too long for the route,
 * it is fragmented after these hooks, unless it forbids fragmentation. It
 * bypasses the OUTPUT hooks, because this node only forwards it.
 *
 * Context: RCU read side, softirqs off.
 */
void hasw_route_out(struct net *net, struct sk_buff *skb,
		    struct dst_entry *dst)
{
	skb_dst_drop(skb);
	/* The caller's route may come from a cache that is releasing the route
	 * concurrently. If no reference can be taken, the packet is dropped.
	 */
	if (unlikely(!dst_hold_safe(dst))) {
		kfree_skb(skb);
		return;
	}
	skb_dst_set(skb, dst);
	dst_output(net, NULL, skb);
}
