// SPDX-License-Identifier: GPL-2.0
/* A restore builds a second configuration, which packets do not use. When the
 * restore commits, one pointer store replaces the live configuration with the
 * second one.
 */
#include <linux/netlink.h>

#include "forward/gue.h"
#include "path/path.h"
#include "heartbeat/pulse.h"
#include "heartbeat/refusal.h"
#include "restore.h"
#include "service/judge.h"
#include "service/switch_times.h"

/**
 * hasw_restore_begin() - begins a restore
 * @hn: namespace
 * @portid: portid of the netlink socket that restores
 * @extack: set on -EBUSY
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0; -EBUSY if this or another socket is restoring; or -ENOMEM.
 */
int hasw_restore_begin(struct hasw_net *hn, u32 portid,
		       struct netlink_ext_ack *extack)
{
	lockdep_assert_held(&hn->mutex);
	if (hn->restore.staged && hn->restore.portid == portid) {
		NL_SET_ERR_MSG(extack,
			       "this socket is restoring already: commit or abort first");
		return -EBUSY;
	}
	if (hn->restore.staged) {
		NL_SET_ERR_MSG(extack,
			       "another socket is restoring: try again when it has finished");
		return -EBUSY;
	}
	WRITE_ONCE(hn->restore.staged, hasw_config_new(hn));
	if (!hn->restore.staged)
		return -ENOMEM;
	hn->restore.staged->staged = true;
	WRITE_ONCE(hn->restore.portid, portid);
	hn->restore.generation = hn->generation;
	return 0;
}

/**
 * hasw_restore_release() - discards the restore of a socket, if it has one
 * @hn: namespace
 * @portid: portid of the netlink socket
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_restore_release(struct hasw_net *hn, u32 portid)
{
	lockdep_assert_held(&hn->mutex);
	if (!hn->restore.staged || hn->restore.portid != portid)
		return;
	/* hasw_config_retire() frees the configuration later, without the
	 * mutex: freeing takes long, and a task that holds rtnl might be
	 * waiting for the mutex.
	 */
	hasw_config_retire(hn->restore.staged);
	WRITE_ONCE(hn->restore.staged, NULL);
}

/**
 * hasw_restore_by() - returns whether a socket restores now
 * @hn: namespace
 * @portid: portid of the netlink socket, on whose behalf the caller runs
 *
 * Only the socket itself can begin its own restore, so this needs no lock.
 *
 * Context: process, hasw_net.mutex not needed.
 */
bool hasw_restore_by(const struct hasw_net *hn, u32 portid)
{
	return READ_ONCE(hn->restore.staged) &&
	       READ_ONCE(hn->restore.portid) == portid;
}

/**
 * hasw_restore_abort() - discards a restore
 * @hn: namespace
 * @portid: portid of the netlink socket that restores
 * @extack: set on error
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0, or -EINVAL if the socket has begun no restore.
 */
int hasw_restore_abort(struct hasw_net *hn, u32 portid,
		       struct netlink_ext_ack *extack)
{
	if (!hn->restore.staged || hn->restore.portid != portid) {
		NL_SET_ERR_MSG(extack, "this socket has begun no restore");
		return -EINVAL;
	}
	hasw_restore_release(hn, portid);
	return 0;
}

/* Returns the member of the service @to that replaces @old, a member of the
 * service @from; or NULL. @i is the index of @old. The port tells apart several
 * members on a node, but a node's only member may have got another port.
 */
static struct hasw_member *
hasw_restore_member(const struct hasw_service *to,
		    const struct hasw_service *from,
		    const struct hasw_member *old, u32 i)
{
	const struct hasw_members *all = hasw_service_members(to);
	const struct hasw_node *node = old->node->twin;
	u16 port = hasw_member_port(from, old);
	struct hasw_member *m;

	/* Most restores keep the order of members, so the member with the same
	 * index is tried before all members are searched.
	 */
	if (i < all->n && all->m[i]->node == node &&
	    hasw_member_port(to, all->m[i]) == port)
		return all->m[i];
	m = hasw_member_at(to, node, port);
	if (m || hasw_members_on(from, old->node) > 1 ||
	    hasw_members_on(to, node) > 1)
		return m;
	return hasw_member_find(to, node);
}

/* Copies the runtime state of the service @from, and of its members, to the
 * service @to, which is about to replace @from. Packets still read @from. The
 * search for a member can look at all others, so it is made without state_lock;
 * hasw_net.mutex keeps the lists.
 */
static void hasw_restore_inherit_service(struct hasw_net *hn,
					 struct hasw_service *to,
					 struct hasw_service *from)
{
	const struct hasw_members *old = hasw_service_members(from);
	const struct hasw_node *last;
	struct hasw_member *m;
	u64 last_switch;
	u32 i;

	spin_lock_bh(&hn->state_lock);
	hasw_times_inherit(to, from);
	last = from->last;
	last_switch = from->last_switch;
	spin_unlock_bh(&hn->state_lock);
	if (to->tracked && from->tracked)
		atomic64_set(&to->tracked->due,
			     atomic64_read(&from->tracked->due));
	hasw_members_begin(to);
	for (i = 0; i < old->n; i++) {
		if (!old->m[i]->node->twin)
			continue;
		m = hasw_restore_member(to, from, old->m[i], i);
		if (!m)
			continue;
		spin_lock_bh(&hn->state_lock);
		m->accounted = old->m[i]->accounted;
		hasw_member_inherit_share(m, old->m[i]);
		m->checked = old->m[i]->checked;
		m->health = m->checked;
		spin_unlock_bh(&hn->state_lock);
		if (last == old->m[i]->node) {
			to->last = m->node;
			to->last_switch = last_switch;
		}
		cond_resched();
	}
}

static void hasw_restore_inherit_vips(struct hasw_net *hn,
				      const struct hasw_config *to,
				     const struct hasw_table *from)
{
	const struct hasw_services *all;
	struct hasw_vip *vip, *old;
	struct hasw_service *s;
	u32 pos = 0, i;

	while ((old = hasw_table_next(from, &pos))) {
		cond_resched();
		vip = hasw_vip_find(to, &old->addr, old->family);
		all = rcu_dereference_protected(old->services,
						lockdep_is_held(&hn->mutex));
		if (!vip || !all)
			continue;
		for (i = 0; i < hasw_services_n(all); i++) {
			s = hasw_service_find(vip, hasw_services_list(all)[i]->proto,
					      hasw_services_list(all)[i]->port);
			if (s)
				hasw_restore_inherit_service(hn, s,
							     hasw_services_list(all)[i]);
		}
	}
}

/* Returns whether a member of a staged configuration that could wait gets new
 * flows in the live one. A restore must not stop it: its flows would move to
 * members that are missing. @service and @node are the member's, in the staged
 * configuration; @port is its hasw_member_port().
 */
static bool hasw_restore_called(struct hasw_config *live,
				const struct hasw_service *service,
				const struct hasw_node *node, u16 port)
{
	const struct hasw_vip *vip = service->vip;
	const struct hasw_service *old = NULL;
	const struct hasw_member *m;

	vip = hasw_vip_find(live, &vip->addr, vip->family);
	if (vip)
		old = hasw_service_find(vip, service->proto, service->port);
	node = old ? hasw_node_find(live, node->name) : NULL;
	m = node ? hasw_member_at(old, node, port) : NULL;
	return m && !m->waits;
}

/* Returns whether no member of a service gets new flows, whatever the states of
 * the nodes are.
 */
static bool hasw_restore_is_empty(const struct hasw_service *service)
{
	const struct hasw_members *all = hasw_service_members(service);
	u32 i = 0;

	while (i < all->n && !hasw_member_weigh(all->m[i]))
		i++;
	return i == all->n;
}

/* Corrects which members of a service of the staged configuration wait, see
 * hasw_restore_inherit_spares(). Returns whether that changes a member.
 */
static bool hasw_restore_inherit_waits(struct hasw_config *to,
				       struct hasw_config *from,
				       struct hasw_service *s)
{
	const struct hasw_members *all = hasw_service_members(s);
	bool changed = false;
	struct hasw_member *m;
	u64 next = U64_MAX;
	u8 waits;
	u32 i;

	for (i = 0; i < all->n; i++) {
		m = all->m[i];
		waits = hasw_spares_could_wait(s, to->self, m->node, m->spare);
		if (waits && hasw_restore_called(from, s, m->node,
						 hasw_member_port(s, m)))
			waits = 0;
		m->waits = waits;
	}
	/* Without memory all of them wait, and stand in for each other. */
	if (hasw_restore_is_empty(s))
		hasw_spares_judge(s, to->self, hasw_switch_now(), &next);
	for (i = 0; i < all->n; i++) {
		changed |= !hasw_member_is_told(all->m[i]);
		hasw_member_tell(all->m[i]);
	}
	return changed;
}

/* Corrects which members of the staged configuration wait, because the live
 * ones may have begun or ended since the restore added them. In a service that
 * has none that gets new flows, such as a new one of which this node's zone has
 * no member, it is decided here who does: nodes count as the configuration has
 * them. Renewed members have no Maglev table, so hasw_config_complete()
 * follows. Returns 0, or -ENOMEM.
 */
static int hasw_restore_inherit_spares(struct hasw_config *to,
				       struct hasw_config *from)
{
	struct hasw_service *s;

	hlist_for_each_entry(s, &to->spares, with_spares) {
		if (hasw_restore_inherit_waits(to, from, s) &&
		    hasw_members_renew(to, s))
			return -ENOMEM;
		cond_resched();
	}
	return 0;
}

static bool hasw_restore_same_link(const struct hasw_node *a,
				   const struct hasw_node *b)
{
	return a->self == b->self && a->has4 == b->has4 &&
	       a->has6 == b->has6 && a->addr4 == b->addr4 &&
	       ipv6_addr_equal(&a->addr6, &b->addr6) &&
	       !strcmp(a->dev, b->dev) &&
	       !memcmp(a->lladdr, b->lladdr, sizeof(a->lladdr));
}

/* Copies what the module knows to the staged configuration. The only caller,
 * hasw_restore_commit(), may sleep, so other tasks run between two nodes of the
 * slow walk.
 */
static void hasw_restore_inherit(struct hasw_net *hn, struct hasw_config *to,
				 struct hasw_config *from)
{
	struct hasw_node *node, *twin;

	list_for_each_entry(node, &from->nodes, list)
		node->twin = hasw_node_find(to, node->name);
	hasw_restore_inherit_vips(hn, to, &from->vips4);
	hasw_restore_inherit_vips(hn, to, &from->vips6);
	/* Node states are copied last, so that they are as new as possible.
	 * Until the new configuration is published, evidence (what the module
	 * finds against a node) is stored in the old nodes, which packets read.
	 */
	list_for_each_entry(node, &from->nodes, list) {
		twin = node->twin;
		if (!twin)
			continue;
		hasw_node_inherit(hn, twin, node);
		if (hasw_restore_same_link(twin, node))
			hasw_hop_move(hn, twin, node);
	}
	/* Look up next hops only for nodes that got none from an old node.
	 * Moved next hops must not be replaced here, because packets still use
	 * them through the old nodes. hasw_config_apply() refreshes the moved
	 * next hops when no new packet reads the old nodes any more.
	 */
	list_for_each_entry(node, &to->nodes, list) {
		if (!hasw_hop_known(node))
			hasw_hop_refresh_node(hn, to, node);
		cond_resched();
	}
}

/**
 * hasw_restore_prepare() - does a part of the slow work before a restore
 *	commits
 * @hn: namespace
 * @portid: portid of the netlink socket that restores
 * @at: position at which to continue, all zero in the first call
 *
 * Context: process, hasw_net.mutex held; the caller releases it between calls.
 * Return: whether the caller has to call this function again. On an error the
 * result is false, and hasw_restore_commit() then returns the error.
 */
bool hasw_restore_prepare(struct hasw_net *hn, u32 portid,
			  struct hasw_config_cursor *at)
{
	struct hasw_config *to = hn->restore.staged;

	lockdep_assert_held(&hn->mutex);
	if (!to || hn->restore.portid != portid)
		return false;
	/* Few tables are then left to be built when the restore commits. */
	if (!at->judged &&
	    hasw_restore_inherit_spares(to, hasw_config_live(hn)))
		return false;
	at->judged = true;
	return hasw_config_complete(to, at) > 0;
}

/**
 * hasw_restore_commit() - replaces the live configuration with the staged one
 * @hn: namespace
 * @portid: portid of the netlink socket that restores
 * @extack: set on error
 *
 * One pointer store publishes the staged configuration, so a packet uses either
 * the old configuration or the new one.
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0; or -EINVAL if the socket has begun no restore. On any other error
 * the restore is discarded and the live configuration is unchanged:
 * -EAGAIN: the live configuration was changed after the restore began.
 * -EINVAL: a vip needs an owner.
 * Others: -ENOMEM, or an errno of hasw_config_hook() or hasw_gue_open().
 */
int hasw_restore_commit(struct hasw_net *hn, u32 portid,
			struct netlink_ext_ack *extack)
{
	struct hasw_config *old = hasw_config_live(hn),
			   *cfg = hn->restore.staged;
	struct hasw_event ev = {
		.cause = HASWITCH_CAUSE_CONFIG,
		.object = HASWITCH_OBJECT_ALL,
		.action = HASWITCH_ACTION_SET,
	};
	int err = 0;

	if (!cfg || hn->restore.portid != portid) {
		NL_SET_ERR_MSG(extack, "this socket has begun no restore");
		return -EINVAL;
	}
	if (hn->restore.generation != hn->generation) {
		NL_SET_ERR_MSG(extack,
			       "the configuration was changed during the restore: try again");
		err = -EAGAIN;
	}
	if (!err)
		err = hasw_config_check_owners(cfg, cfg->n_nodes, extack);
	if (!err)
		err = hasw_event_prepare(hn);
	if (!err)
		err = hasw_restore_inherit_spares(cfg, old);
	if (!err)
		err = hasw_config_complete(cfg, NULL);
	if (!err && hasw_config_vips(cfg))
		err = hasw_config_hook(hn);
	if (!err && cfg->n_marked)
		err = hasw_path_mark_hook(hn);
	if (!err && (cfg->n_forward || cfg->n_gue))
		err = hasw_gue_open(hn, extack);
	if (err) {
		hasw_config_sync(hn);
		hasw_restore_release(hn, portid);
		return err;
	}
	hasw_restore_inherit(hn, cfg, old);
	hasw_pulse_follow(hn);
	hasw_lease_twins(cfg, old);
	hasw_refusal_inherit(hn, cfg);
	WRITE_ONCE(hn->restore.staged, NULL);
	/* state_lock is held from the copy of the grants until the publication.
	 * So a CPU that ends a grant under state_lock ends it before the copy,
	 * or in the new configuration.
	 */
	spin_lock_bh(&hn->state_lock);
	hasw_evidence_inherit(hn, old);
	hasw_lease_inherit(hn, old);
	hasw_refusal_inherited(hn);
	rcu_assign_pointer(hn->config, cfg);
	/* Members can be unusable in the new configuration. The work that
	 * resets the flows of such members might have read the old
	 * configuration and missed them, so it is queued again.
	 */
	hasw_switch_left(hn);
	spin_unlock_bh(&hn->state_lock);
	hasw_config_apply(hn, cfg,
			  &(struct hasw_config_change){
				  .ev = &ev,
				  .before = old,
			  });
	hasw_config_retire(old);
	return 0;
}
