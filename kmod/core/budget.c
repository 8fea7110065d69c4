// SPDX-License-Identifier: GPL-2.0
/* What a network namespace of a container may use of the host. */
#include <linux/rcupdate.h>
#include <linux/time64.h>

#include "budget.h"

/* Intervals at which timers poll devices, ns. */
#define HASW_BUDGET_TICK NSEC_PER_MSEC
#define HASW_BUDGET_TICK_LIMITED (10 * NSEC_PER_MSEC)

/**
 * hasw_budget_tick() - returns the interval at which timers poll devices
 * @hn: namespace
 *
 * Context: any.
 * Return: the interval, ns.
 */
u64 hasw_budget_tick(const struct hasw_net *hn)
{
	return hasw_budget_limited(hn) ? HASW_BUDGET_TICK_LIMITED :
					 HASW_BUDGET_TICK;
}

/**
 * hasw_budget_sync() - waits for an RCU grace period
 * @hn: namespace that waits
 *
 * An expedited grace period interrupts all CPUs. So a container waits for a
 * normal one, which takes some 10 ms longer.
 *
 * Context: process, may sleep.
 */
void hasw_budget_sync(const struct hasw_net *hn)
{
	if (hasw_budget_limited(hn))
		synchronize_rcu();
	else
		synchronize_rcu_expedited();
}
