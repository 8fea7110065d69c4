/* SPDX-License-Identifier: GPL-2.0 */
/* What members via nat have sent: it goes to clients as the vip's. */
#ifndef HASW_ANSWER_H
#define HASW_ANSWER_H

#include <linux/tcp.h>

#include "forward/xmit.h"

/**
 * struct hasw_answer - what a member has answered
 * @f: the flow that is answered
 * @tuple: the packet's ends, as if the member were a client
 * @tcp: its header, or NULL; in the packet or in @buf
 * @buf: see @tcp
 */
struct hasw_answer {
	struct hasw_flow *f;
	struct hasw_tuple tuple;
	const struct tcphdr *tcp;
	struct tcphdr buf;
};

/* hasw_answer_vip() of a flow of that family. */
static __always_inline const struct hasw_vip *
hasw_answer_vip_of(struct hasw_net *hn, const struct hasw_flow *f, bool six)
{
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	struct in6_addr addr;

	if (!six)
		return hasw_vip_find4(cfg, f->addr[1]);
	memcpy(&addr, f->addr + 4, sizeof(addr));
	return hasw_vip_find6(cfg, &addr);
}

/**
 * hasw_answer_leaves_fast() - whether an answer leaves by the fast path
 * @hn: namespace
 * @f: its flow
 * @six: that is an IPv6 one
 *
 * See hasw_answer_leaves(), which looks again where this finds that this node is
 * not the holder.
 *
 * Context: RCU read side.
 */
static __always_inline bool
hasw_answer_leaves_fast(struct hasw_net *hn, const struct hasw_flow *f, bool six)
{
	const struct hasw_vip *vip = hasw_answer_vip_of(hn, f, six);

	return vip && READ_ONCE(vip->hook) == HASWITCH_HOOK_INGRESS &&
	       hasw_vip_judge(vip, NULL, NULL) &&
	       READ_ONCE(f->epoch) == hasw_vip_began(vip);
}

const struct hasw_vip *hasw_answer_vip(struct hasw_net *hn,
				       const struct hasw_flow *f);
bool hasw_answer_find(const struct hasw_packet *p, struct hasw_answer *a);
bool hasw_answer_from_node(const struct hasw_packet *p);
bool hasw_answer_leaves(struct hasw_net *hn, const struct hasw_flow *f);
unsigned int hasw_answer_in(const struct hasw_packet *p);

#endif
