/* SPDX-License-Identifier: GPL-2.0 */
/* Ending tenures beside the loop: the module answers that only after a grace period. */
#ifndef HAAGENTD_LEASE_STOP_H
#define HAAGENTD_LEASE_STOP_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "lease_sock.h"

#define LEASE_STOPS	256	/* as many as there are leases */

/**
 * struct lease_stop_task - a tenure to be ended
 * @slot:	of the lease, for who asked
 * @lease:	its name
 * @granted:	the module was ever to grant it here; else there is nothing to end
 * @epoch:	highest epoch under which it was
 * @until:	when the tenure ends by itself
 * @to:		node that is to have it next, "": none is known
 */
struct lease_stop_task {
	unsigned int slot;
	char lease[WIRE_NAME];
	bool granted;
	uint64_t epoch;
	uint64_t until;
	char to[WIRE_NAME];
};

/**
 * struct lease_stop - the thread that waits, and what it is to do
 * @event:	can be read when something has ended
 * @thread:	makes the requests
 * @running:	there is that thread
 * @sock:	of the thread alone
 * @lock:	what follows
 * @wake:	there is something to do
 * @stop:	the thread is to end
 * @todo:	what is asked for
 * @n_todo:	how many
 * @done:	slots that have ended
 * @n_done:	how many
 */
struct lease_stop {
	int event;
	pthread_t thread;
	bool running;
	struct lease_sock sock;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	struct lease_stop_task todo[LEASE_STOPS];
	unsigned int n_todo;
	unsigned int done[LEASE_STOPS];
	unsigned int n_done;
};

int lease_stop_open(struct lease_stop *s);
void lease_stop_close(struct lease_stop *s);
void lease_stop_ask(struct lease_stop *s, const struct lease_stop_task *task);
bool lease_stop_ended(struct lease_stop *s, unsigned int *slot);

#endif
