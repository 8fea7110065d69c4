/* SPDX-License-Identifier: GPL-2.0 */
/* Connections that are tracked: which member has the packet's, and who gets a new one. */
#ifndef HASW_FLOW_H
#define HASW_FLOW_H

#include <linux/tcp.h>

#include "flow_table.h"
#include "packet/key.h"
#include "packet/nat.h"
#include "service/judge.h"

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

struct hasw_member *hasw_flow_member_look(const struct hasw_members *all,
					  struct hasw_share *share);

/**
 * hasw_flow_member() - the member that has a share of the flows
 * @all: the members of a service
 * @share: the share, or NULL
 *
 * Context: RCU read side, or hasw_net.mutex held.
 * Return: the member, or NULL if it is none any more.
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
 * hasw_flow_stays() - whether a member goes on with a flow behind a packet of it
 * @m: the member
 * @state: enum haswitch_flow_state
 * @tcp: header of the packet, or NULL if it is of another protocol
 *
 * Who is drained does, and where nobody listens any more connections go on; but
 * a new one in the place of an old one is given away as any other. That the member
 * is full does not count then: the old one is among its flows.
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

/* How long a flow is kept without another packet, jiffies. */
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

/* A packet of the flow has come. Not stored each time, so that CPUs that have
 * packets of the same flow do not take its memory from each other.
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
struct hasw_member *hasw_flow_ask(struct hasw_net *hn,
				  const struct sk_buff *skb,
				  struct hasw_service *service,
				  const struct hasw_members *all,
				  struct hasw_flow_answer *answer);
void hasw_flow_touch_client(struct hasw_flows *flows,
			    const struct hasw_service *service,
			    const struct hasw_flow *flow, u8 state);
u8 hasw_flow_end_answered(struct hasw_net *hn, struct hasw_flow *f,
			  const struct tcphdr *tcp);

/* Whether an answer changes how far its flow is. */
static inline bool hasw_flow_answer_ends(const struct hasw_flow *f,
					 const struct tcphdr *tcp)
{
	return tcp && (tcp->rst || tcp->fin) &&
	       READ_ONCE(f->state) != HASWITCH_FLOW_STATE_CLOSING;
}

/**
 * hasw_flow_note_answer() - notes that a flow was answered
 * @hn: namespace
 * @f: the flow, found under RCU
 * @tcp: header of the answer, or NULL
 *
 * An answer keeps a flow, and ends it; only its client makes it established.
 *
 * Context: RCU read side, softirqs off.
 */
static __always_inline void hasw_flow_note_answer(struct hasw_net *hn,
						  struct hasw_flow *f,
						  const struct tcphdr *tcp)
{
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	u8 state = READ_ONCE(f->state);

	if (unlikely(hasw_flow_answer_ends(f, tcp)))
		state = hasw_flow_end_answered(hn, f, tcp);
	hasw_flow_touch(f, hasw_flow_ticks(cfg, f->proto, state));
}

/**
 * hasw_flow_fits_nat() - whether a translated flow is so as its member wants it
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
	if (port && f->answer_ports[1] != htons(port))
		return false;
	/* While they are written they may be neither: it is asked again then. */
	return hasw_flow_same(f->addr + 2 * words, words == 1 ? &node->addr4 :
			      node->addr6.s6_addr32, words);
}

/**
 * hasw_flow_fits() - whether a flow is translated as its member wants it
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

int hasw_flow_answer_give(struct hasw_net *hn, struct hasw_flow *f,
			  const struct hasw_member *m, bool snat);
bool hasw_flow_ends_asked(struct hasw_net *hn, const struct hasw_flow *f,
			  struct hasw_nat_ends *to);
void hasw_flow_ends_answered(const struct hasw_flow *f,
			     struct hasw_nat_ends *to);
bool hasw_flow_snat_addr(struct hasw_net *hn, u8 kind, __be32 *own);
bool hasw_flow_answer_own(const struct hasw_node *self, u8 kind,
			  const __be32 *addr);

/**
 * hasw_flow_answer_key() - by what the flow of an answer is found
 * @cfg: configuration
 * @kind: HASW_FLOW_IPV6, or 0
 * @proto: protocol of the answer
 * @from: who has sent it, the member; one word if IPv4, else four
 * @to: whom it is for, as @from
 * @ports: that of @from, then that of @to, 0 where the protocol has none, or the
 *	identifier of an echo, then 0; aligned to both
 * @key: filled in
 *
 * Context: RCU read side.
 */
static __always_inline void
hasw_flow_answer_key(const struct hasw_config *cfg, u8 kind, u8 proto,
		     const __be32 *from, const __be32 *to, const __be16 *ports,
		     struct hasw_flow_key *key)
{
	const struct hasw_node *self = READ_ONCE(cfg->self);
	u32 words = hasw_flow_words(kind);

	*key = (struct hasw_flow_key) { .kind = kind, .proto = proto };
	hasw_flow_copy(key->addr + words, from, words);
	/* That it is another one's is seen at once of most. Who changes has it
	 * or not, just before or after.
	 */
	if (self && (words != 1 || unlikely(READ_ONCE(self->addr4) == *to)) &&
	    hasw_flow_answer_own(self, kind, to))
		key->kind |= HASW_FLOW_SNAT;
	else
		hasw_flow_copy(key->addr, to, words);
	/* The other way round. */
	key->both = rol32(*(const u32 *)ports, 16);
}

/**
 * hasw_flow_answer_known() - finds the flow that a packet answers
 * @hn: namespace
 * @key: hasw_flow_answer_key()
 * @words: see hasw_flow_hash_here()
 *
 * Context: RCU read side, softirqs off.
 * Return: the flow, or NULL.
 */
static __always_inline struct hasw_flow *
hasw_flow_answer_known(struct hasw_net *hn, const struct hasw_flow_key *key,
		       u32 words)
{
	/* Pairs with hasw_flows_open(). */
	struct hasw_flows *flows = smp_load_acquire(&hn->flows);
	struct hasw_flow *f;

	if (!flows)
		return NULL;
	f = hasw_flow_answered(flows, key,
			       hasw_flow_hash_here(flows, key, words), words);
	return f && !hasw_flow_over(f) ? f : NULL;
}

#endif
