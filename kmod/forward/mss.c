// SPDX-License-Identifier: GPL-2.0
/* The maximum segment size (MSS) that a member offers to clients whose packets
 * the holder sends to it in a tunnel.
 */
#include <linux/tcp.h>
#include <net/dst.h>
#include <net/tcp.h>

#include "mss.h"
#include "tunnel.h"

/* Number of the TCP option that signs a segment with its options. */
#define HASW_MSS_TCP_AO 29

/* Returns the via by which other nodes reach this node's member of the service
 * that a TCP port belongs to.
 */
static u8 hasw_mss_via(const struct hasw_vip *vip, u16 port)
{
	const struct hasw_services *all = rcu_dereference(vip->services);
	const struct hasw_service *s =
		all ? hasw_service_pick(all, IPPROTO_TCP, port) : NULL;

	return s ? READ_ONCE(s->own_via) : HASWITCH_VIA_LOCAL;
}

/* Returns the MTU of the path between this node and the vip's holder, as far as
 * this node knows. That is the MTU of the route to the holder, or that of the
 * route to the client if the latter is smaller.
 */
static u32 hasw_mss_mtu(const struct hasw_packet *p, const struct hasw_vip *vip,
			bool gue)
{
	struct hasw_node *holder = hasw_vip_holder(vip);
	bool six = p->family == HASW_HOP6;
	u32 mtu = dst_mtu(skb_dst(p->skb));
	struct hasw_tunnel_route route;

	if (!holder || holder->self ||
	    !hasw_tunnel_route(p->hn, holder, six, hasw_tunnel_kind(six, gue),
			       &route))
		return mtu;
	mtu = min(mtu, dst_mtu(route.dst));
	dst_release(route.dst);
	return mtu;
}

/* Returns the MSS with which a client's packets fit into the tunnel to this
 * node. The outer packet is assumed to have the larger IPv6 header, unless this
 * node has only IPv4 addresses.
 */
static u32 hasw_mss_most(const struct hasw_packet *p, const struct hasw_vip *vip,
			 bool gue)
{
	const struct hasw_config *cfg = rcu_dereference(p->hn->config);
	const struct hasw_node *self = READ_ONCE(cfg->self);
	u32 room, mtu = hasw_mss_mtu(p, vip, gue);
	struct hasw_addrs addrs = {};

	if (self)
		hasw_node_addrs(self, &addrs);
	room = hasw_tunnel_header(addrs.has6, gue);
	room += p->family == HASW_HOP4 ? sizeof(struct iphdr) :
					 sizeof(struct ipv6hdr);
	room += sizeof(struct tcphdr);
	return mtu > room + TCP_MIN_MSS ? mtu - room : TCP_MIN_MSS;
}

/* Lowers the MSS option of a SYN to @most. Returns false if the allocation
 * fails. @off is the offset of the TCP header.
 */
static bool hasw_mss_lower(struct sk_buff *skb, u32 off, u32 most)
{
	struct tcphdr *tcp;
	u8 *opt, *end;
	u32 len;

	if (skb_ensure_writable(skb, off + sizeof(*tcp)))
		return false;
	tcp = (void *)(skb->data + off);
	len = tcp->doff * 4;
	if (len < sizeof(*tcp) || skb->len < off + len)
		return true;
	if (skb_ensure_writable(skb, off + len))
		return false;
	tcp = (void *)(skb->data + off);
	end = (u8 *)tcp + len;
	for (opt = (u8 *)(tcp + 1); opt + TCPOLEN_MSS <= end;) {
		__be16 was, now = htons(most);

		/* The options of a signed segment cannot be changed (RFC 5925).
		 */
		if (*opt == TCPOPT_EOL || *opt == HASW_MSS_TCP_AO)
			return true;
		if (*opt == TCPOPT_NOP) {
			opt++;
			continue;
		}
		if (*opt == TCPOPT_MSS && opt[1] == TCPOLEN_MSS) {
			memcpy(&was, opt + 2, sizeof(was));
			if (ntohs(was) <= most)
				return true;
			memcpy(opt + 2, &now, sizeof(now));
			inet_proto_csum_replace2(&tcp->check, skb, was, now,
						 false);
			return true;
		}
		if (opt[1] < 2)
			return true;
		opt += opt[1];
	}
	return true;
}

/**
 * hasw_mss_clamp() - lowers the MSS that this node offers to a client
 * @p: a packet that this node sends from @vip, at LOCAL_OUT, with a route
 * @vip: the vip
 * @tcp: the packet's TCP header, from hasw_key_tcp(), or NULL
 * @off: offset of that header
 *
 * If this node is a member via tunnel or gue, a client's packets come in a
 * tunnel, and their size is what this node offers as its MSS (RFC 9293, 3.7.1).
 * With the MSS of the link, they would not fit into the tunnel, and the holder
 * would have to tell the client by ICMP, which many clients do not hear. A
 * packet that is no SYN is unchanged.
 *
 * Context: RCU read side, softirqs off.
 * Return: false if the packet has to be dropped, because an allocation failed.
 */
bool hasw_mss_clamp(const struct hasw_packet *p, const struct hasw_vip *vip,
		    const struct tcphdr *tcp, u32 off)
{
	u8 via;

	if (likely(!tcp || !tcp->syn))
		return true;
	/* The via counts also while this node holds the vip, because the
	 * connection may go on when another node is the holder.
	 */
	via = hasw_mss_via(vip, ntohs(tcp->source));
	return !hasw_via_tunnels(via) ||
	       hasw_mss_lower(p->skb, off,
			      hasw_mss_most(p, vip,
					    via == HASWITCH_VIA_GUE));
}
