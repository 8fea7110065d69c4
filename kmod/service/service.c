// SPDX-License-Identifier: GPL-2.0
/* Services: each covers a whole vip, a protocol of the vip, or a port. */
#include <linux/rculist.h>
#include <linux/siphash.h>
#include <linux/slab.h>

#include "compat/compat.h"
#include "service.h"

static struct kmem_cache *hasw_service_cache;

/**
 * hasw_service_cache_create() - creates the slab cache of services
 *
 * Context: process.
 * Return: 0, or -ENOMEM.
 */
int hasw_service_cache_create(void)
{
	hasw_service_cache = KMEM_CACHE(hasw_service, SLAB_ACCOUNT);
	return hasw_service_cache ? 0 : -ENOMEM;
}

/**
 * hasw_service_cache_destroy() - destroys the slab cache of services
 *
 * Context: process, after all services were freed and rcu_barrier() returned.
 */
void hasw_service_cache_destroy(void)
{
	kmem_cache_destroy(hasw_service_cache);
}

/* Returns the services of a vip. The caller holds hasw_net.mutex. */
static struct hasw_services *hasw_services_of(const struct hasw_vip *vip)
{
	return rcu_dereference_protected(vip->services,
					 hasw_wlock_held(&vip->wlock));
}

/**
 * hasw_service_members() - returns the members of a service
 * @service: the service
 *
 * Context: hasw_net.mutex held.
 * Return: the members, never NULL.
 */
struct hasw_members *hasw_service_members(const struct hasw_service *service)
{
	return rcu_dereference_protected(service->members,
					 hasw_wlock_held(&service->vip->wlock));
}

/**
 * hasw_service_find() - finds a service
 * @vip: vip of the service
 * @proto: protocol of the service, 0 for the whole vip
 * @port: port of the service in host byte order, 0 for all ports
 *
 * Context: hasw_net.mutex held.
 * Return: the service, or NULL.
 */
struct hasw_service *hasw_service_find(const struct hasw_vip *vip, u8 proto,
				       u16 port)
{
	const struct hasw_services *all = hasw_services_of(vip);

	return all ? hasw_service_at(all, hasw_service_key(proto, port)) :
		     NULL;
}

/* Returns the id of a service in heartbeats. All nodes must compute the same
 * id, so the key of the hash is constant.
 */
static u64 hasw_service_number(const struct hasw_vip *vip, u8 proto, u16 port)
{
	static const siphash_key_t key = {};
	u64 addr[2];

	memcpy(addr, &vip->addr, sizeof(addr));
	return siphash_3u64(be64_to_cpu((__force __be64)addr[0]),
			    be64_to_cpu((__force __be64)addr[1]),
			    hasw_service_key(proto, port), &key);
}

static u32 hasw_service_bucket(u64 number)
{
	return number % HASW_SERVICE_NUMBERS;
}

/**
 * hasw_service_numbered() - finds a service by hasw_service.number
 * @cfg: configuration
 * @number: number of a service that has a port; other services are not found
 *
 * Context: RCU read side.
 * Return: the service, or NULL.
 */
struct hasw_service *hasw_service_numbered(const struct hasw_config *cfg,
					   u64 number)
{
	struct hasw_service *s;

	hlist_for_each_entry_rcu(s, &cfg->numbers[hasw_service_bucket(number)],
				 by_number)
		if (s->number == number)
			return s;
	return NULL;
}

static struct hasw_members *hasw_members_alloc(const struct hasw_sched *sched)
{
	struct hasw_members *all;

	all = kzalloc(sizeof(*all), GFP_KERNEL_ACCOUNT);
	if (!all)
		return NULL;
	all->first = HASW_MEMBERS_NONE;
	all->how = HASW_HOW_ONE;
	all->sched = sched->id;
	return all;
}

/* Returns the further ports of the services in @all, which may be NULL, or NULL
 * if there are none.
 */
static const struct hasw_furthers *
hasw_furthers_of(const struct hasw_services *all)
{
	return all && all->count & HASW_SERVICES_FURTHER ?
	       hasw_services_further(all) : NULL;
}

/**
 * hasw_service_owner() - finds a service that has at least one of some ports,
 *	as its own port or as a further one
 * @vip: the vip
 * @proto: IP protocol
 * @from: first port, host byte order, above 0
 * @to: last port
 * @but: service that is not looked at, or NULL
 * @port: receives the first of these ports that the service has
 *
 * Context: hasw_net.mutex held.
 * Return: the service, or NULL.
 */
struct hasw_service *hasw_service_owner(const struct hasw_vip *vip, u8 proto,
					u16 from, u16 to,
					const struct hasw_service *but,
					u16 *port)
{
	u32 first = hasw_service_key(proto, from), i;
	u32 last = hasw_service_key(proto, to);
	const struct hasw_services *all = hasw_services_of(vip);
	const struct hasw_furthers *further = hasw_furthers_of(all);
	u32 n = further ? further->n : 0;
	struct hasw_service *s;

	for (i = 0; all && i < hasw_services_n(all); i++) {
		s = hasw_services_list(all)[i];
		if (s == but || all->key[i] < first || all->key[i] > last)
			continue;
		*port = s->port;
		return s;
	}
	i = further ? hasw_further_from(further, first) : 0;
	for (; i < n && further->range[i].from <= last; i++) {
		s = further->range[i].service;
		if (s == but)
			continue;
		*port = (u16)max(first, further->range[i].from);
		return s;
	}
	return NULL;
}

/**
 * hasw_service_ports() - returns the further ports of a service
 * @service: the service
 * @ports: filled in
 *
 * Context: hasw_net.mutex held.
 */
void hasw_service_ports(const struct hasw_service *service,
			struct hasw_ports *ports)
{
	const struct hasw_furthers *further =
		hasw_furthers_of(hasw_services_of(service->vip));
	u32 i;

	ports->n = 0;
	for (i = 0; further && i < further->n; i++) {
		if (further->range[i].service != service)
			continue;
		ports->range[ports->n].from = (u16)further->range[i].from;
		ports->range[ports->n++].to = (u16)further->range[i].to;
	}
}

/* Fills in @to with the ranges in @from, which may be NULL, except those of
 * @without, and with the further ports @ports of @with.
 */
static void hasw_furthers_merge(struct hasw_furthers *to,
				const struct hasw_furthers *from,
				const struct hasw_service *without,
				struct hasw_service *with,
				const struct hasw_ports *ports)
{
	u32 n = from ? from->n : 0, more = ports ? ports->n : 0, i = 0, j = 0;
	struct hasw_further next = { .service = with };

	to->n = 0;
	while (i < n || j < more) {
		if (i < n && from->range[i].service == without) {
			i++;
			continue;
		}
		if (j < more) {
			next.from = hasw_service_key(with->proto,
						     ports->range[j].from);
			next.to = hasw_service_key(with->proto,
						   ports->range[j].to);
		}
		if (j == more || (i < n && from->range[i].from < next.from)) {
			to->range[to->n++] = from->range[i++];
		} else {
			to->range[to->n++] = next;
			j++;
		}
	}
}

/* Copies a vip's list of services. Leaves @without, if not NULL, and its
 * further ports out of the copy. Adds @with, if not NULL, with the further
 * ports @ports, which may be NULL. @without and @with may be the same service.
 */
static struct hasw_services *
hasw_services_copy(const struct hasw_services *old,
		   const struct hasw_service *without,
		   struct hasw_service *with, const struct hasw_ports *ports)
{
	u32 n = old ? hasw_services_n(old) : 0, more = n - !!without + !!with;
	const struct hasw_furthers *from = hasw_furthers_of(old);
	u32 ranges = (from ? from->n : 0) + (ports ? ports->n : 0);
	u32 i, j = 0, key = 0;
	size_t size = hasw_services_offset(more) + more * sizeof(with);
	struct hasw_service *next, *add = with;
	struct hasw_services *all;

	if (ranges)
		size += struct_size(from, range, ranges);
	all = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (!all)
		return NULL;
	all->count = more;
	if (with)
		key = hasw_service_key(with->proto, with->port);
	for (i = 0; i < n || add; j++) {
		if (add && (i == n || old->key[i] > key)) {
			next = add;
			add = NULL;
		} else {
			next = hasw_services_list(old)[i++];
			if (next == without) {
				j--;
				continue;
			}
		}
		all->key[j] = hasw_service_key(next->proto, next->port);
		hasw_services_list(all)[j] = next;
	}
	if (!ranges)
		return all;
	hasw_furthers_merge(hasw_services_further(all), from, without, with,
			    ports);
	if (hasw_services_further(all)->n)
		all->count |= HASW_SERVICES_FURTHER;
	return all;
}

/**
 * hasw_service_plan_ports() - prepares a change of a service's further ports
 * @service: the service, which has a port
 * @ports: the further ports; no other service of the vip has one of them
 *
 * Context: process, hasw_net.mutex held.
 * Return: the vip's services after the change, for hasw_service_set_ports() or
 * kvfree(); NULL if the allocation fails.
 */
struct hasw_services *
hasw_service_plan_ports(struct hasw_service *service,
			const struct hasw_ports *ports)
{
	return hasw_services_copy(hasw_services_of(service->vip), service,
				  service, ports);
}

/**
 * hasw_service_set_ports() - changes a service's further ports
 * @service: the service
 * @planned: result of hasw_service_plan_ports(); no service of the vip was
 *	added, changed or deleted since
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_service_set_ports(struct hasw_service *service,
			    struct hasw_services *planned)
{
	struct hasw_services *old = hasw_services_of(service->vip);

	rcu_assign_pointer(service->vip->services, planned);
	hasw_kfree_rcu(old);
}

/**
 * hasw_service_how() - returns how the packet path finds the member of a packet
 * @sched: the scheduler
 * @tracking: how the service tracks flows
 *
 * Context: any.
 * Return: enum hasw_how.
 */
u8 hasw_service_how(const struct hasw_sched *sched,
		    const struct hasw_tracking *tracking)
{
	if (tracking->persist || tracking->nat)
		return HASW_HOW_FLOW;
	if (sched->tracks)
		return tracking->one_packet ? HASW_HOW_EACH : HASW_HOW_FLOW;
	return sched->spread ? HASW_HOW_HASH : HASW_HOW_ONE;
}

/**
 * hasw_service_tracks() - whether a service tracks flows even if it has no
 *	member reached via nat
 * @sched: the scheduler
 * @tracking: how the service tracks flows
 *
 * A service's flow settings must not depend on its members, which are
 * configured later and may be deleted. So members reached via nat are
 * disregarded.
 *
 * Context: any.
 */
bool hasw_service_tracks(const struct hasw_sched *sched,
			 const struct hasw_tracking *tracking)
{
	struct hasw_tracking own = *tracking;

	own.nat = false;
	return hasw_service_how(sched, &own) == HASW_HOW_FLOW;
}

/**
 * hasw_service_tracking() - reads how a service tracks flows
 * @service: the service
 * @tracking: filled in
 *
 * Context: hasw_net.mutex held.
 */
void hasw_service_tracking(const struct hasw_service *service,
			   struct hasw_tracking *tracking)
{
	const struct hasw_tracked *tracked = service->tracked;

	memset(tracking, 0, sizeof(*tracking));
	if (!tracked)
		return;
	tracking->one_packet = tracked->one_packet;
	tracking->nat = tracked->nat;
	tracking->snat = tracked->snat;
	tracking->mask = tracked->mask;
	tracking->persist = tracked->persist;
	tracking->new_max = tracked->new_max;
	tracking->slow_start = tracked->slow_start;
	tracking->on_failover = tracked->on_failover;
}

/* Allocates hasw_service.tracked if it is needed and does not exist yet.
 * hasw_service.tracked is freed only with the service.
 */
static int hasw_service_prepare(struct hasw_service *service,
				const struct hasw_sched *sched,
				const struct hasw_tracking *tracking)
{
	if (service->tracked || (!tracking->snat &&
				 hasw_service_how(sched, tracking) < HASW_HOW_EACH))
		return 0;
	service->tracked = kzalloc(sizeof(*service->tracked),
				   GFP_KERNEL_ACCOUNT);
	if (!service->tracked)
		return -ENOMEM;
	spin_lock_init(&service->tracked->rr_lock);
	return 0;
}

static void hasw_service_set_tracking(struct hasw_service *service,
				      const struct hasw_tracking *tracking)
{
	struct hasw_tracked *tracked = service->tracked;

	if (!tracked)
		return;
	tracked->one_packet = tracking->one_packet;
	tracked->nat = tracking->nat;
	WRITE_ONCE(tracked->snat, tracking->snat);
	WRITE_ONCE(tracked->on_failover, tracking->on_failover);
	WRITE_ONCE(tracked->new_max, tracking->new_max);
	WRITE_ONCE(tracked->slow_start, tracking->slow_start);
	WRITE_ONCE(tracked->mask, tracking->mask);
	WRITE_ONCE(tracked->ticks, nsecs_to_jiffies(tracking->persist));
	/* Pairs with smp_load_acquire() in hasw_flow_choose(). A packet that
	 * reads the new @persist there also reads the new @mask.
	 */
	smp_store_release(&tracked->persist, tracking->persist);
}

/**
 * hasw_service_flows() - counts the flows of a service's members
 * @service: the service
 *
 * Context: hasw_net.mutex held.
 */
u32 hasw_service_flows(const struct hasw_service *service)
{
	const struct hasw_members *all = hasw_service_members(service);
	u32 sum = 0, i;

	for (i = 0; i < all->n; i++)
		sum += hasw_share_flows(all->m[i]->share);
	return sum;
}

/**
 * hasw_service_limited() - returns how many packets would have begun a flow
 *	above the limit new_max
 * @service: the service
 *
 * Context: hasw_net.mutex held.
 */
u64 hasw_service_limited(const struct hasw_service *service)
{
	return service->tracked ? atomic64_read(&service->tracked->limited) : 0;
}

/* Returns whether the packet path needs the ports of a service's packets, to
 * find the service or the flow. hasw_config.n_ports counts such services. The
 * counter is incremented before the packet path needs the ports, and
 * decremented after the packet path has stopped needing them.
 */
static bool hasw_service_wants_ports(const struct hasw_service *service, u8 how)
{
	return service->port || how != HASW_HOW_ONE;
}

static u8 hasw_service_how_now(const struct hasw_service *service)
{
	struct hasw_tracking tracking;

	hasw_service_tracking(service, &tracking);
	return hasw_service_how(hasw_service_sched(service), &tracking);
}

static void hasw_service_count_ports(struct hasw_config *cfg, int more)
{
	WRITE_ONCE(cfg->n_ports, cfg->n_ports + more);
}

/**
 * hasw_service_add() - adds a service to a vip
 * @cfg: configuration of @vip
 * @vip: vip of the service
 * @proto: protocol of the service, 0 for the whole vip
 * @port: port of the service in host byte order, 0 for all ports
 * @ports: further ports of the service, or NULL; no other service of the vip
 *	has one of them
 * @sched: scheduler of the service
 * @tracking: how the service tracks flows; if the service tracks flows, the
 *	caller has called hasw_flows_open()
 *
 * Context: process, hasw_net.mutex held.
 * Return: the service; or NULL if an allocation fails, with nothing changed.
 */
struct hasw_service *hasw_service_add(struct hasw_config *cfg,
				      struct hasw_vip *vip, u8 proto, u16 port,
				      const struct hasw_ports *ports,
				      const struct hasw_sched *sched,
				      const struct hasw_tracking *tracking)
{
	struct hasw_services *old = hasw_services_of(vip), *all;
	struct hasw_members *members;
	struct hasw_service *service;

	service = kmem_cache_zalloc(hasw_service_cache, GFP_KERNEL);
	if (!service)
		return NULL;
	service->vip = vip;
	service->proto = proto;
	service->port = port;
	service->sched = sched->id;
	if (hasw_service_prepare(service, sched, tracking))
		goto err_service;
	hasw_service_set_tracking(service, tracking);
	service->failback = HASW_FAILBACK_DEFAULT;
	service->min_active = 1;
	service->number = hasw_service_number(vip, proto, port);
	service->dropped = alloc_percpu_gfp(u64, GFP_KERNEL_ACCOUNT);
	if (!service->dropped)
		goto err_service;
	members = hasw_members_alloc(sched);
	if (!members)
		goto err_dropped;
	RCU_INIT_POINTER(service->members, members);
	if (hasw_members_again(cfg, service))
		goto err_members;
	all = hasw_services_copy(old, NULL, service, ports);
	if (!all)
		goto err_members;
	/* n_ports is incremented before the service is published, so that
	 * fragmented packets are reassembled as soon as packets find the
	 * service.
	 */
	hasw_service_count_ports(cfg,
				 hasw_service_wants_ports(service,
							  hasw_service_how_now(service)));
	rcu_assign_pointer(vip->services, all);
	if (old)
		hasw_kfree_rcu(old);
	WRITE_ONCE(cfg->n_services, cfg->n_services + 1);
	if (port)
		hlist_add_head_rcu(&service->by_number,
				   &cfg->numbers[hasw_service_bucket(service->number)]);
	return service;

err_members:
	members = hasw_service_members(service);
	if (members->maglev)
		hasw_maglev_put(&cfg->maglevs, members->maglev);
	kvfree(members);
err_dropped:
	free_percpu(service->dropped);
err_service:
	kfree(service->tracked);
	kmem_cache_free(hasw_service_cache, service);
	return NULL;
}

/**
 * hasw_service_set_sched() - changes a service's scheduler and flow tracking
 * @cfg: configuration of the service
 * @service: the service
 * @sched: scheduler of the service
 * @tracking: how the service will track flows; if it will track flows, the
 *	caller has called hasw_flows_open()
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0; or -ENOMEM, with nothing changed.
 */
int hasw_service_set_sched(struct hasw_config *cfg,
			   struct hasw_service *service,
			   const struct hasw_sched *sched,
			   const struct hasw_tracking *tracking)
{
	bool wanted = hasw_service_wants_ports(service,
					       hasw_service_how_now(service));
	bool wants = hasw_service_wants_ports(service,
					      hasw_service_how(sched, tracking));
	u8 old = service->sched;
	struct hasw_tracking was;
	int err;

	err = hasw_service_prepare(service, sched, tracking);
	if (err)
		return err;
	hasw_service_tracking(service, &was);
	if (wants && !wanted)
		hasw_service_count_ports(cfg, 1);
	service->sched = sched->id;
	hasw_service_set_tracking(service, tracking);
	if (old != sched->id || hasw_service_how_now(service) !=
			    hasw_service_members(service)->how)
		err = hasw_members_again(cfg, service);
	if (err) {
		service->sched = old;
		hasw_service_set_tracking(service, &was);
		swap(wants, wanted);
	}
	if (wanted && !wants)
		hasw_service_count_ports(cfg, -1);
	return err;
}

/**
 * hasw_service_set_nat() - sets whether a service has members reached via nat
 * @cfg: configuration of the service
 * @service: the service
 * @nat: whether a member is, or will be, reached via nat; if true, the caller
 *	has called hasw_flows_open()
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0; or -ENOMEM, with nothing changed.
 */
int hasw_service_set_nat(struct hasw_config *cfg, struct hasw_service *service,
			 bool nat)
{
	struct hasw_tracking tracking;

	hasw_service_tracking(service, &tracking);
	if (tracking.nat == nat)
		return 0;
	tracking.nat = nat;
	return hasw_service_set_sched(cfg, service, hasw_service_sched(service),
				      &tracking);
}

/**
 * hasw_service_set_failback() - sets how long a returned node waits before it
 *	serves again
 * @service: the service
 * @failback: waiting time, ns; or HASW_FAILBACK_AUTO or HASW_FAILBACK_MANUAL
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_service_set_failback(struct hasw_service *service, u64 failback)
{
	const struct hasw_members *all = hasw_service_members(service);
	u32 i;

	for (i = 0; i < all->n; i++) {
		hasw_held_count(all->m[i]->node, service->failback, false);
		hasw_held_count(all->m[i]->node, failback, true);
	}
	WRITE_ONCE(service->failback, failback);
}

/**
 * hasw_service_set_on_empty() - sets what happens if no member is usable
 * @service: the service
 * @rejects: the sender of a packet gets an error
 * @sorry: node that gets the packets instead of a member, or NULL
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_service_set_on_empty(struct hasw_service *service, bool rejects,
			       struct hasw_node *sorry)
{
	const struct hasw_wlock *wlock = &service->vip->wlock;
	struct hasw_node *old =
		rcu_dereference_protected(service->sorry,
					  hasw_wlock_held(wlock));

	if (sorry)
		sorry->refs++;
	WRITE_ONCE(service->rejects, rejects);
	rcu_assign_pointer(service->sorry, sorry);
	if (old)
		old->refs--;
}

/**
 * hasw_service_has() - whether packets of a service can be sent to a node
 * @service: the service
 * @node: the node
 *
 * Context: process, hasw_net.mutex held.
 */
bool hasw_service_has(const struct hasw_service *service,
		      const struct hasw_node *node)
{
	return hasw_member_find(service, node) ||
	       rcu_access_pointer(service->sorry) == node;
}

static void hasw_service_free_rcu(struct rcu_head *rcu)
{
	struct hasw_service *s = container_of(rcu, struct hasw_service, rcu);

	/* hasw_unpublished() checks no lock. A check would fail, because no
	 * lock is held here. It would also read the vip, which may be freed.
	 */
	kvfree(hasw_unpublished(s->members));
	free_percpu(s->dropped);
	kfree(s->times);
	kfree(s->tracked);
	kmem_cache_free(hasw_service_cache, s);
}

/* Frees a service, after a grace period if readers may still use it. */
static void hasw_service_free(struct hasw_config *cfg,
			      struct hasw_service *service, bool read)
{
	struct hasw_members *members = hasw_service_members(service);
	u32 i;

	if (members->maglev)
		hasw_maglev_put(&cfg->maglevs, members->maglev);
	for (i = 0; i < members->n; i++) {
		hasw_member_free(cfg, service, members->m[i], read);
		cond_resched();
	}
	hasw_service_set_on_empty(service, false, NULL);
	if (service->port)
		hlist_del_rcu(&service->by_number);
	if (cfg->spares_at == &service->with_spares)
		cfg->spares_at = service->with_spares.next;
	hlist_del_init(&service->with_spares);
	if (read)
		call_rcu(&service->rcu, hasw_service_free_rcu);
	else
		hasw_service_free_rcu(&service->rcu);
}

/**
 * hasw_service_del() - unpublishes a service and frees it after a grace period
 * @cfg: configuration of the service's vip
 * @service: the service
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0; or -ENOMEM, with nothing changed.
 */
int hasw_service_del(struct hasw_config *cfg, struct hasw_service *service)
{
	struct hasw_vip *vip = service->vip;
	struct hasw_services *old = hasw_services_of(vip), *all = NULL;

	if (hasw_services_n(old) > 1) {
		all = hasw_services_copy(old, service, NULL, NULL);
		if (!all)
			return -ENOMEM;
	}
	rcu_assign_pointer(vip->services, all);
	hasw_kfree_rcu(old);
	WRITE_ONCE(cfg->n_services, cfg->n_services - 1);
	hasw_service_count_ports(cfg,
				 -hasw_service_wants_ports(service,
							   hasw_service_how_now(service)));
	cfg->n_members -= hasw_service_members(service)->n;
	hasw_service_free(cfg, service, true);
	return 0;
}

/**
 * hasw_service_free_all() - frees all services of a vip at once
 * @cfg: configuration of @vip
 * @vip: the vip, which no reader uses any more
 *
 * With very many vips, RCU would free the services for milliseconds in one
 * softirq, if each of them waited for a grace period.
 *
 * Context: process, may sleep.
 */
void hasw_service_free_all(struct hasw_config *cfg, struct hasw_vip *vip)
{
	struct hasw_services *all = hasw_services_of(vip);
	u32 i;

	if (!all)
		return;
	RCU_INIT_POINTER(vip->services, NULL);
	for (i = 0; i < hasw_services_n(all); i++)
		hasw_service_free(cfg, hasw_services_list(all)[i], false);
	kvfree(all);
}

/**
 * hasw_service_dropped() - returns for how many packets no member was usable
 * @service: the service
 *
 * Context: any.
 * Return: the sum over all CPUs.
 */
u64 hasw_service_dropped(const struct hasw_service *service)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(service->dropped, cpu));
	return sum;
}
