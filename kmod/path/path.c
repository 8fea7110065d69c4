// SPDX-License-Identifier: GPL-2.0
/* The slow path: finds the vip, the service and the member of a packet, and
 * sends the packet to that member.
 */
#include <linux/netfilter.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "reply.h"
#include "forward/mss.h"
#include "forward/xmit.h"
#include "flow/flow.h"
#include "packet/key.h"
#include "announce/nd.h"
#include "path.h"
#include "defrag.h"
#include "heartbeat/refusal.h"
#include "service/sched.h"
#include "service/switch_times.h"
#include "core/trace.h"
#include "check.h"

static __always_inline void hasw_trace_info_set(struct hasw_trace_info *out,
						const struct hasw_node *node,
						u8 via)
{
	if (!out)
		return;
	out->node = node;
	out->via = via;
}

/* Picks a member by the hash of the packet's flow. If the picked member is not
 * the one that the hash selects, hasw_times_skip() records the first packet
 * that avoids the selected member.
 */
static struct hasw_member *hasw_path_hashed(const struct hasw_packet *p,
					    struct hasw_service *service,
					    const struct hasw_members *all)
{
	struct hasw_member *away = NULL;
	struct hasw_member *m = hasw_check_hashed(p, service, all, &away);

	if (unlikely(away) && m)
		hasw_times_skip(p->hn, service, away, m->node);
	return m;
}

/* Picks the member for a packet of a service whose hasw_members.how is not
 * HASW_HOW_ONE. Sets @flow if the service tracks flows. Return: the member;
 * NULL if no member is usable, or if the service has reached its limit of new
 * flows; ERR_PTR() if the packet has to be dropped for another reason.
 */
static noinline struct hasw_member *
hasw_path_spread(const struct hasw_packet *p, struct hasw_service *service,
		 const struct hasw_members *all, const struct hasw_flow **flow)
{
	switch (all->how) {
	case HASW_HOW_HASH:
		return hasw_path_hashed(p, service, all);
	case HASW_HOW_EACH:
		return hasw_sched_choose(service, all, NULL);
	}
	return hasw_flow_pick(p->hn, p->skb, hasw_check_comes_in(p), service,
			      all, flow);
}

/* Drops a packet for which hasw_path_spread() has returned an error. */
static noinline unsigned int hasw_path_astray(const struct hasw_packet *p,
					      long err)
{
	return hasw_xmit_drop(p, hasw_check_astray(err));
}

/* Sends a packet to a node by a via: direct, tunnel or gue. If the node knows
 * another link-layer address of this node, it sends each frame of this node
 * back as a stray, until the TTL ends. It recognises this node in a tunnel, so
 * a stray that has come back is sent in a tunnel, whatever its size.
 */
static __always_inline unsigned int
hasw_path_remote(const struct hasw_packet *p, struct hasw_node *node, u8 via,
		 struct hasw_trace_info *out)
{
	if (unlikely(hasw_via_tunnels(via)))
		return hasw_xmit_tunnel(p, node, via == HASWITCH_VIA_GUE);
	if (unlikely(hasw_stray_returns(p))) {
		hasw_stat_inc(p->hn, HASW_STAT_STRAY_RETURNED);
		hasw_trace_info_set(out, node, HASWITCH_VIA_GUE);
		return hasw_xmit_tunnel_split(p, node);
	}
	return hasw_xmit_direct(p, node);
}

/* Handles a packet that this node is to serve, but that was dropped, because
 * the vip is no address of this machine. A holder that hears of this refusal
 * picks another member. noinline, to keep this rare case out of the common
 * code.
 */
static noinline void hasw_path_unlocal(const struct hasw_packet *p,
				       const struct hasw_vip *vip)
{
	struct hasw_key key;

	if (hasw_key_get(p->skb, p->family == HASW_HOP6, &key) &&
	    (key.proto == IPPROTO_TCP || key.proto == IPPROTO_UDP))
		hasw_refusal_found(p->hn, vip, key.proto, key.port, NULL, true);
}

/* Lets this node's stack serve a packet to a member on this node. */
static __always_inline unsigned int
hasw_path_local(const struct hasw_packet *p, const struct hasw_vip *vip)
{
	unsigned int verdict = hasw_xmit_local(p);

	if (unlikely(verdict == NF_DROP))
		hasw_path_unlocal(p, vip);
	return verdict;
}

/* Handles a packet for which no member was picked, as the service's `on-empty`
 * setting demands.
 */
static noinline unsigned int hasw_path_empty(const struct hasw_packet *p,
					     const struct hasw_vip *vip,
					     const struct hasw_service *service,
					     struct hasw_trace_info *out)
{
	struct hasw_node *sorry = hasw_check_sorry(service);

	if (sorry) {
		hasw_trace_info_set(out, sorry,
				    sorry->self ? HASWITCH_VIA_LOCAL :
						  HASWITCH_VIA_DIRECT);
		if (sorry->self)
			return hasw_xmit_local(p);
		if (hasw_check_loops(p, vip))
			return hasw_xmit_drop(p, HASW_STAT_DROP_OUTPUT);
		return hasw_path_remote(p, sorry, HASWITCH_VIA_DIRECT, out);
	}
	this_cpu_inc(*service->dropped);
	if (READ_ONCE(service->rejects)) {
		if (!hasw_check_source(p))
			return hasw_xmit_drop(p, HASW_STAT_DROP_SOURCE);
		return hasw_xmit_reject(p);
	}
	return hasw_xmit_drop(p, HASW_STAT_DROP_NO_MEMBER);
}

static __always_inline unsigned int
hasw_path_holder(const struct hasw_packet *p, int family,
		 const struct hasw_vip *vip, struct hasw_trace_info *out)
{
	const struct hasw_services *all = rcu_dereference(vip->services);
	const struct hasw_flow *flow = NULL;
	const struct hasw_members *members;
	struct hasw_service *service;
	struct hasw_member *m;
	struct hasw_key key;
	u8 via;

	if (!all)
		return hasw_xmit_unserved(p);
	if (unlikely(!hasw_key_get(p->skb, family == HASW_HOP6, &key)))
		return hasw_xmit_drop(p, HASW_STAT_DROP_MALFORMED);
	service = hasw_service_pick(all, key.proto, key.port);
	if (!service)
		return hasw_xmit_unserved(p);
	members = rcu_dereference(service->members);
	if (members->how != HASW_HOW_ONE) {
		m = hasw_path_spread(p, service, members, &flow);
		if (IS_ERR(m))
			return hasw_path_astray(p, PTR_ERR(m));
	} else {
		m = hasw_sched_pick(service, members);
		if (m && unlikely(hasw_times_is_first(service, m->node)))
			hasw_times_first(p->hn, service, m->node);
	}
	if (unlikely(!m))
		return hasw_path_empty(p, vip, service, out);
	via = READ_ONCE(m->via);
	hasw_trace_info_set(out, m->node, via);
	hasw_traffic_add(m->traffic, p->skb->len);
	if (via == HASWITCH_VIA_LOCAL)
		return hasw_path_local(p, vip);
	if (unlikely(via == HASWITCH_VIA_NAT)) {
		/* If the packet has no flow, the member was changed to via nat
		 * after the pick. The packet cannot be translated, so it is
		 * dropped.
		 */
		if (!flow)
			return hasw_xmit_drop(p, HASW_STAT_DROP_NO_MEMBER);
		return hasw_xmit_nat(p, flow, m->node);
	}
	if (hasw_check_loops(p, vip))
		return hasw_xmit_drop(p, HASW_STAT_DROP_OUTPUT);
	return hasw_path_remote(p, m->node, via, out);
}

/* Checks again whether this node holds the vip, because this node may just have
 * become the holder. Unless @out is NULL, stores in @out the time of the check,
 * and the deadline that was compared with this time, or 0.
 */
static noinline bool hasw_path_holds_now(const struct hasw_vip *vip,
					 struct hasw_trace_info *out)
{
	bool held;

	if (!out)
		return hasw_vip_judge_again(vip, NULL, NULL);
	out->decision = 0;
	out->deadline = 0;
	held = hasw_vip_judge_again(vip, &out->decision, &out->deadline);
	if (!out->decision)
		out->decision = hasw_switch_now();
	return held;
}

/* hasw_path_holder() after a second check, hasw_vip_judge_again(), has found
 * that this node holds the vip. noinline, to keep this rare case out of the
 * common code.
 */
static noinline unsigned int hasw_path_late(const struct hasw_packet *p,
					    const struct hasw_vip *vip,
					    struct hasw_trace_info *out)
{
	if (p->family == HASW_HOP4)
		return hasw_path_holder(p, HASW_HOP4, vip, out);
	return hasw_path_holder(p, HASW_HOP6, vip, out);
}

/* Handles a packet to a vip that this node does not hold. */
static unsigned int hasw_path_not_holder(const struct hasw_packet *p,
					 const struct hasw_vip *vip,
					 struct hasw_trace_info *out)
{
	struct hasw_not_holder_to to;

	switch (hasw_not_holder_judge(p, vip, hasw_path_holds_now, out, &to)) {
	case HASW_NOT_HOLDER_HELD:
		return hasw_path_late(p, vip, out);
	case HASW_NOT_HOLDER_DROP:
		break;
	case HASW_NOT_HOLDER_LOCAL:
		return hasw_path_local(p, vip);
	case HASW_NOT_HOLDER_DIRECT:
		hasw_trace_info_set(out, to.holder, HASWITCH_VIA_DIRECT);
		return hasw_xmit_direct(p, to.holder);
	case HASW_NOT_HOLDER_UNRESOLVED:
		hasw_hop_solicit(to.holder);
		return hasw_xmit_drop(p, HASW_STAT_DROP_UNRESOLVED);
	case HASW_NOT_HOLDER_STRAY:
		/* A stray (a client's packet that is forwarded to the holder)
		 * is sent without a via. The trace event therefore reports
		 * U8_MAX, which is no value of enum haswitch_via.
		 */
		if (!hasw_check_source(p))
			return hasw_xmit_drop(p, HASW_STAT_DROP_SOURCE);
		hasw_trace_info_set(out, to.holder, U8_MAX);
		return hasw_xmit_stray(p, to.holder,
				       to.epoch ?: hasw_vip_epoch(vip));
	case HASW_NOT_HOLDER_PASSED:
		hasw_stat_inc(p->hn, HASW_STAT_PASSED);
		return NF_ACCEPT;
	}
	return hasw_xmit_drop(p, HASW_STAT_DROP_NOT_HOLDER);
}

/* Decides what happens to a packet, and carries out the decision. @family
 * equals p->family; it is a compile-time constant if the caller knows the
 * family.
 */
static __always_inline unsigned int
hasw_path_decide(const struct hasw_packet *p, int family,
		 const struct hasw_vip *vip, struct hasw_trace_info *out)
{
	bool held = hasw_vip_judge(vip, out ? &out->decision : NULL,
				   out ? &out->deadline : NULL);

	if (out && !out->decision)
		out->decision = hasw_switch_now();
	hasw_stat_inc(p->hn, HASW_STAT_SEEN);
	if (likely(held))
		return hasw_path_holder(p, family, vip, out);
	return hasw_path_not_holder(p, vip, out);
}

/* hasw_path_decide() with the redirect trace event. The packet's key is read
 * before the decision, because sending the packet may free it.
 */
static noinline unsigned int hasw_path_traced(const struct hasw_packet *p,
					      const struct hasw_vip *vip)
{
	struct hasw_trace_info out = {};
	struct hasw_key key = {};
	unsigned int verdict;

	/* The event reports port 0 for a packet without a port. */
	hasw_key_get(p->skb, p->family == HASW_HOP6, &key);
	verdict = hasw_path_decide(p, p->family, vip, &out);
	trace_redirect(&vip->addr, vip->family, key.proto, key.port,
		       out.node ? out.node->name : "", out.via, out.decision,
		       out.deadline, verdict);
	return verdict;
}

/* Handles a packet to a vip. RCU read side, softirqs off. */
static __always_inline unsigned int
hasw_path_vip(const struct hasw_packet *p, int family,
	      const struct hasw_vip *vip)
{
	unsigned int verdict;

	if (unlikely(hasw_defrag_possible(p->skb, family))) {
		verdict = hasw_defrag_gather(p);
		if (verdict != NF_ACCEPT)
			return verdict;
	}
	if (trace_redirect_enabled())
		return hasw_path_traced(p, vip);
	return hasw_path_decide(p, family, vip, NULL);
}

/* Handles a packet to a vip that a device in a VRF has received: the packet is
 * dropped or left to the stack, see hasw_check_vrf_drops(). The stack calls the
 * hook for the device that has received the packet, and then for the device of
 * the VRF. The second call counts only a packet that it drops: a packet that
 * IPsec has decrypted comes by the device of the VRF alone.
 */
static noinline unsigned int hasw_path_vrf(const struct hasw_packet *p)
{
	bool drops = hasw_check_vrf_drops(p);

	if (!drops && netif_is_l3_master(p->skb->dev))
		return NF_ACCEPT;
	hasw_stat_inc(p->hn, HASW_STAT_SEEN);
	if (drops)
		return hasw_xmit_drop(p, HASW_STAT_DROP_NOT_HOLDER);
	hasw_stat_inc(p->hn, HASW_STAT_PASSED);
	return NF_ACCEPT;
}

static __always_inline unsigned int
hasw_path_in(const struct hasw_packet *p, int family,
	     const struct hasw_vip *vip)
{
	if (unlikely(hasw_check_passes(p->skb))) {
		hasw_stat_inc(p->hn, HASW_STAT_SEEN);
		hasw_stat_inc(p->hn, HASW_STAT_PASSED);
		return NF_ACCEPT;
	}
	if (unlikely(hasw_dev_in_vrf(p->skb->dev)))
		return hasw_path_vrf(p);
	if (unlikely(hasw_check_martian(p->skb, family))) {
		hasw_stat_inc(p->hn, HASW_STAT_SEEN);
		return hasw_xmit_drop(p, HASW_STAT_DROP_MALFORMED);
	}
	return hasw_path_vip(p, family, vip);
}

/* A packet that NFQUEUE reinjects arrives in process context with softirqs on,
 * so this function disables softirqs.
 */
static noinline unsigned int
hasw_path_in_process(const struct hasw_packet *p, const struct hasw_vip *vip)
{
	unsigned int verdict;

	local_bh_disable();
	verdict = hasw_path_in(p, p->family, vip);
	local_bh_enable();
	return verdict;
}

/* noinline, so that packets to no vip need no stack frame. */
static noinline unsigned int hasw_path_vip4(struct hasw_net *hn,
					    struct sk_buff *skb,
					    const struct hasw_vip *vip)
{
	struct hasw_packet p = { .hn = hn, .skb = skb, .family = HASW_HOP4 };

	if (likely(in_softirq()))
		return hasw_path_in(&p, HASW_HOP4, vip);
	return hasw_path_in_process(&p, vip);
}

static noinline unsigned int hasw_path_vip6(struct hasw_net *hn,
					    struct sk_buff *skb,
					    const struct hasw_vip *vip)
{
	struct hasw_packet p = { .hn = hn, .skb = skb, .family = HASW_HOP6 };

	if (likely(in_softirq()))
		return hasw_path_in(&p, HASW_HOP6, vip);
	return hasw_path_in_process(&p, vip);
}

/* Handles a packet to no vip, which may be a reply of a member reached via nat.
 */
static noinline unsigned int hasw_path_reply(struct hasw_net *hn,
					     struct sk_buff *skb, int family)
{
	struct hasw_packet p = { .hn = hn, .skb = skb, .family = family };
	unsigned int verdict;

	if (unlikely(hasw_check_passes(skb)))
		return NF_ACCEPT;
	if (hasw_check_mapped(skb, family))
		return NF_ACCEPT;
	local_bh_disable();
	verdict = hasw_reply_in(&p);
	local_bh_enable();
	return verdict;
}

/**
 * hasw_path_in4() - handles an IPv4 packet at PRE_ROUTING
 * @priv: namespace
 * @skb: the packet, at its IP header
 * @state: state of the hook
 *
 * Context: RCU read side.
 * Return: a netfilter verdict.
 */
unsigned int hasw_path_in4(void *priv, struct sk_buff *skb,
			   const struct nf_hook_state *state)
{
	struct hasw_net *hn = priv;
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	const struct hasw_vip *vip = hasw_vip_find4(cfg, ip_hdr(skb)->daddr);

	if (likely(!vip))
		return likely(!READ_ONCE(hn->natted)) ?
			       NF_ACCEPT :
			       hasw_path_reply(hn, skb, HASW_HOP4);
	return hasw_path_vip4(hn, skb, vip);
}

/**
 * hasw_path_in6() - handles an IPv6 packet at PRE_ROUTING
 * @priv: namespace
 * @skb: the packet, at its IP header
 * @state: state of the hook
 *
 * Context: RCU read side.
 * Return: a netfilter verdict.
 */
unsigned int hasw_path_in6(void *priv, struct sk_buff *skb,
			   const struct nf_hook_state *state)
{
	struct hasw_net *hn = priv;
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	const struct hasw_vip *vip;
	unsigned int verdict;

	if (unlikely(ip6->nexthdr == NEXTHDR_ICMP)) {
		local_bh_disable();
		verdict = hasw_nd_in(hn, cfg, skb, state->in);
		local_bh_enable();
		if (verdict != NF_ACCEPT || hasw_key_is_nd(skb))
			return verdict;
		ip6 = ipv6_hdr(skb);
	}
	vip = hasw_vip_find6(cfg, &ip6->daddr);
	if (likely(!vip))
		return likely(!READ_ONCE(hn->natted)) ?
			       NF_ACCEPT :
			       hasw_path_reply(hn, skb, HASW_HOP6);
	return hasw_path_vip6(hn, skb, vip);
}

/* Looks at a packet that this machine sends from a vip: whether it refuses a
 * client, and what MSS it offers. Returns false if it has to be dropped, because
 * an allocation failed.
 */
static bool hasw_path_speak(const struct hasw_packet *p,
			    const struct hasw_vip *from,
			    const struct net_device *out)
{
	const struct tcphdr *tcp;
	struct tcphdr buf;
	u32 off;

	tcp = hasw_key_tcp(p->skb, p->family == HASW_HOP6, &buf, &off);
	hasw_refusal_look(p->hn, from, p->skb, tcp, out);
	return hasw_mss_clamp(p, from, tcp, off);
}

/* Handles a packet that this machine sends. A packet from a vip is sent only if
 * this node holds the vip, or is a member that replies to packets from the
 * holder. For a packet to a vip, hasw_path_vip() is called, with two exceptions:
 * this module itself sends the packet, as a TCP reset or an ICMP error, or the
 * packet leaves by a device in a VRF, where the address is no vip.
 */
static unsigned int hasw_path_out(struct hasw_packet *p,
				  const struct hasw_vip *from,
				  const struct hasw_vip *to,
				  const struct net_device *out)
{
	unsigned int verdict = NF_ACCEPT;

	local_bh_disable();
	if (from && !hasw_vip_speaks(from)) {
		hasw_stat_inc(p->hn, HASW_STAT_SEEN);
		verdict = hasw_xmit_drop(p, HASW_STAT_DROP_OUTPUT);
	} else if (likely(!hasw_reject_is(p))) {
		if (from && !hasw_path_speak(p, from, out)) {
			hasw_stat_inc(p->hn, HASW_STAT_SEEN);
			verdict = hasw_xmit_drop(p, HASW_STAT_DROP_MEMORY);
		} else if (to && !hasw_dev_in_vrf(out)) {
			verdict = hasw_path_vip(p, p->family, to);
		}
	}
	local_bh_enable();
	return verdict;
}

/**
 * hasw_path_out4() - handles an IPv4 packet that this machine sends, at
 *	LOCAL_OUT
 * @priv: namespace
 * @skb: the packet, at its IP header
 * @state: state of the hook
 *
 * Context: RCU read side.
 * Return: a netfilter verdict.
 */
unsigned int hasw_path_out4(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	struct hasw_packet p = {
		.hn = priv, .skb = skb, .family = HASW_HOP4, .local = true,
	};
	const struct hasw_config *cfg = rcu_dereference(p.hn->config);
	const struct iphdr *iph = ip_hdr(skb);
	const struct hasw_vip *from = hasw_vip_find4(cfg, iph->saddr);
	const struct hasw_vip *to = hasw_vip_find4(cfg, iph->daddr);

	if (!from && !to)
		return NF_ACCEPT;
	return hasw_path_out(&p, from, to, state->out);
}

/**
 * hasw_path_out6() - handles an IPv6 packet that this machine sends, at
 *	LOCAL_OUT
 * @priv: namespace
 * @skb: the packet, at its IP header
 * @state: state of the hook
 *
 * Context: RCU read side.
 * Return: a netfilter verdict.
 */
unsigned int hasw_path_out6(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	struct hasw_packet p = {
		.hn = priv, .skb = skb, .family = HASW_HOP6, .local = true,
	};
	const struct hasw_config *cfg = rcu_dereference(p.hn->config);
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	const struct hasw_vip *from, *to;
	unsigned int verdict;

	if (unlikely(ip6->nexthdr == NEXTHDR_ICMP)) {
		local_bh_disable();
		verdict = hasw_nd_out(p.hn, cfg, skb, state->out);
		local_bh_enable();
		if (verdict != NF_ACCEPT || hasw_key_is_nd(skb))
			return verdict;
		ip6 = ipv6_hdr(skb);
	}
	from = hasw_vip_find6(cfg, &ip6->saddr);
	to = hasw_vip_find6(cfg, &ip6->daddr);
	if (!from && !to)
		return NF_ACCEPT;
	return hasw_path_out(&p, from, to, state->out);
}
