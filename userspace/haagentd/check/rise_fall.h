/* SPDX-License-Identifier: GPL-2.0 */
/* The health of a member, which changes after several equal check results in a row (settings `rise` and `fall`). */
#ifndef HAAGENTD_JUDGE_H
#define HAAGENTD_JUDGE_H

#include <stdbool.h>

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

bool judge_result(struct judge *j, bool good);

#endif
