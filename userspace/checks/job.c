// SPDX-License-Identifier: GPL-2.0
/* A health check that runs: when its attempts begin, and what their results make of the member's health. */
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks/job.h"
#include "haagentd/clock.h"

/* A result that changes the reason alone is told once in so much time. The agent has other work than that. */
#define TELL_PAUSE	CLOCK_SECOND

static const struct kind *const kinds[PLAN_KINDS] = {
	[PLAN_HTTP] = &kind_http,
	[PLAN_HTTPS] = &kind_http,
	[PLAN_EXEC] = &kind_exec,
	[PLAN_ICMP] = &kind_icmp,
	[PLAN_UDP] = &kind_udp,
	[PLAN_DNS] = &kind_udp,
	[PLAN_AGENT] = &kind_agent,
};

static const struct kind *kind_of(const struct job *job)
{
	return job->plan.way ? &kind_through : kinds[job->plan.kind];
}

static void tell(struct job *job, uint64_t now)
{
	/* If the agent is late its socket is full; jobs_tell() tells it later. */
	if (send(job->all->fd, &job->result, sizeof(job->result), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return;
	job->news = false;
	job->told = now;
}

/**
 * jobs_tell - send the results that were held back
 * @all:	the jobs
 */
void jobs_tell(struct jobs *all)
{
	uint64_t now = clock_now();
	uint32_t i;

	for (i = 0; i < all->n; i++)
		if (all->list[i].news && now - all->list[i].told >= TELL_PAUSE)
			tell(&all->list[i], now);
}

static void plan_next(struct job *job, uint64_t now)
{
	uint64_t due = job->begun + job->plan.interval;
	struct timeval span = clock_span(due > now ? due - now : 0);

	event_add(job->due, &span);
}

/**
 * job_share - take the share that the server has said, before the attempt ends
 * @job:	the job
 * @outcome:	the outcome of the attempt
 * @share:	1 to 100, percent; 0: it has said none; PLAN_SHARE_WRONG: it has said none that can be
 */
void job_share(struct job *job, enum plan_outcome outcome, uint8_t share)
{
	job->wrong = share == PLAN_SHARE_WRONG;
	if (share && !job->wrong && outcome == PLAN_GOOD)
		job->said = share;
}

/**
 * job_end - end an attempt
 * @job:	the job
 * @outcome:	its outcome; PLAN_UNSURE leaves the member's health as it is
 * @format:	as for printf: the reason
 */
void job_end(struct job *job, enum plan_outcome outcome, const char *format, ...)
{
	uint64_t now = clock_now();
	struct plan_result *r = &job->result;
	enum judge_health was = job->judge.health;
	char text[PLAN_TEXT];
	bool turned;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	plan_plain(text);
	job->busy = false;
	if (outcome != PLAN_UNSURE)
		judge_result(&job->judge, outcome == PLAN_GOOD);
	/* One that is well and says no share at all wants the whole one. That ends the time in which it is not known. */
	if (job->said || (!job->share.is && outcome == PLAN_GOOD))
		judge_share(&job->share, &job->judge, job->said ? job->said : 100);
	job->said = 0;
	/* A server that returns begins anew, with what it says until it is up: it may return with too much to do. */
	if (job->judge.health == JUDGE_DOWN && outcome == PLAN_BAD)
		job->share = (struct judge_share){ 0 };
	else if (was == JUDGE_DOWN && job->judge.health == JUDGE_UP && !job->share.is)
		job->share = (struct judge_share){ .is = job->share.next };
	turned = was != job->judge.health || (job->share.is && job->share.is != r->share);
	job->news |= !job->told || turned || r->share != job->share.is || r->wrong != job->wrong ||
		     r->outcome != outcome || strcmp(r->text, text);
	r->generation = job->all->generation;
	r->index = job->index;
	r->outcome = outcome;
	r->health = job->judge.health;
	r->share = job->share.is;
	r->wrong = job->wrong;
	r->took = now - job->begun;
	memcpy(r->text, text, sizeof(text));
	job->wrong = false;
	if (job->news && (turned || now - job->told >= TELL_PAUSE))
		tell(job, now);
	plan_next(job, now);
}

static void on_due(evutil_socket_t none, short what, void *arg)
{
	struct job *job = arg;

	(void)none;
	(void)what;
	job->begun = clock_now();
	job->busy = true;
	if (job->target.ss_family)
		kind_of(job)->begin(job);
	else
		job_end(job, PLAN_BAD, "%s", strerror(EDESTADDRREQ));
}

/**
 * job_target_size - return the size of the server's address
 * @job:	the job
 *
 * Return: the size, bytes
 */
socklen_t job_target_size(const struct job *job)
{
	return job->target.ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

/**
 * job_is_own_trouble - return whether an error says nothing of the member
 * @err:	errno of a call for an attempt
 *
 * Return: whether this machine lacks memory, descriptors or a right
 */
bool job_is_own_trouble(int err)
{
	return err == ENOBUFS || err == ENOMEM || err == EPERM || err == EMFILE || err == ENFILE;
}

/**
 * job_rest - return how long the attempt that runs may still take
 * @job:	the job
 *
 * Return: the time
 */
struct timeval job_rest(const struct job *job)
{
	uint64_t now = clock_now(), end = job->begun + job->plan.timeout;

	return clock_span(end > now ? end - now : 0);
}

static int job_make(struct job *job)
{
	job->fd = -1;
	job->judge.rise = job->plan.rise;
	job->judge.fall = job->plan.fall;
	job->judge.health = job->plan.health;
	job->share.is = job->plan.share;
	hasw_addr_to_sock(&job->plan.address, job->plan.port, &job->target);
	job->due = evtimer_new(job->all->base, on_due, job);
	job->io = evtimer_new(job->all->base, on_due, job);
	return job->due && job->io ? 0 : -ENOMEM;
}

/**
 * jobs_take - make the jobs of a list
 * @all:	the jobs; base and fd are set, all else is made here
 * @bytes:	the list, allocated; belongs to @all from here on
 * @size:	its size, bytes
 *
 * Return: 0, -EBADMSG or -ENOMEM; then @all has no jobs
 */
int jobs_take(struct jobs *all, uint8_t *bytes, size_t size)
{
	struct plan_head head = { 0 };
	size_t at = sizeof(head);
	uint32_t i;
	int err = -EBADMSG;

	all->bytes = bytes;
	if (size >= sizeof(head))
		memcpy(&head, bytes, sizeof(head));
	if (size < sizeof(head) || head.n > PLAN_MOST)
		goto fail;
	all->generation = head.generation;
	all->list = calloc(head.n ? head.n : 1, sizeof(*all->list));
	err = -ENOMEM;
	if (!all->list)
		goto fail;
	for (i = 0; i < head.n; i++) {
		struct job *job = &all->list[i];
		size_t took = plan_take(bytes + at, size - at, &job->plan, job->words);

		err = -EBADMSG;
		if (!took)
			goto fail;
		at += took;
		job->all = all;
		job->index = i;
		all->n++;
		err = job_make(job);
		if (err)
			goto fail;
	}
	return 0;
fail:
	jobs_free(all);
	return err;
}

/**
 * jobs_start - begin the checks, with their first attempts spread over one interval
 * @all:	the jobs
 */
void jobs_start(struct jobs *all)
{
	uint32_t i;

	for (i = 0; i < all->n; i++) {
		struct job *job = &all->list[i];
		struct timeval span = clock_span(job->plan.interval / all->n * i);

		event_add(job->due, &span);
	}
}

/**
 * jobs_free - end all checks, and free their memory
 * @all:	the jobs
 */
void jobs_free(struct jobs *all)
{
	uint32_t i;

	for (i = 0; i < all->n; i++) {
		struct job *job = &all->list[i];
		const struct kind *kind = kind_of(job);

		if (job->busy)
			kind->stop(job);
		if (kind->forget && job->state)
			kind->forget(job);
		if (job->due)
			event_free(job->due);
		if (job->io)
			event_free(job->io);
	}
	free(all->list);
	free(all->bytes);
	all->list = NULL;
	all->bytes = NULL;
	all->n = 0;
}
