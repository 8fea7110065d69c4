/* SPDX-License-Identifier: GPL-2.0 */
/* What a packet is matched by: its protocol and port, or those of the packet that an ICMP error is about. */
#ifndef HASW_KEY_H
#define HASW_KEY_H

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ndisc.h>

/**
 * struct hasw_key - what a packet is matched by
 * @proto: protocol
 * @port: destination port, host byte order; 0 where the protocol has none
 */
struct hasw_key {
	u8 proto;
	u16 port;
};

/**
 * struct hasw_key_about - what an ICMP message is about
 * @client: whom the packet was sent to that it is an error about; IPv4 as
 *	v4-mapped
 * @offset: of the header of that packet's protocol; 0 if it is about none that
 *	was sent by who gets the message
 * @echo: identifier of an echo; 0 of what is none
 * @proto: protocol of that packet
 * @later: that is a later piece, in which the header is not
 */
struct hasw_key_about {
	struct in6_addr client;
	int offset;
	__be16 echo;
	u8 proto;
	bool later;
};

static inline bool hasw_key_has_ports(u8 proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP ||
	       proto == IPPROTO_SCTP || proto == IPPROTO_UDPLITE;
}

bool hasw_key_about4(const struct sk_buff *skb, int offset,
		     struct hasw_key_about *about);
bool hasw_key_about6(const struct sk_buff *skb, int offset,
		     struct hasw_key_about *about);
bool hasw_key_inner4(const struct sk_buff *skb, int offset,
		     struct hasw_key *key);
bool hasw_key_inner6(const struct sk_buff *skb, int offset,
		     struct hasw_key *key);

/* The port at @offset + @which * 2 of a header that begins with two ports. */
static inline bool hasw_key_port(const struct sk_buff *skb, int offset,
				 int which, u16 *port)
{
	__be16 buf[2], *ports;

	ports = skb_header_pointer(skb, offset, sizeof(buf), buf);
	if (unlikely(!ports))
		return false;
	*port = ntohs(ports[which]);
	return true;
}

/**
 * hasw_key_get4() - reads what an IPv4 packet is matched by
 * @skb: the packet, at its IP header
 * @key: filled in
 *
 * Context: any.
 * Return: false if the packet is cut short.
 */
static __always_inline bool hasw_key_get4(const struct sk_buff *skb,
					  struct hasw_key *key)
{
	const struct iphdr *iph = ip_hdr(skb);
	int offset = skb_network_offset(skb) + iph->ihl * 4;

	key->proto = iph->protocol;
	key->port = 0;
	/* Pieces come here only while no service asks for ports, or for the
	 * moment in which the first one begins to.
	 */
	if (unlikely(ip_is_fragment(iph)))
		return true;
	if (likely(hasw_key_has_ports(iph->protocol)))
		return hasw_key_port(skb, offset, 1, &key->port);
	if (iph->protocol == IPPROTO_ICMP)
		return hasw_key_inner4(skb, offset, key);
	return true;
}

/* Behind the extension headers: where the protocol's header begins, or, of a
 * later piece, would have begun; the offset in @frag_off is not 0 then.
 */
static inline int hasw_key_skip6(const struct sk_buff *skb, int offset,
				 u8 *proto, __be16 *frag_off)
{
	struct frag_hdr buf, *frag;

	offset = ipv6_skip_exthdr(skb, offset, proto, frag_off);
	if (offset < 0 || *proto != NEXTHDR_FRAGMENT)
		return offset;
	frag = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!frag)
		return -1;
	*proto = frag->nexthdr;
	return offset + sizeof(*frag);
}

/**
 * hasw_key_get6() - reads what an IPv6 packet is matched by
 * @skb: the packet, at its IP header
 * @key: filled in
 *
 * Context: any.
 * Return: false if the packet is cut short.
 */
static inline bool hasw_key_get6(const struct sk_buff *skb,
				 struct hasw_key *key)
{
	int offset = skb_network_offset(skb) + sizeof(struct ipv6hdr);
	u8 proto = ipv6_hdr(skb)->nexthdr;
	__be16 frag_off = 0;

	key->port = 0;
	if (unlikely(!hasw_key_has_ports(proto))) {
		offset = hasw_key_skip6(skb, offset, &proto, &frag_off);
		if (offset < 0)
			return false;
	}
	key->proto = proto;
	if (unlikely(frag_off & htons(~0x7)))
		return true;
	if (likely(hasw_key_has_ports(proto)))
		return hasw_key_port(skb, offset, 1, &key->port);
	if (proto == IPPROTO_ICMPV6)
		return hasw_key_inner6(skb, offset, key);
	return true;
}

/**
 * hasw_key_is_nd() - whether an IPv6 packet is neighbour discovery
 * @skb: the packet, at its IP header
 *
 * That is between a node and its link, whatever the address.
 *
 * Context: any.
 */
static inline bool hasw_key_is_nd(const struct sk_buff *skb)
{
	int offset = skb_network_offset(skb) + sizeof(struct ipv6hdr);
	u8 proto = ipv6_hdr(skb)->nexthdr, buf, *type;
	__be16 frag_off;

	offset = ipv6_skip_exthdr(skb, offset, &proto, &frag_off);
	if (offset < 0 || proto != NEXTHDR_ICMP)
		return false;
	type = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	return type && *type >= NDISC_ROUTER_SOLICITATION &&
	       *type <= NDISC_REDIRECT;
}

#endif
