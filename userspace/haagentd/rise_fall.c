// SPDX-License-Identifier: GPL-2.0
/* Rise and fall: how a row of check results changes the health of a member. */
#include "rise_fall.h"

/**
 * judge_result - handle the result of one check
 * @j:		health of the member
 * @good:	whether the check succeeded
 *
 * The health is unknown until the first complete row. Until then the module keeps
 * the health that an earlier agent or an operator has set.
 *
 * Return: whether the health has changed
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
