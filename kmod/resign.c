// SPDX-License-Identifier: GPL-2.0
/* A holder that knows that it goes: it stops at once, and does not wait for its deadline. */
#include <linux/reboot.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>

#include "resign.h"

/**
 * struct hasw_resignation - which leases end, and why
 * @portid: those tied to this netlink socket; 0: all
 * @cause: enum haswitch_cause
 * @decision: when, ns
 */
struct hasw_resignation {
	u32 portid;
	u8 cause;
	u64 decision;
};

static void hasw_resign_lease(struct hasw_net *hn, struct hasw_lease *lease,
			      void *data)
{
	const struct hasw_resignation *why = data;

	if (!why->portid || lease->tied == why->portid)
		hasw_lease_end(hn, lease, why->cause, why->decision);
}

static void hasw_resign(struct hasw_net *hn, u32 portid, u8 cause)
{
	struct hasw_resignation why = {
		.portid = portid,
		.cause = cause,
		.decision = hasw_switch_now(),
	};

	spin_lock_bh(&hn->state_lock);
	hasw_lease_each_held(hn, hasw_resign_lease, &why);
	spin_unlock_bh(&hn->state_lock);
}

/**
 * hasw_resign_agent() - a netlink socket was closed, or its owner is dead
 * @hn: namespace
 * @portid: the socket's netlink address
 *
 * The leases that this node holds end if their last grant or renewal came by
 * that socket and was tied to it.
 *
 * Context: process.
 */
void hasw_resign_agent(struct hasw_net *hn, u32 portid)
{
	hasw_resign(hn, portid, HASWITCH_CAUSE_AGENT_GONE);
}

/* Before services are stopped and devices go down, nobody is answered. */
static int hasw_resign_reboot(struct notifier_block *nb, unsigned long event,
			      void *ptr)
{
	struct net *net;

	down_read(&net_rwsem);
	for_each_net(net)
		hasw_resign(hasw_net_of(net), 0, HASWITCH_CAUSE_REBOOT);
	up_read(&net_rwsem);
	return NOTIFY_DONE;
}

static struct notifier_block hasw_resign_reboot_nb = {
	.notifier_call = hasw_resign_reboot,
	/* First: others' take time. */
	.priority = INT_MAX,
};

/**
 * hasw_resign_register() - begins to hear of reboots
 *
 * Context: process; the namespaces have their state.
 * Return: 0, or a negative errno.
 */
int hasw_resign_register(void)
{
	return register_reboot_notifier(&hasw_resign_reboot_nb);
}

/**
 * hasw_resign_unregister() - ends that
 *
 * Context: process.
 */
void hasw_resign_unregister(void)
{
	unregister_reboot_notifier(&hasw_resign_reboot_nb);
}
