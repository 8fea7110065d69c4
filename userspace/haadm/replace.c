// SPDX-License-Identifier: GPL-2.0
/* The replace verbs. They add an object, or give an existing object exactly the settings of the command. */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "commands.h"
#include "lib/text.h"

/*
 * In the spec, the set command of each object directly follows its add command, and has the same attributes. So
 * replace_run() gets the number of the set command by adding 1.
 */
_Static_assert(HASWITCH_CMD_NODE_SET == HASWITCH_CMD_NODE_ADD + 1, "node");
_Static_assert(HASWITCH_CMD_VIP_SET == HASWITCH_CMD_VIP_ADD + 1, "vip");
_Static_assert(HASWITCH_CMD_SERVICE_SET == HASWITCH_CMD_SERVICE_ADD + 1, "service");
_Static_assert(HASWITCH_CMD_MEMBER_SET == HASWITCH_CMD_MEMBER_ADD + 1, "member");
_Static_assert(HASWITCH_CMD_LEASE_SET == HASWITCH_CMD_LEASE_ADD + 1, "lease");

struct present {
	struct request *req;
	const char *cannot;	/* a change that the set command cannot make to the existing object, or NULL */
};

/*
 * Checks whether the set command can change an existing node as requested. The set command can neither remove an
 * address or `lladdr` nor change `self`. So if the node has an IPv4 address, an IPv6 address or an `lladdr`, the
 * request must have one as well. The request must have `self` if and only if the node has it.
 */
static int look_at_node(const struct hasw_record *rec, void *data)
{
	struct present *present = data;
	const struct request *req = present->req;

	if (hasw_has(rec, HASWITCH_A_NODE_ADDR4) && !request_has(req, HASWITCH_A_NODE_ADDR4))
		present->cannot = "take away its IPv4 address";
	else if (hasw_has(rec, HASWITCH_A_NODE_ADDR6) && !request_has(req, HASWITCH_A_NODE_ADDR6))
		present->cannot = "take away its IPv6 address";
	else if (hasw_has(rec, HASWITCH_A_NODE_LLADDR) && !request_has(req, HASWITCH_A_NODE_LLADDR))
		present->cannot = "take away its lladdr";
	else if (hasw_has(rec, HASWITCH_A_NODE_SELF) != request_has(req, HASWITCH_A_NODE_SELF))
		present->cannot = "change whether it is this machine (self)";
	else if (hasw_has(rec, HASWITCH_A_NODE_ENGINE) != request_has(req, HASWITCH_A_NODE_ENGINE))
		present->cannot = "change whether a cluster engine lists it (engine)";
	return 0;
}

static int look_at_vip(const struct hasw_record *rec, void *data)
{
	struct present *present = data;

	if (hasw_has(rec, HASWITCH_A_VIP_DEV) && !request_list(present->req, HASWITCH_A_VIP_DEV))
		present->cannot = "take away all its devices (on DEV)";
	return 0;
}

static int look_for_self(const struct hasw_record *rec, void *data)
{
	struct present *present = data;
	bool self = hasw_has(rec, HASWITCH_A_NODE_SELF);

	request_default(present->req, HASWITCH_A_MEMBER_VIA, self ? HASWITCH_VIA_LOCAL : HASWITCH_VIA_DIRECT);
	return 0;
}

/* The members that the request's node has in the service. */
struct beside {
	const struct request *req;	/* the request; without `at`, so that all of the node's members are found */
	uint64_t port;			/* port that the request means */
	unsigned int n;
	bool there;			/* one of them is at this port */
};

static int look_beside(const struct hasw_record *rec, void *data)
{
	struct beside *beside = data;

	if (!member_wanted(rec, beside->req))
		return 0;
	beside->n++;
	beside->there |= member_is_at(rec, beside->port);
	return 0;
}

/*
 * Finds out which of its node's members a member request means. `at` names it by its port, which is also the default of
 * `port`. Without `at`, the node's only member is meant, or the one of several at the request's `port`. *THERE receives
 * whether that member exists. Returns 0, or a negative errno.
 */
static int find_member(struct hasw_sock *sock, struct request *req, bool *there, struct hasw_error *err)
{
	struct request node = *req;
	struct beside beside = { .req = &node };
	bool at = request_has(req, HASWITCH_A_MEMBER_AT_PORT);
	char buf[HASW_MSG_SIZE];
	struct hasw_msg msg;
	int ret;

	if (at)
		request_default(req, HASWITCH_A_MEMBER_NAT_PORT, req->value[HASWITCH_A_MEMBER_AT_PORT].number);
	beside.port = at ? req->value[HASWITCH_A_MEMBER_AT_PORT].number :
		      request_has(req, HASWITCH_A_MEMBER_NAT_PORT) ? req->value[HASWITCH_A_MEMBER_NAT_PORT].number : 0;
	node.given &= ~ATTR(HASWITCH_A_MEMBER_AT_PORT);
	hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_MEMBER_GET, NLM_F_DUMP);
	hasw_put_svc(&msg, HASWITCH_A_MEMBER_ADDR4, &req->svc);
	ret = hasw_dump(sock, &msg, look_beside, &beside, err);
	if (ret < 0)
		return ret;
	*there = at ? beside.there : beside.n;
	if (at || beside.n < 2)
		return 0;
	if (!beside.there)
		return hasw_fail(err, ENOTUNIQ, "node %s has several members in the service: name the port of one, or of a new one, with \"at PORT\"",
				 req->value[HASWITCH_A_MEMBER_NODE].text);
	req->value[HASWITCH_A_MEMBER_AT_PORT].number = beside.port;
	req->given |= ATTR(HASWITCH_A_MEMBER_AT_PORT);
	return 0;
}

/*
 * Sets each setting that the request omits to its default, if the set command can reset the setting. Reads the existing
 * node or vip, to detect a change that the set command cannot make. For a member, reads the member's node, because the
 * default of `via` depends on the node.
 */
static int prepare_set(struct hasw_sock *sock, struct present *present, struct hasw_error *err)
{
	struct request *req = present->req;
	char buf[HASW_MSG_SIZE];
	struct hasw_msg msg;

	switch (req->verb->cmd) {
	case HASWITCH_CMD_NODE_ADD:
		if (!request_has(req, HASWITCH_A_NODE_ZONE)) {
			req->value[HASWITCH_A_NODE_ZONE].text = "";
			req->given |= ATTR(HASWITCH_A_NODE_ZONE);
		}
		request_default(req, HASWITCH_A_NODE_ADMIN, HASWITCH_ADMIN_STATE_UP);
		hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_NODE_GET, 0);
		hasw_put_string(&msg, HASWITCH_A_NODE_NAME, req->name);
		return hasw_get(sock, &msg, look_at_node, present, err);
	case HASWITCH_CMD_VIP_ADD:
		if (!request_has(req, HASWITCH_A_VIP_HOLDER) && !request_has(req, HASWITCH_A_VIP_LEASE) &&
		    !request_has(req, HASWITCH_A_VIP_EVERYWHERE)) {
			req->value[HASWITCH_A_VIP_HOLDER].text = "";
			req->given |= ATTR(HASWITCH_A_VIP_HOLDER);
		}
		request_default(req, HASWITCH_A_VIP_STRAY, HASWITCH_STRAY_FORWARD);
		request_default(req, HASWITCH_A_VIP_ON_LOSS, HASWITCH_ON_LOSS_KEEP);
		request_default(req, HASWITCH_A_VIP_HOOK, HASWITCH_HOOK_INGRESS);
		request_default(req, HASWITCH_A_VIP_MARK, 0);
		hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_VIP_GET, 0);
		hasw_put_addr(&msg, HASWITCH_A_VIP_ADDR4, &req->svc.vip);
		return hasw_get(sock, &msg, look_at_vip, present, err);
	case HASWITCH_CMD_SERVICE_ADD:
		if (!request_has(req, HASWITCH_A_SERVICE_ALSO))
			request_list_set(req, HASWITCH_A_SERVICE_ALSO, "none");
		request_default(req, HASWITCH_A_SERVICE_SCHED, HASWITCH_SCHED_ACTIVE_STANDBY);
		request_default(req, HASWITCH_A_SERVICE_FAILBACK, HASW_FAILBACK_DEFAULT);
		if (!request_has(req, HASWITCH_A_SERVICE_ON_EMPTY)) {
			req->value[HASWITCH_A_SERVICE_ON_EMPTY].text = "drop";
			req->given |= ATTR(HASWITCH_A_SERVICE_ON_EMPTY);
		}
		request_default(req, HASWITCH_A_SERVICE_ONE_PACKET, HASWITCH_ONE_PACKET_OFF);
		request_default(req, HASWITCH_A_SERVICE_SNAT, HASWITCH_SNAT_OFF);
		/*
		 * `mask` needs `persist`. If the request has `mask` without `persist`, the module refuses this set
		 * command, as it would refuse an add command.
		 */
		request_default(req, HASWITCH_A_SERVICE_PERSIST, 0);
		request_default(req, HASWITCH_A_SERVICE_NEW_MAX, 0);
		request_default(req, HASWITCH_A_SERVICE_SLOW_START, 0);
		request_default(req, HASWITCH_A_SERVICE_ON_FAILOVER, HASWITCH_ON_FAILOVER_MOVE);
		request_default(req, HASWITCH_A_SERVICE_MIN_ACTIVE, 1);
		request_default(req, HASWITCH_A_SERVICE_ZONE, HASWITCH_SERVICE_ZONE_ANY);
		return 0;
	case HASWITCH_CMD_LEASE_ADD:
		if (!request_has(req, HASWITCH_A_LEASE_PREFER))
			request_list_set(req, HASWITCH_A_LEASE_PREFER, "");
		else
			request_default(req, HASWITCH_A_LEASE_FAILBACK, HASW_FAILBACK_DEFAULT);
		if (!request_has(req, HASWITCH_A_LEASE_ONLY))
			request_list_set(req, HASWITCH_A_LEASE_ONLY, "");
		request_default(req, HASWITCH_A_LEASE_RESIGN, HASWITCH_RESIGN_ANY);
		return 0;
	default:
		/*
		 * Health is not configuration, so it has no default. If the request has no health, the member's health
		 * stays as it is.
		 */
		request_default(req, HASWITCH_A_MEMBER_PRIORITY, 100);
		request_default(req, HASWITCH_A_MEMBER_WEIGHT, 1);
		request_default(req, HASWITCH_A_MEMBER_NAT_PORT, 0);
		request_default(req, HASWITCH_A_MEMBER_FLOWS_MAX, 0);
		request_default(req, HASWITCH_A_MEMBER_SPARE, HASWITCH_SPARE_OFF);
		hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_NODE_GET, 0);
		hasw_put_string(&msg, HASWITCH_A_NODE_NAME, req->value[HASWITCH_A_MEMBER_NODE].text);
		return hasw_get(sock, &msg, look_for_self, present, err);
	}
}

enum status replace_run(struct haadm *haadm, const struct request *req)
{
	struct hasw_sock *sock = haadm_sock(haadm);
	struct request changed = *req;
	struct present present = { &changed, NULL };
	struct hasw_error err, first = { .code = 0 };
	bool there = false;
	int ret;

	if (!sock)
		return STATUS_REFUSED;
	/* A node can have several members in a service, so an add command would not find out that the member exists. */
	if (req->verb->cmd == HASWITCH_CMD_MEMBER_ADD && find_member(sock, &changed, &there, &err))
		return haadm_error(haadm, &err);
	ret = there ? -EEXIST : change_send(haadm, sock, &changed, req->verb->cmd, &first);
	err = first;
	if (ret == -EEXIST) {
		ret = prepare_set(sock, &present, &err);
		if (!ret && present.cannot)
			return haadm_complain(haadm, STATUS_REFUSED,
					      "%s replace: it is there, and this cannot %s; delete it and add it anew",
					      req->object->word, present.cannot);
		if (!ret)
			ret = change_send(haadm, sock, &changed, req->verb->cmd + 1, &err);
	}
	/*
	 * If the set command returns ENOENT, the object does not exist. So the EEXIST of the add command was about a
	 * different object, such as another node with the same address. The error of the add command is therefore
	 * reported.
	 */
	if (ret == -ENOENT && first.code == EEXIST)
		err = first;
	if (ret)
		return haadm_error(haadm, &err);
	member_warn(haadm, req);
	return STATUS_OK;
}
