/* SPDX-License-Identifier: GPL-2.0 */
/* Packets inside others between nodes: IP in IP, and UDP datagrams with GUE, where a mark says of strays what they are. */
#ifndef HASW_TUNNEL_H
#define HASW_TUNNEL_H

#include <net/dst.h>
#include <net/dst_metadata.h>
#include <net/flow.h>

#include "service/vip.h"

/**
 * struct hasw_gue_base - GUE header of what a holder sends: variant 0, no flags,
 *	nothing behind it (draft-ietf-intarea-gue, 3)
 * @variant_hlen: 0
 * @proto: IPPROTO_IPIP or IPPROTO_IPV6
 * @flags: none
 */
struct hasw_gue_base {
	u8 variant_hlen;
	u8 proto;
	__be16 flags;
} __packed __aligned(4);

/**
 * struct hasw_gue - GUE header of a stray: variant 0, no flags, private data
 * @variant_hlen: variant (0) and control bit (0), then the 32-bit words that
 *	follow the first
 * @proto: IPPROTO_IPIP or IPPROTO_IPV6
 * @flags: none
 * @mark: HASW_GUE_STRAY
 * @epoch: under which the receiver holds the lease, as the sender knows, or the
 *	smallest under which it will; 0 if the holder is fixed
 */
struct hasw_gue {
	u8 variant_hlen;
	u8 proto;
	__be16 flags;
	__be32 mark;
	__be64 epoch;
} __packed __aligned(4);

#define HASW_GUE_VARIANT_HLEN ((sizeof(struct hasw_gue) - 4) / 4)

/* "HAS", and 1: a stray. */
#define HASW_GUE_STRAY 0x48415301

/**
 * struct hasw_tunnel - where a namespace gets packets inside UDP
 * @sock4: the IPv4 socket
 * @sock6: the IPv6 socket; NULL where the kernel has IPv6 disabled
 * @mark: what marks a packet that came so, in the place of its route, until
 *	the stack finds it one; nothing in it is ever read
 */
struct hasw_tunnel {
	struct socket *sock4;
	struct socket *sock6;
	struct metadata_dst *mark;
};

/**
 * struct hasw_tunnel_way - the way to another node's address
 * @net: namespace
 * @dst: the route, held
 * @six: it is an IPv6 one
 * @kind: what goes there; of strays nobody asks
 * @fl4: the flow, if it is not
 * @fl6: the flow, if it is
 */
struct hasw_tunnel_way {
	struct net *net;
	struct dst_entry *dst;
	bool six;
	enum hasw_cover_kind kind;
	union {
		struct flowi4 fl4;
		struct flowi6 fl6;
	};
};

/* How a packet goes inside another one. */
static inline enum hasw_cover_kind hasw_tunnel_kind(bool six, bool gue)
{
	return gue ? HASW_COVER_GUE : six ? HASW_COVER_IPV6 : HASW_COVER_IPV4;
}

/* What a packet grows by at most, and the headers that it shares a datagram's
 * length with.
 */
#define HASW_TUNNEL_ROOM (sizeof(struct ipv6hdr) + sizeof(struct udphdr) + \
			  sizeof(struct hasw_gue))

/**
 * hasw_tunnel_marked() - whether a packet came inside UDP from another node
 * @hn: namespace
 * @skb: the packet, at PRE_ROUTING
 *
 * Context: RCU read side.
 */
static inline bool hasw_tunnel_marked(const struct hasw_net *hn,
				      const struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);
	const struct hasw_tunnel *tunnel;

	if (likely(!dst))
		return false;
	tunnel = rcu_dereference(hn->tunnel);
	return tunnel && dst == &tunnel->mark->dst;
}

bool hasw_tunnel_way(struct hasw_net *hn, struct sk_buff *skb,
		     const struct hasw_node *node, bool six,
		     struct hasw_tunnel_way *way);
bool hasw_tunnel_route(struct hasw_net *hn, struct hasw_node *node, bool six,
		       enum hasw_cover_kind kind, struct hasw_tunnel_way *way);
struct neighbour *hasw_tunnel_neigh(const struct hasw_tunnel_way *way);
void hasw_tunnel_out_to(struct sk_buff *skb, const struct hasw_tunnel_way *way,
			struct neighbour *neigh);
void hasw_tunnel_out(struct net *net, struct sk_buff *skb,
		     const struct hasw_tunnel_way *way);
bool hasw_tunnel_known(const struct hasw_config *cfg,
		       const struct sk_buff *skb);
struct net_device *hasw_tunnel_dev(struct net *net, struct sk_buff *skb,
				   bool six);
bool hasw_tunnel_frame(struct sk_buff *skb, const struct net_device *dev);
void hasw_tunnel_stray(struct hasw_net *hn, const struct hasw_tunnel *tunnel,
		       struct sk_buff *skb);
int hasw_tunnel_send(struct hasw_net *hn, struct sk_buff *skb,
		     const struct hasw_tunnel_way *way, u64 epoch);

#endif
