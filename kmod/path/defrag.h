/* SPDX-License-Identifier: GPL-2.0 */
/* Reassembly of fragmented packets to vips, whose ports only the first fragment
 * has.
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

unsigned int hasw_defrag_gather(const struct hasw_packet *p);

#endif
