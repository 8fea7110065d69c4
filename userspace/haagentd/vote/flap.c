// SPDX-License-Identifier: GPL-2.0
/* Flap damping: each further loss in a short time doubles a returned node's wait for leases. */
#include "flap.h"

/**
 * flap_penalty - compute the decayed penalty at a given time
 * @f:		the penalty of past losses
 * @now:	the time, ns; if it is before the last loss, the penalty has not decayed
 *
 * The penalty halves in each FLAP_HALF_LIFE, and falls linearly within it.
 *
 * Return: the penalty
 */
uint32_t flap_penalty(const struct flap *f, uint64_t now)
{
	uint64_t passed = now > f->at ? now - f->at : 0;
	uint64_t halves = passed / FLAP_HALF_LIFE;
	uint32_t left;

	if (halves >= 32)
		return 0;
	left = f->penalty >> halves;
	return left - (uint32_t)(left * (passed % FLAP_HALF_LIFE) / (2 * FLAP_HALF_LIFE));
}

/**
 * flap_loss - add a loss to the penalty
 * @f:		the penalty of past losses
 * @now:	time of the loss, ns
 */
void flap_loss(struct flap *f, uint64_t now)
{
	uint32_t penalty = flap_penalty(f, now) + FLAP_LOSS;

	f->penalty = penalty < FLAP_MAX ? penalty : FLAP_MAX;
	f->at = now;
}

/**
 * flap_wait - compute how long a node that has returned must wait for leases
 * @f:		the penalty of past losses
 * @back:	time of the return, ns
 * @usual:	the wait after a first loss, ns
 *
 * Return: the wait, ns. After one loss, or if @usual is at least FLAP_MOST, the wait is @usual.
 * After several losses within a short time, the wait begins at the larger one of @usual and
 * FLAP_LEAST. Each loss after the first doubles it, up to FLAP_MOST
 */
uint64_t flap_wait(const struct flap *f, uint64_t back, uint64_t usual)
{
	uint32_t losses = (flap_penalty(f, back) + FLAP_LOSS / 2) / FLAP_LOSS;
	uint64_t wait = usual > FLAP_LEAST ? usual : FLAP_LEAST;

	if (losses < 2 || usual >= FLAP_MOST)
		return usual;
	/* FLAP_MAX is the penalty of 8 losses, so the shift is at most 7. */
	wait = wait << (losses - 1);
	return wait < FLAP_MOST ? wait : FLAP_MOST;
}
