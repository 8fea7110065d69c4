/* SPDX-License-Identifier: GPL-2.0 */
/* Code that sends a packet to the picked member, and is shared by all values of
 * the member's `via`.
 */
#ifndef HASW_XMIT_H
#define HASW_XMIT_H

#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "core/route.h"
#include "flow/flow.h"
#include "service/service.h"

struct dst_entry;
struct hasw_nat_ends;
struct hasw_route_ends;
struct hasw_tunnel_route;

/**
 * struct hasw_packet - a packet that this module handles
 * @hn: namespace
 * @skb: the packet, at its IP header
 * @family: HASW_HOP4 or HASW_HOP6, according to the packet's IP version
 * @local: this node's own stack has sent and routed the packet
 */
struct hasw_packet {
	struct hasw_net *hn;
	struct sk_buff *skb;
	int family;
	bool local;
};

/**
 * hasw_xmit_drop() - counts a packet that the caller drops
 * @p: the packet
 * @why: the drop counter to increment
 *
 * Context: softirqs off.
 * Return: NF_DROP.
 */
static inline unsigned int hasw_xmit_drop(const struct hasw_packet *p,
					  enum hasw_stat why)
{
	hasw_stat_inc(p->hn, why);
	return NF_DROP;
}

/**
 * hasw_xmit_unicast() - returns whether a packet arrived in a unicast frame to
 *	this machine
 * @skb: the packet, from another machine
 *
 * Like a router, this node forwards only packets that arrived in such frames.
 *
 * Context: any.
 */
static __always_inline bool hasw_xmit_unicast(const struct sk_buff *skb)
{
	return skb->pkt_type == PACKET_HOST;
}

/**
 * hasw_xmit_expires() - returns whether a packet's TTL or hop limit is too
 *	small to forward the packet
 * @skb: the packet, from another machine
 * @family: HASW_HOP4 or HASW_HOP6
 *
 * Context: any.
 */
static __always_inline bool hasw_xmit_expires(const struct sk_buff *skb,
					      int family)
{
	return family == HASW_HOP4 ? ip_hdr(skb)->ttl <= 1 :
				     ipv6_hdr(skb)->hop_limit <= 1;
}

/* Returns the size of the largest fragment in which the packet arrived, or 0 if
 * it arrived whole.
 */
static inline u32 hasw_xmit_came_in(const struct hasw_packet *p)
{
	return p->family == HASW_HOP4 ? IPCB(p->skb)->frag_max_size :
					IP6CB(p->skb)->frag_max_size;
}

/**
 * hasw_xmit_is_list() - returns whether a GSO packet is a list of whole packets
 * @skb: the packet
 *
 * A device with the feature rx-gro-list merges packets to such lists
 * (SKB_GSO_FRAGLIST). Each packet of a list has headers of its own, but code
 * that changes a GSO packet changes those of the first one. When the kernel
 * segments a list, it copies addresses and ports to the other packets, but not
 * the TTL. It also copies the headers of tunnels, but neither ensures headroom
 * for them, nor sets their checksums. So this module segments a list before it
 * sends or encapsulates the packets, see hasw_xmit_each().
 *
 * Context: any.
 */
static __always_inline bool hasw_xmit_is_list(const struct sk_buff *skb)
{
	return unlikely(skb_is_nonlinear(skb)) && skb_is_gso(skb) &&
	       skb_shinfo(skb)->gso_type & SKB_GSO_FRAGLIST;
}

/**
 * hasw_xmit_is_lro() - returns whether a device has merged a packet by LRO
 * @skb: the packet
 *
 * Such a packet cannot be segmented again: its TCP checksum is that of the
 * first segment, and the other segments' headers are lost. Even a packet that
 * is no longer than the MTU must not be forwarded, because its checksum is
 * wrong. skb_warn_if_lro() has the same condition, and tells the administrator
 * the device.
 *
 * Context: any.
 */
static __always_inline bool hasw_xmit_is_lro(const struct sk_buff *skb)
{
	return unlikely(skb_is_nonlinear(skb)) && skb_is_gso(skb) &&
	       !skb_shinfo(skb)->gso_type;
}

/* The functions hasw_xmit_*_peek() tell `haadm explain` what the sending
 * functions would do with a packet. The peek functions send and count nothing,
 * and assume that no allocation fails. The packet is linear, and is not a GSO
 * packet. Return: the counter that a drop would increment, or -1 if the packet
 * would be sent.
 */

/* hasw_xmit_check() for `haadm explain`. */
static inline int hasw_xmit_forward_peek(const struct hasw_packet *p)
{
	if (p->local)
		return -1;
	if (!hasw_xmit_unicast(p->skb))
		return HASW_STAT_DROP_MALFORMED;
	return hasw_xmit_expires(p->skb, p->family) ? HASW_STAT_DROP_TTL : -1;
}

/* Decrements the TTL or hop limit of a packet whose IP header is writable. */
static __always_inline void hasw_xmit_decrement(struct sk_buff *skb, int family)
{
	if (family == HASW_HOP4)
		ip_decrease_ttl(ip_hdr(skb));
	else
		ipv6_hdr(skb)->hop_limit--;
}

/**
 * hasw_xmit_forward() - updates a packet as every router does
 * @p: the packet, with a writable IP header; its TTL is above 1 unless the
 *	packet is local
 *
 * The TTL or hop limit of a packet from another machine is decremented. The
 * skb's checksum state and timestamp, set by the receiving device or the
 * socket, are cleared.
 *
 * Context: softirqs off.
 */
static inline void hasw_xmit_forward(const struct hasw_packet *p)
{
	struct sk_buff *skb = p->skb;

	if (likely(!p->local)) {
		/* A frame that a bridge passes to the hook can still have a
		 * VLAN tag.
		 */
		__vlan_hwaccel_clear_tag(skb);
		hasw_xmit_decrement(skb, p->family);
	}
	skb_forward_csum(skb);
	skb_clear_tstamp(skb);
}

/* hasw_xmit_forward() for the fast path. Also clears the skb's redirect state,
 * as the network core does after the ingress hook.
 */
static __always_inline void hasw_xmit_forward_fast(const struct hasw_packet *p)
{
	hasw_xmit_forward(p);
	skb_reset_redirect(p->skb);
}

/* Makes the first @end bytes of a packet of @len bytes writable. Return: false
 * if the packet is shorter than @end, or if the allocation fails.
 */
static inline bool hasw_xmit_writable(struct sk_buff *skb, u32 end, u32 len)
{
	if (unlikely(end > len))
		return false;
	return likely(!skb_cloned(skb) && skb_headlen(skb) >= end) ||
	       !skb_ensure_writable(skb, end);
}

/**
 * hasw_xmit_ready() - prepares a packet for the changes that the fast path
 *	makes
 * @skb: the packet
 * @room: headroom for all headers that are added in front of the packet, bytes
 * @write: number of bytes from the start of the packet that the caller will
 *	change; 0 if the caller changes no more than hasw_xmit_forward()
 * @len: packet length according to the IP header, bytes; padding behind this
 *	length is removed
 *
 * If a step fails, the slow path gets the packet. Therefore no step changes the
 * packet's contents.
 *
 * Context: softirqs off.
 * Return: false if the fast path cannot send the packet.
 */
static __always_inline bool hasw_xmit_ready(struct sk_buff *skb, u32 room,
					    u32 write, u32 len)
{
	if (unlikely(skb_cow_head(skb, room)))
		return false;
	if (write && unlikely(!hasw_xmit_writable(skb, write, len)))
		return false;
	if (unlikely(skb->len != len && pskb_trim_rcsum(skb, len)))
		return false;
	if (unlikely(skb->sk))
		skb_orphan(skb);
	return true;
}

/**
 * hasw_xmit_prebuilt() - puts the prebuilt link-layer header in front of a
 *	packet
 * @skb: the packet at its IP header, with headroom for sizeof(hasw_hop.eth)
 * @hop: the next hop, whose link-layer header is prebuilt
 *
 * Context: RCU read side.
 */
static __always_inline void hasw_xmit_prebuilt(struct sk_buff *skb,
					       const struct hasw_hop *hop)
{
	/* The copy consists of two 64-bit words: padding, and then the Ethernet
	 * header.
	 */
	memcpy(skb->data - sizeof(hop->eth), &hop->eth, sizeof(hop->eth));
	__skb_push(skb, ETH_HLEN);
	((struct ethhdr *)skb->data)->h_proto = skb->protocol;
}

/**
 * typedef hasw_xmit_output_t - sends a whole packet or a fragment
 * @hn: namespace
 * @skb: the packet, at its IP header; taken over
 * @hop: the next hop
 *
 * Context: RCU read side, softirqs off.
 * Return: 0 if the packet was passed on, or a negative errno.
 */
typedef int (*hasw_xmit_output_t)(struct hasw_net *hn, struct sk_buff *skb,
				  const struct hasw_hop *hop);

/**
 * hasw_xmit_count() - counts a packet that was sent, whole or in fragments or
 *	segments
 * @hn: namespace
 * @err: 0 if all parts of the packet were passed on, or the errno of the last
 *	part that failed; selects the counter
 *
 * Context: softirqs off.
 */
static inline void hasw_xmit_count(struct hasw_net *hn, int err)
{
	hasw_stat_inc(hn, !err ? HASW_STAT_REDIRECTED :
		      err == -EMSGSIZE ? HASW_STAT_DROP_MTU :
		      err == -EHOSTUNREACH ? HASW_STAT_DROP_UNRESOLVED :
					     HASW_STAT_DROP_MEMORY);
}

/**
 * hasw_xmit_segments_fit() - whether a packet is a GSO packet whose segments
 *	can be sent without fragmentation
 * @skb: the packet, for which hasw_xmit_is_lro() is false
 * @mtu: MTU of the route or device, bytes
 *
 * Context: any.
 */
static inline bool hasw_xmit_segments_fit(const struct sk_buff *skb, u32 mtu)
{
	/* Without a type, a merged packet has been linearized since. */
	return skb_is_gso(skb) && skb_shinfo(skb)->gso_type &&
	       skb_gso_validate_network_len(skb, mtu);
}

bool hasw_xmit_fits(const struct hasw_packet *p, u32 mtu);
bool hasw_xmit_may_split(const struct hasw_packet *p, u32 mtu);
void hasw_xmit_unreachable(const struct hasw_packet *p);
unsigned int hasw_xmit_expired(const struct hasw_packet *p);
unsigned int hasw_xmit_split(const struct hasw_packet *p,
			     const struct hasw_hop *hop,
			     hasw_xmit_output_t output);
int hasw_xmit_split_peek(const struct hasw_packet *p,
			 const struct net_device *dev, u32 mtu);
bool hasw_xmit_finish_sctp(struct sk_buff *skb);

/**
 * hasw_xmit_check() - checks a packet as a router does before it forwards a
 *	packet
 * @p: the packet
 *
 * Like a router, this node forwards only unicast frames, no packet that a
 * device has merged by LRO (see dev_disable_lro()), and detaches a forwarded
 * packet from its socket. A packet of this node's own stack is not checked. All
 * code that sends on a packet calls this function first.
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_ACCEPT, or NF_DROP if the packet was counted as dropped.
 */
static __always_inline unsigned int hasw_xmit_check(const struct hasw_packet *p)
{
	if (unlikely(p->local))
		return NF_ACCEPT;
	if (unlikely(!hasw_xmit_unicast(p->skb)))
		return hasw_xmit_drop(p, HASW_STAT_DROP_MALFORMED);
	if (unlikely(skb_warn_if_lro(p->skb)))
		return hasw_xmit_drop(p, HASW_STAT_DROP_MTU);
	if (unlikely(p->skb->sk))
		skb_orphan(p->skb);
	if (unlikely(hasw_xmit_expires(p->skb, p->family)))
		return hasw_xmit_expired(p);
	return NF_ACCEPT;
}

unsigned int hasw_xmit_take(const struct hasw_packet *p,
			    const struct net_device *dev,
			    struct sk_buff_head *fragments, int *err);
unsigned int hasw_xmit_each(const struct hasw_packet *p,
			    const struct hasw_hop *hop,
			    hasw_xmit_output_t output);
int hasw_xmit_take_peek(const struct hasw_packet *p,
			const struct net_device *dev);

bool hasw_xmit_is_local(const struct hasw_packet *p);
u32 hasw_xmit_tunnel_mtu(const struct hasw_packet *p,
			 const struct hasw_tunnel_route *route);

/**
 * struct hasw_nat_route - the route of one packet via nat
 * @hop: device and MTU, for xmit.c
 * @link: the next hop, if the packet is sent directly to the node, which is on
 *	a link of this node; NULL if the packet uses @dst
 * @dst: the route, valid within the RCU read side
 * @base: a route whose reference hasw_xmit_nat_put() releases, or NULL
 * @to: destination address; IPv4 as v4-mapped
 * @stack: @dst is not plain (see hasw_route_plain()), so the stack sends the
 *	packet
 * @unresolved: no next hop to the node's address of the packet's family is
 *	known; always true for a node behind a router
 */
struct hasw_nat_route {
	struct hasw_hop hop;
	const struct hasw_hop *link;
	struct dst_entry *dst;
	struct dst_entry *base;
	struct in6_addr to;
	bool stack;
	bool unresolved;
};

/* Fills in @route for a packet that uses the route @dst, and is not sent
 * directly to a node on a link of this node.
 */
static __always_inline void hasw_nat_route_set(struct hasw_nat_route *route,
					       struct dst_entry *dst, bool six)
{
	route->dst = dst;
	route->stack = !hasw_route_plain(dst, six);
	route->hop.dev = dst->dev;
	route->hop.mtu = dst_mtu(dst);
}

/**
 * struct hasw_reject - a TCP reset or an ICMP error that a task is sending for
 *	this module
 * @next: next entry in the CPU's list of hasw_rejects
 * @task: the task
 * @hn: namespace
 * @to: destination address of the reset or error; IPv4 as v4-mapped
 * @family: HASW_HOP4 or HASW_HOP6
 * @proto: IPPROTO_TCP, IPPROTO_ICMP or IPPROTO_ICMPV6
 *
 * The LOCAL_OUT hook does not redirect the reset or error to a member, and does
 * not take it as a sign that no local socket listens. Functions of the kernel
 * build the packet, so this module cannot mark the packet itself. Instead the
 * task describes the packet here, on its stack, while it sends the packet.
 */
struct hasw_reject {
	struct hasw_reject *next;
	const struct task_struct *task;
	const struct hasw_net *hn;
	struct in6_addr to;
	int family;
	u8 proto;
};

DECLARE_PER_CPU(struct hasw_reject *, hasw_rejects);

void hasw_reject_begin(struct hasw_reject *reject, const struct hasw_net *hn,
		       int family, const __be32 *to, u8 proto);
void hasw_reject_end(struct hasw_reject *reject);
bool hasw_reject_find(const struct hasw_packet *p);

/**
 * hasw_reject_is() - returns whether a packet at LOCAL_OUT is a reset or an
 *	error of this module
 * @p: the packet
 *
 * Context: softirqs off.
 */
static inline bool hasw_reject_is(const struct hasw_packet *p)
{
	return unlikely(this_cpu_read(hasw_rejects)) && hasw_reject_find(p);
}

unsigned int hasw_xmit_reject(const struct hasw_packet *p);
int hasw_xmit_reject_peek(const struct hasw_packet *p);
unsigned int hasw_xmit_local(const struct hasw_packet *p);
unsigned int hasw_xmit_unserved(const struct hasw_packet *p);
int hasw_xmit_local_peek(const struct hasw_packet *p);
bool hasw_xmit_translated(const struct hasw_packet *p);
bool hasw_xmit_routed(const struct hasw_packet *p, const struct hasw_vip *vip);
int hasw_xmit_frame(struct hasw_net *hn, struct sk_buff *skb,
		    const struct hasw_hop *hop);
unsigned int hasw_xmit_direct(const struct hasw_packet *p,
			      const struct hasw_node *node);
int hasw_xmit_direct_peek(const struct hasw_packet *p,
			  const struct hasw_hop *hop);
unsigned int hasw_xmit_tunnel(const struct hasw_packet *p,
			      struct hasw_node *node, bool gue);
unsigned int hasw_xmit_tunnel_split(const struct hasw_packet *p,
				    struct hasw_node *node);
unsigned int hasw_xmit_tunnel_fast(const struct hasw_packet *p,
				   struct hasw_node *node, bool gue, u32 len);
int hasw_xmit_tunnel_peek(const struct hasw_packet *p,
			  const struct hasw_tunnel_route *route);
bool hasw_xmit_tunnel_fast_peek(const struct hasw_packet *p,
				const struct hasw_tunnel_route *route, u32 len);
unsigned int hasw_xmit_nat(const struct hasw_packet *p,
			   const struct hasw_flow *f, struct hasw_node *node);
int hasw_xmit_nat_peek(const struct hasw_packet *p, const struct hasw_tuple *t,
		       const struct hasw_nat_route *route);
bool hasw_xmit_nat_linked(const struct hasw_packet *p,
			  const struct hasw_flow *f, struct hasw_node *node);
bool hasw_xmit_nat_route(const struct hasw_packet *p, struct hasw_node *node,
			 const struct hasw_route_ends *ends,
			 struct hasw_nat_route *route);
void hasw_xmit_nat_put(const struct hasw_nat_route *route);
void hasw_xmit_nat_ends(const struct hasw_packet *p, const struct hasw_tuple *t,
			const struct hasw_nat_ends *to,
			struct hasw_route_ends *ends);
struct dst_entry *hasw_xmit_reply_route(const struct hasw_packet *p,
					const struct hasw_tuple *t,
					const struct hasw_nat_ends *to,
					struct hasw_flow *f);
unsigned int hasw_xmit_reply(const struct hasw_packet *p,
			     const struct hasw_tuple *t, struct hasw_flow *f);
int hasw_xmit_reply_peek(const struct hasw_packet *p,
			 const struct hasw_tuple *t,
			 const struct hasw_nat_route *route, bool *home);
bool hasw_stray_returns(const struct hasw_packet *p);
unsigned int hasw_xmit_stray(const struct hasw_packet *p,
			     const struct hasw_node *holder, u64 epoch);
int hasw_xmit_stray_peek(const struct hasw_packet *p,
			 const struct hasw_tunnel_route *route);

#endif
