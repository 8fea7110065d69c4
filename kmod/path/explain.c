// SPDX-License-Identifier: GPL-2.0
/* Explain: the decision on one packet, step by step, with nothing sent, counted
 * or recorded.
 */
#include <linux/etherdevice.h>

#include "fast_dev.h"
#include "explain.h"
#include "core/route.h"
#include "forward/ipip.h"
#include "packet/key.h"
#include "packet/nat.h"
#include "service/sched.h"
#include "core/trace.h"
#include "forward/tunnel.h"
#include "packet/tuple.h"
#include "check.h"

/* Each step makes the checks of path.c, but does not count, record or send. */

/**
 * hasw_explain_drop() - notes that the packet is dropped
 * @e: the packet
 * @why: counter that the drop would increment
 *
 * Context: any.
 */
void hasw_explain_drop(struct hasw_explain *e, enum hasw_stat why)
{
	/* The drop counters and enum haswitch_explain_drop have one order. */
	BUILD_BUG_ON(HASW_STAT_DROP_OUTPUT - HASW_STAT_DROP_NOT_HOLDER !=
		     HASWITCH_EXPLAIN_DROP_DROP_OUTPUT);
	e->way = HASWITCH_EXPLAIN_WAY_DROPPED;
	e->drop = why - HASW_STAT_DROP_NOT_HOLDER;
}

/* Whether the TTL or hop limit of a packet from another machine has run out. */
static bool hasw_explain_expires(const struct hasw_explain *e)
{
	const struct sk_buff *skb = e->p.skb;

	if (e->p.local)
		return false;
	return e->p.family == HASW_HOP4 ? ip_hdr(skb)->ttl <= 1 :
					  ipv6_hdr(skb)->hop_limit <= 1;
}

/* As hasw_xmit_local(). */
static void hasw_explain_local(struct hasw_explain *e)
{
	if (!e->p.local && !hasw_xmit_is_local(&e->p))
		hasw_explain_drop(e, HASW_STAT_DROP_NO_MEMBER);
	else
		e->way = HASWITCH_EXPLAIN_WAY_LOCAL;
}

/**
 * hasw_explain_fits() - checks TTL and length as the last step before output
 * @e: the packet, with @mtu set
 * @way: enum haswitch_explain_way of the packet if it fits
 *
 * Context: softirqs off.
 */
void hasw_explain_fits(struct hasw_explain *e, u8 way)
{
	if (hasw_explain_expires(e))
		hasw_explain_drop(e, HASW_STAT_DROP_TTL);
	else if (!hasw_xmit_fits(&e->p, e->mtu) &&
		 !hasw_xmit_may_split(&e->p, e->mtu))
		hasw_explain_drop(e, HASW_STAT_DROP_MTU);
	else
		e->way = way;
}

/* As hasw_xmit_direct(), but an unknown neighbour is not solicited. */
static void hasw_explain_direct(struct hasw_explain *e,
				const struct hasw_node *node)
{
	const struct hasw_hop *hop = rcu_dereference(node->hop[e->p.family]);

	if (!hop) {
		hasw_explain_drop(e, HASW_STAT_DROP_UNRESOLVED);
		return;
	}
	e->has_hop = true;
	e->prebuilt = hop->prebuilt;
	e->ifindex = hop->dev->ifindex;
	ether_addr_copy(e->lladdr, hop->eth.h.h_dest);
	e->mtu = hop->mtu;
	e->inside = hop->mtu;
	hasw_explain_fits(e, HASWITCH_EXPLAIN_WAY_DIRECT);
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

/* As hasw_xmit_tunnel(). The route is looked up and cached, as for a real
 * packet.
 */
static void hasw_explain_tunnel(struct hasw_explain *e, struct hasw_node *node,
				bool gue)
{
	bool six = e->p.family == HASW_HOP6;
	struct hasw_tunnel_route route;

	if (hasw_explain_expires(e)) {
		hasw_explain_drop(e, HASW_STAT_DROP_TTL);
		return;
	}
	if (!hasw_tunnel_route(e->p.hn, node, six, hasw_tunnel_kind(six, gue),
			       &route)) {
		hasw_explain_drop(e, HASW_STAT_DROP_UNRESOLVED);
		return;
	}
	hasw_explain_remote(e, &route);
	e->mtu = hasw_xmit_tunnel_mtu(&e->p, &route);
	e->inside = hasw_xmit_tunnel_inside(&route);
	e->neighbour = hasw_tunnel_neigh(&route);
	dst_release(route.dst);
	hasw_explain_fits(e, HASWITCH_EXPLAIN_WAY_TUNNEL);
}

/* Whether the headers that hasw_nat_go() rewrites are present and valid. */
static bool hasw_explain_changeable(const struct hasw_explain *e)
{
	struct sk_buff *skb = e->p.skb;
	struct hasw_tuple t;

	return hasw_tuple_get(skb, e->p.family == HASW_HOP6, &t) &&
	       hasw_nat_writable(skb, &t) && hasw_nat_valid(skb, &t);
}

/* The addresses and ports that the packet would have for the member. Return:
 * false if they cannot be found.
 */
static bool hasw_explain_nat_ends(const struct hasw_explain *e,
				  const struct hasw_member *m,
				  struct hasw_route_ends *ends)
{
	bool six = e->p.family == HASW_HOP6;
	u16 port = m->share ? READ_ONCE(m->share->port) : 0;
	struct hasw_addrs addrs;
	struct hasw_nat_ends to;
	struct hasw_tuple t;
	__be32 own[4];

	if (!hasw_tuple_get(e->p.skb, six, &t))
		return false;
	hasw_node_addrs(m->node, &addrs);
	to = (struct hasw_nat_ends){
		.src = t.client, .dst = addrs.addr6, .sport = t.ports[0],
		.dport = port ? htons(port) : t.ports[1],
	};
	if (!six)
		ipv6_addr_set_v4mapped(addrs.addr4, &to.dst);
	if (e->service->tracked && READ_ONCE(e->service->tracked->snat)) {
		if (!hasw_flow_snat_addr(e->p.hn, six ? HASW_FLOW_IPV6 : 0, own))
			return false;
		if (six)
			memcpy(&to.src, own, sizeof(to.src));
		else
			ipv6_addr_set_v4mapped(own[0], &to.src);
	}
	hasw_xmit_nat_ends(&e->p, &t, &to, ends);
	return true;
}

/* As hasw_xmit_nat(). Explain does not report the source port under snat. It
 * does not check whether the replies of a new flow collide with another flow.
 * IPsec policies are looked up with the client's port and the member's port.
 */
static void hasw_explain_nat(struct hasw_explain *e, const struct hasw_member *m)
{
	struct hasw_route_ends ends = {};
	struct hasw_nat_route route = {};

	if (!hasw_explain_nat_ends(e, m, &ends) ||
	    !hasw_xmit_nat_route(&e->p, m->node, &ends, &route)) {
		hasw_explain_drop(e, HASW_STAT_DROP_UNRESOLVED);
	} else if (route.link) {
		hasw_explain_direct(e, m->node);
	} else {
		e->has_remote = true;
		e->remote = ends.dst;
		e->ifindex = route.hop.dev->ifindex;
		e->mtu = route.hop.mtu;
		hasw_explain_fits(e, HASWITCH_EXPLAIN_WAY_DIRECT);
	}
	hasw_xmit_nat_put(&route);
	if (e->way != HASWITCH_EXPLAIN_WAY_DIRECT)
		return;
	e->way = HASWITCH_EXPLAIN_WAY_NAT;
	if (!hasw_explain_changeable(e))
		hasw_explain_drop(e, HASW_STAT_DROP_MALFORMED);
}

/* As hasw_xmit_stray(). A stray fits any link, so its length is not checked. */
static void hasw_explain_stray(struct hasw_explain *e,
			       const struct hasw_node *holder)
{
	struct hasw_tunnel_route route;

	if (hasw_explain_expires(e)) {
		hasw_explain_drop(e, HASW_STAT_DROP_TTL);
		return;
	}
	if (!hasw_stray_route(e->p.hn, e->p.skb, holder,
			      e->p.family == HASW_HOP6, &route)) {
		hasw_explain_drop(e, HASW_STAT_DROP_UNRESOLVED);
		return;
	}
	hasw_explain_remote(e, &route);
	e->mtu = dst_mtu(route.dst);
	dst_release(route.dst);
	e->way = HASWITCH_EXPLAIN_WAY_STRAY;
}

/* As hasw_path_empty(). */
static void hasw_explain_empty(struct hasw_explain *e)
{
	const struct hasw_node *sorry = rcu_dereference(e->service->sorry);

	e->empty = true;
	if (sorry && hasw_word_usable(READ_ONCE(sorry->word))) {
		e->node = sorry;
		if (sorry->self)
			hasw_explain_local(e);
		else if (e->p.local && hasw_check_from_itself(&e->p, e->vip))
			hasw_explain_drop(e, HASW_STAT_DROP_OUTPUT);
		else
			hasw_explain_direct(e, sorry);
		return;
	}
	e->rejected = READ_ONCE(e->service->rejects);
	hasw_explain_drop(e, HASW_STAT_DROP_NO_MEMBER);
}

/* The members that a random scheduler may pick: all with the best verdict. */
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
			e->candidate[e->n_candidates++] = all->m[i]->node;
	}
	if (e->n_candidates == 1)
		e->n_candidates = 0;
	return first;
}

/* The member that the scheduler would choose for a new flow. */
static struct hasw_member *hasw_explain_next(struct hasw_explain *e)
{
	const struct hasw_sched *sched = hasw_sched_of(e->members);

	return sched->next ? sched->next(e->service, e->members, &e->flow.tuple) :
			     hasw_explain_chance(e);
}

static struct hasw_member *hasw_explain_hashed(struct hasw_explain *e)
{
	struct hasw_member *away = NULL;
	struct hasw_tuple tuple;

	if (!hasw_tuple_get(e->p.skb, e->p.family == HASW_HOP6, &tuple))
		return ERR_PTR(-EINVAL);
	return hasw_sched_maglev_pick(e->service, e->members,
				      hasw_tuple_hash(&tuple), &away);
}

static struct hasw_member *hasw_explain_flow(struct hasw_explain *e)
{
	struct hasw_member *m;

	m = hasw_flow_peek(e->p.hn, e->p.skb, e->service, e->members, &e->flow);
	if (e->flow.limited)
		return NULL;
	if (!m)
		m = hasw_explain_next(e);
	if (!IS_ERR_OR_NULL(m) && e->flow.full)
		return ERR_PTR(-ENOSPC);
	return m;
}

/* As hasw_path_spread(). */
static struct hasw_member *hasw_explain_pick(struct hasw_explain *e)
{
	switch (e->members->how) {
	case HASW_HOW_ONE:
		return hasw_sched_pick(e->service, e->members);
	case HASW_HOW_HASH:
		return hasw_explain_hashed(e);
	case HASW_HOW_EACH:
		return hasw_explain_next(e);
	}
	return hasw_explain_flow(e);
}

static void hasw_explain_emit(struct hasw_explain *e, struct hasw_member *m)
{
	u8 via = READ_ONCE(m->via);

	e->m = m;
	e->node = m->node;
	if (via == HASWITCH_VIA_LOCAL)
		hasw_explain_local(e);
	else if (via == HASWITCH_VIA_NAT)
		hasw_explain_nat(e, m);
	else if (e->p.local && hasw_check_from_itself(&e->p, e->vip))
		hasw_explain_drop(e, HASW_STAT_DROP_OUTPUT);
	else if (hasw_via_tunnels(via))
		hasw_explain_tunnel(e, m->node, via == HASWITCH_VIA_GUE);
	else
		hasw_explain_direct(e, m->node);
}

/* As hasw_path_holder(). */
static void hasw_explain_holder(struct hasw_explain *e)
{
	const struct hasw_services *all = rcu_dereference(e->vip->services);
	struct hasw_member *m;

	if (!all) {
		hasw_explain_local(e);
		return;
	}
	if (!(e->p.family == HASW_HOP4 ? hasw_key_get4(e->p.skb, &e->key) :
					 hasw_key_get6(e->p.skb, &e->key))) {
		hasw_explain_drop(e, HASW_STAT_DROP_MALFORMED);
		return;
	}
	e->services = true;
	e->service = hasw_service_pick(all, e->key.proto, e->key.port);
	if (!e->service) {
		hasw_explain_local(e);
		return;
	}
	e->members = rcu_dereference(e->service->members);
	m = hasw_explain_pick(e);
	if (!m)
		hasw_explain_empty(e);
	else if (!IS_ERR(m))
		hasw_explain_emit(e, m);
	else if (PTR_ERR(m) == -ENOENT)
		hasw_explain_drop(e, HASW_STAT_DROP_NO_MEMBER);
	else if (PTR_ERR(m) == -EHOSTUNREACH)
		hasw_explain_drop(e, HASW_STAT_DROP_UNRESOLVED);
	else if (PTR_ERR(m) == -ENOSPC)
		hasw_explain_drop(e, HASW_STAT_DROP_MEMORY);
	else
		hasw_explain_drop(e, HASW_STAT_DROP_MALFORMED);
}

/* As hasw_path_serve(). */
static void hasw_explain_serve(struct hasw_explain *e, bool holds)
{
	if (holds && READ_ONCE(e->vip->role) == HASWITCH_ROLE_MEMBER)
		hasw_explain_local(e);
	else
		hasw_explain_drop(e, HASW_STAT_DROP_NOT_HOLDER);
}

/* A packet from another machine: the holder sent it, or it is a stray. */
static void hasw_explain_came(struct hasw_explain *e, bool holds)
{
	const struct sk_buff *skb = e->p.skb;
	const struct hasw_hop *hop;

	if (hasw_tunnel_marked(e->p.hn, skb)) {
		hasw_explain_drop(e, HASW_STAT_DROP_NOT_HOLDER);
		return;
	}
	if (hasw_ipip_marked(e->p.hn, skb)) {
		hasw_explain_serve(e, holds);
		return;
	}
	hop = rcu_dereference(e->holder->hop[e->p.family]);
	if (!hop)
		hasw_explain_drop(e, HASW_STAT_DROP_UNRESOLVED);
	else if (hasw_check_from_node(skb, hop))
		hasw_explain_serve(e, holds);
	else if (READ_ONCE(e->vip->stray) != HASWITCH_STRAY_FORWARD)
		hasw_explain_drop(e, HASW_STAT_DROP_NOT_HOLDER);
	else
		hasw_explain_stray(e, e->holder);
}

/* As hasw_path_not_holder(). */
static void hasw_explain_not_holder(struct hasw_explain *e)
{
	bool holds = true;
	u64 epoch = 0;

	e->holder = hasw_vip_holder(e->vip);
	if (!e->holder || e->holder->self) {
		holds = false;
		e->holder = hasw_vip_successor(e->vip, &epoch);
		if (!e->holder || e->p.local) {
			hasw_explain_drop(e, HASW_STAT_DROP_NOT_HOLDER);
			return;
		}
	}
	if (!e->p.local) {
		hasw_explain_came(e, holds);
	} else if (hasw_check_from_itself(&e->p, e->vip)) {
		hasw_explain_drop(e, HASW_STAT_DROP_NOT_HOLDER);
	} else {
		e->node = e->holder;
		hasw_explain_direct(e, e->holder);
	}
}

/**
 * hasw_explain_judge() - judges whether this node holds the vip
 * @e: the packet, with @vip set
 *
 * Context: RCU read side.
 */
void hasw_explain_judge(struct hasw_explain *e)
{
	e->held = hasw_vip_judge(e->vip, &e->hold.now, &e->hold.deadline) ||
		  hasw_vip_judge_again(e->vip, &e->hold.now, &e->hold.deadline);
}

/* As hasw_path_vip(). */
static void hasw_explain_vip(struct hasw_explain *e)
{
	if (hasw_explain_fragment(e))
		return;
	hasw_explain_judge(e);
	if (e->held)
		hasw_explain_holder(e);
	else
		hasw_explain_not_holder(e);
}

/* As hasw_path_in(). */
static void hasw_explain_in(struct hasw_explain *e)
{
	if (hasw_check_passes(e->p.skb))
		e->way = HASWITCH_EXPLAIN_WAY_PASSED;
	else if (hasw_check_martian(e->p.skb, e->p.family))
		hasw_explain_drop(e, HASW_STAT_DROP_MALFORMED);
	else
		hasw_explain_vip(e);
}

/* As hasw_path_out(). The kernel has built the headers, so they are not
 * checked.
 */
static void hasw_explain_out(struct hasw_explain *e,
			     const struct hasw_vip *from)
{
	if (from && !hasw_vip_speaks(from))
		hasw_explain_drop(e, HASW_STAT_DROP_OUTPUT);
	else if (e->vip)
		hasw_explain_vip(e);
}

/* Whether hasw_fast_pick() or hasw_fast_flow() finds a member without a change
 * of state.
 */
static bool hasw_explain_picked(const struct hasw_explain *e)
{
	struct hasw_tuple tuple;

	if (!e->m || e->n_candidates)
		return false;
	switch (e->members->how) {
	case HASW_HOW_ONE:
		return READ_ONCE(e->service->last) == e->m->node;
	case HASW_HOW_HASH:
		return hasw_tuple_get(e->p.skb, e->p.family == HASW_HOP6,
				      &tuple) &&
		       hasw_sched_maglev_own(e->members,
					     hasw_tuple_hash(&tuple));
	case HASW_HOW_FLOW:
		return hasw_key_has_ports(e->key.proto) && !e->flow.noted;
	}
	return false;
}

static bool hasw_explain_whole(const struct hasw_explain *e)
{
	const struct sk_buff *skb = e->p.skb;

	if (e->p.family == HASW_HOP4)
		return skb->len >= HASW_FAST_LEN4 &&
		       hasw_fast_whole4(ip_hdr(skb), skb->len);
	return skb->len >= HASW_FAST_LEN6 &&
	       hasw_fast_whole6(ipv6_hdr(skb), skb->len);
}

/* Whether the fast path can find a service by the first transport header. */
static bool hasw_explain_ported(const struct hasw_explain *e)
{
	if (e->p.family == HASW_HOP4)
		return ip_hdr(e->p.skb)->protocol != IPPROTO_ICMP;
	return hasw_key_has_ports(ipv6_hdr(e->p.skb)->nexthdr);
}

static bool hasw_explain_martian(const struct hasw_explain *e)
{
	/* The fast path also leaves IPv6 sources that begin like ::1. */
	return hasw_check_martian(e->p.skb, e->p.family) ||
	       (e->p.family == HASW_HOP6 &&
		!ipv6_hdr(e->p.skb)->saddr.s6_addr32[0]);
}

/* Why the fast path does not take the packet, or -1 if it does. The checks are
 * those of fast.c, in the order in which an administrator would ask.
 */
static int hasw_explain_slow(const struct hasw_explain *e)
{
	if (e->p.local)
		return HASWITCH_EXPLAIN_SLOW_LOCAL;
	if (!hasw_fast_dev_on(e->p.hn, e->p.skb->dev))
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
	if (hasw_explain_martian(e))
		return HASWITCH_EXPLAIN_SLOW_SOURCE;
	if (!e->held)
		return HASWITCH_EXPLAIN_SLOW_NOT_HOLDER;
	if (!e->service)
		return HASWITCH_EXPLAIN_SLOW_SERVICE;
	if (!hasw_explain_picked(e))
		return HASWITCH_EXPLAIN_SLOW_PICK;
	if (READ_ONCE(e->m->via) == HASWITCH_VIA_LOCAL)
		return HASWITCH_EXPLAIN_SLOW_VIA;
	if (READ_ONCE(e->m->via) == HASWITCH_VIA_NAT &&
	    !hasw_explain_changeable(e))
		return HASWITCH_EXPLAIN_SLOW_HEADER;
	if (hasw_via_tunnels(READ_ONCE(e->m->via)) ? !e->neighbour :
	    !e->has_hop || !e->prebuilt)
		return HASWITCH_EXPLAIN_SLOW_HOP;
	if (e->p.skb->len > e->inside)
		return HASWITCH_EXPLAIN_SLOW_SIZE;
	return -1;
}

/**
 * hasw_explain_by() - notes whether the fast or the slow path takes the packet
 * @e: the packet
 * @slow: enum haswitch_explain_slow, or -1 for the fast path
 *
 * Context: any.
 */
void hasw_explain_by(struct hasw_explain *e, int slow)
{
	e->door = slow < 0 ? HASWITCH_EXPLAIN_DOOR_FAST :
			     HASWITCH_EXPLAIN_DOOR_COMPLETE;
	e->slow = max(slow, 0);
}

/**
 * hasw_explain() - finds the decision on a packet
 * @e: the packet, with @p and @in set; the rest is filled in
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
	if (e->p.family == HASW_HOP4) {
		e->vip = hasw_vip_find4(cfg, ip_hdr(skb)->daddr);
		from = hasw_vip_find4(cfg, ip_hdr(skb)->saddr);
	} else {
		e->vip = hasw_vip_find6(cfg, &ipv6_hdr(skb)->daddr);
		from = hasw_vip_find6(cfg, &ipv6_hdr(skb)->saddr);
	}
	if (!e->vip && !(e->p.local && from)) {
		if (!e->p.local && READ_ONCE(e->p.hn->natted))
			hasw_explain_reply(e);
		return;
	}
	if (!e->p.local && !hasw_explain_sound(e))
		e->way = HASWITCH_EXPLAIN_WAY_STACK;
	else if (e->p.family == HASW_HOP6 &&
		 ipv6_hdr(skb)->nexthdr == NEXTHDR_ICMP && hasw_key_is_nd(skb))
		e->way = HASWITCH_EXPLAIN_WAY_NEIGHBOUR;
	else if (e->p.local)
		hasw_explain_out(e, from);
	else
		hasw_explain_in(e);
	if (e->vip)
		hasw_explain_by(e, hasw_explain_slow(e));
}
