/* SPDX-License-Identifier: GPL-2.0 */
/* The file lock that lets only one haadm process at a time change vips with their local addresses, and leases with their devices. */

#ifndef HAADM_LOCK_H
#define HAADM_LOCK_H

#include <signal.h>

#define LOCK_FILE "/run/haswitch.lock."	/* the inode number of the network namespace follows */

struct file_lock {
	int fd;	/* file descriptor of the locked file; -1: the file could not be opened */
	sigset_t before;	/* signal mask before file_lock_take() */
};

/*
 * Waits for the lock of this network namespace, and blocks all signals until file_lock_release(), so that no signal
 * leaves a change half done. A user without permission to write to /run gets no lock. This is harmless, because the
 * kernel refuses that user's changes.
 */
void file_lock_take(struct file_lock *lock);
void file_lock_release(struct file_lock *lock);

#endif
