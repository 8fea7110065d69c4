/* SPDX-License-Identifier: GPL-2.0 */
/* Sending a packet to the member that was picked; what all vias have in common. */
#ifndef HASW_EMIT_H
#define HASW_EMIT_H

#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "flow/flow.h"
#include "service/service.h"

struct dst_entry;
struct hasw_nat_ends;
struct hasw_route_ends;
struct hasw_tunnel_way;

/**
 * struct hasw_packet - a packet on its way through the path
 * @hn: namespace
 * @skb: the packet, at its IP header
 * @family: HASW_HOP4 or HASW_HOP6, as the packet's IP version
 * @local: it comes from this node's own stack, which has routed it
 */
struct hasw_packet {
	struct hasw_net *hn;
	struct sk_buff *skb;
	int family;
	bool local;
};

/**
 * hasw_emit_drop() - counts and drops
 * @p: the packet
 * @why: a drop counter
 *
 * Context: softirqs off.
 * Return: NF_DROP.
 */
static inline unsigned int hasw_emit_drop(const struct hasw_packet *p,
					  enum hasw_stat why)
{
	hasw_stat_inc(p->hn, why);
	return NF_DROP;
}

/**
 * hasw_emit_forward() - does to a packet what is due at every hop
 * @p: the packet, its header writable; from elsewhere its TTL is above 1
 *
 * The TTL or hop limit of what comes from elsewhere goes down; what devices and
 * sockets noted of checksum and time is for them no more.
 *
 * Context: softirqs off.
 */
static inline void hasw_emit_forward(const struct hasw_packet *p)
{
	struct sk_buff *skb = p->skb;

	if (likely(!p->local)) {
		/* A tag is left where a bridge showed the frame. */
		__vlan_hwaccel_clear_tag(skb);
		if (p->family == HASW_HOP4)
			ip_decrease_ttl(ip_hdr(skb));
		else
			ipv6_hdr(skb)->hop_limit--;
	}
	skb_forward_csum(skb);
	skb_clear_tstamp(skb);
}

/**
 * hasw_emit_prebuilt() - puts the link-layer header in front of a packet
 * @skb: the packet at its IP header, with headroom for what hasw_hop.eth holds
 * @hop: where to; prebuilt
 *
 * Context: RCU read side.
 */
static __always_inline void
hasw_emit_prebuilt(struct sk_buff *skb, const struct hasw_hop *hop)
{
	/* Two words, of which the first begins before the header. */
	memcpy(skb->data - sizeof(hop->eth), &hop->eth, sizeof(hop->eth));
	__skb_push(skb, ETH_HLEN);
	((struct ethhdr *)skb->data)->h_proto = skb->protocol;
}

/**
 * typedef hasw_emit_output_t - sends one whole packet or piece of one
 * @hn: namespace
 * @skb: the packet at its IP header, which it takes over
 * @hop: where to
 *
 * Context: RCU read side, softirqs off.
 */
typedef void (*hasw_emit_output_t)(struct hasw_net *hn, struct sk_buff *skb,
				   const struct hasw_hop *hop);

bool hasw_emit_fits(const struct hasw_packet *p, u32 mtu);
bool hasw_emit_may_split(const struct hasw_packet *p, u32 mtu);
bool hasw_emit_route_back(const struct hasw_packet *p);
void hasw_emit_unreachable(const struct hasw_packet *p);
unsigned int hasw_emit_expired(const struct hasw_packet *p);
unsigned int hasw_emit_split(const struct hasw_packet *p,
			     const struct hasw_hop *hop,
			     hasw_emit_output_t output);

unsigned int hasw_emit_take(const struct hasw_packet *p,
			    const struct net_device *dev,
			    struct sk_buff_head *pieces, int *err);

bool hasw_emit_is_local(const struct hasw_packet *p);
u32 hasw_emit_tunnel_inside(const struct hasw_tunnel_way *way);
u32 hasw_emit_tunnel_mtu(const struct hasw_packet *p,
			 const struct hasw_tunnel_way *way);

/**
 * struct hasw_nat_way - the way that one packet via nat takes
 * @hop: what xmit.c has to know of it
 * @link: the link-layer way, if the packet goes by that
 * @dst: or the route, as long as RCU is not left
 * @base: route that is held, or NULL; see hasw_emit_nat_put()
 * @to: whom it leads to
 * @stack: @dst is not plain: the stack sends the packet
 */
struct hasw_nat_way {
	struct hasw_hop hop;
	const struct hasw_hop *link;
	struct dst_entry *dst;
	struct dst_entry *base;
	struct in6_addr to;
	bool stack;
};

DECLARE_PER_CPU(bool, hasw_emit_rejecting);

unsigned int hasw_emit_reject(const struct hasw_packet *p);
unsigned int hasw_emit_local(const struct hasw_packet *p);
void hasw_emit_frame(struct hasw_net *hn, struct sk_buff *skb,
		     const struct hasw_hop *hop);
unsigned int hasw_emit_direct(const struct hasw_packet *p,
			      const struct hasw_node *node);
unsigned int hasw_emit_tunnel(const struct hasw_packet *p,
			      struct hasw_node *node, bool gue);
unsigned int hasw_emit_tunnel_fast(const struct hasw_packet *p,
				   struct hasw_node *node, bool gue, u32 len);
unsigned int hasw_emit_nat(const struct hasw_packet *p,
			   const struct hasw_flow *f, struct hasw_node *node);
bool hasw_emit_nat_linked(const struct hasw_packet *p, const struct hasw_flow *f,
			  struct hasw_node *node);
bool hasw_emit_nat_way(const struct hasw_packet *p, struct hasw_node *node,
		       const struct hasw_route_ends *ends,
		       struct hasw_nat_way *way);
void hasw_emit_nat_put(const struct hasw_nat_way *way);
void hasw_emit_nat_ends(const struct hasw_packet *p, const struct hasw_tuple *t,
			const struct hasw_nat_ends *to,
			struct hasw_route_ends *ends);
struct dst_entry *hasw_emit_answer_route(const struct hasw_packet *p,
					 const struct hasw_tuple *t,
					 const struct hasw_nat_ends *to);
unsigned int hasw_emit_answer(const struct hasw_packet *p,
			      const struct hasw_tuple *t,
			      const struct hasw_flow *f);
unsigned int hasw_emit_stray(const struct hasw_packet *p,
			     const struct hasw_node *holder, u64 epoch);

#endif
