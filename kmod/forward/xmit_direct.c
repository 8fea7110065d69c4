// SPDX-License-Identifier: GPL-2.0
/* Via direct: the packet goes out in a frame to the member, itself untouched but for its TTL. */
#include <linux/etherdevice.h>
#include <linux/netfilter.h>

#include "xmit.h"

/**
 * hasw_emit_frame() - puts the link-layer header in front of a packet, and sends it
 * @hn: not looked at
 * @skb: the packet at its IP header, which is taken over
 * @hop: where to
 *
 * Context: RCU read side, softirqs off.
 */
void hasw_emit_frame(struct hasw_net *hn, struct sk_buff *skb,
		     const struct hasw_hop *hop)
{
	struct net_device *dev = hop->dev;

	skb->dev = dev;
	if (likely(hop->prebuilt)) {
		hasw_emit_prebuilt(skb, hop);
	} else if (dev_hard_header(skb, dev, ntohs(skb->protocol),
				   hop->eth.h.h_dest, hop->eth.h.h_source,
				   skb->len) < 0) {
		kfree_skb(skb);
		return;
	}
	dev_queue_xmit(skb);
}

/**
 * hasw_emit_direct() - sends the packet to a node on the same link
 * @p: the packet
 * @node: the node
 *
 * Does what a forwarder owes to a packet: TTL, MTU, checksum state, timestamp.
 * No route is asked, nor a policy of IPsec: the frame is to the vip, whose route
 * leads to clients, and where it goes is a device and a neighbour. Who wants it
 * encrypted has the node behind a tunnel.
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_STOLEN if it was sent, NF_DROP if it was counted as dropped.
 */
unsigned int hasw_emit_direct(const struct hasw_packet *p,
			      const struct hasw_node *node)
{
	const struct hasw_hop *hop = rcu_dereference(node->hop[p->family]);
	struct sk_buff *skb = p->skb;

	if (unlikely(!hop)) {
		hasw_hop_solicit(node);
		return hasw_emit_drop(p, HASW_STAT_DROP_UNRESOLVED);
	}
	if (unlikely(skb_cow_head(skb, LL_RESERVED_SPACE(hop->dev))))
		return hasw_emit_drop(p, HASW_STAT_DROP_MEMORY);
	if (likely(!p->local)) {
		/* As a forwarder: not what was for many, and nobody's. */
		if (unlikely(skb->pkt_type != PACKET_HOST))
			return hasw_emit_drop(p, HASW_STAT_DROP_MALFORMED);
		if (unlikely(skb->sk))
			skb_orphan(skb);
		if (p->family == HASW_HOP4) {
			if (unlikely(ip_hdr(skb)->ttl <= 1))
				return hasw_emit_expired(p);
		} else if (unlikely(ipv6_hdr(skb)->hop_limit <= 1)) {
			return hasw_emit_expired(p);
		}
	}
	if (unlikely(!hasw_emit_fits(p, hop->mtu)))
		return hasw_emit_split(p, hop, hasw_emit_frame);
	hasw_emit_forward(p);
	hasw_stat_inc(p->hn, HASW_STAT_REDIRECTED);
	hasw_emit_frame(p->hn, skb, hop);
	return NF_STOLEN;
}
