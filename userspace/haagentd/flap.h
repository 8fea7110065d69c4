/* SPDX-License-Identifier: GPL-2.0 */
/* Damping of what comes back again and again: each time it waits twice as long. */
#ifndef HAAGENTD_FLAP_H
#define HAAGENTD_FLAP_H

#include <stdint.h>

/* As the module damps nodes (kmod/cluster/damp.h), but for how long it waits. */
#define FLAP_LOSS	1000	/* added by each loss */
#define FLAP_MAX	8000
#define FLAP_HALF_LIFE	(60 * UINT64_C(1000000000))
#define FLAP_LEAST	(5 * UINT64_C(1000000000))	/* is doubled, even if the usual wait is less */
#define FLAP_MOST	(180 * UINT64_C(1000000000))	/* is never waited for longer, unless that is usual */

/**
 * struct flap - what the losses have added up to
 * @at:		for when @penalty is, ns
 * @penalty:	at that time
 */
struct flap {
	uint64_t at;
	uint32_t penalty;
};

uint32_t flap_penalty(const struct flap *f, uint64_t now);
void flap_loss(struct flap *f, uint64_t now);
uint64_t flap_wait(const struct flap *f, uint64_t back, uint64_t usual);

#endif
