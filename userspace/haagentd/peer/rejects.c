// SPDX-License-Identifier: GPL-2.0
/* Counters of refused packets by reason, and rate-limited reports of them. */
#include <stdio.h>

#include "rejects.h"

/* Minimum time between two reports about one sender, ns. */
#define REFUSED_PAUSE	UINT64_C(10000000000)

static const char *const words[REFUSED_WHYS] = {
	[REFUSED_FOREIGN] = "no heartbeats at all",
	[REFUSED_VERSION] = "of a release that this one cannot talk to",
	[REFUSED_MALFORMED] = "cut off or malformed",
	[REFUSED_ADDRESS] = "from an address that the configuration gives to no node on this path",
	[REFUSED_STRANGER] = "from a node that the configuration does not name",
	[REFUSED_SELF] = "claiming to be from this very node (is its name used twice?)",
	[REFUSED_MISDIRECTED] = "meant for another node (are addresses mixed up?)",
	[REFUSED_KEY] = "sealed with another key (do the key files differ?)",
	[REFUSED_FORGED] = "forged",
	[REFUSED_REPLAYED] = "replayed",
	[REFUSED_OLD] = "recorded in an earlier life",
};

/**
 * refused_count - count a packet that was refused
 * @r:		counters of the sender
 * @why:	the reason
 * @now:	the time
 */
void refused_count(struct refused *r, enum refused_why why, uint64_t now)
{
	r->total[why]++;
	/* A packet of another protocol version is no sign of forgery, so it does not set r->last. */
	if (why != REFUSED_VERSION)
		r->last = now;
}

/**
 * refused_due - mark a sender's refused packets as reported, and describe them as text
 * @r:		counters of the sender
 * @now:	the time
 * @text:	filled with the number of unreported refusals for each reason
 * @failure:	set to true if @text has a reason other than an incompatible version, else
 *		to false
 *
 * Return: whether the caller must report @text; false if there is no unreported refusal,
 * or if the last report is younger than REFUSED_PAUSE
 */
bool refused_due(struct refused *r, uint64_t now, char text[REFUSED_TEXT],
		 bool *failure)
{
	size_t at = 0;
	int why;

	*failure = false;
	if (r->when && now - r->when < REFUSED_PAUSE)
		return false;
	text[0] = 0;
	for (why = 0; why < REFUSED_WHYS; why++) {
		uint64_t n = r->total[why] - r->told[why];
		int put;

		if (!n || at >= REFUSED_TEXT)
			continue;
		put = snprintf(text + at, REFUSED_TEXT - at, "%s%llu %s",
			       at ? ", " : "", (unsigned long long)n, words[why]);
		at += (size_t)put;
		*failure |= why != REFUSED_VERSION;
		r->told[why] = r->total[why];
	}
	if (!at)
		return false;
	r->when = now;
	return true;
}

/**
 * refused_total - return how many packets of a sender were refused
 * @r:	counters of the sender
 *
 * Return: the number since the agent began
 */
uint64_t refused_total(const struct refused *r)
{
	uint64_t sum = 0;
	int why;

	for (why = 0; why < REFUSED_WHYS; why++)
		sum += r->total[why];
	return sum;
}

/**
 * refused_word - return the word of a reason, as `haadm agent show` has it
 * @why:	the reason
 *
 * Return: one word
 */
const char *refused_word(enum refused_why why)
{
	static const char *const short_words[REFUSED_WHYS] = {
		[REFUSED_FOREIGN] = "foreign",
		[REFUSED_VERSION] = "version",
		[REFUSED_MALFORMED] = "malformed",
		[REFUSED_ADDRESS] = "address",
		[REFUSED_STRANGER] = "stranger",
		[REFUSED_SELF] = "self",
		[REFUSED_MISDIRECTED] = "misdirected",
		[REFUSED_KEY] = "key",
		[REFUSED_FORGED] = "forged",
		[REFUSED_REPLAYED] = "replayed",
		[REFUSED_OLD] = "old",
	};

	return short_words[why];
}
