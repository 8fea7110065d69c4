// SPDX-License-Identifier: GPL-2.0
/* The penalty of a node, which grows with each death and decays with time. */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/time64.h>

#include "damp.h"

/* The decay is computed in steps, HASW_DAMP_STEPS to a half-life. The error is
 * at most one step's decay, 2.2 %, and always towards the larger penalty.
 */
#define HASW_DAMP_STEPS 32
#define HASW_DAMP_STEP (HASW_DAMP_HALF_LIFE * NSEC_PER_SEC / HASW_DAMP_STEPS)

/* Entry i is the rest of 65536 after i steps: 65536 * 2^(-i/32). */
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

/* Returns the whole steps since damp->at; 0 if @now is before damp->at. */
static u64 hasw_damp_steps(const struct hasw_damp *damp, u64 now)
{
	return now > damp->at ? div64_u64(now - damp->at, HASW_DAMP_STEP) : 0;
}

/**
 * hasw_damp_penalty() - the decayed penalty of a node
 * @damp: penalty of a node
 * @now: ns
 *
 * Context: any; the lock of the node held.
 */
u32 hasw_damp_penalty(const struct hasw_damp *damp, u64 now)
{
	return hasw_damp_decay(damp->penalty, hasw_damp_steps(damp, now));
}

/**
 * hasw_damp_death() - adds a death to the penalty of a node
 * @damp: penalty of a node
 * @now: when it died, ns
 *
 * Context: any; the lock of the node held.
 */
void hasw_damp_death(struct hasw_damp *damp, u64 now)
{
	u64 steps = hasw_damp_steps(damp, now);
	u32 left = hasw_damp_decay(damp->penalty, steps);

	/* The current step began at damp->at and goes on. Restarted by each
	 * death, it would never end while deaths follow within one step.
	 */
	damp->at = damp->penalty ? damp->at + steps * HASW_DAMP_STEP : now;
	damp->penalty = min_t(u32, left + HASW_DAMP_DEATH, HASW_DAMP_MAX);
	if (damp->penalty > HASW_DAMP_SUPPRESS)
		damp->suppressed = true;
}

/**
 * hasw_damp_suppressed() - whether the penalty keeps the node held
 * @damp: penalty of a node; @suppressed is cleared below HASW_DAMP_REUSE
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
 * hasw_damp_reuse() - when the penalty of a node falls below HASW_DAMP_REUSE
 * @damp: penalty of a node
 *
 * Context: any; the lock of the node held.
 * Return: the time, ns, if no further death follows.
 */
u64 hasw_damp_reuse(const struct hasw_damp *damp)
{
	u64 steps = 0;

	/* HASW_DAMP_MAX is 8 times HASW_DAMP_REUSE: three half-lives. */
	while (hasw_damp_decay(damp->penalty, steps) >= HASW_DAMP_REUSE)
		steps++;
	return damp->at + steps * HASW_DAMP_STEP;
}
