/* SPDX-License-Identifier: GPL-2.0 */
/* The agent's clock, CLOCK_BOOTTIME, and wall time. Functions without I/O do not read the clock: the caller passes the time. */
#ifndef HAAGENTD_CLOCK_H
#define HAAGENTD_CLOCK_H

#include <stdint.h>
#include <sys/time.h>
#include <time.h>

#define CLOCK_MS	UINT64_C(1000000)
#define CLOCK_SECOND	UINT64_C(1000000000)

/* The module also uses CLOCK_BOOTTIME, which goes on while the machine is suspended. */
static inline uint64_t clock_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * CLOCK_SECOND + (uint64_t)ts.tv_nsec;
}

/* Wall time, which can be set: CLOCK_REALTIME, ns since 1970. */
static inline uint64_t clock_wall(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * CLOCK_SECOND + (uint64_t)ts.tv_nsec;
}

static inline struct timeval clock_span(uint64_t ns)
{
	return (struct timeval){
		.tv_sec = (time_t)(ns / CLOCK_SECOND),
		.tv_usec = (suseconds_t)(ns % CLOCK_SECOND / 1000),
	};
}

#endif
