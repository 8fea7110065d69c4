/* SPDX-License-Identifier: GPL-2.0 */
/* Checks of a packet that the slow path, the fast path and explain share. */
#ifndef HASW_CHECK_H
#define HASW_CHECK_H

#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/in.h>
#include <net/ipv6.h>

#include "packet/bridge.h"
#include "forward/xmit.h"

/* Martian sources: a reply to such an address would not arrive at a client. */

/**
 * hasw_martian4() - whether an IPv4 packet to a vip has a martian source
 * @saddr: source address of the packet
 * @vip: destination address of the packet
 *
 * Routing, which runs later, drops such packets as well (RFC 1812 5.3.7).
 *
 * Context: any.
 */
static inline bool hasw_martian4(__be32 saddr, __be32 vip)
{
	return saddr == vip || ipv4_is_zeronet(saddr) ||
	       ipv4_is_loopback(saddr) || ipv4_is_multicast(saddr) ||
	       ipv4_is_lbcast(saddr);
}

/**
 * hasw_martian6() - whether an IPv6 packet to a vip has a martian source
 * @saddr: source address of the packet
 * @vip: destination address of the packet
 *
 * A packet with the unspecified source is valid only for duplicate address
 * detection (RFC 4291 2.5.2).
 *
 * Context: any.
 */
static inline bool hasw_martian6(const struct in6_addr *saddr,
				 const struct in6_addr *vip)
{
	return ipv6_addr_is_multicast(saddr) || ipv6_addr_equal(saddr, vip) ||
	       ipv6_addr_any(saddr) || ipv6_addr_loopback(saddr);
}

/* Whether the packet has the vip as its source too. Such a packet never leaves
 * this node.
 */
static inline bool hasw_check_from_itself(const struct hasw_packet *p,
					  const struct hasw_vip *vip)
{
	if (p->family == HASW_HOP4)
		return ip_hdr(p->skb)->saddr == vip->addr.s6_addr32[3];
	return ipv6_addr_equal(&ipv6_hdr(p->skb)->saddr, &vip->addr);
}

/* Whether the frame's source address is the link-layer address of the node that
 * @hop leads to.
 */
static inline bool hasw_check_from_node(const struct sk_buff *skb,
					const struct hasw_hop *hop)
{
	return skb->dev->type == ARPHRD_ETHER && skb_mac_header_was_set(skb) &&
	       ether_addr_equal(eth_hdr(skb)->h_source, hop->eth.h.h_dest);
}

/* Whether the path leaves the packet alone. A packet from the loopback device
 * has passed LOCAL_OUT before. A unicast frame that a bridge forwards is for
 * another machine. A multicast or broadcast frame is handled: this machine's
 * stack receives it too, and the hook sees it once only.
 */
static __always_inline bool hasw_check_passes(const struct sk_buff *skb)
{
	if (unlikely(skb->dev->flags & IFF_LOOPBACK))
		return true;
	return hasw_bridge_shown(skb) &&
	       is_unicast_ether_addr(eth_hdr(skb)->h_dest) &&
	       !hasw_bridge_is_mine(skb);
}

static __always_inline bool hasw_check_martian(const struct sk_buff *skb,
					       int family)
{
	if (family == HASW_HOP4)
		return hasw_martian4(ip_hdr(skb)->saddr, ip_hdr(skb)->daddr);
	return hasw_martian6(&ipv6_hdr(skb)->saddr, &ipv6_hdr(skb)->daddr);
}

#endif
