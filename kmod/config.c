// SPDX-License-Identifier: GPL-2.0
/* Changes of the configuration: each complete or not at all, restores in one store. */
#include <linux/netlink.h>
#include <linux/slab.h>

#include "abort.h"
#include "announce.h"
#include "config.h"
#include "facing.h"
#include "path.h"
#include "times.h"

static struct hasw_config *hasw_config_new(void)
{
	struct hasw_config *cfg = kzalloc(sizeof(*cfg), GFP_KERNEL_ACCOUNT);

	if (!cfg)
		return NULL;
	INIT_LIST_HEAD(&cfg->nodes);
	INIT_LIST_HEAD(&cfg->leases);
	if (hasw_vip_tables_init(cfg)) {
		kfree(cfg);
		return NULL;
	}
	return cfg;
}

/* What remains of a vip's table: every vip and its services. */
static void hasw_config_free_vips(struct hasw_table *t)
{
	struct hasw_vip *vip;
	u32 pos = 0;

	while ((vip = hasw_table_next(rcu_dereference_protected(t->slots, 1),
				      &pos))) {
		hasw_service_free_all(vip);
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

	hasw_config_free_vips(&cfg->vips4);
	hasw_config_free_vips(&cfg->vips6);
	hasw_lease_free_all(cfg);
	list_for_each_entry_safe(node, next, &cfg->nodes, list)
		hasw_node_del(cfg, node);
	hasw_vip_tables_free(cfg);
	kfree(cfg);
}

static void hasw_config_free_work(struct work_struct *work)
{
	hasw_config_free(container_of(to_rcu_work(work), struct hasw_config,
				      free));
}

/* Frees a configuration once its readers have left. */
static void hasw_config_retire(struct hasw_config *cfg)
{
	INIT_RCU_WORK(&cfg->free, hasw_config_free_work);
	queue_rcu_work(hasw_wq, &cfg->free);
}

static u32 hasw_config_vips(const struct hasw_config *cfg)
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

/* The hooks come with the first vip, or the first device that local vips are
 * on, and go with the last of both.
 */
static int hasw_config_hook(struct hasw_net *hn)
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
	hasw_path_defrag(hn, false);
	if (hn->staged)
		hasw_config_retire(hn->staged);
	hn->staged = NULL;
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
	if (hn->staged && hn->staged_portid == portid)
		return hn->staged;
	return hasw_config_live(hn);
}

/**
 * hasw_config_prepare() - sees to it that an addition can be completed
 * @hn: namespace
 * @cfg: configuration that will have one more object
 * @vip: that object is a vip
 * @port: that object is a service with a port
 *
 * What can fail is done before anything is changed.
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0, or a negative errno.
 */
int hasw_config_prepare(struct hasw_net *hn, const struct hasw_config *cfg,
			bool vip, bool port)
{
	int err;

	err = hasw_event_prepare(hn);
	if (err || cfg != hasw_config_live(hn))
		return err;
	if (port) {
		err = hasw_path_defrag(hn, true);
		if (err)
			return err;
	}
	return vip ? hasw_config_hook(hn) : 0;
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
	if (!cfg->n_ports)
		hasw_path_defrag(hn, false);
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

/**
 * hasw_config_changed() - an object was added, changed or deleted
 * @hn: namespace
 * @cfg: configuration it is in
 * @ev: object and action; completed and kept if @cfg is live
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_config_changed(struct hasw_net *hn, struct hasw_config *cfg,
			 struct hasw_event *ev)
{
	if (cfg != hasw_config_live(hn))
		return;
	hasw_config_settle(hn);
	if (ev->object == HASWITCH_OBJECT_VIP && ev->family == AF_INET6)
		hasw_announce_sync_vip(hn, &ev->addr,
				       ev->action == HASWITCH_ACTION_DEL);
	hasw_held_later(hn);
	if (ev->object == HASWITCH_OBJECT_VIP)
		hasw_facing_stir(hn);
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
		if (hasw_member_find(all->e[i].service, cfg->self))
			return true;
	return false;
}

/**
 * hasw_config_role() - works out anew what this node is to a vip
 * @hn: namespace
 * @cfg: configuration of the vip
 * @vip: the vip
 *
 * A holder announces itself, if @cfg is live.
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_config_role(struct hasw_net *hn, const struct hasw_config *cfg,
		      struct hasw_vip *vip)
{
	if (hasw_vip_set_role(vip, hasw_config_is_member(cfg, vip)) &&
	    cfg == hasw_config_live(hn))
		hasw_announce_vip(hn, vip);
}

static void hasw_config_follow_dev(struct hasw_table *t,
				   const struct net_device *dev, bool gone)
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
static int hasw_config_netdev(struct notifier_block *nb, unsigned long event,
			      void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct hasw_net *hn = hasw_net_of(dev_net(dev));
	bool gone = event == NETDEV_UNREGISTER;
	struct hasw_config *cfg;

	if (!gone && event != NETDEV_REGISTER && event != NETDEV_CHANGENAME)
		return NOTIFY_DONE;
	mutex_lock(&hn->mutex);
	cfg = hasw_config_live(hn);
	if (cfg && !hn->closing) {
		hasw_config_follow_dev(&cfg->vips4, dev, gone);
		hasw_config_follow_dev(&cfg->vips6, dev, gone);
		hasw_announce_sync(hn);
	}
	if (hn->staged) {
		hasw_config_follow_dev(&hn->staged->vips4, dev, gone);
		hasw_config_follow_dev(&hn->staged->vips6, dev, gone);
	}
	mutex_unlock(&hn->mutex);
	return NOTIFY_DONE;
}

static struct notifier_block hasw_config_netdev_nb = {
	.notifier_call = hasw_config_netdev,
};

/**
 * hasw_config_register() - begins to follow devices that vips name
 *
 * Context: process.
 * Return: 0, or a negative errno.
 */
int hasw_config_register(void)
{
	return register_netdevice_notifier(&hasw_config_netdev_nb);
}

/**
 * hasw_config_unregister() - ends that
 *
 * Context: process.
 */
void hasw_config_unregister(void)
{
	unregister_netdevice_notifier(&hasw_config_netdev_nb);
}

/**
 * hasw_config_begin() - begins a restore
 * @hn: namespace
 * @portid: netlink address of the socket that restores
 * @extack: says why not
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0, -EBUSY while somebody restores, or -ENOMEM.
 */
int hasw_config_begin(struct hasw_net *hn, u32 portid,
		      struct netlink_ext_ack *extack)
{
	lockdep_assert_held(&hn->mutex);
	if (hn->staged && hn->staged_portid == portid) {
		NL_SET_ERR_MSG(extack,
			       "this socket is restoring already: commit or abort first");
		return -EBUSY;
	}
	if (hn->staged) {
		NL_SET_ERR_MSG(extack,
			       "another socket is restoring: try again when it has finished");
		return -EBUSY;
	}
	hn->staged = hasw_config_new();
	if (!hn->staged)
		return -ENOMEM;
	hn->staged_portid = portid;
	hn->staged_generation = hn->generation;
	return 0;
}

/**
 * hasw_config_release() - discards the restore of a socket, if it has one
 * @hn: namespace
 * @portid: its netlink address
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_config_release(struct hasw_net *hn, u32 portid)
{
	lockdep_assert_held(&hn->mutex);
	if (!hn->staged || hn->staged_portid != portid)
		return;
	/* Not here: who holds rtnl may wait for the mutex. */
	hasw_config_retire(hn->staged);
	hn->staged = NULL;
}

/**
 * hasw_config_abort() - discards a restore
 * @hn: namespace
 * @portid: netlink address of the socket that restores
 * @extack: says why not
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0, or -EINVAL if the socket restores nothing.
 */
int hasw_config_abort(struct hasw_net *hn, u32 portid,
		      struct netlink_ext_ack *extack)
{
	if (!hn->staged || hn->staged_portid != portid) {
		NL_SET_ERR_MSG(extack, "this socket has begun no restore");
		return -EINVAL;
	}
	hasw_config_release(hn, portid);
	return 0;
}

/* Takes over what is known of a service's members and traffic, while packets
 * still go by the old one.
 */
static void hasw_config_inherit_service(struct hasw_net *hn,
					struct hasw_service *to,
					struct hasw_service *from)
{
	const struct hasw_members *old = hasw_service_members(from);
	struct hasw_member *m;
	u32 i;

	spin_lock_bh(&hn->state_lock);
	hasw_times_inherit(to, from);
	for (i = 0; i < old->n; i++) {
		if (!old->m[i]->node->twin)
			continue;
		m = hasw_member_find(to, old->m[i]->node->twin);
		if (!m)
			continue;
		m->health = old->m[i]->health;
		if (from->last == old->m[i]->node) {
			to->last = m->node;
			to->last_switch = from->last_switch;
		}
	}
	spin_unlock_bh(&hn->state_lock);
}

static void hasw_config_inherit_vips(struct hasw_net *hn,
				     const struct hasw_config *to,
				     const struct hasw_table *from)
{
	const struct hasw_slots *slots =
		rcu_dereference_protected(from->slots, 1);
	const struct hasw_services *all;
	struct hasw_vip *vip, *old;
	struct hasw_service *s;
	u32 pos = 0, i;

	while ((old = hasw_table_next(slots, &pos))) {
		vip = hasw_vip_find(to, &old->addr, old->family);
		all = rcu_dereference_protected(old->services, 1);
		if (!vip || !all)
			continue;
		for (i = 0; i < all->n; i++) {
			s = hasw_service_find(vip, all->e[i].service->proto,
					      all->e[i].service->port);
			if (s)
				hasw_config_inherit_service(hn, s,
							    all->e[i].service);
		}
	}
}

static bool hasw_config_same_way(const struct hasw_node *a,
				 const struct hasw_node *b)
{
	return a->self == b->self && a->has4 == b->has4 &&
	       a->has6 == b->has6 && a->addr4 == b->addr4 &&
	       ipv6_addr_equal(&a->addr6, &b->addr6) &&
	       !strcmp(a->dev, b->dev) &&
	       !memcmp(a->lladdr, b->lladdr, sizeof(a->lladdr));
}

static void hasw_config_inherit(struct hasw_net *hn, struct hasw_config *to,
				struct hasw_config *from)
{
	struct hasw_node *node, *twin;

	list_for_each_entry(node, &from->nodes, list) {
		twin = hasw_node_find(to, node->name);
		node->twin = twin;
		if (!twin)
			continue;
		hasw_node_inherit(hn, twin, node);
		if (hasw_config_same_way(twin, node))
			hasw_hop_move(twin, node);
	}
	/* Moved ways are looked at when packets no longer read the old nodes,
	 * which share their snapshots.
	 */
	list_for_each_entry(node, &to->nodes, list)
		if (!rcu_access_pointer(node->hop[HASW_HOP4]))
			hasw_hop_refresh_node(hn, node);
	hasw_config_inherit_vips(hn, to, &from->vips4);
	hasw_config_inherit_vips(hn, to, &from->vips6);
}

/**
 * hasw_config_commit() - puts the restored configuration in the place of the live one
 * @hn: namespace
 * @portid: netlink address of the socket that restores
 * @extack: says why not
 *
 * One store; a packet sees the old configuration or the new.
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0; -EINVAL if the socket restores nothing; -EAGAIN if the live
 * configuration was changed since the restore began, -ENOMEM: then the restore
 * is discarded and nothing is changed.
 */
int hasw_config_commit(struct hasw_net *hn, u32 portid,
		       struct netlink_ext_ack *extack)
{
	struct hasw_config *old = hasw_config_live(hn), *cfg = hn->staged;
	struct hasw_event ev = {
		.kind = HASWITCH_EVENT_KIND_CONFIG,
		.cause = HASWITCH_CAUSE_CONFIG,
		.object = HASWITCH_OBJECT_ALL,
		.action = HASWITCH_ACTION_SET,
	};
	int err = 0;

	if (!cfg || hn->staged_portid != portid) {
		NL_SET_ERR_MSG(extack, "this socket has begun no restore");
		return -EINVAL;
	}
	if (hn->staged_generation != hn->generation) {
		NL_SET_ERR_MSG(extack,
			       "the configuration was changed during the restore: try again");
		err = -EAGAIN;
	}
	if (!err)
		err = hasw_event_prepare(hn);
	if (!err && hasw_config_vips(cfg))
		err = hasw_config_hook(hn);
	if (!err && cfg->n_ports)
		err = hasw_path_defrag(hn, true);
	if (err) {
		hasw_config_settle(hn);
		hasw_config_release(hn, portid);
		return err;
	}
	hasw_config_inherit(hn, cfg, old);
	hasw_lease_twins(cfg, old);
	hn->staged = NULL;
	/* Who ends a tenure finds it here or there, but not in between. */
	spin_lock_bh(&hn->state_lock);
	hasw_lease_inherit(hn, old);
	rcu_assign_pointer(hn->config, cfg);
	spin_unlock_bh(&hn->state_lock);
	hasw_hop_refresh(hn, cfg);
	hasw_config_settle(hn);
	hasw_held_later(hn);
	hasw_announce_vips(hn, cfg, old);
	hasw_announce_sync(hn);
	hasw_abort_lost(hn);
	hasw_facing_stir(hn);
	ev.generation = ++hn->generation;
	spin_lock_bh(&hn->state_lock);
	hasw_event_add(hn, &ev);
	spin_unlock_bh(&hn->state_lock);
	hasw_config_retire(old);
	return 0;
}
