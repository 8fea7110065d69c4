// SPDX-License-Identifier: GPL-2.0
/* Packets that come in pieces, which only together show their port. */
#include <linux/netfilter.h>
#include <linux/netfilter_bridge.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ipv6_frag.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>

#include "packet/key.h"
#include "defrag.h"

/* Whose pieces they are: those of one packet that a bridge shows are not mixed
 * with those that came to this machine. As connection tracking numbers them,
 * which has put them together before where it is in use; but what it is told to
 * leave alone (IP_NODEFRAG, notrack) needs its port here all the same.
 */
static u32 hasw_defrag_user4(const struct hasw_packet *p)
{
	if (p->local)
		return IP_DEFRAG_CONNTRACK_OUT;
	return nf_bridge_in_prerouting(p->skb) ?
		       IP_DEFRAG_CONNTRACK_BRIDGE_IN : IP_DEFRAG_CONNTRACK_IN;
}

static u32 hasw_defrag_user6(const struct hasw_packet *p)
{
	if (p->local)
		return IP6_DEFRAG_CONNTRACK_OUT;
	return nf_bridge_in_prerouting(p->skb) ?
		       IP6_DEFRAG_CONNTRACK_BRIDGE_IN : IP6_DEFRAG_CONNTRACK_IN;
}

static unsigned int hasw_defrag_refuse(const struct hasw_packet *p)
{
	hasw_stat_inc(p->hn, HASW_STAT_SEEN);
	return hasw_emit_drop(p, HASW_STAT_DROP_MALFORMED);
}

static unsigned int hasw_defrag_gather6(const struct hasw_packet *p)
{
	struct sk_buff *skb = p->skb;
	unsigned int at = 0;
	int err;

	err = nf_ct_frag6_gather(p->hn->net, skb, hasw_defrag_user6(p));
	if (err == -EINPROGRESS)
		return NF_STOLEN;
	/* Some that it makes no sense of it leaves as they are. */
	if (err || ipv6_find_hdr(skb, &at, NEXTHDR_FRAGMENT, NULL, NULL) >= 0)
		return hasw_defrag_refuse(p);
	if (!IP6CB(skb)->frag_max_size)
		return NF_ACCEPT;
	/* Neighbour discovery does not come in pieces (RFC 6980). Of that to
	 * others than vips the kernel takes care (suppress_frag_ndisc); what it
	 * answers passes the guard of announce/nd.c.
	 */
	if (hasw_key_is_nd(skb))
		return hasw_emit_drop(p, HASW_STAT_ND_DROPPED);
	/* The stack reads on behind the IPv6 header, and not where the pieces
	 * began: there may be options between.
	 */
	skb_set_transport_header(skb, skb_network_offset(skb) +
				 sizeof(struct ipv6hdr));
	return NF_ACCEPT;
}

/**
 * hasw_defrag_gather() - puts a packet together, if services have ports
 * @p: the packet, which may be a piece of one
 *
 * The last piece becomes the packet. One that makes no sense is dropped, one
 * that overlaps another with all that are there (RFC 5722).
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_ACCEPT, and it is whole, or no piece, or need not be whole;
 * NF_STOLEN if it waits for others; NF_DROP.
 */
unsigned int hasw_defrag_gather(const struct hasw_packet *p)
{
	const struct hasw_config *cfg = rcu_dereference(p->hn->config);
	struct sk_buff *skb = p->skb;

	if (!READ_ONCE(cfg->n_ports))
		return NF_ACCEPT;
	if (p->family == HASW_HOP6)
		return hasw_defrag_gather6(p);
	if (ip_defrag(p->hn->net, skb, hasw_defrag_user4(p)))
		return NF_STOLEN;
	/* It may be split again. */
	skb->ignore_df = 1;
	return NF_ACCEPT;
}
