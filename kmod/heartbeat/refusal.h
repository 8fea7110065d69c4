/* SPDX-License-Identifier: GPL-2.0 */
/* A refusal records that a member's node has no socket that listens on the
 * service's port, or does not have the vip as an address.
 */
#ifndef HASW_REFUSAL_H
#define HASW_REFUSAL_H

#include "pulse.h"
#include "service/service.h"

void hasw_refusal_init(struct hasw_net *hn);
void hasw_refusal_stop(struct hasw_net *hn);
void hasw_refusal_exit(struct hasw_net *hn);
void hasw_refusal_found(struct hasw_net *hn, const struct hasw_vip *vip,
			u8 proto, u16 port, const struct net_device *out,
			bool unlocal);
bool hasw_refusal_read(const struct sk_buff *skb, const struct tcphdr *tcp,
		       u8 *proto, u16 *port);
void hasw_refusal_inherit(struct hasw_net *hn, const struct hasw_config *cfg);
void hasw_refusal_inherited(struct hasw_net *hn);
void hasw_refusal_notice(struct hasw_net *hn, const struct hasw_node *node,
			 u8 kind, u64 value, u64 now);

/**
 * hasw_refusal_look() - handles a packet from a vip if the packet may refuse a
 *	client
 * @hn: namespace
 * @vip: source of the packet; this node is allowed to send packets from the vip
 * @skb: the packet, as this machine sends it
 * @tcp: the packet's TCP header, from hasw_key_tcp(), or NULL
 * @out: egress device
 *
 * A TCP reset or an ICMP port unreachable error can mean that no socket listens
 * on the port.
 *
 * Context: softirqs off, RCU read side.
 */
static inline void hasw_refusal_look(struct hasw_net *hn,
				     const struct hasw_vip *vip,
				     const struct sk_buff *skb,
				     const struct tcphdr *tcp,
				     const struct net_device *out)
{
	u16 port;
	u8 proto;

	if (unlikely(hasw_refusal_read(skb, tcp, &proto, &port)))
		hasw_refusal_found(hn, vip, proto, port, out, false);
}

#endif
