/* SPDX-License-Identifier: GPL-2.0 */
/* Packet checks, used by the slow path, the fast path and `haadm explain`. A
 * stray is a client's packet that has reached a node that does not hold the
 * vip. That node marks the stray and forwards it to the holder, or drops it.
 */
#ifndef HASW_CHECK_H
#define HASW_CHECK_H

#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/in.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "flow/client_source.h"
#include "forward/ipip.h"
#include "forward/tunnel.h"
#include "forward/xmit.h"
#include "packet/bridge.h"
#include "packet/tuple.h"
#include "service/sched.h"

/* A martian source is a source address that no remote client can have. */

/**
 * hasw_martian4() - whether an IPv4 packet to a vip has a martian source
 * @saddr: source address of the packet
 * @vip: destination address of the packet
 *
 * The kernel's routing, which runs after this check, also drops packets with a
 * martian source (RFC 1812 5.3.7).
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

/* Returns whether the source of a packet has to be validated by the device that
 * has received the packet. A local packet was received by no device. The source
 * of a stray, and of a packet that a holder has sent in a tunnel, was validated
 * by the node that received the packet from the client.
 */
static inline bool hasw_check_comes_in(const struct hasw_packet *p)
{
	return p->family == HASW_HOP4 && !p->local &&
	       !hasw_tunnel_marked(p->hn, p->skb) &&
	       !hasw_ipip_marked(p->hn, p->skb);
}

/* Returns whether a packet's source is valid. This is checked before this node
 * rejects a packet, or forwards it as a stray; hasw_flow_pick() checks it for
 * new flows. The source of a stateless packet to a member is not checked,
 * neither on the slow path nor on the fast path, where the check would cost
 * each packet a route lookup.
 */
static inline bool hasw_check_source(const struct hasw_packet *p)
{
	return !hasw_check_comes_in(p) ||
	       hasw_client_source_valid(p->hn, rcu_dereference(p->hn->config),
					p->skb);
}

/* Returns whether a packet to the vip also has the vip as its source. This node
 * sends such a packet to another node only via nat, which replaces the source.
 */
static inline bool hasw_check_from_itself(const struct hasw_packet *p,
					  const struct hasw_vip *vip)
{
	if (p->family == HASW_HOP4)
		return ip_hdr(p->skb)->saddr == vip->addr.s6_addr32[3];
	return ipv6_addr_equal(&ipv6_hdr(p->skb)->saddr, &vip->addr);
}

/* Returns whether a packet to the vip is from a local process and also has the
 * vip as its source. Such a packet must not be sent to another node, unless via
 * nat, which replaces the source.
 */
static __always_inline bool hasw_check_loops(const struct hasw_packet *p,
					     const struct hasw_vip *vip)
{
	return unlikely(p->local) && hasw_check_from_itself(p, vip);
}

/* Returns whether the frame's source address is a link-layer address of @node:
 * the one to which this machine sends by @hop, or one that the node's
 * heartbeats list. A node with several cards, or with a bond that balances its
 * frames, uses more than one. A listed address counts only on a device that the
 * vip faces, or by which this machine reaches the node: elsewhere, as behind a
 * container's device, anyone could use the address. @hop is NULL while it is
 * being resolved.
 */
static inline bool hasw_check_from_node(const struct sk_buff *skb,
					const struct hasw_vip *vip,
					const struct hasw_node *node,
					const struct hasw_hop *hop)
{
	if (skb->dev->type != ARPHRD_ETHER || !skb_mac_header_was_set(skb))
		return false;
	if (likely(hop && ether_addr_equal(eth_hdr(skb)->h_source,
					   hop->eth.h.h_dest)))
		return true;
	return hasw_lladdrs_have(node->lladdrs, eth_hdr(skb)->h_source) &&
	       ((hop && hop->dev == skb->dev) || hasw_vip_faces(vip, skb->dev));
}

/* Returns whether the slow path passes the packet to the stack without handling
 * it. A packet from the loopback device is passed, because the hook at
 * LOCAL_OUT has already handled it. A unicast frame that a bridge forwards to
 * another machine is also passed. A bridged multicast or broadcast frame is
 * handled: this machine's stack also receives such a frame, but the hook sees
 * the frame only once.
 */
static __always_inline bool hasw_check_passes(const struct sk_buff *skb)
{
	if (unlikely(skb->dev->flags & IFF_LOOPBACK))
		return true;
	return hasw_bridge_shown(skb) &&
	       is_unicast_ether_addr(eth_hdr(skb)->h_dest) &&
	       !hasw_bridge_is_mine(skb);
}

/* Returns whether a packet to a vip is dropped because a device in a VRF has
 * received it. No vip is held in a VRF, and another host of the VRF may have the
 * same address, so the stack gets the packet. But the kernel consults the local
 * addresses outside of all VRFs first, unless the administrator has moved that
 * rule. So if the vip is one of these addresses, the stack could deliver the
 * packet while this node does not hold the vip, and the packet is dropped.
 */
static inline bool hasw_check_vrf_drops(const struct hasw_packet *p)
{
	if (p->family == HASW_HOP4)
		return inet_addr_type(p->hn->net, ip_hdr(p->skb)->daddr) ==
		       RTN_LOCAL;
	return hasw_xmit_is_local(p);
}

static __always_inline bool hasw_check_martian(const struct sk_buff *skb,
					       int family)
{
	if (family == HASW_HOP4)
		return hasw_martian4(ip_hdr(skb)->saddr, ip_hdr(skb)->daddr);
	return hasw_martian6(&ipv6_hdr(skb)->saddr, &ipv6_hdr(skb)->daddr);
}

/* Returns whether an IPv6 packet to no vip has a v4-mapped address. Such a
 * packet is not handled, because this module would mistake the address for an
 * IPv4 address.
 */
static __always_inline bool hasw_check_mapped(const struct sk_buff *skb,
					      int family)
{
	return family == HASW_HOP6 &&
	       unlikely(ipv6_addr_v4mapped(&ipv6_hdr(skb)->daddr) ||
			ipv6_addr_v4mapped(&ipv6_hdr(skb)->saddr));
}

/* Returns the member that the hash of the packet's flow selects. If the
 * selected member is unusable, or held (its node waits for failback), another
 * member may get the flow. This function then returns that other member, and
 * sets *@away to the selected member. The caller has set *@away to NULL.
 * Returns NULL if no member is usable, and ERR_PTR(-EINVAL) if the packet is
 * truncated.
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

/* Returns the drop counter to increment for a packet for which no member was
 * picked because of the error @err.
 */
static __always_inline enum hasw_stat hasw_check_astray(long err)
{
	switch (err) {
	case -ENOENT:
		return HASW_STAT_DROP_NO_MEMBER;
	case -EHOSTUNREACH:
		return HASW_STAT_DROP_UNRESOLVED;
	case -EXDEV:
		return HASW_STAT_DROP_SOURCE;
	case -ENOMEM:
		return HASW_STAT_DROP_MEMORY;
	case -ENOSPC:
		return HASW_STAT_DROP_FLOW_FULL;
	case -EADDRNOTAVAIL:
		return HASW_STAT_DROP_FLOW_PORTS;
	case -EEXIST:
		return HASW_STAT_DROP_FLOW_ALIKE;
	}
	return HASW_STAT_DROP_MALFORMED;
}

/* Returns the sorry node, which gets packets when no member is usable; or NULL
 * if there is no usable sorry node.
 */
static __always_inline struct hasw_node *
hasw_check_sorry(const struct hasw_service *service)
{
	struct hasw_node *sorry = rcu_dereference(service->sorry);

	return sorry && hasw_word_usable(READ_ONCE(sorry->word)) ? sorry : NULL;
}

/* What happens to a packet to a vip, after hasw_vip_judge() has found that this
 * node does not hold the vip.
 */
enum hasw_not_holder {
	/* A second check finds that this node holds the vip after all, see
	 * hasw_vip_judge_again().
	 */
	HASW_NOT_HOLDER_HELD,
	/* The packet is dropped, because this node neither holds the vip nor
	 * forwards the packet.
	 */
	HASW_NOT_HOLDER_DROP,
	/* This node is a member, and its stack serves the packet. */
	HASW_NOT_HOLDER_LOCAL,
	/* The packet is from a local process, and is sent to the holder. */
	HASW_NOT_HOLDER_DIRECT,
	/* The packet is dropped, because the holder's link-layer address is not
	 * known.
	 */
	HASW_NOT_HOLDER_UNRESOLVED,
	/* The packet is a stray, and is forwarded to the holder. */
	HASW_NOT_HOLDER_STRAY,
	/* The packet is left to the stack, which forwards it: a container of
	 * this machine has sent it.
	 */
	HASW_NOT_HOLDER_PASSED,
};

/**
 * struct hasw_trace_info - values that the redirect trace event reports about a
 *	packet
 * @node: node that the packet is sent to, or NULL
 * @via: enum haswitch_via
 * @decision: when this node judged whether it holds the vip, ns
 * @deadline: deadline of this node's grant, which was compared with the clock,
 *	ns; 0 if no deadline was compared
 *
 * While the event is off, functions get a constant NULL instead of a pointer to
 * this struct. The compiler then removes the code that fills in the struct.
 */
struct hasw_trace_info {
	const struct hasw_node *node;
	u8 via;
	u64 decision;
	u64 deadline;
};

/**
 * typedef hasw_not_holder_again_t - checks again whether this node holds a vip
 * @vip: the vip
 * @out: receives the time of the check and the deadline that was compared with
 *	this time; NULL only if the function supports NULL
 */
typedef bool (*hasw_not_holder_again_t)(const struct hasw_vip *vip,
					struct hasw_trace_info *out);

/**
 * struct hasw_not_holder_to - holder or successor of a vip that this node does
 *	not hold
 * @holder: known holder of the vip; if no holder is known, the successor, to
 *	which this node has handed the vip over; or NULL
 * @epoch: if @holder is a successor, the smallest epoch under which the
 *	successor can hold the vip; else 0
 */
struct hasw_not_holder_to {
	const struct hasw_node *holder;
	u64 epoch;
};

/* Returns whether no other node is known as the holder of a vip. @holder is the
 * result of hasw_vip_holder(), which may be NULL or this node.
 */
static __always_inline bool
hasw_not_holder_unknown(const struct hasw_node *holder)
{
	return unlikely(!holder || holder->self);
}

/* Decides on a packet that hasw_not_holder_to.holder has sent to this node.
 * @holds is false if that node is only the successor, and not the holder yet.
 */
static __always_inline enum hasw_not_holder
hasw_not_holder_serve(const struct hasw_vip *vip, bool holds,
		      hasw_not_holder_again_t again,
		      struct hasw_trace_info *out)
{
	if (holds && READ_ONCE(vip->role) == HASWITCH_ROLE_MEMBER)
		return HASW_NOT_HOLDER_LOCAL;
	/* This node may just have become the holder of the vip, so check again.
	 * A member need not check again, because it serves the packet in either
	 * case.
	 */
	return holds && again(vip, out) ? HASW_NOT_HOLDER_HELD :
					  HASW_NOT_HOLDER_DROP;
}

/**
 * hasw_not_holder_judge() - decides what is done with a packet to a vip that
 *	this node does not hold
 * @p: the packet
 * @vip: the vip
 * @again: callback that checks again whether this node holds the vip; this node
 *	may just have become the holder
 * @out: passed to @again
 * @to: receives the holder or successor
 *
 * A member serves only packets that the holder has sent to it. A packet that a
 * client has sent to this node is a stray, which is forwarded to the holder or
 * dropped. A marked stray is not forwarded again, because this node knows the
 * holder no better than the stray's sender. What comes by a device that the vip
 * does not face is no stray if the stack forwards it to the vip's link.
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
		/* The holder may have changed since to->holder was set. */
		to->holder = hasw_vip_holder(vip);
	}
	if (hasw_not_holder_unknown(to->holder)) {
		to->holder = hasw_vip_successor(vip, &to->epoch);
		holds = false;
		if (!to->holder || p->local)
			return HASW_NOT_HOLDER_DROP;
	}
	/* A local packet with the vip as its source is dropped, because no
	 * reply would reach this node.
	 */
	if (p->local)
		return hasw_check_from_itself(p, vip) ? HASW_NOT_HOLDER_DROP :
							HASW_NOT_HOLDER_DIRECT;
	if (hasw_tunnel_marked(p->hn, skb))
		return HASW_NOT_HOLDER_DROP;
	if (hasw_ipip_marked(p->hn, skb))
		return hasw_not_holder_serve(vip, holds, again, out);
	hop = rcu_dereference(to->holder->hop[p->family]);
	if (hasw_check_from_node(skb, vip, to->holder, hop))
		return hasw_not_holder_serve(vip, holds, again, out);
	if (hasw_xmit_routed(p, vip))
		return HASW_NOT_HOLDER_PASSED;
	if (unlikely(!hop))
		return HASW_NOT_HOLDER_UNRESOLVED;
	return READ_ONCE(vip->stray) == HASWITCH_STRAY_FORWARD ?
		       HASW_NOT_HOLDER_STRAY :
		       HASW_NOT_HOLDER_DROP;
}

#endif
