// SPDX-License-Identifier: GPL-2.0
/* Changes of the configuration: each complete or not at all. */
#include <linux/slab.h>

#include "announce/announce.h"
#include "announce/conflict.h"
#include "compat/compat.h"
#include "config.h"
#include "forward/gue.h"
#include "heartbeat/client_links.h"
#include "path/fast_dev.h"
#include "path/path.h"
#include "service/abort.h"
#include "service/switch_times.h"

static const struct hasw_limits hasw_limits_default = {
	.max = HASW_LIMIT_MAX_DEFAULT,
	.ns = {
		[HASW_LIMIT_TCP_SYN] = 60 * (u64)NSEC_PER_SEC,
		[HASW_LIMIT_TCP] = 900 * (u64)NSEC_PER_SEC,
		[HASW_LIMIT_TCP_CLOSING] = 120 * (u64)NSEC_PER_SEC,
		[HASW_LIMIT_UDP] = 180 * (u64)NSEC_PER_SEC,
		[HASW_LIMIT_OTHER] = 60 * (u64)NSEC_PER_SEC,
	},
};

/**
 * hasw_config_set_limits() - says how many flows are tracked, and for how long
 * @cfg: the configuration
 * @limits: the limits, of which the jiffies are worked out
 *
 * Context: process, hasw_net.mutex held, or nobody knows @cfg yet.
 */
void hasw_config_set_limits(struct hasw_config *cfg,
			    const struct hasw_limits *limits)
{
	u32 i;

	WRITE_ONCE(cfg->limits.max, limits->max);
	for (i = 0; i < HASW_LIMITS; i++) {
		cfg->limits.ns[i] = limits->ns[i];
		WRITE_ONCE(cfg->limits.ticks[i],
			   nsecs_to_jiffies(limits->ns[i]));
	}
}

/**
 * hasw_config_new() - makes an empty configuration
 *
 * Context: process.
 * Return: the configuration, or NULL without memory.
 */
struct hasw_config *hasw_config_new(void)
{
	struct hasw_config *cfg = kzalloc(sizeof(*cfg), GFP_KERNEL_ACCOUNT);

	if (!cfg)
		return NULL;
	hasw_nodes_init(cfg);
	INIT_LIST_HEAD(&cfg->leases);
	hasw_config_set_limits(cfg, &hasw_limits_default);
	if (hasw_vip_tables_init(cfg)) {
		kfree(cfg);
		return NULL;
	}
	return cfg;
}

/* What remains of a vip's table: every vip and its services. */
static void hasw_config_free_vips(struct hasw_config *cfg,
				  struct hasw_table *t)
{
	struct hasw_vip *vip;
	u32 pos = 0;

	while ((vip = hasw_table_next(rcu_dereference_protected(t->slots, 1),
				      &pos))) {
		hasw_service_free_all(cfg, vip);
		hasw_vip_free(vip);
		cond_resched();
	}
}

/* Frees a configuration that no packet reads. Its ways may have been moved to
 * a successor, or are dropped now; process context.
 */
static void hasw_config_free(struct hasw_config *cfg)
{
	struct hasw_node *node, *next;

	hasw_config_free_vips(cfg, &cfg->vips4);
	hasw_config_free_vips(cfg, &cfg->vips6);
	hasw_lease_free_all(cfg);
	list_for_each_entry_safe(node, next, &cfg->nodes, list)
		hasw_node_del(cfg, node);
	hasw_maglev_free_all(&cfg->maglevs);
	hasw_vip_tables_free(cfg);
	kfree(cfg);
}

static void hasw_config_free_work(struct work_struct *work)
{
	hasw_config_free(container_of(to_rcu_work(work), struct hasw_config,
				      free));
}

/**
 * hasw_config_retire() - frees a configuration once its readers have left
 * @cfg: the configuration, which no new reader finds
 *
 * Context: any.
 */
void hasw_config_retire(struct hasw_config *cfg)
{
	INIT_RCU_WORK(&cfg->free, hasw_config_free_work);
	queue_rcu_work(hasw_wq, &cfg->free);
}

/**
 * hasw_config_vips() - how many vips a configuration has
 * @cfg: the configuration
 *
 * Context: process, hasw_net.mutex held.
 */
u32 hasw_config_vips(const struct hasw_config *cfg)
{
	return cfg->vips4.count + cfg->vips6.count;
}

/**
 * hasw_config_init() - gives a namespace its first, empty configuration
 * @hn: namespace
 *
 * Context: process.
 * Return: 0, or -ENOMEM.
 */
int hasw_config_init(struct hasw_net *hn)
{
	struct hasw_config *cfg = hasw_config_new();

	if (!cfg)
		return -ENOMEM;
	RCU_INIT_POINTER(hn->config, cfg);
	return 0;
}

/**
 * hasw_config_hook() - begins to see packets, unless it has begun
 * @hn: namespace
 *
 * The hooks come with the first vip, or the first device that local vips are
 * on, and go with the last of both; see hasw_config_settle().
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0, or a negative errno, and nothing is changed.
 */
int hasw_config_hook(struct hasw_net *hn)
{
	int err;

	if (hn->hooked)
		return 0;
	err = hasw_announce_hook(hn);
	if (err)
		return err;
	err = hasw_path_hook(hn);
	if (err) {
		hasw_announce_unhook(hn);
		return err;
	}
	WRITE_ONCE(hn->hooked, true);
	hasw_hop_hooked(hn);
	return 0;
}

static void hasw_config_unhook(struct hasw_net *hn)
{
	if (!hn->hooked)
		return;
	WRITE_ONCE(hn->hooked, false);
	hasw_fast_dev_close(hn);
	hasw_path_unhook(hn);
	hasw_announce_unhook(hn);
}

/**
 * hasw_config_close() - ends what packets and users do in a namespace
 * @hn: namespace, which nobody configures any more
 *
 * Context: process, no lock held.
 */
void hasw_config_close(struct hasw_net *hn)
{
	mutex_lock(&hn->mutex);
	WRITE_ONCE(hn->closing, true);
	hasw_config_unhook(hn);
	hasw_gue_close(hn);
	if (hn->restore.staged)
		hasw_config_retire(hn->restore.staged);
	hn->restore.staged = NULL;
	mutex_unlock(&hn->mutex);
}

/**
 * hasw_config_exit() - takes a namespace's configuration away
 * @hn: namespace, closed, or one in which nothing was ever configured
 *
 * Context: process, no lock held.
 */
void hasw_config_exit(struct hasw_net *hn)
{
	struct hasw_config *cfg;

	mutex_lock(&hn->mutex);
	cfg = hasw_config_live(hn);
	spin_lock_bh(&hn->state_lock);
	rcu_assign_pointer(hn->config, NULL);
	spin_unlock_bh(&hn->state_lock);
	mutex_unlock(&hn->mutex);
	synchronize_rcu();
	hasw_config_free(cfg);
	if (!hn->routed)
		return;
	/* Nodes, here or in configurations that were replaced, still have routes,
	 * which the namespace does not outlive. Replaced ones are freed by
	 * rcu_work, whose work frees by RCU in turn.
	 */
	rcu_barrier();
	flush_workqueue(hasw_wq);
	rcu_barrier();
}

/**
 * hasw_config_for() - the configuration that a socket's operations change
 * @hn: namespace
 * @portid: netlink address of the socket
 *
 * Context: process, hasw_net.mutex held.
 * Return: what the socket is restoring, or else the live configuration.
 */
struct hasw_config *hasw_config_for(struct hasw_net *hn, u32 portid)
{
	lockdep_assert_held(&hn->mutex);
	if (hn->restore.staged && hn->restore.portid == portid)
		return hn->restore.staged;
	return hasw_config_live(hn);
}

/**
 * hasw_config_prepare() - sees to it that the addition of a vip can be completed
 * @hn: namespace
 * @cfg: configuration that will have it
 *
 * What can fail is done before anything is changed.
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0, or a negative errno.
 */
int hasw_config_prepare(struct hasw_net *hn, const struct hasw_config *cfg)
{
	int err;

	err = hasw_event_prepare(hn);
	if (err || cfg != hasw_config_live(hn))
		return err;
	return hasw_config_hook(hn);
}

/**
 * hasw_config_settle() - undoes what the live configuration does not need
 * @hn: namespace
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_config_settle(struct hasw_net *hn)
{
	const struct hasw_config *cfg = hasw_config_live(hn);

	if (!hasw_config_vips(cfg) && !hn->links)
		hasw_config_unhook(hn);
	if (!cfg->n_forward && !cfg->n_gue)
		hasw_gue_close(hn);
}

/**
 * hasw_config_link() - a device of kind haswitch has come or gone
 * @hn: namespace
 * @came: it has come
 *
 * Context: process, rtnl held.
 * Return: 0, or a negative errno, and nothing is changed.
 */
int hasw_config_link(struct hasw_net *hn, bool came)
{
	int err = 0;

	mutex_lock(&hn->mutex);
	if (came) {
		err = hasw_config_hook(hn);
		if (!err)
			WRITE_ONCE(hn->links, hn->links + 1);
	} else {
		WRITE_ONCE(hn->links, hn->links - 1);
		if (!hn->closing)
			hasw_config_settle(hn);
	}
	mutex_unlock(&hn->mutex);
	return err;
}

/* Who else used vips is forgotten of those that are no more. */
static void hasw_config_apply_conflicts(struct hasw_net *hn,
					const struct hasw_config *cfg,
					const struct hasw_config_change *change)
{
	const struct hasw_event *ev = change->ev;

	if (change->before)
		hasw_conflict_follow(hn, cfg);
	else if (ev->object == HASWITCH_OBJECT_VIP &&
		 ev->action == HASWITCH_ACTION_DEL)
		hasw_conflict_forget(hn, &ev->addr);
}

/* What this node has come to hold is announced, and heard of. */
static void hasw_config_apply_announce(struct hasw_net *hn,
				       const struct hasw_config *cfg,
				       const struct hasw_config_change *change)
{
	const struct hasw_event *ev = change->ev;

	if (change->before) {
		hasw_announce_vips(hn, cfg, change->before);
		hasw_announce_sync(hn);
	} else if (ev->object == HASWITCH_OBJECT_VIP &&
		   ev->family == AF_INET6) {
		hasw_announce_sync_vip(hn, &ev->addr,
				       ev->action == HASWITCH_ACTION_DEL);
	}
	if (change->announce)
		hasw_announce_vip(hn, change->announce);
}

/* The devices by which clients come may be others, and with the first member via
 * nat, or the last, those that have the fast path.
 */
static void hasw_config_apply_devices(struct hasw_net *hn,
				      const struct hasw_config_change *change)
{
	if (change->before || change->ev->object == HASWITCH_OBJECT_VIP)
		hasw_client_links_schedule(hn);
	if (change->before || change->ev->object == HASWITCH_OBJECT_VIP ||
	    change->ev->object == HASWITCH_OBJECT_MEMBER)
		hasw_fast_dev_schedule(hn);
}

/**
 * hasw_config_apply() - does what follows a change of the configuration
 * @hn: namespace
 * @cfg: configuration that was changed; nothing follows unless it is live
 * @change: what was changed
 *
 * The one list of what follows, in its order. A grant of a lease is no change of
 * the configuration.
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_config_apply(struct hasw_net *hn, struct hasw_config *cfg,
		       const struct hasw_config_change *change)
{
	struct hasw_event *ev = change->ev;

	if (cfg != hasw_config_live(hn))
		return;
	if (change->before)
		hasw_hop_refresh(hn, cfg);
	hasw_config_settle(hn);
	hasw_held_later(hn);
	hasw_config_apply_conflicts(hn, cfg, change);
	hasw_config_apply_announce(hn, cfg, change);
	if (change->before || change->lost)
		hasw_abort_lost(hn);
	hasw_config_apply_devices(hn, change);
	ev->kind = HASWITCH_EVENT_KIND_CONFIG;
	ev->generation = ++hn->generation;
	spin_lock_bh(&hn->state_lock);
	hasw_event_add(hn, ev);
	spin_unlock_bh(&hn->state_lock);
}

/**
 * hasw_config_is_member() - whether this node is a member of a vip's services
 * @cfg: configuration of the vip
 * @vip: the vip
 *
 * Context: process, hasw_net.mutex held.
 */
bool hasw_config_is_member(const struct hasw_config *cfg,
			   const struct hasw_vip *vip)
{
	const struct hasw_services *all =
		rcu_dereference_protected(vip->services, 1);
	u32 i;

	if (!all || !cfg->self)
		return false;
	for (i = 0; i < all->n; i++)
		if (hasw_service_has(hasw_services_list(all)[i], cfg->self))
			return true;
	return false;
}

/**
 * hasw_config_role() - works out anew what this node is to a vip
 * @cfg: configuration of the vip
 * @vip: the vip, whose members are others now
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_config_role(const struct hasw_config *cfg, struct hasw_vip *vip)
{
	hasw_vip_set_role(vip, hasw_config_is_member(cfg, vip));
}

/* What is said where extack cannot name the vip. */
#define HASW_UNOWNED \
	"a vip has neither lease nor holder, and there are several nodes: give it one of these, or everywhere"

/* A vip of the table that so many nodes cannot have as it is, or NULL. */
static const struct hasw_vip *
hasw_config_unowned(const struct hasw_table *t, u32 nodes)
{
	const struct hasw_vip *vip;
	u32 pos = 0;

	while ((vip = hasw_table_next(rcu_dereference_protected(t->slots, 1),
				      &pos))) {
		if (!hasw_vip_owned(nodes,
				    rcu_dereference_protected(vip->holder, 1),
				    rcu_dereference_protected(vip->lease, 1),
				    vip->everywhere))
			return vip;
		cond_resched();
	}
	return NULL;
}

/**
 * hasw_config_check_owners() - whether so many nodes can have the vips that there are
 * @cfg: configuration of the vips
 * @nodes: how many nodes there are, or are about to be
 * @extack: says which one they cannot
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0, or -EINVAL, see hasw_vip_owned().
 */
int hasw_config_check_owners(const struct hasw_config *cfg, u32 nodes,
			     struct netlink_ext_ack *extack)
{
	const struct hasw_vip *vip;

	if (nodes < 2)
		return 0;
	vip = hasw_config_unowned(&cfg->vips4, nodes) ?:
	      hasw_config_unowned(&cfg->vips6, nodes);
	if (!vip)
		return 0;
	/* No more words: the longest address just fits into what extack holds. */
	if (vip->family == AF_INET)
		hasw_set_err_msg_fmt(extack,
				     "vip %pI4 needs lease, holder or everywhere",
				     HASW_UNOWNED, &vip->addr.s6_addr32[3]);
	else
		hasw_set_err_msg_fmt(extack,
				     "vip %pI6c needs lease, holder or everywhere",
				     HASW_UNOWNED, &vip->addr);
	return -EINVAL;
}

static int hasw_config_complete_vips(struct hasw_config *cfg,
				     const struct hasw_table *t)
{
	const struct hasw_services *all;
	struct hasw_vip *vip;
	u32 pos = 0, i;
	int err;

	while ((vip = hasw_table_next(rcu_dereference_protected(t->slots, 1),
				      &pos))) {
		all = rcu_dereference_protected(vip->services, 1);
		for (i = 0; all && i < all->n; i++) {
			err = hasw_members_again(cfg, hasw_services_list(all)[i]);
			if (err)
				return err;
		}
		cond_resched();
	}
	return 0;
}

/**
 * hasw_config_complete() - makes what only packets need
 * @cfg: a configuration that was built, and that packets are about to read
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0, or -ENOMEM: then it is no use.
 */
int hasw_config_complete(struct hasw_config *cfg)
{
	int err;

	cfg->staged = false;
	err = hasw_config_complete_vips(cfg, &cfg->vips4);
	if (!err)
		err = hasw_config_complete_vips(cfg, &cfg->vips6);
	return err;
}
