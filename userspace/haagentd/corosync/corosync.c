// SPDX-License-Identifier: GPL-2.0
/*
 * The agent's side of haagentd-corosync: it starts the process, restarts one that has ended, and takes its reports.
 * Corosync's quorum is one more condition to hold leases; the vote alone makes sure that a lease has one holder.
 */
#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/file.h"

#include "corosync.h"
#include "haagentd/clock.h"
#include "haagentd/log.h"
#include "haagentd/process.h"

#define PROGRAM		"haagentd-corosync"
#define PAUSE		CLOCK_SECOND		/* least time between two starts of the process */
#define FIRST		(10 * CLOCK_SECOND)	/* how long corosync_ask() waits for a report */
#define OTHER_RELEASE	"is of another release than this agent; install both, and restart the agent"
#define SILENT		(5 * CLOCK_SECOND)	/* after such a silence nobody knows whether corosync has quorum */

static void forget(struct corosync *c)
{
	if (c->read)
		event_free(c->read);
	c->read = NULL;
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	process_ended(&c->process);
}

/* Returns whether a node can be passed on. */
static bool node_sound(const struct corosync_node *node)
{
	unsigned int link;

	if (!memchr(node->name, '\0', sizeof(node->name)) || node->given >> COROSYNC_LINKS)
		return false;
	for (link = 0; link < COROSYNC_LINKS; link++)
		if (node->at[link].family && node->at[link].family != AF_INET && node->at[link].family != AF_INET6)
			return false;
	return true;
}

/* Returns whether the flags are 0 or 1. What else a bool may be is not defined, so they are looked at as bytes. */
static bool flags_sound(const struct corosync_report *report)
{
	uint8_t flags[4];
	unsigned int i;

	static_assert(offsetof(struct corosync_report, why) - offsetof(struct corosync_report, answers) == sizeof(flags),
		      "all flags lie side by side");
	memcpy(flags, (const uint8_t *)report + offsetof(struct corosync_report, answers), sizeof(flags));
	for (i = 0; i < sizeof(flags); i++)
		if (flags[i] > 1)
			return false;
	return true;
}

/**
 * corosync_take - take a report
 * @c:		what is known of corosync
 * @report:	the report
 * @size:	number of bytes that came
 * @now:	current time, ns
 *
 * Return: 0, -ESTALE: it is one of another release, or -EPROTO: it is none
 */
int corosync_take(struct corosync *c, const struct corosync_report *report, size_t size, uint64_t now)
{
	struct corosync_report *last = &c->last;
	size_t head = offsetof(struct corosync_report, nodes), list;
	uint32_t i;

	if (size >= sizeof(report->version) && report->version != COROSYNC_REPORT)
		return -ESTALE;
	if (size < head || report->n_nodes > COROSYNC_NODES || size != corosync_report_size(report) ||
	    !memchr(report->why, '\0', sizeof(report->why)) || !flags_sound(report))
		return -EPROTO;
	if (report->listed && (report->self < -1 || report->self >= (int32_t)report->n_nodes))
		return -EPROTO;
	for (i = 0; i < report->n_nodes; i++)
		if (!node_sound(&report->nodes[i]))
			return -EPROTO;
	list = size - head;
	if (report->listed) {
		c->other_nodes |= last->n_nodes != report->n_nodes || last->self != report->self ||
				  memcmp(last->nodes, report->nodes, list) != 0;
		last->listed = true;
		last->n_nodes = report->n_nodes;
		last->self = report->self;
		memcpy(last->nodes, report->nodes, list);
	}
	last->answers = report->answers;
	/* A corosync that does not answer now may well have quorum still. */
	if (report->answers) {
		last->counts = report->counts;
		last->quorate = report->quorate;
		c->answered = now;
	}
	memcpy(last->why, report->why, sizeof(last->why));
	c->heard = now;
	c->trouble[0] = '\0';
	return 0;
}

/**
 * corosync_judge - find out whether this node may hold leases, as far as corosync is concerned
 * @c:		what is known of corosync; its @bar is set
 * @now:	current time, ns
 *
 * Only lost quorum acts at once. A corosync that is busy, or is started again, answers within SILENT, and quorum alone
 * keeps no second holder away.
 */
void corosync_judge(struct corosync *c, uint64_t now)
{
	if (now < c->answered + SILENT)
		snprintf(c->bar, sizeof(c->bar), "%s", c->last.quorate ? "" : "corosync has no quorum");
	else if (now >= c->heard + SILENT || c->last.answers)
		snprintf(c->bar, sizeof(c->bar), "corosync does not answer here: nothing was heard of it for %llu s; look at it ('systemctl status corosync')",
			 (unsigned long long)(SILENT / CLOCK_SECOND));
	else
		snprintf(c->bar, sizeof(c->bar), "corosync does not answer here: %s", c->last.why);
}

/* Takes all reports that are there. Returns 0, or a negative errno: the process has ended. */
static int receive(struct corosync *c)
{
	static struct corosync_report report;
	ssize_t got;
	int err;

	for (;;) {
		got = recv(c->fd, &report, sizeof(report), MSG_DONTWAIT | MSG_TRUNC);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (got <= 0)
			return -EPIPE;
		err = corosync_take(c, &report, (size_t)got, clock_now());
		if (err)
			return err;
	}
}

/* Return: 0 or a negative errno */
static int start(struct corosync *c)
{
	char path[512];
	int fds[2], err = file_beside(PROGRAM, path, sizeof(path));
	pid_t pid;

	if (err)
		return err;
	if (access(path, X_OK))
		return -errno;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return -errno;
	pid = process_fork(fds[1], PROGRAM);
	err = -errno;
	if (!pid)
		process_exec(path, PROGRAM);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return err;
	}
	c->fd = fds[0];
	process_began(&c->process, pid, clock_now());
	return 0;
}

/* Return: whether corosync_ask() has its answer: the nodelist, or that corosync does not answer */
static bool told(const struct corosync *c)
{
	return c->heard && (c->last.listed || !c->last.answers);
}

/* Waits for reports until told(). Returns 0, or a negative errno: the process has ended. */
static int wait_for_reports(struct corosync *c)
{
	struct pollfd fd = { .fd = c->fd, .events = POLLIN };
	uint64_t end = clock_now() + FIRST, now;
	int err = 0;

	while (!err && !told(c) && (now = clock_now()) < end)
		if (poll(&fd, 1, (int)((end - now) / CLOCK_MS) + 1) > 0)
			err = receive(c);
	return err;
}

/**
 * corosync_ask - find out which nodes corosync has, and whether it has quorum
 * @arg:	what is known of corosync, a struct corosync
 * @why:	filled with what is wrong, and what to do
 *
 * If the process does not run yet, it is started, and its reports are waited for. Once the event loop runs, the
 * answer is what the process has told last.
 *
 * Return: the report, or NULL
 */
const struct corosync_report *corosync_ask(void *arg, char why[COROSYNC_WORDS])
{
	struct corosync *c = arg;
	int err = 0;

	if (c->base && !c->heard) {
		snprintf(why, COROSYNC_WORDS, "that begins with a restart of this agent");
		return NULL;
	}
	if (c->base)
		goto judge;
	if (c->fd < 0)
		err = start(c);
	if (err == -ENOENT) {
		snprintf(why, COROSYNC_WORDS, "%s is not installed beside haagentd; 'make install' installs it where libcmap-dev and libquorum-dev are",
			 PROGRAM);
		return NULL;
	}
	if (err) {
		snprintf(why, COROSYNC_WORDS, "%s cannot be started: %s", PROGRAM, strerror(-err));
		return NULL;
	}
	err = wait_for_reports(c);
	if (err == -ESTALE) {
		forget(c);
		snprintf(why, COROSYNC_WORDS, PROGRAM " " OTHER_RELEASE);
		return NULL;
	}
	if (err && !told(c)) {
		forget(c);
		snprintf(why, COROSYNC_WORDS, "%s ended before it said anything; it needs corosync's libraries (Debian: libcmap4 and libquorum5)",
			 PROGRAM);
		return NULL;
	}
	if (!told(c)) {
		snprintf(why, COROSYNC_WORDS, "corosync has not answered within %llu s; look at it ('systemctl status corosync')",
			 (unsigned long long)(FIRST / CLOCK_SECOND));
		return NULL;
	}
judge:
	if (!c->last.answers && !c->last.n_nodes) {
		snprintf(why, COROSYNC_WORDS, "corosync does not answer: %s", c->last.why);
		return NULL;
	}
	return &c->last;
}

/* Logs what is wrong with the process, once until there is a report: it is started again each second. */
static void complain(struct corosync *c, const char *what)
{
	if (!strcmp(c->trouble, what))
		return;
	snprintf(c->trouble, sizeof(c->trouble), "%s", what);
	log_error(PROGRAM " %s", what);
}

/* What is known stays so until SILENT has passed: corosync itself may be well. */
static void lost(struct corosync *c, const char *what)
{
	forget(c);
	complain(c, what);
}

static void on_report(evutil_socket_t fd, short what, void *arg)
{
	struct corosync *c = arg;
	int err;

	(void)fd;
	(void)what;
	err = receive(c);
	if (err)
		lost(c, err == -ESTALE ? OTHER_RELEASE :
			err == -EPROTO ? "said what is no report; another one is started" :
			"has ended; another one is started");
}

static void listen_to(struct corosync *c)
{
	c->read = event_new(c->base, c->fd, EV_READ | EV_PERSIST, on_report, c);
	if (!c->read || event_add(c->read, NULL))
		lost(c, "is not listened to: out of memory; another one is started");
}

/**
 * corosync_open - go on with the process of corosync_ask() in the event loop
 * @c:		what is known of corosync
 * @base:	the event loop
 *
 * If the configuration has not asked for corosync, there is no process, and none is started.
 */
void corosync_open(struct corosync *c, struct event_base *base)
{
	c->base = base;
	if (c->fd < 0)
		return;
	c->other_nodes = false;
	c->again = clock_now() + PAUSE;
	listen_to(c);
}

/**
 * corosync_tick - start the process again if it has ended; judge
 * @c:		what is known of corosync; open, with the engine in the configuration
 * @now:	current time, ns
 *
 * Return: why this node may hold no lease; empty: it may
 */
const char *corosync_tick(struct corosync *c, uint64_t now)
{
	char what[COROSYNC_WORDS];
	int err = 0;

	/* An agent that has not run for a while reads first what came meanwhile. */
	if (c->read && now >= c->heard + SILENT)
		on_report(c->fd, EV_READ, c);
	if (c->fd < 0 && now >= c->again) {
		c->again = now + PAUSE;
		err = start(c);
		if (!err)
			listen_to(c);
	}
	if (err) {
		snprintf(what, sizeof(what), "cannot be started: %s", strerror(-err));
		complain(c, what);
	}
	corosync_judge(c, now);
	return c->bar;
}

/**
 * corosync_close - end the process
 * @c:	what is known of corosync
 */
void corosync_close(struct corosync *c)
{
	forget(c);
	c->base = NULL;
}
