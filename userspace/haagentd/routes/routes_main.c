// SPDX-License-Identifier: GPL-2.0
/*
 * The process that keeps a route for each vip that this node holds. The module tells it when a lease ends, as it tells
 * the agent: the routes of that lease are deleted first. All else is found by a look: the vips of the module are
 * compared with the routes of the kernel. So routes that an earlier process has left are deleted, and those that
 * somebody has deleted come back.
 *
 * The process outlives the agent, because the module can hold a lease on without an agent. Without an agent, it only
 * deletes routes: another agent has a process of its own, which adds them.
 */
#include <errno.h>
#include <linux/haswitch.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "haagentd/clock.h"
#include "haagentd/log.h"
#include "haagentd/privilege.h"
#include "lib/array.h"
#include "lib/sock.h"
#include "rib.h"
#include "routes.h"

#define IDLE	(2 * CLOCK_SECOND)	/* pause between two looks while nothing happens */
#define AGAIN	CLOCK_SECOND		/* pause after a look that failed */
#define SHARE	4			/* a look after an event may take one part in so many of the time */
#define IDLE_SHARE 200			/* a look without an event may take one part in so many of the time */
#define TRIES	5			/* looks at a configuration that changes all the time */
#define GRACE	CLOCK_SECOND		/* a lease may end so much later than its length */

/**
 * struct held - a vip that this node holds, or a route that announces one
 * @addr:	the vip
 * @table:	the route's table
 * @lease:	the vip's lease; empty: none, or not known
 */
struct held {
	struct hasw_addr addr;
	uint32_t table;
	char lease[WIRE_NAME];
};

struct list {
	struct held *entry;
	uint32_t n;
	uint32_t room;
	bool short_of;		/* memory was short */
};

/**
 * struct keeping - the state of the process
 * @agent:	socket to the agent; -1: the agent has ended
 * @order:	what the agent wants
 * @until:	when the process ends without an agent, ns
 * @open:	@events and @calls are open
 * @events:	socket for the module's events
 * @calls:	socket for requests to the module
 * @rib:	the kernel's routes
 * @have:	the routes that this process knows of, sorted
 * @routed:	leases of which the agent was told that they have routes; of each entry only the lease counts
 * @look:	when the next look is due, ns
 * @began:	when the last look began, ns
 * @ended:	when the last look ended, ns
 * @told:	number of routes that the agent was told; UINT32_MAX: none
 * @stale:	an event has told of a lease or of the configuration since the last look began
 * @failing:	a failure was logged
 */
struct keeping {
	int agent;
	struct routes_order order;
	uint64_t until;
	bool open;
	struct hasw_sock events;
	struct hasw_sock calls;
	struct rib rib;
	struct list have;
	struct list routed;
	uint64_t look;
	uint64_t began;
	uint64_t ended;
	uint32_t told;
	bool stale;
	bool failing;
};

static struct held *list_add(struct list *l)
{
	if (!hasw_array_room(&l->entry, l->n, &l->room, sizeof(*l->entry))) {
		l->short_of = true;
		return NULL;
	}
	memset(&l->entry[l->n], 0, sizeof(*l->entry));
	return &l->entry[l->n++];
}

static void list_free(struct list *l)
{
	free(l->entry);
	memset(l, 0, sizeof(*l));
}

static int by_addr(const void *a, const void *b)
{
	return hasw_addr_compare(&((const struct held *)a)->addr, &((const struct held *)b)->addr);
}

static void sort(struct list *l)
{
	if (l->n)
		qsort(l->entry, l->n, sizeof(*l->entry), by_addr);
}

static struct held *find(const struct list *l, const struct hasw_addr *addr)
{
	const struct held key = { .addr = *addr };

	return l->n ? bsearch(&key, l->entry, l->n, sizeof(key), by_addr) : NULL;
}

/* Logs a failure once, until a look succeeds. */
static void failed(struct keeping *k, const char *what, const char *why)
{
	if (!k->failing)
		log_error("routes of held vips: %s: %s; it is tried again", what, why);
	k->failing = true;
}

static void soon(struct keeping *k)
{
	uint64_t next = k->ended + (k->ended - k->began) * SHARE;

	if (next < k->look)
		k->look = next;
}

/* Return: whether the kernel has done all of it */
static bool batch(struct keeping *k)
{
	int err = rib_send(&k->rib);

	if (!err)
		return true;
	failed(k, "the kernel refuses some", strerror(-err));
	k->look = clock_now() + AGAIN;
	return false;
}

static bool put(struct keeping *k, bool add, const struct hasw_addr *addr, uint32_t table)
{
	rib_put(&k->rib, add, addr, table);
	return !rib_full(&k->rib) || batch(k);
}

static void report(struct keeping *k, const char *lease, bool routed)
{
	struct routes_report report = { .n = k->have.n, .routed = routed };

	snprintf(report.lease, sizeof(report.lease), "%s", lease);
	if (k->agent >= 0 && send(k->agent, &report, sizeof(report), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		k->told = report.n;
}

/* Tells the agent that a lease has routes, or is about to have. The agent then waits for them before it releases it. */
static void is_routed(struct keeping *k, const char *lease)
{
	struct held *h;
	uint32_t i;

	for (i = k->routed.n; i--;)
		if (!strcmp(k->routed.entry[i].lease, lease))
			return;
	h = *lease ? list_add(&k->routed) : NULL;
	if (!h)
		return;
	memcpy(h->lease, lease, sizeof(h->lease));
	report(k, lease, true);
}

/* Tells the agent that the routes of a lease are withdrawn, if the agent knows of any. */
static void is_withdrawn(struct keeping *k, const char *lease)
{
	uint32_t i;

	for (i = 0; i < k->routed.n && strcmp(k->routed.entry[i].lease, lease); i++)
		;
	if (i == k->routed.n)
		return;
	k->routed.entry[i] = k->routed.entry[--k->routed.n];
	report(k, lease, false);
}

/* Deletes the routes of a lease at once. Those that the kernel does not delete are found again by the next look. */
static void withdraw(struct keeping *k, const char *lease)
{
	uint32_t i, kept = 0;

	for (i = 0; i < k->have.n; i++) {
		if (!strcmp(k->have.entry[i].lease, lease))
			put(k, false, &k->have.entry[i].addr, k->have.entry[i].table);
		else
			k->have.entry[kept++] = k->have.entry[i];
	}
	k->have.n = kept;
	batch(k);
	/* After a failure, routes may be left that are not in k->have, until a look succeeds. */
	if (!k->failing)
		is_withdrawn(k, lease);
}

/*
 * After a look: tells the agent again which leases have routes, as it may not have known a lease before, and which have
 * none any more, as events may have been lost.
 */
static void tell_routed(struct keeping *k)
{
	uint32_t i, h;

	for (i = k->routed.n; i--;) {
		const struct held one = k->routed.entry[i];

		for (h = 0; h < k->have.n && strcmp(k->have.entry[h].lease, one.lease); h++)
			;
		if (h < k->have.n)
			report(k, one.lease, true);
		else
			is_withdrawn(k, one.lease);
	}
}

static int take_event(const struct hasw_record *rec, void *data)
{
	const char *lease = hasw_string(rec, HASWITCH_A_EVENT_LEASE);
	const char *node = hasw_string(rec, HASWITCH_A_EVENT_NODE);
	uint64_t kind = hasw_number(rec, HASWITCH_A_EVENT_KIND, UINT64_MAX);
	uint64_t cause = hasw_number(rec, HASWITCH_A_EVENT_CAUSE, 0);
	struct keeping *k = data;

	if (kind == HASWITCH_EVENT_KIND_LEASE && lease &&
	    !(cause == HASWITCH_CAUSE_GRANTED && node && !strcmp(node, k->order.node)))
		withdraw(k, lease);
	if (kind == HASWITCH_EVENT_KIND_LEASE || kind == HASWITCH_EVENT_KIND_CONFIG)
		k->stale = true;
	return 0;
}

static void module_forget(struct keeping *k)
{
	if (k->open) {
		hasw_sock_close(&k->events);
		hasw_sock_close(&k->calls);
	}
	k->open = false;
}

/* Return: 0 or a negative errno; -ENOENT: the module is not loaded, so nothing is held */
static int module_ready(struct keeping *k, struct hasw_error *err)
{
	int ret;

	if (k->open)
		return 0;
	ret = hasw_sock_open(&k->calls, err);
	if (ret)
		return ret;
	ret = hasw_sock_open(&k->events, err);
	if (!ret) {
		ret = hasw_subscribe(&k->events, err);
		if (ret)
			hasw_sock_close(&k->events);
	}
	if (ret)
		hasw_sock_close(&k->calls);
	k->open = !ret;
	return ret;
}

/* Events that were lost may have told of anything. */
static void on_events(struct keeping *k)
{
	struct hasw_error err;
	int ret = hasw_events(&k->events, take_event, k, &err);

	if (!ret)
		return;
	if (ret != -ENOBUFS)
		module_forget(k);
	k->stale = true;
}

static int take_vip(const struct hasw_record *rec, void *data)
{
	const char *lease = hasw_string(rec, HASWITCH_A_VIP_LEASE);
	struct hasw_addr addr;
	struct list *wanted = data;
	struct held *h;

	if (hasw_number(rec, HASWITCH_A_VIP_ROLE, HASWITCH_ROLE_NONE) != HASWITCH_ROLE_HOLDER ||
	    !hasw_get_addr(rec, HASWITCH_A_VIP_ADDR4, &addr))
		return 0;
	h = list_add(wanted);
	if (!h)
		return -ENOMEM;
	h->addr = addr;
	snprintf(h->lease, sizeof(h->lease), "%s", lease ? lease : "");
	return 0;
}

/* Lists the vips that this node holds now. Return: 0 or a negative errno */
static int ask_module(struct keeping *k, struct list *wanted, struct hasw_error *err)
{
	char buf[HASW_MSG_SIZE];
	struct hasw_msg msg;
	int ret, tries;

	ret = module_ready(k, err);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	for (tries = 0; tries < TRIES; tries++) {
		wanted->n = 0;
		hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_VIP_GET, NLM_F_DUMP);
		ret = hasw_dump(&k->calls, &msg, take_vip, wanted, err);
		if (ret != HASW_DUMP_TORN)
			break;
	}
	if (!ret)
		return 0;
	if (ret == HASW_DUMP_TORN)
		return hasw_fail(err, EAGAIN, "they change all the time");
	module_forget(k);
	return wanted->short_of ? hasw_fail(err, ENOMEM, "out of memory") : ret;
}

static void take_route(void *arg, const struct hasw_addr *addr, uint32_t table)
{
	struct held *h = list_add(arg);

	if (!h)
		return;
	h->addr = *addr;
	h->table = table;
}

/* Deletes routes that should not be there. Leaves those that are right in k->have. Return: whether all are deleted */
static bool remove_others(struct keeping *k, const struct list *wanted, struct list *there)
{
	uint32_t i, kept = 0;
	bool done = true;

	for (i = 0; i < there->n; i++) {
		struct held *h = &there->entry[i];
		const struct held *vip = find(wanted, &h->addr);

		if (!vip || (k->agent >= 0 && h->table != k->order.table)) {
			done = put(k, false, &h->addr, h->table) && done;
			continue;
		}
		memcpy(h->lease, vip->lease, sizeof(h->lease));
		is_routed(k, h->lease);
		there->entry[kept++] = *h;
	}
	there->n = kept;
	done = batch(k) && done;
	list_free(&k->have);
	k->have = *there;
	sort(&k->have);
	memset(there, 0, sizeof(*there));
	return done;
}

/*
 * Adds the routes that are missing. Before each batch the events come first: a lease may have ended since the vips were
 * read. Then the rest waits for the next look. Events of health or nodes change nothing.
 */
static void add_missing(struct keeping *k, const struct list *wanted)
{
	struct list new = { 0 };
	struct held *h;
	uint32_t i;

	for (i = 0; i < wanted->n && !k->have.short_of; i++) {
		if (find(&k->have, &wanted->entry[i].addr))
			continue;
		h = list_add(&new);
		if (!h)
			break;
		*h = wanted->entry[i];
		h->table = k->order.table;
	}
	for (i = 0; i < new.n; i++) {
		if (!k->rib.n && k->open)
			on_events(k);
		if (k->stale)
			break;
		h = list_add(&k->have);
		if (!h)
			break;
		*h = new.entry[i];
		is_routed(k, h->lease);
		put(k, true, &h->addr, h->table);
	}
	batch(k);
	sort(&k->have);
	list_free(&new);
}

static void look(struct keeping *k)
{
	struct list wanted = { 0 }, there = { 0 };
	struct hasw_error err;
	int ret = 0;

	k->began = clock_now();
	k->look = UINT64_MAX;
	k->stale = false;
	if (k->order.table && ask_module(k, &wanted, &err)) {
		failed(k, "the vips of the module cannot be read", err.text);
		k->look = k->began + AGAIN;
		goto free;
	}
	sort(&wanted);
	ret = rib_list(&k->rib, take_route, &there);
	if (ret < 0 || there.short_of) {
		failed(k, "the routes cannot be listed", strerror(ret < 0 ? -ret : ENOMEM));
		k->look = k->began + AGAIN;
		goto free;
	}
	if (remove_others(k, &wanted, &there) && !ret)
		tell_routed(k);
	if (k->agent >= 0 && k->order.table)
		add_missing(k, &wanted);
	if (k->look == UINT64_MAX)
		k->failing = false;
free:
	list_free(&wanted);
	list_free(&there);
	k->ended = clock_now();
	if (k->stale)
		soon(k);
	if (k->look == UINT64_MAX) {
		uint64_t pause = (k->ended - k->began) * IDLE_SHARE;

		k->look = k->ended + (ret > 0 ? AGAIN : pause > IDLE ? pause : IDLE);
	}
}

static void on_agent(struct keeping *k)
{
	struct routes_order order;

	if (recv(k->agent, &order, sizeof(order), MSG_DONTWAIT) == (ssize_t)sizeof(order)) {
		k->order = order;
		k->look = 0;
		return;
	}
	if (errno == EAGAIN || errno == EINTR)
		return;
	/* recv() returned 0, or another error: the agent has ended. What it still holds ends within the longest lease. */
	close(k->agent);
	k->agent = -1;
	k->until = clock_now() + k->order.longest + GRACE;
}

static void tell(struct keeping *k)
{
	if (k->told != k->have.n)
		report(k, "", false);
}

static void turn(struct keeping *k)
{
	uint64_t now = clock_now(), next = k->look;
	struct pollfd fds[2] = { { .fd = k->agent, .events = POLLIN }, { .fd = -1, .events = POLLIN } };
	int wait = -1;

	if (k->open)
		fds[1].fd = hasw_sock_fd(&k->events);
	if (k->agent < 0 && k->until < next)
		next = k->until;
	if (next != UINT64_MAX)
		wait = next > now ? (int)((next - now + CLOCK_MS - 1) / CLOCK_MS) : 0;
	if (poll(fds, 2, wait) < 0)
		return;
	/* What ends comes before all else. */
	if (fds[1].revents)
		on_events(k);
	if (k->stale)
		soon(k);
	if (fds[0].revents) {
		errno = 0;
		on_agent(k);
	}
	if (clock_now() >= k->look)
		look(k);
}

/**
 * routes_main - run the process
 * @fd:	socket to the agent
 *
 * The caller has blocked all signals.
 */
void routes_main(int fd)
{
	static struct keeping k;
	int err;

	privilege_drop();
	err = rib_open(&k.rib);
	if (err) {
		log_error("routes of held vips: no rtnetlink socket: %s", strerror(-err));
		_exit(EXIT_FAILURE);
	}
	k.agent = fd;
	k.told = UINT32_MAX;
	/* The first look waits for the agent's order. */
	k.look = UINT64_MAX;
	for (;;) {
		turn(&k);
		tell(&k);
		if (!k.order.table && k.began && !k.failing)
			_exit(EXIT_SUCCESS);
		/* An agent that has started again has another process, which needs the routes that are left. */
		if (k.agent < 0 && (!k.have.n || clock_now() >= k.until))
			_exit(EXIT_SUCCESS);
	}
}
