/* SPDX-License-Identifier: GPL-2.0 */
/* What the fast door asks of a packet, and what it need not ask of one that is plain. */
#ifndef HASW_DOOR_PLAIN_H
#define HASW_DOOR_PLAIN_H

#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "fast_dev.h"
#include "forward/xmit.h"
#include "packet/nat.h"

/* Only what the complete door would do as well. All that it goes round is asked
 * here, too: a frame for this machine alone, without a tag, which no bridge,
 * bond or macvlan takes away from the device, and which nobody else looks at.
 */
static __always_inline bool hasw_door_plain(const struct sk_buff *skb)
{
	return skb->pkt_type == PACKET_HOST && !skb_vlan_tag_present(skb) &&
	       !skb_shared(skb) &&
	       !rcu_access_pointer(skb->dev->rx_handler);
}

/* Whether the checksum of an IPv4 header without options is right (RFC 1071). */
static __always_inline bool hasw_door_sound4(const struct iphdr *iph)
{
	const u32 *word = (const u32 *)iph;
	u64 sum = (u64)word[0] + word[1] + word[2] + word[3] + word[4];

	/* Both halves, and what is carried, in the upper one. */
	sum += ror64(sum, 32);
	return !csum_fold((__force __wsum)(sum >> 32));
}

/* Whether the packet can go out as it is; nobody has put it together. */
static __always_inline bool hasw_door_fits(const struct sk_buff *skb, u32 len,
					   u32 mtu)
{
	return likely(len <= mtu) ||
	       (skb_is_gso(skb) && skb_shinfo(skb)->gso_type &&
		skb_gso_validate_network_len(skb, mtu));
}

/* Whether a TCP header is there, and not what is behind the end of the packet, in
 * the frame's padding; @len is that of what the IP header is followed by.
 */
static inline bool hasw_door_has_tcp(const struct sk_buff *skb,
				     const struct tcphdr *tcp, u32 len)
{
	return skb_tail_pointer(skb) >= (const u8 *)(tcp + 1) &&
	       len >= sizeof(*tcp);
}

/* Whether the transport header of a packet of @len bytes, @header of them before
 * it, is there, and may be written to.
 */
static inline bool hasw_door_writable(struct sk_buff *skb, u32 len, u32 header,
				      u8 proto)
{
	u32 end = header + hasw_nat_header(proto);

	if (unlikely(end > len))
		return false;
	return likely(!skb_cloned(skb) && skb_headlen(skb) >= end) ||
	       !skb_ensure_writable(skb, end);
}

unsigned int hasw_door_answer4(struct hasw_net *hn, struct sk_buff *skb);
unsigned int hasw_door_answer6(struct hasw_net *hn, struct sk_buff *skb);

#endif
