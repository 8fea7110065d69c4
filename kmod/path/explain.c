// SPDX-License-Identifier: GPL-2.0
/* `haadm explain`: the decision on one packet, step by step, with nothing sent,
 * counted or recorded. Routes and IPsec policies are looked up as for a real
 * packet.
 */
#include <linux/etherdevice.h>

#include "fast.h"
#include "explain.h"
#include "core/route.h"
#include "packet/key.h"
#include "packet/nat.h"
#include "service/sched.h"
#include "service/switch_times.h"
#include "core/trace.h"
#include "forward/tunnel.h"
#include "packet/tuple.h"
#include "check.h"

/* Each function below makes the same checks as one step in path.c, but sends,
 * counts and records nothing.
 */

/**
 * hasw_explain_drop() - stores in @e that the packet is dropped
 * @e: packet and decision; this function sets @way and @drop
 * @why: counter that the drop would increment
 *
 * Context: any.
 */
void hasw_explain_drop(struct hasw_explain *e, enum hasw_stat why)
{
	/* The drop counters have the same order as enum haswitch_explain_drop,
	 * but enum hasw_stat has other counters in between.
	 */
	BUILD_BUG_ON(HASW_STAT_DROP_OUTPUT - HASW_STAT_DROP_NOT_HOLDER !=
		     HASWITCH_EXPLAIN_DROP_DROP_OUTPUT);
	BUILD_BUG_ON(HASW_STAT_DROP_FLOW_ALIKE - HASW_STAT_DROP_SOURCE !=
		     HASWITCH_EXPLAIN_DROP_DROP_FLOW_ALIKE -
		     HASWITCH_EXPLAIN_DROP_DROP_SOURCE);
	e->way = HASWITCH_EXPLAIN_WAY_DROPPED;
	e->drop = why < HASW_STAT_DROP_SOURCE ?
			  why - HASW_STAT_DROP_NOT_HOLDER :
			  why - HASW_STAT_DROP_SOURCE +
				  HASWITCH_EXPLAIN_DROP_DROP_SOURCE;
}

/**
 * hasw_explain_end() - stores in @e what happens to the packet
 * @e: packet and decision; this function sets @way, and sets @drop if the
 *	packet is dropped
 * @why: counter that the drop would increment, or -1 if the packet is not
 *	dropped
 * @way: enum haswitch_explain_way of the packet if it is not dropped
 *
 * Context: any.
 */
void hasw_explain_end(struct hasw_explain *e, int why, u8 way)
{
	if (why >= 0)
		hasw_explain_drop(e, why);
	else
		e->way = way;
}

static void hasw_explain_local(struct hasw_explain *e)
{
	hasw_explain_end(e, hasw_xmit_local_peek(&e->p),
			 HASWITCH_EXPLAIN_WAY_LOCAL);
}

/* hasw_xmit_unserved() for `haadm explain`. */
static void hasw_explain_unserved(struct hasw_explain *e)
{
	int why = hasw_xmit_local_peek(&e->p);

	if (why >= 0 && hasw_xmit_translated(&e->p))
		e->way = HASWITCH_EXPLAIN_WAY_PASSED;
	else
		hasw_explain_end(e, why, HASWITCH_EXPLAIN_WAY_LOCAL);
}

/* Stores the next hop in @e, and whether the fast path can send the packet to
 * that hop.
 */
static void hasw_explain_hop(struct hasw_explain *e, const struct hasw_hop *hop)
{
	const struct sk_buff *skb = e->p.skb;

	e->has_hop = true;
	e->ifindex = hop->dev->ifindex;
	ether_addr_copy(e->lladdr, hop->eth.h.h_dest);
	e->mtu = hop->mtu;
	if (hasw_fast_unbuilt(hop))
		e->out = HASWITCH_EXPLAIN_SLOW_HOP;
	else if (!hasw_fast_fits(skb, skb->len, hop->mtu))
		e->out = HASWITCH_EXPLAIN_SLOW_SIZE;
	else
		e->out = -1;
}

static void hasw_explain_direct(struct hasw_explain *e,
				const struct hasw_node *node)
{
	const struct hasw_hop *hop = rcu_dereference(node->hop[e->p.family]);

	if (hop)
		hasw_explain_hop(e, hop);
	hasw_explain_end(e, hasw_xmit_direct_peek(&e->p, hop),
			 HASWITCH_EXPLAIN_WAY_DIRECT);
}

static void hasw_explain_remote(struct hasw_explain *e,
				const struct hasw_tunnel_route *route)
{
	e->has_remote = true;
	e->ifindex = route->dst->dev->ifindex;
	if (route->six)
		e->remote = route->fl6.daddr;
	else
		ipv6_addr_set_v4mapped(route->fl4.daddr, &e->remote);
}

/* hasw_xmit_tunnel() for `haadm explain`. The route is looked up and cached, as
 * for a real packet.
 */
static void hasw_explain_tunnel(struct hasw_explain *e, struct hasw_node *node,
				bool gue)
{
	bool six = e->p.family == HASW_HOP6;
	int why = hasw_xmit_forward_peek(&e->p);
	struct hasw_tunnel_route route;

	if (why >= 0) {
		hasw_explain_drop(e, why);
		return;
	}
	if (!hasw_tunnel_route(e->p.hn, node, six, hasw_tunnel_kind(six, gue),
			       &route)) {
		hasw_explain_drop(e, HASW_STAT_DROP_UNRESOLVED);
		return;
	}
	hasw_explain_remote(e, &route);
	e->mtu = hasw_xmit_tunnel_mtu(&e->p, &route);
	if (!hasw_tunnel_neigh(&route))
		e->out = HASWITCH_EXPLAIN_SLOW_HOP;
	else if (!hasw_xmit_tunnel_fast_peek(&e->p, &route, e->p.skb->len))
		e->out = HASWITCH_EXPLAIN_SLOW_SIZE;
	else
		e->out = -1;
	hasw_explain_end(e, hasw_xmit_tunnel_peek(&e->p, &route),
			 HASWITCH_EXPLAIN_WAY_TUNNEL);
	dst_release(route.dst);
}

/* Stores the route of a packet via nat in @e. @t contains the packet's
 * addresses and ports before translation, and @to contains them after
 * translation. IPsec policies are looked up, as for a real packet.
 */
static void hasw_explain_nat_route(struct hasw_explain *e,
				   const struct hasw_member *m,
				   const struct hasw_tuple *t,
				   const struct hasw_nat_ends *to)
{
	struct hasw_nat_route route = { .to = to->dst };
	struct hasw_route_ends ends;

	hasw_xmit_nat_ends(&e->p, t, to, &ends);
	if (!hasw_xmit_nat_route(&e->p, m->node, &ends, &route)) {
		hasw_explain_drop(e, HASW_STAT_DROP_UNRESOLVED);
	} else {
		if (route.link) {
			hasw_explain_hop(e, route.link);
		} else {
			e->has_remote = true;
			e->remote = to->dst;
			e->ifindex = route.hop.dev->ifindex;
			e->mtu = route.hop.mtu;
		}
		hasw_explain_end(e, hasw_xmit_nat_peek(&e->p, t, &route),
				 HASWITCH_EXPLAIN_WAY_NAT);
	}
	hasw_xmit_nat_put(&route);
}

/* hasw_xmit_nat() for `haadm explain`. The source port that snat would select
 * is not reported.
 */
static void hasw_explain_nat(struct hasw_explain *e, const struct hasw_member *m)
{
	struct hasw_nat_ends to;
	struct hasw_tuple t;
	int err;

	/* If the service does not track flows, the member was changed to via
	 * nat after the pick. The packet then has no flow, and is dropped.
	 */
	if (e->members->how != HASW_HOW_FLOW) {
		hasw_explain_drop(e, HASW_STAT_DROP_NO_MEMBER);
		return;
	}
	err = hasw_flow_peek_ends(e->p.hn, e->service, m, &e->flow, &to);
	if (err)
		hasw_explain_drop(e, hasw_check_astray(err));
	else if (!hasw_tuple_get(e->p.skb, e->p.family == HASW_HOP6, &t))
		hasw_explain_drop(e, HASW_STAT_DROP_MALFORMED);
	else
		hasw_explain_nat_route(e, m, &t, &to);
}

/* hasw_xmit_stray() for `haadm explain`. */
static void hasw_explain_stray(struct hasw_explain *e,
			       const struct hasw_node *holder)
{
	int why = hasw_xmit_forward_peek(&e->p);
	struct hasw_tunnel_route route;

	if (why >= 0) {
		hasw_explain_drop(e, why);
		return;
	}
	if (!hasw_stray_route(e->p.hn, e->p.skb, holder,
			      e->p.family == HASW_HOP6, &route)) {
		hasw_explain_drop(e, HASW_STAT_DROP_UNRESOLVED);
		return;
	}
	hasw_explain_remote(e, &route);
	e->mtu = dst_mtu(route.dst);
	hasw_explain_end(e, hasw_xmit_stray_peek(&e->p, &route),
			 HASWITCH_EXPLAIN_WAY_STRAY);
	dst_release(route.dst);
}

/* hasw_path_empty() for `haadm explain`. */
static void hasw_explain_empty(struct hasw_explain *e)
{
	const struct hasw_node *sorry = hasw_check_sorry(e->service);
	int why = -1;

	e->empty = true;
	if (sorry) {
		e->node = sorry;
		if (sorry->self)
			hasw_explain_local(e);
		else if (hasw_check_loops(&e->p, e->vip))
			hasw_explain_drop(e, HASW_STAT_DROP_OUTPUT);
		else
			hasw_explain_direct(e, sorry);
		return;
	}
	if (READ_ONCE(e->service->rejects)) {
		why = hasw_check_source(&e->p) ? hasw_xmit_reject_peek(&e->p) :
						 HASW_STAT_DROP_SOURCE;
		e->rejected = why < 0;
	}
	hasw_explain_drop(e, why >= 0 ? why : HASW_STAT_DROP_NO_MEMBER);
}

/* Stores in e->candidate the members that a random scheduler can pick: all
 * members with the best verdict, but at most HASW_EXPLAIN_CANDIDATES. If there
 * is only one such member, e->n_candidates is set to 0. Returns the first
 * member with the best verdict, or NULL if no member gets new flows.
 */
static struct hasw_member *hasw_explain_chance(struct hasw_explain *e)
{
	const struct hasw_members *all = e->members;
	struct hasw_member *first = NULL;
	u8 rank, best = HASW_JUDGE_NEVER;
	u64 now = 0;
	u32 i;

	for (i = 0; i < all->n; i++) {
		rank = hasw_judge_of(e->service, all->m[i], &now);
		if (rank < best) {
			best = rank;
			first = all->m[i];
			e->n_candidates = 0;
		}
		if (best < HASW_JUDGE_NEVER && rank == best &&
		    e->n_candidates < HASW_EXPLAIN_CANDIDATES)
			e->candidate[e->n_candidates++] = all->m[i];
	}
	if (e->n_candidates == 1)
		e->n_candidates = 0;
	return first;
}

/* Returns the member that the scheduler would choose for a new flow. */
static struct hasw_member *hasw_explain_next(struct hasw_explain *e,
					     const struct hasw_tuple *t)
{
	const struct hasw_sched *sched = hasw_sched_of(e->members);
	struct hasw_member *m, *picked;

	picked = sched->next ? sched->next(e->service, e->members, t) :
			       hasw_explain_chance(e);
	if (!e->members->waiting)
		return picked;
	m = hasw_spares_stand_in(e->service, e->members,
				 t ? hasw_tuple_hash(t) : 0, picked);
	if (m != picked)
		e->n_candidates = 0;
	return m;
}

static struct hasw_member *hasw_explain_flow(struct hasw_explain *e)
{
	struct hasw_member *m;

	m = hasw_flow_peek(e->p.hn, e->p.skb, hasw_check_comes_in(&e->p),
			   e->service, e->members, &e->flow);
	if (e->flow.limited)
		return NULL;
	if (!m)
		m = hasw_explain_next(e, &e->flow.by);
	if (!IS_ERR_OR_NULL(m) && e->flow.full)
		return ERR_PTR(-ENOSPC);
	return m;
}

/* hasw_path_spread() for `haadm explain`. */
static struct hasw_member *hasw_explain_pick(struct hasw_explain *e)
{
	struct hasw_member *away = NULL;

	switch (e->members->how) {
	case HASW_HOW_ONE:
		return hasw_sched_pick(e->service, e->members);
	case HASW_HOW_HASH:
		return hasw_check_hashed(&e->p, e->service, e->members, &away);
	case HASW_HOW_EACH:
		return hasw_explain_next(e, NULL);
	}
	return hasw_explain_flow(e);
}

static void hasw_explain_xmit(struct hasw_explain *e, struct hasw_member *m)
{
	u8 via = READ_ONCE(m->via);

	e->m = m;
	e->node = m->node;
	if (via == HASWITCH_VIA_LOCAL)
		hasw_explain_local(e);
	else if (via == HASWITCH_VIA_NAT)
		hasw_explain_nat(e, m);
	else if (hasw_check_loops(&e->p, e->vip))
		hasw_explain_drop(e, HASW_STAT_DROP_OUTPUT);
	else if (hasw_via_tunnels(via))
		hasw_explain_tunnel(e, m->node, via == HASWITCH_VIA_GUE);
	else
		hasw_explain_direct(e, m->node);
}

/* hasw_path_holder() for `haadm explain`. */
static void hasw_explain_holder(struct hasw_explain *e)
{
	const struct hasw_services *all = rcu_dereference(e->vip->services);
	struct hasw_member *m;

	if (!all) {
		hasw_explain_unserved(e);
		return;
	}
	if (!hasw_key_get(e->p.skb, e->p.family == HASW_HOP6, &e->key)) {
		hasw_explain_drop(e, HASW_STAT_DROP_MALFORMED);
		return;
	}
	e->services = true;
	e->service = hasw_service_pick(all, e->key.proto, e->key.port);
	if (!e->service) {
		hasw_explain_unserved(e);
		return;
	}
	e->members = rcu_dereference(e->service->members);
	m = hasw_explain_pick(e);
	if (!m)
		hasw_explain_empty(e);
	else if (IS_ERR(m))
		hasw_explain_drop(e, hasw_check_astray(PTR_ERR(m)));
	else
		hasw_explain_xmit(e, m);
}

static bool hasw_explain_again(const struct hasw_vip *vip,
			       struct hasw_trace_info *out)
{
	return hasw_vip_judge_again(vip, &out->decision, &out->deadline);
}

/* hasw_path_not_holder() for `haadm explain`. */
static void hasw_explain_not_holder(struct hasw_explain *e)
{
	struct hasw_trace_info out = {
		.decision = e->hold.now,
		.deadline = e->hold.deadline,
	};
	struct hasw_not_holder_to to;
	enum hasw_not_holder fate;

	fate = hasw_not_holder_judge(&e->p, e->vip, hasw_explain_again, &out,
				     &to);
	e->hold.now = out.decision;
	e->hold.deadline = out.deadline;
	if (fate != HASW_NOT_HOLDER_HELD)
		e->holder = to.holder;
	switch (fate) {
	case HASW_NOT_HOLDER_HELD:
		e->held = true;
		e->late = true;
		hasw_explain_holder(e);
		break;
	case HASW_NOT_HOLDER_DROP:
		hasw_explain_drop(e, HASW_STAT_DROP_NOT_HOLDER);
		break;
	case HASW_NOT_HOLDER_LOCAL:
		hasw_explain_local(e);
		break;
	case HASW_NOT_HOLDER_DIRECT:
		e->node = to.holder;
		hasw_explain_direct(e, to.holder);
		break;
	case HASW_NOT_HOLDER_UNRESOLVED:
		hasw_explain_drop(e, HASW_STAT_DROP_UNRESOLVED);
		break;
	case HASW_NOT_HOLDER_STRAY:
		if (hasw_check_source(&e->p))
			hasw_explain_stray(e, to.holder);
		else
			hasw_explain_drop(e, HASW_STAT_DROP_SOURCE);
		break;
	case HASW_NOT_HOLDER_PASSED:
		e->way = HASWITCH_EXPLAIN_WAY_PASSED;
		break;
	}
}

/**
 * hasw_explain_judge() - stores in @e whether this node holds the vip, with the
 *	same two checks as hasw_vip_held()
 * @e: the packet; the caller has set @vip
 *
 * Context: RCU read side.
 */
void hasw_explain_judge(struct hasw_explain *e)
{
	e->held = hasw_vip_judge(e->vip, &e->hold.now, &e->hold.deadline) ||
		  hasw_vip_judge_again(e->vip, &e->hold.now, &e->hold.deadline);
}

/* hasw_path_vip() for `haadm explain`. */
static void hasw_explain_vip(struct hasw_explain *e)
{
	if (hasw_explain_fragment(e))
		return;
	e->held = hasw_vip_judge(e->vip, &e->hold.now, &e->hold.deadline);
	if (e->held)
		hasw_explain_holder(e);
	else
		hasw_explain_not_holder(e);
}

/* hasw_path_vrf() for `haadm explain`. */
static void hasw_explain_vrf(struct hasw_explain *e)
{
	if (hasw_check_vrf_drops(&e->p))
		hasw_explain_drop(e, HASW_STAT_DROP_NOT_HOLDER);
	else
		e->way = HASWITCH_EXPLAIN_WAY_PASSED;
}

/* hasw_path_in() for `haadm explain`. */
static void hasw_explain_in(struct hasw_explain *e)
{
	if (hasw_check_passes(e->p.skb))
		e->way = HASWITCH_EXPLAIN_WAY_PASSED;
	else if (hasw_dev_in_vrf(e->p.skb->dev))
		hasw_explain_vrf(e);
	else if (hasw_check_martian(e->p.skb, e->p.family))
		hasw_explain_drop(e, HASW_STAT_DROP_MALFORMED);
	else
		hasw_explain_vip(e);
}

/* hasw_path_out() for `haadm explain`. This machine's kernel has built the
 * headers, so they are not checked.
 */
static void hasw_explain_out(struct hasw_explain *e,
			     const struct hasw_vip *from)
{
	if (from && !hasw_vip_speaks(from))
		hasw_explain_drop(e, HASW_STAT_DROP_OUTPUT);
	else if (e->vip)
		hasw_explain_vip(e);
}

/* Returns the length of the IP header, for a packet without IP options or
 * extension headers.
 */
static u32 hasw_explain_header(const struct hasw_explain *e)
{
	return e->p.family == HASW_HOP4 ? sizeof(struct iphdr) :
					  sizeof(struct ipv6hdr);
}

/**
 * hasw_explain_tcp() - whether the fast path can read a packet's TCP header
 * @e: the packet, without IP options
 * @proto: protocol of the packet
 *
 * Context: any.
 * Return: whether it can; true for protocols other than TCP.
 */
bool hasw_explain_tcp(const struct hasw_explain *e, u8 proto)
{
	const struct sk_buff *skb = e->p.skb;
	u32 header = hasw_explain_header(e);

	return proto != IPPROTO_TCP ||
	       hasw_fast_has_tcp(skb, (void *)(skb_network_header(skb) +
					       header),
				 skb->len - header);
}

/**
 * hasw_explain_writable() - whether the fast path can write a packet's headers
 *	to translate them
 * @e: the packet, without IP options
 * @proto: protocol of the packet; it must have ports
 *
 * Context: any.
 */
bool hasw_explain_writable(const struct hasw_explain *e, u8 proto)
{
	return hasw_xmit_writable(e->p.skb, hasw_explain_header(e) +
				  hasw_nat_header(proto), e->p.skb->len);
}

/* Returns whether hasw_fast_pick() or hasw_fast_flow() would find a member for
 * the packet. This function changes nothing.
 */
static bool hasw_explain_picked(const struct hasw_explain *e)
{
	struct hasw_tuple tuple;

	if (!e->m || e->n_candidates)
		return false;
	switch (e->members->how) {
	case HASW_HOW_ONE:
		return !hasw_times_is_first(e->service, e->m->node);
	case HASW_HOW_HASH:
		return hasw_tuple_get(e->p.skb, e->p.family == HASW_HOP6,
				      &tuple) &&
		       hasw_sched_maglev_own(e->members,
					     hasw_tuple_hash(&tuple));
	case HASW_HOW_FLOW:
		return hasw_key_has_ports(e->key.proto) &&
		       hasw_explain_tcp(e, e->key.proto) && !e->flow.noted;
	}
	return false;
}

static bool hasw_explain_whole(const struct hasw_explain *e)
{
	const struct sk_buff *skb = e->p.skb;

	if (e->p.family == HASW_HOP4)
		return skb_headlen(skb) >= HASW_FAST_LEN4 &&
		       hasw_fast_whole4(ip_hdr(skb), skb->len) &&
		       hasw_fast_sound4(ip_hdr(skb));
	return skb_headlen(skb) >= HASW_FAST_LEN6 &&
	       hasw_fast_whole6(ipv6_hdr(skb), skb->len) &&
	       hasw_fast_enabled6(__in6_dev_get(skb->dev));
}

/* Returns whether the fast path can find the packet's service by the header
 * that follows the IP header.
 */
static bool hasw_explain_ported(const struct hasw_explain *e)
{
	if (e->p.family == HASW_HOP4)
		return !hasw_fast_inside4(ip_hdr(e->p.skb)->protocol);
	return hasw_key_has_ports(ipv6_hdr(e->p.skb)->nexthdr);
}

static bool hasw_explain_odd(const struct hasw_explain *e)
{
	const struct sk_buff *skb = e->p.skb;

	if (e->p.family == HASW_HOP4)
		return hasw_martian4(ip_hdr(skb)->saddr, ip_hdr(skb)->daddr);
	return hasw_fast_odd6(ipv6_hdr(skb));
}

/* Returns why the fast path does not take the packet, enum
 * haswitch_explain_slow; or -1 if the fast path takes it. The checks are those
 * of fast.c, but in an order that suits an administrator who looks for the
 * reason.
 */
static int hasw_explain_slow(const struct hasw_explain *e)
{
	if (e->p.local)
		return HASWITCH_EXPLAIN_SLOW_LOCAL;
	if (!hasw_fast_dev_on(e->p.hn, e->p.skb->dev) ||
	    !hasw_fast_takes_frame(e->p.skb))
		return HASWITCH_EXPLAIN_SLOW_DEVICE;
	if (READ_ONCE(e->vip->hook) != HASWITCH_HOOK_INGRESS)
		return HASWITCH_EXPLAIN_SLOW_HOOK;
	if (trace_redirect_enabled())
		return HASWITCH_EXPLAIN_SLOW_TRACED;
	if (e->way == HASWITCH_EXPLAIN_WAY_STACK || e->fragment ||
	    !hasw_explain_whole(e))
		return HASWITCH_EXPLAIN_SLOW_HEADER;
	if (!hasw_explain_ported(e))
		return HASWITCH_EXPLAIN_SLOW_PROTOCOL;
	if (hasw_explain_odd(e))
		return HASWITCH_EXPLAIN_SLOW_SOURCE;
	if (!e->held || e->late)
		return HASWITCH_EXPLAIN_SLOW_NOT_HOLDER;
	if (!e->service)
		return HASWITCH_EXPLAIN_SLOW_SERVICE;
	if (!hasw_explain_picked(e))
		return HASWITCH_EXPLAIN_SLOW_PICK;
	if (READ_ONCE(e->m->via) == HASWITCH_VIA_LOCAL)
		return HASWITCH_EXPLAIN_SLOW_VIA;
	if (READ_ONCE(e->m->via) == HASWITCH_VIA_NAT &&
	    !hasw_explain_writable(e, e->key.proto))
		return HASWITCH_EXPLAIN_SLOW_HEADER;
	return e->out;
}

/**
 * hasw_explain_by() - stores in @e whether the fast or the slow path takes the
 *	packet
 * @e: the packet
 * @slow: why the fast path does not take the packet, enum
 *	haswitch_explain_slow; or -1 if the fast path takes it
 *
 * Context: any.
 */
void hasw_explain_by(struct hasw_explain *e, int slow)
{
	e->door = slow < 0 ? HASWITCH_EXPLAIN_DOOR_FAST :
			     HASWITCH_EXPLAIN_DOOR_COMPLETE;
	e->slow = max(slow, 0);
}

/* Returns whether the packet is neighbour discovery. The slow path handles
 * neighbour discovery before it looks up the destination's vip, since the
 * target address in the message may be a vip.
 */
static bool hasw_explain_is_nd(const struct hasw_explain *e)
{
	return e->p.family == HASW_HOP6 &&
	       ipv6_hdr(e->p.skb)->nexthdr == NEXTHDR_ICMP &&
	       hasw_key_is_nd(e->p.skb);
}

/* hasw_path_early() for `haadm explain`. */
static bool hasw_explain_early(const struct hasw_explain *e)
{
	struct net *net = e->p.hn->net;
	struct flowi6 fl6 = {};
	struct dst_entry *dst;
	bool early;

	if (e->p.local || e->p.skb->dev->flags & IFF_LOOPBACK)
		return false;
	if (e->p.family == HASW_HOP4)
		return hasw_route_early4(e->p.hn, ip_hdr(e->p.skb)->daddr);
	if (!ipv6_mod_enabled())
		return false;
	fl6.daddr = ipv6_hdr(e->p.skb)->daddr;
	dst = ip6_route_output(net, NULL, &fl6);
	early = hasw_route_early6(e->p.hn, dst, &fl6.daddr);
	dst_release(dst);
	return early;
}

/**
 * hasw_explain() - finds the decision on a packet
 * @e: the packet; the caller has set @p and @in, and everything else to 0; this
 *	function fills in the decision
 *
 * Context: hasw_net.mutex held, RCU read side, softirqs off.
 */
void hasw_explain(struct hasw_explain *e)
{
	const struct hasw_config *cfg = rcu_dereference(e->p.hn->config);
	struct sk_buff *skb = e->p.skb;
	const struct hasw_vip *from;

	e->way = HASWITCH_EXPLAIN_WAY_NONE;
	e->door = HASWITCH_EXPLAIN_DOOR_COMPLETE;
	e->out = HASWITCH_EXPLAIN_SLOW_HOP;
	if (e->p.family == HASW_HOP4) {
		e->vip = hasw_vip_find4(cfg, ip_hdr(skb)->daddr);
		from = hasw_vip_find4(cfg, ip_hdr(skb)->saddr);
	} else {
		e->vip = hasw_vip_find6(cfg, &ipv6_hdr(skb)->daddr);
		from = hasw_vip_find6(cfg, &ipv6_hdr(skb)->saddr);
	}
	if (!e->vip && !(e->p.local && from) && !hasw_explain_is_nd(e)) {
		if (!e->p.local && READ_ONCE(e->p.hn->natted))
			hasw_explain_reply(e);
		if (e->way == HASWITCH_EXPLAIN_WAY_NONE &&
		    hasw_explain_early(e))
			hasw_explain_drop(e, HASW_STAT_DROP_NOT_HOLDER);
		return;
	}
	if (!e->p.local && !hasw_explain_sound(e))
		e->way = HASWITCH_EXPLAIN_WAY_STACK;
	else if (hasw_explain_is_nd(e))
		e->way = HASWITCH_EXPLAIN_WAY_NEIGHBOUR;
	else if (e->p.local)
		hasw_explain_out(e, from);
	else
		hasw_explain_in(e);
	if (e->vip)
		hasw_explain_by(e, hasw_explain_slow(e));
}
