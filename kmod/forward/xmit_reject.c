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

/* The resets and errors that tasks are sending on this CPU. A task adds and
 * removes its entry with softirqs off, so that it stays on the CPU. On kernels
 * where code with disabled softirqs can be preempted, tasks can send in turns
 * on one CPU, and end in any order. So each entry names its task, and
 * preemption is off while the list is read or changed.
 */
DEFINE_PER_CPU(struct hasw_reject *, hasw_rejects);

/**
 * hasw_reject_begin() - describes a reset or error that is about to be sent
 * @reject: filled in; valid until hasw_reject_end()
 * @hn: namespace
 * @family: HASW_HOP4 or HASW_HOP6
 * @to: destination address, one word for IPv4, four words for IPv6
 * @proto: IPPROTO_TCP, IPPROTO_ICMP or IPPROTO_ICMPV6
 *
 * Context: softirqs off until hasw_reject_end().
 */
void hasw_reject_begin(struct hasw_reject *reject, const struct hasw_net *hn,
		       int family, const __be32 *to, u8 proto)
{
	lockdep_assert_in_softirq();
	reject->task = current;
	reject->hn = hn;
	reject->family = family;
	reject->proto = proto;
	if (family == HASW_HOP4)
		ipv6_addr_set_v4mapped(*to, &reject->to);
	else
		memcpy(&reject->to, to, sizeof(reject->to));
	preempt_disable();
	reject->next = __this_cpu_read(hasw_rejects);
	__this_cpu_write(hasw_rejects, reject);
	preempt_enable();
}

/**
 * hasw_reject_end() - forgets a reset or error that was sent
 * @reject: filled in by hasw_reject_begin()
 *
 * Context: softirqs off since hasw_reject_begin().
 */
void hasw_reject_end(struct hasw_reject *reject)
{
	struct hasw_reject **link;

	lockdep_assert_in_softirq();
	preempt_disable();
	link = this_cpu_ptr(&hasw_rejects);
	while (*link != reject)
		link = &(*link)->next;
	*link = reject->next;
	preempt_enable();
}

/* Other packets can leave while a task sends a reset or error: the packet that
 * carries it through a tunnel, and packets that wait in a queue which the task
 * runs. They differ in protocol or destination.
 */
static bool hasw_reject_same(const struct hasw_reject *reject,
			     const struct hasw_packet *p)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(p->skb);
	const struct iphdr *iph = ip_hdr(p->skb);

	if (reject->task != current || reject->hn != p->hn ||
	    reject->family != p->family)
		return false;
	if (p->family == HASW_HOP4)
		return iph->protocol == reject->proto &&
		       iph->daddr == reject->to.s6_addr32[3];
	return ip6->nexthdr == reject->proto &&
	       ipv6_addr_equal(&ip6->daddr, &reject->to);
}

/* hasw_reject_is() on a CPU that is sending a reset or error. */
bool hasw_reject_find(const struct hasw_packet *p)
{
	const struct hasw_reject *reject;

	preempt_disable();
	reject = __this_cpu_read(hasw_rejects);
	while (reject && !hasw_reject_same(reject, p))
		reject = reject->next;
	preempt_enable();
	return reject;
}

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
	bool v4 = p->family == HASW_HOP4, tcp;
	struct hasw_reject reject;

	if (hasw_reject_silent(p))
		return hasw_xmit_drop(p, HASW_STAT_DROP_MALFORMED);
	tcp = hasw_reject_proto(p) == IPPROTO_TCP;
	hasw_reject_begin(&reject, p->hn, p->family,
			  v4 ? &ip_hdr(p->skb)->saddr :
			       ipv6_hdr(p->skb)->saddr.s6_addr32,
			  tcp ? IPPROTO_TCP : v4 ? IPPROTO_ICMP :
						   IPPROTO_ICMPV6);
	if (tcp)
		hasw_reject_reset(p);
	else
		hasw_xmit_unreachable(p);
	hasw_reject_end(&reject);
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
