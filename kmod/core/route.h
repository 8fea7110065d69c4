/* SPDX-License-Identifier: GPL-2.0 */
/* Routes: decides whether the module itself can send a packet by a route, or
 * has to leave this to the stack.
 */
#ifndef HASW_ROUTE_H
#define HASW_ROUTE_H

#include <linux/if_arp.h>
#include <linux/netdevice.h>
#include <net/arp.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ndisc.h>
#include <net/net_namespace.h>
#include <net/route.h>

#include "compat/compat.h"
#include "haswitch.h"

/**
 * struct hasw_route_ends - a packet's addresses, ports and other values by
 *	which IPsec policies select packets
 * @src: source address; IPv4 as v4-mapped
 * @dst: destination address; IPv4 as v4-mapped
 * @mark: skb->mark of the packet
 * @sport: source port; for ICMP and ICMPv6 the type of the message
 * @dport: destination port; for ICMP and ICMPv6 the code of the message
 * @proto: IP protocol
 * @six: the packet is IPv6
 */
struct hasw_route_ends {
	struct in6_addr src;
	struct in6_addr dst;
	u32 mark;
	__be16 sport;
	__be16 dport;
	u8 proto;
	bool six;
};

/**
 * hasw_route_linked() - returns whether a route's next hop is on the link of
 *	its device
 * @dev: the route's device
 * @lwt: the route's lightweight tunnel, or NULL
 *
 * The next hop is not on the link of @dev in two cases: a lightweight tunnel
 * sends the packet elsewhere, or a VRF device looks up another route.
 *
 * Context: any.
 */
static inline bool hasw_route_linked(const struct net_device *dev,
				     const struct lwtunnel_state *lwt)
{
	return !lwt && !netif_is_l3_master(dev);
}

/**
 * hasw_route_plain() - returns whether the module can send packets directly to
 *	a route's neighbour entry
 * @dst: the route
 * @six: the route is IPv6
 *
 * If the result is false, the stack has to send the packet; see
 * hasw_route_out(). The result is false for
 * - a route whose dst->output is not ip_output() or ip6_output(): IPsec
 *   bundles, some lightweight tunnels, multicast routes and blackholes;
 * - other lightweight tunnels, which redirect the packet after IP output;
 * - a VRF device;
 * - an IPv4 route with an IPv6 gateway: the cached link-layer header of the
 *   gateway's neighbour entry has the type IPv6;
 * - a tunnel device that reads the remote endpoint from the packet's route.
 *
 * A device that belongs to a VRF does not make the result false. For packets
 * that this node itself generates, see hasw_route_plain_own().
 *
 * Context: any.
 */
static inline bool hasw_route_plain(const struct dst_entry *dst, bool six)
{
	const struct net_device *dev = dst->dev;

	if (READ_ONCE(dst->output) != (six ? ip6_output : ip_output) ||
	    !hasw_route_linked(dev, dst->lwtstate))
		return false;
	if (!six &&
	    container_of(dst, struct rtable, dst)->rt_gw_family == AF_INET6)
		return false;
	/* A device without IFF_XMIT_DST_RELEASE may read the packet's route.
	 * Ethernet devices are accepted without the flag, because VLAN and
	 * bonding devices lack the flag only in case a lower device needs the
	 * route.
	 */
	return dev->priv_flags & IFF_XMIT_DST_RELEASE ||
	       dev->type == ARPHRD_ETHER;
}

/**
 * hasw_route_plain_own() - hasw_route_plain() for packets that this node
 *	generates, such as the outer packet of a tunnel
 * @dst: the route
 * @six: the route is an IPv6 route
 *
 * Such a packet has to pass through the VRF of the device. Only the stack
 * passes packets through a VRF, so the result is false if the device has a VRF.
 *
 * Context: any.
 */
static inline bool hasw_route_plain_own(const struct dst_entry *dst, bool six)
{
	return hasw_route_plain(dst, six) && !netif_is_l3_slave(dst->dev);
}

/**
 * hasw_route_is_home() - returns whether a route leads to this machine
 * @dst: the route
 *
 * Context: any.
 */
static __always_inline bool hasw_route_is_home(const struct dst_entry *dst)
{
	return dst->dev->flags & IFF_LOOPBACK;
}

/**
 * hasw_route_neigh() - finds the neighbour entry of a route's next hop
 * @dst: the route, for which hasw_route_plain() is true
 * @six: the route is an IPv6 route
 * @daddr: destination address of the packet, 4 or 16 bytes
 *
 * Context: RCU read side, softirqs off.
 * Return: the entry, valid within the RCU read side, if its link-layer address
 * is known, even while the kernel probes it; otherwise NULL.
 */
static __always_inline struct neighbour *
hasw_route_neigh(const struct dst_entry *dst, bool six, const void *daddr)
{
	struct neighbour *neigh;
	const struct rtable *rt;

	if (!six) {
		rt = container_of(dst, struct rtable, dst);
		neigh = __ipv4_neigh_lookup_noref(dst->dev, (__force u32)
				rt_nexthop(rt, *(const __be32 *)daddr));
	} else {
		neigh = __ipv6_neigh_lookup_noref(dst->dev,
				rt6_nexthop(hasw_rt6_info(dst), (void *)daddr));
	}
	return neigh && READ_ONCE(neigh->nud_state) & NUD_VALID ? neigh : NULL;
}

/**
 * hasw_route_lost() - returns whether a route drops all packets
 * @dst: the route
 *
 * xfrm_lookup_route() returns such a route if an IPsec policy has no keys yet.
 * The caller then reports an error instead of sending packets by the route,
 * which would drop them silently.
 *
 * Context: any.
 */
static inline bool hasw_route_lost(const struct dst_entry *dst)
{
	return READ_ONCE(dst->output) == dst_discard_out;
}

/**
 * hasw_route_policies() - returns how many outbound IPsec policies a namespace
 *	has
 * @net: namespace
 *
 * When a policy is added, the kernel first increments the number, and then
 * invalidates all routes of the policy's family. So a route that was looked up
 * while the number was 0 can be used without a policy lookup, as long as the
 * route is valid.
 *
 * Context: any.
 * Return: the number of policies, plus 1 if the default policy blocks all
 * packets that match no other policy.
 */
static inline u32 hasw_route_policies(const struct net *net)
{
#ifdef CONFIG_XFRM
	/* A blocking default policy counts as one policy. The kernel also
	 * invalidates the routes when the default policy is set.
	 */
	return READ_ONCE(net->xfrm.policy_count[XFRM_POLICY_OUT]) +
	       (READ_ONCE(net->xfrm.policy_default[XFRM_POLICY_OUT]) ==
		XFRM_USERPOLICY_BLOCK);
#else
	return 0;
#endif
}

int hasw_route_find4(struct net *net, struct flowi4 *fl4,
		     struct dst_entry **dst);
int hasw_route_find6(struct net *net, struct flowi6 *fl6,
		     struct dst_entry **dst);
bool hasw_route_early4(const struct hasw_net *hn, __be32 addr);
bool hasw_route_early6(const struct hasw_net *hn, struct dst_entry *dst,
		       const struct in6_addr *addr);
bool hasw_route_is_local6(struct net *net, const struct in6_addr *addr);
struct dst_entry *hasw_route_by_dev(struct net *net,
				    const struct net_device *dev,
				    const struct in6_addr *to, bool six);
struct dst_entry *hasw_route_police(struct net *net, struct dst_entry *dst,
				    const struct hasw_route_ends *ends);
void hasw_route_out(struct net *net, struct sk_buff *skb,
		    struct dst_entry *dst);

#endif
