// SPDX-License-Identifier: GPL-2.0
/* Real-time scheduling (SCHED_RR) and locked memory for the agent. */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "log.h"
#include "realtime.h"

/* With this priority the agent preempts normal tasks, but not the kernel's own real-time threads. */
#define RR_PRIORITY	20

/* With SCHED_RESET_ON_FORK, the agent's child processes run as normal tasks. */
static int on_time(void)
{
	struct sched_param param = { .sched_priority = RR_PRIORITY };

	return sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &param) ? errno : 0;
}

/**
 * realtime_enter - request real-time scheduling and locked memory
 *
 * A failure is logged and is not fatal. If one of the two is missing, a busy host can delay
 * the agent's heartbeats.
 */
void realtime_enter(void)
{
	int err = on_time();

	if (err)
		log_warning("no real-time scheduling (%s); heartbeats may be late when this host is busy. Needs CAP_SYS_NICE",
			    strerror(err));
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		log_warning("memory is not locked (%s); heartbeats may be late when this host is short of memory. Needs CAP_IPC_LOCK or LimitMEMLOCK=infinity",
			    strerror(errno));
}

/**
 * realtime_thread - request real-time scheduling for a thread for which the agent's loop waits
 *
 * Threads of a real-time process begin without it (SCHED_RESET_ON_FORK). A failure is not logged:
 * realtime_enter() has logged the same one.
 */
void realtime_thread(void)
{
	on_time();
}

/**
 * realtime_try - request real-time scheduling and locked memory for a witness, which can be unprivileged
 *
 * Only touched pages are locked (MCL_ONFAULT), so that the witness uses little memory. Unless RLIMIT_MEMLOCK is
 * unlimited, no memory is locked, because later allocations would fail at the limit.
 */
void realtime_try(void)
{
	struct rlimit limit = { 0 };
	int err = on_time();

	if (err)
		log_notice("no real-time scheduling (%s); votes may be late when this host is busy. LimitRTPRIO=%d, or ulimit -r %d, allows it",
			   strerror(err), RR_PRIORITY, RR_PRIORITY);
	if (getrlimit(RLIMIT_MEMLOCK, &limit) || limit.rlim_cur != RLIM_INFINITY)
		err = EPERM;
	else
		err = mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) ? errno : 0;
	if (err)
		log_notice("memory is not locked (%s); votes may be late when this host is short of memory. LimitMEMLOCK=infinity, or ulimit -l unlimited, allows it",
			   strerror(err));
}
