// SPDX-License-Identifier: GPL-2.0
/* `haadm explain` for a packet to no vip, which may be a reply of a member
 * reached via nat.
 */
#include "reply.h"
#include "core/route.h"
#include "fast.h"
#include "explain.h"
#include "packet/key.h"
#include "packet/nat.h"
#include "core/trace.h"
#include "check.h"

/* hasw_xmit_reply() for `haadm explain`. The route is looked up and cached, but
 * the flow does not keep it. It is stored in @route.
 */
static void hasw_explain_client(struct hasw_explain *e,
				const struct hasw_reply *a,
				struct hasw_nat_route *route)
{
	struct hasw_nat_ends to;
	bool home;
	int why;

	hasw_flow_ends_reply(a->f, &to);
	route->to = to.dst;
	route->dst = hasw_xmit_reply_route(&e->p, &a->tuple, &to, NULL);
	if (!route->dst) {
		hasw_explain_drop(e, HASW_STAT_DROP_UNRESOLVED);
		return;
	}
	hasw_nat_route_set(route, route->dst, e->p.family == HASW_HOP6);
	e->has_remote = true;
	e->remote = to.dst;
	e->ifindex = route->hop.dev->ifindex;
	e->mtu = route->hop.mtu;
	why = hasw_xmit_reply_peek(&e->p, &a->tuple, route, &home);
	hasw_explain_end(e, why, home ? HASWITCH_EXPLAIN_WAY_LOCAL :
					HASWITCH_EXPLAIN_WAY_ANSWER);
}

static bool hasw_explain_fast(const struct sk_buff *skb, bool six)
{
	if (!six)
		return skb_headlen(skb) >= HASW_FAST_LEN4 &&
		       hasw_fast_takes_reply4(skb);
	return skb_headlen(skb) >= HASW_FAST_LEN6 &&
	       !hasw_fast_low6(&ipv6_hdr(skb)->saddr) &&
	       !hasw_fast_low6(&ipv6_hdr(skb)->daddr) &&
	       hasw_fast_takes_reply6(skb);
}

/* Returns why the fast path does not take the reply, enum
 * haswitch_explain_slow; or -1 if the fast path takes it. The checks are those
 * of fast_reply.c.
 */
static int hasw_explain_reply_slow(const struct hasw_explain *e,
				   const struct hasw_reply *a,
				   const struct hasw_nat_route *route)
{
	const struct sk_buff *skb = e->p.skb;
	bool six = e->p.family == HASW_HOP6;
	u8 proto = a->tuple.proto;

	if (!hasw_fast_dev_on(e->p.hn, skb->dev) || !hasw_fast_takes_frame(skb))
		return HASWITCH_EXPLAIN_SLOW_DEVICE;
	if (READ_ONCE(e->vip->hook) != HASWITCH_HOOK_INGRESS)
		return HASWITCH_EXPLAIN_SLOW_HOOK;
	if (trace_redirect_enabled())
		return HASWITCH_EXPLAIN_SLOW_TRACED;
	if (a->tuple.about || !hasw_key_has_ports(proto))
		return HASWITCH_EXPLAIN_SLOW_PROTOCOL;
	if (e->fragment || !hasw_explain_fast(skb, six) ||
	    !hasw_explain_tcp(e, proto) || !hasw_explain_writable(e, proto))
		return HASWITCH_EXPLAIN_SLOW_HEADER;
	if (!hasw_reply_leaves_fast(e->p.hn, a->f, six))
		return HASWITCH_EXPLAIN_SLOW_NOT_HOLDER;
	if (hasw_flow_reply_ends(a->f, a->tcp))
		return HASWITCH_EXPLAIN_SLOW_PICK;
	if (!route->dst || route->stack || hasw_route_is_home(route->dst) ||
	    !hasw_route_neigh(route->dst, six, a->f->addr))
		return HASWITCH_EXPLAIN_SLOW_HOP;
	return hasw_fast_fits(skb, skb->len, route->hop.mtu) ?
		       -1 :
		       HASWITCH_EXPLAIN_SLOW_SIZE;
}

static void hasw_explain_answered(struct hasw_explain *e,
				  const struct hasw_reply *a)
{
	const struct hasw_config *cfg = rcu_dereference(e->p.hn->config);
	struct hasw_nat_route route = {};

	e->vip = hasw_flow_vip(cfg, a->f);
	/* For an ICMP error no node is reported, because a router may have sent
	 * the error instead of the member.
	 */
	if (!a->tuple.about)
		e->node = hasw_node_at(cfg, &a->tuple.client,
				       e->p.family == HASW_HOP4 ? AF_INET :
								  AF_INET6);
	if (e->vip)
		hasw_explain_judge(e);
	if (hasw_reply_leaves(e->p.hn, a->f))
		hasw_explain_client(e, a, &route);
	else
		hasw_explain_drop(e, HASW_STAT_DROP_NOT_HOLDER);
	if (e->vip)
		hasw_explain_by(e, hasw_explain_reply_slow(e, a, &route));
}

/**
 * hasw_explain_reply() - hasw_reply_in() for `haadm explain`: no flow is
 *	changed
 * @e: the packet, from another machine and to no vip; not neighbour discovery
 *
 * Context: hasw_net.mutex held, RCU read side, softirqs off.
 */
void hasw_explain_reply(struct hasw_explain *e)
{
	const struct sk_buff *skb = e->p.skb;
	struct hasw_reply a;

	if (!hasw_explain_sound(e) || hasw_check_passes(skb))
		return;
	if (hasw_check_mapped(skb, e->p.family))
		return;
	if (hasw_reply_from_node(&e->p) && hasw_explain_fragment(e))
		return;
	if (hasw_reply_find(&e->p, &a))
		hasw_explain_answered(e, &a);
}
