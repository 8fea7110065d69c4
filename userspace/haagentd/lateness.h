/* SPDX-License-Identifier: GPL-2.0 */
/* Lateness: the worst recent delay of an event loop or of heartbeats, and the timeouts derived from it. */
#ifndef HAAGENTD_LATENESS_H
#define HAAGENTD_LATENESS_H

#include <stdint.h>

/* Length of the longest stall that is recorded, ns. Lateness extends no timeout beyond this length. */
#define LATENESS_MOST	UINT64_C(500000000)

/**
 * struct lateness - the worst recent stall, which decays over minutes
 * @worst:	length of the worst stall, halved each minute, ns; at most LATENESS_MOST
 * @recent:	length of the worst stall since @since, ns
 * @since:	when the current minute began, ns; 0: nothing was recorded yet
 */
struct lateness {
	uint64_t worst;
	uint64_t recent;
	uint64_t since;
};

void lateness_pass(struct lateness *l, uint64_t now);
void lateness_note(struct lateness *l, uint64_t late, uint64_t now);
uint64_t lateness_length(uint64_t worst, uint64_t renew, uint64_t least,
			 uint64_t most);
uint64_t lateness_suspect(uint64_t worst, uint64_t least, uint64_t most);

#endif
