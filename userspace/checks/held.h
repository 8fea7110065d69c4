/* SPDX-License-Identifier: GPL-2.0 */
/* Connections to a server that hangs, which wait for its first byte. */
#ifndef CHECKS_HELD_H
#define CHECKS_HELD_H

#include <stdbool.h>
#include <stdint.h>

#include "haagentd/clock.h"

#define HELD_MOST	4	/* connections of a check that a server keeps in its queue */
#define HELD_AGAIN	(60 * CLOCK_SECOND)	/* after so long another one takes the place of the oldest */

/**
 * struct held - the connections of one check to a server that has not said a byte on them
 * @fds:	the sockets
 * @n:		their number
 * @last:	when the newest was kept
 */
struct held {
	int fds[HELD_MOST];
	unsigned int n;
	uint64_t last;
};

bool held_keep(struct held *h, int fd, bool answered, uint64_t now);
bool held_waits(struct held *h, uint64_t now);
void held_close(struct held *h);

#endif
