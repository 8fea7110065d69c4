// SPDX-License-Identifier: GPL-2.0
/* Packets that a vip's holder has tunnelled to this node are decapsulated and
 * marked here.
 */
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

/* The handlers run before those of the administrator's tunnels, because a
 * tunnel without a remote address takes every packet. A packet that these
 * handlers do not take reaches the administrator's tunnels unchanged.
 */
#define HASW_IPIP_PRIORITY (-1)

/**
 * hasw_ipip_marked() - returns whether hasw_ipip_take() has accepted and
 *	decapsulated a packet
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

/* Finds the vip to which the inner packet at @off is addressed. The packet is
 * not changed.
 */
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

/* Returns whether the sender of the outer packet is accepted. Only the vip's
 * holder picks members, so the sender must be the node that this node knows as
 * the holder. If this node itself has become the holder, the sender can be any
 * other node, such as the previous holder. In this case this node picks a
 * member for the packet again.
 */
static bool hasw_ipip_from_holder(const struct hasw_config *cfg,
				  const struct sk_buff *skb,
				  const struct hasw_vip *vip)
{
	const struct hasw_node *holder;
	struct hasw_addrs addrs;

	if (hasw_vip_held(vip))
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

/* Removes the outer headers of a packet. Return: false if the packet has to be
 * dropped.
 */
static bool hasw_ipip_unwrap(struct hasw_net *hn, struct sk_buff *skb,
			     unsigned int off, bool six)
{
	u8 outer;

	outer = ip_hdr(skb)->version == 4 ? ip_hdr(skb)->tos :
					    ipv6_get_dsfield(ipv6_hdr(skb));
	if (!pskb_may_pull(skb, off + (six ? sizeof(struct ipv6hdr) :
					     sizeof(struct iphdr))) ||
	    iptunnel_pull_header(skb, off, six ? htons(ETH_P_IPV6) :
					       htons(ETH_P_IP), true))
		return false;
	skb_reset_network_header(skb);
	return hasw_tunnel_land(hn->net, skb, six, outer);
}

/* Returns whether the IPsec policies accept the outer packet. */
static bool hasw_ipip_policy(struct sk_buff *skb)
{
	if (ip_hdr(skb)->version == 4)
		return xfrm4_policy_check(NULL, XFRM_POLICY_IN, skb);
	return xfrm6_policy_check(NULL, XFRM_POLICY_IN, skb);
}

/**
 * hasw_ipip_take() - decapsulates a packet that was tunnelled to this node
 * @hn: namespace
 * @skb: the packet; its network header is the outer one
 * @off: offset of the inner packet from skb->data
 * @six: the inner packet is an IPv6 packet
 *
 * Context: softirq, RCU read side.
 * Return: 0 if the packet was taken over, even if it was dropped; -ENOENT if
 * the inner packet's destination is not a vip; -EACCES if
 * hasw_ipip_from_holder() does not accept the sender; the function has counted
 * this refusal. On an error the packet is unchanged.
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
	/* IPsec policies can require encryption between nodes, so they are
	 * checked.
	 */
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

/* Handles an IP packet with an inner IPv4 packet at skb->data. A packet for
 * which an error is returned can belong to one of the administrator's tunnels.
 * After the tunnel has decapsulated the packet, the module handles the inner
 * packet as a client's packet.
 */
static int hasw_ipip_in4(struct sk_buff *skb)
{
	return hasw_ipip_take(hasw_net_of(dev_net(skb->dev)), skb, 0, false);
}

static int hasw_ipip_in6(struct sk_buff *skb)
{
	return hasw_ipip_take(hasw_net_of(dev_net(skb->dev)), skb, 0, true);
}

/* Returns whether an ICMP error is about a packet to another node. @to is the
 * destination address of the packet inside the error.
 */
static bool hasw_ipip_to_node(struct net *net, const struct in6_addr *to,
			      u16 family)
{
	const struct hasw_config *cfg =
		rcu_dereference(hasw_net_of(net)->config);

	return cfg && hasw_node_from(cfg, to, family);
}

/* Handles a router's error about a packet that exceeds the path MTU: stores the
 * MTU in the route, for later packets. The return value -ENOENT makes the
 * kernel also call the error handlers of the administrator's tunnels, because
 * such a tunnel might have sent the packet.
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

/* The handlers' names have the inner address family first: 4in6 is IPv4 inside
 * IPv6.
 */
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
 * hasw_ipip_register() - registers the handlers of IP in IP packets
 *
 * Context: process; the caller has registered the state of network namespaces.
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
 * hasw_ipip_unregister() - unregisters the handlers; on return, no handler is
 *	running
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
 * hasw_ipip_init() - allocates hasw_net.ipip_mark, which marks decapsulated
 *	packets
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
 * hasw_ipip_exit() - frees hasw_net.ipip_mark
 * @hn: namespace, in which no packet is handled any more
 *
 * Context: process.
 */
void hasw_ipip_exit(struct hasw_net *hn)
{
	dst_release(&hn->ipip_mark->dst);
}
