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
#include "door_plain.h"
#include "key.h"
#include "trace.h"

/**
 * struct hasw_door_reply - an answer on its way through the door
 * @hn: namespace
 * @skb: the packet, at its IP header
 * @family: HASW_HOP4 or HASW_HOP6
 * @len: of the packet, as its header says
 * @header: of that, before the transport header
 * @t: its ends; the client is the member
 * @to: what they are to be
 */
struct hasw_door_reply {
	struct hasw_net *hn;
	struct sk_buff *skb;
	int family;
	u32 len;
	u32 header;
	struct hasw_tuple t;
	struct hasw_nat_ends to;
};

/* Whether nothing is special about the packet; fills in the ends. */
static bool hasw_door_reply_plain4(struct hasw_door_reply *r)
{
	const struct iphdr *iph = ip_hdr(r->skb);

	r->len = ntohs(iph->tot_len);
	r->header = sizeof(*iph);
	if (*(const u8 *)iph != 0x45 || iph->ttl <= 1 || ip_is_fragment(iph) ||
	    r->len > r->skb->len || r->len < HASW_DOOR_LEN4 ||
	    !hasw_key_has_ports(iph->protocol) ||
	    ip_fast_csum(iph, sizeof(*iph) / 4))
		return false;
	hasw_door_tuple(r->skb, HASW_HOP4, iph->protocol, r->header, &r->t);
	return true;
}

static bool hasw_door_reply_plain6(struct hasw_door_reply *r)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(r->skb);
	const struct inet6_dev *idev = __in6_dev_get(r->skb->dev);

	r->len = sizeof(*ip6) + ntohs(ip6->payload_len);
	r->header = sizeof(*ip6);
	if (ip6->version != 6 || ip6->hop_limit <= 1 ||
	    !hasw_key_has_ports(ip6->nexthdr) || r->len > r->skb->len ||
	    r->len < HASW_DOOR_LEN6 || !idev ||
	    READ_ONCE(idev->cnf.disable_ipv6))
		return false;
	hasw_door_tuple(r->skb, HASW_HOP6, ip6->nexthdr, r->header, &r->t);
	return true;
}

/* The flow that it answers, if there is nothing to be noted but that. */
static struct hasw_flow *hasw_door_reply_flow(struct hasw_door_reply *r)
{
	const struct hasw_config *cfg = rcu_dereference(r->hn->config);
	const struct hasw_flow *known;
	const struct tcphdr *tcp = NULL;
	struct hasw_flow_key key;

	if (r->t.proto == IPPROTO_TCP) {
		tcp = (void *)(skb_network_header(r->skb) + r->header);
		if (!hasw_door_has_tcp(r->skb, tcp, r->len - r->header))
			return NULL;
	}
	hasw_flow_answer_key(cfg, &r->t, &key);
	known = hasw_flow_answer_known(r->hn, &key);
	if (!known || hasw_flow_answer_ends(known, tcp) ||
	    !hasw_answer_leaves(r->hn, known, true))
		return NULL;
	return (struct hasw_flow *)known;
}

/* The neighbour by which the route leads to the client, if its address is known
 * or only has to be confirmed.
 */
static struct neighbour *hasw_door_neighbour(const struct hasw_door_reply *r,
					     struct dst_entry *dst)
{
	struct neighbour *neigh;
	const struct rtable *rt;

	if (r->family == HASW_HOP4) {
		rt = container_of(dst, struct rtable, dst);
		if (rt->rt_gw_family == AF_INET6)
			return NULL;
		neigh = __ipv4_neigh_lookup_noref(dst->dev, (__force u32)
				rt_nexthop(rt, r->to.dst.s6_addr32[3]));
	} else {
		neigh = __ipv6_neigh_lookup_noref(dst->dev,
				rt6_nexthop(hasw_rt6_info(dst), &r->to.dst));
	}
	return neigh && READ_ONCE(neigh->nud_state) & NUD_VALID ? neigh : NULL;
}

/* Nothing of the packet is changed before all that can fail is done. */
static unsigned int hasw_door_reply_go(struct hasw_door_reply *r,
				       struct hasw_flow *f,
				       struct dst_entry *dst)
{
	const struct hasw_packet p = {
		.hn = r->hn, .skb = r->skb, .family = r->family,
	};
	struct sk_buff *skb = r->skb;
	struct neighbour *neigh;

	if (unlikely(dst->dev->flags & IFF_LOOPBACK))
		return NF_ACCEPT;
	neigh = hasw_door_neighbour(r, dst);
	if (unlikely(!neigh))
		return NF_ACCEPT;
	skb_set_transport_header(skb, r->header);
	if (unlikely(!hasw_door_fits(skb, r->len, dst_mtu(dst))))
		return NF_ACCEPT;
	if (unlikely(skb_cow_head(skb, LL_RESERVED_SPACE(dst->dev)) ||
		     !hasw_nat_writable(skb, &r->t)))
		return NF_ACCEPT;
	if (unlikely(skb->len != r->len && pskb_trim_rcsum(skb, r->len)))
		return NF_ACCEPT;
	if (unlikely(skb->sk))
		skb_orphan(skb);
	hasw_stat_inc(r->hn, HASW_STAT_FAST);
	hasw_stat_inc(r->hn, HASW_STAT_NAT_ANSWERED);
	hasw_flow_note_answer(r->hn, f, NULL);
	hasw_nat_rewrite(skb, &r->t, &r->to);
	hasw_emit_forward(&p);
	skb->dev = dst->dev;
	skb_reset_redirect(skb);
	neigh_output(neigh, skb, false);
	return NF_STOLEN;
}

/**
 * hasw_door_answer() - a packet that is to no vip, while flows are translated
 * @hn: namespace
 * @skb: the packet, at its IP header
 * @family: HASW_HOP4 or HASW_HOP6
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_STOLEN if it was sent, or NF_ACCEPT: then the complete door will
 * see it as it was.
 */
unsigned int hasw_door_answer(struct hasw_net *hn, struct sk_buff *skb,
			      int family)
{
	struct hasw_door_reply r = { .hn = hn, .skb = skb, .family = family };
	struct hasw_packet p = { .hn = hn, .skb = skb, .family = family };
	unsigned int verdict;
	struct dst_entry *dst;
	struct hasw_flow *f;

	if (!hasw_door_plain(skb) || trace_redirect_enabled() ||
	    !(family == HASW_HOP4 ? hasw_door_reply_plain4(&r) :
				    hasw_door_reply_plain6(&r)))
		return NF_ACCEPT;
	f = hasw_door_reply_flow(&r);
	if (!f)
		return NF_ACCEPT;
	hasw_flow_ends_answered(f, &r.to);
	dst = hasw_emit_client_route(&p, &r.to);
	if (unlikely(!dst))
		return NF_ACCEPT;
	verdict = hasw_door_reply_go(&r, f, dst);
	dst_release(dst);
	return verdict;
}
