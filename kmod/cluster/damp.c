// SPDX-License-Identifier: GPL-2.0
/* The penalty of a node grows with each death and decays with time. A node with
 * a high penalty is damped: when it returns, it stays held. Services use a held
 * node only if no better node is usable.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/time64.h>

#include "damp.h"

/* Number of steps into which the decay over one half-life is divided. A penalty
 * is computed at the start of a step, so it is too large by at most the decay
 * of one step, 2.2 %.
 */
#define HASW_DAMP_STEPS 32
#define HASW_DAMP_STEP (HASW_DAMP_HALF_LIFE * NSEC_PER_SEC / HASW_DAMP_STEPS)

/* Entry i is what is left of 65536 after i decay steps: 65536 * 2^(-i/32). */
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

/* Returns the number of full steps since damp->at; 0 if @now is before
 * damp->at.
 */
static u64 hasw_damp_steps(const struct hasw_damp *damp, u64 now)
{
	return now > damp->at ? div64_u64(now - damp->at, HASW_DAMP_STEP) : 0;
}

/**
 * hasw_damp_penalty() - computes a node's penalty after its decay until now
 * @damp: penalty of the node
 * @now: current time, ns
 *
 * Context: any, hasw_net.state_lock held.
 */
u32 hasw_damp_penalty(const struct hasw_damp *damp, u64 now)
{
	return hasw_damp_decay(damp->penalty, hasw_damp_steps(damp, now));
}

/**
 * hasw_damp_death() - adds a death to the penalty of a node
 * @damp: penalty of the node
 * @now: when the node died, ns
 *
 * Context: any, hasw_net.state_lock held.
 */
void hasw_damp_death(struct hasw_damp *damp, u64 now)
{
	u64 steps = hasw_damp_steps(damp, now);
	u32 left = hasw_damp_decay(damp->penalty, steps);

	/* After the first death, damp->at moves forward by full steps only, not
	 * to @now. Otherwise deaths less than one step apart would stop the
	 * decay.
	 */
	damp->at = damp->penalty ? damp->at + steps * HASW_DAMP_STEP : now;
	damp->penalty = min_t(u32, left + HASW_DAMP_DEATH, HASW_DAMP_MAX);
	if (damp->penalty > HASW_DAMP_SUPPRESS)
		damp->suppressed = true;
}

/**
 * hasw_damp_suppressed() - updates and returns whether a node is damped
 * @damp: penalty of the node; the function clears @suppressed if the penalty is
 *	below HASW_DAMP_REUSE
 * @now: current time, ns
 *
 * Context: any, hasw_net.state_lock held.
 * Return: whether the node is damped.
 */
bool hasw_damp_suppressed(struct hasw_damp *damp, u64 now)
{
	if (hasw_damp_penalty(damp, now) < HASW_DAMP_REUSE)
		damp->suppressed = false;
	return damp->suppressed;
}

/**
 * hasw_damp_reuse() - computes when a node's penalty falls below
 *	HASW_DAMP_REUSE
 * @damp: penalty of the node
 *
 * Context: any, hasw_net.state_lock held.
 * Return: the time, ns, provided that no further death follows.
 */
u64 hasw_damp_reuse(const struct hasw_damp *damp)
{
	u64 steps = 0;

	/* The loop has at most 3 * HASW_DAMP_STEPS + 1 rounds: HASW_DAMP_MAX is
	 * 8 times HASW_DAMP_REUSE, so the decay takes three half-lives.
	 */
	while (hasw_damp_decay(damp->penalty, steps) >= HASW_DAMP_REUSE)
		steps++;
	return damp->at + steps * HASW_DAMP_STEP;
}
