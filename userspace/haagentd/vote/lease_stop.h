/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A thread that ends grants. The module replies to a release only after an RCU grace
 * period, for which the event loop must not wait.
 */
#ifndef HAAGENTD_LEASE_STOP_H
#define HAAGENTD_LEASE_STOP_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "lease_sock.h"

#define LEASE_STOPS	256	/* at least the number of leases */

/**
 * struct lease_stop_task - a grant to be ended
 * @slot:	slot of the lease, returned by lease_stop_ended()
 * @lease:	name of the lease
 * @granted:	this agent has requested a grant of the lease from the module; false:
 *		no grant is to be ended
 * @epoch:	highest epoch of a grant that the agent has requested
 * @until:	when the grant ends by itself, CLOCK_BOOTTIME, ns; once it is released: until when the thread waits for
 *		the routes
 * @to:		node that is to hold the lease next; "": none is known
 * @routes:	the lease has routes, which are not withdrawn yet; the grant counts as ended when they are
 * @released:	set by the thread: the module has ended the grant
 */
struct lease_stop_task {
	unsigned int slot;
	char lease[WIRE_NAME];
	bool granted;
	uint64_t epoch;
	uint64_t until;
	char to[WIRE_NAME];
	bool routes;
	bool released;
};

/**
 * struct lease_stop - the thread that ends grants, and its queues
 * @event:	eventfd that is readable when a grant has ended
 * @thread:	the thread, which makes the requests
 * @running:	@thread exists
 * @granter:	the requests by which the loop grants
 * @sock:	socket to the module, used by @thread alone
 * @lock:	protects the members below
 * @wake:	signalled when a task was queued, when routes were withdrawn, or @stop was set
 * @stop:	the thread must exit
 * @todo:	grants to be ended, oldest first; a grant stays until it has ended and its routes are withdrawn
 * @n_todo:	number of entries in @todo
 * @done:	slots of leases whose grants have ended
 * @n_done:	number of entries in @done
 */
struct lease_stop {
	int event;
	pthread_t thread;
	bool running;
	struct calls *granter;
	struct lease_sock sock;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	struct lease_stop_task todo[LEASE_STOPS];
	unsigned int n_todo;
	unsigned int done[LEASE_STOPS];
	unsigned int n_done;
};

int lease_stop_open(struct lease_stop *s, struct calls *granter);
void lease_stop_close(struct lease_stop *s);
void lease_stop_ask(struct lease_stop *s, const struct lease_stop_task *task);
void lease_stop_withdrawn(struct lease_stop *s, const char *lease);
bool lease_stop_ended(struct lease_stop *s, unsigned int *slot);

#endif
