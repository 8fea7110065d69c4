// SPDX-License-Identifier: GPL-2.0
/* Neighbour discovery for IPv6 vips: only the holder of a vip advertises it. */
#include <linux/etherdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv6.h>
#include <linux/pkt_sched.h>
#include <net/addrconf.h>
#include <net/ip6_checksum.h>
#include <net/ndisc.h>
#include <net/neighbour.h>

#include "packet/bridge.h"
#include "conflict.h"
#include "nd.h"

/* Hop limit of neighbour discovery packets. A router would have decremented it,
 * so 255 proves that the sender is on the same link.
 */
#define HASW_ND_HOP_LIMIT 255

/* Offset of the ICMPv6 message. Messages are handled only if they follow the
 * IPv6 header directly.
 */
#define HASW_ND_AT sizeof(struct ipv6hdr)

/**
 * struct hasw_nd_to - the destination of an advertisement
 * @addr: destination IPv6 address
 * @lladdr: destination link-layer address
 * @solicited: value of the solicited flag; true if the advertisement is a reply
 */
struct hasw_nd_to {
	struct in6_addr addr;
	u8 lladdr[MAX_ADDR_LEN];
	bool solicited;
};

/**
 * hasw_nd_type() - returns the type of an ICMPv6 packet
 * @skb: packet; skb->data is the IPv6 header
 *
 * Context: any.
 * Return: the type; 0 if the packet is too short.
 */
static u8 hasw_nd_type(const struct sk_buff *skb)
{
	u8 buf;
	const u8 *type = skb_header_pointer(skb, HASW_ND_AT, sizeof(buf), &buf);

	return type ? *type : 0;
}

/**
 * hasw_nd_msg() - makes the fixed part of a message linear
 * @skb: packet; skb->data is the IPv6 header
 *
 * Context: any. May reallocate the packet's data.
 * Return: the message; NULL if the packet is too short, or if an allocation
 * fails.
 */
static struct nd_msg *hasw_nd_msg(struct sk_buff *skb)
{
	if (!pskb_may_pull(skb, HASW_ND_AT + sizeof(struct nd_msg)))
		return NULL;
	return (struct nd_msg *)(skb->data + HASW_ND_AT);
}

/**
 * hasw_nd_options() - walks the options of a solicitation
 * @skb: the solicitation, linear
 * @source: receives the first source link-layer address option, or NULL if
 *	there is none
 *
 * Context: any.
 * Return: whether the options are well-formed.
 */
static bool hasw_nd_options(const struct sk_buff *skb,
			    struct nd_opt_hdr **source)
{
	u8 *opt = skb->data + HASW_ND_AT + sizeof(struct nd_msg);
	u8 *end = skb_tail_pointer(skb);

	*source = NULL;
	while (opt < end) {
		struct nd_opt_hdr *hdr = (struct nd_opt_hdr *)opt;

		if (end - opt < sizeof(*hdr) || !hdr->nd_opt_len ||
		    end - opt < hdr->nd_opt_len << 3)
			return false;
		if (hdr->nd_opt_type == ND_OPT_SOURCE_LL_ADDR && !*source)
			*source = hdr;
		opt += hdr->nd_opt_len << 3;
	}
	return true;
}

/**
 * hasw_nd_check_ns() - checks whether a solicitation is valid (RFC 4861 7.1.1)
 * @skb: packet; skb->data is the IPv6 header
 * @dev: device that the packet was received on
 * @source: receives the address in the source link-layer address option, or
 *	NULL if there is no such option
 *
 * The caller leaves an invalid solicitation to the stack, which drops and
 * counts it.
 *
 * Context: softirqs off. May reallocate the packet's data.
 * Return: whether the solicitation is valid.
 */
static bool hasw_nd_check_ns(struct sk_buff *skb, struct net_device *dev,
			     const u8 **source)
{
	const struct ipv6hdr *ip6;
	const struct nd_msg *msg;
	struct nd_opt_hdr *opt;

	/* RFC 6980: a reassembled solicitation is invalid. */
	if (IP6CB(skb)->flags & IP6SKB_FRAGMENTED)
		return false;
	if (!pskb_may_pull(skb, skb->len) ||
	    nf_ip6_checksum(skb, NF_INET_PRE_ROUTING, HASW_ND_AT,
			    IPPROTO_ICMPV6))
		return false;
	ip6 = ipv6_hdr(skb);
	msg = hasw_nd_msg(skb);
	if (ip6->hop_limit != HASW_ND_HOP_LIMIT || msg->icmph.icmp6_code ||
	    ipv6_addr_is_multicast(&msg->target) ||
	    !hasw_nd_options(skb, &opt))
		return false;
	if (ipv6_addr_any(&ip6->saddr) &&
	    (opt || !ipv6_addr_is_solict_mult(&ip6->daddr)))
		return false;
	*source = opt ? ndisc_opt_addr_data(opt, dev) : NULL;
	return !opt || *source;
}

/**
 * hasw_nd_send() - sends an advertisement of a vip
 * @dev: device to send through
 * @vip: address of the vip, also the packet's source
 * @to: destination
 *
 * This function builds the frame itself, with its link-layer header.
 * ndisc_send_na() is not suitable: it sends only from addresses of the device,
 * and resolves the solicitor's link-layer address first.
 *
 * Context: RCU read side, softirqs off.
 * Return: whether the advertisement was sent.
 */
static bool hasw_nd_send(struct net_device *dev, const struct in6_addr *vip,
			 const struct hasw_nd_to *to)
{
	const struct inet6_dev *idev = __in6_dev_get(dev);
	unsigned int len = sizeof(struct nd_msg);
	struct ipv6hdr *ip6;
	struct nd_msg *msg;
	struct sk_buff *skb;

	if (!idev)
		return false;
	if (dev->addr_len)
		len += ndisc_opt_addr_space(dev, NDISC_NEIGHBOUR_ADVERTISEMENT);
	skb = alloc_skb(LL_RESERVED_SPACE(dev) + sizeof(*ip6) + len +
			dev->needed_tailroom, GFP_ATOMIC);
	if (!skb)
		return false;
	skb_reserve(skb, LL_RESERVED_SPACE(dev));
	skb->dev = dev;
	skb->protocol = htons(ETH_P_IPV6);
	skb->priority = TC_PRIO_CONTROL;

	skb_reset_network_header(skb);
	ip6 = skb_put(skb, sizeof(*ip6));
	ip6_flow_hdr(ip6, READ_ONCE(idev->cnf.ndisc_tclass), 0);
	ip6->payload_len = htons(len);
	ip6->nexthdr = IPPROTO_ICMPV6;
	ip6->hop_limit = HASW_ND_HOP_LIMIT;
	ip6->saddr = *vip;
	ip6->daddr = to->addr;

	skb_set_transport_header(skb, sizeof(*ip6));
	msg = skb_put_zero(skb, sizeof(*msg));
	msg->icmph.icmp6_type = NDISC_NEIGHBOUR_ADVERTISEMENT;
	msg->icmph.icmp6_router = !!READ_ONCE(idev->cnf.forwarding);
	msg->icmph.icmp6_solicited = to->solicited;
	msg->icmph.icmp6_override = 1;
	msg->target = *vip;
	if (dev->addr_len)
		__ndisc_fill_addr_option(skb, ND_OPT_TARGET_LL_ADDR,
					 dev->dev_addr, dev->addr_len,
					 ndisc_addr_option_pad(dev->type));
	msg->icmph.icmp6_cksum = csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len,
						 IPPROTO_ICMPV6,
						 csum_partial(msg, len, 0));

	if (dev_hard_header(skb, dev, ETH_P_IPV6, to->lladdr, dev->dev_addr,
			    skb->len) < 0) {
		kfree_skb(skb);
		return false;
	}
	dev_queue_xmit(skb);
	return true;
}

/**
 * hasw_nd_learn() - updates the neighbour entry of a solicitor, the sender of a
 *	solicitation
 * @dev: device that the solicitation was received on
 * @to: addresses of the solicitor
 *
 * No entry is created, because a node that redirects the vip's packets sends no
 * IP packets to the solicitor.
 *
 * Context: RCU read side, softirqs off.
 */
static void hasw_nd_learn(struct net_device *dev, const struct hasw_nd_to *to)
{
	struct neighbour *neigh = neigh_lookup(&nd_tbl, &to->addr, dev);

	if (!neigh)
		return;
	neigh_update(neigh, to->lladdr, NUD_STALE,
		     NEIGH_UPDATE_F_WEAK_OVERRIDE | NEIGH_UPDATE_F_OVERRIDE, 0);
	neigh_release(neigh);
}

/**
 * hasw_nd_everybody() - sets an advertisement's destination to the all-nodes
 *	group
 * @dev: device of the link
 * @to: filled in
 *
 * Context: any.
 */
static void hasw_nd_everybody(struct net_device *dev, struct hasw_nd_to *to)
{
	to->addr = in6addr_linklocal_allnodes;
	to->solicited = false;
	ndisc_mc_map(&to->addr, to->lladdr, dev, 1);
}

/* Copies a frame's source link-layer address to @lladdr, which has room for
 * MAX_ADDR_LEN bytes. Returns false if the frame has no such address.
 */
static bool hasw_nd_sender(const struct sk_buff *skb,
			   const struct net_device *dev, u8 *lladdr)
{
	return skb_mac_header_was_set(skb) &&
	       dev_parse_header(skb, lladdr) == dev->addr_len;
}

/**
 * hasw_nd_reply() - replies to a solicitation for a vip that this node holds
 * @hn: namespace
 * @skb: the solicitation, for which hasw_nd_check_ns() was true
 * @dev: device that the solicitation was received on
 * @source: address from the source link-layer address option, or NULL
 *
 * Context: RCU read side, softirqs off.
 * Return: whether an advertisement was sent.
 */
static bool hasw_nd_reply(struct hasw_net *hn, const struct sk_buff *skb,
			  struct net_device *dev, const u8 *source)
{
	const struct nd_msg *msg;
	struct hasw_nd_to to;

	if (ipv6_addr_any(&ipv6_hdr(skb)->saddr)) {
		/* The source of a duplicate address probe is the unspecified
		 * address, so the reply is multicast.
		 */
		hasw_nd_everybody(dev, &to);
	} else {
		to.addr = ipv6_hdr(skb)->saddr;
		to.solicited = true;
		/* A unicast solicitation may omit the source link-layer address
		 * option. The reply is then sent to the source address of the
		 * solicitation's frame.
		 */
		if (source)
			memcpy(to.lladdr, source, dev->addr_len);
		else if (dev->addr_len && !hasw_nd_sender(skb, dev, to.lladdr))
			return false;
		/* A reply to a multicast address would reach many hosts, so no
		 * reply is sent.
		 */
		if (ipv6_addr_is_multicast(&to.addr) ||
		    (dev->addr_len == ETH_ALEN &&
		     !is_valid_ether_addr(to.lladdr)))
			return false;
		if (source)
			hasw_nd_learn(dev, &to);
	}
	msg = (const struct nd_msg *)(skb->data + HASW_ND_AT);
	if (!hasw_nd_send(dev, &msg->target, &to))
		return false;
	hasw_stat_inc(hn, HASW_STAT_ND_ANSWERED);
	return true;
}

/**
 * hasw_nd_defend() - records that another host seems to use a vip, and
 *	announces the vip again
 * @hn: namespace
 * @skb: the other host's message, not yet validated
 * @dev: device that the message was received on
 * @vip: the vip
 *
 * A message whose hop limit is not 255 is ignored, so that no host off the link
 * can trigger announcements. A message with a wrong checksum is also ignored.
 * The limits of conflict.c apply.
 *
 * Context: RCU read side, softirqs off.
 */
static void hasw_nd_defend(struct hasw_net *hn, struct sk_buff *skb,
			   struct net_device *dev, const struct hasw_vip *vip)
{
	u8 lladdr[MAX_ADDR_LEN];

	if (ipv6_hdr(skb)->hop_limit != HASW_ND_HOP_LIMIT ||
	    nf_ip6_checksum(skb, NF_INET_PRE_ROUTING, HASW_ND_AT,
			    IPPROTO_ICMPV6) ||
	    !hasw_nd_sender(skb, dev, lladdr))
		return;
	if (hasw_conflict_seen(hn, vip, dev, lladdr))
		hasw_nd_announce(hn, dev, &vip->addr, HASW_STAT_ANNOUNCED);
}

/* Records a conflict if a solicitation for a vip that this node holds is a
 * duplicate address probe. The caller has replied to the solicitation.
 */
static void hasw_nd_probed(struct hasw_net *hn, const struct sk_buff *skb,
			   struct net_device *dev, const struct hasw_vip *vip)
{
	u8 lladdr[MAX_ADDR_LEN];

	if (ipv6_addr_any(&ipv6_hdr(skb)->saddr) &&
	    hasw_nd_sender(skb, dev, lladdr))
		hasw_conflict_seen(hn, vip, dev, lladdr);
}

/**
 * hasw_nd_bridged() - returns whether a packet is a frame that a bridge
 *	forwards to other hosts, and that br_netfilter passes to the packet
 *	hooks
 * @skb: packet
 *
 * Such a frame must reach the hosts on other bridge ports, so the hooks do not
 * drop it. If the frame is multicast, the stack of this machine receives a copy
 * of it, but the hooks do not see the copy.
 *
 * Context: any.
 */
static bool hasw_nd_bridged(const struct sk_buff *skb)
{
	return hasw_bridge_shown(skb) && !hasw_bridge_is_mine(skb);
}

/**
 * hasw_nd_in() - handles a received ICMPv6 packet, and returns a verdict
 * @hn: namespace
 * @cfg: configuration
 * @skb: packet; skb->data is the IPv6 header, and ICMPv6 follows it
 * @in: device that the packet was received on
 *
 * A packet that a device in a VRF has received is left to the stack. The stack
 * replies only for addresses of that device and of the VRF.
 *
 * Context: RCU read side, softirqs off. May reallocate the packet's data.
 * Return: NF_ACCEPT if hasw_nd_bridged() is true, even if a reply was sent.
 * Otherwise NF_STOLEN if a reply was sent; NF_DROP if the stack must not see
 * the packet; NF_ACCEPT for all other packets.
 */
unsigned int hasw_nd_in(struct hasw_net *hn, const struct hasw_config *cfg,
			struct sk_buff *skb, const struct net_device *in)
{
	u8 type = hasw_nd_type(skb);
	const struct hasw_vip *vip;
	const struct nd_msg *msg;
	const u8 *source;
	bool bridged;

	if ((type != NDISC_NEIGHBOUR_SOLICITATION &&
	     type != NDISC_NEIGHBOUR_ADVERTISEMENT) ||
	    skb->pkt_type == PACKET_LOOPBACK || unlikely(hasw_dev_in_vrf(in)))
		return NF_ACCEPT;
	msg = hasw_nd_msg(skb);
	if (!msg)
		return NF_ACCEPT;
	bridged = hasw_nd_bridged(skb);
	/* No other host is allowed to send from a vip that this node holds. The
	 * neighbour table would learn that host's link-layer address for the
	 * vip, so the packet is dropped.
	 */
	vip = hasw_vip_find6(cfg, &ipv6_hdr(skb)->saddr);
	if (vip && hasw_vip_held(vip) && !bridged) {
		hasw_nd_defend(hn, skb, skb->dev, vip);
		goto drop;
	}
	vip = hasw_vip_find6(cfg, &msg->target);
	if (!vip)
		return NF_ACCEPT;
	if (bridged && is_unicast_ether_addr(eth_hdr(skb)->h_dest))
		return NF_ACCEPT;

	if (type == NDISC_NEIGHBOUR_ADVERTISEMENT) {
		/* Another host's advertisement for a vip that this node holds
		 * is dropped, because the neighbour table must not learn from
		 * it. If this node does not hold the vip, the stack is allowed
		 * to learn the link-layer address of the vip's holder.
		 */
		if (!hasw_vip_held(vip))
			return NF_ACCEPT;
		hasw_nd_defend(hn, skb, skb->dev, vip);
		if (bridged)
			return NF_ACCEPT;
		goto drop;
	}
	if (!hasw_nd_check_ns(skb, skb->dev, &source))
		return NF_ACCEPT;
	if (hasw_vip_held(vip) && hasw_vip_faces(vip, in) &&
	    hasw_nd_reply(hn, skb, skb->dev, source)) {
		hasw_nd_probed(hn, skb, skb->dev, vip);
		if (bridged)
			return NF_ACCEPT;
		consume_skb(skb);
		return NF_STOLEN;
	}
	if (bridged)
		return NF_ACCEPT;
drop:
	hasw_stat_inc(hn, HASW_STAT_ND_DROPPED);
	return NF_DROP;
}

/**
 * hasw_nd_source() - picks the source address of solicitations on a device
 * @cfg: configuration
 * @dev: the device
 * @target: the solicited address
 * @source: receives the picked address
 *
 * The first choice is the device's link-local address, the second an address in
 * @target's subnet, the third another address of the device. Vips are never
 * picked, nor are tentative addresses that are not optimistic. The unspecified
 * address is not picked either. It would turn the solicitation into a duplicate
 * address probe, and the reply to a probe resolves nothing.
 *
 * Context: RCU read side.
 * Return: whether an address was picked.
 */
static bool hasw_nd_source(const struct hasw_config *cfg,
			   const struct net_device *dev,
			   const struct in6_addr *target,
			   struct in6_addr *source)
{
	const struct inet6_dev *idev = __in6_dev_get(dev);
	const struct inet6_ifaddr *ifa;
	unsigned int rank, best = 0;

	if (!idev)
		return false;
	list_for_each_entry_rcu(ifa, &idev->addr_list, if_list) {
		if ((ifa->flags & IFA_F_TENTATIVE &&
		     !(ifa->flags & IFA_F_OPTIMISTIC)) ||
		    hasw_vip_find6(cfg, &ifa->addr))
			continue;
		if (ipv6_addr_type(&ifa->addr) & IPV6_ADDR_LINKLOCAL)
			rank = 3;
		else if (ipv6_prefix_equal(&ifa->addr, target, ifa->prefix_len))
			rank = 2;
		else
			rank = 1;
		if (rank > best) {
			best = rank;
			*source = ifa->addr;
		}
	}
	return best;
}

/**
 * hasw_nd_rewrite() - replaces the source of a solicitation
 * @skb: the solicitation
 * @source: new source
 *
 * Context: softirqs off. Reallocates the packet's data if it is shared.
 * Return: false if the packet is too short, or if an allocation fails.
 */
static bool hasw_nd_rewrite(struct sk_buff *skb, const struct in6_addr *source)
{
	struct ipv6hdr *ip6;
	struct nd_msg *msg;

	if (skb_ensure_writable(skb, HASW_ND_AT + sizeof(*msg)))
		return false;
	ip6 = ipv6_hdr(skb);
	msg = (struct nd_msg *)(skb->data + HASW_ND_AT);
	inet_proto_csum_replace16(&msg->icmph.icmp6_cksum, skb,
				  ip6->saddr.s6_addr32, source->s6_addr32,
				  true);
	ip6->saddr = *source;
	return true;
}

/**
 * hasw_nd_out() - filters an ICMPv6 packet that this machine sends, and
 *	replaces the source of a solicitation if the source is a vip
 * @hn: namespace
 * @cfg: configuration
 * @skb: packet; skb->data is the IPv6 header, and ICMPv6 follows it
 * @out: device that the packet is sent through
 *
 * Context: RCU read side, softirqs off. May reallocate the packet's data.
 * Return: NF_ACCEPT or NF_DROP.
 */
unsigned int hasw_nd_out(struct hasw_net *hn, const struct hasw_config *cfg,
			 struct sk_buff *skb, const struct net_device *out)
{
	u8 type = hasw_nd_type(skb);
	const struct hasw_vip *vip;
	const struct nd_msg *msg;
	struct in6_addr source;

	if (type != NDISC_NEIGHBOUR_SOLICITATION &&
	    type != NDISC_NEIGHBOUR_ADVERTISEMENT)
		return NF_ACCEPT;
	msg = hasw_nd_msg(skb);
	if (!msg)
		return NF_ACCEPT;

	if (type == NDISC_NEIGHBOUR_ADVERTISEMENT) {
		vip = hasw_vip_find6(cfg, &msg->target);
		if (!vip || (hasw_vip_held(vip) && hasw_vip_faces(vip, out)))
			return NF_ACCEPT;
		goto drop;
	}
	/* The receiver of a solicitation learns the link-layer address of the
	 * solicitation's source. So a vip must not be the source of a
	 * solicitation. This rule includes the vip's holder, because it might
	 * have lost the vip by the time the solicitation arrives.
	 */
	vip = hasw_vip_find6(cfg, &ipv6_hdr(skb)->saddr);
	if (!vip)
		return NF_ACCEPT;
	if (hasw_nd_source(cfg, out, &msg->target, &source) &&
	    hasw_nd_rewrite(skb, &source)) {
		hasw_stat_inc(hn, HASW_STAT_ND_REWRITTEN);
		return NF_ACCEPT;
	}
drop:
	hasw_stat_inc(hn, HASW_STAT_ND_DROPPED);
	return NF_DROP;
}

/**
 * hasw_nd_announce() - sends an unsolicited neighbour advertisement for a vip
 * @hn: namespace
 * @dev: the device
 * @addr: the vip
 * @stat: counter to which the sent packets are added
 *
 * Context: RCU read side, softirqs off.
 * Return: number of packets sent.
 */
unsigned int hasw_nd_announce(struct hasw_net *hn, struct net_device *dev,
			      const struct in6_addr *addr, enum hasw_stat stat)
{
	struct hasw_nd_to to;

	hasw_nd_everybody(dev, &to);
	if (!hasw_nd_send(dev, addr, &to))
		return 0;
	hasw_stat_inc(hn, stat);
	return 1;
}
