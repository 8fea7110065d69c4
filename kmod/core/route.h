/* SPDX-License-Identifier: GPL-2.0 */
/* Routes: whether this module may send by one, or the stack has to. */
#ifndef HASW_ROUTE_H
#define HASW_ROUTE_H

#include <linux/if_arp.h>
#include <linux/netdevice.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/net_namespace.h>
#include <net/route.h>

/**
 * struct hasw_route_ends - selector values for IPsec policies
 * @src: source address; IPv4 as v4-mapped
 * @dst: destination address; IPv4 as v4-mapped
 * @mark: skb->mark of the packet
 * @sport: source port; for ICMP its type, as in struct flowi
 * @dport: destination port; for ICMP its code
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
 * hasw_route_linked() - whether a route's device sends to the next hop's link
 * @dev: the route's device
 * @lwt: the route's lightweight tunnel, or NULL
 *
 * A lightweight tunnel sends the packet elsewhere, and a VRF device looks up
 * another route.
 *
 * Context: any.
 */
static inline bool hasw_route_linked(const struct net_device *dev,
				     const struct lwtunnel_state *lwt)
{
	return !lwt && !netif_is_l3_master(dev);
}

/**
 * hasw_route_plain() - whether the module may send by a route's neighbour entry
 * @dst: the route
 * @six: the route is IPv6
 *
 * If not, the stack has to send the packet, see hasw_route_out(). This function
 * is false for
 * - a route whose dst->output is not ip_output() or ip6_output(): IPsec
 *   bundles, some lightweight tunnels, multicast routes and blackholes;
 * - other lightweight tunnels, which redirect the packet after IP output;
 * - a VRF device. For a device in a VRF, forwarded packets need no exception;
 *   for packets that this node generates, see hasw_tunnel_neigh();
 * - an IPv4 route with an IPv6 gateway: the cached link-layer header of that
 *   neighbour entry has the type IPv6;
 * - a tunnel device that reads the remote endpoint from the packet's route.
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
	/* VLAN and bonding devices lack IFF_XMIT_DST_RELEASE too, since a lower
	 * device may need the route.
	 */
	return dev->priv_flags & IFF_XMIT_DST_RELEASE ||
	       dev->type == ARPHRD_ETHER;
}

/**
 * hasw_route_lost() - whether a route drops all packets
 * @dst: the route
 *
 * xfrm_lookup_route() returns such a route if an IPsec policy has no keys yet.
 *
 * Context: any.
 */
static inline bool hasw_route_lost(const struct dst_entry *dst)
{
	return READ_ONCE(dst->output) == dst_discard_out;
}

/**
 * hasw_route_policies() - number of outbound IPsec policies of a namespace
 * @net: namespace
 *
 * When a policy is added, the kernel increments the count first, and then
 * invalidates all routes of the policy's family. So a route that was looked up
 * without any policy can be used as long as it is valid.
 *
 * Context: any.
 * Return: 0 if no policy changes a route.
 */
static inline u32 hasw_route_policies(const struct net *net)
{
#ifdef CONFIG_XFRM
	/* A blocking default applies where no policy matches. Setting the
	 * default invalidates the routes as adding a policy does.
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
struct dst_entry *hasw_route_by_dev(struct net *net,
				    const struct net_device *dev,
				    const struct in6_addr *to, bool six);
struct dst_entry *hasw_route_police(struct net *net, struct dst_entry *dst,
				    const struct hasw_route_ends *ends);
void hasw_route_out(struct net *net, struct sk_buff *skb,
		    struct dst_entry *dst);

#endif
