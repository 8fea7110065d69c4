// SPDX-License-Identifier: GPL-2.0
/* Marked strays that other nodes send inside UDP: what is let in. */
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
 * struct hasw_tunnel_inner - what came inside a datagram
 * @six: an IPv6 packet
 * @epoch: under which this node is taken for the holder; 0 without a lease
 * @vip: what it is for
 */
struct hasw_tunnel_inner {
	bool six;
	u64 epoch;
	const struct hasw_vip *vip;
};

/**
 * hasw_tunnel_known() - whether a packet comes from another node
 * @cfg: configuration
 * @skb: the packet, what is in it at skb->data
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

/* Whether a stray is inside, by its header; skb->data is at that of UDP. */
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
	/* It will be routed, which a disabled IPv6 does not survive. */
	return in->six ? ipv6_mod_enabled() : gue->proto == IPPROTO_IPIP;
}

/* Whether the packet at skb->data, which was inside, is one to a vip. */
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
 * hasw_tunnel_dev() - the device that a packet which was inside comes in by
 * @net: namespace
 * @skb: the packet, at its IP header
 * @six: it is an IPv6 one
 *
 * For the stack and its filters: that on which it would have come from the
 * client itself, the one that an answer would leave by; where there is no
 * answering, that of the outer packet.
 *
 * Context: RCU read side, softirqs off.
 * Return: the device, valid for the RCU read side; NULL if the client is this
 * machine, whose packets come from nowhere else.
 */
struct net_device *hasw_tunnel_dev(struct net *net, struct sk_buff *skb,
				   bool six)
{
	struct net_device *dev = skb->dev;
	struct dst_entry *dst = NULL;

	/* What somebody asks about may be of a family that is disabled. */
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
		dev = dst->dev->flags & IFF_LOOPBACK ? NULL : dst->dev;
	/* Devices outlast the RCU read side, like routes. */
	dst_release(dst);
	return dev;
}

/**
 * hasw_tunnel_frame() - gives a packet that was inside the link-layer header
 *	that it would have had
 * @skb: the packet, at its IP header
 * @dev: the device that it comes in by
 *
 * Who sent it is not known, but that it was none of the nodes.
 *
 * Context: any.
 * Return: false without memory.
 */
bool hasw_tunnel_frame(struct sk_buff *skb, const struct net_device *dev)
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

/* Takes the packet out. Return: whether it is one that may come in. */
static bool hasw_tunnel_unwrap(struct hasw_net *hn, struct sk_buff *skb,
			       struct hasw_tunnel_inner *in)
{
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	struct net_device *dev;
	u8 outer, inner;

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
	/* Neighbours are on a link of this machine, and not beyond. */
	if (in->six && hasw_key_is_nd(skb))
		return false;
	/* What was found out of the datagram's checksum says nothing of it. */
	if (skb->ip_summed == CHECKSUM_UNNECESSARY)
		skb->ip_summed = CHECKSUM_NONE;
	dev = hasw_tunnel_dev(hn->net, skb, in->six);
	if (!dev || !hasw_tunnel_frame(skb, dev))
		return false;
	inner = in->six ? ipv6_get_dsfield(ipv6_hdr(skb)) : ip_hdr(skb)->tos;
	if (INET_ECN_decapsulate(skb, outer, inner) > 1)
		return false;
	skb->dev = dev;
	return true;
}

/**
 * hasw_tunnel_stray() - takes what may be a marked stray
 * @hn: namespace
 * @tunnel: that of the namespace
 * @skb: the packet; skb->data is at its UDP header, whose checksum is right;
 *	taken over
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
