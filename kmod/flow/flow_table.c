// SPDX-License-Identifier: GPL-2.0
/* The flow table holds tracked flows. It is read under RCU, is bounded in size,
 * and grows with the number of flows.
 */
#include <net/dst.h>

#include "flow_table.h"

/**
 * hasw_flow_hash() - returns the hash of a flow's key
 * @flows: the flows
 * @key: key of the flow
 *
 * The hash is SipHash-1-3 with a secret key, so that a sender of packets cannot
 * fill one bucket. Flows that differ only in the protocol share a bucket.
 *
 * Context: any.
 */
u32 hasw_flow_hash(const struct hasw_flows *flows,
		   const struct hasw_flow_key *key)
{
	return hasw_flow_hash_here(flows, key, hasw_flow_words(key->kind));
}

/**
 * hasw_flow_look() - finds a flow by its key in the original direction
 * @flows: the flows
 * @key: key of the flow
 * @hash: hash of @key
 *
 * If the caller does not hold the bucket's lock, the lookup can miss a flow
 * that another CPU is moving to the bigger bucket array.
 *
 * Context: RCU read side.
 * Return: as hasw_flow_look_here().
 */
struct hasw_flow *hasw_flow_look(const struct hasw_flows *flows,
				 const struct hasw_flow_key *key, u32 hash)
{
	return hasw_flow_look_here(flows, key, hash,
				   hasw_flow_words(key->kind));
}

/* Removes a flow from a chain, if the flow is in the chain. The caller holds
 * @lock, the bucket's lock. Return: whether the flow was in the chain.
 */
static bool hasw_flow_unlink(struct hasw_flow __rcu **link, spinlock_t *lock,
			     const struct hasw_flow *f, enum hasw_flow_side side)
{
	struct hasw_flow *at;

	for (; (at = hasw_flow_at(*link, lock)); link = &at->next[side]) {
		if (at != f)
			continue;
		rcu_assign_pointer(*link, hasw_flow_at(f->next[side], lock));
		return true;
	}
	return false;
}

/* Removes a flow from the hash table of the reply direction. The caller holds
 * the lock of the flow's bucket in the original direction.
 */
static void hasw_flow_unlink_reply(struct hasw_flows *flows,
				   struct hasw_flow *f)
{
	struct hasw_flow_index *at = &flows->side[HASW_FLOW_REPLY];
	spinlock_t *lock =
		hasw_flow_side_lock(flows, HASW_FLOW_REPLY, f->reply_hash);
	struct hasw_flow_buckets *b;

	spin_lock_nested(lock, SINGLE_DEPTH_NESTING);
	b = rcu_dereference(at->buckets);
	if (!hasw_flow_unlink(hasw_flow_bucket(b, f->reply_hash), lock, f,
			      HASW_FLOW_REPLY)) {
		b = rcu_dereference(at->bigger);
		hasw_flow_unlink(hasw_flow_bucket(b, f->reply_hash), lock, f,
				 HASW_FLOW_REPLY);
	}
	spin_unlock(lock);
	atomic_dec(&flows->translated);
}

/* Releases the route of a flow's replies. A CPU that has read the route may use
 * it within its RCU read side, because the kernel frees routes after a grace
 * period. An idle flow keeps even a route that is not valid any more. The route
 * pins no device, because the kernel replaces a route's device when the device
 * is unregistered.
 *
 * There is one exception: a kernel 6.1 before 6.1.120 does not replace the
 * device of an IPv6 route by a nexthop object. Such a route pins its device
 * until the flow ends, or until a reply finds that the route is not valid. It
 * cannot be released when the device is unregistered: to find the flows, all of
 * them would be searched under rtnl, for each device. Nor would that be enough,
 * since the client route caches, sockets and tunnels keep such routes, too.
 *
 * RCU read side, the bucket's lock held.
 */
static void hasw_flow_release_back(struct hasw_flow *f)
{
	struct hasw_flow_back *back = hasw_flow_back(f);
	struct dst_entry *dst = rcu_dereference(back->dst);

	RCU_INIT_POINTER(back->dst, NULL);
	dst_release(dst);
}

static bool hasw_flow_closing(u8 state)
{
	return state == HASWITCH_FLOW_STATE_CLOSING;
}

/* Returns as what kind of user a flow in state @state counts in its member's
 * share.
 */
static u64 hasw_flow_unit(const struct hasw_flow *f, u8 state)
{
	return hasw_flow_closing(state) && !(f->kind & HASW_FLOW_CLIENT) ?
	       HASW_SHARE_CLOSING : HASW_SHARE_OPEN;
}

/* Adds @n to the number of clients that are kept with a member, if @f is the
 * entry of a client.
 */
static void hasw_flow_count_client(const struct hasw_flow *f,
				   struct hasw_share *share, int n)
{
	if (share && f->kind & HASW_FLOW_CLIENT)
		atomic_add(n, &share->clients);
}

/* Takes a flow, in its state, away from its member's share. RCU read side, the
 * bucket's lock held.
 */
static void hasw_flow_leave(const struct hasw_flow *f)
{
	struct hasw_share *share = rcu_dereference(f->share);

	hasw_flow_count_client(f, share, -1);
	hasw_share_put(share, hasw_flow_unit(f, f->state));
}

/* Ends a flow that the caller has removed from its bucket. RCU read side, the
 * bucket's lock held.
 */
static void hasw_flow_end(struct hasw_flows *flows, struct hasw_flow *f)
{
	f->gone = true;
	if (f->kind & HASW_FLOW_NAT) {
		hasw_flow_unlink_reply(flows, f);
		hasw_flow_release_back(f);
	}
	hasw_flow_leave(f);
	atomic_dec(&flows->count);
	hasw_flow_free(f);
}

/* hasw_flow_give() without the lockdep check. */
void __hasw_flow_give(struct hasw_flow *f, struct hasw_share *share, u64 epoch,
		      u8 state)
{
	struct hasw_share *old = rcu_dereference(f->share);

	if (old != share) {
		/* If the share has no user any more, because its member is
		 * being deleted, the flow gets no member.
		 */
		if (share && !hasw_share_try_get(share, hasw_flow_unit(f, state)))
			share = NULL;
		hasw_flow_count_client(f, share, 1);
		hasw_flow_leave(f);
		rcu_assign_pointer(f->share, share);
	} else if (share) {
		hasw_share_change(share, hasw_flow_unit(f, f->state),
				  hasw_flow_unit(f, state));
	}
	WRITE_ONCE(f->epoch, epoch);
	WRITE_ONCE(f->state, state);
}

/* hasw_flow_set_state() without the lockdep check. */
void __hasw_flow_set_state(struct hasw_flow *f, u8 state)
{
	struct hasw_share *share = rcu_dereference(f->share);

	if (f->gone)
		return;
	if (share)
		hasw_share_change(share, hasw_flow_unit(f, f->state),
				  hasw_flow_unit(f, state));
	WRITE_ONCE(f->state, state);
}

/**
 * hasw_flow_mark() - clears and sets bits of hasw_flow.kind
 * @f: the flow; unchanged if it is in no bucket any more
 * @lock: lock of the flow's bucket
 * @clear: HASW_FLOW_ASSURED or HASW_FLOW_ENDED, or-ed, or 0
 * @set: the same
 *
 * Context: RCU read side, @lock held.
 */
void hasw_flow_mark(struct hasw_flow *f, spinlock_t *lock, u8 clear, u8 set)
{
	u8 kind = (f->kind & ~clear) | set;

	lockdep_assert_held(lock);
	if (f->gone || kind == f->kind)
		return;
	/* Pairs with smp_load_acquire() in hasw_flow_kind(). */
	smp_store_release(&f->kind, kind);
}

/* Whether any new flow can evict a flow: the flow has expired or is not
 * assured, or its connection is not established yet or is closing.
 */
static bool hasw_flow_may_end(const struct hasw_flow *f)
{
	u8 state = READ_ONCE(f->state);

	return hasw_flow_over(f) || state == HASWITCH_FLOW_STATE_SYN ||
	       hasw_flow_closing(state) ||
	       !(READ_ONCE(f->kind) & HASW_FLOW_ASSURED);
}

/* Number of flows, on average, among which a flow to evict is searched: a flow
 * that is not assured, and an assured flow. The first number is larger, so that
 * few assured flows are evicted while others could be.
 */
#define HASW_FLOW_EVICT 64
#define HASW_FLOW_EVICT_ASSURED 16
/* Maximum number of groups that are searched, and of buckets in each of them. A
 * group consists of the buckets that have the same lock.
 */
#define HASW_FLOW_EVICT_GROUPS 16
#define HASW_FLOW_EVICT_BUCKETS 256U

/* Returns the index of the bucket that is @n buckets after the bucket of @hash.
 * The index wraps around within the buckets that have the same lock.
 */
static u32 hasw_flow_beside(const struct hasw_flow_buckets *b, u32 hash, u32 n)
{
	u32 mask = (1U << (b->bits - HASW_FLOW_LOCK_BITS)) - 1;
	u32 i = hash >> (32 - b->bits);

	return (i & ~mask) | ((i + n) & mask);
}

/* Returns a hash in the @n-th group of buckets after the group of @hash. */
static u32 hasw_flow_group(u32 hash, u32 n)
{
	return hash + (n << (32 - HASW_FLOW_LOCK_BITS));
}

/**
 * struct hasw_flow_search - which flow to evict is searched, and where
 * @b: the bucket array
 * @room: which flows may be evicted
 * @assured: assured flows are searched, those with HASW_FLOW_CLAIM_YIELDS
 * @groups: number of groups
 * @buckets: number of buckets in each group
 */
struct hasw_flow_search {
	struct hasw_flow_buckets *b;
	const struct hasw_flow_room *room;
	bool assured;
	u32 groups;
	u32 buckets;
};

/* Returns the buckets in which a flow to evict is searched for. If the limit of
 * flows is smaller than the number of buckets, most buckets are empty, so more
 * of them are searched.
 */
static struct hasw_flow_search
hasw_flow_search(struct hasw_flow_buckets *b, const struct hasw_flow_room *room,
		 bool assured)
{
	u32 flows = assured ? HASW_FLOW_EVICT_ASSURED : HASW_FLOW_EVICT;
	u64 wanted = div_u64((u64)flows << b->bits, max(room->max, 1U));
	struct hasw_flow_search search = {
		.b = b,
		.room = room,
		.assured = assured,
	};

	wanted = max_t(u64, wanted, flows);
	search.buckets = min_t(u64, wanted,
			       min(1U << (b->bits - HASW_FLOW_LOCK_BITS),
				   HASW_FLOW_EVICT_BUCKETS));
	search.groups = clamp_t(u64, div_u64(wanted, search.buckets), 1,
				HASW_FLOW_EVICT_GROUPS);
	return search;
}

/* Returns whether a flow is one that is searched. */
static bool hasw_flow_gives_way(const struct hasw_flow *f,
				const struct hasw_flow_search *search)
{
	const struct hasw_flow_room *room = search->room;

	if (hasw_flow_may_end(f))
		return !search->assured;
	return room->claim && room->claim(f, search->assured, room->data) ==
				      (search->assured ? HASW_FLOW_CLAIM_YIELDS :
							 HASW_FLOW_CLAIM_NONE);
}

/* Ends a flow near the bucket of @hash. The caller holds @lock, the bucket's
 * lock, so only buckets with the same lock are searched. New flows are added at
 * the beginning of a bucket, so of several flows the last one is ended. Return:
 * whether a flow was ended.
 */
static bool hasw_flow_evict_near(struct hasw_flows *flows,
				 const struct hasw_flow_search *search,
				 spinlock_t *lock, u32 hash)
{
	const struct hasw_flow_room *room = search->room;
	struct hasw_flow __rcu **link, **last;
	struct hasw_flow *f;
	u32 n;

	lockdep_assert_held(lock);
	for (n = 0; n < search->buckets; n++) {
		last = NULL;
		link = &search->b->first[hasw_flow_beside(search->b, hash, n)];
		for (; (f = hasw_flow_at(*link, lock));
		     link = &f->next[HASW_FLOW_ORIG])
			if (hasw_flow_gives_way(f, search))
				last = link;
		if (!last)
			continue;
		f = hasw_flow_at(*last, lock);
		if (room->evicted && !hasw_flow_over(f))
			room->evicted(room->data, search->assured);
		rcu_assign_pointer(*last,
				   hasw_flow_at(f->next[HASW_FLOW_ORIG], lock));
		hasw_flow_end(flows, f);
		return true;
	}
	return false;
}

/* hasw_flow_evict_near() in another group of buckets. Two CPUs may search each
 * other's group, so neither waits for the lock.
 */
static bool hasw_flow_evict_far(struct hasw_flows *flows,
				const struct hasw_flow_search *search, u32 hash)
{
	spinlock_t *lock = hasw_flow_lock(flows, hash);
	bool ended;

	if (!spin_trylock(lock))
		return false;
	ended = hasw_flow_evict_near(flows, search, lock, hash);
	spin_unlock(lock);
	return ended;
}

/* Ends a flow in the bucket array @b; otherwise as hasw_flow_evict(). */
static bool hasw_flow_evict_in(struct hasw_flows *flows,
			       struct hasw_flow_buckets *b, u32 hash,
			       const struct hasw_flow_room *room, bool assured)
{
	const struct hasw_flow_search search = hasw_flow_search(b, room, assured);
	u32 i;

	if (hasw_flow_evict_near(flows, &search, hasw_flow_lock(flows, hash),
				 hash))
		return true;
	for (i = 1; i < search.groups; i++)
		if (hasw_flow_evict_far(flows, &search,
					hasw_flow_group(hash, i)))
			return true;
	return false;
}

/* Ends a flow, to make room for a new flow with the hash @hash, whose bucket's
 * lock the caller holds. Assured flows are considered last. During a resize the
 * flows are in both bucket arrays. Return: whether a flow was ended.
 */
static bool hasw_flow_evict(struct hasw_flows *flows, u32 hash,
			    const struct hasw_flow_room *room)
{
	struct hasw_flow_index *at = &flows->side[HASW_FLOW_ORIG];
	struct hasw_flow_buckets *b = rcu_dereference(at->buckets);
	struct hasw_flow_buckets *bigger = rcu_dereference(at->bigger);
	u32 assured;

	for (assured = 0; assured < 2; assured++) {
		if (hasw_flow_evict_in(flows, b, hash, room, assured))
			return true;
		if (unlikely(bigger) && bigger != b &&
		    hasw_flow_evict_in(flows, bigger, hash, room, assured))
			return true;
	}
	return false;
}

/* Inserts a flow into a bucket, so that packets find it. The caller holds
 * @lock, the bucket's lock.
 */
static void hasw_flow_link(struct hasw_flow __rcu **bucket, spinlock_t *lock,
			   struct hasw_flow *f, enum hasw_flow_side side)
{
	RCU_INIT_POINTER(f->next[side], hasw_flow_at(*bucket, lock));
	rcu_assign_pointer(*bucket, f);
}

/* Returns whether hasw_flow_evict_in() could end a flow. */
static bool hasw_flow_spare_in(struct hasw_flow_buckets *b, u32 hash,
			       const struct hasw_flow_room *room, bool assured)
{
	const struct hasw_flow_search search = hasw_flow_search(b, room, assured);
	const struct hasw_flow *f;
	u32 n, i, near;

	for (i = 0; i < search.groups; i++)
		for (n = 0; n < search.buckets; n++) {
			near = hasw_flow_beside(b, hasw_flow_group(hash, i), n);
			for (f = rcu_dereference(b->first[near]); f;
			     f = rcu_dereference(f->next[HASW_FLOW_ORIG]))
				if (hasw_flow_gives_way(f, &search))
					return true;
		}
	return false;
}

/**
 * hasw_flow_spare() - whether hasw_flow_add() could evict a flow to make room
 *	for a new one
 * @flows: the flows
 * @room: which flows may be evicted
 * @hash: hash of the new flow's key
 *
 * Context: RCU read side.
 */
bool hasw_flow_spare(const struct hasw_flows *flows,
		     const struct hasw_flow_room *room, u32 hash)
{
	const struct hasw_flow_index *at = &flows->side[HASW_FLOW_ORIG];
	struct hasw_flow_buckets *b = rcu_dereference(at->buckets);
	struct hasw_flow_buckets *bigger = rcu_dereference(at->bigger);
	u32 assured;

	if (!room->max)
		return false;
	for (assured = 0; assured < 2; assured++)
		if (hasw_flow_spare_in(b, hash, room, assured) ||
		    (bigger && hasw_flow_spare_in(bigger, hash, room, assured)))
			return true;
	return false;
}

/**
 * hasw_flow_add() - finds a flow, or creates one without a member
 * @flows: the flows
 * @room: limit of the number of flows, and which of them may be evicted
 * @key: key of the flow
 * @hash: hash of @key
 *
 * Context: RCU read side, softirqs off, the bucket's lock held.
 * Return: the flow; ERR_PTR(-ENOMEM) if the allocation fails; ERR_PTR(-ENOSPC)
 * if the limit is reached and no flow can be evicted.
 */
struct hasw_flow *hasw_flow_add(struct hasw_flows *flows,
				const struct hasw_flow_room *room,
				const struct hasw_flow_key *key, u32 hash)
{
	struct hasw_flow_index *at = &flows->side[HASW_FLOW_ORIG];
	spinlock_t *lock = hasw_flow_lock(flows, hash);
	struct hasw_flow_buckets *b = rcu_dereference(at->buckets), *bigger;
	struct hasw_flow __rcu **bucket;
	u32 words = hasw_flow_words(key->kind), n;
	int err = -ENOSPC;
	struct hasw_flow *f;

	lockdep_assert_held(lock);
	f = hasw_flow_in(b, key, hash, words);
	if (f)
		return f;
	/* hasw_flows_move() moves a bucket's flows under this lock. If it has
	 * moved the flows of this bucket, this CPU therefore sees @bigger.
	 * @bigger is read only once, because the resize can end, and set it to
	 * NULL, while the lock is held.
	 */
	bigger = rcu_dereference(at->bigger);
	if (unlikely(bigger)) {
		b = bigger;
		f = hasw_flow_in(b, key, hash, words);
		if (f)
			return f;
	}
	bucket = hasw_flow_bucket(b, hash);
	n = atomic_inc_return(&flows->count);
	if (unlikely(hasw_flow_crowded(n, room->max)) &&
	    (!room->max || !hasw_flow_evict(flows, hash, room)))
		goto err;
	/* The limit was lowered: the number of flows falls with each new one.
	 */
	if (unlikely(hasw_flow_crowded(n - 1, room->max)))
		hasw_flow_evict(flows, hash, room);
	f = hasw_flow_alloc(key->kind | (room->wide ? HASW_FLOW_WIDE : 0));
	err = -ENOMEM;
	if (unlikely(!f))
		goto err;
	memcpy(f->ports, key->ports, sizeof(f->ports));
	f->proto = key->proto;
	memcpy(f->addr, key->addr, 2 * words * sizeof(f->addr[0]));
	/* The flow counts as expired until the caller sets its timeout. */
	f->expires = jiffies;
	hasw_flow_link(bucket, lock, f, HASW_FLOW_ORIG);
	if (unlikely(!delayed_work_pending(&flows->work)))
		queue_delayed_work(hasw_wq, &flows->work, HZ);
	if (unlikely(is_power_of_2(n) && n >> b->bits &&
		     !hasw_flow_crowded(n, room->max)))
		mod_delayed_work(hasw_wq, &flows->work, 0);
	return f;
err:
	atomic_dec(&flows->count);
	return ERR_PTR(err);
}

/**
 * hasw_flow_renew() - replaces a flow by one without a member
 * @flows: the flows
 * @f: the flow, which is in its bucket
 * @hash: hash of the flow's key
 * @wide: the new flow is to have HASW_FLOW_WIDE
 *
 * A CPU that has already found the old flow continues to see it unchanged.
 *
 * Context: RCU read side, softirqs off, the bucket's lock held.
 * Return: the new flow; or NULL if the allocation fails, and nothing was
 * changed.
 */
struct hasw_flow *hasw_flow_renew(struct hasw_flows *flows,
				  struct hasw_flow *f, u32 hash, bool wide)
{
	u8 kind = (f->kind & (HASW_FLOW_KEY | HASW_FLOW_ASSURED |
			      HASW_FLOW_ENDED)) | (wide ? HASW_FLOW_WIDE : 0);
	struct hasw_flow_index *at = &flows->side[HASW_FLOW_ORIG];
	spinlock_t *lock = hasw_flow_lock(flows, hash);
	struct hasw_flow_buckets *b = rcu_dereference(at->buckets);
	struct hasw_flow *new = hasw_flow_alloc(kind);

	lockdep_assert_held(lock);
	if (!new)
		return NULL;
	memcpy(new->ports, f->ports, sizeof(f->ports));
	new->proto = f->proto;
	new->begun = f->begun;
	memcpy(new->addr, f->addr,
	       2 * hasw_flow_words(f->kind) * sizeof(f->addr[0]));
	new->state = f->state;
	new->expires = f->expires;
	if (!hasw_flow_unlink(hasw_flow_bucket(b, hash), lock, f,
			      HASW_FLOW_ORIG)) {
		b = rcu_dereference(at->bigger);
		hasw_flow_unlink(hasw_flow_bucket(b, hash), lock, f,
				 HASW_FLOW_ORIG);
	}
	hasw_flow_link(hasw_flow_bucket(b, hash), lock, new, HASW_FLOW_ORIG);
	atomic_inc(&flows->count);
	hasw_flow_end(flows, f);
	return new;
}

/* Finds a flow by its reply key in the bucket array and, during a resize, in
 * the bigger one. RCU read side. The caller holds @lock, the bucket's lock.
 */
static struct hasw_flow *
hasw_flow_find_reply_now(struct hasw_flow_index *at, spinlock_t *lock,
			 const struct hasw_flow_key *key, u32 hash)
{
	struct hasw_flow_buckets *b = rcu_dereference(at->buckets);
	u32 words = hasw_flow_words(key->kind);
	struct hasw_flow *f = hasw_flow_find_reply_in(b, key, hash, words);

	b = rcu_dereference(at->bigger);
	return f || !b ? f : hasw_flow_find_reply_in(b, key, hash, words);
}

/**
 * hasw_flow_find_reply_moving() - hasw_flow_find_reply() during a resize
 * @flows: the flows
 * @key: key of the reply
 * @hash: hash of @key
 *
 * Context: RCU read side, softirqs off.
 * Return: the flow, which may have expired; or NULL.
 */
struct hasw_flow *hasw_flow_find_reply_moving(struct hasw_flows *flows,
					      const struct hasw_flow_key *key,
					      u32 hash)
{
	spinlock_t *lock = hasw_flow_side_lock(flows, HASW_FLOW_REPLY, hash);
	struct hasw_flow *f;

	spin_lock(lock);
	f = hasw_flow_find_reply_now(&flows->side[HASW_FLOW_REPLY], lock, key,
				     hash);
	spin_unlock(lock);
	return f;
}

/**
 * hasw_flow_reply_add() - adds a flow to the table of the reply direction
 * @flows: the flows
 * @f: the flow, with HASW_FLOW_WIDE, which is not in that table yet
 * @key: key of the flow's replies
 *
 * Context: RCU read side, softirqs off, the lock of the flow's bucket held.
 * Return: 0; -EEXIST if another flow has the key; -ENOSPC if that table is full
 * because it could not grow.
 */
int hasw_flow_reply_add(struct hasw_flows *flows, struct hasw_flow *f,
			const struct hasw_flow_key *key)
{
	struct hasw_flow_index *at = &flows->side[HASW_FLOW_REPLY];
	u32 words = hasw_flow_words(key->kind), n;
	u32 hash = hasw_flow_hash(flows, key);
	spinlock_t *lock = hasw_flow_side_lock(flows, HASW_FLOW_REPLY, hash);
	struct hasw_flow_buckets *b;
	int err = -EEXIST;

	spin_lock_nested(lock, SINGLE_DEPTH_NESTING);
	if (hasw_flow_find_reply_now(at, lock, key, hash))
		goto out;
	err = -ENOSPC;
	if (unlikely(hasw_flow_crowded(atomic_read(&flows->translated) + 1,
				       hasw_flow_most(at))))
		goto out;
	err = 0;
	memcpy(f->reply_ports, key->ports, sizeof(f->reply_ports));
	memcpy(f->addr + 2 * words, key->addr + words,
	       words * sizeof(f->addr[0]));
	f->reply_hash = hash;
	/* Pairs with smp_load_acquire() in hasw_flow_kind(). */
	smp_store_release(&f->kind, f->kind | HASW_FLOW_NAT |
				    (key->kind & HASW_FLOW_SNAT));
	b = rcu_dereference(at->bigger) ?: rcu_dereference(at->buckets);
	hasw_flow_link(hasw_flow_bucket(b, hash), lock, f, HASW_FLOW_REPLY);
	n = atomic_inc_return(&flows->translated);
	if (unlikely(is_power_of_2(n) && n >> b->bits))
		mod_delayed_work(hasw_wq, &flows->work, 0);
out:
	spin_unlock(lock);
	return err;
}

/* Ends each flow in a bucket if @ends returns true for this flow. RCU read
 * side. The caller holds @lock, the bucket's lock.
 */
static void hasw_flow_walk(struct hasw_flows *flows,
			   struct hasw_flow __rcu **link, spinlock_t *lock,
			   bool (*ends)(struct hasw_flow *f, void *data),
			   void *data)
{
	struct hasw_flow *f, *next;

	while ((f = hasw_flow_at(*link, lock))) {
		if (ends(f, data)) {
			next = hasw_flow_at(f->next[HASW_FLOW_ORIG], lock);
			rcu_assign_pointer(*link, next);
			hasw_flow_end(flows, f);
		} else {
			link = &f->next[HASW_FLOW_ORIG];
		}
	}
}

/**
 * hasw_flows_at() - calls a function for each flow of a bucket, and ends flows
 * @flows: the flows
 * @hash: first hash of the bucket
 * @ends: called for each flow, under the bucket's lock; returns whether to end
 *	the flow
 * @data: passed to @ends
 *
 * To walk the table, a caller begins with @hash 0, and passes each result as
 * the next @hash until the result exceeds U32_MAX. The walk visits every flow
 * that exists during the whole walk, even if the table is resized. Each flow is
 * visited once, unless the caller passes the same @hash twice.
 *
 * Context: process; the caller keeps @flows alive.
 * Return: first hash of the next bucket.
 */
u64 hasw_flows_at(struct hasw_flows *flows, u64 hash,
		  bool (*ends)(struct hasw_flow *f, void *data), void *data)
{
	struct hasw_flow_index *all = &flows->side[HASW_FLOW_ORIG];
	struct hasw_flow_buckets *b, *bigger;
	spinlock_t *lock;
	u64 next, at;

	rcu_read_lock();
	b = rcu_dereference(all->buckets);
	next = ((hash >> (32 - b->bits)) + 1) << (32 - b->bits);
	if (!rcu_access_pointer(*hasw_flow_bucket(b, hash))) {
		/* A resize stores @bigger before it empties the bucket. So if
		 * there is no @bigger, the bucket really has no flows. Pairs
		 * with rcu_assign_pointer() in hasw_flows_move().
		 */
		smp_rmb();
		if (!rcu_access_pointer(all->bigger))
			goto out;
	}
	lock = hasw_flow_lock(flows, hash);
	spin_lock_bh(lock);
	/* A resize may have replaced the array before the lock was taken. In
	 * this case the new array has the flows of this hash range.
	 */
	b = rcu_dereference(all->buckets);
	for (at = hash; at < next; at += 1ULL << (32 - b->bits))
		hasw_flow_walk(flows, hasw_flow_bucket(b, at), lock, ends,
			       data);
	bigger = rcu_dereference(all->bigger);
	/* At the end of a resize, @buckets and @bigger briefly point to the
	 * same array.
	 */
	if (bigger == b)
		bigger = NULL;
	for (at = hash; bigger && at < next; at += 1ULL << (32 - bigger->bits))
		hasw_flow_walk(flows, hasw_flow_bucket(bigger, at), lock, ends,
			       data);
	spin_unlock_bh(lock);
out:
	rcu_read_unlock();
	return next;
}
