/* SPDX-License-Identifier: GPL-2.0 */
/* The process that keeps a route for each vip that this node holds, so that routing daemons redistribute it. */
#ifndef HAAGENTD_ROUTES_H
#define HAAGENTD_ROUTES_H

#include <stdbool.h>
#include <stdint.h>

#include "haagentd/peer/wire.h"
#include "haagentd/process.h"

struct conf;
struct event;
struct event_base;

/**
 * struct routes_order - what the agent tells the process
 * @table:	number of the routing table; 0: delete all routes, and end
 * @longest:	longest time for which a lease can be held after the agent has ended, ns
 * @node:	this node's name
 */
struct routes_order {
	uint32_t table;
	uint64_t longest;
	char node[WIRE_NAME];
};

/**
 * struct routes_report - what the process tells the agent
 * @n:		number of routes now
 * @routed:	@lease has routes, or is about to have; else they are withdrawn, because this node's grant has ended
 * @lease:	name of a lease; empty: only the number of routes has changed
 */
struct routes_report {
	uint32_t n;
	bool routed;
	char lease[WIRE_NAME];
};

/**
 * typedef routes_fn - is called when a lease is about to have routes, and when they are withdrawn
 * @arg:	as given to routes_open()
 * @lease:	name of the lease; NULL: all leases
 * @routed:	it has routes
 */
typedef void (*routes_fn)(void *arg, const char *lease, bool routed);

/**
 * struct routes - the agent's side
 * @base:	the event loop
 * @routed:	called with @arg for each lease that gets routes or loses them
 * @arg:	passed to @routed
 * @order:	what the process was told, or is to be told when it is started
 * @fd:		socket to the process, -1: none
 * @read:	read event of @fd
 * @process:	the process
 * @again:	when the process was started last or could not be started, ns
 * @n:		number of routes, as the process has told
 */
struct routes {
	struct event_base *base;
	routes_fn routed;
	void *arg;
	struct routes_order order;
	int fd;
	struct event *read;
	struct process process;
	uint64_t again;
	uint32_t n;
};

void routes_open(struct routes *r, struct event_base *base, const struct conf *conf, routes_fn routed, void *arg);
void routes_set(struct routes *r, const struct conf *conf);
void routes_tick(struct routes *r, uint64_t now);
void routes_close(struct routes *r);

void routes_main(int fd) __attribute__((noreturn));

#endif
