// SPDX-License-Identifier: GPL-2.0
/* Preloaded: a program has a wall clock that is HASW_CLOCK seconds ahead. All else goes by the real one. */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *now)
{
	static int (*real)(clockid_t, struct timespec *);
	const char *ahead = getenv("HASW_CLOCK");
	int ret;

	if (!real)
		real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	ret = real(clock, now);
	if (!ret && clock == CLOCK_REALTIME && ahead)
		now->tv_sec += atol(ahead);
	return ret;
}

time_t time(time_t *to)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (to)
		*to = now.tv_sec;
	return now.tv_sec;
}
