/* SPDX-License-Identifier: GPL-2.0 */
/* The shared key of a cluster, and the key file. */
#ifndef HAAGENTD_KEY_H
#define HAAGENTD_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEY_BYTES	32

/**
 * struct key - the secret that all nodes of a cluster share
 * @bytes:	the secret itself
 * @id:		short public id, by which packets and logs name the key
 */
struct key {
	uint8_t bytes[KEY_BYTES];
	uint32_t id;
};

#define KEY_RING	2
#define KEY_TEXT	(KEY_RING * (2 * KEY_BYTES + 1) + 1)	/* largest key file, bytes, with a NUL */

/**
 * struct key_ring - the keys of a node: one, or two while the key is changed
 * @key:	the older key first; packets sealed with either key are accepted
 * @n:		number of entries in @key
 */
struct key_ring {
	struct key key[KEY_RING];
	unsigned int n;
};

/* Returns the number by which modules identify a key: the low byte of its id. */
static inline uint8_t key_mark(const struct key *key)
{
	return (uint8_t)key->id;
}

void key_from_bytes(struct key *key, const uint8_t bytes[KEY_BYTES]);
const struct key *key_find(const struct key_ring *ring, uint32_t id);
size_t key_text(const struct key_ring *ring, char *text, size_t room);
bool key_shared(const struct key_ring *a, const struct key_ring *b);
int key_read(struct key_ring *ring, const char *path, char *why, size_t size);
int key_generate(const char *path, char *why, size_t size);
int key_add(const char *path, char *why, size_t size);
int key_drop(const char *path, char *why, size_t size);

#endif
