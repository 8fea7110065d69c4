/* SPDX-License-Identifier: GPL-2.0 */
/* Checks of a packet that the slow path, the fast path and explain share. */
#ifndef HASW_CHECK_H
#define HASW_CHECK_H

#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/in.h>
#include <net/ipv6.h>

#include "forward/ipip.h"
#include "forward/tunnel.h"
#include "forward/xmit.h"
#include "packet/bridge.h"
#include "packet/tuple.h"
#include "service/sched.h"

/* Martian sources: a reply to such an address would not arrive at a client. */

/**
 * hasw_martian4() - whether an IPv4 packet to a vip has a martian source
 * @saddr: source address of the packet
 * @vip: destination address of the packet
 *
 * Routing, which runs later, drops such packets as well (RFC 1812 5.3.7).
 *
 * Context: any.
 */
static inline bool hasw_martian4(__be32 saddr, __be32 vip)
{
	return saddr == vip || ipv4_is_zeronet(saddr) ||
	       ipv4_is_loopback(saddr) || ipv4_is_multicast(saddr) ||
	       ipv4_is_lbcast(saddr);
}

/**
 * hasw_martian6() - whether an IPv6 packet to a vip has a martian source
 * @saddr: source address of the packet
 * @vip: destination address of the packet
 *
 * A packet with the unspecified source is valid only for duplicate address
 * detection (RFC 4291 2.5.2).
 *
 * Context: any.
 */
static inline bool hasw_martian6(const struct in6_addr *saddr,
				 const struct in6_addr *vip)
{
	return ipv6_addr_is_multicast(saddr) || ipv6_addr_equal(saddr, vip) ||
	       ipv6_addr_any(saddr) || ipv6_addr_loopback(saddr);
}

/* Whether the packet has the vip as its source too. Such a packet never leaves
 * this node.
 */
static inline bool hasw_check_from_itself(const struct hasw_packet *p,
					  const struct hasw_vip *vip)
{
	if (p->family == HASW_HOP4)
		return ip_hdr(p->skb)->saddr == vip->addr.s6_addr32[3];
	return ipv6_addr_equal(&ipv6_hdr(p->skb)->saddr, &vip->addr);
}

/* Whether a packet of a local process would be sent to a node with the vip as
 * its source too.
 */
static __always_inline bool hasw_check_loops(const struct hasw_packet *p,
					     const struct hasw_vip *vip)
{
	return unlikely(p->local) && hasw_check_from_itself(p, vip);
}

/* Whether the frame's source address is the link-layer address of the node that
 * @hop leads to.
 */
static inline bool hasw_check_from_node(const struct sk_buff *skb,
					const struct hasw_hop *hop)
{
	return skb->dev->type == ARPHRD_ETHER && skb_mac_header_was_set(skb) &&
	       ether_addr_equal(eth_hdr(skb)->h_source, hop->eth.h.h_dest);
}

/* Whether the path leaves the packet alone. A packet from the loopback device
 * has passed LOCAL_OUT before. A unicast frame that a bridge forwards is for
 * another machine. A multicast or broadcast frame is handled: this machine's
 * stack receives it too, and the hook sees it once only.
 */
static __always_inline bool hasw_check_passes(const struct sk_buff *skb)
{
	if (unlikely(skb->dev->flags & IFF_LOOPBACK))
		return true;
	return hasw_bridge_shown(skb) &&
	       is_unicast_ether_addr(eth_hdr(skb)->h_dest) &&
	       !hasw_bridge_is_mine(skb);
}

static __always_inline bool hasw_check_martian(const struct sk_buff *skb,
					       int family)
{
	if (family == HASW_HOP4)
		return hasw_martian4(ip_hdr(skb)->saddr, ip_hdr(skb)->daddr);
	return hasw_martian6(&ipv6_hdr(skb)->saddr, &ipv6_hdr(skb)->daddr);
}

/* Whether an IPv6 packet to no vip has a v4-mapped address. In this module such
 * an address stands for an IPv4 one.
 */
static __always_inline bool hasw_check_mapped(const struct sk_buff *skb,
					      int family)
{
	return family == HASW_HOP6 &&
	       unlikely(ipv6_addr_v4mapped(&ipv6_hdr(skb)->daddr) ||
			ipv6_addr_v4mapped(&ipv6_hdr(skb)->saddr));
}

/* The member that the hash of the packet's flow selects. @away is set to the
 * flow's own member if another one gets it, and is NULL before.
 */
static __always_inline struct hasw_member *
hasw_check_hashed(const struct hasw_packet *p,
		  const struct hasw_service *service,
		  const struct hasw_members *all, struct hasw_member **away)
{
	struct hasw_tuple tuple;

	if (unlikely(!hasw_tuple_get(p->skb, p->family == HASW_HOP6, &tuple)))
		return ERR_PTR(-EINVAL);
	return hasw_sched_maglev_pick(service, all, hasw_tuple_hash(&tuple),
				      away);
}

/* The counter of a packet that gets no member, by the error of the pick. */
static __always_inline enum hasw_stat hasw_check_astray(long err)
{
	switch (err) {
	case -ENOENT:
		return HASW_STAT_DROP_NO_MEMBER;
	case -EHOSTUNREACH:
		return HASW_STAT_DROP_UNRESOLVED;
	case -ENOSPC:
	case -EEXIST:
		return HASW_STAT_DROP_MEMORY;
	}
	return HASW_STAT_DROP_MALFORMED;
}

/* The node that gets packets when no member is usable, or NULL. */
static __always_inline const struct hasw_node *
hasw_check_sorry(const struct hasw_service *service)
{
	const struct hasw_node *sorry = rcu_dereference(service->sorry);

	return sorry && hasw_word_usable(READ_ONCE(sorry->word)) ? sorry : NULL;
}

/* What is done with a packet to a vip that hasw_vip_judge() has not found to be
 * held by this node.
 */
enum hasw_not_holder {
	/* The second judgement finds that this node holds the vip. */
	HASW_NOT_HOLDER_HELD,
	/* Dropped, as this node does not hold the vip. */
	HASW_NOT_HOLDER_DROP,
	/* This node is a member, and its stack serves the packet. */
	HASW_NOT_HOLDER_LOCAL,
	/* Sent to the holder, by a local process. */
	HASW_NOT_HOLDER_DIRECT,
	/* Dropped, as the holder's link-layer address is not known. */
	HASW_NOT_HOLDER_UNRESOLVED,
	/* A stray, which is forwarded to the holder. */
	HASW_NOT_HOLDER_STRAY,
};

/**
 * struct hasw_trace_info - what the redirect trace event reports of a packet
 * @node: node that the packet is sent to, or NULL
 * @via: enum haswitch_via
 * @decision: when the node judged whether it holds the vip, ns
 * @deadline: deadline that was compared, ns; 0 if no lease of this node was
 *
 * While the event is off, functions get a constant NULL instead of a pointer to
 * this struct. The compiler then drops the code that fills it in.
 */
struct hasw_trace_info {
	const struct hasw_node *node;
	u8 via;
	u64 decision;
	u64 deadline;
};

/**
 * typedef hasw_not_holder_again_t - judges again whether this node holds a vip
 * @vip: the vip
 * @out: where the caller notes the judgement
 */
typedef bool (*hasw_not_holder_again_t)(const struct hasw_vip *vip,
					struct hasw_trace_info *out);

/**
 * struct hasw_not_holder_to - the node that gets a packet which is not served
 *	here
 * @holder: the presumed holder, or its successor; or NULL
 * @epoch: smallest epoch of the successor, else 0
 */
struct hasw_not_holder_to {
	const struct hasw_node *holder;
	u64 epoch;
};

/* Whether the holder of a vip is not known: the lease has none, or its
 * successor does not hold it yet.
 */
static __always_inline bool
hasw_not_holder_unknown(const struct hasw_node *holder)
{
	return unlikely(!holder || holder->self);
}

/* A packet from the presumed holder. @holds is false if that node is the
 * successor only.
 */
static __always_inline enum hasw_not_holder
hasw_not_holder_serve(const struct hasw_vip *vip, bool holds,
		      hasw_not_holder_again_t again,
		      struct hasw_trace_info *out)
{
	if (holds && READ_ONCE(vip->role) == HASWITCH_ROLE_MEMBER)
		return HASW_NOT_HOLDER_LOCAL;
	/* This node is no member if it has just become the holder. */
	return holds && again(vip, out) ? HASW_NOT_HOLDER_HELD :
					  HASW_NOT_HOLDER_DROP;
}

/**
 * hasw_not_holder_judge() - what is done with a packet to a vip that is not
 *	held
 * @p: the packet
 * @vip: the vip
 * @again: the second judgement
 * @out: argument of @again
 * @to: filled in
 *
 * A member serves only packets that the holder sent. A packet from a client is
 * a stray, which is forwarded to the holder or dropped. A marked stray is not
 * forwarded again, because this node knows the holder no better than its
 * sender.
 *
 * Context: RCU read side, softirqs off.
 */
static __always_inline enum hasw_not_holder
hasw_not_holder_judge(const struct hasw_packet *p, const struct hasw_vip *vip,
		      hasw_not_holder_again_t again,
		      struct hasw_trace_info *out,
		      struct hasw_not_holder_to *to)
{
	const struct sk_buff *skb = p->skb;
	const struct hasw_hop *hop;
	bool holds = true;

	to->holder = hasw_vip_holder(vip);
	to->epoch = 0;
	if (hasw_not_holder_unknown(to->holder)) {
		if (again(vip, out))
			return HASW_NOT_HOLDER_HELD;
		/* The holder may have changed since it was read. */
		to->holder = hasw_vip_holder(vip);
	}
	if (hasw_not_holder_unknown(to->holder)) {
		to->holder = hasw_vip_successor(vip, &to->epoch);
		holds = false;
		if (!to->holder || p->local)
			return HASW_NOT_HOLDER_DROP;
	}
	/* If the source is the vip too, no reply would reach this node. */
	if (p->local)
		return hasw_check_from_itself(p, vip) ? HASW_NOT_HOLDER_DROP :
							HASW_NOT_HOLDER_DIRECT;
	if (hasw_tunnel_marked(p->hn, skb))
		return HASW_NOT_HOLDER_DROP;
	if (hasw_ipip_marked(p->hn, skb))
		return hasw_not_holder_serve(vip, holds, again, out);
	hop = rcu_dereference(to->holder->hop[p->family]);
	if (unlikely(!hop))
		return HASW_NOT_HOLDER_UNRESOLVED;
	if (hasw_check_from_node(skb, hop))
		return hasw_not_holder_serve(vip, holds, again, out);
	return READ_ONCE(vip->stray) == HASWITCH_STRAY_FORWARD ?
		       HASW_NOT_HOLDER_STRAY :
		       HASW_NOT_HOLDER_DROP;
}

#endif
