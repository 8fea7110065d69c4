// SPDX-License-Identifier: GPL-2.0
/* The GUE (Generic UDP Encapsulation) sockets receive datagrams from other
 * nodes: packets that a vip's holder sends to this member, and strays. A stray
 * is a client's packet that a node sends on, with a mark, to the vip's holder.
 */
#include <linux/slab.h>
#include <net/dst_metadata.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/udp.h>

#include "compat/compat.h"
#include "compat/compat_udp.h"
#include "gue.h"
#include "ipip.h"
#include "core/stats.h"
#include "core/udp.h"
#include "stray_queue.h"
#include "tunnel.h"

#define HASW_GUE_HEADER (sizeof(struct udphdr) + sizeof(struct hasw_gue_base))

/* Stores the inner protocol in @proto. Return: whether the GUE header has no
 * mark, as is the case in a datagram from a vip's holder.
 */
static bool hasw_gue_unmarked(struct sk_buff *skb, u8 *proto)
{
	const struct hasw_gue_base *gue;

	if (!pskb_may_pull(skb, HASW_GUE_HEADER))
		return false;
	gue = (void *)(skb->data + sizeof(struct udphdr));
	*proto = gue->proto;
	return !gue->variant_hlen && !gue->flags;
}

/* Returns whether each segment of a GSO packet is a datagram with its own GUE
 * header. The result is true for a packet that is not a GSO packet, and false
 * for GSO types that divide one large datagram.
 */
static bool hasw_gue_segments(const struct sk_buff *skb)
{
	return !skb_is_gso(skb) ||
	       skb_shinfo(skb)->gso_type & (SKB_GSO_UDP_TUNNEL |
					    SKB_GSO_UDP_TUNNEL_CSUM);
}

/* Handles a datagram without a mark, which should be from a vip's holder.
 * hasw_ipip_take() checks whether the holder is the sender.
 */
static void hasw_gue_holder(struct hasw_net *hn, struct sk_buff *skb, u8 proto)
{
	int err = -ENOENT;

	if ((proto == IPPROTO_IPIP || proto == IPPROTO_IPV6) &&
	    hasw_gue_segments(skb))
		err = hasw_ipip_take(hn, skb, HASW_GUE_HEADER,
				     proto == IPPROTO_IPV6);
	if (!err)
		return;
	/* hasw_ipip_take() counts all its errors except -ENOENT. */
	if (err == -ENOENT)
		hasw_stat_inc(hn, HASW_STAT_TUNNEL_REFUSED);
	kfree_skb(skb);
}

/* Receives a datagram; skb->data is at the UDP header, whose checksum was
 * verified. Context: softirq, RCU read side. Return: 0, because the datagram is
 * always taken over.
 */
static int hasw_gue_in(struct sock *sk, struct sk_buff *skb)
{
	struct hasw_net *hn = rcu_dereference_sk_user_data(sk);
	const struct hasw_tunnel *tunnel;
	u8 proto;

	tunnel = hn ? rcu_dereference(hn->tunnel) : NULL;
	if (!tunnel)
		kfree_skb(skb);
	else if (hasw_gue_unmarked(skb, &proto))
		hasw_gue_holder(hn, skb, proto);
	else
		hasw_tunnel_stray(hn, tunnel, skb);
	return 0;
}

/* Checks whether an ICMP error is about a datagram from this node to another
 * node. The skb's headers are those of the packet inside the error. Return: 0
 * if the datagram was to another node, else -ENOENT. If 0 is returned, the
 * kernel stores the MTU from the error in the route; newer kernels always store
 * this MTU. Context: softirq, RCU read side.
 */
static int hasw_gue_error(struct sock *sk, struct sk_buff *skb)
{
	struct hasw_net *hn = rcu_dereference_sk_user_data(sk);
	const struct hasw_config *cfg;
	struct in6_addr to;

	cfg = hn ? rcu_dereference(hn->config) : NULL;
	if (!cfg || udp_hdr(skb)->dest != htons(HASWITCH_TUNNEL_PORT))
		return -ENOENT;
	if (ip_hdr(skb)->version == 6)
		return hasw_node_from(cfg, &ipv6_hdr(skb)->daddr, AF_INET6) ?
		       0 : -ENOENT;
	ipv6_addr_set_v4mapped(ip_hdr(skb)->daddr, &to);
	return hasw_node_from(cfg, &to, AF_INET) ? 0 : -ENOENT;
}

static struct socket *hasw_gue_sock(struct hasw_net *hn, u8 family)
{
	struct udp_tunnel_sock_cfg in = {
		.encap_rcv = hasw_gue_in,
		.encap_err_lookup = hasw_gue_error,
	};

	return hasw_udp_open(hn, family, HASWITCH_TUNNEL_PORT, &in);
}

/**
 * hasw_gue_open() - opens the GUE sockets
 * @hn: namespace
 * @extack: receives the reason of an error
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0, also if the sockets are open already; or a negative errno, and
 * nothing was changed.
 */
int hasw_gue_open(struct hasw_net *hn, struct netlink_ext_ack *extack)
{
	struct hasw_tunnel *tunnel;
	int err = -ENOMEM;

	lockdep_assert_held(&hn->mutex);
	if (rcu_access_pointer(hn->tunnel))
		return 0;
	tunnel = kzalloc(sizeof(*tunnel), GFP_KERNEL_ACCOUNT);
	if (!tunnel)
		return -ENOMEM;
	tunnel->mark = metadata_dst_alloc(0, METADATA_IP_TUNNEL, GFP_KERNEL);
	if (!tunnel->mark)
		goto err_free;
	tunnel->sock4 = hasw_gue_sock(hn, AF_INET);
	if (IS_ERR(tunnel->sock4)) {
		err = PTR_ERR(tunnel->sock4);
		goto err_mark;
	}
	if (ipv6_mod_enabled()) {
		tunnel->sock6 = hasw_gue_sock(hn, AF_INET6);
		if (IS_ERR(tunnel->sock6)) {
			err = PTR_ERR(tunnel->sock6);
			goto err_sock;
		}
	}
	rcu_assign_pointer(hn->tunnel, tunnel);
	return 0;

err_sock:
	hasw_udp_release(tunnel->sock4);
	synchronize_net();
err_mark:
	dst_release(&tunnel->mark->dst);
err_free:
	kfree(tunnel);
	if (err == -EADDRINUSE)
		NL_SET_ERR_MSG(extack,
			       "UDP port 6949, which strays and via gue come to, is in use: free it, or give stray drop and no via gue");
	else if (err != -ENOMEM)
		NL_SET_ERR_MSG(extack,
			       "no socket could be opened for strays and via gue on UDP port 6949: give stray drop and no via gue to do without");
	return err;
}

/**
 * hasw_gue_close() - closes the GUE sockets; on return, no CPU executes
 *	hasw_gue_in()
 * @hn: namespace
 *
 * All kept strays (strays that wait for this node's grant) are dropped. If the
 * stack is still handling a stray, the module no longer recognises its mark,
 * and handles it as a client's packet.
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_gue_close(struct hasw_net *hn)
{
	struct hasw_tunnel *tunnel;

	lockdep_assert_held(&hn->mutex);
	tunnel = rcu_dereference_protected(hn->tunnel,
					   lockdep_is_held(&hn->mutex));
	if (!tunnel)
		return;
	RCU_INIT_POINTER(hn->tunnel, NULL);
	if (tunnel->sock6)
		hasw_udp_release(tunnel->sock6);
	hasw_udp_release(tunnel->sock4);
	synchronize_net();
	hasw_stray_kept_purge(hn);
	dst_release(&tunnel->mark->dst);
	kfree(tunnel);
}
