// SPDX-License-Identifier: GPL-2.0
/* The fast path: redirects packets to vips at the ingress hook of a device. */
#include <linux/if_ether.h>
#include <net/addrconf.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "compat/compat.h"
#include "fast_dev.h"
#include "fast.h"
#include "forward/xmit.h"
#include "flow/flow_fast.h"
#include "packet/key.h"
#include "check.h"
#include "packet/nat_fast.h"
#include "service/sched.h"
#include "service/switch_times.h"
#include "core/route.h"
#include "core/trace.h"
#include "packet/tuple.h"

/* Returns the member that the hash of the packet's flow selects, or NULL if
 * that member's verdict is not HASWITCH_NEW_FLOWS_YES or all weights are 0. The
 * slow path then picks the member.
 */
static __always_inline struct hasw_member *
hasw_fast_spread(const struct sk_buff *skb, int family, u8 proto, u32 ports,
		 const struct hasw_members *all)
{
	u64 hash;

	if (family == HASW_HOP4)
		hash = hasw_tuple_hash4(ip_hdr(skb)->saddr, ip_hdr(skb)->daddr,
					proto, ports);
	else
		hash = hasw_tuple_hash6(&ipv6_hdr(skb)->saddr,
					&ipv6_hdr(skb)->daddr, proto, ports);
	return hasw_sched_maglev_own(all, hash);
}

/* Returns the member of the packet's tracked flow. Returns NULL if the flow is
 * unknown, if the flow has to leave its member, or if the packet changes the
 * flow's state. Also returns NULL if the packet has no ports, or contains no
 * complete TCP header.
 */
static __always_inline struct hasw_member *
hasw_fast_flow(struct hasw_net *hn, const struct sk_buff *skb, int family,
	       const struct hasw_service *service,
	       const struct hasw_members *all, u8 proto, u32 len, u32 header,
	       const struct hasw_flow **flow, u8 *kind)
{
	const void *transport = skb_network_header(skb) + header;
	const struct tcphdr *tcp = proto == IPPROTO_TCP ? transport : NULL;
	struct hasw_flow_key key = { .proto = proto };

	if (!hasw_key_has_ports(proto))
		return NULL;
	if (tcp && !hasw_fast_has_tcp(skb, tcp, len - header))
		return NULL;
	key.both = *(const u32 *)transport;
	if (family == HASW_HOP4) {
		key.addr[0] = ip_hdr(skb)->saddr;
		key.addr[1] = ip_hdr(skb)->daddr;
	} else {
		key.kind = HASW_FLOW_IPV6;
		memcpy(key.addr, &ipv6_hdr(skb)->addrs, sizeof(key.addr));
	}
	return hasw_flow_known(hn, service, all, &key,
			       family == HASW_HOP4 ? 1 : 4, tcp, len - header,
			       flow, kind);
}

/* Sets @ports to the packet's ports. Returns the packet's service, or NULL.
 * Returns NULL for ICMP, because only the slow path can find the service of an
 * ICMP error.
 */
static __always_inline const struct hasw_service *
hasw_fast_service(const struct hasw_vip *vip, u8 proto, const void *transport,
		  u32 *ports)
{
	const struct hasw_services *all = rcu_dereference(vip->services);

	*ports = 0;
	if (unlikely(!all))
		return NULL;
	if (likely(hasw_key_has_ports(proto)))
		*ports = ntohl(*(const __be32 *)transport);
	else if (hasw_fast_inside4(proto))
		return NULL;
	return hasw_service_pick(all, proto, (u16)*ports);
}

/* Returns the member that gets the packet. Returns NULL if the slow path must
 * pick the member, or must record that this packet is the first one to the
 * service's new node.
 */
static __always_inline struct hasw_member *
hasw_fast_pick(const struct sk_buff *skb, int family,
	       const struct hasw_service *service,
	       const struct hasw_members *members, u8 proto, u32 ports)
{
	struct hasw_member *m;

	if (members->how == HASW_HOW_HASH)
		return hasw_fast_spread(skb, family, proto, ports,
					members);
	if (unlikely(members->how != HASW_HOW_ONE))
		return NULL;
	m = hasw_sched_pick(service, members);
	if (unlikely(!m || hasw_times_is_first(service, m->node)))
		return NULL;
	return m;
}

/* Puts the hop's link-layer header in front of a packet that
 * hasw_fast_prepare() has prepared, and sends the packet.
 */
static __always_inline unsigned int
hasw_fast_frame(const struct hasw_packet *p, const struct hasw_hop *hop)
{
	struct sk_buff *skb = p->skb;

	hasw_fast_leave(p, hop->dev);
	hasw_xmit_prebuilt(skb, hop);
	dev_queue_xmit(skb);
	return NF_STOLEN;
}

/* hasw_fast_xmit() for a member via nat: rewrites addresses and ports. */
static __always_inline unsigned int
hasw_fast_nat(struct hasw_net *hn, struct sk_buff *skb, int family, u32 len,
	      u32 header, const struct hasw_member *m,
	      const struct hasw_flow *flow, u8 kind)
{
	const struct hasw_packet p = { .hn = hn, .skb = skb, .family = family };
	/* The packet is sent to the node's address of the packet's family.
	 * node->hop[] is not used, because that hop may lead to the node's
	 * address of the other family.
	 */
	const struct hasw_hop *hop =
		rcu_dereference(m->node->neigh[family].hop);
	struct hasw_nat_fast to;
	__be32 own[4];

	if (unlikely(hasw_fast_unbuilt(hop)))
		return NF_ACCEPT;
	if (unlikely(hasw_route_policies(hn->net)) &&
	    !hasw_xmit_nat_linked(&p, flow, m->node))
		return NF_ACCEPT;
	if (unlikely(!hasw_flow_fast_original(hn, flow, kind,
					      family == HASW_HOP4 ? 1 : 4,
					      &to, own)))
		return NF_ACCEPT;
	if (unlikely(!hasw_fast_prepare(skb, header, len, hop->mtu, hop->dev,
					header + hasw_nat_header(flow->proto))))
		return NF_ACCEPT;
	hasw_stat_inc(hn, HASW_STAT_FAST);
	hasw_traffic_add(m->traffic, len);
	hasw_nat_fast(skb, family == HASW_HOP6, flow->proto, &to);
	return hasw_fast_frame(&p, hop);
}

/* hasw_fast_xmit() for a member via tunnel or via gue. For a member via local
 * or via nat, returns NF_ACCEPT, so that the slow path handles the packet.
 * noinline, because the function needs much stack.
 */
static noinline unsigned int
hasw_fast_tunnel(struct hasw_net *hn, struct sk_buff *skb, int family, u32 len,
		 u32 header, const struct hasw_member *m)
{
	const struct hasw_packet p = { .hn = hn, .skb = skb, .family = family };
	u8 via = READ_ONCE(m->via);

	if (!hasw_via_tunnels(via))
		return NF_ACCEPT;
	skb_set_transport_header(skb, header);
	if (hasw_xmit_tunnel_fast(&p, m->node, via == HASWITCH_VIA_GUE, len) !=
	    NF_STOLEN)
		return NF_ACCEPT;
	hasw_stat_inc(hn, HASW_STAT_FAST);
	hasw_traffic_add(m->traffic, len);
	return NF_STOLEN;
}

/* Sends a packet of @len bytes to @m; @header is the offset of its transport
 * header. All steps that can fail come before the packet is changed, since the
 * slow path must get an unchanged packet.
 */
static __always_inline unsigned int
hasw_fast_xmit(struct hasw_net *hn, struct sk_buff *skb, int family, u32 len,
	       u32 header, const struct hasw_member *m)
{
	const struct hasw_packet p = { .hn = hn, .skb = skb, .family = family };
	const struct hasw_hop *hop;

	if (unlikely(READ_ONCE(m->via) != HASWITCH_VIA_DIRECT))
		return hasw_fast_tunnel(hn, skb, family, len, header, m);
	hop = rcu_dereference(m->node->hop[family]);
	if (unlikely(hasw_fast_unbuilt(hop)))
		return NF_ACCEPT;
	if (unlikely(!hasw_fast_prepare(skb, header, len, hop->mtu, hop->dev,
					0)))
		return NF_ACCEPT;
	hasw_stat_inc(hn, HASW_STAT_FAST);
	hasw_traffic_add(m->traffic, len);
	return hasw_fast_frame(&p, hop);
}

static __always_inline unsigned int
hasw_fast_tracked(struct hasw_net *hn, struct sk_buff *skb, int family, u32 len,
		  u32 header, const struct hasw_service *service,
		  const struct hasw_members *members, u8 proto)
{
	const struct hasw_flow *flow = NULL;
	struct hasw_member *m;
	u8 kind;

	m = hasw_fast_flow(hn, skb, family, service, members, proto, len,
			   header, &flow, &kind);
	if (unlikely(!m))
		return NF_ACCEPT;
	/* @kind decides whether the packet is translated, because m->via may
	 * have changed since hasw_flow_known() compared m->via with @kind.
	 */
	if (kind & HASW_FLOW_NAT)
		return hasw_fast_nat(hn, skb, family, len, header, m, flow,
				     kind);
	return hasw_fast_xmit(hn, skb, family, len, header, m);
}

/* Handles a packet of a tracked flow. noinline, because the function needs much
 * stack.
 */
static noinline unsigned int
hasw_fast_tracked4(struct hasw_net *hn, struct sk_buff *skb, u32 len,
		   const struct hasw_service *service,
		   const struct hasw_members *members)
{
	return hasw_fast_tracked(hn, skb, HASW_HOP4, len, sizeof(struct iphdr),
				 service, members, ip_hdr(skb)->protocol);
}

static noinline unsigned int
hasw_fast_tracked6(struct hasw_net *hn, struct sk_buff *skb, u32 len,
		   const struct hasw_service *service,
		   const struct hasw_members *members)
{
	return hasw_fast_tracked(hn, skb, HASW_HOP6, len,
				 sizeof(struct ipv6hdr), service, members,
				 ipv6_hdr(skb)->nexthdr);
}

/* Handles a packet to a vip that this node holds. The caller has checked the IP
 * header.
 */
static __always_inline unsigned int
hasw_fast_held(struct hasw_net *hn, struct sk_buff *skb, int family, u32 len,
	       u32 header, const struct hasw_vip *vip, u8 proto)
{
	const struct hasw_members *members;
	const struct hasw_service *service;
	struct hasw_member *m;
	u32 ports;

	service = hasw_fast_service(vip, proto,
				    skb_network_header(skb) + header, &ports);
	if (unlikely(!service))
		return NF_ACCEPT;
	members = rcu_dereference(service->members);
	if (unlikely(members->how == HASW_HOW_FLOW))
		return family == HASW_HOP4 ?
		       hasw_fast_tracked4(hn, skb, len, service, members) :
		       hasw_fast_tracked6(hn, skb, len, service, members);
	m = hasw_fast_pick(skb, family, service, members, proto, ports);
	if (unlikely(!m))
		return NF_ACCEPT;
	return hasw_fast_xmit(hn, skb, family, len, header, m);
}

/* noinline, so that packets to no vip need no stack frame. */
static noinline unsigned int hasw_fast_vip4(struct hasw_net *hn,
					    struct sk_buff *skb,
					    const struct hasw_vip *vip)
{
	const struct iphdr *iph = ip_hdr(skb);
	u32 len = ntohs(iph->tot_len);

	if (unlikely(!hasw_fast_whole4(iph, skb->len) ||
		     READ_ONCE(vip->hook) != HASWITCH_HOOK_INGRESS))
		return NF_ACCEPT;
	if (unlikely(!hasw_fast_takes_frame(skb) || trace_redirect_enabled() ||
		     hasw_martian4(iph->saddr, iph->daddr) ||
		     !hasw_fast_sound4(iph)))
		return NF_ACCEPT;
	if (unlikely(!hasw_vip_judge(vip, NULL, NULL)))
		return NF_ACCEPT;
	return hasw_fast_held(hn, skb, HASW_HOP4, len, sizeof(*iph), vip,
			      iph->protocol);
}

static noinline unsigned int hasw_fast_vip6(struct hasw_net *hn,
					    struct sk_buff *skb,
					    const struct hasw_vip *vip)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	const struct inet6_dev *idev;
	/* A jumbogram has payload_len 0, so hasw_fast_whole6() excludes it. */
	u32 len = sizeof(*ip6) + ntohs(ip6->payload_len);

	if (unlikely(!hasw_fast_whole6(ip6, skb->len) ||
		     !hasw_key_has_ports(ip6->nexthdr) ||
		     READ_ONCE(vip->hook) != HASWITCH_HOOK_INGRESS))
		return NF_ACCEPT;
	idev = __in6_dev_get(skb->dev);
	if (unlikely(!hasw_fast_enabled6(idev)))
		return NF_ACCEPT;
	if (unlikely(!hasw_fast_takes_frame(skb) || trace_redirect_enabled() ||
		     hasw_fast_odd6(ip6)))
		return NF_ACCEPT;
	if (unlikely(!hasw_vip_judge(vip, NULL, NULL)))
		return NF_ACCEPT;
	return hasw_fast_held(hn, skb, HASW_HOP6, len, sizeof(*ip6), vip,
			      ip6->nexthdr);
}

static __always_inline unsigned int hasw_fast_in4(struct hasw_net *hn,
						  struct sk_buff *skb)
{
	const struct hasw_vip *vip;

	if (unlikely(skb_headlen(skb) < HASW_FAST_LEN4))
		return NF_ACCEPT;
	vip = hasw_vip_find4(rcu_dereference(hn->config), ip_hdr(skb)->daddr);
	if (likely(!vip))
		return likely(!READ_ONCE(hn->natted)) ?
			       NF_ACCEPT :
			       hasw_fast_reply4(hn, skb);
	return hasw_fast_vip4(hn, skb, vip);
}

static __always_inline unsigned int hasw_fast_in6(struct hasw_net *hn,
						  struct sk_buff *skb)
{
	const struct hasw_vip *vip;

	if (unlikely(skb_headlen(skb) < HASW_FAST_LEN6))
		return NF_ACCEPT;
	vip = hasw_vip_find6(rcu_dereference(hn->config),
			     &ipv6_hdr(skb)->daddr);
	if (likely(!vip))
		return likely(!READ_ONCE(hn->natted)) ?
			       NF_ACCEPT :
			       hasw_fast_reply6(hn, skb);
	return hasw_fast_vip6(hn, skb, vip);
}

/**
 * hasw_fast_in() - handles a packet at a device's ingress
 * @priv: namespace
 * @skb: the packet, at its network header
 * @state: unused
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_STOLEN if the packet was sent to a member, or as a reply to a
 * client; else NF_ACCEPT, and the slow path gets the packet unchanged.
 */
unsigned int hasw_fast_in(void *priv, struct sk_buff *skb,
			  const struct nf_hook_state *state)
{
	if (skb->protocol == htons(ETH_P_IP))
		return hasw_fast_in4(priv, skb);
	if (skb->protocol == htons(ETH_P_IPV6))
		return hasw_fast_in6(priv, skb);
	return NF_ACCEPT;
}
