// SPDX-License-Identifier: GPL-2.0
/* This node translates the addresses of packets to a member that is reached via
 * nat, so the member replies to this node. This node forwards the replies to
 * the clients, with the vip as source address.
 */
#include <linux/netfilter.h>

#include "reply.h"
#include "packet/key.h"
#include "defrag.h"

/**
 * hasw_reply_leaves() - whether this node is allowed to send a reply to the
 *	client
 * @hn: namespace
 * @f: the flow that the reply belongs to
 *
 * This node must hold the vip, and must have held it without interruption since
 * the member got the flow. After an interruption, hasw_vip_began() returns an
 * epoch other than hasw_flow.epoch.
 *
 * Context: RCU read side.
 */
bool hasw_reply_leaves(struct hasw_net *hn, const struct hasw_flow *f)
{
	const struct hasw_vip *vip =
		hasw_flow_vip(rcu_dereference(hn->config), f);

	return vip && hasw_vip_held(vip) && hasw_flow_since(f, vip);
}

/**
 * hasw_reply_find() - finds the flow that a reply belongs to
 * @p: the packet, to no vip
 * @a: filled in with the flow, the tuple and the TCP header
 *
 * The flow is not changed.
 *
 * Context: RCU read side, softirqs off.
 * Return: whether the packet is a reply of a known flow.
 */
bool hasw_reply_find(const struct hasw_packet *p, struct hasw_reply *a)
{
	const struct hasw_config *cfg = rcu_dereference(p->hn->config);
	struct hasw_tuple *t = &a->tuple;
	struct hasw_flow_key key;

	if (!hasw_tuple_get(p->skb, p->family == HASW_HOP6, t))
		return false;
	a->tcp = NULL;
	if (t->proto == IPPROTO_TCP && t->offset && !t->about) {
		a->tcp = skb_header_pointer(p->skb, t->offset, sizeof(a->buf),
					    &a->buf);
		if (!a->tcp)
			return false;
	}
	if (p->family == HASW_HOP4)
		hasw_flow_reply_key(cfg, 0, t->proto, &t->client.s6_addr32[3],
				    &t->vip.s6_addr32[3], t->ports, &key);
	else
		hasw_flow_reply_key(cfg, HASW_FLOW_IPV6, t->proto,
				    t->client.s6_addr32, t->vip.s6_addr32,
				    t->ports, &key);
	a->f = hasw_flow_reply_known(p->hn, &key, hasw_flow_words(key.kind));
	return a->f;
}

/**
 * hasw_reply_from_node() - whether a packet's source address is that of another
 *	node
 * @p: the packet
 *
 * Context: RCU read side.
 */
bool hasw_reply_from_node(const struct hasw_packet *p)
{
	const struct hasw_config *cfg = rcu_dereference(p->hn->config);
	struct in6_addr from;

	if (p->family == HASW_HOP6)
		return hasw_node_from(cfg, &ipv6_hdr(p->skb)->saddr, AF_INET6);
	ipv6_addr_set_v4mapped(ip_hdr(p->skb)->saddr, &from);
	return hasw_node_from(cfg, &from, AF_INET);
}

/**
 * hasw_reply_in() - handles a packet to no vip, while NAT is in use
 * @p: the packet, at PRE_ROUTING
 *
 * Context: RCU read side, softirqs off.
 * Return: NF_ACCEPT if the packet is no reply of a flow, or is for a local
 * process; NF_STOLEN if the packet was sent, or is a fragment that was queued
 * or freed; NF_DROP if the packet was counted as dropped.
 */
unsigned int hasw_reply_in(const struct hasw_packet *p)
{
	struct hasw_reply a;
	unsigned int verdict;

	/* Only fragments from other nodes are reassembled, because only the
	 * members on these nodes send replies.
	 */
	if (unlikely(hasw_defrag_possible(p->skb, p->family)) &&
	    hasw_reply_from_node(p)) {
		verdict = hasw_defrag_gather(p);
		if (verdict != NF_ACCEPT)
			return verdict;
	}
	if (!hasw_reply_find(p, &a))
		return NF_ACCEPT;
	if (!a.tuple.about)
		hasw_flow_note_reply(p->hn, a.f, a.tcp);
	hasw_stat_inc(p->hn, HASW_STAT_SEEN);
	if (!hasw_reply_leaves(p->hn, a.f))
		return hasw_xmit_drop(p, HASW_STAT_DROP_NOT_HOLDER);
	verdict = hasw_xmit_reply(p, &a.tuple, a.f);
	if (verdict != NF_DROP)
		hasw_stat_inc(p->hn, HASW_STAT_NAT_ANSWERED);
	return verdict;
}
