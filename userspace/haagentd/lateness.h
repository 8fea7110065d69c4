/* SPDX-License-Identifier: GPL-2.0 */
/* How late something has been in the last minutes, and the times that follow from it. */
#ifndef HAAGENTD_LATENESS_H
#define HAAGENTD_LATENESS_H

#include <stdint.h>

/* Nothing is waited for any longer, so what was later than that is left out. */
#define LATENESS_MOST	UINT64_C(500000000)

/**
 * struct lateness - the worst of the last minutes
 * @worst:	that, ns; at most LATENESS_MOST
 * @recent:	the worst since @since
 * @since:	when the minute began that lasts, 0: nothing was noted yet
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
