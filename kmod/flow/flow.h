/* SPDX-License-Identifier: GPL-2.0 */
/* The flow lookup finds the member that has a packet's flow, and chooses a
 * member for a new flow.
 */
#ifndef HASW_FLOW_H
#define HASW_FLOW_H

#include <linux/tcp.h>

#include "flow_table.h"
#include "packet/key.h"
#include "packet/nat.h"
#include "service/judge.h"

/**
 * struct hasw_flow_peek - result of hasw_flow_peek() for a packet
 * @flow: enum haswitch_explain_flow
 * @state: enum haswitch_flow_state before the packet, if @has_state is set
 * @has_state: the flow exists, so @state is valid
 * @noted: the packet would create or change the flow, so it takes the slow path
 * @full: the flow table has no room for the new flow
 * @limited: the new flow would exceed the service's limit per second
 * @tuple: both ends of the flow
 * @had: the flow that is in the table, even if it has expired, or NULL; valid
 *	within the RCU read side
 */
struct hasw_flow_peek {
	u8 flow;
	u8 state;
	bool has_state;
	bool noted;
	bool full;
	bool limited;
	struct hasw_tuple tuple;
	const struct hasw_flow *had;
};

struct hasw_member *hasw_flow_member_look(const struct hasw_members *all,
					  struct hasw_share *share);

/**
 * hasw_flow_member() - finds the member that a share belongs to
 * @all: the members of a service
 * @share: the share of a flow, or NULL
 *
 * Context: RCU read side, or hasw_net.mutex held.
 * Return: the member, or NULL if it is no longer a member of the service.
 */
static __always_inline struct hasw_member *
hasw_flow_member(const struct hasw_members *all, struct hasw_share *share)
{
	u32 i;

	if (unlikely(!share))
		return NULL;
	i = READ_ONCE(share->index);
	if (likely(i < all->n && all->m[i]->share == share))
		return all->m[i];
	return hasw_flow_member_look(all, share);
}

/**
 * hasw_flow_stays() - whether a member keeps its flow when a packet arrives
 * @m: the member
 * @state: enum haswitch_flow_state
 * @tcp: TCP header of the packet, or NULL for another protocol
 *
 * A draining member keeps its flows, and a member with health refused keeps its
 * TCP connections. A SYN that begins a new connection in the place of an old
 * one is judged as a new flow. The member's flows_max is not checked then,
 * because the old flow is still counted.
 *
 * Context: RCU read side.
 */
static __always_inline bool hasw_flow_stays(const struct hasw_member *m,
					    u8 state,
					    const struct tcphdr *tcp)
{
	u64 word = READ_ONCE(m->node->word);
	u8 health = READ_ONCE(m->health);

	if (tcp && tcp->syn && !tcp->ack &&
	    state != HASWITCH_FLOW_STATE_ESTABLISHED)
		return hasw_judge_serves(hasw_judge_weight(word, health, m));
	if (health != HASWITCH_HEALTH_UP &&
	    (!tcp || health != HASWITCH_HEALTH_REFUSED))
		return false;
	return hasw_word_usable(word) ||
	       (hasw_word_state(word) == HASWITCH_NODE_STATE_DRAIN &&
		!READ_ONCE(m->node->dead));
}

/* Returns the timeout of a flow without another packet, jiffies. */
static inline u32 hasw_flow_ticks(const struct hasw_config *cfg, u8 proto, u8 state)
{
	enum hasw_limit limit = HASW_LIMIT_OTHER;

	if (proto == IPPROTO_TCP)
		limit = state == HASWITCH_FLOW_STATE_SYN ? HASW_LIMIT_TCP_SYN :
			state == HASWITCH_FLOW_STATE_CLOSING ?
			HASW_LIMIT_TCP_CLOSING : HASW_LIMIT_TCP;
	else if (proto == IPPROTO_UDP || proto == IPPROTO_UDPLITE)
		limit = HASW_LIMIT_UDP;
	return READ_ONCE(cfg->limits.ticks[limit]);
}

/* Extends a flow's timeout when a packet arrives. Small extensions are not
 * stored, so that CPUs with packets of one flow do not contend for its cache
 * line. Return: whether the timeout was stored.
 */
static inline bool hasw_flow_touch(struct hasw_flow *f, u32 ticks)
{
	u32 expires = (u32)jiffies + ticks;

	if (likely(expires - READ_ONCE(f->expires) <= min_t(u32, ticks / 8, HZ)))
		return false;
	WRITE_ONCE(f->expires, expires);
	return true;
}

struct hasw_member *hasw_flow_pick(struct hasw_net *hn,
				   const struct sk_buff *skb,
				   struct hasw_service *service,
				   const struct hasw_members *all,
				   const struct hasw_flow **flow);
struct hasw_member *hasw_flow_peek(struct hasw_net *hn,
				   const struct sk_buff *skb,
				   struct hasw_service *service,
				   const struct hasw_members *all,
				   struct hasw_flow_peek *peek);
int hasw_flow_peek_ends(struct hasw_net *hn, struct hasw_service *service,
			const struct hasw_member *m,
			const struct hasw_flow_peek *peek,
			struct hasw_nat_ends *to);
void hasw_flow_touch_client(struct hasw_flows *flows,
			    const struct hasw_service *service,
			    const struct hasw_flow *flow, u8 state);
u8 hasw_flow_end_reply(struct hasw_net *hn, struct hasw_flow *f,
		       const struct tcphdr *tcp);

/* Whether a reply moves its flow to state CLOSING. */
static inline bool hasw_flow_reply_ends(const struct hasw_flow *f,
					const struct tcphdr *tcp)
{
	return tcp && (tcp->rst || tcp->fin) &&
	       READ_ONCE(f->state) != HASWITCH_FLOW_STATE_CLOSING;
}

/**
 * hasw_flow_note_reply() - updates a flow when a reply arrives
 * @hn: namespace
 * @f: the flow, found under RCU
 * @tcp: TCP header of the reply, or NULL for another protocol
 *
 * A reply extends the flow's timeout, and a FIN or RST closes the flow. Only
 * packets of the client move a flow to state ESTABLISHED.
 *
 * Context: RCU read side, softirqs off.
 */
static __always_inline void hasw_flow_note_reply(struct hasw_net *hn,
						 struct hasw_flow *f,
						 const struct tcphdr *tcp)
{
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	u8 state = READ_ONCE(f->state);

	if (unlikely(hasw_flow_reply_ends(f, tcp)))
		state = hasw_flow_end_reply(hn, f, tcp);
	hasw_flow_touch(f, hasw_flow_ticks(cfg, f->proto, state));
}

/**
 * hasw_flow_fits_nat() - whether a flow has its member's address and port
 * @f: the flow, found under RCU
 * @m: its member, via nat
 * @words: hasw_flow_words()
 *
 * Context: RCU read side.
 */
static __always_inline bool hasw_flow_fits_nat(const struct hasw_flow *f,
					       const struct hasw_member *m,
					       u32 words)
{
	const struct hasw_node *node = m->node;
	u16 port;

	port = hasw_key_has_ports(f->proto) ? READ_ONCE(m->share->port) : 0;
	if (port && f->reply_ports[1] != htons(port))
		return false;
	/* A concurrent update of the node's address can make this comparison
	 * fail. hasw_flow_begin() then compares again.
	 */
	return hasw_flow_same(f->addr + 2 * words, words == 1 ? &node->addr4 :
			      node->addr6.s6_addr32, words);
}

/**
 * hasw_flow_fits() - whether a flow is translated as its member's via requires
 * @f: the flow, found under RCU
 * @kind: hasw_flow_kind()
 * @m: its member
 * @words: hasw_flow_words()
 *
 * Context: RCU read side.
 */
static __always_inline bool hasw_flow_fits(const struct hasw_flow *f, u8 kind,
					   const struct hasw_member *m,
					   u32 words)
{
	bool nat = kind & HASW_FLOW_NAT;

	if (likely(READ_ONCE(m->via) != HASWITCH_VIA_NAT))
		return !nat;
	return nat && hasw_flow_fits_nat(f, m, words);
}

int hasw_flow_reply_give(struct hasw_net *hn, struct hasw_flow *f,
			 const struct hasw_flow_key *flow,
			 const struct hasw_member *m, bool snat);
int hasw_flow_reply_peek(struct hasw_net *hn, const struct hasw_flow_key *flow,
			 const struct hasw_flow *had,
			 const struct hasw_member *m, bool snat,
			 struct hasw_nat_ends *to);
bool hasw_flow_ends_original(struct hasw_net *hn, const struct hasw_flow *f,
			     struct hasw_nat_ends *to);
void hasw_flow_ends_reply(const struct hasw_flow *f, struct hasw_nat_ends *to);
bool hasw_flow_snat_addr(struct hasw_net *hn, u8 kind, __be32 *own);
bool hasw_flow_reply_own(const struct hasw_node *self, u8 kind,
			 const __be32 *addr);

/**
 * hasw_flow_reply_key() - builds the key by which a reply's flow is found
 * @cfg: configuration
 * @kind: HASW_FLOW_IPV6, or 0
 * @proto: protocol of the reply
 * @from: source address, the member's; one word if IPv4, else four
 * @to: destination address, as @from
 * @ports: source port, then destination port; 0 if the protocol has none; for
 *	an ICMP echo its identifier, then 0; aligned to 4 bytes
 * @key: filled in
 *
 * Context: RCU read side.
 */
static __always_inline void
hasw_flow_reply_key(const struct hasw_config *cfg, u8 kind, u8 proto,
		    const __be32 *from, const __be32 *to, const __be16 *ports,
		    struct hasw_flow_key *key)
{
	const struct hasw_node *self = READ_ONCE(cfg->self);
	u32 words = hasw_flow_words(kind);

	*key = (struct hasw_flow_key) { .kind = kind, .proto = proto };
	hasw_flow_copy(key->addr + words, from, words);
	/* For IPv4 the comparison of addr4 spares most packets the call. During
	 * a concurrent change of this node's address, the old or the new
	 * address counts.
	 */
	if (self && (words != 1 || unlikely(READ_ONCE(self->addr4) == *to)) &&
	    hasw_flow_reply_own(self, kind, to))
		key->kind |= HASW_FLOW_SNAT;
	else
		hasw_flow_copy(key->addr, to, words);
	/* A reply has the ports in the opposite order. */
	key->both = rol32(*(const u32 *)ports, 16);
}

/**
 * hasw_flow_reply_known() - finds the flow of a reply
 * @hn: namespace
 * @key: hasw_flow_reply_key()
 * @words: see hasw_flow_hash_here()
 *
 * Context: RCU read side, softirqs off.
 * Return: the flow, or NULL if there is none or it has expired.
 */
static __always_inline struct hasw_flow *
hasw_flow_reply_known(struct hasw_net *hn, const struct hasw_flow_key *key,
		      u32 words)
{
	/* Pairs with hasw_flows_open(). */
	struct hasw_flows *flows = smp_load_acquire(&hn->flows);
	struct hasw_flow *f;

	if (!flows)
		return NULL;
	f = hasw_flow_find_reply(flows, key,
				 hasw_flow_hash_here(flows, key, words), words);
	return f && !hasw_flow_over(f) ? f : NULL;
}

#endif
