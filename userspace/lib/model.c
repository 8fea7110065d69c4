// SPDX-License-Identifier: GPL-2.0
/* A configuration in memory, which haadm save prints and haadm restore checks. */

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "array.h"
#include "model.h"
#include "text.h"

#define FIRST_ROOM 64

static uint32_t hash_bytes(uint32_t hash, const void *bytes, size_t len)
{
	const uint8_t *byte = bytes;

	/* FNV-1a needs no random seed against provoked collisions, because the files that haadm reads are trusted. */
	while (len--)
		hash = (hash ^ *byte++) * 16777619u;
	return hash;
}

#define HASH_BEGIN 2166136261u

static uint32_t hash_name(const char *name)
{
	return hash_bytes(HASH_BEGIN, name, strlen(name));
}

static uint32_t hash_addr(const struct hasw_addr *addr)
{
	return hash_bytes(HASH_BEGIN, addr->bytes, hasw_addr_len(addr));
}

static uint32_t hash_svc(const struct hasw_svc *svc)
{
	uint8_t rest[3] = { svc->proto, (uint8_t)(svc->port >> 8), (uint8_t)svc->port };

	return hash_bytes(hash_addr(&svc->vip), rest, sizeof(rest));
}

static void table_put(struct hasw_table *table, uint32_t hash, uint32_t index)
{
	uint32_t at = hash & (table->size - 1);

	while (table->slots[at].entry)
		at = (at + 1) & (table->size - 1);
	table->slots[at].hash = hash;
	table->slots[at].entry = index + 1;
	table->used++;
}

/* Adds an entry, which must not be in the table yet. Returns false when out of memory. */
static bool table_add(struct hasw_table *table, uint32_t hash, uint32_t index)
{
	if (table->used * 2 >= table->size) {
		struct hasw_table bigger = { .size = table->size ? table->size * 4 : FIRST_ROOM };

		bigger.slots = calloc(bigger.size, sizeof(*bigger.slots));
		if (!bigger.slots)
			return false;
		for (uint32_t i = 0; i < table->size; i++) {
			if (table->slots[i].entry)
				table_put(&bigger, table->slots[i].hash, table->slots[i].entry - 1);
		}
		free(table->slots);
		*table = bigger;
	}
	table_put(table, hash, index);
	return true;
}

/* Returns the index of the next object with HASH, or HASW_NONE at the end. *STEP must be 0 in the first call. */
static uint32_t table_next(const struct hasw_table *table, uint32_t hash, uint32_t *step)
{
	while (table->size) {
		uint32_t at = (hash + (*step)++) & (table->size - 1);

		if (!table->slots[at].entry)
			break;
		if (table->slots[at].hash == hash)
			return table->slots[at].entry - 1;
	}
	return HASW_NONE;
}

static int no_memory(struct hasw_error *err)
{
	return hasw_fail(err, ENOMEM, "out of memory");
}

#define SECONDS UINT64_C(1000000000)

/* The flow limits that the module has by default in a new configuration. */
const struct hasw_flow_limits hasw_flow_limits_default = {
	.max = 262144,
	.ns = {
		[HASW_FLOW_TCP_SYN] = 60 * SECONDS,
		[HASW_FLOW_TCP] = 900 * SECONDS,
		[HASW_FLOW_TCP_CLOSING] = 120 * SECONDS,
		[HASW_FLOW_UDP] = 180 * SECONDS,
		[HASW_FLOW_OTHER] = 60 * SECONDS,
	},
};

void hasw_model_init(struct hasw_model *model)
{
	memset(model, 0, sizeof(*model));
	model->flow_limits = hasw_flow_limits_default;
	model->self = HASW_NONE;
}

void hasw_model_free(struct hasw_model *model)
{
	for (uint32_t i = 0; i < model->n_services; i++)
		free(model->services[i].active);
	free(model->nodes);
	free(model->leases);
	free(model->vips);
	free(model->services);
	free(model->members);
	free(model->devs);
	free(model->conflicts);
	free(model->also);
	free(model->by_name.slots);
	free(model->by_lease.slots);
	free(model->by_node.slots);
	free(model->by_addr.slots);
	free(model->by_svc.slots);
	hasw_model_init(model);
}

uint32_t hasw_model_node(const struct hasw_model *model, const char *name)
{
	uint32_t hash = hash_name(name), step = 0, i;

	while ((i = table_next(&model->by_name, hash, &step)) != HASW_NONE) {
		if (hasw_same(model->nodes[i].name, name))
			break;
	}
	return i;
}

uint32_t hasw_model_lease(const struct hasw_model *model, const char *name)
{
	uint32_t hash = hash_name(name), step = 0, i;

	while ((i = table_next(&model->by_lease, hash, &step)) != HASW_NONE) {
		if (hasw_same(model->leases[i].name, name))
			break;
	}
	return i;
}

uint32_t hasw_model_vip(const struct hasw_model *model, const struct hasw_addr *addr)
{
	uint32_t hash = hash_addr(addr), step = 0, i;

	while ((i = table_next(&model->by_addr, hash, &step)) != HASW_NONE) {
		if (!hasw_addr_compare(&model->vips[i].addr, addr))
			break;
	}
	return i;
}

uint32_t hasw_model_service(const struct hasw_model *model, const struct hasw_svc *svc)
{
	uint32_t hash = hash_svc(svc), step = 0, i;

	while ((i = table_next(&model->by_svc, hash, &step)) != HASW_NONE) {
		if (!hasw_svc_compare(&model->services[i].key, svc))
			break;
	}
	return i;
}

uint32_t hasw_model_member(const struct hasw_model *model, uint32_t service, uint32_t node)
{
	uint32_t i = model->services[service].first;

	/* A linear search: a service has few members, and a hash table of all members would cost memory. */
	while (i != HASW_NONE && model->members[i].node != node)
		i = model->members[i].next;
	return i;
}

uint16_t hasw_model_member_port(const struct hasw_model *model, const struct hasw_member *member)
{
	return member->nat_port ? member->nat_port : model->services[member->service].key.port;
}

uint32_t hasw_model_member_at(const struct hasw_model *model, uint32_t service, uint32_t node, uint16_t port)
{
	uint32_t i = model->services[service].first;

	if (!port)
		port = model->services[service].key.port;
	for (; i != HASW_NONE; i = model->members[i].next) {
		const struct hasw_member *member = &model->members[i];

		if (member->node == node && hasw_model_member_port(model, member) == port)
			break;
	}
	return i;
}

uint32_t hasw_model_members_on(const struct hasw_model *model, uint32_t service, uint32_t node)
{
	uint32_t n = 0;

	for (uint32_t i = model->services[service].first; i != HASW_NONE; i = model->members[i].next)
		n += model->members[i].node == node;
	return n;
}

uint32_t hasw_model_node_at(const struct hasw_model *model, const struct hasw_addr *addr)
{
	uint32_t hash = hash_addr(addr), step = 0, i;

	/* The table keeps entries of replaced addresses, so the node's current address is compared. */
	while ((i = table_next(&model->by_node, hash, &step)) != HASW_NONE) {
		const struct hasw_node *node = &model->nodes[i];

		if (!hasw_addr_compare(addr->family == AF_INET ? &node->addr4 : &node->addr6, addr))
			break;
	}
	return i;
}

/* Returns 0 if node NODE already has the address or can get it; -EEXIST if a vip or another node has the address. */
static int addr_free(const struct hasw_model *model, uint32_t node, const struct hasw_addr *addr,
		     struct hasw_error *err)
{
	char text[HASW_ADDR_TEXT];
	uint32_t other;

	if (!addr->family)
		return 0;
	if (hasw_model_vip(model, addr) != HASW_NONE)
		return hasw_fail(err, EEXIST, "there is a vip %s", hasw_addr_format(addr, text));
	other = hasw_model_node_at(model, addr);
	if (other != HASW_NONE && other != node)
		return hasw_fail(err, EEXIST, "node %s has the address %s already",
				 model->nodes[other].name, hasw_addr_format(addr, text));
	return 0;
}

int hasw_model_set_addr(struct hasw_model *model, uint32_t node, const struct hasw_addr *addr,
			struct hasw_error *err)
{
	int ret = addr_free(model, node, addr, err);

	if (ret)
		return ret;
	if (!table_add(&model->by_node, hash_addr(addr), node))
		return no_memory(err);
	*(addr->family == AF_INET ? &model->nodes[node].addr4 : &model->nodes[node].addr6) = *addr;
	return 0;
}

int hasw_model_add_node(struct hasw_model *model, const struct hasw_node *node, struct hasw_error *err)
{
	uint32_t index = model->n_nodes;

	if (hasw_model_node(model, node->name) != HASW_NONE)
		return hasw_fail(err, EEXIST, "there is a node %s already", node->name);
	if (node->self && model->self != HASW_NONE)
		return hasw_fail(err, EEXIST, "there is another self already: node %s",
				 model->nodes[model->self].name);
	if (addr_free(model, HASW_NONE, &node->addr4, err) || addr_free(model, HASW_NONE, &node->addr6, err))
		return -err->code;
	if (!hasw_array_room(&model->nodes, index, &model->room_nodes, sizeof(*node)) ||
	    !table_add(&model->by_name, hash_name(node->name), index) ||
	    (node->addr4.family && !table_add(&model->by_node, hash_addr(&node->addr4), index)) ||
	    (node->addr6.family && !table_add(&model->by_node, hash_addr(&node->addr6), index)))
		return no_memory(err);
	if (node->self)
		model->self = index;
	model->nodes[model->n_nodes++] = *node;
	return 0;
}

int hasw_model_add_lease(struct hasw_model *model, const struct hasw_lease *lease, struct hasw_error *err)
{
	uint32_t index = model->n_leases;

	if (hasw_model_lease(model, lease->name) != HASW_NONE)
		return hasw_fail(err, EEXIST, "there is a lease %s already", lease->name);
	if (index >= HASWITCH_LEASES_MAX)
		return hasw_fail(err, E2BIG, "there are %u leases already, the most there can be", index);
	if (!hasw_array_room(&model->leases, index, &model->room_leases, sizeof(*lease)) ||
	    !table_add(&model->by_lease, hash_name(lease->name), index))
		return no_memory(err);
	model->leases[model->n_leases++] = *lease;
	return 0;
}

static bool listed(const struct hasw_lease_list *list, uint32_t n, uint32_t node)
{
	for (uint32_t i = 0; i < n; i++) {
		if (list->nodes[i] == node)
			return true;
	}
	return false;
}

int hasw_model_check_lease(const struct hasw_model *model, const struct hasw_lease *lease, struct hasw_error *err)
{
	const struct hasw_lease_list *lists[] = { &lease->prefer, &lease->only };
	static const char *const words[] = { "prefer", "only" };

	for (size_t i = 0; i < 2; i++) {
		for (uint32_t j = 0; j < lists[i]->n; j++) {
			if (listed(lists[i], j, lists[i]->nodes[j]))
				return hasw_fail(err, EINVAL, "\"%s %s\" is there twice", words[i],
						 model->nodes[lists[i]->nodes[j]].name);
		}
	}
	for (uint32_t i = 0; lease->only.n && i < lease->prefer.n; i++) {
		if (!listed(&lease->only, lease->only.n, lease->prefer.nodes[i]))
			return hasw_fail(err, EINVAL,
					 "node %s is preferred, but not among those that may hold the lease: name it with only, too",
					 model->nodes[lease->prefer.nodes[i]].name);
	}
	return 0;
}

int hasw_model_add_vip(struct hasw_model *model, const struct hasw_vip *vip, struct hasw_error *err)
{
	char text[HASW_ADDR_TEXT];

	if (hasw_model_vip(model, &vip->addr) != HASW_NONE)
		return hasw_fail(err, EEXIST, "there is a vip %s already",
				 hasw_addr_format(&vip->addr, text));
	if (hasw_model_node_at(model, &vip->addr) != HASW_NONE)
		return hasw_fail(err, EEXIST, "node %s has the address %s",
				 model->nodes[hasw_model_node_at(model, &vip->addr)].name,
				 hasw_addr_format(&vip->addr, text));
	if (!hasw_array_room(&model->vips, model->n_vips, &model->room_vips, sizeof(*vip)) ||
	    !table_add(&model->by_addr, hash_addr(&vip->addr), model->n_vips))
		return no_memory(err);
	model->vips[model->n_vips] = *vip;
	model->vips[model->n_vips].also = false;
	model->vips[model->n_vips++].services = HASW_NONE;
	return 0;
}

int hasw_model_check_owner(const struct hasw_model *model, const struct hasw_vip *vip, struct hasw_error *err)
{
	char text[HASW_ADDR_TEXT];

	if (model->n_nodes < 2 || vip->lease != HASW_NONE || vip->holder != HASW_NONE || vip->everywhere)
		return 0;
	return hasw_fail(err, EINVAL,
			 "vip %s has neither lease nor holder, and there are %u nodes: write \"lease LEASE\", \"holder NODE\" or \"everywhere\"",
			 hasw_addr_format(&vip->addr, text), model->n_nodes);
}

/*
 * Checks that no other service of the vip than the one with key KEY has a port of PORTS. WHAT: how the command names
 * PORTS. Returns 0, or -EEXIST.
 */
static int check_ports_free(const struct hasw_model *model, const struct hasw_svc *key, uint32_t ports,
			    const char *what, struct hasw_error *err)
{
	char range[HASW_PORTS_TEXT], text[HASW_SVC_TEXT];
	uint32_t vip = hasw_model_vip(model, &key->vip);
	uint32_t i = vip == HASW_NONE ? HASW_NONE : model->vips[vip].services;

	for (; i != HASW_NONE; i = model->services[i].beside) {
		const struct hasw_service *other = &model->services[i];

		if (other->key.proto != key->proto || other->key.port == key->port)
			continue;
		hasw_svc_format(&other->key, text);
		if (other->key.port && hasw_ports_overlap(ports, hasw_ports_single(other->key.port)))
			return hasw_fail(err, EEXIST, "%s %s: port %u belongs to the service %s; leave it out", what,
					 hasw_ports_format(ports, range), other->key.port, text);
		for (unsigned int j = 0; j < other->n_also; j++) {
			uint32_t also = model->also[other->also + j];

			if (hasw_ports_overlap(ports, also))
				return hasw_fail(err, EEXIST, "%s %s: port %u belongs to the service %s; leave it out", what,
						 hasw_ports_format(ports, range),
						 hasw_ports_first(also) > hasw_ports_first(ports) ?
						 hasw_ports_first(also) : hasw_ports_first(ports), text);
		}
	}
	return 0;
}

int hasw_model_check_also(const struct hasw_model *model, const struct hasw_svc *key, const uint32_t *ports,
			  unsigned int n, struct hasw_error *err)
{
	uint32_t service = hasw_model_service(model, key);
	uint32_t i = service == HASW_NONE ? HASW_NONE : model->services[service].first;
	char range[HASW_PORTS_TEXT];

	if (!n || (n == 1 && !ports[0]))
		return 0;
	for (unsigned int at = 0; at < n; at++) {
		hasw_ports_format(ports[at], range);
		if (!ports[at])
			return hasw_fail(err, ERANGE, "\"also none\", which takes all further ports away, stands alone");
		if (!key->port)
			return hasw_fail(err, EINVAL, "also %s: further ports need a service with a port of its own: ADDR:PORT/PROTO", range);
		if (hasw_ports_overlap(ports[at], hasw_ports_single(key->port)))
			return hasw_fail(err, EINVAL, "also %s: port %u is the service's own port; leave it out", range, key->port);
		for (unsigned int before = 0; before < at; before++) {
			if (hasw_ports_overlap(ports[at], ports[before]))
				return hasw_fail(err, EINVAL, "also %s: a port is there twice; give it once", range);
		}
		if (check_ports_free(model, key, ports[at], "also", err))
			return -err->code;
	}
	for (; i != HASW_NONE; i = model->members[i].next) {
		if (model->members[i].node != HASW_NONE && model->members[i].nat_port)
			return hasw_fail(err, EINVAL,
					 "node %s is a member via nat with port %u, to which all ports of the service would be sent: set it to port 0 before",
					 model->nodes[model->members[i].node].name, model->members[i].nat_port);
	}
	return 0;
}

int hasw_model_set_also(struct hasw_model *model, uint32_t service, const uint32_t *ports, unsigned int n,
			struct hasw_error *err)
{
	if (n == 1 && !ports[0])
		n = 0;
	model->services[service].also = model->n_also;
	model->services[service].n_also = 0;
	if (n)
		model->vips[model->services[service].vip].also = true;
	for (unsigned int i = 0; i < n; i++) {
		if (!hasw_array_room(&model->also, model->n_also, &model->room_also, sizeof(*model->also)))
			return no_memory(err);
		model->also[model->n_also++] = ports[i];
		model->services[service].n_also++;
	}
	return 0;
}

int hasw_model_add_service(struct hasw_model *model, const struct hasw_service *service,
			   struct hasw_error *err)
{
	char text[HASW_SVC_TEXT], addr[HASW_ADDR_TEXT];
	uint32_t vip = hasw_model_vip(model, &service->key.vip);
	struct hasw_service *added;

	if (vip == HASW_NONE)
		return hasw_fail(err, ENOENT, "there is no vip %s%s",
				 hasw_addr_format(&service->key.vip, addr), hasw_svc_hint(&service->key));
	if (hasw_model_service(model, &service->key) != HASW_NONE)
		return hasw_fail(err, EEXIST, "there is a service %s already",
				 hasw_svc_format(&service->key, text));
	if (service->key.port && model->vips[vip].also &&
	    check_ports_free(model, &service->key, hasw_ports_single(service->key.port), "port", err))
		return -err->code;
	if (!hasw_array_room(&model->services, model->n_services, &model->room_services, sizeof(*service)) ||
	    !table_add(&model->by_svc, hash_svc(&service->key), model->n_services))
		return no_memory(err);
	added = &model->services[model->n_services++];
	*added = *service;
	added->vip = vip;
	added->first = HASW_NONE;
	added->last = HASW_NONE;
	added->sorry = HASW_NONE;
	added->n_members = 0;
	added->n_also = 0;
	added->beside = model->vips[vip].services;
	model->vips[vip].services = model->n_services - 1;
	model->vips[vip].n_services++;
	return 0;
}

bool hasw_service_tracks(const struct hasw_service *service)
{
	return service->persist || (!service->one_packet && service->sched != HASWITCH_SCHED_ACTIVE_STANDBY &&
				    service->sched != HASWITCH_SCHED_MAGLEV);
}

int hasw_service_check_flows(const struct hasw_service *service, struct hasw_error *err)
{
	if (service->mask && !service->persist)
		return hasw_fail(err, EINVAL, "a mask of clients needs persist: persist TIME mask LEN");
	if (service->one_packet && (service->persist || (service->sched != HASWITCH_SCHED_RR &&
							 service->sched != HASWITCH_SCHED_WRR &&
							 service->sched != HASWITCH_SCHED_RANDOM)))
		return hasw_fail(err, EINVAL, "one-packet needs sched rr, wrr or random, and no persist");
	if (service->slow_start && (service->sched == HASWITCH_SCHED_ACTIVE_STANDBY || service->sched == HASWITCH_SCHED_MAGLEV))
		return hasw_fail(err, EINVAL, "slow-start needs sched rr, wrr, lc, wlc or random");
	if (service->min_active > 1 && service->sched == HASWITCH_SCHED_ACTIVE_STANDBY)
		return hasw_fail(err, EINVAL, "sched active-standby has one active member at a time: min-active 1");
	if (service->zone_prefer && service->sched == HASWITCH_SCHED_ACTIVE_STANDBY)
		return hasw_fail(err, EINVAL, "sched active-standby has one active member at a time, the same on all nodes: zone any");
	if (hasw_service_tracks(service))
		return 0;
	if (service->new_max)
		return hasw_fail(err, EINVAL, "new-max needs tracked flows: sched rr, wrr, lc, wlc or random, or persist, and no one-packet");
	if (service->on_failover)
		return hasw_fail(err, EINVAL, "on-failover keep or reset needs tracked flows: sched rr, wrr, lc, wlc or random, or persist, and no one-packet");
	return 0;
}

/* Returns whether the node has an address of the vip's family. */
static bool has_addr(const struct hasw_model *model, uint32_t node, const struct hasw_addr *vip)
{
	const struct hasw_node *n = &model->nodes[node];

	return vip->family == AF_INET ? n->addr4.family : n->addr6.family;
}

int hasw_model_check_snat(const struct hasw_model *model, const struct hasw_service *service, bool given,
			  struct hasw_error *err)
{
	uint32_t i = service->n_members ? service->first : HASW_NONE;

	if (given && service->snat &&
	    (model->self == HASW_NONE || !has_addr(model, model->self, &service->key.vip)))
		return hasw_fail(err, EINVAL,
				 "snat needs a node that is this machine (self), with an address of the vip's family");
	for (; service->one_packet && i != HASW_NONE; i = model->members[i].next) {
		if (model->members[i].via == HASWITCH_VIA_NAT)
			return hasw_fail(err, EINVAL, "node %s is a member via nat, which needs flows that are tracked: no one-packet",
					 model->nodes[model->members[i].node].name);
	}
	return 0;
}

int hasw_model_check_nat(const struct hasw_model *model, struct hasw_member *member, bool given,
			 struct hasw_error *err)
{
	const struct hasw_service *service = &model->services[member->service];
	uint8_t proto = service->key.proto;

	if (member->via != HASWITCH_VIA_NAT && !given)
		member->nat_port = 0;
	if (member->nat_port && (member->via != HASWITCH_VIA_NAT ||
				 (proto != IPPROTO_TCP && proto != IPPROTO_UDP && proto != IPPROTO_SCTP &&
				  proto != IPPROTO_UDPLITE)))
		return hasw_fail(err, EINVAL,
				 "a port of the member needs via nat, and a service of tcp, udp, sctp or udplite");
	if (member->nat_port && service->n_also)
		return hasw_fail(err, EINVAL,
				 "the service has further ports, and a port of the member would get all of them: leave it out, or set port 0");
	if (member->via != HASWITCH_VIA_NAT)
		return 0;
	if (service->one_packet)
		return hasw_fail(err, EINVAL, "via nat needs flows that are tracked: the service has one-packet on");
	if (!has_addr(model, member->node, &service->key.vip))
		return hasw_fail(err, EINVAL, "via nat needs an address of node %s of the vip's family",
				 model->nodes[member->node].name);
	return 0;
}

int hasw_model_on_empty(struct hasw_model *model, uint32_t service, const char *what, struct hasw_error *err)
{
	struct hasw_service *changed = &model->services[service];
	struct hasw_vip *vip = &model->vips[changed->vip];
	uint32_t sorry = HASW_NONE;

	if (strcmp(what, "drop") && strcmp(what, "reject")) {
		sorry = hasw_model_node(model, what);
		if (sorry == HASW_NONE)
			return hasw_fail(err, ENOENT, "there is no node %s", what);
	}
	if (changed->sorry != HASW_NONE)
		vip->n_local -= changed->sorry == model->self;
	changed->sorry = sorry;
	changed->rejects = !strcmp(what, "reject");
	if (sorry != HASW_NONE)
		vip->n_local += sorry == model->self;
	return 0;
}

/*
 * Returns whether the member delivers its packets on this node. The member's `via` is not checked, because `via` says
 * how packets from other nodes reach the member.
 */
static bool delivers_here(const struct hasw_model *model, const struct hasw_member *member)
{
	return member->node != HASW_NONE && member->node == model->self;
}

int hasw_model_check_beside(const struct hasw_model *model, const struct hasw_member *member, struct hasw_error *err)
{
	uint32_t other = hasw_model_member(model, member->service, member->node);
	const char *node = model->nodes[member->node].name;
	char text[HASW_SVC_TEXT];

	if (other == HASW_NONE)
		return 0;
	hasw_svc_format(&model->services[member->service].key, text);
	if (member->via != HASWITCH_VIA_NAT || model->members[other].via != HASWITCH_VIA_NAT)
		return hasw_fail(err, EEXIST,
				 "node %s is a member of %s already; several of one node need via nat, and different ports",
				 node, text);
	if (hasw_model_member_at(model, member->service, member->node, member->nat_port) != HASW_NONE)
		return hasw_fail(err, EEXIST, "node %s is a member of %s with this port already", node, text);
	return 0;
}

int hasw_model_add_member(struct hasw_model *model, const struct hasw_member *member,
			  struct hasw_error *err)
{
	struct hasw_service *service = &model->services[member->service];
	uint32_t index = model->n_members;
	char text[HASW_SVC_TEXT];

	if (hasw_model_check_beside(model, member, err))
		return -err->code;
	if (service->n_members >= HASWITCH_MEMBERS_MAX)
		return hasw_fail(err, E2BIG, "service %s has %u members already, the most it can have",
				 hasw_svc_format(&service->key, text), service->n_members);
	if (!hasw_array_room(&model->members, index, &model->room_members, sizeof(*member)))
		return no_memory(err);
	model->members[index] = *member;
	model->members[index].next = HASW_NONE;
	model->n_members++;
	if (service->last == HASW_NONE)
		service->first = index;
	else
		model->members[service->last].next = index;
	service->last = index;
	service->n_members++;
	if (delivers_here(model, member))
		model->vips[service->vip].n_local++;
	return 0;
}

uint32_t hasw_model_dev(struct hasw_model *model, const char *name)
{
	for (uint32_t i = 0; i < model->n_devs; i++) {
		if (hasw_same(model->devs[i], name))
			return i;
	}
	if (model->n_devs >= UINT16_MAX ||
	    !hasw_array_room(&model->devs, model->n_devs, &model->room_devs, sizeof(*model->devs)))
		return HASW_NONE;
	strncpy(model->devs[model->n_devs], name, sizeof(*model->devs) - 1);
	model->devs[model->n_devs][sizeof(*model->devs) - 1] = '\0';
	return model->n_devs++;
}

void hasw_model_leave(struct hasw_model *model, uint32_t member)
{
	struct hasw_member *gone = &model->members[member];

	model->vips[model->services[gone->service].vip].n_local -= delivers_here(model, gone);
	gone->node = HASW_NONE;
}

bool hasw_model_local(const struct hasw_model *model, const struct hasw_vip *vip)
{
	if (vip->n_local)
		return true;
	/*
	 * Each node that can become the holder of the lease has the vip as an address in advance. So a change of the
	 * holder does not have to add the address.
	 */
	if (vip->lease != HASW_NONE)
		return !vip->n_services;
	return !vip->n_services && (vip->holder == HASW_NONE || vip->holder == model->self);
}
