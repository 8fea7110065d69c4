// SPDX-License-Identifier: GPL-2.0
/* Devices and addresses come, change and go: what follows, in this order. pulse_gasp.c alone hears of it elsewhere. */
#include <linux/inetdevice.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>

#include "announce/announce.h"
#include "announce/mcast.h"
#include "cluster/hop.h"
#include "dev_events.h"
#include "heartbeat/client_links.h"
#include "path/fast_dev.h"
#include "service/vip_class.h"

/* By which devices clients come is found out anew, soon: those can end a lease,
 * and have the fast path. Any context.
 */
static void hasw_dev_events_schedule(struct hasw_net *hn)
{
	hasw_client_links_schedule(hn);
	hasw_fast_dev_schedule(hn);
}

/* Vips name client-facing devices, which come, go and change names. */
static void hasw_dev_events_name(struct hasw_net *hn,
				 const struct net_device *dev, bool gone)
{
	struct hasw_config *cfg;

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

/* What hangs on a device that goes is dropped first. Then vips know whether they
 * have the device, then those follow who ask which vips it faces.
 */
static int hasw_dev_events_netdev(struct notifier_block *nb,
				  unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct hasw_net *hn = hasw_net_of(dev_net(dev));

	hasw_hop_dev(hn, dev, event);
	switch (event) {
	case NETDEV_REGISTER:
	case NETDEV_UNREGISTER:
	case NETDEV_CHANGENAME:
		hasw_dev_events_name(hn, dev, event == NETDEV_UNREGISTER);
	}
	hasw_announce_dev(hn, dev, event);
	switch (event) {
	case NETDEV_REGISTER:
	case NETDEV_UNREGISTER:
	case NETDEV_CHANGENAME:
	case NETDEV_UP:
	case NETDEV_CHANGEUPPER:
		hasw_dev_events_schedule(hn);
	}
	return NOTIFY_DONE;
}

/* Addresses change the subnets by which devices face vips. */
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

/**
 * hasw_dev_events_register() - begins to see devices and addresses come and go
 *
 * Context: process; the namespaces have their state.
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
	hasw_fast_dev_follow(true);
	hasw_groups_follow(true);
	return 0;

err_inet6addr:
	unregister_inet6addr_notifier(&hasw_dev_events_inet6addr_nb);
err_inetaddr:
	unregister_inetaddr_notifier(&hasw_dev_events_inetaddr_nb);
	return err;
}

/**
 * hasw_dev_events_unregister() - ends that
 *
 * Context: process.
 */
void hasw_dev_events_unregister(void)
{
	/* The notifier is told once more of each device, as if it went. */
	hasw_fast_dev_follow(false);
	hasw_groups_follow(false);
	unregister_netdevice_notifier(&hasw_dev_events_netdev_nb);
	unregister_inet6addr_notifier(&hasw_dev_events_inet6addr_nb);
	unregister_inetaddr_notifier(&hasw_dev_events_inetaddr_nb);
}
