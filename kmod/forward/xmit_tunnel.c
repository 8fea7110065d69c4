// SPDX-License-Identifier: GPL-2.0
/* Via tunnel and gue: the packet goes inside another one to an address of the member, by whatever routers. */
#include <linux/netfilter.h>
#include <net/ip6_checksum.h>
#include <net/ip_tunnels.h>
#include <net/udp.h>

#include "xmit.h"
#include "tunnel.h"
#include "packet/tuple.h"

/**
 * struct hasw_cover - the way that one packet takes
 * @hop: what xmit.c has to know of it
 * @way: the route and its ends
 */
struct hasw_cover {
	struct hasw_hop hop;
	struct hasw_tunnel_way way;
};

/* By which flows are told apart outside: those of RFC 6335 that are nobody's. */
#define HASW_COVER_PORT_FIRST 49152U
#define HASW_COVER_PORTS (65536U - HASW_COVER_PORT_FIRST)

static u32 hasw_cover_header(const struct hasw_tunnel_way *way)
{
	u32 header = way->six ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);

	if (way->kind == HASW_COVER_GUE)
		header += sizeof(struct udphdr) + sizeof(struct hasw_gue_base);
	return header;
}

/* What is in front of the outer header as well. */
static u32 hasw_cover_room(const struct hasw_tunnel_way *way)
{
	return LL_RESERVED_SPACE(way->dst->dev) + way->dst->header_len +
	       hasw_cover_header(way);
}

/* Whether routers have to say so instead of splitting the outer IPv4 packet:
 * where the inner one's sender asks for it. An IPv6 sender does, but need not
 * send anything smaller than IPV6_MIN_MTU (RFC 4213, 3.2).
 */
static bool hasw_cover_whole(const struct hasw_tunnel_way *way,
			     const struct sk_buff *skb, bool six)
{
	if (six)
		return hasw_emit_tunnel_inside(way) >= IPV6_MIN_MTU;
	return ip_hdr(skb)->frag_off & htons(IP_DF);
}

/* The port of the flow that a packet belongs to. Of a piece of one, and of what has
 * other headers before that with ports, it is that of the addresses: pieces stay
 * together on the way.
 */
static __be16 hasw_cover_port(const struct sk_buff *skb, bool six)
{
	struct hasw_tuple t;
	bool whole = hasw_tuple_get(skb, six, &t);

	if (!whole || (six && ipv6_ext_hdr(ipv6_hdr(skb)->nexthdr))) {
		t.ports[0] = 0;
		t.ports[1] = 0;
		t.proto = 0;
	}
	return htons(HASW_COVER_PORT_FIRST +
		     reciprocal_scale(hasw_tuple_hash(&t), HASW_COVER_PORTS));
}

/* UDP and GUE. Over IPv4 no checksum is needed (RFC 768); without one over IPv6
 * receivers would have to allow it (RFC 6935). The one of the inner packet that
 * a device is to finish is part of it.
 */
static void hasw_cover_gue(const struct hasw_tunnel_way *way,
			   struct sk_buff *skb, u8 proto)
{
	__be16 port = hasw_cover_port(skb, proto == IPPROTO_IPV6);
	struct hasw_gue_base *gue = __skb_push(skb, sizeof(*gue));
	struct udphdr *uh;

	*gue = (struct hasw_gue_base){ .proto = proto };
	uh = __skb_push(skb, sizeof(*uh));
	skb_reset_transport_header(skb);
	uh->source = port;
	uh->dest = htons(HASWITCH_TUNNEL_PORT);
	uh->len = htons(skb->len);
	uh->check = 0;
	if (way->six)
		udp6_set_csum(false, skb, &way->fl6.saddr, &way->fl6.daddr,
			      skb->len);
}

static void hasw_cover_wrap4(const struct hasw_tunnel_way *way,
			     struct sk_buff *skb, u8 proto, u8 tos, bool whole)
{
	struct iphdr *iph = __skb_push(skb, sizeof(*iph));

	skb_reset_network_header(skb);
	iph->version = 4;
	iph->ihl = sizeof(*iph) / 4;
	iph->tos = tos;
	iph->frag_off = whole ? htons(IP_DF) : 0;
	iph->ttl = ip4_dst_hoplimit(way->dst);
	iph->protocol = proto;
	iph->saddr = way->fl4.saddr;
	iph->daddr = way->fl4.daddr;
	__ip_select_ident(way->net, iph, skb_shinfo(skb)->gso_segs ?: 1);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	skb->protocol = htons(ETH_P_IP);
}

/* No router splits it; this node does, where an inner packet as large as every
 * IPv6 link takes does not fit.
 */
static void hasw_cover_wrap6(const struct hasw_tunnel_way *way,
			     struct sk_buff *skb, u8 proto, u8 tos)
{
	struct ipv6hdr *ip6 = __skb_push(skb, sizeof(*ip6));

	skb_reset_network_header(skb);
	ip6_flow_hdr(ip6, tos, 0);
	ip6->nexthdr = proto;
	ip6->hop_limit = ip6_dst_hoplimit(way->dst);
	ip6->saddr = way->fl6.saddr;
	ip6->daddr = way->fl6.daddr;
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	skb->protocol = htons(ETH_P_IPV6);
	skb->ignore_df = 1;
}

/* Whether the checksum outside would need one inside that is not made yet and
 * is none of the Internet's, by whose rules the two would cancel out: SCTP's.
 */
static bool hasw_cover_unsummed(const struct hasw_tunnel_way *way,
				struct sk_buff *skb)
{
	return way->kind == HASW_COVER_GUE && way->six &&
	       skb->ip_summed == CHECKSUM_PARTIAL && skb_csum_is_sctp(skb);
}

/* Tells devices that there will be another packet around this one. Fails, for
 * want of memory, with one of many segments, or hasw_cover_unsummed(), alone.
 */
static int hasw_cover_offloads(const struct hasw_tunnel_way *way,
			       struct sk_buff *skb)
{
	int type = way->six ? SKB_GSO_IPXIP6 : SKB_GSO_IPXIP4;
	int err;

	if (unlikely(hasw_cover_unsummed(way, skb)) &&
	    skb_csum_hwoffload_help(skb, 0))
		return -ENOMEM;
	if (way->kind == HASW_COVER_GUE)
		type |= way->six ? SKB_GSO_UDP_TUNNEL_CSUM : SKB_GSO_UDP_TUNNEL;
	err = iptunnel_handle_offloads(skb, type);
	/* Where the headers around each segment end. */
	if (!err && way->kind == HASW_COVER_GUE && skb_is_gso(skb))
		skb_reset_inner_mac_header(skb);
	return err;
}

/* Puts a packet inside another one (RFC 2003, RFC 2473, RFC 4213, or
 * draft-ietf-intarea-gue), for which there is room.
 */
static void hasw_cover_wrap(struct hasw_net *hn, struct sk_buff *skb,
			    const struct hasw_tunnel_way *way)
{
	bool six = skb->protocol == htons(ETH_P_IPV6), whole;
	u8 proto = six ? IPPROTO_IPV6 : IPPROTO_IPIP, tos;

	skb_set_inner_ipproto(skb, proto);
	whole = hasw_cover_whole(way, skb, six);
	/* Congestion, too, is outside what it is inside: RFC 6040, 4.1. */
	tos = six ? ipv6_get_dsfield(ipv6_hdr(skb)) : ip_hdr(skb)->tos;
	/* No conntrack, security path or route of the inner packet outside. */
	skb_scrub_packet(skb, false);
	hasw_stat_inc(hn, HASW_STAT_TUNNEL_SENT);
	if (way->kind == HASW_COVER_GUE) {
		hasw_cover_gue(way, skb, proto);
		proto = IPPROTO_UDP;
	}
	if (way->six)
		hasw_cover_wrap6(way, skb, proto, tos);
	else
		hasw_cover_wrap4(way, skb, proto, tos, whole);
}

/* Sends a packet inside another one. Takes it over. Return: 0, or -ENOMEM. */
static int hasw_cover_send(struct hasw_net *hn, struct sk_buff *skb,
			   const struct hasw_tunnel_way *way)
{
	if (skb_cow_head(skb, hasw_cover_room(way)) ||
	    hasw_cover_offloads(way, skb)) {
		kfree_skb(skb);
		return -ENOMEM;
	}
	hasw_cover_wrap(hn, skb, way);
	hasw_tunnel_out(hn->net, skb, way);
	return 0;
}

static void hasw_cover_output(struct hasw_net *hn, struct sk_buff *skb,
			      const struct hasw_hop *hop)
{
	hasw_cover_send(hn, skb, &container_of(hop, struct hasw_cover, hop)->way);
}

/**
 * hasw_emit_tunnel_inside() - how large one may be inside one that nobody splits
 * @way: the way of the outer one
 *
 * Context: any.
 */
u32 hasw_emit_tunnel_inside(const struct hasw_tunnel_way *way)
{
	return dst_mtu(way->dst) - hasw_cover_header(way);
}

/**
 * hasw_emit_tunnel_mtu() - how large a packet may be that goes inside another one
 * @p: the packet
 * @way: the way of the outer one
 *
 * Context: any.
 */
u32 hasw_emit_tunnel_mtu(const struct hasw_packet *p,
			 const struct hasw_tunnel_way *way)
{
	u32 mtu = hasw_emit_tunnel_inside(way);

	return p->family == HASW_HOP6 ? max_t(u32, mtu, IPV6_MIN_MTU) : mtu;
}

/* Whether many segments do not fit into one packet: nobody could say how long
 * it is; or they are inside another tunnel's already, and whose device segments
 * them knows of one around them only; or each needs its checksum first.
 */
static bool hasw_cover_too_many(struct sk_buff *skb,
				const struct hasw_tunnel_way *way)
{
	return skb_is_gso(skb) &&
	       (skb->encapsulation || hasw_cover_unsummed(way, skb) ||
		skb->len + hasw_cover_header(way) > U16_MAX);
}

/* Each segment in a packet of its own. */
static unsigned int hasw_cover_segments(const struct hasw_packet *p,
					const struct hasw_tunnel_way *way)
{
	struct hasw_net *hn = p->hn;
	struct sk_buff_head all;
	struct sk_buff *skb;
	unsigned int verdict;
	int err;

	__skb_queue_head_init(&all);
	verdict = hasw_emit_take(p, way->dst->dev, &all, &err);
	if (verdict != NF_STOLEN)
		return verdict;
	while ((skb = __skb_dequeue(&all)))
		if (hasw_cover_send(hn, skb, way))
			err = -ENOMEM;
	hasw_stat_inc(hn, err ? HASW_STAT_DROP_MEMORY : HASW_STAT_REDIRECTED);
	return NF_STOLEN;
}

static unsigned int hasw_cover_go(const struct hasw_packet *p,
				  struct hasw_cover *to)
{
	struct hasw_net *hn = p->hn;
	struct sk_buff *skb = p->skb;

	to->hop.dev = to->way.dst->dev;
	to->hop.mtu = hasw_emit_tunnel_mtu(p, &to->way);
	if (unlikely(!hasw_emit_fits(p, to->hop.mtu)))
		return hasw_emit_split(p, &to->hop, hasw_cover_output);
	if (unlikely(hasw_cover_too_many(skb, &to->way)))
		return hasw_cover_segments(p, &to->way);
	if (unlikely(skb_cow_head(skb, hasw_cover_room(&to->way))))
		return hasw_emit_drop(p, HASW_STAT_DROP_MEMORY);
	hasw_emit_forward(p);
	hasw_stat_inc(hn, hasw_cover_send(hn, skb, &to->way) ?
			  HASW_STAT_DROP_MEMORY : HASW_STAT_REDIRECTED);
	return NF_STOLEN;
}

/**
 * hasw_emit_tunnel() - sends the packet to a node inside another one
 * @p: the packet
 * @node: the node
 * @gue: inside UDP
 *
 * Whether it fits is judged, and its sender told, as if the way were as much
 * narrower as the outer header is long.
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_STOLEN if it was sent, NF_DROP if it was counted as dropped.
 */
unsigned int hasw_emit_tunnel(const struct hasw_packet *p,
			      struct hasw_node *node, bool gue)
{
	bool six = p->family == HASW_HOP6;
	struct hasw_cover to = {};
	struct sk_buff *skb = p->skb;
	unsigned int verdict;

	if (likely(!p->local)) {
		/* As a forwarder: not what was for many, and nobody's. */
		if (unlikely(skb->pkt_type != PACKET_HOST))
			return hasw_emit_drop(p, HASW_STAT_DROP_MALFORMED);
		if (unlikely(skb->sk))
			skb_orphan(skb);
		if (p->family == HASW_HOP4 ? ip_hdr(skb)->ttl <= 1 :
					     ipv6_hdr(skb)->hop_limit <= 1)
			return hasw_emit_expired(p);
	}
	if (!hasw_tunnel_route(p->hn, node, six, hasw_tunnel_kind(six, gue),
			       &to.way))
		return hasw_emit_drop(p, HASW_STAT_DROP_UNRESOLVED);
	verdict = hasw_cover_go(p, &to);
	dst_release(to.way.dst);
	return verdict;
}

/**
 * hasw_emit_tunnel_fast() - as hasw_emit_tunnel(), where nothing special is needed
 * @p: the packet, from elsewhere; its headers are found right, its TTL or hop
 *	limit above 1, the transport header set
 * @node: the node
 * @gue: inside UDP
 * @len: what its IP header says; padding may be behind that
 *
 * Sends what fits whole into one packet to a neighbour whose address is known.
 * Nothing of the packet is changed before all that can fail is done.
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_STOLEN if it was sent, or NF_ACCEPT: it is as it was.
 */
unsigned int hasw_emit_tunnel_fast(const struct hasw_packet *p,
				   struct hasw_node *node, bool gue, u32 len)
{
	struct hasw_tunnel_way way;
	unsigned int verdict = NF_ACCEPT;
	bool six = p->family == HASW_HOP6;
	struct sk_buff *skb = p->skb;
	struct neighbour *neigh;

	if (unlikely(skb_is_gso(skb) ||
		     !hasw_tunnel_route(p->hn, node, six,
					hasw_tunnel_kind(six, gue), &way)))
		return NF_ACCEPT;
	neigh = hasw_tunnel_neigh(&way);
	if (unlikely(!neigh || len > hasw_emit_tunnel_inside(&way) ||
		     hasw_cover_unsummed(&way, skb)))
		goto out;
	if (unlikely(skb_cow_head(skb, hasw_cover_room(&way))))
		goto out;
	if (unlikely(skb->len != len && pskb_trim_rcsum(skb, len)))
		goto out;
	if (unlikely(skb->sk))
		skb_orphan(skb);
	hasw_emit_forward(p);
	/* Of one segment: does not fail. */
	hasw_cover_offloads(&way, skb);
	/* As for all that comes further than the device's ingress. */
	skb_reset_redirect(skb);
	hasw_cover_wrap(p->hn, skb, &way);
	hasw_tunnel_out_to(skb, &way, neigh);
	verdict = NF_STOLEN;
out:
	dst_release(way.dst);
	return verdict;
}
