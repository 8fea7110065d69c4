/* SPDX-License-Identifier: GPL-2.0 */
/* The key for the service lookup: the protocol and port of a packet. */
#ifndef HASW_KEY_H
#define HASW_KEY_H

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ndisc.h>

/**
 * struct hasw_key - protocol and port for the service lookup
 * @proto: IP protocol; for an ICMP error about a packet from the vip, the
 *	protocol of that packet
 * @port: destination port, host byte order; 0 if the protocol has no ports, or
 *	if the packet is a fragment whose ports are not read; for an ICMP error
 *	about a packet from the vip, the source port of that packet
 */
struct hasw_key {
	u8 proto;
	u16 port;
};

/**
 * struct hasw_key_about - the contents of a parsed ICMP message
 * @client: destination address of the packet inside an error; IPv4 as v4-mapped
 * @offset: offset of the inner packet's transport header from skb->data; 0 if
 *	the message is not an ICMP error, or if the inner packet's source
 *	address differs from the error's destination address
 * @echo: identifier of an echo; 0 for other messages
 * @proto: protocol of the packet inside an error
 * @later: the packet inside an error is a fragment other than the first one,
 *	and has no transport header
 *
 * @client, @proto and @later are valid only if @offset is not 0.
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

/* Reads the source port (@which 0) or the destination port (@which 1) of a
 * transport header. Returns false if the packet is too short.
 */
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
 * hasw_key_get4() - reads the key of an IPv4 packet
 * @skb: the packet, at its IP header
 * @key: filled in
 *
 * Context: any.
 * Return: false if the packet is truncated, or is a malformed ICMP error.
 */
static __always_inline bool hasw_key_get4(const struct sk_buff *skb,
					  struct hasw_key *key)
{
	const struct iphdr *iph = ip_hdr(skb);
	int offset = skb_network_offset(skb) + iph->ihl * 4;

	key->proto = iph->protocol;
	key->port = 0;
	/* While a service needs ports, fragments are reassembled before this
	 * function is called. Just after the first service that needs ports was
	 * added, a few fragments might arrive here unassembled. Their port is
	 * 0.
	 */
	if (unlikely(ip_is_fragment(iph)))
		return true;
	if (likely(hasw_key_has_ports(iph->protocol)))
		return hasw_key_port(skb, offset, 1, &key->port);
	if (iph->protocol == IPPROTO_ICMP)
		return hasw_key_inner4(skb, offset, key);
	return true;
}

/* Skips IPv6 extension headers. Returns the offset of the transport header, or
 * a negative value if the packet is too short. A fragment other than the first
 * one has no transport header. For such a fragment, the function returns the
 * offset of the end of the fragment header, and the offset in @frag_off is not
 * 0.
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
 * hasw_key_get6() - reads the key of an IPv6 packet
 * @skb: the packet, at its IP header
 * @key: filled in
 *
 * Context: any.
 * Return: false if the packet is truncated, or is a malformed ICMP error.
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
 * hasw_key_get() - reads the key of a packet
 * @skb: the packet, at its IP header
 * @six: the packet is IPv6
 * @key: filled in
 *
 * Context: any.
 * Return: false if the packet is truncated, or is a malformed ICMP error.
 */
static __always_inline bool hasw_key_get(const struct sk_buff *skb, bool six,
					 struct hasw_key *key)
{
	return six ? hasw_key_get6(skb, key) : hasw_key_get4(skb, key);
}

/**
 * hasw_key_tcp() - finds the TCP header of a packet that this machine sends
 * @skb: the packet, at its IP header
 * @six: the packet is IPv6
 * @buf: used if the header is not in one piece
 * @offset: set to the offset of the header from skb->data
 *
 * Context: any.
 * Return: the header; NULL for other protocols, for a fragment, for a packet
 * with extension headers, and for one that is too short.
 */
static inline const struct tcphdr *hasw_key_tcp(const struct sk_buff *skb,
						bool six, struct tcphdr *buf,
						u32 *offset)
{
	*offset = skb_network_offset(skb);
	if (six) {
		if (ipv6_hdr(skb)->nexthdr != IPPROTO_TCP)
			return NULL;
		*offset += sizeof(struct ipv6hdr);
	} else {
		if (ip_hdr(skb)->protocol != IPPROTO_TCP ||
		    ip_is_fragment(ip_hdr(skb)))
			return NULL;
		*offset += ip_hdrlen(skb);
	}
	return skb_header_pointer(skb, *offset, sizeof(*buf), buf);
}

/**
 * hasw_key_is_syn() - returns whether a packet begins a TCP connection: whether
 *	it is a SYN without ACK
 * @skb: the packet, at its IP header
 * @six: the packet is IPv6
 *
 * Context: any.
 */
static __always_inline bool hasw_key_is_syn(const struct sk_buff *skb, bool six)
{
	int offset = skb_network_offset(skb);
	struct tcphdr buf, *tcp;
	__be16 frag_off = 0;
	u8 proto;

	if (six) {
		proto = ipv6_hdr(skb)->nexthdr;
		offset += sizeof(struct ipv6hdr);
		if (unlikely(proto != IPPROTO_TCP))
			offset = hasw_key_skip6(skb, offset, &proto, &frag_off);
		frag_off &= htons(~0x7);
	} else {
		proto = ip_hdr(skb)->protocol;
		frag_off = ip_hdr(skb)->frag_off & htons(IP_OFFSET);
		offset += ip_hdrlen(skb);
	}
	if (proto != IPPROTO_TCP || offset < 0 || unlikely(frag_off))
		return false;
	tcp = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	return tcp && tcp->syn && !tcp->ack;
}

/**
 * hasw_key_is_nd() - returns whether an IPv6 packet is neighbour discovery
 * @skb: the packet, at its IP header
 *
 * Neighbour discovery packets are never forwarded to another node, even if they
 * are addressed to a vip. Router discovery and redirects count as neighbour
 * discovery.
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
