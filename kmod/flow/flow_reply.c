// SPDX-License-Identifier: GPL-2.0
/* The reply key of a translated flow (of a member reached via nat) has the
 * addresses and ports by which the flow is found when its member replies.
 */
#include <linux/random.h>
#include <net/ip.h>

#include "flow.h"
#include "flow_port.h"
#include "packet/key.h"

/* Maximum number of ports that are tried for a flow, beginning with the
 * client's own port.
 */
#define HASW_FLOW_REPLY_TRIES 64

/* Reads a node's address of one family. Return: whether the node has one. */
static bool hasw_flow_reply_addr(const struct hasw_node *node, u8 kind,
				 __be32 *addr)
{
	struct hasw_addrs addrs;

	hasw_node_addrs(node, &addrs);
	if (kind & HASW_FLOW_IPV6) {
		memcpy(addr, &addrs.addr6, sizeof(addrs.addr6));
		return addrs.has6;
	}
	*addr = addrs.addr4;
	return addrs.has4;
}

/* Whether a reply key has a port or identifier that can be replaced. If not,
 * all flows to one member, with this node's address as source, would have the
 * same key.
 */
static bool hasw_flow_reply_varies(const struct hasw_flow_key *key)
{
	return hasw_key_has_ports(key->proto) || key->ports[1];
}

/* Chooses the source port, or ICMP echo identifier, for packets from this node
 * to the member. The client's own is tried first, then random ones. Adds the
 * flow to the table of the reply direction. Return: 0; -EADDRNOTAVAIL if no
 * tried port is free; -EEXIST if the key has no port that can be replaced, and
 * another flow has the key; -ENOSPC if the table is full.
 */
static int hasw_flow_reply_choose(struct hasw_net *hn, struct hasw_flow *f,
				  struct hasw_flow_key *key)
{
	bool echo = !hasw_key_has_ports(f->proto);
	bool varies = hasw_flow_reply_varies(key);
	__be16 *port = &key->ports[echo];
	u16 try = ntohs(*port);
	__be32 own[4];
	int err;
	u32 i;

	if (!hasw_flow_snat_addr(hn, key->kind & HASW_FLOW_IPV6, own))
		return -EHOSTUNREACH;
	for (i = 0; i < HASW_FLOW_REPLY_TRIES; i++) {
		*port = htons(try);
		if (!varies)
			return hasw_flow_reply_add(hn->flows, f, key);
		if (hasw_flow_port_free(hn->net, key, own, try)) {
			err = hasw_flow_reply_add(hn->flows, f, key);
			if (err != -EEXIST)
				return err;
		}
		try = get_random_u32();
	}
	return -EADDRNOTAVAIL;
}

/* Builds the reply key that a flow with the key @flow gets for a member. With
 * @snat, the caller might have to replace the client's port in the key. Return:
 * 0, or -EHOSTUNREACH if this node or the member's node has no address of the
 * family.
 */
static __always_inline int
hasw_flow_reply_plan(struct hasw_net *hn, const struct hasw_flow_key *flow,
		     const struct hasw_member *m, bool snat,
		     struct hasw_flow_key *key)
{
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	const struct hasw_node *self = READ_ONCE(cfg->self);
	u32 words = hasw_flow_words(flow->kind);
	__be32 own[4];
	bool known;
	u16 port;

	*key = (struct hasw_flow_key){
		.proto = flow->proto,
		.kind = flow->kind & HASW_FLOW_IPV6,
	};
	if (!hasw_flow_reply_addr(m->node, flow->kind, key->addr + words))
		return -EHOSTUNREACH;
	if (hasw_key_has_ports(flow->proto)) {
		port = READ_ONCE(m->share->port);
		key->ports[0] = flow->ports[0];
		key->ports[1] = port ? htons(port) : flow->ports[1];
	} else {
		/* An ICMP echo reply carries the identifier of its request. */
		key->ports[1] = flow->ports[0];
	}
	known = self && hasw_flow_reply_addr(self, flow->kind, own);
	if (snat && !known)
		return -EHOSTUNREACH;
	/* A client with this node's own address is a local socket. The flow's
	 * reply key has HASW_FLOW_SNAT, but the client's port is not replaced.
	 */
	if (snat || (known && !memcmp(own, flow->addr, words * sizeof(own[0]))))
		key->kind |= HASW_FLOW_SNAT;
	else
		memcpy(key->addr, flow->addr, words * sizeof(flow->addr[0]));
	return 0;
}

/**
 * hasw_flow_reply_give() - gives a flow the reply key for a member
 * @hn: namespace
 * @f: the flow, which is not translated yet
 * @flow: key of the flow
 * @m: the flow's member, which is reached via nat
 * @snat: this node's address replaces the client's
 *
 * Context: RCU read side, softirqs off, the lock of the flow's bucket held.
 * Return: 0; -EHOSTUNREACH if this node or the member's node has no address of
 * the family; -EADDRNOTAVAIL if none of the ports that were tried is free;
 * -EEXIST if another flow has the reply key and no port can be replaced;
 * -ENOSPC if the table of the reply direction is full.
 */
int hasw_flow_reply_give(struct hasw_net *hn, struct hasw_flow *f,
			 const struct hasw_flow_key *flow,
			 const struct hasw_member *m, bool snat)
{
	struct hasw_flow_key key;
	int err = hasw_flow_reply_plan(hn, flow, m, snat, &key);

	if (err)
		return err;
	err = snat ? hasw_flow_reply_choose(hn, f, &key) :
		     hasw_flow_reply_add(hn->flows, f, &key);
	/* hasw_flow_reply_add() has counted the flow, with a full barrier,
	 * before hasw_net.natted is read here. Pairs with smp_mb() in
	 * hasw_flows_natted().
	 */
	if (!err && unlikely(!READ_ONCE(hn->natted)))
		WRITE_ONCE(hn->natted, true);
	return err;
}

static void hasw_flow_reply_in6(const __be32 *from, u32 words,
				struct in6_addr *to)
{
	if (words == 1)
		ipv6_addr_set_v4mapped(*from, to);
	else
		memcpy(to, from, sizeof(*to));
}

/* Sets @to to the addresses and ports that a client's packet has after
 * translation. The source is the client, or this node if @kind has
 * HASW_FLOW_SNAT. The destination is the member. Return: as
 * hasw_flow_ends_original().
 */
static __always_inline bool hasw_flow_ends_of(struct hasw_net *hn, u8 kind,
					      const __be32 *client,
					      const __be32 *member,
					      const __be16 *ports,
					      struct hasw_nat_ends *to)
{
	u32 words = hasw_flow_words(kind);
	__be32 own[4];

	hasw_flow_reply_in6(member, words, &to->dst);
	to->sport = ports[0];
	to->dport = ports[1];
	if (likely(!(kind & HASW_FLOW_SNAT))) {
		hasw_flow_reply_in6(client, words, &to->src);
		return true;
	}
	if (!hasw_flow_snat_addr(hn, kind, own))
		return false;
	hasw_flow_reply_in6(own, words, &to->src);
	return true;
}

/**
 * hasw_flow_reply_peek() - predicts the result of hasw_flow_reply_give(), and
 *	changes nothing
 * @hn: namespace
 * @flow: key of the flow
 * @had: the flow that has the key @flow now, and that would be replaced; or
 *	NULL
 * @m: the flow's member, which is reached via nat
 * @snat: this node's address replaces the client's
 * @to: filled in, as hasw_flow_ends_original() would
 *
 * With @snat, the prediction is not exact. @to has the client's port, although
 * hasw_flow_reply_give() might choose another port. Also, 0 is returned even if
 * hasw_flow_reply_give() would find no free port and return -EADDRNOTAVAIL.
 *
 * Context: RCU read side, softirqs off.
 * Return: as hasw_flow_reply_give().
 */
int hasw_flow_reply_peek(struct hasw_net *hn, const struct hasw_flow_key *flow,
			 const struct hasw_flow *had,
			 const struct hasw_member *m, bool snat,
			 struct hasw_nat_ends *to)
{
	u32 words = hasw_flow_words(flow->kind);
	struct hasw_flow_key key;
	struct hasw_flow *f;
	int err = hasw_flow_reply_plan(hn, flow, m, snat, &key);

	if (err)
		return err;
	f = hasw_flow_find_reply(hn->flows, &key,
				 hasw_flow_hash(hn->flows, &key), words);
	if (f && f != had && !(snat && hasw_flow_reply_varies(&key)))
		return -EEXIST;
	return hasw_flow_ends_of(hn, key.kind, flow->addr, key.addr + words,
				 key.ports, to) ?
		       0 :
		       -EHOSTUNREACH;
}

/**
 * hasw_flow_ends_original() - finds the addresses and ports that a client's
 *	packet has after translation
 * @hn: namespace
 * @f: the flow, which is translated
 * @to: filled in
 *
 * Context: RCU read side.
 * Return: false if this node's address has to be the source, but this node has
 * no address of the family.
 */
bool hasw_flow_ends_original(struct hasw_net *hn, const struct hasw_flow *f,
			     struct hasw_nat_ends *to)
{
	u32 words = hasw_flow_words(f->kind);

	return hasw_flow_ends_of(hn, f->kind, f->addr, f->addr + 2 * words,
				 f->reply_ports, to);
}

/**
 * hasw_flow_ends_reply() - finds the addresses and ports that a member's reply
 *	has after translation
 * @f: the flow, which is translated
 * @to: filled in
 *
 * Context: RCU read side.
 */
void hasw_flow_ends_reply(const struct hasw_flow *f, struct hasw_nat_ends *to)
{
	u32 words = hasw_flow_words(f->kind);

	hasw_flow_reply_in6(f->addr + words, words, &to->src);
	hasw_flow_reply_in6(f->addr, words, &to->dst);
	if (hasw_key_has_ports(f->proto)) {
		to->sport = f->ports[1];
		to->dport = f->ports[0];
	} else {
		to->sport = 0;
		to->dport = f->ports[0];
	}
}

/**
 * hasw_flow_snat_addr() - finds this node's address, which replaces the
 *	client's address in packets to a member
 * @hn: namespace
 * @kind: HASW_FLOW_IPV6, or 0 for IPv4
 * @own: filled in with this node's address
 *
 * Context: RCU read side.
 * Return: false if this node has no address of the family.
 */
bool hasw_flow_snat_addr(struct hasw_net *hn, u8 kind, __be32 *own)
{
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	const struct hasw_node *self = READ_ONCE(cfg->self);

	return self && hasw_flow_reply_addr(self, kind, own);
}

/**
 * hasw_flow_reply_own() - whether an address is this node's
 * @self: this node
 * @kind: HASW_FLOW_IPV6, or 0 for IPv4
 * @addr: the address
 *
 * Context: RCU read side.
 */
bool hasw_flow_reply_own(const struct hasw_node *self, u8 kind,
			 const __be32 *addr)
{
	__be32 own[4];

	return hasw_flow_reply_addr(self, kind, own) &&
	       hasw_flow_same(own, addr, hasw_flow_words(kind));
}
