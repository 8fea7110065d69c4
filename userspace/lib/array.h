/* SPDX-License-Identifier: GPL-2.0 */
/* Arrays that grow. */

#ifndef HASW_ARRAY_H
#define HASW_ARRAY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define HASW_ARRAY_FIRST 64	/* elements that an array has room for at first */

/*
 * Grows an array if it is full. ARRAY points to the pointer to the first of USED elements of EACH bytes, and *SIZE is the
 * number of elements that the array has room for. Returns false when out of memory, with nothing changed.
 */
static inline bool hasw_array_room(void *array, uint32_t used, uint32_t *size, size_t each)
{
	void **items = array;
	uint32_t wanted = *size ? *size * 2 : HASW_ARRAY_FIRST;
	void *bigger;

	if (used < *size)
		return true;
	bigger = realloc(*items, wanted * each);
	if (!bigger)
		return false;
	*items = bigger;
	*size = wanted;
	return true;
}

#endif
