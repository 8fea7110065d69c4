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
 * thread_lock_init - make a lock that the loop and a thread share
 * @lock:	initialized
 *
 * A thread of lower priority that holds the lock runs with the loop's priority while the loop waits for it.
 */
void thread_lock_init(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
	/* A kernel without such locks refuses it. */
	if (pthread_mutex_init(lock, &attr))
		pthread_mutex_init(lock, NULL);
	pthread_mutexattr_destroy(&attr);
}

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
