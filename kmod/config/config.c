// SPDX-License-Identifier: GPL-2.0
/* Configuration of a namespace: a change applies completely or not at all. */
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

/* Maximum number of vips that one call of hasw_config_complete() checks. */
#define HASW_CONFIG_STRIDE 1024

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
 * hasw_config_set_limits() - sets how many flows are tracked, and for how long
 * @cfg: the configuration
 * @limits: the limits; the timeouts in jiffies are computed from those in ns
 *
 * Context: process; hasw_net.mutex held, unless @cfg is not shared yet.
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
 * hasw_config_new() - allocates an empty configuration
 * @hn: namespace
 *
 * Context: process.
 * Return: the configuration, or NULL if an allocation fails.
 */
struct hasw_config *hasw_config_new(struct hasw_net *hn)
{
	struct hasw_config *cfg = kzalloc(sizeof(*cfg), GFP_KERNEL_ACCOUNT);

	if (!cfg)
		return NULL;
	hasw_wlock_init(&cfg->wlock, &hn->mutex);
	hasw_nodes_init(cfg);
	INIT_LIST_HEAD(&cfg->leases);
	hasw_config_set_limits(cfg, &hasw_limits_default);
	if (hasw_vip_tables_init(cfg)) {
		kfree(cfg);
		return NULL;
	}
	return cfg;
}

/* Frees all vips of a table, with their services, at once: the configuration's
 * grace period is over.
 */
static void hasw_config_free_vips(struct hasw_config *cfg,
				  struct hasw_table *t)
{
	struct hasw_vip *vip;
	u32 pos = 0;

	hasw_wlock_drop(&t->wlock);
	while ((vip = hasw_table_next(t, &pos))) {
		hasw_wlock_drop(&vip->wlock);
		hasw_service_free_all(cfg, vip);
		hasw_vip_free(vip);
		cond_resched();
	}
}

/* Frees a configuration that no packet reads, and the next hops that a restore
 * has not moved away. No lock is held: no other task can access the
 * configuration, freeing takes long, and the namespace's mutex might already be
 * freed. Process context.
 */
static void hasw_config_free(struct hasw_config *cfg)
{
	struct hasw_node *node, *next;

	hasw_wlock_drop(&cfg->wlock);
	hasw_config_free_vips(cfg, &cfg->vips4);
	hasw_config_free_vips(cfg, &cfg->vips6);
	hasw_lease_free_all(cfg);
	list_for_each_entry_safe(node, next, &cfg->nodes, list) {
		hasw_wlock_drop(&node->wlock);
		hasw_node_del(cfg, node);
		cond_resched();
	}
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
 * hasw_config_retire() - frees a configuration after an RCU grace period
 * @cfg: the configuration, which was never published or has been replaced
 *
 * Context: any.
 */
void hasw_config_retire(struct hasw_config *cfg)
{
	INIT_RCU_WORK(&cfg->free, hasw_config_free_work);
	queue_rcu_work(hasw_wq, &cfg->free);
}

/**
 * hasw_config_vips() - counts the vips of a configuration
 * @cfg: the configuration
 *
 * Context: process, hasw_net.mutex held; or RCU read side, for a count that may
 * change meanwhile.
 */
u32 hasw_config_vips(const struct hasw_config *cfg)
{
	return READ_ONCE(cfg->vips4.count) + READ_ONCE(cfg->vips6.count);
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
	struct hasw_config *cfg = hasw_config_new(hn);

	if (!cfg)
		return -ENOMEM;
	RCU_INIT_POINTER(hn->config, cfg);
	return 0;
}

/**
 * hasw_config_hook() - registers the packet hooks, if they are not registered
 * @hn: namespace
 *
 * The hooks are needed while a vip or a device of kind haswitch exists. When
 * neither exists, hasw_config_sync() unregisters them.
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0; or a negative errno, with nothing changed.
 */
int hasw_config_hook(struct hasw_net *hn)
{
	int err;

	lockdep_assert_held(&hn->mutex);
	if (hn->hooked)
		return 0;
	hn->used = true;
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
	lockdep_assert_held(&hn->mutex);
	if (!hn->hooked)
		return;
	WRITE_ONCE(hn->hooked, false);
	hasw_fast_dev_close(hn);
	hasw_path_unhook(hn);
	hasw_announce_unhook(hn);
}

/**
 * hasw_config_close() - unregisters the packet hooks, closes the GUE sockets
 *	and discards a restore that is under way
 * @hn: namespace, which netlink operations cannot reach any more
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
	WRITE_ONCE(hn->restore.staged, NULL);
	mutex_unlock(&hn->mutex);
}

/**
 * hasw_config_exit() - frees the live configuration of a namespace
 * @hn: namespace, after hasw_config_close() or before anything was configured
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
	hasw_net_wait(hn);
	hasw_config_free(cfg);
	if (!hn->routed)
		return;
	/* Nodes of this configuration and of replaced configurations hold
	 * references to routes until RCU callbacks free the nodes. The
	 * namespace must exist until these callbacks have run. A replaced
	 * configuration is freed by an rcu_work, which also queues such
	 * callbacks. So wait for pending callbacks, then for the rcu_work, and
	 * then for the callbacks that the rcu_work has queued.
	 */
	rcu_barrier();
	flush_workqueue(hasw_wq);
	rcu_barrier();
}

/**
 * hasw_config_for() - finds the configuration that a socket's operations change
 * @hn: namespace
 * @portid: portid of the netlink socket
 *
 * Context: process, hasw_net.mutex held.
 * Return: the staged configuration of the socket's restore; the live
 * configuration if the socket has begun no restore.
 */
struct hasw_config *hasw_config_for(struct hasw_net *hn, u32 portid)
{
	lockdep_assert_held(&hn->mutex);
	if (hn->restore.staged && hn->restore.portid == portid)
		return hn->restore.staged;
	return hasw_config_live(hn);
}

/**
 * hasw_config_prepare() - prepares events and packet hooks for a new vip
 * @hn: namespace
 * @cfg: configuration that the vip will be added to; only the live one needs
 *	the hooks
 *
 * The caller adds the vip afterwards, because these steps can fail.
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
 * hasw_config_mark() - prepares packet hooks for a vip whose SYNs are marked
 * @hn: namespace, whose packet hooks are registered if @cfg is live
 * @cfg: configuration of the vip; only the live one needs the hooks
 * @mark: bits that the vip is to mark; 0: none
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0, or a negative errno.
 */
int hasw_config_mark(struct hasw_net *hn, const struct hasw_config *cfg,
		     u32 mark)
{
	return mark && cfg == hasw_config_live(hn) ? hasw_path_mark_hook(hn) :
						     0;
}

/**
 * hasw_config_sync() - unregisters hooks and closes sockets that are not needed
 * @hn: namespace
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_config_sync(struct hasw_net *hn)
{
	const struct hasw_config *cfg = hasw_config_live(hn);

	if (!hasw_config_vips(cfg) && !hn->links)
		hasw_config_unhook(hn);
	if (!cfg->n_marked)
		hasw_path_mark_unhook(hn);
	if (!cfg->n_forward && !cfg->n_gue)
		hasw_gue_close(hn);
}

/**
 * hasw_config_link() - updates the number of devices of kind haswitch, which
 *	need the packet hooks
 * @hn: namespace
 * @came: true if the device is being registered, false if it is being
 *	unregistered
 *
 * Context: process, rtnl held.
 * Return: 0; or a negative errno, with nothing changed.
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
			hasw_config_sync(hn);
	}
	mutex_unlock(&hn->mutex);
	return err;
}

/* Forgets the last conflict (use of the vip by another host) of each vip that
 * the change has deleted.
 */
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

/* Announces vips that this node has begun to hold through a restore, and the
 * vip @change->announce. Joins the solicited-node groups that IPv6 vips need
 * after the change, and leaves groups that are not needed any more.
 */
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

/* Schedules two searches: one for the client-facing devices (by which clients'
 * packets arrive), the other for the devices that get the fast path. A change
 * of vips can affect both results. The second result also depends on members
 * with `via nat`, so changes of members and services schedule the second
 * search. A service is included because its deletion also deletes its members.
 */
static void hasw_config_apply_devices(struct hasw_net *hn,
				      const struct hasw_config_change *change)
{
	bool vips = change->before || change->ev->object == HASWITCH_OBJECT_VIP;

	if (vips && change->ev->action == HASWITCH_ACTION_ADD)
		hasw_client_links_schedule(hn);
	else if (vips)
		hasw_client_links_changed(hn);
	if (vips || change->ev->object == HASWITCH_OBJECT_SERVICE ||
	    change->ev->object == HASWITCH_OBJECT_MEMBER)
		hasw_fast_dev_schedule(hn);
}

/**
 * hasw_config_is_member() - returns whether a vip's services use this node
 * @cfg: configuration of the vip
 * @vip: the vip
 *
 * A service uses the nodes of its members. It also uses its `on-empty` node,
 * which gets the service's packets while no member is usable.
 *
 * Context: process, hasw_net.mutex held.
 */
bool hasw_config_is_member(const struct hasw_config *cfg,
			   const struct hasw_vip *vip)
{
	const struct hasw_services *all =
		rcu_dereference_protected(vip->services,
					  hasw_wlock_held(&vip->wlock));
	u32 i;

	if (!all || !cfg->self)
		return false;
	for (i = 0; i < hasw_services_n(all); i++)
		if (hasw_service_has(hasw_services_list(all)[i], cfg->self))
			return true;
	return false;
}

/**
 * hasw_config_apply() - runs every step that follows a configuration change
 * @hn: namespace
 * @cfg: changed configuration; if it is not live, only the role of this node
 *	for @change->vip is recomputed
 * @change: what was changed
 *
 * This function contains all steps that follow a change, in their fixed order.
 * The caller does what only its own kind of change needs. For example, the
 * deletion of a node ends the node's heartbeat session, and a restore moves the
 * runtime state. Granting a lease does not call this function, because a grant
 * is not configuration.
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_config_apply(struct hasw_net *hn, struct hasw_config *cfg,
		       const struct hasw_config_change *change)
{
	struct hasw_event *ev = change->ev;

	if (change->vip)
		hasw_vip_set_role(change->vip,
				  hasw_config_is_member(cfg, change->vip));
	if (cfg != hasw_config_live(hn))
		return;
	hn->used = true;
	if (change->before)
		hasw_hop_refresh(hn, cfg);
	else if (change->node)
		hasw_hop_refresh_node(hn, cfg, change->node);
	hasw_config_sync(hn);
	if (change->before || change->node)
		hasw_held_queue(hn);
	else
		hasw_held_later(hn);
	WRITE_ONCE(hn->spares.any, !hlist_empty(&cfg->spares));
	hasw_switch_spares(hn);
	hasw_config_apply_conflicts(hn, cfg, change);
	hasw_config_apply_announce(hn, cfg, change);
	if (change->before || change->lost)
		hasw_abort_lost(hn);
	hasw_config_apply_devices(hn, change);
	if (change->before || change->node ||
	    ev->object == HASWITCH_OBJECT_NODE ||
	    ev->object == HASWITCH_OBJECT_LEASE)
		hasw_link_schedule(hn);
	ev->kind = HASWITCH_EVENT_KIND_CONFIG;
	ev->generation = ++hn->generation;
	spin_lock_bh(&hn->state_lock);
	hasw_event_add(hn, ev);
	spin_unlock_bh(&hn->state_lock);
}

/* Error text for kernels before 6.2, which cannot format an address into
 * extack.
 */
#define HASW_UNOWNED \
	"a vip has neither lease nor holder, and there are several nodes: give it one of these, or everywhere"

/* Returns a vip of the table that has no owner (holder, lease or `everywhere`)
 * but needs one, because there are @nodes nodes. Returns NULL if there is no
 * such vip.
 */
static const struct hasw_vip *
hasw_config_unowned(const struct hasw_table *t, u32 nodes)
{
	const struct hasw_vip *vip;
	u32 pos = 0;

	while ((vip = hasw_table_next(t, &pos))) {
		if (!hasw_vip_owned(nodes, rcu_access_pointer(vip->holder),
				    rcu_access_pointer(vip->lease),
				    vip->everywhere))
			return vip;
		cond_resched();
	}
	return NULL;
}

/**
 * hasw_config_check_owners() - checks that each vip has the owner that it needs
 * @cfg: configuration of the vips
 * @nodes: number of nodes after the change; if there are several nodes, each
 *	vip needs an owner
 * @extack: set on error; names a vip without an owner
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0, or -EINVAL if a vip needs an owner, see hasw_vip_owned().
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
	/* The text must not get longer, because the longest address just fits
	 * into extack.
	 */
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

/* Builds the Maglev table of a service, if its scheduler needs a table and the
 * service has none. A later change of the service drops the table. Returns 1 if
 * a table was built, 0 if not, or -ENOMEM.
 */
static int hasw_config_complete_service(struct hasw_config *cfg,
					struct hasw_service *service)
{
	int err;

	if (hasw_service_members(service)->maglev)
		return 0;
	err = hasw_members_again(cfg, service);
	return err ?: !!hasw_service_members(service)->maglev;
}

/* Builds the Maglev tables for the services of up to @left vips from @pos on.
 * Unless @all is true, the function ends after it has built one table, and the
 * next call checks the same vip again.
 */
static int hasw_config_complete_vips(struct hasw_config *cfg,
				     const struct hasw_table *t, u32 *pos,
				     u32 *left, bool all)
{
	const struct hasw_services *services;
	struct hasw_vip *vip;
	u32 at = *pos, i;
	int built;

	while (*left && (vip = hasw_table_next(t, &at))) {
		services = rcu_dereference_protected(vip->services,
						     hasw_wlock_held(&vip->wlock));
		for (i = 0; services && i < hasw_services_n(services); i++) {
			built = hasw_config_complete_service(cfg,
							     hasw_services_list(services)[i]);
			if (built < 0)
				return built;
			if (built && !all) {
				*left = 0;
				return 0;
			}
		}
		*pos = at;
		*left -= 1;
		cond_resched();
	}
	return 0;
}

/**
 * hasw_config_complete() - builds the Maglev tables of a staged configuration
 * @cfg: the configuration
 * @at: position at which to continue, all zero in the first call; NULL: @cfg is
 *	about to be published, so all missing tables are built
 *
 * Building a table takes milliseconds. So the caller first calls this function
 * repeatedly with @at, and releases the mutex between the calls. If @cfg is
 * changed meanwhile, tables can be missing again. So the last call passes NULL
 * as @at, and builds these tables.
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0 if no table is missing; 1 if the caller has to continue; -ENOMEM if
 * the caller has to discard @cfg.
 */
int hasw_config_complete(struct hasw_config *cfg, struct hasw_config_cursor *at)
{
	struct hasw_config_cursor first = {};
	u32 left = at ? HASW_CONFIG_STRIDE : U32_MAX;
	int err;

	cfg->staged = false;
	err = hasw_config_complete_vips(cfg, &cfg->vips4,
					at ? &at->pos4 : &first.pos4, &left,
					!at);
	if (!err)
		err = hasw_config_complete_vips(cfg, &cfg->vips6,
						at ? &at->pos6 : &first.pos6,
						&left, !at);
	if (at)
		cfg->staged = true;
	return err ?: !left;
}
