/* SPDX-License-Identifier: GPL-2.0 */
/* A member's share of the flows of its service: counts, limits and credit. */
#ifndef HASW_SHARE_H
#define HASW_SHARE_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/haswitch.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/types.h>

/* Units of hasw_share.count. The number of open flows is in the lowest 25 bits,
 * the number of closing flows in the next 25 bits, the number of members that
 * use the share in the others. HASWITCH_FLOWS_MAX is far below 2^25.
 */
#define HASW_SHARE_OPEN 1ULL
#define HASW_SHARE_CLOSING (1ULL << 25)
#define HASW_SHARE_MEMBER (1ULL << 50)
#define HASW_SHARE_FLOWS (HASW_SHARE_CLOSING - 1)

static_assert(HASWITCH_FLOWS_MAX < HASW_SHARE_FLOWS);

/**
 * struct hasw_share - a member's share of the flows of its service
 * @index: hint: last known index of the member in hasw_service.members
 * @flows_max: maximum number of flows of the member; 0: no limit; written under
 *	hasw_net.mutex, read by packets
 * @began: time at which the member was added, or of its last health change
 *	before the last restore, whichever is later, ns; 0: long ago; written
 *	under hasw_net.mutex, read by packets
 * @port: with via nat, the member's port, host byte order; 0 keeps the client's
 *	destination port; written under hasw_net.mutex, read by packets
 * @rcu: frees the share once no packet uses it
 * @count: numbers of the share's users, in units of HASW_SHARE_*; each of them
 *	is a reference, so the share is freed when @count is 0. A client that
 *	is kept with the member (persist) counts as an open flow, too. A restore
 *	makes the old and the new member use the same struct.
 * @clients: number of clients that are kept with the member
 * @full: number of new flows of the service that arrived while the member
 *	already had @flows_max flows
 * @made: number of flows that began at the member
 *
 * A flow points to a share and not to a member, because the flow may outlive
 * its member. The flow belongs to the member that has the share.
 *
 * Each packet of a flow reads the fields before @count, and each begin or end
 * of a flow writes @count. So @count begins another cache line.
 */
struct hasw_share {
	u32 index;
	u32 flows_max;
	u64 began;
	u16 port;
	struct rcu_head rcu;
	atomic64_t count ____cacheline_aligned_in_smp;
	atomic_t clients;
	atomic64_t full;
	atomic64_t made;
};

/**
 * hasw_share_new() - allocates the share of a member
 *
 * Context: process.
 * Return: the share, or NULL if the allocation fails.
 */
static inline struct hasw_share *hasw_share_new(void)
{
	struct hasw_share *share = kzalloc(sizeof(*share), GFP_KERNEL_ACCOUNT);

	if (share)
		atomic64_set(&share->count, HASW_SHARE_MEMBER);
	return share;
}

/**
 * hasw_share_get() - adds a user to a share that has one already
 * @share: the share
 * @unit: HASW_SHARE_*, the kind of user
 *
 * Context: any.
 */
static inline void hasw_share_get(struct hasw_share *share, u64 unit)
{
	atomic64_add(unit, &share->count);
}

/**
 * hasw_share_try_get() - adds a user to a share that may have none any more
 * @share: the share, which the caller's RCU read side keeps alive
 * @unit: HASW_SHARE_*, the kind of user
 *
 * Context: RCU read side.
 * Return: false if the share had no user, so that it will be freed.
 */
static inline bool hasw_share_try_get(struct hasw_share *share, u64 unit)
{
	return atomic64_add_unless(&share->count, unit, 0);
}

/**
 * hasw_share_put() - takes a user away from a share
 * @share: the share, or NULL
 * @unit: HASW_SHARE_*, the kind of user
 *
 * Context: any.
 */
static inline void hasw_share_put(struct hasw_share *share, u64 unit)
{
	if (share && atomic64_sub_and_test(unit, &share->count))
		kfree_rcu(share, rcu);
}

/**
 * hasw_share_change() - makes a user of a share one of another kind
 * @share: the share
 * @from: HASW_SHARE_*, the kind of user that it was
 * @to: HASW_SHARE_*, the kind of user that it is now
 *
 * Context: any.
 */
static inline void hasw_share_change(struct hasw_share *share, u64 from, u64 to)
{
	if (from != to)
		atomic64_add(to - from, &share->count);
}

/* Returns the number of flows of a member that are not closing. The two counts
 * are not read together, so the difference can be wrong for a moment.
 */
static inline u32 hasw_share_open(const struct hasw_share *share)
{
	s32 open = atomic64_read(&share->count) & HASW_SHARE_FLOWS;

	return max(open - atomic_read(&share->clients), 0);
}

/* Returns the number of flows of a member that are closing. */
static inline u32 hasw_share_closing(const struct hasw_share *share)
{
	return atomic64_read(&share->count) / HASW_SHARE_CLOSING &
	       HASW_SHARE_FLOWS;
}

/**
 * hasw_share_flows() - returns the number of flows of a member
 * @share: share of the member, or NULL
 *
 * Context: any.
 */
static inline u32 hasw_share_flows(const struct hasw_share *share)
{
	return share ? hasw_share_open(share) + hasw_share_closing(share) : 0;
}

/**
 * hasw_share_entries() - how many entries of the flow table a member has
 * @share: share of the member, or NULL
 *
 * A client that is kept with the member has an entry, too.
 *
 * Context: any.
 */
static inline u32 hasw_share_entries(const struct hasw_share *share)
{
	return hasw_share_flows(share) +
	       (share ? max(atomic_read(&share->clients), 0) : 0);
}

/**
 * hasw_share_full() - whether a member has reached its limit of flows
 * @share: share of the member, or NULL
 *
 * The check is not atomic. If several CPUs check at the same time, each of them
 * may exceed the limit by one flow.
 *
 * Context: any.
 */
static inline bool hasw_share_full(const struct hasw_share *share)
{
	u32 most = share ? READ_ONCE(share->flows_max) : 0;

	return unlikely(most) && hasw_share_flows(share) >= most;
}

#endif
