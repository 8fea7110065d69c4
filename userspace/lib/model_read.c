// SPDX-License-Identifier: GPL-2.0
/* Reads a configuration from the module's replies into a model. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netlink.h>

#include "model.h"
#include "text.h"

#define TRIES 10

/*
 * Copies a string attribute. If the string is too long or absent, TO becomes the empty string. The module never
 * sends a string that is too long.
 */
static void copy_string(char *to, size_t size, const struct hasw_record *rec, uint16_t attr)
{
	const char *text = hasw_string(rec, attr);

	to[0] = '\0';
	if (text && strlen(text) < size)
		strcpy(to, text);
}

static int add_node(struct hasw_model *model, const struct hasw_record *rec, struct hasw_error *err)
{
	const struct nlattr *kind = NULL;
	struct hasw_node node = { 0 };

	copy_string(node.name, sizeof(node.name), rec, HASWITCH_A_NODE_NAME);
	copy_string(node.zone, sizeof(node.zone), rec, HASWITCH_A_NODE_ZONE);
	copy_string(node.dev, sizeof(node.dev), rec, HASWITCH_A_NODE_DEV);
	if (hasw_has(rec, HASWITCH_A_NODE_ADDR4))
		hasw_get_addr(rec, HASWITCH_A_NODE_ADDR4, &node.addr4);
	if (hasw_has(rec, HASWITCH_A_NODE_ADDR6)) {
		struct hasw_record only = *rec;

		only.attr[HASWITCH_A_NODE_ADDR4] = NULL;
		hasw_get_addr(&only, HASWITCH_A_NODE_ADDR4, &node.addr6);
	}
	if (hasw_has(rec, HASWITCH_A_NODE_LLADDR))
		memcpy(node.lladdr, hasw_payload(rec->attr[HASWITCH_A_NODE_LLADDR]), sizeof(node.lladdr));
	node.self = hasw_has(rec, HASWITCH_A_NODE_SELF);
	node.engine = hasw_has(rec, HASWITCH_A_NODE_ENGINE);
	node.admin = (uint8_t)hasw_number(rec, HASWITCH_A_NODE_ADMIN, 0);
	node.within = hasw_number(rec, HASWITCH_A_NODE_WITHIN, 0);
	node.verdict = (uint8_t)hasw_number(rec, HASWITCH_A_NODE_VERDICT, 0);
	node.state = (uint8_t)hasw_number(rec, HASWITCH_A_NODE_STATE, 0);
	node.agent = (uint8_t)hasw_number(rec, HASWITCH_A_NODE_AGENT, 0);
	while ((kind = hasw_next(rec, HASWITCH_A_NODE_EVIDENCE, kind)))
		node.evidence |= (uint8_t)(1u << (*(const uint8_t *)hasw_payload(kind) & 7));
	node.reach4 = (uint8_t)hasw_number(rec, HASWITCH_A_NODE_REACH4, 0);
	node.reach6 = (uint8_t)hasw_number(rec, HASWITCH_A_NODE_REACH6, 0);
	node.since = hasw_number(rec, HASWITCH_A_NODE_SINCE, 0);
	node.share = (uint8_t)hasw_number(rec, HASWITCH_A_NODE_SHARE, 100);
	return hasw_model_add_node(model, &node, err);
}

static int read_nodes(const struct hasw_model *model, struct hasw_lease_list *to, const struct hasw_record *rec,
		      uint16_t attr, struct hasw_error *err)
{
	const struct nlattr *name = NULL;

	while (to->n < HASWITCH_LEASE_NODES_MAX && (name = hasw_next(rec, attr, name))) {
		uint32_t node = hasw_model_node(model, hasw_payload(name));

		/*
		 * The node was added after the dump of nodes, so the model lacks it, and the caller must read
		 * again.
		 */
		if (node == HASW_NONE)
			return hasw_fail(err, EAGAIN, "a lease's node is not there");
		to->nodes[to->n++] = node;
	}
	return 0;
}

static int add_lease(struct hasw_model *model, const struct hasw_record *rec, struct hasw_error *err)
{
	struct hasw_lease lease = { .held = hasw_has(rec, HASWITCH_A_LEASE_HELD) };

	copy_string(lease.name, sizeof(lease.name), rec, HASWITCH_A_LEASE_NAME);
	copy_string(lease.holder, sizeof(lease.holder), rec, HASWITCH_A_LEASE_HOLDER);
	copy_string(lease.successor, sizeof(lease.successor), rec, HASWITCH_A_LEASE_SUCCESSOR);
	lease.floor = hasw_has(rec, HASWITCH_A_LEASE_FLOOR);
	lease.epoch = hasw_number(rec, HASWITCH_A_LEASE_EPOCH, 0);
	lease.deadline = hasw_number(rec, HASWITCH_A_LEASE_DEADLINE, 0);
	lease.failback = hasw_number(rec, HASWITCH_A_LEASE_FAILBACK, HASW_FAILBACK_DEFAULT);
	lease.resign = (uint8_t)hasw_number(rec, HASWITCH_A_LEASE_RESIGN, HASWITCH_RESIGN_ANY);
	lease.partly = hasw_has(rec, HASWITCH_A_LEASE_PARTLY);
	lease.protodown = hasw_has(rec, HASWITCH_A_LEASE_PROTODOWN);
	if (read_nodes(model, &lease.prefer, rec, HASWITCH_A_LEASE_PREFER, err) ||
	    read_nodes(model, &lease.only, rec, HASWITCH_A_LEASE_ONLY, err))
		return -err->code;
	return hasw_model_add_lease(model, &lease, err);
}

static int add_conflict(struct hasw_model *model, const struct hasw_record *rec, const struct hasw_addr *vip,
			struct hasw_error *err)
{
	struct hasw_conflict *c;

	if (!hasw_has(rec, HASWITCH_A_VIP_CONFLICT_LLADDR) || model->n_conflicts == HASW_CONFLICTS_MAX)
		return 0;
	if (!model->conflicts)
		model->conflicts = calloc(HASW_CONFLICTS_MAX, sizeof(*model->conflicts));
	if (!model->conflicts)
		return hasw_fail(err, ENOMEM, "out of memory");
	c = &model->conflicts[model->n_conflicts++];
	c->vip = *vip;
	c->time = hasw_number(rec, HASWITCH_A_VIP_CONFLICT_TIME, 0);
	copy_string(c->node, sizeof(c->node), rec, HASWITCH_A_VIP_CONFLICT_NODE);
	copy_string(c->dev, sizeof(c->dev), rec, HASWITCH_A_VIP_CONFLICT_DEV);
	memcpy(c->lladdr, hasw_payload(rec->attr[HASWITCH_A_VIP_CONFLICT_LLADDR]), sizeof(c->lladdr));
	return 0;
}

/* Returns whether a record lists the device among those that do not exist. */
static bool is_absent(const struct hasw_record *rec, const char *name)
{
	const struct nlattr *absent = NULL;

	while ((absent = hasw_next(rec, HASWITCH_A_VIP_DEV_ABSENT, absent))) {
		if (!strcmp(hasw_payload(absent), name))
			return true;
	}
	return false;
}

static int add_vip(struct hasw_model *model, const struct hasw_record *rec, struct hasw_error *err)
{
	const char *holder = hasw_string(rec, HASWITCH_A_VIP_HOLDER);
	const char *lease = hasw_string(rec, HASWITCH_A_VIP_LEASE);
	struct hasw_vip vip = { .holder = HASW_NONE, .lease = HASW_NONE };
	const struct nlattr *dev = NULL;

	hasw_get_addr(rec, HASWITCH_A_VIP_ADDR4, &vip.addr);
	vip.stray = (uint8_t)hasw_number(rec, HASWITCH_A_VIP_STRAY, 0);
	vip.on_loss = (uint8_t)hasw_number(rec, HASWITCH_A_VIP_ON_LOSS, 0);
	vip.hook = (uint8_t)hasw_number(rec, HASWITCH_A_VIP_HOOK, 0);
	vip.mark = (uint32_t)hasw_number(rec, HASWITCH_A_VIP_MARK, 0);
	vip.role = (uint8_t)hasw_number(rec, HASWITCH_A_VIP_ROLE, 0);
	vip.everywhere = hasw_has(rec, HASWITCH_A_VIP_EVERYWHERE);
	if (holder && *holder) {
		vip.holder = hasw_model_node(model, holder);
		if (vip.holder == HASW_NONE)
			return hasw_fail(err, EAGAIN, "there is no node %s", holder);
	}
	if (lease && *lease) {
		vip.lease = hasw_model_lease(model, lease);
		if (vip.lease == HASW_NONE)
			return hasw_fail(err, EAGAIN, "there is no lease %s", lease);
	}
	while (vip.n_devs < HASWITCH_DEV_MAX && (dev = hasw_next(rec, HASWITCH_A_VIP_DEV, dev))) {
		uint32_t index = hasw_model_dev(model, hasw_payload(dev));

		if (index == HASW_NONE)
			return hasw_fail(err, ENOMEM, "out of memory");
		vip.absent |= (uint8_t)(is_absent(rec, hasw_payload(dev)) << vip.n_devs);
		vip.devs[vip.n_devs++] = (uint16_t)index;
	}
	return add_conflict(model, rec, &vip.addr, err) ?: hasw_model_add_vip(model, &vip, err);
}

/* Reads the further ports of the service that was added last. The module has checked them. */
static int add_also(struct hasw_model *model, const struct hasw_record *rec, struct hasw_error *err)
{
	const struct hasw_attr *desc = hasw_set_attr(rec->set, HASWITCH_A_SERVICE_ALSO);
	const struct nlattr *attr = NULL;
	uint32_t ports[HASWITCH_ALSO_MAX];
	unsigned int n = 0;

	while (n < HASWITCH_ALSO_MAX && (attr = hasw_next(rec, HASWITCH_A_SERVICE_ALSO, attr)))
		ports[n++] = (uint32_t)hasw_attr_number(desc, attr);
	return hasw_model_set_also(model, model->n_services - 1, ports, n, err);
}

static int add_service(struct hasw_model *model, const struct hasw_record *rec, struct hasw_error *err)
{
	const char *on_empty = hasw_string(rec, HASWITCH_A_SERVICE_ON_EMPTY);
	const char *active = hasw_string(rec, HASWITCH_A_SERVICE_ACTIVE);
	struct hasw_service service = { 0 };
	int ret;

	hasw_get_svc(rec, HASWITCH_A_SERVICE_ADDR4, &service.key);
	/* If the model lacks the vip, the vip was added after the dump of vips, and the caller must read again. */
	if (hasw_model_vip(model, &service.key.vip) == HASW_NONE)
		return hasw_fail(err, EAGAIN, "a service's vip is not there");
	service.sched = (uint8_t)hasw_number(rec, HASWITCH_A_SERVICE_SCHED, 0);
	service.failback = hasw_number(rec, HASWITCH_A_SERVICE_FAILBACK, HASW_FAILBACK_DEFAULT);
	service.one_packet = hasw_number(rec, HASWITCH_A_SERVICE_ONE_PACKET, HASWITCH_ONE_PACKET_OFF);
	service.snat = hasw_number(rec, HASWITCH_A_SERVICE_SNAT, HASWITCH_SNAT_OFF);
	service.persist = hasw_number(rec, HASWITCH_A_SERVICE_PERSIST, 0);
	service.mask = (uint8_t)hasw_number(rec, HASWITCH_A_SERVICE_PERSIST_MASK, 0);
	service.new_max = (uint32_t)hasw_number(rec, HASWITCH_A_SERVICE_NEW_MAX, 0);
	service.slow_start = hasw_number(rec, HASWITCH_A_SERVICE_SLOW_START, 0);
	service.min_active = (uint16_t)hasw_number(rec, HASWITCH_A_SERVICE_MIN_ACTIVE, 1);
	service.zone_prefer = hasw_number(rec, HASWITCH_A_SERVICE_ZONE, HASWITCH_SERVICE_ZONE_ANY) ==
			      HASWITCH_SERVICE_ZONE_PREFER;
	service.serving = (uint32_t)hasw_number(rec, HASWITCH_A_SERVICE_SERVING, 0);
	service.active_port = (uint16_t)hasw_number(rec, HASWITCH_A_SERVICE_ACTIVE_PORT, 0);
	service.on_failover = (uint8_t)hasw_number(rec, HASWITCH_A_SERVICE_ON_FAILOVER, HASWITCH_ON_FAILOVER_MOVE);
	if (service.mask == 8 * hasw_addr_len(&service.key.vip))
		service.mask = 0;
	if (active) {
		service.active = strdup(active);
		if (!service.active)
			return hasw_fail(err, ENOMEM, "out of memory");
	}
	ret = hasw_model_add_service(model, &service, err);
	if (ret) {
		free(service.active);
		return ret;
	}
	ret = add_also(model, rec, err);
	if (ret)
		return ret;
	/*
	 * If the model lacks the node, the node was added after the dump of nodes, and the caller must read again.
	 */
	return on_empty && hasw_model_on_empty(model, model->n_services - 1, on_empty, err) ?
		hasw_fail(err, EAGAIN, "a service's node is not there") : 0;
}

static int add_member(struct hasw_model *model, const struct hasw_record *rec, struct hasw_error *err)
{
	const char *node = hasw_string(rec, HASWITCH_A_MEMBER_NODE);
	struct hasw_member member = { 0 };
	struct hasw_svc svc;

	hasw_get_svc(rec, HASWITCH_A_MEMBER_ADDR4, &svc);
	member.service = hasw_model_service(model, &svc);
	member.node = node ? hasw_model_node(model, node) : HASW_NONE;
	/*
	 * If the model lacks the service or the node, this object was added after the dump of services or nodes.
	 * The caller must then read again.
	 */
	if (member.service == HASW_NONE || member.node == HASW_NONE)
		return hasw_fail(err, EAGAIN, "a member's service or node is not there");
	member.priority = (uint16_t)hasw_number(rec, HASWITCH_A_MEMBER_PRIORITY, 100);
	member.weight = (uint16_t)hasw_number(rec, HASWITCH_A_MEMBER_WEIGHT, 1);
	member.nat_port = (uint16_t)hasw_number(rec, HASWITCH_A_MEMBER_NAT_PORT, 0);
	member.flows_max = (uint32_t)hasw_number(rec, HASWITCH_A_MEMBER_FLOWS_MAX, 0);
	member.via = (uint8_t)hasw_number(rec, HASWITCH_A_MEMBER_VIA, 0);
	member.health = (uint8_t)hasw_number(rec, HASWITCH_A_MEMBER_HEALTH, 0);
	member.new_flows = (uint8_t)hasw_number(rec, HASWITCH_A_MEMBER_NEW_FLOWS, 0);
	member.spare = hasw_number(rec, HASWITCH_A_MEMBER_SPARE, HASWITCH_SPARE_OFF);
	member.serving = hasw_has(rec, HASWITCH_A_MEMBER_SERVING);
	member.packets = hasw_number(rec, HASWITCH_A_MEMBER_PACKETS, 0);
	member.bytes = hasw_number(rec, HASWITCH_A_MEMBER_BYTES, 0);
	member.flow_made = hasw_number(rec, HASWITCH_A_MEMBER_FLOW_MADE, 0);
	member.flows = (uint32_t)hasw_number(rec, HASWITCH_A_MEMBER_FLOWS, 0);
	member.closing = (uint32_t)hasw_number(rec, HASWITCH_A_MEMBER_CLOSING, 0);
	return hasw_model_add_member(model, &member, err);
}

static int take_flow_limits(struct hasw_model *model, const struct hasw_record *rec)
{
	struct hasw_flow_limits *limits = &model->flow_limits;

	limits->max = (uint32_t)hasw_number(rec, HASWITCH_A_FLOW_LIMITS_MOST, limits->max);
	limits->count = (uint32_t)hasw_number(rec, HASWITCH_A_FLOW_LIMITS_COUNT, 0);
	for (uint16_t i = 0; i < HASW_FLOW_KINDS; i++)
		limits->ns[i] = hasw_number(rec, HASWITCH_A_FLOW_LIMITS_TCP_SYN + i, limits->ns[i]);
	return 0;
}

int hasw_model_add_record(struct hasw_model *model, const struct hasw_record *rec,
			  struct hasw_error *err)
{
	switch (rec->cmd) {
	case HASWITCH_CMD_NODE_GET:
		return add_node(model, rec, err);
	case HASWITCH_CMD_LEASE_GET:
		return add_lease(model, rec, err);
	case HASWITCH_CMD_VIP_GET:
		return add_vip(model, rec, err);
	case HASWITCH_CMD_SERVICE_GET:
		return add_service(model, rec, err);
	case HASWITCH_CMD_MEMBER_GET:
		return add_member(model, rec, err);
	case HASWITCH_CMD_FLOW_LIMITS_GET:
		return take_flow_limits(model, rec);
	}
	return hasw_fail(err, EBADMSG, "the module's answer is about something else");
}

struct reading {
	struct hasw_model *model;
	struct hasw_error *err;
};

static int read_record(const struct hasw_record *rec, void *data)
{
	struct reading *reading = data;

	return hasw_model_add_record(reading->model, rec, reading->err);
}

static int read_generation(const struct hasw_record *rec, void *data)
{
	*(uint64_t *)data = hasw_number(rec, HASWITCH_A_CONFIG_GENERATION, 0);
	return 0;
}

static int generation(struct hasw_sock *sock, uint64_t *number, struct hasw_error *err)
{
	char buf[HASW_MSG_SIZE];
	struct hasw_msg msg;

	hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_CONFIG_GET, 0);
	return hasw_get(sock, &msg, read_generation, number, err);
}

/*
 * Reads the configuration once. Returns 0; HASW_DUMP_TORN, -EAGAIN or -EEXIST if the configuration changed during
 * the read; or another negative errno.
 */
static int read_once(struct hasw_model *model, struct hasw_sock *sock, struct hasw_error *err)
{
	static const uint8_t cmds[] = {
		HASWITCH_CMD_NODE_GET, HASWITCH_CMD_LEASE_GET, HASWITCH_CMD_VIP_GET, HASWITCH_CMD_SERVICE_GET,
		HASWITCH_CMD_MEMBER_GET, HASWITCH_CMD_FLOW_LIMITS_GET,
	};
	struct reading reading = { model, err };
	uint64_t before, after;
	int ret;

	ret = generation(sock, &before, err);
	for (size_t i = 0; !ret && i < sizeof(cmds); i++) {
		bool many = hasw_op(cmds[i])->has_dump;
		char buf[HASW_MSG_SIZE];
		struct hasw_msg msg;

		hasw_msg_begin(&msg, buf, sizeof(buf), cmds[i], many ? NLM_F_DUMP : 0);
		ret = many ? hasw_dump(sock, &msg, read_record, &reading, err) :
			     hasw_get(sock, &msg, read_record, &reading, err);
	}
	if (ret)
		return ret;
	ret = generation(sock, &after, err);
	return ret ? ret : before != after ? HASW_DUMP_TORN : 0;
}

int hasw_model_read(struct hasw_model *model, struct hasw_sock *sock, struct hasw_error *err)
{
	for (int i = 0; i < TRIES; i++) {
		int ret;

		hasw_model_init(model);
		ret = read_once(model, sock, err);
		if (!ret)
			return 0;
		hasw_model_free(model);
		/*
		 * -EAGAIN or -EEXIST: the configuration changed, so that a record contradicts earlier records.
		 * Such a read is repeated.
		 */
		if (ret < 0 && ret != -EAGAIN && ret != -EEXIST)
			return ret;
	}
	return hasw_fail(err, EAGAIN, "the configuration is being changed all the time; try again");
}
