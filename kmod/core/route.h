/* SPDX-License-Identifier: GPL-2.0 */
/* What a route is: a device and a neighbour, to whom this module may write the frame itself; or one for the stack. */
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
 * struct hasw_route_ends - what the policies of IPsec are asked by
 * @src: source; IPv4 as v4-mapped
 * @dst: destination, as @src
 * @mark: of the packet
 * @sport: port of @src; of ICMP its type, as xfrm has it
 * @dport: port of @dst; of ICMP its code
 * @proto: protocol
 * @six: it is an IPv6 packet
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
 * hasw_route_linked() - whether frames by a device reach the link of a route
 * @dev: the route's device
 * @lwt: the route's lightweight tunnel, or NULL
 *
 * A lightweight tunnel takes the packet elsewhere, and a VRF's own device looks
 * up another route.
 *
 * Context: any.
 */
static inline bool hasw_route_linked(const struct net_device *dev,
				     const struct lwtunnel_state *lwt)
{
	return !lwt && !netif_is_l3_master(dev);
}

/**
 * hasw_route_plain() - whether a packet by a route may go straight to its neighbour
 * @dst: the route
 * @six: it is an IPv6 one
 *
 * If not, the stack sends it: see hasw_route_out(). That is so of
 * - a route whose output is not that of IP: IPsec's bundles, some lightweight
 *   tunnels, multicast, and blackholes have another one;
 * - other lightweight tunnels, which begin behind IP's output;
 * - the device of a VRF. What is forwarded by a device in a VRF is sent as by
 *   any other; for what this node sends itself see hasw_tunnel_neigh();
 * - an IPv4 route by an IPv6 gateway: the link-layer header that is kept with
 *   that neighbour says IPv6;
 * - a tunnel device that asks the packet's route where its other end is.
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
	/* VLANs and bonds keep the route as well, for the device below. */
	return dev->priv_flags & IFF_XMIT_DST_RELEASE ||
	       dev->type == ARPHRD_ETHER;
}

/**
 * hasw_route_lost() - whether a route is one that nothing goes by
 * @dst: the route
 *
 * The kernel gives such a one where a policy wants keys that are not there.
 *
 * Context: any.
 */
static inline bool hasw_route_lost(const struct dst_entry *dst)
{
	return READ_ONCE(dst->output) == dst_discard_out;
}

/**
 * hasw_route_policies() - how many policies of IPsec what leaves is to be asked of
 * @net: namespace
 *
 * A policy that comes is counted first, and then ends the validity of all routes
 * of its family. So a route that is found while there is none stays right as
 * long as it is valid.
 *
 * Context: any.
 * Return: 0 if no policy changes a route.
 */
static inline u32 hasw_route_policies(const struct net *net)
{
#ifdef CONFIG_XFRM
	/* The default is asked where no policy matches. It comes and goes as
	 * a policy does.
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
