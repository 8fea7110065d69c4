// SPDX-License-Identifier: GPL-2.0
/* Parsing of a packet's flow: addresses, ports and protocol. */
#include "key.h"
#include "tuple.h"

static __always_inline bool hasw_tuple_ports(const struct sk_buff *skb,
					     int offset, struct hasw_tuple *t)
{
	__be16 buf[2], *ports;

	ports = skb_header_pointer(skb, offset, sizeof(buf), buf);
	if (!ports)
		return false;
	t->ports[0] = ports[0];
	t->ports[1] = ports[1];
	return true;
}

/* Reads the ports of a packet to the client, and swaps them, so that they are
 * ordered as in the client's own packets. For an ICMP echo, the identifier is
 * read instead.
 */
static bool hasw_tuple_reverse(const struct sk_buff *skb, int offset,
			       struct hasw_tuple *t)
{
	struct icmphdr buf, *icmp;

	if (hasw_key_has_ports(t->proto)) {
		if (!hasw_tuple_ports(skb, offset, t))
			return false;
		swap(t->ports[0], t->ports[1]);
	} else if (t->proto == IPPROTO_ICMP || t->proto == IPPROTO_ICMPV6) {
		/* ICMP and ICMPv6 echo messages have the identifier at the same
		 * offset.
		 */
		icmp = skb_header_pointer(skb, offset, sizeof(buf), &buf);
		if (!icmp)
			return false;
		if (icmp->type == ICMP_ECHO || icmp->type == ICMP_ECHOREPLY ||
		    icmp->type == ICMPV6_ECHO_REQUEST ||
		    icmp->type == ICMPV6_ECHO_REPLY)
			t->ports[0] = icmp->un.echo.id;
	}
	return true;
}

/* Reads the flow of an ICMP message. An error about a packet from the vip
 * belongs to the flow of the packet inside the error. The flow of an echo has
 * the echo's identifier as the client's port.
 */
static bool hasw_tuple_icmp(const struct sk_buff *skb, int offset,
			    bool six, struct hasw_tuple *t)
{
	struct hasw_key_about about;

	if (!(six ? hasw_key_about6(skb, offset, &about) :
		    hasw_key_about4(skb, offset, &about)))
		return false;
	t->ports[0] = about.echo;
	if (!about.offset)
		return true;
	t->client = about.client;
	t->proto = about.proto;
	t->about = true;
	return about.later || hasw_tuple_reverse(skb, about.offset, t);
}

/**
 * hasw_tuple_get4() - reads the flow of an IPv4 packet
 * @skb: the packet, at its IP header
 * @t: filled in
 *
 * Context: any.
 * Return: false if the packet is truncated, or is a malformed ICMP error.
 */
bool hasw_tuple_get4(const struct sk_buff *skb, struct hasw_tuple *t)
{
	const struct iphdr *iph = ip_hdr(skb);
	int offset = skb_network_offset(skb) + iph->ihl * 4;

	ipv6_addr_set_v4mapped(iph->saddr, &t->client);
	ipv6_addr_set_v4mapped(iph->daddr, &t->vip);
	t->ports[0] = 0;
	t->ports[1] = 0;
	t->proto = iph->protocol;
	t->offset = 0;
	t->about = false;
	if (unlikely(ip_is_fragment(iph)))
		return true;
	t->offset = offset;
	if (likely(hasw_key_has_ports(iph->protocol)))
		return hasw_tuple_ports(skb, offset, t);
	if (iph->protocol == IPPROTO_ICMP)
		return hasw_tuple_icmp(skb, offset, false, t);
	return true;
}

/**
 * hasw_tuple_get6() - reads the flow of an IPv6 packet
 * @skb: the packet, at its IP header
 * @t: filled in
 *
 * Context: any.
 * Return: false if the packet is truncated, or is a malformed ICMP error.
 */
bool hasw_tuple_get6(const struct sk_buff *skb, struct hasw_tuple *t)
{
	int offset = skb_network_offset(skb) + sizeof(struct ipv6hdr);
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	u8 proto = ip6->nexthdr;
	__be16 frag_off = 0;

	t->client = ip6->saddr;
	t->vip = ip6->daddr;
	t->ports[0] = 0;
	t->ports[1] = 0;
	t->proto = proto;
	t->offset = 0;
	t->about = false;
	if (unlikely(!hasw_key_has_ports(proto))) {
		offset = hasw_key_skip6(skb, offset, &proto, &frag_off);
		if (offset < 0)
			return false;
	}
	t->proto = proto;
	if (unlikely(frag_off & htons(~0x7)))
		return true;
	t->offset = offset;
	if (likely(hasw_key_has_ports(proto)))
		return hasw_tuple_ports(skb, offset, t);
	if (proto == IPPROTO_ICMPV6)
		return hasw_tuple_icmp(skb, offset, true, t);
	return true;
}

/**
 * hasw_tuple_hash() - hashes a flow; all nodes compute the same hash, so that
 *	they pick the same member
 * @t: the flow
 *
 * Context: any.
 */
u64 hasw_tuple_hash(const struct hasw_tuple *t)
{
	u32 ports = (u32)ntohs(t->ports[0]) << 16 | ntohs(t->ports[1]);

	if (ipv6_addr_v4mapped(&t->vip))
		return hasw_tuple_hash4(t->client.s6_addr32[3],
					t->vip.s6_addr32[3], t->proto, ports);
	return hasw_tuple_hash6(&t->client, &t->vip, t->proto, ports);
}
