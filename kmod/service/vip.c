// SPDX-License-Identifier: GPL-2.0
/* Vips (virtual addresses): their tables, their holders and their client-facing
 * devices, on which packets of clients arrive.
 */
#include <linux/inetdevice.h>
#include <linux/slab.h>
#include <net/addrconf.h>

#include "vip_class.h"

static struct kmem_cache *hasw_vip_cache;

/**
 * hasw_vip_cache_create() - creates the slab cache of vips
 *
 * Context: process.
 * Return: 0, or -ENOMEM.
 */
int hasw_vip_cache_create(void)
{
	/* A reader of the table may access a tombstone as a vip, so a tombstone
	 * must be at least as large as a vip.
	 */
	BUILD_BUG_ON(sizeof(struct hasw_vip) > HASW_TABLE_TOMB_SIZE);
	hasw_vip_cache = KMEM_CACHE(hasw_vip, SLAB_ACCOUNT);
	return hasw_vip_cache ? 0 : -ENOMEM;
}

/**
 * hasw_vip_cache_destroy() - destroys the slab cache of vips
 *
 * Context: process, after all vips were freed and rcu_barrier() returned.
 */
void hasw_vip_cache_destroy(void)
{
	kmem_cache_destroy(hasw_vip_cache);
}

/**
 * hasw_further_from() - finds the ranges from a port on
 * @further: the further ports of a vip's services
 * @key: sort key of the port, see hasw_service_key()
 *
 * Context: RCU read side, or hasw_net.mutex held.
 * Return: index of the first range whose last port is @key or comes after it;
 * the number of ranges if there is none.
 */
u32 hasw_further_from(const struct hasw_furthers *further, u32 key)
{
	u32 low = 0, high = further->n, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (further->range[mid].to < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/**
 * hasw_further_at() - finds the range of further ports that has a port
 * @all: the services of a vip, with HASW_SERVICES_FURTHER
 * @key: sort key of the port, see hasw_service_key()
 *
 * Context: RCU read side, or hasw_net.mutex held.
 * Return: the range, or NULL.
 */
const struct hasw_further *hasw_further_at(const struct hasw_services *all,
					   u32 key)
{
	const struct hasw_furthers *further = hasw_services_further(all);
	u32 i = hasw_further_from(further, key);

	return i < further->n && further->range[i].from <= key ?
	       &further->range[i] : NULL;
}

static u32 hasw_vip_hash_obj4(const void *obj, u32 seed)
{
	const struct hasw_vip *vip = obj;

	return hasw_vip_hash4(vip->addr.s6_addr32[3], seed);
}

static u32 hasw_vip_hash_obj6(const void *obj, u32 seed)
{
	const struct hasw_vip *vip = obj;

	return hasw_vip_hash6(&vip->addr, seed);
}

/**
 * hasw_vip_tables_init() - initialises the empty vip tables of a configuration
 * @cfg: configuration
 *
 * Context: process.
 * Return: 0, or -ENOMEM.
 */
int hasw_vip_tables_init(struct hasw_config *cfg)
{
	int err;

	INIT_LIST_HEAD(&cfg->dev_groups);
	err = hasw_table_init(&cfg->vips4, &cfg->wlock);
	if (err)
		return err;
	err = hasw_table_init(&cfg->vips6, &cfg->wlock);
	if (err)
		hasw_table_free(&cfg->vips4);
	return err;
}

/**
 * hasw_vip_tables_free() - frees the vip tables, not the vips
 * @cfg: configuration that no packet reads
 *
 * Context: process.
 */
void hasw_vip_tables_free(struct hasw_config *cfg)
{
	hasw_table_free(&cfg->vips6);
	hasw_table_free(&cfg->vips4);
}

/**
 * hasw_vip_find() - finds a vip of either family
 * @cfg: configuration
 * @addr: address, IPv4 as v4-mapped
 * @family: AF_INET or AF_INET6
 *
 * Context: RCU read side, or hasw_net.mutex held.
 * Return: the vip, or NULL.
 */
struct hasw_vip *hasw_vip_find(const struct hasw_config *cfg,
			       const struct in6_addr *addr, u16 family)
{
	if (family == AF_INET)
		return hasw_vip_find4(cfg, addr->s6_addr32[3]);
	return hasw_vip_find6(cfg, addr);
}

/**
 * hasw_vip_new() - allocates a vip
 * @cfg: configuration that the vip will be added to
 * @addr: address, IPv4 as v4-mapped
 * @family: AF_INET or AF_INET6
 * @stray: enum haswitch_stray
 *
 * Context: process.
 * Return: the vip, which is in no table yet; or NULL if the allocation fails.
 */
struct hasw_vip *hasw_vip_new(const struct hasw_config *cfg,
			      const struct in6_addr *addr, u16 family,
			      u8 stray)
{
	struct hasw_vip *vip;

	vip = kmem_cache_zalloc(hasw_vip_cache, GFP_KERNEL);
	if (!vip)
		return NULL;
	vip->wlock = cfg->wlock;
	vip->addr = *addr;
	vip->family = family;
	vip->stray = stray;
	return vip;
}

/* Adds @more to the number of vips whose `on-loss` is `abort`. */
static void hasw_vip_count_aborts(struct hasw_config *cfg, int more)
{
	hasw_wlock_assert(&cfg->wlock);
	WRITE_ONCE(cfg->n_abort, cfg->n_abort + more);
}

/**
 * hasw_vip_add() - adds a vip to the table of a configuration
 * @cfg: configuration
 * @vip: the vip, completely set up; @cfg has no vip of its address
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0, -ENOMEM or -ENOSPC.
 */
int hasw_vip_add(struct hasw_config *cfg, struct hasw_vip *vip)
{
	int err;

	if (vip->family == AF_INET)
		err = hasw_table_add(&cfg->vips4, vip, hasw_vip_hash_obj4);
	else
		err = hasw_table_add(&cfg->vips6, vip, hasw_vip_hash_obj6);
	if (err)
		return err;
	cfg->n_forward += vip->stray == HASWITCH_STRAY_FORWARD;
	hasw_vip_count_aborts(cfg, vip->on_loss == HASWITCH_ON_LOSS_ABORT);
	cfg->n_marked += !!vip->mark;
	return 0;
}

/* Returns the fixed holder. The caller holds hasw_net.mutex. */
static struct hasw_node *hasw_vip_holder_of(const struct hasw_vip *vip)
{
	return rcu_dereference_protected(vip->holder,
					 hasw_wlock_held(&vip->wlock));
}

/* Returns the lease. The caller holds hasw_net.mutex. */
static struct hasw_lease *hasw_vip_lease_of(const struct hasw_vip *vip)
{
	return rcu_dereference_protected(vip->lease,
					 hasw_wlock_held(&vip->wlock));
}

static void hasw_vip_free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(hasw_vip_cache, container_of(rcu, struct hasw_vip, rcu));
}

/* Drops the references of a vip on its holder, its lease and its class. */
static void hasw_vip_leave(struct hasw_vip *vip)
{
	struct hasw_node *holder = hasw_vip_holder_of(vip);
	struct hasw_lease *lease = hasw_vip_lease_of(vip);

	if (holder)
		holder->refs--;
	if (lease)
		hasw_lease_count_vip(lease, -1);
	hasw_vip_class_join(NULL, vip);
}

/**
 * hasw_vip_free() - frees a vip at once
 * @vip: the vip, which has no services and which no reader uses; the function
 *	drops the vip's references on its holder and lease
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_vip_free(struct hasw_vip *vip)
{
	hasw_vip_leave(vip);
	kmem_cache_free(hasw_vip_cache, vip);
}

/**
 * hasw_vip_del() - unpublishes a vip and frees it after a grace period
 * @cfg: configuration
 * @vip: the vip, without services
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_vip_del(struct hasw_config *cfg, struct hasw_vip *vip)
{
	if (vip->family == AF_INET)
		hasw_table_del(&cfg->vips4, vip, hasw_vip_hash_obj4);
	else
		hasw_table_del(&cfg->vips6, vip, hasw_vip_hash_obj6);
	cfg->n_forward -= vip->stray == HASWITCH_STRAY_FORWARD;
	hasw_vip_count_aborts(cfg, -(vip->on_loss == HASWITCH_ON_LOSS_ABORT));
	cfg->n_marked -= !!vip->mark;
	hasw_vip_leave(vip);
	call_rcu(&vip->rcu, hasw_vip_free_rcu);
}

/**
 * hasw_vip_set_stray() - sets what a node other than the holder does with
 *	packets of clients (strays)
 * @cfg: configuration that the vip is in
 * @vip: the vip
 * @stray: enum haswitch_stray
 *
 * A node that forwards strays also receives strays: while it is the holder,
 * other nodes forward their strays to it. So the caller calls hasw_gue_open()
 * before this function, and hasw_config_sync() after it.
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_vip_set_stray(struct hasw_config *cfg, struct hasw_vip *vip,
			u8 stray)
{
	hasw_wlock_assert(&cfg->wlock);
	cfg->n_forward += (stray == HASWITCH_STRAY_FORWARD) -
			  (vip->stray == HASWITCH_STRAY_FORWARD);
	WRITE_ONCE(vip->stray, stray);
}

/**
 * hasw_vip_set_on_loss() - sets what this node does with its own TCP
 *	connections to a vip that it loses
 * @cfg: configuration that the vip is in
 * @vip: the vip
 * @on_loss: enum haswitch_on_loss
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_vip_set_on_loss(struct hasw_config *cfg, struct hasw_vip *vip,
			  u8 on_loss)
{
	hasw_vip_count_aborts(cfg, (on_loss == HASWITCH_ON_LOSS_ABORT) -
				   (vip->on_loss == HASWITCH_ON_LOSS_ABORT));
	WRITE_ONCE(vip->on_loss, on_loss);
}

/**
 * hasw_vip_set_mark() - sets which bits of the packet mark show the epoch
 * @cfg: configuration that the vip is in
 * @vip: the vip, which has a lease unless @mark is 0
 * @mark: the bits, adjacent; 0: none
 *
 * The caller calls hasw_config_mark() before this function, and
 * hasw_config_sync() after it.
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_vip_set_mark(struct hasw_config *cfg, struct hasw_vip *vip, u32 mark)
{
	hasw_wlock_assert(&cfg->wlock);
	cfg->n_marked += !!mark - !!vip->mark;
	WRITE_ONCE(vip->mark, mark);
}

static void hasw_vip_use_holder(struct hasw_vip *vip, struct hasw_node *holder)
{
	struct hasw_node *old = hasw_vip_holder_of(vip);

	if (holder)
		holder->refs++;
	rcu_assign_pointer(vip->holder, holder);
	if (old)
		old->refs--;
}

static void hasw_vip_use_lease(struct hasw_vip *vip, struct hasw_lease *lease)
{
	struct hasw_lease *old = hasw_vip_lease_of(vip);

	if (lease)
		hasw_lease_count_vip(lease, 1);
	rcu_assign_pointer(vip->lease, lease);
	if (old)
		hasw_lease_count_vip(old, -1);
}

static u8 hasw_vip_role(const struct hasw_node *holder,
			const struct hasw_lease *lease, bool member)
{
	if (!lease && (!holder || holder->self))
		return HASWITCH_ROLE_HOLDER;
	return member ? HASWITCH_ROLE_MEMBER : HASWITCH_ROLE_NONE;
}

/**
 * hasw_vip_set_owner() - sets the fixed holder or the lease of a vip
 * @vip: the vip
 * @holder: fixed holder; NULL means this node, or no fixed holder if @lease is
 *	not NULL
 * @lease: the lease of the vip; NULL: no lease
 * @member: this node is a member of one of the vip's services
 *
 * Other CPUs may read the vip between the stores. A role of HOLDER overrides
 * the lease, and a lease overrides the fixed holder. So a node that is the
 * holder before and after the stores is the holder during the stores, too.
 *
 * A CPU that finds no holder may have read one field before the stores and
 * another field after them. This CPU reads both fields again, in
 * hasw_vip_judge_again() and hasw_vip_holder().
 *
 * Context: process, hasw_net.mutex held.
 * Return: whether this node has become the fixed holder.
 */
bool hasw_vip_set_owner(struct hasw_vip *vip, struct hasw_node *holder,
			struct hasw_lease *lease, bool member)
{
	u8 old = vip->role, role = hasw_vip_role(holder, lease, member);

	if (role == HASWITCH_ROLE_HOLDER)
		WRITE_ONCE(vip->role, role);
	if (lease)
		hasw_vip_use_lease(vip, lease);
	/* Pairs with smp_rmb() in hasw_vip_judge_again() and hasw_vip_holder().
	 * A CPU that has read a value stored below also reads the values stored
	 * above.
	 */
	smp_wmb();
	hasw_vip_use_holder(vip, holder);
	/* Pairs with smp_rmb() in hasw_vip_judge_again() and hasw_vip_holder().
	 * A CPU that has read a value stored below also reads the new @holder.
	 */
	smp_wmb();
	if (!lease)
		hasw_vip_use_lease(vip, NULL);
	WRITE_ONCE(vip->role, role);
	return role == HASWITCH_ROLE_HOLDER && old != role;
}

/**
 * hasw_vip_judge_again() - checks again whether this node holds the vip
 * @vip: the vip, for which hasw_vip_judge() has returned false
 * @now: if not NULL, receives the time that was compared with the deadline, ns,
 *	as in hasw_vip_judge()
 * @deadline: receives the deadline, ns, as in hasw_vip_judge(); NULL if @now is
 *	NULL
 *
 * The first check may have returned false because this node was not the holder
 * yet. Or this node was the holder, but the owner configuration changed during
 * the check. In this case hasw_vip_judge() read the role before the change, and
 * the lease after the change.
 *
 * Context: RCU read side, or hasw_net.mutex held.
 */
bool hasw_vip_judge_again(const struct hasw_vip *vip, u64 *now, u64 *deadline)
{
	/* Pairs with smp_wmb() in hasw_vip_set_owner(). */
	smp_rmb();
	return hasw_vip_judge(vip, now, deadline);
}

/**
 * hasw_vip_holder() - finds the node that holds the vip now
 * @vip: the vip
 *
 * Context: RCU read side, any context.
 * Return: the node; NULL if no node is known to hold the vip, or if this node
 * holds the vip because neither holder nor lease is configured.
 */
struct hasw_node *hasw_vip_holder(const struct hasw_vip *vip)
{
	const struct hasw_lease *lease = rcu_dereference(vip->lease);
	struct hasw_node *holder;

	if (!lease) {
		holder = rcu_dereference(vip->holder);
		if (holder)
			return holder;
		/* A lease may just have replaced the fixed holder. Pairs with
		 * smp_wmb() in hasw_vip_set_owner().
		 */
		smp_rmb();
		lease = rcu_dereference(vip->lease);
	}
	if (!lease) {
		/* A fixed holder may just have replaced the lease. Pairs with
		 * smp_wmb() in hasw_vip_set_owner().
		 */
		smp_rmb();
		return rcu_dereference(vip->holder);
	}
	return hasw_grant_holder(&lease->grant, NULL);
}

/**
 * hasw_vip_epoch() - returns the epoch (number of the grant) under which the
 *	vip is held now
 * @vip: the vip
 *
 * Context: RCU read side, any context.
 * Return: the epoch; 0 without a lease or a holder.
 */
u64 hasw_vip_epoch(const struct hasw_vip *vip)
{
	const struct hasw_lease *lease = rcu_dereference(vip->lease);
	u64 epoch = 0;

	if (lease)
		hasw_grant_holder(&lease->grant, &epoch);
	return epoch;
}

/**
 * hasw_vip_mark_now() - finds how SYNs to a vip are marked now
 * @vip: the vip
 * @mask: set to the bits of the packet mark that show the epoch
 * @value: set to these bits, for the epoch of the present grant
 *
 * Context: RCU read side, any context.
 * Return: false, with neither set, if SYNs are not marked, or if this node does
 * not hold the lease.
 */
bool hasw_vip_mark_now(const struct hasw_vip *vip, u32 *mask, u32 *value)
{
	const struct hasw_lease *lease;
	const struct hasw_node *holder;
	u32 mark = READ_ONCE(vip->mark);
	u64 epoch;

	if (likely(!mark))
		return false;
	lease = rcu_dereference(vip->lease);
	holder = lease ? hasw_grant_holder(&lease->grant, &epoch) : NULL;
	if (!holder || !holder->self)
		return false;
	*mask = mark;
	*value = hasw_vip_mark_value(mark, epoch);
	return true;
}

/**
 * hasw_vip_successor() - finds the node to which this node has handed the vip
 *	over
 * @vip: the vip, for which no other holder is known
 * @epoch: set to the smallest epoch under which the successor may hold the vip
 *
 * Context: RCU read side, any context.
 * Return: the node, or NULL.
 */
struct hasw_node *hasw_vip_successor(const struct hasw_vip *vip, u64 *epoch)
{
	const struct hasw_lease *lease = rcu_dereference(vip->lease);

	return lease ? hasw_grant_successor(&lease->grant, epoch) : NULL;
}

/**
 * hasw_vip_speaks() - whether this node is allowed to send packets from the vip
 *	now
 * @vip: the vip
 *
 * The holder is allowed to send. While a holder is known, a member of one of
 * the vip's services is allowed to send, too. The member replies to the packets
 * that the holder forwards to it.
 *
 * Context: RCU read side, any context.
 */
bool hasw_vip_speaks(const struct hasw_vip *vip)
{
	const struct hasw_lease *lease;

	if (hasw_vip_judge(vip, NULL, NULL))
		return true;
	if (READ_ONCE(vip->role) != HASWITCH_ROLE_MEMBER)
		return hasw_vip_judge_again(vip, NULL, NULL);
	lease = rcu_dereference(vip->lease);
	return !lease || hasw_grant_holder(&lease->grant, NULL);
}

/**
 * hasw_vip_set_role() - updates this node's role for the vip
 * @vip: the vip
 * @member: this node is a member of one of the vip's services
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_vip_set_role(struct hasw_vip *vip, bool member)
{
	WRITE_ONCE(vip->role,
		   hasw_vip_role(hasw_vip_holder_of(vip),
				 hasw_vip_lease_of(vip), member));
}

static bool hasw_vip_onlink(const struct hasw_vip *vip,
			    const struct net_device *dev)
{
	const struct in_device *in_dev;
	const struct in_ifaddr *ifa;

	if (vip->family == AF_INET6)
		return ipv6_chk_prefix(&vip->addr, (struct net_device *)dev);
	in_dev = __in_dev_get_rcu(dev);
	if (!in_dev)
		return false;
	in_dev_for_each_ifa_rcu(ifa, in_dev)
		if (inet_ifa_match(vip->addr.s6_addr32[3], ifa))
			return true;
	return false;
}

/**
 * hasw_devs_face() - whether a device can be client-facing for vips that share
 *	a device list
 * @devs: device list of the vips, or NULL; if NULL, the caller also checks
 *	whether the device has an address in a vip's subnet
 * @dev: the device
 *
 * A device in a VRF is never client-facing, not even if @devs has it: it may
 * have been put into the VRF after the vips were configured.
 *
 * Context: RCU read side, or hasw_net.mutex held.
 */
bool hasw_devs_face(const struct hasw_devs *devs, const struct net_device *dev)
{
	u32 i;

	if (hasw_dev_in_vrf(dev))
		return false;
	if (!devs)
		return hasw_dev_resolves(dev);
	if (dev->flags & IFF_LOOPBACK)
		return false;
	for (i = 0; i < devs->n; i++)
		if (READ_ONCE(devs->dev[i].ifindex) == dev->ifindex)
			return true;
	return false;
}

/**
 * hasw_vip_faces() - whether a device is client-facing for a vip
 * @vip: the vip
 * @dev: the device
 *
 * Context: RCU read side.
 */
bool hasw_vip_faces(const struct hasw_vip *vip, const struct net_device *dev)
{
	const struct hasw_devs *devs = rcu_dereference(vip->devs);

	return hasw_devs_face(devs, dev) && (devs || hasw_vip_onlink(vip, dev));
}
