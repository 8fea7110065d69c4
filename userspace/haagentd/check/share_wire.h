/* SPDX-License-Identifier: GPL-2.0 */
/* Results of health checks on the wire, from the holder of a vip to the other nodes: the record WIRE_RECORD_HEALTH. */
#ifndef HAAGENTD_SHARE_WIRE_H
#define HAAGENTD_SHARE_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "rise_fall.h"

/*
 * The record begins with the size of an entry, bytes (2). A later release can append to each entry. An entry:
 *
 *	key	8	of the check, see share_key()
 *	health	1	JUDGE_UP or JUDGE_DOWN
 *	share	1	1 to 100, percent; 0: none is known; entries of an earlier release lack it
 */
#define SHARE_HEAD	2
#define SHARE_ENTRY	10
#define SHARE_LEAST	9	/* size of an entry of an earlier release */

/**
 * struct share_entry - the health that the checks of a member have found
 * @key:	the check
 * @health:	the health
 * @share:	the share that the member wants, percent; 0: none is known
 */
struct share_entry {
	uint64_t key;
	enum judge_health health;
	uint8_t share;
};

size_t share_begin(uint8_t *to);
size_t share_put(uint8_t *to, const struct share_entry *entry);
size_t share_get(const uint8_t *from, size_t size, size_t *at, struct share_entry *entry);

#endif
