/* SPDX-License-Identifier: GPL-2.0 */
/* Connections that are tracked: which member has the packet's, and who gets a new one. */
#ifndef HASW_FLOW_H
#define HASW_FLOW_H

#include <linux/tcp.h>

#include "flow_table.h"
#include "nat.h"
#include "service.h"

struct hasw_nat_plain;

/**
 * struct hasw_flow_answer - what is known of a packet's flow
 * @flow: enum haswitch_explain_flow
 * @state: enum haswitch_flow_state, before the packet
 * @has_state: it has one
 * @noted: the packet would change what is known
 * @full: there is no room for it
 * @limited: it would be one too many in this second
 * @tuple: both ends of it
 */
struct hasw_flow_answer {
	u8 flow;
	u8 state;
	bool has_state;
	bool noted;
	bool full;
	bool limited;
	struct hasw_tuple tuple;
};

struct hasw_member *hasw_flow_member(const struct hasw_members *all,
				     struct hasw_share *share);
bool hasw_flow_stays(const struct hasw_member *m, u8 state,
		     const struct tcphdr *tcp);
struct hasw_member *hasw_flow_pick(struct hasw_net *hn,
				   const struct sk_buff *skb,
				   struct hasw_service *service,
				   const struct hasw_members *all,
				   const struct hasw_flow **flow);
struct hasw_member *hasw_flow_ask(struct hasw_net *hn,
				  const struct sk_buff *skb,
				  struct hasw_service *service,
				  const struct hasw_members *all,
				  struct hasw_flow_answer *answer);
struct hasw_member *hasw_flow_known(struct hasw_net *hn,
				    const struct hasw_service *service,
				    const struct hasw_members *all,
				    const struct hasw_flow_key *key,
				    const struct tcphdr *tcp,
				    const struct hasw_flow **flow);
void hasw_flow_note_answer(struct hasw_net *hn, struct hasw_flow *f,
			   const struct tcphdr *tcp);

/* Whether an answer changes how far its flow is. */
static inline bool hasw_flow_answer_ends(const struct hasw_flow *f,
					 const struct tcphdr *tcp)
{
	return tcp && (tcp->rst || tcp->fin) &&
	       READ_ONCE(f->state) != HASWITCH_FLOW_STATE_CLOSING;
}

bool hasw_flow_fits_nat(const struct hasw_flow *f, const struct hasw_member *m);

/**
 * hasw_flow_fits() - whether a flow is translated as its member wants it
 * @f: the flow, found under RCU
 * @m: its member
 *
 * Context: RCU read side.
 */
static inline bool hasw_flow_fits(const struct hasw_flow *f,
				  const struct hasw_member *m)
{
	bool nat = READ_ONCE(f->kind) & HASW_FLOW_NAT;

	if (likely(READ_ONCE(m->via) != HASWITCH_VIA_NAT))
		return !nat;
	return nat && hasw_flow_fits_nat(f, m);
}

int hasw_flow_answer_give(struct hasw_net *hn, struct hasw_flow *f,
			  const struct hasw_member *m, bool snat);
bool hasw_flow_ends_asked(struct hasw_net *hn, const struct hasw_flow *f,
			  struct hasw_nat_ends *to);
void hasw_flow_ends_answered(const struct hasw_flow *f,
			     struct hasw_nat_ends *to);
bool hasw_flow_plain_asked(struct hasw_net *hn, const struct hasw_flow *f,
			   struct hasw_nat_plain *to, __be32 *own);
void hasw_flow_answer_key(const struct hasw_config *cfg, u8 kind, u8 proto,
			  const __be32 *from, const __be32 *to,
			  const __be16 *ports, struct hasw_flow_key *key);
struct hasw_flow *hasw_flow_answer_known(struct hasw_net *hn,
					 const struct hasw_flow_key *key);
struct hasw_flow *hasw_flow_answer(struct hasw_net *hn,
				   const struct hasw_tuple *t,
				   const struct hasw_flow_key *key,
				   const struct tcphdr *tcp);

#endif
