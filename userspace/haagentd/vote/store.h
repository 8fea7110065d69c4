/* SPDX-License-Identifier: GPL-2.0 */
/* The store: the file with the voter state that must survive a power loss. */
#ifndef HAAGENTD_STORE_H
#define HAAGENTD_STORE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef STORE_SLOT	/* the model of the vote has shorter slots */
#define STORE_SLOT	8192
#endif
#define STORE_HEAD	56
#define STORE_IMAGE	(STORE_SLOT - STORE_HEAD)	/* longest image, bytes */

enum store_found {
	STORE_NEW,	/* there was no file, or no image in it */
	STORE_GOOD,	/* the newest image was read */
	STORE_DAMAGED,	/* the file was damaged, and has been renamed */
};

/**
 * struct store - the open file and the thread that writes it
 * @path:	name of the file
 * @fd:		the file; -1 when it is not open
 * @event:	eventfd that is readable when a write has ended
 * @sequence:	sequence number of the newest slot
 * @thread:	thread that writes, so that the agent's event loop never waits for the
 *		disk
 * @running:	@thread exists
 * @lock:	protects the members below
 * @wake:	signalled when a write was requested, or @stop was set
 * @stop:	the thread must exit
 * @busy:	a write has begun, and store_ended() has not yet reported its end
 * @err:	result of the last write, 0 or a negative errno; -EINPROGRESS while a
 *		write runs
 * @slot:	contents that @thread writes to both slots
 */
struct store {
	char *path;
	int fd;
	int event;
	uint64_t sequence;
	pthread_t thread;
	bool running;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	bool busy;
	int err;
	uint8_t slot[STORE_SLOT];
};

int store_open(struct store *s, const char *path, uint8_t image[STORE_IMAGE],
	       size_t *size, enum store_found *found, char *why, size_t room);
int store_outdated(const char *path, char *why, size_t room);
struct store_probe *store_probe_begin(const char *path);
int store_probe_ended(struct store_probe **p, char *why, size_t room);
size_t store_peek(const char *path, uint8_t image[STORE_IMAGE]);
void store_close(struct store *s);
int store_write(struct store *s, const uint8_t *image, size_t size);
int store_ended(struct store *s, int *err);

#endif
