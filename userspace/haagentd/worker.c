// SPDX-License-Identifier: GPL-2.0
/*
 * The agent's end of the worker: begun, begun again when it died, and told of
 * commands. To begin a program its parent must wait until it gets the processor,
 * and on a busy host that takes longer than peers wait for a heartbeat. fork()
 * alone waits for nobody.
 */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "worker.h"
#include "worker_queue.h"

#define PAUSE	CLOCK_SECOND	/* between two that do not stay */

/* Who is short of memory is not to spare it, as the agent is. */
static void ordinary(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "0", 1) != 1)
		log_debug("the worker stays as it is to the OOM killer: %s",
			  strerror(errno));
	close(fd);
}

static void child(int fd) __attribute__((noreturn));
static void child(int fd)
{
	/* Sockets of the agent must not live on in here. */
	if (dup2(fd, STDERR_FILENO + 1) < 0)
		_exit(EXIT_FAILURE);
	close_range(STDERR_FILENO + 2, ~0U, 0);
	fcntl(STDERR_FILENO + 1, F_SETFD, FD_CLOEXEC);
	prctl(PR_SET_NAME, "haagentd-worker");
	ordinary();
	worker_main(STDERR_FILENO + 1);
}

static void on_result(evutil_socket_t fd, short what, void *arg);

static int begin(struct worker *w)
{
	sigset_t all, old;
	int fds[2], err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return -errno;
	w->result = event_new(w->base, fds[0], EV_READ | EV_PERSIST, on_result, w);
	if (!w->result || event_add(w->result, NULL)) {
		err = -ENOMEM;
		goto fail;
	}
	/* The agent's handlers must not run in the child: they write to the agent. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	w->pid = fork();
	err = -errno;
	if (!w->pid)
		child(fds[1]);
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (w->pid < 0)
		goto fail;
	close(fds[1]);
	w->fd = fds[0];
	w->began = clock_now();
	return 0;
fail:
	if (w->result)
		event_free(w->result);
	w->result = NULL;
	close(fds[0]);
	close(fds[1]);
	return err;
}

static void begin_later(struct worker *w)
{
	struct timeval span = clock_span(PAUSE);

	event_add(w->again, &span);
}

static void on_again(evutil_socket_t none, short what, void *arg)
{
	struct worker *w = arg;
	int err = begin(w);

	(void)none;
	(void)what;
	if (!err) {
		log_notice("another worker process runs commands now");
		return;
	}
	log_error("no worker process can be begun (%s); it is tried again every second",
		  strerror(-err));
	begin_later(w);
}

static void forget(struct worker *w)
{
	if (w->result) {
		event_free(w->result);
		close(w->fd);
	}
	w->result = NULL;
	w->fd = -1;
}

static void on_result(evutil_socket_t fd, short what, void *arg)
{
	struct worker_result result;
	struct worker *w = arg;
	unsigned int lost;
	ssize_t got;

	(void)what;
	while ((got = recv(fd, &result, sizeof(result), MSG_DONTWAIT)) ==
	       sizeof(result)) {
		w->pending--;
		w->ops->done(w->arg, &result);
	}
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	forget(w);
	lost = w->pending;
	w->pending = 0;
	log_error("the worker process, which runs commands, has ended");
	/* The next one is there before anybody can ask for it, unless it does not stay. */
	if (clock_now() - w->began >= PAUSE)
		on_again(-1, 0, w);
	else
		begin_later(w);
	w->ops->lost(w->arg, lost);
}

/**
 * worker_open - begin the worker process
 * @w:		to fill
 * @base:	the event loop
 * @node:	this node's name
 * @ops:	who is told of results, out of the loop
 * @arg:	for @ops
 *
 * From here on the kernel buries this process's children by itself (SIGCHLD is
 * ignored): to wait for one that was killed can take long on a busy host.
 *
 * Return: 0 or a negative errno
 */
int worker_open(struct worker *w, struct event_base *base, const char *node,
		const struct worker_ops *ops, void *arg)
{
	memset(w, 0, sizeof(*w));
	w->fd = -1;
	w->base = base;
	w->ops = ops;
	w->arg = arg;
	snprintf(w->node, sizeof(w->node), "%s", node);
	signal(SIGCHLD, SIG_IGN);
	w->again = evtimer_new(base, on_again, w);
	return w->again ? begin(w) : -ENOMEM;
}

/**
 * worker_close - have no more results told
 * @w:	which; may be half open, or zeroed
 *
 * The worker itself ends what waits, and then itself.
 */
void worker_close(struct worker *w)
{
	forget(w);
	if (w->again)
		event_free(w->again);
	w->again = NULL;
}

/**
 * worker_run - have a command run; waits for nothing
 * @w:		the worker
 * @words:	the program's whole path and its arguments, ended by NULL; at most
 *		WORKER_WORDS, none of them empty
 * @timeout:	how long it may run, ns; from its beginning, which is when those of
 *		the same program before it have ended
 *
 * Return: what the result will carry as its id; 0 when the command cannot even
 * wait, so that no result comes
 */
uint64_t worker_run(struct worker *w, const char *const *words, uint64_t timeout)
{
	struct worker_request request = { .timeout = timeout };
	size_t at = 0;
	size_t size;

	if (w->fd < 0)
		return 0;
	memcpy(request.node, w->node, sizeof(request.node));
	for (; *words; words++) {
		size = strlen(*words) + 1;
		/* One byte is left for the empty word that ends them. */
		if (size >= sizeof(request.words) - at)
			return 0;
		memcpy(request.words + at, *words, size);
		at += size;
	}
	size = offsetof(struct worker_request, words) + at + 1;
	request.id = w->last_id + 1;
	if (send(w->fd, &request, size, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)size)
		return 0;
	w->pending++;
	return ++w->last_id;
}
