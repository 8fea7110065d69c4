// SPDX-License-Identifier: GPL-2.0
/* Checks by ICMP and ICMPv6 echo. All share one raw socket a family, which is opened while this process may do so. */
#include <errno.h>
#include <event2/event.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/random.h>

#include "checks/job.h"
#include "checks/packet.h"
#include "haagentd/clock.h"

#define BATCH	64	/* answers that are read at a time */

/**
 * struct raw - the raw socket of a family
 * @family:	AF_INET or AF_INET6
 * @fd:		the socket, or -1
 * @err:	errno of socket()
 * @answer:	fires when something comes
 */
static struct raw {
	int family;
	int fd;
	int err;
	struct event *answer;
} raws[] = {
	{ .family = AF_INET, .fd = -1 },
	{ .family = AF_INET6, .fd = -1 },
};

static struct event_base *loop;
static struct jobs *jobs;	/* all that there are */

static bool same_address(const struct job *job, const struct sockaddr_storage *from)
{
	if (from->ss_family != job->target.ss_family)
		return false;
	if (from->ss_family == AF_INET)
		return ((const struct sockaddr_in *)from)->sin_addr.s_addr ==
		       ((const struct sockaddr_in *)&job->target)->sin_addr.s_addr;
	return !memcmp(&((const struct sockaddr_in6 *)from)->sin6_addr,
		       &((const struct sockaddr_in6 *)&job->target)->sin6_addr, sizeof(struct in6_addr));
}

/* The token of a job's attempt that runs is in its state; 0: none runs. */
static uint64_t token_of(const struct job *job)
{
	return (uint64_t)(uintptr_t)job->state;
}

static void answered(const struct raw *raw, const uint8_t *at, size_t size, const struct sockaddr_storage *from)
{
	uint64_t token;
	uint32_t index;
	struct job *job;

	if (!echo_read(at, size, raw->family, &index, &token) || !jobs || index >= jobs->n)
		return;
	job = &jobs->list[index];
	if (job->plan.kind != PLAN_ICMP || !job->busy || token_of(job) != token || !same_address(job, from))
		return;
	event_del(job->io);
	job->state = NULL;
	job_end(job, PLAN_GOOD, "answered");
}

static void on_answer(evutil_socket_t fd, short what, void *arg)
{
	const struct raw *raw = arg;
	struct sockaddr_storage from;
	uint8_t buf[256];
	socklen_t length;
	ssize_t size;
	int i;

	(void)what;
	for (i = 0; i < BATCH; i++) {
		length = sizeof(from);
		size = recvfrom(fd, buf, sizeof(buf), MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&from, &length);
		if (size < 0)
			return;
		if ((size_t)size <= sizeof(buf))
			answered(raw, buf, (size_t)size, &from);
	}
}

static void on_late(evutil_socket_t none, short what, void *arg)
{
	struct job *job = arg;

	(void)none;
	(void)what;
	job->state = NULL;
	job_end(job, PLAN_BAD, "no answer");
}

static void icmp_begin(struct job *job)
{
	const struct raw *raw = &raws[job->target.ss_family == AF_INET6];
	struct sockaddr_storage to = job->target;
	struct timeval timeout = job_rest(job);
	uint8_t echo[ECHO_SIZE];
	uintptr_t token = 0;
	int err;

	if (raw->fd < 0) {
		job_end(job, PLAN_UNSURE, "no raw socket: %s", strerror(raw->err));
		return;
	}
	/* A raw socket of IPv6 takes no port. */
	if (to.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&to)->sin6_port = 0;
	if (getrandom(&token, sizeof(token), GRND_NONBLOCK) != sizeof(token) || !token)
		token = (uintptr_t)clock_now() | 1;
	echo_write(echo, to.ss_family, job->index, token);
	jobs = job->all;
	if (sendto(raw->fd, echo, sizeof(echo), MSG_DONTWAIT, (struct sockaddr *)&to, job_target_size(job)) < 0) {
		err = errno;
		/* These are troubles of this machine. */
		job_end(job, err == EAGAIN || job_is_own_trouble(err) ? PLAN_UNSURE : PLAN_BAD,
			"%s", strerror(err));
		return;
	}
	job->state = (void *)token;
	event_assign(job->io, loop, -1, 0, on_late, job);
	event_add(job->io, &timeout);
}

static void icmp_stop(struct job *job)
{
	event_del(job->io);
	job->state = NULL;
}

static void raw_open(struct raw *raw)
{
	struct icmp6_filter six;
	struct icmp_filter four = { .data = ~(1U << ICMP_ECHOREPLY) };

	raw->fd = socket(raw->family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
			 raw->family == AF_INET6 ? (int)IPPROTO_ICMPV6 : (int)IPPROTO_ICMP);
	raw->err = errno;
	if (raw->fd < 0)
		return;
	ICMP6_FILTER_SETBLOCKALL(&six);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &six);
	if (raw->family == AF_INET6)
		setsockopt(raw->fd, IPPROTO_ICMPV6, ICMP6_FILTER, &six, sizeof(six));
	else
		setsockopt(raw->fd, SOL_RAW, ICMP_FILTER, &four, sizeof(four));
	raw->answer = event_new(loop, raw->fd, EV_READ | EV_PERSIST, on_answer, raw);
	if (raw->answer)
		event_add(raw->answer, NULL);
}

/**
 * icmp_open - open the raw sockets
 * @base:	the event loop
 */
void icmp_open(struct event_base *base)
{
	loop = base;
	raw_open(&raws[0]);
	raw_open(&raws[1]);
}

const struct kind kind_icmp = { .begin = icmp_begin, .stop = icmp_stop };
