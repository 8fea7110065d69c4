// SPDX-License-Identifier: GPL-2.0
/* Notify commands: their arguments, and the log of their failures. */
#include <string.h>

#include "clock.h"
#include "log.h"
#include "notify.h"

/*
 * Counts a dropped command. The first dropped command is logged at once; notify_done() later logs how many were
 * dropped.
 */
static void dropped(struct notify *n)
{
	if (!n->dropped++)
		log_warning("notify commands cannot be begun: too many wait for one that does not end, or there is no worker process");
}

/**
 * notify_done - handle the result of a notify command
 * @n:		the notify commands
 * @result:	the result
 */
void notify_done(struct notify *n, const struct worker_result *result)
{
	switch (result->end) {
	case WORKER_REFUSED:
		dropped(n);
		return;
	case WORKER_NOT_BEGUN:
		log_warning("notify command %s was not begun: %s", result->program,
			    strerror(result->code));
		break;
	case WORKER_KILLED:
		log_warning("notify command %s was killed by signal %d",
			    result->program, result->code);
		break;
	case WORKER_TIMED_OUT:
		log_warning("notify command %s was ended, for it ran longer than %llu ms",
			    result->program,
			    (unsigned long long)(result->timeout / CLOCK_MS));
		break;
	case WORKER_ENDED:
		if (result->code)
			log_warning("notify command %s ended with code %d",
				    result->program, result->code);
		break;
	}
	if (n->dropped)
		log_warning("%u notify command%s not begun", n->dropped,
			    n->dropped == 1 ? " was" : "s were");
	n->dropped = 0;
}

/**
 * notify_lost - log how many notify commands were lost because the worker process ended
 * @n:		the notify commands
 * @lost:	number of notify commands without a result
 */
void notify_lost(struct notify *n, unsigned int lost)
{
	(void)n;
	if (lost)
		log_warning("%u notify command%s lost with it; one that ran goes on, but nobody watches it",
			    lost, lost == 1 ? " was" : "s were");
}

/**
 * notify_run - run every notify command with the given arguments
 * @n:		the notify commands
 * @what:	kind of the event: the first argument
 * @a:		second argument: the object of the event, such as a node or lease
 * @b:		third argument, or NULL
 * @c:		fourth argument, or NULL
 */
void notify_run(struct notify *n, const char *what, const char *a,
		const char *b, const char *c)
{
	unsigned int i;

	for (i = 0; i < n->conf->n_hooks; i++) {
		const char *const words[] = {
			n->conf->hooks[i], what, a, b, c, NULL,
		};

		if (!worker_run(n->worker, words, n->conf->notify_time))
			dropped(n);
	}
}
