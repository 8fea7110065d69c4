/* SPDX-License-Identifier: GPL-2.0 */
/* What is judged of a packet on its way; whoever decides about one, or tells what would be decided, asks here. */
#ifndef HASW_WAY_H
#define HASW_WAY_H

#include <linux/etherdevice.h>
#include <linux/if_arp.h>

#include "packet/bridge.h"
#include "forward/xmit.h"
#include "check.h"

/* From the vip to the vip: it never leaves this node. */
static inline bool hasw_way_from_itself(const struct hasw_packet *p,
					const struct hasw_vip *vip)
{
	if (p->family == HASW_HOP4)
		return ip_hdr(p->skb)->saddr == vip->addr.s6_addr32[3];
	return ipv6_addr_equal(&ipv6_hdr(p->skb)->saddr, &vip->addr);
}

/* Whether the frame comes from the node itself, whose way is @hop. */
static inline bool hasw_way_from_node(const struct sk_buff *skb,
				      const struct hasw_hop *hop)
{
	return skb->dev->type == ARPHRD_ETHER && skb_mac_header_was_set(skb) &&
	       ether_addr_equal(eth_hdr(skb)->h_source, hop->eth.h.h_dest);
}

/* Not the path's business: what came through the loopback device has been here
 * on its way out, and a frame that a bridge passes on is for somebody else. But
 * one for many reaches this machine's stack too, and is not shown again then.
 */
static __always_inline bool hasw_way_passes(const struct sk_buff *skb)
{
	if (unlikely(skb->dev->flags & IFF_LOOPBACK))
		return true;
	return hasw_bridge_shown(skb) &&
	       is_unicast_ether_addr(eth_hdr(skb)->h_dest) &&
	       !hasw_bridge_is_mine(skb);
}

static __always_inline bool hasw_way_martian(const struct sk_buff *skb,
					     int family)
{
	if (family == HASW_HOP4)
		return hasw_martian4(ip_hdr(skb)->saddr, ip_hdr(skb)->daddr);
	return hasw_martian6(&ipv6_hdr(skb)->saddr, &ipv6_hdr(skb)->daddr);
}

#endif
