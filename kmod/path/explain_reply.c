// SPDX-License-Identifier: GPL-2.0
/* Explain for a packet to no vip, which may be a reply of a member via nat. */
#include "reply.h"
#include "core/route.h"
#include "fast.h"
#include "explain.h"
#include "packet/key.h"
#include "packet/nat.h"
#include "core/trace.h"
#include "check.h"

/* The route of a reply to the client, as in hasw_xmit_reply(). The route is
 * looked up and cached, as for a real packet. Return: the route, or NULL.
 */
static struct dst_entry *hasw_explain_client(struct hasw_explain *e,
					     const struct hasw_reply *a)
{
	struct hasw_nat_ends to;
	struct dst_entry *dst;

	hasw_flow_ends_reply(a->f, &to);
	dst = hasw_xmit_reply_route(&e->p, &a->tuple, &to);
	if (!dst) {
		hasw_explain_drop(e, HASW_STAT_DROP_UNRESOLVED);
		return NULL;
	}
	e->has_remote = true;
	e->remote = to.dst;
	e->ifindex = dst->dev->ifindex;
	e->mtu = dst_mtu(dst);
	if (dst->dev->flags & IFF_LOOPBACK)
		e->way = HASWITCH_EXPLAIN_WAY_LOCAL;
	else
		hasw_explain_fits(e, HASWITCH_EXPLAIN_WAY_ANSWER);
	if (e->way != HASWITCH_EXPLAIN_WAY_DROPPED &&
	    (!hasw_nat_writable(e->p.skb, &a->tuple) ||
	     !hasw_nat_valid(e->p.skb, &a->tuple)))
		hasw_explain_drop(e, HASW_STAT_DROP_MALFORMED);
	return dst;
}

static bool hasw_explain_fast(const struct sk_buff *skb, bool six)
{
	if (!six)
		return skb->len >= HASW_FAST_LEN4 &&
		       hasw_fast_takes_reply4(skb);
	return skb->len >= HASW_FAST_LEN6 && hasw_fast_takes_reply6(skb) &&
	       ipv6_hdr(skb)->saddr.s6_addr32[0] &&
	       ipv6_hdr(skb)->daddr.s6_addr32[0];
}

/* Whether the transport header that NAT rewrites is complete. */
static bool hasw_explain_headers(const struct hasw_explain *e,
				 const struct hasw_reply *a)
{
	u32 len = e->p.skb->len - a->tuple.offset;

	return len >= hasw_nat_header(a->tuple.proto);
}

/* Why the fast path does not take the reply, or -1 if it does: the checks of
 * fast_reply.c.
 */
static int hasw_explain_reply_slow(const struct hasw_explain *e,
				   const struct hasw_reply *a,
				   const struct dst_entry *dst)
{
	const struct sk_buff *skb = e->p.skb;
	bool six = e->p.family == HASW_HOP6;
	u8 proto = a->tuple.proto;

	if (!hasw_fast_dev_on(e->p.hn, skb->dev))
		return HASWITCH_EXPLAIN_SLOW_DEVICE;
	if (READ_ONCE(e->vip->hook) != HASWITCH_HOOK_INGRESS)
		return HASWITCH_EXPLAIN_SLOW_HOOK;
	if (trace_redirect_enabled())
		return HASWITCH_EXPLAIN_SLOW_TRACED;
	if (a->tuple.about || !hasw_key_has_ports(proto))
		return HASWITCH_EXPLAIN_SLOW_PROTOCOL;
	if (e->fragment || !hasw_explain_fast(skb, six) ||
	    !hasw_explain_headers(e, a))
		return HASWITCH_EXPLAIN_SLOW_HEADER;
	if (!hasw_reply_leaves_fast(e->p.hn, a->f, six))
		return HASWITCH_EXPLAIN_SLOW_NOT_HOLDER;
	if (hasw_flow_reply_ends(a->f, a->tcp))
		return HASWITCH_EXPLAIN_SLOW_PICK;
	if (!dst || !hasw_route_plain(dst, six) ||
	    dst->dev->flags & IFF_LOOPBACK ||
	    !hasw_fast_neighbour(dst, six, a->f->addr))
		return HASWITCH_EXPLAIN_SLOW_HOP;
	return skb->len > e->mtu ? HASWITCH_EXPLAIN_SLOW_SIZE : -1;
}

static void hasw_explain_answered(struct hasw_explain *e,
				  const struct hasw_reply *a)
{
	const struct hasw_config *cfg = rcu_dereference(e->p.hn->config);
	struct dst_entry *dst = NULL;

	e->vip = hasw_reply_vip(e->p.hn, a->f);
	/* An ICMP error may be from a router instead of the member. */
	if (!a->tuple.about)
		e->node = hasw_node_at(cfg, &a->tuple.client,
				       e->p.family == HASW_HOP4 ? AF_INET :
								  AF_INET6);
	if (e->vip)
		hasw_explain_judge(e);
	if (hasw_reply_leaves(e->p.hn, a->f))
		dst = hasw_explain_client(e, a);
	else
		hasw_explain_drop(e, HASW_STAT_DROP_NOT_HOLDER);
	if (e->vip)
		hasw_explain_by(e, hasw_explain_reply_slow(e, a, dst));
}

/**
 * hasw_explain_reply() - as hasw_reply_in(), but the flow is not changed
 * @e: the packet, from another machine and to no vip
 *
 * Context: hasw_net.mutex held, RCU read side, softirqs off.
 */
void hasw_explain_reply(struct hasw_explain *e)
{
	const struct sk_buff *skb = e->p.skb;
	struct hasw_reply a;

	if (!hasw_explain_sound(e) || hasw_check_passes(skb))
		return;
	if (e->p.family == HASW_HOP6 &&
	    ((ipv6_hdr(skb)->nexthdr == NEXTHDR_ICMP && hasw_key_is_nd(skb)) ||
	     ipv6_addr_v4mapped(&ipv6_hdr(skb)->daddr) ||
	     ipv6_addr_v4mapped(&ipv6_hdr(skb)->saddr)))
		return;
	if (hasw_reply_from_node(&e->p) && hasw_explain_fragment(e))
		return;
	if (hasw_reply_find(&e->p, &a))
		hasw_explain_answered(e, &a);
}
