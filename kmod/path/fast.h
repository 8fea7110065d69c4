/* SPDX-License-Identifier: GPL-2.0 */
/* What the fast path asks of a packet, and of one that may be the answer of a member via nat; and what it need not ask
 * of one that is plain.
 */
#ifndef HASW_FAST_H
#define HASW_FAST_H

#include <linux/tcp.h>
#include <net/addrconf.h>
#include <net/arp.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/route.h>

#include "compat/compat.h"
#include "fast_dev.h"
#include "forward/xmit.h"
#include "packet/key.h"
#include "packet/nat.h"

/* Only what the slow path would do as well. All that it goes round is asked
 * here, too: a frame for this machine alone, without a tag, which no bridge,
 * bond or macvlan takes away from the device, and which nobody else looks at.
 */
static __always_inline bool hasw_fast_plain(const struct sk_buff *skb)
{
	return skb->pkt_type == PACKET_HOST && !skb_vlan_tag_present(skb) &&
	       !skb_shared(skb) &&
	       !rcu_access_pointer(skb->dev->rx_handler);
}

/* Whether the checksum of an IPv4 header without options is right (RFC 1071). */
static __always_inline bool hasw_fast_sound4(const struct iphdr *iph)
{
	const u32 *word = (const u32 *)iph;
	u64 sum = (u64)word[0] + word[1] + word[2] + word[3] + word[4];

	/* Both halves, and what is carried, in the upper one. */
	sum += ror64(sum, 32);
	return !csum_fold((__force __wsum)(sum >> 32));
}

/* Whether the packet can go out as it is; nobody has put it together. */
static __always_inline bool hasw_fast_fits(const struct sk_buff *skb, u32 len,
					   u32 mtu)
{
	return likely(len <= mtu) ||
	       (skb_is_gso(skb) && skb_shinfo(skb)->gso_type &&
		skb_gso_validate_network_len(skb, mtu));
}

/* Whether a TCP header is there, and not what is behind the end of the packet, in
 * the frame's padding; @len is that of what the IP header is followed by.
 */
static inline bool hasw_fast_has_tcp(const struct sk_buff *skb,
				     const struct tcphdr *tcp, u32 len)
{
	return skb_tail_pointer(skb) >= (const u8 *)(tcp + 1) &&
	       len >= sizeof(*tcp);
}

/* Whether the transport header of a packet of @len bytes, @header of them before
 * it, is there, and may be written to.
 */
static inline bool hasw_fast_writable(struct sk_buff *skb, u32 len, u32 header,
				      u8 proto)
{
	u32 end = header + hasw_nat_header(proto);

	if (unlikely(end > len))
		return false;
	return likely(!skb_cloned(skb) && skb_headlen(skb) >= end) ||
	       !skb_ensure_writable(skb, end);
}

/* Whether nothing is special about a packet that may be an answer. */
static __always_inline bool hasw_fast_reply_plain4(const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	return hasw_fast_whole4(iph, skb->len) &&
	       hasw_key_has_ports(iph->protocol) &&
	       hasw_fast_sound4(iph);
}

/* The same for IPv6; its addresses may begin like ::1, or stand for IPv4 ones. */
static __always_inline bool hasw_fast_reply_plain6(const struct sk_buff *skb)
{
	const struct inet6_dev *idev = __in6_dev_get(skb->dev);
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);

	return hasw_fast_whole6(ip6, skb->len) &&
	       hasw_key_has_ports(ip6->nexthdr) && idev &&
	       !READ_ONCE(idev->cnf.disable_ipv6);
}

/* The neighbour by which a plain route leads to the client, if its address is
 * known or only has to be confirmed.
 */
static __always_inline struct neighbour *
hasw_fast_neighbour(const struct dst_entry *dst, bool six, const __be32 *client)
{
	struct neighbour *neigh;
	const struct rtable *rt;

	if (!six) {
		rt = container_of(dst, struct rtable, dst);
		neigh = __ipv4_neigh_lookup_noref(dst->dev, (__force u32)
						  rt_nexthop(rt, *client));
	} else {
		neigh = __ipv6_neigh_lookup_noref(dst->dev,
				rt6_nexthop(hasw_rt6_info(dst), (void *)client));
	}
	return neigh && READ_ONCE(neigh->nud_state) & NUD_VALID ? neigh : NULL;
}

unsigned int hasw_fast_answer4(struct hasw_net *hn, struct sk_buff *skb);
unsigned int hasw_fast_answer6(struct hasw_net *hn, struct sk_buff *skb);

#endif
