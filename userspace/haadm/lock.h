/* SPDX-License-Identifier: GPL-2.0 */
/* The file lock under which one haadm at a time changes vips together with their local addresses. */

#ifndef HAADM_TURN_H
#define HAADM_TURN_H

#include <signal.h>

#define TURN_LOCK "/run/haswitch.lock."	/* the inode number of the network namespace follows */

struct turn {
	int lock;	/* file descriptor of the locked file; -1: the file could not be opened */
	sigset_t before;	/* signal mask before turn_begin() */
};

/*
 * Waits for the lock of this network namespace, and blocks all signals until
 * turn_end(), so that a change is not left half done. A user who may not write to
 * /run gets no lock, but the kernel refuses that user's changes anyway.
 */
void turn_begin(struct turn *turn);
void turn_end(struct turn *turn);

#endif
