// SPDX-License-Identifier: GPL-2.0
/* The agent's requests to the kernel module, one function each. */
#include <errno.h>
#include <limits.h>
#include <linux/haswitch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "module.h"

/**
 * module_open - open the netlink sockets to the module
 * @m:		the module; its sockets are opened
 * @err:	filled on failure
 *
 * Return: 0 or a negative errno; -ENOENT when the module is not loaded; -ETIMEDOUT: call it again
 */
int module_open(struct module *m, struct hasw_error *err)
{
	int ret = calls_open(&m->calls, &m->events, err);

	if (ret)
		return ret;
	m->open = true;
	m->opened++;
	return 0;
}

/**
 * module_close - close the netlink sockets to the module
 * @m:	the module; can be closed already
 */
void module_close(struct module *m)
{
	if (!m->open)
		return;
	if (m->closing)
		m->closing(m->arg);
	m->resting.n = 0;
	hasw_sock_close(&m->events);
	calls_close(&m->calls);
	m->open = false;
}

/**
 * module_stuck - return whether a request waits for its reply, so that others are refused
 * @m:	the module
 *
 * Return: yes or no
 */
bool module_stuck(struct module *m)
{
	return calls_stuck(&m->calls);
}

static void begin(struct module *m, struct hasw_msg *msg, unsigned int cmd,
		  uint16_t flags)
{
	hasw_msg_begin(msg, m->buf, sizeof(m->buf), cmd, flags);
}

static void node_read(const struct hasw_record *rec, struct module_node *node)
{
	const char *name = hasw_string(rec, HASWITCH_A_NODE_NAME);
	const char *zone = hasw_string(rec, HASWITCH_A_NODE_ZONE);
	struct hasw_addr addr;

	memset(node, 0, sizeof(*node));
	if (name)
		snprintf(node->name, sizeof(node->name), "%s", name);
	if (zone)
		snprintf(node->zone, sizeof(node->zone), "%s", zone);
	node->self = hasw_has(rec, HASWITCH_A_NODE_SELF);
	node->engine = hasw_has(rec, HASWITCH_A_NODE_ENGINE);
	/* If a node has both addresses, hasw_get_addr() ignores ADDR6, so ADDR6 is copied here. */
	if (hasw_has(rec, HASWITCH_A_NODE_ADDR4) &&
	    hasw_get_addr(rec, HASWITCH_A_NODE_ADDR4, &addr))
		node->addr4 = addr;
	if (hasw_has(rec, HASWITCH_A_NODE_ADDR6)) {
		node->addr6.family = AF_INET6;
		memcpy(node->addr6.bytes,
		       hasw_payload(rec->attr[HASWITCH_A_NODE_ADDR6]), 16);
	}
	node->verdict = (unsigned int)hasw_number(rec, HASWITCH_A_NODE_VERDICT,
						  HASWITCH_VERDICT_CLEAR);
	node->state = (unsigned int)hasw_number(rec, HASWITCH_A_NODE_STATE,
						HASWITCH_NODE_STATE_UP);
	node->alive = hasw_number(rec, HASWITCH_A_NODE_AGENT,
				  HASWITCH_AGENT_STATE_UNNAMED) ==
		      HASWITCH_AGENT_STATE_ALIVE;
	node->since = hasw_number(rec, HASWITCH_A_NODE_SINCE, 0);
	if (hasw_has(rec, HASWITCH_A_NODE_LLADDR) && hasw_has(rec, HASWITCH_A_NODE_DEV)) {
		memcpy(node->lladdr, hasw_payload(rec->attr[HASWITCH_A_NODE_LLADDR]), sizeof(node->lladdr));
		snprintf(node->dev, sizeof(node->dev), "%s", hasw_string(rec, HASWITCH_A_NODE_DEV));
	}
}

struct node_list {
	struct module_node *nodes;
	unsigned int n;
};

static int node_gather(const struct hasw_record *rec, void *data)
{
	struct node_list *list = data;
	struct module_node *nodes;

	nodes = reallocarray(list->nodes, list->n + 1, sizeof(*nodes));
	if (!nodes)
		return -ENOMEM;
	list->nodes = nodes;
	node_read(rec, &nodes[list->n++]);
	return 0;
}

/* Returns the negative errno of a failed hasw_dump(). Fills @err if hasw_dump() has not. */
static int dump_failed(int ret, struct hasw_error *err)
{
	if (ret == -ENOMEM)
		hasw_fail(err, ENOMEM, "out of memory");
	else if (ret == HASW_DUMP_TORN)
		hasw_fail(err, EAGAIN, "they change all the time");
	return ret < 0 ? ret : -EAGAIN;
}

/**
 * module_nodes - get all nodes of the module
 * @m:		the module
 * @nodes:	filled with an array, which the caller frees
 * @n:		filled with the length of @nodes
 * @err:	filled on failure
 *
 * Return: 0 or a negative errno
 */
int module_nodes(struct module *m, struct module_node **nodes, unsigned int *n,
		 struct hasw_error *err)
{
	struct node_list list = { 0 };
	struct hasw_msg msg;
	int tries, ret = 0;
	unsigned int i;

	for (tries = 0; tries < 5; tries++) {
		list.n = 0;
		begin(m, &msg, HASWITCH_CMD_NODE_GET, NLM_F_DUMP);
		ret = calls_dump(&m->calls, &msg, node_gather, &list, err);
		if (ret != HASW_DUMP_TORN)
			break;
	}
	if (ret) {
		free(list.nodes);
		return dump_failed(ret, err);
	}
	m->resting.n = 0;
	for (i = 0; i < list.n; i++)
		resting_note(&m->resting, list.nodes[i].name, list.nodes[i].state);
	*nodes = list.nodes;
	*n = list.n;
	return 0;
}

static struct module *shared;

/**
 * module_share - have module_ask_nodes() use an open module, instead of sockets of its own
 * @m:	the module; NULL: none
 */
void module_share(struct module *m)
{
	shared = m;
}

/**
 * module_ask_nodes - get all nodes of the module
 * @nodes:	filled with an array, which the caller frees
 * @n:		filled with the length of @nodes
 * @err:	filled on failure
 *
 * Return: 0 or a negative errno
 */
int module_ask_nodes(struct module_node **nodes, unsigned int *n,
		     struct hasw_error *err)
{
	static struct module m;
	int ret;

	if (shared && !shared->open)
		return hasw_fail(err, ENOENT, "the kernel module haswitch is not there now");
	if (shared)
		return module_nodes(shared, nodes, n, err);
	ret = module_open(&m, err);
	if (ret)
		return ret;
	ret = module_nodes(&m, nodes, n, err);
	module_close(&m);
	return ret;
}

struct lease_list {
	struct module_lease *leases;
	unsigned int n;
};

/*
 * The array of leases grows by this number of elements. The elements are large, so a reallocation
 * for each lease would copy too much.
 */
#define LEASES_MORE 16

static unsigned int read_names(const struct hasw_record *rec, uint16_t attr,
			       char names[][WIRE_NAME])
{
	const struct nlattr *name = NULL;
	unsigned int n = 0;

	while (n < HASWITCH_LEASE_NODES_MAX && (name = hasw_next(rec, attr, name)))
		snprintf(names[n++], WIRE_NAME, "%s", (const char *)hasw_payload(name));
	return n;
}

static int lease_gather(const struct hasw_record *rec, void *data)
{
	const char *name = hasw_string(rec, HASWITCH_A_LEASE_NAME);
	const char *holder = hasw_string(rec, HASWITCH_A_LEASE_HOLDER);
	struct lease_list *list = data;
	struct module_lease *leases, *lease;

	if (list->n % LEASES_MORE == 0) {
		leases = reallocarray(list->leases, list->n + LEASES_MORE,
				      sizeof(*leases));
		if (!leases)
			return -ENOMEM;
		list->leases = leases;
	}
	lease = &list->leases[list->n++];
	memset(lease, 0, sizeof(*lease));
	snprintf(lease->name, sizeof(lease->name), "%s", name ? name : "");
	snprintf(lease->holder, sizeof(lease->holder), "%s", holder ? holder : "");
	lease->held = hasw_has(rec, HASWITCH_A_LEASE_HELD);
	lease->protodown = hasw_has(rec, HASWITCH_A_LEASE_PROTODOWN);
	lease->epoch = hasw_number(rec, HASWITCH_A_LEASE_EPOCH, 0);
	lease->deadline = hasw_number(rec, HASWITCH_A_LEASE_DEADLINE, 0);
	lease->burned = hasw_number(rec, HASWITCH_A_LEASE_BURNED, 0);
	lease->failback = hasw_number(rec, HASWITCH_A_LEASE_FAILBACK, 0);
	lease->n_prefer = read_names(rec, HASWITCH_A_LEASE_PREFER, lease->prefer);
	lease->n_only = read_names(rec, HASWITCH_A_LEASE_ONLY, lease->only);
	return 0;
}

/**
 * module_leases - get all leases of the module
 * @m:		the module
 * @leases:	filled with an array, which the caller frees
 * @n:		filled with the length of @leases
 * @err:	filled on failure
 *
 * Return: 0 or a negative errno
 */
int module_leases(struct module *m, struct module_lease **leases,
		  unsigned int *n, struct hasw_error *err)
{
	struct lease_list list = { 0 };
	struct hasw_msg msg;
	int tries, ret = 0;

	for (tries = 0; tries < 5; tries++) {
		list.n = 0;
		begin(m, &msg, HASWITCH_CMD_LEASE_GET, NLM_F_DUMP);
		ret = calls_dump(&m->calls, &msg, lease_gather, &list, err);
		if (ret != HASW_DUMP_TORN)
			break;
	}
	if (ret) {
		free(list.leases);
		return dump_failed(ret, err);
	}
	*leases = list.leases;
	*n = list.n;
	return 0;
}

static int node_take(const struct hasw_record *rec, void *data)
{
	node_read(rec, data);
	return 0;
}

/**
 * module_node - get one node of the module
 * @m:		the module
 * @name:	name of the node
 * @node:	filled on success
 * @err:	filled on failure
 *
 * Return: 0 or a negative errno
 */
int module_node(struct module *m, const char *name, struct module_node *node,
		struct hasw_error *err)
{
	struct hasw_msg msg;
	int ret;

	begin(m, &msg, HASWITCH_CMD_NODE_GET, 0);
	hasw_put_string(&msg, HASWITCH_A_NODE_NAME, name);
	ret = calls_get(&m->calls, &msg, node_take, node, err);
	if (!ret || ret == -ENOENT)
		resting_note(&m->resting, name, ret ? UINT_MAX : node->state);
	return ret;
}

/**
 * module_resting - return whether a node is in maintenance, so that its failures cause no
 * alarm
 * @m:		the module
 * @name:	name of the node
 *
 * While the module does not answer, what it has told last counts, by a reply or by an event. A module that is not loaded has
 * no node.
 *
 * Return: yes or no
 */
bool module_resting(struct module *m, const char *name)
{
	struct module_node node;
	struct hasw_error err;

	if (!m->open)
		return false;
	module_node(m, name, &node, &err);
	return resting_has(&m->resting, name);
}

static int member_take(const struct hasw_record *rec, void *data)
{
	*(unsigned int *)data = (unsigned int)hasw_number(rec, HASWITCH_A_MEMBER_VIA, HASWITCH_VIA_LOCAL);
	return 0;
}

static int vip_take(const struct hasw_record *rec, void *data)
{
	const char *lease = hasw_string(rec, HASWITCH_A_VIP_LEASE);
	struct module_vip *vip = data;

	vip->role = (unsigned int)hasw_number(rec, HASWITCH_A_VIP_ROLE, HASWITCH_ROLE_NONE);
	snprintf(vip->lease, sizeof(vip->lease), "%s", lease ? lease : "");
	return 0;
}

/* Names a member: its service, its node, and its port if the node has several members in the service. */
static void put_member(struct hasw_msg *msg, const struct hasw_svc *service, const char *node, uint16_t at)
{
	hasw_put_svc(msg, HASWITCH_A_MEMBER_ADDR4, service);
	hasw_put_string(msg, HASWITCH_A_MEMBER_NODE, node);
	if (at)
		hasw_put_u16(msg, HASWITCH_A_MEMBER_AT_PORT, at);
}

/**
 * module_member - look for a member
 * @m:		the module
 * @service:	the service
 * @node:	name of the node
 * @at:		the member's port; 0: the only member that the node has in the service
 * @via:	filled on success: how other nodes reach the member, enum haswitch_via; or NULL
 * @err:	filled on failure
 *
 * Return: 0; -ENOENT if there is no such member; -ENOTUNIQ if the node has several members
 * and @at is 0; or another negative errno
 */
int module_member(struct module *m, const struct hasw_svc *service,
		  const char *node, uint16_t at, unsigned int *via, struct hasw_error *err)
{
	struct hasw_msg msg;
	unsigned int unused;

	begin(m, &msg, HASWITCH_CMD_MEMBER_GET, 0);
	put_member(&msg, service, node, at);
	return calls_get(&m->calls, &msg, member_take, via ? via : &unused, err);
}

/**
 * module_vip - look what this node is to a vip
 * @m:		the module
 * @addr:	the vip
 * @vip:	filled on success
 * @err:	filled on failure
 *
 * Return: 0 or a negative errno
 */
int module_vip(struct module *m, const struct hasw_addr *addr, struct module_vip *vip,
	       struct hasw_error *err)
{
	struct hasw_msg msg;

	begin(m, &msg, HASWITCH_CMD_VIP_GET, 0);
	hasw_put_addr(&msg, HASWITCH_A_VIP_ADDR4, addr);
	return calls_get(&m->calls, &msg, vip_take, vip, err);
}

/**
 * module_beat - send a BEAT, which reports nodes as alive
 * @m:		the module
 * @names:	names of the nodes
 * @n:		number of entries in @names
 * @time:	how long the module counts the nodes as alive without another BEAT, ns
 * @err:	filled on failure
 *
 * Return: 0 or a negative errno
 */
int module_beat(struct module *m, const char *const *names, unsigned int n,
		uint64_t time, struct hasw_error *err)
{
	struct hasw_msg msg;
	unsigned int i;

	begin(m, &msg, HASWITCH_CMD_BEAT, 0);
	hasw_put_u64(&msg, HASWITCH_A_BEAT_TIME, time);
	for (i = 0; i < n; i++)
		hasw_put_string(&msg, HASWITCH_A_BEAT_NODE, names[i]);
	return calls_call(&m->calls, &msg, err);
}

/**
 * module_verdict - set the verdict on a node: that it has left, or was fenced
 * @m:		the module
 * @name:	name of the node
 * @verdict:	the verdict, enum haswitch_verdict
 * @err:	filled on failure
 *
 * Return: 0 or a negative errno
 */
int module_verdict(struct module *m, const char *name, unsigned int verdict,
		   struct hasw_error *err)
{
	struct hasw_msg msg;

	begin(m, &msg, HASWITCH_CMD_NODE_VERDICT, 0);
	hasw_put_string(&msg, HASWITCH_A_NODE_NAME, name);
	hasw_put_u8(&msg, HASWITCH_A_NODE_VERDICT, (uint8_t)verdict);
	return calls_call(&m->calls, &msg, err);
}

/**
 * module_set_share - set the share of their weights by which a node's members get new flows
 * @m:		the module
 * @name:	name of the node
 * @share:	the share, 1 to 100, percent
 * @err:	filled on failure
 *
 * Return: 0 or a negative errno; -ETIMEDOUT: call it again
 */
int module_set_share(struct module *m, const char *name, unsigned int share, struct hasw_error *err)
{
	struct hasw_msg msg;

	begin(m, &msg, HASWITCH_CMD_NODE_SET, 0);
	hasw_put_string(&msg, HASWITCH_A_NODE_NAME, name);
	hasw_put_u8(&msg, HASWITCH_A_NODE_SHARE, (uint8_t)share);
	return calls_call(&m->calls, &msg, err);
}

/**
 * module_put_node - add a node that a cluster engine lists, or give it other addresses
 * @m:		the module
 * @add:	add it
 * @name:	name of the node
 * @addr4:	its IPv4 address; family 0: none
 * @addr6:	its IPv6 address; family 0: none
 * @self:	it is this machine, for @add
 * @err:	filled on failure
 *
 * Return: 0 or a negative errno; -ETIMEDOUT: perhaps it was done
 */
int module_put_node(struct module *m, bool add, const char *name, const struct hasw_addr *addr4,
		    const struct hasw_addr *addr6, bool self, struct hasw_error *err)
{
	struct hasw_msg msg;

	begin(m, &msg, add ? HASWITCH_CMD_NODE_ADD : HASWITCH_CMD_NODE_SET, 0);
	hasw_put_string(&msg, HASWITCH_A_NODE_NAME, name);
	if (addr4->family)
		hasw_put_addr(&msg, HASWITCH_A_NODE_ADDR4, addr4);
	if (addr6->family)
		hasw_put_addr(&msg, HASWITCH_A_NODE_ADDR4, addr6);
	if (add && self)
		hasw_put_flag(&msg, HASWITCH_A_NODE_SELF);
	if (add)
		hasw_put_flag(&msg, HASWITCH_A_NODE_ENGINE);
	return calls_call(&m->calls, &msg, err);
}

/**
 * module_del_node - delete a node
 * @m:		the module
 * @name:	name of the node
 * @err:	filled on failure
 *
 * Return: 0 or a negative errno; -EBUSY: something uses it; -ETIMEDOUT: perhaps it was done
 */
int module_del_node(struct module *m, const char *name, struct hasw_error *err)
{
	struct hasw_msg msg;

	begin(m, &msg, HASWITCH_CMD_NODE_DEL, 0);
	hasw_put_string(&msg, HASWITCH_A_NODE_NAME, name);
	return calls_call(&m->calls, &msg, err);
}

/**
 * module_move_answer - answer a request to move a lease
 * @m:		the module
 * @lease:	name of the lease
 * @answer:	result of the request, enum haswitch_move_answer
 * @err:	filled on failure
 *
 * Return: 0 or a negative errno
 */
int module_move_answer(struct module *m, const char *lease, int answer,
		       struct hasw_error *err)
{
	struct hasw_msg msg;

	begin(m, &msg, HASWITCH_CMD_LEASE_MOVE, 0);
	hasw_put_string(&msg, HASWITCH_A_LEASE_NAME, lease);
	hasw_put_u8(&msg, HASWITCH_A_LEASE_ANSWER, (uint8_t)answer);
	return calls_call(&m->calls, &msg, err);
}

/**
 * module_health - set the health of a member
 * @m:		the module
 * @service:	the member's service
 * @node:	the member's node
 * @at:		the member's port; 0: the only member that the node has in the service
 * @up:		true: up, false: down
 * @err:	filled on failure
 *
 * Return: 0 or a negative errno
 */
int module_health(struct module *m, const struct hasw_svc *service,
		  const char *node, uint16_t at, bool up,
		  struct hasw_error *err)
{
	struct hasw_msg msg;

	begin(m, &msg, HASWITCH_CMD_MEMBER_SET, 0);
	put_member(&msg, service, node, at);
	hasw_put_u8(&msg, HASWITCH_A_MEMBER_HEALTH,
		    up ? HASWITCH_HEALTH_UP : HASWITCH_HEALTH_DOWN);
	return calls_call(&m->calls, &msg, err);
}
