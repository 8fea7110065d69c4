// SPDX-License-Identifier: GPL-2.0
/*
 * The local addresses: addresses or routes of device ha0. A vip has a local address if this node might have to deliver
 * the vip's packets to its own sockets.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "commands.h"
#include "lib/array.h"
#include "local_addr.h"

#define MANY 256	/* with more local vips than this, routes are used instead of addresses */

struct reading {
	struct hasw_model *model;
	struct hasw_error *err;
};

static int read_record(const struct hasw_record *rec, void *data)
{
	struct reading *reading = data;

	return hasw_model_add_record(reading->model, rec, reading->err);
}

/* Reads all nodes and leases, and one vip with its services and members, into a model. */
static int read_vip(struct hasw_model *model, struct hasw_sock *sock, const struct hasw_addr *addr,
		    struct hasw_error *err)
{
	static const struct {
		uint8_t cmd;
		uint16_t addr4;
	} steps[] = {
		{ HASWITCH_CMD_NODE_GET, 0 },
		{ HASWITCH_CMD_LEASE_GET, 0 },
		{ HASWITCH_CMD_VIP_GET, HASWITCH_A_VIP_ADDR4 },
		{ HASWITCH_CMD_SERVICE_GET, HASWITCH_A_SERVICE_ADDR4 },
		{ HASWITCH_CMD_MEMBER_GET, HASWITCH_A_MEMBER_ADDR4 },
	};
	struct reading reading = { model, err };

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		bool one = steps[i].cmd == HASWITCH_CMD_VIP_GET;
		char buf[HASW_MSG_SIZE];
		struct hasw_msg msg;
		int ret;

		hasw_msg_begin(&msg, buf, sizeof(buf), steps[i].cmd, one ? 0 : NLM_F_DUMP);
		if (steps[i].addr4)
			hasw_put_addr(&msg, steps[i].addr4, addr);
		ret = one ? hasw_get(sock, &msg, read_record, &reading, err) :
			    hasw_dump(sock, &msg, read_record, &reading, err);
		if (one && ret == -ENOENT)
			return 0;	/* a vip that does not exist has no services */
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* Returns whether a member del request means the member: by its node, and by its port if the request names one. */
static bool is_meant(const struct hasw_model *model, const struct request *req, uint32_t service, uint32_t member)
{
	uint32_t node = model->members[member].node;

	if (strcmp(model->nodes[node].name, req->value[HASWITCH_A_MEMBER_NODE].text))
		return false;
	return !request_has(req, HASWITCH_A_MEMBER_AT_PORT) ||
	       hasw_model_member_at(model, service, node,
				    (uint16_t)req->value[HASWITCH_A_MEMBER_AT_PORT].number) == member;
}

/* Applies a del request for a service or member to the model, as the module would apply it to its configuration. */
static void apply_del(struct hasw_model *model, const struct request *req, unsigned int cmd)
{
	uint32_t index = hasw_model_service(model, &req->svc), member;
	struct hasw_service *service;

	if (index == HASW_NONE)
		return;
	service = &model->services[index];
	for (member = service->first; member != HASW_NONE; member = model->members[member].next) {
		if (cmd == HASWITCH_CMD_SERVICE_DEL || is_meant(model, req, index, member))
			hasw_model_leave(model, member);
	}
	if (cmd == HASWITCH_CMD_SERVICE_DEL)
		model->vips[service->vip].n_services--;
}

static bool is_local(const struct hasw_model *model, const struct hasw_addr *addr)
{
	uint32_t vip = hasw_model_vip(model, addr);

	return vip != HASW_NONE && hasw_model_local(model, &model->vips[vip]);
}

static int count_vips(const struct hasw_record *rec, void *data)
{
	*(uint64_t *)data = hasw_number(rec, HASWITCH_A_CONFIG_VIPS, 0);
	return 0;
}

static int count_local(enum local_form form, const struct hasw_addr *addr, void *data)
{
	unsigned int *n = data;

	(void)form;
	(void)addr;
	/* The count stops at MANY, because the caller only needs to know whether MANY is reached. */
	return ++*n == MANY;
}

/*
 * Returns 1 if there are already MANY local vips, so that the next one becomes a route; 0 if not; or a negative errno.
 * Once the result is 1, it stays 1 for the rest of a batch, because a route works as well as an address.
 */
static int is_many(struct hasw_sock *sock, struct hasw_error *err)
{
	static bool were_many;
	char buf[HASW_MSG_SIZE];
	struct hasw_msg msg;
	unsigned int n = 0;
	struct rtnl rtnl;
	uint64_t vips = 0;
	int ret;

	if (were_many)
		return 1;
	hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_CONFIG_GET, 0);
	ret = hasw_get(sock, &msg, count_vips, &vips, err);
	if (ret || vips < MANY)
		return ret;
	/* count_local() can end the dump early and leave a part unread, so the dump has a socket of its own. */
	ret = rtnl_open(&rtnl, err);
	if (ret)
		return ret;
	ret = rtnl_list(&rtnl, count_local, &n, err);
	rtnl_close(&rtnl);
	were_many = n >= MANY;
	return ret ? ret : were_many;
}

/* Adds the address to ha0, if it is missing. */
static int put_addr(struct local_change *change, struct hasw_sock *sock, struct hasw_error *err)
{
	int ret = is_many(sock, err);

	if (ret < 0)
		return ret;
	change->form = ret ? LOCAL_ROUTE : LOCAL_ADDRESS;
	ret = rtnl_make_dev(&change->rtnl, err);
	if (ret)
		return ret;
	rtnl_add(&change->rtnl, change->form, &change->addr, &change->added);
	return rtnl_flush(&change->rtnl, err);
}

int local_prepare(struct local_change *change, struct hasw_sock *sock, const struct request *req,
		  unsigned int cmd, struct hasw_error *err)
{
	struct hasw_model model;
	bool before, after = false;
	int ret;

	memset(change, 0, sizeof(*change));
	change->addr = req->svc.vip;
	hasw_model_init(&model);
	ret = read_vip(&model, sock, &change->addr, err);
	if (ret) {
		hasw_model_free(&model);
		/*
		 * -EAGAIN or -EEXIST: another process changed the configuration during the dumps. So the model is
		 * inconsistent, and nothing is prepared. The request is still sent, and the module accepts or refuses
		 * it.
		 */
		return ret == -EAGAIN || ret == -EEXIST ? 0 : ret;
	}
	before = is_local(&model, &change->addr);
	switch (cmd) {
	case HASWITCH_CMD_VIP_DEL:
		break;
	case HASWITCH_CMD_SERVICE_DEL:
	case HASWITCH_CMD_MEMBER_DEL:
		apply_del(&model, req, cmd);
		after = is_local(&model, &change->addr);
		break;
	default:
		/*
		 * If the model refuses the request, the request is still sent, so that the user gets the module's own
		 * error.
		 */
		if (apply_request(&model, req, cmd, err)) {
			hasw_model_free(&model);
			return 0;
		}
		after = is_local(&model, &change->addr);
	}
	hasw_model_free(&model);
	if (before == after)
		return 0;
	change->unneeded = before;
	/*
	 * The rtnetlink socket is opened before the change, although a deletion needs it only after the change. If the
	 * socket cannot be opened, the change is not made at all.
	 */
	ret = rtnl_open(&change->rtnl, err);
	if (ret || before)
		return ret;
	ret = put_addr(change, sock, err);
	if (ret)
		local_undo(change);
	return ret;
}

/*
 * Rewords an error that occurred after the module made the change. The new text says that the configuration is in
 * force, because the user would otherwise assume that the change failed.
 */
static int in_force(struct hasw_error *err)
{
	struct hasw_error why = *err;

	return hasw_fail(err, why.code, "the configuration is in force, but %s", why.text);
}

struct addr_list {
	struct hasw_addr *addrs;
	uint32_t n;
	uint32_t room;
};

static int list_put(struct addr_list *list, const struct hasw_addr *addr)
{
	if (!hasw_array_room(&list->addrs, list->n, &list->room, sizeof(*addr)))
		return -ENOMEM;
	list->addrs[list->n++] = *addr;
	return 0;
}

/*
 * State of the deletion of an IPv4 address. When the last IPv4 address of ha0 is deleted, the kernel also deletes all
 * IPv4 routes of ha0, including those of other vips. These routes must be added again.
 */
struct last {
	const struct hasw_addr *addr;	/* address that is deleted */
	bool alone;			/* addr is the only IPv4 address of ha0 */
	struct addr_list routes;	/* IPv4 routes of ha0, if alone is true */
};

static int look_for_last(enum local_form form, const struct hasw_addr *addr, void *data)
{
	struct last *last = data;

	if (form == LOCAL_ROUTE)
		return list_put(&last->routes, addr);
	last->alone = !hasw_addr_compare(addr, last->addr);
	return !last->alone;
}

static int find_last(struct last *last, const struct hasw_addr *addr, struct hasw_error *err)
{
	struct rtnl rtnl;
	int ret;

	memset(last, 0, sizeof(*last));
	last->addr = addr;
	if (addr->family != AF_INET)
		return 0;
	/* look_for_last() can end the dump early and leave a part unread, so the dump has a socket of its own. */
	ret = rtnl_open(&rtnl, err);
	if (ret)
		return ret;
	ret = rtnl_list_form(&rtnl, LOCAL_ADDRESS, AF_INET, look_for_last, last, err);
	if (!ret && last->alone)
		ret = rtnl_list_form(&rtnl, LOCAL_ROUTE, AF_INET, look_for_last, last, err);
	rtnl_close(&rtnl);
	return ret;
}

/* If the kernel deletes routes together with the address (see struct last), queues requests that add them again. */
static int keep_routes(struct rtnl *rtnl, const struct hasw_addr *addr, struct hasw_error *err)
{
	struct last last;
	int ret = find_last(&last, addr, err);

	for (size_t i = 0; !ret && i < last.routes.n; i++) {
		if (hasw_addr_compare(&last.routes.addrs[i], addr))
			rtnl_add(rtnl, LOCAL_ROUTE, &last.routes.addrs[i], NULL);
	}
	free(last.routes.addrs);
	return ret;
}

int local_finish(struct local_change *change, struct hasw_error *err)
{
	int ret = 0;

	/*
	 * The vip is local by an address or by a route. Both are deleted, because haadm does not know which of them
	 * exists.
	 */
	if (change->unneeded && change->rtnl.dev) {
		rtnl_del(&change->rtnl, LOCAL_ADDRESS, &change->addr);
		rtnl_del(&change->rtnl, LOCAL_ROUTE, &change->addr);
		ret = keep_routes(&change->rtnl, &change->addr, err);
		if (!ret)
			ret = rtnl_flush(&change->rtnl, err);
	}
	rtnl_close(&change->rtnl);
	return ret ? in_force(err) : 0;
}

void local_undo(struct local_change *change)
{
	struct hasw_error err;

	if (change->added) {
		rtnl_del(&change->rtnl, change->form, &change->addr);
		keep_routes(&change->rtnl, &change->addr, &err);
		/* An error of the undo is ignored, because the caller reports the error of the change. */
		rtnl_flush(&change->rtnl, &err);
	}
	rtnl_close(&change->rtnl);
}

struct local_diff {
	struct rtnl rtnl;
	enum local_form form;			/* form of the wanted addresses */
	struct addr_list wanted;		/* addresses that the new configuration needs */
	bool *added;				/* for each wanted address, whether local_diff_prepare() has added it */
	struct addr_list present[2];		/* local addresses before the restore; index: enum local_form */
};

static int present_put(enum local_form form, const struct hasw_addr *addr, void *data)
{
	struct local_diff *diff = data;

	return list_put(&diff->present[form], addr);
}

static int by_addr(const void *a, const void *b)
{
	return hasw_addr_compare(a, b);
}

static void list_sort(struct addr_list *list)
{
	if (list->n)
		qsort(list->addrs, list->n, sizeof(*list->addrs), by_addr);
}

/*
 * Returns whether the sorted list has the address. Advances *AT to the place of the address, so successive calls must
 * look for addresses in sorted order.
 */
static bool list_has(const struct addr_list *list, size_t *at, const struct hasw_addr *addr)
{
	while (*at < list->n && hasw_addr_compare(&list->addrs[*at], addr) < 0)
		++*at;
	return *at < list->n && !hasw_addr_compare(&list->addrs[*at], addr);
}

/* Queues requests that add the wanted addresses that are missing. */
static void diff_add(struct local_diff *diff)
{
	size_t at = 0;

	for (size_t i = 0; i < diff->wanted.n; i++) {
		if (!list_has(&diff->present[diff->form], &at, &diff->wanted.addrs[i]))
			rtnl_add(&diff->rtnl, diff->form, &diff->wanted.addrs[i], &diff->added[i]);
	}
}

/*
 * Queues requests that delete the addresses that ha0 has in FORM, but that the new configuration does not need in FORM.
 */
static void diff_del(struct local_diff *diff, enum local_form form)
{
	const struct addr_list *present = &diff->present[form];
	size_t at = 0;

	for (size_t i = 0; i < present->n; i++) {
		if (form != diff->form || !list_has(&diff->wanted, &at, &present->addrs[i]))
			rtnl_del(&diff->rtnl, form, &present->addrs[i]);
	}
}

static void diff_free(struct local_diff *diff)
{
	rtnl_close(&diff->rtnl);
	free(diff->wanted.addrs);
	free(diff->added);
	free(diff->present[LOCAL_ADDRESS].addrs);
	free(diff->present[LOCAL_ROUTE].addrs);
	free(diff);
}

/* Queues requests that add the addresses that a configuration needs. On failure fills ERR and returns NULL. */
static struct local_diff *diff_new(const struct hasw_model *model, struct hasw_error *err)
{
	struct local_diff *diff = calloc(1, sizeof(*diff));
	int ret = 0;

	if (!diff || rtnl_open(&diff->rtnl, err)) {
		if (!diff)
			hasw_fail(err, ENOMEM, "out of memory");
		free(diff);
		return NULL;
	}
	for (uint32_t i = 0; !ret && i < model->n_vips; i++) {
		if (hasw_model_local(model, &model->vips[i]))
			ret = list_put(&diff->wanted, &model->vips[i].addr);
	}
	diff->added = calloc(diff->wanted.n + 1, sizeof(*diff->added));
	if (ret || !diff->added)
		ret = hasw_fail(err, ENOMEM, "out of memory");
	else
		ret = rtnl_list(&diff->rtnl, present_put, diff, err);
	if (!ret && diff->wanted.n)
		ret = rtnl_make_dev(&diff->rtnl, err);
	if (ret) {
		diff_free(diff);
		return NULL;
	}
	diff->form = diff->wanted.n > MANY ? LOCAL_ROUTE : LOCAL_ADDRESS;
	list_sort(&diff->wanted);
	list_sort(&diff->present[LOCAL_ADDRESS]);
	list_sort(&diff->present[LOCAL_ROUTE]);
	diff_add(diff);
	return diff;
}

struct local_diff *local_diff_prepare(const struct hasw_model *model, struct hasw_error *err)
{
	struct local_diff *diff = diff_new(model, err);

	if (diff && rtnl_flush(&diff->rtnl, err)) {
		local_diff_undo(diff);
		return NULL;
	}
	return diff;
}

int local_heal(const struct hasw_model *model, struct hasw_error *err)
{
	struct local_diff *diff = diff_new(model, err);
	int ret;

	if (!diff)
		return -err->code;
	ret = rtnl_flush(&diff->rtnl, err);
	diff_free(diff);
	return ret;
}

int local_diff_finish(struct local_diff *diff, struct hasw_error *err)
{
	int ret;

	diff_del(diff, LOCAL_ADDRESS);
	diff_del(diff, LOCAL_ROUTE);
	/*
	 * When the last IPv4 address of ha0 is deleted, the kernel also deletes all IPv4 routes of ha0 (see struct
	 * last). So the wanted routes are added again.
	 */
	for (size_t i = 0; diff->form == LOCAL_ROUTE && diff->present[LOCAL_ADDRESS].n && i < diff->wanted.n; i++)
		rtnl_add(&diff->rtnl, LOCAL_ROUTE, &diff->wanted.addrs[i], NULL);
	ret = rtnl_flush(&diff->rtnl, err);
	diff_free(diff);
	return ret ? in_force(err) : 0;
}

void local_diff_undo(struct local_diff *diff)
{
	struct hasw_error err;

	for (size_t i = 0; i < diff->wanted.n; i++) {
		if (diff->added[i])
			rtnl_del(&diff->rtnl, diff->form, &diff->wanted.addrs[i]);
	}
	for (size_t i = 0; diff->form == LOCAL_ADDRESS && i < diff->present[LOCAL_ROUTE].n; i++)
		rtnl_add(&diff->rtnl, LOCAL_ROUTE, &diff->present[LOCAL_ROUTE].addrs[i], NULL);
	rtnl_flush(&diff->rtnl, &err);
	diff_free(diff);
}
