// SPDX-License-Identifier: GPL-2.0
/* The multicast groups of solicitations for IPv6 vips, joined on client-facing devices. */
#include <linux/bsearch.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>

#include "mcast.h"
#include "service/vip_class.h"

/* Somebody tells of devices that go; under rtnl. Without that nothing is joined:
 * who joins has a use of the device.
 */
static bool hasw_groups_followed;

/* Vips that are looked at between two chances to yield. */
#define HASW_GROUP_STRIDE 1024

/**
 * struct hasw_group_dev - what is joined on one device
 * @list: in hasw_groups.devs
 * @idev: the device's IPv6 part when it was joined, which holds the groups; the
 *	entry holds a reference, so that a later one is never taken for it
 * @allmulti: takes all multicast, and @group is empty
 * @n: length of @group
 * @group: low 24 bits of the addresses joined, sorted
 *
 * All under rtnl.
 */
struct hasw_group_dev {
	struct list_head list;
	struct inet6_dev *idev;
	bool allmulti;
	u32 n;
	u32 group[HASW_GROUPS_MAX];
};

static int hasw_group_cmp(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

static bool hasw_group_in(const u32 *group, u32 n, u32 low)
{
	return bsearch(&low, group, n, sizeof(*group), hasw_group_cmp);
}

static u32 hasw_group_low(const struct in6_addr *addr)
{
	return ntohl(addr->s6_addr32[3]) & 0xffffff;
}

static void hasw_group_addr(u32 low, struct in6_addr *addr)
{
	struct in6_addr any = { .s6_addr32[3] = htonl(low) };

	addrconf_addr_solict_mult(&any, addr);
}

static struct hasw_group_dev *hasw_group_find(struct hasw_groups *groups,
					      const struct net_device *dev)
{
	struct hasw_group_dev *gd;

	ASSERT_RTNL();
	list_for_each_entry(gd, &groups->devs, list)
		if (gd->idev->dev == dev)
			return gd;
	return NULL;
}

static void hasw_group_free(struct hasw_group_dev *gd)
{
	list_del(&gd->list);
	in6_dev_put(gd->idev);
	kfree(gd);
}

/**
 * hasw_group_want() - adds a group to what the device at hand needs
 * @groups: of the namespace; @n_want not above HASW_GROUPS_MAX
 * @low: low 24 bits of the group's address, not yet in it
 */
static void hasw_group_want(struct hasw_groups *groups, u32 low)
{
	u32 i = groups->n_want++;

	for (; i && groups->want[i - 1] > low; i--)
		groups->want[i] = groups->want[i - 1];
	groups->want[i] = low;
}

static bool hasw_group_see(struct hasw_vip *vip, void *data)
{
	struct hasw_groups *groups = data;
	u32 low = hasw_group_low(&vip->addr);

	if (!hasw_group_in(groups->want, groups->n_want, low))
		hasw_group_want(groups, low);
	return groups->n_want <= HASW_GROUPS_MAX;
}

/**
 * hasw_group_gather() - finds out which groups a device needs
 * @groups: of the namespace; @want and @n_want are filled in
 * @dev: the device
 *
 * Context: process, rtnl held. Takes hn->mutex.
 */
static void hasw_group_gather(struct hasw_groups *groups,
			      const struct net_device *dev)
{
	const struct hasw_vip_filter filter = { .family = AF_INET6, .dev = dev };
	struct hasw_vip_cursor cursor = {};
	struct hasw_net *hn = groups->hn;
	const struct hasw_config *cfg;

	groups->n_want = 0;
	mutex_lock(&hn->mutex);
	cfg = hasw_config_live(hn);
	while (cfg && hasw_vip_class_walk(cfg, &filter, &cursor,
					  HASW_GROUP_STRIDE, hasw_group_see,
					  groups))
		cond_resched();
	mutex_unlock(&hn->mutex);
}

/**
 * hasw_group_gather_now() - finds out which groups a device needs besides those it has
 * @groups: of the namespace; @want and @n_want are filled in
 * @gd: what is joined on it, or NULL
 * @dev: the device
 *
 * Context: process, rtnl held. Takes hn->mutex.
 */
static void hasw_group_gather_now(struct hasw_groups *groups,
				  const struct hasw_group_dev *gd,
				  const struct net_device *dev)
{
	struct hasw_net *hn = groups->hn;
	const struct hasw_config *cfg;
	const struct hasw_vip *vip;
	u32 i, low;

	groups->n_want = gd ? gd->n : 0;
	if (gd)
		memcpy(groups->want, gd->group, gd->n * sizeof(*gd->group));
	mutex_lock(&hn->mutex);
	rcu_read_lock();
	cfg = hasw_config_live(hn);
	for (i = 0; cfg && i < groups->n_now; i++) {
		vip = hasw_vip_find6(cfg, &groups->now[i]);
		low = hasw_group_low(&groups->now[i]);
		if (vip && groups->n_want <= HASW_GROUPS_MAX &&
		    !hasw_group_in(groups->want, groups->n_want, low) &&
		    hasw_vip_faces(vip, dev))
			hasw_group_want(groups, low);
	}
	rcu_read_unlock();
	mutex_unlock(&hn->mutex);
}

static void hasw_group_leave_not(struct hasw_group_dev *gd, const u32 *keep,
				 u32 n_keep)
{
	struct in6_addr addr;
	u32 i, n = 0;

	for (i = 0; i < gd->n; i++) {
		if (hasw_group_in(keep, n_keep, gd->group[i])) {
			gd->group[n++] = gd->group[i];
			continue;
		}
		hasw_group_addr(gd->group[i], &addr);
		ipv6_dev_mc_dec(gd->idev->dev, &addr);
	}
	gd->n = n;
}

/**
 * hasw_group_join() - joins what is needed and not yet joined
 * @gd: what is joined; nothing that is not in @want
 * @want: needed, sorted
 * @n_want: length of @want, at most HASW_GROUPS_MAX
 *
 * Context: process, rtnl held.
 * Return: 0 or a negative errno, then with some joined.
 */
static int hasw_group_join(struct hasw_group_dev *gd, const u32 *want,
			   u32 n_want)
{
	struct in6_addr addr;
	u32 i, j;
	int err;

	for (i = 0; i < n_want; i++) {
		if (i < gd->n && gd->group[i] == want[i])
			continue;
		hasw_group_addr(want[i], &addr);
		err = ipv6_dev_mc_inc(gd->idev->dev, &addr);
		if (err)
			return err;
		for (j = gd->n++; j > i; j--)
			gd->group[j] = gd->group[j - 1];
		gd->group[i] = want[i];
	}
	return 0;
}

static void hasw_group_set_allmulti(struct hasw_group_dev *gd, bool on)
{
	if (gd->allmulti != on &&
	    !dev_set_allmulti(gd->idev->dev, on ? 1 : -1))
		gd->allmulti = on;
}

/**
 * hasw_group_apply() - makes what is joined on a device equal to what it needs
 * @groups: of the namespace, gathered
 * @gd: what is joined
 *
 * What a device needs before and after is heard all the time.
 *
 * Context: process, rtnl held.
 */
static void hasw_group_apply(struct hasw_groups *groups,
			     struct hasw_group_dev *gd)
{
	struct net_device *dev = gd->idev->dev;
	bool many = groups->n_want > HASW_GROUPS_MAX;
	u32 n = many ? 0 : groups->n_want;

	if (many)
		hasw_group_set_allmulti(gd, true);
	hasw_group_leave_not(gd, groups->want, n);
	if (hasw_group_join(gd, groups->want, n)) {
		net_warn_ratelimited("haswitch: %s: no memory to join a group, taking all multicast\n",
				     dev->name);
		many = true;
		hasw_group_set_allmulti(gd, true);
	}
	if (!many)
		hasw_group_set_allmulti(gd, false);
}

/**
 * hasw_group_sync_dev() - brings one device up to date
 * @groups: of the namespace
 * @dev: the device
 * @all: of all vips, not only of those in @now
 *
 * Context: process, rtnl held. Takes hn->mutex, but not while it joins and
 * leaves, for who is notified of that may take it too.
 */
static void hasw_group_sync_dev(struct hasw_groups *groups,
				struct net_device *dev, bool all)
{
	struct hasw_group_dev *gd = hasw_group_find(groups, dev);
	struct inet6_dev *idev = __in6_dev_get(dev);

	/* IPv6 was taken from the device (a small MTU), the groups with it. */
	if (gd && gd->idev != idev) {
		hasw_group_set_allmulti(gd, false);
		hasw_group_free(gd);
		gd = NULL;
	}
	if (!idev)
		return;

	/* It hears all that could be new. */
	if (!all && gd && gd->allmulti)
		return;
	groups->n_want = 0;
	if (!(dev->flags & (IFF_LOOPBACK | IFF_NOARP))) {
		if (all)
			hasw_group_gather(groups, dev);
		else
			hasw_group_gather_now(groups, gd, dev);
	}
	if (!gd) {
		if (!groups->n_want)
			return;
		gd = kzalloc(sizeof(*gd), GFP_KERNEL);
		if (!gd)
			return;
		gd->idev = in6_dev_get(dev);
		list_add(&gd->list, &groups->devs);
	}
	hasw_group_apply(groups, gd);
	if (!gd->n && !gd->allmulti)
		hasw_group_free(gd);
}

static struct net_device *hasw_group_next(struct net *net, int after)
{
	struct net_device *dev, *next = NULL;

	for_each_netdev(net, dev)
		if (dev->ifindex > after &&
		    (!next || dev->ifindex < next->ifindex))
			next = dev;
	return next;
}

static bool hasw_group_idle(struct hasw_groups *groups)
{
	struct hasw_net *hn = groups->hn;
	const struct hasw_config *cfg;
	bool idle;

	mutex_lock(&hn->mutex);
	cfg = hasw_config_live(hn);
	idle = list_empty(&groups->devs) && (!cfg || !cfg->vips6.count);
	mutex_unlock(&hn->mutex);
	return idle;
}

/* Takes over which vips are new. */
static void hasw_group_take(struct hasw_groups *groups)
{
	mutex_lock(&groups->hn->mutex);
	groups->n_now = groups->n_fresh;
	memcpy(groups->now, groups->fresh, sizeof(groups->now));
	groups->n_fresh = 0;
	mutex_unlock(&groups->hn->mutex);
}

/* One device at a time, so that rtnl is free in between. What changes meanwhile
 * queues the work again.
 */
static void hasw_group_work(struct work_struct *work)
{
	struct hasw_groups *groups = container_of(work, struct hasw_groups,
						  work);
	bool idle, all = xchg(&groups->all, false);
	struct net_device *dev;
	int ifindex = 0;

	hasw_group_take(groups);
	do {
		rtnl_lock();
		idle = !hasw_groups_followed || hasw_group_idle(groups);
		dev = idle ? NULL : hasw_group_next(groups->hn->net, ifindex);
		if (dev) {
			ifindex = dev->ifindex;
			hasw_group_sync_dev(groups, dev, all);
		}
		rtnl_unlock();
	} while (dev);
}

static void hasw_group_tidy(struct work_struct *work)
{
	struct hasw_groups *groups = container_of(to_delayed_work(work),
						  struct hasw_groups, tidy);

	hasw_groups_sync(groups);
}

/**
 * hasw_groups_follow() - says whether hasw_groups_forget() is called for devices that go
 * @followed: it is, from now on; or not for long any more, and for all first
 *
 * Context: process, no lock held.
 */
void hasw_groups_follow(bool followed)
{
	rtnl_lock();
	hasw_groups_followed = followed;
	rtnl_unlock();
}

/**
 * hasw_groups_init() - begins with nothing joined
 * @groups: of the namespace
 * @hn: the namespace
 *
 * Context: process.
 */
void hasw_groups_init(struct hasw_groups *groups, struct hasw_net *hn)
{
	groups->hn = hn;
	INIT_LIST_HEAD(&groups->devs);
	INIT_WORK(&groups->work, hasw_group_work);
	INIT_DELAYED_WORK(&groups->tidy, hasw_group_tidy);
}

/**
 * hasw_groups_sync() - has joined what all vips need, and left what none does
 * @groups: of the namespace, which does not go away yet
 *
 * Context: any.
 */
void hasw_groups_sync(struct hasw_groups *groups)
{
	WRITE_ONCE(groups->all, true);
	queue_work(hasw_wq, &groups->work);
}

/**
 * hasw_groups_vip() - has joined what a vip needs, or left what it does no more
 * @groups: of the namespace, which does not go away yet
 * @addr: the IPv6 vip, which is new, was changed, or is gone
 * @gone: it is gone
 *
 * Among very many, what is not needed any more is left some time later.
 *
 * Context: process, hn->mutex held.
 */
void hasw_groups_vip(struct hasw_groups *groups, const struct in6_addr *addr,
		     bool gone)
{
	const struct hasw_config *cfg = hasw_config_live(groups->hn);

	if (cfg->vips6.count <= HASW_GROUPS_FEW ||
	    (!gone && groups->n_fresh == HASW_GROUPS_FRESH)) {
		hasw_groups_sync(groups);
		return;
	}
	if (!gone) {
		groups->fresh[groups->n_fresh++] = *addr;
		queue_work(hasw_wq, &groups->work);
	}
	queue_delayed_work(hasw_wq, &groups->tidy, HZ);
}

/**
 * hasw_groups_cancel() - ends the work
 * @groups: of the namespace, where nobody asks for more any more
 *
 * Context: process, neither rtnl nor hn->mutex held.
 */
void hasw_groups_cancel(struct hasw_groups *groups)
{
	cancel_delayed_work_sync(&groups->tidy);
	cancel_work_sync(&groups->work);
}

/**
 * hasw_groups_leave() - leaves everything
 * @groups: of the namespace, whose work no longer runs
 *
 * Context: process, rtnl held.
 */
void hasw_groups_leave(struct hasw_groups *groups)
{
	struct hasw_group_dev *gd, *tmp;

	ASSERT_RTNL();
	list_for_each_entry_safe(gd, tmp, &groups->devs, list) {
		if (gd->idev == __in6_dev_get(gd->idev->dev))
			hasw_group_leave_not(gd, NULL, 0);
		hasw_group_set_allmulti(gd, false);
		hasw_group_free(gd);
	}
}

/**
 * hasw_groups_forget() - lets a device go that leaves the namespace, or that nobody tells of any more
 * @groups: of the namespace
 * @dev: the device
 *
 * With its IPv6 part that is given up go the groups. But a device that moves to
 * another namespace keeps its count of who wants all multicast.
 *
 * Context: process, rtnl held.
 */
void hasw_groups_forget(struct hasw_groups *groups, struct net_device *dev)
{
	struct hasw_group_dev *gd = hasw_group_find(groups, dev);

	if (!gd)
		return;
	if (gd->idev == __in6_dev_get(dev))
		hasw_group_leave_not(gd, NULL, 0);
	if (dev->reg_state == NETREG_REGISTERED)
		hasw_group_set_allmulti(gd, false);
	hasw_group_free(gd);
}
