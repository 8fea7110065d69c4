/* SPDX-License-Identifier: GPL-2.0 */
/* A grant: a node's right to serve vips, with an epoch and a deadline. A node
 * that serves a vip replies to ARP and ND requests for the vip, and handles the
 * packets of the vip's clients. A stray is a client's packet to a vip that
 * arrives at a node that does not hold the vip.
 */
#ifndef HASW_GRANT_H
#define HASW_GRANT_H

#include <linux/ktime.h>
#include <rules/deadline.h>

#include "node.h"

/**
 * struct hasw_grant - a node's right to serve the vips of a lease
 * @mine: deadline of this node's grant, ns; 0 while this node is not the
 *	holder; each packet reads @mine once; storing @mine begins or ends this
 *	node's right to serve
 * @epoch: epoch of the grant, 0 without a grant; each epoch has one holder
 *	only; packets read @epoch before and after @holder and @until, so that
 *	they detect a change
 * @until: deadline of the grant, ns; read by packets
 * @holder: the holder, NULL without a grant; readers under RCU
 * @successor: node to which this node has handed the lease over, or NULL;
 *	readers under RCU
 * @successor_epoch: smallest epoch under which @successor can hold the lease
 * @successor_until: time until which strays are forwarded to @successor, ns; 0
 *	without a successor; packets read @successor_until before @successor and
 *	@successor_epoch
 * @began: epoch under which this node last became the holder; 0 if this node
 *	never was the holder; packets read @began after @mine
 * @right: state of the lease in include/rules/deadline.h; under
 *	hasw_net.state_lock
 *
 * All fields are written under hasw_net.state_lock.
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
 * hasw_grant_judge() - returns whether this node has a valid grant now
 * @t: the grant
 * @now: if not NULL, receives the time that was compared with the deadline, ns
 * @deadline: receives the deadline, ns; not used if @now is NULL
 *
 * The clock is compared with the deadline, so no timer, agent or message is
 * needed to end the grant. If this node is not the holder, the function sets
 * neither @now nor @deadline.
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
 * hasw_grant_held() - returns whether this node has a valid grant now
 * @t: the grant
 *
 * Context: any.
 */
static inline bool hasw_grant_held(const struct hasw_grant *t)
{
	return hasw_grant_judge(t, NULL, NULL);
}

/* How long a holder that has handed over its lease forwards strays to its
 * successor, ns.
 */
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
