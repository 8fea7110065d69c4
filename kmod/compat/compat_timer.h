/* SPDX-License-Identifier: GPL-2.0 */
/* What kernels spell differently about timers. */
#ifndef HASW_COMPAT_TIMER_H
#define HASW_COMPAT_TIMER_H

#include <linux/hrtimer.h>
#include <linux/version.h>

/**
 * hasw_hrtimer_setup() - makes a high-resolution timer
 * @timer: the timer
 * @function: what it does
 * @clock: CLOCK_MONOTONIC and its like
 * @mode: how it will be started
 *
 * Until 6.12 the function was set apart.
 */
static inline void
hasw_hrtimer_setup(struct hrtimer *timer,
		   enum hrtimer_restart (*function)(struct hrtimer *timer),
		   clockid_t clock, enum hrtimer_mode mode)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(timer, function, clock, mode);
#else
	hrtimer_init(timer, clock, mode);
	timer->function = function;
#endif
}

#endif
