// SPDX-License-Identifier: GPL-2.0
/* What haagentd-checks makes of the results of a check, and of what an agent on the server writes. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "checks/job.h"
#include "haagentd/clock.h"

/* No check of these kinds is made here. */
const struct kind kind_http, kind_exec, kind_icmp, kind_udp, kind_through;

static struct jobs jobs;
static int agent = -1;

/* Begins with so many checks of an agent, of which this is known. */
static void begin_all(unsigned int n, enum judge_health health, uint8_t share, uint16_t port)
{
	static const char words[] = "n9\0web\0";
	struct plan_head head = { .generation = 5, .n = n };
	const size_t size = sizeof(head) + n * (sizeof(struct plan) + sizeof(words));
	uint8_t *bytes = malloc(size), *to = bytes + sizeof(head);
	struct plan plan;
	unsigned int i;
	int fds[2];

	memset(&plan, 0, sizeof(plan));
	plan.interval = 3600 * CLOCK_SECOND;
	plan.timeout = 10 * CLOCK_SECOND;
	plan.rise = 2;
	plan.fall = 3;
	plan.size = sizeof(words);
	plan.n_words = PLAN_SEND + 1;
	plan.port = port;
	plan.address.family = AF_INET;
	memcpy(plan.address.bytes, (const uint8_t[]){ 127, 0, 0, 1 }, 4);
	plan.kind = PLAN_AGENT;
	plan.health = (uint8_t)health;
	plan.share = share;
	assert_non_null(bytes);
	memcpy(bytes, &head, sizeof(head));
	for (i = 0; i < n; i++) {
		memcpy(to, &plan, sizeof(plan));
		memcpy(to + sizeof(plan), words, sizeof(words));
		to += sizeof(plan) + sizeof(words);
	}
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	agent = fds[0];
	jobs = (struct jobs){ .base = event_base_new(), .fd = fds[1] };
	assert_int_equal(jobs_take(&jobs, bytes, size), 0);
}

static void begin(enum judge_health health, uint8_t share, uint16_t port)
{
	begin_all(1, health, share, port);
}

static void end(void)
{
	struct event_base *base = jobs.base;
	int fd = jobs.fd;

	jobs_free(&jobs);
	event_base_free(base);
	close(fd);
	close(agent);
}

/* Ends an attempt in which the server says that, and compares what is then known of it. */
static void says(enum plan_outcome outcome, uint8_t said, enum judge_health health, uint8_t share)
{
	const struct plan_result *r = &jobs.list[0].result;

	job_share(&jobs.list[0], outcome, said);
	job_end(&jobs.list[0], outcome, "%u", said);
	if (r->health != health || r->share != share || r->wrong != (said == PLAN_SHARE_WRONG))
		fail_msg("health %u, share %u, wrong %u", r->health, r->share, r->wrong);
}

/* How many results the agent was told. */
static unsigned int told(void)
{
	struct plan_result r;
	unsigned int n = 0;

	while (recv(agent, &r, sizeof(r), MSG_DONTWAIT) == (ssize_t)sizeof(r)) {
		assert_true(plan_result_sound(&r, sizeof(r)));
		n++;
	}
	return n;
}

/* Whoever returns has what it said until it is up: it may return with too much to do. */
static void returns(void **state)
{
	(void)state;
	begin(JUDGE_UP, 50, 1);
	says(PLAN_BAD, 0, JUDGE_UP, 50);
	says(PLAN_BAD, 0, JUDGE_UP, 50);
	says(PLAN_BAD, 0, JUDGE_DOWN, 0);
	says(PLAN_GOOD, 40, JUDGE_DOWN, 0);
	says(PLAN_GOOD, 30, JUDGE_UP, 40);
	/* The results until then do not count twice. */
	says(PLAN_GOOD, 30, JUDGE_UP, 40);
	says(PLAN_GOOD, 30, JUDGE_UP, 40);
	says(PLAN_GOOD, 30, JUDGE_UP, 30);
	/* What it said before a failure is over. */
	says(PLAN_BAD, 0, JUDGE_UP, 30);
	says(PLAN_BAD, 0, JUDGE_UP, 30);
	says(PLAN_BAD, 0, JUDGE_DOWN, 0);
	says(PLAN_GOOD, 90, JUDGE_DOWN, 0);
	says(PLAN_BAD, 0, JUDGE_DOWN, 0);
	says(PLAN_GOOD, 20, JUDGE_DOWN, 0);
	says(PLAN_GOOD, 20, JUDGE_UP, 20);
	end();
}

/* Who says none has the whole one, but only if it is well; who does not answer says nothing. */
static void unsure(void **state)
{
	unsigned int i;

	(void)state;
	begin(JUDGE_UNKNOWN, 0, 1);
	for (i = 0; i < 5; i++)
		says(PLAN_UNSURE, 0, JUDGE_UNKNOWN, 0);
	says(PLAN_GOOD, 0, JUDGE_UNKNOWN, 0);
	says(PLAN_GOOD, PLAN_SHARE_WRONG, JUDGE_UP, 100);
	end();
	begin(JUDGE_UP, 40, 1);
	for (i = 0; i < 5; i++) {
		says(PLAN_UNSURE, 0, JUDGE_UP, 40);
		says(PLAN_GOOD, PLAN_SHARE_WRONG, JUDGE_UP, 40);
		says(PLAN_GOOD, 0, JUDGE_UP, 40);
	}
	end();
}

/* A new share is told at once; what is wrong every second time is told as seldom as any other reason. */
static void trembles(void **state)
{
	unsigned int i;

	(void)state;
	begin(JUDGE_UP, 40, 1);
	says(PLAN_GOOD, 40, JUDGE_UP, 40);
	assert_int_equal(told(), 1);
	for (i = 0; i < 20; i++) {
		says(PLAN_GOOD, PLAN_SHARE_WRONG, JUDGE_UP, 40);
		says(PLAN_GOOD, 40, JUDGE_UP, 40);
	}
	assert_in_range(told(), 0, 3);
	says(PLAN_GOOD, 100, JUDGE_UP, 40);
	told();
	says(PLAN_GOOD, 100, JUDGE_UP, 100);
	assert_int_equal(told(), 1);
	end();
}

/* Makes one attempt; the server writes that, and then resets the connection. */
static void writes(const char *bytes, size_t size, enum plan_outcome outcome, const char *why)
{
	const struct linger reset = { .l_onoff = 1 };
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd;
	unsigned int i;

	assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &length), 0);
	begin(JUDGE_UP, 0, ntohs(at.sin_port));
	jobs_start(&jobs);
	event_base_loop(jobs.base, EVLOOP_ONCE);
	fd = accept(listener, NULL, NULL);
	assert_true(fd >= 0);
	assert_int_equal(send(fd, bytes, size, 0), (ssize_t)size);
	/* A line that has ended must be enough. */
	if (!memchr(bytes, '\n', size)) {
		assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
		close(fd);
		fd = -1;
	}
	for (i = 0; i < 5 && jobs.list[0].busy; i++)
		event_base_loop(jobs.base, EVLOOP_ONCE);
	if (jobs.list[0].result.outcome != outcome || strcmp(jobs.list[0].result.text, why))
		fail_msg("outcome %u: %s", jobs.list[0].result.outcome, jobs.list[0].result.text);
	if (fd >= 0)
		close(fd);
	close(listener);
	end();
}

static void lines(void **state)
{
	(void)state;
	writes("up 75%\n", 7, PLAN_GOOD, "up 75%");
	writes("drain\r\nup\n", 10, PLAN_BAD, "drain");
	writes("up 75%", 6, PLAN_GOOD, "up 75%");
	writes("\0up\n", 4, PLAN_UNSURE, "\"\" is no line of an agent, as \"up 75%\"");
	writes("\x1b[2Jdown\n", 9, PLAN_UNSURE, "\"\\x1b[2Jdown\" is no line of an agent, as \"up 75%\"");
}

/* The first attempts of all checks are spread over one interval, in their order: servers are not asked at once. */
static void spread(void **state)
{
	struct timeval first, at, span;
	unsigned int i;

	(void)state;
	begin_all(4, JUDGE_UP, 0, 1);
	jobs_start(&jobs);
	assert_true(event_pending(jobs.list[0].due, EV_TIMEOUT, &first));
	for (i = 1; i < 4; i++) {
		assert_true(event_pending(jobs.list[i].due, EV_TIMEOUT, &at));
		timersub(&at, &first, &span);
		/* The interval is an hour. The loop's clock is read anew for each timer. */
		assert_in_range(span.tv_sec, 900 * i - 1, 900 * i + 10);
	}
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(returns),
		cmocka_unit_test(unsure),
		cmocka_unit_test(trembles),
		cmocka_unit_test(lines),
		cmocka_unit_test(spread),
	};

	return cmocka_run_group_tests_name("agent_job", tests, NULL, NULL);
}
