// SPDX-License-Identifier: GPL-2.0
/*
 * The socket through which local users query the agent. Each connection carries
 * one question. A question about the cluster's configuration is passed to the keeper,
 * with its connection. No call here blocks. A connection that sends no question within
 * ASK_TIME is closed. An answer that does not fit into the socket buffer is dropped.
 */
#include <errno.h>
#include <event2/event.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ask_sock.h"
#include "clock.h"
#include "log.h"

#define ASK_TIME	CLOCK_SECOND	/* how long a connection can stay open without a question */
#define LISTEN_AGAIN	CLOCK_SECOND

static void asker_forget(struct asker *a)
{
	if (a->event)
		event_free(a->event);
	a->event = NULL;
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
}

/**
 * ask_is_cluster - return whether a packet is the question about the cluster's configuration
 * @question:	the packet
 * @size:	length of the packet, bytes
 *
 * Return: yes or no
 */
bool ask_is_cluster(const char *question, size_t size)
{
	return size == strlen(ASK_CLUSTER) && !memcmp(question, ASK_CLUSTER, size);
}

/**
 * ask_refusal - check whether a packet is a valid question
 * @question:	the packet
 * @size:	length of the packet, bytes; above ASK_QUESTION if the packet was truncated
 *
 * Return: the error in one line; NULL if the question is valid
 */
const char *ask_refusal(const char *question, size_t size)
{
	if (size > ASK_QUESTION)
		return "the question is too long";
	if (size != strlen(ASK_SHOW) || memcmp(question, ASK_SHOW, size))
		return "this agent, of another release, does not understand the question";
	return NULL;
}

static void refuse(struct json *j, const char *why)
{
	j->size = 0;
	j->cut = false;
	j->comma = false;
	json_object(j, NULL);
	json_text(j, "error", why);
	json_object_end(j);
}

/* Sends an answer. If this fails, the client gets no answer. */
static void send_answer(int fd, const struct json *j)
{
	send(fd, j->at, j->size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/*
 * Returns whether the client is root. Only root can change the configuration, or read the whole text. The process that
 * answers strangers can not, even where it could not become another user.
 */
static bool is_root(const struct ask_sock *s, int fd)
{
	struct ucred who = { .uid = (uid_t)-1 };
	socklen_t size = sizeof(who);

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) && !who.uid &&
	       !(s->friend && *s->friend && who.pid == *s->friend);
}

/* Has the keeper answer. It reads what the client has sent behind the question. Return: what is wrong, or NULL. */
static const char *pass(struct asker *a)
{
	struct ask_sock *s = a->sock;

	if (!is_root(s, a->fd))
		return ASK_DENIED;
	return s->pass && s->pass(s->arg, a->fd) ? NULL : "the process that keeps the configurations does not run now; try again";
}

static void reply(struct asker *a, const char *question, size_t size)
{
	struct ask_sock *s = a->sock;
	const char *why = ask_refusal(question, size);
	struct json j = { .at = s->buf, .room = sizeof(s->buf) };

	if (ask_is_cluster(question, size)) {
		why = pass(a);
		if (!why)
			return;
	}
	if (!why)
		s->answer(s->arg, &j, clock_now());
	if (j.cut)
		why = "the answer is too long";
	if (why)
		refuse(&j, why);
	send_answer(a->fd, &j);
}

static void on_question(evutil_socket_t fd, short what, void *arg)
{
	char question[ASK_QUESTION];
	struct asker *a = arg;
	ssize_t size;

	if (what & EV_READ) {
		/* recv() takes no control messages, so the kernel closes any descriptors that the client passes. */
		size = recv(fd, question, sizeof(question), MSG_DONTWAIT | MSG_TRUNC);
		if (size < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (size > 0)
			reply(a, question, (size_t)size);
	}
	asker_forget(a);
}

/*
 * Returns whether the client is root, has the agent's user id, or is the process that answers HTTP
 * requests. Other users are refused, because writing the answer delays the event loop. The answer is
 * not secret.
 */
static bool may_ask(const struct ask_sock *s, int fd)
{
	struct ucred who = { .uid = (uid_t)-1 };
	socklen_t size = sizeof(who);

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) &&
	       (!who.uid || who.uid == geteuid() || (s->friend && *s->friend && who.pid == *s->friend));
}

static void take_in(struct ask_sock *s, int fd)
{
	struct json j = { .at = s->buf, .room = sizeof(s->buf) };
	struct timeval span = clock_span(ASK_TIME);
	struct asker *a = NULL;
	unsigned int i;

	for (i = 0; i < ASK_ASKERS && !a; i++)
		if (s->asker[i].fd < 0)
			a = &s->asker[i];
	/* A client without permission does not occupy a slot. */
	if (!may_ask(s, fd)) {
		refuse(&j, ASK_DENIED);
		send_answer(fd, &j);
		a = NULL;
	}
	if (!a) {
		close(fd);
		return;
	}
	a->fd = fd;
	a->event = event_new(s->base, fd, EV_READ | EV_PERSIST, on_question, a);
	if (!a->event || event_add(a->event, &span))
		asker_forget(a);
}

static void on_connect(evutil_socket_t listener, short what, void *arg)
{
	struct ask_sock *s = arg;
	int fd;

	(void)what;
	if (!s->accepts) {
		event_del(s->listen);
		s->waits = true;
		return;
	}
	s->accepts--;
	fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0)
		take_in(s, fd);
}

static int start(struct ask_sock *s)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const size_t name = strlen(ASK_NAME);
	int err;

	memcpy(addr.sun_path + 1, ASK_NAME, name);
	s->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return -errno;
	if (bind(s->fd, (struct sockaddr *)&addr,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + name)) ||
	    listen(s->fd, ASK_ASKERS)) {
		err = -errno;
		goto err;
	}
	err = -ENOMEM;
	s->listen = event_new(s->base, s->fd, EV_READ | EV_PERSIST, on_connect, s);
	if (s->listen && !event_add(s->listen, NULL))
		return 0;
	if (s->listen)
		event_free(s->listen);
	s->listen = NULL;
err:
	close(s->fd);
	s->fd = -1;
	return err;
}

/**
 * ask_open - prepare the socket
 * @s:		the socket, which is initialized here
 * @base:	the event loop
 * @answer:	callback that writes the answer: a JSON object
 * @arg:	passed to @answer
 *
 * The socket does not listen yet. ask_tick() makes it listen, and retries after a failure,
 * because the previous agent may still use the address.
 */
void ask_open(struct ask_sock *s, struct event_base *base,
	      void (*answer)(void *arg, struct json *j, uint64_t now), void *arg)
{
	unsigned int i;

	memset(s, 0, sizeof(*s));
	s->fd = -1;
	s->base = base;
	s->answer = answer;
	s->arg = arg;
	for (i = 0; i < ASK_ASKERS; i++)
		s->asker[i] = (struct asker){ .sock = s, .fd = -1 };
}

/**
 * ask_tick - start to listen if necessary, and allow ASK_ACCEPTS further connections
 * @s:		the socket
 * @now:	the time
 */
void ask_tick(struct ask_sock *s, uint64_t now)
{
	int err;

	s->accepts = ASK_ACCEPTS;
	if (s->fd >= 0) {
		if (s->waits && !event_add(s->listen, NULL))
			s->waits = false;
		return;
	}
	if (now < s->again)
		return;
	err = start(s);
	if (err && !s->trouble)
		log_warning("nobody can ask this agent ('haadm agent show'): %s; it goes on trying",
			    err == -EADDRINUSE ? "another process listens where it should, in this network namespace" :
			    strerror(-err));
	s->trouble = err;
	s->again = now + LISTEN_AGAIN;
}

/**
 * ask_close - close the socket and its connections
 * @s:	the socket, open or all zero
 */
void ask_close(struct ask_sock *s)
{
	unsigned int i;

	if (!s->base)
		return;
	for (i = 0; i < ASK_ASKERS; i++)
		asker_forget(&s->asker[i]);
	if (s->listen)
		event_free(s->listen);
	s->listen = NULL;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}
