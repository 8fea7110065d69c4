/* SPDX-License-Identifier: GPL-2.0 */
/* This node translates the addresses of packets to a member that is reached via
 * nat, so the member replies to this node. This node forwards the replies to
 * the clients, with the vip as source address.
 */
#ifndef HASW_REPLY_H
#define HASW_REPLY_H

#include <linux/tcp.h>

#include "flow/flow.h"
#include "forward/xmit.h"

/**
 * struct hasw_reply - a reply that a member reached via nat has sent
 * @f: the flow that the reply belongs to
 * @tuple: addresses and ports of the reply: tuple.client is the member,
 *	tuple.vip is the reply's destination
 * @tcp: TCP header of the reply, in the packet or in @buf; NULL for other
 *	protocols
 * @buf: copy of the TCP header, if this header is not in the packet's linear
 *	data
 */
struct hasw_reply {
	struct hasw_flow *f;
	struct hasw_tuple tuple;
	const struct tcphdr *tcp;
	struct tcphdr buf;
};

/**
 * hasw_reply_leaves_fast() - whether the fast path is allowed to send a reply
 * @hn: namespace
 * @f: the flow that the reply belongs to
 * @six: the flow is an IPv6 flow
 *
 * If this function returns false, the slow path checks again with
 * hasw_reply_leaves().
 *
 * Context: RCU read side.
 */
static __always_inline bool
hasw_reply_leaves_fast(struct hasw_net *hn, const struct hasw_flow *f, bool six)
{
	const struct hasw_vip *vip =
		hasw_flow_vip_of(rcu_dereference(hn->config), f, six);

	return vip && READ_ONCE(vip->hook) == HASWITCH_HOOK_INGRESS &&
	       hasw_vip_judge(vip, NULL, NULL) && hasw_flow_since(f, vip);
}

bool hasw_reply_find(const struct hasw_packet *p, struct hasw_reply *a);
bool hasw_reply_from_node(const struct hasw_packet *p);
bool hasw_reply_leaves(struct hasw_net *hn, const struct hasw_flow *f);
unsigned int hasw_reply_in(const struct hasw_packet *p);

#endif
