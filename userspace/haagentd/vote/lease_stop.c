// SPDX-License-Identifier: GPL-2.0
/* A thread that asks the module to end grants, and waits for the replies. */
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
 * Longest wait for the routes of a lease to be withdrawn, after the module has ended the grant, ns. A kernel that is
 * busy with its routes must not keep the next holder from holding the lease.
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

/*
 * Waits until the routes of the lease are withdrawn. A router must not send packets of the vip here when another node may
 * hold the lease. The caller holds the lock.
 */
static void wait_for_routes(struct lease_stop *s)
{
	struct timespec end = thread_end(WITHDRAWN_MOST);

	while (s->task.routes && !s->stop && !pthread_cond_timedwait(&s->wake, &s->lock, &end))
		;
}

static void *work(void *arg)
{
	struct lease_stop *s = arg;
	struct lease_stop_task task;
	uint64_t one = 1;

	/* Capabilities and scheduling are per thread. Nobody serves from a release until the next holder's grant. */
	realtime_thread();
	privilege_drop();
	pthread_mutex_lock(&s->lock);
	while (!s->stop) {
		if (!s->n_todo) {
			pthread_cond_wait(&s->wake, &s->lock);
			continue;
		}
		task = s->todo[0];
		s->task = task;
		memmove(s->todo, s->todo + 1, --s->n_todo * sizeof(task));
		pthread_mutex_unlock(&s->lock);
		if (task.granted)
			release(s, &task);
		pthread_mutex_lock(&s->lock);
		if (task.granted)
			wait_for_routes(s);
		s->done[s->n_done++] = task.slot;
		if (write(s->event, &one, sizeof(one)) < 0)
			break;
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
 * wait for retries.
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

static void withdrawn(struct lease_stop_task *task, const char *lease, uint64_t epoch)
{
	if (!strcmp(task->lease, lease) && task->epoch <= epoch)
		task->routes = false;
}

/**
 * lease_stop_withdrawn - tell the thread that the routes of a lease are withdrawn
 * @s:		the thread
 * @lease:	name of the lease
 * @epoch:	epoch of the grant that has ended
 */
void lease_stop_withdrawn(struct lease_stop *s, const char *lease, uint64_t epoch)
{
	unsigned int i;

	pthread_mutex_lock(&s->lock);
	withdrawn(&s->task, lease, epoch);
	for (i = 0; i < s->n_todo; i++)
		withdrawn(&s->todo[i], lease, epoch);
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
