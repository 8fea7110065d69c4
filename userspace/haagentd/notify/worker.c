// SPDX-License-Identifier: GPL-2.0
/*
 * The agent's side of the worker: it starts the worker process, restarts one that died, and
 * sends commands to it. The agent starts no programs itself, because posix_spawn() waits
 * until the child has called execve(). On a busy host, this wait can exceed the suspect
 * time, so that peers no longer report this node as alive. See process.c for how the worker
 * is started.
 */
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "haagentd/clock.h"
#include "haagentd/log.h"
#include "haagentd/process.h"
#include "worker.h"
#include "worker_queue.h"

#define PAUSE	CLOCK_SECOND	/* wait before a restart of a worker that died soon after its start */

static void on_result(evutil_socket_t fd, short what, void *arg);

static int begin(struct worker *w)
{
	int fd;
	pid_t pid = process_begin("haagentd-worker", worker_main, &fd);

	if (pid < 0)
		return pid;
	w->result = event_new(w->base, fd, EV_READ | EV_PERSIST, on_result, w);
	if (!w->result || event_add(w->result, NULL)) {
		if (w->result)
			event_free(w->result);
		w->result = NULL;
		/* The worker ends when its socket is closed. */
		close(fd);
		return -ENOMEM;
	}
	w->fd = fd;
	process_began(&w->process, pid, clock_now());
	return 0;
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
	process_ended(&w->process);
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
	/*
	 * The worker is restarted at once, so that it can run the next command. If it died soon after its start, the
	 * restart is delayed by PAUSE.
	 */
	if (clock_now() - w->process.began >= PAUSE)
		on_again(-1, 0, w);
	else
		begin_later(w);
	w->ops->lost(w->arg, lost);
}

/**
 * worker_open - start the worker process
 * @w:		the worker, which this function initializes
 * @base:	the event loop
 * @node:	this node's name
 * @ops:	callbacks, called from the event loop
 * @arg:	passed to @ops
 *
 * SIGCHLD is ignored from here on, so that the kernel reaps this process's children. If the
 * agent reaped the children itself, it could block for a long time on a busy host until a
 * killed child exits.
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
 * worker_close - close the socket to the worker process, so that no result is reported any more
 * @w:	the worker, which can be open only in part, or zeroed
 *
 * The worker process runs the waiting commands for a few seconds, and then exits.
 */
void worker_close(struct worker *w)
{
	forget(w);
	if (w->again)
		event_free(w->again);
	w->again = NULL;
}

/* Appends texts to a request, and an empty one that ends the list. Returns whether they fit. */
static bool put_words(struct worker_request *request, size_t *at, const char *const *words)
{
	for (; words && *words; words++) {
		size_t size = strlen(*words) + 1;

		/* One byte is reserved for the empty word that ends the list. */
		if (size >= sizeof(request->words) - *at)
			return false;
		memcpy(request->words + *at, *words, size);
		*at += size;
	}
	if (*at == sizeof(request->words))
		return false;
	request->words[(*at)++] = '\0';
	return true;
}

/**
 * worker_tell - queue a command that gets variables and standard input; does not block
 * @w:		the worker
 * @words:	absolute path of the program and its arguments, ended by NULL; at most
 *		WORKER_WORDS words, and no word is empty
 * @env:	variables, NAME=VALUE, ended by NULL; at most WORKER_ENV; or NULL
 * @input:	text for standard input, or NULL
 * @timeout:	how long the command is allowed to run, ns, counted from its start; it
 *		starts after all earlier commands of the same program have ended
 *
 * Return: id that the command's result will carry; 0 when the command could not be
 * queued, so that no result will arrive
 */
uint64_t worker_tell(struct worker *w, const char *const *words, const char *const *env, const char *input,
		     uint64_t timeout)
{
	struct worker_request request = { .timeout = timeout };
	const char *const text[] = { input, NULL };
	size_t at = 0, size;

	if (w->fd < 0)
		return 0;
	memcpy(request.node, w->node, sizeof(request.node));
	if (!put_words(&request, &at, words) || !put_words(&request, &at, env) || !put_words(&request, &at, text))
		return 0;
	size = offsetof(struct worker_request, words) + at;
	request.id = w->last_id + 1;
	if (send(w->fd, &request, size, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)size)
		return 0;
	w->pending++;
	return ++w->last_id;
}

/**
 * worker_run - queue a command; does not block
 * @w:		the worker
 * @words:	as for worker_tell()
 * @timeout:	as for worker_tell()
 *
 * Return: as for worker_tell()
 */
uint64_t worker_run(struct worker *w, const char *const *words, uint64_t timeout)
{
	return worker_tell(w, words, NULL, NULL, timeout);
}
