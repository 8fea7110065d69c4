/* SPDX-License-Identifier: GPL-2.0 */
/* The lock that lets only one agent use a folder of configurations. */
#ifndef HAAGENTD_FOLDER_LOCK_H
#define HAAGENTD_FOLDER_LOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FOLDER_LOCK_NAME "lock"	/* name of the locked file in the folder */

/**
 * struct folder_lock - the lock of a folder
 * @fd:	the locked file, always above 2, so that all zero is no lock; else 0 or -1. Nothing else in this process may open
 *	that file
 * @same:	by folder_lock_change(): the folder is the one that is locked already
 */
struct folder_lock {
	int fd;
	bool same;
};

int folder_lock_take(struct folder_lock *lock, const char *folder, uint64_t wait, char *why, size_t room);
int folder_lock_change(struct folder_lock *lock, struct folder_lock *next, const char *folder, char *why, size_t room);
void folder_lock_release(struct folder_lock *lock);

#endif
