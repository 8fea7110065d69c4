// SPDX-License-Identifier: GPL-2.0
/* The lateness of an event loop or of heartbeats: a stall raises it at once, and it decays over minutes. */
#include "lateness.h"

#define MINUTE	UINT64_C(60000000000)

/* A timeout must outlast a stall of TIMES times the worst recent stall. */
#define TIMES	3

/**
 * lateness_pass - decay the recorded lateness
 * @l:		the lateness
 * @now:	the time
 *
 * Each minute, @l->worst is halved, but it does not fall below the worst stall of that
 * minute.
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
 * lateness_note - record that the loop or a heartbeat was late
 * @l:		the lateness
 * @late:	how late the loop or heartbeat was, ns
 * @now:	the time
 *
 * A stall longer than LATENESS_MOST is ignored, because grants of a usual length cannot
 * outlast it. If such a stall were recorded, a machine that was suspended once would be slow
 * to detect failures for minutes.
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
 * lateness_length - compute for how long a lease should be requested
 * @worst:	the worst recent stall, ns
 * @renew:	interval at which leases are renewed, ns
 * @least:	lower limit of the result, used for a punctual machine, ns
 * @most:	upper limit of the result, ns
 *
 * The lease must outlast a stall of three times @worst. When the stall begins, the lease
 * can be as old as one renewal interval, plus half an interval for the messages.
 *
 * Return: the length, ns
 */
uint64_t lateness_length(uint64_t worst, uint64_t renew, uint64_t least,
			 uint64_t most)
{
	return within(TIMES * worst + renew + renew / 2, least, most);
}

/**
 * lateness_suspect - compute how long a peer can be silent and still count as alive
 * @worst:	the worst stall of this node or of the peer, ns
 * @least:	lower limit of the result, used if both nodes are punctual, ns
 * @most:	upper limit of the result, ns
 *
 * Return: the suspect time, ns
 */
uint64_t lateness_suspect(uint64_t worst, uint64_t least, uint64_t most)
{
	return within(TIMES * worst, least, most);
}
