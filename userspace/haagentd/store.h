/* SPDX-License-Identifier: GPL-2.0 */
/* The store: what a voter must find again after a power loss, in a file. */
#ifndef HAAGENTD_STORE_H
#define HAAGENTD_STORE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_SLOT	8192
#define STORE_HEAD	56
#define STORE_IMAGE	(STORE_SLOT - STORE_HEAD)	/* longest image, bytes */

enum store_found {
	STORE_NEW,	/* there was nothing */
	STORE_GOOD,	/* the image that was written last */
	STORE_DAMAGED,	/* what there was has been set aside */
};

/**
 * struct store - the open file, and the thread that writes it
 * @fd:		the file, -1 when it is not open
 * @event:	can be read when a write has ended
 * @sequence:	of the newest slot
 * @thread:	writes and waits for the disk, so that the agent does not
 * @running:	there is that thread
 * @lock:	what follows
 * @wake:	there is something to do
 * @stop:	the thread is to end
 * @busy:	a write was begun and has not ended
 * @err:	how the last one ended, a negative errno or 0
 * @slot:	as it is to be written
 */
struct store {
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
size_t store_peek(const char *path, uint8_t image[STORE_IMAGE]);
void store_close(struct store *s);
int store_write(struct store *s, const uint8_t *image, size_t size);
int store_ended(struct store *s, int *err);

#endif
