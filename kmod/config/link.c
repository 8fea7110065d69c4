// SPDX-License-Identifier: GPL-2.0
/* Devices of rtnl kind "haswitch", which carry the addresses of local vips, or
 * show the state of a lease.
 *
 * The device of a lease is the one that has the name "ha-LEASE", as its name or
 * as an alternative name. Its operstate is the state of the lease here:
 *
 * UP       this node holds the lease
 * DORMANT  this node is a candidate for the lease, see hasw_lease_eligible()
 * DOWN     this node is no candidate, or there is no lease of that name
 *
 * A work item stores the operstate later than the lease changes, because it
 * needs rtnl, which a grant must never wait for. Every other device of the kind
 * is always UP.
 *
 * Users ask for a planned move of a lease when they set protodown of its
 * device. While it is on, this node is no candidate. The flag is that of the
 * device; the lease only has a copy, which the work updates.
 */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/module.h>
#include <linux/string.h>
#include <net/rtnetlink.h>

#include "cluster/lease.h"
#include "compat/compat_link.h"
#include "core/stats.h"
#include "config.h"
#include "link.h"

/* The name of a lease's device begins with this prefix. */
#define HASW_LINK_LEASE "ha-"

/* Maximum number of devices whose operstate changes while rtnl is held once. */
#define HASW_LINK_RUN 64

/**
 * struct hasw_link - private data of a device of kind haswitch
 * @list: entry in hasw_lease_links.devs
 * @dev: the device
 * @operstate: operstate that the device is to have
 * @published: operstate of which listeners were told last
 * @lease: name of the lease whose state the device shows; empty: no lease
 *
 * All fields are under rtnl.
 */
struct hasw_link {
	struct list_head list;
	struct net_device *dev;
	u8 operstate;
	u8 published;
	char lease[HASWITCH_NAME_MAX + 1];
};

/* Sets which lease a device shows, and its operstate. Users can set protodown
 * of a device that shows a lease. They can always clear it.
 */
static void hasw_link_set(struct hasw_link *link, const char *lease,
			  u8 operstate)
{
	ASSERT_RTNL();
	strscpy(link->lease, lease, sizeof(link->lease));
	link->operstate = operstate;
	hasw_compat_proto_down_allow(link->dev,
				     lease[0] || link->dev->proto_down);
}

/* Sets which lease a device shows by its own name alone. There may be no lease
 * of this name.
 */
static void hasw_link_set_default(struct hasw_link *link)
{
	size_t skip = strlen(HASW_LINK_LEASE);

	if (strncmp(link->dev->name, HASW_LINK_LEASE, skip))
		hasw_link_set(link, "", IF_OPER_UP);
	else
		hasw_link_set(link, link->dev->name + skip, IF_OPER_DOWN);
}

/* Drops each packet, because no host is reached through the device: it only
 * carries local addresses.
 */
static netdev_tx_t hasw_link_xmit(struct sk_buff *skb, struct net_device *dev)
{
	dev_lstats_add(dev, skb->len);
	kfree_skb(skb);
	return NETDEV_TX_OK;
}

/* Registers the packet hooks along with the device. A vip's address can be on
 * the device before the vip is configured, and after the vip is deleted. The
 * hooks prevent the stack from replying to ARP and ND requests for this
 * address.
 */
static int hasw_link_dev_init(struct net_device *dev)
{
	struct hasw_net *hn = hasw_net_of(dev_net(dev));
	struct hasw_link *link = netdev_priv(dev);
	int err;

	dev->lstats = netdev_alloc_pcpu_stats(struct pcpu_lstats);
	if (!dev->lstats)
		return -ENOMEM;
	err = hasw_config_link(hn, true);
	if (err) {
		free_percpu(dev->lstats);
		return err;
	}
	link->dev = dev;
	list_add_tail(&link->list, &hn->lease_links.devs);
	/* A new device never shows that this node holds a lease which another
	 * node holds: it is DOWN until the work has looked at the lease.
	 * hasw_link_event() stores that before the device is up.
	 */
	hasw_link_set_default(link);
	link->published = link->operstate;
	return 0;
}

static void hasw_link_dev_uninit(struct net_device *dev)
{
	struct hasw_link *link = netdev_priv(dev);

	list_del(&link->list);
	hasw_config_link(hasw_net_of(dev_net(dev)), false);
	free_percpu(dev->lstats);
}

static void hasw_link_get_stats64(struct net_device *dev,
				  struct rtnl_link_stats64 *stats)
{
	dev_lstats_read(dev, &stats->tx_packets, &stats->tx_bytes);
	stats->tx_dropped = stats->tx_packets;
}

static const struct net_device_ops hasw_link_netdev_ops = {
	.ndo_init = hasw_link_dev_init,
	.ndo_uninit = hasw_link_dev_uninit,
	.ndo_start_xmit = hasw_link_xmit,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_get_stats64 = hasw_link_get_stats64,
};

static void hasw_link_get_drvinfo(struct net_device *dev,
				  struct ethtool_drvinfo *info)
{
	strscpy(info->driver, HASW_LINK_KIND, sizeof(info->driver));
}

/* What `ethtool -S` prints before the counters of the namespace: how many vips
 * there are, and how many leases this node holds. The device of a lease counts
 * those of this lease alone. All devices have the same number of values: user
 * space asks for the number, the names and the values one after the other, and
 * the lease that a device shows may change in between.
 */
static const char *const hasw_link_own[] = { "vips", "leases_held" };

static int hasw_link_get_sset_count(struct net_device *dev, int sset)
{
	return sset == ETH_SS_STATS ?
	       ARRAY_SIZE(hasw_link_own) + HASW_STAT_COUNT : -EOPNOTSUPP;
}

static void hasw_link_get_strings(struct net_device *dev, u32 sset, u8 *data)
{
	u32 i;

	if (sset != ETH_SS_STATS)
		return;
	for (i = 0; i < ARRAY_SIZE(hasw_link_own); i++, data += ETH_GSTRING_LEN)
		strscpy(data, hasw_link_own[i], ETH_GSTRING_LEN);
	for (i = 0; i < HASW_STAT_COUNT; i++, data += ETH_GSTRING_LEN)
		strscpy(data, hasw_stat_name(i), ETH_GSTRING_LEN);
}

/* Counts the vips and held leases of a device. The function does not take
 * hasw_net.mutex, which a restore keeps for long: anybody may read the counts,
 * and rtnl is held meanwhile. Process context, rtnl held.
 */
static void hasw_link_count(struct hasw_net *hn, const struct hasw_link *link,
			    u64 *own)
{
	const struct hasw_config *cfg;
	const struct hasw_lease *lease;

	ASSERT_RTNL();
	own[0] = 0;
	own[1] = 0;
	rcu_read_lock();
	cfg = rcu_dereference(hn->config);
	if (!cfg)
		goto out;
	if (!link->lease[0])
		own[0] = hasw_config_vips(cfg);
	list_for_each_entry_rcu(lease, &cfg->leases, list) {
		if (link->lease[0] && strcmp(link->lease, lease->name))
			continue;
		if (link->lease[0])
			own[0] = READ_ONCE(lease->refs);
		own[1] += hasw_grant_held(&lease->grant);
	}
out:
	rcu_read_unlock();
}

static void hasw_link_get_stats(struct net_device *dev,
				struct ethtool_stats *stats, u64 *data)
{
	struct hasw_net *hn = hasw_net_of(dev_net(dev));

	hasw_link_count(hn, netdev_priv(dev), data);
	hasw_stats_sum(hn, data + ARRAY_SIZE(hasw_link_own));
}

static const struct ethtool_ops hasw_link_ethtool_ops = {
	.get_drvinfo = hasw_link_get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_sset_count = hasw_link_get_sset_count,
	.get_strings = hasw_link_get_strings,
	.get_ethtool_stats = hasw_link_get_stats,
};

/* Udev rules match a device by this word, which is DEVTYPE in uevents. */
static const struct device_type hasw_link_devtype = { .name = HASW_LINK_KIND };

static void hasw_link_setup(struct net_device *dev)
{
	ether_setup(dev);
	SET_NETDEV_DEVTYPE(dev, &hasw_link_devtype);
	eth_hw_addr_random(dev);
	dev->netdev_ops = &hasw_link_netdev_ops;
	dev->ethtool_ops = &hasw_link_ethtool_ops;
	dev->needs_free_netdev = true;

	/* No host is behind the device, so it has no ARP, no multicast, no
	 * queue and no limit of the MTU.
	 */
	dev->flags |= IFF_NOARP;
	dev->flags &= ~IFF_MULTICAST;
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE | IFF_NO_QUEUE;
	dev->min_mtu = 0;
	dev->max_mtu = 0;

	/* The device must stay in the namespace of its vips and hooks. */
	hasw_compat_netns_immutable(dev);
}

static int hasw_link_validate(struct nlattr *tb[], struct nlattr *data[],
			      struct netlink_ext_ack *extack)
{
	const struct nlattr *addr = tb[IFLA_ADDRESS];

	if (!addr)
		return 0;
	if (nla_len(addr) != ETH_ALEN) {
		NL_SET_ERR_MSG_ATTR(extack, addr,
				    "address must have 6 bytes");
		return -EINVAL;
	}
	if (!is_valid_ether_addr(nla_data(addr))) {
		NL_SET_ERR_MSG_ATTR(extack, addr,
				    "address must be unicast and not zero");
		return -EADDRNOTAVAIL;
	}
	return 0;
}

static size_t hasw_link_get_size(const struct net_device *dev)
{
	return nla_total_size(HASWITCH_NAME_MAX + 1);
}

static int hasw_link_fill_info(struct sk_buff *skb,
			       const struct net_device *dev)
{
	const struct hasw_link *link = netdev_priv(dev);

	if (!link->lease[0])
		return 0;
	return nla_put_string(skb, HASWITCH_LINK_LEASE, link->lease);
}

static struct rtnl_link_ops hasw_link_ops __read_mostly = {
	.kind = HASW_LINK_KIND,
	.priv_size = sizeof(struct hasw_link),
	.setup = hasw_link_setup,
	.validate = hasw_link_validate,
	.get_size = hasw_link_get_size,
	.fill_info = hasw_link_fill_info,
};

/* Returns the device of a lease, or NULL. RCU read side. */
static struct net_device *hasw_link_find(struct hasw_net *hn,
					 const struct hasw_lease *lease)
{
	char name[sizeof(HASW_LINK_LEASE) + HASWITCH_NAME_MAX];
	struct net_device *dev;

	snprintf(name, sizeof(name), "%s%s", HASW_LINK_LEASE, lease->name);
	dev = dev_get_by_name_rcu(hn->net, name);
	return dev && dev->netdev_ops == &hasw_link_netdev_ops ? dev : NULL;
}

/* Sets what the device of a lease is to show, if the lease has a device. Under
 * rtnl and RCU.
 */
static void hasw_link_show(struct hasw_net *hn, const struct hasw_config *cfg,
			   const struct hasw_lease *lease)
{
	struct net_device *dev = hasw_link_find(hn, lease);
	u8 operstate = IF_OPER_DOWN;

	if (!dev)
		return;
	if (hasw_grant_held(&lease->grant))
		operstate = IF_OPER_UP;
	else if (hasw_lease_eligible(hn, cfg, lease))
		operstate = IF_OPER_DORMANT;
	hasw_link_set(netdev_priv(dev), lease->name, operstate);
}

/* Returns whether protodown of a lease's device is on. No notifier tells of it
 * while the device is down, so it counts from when the device is up. Any
 * context.
 */
static bool hasw_link_protodown(struct hasw_net *hn,
				const struct hasw_lease *lease)
{
	const struct net_device *dev;
	bool on;

	rcu_read_lock();
	dev = hasw_link_find(hn, lease);
	on = dev && READ_ONCE(dev->flags) & IFF_UP &&
	     READ_ONCE(dev->proto_down);
	rcu_read_unlock();
	return on;
}

/* Returns whether a lease does not know yet whether protodown of its device is
 * on. Process context.
 */
static bool hasw_link_differs(struct hasw_net *hn)
{
	const struct hasw_config *cfg;
	const struct hasw_lease *lease;
	bool differs = false;

	rcu_read_lock();
	cfg = rcu_dereference(hn->config);
	if (cfg)
		list_for_each_entry_rcu(lease, &cfg->leases, list)
			differs |= READ_ONCE(lease->protodown) !=
				   hasw_link_protodown(hn, lease);
	rcu_read_unlock();
	return differs;
}

/* Tells the leases whether protodown of their devices is on. The mutex, which a
 * restore keeps for long, is only taken when this has changed: the devices also
 * show grants, which do not wait for the mutex. Process context, no lock held.
 */
static void hasw_link_tell(struct hasw_net *hn)
{
	struct hasw_config *cfg;
	struct hasw_lease *lease;

	if (!hasw_link_differs(hn))
		return;
	mutex_lock(&hn->mutex);
	cfg = hasw_config_live(hn);
	if (cfg && !hn->closing)
		list_for_each_entry(lease, &cfg->leases, list)
			hasw_lease_set_protodown(hn, lease,
				hasw_link_protodown(hn, lease));
	mutex_unlock(&hn->mutex);
}

/* Stores the operstates that have changed, of HASW_LINK_RUN devices at most.
 * Returns whether there are more. Process context, rtnl held.
 */
static bool hasw_link_publish(struct hasw_net *hn)
{
	struct hasw_link *link, *next;
	u32 left = HASW_LINK_RUN;

	ASSERT_RTNL();
	list_for_each_entry_safe(link, next, &hn->lease_links.devs, list) {
		if (link->published == link->operstate)
			continue;
		if (!left--)
			return true;
		/* All writers hold rtnl. What linkwatch stores is undone by
		 * hasw_link_event().
		 */
		link->published = link->operstate;
		WRITE_ONCE(link->dev->operstate, link->published);
		netdev_state_change(link->dev);
		/* The next run begins with devices that had no turn. */
		list_move_tail(&link->list, &hn->lease_links.devs);
	}
	return false;
}

static void hasw_link_work(struct work_struct *work)
{
	struct hasw_net *hn =
		container_of(to_delayed_work(work), struct hasw_net,
			     lease_links.work);
	const struct hasw_config *cfg;
	const struct hasw_lease *lease;
	struct hasw_link *link;
	bool more;

	hasw_link_tell(hn);
	rtnl_lock();
	list_for_each_entry(link, &hn->lease_links.devs, list)
		hasw_link_set_default(link);
	rcu_read_lock();
	cfg = rcu_dereference(hn->config);
	if (cfg)
		list_for_each_entry_rcu(lease, &cfg->leases, list)
			hasw_link_show(hn, cfg, lease);
	rcu_read_unlock();
	hn->lease_links.publishing = true;
	more = hasw_link_publish(hn);
	hn->lease_links.publishing = false;
	rtnl_unlock();
	if (more)
		hasw_link_schedule(hn);
}

/**
 * hasw_link_event() - stores the operstate of a device after linkwatch
 * @dev: a device of kind haswitch
 * @event: what the notifier was called for
 *
 * The kernel ends the carrier of a device while its protodown is on. The vips'
 * packets do not pass the device, and local addresses on it stay in use, so
 * nothing but the operstate depends on the carrier. linkwatch stores an
 * operstate by the carrier, and then reports NETDEV_CHANGE. The messages to
 * listeners follow the notifiers, so they have the operstate of this function.
 *
 * Context: process, rtnl held.
 */
void hasw_link_event(struct net_device *dev, unsigned long event)
{
	const struct hasw_link *link = netdev_priv(dev);

	ASSERT_RTNL();
	/* linkwatch reports nothing of a device that is down, so the operstate
	 * is stored again before the device is up.
	 */
	if (event == NETDEV_CHANGE || event == NETDEV_PRE_UP)
		WRITE_ONCE(dev->operstate, link->published);
}

/**
 * hasw_link_init() - initialises hasw_net.lease_links, without a device
 * @hn: namespace
 *
 * Context: process.
 */
void hasw_link_init(struct hasw_net *hn)
{
	INIT_LIST_HEAD(&hn->lease_links.devs);
	INIT_DELAYED_WORK(&hn->lease_links.work, hasw_link_work);
}

/**
 * hasw_link_exit() - cancels the work that shows the states of leases
 * @hn: namespace, after hasw_config_close() and without a device of kind
 *	haswitch
 *
 * Context: process, no lock held.
 */
void hasw_link_exit(struct hasw_net *hn)
{
	/* The end of a grant schedules the work under state_lock, unless
	 * hasw_net.closing is set. So after this lock and unlock nothing
	 * schedules the work any more.
	 */
	spin_lock_bh(&hn->state_lock);
	spin_unlock_bh(&hn->state_lock);
	cancel_delayed_work_sync(&hn->lease_links.work);
}

/**
 * hasw_link_register() - registers the rtnl kind, for `ip link add`
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int hasw_link_register(void)
{
	return rtnl_link_register(&hasw_link_ops);
}

/**
 * hasw_link_unregister() - unregisters the rtnl kind and all its devices
 *
 * Context: process.
 */
void hasw_link_unregister(void)
{
	rtnl_link_unregister(&hasw_link_ops);
}

MODULE_ALIAS_RTNL_LINK(HASW_LINK_KIND);
