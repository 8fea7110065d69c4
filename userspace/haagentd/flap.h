/* SPDX-License-Identifier: GPL-2.0 */
/* Flap damping: each further loss of a node within a short time doubles its next wait for a lease. */
#ifndef HAAGENTD_FLAP_H
#define HAAGENTD_FLAP_H

#include <stdint.h>

/* The penalty is computed as in the module's damping of nodes (kmod/cluster/damp.h). The waits differ. */
#define FLAP_LOSS	1000	/* added by each loss */
#define FLAP_MAX	8000	/* largest penalty */
#define FLAP_HALF_LIFE	(60 * UINT64_C(1000000000))
#define FLAP_LEAST	(5 * UINT64_C(1000000000))	/* the doubling starts from at least this wait, ns */
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
