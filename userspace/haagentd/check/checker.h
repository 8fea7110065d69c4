/* SPDX-License-Identifier: GPL-2.0 */
/* The agent's side of haagentd-checks, the process that makes all health checks but those by TCP. */
#ifndef HAAGENTD_CHECKER_H
#define HAAGENTD_CHECKER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <checks/plan.h>

#include "haagentd/process.h"

struct event;
struct event_base;

/**
 * struct checker_ops - callbacks
 * @result:	a check of the last list has a result
 * @begun:	another process was started; it needs the list
 * @second:	called each second while a process is wanted
 */
struct checker_ops {
	void (*result)(void *arg, const struct plan_result *result);
	void (*begun)(void *arg);
	void (*second)(void *arg);
};

/**
 * struct checker - the process
 * @base:	the event loop
 * @ops:	the callbacks
 * @arg:	passed to @ops
 * @fd:		socket to the process; -1: there is none
 * @pidfd:	the process, so that it can be killed; or -1
 * @process:	what else is known of it
 * @silent:	number of seconds without a message
 * @trouble:	errno of the last attempt to start it, or 0
 * @weak:	the last process ended soon after its start, which is logged once
 * @generation:	generation of the last list
 * @result:	fires when a result comes, or the process ends
 * @second:	fires each second; then a process that ended is started again
 */
struct checker {
	struct event_base *base;
	const struct checker_ops *ops;
	void *arg;
	int fd;
	int pidfd;
	struct process process;
	unsigned int silent;
	int trouble;
	bool weak;
	uint32_t generation;
	struct event *result;
	struct event *second;
};

void checker_init(struct checker *c, struct event_base *base, const struct checker_ops *ops, void *arg);
void checker_tell(struct checker *c, struct plan_buf *list);
void checker_close(struct checker *c);

#endif
