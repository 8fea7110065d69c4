// SPDX-License-Identifier: GPL-2.0
/* Sending a packet to the member that was picked; what all vias have in common. */
#include <linux/icmpv6.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv6.h>
#include <net/dst_metadata.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "compat/compat.h"
#include "xmit.h"

/* Where the pieces of the packet that is being split are put. ip_do_fragment()
 * and its like hand nothing through to the function that takes a piece. Softirqs
 * are off; where they can be preempted all the same, the lock keeps others away.
 */
struct hasw_emit_fragments {
	local_lock_t lock;
	struct sk_buff_head *to;
};

static DEFINE_PER_CPU(struct hasw_emit_fragments, hasw_emit_fragments) = {
	.lock = INIT_LOCAL_LOCK(lock),
};

/* The largest piece that the packet came in, or 0 if it came whole. */
static u32 hasw_emit_came_in(const struct hasw_packet *p)
{
	return p->family == HASW_HOP4 ? IPCB(p->skb)->frag_max_size :
					IP6CB(p->skb)->frag_max_size;
}

/**
 * hasw_emit_fits() - whether the packet can go out as it is
 * @p: the packet
 * @mtu: of the way out, bytes
 *
 * One that was put together from pieces does not: who sent the pieces may
 * depend on it that nobody sends larger ones.
 *
 * Context: softirqs off.
 */
bool hasw_emit_fits(const struct hasw_packet *p, u32 mtu)
{
	struct sk_buff *skb = p->skb;

	if (unlikely(hasw_emit_came_in(p)))
		return false;
	return likely(skb->len <= mtu) ||
	       (skb_is_gso(skb) && !skb_warn_if_lro(skb) &&
		skb_gso_validate_network_len(skb, mtu));
}

/**
 * hasw_emit_may_split() - whether a packet that does not fit may be split
 * @p: the packet
 * @mtu: of the way out, bytes
 *
 * Context: any.
 */
bool hasw_emit_may_split(const struct hasw_packet *p, u32 mtu)
{
	u32 came_in = hasw_emit_came_in(p);

	if (p->family == HASW_HOP4 && !(ip_hdr(p->skb)->frag_off & htons(IP_DF)))
		return true;
	return (came_in && came_in <= mtu) || (p->local && p->skb->ignore_df);
}

/* ICMP errors are sent by route of the packet, which at our hook it has not
 * got yet. Without one (a martian, say) no error is sent.
 */
static bool hasw_emit_route4(struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	/* What a tunnel device has left there is no route. */
	if (skb_valid_dst(skb))
		return true;
	skb_dst_drop(skb);
	return hasw_ip_route_input(skb, iph->daddr, iph->saddr, iph,
				   skb->dev) == 0;
}

/**
 * hasw_emit_route_back() - readies a packet for being answered
 * @p: the packet
 *
 * Context: RCU read side, softirqs off.
 * Return: false if there is no way back.
 */
bool hasw_emit_route_back(const struct hasw_packet *p)
{
	if (p->local)
		return true;
	if (p->family == HASW_HOP4)
		return hasw_emit_route4(p->skb);
	/* Of IPv6 who answers finds the way himself. */
	if (!skb_valid_dst(p->skb))
		skb_dst_drop(p->skb);
	return true;
}

static void hasw_emit_error(const struct hasw_packet *p, u8 type4, u8 code4,
			    u8 type6, u8 code6, u32 info)
{
	struct sk_buff *skb = p->skb;

	if (p->local)
		skb->dev = skb_dst(skb)->dev;
	if (p->family == HASW_HOP6)
		icmpv6_send(skb, type6, code6, info);
	else if (hasw_emit_route4(skb))
		icmp_send(skb, type4, code4, htonl(info));
}

/**
 * hasw_emit_expired() - drops a packet whose TTL or hop limit ran out
 * @p: the packet; its sender is told (RFC 1812 5.3.1, RFC 4443 3.3)
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_DROP.
 */
unsigned int hasw_emit_expired(const struct hasw_packet *p)
{
	hasw_emit_error(p, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL,
			ICMPV6_TIME_EXCEED, ICMPV6_EXC_HOPLIMIT, 0);
	return hasw_emit_drop(p, HASW_STAT_DROP_TTL);
}

/**
 * hasw_emit_unreachable() - tells the sender of a packet that nobody takes it
 * @p: the packet, which is dropped then (RFC 1122 3.2.2.1, RFC 4443 3.1)
 *
 * Context: RCU read side, softirqs off.
 */
void hasw_emit_unreachable(const struct hasw_packet *p)
{
	hasw_emit_error(p, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH,
			ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH, 0);
}

static int hasw_emit_piece(struct net *net, struct sock *sk,
			   struct sk_buff *skb)
{
	__skb_queue_tail(this_cpu_read(hasw_emit_fragments.to), skb);
	return 0;
}

/* Splitting wants a route: that to all neighbours on the hop's device is there
 * without any configuration. Where the pieces really go is in their link-layer
 * header, or that of a tunnel, and how large they are is said with the packet.
 */
static bool hasw_emit_route_out(const struct hasw_packet *p,
				const struct net_device *dev)
{
	struct sk_buff *skb = p->skb;
	struct net *net = p->hn->net;
	struct dst_entry *dst;

	if (p->family == HASW_HOP4) {
		struct flowi4 fl4 = {
			.daddr = htonl(INADDR_ALLHOSTS_GROUP),
			.flowi4_oif = dev->ifindex,
		};
		struct rtable *rt = ip_route_output_key(net, &fl4);

		if (IS_ERR(rt))
			return false;
		dst = &rt->dst;
	} else {
		struct flowi6 fl6 = {
			/* IPv6 packets come only where IPv6 is enabled. */
			.daddr = IN6ADDR_LINKLOCAL_ALLNODES_INIT,
			.flowi6_oif = dev->ifindex,
		};

		dst = ip6_route_output(net, NULL, &fl6);
		if (dst->error) {
			dst_release(dst);
			return false;
		}
	}
	skb_dst_drop(skb);
	skb_dst_set(skb, dst);
	return true;
}

/* Takes a packet of many segments apart; each is one that the sender would have
 * sent. What is not one is left as it is. NULL if there is no memory.
 */
static struct sk_buff *hasw_emit_segments(struct sk_buff *skb)
{
	struct sk_buff *segments;

	if (!skb_is_gso(skb))
		return skb;
	segments = skb_gso_segment(skb, 0);
	if (IS_ERR_OR_NULL(segments)) {
		kfree_skb(skb);
		return NULL;
	}
	consume_skb(skb);
	return segments;
}

static int hasw_emit_fragment(struct net *net, int family, struct sk_buff *skb)
{
	if (family == HASW_HOP4)
		return ip_do_fragment(net, skb->sk, skb, hasw_emit_piece);
	return hasw_ip6_fragment(net, skb->sk, skb, hasw_emit_piece);
}

/* All pieces of a packet, which is taken over; of one that fails in the midst,
 * none. Return: 0 or a negative errno.
 */
static int hasw_emit_cut(const struct hasw_packet *p,
			 struct sk_buff_head *pieces)
{
	struct sk_buff *skb = hasw_emit_segments(p->skb), *next;
	int err = skb ? 0 : -ENOMEM, one;

	hasw_local_lock_bh(&hasw_emit_fragments.lock);
	this_cpu_write(hasw_emit_fragments.to, pieces);
	for (; skb; skb = next) {
		next = skb->next;
		skb_mark_not_on_list(skb);
		one = hasw_emit_fragment(p->hn->net, p->family, skb);
		if (one)
			err = one;
	}
	hasw_local_unlock_bh(&hasw_emit_fragments.lock);
	if (err)
		__skb_queue_purge(pieces);
	return err;
}

/* Readies the packet for being cut into pieces of at most @piece bytes, which go
 * out by @dev. Return: NF_ACCEPT, or NF_DROP.
 */
static unsigned int hasw_emit_ready_cut(const struct hasw_packet *p,
					const struct net_device *dev, u32 piece)
{
	struct sk_buff *skb = p->skb;

	if (!hasw_emit_route_out(p, dev))
		return hasw_emit_drop(p, HASW_STAT_DROP_UNRESOLVED);
	if (skb_ensure_writable(skb, p->family == HASW_HOP4 ?
				     sizeof(struct iphdr) :
				     sizeof(struct ipv6hdr)))
		return hasw_emit_drop(p, HASW_STAT_DROP_MEMORY);
	/* Who cuts takes each checksum for one of the Internet's. */
	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_csum_is_sctp(skb) &&
	    !skb_is_gso(skb) && skb_csum_hwoffload_help(skb, 0))
		return hasw_emit_drop(p, HASW_STAT_DROP_MEMORY);
	hasw_emit_forward(p);
	skb->ignore_df = 1;
	/* The route may be narrower than the hop, by its device's IPv6 MTU or
	 * a forged error: then the pieces are smaller, not refused.
	 */
	if (p->family == HASW_HOP4)
		IPCB(skb)->frag_max_size = piece;
	else
		IP6CB(skb)->frag_max_size = min(piece,
						dst_mtu(skb_dst(skb)));
	return NF_ACCEPT;
}

/**
 * hasw_emit_split() - sends a packet that does not fit in pieces, or says so
 * @p: the packet
 * @hop: where to
 * @output: sends one piece
 *
 * IPv4 with DF, or any IPv6 packet that did not come in pieces, is dropped and
 * its sender told the MTU (RFC 1191, RFC 8201). A packet that was put together
 * goes out in pieces no larger than those it came in. One of many segments is
 * taken apart first, and counts as one packet. What a local socket has allowed
 * to be split is.
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_STOLEN, or NF_DROP.
 */
unsigned int hasw_emit_split(const struct hasw_packet *p,
			     const struct hasw_hop *hop,
			     hasw_emit_output_t output)
{
	u32 came_in = hasw_emit_came_in(p);
	struct sk_buff *skb = p->skb;
	u32 piece = came_in ? min(came_in, hop->mtu) : hop->mtu;
	struct sk_buff_head pieces;
	int err;

	/* Merged by a NIC, beyond taking apart (see dev_disable_lro()). */
	if (skb_warn_if_lro(skb))
		return hasw_emit_drop(p, HASW_STAT_DROP_MTU);
	if (!hasw_emit_may_split(p, hop->mtu)) {
		hasw_emit_error(p, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED,
				ICMPV6_PKT_TOOBIG, 0, hop->mtu);
		return hasw_emit_drop(p, HASW_STAT_DROP_MTU);
	}
	if (hasw_emit_ready_cut(p, hop->dev, piece) == NF_DROP)
		return NF_DROP;
	__skb_queue_head_init(&pieces);
	err = hasw_emit_cut(p, &pieces);
	while ((skb = __skb_dequeue(&pieces))) {
		if (skb_cow_head(skb, LL_RESERVED_SPACE(hop->dev)))
			kfree_skb(skb);
		else
			output(p->hn, skb, hop);
	}
	hasw_stat_inc(p->hn, !err ? HASW_STAT_REDIRECTED :
		      err == -EMSGSIZE ? HASW_STAT_DROP_MTU :
					 HASW_STAT_DROP_MEMORY);
	return NF_STOLEN;
}

/**
 * hasw_emit_take() - takes a packet over as what its sender sent
 * @p: the packet; from elsewhere its TTL is above 1
 * @dev: device that it leaves by
 * @pieces: empty list, which gets the packet; or, if it was put together from
 *	pieces or segments, those
 * @err: set to 0, or to a negative errno if the packet is lost on the way
 *
 * For who sends inside another packet, for which no link is too narrow.
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_STOLEN, or NF_DROP if it was counted as dropped.
 */
unsigned int hasw_emit_take(const struct hasw_packet *p,
			    const struct net_device *dev,
			    struct sk_buff_head *pieces, int *err)
{
	u32 came_in = hasw_emit_came_in(p);
	struct sk_buff *skb = p->skb, *next;

	*err = 0;
	if (skb_warn_if_lro(skb))
		return hasw_emit_drop(p, HASW_STAT_DROP_MTU);
	if (came_in) {
		if (hasw_emit_ready_cut(p, dev, came_in) == NF_DROP)
			return NF_DROP;
		*err = hasw_emit_cut(p, pieces);
		return NF_STOLEN;
	}
	if (skb_ensure_writable(skb, p->family == HASW_HOP4 ?
				     sizeof(struct iphdr) :
				     sizeof(struct ipv6hdr)))
		return hasw_emit_drop(p, HASW_STAT_DROP_MEMORY);
	hasw_emit_forward(p);
	skb = hasw_emit_segments(skb);
	if (!skb)
		*err = -ENOMEM;
	for (; skb; skb = next) {
		next = skb->next;
		skb_mark_not_on_list(skb);
		__skb_queue_tail(pieces, skb);
	}
	return NF_STOLEN;
}
