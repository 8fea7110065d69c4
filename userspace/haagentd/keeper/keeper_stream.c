// SPDX-License-Identifier: GPL-2.0
/* Streams between the keepers of two nodes: one request each, over TCP at the address and port of a path. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "haagentd/clock.h"
#include "first.h"
#include "keeper_task.h"
#include "haagentd/log.h"
#include "haagentd/peer/path.h"
#include "stream.h"

#define CONNECT_TIME	(2 * CLOCK_SECOND)
#define REQUEST_TIME	(90 * CLOCK_SECOND)	/* a check by haadm can take a while */
#define HELLO_TIME	(2 * CLOCK_SECOND)

/*
 * Ports of which root alone can connect. So the other node tells its peer's keeper from a user of that machine, of which it
 * serves fewer. The numbers are those that IANA has given to hardly any service, so that none is kept from its port.
 */
#define ROOT_PORTS	1001
#define ROOT_PORTS_END	IPPORT_RESERVED

static socklen_t address_length(const struct sockaddr_storage *at)
{
	return at->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

/* Waits for a connection that is being made. Return: 0 or a negative errno. */
static int connected(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };
	socklen_t size = sizeof(int);
	int err = 0;

	if (poll(&poll_fd, 1, (int)(CONNECT_TIME / CLOCK_MS)) <= 0)
		return -ETIMEDOUT;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size) ? -errno : -err;
}

static void set_port(struct sockaddr_storage *at, unsigned int port)
{
	if (at->ss_family == AF_INET6)
		((struct sockaddr_in6 *)at)->sin6_port = htons((uint16_t)port);
	else
		((struct sockaddr_in *)at)->sin_port = htons((uint16_t)port);
}

/*
 * Connects from an address. PORT: 0 for any. A port of root is not lost to what an earlier connection leaves
 * (TIME_WAIT), nor to a connection with another node. If it has one with the same node, connect() fails. Return: the
 * socket or a negative errno.
 */
static int connect_from(struct sockaddr_storage *local, unsigned int port, const struct sockaddr_storage *to)
{
	int fd = socket(to->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1, err = 0;

	if (fd < 0)
		return -errno;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (port)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	set_port(local, port);
	if (bind(fd, (struct sockaddr *)local, address_length(local)))
		err = -errno;
	else if (connect(fd, (const struct sockaddr *)to, address_length(to)))
		err = errno == EINPROGRESS ? connected(fd) : -errno;
	if (err)
		close(fd);
	return err ? err : fd;
}

/**
 * keeper_from_root - return whether root of another machine has connected, or a service that it has let
 * @from:	address and port of the other end
 *
 * Return: yes or no
 */
bool keeper_from_root(const struct sockaddr_storage *from)
{
	return ntohs(from->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)from)->sin6_port :
						   ((const struct sockaddr_in *)from)->sin_port) < IPPORT_RESERVED;
}

/**
 * keeper_connect - connect from an address of this node, by which the other node knows it
 * @from:	this node's address; its port is not used
 * @to:		the other node's address and port
 *
 * Return: socket or negative errno
 */
int keeper_connect(const struct sockaddr_storage *from, const struct sockaddr_storage *to)
{
	unsigned int n = ROOT_PORTS_END - ROOT_PORTS, first = randombytes_uniform(n), i;
	struct sockaddr_storage local = *from;
	int fd;

	/* With a port of root, if this process may have one and one is free. */
	for (i = 0; i < n; i++) {
		fd = connect_from(&local, ROOT_PORTS + (first + i) % n, to);
		if (fd == -EACCES)
			break;
		if (fd != -EADDRINUSE && fd != -EADDRNOTAVAIL)
			return fd;
	}
	return connect_from(&local, 0, to);
}

/**
 * keeper_serves - return whether one more connection is served
 * @root:	it is root's, see keeper_from_root()
 * @roots:	number of root's that are served
 * @users:	number of the others that are served
 *
 * Of KEEPER_STREAMS places, KEEPER_STREAMS_USERS are for users alone. As agents of an earlier release connect like users,
 * these can have idle places of root as well. They leave KEEPER_STREAMS_FREE of those to root.
 *
 * Return: yes or no
 */
bool keeper_serves(bool root, unsigned int roots, unsigned int users)
{
	unsigned int own = users < KEEPER_STREAMS_USERS ? users : KEEPER_STREAMS_USERS, lent = users - own;
	unsigned int idle = KEEPER_STREAMS - KEEPER_STREAMS_USERS - roots - lent;

	return root ? idle : own < KEEPER_STREAMS_USERS || idle > KEEPER_STREAMS_FREE;
}

/* Sends a request under one key, and receives the reply. */
static int request(struct stream *s, int fd, const struct keeper_view *view, const struct key *key, const char *peer,
		   const struct config_ask *ask, const char *text, struct config_ask *answer, char **said, uint64_t until)
{
	int err = stream_connect(s, fd, key, view->self, peer, until ? until : clock_now() + REQUEST_TIME);

	if (!err)
		err = stream_ask(s, ask, text);
	return err ? err : stream_answer(s, answer, said);
}

/**
 * keeper_request - send a request to another node, and wait for the reply
 * @view:	what the keeper was told
 * @peer:	the other node
 * @ask:	the request
 * @text:	its text, or NULL
 * @answer:	filled with the reply
 * @said:	set to the text of the reply, which the caller frees
 * @why:	filled on failure
 * @room:	size of @why
 * @until:	when to give up, ns; 0: each path and each key has its time
 *
 * Return: 0; -EINVAL if the other node has refused, and @why has its reason; another negative errno if it could not be
 * asked
 */
int keeper_request(const struct keeper_view *view, const struct keeper_peer *peer, const struct config_ask *ask,
		   const char *text, struct config_ask *answer, char **said, char *why, size_t room, uint64_t until)
{
	unsigned int p, k;
	struct stream s;
	int fd, err = -ENETUNREACH;

	snprintf(why, room, "it has no address on a path of this node");
	for (p = 0; p < PEER_PATHS && err && (!until || clock_now() < until); p++) {
		if (!peer->at[p].ss_family || peer->at[p].ss_family != view->local[p].ss_family)
			continue;
		/* While the shared key is changed, the other node can lack the first of two. */
		for (k = 0; k < view->keys.n && err && (!until || clock_now() < until); k++) {
			fd = keeper_connect(&view->local[p], &peer->at[p]);
			if (fd < 0) {
				char at[PATH_ADDRESS];

				err = fd;
				snprintf(why, room, "no TCP connection to %s: %s", path_address(&peer->at[p], at),
					 strerror(-err));
				break;
			}
			err = request(&s, fd, view, &view->keys.key[k], peer->name, ask, text, answer, said,
				      until);
			if (err)
				snprintf(why, room, "%s", s.why);
			close(fd);
		}
	}
	if (err)
		return err == -EINVAL ? -EPROTO : err;
	if (answer->kind == CONFIG_YES)
		return 0;
	snprintf(why, room, "%s", *said);
	free(*said);
	*said = NULL;
	return -EINVAL;
}

/**
 * keeper_refuse - send the reply that a request is refused
 * @s:		the stream
 * @why:	the reason
 */
void keeper_refuse(struct stream *s, const char *why)
{
	struct config_ask answer = { .kind = CONFIG_NO, .about = { .size = strlen(why) } };

	stream_ask(s, &answer, why);
}

static void serve_text(const struct keeper_view *view, struct stream *s, const struct config_ask *ask)
{
	struct config_ask answer = { .kind = CONFIG_YES, .about = ask->about };
	char why[KEEPER_WHY], *text;

	/* A text that was only written can be committed already, though this node does not know it yet. */
	if (generation_get(view->folder, &answer.about, true, &text, why, sizeof(why)) &&
	    generation_get(view->folder, &answer.about, false, &text, why, sizeof(why))) {
		keeper_refuse(s, why);
		return;
	}
	stream_ask(s, &answer, text);
	free(text);
}

static void serve_put(const struct keeper_view *view, struct stream *s, const struct config_ask *ask, const char *text)
{
	struct config_ask answer = { .kind = CONFIG_YES };
	char why[KEEPER_WHY] = "";
	int err = 0;

	if (ask->about.number <= view->committed.generation) {
		snprintf(why, sizeof(why), "generation %llu is committed already",
			 (unsigned long long)view->committed.generation);
		err = -EEXIST;
	}
	if (!err)
		err = keeper_check(view, text, ask->about.size, why, sizeof(why));
	if (!err && first_is(&ask->about) && !view->witness)
		err = first_fits(text, why, sizeof(why));
	if (!err)
		err = keeper_keep(view, &ask->about, text, why, sizeof(why));
	if (err)
		keeper_refuse(s, why);
	else
		stream_ask(s, &answer, NULL);
}

/* What finds the key of a stream. */
struct finder {
	const struct keeper_view *view;
	struct sockaddr_storage from;
	struct invitation inv;
	struct key key;		/* of the invitation */
	bool invited;		/* the other node wants to use it */
};

/*
 * The other node uses a shared key, or that of its invitation. The key of one that is over is found as well, so that the
 * machine is told so.
 */
static const struct key *find_key(void *arg, uint32_t id)
{
	struct finder *f = arg;
	const struct key *shared = key_find(&f->view->keys, id);

	if (shared || invitation_find(f->view->folder, id, (uint64_t)time(NULL), &f->inv) == INVITATION_NONE ||
	    !path_from(&f->from, &f->inv.addr))
		return shared;
	f->invited = true;
	invitation_key(&f->inv, &f->key);
	return f->key.id == id ? &f->key : NULL;
}

/**
 * keeper_serve - serve the request of another node, or of a machine that is to become one
 * @view:	what the keeper was told
 * @fd:		the TCP connection
 * @agent:	socket to the agent; -1 if no invited machine is expected at that address
 */
void keeper_serve(const struct keeper_view *view, int fd, int agent)
{
	static struct finder finder;
	socklen_t size = sizeof(finder.from);
	struct config_ask ask;
	struct stream s;
	char *text = NULL;
	int one = 1;

	finder.view = view;
	if (getpeername(fd, (struct sockaddr *)&finder.from, &size))
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (stream_accept(&s, fd, find_key, &finder, view->self, clock_now() + HELLO_TIME)) {
		log_warning("configuration: a stream was refused: %s", s.why);
		return;
	}
	/* The first frame proves that the other node has the key, so it gets more time then. */
	s.longer = REQUEST_TIME;
	if (stream_answer(&s, &ask, &text)) {
		log_warning("configuration: a stream that names itself %s was refused: %s", s.peer, s.why);
		return;
	}
	/* The key of an invitation is for that only, and a shared key is for all else. */
	if (finder.invited && ask.kind == CONFIG_JOIN && !strcmp(s.peer, finder.inv.node) &&
	    ask.about.size == crypto_box_PUBLICKEYBYTES)
		keeper_join(view, &s, &finder.inv, (const uint8_t *)text, ask.about.number, agent);
	else if (!finder.invited && ask.kind == CONFIG_GET)
		serve_text(view, &s, &ask);
	else if (!finder.invited && ask.kind == CONFIG_PUT)
		serve_put(view, &s, &ask, text);
	else if (!finder.invited && ask.kind == CONFIG_JOURNAL)
		keeper_send_journal(view, &s, &ask);
	free(text);
}
