// SPDX-License-Identifier: GPL-2.0
/* If no member can take a packet, the packet is dropped, and its sender gets a
 * TCP reset or an ICMP error.
 */
#include <linux/netfilter.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/l3mdev.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_reject.h>
#include <net/route.h>

#include "xmit.h"
#include "packet/key.h"

/* Kernel functions send the resets and errors. These functions look up the
 * route and the IPsec policies, and pass the reset or error to the stack.
 */

/* True while this CPU sends a reset or an ICMP error. Meanwhile the LOCAL_OUT
 * hook does not redirect the reset or error to a member. The hook also does not
 * take it as a sign that no local socket listens. The flag is set with softirqs
 * off. On kernels where code with disabled softirqs can be preempted, the hook
 * can mistake another packet for the reset or error. Such a packet is not
 * redirected.
 */
DEFINE_PER_CPU(bool, hasw_xmit_rejecting);

static u8 hasw_reject_proto(const struct hasw_packet *p)
{
	struct hasw_key key = {};

	if (p->family == HASW_HOP4)
		return ip_hdr(p->skb)->protocol;
	/* For an ICMPv6 error, key.proto is the protocol of the packet inside
	 * the error. If this protocol is TCP, nf_send_reset6() is called, but
	 * sends no reset, because the packet itself is ICMPv6.
	 */
	hasw_key_get6(p->skb, &key);
	return key.proto;
}

/* Returns the route to the sender of a received packet, or NULL. */
static struct dst_entry *hasw_reject_route(const struct hasw_packet *p)
{
	const struct sk_buff *skb = p->skb;
	struct net *net = p->hn->net;
	int vrf = l3mdev_master_ifindex_rcu(skb->dev);
	struct flowi4 fl4 = {};
	struct flowi6 fl6 = {};
	struct dst_entry *dst;
	struct rtable *rt;

	if (p->family == HASW_HOP4) {
		fl4.daddr = ip_hdr(skb)->saddr;
		fl4.saddr = ip_hdr(skb)->daddr;
		fl4.flowi4_oif = vrf;
		fl4.flowi4_mark = IP4_REPLY_MARK(net, skb->mark);
		fl4.flowi4_flags = FLOWI_FLAG_ANYSRC;
		rt = ip_route_output_key(net, &fl4);
		return IS_ERR(rt) ? NULL : &rt->dst;
	}
	fl6.daddr = ipv6_hdr(skb)->saddr;
	fl6.saddr = ipv6_hdr(skb)->daddr;
	fl6.flowi6_oif = vrf;
	fl6.flowi6_mark = IP6_REPLY_MARK(net, skb->mark);
	fl6.flowi6_flags = FLOWI_FLAG_ANYSRC;
	dst = ip6_route_output(net, NULL, &fl6);
	if (!dst->error)
		return dst;
	dst_release(dst);
	return NULL;
}

/* The kernel's functions find the VRF of a packet by its route. For packets at
 * PRE_ROUTING, kernels before August 2025 overwrite the route, and leak the old
 * one. So a received packet is passed as one at LOCAL_IN, where the same checksums
 * are verified.
 */
static void hasw_reject_reset(const struct hasw_packet *p)
{
	int hook = p->local ? NF_INET_LOCAL_OUT : NF_INET_LOCAL_IN;
	struct dst_entry *dst;

	if (!p->local) {
		dst = hasw_reject_route(p);
		if (!dst)
			return;
		skb_dst_drop(p->skb);
		skb_dst_set(p->skb, dst);
	}
	if (p->family == HASW_HOP4)
		nf_send_reset(p->hn->net, NULL, p->skb, hook);
	else
		nf_send_reset6(p->hn->net, NULL, p->skb, hook);
}

/* Returns whether no reset or error is sent, because the packet arrived in a
 * broadcast or multicast frame.
 */
static __always_inline bool hasw_reject_silent(const struct hasw_packet *p)
{
	return !p->local && !hasw_xmit_unicast(p->skb);
}

/**
 * hasw_xmit_reject() - drops a packet and sends a reset or an error
 * @p: the packet
 *
 * The sender gets a TCP reset (RFC 9293, 3.10.7.1), or an ICMP port unreachable
 * error. Nothing is sent in reply to an ICMP error, or to a broadcast or
 * multicast frame.
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_DROP.
 */
unsigned int hasw_xmit_reject(const struct hasw_packet *p)
{
	bool was = __this_cpu_read(hasw_xmit_rejecting);

	if (hasw_reject_silent(p))
		return hasw_xmit_drop(p, HASW_STAT_DROP_MALFORMED);
	__this_cpu_write(hasw_xmit_rejecting, true);
	if (hasw_reject_proto(p) == IPPROTO_TCP)
		hasw_reject_reset(p);
	else
		hasw_xmit_unreachable(p);
	__this_cpu_write(hasw_xmit_rejecting, was);
	hasw_stat_inc(p->hn, HASW_STAT_REJECTED);
	return hasw_xmit_drop(p, HASW_STAT_DROP_NO_MEMBER);
}

/**
 * hasw_xmit_reject_peek() - hasw_xmit_reject() for `haadm explain`
 * @p: the packet
 *
 * Context: any.
 * Return: the drop counter, or -1 if the sender gets a reset or an error.
 */
int hasw_xmit_reject_peek(const struct hasw_packet *p)
{
	return hasw_reject_silent(p) ? HASW_STAT_DROP_MALFORMED : -1;
}
