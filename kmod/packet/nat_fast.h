/* SPDX-License-Identifier: GPL-2.0 */
/* Other ends for a packet without options: as nat.c does it, at once for all that changes. */
#ifndef HASW_NAT_PLAIN_H
#define HASW_NAT_PLAIN_H

#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "nat.h"

/**
 * struct hasw_nat_plain - both ends of a packet as it is to be
 * @src: who has sent it, one word if IPv4, else four
 * @dst: whom it is for, as @src
 * @ports: that of @src, then that of @dst, as they are in memory
 */
struct hasw_nat_plain {
	const __be32 *src;
	const __be32 *dst;
	__be32 ports;
};

/* What a sum grows by where words are replaced (RFC 1624, 3). */
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

/* The checksum of a transport header. One that a device is to finish is that of
 * the addresses so far (CHECKSUM_PARTIAL).
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
 * hasw_nat_plain() - gives a packet its other ends
 * @skb: the packet, at its IP header, writable up to hasw_nat_header() behind it
 * @six: it is an IPv6 one
 * @proto: its protocol, one with ports, whose header is next to the IP header
 * @to: its ends from now on
 *
 * The result is that of hasw_nat_rewrite(), bit for bit: a folded sum has one
 * form, however often it was folded before, since what is summed is never all
 * zero.
 *
 * Context: softirqs off.
 */
static __always_inline void hasw_nat_plain(struct sk_buff *skb, bool six,
					   u8 proto,
					   const struct hasw_nat_plain *to)
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
