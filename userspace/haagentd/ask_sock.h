/* SPDX-License-Identifier: GPL-2.0 */
/* The socket by which this machine's users ask the agent. */
#ifndef HAAGENTD_ASK_SOCK_H
#define HAAGENTD_ASK_SOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lib/ask.h>

#include "json.h"

struct event;
struct event_base;
struct ask_sock;

#define ASK_ASKERS	4	/* at a time */
#define ASK_ACCEPTS	8	/* of a tick: whoever asks takes no more of the loop */

/**
 * struct asker - who has connected and was not answered yet
 * @sock:	all of them
 * @fd:		the connection; -1: none
 * @event:	fires when it asks, or when it has not for too long
 */
struct asker {
	struct ask_sock *sock;
	int fd;
	struct event *event;
};

/**
 * struct ask_sock - the socket, and who asks
 * @fd:		listens; -1: not yet
 * @base:	the event loop
 * @listen:	fires when somebody connects
 * @answer:	writes what is answered
 * @arg:	for @answer
 * @asker:	those who are connected
 * @accepts:	how many more may connect in this tick
 * @waits:	nobody is taken in until the next tick
 * @again:	when to try again to listen, ns
 * @trouble:	that nobody can ask is told
 * @buf:	for an answer
 */
struct ask_sock {
	int fd;
	struct event_base *base;
	struct event *listen;
	void (*answer)(void *arg, struct json *j, uint64_t now);
	void *arg;
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
const char *ask_refusal(const char *question, size_t size);

#endif
