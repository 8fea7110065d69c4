// SPDX-License-Identifier: GPL-2.0
/* ARP for IPv4 vips: only the holder of a vip announces it and replies for it.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/inetdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_arp.h>
#include <linux/netfilter_ipv4.h>
#include <net/arp.h>
#include <net/neighbour.h>
#include <net/route.h>
#include <net/rtnetlink.h>

#include "arp.h"
#include "conflict.h"
#include "core/route.h"

/**
 * struct hasw_arp - the parsed fields of an ARP packet
 * @op: operation, network byte order
 * @sha: sender hardware address; points into the packet
 * @spa: sender IPv4 address
 * @tpa: target IPv4 address
 * @spa_at: offset of the sender IPv4 address from the start of the ARP header
 *
 * @sha is valid until the packet's data is reallocated.
 */
struct hasw_arp {
	__be16 op;
	u8 *sha;
	__be32 spa;
	__be32 tpa;
	unsigned int spa_at;
};

/**
 * hasw_arp_parse() - parses an ARP packet
 * @skb: packet; skb->data is at or before the ARP header
 * @dev: device on which the packet was received or is sent
 * @arp: filled in
 *
 * Context: RCU read side, softirqs off. May reallocate the packet's data.
 * Return: whether @skb is a complete ARP packet for IPv4. The stack drops any
 * other packet.
 */
static bool hasw_arp_parse(struct sk_buff *skb, const struct net_device *dev,
			   struct hasw_arp *arp)
{
	/* ARP over IEEE 1394 (RFC 2734) has no target hardware address. */
	unsigned int tha_len = dev->type == ARPHRD_IEEE1394 ? 0 : dev->addr_len;
	unsigned int len = sizeof(struct arphdr) + dev->addr_len + tha_len +
			   2 * sizeof(__be32);
	const struct arphdr *hdr;
	u8 *field;

	if (!pskb_may_pull(skb, skb_network_offset(skb) + len))
		return false;
	hdr = arp_hdr(skb);
	if (hdr->ar_hln != dev->addr_len || hdr->ar_pln != sizeof(__be32) ||
	    hdr->ar_pro != htons(ETH_P_IP))
		return false;

	field = (u8 *)(hdr + 1);
	arp->op = hdr->ar_op;
	arp->sha = field;
	field += dev->addr_len;
	arp->spa_at = field - (u8 *)hdr;
	memcpy(&arp->spa, field, sizeof(arp->spa));
	field += sizeof(arp->spa) + tha_len;
	memcpy(&arp->tpa, field, sizeof(arp->tpa));
	return true;
}

/**
 * hasw_arp_learn() - updates the neighbour entry of the sender of a request
 * @dev: device that the request was received on
 * @arp: the request
 *
 * The stack does not see the request, because this module replies in its place.
 * So the module also updates the entry. No entry is created, because a node
 * that redirects the vip's packets sends no IP packets to the requester.
 *
 * Context: RCU read side, softirqs off.
 */
static void hasw_arp_learn(struct net_device *dev, const struct hasw_arp *arp)
{
	struct neighbour *neigh;

	if (!arp->spa)
		return;
	neigh = neigh_lookup(&arp_tbl, &arp->spa, dev);
	if (!neigh)
		return;
	neigh_update(neigh, arp->sha, NUD_STALE, NEIGH_UPDATE_F_OVERRIDE, 0);
	neigh_release(neigh);
}

/**
 * hasw_arp_reply() - replies to a request for a vip that this node holds
 * @hn: namespace
 * @dev: device that the request was received on
 * @arp: the request
 *
 * The function also replies to an address probe (RFC 5227), whose sender
 * address is 0.
 *
 * Context: RCU read side, softirqs off.
 * Return: whether a reply was sent.
 */
static bool hasw_arp_reply(struct hasw_net *hn, struct net_device *dev,
			   const struct hasw_arp *arp)
{
	struct sk_buff *reply;

	/* A reply to a multicast hardware address would reach many hosts, so no
	 * reply is sent.
	 */
	if (dev->addr_len == ETH_ALEN && !is_valid_ether_addr(arp->sha))
		return false;
	reply = arp_create(ARPOP_REPLY, ETH_P_ARP, arp->spa, dev, arp->tpa,
			   arp->sha, dev->dev_addr, arp->sha);
	if (!reply)
		return false;
	hasw_arp_learn(dev, arp);
	arp_xmit(reply);
	hasw_stat_inc(hn, HASW_STAT_ARP_ANSWERED);
	return true;
}

/* Records that another host uses a vip that this node holds. Announces the vip
 * again on @dev if the limits of conflict.c allow this. RCU read side, softirqs
 * off.
 */
static void hasw_arp_defend(struct hasw_net *hn, const struct hasw_vip *vip,
			    struct net_device *dev, const struct hasw_arp *arp)
{
	if (hasw_conflict_seen(hn, vip, dev, arp->sha))
		hasw_arp_announce(hn, dev, arp->spa, HASW_STAT_ANNOUNCED);
}

/* Handles an ARP packet that a device in a VRF has received. Another host of the
 * VRF may have an address that is a vip outside of it, so the neighbour table
 * may learn from the packet. But the kernel consults the local addresses outside
 * of all VRFs first, unless the administrator has moved that rule. So the stack
 * must not reply to a request for a vip that is one of these addresses. RCU read
 * side, softirqs off.
 */
static unsigned int hasw_arp_vrf(struct hasw_net *hn,
				 const struct hasw_config *cfg,
				 const struct hasw_arp *arp)
{
	if (arp->op != htons(ARPOP_REQUEST) || arp->spa == arp->tpa)
		return NF_ACCEPT;
	if (hasw_vip_find4(cfg, arp->tpa) ?
	    inet_addr_type(hn->net, arp->tpa) != RTN_LOCAL :
	    !hasw_route_early4(hn, arp->tpa))
		return NF_ACCEPT;
	hasw_stat_inc(hn, HASW_STAT_ARP_DROPPED);
	return NF_DROP;
}

static unsigned int hasw_arp_in(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	struct hasw_net *hn = hasw_net_of(state->net);
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	const struct hasw_vip *vip;
	struct hasw_arp arp;

	if (!cfg || !hasw_arp_parse(skb, state->in, &arp))
		return NF_ACCEPT;
	if (unlikely(hasw_dev_in_vrf(state->in)))
		return hasw_arp_vrf(hn, cfg, &arp);

	/* Another host's reply or gratuitous request for a vip that this node
	 * holds is dropped, because the neighbour table must not learn from it.
	 * If this node does not hold the vip, the stack is allowed to learn the
	 * link-layer address of the vip's holder.
	 */
	if (arp.op == htons(ARPOP_REPLY) || arp.spa == arp.tpa) {
		vip = hasw_vip_find4(cfg, arp.spa);
		if (!vip || !hasw_vip_held(vip))
			return NF_ACCEPT;
		hasw_arp_defend(hn, vip, state->in, &arp);
		goto drop;
	}
	if (arp.op != htons(ARPOP_REQUEST))
		return NF_ACCEPT;
	/* No other host is allowed to send requests whose sender address is a
	 * vip that this node holds, so such a request is dropped.
	 */
	vip = hasw_vip_find4(cfg, arp.spa);
	if (vip && hasw_vip_held(vip)) {
		hasw_arp_defend(hn, vip, state->in, &arp);
		goto drop;
	}
	vip = hasw_vip_find4(cfg, arp.tpa);
	if (!vip && !hasw_route_early4(hn, arp.tpa))
		return NF_ACCEPT;
	if (vip && hasw_vip_held(vip) && hasw_vip_faces(vip, state->in) &&
	    hasw_arp_reply(hn, state->in, &arp)) {
		/* A request from address 0 is an address probe: another host
		 * wants to use the vip, which is a conflict.
		 */
		if (!arp.spa)
			hasw_conflict_seen(hn, vip, state->in, arp.sha);
		consume_skb(skb);
		return NF_STOLEN;
	}
drop:
	hasw_stat_inc(hn, HASW_STAT_ARP_DROPPED);
	return NF_DROP;
}

/**
 * hasw_arp_source() - picks the sender address of ARP requests on a device
 * @net: namespace
 * @cfg: configuration
 * @dev: the device
 * @target: the requested address
 *
 * Context: RCU read side.
 * Return: the first of these addresses that exists and is not a vip: an address
 * of @dev in @target's subnet; any address of @dev; the choice of
 * inet_select_addr(). Addresses with host scope are skipped. If no such address
 * exists, the function returns 0. The request then becomes an address probe
 * (RFC 5227), to which every conforming host replies.
 */
static __be32 hasw_arp_source(struct net *net, const struct hasw_config *cfg,
			      const struct net_device *dev, __be32 target)
{
	const struct in_device *in_dev = __in_dev_get_rcu(dev);
	const struct in_ifaddr *ifa;
	__be32 first = 0;

	if (!in_dev)
		return 0;
	in_dev_for_each_ifa_rcu(ifa, in_dev) {
		if (ifa->ifa_scope > RT_SCOPE_LINK ||
		    hasw_vip_find4(cfg, ifa->ifa_local))
			continue;
		if (inet_ifa_match(target, ifa))
			return ifa->ifa_local;
		if (!first)
			first = ifa->ifa_local;
	}
	if (first)
		return first;
	first = inet_select_addr(dev, target, RT_SCOPE_LINK);
	return hasw_vip_find4(cfg, first) ? 0 : first;
}

/**
 * hasw_arp_rewrite() - replaces the sender address of a request
 * @skb: the request
 * @arp: the parsed request
 * @spa: new sender address
 *
 * Context: softirqs off. Reallocates the packet's data if it is shared.
 * Return: false if the packet is too short, or if an allocation fails.
 */
static bool hasw_arp_rewrite(struct sk_buff *skb, const struct hasw_arp *arp,
			     __be32 spa)
{
	unsigned int end = skb_network_offset(skb) + arp->spa_at + sizeof(spa);

	if (skb_ensure_writable(skb, end))
		return false;
	memcpy(skb_network_header(skb) + arp->spa_at, &spa, sizeof(spa));
	return true;
}

static unsigned int hasw_arp_out(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	struct hasw_net *hn = hasw_net_of(state->net);
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	unsigned int verdict = NF_ACCEPT;
	const struct hasw_vip *vip;
	struct hasw_arp arp;

	/* The hook also runs in process context, when userspace sets a device
	 * up. Softirqs are disabled here, because the statistics counters
	 * require it.
	 */
	local_bh_disable();
	if (!cfg || !hasw_arp_parse(skb, state->out, &arp) || !arp.spa)
		goto out;
	vip = hasw_vip_find4(cfg, arp.spa);
	if (!vip)
		goto out;

	/* Only the holder is allowed to send replies and announcements. */
	if (arp.op != htons(ARPOP_REQUEST) || arp.spa == arp.tpa) {
		if (hasw_vip_held(vip) && hasw_vip_faces(vip, state->out))
			goto out;
		verdict = NF_DROP;
		hasw_stat_inc(hn, HASW_STAT_ARP_DROPPED);
		goto out;
	}

	/* The receiver of a request learns the link-layer address of the
	 * request's sender. So a vip must not be the sender address of a
	 * request. This rule includes the vip's holder, because it might have
	 * lost the vip by the time the request arrives.
	 */
	if (hasw_arp_rewrite(skb, &arp, hasw_arp_source(hn->net, cfg,
							state->out,
							arp.tpa))) {
		hasw_stat_inc(hn, HASW_STAT_ARP_REWRITTEN);
	} else {
		verdict = NF_DROP;
		hasw_stat_inc(hn, HASW_STAT_ARP_DROPPED);
	}
out:
	local_bh_enable();
	return verdict;
}

static const struct nf_hook_ops hasw_arp_ops[] = {
	{
		.hook = hasw_arp_in,
		.pf = NFPROTO_ARP,
		.hooknum = NF_ARP_IN,
		.priority = NF_IP_PRI_FIRST,
	},
	{
		/* This hook is last, so no other hook changes the packet after
		 * the check.
		 */
		.hook = hasw_arp_out,
		.pf = NFPROTO_ARP,
		.hooknum = NF_ARP_OUT,
		.priority = NF_IP_PRI_LAST,
	},
};

/**
 * hasw_arp_hook() - registers the ARP hooks of a namespace
 * @hn: namespace
 *
 * Context: process, hn->mutex held.
 * Return: 0 or a negative errno.
 */
int hasw_arp_hook(struct hasw_net *hn)
{
	lockdep_assert_held(&hn->mutex);
	return nf_register_net_hooks(hn->net, hasw_arp_ops,
				     ARRAY_SIZE(hasw_arp_ops));
}

/**
 * hasw_arp_unhook() - unregisters the ARP hooks of a namespace
 * @hn: namespace
 *
 * Context: process, hn->mutex held.
 */
void hasw_arp_unhook(struct hasw_net *hn)
{
	lockdep_assert_held(&hn->mutex);
	nf_unregister_net_hooks(hn->net, hasw_arp_ops,
				ARRAY_SIZE(hasw_arp_ops));
}

/**
 * hasw_arp_announce() - sends gratuitous ARP for a vip on a device
 * @hn: namespace
 * @dev: the device
 * @addr: the vip
 * @stat: counter to which the sent frames are added
 *
 * Some receivers accept only a gratuitous request (RFC 5227 3). Others accept
 * only a gratuitous reply, whose target is the sender itself (RFC 5944 4.6). So
 * both are sent.
 *
 * Context: RCU read side, softirqs off.
 * Return: number of frames sent.
 */
unsigned int hasw_arp_announce(struct hasw_net *hn, struct net_device *dev,
			       __be32 addr, enum hasw_stat stat)
{
	static const int ops[] = { ARPOP_REQUEST, ARPOP_REPLY };
	unsigned int i, sent = 0;
	struct sk_buff *skb;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		skb = arp_create(ops[i], ETH_P_ARP, addr, dev, addr, NULL,
				 dev->dev_addr,
				 ops[i] == ARPOP_REPLY ? dev->dev_addr : NULL);
		if (!skb)
			continue;
		arp_xmit(skb);
		hasw_stat_inc(hn, stat);
		sent++;
	}
	return sent;
}
