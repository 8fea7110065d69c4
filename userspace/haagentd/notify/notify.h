/* SPDX-License-Identifier: GPL-2.0 */
/* Notify commands: commands that the agent runs on events in the cluster. */
#ifndef HAAGENTD_NOTIFY_H
#define HAAGENTD_NOTIFY_H

#include <stddef.h>

#include "haagentd/conf/conf.h"
#include "worker.h"

/**
 * struct notify - the notify commands
 * @conf:	the configuration, which lists the commands
 * @worker:	the worker, which runs the commands
 * @dropped:	number of commands that were dropped since this number was last logged
 * @changes:	number of changes of the configuration that commands were not told of yet
 * @generation:	generation of the configuration after the last of them
 * @config_at:	when commands are told of these, ns
 */
struct notify {
	const struct conf *conf;
	struct worker *worker;
	unsigned int dropped;
	unsigned int changes;
	uint64_t generation;
	uint64_t config_at;
};

void notify_run(struct notify *n, const char *what, const char *a,
		const char *b, const char *c);
void notify_config(struct notify *n, uint64_t generation, uint64_t now);
void notify_tick(struct notify *n, uint64_t now);
void notify_done(struct notify *n, const struct worker_result *result);
void notify_lost(struct notify *n, unsigned int lost);

#endif
