// SPDX-License-Identifier: GPL-2.0
/* Vip classes: vips with the same lease, client-facing devices (on which
 * packets of clients arrive) and hook, sorted by address. Classes with the same
 * devices form a device group.
 */
#include <linux/hash.h>
#include <linux/inetdevice.h>
#include <linux/jhash.h>
#include <linux/slab.h>
#include <net/addrconf.h>

#include "service.h"
#include "vip_class.h"

/* Last number of a class or a group. */
static atomic64_t hasw_vip_class_last = ATOMIC64_INIT(0);

static struct rb_root *hasw_vip_class_root(struct hasw_vip_class *class,
					   u16 family)
{
	return &class->vips[family == AF_INET6];
}

static int hasw_vip_class_cmp(const struct in6_addr *a,
			      const struct in6_addr *b)
{
	return memcmp(a, b, sizeof(*a));
}

static bool hasw_devs_equal(const struct hasw_devs *a,
			    const struct hasw_devs *b)
{
	u32 i;

	if (!a || !b)
		return a == b;
	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (a->dev[i].ifindex != b->dev[i].ifindex ||
		    strcmp(a->dev[i].name, b->dev[i].name))
			return false;
	return true;
}

static u32 hasw_dev_group_bucket(const struct hasw_devs *devs)
{
	u32 hash = 0, i;

	for (i = 0; devs && i < devs->n; i++)
		hash = jhash(devs->dev[i].name, strlen(devs->dev[i].name),
			     hash);
	return hash_32(hash, ilog2(HASW_DEV_GROUP_BUCKETS));
}

static struct hlist_head *hasw_dev_group_known(struct hasw_config *cfg,
					       const struct hasw_devs *devs)
{
	return &cfg->dev_groups_known[hasw_dev_group_bucket(devs)];
}

static struct hasw_devs *hasw_devs_copy(const struct hasw_devs *devs)
{
	return kmemdup(devs, struct_size(devs, dev, devs->n),
		       GFP_KERNEL_ACCOUNT);
}

/* Finds or creates the group of a device list, which is copied. Returns NULL if
 * an allocation fails. Process context, hasw_net.mutex held.
 */
static struct hasw_dev_group *hasw_dev_group_get(struct hasw_config *cfg,
						 const struct hasw_devs *devs)
{
	struct hlist_head *known = hasw_dev_group_known(cfg, devs);
	struct hasw_dev_group *group;

	hasw_wlock_assert(&cfg->wlock);
	hlist_for_each_entry(group, known, same)
		if (hasw_devs_equal(group->devs, devs))
			return group;
	group = kzalloc(sizeof(*group), GFP_KERNEL_ACCOUNT);
	if (!group)
		return NULL;
	group->devs = devs ? hasw_devs_copy(devs) : NULL;
	if (devs && !group->devs) {
		kfree(group);
		return NULL;
	}
	group->number = atomic64_inc_return(&hasw_vip_class_last);
	INIT_LIST_HEAD(&group->classes);
	list_add_tail(&group->list, &cfg->dev_groups);
	hlist_add_head(&group->same, known);
	return group;
}

/* Frees a group, unless it has classes. hasw_net.mutex is held, unless the
 * configuration is not shared.
 */
static void hasw_dev_group_put(struct hasw_dev_group *group)
{
	if (!list_empty(&group->classes))
		return;
	list_del(&group->list);
	hlist_del(&group->same);
	/* Packets that looked up a vip earlier may still read @devs. */
	if (group->devs)
		kfree_rcu(group->devs, rcu);
	kfree(group);
}

/**
 * hasw_vip_class_get() - finds or creates a vip class
 * @cfg: configuration of the vips
 * @lease: lease of the class's vips, or NULL
 * @devs: client-facing devices of the class's vips; NULL: every device with an
 *	address in a vip's subnet; the function copies the list
 * @hook: enum haswitch_hook
 *
 * Context: process, hasw_net.mutex held.
 * Return: the class, which the caller passes to hasw_vip_class_join() or
 * hasw_vip_class_put(); or NULL if an allocation fails.
 */
struct hasw_vip_class *hasw_vip_class_get(struct hasw_config *cfg,
					  struct hasw_lease *lease,
					  const struct hasw_devs *devs,
					  u8 hook)
{
	struct hasw_dev_group *group = hasw_dev_group_get(cfg, devs);
	struct hasw_vip_class *class;

	if (!group)
		return NULL;
	list_for_each_entry(class, &group->classes, in_group)
		if (class->lease == lease && class->hook == hook)
			return class;
	class = kzalloc(sizeof(*class), GFP_KERNEL_ACCOUNT);
	if (!class) {
		hasw_dev_group_put(group);
		return NULL;
	}
	class->group = group;
	class->lease = lease;
	class->hook = hook;
	class->number = atomic64_inc_return(&hasw_vip_class_last);
	list_add_tail(&class->in_group, &group->classes);
	group->n_classes[hook]++;
	if (lease)
		list_add_tail(&class->in_lease, &lease->classes);
	return class;
}

/**
 * hasw_vip_class_put() - frees a class, unless it has vips
 * @class: the class
 *
 * Context: process; hasw_net.mutex held, unless the configuration is not
 * shared.
 */
void hasw_vip_class_put(struct hasw_vip_class *class)
{
	if (class->n)
		return;
	list_del(&class->in_group);
	if (class->lease)
		list_del(&class->in_lease);
	class->group->n_classes[class->hook]--;
	hasw_dev_group_put(class->group);
	kfree(class);
}

static void hasw_vip_class_insert(struct hasw_vip_class *class,
				  struct hasw_vip *vip)
{
	struct rb_root *root = hasw_vip_class_root(class, vip->family);
	struct rb_node **link = &root->rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		if (hasw_vip_class_cmp(&vip->addr,
				       &rb_entry(parent, struct hasw_vip,
						 place)->addr) < 0)
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&vip->place, parent, link);
	rb_insert_color(&vip->place, root);
}

/* Returns the number of members reached via nat in a vip's services. */
static u32 hasw_vip_class_nat(const struct hasw_vip *vip)
{
	const struct hasw_services *all =
		rcu_dereference_protected(vip->services,
					  hasw_wlock_held(&vip->wlock));
	const struct hasw_members *members;
	u32 i, j, n = 0;

	for (i = 0; all && i < hasw_services_n(all); i++) {
		members = hasw_service_members(hasw_services_list(all)[i]);
		for (j = 0; j < members->n; j++)
			n += members->m[j]->said == HASWITCH_VIA_NAT;
	}
	return n;
}

/**
 * hasw_vip_class_count_nat() - changes the count of members reached via nat in
 *	the device group of a vip
 * @vip: the vip
 * @more: number of members, negative if they are removed
 *
 * Context: process; hasw_net.mutex held, unless the configuration is not
 * shared.
 */
void hasw_vip_class_count_nat(const struct hasw_vip *vip, int more)
{
	hasw_wlock_assert(&vip->wlock);
	/* KUnit tests have vips without a class. */
	if (vip->class)
		vip->class->group->n_nat[vip->class->hook] += more;
}

/**
 * hasw_vip_class_join() - moves a vip to another class
 * @class: new class, in the vip's configuration; NULL takes the vip out of its
 *	class
 * @vip: the vip, which gets the devices and the hook of @class
 *
 * Context: process; hasw_net.mutex held, unless the configuration is not
 * shared.
 */
void hasw_vip_class_join(struct hasw_vip_class *class, struct hasw_vip *vip)
{
	struct hasw_vip_class *old = vip->class;
	u32 nat;

	hasw_wlock_assert(&vip->wlock);
	if (class == old)
		return;
	nat = hasw_vip_class_nat(vip);
	if (old) {
		rb_erase(&vip->place, hasw_vip_class_root(old, vip->family));
		old->n--;
		old->group->n_nat[old->hook] -= nat;
	}
	vip->class = class;
	if (class) {
		hasw_vip_class_insert(class, vip);
		class->n++;
		class->group->n_nat[class->hook] += nat;
		rcu_assign_pointer(vip->devs, class->group->devs);
		WRITE_ONCE(vip->hook, class->hook);
	}
	if (old)
		hasw_vip_class_put(old);
}

/* Returns the first vip of a class and family whose address is above @addr. If
 * @after is false, the vip may also have the address @addr itself.
 */
static struct hasw_vip *hasw_vip_class_at(const struct hasw_vip_class *class,
					  u16 family,
					  const struct in6_addr *addr,
					  bool after)
{
	struct rb_node *node = class->vips[family == AF_INET6].rb_node;
	struct hasw_vip *vip, *found = NULL;
	int cmp;

	while (node) {
		vip = rb_entry(node, struct hasw_vip, place);
		cmp = hasw_vip_class_cmp(&vip->addr, addr);
		if (cmp > 0 || (!cmp && !after)) {
			found = vip;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

static struct hasw_vip *hasw_vip_class_lower(struct hasw_vip *a,
					     struct hasw_vip *b)
{
	if (!a || !b)
		return a ?: b;
	return hasw_vip_class_cmp(&a->addr, &b->addr) < 0 ? a : b;
}

/* Returns the first vip whose address is above @after and in the subnet, or
 * NULL.
 */
static struct hasw_vip *
hasw_vip_class_onlink(const struct hasw_vip_class *class, u16 family,
		      const struct in6_addr *subnet, u32 len,
		      const struct in6_addr *after)
{
	struct in6_addr first;
	struct hasw_vip *vip;

	ipv6_addr_prefix(&first, subnet, len);
	if (hasw_vip_class_cmp(after, &first) < 0)
		vip = hasw_vip_class_at(class, family, &first, false);
	else
		vip = hasw_vip_class_at(class, family, after, true);
	return vip && ipv6_prefix_equal(&vip->addr, &first, len) ? vip : NULL;
}

static struct hasw_vip *
hasw_vip_class_onlink4(const struct hasw_vip_class *class,
		       const struct net_device *dev,
		       const struct in6_addr *after)
{
	const struct in_device *in_dev = __in_dev_get_rcu(dev);
	struct hasw_vip *found = NULL;
	const struct in_ifaddr *ifa;
	struct in6_addr subnet;

	if (!in_dev)
		return NULL;
	in_dev_for_each_ifa_rcu(ifa, in_dev) {
		ipv6_addr_set_v4mapped(ifa->ifa_address, &subnet);
		found = hasw_vip_class_lower(found, hasw_vip_class_onlink(
			class, AF_INET, &subnet,
			96 + inet_mask_len(ifa->ifa_mask), after));
	}
	return found;
}

static struct hasw_vip *
hasw_vip_class_onlink6(const struct hasw_vip_class *class,
		       const struct net_device *dev,
		       const struct in6_addr *after)
{
	const struct inet6_dev *idev = __in6_dev_get(dev);
	const struct inet6_ifaddr *ifa;
	struct hasw_vip *found = NULL;

	if (!idev)
		return NULL;
	list_for_each_entry_rcu(ifa, &idev->addr_list, if_list)
		found = hasw_vip_class_lower(found, hasw_vip_class_onlink(
			class, AF_INET6, &ifa->addr, ifa->prefix_len, after));
	return found;
}

/* Returns the first vip that the filter selects and whose address is above
 * @addr, or NULL. The class's group may have the device of the filter, see
 * hasw_devs_face(); where the group names no devices, the subnets decide.
 */
static struct hasw_vip *
hasw_vip_class_after(const struct hasw_vip_class *class,
		     const struct hasw_vip_filter *filter,
		     const struct in6_addr *addr)
{
	const struct net_device *dev = filter->dev;
	struct hasw_vip *v4 = NULL, *v6 = NULL;
	bool all = !dev || class->group->devs;

	rcu_read_lock();
	if (filter->family != AF_INET6)
		v4 = all ? hasw_vip_class_at(class, AF_INET, addr, true) :
		     hasw_vip_class_onlink4(class, dev, addr);
	if (filter->family != AF_INET)
		v6 = all ? hasw_vip_class_at(class, AF_INET6, addr, true) :
		     hasw_vip_class_onlink6(class, dev, addr);
	rcu_read_unlock();
	return hasw_vip_class_lower(v4, v6);
}

/**
 * hasw_vip_class_subnets() - visits, for each address of a device, the first vip
 *	in the address's subnet
 * @class: the class, whose vips name no devices
 * @dev: the device
 * @see: called for each of these vips; must not sleep
 * @data: passed to @see
 *
 * Context: process, hasw_net.mutex held, RCU read side.
 * Return: false if @see returned false.
 */
bool hasw_vip_class_subnets(const struct hasw_vip_class *class,
			    const struct net_device *dev, hasw_vip_see_t see,
			    void *data)
{
	const struct in_device *in_dev = __in_dev_get_rcu(dev);
	const struct inet6_dev *idev = __in6_dev_get(dev);
	const struct inet6_ifaddr *ifa6;
	const struct in_ifaddr *ifa4;
	struct in6_addr subnet;
	struct hasw_vip *vip;

	if (!hasw_devs_face(NULL, dev))
		return true;
	if (in_dev)
		in_dev_for_each_ifa_rcu(ifa4, in_dev) {
			ipv6_addr_set_v4mapped(ifa4->ifa_address, &subnet);
			vip = hasw_vip_class_onlink(class, AF_INET, &subnet,
						    96 + inet_mask_len(ifa4->ifa_mask),
						    &in6addr_any);
			if (vip && !see(vip, data))
				return false;
		}
	if (idev)
		list_for_each_entry_rcu(ifa6, &idev->addr_list, if_list) {
			vip = hasw_vip_class_onlink(class, AF_INET6,
						    &ifa6->addr,
						    ifa6->prefix_len,
						    &in6addr_any);
			if (vip && !see(vip, data))
				return false;
		}
	return true;
}

/* Returns whether a device has the name, as its main or an alternative one. */
static bool hasw_dev_named(const struct net_device *dev, const char *name)
{
	return !strcmp(dev->name, name) ||
	       __dev_get_by_name(dev_net(dev), name) == dev;
}

/* Updates an element of a device list after a device was registered, renamed or
 * set up. Returns whether the name in the list has changed.
 */
static bool hasw_devs_keep(struct hasw_devs_entry *entry,
			   const struct net_device *dev)
{
	if (!entry->ifindex) {
		if (!hasw_dev_named(dev, entry->name))
			return false;
		WRITE_ONCE(entry->ifindex, dev->ifindex);
		entry->late = true;
	} else if (entry->ifindex != dev->ifindex) {
		return false;
	}
	/* At boot, the kernel's name of a new device may be the configured name
	 * of another one, until udev renames the device, before it is set up.
	 * So the list does not follow such a device: it waits for its name.
	 */
	if (entry->late && !hasw_dev_named(dev, entry->name)) {
		WRITE_ONCE(entry->ifindex, 0);
		return false;
	}
	if (dev->flags & IFF_UP)
		entry->late = false;
	if (!strcmp(entry->name, dev->name))
		return false;
	strscpy(entry->name, dev->name, IFNAMSIZ);
	return true;
}

/* Updates a device list after an event of a device. Returns whether a name in
 * the list has changed.
 */
static bool hasw_devs_follow(struct hasw_devs *devs,
			     const struct net_device *dev, bool gone)
{
	bool renamed = false, has = false;
	u32 i;

	for (i = 0; i < devs->n; i++) {
		has |= devs->dev[i].ifindex == dev->ifindex;
		if (gone && devs->dev[i].ifindex == dev->ifindex)
			WRITE_ONCE(devs->dev[i].ifindex, 0);
	}
	/* A device that the list has under another name does not join again. */
	for (i = 0; !gone && i < devs->n; i++)
		if (!has || devs->dev[i].ifindex)
			renamed |= hasw_devs_keep(&devs->dev[i], dev);
	return renamed;
}

/**
 * hasw_devs_doubled() - whether an element of a device list must not be shown
 * @devs: the device list
 * @i: index of the element
 *
 * A device of the list may get a name for which another element waits. The name
 * is shown once then, because a restore refuses a name that is given twice.
 *
 * Context: process, hasw_net.mutex held.
 */
bool hasw_devs_doubled(const struct hasw_devs *devs, u32 i)
{
	u32 j;

	for (j = 0; !devs->dev[i].ifindex && j < devs->n; j++)
		if (j != i && !strcmp(devs->dev[j].name, devs->dev[i].name))
			return true;
	return false;
}

/**
 * hasw_vip_class_follow() - updates device groups after a device event
 * @cfg: configuration whose vips may have the device in their device lists
 * @dev: the device
 * @gone: the device is being unregistered; else it was registered, renamed or
 *	set up
 *
 * A renamed device stays client-facing, and the group stores its new name. If
 * no device has a configured name, the next device that gets this name is used.
 * Alternative names are looked up when the device is set up, because no event
 * reports them.
 *
 * Context: process, rtnl and hasw_net.mutex held.
 */
void hasw_vip_class_follow(struct hasw_config *cfg,
			   const struct net_device *dev, bool gone)
{
	struct hasw_dev_group *group;

	hasw_wlock_assert(&cfg->wlock);
	list_for_each_entry(group, &cfg->dev_groups, list) {
		cond_resched();
		if (!group->devs || !hasw_devs_follow(group->devs, dev, gone))
			continue;
		/* The hash bucket of a group depends on its device names. */
		hlist_del(&group->same);
		hlist_add_head(&group->same,
			       hasw_dev_group_known(cfg, group->devs));
	}
}

/**
 * struct hasw_vip_walk - a call of hasw_vip_class_walk()
 * @filter: vips to visit
 * @cursor: position of the walk
 * @most: number of vips that may still be visited
 * @see: called for each visited vip
 * @data: passed to @see
 * @more: the walk has stopped because @most vips were visited
 */
struct hasw_vip_walk {
	const struct hasw_vip_filter *filter;
	struct hasw_vip_cursor *cursor;
	u32 most;
	hasw_vip_see_t see;
	void *data;
	bool more;
};

/* Visits the vips of a class that are behind the cursor. Returns whether the
 * walk goes on with the next class.
 */
static bool hasw_vip_walk_class(struct hasw_vip_walk *walk,
				const struct hasw_vip_class *class)
{
	struct hasw_vip_cursor *cursor = walk->cursor;
	struct hasw_vip *vip;

	if (class->number < cursor->class)
		return true;
	if (class->number > cursor->class) {
		cursor->class = class->number;
		cursor->addr = in6addr_any;
	}
	while ((vip = hasw_vip_class_after(class, walk->filter,
					   &cursor->addr))) {
		if (!walk->most--) {
			walk->more = true;
			return false;
		}
		cursor->addr = vip->addr;
		if (!walk->see(vip, walk->data))
			return false;
	}
	return true;
}

static bool hasw_vip_walk_faces(const struct hasw_vip_walk *walk,
				const struct hasw_dev_group *group)
{
	const struct net_device *dev = walk->filter->dev;

	return !dev || hasw_devs_face(group->devs, dev);
}

/* Visits the vips of one lease. */
static void hasw_vip_walk_lease(struct hasw_vip_walk *walk,
				const struct hasw_config *cfg)
{
	const struct hasw_lease *lease =
		hasw_lease_numbered(cfg, walk->filter->lease);
	const struct hasw_vip_class *class;

	if (!lease)
		return;
	list_for_each_entry(class, &lease->classes, in_lease) {
		cond_resched();
		if (hasw_vip_walk_faces(walk, class->group) &&
		    !hasw_vip_walk_class(walk, class))
			return;
	}
}

/* Visits the vips of all leases, and those without one. */
static void hasw_vip_walk_groups(struct hasw_vip_walk *walk,
				 const struct hasw_config *cfg)
{
	struct hasw_vip_cursor *cursor = walk->cursor;
	const struct hasw_vip_class *class;
	const struct hasw_dev_group *group;

	list_for_each_entry(group, &cfg->dev_groups, list) {
		cond_resched();
		if (group->number < cursor->group ||
		    !hasw_vip_walk_faces(walk, group))
			continue;
		if (group->number > cursor->group) {
			cursor->group = group->number;
			cursor->class = 0;
		}
		list_for_each_entry(class, &group->classes, in_group) {
			cond_resched();
			if (!hasw_vip_walk_class(walk, class))
				return;
		}
	}
}

/**
 * hasw_vip_class_walk() - visits some of the vips that a filter selects
 * @cfg: the configuration
 * @filter: vips to visit
 * @cursor: all zero at first; moved behind the last visited vip
 * @most: maximum number of vips to visit in this call
 * @see: called for each visited vip
 * @data: passed to @see
 *
 * Context: process, hasw_net.mutex held; the caller may release the mutex
 * between two calls.
 * Return: true if more vips may follow; false at the end, or if @see returned
 * false.
 */
bool hasw_vip_class_walk(const struct hasw_config *cfg,
			 const struct hasw_vip_filter *filter,
			 struct hasw_vip_cursor *cursor, u32 most,
			 hasw_vip_see_t see, void *data)
{
	struct hasw_vip_walk walk = {
		.filter = filter, .cursor = cursor, .most = most,
		.see = see, .data = data,
	};

	hasw_wlock_assert(&cfg->wlock);
	if (filter->lease)
		hasw_vip_walk_lease(&walk, cfg);
	else
		hasw_vip_walk_groups(&walk, cfg);
	return walk.more;
}
