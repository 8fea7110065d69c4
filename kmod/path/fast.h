/* SPDX-License-Identifier: GPL-2.0 */
/* Conditions under which the fast path handles a packet to a vip, or a reply of
 * a member reached via nat.
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

#include "check.h"
#include "compat/compat.h"
#include "fast_dev.h"
#include "forward/xmit.h"
#include "packet/key.h"
#include "packet/nat.h"

/* Returns whether the fast path can handle a frame at all. The frame must be
 * for this machine alone, without a VLAN tag, and in an skb that is not shared.
 * It must have no dst, which would be the mark of a stray, or a tunnel's. The
 * device must not be a port of a bridge, bond or macvlan.
 */
static __always_inline bool hasw_fast_takes_frame(const struct sk_buff *skb)
{
	return skb->pkt_type == PACKET_HOST && !skb_vlan_tag_present(skb) &&
	       !skb_shared(skb) && !skb->_skb_refdst &&
	       !rcu_access_pointer(skb->dev->rx_handler);
}

/* Returns whether the kernel handles IPv6 on a device. @idev may be NULL. */
static __always_inline bool hasw_fast_enabled6(const struct inet6_dev *idev)
{
	return idev && !READ_ONCE(idev->cnf.disable_ipv6);
}

/* Returns whether an IPv6 address begins with 32 zero bits, as ::1 and
 * v4-mapped addresses do. The slow path handles packets with such an address.
 */
static __always_inline bool hasw_fast_low6(const struct in6_addr *addr)
{
	return !addr->s6_addr32[0];
}

/* Returns whether the slow path must handle an IPv6 packet to a vip because of
 * the packet's source address.
 */
static __always_inline bool hasw_fast_odd6(const struct ipv6hdr *ip6)
{
	return hasw_fast_low6(&ip6->saddr) ||
	       hasw_martian6(&ip6->saddr, &ip6->daddr);
}

/* Returns whether the slow path must find the service of an IPv4 packet,
 * because the packet is ICMP. An ICMP error belongs to the service of the
 * packet that the error quotes, and only the slow path parses the quoted
 * packet.
 */
static __always_inline bool hasw_fast_inside4(u8 proto)
{
	return proto == IPPROTO_ICMP;
}

/* Returns whether @hop is NULL, or has no prebuilt link-layer header. */
static __always_inline bool hasw_fast_unbuilt(const struct hasw_hop *hop)
{
	return !hop || !hop->prebuilt;
}

/* Returns whether the checksum of an IPv4 header without options is correct
 * (RFC 1071).
 */
static __always_inline bool hasw_fast_sound4(const struct iphdr *iph)
{
	const u32 *word = (const u32 *)iph;
	u64 sum = (u64)word[0] + word[1] + word[2] + word[3] + word[4];

	/* Add the two 32-bit halves of @sum. The upper half of the result also
	 * contains the carry out of the lower half.
	 */
	sum += ror64(sum, 32);
	return !csum_fold((__force __wsum)(sum >> 32));
}

/* Returns whether a packet can be sent without fragmentation. At the ingress
 * hook no packet has been reassembled, so frag_max_size is not checked.
 */
static __always_inline bool hasw_fast_fits(const struct sk_buff *skb, u32 len,
					   u32 mtu)
{
	return likely(len <= mtu) || hasw_xmit_segments_fit(skb, mtu);
}

/**
 * hasw_fast_prepare() - checks whether a packet can be sent, and makes it
 *	writable, with headroom for a link-layer header
 * @skb: the packet, at its network header
 * @header: offset of the transport header
 * @len: length of the packet according to its IP header; padding may follow in
 *	the frame
 * @mtu: MTU on the route to the next hop
 * @dev: egress device
 * @changed: number of bytes, counted from the network header, that the caller
 *	will change
 *
 * Context: RCU read side, softirqs off.
 * Return: whether the caller may change and send the packet. If not, the packet
 * is unchanged, and the slow path gets it.
 */
static __always_inline bool
hasw_fast_prepare(struct sk_buff *skb, u32 header, u32 len, u32 mtu,
		  const struct net_device *dev, u32 changed)
{
	skb_set_transport_header(skb, header);
	if (unlikely(hasw_xmit_is_lro(skb) || hasw_xmit_is_list(skb) ||
		     !hasw_fast_fits(skb, len, mtu)))
		return false;
	return hasw_xmit_ready(skb, LL_RESERVED_SPACE(dev), changed, len);
}

/* Turns a prepared packet into a packet that this node forwards by @dev. */
static __always_inline void hasw_fast_leave(const struct hasw_packet *p,
					    struct net_device *dev)
{
	hasw_xmit_forward_fast(p);
	p->skb->dev = dev;
}

/* Returns whether the packet contains a complete TCP header. @len is the length
 * of the packet after the IP header, without the frame's padding.
 */
static inline bool hasw_fast_has_tcp(const struct sk_buff *skb,
				     const struct tcphdr *tcp, u32 len)
{
	return skb_tail_pointer(skb) >= (const u8 *)(tcp + 1) &&
	       len >= sizeof(*tcp);
}

/* Returns whether the fast path can handle an IPv4 packet that may be a reply.
 */
static __always_inline bool hasw_fast_takes_reply4(const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	return hasw_fast_whole4(iph, skb->len) &&
	       hasw_key_has_ports(iph->protocol) &&
	       hasw_fast_sound4(iph);
}

/* Returns whether the fast path can handle an IPv6 packet that may be a reply.
 * The caller has checked both addresses with hasw_fast_low6().
 */
static __always_inline bool hasw_fast_takes_reply6(const struct sk_buff *skb)
{
	const struct inet6_dev *idev = __in6_dev_get(skb->dev);
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);

	return hasw_fast_whole6(ip6, skb->len) &&
	       hasw_key_has_ports(ip6->nexthdr) && hasw_fast_enabled6(idev);
}

unsigned int hasw_fast_reply4(struct hasw_net *hn, struct sk_buff *skb);
unsigned int hasw_fast_reply6(struct hasw_net *hn, struct sk_buff *skb);

#endif
