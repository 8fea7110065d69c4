// SPDX-License-Identifier: GPL-2.0
/* Checks by a datagram that must be answered: any text (kind udp), or a query of DNS. */
#include <errno.h>
#include <event2/event.h>
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
	job_end(job, err == ENOBUFS || err == ENOMEM || err == EPERM || err == EMFILE || err == ENFILE ?
		PLAN_UNSURE : PLAN_BAD, "%s", strerror(err));
}

static size_t query_of(const struct job *job, uint8_t query[DNS_QUERY])
{
	/* The id is the lower half of the state. */
	return dns_query(query, job->words[PLAN_NAME], job->plan.from, (uint16_t)(uintptr_t)job->state);
}

/* Return: whether the attempt has ended */
static bool judged(struct job *job, const uint8_t *answer, size_t size)
{
	const char *expect = job->words[PLAN_EXPECT];
	uint8_t query[DNS_QUERY];
	enum dns_verdict verdict;
	char why[DNS_WHY];

	if (job->plan.kind == PLAN_DNS) {
		verdict = dns_judge(answer, size, query, query_of(job, query), why);
		if (verdict == DNS_FOREIGN)
			return false;
		udp_stop(job);
		job_end(job, verdict == DNS_GOOD ? PLAN_GOOD : PLAN_BAD, "%s", why);
		return true;
	}
	udp_stop(job);
	if (expect[0] && !memmem(answer, size, expect, strlen(expect)))
		job_end(job, PLAN_BAD, "\"%.64s\" is not in the answer", expect);
	else
		job_end(job, PLAN_GOOD, "answered");
	return true;
}

static void on_answer(evutil_socket_t fd, short what, void *arg)
{
	static uint8_t buf[65536];
	struct job *job = arg;
	struct timeval rest;
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
		if (judged(job, buf, (size_t)size))
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
	const char *text = job->words[PLAN_SEND];
	uint8_t query[DNS_QUERY];
	uint16_t id = 0;
	const void *at = text;
	size_t size = strlen(text);

	if (job->plan.kind == PLAN_DNS) {
		if (getrandom(&id, sizeof(id), GRND_NONBLOCK) != sizeof(id))
			id = (uint16_t)clock_now();
		job->state = (void *)(uintptr_t)id;
		at = query;
		size = query_of(job, query);
	}
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
