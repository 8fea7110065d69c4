// SPDX-License-Identifier: GPL-2.0
/* Damping of what comes back again and again: each time it waits twice as long. */
#include "flap.h"

/**
 * flap_penalty - the penalty as it is then
 * @f:		the losses
 * @now:	when, ns; a time before the last loss counts as that
 *
 * It halves with each half-life, and falls evenly within one.
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
 * flap_loss - it was lost once more
 * @f:		the losses
 * @now:	when, ns
 */
void flap_loss(struct flap *f, uint64_t now)
{
	uint32_t penalty = flap_penalty(f, now) + FLAP_LOSS;

	f->penalty = penalty < FLAP_MAX ? penalty : FLAP_MAX;
	f->at = now;
}

/**
 * flap_wait - how long to wait for what is back
 * @f:		its losses
 * @back:	since when it is back, ns
 * @usual:	how long after a first loss, ns
 *
 * Return: that; twice as long after a second loss in short time, and so on
 */
uint64_t flap_wait(const struct flap *f, uint64_t back, uint64_t usual)
{
	uint32_t losses = (flap_penalty(f, back) + FLAP_LOSS / 2) / FLAP_LOSS;
	uint64_t wait = usual > FLAP_LEAST ? usual : FLAP_LEAST;

	if (losses < 2 || usual >= FLAP_MOST)
		return usual;
	/* FLAP_MAX is 8 losses. */
	wait = wait << (losses - 1);
	return wait < FLAP_MOST ? wait : FLAP_MOST;
}
