/* SPDX-License-Identifier: GPL-2.0 */
/* Rise and fall: how single check results become a health. */
#ifndef HAAGENTD_JUDGE_H
#define HAAGENTD_JUDGE_H

#include <stdbool.h>

enum judge_health {
	JUDGE_UNKNOWN,		/* not enough results yet */
	JUDGE_UP,
	JUDGE_DOWN,
};

/**
 * struct judge - one member's health, as its checks tell it
 * @rise:	successes in a row that make it up
 * @fall:	failures in a row that make it down
 * @row:	length of the row now, at most the larger of both
 * @good:	what the row consists of
 * @health:	the judgement
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
