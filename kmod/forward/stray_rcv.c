// SPDX-License-Identifier: GPL-2.0
/* A stray is a client's packet that another node sends on to this node. As far
 * as the sender knows, this node is the vip's present or next holder. A stray
 * arrives inside a UDP datagram with a mark. This file checks and decapsulates
 * it.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <net/inet_ecn.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/route.h>

#include "compat/compat.h"
#include "packet/key.h"
#include "core/stats.h"
#include "stray_queue.h"
#include "tunnel.h"

/**
 * struct hasw_tunnel_inner - the packet inside a stray's UDP datagram
 * @six: the packet is an IPv6 packet
 * @epoch: hasw_gue.epoch of the received GUE header
 * @vip: the vip to which the packet is addressed; valid within the RCU read
 *	side
 */
struct hasw_tunnel_inner {
	bool six;
	u64 epoch;
	const struct hasw_vip *vip;
};

/**
 * hasw_tunnel_known() - returns whether an outer packet is from another node
 * @cfg: configuration
 * @skb: the packet; skb->network_header is the offset of the outer IP header
 *
 * Context: RCU read side.
 */
bool hasw_tunnel_known(const struct hasw_config *cfg, const struct sk_buff *skb)
{
	if (ip_hdr(skb)->version == 4) {
		struct in6_addr from;

		ipv6_addr_set_v4mapped(ip_hdr(skb)->saddr, &from);
		return hasw_node_from(cfg, &from, AF_INET);
	}
	return hasw_node_from(cfg, &ipv6_hdr(skb)->saddr, AF_INET6);
}

/* Sets in->epoch and in->six from the GUE header, which follows the UDP header
 * at skb->data. Return: whether the datagram is a stray that this node can
 * handle.
 */
static bool hasw_tunnel_gue(struct sk_buff *skb, struct hasw_tunnel_inner *in)
{
	const struct hasw_gue *gue;

	if (skb_is_gso(skb) ||
	    !pskb_may_pull(skb, sizeof(struct udphdr) + sizeof(*gue)))
		return false;
	gue = (void *)(skb->data + sizeof(struct udphdr));
	if (gue->variant_hlen != HASW_GUE_VARIANT_HLEN || gue->flags ||
	    gue->mark != htonl(HASW_GUE_STRAY))
		return false;
	in->epoch = be64_to_cpu(gue->epoch);
	in->six = gue->proto == IPPROTO_IPV6;
	/* Where IPv6 is disabled, an IPv6 packet is refused, because the stack
	 * would crash when it routes the packet.
	 */
	return in->six ? ipv6_mod_enabled() : gue->proto == IPPROTO_IPIP;
}

/* Sets the network header to the inner packet at skb->data, and in->vip to the
 * vip that the packet is addressed to. Return: whether there is such a vip.
 */
static bool hasw_tunnel_to_vip(const struct hasw_config *cfg,
			       struct sk_buff *skb,
			       struct hasw_tunnel_inner *in)
{
	if (!pskb_may_pull(skb, in->six ? sizeof(struct ipv6hdr) :
					  sizeof(struct iphdr)))
		return false;
	skb_reset_network_header(skb);
	if (ip_hdr(skb)->version != (in->six ? 6 : 4))
		return false;
	in->vip = in->six ? hasw_vip_find6(cfg, &ipv6_hdr(skb)->daddr) :
			    hasw_vip_find4(cfg, ip_hdr(skb)->daddr);
	return in->vip;
}

/**
 * hasw_tunnel_dev() - finds the device on which a decapsulated packet arrives
 * @net: namespace
 * @skb: the packet, at its IP header
 * @six: the packet is an IPv6 packet
 *
 * For the stack and its packet filters, the packet arrives on the device
 * through which a reply to the client would be sent. If there is no route to
 * the client, or if the client's address is link-local, the packet arrives on
 * the outer packet's device.
 *
 * Context: RCU read side, softirqs off.
 * Return: the device, valid within the RCU read side; NULL if the client is
 * this machine, whose packets are never tunnelled here by another node.
 */
struct net_device *hasw_tunnel_dev(struct net *net, struct sk_buff *skb,
				   bool six)
{
	struct net_device *dev = skb->dev;
	struct dst_entry *dst = NULL;

	/* `haadm explain` can pass an IPv6 packet even if IPv6 is disabled. */
	if (six && !ipv6_mod_enabled())
		return dev;
	if (six) {
		struct flowi6 fl6 = { .daddr = ipv6_hdr(skb)->saddr };

		if (!(ipv6_addr_type(&fl6.daddr) & IPV6_ADDR_LINKLOCAL))
			dst = ip6_route_output(net, NULL, &fl6);
	} else {
		struct flowi4 fl4 = { .daddr = ip_hdr(skb)->saddr };
		struct rtable *rt = ip_route_output_key(net, &fl4);

		if (!IS_ERR(rt))
			dst = &rt->dst;
	}
	if (!dst)
		return dev;
	if (!dst->error)
		dev = hasw_route_is_home(dst) ? NULL : dst->dev;
	/* The device stays valid until the end of the RCU read side, even
	 * without the reference on the route.
	 */
	dst_release(dst);
	return dev;
}

/* Gives a decapsulated packet a link-layer header, if @dev, the device on which
 * the packet arrives, is an Ethernet device. The link-layer source address is
 * unknown and therefore set to zero, which is no node's address. Returns false
 * if the allocation fails.
 */
static bool hasw_tunnel_frame(struct sk_buff *skb,
			      const struct net_device *dev)
{
	struct ethhdr *eth;

	if (skb_cow_head(skb, ETH_HLEN))
		return false;
	if (dev->type != ARPHRD_ETHER) {
		skb_reset_mac_header(skb);
		skb_reset_mac_len(skb);
		return true;
	}
	eth = __skb_push(skb, ETH_HLEN);
	skb_reset_mac_header(skb);
	ether_addr_copy(eth->h_dest, dev->dev_addr);
	eth_zero_addr(eth->h_source);
	eth->h_proto = skb->protocol;
	__skb_pull(skb, ETH_HLEN);
	skb_reset_mac_len(skb);
	return true;
}

/**
 * hasw_tunnel_land() - prepares a decapsulated packet for the stack
 * @net: namespace
 * @skb: the packet, at its IP header
 * @six: the packet is an IPv6 packet
 * @outer: DS field of the outer IP header, with the ECN bits
 *
 * Context: RCU read side, softirqs off.
 * Return: false if the packet has to be dropped: it is a neighbour discovery
 * packet, its client is this machine, its ECN bits contradict the outer ones
 * (RFC 6040), or an allocation fails.
 */
bool hasw_tunnel_land(struct net *net, struct sk_buff *skb, bool six, u8 outer)
{
	struct net_device *dev;
	u8 inner;

	/* Neighbour discovery is valid only on its own link, so a tunnelled
	 * neighbour discovery packet is dropped.
	 */
	if (six && hasw_key_is_nd(skb))
		return false;
	dev = hasw_tunnel_dev(net, skb, six);
	if (!dev || !hasw_tunnel_frame(skb, dev))
		return false;
	inner = six ? ipv6_get_dsfield(ipv6_hdr(skb)) : ip_hdr(skb)->tos;
	if (INET_ECN_decapsulate(skb, outer, inner) > 1)
		return false;
	skb->dev = dev;
	return true;
}

/* Decapsulates a stray. Return: whether the packet is allowed to enter the
 * stack.
 */
static bool hasw_tunnel_unwrap(struct hasw_net *hn, struct sk_buff *skb,
			       struct hasw_tunnel_inner *in)
{
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	u8 outer;

	if (!cfg || !hasw_tunnel_known(cfg, skb) || !hasw_tunnel_gue(skb, in))
		return false;
	outer = ip_hdr(skb)->version == 4 ? ip_hdr(skb)->tos :
					    ipv6_get_dsfield(ipv6_hdr(skb));
	if (__iptunnel_pull_header(skb, sizeof(struct udphdr) +
				   sizeof(struct hasw_gue),
				   in->six ? htons(ETH_P_IPV6) :
					     htons(ETH_P_IP),
				   true, false) ||
	    !hasw_tunnel_to_vip(cfg, skb, in))
		return false;
	/* CHECKSUM_UNNECESSARY is about the outer datagram, and says nothing
	 * about the inner packet's checksum, so skb->ip_summed is reset.
	 */
	if (skb->ip_summed == CHECKSUM_UNNECESSARY)
		skb->ip_summed = CHECKSUM_NONE;
	return hasw_tunnel_land(hn->net, skb, in->six, outer);
}

/**
 * hasw_tunnel_stray() - handles a received datagram that should be a marked
 *	stray
 * @hn: namespace
 * @tunnel: GUE sockets of the namespace
 * @skb: the packet; skb->data is at its UDP header, whose checksum was
 *	verified; taken over
 *
 * Context: softirq, RCU read side.
 */
void hasw_tunnel_stray(struct hasw_net *hn, const struct hasw_tunnel *tunnel,
		       struct sk_buff *skb)
{
	struct hasw_tunnel_inner in;

	if (!hasw_tunnel_unwrap(hn, skb, &in)) {
		hasw_stat_inc(hn, HASW_STAT_STRAY_REFUSED);
		kfree_skb(skb);
		return;
	}
	hasw_stat_inc(hn, HASW_STAT_STRAY_RECEIVED);
	dst_hold(&tunnel->mark->dst);
	skb_dst_set(skb, &tunnel->mark->dst);
	if (!hasw_stray_keep(hn, in.vip, skb, in.epoch))
		netif_rx(skb);
}
