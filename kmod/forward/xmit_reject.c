// SPDX-License-Identifier: GPL-2.0
/* A packet that no member takes is dropped, and its sender gets a reset or an
 * ICMP error.
 */
#include <linux/netfilter.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_reject.h>

#include "xmit.h"
#include "packet/key.h"

/* The kernel's functions for resets and errors look up the route and the IPsec
 * policies, and pass the packet to the stack.
 */

/* True while this CPU sends a reset or an error. A packet that leaves from the
 * vip is then neither from a socket nor from a client. It is set with softirqs
 * off; where these can be preempted, another packet may be taken for such a
 * reset or error.
 */
DEFINE_PER_CPU(bool, hasw_xmit_rejecting);

static u8 hasw_reject_proto(const struct hasw_packet *p)
{
	struct hasw_key key = {};

	if (p->family == HASW_HOP4)
		return ip_hdr(p->skb)->protocol;
	/* For an ICMPv6 error this is the protocol of the quoted packet, which
	 * may be TCP; no reset is sent for it.
	 */
	hasw_key_get6(p->skb, &key);
	return key.proto;
}

static void hasw_reject_reset(const struct hasw_packet *p)
{
	int hook = p->local ? NF_INET_LOCAL_OUT : NF_INET_PRE_ROUTING;

	if (!hasw_xmit_route_back(p))
		return;
	if (p->family == HASW_HOP4)
		nf_send_reset(p->hn->net, NULL, p->skb, hook);
	else
		nf_send_reset6(p->hn->net, NULL, p->skb, hook);
}

/* Whether the sender gets no reset or error, because it has sent the packet to
 * many.
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
 * error. An ICMP error, or a broadcast or multicast frame, gets none.
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
 * hasw_xmit_reject_peek() - hasw_xmit_reject() for explain
 * @p: the packet
 *
 * Context: any.
 * Return: the drop counter, or -1 if the sender gets a reset or an error.
 */
int hasw_xmit_reject_peek(const struct hasw_packet *p)
{
	return hasw_reject_silent(p) ? HASW_STAT_DROP_MALFORMED : -1;
}
