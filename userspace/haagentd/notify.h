/* SPDX-License-Identifier: GPL-2.0 */
/* Notify commands: what is run when something happens. */
#ifndef HAAGENTD_NOTIFY_H
#define HAAGENTD_NOTIFY_H

#include <stddef.h>

#include "conf.h"

/**
 * struct notify - the way to the helper process that runs the commands
 * @conf:	names the commands
 * @fd:		the helper's socket, -1 when there is none
 * @dropped:	commands that the helper could not be told of
 */
struct notify {
	const struct conf *conf;
	int fd;
	unsigned int dropped;
};

int notify_open(struct notify *n, const struct conf *conf);
void notify_close(struct notify *n);
void notify_run(struct notify *n, const char *what, const char *a,
		const char *b, const char *c);

#endif
