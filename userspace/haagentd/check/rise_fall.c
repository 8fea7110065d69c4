// SPDX-License-Identifier: GPL-2.0
/* The health of a member, which changes after several equal check results in a row (settings `rise` and `fall`). */
#include "rise_fall.h"

/**
 * judge_result - handle the result of one check
 * @j:		health of the member
 * @good:	whether the check succeeded
 *
 * The health stays unknown until there were @j->rise successes or @j->fall failures in
 * a row. Until then the module keeps the health that an earlier agent or an operator
 * has set.
 *
 * Return: whether the member's health has changed
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
