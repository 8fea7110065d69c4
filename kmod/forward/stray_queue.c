// SPDX-License-Identifier: GPL-2.0
/* Strays that come before this node holds their vip, and wait a moment for that. */
#include <linux/ip.h>
#include <linux/netdevice.h>
#include <net/ipv6.h>

#include "core/stats.h"
#include "stray_queue.h"

/* Who hands a lease over sends on what comes to it at once; the grant comes
 * later, but not much. More than this is a mistake, or an attack.
 */
#define HASW_KEPT_MAX 512
#define HASW_KEPT_BYTES (4U << 20)
#define HASW_KEPT_TIME NSEC_PER_SEC

/**
 * struct hasw_kept - what is noted in the packet that waits
 * @until: how long, ns
 * @ifindex: device that it came in by, which may go meanwhile
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

/* Under state_lock. */
static void hasw_kept_take(struct hasw_net *hn, struct sk_buff *skb,
			   struct sk_buff_head *to)
{
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
 * hasw_stray_kept_init() - makes the place where strays wait
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
 * hasw_stray_kept_exit() - takes it away, for good
 * @hn: namespace, closed
 *
 * Context: process, no lock held.
 */
void hasw_stray_kept_exit(struct hasw_net *hn)
{
	timer_shutdown_sync(&hn->kept.timer);
	hasw_stray_kept_purge(hn);
}

/* Whether the sender knows better: the vip is this node's under an epoch that
 * this node has not heard of yet. Without state_lock it may be heard of
 * meanwhile.
 */
static bool hasw_kept_early(const struct hasw_vip *vip, u64 epoch)
{
	const struct hasw_lease *lease = rcu_dereference(vip->lease);
	const struct hasw_right *right;

	/* What was granted since the caller has looked. */
	if (!lease || hasw_vip_held(vip))
		return false;
	right = &lease->grant.right;
	return epoch > READ_ONCE(right->top) &&
	       epoch > READ_ONCE(right->burned);
}

/* Without state_lock there may be less of it meanwhile. */
static bool hasw_kept_room(const struct hasw_net *hn, const struct sk_buff *skb)
{
	return skb_queue_len_lockless(&hn->kept.list) < HASW_KEPT_MAX &&
	       skb->truesize <= HASW_KEPT_BYTES - READ_ONCE(hn->kept.bytes) &&
	       !READ_ONCE(hn->closing);
}

/* Under state_lock. */
static void hasw_kept_put(struct hasw_net *hn, struct sk_buff *skb)
{
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
 * hasw_stray_keep() - has a stray wait if it comes before this node is granted the vip
 * @hn: namespace
 * @vip: the vip it is for
 * @skb: the packet at its IP header, ready for the stack
 * @epoch: under which, or a later one, its sender takes this node for the holder
 *
 * Not if this node has had that epoch, or knows of a later one: then the sender
 * is wrong.
 *
 * Context: RCU read side, softirqs off.
 * Return: whether it was taken: it waits, or there was no room and it was freed.
 */
bool hasw_stray_keep(struct hasw_net *hn, const struct hasw_vip *vip,
		     struct sk_buff *skb, u64 epoch)
{
	bool early, room;

	/* A flood of those that are wrong, or too many, takes no lock. */
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
 * hasw_stray_kept_replay() - lets in those whose vip this node holds now
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
 * hasw_stray_kept_purge() - gives all of them up
 * @hn: namespace, in which none comes any more
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
