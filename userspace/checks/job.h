/* SPDX-License-Identifier: GPL-2.0 */
/* A health check that runs: when its attempts begin, and what their results make of the member's health. */
#ifndef CHECKS_JOB_H
#define CHECKS_JOB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "checks/packet.h"
#include "checks/plan.h"
#include "haagentd/check/rise_fall.h"

struct event;
struct event_base;
struct job;
struct jobs;

/**
 * struct kind - how the checks of a kind are made
 * @begin:	begins an attempt; it ends in job_end(), which may be called at once
 * @stop:	ends an attempt that runs, without a result
 * @forget:	frees @job->state; no attempt runs; may be NULL
 */
struct kind {
	void (*begin)(struct job *job);
	void (*stop)(struct job *job);
	void (*forget)(struct job *job);
};

/**
 * struct job - a health check
 * @all:	the list that it belongs to
 * @index:	its index there
 * @plan:	what is to be done
 * @words:	the words of the plan, which lie in @all->bytes
 * @target:	address and port of the server; family 0: none is known
 * @judge:	results in a row
 * @share:	the share that the server wants
 * @said:	the one that it has said in this attempt, percent, or 0
 * @wrong:	in this attempt it has said none that can be
 * @busy:	an attempt runs
 * @due:	fires when the next attempt is due
 * @io:		for the kind: a socket's answer, or its timeout
 * @fd:		for the kind: a socket, or -1
 * @begun:	when the last attempt began, ns
 * @state:	for the kind
 * @result:	the last result
 * @told:	when @result was sent last, ns; 0: never
 * @news:	@result differs from what was sent last
 */
struct job {
	struct jobs *all;
	uint32_t index;
	struct plan plan;
	const char *words[PLAN_WORDS + 1];
	struct sockaddr_storage target;
	struct judge judge;
	struct judge_share share;
	uint8_t said;
	bool wrong;
	bool busy;
	struct event *due;
	struct event *io;
	int fd;
	uint64_t begun;
	void *state;
	struct plan_result result;
	uint64_t told;
	bool news;
};

/**
 * struct jobs - all health checks of one list
 * @base:	the event loop
 * @fd:		socket to the agent
 * @generation:	generation of the list
 * @bytes:	the list, in which the words lie
 * @list:	the jobs
 * @n:		their number
 */
struct jobs {
	struct event_base *base;
	int fd;
	uint32_t generation;
	uint8_t *bytes;
	struct job *list;
	uint32_t n;
};

/* Why an attempt makes no connection. */
#define JOB_HANGS	"timed out: an earlier check still waits for its answer"

extern const struct kind kind_http, kind_exec, kind_icmp, kind_udp, kind_agent, kind_through;

int jobs_take(struct jobs *all, uint8_t *bytes, size_t size);
void jobs_start(struct jobs *all);
void jobs_free(struct jobs *all);
void jobs_tell(struct jobs *all);
void job_share(struct job *job, enum plan_outcome outcome, uint8_t share);
void job_end(struct job *job, enum plan_outcome outcome, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
socklen_t job_target_size(const struct job *job);
struct timeval job_rest(const struct job *job);
bool job_is_own_trouble(int err);

int http_open(struct event_base *base);
char *http_request(const struct job *job);
int exec_open(struct event_base *base);
void icmp_open(struct event_base *base);
void through_open(struct event_base *base);

#define UDP_WHY	128	/* room for the reason of udp_judge() */

const void *udp_question(const struct job *job, uint16_t id, uint8_t query[DNS_QUERY], size_t *size);
bool udp_judge(const struct job *job, uint16_t id, const uint8_t *answer, size_t size, enum plan_outcome *outcome,
	       char why[UDP_WHY]);

#endif
