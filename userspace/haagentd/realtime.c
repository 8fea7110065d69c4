// SPDX-License-Identifier: GPL-2.0
/* Being on time: asks for SCHED_RR and for memory that is never paged out. */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>

#include "log.h"
#include "realtime.h"

/* Above ordinary programs, below the kernel's own real-time threads. */
#define RR_PRIORITY	20

/**
 * realtime_enter - ask the kernel to run this agent on time
 *
 * The agent also runs without; it says so, because a busy host may then make
 * its heartbeats late.
 */
void realtime_enter(void)
{
	struct sched_param param = { .sched_priority = RR_PRIORITY };

	/* Commands that the agent starts are to be ordinary programs. */
	if (sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &param))
		log_warning("no real-time scheduling (%s); heartbeats may be late when this host is busy. Needs CAP_SYS_NICE",
			    strerror(errno));
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		log_warning("memory is not locked (%s); heartbeats may be late when this host is short of memory. Needs CAP_IPC_LOCK or LimitMEMLOCK=infinity",
			    strerror(errno));
}
