// SPDX-License-Identifier: GPL-2.0
/* If no member can take a packet, the packet is dropped, and its sender gets a
 * TCP reset or an ICMP error.
 */
#include <linux/netfilter.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_reject.h>

#include "xmit.h"
#include "flow/client_route.h"
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

/* The kernel's functions find the VRF of a packet by its route. For packets at
 * PRE_ROUTING, kernels without the fix of August 2025 look up a route and store
 * it in the skb. They do not release the route that the skb had, which leaks.
 * So this function tells them that a received packet is at LOCAL_IN, where they
 * look up no route and verify the same checksums.
 */
static void hasw_reject_reset(const struct hasw_packet *p)
{
	int hook = p->local ? NF_INET_LOCAL_OUT : NF_INET_LOCAL_IN;
	struct dst_entry *dst;

	if (!p->local) {
		dst = hasw_client_route_back(p->hn->net, p->skb,
					     p->family == HASW_HOP6);
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
