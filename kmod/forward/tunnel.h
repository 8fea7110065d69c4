/* SPDX-License-Identifier: GPL-2.0 */
/* Packets between nodes are tunnelled as IP in IP or as GUE (Generic UDP
 * Encapsulation). A stray is a client's packet that a node sends on to the
 * vip's holder. A mark in the GUE header shows that the packet is a stray.
 */
#ifndef HASW_TUNNEL_H
#define HASW_TUNNEL_H

#include <net/dst.h>
#include <net/dst_metadata.h>
#include <net/flow.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/route.h>

#include "core/route.h"
#include "service/vip.h"

/**
 * struct hasw_gue_base - GUE header of a packet from a holder: variant 0, no
 *	flags, no private data (draft-ietf-intarea-gue, 3)
 * @variant_hlen: 0
 * @proto: IPPROTO_IPIP or IPPROTO_IPV6, the inner protocol
 * @flags: 0
 */
struct hasw_gue_base {
	u8 variant_hlen;
	u8 proto;
	__be16 flags;
} __packed __aligned(4);

/**
 * struct hasw_gue - GUE header of a stray: variant 0, no flags, private data
 * @variant_hlen: variant (0) and control bit (0), then the length of the header
 *	without its first 4 bytes, in 32-bit words
 * @proto: IPPROTO_IPIP or IPPROTO_IPV6, the inner protocol
 * @flags: 0
 * @mark: HASW_GUE_STRAY
 * @epoch: epoch of the receiver's grant of the vip's lease, as far as the
 *	sender knows. If the receiver is to be the next holder: the smallest
 *	epoch under which it can be granted the lease. If the vip has a fixed
 *	holder: 0.
 */
struct hasw_gue {
	u8 variant_hlen;
	u8 proto;
	__be16 flags;
	__be32 mark;
	__be64 epoch;
} __packed __aligned(4);

#define HASW_GUE_VARIANT_HLEN ((sizeof(struct hasw_gue) - 4) / 4)

/* Mark of a stray: the letters "HAS", and 1. */
#define HASW_GUE_STRAY 0x48415301

/* Size of hasw_tunnel.served. */
#define HASW_STRAYS_SERVED 256

/**
 * struct hasw_tunnel - the GUE sockets of a namespace
 * @sock4: the IPv4 socket
 * @sock6: the IPv6 socket; NULL where the kernel has IPv6 disabled
 * @mark: the dst that marks a received stray until the stack routes the stray;
 *	the content of this dst is never read
 * @served: strays that this node has sent to members in frames, by a hash of
 *	their content: the hash, and the TTL in the low byte; see
 *	hasw_stray_returns(); written by the packet path without a lock
 */
struct hasw_tunnel {
	struct socket *sock4;
	struct socket *sock6;
	struct metadata_dst *mark;
	u64 served[HASW_STRAYS_SERVED];
};

/**
 * struct hasw_tunnel_route - the route to another node's address
 * @net: namespace
 * @dst: the route, with a reference
 * @six: the route is an IPv6 route
 * @split: an outer packet that does not fit is fragmented; unused for strays
 * @kind: encapsulation of the packets that use the route; unused for strays
 * @fl4: flow key of an IPv4 route
 * @fl6: flow key of an IPv6 route
 */
struct hasw_tunnel_route {
	struct net *net;
	struct dst_entry *dst;
	bool six;
	bool split;
	enum hasw_encap_kind kind;
	union {
		struct flowi4 fl4;
		struct flowi6 fl6;
	};
};

/* Returns the encapsulation of a packet: GUE if @gue is true, otherwise IP in
 * IP. @six tells whether the inner packet is IPv6.
 */
static inline enum hasw_encap_kind hasw_tunnel_kind(bool six, bool gue)
{
	return gue ? HASW_ENCAP_GUE : six ? HASW_ENCAP_IPV6 : HASW_ENCAP_IPV4;
}

/* Returns the length of the headers of a packet from a holder to a member: the
 * outer IP header, and with @gue the UDP and GUE headers.
 */
static __always_inline u32 hasw_tunnel_header(bool six, bool gue)
{
	u32 header = six ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);

	if (gue)
		header += sizeof(struct udphdr) + sizeof(struct hasw_gue_base);
	return header;
}

/* Maximum size of the headers that encapsulation adds to a stray, bytes. The
 * UDP length field does not count the outer IP header, so hasw_tunnel_holds()
 * is slightly stricter than necessary.
 */
#define HASW_TUNNEL_ROOM (sizeof(struct ipv6hdr) + sizeof(struct udphdr) + \
			  sizeof(struct hasw_gue))

/* Returns whether a stray and its added headers fit into a UDP datagram, whose
 * length field has 16 bits.
 */
static inline bool hasw_tunnel_holds(const struct sk_buff *skb)
{
	return skb->len + HASW_TUNNEL_ROOM <= U16_MAX;
}

/**
 * hasw_tunnel_of_stray() - returns the sockets by which a stray was received
 * @hn: namespace
 * @skb: the packet, at PRE_ROUTING
 *
 * Context: RCU read side.
 * Return: the sockets, or NULL if the packet is no stray that another node
 * sent.
 */
static inline struct hasw_tunnel *
hasw_tunnel_of_stray(const struct hasw_net *hn, const struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);
	struct hasw_tunnel *tunnel;

	if (likely(!dst))
		return NULL;
	tunnel = rcu_dereference(hn->tunnel);
	return tunnel && dst == &tunnel->mark->dst ? tunnel : NULL;
}

/**
 * hasw_tunnel_marked() - returns whether a packet is a stray that another node
 *	sent
 * @hn: namespace
 * @skb: the packet, at PRE_ROUTING
 *
 * Context: RCU read side.
 */
static inline bool hasw_tunnel_marked(const struct hasw_net *hn,
				      const struct sk_buff *skb)
{
	return hasw_tunnel_of_stray(hn, skb);
}

/**
 * hasw_tunnel_find() - finds a route to a node, in the packet's address family
 *	or else in the other family
 * @hn: namespace
 * @node: the node
 * @six: the packet is an IPv6 packet, so an IPv6 route is preferred
 * @route: receives the route; the caller releases route->dst
 * @find4: finds an IPv4 route from an own address to an address of the node;
 *	returns 0 or a negative errno
 * @find6: like @find4, but for an IPv6 route
 * @arg: passed to @find4 and @find6
 *
 * The source address is the configured address of this node, so the other nodes
 * recognise the sender. The compiler inlines @find4 and @find6.
 *
 * Context: RCU read side, softirqs off.
 * Return: whether there is a route that does not lead to this machine.
 */
static __always_inline bool
hasw_tunnel_find(struct hasw_net *hn, const struct hasw_node *node, bool six,
		 struct hasw_tunnel_route *route,
		 int (*find4)(struct hasw_tunnel_route *route, void *arg,
			      __be32 to, __be32 from),
		 int (*find6)(struct hasw_tunnel_route *route, void *arg,
			      const struct in6_addr *to,
			      const struct in6_addr *from),
		 void *arg)
{
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	const struct hasw_node *self = READ_ONCE(cfg->self);
	struct hasw_addrs to, from = {};
	int i, err = -EHOSTUNREACH;

	hasw_node_addrs(node, &to);
	if (self)
		hasw_node_addrs(self, &from);
	route->net = hn->net;
	/* If an IPsec policy blocks the packet in one address family, the
	 * packet is not sent in the other family either.
	 */
	for (i = 0; i < 2 && err == -EHOSTUNREACH; i++, six = !six) {
		if (six && to.has6 && (!self || from.has6))
			err = find6(route, arg, &to.addr6, &from.addr6);
		else if (!six && to.has4 && (!self || from.has4))
			err = find4(route, arg, to.addr4, from.addr4);
	}
	if (err)
		return false;
	/* If the node's address is an address of this machine, the packet would
	 * come back to this machine.
	 */
	if (!hasw_route_is_home(route->dst))
		return true;
	dst_release(route->dst);
	return false;
}

/**
 * hasw_tunnel_header4() - adds the outer IPv4 header
 * @route: the route
 * @skb: the packet, with headroom for the header
 * @proto: the header's protocol
 * @tos: the header's TOS
 * @whole: the header has DF
 *
 * The header's length and checksum are set later, when the packet is sent. A
 * packet with DF needs no identification (RFC 6864), whose counter all CPUs
 * share.
 *
 * Context: any.
 */
static inline void hasw_tunnel_header4(const struct hasw_tunnel_route *route,
				       struct sk_buff *skb, u8 proto, u8 tos,
				       bool whole)
{
	struct iphdr *iph = __skb_push(skb, sizeof(*iph));

	skb_reset_network_header(skb);
	iph->version = 4;
	iph->ihl = sizeof(*iph) / 4;
	iph->tos = tos;
	iph->frag_off = whole ? htons(IP_DF) : 0;
	iph->ttl = ip4_dst_hoplimit(route->dst);
	iph->protocol = proto;
	iph->saddr = route->fl4.saddr;
	iph->daddr = route->fl4.daddr;
	if (whole)
		iph->id = 0;
	else
		__ip_select_ident(route->net, iph,
				  skb_shinfo(skb)->gso_segs ?: 1);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	skb->protocol = htons(ETH_P_IP);
}

/**
 * hasw_tunnel_header6() - adds the outer IPv6 header
 * @route: the route
 * @skb: the packet, with headroom for the header
 * @proto: the header's next header
 * @tos: the header's traffic class
 *
 * The header's length is set later, when the packet is sent. If the outer
 * packet exceeds the MTU, this node fragments it, because routers do not
 * fragment IPv6 packets.
 *
 * Context: any.
 */
static inline void hasw_tunnel_header6(const struct hasw_tunnel_route *route,
				       struct sk_buff *skb, u8 proto, u8 tos)
{
	struct ipv6hdr *ip6 = __skb_push(skb, sizeof(*ip6));

	skb_reset_network_header(skb);
	ip6_flow_hdr(ip6, tos, 0);
	ip6->nexthdr = proto;
	ip6->hop_limit = ip6_dst_hoplimit(route->dst);
	ip6->saddr = route->fl6.saddr;
	ip6->daddr = route->fl6.daddr;
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	skb->protocol = htons(ETH_P_IPV6);
	skb->ignore_df = 1;
}

bool hasw_stray_route(struct hasw_net *hn, struct sk_buff *skb,
		      const struct hasw_node *node, bool six,
		      struct hasw_tunnel_route *route);
bool hasw_tunnel_route(struct hasw_net *hn, struct hasw_node *node, bool six,
		       enum hasw_encap_kind kind,
		       struct hasw_tunnel_route *route);
struct neighbour *hasw_tunnel_neigh(const struct hasw_tunnel_route *route);
void hasw_tunnel_out_to(struct sk_buff *skb,
			const struct hasw_tunnel_route *route,
			struct neighbour *neigh);
void hasw_tunnel_out(struct net *net, struct sk_buff *skb,
		     const struct hasw_tunnel_route *route);
bool hasw_tunnel_known(const struct hasw_config *cfg,
		       const struct sk_buff *skb);
struct net_device *hasw_tunnel_dev(struct net *net, struct sk_buff *skb,
				   bool six);
bool hasw_tunnel_land(struct net *net, struct sk_buff *skb, bool six, u8 outer);
void hasw_tunnel_stray(struct hasw_net *hn, const struct hasw_tunnel *tunnel,
		       struct sk_buff *skb);
int hasw_tunnel_send(struct hasw_net *hn, struct sk_buff *skb,
		     const struct hasw_tunnel_route *route, u64 epoch);

#endif
