/* SPDX-License-Identifier: GPL-2.0 */
/* The agent's side of haagentd-corosync, the process that asks corosync for its nodelist and its quorum. */
#ifndef HAAGENTD_COROSYNC_H
#define HAAGENTD_COROSYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "corosync/report.h"
#include "haagentd/process.h"

struct event;
struct event_base;

#define COROSYNC_NONE	{ .fd = -1 }	/* nothing is known yet */
#define COROSYNC_WORDS	256	/* size of a reason, bytes */

/**
 * struct corosync - what is known of corosync on this machine
 * @base:	the event loop; NULL: it does not run yet
 * @fd:		socket to the process; -1: none
 * @read:	read event of @fd
 * @process:	the process
 * @again:	when the process may be started next, ns
 * @heard:	when the last report came, ns
 * @answered:	when a report last said that corosync answers, ns
 * @last:	the last report; its nodes are those of the last one with a nodelist, and it is listed once there was one
 * @other_nodes: the nodes have changed since the caller has cleared this
 * @trouble:	what was last logged of the process; empty: a report has come since
 * @bar:	why this node may hold no lease; empty: it may
 */
struct corosync {
	struct event_base *base;
	int fd;
	struct event *read;
	struct process process;
	uint64_t again;
	uint64_t heard;
	uint64_t answered;
	struct corosync_report last;
	bool other_nodes;
	char trouble[COROSYNC_WORDS];
	char bar[COROSYNC_WORDS];
};

const struct corosync_report *corosync_ask(void *arg, char why[COROSYNC_WORDS]);
void corosync_open(struct corosync *c, struct event_base *base);
const char *corosync_tick(struct corosync *c, uint64_t now);
void corosync_close(struct corosync *c);
int corosync_take(struct corosync *c, const struct corosync_report *report, size_t size, uint64_t now);
void corosync_judge(struct corosync *c, uint64_t now);

#endif
