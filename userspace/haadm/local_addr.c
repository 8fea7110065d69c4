// SPDX-License-Identifier: GPL-2.0
/* Local addresses: vips that this node may deliver itself are addresses of device ha0. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "commands.h"
#include "local_addr.h"

#define MANY 256	/* more local vips than this are routes instead of addresses */

struct reading {
	struct hasw_model *model;
	struct hasw_error *err;
};

static int read_record(const struct hasw_record *rec, void *data)
{
	struct reading *reading = data;

	return hasw_model_add_record(reading->model, rec, reading->err);
}

/* Reads the nodes, and of one vip all there is, into a model. */
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
			return 0;	/* there is no such vip, and then nothing of it */
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* Does to the model what a del request does to the module. */
static void apply_del(struct hasw_model *model, const struct request *req, unsigned int cmd)
{
	uint32_t index = hasw_model_service(model, &req->svc), member;
	struct hasw_service *service;

	if (index == HASW_NONE)
		return;
	service = &model->services[index];
	for (member = service->first; member != HASW_NONE; member = model->members[member].next) {
		const char *node = model->nodes[model->members[member].node].name;

		if (cmd == HASWITCH_CMD_SERVICE_DEL ||
		    !strcmp(node, req->value[HASWITCH_A_MEMBER_NODE].text))
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
	/* More of them need not be counted. */
	return ++*n == MANY;
}

/*
 * How one more local vip is made local: 1 if there are MANY already, or a negative errno. Where there were, a batch does
 * not count them again for each of its lines: a route more than there need be serves as well.
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
	/* A socket of its own: the counting may end in the middle. */
	ret = rtnl_open(&rtnl, err);
	if (ret)
		return ret;
	ret = rtnl_list(&rtnl, count_local, &n, err);
	rtnl_close(&rtnl);
	were_many = n >= MANY;
	return ret ? ret : were_many;
}

/* Puts the address there, if it is not there yet. */
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
		/* Torn by another's change: the module judges ours. */
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
		/* What makes no sense to the model the module will refuse, in its own words. */
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
	/* Opened before the change in any case: after it, as little as can be may fail. */
	ret = rtnl_open(&change->rtnl, err);
	if (ret || before)
		return ret;
	ret = put_addr(change, sock, err);
	if (ret)
		local_undo(change);
	return ret;
}

/* Makes of what failed after a change an error that does not look as if the change had failed. */
static int in_force(struct hasw_error *err)
{
	struct hasw_error why = *err;

	return hasw_fail(err, why.code, "the configuration is in force, but %s", why.text);
}

/* A list of addresses. */
struct addr_list {
	struct hasw_addr *addrs;
	size_t n;
	size_t room;
};

static int list_put(struct addr_list *list, const struct hasw_addr *addr)
{
	if (list->n == list->room) {
		size_t wanted = list->room ? list->room * 2 : 256;
		void *bigger = realloc(list->addrs, wanted * sizeof(*addr));

		if (!bigger)
			return -ENOMEM;
		list->addrs = bigger;
		list->room = wanted;
	}
	list->addrs[list->n++] = *addr;
	return 0;
}

/*
 * With the last IPv4 address of a device the kernel takes away all its IPv4
 * routes, those of other vips too: they have to be put there again.
 */
struct last {
	const struct hasw_addr *addr;	/* that is to go */
	bool alone;			/* it is an address, and no other is there */
	struct addr_list routes;
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
	/* A socket of its own: the list may end in the middle. */
	ret = rtnl_open(&rtnl, err);
	if (ret)
		return ret;
	ret = rtnl_list_form(&rtnl, LOCAL_ADDRESS, AF_INET, look_for_last, last, err);
	if (!ret && last->alone)
		ret = rtnl_list_form(&rtnl, LOCAL_ROUTE, AF_INET, look_for_last, last, err);
	rtnl_close(&rtnl);
	return ret;
}

/* Puts behind the requests that take the address away those for the routes that would go with it. */
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

	/* It is there in one of the forms. */
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
		/* What the user is told is why the change failed. */
		rtnl_flush(&change->rtnl, &err);
	}
	rtnl_close(&change->rtnl);
}

struct local_diff {
	struct rtnl rtnl;
	enum local_form form;			/* of what is wanted */
	struct addr_list wanted;
	bool *added;				/* which of them were put there by us */
	struct addr_list present[2];		/* by form */
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

/* Is LIST[AT], or what is behind it, the address? Moves AT as far as need be; both are sorted. */
static bool list_has(const struct addr_list *list, size_t *at, const struct hasw_addr *addr)
{
	while (*at < list->n && hasw_addr_compare(&list->addrs[*at], addr) < 0)
		++*at;
	return *at < list->n && !hasw_addr_compare(&list->addrs[*at], addr);
}

/* Puts there what is wanted and not there. */
static void diff_add(struct local_diff *diff)
{
	size_t at = 0;

	for (size_t i = 0; i < diff->wanted.n; i++) {
		if (!list_has(&diff->present[diff->form], &at, &diff->wanted.addrs[i]))
			rtnl_add(&diff->rtnl, diff->form, &diff->wanted.addrs[i], &diff->added[i]);
	}
}

/* Takes away what is there in a form, but is not wanted (in that form). */
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

struct local_diff *local_diff_prepare(const struct hasw_model *model, struct hasw_error *err)
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
	if (rtnl_flush(&diff->rtnl, err)) {
		local_diff_undo(diff);
		return NULL;
	}
	return diff;
}

int local_diff_finish(struct local_diff *diff, struct hasw_error *err)
{
	int ret;

	diff_del(diff, LOCAL_ADDRESS);
	diff_del(diff, LOCAL_ROUTE);
	/* The last address may have taken all routes along (struct last). */
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
