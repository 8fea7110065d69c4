// SPDX-License-Identifier: GPL-2.0
/* How late something has been: grows at once, shrinks slowly; pure, with an injected clock. */
#include "lateness.h"

#define MINUTE	UINT64_C(60000000000)

/* What has been can be again, and worse. */
#define TIMES	3

/**
 * lateness_pass - let time pass
 * @l:		what is known
 * @now:	the time
 *
 * Each minute the worst becomes its half, or the worst of that minute.
 */
void lateness_pass(struct lateness *l, uint64_t now)
{
	if (!l->since)
		l->since = now;
	while (l->worst && now - l->since >= MINUTE) {
		l->worst /= 2;
		if (l->worst < l->recent)
			l->worst = l->recent;
		l->recent = 0;
		l->since += MINUTE;
	}
	if (now - l->since >= MINUTE)
		l->since = now;
}

/**
 * lateness_note - take in how late it was now
 * @l:		what is known
 * @late:	ns
 * @now:	the time
 *
 * No right outlives a stall of more than LATENESS_MOST, however long it is asked
 * for: that one is not taken in, as who was stopped once would be slow for minutes.
 */
void lateness_note(struct lateness *l, uint64_t late, uint64_t now)
{
	lateness_pass(l, now);
	if (late > LATENESS_MOST)
		return;
	if (l->recent < late)
		l->recent = late;
	if (l->worst < late)
		l->worst = late;
}

static uint64_t within(uint64_t span, uint64_t least, uint64_t most)
{
	if (span > most)
		span = most;
	return span < least ? least : span;
}

/**
 * lateness_length - for how long to ask for a lease
 * @worst:	the worst stall of the last minutes, ns
 * @renew:	between two renewals, ns
 * @least:	of a punctual machine, ns
 * @most:	of any, ns
 *
 * A right is as old as a renewal's interval, and half of that for its way, when a
 * stall begins.
 *
 * Return: so long that a stall of three times that ends before the lease does
 */
uint64_t lateness_length(uint64_t worst, uint64_t renew, uint64_t least,
			 uint64_t most)
{
	return within(TIMES * worst + renew + renew / 2, least, most);
}

/**
 * lateness_suspect - for how long a peer may be silent
 * @worst:	the worst of this node's stalls and of that peer's, ns
 * @least:	where both are punctual, ns
 * @most:	of any, ns
 *
 * Return: ns
 */
uint64_t lateness_suspect(uint64_t worst, uint64_t least, uint64_t most)
{
	return within(TIMES * worst, least, most);
}
