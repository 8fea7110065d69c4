// SPDX-License-Identifier: GPL-2.0
/* Code that sends a packet to the picked member, and is shared by all values of
 * the member's `via`.
 */
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

/* The list to which this CPU adds the fragments of a packet. The list is a
 * per-CPU variable, because ip_do_fragment() and hasw_ip6_fragment() pass no
 * context to their output function. It is accessed with softirqs off. On
 * kernels where code with disabled softirqs can be preempted, @lock excludes
 * other users.
 */
struct hasw_xmit_fragments {
	local_lock_t lock;
	struct sk_buff_head *to;
};

static DEFINE_PER_CPU(struct hasw_xmit_fragments, hasw_xmit_fragments) = {
	.lock = INIT_LOCAL_LOCK(lock),
};

/**
 * hasw_xmit_fits() - returns whether a packet can be sent without fragmentation
 * @p: the packet
 * @mtu: MTU of the route or device, bytes
 *
 * For a reassembled packet the result is always false: the packet is fragmented
 * again, because its sender might rely on fragments of the original size.
 *
 * Context: softirqs off.
 */
bool hasw_xmit_fits(const struct hasw_packet *p, u32 mtu)
{
	struct sk_buff *skb = p->skb;

	if (unlikely(hasw_xmit_came_in(p)))
		return false;
	return likely(skb->len <= mtu) || hasw_xmit_segments_fit(skb, mtu);
}

/**
 * hasw_xmit_may_split() - returns whether a packet that exceeds the MTU is
 *	allowed to be fragmented
 * @p: the packet
 * @mtu: MTU of the route or device, bytes
 *
 * Context: any.
 */
bool hasw_xmit_may_split(const struct hasw_packet *p, u32 mtu)
{
	u32 came_in = hasw_xmit_came_in(p);

	if (p->family == HASW_HOP4 && !(ip_hdr(p->skb)->frag_off & htons(IP_DF)))
		return true;
	return (came_in && came_in <= mtu) || (p->local && p->skb->ignore_df);
}

/* Gives a packet the input route that icmp_send() needs, because a packet at
 * PRE_ROUTING has no route yet. Return: false if there is no route, for example
 * for a martian. In this case the caller sends no ICMP error.
 */
static bool hasw_xmit_route4(struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	/* A tunnel device might have set a metadata dst, which is not a route.
	 */
	if (skb_valid_dst(skb))
		return true;
	skb_dst_drop(skb);
	return hasw_ip_route_input(skb, iph->daddr, iph->saddr, iph,
				   skb->dev) == 0;
}

static void hasw_xmit_error(const struct hasw_packet *p, u8 type4, u8 code4,
			    u8 type6, u8 code6, u32 info)
{
	struct sk_buff *skb = p->skb;

	if (p->local)
		skb->dev = skb_dst(skb)->dev;
	if (p->family == HASW_HOP6)
		icmpv6_send(skb, type6, code6, info);
	else if (hasw_xmit_route4(skb))
		icmp_send(skb, type4, code4, htonl(info));
}

/**
 * hasw_xmit_expired() - drops a packet whose TTL or hop limit has expired
 * @p: the packet; its sender gets an ICMP error (RFC 1812 5.3.1, RFC 4443 3.3)
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_DROP.
 */
unsigned int hasw_xmit_expired(const struct hasw_packet *p)
{
	hasw_xmit_error(p, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, ICMPV6_TIME_EXCEED,
			ICMPV6_EXC_HOPLIMIT, 0);
	return hasw_xmit_drop(p, HASW_STAT_DROP_TTL);
}

/**
 * hasw_xmit_unreachable() - sends an ICMP port unreachable error to the sender
 * @p: the packet, which the caller then drops (RFC 1122 3.2.2.1, RFC 4443 3.1)
 *
 * Context: RCU read side, softirqs off.
 */
void hasw_xmit_unreachable(const struct hasw_packet *p)
{
	hasw_xmit_error(p, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH,
			ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH, 0);
}

static int hasw_xmit_fragment_out(struct net *net, struct sock *sk,
				  struct sk_buff *skb)
{
	__skb_queue_tail(this_cpu_read(hasw_xmit_fragments.to), skb);
	return 0;
}

/* Stores in @out a route through @dev, with a reference. The kernel's
 * fragmentation code needs a route, but the fragments are not sent by this
 * route. Their destination is in the link-layer or tunnel header, and their
 * maximum size is stored in the skb. The route to a multicast address is used,
 * because each device has such a route without configuration. Return: whether
 * there is such a route.
 */
static __always_inline bool
hasw_xmit_find_route_out(const struct hasw_packet *p,
			 const struct net_device *dev, struct dst_entry **out)
{
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
			/* IPv6 is enabled, because an IPv6 packet has arrived.
			 */
			.daddr = IN6ADDR_LINKLOCAL_ALLNODES_INIT,
			.flowi6_oif = dev->ifindex,
		};

		dst = ip6_route_output(net, NULL, &fl6);
		if (dst->error) {
			dst_release(dst);
			return false;
		}
	}
	*out = dst;
	return true;
}

static bool hasw_xmit_route_out(const struct hasw_packet *p,
				const struct net_device *dev)
{
	struct dst_entry *dst;

	if (!hasw_xmit_find_route_out(p, dev, &dst))
		return false;
	skb_dst_drop(p->skb);
	skb_dst_set(p->skb, dst);
	return true;
}

/* hasw_xmit_ready_cut() for `haadm explain`. */
static int hasw_xmit_ready_cut_peek(const struct hasw_packet *p,
				    const struct net_device *dev)
{
	struct dst_entry *dst;

	if (!hasw_xmit_find_route_out(p, dev, &dst))
		return HASW_STAT_DROP_UNRESOLVED;
	dst_release(dst);
	return -1;
}

/* Segments a GSO packet, to which hasw_xmit_forward() was applied, into a list
 * of packets, as the sender sent them. A packet that is not a GSO packet is
 * returned unchanged. Return: the list; or NULL if the segmentation fails, and
 * the packet is freed.
 */
static struct sk_buff *hasw_xmit_segments(const struct hasw_packet *p)
{
	struct sk_buff *skb = p->skb, *segments, *next;
	bool list = hasw_xmit_is_list(skb);

	if (!skb_is_gso(skb))
		return skb;
	segments = skb_gso_segment(skb, 0);
	if (IS_ERR_OR_NULL(segments)) {
		kfree_skb(skb);
		return NULL;
	}
	consume_skb(skb);
	/* The TTL of the first packet was decremented before. */
	if (list && !p->local)
		for (next = segments->next; next; next = next->next)
			hasw_xmit_decrement(next, p->family);
	return segments;
}

static int hasw_xmit_fragment(struct net *net, int family, struct sk_buff *skb)
{
	if (family == HASW_HOP4)
		return ip_do_fragment(net, skb->sk, skb,
				      hasw_xmit_fragment_out);
	return hasw_ip6_fragment(net, skb->sk, skb, hasw_xmit_fragment_out);
}

/* Takes over a packet, and adds its fragments to @fragments. If an error
 * occurs, all fragments are freed. Return: 0 or a negative errno.
 */
static int hasw_xmit_cut(const struct hasw_packet *p,
			 struct sk_buff_head *fragments)
{
	struct sk_buff *skb = hasw_xmit_segments(p), *next;
	int err = skb ? 0 : -ENOMEM, one;

	hasw_local_lock_bh(&hasw_xmit_fragments.lock);
	this_cpu_write(hasw_xmit_fragments.to, fragments);
	for (; skb; skb = next) {
		next = skb->next;
		skb_mark_not_on_list(skb);
		one = hasw_xmit_fragment(p->hn->net, p->family, skb);
		if (one)
			err = one;
	}
	hasw_local_unlock_bh(&hasw_xmit_fragments.lock);
	if (err)
		__skb_queue_purge(fragments);
	return err;
}

/**
 * hasw_xmit_finish_sctp() - computes an SCTP checksum that was left to the
 *	device (CHECKSUM_PARTIAL)
 * @skb: the packet
 *
 * Code that fragments, authenticates or encapsulates a packet treats every
 * CHECKSUM_PARTIAL as an Internet checksum, but SCTP's checksum is a CRC. So
 * the CRC has to be computed first. The checksums of a GSO packet are computed
 * when the packet is segmented.
 *
 * Context: softirqs off.
 * Return: false if the checksum cannot be computed, for lack of memory.
 */
bool hasw_xmit_finish_sctp(struct sk_buff *skb)
{
	return skb->ip_summed != CHECKSUM_PARTIAL || !skb_csum_is_sctp(skb) ||
	       skb_is_gso(skb) || !skb_csum_hwoffload_help(skb, 0);
}

/* Prepares a packet for fragmentation into fragments of at most @max_size
 * bytes, which are sent through @dev. Return: NF_ACCEPT, or NF_DROP if the
 * packet was counted as dropped.
 */
static unsigned int hasw_xmit_ready_cut(const struct hasw_packet *p,
					const struct net_device *dev,
					u32 max_size)
{
	struct sk_buff *skb = p->skb;

	if (!hasw_xmit_route_out(p, dev))
		return hasw_xmit_drop(p, HASW_STAT_DROP_UNRESOLVED);
	if (skb_ensure_writable(skb, p->family == HASW_HOP4 ?
				     sizeof(struct iphdr) :
				     sizeof(struct ipv6hdr)))
		return hasw_xmit_drop(p, HASW_STAT_DROP_MEMORY);
	if (!hasw_xmit_finish_sctp(skb))
		return hasw_xmit_drop(p, HASW_STAT_DROP_MEMORY);
	hasw_xmit_forward(p);
	skb->ignore_df = 1;
	/* The route's MTU can be smaller than the hop's, because of the
	 * device's IPv6 MTU or a forged ICMP error. The kernel would refuse
	 * larger fragments, so the route's MTU limits the fragment size.
	 */
	if (p->family == HASW_HOP4)
		IPCB(skb)->frag_max_size = max_size;
	else
		IP6CB(skb)->frag_max_size =
			min(max_size, dst_mtu(skb_dst(skb)));
	return NF_ACCEPT;
}

/* Sends all packets of a list, and empties it. Return: 0, or the errno of the
 * last packet that could not be sent.
 */
static int hasw_xmit_put(struct hasw_net *hn, struct sk_buff_head *parts,
			 const struct hasw_hop *hop, hasw_xmit_output_t output)
{
	struct sk_buff *skb;
	int err = 0, one;

	while ((skb = __skb_dequeue(parts))) {
		one = skb_cow_head(skb, LL_RESERVED_SPACE(hop->dev));
		if (one)
			kfree_skb(skb);
		else
			one = output(hn, skb, hop);
		if (one)
			err = one;
	}
	return err;
}

/**
 * hasw_xmit_split() - fragments and sends a packet that exceeds the MTU, or
 *	sends an ICMP error
 * @p: the packet
 * @hop: the next hop
 * @output: sends one fragment
 *
 * An IPv4 packet without DF is fragmented. An IPv4 packet with DF, or an IPv6
 * packet, is fragmented in two cases only: it arrived in fragments that fit the
 * MTU, or a local socket allows fragmentation. Otherwise the packet is dropped,
 * and an ICMP error tells its sender the MTU (RFC 1191, RFC 8201). A
 * reassembled packet is sent in fragments no larger than those in which it
 * arrived. A GSO packet is segmented before fragmentation, and counts as one
 * packet.
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_STOLEN, or NF_DROP.
 */
unsigned int hasw_xmit_split(const struct hasw_packet *p,
			     const struct hasw_hop *hop,
			     hasw_xmit_output_t output)
{
	u32 came_in = hasw_xmit_came_in(p);
	u32 max_size = came_in ? min(came_in, hop->mtu) : hop->mtu;
	struct sk_buff_head fragments;
	int err;

	if (!hasw_xmit_may_split(p, hop->mtu)) {
		hasw_xmit_error(p, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED,
				ICMPV6_PKT_TOOBIG, 0, hop->mtu);
		return hasw_xmit_drop(p, HASW_STAT_DROP_MTU);
	}
	if (hasw_xmit_ready_cut(p, hop->dev, max_size) == NF_DROP)
		return NF_DROP;
	__skb_queue_head_init(&fragments);
	err = hasw_xmit_cut(p, &fragments);
	hasw_xmit_count(p->hn, hasw_xmit_put(p->hn, &fragments, hop, output) ?:
			       err);
	return NF_STOLEN;
}

/**
 * hasw_xmit_split_peek() - hasw_xmit_split() for `haadm explain`
 * @p: the packet
 * @dev: device through which the packet is sent
 * @mtu: MTU of the route or device, bytes
 *
 * Context: RCU read side, softirqs off.
 * Return: the drop counter, or -1 if the packet would be sent.
 */
int hasw_xmit_split_peek(const struct hasw_packet *p,
			 const struct net_device *dev, u32 mtu)
{
	if (!hasw_xmit_may_split(p, mtu))
		return HASW_STAT_DROP_MTU;
	return hasw_xmit_ready_cut_peek(p, dev);
}

/**
 * hasw_xmit_take() - takes over a packet, and restores the fragments or
 *	segments that its sender sent
 * @p: the packet; its TTL is above 1 unless the packet is local
 * @dev: device through which the packet is sent
 * @fragments: empty list, which receives the fragments or segments that the
 *	packet was merged from, or the packet itself if it was not merged
 * @err: receives 0, or a negative errno if the packet was freed
 *
 * The MTU is not checked here, because the caller encapsulates the packet
 * afterwards.
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_STOLEN, or NF_DROP if the packet was counted as dropped.
 */
unsigned int hasw_xmit_take(const struct hasw_packet *p,
			    const struct net_device *dev,
			    struct sk_buff_head *fragments, int *err)
{
	u32 came_in = hasw_xmit_came_in(p);
	struct sk_buff *skb = p->skb, *next;

	*err = 0;
	if (came_in) {
		if (hasw_xmit_ready_cut(p, dev, came_in) == NF_DROP)
			return NF_DROP;
		*err = hasw_xmit_cut(p, fragments);
		return NF_STOLEN;
	}
	if (skb_ensure_writable(skb, p->family == HASW_HOP4 ?
				     sizeof(struct iphdr) :
				     sizeof(struct ipv6hdr)))
		return hasw_xmit_drop(p, HASW_STAT_DROP_MEMORY);
	hasw_xmit_forward(p);
	skb = hasw_xmit_segments(p);
	if (!skb)
		*err = -ENOMEM;
	for (; skb; skb = next) {
		next = skb->next;
		skb_mark_not_on_list(skb);
		__skb_queue_tail(fragments, skb);
	}
	return NF_STOLEN;
}

/**
 * hasw_xmit_each() - sends each of the segments or fragments that a packet was
 *	merged from
 * @p: the packet, whose segments fit the MTU; its TTL is above 1 unless the
 *	packet is local
 * @hop: the next hop
 * @output: sends one of them
 *
 * They count as one packet.
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_STOLEN, or NF_DROP if the packet was counted as dropped.
 */
unsigned int hasw_xmit_each(const struct hasw_packet *p,
			    const struct hasw_hop *hop,
			    hasw_xmit_output_t output)
{
	struct sk_buff_head parts;
	unsigned int verdict;
	int err;

	__skb_queue_head_init(&parts);
	verdict = hasw_xmit_take(p, hop->dev, &parts, &err);
	if (verdict == NF_STOLEN)
		hasw_xmit_count(p->hn, hasw_xmit_put(p->hn, &parts, hop,
						     output) ?: err);
	return verdict;
}

/**
 * hasw_xmit_take_peek() - hasw_xmit_take() for `haadm explain`
 * @p: the packet
 * @dev: device through which the packet is sent
 *
 * Context: RCU read side, softirqs off.
 * Return: the drop counter, or -1 if the packet would be sent.
 */
int hasw_xmit_take_peek(const struct hasw_packet *p,
			const struct net_device *dev)
{
	return hasw_xmit_came_in(p) ? hasw_xmit_ready_cut_peek(p, dev) : -1;
}
