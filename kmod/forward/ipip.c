// SPDX-License-Identifier: GPL-2.0
/* Packets that a holder has put into another one to this node: they are taken out, and marked. */
#include <linux/icmpv6.h>
#include <net/dst_metadata.h>
#include <net/icmp.h>
#include <net/inet_ecn.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "ipip.h"
#include "packet/key.h"
#include "core/stats.h"
#include "tunnel.h"

/* Before the tunnels that an administrator has set up, the first of which takes
 * what comes from anywhere; what is not taken here they get untouched.
 */
#define HASW_IPIP_PRIORITY (-1)

/**
 * hasw_ipip_marked() - whether the vip's holder has sent a packet to this node
 * @hn: namespace
 * @skb: the packet, at PRE_ROUTING
 *
 * Context: RCU read side.
 */
bool hasw_ipip_marked(const struct hasw_net *hn, const struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);

	return dst && dst == &hn->ipip_mark->dst;
}

/* The vip that the packet at @off is for. Nothing is changed. */
static const struct hasw_vip *hasw_ipip_vip(const struct hasw_config *cfg,
					    const struct sk_buff *skb,
					    unsigned int off, bool six)
{
	const struct ipv6hdr *ip6;
	const struct iphdr *iph;
	struct ipv6hdr buf6;
	struct iphdr buf4;

	if (six) {
		ip6 = ipv6_mod_enabled() ?
		      skb_header_pointer(skb, off, sizeof(buf6), &buf6) : NULL;
		return ip6 && ip6->version == 6 ?
		       hasw_vip_find6(cfg, &ip6->daddr) : NULL;
	}
	iph = skb_header_pointer(skb, off, sizeof(buf4), &buf4);
	return iph && iph->version == 4 ? hasw_vip_find4(cfg, iph->daddr) : NULL;
}

/* Whether the outer packet comes from the node that this one knows as the vip's
 * holder: as that has picked it, it serves. Who holds the vip itself by now takes
 * what the node before it has sent here, to pick anew.
 */
static bool hasw_ipip_from_holder(const struct hasw_config *cfg,
				  const struct sk_buff *skb,
				  const struct hasw_vip *vip)
{
	const struct hasw_node *holder;
	struct hasw_addrs addrs;

	if (hasw_vip_judge(vip, NULL, NULL))
		return hasw_tunnel_known(cfg, skb);
	holder = hasw_vip_holder(vip);
	if (!holder || holder->self)
		return false;
	hasw_node_addrs(holder, &addrs);
	if (ip_hdr(skb)->version == 4)
		return addrs.has4 && addrs.addr4 == ip_hdr(skb)->saddr;
	return addrs.has6 && ipv6_addr_equal(&addrs.addr6,
					     &ipv6_hdr(skb)->saddr);
}

/* Takes the packet out of its cover. Return: false if it makes no sense. */
static bool hasw_ipip_unwrap(struct hasw_net *hn, struct sk_buff *skb,
			     unsigned int off, bool six)
{
	struct net_device *dev;
	u8 outer, inner;

	outer = ip_hdr(skb)->version == 4 ? ip_hdr(skb)->tos :
					    ipv6_get_dsfield(ipv6_hdr(skb));
	if (!pskb_may_pull(skb, off + (six ? sizeof(struct ipv6hdr) :
					     sizeof(struct iphdr))) ||
	    iptunnel_pull_header(skb, off, six ? htons(ETH_P_IPV6) :
					       htons(ETH_P_IP), true))
		return false;
	skb_reset_network_header(skb);
	/* Neighbours are on a link of this machine, and not beyond. */
	if (six && hasw_key_is_nd(skb))
		return false;
	dev = hasw_tunnel_dev(hn->net, skb, six);
	if (!dev || !hasw_tunnel_frame(skb, dev))
		return false;
	inner = six ? ipv6_get_dsfield(ipv6_hdr(skb)) : ip_hdr(skb)->tos;
	if (INET_ECN_decapsulate(skb, outer, inner) > 1)
		return false;
	skb->dev = dev;
	return true;
}

/* Whether the outer packet may come as it came. */
static bool hasw_ipip_policy(struct sk_buff *skb)
{
	if (ip_hdr(skb)->version == 4)
		return xfrm4_policy_check(NULL, XFRM_POLICY_IN, skb);
	return xfrm6_policy_check(NULL, XFRM_POLICY_IN, skb);
}

/**
 * hasw_ipip_take() - takes a packet for this node with another one in it
 * @hn: namespace
 * @skb: the packet; its network header is the outer one
 * @off: where the inner one begins, behind skb->data
 * @six: that is an IPv6 one
 *
 * Context: softirq, RCU read side.
 * Return: 0 if it was taken; else it is as it was: -ENOENT, it is for no vip, or
 * -EACCES, it does not come from who holds that, which was counted.
 */
int hasw_ipip_take(struct hasw_net *hn, struct sk_buff *skb, unsigned int off,
		   bool six)
{
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	const struct hasw_vip *vip;

	vip = cfg ? hasw_ipip_vip(cfg, skb, off, six) : NULL;
	if (!vip)
		return -ENOENT;
	if (!hasw_ipip_from_holder(cfg, skb, vip)) {
		hasw_stat_inc(hn, HASW_STAT_TUNNEL_REFUSED);
		return -EACCES;
	}
	/* The nodes may have IPsec between them. */
	if (!hasw_ipip_policy(skb) || !hasw_ipip_unwrap(hn, skb, off, six)) {
		hasw_stat_inc(hn, HASW_STAT_TUNNEL_REFUSED);
		kfree_skb(skb);
		return 0;
	}
	hasw_stat_inc(hn, HASW_STAT_TUNNEL_RECEIVED);
	dst_hold(&hn->ipip_mark->dst);
	skb_dst_set(skb, &hn->ipip_mark->dst);
	netif_rx(skb);
	return 0;
}

/* What is not taken comes from a tunnel of the administrator, perhaps: but as
 * any client's. skb->data is at the inner packet.
 */
static int hasw_ipip_in4(struct sk_buff *skb)
{
	return hasw_ipip_take(hasw_net_of(dev_net(skb->dev)), skb, 0, false);
}

static int hasw_ipip_in6(struct sk_buff *skb)
{
	return hasw_ipip_take(hasw_net_of(dev_net(skb->dev)), skb, 0, true);
}

/* Whether what an error is about went to a node. */
static bool hasw_ipip_to_node(struct net *net, const struct in6_addr *to,
			      u16 family)
{
	const struct hasw_config *cfg =
		rcu_dereference(hasw_net_of(net)->config);

	return cfg && hasw_node_from(cfg, to, family);
}

/* A router says that what this node has sent is too large for the way on: the
 * route notes it, and the next one is judged by that. A tunnel of the
 * administrator may have sent it as well, so it is told, too.
 */
static int hasw_ipip_error4(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	struct net *net = dev_net(skb->dev);
	struct in6_addr to;

	ipv6_addr_set_v4mapped(iph->daddr, &to);
	if (icmp_hdr(skb)->type == ICMP_DEST_UNREACH &&
	    icmp_hdr(skb)->code == ICMP_FRAG_NEEDED &&
	    hasw_ipip_to_node(net, &to, AF_INET))
		ipv4_update_pmtu(skb, net, info, 0, iph->protocol);
	return -ENOENT;
}

static int hasw_ipip_error6(struct sk_buff *skb, struct inet6_skb_parm *opt,
			    u8 type, u8 code, int offset, __be32 info)
{
	const struct ipv6hdr *ip6 = (const struct ipv6hdr *)skb->data;
	struct net *net = dev_net(skb->dev);

	if (type == ICMPV6_PKT_TOOBIG &&
	    hasw_ipip_to_node(net, &ip6->daddr, AF_INET6))
		ip6_update_pmtu(skb, net, info, 0, 0, sock_net_uid(net, NULL));
	return -ENOENT;
}

/* By the family of what is outside, and of what is inside. */
static struct xfrm_tunnel hasw_ipip_4in4 = {
	.handler = hasw_ipip_in4,
	.err_handler = hasw_ipip_error4,
	.priority = HASW_IPIP_PRIORITY,
};

static struct xfrm_tunnel hasw_ipip_6in4 = {
	.handler = hasw_ipip_in6,
	.err_handler = hasw_ipip_error4,
	.priority = HASW_IPIP_PRIORITY,
};

static struct xfrm6_tunnel hasw_ipip_4in6 = {
	.handler = hasw_ipip_in4,
	.err_handler = hasw_ipip_error6,
	.priority = HASW_IPIP_PRIORITY,
};

static struct xfrm6_tunnel hasw_ipip_6in6 = {
	.handler = hasw_ipip_in6,
	.err_handler = hasw_ipip_error6,
	.priority = HASW_IPIP_PRIORITY,
};

/**
 * hasw_ipip_register() - begins to see what comes inside IP packets
 *
 * Context: process; the namespaces have their state.
 * Return: 0, or a negative errno.
 */
int hasw_ipip_register(void)
{
	int err = xfrm4_tunnel_register(&hasw_ipip_4in4, AF_INET);

	if (err)
		return err;
	err = xfrm4_tunnel_register(&hasw_ipip_6in4, AF_INET6);
	if (err)
		goto err_4in4;
	err = xfrm6_tunnel_register(&hasw_ipip_4in6, AF_INET);
	if (err)
		goto err_6in4;
	err = xfrm6_tunnel_register(&hasw_ipip_6in6, AF_INET6);
	if (err)
		goto err_4in6;
	return 0;

err_4in6:
	xfrm6_tunnel_deregister(&hasw_ipip_4in6, AF_INET);
err_6in4:
	xfrm4_tunnel_deregister(&hasw_ipip_6in4, AF_INET6);
err_4in4:
	xfrm4_tunnel_deregister(&hasw_ipip_4in4, AF_INET);
	return err;
}

/**
 * hasw_ipip_unregister() - ends that; then nothing is on its way in
 *
 * Context: process.
 */
void hasw_ipip_unregister(void)
{
	xfrm6_tunnel_deregister(&hasw_ipip_6in6, AF_INET6);
	xfrm6_tunnel_deregister(&hasw_ipip_4in6, AF_INET);
	xfrm4_tunnel_deregister(&hasw_ipip_6in4, AF_INET6);
	xfrm4_tunnel_deregister(&hasw_ipip_4in4, AF_INET);
}

/**
 * hasw_ipip_init() - makes what marks packets
 * @hn: namespace
 *
 * Context: process.
 * Return: 0, or -ENOMEM.
 */
int hasw_ipip_init(struct hasw_net *hn)
{
	hn->ipip_mark = metadata_dst_alloc(0, METADATA_IP_TUNNEL, GFP_KERNEL);
	return hn->ipip_mark ? 0 : -ENOMEM;
}

/**
 * hasw_ipip_exit() - frees it
 * @hn: namespace, through which no packet goes any more
 *
 * Context: process.
 */
void hasw_ipip_exit(struct hasw_net *hn)
{
	dst_release(&hn->ipip_mark->dst);
}
