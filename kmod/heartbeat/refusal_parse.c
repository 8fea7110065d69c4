// SPDX-License-Identifier: GPL-2.0
/* Parses the TCP resets and ICMP errors by which this machine tells a client
 * that no socket listens on a port.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "refusal.h"

/* Reads the destination port of the UDP datagram that an ICMP error quotes.
 * Returns false if the error quotes no UDP datagram.
 */
static bool hasw_refusal_quoted(const struct sk_buff *skb, u32 offset, u8 proto,
				u16 *port)
{
	struct udphdr _udp, *udp;

	udp = skb_header_pointer(skb, offset, sizeof(_udp), &_udp);
	if (!udp || proto != IPPROTO_UDP)
		return false;
	*port = ntohs(udp->dest);
	return true;
}

static bool hasw_refusal_icmp4(const struct sk_buff *skb, u32 offset, u16 *port)
{
	struct icmphdr _icmp, *icmp;
	struct iphdr _ip, *ip;

	icmp = skb_header_pointer(skb, offset, sizeof(_icmp), &_icmp);
	if (!icmp || icmp->type != ICMP_DEST_UNREACH ||
	    icmp->code != ICMP_PORT_UNREACH)
		return false;
	offset += sizeof(*icmp);
	ip = skb_header_pointer(skb, offset, sizeof(_ip), &_ip);
	return ip && hasw_refusal_quoted(skb, offset + ip->ihl * 4,
					 ip->protocol, port);
}

static bool hasw_refusal_icmp6(const struct sk_buff *skb, u32 offset, u16 *port)
{
	struct icmp6hdr _icmp, *icmp;
	struct ipv6hdr _ip, *ip;

	icmp = skb_header_pointer(skb, offset, sizeof(_icmp), &_icmp);
	if (!icmp || icmp->icmp6_type != ICMPV6_DEST_UNREACH ||
	    icmp->icmp6_code != ICMPV6_PORT_UNREACH)
		return false;
	offset += sizeof(*icmp);
	ip = skb_header_pointer(skb, offset, sizeof(_ip), &_ip);
	return ip && hasw_refusal_quoted(skb, offset + sizeof(*ip), ip->nexthdr,
					 port);
}

/* Returns whether a TCP packet is a reset that refuses a SYN. Such a reset has
 * sequence number 0, and acknowledges the SYN (RFC 9293, 3.5.2). A reset of an
 * existing connection has another form.
 */
static bool hasw_refusal_tcp(const struct tcphdr *tcp, u16 *port)
{
	if (!tcp->rst || !tcp->ack || tcp->seq)
		return false;
	*port = ntohs(tcp->source);
	return true;
}

/**
 * hasw_refusal_read() - reads the refused port of a packet that may refuse a
 *	client
 * @skb: the packet, IPv4 or IPv6, as this machine sends it
 * @tcp: the packet's TCP header, from hasw_key_tcp(), or NULL
 * @proto: set to the protocol of the refused port
 * @port: set to the refused port, host byte order
 *
 * Context: any.
 * Return: whether the packet may refuse a client.
 */
bool hasw_refusal_read(const struct sk_buff *skb, const struct tcphdr *tcp,
		       u8 *proto, u16 *port)
{
	u32 offset = skb_network_offset(skb);

	*proto = IPPROTO_TCP;
	if (likely(tcp))
		return hasw_refusal_tcp(tcp, port);
	*proto = IPPROTO_UDP;
	if (skb->protocol == htons(ETH_P_IPV6))
		return ipv6_hdr(skb)->nexthdr == IPPROTO_ICMPV6 &&
		       hasw_refusal_icmp6(skb, offset + sizeof(struct ipv6hdr),
					  port);
	return ip_hdr(skb)->protocol == IPPROTO_ICMP &&
	       hasw_refusal_icmp4(skb, offset + ip_hdrlen(skb), port);
}
