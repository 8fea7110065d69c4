// SPDX-License-Identifier: GPL-2.0
/* A thread that asks the module to end grants, and waits for the replies, and until the leases' routes are withdrawn. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "haagentd/clock.h"
#include "lease_stop.h"
#include "haagentd/privilege.h"
#include "haagentd/realtime.h"
#include "haagentd/thread.h"

/*
 * Wait after the end of a grant, ns. After this wait, no packet that the module accepted under the
 * grant is in flight. The wait is twice the margin of the vote (struct hasw_vote_times). SETTLE is
 * also the pause between two requests to end the same grant.
 */
#define SETTLE		(10 * CLOCK_MS)

/*
 * Longest wait for the routes of a lease to be withdrawn, after the module has ended the grant, ns. A router must not send
 * packets of the vip here when another node may hold the lease. But a kernel that is busy with its routes must not keep
 * the next holder from holding the lease.
 */
#define WITHDRAWN_MOST	(20 * CLOCK_MS)

/* Returns whether an errno means that the module does not have the grant. One of these is true:
 * the module is not loaded or was reloaded; the lease does not exist; the grant has expired; or a
 * grant under a higher epoch has replaced it.
 */
static bool has_nothing(int ret)
{
	return ret == -ENOENT || ret == -ESTALE || ret == -ENODATA;
}

static int release_once(struct lease_stop *s, const struct lease_stop_task *task)
{
	struct hasw_error err;
	int ret = 0;

	if (!s->sock.open)
		ret = lease_sock_open(&s->sock, &err);
	if (!ret)
		ret = lease_sock_release(&s->sock, task->lease, task->epoch,
					 task->to, &err);
	/*
	 * -ENODATA can mean that this node no longer holds the lease, and -ENOENT that the module
	 * does not know the node @task->to. A request without a next holder can still succeed.
	 */
	if (s->sock.open && (ret == -ENODATA || ret == -ENOENT) && *task->to)
		ret = lease_sock_release(&s->sock, task->lease, task->epoch, "",
					 &err);
	if (ret)
		lease_sock_close(&s->sock);
	return ret;
}

static bool is_stopped(struct lease_stop *s)
{
	bool stop;

	pthread_mutex_lock(&s->lock);
	stop = s->stop;
	pthread_mutex_unlock(&s->lock);
	return stop;
}

/*
 * Ends a grant. After an error, retries until the module has no such grant, @task->until has passed, or the thread must
 * exit. The agent then closes the socket to which the grant is tied, which ends the grant, too.
 */
static void release(struct lease_stop *s, const struct lease_stop_task *task)
{
	int ret;

	/* A grant whose reply the loop did not wait for must not come after its release. */
	calls_settle(s->granter, task->until);
	ret = release_once(s, task);

	while (ret && !has_nothing(ret) && clock_now() < task->until && !is_stopped(s)) {
		usleep(SETTLE / 1000);
		ret = release_once(s, task);
	}
	if (ret)
		usleep(SETTLE / 1000);
}

/* Moves the grants that have ended to @done. Returns when the next one ends in any case, or UINT64_MAX. */
static uint64_t finish(struct lease_stop *s)
{
	uint64_t now = clock_now(), next = UINT64_MAX, one = 1;
	unsigned int i, kept = 0;

	for (i = 0; i < s->n_todo; i++) {
		const struct lease_stop_task *task = &s->todo[i];

		if (task->released && (!task->routes || now >= task->until)) {
			s->done[s->n_done++] = task->slot;
			/* The loop reads the counter before it overflows. */
			if (write(s->event, &one, sizeof(one)) < 0)
				s->stop = true;
			continue;
		}
		if (task->released && task->until < next)
			next = task->until;
		s->todo[kept++] = *task;
	}
	s->n_todo = kept;
	return next;
}

/*
 * Releases the oldest grant that is not released yet. Only the loop adds tasks meanwhile, at the end. Returns whether
 * there was one. The caller holds the lock, which is given up meanwhile.
 */
static bool release_next(struct lease_stop *s)
{
	struct lease_stop_task task;
	unsigned int i;

	for (i = 0; i < s->n_todo && s->todo[i].released; i++)
		;
	if (i == s->n_todo)
		return false;
	task = s->todo[i];
	pthread_mutex_unlock(&s->lock);
	if (task.granted)
		release(s, &task);
	pthread_mutex_lock(&s->lock);
	s->todo[i].released = true;
	s->todo[i].routes = s->todo[i].routes && task.granted;
	s->todo[i].until = clock_now() + WITHDRAWN_MOST;
	return true;
}

static void *work(void *arg)
{
	struct lease_stop *s = arg;

	/* Capabilities and scheduling are per thread. Nobody serves from a release until the next holder's grant. */
	realtime_thread();
	privilege_drop();
	pthread_mutex_lock(&s->lock);
	while (!s->stop) {
		uint64_t next = finish(s), now = clock_now();
		struct timespec end;

		/* No lease that waits for its routes holds up the release of another one. */
		if (release_next(s))
			continue;
		if (next == UINT64_MAX) {
			pthread_cond_wait(&s->wake, &s->lock);
			continue;
		}
		end = thread_end(next > now ? next - now : 0);
		pthread_cond_timedwait(&s->wake, &s->lock, &end);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

/**
 * lease_stop_open - start the thread that ends grants
 * @s:		the thread, which is initialized here
 * @granter:	the requests by which the loop grants
 *
 * Return: 0 or a negative errno
 */
int lease_stop_open(struct lease_stop *s, struct calls *granter)
{
	int err;

	memset(s, 0, sizeof(*s));
	s->granter = granter;
	s->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->event < 0)
		return -errno;
	thread_lock_init(&s->lock);
	thread_cond_init(&s->wake);
	err = thread_begin(&s->thread, work, s);
	s->running = !err;
	return err;
}

/**
 * lease_stop_close - stop the thread that ends grants
 * @s:	the thread; lease_stop_open() may have failed halfway
 *
 * If the thread is in a request to the module, this function waits for the reply. It does not
 * wait for retries, nor until routes are withdrawn.
 */
void lease_stop_close(struct lease_stop *s)
{
	if (s->running) {
		pthread_mutex_lock(&s->lock);
		s->stop = true;
		pthread_cond_signal(&s->wake);
		pthread_mutex_unlock(&s->lock);
		pthread_join(s->thread, NULL);
		pthread_cond_destroy(&s->wake);
		pthread_mutex_destroy(&s->lock);
	}
	if (s->event > 0)
		close(s->event);
	lease_sock_close(&s->sock);
	s->running = false;
	s->event = 0;
}

/**
 * lease_stop_ask - queue a grant to be ended; does not block
 * @s:		the thread
 * @task:	the grant; the caller queues at most one per slot
 */
void lease_stop_ask(struct lease_stop *s, const struct lease_stop_task *task)
{
	pthread_mutex_lock(&s->lock);
	if (s->n_todo < LEASE_STOPS)
		s->todo[s->n_todo++] = *task;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
}

/**
 * lease_stop_withdrawn - tell the thread that the routes of a lease are withdrawn
 * @s:		the thread
 * @lease:	name of the lease; NULL: of all leases
 */
void lease_stop_withdrawn(struct lease_stop *s, const char *lease)
{
	unsigned int i;

	pthread_mutex_lock(&s->lock);
	for (i = 0; i < s->n_todo; i++)
		if (!lease || !strcmp(s->todo[i].lease, lease))
			s->todo[i].routes = false;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
}

/**
 * lease_stop_ended - get the slot of a grant that has ended. Each ended grant is returned once
 * @s:		the thread
 * @slot:	receives the slot of the lease
 *
 * Return: whether @slot was set; if not, no further grant has ended
 */
bool lease_stop_ended(struct lease_stop *s, unsigned int *slot)
{
	uint64_t count;
	bool ended;

	if (read(s->event, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return false;
	pthread_mutex_lock(&s->lock);
	ended = s->n_done;
	if (ended)
		*slot = s->done[--s->n_done];
	pthread_mutex_unlock(&s->lock);
	return ended;
}
