/* SPDX-License-Identifier: GPL-2.0 */
/* struct hasw_flow_packet holds the state shared by the steps of a packet's
 * flow lookup.
 */
#ifndef HASW_FLOW_PACKET_H
#define HASW_FLOW_PACKET_H

#include <linux/tcp.h>

#include "flow.h"
#include "service/sched.h"

/**
 * struct hasw_flow_packet - a packet whose flow is looked up
 * @hn: namespace
 * @service: the packet's service
 * @all: the service's members
 * @tuple: addresses, ports and protocol of the flow
 * @key: @tuple as a key of the flow table
 * @hash: hash of @key
 * @epoch: epoch under which this node became the holder of the service's vip,
 *	from hasw_vip_began()
 * @cfg: configuration
 * @flow: the flow that hasw_flow_begin() has found or created
 * @entries: number of @service's entries in the flow table, or 0 if not counted
 *	yet; see hasw_flow_claim()
 * @richer: another service, which has more entries than @service, or NULL
 * @poorer: another service, which has no more entries than @service, or NULL
 */
struct hasw_flow_packet {
	struct hasw_net *hn;
	struct hasw_service *service;
	const struct hasw_members *all;
	struct hasw_tuple tuple;
	struct hasw_flow_key key;
	u32 hash;
	u64 epoch;
	const struct hasw_config *cfg;
	struct hasw_flow *flow;
	u32 entries;
	const struct hasw_service *richer;
	const struct hasw_service *poorer;
};

/* Returns the state of a flow after a packet. @state is the flow's state before
 * the packet. @tcp is NULL for protocols other than TCP.
 */
static inline u8 hasw_flow_next(u8 state, const struct tcphdr *tcp)
{
	if (!tcp)
		return state;
	if (tcp->rst || tcp->fin)
		return HASWITCH_FLOW_STATE_CLOSING;
	if (tcp->syn)
		return state == HASWITCH_FLOW_STATE_ESTABLISHED ?
		       state : HASWITCH_FLOW_STATE_SYN;
	return state == HASWITCH_FLOW_STATE_CLOSING ?
	       state : HASWITCH_FLOW_STATE_ESTABLISHED;
}

/* Returns whether the slow path has to handle a packet of a known flow in state
 * @state: the packet changes the state, begins the connection again, or is a
 * further RST.
 */
static inline bool hasw_flow_changes(u8 state, const struct tcphdr *tcp)
{
	return tcp && (tcp->rst || hasw_flow_next(state, tcp) != state ||
		       (tcp->syn && state == HASWITCH_FLOW_STATE_SYN));
}

/* Returns the value of hasw_flow.begun for a flow that begins with a packet. */
static inline u16 hasw_flow_syn(const struct tcphdr *tcp)
{
	return tcp && tcp->syn && !tcp->ack ? (u16)ntohl(tcp->seq) + 1 : 0;
}

/* Stores the client's acknowledgement number, if the service's `on-failover` is
 * `reset`. An RST to the client uses this number as its sequence number (RFC
 * 5961, 3.2).
 */
static inline void hasw_flow_note(const struct hasw_service *service,
				  struct hasw_flow *f, const struct tcphdr *tcp)
{
	if (unlikely(READ_ONCE(service->tracked->on_failover) ==
		     HASWITCH_ON_FAILOVER_RESET) && tcp && tcp->ack)
		WRITE_ONCE(f->ack, tcp->ack_seq);
}

/* Fills in @client, the key of the HASW_FLOW_CLIENT entry for a flow's client.
 * @key is the key of the flow. @client has only the first @mask bits of the
 * client's address, so all clients with these bits share one entry.
 */
static inline void hasw_flow_client(const struct hasw_flow_key *key,
				    const struct hasw_service *service, u8 mask,
			     struct hasw_flow_key *client)
{
	u32 words = hasw_flow_words(key->kind), i, bits;

	*client = *key;
	for (i = 0; i < words; i++) {
		bits = mask > 32 * i ? min_t(u32, mask - 32 * i, 32) : 0;
		client->addr[i] &= bits ? htonl(~0U << (32 - bits)) : 0;
	}
	client->ports[0] = 0;
	client->ports[1] = htons(service->port);
	client->proto = service->proto;
	client->kind |= HASW_FLOW_CLIENT;
}

/* Sets @by to @t as a scheduler sees it if the service has `persist`. @client
 * is the key of the client's entry. A scheduler that goes by a hash then has
 * one member for all flows of a client, whichever of the service's ports they
 * use. So does the next holder, whose table may lack the client's entry.
 */
static inline void hasw_flow_by_client(const struct hasw_tuple *t,
				       const struct hasw_flow_key *client,
				       struct hasw_tuple *by)
{
	*by = *t;
	if (client->kind & HASW_FLOW_IPV6)
		memcpy(&by->client, client->addr, sizeof(by->client));
	else
		by->client.s6_addr32[3] = client->addr[0];
	by->ports[0] = client->ports[0];
	by->ports[1] = client->ports[1];
	by->proto = client->proto;
}

/* Returns the member of a flow. @epoch is the epoch under which this node
 * became the vip's holder, from hasw_vip_began(). Returns NULL if the flow has
 * expired or has no member. Returns NULL also if the flow got its member before
 * this node last became the vip's holder, or if the member is not in @all any
 * more.
 */
static inline struct hasw_member *hasw_flow_of(const struct hasw_flow *f, u64 epoch,
					       const struct hasw_members *all)
{
	if (hasw_flow_over(f) || READ_ONCE(f->epoch) != epoch)
		return NULL;
	return hasw_flow_member(all, rcu_dereference(f->share));
}

static inline void hasw_flow_key_of(const struct hasw_tuple *t,
				    struct hasw_flow_key *key)
{
	memset(key, 0, sizeof(*key));
	if (ipv6_addr_v4mapped(&t->vip)) {
		key->addr[0] = t->client.s6_addr32[3];
		key->addr[1] = t->vip.s6_addr32[3];
	} else {
		memcpy(key->addr, &t->client, sizeof(t->client));
		memcpy(key->addr + 4, &t->vip, sizeof(t->vip));
		key->kind = HASW_FLOW_IPV6;
	}
	key->ports[0] = t->ports[0];
	key->ports[1] = t->ports[1];
	key->proto = t->proto;
}

struct hasw_flow_room hasw_flow_room(struct hasw_flow_packet *p);

/* Whether member @m can serve a new flow of a client that is kept with @m. A
 * node that has returned after a failure, and still waits for its failback, can
 * also serve this flow.
 */
static inline bool hasw_flow_takes(const struct hasw_flow_packet *p,
				   const struct hasw_member *m)
{
	u64 now = 0;

	return hasw_judge_serves(hasw_judge_of(p->service, m, &now));
}

/* Looks up the entry that keeps a client with a member, and stores the entry,
 * or NULL, in @f. Returns this member, or NULL if there is none or the member
 * cannot serve a new flow.
 */
static inline struct hasw_member *
hasw_flow_keeper(const struct hasw_flow_packet *p,
		 const struct hasw_flow_key *client, u32 hash,
		 struct hasw_flow **f)
{
	struct hasw_member *m;

	*f = hasw_flow_look(p->hn->flows, client, hash);
	m = *f ? hasw_flow_of(*f, p->epoch, p->all) : NULL;
	return m && hasw_flow_takes(p, m) ? m : NULL;
}

/* Whether this node's address replaces the client's address in packets to a
 * member reached via nat. A client address equal to the vip is always replaced,
 * because the member would send its reply to itself.
 */
static inline bool hasw_flow_snats(const struct hasw_flow_key *key,
				   const struct hasw_service *service)
{
	u32 words = hasw_flow_words(key->kind);

	return !memcmp(key->addr, key->addr + words,
		       words * sizeof(key->addr[0])) ||
	       READ_ONCE(service->tracked->snat);
}

/* Whether time @now is too early for a new flow that is scheduled for time
 * @due. Flows are scheduled @each ns apart, but a flow can begin up to one
 * second minus @each ns before its scheduled time. So a burst has at most as
 * many flows as the limit allows per second.
 */
static inline bool hasw_flow_early(s64 due, s64 now, s64 each)
{
	return due - now > NSEC_PER_SEC - each;
}

/* Looks up a packet's flow. @f receives the flow, even if it has expired, or
 * NULL. @m receives the member that the flow stays with, or NULL. @tcp receives
 * the TCP header, for which @buf is a buffer, or NULL. Return: 0; -EINVAL if
 * the packet is truncated; -ENOENT if the flow has no member and the packet
 * cannot begin a flow, or if the flow waits for its member (`on-failover` is
 * `keep`).
 */
static __always_inline int
hasw_flow_find(struct hasw_flow_packet *p, const struct sk_buff *skb,
	       struct tcphdr *buf, struct tcphdr **tcp, struct hasw_flow **f,
	       struct hasw_member **m)
{
	struct hasw_flows *flows = READ_ONCE(p->hn->flows);

	*f = NULL;
	*m = NULL;
	*tcp = NULL;
	if (unlikely(!hasw_tuple_get(skb, p->service->vip->family == AF_INET6,
				     &p->tuple)))
		return -EINVAL;
	if (p->tuple.proto == IPPROTO_TCP && p->tuple.offset &&
	    !p->tuple.about) {
		*tcp = skb_header_pointer(skb, p->tuple.offset, sizeof(*buf),
					  buf);
		if (unlikely(!*tcp))
			return -EINVAL;
	}
	hasw_flow_key_of(&p->tuple, &p->key);
	p->hash = hasw_flow_hash(flows, &p->key);
	*f = hasw_flow_look(flows, &p->key, p->hash);
	*m = *f ? hasw_flow_of(*f, p->epoch, p->all) : NULL;
	if (*m && !hasw_flow_stays(*m, READ_ONCE((*f)->state), *tcp)) {
		/* If `on-failover` is `keep`, the flow waits for its member. A
		 * SYN begins a new connection, which does not wait.
		 */
		if (READ_ONCE(p->service->tracked->on_failover) ==
		    HASWITCH_ON_FAILOVER_KEEP &&
		    !(*tcp && (*tcp)->syn && !(*tcp)->ack))
			return -ENOENT;
		*m = NULL;
	}
	if (*m && !hasw_flow_fits(*f, hasw_flow_kind(*f), *m,
				  hasw_flow_words(p->key.kind)))
		*m = NULL;
	if (unlikely(p->tuple.about))
		return *m ? 0 : -ENOENT;
	/* An RST of an unknown flow begins no flow. A host sends an RST for
	 * each retransmission on a connection that the host no longer knows.
	 */
	if (unlikely((!*f || hasw_flow_over(*f)) && *tcp && (*tcp)->rst))
		return -ENOENT;
	return 0;
}

#endif
