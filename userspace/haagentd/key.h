/* SPDX-License-Identifier: GPL-2.0 */
/* The shared key of a cluster and the file it is kept in. */
#ifndef HAAGENTD_KEY_H
#define HAAGENTD_KEY_H

#include <stddef.h>
#include <stdint.h>

#define KEY_BYTES	32

/**
 * struct key - the secret that all nodes of a cluster share
 * @bytes:	the secret itself
 * @id:		a short public name of it, to tell two keys apart in a log
 */
struct key {
	uint8_t bytes[KEY_BYTES];
	uint32_t id;
};

void key_from_bytes(struct key *key, const uint8_t bytes[KEY_BYTES]);
int key_read(struct key *key, const char *path, char *why, size_t size);
int key_generate(const char *path, char *why, size_t size);

#endif
