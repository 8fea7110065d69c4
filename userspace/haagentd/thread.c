// SPDX-License-Identifier: GPL-2.0
/* A thread of the agent: small, and deaf to signals. */
#include <malloc.h>
#include <signal.h>
#include <stddef.h>

#include "thread.h"

/*
 * The agent locks its memory, so a stack takes all of its size, and so does what malloc() sets aside for each thread. When
 * the agent is killed, the kernel frees that memory before it closes the sockets, and only with these do the leases end.
 */
#define STACK	(128 * 1024)
#define ARENAS	1

/**
 * thread_begin - begin a thread
 * @thread:	set
 * @work:	what it does; signals are for the loop, not for it
 * @arg:	for @work
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
