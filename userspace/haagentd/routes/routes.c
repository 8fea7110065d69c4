// SPDX-License-Identifier: GPL-2.0
/* The agent's side of the routes: it starts the process, restarts one that died, and tells it the table. Nothing blocks. */
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "haagentd/clock.h"
#include "haagentd/conf/conf.h"
#include "haagentd/log.h"
#include "haagentd/process.h"
#include "routes.h"

#define PAUSE	CLOCK_SECOND	/* least time between two starts of the process */

static void forget(struct routes *r)
{
	if (r->read)
		event_free(r->read);
	if (r->fd >= 0)
		close(r->fd);
	r->read = NULL;
	r->fd = -1;
	r->n = 0;
	/* Nobody withdraws routes now, so no release waits for that. */
	r->routed(r->arg, NULL, false);
	process_ended(&r->process);
}

static void on_report(evutil_socket_t fd, short what, void *arg)
{
	struct routes_report report;
	struct routes *r = arg;
	ssize_t got;

	(void)what;
	while ((got = recv(fd, &report, sizeof(report), MSG_DONTWAIT)) == (ssize_t)sizeof(report)) {
		r->n = report.n;
		if (*report.lease)
			r->routed(r->arg, report.lease, report.routed);
	}
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	forget(r);
	if (r->order.table)
		log_error("the process that keeps the routes of held vips has ended; it is started again");
}

static void tell(struct routes *r)
{
	if (send(r->fd, &r->order, sizeof(r->order), MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)sizeof(r->order))
		forget(r);
}

static void begin(struct routes *r)
{
	pid_t pid = process_begin("haagentd-routes", routes_main, &r->fd);

	if (pid < 0) {
		r->fd = -1;
		log_error("no process for the routes of held vips can be begun (%s); it is tried again every second",
			  strerror(-pid));
		return;
	}
	process_began(&r->process, pid, clock_now());
	r->read = event_new(r->base, r->fd, EV_READ | EV_PERSIST, on_report, r);
	if (r->read && !event_add(r->read, NULL))
		tell(r);
	else
		forget(r);
}

static void order(struct routes *r, const struct conf *conf)
{
	memset(&r->order, 0, sizeof(r->order));
	r->order.table = conf->routes_table;
	r->order.longest = conf->lease_longest;
	snprintf(r->order.node, sizeof(r->order.node), "%s", conf->nodes[conf->self].name);
}

/**
 * routes_open - start the process
 * @r:		filled
 * @base:	the event loop
 * @conf:	the configuration
 * @routed:	called for each lease that gets routes or loses them
 * @arg:	passed to @routed
 *
 * Without routes in the configuration, the process deletes those of an earlier configuration, and ends.
 */
void routes_open(struct routes *r, struct event_base *base, const struct conf *conf, routes_fn routed, void *arg)
{
	memset(r, 0, sizeof(*r));
	r->fd = -1;
	r->base = base;
	r->routed = routed;
	r->arg = arg;
	order(r, conf);
	r->again = clock_now() + PAUSE;
	begin(r);
}

/**
 * routes_set - use another configuration
 * @r:		the routes, open or all zero
 * @conf:	the configuration
 */
void routes_set(struct routes *r, const struct conf *conf)
{
	if (!r->base)
		return;
	order(r, conf);
	if (r->fd >= 0)
		tell(r);
}

/**
 * routes_tick - start the process again if it has ended
 * @r:		the routes, open or all zero
 * @now:	current time, ns
 */
void routes_tick(struct routes *r, uint64_t now)
{
	if (!r->base || r->fd >= 0 || !r->order.table || now < r->again)
		return;
	r->again = now + PAUSE;
	begin(r);
}

/**
 * routes_close - close the socket to the process, because the agent ends
 * @r:	the routes, open or all zero
 *
 * The process goes on until this node holds nothing any more.
 */
void routes_close(struct routes *r)
{
	if (r->base)
		forget(r);
	r->base = NULL;
}
