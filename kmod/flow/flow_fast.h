/* SPDX-License-Identifier: GPL-2.0 */
/* The fast path's flow lookup returns the member and the translated addresses
 * and ports of a known flow, if the packet does not change the flow's state.
 */
#ifndef HASW_FLOW_FAST_H
#define HASW_FLOW_FAST_H

#include "flow_packet.h"
#include "packet/nat_fast.h"

/**
 * hasw_flow_known() - finds a flow's member for the fast path
 * @hn: namespace
 * @service: the packet's service, whose flows are tracked
 * @all: the service's members
 * @key: key of the flow
 * @words: number of 32-bit words in an address; see hasw_flow_hash_here()
 * @tcp: TCP header of the packet, or NULL for another protocol
 * @len: length of the packet from its transport header on
 * @flow: receives the flow, if the flow stays with its member
 * @kind: if a flow is found, receives its HASW_FLOW_* bits, so that the caller
 *	uses the same bits as this function
 *
 * Context: RCU read side, softirqs off.
 * Return: the member, or NULL if the caller has to use hasw_flow_pick().
 */
static __always_inline struct hasw_member *
hasw_flow_known(struct hasw_net *hn, const struct hasw_service *service,
		const struct hasw_members *all, const struct hasw_flow_key *key,
		u32 words, const struct tcphdr *tcp, u32 len,
		const struct hasw_flow **flow, u8 *kind)
{
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	struct hasw_flows *flows = READ_ONCE(hn->flows);
	struct hasw_member *m;
	struct hasw_flow *f;
	u8 state;

	f = hasw_flow_look_here(flows, key,
				hasw_flow_hash_here(flows, key, words), words);
	if (!f)
		return NULL;
	*kind = hasw_flow_kind(f);
	state = READ_ONCE(f->state);
	m = hasw_flow_of(f, hasw_vip_began(service->vip), all);
	if (!m || !hasw_flow_stays(m, state, tcp) ||
	    !hasw_flow_fits(f, *kind, m, words))
		return NULL;
	*flow = f;
	if (hasw_flow_changes(state, tcp))
		return NULL;
	hasw_flow_note(service, f, tcp);
	if (unlikely(hasw_flow_touch(f, hasw_flow_ticks(cfg, key->proto,
							state)) &&
		     hasw_flow_notes_time(*kind)))
		hasw_flow_lasts(hn, cfg, service, f, tcp, len);
	return m;
}

/**
 * hasw_flow_fast_original() - hasw_flow_ends_original() for the fast path,
 *	which returns pointers instead of copies
 * @hn: namespace
 * @f: the translated flow, whose addresses and ports are constant
 * @kind: HASW_FLOW_* bits of the flow, from hasw_flow_kind()
 * @words: number of 32-bit words in an address of the flow
 * @to: filled in; points into @f or to @own
 * @own: buffer for this node's address, if it replaces the client's address as
 *	source
 *
 * Context: RCU read side.
 * Return: as hasw_flow_ends_original().
 */
static __always_inline bool
hasw_flow_fast_original(struct hasw_net *hn, const struct hasw_flow *f, u8 kind,
			u32 words, struct hasw_nat_fast *to, __be32 *own)
{
	to->src = f->addr;
	to->dst = f->addr + 2 * words;
	to->ports = *(const __be32 *)f->reply_ports;
	if (likely(!(kind & HASW_FLOW_SNAT)))
		return true;
	to->src = own;
	return hasw_flow_snat_addr(hn, kind, own);
}

#endif
