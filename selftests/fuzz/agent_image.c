// SPDX-License-Identifier: GPL-2.0
/* Fuzzing a voter's image, as its file has it: what is understood is written in such a way that it means the same. */
#include <stdlib.h>
#include <string.h>

#include "haagentd/bytes.h"
#include "haagentd/vote/vote_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define AT_MAP		8	/* of these fields of the head, see vote_image.h */
#define AT_SET_MAP	64

#define MUST(what) do { \
	if (!(what)) \
		abort(); \
} while (0)

/* Each name that a map has is one. */
static void sound(const struct vote_map *map)
{
	unsigned int i;

	MUST(map->n <= HASW_VOTE_NODES);
	for (i = 0; i < map->n; i++)
		MUST(!map->names[i][0] || wire_name_valid(map->names[i]));
}

/* Both mean the same. Leases for which nodes have replied can be written in another order, or once. */
static bool same(const struct vote_image *a, const struct vote_image *b)
{
	struct vote_image one = *a, other = *b;

	memset(one.disk.met_lease, 0, sizeof(one.disk.met_lease));
	memset(other.disk.met_lease, 0, sizeof(other.disk.met_lease));
	one.disk.met_count = other.disk.met_count = 0;
	return !memcmp(&one, &other, sizeof(one));
}

/* What is written of it is read as what it was, and is written alike again. */
static void understood(const struct vote_image *image)
{
	uint8_t once[STORE_IMAGE], twice[STORE_IMAGE];
	struct vote_image back;
	size_t size;

	sound(&image->map);
	sound(&image->next);
	/* One of an early release has no voter set; its reader makes it. That nobody was met is not kept of leases. */
	if (!image->set.generation || (image->disk.met_count && !image->disk.met))
		return;
	size = vote_image_put(image, once);
	MUST(size <= sizeof(once) && !vote_image_get(once, size, &back) && same(image, &back));
	MUST(vote_image_put(&back, twice) == size && !memcmp(once, twice, size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vote_image image;
	uint8_t *bytes;

	if (!vote_image_get(data, size, &image))
		understood(&image);
	if (size < VOTE_IMAGE_HEAD)
		return 0;
	/* Nobody guesses the hashes of the maps, so they are put there. */
	bytes = malloc(size);
	MUST(bytes);
	memcpy(bytes, data, size);
	bytes_put(bytes + AT_SET_MAP, image.map.hash, 8);
	bytes_put(bytes + AT_MAP, image.next.hash, 8);
	if (!vote_image_get(bytes, size, &image))
		understood(&image);
	free(bytes);
	return 0;
}
