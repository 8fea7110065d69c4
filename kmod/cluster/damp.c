// SPDX-License-Identifier: GPL-2.0
/* The penalty of a node that dies again and again, which time makes smaller. */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/time64.h>

#include "damp.h"

/* Time is counted in steps, this many to a half-life: the error is at most one
 * step's decay, 2.2 %, and always towards the larger penalty.
 */
#define HASW_DAMP_STEPS 32
#define HASW_DAMP_STEP (HASW_DAMP_HALF_LIFE * NSEC_PER_SEC / HASW_DAMP_STEPS)

/* What remains of 65536 after so many steps: 65536 * 2^(-i/32). */
static const u32 hasw_damp_left[HASW_DAMP_STEPS] = {
	65536, 64132, 62757, 61413, 60097, 58809, 57549, 56316,
	55109, 53928, 52773, 51642, 50535, 49452, 48393, 47356,
	46341, 45348, 44376, 43425, 42495, 41584, 40693, 39821,
	38968, 38133, 37316, 36516, 35734, 34968, 34219, 33486,
};

static u32 hasw_damp_decay(u32 penalty, u64 steps)
{
	u64 halves = steps / HASW_DAMP_STEPS;

	if (halves >= 32)
		return 0;
	return ((u64)penalty * hasw_damp_left[steps % HASW_DAMP_STEPS] >> 16) >>
	       halves;
}

/* How many whole steps have passed. A clock that went back has not moved. */
static u64 hasw_damp_steps(const struct hasw_damp *damp, u64 now)
{
	return now > damp->at ? div64_u64(now - damp->at, HASW_DAMP_STEP) : 0;
}

/**
 * hasw_damp_penalty() - the penalty as it is now
 * @damp: deaths of a node
 * @now: ns
 *
 * Context: any; the lock of the node held.
 */
u32 hasw_damp_penalty(const struct hasw_damp *damp, u64 now)
{
	return hasw_damp_decay(damp->penalty, hasw_damp_steps(damp, now));
}

/**
 * hasw_damp_death() - adds a death
 * @damp: deaths of a node
 * @now: when it died, ns
 *
 * Context: any; the lock of the node held.
 */
void hasw_damp_death(struct hasw_damp *damp, u64 now)
{
	u64 steps = hasw_damp_steps(damp, now);
	u32 left = hasw_damp_decay(damp->penalty, steps);

	/* What is left of the step is not forgotten, or deaths that follow each
	 * other within one would stop the decay.
	 */
	damp->at = damp->penalty ? damp->at + steps * HASW_DAMP_STEP : now;
	damp->penalty = min_t(u32, left + HASW_DAMP_DEATH, HASW_DAMP_MAX);
	if (damp->penalty > HASW_DAMP_SUPPRESS)
		damp->suppressed = true;
}

/**
 * hasw_damp_suppressed() - whether the node is to stay held for its deaths
 * @damp: deaths of a node; notes that it no longer is
 * @now: ns
 *
 * Context: any; the lock of the node held.
 */
bool hasw_damp_suppressed(struct hasw_damp *damp, u64 now)
{
	if (hasw_damp_penalty(damp, now) < HASW_DAMP_REUSE)
		damp->suppressed = false;
	return damp->suppressed;
}

/**
 * hasw_damp_reuse() - when a suppressed node no longer is, without another death
 * @damp: deaths of a node
 *
 * Context: any; the lock of the node held.
 * Return: ns.
 */
u64 hasw_damp_reuse(const struct hasw_damp *damp)
{
	u64 steps = 0;

	/* HASW_DAMP_MAX is 8 times HASW_DAMP_REUSE: three half-lives. */
	while (hasw_damp_decay(damp->penalty, steps) >= HASW_DAMP_REUSE)
		steps++;
	return damp->at + steps * HASW_DAMP_STEP;
}
