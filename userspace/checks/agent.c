// SPDX-License-Identifier: GPL-2.0
/* Checks by an agent on the server, as HAProxy asks one: a connection, perhaps a text to it, and one line from it. */
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checks/held.h"
#include "checks/job.h"
#include "checks/said.h"
#include "haagentd/clock.h"

#define LINE_MOST	512	/* longest line, bytes */

/**
 * struct talk - an attempt
 * @held:	connections of earlier attempts, on which the server has said nothing
 * @open:	the connection is there
 * @size:	bytes that have come
 * @line:	the bytes
 */
struct talk {
	struct held held;
	bool open;
	size_t size;
	char line[LINE_MOST + 1];
};

static void agent_stop(struct job *job)
{
	struct talk *t = job->state;

	event_del(job->io);
	if (!held_keep(&t->held, job->fd, t->size, clock_now()))
		close(job->fd);
	job->fd = -1;
}

static void failed(struct job *job, int err)
{
	if (job->fd >= 0)
		agent_stop(job);
	job_end(job, job_is_own_trouble(err) ? PLAN_UNSURE : PLAN_BAD, "%s", strerror(err));
}

/* Whether the server has reset the connection, as one does that leaves the text to it unread: its line may be there. */
static bool is_reset(int err)
{
	return err == ECONNRESET || err == EPIPE;
}

/* Return: 0 or an errno */
static int speak(const struct job *job)
{
	const char *text = job->words[PLAN_SEND];
	socklen_t length = sizeof(int);
	int err = 0;

	if (getsockopt(job->fd, SOL_SOCKET, SO_ERROR, &err, &length))
		return errno;
	/* The text is much smaller than the buffer of a new connection. */
	if (!err && text[0] && send(job->fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return errno;
	return err;
}

static void judge(struct job *job)
{
	struct talk *t = job->state;
	struct said said;

	t->line[strcspn(t->line, "\r\n")] = '\0';
	said_line(t->line, &said);
	agent_stop(job);
	job_share(job, said.outcome, said.share);
	job_end(job, said.outcome, "%s", said.why);
}

/* Reads on. Return: whether the attempt has ended */
static bool listen_to(struct job *job)
{
	struct talk *t = job->state;
	ssize_t got = recv(job->fd, t->line + t->size, LINE_MOST - t->size, MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (got < 0 && !(is_reset(errno) && t->size)) {
		failed(job, errno);
		return true;
	}
	/* An agent that ends its line by the connection has said it, too. */
	if (got > 0)
		t->size += (size_t)got;
	t->line[t->size] = '\0';
	if ((got <= 0 && t->size) || memchr(t->line, '\n', t->size) || memchr(t->line, '\r', t->size)) {
		judge(job);
		return true;
	}
	if (got > 0 && t->size < LINE_MOST)
		return false;
	agent_stop(job);
	if (got > 0)
		job_end(job, PLAN_BAD, "its line is longer than %d bytes", LINE_MOST);
	else
		job_end(job, PLAN_BAD, "it ends the connection without a line");
	return true;
}

static void on_talk(evutil_socket_t fd, short what, void *arg)
{
	struct job *job = arg;
	struct talk *t = job->state;
	struct timeval rest;
	int err;

	if (what & EV_WRITE && !t->open) {
		err = speak(job);
		if (err && !is_reset(err)) {
			failed(job, err);
			return;
		}
		t->open = true;
		event_assign(job->io, job->all->base, fd, EV_READ, on_talk, job);
	} else if (what & EV_READ && listen_to(job)) {
		return;
	}
	rest = job_rest(job);
	if (what & EV_TIMEOUT || (!rest.tv_sec && !rest.tv_usec)) {
		agent_stop(job);
		job_end(job, PLAN_BAD, "%s", t->open ? "it says no line" : strerror(ETIMEDOUT));
		return;
	}
	event_add(job->io, &rest);
}

static void agent_begin(struct job *job)
{
	struct timeval timeout = job_rest(job);
	struct talk *t;

	if (!job->state)
		job->state = calloc(1, sizeof(struct talk));
	if (!job->state) {
		job_end(job, PLAN_UNSURE, "out of memory");
		return;
	}
	t = job->state;
	t->open = false;
	t->size = 0;
	if (held_waits(&t->held, job->begun)) {
		job_end(job, PLAN_BAD, JOB_HANGS);
		return;
	}
	job->fd = socket(job->target.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (job->fd < 0) {
		failed(job, errno);
		return;
	}
	event_assign(job->io, job->all->base, job->fd, EV_WRITE, on_talk, job);
	if (connect(job->fd, (struct sockaddr *)&job->target, job_target_size(job)) && errno != EINPROGRESS) {
		failed(job, errno);
		return;
	}
	event_add(job->io, &timeout);
}

static void agent_forget(struct job *job)
{
	held_close(&((struct talk *)job->state)->held);
	free(job->state);
	job->state = NULL;
}

const struct kind kind_agent = { .begin = agent_begin, .stop = agent_stop, .forget = agent_forget };
