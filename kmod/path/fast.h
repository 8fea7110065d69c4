/* SPDX-License-Identifier: GPL-2.0 */
/* What the fast door asks of a packet that may be the answer of a member via nat. */
#ifndef HASW_DOOR_ANSWER_H
#define HASW_DOOR_ANSWER_H

#include <net/addrconf.h>
#include <net/arp.h>
#include <net/ip6_route.h>
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/route.h>

#include "compat/compat.h"
#include "fast_plain.h"
#include "packet/key.h"

/* Whether nothing is special about the packet. */
static __always_inline bool hasw_door_reply_plain4(const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	return hasw_door_whole4(iph, skb->len) &&
	       hasw_key_has_ports(iph->protocol) &&
	       hasw_door_sound4(iph);
}

/* The same for IPv6; its addresses may begin like ::1, or stand for IPv4 ones. */
static __always_inline bool hasw_door_reply_plain6(const struct sk_buff *skb)
{
	const struct inet6_dev *idev = __in6_dev_get(skb->dev);
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);

	return hasw_door_whole6(ip6, skb->len) &&
	       hasw_key_has_ports(ip6->nexthdr) && idev &&
	       !READ_ONCE(idev->cnf.disable_ipv6);
}

/* The neighbour by which the route leads to the client, if its address is known
 * or only has to be confirmed.
 */
static __always_inline struct neighbour *
hasw_door_neighbour(const struct dst_entry *dst, bool six, const __be32 *client)
{
	struct neighbour *neigh;
	const struct rtable *rt;

	if (!six) {
		rt = container_of(dst, struct rtable, dst);
		if (unlikely(rt->rt_gw_family == AF_INET6))
			return NULL;
		neigh = __ipv4_neigh_lookup_noref(dst->dev, (__force u32)
						  rt_nexthop(rt, *client));
	} else {
		neigh = __ipv6_neigh_lookup_noref(dst->dev,
				rt6_nexthop(hasw_rt6_info(dst), (void *)client));
	}
	return neigh && READ_ONCE(neigh->nud_state) & NUD_VALID ? neigh : NULL;
}

#endif
