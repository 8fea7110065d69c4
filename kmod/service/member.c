// SPDX-License-Identifier: GPL-2.0
/* A member is a node's part in a service: its priority, weight, via (how other
 * nodes reach it) and health. With via nat, a node can have several members in
 * a service, each with another port.
 */
#include <linux/siphash.h>
#include <linux/slab.h>

#include "compat/compat.h"
#include "service.h"
#include "vip_class.h"

static struct kmem_cache *hasw_member_cache;

/**
 * hasw_member_cache_create() - creates the slab cache of members
 *
 * Context: process.
 * Return: 0, or -ENOMEM.
 */
int hasw_member_cache_create(void)
{
	hasw_member_cache = KMEM_CACHE(hasw_member, SLAB_ACCOUNT);
	return hasw_member_cache ? 0 : -ENOMEM;
}

/**
 * hasw_member_cache_destroy() - destroys the slab cache of members
 *
 * Context: process, after all members were freed and rcu_barrier() returned.
 */
void hasw_member_cache_destroy(void)
{
	kmem_cache_destroy(hasw_member_cache);
}

/**
 * hasw_member_find() - finds the first member by which a node serves a service
 * @service: the service
 * @node: the node
 *
 * Context: hasw_net.mutex held.
 * Return: the member, or NULL.
 */
struct hasw_member *hasw_member_find(const struct hasw_service *service,
				     const struct hasw_node *node)
{
	const struct hasw_members *all = hasw_service_members(service);
	u32 i;

	for (i = 0; i < all->n; i++)
		if (all->m[i]->node == node)
			return all->m[i];
	return NULL;
}

/**
 * hasw_member_at() - finds a member by its node and its port
 * @service: the service
 * @node: the node
 * @port: hasw_member_port() of the member, or 0 for that of a member without a
 *	port of its own
 *
 * Context: hasw_net.mutex held.
 * Return: the member, or NULL.
 */
struct hasw_member *hasw_member_at(const struct hasw_service *service,
				   const struct hasw_node *node, u16 port)
{
	const struct hasw_members *all = hasw_service_members(service);
	u32 i;

	port = port ?: service->port;
	for (i = 0; i < all->n; i++)
		if (all->m[i]->node == node &&
		    hasw_member_port(service, all->m[i]) == port)
			return all->m[i];
	return NULL;
}

/**
 * hasw_members_on() - returns the number of members on a node
 * @service: the service
 * @node: the node
 *
 * Context: hasw_net.mutex held.
 */
u32 hasw_members_on(const struct hasw_service *service,
		    const struct hasw_node *node)
{
	const struct hasw_members *all = hasw_service_members(service);
	u32 i, n = 0;

	for (i = 0; i < all->n; i++)
		n += all->m[i]->node == node;
	return n;
}

/* Returns the id of a member in a Maglev table. All nodes must compute the same
 * id, whatever the order in which members were added, so the key of the hash is
 * constant. The member with the lowest port on its node has the id that the
 * node's only member would have. So a member keeps its flows when others are
 * added on its node, at higher ports.
 */
static u64 hasw_member_id(const struct hasw_service *service,
			  const struct hasw_members *all,
			  const struct hasw_member *m)
{
	static const siphash_key_t key = {};
	u16 port = hasw_member_port(service, m);
	u64 id;
	u32 i;

	id = siphash(m->node->name, strlen(m->node->name), &key);
	for (i = 0; i < all->n; i++)
		if (all->m[i]->node == m->node &&
		    hasw_member_port(service, all->m[i]) < port)
			return siphash_2u64(id, port, &key);
	return id;
}

/* Sets @all->maglev, the table that assigns each flow to a member, and takes a
 * reference on this table.
 */
static int hasw_members_spread(struct hasw_config *cfg,
			       const struct hasw_service *service,
			       struct hasw_members *all)
{
	struct hasw_maglev_part *part;
	u32 i;

	part = kvmalloc_array(max_t(u32, all->n, 1), sizeof(*part),
			      GFP_KERNEL);
	if (!part)
		return -ENOMEM;
	for (i = 0; i < all->n; i++) {
		part[i].id = hasw_member_id(service, all, all->m[i]);
		part[i].weight = hasw_member_weigh(all->m[i]);
	}
	all->maglev = hasw_maglev_get(&cfg->maglevs, part, all->n);
	kvfree(part);
	return all->maglev ? 0 : -ENOMEM;
}

/* Allocates missing shares, before packets read the members, and sets
 * @all->capped. hasw_member_own_port() may read a member at any time, so its
 * share is complete when it is stored.
 */
static int hasw_members_share(struct hasw_members *all)
{
	struct hasw_share *share;
	u32 i;

	for (i = 0; i < all->n; i++) {
		if (!all->m[i]->share) {
			share = hasw_share_new();
			if (!share)
				return -ENOMEM;
			/* Pairs with READ_ONCE() in hasw_member_own_port(). */
			smp_store_release(&all->m[i]->share, share);
		}
		if (all->m[i]->share->flows_max)
			all->capped = true;
	}
	return 0;
}

/* Allocates a list of @n members, with round-robin credits if @sched needs
 * them. They start at 0 with each new list, because they depend on the weights.
 * If each packet is a flow of its own, each CPU has its own credits, and begins
 * with another member.
 */
static struct hasw_members *hasw_members_new(const struct hasw_sched *sched,
					     u8 how, u32 n)
{
	u32 each = hasw_members_credits_each(how, n), cpu;
	size_t credits = each ? (size_t)each * nr_cpu_ids : n;
	struct hasw_members *all;
	size_t size = struct_size(all, m, n);

	if (!sched->rotates || how < HASW_HOW_EACH || !n)
		return kvzalloc(size, GFP_KERNEL_ACCOUNT);
	all = kvzalloc(size + SMP_CACHE_BYTES - 1 + credits * sizeof(s64),
		       GFP_KERNEL_ACCOUNT);
	if (!all)
		return NULL;
	all->n = n;
	for (cpu = 0; each && cpu < nr_cpu_ids; cpu++)
		hasw_members_credits(all)[cpu * each + cpu % n] = 1;
	return all;
}

/* Fills in the fields of @all that the scheduler needs. */
static int hasw_members_prepare(struct hasw_config *cfg,
				struct hasw_service *service,
				struct hasw_members *all, u8 how)
{
	u32 i = 0;

	while (i < all->n && !hasw_member_weigh(all->m[i]))
		i++;
	all->first = i < all->n ? i : HASW_MEMBERS_NONE;
	all->how = how;
	all->sched = service->sched;
	/* Packets may read the list before the members are told. */
	for (i = 0; i < all->n; i++)
		all->waiting |= all->m[i]->turn ||
				(all->m[i]->waits && all->m[i]->wanted);
	if (how >= HASW_HOW_EACH && hasw_members_share(all))
		return -ENOMEM;
	if (hasw_service_sched(service)->spread && !cfg->staged)
		return hasw_members_spread(cfg, service, all);
	return 0;
}

/* Publishes a new list of members, without @out and with @in. @in is put behind
 * the other members of its priority. @out or @in may be NULL. If @out and @in
 * are the same member, this member moves to its new position.
 */
static int hasw_members_replace(struct hasw_config *cfg,
				struct hasw_service *service,
				struct hasw_member *out, struct hasw_member *in)
{
	struct hasw_members *old = hasw_service_members(service), *all;
	const struct hasw_sched *sched = hasw_service_sched(service);
	u32 n = old->n + !!in - !!out, i, j = 0;
	struct hasw_tracking tracking;
	bool changed = in || out;
	u8 how;

	hasw_service_tracking(service, &tracking);
	how = hasw_service_how(sched, &tracking);
	all = hasw_members_new(sched, how, n);
	if (!all)
		return -ENOMEM;
	for (i = 0; i < old->n; i++) {
		if (old->m[i] == out)
			continue;
		if (in && old->m[i]->priority > in->priority) {
			all->m[j++] = in;
			in = NULL;
		}
		all->m[j++] = old->m[i];
	}
	if (in)
		all->m[j++] = in;
	all->n = n;
	if (hasw_members_prepare(cfg, service, all, how)) {
		kvfree(all);
		return -ENOMEM;
	}
	rcu_assign_pointer(service->members, all);
	/* A list of the same members can follow a switch that called a spare
	 * member. The lost member's flows have not moved yet, and the time at
	 * which they do is recorded: see hasw_times_skip().
	 */
	if (all->how != HASW_HOW_ONE &&
	    (changed || all->how != old->how || all->sched != old->sched))
		WRITE_ONCE(service->since, hasw_switch_now());
	if (old->maglev)
		hasw_maglev_put(&cfg->maglevs, old->maglev);
	hasw_kfree_rcu(old);
	return 0;
}

/**
 * hasw_members_renew() - publishes a new list of the same members, by the
 *	weights that hasw_member_weigh() returns
 * @cfg: configuration of the service
 * @service: the service
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0; or -ENOMEM, with nothing changed.
 */
int hasw_members_renew(struct hasw_config *cfg, struct hasw_service *service)
{
	lockdep_assert(hasw_wlock_held(&service->vip->wlock));
	return hasw_members_replace(cfg, service, NULL, NULL);
}

/**
 * hasw_members_again() - adapts the published members to the scheduler
 * @cfg: configuration of the service
 * @service: the service, whose scheduler or flow tracking has changed, or which
 *	packets are about to read
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0; or -ENOMEM, with nothing changed.
 */
int hasw_members_again(struct hasw_config *cfg, struct hasw_service *service)
{
	const struct hasw_members *all = hasw_service_members(service);
	struct hasw_tracking tracking;

	hasw_service_tracking(service, &tracking);
	if (!all->maglev && (!hasw_service_sched(service)->spread || cfg->staged) &&
	    all->how == hasw_service_how(hasw_service_sched(service), &tracking) &&
	    all->sched == service->sched)
		return 0;
	return hasw_members_renew(cfg, service);
}

/* Makes a member a spare one or not, with this configured weight. The caller
 * calls hasw_member_tell() when its place in the service is published.
 */
static void hasw_member_plan(struct hasw_config *cfg,
			     struct hasw_service *service,
			     struct hasw_member *m,
			     const struct hasw_place *place)
{
	m->spare = place->spare;
	m->waits = place->waits;
	m->wanted = place->weight;
	if (m->spare && hlist_unhashed(&service->with_spares))
		hlist_add_head(&service->with_spares, &cfg->spares);
}

/* Adds @more to the number of members via gue or via nat, if @via is one of
 * these.
 */
static void hasw_member_count_via(struct hasw_config *cfg,
				  const struct hasw_service *service, u8 via,
				  int more)
{
	if (via == HASWITCH_VIA_GUE)
		cfg->n_gue += more;
	else if (via == HASWITCH_VIA_NAT)
		hasw_vip_class_count_nat(service->vip, more);
}

/* Adds @more to hasw_node.n_direct or n_routed of the member's node. After an
 * increment, hasw_node_sync_unreached() has to be called if packets read the
 * node. After a decrement the call may be omitted: the state word then only
 * makes packets to other members of the node slower.
 */
static void hasw_member_count_reach(const struct hasw_member *m, int more)
{
	u32 *n = m->via == HASWITCH_VIA_DIRECT ? &m->node->n_direct :
						 &m->node->n_routed;

	if (m->via != HASWITCH_VIA_LOCAL)
		WRITE_ONCE(*n, *n + more);
}

/**
 * hasw_member_add() - makes a node a member of a service
 * @cfg: configuration of the service
 * @service: the service
 * @node: the node; all members that it has in the service already are via nat,
 *	as the new one, and each has another hasw_member_port()
 * @place: priority, weight and flow limit of the member
 * @via: enum haswitch_via by which other nodes reach the member; if nat, the
 *	caller has called hasw_service_set_nat()
 * @port: with via nat, the member's port; 0 keeps the client's destination port
 * @health: enum haswitch_health
 *
 * If @cfg is live, the caller calls hasw_node_sync_unreached() afterwards.
 *
 * Context: process, hasw_net.mutex held.
 * Return: the member; or NULL if an allocation fails, with nothing changed.
 */
struct hasw_member *hasw_member_add(struct hasw_config *cfg,
				    struct hasw_service *service,
				    struct hasw_node *node,
				    const struct hasw_place *place, u8 via,
				    u16 port, u8 health)
{
	struct hasw_member *m = kmem_cache_zalloc(hasw_member_cache,
						  GFP_KERNEL);
	int cpu;

	if (!m)
		return NULL;
	m->node = node;
	m->priority = place->priority;
	hasw_member_plan(cfg, service, m, place);
	hasw_member_tell(m);
	m->said = via;
	m->via = hasw_via_here(node, via);
	m->health = health;
	m->checked = health;
	if (place->flows_max || via == HASWITCH_VIA_NAT || service->tracked) {
		m->share = hasw_share_new();
		if (!m->share)
			goto err;
		m->share->flows_max = place->flows_max;
		m->share->port = via == HASWITCH_VIA_NAT ? port : 0;
		/* A configuration that a restore is building serves no packets
		 * yet. hasw_members_begin() sets @began when the restore
		 * commits.
		 */
		m->share->began = cfg->staged ? 0 : hasw_switch_now();
	}
	m->traffic = alloc_percpu_gfp(struct hasw_traffic, GFP_KERNEL_ACCOUNT);
	if (!m->traffic)
		goto err;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(m->traffic, cpu)->syncp);
	if (hasw_members_replace(cfg, service, NULL, m))
		goto err;
	node->refs++;
	hasw_held_count(node, service->failback, true);
	cfg->n_members++;
	hasw_member_count_via(cfg, service, via, 1);
	hasw_member_count_reach(m, 1);
	if (node->self)
		WRITE_ONCE(service->own_via, via);
	return m;
err:
	hasw_share_put(m->share, HASW_SHARE_MEMBER);
	free_percpu(m->traffic);
	kmem_cache_free(hasw_member_cache, m);
	return NULL;
}

static void hasw_member_free_rcu(struct rcu_head *rcu)
{
	struct hasw_member *m = container_of(rcu, struct hasw_member, rcu);

	free_percpu(m->traffic);
	hasw_share_put(m->share, HASW_SHARE_MEMBER);
	kfree(m->sw);
	kmem_cache_free(hasw_member_cache, m);
}

/**
 * hasw_member_free() - frees a member
 * @cfg: configuration that the member was in
 * @service: service that the member was in
 * @m: the member, which new readers do not find; the function drops the
 *	member's reference on the node
 * @read: readers may still use the member, so a grace period must pass first
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_member_free(struct hasw_config *cfg,
		      const struct hasw_service *service, struct hasw_member *m,
		      bool read)
{
	hasw_member_count_via(cfg, service, m->said, -1);
	hasw_member_count_reach(m, -1);
	hasw_held_count(m->node, service->failback, false);
	m->node->refs--;
	if (read)
		call_rcu(&m->rcu, hasw_member_free_rcu);
	else
		hasw_member_free_rcu(&m->rcu);
}

/**
 * hasw_member_del() - unpublishes a member and frees it after a grace period
 * @cfg: configuration of the service
 * @service: the service
 * @m: the member
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0; or -ENOMEM, with nothing changed.
 */
int hasw_member_del(struct hasw_config *cfg, struct hasw_service *service,
		    struct hasw_member *m)
{
	u64 packets, bytes;
	int err;

	err = hasw_members_replace(cfg, service, m, NULL);
	if (err)
		return err;
	hasw_traffic_sum(m->traffic, &packets, &bytes);
	service->gone.packets += packets;
	service->gone.bytes += bytes;
	cfg->n_members--;
	if (m->node->self && !hasw_member_find(service, m->node))
		WRITE_ONCE(service->own_via, HASWITCH_VIA_LOCAL);
	hasw_member_free(cfg, service, m, true);
	return 0;
}

/**
 * hasw_member_set_place() - changes a member's priority, weight and flow limit,
 *	and whether it is a spare one
 * @cfg: configuration of the service
 * @service: the service
 * @m: the member
 * @place: the new values
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0; or -ENOMEM, with nothing changed.
 */
int hasw_member_set_place(struct hasw_config *cfg,
			  struct hasw_service *service, struct hasw_member *m,
			  const struct hasw_place *place)
{
	const struct hasw_place old = {
		.priority = m->priority,
		.weight = m->wanted,
		.spare = m->spare,
		.waits = m->waits,
		.flows_max = m->share ? m->share->flows_max : 0,
	};
	/* A member that keeps its priority keeps its position. */
	struct hasw_member *moves = place->priority == old.priority ? NULL : m;
	int err;

	if (!moves && place->weight == old.weight &&
	    place->spare == old.spare && place->flows_max == old.flows_max)
		return 0;
	m->priority = place->priority;
	hasw_member_plan(cfg, service, m, place);
	if (m->share)
		WRITE_ONCE(m->share->flows_max, place->flows_max);
	err = hasw_members_replace(cfg, service, moves, moves);
	if (err) {
		m->priority = old.priority;
		hasw_member_plan(cfg, service, m, &old);
		if (m->share)
			WRITE_ONCE(m->share->flows_max, old.flows_max);
	}
	hasw_member_tell(m);
	return err;
}

/**
 * hasw_members_sync() - stops flow tracking for nat if no member is reached via
 *	nat
 * @cfg: configuration of the service
 * @service: the service
 *
 * All nodes must track the flows of the same services. So the configured via of
 * the member on this node decides, although packets to this member are
 * delivered locally.
 *
 * If an allocation fails, flows are still tracked.
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_members_sync(struct hasw_config *cfg, struct hasw_service *service)
{
	const struct hasw_members *all = hasw_service_members(service);
	bool nat = false;
	u32 i;

	for (i = 0; i < all->n; i++)
		nat |= all->m[i]->said == HASWITCH_VIA_NAT;
	if (!nat)
		hasw_service_set_nat(cfg, service, false);
}

/**
 * hasw_member_set_via() - changes how other nodes reach a member
 * @cfg: configuration of the service
 * @service: the service
 * @m: the member
 * @via: enum haswitch_via; if nat, the caller has called hasw_flows_open()
 * @port: with via nat, the member's port; 0 keeps the client's destination port
 *
 * If @m is one of several members on its node, @via and @port are those that it
 * has: the Maglev table depends on the ports, and is not made anew here.
 *
 * A tracked flow that does not match the new via or port is assigned to a
 * member anew. If @cfg is live, the caller calls hasw_node_sync_unreached()
 * afterwards.
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0; or -ENOMEM, with nothing changed.
 */
int hasw_member_set_via(struct hasw_config *cfg, struct hasw_service *service,
			struct hasw_member *m, u8 via, u16 port)
{
	int err = 0;

	if (via == HASWITCH_VIA_NAT)
		err = hasw_service_set_nat(cfg, service, true);
	if (err)
		return err;
	/* If @via is nat, hasw_service_set_nat() has allocated the member's
	 * share.
	 */
	if (m->share)
		WRITE_ONCE(m->share->port, via == HASWITCH_VIA_NAT ? port : 0);
	hasw_member_count_via(cfg, service, m->said, -1);
	hasw_member_count_reach(m, -1);
	m->said = via;
	WRITE_ONCE(m->via, hasw_via_here(m->node, via));
	hasw_member_count_via(cfg, service, via, 1);
	hasw_member_count_reach(m, 1);
	if (m->node->self)
		WRITE_ONCE(service->own_via, via);
	hasw_members_sync(cfg, service);
	return 0;
}

/**
 * hasw_member_prepare_health() - allocates hasw_member.sw
 * @m: the member
 * @gfp: allocation flags
 *
 * Context: process, hasw_net.mutex held; or softirq, under RCU.
 * Return: 0, or -ENOMEM.
 */
int hasw_member_prepare_health(struct hasw_member *m, gfp_t gfp)
{
	struct hasw_switch *sw;

	if (READ_ONCE(m->sw))
		return 0;
	sw = kzalloc(sizeof(*sw), gfp | __GFP_ACCOUNT);
	if (!sw)
		return -ENOMEM;
	/* Another CPU may have stored a record since the check above. The
	 * cmpxchg() also publishes the record only after its initialisation.
	 */
	if (cmpxchg(&m->sw, NULL, sw))
		kfree(sw);
	return 0;
}

/**
 * hasw_member_event() - names in an event the member that it is about
 * @ev: the event
 * @kind: enum haswitch_event_kind
 * @service: service of the member
 * @m: the member
 *
 * Context: hasw_net.mutex or hasw_net.state_lock held.
 */
void hasw_member_event(struct hasw_event *ev, u8 kind,
		       const struct hasw_service *service,
		       const struct hasw_member *m)
{
	ev->kind = kind;
	ev->addr = service->vip->addr;
	ev->family = service->vip->family;
	ev->proto = service->proto;
	ev->port = service->port;
	ev->nat_port = hasw_member_own_port(m);
	strscpy(ev->node, m->node->name, sizeof(ev->node));
	rcu_read_lock();
	ev->epoch = hasw_vip_epoch(service->vip);
	rcu_read_unlock();
}

/* Computes a member's health from hasw_member.checked and hasw_member.refused.
 * Publishes the health if it has changed. The caller holds state_lock.
 */
static void hasw_member_fold(struct hasw_net *hn,
			     const struct hasw_service *service,
			     struct hasw_member *m, u8 cause, u64 decision)
{
	struct hasw_event ev = { .cause = cause, .decision = decision };
	u8 to = m->checked;

	lockdep_assert_held(&hn->state_lock);
	if (to == HASWITCH_HEALTH_UP && m->refused)
		to = HASWITCH_HEALTH_REFUSED;
	if (m->health == to)
		return;
	hasw_member_event(&ev, HASWITCH_EVENT_KIND_MEMBER, service, m);
	hasw_switch_publish_health(hn, &m->health, to, m->sw, &ev);
}

/**
 * hasw_member_set_health() - stores the result of a health check
 * @hn: namespace
 * @service: the service
 * @m: the member, after hasw_member_prepare_health()
 * @health: HASWITCH_HEALTH_UP or HASWITCH_HEALTH_DOWN
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_member_set_health(struct hasw_net *hn,
			    const struct hasw_service *service,
			    struct hasw_member *m, u8 health)
{
	lockdep_assert_held(&hn->mutex);
	spin_lock_bh(&hn->state_lock);
	m->checked = health;
	hasw_member_fold(hn, service, m, HASWITCH_CAUSE_HEALTH, hn->decision);
	spin_unlock_bh(&hn->state_lock);
}

/**
 * hasw_member_inherit_refused() - stores whether a new member refuses
 *	connections, like the one that it replaces
 * @m: the new member, in a configuration that a restore builds and no packet
 *	reads yet
 * @refused: no process listens on the service's port at the member
 *
 * If the allocation fails, @m keeps its checked health until the refusal is
 * checked again.
 *
 * Context: hasw_net.state_lock held.
 */
void hasw_member_inherit_refused(struct hasw_member *m, bool refused)
{
	if (m->refused == refused ||
	    hasw_member_prepare_health(m, GFP_ATOMIC))
		return;
	WRITE_ONCE(m->refused, refused);
	if (m->checked == HASWITCH_HEALTH_UP)
		WRITE_ONCE(m->health, refused ? HASWITCH_HEALTH_REFUSED :
						HASWITCH_HEALTH_UP);
}

/**
 * hasw_member_inherit_share() - takes over the flows of the replaced member
 * @m: the member, which no packet reads yet
 * @from: the old member, which @m replaces
 *
 * Context: hasw_net.mutex and hasw_net.state_lock held.
 */
void hasw_member_inherit_share(struct hasw_member *m,
			       const struct hasw_member *from)
{
	const struct hasw_switch *sw = READ_ONCE(from->sw);
	u64 began = from->share ? from->share->began : 0;

	if (!m->share)
		return;
	/* @m gets no copy of @from's switch record, so the share keeps the time
	 * of the last health change.
	 */
	if (sw)
		began = max(began, sw->publish);
	WRITE_ONCE(m->share->began, began);
	if (!from->share)
		return;
	WRITE_ONCE(from->share->began, began);
	WRITE_ONCE(from->share->port, m->share->port);
	WRITE_ONCE(from->share->flows_max, m->share->flows_max);
	hasw_share_put(m->share, HASW_SHARE_MEMBER);
	hasw_share_get(from->share, HASW_SHARE_MEMBER);
	m->share = from->share;
}

/**
 * hasw_members_begin() - starts the slow start of all members of a service
 * @service: the service, which replaces another service in a restore, and which
 *	no packet reads yet
 *
 * Afterwards the caller calls hasw_member_inherit_share() for each member that
 * the replaced service also has. These members keep their start time.
 *
 * Context: hasw_net.mutex held.
 */
void hasw_members_begin(struct hasw_service *service)
{
	const struct hasw_members *all = hasw_service_members(service);
	u32 i;

	for (i = 0; i < all->n; i++)
		if (all->m[i]->share)
			all->m[i]->share->began = hasw_switch_now();
}

/**
 * hasw_member_set_refused() - stores whether a member refuses connections
 * @hn: namespace
 * @service: the service
 * @m: the member
 * @refused: no process listens on the service's port at the member
 * @decision: time at which the refusal or its end was noticed, ns
 *
 * Context: softirqs off, RCU read side, hasw_net.state_lock held.
 * Return: true; or false if the allocation fails, with nothing changed.
 */
bool hasw_member_set_refused(struct hasw_net *hn,
			     const struct hasw_service *service,
			     struct hasw_member *m, bool refused,
			     u64 decision)
{
	lockdep_assert_held(&hn->state_lock);
	if (m->refused == refused)
		return true;
	if (hasw_member_prepare_health(m, GFP_ATOMIC))
		return false;
	WRITE_ONCE(m->refused, refused);
	hasw_member_fold(hn, service, m, HASWITCH_CAUSE_REFUSED, decision);
	return true;
}
