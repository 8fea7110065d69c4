// SPDX-License-Identifier: GPL-2.0
/* Solicited-node multicast groups of IPv6 vips. They are joined on a vip's
 * client-facing devices, the devices on which packets from its clients arrive.
 * Otherwise these devices would not receive neighbour solicitations for the
 * vip.
 */
#include <linux/bsearch.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>

#include "mcast.h"
#include "service/vip_class.h"

/* Number of vips scanned between two calls of cond_resched(). */
#define HASW_GROUP_STRIDE 1024

/**
 * struct hasw_group_dev - the groups joined on one device
 * @list: entry in hasw_groups.devs
 * @idev: inet6_dev of the device when the groups were joined; it owns the
 *	groups. The reference keeps the kernel from allocating a new inet6_dev
 *	at the same memory address.
 * @allmulti: this module has made the device receive all multicast frames
 * @n: number of used elements in @group
 * @group: low 24 bits of the addresses of the joined groups, sorted
 *
 * All members are protected by rtnl.
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
 * hasw_group_want() - inserts a group into hasw_groups.want
 * @groups: groups of the namespace; the caller has checked that @n_want is at
 *	most HASW_GROUPS_MAX
 * @low: low 24 bits of the group's address, not yet in @want
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
 * hasw_group_gather() - collects the groups that a device needs for all vips
 * @groups: groups of the namespace; @want and @n_want are filled in
 * @dev: the device, to which the caller has a reference
 *
 * The walk ends once the device needs too many groups. If many vips share few
 * groups, the walk visits all vips, which takes long. So rtnl is not held, and
 * hn->mutex is released repeatedly. If vips or addresses change during the
 * walk, the work is queued again.
 *
 * Context: process, neither rtnl nor hn->mutex held.
 */
static void hasw_group_gather(struct hasw_groups *groups,
			      const struct net_device *dev)
{
	const struct hasw_vip_filter filter = { .family = AF_INET6, .dev = dev };
	struct hasw_vip_cursor cursor = {};
	struct hasw_net *hn = groups->hn;
	const struct hasw_config *cfg;
	bool more;

	groups->n_want = 0;
	if (!hasw_dev_resolves(dev))
		return;
	do {
		mutex_lock(&hn->mutex);
		cfg = hasw_config_live(hn);
		more = cfg && hasw_vip_class_walk(cfg, &filter, &cursor,
						  HASW_GROUP_STRIDE,
						  hasw_group_see, groups);
		mutex_unlock(&hn->mutex);
		cond_resched();
	} while (more);
}

/**
 * hasw_group_gather_now() - collects the groups that a device has joined, and
 *	those that it needs for the vips in hasw_groups.now
 * @groups: groups of the namespace; @want and @n_want are filled in
 * @gd: groups joined on the device, or NULL
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

	ASSERT_RTNL();
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
 * hasw_group_join() - joins the needed groups that are not joined yet
 * @gd: joined groups, a subset of @want
 * @want: low 24 bits of the needed groups, sorted
 * @n_want: length of @want, at most HASW_GROUPS_MAX
 *
 * Context: process, rtnl held.
 * Return: 0 or a negative errno; on an error, some groups may have been joined.
 */
static int hasw_group_join(struct hasw_group_dev *gd, const u32 *want,
			   u32 n_want)
{
	struct in6_addr addr;
	u32 i, j;
	int err;

	ASSERT_RTNL();
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

/* Adds a device's joined groups to @want, so that the device stays in them.
 * hasw_group_gather() might have missed a vip that changed during its walk.
 * Such a change has queued the work again, and the next run leaves the groups
 * that the device does not need.
 */
static void hasw_group_keep(struct hasw_groups *groups,
			    const struct hasw_group_dev *gd)
{
	u32 i;

	if (gd->allmulti)
		groups->n_want = HASW_GROUPS_MAX + 1;
	for (i = 0; i < gd->n && groups->n_want <= HASW_GROUPS_MAX; i++)
		if (!hasw_group_in(groups->want, groups->n_want, gd->group[i]))
			hasw_group_want(groups, gd->group[i]);
}

static void hasw_group_set_allmulti(struct hasw_group_dev *gd, bool on)
{
	if (gd->allmulti != on &&
	    !dev_set_allmulti(gd->idev->dev, on ? 1 : -1))
		gd->allmulti = on;
}

/**
 * hasw_group_apply() - joins and leaves groups, so that a device is in exactly
 *	the groups that it needs
 * @groups: groups of the namespace; @want has the groups that the device needs
 * @gd: groups joined on the device
 *
 * A group that is needed both before and after the call is not left in between,
 * so the device misses no packets of the group.
 *
 * Context: process, rtnl held.
 */
static void hasw_group_apply(struct hasw_groups *groups,
			     struct hasw_group_dev *gd)
{
	struct net_device *dev = gd->idev->dev;
	bool many = groups->n_want > HASW_GROUPS_MAX;
	u32 n = many ? 0 : groups->n_want;

	ASSERT_RTNL();
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
 * hasw_group_sync_dev() - joins and leaves groups on one device
 * @groups: groups of the namespace
 * @dev: the device
 * @all: hasw_group_gather() has collected the groups for all vips; if false,
 *	the groups for the vips in hasw_groups.now are joined
 *
 * Context: process, rtnl held. Takes hn->mutex, but releases it before groups
 * are joined or left, because joining and leaving call notifiers, which might
 * take hn->mutex.
 */
static void hasw_group_sync_dev(struct hasw_groups *groups,
				struct net_device *dev, bool all)
{
	struct hasw_group_dev *gd = hasw_group_find(groups, dev);
	struct inet6_dev *idev = __in6_dev_get(dev);

	ASSERT_RTNL();
	/* The kernel has destroyed the old inet6_dev with its groups, for
	 * example because the MTU fell below 1280. So the record of the groups
	 * is freed.
	 */
	if (gd && gd->idev != idev) {
		hasw_group_set_allmulti(gd, false);
		hasw_group_free(gd);
		gd = NULL;
	}
	if (!idev)
		return;

	/* A device with allmulti already receives the packets of all groups, so
	 * nothing has to be joined for new vips.
	 */
	if (!all && gd && gd->allmulti)
		return;
	if (!all) {
		groups->n_want = 0;
		if (hasw_dev_resolves(dev))
			hasw_group_gather_now(groups, gd, dev);
	} else if (gd && (READ_ONCE(groups->all) ||
			  READ_ONCE(groups->n_fresh))) {
		hasw_group_keep(groups, gd);
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

/* Returns the device with the lowest ifindex above @after, with a reference.
 * Returns NULL if there is no such device, or if no group is joined and no IPv6
 * vip is configured. Takes rtnl and hn->mutex.
 */
static struct net_device *hasw_group_next(struct hasw_groups *groups, int after,
					  netdevice_tracker *tracker)
{
	struct net_device *dev, *next = NULL;

	rtnl_lock();
	if (hasw_group_idle(groups))
		goto out;
	for_each_netdev(groups->hn->net, dev)
		if (dev->ifindex > after &&
		    (!next || dev->ifindex < next->ifindex))
			next = dev;
	if (next)
		netdev_hold(next, tracker, GFP_KERNEL);
out:
	rtnl_unlock();
	return next;
}

/* Moves the changed vips from @fresh to @now. */
static void hasw_group_take(struct hasw_groups *groups)
{
	mutex_lock(&groups->hn->mutex);
	groups->n_now = groups->n_fresh;
	memcpy(groups->now, groups->fresh, sizeof(groups->now));
	groups->n_fresh = 0;
	mutex_unlock(&groups->hn->mutex);
}

/* Joins and leaves groups on one device at a time, so that rtnl is released
 * between two devices. A change during the run queues the work again.
 */
static void hasw_group_work(struct work_struct *work)
{
	struct hasw_groups *groups = container_of(work, struct hasw_groups,
						  work);
	bool all = xchg(&groups->all, false);
	struct net *net = groups->hn->net;
	netdevice_tracker tracker;
	struct net_device *dev;
	int ifindex = 0;

	hasw_group_take(groups);
	while ((dev = hasw_group_next(groups, ifindex, &tracker))) {
		ifindex = dev->ifindex;
		if (all)
			hasw_group_gather(groups, dev);
		rtnl_lock();
		/* A joined group holds a reference to its device. If netdevice
		 * events are not followed, nothing would release that
		 * reference, so no group is joined. For the same reason, no
		 * group is joined on a device that was unregistered or moved to
		 * another namespace meanwhile.
		 */
		if (hasw_devs_followed && net_eq(dev_net(dev), net) &&
		    dev->reg_state == NETREG_REGISTERED)
			hasw_group_sync_dev(groups, dev, all);
		rtnl_unlock();
		netdev_put(dev, &tracker);
	}
}

static void hasw_group_tidy(struct work_struct *work)
{
	struct hasw_groups *groups = container_of(to_delayed_work(work),
						  struct hasw_groups, tidy);

	hasw_groups_sync(groups);
}

/**
 * hasw_groups_init() - initialises the groups of a namespace; none is joined
 * @groups: groups of the namespace
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
 * hasw_groups_sync() - schedules joining and leaving groups for all vips
 * @groups: groups of the namespace; hasw_groups_cancel() was not called yet
 *
 * Context: any.
 */
void hasw_groups_sync(struct hasw_groups *groups)
{
	WRITE_ONCE(groups->all, true);
	queue_work(hasw_wq, &groups->work);
}

/**
 * hasw_groups_vip() - schedules joining and leaving groups for one vip
 * @groups: groups of the namespace; hasw_groups_cancel() was not called yet
 * @addr: the IPv6 vip, which was added, changed or deleted
 * @gone: the vip was deleted
 *
 * With more than HASW_GROUPS_FEW IPv6 vips, a device may stay in unneeded
 * groups for about a second after the call.
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
 * hasw_groups_cancel() - cancels the scheduled work
 * @groups: groups of the namespace; the caller ensures that no work is
 *	scheduled any more
 *
 * Context: process, neither rtnl nor hn->mutex held.
 */
void hasw_groups_cancel(struct hasw_groups *groups)
{
	cancel_delayed_work_sync(&groups->tidy);
	cancel_work_sync(&groups->work);
}

/**
 * hasw_groups_leave() - leaves all groups
 * @groups: groups of the namespace, after hasw_groups_cancel()
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
 * hasw_groups_forget() - leaves the groups of a device and releases the device
 * @groups: groups of the namespace
 * @dev: the device, for which NETDEV_UNREGISTER was reported: it is being
 *	unregistered, leaves the namespace, or the notifier is being
 *	unregistered
 *
 * If the inet6_dev was destroyed, its groups were left at that time. On a
 * device that stays registered, the allmulti count would stay incremented, so
 * it is decremented here.
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
