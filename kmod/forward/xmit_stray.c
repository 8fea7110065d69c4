// SPDX-License-Identifier: GPL-2.0
/* A stray is a client's packet that arrived at a node which does not hold the
 * packet's vip. The stray is sent to the holder with a mark.
 */
#include <linux/jhash.h>
#include <linux/netfilter.h>

#include "xmit.h"
#include "tunnel.h"

static void hasw_stray_count(struct hasw_net *hn, int err)
{
	hasw_xmit_count(hn, err);
	if (!err)
		hasw_stat_inc(hn, HASW_STAT_STRAY_SENT);
}

/* Sends each fragment in its own datagram. The caller counts all fragments
 * together as one packet.
 */
static int hasw_stray_fragments(struct hasw_net *hn,
				struct sk_buff_head *fragments,
				const struct hasw_tunnel_route *route,
				u64 epoch)
{
	struct sk_buff *skb;
	int err = 0, one;

	while ((skb = __skb_dequeue(fragments))) {
		one = hasw_tunnel_send(hn, skb, route, epoch);
		if (one)
			err = one;
	}
	return err;
}

/**
 * hasw_xmit_stray() - sends a client's packet to the vip's holder inside UDP
 * @p: the packet, from another machine
 * @holder: the node that, as far as this node knows, holds the vip, or is to be
 *	the next holder
 * @epoch: value of hasw_gue.epoch
 *
 * A reassembled packet is sent in fragments, and a GSO packet in segments, as
 * the client sent them.
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_STOLEN if the packet was taken over, NF_DROP if the packet was
 * counted as dropped.
 */
unsigned int hasw_xmit_stray(const struct hasw_packet *p,
			     const struct hasw_node *holder, u64 epoch)
{
	struct sk_buff *skb = p->skb;
	struct hasw_net *hn = p->hn;
	struct sk_buff_head fragments;
	struct hasw_tunnel_route route;
	unsigned int verdict;
	int err;

	if (unlikely(hasw_xmit_check(p) != NF_ACCEPT))
		return NF_DROP;
	if (!hasw_stray_route(hn, skb, holder, p->family == HASW_HOP6, &route))
		return hasw_xmit_drop(p, HASW_STAT_DROP_UNRESOLVED);
	__skb_queue_head_init(&fragments);
	verdict = hasw_xmit_take(p, route.dst->dev, &fragments, &err);
	if (verdict == NF_STOLEN) {
		if (!err)
			err = hasw_stray_fragments(hn, &fragments, &route,
						   epoch);
		hasw_stray_count(hn, err);
	}
	dst_release(route.dst);
	return verdict;
}

/**
 * hasw_xmit_stray_peek() - hasw_xmit_stray() for `haadm explain`
 * @p: the packet, which passed hasw_xmit_forward_peek()
 * @route: the route to the holder
 *
 * Context: RCU read side, softirqs off.
 * Return: the drop counter, or -1 if the packet would be sent.
 */
int hasw_xmit_stray_peek(const struct hasw_packet *p,
			 const struct hasw_tunnel_route *route)
{
	int why = hasw_xmit_take_peek(p, route->dst->dev);

	/* A reassembled packet is sent in fragments, so the packet's length
	 * need not be checked.
	 */
	if (why >= 0 || hasw_xmit_came_in(p))
		return why;
	return hasw_tunnel_holds(p->skb) ? -1 : HASW_STAT_DROP_MTU;
}

/* Returns a hash of what does not change in a packet on its way through nodes:
 * addresses, IPv4 identification, protocol, and the beginning of the content.
 */
static u32 hasw_stray_hash(const struct sk_buff *skb, int family)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	const struct iphdr *iph = ip_hdr(skb);
	u32 words[8 + 1 + 5] = {}, len;

	if (family == HASW_HOP4) {
		words[0] = (__force u32)iph->saddr;
		words[1] = (__force u32)iph->daddr;
		words[8] = (__force u32)iph->id << 16 ^ iph->protocol;
		len = iph->ihl * 4;
	} else {
		memcpy(words, &ip6->addrs, sizeof(ip6->addrs));
		words[8] = ip6->nexthdr;
		len = sizeof(*ip6);
	}
	if (skb->len > len)
		skb_copy_bits(skb, len, words + 9,
			      min_t(u32, 20, skb->len - len));
	return jhash2(words, ARRAY_SIZE(words), skb->len);
}

/**
 * hasw_stray_returns() - whether a packet is a stray that this node has already
 *	sent to a member in a frame
 * @p: the packet, at PRE_ROUTING, about to be sent to a member in a frame
 *
 * The member knows another link-layer address of this node, so it has taken the
 * frame for a client's and sent the packet back. Both nodes have decremented
 * the TTL. A client that repeats a packet sends it with the same TTL. This
 * function notes the packet for the next call.
 *
 * Context: RCU read side, softirqs off.
 */
bool hasw_stray_returns(const struct hasw_packet *p)
{
	struct hasw_tunnel *tunnel = hasw_tunnel_of_stray(p->hn, p->skb);
	const struct sk_buff *skb = p->skb;
	u64 *slot, was;
	u32 hash;
	u8 ttl;

	if (likely(!tunnel))
		return false;
	ttl = p->family == HASW_HOP4 ? ip_hdr(skb)->ttl :
				       ipv6_hdr(skb)->hop_limit;
	hash = hasw_stray_hash(skb, p->family);
	slot = &tunnel->served[hash % HASW_STRAYS_SERVED];
	was = READ_ONCE(*slot);
	/* Equal packets that are under way may all come back. */
	if (was >> 8 == hash && (u8)was == ttl + 2)
		return true;
	WRITE_ONCE(*slot, (u64)hash << 8 | ttl);
	return false;
}
