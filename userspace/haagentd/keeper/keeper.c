// SPDX-License-Identifier: GPL-2.0
/* The agent's side of the keeper: it starts the process, restarts one that died, and sends messages. No call blocks. */
#include <errno.h>
#include <event2/event.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/pass.h"

#include "haagentd/clock.h"
#include "keeper.h"
#include "haagentd/log.h"
#include "haagentd/process.h"

#define PAUSE	CLOCK_SECOND	/* wait before a restart of a process that died soon after its start */
#define LOOK	(50 * CLOCK_MS)	/* a view is long, and heartbeats can be many */
#define TURN	16		/* maximum number of messages handled at a time */

static void on_report(evutil_socket_t fd, short what, void *arg);

static int begin(struct keeper *k)
{
	int fd;
	pid_t pid = process_begin("haagentd-keeper", keeper_main, &fd);

	if (pid < 0)
		return pid;
	k->again = clock_now() + PAUSE;
	k->report = event_new(k->base, fd, EV_READ | EV_PERSIST, on_report, k);
	if (!k->report || event_add(k->report, NULL)) {
		if (k->report)
			event_free(k->report);
		k->report = NULL;
		/* The process ends when its socket is closed. */
		close(fd);
		return -ENOMEM;
	}
	k->fd = fd;
	process_began(&k->process, pid, clock_now());
	return 0;
}

static void forget(struct keeper *k)
{
	if (k->report) {
		event_free(k->report);
		close(k->fd);
	}
	k->report = NULL;
	k->fd = -1;
	process_ended(&k->process);
	/* The next process is told everything. */
	memset(&k->told, 0, sizeof(k->told));
}

static void on_report(evutil_socket_t none, short what, void *arg)
{
	struct keeper_report report;
	struct keeper *k = arg;
	ssize_t got = -1;
	int fd, i;

	(void)none;
	(void)what;
	for (i = 0; i < TURN; i++) {
		got = pass_receive(k->fd, &report, sizeof(report), &fd);
		if (got != (ssize_t)sizeof(report))
			break;
		if (report.kind == KEEPER_COMMIT && fd >= 0) {
			k->ops->commit(k->arg, &report.base, report.hash, fd);
			continue;
		}
		if (fd >= 0)
			close(fd);
		if (report.kind == KEEPER_RUNS)
			k->ops->runs(k->arg, &report);
	}
	if (got < 0 || i == TURN)
		return;
	log_error("the process that keeps the cluster's configurations has ended; it is started again");
	forget(k);
}

/**
 * keeper_open - start the process
 * @k:		the keeper, which is initialized here
 * @base:	the event loop
 * @ops:	callbacks, called from the event loop
 * @arg:	passed to @ops
 *
 * Return: 0 or a negative errno
 */
int keeper_open(struct keeper *k, struct event_base *base, const struct keeper_ops *ops, void *arg)
{
	memset(k, 0, sizeof(*k));
	k->fd = -1;
	k->base = base;
	k->ops = ops;
	k->arg = arg;
	return begin(k);
}

/**
 * keeper_close - close the socket to the process, which then ends
 * @k:	the keeper, which can be all zero
 */
void keeper_close(struct keeper *k)
{
	if (k->base)
		forget(k);
	k->base = NULL;
}

/**
 * keeper_due - return whether it is time for keeper_tell()
 * @k:		the keeper
 * @now:	current time, ns
 *
 * Return: yes or no
 */
bool keeper_due(struct keeper *k, uint64_t now)
{
	if (now < k->look)
		return false;
	k->look = now + LOOK;
	return true;
}

/**
 * keeper_tell - tell the process of a change, and start it again if it has ended
 * @k:		the keeper
 * @view:	what it is told; every byte of padding must be zero
 * @now:	current time, ns
 */
void keeper_tell(struct keeper *k, const struct keeper_view *view, uint64_t now)
{
	if (!k->base || (k->fd < 0 && now < k->again))
		return;
	if (k->fd < 0 && begin(k)) {
		k->again = now + PAUSE;
		return;
	}
	if (!memcmp(&k->told.view, view, sizeof(*view)))
		return;
	k->told.kind = KEEPER_VIEW;
	k->told.view = *view;
	/* A view that was not sent is sent by the next call. */
	if (pass_send(k->fd, &k->told, sizeof(k->told), -1))
		memset(&k->told, 0, sizeof(k->told));
}

/**
 * keeper_ask - have the process answer a client of the agent
 * @k:	the keeper
 * @fd:	the client's connection, which the caller closes
 *
 * Return: whether the process will answer
 */
bool keeper_ask(struct keeper *k, int fd)
{
	struct keeper_order order = k->told;

	order.kind = KEEPER_ASK;
	return k->fd >= 0 && order.view.self[0] && !pass_send(k->fd, &order, sizeof(order), fd);
}
