/* SPDX-License-Identifier: GPL-2.0 */
/* The health of a member and its share, which change after several results in a row (settings `rise` and `fall`). */
#ifndef HAAGENTD_JUDGE_H
#define HAAGENTD_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

enum judge_health {
	JUDGE_UNKNOWN,		/* not enough results yet */
	JUDGE_UP,
	JUDGE_DOWN,
};

/**
 * struct judge - the health of one member by its checks
 * @rise:	successes in a row after which the member is up
 * @fall:	failures in a row after which the member is down
 * @row:	number of equal results in a row, up to now; not counted beyond @rise or
 *		@fall
 * @good:	the results that @row counts are successes
 * @health:	the resulting health
 */
struct judge {
	unsigned int rise;
	unsigned int fall;
	unsigned int row;
	bool good;
	enum judge_health health;
};

/**
 * struct judge_share - the share that a member wants, by what its checks find
 * @is:		the share, 1 to 100, percent; 0: not enough results yet
 * @way:	-1: the last results are below it; 1: above it, or whole while it is unknown
 * @row:	number of such results in a row
 * @next:	the one of them that is nearest to @is
 */
struct judge_share {
	uint8_t is;
	int way;
	unsigned int row;
	uint8_t next;
};

bool judge_result(struct judge *j, bool good);
bool judge_share(struct judge_share *s, const struct judge *j, uint8_t said);

#endif
