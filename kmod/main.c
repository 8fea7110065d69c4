// SPDX-License-Identifier: GPL-2.0
/* Init and exit of the module and of the module's state of each namespace. */
#include <linux/module.h>

#include "service/abort.h"
#include "announce/announce.h"
#include "announce/conflict.h"
#include "path/fast_dev.h"
#include "heartbeat/client_links.h"
#include "forward/flow_reset.h"
#include "flow/flow.h"
#include "forward/ipip.h"
#include "cluster/lease.h"
#include "config/dev_events.h"
#include "config/link.h"
#include "core/stats.h"
#include "config/netlink.h"
#include "service/judge.h"
#include "path/path.h"
#include "heartbeat/pulse.h"
#include "heartbeat/refusal.h"
#include "heartbeat/resign.h"
#include "forward/stray_queue.h"
#include "service/switch_times.h"

unsigned int hasw_net_id __read_mostly;
struct workqueue_struct *hasw_wq;
bool hasw_devs_followed;

static int __net_init hasw_net_init(struct net *net)
{
	struct hasw_net *hn = net_generic(net, hasw_net_id);
	int err;

	hn->net = net;
	mutex_init(&hn->mutex);
	spin_lock_init(&hn->state_lock);
	hasw_node_beat_init(hn);
	hasw_times_init(hn);
	hasw_lease_init(hn);
	hasw_abort_init(hn);
	hasw_flow_reset_init(hn);
	hasw_spares_init(hn);
	hasw_held_init(hn);
	hasw_client_links_init(hn);
	hasw_stray_kept_init(hn);
	hasw_refusal_init(hn);
	hasw_evidence_init(hn);
	hasw_fast_dev_init(hn);
	hasw_link_init(hn);
	err = hasw_stats_init(hn);
	if (err)
		return err;
	err = hasw_event_init(hn, hasw_nl_event_send);
	if (err)
		goto err_stats;
	err = hasw_conflict_init(hn);
	if (err)
		goto err_event;
	err = hasw_ipip_init(hn);
	if (err)
		goto err_conflict;
	err = hasw_path_init(hn);
	if (err)
		goto err_ipip;
	err = hasw_config_init(hn);
	if (err)
		goto err_path;
	err = hasw_hop_init(hn);
	if (err)
		goto err_config;
	err = hasw_announce_init(hn);
	if (err)
		goto err_hop;
	err = hasw_pulse_init(hn, hasw_refusal_notice);
	if (err)
		goto err_announce;
	err = hasw_stats_proc_init(hn);
	if (err)
		goto err_pulse;
	hasw_resign_init(hn);
	return 0;

err_pulse:
	hasw_pulse_exit(hn);
err_announce:
	hasw_announce_exit(hn);
err_hop:
	hasw_hop_exit(hn);
err_config:
	hasw_config_exit(hn);
err_path:
	hasw_path_exit(hn);
err_ipip:
	hasw_ipip_exit(hn);
err_conflict:
	hasw_conflict_exit(hn);
err_event:
	hasw_event_exit(hn);
err_stats:
	hasw_stats_exit(hn);
	return err;
}

/* Ends this node's grants and notifies the peers. The kernel calls this
 * function before it unregisters the namespace's devices, so the notifications
 * can still be sent.
 */
static void __net_exit hasw_net_pre_exit(struct net *net)
{
	hasw_resign_exit(hasw_net_of(net));
}

static void __net_exit hasw_net_exit(struct net *net)
{
	struct hasw_net *hn = hasw_net_of(net);

	hasw_stats_proc_exit(hn);
	hasw_node_beat_exit(hn);
	hasw_config_close(hn);
	/* hasw_client_links_exit() tells the peers which grants have ended, so
	 * it is called before hasw_pulse_exit(), which ends the sessions with
	 * the peers.
	 */
	hasw_client_links_exit(hn);
	hasw_fast_dev_exit(hn);
	hasw_refusal_stop(hn);
	hasw_pulse_exit(hn);
	hasw_times_exit(hn);
	hasw_lease_exit(hn);
	hasw_stray_kept_exit(hn);
	hasw_refusal_exit(hn);
	hasw_abort_exit(hn);
	hasw_link_exit(hn);
	hasw_spares_exit(hn);
	hasw_flow_reset_exit(hn);
	hasw_evidence_exit(hn);
	hasw_held_exit(hn);
	hasw_announce_exit(hn);
	hasw_hop_exit(hn);
	hasw_flows_exit(hn);
	hasw_config_exit(hn);
	hasw_path_exit(hn);
	hasw_ipip_exit(hn);
	hasw_conflict_exit(hn);
	hasw_event_exit(hn);
	hasw_stats_exit(hn);
}

static struct pernet_operations hasw_net_ops = {
	.init = hasw_net_init,
	.pre_exit = hasw_net_pre_exit,
	.exit = hasw_net_exit,
	.id = &hasw_net_id,
	.size = sizeof(struct hasw_net),
};

static int __init hasw_init(void)
{
	int err;

	hasw_wq = alloc_workqueue("haswitch", WQ_UNBOUND, 0);
	if (!hasw_wq)
		return -ENOMEM;
	err = hasw_vip_cache_create();
	if (err)
		goto err_wq;
	err = hasw_service_cache_create();
	if (err)
		goto err_vip;
	err = hasw_member_cache_create();
	if (err)
		goto err_service;
	err = hasw_times_cache_create();
	if (err)
		goto err_member;
	err = hasw_flow_cache_create();
	if (err)
		goto err_times;
	err = register_pernet_subsys(&hasw_net_ops);
	if (err)
		goto err_flow;
	err = hasw_hop_register();
	if (err)
		goto err_pernet;
	err = hasw_dev_events_register();
	if (err)
		goto err_hop;
	err = hasw_ipip_register();
	if (err)
		goto err_dev_events;
	err = hasw_resign_register();
	if (err)
		goto err_ipip;
	err = hasw_link_register();
	if (err)
		goto err_resign;
	err = hasw_netlink_register();
	if (err)
		goto err_link;
	/* This is the last step. A call in progress holds a reference of the
	 * module, for which a failed init would not wait.
	 */
	err = hasw_nl_lease_register();
	if (err)
		goto err_netlink;
	return 0;

err_netlink:
	hasw_netlink_unregister();
err_link:
	hasw_link_unregister();
err_resign:
	hasw_resign_unregister();
err_ipip:
	hasw_ipip_unregister();
err_dev_events:
	hasw_dev_events_unregister();
err_hop:
	hasw_hop_unregister();
err_pernet:
	unregister_pernet_subsys(&hasw_net_ops);
err_flow:
	rcu_barrier();
	hasw_flow_cache_destroy();
err_times:
	hasw_times_cache_destroy();
err_member:
	hasw_member_cache_destroy();
err_service:
	hasw_service_cache_destroy();
err_vip:
	hasw_vip_cache_destroy();
err_wq:
	destroy_workqueue(hasw_wq);
	return err;
}

static void __exit hasw_exit(void)
{
	/* The kernel finds no option of iptables or IPVS behind one of a module
	 * that is going. So this one goes first.
	 */
	hasw_nl_lease_unregister();
	hasw_resign_leave();
	hasw_netlink_unregister();
	hasw_link_unregister();
	hasw_resign_unregister();
	hasw_ipip_unregister();
	hasw_dev_events_unregister();
	hasw_hop_unregister();
	unregister_pernet_subsys(&hasw_net_ops);
	/* A replaced configuration is freed by an rcu_work. The first
	 * rcu_barrier() waits until the grace periods have ended and these
	 * works are queued. flush_workqueue() waits until the works have run.
	 * The second rcu_barrier() waits for the RCU callbacks that the works
	 * have queued.
	 */
	rcu_barrier();
	flush_workqueue(hasw_wq);
	rcu_barrier();
	hasw_flow_cache_destroy();
	hasw_times_cache_destroy();
	hasw_member_cache_destroy();
	hasw_service_cache_destroy();
	hasw_vip_cache_destroy();
	destroy_workqueue(hasw_wq);
}

module_init(hasw_init);
module_exit(hasw_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("High availability in the packet path: virtual addresses redirected to the live node");
MODULE_ALIAS_GENL_FAMILY(HASWITCH_GENL_NAME);
