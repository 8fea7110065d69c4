// SPDX-License-Identifier: GPL-2.0
/* Via nat: the packet goes to an address and port of the member, whose answers go to the client as the vip's. */
#include <linux/netfilter.h>
#include <net/ip6_route.h>
#include <net/neighbour.h>
#include <net/route.h>

#include "flow/client_route.h"
#include "xmit.h"
#include "flow/flow.h"
#include "packet/nat.h"
#include "tunnel.h"

/**
 * struct hasw_nat_way - the way that one packet takes
 * @hop: what xmit.c has to know of it
 * @link: the link-layer way, if that is known
 * @dst: or the route
 * @to: whom it leads to
 */
struct hasw_nat_way {
	struct hasw_hop hop;
	const struct hasw_hop *link;
	struct dst_entry *dst;
	struct in6_addr to;
};

/* By the neighbour of the route: no hook, no conntrack is asked, as on all the
 * ways of redirected packets. Takes the packet over.
 */
static void hasw_nat_output(struct hasw_net *hn, struct sk_buff *skb,
			    const struct hasw_hop *hop)
{
	const struct hasw_nat_way *way = container_of(hop, struct hasw_nat_way,
						      hop);
	bool six = skb->protocol == htons(ETH_P_IPV6);
	struct neighbour *neigh;

	if (way->link) {
		hasw_emit_frame(hn, skb, way->link);
		return;
	}
	skb->dev = way->dst->dev;
	neigh = dst_neigh_lookup(way->dst, six ? (void *)&way->to :
						 (void *)&way->to.s6_addr32[3]);
	if (IS_ERR_OR_NULL(neigh)) {
		kfree_skb(skb);
		return;
	}
	neigh_output(neigh, skb, false);
	neigh_release(neigh);
}

/* Sends a packet with other ends. Whether it fits is judged before: an error is
 * about the packet as its sender knows it.
 */
static unsigned int hasw_nat_go(const struct hasw_packet *p,
				const struct hasw_tuple *t,
				const struct hasw_nat_ends *to,
				const struct hasw_nat_way *way)
{
	struct sk_buff *skb = p->skb;
	bool fits;

	if (likely(!p->local)) {
		/* As a forwarder: not what was for many, and nobody's. */
		if (unlikely(skb->pkt_type != PACKET_HOST))
			return hasw_emit_drop(p, HASW_STAT_DROP_MALFORMED);
		if (unlikely(skb->sk))
			skb_orphan(skb);
		if (p->family == HASW_HOP4 ? ip_hdr(skb)->ttl <= 1 :
					     ipv6_hdr(skb)->hop_limit <= 1)
			return hasw_emit_expired(p);
	}
	fits = hasw_emit_fits(p, way->hop.mtu);
	if (unlikely(!fits && !hasw_emit_may_split(p, way->hop.mtu)))
		return hasw_emit_split(p, &way->hop, hasw_nat_output);
	if (unlikely(skb_cow_head(skb, LL_RESERVED_SPACE(way->hop.dev))))
		return hasw_emit_drop(p, HASW_STAT_DROP_MEMORY);
	if (unlikely(!hasw_nat_writable(skb, t) || !hasw_nat_valid(skb, t)))
		return hasw_emit_drop(p, HASW_STAT_DROP_MALFORMED);
	hasw_nat_rewrite(skb, t, to);
	if (unlikely(!fits))
		return hasw_emit_split(p, &way->hop, hasw_nat_output);
	hasw_emit_forward(p);
	hasw_stat_inc(p->hn, HASW_STAT_REDIRECTED);
	hasw_nat_output(p->hn, skb, &way->hop);
	return NF_STOLEN;
}

/* The way to a node: by its link, or, where it is on none, by a route that is
 * kept with it.
 */
static bool hasw_nat_to_node(const struct hasw_packet *p, struct hasw_node *node,
			     struct hasw_nat_way *way)
{
	const struct hasw_hop *hop = rcu_dereference(node->hop[p->family]);
	struct hasw_tunnel_way route;

	if (likely(hop)) {
		way->link = hop;
		way->hop.dev = hop->dev;
		way->hop.mtu = hop->mtu;
		return true;
	}
	hasw_hop_solicit(node);
	if (!hasw_tunnel_route(p->hn, node, p->family == HASW_HOP6, false,
			       &route))
		return false;
	way->dst = route.dst;
	/* Its other address is of no use here. */
	if (route.six != (p->family == HASW_HOP6)) {
		dst_release(route.dst);
		return false;
	}
	way->hop.dev = route.dst->dev;
	way->hop.mtu = dst_mtu(route.dst);
	return true;
}

/**
 * hasw_emit_nat() - sends the packet to an address and port of a node
 * @p: the packet
 * @f: its flow, which is translated
 * @node: the node
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_STOLEN if it was sent, NF_DROP if it was counted as dropped.
 */
unsigned int hasw_emit_nat(const struct hasw_packet *p,
			   const struct hasw_flow *f, struct hasw_node *node)
{
	struct hasw_nat_way way = {};
	struct hasw_nat_ends to;
	struct hasw_tuple t;
	unsigned int verdict;

	/* One that was found just when its member became via nat. */
	if (unlikely(!(READ_ONCE(f->kind) & HASW_FLOW_NAT)))
		return hasw_emit_drop(p, HASW_STAT_DROP_NO_MEMBER);
	if (unlikely(!hasw_tuple_get(p->skb, p->family == HASW_HOP6, &t)))
		return hasw_emit_drop(p, HASW_STAT_DROP_MALFORMED);
	if (unlikely(!hasw_flow_ends_asked(p->hn, f, &to) ||
		     !hasw_nat_to_node(p, node, &way)))
		return hasw_emit_drop(p, HASW_STAT_DROP_UNRESOLVED);
	way.to = to.dst;
	verdict = hasw_nat_go(p, &t, &to, &way);
	dst_release(way.dst);
	return verdict;
}

/**
 * hasw_emit_answer_route() - the route of an answer to the client
 * @p: the packet
 * @to: the ends that it will have
 *
 * Context: RCU read side, softirqs off.
 * Return: the route, as long as RCU is not left; NULL if there is none.
 */
struct dst_entry *hasw_emit_answer_route(const struct hasw_packet *p,
					 const struct hasw_nat_ends *to)
{
	struct hasw_clients __percpu *clients = p->hn->flows->clients;

	if (p->family == HASW_HOP4)
		return hasw_client_route4(p->hn->net, clients, p->skb,
					  to->dst.s6_addr32[3],
					  to->src.s6_addr32[3]);
	return hasw_client_route6(p->hn->net, clients, p->skb, &to->dst,
				  &to->src);
}

/* The client is this machine: the stack goes on with the packet, by a route that
 * it has already, since it would not take an address of its own for the source.
 */
static unsigned int hasw_nat_home(const struct hasw_packet *p,
				  const struct hasw_tuple *t,
				  const struct hasw_nat_ends *to,
				  struct dst_entry *dst)
{
	struct sk_buff *skb = p->skb;

	if (!hasw_nat_writable(skb, t) || !hasw_nat_valid(skb, t))
		return hasw_emit_drop(p, HASW_STAT_DROP_MALFORMED);
	hasw_nat_rewrite(skb, t, to);
	skb_dst_drop(skb);
	skb_dst_set(skb, dst_clone(dst));
	hasw_stat_inc(p->hn, HASW_STAT_LOCAL);
	return NF_ACCEPT;
}

/**
 * hasw_emit_answer() - sends what a member has answered to the client, as the vip's
 * @p: the packet
 * @t: its ends
 * @f: the flow that it answers
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_STOLEN if it was sent, NF_ACCEPT if it is this machine's, NF_DROP
 * if it was counted as dropped.
 */
unsigned int hasw_emit_answer(const struct hasw_packet *p,
			      const struct hasw_tuple *t,
			      const struct hasw_flow *f)
{
	struct hasw_nat_way way = {};
	struct hasw_nat_ends to;

	hasw_flow_ends_answered(f, &to);
	way.to = to.dst;
	way.dst = hasw_emit_answer_route(p, &to);
	if (unlikely(!way.dst))
		return hasw_emit_drop(p, HASW_STAT_DROP_UNRESOLVED);
	way.hop.dev = way.dst->dev;
	way.hop.mtu = dst_mtu(way.dst);
	if (unlikely(way.dst->dev->flags & IFF_LOOPBACK))
		return hasw_nat_home(p, t, &to, way.dst);
	return hasw_nat_go(p, t, &to, &way);
}
