/* SPDX-License-Identifier: GPL-2.0 */
/* Flap damping: each further loss in a short time doubles a returned node's wait for leases. */
#ifndef HAAGENTD_FLAP_H
#define HAAGENTD_FLAP_H

#include <stdint.h>

/* The penalty is computed as in the module (kmod/cluster/damp.h), but the waits differ from the module's. */
#define FLAP_LOSS	1000	/* penalty of one loss */
#define FLAP_MAX	8000	/* largest penalty */
#define FLAP_HALF_LIFE	(60 * UINT64_C(1000000000))
#define FLAP_LEAST	(5 * UINT64_C(1000000000))	/* smallest wait that is doubled, ns */
#define FLAP_MOST	(180 * UINT64_C(1000000000))	/* longest wait, ns, unless the usual wait is longer */

/**
 * struct flap - the decaying penalty of past losses
 * @at:		time at which @penalty was computed, ns
 * @penalty:	the penalty at time @at; it decays afterwards
 */
struct flap {
	uint64_t at;
	uint32_t penalty;
};

uint32_t flap_penalty(const struct flap *f, uint64_t now);
void flap_loss(struct flap *f, uint64_t now);
uint64_t flap_wait(const struct flap *f, uint64_t back, uint64_t usual);

#endif
