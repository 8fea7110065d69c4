/* SPDX-License-Identifier: GPL-2.0 */
/* Wrappers for timer interfaces that differ between kernels 6.1 and 7.2. */
#ifndef HASW_COMPAT_TIMER_H
#define HASW_COMPAT_TIMER_H

#include <linux/hrtimer.h>
#include <linux/version.h>

/**
 * hasw_hrtimer_setup() - sets up a high-resolution timer
 * @timer: the timer
 * @function: handler of the timer
 * @clock: clock of the timer, such as CLOCK_MONOTONIC
 * @mode: mode in which the timer will be started
 *
 * Before 6.13, hrtimer_init() does not set the handler, so this function sets
 * it.
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
