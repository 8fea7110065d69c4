/* SPDX-License-Identifier: GPL-2.0 */
/* The right to answer, for a time: who has it, under which epoch, until when. */
#ifndef HASW_GRANT_H
#define HASW_GRANT_H

#include <linux/ktime.h>
#include <rules/deadline.h>

#include "node.h"

/**
 * struct hasw_grant - who may answer for the vips of a lease
 * @mine: deadline, ns, while this node is the holder, else 0; packets read it
 *	once; its store is what begins or ends this node's ownership
 * @epoch: of the grant, 0 without; packets read it before and after @holder
 *	and @until; of one epoch there is one holder
 * @until: deadline, ns; read by packets
 * @holder: the holder, NULL without; readers under RCU
 * @successor: whom the holder, this node, has handed its right over to, NULL
 *	if nobody; readers under RCU
 * @successor_epoch: smallest epoch under which that may hold it
 * @successor_until: until when it is taken for the holder to be, ns; 0 without;
 *	packets read it before the two others
 * @began: epoch under which this node became the holder, read by packets
 *	behind @mine; 0 before
 * @right: what the rules know; under hasw_net.state_lock
 *
 * All is written under hasw_net.state_lock.
 */
struct hasw_grant {
	u64 mine;
	u64 epoch;
	u64 until;
	struct hasw_node __rcu *holder;
	struct hasw_node __rcu *successor;
	u64 successor_epoch;
	u64 successor_until;
	u64 began;
	struct hasw_right right;
};

/**
 * hasw_grant_judge() - whether this node may answer now
 * @t: the grant
 * @now: set to the time that was compared, ns, if there was a deadline to
 *	compare it with; or NULL
 * @deadline: set to that deadline, ns; NULL with @now
 *
 * The deadline itself is compared, so that no timer, agent or message is
 * needed to end the right.
 *
 * Context: any.
 */
static __always_inline bool hasw_grant_judge(const struct hasw_grant *t,
					     u64 *now, u64 *deadline)
{
	u64 mine = READ_ONCE(t->mine), time;

	if (!mine)
		return false;
	time = ktime_get_boot_fast_ns();
	if (now) {
		*now = time;
		*deadline = mine;
	}
	return hasw_deadline_valid(time, mine);
}

/**
 * hasw_grant_held() - whether this node may answer now
 * @t: the grant
 *
 * Context: any.
 */
static inline bool hasw_grant_held(const struct hasw_grant *t)
{
	return hasw_grant_judge(t, NULL, NULL);
}

/* So long does who has handed a lease over send on what still comes to it. */
#define HASW_GRANT_SUCCESSION (10ULL * NSEC_PER_SEC)

u64 hasw_grant_number(const struct hasw_node *node);
struct hasw_node *hasw_grant_holder(const struct hasw_grant *t, u64 *epoch);
struct hasw_node *hasw_grant_successor(const struct hasw_grant *t,
				       u64 *epoch);
void hasw_grant_hand_over(struct hasw_net *hn, struct hasw_grant *t,
			  struct hasw_node *successor, u64 epoch, u64 until);
void hasw_grant_forget(struct hasw_net *hn, struct hasw_grant *t);
void hasw_grant_stop(void);
void hasw_grant_store(struct hasw_net *hn, struct hasw_grant *t,
		      struct hasw_node *holder, u64 epoch, u64 until);
void hasw_grant_clear(struct hasw_net *hn, struct hasw_grant *t, u64 epoch);
void hasw_grant_yield(struct hasw_net *hn, struct hasw_grant *t);
void hasw_grant_inherit(struct hasw_net *hn, struct hasw_grant *to,
			const struct hasw_grant *from);

#endif
