// SPDX-License-Identifier: GPL-2.0
/* Devices and addresses come, change and go: what follows for vips, the fast path and leases. */
#include <linux/inetdevice.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>

#include "announce/announce.h"
#include "dev_events.h"
#include "heartbeat/client_links.h"
#include "path/fast_dev.h"

/**
 * hasw_dev_events_stir() - finds out anew by which devices clients come, soon
 * @hn: namespace
 *
 * Those devices can end a lease, and have the fast path.
 *
 * Context: any.
 */
void hasw_dev_events_stir(struct hasw_net *hn)
{
	hasw_client_links_schedule(hn);
	hasw_fast_dev_schedule(hn);
}

static void hasw_dev_events_follow_table(struct hasw_table *t,
					 const struct net_device *dev,
					 bool gone)
{
	struct hasw_vip *vip;
	u32 pos = 0;

	while ((vip = hasw_table_next(rcu_dereference_protected(t->slots, 1),
				      &pos))) {
		hasw_vip_follow_dev(vip, dev, gone);
		cond_resched();
	}
}

/* Vips name client-facing devices, which come, go and change names. */
static void hasw_dev_events_follow(struct hasw_net *hn,
				   const struct net_device *dev, bool gone)
{
	struct hasw_config *cfg;

	mutex_lock(&hn->mutex);
	if (gone)
		hasw_fast_dev_drop(hn, dev);
	cfg = hasw_config_live(hn);
	if (cfg && !hn->closing) {
		hasw_dev_events_follow_table(&cfg->vips4, dev, gone);
		hasw_dev_events_follow_table(&cfg->vips6, dev, gone);
		hasw_announce_sync(hn);
	}
	if (hn->staged) {
		hasw_dev_events_follow_table(&hn->staged->vips4, dev, gone);
		hasw_dev_events_follow_table(&hn->staged->vips6, dev, gone);
	}
	mutex_unlock(&hn->mutex);
}

static int hasw_dev_events_netdev(struct notifier_block *nb,
				  unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct hasw_net *hn = hasw_net_of(dev_net(dev));

	switch (event) {
	case NETDEV_REGISTER:
	case NETDEV_UNREGISTER:
	case NETDEV_CHANGENAME:
		hasw_dev_events_follow(hn, dev, event == NETDEV_UNREGISTER);
		fallthrough;
	case NETDEV_UP:
	case NETDEV_CHANGEUPPER:
		hasw_dev_events_stir(hn);
	}
	return NOTIFY_DONE;
}

static int hasw_dev_events_inetaddr(struct notifier_block *nb,
				    unsigned long event, void *ptr)
{
	const struct in_ifaddr *ifa = ptr;

	hasw_dev_events_stir(hasw_net_of(dev_net(ifa->ifa_dev->dev)));
	return NOTIFY_DONE;
}

static int hasw_dev_events_inet6addr(struct notifier_block *nb,
				     unsigned long event, void *ptr)
{
	const struct inet6_ifaddr *ifa = ptr;

	hasw_dev_events_stir(hasw_net_of(dev_net(ifa->idev->dev)));
	return NOTIFY_DONE;
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
	unregister_netdevice_notifier(&hasw_dev_events_netdev_nb);
	unregister_inet6addr_notifier(&hasw_dev_events_inet6addr_nb);
	unregister_inetaddr_notifier(&hasw_dev_events_inetaddr_nb);
}
