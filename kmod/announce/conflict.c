// SPDX-License-Identifier: GPL-2.0
/* A conflict is a frame which shows that another host uses a vip that this node
 * holds.
 */
#include <linux/jiffies.h>
#include <linux/slab.h>

#include "cluster/hop.h"
#include "conflict.h"
#include "core/event.h"
#include "core/stats.h"

/* Maximum number of vips that are defended per second. A vip is defended by
 * announcing it again, at most once per second. The limit keeps a host that
 * claims all vips from making this node flood the link with announcements.
 */
#define HASW_CONFLICT_MAX 64

/* Maximum number of conflict events per second. The limit keeps conflicts from
 * pushing other events out of the ring buffer of events.
 */
#define HASW_CONFLICT_TOLD 8

/* Maximum number of searches per second for a device that has the link-layer
 * address of a sender. A search walks all devices of the namespace, of which a
 * machine with containers has thousands. The limit keeps a host that claims
 * vips with ever new link-layer addresses from occupying a CPU with searches.
 */
#define HASW_CONFLICT_SEARCHES 64

/* Number of senders whose search result is kept for the rest of the second. */
#define HASW_CONFLICT_SENDERS 8

/**
 * struct hasw_conflict_sender - result of a search for a sender's device
 * @second: number of the second in which the search was made; 0 if never
 * @lladdr: link-layer address of the sender, followed by zeros
 * @own: a device of this namespace has @lladdr
 */
struct hasw_conflict_sender {
	u64 second;
	u8 lladdr[MAX_ADDR_LEN];
	bool own;
};

/**
 * struct hasw_conflict - the vips of a namespace that were defended, that is,
 *	announced again after a conflict
 * @lock: protects the other members; taken with softirqs off; while @lock is
 *	held, hn->state_lock is not taken
 * @n: number of used elements in @vip
 * @defended: number of vips defended in the current second
 * @told: number of conflict events in the current second
 * @searches: number of searches for a sender's device in the current second
 * @second: number of the current second, counted from 1
 * @until: end of @second, jiffies
 * @sender: results of the last searches, by the last byte of the sender's
 *	link-layer address; so the frames of a few hosts need few searches
 * @vip: the vips; if the array is full, a new vip replaces the one that was
 *	defended longest ago
 * @vip.addr: address of the vip; IPv4 as v4-mapped
 * @vip.second: number of the second in which the vip was defended last
 * @vip.last: the last conflicting frame
 */
struct hasw_conflict {
	spinlock_t lock;
	unsigned int n;
	unsigned int defended;
	unsigned int told;
	unsigned int searches;
	u64 second;
	unsigned long until;
	struct hasw_conflict_sender sender[HASW_CONFLICT_SENDERS];
	struct {
		struct in6_addr addr;
		u64 second;
		struct hasw_conflict_last last;
	} vip[HASW_CONFLICT_MAX];
};

/**
 * hasw_conflict_init() - allocates the conflict state of a namespace
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
 * hasw_conflict_exit() - frees the conflict state of a namespace
 * @hn: namespace, whose packet hooks are unregistered
 *
 * Context: process.
 */
void hasw_conflict_exit(struct hasw_net *hn)
{
	kfree(hn->conflict);
	hn->conflict = NULL;
}

/* Begins a new second if the current one is over. */
static void hasw_conflict_tick(struct hasw_conflict *c)
{
	lockdep_assert_held(&c->lock);
	if (c->second && time_before(jiffies, c->until))
		return;
	c->second++;
	c->defended = 0;
	c->told = 0;
	c->searches = 0;
	c->until = jiffies + HZ;
}

/* Returns the index of a vip in @c->vip, or @c->n if the array does not contain
 * the vip.
 */
static unsigned int hasw_conflict_find(const struct hasw_conflict *c,
				       const struct in6_addr *addr)
{
	unsigned int i;

	for (i = 0; i < c->n; i++)
		if (ipv6_addr_equal(&c->vip[i].addr, addr))
			break;
	return i;
}

/* Returns how many searches of this second are allowed before one for a claim
 * of a vip. A vip that was defended in this second leaves half of them to the
 * other vips, so that a crowd that claims one vip takes none of their defence.
 */
static unsigned int hasw_conflict_most(const struct hasw_conflict *c,
				       const struct in6_addr *addr)
{
	unsigned int i = hasw_conflict_find(c, addr);

	if (i < c->n && c->vip[i].second == c->second)
		return HASW_CONFLICT_SEARCHES / 2;
	return HASW_CONFLICT_SEARCHES;
}

/* Returns whether a device of this namespace has the link-layer address of
 * @sender, and keeps the result. RCU read side, softirqs off.
 */
static bool hasw_conflict_search(const struct hasw_net *hn,
				 struct hasw_conflict_sender *sender, u8 len)
{
	struct hasw_conflict *c = hn->conflict;
	const struct net_device *other;

	for_each_netdev_rcu(hn->net, other)
		if (other->addr_len == len &&
		    !memcmp(other->dev_addr, sender->lladdr, len)) {
			sender->own = true;
			break;
		}
	spin_lock_bh(&c->lock);
	c->sender[sender->lladdr[len - 1] % HASW_CONFLICT_SENDERS] = *sender;
	spin_unlock_bh(&c->lock);
	return sender->own;
}

/* Returns whether a link-layer address belongs to a device of this namespace. A
 * bridge, two devices on one link, or a macvlan can return this node's own
 * frame to this node. Such a frame is no conflict. @addr is the claimed vip. If
 * the limit of searches
 * does not allow to find out, returns false and sets @capped to true.
 */
static bool hasw_conflict_own(const struct hasw_net *hn,
			      const struct in6_addr *addr,
			      const struct net_device *dev, const u8 *lladdr,
			      bool *capped)
{
	const u8 len = dev->addr_len;
	struct hasw_conflict_sender sender = {}, *known;
	struct hasw_conflict *c = hn->conflict;
	bool search = false, own = false;

	if (!len || !memcmp(dev->dev_addr, lladdr, len))
		return true;
	memcpy(sender.lladdr, lladdr, len);
	spin_lock_bh(&c->lock);
	hasw_conflict_tick(c);
	sender.second = c->second;
	known = &c->sender[lladdr[len - 1] % HASW_CONFLICT_SENDERS];
	if (known->second == c->second &&
	    !memcmp(known->lladdr, sender.lladdr, sizeof(sender.lladdr))) {
		own = known->own;
	} else if (c->searches < hasw_conflict_most(c, addr)) {
		c->searches++;
		search = true;
	} else {
		*capped = true;
	}
	spin_unlock_bh(&c->lock);
	return search ? hasw_conflict_search(hn, &sender, len) : own;
}

/* Allocates an element of @c->vip for a new vip, or reuses the element of the
 * vip defended longest ago. Returns the element's index.
 */
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

/* Records @last, the conflicting frame of a vip. Returns whether the limits
 * allow the caller to defend the vip now. If the result is true, @tell receives
 * whether the caller has to report the conflict as an event. If the result is
 * false, @last is recorded only if @c->vip already contains the vip.
 */
static bool hasw_conflict_may(struct hasw_conflict *c,
			      const struct in6_addr *addr,
			      const struct hasw_conflict_last *last, bool *tell)
{
	bool may = false;
	unsigned int i;

	spin_lock_bh(&c->lock);
	hasw_conflict_tick(c);
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
 * hasw_conflict_last() - copies the last conflict of a vip
 * @hn: namespace
 * @addr: the vip; IPv4 as v4-mapped
 * @last: filled in
 *
 * Context: process or softirq.
 * Return: whether a conflict of the vip is recorded. Conflicts of at most
 * HASW_CONFLICT_MAX vips are recorded.
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
 * hasw_conflict_forget() - drops the recorded conflict of a vip
 * @hn: namespace
 * @addr: the vip, which is deleted; IPv4 as v4-mapped
 *
 * Context: process or softirq.
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
 * hasw_conflict_follow() - drops the recorded conflicts of deleted vips
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

/* Copies the name of the node that has the link-layer address @lladdr to @name.
 * If there is no such node, @name is not changed.
 */
static void hasw_conflict_name(struct hasw_net *hn, const u8 *lladdr,
			       char name[HASWITCH_NAME_MAX + 1])
{
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	const struct hasw_node *node;

	node = cfg ? hasw_node_by_lladdr(cfg, lladdr) : NULL;
	if (node)
		strscpy(name, node->name, HASWITCH_NAME_MAX + 1);
}

/**
 * hasw_conflict_seen() - records a frame that shows that another host uses a
 *	vip
 * @hn: namespace
 * @vip: the vip
 * @dev: device on which the frame was received
 * @lladdr: link-layer address of the sender, @dev->addr_len bytes
 *
 * The frame is ignored if @dev is not client-facing for the vip, because a host
 * of another network may use the same address. The frame is also ignored if
 * this node sent it, or if this node no longer holds the vip. Beyond the limit
 * of searches, a frame is counted as a conflict that was not answered.
 *
 * Context: RCU read side, softirqs off.
 * Return: true if the frame was not ignored, and the limits allow the caller to
 * announce the vip again. A caller that has already replied to the frame need
 * not announce the vip.
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
	bool tell = false, capped = false;

	if (!hasw_vip_held(vip) || !hasw_vip_faces(vip, dev) ||
	    hasw_conflict_own(hn, &vip->addr, dev, lladdr, &capped))
		return false;
	hasw_stat_inc(hn, HASW_STAT_CONFLICTS);
	last.time = ktime_get_boottime_ns();
	memcpy(last.lladdr, lladdr,
	       min_t(size_t, dev->addr_len, sizeof(last.lladdr)));
	strscpy(last.dev, dev->name, sizeof(last.dev));
	if (capped ||
	    !hasw_conflict_may(hn->conflict, &vip->addr, &last, &tell)) {
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
