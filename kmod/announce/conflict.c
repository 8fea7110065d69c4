// SPDX-License-Identifier: GPL-2.0
/* Somebody else who uses a vip that this node holds: told, kept, and how often it is answered. */
#include <linux/jiffies.h>
#include <linux/slab.h>

#include "cluster/hop.h"
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
 * struct hasw_conflict - the vips of a namespace that were defended
 * @lock: protects the rest; spin_lock_bh, hn->state_lock is not taken inside
 * @n: length of @vip
 * @defended: how many of them were defended in this second
 * @told: how many of those an event told of
 * @second: number of this second
 * @until: jiffies when it ends
 * @vip: the vips; the one defended longest ago makes room for another
 * @vip.addr: the vip; IPv4 as v4-mapped
 * @vip.second: in which it was defended last
 * @vip.last: who used it last
 */
struct hasw_conflict {
	spinlock_t lock;
	unsigned int n;
	unsigned int defended;
	unsigned int told;
	u64 second;
	unsigned long until;
	struct {
		struct in6_addr addr;
		u64 second;
		struct hasw_conflict_last last;
	} vip[HASW_CONFLICT_MAX];
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

/* Which of the vips of that table this is, or @c->n. */
static unsigned int hasw_conflict_find(const struct hasw_conflict *c,
				       const struct in6_addr *addr)
{
	unsigned int i;

	for (i = 0; i < c->n; i++)
		if (ipv6_addr_equal(&c->vip[i].addr, addr))
			break;
	return i;
}

/* A place for a vip that has none. */
static unsigned int hasw_conflict_room(struct hasw_conflict *c)
{
	unsigned int i, oldest = 0;

	if (c->n < HASW_CONFLICT_MAX)
		return c->n++;
	for (i = 1; i < c->n; i++)
		if (c->vip[i].second < c->vip[oldest].second)
			oldest = i;
	return oldest;
}

/* Whether a vip may be defended now, and whether an event shall tell of it. What
 * is seen of a vip that has its place is kept in any case.
 */
static bool hasw_conflict_may(struct hasw_conflict *c,
			      const struct in6_addr *addr,
			      const struct hasw_conflict_last *last, bool *tell)
{
	bool may = false;
	unsigned int i;

	spin_lock_bh(&c->lock);
	if (!c->second || time_after_eq(jiffies, c->until)) {
		c->second++;
		c->defended = 0;
		c->told = 0;
		c->until = jiffies + HZ;
	}
	i = hasw_conflict_find(c, addr);
	if ((i == c->n || c->vip[i].second != c->second) &&
	    c->defended < HASW_CONFLICT_MAX) {
		if (i == c->n)
			i = hasw_conflict_room(c);
		c->vip[i].addr = *addr;
		c->vip[i].second = c->second;
		c->defended++;
		may = true;
		*tell = c->told < HASW_CONFLICT_TOLD;
		c->told += *tell;
	}
	if (i < c->n)
		c->vip[i].last = *last;
	spin_unlock_bh(&c->lock);
	return may;
}

/**
 * hasw_conflict_last() - who used a vip of this node last
 * @hn: namespace
 * @addr: the vip; IPv4 as v4-mapped
 * @last: set to what is known of that
 *
 * Context: any.
 * Return: whether anything is. Only so many vips are kept.
 */
bool hasw_conflict_last(struct hasw_net *hn, const struct in6_addr *addr,
			struct hasw_conflict_last *last)
{
	struct hasw_conflict *c = hn->conflict;
	unsigned int i;
	bool found;

	spin_lock_bh(&c->lock);
	i = hasw_conflict_find(c, addr);
	found = i < c->n;
	if (found)
		*last = c->vip[i].last;
	spin_unlock_bh(&c->lock);
	return found;
}

/**
 * hasw_conflict_forget() - forgets who used a vip
 * @hn: namespace
 * @addr: the vip, which is deleted; IPv4 as v4-mapped
 *
 * Context: any.
 */
void hasw_conflict_forget(struct hasw_net *hn, const struct in6_addr *addr)
{
	struct hasw_conflict *c = hn->conflict;
	unsigned int i;

	spin_lock_bh(&c->lock);
	i = hasw_conflict_find(c, addr);
	if (i < c->n)
		c->vip[i] = c->vip[--c->n];
	spin_unlock_bh(&c->lock);
}

/**
 * hasw_conflict_follow() - forgets who used vips that are no more
 * @hn: namespace
 * @cfg: the configuration that is live now
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_conflict_follow(struct hasw_net *hn, const struct hasw_config *cfg)
{
	struct hasw_conflict *c = hn->conflict;
	unsigned int i = 0;

	lockdep_assert_held(&hn->mutex);
	spin_lock_bh(&c->lock);
	while (i < c->n) {
		const struct in6_addr *addr = &c->vip[i].addr;

		if (hasw_vip_find(cfg, addr, ipv6_addr_v4mapped(addr) ?
				  AF_INET : AF_INET6))
			i++;
		else
			c->vip[i] = c->vip[--c->n];
	}
	spin_unlock_bh(&c->lock);
}

/* The node at a link-layer address, for people; or nothing. */
static void hasw_conflict_name(struct hasw_net *hn, const u8 *lladdr,
			       char name[HASWITCH_NAME_MAX + 1])
{
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	const struct hasw_node *node;

	node = cfg ? hasw_hop_owner(cfg, lladdr) : NULL;
	if (node)
		strscpy(name, node->name, HASWITCH_NAME_MAX + 1);
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
	struct hasw_conflict_last last = {};
	bool tell = false;

	if (!hasw_vip_held(vip) || !hasw_vip_faces(vip, dev) ||
	    hasw_conflict_own(hn, dev, lladdr))
		return false;
	hasw_stat_inc(hn, HASW_STAT_CONFLICTS);
	last.time = ktime_get_boottime_ns();
	memcpy(last.lladdr, lladdr,
	       min_t(size_t, dev->addr_len, sizeof(last.lladdr)));
	strscpy(last.dev, dev->name, sizeof(last.dev));
	if (!hasw_conflict_may(hn->conflict, &vip->addr, &last, &tell)) {
		hasw_stat_inc(hn, HASW_STAT_CONFLICTS_CAPPED);
		return false;
	}
	if (!tell)
		return true;
	memcpy(ev.lladdr, last.lladdr, sizeof(ev.lladdr));
	strscpy(ev.dev, last.dev, sizeof(ev.dev));
	hasw_conflict_name(hn, ev.lladdr, ev.node);
	spin_lock_bh(&hn->state_lock);
	hasw_event_add(hn, &ev);
	spin_unlock_bh(&hn->state_lock);
	return true;
}
