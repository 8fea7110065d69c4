// SPDX-License-Identifier: GPL-2.0
/* Reassembly of fragmented packets to vips, whose ports only the first fragment
 * has.
 */
#include <linux/netfilter.h>
#include <linux/netfilter_bridge.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ipv6_frag.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>

#include "packet/key.h"
#include "defrag.h"

/* Reassembly queue of a packet's fragments. A frame that a bridge forwards is
 * not mixed with fragments to this machine. The queues are those of connection
 * tracking, which has reassembled the packet before if it is in use. A packet
 * that connection tracking skips (IP_NODEFRAG, notrack) is reassembled here,
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
	/* Neighbour discovery must not be fragmented (RFC 6980). The kernel
	 * drops such packets to other addresses (suppress_frag_ndisc). The
	 * kernel's replies are checked by announce/nd.c.
	 */
	if (hasw_key_is_nd(skb))
		return hasw_xmit_drop(p, HASW_STAT_ND_DROPPED);
	/* The stack continues behind the IPv6 header. The transport header is
	 * still where the fragment header was, which options may precede.
	 */
	skb_set_transport_header(skb, skb_network_offset(skb) +
				 sizeof(struct ipv6hdr));
	return NF_ACCEPT;
}

/**
 * hasw_defrag_gather() - reassembles a packet if services have ports
 * @p: the packet, which may be a fragment
 *
 * The last fragment to arrive becomes the whole packet. A malformed fragment is
 * dropped. A fragment that overlaps another one is dropped with all that are
 * queued (RFC 5722).
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_ACCEPT if the packet is whole or need not be; NF_STOLEN if the
 * fragment is queued; NF_DROP.
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
	/* The whole packet may be fragmented again on output. */
	skb->ignore_df = 1;
	return NF_ACCEPT;
}
