// SPDX-License-Identifier: GPL-2.0
/* With `via nat`, a client's packet is translated to an address and port of the
 * member. The member's replies are translated back, and are sent to the client
 * with the vip as source.
 */
#include <linux/netfilter.h>
#include <net/ip6_route.h>
#include <net/neighbour.h>
#include <net/route.h>

#include "core/route.h"
#include "flow/client_route.h"
#include "xmit.h"
#include "flow/flow.h"
#include "packet/nat.h"
#include "tunnel.h"

/* Takes over a packet, and sends it. If hasw_nat_route.link is not NULL, the
 * packet is sent directly to a node on a link of this node. Otherwise the
 * packet is sent to the neighbour of a route for which hasw_route_plain() is
 * true. Like every redirected packet, the packet bypasses all later netfilter
 * hooks of the IP layer, and conntrack.
 */
static int hasw_nat_output(struct hasw_net *hn, struct sk_buff *skb,
			   const struct hasw_hop *hop)
{
	const struct hasw_nat_route *route =
		container_of(hop, struct hasw_nat_route, hop);
	bool six = skb->protocol == htons(ETH_P_IPV6);
	struct neighbour *neigh;

	if (route->link)
		return hasw_xmit_frame(hn, skb, route->link);
	skb->dev = route->dst->dev;
	neigh = dst_neigh_lookup(route->dst,
				 six ? (void *)&route->to :
				       (void *)&route->to.s6_addr32[3]);
	if (IS_ERR_OR_NULL(neigh)) {
		kfree_skb(skb);
		return -ENOMEM;
	}
	neigh_output(neigh, skb, false);
	neigh_release(neigh);
	return 0;
}

static int hasw_nat_stack_output(struct hasw_net *hn, struct sk_buff *skb,
				 const struct hasw_hop *hop)
{
	const struct hasw_nat_route *route =
		container_of(hop, struct hasw_nat_route, hop);

	hasw_route_out(hn->net, skb, route->dst);
	return 0;
}

/* Passes a translated packet to the stack, which takes the size of IPsec
 * headers into account. If @fits is false, the stack fragments the packet. In
 * this case the caller has checked that fragmentation is allowed.
 */
static unsigned int hasw_nat_stack(const struct hasw_packet *p,
				   const struct hasw_nat_route *route,
				   bool fits)
{
	struct sk_buff *skb = p->skb;

	if (!hasw_xmit_finish_sctp(skb))
		return hasw_xmit_drop(p, HASW_STAT_DROP_MEMORY);
	if (!fits)
		skb->ignore_df = 1;
	if (hasw_xmit_is_list(skb))
		return hasw_xmit_each(p, &route->hop, hasw_nat_stack_output);
	hasw_xmit_forward(p);
	hasw_stat_inc(p->hn, HASW_STAT_REDIRECTED);
	hasw_route_out(p->hn->net, skb, route->dst);
	return NF_STOLEN;
}

/* Makes those headers writable that hasw_nat_rewrite() changes. Return: false
 * if the packet is too short, if an allocation fails, or if the packet is an
 * ICMP error with a wrong checksum.
 */
static __always_inline bool hasw_nat_changes(struct sk_buff *skb,
					     const struct hasw_tuple *t)
{
	return hasw_nat_writable(skb, t) && hasw_nat_valid(skb, t);
}

/* Translates a packet and sends it. The MTU is checked before the translation,
 * because an ICMP error has to quote the packet as its sender sent it.
 */
static unsigned int hasw_nat_go(const struct hasw_packet *p,
				const struct hasw_tuple *t,
				const struct hasw_nat_ends *to,
				const struct hasw_nat_route *route)
{
	struct sk_buff *skb = p->skb;
	bool fits;

	if (unlikely(hasw_xmit_check(p) != NF_ACCEPT))
		return NF_DROP;
	fits = hasw_xmit_fits(p, route->hop.mtu);
	if (unlikely(!fits && !hasw_xmit_may_split(p, route->hop.mtu)))
		return hasw_xmit_split(p, &route->hop, hasw_nat_output);
	if (unlikely(skb_cow_head(skb, LL_RESERVED_SPACE(route->hop.dev))))
		return hasw_xmit_drop(p, HASW_STAT_DROP_MEMORY);
	if (unlikely(!hasw_nat_changes(skb, t)))
		return hasw_xmit_drop(p, HASW_STAT_DROP_MALFORMED);
	hasw_nat_rewrite(skb, t, to);
	if (unlikely(route->stack))
		return hasw_nat_stack(p, route, fits);
	if (unlikely(!fits))
		return hasw_xmit_split(p, &route->hop, hasw_nat_output);
	if (hasw_xmit_is_list(skb))
		return hasw_xmit_each(p, &route->hop, hasw_nat_output);
	hasw_xmit_forward(p);
	hasw_xmit_count(p->hn, hasw_nat_output(p->hn, skb, &route->hop));
	return NF_STOLEN;
}

/**
 * hasw_xmit_nat_peek() - tells `haadm explain` how a packet would be sent via
 *	nat
 * @p: the packet
 * @t: the packet's addresses and ports before translation
 * @route: the route
 *
 * Context: RCU read side, softirqs off.
 * Return: the drop counter, or -1 if the packet would be sent.
 */
int hasw_xmit_nat_peek(const struct hasw_packet *p, const struct hasw_tuple *t,
		       const struct hasw_nat_route *route)
{
	int why = hasw_xmit_forward_peek(p);
	bool fits;

	if (why >= 0)
		return why;
	fits = hasw_xmit_fits(p, route->hop.mtu);
	if (!fits && !hasw_xmit_may_split(p, route->hop.mtu))
		return HASW_STAT_DROP_MTU;
	if (!hasw_nat_changes(p->skb, t))
		return HASW_STAT_DROP_MALFORMED;
	if (fits || route->stack)
		return -1;
	return hasw_xmit_split_peek(p, route->hop.dev, route->hop.mtu);
}

/* Stores an ICMP packet's type and code in place of the ports, as xfrm does. */
static void hasw_nat_icmp(const struct hasw_packet *p,
			  struct hasw_route_ends *ends)
{
	const struct sk_buff *skb = p->skb;
	u8 buf[2], next = ends->six ? ipv6_hdr(skb)->nexthdr : 0;
	__be16 frag_off;
	const u8 *icmp;
	int at;

	at = skb_network_offset(skb);
	if (ends->six)
		at = ipv6_skip_exthdr(skb, at + sizeof(struct ipv6hdr), &next,
				      &frag_off);
	else
		at += ip_hdrlen(skb);
	icmp = at < 0 ? NULL : skb_header_pointer(skb, at, sizeof(buf), buf);
	if (!icmp)
		return;
	ends->sport = htons(icmp[0]);
	ends->dport = htons(icmp[1]);
}

/**
 * hasw_xmit_nat_ends() - builds the key of IPsec policy lookups for a packet
 *	via nat
 * @p: the packet before translation
 * @t: the packet's addresses and ports before translation
 * @to: the addresses and ports that hasw_nat_rewrite() will give the packet
 * @ends: filled in
 *
 * Context: softirqs off.
 */
void hasw_xmit_nat_ends(const struct hasw_packet *p, const struct hasw_tuple *t,
			const struct hasw_nat_ends *to,
			struct hasw_route_ends *ends)
{
	struct sk_buff *skb = p->skb;
	struct in6_addr from;

	*ends = (struct hasw_route_ends){
		.src = to->src, .dst = to->dst, .mark = skb->mark,
		.proto = t->proto, .six = p->family == HASW_HOP6,
	};
	if (t->about) {
		/* hasw_nat_rewrite() does not translate the source of an ICMP
		 * error that a router sent, so the policy lookup uses the
		 * router's address.
		 */
		if (ends->six)
			from = ipv6_hdr(skb)->saddr;
		else
			ipv6_addr_set_v4mapped(ip_hdr(skb)->saddr, &from);
		if (!ipv6_addr_equal(&from, &t->client))
			ends->src = from;
		ends->proto = ends->six ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	}
	if (ends->proto == (ends->six ? IPPROTO_ICMPV6 : IPPROTO_ICMP)) {
		hasw_nat_icmp(p, ends);
	} else if (hasw_key_has_ports(ends->proto)) {
		ends->sport = to->sport;
		ends->dport = to->dport;
	}
}

/**
 * hasw_xmit_nat_route() - finds the route of a packet via nat to a node
 * @p: the packet
 * @node: the node
 * @ends: key of IPsec policy lookups
 * @route: filled in; the caller has to call hasw_xmit_nat_put(), even if the
 *	result is false
 *
 * If a next hop to the node's address of the packet's family is known, the
 * packet is sent directly to the node, on the node's link. Otherwise the packet
 * uses the route that is cached with the node. While IPsec policies exist, the
 * policies are looked up for each flow. In this case the packet is sent
 * directly only if no policy changes the route.
 *
 * Context: RCU read side, softirqs off.
 * Return: false if there is no route, or the IPsec policies block the packet.
 */
bool hasw_xmit_nat_route(const struct hasw_packet *p, struct hasw_node *node,
			 const struct hasw_route_ends *ends,
			 struct hasw_nat_route *route)
{
	const struct hasw_hop *hop =
		rcu_dereference(node->neigh[p->family].hop);
	bool six = p->family == HASW_HOP6;
	u32 policies = hasw_route_policies(p->hn->net);
	struct hasw_tunnel_route tunnel;

	route->base = NULL;
	route->link = NULL;
	route->dst = NULL;
	route->stack = false;
	route->unresolved = !hop;
	if (likely(hop && !policies))
		goto link;
	if (hasw_tunnel_route(p->hn, node, six, HASW_ENCAP_NONE, &tunnel))
		route->base = tunnel.dst;
	/* The packet is not encapsulated, so it cannot use a route to the
	 * node's address of the other family.
	 */
	if (route->base && tunnel.six != six) {
		dst_release(route->base);
		route->base = NULL;
	}
	/* If the node's link is configured, there might be no route to the
	 * node. A route through the link's device is used instead.
	 */
	if (!route->base && hop)
		route->base = hasw_route_by_dev(p->hn->net, hop->dev,
						&ends->dst, six);
	if (!route->base)
		return false;
	route->dst = route->base;
	/* If a policy is added after this check, the kernel invalidates the
	 * route.
	 */
	if (hasw_route_policies(p->hn->net))
		route->dst = hasw_client_police(p->hn->net,
						p->hn->flows->clients,
						route->base, ends);
	if (!route->dst)
		return false;
	if (hop && route->dst == route->base)
		goto link;
	hasw_nat_route_set(route, route->dst, six);
	return true;
link:
	route->link = hop;
	route->hop.dev = hop->dev;
	route->hop.mtu = hop->mtu;
	return true;
}

/**
 * hasw_xmit_nat_put() - releases the route of a packet via nat
 * @route: the route, as filled in by hasw_xmit_nat_route()
 *
 * Context: RCU read side, softirqs off.
 */
void hasw_xmit_nat_put(const struct hasw_nat_route *route)
{
	dst_release(route->base);
}

/**
 * hasw_xmit_nat_linked() - returns whether packets of a known flow are sent
 *	directly to the node, on the node's link
 * @p: the packet, whose protocol has ports
 * @f: the packet's flow, which is translated
 * @node: the node
 *
 * Callers need this function only while IPsec policies exist.
 *
 * Context: RCU read side, softirqs off.
 */
bool hasw_xmit_nat_linked(const struct hasw_packet *p,
			  const struct hasw_flow *f, struct hasw_node *node)
{
	struct hasw_route_ends ends;
	struct hasw_nat_route route;
	struct hasw_nat_ends to;
	bool linked;

	if (!hasw_flow_ends_original(p->hn, f, &to))
		return false;
	ends = (struct hasw_route_ends){
		.src = to.src, .dst = to.dst, .mark = p->skb->mark,
		.sport = to.sport, .dport = to.dport, .proto = f->proto,
		.six = p->family == HASW_HOP6,
	};
	linked = hasw_xmit_nat_route(p, node, &ends, &route) && route.link;
	hasw_xmit_nat_put(&route);
	return linked;
}

/**
 * hasw_xmit_nat() - translates a packet to an address and port of a node, and
 *	sends it
 * @p: the packet
 * @f: the packet's flow; if the flow is not translated, the packet is dropped
 * @node: the node
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_STOLEN if the packet was taken over, NF_DROP if the packet was
 * counted as dropped.
 */
unsigned int hasw_xmit_nat(const struct hasw_packet *p,
			   const struct hasw_flow *f, struct hasw_node *node)
{
	struct hasw_route_ends ends;
	struct hasw_nat_route route;
	struct hasw_nat_ends to;
	struct hasw_tuple t;
	unsigned int verdict;

	/* The flow is not translated if the member's `via` was changed to nat
	 * after the flow was found.
	 */
	if (unlikely(!(READ_ONCE(f->kind) & HASW_FLOW_NAT)))
		return hasw_xmit_drop(p, HASW_STAT_DROP_NO_MEMBER);
	if (unlikely(!hasw_tuple_get(p->skb, p->family == HASW_HOP6, &t)))
		return hasw_xmit_drop(p, HASW_STAT_DROP_MALFORMED);
	if (unlikely(!hasw_flow_ends_original(p->hn, f, &to)))
		return hasw_xmit_drop(p, HASW_STAT_DROP_UNRESOLVED);
	hasw_xmit_nat_ends(p, &t, &to, &ends);
	route.to = to.dst;
	if (likely(hasw_xmit_nat_route(p, node, &ends, &route)))
		verdict = hasw_nat_go(p, &t, &to, &route);
	else
		verdict = hasw_xmit_drop(p, HASW_STAT_DROP_UNRESOLVED);
	hasw_xmit_nat_put(&route);
	if (unlikely(route.unresolved))
		hasw_hop_solicit(node);
	return verdict;
}

/**
 * hasw_xmit_reply_route() - finds the route of a reply to the client
 * @p: the packet
 * @t: the packet's addresses and ports before translation
 * @to: the packet's addresses and ports after translation
 * @f: the reply's flow, which keeps the route if possible; NULL if no flow is
 *	to be changed
 *
 * Context: RCU read side, softirqs off.
 * Return: the route, valid within the RCU read side; NULL if there is none.
 */
struct dst_entry *hasw_xmit_reply_route(const struct hasw_packet *p,
					const struct hasw_tuple *t,
					const struct hasw_nat_ends *to,
					struct hasw_flow *f)
{
	struct dst_entry *dst = f ? hasw_flow_route(f, p->skb) : NULL;
	struct hasw_route_ends ends;

	if (dst)
		return dst;
	hasw_xmit_nat_ends(p, t, to, &ends);
	return hasw_client_route(p->hn->flows, f, p->skb, &to->src, &ends);
}

/* Translates a reply to a client on this machine, and lets the stack deliver
 * the reply. This function sets the reply's route. Otherwise the stack would
 * look up a route and reject the reply: a packet from another machine must not
 * have an address of this machine as source.
 */
static unsigned int hasw_nat_home(const struct hasw_packet *p,
				  const struct hasw_tuple *t,
				  const struct hasw_nat_ends *to,
				  struct dst_entry *dst)
{
	struct sk_buff *skb = p->skb;

	if (!hasw_nat_changes(skb, t))
		return hasw_xmit_drop(p, HASW_STAT_DROP_MALFORMED);
	/* The cache may be releasing the route. */
	if (!dst_hold_safe(dst))
		return hasw_xmit_drop(p, HASW_STAT_DROP_UNRESOLVED);
	hasw_nat_rewrite(skb, t, to);
	skb_dst_drop(skb);
	skb_dst_set(skb, dst);
	hasw_stat_inc(p->hn, HASW_STAT_LOCAL);
	return NF_ACCEPT;
}

/**
 * hasw_xmit_reply() - sends a member's reply to the client, with the vip as
 *	source
 * @p: the packet
 * @t: the packet's addresses and ports before translation
 * @f: the reply's flow
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_STOLEN if the packet was taken over, NF_ACCEPT if the client is
 * this machine, NF_DROP if the packet was counted as dropped.
 */
unsigned int hasw_xmit_reply(const struct hasw_packet *p,
			     const struct hasw_tuple *t, struct hasw_flow *f)
{
	struct hasw_nat_route route = {};
	struct hasw_nat_ends to;

	hasw_flow_ends_reply(f, &to);
	route.to = to.dst;
	route.dst = hasw_xmit_reply_route(p, t, &to, f);
	if (unlikely(!route.dst))
		return hasw_xmit_drop(p, HASW_STAT_DROP_UNRESOLVED);
	hasw_nat_route_set(&route, route.dst, p->family == HASW_HOP6);
	if (unlikely(hasw_route_is_home(route.dst)))
		return hasw_nat_home(p, t, &to, route.dst);
	return hasw_nat_go(p, t, &to, &route);
}

/**
 * hasw_xmit_reply_peek() - hasw_xmit_reply() for `haadm explain`
 * @p: the packet
 * @t: the packet's addresses and ports before translation
 * @route: the route to the client, filled in by hasw_nat_route_set()
 * @home: receives whether the client is this machine
 *
 * Context: RCU read side, softirqs off.
 * Return: the drop counter, or -1 if the packet would be sent.
 */
int hasw_xmit_reply_peek(const struct hasw_packet *p,
			 const struct hasw_tuple *t,
			 const struct hasw_nat_route *route, bool *home)
{
	*home = hasw_route_is_home(route->dst);
	if (!*home)
		return hasw_xmit_nat_peek(p, t, route);
	return hasw_nat_changes(p->skb, t) ? -1 : HASW_STAT_DROP_MALFORMED;
}
