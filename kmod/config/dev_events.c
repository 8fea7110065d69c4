// SPDX-License-Identifier: GPL-2.0
/* Notifiers of devices and addresses. Each notifier calls the other parts of
 * the module in a fixed order.
 */
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>

#include "announce/announce.h"
#include "cluster/hop.h"
#include "dev_events.h"
#include "heartbeat/client_links.h"
#include "heartbeat/pulse.h"
#include "link.h"
#include "path/fast_dev.h"
#include "service/vip_class.h"

/* Schedules two searches. One finds the client-facing devices of each lease, by
 * which the clients' packets arrive: when these devices are down, this node may
 * give up the lease. The other search finds the devices that get the fast path.
 * Any context.
 */
static void hasw_dev_events_schedule(struct hasw_net *hn)
{
	hasw_client_links_schedule(hn);
	hasw_fast_dev_schedule(hn);
}

/* Updates the device lists of vips after a device was registered, renamed, set
 * up or unregistered. Process context, rtnl held.
 */
static void hasw_dev_events_name(struct hasw_net *hn,
				 const struct net_device *dev, bool gone)
{
	struct hasw_config *cfg;

	ASSERT_RTNL();
	mutex_lock(&hn->mutex);
	if (gone)
		hasw_fast_dev_drop(hn, dev);
	cfg = hasw_config_live(hn);
	if (cfg && !hn->closing)
		hasw_vip_class_follow(cfg, dev, gone);
	if (hn->restore.staged)
		hasw_vip_class_follow(hn->restore.staged, dev, gone);
	mutex_unlock(&hn->mutex);
}

/* Keeps devices of kind haswitch out of VRFs. In a VRF, the local addresses on
 * such a device would belong to the VRF, where this module does not guard vips.
 * @ptr is the notification of NETDEV_PRECHANGEUPPER. Process context, rtnl held.
 */
static int hasw_dev_events_vrf(const struct net_device *dev, void *ptr)
{
	const struct netdev_notifier_changeupper_info *change = ptr;

	ASSERT_RTNL();
	if (!change->linking || !netif_is_l3_master(change->upper_dev) ||
	    !hasw_dev_is_link(dev))
		return NOTIFY_DONE;
	NL_SET_ERR_MSG(netdev_notifier_info_to_extack(ptr),
		       "haswitch: vips do not work in a VRF");
	return notifier_from_errno(-EOPNOTSUPP);
}

/* When a device is unregistered, next hops through the device are dropped
 * first. The device's netpoll is freed next; a panic would use it to send gasps
 * (last heartbeats). Then the device lists of vips are updated. Announcements
 * and searches come last, because they read these lists.
 */
static int hasw_dev_events_netdev(struct notifier_block *nb,
				  unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct hasw_net *hn = hasw_net_of(dev_net(dev));
	bool named = event == NETDEV_REGISTER || event == NETDEV_UNREGISTER ||
		     event == NETDEV_CHANGENAME || event == NETDEV_UP;

	if (event == NETDEV_PRECHANGEUPPER)
		return hasw_dev_events_vrf(dev, ptr);
	if (hasw_dev_is_link(dev)) {
		hasw_link_event(dev, event);
		/* The device may have got the name of a lease's device, or
		 * protodown was set or cleared.
		 */
		if (!hn->lease_links.publishing)
			hasw_link_schedule(hn);
		/* No node and no client is reached by the device. */
		if (event == NETDEV_CHANGE)
			return NOTIFY_DONE;
	}
	hasw_hop_dev(hn, dev, event);
	hasw_pulse_gasp_dev(hn, dev, event);
	if (named)
		hasw_dev_events_name(hn, dev, event == NETDEV_UNREGISTER);
	hasw_announce_dev(hn, dev, event);
	if (named || event == NETDEV_CHANGEUPPER)
		hasw_dev_events_schedule(hn);
	return NOTIFY_DONE;
}

/* For a vip without a device list, each device with an address in the vip's
 * subnet is client-facing. So a new address can make its device client-facing,
 * and a device can cease to be client-facing when its address is deleted.
 */
static int hasw_dev_events_addr(const struct net_device *dev, u16 family,
				unsigned long event)
{
	struct hasw_net *hn = hasw_net_of(dev_net(dev));

	hasw_announce_addr(hn, dev, family, event);
	hasw_dev_events_schedule(hn);
	return NOTIFY_DONE;
}

static int hasw_dev_events_inetaddr(struct notifier_block *nb,
				    unsigned long event, void *ptr)
{
	const struct in_ifaddr *ifa = ptr;

	return hasw_dev_events_addr(ifa->ifa_dev->dev, AF_INET, event);
}

static int hasw_dev_events_inet6addr(struct notifier_block *nb,
				     unsigned long event, void *ptr)
{
	const struct inet6_ifaddr *ifa = ptr;

	return hasw_dev_events_addr(ifa->idev->dev, AF_INET6, event);
}

static struct notifier_block hasw_dev_events_netdev_nb = {
	.notifier_call = hasw_dev_events_netdev,
};

static struct notifier_block hasw_dev_events_inetaddr_nb = {
	.notifier_call = hasw_dev_events_inetaddr,
};

static struct notifier_block hasw_dev_events_inet6addr_nb = {
	.notifier_call = hasw_dev_events_inet6addr,
};

static void hasw_dev_events_follow(bool followed)
{
	rtnl_lock();
	hasw_devs_followed = followed;
	rtnl_unlock();
}

/**
 * hasw_dev_events_register() - registers the notifiers of devices and addresses
 *
 * Context: process, after struct hasw_net was set up in each namespace.
 * Return: 0, or a negative errno.
 */
int hasw_dev_events_register(void)
{
	int err = register_inetaddr_notifier(&hasw_dev_events_inetaddr_nb);

	if (err)
		return err;
	err = register_inet6addr_notifier(&hasw_dev_events_inet6addr_nb);
	if (err)
		goto err_inetaddr;
	err = register_netdevice_notifier(&hasw_dev_events_netdev_nb);
	if (err)
		goto err_inet6addr;
	hasw_dev_events_follow(true);
	return 0;

err_inet6addr:
	unregister_inet6addr_notifier(&hasw_dev_events_inet6addr_nb);
err_inetaddr:
	unregister_inetaddr_notifier(&hasw_dev_events_inetaddr_nb);
	return err;
}

/**
 * hasw_dev_events_unregister() - unregisters device and address notifiers
 *
 * Context: process.
 */
void hasw_dev_events_unregister(void)
{
	/* unregister_netdevice_notifier() reports NETDEV_UNREGISTER for each
	 * device. The handlers then remove all fast-path hooks, multicast
	 * groups and netpolls of gasps. hasw_devs_followed is cleared first, so
	 * that no hook, group or netpoll is added after the removal.
	 */
	hasw_dev_events_follow(false);
	unregister_netdevice_notifier(&hasw_dev_events_netdev_nb);
	unregister_inet6addr_notifier(&hasw_dev_events_inet6addr_nb);
	unregister_inetaddr_notifier(&hasw_dev_events_inetaddr_nb);
}
