// SPDX-License-Identifier: GPL-2.0
/* The fast door for what members via nat have answered. */
#include <linux/netfilter.h>
#include <net/arp.h>
#include <net/ip6_route.h>
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/route.h>

#include "compat/compat.h"
#include "answer.h"
#include "client.h"
#include "door_plain.h"
#include "key.h"
#include "nat_plain.h"
#include "trace.h"

/* Whether nothing is special about the packet. */
static __always_inline bool hasw_door_reply_plain4(const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	u32 len = ntohs(iph->tot_len);

	return *(const u8 *)iph == 0x45 && iph->ttl > 1 &&
	       !ip_is_fragment(iph) && len <= skb->len &&
	       len >= HASW_DOOR_LEN4 && hasw_key_has_ports(iph->protocol) &&
	       !ip_fast_csum(iph, sizeof(*iph) / 4);
}

static __always_inline bool hasw_door_reply_plain6(const struct sk_buff *skb)
{
	const struct inet6_dev *idev = __in6_dev_get(skb->dev);
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	u32 len = sizeof(*ip6) + ntohs(ip6->payload_len);

	return ip6->version == 6 && ip6->hop_limit > 1 &&
	       hasw_key_has_ports(ip6->nexthdr) && len <= skb->len &&
	       len >= HASW_DOOR_LEN6 && idev &&
	       !READ_ONCE(idev->cnf.disable_ipv6);
}

/* The flow that it answers, if there is nothing to be noted but that. */
static __always_inline struct hasw_flow *
hasw_door_reply_flow(struct hasw_net *hn, const struct sk_buff *skb, bool six,
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

	if (tcp && !hasw_door_has_tcp(skb, tcp, len - header))
		return NULL;
	hasw_flow_answer_key(cfg, six ? HASW_FLOW_IPV6 : 0, proto, addrs,
			     addrs + (six ? 4 : 1), transport, &key);
	f = hasw_flow_answer_known(hn, &key);
	if (!f || hasw_flow_answer_ends(f, tcp) ||
	    !hasw_answer_leaves(hn, f, true))
		return NULL;
	return f;
}

/* The neighbour by which the route leads to the client, if its address is known
 * or only has to be confirmed.
 */
static __always_inline struct neighbour *
hasw_door_neighbour(const struct dst_entry *dst, bool six, const __be32 *client)
{
	struct neighbour *neigh;
	const struct rtable *rt;

	if (!six) {
		rt = container_of(dst, struct rtable, dst);
		if (unlikely(rt->rt_gw_family == AF_INET6))
			return NULL;
		neigh = __ipv4_neigh_lookup_noref(dst->dev, (__force u32)
						  rt_nexthop(rt, *client));
	} else {
		neigh = __ipv6_neigh_lookup_noref(dst->dev,
				rt6_nexthop(hasw_rt6_info(dst), (void *)client));
	}
	return neigh && READ_ONCE(neigh->nud_state) & NUD_VALID ? neigh : NULL;
}

static __always_inline struct dst_entry *
hasw_door_client(struct hasw_net *hn, const struct sk_buff *skb, bool six,
		 const struct hasw_nat_plain *to)
{
	struct hasw_clients __percpu *clients = hn->flows->clients;

	if (!six)
		return hasw_client_route4(hn->net, clients, skb, *to->dst,
					  *to->src);
	return hasw_client_route6(hn->net, clients, skb, (void *)to->dst,
				  (void *)to->src);
}

/* Nothing of the packet is changed before all that can fail is done. */
static __always_inline unsigned int
hasw_door_reply_go(struct hasw_net *hn, struct sk_buff *skb, bool six, u32 len,
		   u32 header)
{
	const struct hasw_packet p = {
		.hn = hn, .skb = skb, .family = six ? HASW_HOP6 : HASW_HOP4,
	};
	struct hasw_nat_plain to;
	struct neighbour *neigh;
	struct dst_entry *dst;
	struct hasw_flow *f;

	f = hasw_door_reply_flow(hn, skb, six, len, header);
	if (!f)
		return NF_ACCEPT;
	to.src = f->addr + (six ? 4 : 1);
	to.dst = f->addr;
	to.ports[0] = f->ports[1];
	to.ports[1] = f->ports[0];
	dst = hasw_door_client(hn, skb, six, &to);
	if (unlikely(!dst || dst->dev->flags & IFF_LOOPBACK))
		return NF_ACCEPT;
	neigh = hasw_door_neighbour(dst, six, to.dst);
	if (unlikely(!neigh))
		return NF_ACCEPT;
	skb_set_transport_header(skb, header);
	if (unlikely(!hasw_door_fits(skb, len, dst_mtu(dst))))
		return NF_ACCEPT;
	if (unlikely(skb_cow_head(skb, LL_RESERVED_SPACE(dst->dev)) ||
		     !hasw_door_writable(skb, len, header, f->proto)))
		return NF_ACCEPT;
	if (unlikely(skb->len != len && pskb_trim_rcsum(skb, len)))
		return NF_ACCEPT;
	if (unlikely(skb->sk))
		skb_orphan(skb);
	hasw_stat_inc(hn, HASW_STAT_FAST);
	hasw_stat_inc(hn, HASW_STAT_NAT_ANSWERED);
	hasw_flow_note_answer(hn, f, NULL);
	hasw_nat_plain(skb, six, f->proto, &to);
	hasw_emit_forward(&p);
	skb->dev = dst->dev;
	skb_reset_redirect(skb);
	neigh_output(neigh, skb, false);
	return NF_STOLEN;
}

/**
 * hasw_door_answer4() - a packet that is to no vip, while flows are translated
 * @hn: namespace
 * @skb: the packet, at its IP header
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_STOLEN if it was sent, or NF_ACCEPT: then the complete door will
 * see it as it was.
 */
unsigned int hasw_door_answer4(struct hasw_net *hn, struct sk_buff *skb)
{
	if (!hasw_door_plain(skb) || trace_redirect_enabled() ||
	    !hasw_door_reply_plain4(skb))
		return NF_ACCEPT;
	return hasw_door_reply_go(hn, skb, false, ntohs(ip_hdr(skb)->tot_len),
				  sizeof(struct iphdr));
}

/**
 * hasw_door_answer6() - the same for IPv6
 * @hn: namespace
 * @skb: the packet, at its IP header
 *
 * Context: RCU read side, softirqs off.
 * Return: as hasw_door_answer4().
 */
unsigned int hasw_door_answer6(struct hasw_net *hn, struct sk_buff *skb)
{
	u32 len = sizeof(struct ipv6hdr) + ntohs(ipv6_hdr(skb)->payload_len);

	/* Nor those that begin like ::1, or stand for IPv4 ones. */
	if (!hasw_door_plain(skb) || trace_redirect_enabled() ||
	    !ipv6_hdr(skb)->saddr.s6_addr32[0] ||
	    !ipv6_hdr(skb)->daddr.s6_addr32[0] ||
	    !hasw_door_reply_plain6(skb))
		return NF_ACCEPT;
	return hasw_door_reply_go(hn, skb, true, len, sizeof(struct ipv6hdr));
}
