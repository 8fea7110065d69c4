/* SPDX-License-Identifier: GPL-2.0 */
/* Fragmented packets to vips are reassembled, because only the first fragment
 * has the ports.
 */
#ifndef HASW_DEFRAG_H
#define HASW_DEFRAG_H

#include "forward/xmit.h"

/**
 * hasw_defrag_possible() - whether a packet may be a fragment
 * @skb: the packet, at its IP header
 * @family: HASW_HOP4 or HASW_HOP6
 *
 * Context: any.
 */
static __always_inline bool hasw_defrag_possible(const struct sk_buff *skb,
						 int family)
{
	if (family == HASW_HOP4)
		return ip_is_fragment(ip_hdr(skb));
	switch (ipv6_hdr(skb)->nexthdr) {
	case NEXTHDR_FRAGMENT:
	case NEXTHDR_HOP:
	case NEXTHDR_ROUTING:
	case NEXTHDR_AUTH:
	case NEXTHDR_DEST:
		return true;
	default:
		return false;
	}
}

/* Returns whether fragments are reassembled: true if at least one service needs
 * the ports of packets.
 */
static inline bool hasw_defrag_wanted(const struct hasw_packet *p)
{
	return READ_ONCE(rcu_dereference(p->hn->config)->n_ports);
}

/* Returns whether an IPv6 packet still has a fragment header after
 * nf_ct_frag6_gather(), which leaves some malformed fragments unchanged.
 */
static inline bool hasw_defrag_left6(struct sk_buff *skb)
{
	unsigned int at = 0;

	return ipv6_find_hdr(skb, &at, NEXTHDR_FRAGMENT, NULL, NULL) >= 0;
}

unsigned int hasw_defrag_gather(const struct hasw_packet *p);

#endif
