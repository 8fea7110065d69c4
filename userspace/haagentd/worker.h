/* SPDX-License-Identifier: GPL-2.0 */
/* The worker: a process that runs commands, so that the agent waits for none. */
#ifndef HAAGENTD_WORKER_H
#define HAAGENTD_WORKER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "wire.h"

struct event;
struct event_base;

#define WORKER_WORDS	6	/* of a command at most, the program included */
#define WORKER_PROGRAM	256	/* so much of its path comes back with the result */

enum worker_end {
	WORKER_ENDED,		/* by itself; @code is its exit code */
	WORKER_KILLED,		/* by somebody else; @code is the signal */
	WORKER_TIMED_OUT,	/* ran for too long, and was killed */
	WORKER_NOT_BEGUN,	/* could not be run; @code is an errno */
	WORKER_REFUSED,		/* too many of this program wait already */
};

/**
 * struct worker_result - what became of a command
 * @id:		as worker_run() gave it
 * @end:	how it ended
 * @code:	see there
 * @timeout:	what it was given, ns
 * @program:	its path, cut off when that is very long
 */
struct worker_result {
	uint64_t id;
	enum worker_end end;
	int code;
	uint64_t timeout;
	char program[WORKER_PROGRAM];
};

/**
 * struct worker_ops - who is told
 * @done:	a command ended
 * @lost:	the worker ended, and with it @n commands of which no result comes
 */
struct worker_ops {
	void (*done)(void *arg, const struct worker_result *result);
	void (*lost)(void *arg, unsigned int n);
};

/**
 * struct worker - the agent's end of it
 * @ops:	who is told
 * @arg:	for @ops
 * @base:	the event loop
 * @node:	this node's name, which commands get as HASWITCH_NODE
 * @fd:		its socket, -1 while there is no worker
 * @pid:	the process
 * @began:	when it was begun
 * @last_id:	of a command
 * @pending:	commands without a result
 * @result:	fires when a result came, or the end of the worker
 * @again:	fires when another worker may be begun
 */
struct worker {
	const struct worker_ops *ops;
	void *arg;
	struct event_base *base;
	char node[WIRE_NAME];
	int fd;
	pid_t pid;
	uint64_t began;
	uint64_t last_id;
	unsigned int pending;
	struct event *result;
	struct event *again;
};

int worker_open(struct worker *w, struct event_base *base, const char *node,
		const struct worker_ops *ops, void *arg);
void worker_close(struct worker *w);
uint64_t worker_run(struct worker *w, const char *const *words, uint64_t timeout);

#endif
