// SPDX-License-Identifier: GPL-2.0
/* Chance, clocks and the network of the model. */
#include "model.h"

#define MILLION 1000000ULL

/* splitmix64: a seed is a schedule. */
static u64 next_random(void)
{
	u64 z = world.random += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

u64 chance(u64 below)
{
	return below ? next_random() % below : 0;
}

int per_thousand(unsigned int n)
{
	return chance(1000) < n;
}

u64 local_time(const struct node *n)
{
	return n->clock.base + (world.now - n->clock.since) * (MILLION + n->clock.ppm) / MILLION;
}

/* The first moment at which the clock shows that; now, if it does already. */
u64 true_time(const struct node *n, u64 local)
{
	u64 rate = MILLION + n->clock.ppm, at;

	if (local <= n->clock.base)
		return n->clock.since;
	at = n->clock.since + ((local - n->clock.base) * MILLION + rate - 1) / rate;
	return at;
}

/* From now on it runs at another rate, without a jump. */
void clock_set(struct node *n, long ppm)
{
	n->clock.base = local_time(n);
	n->clock.since = world.now;
	n->clock.ppm = ppm;
}

int some_lease(void)
{
	return world.leases > 1 ? (int)chance((u64)world.leases) : 0;
}

static void deliver_at(u64 at, int from, int to, const struct hasw_vote_msg *m)
{
	struct event *e = event_add(at, EVENT_MESSAGE, to);

	e->from = from;
	/* A claim is no message of the vote, and what a node says to itself is not sent. */
	if (m->type >= HASW_VOTE_TYPES || from == to)
		e->msg = *m;
	else
		codec_message(m, &e->msg);
}

static u64 delay(void)
{
	u64 d = world.delay + chance(world.spread);

	if (per_thousand(world.late))
		d += chance(per_thousand(300) ? 3000 * MS : 150 * MS);
	return d;
}

void net_send(int from, int to, const struct hasw_vote_msg *m)
{
	if (from == to) {
		deliver_at(world.now + 10 * US + chance(20 * US), from, to, m);
		return;
	}
	if (world.now < world.cut[from][to] || world.now < world.filter)
		return;
	if (!per_thousand(world.loss))
		deliver_at(world.now + delay() + (from == world.behind ? world.lag : 0), from, to, m);
	if (per_thousand(world.twice))
		deliver_at(world.now + delay(), from, to, m);
}

void trace_line(const char *format, ...)
{
	va_list args;

	printf("%12.6f ", (double)world.now / 1e9);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}
