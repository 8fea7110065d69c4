// SPDX-License-Identifier: GPL-2.0
/* Fragmented packets to vips are reassembled, because only the first fragment
 * has the ports.
 */
#include <linux/netfilter.h>
#include <linux/netfilter_bridge.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ipv6_frag.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>

#include "packet/key.h"
#include "defrag.h"

/* Returns the defrag user, which is part of the key of the packet's reassembly
 * queue. Separate users keep the fragments that a bridge forwards apart from
 * fragments to this machine. This module uses the defrag users of conntrack. If
 * conntrack is in use, it has already reassembled the packet, unless it skips
 * the packet (IP_NODEFRAG, notrack). A skipped packet is reassembled here,
 * since services need its port.
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
	return hasw_xmit_drop(p, HASW_STAT_DROP_MALFORMED);
}

static unsigned int hasw_defrag_gather6(const struct hasw_packet *p)
{
	struct sk_buff *skb = p->skb;
	int err;

	err = nf_ct_frag6_gather(p->hn->net, skb, hasw_defrag_user6(p));
	if (err == -EINPROGRESS)
		return NF_STOLEN;
	if (err || hasw_defrag_left6(skb))
		return hasw_defrag_refuse(p);
	if (!IP6CB(skb)->frag_max_size)
		return NF_ACCEPT;
	/* Neighbour discovery must not be fragmented (RFC 6980), so a
	 * reassembled message is dropped here. For addresses other than vips,
	 * the kernel itself drops fragmented messages (suppress_frag_ndisc),
	 * and announce/nd.c filters the kernel's replies.
	 */
	if (hasw_key_is_nd(skb))
		return hasw_xmit_drop(p, HASW_STAT_ND_DROPPED);
	/* The stack continues to parse directly after the IPv6 header. But
	 * reassembly has set the transport header to the place of the fragment
	 * header, which may follow other extension headers.
	 */
	skb_set_transport_header(skb, skb_network_offset(skb) +
				 sizeof(struct ipv6hdr));
	return NF_ACCEPT;
}

/**
 * hasw_defrag_gather() - reassembles a packet, if a service needs ports
 * @p: the packet, which may be a fragment
 *
 * The skb of the fragment that arrives last becomes the reassembled packet. A
 * malformed fragment is dropped. A fragment that overlaps another one is
 * dropped together with all queued fragments of its packet (RFC 5722).
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_ACCEPT if the packet is complete or need not be complete;
 * NF_STOLEN if the fragment was queued, or freed by ip_defrag(); NF_DROP if the
 * packet was counted as dropped.
 */
unsigned int hasw_defrag_gather(const struct hasw_packet *p)
{
	struct sk_buff *skb = p->skb;

	if (!hasw_defrag_wanted(p))
		return NF_ACCEPT;
	if (p->family == HASW_HOP6)
		return hasw_defrag_gather6(p);
	if (ip_defrag(p->hn->net, skb, hasw_defrag_user4(p)))
		return NF_STOLEN;
	/* The reassembled packet may be fragmented again on output. */
	skb->ignore_df = 1;
	return NF_ACCEPT;
}
