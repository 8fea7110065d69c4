// SPDX-License-Identifier: GPL-2.0
/* Fuzzing the key file: keys that are understood are written as they were read, and a fault is named. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "haagentd/peer/key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads these bytes as a key file, which is in memory alone. Returns what key_read() does. */
static int key_file(const uint8_t *data, size_t size, struct key_ring *ring)
{
	char path[64], why[256] = "";
	int fd = memfd_create("key", MFD_CLOEXEC), err;

	if (fd < 0 || fchmod(fd, 0600) || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	err = key_read(ring, path, why, sizeof(why));
	close(fd);
	if ((err && (err != -EINVAL || !why[0])) || (!err && why[0]))
		abort();
	return err;
}

/* Each key is found by its id, and the keys as they are written are what was read, but for the case of digits. */
static void understood(const uint8_t *data, const struct key_ring *ring)
{
	struct key_ring back;
	char text[KEY_TEXT];
	size_t length = key_text(ring, text, sizeof(text));
	unsigned int i;

	if (!ring->n || ring->n > KEY_RING || strncasecmp((const char *)data, text, 2 * KEY_BYTES) ||
	    key_file((const uint8_t *)text, length, &back) || back.n != ring->n || !key_shared(ring, &back))
		abort();
	for (i = 0; i < ring->n; i++)
		if (key_find(ring, back.key[i].id) != &ring->key[i] ||
		    memcmp(back.key[i].bytes, ring->key[i].bytes, KEY_BYTES))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct key_ring ring;

	if (sodium_init() < 0)
		abort();
	if (!key_file(data, size, &ring))
		understood(data, &ring);
	return 0;
}
