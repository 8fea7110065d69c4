// SPDX-License-Identifier: GPL-2.0
/* Checks by a datagram that must be answered: any text (kind udp), or a query of DNS. */
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "checks/job.h"
#include "checks/packet.h"
#include "haagentd/clock.h"

#define OTHERS	16	/* foreign answers that are read at a time */

static void udp_stop(struct job *job)
{
	event_del(job->io);
	close(job->fd);
	job->fd = -1;
}

/* Ends an attempt after an error of a socket. Those of this machine say nothing of the member. */
static void failed(struct job *job, int err)
{
	if (job->fd >= 0)
		udp_stop(job);
	job_end(job, job_is_own_trouble(err) ? PLAN_UNSURE : PLAN_BAD, "%s", strerror(err));
}

/**
 * udp_question - return what is sent to the server
 * @job:	the job
 * @id:		dns: id of the query
 * @query:	room for a query
 * @size:	receives the size, bytes
 *
 * Return: the datagram
 */
const void *udp_question(const struct job *job, uint16_t id, uint8_t query[DNS_QUERY], size_t *size)
{
	if (job->plan.kind != PLAN_DNS) {
		*size = strlen(job->words[PLAN_SEND]);
		return job->words[PLAN_SEND];
	}
	*size = dns_query(query, job->words[PLAN_NAME], job->plan.from, id);
	return query;
}

/**
 * udp_judge - judge what a server has sent
 * @job:	the job
 * @id:		dns: id of the query
 * @answer:	the datagram
 * @size:	its size, bytes
 * @outcome:	receives the outcome
 * @why:	receives the reason
 *
 * Return: whether it is an answer
 */
bool udp_judge(const struct job *job, uint16_t id, const uint8_t *answer, size_t size, enum plan_outcome *outcome,
	       char why[UDP_WHY])
{
	const char *expect = job->words[PLAN_EXPECT];
	uint8_t query[DNS_QUERY];
	enum dns_verdict verdict;
	size_t query_size;

	if (job->plan.kind == PLAN_DNS) {
		udp_question(job, id, query, &query_size);
		verdict = dns_judge(answer, size, query, query_size, why);
		*outcome = verdict == DNS_GOOD ? PLAN_GOOD : PLAN_BAD;
		return verdict != DNS_FOREIGN;
	}
	*outcome = expect[0] && !memmem(answer, size, expect, strlen(expect)) ? PLAN_BAD : PLAN_GOOD;
	if (*outcome == PLAN_BAD)
		snprintf(why, UDP_WHY, "\"%.64s\" is not in the answer", expect);
	else
		snprintf(why, UDP_WHY, "answered");
	return true;
}

/* The id of a query is in the state. */
static uint16_t id_of(const struct job *job)
{
	return (uint16_t)(uintptr_t)job->state;
}

static void on_answer(evutil_socket_t fd, short what, void *arg)
{
	static uint8_t buf[65536];
	enum plan_outcome outcome;
	struct job *job = arg;
	struct timeval rest;
	char why[UDP_WHY];
	ssize_t size;
	int i;

	for (i = 0; what & EV_READ && i < OTHERS; i++) {
		size = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (size < 0 && errno != EAGAIN && errno != EINTR) {
			failed(job, errno);
			return;
		}
		if (size < 0)
			break;
		if (!udp_judge(job, id_of(job), buf, (size_t)size, &outcome, why))
			continue;
		udp_stop(job);
		job_end(job, outcome, "%s", why);
		return;
	}
	rest = job_rest(job);
	if (what & EV_TIMEOUT || (!rest.tv_sec && !rest.tv_usec)) {
		udp_stop(job);
		job_end(job, PLAN_BAD, "no answer");
		return;
	}
	event_add(job->io, &rest);
}

static void udp_begin(struct job *job)
{
	struct timeval timeout = job_rest(job);
	uint8_t query[DNS_QUERY];
	uint16_t id = 0;
	const void *at;
	size_t size;

	if (getrandom(&id, sizeof(id), GRND_NONBLOCK) != sizeof(id))
		id = (uint16_t)clock_now();
	job->state = (void *)(uintptr_t)id;
	at = udp_question(job, id, query, &size);
	job->fd = socket(job->target.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (job->fd < 0) {
		failed(job, errno);
		return;
	}
	event_assign(job->io, job->all->base, job->fd, EV_READ, on_answer, job);
	/* A connected socket takes answers of the server alone, and is told when nobody listens there. */
	if (connect(job->fd, (struct sockaddr *)&job->target, job_target_size(job)) ||
	    send(job->fd, at, size, MSG_DONTWAIT) < 0) {
		failed(job, errno);
		return;
	}
	event_add(job->io, &timeout);
}

const struct kind kind_udp = { .begin = udp_begin, .stop = udp_stop };
