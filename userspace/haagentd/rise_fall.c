// SPDX-License-Identifier: GPL-2.0
/* Rise and fall: pure judgement of a row of check results. */
#include "rise_fall.h"

/**
 * judge_result - take in the result of one check
 * @j:		the member's judge
 * @good:	whether the check succeeded
 *
 * Nothing is said of a member before the first full row: what the module
 * has of it, from an earlier life of the agent or by hand, stays until then.
 *
 * Return: whether the health is another one now
 */
bool judge_result(struct judge *j, bool good)
{
	unsigned int need = good ? j->rise : j->fall;
	enum judge_health to = good ? JUDGE_UP : JUDGE_DOWN;

	if (good != j->good) {
		j->good = good;
		j->row = 0;
	}
	if (j->row < need)
		j->row++;
	if (j->row < need || j->health == to)
		return false;
	j->health = to;
	return true;
}
