/* SPDX-License-Identifier: GPL-2.0 */
/* High-resolution timers between kernels 6.1 and 7.2, under one name. */
#ifndef HASW_COMPAT_HRTIMER_H
#define HASW_COMPAT_HRTIMER_H

#include <linux/hrtimer.h>
#include <linux/version.h>

/**
 * hasw_hrtimer_setup() - makes a timer that fires in softirq, by CLOCK_BOOTTIME
 * @timer: the timer
 * @fire: what it does
 */
static inline void
hasw_hrtimer_setup(struct hrtimer *timer,
		   enum hrtimer_restart (*fire)(struct hrtimer *))
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
	hrtimer_init(timer, CLOCK_BOOTTIME, HRTIMER_MODE_ABS_SOFT);
	timer->function = fire;
#else
	hrtimer_setup(timer, fire, CLOCK_BOOTTIME, HRTIMER_MODE_ABS_SOFT);
#endif
}

#endif
