// SPDX-License-Identifier: GPL-2.0
/* A stray is a client's packet that another node sends on to this node. As far
 * as the sender knows, this node is the vip's present or next holder. Until
 * this node is granted the vip's lease, it keeps the stray in this queue.
 */
#include <linux/ip.h>
#include <linux/netdevice.h>
#include <net/ipv6.h>

#include "core/stats.h"
#include "stray_queue.h"

/* Maximum number of kept strays. Strays have to wait only from the old holder's
 * handover of the lease until this node's grant. More strays than this limit
 * are the result of a mistake or an attack.
 */
#define HASW_KEPT_MAX 512
/* Maximum sum of skb->truesize of the kept strays, bytes. */
#define HASW_KEPT_BYTES (4U << 20)
/* Maximum time that a kept stray waits, ns. */
#define HASW_KEPT_TIME NSEC_PER_SEC

/**
 * struct hasw_kept - data of a kept stray in skb->cb
 * @until: time at which the stray is dropped, by the clock of
 *	hasw_switch_now(), ns
 * @ifindex: index of the device on which the stray arrived; the device might
 *	have been unregistered since
 */
struct hasw_kept {
	u64 until;
	int ifindex;
};

static struct hasw_kept *hasw_kept_of(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct hasw_kept) > sizeof(skb->cb));
	return (struct hasw_kept *)skb->cb;
}

/* Moves a stray from the queue of kept strays to the list @to. The caller holds
 * state_lock.
 */
static void hasw_kept_take(struct hasw_net *hn, struct sk_buff *skb,
			   struct sk_buff_head *to)
{
	lockdep_assert_held(&hn->state_lock);
	__skb_unlink(skb, &hn->kept.list);
	WRITE_ONCE(hn->kept.bytes, hn->kept.bytes - skb->truesize);
	__skb_queue_tail(to, skb);
}

static void hasw_kept_timeout(struct timer_list *timer)
{
	struct hasw_net *hn = container_of(timer, struct hasw_net, kept.timer);
	u64 now = hasw_switch_now(), until;
	struct sk_buff_head late;
	struct sk_buff *skb;

	__skb_queue_head_init(&late);
	spin_lock(&hn->state_lock);
	while ((skb = skb_peek(&hn->kept.list))) {
		until = hasw_kept_of(skb)->until;
		if (until > now) {
			mod_timer(timer, jiffies +
				  nsecs_to_jiffies(until - now) + 1);
			break;
		}
		hasw_stat_inc(hn, HASW_STAT_STRAY_GIVEN_UP);
		hasw_kept_take(hn, skb, &late);
	}
	spin_unlock(&hn->state_lock);
	__skb_queue_purge(&late);
}

/**
 * hasw_stray_kept_init() - initialises the queue of kept strays
 * @hn: namespace
 *
 * Context: process.
 */
void hasw_stray_kept_init(struct hasw_net *hn)
{
	__skb_queue_head_init(&hn->kept.list);
	timer_setup(&hn->kept.timer, hasw_kept_timeout, 0);
}

/**
 * hasw_stray_kept_exit() - shuts down the queue's timer, and drops all kept
 *	strays
 * @hn: namespace; the caller has set hasw_net.closing
 *
 * Context: process, no lock held.
 */
void hasw_stray_kept_exit(struct hasw_net *hn)
{
	timer_shutdown_sync(&hn->kept.timer);
	hasw_stray_kept_purge(hn);
}

/* Returns whether this node does not hold the vip, but may still be granted the
 * vip's lease under @epoch, the stray's hasw_gue.epoch. For this, @epoch must
 * be higher than every epoch of the lease that was granted or burned (excluded
 * from later grants) on this machine. Unless state_lock is held, the result can
 * be outdated when the function returns.
 */
static bool hasw_kept_early(const struct hasw_vip *vip, u64 epoch)
{
	const struct hasw_lease *lease = rcu_dereference(vip->lease);
	const struct hasw_right *right;

	/* The lease might have been granted after the caller called
	 * hasw_vip_held(), so the function checks again whether this node holds
	 * the vip.
	 */
	if (!lease || hasw_vip_held(vip))
		return false;
	right = &lease->grant.right;
	return epoch > READ_ONCE(right->top) &&
	       epoch > READ_ONCE(right->burned);
}

/* Returns whether the queue has room for a stray. Unless state_lock is held,
 * the result can be outdated when the function returns.
 */
static bool hasw_kept_room(const struct hasw_net *hn, const struct sk_buff *skb)
{
	return skb_queue_len_lockless(&hn->kept.list) < HASW_KEPT_MAX &&
	       skb->truesize <= HASW_KEPT_BYTES - READ_ONCE(hn->kept.bytes) &&
	       !READ_ONCE(hn->closing);
}

/* Adds a stray to the queue. The caller holds state_lock. */
static void hasw_kept_put(struct hasw_net *hn, struct sk_buff *skb)
{
	lockdep_assert_held(&hn->state_lock);
	skb_orphan(skb);
	hasw_kept_of(skb)->until = hasw_switch_now() + HASW_KEPT_TIME;
	hasw_kept_of(skb)->ifindex = skb->dev->ifindex;
	if (skb_queue_empty(&hn->kept.list))
		mod_timer(&hn->kept.timer,
			  jiffies + nsecs_to_jiffies(HASW_KEPT_TIME) + 1);
	__skb_queue_tail(&hn->kept.list, skb);
	WRITE_ONCE(hn->kept.bytes, hn->kept.bytes + skb->truesize);
}

/**
 * hasw_stray_keep() - keeps a stray that has arrived before this node is
 *	granted the vip's lease
 * @hn: namespace
 * @vip: the stray's vip
 * @skb: the packet at its IP header, ready for the stack
 * @epoch: the stray's hasw_gue.epoch
 *
 * A stray is not kept if @epoch or a higher epoch of the lease was granted or
 * burned on this machine. In this case the stray's sender has wrong or outdated
 * information.
 *
 * Context: RCU read side, softirqs off.
 * Return: true if the stray was taken over: it is kept, or was freed for lack
 * of room.
 */
bool hasw_stray_keep(struct hasw_net *hn, const struct hasw_vip *vip,
		     struct sk_buff *skb, u64 epoch)
{
	bool early, room;

	/* A flood of strays that will not be kept must not contend for the
	 * lock, so the conditions are checked without the lock first.
	 */
	if (likely(hasw_vip_held(vip)) || !hasw_kept_early(vip, epoch))
		return false;
	room = hasw_kept_room(hn, skb);
	if (room) {
		spin_lock_bh(&hn->state_lock);
		early = hasw_kept_early(vip, epoch);
		room = early && hasw_kept_room(hn, skb);
		if (room)
			hasw_kept_put(hn, skb);
		spin_unlock_bh(&hn->state_lock);
		if (!early)
			return false;
	}
	hasw_stat_inc(hn, room ? HASW_STAT_STRAY_KEPT :
				 HASW_STAT_STRAY_GIVEN_UP);
	if (!room)
		kfree_skb(skb);
	return true;
}

static bool hasw_kept_held(const struct hasw_config *cfg,
			   const struct sk_buff *skb)
{
	const struct hasw_vip *vip;

	vip = skb->protocol == htons(ETH_P_IP) ?
		hasw_vip_find4(cfg, ip_hdr(skb)->daddr) :
		hasw_vip_find6(cfg, &ipv6_hdr(skb)->daddr);
	return vip && hasw_vip_held(vip);
}

/**
 * hasw_stray_kept_replay() - passes kept strays to the stack if this node holds
 *	their vip now
 * @hn: namespace
 *
 * Context: process.
 */
void hasw_stray_kept_replay(struct hasw_net *hn)
{
	const struct hasw_config *cfg;
	struct sk_buff *skb, *next;
	struct net_device *dev;
	struct sk_buff_head in;

	__skb_queue_head_init(&in);
	rcu_read_lock();
	spin_lock_bh(&hn->state_lock);
	cfg = hasw_lease_config(hn);
	skb_queue_walk_safe(&hn->kept.list, skb, next)
		if (cfg && hasw_kept_held(cfg, skb))
			hasw_kept_take(hn, skb, &in);
	spin_unlock_bh(&hn->state_lock);
	while ((skb = __skb_dequeue(&in))) {
		dev = dev_get_by_index_rcu(hn->net, hasw_kept_of(skb)->ifindex);
		if (dev) {
			skb->dev = dev;
			memset(skb->cb, 0, sizeof(skb->cb));
			netif_rx(skb);
			continue;
		}
		local_bh_disable();
		hasw_stat_inc(hn, HASW_STAT_STRAY_GIVEN_UP);
		local_bh_enable();
		kfree_skb(skb);
	}
	rcu_read_unlock();
}

/**
 * hasw_stray_kept_purge() - drops all kept strays
 * @hn: namespace, in which no further stray is added to the queue
 *
 * Context: process.
 */
void hasw_stray_kept_purge(struct hasw_net *hn)
{
	struct sk_buff_head all;

	__skb_queue_head_init(&all);
	spin_lock_bh(&hn->state_lock);
	skb_queue_splice_init(&hn->kept.list, &all);
	WRITE_ONCE(hn->kept.bytes, 0);
	spin_unlock_bh(&hn->state_lock);
	__skb_queue_purge(&all);
}
