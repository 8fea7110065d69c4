// SPDX-License-Identifier: GPL-2.0
/* Somebody else who uses a vip that this node holds: told, and how often it is answered. */
#include <linux/jiffies.h>
#include <linux/slab.h>

#include "conflict.h"
#include "core/event.h"
#include "core/stats.h"

/* A vip is defended once in a second, and so many vips in all: whoever claims
 * them all shall not have this node flood the link.
 */
#define HASW_CONFLICT_MAX 64

/* Of so many an event tells in a second: nor shall others be pushed out. */
#define HASW_CONFLICT_TOLD 8

/**
 * struct hasw_conflict - the vips of a namespace that were defended lately
 * @lock: protects the rest; spin_lock_bh, hn->state_lock is not taken inside
 * @n: length of @addr
 * @told: how many of them an event told of
 * @until: jiffies when all are forgotten
 * @addr: the vips; IPv4 as v4-mapped
 */
struct hasw_conflict {
	spinlock_t lock;
	unsigned int n;
	unsigned int told;
	unsigned long until;
	struct in6_addr addr[HASW_CONFLICT_MAX];
};

/**
 * hasw_conflict_init() - prepares a namespace for conflicts
 * @hn: namespace
 *
 * Context: process.
 * Return: 0, or -ENOMEM.
 */
int hasw_conflict_init(struct hasw_net *hn)
{
	struct hasw_conflict *c = kzalloc(sizeof(*c), GFP_KERNEL_ACCOUNT);

	if (!c)
		return -ENOMEM;
	spin_lock_init(&c->lock);
	hn->conflict = c;
	return 0;
}

/**
 * hasw_conflict_exit() - frees what that took
 * @hn: namespace, in which no packet is seen any more
 *
 * Context: process.
 */
void hasw_conflict_exit(struct hasw_net *hn)
{
	kfree(hn->conflict);
	hn->conflict = NULL;
}

/* Whether a link-layer address is one of this machine: what it sent may come
 * back to it, by a bridge, by two devices on one link, by a macvlan.
 */
static bool hasw_conflict_own(const struct hasw_net *hn,
			      const struct net_device *dev, const u8 *lladdr)
{
	const struct net_device *other;

	if (!memcmp(dev->dev_addr, lladdr, dev->addr_len))
		return true;
	for_each_netdev_rcu(hn->net, other)
		if (other->addr_len == dev->addr_len &&
		    !memcmp(other->dev_addr, lladdr, dev->addr_len))
			return true;
	return false;
}

/* Whether a vip may be defended now, and whether an event shall tell of it. */
static bool hasw_conflict_may(struct hasw_conflict *c,
			      const struct in6_addr *addr, bool *tell)
{
	bool may = false;
	unsigned int i;

	spin_lock_bh(&c->lock);
	if (!c->n || time_after_eq(jiffies, c->until)) {
		c->n = 0;
		c->told = 0;
		c->until = jiffies + HZ;
	}
	for (i = 0; i < c->n; i++)
		if (ipv6_addr_equal(&c->addr[i], addr))
			break;
	if (i == c->n && i < HASW_CONFLICT_MAX) {
		c->addr[c->n++] = *addr;
		may = true;
		*tell = c->told < HASW_CONFLICT_TOLD;
		c->told += *tell;
	}
	spin_unlock_bh(&c->lock);
	return may;
}

/**
 * hasw_conflict_seen() - a frame came that uses a vip of this node
 * @hn: namespace
 * @vip: the vip
 * @dev: device that the frame came from
 * @lladdr: link-layer address of who uses it, as long as the device's
 *
 * A device that the vip's clients are not behind is another network, where the
 * address may be somebody else's.
 *
 * Context: RCU read side, softirqs off.
 * Return: whether the vip is to be announced again: it is somebody else, and
 * it was not only just announced for that.
 */
bool hasw_conflict_seen(struct hasw_net *hn, const struct hasw_vip *vip,
			const struct net_device *dev, const u8 *lladdr)
{
	struct hasw_event ev = {
		.kind = HASWITCH_EVENT_KIND_VIP_CONFLICT,
		.addr = vip->addr,
		.family = vip->family,
	};
	bool tell = false;

	if (!hasw_vip_held(vip) || !hasw_vip_faces(vip, dev) ||
	    hasw_conflict_own(hn, dev, lladdr))
		return false;
	hasw_stat_inc(hn, HASW_STAT_CONFLICTS);
	if (!hasw_conflict_may(hn->conflict, &vip->addr, &tell)) {
		hasw_stat_inc(hn, HASW_STAT_CONFLICTS_CAPPED);
		return false;
	}
	if (!tell)
		return true;
	memcpy(ev.lladdr, lladdr,
	       min_t(size_t, dev->addr_len, sizeof(ev.lladdr)));
	strscpy(ev.dev, dev->name, sizeof(ev.dev));
	spin_lock_bh(&hn->state_lock);
	hasw_event_add(hn, &ev);
	spin_unlock_bh(&hn->state_lock);
	return true;
}
