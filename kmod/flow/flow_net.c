// SPDX-License-Identifier: GPL-2.0
/* The flow table of a network namespace is created, grown, cleared of expired
 * flows, and freed here, and so is the memory of flows allocated and freed.
 */
#include <linux/random.h>
#include <linux/slab.h>

#include "client_route.h"
#include "flow_table.h"

/* log2 of the number of buckets of a new table. */
#define HASW_FLOW_BITS 12

/* Number of bits by which log2 of the number of buckets grows in one step. */
#define HASW_FLOW_BITS_MORE 2
/* log2 of the maximum number of buckets. */
#define HASW_FLOW_BITS_MAX 24

/* Number of seconds in which all buckets of a large table are searched once for
 * expired flows. Each second, an equal part of the buckets is searched, but at
 * least HASW_FLOW_SWEEP_MIN of them. A member that has reached its limit of
 * flows needs to know each second how many have ended, so then all are
 * searched. Schedulers that compare the members' numbers of flows need to know
 * it, too. For them at least HASW_FLOW_SWEEP_COUNTED buckets are searched: all
 * buckets of the default limit of flows. More would occupy a CPU.
 */
#define HASW_FLOW_SWEEP 8
#define HASW_FLOW_SWEEP_MIN (1U << 16)
#define HASW_FLOW_SWEEP_COUNTED (1U << 18)

/* Number of buckets and flows between two calls of cond_resched(). */
#define HASW_FLOW_BATCH 1024

/* Memory sizes of flows whose addresses have @words 32-bit words, bytes. A flow
 * with HASW_FLOW_WIDE also has the member's address, and the route of its
 * replies.
 */
#define HASW_FLOW_SIZE(words) \
	(offsetof(struct hasw_flow, addr) + 2 * (words) * sizeof(__be32))
#define HASW_FLOW_SIZE_WIDE(words) \
	(offsetof(struct hasw_flow_nat, flow.addr) + \
	 3 * (words) * sizeof(__be32))

static_assert(HASW_FLOW_SIZE(1) <= 88 && HASW_FLOW_SIZE(4) <= 112);
static_assert(HASW_FLOW_SIZE_WIDE(1) <= 104 && HASW_FLOW_SIZE_WIDE(4) <= 144);

/* Slab caches of flows; see hasw_flow_cache(). */
static struct kmem_cache *hasw_flow_caches[4];

/* Returns the slab cache of the flows with these HASW_FLOW_* bits. */
static struct kmem_cache *hasw_flow_cache(u8 kind)
{
	return hasw_flow_caches[!!(kind & HASW_FLOW_IPV6) +
				(kind & HASW_FLOW_WIDE ? 2 : 0)];
}

/**
 * hasw_flow_cache_create() - creates the slab caches of flows
 *
 * Context: process.
 * Return: 0, or -ENOMEM.
 */
int hasw_flow_cache_create(void)
{
	static const struct {
		const char *name;
		u32 size;
	} made[ARRAY_SIZE(hasw_flow_caches)] = {
		{ "hasw_flow4", HASW_FLOW_SIZE(1) },
		{ "hasw_flow6", HASW_FLOW_SIZE(4) },
		{ "hasw_flow4_nat", HASW_FLOW_SIZE_WIDE(1) },
		{ "hasw_flow6_nat", HASW_FLOW_SIZE_WIDE(4) },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(made); i++) {
		hasw_flow_caches[i] = kmem_cache_create(made[i].name,
							made[i].size, 0,
							SLAB_ACCOUNT, NULL);
		if (!hasw_flow_caches[i])
			goto err;
	}
	return 0;

err:
	hasw_flow_cache_destroy();
	return -ENOMEM;
}

/**
 * hasw_flow_cache_destroy() - destroys the slab caches of flows
 *
 * Context: process; the caller has freed all flows and called rcu_barrier().
 */
void hasw_flow_cache_destroy(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(hasw_flow_caches); i++) {
		kmem_cache_destroy(hasw_flow_caches[i]);
		hasw_flow_caches[i] = NULL;
	}
}

/**
 * hasw_flow_alloc() - allocates a flow
 * @kind: HASW_FLOW_* bits of the flow
 *
 * Context: any.
 * Return: the flow, whose other fields are 0; or NULL.
 */
struct hasw_flow *hasw_flow_alloc(u8 kind)
{
	void *at = kmem_cache_zalloc(hasw_flow_cache(kind),
				     GFP_ATOMIC | __GFP_NOWARN);
	struct hasw_flow *f = at;

	if (!at)
		return NULL;
	if (kind & HASW_FLOW_WIDE)
		f = &((struct hasw_flow_nat *)at)->flow;
	f->kind = kind;
	return f;
}

static void hasw_flow_free_rcu(struct rcu_head *rcu)
{
	struct hasw_flow *f = container_of(rcu, struct hasw_flow, rcu);
	void *at = f;

	if (f->kind & HASW_FLOW_WIDE)
		at = container_of(f, struct hasw_flow_nat, flow);
	kmem_cache_free(hasw_flow_cache(f->kind), at);
}

/**
 * hasw_flow_free() - frees a flow after a grace period
 * @f: the flow, which is in no bucket, and keeps no route
 *
 * Context: any.
 */
void hasw_flow_free(struct hasw_flow *f)
{
	call_rcu(&f->rcu, hasw_flow_free_rcu);
}

static struct hasw_flow_buckets *hasw_flow_buckets_new(u32 bits)
{
	struct hasw_flow_buckets *b;

	b = kvzalloc(struct_size(b, first, 1UL << bits), GFP_KERNEL_ACCOUNT);
	if (b)
		b->bits = bits;
	return b;
}

/* Returns the hash by which a flow is found in one direction. */
static u32 hasw_flow_hash_of(const struct hasw_flows *flows,
			     const struct hasw_flow *f, enum hasw_flow_side side)
{
	struct hasw_flow_key key;

	if (side == HASW_FLOW_REPLY)
		return f->reply_hash;
	hasw_flow_key_again(f, &key);
	return hasw_flow_hash(flows, &key);
}

/* Lets other tasks run after each HASW_FLOW_BATCH buckets and flows. @n counts
 * them. If the table grows late, or not at all for want of memory, a bucket has
 * very many flows. So the number of buckets alone does not bound a walk.
 */
static void hasw_flows_yield(u32 *n, u32 more)
{
	*n += more;
	if (*n < HASW_FLOW_BATCH)
		return;
	*n = 0;
	cond_resched();
}

/* Moves the flows of a bucket to the bigger bucket array. Returns how many. */
static u32 hasw_flows_move(struct hasw_flows *flows, enum hasw_flow_side side,
			   struct hasw_flow_buckets *from,
			   struct hasw_flow_buckets *to, u32 i)
{
	u32 hash = i << (32 - from->bits), n = 0;
	spinlock_t *lock = hasw_flow_side_lock(flows, side, hash);
	struct hasw_flow *f;

	spin_lock_bh(lock);
	while ((f = hasw_flow_at(from->first[i], lock))) {
		hash = hasw_flow_hash_of(flows, f, side);
		rcu_assign_pointer(from->first[i],
				   hasw_flow_at(f->next[side], lock));
		/* A reader without the lock that is at this flow continues in
		 * the chain of another bucket. It can therefore miss the flow
		 * that it looks for. After a miss, the lookup is repeated under
		 * the lock.
		 */
		rcu_assign_pointer(f->next[side],
				   hasw_flow_at(*hasw_flow_bucket(to, hash),
						lock));
		rcu_assign_pointer(*hasw_flow_bucket(to, hash), f);
		n++;
	}
	spin_unlock_bh(lock);
	return n;
}

/* Dereferences the bucket array for hasw_flows.work. Only this work replaces
 * the array, so the work needs no lock.
 */
static struct hasw_flow_buckets *hasw_flows_buckets(struct hasw_flows *flows,
						    enum hasw_flow_side side)
{
	return rcu_dereference_protected(flows->side[side].buckets,
					 current_work() == &flows->work.work);
}

/* Grows the hash table of one direction to hold @count flows. If the allocation
 * fails, the table keeps its size, and lookups become slower.
 */
static void hasw_flows_grow(struct hasw_flows *flows, enum hasw_flow_side side,
			    const atomic_t *count)
{
	struct hasw_flow_index *at = &flows->side[side];
	struct hasw_flow_buckets *b = hasw_flows_buckets(flows, side), *to;
	u32 bits = b->bits, i, n = 0;

	while (bits < HASW_FLOW_BITS_MAX && atomic_read(count) >> bits)
		bits += HASW_FLOW_BITS_MORE;
	if (bits == b->bits)
		return;
	to = hasw_flow_buckets_new(bits);
	if (!to)
		return;
	rcu_assign_pointer(at->bigger, to);
	for (i = 0; i < 1U << b->bits; i++)
		hasw_flows_yield(&n, 1 + hasw_flows_move(flows, side, b, to, i));
	rcu_assign_pointer(at->buckets, to);
	/* @bigger is kept until all readers that missed a flow in the old array
	 * have read @bigger.
	 */
	synchronize_rcu();
	RCU_INIT_POINTER(at->bigger, NULL);
	synchronize_rcu();
	kvfree(b);
}

/* Callback of hasw_flows_at(). Counts the flow in @data. */
static bool hasw_flow_is_over(struct hasw_flow *f, void *data)
{
	++*(u32 *)data;
	return hasw_flow_over(f);
}

/* Clears hasw_net.natted once there is no translated flow, so that packets to
 * addresses other than vips are no longer looked up in the flow table.
 */
static void hasw_flows_natted(struct hasw_flows *flows)
{
	struct hasw_net *hn = flows->hn;

	if (!READ_ONCE(hn->natted) || atomic_read(&flows->translated))
		return;
	/* The replies of a new flow are not looked up between the two stores,
	 * so nothing may delay the second one.
	 */
	local_bh_disable();
	WRITE_ONCE(hn->natted, false);
	/* A new flow is counted before its packet reads @natted, and @natted is
	 * cleared before the count is read again. So the packet or this
	 * function sees that @natted must be set. Pairs with
	 * atomic_inc_return() in hasw_flow_reply_add().
	 */
	smp_mb();
	if (atomic_read(&flows->translated))
		WRITE_ONCE(hn->natted, true);
	local_bh_enable();
}

/* Returns how many of @all buckets the sweep of this second searches. */
static u32 hasw_flows_sweep(struct hasw_flows *flows, u32 all)
{
	u32 most = HASW_FLOW_SWEEP_MIN;

	if (READ_ONCE(flows->counted))
		most = HASW_FLOW_SWEEP_COUNTED;
	most = READ_ONCE(flows->full) ? all : max(all / HASW_FLOW_SWEEP, most);
	WRITE_ONCE(flows->full, false);
	WRITE_ONCE(flows->counted, false);
	return min(all, most);
}

static void hasw_flows_work(struct work_struct *work)
{
	struct hasw_flows *flows = container_of(to_delayed_work(work),
						struct hasw_flows, work);
	struct hasw_flow_buckets *b;
	u32 n, most, seen, done = 0;

	hasw_flows_grow(flows, HASW_FLOW_ORIG, &flows->count);
	hasw_flows_grow(flows, HASW_FLOW_REPLY, &flows->translated);
	b = hasw_flows_buckets(flows, HASW_FLOW_ORIG);
	most = hasw_flows_sweep(flows, 1U << b->bits);
	for (n = 0; n < most; n++) {
		seen = 1;
		flows->swept = hasw_flows_at(flows, flows->swept & U32_MAX,
					     hasw_flow_is_over, &seen);
		hasw_flows_yield(&done, seen);
	}
	hasw_flows_natted(flows);
	if (atomic_read(&flows->count))
		queue_delayed_work(hasw_wq, &flows->work, HZ);
}

static void hasw_flows_free(struct hasw_flows *flows)
{
	int side;

	/* Nothing else uses the table: it was never published, or the packet
	 * hooks are unregistered and the work is cancelled.
	 */
	for (side = 0; side < HASW_FLOW_SIDES; side++)
		kvfree(hasw_unpublished(flows->side[side].buckets));
	hasw_clients_free(flows->clients);
	kvfree(flows);
}

/* Initialises the hash table of one direction. Return: 0, or -ENOMEM. */
static int hasw_flow_index_init(struct hasw_flow_index *at)
{
	u32 i;

	for (i = 0; i < HASW_FLOW_LOCKS; i++)
		spin_lock_init(&at->lock[i]);
	RCU_INIT_POINTER(at->buckets, hasw_flow_buckets_new(HASW_FLOW_BITS));
	return rcu_access_pointer(at->buckets) ? 0 : -ENOMEM;
}

/**
 * hasw_flows_open() - creates the flow table of a namespace, unless there is
 *	one
 * @hn: namespace
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0, or -ENOMEM.
 */
int hasw_flows_open(struct hasw_net *hn)
{
	struct hasw_flows *flows;

	lockdep_assert_held(&hn->mutex);
	if (hn->flows)
		return 0;
	flows = kvzalloc(sizeof(*flows), GFP_KERNEL_ACCOUNT);
	if (!flows)
		return -ENOMEM;
	flows->clients = hasw_clients_new();
	if (!flows->clients ||
	    hasw_flow_index_init(&flows->side[HASW_FLOW_ORIG]) ||
	    hasw_flow_index_init(&flows->side[HASW_FLOW_REPLY])) {
		hasw_flows_free(flows);
		return -ENOMEM;
	}
	flows->hn = hn;
	get_random_bytes(&flows->key, sizeof(flows->key));
	INIT_DELAYED_WORK(&flows->work, hasw_flows_work);
	/* Pairs with smp_load_acquire() in hasw_flow_reply_known() and in
	 * hasw_nl_flow_get_dumpit().
	 */
	smp_store_release(&hn->flows, flows);
	/* Wait for CPUs that have read hn->flows as NULL. After that, the
	 * caller can add a service with tracked flows, whose packets need the
	 * table.
	 */
	synchronize_rcu();
	return 0;
}

static bool hasw_flow_ends(struct hasw_flow *f, void *data)
{
	return true;
}

/**
 * hasw_flows_exit() - frees the table of a namespace
 * @hn: namespace, whose hooks are unregistered
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
	hasw_flows_free(flows);
	hn->flows = NULL;
}
