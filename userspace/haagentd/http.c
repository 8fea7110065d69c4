// SPDX-License-Identifier: GPL-2.0
/*
 * The agent's side of haagentd-http, the process that answers HTTP requests. The agent listens,
 * so that it can say what is wrong with the address, and hands the socket to a child. The child
 * executes haagentd-http as soon as the first client connects: where nobody asks, this costs
 * almost nothing. It is begun by fork(), as the worker is, so that the agent does not wait.
 */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lib/file.h"

#include "clock.h"
#include "http.h"
#include "log.h"
#include "haagentd/peer/path.h"

#define PROGRAM		"haagentd-http"	/* stands beside the agent's own program */
#define BACKLOG		16
#define AGAIN		CLOCK_SECOND
#define TOLD		2	/* this failure of several in a row is logged */

/* The descriptors of the child. */
#define LISTEN_FD	(STDERR_FILENO + 1)
#define AGENT_FD	(STDERR_FILENO + 2)

/* Waits for a client at @listen, or for ever if that is -1. Returns false if the agent has ended before. */
static bool client_comes(int listen)
{
	struct pollfd fds[] = {
		{ .fd = AGENT_FD, .events = POLLIN },
		{ .fd = listen, .events = POLLIN },
	};

	for (;;) {
		if (poll(fds, 2, -1) <= 0)
			continue;
		if (fds[0].revents)
			return false;
		if (fds[1].revents)
			return true;
	}
}

static void child(int listen, int agent, const char *program) __attribute__((noreturn));
static void child(int listen, int agent, const char *program)
{
	char listen_word[8], agent_word[8];

	/*
	 * dup() first, so that neither of the two takes the other's number. All else is closed, because the grants that
	 * are tied to the agent's sockets must end with the agent.
	 */
	listen = fcntl(listen, F_DUPFD, AGENT_FD + 1);
	agent = fcntl(agent, F_DUPFD, AGENT_FD + 1);
	if (listen < 0 || agent < 0 || dup2(listen, LISTEN_FD) < 0 || dup2(agent, AGENT_FD) < 0)
		_exit(EXIT_FAILURE);
	closefrom(AGENT_FD + 1);
	prctl(PR_SET_NAME, PROGRAM);
	if (!client_comes(LISTEN_FD))
		_exit(EXIT_SUCCESS);
	snprintf(listen_word, sizeof(listen_word), "%d", LISTEN_FD);
	snprintf(agent_word, sizeof(agent_word), "%d", AGENT_FD);
	execl(program, PROGRAM, listen_word, agent_word, (char *)NULL);
	log_error("%s cannot be run, so no HTTP request is answered: %s", program, strerror(errno));
	/* It is not tried again and again, but when the agent is started again. */
	client_comes(-1);
	_exit(EXIT_FAILURE);
}

static void forget(struct http *h)
{
	if (h->ended)
		event_free(h->ended);
	h->ended = NULL;
	if (h->fd >= 0)
		close(h->fd);
	h->fd = -1;
	process_ended(&h->process);
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
	struct http *h = arg;

	(void)fd;
	(void)what;
	log_error(PROGRAM " has ended; another is begun");
	h->again = h->process.began + AGAIN;
	forget(h);
}

static int begin(struct http *h, uint64_t now)
{
	char program[PATH_MAX];
	sigset_t all, old;
	int fds[2], err;
	pid_t pid;

	err = file_beside(PROGRAM, program, sizeof(program));
	if (err)
		return err;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return -errno;
	h->fd = fds[0];
	h->ended = event_new(h->base, h->fd, EV_READ | EV_PERSIST, on_end, h);
	if (!h->ended || event_add(h->ended, NULL)) {
		close(fds[1]);
		forget(h);
		return -ENOMEM;
	}
	/* The agent's signal handlers must not run in the child, where they would write to the agent's sockets. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid = fork();
	err = pid < 0 ? -errno : 0;
	if (!pid)
		child(h->listen, fds[1], program);
	sigprocmask(SIG_SETMASK, &old, NULL);
	close(fds[1]);
	if (err)
		forget(h);
	else
		process_began(&h->process, pid, now);
	return err;
}

static int start_to_listen(struct http *h)
{
	socklen_t size = h->at.ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	int fd = socket(h->at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1, err;

	if (fd < 0)
		return -errno;
	/* Connections of an agent that was there before do not keep this one from listening. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (h->at.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&h->at, size) || listen(fd, BACKLOG)) {
		err = -errno;
		close(fd);
		return err;
	}
	h->listen = fd;
	return 0;
}

/**
 * http_open - prepare for HTTP requests
 * @h:		initialized here
 * @base:	the event loop
 */
void http_open(struct http *h, struct event_base *base)
{
	*h = (struct http){ .base = base, .listen = -1, .fd = -1 };
}

/**
 * http_set - say where to listen
 * @h:	open
 * @at:	the address and port; family 0: nowhere
 *
 * If this differs from before, the process ends. http_tick() does the rest.
 */
void http_set(struct http *h, const struct sockaddr_storage *at)
{
	if (!memcmp(&h->at, at, sizeof(*at)))
		return;
	forget(h);
	/* What comes is no restart of a process that has ended by itself. */
	h->process.starts = 0;
	if (h->listen >= 0)
		close(h->listen);
	h->listen = -1;
	h->at = *at;
	h->again = 0;
	h->failures = 0;
}

/**
 * http_tick - listen, and begin a process, if there is none
 * @h:		open
 * @now:	the time
 */
void http_tick(struct http *h, uint64_t now)
{
	char where[PATH_ADDRESS];
	int err = 0;

	if (!h->at.ss_family || h->fd >= 0 || now < h->again)
		return;
	if (h->listen < 0)
		err = start_to_listen(h);
	if (!err)
		err = begin(h, now);
	/* At a restart the process of the previous agent may still be there for a moment. */
	h->failures = err ? h->failures + 1 : 0;
	if (h->failures == TOLD)
		log_warning("no HTTP request is answered at %s (\"http\" in the configuration): %s; it goes on trying",
			    path_address(&h->at, where), strerror(-err));
	h->again = now + AGAIN;
}

/**
 * http_close - end the process, and listen no more
 * @h:	open, or all zero
 */
void http_close(struct http *h)
{
	if (!h->base)
		return;
	forget(h);
	if (h->listen >= 0)
		close(h->listen);
	h->listen = -1;
}
