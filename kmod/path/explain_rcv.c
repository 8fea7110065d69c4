// SPDX-License-Identifier: GPL-2.0
/* `haadm explain`: the checks that the IP stack makes before the hooks see a
 * packet.
 */
#include <net/addrconf.h>

#include "fast.h"
#include "explain.h"

/* Trims the packet to the total length in its IP header, as ip_rcv() does.
 * Returns whether ip_rcv() would pass the packet to the hook.
 */
static bool hasw_explain_sound4(const struct hasw_explain *e)
{
	struct sk_buff *skb = e->p.skb;
	const struct iphdr *iph = ip_hdr(skb);
	u32 len = ntohs(iph->tot_len);

	return iph->version == 4 && iph->ihl >= 5 && iph->ihl * 4 <= skb->len &&
	       !ip_fast_csum(iph, iph->ihl) && len <= skb->len &&
	       len >= iph->ihl * 4 && !pskb_trim(skb, len);
}

/* Maximum number of consecutive padding bytes that the stack accepts. */
#define HASW_EXPLAIN_PAD 7

/* Returns whether the stack accepts a hop-by-hop option. The stack skips an
 * unknown option if the upper two bits of the option's type are 0 (RFC 8200,
 * 4.2). Updates @padded, the number of consecutive padding bytes so far.
 */
static bool hasw_explain_option(const u8 *option, u32 *padded)
{
	u32 i;

	if (option[0] != IPV6_TLV_PADN) {
		*padded = 0;
		return option[0] == IPV6_TLV_ROUTERALERT ? option[1] == 2 :
							   !(option[0] & 0xc0);
	}
	*padded += option[1] + 2;
	for (i = 0; i < option[1]; i++)
		if (option[2 + i])
			return false;
	return *padded <= HASW_EXPLAIN_PAD;
}

/* Returns whether the stack accepts a packet's hop-by-hop options. The stack
 * parses these options before it calls the hook.
 */
static bool hasw_explain_options(const struct sk_buff *skb)
{
	const u8 *head = skb_network_header(skb) + sizeof(struct ipv6hdr);
	u32 len, at, padded = 0;

	if (skb->len < sizeof(struct ipv6hdr) + 8)
		return false;
	len = (head[1] + 1) * 8;
	if (skb->len < sizeof(struct ipv6hdr) + len)
		return false;
	for (at = 2; at < len;) {
		if (head[at] == IPV6_TLV_PAD1) {
			at++;
			if (++padded > HASW_EXPLAIN_PAD)
				return false;
			continue;
		}
		if (at + 2 > len || at + 2 + head[at + 1] > len ||
		    !hasw_explain_option(head + at, &padded))
			return false;
		at += 2 + head[at + 1];
	}
	return true;
}

/* Trims the packet to the payload length in its IPv6 header, as ipv6_rcv()
 * does. Returns whether ipv6_rcv() would pass the packet to the hook.
 */
static bool hasw_explain_sound6(const struct hasw_explain *e)
{
	struct sk_buff *skb = e->p.skb;
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	u32 len = sizeof(*ip6) + ntohs(ip6->payload_len);

	if (!hasw_fast_enabled6(__in6_dev_get(skb->dev)) ||
	    skb->len < sizeof(*ip6) || ip6->version != 6)
		return false;
	if (!(skb->dev->flags & IFF_LOOPBACK) &&
	    (ipv6_addr_loopback(&ip6->saddr) ||
	     ipv6_addr_loopback(&ip6->daddr)))
		return false;
	if (ipv6_addr_is_multicast(&ip6->saddr))
		return false;
	if (ip6->nexthdr != NEXTHDR_HOP)
		return len <= skb->len && !pskb_trim(skb, len);
	/* A jumbogram has payload_len 0. The jumbo payload option is not parsed
	 * here, so a jumbogram counts as not accepted.
	 */
	return ip6->payload_len && len <= skb->len && !pskb_trim(skb, len) &&
	       hasw_explain_options(skb);
}

/**
 * hasw_explain_sound() - trims a packet to the length in its IP header, and
 *	tells whether the IP stack would pass the packet to the hooks
 * @e: the packet, from another machine
 *
 * Context: RCU read side.
 */
bool hasw_explain_sound(const struct hasw_explain *e)
{
	return e->p.family == HASW_HOP4 ? hasw_explain_sound4(e) :
					  hasw_explain_sound6(e);
}
