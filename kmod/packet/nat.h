/* SPDX-License-Identifier: GPL-2.0 */
/* Translation of a packet's addresses and ports, and the update of its
 * checksums.
 */
#ifndef HASW_NAT_H
#define HASW_NAT_H

#include <linux/icmp.h>
#include <linux/sctp.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include "tuple.h"

/**
 * struct hasw_nat_ends - addresses and ports of a packet after translation
 * @src: source address; IPv4 as v4-mapped
 * @dst: destination address; IPv4 as v4-mapped
 * @sport: source port; 0 for an ICMP echo
 * @dport: destination port; for an ICMP echo, its identifier
 */
struct hasw_nat_ends {
	struct in6_addr src;
	struct in6_addr dst;
	__be16 sport;
	__be16 dport;
};

/**
 * hasw_nat_header() - returns how much of a transport header the translation
 *	changes
 * @proto: the protocol
 *
 * Context: any.
 * Return: number of bytes up to the end of the checksum; the whole header for
 * ICMP and ICMPv6; 0 for a protocol that is not translated.
 */
static __always_inline u32 hasw_nat_header(u32 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return offsetof(struct tcphdr, check) + sizeof(__sum16);
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return sizeof(struct udphdr);
	case IPPROTO_SCTP:
		return sizeof(struct sctphdr);
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return sizeof(struct icmphdr);
	}
	return 0;
}

void hasw_nat_sctp(struct sk_buff *skb, struct sctphdr *sctp, u32 offset,
		   const __be16 *ports);
bool hasw_nat_writable(struct sk_buff *skb, const struct hasw_tuple *t);
bool hasw_nat_valid(struct sk_buff *skb, const struct hasw_tuple *t);
void hasw_nat_rewrite(struct sk_buff *skb, const struct hasw_tuple *t,
		      const struct hasw_nat_ends *to);

#endif
