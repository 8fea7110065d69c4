/* SPDX-License-Identifier: GPL-2.0 */
/* The agent's side of haagentd-http, the process that answers HTTP requests. */
#ifndef HAAGENTD_HTTP_H
#define HAAGENTD_HTTP_H

#include <stdint.h>
#include <sys/socket.h>

#include "haagentd/process.h"

struct event;
struct event_base;

/**
 * struct http - the listening socket, and the process that has it
 * @base:	the event loop
 * @at:		where to listen; family 0: nowhere
 * @listen:	the listening socket; -1: none
 * @fd:		a socket whose other end the process has; -1: there is no process
 * @process:	the process
 * @ended:	fires when the process has ended
 * @again:	earliest time of the next attempt to listen or to begin a process, ns
 * @failures:	number of attempts that have failed since the last one that did not
 */
struct http {
	struct event_base *base;
	struct sockaddr_storage at;
	int listen;
	int fd;
	struct process process;
	struct event *ended;
	uint64_t again;
	unsigned int failures;
};

void http_open(struct http *h, struct event_base *base);
void http_set(struct http *h, const struct sockaddr_storage *at);
void http_tick(struct http *h, uint64_t now);
void http_close(struct http *h);

#endif
