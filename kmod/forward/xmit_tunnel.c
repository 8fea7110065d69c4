// SPDX-License-Identifier: GPL-2.0
/* With `via tunnel` and `via gue`, a packet is sent to an address of the member
 * inside an outer packet, which routers can forward.
 */
#include <linux/netfilter.h>
#include <net/ip6_checksum.h>
#include <net/ip_tunnels.h>
#include <net/udp.h>

#include "xmit.h"
#include "tunnel.h"
#include "packet/tuple.h"

/**
 * struct hasw_encap - the route of one tunnelled packet
 * @hop: device and MTU, for xmit.c
 * @route: the route of the outer packet, and its addresses
 */
struct hasw_encap {
	struct hasw_hop hop;
	struct hasw_tunnel_route route;
};

/* Smallest UDP source port of outer packets. The source port depends on the
 * inner flow, and is one of the dynamic ports of RFC 6335.
 */
#define HASW_ENCAP_PORT_FIRST 49152U
/* Number of these source ports. */
#define HASW_ENCAP_PORTS (65536U - HASW_ENCAP_PORT_FIRST)

static __always_inline u32
hasw_encap_header(const struct hasw_tunnel_route *route)
{
	return hasw_tunnel_header(route->six, route->kind == HASW_ENCAP_GUE);
}

/* Returns the length of the largest inner packet whose outer packet fits the
 * route's MTU. The result is at least the minimum IPv4 MTU (RFC 791), because
 * the administrator can configure a route MTU too small for outer headers.
 */
static u32 hasw_encap_inside(const struct hasw_tunnel_route *route)
{
	int inside = dst_mtu(route->dst) - hasw_encap_header(route);

	return max(inside, IPV4_MIN_MTU);
}

/* Returns the headroom for the outer headers, and for the IPsec and link-layer
 * headers in front of the outer headers.
 */
static u32 hasw_encap_room(const struct hasw_tunnel_route *route)
{
	return LL_RESERVED_SPACE(route->dst->dev) + route->dst->header_len +
	       hasw_encap_header(route);
}

/* Returns whether the outer IPv4 header has DF, so that routers send errors
 * instead of fragmenting the packet. DF is copied from an inner IPv4 header.
 * With an inner IPv6 packet, the outer header has DF if inner packets of
 * IPV6_MIN_MTU bytes fit (RFC 4213, 3.2).
 */
static bool hasw_encap_whole(const struct hasw_tunnel_route *route,
			     const struct sk_buff *skb, bool six)
{
	if (route->split)
		return false;
	if (six)
		return hasw_encap_inside(route) >= IPV6_MIN_MTU;
	return ip_hdr(skb)->frag_off & htons(IP_DF);
}

/* Returns the UDP source port of a packet's flow. For a fragment, and for a
 * packet with IPv6 extension headers, the result does not depend on the inner
 * ports. All fragments of a packet therefore have the same UDP source port.
 */
static __be16 hasw_encap_port(const struct sk_buff *skb, bool six)
{
	struct hasw_tuple t;
	bool whole = hasw_tuple_get(skb, six, &t);

	if (!whole || (six && ipv6_ext_hdr(ipv6_hdr(skb)->nexthdr))) {
		t.ports[0] = 0;
		t.ports[1] = 0;
		t.proto = 0;
	}
	return htons(HASW_ENCAP_PORT_FIRST +
		     reciprocal_scale(hasw_tuple_hash(&t), HASW_ENCAP_PORTS));
}

/* Adds the UDP and GUE headers. Over IPv4 there is no UDP checksum (RFC 768).
 * Over IPv6 there is one, because receivers need not accept datagrams without
 * it (RFC 6935). The UDP checksum is correct even if the device has yet to
 * compute the inner checksum (local checksum offload).
 */
static void hasw_encap_gue(const struct hasw_tunnel_route *route,
			   struct sk_buff *skb, u8 proto)
{
	__be16 port = hasw_encap_port(skb, proto == IPPROTO_IPV6);
	struct hasw_gue_base *gue = __skb_push(skb, sizeof(*gue));
	struct udphdr *uh;

	*gue = (struct hasw_gue_base){ .proto = proto };
	uh = __skb_push(skb, sizeof(*uh));
	skb_reset_transport_header(skb);
	uh->source = port;
	uh->dest = htons(HASWITCH_TUNNEL_PORT);
	uh->len = htons(skb->len);
	uh->check = 0;
	if (route->six)
		udp6_set_csum(false, skb, &route->fl6.saddr, &route->fl6.daddr,
			      skb->len);
}

/* Returns whether an inner SCTP checksum must be computed before the outer UDP
 * checksum. For other protocols, local checksum offload replaces this step. It
 * supports only Internet checksums, and SCTP's checksum is a CRC.
 */
static bool hasw_encap_unsummed(const struct hasw_tunnel_route *route,
				struct sk_buff *skb)
{
	return route->kind == HASW_ENCAP_GUE && route->six &&
	       skb->ip_summed == CHECKSUM_PARTIAL && skb_csum_is_sctp(skb);
}

/* Prepares the skb's offloads for encapsulation. Return: 0; or a negative errno
 * if an allocation fails. Memory is allocated only for a GSO packet, or if
 * hasw_encap_unsummed() returns true.
 */
static int hasw_encap_offloads(const struct hasw_tunnel_route *route,
			       struct sk_buff *skb)
{
	int type = route->six ? SKB_GSO_IPXIP6 : SKB_GSO_IPXIP4;
	int err;

	if (unlikely(hasw_encap_unsummed(route, skb)) &&
	    skb_csum_hwoffload_help(skb, 0))
		return -ENOMEM;
	if (route->kind == HASW_ENCAP_GUE)
		type |= route->six ? SKB_GSO_UDP_TUNNEL_CSUM :
				     SKB_GSO_UDP_TUNNEL;
	err = iptunnel_handle_offloads(skb, type);
	/* GSO copies to each segment all headers before skb->inner_mac_header.
	 * There is no inner MAC header, so this offset is set to the start of
	 * the inner packet.
	 */
	if (!err && route->kind == HASW_ENCAP_GUE && skb_is_gso(skb))
		skb_reset_inner_mac_header(skb);
	return err;
}

/* Encapsulates a packet (RFC 2003, RFC 2473, RFC 4213, or
 * draft-ietf-intarea-gue). The packet has enough headroom for the outer
 * headers.
 */
static void hasw_encap_wrap(struct hasw_net *hn, struct sk_buff *skb,
			    const struct hasw_tunnel_route *route)
{
	bool six = skb->protocol == htons(ETH_P_IPV6), whole;
	u8 proto = six ? IPPROTO_IPV6 : IPPROTO_IPIP, tos;

	skb_set_inner_ipproto(skb, proto);
	whole = hasw_encap_whole(route, skb, six);
	/* The outer header gets the inner DS field with the ECN bits: RFC 6040,
	 * 4.1.
	 */
	tos = six ? ipv6_get_dsfield(ipv6_hdr(skb)) : ip_hdr(skb)->tos;
	/* The outer packet must not keep the inner packet's conntrack entry,
	 * security path or route.
	 */
	skb_scrub_packet(skb, false);
	skb->ignore_df = route->split;
	hasw_stat_inc(hn, HASW_STAT_TUNNEL_SENT);
	if (route->kind == HASW_ENCAP_GUE) {
		hasw_encap_gue(route, skb, proto);
		proto = IPPROTO_UDP;
	}
	if (route->six)
		hasw_tunnel_header6(route, skb, proto, tos);
	else
		hasw_tunnel_header4(route, skb, proto, tos, whole);
}

/* Takes over a packet, encapsulates it and sends it. Return: 0, or -ENOMEM. */
static int hasw_encap_send(struct hasw_net *hn, struct sk_buff *skb,
			   const struct hasw_tunnel_route *route)
{
	if (skb_cow_head(skb, hasw_encap_room(route)) ||
	    hasw_encap_offloads(route, skb)) {
		kfree_skb(skb);
		return -ENOMEM;
	}
	hasw_encap_wrap(hn, skb, route);
	hasw_tunnel_out(hn->net, skb, route);
	return 0;
}

static int hasw_encap_output(struct hasw_net *hn, struct sk_buff *skb,
			     const struct hasw_hop *hop)
{
	return hasw_encap_send(hn, skb,
			       &container_of(hop, struct hasw_encap,
					     hop)->route);
}

/**
 * hasw_xmit_tunnel_mtu() - returns the MTU of packets inside a tunnel
 * @p: the packet
 * @route: the route of the outer packet
 *
 * Context: any.
 * Return: the route's MTU less the outer headers, bytes; for an IPv6 packet at
 * least IPV6_MIN_MTU.
 */
u32 hasw_xmit_tunnel_mtu(const struct hasw_packet *p,
			 const struct hasw_tunnel_route *route)
{
	u32 mtu = hasw_encap_inside(route);

	return p->family == HASW_HOP6 ? max_t(u32, mtu, IPV6_MIN_MTU) : mtu;
}

/* Returns whether a packet is a GSO packet that has to be segmented before
 * encapsulation. There are four reasons. Its outer length would exceed 16 bits.
 * Or it is encapsulated already, and GSO supports only one level of
 * encapsulation. Or the SCTP checksum of each segment has to be computed before
 * encapsulation. Or it is a list of whole packets.
 */
static __always_inline bool
hasw_encap_too_many(struct sk_buff *skb, const struct hasw_tunnel_route *route)
{
	return skb_is_gso(skb) &&
	       (skb->encapsulation || hasw_encap_unsummed(route, skb) ||
		hasw_xmit_is_list(skb) ||
		skb->len + hasw_encap_header(route) > U16_MAX);
}

static unsigned int hasw_encap_go(const struct hasw_packet *p,
				  struct hasw_encap *to)
{
	struct hasw_net *hn = p->hn;
	struct sk_buff *skb = p->skb;

	to->hop.dev = to->route.dst->dev;
	to->hop.mtu = hasw_xmit_tunnel_mtu(p, &to->route);
	if (unlikely(!hasw_xmit_fits(p, to->hop.mtu)) && !to->route.split)
		return hasw_xmit_split(p, &to->hop, hasw_encap_output);
	if (unlikely(hasw_encap_too_many(skb, &to->route)))
		return hasw_xmit_each(p, &to->hop, hasw_encap_output);
	if (unlikely(skb_cow_head(skb, hasw_encap_room(&to->route))))
		return hasw_xmit_drop(p, HASW_STAT_DROP_MEMORY);
	hasw_xmit_forward(p);
	hasw_xmit_count(hn, hasw_encap_send(hn, skb, &to->route));
	return NF_STOLEN;
}

/* hasw_xmit_tunnel(). If @split is true, no packet is too long: an outer packet
 * that does not fit is fragmented.
 */
static unsigned int hasw_encap_to(const struct hasw_packet *p,
				  struct hasw_node *node, bool gue, bool split)
{
	bool six = p->family == HASW_HOP6;
	struct hasw_encap to = {};
	unsigned int verdict;

	if (unlikely(hasw_xmit_check(p) != NF_ACCEPT))
		return NF_DROP;
	if (!hasw_tunnel_route(p->hn, node, six, hasw_tunnel_kind(six, gue),
			       &to.route))
		return hasw_xmit_drop(p, HASW_STAT_DROP_UNRESOLVED);
	to.route.split = split;
	verdict = hasw_encap_go(p, &to);
	dst_release(to.route.dst);
	return verdict;
}

/**
 * hasw_xmit_tunnel() - sends a packet to a node inside another packet
 * @p: the packet
 * @node: the node
 * @gue: the outer packet is a UDP datagram with GUE
 *
 * The MTU for the packet is that of hasw_xmit_tunnel_mtu(). A packet that
 * exceeds this MTU is fragmented, or its sender gets an ICMP error, as from a
 * router.
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_STOLEN if the packet was taken over, NF_DROP if the packet was
 * counted as dropped.
 */
unsigned int hasw_xmit_tunnel(const struct hasw_packet *p,
			      struct hasw_node *node, bool gue)
{
	return hasw_encap_to(p, node, gue, false);
}

/**
 * hasw_xmit_tunnel_split() - sends a packet to a node inside a UDP datagram
 *	with GUE, which is fragmented if it does not fit
 * @p: the packet
 * @node: the node, which is not reached in a tunnel otherwise, so the packet's
 *	sender does not know of the smaller MTU
 *
 * Context: RCU read side, softirqs off.
 * Return: as hasw_xmit_tunnel().
 */
unsigned int hasw_xmit_tunnel_split(const struct hasw_packet *p,
				    struct hasw_node *node)
{
	return hasw_encap_to(p, node, true, true);
}

/**
 * hasw_xmit_tunnel_peek() - hasw_xmit_tunnel() for `haadm explain`
 * @p: the packet, which passed hasw_xmit_forward_peek()
 * @route: the route of the outer packet
 *
 * Context: RCU read side, softirqs off.
 * Return: the drop counter, or -1 if the packet would be sent.
 */
int hasw_xmit_tunnel_peek(const struct hasw_packet *p,
			  const struct hasw_tunnel_route *route)
{
	u32 mtu = hasw_xmit_tunnel_mtu(p, route);

	if (!hasw_xmit_fits(p, mtu))
		return hasw_xmit_split_peek(p, route->dst->dev, mtu);
	return -1;
}

/* Returns whether a packet of @len bytes fits into one outer packet, and has no
 * checksum that must be computed before encapsulation. The packet is not a GSO
 * packet.
 */
static __always_inline bool
hasw_encap_single(const struct hasw_tunnel_route *route, struct sk_buff *skb,
		  u32 len)
{
	return len <= hasw_encap_inside(route) &&
	       !hasw_encap_unsummed(route, skb);
}

/**
 * hasw_xmit_tunnel_fast() - hasw_xmit_tunnel() for the fast path
 * @p: the packet, from another machine; its headers are valid, its TTL or hop
 *	limit is above 1, and the caller has set skb->transport_header
 * @node: the node
 * @gue: the outer packet is a UDP datagram with GUE
 * @len: length in the packet's IP header; padding may follow
 *
 * A packet is sent only if it fits into one outer packet, and if the
 * neighbour's link-layer address is known. All steps that can fail precede any
 * change of the packet.
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_STOLEN if the packet was sent, or NF_ACCEPT if the packet is
 * unchanged.
 */
unsigned int hasw_xmit_tunnel_fast(const struct hasw_packet *p,
				   struct hasw_node *node, bool gue, u32 len)
{
	struct hasw_tunnel_route route;
	unsigned int verdict = NF_ACCEPT;
	bool six = p->family == HASW_HOP6;
	struct sk_buff *skb = p->skb;
	struct neighbour *neigh;

	if (unlikely(skb_is_gso(skb) ||
		     !hasw_tunnel_route(p->hn, node, six,
					hasw_tunnel_kind(six, gue), &route)))
		return NF_ACCEPT;
	neigh = hasw_tunnel_neigh(&route);
	if (unlikely(!neigh || !hasw_encap_single(&route, skb, len)))
		goto out;
	if (unlikely(!hasw_xmit_ready(skb, hasw_encap_room(&route), 0, len)))
		goto out;
	hasw_xmit_forward_fast(p);
	/* hasw_encap_offloads() cannot fail here: the packet is not GSO, and
	 * hasw_encap_single() has accepted the packet.
	 */
	hasw_encap_offloads(&route, skb);
	hasw_encap_wrap(p->hn, skb, &route);
	hasw_tunnel_out_to(skb, &route, neigh);
	verdict = NF_STOLEN;
out:
	dst_release(route.dst);
	return verdict;
}

/**
 * hasw_xmit_tunnel_fast_peek() - hasw_xmit_tunnel_fast() for `haadm explain`
 * @p: the packet
 * @route: the route of the outer packet, with a known neighbour
 * @len: length in the packet's IP header
 *
 * Context: any.
 * Return: whether the fast path sends the packet.
 */
bool hasw_xmit_tunnel_fast_peek(const struct hasw_packet *p,
				const struct hasw_tunnel_route *route, u32 len)
{
	return hasw_encap_single(route, p->skb, len);
}
