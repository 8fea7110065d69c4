// SPDX-License-Identifier: GPL-2.0
/* The table of tracked flows: found by any CPU without a lock, bounded, and as large as they are many. */
#include <linux/random.h>
#include <linux/slab.h>

#include "flow_table.h"

/* What has been promised of their memory. */
static_assert(HASW_FLOW_SIZE4 <= 96 && HASW_FLOW_SIZE6 <= 128);

/* Of an empty table. */
#define HASW_FLOW_BITS 12

/* A table grows so much at once, and no further. */
#define HASW_FLOW_BITS_MORE 2
#define HASW_FLOW_BITS_MAX 24

/* Each second one in so many buckets is looked at for flows that are over. */
#define HASW_FLOW_SWEEP 8

/* Buckets that are looked at before others may run. */
#define HASW_FLOW_BATCH 1024

static struct kmem_cache *hasw_flow_cache4;
static struct kmem_cache *hasw_flow_cache6;

/**
 * hasw_flow_cache_create() - makes the caches that flows come from
 *
 * Context: process.
 * Return: 0, or -ENOMEM.
 */
int hasw_flow_cache_create(void)
{
	hasw_flow_cache4 = kmem_cache_create("hasw_flow4", HASW_FLOW_SIZE4, 0,
					     SLAB_ACCOUNT, NULL);
	if (!hasw_flow_cache4)
		return -ENOMEM;
	hasw_flow_cache6 = kmem_cache_create("hasw_flow6", HASW_FLOW_SIZE6, 0,
					     SLAB_ACCOUNT, NULL);
	if (hasw_flow_cache6)
		return 0;
	kmem_cache_destroy(hasw_flow_cache4);
	return -ENOMEM;
}

/**
 * hasw_flow_cache_destroy() - frees those caches
 *
 * Context: process; every flow is freed and rcu_barrier() done.
 */
void hasw_flow_cache_destroy(void)
{
	kmem_cache_destroy(hasw_flow_cache6);
	kmem_cache_destroy(hasw_flow_cache4);
}

static struct hasw_flow_buckets *hasw_flow_buckets_new(u32 bits)
{
	struct hasw_flow_buckets *b;

	b = kvzalloc(struct_size(b, first, 1UL << bits), GFP_KERNEL_ACCOUNT);
	if (b)
		b->bits = bits;
	return b;
}

/* Where the flows of a hash are, for who holds its lock. */
static struct hasw_flow __rcu **
hasw_flow_bucket(struct hasw_flow_buckets *b, u32 hash)
{
	return &b->first[hash >> (32 - b->bits)];
}

static struct hasw_flow_buckets *
hasw_flow_buckets_of(struct hasw_flow_buckets __rcu *b)
{
	return rcu_dereference_protected(b, 1);
}

static void hasw_flow_free_rcu(struct rcu_head *rcu)
{
	struct hasw_flow *f = container_of(rcu, struct hasw_flow, rcu);

	kmem_cache_free(f->kind & HASW_FLOW_IPV6 ? hasw_flow_cache6 :
						   hasw_flow_cache4, f);
}

static bool hasw_flow_closing(u8 state)
{
	return state == HASWITCH_FLOW_STATE_CLOSING;
}

/* What keeps a client is no flow of the member's. */
static void hasw_flow_count(struct hasw_flow *f, int n)
{
	struct hasw_share *share = rcu_dereference_protected(f->share, 1);

	if (share && !(f->kind & HASW_FLOW_CLIENT))
		hasw_share_count(share, hasw_flow_closing(f->state), n);
}

/* Under the bucket's lock, taken out of the bucket. */
static void hasw_flow_end(struct hasw_flows *flows, struct hasw_flow *f)
{
	f->gone = true;
	hasw_flow_count(f, -1);
	hasw_share_put(rcu_dereference_protected(f->share, 1));
	atomic_dec(&flows->count);
	call_rcu(&f->rcu, hasw_flow_free_rcu);
}

/**
 * hasw_flow_give() - gives a flow to a member
 * @f: the flow
 * @share: of the member, which the caller's RCU read side keeps
 * @epoch: hasw_vip_began()
 * @state: enum haswitch_flow_state
 *
 * Context: RCU read side, the bucket's lock held.
 */
void hasw_flow_give(struct hasw_flow *f, struct hasw_share *share, u64 epoch,
		    u8 state)
{
	struct hasw_share *old = rcu_dereference_protected(f->share, 1);

	hasw_flow_count(f, -1);
	/* A member that goes just now has no more flows. */
	if (old != share) {
		if (share && !refcount_inc_not_zero(&share->refs))
			share = NULL;
		rcu_assign_pointer(f->share, share);
		hasw_share_put(old);
	}
	WRITE_ONCE(f->epoch, epoch);
	WRITE_ONCE(f->state, state);
	hasw_flow_count(f, 1);
}

/**
 * hasw_flow_set_state() - stores how far a flow is
 * @f: the flow, found under RCU
 * @state: enum haswitch_flow_state
 *
 * Context: RCU read side, the bucket's lock held.
 */
void hasw_flow_set_state(struct hasw_flow *f, u8 state)
{
	if (f->gone)
		return;
	hasw_flow_count(f, -1);
	WRITE_ONCE(f->state, state);
	hasw_flow_count(f, 1);
}

/* Makes room for a flow: one of the same bucket ends that is over, or that its
 * client has not got far with, or is done with.
 */
static bool hasw_flow_evict(struct hasw_flows *flows,
			    struct hasw_flow __rcu **link)
{
	struct hasw_flow *f;

	for (; (f = rcu_dereference_protected(*link, 1)); link = &f->next) {
		if (!hasw_flow_over(f) && f->state != HASWITCH_FLOW_STATE_SYN &&
		    !hasw_flow_closing(f->state))
			continue;
		rcu_assign_pointer(*link, rcu_dereference_protected(f->next, 1));
		hasw_flow_end(flows, f);
		return true;
	}
	return false;
}

/**
 * hasw_flow_add() - finds a flow, or makes one that nobody has yet
 * @flows: the flows
 * @max: so many there may be
 * @key: of the flow
 * @hash: of @key
 *
 * Context: RCU read side, softirqs off, the bucket's lock held.
 * Return: the flow; or NULL if there are too many, or without memory.
 */
struct hasw_flow *hasw_flow_add(struct hasw_flows *flows, u32 max,
				const struct hasw_flow_key *key, u32 hash)
{
	struct hasw_flow_buckets *b = hasw_flow_buckets_of(flows->buckets);
	struct hasw_flow __rcu **bucket;
	u32 words = 2 * hasw_flow_words(key->kind), n;
	struct hasw_flow *f;

	lockdep_assert_held(hasw_flow_lock(flows, hash));
	f = hasw_flow_in(b, key, hash);
	if (f)
		return f;
	/* Read under the lock: who fills it takes that for each bucket. */
	if (unlikely(rcu_access_pointer(flows->bigger))) {
		b = hasw_flow_buckets_of(flows->bigger);
		f = hasw_flow_in(b, key, hash);
		if (f)
			return f;
	}
	bucket = hasw_flow_bucket(b, hash);
	n = atomic_inc_return(&flows->count);
	if (unlikely(n > max) && !hasw_flow_evict(flows, bucket))
		goto err;
	f = kmem_cache_zalloc(key->kind & HASW_FLOW_IPV6 ? hasw_flow_cache6 :
							   hasw_flow_cache4,
			      GFP_ATOMIC | __GFP_NOWARN);
	if (unlikely(!f))
		goto err;
	memcpy(f->ports, key->ports, sizeof(f->ports));
	f->proto = key->proto;
	f->kind = key->kind;
	memcpy(f->addr, key->addr, words * sizeof(f->addr[0]));
	/* It is over until who asked for it says more. */
	f->expires = jiffies;
	RCU_INIT_POINTER(f->next, rcu_dereference_protected(*bucket, 1));
	rcu_assign_pointer(*bucket, f);
	if (unlikely(!delayed_work_pending(&flows->work)))
		queue_delayed_work(hasw_wq, &flows->work, HZ);
	if (unlikely(is_power_of_2(n) && n >> b->bits))
		mod_delayed_work(hasw_wq, &flows->work, 0);
	return f;
err:
	atomic_dec(&flows->count);
	return NULL;
}

/* Ends those flows of a bucket that are to end. Under its lock. */
static void hasw_flow_walk(struct hasw_flows *flows,
			   struct hasw_flow __rcu **link,
			   bool (*ends)(struct hasw_flow *f, void *data),
			   void *data)
{
	struct hasw_flow *f;

	while ((f = rcu_dereference_protected(*link, 1))) {
		if (ends(f, data)) {
			rcu_assign_pointer(*link,
					   rcu_dereference_protected(f->next, 1));
			hasw_flow_end(flows, f);
		} else {
			link = &f->next;
		}
	}
}

/**
 * hasw_flows_at() - looks at the flows of a bucket
 * @flows: the flows
 * @hash: where the bucket begins
 * @ends: called for each flow, under the bucket's lock; whether it is to end
 * @data: for @ends
 *
 * Who goes on with what it returns until that is above U32_MAX has seen all
 * flows that were there all the time, while the table grows, too; and each once,
 * if @ends has looked at all of a bucket each time.
 *
 * Context: process, RCU read side or hasw_net.mutex held.
 * Return: where the next bucket begins.
 */
u64 hasw_flows_at(struct hasw_flows *flows, u64 hash,
		  bool (*ends)(struct hasw_flow *f, void *data), void *data)
{
	struct hasw_flow_buckets *b, *bigger;
	spinlock_t *lock;
	u64 next, at;

	rcu_read_lock();
	b = rcu_dereference(flows->buckets);
	next = ((hash >> (32 - b->bits)) + 1) << (32 - b->bits);
	if (!rcu_access_pointer(*hasw_flow_bucket(b, hash))) {
		/* If its flows were moved, so was the pointer set before:
		 * pairs with the stores of hasw_flows_move().
		 */
		smp_rmb();
		if (!rcu_access_pointer(flows->bigger))
			goto out;
	}
	lock = hasw_flow_lock(flows, hash);
	spin_lock_bh(lock);
	/* They may have been replaced: what is in these is in those then. */
	b = rcu_dereference(flows->buckets);
	for (at = hash; at < next; at += 1ULL << (32 - b->bits))
		hasw_flow_walk(flows, hasw_flow_bucket(b, at), ends, data);
	bigger = rcu_dereference(flows->bigger);
	/* When all are there, it is both for a moment. */
	if (bigger == b)
		bigger = NULL;
	for (at = hash; bigger && at < next; at += 1ULL << (32 - bigger->bits))
		hasw_flow_walk(flows, hasw_flow_bucket(bigger, at), ends,
			       data);
	spin_unlock_bh(lock);
out:
	rcu_read_unlock();
	return next;
}

/* Moves the flows of a bucket to the bigger table. */
static void hasw_flows_move(struct hasw_flows *flows,
			    struct hasw_flow_buckets *from,
			    struct hasw_flow_buckets *to, u32 i)
{
	u32 hash = i << (32 - from->bits);
	spinlock_t *lock = hasw_flow_lock(flows, hash);
	struct hasw_flow __rcu **bucket;
	struct hasw_flow_key key = {};
	struct hasw_flow *f;

	spin_lock_bh(lock);
	while ((f = rcu_dereference_protected(from->first[i], 1))) {
		memcpy(key.addr, f->addr, 2 * hasw_flow_words(f->kind) *
		       sizeof(f->addr[0]));
		memcpy(key.ports, f->ports, sizeof(key.ports));
		key.proto = f->proto;
		key.kind = f->kind & HASW_FLOW_KEY;
		bucket = hasw_flow_bucket(to, hasw_flow_hash(flows, &key));
		rcu_assign_pointer(from->first[i],
				   rcu_dereference_protected(f->next, 1));
		/* Who follows it goes astray, and asks again under the lock. */
		rcu_assign_pointer(f->next, rcu_dereference_protected(*bucket,
								      1));
		rcu_assign_pointer(*bucket, f);
	}
	spin_unlock_bh(lock);
}

/* Makes the table larger; without memory it stays, and is slower. */
static void hasw_flows_grow(struct hasw_flows *flows)
{
	struct hasw_flow_buckets *b = hasw_flow_buckets_of(flows->buckets), *to;
	u32 bits = b->bits, i;

	while (bits < HASW_FLOW_BITS_MAX && atomic_read(&flows->count) >> bits)
		bits += HASW_FLOW_BITS_MORE;
	if (bits == b->bits)
		return;
	to = hasw_flow_buckets_new(bits);
	if (!to)
		return;
	rcu_assign_pointer(flows->bigger, to);
	for (i = 0; i < 1U << b->bits; i++) {
		hasw_flows_move(flows, b, to, i);
		if (!(i % HASW_FLOW_BATCH))
			cond_resched();
	}
	rcu_assign_pointer(flows->buckets, to);
	/* Who has found the old one empty looks there next. */
	synchronize_rcu();
	RCU_INIT_POINTER(flows->bigger, NULL);
	synchronize_rcu();
	kvfree(b);
}

static bool hasw_flow_is_over(struct hasw_flow *f, void *data)
{
	return hasw_flow_over(f);
}

static void hasw_flows_work(struct work_struct *work)
{
	struct hasw_flows *flows = container_of(to_delayed_work(work),
						struct hasw_flows, work);
	u32 n, bits;

	hasw_flows_grow(flows);
	bits = hasw_flow_buckets_of(flows->buckets)->bits;
	for (n = 0; n < (1U << bits) / HASW_FLOW_SWEEP; n++) {
		flows->swept = hasw_flows_at(flows, flows->swept & U32_MAX,
					     hasw_flow_is_over, NULL);
		if (!(n % HASW_FLOW_BATCH))
			cond_resched();
	}
	if (atomic_read(&flows->count))
		queue_delayed_work(hasw_wq, &flows->work, HZ);
}

/**
 * hasw_flows_open() - makes the table of a namespace, unless there is one
 * @hn: namespace
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0, or -ENOMEM.
 */
int hasw_flows_open(struct hasw_net *hn)
{
	struct hasw_flow_buckets *b;
	struct hasw_flows *flows;
	u32 i;

	lockdep_assert_held(&hn->mutex);
	if (hn->flows)
		return 0;
	flows = kvzalloc(sizeof(*flows), GFP_KERNEL_ACCOUNT);
	if (!flows)
		return -ENOMEM;
	b = hasw_flow_buckets_new(HASW_FLOW_BITS);
	if (!b) {
		kvfree(flows);
		return -ENOMEM;
	}
	RCU_INIT_POINTER(flows->buckets, b);
	get_random_bytes(&flows->key, sizeof(flows->key));
	for (i = 0; i < HASW_FLOW_LOCKS; i++)
		spin_lock_init(&flows->lock[i]);
	INIT_DELAYED_WORK(&flows->work, hasw_flows_work);
	/* Pairs with hasw_nl_flow_get_dumpit(). */
	smp_store_release(&hn->flows, flows);
	/* Packets that find a service whose flows are tracked find it, too. */
	synchronize_rcu();
	return 0;
}

static bool hasw_flow_ends(struct hasw_flow *f, void *data)
{
	return true;
}

/**
 * hasw_flows_exit() - frees the table of a namespace
 * @hn: namespace, unhooked
 *
 * Context: process.
 */
void hasw_flows_exit(struct hasw_net *hn)
{
	struct hasw_flows *flows = hn->flows;
	u64 at = 0;

	if (!flows)
		return;
	cancel_delayed_work_sync(&flows->work);
	while (at <= U32_MAX) {
		at = hasw_flows_at(flows, at, hasw_flow_ends, NULL);
		cond_resched();
	}
	kvfree(hasw_flow_buckets_of(flows->buckets));
	kvfree(flows);
	hn->flows = NULL;
}
