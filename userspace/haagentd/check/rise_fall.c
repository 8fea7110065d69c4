// SPDX-License-Identifier: GPL-2.0
/* The health of a member and its share, which change after several results in a row (settings `rise` and `fall`). */
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

/**
 * judge_share - handle the share that a member has said in one check
 * @s:		the share of the member
 * @j:		has `rise` and `fall`
 * @said:	what it has said, 1 to 100, percent
 *
 * After @j->fall results below the share, or @j->rise above it, the share becomes the one of them that is nearest. A
 * server whose figure trembles around its share thus changes nothing.
 *
 * Return: whether the share has changed
 */
bool judge_share(struct judge_share *s, const struct judge *j, uint8_t said)
{
	uint8_t from = s->is ? s->is : 100;
	int way = said < from ? -1 : said > from || !s->is;

	if (way != s->way || !s->row) {
		s->way = way;
		s->row = 0;
		s->next = said;
	}
	if (!way)
		return false;
	if (way < 0 ? said > s->next : said < s->next)
		s->next = said;
	if (++s->row < (way < 0 ? j->fall : j->rise))
		return false;
	s->row = 0;
	s->is = s->next;
	return true;
}
