/* SPDX-License-Identifier: GPL-2.0 */
/* The addresses of vips on device ha0: when some are deleted, haadm is run to put them back. */
#ifndef HAAGENTD_HEAL_H
#define HAAGENTD_HEAL_H

#include <stdbool.h>
#include <stdint.h>

#include "haagentd/peer/link_watch.h"

struct worker;
struct worker_result;

/**
 * struct heal - what is known of deleted addresses
 * @watch:	receives the kernel's notifications of addresses
 * @worker:	runs haadm
 * @program:	path of haadm
 * @index:	ifindex of ha0 when it was last there, or 0
 * @due:	when haadm is to be run, ns; 0: it has put all back, and no address was deleted since
 * @ran:	when haadm was run last, ns
 * @pause:	time from a run that failed to the next one, ns; doubled with each one that fails
 * @command:	the worker's id of the command that runs, or 0
 */
struct heal {
	struct link_watch watch;
	struct worker *worker;
	char program[4096];
	unsigned int index;
	uint64_t due;
	uint64_t ran;
	uint64_t pause;
	uint64_t command;
};

int heal_open(struct heal *h, struct worker *worker);
void heal_close(struct heal *h);
int heal_fd(const struct heal *h);
void heal_read(struct heal *h, uint64_t now);
void heal_tick(struct heal *h, uint64_t now);
bool heal_done(struct heal *h, const struct worker_result *result);
unsigned int heal_lost(struct heal *h, uint64_t now);

#endif
