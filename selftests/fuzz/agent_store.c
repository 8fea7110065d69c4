// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing the voter's file: its two slots, of which the newest good one is read.
 *
 * The first byte of the input says how the rest is used. Each half of it begins a slot, whose beginning, sequence and
 * length are made right, with a checksum that fits, where FIX_0 and FIX_1 say so.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "haagentd/bytes.h"
#include "haagentd/vote/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FIX_0	1
#define FIX_1	2
#define CUT	4	/* the file ends within its second slot */

/* The head of a slot, see store.c. */
#define AT_SEQUENCE	8
#define AT_SIZE		16
#define AT_CHECKSUM	24

static char path[64];
static int file;

/* All inputs share one file. */
static void begin(void)
{
	if (path[0])
		return;
	file = memfd_create("voter", MFD_CLOEXEC);
	if (file < 0 || sodium_init() < 0)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
}

static void fix(uint8_t *slot, size_t size)
{
	crypto_generichash_state state;

	memcpy(slot, "HaSwVot1", 8);
	bytes_put(slot + AT_SEQUENCE, slot[AT_SEQUENCE], 8);
	bytes_put(slot + AT_SIZE, size, 8);
	crypto_generichash_init(&state, NULL, 0, STORE_HEAD - AT_CHECKSUM);
	crypto_generichash_update(&state, slot, AT_CHECKSUM);
	crypto_generichash_update(&state, slot + STORE_HEAD, size);
	crypto_generichash_final(&state, slot + AT_CHECKSUM, STORE_HEAD - AT_CHECKSUM);
}

static uint64_t sequence(const uint8_t *slot)
{
	return bytes_get(slot + AT_SEQUENCE, 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t slots[2 * STORE_SLOT], image[STORE_IMAGE];
	uint8_t *other = slots + STORE_SLOT, *newer;
	size_t half, inside, found, length = sizeof(slots);

	if (!size)
		return 0;
	begin();
	half = (size - 1) / 2 < STORE_SLOT ? (size - 1) / 2 : STORE_SLOT;
	inside = half > STORE_HEAD ? half - STORE_HEAD : 0;
	memset(slots, 0, sizeof(slots));
	memcpy(slots, data + 1, half);
	memcpy(other, data + 1 + half, half);
	if (data[0] & FIX_0)
		fix(slots, inside);
	if (data[0] & FIX_1)
		fix(other, inside);
	if (data[0] & CUT)
		length -= 1 + half % STORE_SLOT;
	if (ftruncate(file, 0) || pwrite(file, slots, length, 0) != (ssize_t)length)
		abort();
	found = store_peek(path, image);
	if (found > STORE_IMAGE)
		abort();
	/* Of two good slots, the newer one is read, and what it has. A slot that ends too early is none. */
	newer = sequence(other) > sequence(slots) ? other : slots;
	if ((data[0] & (FIX_0 | FIX_1 | CUT)) == (FIX_0 | FIX_1) &&
	    (found != inside || memcmp(image, newer + STORE_HEAD, inside)))
		abort();
	return 0;
}
