/* SPDX-License-Identifier: GPL-2.0 */
/* The worker process: one queue of waiting commands per program. */
#ifndef HAAGENTD_WORKER_QUEUE_H
#define HAAGENTD_WORKER_QUEUE_H

#include "worker.h"

#define WORKER_MESSAGE	4096

/**
 * struct worker_request - a command, as it is sent to the worker
 * @id:		id that the result carries
 * @timeout:	how long the command is allowed to run, ns
 * @node:	value of HASWITCH_NODE
 * @words:	the program and its arguments, each ended by a NUL; an empty word ends the list.
 *		In the same way follow variables of the environment, NAME=VALUE, and then the
 *		text for standard input. Without such a text the input is that of the agent
 */
struct worker_request {
	uint64_t id;
	uint64_t timeout;
	char node[WIRE_NAME];
	char words[WORKER_MESSAGE];
};

void worker_main(int fd) __attribute__((noreturn));

#endif
