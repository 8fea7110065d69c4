/* SPDX-License-Identifier: GPL-2.0 */
/* Inside the worker process: the commands that wait, one queue a program. */
#ifndef HAAGENTD_WORKER_QUEUE_H
#define HAAGENTD_WORKER_QUEUE_H

#include "worker.h"

#define WORKER_MESSAGE	4096

/**
 * struct worker_request - a command on its way to the worker
 * @id:		comes back with the result
 * @timeout:	how long it may run, ns
 * @node:	HASWITCH_NODE
 * @words:	its words, each with its NUL
 */
struct worker_request {
	uint64_t id;
	uint64_t timeout;
	char node[WIRE_NAME];
	char words[WORKER_MESSAGE];
};

void worker_main(int fd) __attribute__((noreturn));

#endif
