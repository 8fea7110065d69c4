// SPDX-License-Identifier: GPL-2.0
/* Gasps: the last heartbeats, which a kernel sends in a panic. Their packets
 * are allocated in advance, because a panic cannot allocate memory.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/netpoll.h>
#include <linux/rtnetlink.h>
#include <net/neighbour.h>

#include "core/route.h"
#include "pulse.h"

#if IS_ENABLED(CONFIG_NETPOLL)

/* Interval at which the next hops of paths are looked up, jiffies. They cannot
 * be looked up in a panic. If a path's next hop has changed since its last
 * lookup, a gasp on that path may not reach the peer.
 */
#define HASW_GASP_PERIOD HZ

/* Headroom for the link-layer, IP and UDP headers of any device. */
#define HASW_GASP_ROOM (LL_MAX_HEADER + sizeof(struct ipv6hdr) + \
			sizeof(struct udphdr))

/**
 * struct hasw_gasp_dev - an egress device of gasps
 * @list: entry in hasw_pulses.gasp_devs
 * @dev: the device, without a reference, since hasw_pulse_gasp_dev() frees
 *	the entry when the device is unregistered
 * @np: netpoll of @dev, or NULL if @dev does not support netpoll or has a
 *	master. Netpoll waits for no lock if @dev accepts the packet within a
 *	jiffy. Otherwise netpoll takes locks to queue the packet.
 * @used: @dev is the egress device of at least one path
 *
 * All members are protected by rtnl.
 */
struct hasw_gasp_dev {
	struct list_head list;
	struct net_device *dev;
	struct netpoll *np;
	bool used;
};

/**
 * hasw_pulse_gasp_alloc() - allocates the packets of a path's gasps
 * @path: the path
 *
 * Context: process.
 * Return: 0 or -ENOMEM; the caller must call hasw_pulse_gasp_free() in either
 * case.
 */
int hasw_pulse_gasp_alloc(struct hasw_pulse_path *path)
{
	u32 i;

	for (i = 0; i < HASW_PULSE_GASPS; i++) {
		path->gasp.skb[i] = alloc_skb(HASW_GASP_ROOM +
					      sizeof(struct hasw_pulse_wire),
					      GFP_KERNEL_ACCOUNT);
		if (!path->gasp.skb[i])
			return -ENOMEM;
	}
	return 0;
}

/**
 * hasw_pulse_gasp_free() - frees the packets of a path's gasps that were not
 *	sent
 * @path: path of a session that is in no list and has no RCU reader
 *
 * Context: process or softirq.
 */
void hasw_pulse_gasp_free(struct hasw_pulse_path *path)
{
	u32 i;

	for (i = 0; i < HASW_PULSE_GASPS; i++)
		kfree_skb(path->gasp.skb[i]);
}

/* Frees the entry of a device that no path uses. The caller does not hold
 * hasw_net.mutex, because __netpoll_free() waits for an RCU grace period.
 */
static void hasw_gasp_dev_free(struct hasw_gasp_dev *gd)
{
	ASSERT_RTNL();
	list_del(&gd->list);
	if (gd->np)
		__netpoll_free(gd->np);
	kfree(gd);
}

/* Sets up netpoll for a device. Returns NULL if the device has a master, or if
 * the setup fails, usually because the device does not support netpoll. The
 * caller stores this NULL and does not try again, so the kernel logs the
 * failure only once. Returns an ERR_PTR() if a struct netpoll cannot be
 * allocated. The next lookup then tries again, so an allocation failure may be
 * logged each time.
 */
static struct netpoll *hasw_gasp_netpoll(struct net_device *dev)
{
	struct netpoll *np;

	/* A bridge port or a bond's slave gets no netpoll, because the egress
	 * device of a route is only ever the master.
	 */
	if (netdev_master_upper_dev_get(dev))
		return NULL;
	np = kzalloc(sizeof(*np), GFP_KERNEL);
	if (!np)
		return ERR_PTR(-ENOMEM);
	np->name = "haswitch";
	if (__netpoll_setup(np, dev)) {
		kfree(np);
		return NULL;
	}
	return np;
}

static struct hasw_gasp_dev *hasw_gasp_dev_get(struct hasw_pulses *all,
					       struct net_device *dev)
{
	struct hasw_gasp_dev *gd;

	list_for_each_entry(gd, &all->gasp_devs, list)
		if (gd->dev == dev)
			return gd;
	gd = kzalloc(sizeof(*gd), GFP_KERNEL);
	if (!gd)
		return NULL;
	gd->dev = dev;
	gd->np = hasw_gasp_netpoll(dev);
	if (IS_ERR(gd->np)) {
		kfree(gd);
		return NULL;
	}
	list_add_tail(&gd->list, &all->gasp_devs);
	return gd;
}

/* Returns the current egress device of a path, and sets @dest to the next hop's
 * link-layer address. The caller holds rtnl, so the device stays registered.
 * Returns NULL if the device is not Ethernet, or if the link-layer address is
 * unknown. Also returns NULL if hasw_route_plain_own() rejects the route: an
 * IPsec transformation, for example, cannot run in a panic.
 */
static struct net_device *
hasw_gasp_route(struct hasw_net *hn, struct hasw_pulse_path *path, u8 *dest)
{
	const void *addr = path->family == AF_INET6 ?
		(const void *)&path->remote : &path->remote.s6_addr32[3];
	struct neighbour *neigh = NULL;
	struct net_device *dev = NULL;
	struct dst_entry *dst;

	ASSERT_RTNL();
	local_bh_disable();
	rcu_read_lock();
	dst = hasw_pulse_net_route(hn, path);
	if (dst && hasw_route_plain_own(dst, path->family == AF_INET6) &&
	    dst->dev->type == ARPHRD_ETHER &&
	    dst->dev->reg_state == NETREG_REGISTERED)
		neigh = dst_neigh_lookup(dst, addr);
	if (neigh && READ_ONCE(neigh->nud_state) & NUD_VALID) {
		dev = neigh->dev;
		neigh_ha_snapshot(dest, neigh, dev);
	}
	if (neigh)
		neigh_release(neigh);
	dst_release(dst);
	rcu_read_unlock();
	local_bh_enable();
	return dev;
}

static void hasw_gasp_aim(struct hasw_net *hn, struct hasw_pulse_path *path)
{
	struct hasw_gasp *gasp = &path->gasp;
	struct hasw_gasp_dev *gd = NULL;
	struct net_device *dev;
	u8 dest[ETH_ALEN];

	dev = hasw_gasp_route(hn, path, dest);
	if (dev)
		gd = hasw_gasp_dev_get(hn->pulses, dev);
	if (gd)
		gd->used = true;
	if (gd && gd->np == gasp->np && ether_addr_equal(dest, gasp->dest))
		return;
	/* A panic may begin between any two instructions. So gasp->np is NULL
	 * while gasp->dest changes, and no gasp is sent to a partly written
	 * address.
	 */
	WRITE_ONCE(gasp->np, NULL);
	barrier();
	if (!gd)
		return;
	ether_addr_copy(gasp->dest, dest);
	barrier();
	WRITE_ONCE(gasp->np, gd->np);
}

static void hasw_gasp_work(struct work_struct *work)
{
	struct hasw_pulses *all = container_of(work, struct hasw_pulses,
					       gasp_work.work);
	struct hasw_gasp_dev *gd, *next;
	struct hasw_net *hn = all->hn;
	struct hasw_pulse *p;
	u32 i;

	rtnl_lock();
	if (!hasw_devs_followed)
		goto unlock;
	list_for_each_entry(gd, &all->gasp_devs, list)
		gd->used = false;
	mutex_lock(&hn->mutex);
	list_for_each_entry(p, &all->list, list) {
		for (i = 0; i < p->n_paths; i++)
			hasw_gasp_aim(hn, &p->path[i]);
		cond_resched();
	}
	if (!list_empty(&all->list))
		queue_delayed_work(hasw_wq, &all->gasp_work, HASW_GASP_PERIOD);
	mutex_unlock(&hn->mutex);
	list_for_each_entry_safe(gd, next, &all->gasp_devs, list)
		if (!gd->used)
			hasw_gasp_dev_free(gd);
unlock:
	rtnl_unlock();
}

/**
 * hasw_pulse_gasp_dev() - processes a netdevice notification
 * @hn: namespace of the device
 * @dev: the device
 * @event: NETDEV_*
 *
 * Frees the netpoll of a device that is unregistered or joins a master, so the
 * device sends no more gasps. Netpoll is also freed when a device leaves its
 * master, or gets or loses an upper device that is no master. In these cases
 * the next lookup sets up netpoll for the device again.
 *
 * Context: process, rtnl held, hasw_net.mutex not held; may sleep.
 */
void hasw_pulse_gasp_dev(struct hasw_net *hn, const struct net_device *dev,
			 unsigned long event)
{
	struct hasw_pulses *all = hn->pulses;
	struct hasw_gasp_dev *gd, *next;
	struct hasw_pulse *p;
	u32 i;

	if (!all || (event != NETDEV_UNREGISTER && event != NETDEV_JOIN &&
		     event != NETDEV_CHANGEUPPER))
		return;
	list_for_each_entry_safe(gd, next, &all->gasp_devs, list) {
		if (gd->dev != dev)
			continue;
		mutex_lock(&hn->mutex);
		list_for_each_entry(p, &all->list, list)
			for (i = 0; i < p->n_paths; i++)
				if (p->path[i].gasp.np == gd->np)
					WRITE_ONCE(p->path[i].gasp.np, NULL);
		mutex_unlock(&hn->mutex);
		hasw_gasp_dev_free(gd);
	}
}

/**
 * hasw_pulse_gasp_aim() - schedules a lookup of next hops for a new session
 * @hn: namespace
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_pulse_gasp_aim(struct hasw_net *hn)
{
	lockdep_assert_held(&hn->mutex);
	mod_delayed_work(hasw_wq, &hn->pulses->gasp_work, HASW_GASP_PERIOD);
}

/**
 * hasw_pulse_gasp_init() - prepares a namespace for gasps
 * @hn: namespace, which has no session yet
 *
 * Context: process.
 */
void hasw_pulse_gasp_init(struct hasw_net *hn)
{
	INIT_LIST_HEAD(&hn->pulses->gasp_devs);
	INIT_DELAYED_WORK(&hn->pulses->gasp_work, hasw_gasp_work);
}

/**
 * hasw_pulse_gasp_exit() - stops the lookup of next hops
 * @hn: namespace, which has no session and gets no new one
 *
 * The list of devices is empty: the namespace's devices were unregistered, or
 * hasw_dev_events_unregister() has reported NETDEV_UNREGISTER for each of them.
 *
 * Context: process, neither rtnl nor hasw_net.mutex held.
 */
void hasw_pulse_gasp_exit(struct hasw_net *hn)
{
	cancel_delayed_work_sync(&hn->pulses->gasp_work);
	WARN_ON_ONCE(!list_empty(&hn->pulses->gasp_devs));
}

static void hasw_gasp_send(struct hasw_pulse_path *path, u32 nth,
			   const struct hasw_pulse_wire *wire)
{
	struct netpoll *np = READ_ONCE(path->gasp.np);
	struct sk_buff *skb = path->gasp.skb[nth];
	struct ethhdr *eth;

	if (!np || !skb)
		return;
	path->gasp.skb[nth] = NULL;
	skb_reserve(skb, HASW_GASP_ROOM);
	skb_put_data(skb, wire, sizeof(*wire));
	hasw_pulse_net_wrap(path, skb, 0, true);
	eth = skb_push(skb, sizeof(*eth));
	skb_reset_mac_header(skb);
	ether_addr_copy(eth->h_dest, path->gasp.dest);
	ether_addr_copy(eth->h_source, np->dev->dev_addr);
	eth->h_proto = skb->protocol;
	skb->dev = np->dev;
	netpoll_send_skb(np, skb);
}

/**
 * hasw_pulse_gasp() - sends a gasp to all peers on all paths
 * @hn: namespace
 * @nth: number of gasps that were sent before this one, less than
 *	HASW_PULSE_GASPS
 * @value: 0 or HASW_PULSE_GOING_STILL
 *
 * A session whose lock is held is skipped, because the lock's holder may be a
 * stopped CPU. A path without netpoll is skipped, too.
 *
 * Context: a panic, interrupts off, RCU read side.
 */
void hasw_pulse_gasp(struct hasw_net *hn, u32 nth, u64 value)
{
	struct hasw_pulse_wire wire[HASWITCH_PULSE_PATHS_MAX];
	struct hasw_pulse *p;
	u32 i;

	if (!hn->pulses)
		return;
	list_for_each_entry_rcu(p, &hn->pulses->list, list)
		if (hasw_pulse_compose_last(p, value, wire))
			for (i = 0; i < p->n_paths; i++)
				hasw_gasp_send(&p->path[i], nth, &wire[i]);
}

#else /* without netpoll no packet can be sent in a panic */

int hasw_pulse_gasp_alloc(struct hasw_pulse_path *path)
{
	return 0;
}

void hasw_pulse_gasp_free(struct hasw_pulse_path *path)
{
}

void hasw_pulse_gasp_dev(struct hasw_net *hn, const struct net_device *dev,
			 unsigned long event)
{
}

void hasw_pulse_gasp_init(struct hasw_net *hn)
{
}

void hasw_pulse_gasp_exit(struct hasw_net *hn)
{
}

void hasw_pulse_gasp_aim(struct hasw_net *hn)
{
}

void hasw_pulse_gasp(struct hasw_net *hn, u32 nth, u64 value)
{
}

#endif
