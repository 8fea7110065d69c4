/* SPDX-License-Identifier: GPL-2.0 */
/* The table of tracked flows: found by any CPU without a lock, bounded, and as large as they are many. */
#ifndef HASW_FLOW_TABLE_H
#define HASW_FLOW_TABLE_H

#include <linux/siphash.h>

#include "client_route.h"
#include "service/member_flows.h"
#include "core/stats.h"
#include "packet/tuple.h"

/* So many locks of buckets; a table has at least as many buckets. */
#define HASW_FLOW_LOCK_BITS 8
#define HASW_FLOW_LOCKS (1U << HASW_FLOW_LOCK_BITS)

/* What a flow is besides its protocol. */
#define HASW_FLOW_IPV6 1
/* No flow, but what keeps a client with its member. */
#define HASW_FLOW_CLIENT 2
/* A flow whose client is kept. */
#define HASW_FLOW_KEPT 4
/* Its member knows it by other ends, by which its answers are found. */
#define HASW_FLOW_NAT 8
/* Of these, the client's is this node. */
#define HASW_FLOW_SNAT 16

/* What @kind has in common with its key's, and with that of its answers. */
#define HASW_FLOW_KEY (HASW_FLOW_IPV6 | HASW_FLOW_CLIENT)
#define HASW_FLOW_ANSWER_KEY (HASW_FLOW_IPV6 | HASW_FLOW_SNAT)

/* The sides that a flow is found from. */
enum hasw_flow_side {
	/* By what its client sends. */
	HASW_FLOW_ASKED,
	/* By what its member answers, if it is translated. */
	HASW_FLOW_ANSWERED,
	HASW_FLOW_SIDES,
};

/**
 * struct hasw_flow_key - by what a flow is found
 * @addr: the client's address, then the vip's; one word each if IPv4, else four
 * @ports: the client's, then the vip's
 * @both: @ports, as they are in memory
 * @proto: protocol
 * @kind: HASW_FLOW_IPV6, HASW_FLOW_CLIENT
 *
 * By its answers: the address and port of whom the member takes for the client,
 * then the member's. That address is 0 if it is this node, HASW_FLOW_SNAT.
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
 * struct hasw_flow - a tracked connection
 * @next: in its buckets, by enum hasw_flow_side; written under the bucket's lock
 * @share: of the member that has it; the flow holds a use; as @next
 * @epoch: hasw_vip_began() when it was given to the member; as @next
 * @rcu: frees it once no packet uses it
 * @expires: when it ends without another packet, jiffies; written by packets
 * @keep: of HASW_FLOW_CLIENT, for how long each time, jiffies
 * @answers: of HASW_FLOW_NAT, hash of the key of its answers; constant from then
 *	on
 * @ports: see hasw_flow_key; constant
 * @proto: as @ports
 * @kind: HASW_FLOW_*; _KEPT, _NAT and _SNAT as @next, the others as @ports
 * @state: enum haswitch_flow_state; as @next
 * @mask: of HASW_FLOW_CLIENT and _KEPT, how many leading bits of the client's
 *	address count; as @next
 * @gone: it is in no bucket; as @next
 * @ack: what the client's last packet acknowledged, if its service resets
 *	clients; 0 is nothing; written by packets
 * @answer_ports: of HASW_FLOW_NAT, see hasw_flow_key; as @answers
 * @addr: see hasw_flow_key, then the member's; that as @answers, the others as
 *	@ports
 */
struct hasw_flow {
	struct hasw_flow __rcu *next[HASW_FLOW_SIDES];
	struct hasw_share __rcu *share;
	u64 epoch;
	struct rcu_head rcu;
	u32 expires;
	union {
		u32 keep;
		u32 answers;
	};
	__be16 ports[2];
	u8 proto;
	u8 kind;
	u8 state;
	u8 mask;
	bool gone;
	__be32 ack;
	__be16 answer_ports[2];
	__be32 addr[];
};

/* Where an IPv4 flow ends, and an IPv6 one. */
#define HASW_FLOW_SIZE4 (offsetof(struct hasw_flow, addr) + 3 * sizeof(__be32))
#define HASW_FLOW_SIZE6 (offsetof(struct hasw_flow, addr) + 12 * sizeof(__be32))

/**
 * struct hasw_flow_buckets - the buckets, by the upper bits of the hash
 * @bits: so many
 * @first: in each, the first flow; written under the bucket's lock
 */
struct hasw_flow_buckets {
	u32 bits;
	struct hasw_flow __rcu *first[];
};

/**
 * struct hasw_flow_index - where the flows are found from one side
 * @buckets: where they are; readers under RCU, written by hasw_flows.work
 * @bigger: where they are moved to, or NULL; as @buckets
 * @lock: of the buckets, by the upper bits of the hash; spin_lock_bh; that of
 *	HASW_FLOW_ANSWERED inside that of HASW_FLOW_ASKED
 */
struct hasw_flow_index {
	struct hasw_flow_buckets __rcu *buckets;
	struct hasw_flow_buckets __rcu *bigger;
	spinlock_t lock[HASW_FLOW_LOCKS];
};

/**
 * struct hasw_flows - the flows of a network namespace
 * @side: where they are found, by enum hasw_flow_side
 * @count: how many
 * @answered: how many of them are translated
 * @clients: the routes to those whose answers are translated
 * @told: when an event told that there were too many, jiffies; 0 is never
 * @key: of the hash, see hasw_flow_hash(); constant
 * @work: ends those whose time has passed, and makes the table larger
 * @swept: hash up to which @work has looked; @work's own
 */
struct hasw_flows {
	siphash_key_t key;
	struct hasw_flow_index side[HASW_FLOW_SIDES];
	atomic_t count;
	atomic_t answered;
	struct hasw_clients __percpu *clients;
	unsigned long told;
	struct delayed_work work;
	u64 swept;
};

static inline spinlock_t *hasw_flow_side_lock(struct hasw_flows *flows,
					      enum hasw_flow_side side, u32 hash)
{
	return &flows->side[side].lock[hash >> (32 - HASW_FLOW_LOCK_BITS)];
}

/* The lock of a hash's bucket. */
static inline spinlock_t *hasw_flow_lock(struct hasw_flows *flows, u32 hash)
{
	return hasw_flow_side_lock(flows, HASW_FLOW_ASKED, hash);
}

/* Where the flows of a hash are, for who holds its lock. */
static inline struct hasw_flow __rcu **
hasw_flow_bucket(struct hasw_flow_buckets *b, u32 hash)
{
	return &b->first[hash >> (32 - b->bits)];
}

static inline struct hasw_flow_buckets *
hasw_flow_buckets_of(struct hasw_flow_buckets __rcu *b)
{
	return rcu_dereference_protected(b, 1);
}

/* How many words an address has. */
static inline u32 hasw_flow_words(u8 kind)
{
	return kind & HASW_FLOW_IPV6 ? 4 : 1;
}

/* What a flow is, now. Under RCU, or the lock of the bucket. */
static __always_inline u8 hasw_flow_kind(const struct hasw_flow *f)
{
	/* Of one that is translated its answers' ends are there; pairs with
	 * hasw_flow_answer_add().
	 */
	return smp_load_acquire(&f->kind);
}

/* Copies an address of so many words. */
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

/* Whether two addresses of so many words are the same. */
static __always_inline bool hasw_flow_same(const __be32 *a, const __be32 *b,
					   u32 words)
{
	if (likely(words == 1))
		return *a == *b;
	return !((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3]));
}

/**
 * hasw_flow_hash_here() - hasw_flow_hash() without a call, for the fast path
 * @flows: the flows
 * @key: of the flow
 * @words: hasw_flow_words(); who knows that it is 1 when he is compiled has @key
 *	in registers, as long as nothing else takes its address
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

/* The key by which a flow is found by what its client sends. Under RCU, or the
 * lock of the bucket.
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

/* Whether a flow has the key. */
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

/* Whether its time has passed. */
static inline bool hasw_flow_over(const struct hasw_flow *f)
{
	return (s32)((u32)jiffies - READ_ONCE(f->expires)) >= 0;
}

static __always_inline struct hasw_flow *
hasw_flow_in(const struct hasw_flow_buckets *b, const struct hasw_flow_key *key,
	     u32 hash, u32 words)
{
	struct hasw_flow *f;

	for (f = rcu_dereference_check(b->first[hash >> (32 - b->bits)], 1); f;
	     f = rcu_dereference_check(f->next[HASW_FLOW_ASKED], 1))
		if (hasw_flow_is(f, key, words))
			return f;
	return NULL;
}

/**
 * hasw_flow_look_here() - hasw_flow_look() without a call, for the fast path
 * @flows: the flows
 * @key: of the flow
 * @hash: of @key
 * @words: see hasw_flow_hash_here()
 *
 * One that another CPU moves to another bucket just now is found only under the
 * bucket's lock.
 *
 * Context: RCU read side.
 * Return: the flow, whose time may have passed; or NULL.
 */
static __always_inline struct hasw_flow *
hasw_flow_look_here(const struct hasw_flows *flows,
		    const struct hasw_flow_key *key, u32 hash, u32 words)
{
	const struct hasw_flow_index *at = &flows->side[HASW_FLOW_ASKED];
	struct hasw_flow_buckets *b = rcu_dereference(at->buckets);
	struct hasw_flow *f = hasw_flow_in(b, key, hash, words);

	if (likely(f))
		return f;
	/* Who has moved it has stored that first; see hasw_flows_grow(). */
	smp_rmb();
	b = rcu_dereference(at->bigger);
	return unlikely(b) ? hasw_flow_in(b, key, hash, words) : NULL;
}

/* Whether its answers have the key. */
static __always_inline bool hasw_flow_answers(const struct hasw_flow *f,
					      const struct hasw_flow_key *key,
					      u32 words)
{
	if (*(const u32 *)f->answer_ports != key->both ||
	    f->proto != key->proto ||
	    (READ_ONCE(f->kind) & HASW_FLOW_ANSWER_KEY) != key->kind ||
	    !hasw_flow_same(f->addr + 2 * words, key->addr + words, words))
		return false;
	return key->kind & HASW_FLOW_SNAT ||
	       hasw_flow_same(f->addr, key->addr, words);
}

/* The flow whose answers have the key. Under RCU, or the lock of the bucket. */
static __always_inline struct hasw_flow *
hasw_flow_answered_in(const struct hasw_flow_buckets *b,
		      const struct hasw_flow_key *key, u32 hash, u32 words)
{
	struct hasw_flow *f;

	for (f = rcu_dereference_check(b->first[hash >> (32 - b->bits)], 1); f;
	     f = rcu_dereference_check(f->next[HASW_FLOW_ANSWERED], 1))
		if (hasw_flow_answers(f, key, words))
			return f;
	return NULL;
}

struct hasw_flow *hasw_flow_answered_moving(struct hasw_flows *flows,
					    const struct hasw_flow_key *key,
					    u32 hash);

/**
 * hasw_flow_answered() - finds the flow that an answer belongs to
 * @flows: the flows
 * @key: of the answer
 * @hash: of @key
 * @words: see hasw_flow_hash_here()
 *
 * Context: RCU read side, softirqs off.
 * Return: the flow, whose time may have passed; or NULL.
 */
static __always_inline struct hasw_flow *
hasw_flow_answered(struct hasw_flows *flows, const struct hasw_flow_key *key,
		   u32 hash, u32 words)
{
	struct hasw_flow_index *at = &flows->side[HASW_FLOW_ANSWERED];
	struct hasw_flow *f;

	f = hasw_flow_answered_in(rcu_dereference(at->buckets), key, hash,
				  words);
	if (likely(f))
		return f;
	/* It may be moved just now; as in hasw_flow_look_here(). */
	smp_rmb();
	if (unlikely(rcu_access_pointer(at->bigger))) {
		/* Nobody takes the address of @key itself. */
		struct hasw_flow_key copy = *key;

		return hasw_flow_answered_moving(flows, &copy, hash);
	}
	return NULL;
}

struct hasw_flow *hasw_flow_look(const struct hasw_flows *flows,
				 const struct hasw_flow_key *key, u32 hash);
int hasw_flow_answer_add(struct hasw_flows *flows, struct hasw_flow *f,
			 const struct hasw_flow_key *key);
struct hasw_flow *hasw_flow_renew(struct hasw_flows *flows,
				  struct hasw_flow *f, u32 hash);
int hasw_flow_cache_create(void);
void hasw_flow_cache_destroy(void);
int hasw_flows_open(struct hasw_net *hn);
void hasw_flows_exit(struct hasw_net *hn);
struct hasw_flow *hasw_flow_add(struct hasw_flows *flows, u32 max,
				const struct hasw_flow_key *key, u32 hash);
bool hasw_flow_spare(const struct hasw_flows *flows, u32 hash);
void hasw_flow_give(struct hasw_flow *f, struct hasw_share *share, u64 epoch,
		    u8 state);
void hasw_flow_set_state(struct hasw_flow *f, u8 state);
u64 hasw_flows_at(struct hasw_flows *flows, u64 hash,
		  bool (*ends)(struct hasw_flow *f, void *data), void *data);

#endif
