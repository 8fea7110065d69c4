/* SPDX-License-Identifier: GPL-2.0 */
/* The flow table holds tracked flows. It is read under RCU, is bounded in size,
 * and grows with the number of flows.
 */
#ifndef HASW_FLOW_TABLE_H
#define HASW_FLOW_TABLE_H

#include <linux/siphash.h>

#include "service/member_flows.h"
#include "core/stats.h"
#include "packet/tuple.h"

struct dst_entry;
struct hasw_clients;

/* Number of bucket locks for each direction. A bucket array has at least as
 * many buckets as there are locks.
 */
#define HASW_FLOW_LOCK_BITS 8
#define HASW_FLOW_LOCKS (1U << HASW_FLOW_LOCK_BITS)

/* Number of flows that the table takes for each bucket, on average. A table has
 * more than one flow a bucket only if it could not grow for want of memory.
 * Without this limit, packets would search ever longer chains, with a bucket
 * lock held.
 */
#define HASW_FLOW_CHAIN 64

/* Bits of hasw_flow.kind: the addresses are IPv6 addresses. */
#define HASW_FLOW_IPV6 1
/* The entry is not a connection. It keeps a client with a member: all new flows
 * of the client go to this member (`persist`).
 */
#define HASW_FLOW_CLIENT 2
/* The service had `persist` when the flow was given to its member. So packets
 * of the flow extend the timeout of its client's HASW_FLOW_CLIENT entry.
 */
#define HASW_FLOW_KEPT 4
/* The flow is translated, so it is also found by its reply key. */
#define HASW_FLOW_NAT 8
/* The flow is translated, and this node's address replaces the client's. */
#define HASW_FLOW_SNAT 16
/* The client has sent what a forger does not send with each packet: it has
 * completed a TCP handshake, or has sent packets for some time. In the latter
 * case a member reached via nat has answered, too.
 */
#define HASW_FLOW_ASSURED 32
/* The flow is in state CLOSING because of an RST or a FIN from the client's
 * side, which may be forged.
 */
#define HASW_FLOW_ENDED 64
/* The flow is part of a struct hasw_flow_nat. All translated flows are. */
#define HASW_FLOW_WIDE 128

/* Bits of hasw_flow.kind that are part of a key in the original direction. */
#define HASW_FLOW_KEY (HASW_FLOW_IPV6 | HASW_FLOW_CLIENT)
/* Bits of hasw_flow.kind that are part of a key in the reply direction. */
#define HASW_FLOW_REPLY_KEY (HASW_FLOW_IPV6 | HASW_FLOW_SNAT)

/* Directions in which flows are looked up. */
enum hasw_flow_side {
	/* Original direction: by packets of the client. */
	HASW_FLOW_ORIG,
	/* Reply direction: by packets of the member, if the flow is translated.
	 */
	HASW_FLOW_REPLY,
	HASW_FLOW_SIDES,
};

/**
 * struct hasw_flow_key - key of a flow
 * @addr: client address, then vip; each has one 32-bit word for IPv4, four for
 *	IPv6
 * @ports: client port, then vip port; for an ICMP echo, see hasw_tuple.ports
 * @both: @ports as one 32-bit value
 * @proto: IP protocol
 * @kind: HASW_FLOW_IPV6, HASW_FLOW_CLIENT and HASW_FLOW_SNAT, or-ed
 *
 * A key in the reply direction has the reply's destination in the place of the
 * client, and the member in the place of the vip. With HASW_FLOW_SNAT, the
 * reply's destination is this node, and 0 is stored instead of this node's
 * address.
 */
struct hasw_flow_key {
	__be32 addr[8] __aligned(8);
	union {
		__be16 ports[2];
		u32 both;
	};
	u8 proto;
	u8 kind;
};

/**
 * struct hasw_flow - a tracked flow, or an entry that keeps a client with a
 *	member
 * @next: next flow in the bucket, by enum hasw_flow_side; written under the
 *	bucket's lock
 * @share: share of the flow's member, see struct hasw_share; the flow holds a
 *	reference on the share; written under the bucket's lock
 * @epoch: value of hasw_vip_began() at the time when the flow was given to its
 *	member: the epoch under which this node had become the vip's holder;
 *	written under the bucket's lock
 * @rcu: frees the flow after a grace period
 * @expires: time at which the flow expires unless another packet arrives,
 *	jiffies; written by the packet path without a lock
 * @keep: with HASW_FLOW_CLIENT, idle timeout of the entry, jiffies
 * @reply_hash: with HASW_FLOW_NAT, hash of the reply key; constant once set
 * @ports: client port, then vip port, see hasw_flow_key; constant
 * @proto: IP protocol; constant
 * @kind: HASW_FLOW_*; _IPV6, _CLIENT and _WIDE are constant, the other bits
 *	are written under the bucket's lock
 * @state: enum haswitch_flow_state; written under the bucket's lock
 * @mask: with HASW_FLOW_CLIENT or _KEPT, number of leading bits of the client's
 *	address that identify the client; written under the bucket's lock
 * @gone: the flow was removed from its bucket; written under the bucket's lock
 * @begun: lower bits of a sequence number; written under the bucket's lock. In
 *	state SYN the one that follows the client's SYN, or 0 if the flow began
 *	without a SYN. With HASW_FLOW_ENDED the one that follows the client's
 *	FIN, or 0 after an RST. With HASW_FLOW_NAT in state OPEN, which needs no
 *	sequence number: 1 once the member has answered, stored by the packet
 *	path without a lock
 * @ack: acknowledgement number of the client's last packet, known only if
 *	`on-failover` is `reset`; 0 if not known; written by the packet path
 *	without a lock
 * @reply_ports: with HASW_FLOW_NAT, ports of the reply key; constant once set
 * @addr: client address, vip, and with HASW_FLOW_NAT the member's address; the
 *	first two are constant, the third is constant once set, and needs
 *	HASW_FLOW_WIDE
 */
struct hasw_flow {
	struct hasw_flow __rcu *next[HASW_FLOW_SIDES];
	struct hasw_share __rcu *share;
	u64 epoch;
	struct rcu_head rcu;
	u32 expires;
	union {
		u32 keep;
		u32 reply_hash;
	};
	__be16 ports[2];
	u8 proto;
	u8 kind;
	u8 state;
	u8 mask;
	bool gone;
	u16 begun;
	__be32 ack;
	__be16 reply_ports[2];
	__be32 addr[];
};

/**
 * struct hasw_flow_back - the route that a translated flow keeps for its
 *	replies
 * @dst: the route, with a reference; NULL if none is kept; hasw_route_plain()
 *	is true, and there was no IPsec policy, when it was looked up
 * @cookie: argument with which dst_check() validates @dst
 * @mark: mark of the replies for which @dst was looked up
 *
 * Written under the lock of the flow's bucket; read under RCU, see
 * hasw_flow_route().
 */
struct hasw_flow_back {
	struct dst_entry __rcu *dst;
	u32 cookie;
	u32 mark;
};

/**
 * struct hasw_flow_nat - a flow with HASW_FLOW_WIDE
 * @back: the route of the flow's replies
 * @flow: the flow
 */
struct hasw_flow_nat {
	struct hasw_flow_back back;
	struct hasw_flow flow;
};

/* Returns where a flow with HASW_FLOW_WIDE keeps the route of its replies. */
static __always_inline struct hasw_flow_back *
hasw_flow_back(const struct hasw_flow *f)
{
	return &container_of((struct hasw_flow *)f, struct hasw_flow_nat,
			     flow)->back;
}

/**
 * struct hasw_flow_buckets - bucket array, indexed by the upper bits of the
 *	hash
 * @bits: log2 of the number of buckets
 * @first: first flow of each bucket; written under the bucket's lock
 */
struct hasw_flow_buckets {
	u32 bits;
	struct hasw_flow __rcu *first[];
};

/**
 * struct hasw_flow_index - hash table of the flows in one direction
 * @buckets: the bucket array; read under RCU, written by hasw_flows.work
 * @bigger: the array that a resize moves the flows to, or NULL; read under RCU,
 *	written by hasw_flows.work
 * @lock: bucket locks, by the upper bits of the hash; taken with softirqs off;
 *	a lock of HASW_FLOW_REPLY nests inside one of HASW_FLOW_ORIG
 *
 * Packets of known flows read only the pointers, which share no cache line with
 * the locks.
 */
struct hasw_flow_index {
	struct hasw_flow_buckets __rcu *buckets;
	struct hasw_flow_buckets __rcu *bigger;
	spinlock_t lock[HASW_FLOW_LOCKS] ____cacheline_aligned_in_smp;
};

/* Why a new flow was refused. */
enum hasw_flow_refusal {
	HASW_FLOW_REFUSAL_FULL,		/* table full, or out of memory */
	HASW_FLOW_REFUSAL_PORTS,	/* no port is free for the member */
	HASW_FLOW_REFUSAL_ALIKE,	/* another flow has the reply key */
	HASW_FLOW_REFUSAL_SOURCE,	/* the client's address is not valid */
	HASW_FLOW_REFUSALS,
};

/**
 * struct hasw_flows - the flows of a network namespace
 * @key: secret of hasw_flow_hash(); constant
 * @clients: per-CPU route caches for translated flows
 * @side: hash tables, by enum hasw_flow_side
 * @count: number of flows; it begins a cache line that new flows write
 * @translated: number of translated flows
 * @told: times of the last events about refused flows, by enum
 *	hasw_flow_refusal, jiffies; 0 if there was none
 * @hn: the namespace; constant
 * @work: ends expired flows, and grows the hash tables
 * @swept: hash up to which @work has searched for expired flows; used by @work
 *	only
 * @full: a member has reached its limit of flows; set by packets that begin
 *	flows, cleared by @work
 * @counted: a scheduler has compared how many flows the members have; set by
 *	packets that begin flows, cleared by @work
 */
struct hasw_flows {
	siphash_key_t key;
	struct hasw_clients __percpu *clients;
	struct hasw_flow_index side[HASW_FLOW_SIDES];
	atomic_t count ____cacheline_aligned_in_smp;
	atomic_t translated;
	unsigned long told[HASW_FLOW_REFUSALS];
	struct hasw_net *hn;
	struct delayed_work work;
	u64 swept;
	bool full;
	bool counted;
};

/* What a new flow may do with an assured flow in a full table. */
enum hasw_flow_claim {
	/* The flow stays. */
	HASW_FLOW_CLAIM_STAYS,
	/* The flow is evicted if all flows that were looked at are assured. */
	HASW_FLOW_CLAIM_YIELDS,
	/* The flow steers no packet any more, so it is evicted first. */
	HASW_FLOW_CLAIM_NONE,
};

/**
 * struct hasw_flow_room - which flows a new flow may evict from a full table
 * @max: limit of the number of flows
 * @wide: the new flow is to have HASW_FLOW_WIDE
 * @claim: returns what may be done with an assured flow; called under RCU;
 *	NULL: all stay. If its second argument is false, it need not tell flows
 *	that yield from flows that stay
 * @evicted: called when a flow is evicted that has not expired; its second
 *	argument is true for HASW_FLOW_CLAIM_YIELDS
 * @data: passed to @claim and @evicted
 */
struct hasw_flow_room {
	u32 max;
	bool wide;
	enum hasw_flow_claim (*claim)(const struct hasw_flow *f, bool yields,
				      void *data);
	void (*evicted)(void *data, bool assured);
	void *data;
};

static inline spinlock_t *hasw_flow_side_lock(struct hasw_flows *flows,
					      enum hasw_flow_side side, u32 hash)
{
	return &flows->side[side].lock[hash >> (32 - HASW_FLOW_LOCK_BITS)];
}

/* Returns the lock of a hash's bucket in the original direction. */
static inline spinlock_t *hasw_flow_lock(struct hasw_flows *flows, u32 hash)
{
	return hasw_flow_side_lock(flows, HASW_FLOW_ORIG, hash);
}

/* Returns the bucket of a hash. The caller holds the bucket's lock, or only
 * checks whether the bucket is empty.
 */
static inline struct hasw_flow __rcu **
hasw_flow_bucket(struct hasw_flow_buckets *b, u32 hash)
{
	return &b->first[hash >> (32 - b->bits)];
}

/* Dereferences a link of a chain. The caller holds the bucket's lock. */
static inline struct hasw_flow *hasw_flow_at(struct hasw_flow __rcu *link,
					     spinlock_t *lock)
{
	return rcu_dereference_protected(link, lockdep_is_held(lock));
}

/* Returns the number of 32-bit words in an address of a flow or key whose
 * HASW_FLOW_* bits are @kind.
 */
static inline u32 hasw_flow_words(u8 kind)
{
	return kind & HASW_FLOW_IPV6 ? 4 : 1;
}

/* Returns hasw_flow.kind. The caller holds RCU or the bucket's lock. */
static __always_inline u8 hasw_flow_kind(const struct hasw_flow *f)
{
	/* A CPU that reads HASW_FLOW_NAT also sees the flow's reply key. Pairs
	 * with smp_store_release() in hasw_flow_reply_add().
	 */
	return smp_load_acquire(&f->kind);
}

/* Copies an address of @words 32-bit words. */
static __always_inline void hasw_flow_copy(__be32 *to, const __be32 *from,
					   u32 words)
{
	to[0] = from[0];
	if (likely(words == 1))
		return;
	to[1] = from[1];
	to[2] = from[2];
	to[3] = from[3];
}

/* Whether two addresses of @words 32-bit words are equal. */
static __always_inline bool hasw_flow_same(const __be32 *a, const __be32 *b,
					   u32 words)
{
	if (likely(words == 1))
		return *a == *b;
	return !((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3]));
}

/**
 * hasw_flow_hash_here() - hasw_flow_hash() inlined, for the fast path
 * @flows: the flows
 * @key: key of the flow
 * @words: number of 32-bit words in an address of @key. If @words is the
 *	constant 1, the compiler keeps @key in registers, unless the caller also
 *	takes the address of @key elsewhere.
 *
 * Context: any.
 */
static __always_inline u32
hasw_flow_hash_here(const struct hasw_flows *flows,
		    const struct hasw_flow_key *key, u32 words)
{
	struct hasw_tuple_sip s = {
		SIPHASH_CONST_0 ^ flows->key.key[0],
		SIPHASH_CONST_1 ^ flows->key.key[1],
		SIPHASH_CONST_2 ^ flows->key.key[0],
		SIPHASH_CONST_3 ^ flows->key.key[1],
	};
	u32 i;

	for (i = 0; i < 2 * words; i += 2)
		hasw_tuple_sip_word(&s, (__force u32)key->addr[i] |
					(u64)(__force u32)key->addr[i + 1] << 32);
	return hasw_tuple_sip_end(&s, (2 * words + 1) * sizeof(u32), key->both);
}

u32 hasw_flow_hash(const struct hasw_flows *flows,
		   const struct hasw_flow_key *key);

/* Builds a flow's key in the original direction. The caller holds RCU or the
 * bucket's lock.
 */
static inline void hasw_flow_key_again(const struct hasw_flow *f,
				       struct hasw_flow_key *key)
{
	u8 kind = READ_ONCE(f->kind);

	memset(key, 0, sizeof(*key));
	memcpy(key->addr, f->addr,
	       2 * hasw_flow_words(kind) * sizeof(f->addr[0]));
	memcpy(key->ports, f->ports, sizeof(key->ports));
	key->proto = f->proto;
	key->kind = kind & HASW_FLOW_KEY;
}

/* Whether a flow has the key in the original direction. */
static __always_inline bool hasw_flow_is(const struct hasw_flow *f,
					 const struct hasw_flow_key *key,
					 u32 words)
{
	if (*(const u32 *)f->ports != key->both ||
	    f->proto != key->proto ||
	    (READ_ONCE(f->kind) & HASW_FLOW_KEY) != key->kind)
		return false;
	return hasw_flow_same(f->addr, key->addr, words) &&
	       hasw_flow_same(f->addr + words, key->addr + words, words);
}

/* Returns how many flows the hash table of a direction takes. RCU read side. */
static inline u32 hasw_flow_most(const struct hasw_flow_index *at)
{
	const struct hasw_flow_buckets *b = rcu_dereference(at->bigger) ?:
					    rcu_dereference(at->buckets);

	return HASW_FLOW_CHAIN << b->bits;
}

/* Whether a flow has to be evicted, because the table has @n flows, which is
 * more than its limit @max.
 */
static inline bool hasw_flow_crowded(u32 n, u32 max)
{
	return n > max;
}

/* Whether a flow's timeout has passed. */
static inline bool hasw_flow_over(const struct hasw_flow *f)
{
	return (s32)((u32)jiffies - READ_ONCE(f->expires)) >= 0;
}

/* Finds a flow by its key in the original direction. RCU read side. */
static __always_inline struct hasw_flow *
hasw_flow_in(const struct hasw_flow_buckets *b, const struct hasw_flow_key *key,
	     u32 hash, u32 words)
{
	struct hasw_flow *f;

	for (f = rcu_dereference(b->first[hash >> (32 - b->bits)]); f;
	     f = rcu_dereference(f->next[HASW_FLOW_ORIG]))
		if (hasw_flow_is(f, key, words))
			return f;
	return NULL;
}

/**
 * hasw_flow_look_here() - hasw_flow_look() inlined, for the fast path
 * @flows: the flows
 * @key: key of the flow
 * @hash: hash of @key
 * @words: number of 32-bit words in an address; see hasw_flow_hash_here()
 *
 * If the caller does not hold the bucket's lock, the lookup can miss a flow
 * that another CPU is moving to the bigger bucket array.
 *
 * Context: RCU read side.
 * Return: the flow, which may have expired; or NULL.
 */
static __always_inline struct hasw_flow *
hasw_flow_look_here(const struct hasw_flows *flows,
		    const struct hasw_flow_key *key, u32 hash, u32 words)
{
	const struct hasw_flow_index *at = &flows->side[HASW_FLOW_ORIG];
	struct hasw_flow_buckets *b = rcu_dereference(at->buckets);
	struct hasw_flow *f = hasw_flow_in(b, key, hash, words);

	if (likely(f))
		return f;
	/* Pairs with hasw_flows_grow(), which stores @bigger before it moves a
	 * flow.
	 */
	smp_rmb();
	b = rcu_dereference(at->bigger);
	return unlikely(b) ? hasw_flow_in(b, key, hash, words) : NULL;
}

/* Whether a flow has the key in the reply direction. */
static __always_inline bool hasw_flow_is_reply(const struct hasw_flow *f,
					       const struct hasw_flow_key *key,
					       u32 words)
{
	if (*(const u32 *)f->reply_ports != key->both ||
	    f->proto != key->proto ||
	    (READ_ONCE(f->kind) & HASW_FLOW_REPLY_KEY) != key->kind ||
	    !hasw_flow_same(f->addr + 2 * words, key->addr + words, words))
		return false;
	return key->kind & HASW_FLOW_SNAT ||
	       hasw_flow_same(f->addr, key->addr, words);
}

/* Finds a flow by its key in the reply direction. RCU read side. */
static __always_inline struct hasw_flow *
hasw_flow_find_reply_in(const struct hasw_flow_buckets *b,
			const struct hasw_flow_key *key, u32 hash, u32 words)
{
	struct hasw_flow *f;

	for (f = rcu_dereference(b->first[hash >> (32 - b->bits)]); f;
	     f = rcu_dereference(f->next[HASW_FLOW_REPLY]))
		if (hasw_flow_is_reply(f, key, words))
			return f;
	return NULL;
}

struct hasw_flow *hasw_flow_find_reply_moving(struct hasw_flows *flows,
					      const struct hasw_flow_key *key,
					      u32 hash);

/**
 * hasw_flow_find_reply() - finds the flow of a reply
 * @flows: the flows
 * @key: key of the reply, see hasw_flow_reply_key()
 * @hash: hash of @key
 * @words: number of 32-bit words in an address; see hasw_flow_hash_here()
 *
 * Context: RCU read side, softirqs off.
 * Return: the flow, which may have expired; or NULL.
 */
static __always_inline struct hasw_flow *
hasw_flow_find_reply(struct hasw_flows *flows, const struct hasw_flow_key *key,
		     u32 hash, u32 words)
{
	struct hasw_flow_index *at = &flows->side[HASW_FLOW_REPLY];
	struct hasw_flow *f;

	f = hasw_flow_find_reply_in(rcu_dereference(at->buckets), key, hash,
				    words);
	if (likely(f))
		return f;
	/* A resize might be moving the flow to @bigger; see
	 * hasw_flow_look_here().
	 */
	smp_rmb();
	if (unlikely(rcu_access_pointer(at->bigger))) {
		/* The address of a copy is passed to the function, so that the
		 * compiler can keep @key in registers.
		 */
		struct hasw_flow_key copy = *key;

		return hasw_flow_find_reply_moving(flows, &copy, hash);
	}
	return NULL;
}

struct hasw_flow *hasw_flow_look(const struct hasw_flows *flows,
				 const struct hasw_flow_key *key, u32 hash);
int hasw_flow_reply_add(struct hasw_flows *flows, struct hasw_flow *f,
			const struct hasw_flow_key *key);
struct hasw_flow *hasw_flow_renew(struct hasw_flows *flows,
				  struct hasw_flow *f, u32 hash, bool wide);
struct hasw_flow *hasw_flow_alloc(u8 kind);
void hasw_flow_free(struct hasw_flow *f);
int hasw_flow_cache_create(void);
void hasw_flow_cache_destroy(void);
int hasw_flows_open(struct hasw_net *hn);
void hasw_flows_exit(struct hasw_net *hn);
struct hasw_flow *hasw_flow_add(struct hasw_flows *flows,
				const struct hasw_flow_room *room,
				const struct hasw_flow_key *key, u32 hash);
bool hasw_flow_spare(const struct hasw_flows *flows,
		     const struct hasw_flow_room *room, u32 hash);
void hasw_flow_mark(struct hasw_flow *f, spinlock_t *lock, u8 clear, u8 set);
void __hasw_flow_give(struct hasw_flow *f, struct hasw_share *share, u64 epoch,
		      u8 state);
void __hasw_flow_set_state(struct hasw_flow *f, u8 state);
u64 hasw_flows_at(struct hasw_flows *flows, u64 hash,
		  bool (*ends)(struct hasw_flow *f, void *data), void *data);

/**
 * hasw_flow_give() - gives a flow to a member
 * @f: the flow
 * @lock: lock of the flow's bucket
 * @share: the member's share, which the caller's RCU read side keeps alive
 * @epoch: epoch under which this node became the holder of the flow's vip, from
 *	hasw_vip_began()
 * @state: new state of the flow, enum haswitch_flow_state
 *
 * If the member is being deleted, and no flow refers to @share any more, the
 * flow gets no member.
 *
 * Context: RCU read side, @lock held.
 */
static inline void hasw_flow_give(struct hasw_flow *f, spinlock_t *lock,
				  struct hasw_share *share, u64 epoch, u8 state)
{
	lockdep_assert_held(lock);
	__hasw_flow_give(f, share, epoch, state);
}

/**
 * hasw_flow_set_state() - stores the state of a flow
 * @f: the flow, found under RCU; unchanged if it was removed from its bucket
 * @lock: lock of the flow's bucket
 * @state: new state of the flow, enum haswitch_flow_state
 *
 * Context: RCU read side, @lock held.
 */
static inline void hasw_flow_set_state(struct hasw_flow *f, spinlock_t *lock,
				       u8 state)
{
	lockdep_assert_held(lock);
	__hasw_flow_set_state(f, state);
}

#endif
