/* SPDX-License-Identifier: GPL-2.0 */
/* A member's share of the flows of its service: counts, limits and credit. */
#ifndef HASW_SHARE_H
#define HASW_SHARE_H

#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/types.h>

/**
 * struct hasw_share - a member's share of the flows of its service
 * @refs: number of references: one for each flow, and one for each member that
 *	uses this struct; a restore makes the old and the new member use the
 *	same struct
 * @index: hint: last known index of the member in hasw_service.members
 * @open: number of flows that are not closing
 * @closing: number of flows that are closing
 * @clients: number of clients that are kept with the member (persist)
 * @credit: round-robin credit, see sched_rr.c; under hasw_tracked.rr_lock
 * @flows_max: maximum number of flows of the member; 0: no limit; written under
 *	hasw_net.mutex, read by packets
 * @port: with via nat, the member's port, host byte order; 0 keeps the client's
 *	destination port; written under hasw_net.mutex, read by packets
 * @full: number of new flows of the service that arrived while the member
 *	already had @flows_max flows
 * @began: time at which the member was added, or of its last health change
 *	before the last restore, whichever is later, ns; 0: long ago; written
 *	under hasw_net.mutex, read by packets
 * @rcu: frees the share once no packet uses it
 *
 * A flow points to a share and not to a member, because the flow may outlive
 * its member. The flow belongs to the member that has the share.
 */
struct hasw_share {
	refcount_t refs;
	u32 index;
	atomic_t open;
	atomic_t closing;
	atomic_t clients;
	s64 credit;
	u32 flows_max;
	u16 port;
	atomic64_t full;
	u64 began;
	struct rcu_head rcu;
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
		refcount_set(&share->refs, 1);
	return share;
}

/**
 * hasw_share_put() - drops a reference on a share
 * @share: the share, or NULL
 *
 * Context: any.
 */
static inline void hasw_share_put(struct hasw_share *share)
{
	if (share && refcount_dec_and_test(&share->refs))
		kfree_rcu(share, rcu);
}

/**
 * hasw_share_count() - adds a flow to the counts, or subtracts it
 * @share: the share
 * @closing: whether the flow is closing
 * @n: 1 to add, -1 to subtract
 *
 * Context: any.
 */
static inline void hasw_share_count(struct hasw_share *share, bool closing,
				    int n)
{
	atomic_add(n, closing ? &share->closing : &share->open);
}

/**
 * hasw_share_flows() - returns the number of flows of a member
 * @share: share of the member, or NULL
 *
 * Context: any.
 */
static inline u32 hasw_share_flows(const struct hasw_share *share)
{
	return share ? max(atomic_read(&share->open), 0) +
		       max(atomic_read(&share->closing), 0) : 0;
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
