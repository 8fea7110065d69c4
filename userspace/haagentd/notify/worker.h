/* SPDX-License-Identifier: GPL-2.0 */
/* The worker: a process that runs commands, so that the agent never waits for one. */
#ifndef HAAGENTD_WORKER_H
#define HAAGENTD_WORKER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "haagentd/peer/wire.h"
#include "haagentd/process.h"

struct event;
struct event_base;

#define WORKER_WORDS	6	/* maximum number of words of a command, including the program */
#define WORKER_ENV	12	/* maximum number of variables that a command gets beside those that all get */
#define WORKER_PROGRAM	256	/* size of the program's path in a result */

enum worker_end {
	WORKER_ENDED,		/* the command exited; @code is its exit code */
	WORKER_KILLED,		/* a signal that the worker did not send killed the command; @code is the signal */
	WORKER_TIMED_OUT,	/* the command's timeout has passed, and the worker killed the command */
	WORKER_NOT_BEGUN,	/* the command could not be started; @code is an errno */
	WORKER_REFUSED,		/* the queue of the command's program is full */
};

/**
 * struct worker_result - the result of a command
 * @id:		id that worker_run() has returned
 * @end:	how the command ended
 * @code:	exit code, signal or errno, depending on @end
 * @timeout:	how long the command was allowed to run, ns
 * @program:	path of the program, truncated to WORKER_PROGRAM - 1 bytes
 */
struct worker_result {
	uint64_t id;
	enum worker_end end;
	int code;
	uint64_t timeout;
	char program[WORKER_PROGRAM];
};

/**
 * struct worker_ops - callbacks of the worker
 * @done:	a command has ended
 * @lost:	the worker process has ended, and @n commands will get no result
 */
struct worker_ops {
	void (*done)(void *arg, const struct worker_result *result);
	void (*lost)(void *arg, unsigned int n);
};

/**
 * struct worker - the agent's side of the worker
 * @ops:	the callbacks
 * @arg:	passed to @ops
 * @base:	the event loop
 * @node:	name of this node, which commands get in the variable HASWITCH_NODE
 * @fd:		socket to the worker process, -1 while there is none
 * @process:	the worker process
 * @last_id:	id of the last command
 * @pending:	number of commands without a result
 * @result:	fires when a result arrives, or the worker process ends
 * @again:	fires when the next attempt to start a worker process is due
 */
struct worker {
	const struct worker_ops *ops;
	void *arg;
	struct event_base *base;
	char node[WIRE_NAME];
	int fd;
	struct process process;
	uint64_t last_id;
	unsigned int pending;
	struct event *result;
	struct event *again;
};

int worker_open(struct worker *w, struct event_base *base, const char *node,
		const struct worker_ops *ops, void *arg);
void worker_close(struct worker *w);
uint64_t worker_run(struct worker *w, const char *const *words, uint64_t timeout);
uint64_t worker_tell(struct worker *w, const char *const *words, const char *const *env, const char *input,
		     uint64_t timeout);

#endif
