// SPDX-License-Identifier: GPL-2.0
/* The fast path for replies of members reached via nat. */
#include <linux/netfilter.h>

#include "reply.h"
#include "flow/client_route.h"
#include "fast.h"
#include "packet/nat_fast.h"
#include "core/trace.h"

/* Returns the flow that the reply belongs to, or NULL if the slow path must
 * handle the reply.
 */
static __always_inline struct hasw_flow *
hasw_fast_reply_flow(struct hasw_net *hn, const struct sk_buff *skb, bool six,
		     u32 len, u32 header)
{
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	u8 proto = six ? ipv6_hdr(skb)->nexthdr : ip_hdr(skb)->protocol;
	const void *transport = skb_network_header(skb) + header;
	const __be32 *addrs = six ? (void *)&ipv6_hdr(skb)->addrs :
				    (void *)&ip_hdr(skb)->addrs;
	const struct tcphdr *tcp = proto == IPPROTO_TCP ? transport : NULL;
	struct hasw_flow_key key;
	struct hasw_flow *f;

	if (tcp && !hasw_fast_has_tcp(skb, tcp, len - header))
		return NULL;
	hasw_flow_reply_key(cfg, six ? HASW_FLOW_IPV6 : 0, proto, addrs,
			    addrs + (six ? 4 : 1), transport, &key);
	f = hasw_flow_reply_known(hn, &key, six ? 4 : 1);
	if (!f || hasw_flow_reply_ends(f, tcp) ||
	    !hasw_reply_leaves_fast(hn, f, six))
		return NULL;
	return f;
}

/* Sends a reply to the client. All steps that can fail come before the packet
 * is changed, since the slow path must get an unchanged packet.
 */
static __always_inline unsigned int
hasw_fast_reply_go(struct hasw_net *hn, struct sk_buff *skb, bool six, u32 len,
		   u32 header)
{
	const struct hasw_packet p = {
		.hn = hn, .skb = skb, .family = six ? HASW_HOP6 : HASW_HOP4,
	};
	struct hasw_nat_fast to;
	struct neighbour *neigh;
	struct dst_entry *dst;
	struct hasw_flow *f;

	f = hasw_fast_reply_flow(hn, skb, six, len, header);
	if (!f)
		return NF_ACCEPT;
	to.src = f->addr + (six ? 4 : 1);
	to.dst = f->addr;
	/* hasw_flow.ports begins with the client's port. In the reply, the
	 * client's port is the destination port, which is the second one. So
	 * the two ports are swapped.
	 */
	to.ports = (__force __be32)rol32(*(const u32 *)f->ports, 16);
	dst = hasw_flow_route(f, skb);
	if (unlikely(!dst))
		dst = hasw_client_fast(hn->flows, f, skb);
	if (unlikely(!dst || hasw_route_is_home(dst)))
		return NF_ACCEPT;
	neigh = hasw_route_neigh(dst, six, to.dst);
	if (unlikely(!neigh))
		return NF_ACCEPT;
	if (unlikely(!hasw_fast_prepare(skb, header, len, dst_mtu(dst),
					dst->dev, header +
					hasw_nat_header(f->proto))))
		return NF_ACCEPT;
	hasw_stat_inc(hn, HASW_STAT_FAST);
	hasw_stat_inc(hn, HASW_STAT_NAT_ANSWERED);
	hasw_flow_note_reply(hn, f, NULL);
	hasw_nat_fast(skb, six, f->proto, &to);
	hasw_fast_leave(&p, dst->dev);
	neigh_output(neigh, skb, false);
	return NF_STOLEN;
}

/**
 * hasw_fast_reply4() - handles an IPv4 packet to no vip, if NAT is in use
 * @hn: namespace
 * @skb: the packet, at its IP header
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_STOLEN if the packet was sent; else NF_ACCEPT, and the slow path
 * gets the packet unchanged.
 */
unsigned int hasw_fast_reply4(struct hasw_net *hn, struct sk_buff *skb)
{
	if (!hasw_fast_takes_frame(skb) || trace_redirect_enabled() ||
	    !hasw_fast_takes_reply4(skb))
		return NF_ACCEPT;
	return hasw_fast_reply_go(hn, skb, false, ntohs(ip_hdr(skb)->tot_len),
				  sizeof(struct iphdr));
}

/**
 * hasw_fast_reply6() - handles an IPv6 packet to no vip, if NAT is in use
 * @hn: namespace
 * @skb: the packet, at its IP header
 *
 * Context: RCU read side, softirqs off.
 * Return: as hasw_fast_reply4().
 */
unsigned int hasw_fast_reply6(struct hasw_net *hn, struct sk_buff *skb)
{
	u32 len = sizeof(struct ipv6hdr) + ntohs(ipv6_hdr(skb)->payload_len);

	if (!hasw_fast_takes_frame(skb) || trace_redirect_enabled() ||
	    hasw_fast_low6(&ipv6_hdr(skb)->saddr) ||
	    hasw_fast_low6(&ipv6_hdr(skb)->daddr) ||
	    !hasw_fast_takes_reply6(skb))
		return NF_ACCEPT;
	return hasw_fast_reply_go(hn, skb, true, len, sizeof(struct ipv6hdr));
}
