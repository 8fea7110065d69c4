// SPDX-License-Identifier: GPL-2.0
/* Instead of a via: the packet is dropped, and its sender told that nobody takes it. */
#include <linux/netfilter.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_reject.h>

#include "xmit.h"
#include "packet/key.h"

/* The kernel's own senders of resets and errors look the way up, ask the policies
 * of IPsec, and leave the rest to the stack.
 */

/* What leaves from the vip now is an answer of this file's, not of a socket, nor
 * is it a client's packet. Set with softirqs off, while the answer is sent; where
 * they can be preempted all the same, another packet may be taken for one.
 */
DEFINE_PER_CPU(bool, hasw_emit_rejecting);

static u8 hasw_reject_proto(const struct hasw_packet *p)
{
	struct hasw_key key = {};

	if (p->family == HASW_HOP4)
		return ip_hdr(p->skb)->protocol;
	/* Of what an ICMP error is about that is TCP, too; no reset is. */
	hasw_key_get6(p->skb, &key);
	return key.proto;
}

static void hasw_reject_reset(const struct hasw_packet *p)
{
	int hook = p->local ? NF_INET_LOCAL_OUT : NF_INET_PRE_ROUTING;

	if (!hasw_emit_route_back(p))
		return;
	if (p->family == HASW_HOP4)
		nf_send_reset(p->hn->net, NULL, p->skb, hook);
	else
		nf_send_reset6(p->hn->net, NULL, p->skb, hook);
}

/**
 * hasw_emit_reject() - drops a packet and says so
 * @p: the packet
 *
 * By a TCP reset (RFC 9293, 3.10.7.1), or by an ICMP error, port unreachable; of
 * what no error is told about none is, nor of what was for many.
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_DROP.
 */
unsigned int hasw_emit_reject(const struct hasw_packet *p)
{
	bool was = __this_cpu_read(hasw_emit_rejecting);

	if (!p->local && p->skb->pkt_type != PACKET_HOST)
		return hasw_emit_drop(p, HASW_STAT_DROP_MALFORMED);
	__this_cpu_write(hasw_emit_rejecting, true);
	if (hasw_reject_proto(p) == IPPROTO_TCP)
		hasw_reject_reset(p);
	else
		hasw_emit_unreachable(p);
	__this_cpu_write(hasw_emit_rejecting, was);
	hasw_stat_inc(p->hn, HASW_STAT_REJECTED);
	return hasw_emit_drop(p, HASW_STAT_DROP_NO_MEMBER);
}
