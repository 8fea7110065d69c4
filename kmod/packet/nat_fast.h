/* SPDX-License-Identifier: GPL-2.0 */
/* Translation of a packet without IP options, in one pass. */
#ifndef HASW_NAT_FAST_H
#define HASW_NAT_FAST_H

#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "nat.h"

/**
 * struct hasw_nat_fast - addresses and ports of a packet after translation
 * @src: source address: one 32-bit word for IPv4, four for IPv6
 * @dst: destination address: one 32-bit word for IPv4, four for IPv6
 * @ports: source port, then destination port, in the memory layout of a packet
 */
struct hasw_nat_fast {
	const __be32 *src;
	const __be32 *dst;
	__be32 ports;
};

/* Computes how a checksum changes if the @words 32-bit words of @from are
 * replaced by those of @to (RFC 1624, 3). Returns @grown plus this change.
 */
static __always_inline __wsum hasw_nat_grown(__wsum grown, const __be32 *from,
					     const __be32 *to, u32 words)
{
	u32 i;

	for (i = 0; i < words; i++)
		grown = csum_add(grown,
				 csum_add(~(__force __wsum)from[i],
					  (__force __wsum)to[i]));
	return grown;
}

/* Updates the checksum of a transport header. @addrs and @ports are the changes
 * that the new addresses and ports make to the sum. With CHECKSUM_PARTIAL, the
 * checksum field covers only the pseudo-header, so @ports is not added.
 */
static __always_inline void hasw_nat_sum(const struct sk_buff *skb,
					 __sum16 *sum, __wsum addrs,
					 __wsum ports)
{
	if (unlikely(skb->ip_summed == CHECKSUM_PARTIAL))
		*sum = ~csum_fold(csum_add(csum_unfold(*sum), addrs));
	else
		*sum = csum_fold(csum_add(csum_add(~csum_unfold(*sum), addrs),
					  ports));
}

/**
 * hasw_nat_fast() - replaces the addresses and ports of a packet
 * @skb: the packet, at its IP header; its transport header is writable for as
 *	many bytes as hasw_nat_header() returns
 * @six: the packet is IPv6
 * @proto: protocol, which has ports; the transport header directly follows the
 *	IP header
 * @to: new addresses and ports
 *
 * hasw_nat_rewrite() would produce the same packet, bit for bit.
 * hasw_nat_rewrite() folds its sums more often, but the number of folds makes
 * no difference, since the summed data is never all zero.
 *
 * Context: softirqs off.
 */
static __always_inline void hasw_nat_fast(struct sk_buff *skb, bool six,
					  u8 proto,
					  const struct hasw_nat_fast *to)
{
	u32 words = six ? 4 : 1;
	__be32 *addrs = six ? (void *)&ipv6_hdr(skb)->addrs :
			      (void *)&ip_hdr(skb)->addrs;
	void *header = six ? (void *)(ipv6_hdr(skb) + 1) :
			     (void *)(ip_hdr(skb) + 1);
	__be32 *was = header;
	__wsum grown = 0, ports;
	struct udphdr *udp;
	__be16 sctp[2];
	u32 i;

	grown = hasw_nat_grown(grown, addrs, to->src, words);
	grown = hasw_nat_grown(grown, addrs + words, to->dst, words);
	ports = hasw_nat_grown(0, was, &to->ports, 1);
	if (!six)
		ip_hdr(skb)->check =
			csum_fold(csum_add(~csum_unfold(ip_hdr(skb)->check),
					   grown));
	for (i = 0; i < words; i++) {
		addrs[i] = to->src[i];
		addrs[i + words] = to->dst[i];
	}
	switch (proto) {
	case IPPROTO_TCP:
		hasw_nat_sum(skb, &((struct tcphdr *)header)->check, grown,
			     ports);
		break;
	case IPPROTO_SCTP:
		memcpy(sctp, &to->ports, sizeof(sctp));
		hasw_nat_sctp(skb, header, (u8 *)header - skb->data, sctp);
		return;
	default:
		udp = header;
		if (!udp->check && proto == IPPROTO_UDP &&
		    skb->ip_summed != CHECKSUM_PARTIAL)
			break;
		hasw_nat_sum(skb, &udp->check, grown, ports);
		if (!udp->check)
			udp->check = CSUM_MANGLED_0;
	}
	*was = to->ports;
}

#endif
