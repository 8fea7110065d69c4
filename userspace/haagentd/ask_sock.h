/* SPDX-License-Identifier: GPL-2.0 */
/* The socket through which local users query the agent. */
#ifndef HAAGENTD_ASK_SOCK_H
#define HAAGENTD_ASK_SOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <lib/ask.h>

#include "json.h"

struct event;
struct event_base;
struct ask_sock;

#define ASK_ASKERS	4	/* maximum number of open connections */
#define ASK_ACCEPTS	8	/* maximum number of connections accepted per ask_tick() */

/**
 * struct asker - a connection whose question is not answered yet
 * @sock:	the socket that accepted this connection
 * @fd:		the connection; -1: the slot is free
 * @event:	fires when the question arrives, or after ASK_TIME without one
 */
struct asker {
	struct ask_sock *sock;
	int fd;
	struct event *event;
};

/**
 * struct ask_sock - the listening socket and its connections
 * @fd:		the listening socket; -1: not open yet
 * @base:	the event loop
 * @listen:	fires when a client connects
 * @answer:	callback that writes the answer
 * @pass:	callback that has another process answer about the cluster's configuration, or NULL
 * @arg:	passed to @answer and @pass
 * @friend:	process that may ask as any user, or NULL
 * @asker:	slots of the connections
 * @accepts:	how many more connections may be accepted before the next ask_tick()
 * @waits:	@listen is disabled until the next ask_tick(), because @accepts is used up
 * @again:	earliest time of the next attempt to listen, ns
 * @trouble:	the last attempt to listen failed; a further failure is not logged
 * @buf:	buffer of an answer
 */
struct ask_sock {
	int fd;
	struct event_base *base;
	struct event *listen;
	void (*answer)(void *arg, struct json *j, uint64_t now);
	bool (*pass)(void *arg, int fd);
	void *arg;
	const pid_t *friend;
	struct asker asker[ASK_ASKERS];
	unsigned int accepts;
	bool waits;
	uint64_t again;
	bool trouble;
	char buf[ASK_ANSWER];
};

void ask_open(struct ask_sock *s, struct event_base *base,
	      void (*answer)(void *arg, struct json *j, uint64_t now), void *arg);
void ask_tick(struct ask_sock *s, uint64_t now);
void ask_close(struct ask_sock *s);
bool ask_is_cluster(const char *question, size_t size);
const char *ask_refusal(const char *question, size_t size);

#endif
