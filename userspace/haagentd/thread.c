// SPDX-License-Identifier: GPL-2.0
/* Threads of the agent, with small stacks and all signals blocked. */
#include <malloc.h>
#include <signal.h>
#include <stddef.h>

#include "thread.h"

/*
 * The agent locks its memory, so each thread's stack and malloc() arena is fully resident. When the agent is killed,
 * the kernel frees this memory before it closes the sockets to which the grants are tied. The less memory there is, the
 * sooner the grants end.
 */
#define STACK	(64 * 1024)
#define ARENAS	1

/**
 * thread_begin - start a thread
 * @thread:	set to the thread
 * @work:	function that the thread runs, with all signals blocked
 * @arg:	passed to @work
 *
 * Return: 0 or a negative errno
 */
int thread_begin(pthread_t *thread, void *(*work)(void *arg), void *arg)
{
	sigset_t all, before;
	pthread_attr_t attr;
	int err;

	mallopt(M_ARENA_MAX, ARENAS);
	err = pthread_attr_init(&attr);
	if (err)
		return -err;
	err = pthread_attr_setstacksize(&attr, STACK);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (!err)
		err = pthread_create(thread, &attr, work, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return -err;
}
