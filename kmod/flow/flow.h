/* SPDX-License-Identifier: GPL-2.0 */
/* The flow lookup finds the member to which a packet's flow was given, and
 * chooses a member for a new flow. If the service has `persist`, all new flows
 * of a client go to the same member. The flow table then also has an entry for
 * each such client.
 */
#ifndef HASW_FLOW_H
#define HASW_FLOW_H

#include <linux/tcp.h>

#include "client_route.h"
#include "flow_table.h"
#include "packet/key.h"
#include "packet/nat.h"
#include "service/judge.h"

/**
 * struct hasw_flow_peek - result of hasw_flow_peek() for a packet
 * @flow: enum haswitch_explain_flow: whether the flow is known, new or moved;
 *	HASWITCH_EXPLAIN_FLOW_UNKNOWN if hasw_flow_peek() returns an error
 * @state: state of the flow before the packet, enum haswitch_flow_state; valid
 *	if @has_state is set
 * @has_state: the flow exists, so @state is valid
 * @noted: the packet is an ICMP error, or would create or change the flow; the
 *	slow path handles such a packet
 * @full: the flow table has no room for the new flow
 * @limited: the new flow would exceed the service's limit of new flows per
 *	second
 * @tuple: addresses, ports and protocol of the flow
 * @by: what a scheduler sees of the flow; equals @tuple unless the service has
 *	`persist`; valid if hasw_flow_peek() returns NULL
 * @had: the flow table's entry for the packet's key, even if it has expired;
 *	NULL if there is none; valid within the RCU read side
 */
struct hasw_flow_peek {
	u8 flow;
	u8 state;
	bool has_state;
	bool noted;
	bool full;
	bool limited;
	struct hasw_tuple tuple;
	struct hasw_tuple by;
	const struct hasw_flow *had;
};

/**
 * hasw_flow_vip_of() - hasw_flow_vip() for callers that know the flow's family
 *	at compile time
 * @cfg: configuration
 * @f: the flow
 * @six: the flow is an IPv6 flow
 *
 * Context: RCU read side.
 * Return: the vip, or NULL if the vip was deleted.
 */
static __always_inline const struct hasw_vip *
hasw_flow_vip_of(const struct hasw_config *cfg, const struct hasw_flow *f,
		 bool six)
{
	struct in6_addr addr;

	if (!six)
		return hasw_vip_find4(cfg, f->addr[1]);
	memcpy(&addr, f->addr + 4, sizeof(addr));
	return hasw_vip_find6(cfg, &addr);
}

/**
 * hasw_flow_since() - whether this node has held the vip without a break since
 *	the flow was given to its member
 * @f: the flow
 * @vip: the flow's vip, which this node must hold now
 *
 * Context: RCU read side.
 */
static __always_inline bool hasw_flow_since(const struct hasw_flow *f,
					    const struct hasw_vip *vip)
{
	return READ_ONCE(f->epoch) == hasw_vip_began(vip);
}

const struct hasw_vip *hasw_flow_vip(const struct hasw_config *cfg,
				     const struct hasw_flow *f);
const struct hasw_service *hasw_flow_service(const struct hasw_vip *vip,
					     const struct hasw_flow *f);
struct hasw_member *hasw_flow_member_look(const struct hasw_members *all,
					  struct hasw_share *share);

/**
 * hasw_flow_member() - finds the member whose share a flow refers to
 * @all: the members of a service
 * @share: hasw_flow.share of a flow, or NULL
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
 * hasw_flow_stays() - whether a flow stays with its member when a packet
 *	arrives
 * @m: the member
 * @state: state of the flow, enum haswitch_flow_state
 * @tcp: TCP header of the packet, or NULL for another protocol
 *
 * A member on a draining node keeps its flows until the node dies. A member
 * whose health is `refused` keeps its TCP connections. A SYN begins a new
 * connection unless the flow is established. So the flow stays only if the
 * member can serve a new flow. The member's flows_max is not checked for this
 * SYN, because the flow is counted already.
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

/* Returns the idle timeout of a flow, jiffies. */
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

/* Extends a flow's timeout by @ticks. Extensions of @least or less are not
 * stored, so that CPUs that handle packets of the same flow do not contend for
 * the flow's cache line. Return: whether the new expiry time was stored.
 */
static inline bool hasw_flow_touch_by(struct hasw_flow *f, u32 ticks, u32 least)
{
	u32 expires = (u32)jiffies + ticks;

	if (likely(expires - READ_ONCE(f->expires) <= least))
		return false;
	WRITE_ONCE(f->expires, expires);
	return true;
}

/* Whether hasw_flow_lasts() has something to store when a packet extends the
 * timeout of a flow whose HASW_FLOW_* bits are @kind.
 */
static inline bool hasw_flow_notes_time(u8 kind)
{
	return (kind & (HASW_FLOW_KEPT | HASW_FLOW_ASSURED)) !=
	       HASW_FLOW_ASSURED;
}

/* Extends a flow's timeout when a packet of the client arrives. */
static inline bool hasw_flow_touch(struct hasw_flow *f, u32 ticks)
{
	return hasw_flow_touch_by(f, ticks, min_t(u32, ticks / 8, HZ));
}

/* Extends a flow's timeout when a reply arrives. The smallest extension is
 * larger than for packets of the client, so that these extend the timeout, too;
 * see hasw_flow_lasts().
 */
static inline void hasw_flow_touch_reply(struct hasw_flow *f, u32 ticks)
{
	hasw_flow_touch_by(f, ticks, min_t(u32, ticks / 4, 2 * HZ));
}

struct hasw_member *hasw_flow_pick(struct hasw_net *hn, struct sk_buff *skb,
				   bool checks, struct hasw_service *service,
				   const struct hasw_members *all,
				   const struct hasw_flow **flow);
struct hasw_member *hasw_flow_peek(struct hasw_net *hn, struct sk_buff *skb,
				   bool checks, struct hasw_service *service,
				   const struct hasw_members *all,
				   struct hasw_flow_peek *peek);
int hasw_flow_peek_ends(struct hasw_net *hn, struct hasw_service *service,
			const struct hasw_member *m,
			const struct hasw_flow_peek *peek,
			struct hasw_nat_ends *to);
void hasw_flow_lasts(struct hasw_net *hn, const struct hasw_config *cfg,
		     const struct hasw_service *service, struct hasw_flow *f,
		     const struct tcphdr *tcp, u32 len);
u8 hasw_flow_end_reply(struct hasw_net *hn, struct hasw_flow *f,
		       const struct tcphdr *tcp);

/* Whether a member's reply moves the flow to state CLOSING, or confirms an RST
 * or a FIN of the client that has done so.
 */
static inline bool hasw_flow_reply_ends(const struct hasw_flow *f,
					const struct tcphdr *tcp)
{
	return tcp && (tcp->rst || tcp->fin) &&
	       (READ_ONCE(f->state) != HASWITCH_FLOW_STATE_CLOSING ||
		READ_ONCE(f->kind) & HASW_FLOW_ENDED);
}

/**
 * hasw_flow_note_reply() - updates a flow when its member's reply arrives
 * @hn: namespace
 * @f: the flow, found under RCU
 * @tcp: TCP header of the reply, or NULL for another protocol
 *
 * A reply extends the flow's timeout. A reply with FIN or RST moves the flow to
 * state CLOSING. Only packets of the client move a flow to state ESTABLISHED.
 * The first reply of a flow without a handshake is noted, so that the client's
 * packets can make the flow assured.
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
	else if (state == HASWITCH_FLOW_STATE_OPEN &&
		 unlikely(!READ_ONCE(f->begun)))
		WRITE_ONCE(f->begun, 1);
	hasw_flow_touch_reply(f, hasw_flow_ticks(cfg, f->proto, state));
}

/**
 * hasw_flow_fits_nat() - whether a flow is translated to its member's current
 *	address and port
 * @f: the flow, found under RCU
 * @m: the flow's member, which is reached via nat
 * @words: number of 32-bit words in an address of the flow
 *
 * Context: RCU read side.
 */
static __always_inline bool hasw_flow_fits_nat(const struct hasw_flow *f,
					       const struct hasw_member *m,
					       u32 words)
{
	const struct hasw_node *node = m->node;
	u16 port;

	if (hasw_key_has_ports(f->proto)) {
		port = READ_ONCE(m->share->port);
		if (f->reply_ports[1] != (port ? htons(port) : f->ports[1]))
			return false;
	}
	/* While the node's address is being changed, this comparison can
	 * wrongly return false. In this case hasw_flow_begin() compares again.
	 */
	return hasw_flow_same(f->addr + 2 * words, words == 1 ? &node->addr4 :
			      node->addr6.s6_addr32, words);
}

/**
 * hasw_flow_fits() - whether a flow is translated as its member requires: only
 *	via nat, and to the member's address and port
 * @f: the flow, found under RCU
 * @kind: HASW_FLOW_* bits of the flow, from hasw_flow_kind()
 * @m: the flow's member
 * @words: number of 32-bit words in an address of the flow
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

/**
 * hasw_flow_route() - returns the route that a flow keeps for its replies
 * @f: the flow, which is translated, found under RCU
 * @skb: the reply, which skb->dev has received
 *
 * The route is not used for a reply by a device in a VRF, whose route to the
 * client may be another one.
 *
 * Context: RCU read side.
 * Return: the route, valid within the RCU read side, for which
 * hasw_route_plain() is true, and to which no IPsec policy applies; NULL if the
 * flow keeps none that is valid for this reply.
 */
static __always_inline struct dst_entry *
hasw_flow_route(const struct hasw_flow *f, const struct sk_buff *skb)
{
	const struct hasw_flow_back *back = hasw_flow_back(f);
	struct dst_entry *dst = rcu_dereference(back->dst);
	u32 cookie, mark;

	if (unlikely(!dst))
		return NULL;
	/* If hasw_client_keep() replaces the route meanwhile, it first stores
	 * NULL. So @cookie and @mark are those of @dst, if the flow still keeps
	 * @dst after they were read. Pairs with rcu_assign_pointer() there.
	 */
	smp_rmb();
	cookie = READ_ONCE(back->cookie);
	mark = READ_ONCE(back->mark);
	/* Pairs with the barrier behind that store of NULL. */
	smp_rmb();
	if (unlikely(rcu_access_pointer(back->dst) != dst ||
		     mark != skb->mark || hasw_dev_in_vrf(skb->dev)))
		return NULL;
	return dst_check(dst, cookie);
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
 * @kind: HASW_FLOW_IPV6, or 0 for IPv4
 * @proto: protocol of the reply
 * @from: source address of the reply, which is the member's: one 32-bit word
 *	for IPv4, four for IPv6
 * @to: destination address of the reply, with as many words as @from
 * @ports: source port, then destination port of the reply; both 0 if the
 *	protocol has no ports; for an ICMP echo the identifier, then 0; aligned
 *	to 4 bytes
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
	/* For IPv4, addr4 is compared first, so that most packets need no call
	 * of hasw_flow_reply_own(). While this node's address is being changed,
	 * either the old or the new address is compared.
	 */
	if (self && (words != 1 || unlikely(READ_ONCE(self->addr4) == *to)) &&
	    hasw_flow_reply_own(self, kind, to))
		key->kind |= HASW_FLOW_SNAT;
	else
		hasw_flow_copy(key->addr, to, words);
	/* The key has the reply's destination port first, so the two ports are
	 * swapped.
	 */
	key->both = rol32(*(const u32 *)ports, 16);
}

/**
 * hasw_flow_reply_known() - finds the flow of a reply
 * @hn: namespace
 * @key: key that hasw_flow_reply_key() has built
 * @words: number of 32-bit words in an address; see hasw_flow_hash_here()
 *
 * Context: RCU read side, softirqs off.
 * Return: the flow, or NULL if there is none or it has expired.
 */
static __always_inline struct hasw_flow *
hasw_flow_reply_known(struct hasw_net *hn, const struct hasw_flow_key *key,
		      u32 words)
{
	/* Pairs with smp_store_release() in hasw_flows_open(). */
	struct hasw_flows *flows = smp_load_acquire(&hn->flows);
	struct hasw_flow *f;

	if (!flows)
		return NULL;
	f = hasw_flow_find_reply(flows, key,
				 hasw_flow_hash_here(flows, key, words), words);
	return f && !hasw_flow_over(f) ? f : NULL;
}

#endif
