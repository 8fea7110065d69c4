// SPDX-License-Identifier: GPL-2.0
/* Threads of the agent, with small stacks and all signals blocked. */
#include <malloc.h>
#include <signal.h>
#include <stddef.h>

#include "haagentd/clock.h"
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
 * thread_cond_init - make a condition for which a limited wait does not depend on the time of day
 * @cond:	initialized; its waits end at times of thread_end()
 */
void thread_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

/**
 * thread_end - return the end of a limited wait for a condition
 * @ns:		time from now on, ns
 *
 * Return: for pthread_cond_timedwait()
 */
struct timespec thread_end(uint64_t ns)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	ns += (uint64_t)end.tv_nsec;
	end.tv_sec += (time_t)(ns / CLOCK_SECOND);
	end.tv_nsec = (long)(ns % CLOCK_SECOND);
	return end;
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
