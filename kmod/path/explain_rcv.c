// SPDX-License-Identifier: GPL-2.0
/* What the IP stack asks of a packet before anybody else sees it. */
#include <net/addrconf.h>

#include "explain.h"

/* What ip_rcv() lets come to the hook, which sees no more than it says it has. */
static bool hasw_explain_sound4(const struct hasw_explain *e)
{
	struct sk_buff *skb = e->p.skb;
	const struct iphdr *iph = ip_hdr(skb);
	u32 len = ntohs(iph->tot_len);

	return iph->version == 4 && iph->ihl >= 5 && iph->ihl * 4 <= skb->len &&
	       !ip_fast_csum(iph, iph->ihl) && len <= skb->len &&
	       len >= iph->ihl * 4 && !pskb_trim(skb, len);
}

/* So much may be padded in a row. */
#define HASW_EXPLAIN_PAD 7

/* Whether the stack knows an option of these, or may leave it alone; as the
 * upper bits of its type say (RFC 8200, 4.2).
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

/* The same of all hop-by-hop options, which the stack reads first. */
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

/* The same of ipv6_rcv(). */
static bool hasw_explain_sound6(const struct hasw_explain *e)
{
	struct sk_buff *skb = e->p.skb;
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	const struct inet6_dev *idev = __in6_dev_get(skb->dev);
	u32 len = sizeof(*ip6) + ntohs(ip6->payload_len);

	if (!idev || READ_ONCE(idev->cnf.disable_ipv6) ||
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
	/* Of a jumbogram only the option says how long it is. */
	return ip6->payload_len && len <= skb->len && !pskb_trim(skb, len) &&
	       hasw_explain_options(skb);
}

/**
 * hasw_explain_sound() - whether the IP stack lets a packet come to the hooks
 * @e: the packet, from elsewhere; what is behind its end is cut off
 *
 * Context: RCU read side.
 */
bool hasw_explain_sound(const struct hasw_explain *e)
{
	return e->p.family == HASW_HOP4 ? hasw_explain_sound4(e) :
					  hasw_explain_sound6(e);
}
