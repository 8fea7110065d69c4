/* SPDX-License-Identifier: GPL-2.0 */
/* A turn: what changes vips and their local addresses together, one haadm at a time, and to the end. */

#ifndef HAADM_TURN_H
#define HAADM_TURN_H

#include <signal.h>

#define TURN_LOCK "/run/haswitch.lock."	/* and the inode of the network namespace */

struct turn {
	int lock;	/* -1: without one */
	sigset_t before;
};

/*
 * Waits until no other haadm has its turn in this network namespace, and holds
 * signals back. Who may not write to /run goes without the lock: what he lacks
 * to change anything is refused by the kernel.
 */
void turn_begin(struct turn *turn);
void turn_end(struct turn *turn);

#endif
