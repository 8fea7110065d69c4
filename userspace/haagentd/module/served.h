/* SPDX-License-Identifier: GPL-2.0 */
/* Which services have no member that serves them, and which drained nodes and members have no flow left. */
#ifndef HAAGENTD_SERVED_H
#define HAAGENTD_SERVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "haagentd/peer/wire.h"
#include "lib/addr.h"
#include "calls.h"

struct event;
struct event_base;

#define SERVED_MEMBER	(WIRE_NAME + 6)	/* size of a member's name: its node, and perhaps its port */

/**
 * struct served_ops - callbacks
 * @service:	no member serves the service any more, or members serve it again
 * @drained:	the drained node, or its member if @service is not NULL, has no flow of this machine left
 */
struct served_ops {
	void (*service)(void *arg, const struct hasw_svc *service, bool empty);
	void (*drained)(void *arg, const char *name, const struct hasw_svc *service);
};

/**
 * struct served_empty - a service that no member serves
 * @service:	the service
 * @since:	when it was seen so first, ns
 * @told:	it was told
 * @back:	this look has found a member that serves it
 */
struct served_empty {
	struct hasw_svc service;
	uint64_t since;
	bool told;
	bool back;
};

/**
 * struct served_drain - a node or member that gets no new flows
 * @name:	name of the node; of a member with a port of its own, NODE:PORT
 * @service:	the member's service; all zero for a node
 * @flows:	number of flows that this look has counted
 * @told:	it was told that there are none, or that was so when the agent began
 * @seen:	this look has found the node
 */
struct served_drain {
	char name[SERVED_MEMBER];
	struct hasw_svc service;
	uint64_t flows;
	bool told;
	bool seen;
};

/**
 * struct served - what is known, and the look at the module that goes on
 * @ops:	the callbacks
 * @arg:	passed to @ops
 * @empty:	the services that no member serves, sorted
 * @n_empty:	number of entries in @empty
 * @found:	those that this look has found, in the module's order
 * @n_found:	number of entries in @found
 * @nodes:	the nodes that are drained
 * @n_nodes:	number of entries in @nodes
 * @idle:	the members of weight 0, sorted
 * @n_idle:	number of entries in @idle
 * @found_idle:	those that this look has found, in the module's order
 * @n_found_idle: number of entries in @found_idle
 * @looked:	the first look has ended
 * @short_of:	memory was short during this look, so it counts for nothing
 * @base:	the event loop
 * @calls:	the socket on which the look's dumps are read, and the thread that begins them
 * @read:	read event of that socket, added while a dump is read; NULL: it is not open
 * @dump:	the dump that is read
 * @members:	it is that of members; before, that of services is read
 * @asking:	the socket or the dump is not there yet, because the module did not answer in time
 * @busy:	a look goes on
 * @due:	an event of the module may have changed something
 * @began:	when the last look began, ns
 * @ended:	when the last look ended, ns
 * @next:	when the next look begins at the latest, ns
 */
struct served {
	const struct served_ops *ops;
	void *arg;
	struct served_empty *empty;
	size_t n_empty;
	struct served_empty *found;
	size_t n_found;
	struct served_drain *nodes;
	size_t n_nodes;
	struct served_drain *idle;
	size_t n_idle;
	struct served_drain *found_idle;
	size_t n_found_idle;
	bool looked;
	bool short_of;
	struct event_base *base;
	struct calls calls;
	struct event *read;
	struct hasw_dumping dump;
	bool members;
	bool asking;
	bool busy;
	bool due;
	uint64_t began;
	uint64_t ended;
	uint64_t next;
};

/* served.c: what the records of a look mean. It knows neither sockets nor a clock. */
void served_begin(struct served *s);
void served_service(struct served *s, const struct hasw_svc *service, unsigned int members, unsigned int serving,
		    bool rejects);
void served_member(struct served *s, const struct hasw_svc *service, const char *node, uint16_t port, bool drains,
		   unsigned int weight, uint64_t flows);
bool served_end(struct served *s, uint64_t now);
void served_forget(struct served *s);

/* served_look.c: reads the records. */
void served_open(struct served *s, struct event_base *base, const struct served_ops *ops, void *arg);
void served_tick(struct served *s, uint64_t now);
void served_close(struct served *s);

#endif
