// SPDX-License-Identifier: GPL-2.0
/* With `via direct`, a packet is sent to the member's link-layer address, and
 * only the packet's TTL or hop limit is changed.
 */
#include <linux/etherdevice.h>
#include <linux/netfilter.h>

#include "xmit.h"

/**
 * hasw_xmit_frame() - sends a packet with a new link-layer header
 * @hn: unused
 * @skb: the packet, at its IP header; taken over
 * @hop: the next hop
 *
 * Context: RCU read side, softirqs off.
 * Return: 0 if the packet was passed to the device; or -EHOSTUNREACH if the
 * device could not build the link-layer header.
 */
int hasw_xmit_frame(struct hasw_net *hn, struct sk_buff *skb,
		    const struct hasw_hop *hop)
{
	struct net_device *dev = hop->dev;

	skb->dev = dev;
	if (likely(hop->prebuilt)) {
		hasw_xmit_prebuilt(skb, hop);
	} else if (dev_hard_header(skb, dev, ntohs(skb->protocol),
				   hop->eth.h.h_dest, hop->eth.h.h_source,
				   skb->len) < 0) {
		kfree_skb(skb);
		return -EHOSTUNREACH;
	}
	dev_queue_xmit(skb);
	return 0;
}

/**
 * hasw_xmit_direct() - sends a packet to a node on a link that both nodes share
 * @p: the packet
 * @node: the node
 *
 * TTL, MTU, checksum state and timestamp are handled as by a router. No route
 * or IPsec policy is looked up: the packet's destination is the vip, whose
 * route does not lead to the node. Instead, the packet is sent to the
 * link-layer address of the node's next hop, through the hop's device. To
 * encrypt the packets to a node, use `via tunnel` or `via gue`.
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_STOLEN if the packet was taken over, NF_DROP if the packet was
 * counted as dropped.
 */
unsigned int hasw_xmit_direct(const struct hasw_packet *p,
			      const struct hasw_node *node)
{
	const struct hasw_hop *hop = rcu_dereference(node->hop[p->family]);
	struct sk_buff *skb = p->skb;

	if (unlikely(!hop)) {
		hasw_hop_solicit(node);
		return hasw_xmit_drop(p, HASW_STAT_DROP_UNRESOLVED);
	}
	if (unlikely(skb_cow_head(skb, LL_RESERVED_SPACE(hop->dev))))
		return hasw_xmit_drop(p, HASW_STAT_DROP_MEMORY);
	if (unlikely(hasw_xmit_check(p) != NF_ACCEPT))
		return NF_DROP;
	if (unlikely(!hasw_xmit_fits(p, hop->mtu)))
		return hasw_xmit_split(p, hop, hasw_xmit_frame);
	if (hasw_xmit_is_list(skb))
		return hasw_xmit_each(p, hop, hasw_xmit_frame);
	hasw_xmit_forward(p);
	/* hasw_xmit_frame() can fail only if the hop has no prebuilt link-layer
	 * header. The result is ignored, because a check would cost time for
	 * every packet.
	 */
	hasw_stat_inc(p->hn, HASW_STAT_REDIRECTED);
	hasw_xmit_frame(p->hn, skb, hop);
	return NF_STOLEN;
}

/**
 * hasw_xmit_direct_peek() - hasw_xmit_direct() for `haadm explain`
 * @p: the packet
 * @hop: the next hop of the packet's family, or NULL
 *
 * Unlike hasw_xmit_direct(), this function does not solicit an unknown
 * neighbour.
 *
 * Context: RCU read side, softirqs off.
 * Return: the drop counter, or -1 if the packet would be sent.
 */
int hasw_xmit_direct_peek(const struct hasw_packet *p,
			  const struct hasw_hop *hop)
{
	int why;

	if (!hop)
		return HASW_STAT_DROP_UNRESOLVED;
	why = hasw_xmit_forward_peek(p);
	if (why >= 0 || hasw_xmit_fits(p, hop->mtu))
		return why;
	return hasw_xmit_split_peek(p, hop->dev, hop->mtu);
}
