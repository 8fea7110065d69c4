/* SPDX-License-Identifier: GPL-2.0 */
/* Notify commands: what is run when something happens. */
#ifndef HAAGENTD_NOTIFY_H
#define HAAGENTD_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "conf.h"

struct event;
struct event_base;

#define NOTIFY_RUNNING	32	/* commands at once; more are not begun */

/**
 * struct notify - the commands, and those that run now
 * @conf:	names the commands
 * @reaper:	fires when a command ended
 * @pids:	of the commands that run
 * @n_pids:	how many
 * @dropped:	commands that were not begun since the last that was
 */
struct notify {
	const struct conf *conf;
	struct event *reaper;
	int pids[NOTIFY_RUNNING];
	unsigned int n_pids;
	unsigned int dropped;
};

int notify_open(struct notify *n, struct event_base *base,
		const struct conf *conf);
void notify_close(struct notify *n);
void notify_run(struct notify *n, const char *what, const char *a,
		const char *b, const char *c);

#endif
