// SPDX-License-Identifier: GPL-2.0
/*
 * Applies add and set requests to a model (a configuration in memory), as the module would apply them to its
 * configuration.
 */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "commands.h"
#include "haadm/zones.h"
#include "lib/text.h"

static void take_addr(struct hasw_addr *addr, const struct request *req, uint16_t attr, uint8_t family)
{
	if (!request_has(req, attr))
		return;
	memset(addr, 0, sizeof(*addr));
	addr->family = family;
	memcpy(addr->bytes, req->value[attr].bytes, hasw_addr_len(addr));
}

static void take_text(char *to, const struct request *req, uint16_t attr)
{
	/* The grammar has checked the length of names, so strcpy() cannot overflow. */
	if (request_has(req, attr))
		strcpy(to, req->value[attr].text);
}

/* Like the module, refuses an address that no host can have. */
static int check_host(const struct hasw_addr *addr, struct hasw_error *err)
{
	char text[HASW_ADDR_TEXT];

	if (!addr->family || hasw_addr_is_host(addr))
		return 0;
	return hasw_fail(err, EINVAL, "%s is not an address of a host; a unicast address is right",
			 hasw_addr_format(addr, text));
}

static int take_node(struct hasw_node *node, const struct request *req, struct hasw_error *err)
{
	take_text(node->zone, req, HASWITCH_A_NODE_ZONE);
	take_text(node->dev, req, HASWITCH_A_NODE_DEV);
	if (request_has(req, HASWITCH_A_NODE_LLADDR))
		memcpy(node->lladdr, req->value[HASWITCH_A_NODE_LLADDR].bytes, sizeof(node->lladdr));
	if (request_has(req, HASWITCH_A_NODE_ADMIN)) {
		node->admin = (uint8_t)req->value[HASWITCH_A_NODE_ADMIN].number;
		node->within = 0;
	}
	if (request_has(req, HASWITCH_A_NODE_WITHIN)) {
		if (!request_has(req, HASWITCH_A_NODE_ADMIN) || node->admin != HASWITCH_ADMIN_STATE_DRAIN)
			return hasw_fail(err, EINVAL, "within is the time of a drain: state drain within TIME");
		node->within = req->value[HASWITCH_A_NODE_WITHIN].number;
	}
	if (request_has(req, HASWITCH_A_NODE_LLADDR) != request_has(req, HASWITCH_A_NODE_DEV))
		return hasw_fail(err, EINVAL, "lladdr and dev go together: lladdr MAC dev DEV");
	return 0;
}

static int apply_node(struct hasw_model *model, const struct request *req, bool add,
		      struct hasw_error *err)
{
	struct hasw_node node = {
		.self = request_has(req, HASWITCH_A_NODE_SELF), .engine = request_has(req, HASWITCH_A_NODE_ENGINE),
	};
	uint32_t index;

	take_addr(&node.addr4, req, HASWITCH_A_NODE_ADDR4, AF_INET);
	take_addr(&node.addr6, req, HASWITCH_A_NODE_ADDR6, AF_INET6);
	if (check_host(&node.addr4, err) || check_host(&node.addr6, err))
		return -err->code;
	if (hasw_addr_is_link_local(&node.addr6))
		return hasw_fail(err, EINVAL, "a node's IPv6 address can not be a link-local one");
	if (add) {
		strcpy(node.name, req->name);
		return take_node(&node, req, err) ? -err->code : hasw_model_add_node(model, &node, err);
	}
	if (request_has(req, HASWITCH_A_NODE_SHARE))
		return hasw_fail(err, EOPNOTSUPP,
				 "share does not belong into a configuration: a node has it only while it has too much to do");
	index = hasw_model_node(model, req->name);
	if (index == HASW_NONE)
		return hasw_fail(err, ENOENT, "there is no node %s", req->name);
	if ((node.addr4.family && hasw_model_set_addr(model, index, &node.addr4, err)) ||
	    (node.addr6.family && hasw_model_set_addr(model, index, &node.addr6, err)))
		return -err->code;
	return take_node(&model->nodes[index], req, err);
}

/* Like the module, changes all nodes of a zone. */
static int apply_zone(struct hasw_model *model, const struct request *req, struct hasw_error *err)
{
	bool found = false;

	for (uint32_t i = 0; i < model->n_nodes; i++) {
		if (strcmp(model->nodes[i].zone, req->name))
			continue;
		found = true;
		if (take_node(&model->nodes[i], req, err))
			return -err->code;
	}
	return found ? 0 : zones_unknown(model, req->name, err);
}

static int take_vip(struct hasw_model *model, struct hasw_vip *vip, const struct request *req,
		    struct hasw_error *err)
{
	const struct request_list *devs = request_list(req, HASWITCH_A_VIP_DEV);

	/*
	 * A vip has only one of the settings `everywhere`, `lease` and `holder`, so each of them replaces the other
	 * two.
	 */
	if (request_has(req, HASWITCH_A_VIP_EVERYWHERE)) {
		if (request_has(req, HASWITCH_A_VIP_HOLDER) || request_has(req, HASWITCH_A_VIP_LEASE))
			return hasw_fail(err, EINVAL, "a vip is everywhere, or it has a lease or a holder");
		vip->holder = HASW_NONE;
		vip->lease = HASW_NONE;
		vip->everywhere = true;
	}
	if (request_has(req, HASWITCH_A_VIP_LEASE)) {
		const char *lease = req->value[HASWITCH_A_VIP_LEASE].text;

		if (request_has(req, HASWITCH_A_VIP_HOLDER))
			return hasw_fail(err, EINVAL, "a vip has a lease or a holder, not both");
		vip->everywhere = false;
		vip->holder = HASW_NONE;
		vip->lease = *lease ? hasw_model_lease(model, lease) : HASW_NONE;
		if (*lease && vip->lease == HASW_NONE)
			return hasw_fail(err, ENOENT, "there is no lease %s", lease);
	}
	if (request_has(req, HASWITCH_A_VIP_HOLDER)) {
		const char *holder = req->value[HASWITCH_A_VIP_HOLDER].text;

		vip->everywhere = false;
		vip->lease = HASW_NONE;
		vip->holder = *holder ? hasw_model_node(model, holder) : HASW_NONE;
		if (*holder && vip->holder == HASW_NONE)
			return hasw_fail(err, ENOENT, "there is no node %s", holder);
	}
	if (request_has(req, HASWITCH_A_VIP_STRAY))
		vip->stray = (uint8_t)req->value[HASWITCH_A_VIP_STRAY].number;
	if (request_has(req, HASWITCH_A_VIP_ON_LOSS))
		vip->on_loss = (uint8_t)req->value[HASWITCH_A_VIP_ON_LOSS].number;
	if (request_has(req, HASWITCH_A_VIP_HOOK))
		vip->hook = (uint8_t)req->value[HASWITCH_A_VIP_HOOK].number;
	if (request_has(req, HASWITCH_A_VIP_MARK))
		vip->mark = (uint32_t)req->value[HASWITCH_A_VIP_MARK].number;
	if (vip->mark && vip->lease == HASW_NONE)
		return hasw_fail(err, EINVAL, "a mark shows the epoch of a lease: give the vip a lease, or \"mark off\"");
	if (devs)
		vip->n_devs = 0;
	for (unsigned int i = 0; devs && i < devs->n; i++) {
		uint32_t dev = hasw_model_dev(model, devs->values[i]);

		if (dev == HASW_NONE)
			return hasw_fail(err, ENOMEM, "out of memory");
		for (unsigned int j = 0; j < vip->n_devs; j++) {
			if (vip->devs[j] == dev)
				return hasw_fail(err, EINVAL, "\"on %s\" is there twice", devs->values[i]);
		}
		vip->devs[vip->n_devs++] = (uint16_t)dev;
	}
	return 0;
}

/* Replaces the `prefer` or `only` list of a lease, if the request has this list. */
static int take_nodes(const struct hasw_model *model, struct hasw_lease_list *to, const struct request *req,
		      uint16_t attr, struct hasw_error *err)
{
	const struct request_list *list = request_list(req, attr);

	if (list)
		to->n = 0;
	for (unsigned int i = 0; list && i < list->n; i++) {
		uint32_t node = hasw_model_node(model, list->values[i]);

		if (node == HASW_NONE)
			return hasw_fail(err, ENOENT, "there is no node %s", list->values[i]);
		to->nodes[to->n++] = node;
	}
	return 0;
}

static int apply_lease(struct hasw_model *model, const struct request *req, struct hasw_error *err)
{
	struct hasw_lease lease = { .failback = HASW_FAILBACK_DEFAULT };

	strcpy(lease.name, req->name);
	if (take_nodes(model, &lease.prefer, req, HASWITCH_A_LEASE_PREFER, err) ||
	    take_nodes(model, &lease.only, req, HASWITCH_A_LEASE_ONLY, err))
		return -err->code;
	if (request_has(req, HASWITCH_A_LEASE_FAILBACK)) {
		lease.failback = req->value[HASWITCH_A_LEASE_FAILBACK].number;
		if (!lease.prefer.n)
			return hasw_fail(err, EINVAL, "failback needs prefer: without a preferred node the lease goes back to nobody");
	}
	if (request_has(req, HASWITCH_A_LEASE_RESIGN))
		lease.resign = (uint8_t)req->value[HASWITCH_A_LEASE_RESIGN].number;
	if (hasw_model_check_lease(model, &lease, err))
		return -err->code;
	return hasw_model_add_lease(model, &lease, err);
}

static int apply_vip(struct hasw_model *model, const struct request *req, bool add, struct hasw_error *err)
{
	struct hasw_vip vip = {
		.addr = req->svc.vip, .holder = HASW_NONE, .lease = HASW_NONE, .stray = HASWITCH_STRAY_FORWARD,
	};
	char text[HASW_ADDR_TEXT];
	uint32_t index;

	if (check_host(&req->svc.vip, err))
		return -err->code;
	if (add && hasw_addr_is_link_local(&req->svc.vip))
		return hasw_fail(err, EINVAL, "a vip needs an address that is not link-local");
	if (add && request_has(req, HASWITCH_A_VIP_MARK) && !req->value[HASWITCH_A_VIP_MARK].number)
		return hasw_fail(err, EINVAL, "mark 0 marks nothing; a mask such as 0xff00 is right, or no mark");
	if (add)
		return take_vip(model, &vip, req, err) ? -err->code : hasw_model_add_vip(model, &vip, err);
	index = hasw_model_vip(model, &req->svc.vip);
	if (index == HASW_NONE)
		return hasw_fail(err, ENOENT, "there is no vip %s", hasw_addr_format(&req->svc.vip, text));
	return take_vip(model, &model->vips[index], req, err);
}

static int no_service(const struct request *req, struct hasw_error *err)
{
	char text[HASW_SVC_TEXT];

	return hasw_fail(err, ENOENT, "there is no service %s", hasw_svc_format(&req->svc, text));
}

/* Applies the settings of a service that do not depend on other objects. */
static int take_service(struct hasw_service *service, const struct request *req, struct hasw_error *err)
{
	if (request_has(req, HASWITCH_A_SERVICE_SCHED))
		service->sched = (uint8_t)req->value[HASWITCH_A_SERVICE_SCHED].number;
	if (request_has(req, HASWITCH_A_SERVICE_FAILBACK))
		service->failback = req->value[HASWITCH_A_SERVICE_FAILBACK].number;
	if (request_has(req, HASWITCH_A_SERVICE_ONE_PACKET))
		service->one_packet = req->value[HASWITCH_A_SERVICE_ONE_PACKET].number == HASWITCH_ONE_PACKET_ON;
	if (request_has(req, HASWITCH_A_SERVICE_SNAT))
		service->snat = req->value[HASWITCH_A_SERVICE_SNAT].number == HASWITCH_SNAT_ON;
	/*
	 * `persist` is the time for which new flows of a client go to the same member. `mask` is the prefix length of
	 * client addresses: all clients with the same prefix count as one. A new `persist` resets `mask`, unless the
	 * request also has a `mask`. Without a `mask`, `persist` applies to single clients.
	 */
	if (request_has(req, HASWITCH_A_SERVICE_PERSIST)) {
		service->persist = req->value[HASWITCH_A_SERVICE_PERSIST].number;
		service->mask = 0;
	}
	if (request_has(req, HASWITCH_A_SERVICE_PERSIST_MASK))
		service->mask = (uint8_t)req->value[HASWITCH_A_SERVICE_PERSIST_MASK].number;
	if (request_has(req, HASWITCH_A_SERVICE_NEW_MAX))
		service->new_max = (uint32_t)req->value[HASWITCH_A_SERVICE_NEW_MAX].number;
	if (request_has(req, HASWITCH_A_SERVICE_SLOW_START))
		service->slow_start = req->value[HASWITCH_A_SERVICE_SLOW_START].number;
	if (request_has(req, HASWITCH_A_SERVICE_ON_FAILOVER))
		service->on_failover = (uint8_t)req->value[HASWITCH_A_SERVICE_ON_FAILOVER].number;
	if (request_has(req, HASWITCH_A_SERVICE_MIN_ACTIVE))
		service->min_active = (uint16_t)req->value[HASWITCH_A_SERVICE_MIN_ACTIVE].number;
	if (request_has(req, HASWITCH_A_SERVICE_ZONE))
		service->zone_prefer = req->value[HASWITCH_A_SERVICE_ZONE].number == HASWITCH_SERVICE_ZONE_PREFER;
	if (hasw_service_check_flows(service, err))
		return -err->code;
	/* A `mask` of all address bits selects single clients, so it is stored as 0, no mask. */
	if (service->mask == 8 * hasw_addr_len(&service->key.vip))
		service->mask = 0;
	return 0;
}

/* Reads the further ports of a service from the request. Returns how many there are; a single 0 stands for none. */
static unsigned int take_also(const struct request *req, uint32_t ports[HASWITCH_ALSO_MAX])
{
	const struct request_list *list = request_list(req, HASWITCH_A_SERVICE_ALSO);
	unsigned int n = 0;

	/* The grammar has checked the words. */
	for (; list && n < list->n; n++)
		hasw_ports_parse(&ports[n], list->values[n]);
	return n;
}

static int apply_service(struct hasw_model *model, const struct request *req, bool add,
			 struct hasw_error *err)
{
	struct hasw_service service = { .key = req->svc, .failback = HASW_FAILBACK_DEFAULT, .min_active = 1 };
	uint32_t index = hasw_model_service(model, &req->svc);
	uint32_t ports[HASWITCH_ALSO_MAX];
	unsigned int n_also = take_also(req, ports);

	if (!add && index == HASW_NONE)
		return no_service(req, err);
	if (!add)
		service = model->services[index];
	if (take_service(&service, req, err) || hasw_model_check_also(model, &req->svc, ports, n_also, err) ||
	    hasw_model_check_snat(model, &service, request_has(req, HASWITCH_A_SERVICE_SNAT), err))
		return -err->code;
	for (uint32_t i = add ? HASW_NONE : service.first; i != HASW_NONE; i = model->members[i].next) {
		if (model->members[i].flows_max && !hasw_service_tracks(&service))
			return hasw_fail(err, EINVAL, "a member's flows-max needs tracked flows: set it to 0 before");
		if (model->members[i].spare && service.sched == HASWITCH_SCHED_ACTIVE_STANDBY)
			return hasw_fail(err, EINVAL,
					 "member %s is a spare one, which sched active-standby has not: set spare off, and a priority, before",
					 model->nodes[model->members[i].node].name);
	}
	if (add) {
		if (hasw_model_add_service(model, &service, err))
			return -err->code;
		index = model->n_services - 1;
	}
	if (request_has(req, HASWITCH_A_SERVICE_ON_EMPTY) &&
	    hasw_model_on_empty(model, index, req->value[HASWITCH_A_SERVICE_ON_EMPTY].text, err))
		return -err->code;
	if (n_also && hasw_model_set_also(model, index, ports, n_also, err))
		return -err->code;
	return take_service(&model->services[index], req, err);
}

static int apply_flow_limits(struct hasw_model *model, const struct request *req)
{
	struct hasw_flow_limits *limits = &model->flow_limits;

	if (request_has(req, HASWITCH_A_FLOW_LIMITS_MOST))
		limits->max = (uint32_t)req->value[HASWITCH_A_FLOW_LIMITS_MOST].number;
	for (uint16_t i = 0; i < HASW_FLOW_KINDS; i++) {
		if (request_has(req, HASWITCH_A_FLOW_LIMITS_TCP_SYN + i))
			limits->ns[i] = req->value[HASWITCH_A_FLOW_LIMITS_TCP_SYN + i].number;
	}
	return 0;
}

static void take_member(struct hasw_member *member, const struct request *req)
{
	if (request_has(req, HASWITCH_A_MEMBER_PRIORITY))
		member->priority = (uint16_t)req->value[HASWITCH_A_MEMBER_PRIORITY].number;
	if (request_has(req, HASWITCH_A_MEMBER_WEIGHT))
		member->weight = (uint16_t)req->value[HASWITCH_A_MEMBER_WEIGHT].number;
	if (request_has(req, HASWITCH_A_MEMBER_NAT_PORT))
		member->nat_port = (uint16_t)req->value[HASWITCH_A_MEMBER_NAT_PORT].number;
	if (request_has(req, HASWITCH_A_MEMBER_HEALTH))
		member->health = (uint8_t)req->value[HASWITCH_A_MEMBER_HEALTH].number;
	if (request_has(req, HASWITCH_A_MEMBER_FLOWS_MAX))
		member->flows_max = (uint32_t)req->value[HASWITCH_A_MEMBER_FLOWS_MAX].number;
	if (request_has(req, HASWITCH_A_MEMBER_SPARE))
		member->spare = req->value[HASWITCH_A_MEMBER_SPARE].number == HASWITCH_SPARE_ON;
}

/* Refuses `via local` for another node, because `via local` delivers on this machine. */
static int check_via(const struct hasw_model *model, const struct request *req, uint32_t node,
		     struct hasw_error *err)
{
	uint64_t via = req->value[HASWITCH_A_MEMBER_VIA].number;

	if (!request_has(req, HASWITCH_A_MEMBER_VIA) || via != HASWITCH_VIA_LOCAL || node == model->self)
		return 0;
	return hasw_fail(err, EINVAL, "node %s is not this machine (self): via direct, tunnel, gue or nat is right",
			 model->nodes[node].name);
}

/*
 * Finds the member that a set command means: the node's only one, or the one at the port that `at` names. Returns its
 * index; or HASW_NONE, with the errno of the module in ERR.
 */
static uint32_t find_member(const struct hasw_model *model, const struct request *req, uint32_t service, uint32_t node,
			    struct hasw_error *err)
{
	const char *name = model->nodes[node].name;
	uint32_t n = hasw_model_members_on(model, service, node), index;
	char text[HASW_SVC_TEXT];

	hasw_svc_format(&req->svc, text);
	if (!n) {
		hasw_fail(err, ENOENT, "node %s is not a member of %s", name, text);
		return HASW_NONE;
	}
	if (request_has(req, HASWITCH_A_MEMBER_AT_PORT)) {
		uint16_t at = (uint16_t)req->value[HASWITCH_A_MEMBER_AT_PORT].number;

		index = hasw_model_member_at(model, service, node, at);
		if (index == HASW_NONE)
			hasw_fail(err, ENOENT, "node %s has no member at port %u in %s", name, at, text);
		return index;
	}
	if (n == 1)
		return hasw_model_member(model, service, node);
	hasw_fail(err, ENOTUNIQ, "node %s has several members in %s: name the port of one, with \"at PORT\"", name, text);
	return HASW_NONE;
}

static int apply_member(struct hasw_model *model, const struct request *req, bool add,
			struct hasw_error *err)
{
	const char *name = req->value[HASWITCH_A_MEMBER_NODE].text;
	struct hasw_member member = { .priority = 100, .weight = 1 };
	uint32_t index;

	member.service = hasw_model_service(model, &req->svc);
	if (member.service == HASW_NONE)
		return no_service(req, err);
	member.node = hasw_model_node(model, name);
	if (member.node == HASW_NONE)
		return hasw_fail(err, ENOENT, "there is no node %s", name);
	if (check_via(model, req, member.node, err))
		return -err->code;
	if (request_has(req, HASWITCH_A_MEMBER_FLOWS_MAX) && req->value[HASWITCH_A_MEMBER_FLOWS_MAX].number &&
	    !hasw_service_tracks(&model->services[member.service]))
		return hasw_fail(err, EINVAL, "flows-max needs a service with tracked flows: sched rr, wrr, lc, wlc or random, or persist, and no one-packet");
	if (request_has(req, HASWITCH_A_MEMBER_SPARE) && req->value[HASWITCH_A_MEMBER_SPARE].number &&
	    model->services[member.service].sched == HASWITCH_SCHED_ACTIVE_STANDBY)
		return hasw_fail(err, EINVAL,
				 "sched active-standby has no spare members: give a standby a larger priority number");
	if (add) {
		member.via = member.node == model->self ? HASWITCH_VIA_LOCAL : HASWITCH_VIA_DIRECT;
		if (request_has(req, HASWITCH_A_MEMBER_VIA))
			member.via = (uint8_t)req->value[HASWITCH_A_MEMBER_VIA].number;
		take_member(&member, req);
		if (hasw_model_check_nat(model, &member, request_has(req, HASWITCH_A_MEMBER_NAT_PORT), err))
			return -err->code;
		return hasw_model_add_member(model, &member, err);
	}
	index = find_member(model, req, member.service, member.node, err);
	if (index == HASW_NONE)
		return -err->code;
	member = model->members[index];
	if (request_has(req, HASWITCH_A_MEMBER_VIA))
		member.via = (uint8_t)req->value[HASWITCH_A_MEMBER_VIA].number;
	take_member(&member, req);
	if (hasw_model_check_nat(model, &member, request_has(req, HASWITCH_A_MEMBER_NAT_PORT), err))
		return -err->code;
	if (hasw_model_members_on(model, member.service, member.node) > 1 &&
	    (member.via != model->members[index].via ||
	     hasw_model_member_at(model, member.service, member.node, member.nat_port) != index))
		return hasw_fail(err, EINVAL,
				 "node %s has several members in the service: to change the via or port of one, delete it and add it anew",
				 name);
	model->members[index] = member;
	return 0;
}

int apply_request(struct hasw_model *model, const struct request *req, unsigned int cmd,
		  struct hasw_error *err)
{
	switch (cmd) {
	case HASWITCH_CMD_NODE_ADD:
	case HASWITCH_CMD_NODE_SET:
		return apply_node(model, req, cmd == HASWITCH_CMD_NODE_ADD, err);
	case HASWITCH_CMD_ZONE_SET:
		return apply_zone(model, req, err);
	case HASWITCH_CMD_VIP_ADD:
	case HASWITCH_CMD_VIP_SET:
		return apply_vip(model, req, cmd == HASWITCH_CMD_VIP_ADD, err);
	case HASWITCH_CMD_LEASE_ADD:
		return apply_lease(model, req, err);
	case HASWITCH_CMD_SERVICE_ADD:
	case HASWITCH_CMD_SERVICE_SET:
		return apply_service(model, req, cmd == HASWITCH_CMD_SERVICE_ADD, err);
	case HASWITCH_CMD_MEMBER_ADD:
	case HASWITCH_CMD_MEMBER_SET:
		return apply_member(model, req, cmd == HASWITCH_CMD_MEMBER_ADD, err);
	case HASWITCH_CMD_FLOW_LIMITS_SET:
		return apply_flow_limits(model, req);
	}
	return hasw_fail(err, EOPNOTSUPP, "this does not belong into a configuration");
}
