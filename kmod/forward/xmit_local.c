// SPDX-License-Identifier: GPL-2.0
/* Packets that are left to this node's own stack: with `via local` it delivers
 * the packet. Others it forwards, and nft may replace their addresses.
 */
#include <linux/icmp.h>
#include <linux/inetdevice.h>
#include <linux/netfilter.h>
#include <net/ip6_route.h>
#include <net/ip_fib.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "compat/compat.h"
#include "core/route.h"
#include "flow/flow_port.h"
#include "packet/tuple.h"
#include "xmit.h"

/**
 * hasw_xmit_is_local() - returns whether the stack would deliver a packet on
 *	this node
 * @p: the packet, from another machine
 *
 * Local routes count as well as addresses, see hasw_route_is_local6().
 *
 * Context: RCU read side, softirqs off.
 */
bool hasw_xmit_is_local(const struct hasw_packet *p)
{
	struct net *net = p->hn->net;

	if (p->family == HASW_HOP4)
		return inet_addr_type_dev_table(net, p->skb->dev,
						ip_hdr(p->skb)->daddr) ==
		       RTN_LOCAL;
	return hasw_route_is_local6(net, &ipv6_hdr(p->skb)->daddr);
}

/* Returns whether hasw_xmit_local() has to drop a packet, because the stack
 * would not deliver the packet on this node.
 */
static __always_inline bool hasw_xmit_strange(const struct hasw_packet *p)
{
	return !p->local && unlikely(!hasw_xmit_is_local(p));
}

static __always_inline unsigned int
hasw_xmit_deliver(const struct hasw_packet *p, bool strange)
{
	if (strange)
		return hasw_xmit_drop(p, HASW_STAT_DROP_NO_MEMBER);
	hasw_stat_inc(p->hn, HASW_STAT_LOCAL);
	return NF_ACCEPT;
}

/**
 * hasw_xmit_local() - lets the stack deliver a packet
 * @p: the packet
 *
 * Normally the vip is an address of this node, on a device of kind haswitch, so
 * the stack delivers the packet. If the vip is not an address of this node,
 * this function drops a packet from another machine. Without this check, the
 * stack would forward the packet to a router, which would send it back.
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_ACCEPT, or NF_DROP if the packet was counted as dropped.
 */
unsigned int hasw_xmit_local(const struct hasw_packet *p)
{
	return hasw_xmit_deliver(p, hasw_xmit_strange(p));
}

/**
 * hasw_xmit_unserved() - handles a packet to a held vip that no service is for
 * @p: the packet
 *
 * As hasw_xmit_local(), but if the vip is not an address of this node, a packet
 * whose destination conntrack is going to replace is left to the stack. The
 * guard, see path/hooks.c, drops the packet if conntrack does not replace it.
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_ACCEPT, or NF_DROP if the packet was counted as dropped.
 */
unsigned int hasw_xmit_unserved(const struct hasw_packet *p)
{
	bool strange = hasw_xmit_strange(p);

	if (!strange || !hasw_xmit_translated(p))
		return hasw_xmit_deliver(p, strange);
	/* conntrack can find the packet invalid. Then the guard drops it, which
	 * the stack would forward to the vip.
	 */
	if (unlikely(!READ_ONCE(p->hn->guard.wanted))) {
		WRITE_ONCE(p->hn->guard.wanted, true);
		queue_work(hasw_wq, &p->hn->guard.work);
	}
	hasw_stat_inc(p->hn, HASW_STAT_PASSED);
	return NF_ACCEPT;
}

/**
 * hasw_xmit_local_peek() - hasw_xmit_local() for `haadm explain`
 * @p: the packet
 *
 * Context: RCU read side, softirqs off.
 * Return: the drop counter, or -1 if the packet would be delivered.
 */
int hasw_xmit_local_peek(const struct hasw_packet *p)
{
	return hasw_xmit_strange(p) ? HASW_STAT_DROP_NO_MEMBER : -1;
}

/* Returns whether an ICMP message can be a reply. conntrack is asked about an
 * echo reply for every message, but a request with the same identifier is no
 * reply: conntrack would not replace its destination.
 */
static bool hasw_xmit_replies(const struct hasw_packet *p,
			      const struct hasw_tuple *t)
{
	u8 buf;
	const u8 *type;

	if (t->proto != IPPROTO_ICMP || t->about)
		return true;
	type = t->offset ? skb_header_pointer(p->skb, t->offset, sizeof(buf),
					      &buf) : NULL;
	return type && *type == ICMP_ECHOREPLY;
}

/**
 * hasw_xmit_translated() - whether conntrack is going to replace the vip as the
 *	destination of a packet
 * @p: the packet, from another machine
 *
 * A firewall gives clients behind it the vip as their source. The replies are
 * for these clients, and conntrack knows for which one.
 *
 * Context: RCU read side, softirqs off.
 */
bool hasw_xmit_translated(const struct hasw_packet *p)
{
	struct hasw_tuple t;

	return p->family == HASW_HOP4 && hasw_tuple_get4(p->skb, &t) &&
	       hasw_xmit_replies(p, &t) &&
	       hasw_flow_port_translated(p->hn->net, &t);
}

/* Whether the stack would forward an IPv4 packet to a device that faces the
 * vip.
 */
static bool hasw_xmit_routed4(const struct hasw_packet *p,
			      const struct hasw_vip *vip)
{
	struct in_device *in_dev = __in_dev_get_rcu(p->skb->dev);
	const struct iphdr *iph = ip_hdr(p->skb);
	struct flowi4 fl4 = {
		.daddr = iph->daddr,
		.saddr = iph->saddr,
		.flowi4_iif = p->skb->dev->ifindex,
		.flowi4_mark = p->skb->mark,
		.flowi4_scope = RT_SCOPE_UNIVERSE,
	};
	struct fib_result res;

	if (!in_dev || !IN_DEV_FORWARD(in_dev))
		return false;
	hasw_flowi4_set_dscp(&fl4, iph);
	return !fib_lookup(p->hn->net, &fl4, &res, 0) &&
	       res.type == RTN_UNICAST &&
	       hasw_vip_faces(vip, FIB_RES_DEV(res));
}

/* hasw_xmit_routed4() for IPv6. As there, rules that match ports are looked at
 * as if the packet had none.
 */
static bool hasw_xmit_routed6(const struct hasw_packet *p,
			      const struct hasw_vip *vip)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(p->skb);
	struct net *net = p->hn->net;
	struct flowi6 fl6 = {
		.daddr = ip6->daddr,
		.saddr = ip6->saddr,
		.flowi6_iif = p->skb->dev->ifindex,
		.flowi6_mark = p->skb->mark,
	};
	struct dst_entry *dst;
	bool faces;

	if (!READ_ONCE(net->ipv6.devconf_all->forwarding))
		return false;
	dst = ip6_route_input_lookup(net, p->skb->dev, &fl6, p->skb,
				     RT6_LOOKUP_F_HAS_SADDR);
	faces = !dst->error && hasw_vip_faces(vip, dst->dev);
	dst_release(dst);
	return faces;
}

/**
 * hasw_xmit_routed() - whether a packet comes from behind this machine, as from
 *	a container, and the stack forwards it to the link where the vip is
 * @p: the packet, from another machine or network namespace
 * @vip: the vip, which this node does not hold
 *
 * The device that has received such a packet does not face the vip. The stack
 * forwards the packet as it forwards those to any other address, and nft
 * replaces the source if it does so for other addresses. A packet to an address
 * of this machine is never such a packet: the stack would deliver it.
 *
 * Context: RCU read side, softirqs off.
 */
bool hasw_xmit_routed(const struct hasw_packet *p, const struct hasw_vip *vip)
{
	if (likely(hasw_vip_faces(vip, p->skb->dev)) || hasw_xmit_is_local(p))
		return false;
	return p->family == HASW_HOP4 ? hasw_xmit_routed4(p, vip) :
					hasw_xmit_routed6(p, vip);
}
