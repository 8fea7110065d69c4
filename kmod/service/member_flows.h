/* SPDX-License-Identifier: GPL-2.0 */
/* What a member has of the flows of its service. */
#ifndef HASW_SHARE_H
#define HASW_SHARE_H

#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/types.h>

/**
 * struct hasw_share - what a member has of the flows of its service
 * @refs: the member, or two while a restore commits, and each flow
 * @index: where in hasw_service.members the member was seen last
 * @open: flows that are not closing
 * @closing: flows that are
 * @credit: see sched_rr.c; under hasw_tracked.turn
 * @flows_max: so many flows it may have, 0 is any number; written under
 *	hasw_net.mutex, read by packets
 * @port: of the member, via nat; 0 is the one that the client asked for; written
 *	under hasw_net.mutex
 * @full: new flows that came while it had as many
 * @began: when the member was added, or its health had come back when another
 *	configuration took over, ns; 0 is long ago; as @flows_max
 * @rcu: frees it once no packet uses it
 *
 * Flows outlive members: a flow is a member's who has its share.
 */
struct hasw_share {
	refcount_t refs;
	u32 index;
	atomic_t open;
	atomic_t closing;
	s64 credit;
	u32 flows_max;
	u16 port;
	atomic64_t full;
	u64 began;
	struct rcu_head rcu;
};

/**
 * hasw_share_new() - makes the share of a member
 *
 * Context: process.
 * Return: the share, or NULL without memory.
 */
static inline struct hasw_share *hasw_share_new(void)
{
	struct hasw_share *share = kzalloc(sizeof(*share), GFP_KERNEL_ACCOUNT);

	if (share)
		refcount_set(&share->refs, 1);
	return share;
}

/**
 * hasw_share_put() - ends a use
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
 * hasw_share_count() - counts a flow
 * @share: the share
 * @closing: it is closing
 * @n: 1 if it comes, -1 if it goes
 *
 * Context: any.
 */
static inline void hasw_share_count(struct hasw_share *share, bool closing,
				    int n)
{
	atomic_add(n, closing ? &share->closing : &share->open);
}

/**
 * hasw_share_flows() - how many flows a member has
 * @share: its share, or NULL
 *
 * Context: any.
 */
static inline u32 hasw_share_flows(const struct hasw_share *share)
{
	return share ? max(atomic_read(&share->open), 0) +
		       max(atomic_read(&share->closing), 0) : 0;
}

/**
 * hasw_share_full() - whether a member has as many flows as it may
 * @share: its share, or NULL
 *
 * CPUs that ask at the same moment may each give it one more.
 *
 * Context: any.
 */
static inline bool hasw_share_full(const struct hasw_share *share)
{
	u32 most = share ? READ_ONCE(share->flows_max) : 0;

	return unlikely(most) && hasw_share_flows(share) >= most;
}

#endif
