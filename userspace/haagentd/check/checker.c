// SPDX-License-Identifier: GPL-2.0
/*
 * The agent's side of haagentd-checks: it starts the process, kills one that hangs, tells it which checks there are, and
 * takes their results. The process has the libraries, plugins and answers of servers, so that the agent has none of them.
 */
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/pass.h"

#include "checker.h"
#include "haagentd/clock.h"
#include "haagentd/log.h"
#include "haagentd/process.h"

#define PROGRAM		"haagentd-checks"
#define BATCH		64	/* results that are taken at a time; heartbeats must not wait for more */
#define SOON		(5 * CLOCK_SECOND)	/* a process that ends sooner cannot work here */
#define SILENT_MOST	10	/* seconds after which a process that says nothing is killed */

static void forget(struct checker *c)
{
	if (c->result)
		event_free(c->result);
	c->result = NULL;
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	if (c->pidfd >= 0)
		close(c->pidfd);
	c->pidfd = -1;
	process_ended(&c->process);
}

static void kill_it(struct checker *c)
{
	syscall(SYS_pidfd_send_signal, c->pidfd, SIGKILL, NULL, 0);
}

static void lost(struct checker *c, const char *what)
{
	bool soon = clock_now() - c->process.began < SOON;

	forget(c);
	if (soon && c->weak)
		return;
	c->weak = soon;
	log_error(PROGRAM " %s; members keep their health until another one runs", what);
}

static void on_result(evutil_socket_t fd, short what, void *arg)
{
	struct plan_result result;
	struct checker *c = arg;
	unsigned int i;
	ssize_t got;

	(void)what;
	for (i = 0; i < BATCH; i++) {
		got = recv(fd, &result, sizeof(result), MSG_DONTWAIT | MSG_TRUNC);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got <= 0) {
			lost(c, "has ended");
			return;
		}
		c->silent = 0;
		if (!plan_result_sound(&result, (size_t)got)) {
			kill_it(c);
			lost(c, "said what is no result, and was killed");
			return;
		}
		/* A result of an earlier list is of checks that there may not be any more. */
		if (result.index != PLAN_ALIVE && result.generation == c->generation)
			c->ops->result(c->arg, &result);
	}
}

static int start(struct checker *c)
{
	char path[512];
	int fds[2], err = file_beside(PROGRAM, path, sizeof(path));
	pid_t pid;

	if (err)
		return -err;
	if (access(path, X_OK))
		return errno;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return errno;
	c->fd = fds[0];
	c->result = event_new(c->base, c->fd, EV_READ | EV_PERSIST, on_result, c);
	err = ENOMEM;
	if (!c->result || event_add(c->result, NULL))
		goto fail;
	pid = process_fork(fds[1], PROGRAM);
	err = errno;
	if (!pid)
		process_exec(path, PROGRAM);
	if (pid < 0)
		goto fail;
	close(fds[1]);
	c->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	process_began(&c->process, pid, clock_now());
	c->silent = 0;
	return 0;
fail:
	close(fds[1]);
	forget(c);
	return err;
}

static void try_start(struct checker *c)
{
	int err = start(c);

	if (err && err != c->trouble)
		log_error("%s, which makes all health checks but those by tcp, cannot be started: %s; it is tried again every second",
			  PROGRAM, strerror(err));
	c->trouble = err;
}

/*
 * A process that hangs is killed. The seconds are counted here, not taken from a clock: an agent that was stopped counts
 * one of them, and then reads what came meanwhile.
 */
static void on_second(evutil_socket_t none, short what, void *arg)
{
	struct checker *c = arg;

	(void)none;
	(void)what;
	if (c->fd >= 0 && ++c->silent > SILENT_MOST) {
		kill_it(c);
		lost(c, "hangs, and was killed");
	}
	if (c->fd < 0) {
		try_start(c);
		if (c->fd >= 0)
			c->ops->begun(c->arg);
	}
	c->ops->second(c->arg);
}

/**
 * checker_init - prepare; starts nothing yet
 * @c:		the checker, which is initialized here
 * @base:	the event loop
 * @ops:	callbacks, called from the event loop
 * @arg:	passed to @ops
 */
void checker_init(struct checker *c, struct event_base *base, const struct checker_ops *ops, void *arg)
{
	memset(c, 0, sizeof(*c));
	c->base = base;
	c->ops = ops;
	c->arg = arg;
	c->fd = -1;
	c->pidfd = -1;
}

/* Passes the list, as a file without a name, for it may be too large for a message. Return: 0 or an errno */
static int pass(struct checker *c, const struct plan_buf *list)
{
	int fd = memfd_create("checks", MFD_CLOEXEC), err = 0;

	if (fd < 0)
		return errno;
	if (write(fd, list->at, list->size) != (ssize_t)list->size)
		err = errno ? errno : EIO;
	else
		err = -pass_send(c->fd, "", 1, fd);
	close(fd);
	return err;
}

/**
 * checker_tell - tell the process which checks there are, and start it if necessary
 * @c:		the checker
 * @list:	a struct plan_head, whose generation is set here, and its plans; NULL: there are no checks,
 *		so no process is needed
 */
void checker_tell(struct checker *c, struct plan_buf *list)
{
	struct timeval second = { .tv_sec = 1 };
	int err;

	if (!list) {
		checker_close(c);
		return;
	}
	if (!c->second)
		c->second = event_new(c->base, -1, EV_PERSIST, on_second, c);
	if (c->second && !evtimer_pending(c->second, NULL))
		event_add(c->second, &second);
	if (c->fd < 0)
		try_start(c);
	if (c->fd < 0)
		return;
	c->generation++;
	err = list->failed ? ENOMEM : 0;
	if (!err) {
		memcpy(list->at, &c->generation, sizeof(c->generation));
		err = pass(c, list);
	}
	/* One that does not read may be stopped, so it is killed. Another one gets the list anew. */
	if (err) {
		log_error("the health checks cannot be told to " PROGRAM ": %s", strerror(err));
		kill_it(c);
		forget(c);
	}
}

/**
 * checker_close - have the process end, and start no other one
 * @c:	the checker, which can be zeroed
 */
void checker_close(struct checker *c)
{
	if (!c->base)
		return;
	forget(c);
	if (c->second)
		event_free(c->second);
	c->second = NULL;
	c->trouble = 0;
	c->process.starts = 0;
}
