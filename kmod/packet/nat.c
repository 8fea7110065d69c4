// SPDX-License-Identifier: GPL-2.0
/* Translation of a packet's addresses and ports, and the update of its
 * checksums.
 */
#include <linux/netfilter.h>
#include <linux/sctp.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip6_checksum.h>
#include <net/sctp/checksum.h>

#include "compat/compat.h"
#include "key.h"
#include "nat.h"

static bool hasw_nat_six(const struct hasw_tuple *t)
{
	return !ipv6_addr_v4mapped(&t->vip);
}

/* Returns the offset from skb->data of the inner packet's transport header in
 * an ICMP error. The inner packet is the packet that the error quotes behind
 * its ICMP header. Returns 0 if the quoted part has no transport header.
 */
static int hasw_nat_inner(const struct sk_buff *skb, const struct hasw_tuple *t)
{
	struct hasw_key_about about;
	bool six = hasw_nat_six(t);

	if (!(six ? hasw_key_about6(skb, t->offset, &about) :
		    hasw_key_about4(skb, t->offset, &about)) || about.later)
		return 0;
	return about.offset;
}

/**
 * hasw_nat_writable() - makes all headers writable that hasw_nat_rewrite() is
 *	going to change
 * @skb: the packet, at its IP header
 * @t: tuple of the packet, as hasw_tuple_get() has read it
 *
 * Context: any.
 * Return: false if the packet is too short, or if an allocation fails.
 */
bool hasw_nat_writable(struct sk_buff *skb, const struct hasw_tuple *t)
{
	u32 len = skb_network_offset(skb) + (hasw_nat_six(t) ?
					     sizeof(struct ipv6hdr) :
					     sizeof(struct iphdr));
	int inner;

	if (t->about) {
		/* An ICMP error has to be writable up to the ports of its inner
		 * packet. Without an inner transport header, it has to be
		 * writable up to the end of the inner IP header.
		 */
		inner = hasw_nat_inner(skb, t);
		len = inner ? inner + sizeof(struct icmphdr) :
			      t->offset + sizeof(struct icmphdr) +
			      (hasw_nat_six(t) ? sizeof(struct ipv6hdr) :
						 sizeof(struct iphdr));
	} else if (t->offset) {
		len = max(len, t->offset + hasw_nat_header(t->proto));
	}
	return len <= skb->len && !skb_ensure_writable(skb, len);
}

/**
 * hasw_nat_valid() - returns whether the checksum of an ICMP error is correct
 * @skb: the packet, at its IP header
 * @t: tuple of the packet
 *
 * hasw_nat_rewrite() recomputes the checksum of an ICMP error, so a wrong
 * checksum has to be detected here. Otherwise the recomputation would hide the
 * error. If the checksum of an ICMP error was left to the device
 * (CHECKSUM_PARTIAL), this function computes it. For all other packets the
 * function returns true: their checksums are updated incrementally, so a wrong
 * checksum stays wrong.
 *
 * Context: softirqs off.
 */
bool hasw_nat_valid(struct sk_buff *skb, const struct hasw_tuple *t)
{
	bool six = hasw_nat_six(t);

	if (!t->about)
		return true;
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		return !skb_checksum_help(skb);
	return !nf_checksum(skb, NF_INET_PRE_ROUTING, t->offset,
			    six ? IPPROTO_ICMPV6 : IPPROTO_ICMP,
			    six ? AF_INET6 : AF_INET);
}

/* Updates a transport checksum for the new addresses in the pseudo-header. */
static void hasw_nat_sum_addrs(struct sk_buff *skb, __sum16 *sum,
			       const struct hasw_nat_ends *to, bool six)
{
	if (six) {
		inet_proto_csum_replace16(sum, skb,
					  ipv6_hdr(skb)->saddr.s6_addr32,
					  to->src.s6_addr32, true);
		inet_proto_csum_replace16(sum, skb,
					  ipv6_hdr(skb)->daddr.s6_addr32,
					  to->dst.s6_addr32, true);
		return;
	}
	inet_proto_csum_replace4(sum, skb, ip_hdr(skb)->saddr,
				 to->src.s6_addr32[3], true);
	inet_proto_csum_replace4(sum, skb, ip_hdr(skb)->daddr,
				 to->dst.s6_addr32[3], true);
}

/* Replaces the ports, and updates the checksum. @sum is NULL if the packet has
 * no checksum.
 */
static void hasw_nat_ports(struct sk_buff *skb, __be16 *ports, __sum16 *sum,
			   const struct hasw_nat_ends *to, bool six)
{
	if (sum) {
		hasw_nat_sum_addrs(skb, sum, to, six);
		inet_proto_csum_replace2(sum, skb, ports[0], to->sport, false);
		inet_proto_csum_replace2(sum, skb, ports[1], to->dport, false);
	}
	ports[0] = to->sport;
	ports[1] = to->dport;
}

static void hasw_nat_udp(struct sk_buff *skb, struct udphdr *udp, bool lite,
			 const struct hasw_nat_ends *to, bool six)
{
	/* A UDP checksum of 0 means that the packet has no checksum. */
	bool none = !udp->check && !lite && skb->ip_summed != CHECKSUM_PARTIAL;

	hasw_nat_ports(skb, &udp->source, none ? NULL : &udp->check, to, six);
	if (!none && !udp->check)
		udp->check = CSUM_MANGLED_0;
}

/**
 * hasw_nat_sctp() - replaces the ports of an SCTP packet
 * @skb: the packet
 * @sctp: SCTP header
 * @offset: offset of the SCTP header from skb->data
 * @ports: new source port, then new destination port
 *
 * The SCTP checksum covers the ports, but not the addresses. It is a CRC, so it
 * is recomputed here and not updated incrementally. With CHECKSUM_PARTIAL, the
 * device or the stack computes the checksum later. A wrong checksum is left
 * unchanged, so that the receiver still detects the error.
 *
 * Context: softirqs off.
 */
void hasw_nat_sctp(struct sk_buff *skb, struct sctphdr *sctp, u32 offset,
		   const __be16 *ports)
{
	bool sound;

	if (sctp->source == ports[0] && sctp->dest == ports[1])
		return;
	sound = skb->ip_summed == CHECKSUM_UNNECESSARY ||
		skb->ip_summed == CHECKSUM_PARTIAL ||
		sctp->checksum == sctp_compute_cksum(skb, offset);
	sctp->source = ports[0];
	sctp->dest = ports[1];
	if (skb->ip_summed == CHECKSUM_PARTIAL || !sound)
		return;
	sctp->checksum = sctp_compute_cksum(skb, offset);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
}

static void hasw_nat_echo(struct sk_buff *skb, struct icmphdr *icmp,
			  const struct hasw_nat_ends *to, bool six)
{
	bool echo = six ? icmp->type == ICMPV6_ECHO_REQUEST ||
			  icmp->type == ICMPV6_ECHO_REPLY :
			  icmp->type == ICMP_ECHO || icmp->type == ICMP_ECHOREPLY;

	if (six)
		hasw_nat_sum_addrs(skb, &icmp->checksum, to, six);
	if (!echo)
		return;
	inet_proto_csum_replace2(&icmp->checksum, skb, icmp->un.echo.id,
				 to->dport, false);
	icmp->un.echo.id = to->dport;
}

/* Replaces the addresses and ports of the packet inside an ICMP error. The
 * direction of this inner packet is opposite to that of the error, so source
 * and destination are swapped.
 */
static void hasw_nat_about(struct sk_buff *skb, const struct hasw_tuple *t,
			   const struct hasw_nat_ends *to)
{
	int at = hasw_nat_inner(skb, t);
	bool six = hasw_nat_six(t);
	void *inner = skb->data + t->offset + sizeof(struct icmphdr);
	struct iphdr *iph = inner;
	struct ipv6hdr *ip6 = inner;
	struct icmphdr *icmp = (void *)skb->data + at;
	__be16 *ports = (void *)icmp;

	if (at && hasw_key_has_ports(t->proto)) {
		ports[0] = to->dport;
		ports[1] = to->sport;
	} else if (at && (t->proto == IPPROTO_ICMP ||
			  t->proto == IPPROTO_ICMPV6)) {
		icmp->un.echo.id = to->dport;
	}
	if (six) {
		ip6->saddr = to->dst;
		ip6->daddr = to->src;
		return;
	}
	csum_replace4(&iph->check, iph->saddr, to->dst.s6_addr32[3]);
	csum_replace4(&iph->check, iph->daddr, to->src.s6_addr32[3]);
	iph->saddr = to->dst.s6_addr32[3];
	iph->daddr = to->src.s6_addr32[3];
}

/* Computes the checksum of an ICMP error after all replacements. */
static void hasw_nat_sum_error(struct sk_buff *skb, const struct hasw_tuple *t,
			       bool six)
{
	struct icmphdr *icmp = (void *)skb->data + t->offset;
	u32 len = skb->len - t->offset;
	__wsum sum;

	icmp->checksum = 0;
	sum = skb_checksum(skb, t->offset, len, 0);
	icmp->checksum = six ? csum_ipv6_magic(&ipv6_hdr(skb)->saddr,
					       &ipv6_hdr(skb)->daddr, len,
					       IPPROTO_ICMPV6, sum) :
			       csum_fold(sum);
	skb->ip_summed = CHECKSUM_NONE;
}

static void hasw_nat_addrs(struct sk_buff *skb, const struct hasw_nat_ends *to,
			   bool six)
{
	struct iphdr *iph = ip_hdr(skb);

	if (six) {
		ipv6_hdr(skb)->saddr = to->src;
		ipv6_hdr(skb)->daddr = to->dst;
		return;
	}
	csum_replace4(&iph->check, iph->saddr, to->src.s6_addr32[3]);
	csum_replace4(&iph->check, iph->daddr, to->dst.s6_addr32[3]);
	iph->saddr = to->src.s6_addr32[3];
	iph->daddr = to->dst.s6_addr32[3];
}

/**
 * hasw_nat_rewrite() - replaces the addresses and ports of a packet
 * @skb: the packet, at its IP header; hasw_nat_writable() has made its headers
 *	writable
 * @t: tuple of the packet before the translation
 * @to: new addresses and ports; for an ICMP error, those of its flow's other
 *	packets in the same direction
 *
 * Checksums are updated incrementally (RFC 1624), except those of SCTP packets
 * and of ICMP errors, which are recomputed. In an ICMP error, the addresses and
 * ports of the inner packet are also replaced (RFC 5508, 4.2). The inner packet
 * may be truncated, so its transport checksum is not updated. If the source
 * address of the error differs from @t->client, a router has sent the error,
 * and the function keeps the router's address.
 *
 * Context: softirqs off.
 */
void hasw_nat_rewrite(struct sk_buff *skb, const struct hasw_tuple *t,
		      const struct hasw_nat_ends *to)
{
	void *header = skb->data + t->offset;
	struct hasw_nat_ends ends = *to;
	__be16 ports[] = { to->sport, to->dport };
	bool six = hasw_nat_six(t);

	if (t->about) {
		hasw_nat_about(skb, t, to);
		if (six) {
			if (!ipv6_addr_equal(&ipv6_hdr(skb)->saddr, &t->client))
				ends.src = ipv6_hdr(skb)->saddr;
		} else if (ip_hdr(skb)->saddr != t->client.s6_addr32[3]) {
			ipv6_addr_set_v4mapped(ip_hdr(skb)->saddr, &ends.src);
		}
		hasw_nat_addrs(skb, &ends, six);
		hasw_nat_sum_error(skb, t, six);
		return;
	}
	switch (t->offset ? t->proto : 0) {
	case IPPROTO_TCP:
		hasw_nat_ports(skb, header, &((struct tcphdr *)header)->check,
			       to, six);
		break;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		hasw_nat_udp(skb, header, t->proto == IPPROTO_UDPLITE, to, six);
		break;
	case IPPROTO_SCTP:
		hasw_nat_sctp(skb, header, t->offset, ports);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		/* ICMP in IPv6 or ICMPv6 in IPv4 is not translated. */
		if (six == (t->proto == IPPROTO_ICMPV6))
			hasw_nat_echo(skb, header, to, six);
		break;
	}
	hasw_nat_addrs(skb, to, six);
}
