// SPDX-License-Identifier: GPL-2.0
/* The bytes of WIRE_RECORD_HEALTH. */
#include "haagentd/bytes.h"
#include "share_wire.h"

/**
 * share_begin - write the head of a record
 * @to:		receives it
 *
 * Return: its size, bytes
 */
size_t share_begin(uint8_t *to)
{
	bytes_put(to, SHARE_ENTRY, SHARE_HEAD);
	return SHARE_HEAD;
}

/**
 * share_put - write an entry
 * @to:		receives it
 * @entry:	the entry
 *
 * Return: its size, bytes
 */
size_t share_put(uint8_t *to, const struct share_entry *entry)
{
	bytes_put(to, entry->key, 8);
	to[8] = (uint8_t)entry->health;
	to[9] = entry->share;
	return SHARE_ENTRY;
}

/**
 * share_get - read the next entry
 * @from:	content of the record
 * @size:	its size, bytes
 * @at:		where the entry begins; 0 for the first one; moved to the next one
 * @entry:	receives the entry
 *
 * An entry with a health that this release does not know is passed over.
 *
 * Return: size of the entry, bytes; 0 if there is none any more
 */
size_t share_get(const uint8_t *from, size_t size, size_t *at, struct share_entry *entry)
{
	size_t each = size >= SHARE_HEAD ? (size_t)bytes_get(from, SHARE_HEAD) : 0;

	if (each < SHARE_LEAST)
		return 0;
	if (!*at)
		*at = SHARE_HEAD;
	while (size - *at >= each) {
		const uint8_t *one = from + *at;

		*at += each;
		if (one[8] != JUDGE_UP && one[8] != JUDGE_DOWN)
			continue;
		entry->key = bytes_get(one, 8);
		entry->health = (enum judge_health)one[8];
		entry->share = each >= SHARE_ENTRY && one[9] <= 100 ? one[9] : 0;
		return each;
	}
	return 0;
}
