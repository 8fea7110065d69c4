// SPDX-License-Identifier: GPL-2.0
/* Parsing of ICMP messages: the echo identifier, or the packet in an error. */
#include "key.h"

/**
 * hasw_key_about4() - parses an ICMP message
 * @skb: the packet, at its IP header
 * @offset: offset of the ICMP header from skb->data
 * @about: filled in
 *
 * Context: any.
 * Return: false if the packet is truncated, or if the IP header inside an error
 * is invalid.
 */
bool hasw_key_about4(const struct sk_buff *skb, int offset,
		     struct hasw_key_about *about)
{
	struct iphdr buf, *iph;
	struct icmphdr ibuf, *icmp;

	about->offset = 0;
	icmp = skb_header_pointer(skb, offset, sizeof(ibuf), &ibuf);
	if (!icmp)
		return false;
	about->echo = icmp->type == ICMP_ECHO || icmp->type == ICMP_ECHOREPLY ?
		      icmp->un.echo.id : 0;
	if (!icmp_is_err(icmp->type))
		return true;
	offset += sizeof(*icmp);
	iph = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!iph || iph->ihl < 5 || iph->version != 4)
		return false;
	if (iph->saddr != ip_hdr(skb)->daddr)
		return true;
	ipv6_addr_set_v4mapped(iph->daddr, &about->client);
	about->offset = offset + iph->ihl * 4;
	about->proto = iph->protocol;
	about->later = iph->frag_off & htons(IP_OFFSET);
	return true;
}

/**
 * hasw_key_about6() - parses an ICMPv6 message
 * @skb: the packet, at its IP header
 * @offset: offset of the ICMPv6 header from skb->data
 * @about: filled in
 *
 * Context: any.
 * Return: false if the packet is truncated, or if the IP header inside an error
 * is invalid.
 */
bool hasw_key_about6(const struct sk_buff *skb, int offset,
		     struct hasw_key_about *about)
{
	struct ipv6hdr buf, *ip6;
	struct icmp6hdr ibuf, *icmp;
	__be16 frag_off = 0;

	about->offset = 0;
	icmp = skb_header_pointer(skb, offset, sizeof(ibuf), &ibuf);
	if (!icmp)
		return false;
	about->echo = icmp->icmp6_type == ICMPV6_ECHO_REQUEST ||
		      icmp->icmp6_type == ICMPV6_ECHO_REPLY ?
		      icmp->icmp6_identifier : 0;
	if (!icmpv6_is_err(icmp->icmp6_type))
		return true;
	offset += sizeof(*icmp);
	ip6 = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!ip6 || ip6->version != 6)
		return false;
	if (!ipv6_addr_equal(&ip6->saddr, &ipv6_hdr(skb)->daddr))
		return true;
	about->client = ip6->daddr;
	about->proto = ip6->nexthdr;
	about->offset = hasw_key_skip6(skb, offset + sizeof(*ip6),
				       &about->proto, &frag_off);
	about->later = frag_off & htons(~0x7);
	return about->offset >= 0;
}

/* Sets the key of an ICMP error to that of the packet inside the error. A
 * member sent this inner packet, so its source port is the port of the service.
 */
static bool hasw_key_inner(const struct sk_buff *skb,
			   const struct hasw_key_about *about,
			   struct hasw_key *key)
{
	if (!about->offset)
		return true;
	key->proto = about->proto;
	/* An inner fragment other than the first one has no ports, so the port
	 * stays 0. Such a fragment is unusual, because ICMP errors are sent
	 * about first fragments.
	 */
	return about->later || !hasw_key_has_ports(about->proto) ||
	       hasw_key_port(skb, about->offset, 0, &key->port);
}

/**
 * hasw_key_inner4() - updates the key of an ICMP message
 * @skb: the packet, at its IP header
 * @offset: offset of the ICMP header from skb->data
 * @key: key of the ICMP packet; for an error about a packet from the vip, the
 *	function sets @key to the protocol and source port of the packet inside
 *
 * Context: any.
 * Return: false if the packet is truncated, or if the IP header inside an error
 * is invalid.
 */
bool hasw_key_inner4(const struct sk_buff *skb, int offset,
		     struct hasw_key *key)
{
	struct hasw_key_about about;

	return hasw_key_about4(skb, offset, &about) &&
	       hasw_key_inner(skb, &about, key);
}

/**
 * hasw_key_inner6() - updates the key of an ICMPv6 message
 * @skb: the packet, at its IP header
 * @offset: offset of the ICMPv6 header from skb->data
 * @key: key of the ICMPv6 packet; for an error about a packet from the vip, the
 *	function sets @key to the protocol and source port of the packet inside
 *
 * Context: any.
 * Return: false if the packet is truncated, or if the IP header inside an error
 * is invalid.
 */
bool hasw_key_inner6(const struct sk_buff *skb, int offset,
		     struct hasw_key *key)
{
	struct hasw_key_about about;

	return hasw_key_about6(skb, offset, &about) &&
	       hasw_key_inner(skb, &about, key);
}
